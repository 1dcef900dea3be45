//! How the second question is drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::super::{change, wait};
use super::super::draft::Draft;
use super::{Focus, OTHER_WAYS, Pin, SecretKey, Way, has_settings, settings};
use crate::display::visible;
use crate::tui::screen::{Cx, Note};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put};
use crate::vault::Account;

impl SecretKey {
    /// Marks the wrong letters under the field, where the whole field is in sight.
    fn view_places(&self, area: Rect, buf: &mut Buffer, y: u16) {
        for place in &self.places {
            if let Ok(x) = u16::try_from(*place + 2)
                && x < area.width.saturating_sub(1)
            {
                put(buf, area, x, y, "^", Style::new());
            }
        }
    }

    pub(super) fn field_at(area: Rect) -> (u16, u16) {
        (3, if area.height >= 16 { 4 } else { 2 })
    }

    /// Draws the step.
    pub(super) fn draw(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        if self.waiting {
            return wait::view(cx, area, buf, (3, u16::from(roomy)));
        }
        let text = if roomy {
            "Paste or type what the site gave you: a secret key, an otpauth:// link, or the path of a picture of \
             the QR code."
        } else {
            "Secret key, link or path of a picture:"
        };
        if let Some(pin) = &self.pin {
            return self.view_pin(pin, cx, area, buf);
        }
        widgets::wrap(buf, area, (3, u16::from(roomy)), text, Style::new());
        let (x, y) = Self::field_at(area);
        let mark = if self.focus == Focus::Field { cx.theme.glyph(Glyph::Cursor) } else { " " };
        put(buf, area, 1, y, mark, Style::new());
        let width = area.width.saturating_sub(x + 1);
        self.field.view(cx.theme, area, buf, (x, y), width, Style::new());
        let mut below = y + 1;
        let in_sight = self.field.text().chars().count() < usize::from(width);
        if !self.places.is_empty() && !self.field.is_masked() && in_sight {
            self.view_places(area, buf, below);
            below += 1;
        }
        if let Some(verdict) = &self.verdict {
            below += widgets::note(cx, area, buf, (3, below), verdict);
        }
        if let Some(twin) = twin(draft, cx) {
            let text = format!(
                "This secret is here already, as \"{twin}\". Adding it again makes the same codes twice."
            );
            below += widgets::note(cx, area, buf, (3, below), &Note::warning(text));
        }
        if !self.found.is_empty() {
            let names: Vec<String> = self
                .found
                .iter()
                .map(|link| visible(&format!("{} {}", link.issuer, link.account)).cut(60).to_string())
                .collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            widgets::choices(cx, area, buf, (3, below), Some(self.chosen), &names);
            return;
        }
        if has_settings(draft) {
            below += u16::from(roomy);
            let focus = if let Focus::Setting(index) = self.focus { Some(index) } else { None };
            settings::view(draft, focus, cx, area, buf, below);
            below += 1;
        }
        below += u16::from(roomy);
        if roomy {
            put(buf, area, 3, below, "Or", Style::new());
            below += 1;
        }
        let marked = OTHER_WAYS.iter().position(|way| self.focus == Focus::Way(*way));
        let texts = OTHER_WAYS.map(|way| words(way, area.width >= 60));
        // In a small window the words above them matter more, until one of them is wanted.
        if marked.is_some() || below + 3 <= area.height {
            below += widgets::choices(cx, area, buf, (3, below), marked, &texts);
        }
        if roomy {
            let text = "Whether it is right shows in the next step.";
            put(buf, area, 3, below + 1, text, Style::new());
        }
    }

    /// Draws the question for the PIN, which stands where the field was.
    fn view_pin(&self, pin: &Pin, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        let text = if roomy {
            "This account makes its codes from the secret and a PIN, which this link lacks. Type the PIN that you \
             enter in the app that has the account now."
        } else {
            "The link lacks its PIN. Type it:"
        };
        widgets::wrap(buf, area, (3, u16::from(roomy)), text, Style::new());
        let (x, y) = Self::field_at(area);
        put(buf, area, 1, y, cx.theme.glyph(Glyph::Cursor), Style::new());
        pin.field.view(cx.theme, area, buf, (x, y), area.width.saturating_sub(x + 1), Style::new());
        let mut below = y + 1;
        if let Some(verdict) = &self.verdict {
            below += widgets::note(cx, area, buf, (3, below), verdict);
        }
        let text = "A wrong PIN gives wrong codes. Whether it is right shows in the next step.";
        widgets::wrap(buf, area, (3, below + u16::from(roomy)), text, Style::new());
    }
}

/// Names a way.
fn words(way: Way, wide: bool) -> &'static str {
    match (way, wide) {
        (Way::Clipboard, true) => "Take a picture from this computer's clipboard",
        (Way::Clipboard, false) => "Picture from the clipboard",
        (Way::Wait, true) => "Wait for a picture of the QR code (a screenshot, or one sent with scp)",
        (Way::Wait, false) => "Wait for a picture",
        (Way::Make, true) => "Create a new secret, to put on a phone (shows a QR code)",
        (Way::Make, false) => "Create a new secret for a phone",
    }
}

/// Returns the name of another account with the very same secret: names tell nothing, since at some services every
/// account has the same.
fn twin(draft: &Draft, cx: &Cx<'_>) -> Option<String> {
    let secret = draft.secret.as_ref()?;
    let same = |account: &&Account| account.id != draft.id && account.otp.secret == *secret;
    cx.vault.accounts().iter().find(same).map(|account| change::title(account, cx))
}
