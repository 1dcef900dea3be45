//! A picture of a screen: a buffer of the UI as SVG, with fixed colours for the sixteen of a terminal.
//!
//! What a font may draw with a gap – blocks, bars, rules – is drawn as a shape, so that a QR code in a picture scans.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// A cell in pixels: a monospaced letter of 15 pixels is 9 wide in the fonts that are named below.
const CELL: (u16, u16) = (9, 20);
const EDGE: u16 = 18;

/// The colours of a terminal.
pub(crate) struct Palette {
    pub(crate) name: &'static str,
    paper: u32,
    ink: u32,
    /// Black, red, green, yellow, blue, magenta, cyan, white; then the bright ones.
    sixteen: [u32; 16],
}

pub(crate) const PALETTES: [Palette; 2] = [
    Palette {
        name: "dark",
        paper: 0x16_18_1d,
        ink: 0xd9_dc_e3,
        sixteen: [
            0x2a_2e_37, 0xff_7b_72, 0x7e_d4_91, 0xe8_c0_6a, 0x7f_b4_ff, 0xe0_9a_f0, 0x62_cf_d8, 0xc9_cd_d6,
            0x8a_91_9f, 0xff_9d_96, 0x9f_e5_ae, 0xf3_d5_8f, 0xa3_c9_ff, 0xec_b8_f7, 0x8b_e0_e7, 0xff_ff_ff,
        ],
    },
    Palette {
        name: "light",
        paper: 0xfc_fb_f8,
        ink: 0x24_27_2d,
        sixteen: [
            0x24_27_2d, 0xb4_23_1e, 0x1d_74_37, 0x8a_5a_00, 0x1f_55_b5, 0x90_2f_a3, 0x0b_6b_77, 0x6a_6f_7a,
            0x62_67_72, 0xa8_1d_18, 0x17_65_2f, 0x76_4d_00, 0x19_49_9e, 0x7d_26_8e, 0x09_5c_66, 0x00_00_00,
        ],
    },
];

impl Palette {
    fn indexed(&self, index: u8) -> u32 {
        let level = |step: u8| if step == 0 { 0 } else { 55 + u32::from(step) * 40 };
        match index {
            0..=15 => self.sixteen[usize::from(index)],
            16..=231 => {
                let cube = index - 16;
                level(cube / 36) << 16 | level(cube / 6 % 6) << 8 | level(cube % 6)
            }
            232.. => (8 + u32::from(index - 232) * 10) * 0x01_01_01,
        }
    }

    /// Returns a colour, or `None` for the terminal's own.
    fn colour(&self, colour: Color) -> Option<u32> {
        let named = |index: u8| Some(self.indexed(index));
        match colour {
            Color::Reset => None,
            Color::Black => named(0),
            Color::Red => named(1),
            Color::Green => named(2),
            Color::Yellow => named(3),
            Color::Blue => named(4),
            Color::Magenta => named(5),
            Color::Cyan => named(6),
            Color::Gray => named(7),
            Color::DarkGray => named(8),
            Color::LightRed => named(9),
            Color::LightGreen => named(10),
            Color::LightYellow => named(11),
            Color::LightBlue => named(12),
            Color::LightMagenta => named(13),
            Color::LightCyan => named(14),
            Color::White => named(15),
            Color::Rgb(r, g, b) => Some(u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b)),
            Color::Indexed(index) => named(index),
        }
    }

    /// Returns the colours of a cell: its ink, and its paper where that is not the window's.
    fn cell(&self, cell: &Cell) -> (u32, Option<u32>) {
        let (ink, paper) = (self.colour(cell.fg).unwrap_or(self.ink), self.colour(cell.bg));
        if cell.modifier.contains(Modifier::REVERSED) {
            (paper.unwrap_or(self.paper), Some(ink))
        } else {
            (ink, paper)
        }
    }
}

/// What a block or a line covers of its cell, in pixels: left, top, width and height of each part.
type Parts = Vec<(u16, u16, u16, u16)>;

/// The quarters of a cell: upper left, upper right, lower left, lower right.
const QUARTERS: [(&str, [bool; 4]); 12] = [
    ("▘", [true, false, false, false]),
    ("▝", [false, true, false, false]),
    ("▖", [false, false, true, false]),
    ("▗", [false, false, false, true]),
    ("▌", [true, false, true, false]),
    ("▐", [false, true, false, true]),
    ("▚", [true, false, false, true]),
    ("▞", [false, true, true, false]),
    ("▛", [true, true, true, false]),
    ("▜", [true, true, false, true]),
    ("▙", [true, false, true, true]),
    ("▟", [false, true, true, true]),
];

