//! A single code that the agent is asked for: the next of a counter, which it has counted on the disk before it answers, or
//! the one that comes after the code of now. One at a time, and a slip of the finger wastes no counter.

use std::time::Duration;

use super::taking::copied;
use crate::otp::Code;
use crate::tui::effect::{Effect, Validity};
use crate::tui::lent::{Given, Question};
use crate::tui::screen::{Action, Cx, Note};

/// For how long a counter code is shown.
const SHOW: Duration = Duration::from_secs(30);
/// A second press within this time is a slip of the finger.
const SLIP: Duration = Duration::from_secs(1);

/// What was asked for, and the counter code that came.
#[derive(Default)]
pub(super) struct Single {
    asked: Option<Asked>,
    shown: Option<Shown>,
    last: Option<Duration>,
}

struct Asked {
    id: String,
    copies: bool,
    next: bool,
}

struct Shown {
    id: String,
    name: String,
    code: Code,
    since: Duration,
}

impl Single {
    /// Answers Space: has the agent count, and shows the code.
    pub(super) fn show(&mut self, id: &str, cx: &Cx<'_>) -> Vec<Action> {
        self.ask(Asked { id: id.to_owned(), copies: false, next: false }, cx)
    }

    /// Answers Enter: copies the counter code that is shown, or else asks for the next one, shows it and copies it.
    pub(super) fn copy(&mut self, id: &str, cx: &Cx<'_>) -> Vec<Action> {
        if let Some(shown) = self.shown.as_ref().filter(|shown| shown.is_of(id, cx)) {
            return vec![take(cx, &shown.name, &shown.code, counted())];
        }
        self.ask(Asked { id: id.to_owned(), copies: true, next: false }, cx)
    }

    /// Asks for the code after the one that is valid now, to copy it.
    pub(super) fn next(&mut self, id: &str) -> Vec<Action> {
        if self.asked.is_some() {
            return Vec::new();
        }
        self.asked = Some(Asked { id: id.to_owned(), copies: true, next: true });
        vec![Action::Do(Effect::AskAgent(Question::Code { id: id.to_owned(), next: true }))]
    }

    fn ask(&mut self, asked: Asked, cx: &Cx<'_>) -> Vec<Action> {
        let slipped = self.last.is_some_and(|last| cx.now.boot.saturating_sub(last) < SLIP);
        if slipped || self.asked.is_some() {
            return Vec::new();
        }
        self.last = Some(cx.now.boot);
        self.shown = None;
        let question = Question::Code { id: asked.id.clone(), next: false };
        self.asked = Some(asked);
        vec![Action::Do(Effect::AskAgent(question))]
    }

    /// Takes the code; `known` says that its account is the one in the list.
    pub(super) fn learn(&mut self, given: &Given, known: bool, cx: &Cx<'_>) -> Vec<Action> {
        let Some(asked) = self.asked.take().filter(|asked| asked.id == given.id && known) else {
            return vec![Action::Say(Note::error("The account changed meanwhile. Nothing was copied"))];
        };
        let validity = match given.valid {
            Some((from, _)) if asked.next => Validity::From(from),
            Some((_, until)) => Validity::Until(until),
            None => {
                self.shown = Some(Shown {
                    id: given.id.clone(),
                    name: given.name.clone(),
                    code: given.code.clone(),
                    since: cx.now.boot,
                });
                counted()
            }
        };
        if asked.copies { vec![take(cx, &given.name, &given.code, validity)] } else { Vec::new() }
    }

    /// Takes that no code came.
    pub(super) fn failed(&mut self) {
        self.asked = None;
    }

    /// Returns the counter code that is shown for an account, if one is.
    pub(super) fn code(&self, id: &str, cx: &Cx<'_>) -> Option<&Code> {
        self.shown.as_ref().filter(|shown| shown.is_of(id, cx)).map(|shown| &shown.code)
    }

    /// Stops showing: another key was pressed, or its time is over.
    pub(super) fn hide(&mut self) {
        self.shown = None;
    }

    /// Forgets what was shown for long enough.
    pub(super) fn expire(&mut self, cx: &Cx<'_>) {
        if self.shown.as_ref().is_some_and(|shown| !shown.is_of(&shown.id, cx)) {
            self.hide();
        }
    }
}

impl Shown {
    fn is_of(&self, id: &str, cx: &Cx<'_>) -> bool {
        self.id == id && cx.now.boot.saturating_sub(self.since) < SHOW
    }
}

fn take(cx: &Cx<'_>, name: &str, code: &Code, validity: Validity) -> Action {
    Action::Do(Effect::Copy(copied(cx, name, code, validity)))
}

fn counted() -> Validity {
    Validity::Said("the next of its counter".to_owned())
}
