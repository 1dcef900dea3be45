//! The locked door: asks for the passphrase. After three wrong ones it waits, longer each time.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::tui::binding::{Binding, always, dispatch, help, hints};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Mend, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::widgets::{self, Field, put};
use crate::vault::Passphrase;

/// The longest passphrase that is taken, in bytes.
pub const LONGEST: usize = 1024;

/// The unlock screen.
pub struct Unlock {
    field: Field,
    opening: bool,
    why: Option<&'static str>,
    tries: u32,
    wait_until: Option<Duration>,
    note: Option<Note>,
    given: Option<Passphrase>,
    broken: Option<Broken>,
}

/// A vault that is not opened as it is, and the ways that there are.
struct Broken {
    failure: Failure,
    ways: Vec<(String, Way)>,
    chosen: usize,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Way {
    Copy,
    Older,
    Quit,
}

impl Broken {
    fn new(failure: Failure, mend: Mend, cx: &Cx<'_>) -> Self {
        let quit = ("Quit. Nothing was changed".to_owned(), Way::Quit);
        let ways = match mend {
            Mend::Copy(generation, when) => vec![
                (format!("Open the copy of {}, generation {generation}", widgets::date(cx, when)), Way::Copy),
                quit,
            ],
            Mend::Older => vec![
                quit,
                ("Put back the newest copy".to_owned(), Way::Copy),
                ("Open the vault as it is".to_owned(), Way::Older),
            ],
        };
        Self { failure, ways, chosen: 0 }
    }
}

const KEYS: &[Binding<Unlock>] = &[
    Binding {
        name: "unlock",
        keys: &[Key::Enter],
        word: "unlock",
        help: "unlock",
        applies: always,
        run: |screen, cx| screen.unlock(cx),
    },
    Binding {
        name: "show",
        keys: &[Key::F(2)],
        word: "show what I type",
        help: "show or hide what is typed",
        applies: always,
        run: |screen, _| {
            screen.field.mask(!screen.field.is_masked());
            Reply::done()
        },
    },
    Binding {
        name: "quit",
        keys: &[Key::Ctrl('c')],
        word: "quit",
        help: "quit",
        applies: always,
        run: |_, _| Reply::act(Action::Do(Effect::Quit)),
    },
];

impl Default for Unlock {
    fn default() -> Self {
        Self::new()
    }
}

impl Unlock {
    /// Returns the screen as it is at the start.
    pub fn new() -> Self {
        Self {
            field: Field::masked(LONGEST),
            opening: false,
            why: None,
            tries: 0,
            wait_until: None,
            note: None,
            given: None,
            broken: None,
        }
    }

    /// Returns the screen with a reason for being locked.
    pub fn because(why: &'static str) -> Self {
        Self { why: Some(why), ..Self::new() }
    }

    fn waits(&self, cx: &Cx<'_>) -> Option<u64> {
        let left = self.wait_until?.checked_sub(cx.now.boot)?;
        (!left.is_zero()).then(|| left.as_secs() + u64::from(left.subsec_nanos() > 0))
    }

    fn unlock(&mut self, cx: &Cx<'_>) -> Reply {
        if self.opening || self.field.is_empty() || self.waits(cx).is_some() {
            return Reply::done();
        }
        self.opening = true;
        self.note = None;
        let passphrase = Passphrase::new(self.field.secret());
        self.field.clear();
        self.given = Some(passphrase.clone());
        Reply::act(Action::Do(Effect::Unlock(passphrase)))
    }

    fn choose(&mut self, key: Key) -> Reply {
        let Some(broken) = &mut self.broken else { return Reply::Ignored };
        let count = broken.ways.len();
        match key {
            Key::Down | Key::Tab => broken.chosen = (broken.chosen + 1) % count,
            Key::Up | Key::BackTab => broken.chosen = (broken.chosen + count - 1) % count,
            Key::Esc => self.broken = None,
            Key::Enter => {
                let way = broken.ways[broken.chosen].1;
                self.broken = None;
                let Some(passphrase) = self.given.take() else { return Reply::done() };
                let effect = match way {
                    Way::Copy => Effect::Restore(passphrase),
                    Way::Older => Effect::AcceptOlder(passphrase),
                    Way::Quit => Effect::Quit,
                };
                self.opening = way != Way::Quit;
                return Reply::act(Action::Do(effect));
            }
            _ => return Reply::Ignored,
        }
        Reply::done()
    }

    fn failed(&mut self, failure: &Failure, cx: &Cx<'_>) {
        self.opening = false;
        self.given = None;
        if failure.exit == Exit::Locked {
            self.tries += 1;
            if self.tries >= 3 {
                let seconds = 1 << (self.tries - 3).min(3);
                self.wait_until = Some(cx.now.boot + Duration::from_secs(seconds));
            }
            let text = "That passphrase does not open this vault. Caps Lock may be on. Nothing was changed.";
            self.note = Some(Note::error(text));
        } else {
            let mut text = failure.message.clone();
            for hint in &failure.hints {
                text.push_str(". ");
                text.push_str(hint);
            }
            self.note = Some(Note::error(text));
        }
    }

