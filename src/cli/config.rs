//! Reads, changes and checks the settings. The file itself is `config`'s; this is only its words.

use std::process::Command;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};

use super::Run;
use super::listed::Listed;
use super::output::{self, reason};
use super::session::Session;
use crate::config::{self, Config, SETTINGS};
use crate::display::visible;
use crate::failure::Failure;

/// What stands in a file that `edit` makes.
const FRESH: &str = "// `twolock config defaults` prints every setting.\n(\n)\n";

/// Read, change and check the settings
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock config get                       every setting, with tabs between
  twolock config set lock.after 5m
  twolock config set keys.copy Enter,c
  twolock config reset screen.theme        back to the default

What is not set in the file is at its default; `twolock config defaults` prints all of them, with what they are for.")]
pub(super) struct Settings {
    /// What to do
    #[arg(value_name = "ACTION")]
    action: Action,
    /// A setting: screen.theme, keys.copy
    #[arg(value_name = "KEY")]
    key: Option<String>,
    /// Its value, as in the file; texts need no quotes
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    value: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Action {
    /// Read the file and say what is wrong with it
    Check,
    /// Print a file with every setting at its default
    Defaults,
    /// Open the file in $VISUAL or $EDITOR, then check it
    Edit,
    /// Print a setting, or all of them
    Get,
    /// Print where the file is
    Path,
    /// Put a setting back to its default
    Reset,
    /// Change a setting
    Set,
}

#[derive(Serialize)]
struct Row {
    key: String,
    value: Value,
    default: Value,
}

impl Run for Settings {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let most = match self.action {
            Action::Set => 2,
            Action::Get | Action::Reset => 1,
            _ => 0,
        };
        if usize::from(self.key.is_some()) + usize::from(self.value.is_some()) > most {
            return Err(Failure::usage("there is an argument too many").hint(HELP));
        }
        let key = || self.key.as_deref().ok_or_else(|| Failure::usage("KEY is missing").hint(HELP));
        match self.action {
            Action::Check => return check(session),
            Action::Edit => return edit(session),
            _ => session.warn_of_settings(),
        }
        match self.action {
            Action::Check | Action::Edit => Ok(()),
            Action::Defaults => session.output.print(&Config::default().written()),
            Action::Get => get(session, self.key.as_deref()),
            Action::Path => {
                let path = session.paths.config.to_string_lossy().into_owned();
                let text = if session.options.json() {
                    output::json(&json!({ "v": 1, "path": path })).to_string()
                } else {
                    // A script wants the path itself, a person must not be tricked by it.
                    let shown = if session.output.is_terminal() { visible(&path).into() } else { path };
                    format!("{shown}\n")
                };
                session.output.print(&text)
            }
            Action::Reset => {
                let key = key()?;
                config::reset(&session.paths.config, key)?;
                said(session, key)
            }
            Action::Set => {
                let key = key()?;
                let value = self.value.as_deref();
                let value = value.ok_or_else(|| Failure::usage("VALUE is missing").hint(HELP))?;
                let value = config::bare(key, value);
                let mut wanted = session.config.clone();
                wanted.set(key, &value).map_err(|wrong| Failure::usage(wrong.to_string()))?;
                if let Some(remark) = (session.check_keys)(&wanted).into_iter().next()
                    && key.starts_with("keys.")
                {
                    return Err(Failure::usage(remark));
                }
                config::save(&session.paths.config, key, &value)?;
                said(session, key)
            }
        }
    }
}

const HELP: &str = "`twolock help config` shows how it is called";

/// Says what a setting is now, as the file has it.
fn said(session: &mut Session, key: &str) -> Result<(), Failure> {
    let loaded = config::load(&session.paths.config, false);
    session.config = loaded.config;
    if session.options.json() {
        return get(session, Some(key));
    }
    match session.config.get(key) {
        Ok(value) => session.output.say(format_args!("`{key}` is {value}.")),
        Err(_) => session.output.say(format_args!("`{key}` is at its default.")),
    }
    Ok(())
}

fn get(session: &mut Session, key: Option<&str>) -> Result<(), Failure> {
    let config = &session.config;
    let default = Config::default();
    let keys: Vec<String> = if let Some(key) = key {
        vec![key.to_owned()]
    } else {
        let actions = config.keys.keys().map(|action| format!("keys.{action}"));
        SETTINGS.iter().map(|setting| setting.key.to_owned()).chain(actions).collect()
    };
    let mut rows = Vec::new();
    let mut text = String::new();
    for name in keys {
        let value = config.get(&name).map_err(|wrong| Failure::usage(wrong.to_string()))?;
        match key {
            Some(_) => text.push_str(&format!("{value}\n")),
            None => text.push_str(&format!("{}\t{value}\n", visible(&name))),
        }
        let default = default.get(&name).map_or(Value::Null, |value| document(&value));
        rows.push(Row { key: name, value: document(&value), default });
    }
    if session.options.json() {
        return match rows.pop() {
            Some(row) if key.is_some() => {
                session.output.print(&output::json(&json!({ "v": 1, "setting": row })))
            }
            row => Listed::new("settings", "setting", rows.into_iter().chain(row)).print(session),
        };
    }
    session.output.print(&text)
}

/// Returns a value as programs read it. A word is a text.
fn document(written: &str) -> Value {
    if let Ok(number) = written.parse::<u64>() {
        return number.into();
    }
    match written {
        "true" => return true.into(),
        "false" => return false.into(),
        _ => {}
    }
    if let Ok(text) = ron::from_str::<String>(written) {
        return text.into();
    }
    if let Ok(texts) = ron::from_str::<Vec<String>>(written) {
        return texts.into();
    }
    match written.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(words) => words.split(',').map(str::trim).map(Value::from).collect(),
        None => written.into(),
    }
}

fn check(session: &mut Session) -> Result<(), Failure> {
    let mut remarks = std::mem::take(&mut session.remarks);
    remarks.extend((session.check_keys)(&session.config));
    if session.options.json() {
        let document = json!({ "v": 1, "check": { "ok": remarks.is_empty(), "remarks": remarks } });
        session.output.print(&output::json(&document))?;
    } else {
        for remark in &remarks {
            session.output.print(&format!("{}\n", visible(remark)))?;
        }
    }
    match remarks.len() {
        0 => {
            session.output.say("The settings are right.");
            Ok(())
        }
        1 => Err(Failure::other("the file of settings has a mistake").hint("`twolock config edit` opens it")),
        count => Err(Failure::other(format!("the file of settings has {count} mistakes"))
            .hint("`twolock config edit` opens it")),
    }
}

fn edit(session: &mut Session) -> Result<(), Failure> {
    let path = session.paths.config.clone();
    let editor = session.environment.editor.clone().ok_or_else(|| {
        Failure::usage("no editor is set")
            .hint("set VISUAL or EDITOR")
            .hint(format!("or edit \"{}\" with any program", session.paths.short(&path)))
    })?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    config::make(&path, FRESH)?;
    let status = Command::new(program).args(words).arg(&path).status().map_err(|error| {
        Failure::other(format!("cannot run {}: {}", super::session::quoted(program), reason(&error)))
            .hint("set VISUAL or EDITOR to a program that is there")
    })?;
    if !status.success() {
        return Err(Failure::other(format!("{} ended with an error", super::session::quoted(program))));
    }
    let loaded = config::load(&path, true);
    session.config = loaded.config;
    session.remarks = loaded.remarks;
    check(session)
}
