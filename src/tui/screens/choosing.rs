//! How hard a passphrase is to guess, drawn below the field that it is typed into.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::screen::Cx;
use crate::tui::theme::Glyph;
use crate::tui::widgets::{put, sentence};
use crate::vault::strength;

/// A passphrase with less is taken only when it is wanted a second time.
pub(super) const GOOD: u8 = 3;

/// Said of one that is weak.
pub(super) const WEAK: &str =
    "Whoever has the file can guess this one. F4 writes a better one; Enter takes it anyway";

/// Draws how strong a passphrase is, in words and as a bar at `x`, and how long it would take to guess where there is
/// room. Returns the rows that it took: none for an empty one.
pub(super) fn view(
    cx: &Cx<'_>,
    area: Rect,
    buf: &mut Buffer,
    (x, y): (u16, u16),
    passphrase: &str,
    roomy: bool,
) -> u16 {
    if passphrase.is_empty() {
        return 0;
    }
    let strength = strength(passphrase);
    let cells = (area.width.saturating_sub(x + 14)).min(30);
    put(buf, area, 3, y, "Strength", Style::new());
    let full = u32::from(strength.score) + 1;
    let tone = if strength.score < GOOD { 8 } else { 30 };
    let filled = u16::try_from(u32::from(cells) * full / 5).unwrap_or(cells);
    let bar = cx.theme.glyph(Glyph::Full).repeat(usize::from(filled))
        + &cx.theme.glyph(Glyph::Empty).repeat(usize::from(cells - filled));
    put(buf, area, x, y, &bar, cx.theme.bar(tone));
    put(buf, area, x + cells + 2, y, strength.word, Style::new());
    if roomy {
        put(buf, area, x, y + 1, &sentence(&strength.guess_time), Style::new());
    }
    1 + u16::from(roomy)
}
