//! Taking a code: the copy of one that is valid now, what is said of it, and that a copy follows the change of its code as
//! it does in the list.

use std::time::Duration;

use super::Borrowed;
use crate::config::Expiry;
use crate::display::visible;
use crate::otp::Code;
use crate::tui::effect::{Copied, Effect, Validity};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Note, Reply};
use crate::tui::screens::copy::NOT_HIDDEN;

/// By how much a copy may be late that waits for the next code.
const WAIT_LATE: Duration = Duration::from_secs(2);
/// How many columns of a name stand in a message.
const NAME_COLUMNS: usize = 24;

/// A copy that follows the change of its code, or waits for it.
pub(super) struct Following {
    id: String,
    code: Code,
    since: Duration,
    /// Nothing was copied yet.
    waits: bool,
}

impl Borrowed {
    /// Lets a copy follow the change of its code, once; or makes the copy that waited for it.
    pub(super) fn follow(&mut self, cx: &Cx<'_>) -> Vec<Action> {
        let Some(Following { id, code: before, since, waits }) = &self.following else { return Vec::new() };
        let limit = cx.config.copy.follow_within.duration() + if *waits { WAIT_LATE } else { Duration::ZERO };
        let late = cx.now.boot.saturating_sub(*since) > limit;
        let Some(lent) = self.rows.iter().find(|lent| lent.id == *id).filter(|_| !late) else {
            self.following = None;
            return Vec::new();
        };
        let Some((code, until)) = lent.code(cx.now.wall).filter(|(code, _)| *code != before) else {
            return Vec::new();
        };
        let copied = copied(cx, &lent.name, code, Validity::Changed(until));
        let effect = if *waits { Effect::Copy(copied) } else { Effect::Follow(copied) };
        self.following = None;
        vec![Action::Do(effect)]
    }

    /// Copies the code of a row.
    pub(super) fn copy_row(&mut self, row: usize, cx: &Cx<'_>) -> Reply {
        let Some(lent) = self.row(row) else {
            let none = self.shown.is_empty();
            return if none { self.nothing() } else { Reply::say(format!("There is no row {}", row + 1)) };
        };
        if lent.pending {
            self.selected = row;
            return self.need("what is pending", Some(Key::Enter));
        }
        if lent.counts {
            let id = lent.id.clone();
            return Reply::Taken(self.single.copy(&id, cx));
        }
        let Some((code, until)) = lent.code(cx.now.wall) else {
            let Some(over) = lent.last_code() else { return Reply::say("The agent told no code of it") };
            // The next one is under way.
            let (id, code, since) = (lent.id.clone(), over.clone(), cx.now.boot);
            self.following = Some(Following { id, code, since, waits: true });
            return Reply::done();
        };
        let (copy, left) = (&cx.config.copy, until.seconds_since(cx.now.wall));
        let near = left <= i64::from(copy.follow_within.0);
        if near && copy.on_expiry == Expiry::Next {
            return self.copy_next(row);
        }
        let waits = near && copy.on_expiry == Expiry::Wait;
        let mut actions = Vec::new();
        let name = visible(&lent.name).cut(NAME_COLUMNS);
        actions.push(if waits {
            let text = format!("{name}: the next code is copied when it is valid, in {left} s");
            Action::Say(Note::plain(text))
        } else {
            Action::Do(Effect::Copy(copied(cx, &lent.name, code, Validity::Until(until))))
        });
        self.following = (waits || copy.on_expiry == Expiry::Follow).then(|| Following {
            id: lent.id.clone(),
            code: code.clone(),
            since: cx.now.boot,
            waits,
        });
        Reply::Taken(actions)
    }

    /// Copies the code after the one that is valid now, which the agent is asked for.
    pub(super) fn copy_next(&mut self, row: usize) -> Reply {
        let Some(lent) = self.row(row) else { return self.nothing() };
        if lent.pending {
            return self.need("what is pending", Some(Key::Enter));
        }
        if lent.counts {
            return Reply::say("n: counter codes have no next code yet");
        }
        let id = lent.id.clone();
        Reply::Taken(self.single.next(&id))
    }

    pub(super) fn show(&mut self, cx: &Cx<'_>) -> Reply {
        let Some(lent) = self.chosen() else { return self.nothing() };
        let id = lent.id.clone();
        if lent.pending {
            return self.need("what is pending", Some(Key::Enter));
        }
        if lent.counts {
            return Reply::Taken(self.single.show(&id, cx));
        }
        if !cx.hide_codes {
            return Reply::say(NOT_HIDDEN);
        }
        self.peek = Some((id, cx.now.boot));
        Reply::done()
    }
}

/// Returns what copies a code of the agent.
pub(super) fn copied(cx: &Cx<'_>, name: &str, code: &Code, validity: Validity) -> Copied {
    Copied {
        code: code.clone(),
        // What follows a change here is seen to here.
        of: None,
        about: visible(name).cut(NAME_COLUMNS).to_string(),
        validity: Some(validity),
        hidden: cx.hide_codes || !cx.config.copy.say_code,
    }
}
