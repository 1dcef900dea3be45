//! The accounts are here, and so is the file that they came out of: what to do before it is forgotten.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::display::visible;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::{Effect, Original};
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::screens::remains;
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put};

/// Says that the accounts were added, and offers to delete the files.
pub(super) struct Added {
    count: usize,
    /// The name of the import as a change.
    doing: String,
    originals: Vec<Original>,
    /// What came of deleting them.
    said: Option<Note>,
}

impl Added {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "close",
            keys: &[Key::Enter, Key::Esc, Key::Char('q'), Key::Ctrl('c')],
            word: "to the list",
            help: "to the list",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
        Binding {
            name: "delete",
            keys: &[Key::Char('x')],
            word: "delete what was read",
            help: "delete the files that hold the secrets unencrypted",
            applies: |added, _| !added.originals.is_empty(),
            run: |added, _| {
                if added.originals.is_empty() {
                    return Reply::say("x: there is no file left to delete");
                }
                let files = std::mem::take(&mut added.originals);
                Reply::act(Action::Do(Effect::DeleteFiles(files)))
            },
        },
    ];

    /// Returns the screen for so many new accounts and the files that they came from. `doing` is what the import is
    /// called as a change.
    pub(super) fn new(count: usize, doing: String, originals: Vec<Original>) -> Self {
        Self { count, doing, originals, said: None }
    }
}

/// Returns how many accounts, in words.
pub(super) fn accounts(count: usize) -> String {
    if count == 1 { "1 account".to_owned() } else { format!("{count} accounts") }
}

impl Screen for Added {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::FilesDeleted(result)) => {
                self.said = Some(remains::deleted(result));
                Reply::done()
            }
            // It was undone: there is nothing here any more to be said of, and the files are wanted again.
            Event::Done(Outcome::Committed(done)) if done.undoes.as_ref() == Some(&self.doing) => {
                Reply::act(Action::Pop)
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => binding::dispatch(Self::KEYS, self, *key, cx),
            Event::Paste(_) | Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        widgets::header(cx, area, buf, &visible("Import"), "");
        let airy = u16::from(area.height >= 16);
        let mut y = 1 + airy;
        let text = format!("{} added. u undoes the whole import.", accounts(self.count));
        y += widgets::note(cx, area, buf, (3, y), &Note::good(text)) + airy;
        put(buf, area, 3, y, "Before you forget the old app", cx.theme.strong());
        y += 1 + airy;
        let mut lines = vec![
            "Compare one code here with the same account there; then the rest is right too.".to_owned(),
            "Keep the old app until you have signed in with a code from here.".to_owned(),
        ];
        if !self.originals.is_empty() && cx.config.add.offer_delete_picture {
            lines.insert(0, remains::offer(&self.originals, area.width >= 60));
        }
        for line in lines {
            put(buf, area, 5, y, cx.theme.glyph(Glyph::Bullet), Style::new());
            y += widgets::wrap(buf, area, (8, y), &line, Style::new());
        }
        if let Some(said) = &self.said {
            widgets::note(cx, area, buf, (3, y + airy), said);
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(Self::KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(Self::KEYS)
    }

    fn name(&self) -> &'static str {
        "the end of the import"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Added::KEYS).is_empty());
    }
}
