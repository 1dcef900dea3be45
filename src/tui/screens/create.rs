//! The first start: says what the program does, then makes the vault with a passphrase that is strong enough.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::add::Add;
use super::tries::LONGEST;
use crate::display::visible;
use crate::tui::binding::{Binding, always, dispatch, help, hints};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, sentence};
use crate::vault::{Passphrase, SUGGEST_BYTES, strength, suggest};

/// Where the first start stands.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Stage {
    Welcome,
    Passphrase,
    Making,
    Ready,
}

/// The first start.
pub struct Create {
    stage: Stage,
    fields: [Field; 2],
    focus: usize,
    weak_accepted: bool,
    note: Option<Note>,
}

const NEXT: Binding<Create> = Binding {
    name: "next",
    keys: &[Key::Enter],
    word: "next",
    help: "go on",
    applies: always,
    run: |screen, _| {
        screen.stage = Stage::Passphrase;
        Reply::done()
    },
};
const BACK: Binding<Create> = Binding {
    name: "back",
    keys: &[Key::Esc],
    word: "back",
    help: "one step back",
    applies: always,
    run: |screen, _| {
        screen.stage = Stage::Welcome;
        Reply::done()
    },
};
const QUIT: Binding<Create> = Binding {
    name: "quit",
    keys: &[Key::Ctrl('c')],
    word: "quit",
    help: "quit",
    applies: always,
    run: |_, _| Reply::act(Action::Do(Effect::Quit)),
};
/// Where letters are no text.
const QUIT_TOO: Binding<Create> = Binding { keys: &[Key::Char('q'), Key::Ctrl('c')], ..QUIT };

const WELCOME: &[Binding<Create>] = &[NEXT, QUIT_TOO];
const PASSPHRASE: &[Binding<Create>] = &[
    Binding { help: "to the other field; then make the vault", run: |screen, _| screen.create(), ..NEXT },
    Binding {
        name: "field",
        keys: &[Key::Tab, Key::BackTab, Key::Down, Key::Up],
        word: "other field",
        help: "to the other field",
        applies: always,
        run: |screen, _| {
            screen.focus = 1 - screen.focus;
            Reply::done()
        },
    },
    Binding {
        name: "suggest",
        keys: &[Key::F(4)],
        word: "suggest one",
        help: "write a passphrase of random words",
        applies: always,
        run: |screen, cx| screen.suggest(cx),
    },
    Binding {
        name: "show",
        keys: &[Key::F(2)],
        word: "show",
        help: "show or hide what is typed",
        applies: always,
        run: |screen, _| {
            let [first, second] = &mut screen.fields;
            let text = first.flip();
            second.mask(first.is_masked());
            Reply::say(text)
        },
    },
    BACK,
    QUIT,
];
const MAKING: &[Binding<Create>] = &[QUIT_TOO];
const READY: &[Binding<Create>] = &[
    Binding {
        word: "add an account",
        help: "add the first account",
        run: |_, cx| {
            let (list, wizard) = (super::unlocked(cx, None), Box::new(Add::new(cx)));
            Reply::Taken(vec![Action::Replace(list), Action::Push(wizard)])
        },
        ..NEXT
    },
    Binding {
        word: "skip to the list",
        help: "to the list, which is empty",
        run: |_, cx| Reply::act(Action::Replace(super::unlocked(cx, None))),
        ..BACK
    },
    QUIT_TOO,
];

impl Default for Create {
    fn default() -> Self {
        Self::new()
    }
}

impl Create {
    /// Returns the first start at its first step.
    pub fn new() -> Self {
        Self {
            stage: Stage::Welcome,
            fields: [Field::masked(LONGEST), Field::masked(LONGEST)],
            focus: 0,
            weak_accepted: false,
            note: None,
        }
    }

