//! Two codes of another device, typed here: they prove that both have the same secret, the same settings and the
//! same time; and if not, they tell what is wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::Turn;
use super::draft::Draft;
use super::verdict::{Remedy, Words, matches, words};
use crate::display::visible;
use crate::exchange::picture::draw;
use crate::otp::{Kind, Link, Observation, Otp, Seen, Timestamp, diagnose};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Note, Reply};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, Scan, put, round, scan};
use crate::vault::Checked;

/// The tab, or the whole step for a secret that was made here.
pub(super) struct Compare {
    fields: [Field; 2],
    typed_at: [Timestamp; 2],
    focus: usize,
    first_matches: Option<bool>,
    result: Option<Words>,
}

impl Compare {
    pub(super) fn new() -> Self {
        Self {
            fields: [Field::new(10), Field::new(10)],
            typed_at: [Timestamp::default(); 2],
            focus: 0,
            first_matches: None,
            result: None,
        }
    }

    /// Empties both fields.
    pub(super) fn restart(&mut self) {
        self.fields.iter_mut().for_each(Field::clear);
        self.focus = 0;
        self.first_matches = None;
        self.result = None;
    }

    /// Is there a verdict?
    pub(super) fn is_done(&self) -> bool {
        self.result.is_some()
    }

    /// Goes to the other field.
    pub(super) fn switch(&mut self) -> Reply {
        self.focus = 1 - self.focus;
        Reply::done()
    }

    /// Marks another remedy.
    pub(super) fn choose(&mut self, by: isize) {
        if let Some(result) = &mut self.result {
            result.chosen = round(result.chosen, by, result.remedies.len());
        }
    }

    /// Takes what stands in the field at hand for the whole code.
    pub(super) fn enter(&mut self, draft: &Draft, cx: &Cx<'_>) -> Turn {
        if self.fields[self.focus].is_empty() {
            let text = format!("Type code {} of the other device first", self.focus + 1);
            return Turn::Stay(vec![Action::Say(Note::plain(text))]);
        }
        self.complete(draft, cx);
        Turn::stay()
    }

    /// Takes a key that is typed.
    pub(super) fn text(&mut self, key: Key, draft: &Draft, cx: &Cx<'_>) -> bool {
        match key {
            Key::Char(letter) if letter.is_ascii_digit() || letters(draft) => {
                self.type_in(letter, draft, cx);
                true
            }
            Key::Char(_) => false,
            key => self.fields[self.focus].handle(key),
        }
    }

    /// Takes codes that were pasted, with blanks or without.
    pub(super) fn pasted(&mut self, text: &str, draft: &Draft, cx: &Cx<'_>) {
        for letter in text.chars().filter(char::is_ascii_alphanumeric) {
            if self.result.is_none() && (letter.is_ascii_digit() || letters(draft)) {
                self.type_in(letter, draft, cx);
            }
        }
    }

    fn type_in(&mut self, letter: char, draft: &Draft, cx: &Cx<'_>) {
        self.fields[self.focus].handle(Key::Char(letter));
        if self.fields[self.focus].text().len() >= length(draft) {
            self.complete(draft, cx);
        }
    }

    /// The field at hand is complete: the first is compared at once, both together are diagnosed.
    fn complete(&mut self, draft: &Draft, cx: &Cx<'_>) {
        self.typed_at[self.focus] = cx.now.wall;
        let Some(otp) = draft.otp() else { return };
        if self.focus == 0 {
            self.first_matches = Some(matches(&otp, self.fields[0].text(), cx.now.wall));
            self.focus = 1;
            if self.fields[1].is_empty() {
                return;
            }
        }
        let finding = diagnose(&Observation {
            otp: &otp,
            first: Seen { code: self.fields[0].text(), at: self.typed_at[0] },
            second: Seen { code: self.fields[1].text(), at: self.typed_at[1] },
            key: Some(draft.typed.as_str()).filter(|key| !key.is_empty()),
        });
        self.result = Some(words(&finding, &otp, &draft.typed, cx));
    }

