//! Two codes that prove that both sides have the same secret, and the rehearsal of a sign-in.

use std::time::Duration;

use super::Plain;
use super::spoken::{count, who};
use super::talk::{Heard, is_cancel};
use crate::otp::{
    Code, Finding, Kind, Observation, Otp, Seen as SeenCode, Timestamp, Verdict, Verifier, diagnose, explain,
};
use crate::vault::{Account, AccountId, Change, Checked, Edit};
use crate::words::finding::{Remedy, judge, words};
use crate::words::sentence;

/// How often it is looked whether the second code is there.
const STEP: Duration = Duration::from_millis(100);
/// A first code with fewer seconds left than this is not started with.
const TOO_LATE: u32 = 8;

/// What two codes have shown.
pub(super) enum Seen {
    /// They were right, and the account is saved as checked.
    Checked,
    /// Nothing: it stays not checked.
    Not,
}

impl Plain {
    /// Says two codes for the site, one after the other, and asks whether it took them. Nothing if it did not.
    pub(super) fn site(&mut self, id: AccountId) -> Heard<Option<Seen>> {
        loop {
            let Some(account) = self.vault.account(id).cloned() else { return Ok(Some(Seen::Not)) };
            let said = match account.otp.kind {
                Kind::Hotp { .. } => self.two_counted(&account)?,
                _ => self.two_timed(&account)?,
            };
            if !said {
                return Ok(Some(Seen::Not));
            }
            loop {
                let answer = self.talk.ask("Did the site accept? y, n, skip, or again: ")?;
                match answer.to_ascii_lowercase().as_str() {
                    "y" | "yes" => {
                        let by_site = Checked::BySite(self.talk.now().wall);
                        return Ok(Some(self.save_checked(id, by_site, None)?));
                    }
                    "n" | "no" => {
                        self.say("Two codes of your phone tell why, if the account is there too.")?;
                        self.say("If not: is it the newest QR code? Did the site want one code only?")?;
                        return Ok(None);
                    }
                    "skip" | "s" | "cancel" => return Ok(Some(Seen::Not)),
                    "again" | "a" => break,
                    _ => self.say("Type y, n, skip or again.")?,
                }
            }
        }
    }

