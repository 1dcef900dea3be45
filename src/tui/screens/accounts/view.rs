//! How the list is drawn: one column in a small window, account and bar from 60 columns on, the details beside it from
//! 110, the groups too from 150. Rows are made for the visible part alone.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::groups::Group;
use super::row::Line;
use super::{Accounts, order, pane};
use crate::display::visible;
use crate::tui::screen::{Cx, Spot};
use crate::tui::screens::row::{WIDE, right, row_of};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, below, put, put_visible};
use crate::vault::Account;

/// From this width on the details stand beside the list.
const TWO: u16 = 110;
/// From this width on the groups do too.
const THREE: u16 = 150;
/// The panel of the groups.
const GROUPS: u16 = 20;
/// The list, where something stands beside it: a wider one is harder to read, not easier.
const LIST: u16 = 81;
/// The least that is left for the details.
const DETAILS: u16 = 29;
/// The rows above the list, where it is wide.
const HEAD: u16 = 3;
/// From this height on there is a line that says how much of the list is in sight.
const TALL: u16 = 14;

/// Where the parts of the window are. A part without columns is not there.
pub(super) struct Panes {
    /// The whole.
    area: Rect,
    /// Below the heading.
    groups: Rect,
    /// The list itself, below the heading.
    pub(super) list: Rect,
    /// Below the heading.
    details: Rect,
    wide: bool,
}

impl Panes {
    /// Returns the parts of an area.
    pub(super) fn of(area: Rect, searching: bool) -> Self {
        let wide = area.width >= WIDE;
        let head = if wide { HEAD } else { 1 + u16::from(searching) };
        let body = below(area, head);
        let part = |x: u16, width: u16| Rect { x: body.x + x, width, ..body };
        let none = part(0, 0);
        let (groups, list, details) = match area.width {
            THREE.. => {
                let at = GROUPS + 1;
                let rest = at + LIST + 1;
                (part(0, GROUPS), part(at, LIST), part(rest, area.width - rest))
            }
            TWO.. => {
                let list = LIST.min(area.width - DETAILS - 1);
                (none, part(0, list), part(list + 1, area.width - list - 1))
            }
            _ => (none, body, none),
        };
        Self { area, groups, list, details, wide }
    }

    /// Returns the line of the search, and the column in it where one types.
    pub(super) fn search(&self) -> (Rect, u16) {
        let line = Rect { x: self.list.x, width: self.list.width, height: 1, ..below(self.area, 1) };
        (Rect { height: self.area.height.saturating_sub(1).min(1), ..line }, 3)
    }

    /// Draws the lines between the parts.
    fn lines(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        if !self.wide {
            return;
        }
        widgets::rule(cx, self.area, buf, HEAD - 1);
        for part in [self.list, self.details] {
            // Before each part that does not begin the window.
            let Some(x) = part.x.checked_sub(self.area.x + 1).filter(|_| part.width > 0) else { continue };
            put(buf, self.area, x, HEAD - 1, cx.theme.glyph(Glyph::Tee), Style::new());
            for y in HEAD..self.area.height {
                put(buf, self.area, x, y, cx.theme.glyph(Glyph::Beside), Style::new());
            }
        }
    }
}

impl Accounts {
    /// Draws everything.
    pub(super) fn draw(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let panes = Panes::of(area, self.searching);
        self.panel.set(panes.groups.width > 0);
        let (rows, more) = self.rows(panes.list);
        let top = self.choice.top(usize::from(rows.height));
        let end = (top + usize::from(rows.height)).min(self.choice.shown.len());
        let mut title = self.title(cx, &panes, top, end);
        if cx.hide_codes && panes.wide {
            title.push_str("   codes hidden");
        }
        widgets::header(cx, area, buf, &visible("twolock"), &title);
        if !cx.vault.accounts().is_empty() {
            self.draw_second(cx, &panes, buf);
        }
        panes.lines(cx, buf);
        if cx.vault.accounts().is_empty() {
            return draw_empty(cx, panes.list, buf);
        }
        self.choice.groups.panel(cx, panes.groups, buf, &self.choice.group);
        if self.choice.shown.is_empty() {
            return if self.searching {
                self.view_none(cx, panes.list, buf);
            } else {
                widgets::wrap(buf, panes.list, (1, 1), "This group is empty. Esc shows all.", Style::new());
            };
        }
        self.draw_rows(cx, rows, buf, top, end);
        if more {
            let above = if top > 0 { cx.theme.glyph(Glyph::Up) } else { " " };
            let under = if end < self.choice.shown.len() { cx.theme.glyph(Glyph::Down) } else { " " };
            let text = format!("{end} of {} {above}{under}", self.choice.shown.len());
            right(buf, panes.list, panes.list.height - 1, &text, 2);
        }
        if panes.details.width > 0
            && let Some(account) = self.chosen(cx)
        {
            pane::draw(&self.line(account, self.choice.selected, cx), panes.details, buf);
        }
    }