    /// Does what is marked below the verdict.
    pub(super) fn remedy(&mut self, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        let Some(result) = &self.result else { return Turn::stay() };
        let remedy = result.remedies[result.chosen].1;
        match remedy {
            Remedy::Adopt | Remedy::Save => {
                if let (Remedy::Adopt, Some(otp)) = (remedy, &result.otp) {
                    draft.adopt(otp);
                }
                match draft.save(cx, Some(Checked::ByDevice(cx.now.wall))) {
                    Some(effect) => Turn::Next(vec![Action::Do(effect)]),
                    None => Turn::stay(),
                }
            }
            Remedy::SaveUnchecked => Turn::Next(Vec::new()),
            Remedy::Secret => {
                self.restart();
                Turn::Back
            }
            Remedy::Again => {
                self.restart();
                Turn::stay()
            }
        }
    }

    fn field_at(draft: &Draft, area: Rect, index: usize) -> (u16, u16) {
        let row = u16::try_from(index).unwrap_or(0);
        match (draft.made_here, area.width >= 76 && area.height >= 18) {
            (true, true) => (51, 13 + row * 2),
            (true, false) => (11, area.height.saturating_sub(3) + row),
            (false, _) if area.height >= 16 => (14, 6 + row * 2),
            (false, _) => (11, 3 + row),
        }
    }

    fn view_fields(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        for index in 0..2 {
            let (x, y) = Self::field_at(draft, area, index);
            let mark = if index == self.focus && self.result.is_none() {
                cx.theme.glyph(Glyph::Cursor)
            } else {
                " "
            };
            put(buf, area, x - 11, y, mark, Style::new());
            put(buf, area, x - 9, y, &format!("Code {}", index + 1), Style::new());
            self.fields[index].view(cx.theme, area, buf, (x, y), 12, cx.theme.strong());
            if index == 0 && self.result.is_none() {
                let (mark, style) = match self.first_matches {
                    Some(true) => (format!("{} matches", cx.theme.glyph(Glyph::Check)), cx.theme.good()),
                    Some(false) => ("- not the code here now; type the next too".to_owned(), Style::new()),
                    None => continue,
                };
                let room = Rect { width: area.width.min(x + 56), ..area };
                widgets::wrap(buf, room, (x + 11, y), &mark, style);
            }
        }
        let left = draft.otp().and_then(|otp| otp.seconds_left(cx.now.wall));
        if let Some(left) =
            left.filter(|_| self.focus == 1 && self.result.is_none() && self.fields[1].is_empty())
        {
            let (x, y) = Self::field_at(draft, area, 1);
            put(buf, area, x + 11, y, &format!("next code in {left} s"), Style::new());
        }
    }

