//! The settings: what there is to set, what it is if nobody sets it, and the file that says otherwise.
//!
//! Everything comes from one table, `SETTINGS`: what the file may hold, `twolock config`, the settings screen. A wrong
//! line costs its own setting and nothing else: it is named with its place, the default stands in for it, and the
//! program goes on. The file is hostile as any other: bounded, shown through `display`, and never a reason to stop.

mod choice;
mod edit;
mod file;
mod near;
mod settings;
mod text;
mod value;

use std::fmt::Write;

use crate::display::visible;

pub use choice::{
    Ascii, AskAgain, ClockCheck, Colours, Expiry, Motion, Order, Palette, ShowCodes, SlowLink, Theme,
};
pub use file::{Loaded, load, make, reset, save};
pub use near::nearest;
pub use settings::{Add, Check, Config, Copy, Delete, List, Lock, Qr, SETTINGS, Screen, Setting, Vault};
pub use value::{Kind, Range, Seconds};

/// The number of this kind of file.
const VERSION: &str = "1";
/// More complaints than this help nobody.
const MOST_REMARKS: usize = 20;

/// Something wrong in the file, with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Remark {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what was taken instead.
    pub text: String,
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.text)
    }
}

/// Why a setting was not taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Wrong {
    /// There is none of that name; the nearest one, if one is near.
    #[error("`{}` is not a setting{}", visible(.0).cut(60), .1.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Unknown(String, Option<String>),
    /// It does not take that value.
    #[error("`{key}` takes {takes}, not {}{}", visible(value).cut(40), near.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    Value {
        /// The setting.
        key: String,
        /// What it takes.
        takes: String,
        /// What was given.
        value: String,
        /// The nearest of what it takes.
        near: Option<&'static str>,
    },
}

impl Config {
    /// Returns what a text sets, and what is wrong with it. What is wrong is left at its default.
    pub fn read(source: &str) -> (Self, Vec<Remark>) {
        let mut config = Self::default();
        let mut remarks = Vec::new();
        let remark = |at: usize, text: String| {
            let (line, column) = text::place(source, at);
            Remark { line, column, text }
        };
        let body = match text::scan(source) {
            Ok(body) => body,
            Err(slip) => {
                let text = format!("{}; every setting is at its default", slip.what);
                return (config, vec![remark(slip.at, text)]);
            }
        };
        let mut seen = Vec::new();
        for group in body.iter().flat_map(|body| &body.fields) {
            if group.name == "version" {
                let version = &source[group.value.clone()];
                if version != VERSION {
                    let text = format!("version {} is not known here", visible(version).cut(20));
                    remarks.push(remark(group.value.start, text));
                }
                continue;
            }
            if group.name != "keys" && !settings::groups().any(|known| known == group.name) {
                remarks.push(remark(group.at, unknown("", &group.name).to_string()));
                continue;
            }
            let Some(inner) = &group.inner else {
                let brackets = if group.name == "keys" { "{ }" } else { "( )" };
                let text = format!("`{}` takes its settings in {brackets}", group.name);
                remarks.push(remark(group.value.start, text));
                continue;
            };
            for field in &inner.fields {
                let key = format!("{}.{}", group.name, field.name);
                if seen.contains(&key) {
                    let text = format!("`{}` stands here twice; this one counts", visible(&key).cut(60));
                    remarks.push(remark(field.at, text));
                }
                match config.set(&key, &source[field.value.clone()]) {
                    Ok(()) => {}
                    Err(wrong @ Wrong::Unknown(..)) => remarks.push(remark(field.at, wrong.to_string())),
                    Err(wrong @ Wrong::Value { .. }) => {
                        remarks.push(remark(field.value.start, wrong.to_string()));
                    }
                }
                seen.push(key);
            }
        }
        remarks.truncate(MOST_REMARKS);
        (config, remarks)
    }

