//! Changing what is there: names, groups, notes, pins; deleting, and taking back.

use super::spoken::{count, settings, who};
use super::talk::{Heard, is_cancel};
use super::{Plain, wiped};
use crate::config::AskAgain;
use crate::display::visible;
use crate::otp::{Algorithm, Digits, Kind, Otp, Period};
use crate::system::clock::date;
use crate::vault::{Account, Change, Edit};
use crate::words::sentence;

impl Plain {
    /// Asks what to change, and changes it.
    pub(super) fn edit(&mut self) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        let shown = |text: &str| if text.is_empty() { "none".to_owned() } else { visible(text).to_string() };
        for line in [
            format!("1  Name: {}", shown(&account.issuer)),
            format!("2  User name: {}", shown(&account.account)),
            format!("3  Group: {}", shown(&account.group)),
            format!("4  Note: {}", shown(&account.note)),
            format!("5  Settings: {}", settings(&account.otp)),
        ] {
            self.say(line)?;
        }
        let Some(field) = self.talk.choose("Number of what to change, Enter leaves: ", 5, false)? else {
            return Ok(());
        };
        if field == 4 {
            return self.edit_settings(&account);
        }
        let Some(text) = self.new_text("New text, none empties it, Enter keeps it: ")? else {
            return self.say("Nothing was changed.");
        };
        let mut edit = Edit::default();
        match field {
            0 => edit.issuer = Some(text),
            1 => edit.account = Some(text),
            2 => edit.group = Some(text),
            _ => edit.note = Some(text),
        }
        self.save_edit(&account, edit)
    }

    /// Asks for text that replaces another: nothing to keep it, empty text for `none`.
    fn new_text(&mut self, question: &str) -> Heard<Option<String>> {
        let answer = self.talk.ask(question)?;
        Ok(match answer.as_str() {
            "" => None,
            text if is_cancel(text) => None,
            "none" => Some(String::new()),
            text => Some(text.to_owned()),
        })
    }

    fn save_edit(&mut self, account: &Account, edit: Edit) -> Heard<()> {
        let name = who(account).to_string();
        let change = Change::Edit(account.id, Box::new(edit));
        let Some(done) = self.commit(Some(&name), &[change])? else { return Ok(()) };
        let now = done.vault.account(account.id).map(|account| who(account).to_string());
        self.say(format_args!("Saved. {}. undo takes it back.", now.unwrap_or(name)))
    }

    fn edit_settings(&mut self, account: &Account) -> Heard<()> {
        let (fixed, counts) = match account.otp.kind {
            Kind::Totp { .. } => (false, false),
            Kind::Hotp { .. } => (false, true),
            Kind::Motp { .. } | Kind::Steam | Kind::Yandex { .. } => (true, false),
        };
        if fixed {
            return self.say("Fixed. Codes of this kind have a form of their own.");
        }
        let mut otp = account.otp.clone();
        for (number, algorithm) in (1..).zip(Algorithm::ALL) {
            self.say(format_args!("{number}  {}", algorithm.name()))?;
        }
        let at = self.talk.choose("Hash, Enter keeps it: ", Algorithm::ALL.len(), false)?;
        if let Some(at) = at {
            otp.algorithm = Algorithm::ALL[at];
        }
        if let Some(digits) = self.number("Digits, 1 to 10, Enter keeps them: ", Digits::new)? {
            otp.digits = digits;
        }
        if !counts && let Some(period) = self.number("Seconds of a code, Enter keeps them: ", Period::new)? {
            otp.kind = Kind::Totp { period };
        }
        if otp == account.otp {
            return self.say("Nothing was changed.");
        }
        self.save_edit(account, Edit { otp: Some(otp), ..Edit::default() })
    }

    /// Asks for a number until it is one that can be; nothing if it stays as it is.
    fn number<T, E: std::fmt::Display>(
        &mut self,
        question: &str,
        read: impl Fn(u64) -> Result<T, E>,
    ) -> Heard<Option<T>> {
        loop {
            let answer = self.talk.ask(question)?;
            if answer.is_empty() || is_cancel(&answer) {
                return Ok(None);
            }
            match answer.parse::<u64>().map(&read) {
                Ok(Ok(value)) => return Ok(Some(value)),
                Ok(Err(error)) => self.say(sentence(&error.to_string()))?,
                Err(_) => self.say("Type a number.")?,
            }
        }
    }

    /// Asks for a group, those in use by their numbers.
    pub(super) fn group(&mut self) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        let groups: Vec<String> = self.vault.groups().into_iter().map(str::to_owned).collect();
        for (number, group) in (1..).zip(&groups) {
            self.say(format_args!("{number}  {}", visible(group)))?;
        }
        let Some(mut group) = self.new_text("Group: number or new name, none, Enter keeps it: ")? else {
            return self.say("Nothing was changed.");
        };
        if let Some(known) = group.parse::<usize>().ok().and_then(|number| groups.get(number.checked_sub(1)?))
        {
            group.clone_from(known);
        }
        self.save_edit(&account, Edit { group: Some(group), ..Edit::default() })
    }

    /// Pins the account, or takes the pin off.
    pub(super) fn pin(&mut self) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        let name = who(&account).to_string();
        let edit = Edit { pinned: Some(!account.pinned), ..Edit::default() };
        let change = Change::Edit(account.id, Box::new(edit));
        if self.commit(Some(&name), &[change])?.is_none() {
            return Ok(());
        }
        self.say(format_args!("{} {name}.", if account.pinned { "Unpinned" } else { "Pinned" }))
    }

    /// Deletes the account; it can be brought back for thirty days.
    pub(super) fn delete(&mut self) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        let name = who(&account).to_string();
        let change = Change::Remove(account.id, self.talk.now().wall);
        if self.commit(Some(&name), &[change])?.is_none() {
            return Ok(());
        }
        self.current = None;
        self.say(format_args!("Deleted {name}. undo brings it back, for 30 days also deleted."))?;
        self.say("This does not turn off MFA at the site.")
    }

    /// Takes back the last change.
    pub(super) fn undo(&mut self) -> Heard<()> {
        let Some((name, changes)) = self.undo.pop() else { return self.say("Nothing to undo.") };
        if self.commit(None, &changes)?.is_none() {
            self.undo.push((name, changes));
            return Ok(());
        }
        self.say(format_args!("Undone: {name}."))
    }

    /// Lists what was deleted, and brings one back.
    pub(super) fn deleted(&mut self) -> Heard<()> {
        let gone: Vec<(Account, String)> = self
            .vault
            .deleted()
            .iter()
            .rev()
            .filter_map(|deleted| {
                let account = deleted.account.as_deref()?.clone();
                let line = format!("{}, deleted {}", who(&account), date(deleted.at, &self.zone));
                Some((account, line))
            })
            .collect();
        if gone.is_empty() {
            return self.say("Nothing is deleted.");
        }
        for (number, (_, line)) in (1..).zip(&gone) {
            self.say(format_args!("{number}  {line}"))?;
        }
        let Some(at) = self.talk.choose("Number to bring back, Enter leaves: ", gone.len(), false)? else {
            return Ok(());
        };
        let (account, _) = &gone[at];
        let name = who(account).to_string();
        if self.commit(Some(&name), &[Change::Restore(account.id)])?.is_some() {
            self.current = Some(account.id);
            self.say(format_args!("Put back {name}."))?;
        }
        Ok(())
    }

    /// Says the secret key, or prints it as a QR code, after the passphrase.
    pub(super) fn secret(&mut self) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        if !self.trusts(AskAgain::ShowSecret, "to show the secret")? {
            return Ok(());
        }
        self.say("1  The key")?;
        self.say("2  A QR code as text, for a dark screen")?;
        self.say("3  A QR code as text, for a light screen")?;
        let Some(way) = self.talk.choose("Number, Enter leaves: ", 3, false)? else { return Ok(()) };
        if way > 0 {
            return self.print_code(&account.issuer, &account.account, &account.otp, way == 2);
        }
        self.say_key(&account.otp)
    }

    /// Says a secret key in groups, and what else the other device must be set to.
    pub(super) fn say_key(&mut self, otp: &Otp) -> Heard<()> {
        let groups = otp.secret.to_groups();
        let mut key = wiped("Key: ");
        if self.spell {
            for (at, letter) in groups.chars().enumerate() {
                match letter {
                    ' ' => key.push(','),
                    letter => key.extend([' ', letter].into_iter().skip(usize::from(at == 0))),
                }
            }
        } else {
            key.push_str(&groups);
        }
        self.say(key.as_str())?;
        self.say(format_args!("{}: {}.", count(otp.secret.bits() as u64, "bit"), settings(otp)))
    }
}
