//! Makes a vault. It never overwrites one.

use clap::Args;
use serde::Serialize;

use super::Run;
use super::output::json;
use super::session::Session;
use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::vault::{Passphrase, Presence, Store, StoreError, WorkFactor, strength};

/// The score from which on a passphrase is not warned of.
pub(super) const GOOD: u8 = 3;

/// Make a vault, and print its directory
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock init
  twolock init --vault ~/work --passphrase-file ~/.work-passphrase")]
pub(super) struct Init {
    /// Make a new vault where one has vanished
    #[arg(long)]
    anew: bool,
    /// Let the holder of this age key (`age1…`, or a plugin's) open the vault too; can be given several times
    #[arg(long, value_name = "KEY")]
    recipient: Vec<String>,
    /// The cost of guessing the passphrase, 10 to 22; each step doubles it
    #[arg(long, value_name = "N", default_value_t = WorkFactor::default().get(), value_parser = clap::value_parser!(u8).range(10..=22))]
    work_factor: u8,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    vault: &'a str,
}

impl Run for Init {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let work = WorkFactor::new(self.work_factor).expect("the range was checked with the arguments");
        let unfinished = self.is_unfinished(session)?;
        if work.is_weak() {
            session.output.warn(format_args!(
                "work factor {} makes the passphrase cheap to guess for whoever has the files; 18 is usual",
                work.get()
            ));
        }
        let passphrase = passphrase(session, unfinished)?;
        let judged = strength(passphrase.reveal());
        if judged.score < GOOD {
            session.output.warn(format_args!(
                "the passphrase is {}: it {} for whoever has the files",
                judged.word, judged.guess_time
            ));
        }
        let further = (self.recipient.as_slice(), session.talk());
        let store = Store::create_for(&session.place, &passphrase, work, further, session.now().wall)?;
        for notice in store.notices() {
            session.output.warn(notice);
        }
        let directory =
            std::path::absolute(session.place.dir()).unwrap_or_else(|_| session.place.dir().to_owned());
        let directory = directory.to_string_lossy();
        if session.options.json() {
            return session.output.print(&json(&Document { v: 1, vault: &directory }));
        }
        // A script wants the path itself, a person must not be tricked by it.
        let shown =
            if session.output.is_terminal() { visible(&directory).into() } else { directory.into_owned() };
        session.output.print(&format!("{shown}\n"))
    }
}

impl Init {
    /// Makes sure that there is nothing to be overwritten; says whether an earlier `init` was broken off.
    fn is_unfinished(&self, session: &Session) -> Result<bool, Failure> {
        let is_vanished =
            || Ok::<_, Failure>(matches!(Store::presence(&session.place)?, Presence::Vanished { .. }));
        if self.anew && is_vanished()? {
            Store::forget(&session.place)?;
            if is_vanished()? {
                let backups = session.paths.short(&session.place.backups_dir());
                return Err(Failure::new(
                    Exit::Vault,
                    format!("earlier states of a vault lie in \"{backups}\""),
                )
                .hint("move them away first, or make the new vault elsewhere with --vault DIR"));
            }
        }
        match Store::presence(&session.place)? {
            Presence::Missing => Ok(false),
            Presence::Present => Err(StoreError::Exists { path: session.place.vault_file() }.into()),
            Presence::Unfinished => Ok(true),
            Presence::Vanished { generation } => Err(session.vanished(generation)),
        }
    }
}

/// Returns the new passphrase; typed ones are asked for twice.
fn passphrase(session: &Session, unfinished: bool) -> Result<Passphrase, Failure> {
    if let Some(passphrase) = session.given_passphrase()? {
        return if passphrase.reveal().is_empty() { Err(empty()) } else { Ok(passphrase) };
    }
    if unfinished {
        session.output.say("A vault was begun here and not finished; its passphrase finishes it.");
        return Ok(Passphrase::new(session.ask_hidden("Passphrase: ")?));
    }
    let first = session.ask_hidden("New passphrase: ")?;
    if first.is_empty() {
        return Err(empty());
    }
    let second = session.ask_hidden("The same again: ")?;
    let (first, second) = (Passphrase::new(first), Passphrase::new(second));
    if first == second { Ok(first) } else { Err(Failure::new(Exit::Other, "the two passphrases differ")) }
}

/// Returns the failure for a passphrase with nothing in it.
pub(super) fn empty() -> Failure {
    Failure::new(Exit::Other, "the passphrase is empty")
}
