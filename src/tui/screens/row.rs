//! One row of a list of codes: wide with account, next code and bar; narrow with no more than the code needs. It is told
//! what stands there, and knows neither where it came from nor how codes are made.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use zeroize::Zeroizing;

use crate::display::{Visible, visible};
use crate::otp::Code;
use crate::tui::screen::{Cx, Spot};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put, put_visible};

/// Below this width a row is name, code and seconds.
pub(super) const WIDE: u16 = 60;

/// One row, while it is drawn.
#[allow(clippy::struct_excessive_bools, reason = "each is seen on its own")]
pub(super) struct Row<'a> {
    /// How it is drawn.
    pub(super) cx: &'a Cx<'a>,
    /// Which row of the list it is.
    pub(super) place: usize,
    /// It is the one that keys go to.
    pub(super) selected: bool,
    /// It is one of those that the next change is about.
    pub(super) marked: bool,
    /// It has a number that copies.
    pub(super) numbered: bool,
    /// The account.
    pub(super) name: &'a str,
    /// What tells it from others of that name.
    pub(super) detail: &'a str,
    /// What is to be known of it: pinned, pending, never checked.
    pub(super) mark: &'static str,
    /// What a search found in the name, and in what stands beside it.
    pub(super) found: [Vec<Range<usize>>; 2],
    /// The code as it is shown: the digits, dots, or how to get one.
    pub(super) code: Zeroizing<String>,
    /// What stands there instead in a narrow row, if it is something else.
    pub(super) short: Option<Zeroizing<String>>,
    /// Its code does not change with time, and comes when it is asked for.
    pub(super) on_request: bool,
    /// The code that comes next, where it is shown.
    pub(super) next: Option<Code>,
    /// The seconds that are left, and of how many.
    pub(super) time: Option<(u32, u32)>,
    /// What a click on its code is about.
    pub(super) spot: Option<Spot>,
}

impl Row<'_> {
    fn style(&self) -> Style {
        if self.selected { self.cx.theme.selected() } else { Style::new() }
    }

    /// Draws what stands before the name: where one is, the number that copies, the mark.
    fn margin(&self, area: Rect, buf: &mut Buffer, y: u16) {
        if self.selected {
            put(buf, area, 0, y, self.cx.theme.glyph(Glyph::Cursor), Style::new());
        }
        if self.numbered && self.place < 9 {
            put(buf, area, 1, y, &(self.place + 1).to_string(), Style::new());
        }
        if self.marked {
            put(buf, area, 2, y, self.cx.theme.glyph(Glyph::Check), self.cx.theme.good());
        }
    }

    /// Says how a code is got that does not change with time.
    fn say_how(&self, area: Rect, buf: &mut Buffer, y: u16, x: u16, bar_at: u16) {
        if !self.on_request {
            return;
        }
        let taken = put(buf, area, x, y, "Space", Style::new());
        if x + taken < bar_at {
            put(buf, area, bar_at, y, "next on request", Style::new());
        }
    }

    /// Draws it as wide as the area is.
    pub(super) fn draw(&self, area: Rect, buf: &mut Buffer, y: u16) {
        if area.width >= WIDE {
            self.wide(area, buf, y);
        } else {
            self.narrow(area, buf, y);
        }
    }

    /// Draws it with everything that is worth a glance.
    fn wide(&self, area: Rect, buf: &mut Buffer, y: u16) {
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
        self.margin(area, buf, y);
        put(buf, area, 3, y, self.mark, Style::new());
        put_visible(buf, area, (5, y), name_width - 1, &visible(self.name), self.style());
        let account_at = 5 + name_width;
        put_visible(buf, area, (account_at, y), account_width - 1, &visible(self.detail), Style::new());
        self.mark_found(buf, area, (5, y), name_width - 1, 0);
        self.mark_found(buf, area, (account_at, y), account_width - 1, 1);
        let code_at = account_at + account_width;
        let taken = put(buf, area, code_at, y, &self.code, theme.strong());
        self.clickable(area, y, code_at, taken);
        let bar_at = code_at + 19;
        let Some((left, period)) = self.time else {
            self.say_how(area, buf, y, code_at + taken.max(8) + 2, bar_at);
            return;
        };
        let mut cells = 11;
        let mut x = bar_at;
        if let Some(next) = &self.next {
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
        if let Some(spot) = self.spot {
            self.cx.spots.add(Rect { x: area.x + x, width: columns, ..row_of(area, y) }, spot);
        }
    }

    /// Draws its name, its code and the seconds.
    fn narrow(&self, area: Rect, buf: &mut Buffer, y: u16) {
        let theme = self.cx.theme;
        self.margin(area, buf, y);
        let code = self.short.as_ref().unwrap_or(&self.code);
        let columns = u16::try_from(unicode_width::UnicodeWidthStr::width(code.as_str())).unwrap_or(9);
        let code_at = area.width.saturating_sub(columns + 5);
        let name = label(self.cx, self.name, self.detail);
        put_visible(buf, area, (3, y), code_at.saturating_sub(4), &name, self.style());
        let taken = put(buf, area, code_at, y, code, theme.strong());
        self.clickable(area, y, code_at, taken);
        if let Some((left, _)) = self.time {
            let urgent = left <= self.cx.config.screen.urgent_in_last.0;
            let mark = if urgent { "!" } else { "s" };
            put(buf, area, area.width - 4, y, &format!("{:>3}{mark}", theme.seconds(left)), theme.bar(left));
        }
    }

    /// Marks in a text that stands there what the search found in it.
    fn mark_found(&self, buf: &mut Buffer, area: Rect, (x, y): (u16, u16), room: u16, which: usize) {
        let text = if which == 0 { self.name } else { self.detail };
        let columns = |range: Range<usize>| {
            let text = text.get(range).map(visible);
            text.map_or(0, |text| u16::try_from(text.width()).unwrap_or(u16::MAX))
        };
        for range in &self.found[which] {
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

/// Returns "name · detail" of an account.
pub(super) fn label(cx: &Cx<'_>, name: &str, detail: &str) -> Visible {
    if detail.is_empty() {
        visible(name)
    } else {
        visible(&format!("{name} {} {detail}", cx.theme.glyph(Glyph::Dot)))
    }
}

/// Returns a code as dots, as long as it is.
pub(super) fn dots(cx: &Cx<'_>, code: &Code) -> Zeroizing<String> {
    let dot = cx.theme.glyph(Glyph::Bullet);
    Zeroizing::new(code.grouped().chars().map(|c| if c == ' ' { " " } else { dot }).collect())
}

/// Returns a row of an area.
pub(super) fn row_of(area: Rect, y: u16) -> Rect {
    Rect { y: area.y + y, height: area.height.saturating_sub(y).min(1), ..area }
}

/// Returns the first of `all` rows that is in sight, so that the selected one is among `room` rows.
pub(super) fn top(selected: usize, all: usize, room: usize) -> usize {
    let last = all.saturating_sub(room);
    selected.saturating_sub(room.saturating_sub(1)).max(selected.saturating_sub(room / 2).min(last)).min(last)
}

/// Writes a text so many columns before the right edge; returns the columns taken.
pub(super) fn right(buf: &mut Buffer, area: Rect, y: u16, text: &str, margin: u16) -> u16 {
    let columns = u16::try_from(unicode_width::UnicodeWidthStr::width(text)).unwrap_or(u16::MAX);
    put(buf, area, area.width.saturating_sub(columns.saturating_add(margin)), y, text, Style::new());
    columns.min(area.width.saturating_sub(2))
}
