//! Two codes of another device, typed here: they prove that both have the same secret, the same settings and the
//! same time; and if not, they tell what is wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::super::scan::labels;
use super::Turn;
use super::draft::Draft;
use crate::display::visible;
use crate::exchange::picture::draw;
use crate::otp::{Kind, Link, Observation, Otp, Seen, Timestamp, diagnose};
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Note, Reply};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, Scan, put, round, scan};
use crate::vault::Checked;
use crate::words::finding::{Remedy, Words, matches, words};

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
        let mut result = words(&finding, &otp, &draft.typed, cx.facts.clock_synchronised);
        if draft.made_here {
            // Nobody typed it, so there is nothing to mend in it.
            result.remedies.retain(|(_, remedy)| *remedy != Remedy::Secret);
        }
        self.result = Some(result);
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
                    Some(saves) => Turn::Next(vec![Action::Do(Effect::Commit(saves))]),
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
        match (draft.made_here, beside(area)) {
            (true, Some(x)) => (x + 11, 13 + row * 2),
            (true, None) => (11, area.height.saturating_sub(3) + row),
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
            put(buf, area, x + 11, y, &format!("next code in {} s", cx.theme.seconds(left)), Style::new());
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
        let width = area.width.saturating_sub(x + 3);
        let count = u16::try_from(result.remedies.len()).unwrap_or(u16::MAX);
        let end = area.height.saturating_sub(count);
        if let Some(places) = &result.places {
            for line in places.lines(width) {
                put(buf, area, x + 2, y, &line, Style::new());
                y += 1;
            }
        }
        for line in &result.more {
            // Settings stand in columns and must keep their blanks; what does not fit is left out as a whole.
            let kept = line.contains("  ") && area.width >= 60;
            let tidy =
                if kept { line.clone() } else { line.split_whitespace().collect::<Vec<_>>().join(" ") };
            let lines = if kept { vec![tidy] } else { widgets::lines(&tidy, usize::from(width)) };
            if usize::from(y) + lines.len() > usize::from(end) {
                break;
            }
            for line in &lines {
                put(buf, area, x + 2, y, line, Style::new());
                y += 1;
            }
        }
        let texts: Vec<&str> = result.remedies.iter().map(|(text, _)| text.as_str()).collect();
        let y = if area.height >= 16 { y + 1 } else { y };
        widgets::choices(cx, area, buf, (x, y), Some(result.chosen), &texts);
    }

    /// Draws the whole step for a secret that was made here: its QR code on the left, the codes on the right.
    pub(super) fn view_new(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(otp) = draft.otp() else { return };
        let Some(x) = beside(area) else {
            return self.view_new_small(draft, cx, area, buf, &otp);
        };
        let scanned = view_code(draft, &otp, cx, Rect { width: x - 1, ..area }, buf);
        if self.result.is_some() {
            return self.view_result(cx, area, buf, (x, 4));
        }
        let mut y = 0;
        if let Some(whole) = scanned {
            let less = if whole { "" } else { " (without the account's name)" };
            let text =
                format!("Scan this with the phone: Google Authenticator, Duo Mobile, Authy, 2FAS{less}");
            y += widgets::wrap(buf, area, (x, y), &text, Style::new()) + 1;
        }
        let text =
            if scanned.is_some() { "Can't scan? Type this key:" } else { "Type this key on the phone:" };
        put(buf, area, x, y, text, Style::new());
        y += 1 + view_key(&otp, cx, area, buf, (x, y + 1), 30);
        let text = "Then type the code the phone shows, and the one after it:";
        widgets::wrap(buf, area, (x, y + 1), text, Style::new());
        self.view_fields(draft, cx, area, buf);
        let text = "Our own codes are not shown, so this proves that the phone has the secret.";
        widgets::wrap(buf, area, (x, area.height.saturating_sub(3)), text, Style::new());
    }

    fn view_new_small(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, otp: &Otp) {
        if self.result.is_some() {
            return self.view_result(cx, area, buf, (1, 1));
        }
        let text = "f shows the QR code on the whole screen. Or type this key:";
        let mut y = widgets::wrap(buf, area, (1, 0), text, Style::new());
        y += view_key(otp, cx, area, buf, (2, y), area.width.saturating_sub(3));
        put(buf, area, 1, y, "Then type two codes of the phone:", Style::new());
        self.view_fields(draft, cx, area, buf);
    }

    /// Returns where the cursor belongs.
    pub(super) fn cursor(&self, draft: &Draft, cx: &Cx<'_>, area: Rect) -> Position {
        let at = Self::field_at(draft, area, self.focus);
        self.fields[self.focus].cursor(cx.theme, area, at, 12)
    }
}

/// Returns the column right of a QR code, where a window has room for both.
fn beside(area: Rect) -> Option<u16> {
    (area.width >= 76 && area.height >= 18).then(|| area.width.saturating_sub(40).max(40))
}

/// Draws the QR code of a draft, with fewer names if it fits only so; says whether with all of them.
fn view_code(draft: &Draft, otp: &Otp, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Option<bool> {
    let mut needed = (0, 0);
    for (issuer, account) in labels(&draft.issuer, &draft.account) {
        let Ok(modules) = draw(&Link::write_short(issuer, account, otp)) else { continue };
        match scan(cx.theme, buf, area, &modules, false) {
            Scan::Fits { .. } => return Some(account == draft.account),
            // The window has two rows above, two below, and 41 columns beside the code.
            Scan::TooSmall { columns, rows } => needed = (columns + 41, rows + 4),
        }
    }
    let text = format!("The QR code needs a window of {} x {} here. f shows it alone.", needed.0, needed.1);
    widgets::wrap(buf, area, (1, 4), &text, Style::new());
    None
}

/// Draws the key in groups; returns the rows taken.
fn view_key(otp: &Otp, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, (x, y): (u16, u16), width: u16) -> u16 {
    let lines = widgets::lines(&otp.secret.to_groups(), usize::from(width));
    for (line, y) in lines.iter().zip(y..) {
        put(buf, area, x, y, line, cx.theme.strong());
    }
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
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
