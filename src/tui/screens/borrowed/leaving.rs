//! The ways out: to the passphrase, since something needs the vault itself or the agent gives no more; and the lock. The
//! codes go before anything else.

use super::{ABOUT, Borrowed};
use crate::failure::Failure;
use crate::tui::effect::Effect;
use crate::tui::errand::Errand;
use crate::tui::key::Key;
use crate::tui::lent::Question;
use crate::tui::screen::{Action, Cx, Reply};
use crate::tui::widgets::sentence;
use crate::vault::Index;

use super::single::Single;

impl Borrowed {
    /// Has the agent forget everything; the codes here go at once.
    pub(super) fn forget(&mut self, cx: &Cx<'_>) -> Reply {
        self.drop_codes();
        self.forgets = true;
        self.asked = Some(cx.now.boot);
        Reply::act(Action::Do(Effect::AskAgent(Question::Forget)))
    }

    pub(super) fn drop_codes(&mut self) {
        self.rows = Vec::new();
        self.index = Index::new(&[]);
        self.shown = Vec::new();
        self.single = Single::default();
        self.following = None;
    }

    /// Leads to the passphrase, since something needs the vault itself; the key is pressed when it is open.
    pub(super) fn need(&mut self, what: &str, key: Option<Key>) -> Reply {
        let why =
            format!("The agent gives codes only: {what} needs the vault itself, and so the passphrase.");
        let account = self.chosen().map(|lent| lent.id.clone());
        self.drop_codes();
        let key = key.map(|key| key.to_string());
        Reply::act(Action::Do(Effect::Leave(Errand { why, warns: false, account, key, back: true })))
    }

    /// The same for something that is about an account: without one there is nothing to do.
    pub(super) fn need_for(&mut self, what: &str, key: Option<Key>) -> Reply {
        if self.chosen().is_none() { self.nothing() } else { self.need(what, key) }
    }

    /// Leads to the passphrase because somebody wants to.
    pub(super) fn unlock(&mut self) -> Reply {
        let account = self.chosen().map(|lent| lent.id.clone());
        self.drop_codes();
        let why = "The passphrase unlocks the vault itself. Esc goes back to the agent's codes.".to_owned();
        Reply::act(Action::Do(Effect::Leave(Errand { why, warns: false, account, key: None, back: true })))
    }

    /// Leads to the passphrase, since the agent gives no more.
    pub(super) fn leave(&mut self, why: String) -> Action {
        let account = self.chosen().map(|lent| lent.id.clone());
        self.drop_codes();
        Action::Do(Effect::Leave(Errand { why, warns: true, account, key: None, back: false }))
    }

    pub(super) fn failed(&mut self, failure: &Failure, cx: &Cx<'_>) -> Action {
        let timely = self.ends.is_some_and(|(ends, _)| cx.now.boot + ABOUT >= ends);
        let text = if timely && failure.hints.is_empty() {
            "The agent's time is over: it has forgotten everything.".to_owned()
        } else {
            let hints = failure.hints.iter().map(|hint| format!(" {}", sentence(hint)));
            sentence(&failure.message) + &hints.collect::<String>()
        };
        self.leave(text)
    }

    /// Returns what is said of an agent that does not do as it is told.
    pub(super) fn still_holds(&self) -> String {
        let which = self.pid.map_or_else(String::new, |pid| format!(", {pid}"));
        format!("The agent does not answer, and may still hold the vault. End its process{which}.")
    }
}
