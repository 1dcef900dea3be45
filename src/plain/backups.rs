//! The earlier states of the vault: what each was before, what bringing one back would change, and bringing it back,
//! which is a change like any other. And a copy for another disk.

use std::sync::Arc;

use super::spoken::count_of;
use super::talk::{Heard, is_cancel};
use super::{Plain, complain};
use crate::display::visible;
use crate::failure::Failure;
use crate::system::clock::{date, in_names, time_of_day};
use crate::vault::{
    AccountId, Backup, COPY_PREFIX, Difference, Store, Vault, differences, fresh_bytes, return_to,
};
use crate::words::sentence;

/// How many are said at once.
const PAGE: usize = 20;

impl Plain {
    /// Lists the earlier states and brings one back, or puts a copy aside.
    pub(super) fn backups(&mut self) -> Heard<()> {
        let states = match Store::backups(&self.place) {
            Ok(states) => states,
            Err(error) => return complain(&mut self.talk, &error.into()),
        };
        if states.is_empty() {
            self.say("No earlier state is kept yet.")?;
        }
        let mut said = 0;
        let mut later = Some(Arc::clone(&self.vault));
        loop {
            let end = states.len().min(said + PAGE);
            for (number, state) in (said + 1..).zip(&states[said..end]) {
                later = self.say_state(number, state, later.as_deref())?;
            }
            said = end;
            if said < states.len() {
                self.say(format_args!("{said} of {}. more says the rest.", states.len()))?;
            }
            match self.ask_state(states.len(), said < states.len())? {
                Asked::Copy => return self.put_aside(),
                Asked::More => {}
                Asked::Left => return Ok(()),
                Asked::State(at) => return self.look(&states[at]),
            }
        }
    }

    /// Says a state, and returns what it held: what came after it tells what was done then.
    fn say_state(
        &mut self,
        number: usize,
        state: &Backup,
        later: Option<&Vault>,
    ) -> Heard<Option<Arc<Vault>>> {
        let when = self.moment(state);
        let held = match self.store.earlier(state) {
            Ok(held) => held,
            Err(error) => {
                let why = Failure::from(error).message;
                self.say(format_args!("{number}  {when}: does not open, {why}"))?;
                return Ok(None);
            }
        };
        let done = later.map(|later| differences(&held, later)).unwrap_or_default();
        let before = match done.split_first() {
            None => String::new(),
            Some((first, [])) => format!(", before: {} {}", first.name, first.what),
            Some((first, more)) => {
                format!(", before: {} {}, and {} more", first.name, first.what, more.len())
            }
        };
        let accounts = count_of(held.accounts().len(), "account");
        self.say(format_args!("{number}  {when}: {accounts}{before}"))?;
        Ok(Some(held))
    }

    fn ask_state(&mut self, count: usize, more: bool) -> Heard<Asked> {
        loop {
            let question = match count {
                0 => "copy puts one on another disk, Enter leaves: ",
                _ => "Number to look at, copy for another disk, Enter leaves: ",
            };
            let answer = self.talk.ask(question)?;
            match answer.parse::<usize>() {
                _ if matches!(answer.to_ascii_lowercase().as_str(), "c" | "copy") => return Ok(Asked::Copy),
                Ok(number) if (1..=count).contains(&number) => return Ok(Asked::State(number - 1)),
                _ if answer.is_empty() || is_cancel(&answer) => return Ok(Asked::Left),
                _ if more && matches!(answer.to_ascii_lowercase().as_str(), "m" | "more") => {
                    return Ok(Asked::More);
                }
                _ if count == 0 => self.say("Type copy or cancel.")?,
                _ => self.say(format_args!("Type a number from 1 to {count}, copy or cancel."))?,
            }
        }
    }

    /// Says what a state would change, and brings it back if that is wanted.
    fn look(&mut self, state: &Backup) -> Heard<()> {
        let held = match self.store.earlier(state) {
            Ok(held) => held,
            // What helps where the vault itself is damaged does not help here.
            Err(error) => return self.say(sentence(&Failure::from(error).message)),
        };
        let found = differences(&self.vault, &held);
        if found.is_empty() {
            return self.say("It holds what the vault holds now. There is nothing to bring back.");
        }
        self.say(format_args!("It would {}.", summary(&found)))?;
        for one in found.iter().take(PAGE) {
            self.say(in_words(one))?;
        }
        if let Some(more) = found.len().checked_sub(PAGE).filter(|more| *more > 0) {
            self.say(format_args!("And {more} more."))?;
        }
        self.say("Counters never go back. What the vault holds now is kept as well.")?;
        if !self.talk.agrees("Bring it back? y or n: ")? {
            return self.say("Nothing was changed.");
        }
        let at = self.talk.now().wall;
        let changes = return_to(&self.vault, &held, at, || AccountId::new(at, fresh_bytes()));
        let when = self.moment(state);
        if self.commit(Some(&format!("bringing back the state of {when}")), &changes)?.is_some() {
            self.counted = None;
            self.say(format_args!("Brought back the state of {when}. undo takes it back."))?;
        }
        Ok(())
    }

    /// Puts a dated copy into a directory, sealed as the vault is.
    fn put_aside(&mut self) -> Heard<()> {
        let typed = self.talk.ask("Directory on another disk, Enter leaves: ")?;
        if typed.is_empty() || is_cancel(&typed) {
            return self.say("No copy was made.");
        }
        let Some(dir) = self.path(typed.trim_matches(['"', '\'']))? else { return Ok(()) };
        let Some(stamp) = in_names(self.talk.now().wall) else {
            return complain(&mut self.talk, &Failure::undated());
        };
        let to = dir.join(format!("{COPY_PREFIX}{stamp}"));
        match Store::copy_sealed(&self.place, &to) {
            Err(error) => return complain(&mut self.talk, &error.into()),
            Ok(copy) if copy.made_dir => {
                let shown = self.paths.short(&dir);
                self.say(format_args!("Made the directory {shown}, which was not there."))?;
            }
            Ok(_) => {}
        }
        let shown = self.paths.short(&to);
        self.say(format_args!("The copy is in {shown}, and was read back."))
    }

    fn moment(&self, state: &Backup) -> String {
        format!("{} {}", date(state.when, &self.zone), time_of_day(state.when, &self.zone))
    }
}

/// What was answered to the list.
enum Asked {
    Copy,
    Left,
    More,
    State(usize),
}

/// Says what would be done to an account.
fn in_words(one: &Difference) -> String {
    let what = match one.what.as_str() {
        "added" => "comes back",
        "deleted" => "is deleted",
        other => other,
    };
    sentence(&format!("{} {what}", visible(&one.name)))
}

/// Says how many accounts come, go and change.
fn summary(found: &[Difference]) -> String {
    let count = |what: &str| found.iter().filter(|one| one.what == what).count();
    let (added, deleted) = (count("added"), count("deleted"));
    let parts = [("add", added), ("delete", deleted), ("change", found.len() - added - deleted)];
    let parts = parts.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{word} {count}"));
    parts.collect::<Vec<_>>().join(", ")
}
