//! Brings an earlier state of the vault back: one that lies beside it, or a copy made by `backup`.
//!
//! It is itself a save and keeps what it replaces. Counters never go back, and accounts that the earlier state does not
//! have become deleted ones, so this too can be undone.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::Run;
use super::listed::Listed;
use super::session::{Session, quoted};
use crate::failure::{Exit, Failure};
use crate::otp::Timestamp;
use crate::system::clock::{parse_time, rfc3339};
use crate::vault::{Backup, Difference, Place, Presence, Store, StoreError, differences};

/// Bring an earlier state of the vault back
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock restore --list
  twolock restore --as-of 2026-11-23 --dry-run
  twolock restore 41
  twolock restore --from /mnt/usb/twolock/twolock-2026-11-24T14-32-00Z

The last twenty states are kept beside the vault, and one of each day for thirty days. A copy that
`twolock backup` made is brought back with --from, also where there is no vault at all.")]
pub(super) struct Restore {
    /// The number of the state, as --list shows it
    #[arg(value_name = "NUMBER", conflicts_with_all = ["as_of", "from", "list"])]
    number: Option<u64>,
    /// The newest state of this day or moment, or from before
    #[arg(long, value_name = "DATE", conflicts_with_all = ["from", "list"])]
    as_of: Option<String>,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// A copy that `twolock backup` made
    #[arg(long, value_name = "COPY", conflicts_with = "list")]
    from: Option<PathBuf>,
    /// List the states: number, date, file
    #[arg(long, conflicts_with = "dry_run")]
    list: bool,
}

#[derive(Serialize)]
struct State {
    number: u64,
    when: Option<String>,
    file: String,
}

#[derive(Serialize)]
struct Touched {
    name: String,
    what: String,
}

impl Run for Restore {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        if self.list {
            return list(session);
        }
        let Some(from) = &self.from else {
            session.check_vault()?;
            let backup = self.chosen(&Store::backups(&session.place)?)?;
            return self.bring(session, &backup);
        };
        let copy = Place::new(session.paths.expand(from)?, None);
        if Store::presence(&session.place)? == Presence::Present {
            let backup = Backup { path: copy.vault_file(), generation: 0, when: Timestamp::default() };
            return self.bring(session, &backup);
        }
        self.anew(session, &copy)
    }
}

impl Restore {
    /// Returns the state that is meant.
    fn chosen(&self, backups: &[Backup]) -> Result<Backup, Failure> {
        let list = "`twolock restore --list` shows what there is";
        if let Some(number) = self.number {
            let found = backups.iter().find(|backup| backup.generation == number);
            return found.cloned().ok_or_else(|| {
                Failure::new(Exit::NotFound, format!("there is no state {number}")).hint(list)
            });
        }
        let Some(text) = &self.as_of else {
            return Err(Failure::usage("it is not said which state to bring back")
                .hint(list)
                .hint("name its number, or a day with --as-of DATE"));
        };
        let moment = moment(text)?;
        let found = backups.iter().find(|backup| backup.when <= moment);
        found.cloned().ok_or_else(|| {
            Failure::new(Exit::NotFound, format!("no state is that old: {}", quoted(text))).hint(list)
        })
    }

    fn bring(&self, session: &mut Session, backup: &Backup) -> Result<(), Failure> {
        let passphrase = session.passphrase()?;
        let now = Store::unlock(&session.place, &passphrase, session.now().wall).map(|store| store.vault());
        let then = Store::open_backup(&session.place, &passphrase, backup)?;
        let changes = match &now {
            Ok(now) => differences(now, &then),
            // What stands there cannot be read: all of the state comes.
            Err(
                StoreError::Damaged { .. } | StoreError::NotAVault { .. } | StoreError::RolledBack { .. },
            ) => differences(&crate::vault::Vault::new(then.id()), &then),
            Err(_) => Vec::new(),
        };
        if let Err(error) = now
            && !matches!(
                error,
                StoreError::Damaged { .. } | StoreError::NotAVault { .. } | StoreError::RolledBack { .. }
            )
        {
            return Err(error.into());
        }
        if !self.dry_run {
            let store = Store::restore(&session.place, &passphrase, backup, session.now().wall)?;
            for notice in store.notices() {
                session.output.warn(notice);
            }
        }
        self.tell(session, changes)
    }

    /// Brings a copy to where there is no vault.
    fn anew(&self, session: &mut Session, copy: &Place) -> Result<(), Failure> {
        let passphrase = session.passphrase()?;
        let now = session.now().wall;
        // It has to open before anything is written.
        let then = Store::unlock(copy, &passphrase, now)?.vault();
        let changes = differences(&crate::vault::Vault::new(then.id()), &then);
        if !self.dry_run {
            Store::bring(copy, &session.place)?;
            let opened = match Store::unlock(&session.place, &passphrase, now) {
                // A newer state was seen here before it vanished; that this one stands now is what was asked for.
                Err(StoreError::RolledBack { .. }) => {
                    Store::accept_rollback(&session.place, &passphrase, now)?
                }
                opened => opened?,
            };
            for notice in opened.notices() {
                session.output.warn(notice);
            }
        }
        self.tell(session, changes)
    }

    fn tell(&self, session: &mut Session, changes: Vec<Difference>) -> Result<(), Failure> {
        if session.options.json() {
            let touched = |one: Difference| Touched { name: one.name, what: one.what };
            let changes = changes.into_iter().map(touched);
            return Listed::new("changes", "change", changes).marked("dry_run", self.dry_run).print(session);
        }
        for one in &changes {
            let word = if self.dry_run { "would be" } else { "is" };
            session.output.say(format_args!("{} {word} {}", one.name, one.what));
        }
        if changes.is_empty() {
            session.output.say("Nothing differs.");
        }
        Ok(())
    }
}

/// Reads a moment, or the end of a day in UTC.
fn moment(text: &str) -> Result<Timestamp, Failure> {
    let day = text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2;
    Ok(if day { parse_time(&format!("{text}T23:59:59Z"))? } else { parse_time(text)? })
}

fn list(session: &mut Session) -> Result<(), Failure> {
    let backups = Store::backups(&session.place)?;
    let file = |path: &Path| path.to_string_lossy().into_owned();
    if session.options.json() {
        let states = backups.iter().map(|backup| State {
            number: backup.generation,
            when: rfc3339(backup.when),
            file: file(&backup.path),
        });
        return Listed::new("states", "state", states).print(session);
    }
    let mut lines = String::new();
    for backup in &backups {
        let when = rfc3339(backup.when).unwrap_or_default();
        let path = crate::display::visible(&file(&backup.path)).to_string();
        lines.push_str(&format!("{}\t{when}\t{path}\n", backup.generation));
    }
    session.output.print(&lines)
}
