//! Plain line mode: the whole program as questions and answers, one line each, for screen readers, braille, slow lines
//! and terminals that cannot place text.
//!
//! It only appends: nothing is drawn again, there is no box, bar, colour or timer. The important word comes first,
//! every choice has a number, and no question is longer than 60 characters. It does what the screens do, with the
//! same vault, and locks as they do: the program becomes itself anew.

mod accounts;
mod add;
mod backups;
mod change;
mod codes;
mod commands;
mod door;
mod files;
mod keys;
mod spoken;
mod talk;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use zeroize::Zeroizing;

use self::spoken::count_of;
use self::talk::{Heard, Stop, Talk};
use crate::config::{AskAgain, Config};
use crate::failure::Failure;
use crate::otp::{Code, Timestamp};
use crate::system::anew;
use crate::system::clipboard::Clipboard;
use crate::system::clock::{Clock, ClockTruth};
use crate::system::paths::Paths;
use crate::vault::{
    Account, AccountId, Change, Committed, Durability, Passphrase, Place, Presence, Store, Vault, WorkFactor,
};
use crate::words::sentence;

/// Everything that the mode is started with.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any may hold with any other"
)]
pub struct Settings {
    /// What the program was called with, to become itself again.
    pub arguments: Vec<OsString>,
    /// The clipboard.
    pub clipboard: Clipboard,
    /// The settings.
    pub config: Config,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// The name of this computer.
    pub host: String,
    /// The passphrase, if it came with the call.
    pub passphrase: Option<Passphrase>,
    /// Where things are.
    pub paths: Paths,
    /// The vault.
    pub place: Place,
    /// What is there.
    pub presence: Presence,
    /// How the user's own computer reaches this one, if the session came over SSH.
    pub reached_as: Option<String>,
    /// What is wrong with the file of settings.
    pub remarks: Vec<String>,
    /// The program became itself by locking.
    pub relocked: bool,
    /// What is searched for at first.
    pub search: Option<String>,
    /// The terminal takes sequences, so a copy may go through it.
    pub sequences: bool,
    /// Where the vault is, for people.
    pub shown_place: String,
    /// The time was given and stands still.
    pub stands: bool,
    /// The locale writes UTF-8.
    pub utf8: bool,
    /// The cost of a new vault's passphrase.
    pub work: WorkFactor,
    /// The time zone in which dates are said.
    pub zone: TimeZone,
}

/// How it ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// The user quit, or the input is over.
    Quit,
    /// A signal ended it.
    Signal(i32),
}

/// The conversation about an open vault.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any may hold with any other"
)]
struct Plain {
    talk: Talk,
    store: Store,
    vault: Arc<Vault>,
    config: Config,
    remarks: Vec<String>,
    first: Option<String>,
    paths: Paths,
    place: Place,
    host: String,
    reached_as: Option<String>,
    zone: TimeZone,
    stands: bool,
    utf8: bool,
    synchronised: Option<bool>,
    /// The accounts of the last list, by their numbers.
    listed: Vec<AccountId>,
    /// How many of them were said.
    said: usize,
    /// The account that commands are about.
    current: Option<AccountId>,
    /// The code of a counter, for as long as it is the one to be typed.
    counted: Option<(AccountId, Code)>,
    spell: bool,
    undo: Vec<(String, Vec<Change>)>,
    uses: BTreeMap<AccountId, (u64, Timestamp)>,
    trusted_since: Duration,
    /// The user was told that the copied code goes away.
    warned: bool,
}

/// Talks on standard input and output until it ends.
pub fn run(mut settings: Settings) -> Result<Ending, Failure> {
    let clock = std::mem::replace(&mut settings.clock, Box::new(crate::system::clock::SystemClock));
    let clipboard = std::mem::replace(
        &mut settings.clipboard,
        Clipboard::new(crate::system::clipboard::Settings::default(), crate::system::Environment::default()),
    );
    let mut talk = Talk::new(clock, clipboard, settings.sequences, &settings.config)?;
    let arguments = std::mem::take(&mut settings.arguments);
    let stop = match door::open(&mut talk, &mut settings) {
        Err(stop) => stop,
        Ok(store) => {
            let mut plain = Plain::new(talk, store, settings);
            let stop = match plain.talk() {
                Err(stop) => stop,
                Ok(never) => match never {},
            };
            plain.end(&stop);
            stop
        }
    };
    match stop {
        Stop::Ended => Ok(Ending::Quit),
        Stop::Failed(failure) => Err(failure),
        Stop::Signal(signal) => Ok(Ending::Signal(signal)),
        Stop::Lock => {
            let error: io::Error = anew::start(&arguments);
            // Still here: the program's file is gone. What was open is closed by ending.
            Err(Failure::other(format!("locked, and ended since the program could not start again: {error}")))
        }
    }
}

/// There is no way on but a stop.
enum Never {}

impl Plain {
    fn new(mut talk: Talk, mut store: Store, settings: Settings) -> Self {
        talk.opened();
        store.talk_through(keys::voice());
        let truth = if settings.stands { ClockTruth::NotChecked } else { ClockTruth::ask(talk.now().wall) };
        Self {
            trusted_since: talk.now().boot,
            vault: store.vault(),
            synchronised: truth.is_synchronised(),
            talk,
            store,
            paths: settings.paths,
            place: settings.place,
            host: settings.host,
            reached_as: settings.reached_as,
            zone: settings.zone,
            stands: settings.stands,
            utf8: settings.utf8,
            listed: Vec::new(),
            said: 0,
            current: None,
            counted: None,
            spell: settings.config.screen.spell,
            config: settings.config,
            remarks: settings.remarks,
            first: settings.search,
            undo: Vec::new(),
            uses: BTreeMap::new(),
            warned: false,
        }
    }

