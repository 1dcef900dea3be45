//! Looks at everything that codes and their safety depend on, and says what is wrong and how to mend it.
//!
//! It needs no passphrase, opens no vault and changes nothing.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use clap::Args;
use serde::Serialize;

use super::Run;
use super::listed::Listed;
use super::output::{json, reason};
use super::session::Session;
use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::system::clipboard::Explanation;
use crate::system::clock::{Clock, ClockTruth, SystemClock, date, local_zone};
use crate::system::focus;
use crate::system::prompt::Terminal;
use crate::vault::{Presence, Store, fresh_bytes};

/// The width of the names of the checks.
const NAMES: usize = 10;

/// Check the clock, the clipboard, the terminal and the vault
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock doctor
  twolock doctor --clipboard
  twolock doctor --json | jq -r '.checks[] | select(.state == \"bad\") | .says'

It needs no passphrase and changes nothing. It fails if something is bad.")]
pub(super) struct Doctor {
    /// Explain the way of a copy, and test it: a word is copied, to be pasted back
    #[arg(long)]
    clipboard: bool,
}

#[derive(Serialize)]
struct ClipboardDocument<'a> {
    v: u8,
    clipboard: Described<'a>,
}

#[derive(Serialize)]
struct Described<'a> {
    way: &'a [String],
    says: &'a str,
    place: &'a str,
    lines: &'a [String],
    proven: bool,
}

#[derive(Clone, Copy, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Bad,
    Good,
    Note,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    state: State,
    says: String,
}

impl Check {
    fn bad(name: &'static str, says: impl Into<String>) -> Self {
        Self { name, state: State::Bad, says: says.into() }
    }

    fn good(name: &'static str, says: impl Into<String>) -> Self {
        Self { name, state: State::Good, says: says.into() }
    }

    fn note(name: &'static str, says: impl Into<String>) -> Self {
        Self { name, state: State::Note, says: says.into() }
    }
}

impl Run for Doctor {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        if self.clipboard {
            return test_clipboard(session);
        }
        let (vault, lost) = vault(session);
        let mut checks = vec![clock(), clipboard(session), terminal(session), vault];
        checks.extend(rights(session));
        checks.push(backups(session));
        checks.push(memory());
        let bad = checks.iter().filter(|check| check.state == State::Bad).count();
        if session.options.json() {
            Listed::new("checks", "check", &checks).marked_whole("ok", bad == 0).print(session)?;
        } else {
            session.output.print(&checks.iter().map(line).collect::<String>())?;
        }
        match bad {
            0 => Ok(()),
            1 => Err(Failure::new(if lost { Exit::Vault } else { Exit::Other }, "one thing is bad")),
            _ => Err(Failure::new(
                if lost { Exit::Vault } else { Exit::Other },
                format!("{bad} things are bad"),
            )),
        }
    }
}

/// Explains the way of a copy; where somebody can be asked, a word goes that way and is to be pasted back.
fn test_clipboard(session: &mut Session) -> Result<(), Failure> {
    let mut clipboard = session.clipboard()?;
    let Explanation { stations, says, place, lines, proven, key } = clipboard.explain();
    if session.options.json() {
        let clipboard = Described { way: &stations, says: &says, place: &place, lines: &lines, proven };
        return session.output.print(&json(&ClipboardDocument { v: 1, clipboard }));
    }
    let mut text = format!("{}\n{says}\n", stations.join(" > "));
    if proven {
        text.push_str("Copies are known to arrive.\n");
    } else if !lines.is_empty() {
        text.push_str(&format!("{place}\n\n    {}\n\n", lines.join("\n    ")));
    }
    session.output.print(&text)?;
    let Some(mut terminal) = (!session.options.no_input).then(Terminal::open).and_then(Result::ok) else {
        return Ok(());
    };
    let word = format!("CHECK-{}", u16::from_be_bytes(fresh_bytes()) % 9000 + 1000);
    clipboard.copy(&word, &mut terminal)?;
    let question = format!("{word} should be on the clipboard. Paste it here, or Enter if nothing comes: ");
    let answer = session.ask(&question)?.unwrap_or_default();
    let arrives = answer.trim() == word;
    clipboard
        .prove(&key, arrives)
        .map_err(|error| Failure::other(format!("cannot remember the test: {}", reason(&error))))?;
    if arrives {
        return session.output.print("It arrives. From now on \"Copied\" is said of this way.\n");
    }
    Err(Failure::new(Exit::Clipboard, "what was copied did not arrive")
        .hint("codes can be read, or selected with Shift and the mouse"))
}

fn line(check: &Check) -> String {
    let state = match check.state {
        State::Bad => "bad ",
        State::Good => "good",
        State::Note => "note",
    };
    format!("{}  {state}  {}\n", visible(check.name).pad(NAMES), visible(&check.says))
}

fn clock() -> Check {
    let name = "clock";
    match ClockTruth::ask(SystemClock.now().wall) {
        ClockTruth::NotChecked => Check::note(
            name,
            "nothing on this computer tells whether the clock is right; compare it with a phone",
        ),
        ClockTruth::NotSynchronised => Check::bad(
            name,
            "not kept right by the network, so codes may be refused; `timedatectl set-ntp true` mends that",
        ),
        ClockTruth::Synchronised { within_ms: None } => Check::good(name, "kept right by the network"),
        ClockTruth::Synchronised { within_ms: Some(within) } => {
            Check::good(name, format!("kept right by the network, to {within} ms"))
        }
    }
}