    fn table(&self) -> &'static [Binding<Self>] {
        match self.stage {
            Stage::Welcome => WELCOME,
            Stage::Passphrase => PASSPHRASE,
            Stage::Making => MAKING,
            Stage::Ready => READY,
        }
    }

    fn create(&mut self) -> Reply {
        if self.fields[0].is_empty() {
            self.focus = 0;
            self.note = Some(Note::error("The vault needs a passphrase. F4 writes one for you"));
            return Reply::done();
        }
        if strength(self.fields[0].text()).score < 3 && !self.weak_accepted {
            self.weak_accepted = true;
            let text =
                "Whoever has the file can guess this one. F4 writes a better one; Enter takes it anyway";
            self.note = Some(Note::warning(text));
            return Reply::done();
        }
        if self.fields[1].is_empty() {
            self.focus = 1;
            self.note = None;
            return Reply::done();
        }
        if self.fields[0].text() != self.fields[1].text() {
            self.fields[1].clear();
            self.focus = 1;
            self.note = Some(Note::error("The two are not the same. Type it once more"));
            return Reply::done();
        }
        self.stage = Stage::Making;
        self.note = None;
        let passphrase = Passphrase::new(self.fields[0].secret());
        self.fields.iter_mut().for_each(Field::clear);
        Reply::act(Action::Do(Effect::Create(passphrase)))
    }

    fn suggest(&mut self, cx: &Cx<'_>) -> Reply {
        let random = zeroize::Zeroizing::new((cx.facts.random.0)());
        let Some(bytes) = random.first_chunk::<SUGGEST_BYTES>() else { return Reply::done() };
        let passphrase = suggest(bytes);
        self.fields[0].set(passphrase.reveal());
        self.fields[0].mask(false);
        self.fields[1].clear();
        self.fields[1].mask(false);
        self.focus = 1;
        self.weak_accepted = false;
        self.note = Some(Note::plain("Write it on paper, then type it once more here"));
        Reply::done()
    }

    fn field_at(area: Rect, index: usize) -> (u16, u16, u16) {
        let x = if area.width >= 60 { 21 } else { 14 };
        let y = if area.height >= 16 { 4 } else { 2 };
        (x, y + u16::try_from(index).unwrap_or(0), area.width.saturating_sub(x + 1).min(56))
    }

    fn view_welcome(cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        let mut y = if roomy { 3 } else { 1 };
        let what = if roomy {
            "Welcome. twolock keeps the secrets for your sign-in codes in one encrypted vault on this computer, and \
             shows the codes when you need them."
        } else {
            "twolock keeps the secrets for your sign-in codes in one encrypted vault."
        };
        for text in [what, "Nothing is sent anywhere. There is no account to make."] {
            y += widgets::wrap(buf, area, (3, y), text, Style::new()) + 1;
        }
        put(buf, area, 3, y, "The vault will be kept here:", Style::new());
        let place = visible(&cx.facts.place);
        widgets::put_visible(buf, area, (3, y + 1), area.width.saturating_sub(4), &place, cx.theme.strong());
        if area.height >= 16 {
            let text = "Another place: start with  twolock --vault DIR";
            widgets::wrap(buf, area, (3, y + 3), text, Style::new());
        }
    }

    fn view_passphrase(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        if roomy {
            put(buf, area, 3, 2, "Choose the passphrase that opens the vault.", Style::new());
        }
        for (index, label) in ["Passphrase", "Once more"].into_iter().enumerate() {
            let (x, y, width) = Self::field_at(area, index);
            let mark = if index == self.focus { cx.theme.glyph(Glyph::Cursor) } else { " " };
            put(buf, area, 1, y, mark, Style::new());
            put(buf, area, 3, y, label, Style::new());
            self.fields[index].view(cx.theme, area, buf, (x, y), width, Style::new());
        }
        let (x, y, _) = Self::field_at(area, 1);
        let mut y = y + if roomy { 2 } else { 1 };
        if !self.fields[0].is_empty() {
            let strength = strength(self.fields[0].text());
            let cells = (area.width.saturating_sub(x + 14)).min(30);
            put(buf, area, 3, y, "Strength", Style::new());
            let full = u32::from(strength.score) + 1;
            let tone = if strength.score < 3 { 8 } else { 30 };
            let filled = u16::try_from(u32::from(cells) * full / 5).unwrap_or(cells);
            let bar = cx.theme.glyph(Glyph::Full).repeat(usize::from(filled))
                + &cx.theme.glyph(Glyph::Empty).repeat(usize::from(cells - filled));
            put(buf, area, x, y, &bar, cx.theme.bar(tone));
            put(buf, area, x + cells + 2, y, strength.word, Style::new());
            y += 1;
            if roomy {
                put(buf, area, x, y, &sentence(&strength.guess_time), Style::new());
                y += 1;
            }
        }
        if roomy {
            y += 1;
        }
        if let Some(note) = &self.note {
            y += widgets::note(cx, area, buf, (3, y), note);
            y += u16::from(roomy);
        }
        if roomy {
            put(buf, area, 3, y, "Need an idea?     F4 writes one for you.", Style::new());
            y += 2;
        }
        let text = "There is no way to get the codes back without it. Write it on paper.";
        widgets::wrap(buf, area, (3, y), text, Style::new());
    }

    fn view_ready(cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let top = if area.height >= 16 { 3 } else { 1 };
        let mut y = top
            + widgets::note(cx, area, buf, (3, top), &Note::good("Your vault is ready and encrypted."))
            + 1;
        let place = visible(&cx.facts.place);
        widgets::put_visible(buf, area, (5, y), area.width.saturating_sub(6), &place, cx.theme.strong());
        y += 2;
        let clock = match cx.facts.clock_synchronised {
            Some(true) => Note::good("Clock: kept right by the network"),
            Some(false) => Note::warning("Clock: not synchronised. If codes are refused, that is why"),
            None => Note::warning("Clock: not checked; if codes are refused, look there first"),
        };
        y += widgets::note(cx, area, buf, (3, y), &clock);
        let backup = Note::good("Backup: a copy is kept beside the vault at each change");
        y += widgets::note(cx, area, buf, (3, y), &backup);
        widgets::wrap(buf, area, (3, y + 1), "Enter adds your first account.", Style::new());
    }
}