    /// Answers lines until something stops it.
    fn talk(&mut self) -> Heard<Never> {
        let clock = match self.synchronised {
            _ if self.stands => "The time is the one given by --at.",
            Some(true) => "Clock is synchronised.",
            Some(false) => "Warning: this computer's clock is not synchronised. Codes may be refused.",
            None => "Clock is not checked.",
        };
        self.say(format_args!("Open. {}. {clock}", count_of(self.vault.accounts().len(), "account")))?;
        for remark in std::mem::take(&mut self.remarks) {
            self.say(format_args!("Settings: {remark}."))?;
        }
        for notice in self.store.notices().to_vec() {
            self.say(sentence(&notice))?;
        }
        if self.vault.accounts().is_empty() {
            self.say("No accounts yet. add adds one, import FILE brings yours, ? is help.")?;
        } else {
            self.say("Type a number or part of a name. Enter lists all, ? is help.")?;
        }
        if let Some(words) = self.first.take() {
            self.search(&words)?;
        }
        loop {
            let line = self.talk.ask("> ")?;
            self.reload()?;
            self.answer(&line)?;
        }
    }

    fn say(&mut self, words: impl std::fmt::Display) -> Heard<()> {
        self.talk.say(words)
    }

    /// Takes in what other programs saved.
    fn reload(&mut self) -> Heard<()> {
        match self.store.refresh() {
            Ok(None) => Ok(()),
            Ok(Some(vault)) => {
                self.vault = vault;
                self.say("The vault changed on disk. Its changes were taken in.")
            }
            Err(error) => complain(&mut self.talk, &error.into()),
        }
    }

    /// Saves changes; `undoes` is what undo will call them. Nothing if they could not be saved, which was said.
    fn commit(&mut self, undoes: Option<&str>, changes: &[Change]) -> Heard<Option<Committed>> {
        let done = match self.store.commit(changes, self.talk.now().wall) {
            Ok(done) => done,
            Err(error) => {
                let mut failure = Failure::from(error);
                failure.message = format!("not saved: {}", failure.message);
                complain(&mut self.talk, &failure)?;
                return Ok(None);
            }
        };
        self.vault = Arc::clone(&done.vault);
        if let (Some(undoes), false) = (undoes, done.inverse.is_empty()) {
            self.undo.push((undoes.to_owned(), done.inverse.clone()));
            if self.undo.len() > self.config.delete.undo_depth as usize {
                self.undo.remove(0);
            }
        }
        if let Durability::Unsure(why) = &done.durability {
            self.say(format_args!("Warning: saved, but a power cut may take it back: {why}."))?;
        }
        Ok(Some(done))
    }

    /// Asks for the passphrase again, unless it was given just now or need not be; says whether it was right.
    fn trusts(&mut self, to: AskAgain, why: &str) -> Heard<bool> {
        let lately = self.config.lock.ask_again_after.duration();
        let asks = self.config.lock.ask_again.contains(&to);
        if !asks || self.talk.now().boot.saturating_sub(self.trusted_since) <= lately {
            return Ok(true);
        }
        let question = format!("Passphrase, {why} (not shown): ");
        let passphrase = Passphrase::new(self.talk.ask_hidden(&question)?);
        if self.store.confirm(&passphrase).is_ok() {
            self.trusted_since = self.talk.now().boot;
            return Ok(true);
        }
        self.say("Wrong. That passphrase does not open this vault.")?;
        Ok(false)
    }

    fn quit(&mut self) -> Heard<()> {
        if self.talk.copy_ends_with_us() && !self.warned {
            self.warned = true;
            let left = self.current().and_then(|account| account.otp.seconds_left(self.talk.now().wall));
            let valid = left.map_or(String::new(), |left| {
                format!(" It is valid {} more.", spoken::count(left, "second"))
            });
            return self
                .say(format_args!("The copied code goes away when the program ends.{valid} q again ends."));
        }
        Err(Stop::Ended)
    }

    /// Saves what counts as used, and leaves nothing on the clipboard that could be taken back.
    fn end(&mut self, stop: &Stop) {
        let uses: Vec<Change> =
            std::mem::take(&mut self.uses).into_iter().map(|(id, (n, at))| Change::Use(id, n, at)).collect();
        if !uses.is_empty() {
            // How often a code was used is not worth keeping anybody from locking or leaving.
            drop(self.store.commit(&uses, self.talk.now().wall));
        }
        self.talk.forget_copy();
        let last = match stop {
            Stop::Ended => "Ended.",
            Stop::Lock => "Locked. The codes are gone from memory.",
            Stop::Failed(_) | Stop::Signal(_) => return,
        };
        // Whoever is gone hears nothing.
        drop(self.say(last));
    }

    fn current(&self) -> Option<&Account> {
        self.vault.account(self.current?)
    }

    /// Returns the account that a command is about, or says that there is none.
    fn chosen(&mut self) -> Heard<Option<Account>> {
        let account = self.current().cloned();
        if account.is_none() {
            self.say("Which? Type a number or part of a name first.")?;
        }
        Ok(account)
    }
}

/// Says what failed, and what to do.
fn complain(talk: &mut Talk, failure: &Failure) -> Heard<()> {
    talk.say(sentence(&failure.message))?;
    for hint in &failure.hints {
        talk.say(sentence(hint))?;
    }
    Ok(())
}

/// Returns text that is wiped.
fn wiped(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}
