//! How a code is taken: the one place that says which code is copied, what is said of it, and that it was taken.
//!
//! A counter code (HOTP) must never be shown or copied before the file holds the next counter, so it is asked for
//! here and comes back with `Outcome::Committed`; `Counter` remembers what was asked for.

use std::time::Duration;

use super::pending;
use crate::config::Expiry;
use crate::display::visible;
use crate::otp::{Code, Kind};
use crate::tui::effect::{Commit, Copied, Effect, Validity};
use crate::tui::event::Outcome;
use crate::tui::screen::{Action, Cx, Note};
use crate::vault::{Account, AccountId, Change};

/// How many columns of a name stand in a message.
const NAME: usize = 24;
/// For how long a counter code is shown.
const SHOW: Duration = Duration::from_secs(30);
/// A second press within this time is a slip of the finger, and a counter must not be wasted on it.
const SLIP: Duration = Duration::from_secs(1);

/// Answers a key that shows hidden codes when none are hidden.
pub const NOT_HIDDEN: &str = "Codes are shown already. H hides them all";

/// Returns what copies the code that is valid now, or near its end the one that the settings have then; for a counter
/// account, what reserves its next code.
pub fn current(account: &Account, cx: &Cx<'_>) -> Vec<Action> {
    if account.pending {
        return pending::refuse(account);
    }
    if matches!(account.otp.kind, Kind::Hotp { .. }) {
        return hotp(account, cx);
    }
    let copy = &cx.config.copy;
    match (account.otp.code(cx.now.wall), account.otp.seconds_left(cx.now.wall)) {
        (Ok(_), Some(left)) if copy.on_expiry == Expiry::Next && left <= copy.follow_within.0 => {
            next(account, cx)
        }
        (Ok(code), Some(left)) if copy.on_expiry == Expiry::Wait && left <= copy.follow_within.0 => {
            let name = visible(account.name()).cut(NAME);
            let text = format!("{name}: the next code is copied when it is valid, in {left} s");
            vec![Action::CopyLater(account.id, code), Action::Say(Note::plain(text))]
        }
        (Ok(code), Some(left)) => {
            let copied = take(account, cx, code, Validity::Until(cx.now.wall.plus_seconds(left.into())));
            taken(account, Copied { of: Some(account.id), ..copied })
        }
        (Err(why), _) => vec![Action::Say(Note::error(capitalised(&why.to_string())))],
        (Ok(code), None) => taken(account, take(account, cx, code, said("valid now"))),
    }
}

/// Returns what copies the code after the one that is valid now.
pub fn next(account: &Account, cx: &Cx<'_>) -> Vec<Action> {
    if account.pending {
        return pending::refuse(account);
    }
    if matches!(account.otp.kind, Kind::Hotp { .. }) {
        return vec![Action::Say(Note::plain("n: counter codes have no next code yet"))];
    }
    match (account.otp.next_code(cx.now.wall), account.otp.seconds_left(cx.now.wall)) {
        (Ok(code), Some(left)) => {
            taken(account, take(account, cx, code, Validity::From(cx.now.wall.plus_seconds(left.into()))))
        }
        (Err(why), _) => vec![Action::Say(Note::error(capitalised(&why.to_string())))],
        (Ok(code), None) => taken(account, take(account, cx, code, said("the next code"))),
    }
}

/// Returns what reserves the next counter of an account; its code comes back with the commit.
pub fn hotp(account: &Account, _cx: &Cx<'_>) -> Vec<Action> {
    vec![Action::Do(Effect::Commit(Commit::quiet(vec![Change::Advance(account.id)])))]
}

/// Returns what copies the code of a counter that was reserved.
pub fn reserved(account: &Account, counter: u64, cx: &Cx<'_>) -> Vec<Action> {
    taken(account, take(account, cx, account.otp.code_at(counter), said(&format!("counter {counter}"))))
}

/// Returns a code to copy instead of one of the same account that is over.
pub fn follow(account: &Account, code: Code, cx: &Cx<'_>) -> Copied {
    let left = account.otp.seconds_left(cx.now.wall).unwrap_or_default();
    take(account, cx, code, Validity::Changed(cx.now.wall.plus_seconds(left.into())))
}

fn take(account: &Account, cx: &Cx<'_>, code: Code, validity: Validity) -> Copied {
    let about = visible(account.name()).cut(NAME).to_string();
    let hidden = cx.hide_codes || !cx.config.copy.say_code;
    Copied { code, of: None, about, validity: Some(validity), hidden }
}

fn said(words: &str) -> Validity {
    Validity::Said(words.to_owned())
}