fn clipboard(session: &Session) -> Check {
    let name = "clipboard";
    let clipboard = match session.clipboard() {
        Ok(clipboard) => clipboard,
        Err(Failure { message, hints, .. }) => {
            return Check::bad(name, [message].into_iter().chain(hints).collect::<Vec<_>>().join("; "));
        }
    };
    let Explanation { stations, says, proven, .. } = clipboard.explain();
    let says = says.trim_end_matches('.');
    if stations.len() == 1 {
        return Check::note(name, says);
    }
    let way = stations.join(" > ");
    if proven {
        return Check::good(name, format!("{way}: copies are known to arrive"));
    }
    Check::note(name, format!("{way}: {says}; `twolock doctor --clipboard` tests it"))
}

fn terminal(session: &Session) -> Check {
    let (name, environment) = ("terminal", &session.environment);
    if environment.is_dumb() {
        return Check::note(name, "TERM says that it cannot place text: the list talks in lines");
    }
    let mut says = vec![environment.term.clone()];
    for (is, word) in [
        (environment.tmux, "in tmux"),
        (environment.screen, "in screen"),
        (environment.zellij, "in Zellij"),
        (environment.ssh.is_some(), "over SSH"),
    ] {
        if is {
            says.push(word.to_owned());
        }
    }
    if !environment.utf8 {
        says.push("the locale is not UTF-8, so only ASCII is drawn".to_owned());
    }
    let config = &session.config;
    let wanted = config.screen.hide_on_focus_lost || config.lock.on_focus_lost;
    if wanted && focus::is_kept_by_tmux(environment) {
        says.push(focus::HINT.to_owned());
        return Check::note(name, says.join(", "));
    }
    Check::good(name, says.join(", "))
}

/// Looks whether there is a vault; the second answer says whether one is lost.
fn vault(session: &Session) -> (Check, bool) {
    let (name, place) = ("vault", session.paths.short(session.place.dir()));
    match Store::presence(&session.place) {
        Err(error) => (Check::bad(name, error.to_string()), true),
        Ok(Presence::Missing) => {
            (Check::note(name, format!("none in {place} yet; `twolock init` makes one")), false)
        }
        Ok(Presence::Present) => (Check::good(name, place.to_string()), false),
        Ok(Presence::Unfinished) => {
            (Check::note(name, format!("begun in {place} and not finished; `twolock init` goes on")), false)
        }
        Ok(Presence::Vanished { generation }) => {
            let says =
                format!("gone from {place}, where it was saved {generation} times; put it back from a copy");
            (Check::bad(name, says), true)
        }
    }
}

/// Looks who may read the files; nothing where there are none.
fn rights(session: &Session) -> Option<Check> {
    let (name, place) = ("rights", &session.place);
    let files = [
        (place.dir().to_owned(), 0o700),
        (place.backups_dir(), 0o700),
        (place.identity_file(), 0o600),
        (place.vault_file(), 0o600),
    ];
    let mut wrong = Vec::new();
    let mut seen = false;
    for (path, most) in &files {
        let found = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => Some(format!("cannot be looked at: {}", reason(&error))),
            Ok(metadata) => fault(&metadata, *most),
        };
        seen = true;
        wrong.extend(found.map(|why| format!("{} {why}", session.paths.short(path))));
    }
    match wrong.as_slice() {
        [] => seen.then(|| Check::good(name, "only you can read the files")),
        _ => Some(Check::bad(name, wrong.join("; "))),
    }
}

/// Returns what is wrong with the owner and the mode of a file.
fn fault(metadata: &Metadata, most: u32) -> Option<String> {
    let mode = metadata.permissions().mode() & 0o7777;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        Some("belongs to another user".to_owned())
    } else if mode & !most != 0 {
        Some(format!("has mode {mode:04o}; `chmod {most:03o}` closes it"))
    } else {
        None
    }
}

fn backups(session: &Session) -> Check {
    let name = "backups";
    match Store::backups(&session.place) {
        Err(error) => Check::bad(name, error.to_string()),
        Ok(backups) => match backups.first() {
            None => Check::note(name, "none yet; an edit keeps the state before it"),
            Some(newest) => {
                let (count, day) = (backups.len(), date(newest.when, &local_zone()));
                Check::good(name, format!("{count} earlier states, the newest of {day}; on this disk only"))
            }
        },
    }
}

/// Looks whether `main` has closed the memory.
fn memory() -> Check {
    use rustix::process::{Resource, getrlimit};
    let name = "memory";
    if getrlimit(Resource::Core).current != Some(0) {
        return Check::bad(name, "a crash could write it to the disk");
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        if dumpable_behavior() != Ok(DumpableBehavior::NotDumpable) {
            return Check::bad(name, "other programs of yours could read it");
        }
        Check::good(name, "closed to other programs of yours and to crash dumps")
    }
    #[cfg(not(target_os = "linux"))]
    Check::good(name, "closed to crash dumps")
}
