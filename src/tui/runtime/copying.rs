//! What the loop does to the clipboard: it sends a code there, says how that went, and takes back what was left on the way
//! and what is over.

use std::time::Duration;

use zeroize::Zeroizing;

use super::Runtime;
use crate::config::Config;
use crate::failure::Failure;
use crate::system::clipboard::{self, Explanation};
use crate::system::holder;
use crate::tui::effect::Copied;
use crate::tui::event::{Outcome, Proof, Sent, Way};

/// After a copy through tmux, the time after which what tmux kept of it is deleted.
const SETTLE_AFTER: Duration = Duration::from_secs(1);

/// Returns what the clipboard is told of the settings.
pub(super) fn sending(config: &Config) -> clipboard::Settings {
    clipboard::Settings {
        command: config.copy.command.clone().unwrap_or_default(),
        exclude_from_history: config.copy.exclude_from_history,
        via: config.copy.via,
    }
}

impl Runtime {
    pub(super) fn copy(&mut self, copied: &Copied) {
        let code = if copied.hidden { Zeroizing::new("the code".to_owned()) } else { copied.code.grouped() };
        let outcome = match self.send(copied.code.reveal()) {
            Ok(sent) => {
                let text = format!("{} · {}", sent.say(&code), copied.about);
                let (proof, advice) = (proof(&sent), sent.advice());
                Ok(Sent { text, validity: copied.validity.clone(), advice, proof })
            }
            Err(failure) => {
                let text = format!(
                    "{} reads {}. It was not copied: {}",
                    copied.about,
                    code.as_str(),
                    failure.message
                );
                Err(Failure { message: text, ..failure })
            }
        };
        self.tell(Outcome::Copied(outcome));
    }

    /// Puts a word on the clipboard that is no secret, and tells the way that it went.
    pub(super) fn test_copy(&mut self, word: &str) {
        match self.send(word) {
            Ok(_) => self.explain_copy(),
            Err(failure) => self.tell(Outcome::Trouble(failure)),
        }
    }

    /// Tells the way that a copy takes.
    pub(super) fn explain_copy(&mut self) {
        let Explanation { stations, says, place, lines, proven, key } = self.clipboard.explain();
        self.tell(Outcome::CopyExplained(Way { stations, says, place, lines, proven, key }));
    }

    /// Takes back what was left on the way of a copy, when its time has come.
    pub(super) fn tidy_clipboard(&mut self) {
        if self.clear_at.is_none_or(|at| self.clock.now().boot < at) {
            return;
        }
        self.clear_at = None;
        let result = if self.clipboard.is_unsettled() {
            self.clipboard.settle()
        } else {
            self.clipboard.clear_if_ours()
        };
        if let Err(error) = result {
            self.tell(Outcome::Trouble(error.into()));
        }
    }

    /// Lets a copied code outlive the program on the desktop's clipboard, for as long as it would have stayed there.
    /// Who cannot have it so is told before the end: the next time there is nothing left to hold.
    pub(super) fn leave_copy(&mut self) -> Result<(), Failure> {
        if !self.app.config().copy.hold_after_quit {
            self.forget_clipboard();
            return Ok(());
        }
        drop(self.clipboard.settle_at_the_end());
        let now = self.clock.now().boot;
        let left = self.clear_at.map_or(holder::AT_MOST, |at| at.saturating_sub(now).as_secs());
        let Some(code) = self.clipboard.give_away() else { return Ok(()) };
        holder::leave(&code, left).map_err(|error| {
            Failure::other(format!(
                "The copied code is gone from the clipboard: nothing could be left behind to hold it ({error}). Quit \
                 again to end"
            ))
        })
    }

    /// Leaves nothing of ours on the clipboard. That it could not be cleared is no reason not to lock or end.
    pub(super) fn forget_clipboard(&mut self) {
        drop(self.clipboard.settle_at_the_end());
        drop(self.clipboard.clear_if_ours());
    }

    /// Puts a text on the clipboard.
    fn send(&mut self, text: &str) -> Result<clipboard::Sent, Failure> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        let sent = self.clipboard.copy(text, &mut *bytes)?;
        self.canvas.send(&bytes).map_err(|error| Failure::terminal(&error))?;
        let after = self.app.config().copy.clear_after;
        let now = self.clock.now().boot;
        self.clear_at = if self.clipboard.is_unsettled() {
            Some(now + SETTLE_AFTER)
        } else {
            (!after.is_zero()).then(|| now + after.duration())
        };
        Ok(sent)
    }
}

/// Returns how surely a text arrived.
fn proof(sent: &clipboard::Sent) -> Proof {
    match (&sent.doubt, sent.is_unsure()) {
        (Some(_), _) => Proof::Doubted,
        (None, true) => Proof::Sent,
        (None, false) => Proof::Taken,
    }
}