fn taken(account: &Account, copied: Copied) -> Vec<Action> {
    vec![Action::Do(Effect::Copy(copied)), Action::Took(account.id)]
}

/// Returns an error's line as a sentence of the screen.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The counter code of a screen: asked for, then shown until the next key or for thirty seconds.
#[derive(Debug, Default)]
pub struct Counter {
    asked: Option<Asked>,
    shown: Option<Shown>,
    last: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    id: AccountId,
    copies: bool,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    id: AccountId,
    counter: u64,
    since: Duration,
}

impl Counter {
    /// Answers Space: reserves and shows the next code.
    pub fn show(&mut self, account: &Account, cx: &Cx<'_>) -> Vec<Action> {
        self.ask(account, false, cx)
    }

    /// Answers Enter: copies the code that is shown, or else reserves the next one, shows it and copies it.
    pub fn copy(&mut self, account: &Account, cx: &Cx<'_>) -> Vec<Action> {
        match self.number(account.id, cx) {
            Some(counter) => reserved(account, counter, cx),
            None => self.ask(account, true, cx),
        }
    }

    fn ask(&mut self, account: &Account, copies: bool, cx: &Cx<'_>) -> Vec<Action> {
        let slipped = self.last.is_some_and(|last| cx.now.boot.saturating_sub(last) < SLIP);
        if slipped || self.asked.is_some() {
            return Vec::new();
        }
        self.last = Some(cx.now.boot);
        self.shown = None;
        self.asked = Some(Asked { id: account.id, copies });
        hotp(account, cx)
    }

    /// Takes the outcome of what was asked for; nothing if the outcome is another's.
    pub fn learn(&mut self, outcome: &Outcome, cx: &Cx<'_>) -> Option<Vec<Action>> {
        let asked = self.asked?;
        match outcome {
            Outcome::Committed(done) => {
                let (id, counter) = done.reserved.iter().find(|(id, _)| *id == asked.id)?;
                self.asked = None;
                self.shown = Some(Shown { id: *id, counter: *counter, since: cx.now.boot });
                let account = done.vault.account(*id).filter(|_| asked.copies);
                Some(account.map_or_else(Vec::new, |account| reserved(account, *counter, cx)))
            }
            Outcome::Refused(_, refused) if refused.changes.contains(&Change::Advance(asked.id)) => {
                self.asked = None;
                Some(Vec::new())
            }
            _ => None,
        }
    }

    /// Returns the counter whose code is shown for an account, if one is.
    pub fn number(&self, id: AccountId, cx: &Cx<'_>) -> Option<u64> {
        self.shown
            .filter(|shown| shown.id == id && cx.now.boot.saturating_sub(shown.since) < SHOW)
            .map(|shown| shown.counter)
    }

    /// Returns the code that is shown for an account, if one is.
    pub fn code(&self, account: &Account, cx: &Cx<'_>) -> Option<Code> {
        self.number(account.id, cx).map(|counter| account.otp.code_at(counter))
    }

    /// Stops showing: another key was pressed.
    pub fn hide(&mut self) {
        self.shown = None;
    }

    /// Says whether a code is shown that will go away by itself.
    pub fn ticks(&self, cx: &Cx<'_>) -> bool {
        self.shown.is_some_and(|shown| cx.now.boot.saturating_sub(shown.since) < SHOW)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::config::Config;
    use crate::otp::{Algorithm, Digits, Now, Otp, Secret, Timestamp};
    use crate::tui::event::Committed;
    use crate::tui::screen::Facts;
    use crate::tui::theme::Theme;
    use crate::vault::{DeviceId, Vault};

    struct Desk {
        vault: Vault,
        theme: Theme,
        facts: Facts,
        config: Config,
        now: Now,
        uses: std::collections::BTreeMap<AccountId, (u64, Timestamp)>,
        spots: crate::tui::screen::Spots,
    }

    impl Desk {
        fn new(kind: Kind) -> Self {
            let secret = Secret::from_bytes(&[7; 20]).unwrap();
            let otp = Otp { secret, algorithm: Algorithm::Sha1, digits: Digits::SIX, kind };
            let at = Timestamp::from_seconds(1_000_000_009);
            let account = Account::new(AccountId::new(at, [1; 10]), "Old\u{7} bank", "alice", otp, at);
            let mut vault = Vault::new(Uuid::nil());
            vault.apply(&Change::Add(Box::new(account)), at, DeviceId(1)).unwrap();
            let now = Now { wall: at, boot: Duration::from_secs(100) };
            Self {
                vault,
                theme: Theme::new(true, false),
                facts: Facts::default(),
                config: Config::default(),
                now,
                uses: std::collections::BTreeMap::new(),
                spots: crate::tui::screen::Spots::default(),
            }
        }

        fn cx(&self) -> Cx<'_> {
            Cx {
                vault: &self.vault,
                now: self.now,
                theme: &self.theme,
                facts: &self.facts,
                uses: &self.uses,
                config: &self.config,
                trusted: false,
                hide_codes: false,
                spots: &self.spots,
            }
        }

        fn account(&self) -> &Account {
            &self.vault.accounts()[0]
        }

        /// Carries out an advance as the keeper would.
        fn advance(&mut self) -> Outcome {
            let id = self.account().id;
            let applied = self.vault.apply(&Change::Advance(id), self.now.wall, DeviceId(1)).unwrap();
            Outcome::Committed(Committed {
                vault: Arc::new(self.vault.clone()),
                inverse: Vec::new(),
                undoes: None,
                says: None,
                reserved: applied.reserved.into_iter().collect(),
                unsure: None,
            })
        }
    }

