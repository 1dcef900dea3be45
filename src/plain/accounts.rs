//! Finding an account, and its code.

use super::Plain;
use super::spoken::{count, count_of, who};
use super::talk::Heard;
use crate::display::visible;
use crate::otp::{Code, Kind, NoCode};
use crate::system::clock::date;
use crate::vault::{Account, AccountId, Change, Checked, Resolve, closest, find, resolve};
use crate::words::sentence;

/// How many accounts are said at once.
const PAGE: usize = 20;

impl Plain {
    /// Lists all accounts, pinned ones first, or those that match.
    pub(super) fn list(&mut self, words: &str) -> Heard<()> {
        let accounts = self.vault.accounts();
        let mut found: Vec<&Account> =
            find(accounts, words).into_iter().map(|found| &accounts[found.index]).collect();
        if words.is_empty() {
            found.sort_by_key(|account| !account.pinned);
        }
        let ids: Vec<AccountId> = found.into_iter().map(|account| account.id).collect();
        match (ids.len(), words) {
            (0, "") => self.say("No accounts yet. add adds one."),
            (0, _) => self.nothing(words),
            (number, "") => {
                self.say(format_args!("{}.", count_of(number, "account")))?;
                self.say_list(ids)
            }
            (number, _) => {
                self.say(matches(number))?;
                self.say_list(ids)
            }
        }
    }

    fn say_list(&mut self, ids: Vec<AccountId>) -> Heard<()> {
        self.listed = ids;
        self.said = 0;
        self.more()
    }

    /// Says the next accounts of the list.
    pub(super) fn more(&mut self) -> Heard<()> {
        if self.said >= self.listed.len() {
            return self.say("No more. list begins anew.");
        }
        let end = self.listed.len().min(self.said + PAGE);
        let lines: Vec<String> = (self.said + 1..)
            .zip(&self.listed[self.said..end])
            .filter_map(|(number, id)| Some(format!("{number}  {}", line(self.vault.account(*id)?))))
            .collect();
        for line in lines {
            self.say(line)?;
        }
        self.said = end;
        if end < self.listed.len() {
            self.say(format_args!("{end} of {}. more says the rest.", self.listed.len()))?;
        }
        Ok(())
    }

    /// Takes a number of the list, or what a name has in it: one account is chosen, several are listed.
    pub(super) fn search(&mut self, words: &str) -> Heard<()> {
        if words.is_empty() {
            return self.list("");
        }
        if let Ok(number) = words.parse::<usize>()
            && let Some(id) = number.checked_sub(1).and_then(|index| self.listed.get(index))
        {
            let id = *id;
            return self.choose_account(id);
        }
        let accounts = self.vault.accounts();
        match resolve(accounts, words) {
            Ok(index) => {
                let id = accounts[index].id;
                self.choose_account(id)
            }
            Err(Resolve::Many(indices)) => {
                let ids: Vec<AccountId> = indices.into_iter().map(|index| accounts[index].id).collect();
                self.say(matches(ids.len()))?;
                self.say_list(ids)
            }
            Err(Resolve::None(_)) => self.list(words),
        }
    }

    fn nothing(&mut self, words: &str) -> Heard<()> {
        if self.vault.accounts().is_empty() {
            return self.say("No accounts yet. add adds one.");
        }
        if words.parse::<usize>().is_ok() {
            return if self.listed.is_empty() {
                self.say(format_args!("No list yet, so {words} is nobody. list says all, with numbers."))
            } else {
                self.say(format_args!("{words} is not in the list, and no name has it. list begins anew."))
            };
        }
        self.say(format_args!("Nothing matches \"{}\".", visible(words).cut(40)))?;
        let accounts = self.vault.accounts();
        let near: Vec<AccountId> =
            closest(accounts, words).into_iter().map(|index| accounts[index].id).collect();
        if near.is_empty() {
            return Ok(());
        }
        self.say("Called alike:")?;
        self.say_list(near)
    }

    fn choose_account(&mut self, id: AccountId) -> Heard<()> {
        self.current = Some(id);
        let Some(account) = self.current() else {
            return self.say("Gone. It was deleted meanwhile. list begins anew.");
        };
        let name = format!("{}. ", who(account));
        if account.pending {
            let text =
                "Not in force: its codes are not said before check has seen two codes of the other device.";
            return self.say(format_args!("{name}{text}"));
        }
        if matches!(account.otp.kind, Kind::Hotp { .. }) {
            return self.say(format_args!("{name}Counter codes: n makes the next one."));
        }
        self.tell(&name, true)
    }

