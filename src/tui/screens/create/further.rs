//! Who else may open the vault, beside its passphrase: age keys, or those of a key file. They are tried out before they
//! count, so that nothing is made for a key that does not work.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Create, PATH, Stage};
use crate::failure::Failure;
use crate::tui::effect::Effect;
use crate::tui::screen::{Action, Cx, Note, Reply};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, sentence};

/// The age keys that open the vault too.
pub(super) struct Further {
    pub(super) field: Field,
    /// Those that were found and tried out.
    pub(super) keys: Vec<String>,
    /// They are being tried out.
    looking: bool,
}

impl Further {
    /// Returns none.
    pub(super) fn none() -> Self {
        Self { field: Field::new(PATH), keys: Vec::new(), looking: false }
    }

    /// Says how many there are: "1 age key opens it too".
    pub(super) fn counted(&self) -> Option<String> {
        match self.keys.len() {
            0 => None,
            1 => Some("1 age key opens it too".to_owned()),
            count => Some(format!("{count} age keys open it too")),
        }
    }
}

impl Create {
    /// Has what was typed looked at; nothing typed means nobody else.
    pub(super) fn find_keys(&mut self) -> Reply {
        let typed = self.further.field.text().trim().to_owned();
        self.note = None;
        if typed.is_empty() {
            self.further.keys.clear();
            self.stage = Stage::Passphrase;
            return Reply::done();
        }
        if std::mem::replace(&mut self.further.looking, true) {
            return Reply::say("The key is being tried");
        }
        Reply::act(Action::Do(Effect::FindKeys(typed)))
    }

    /// Leaves the question; what was found before still counts.
    pub(super) fn leave_keys(&mut self) -> Reply {
        self.further.looking = false;
        self.note = None;
        self.stage = Stage::Passphrase;
        Reply::done()
    }

    pub(super) fn found_keys(&mut self, result: &Result<Vec<String>, Failure>) -> Reply {
        if !std::mem::take(&mut self.further.looking) {
            return Reply::done();
        }
        match result {
            Ok(keys) => {
                self.further.keys.clear();
                for key in keys {
                    if !self.further.keys.contains(key) {
                        self.further.keys.push(key.clone());
                    }
                }
                self.stage = Stage::Passphrase;
            }
            Err(failure) => {
                let hints = failure.hints.iter().map(|hint| format!(" {}", sentence(hint)));
                self.note = Some(Note::error(sentence(&failure.message) + &hints.collect::<String>()));
            }
        }
        Reply::done()
    }

    pub(super) fn view_keys(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let (x, y, width) = Self::place_at(area);
        let text = "Who else may open the vault? The passphrase always does.";
        widgets::wrap(buf, area, (3, y.saturating_sub(3)), text, Style::new());
        put(buf, area, x - 2, y, cx.theme.glyph(Glyph::Cursor), Style::new());
        self.further.field.view(cx.theme, area, buf, (x, y), width, Style::new());
        let mut y = y + 2;
        if self.further.looking {
            put(buf, area, 3, y, "Trying the key ...", Style::new());
            return;
        }
        if let Some(note) = &self.note {
            y += widgets::note(cx, area, buf, (3, y), note) + 1;
        }
        let text = if area.height >= 16 {
            "Type, paste or drag the path of a key file, as age-keygen writes it. Or type the public key (age1...) of \
             it, of a hardware key, or of somebody else who may read everything; several with blanks between. Nothing \
             of a key file is kept here. An empty line means nobody else."
        } else {
            "The path of a key file of age-keygen, or keys (age1...). Empty: nobody."
        };
        widgets::wrap(buf, area, (3, y), text, Style::new());
    }
}
