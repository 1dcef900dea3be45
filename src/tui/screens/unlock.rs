//! The locked door: asks for the passphrase. After three wrong ones it waits, longer each time.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::tries::{LONGEST, Tries};
use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::tui::binding::{Binding, always, dispatch, help, hints};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Kept, Mend, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, round, sentence};
use crate::vault::Passphrase;

/// The unlock screen.
pub struct Unlock {
    field: Field,
    opening: bool,
    why: Option<&'static str>,
    tries: Tries,
    note: Option<Note>,
    broken: Option<Broken>,
}

/// A vault that is not opened as it is, and the ways that there are.
struct Broken {
    note: Note,
    about: String,
    ways: Vec<(&'static str, Way)>,
    chosen: usize,
    passphrase: Passphrase,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Way {
    Back,
    Copy,
    Older,
}

impl Broken {
    fn new(failure: &Failure, mend: Mend, passphrase: Passphrase, cx: &Cx<'_>) -> Self {
        let back = ("Go back. Nothing is changed", Way::Back);
        let older = ("Open it as it is", Way::Older);
        let copy = ("Put back that copy", Way::Copy);
        let (about, ways) = match mend {
            Mend::Copy(kept) => (
                format!("The copy of {} is whole. Later changes are not in it.", described(kept, cx)),
                vec![("Put it back. The damaged file is kept", Way::Copy), back],
            ),
            Mend::Older(None) => (WHO.to_owned(), vec![back, older]),
            Mend::Older(Some(kept)) => (
                format!("{WHO} The newest copy here is of {}.", described(kept, cx)),
                vec![back, older, copy],
            ),
        };
        Self { note: Note::error(sentence(&failure.message)), about, ways, chosen: 0, passphrase }
    }

    /// Returns the way that opens the vault: the one that is meant by a yes.
    fn yes(&self) -> Option<usize> {
        self.ways.iter().position(|(_, way)| *way != Way::Back)
    }
}

/// Said of a vault that went back.
const WHO: &str = "Did you put it there? Then open it.";

/// Returns what is known of a copy: `24 Nov 2026 14:32 (8 accounts)`.
fn described(kept: Kept, cx: &Cx<'_>) -> String {
    let time = widgets::time_of_day(cx, kept.when);
    let minute = time.rsplit_once(':').map_or(time.as_str(), |(minute, _)| minute);
    let accounts = if kept.accounts == 1 { "account" } else { "accounts" };
    format!("{} {minute} ({} {accounts})", widgets::date(cx, kept.when), kept.accounts)
}

const QUIT: Binding<Unlock> = Binding {
    name: "quit",
    keys: &[Key::Ctrl('c')],
    word: "quit",
    help: "quit",
    applies: always,
    run: |_, _| Reply::act(Action::Do(Effect::Quit)),
};

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
        run: |screen, _| Reply::say(screen.field.flip()),
    },
    QUIT,
];
const OPENING: &[Binding<Unlock>] = &[QUIT];
/// The vault is not opened as it is.
const BROKEN: &[Binding<Unlock>] = &[
    Binding {
        name: "do",
        keys: &[Key::Enter],
        word: "do it",
        help: "do what is marked",
        applies: always,
        run: |screen, _| {
            let chosen = screen.broken.as_ref().map(|broken| broken.chosen);
            screen.take(chosen)
        },
    },
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Tab, Key::Char('j')],
        word: "choose",
        help: "the next line",
        applies: always,
        run: |screen, _| screen.choose(1),
    },
    Binding {
        name: "yes",
        keys: &[Key::Char('y')],
        word: "open it",
        help: "open: the copy, or the older vault as it is",
        applies: always,
        run: |screen, _| {
            let yes = screen.broken.as_ref().and_then(Broken::yes);
            screen.take(yes)
        },
    },
    Binding {
        name: "back",
        keys: &[Key::Esc],
        word: "back",
        help: "back to the passphrase; nothing is changed",
        applies: always,
        run: |screen, _| screen.take(None),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::BackTab, Key::Char('k')],
        word: "",
        help: "the line before",
        applies: always,
        run: |screen, _| screen.choose(-1),
    },
    QUIT,
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
            tries: Tries::default(),
            note: None,
            broken: None,
        }
    }

    /// Returns the screen with a reason for being locked.
    pub fn because(why: &'static str) -> Self {
        Self { why: Some(why), ..Self::new() }
    }

    fn table(&self) -> &'static [Binding<Self>] {
        match (self.opening, &self.broken) {
            (true, _) => OPENING,
            (false, Some(_)) => BROKEN,
            (false, None) => KEYS,
        }
    }

    fn unlock(&mut self, cx: &Cx<'_>) -> Reply {
        if let Some(early) = self.tries.refuse(cx) {
            return early;
        }
        if self.field.is_empty() {
            return Reply::say("Type the passphrase first");
        }
        self.opening = true;
        self.note = None;
        let passphrase = Passphrase::new(self.field.secret());
        self.field.clear();
        Reply::act(Action::Do(Effect::Unlock(passphrase)))
    }

    fn choose(&mut self, by: isize) -> Reply {
        if let Some(broken) = &mut self.broken {
            broken.chosen = round(broken.chosen, by, broken.ways.len());
        }
        Reply::done()
    }

    fn take(&mut self, index: Option<usize>) -> Reply {
        let Some(broken) = self.broken.take() else { return Reply::done() };
        let effect = match index.and_then(|index| broken.ways.get(index)) {
            Some((_, Way::Copy)) => Effect::Restore(broken.passphrase),
            Some((_, Way::Older)) => Effect::AcceptOlder(broken.passphrase),
            Some((_, Way::Back)) | None => return Reply::done(),
        };
        self.opening = true;
        Reply::act(Action::Do(effect))
    }

    fn failed(&mut self, failure: &Failure, cx: &Cx<'_>) {
        self.opening = false;
        let text = if failure.exit == Exit::Locked {
            self.tries.wrong(cx);
            "That passphrase does not open this vault. Caps Lock may be on. Nothing was changed.".to_owned()
        } else {
            let hints = failure.hints.iter().map(|hint| format!(" {}", sentence(hint)));
            sentence(&failure.message) + &hints.collect::<String>()
        };
        self.note = Some(Note::error(text));
    }

    fn view_broken(broken: &Broken, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let (x, mut y) = if area.width >= 60 && area.height >= 16 { (4, 8) } else { (1, 2) };
        let airy = u16::from(area.height >= 16);
        y += widgets::note(cx, area, buf, (x, y), &broken.note) + airy;
        y += widgets::wrap(buf, area, (x + 2, y), &broken.about, Style::new()) + airy;
        let texts: Vec<&str> = broken.ways.iter().map(|(text, _)| *text).collect();
        y += widgets::choices(cx, area, buf, (x, y), Some(broken.chosen), &texts);
        if airy == 1 {
            put(buf, area, x + 2, y + 1, "Vault", Style::new());
            let place = visible(&cx.facts.place);
            widgets::put_visible(
                buf,
                area,
                (x + 10, y + 1),
                area.width.saturating_sub(x + 11),
                &place,
                Style::new(),
            );
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
            Event::Done(Outcome::Broken(failure, mend, passphrase)) => {
                self.opening = false;
                self.broken = Some(Broken::new(failure, *mend, passphrase.clone(), cx));
                Reply::done()
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => match dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if self.types() && self.field.handle(*key) => Reply::done(),
                reply => reply,
            },
            Event::Paste(text) => {
                if self.types() {
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
            let corner = |left, bottom| cx.theme.glyph(Glyph::Corner(left, bottom));
            let (line, side) = (cx.theme.glyph(Glyph::Rule), cx.theme.glyph(Glyph::Side));
            let left = 30;
            let edge = line.repeat(18);
            put(
                buf,
                area,
                left,
                4,
                &format!("{}{edge}{}", corner(true, false), corner(false, false)),
                Style::new(),
            );
            put(buf, area, left, 5, &format!("{side}      Locked      {side}"), cx.theme.strong());
            put(
                buf,
                area,
                left,
                6,
                &format!("{}{edge}{}", corner(true, true), corner(false, true)),
                Style::new(),
            );
        } else {
            put(buf, area, 1, 1, "Locked", cx.theme.strong());
        }
        if let Some(broken) = &self.broken {
            return Self::view_broken(broken, cx, area, buf);
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
        if let Some(seconds) = self.tries.left(cx) {
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
        if self.tries.count() > 0 {
            put(buf, area, x - 13, below + 2, "Tries", Style::new());
            put(buf, area, x, below + 2, &self.tries.count().to_string(), Style::new());
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        help(self.table())
    }

    fn name(&self) -> &'static str {
        "the locked vault"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let (x, y, width) = Self::place(area);
        self.types().then(|| self.field.cursor(cx.theme, area, (x, y), width))
    }

    fn types(&self) -> bool {
        !self.opening && self.broken.is_none()
    }

    fn ticks(&self, cx: &Cx<'_>) -> bool {
        self.tries.left(cx).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::binding::clashes;

    #[test]
    fn no_key_means_two_things() {
        for table in [KEYS, OPENING, BROKEN] {
            assert_eq!(clashes(table), []);
        }
    }
}