    fn copied(actions: &[Action]) -> Option<&Copied> {
        actions.iter().find_map(|action| match action {
            Action::Do(Effect::Copy(copied)) => Some(copied),
            _ => None,
        })
    }

    #[test]
    fn a_copy_says_how_long_the_code_is_valid_and_counts_it() {
        let desk = Desk::new(Kind::TOTP);
        let actions = current(desk.account(), &desk.cx());
        let copied = copied(&actions).unwrap();
        assert_eq!(copied.code, desk.account().otp.code(desk.now.wall).unwrap());
        let validity = copied.validity.as_ref().unwrap();
        assert_eq!(validity.words(desk.now.wall), "11 s left");
        assert_eq!(validity.words(desk.now.wall.plus_seconds(10)), "1 s left");
        assert_eq!(validity.words(desk.now.wall.plus_seconds(11)), "its time is over");
        assert!(!copied.about.contains('\u{7}'));
        assert!(matches!(actions[1], Action::Took(id) if id == desk.account().id));
    }

    #[test]
    fn the_next_code_is_the_one_of_the_next_step() {
        let desk = Desk::new(Kind::TOTP);
        let actions = next(desk.account(), &desk.cx());
        let copied = copied(&actions).unwrap();
        assert_eq!(copied.code, desk.account().otp.next_code(desk.now.wall).unwrap());
        let validity = copied.validity.as_ref().unwrap();
        assert_eq!(validity.words(desk.now.wall), "the next code, valid in 11 s");
        assert_eq!(validity.words(desk.now.wall.plus_seconds(11)), "valid now");
    }

    #[test]
    fn a_counter_code_is_copied_only_after_it_was_reserved() {
        let mut desk = Desk::new(Kind::Hotp { counter: 42 });
        let mut counter = Counter::default();
        let actions = counter.copy(desk.account(), &desk.cx());
        assert!(matches!(&actions[..], [Action::Do(Effect::Commit(asked))]
            if *asked == Commit::quiet(vec![Change::Advance(desk.account().id)])));
        assert!(counter.code(desk.account(), &desk.cx()).is_none());

        let outcome = desk.advance();
        let actions = counter.learn(&outcome, &desk.cx()).unwrap();
        assert_eq!(copied(&actions).unwrap().code, desk.account().otp.code_at(42));
        assert_eq!(counter.number(desk.account().id, &desk.cx()), Some(42));
    }

    #[test]
    fn a_second_press_within_a_second_wastes_no_counter() {
        let mut desk = Desk::new(Kind::Hotp { counter: 0 });
        let mut counter = Counter::default();
        assert_eq!(counter.show(desk.account(), &desk.cx()).len(), 1);
        let outcome = desk.advance();
        assert!(counter.learn(&outcome, &desk.cx()).unwrap().is_empty());
        assert!(counter.show(desk.account(), &desk.cx()).is_empty());
        desk.now.boot += SLIP;
        assert_eq!(counter.show(desk.account(), &desk.cx()).len(), 1);
    }

    #[test]
    fn a_counter_code_goes_away_after_thirty_seconds() {
        let mut desk = Desk::new(Kind::Hotp { counter: 0 });
        let mut counter = Counter::default();
        counter.show(desk.account(), &desk.cx());
        let outcome = desk.advance();
        counter.learn(&outcome, &desk.cx());
        assert!(counter.ticks(&desk.cx()));
        desk.now.boot += SHOW;
        assert!(counter.code(desk.account(), &desk.cx()).is_none());
        assert!(!counter.ticks(&desk.cx()));
    }
}