    /// Returns where the field stands: column, row, width.
    fn place(area: Rect) -> (u16, u16, u16) {
        let (label, row) = if area.width >= 60 { (17, 9) } else { (1, 3) };
        let row = if area.height >= 16 { row } else { 3 };
        let x = label + 13;
        (x, row, area.width.saturating_sub(x + 1).min(48))
    }
}

impl Screen for Unlock {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::Unlocked(Err(failure))) => {
                self.failed(failure, cx);
                Reply::done()
            }
            Event::Done(Outcome::Broken(failure, mend)) => {
                self.opening = false;
                self.broken = Some(Broken::new(failure.clone(), *mend, cx));
                Reply::done()
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) if self.broken.is_some() && *key != Key::Ctrl('c') => self.choose(*key),
            Event::Key(key) => match dispatch(KEYS, self, *key, cx) {
                Reply::Ignored if !self.opening && self.field.handle(*key) => Reply::done(),
                reply => reply,
            },
            Event::Paste(text) => {
                if !self.opening {
                    self.field.insert(text.trim_end_matches(['\r', '\n']));
                }
                Reply::done()
            }
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let (x, y, width) = Self::place(area);
        put(buf, area, 1, 0, "twolock", cx.theme.strong());
        if area.height >= 16 && area.width >= 60 {
            let (corner, line, side) = if cx.theme.is_ascii() {
                (["+"; 4], "-", "|")
            } else {
                (["┌", "┐", "└", "┘"], "─", "│")
            };
            let left = 30;
            let edge = line.repeat(18);
            put(buf, area, left, 4, &format!("{}{edge}{}", corner[0], corner[1]), Style::new());
            put(buf, area, left, 5, &format!("{side}      Locked      {side}"), cx.theme.strong());
            put(buf, area, left, 6, &format!("{}{edge}{}", corner[2], corner[3]), Style::new());
        } else {
            put(buf, area, 1, 1, "Locked", cx.theme.strong());
        }
        if let Some(why) = self.why {
            put(buf, area, x.saturating_sub(13), y - 1, why, Style::new());
        }
        put(buf, area, x - 13, y, "Passphrase", Style::new());
        if self.opening {
            put(buf, area, x, y, "Opening ... (about a second)", Style::new());
        } else {
            self.field.view(cx.theme, area, buf, (x, y), width, Style::new());
        }
        let mut below = y + 1;
        if let Some(broken) = &self.broken {
            let left = if area.width >= 60 { 4 } else { 1 };
            let note = Note::error(broken.failure.message.clone());
            below += widgets::note(cx, area, buf, (left, below), &note) + 1;
            let texts: Vec<&str> = broken.ways.iter().map(|(text, _)| text.as_str()).collect();
            widgets::choices(cx, area, buf, (left, below), Some(broken.chosen), &texts);
            return;
        }
        if let Some(seconds) = self.waits(cx) {
            let note = Note::warning(format!("Wait {seconds} s"));
            below += widgets::note(cx, area, buf, (x - 13 + 2, below), &note);
        } else if let Some(note) = &self.note {
            let room = Rect { width: area.width.min(x + 48), ..area };
            below += widgets::note(cx, room, buf, ((x - 13).saturating_sub(2).max(1), below), note);
        }
        put(buf, area, x - 13, below + 1, "Vault", Style::new());
        let place = visible(&cx.facts.place);
        widgets::put_visible(
            buf,
            area,
            (x, below + 1),
            area.width.saturating_sub(x + 1),
            &place,
            Style::new(),
        );
        if self.tries > 0 {
            put(buf, area, x - 13, below + 2, "Tries", Style::new());
            put(buf, area, x, below + 2, &self.tries.to_string(), Style::new());
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        if self.broken.is_some() {
            return vec![
                Hint { key: Key::Enter, word: "do it" },
                Hint { key: Key::Down, word: "choose" },
                Hint { key: Key::Esc, word: "back" },
            ];
        }
        hints(KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        help(KEYS)
    }

    fn name(&self) -> &'static str {
        "the locked vault"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let (x, y, width) = Self::place(area);
        (!self.opening && self.broken.is_none()).then(|| self.field.cursor(cx.theme, area, (x, y), width))
    }

    fn types(&self) -> bool {
        true
    }

    fn ticks(&self, cx: &Cx<'_>) -> bool {
        self.waits(cx).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::binding::clashes;

    #[test]
    fn no_key_means_two_things() {
        assert_eq!(clashes(KEYS), []);
    }
}
