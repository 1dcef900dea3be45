//! The passphrase, asked for once more before something secret is shown. It leads on to the screen it was given.
//!
//! What is typed goes to the world as a `Passphrase` and nowhere else, and is wiped from the field at once.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::copy::capitalised;
use super::tries::{LONGEST, Tries};
use crate::config::AskAgain;
use crate::display::visible;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::widgets::{self, Field};
use crate::vault::Passphrase;

/// Why an export asks.
pub(super) const EXPORT: &str = "to export";
/// For how long a secret is shown once it was asked for.
const LIFTED: Duration = Duration::from_secs(20);
/// The row and column of the field.
const FIELD: (u16, u16) = (14, 4);

/// Asks for the passphrase.
pub struct Ask {
    why: &'static str,
    then: Option<Box<dyn Screen>>,
    field: Field,
    checking: bool,
    wrong: Option<String>,
    tries: Tries,
}

impl Ask {
    const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "confirm",
            keys: &[Key::Enter],
            word: "go on",
            help: "check the passphrase and go on",
            applies: binding::always,
            run: Self::confirm,
        },
        Binding {
            name: "show",
            keys: &[Key::F(2)],
            word: "show what I type",
            help: "show or hide what you type",
            applies: binding::always,
            run: |ask, _| Reply::say(ask.field.flip()),
        },
        Self::BACK,
    ];
    const CHECKING: &[Binding<Self>] = &[Self::BACK];
    const BACK: Binding<Self> = Binding {
        name: "back",
        keys: &[Key::Esc, Key::Ctrl('c')],
        word: "back",
        help: "go back and show nothing",
        applies: binding::always,
        run: |_, _| Reply::act(Action::Pop),
    };

    /// Returns the question; `why` completes "Your passphrase is needed once more", such as "to show the secret".
    /// Once it is answered, `then` takes its place.
    pub fn new(why: &'static str, then: Box<dyn Screen>) -> Self {
        Self { then: Some(then), ..Self::only(why) }
    }

    /// Returns the question for a screen that only waits to be trusted: it goes away once it is answered.
    pub fn only(why: &'static str) -> Self {
        Self {
            why,
            then: None,
            field: Field::masked(LONGEST),
            checking: false,
            wrong: None,
            tries: Tries::default(),
        }
    }

    /// Returns what leads to a screen: at once if the passphrase was just given, else by way of the question.
    pub fn before(cx: &Cx<'_>, why: &'static str, then: Box<dyn Screen>) -> Action {
        let asked = &cx.config.lock.ask_again;
        let asks = match why {
            EXPORT => asked.contains(&AskAgain::ExportPlain),
            // The screen with the secret shows it in both forms.
            _ => asked.contains(&AskAgain::ShowSecret) || asked.contains(&AskAgain::ShowQr),
        };
        if cx.trusted || !asks { Action::Push(then) } else { Action::Push(Box::new(Self::new(why, then))) }
    }

    fn table(&self) -> &'static [Binding<Self>] {
        if self.checking { Self::CHECKING } else { Self::KEYS }
    }

    fn confirm(&mut self, cx: &Cx<'_>) -> Reply {
        if let Some(early) = self.tries.refuse(cx) {
            return early;
        }
        if self.field.is_empty() {
            self.wrong = Some("Type the passphrase first".to_owned());
            return Reply::done();
        }
        self.checking = true;
        self.wrong = None;
        let passphrase = Passphrase::new(self.field.secret());
        self.field.clear();
        Reply::act(Action::Do(Effect::Confirm(passphrase)))
    }

    fn confirmed(&mut self, result: &Result<(), crate::failure::Failure>, cx: &Cx<'_>) -> Reply {
        self.checking = false;
        match result {
            Ok(()) => match self.then.take() {
                Some(then) => Reply::act(Action::Replace(then)),
                None => Reply::act(Action::Pop),
            },
            Err(failure) => {
                self.wrong = Some(capitalised(&failure.message));
                self.tries.wrong(cx);
                Reply::done()
            }
        }
    }
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    vec![(true, binding::help(Ask::KEYS)), (true, binding::help(Ask::CHECKING))]
}

impl Screen for Ask {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::Confirmed(result)) => self.confirmed(result, cx),
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => match binding::dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if !self.checking && self.field.handle(*key) => Reply::done(),
                reply => reply,
            },
            Event::Paste(text) => {
                if !self.checking {
                    self.field.insert(text);
                }
                Reply::done()
            }
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        widgets::header(cx, area, buf, &visible("Passphrase"), "");
        let text = format!("Your passphrase is needed once more {}.", self.why);
        widgets::wrap(buf, area, (1, 2), &text, Style::new());
        let (x, y) = FIELD;
        widgets::put(buf, area, 1, y, "Passphrase", Style::new());
        self.field.view(cx.theme, area, buf, FIELD, area.width.saturating_sub(x + 1), Style::new());
        let below = (1, y + 1);
        if let Some(seconds) = self.tries.left(cx) {
            let wrong = self.wrong.as_deref().unwrap_or_default();
            let note = Note::error(format!("{wrong}. Wait {seconds} s"));
            widgets::note(cx, area, buf, below, &note);
        } else if let Some(wrong) = &self.wrong {
            widgets::note(cx, area, buf, below, &Note::error(wrong));
        } else if self.checking {
            widgets::put(buf, area, 3, y + 1, "Checking ...", Style::new());
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(self.table())
    }

    fn name(&self) -> &'static str {
        "the passphrase question"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        Some(self.field.cursor(cx.theme, area, FIELD, area.width.saturating_sub(FIELD.0 + 1)))
    }

    fn types(&self) -> bool {
        true
    }

    fn ticks(&self, cx: &Cx<'_>) -> bool {
        self.tries.left(cx).is_some()
    }
}

/// What hides the secret of a screen, and lifts for twenty seconds: at once if the passphrase was just given, else
/// after it was asked for.
#[derive(Debug, Default)]
pub struct Veil {
    asked: bool,
    since: Option<Duration>,
}

impl Veil {
    /// Lifts the veil or lets it fall.
    pub fn toggle(&mut self, cx: &Cx<'_>) -> Reply {
        if self.is_lifted(cx) {
            *self = Self::default();
            return Reply::done();
        }
        if cx.trusted {
            self.since = Some(cx.now.boot);
            return Reply::done();
        }
        self.asked = true;
        Reply::act(Action::Push(Box::new(Ask::only("to show the secret key"))))
    }

    /// Takes note of what came of the question. An event other than an outcome reaches a screen only when no
    /// question stands above it, so by then it was answered or left.
    pub fn settle(&mut self, event: &Event, cx: &Cx<'_>) {
        self.answer(cx);
        if !matches!(event, Event::Done(_)) {
            self.asked = false;
        }
    }

    /// Takes note of the answer, if it is there.
    pub fn answer(&mut self, cx: &Cx<'_>) {
        if self.asked && cx.trusted {
            self.asked = false;
            self.since = Some(cx.now.boot);
        }
        if self.since.is_some_and(|since| cx.now.boot.saturating_sub(since) >= LIFTED) {
            self.since = None;
        }
    }

    /// Says whether the secret may be seen.
    pub fn is_lifted(&self, cx: &Cx<'_>) -> bool {
        (self.asked && cx.trusted)
            || self.since.is_some_and(|since| cx.now.boot.saturating_sub(since) < LIFTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Ask::KEYS).is_empty());
    }
}
