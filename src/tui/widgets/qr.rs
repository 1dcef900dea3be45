//! A QR code that scans in every theme: half blocks in fixed colours, black on white, with a quiet zone.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::exchange::picture::Modules;
use crate::tui::theme::Theme;

/// How a code fits a window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scan {
    /// It fits, with a quiet zone of so many modules; columns and rows.
    Fits {
        /// The quiet zone, 2 to 4.
        quiet: u16,
        /// Columns taken.
        columns: u16,
        /// Rows taken.
        rows: u16,
    },
    /// It does not: so many columns and rows are needed.
    TooSmall {
        /// Columns needed.
        columns: u16,
        /// Rows needed.
        rows: u16,
    },
}

/// Returns how a code fits in so many columns and rows.
pub fn fits(theme: &Theme, modules: &Modules, columns: u16, rows: u16) -> Scan {
    fit(side(modules), Rect::new(0, 0, columns, rows), !theme.is_ascii())
}

/// Says what a window of so many columns and rows lacks for a code that needs these: `1 column and 3 rows`.
pub fn lacks((columns, rows): (u16, u16), there: (u16, u16)) -> String {
    let lack = |needed: u16, there: u16, word: &str| {
        let lack = needed.saturating_sub(there);
        (lack > 0).then(|| format!("{lack} {word}{}", if lack == 1 { "" } else { "s" }))
    };
    let lacks = [lack(columns, there.0, "column"), lack(rows, there.1, "row")];
    lacks.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

fn side(modules: &Modules) -> u16 {
    u16::try_from(modules.side()).unwrap_or(u16::MAX)
}

/// Returns how a code of `side` modules fits, with two modules in a cell, or two cells for one where there are no half
/// blocks. Fewer than two quiet modules do not scan, so it is never drawn so.
fn fit(side: u16, area: Rect, halves: bool) -> Scan {
    let cells = |side: u16| if halves { (side, side.div_ceil(2)) } else { (side.saturating_mul(2), side) };
    for quiet in [4, 3, 2] {
        let (columns, rows) = cells(side.saturating_add(2 * quiet));
        if columns <= area.width && rows <= area.height {
            return Scan::Fits { quiet, columns, rows };
        }
    }
    let (columns, rows) = cells(side.saturating_add(4));
    Scan::TooSmall { columns, rows }
}

/// Draws a code in the middle of an area if it fits there, and says how it does; below it and at its right is room.
pub fn scan_centred(theme: &Theme, buf: &mut Buffer, area: Rect, modules: &Modules, inverted: bool) -> Scan {
    let Scan::Fits { columns, rows, .. } = fit(side(modules), area, !theme.is_ascii()) else {
        return fit(side(modules), area, !theme.is_ascii());
    };
    let (x, y) = ((area.width - columns) / 2, (area.height - rows) / 2);
    let middle = Rect { x: area.x + x, y: area.y + y, width: columns, height: rows };
    scan(theme, buf, middle, modules, inverted)
}

/// Draws a code at the upper left of an area if it fits, and says how it does. `inverted` is for a light screen without
/// colours.
pub fn scan(theme: &Theme, buf: &mut Buffer, area: Rect, modules: &Modules, inverted: bool) -> Scan {
    let side = side(modules);
    let halves = !theme.is_ascii();
    let scan = fit(side, area, halves);
    let Scan::Fits { quiet, columns, rows } = scan else { return scan };
    let dark = |x: u16, y: u16| {
        x >= quiet
            && y >= quiet
            && x < quiet + side
            && y < quiet + side
            && modules.dark(usize::from(x - quiet), usize::from(y - quiet))
    };
    // 16 and 231 are black and white in every palette; 0 and 7 are what a theme makes of them.
    let (black, white) = (Color::Indexed(16), Color::Indexed(231));
    for row in 0..rows {
        for column in 0..columns {
            let cell = &mut buf[(area.x + column, area.y + row)];
            if !halves {
                let dark = dark(column / 2, row);
                let plain = if dark == inverted { Modifier::REVERSED } else { Modifier::empty() };
                let style = if theme.has_colours() {
                    Style::new().bg(if dark { black } else { white })
                } else {
                    Style::new().add_modifier(plain)
                };
                cell.set_symbol(" ").set_style(style);
                continue;
            }
            let (upper, lower) = (dark(column, row * 2), dark(column, row * 2 + 1));
            if theme.has_colours() {
                let colour = |dark| if dark { black } else { white };
                cell.set_symbol("▀").set_style(Style::new().fg(colour(upper)).bg(colour(lower)));
            } else {
                // Without colours the light modules are drawn: right on a dark screen, which is the usual one.
                let symbol = match (upper != inverted, lower != inverted) {
                    (true, true) => " ",
                    (true, false) => "▄",
                    (false, true) => "▀",
                    (false, false) => "█",
                };
                cell.set_symbol(symbol);
            }
        }
    }
    scan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_a_window_lacks() {
        assert_eq!(lacks((53, 27), (80, 24)), "3 rows");
        assert_eq!(lacks((53, 27), (52, 26)), "1 column and 1 row");
        assert_eq!(lacks((53, 27), (40, 30)), "13 columns");
    }
}