    /// Sets a setting to a value, written as in the file.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), Wrong> {
        if let Some(action) = key.strip_prefix("keys.") {
            let keys = value::read_keys(value).ok_or_else(|| Wrong::Value {
                key: visible(key).cut(60).as_str().to_owned(),
                takes: "a list of keys, as in [\"Enter\", \"c\"]".to_owned(),
                value: value.to_owned(),
                near: None,
            })?;
            self.keys.insert(action.to_owned(), keys);
            return Ok(());
        }
        let setting = find(key)?;
        if (setting.read)(self, value, &setting.kind) {
            return Ok(());
        }
        Err(Wrong::Value {
            key: setting.key.to_owned(),
            takes: setting.kind.takes(),
            value: value.to_owned(),
            near: value::near(&setting.kind, value),
        })
    }

    /// Returns the value of a setting, written as in the file.
    pub fn get(&self, key: &str) -> Result<String, Wrong> {
        if let Some(action) = key.strip_prefix("keys.")
            && let Some(keys) = self.keys.get(action)
        {
            return Ok(value::write_keys(keys));
        }
        find(key).map(|setting| (setting.write)(self, &setting.kind))
    }

    /// Returns the whole file, with every setting and what it is for.
    pub fn written(&self) -> String {
        let mut text = format!("(\n    version: {VERSION},\n");
        for group in settings::groups() {
            let rows = SETTINGS.iter().filter(|setting| setting.group() == group);
            writeln!(text, "    {group}: (").expect("a String takes everything");
            for setting in rows {
                let value = (setting.write)(self, &setting.kind);
                let line = format!("        {}: {value},", setting.name());
                let takes = match setting.kind {
                    Kind::Choice(names) | Kind::List(names) => format!(": {}", names.join(" | ")),
                    Kind::Number(Range { least, most, .. }) => format!(": {least} to {most}"),
                    Kind::Switch | Kind::Text(_) | Kind::Words => String::new(),
                };
                writeln!(text, "{line:<40} // {}{takes}", setting.help).expect("a String takes everything");
            }
            text.push_str("    ),\n");
        }
        text.push_str("    keys: {\n        // action: [keys]; only what differs, as in\n");
        text.push_str("        // \"copy\": [\"Enter\", \"c\"],\n");
        for (action, keys) in &self.keys {
            let action = value::write_text(action);
            writeln!(text, "        {action}: {},", value::write_keys(keys))
                .expect("a String takes everything");
        }
        text.push_str("    },\n)\n");
        text
    }
}

/// Returns a value as the file has it, of one as it is typed: texts need no quotes there, lists of keys no brackets.
pub fn bare(key: &str, typed: &str) -> String {
    let typed = typed.trim();
    let quoted = |text: &str| value::write_text(text);
    match find(key).map(|setting| setting.kind) {
        Err(_) if key.starts_with("keys.") && !typed.starts_with('[') => {
            let keys: Vec<String> = typed
                .split(',')
                .map(str::trim)
                .filter(|key| !key.is_empty())
                .map(ToOwned::to_owned)
                .collect();
            value::write_keys(&keys)
        }
        Ok(Kind::Text(none)) if !typed.starts_with('"') && typed != none && typed != "None" => quoted(typed),
        Ok(Kind::Words) if !typed.starts_with('[') && typed != "None" => {
            let words: Vec<String> = typed.split_whitespace().map(ToOwned::to_owned).collect();
            value::write_keys(&words)
        }
        Ok(Kind::List(_)) if !typed.starts_with('[') => format!("[{typed}]"),
        _ => typed.to_owned(),
    }
}

/// Returns a setting by its name.
pub fn find(key: &str) -> Result<&'static Setting, Wrong> {
    SETTINGS.iter().find(|setting| setting.key == key).ok_or_else(|| match key.split_once('.') {
        Some((group, name)) if settings::groups().any(|known| known == group) => unknown(group, name),
        _ => unknown("", key),
    })
}

/// Returns the complaint about a name that is none. In a group only its own settings are near.
fn unknown(group: &str, name: &str) -> Wrong {
    let near = if group.is_empty() {
        let groups = settings::groups().chain(["keys", "version"]);
        let bare = SETTINGS.iter().filter(|setting| setting.name() == name).map(|setting| setting.key);
        let whole = SETTINGS.iter().map(|setting| setting.key);
        bare.chain(nearest(name, groups)).chain(nearest(name, whole)).next()
    } else {
        let mut names = SETTINGS.iter().filter(|setting| setting.group() == group);
        nearest(name, names.clone().map(Setting::name))
            .and_then(|near| names.find(|setting| setting.name() == near))
            // It may stand in the wrong group.
            .or_else(|| SETTINGS.iter().find(|setting| setting.name() == name))
            .map(|setting| setting.key)
    };
    let full = if group.is_empty() { name.to_owned() } else { format!("{group}.{name}") };
    Wrong::Unknown(full, near.map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests;