    /// Draws the tab.
    pub(super) fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, advice: bool) {
        let roomy = area.height >= 16;
        if !roomy && self.result.is_some() {
            return self.view_result(cx, area, buf, (1, 1));
        }
        if roomy {
            let text = if advice {
                "Type two codes from your phone, if the account is there too. If not: is it the newest QR code, and \
                 did the site want only one code?"
                    .to_owned()
            } else {
                format!(
                    "Open {} in the other authenticator and type the code it shows. Then wait for it to change and \
                     type the next one.",
                    visible(draft.name()).cut(24)
                )
            };
            widgets::wrap(buf, area, (3, 2), &text, Style::new());
        } else {
            put(buf, area, 1, 1, "Codes of the other device:", Style::new());
        }
        self.view_fields(draft, cx, area, buf);
        let below = Self::field_at(draft, area, 1).1 + if roomy { 2 } else { 1 };
        if self.result.is_some() {
            self.view_result(cx, area, buf, (if roomy { 3 } else { 1 }, below));
        } else if roomy {
            let text = "Two codes in a row prove that this is the same secret, with the same settings, and that both \
                        clocks agree.";
            widgets::wrap(buf, area, (3, below + 1), text, Style::new());
        }
    }

    fn view_result(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, (x, y): (u16, u16)) {
        let Some(result) = &self.result else { return };
        let mut y = y + widgets::note(cx, area, buf, (x, y), &result.note);
        for line in &result.more {
            // Keys and settings stand in columns and must keep their blanks.
            if line.contains("  ") && area.width >= 60 {
                put(buf, area, x + 2, y, line, Style::new());
                y += 1;
            } else {
                y += widgets::wrap(buf, area, (x + 2, y), line, Style::new());
            }
        }
        let texts: Vec<&str> = result.remedies.iter().map(|(text, _)| text.as_str()).collect();
        let y = if area.height >= 16 { y + 1 } else { y };
        widgets::choices(cx, area, buf, (x, y), Some(result.chosen), &texts);
    }

    /// Draws the whole step for a secret that was made here: its QR code on the left, the codes on the right.
    pub(super) fn view_new(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(otp) = draft.otp() else { return };
        if self.result.is_some() && (area.width < 76 || area.height < 18) {
            return self.view_result(cx, area, buf, (1, 1));
        }
        let link = Link::write_short(&draft.issuer, &draft.account, &otp);
        let room = Rect::new(area.x, area.y, area.width.min(39), area.height);
        let fits = draw(&link).ok().map(|modules| scan(cx.theme, buf, room, &modules, false));
        if area.width < 76 || area.height < 18 {
            return self.view_new_small(draft, cx, area, buf, fits, &otp);
        }
        let right = Rect::new(area.x, area.y, area.width, area.height);
        let mut y = 0;
        if let Some(Scan::TooSmall { columns, rows }) = fits {
            let text =
                format!("The QR code needs {columns} x {rows}; make the window larger, or type the key.");
            y += widgets::wrap(buf, Rect { width: 40, ..area }, (2, 4), &text, Style::new());
        }
        if self.result.is_some() {
            return self.view_result(cx, area, buf, (40, 4));
        }
        let text = "Scan this with the phone: Google Authenticator, Duo Mobile, Authy, 2FAS ...";
        y += widgets::wrap(buf, right, (40, y), text, Style::new());
        put(buf, area, 40, y + 1, "Can't scan? Type this key:", Style::new());
        y += 2;
        for line in widgets::lines(&otp.secret.to_groups(), 30) {
            put(buf, area, 40, y, &line, cx.theme.strong());
            y += 1;
        }
        let text = "Then type the code the phone shows, and the one after it:";
        widgets::wrap(buf, right, (40, y + 1), text, Style::new());
        self.view_fields(draft, cx, area, buf);
        let text = "Our own codes are not shown, so this proves that the phone has the secret.";
        widgets::wrap(buf, right, (40, area.height.saturating_sub(3)), text, Style::new());
    }

    fn view_new_small(
        &self,
        draft: &Draft,
        cx: &Cx<'_>,
        area: Rect,
        buf: &mut Buffer,
        fits: Option<Scan>,
        otp: &Otp,
    ) {
        // The code was drawn if it fitted; beside it there is no room for anything else.
        ratatui::widgets::Widget::render(ratatui::widgets::Clear, area, buf);
        let mut y = 0;
        if let Some(Scan::TooSmall { columns, rows } | Scan::Fits { columns, rows, .. }) = fits {
            let text = format!("The QR code needs {columns} x {}. Enlarge the window, or type:", rows + 4);
            y += widgets::wrap(buf, area, (1, y), &text, Style::new());
        }
        for line in widgets::lines(&otp.secret.to_groups(), usize::from(area.width.saturating_sub(3))) {
            put(buf, area, 2, y, &line, cx.theme.strong());
            y += 1;
        }
        put(buf, area, 1, y, "Then type two codes of the phone:", Style::new());
        self.view_fields(draft, cx, area, buf);
    }

    /// Returns where the cursor belongs.
    pub(super) fn cursor(&self, draft: &Draft, cx: &Cx<'_>, area: Rect) -> Position {
        let at = Self::field_at(draft, area, self.focus);
        self.fields[self.focus].cursor(cx.theme, area, at, 12)
    }
}

/// Steam and Yandex show letters; everybody else digits, so that letters stay commands.
pub(super) fn letters(draft: &Draft) -> bool {
    matches!(draft.kind, Kind::Motp { .. } | Kind::Steam | Kind::Yandex { .. })
}

/// Returns how many characters a code has.
fn length(draft: &Draft) -> usize {
    match draft.kind {
        Kind::Motp { .. } => 6,
        Kind::Steam => 5,
        Kind::Yandex { .. } => 8,
        Kind::Hotp { .. } | Kind::Totp { .. } => usize::from(draft.digits.get()),
    }
}
