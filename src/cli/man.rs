//! Writes the manual pages, from the same tables as the help: one of the program, one of each verb and of what is below
//! it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use serde_json::json;

use super::Run;
use super::listed::Listed;
use super::output::{self, reason};
use super::session::Session;
use crate::failure::Failure;
use crate::system::file;

/// Print the manual page of twolock, or write those of all verbs
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock man --dir ~/.local/share/man/man1       then: man twolock-code
  twolock man | man -l -                          read it without keeping it

Pages that are there already are written anew. What the pages say, `twolock help VERB` says too.")]
pub(super) struct Manual {
    /// Write a page of each verb into DIR; made if it is not there
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Run for Manual {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let command = built();
        let Some(dir) = &self.dir else {
            let page = page(&command).map_err(|error| cannot_draw(&error))?;
            if session.options.json() {
                return session.output.print(&output::json(&json!({ "v": 1, "man": page })));
            }
            return session.output.print(&page);
        };
        let dir = session.paths.expand(dir)?;
        let failed = |what: &str, path: &Path, error: &io::Error| {
            let shown = session.paths.short(path);
            Failure::other(format!("cannot {what} \"{shown}\": {}", reason(error)))
                .hint("choose a directory that you may write to")
        };
        fs::create_dir_all(&dir).map_err(|error| failed("make the directory", &dir, &error))?;
        let mut written = Vec::new();
        let verbs = shown(&command).flat_map(|verb| std::iter::once(verb).chain(shown(verb)));
        for command in std::iter::once(&command).chain(verbs) {
            let path = dir.join(Man::new(command.clone()).get_filename());
            let page = page(command).map_err(|error| cannot_draw(&error))?;
            file::write_public(&path, page.as_bytes()).map_err(|error| failed("write", &path, &error))?;
            written.push(path.to_string_lossy().into_owned());
        }
        if session.options.json() {
            return Listed::new("pages", "page", written).print(session);
        }
        let shown = session.paths.short(&dir);
        session.output.say(format_args!("{} pages are written to \"{shown}\"", written.len()));
        Ok(())
    }
}

fn cannot_draw(error: &io::Error) -> Failure {
    Failure::other(format!("cannot make the page: {}", reason(error)))
}

/// Returns what a command has below it, without what only programs call.
fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|below| !below.is_hide_set())
}

/// Returns the command with the options of every verb in each verb, and without `help`, which has no page.
fn built() -> Command {
    let mut command =
        super::command(super::VERBS).disable_help_subcommand(true).subcommand_help_heading("VERBS");
    command.build();
    command
}

/// Returns a page in roff. clap's own has no examples, which are what people look for.
fn page(command: &Command) -> io::Result<String> {
    // An empty date would not be written at all, and what follows it be taken for the date.
    let man = Man::new(command.clone())
        .date(" ")
        .source(concat!("twolock ", env!("CARGO_PKG_VERSION")))
        .manual("twolock manual");
    let before = command.get_before_help().map(ToString::to_string).unwrap_or_default();
    let (examples, notes) = before.split_once("\n\n").unwrap_or((&before, ""));
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();

    let mut bytes = Vec::new();
    man.render_title(&mut bytes)?;
    man.render_name_section(&mut bytes)?;
    man.render_synopsis_section(&mut bytes)?;
    man.render_description_section(&mut bytes)?;
    section("EXAMPLES", &[examples.strip_prefix("Examples:\n").unwrap_or(examples)]).to_writer(&mut bytes)?;
    section("NOTES", &[notes, &after]).to_writer(&mut bytes)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut bytes)?;
    }
    man.render_options_section(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(io::Error::other)?;

    // Every section begins with the same definition, of which the page needs one.
    let head = Roff::new().render();
    Ok(format!("{head}{}", text.replace(&head, "")))
}

/// Returns a section whose lines stay as they are; nothing if there are none.
fn section(heading: &str, texts: &[&str]) -> Roff {
    let mut roff = Roff::new();
    let texts = texts.iter().filter(|text| !text.is_empty());
    for (place, text) in texts.enumerate() {
        if place == 0 {
            roff.control("SH", [heading]);
        } else {
            roff.control("sp", []);
        }
        roff.control("nf", []);
        for line in text.lines() {
            if line.is_empty() {
                roff.control("sp", []);
            } else {
                roff.text([roman(line)]);
            }
        }
        roff.control("fi", []);
    }
    roff
}