    /// Says the code of the chosen account, with the time left.
    pub(super) fn say_code(&mut self, copies: bool) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        if account.pending {
            return self.choose_account(account.id);
        }
        if let Some((id, code)) = &self.counted
            && *id == account.id
        {
            let code = code.clone();
            let copied = if copies { self.take(account.id, &code)? } else { String::new() };
            let spelled = super::spoken::code(&code, self.spell);
            return self.say(format_args!("Code {}.{copied}", spelled.as_str()));
        }
        self.tell("", copies)
    }

    /// Says name, code and time left of the chosen account.
    fn tell(&mut self, name: &str, copies: bool) -> Heard<()> {
        let Some(account) = self.current().cloned() else { return Ok(()) };
        let now = self.talk.now().wall;
        let code = match account.otp.code(now) {
            Ok(code) => code,
            Err(NoCode::OnRequest) => {
                return self.say(format_args!("{name}Counter codes: n makes the next one."));
            }
            Err(error) => return self.say(format_args!("{name}{}", sentence(&error.to_string()))),
        };
        let left = account.otp.seconds_left(now).unwrap_or(0);
        let mut words = zeroize::Zeroizing::new(format!(
            "{name}Code {}. {} left.",
            super::spoken::code(&code, self.spell).as_str(),
            count(left, "second")
        ));
        if left <= self.config.screen.next_in_last.0
            && let Ok(next) = account.otp.next_code(now)
        {
            words.push_str(&format!(" Then {}.", super::spoken::code(&next, self.spell).as_str()));
        }
        if copies {
            words.push_str(&self.take(account.id, &code)?);
        }
        if !name.is_empty() && account.checked == Checked::Never {
            words.push_str(" Not checked yet.");
        }
        self.say(words.as_str())
    }

    /// Says the next code; of a counter it is made now, and the counter is saved before.
    pub(super) fn next(&mut self) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        if account.pending {
            return self.choose_account(account.id);
        }
        if matches!(account.otp.kind, Kind::Hotp { .. }) {
            let Some(code) = self.advance(&account)? else { return Ok(()) };
            let copied = self.take(account.id, &code)?;
            let spelled = super::spoken::code(&code, self.spell);
            return self.say(format_args!("Code {}.{copied}", spelled.as_str()));
        }
        let now = self.talk.now().wall;
        let code = match account.otp.next_code(now) {
            Ok(code) => code,
            Err(error) => return self.say(sentence(&error.to_string())),
        };
        let left = account.otp.seconds_left(now).unwrap_or(0);
        let copied = self.take(account.id, &code)?;
        let spelled = super::spoken::code(&code, self.spell);
        self.say(format_args!("Next code {}. Valid in {}.{copied}", spelled.as_str(), count(left, "second")))
    }

    /// Takes the next counter, and returns its code once that is saved.
    pub(super) fn advance(&mut self, account: &Account) -> Heard<Option<Code>> {
        let Some(done) = self.commit(None, &[Change::Advance(account.id)])? else { return Ok(None) };
        let Some((_, counter)) = done.reserved.iter().find(|(id, _)| *id == account.id) else {
            self.say("No code: the counter is not safely saved, and a code must not come twice.")?;
            return Ok(None);
        };
        let code = account.otp.code_at(*counter);
        self.counted = Some((account.id, code.clone()));
        Ok(Some(code))
    }

    /// Copies a code and counts it as used; returns what is to be said of that, after a blank.
    pub(super) fn take(&mut self, id: AccountId, code: &Code) -> Heard<String> {
        let at = self.talk.now().wall;
        let (times, last) = self.uses.entry(id).or_insert((0, at));
        *times += 1;
        *last = at;
        self.warned = false;
        Ok(self.talk.copy(code)?.map(|words| format!(" {words}")).unwrap_or_default())
    }

    /// Says everything about the account but its secret.
    pub(super) fn show(&mut self) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        let mut lines = vec![who(&account).to_string()];
        if !account.group.is_empty() {
            lines.push(format!("Group: {}", visible(&account.group)));
        }
        if !account.note.is_empty() {
            lines.push(format!("Note: {}", visible(&account.note)));
        }
        lines.push(format!("Settings: {}", super::spoken::settings(&account.otp)));
        lines.push(match account.checked {
            _ if account.pending => "Not in force: waits for two codes of the other device".to_owned(),
            Checked::ByDevice(at) => format!("Checked: {}, with two codes", date(at, &self.zone)),
            Checked::BySite(at) => format!("Checked: {}, by the site", date(at, &self.zone)),
            Checked::Never => "Not checked yet".to_owned(),
        });
        let lately = self.uses.get(&account.id).map_or(0, |(times, _)| *times);
        lines.push(match account.used.count + lately {
            0 => "Used: never".to_owned(),
            times => format!("Used: {}", count(times, "time")),
        });
        lines.push(format!("Added: {}", date(account.added, &self.zone)));
        if account.pinned {
            lines.push("Pinned".to_owned());
        }
        for line in lines {
            self.say(line)?;
        }
        Ok(())
    }
}

fn matches(number: usize) -> String {
    if number == 1 { "1 matches.".to_owned() } else { format!("{number} match.") }
}

/// Returns an account as a list has it.
fn line(account: &Account) -> String {
    let mut line = who(account).to_string();
    for (is, word) in [
        (account.pinned, "pinned"),
        (account.pending, "not in force"),
        (!account.pending && account.checked == Checked::Never, "not checked"),
    ] {
        if is {
            line.push_str(", ");
            line.push_str(word);
        }
    }
    line
}