    /// Returns the room for rows, and whether a line below says how many there are: where not all fit.
    pub(super) fn rows(&self, list: Rect) -> (Rect, bool) {
        let more = list.height >= TALL && self.choice.shown.len() > usize::from(list.height);
        let room = Rect { height: list.height - u16::from(more), ..list };
        self.page.set(usize::from(room.height));
        (room, more)
    }

    fn title(&self, cx: &Cx<'_>, panes: &Panes, top: usize, end: usize) -> String {
        let all = cx.vault.accounts().len();
        let shown = self.choice.shown.len();
        let part = self.searching || self.choice.group != Group::All;
        if !panes.wide {
            let group = self.choice.group.title().cut(10);
            let count = match &self.choice.group {
                _ if self.searching => format!("{shown} of {all}"),
                Group::All => all.to_string(),
                _ => format!("{group} {shown}"),
            };
            let above = if top > 0 { cx.theme.glyph(Glyph::Up) } else { "" };
            let under = if end < shown { cx.theme.glyph(Glyph::Down) } else { "" };
            return format!("{count} {above}{under}").trim_end().to_owned();
        }
        let mut title = match (all, part) {
            (0, _) => return "no accounts yet".to_owned(),
            (1, false) => "1 account".to_owned(),
            (_, false) => format!("{all} accounts"),
            (_, true) => format!("{shown} of {all} accounts"),
        };
        if !self.choice.marked.is_empty() {
            title.push_str(&format!("   {} marked", self.choice.marked.len()));
        }
        title
    }

    /// Draws the second row: the groups or what is searched for, and the order.
    fn draw_second(&self, cx: &Cx<'_>, panes: &Panes, buf: &mut Buffer) {
        let (line, at) = panes.search();
        let mut end = line.width;
        if panes.wide {
            let down = cx.theme.glyph(Glyph::Down);
            let text = format!("sort: {} {down}", order::word(self.choice.sort));
            end -= right(buf, line, 0, &text, 1) + 2;
        }
        if self.searching {
            put(buf, line, 1, 0, "/ ", cx.theme.strong());
            // It may be longer than the room that the order leaves.
            let room = Rect { width: end, ..line };
            self.search.view(cx.theme, room, buf, (at, 0), end.saturating_sub(at + 1), Style::new());
        }
        if panes.groups.width > 0 {
            put(buf, Rect { x: panes.area.x, ..line }, 1, 0, "Groups", cx.theme.strong());
        } else if panes.wide && !self.searching && self.choice.groups.any() {
            self.choice.groups.row(cx, line, buf, end, &self.choice.group);
        }
    }

    /// Returns what is needed to draw a row.
    fn line<'a>(&'a self, account: &'a Account, row: usize, cx: &'a Cx<'a>) -> Line<'a> {
        Line {
            cx,
            account,
            row,
            selected: row == self.choice.selected,
            peeked: self.peek.is_some_and(|(id, _)| id == account.id),
            counted: self.counter.code(account, cx),
            marked: self.choice.marked.contains(&account.id),
            marks: if self.searching { self.choice.marks(row, self.search.text()) } else { Vec::new() },
            // While one types, digits are text and copy nothing.
            numbered: cx.config.screen.row_numbers && !self.searching,
        }
    }

    fn draw_rows(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, top: usize, end: usize) {
        for (y, row) in (0_u16..).zip(top..end) {
            let account = &cx.vault.accounts()[self.choice.shown[row]];
            let line = self.line(account, row, cx);
            cx.spots.add(row_of(area, y), Spot::Account(account.id));
            line.drawn().draw(area, buf, y);
        }
    }

    /// Draws the selected code and its name.
    pub(super) fn draw_glance(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(account) = self.chosen(cx) else { return };
        let line = self.line(account, self.choice.selected, cx);
        let at = 4 + put(buf, area, 1, 1, &line.code(), cx.theme.strong());
        let name = visible(account.name());
        put_visible(buf, area, (at, 1), area.width.saturating_sub(at), &name, Style::new());
        put(buf, area, 1, 2, "Enter copies      q quits", Style::new());
    }
}

fn draw_empty(cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
    let indent = if area.width >= WIDE { 5 } else { 1 };
    put(buf, area, indent, 1, "Nothing here yet.", cx.theme.strong());
    let ways = [
        ("a", "Add an account with a secret key, link or QR code"),
        ("I", "Import from another authenticator"),
        ("?", "All keys"),
    ];
    let mut y = 3;
    for (key, text) in ways {
        put(buf, area, indent, y, key, cx.theme.key());
        y += widgets::wrap(buf, area, (indent + 4, y), text, Style::new());
    }
    y += u16::from(area.height > 10);
    let text = "You can also just paste an otpauth:// link here.";
    widgets::wrap(buf, area, (indent, y), text, Style::new());
}
