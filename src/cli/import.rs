//! Takes in the accounts of another authenticator: shows what would come, asks, then adds it in one go.

mod report;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use self::report::{accounts, text, written};
use super::Run;
use super::listed::Listed;
use super::output::Output;
use super::session::{Session, quoted, read_up_to};
use crate::display::visible;
use crate::exchange::progress::{Step, watched};
use crate::exchange::{
    File, IMPORTERS, ImportError, Imported, Importer, MOST_BYTES, Plan, State, Tally, is_for_keys, recognize,
    unseal,
};
use crate::failure::{Exit, Failure};
use crate::system::patience::say_after;
use crate::system::{file, prompt};
use crate::vault::fresh_draws;

/// After this long it is said what takes so long.
const LONG: Duration = Duration::from_secs(1);

/// How often a password is asked for.
const TRIES: usize = 3;

/// Import the accounts of another authenticator
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock import aegis-export.json
  twolock import --dry-run screenshot-1.png screenshot-2.png
  pass show otp/github | twolock import -

What a file is, is seen by its content. The report says what is new, what the vault has already, and
what could not be read; nothing is added before you agree. A picture may hold several QR codes.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Import {
    /// The files; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "formats")]
    files: Vec<PathBuf>,
    /// Say what would come, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Take the file for one of this format
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Open a file that is sealed for age keys, or a .kdbx database, with this key file
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// List the formats, and how to get a file out of each app
    #[arg(
        long,
        conflicts_with_all = [
            "files", "dry_run", "format", "group", "keep_both", "key_file", "password_file", "update", "yes",
        ]
    )]
    formats: bool,
    /// Add new accounts to this group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Add an account also where the vault has another secret under the same name
    #[arg(long)]
    keep_both: bool,
    /// Read the password of the file from the first line of this file
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Where the vault has the secret already, take names and settings from the file
    #[arg(long)]
    update: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

impl Run for Import {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        if self.formats {
            return list_formats(session);
        }
        if self.files.iter().any(|file| file.as_os_str() == "-") && session.stdin_is_taken()? {
            return Err(Failure::usage("standard input cannot give both the passphrase and the file")
                .hint("read the passphrase with --passphrase-file FILE"));
        }
        session.check_vault()?;
        let mut imported = Imported::default();
        let mut formats = Vec::new();
        for path in &self.files {
            let (format, read) = self.read(session, path)?;
            if !formats.contains(&format.name()) {
                formats.push(format.name());
            }
            imported.append(read);
        }
        if imported.entries.is_empty() && imported.refused.is_empty() {
            return Err(imported.notes.into_iter().fold(ImportError::NoAccounts.into(), Failure::hint));
        }
        let mut store = session.open()?;
        let mut plan = Plan::new(imported, &store.vault());
        self.choose(&mut plan);
        let tally = plan.tally();
        if !session.options.json() {
            session.output.print(&text(&plan, tally))?;
        }
        let mut changes = plan.changes(session.now().wall, fresh_draws());
        let agreed = !self.dry_run && !changes.is_empty() && self.agree(session, tally)?;
        if agreed {
            for change in &mut changes {
                if let (crate::vault::Change::Add(account), Some(group)) = (change, &self.group) {
                    account.group.clone_from(group);
                }
            }
            session.commit(&mut store, &changes)?;
        }
        if session.options.json() {
            let json = session.options.json.unwrap_or_default();
            session.output.print(&written(&plan, tally, &formats, self.dry_run, json))?;
        } else if agreed {
            session.output.print(&format!("{}\n", done(tally)))?;
        }
        if self.dry_run || agreed {
            return Ok(());
        }
        if tally.refused == tally.read {
            return Err(Failure::other("nothing in the file could be read"));
        }
        if changes.is_empty() {
            return Err(nothing_new(tally));
        }
        Err(Failure::new(Exit::NothingToDo, "nothing was added"))
    }
}

impl Import {
    /// Reads one file, asking for its password where it needs one.
    fn read(&self, session: &Session, path: &Path) -> Result<(&'static dyn Importer, Imported), Failure> {
        let (name, bytes) = if path.as_os_str() == "-" {
            ("standard input".to_owned(), read_up_to(io::stdin(), "standard input", MOST_BYTES)?)
        } else {
            let path = session.paths.expand(path)?;
            let name = format!("\"{}\"", session.paths.short(&path));
            let bytes = file::read(&path, MOST_BYTES).map_err(|error| cannot_read(&name, &error))?;
            (name, bytes)
        };
        let in_file =
            |failure: Failure| Failure { message: format!("{name}: {}", failure.message), ..failure };
        let named = |error: ImportError| in_file(Failure::from(error));
        let sealed = is_for_keys(&bytes);
        let bytes = if sealed { self.unseal(session, &bytes).map_err(in_file)? } else { bytes };
        let file = File::new(&bytes).map_err(named)?;
        let format = match &self.format {
            Some(name) => format_named(name)?,
            None => recognize(&file).ok_or(ImportError::Unknown).map_err(named)?,
        };
        let key_file = match &self.key_file {
            Some(path) if format.takes_key_file() && !sealed => {
                let path = session.paths.expand(path)?;
                let read = file::read(&path, MOST_BYTES);
                let name = || format!("the key file \"{}\"", session.paths.short(&path));
                Some(read.map_err(|error| cannot_read(&name(), &error))?)
            }
            _ => None,
        };
        let file = file.with_key_file(key_file.as_ref().map(|bytes| bytes.as_slice()));
        let given = match &self.password_file {
            Some(file) => Some(prompt::passphrase_from_file(&session.paths.expand(file)?)?),
            None => None,
        };
        let read_with = |password: Option<&str>| patiently(session, &name, || format.read(&file, password));
        let mut read = read_with(given.as_ref().map(|password| password.as_str()));
        let mut tries = 0;
        while given.is_none()
            && !session.options.no_input
            && tries < TRIES
            && matches!(read, Err(ImportError::PasswordNeeded | ImportError::WrongPassword))
        {
            if read == Err(ImportError::WrongPassword) {
                session.output.say("That does not open it. It is the password that was set at export.");
            }
            let question = format!("Password of {} ({}): ", visible(&name), format.title());
            match session.ask_hidden(&question) {
                Ok(password) => read = read_with(Some(&password)),
                Err(failure) if failure.exit == Exit::Locked => break,
                Err(failure) => return Err(failure),
            }
            tries += 1;
        }
        let wants_key_file = key_file.is_none() && format.takes_key_file();
        read.map(|imported| (format, imported)).map_err(|error| match error {
            ImportError::WrongPassword if wants_key_file => {
                named(error).hint("if it has a key file too, name that with --key-file FILE")
            }
            error => named(error),
        })
    }

