//! How the agent's list is drawn: the rows of the list, below a line that says whose the codes are and until when.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::Borrowed;
use crate::display::visible;
use crate::otp::Code;
use crate::tui::lent::Lent;
use crate::tui::screen::{Cx, Spot};
use crate::tui::screens::pending;
use crate::tui::screens::row::{Row, WIDE, dots, right, row_of, top};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, below, put, put_visible};
use crate::vault::{Field, Mark};

/// A wider list is harder to read, not easier.
const WIDEST: u16 = 109;
/// From this height on there is a line that says how much of the list is in sight.
const TALL: u16 = 14;
/// The column of the search.
const SEARCH: u16 = 3;
/// The fewest columns that are left to the search.
const LEAST: u16 = 12;
/// How many columns of what was typed stand in a sentence.
const QUOTED: usize = 30;
/// Whose the codes are; the shorter one where there is no room.
const WHOSE: [&str; 2] = ["The agent lends these codes. u unlocks all else.", "u unlocks all else"];

impl Borrowed {
    /// Forgets what was shown for long enough.
    pub(super) fn expire(&mut self, cx: &Cx<'_>) {
        self.single.expire(cx);
        let limit = cx.config.screen.show_on_space.duration();
        if self.peek.as_ref().is_some_and(|(_, since)| cx.now.boot.saturating_sub(*since) >= limit) {
            self.peek = None;
        }
    }

    /// Returns the room for rows, and whether a line below says how many there are.
    pub(super) fn room(&self, area: Rect) -> (Rect, bool) {
        let head = if area.width >= WIDE { 3 } else { 2 };
        let list = Rect { width: area.width.min(WIDEST), ..below(area, head) };
        let more = list.height >= TALL && self.shown.len() > usize::from(list.height);
        let room = Rect { height: list.height - u16::from(more), ..list };
        self.page.set(usize::from(room.height));
        (room, more)
    }

    /// Returns the line of the search, the column in it where one types, and for how many columns.
    pub(super) fn search_line(&self, cx: &Cx<'_>, area: Rect) -> (Rect, u16, u16) {
        let line = Rect { height: area.height.saturating_sub(1).min(1), ..below(area, 1) };
        let until = u16::try_from(self.until(cx).len()).unwrap_or(u16::MAX);
        let beside = line.width.saturating_sub(SEARCH + 1).saturating_sub(until + 2);
        let room = if beside >= LEAST { beside } else { line.width.saturating_sub(SEARCH + 1) };
        (line, SEARCH, room)
    }

    /// Returns until when the agent goes on: `agent until 17:32`.
    fn until(&self, cx: &Cx<'_>) -> String {
        let Some((_, at)) = self.ends else { return String::new() };
        let mut time = widgets::time_of_day(cx, at);
        time.truncate("17:32".len());
        format!("agent until {time}")
    }

    /// Draws everything.
    pub(super) fn draw(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let wide = area.width >= WIDE;
        let (rows, more) = self.room(area);
        let first = top(self.selected, self.shown.len(), usize::from(rows.height));
        let end = (first + usize::from(rows.height)).min(self.shown.len());
        widgets::header(cx, area, buf, &visible("twolock"), &self.title(cx, wide, first, end));
        if wide {
            widgets::rule(cx, area, buf, 2);
        }
        self.draw_second(cx, area, buf);
        if let Some(text) = self.instead() {
            widgets::wrap(buf, rows, (if wide { 3 } else { 1 }, 1), &text, Style::new());
            return;
        }
        for (y, row) in (0_u16..).zip(first..end) {
            cx.spots.add(row_of(rows, y), Spot::Choice(row * 2));
            if let Some(drawn) = self.drawn(row, cx) {
                drawn.draw(rows, buf, y);
            }
        }
        if more {
            let above = if first > 0 { cx.theme.glyph(Glyph::Up) } else { " " };
            let under = if end < self.shown.len() { cx.theme.glyph(Glyph::Down) } else { " " };
            let text = format!("{end} of {} {above}{under}", self.shown.len());
            let line = Rect { height: rows.height + 1, ..rows };
            right(buf, line, rows.height, &text, 2);
        }
    }

    /// Returns what stands where there are no rows.
    fn instead(&self) -> Option<String> {
        if self.forgets {
            return Some("Locking ...".to_owned());
        }
        if self.answered.is_none() {
            return Some("Asking the agent ...".to_owned());
        }
        if self.rows.is_empty() {
            return Some("Nothing here yet. a adds an account, once the vault is unlocked.".to_owned());
        }
        let typed = visible(self.search.text()).cut(QUOTED);
        self.shown.is_empty().then(|| format!("No account matches \"{typed}\". Esc shows all."))
    }

