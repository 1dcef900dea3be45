//! Another passphrase for the vault: the one that it has, the new one, and the new one again. It always asks for the
//! old one, whatever opened the vault.
//!
//! What is typed goes to the world as a `Passphrase` and nowhere else, and is wiped from the fields at once.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::choosing::{self, Which};
use super::tries::{LONGEST, Tries};
use crate::display::visible;
use crate::tui::binding::{self, Binding, always};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, round, sentence};
use crate::vault::Passphrase;

/// What stands before the fields.
const LABELS: [&str; 3] = ["Old passphrase", "New passphrase", "New once more"];
const OLD: usize = 0;
const NEW: usize = 1;
const AGAIN: usize = 2;

/// Asks for the passphrases.
pub struct NewPassphrase {
    fields: [Field; 3],
    focus: usize,
    /// It is being changed.
    changing: bool,
    weak_accepted: bool,
    note: Option<Note>,
    tries: Tries,
}

impl Default for NewPassphrase {
    fn default() -> Self {
        Self {
            fields: [Field::masked(LONGEST), Field::masked(LONGEST), Field::masked(LONGEST)],
            focus: OLD,
            changing: false,
            weak_accepted: false,
            note: None,
            tries: Tries::default(),
        }
    }
}

impl NewPassphrase {
    const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "next",
            keys: &[Key::Enter],
            word: "next",
            help: "to the next field; at the end change the passphrase",
            applies: always,
            run: Self::next,
        },
        Binding {
            name: "field",
            keys: &[Key::Tab, Key::Down],
            word: "other field",
            help: "to the next field",
            applies: always,
            run: |screen, _| screen.step(1),
        },
        Binding {
            name: "suggest",
            keys: &[Key::F(4)],
            word: "suggest one",
            help: "write a passphrase of random words",
            applies: always,
            run: Self::suggest,
        },
        Binding {
            name: "show",
            keys: &[Key::F(2)],
            word: "show",
            help: "show or hide what is typed",
            applies: always,
            run: |screen, _| {
                let [old, new, again] = &mut screen.fields;
                let text = old.flip();
                new.mask(old.is_masked());
                again.mask(old.is_masked());
                Reply::say(text)
            },
        },
        Self::BACK,
        Binding {
            name: "field-before",
            keys: &[Key::BackTab, Key::Up],
            word: "",
            help: "to the field before",
            applies: always,
            run: |screen, _| screen.step(-1),
        },
    ];
    const CHANGING: &[Binding<Self>] = &[Self::BACK];
    const BACK: Binding<Self> = Binding {
        name: "back",
        keys: &[Key::Esc, Key::Ctrl('c')],
        word: "back",
        help: "go back; what is being changed goes on, and what came of it is said",
        applies: always,
        run: |_, _| Reply::act(Action::Pop),
    };

    fn table(&self) -> &'static [Binding<Self>] {
        if self.changing { Self::CHANGING } else { Self::KEYS }
    }

    fn step(&mut self, by: isize) -> Reply {
        self.focus = round(self.focus, by, LABELS.len());
        Reply::done()
    }

    /// Says what is wrong with a field, and goes there.
    fn complain(&mut self, focus: usize, note: Note) -> Reply {
        self.focus = focus;
        self.note = Some(note);
        Reply::done()
    }

    fn next(&mut self, cx: &Cx<'_>) -> Reply {
        if let Some(early) = self.tries.refuse(cx) {
            return early;
        }
        let [old, new, again] = &mut self.fields;
        if old.is_empty() {
            return self.complain(OLD, Note::error("Type the passphrase that the vault has now"));
        }
        if new.is_empty() && self.focus != NEW {
            self.focus = NEW;
            self.note = None;
            return Reply::done();
        }
        let new = match choosing::judge([new, again], &mut self.weak_accepted) {
            Ok(new) => new,
            Err((which, note)) => {
                self.focus = if which == Which::New { NEW } else { AGAIN };
                self.note = note;
                return Reply::done();
            }
        };
        let old = Passphrase::new(old.secret());
        self.note = None;
        self.changing = true;
        Reply::act(Action::Do(Effect::ChangePassphrase(old, new)))
    }

    fn suggest(&mut self, cx: &Cx<'_>) -> Reply {
        let [_, new, again] = &mut self.fields;
        choosing::write_one([new, again], cx);
        self.weak_accepted = false;
        self.complain(AGAIN, Note::plain("Write it on paper, then type it once more here"))
    }

    fn typed(&mut self) {
        self.weak_accepted &= self.focus != NEW;
        self.note = None;
    }

    fn field_at(area: Rect, index: usize) -> (u16, u16, u16) {
        let x = if area.width >= 60 { 21 } else { 18 };
        let y = if area.height >= 16 { 4 } else { 2 };
        (x, y + u16::try_from(index).unwrap_or(0), area.width.saturating_sub(x + 1).min(56))
    }
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    [NewPassphrase::KEYS, NewPassphrase::CHANGING].map(|table| (true, binding::help(table))).into()
}

impl Screen for NewPassphrase {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::PassphraseChanged(Ok(_))) => Reply::act(Action::Pop),
            Event::Done(Outcome::PassphraseChanged(Err(failure))) => {
                self.changing = false;
                self.fields[OLD].clear();
                self.tries.wrong(cx);
                self.complain(OLD, Note::error(sentence(&failure.message)))
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => match binding::dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if !self.changing && self.fields[self.focus].handle(*key) => {
                    self.typed();
                    Reply::done()
                }
                reply => reply,
            },
            Event::Paste(_) if self.changing => Reply::done(),
            Event::Paste(text) => {
                let whole = self.fields[self.focus].insert(text);
                self.typed();
                if whole { Reply::done() } else { Reply::say("Too long: the rest was cut off") }
            }
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        widgets::header(cx, area, buf, &visible("Passphrase"), "");
        let roomy = area.height >= 16;
        for (index, label) in LABELS.into_iter().enumerate() {
            let (x, y, width) = Self::field_at(area, index);
            let mark = if index == self.focus { cx.theme.glyph(Glyph::Cursor) } else { " " };
            put(buf, area, 1, y, mark, Style::new());
            put(buf, area, 3, y, label, Style::new());
            self.fields[index].view(cx.theme, area, buf, (x, y), width, Style::new());
        }
        let (x, y, _) = Self::field_at(area, AGAIN);
        let mut y = y + 1 + u16::from(roomy);
        y += choosing::view(cx, area, buf, (x, y), self.fields[NEW].text(), roomy) + u16::from(roomy);
        let wait = self.tries.left(cx).map(|seconds| format!(". Wait {seconds} s"));
        if self.changing {
            put(buf, area, 3, y, "Changing it ... (a few seconds)", Style::new());
            y += 1 + u16::from(roomy);
        } else if let Some(note) = &self.note {
            let text = note.text.clone() + &wait.unwrap_or_default();
            y += widgets::note(cx, area, buf, (3, y), &Note { text, tone: note.tone }) + u16::from(roomy);
        }
        let text = "Copies of the vault that were made before go on opening with the old one. There is no way to get \
                    the codes back without it: write it on paper.";
        widgets::wrap(buf, area, (3, y), text, Style::new());
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(self.table())
    }

    fn name(&self) -> &'static str {
        "the new passphrase"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let (x, y, width) = Self::field_at(area, self.focus);
        Some(self.fields[self.focus].cursor(cx.theme, area, (x, y), width))
    }

    fn types(&self) -> bool {
        true
    }

    fn ticks(&self, cx: &Cx<'_>) -> bool {
        self.tries.left(cx).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(NewPassphrase::KEYS).is_empty());
    }
}
