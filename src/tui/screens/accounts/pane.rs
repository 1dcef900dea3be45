//! The details of the selected account, beside the list where the window is wide: its code in large digits, the next
//! one, and what is known of it. The secret is never shown here.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::row::Line;
use crate::display::visible;
use crate::otp::Kind;
use crate::tui::screen::Cx;
use crate::tui::screens::{facts, pending};
use crate::tui::widgets::{self, below, put, put_visible};

/// The column of the facts.
const COLUMN: u16 = 12;

/// Draws what is known of a row's account.
pub(super) fn draw(line: &Line<'_>, area: Rect, buf: &mut Buffer) {
    let (cx, account) = (line.cx, line.account);
    let room = area.width.saturating_sub(3);
    put_visible(buf, area, (2, 0), room, &visible(account.name()), cx.theme.strong());
    put_visible(buf, area, (2, 1), room, &visible(account.detail()), Style::new());
    let mut y = 3 + draw_code(line, below(area, 3), buf);
    for fact in facts::of(account, cx).into_iter().filter(|fact| fact.name != facts::SECRET) {
        put(buf, area, 2, y, fact.name, Style::new());
        let style = if fact.warns { cx.theme.warning() } else { Style::new() };
        for text in widgets::lines(fact.text.as_str(), usize::from(room.saturating_sub(COLUMN))) {
            put(buf, area, 2 + COLUMN, y, &text, style);
            y = y.saturating_add(1);
        }
    }
}

/// Draws the code and its time; returns the rows taken, a free one below included.
fn draw_code(line: &Line<'_>, area: Rect, buf: &mut Buffer) -> u16 {
    let (cx, account) = (line.cx, line.account);
    if account.pending {
        return 1 + widgets::note(cx, area, buf, (2, 0), &pending::words(account));
    }
    let code = match account.otp.kind {
        Kind::Hotp { .. } => line.counted.clone(),
        _ => account.otp.code(cx.now.wall).ok(),
    };
    let Some(code) = code else {
        put(buf, area, 2, 0, &line.code(), cx.theme.strong());
        if matches!(account.otp.kind, Kind::Hotp { .. }) {
            put(buf, area, 2, 1, "Space shows the next code", Style::new());
        }
        return 3;
    };
    // The large digits have a margin of three columns of their own.
    let digits = Rect { x: area.x.saturating_sub(1), ..area };
    let y = facts::digits(cx, digits, buf, &code, line.hidden());
    y + draw_time(line, cx, area, buf, y) + 1
}

fn draw_time(line: &Line<'_>, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16) -> u16 {
    let otp = &line.account.otp;
    let (Some(left), Some(period)) = (otp.seconds_left(cx.now.wall), otp.period()) else { return 0 };
    let cells = if area.width >= 45 { 27 } else { 11 };
    widgets::bar(cx.theme, buf, area, (2, y), cells, left, period.seconds());
    put(buf, area, cells + 4, y, &format!("{} s", cx.theme.seconds(left)), cx.theme.bar(left));
    if let Ok(next) = otp.next_code(cx.now.wall) {
        let next = if line.hidden() { facts::hidden(cx, &next) } else { next.grouped() };
        let x = 2 + put(buf, area, 2, y + 1, "next ", Style::new());
        put(buf, area, x, y + 1, &next, cx.theme.strong());
    }
    2
}