    /// Opens what is sealed for age keys, with the key file of the import or else with the one that opens the vault.
    fn unseal(&self, session: &Session, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let identities = match &self.key_file {
            Some(file) => Some(session.identities_in(&session.paths.expand(file)?, || Ok(None))?),
            None => session.identities()?,
        };
        let identities = identities.ok_or(ImportError::KeyNeeded)?;
        Ok(unseal(sealed, &identities)?)
    }

    /// Takes also what the call asks for.
    fn choose(&self, plan: &mut Plan) {
        for row in &mut plan.rows {
            row.chosen |= match row.state {
                State::OtherSecret(_) => self.keep_both,
                State::Renamed(_) | State::Settings(_) => self.update,
                State::New | State::Same(_) | State::Twice => false,
            };
        }
    }

    /// Asks whether to go on.
    fn agree(&self, session: &Session, tally: Tally) -> Result<bool, Failure> {
        if self.yes {
            return Ok(true);
        }
        let question = format!("Add {}? [y/N] ", accounts(tally.chosen));
        match session.ask(&question)? {
            Some(answer) => Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")),
            None => Err(Failure::locked("nobody can be asked whether to add them")
                .hint("agree beforehand with --yes")),
        }
    }
}

/// Reads; after a second whoever sits before it is told once what takes so long.
fn patiently<T>(session: &Session, name: &str, read: impl FnOnce() -> T) -> T {
    if !session.output.is_watched() {
        return read();
    }
    let step = Arc::new(Mutex::new(None));
    let (seen, name) = (Arc::clone(&step), name.to_owned());
    let say = move || {
        let step = seen.lock().map_or(None, |step| *step);
        Output::new(false).say(match step {
            Some(Step::Opening) => format!("Opening {name}, which is slow on purpose ..."),
            Some(Step::Searching) => format!("Looking for QR codes in {name} ..."),
            Some(Step::Entries(count)) => format!("Reading {name}: {count} entries so far ..."),
            None => format!("Reading {name} ..."),
        });
    };
    let _patience = say_after(LONG, say);
    let took = move |now| {
        if let Ok(mut step) = step.lock() {
            *step = Some(now);
        }
    };
    watched(took, read)
}

fn cannot_read(name: &str, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::FileTooLarge => {
            Failure::other(format!("{name} is too large: more than {} MiB", MOST_BYTES >> 20))
        }
        io::ErrorKind::IsADirectory => {
            Failure::other(format!("{name} is a directory")).hint("name the file in it")
        }
        _ => Failure::other(format!("cannot read {name}: {}", super::output::reason(error))),
    }
}

fn format_named(name: &str) -> Result<&'static dyn Importer, Failure> {
    let found = IMPORTERS.iter().copied().find(|format| format.name() == name);
    found.ok_or_else(|| {
        Failure::usage(format!("there is no format {}", quoted(name)))
            .hint("`twolock import --formats` lists them")
    })
}

/// A format that can be read.
#[derive(Serialize)]
struct Format {
    name: &'static str,
    title: &'static str,
    source: &'static str,
}

fn list_formats(session: &mut Session) -> Result<(), Failure> {
    if session.options.json() {
        let formats = IMPORTERS.iter().map(|format| Format {
            name: format.name(),
            title: format.title(),
            source: format.source(),
        });
        return Listed::new("formats", "format", formats).print(session);
    }
    let widest = IMPORTERS.iter().map(|format| format.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for format in IMPORTERS {
        text.push_str(&format!("{:widest$}  {}: {}\n", format.name(), format.title(), format.source()));
    }
    session.output.print(&text)
}

fn done(tally: Tally) -> String {
    format!("{} taken in", accounts(tally.chosen))
}

fn nothing_new(tally: Tally) -> Failure {
    let message = if tally.differ + tally.renamed > 0 {
        "nothing is new; what differs was left as it is"
    } else {
        "the vault has all of it already"
    };
    Failure::new(Exit::NothingToDo, message)
}