/// Returns the parts of what is drawn as a shape; nothing for a letter.
fn shape(symbol: &str) -> Parts {
    let (w, h) = CELL;
    let (half, middle) = (w / 2, h / 2);
    let rule = (0, middle, w, 1);
    match symbol {
        "█" => vec![(0, 0, w, h)],
        "▀" => vec![(0, 0, w, middle)],
        "▄" => vec![(0, middle, w, middle)],
        "▏" => vec![(0, 2, 2, h - 4)],
        "━" => vec![(0, middle - 2, w, 4)],
        "─" => vec![rule],
        "│" => vec![(half, 0, 1, h)],
        "┬" => vec![rule, (half, middle, 1, middle)],
        "┴" => vec![rule, (half, 0, 1, middle)],
        "┼" => vec![rule, (half, 0, 1, h)],
        _ => {
            let places = [
                (0, 0, half, middle),
                (half, 0, w - half, middle),
                (0, middle, half, middle),
                (half, middle, w - half, middle),
            ];
            let covered = QUARTERS.iter().find(|(quarter, _)| *quarter == symbol);
            covered.map_or_else(Vec::new, |(_, covered)| {
                places
                    .into_iter()
                    .zip(covered)
                    .filter(|(_, covered)| **covered)
                    .map(|(place, _)| place)
                    .collect()
            })
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Draws a screen. `title` says in words what is to be seen, for those who do not see it.
pub(crate) fn svg(buffer: &Buffer, palette: &Palette, title: &str) -> String {
    let (w, h) = CELL;
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let (width, height) = (columns * w + 2 * EDGE, rows * h + 2 * EDGE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\">\n<title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" rx=\"10\" \
         fill=\"#{:06x}\"/>\n<g font-family=\"'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,monospace\" \
         font-size=\"15\" xml:space=\"preserve\">\n",
        escaped(title),
        palette.paper
    );
    for y in 0..rows {
        let top = EDGE + y * h;
        let mut x = 0;
        while x < columns {
            let first = &buffer[(x, y)];
            let (ink, paper) = palette.cell(first);
            let modifier = first.modifier;
            let mut end = x;
            let mut text = String::new();
            while end < columns {
                let cell = &buffer[(end, y)];
                if palette.cell(cell) != (ink, paper) || cell.modifier != modifier {
                    break;
                }
                text.push_str(cell.symbol());
                end += 1;
            }
            if let Some(paper) = paper {
                let (left, wide) = (EDGE + x * w, (end - x) * w);
                writeln!(svg, "<path d=\"M{left} {top}h{wide}v{h}h-{wide}z\" fill=\"#{paper:06x}\"/>")
                    .unwrap();
            }
            shapes(&mut svg, buffer, (x, end), y, ink);
            words(&mut svg, buffer, (x, end), y, ink);
            x = end;
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Draws the blocks and lines of a run as one path; equal neighbours are joined.
fn shapes(svg: &mut String, buffer: &Buffer, (from, to): (u16, u16), y: u16, ink: u32) {
    let mut path = String::new();
    let mut x = from;
    while x < to {
        let symbol = buffer[(x, y)].symbol();
        let mut end = x + 1;
        while end < to && buffer[(end, y)].symbol() == symbol {
            end += 1;
        }
        for (left, top, width, height) in shape(symbol) {
            let joined = if width == CELL.0 { 1 } else { end - x };
            for cell in 0..joined {
                let (left, top) = (EDGE + (x + cell) * CELL.0 + left, EDGE + y * CELL.1 + top);
                let width = if joined == 1 && width == CELL.0 { (end - x) * CELL.0 } else { width };
                write!(path, "M{left} {top}h{width}v{height}h-{width}z").unwrap();
            }
        }
        x = end;
    }
    if !path.is_empty() {
        writeln!(svg, "<path d=\"{path}\" fill=\"#{ink:06x}\" shape-rendering=\"crispEdges\"/>").unwrap();
    }
}

/// Writes the words of a run. Each keeps the width that its cells have, whatever the font.
fn words(svg: &mut String, buffer: &Buffer, (from, to): (u16, u16), y: u16, ink: u32) {
    let modifier = buffer[(from, y)].modifier;
    let mut style = String::new();
    if modifier.contains(Modifier::BOLD) {
        style.push_str(" font-weight=\"bold\"");
    }
    if modifier.contains(Modifier::UNDERLINED) {
        style.push_str(" text-decoration=\"underline\"");
    }
    let is_word = |x: u16| {
        let symbol = buffer[(x, y)].symbol();
        !symbol.trim().is_empty() && shape(symbol).is_empty()
    };
    let mut x = from;
    while x < to {
        if !is_word(x) {
            x += 1;
            continue;
        }
        let mut end = x;
        let mut word = String::new();
        // One blank between words does not end a run.
        while end < to
            && (is_word(end) || (end + 1 < to && buffer[(end, y)].symbol() == " " && is_word(end + 1)))
        {
            word.push_str(buffer[(end, y)].symbol());
            end += 1;
        }
        let (left, base, length) = (EDGE + x * CELL.0, EDGE + y * CELL.1 + 15, (end - x) * CELL.0);
        writeln!(
            svg,
            "<text x=\"{left}\" y=\"{base}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" \
             fill=\"#{ink:06x}\"{style}>{}</text>",
            escaped(&word)
        )
        .unwrap();
        x = end;
    }
}
