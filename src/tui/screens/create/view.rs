//! How the first start is drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::choosing;
use super::{Create, Stage, Start, Tried};
use crate::display::visible;
use crate::tui::screen::{Cx, Note};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put};

impl Create {
    /// Draws the stage at hand.
    pub(super) fn draw(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        put(buf, area, 1, 0, "twolock", cx.theme.strong());
        let step = match self.stage {
            Stage::Welcome | Stage::Place { .. } => "First start, 1 of 3",
            Stage::Passphrase | Stage::Keys | Stage::Making => "First start, 2 of 3",
            Stage::Ready => "First start, 3 of 3",
        };
        put(buf, area, area.width.saturating_sub(20), 0, step, Style::new());
        match self.stage {
            Stage::Welcome => self.view_welcome(cx, area, buf),
            Stage::Place { existing } => self.view_place(cx, area, buf, existing),
            Stage::Passphrase => self.view_passphrase(cx, area, buf),
            Stage::Keys => self.view_keys(cx, area, buf),
            Stage::Making => {
                put(buf, area, 3, 3, "Making the vault ... (about a second)", Style::new());
            }
            Stage::Ready => self.view_ready(cx, area, buf),
        }
    }

    fn view_welcome(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 20;
        let mut y = if roomy { 3 } else { 1 };
        let what = if roomy {
            "Welcome. twolock keeps the secrets for your sign-in codes in one encrypted vault on this computer, and \
             shows the codes when you need them."
        } else {
            "twolock keeps the secrets for your sign-in codes in one encrypted vault."
        };
        y += widgets::wrap(buf, area, (3, y), what, Style::new()) + u16::from(roomy);
        if roomy {
            let text = "Nothing is sent anywhere. There is no account to make.";
            y += widgets::wrap(buf, area, (3, y), text, Style::new()) + 2;
            put(buf, area, 3, y, "Where should the vault be kept?", cx.theme.strong());
            y += 2;
        }
        let starts = Self::starts(cx);
        let (new, known) = starts.split_at(starts.len() / 2);
        let words = |starts: &[Start]| -> Vec<String> {
            starts.iter().map(|start| start_in_words(*start, cx, area.width >= 60)).collect()
        };
        if !roomy {
            let texts = words(starts);
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            widgets::choices(cx, area, buf, (1, y + 1), Some(self.chosen), &texts);
            return;
        }
        for (part, first) in [(new, 0), (known, new.len())] {
            let texts = words(part);
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let marked = self.chosen.checked_sub(first).filter(|at| *at < part.len());
            y += widgets::choices(cx, area, buf, (3, y), marked, &texts) + 2;
            if first == 0 {
                put(buf, area, 3, y, "Already have your codes somewhere else?", cx.theme.strong());
                y += 2;
            }
        }
    }

    fn view_place(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, existing: bool) {
        let (x, y, width) = Self::place_at(area);
        let text = if existing {
            "Which directory is the vault in? It holds the files vault.age and identity.age."
        } else {
            "In which directory shall the vault be kept? It is made if it is not there."
        };
        widgets::wrap(buf, area, (3, y.saturating_sub(3)), text, Style::new());
        put(buf, area, x - 2, y, cx.theme.glyph(Glyph::Cursor), Style::new());
        self.place.view(cx.theme, area, buf, (x, y), width, Style::new());
        let mut y = y + 2;
        if let Some(note) = &self.note {
            y += widgets::note(cx, area, buf, (3, y), note) + 1;
        }
        let text =
            "The directory is remembered in the settings (vault.dir), so that it is found from now on.";
        widgets::wrap(buf, area, (3, y), text, Style::new());
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
        y += choosing::view(cx, area, buf, (x, y), self.fields[0].text(), roomy);
        if roomy {
            y += 1;
        }
        if let Some(note) = &self.note {
            y += widgets::note(cx, area, buf, (3, y), note);
            y += u16::from(roomy);
        }
        if roomy {
            put(buf, area, 3, y, "Need an idea?     F4 writes one for you.", Style::new());
            let keys = match self.further.counted() {
                Some(count) => format!("Another key?      {count}. F5 changes that."),
                None => "Another key?      F5 lets an age key open it too.".to_owned(),
            };
            put(buf, area, 3, y + 1, &keys, Style::new());
            y += 3;
        } else if let Some(count) = self.further.counted() {
            put(buf, area, 3, y, &format!("{count} (F5)."), Style::new());
            y += 1;
        }
        let text = if self.further.keys.is_empty() {
            "There is no way to get the codes back without it. Write it on paper."
        } else {
            "Write it on paper all the same: it is what opens the vault where the key is not at hand."
        };
        widgets::wrap(buf, area, (3, y), text, Style::new());
    }

    fn view_ready(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        let mut y = if roomy { 3 } else { 1 };
        y += widgets::note(cx, area, buf, (3, y), &Note::good("Your vault is ready and encrypted."));
        y += u16::from(roomy);
        let place = visible(&cx.facts.place);
        widgets::put_visible(buf, area, (5, y), area.width.saturating_sub(6), &place, cx.theme.strong());
        y += 1 + u16::from(roomy);
        if roomy {
            put(buf, area, 3, y, "Checks on this computer", cx.theme.strong());
            y += 2;
        }
        let clock = match cx.facts.clock_synchronised {
            Some(true) => Note::good("Clock: kept right by the network"),
            Some(false) => Note::warning("Clock: not synchronised. If codes are refused, that is why"),
            None => Note::warning("Clock: not checked; if codes are refused, look there first"),
        };
        let backup = Note::good(if roomy {
            "Backup: a copy is kept beside the vault at each change"
        } else {
            "Backup: one copy at each change"
        });
        let clipboard = match self.tried {
            Tried::No => Note::plain("- Clipboard: c puts a word on it, to be pasted here"),
            Tried::Sent => {
                Note::plain(format!("- Clipboard: {} should be on it now. Paste it here", self.word))
            }
            Tried::Back => Note::good("Clipboard: what is copied here can be pasted"),
            Tried::Other => Note::error(
                "Clipboard: something else came. `twolock doctor` tells the way that a copy takes, and what to set",
            ),
        };
        let keys = self.further.counted().map(|count| Note::good(format!("Keys: {count}, tried just now")));
        for note in keys.into_iter().chain([clock, backup, clipboard]) {
            y += widgets::note(cx, area, buf, (3, y), &note);
        }
        let text = if self.imports {
            "Enter leads to the import of your accounts."
        } else {
            "Enter adds your first account. You can also paste its otpauth:// link here."
        };
        widgets::wrap(buf, area, (3, y + u16::from(roomy)), text, Style::new());
    }
}

/// Names a way to begin.
fn start_in_words(start: Start, cx: &Cx<'_>, wide: bool) -> String {
    match start {
        Start::Here if cx.facts.place_is_named || !wide => cx.facts.place.clone(),
        Start::Here => format!("{}   (recommended)", cx.facts.place),
        Start::Elsewhere => "Another place ...".to_owned(),
        Start::Open => "Open an existing vault ...".to_owned(),
        Start::Import if wide => {
            "Import from Aegis, 2FAS, Ente, Google Authenticator, a QR code ...".to_owned()
        }
        Start::Import => "Import from another app ...".to_owned(),
    }
}