    fn two_counted(&mut self, account: &Account) -> Heard<bool> {
        for number in ["1", "2"] {
            let Some(code) = self.advance(account)? else { return Ok(false) };
            let copied = self.take(account.id, &code)?;
            let spelled = super::spoken::code(&code, self.spell);
            self.say(format_args!("Code {number} is {}.{copied} Type it at the site.", spelled.as_str()))?;
            if number == "1" && is_cancel(&self.talk.ask("Enter says code 2: ")?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn two_timed(&mut self, account: &Account) -> Heard<bool> {
        let otp = &account.otp;
        let Ok(mut first) = otp.step(self.talk.now().wall) else {
            self.say("No code: this computer's clock is before 1970.")?;
            return Ok(false);
        };
        if !self.stands && otp.seconds_left(self.talk.now().wall).is_some_and(|left| left < TOO_LATE) {
            first += 1;
            self.await_step(otp, first)?;
        }
        self.say_numbered(account, 1, &otp.code_at(first), self.left(otp, first))?;
        let left = self.left(otp, first);
        self.say(format_args!(
            "Enter says code 2 when it is there, in {}. now says it early.",
            count(left, "second")
        ))?;
        let answer = self.talk.ask("> ")?;
        if is_cancel(&answer) {
            return Ok(false);
        }
        // A clock that stands never gets there.
        if answer.as_str() != "now" && !self.stands {
            self.await_step(otp, first + 1)?;
        }
        self.say_numbered(account, 2, &otp.code_at(first + 1), self.left(otp, first + 1))?;
        Ok(true)
    }

    fn say_numbered(&mut self, account: &Account, number: u8, code: &Code, left: u32) -> Heard<()> {
        let copied = self.take(account.id, code)?;
        let spelled = super::spoken::code(code, self.spell);
        let left = count(left, "second");
        self.say(format_args!(
            "Code {number} is {}. {left} left.{copied} Type it at the site.",
            spelled.as_str()
        ))
    }

    /// Returns for how many seconds from now on a step lasts.
    fn left(&self, otp: &Otp, step: u64) -> u32 {
        let period = otp.period().map_or(0, |period| u64::from(period.seconds()));
        let end = i64::try_from(step.saturating_add(1).saturating_mul(period)).unwrap_or(i64::MAX);
        u32::try_from(Timestamp::from_seconds(end).seconds_since(self.talk.now().wall)).unwrap_or(0)
    }

    fn await_step(&mut self, otp: &Otp, step: u64) -> Heard<()> {
        self.talk.wait(STEP, |now| otp.step(now.wall).is_ok_and(|there| there >= step))
    }

    /// Compares two codes of another device of the chosen account.
    pub(super) fn check(&mut self) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        let name = who(&account);
        match self.compare(account.id, "", false)? {
            Some(Seen::Checked) => self.say(format_args!("Saved as checked. {name}.")),
            Some(Seen::Not) | None => self.say(format_args!("Left as it was. {name}.")),
        }
    }

    /// Asks for two codes of another device, says what they tell, and does what is chosen. Nothing if the secret is
    /// to be typed again, which is offered only if it `can_go_back`.
    pub(super) fn compare(&mut self, id: AccountId, typed: &str, can_go_back: bool) -> Heard<Option<Seen>> {
        self.say("Type the code of the other device, then the one after it.")?;
        loop {
            let Some(otp) = self.vault.account(id).map(|account| account.otp.clone()) else {
                return Ok(Some(Seen::Not));
            };
            let mut codes = Vec::with_capacity(2);
            for question in ["Its code 1, Enter leaves: ", "Its code 2, Enter leaves: "] {
                let code = self.talk.ask(question)?;
                if code.is_empty() || is_cancel(&code) {
                    return Ok(Some(Seen::Not));
                }
                codes.push((code, self.talk.now().wall));
            }
            let finding = diagnose(&Observation {
                otp: &otp,
                key: Some(typed).filter(|key| !key.is_empty()),
                first: SeenCode { code: &codes[0].0, at: codes[0].1 },
                second: SeenCode { code: &codes[1].0, at: codes[1].1 },
            });
            let mut found = words(&finding, &otp, typed, self.synchronised);
            self.say(&found.note.text)?;
            if let Finding::Mistyped { place, typed, right, .. } = &finding {
                let typed = typed.to_ascii_uppercase();
                self.say(format_args!("Character {place}: you typed {typed}, the device has {right}."))?;
            }
            for line in &found.more {
                self.say(line.split_whitespace().collect::<Vec<_>>().join(" "))?;
            }
            found.remedies.retain(|(_, remedy)| can_go_back || *remedy != Remedy::Secret);
            for (number, (text, _)) in (1..).zip(&found.remedies) {
                self.say(format_args!("{number}  {text}"))?;
            }
            let chosen = self.talk.choose("Number, Enter is 1: ", found.remedies.len(), true)?;
            let by_device = Checked::ByDevice(self.talk.now().wall);
            match chosen.map(|chosen| found.remedies[chosen].1) {
                Some(Remedy::Adopt) => return Ok(Some(self.save_checked(id, by_device, found.otp)?)),
                Some(Remedy::Save) => return Ok(Some(self.save_checked(id, by_device, None)?)),
                Some(Remedy::Again) => {}
                Some(Remedy::Secret) => return Ok(None),
                Some(Remedy::SaveUnchecked) | None => return Ok(Some(Seen::Not)),
            }
        }
    }

    fn save_checked(&mut self, id: AccountId, checked: Checked, otp: Option<Otp>) -> Heard<Seen> {
        let name = self.vault.account(id).map(|account| who(account).to_string()).unwrap_or_default();
        let edit = Edit { otp, checked: Some(checked), pending: Some(false), ..Edit::default() };
        let done = self.commit(Some(&name), &[Change::Edit(id, Box::new(edit))])?;
        Ok(if done.is_some() { Seen::Checked } else { Seen::Not })
    }

    /// Rehearses a sign-in: codes are judged by the rules of a real one, and nothing is written.
    pub(super) fn test(&mut self) -> Heard<()> {
        let Some(account) = self.chosen()? else { return Ok(()) };
        self.say("Test MFA. A rehearsal: nothing changes. Type the code of your other device.")?;
        let mut verifier = Verifier::default().with_window(self.config.check.window.into());
        loop {
            let typed = self.talk.ask("Verification code, Enter leaves: ")?;
            if typed.is_empty() || is_cancel(&typed) {
                return self.say("Rehearsal over.");
            }
            let now = self.talk.now();
            let verdict = verifier.check(&account.otp, &typed, now);
            let why = explain(&account.otp, &typed, now.wall).filter(|_| verdict == Verdict::Wrong);
            self.say(sentence(&judge(verdict, why, &account.otp).text))?;
            if let (Verdict::Wrong, Some(seconds)) = (verdict, verifier.wait(self.talk.now())) {
                let wait = count(seconds, "second");
                self.say(format_args!("{} wrong tries: a sign-in would wait {wait}.", Verifier::TRIES))?;
            }
        }
    }
}
