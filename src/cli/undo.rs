//! Takes back the last changes: the vault becomes what it was before them, as a change of its own.
//!
//! What can be taken back are the earlier generations that lie beside the vault. An undo is a save like any other and
//! leaves one as well, so what this program took back is written down: the next undo then goes on from there.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::Run;
use super::listed::Listed;
use super::output::reason;
use super::session::Session;
use super::shown::label;
use crate::failure::{Exit, Failure};
use crate::system::clock::rfc3339;
use crate::system::file;
use crate::vault::{AccountId, Backup, Difference, Store, Vault, differences, way_back};

/// How many undos are remembered.
const MOST: usize = 200;
/// More bytes than the file of them has.
const LARGEST: usize = 1 << 16;

/// Take back the last change
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock undo
  twolock undo 3
  twolock undo --list

An edit, a deletion, an import count as one change each. Counters of counter codes never go back.")]
pub(super) struct Undo {
    /// How many changes
    #[arg(value_name = "N", default_value_t = 1, hide_default_value = true,
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    count: u32,
    /// Say what would be taken back, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// List what can be taken back, the last change first
    #[arg(long, conflicts_with = "dry_run")]
    list: bool,
}

/// A change that can be taken back.
#[derive(Serialize)]
struct Step {
    generation: u64,
    when: Option<String>,
    accounts: Vec<Touched>,
}

#[derive(Serialize)]
struct Touched {
    name: String,
    what: String,
}

/// What this program took back in a vault.
#[derive(Default, Deserialize, Serialize)]
struct Taken {
    v: u8,
    undos: Vec<Link>,
}

/// Generation `to` is `from` once more.
#[derive(Clone, Copy, Deserialize, Serialize)]
struct Link {
    to: u64,
    from: u64,
}

impl Run for Undo {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let mut store = session.open()?;
        let memory = Memory::of(session, &store);
        let depth = session.config.delete.undo_depth;
        if !self.list && self.count > depth {
            return Err(Failure::new(
                Exit::NothingToDo,
                format!("only the last {} can be taken back", changes(depth as usize)),
            )
            .hint("`delete.undo_depth` says how many; `twolock restore` goes back further"));
        }
        let count = if self.list { depth } else { self.count } as usize;
        let states = states(&store, &memory.taken, count)?;
        let Some((last, _)) = states.last().filter(|_| states.len() > 1) else {
            return Err(Failure::new(Exit::NothingToDo, "there is no change to be taken back"));
        };
        let steps: Vec<Step> = states.windows(2).map(|pair| step(&pair[1], &pair[0])).collect();
        if !self.list {
            if steps.len() < self.count as usize {
                return Err(Failure::new(
                    Exit::NothingToDo,
                    format!("only {} can be taken back", changes(steps.len())),
                )
                .hint("`twolock undo --list` shows them"));
            }
            check_kept(&states[0].0, last)?;
            let way = way_back(&states[0].0, last, session.now().wall);
            if !self.dry_run {
                let committed = session.commit(&mut store, &way)?;
                let base = states.last().map_or(0, |(_, generation)| *generation);
                memory.note(session, committed.vault.generation(), base);
            }
        }
        let dry_run = self.dry_run || self.list;
        if session.options.json() {
            return Listed::new("changes", "change", steps).marked("dry_run", dry_run).print(session);
        }
        if !self.list {
            let word = if dry_run { "would take back" } else { "took back" };
            for one in steps.iter().flat_map(|step| &step.accounts) {
                session.output.say(format_args!("{word}: {} {}", one.what, one.name));
            }
            return Ok(());
        }
        let mut lines = String::new();
        for (number, step) in (1..).zip(&steps) {
            for one in &step.accounts {
                let when = step.when.as_deref().unwrap_or("");
                lines.push_str(&format!("{number}\t{when}\t{}\t{}\n", one.what, one.name));
            }
        }
        session.output.print(&lines)
    }
}