    fn title(&self, cx: &Cx<'_>, wide: bool, first: usize, end: usize) -> String {
        let (all, shown) = (self.rows.len(), self.shown.len());
        if self.answered.is_none() || self.forgets {
            return String::new();
        }
        if !wide {
            let count = if self.searching { format!("{shown} of {all}") } else { all.to_string() };
            let above = if first > 0 { cx.theme.glyph(Glyph::Up) } else { "" };
            let under = if end < shown { cx.theme.glyph(Glyph::Down) } else { "" };
            return format!("{count} {above}{under}").trim_end().to_owned();
        }
        let mut title = match (all, self.searching) {
            (0, _) => return "no accounts yet".to_owned(),
            (_, true) => format!("{shown} of {all} accounts"),
            (1, _) => "1 account".to_owned(),
            _ => format!("{all} accounts"),
        };
        if cx.hide_codes {
            title.push_str("   codes hidden");
        }
        title
    }

    /// Draws the second row: what is searched for or what else there is, and until when.
    fn draw_second(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let (line, at, room) = self.search_line(cx, area);
        let until = self.until(cx);
        let mut end = line.width;
        if !self.searching || room + at + 1 < line.width {
            end -= right(buf, line, 0, &until, 1) + 2;
        }
        if self.searching {
            put(buf, line, 1, 0, "/ ", cx.theme.strong());
            self.search.view(cx.theme, line, buf, (at, 0), room, Style::new());
            return;
        }
        if let Some(text) = WHOSE.iter().find(|text| text.len() < usize::from(end))
            && self.answered.is_some()
        {
            put(buf, line, 1, 0, text, Style::new());
        }
    }

    /// Returns what is drawn in a row.
    fn drawn<'a>(&'a self, row: usize, cx: &'a Cx<'a>) -> Option<Row<'a>> {
        let place = *self.shown.get(row)?;
        let lent = self.rows.get(place)?;
        let marks = if self.searching { self.index.marks(place, self.search.text()) } else { Vec::new() };
        let found = |field| {
            let of_field = marks.iter().filter(|(of, _): &&Mark| *of == field);
            of_field.map(|(_, range)| range.clone()).collect()
        };
        let counts = lent.counts && !lent.pending;
        let asks = counts && self.single.code(&lent.id, cx).is_none();
        Some(Row {
            cx,
            place: row,
            selected: row == self.selected,
            marked: false,
            numbered: cx.config.screen.row_numbers && !self.searching,
            name: &lent.name,
            detail: &lent.detail,
            mark: match (lent.pinned, lent.pending, lent.unchecked) {
                (true, _, _) => cx.theme.glyph(Glyph::Star),
                (_, true, _) => "~",
                (_, _, true) => "?",
                _ => " ",
            },
            found: [found(Field::Issuer), found(Field::Account)],
            code: self.code(lent, cx),
            short: asks.then(|| Zeroizing::new("HOTP Space".to_owned())),
            on_request: counts,
            next: None,
            time: lent.code(cx.now.wall).and_then(|(_, until)| {
                Some((u32::try_from(until.seconds_since(cx.now.wall)).ok()?, lent.period?))
            }),
            spot: Some(Spot::Choice(row * 2 + 1)),
        })
    }

    /// Returns the code as it is shown: the digits, dots, or how to get one. One that is over is dots until the next is
    /// there.
    fn code(&self, lent: &Lent, cx: &Cx<'_>) -> Zeroizing<String> {
        if lent.pending {
            return Zeroizing::new(pending::WORD.to_owned());
        }
        if lent.counts {
            let code = self.single.code(&lent.id, cx);
            return code.map_or_else(|| Zeroizing::new("HOTP".to_owned()), Code::grouped);
        }
        let hidden = cx.hide_codes && self.peek.as_ref().is_none_or(|(id, _)| *id != lent.id);
        match (lent.code(cx.now.wall), lent.last_code()) {
            (Some((code, _)), _) if !hidden => code.grouped(),
            (_, Some(code)) => dots(cx, code),
            (_, None) => Zeroizing::new("no code".to_owned()),
        }
    }

    /// Draws the selected code and its name.
    pub(super) fn draw_glance(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(lent) = self.chosen() else { return };
        let at = 4 + put(buf, area, 1, 1, &self.code(lent, cx), cx.theme.strong());
        let room = area.width.saturating_sub(at);
        put_visible(buf, area, (at, 1), room, &visible(&lent.name), Style::new());
        put(buf, area, 1, 2, "Enter copies      q quits", Style::new());
    }
}
