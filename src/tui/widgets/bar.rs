//! The countdown bar. It moves by whole cells, so that an idle screen sends little over a slow line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::put;
use crate::tui::theme::{Glyph, Theme};

/// Draws a bar of `cells` cells for `left` of `period` seconds: filled = ceil(cells × left ÷ period).
pub fn bar(
    theme: &Theme,
    buf: &mut Buffer,
    area: Rect,
    (x, y): (u16, u16),
    cells: u16,
    left: u32,
    period: u32,
) {
    let shown = theme.moved(left);
    let filled = (u64::from(cells) * u64::from(shown)).div_ceil(u64::from(period.max(1)));
    let filled = u16::try_from(filled).unwrap_or(cells).min(cells);
    let full = theme.glyph(Glyph::Full).repeat(usize::from(filled));
    let empty = theme.glyph(Glyph::Empty).repeat(usize::from(cells - filled));
    put(buf, area, x, y, &full, theme.bar(left));
    put(buf, area, x + filled, y, &empty, Style::new());
}