/// Fails if an account of the earlier state was deleted for ever since, or so long ago that it is kept no more.
fn check_kept(now: &Vault, then: &Vault) -> Result<(), Failure> {
    let there: HashSet<AccountId> = now
        .accounts()
        .iter()
        .chain(now.deleted().iter().filter_map(|deleted| deleted.account.as_deref()))
        .map(|account| account.id)
        .collect();
    match then.accounts().iter().find(|account| !there.contains(&account.id)) {
        None => Ok(()),
        Some(gone) => Err(Failure::new(
            Exit::NothingToDo,
            format!(
                "{} is deleted for ever, and undo cannot bring it back; nothing was changed",
                label(gone)
            ),
        )
        .hint("an earlier state may still hold it: `twolock restore --list`")),
    }
}

fn changes(count: usize) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}

fn step(earlier: &(Arc<Vault>, u64), later: &(Arc<Vault>, u64)) -> Step {
    let touched = |one: Difference| Touched { name: one.name, what: one.what };
    let when = later.0.accounts().iter().map(|account| account.stamp.millis).max();
    let deleted = later.0.deleted().iter().map(|deleted| deleted.stamp.millis).max();
    let when = when.max(deleted).map(|millis| crate::otp::Timestamp::from_seconds(millis / 1000));
    Step {
        generation: later.1,
        when: when.and_then(rfc3339),
        accounts: differences(&earlier.0, &later.0).into_iter().map(touched).collect(),
    }
}

/// Returns the vault as it is, and the states before each of the last `count` changes, the newest first.
fn states(store: &Store, taken: &Taken, count: usize) -> Result<Vec<(Arc<Vault>, u64)>, Failure> {
    let backups = Store::backups(store.place())?;
    let now = store.vault();
    let mut generation = resolve(taken, &backups, now.generation());
    let mut states = vec![(now, generation)];
    for backup in &backups {
        if states.len() > count {
            break;
        }
        if backup.generation >= generation {
            continue;
        }
        let Ok(vault) = store.earlier(backup) else {
            // One that is damaged or of another key ends the way back.
            break;
        };
        generation = resolve(taken, &backups, backup.generation);
        let later = states.last().map(|(later, _)| Arc::clone(later));
        if later.is_some_and(|later| !differences(&vault, &later).is_empty()) {
            states.push((vault, generation));
        }
    }
    Ok(states)
}

/// Returns the generation that a state is the same as: where it was taken back to, if nothing was changed since.
fn resolve(taken: &Taken, backups: &[Backup], generation: u64) -> u64 {
    let mut generation = generation;
    loop {
        let link = taken.undos.iter().rev().find(|link| link.to <= generation && link.from < link.to);
        let Some(link) = link else { return generation };
        // Counters and counts are saved without a backup: only a backup after the undo means a change after it.
        let changed =
            backups.iter().any(|backup| backup.generation >= link.to && backup.generation < generation);
        if changed {
            return generation;
        }
        generation = link.from;
    }
}

/// What is remembered of a vault, and where.
struct Memory {
    path: std::path::PathBuf,
    taken: Taken,
}

impl Memory {
    /// Reads it. One that cannot be read is none: an undo would then bring back what was taken back.
    fn of(session: &Session, store: &Store) -> Self {
        let name = format!("undo-{}.json", store.vault().id());
        let path = session.paths.state.with_file_name(name);
        let read = file::read(&path, LARGEST).ok();
        let taken = read.and_then(|bytes| serde_json::from_slice::<Taken>(&bytes).ok());
        let taken = taken.filter(|taken| taken.v == 1).unwrap_or(Taken { v: 1, undos: Vec::new() });
        Self { path, taken }
    }

    /// Writes down that one generation is another once more.
    fn note(mut self, session: &Session, to: u64, from: u64) {
        self.taken.undos.push(Link { to, from });
        let surplus = self.taken.undos.len().saturating_sub(MOST);
        self.taken.undos.drain(..surplus);
        let written: io::Result<()> = serde_json::to_vec(&self.taken)
            .map_err(io::Error::other)
            .and_then(|text| file::write_new(&self.path, &text, true, |_| Ok(())));
        if let Err(error) = written {
            session.output.warn(format_args!(
                "it was taken back; but the next `twolock undo` will bring it back, since that could not be noted: {}",
                reason(&error)
            ));
        }
    }
}
