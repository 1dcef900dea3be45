//! One row of the list: wide with account, next code and bar; narrow with no more than the code needs.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::view::row_of;
use crate::display::{Visible, visible};
use crate::otp::{Code, Kind};
use crate::tui::screen::{Cx, Spot};
use crate::tui::screens::pending;
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put, put_visible};
use crate::vault::{Account, Checked, Field, Mark};

/// Below this width a row is name, code and seconds.
pub(super) const WIDE: u16 = 60;

/// Returns "name · detail" of an account.
pub(in crate::tui::screens) fn label(cx: &Cx<'_>, account: &Account) -> Visible {
    if account.detail().is_empty() {
        visible(account.name())
    } else {
        visible(&format!("{} {} {}", account.name(), cx.theme.glyph(Glyph::Dot), account.detail()))
    }
}

/// One row, while it is drawn.
#[allow(clippy::struct_excessive_bools, reason = "each is seen on its own")]
pub(super) struct Line<'a> {
    /// How and when it is drawn.
    pub(super) cx: &'a Cx<'a>,
    /// What is drawn.
    pub(super) account: &'a Account,
    /// Which row of the list it is.
    pub(super) row: usize,
    /// It is the one that keys go to.
    pub(super) selected: bool,
    /// It was asked for although codes are hidden.
    pub(super) peeked: bool,
    /// The code of its counter, once one was reserved.
    pub(super) counted: Option<Code>,
    /// It is one of those that the next change is about.
    pub(super) marked: bool,
    /// Why it was found.
    pub(super) marks: Vec<Mark>,
    /// Its row has a number that copies.
    pub(super) numbered: bool,
}