impl Screen for Create {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::Unlocked(Ok(_))) => {
                self.stage = Stage::Ready;
                Reply::done()
            }
            Event::Done(Outcome::Unlocked(Err(failure))) => {
                self.stage = Stage::Passphrase;
                self.focus = 0;
                self.note = Some(Note::error(failure.message.clone()));
                Reply::done()
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => match dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if self.stage == Stage::Passphrase => {
                    if self.fields[self.focus].handle(*key) {
                        self.weak_accepted &= self.focus == 1;
                        self.note = None;
                    }
                    Reply::done()
                }
                reply => reply,
            },
            Event::Paste(text) => {
                if self.stage == Stage::Passphrase {
                    self.fields[self.focus].insert(text);
                    self.weak_accepted &= self.focus == 1;
                }
                Reply::done()
            }
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        put(buf, area, 1, 0, "twolock", cx.theme.strong());
        let step = match self.stage {
            Stage::Welcome => "First start, 1 of 3",
            Stage::Passphrase | Stage::Making => "First start, 2 of 3",
            Stage::Ready => "First start, 3 of 3",
        };
        put(buf, area, area.width.saturating_sub(20), 0, step, Style::new());
        match self.stage {
            Stage::Welcome => Self::view_welcome(cx, area, buf),
            Stage::Passphrase => self.view_passphrase(cx, area, buf),
            Stage::Making => {
                put(buf, area, 3, 3, "Making the vault ... (about a second)", Style::new());
            }
            Stage::Ready => Self::view_ready(cx, area, buf),
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        help(self.table())
    }

    fn name(&self) -> &'static str {
        "the first start"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let (x, y, width) = Self::field_at(area, self.focus);
        (self.stage == Stage::Passphrase)
            .then(|| self.fields[self.focus].cursor(cx.theme, area, (x, y), width))
    }

    fn types(&self) -> bool {
        self.stage == Stage::Passphrase
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::binding::clashes;

    #[test]
    fn no_key_means_two_things() {
        for table in [WELCOME, PASSPHRASE, MAKING, READY] {
            assert_eq!(clashes(table), []);
        }
    }
}
