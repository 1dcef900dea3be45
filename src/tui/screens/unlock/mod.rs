//! The locked door: asks for the passphrase, or for a key file. After three wrong ones it waits, longer each time.

mod broken;
mod keys;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use self::broken::{Broken, Way};
use self::keys::{BROKEN, KEY_FILE, KEYS, LENT, OPENING, SEALED};
use super::tries::{LONGEST, Tries};
use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::tui::binding::{Binding, dispatch, help, hints};
use crate::tui::effect::Effect;
use crate::tui::errand::Errand;
use crate::tui::event::{Event, Outcome};
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen, Tone};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, round, sentence};
use crate::vault::Passphrase;

/// Said of a vault that was open until now; the shorter one where there is no room.
const GONE: &[&str] =
    &["Locked. The codes are gone from memory and from this screen.", "The codes are gone from memory."];
/// The longest path that is taken, in bytes.
const LONGEST_PATH: usize = 4096;

/// What is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Door {
    /// The passphrase of the vault.
    Passphrase,
    /// The place of a key file.
    KeyFile,
    /// The passphrase of this key file.
    Sealed(String),
}

/// The unlock screen.
pub struct Unlock {
    door: Door,
    field: Field,
    opening: bool,
    why: Option<&'static [&'static str]>,
    tries: Tries,
    note: Option<Note>,
    broken: Option<Broken>,
    /// The agent's codes can be gone back to.
    lent: bool,
}

impl Default for Unlock {
    fn default() -> Self {
        Self::new()
    }
}

impl Unlock {
    /// Returns the screen as it is at the start.
    pub fn new() -> Self {
        Self {
            door: Door::Passphrase,
            field: Field::masked(LONGEST),
            opening: false,
            why: None,
            tries: Tries::default(),
            note: None,
            broken: None,
            lent: false,
        }
    }

    /// Returns the screen of a vault that was open until now.
    pub fn again() -> Self {
        Self { why: Some(GONE), ..Self::new() }
    }

    /// Returns the screen that stands on the way from the agent's codes to something else.
    pub fn on_the_way(errand: &Errand) -> Self {
        let text = visible(&errand.why).as_str().to_owned();
        let note = if errand.warns { Note::warning(text) } else { Note::plain(text) };
        Self { note: Some(note), lent: errand.back, ..Self::new() }
    }

    fn table(&self) -> &'static [Binding<Self>] {
        match (self.opening, &self.broken) {
            (true, _) => OPENING,
            (false, Some(_)) => BROKEN,
            (false, None) => match self.door {
                Door::Passphrase if self.lent => LENT,
                Door::Passphrase => KEYS,
                Door::KeyFile => KEY_FILE,
                Door::Sealed(_) => SEALED,
            },
        }
    }

    fn turn(&mut self, door: Door) -> Reply {
        self.field = if door == Door::KeyFile { Field::new(LONGEST_PATH) } else { Field::masked(LONGEST) };
        self.door = door;
        self.note = None;
        Reply::done()
    }

    fn unlock(&mut self, cx: &Cx<'_>) -> Reply {
        if let Some(early) = self.tries.refuse(cx) {
            return early;
        }
        let text = self.field.secret();
        if text.trim().is_empty() {
            let what = if self.door == Door::KeyFile { "place of the key file" } else { "passphrase" };
            return Reply::say(format!("Type the {what} first"));
        }
        self.opening = true;
        self.note = None;
        let effect = match &self.door {
            Door::Passphrase => Effect::Unlock(Passphrase::new(text)),
            Door::KeyFile => Effect::UnlockWith(text.trim().to_owned(), None),
            Door::Sealed(file) => Effect::UnlockWith(file.clone(), Some(Passphrase::new(text))),
        };
        if self.door != Door::KeyFile {
            self.field.clear();
        }
        Reply::act(Action::Do(effect))
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
        let text = if failure.exit == Exit::Locked && self.door == Door::Passphrase {
            self.tries.wrong(cx);
            "That passphrase does not open this vault. Caps Lock may be on. Nothing was changed.".to_owned()
        } else {
            let hints = failure.hints.iter().map(|hint| format!(" {}", sentence(hint)));
            sentence(&failure.message) + &hints.collect::<String>()
        };
        self.note = Some(Note::error(text));
    }

    /// Returns where the field stands: column, row, width.
    fn place(area: Rect) -> (u16, u16, u16) {
        let (label, row) = if area.width >= 60 { (17, 9) } else { (1, 3) };
        let row = if area.height >= 16 { row } else { 3 };
        let x = label + 13;
        (x, row, area.width.saturating_sub(x + 1).min(48))
    }
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    let typed = [KEYS, LENT, KEY_FILE, SEALED].map(|table| (true, help(table)));
    typed.into_iter().chain([OPENING, BROKEN].map(|table| (false, help(table)))).collect()
}

impl Screen for Unlock {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::Unlocked(Err(failure))) => {
                self.failed(failure, cx);
                Reply::done()
            }
            Event::Done(Outcome::KeySealed { file, wrong }) => {
                self.opening = false;
                if *wrong {
                    self.tries.wrong(cx);
                }
                drop(self.turn(Door::Sealed(file.clone())));
                let text = "That passphrase does not open this key file. Caps Lock may be on.";
                self.note = wrong.then(|| Note::error(text));
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
            let (line, side) = (cx.theme.glyph(Glyph::Rule), cx.theme.glyph(Glyph::Beside));
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
            return broken.view(cx, area, buf);
        }
        let (label, about) = match self.door {
            Door::Passphrase => ("Passphrase", self.why),
            Door::KeyFile => ("Key file", None),
            Door::Sealed(_) => ("Passphrase", Some(&["This key file has its own passphrase."][..])),
        };
        if let Some(about) = about {
            let room = usize::from(area.width.saturating_sub(x - 13));
            // The first sentence that fits says the most.
            let line = about.iter().find(|line| line.len() <= room).or(about.last());
            put(buf, area, x - 13, y - 1, line.copied().unwrap_or_default(), Style::new());
        }
        put(buf, area, x - 13, y, label, Style::new());
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
            // The mark stands before the column of the words.
            let at = if note.tone == Tone::Plain { x - 13 } else { (x - 13).saturating_sub(2).max(1) };
            below += widgets::note(cx, room, buf, (at, below), note);
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
        for table in [KEYS, LENT, KEY_FILE, SEALED, OPENING, BROKEN] {
            assert_eq!(clashes(table), []);
        }
    }
}