impl Line<'_> {
    fn style(&self) -> Style {
        if self.selected { self.cx.theme.selected() } else { Style::new() }
    }

    /// Are its codes dots just now?
    pub(super) fn hidden(&self) -> bool {
        self.cx.hide_codes && !self.peeked
    }

    /// Returns the code as it is shown: the digits, dots, or how to get one.
    pub(super) fn code(&self) -> Zeroizing<String> {
        let code = match self.account.otp.kind {
            _ if self.account.pending => return Zeroizing::new(pending::WORD.to_owned()),
            Kind::Hotp { counter } => {
                return match &self.counted {
                    Some(code) => code.grouped(),
                    None => Zeroizing::new(format!("HOTP #{counter}")),
                };
            }
            _ => self.account.otp.code(self.cx.now.wall),
        };
        match code {
            Ok(code) if self.hidden() => self.dots(&code),
            Ok(code) => code.grouped(),
            Err(_) => Zeroizing::new("no clock".to_owned()),
        }
    }

    fn dots(&self, code: &Code) -> Zeroizing<String> {
        let dot = self.cx.theme.glyph(Glyph::Bullet);
        Zeroizing::new(code.grouped().chars().map(|c| if c == ' ' { " " } else { dot }).collect())
    }

    /// Draws what stands before the name: where one is, the number that copies, the mark.
    fn margin(&self, area: Rect, buf: &mut Buffer, y: u16) {
        if self.selected {
            put(buf, area, 0, y, self.cx.theme.glyph(Glyph::Cursor), Style::new());
        }
        if self.numbered && self.row < 9 {
            put(buf, area, 1, y, &(self.row + 1).to_string(), Style::new());
        }
        if self.marked {
            put(buf, area, 2, y, self.cx.theme.glyph(Glyph::Check), self.cx.theme.good());
        }
    }

    /// Says how a code is got that does not change with time.
    fn on_request(&self, area: Rect, buf: &mut Buffer, y: u16, x: u16, bar_at: u16) {
        if self.account.pending || !matches!(self.account.otp.kind, Kind::Hotp { .. }) {
            return;
        }
        let taken = put(buf, area, x, y, "Space", Style::new());
        if x + taken < bar_at {
            put(buf, area, bar_at, y, "next on request", Style::new());
        }
    }

    /// Draws it with everything that is worth a glance.
    pub(super) fn wide(&self, area: Rect, buf: &mut Buffer, y: u16) {
        let theme = self.cx.theme;
        let spare = area.width - WIDE.max(area.width.min(80)) + (area.width.min(80) - WIDE);
        // At 80 columns: name 17, account 23, code 9, next 10, bar 11, seconds 4. Narrower takes from the
        // account, wider gives to name and account.
        let (name_width, account_width) = if area.width >= 80 {
            let more = area.width - 80;
            (17 + more / 3, 23 + more - more / 3)
        } else {
            (14, 6 + spare)
        };
        let style = self.style();
        self.margin(area, buf, y);
        let mark = self.mark();
        put(buf, area, 3, y, mark, Style::new());
        let name = visible(self.account.name());
        put_visible(buf, area, (5, y), name_width - 1, &name, style);
        let detail = visible(self.account.detail());
        let account_at = 5 + name_width;
        put_visible(buf, area, (account_at, y), account_width - 1, &detail, Style::new());
        let named = if self.account.issuer.is_empty() { Field::Account } else { Field::Issuer };
        self.mark_found(buf, area, (5, y), name_width - 1, named);
        if named == Field::Issuer {
            self.mark_found(buf, area, (account_at, y), account_width - 1, Field::Account);
        }
        let code_at = account_at + account_width;
        let taken = put(buf, area, code_at, y, &self.code(), theme.strong());
        self.clickable(area, y, code_at, taken);
        let bar_at = code_at + 19;
        let Some((left, period)) = self.left() else {
            self.on_request(area, buf, y, code_at + taken.max(8) + 2, bar_at);
            return;
        };
        let mut cells = 11;
        let mut x = bar_at;
        if left <= self.cx.config.screen.next_in_last.0
            && !self.hidden()
            && let Ok(next) = self.account.otp.next_code(self.cx.now.wall)
        {
            let arrow = theme.glyph(Glyph::Arrow);
            let text = Zeroizing::new(format!("{arrow} {}", next.grouped().as_str()));
            let wrote = put(buf, area, code_at + taken + 1, y, &text, Style::new());
            let end = code_at + taken + 1 + wrote;
            // A long pair of codes takes the place of the bar rather than be cut.
            if end >= bar_at {
                x = end + 1;
                cells = (bar_at + 11).saturating_sub(x);
            }
        }
        widgets::bar(theme, buf, area, (x, y), cells, left, period);
        let urgent = left <= self.cx.config.screen.urgent_in_last.0;
        let seconds = format!("{}s{}", theme.seconds(left), if urgent { "!" } else { "" });
        let style = if urgent { theme.bar(left) } else { Style::new() };
        put(buf, area, bar_at + 12, y, &format!("{seconds:>3}"), style);
    }

    /// Takes note of where the code stands.
    fn clickable(&self, area: Rect, y: u16, x: u16, columns: u16) {
        let code = Rect { x: area.x + x, width: columns, ..row_of(area, y) };
        self.cx.spots.add(code, Spot::Code(self.account.id));
    }

    /// Draws its name, its code and the seconds.
    pub(super) fn narrow(&self, area: Rect, buf: &mut Buffer, y: u16) {
        let theme = self.cx.theme;
        self.margin(area, buf, y);
        let code = match self.account.otp.kind {
            Kind::Hotp { counter } if self.counted.is_none() && !self.account.pending => {
                Zeroizing::new(format!("#{counter} Space"))
            }
            _ => self.code(),
        };
        let columns = u16::try_from(unicode_width::UnicodeWidthStr::width(code.as_str())).unwrap_or(9);
        let code_at = area.width.saturating_sub(columns + 5);
        let name = label(self.cx, self.account);
        put_visible(buf, area, (3, y), code_at.saturating_sub(4), &name, self.style());
        let taken = put(buf, area, code_at, y, &code, theme.strong());
        self.clickable(area, y, code_at, taken);
        if let Some((left, _)) = self.left() {
            let urgent = left <= self.cx.config.screen.urgent_in_last.0;
            let mark = if urgent { "!" } else { "s" };
            put(buf, area, area.width - 4, y, &format!("{:>3}{mark}", theme.seconds(left)), theme.bar(left));
        }
    }

    fn left(&self) -> Option<(u32, u32)> {
        if self.account.pending {
            return None;
        }
        let left = self.account.otp.seconds_left(self.cx.now.wall)?;
        Some((left, self.account.otp.period()?.seconds()))
    }

    fn mark(&self) -> &'static str {
        match (self.account.pinned, self.account.pending, self.account.checked) {
            (true, _, _) => self.cx.theme.glyph(Glyph::Star),
            (_, true, _) => "~",
            (_, _, Checked::Never) => "?",
            _ => " ",
        }
    }

    /// Marks in a text that stands there what the search found in it.
    fn mark_found(&self, buf: &mut Buffer, area: Rect, (x, y): (u16, u16), room: u16, field: Field) {
        let text = if field == Field::Issuer { &self.account.issuer } else { &self.account.account };
        let columns = |range: Range<usize>| {
            let text = text.get(range).map(visible);
            text.map_or(0, |text| u16::try_from(text.width()).unwrap_or(u16::MAX))
        };
        for (_, range) in self.marks.iter().filter(|(of, _)| *of == field) {
            let start = columns(0..range.start);
            let end = start.saturating_add(columns(range.clone())).min(room);
            for x in (start..end).map(|column| area.x + x + column).take_while(|x| *x < area.right()) {
                if y < area.height {
                    buf[(x, area.y + y)].set_style(self.cx.theme.matched());
                }
            }
        }
    }
}
