//! Colours and symbols, by what the terminal can and what the user set. Colour is never the only mark.
//!
//! By default only the sixteen colours of the user's own theme are used, with bold and reverse: they are right on every
//! background. The built-in colours need 256, and to know whether the background is dark; without either it is the
//! sixteen again. Every symbol that is drawn stands in one table here, with what stands for it elsewhere.

mod glyph;

use ratatui::style::{Color, Modifier, Style};

use crate::config;

pub use glyph::Glyph;

/// How many colours there are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Depth {
    /// None.
    None,
    /// The sixteen of the terminal's own theme.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// All of them.
    True,
}

/// Which symbols there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Symbols {
    /// All that we use.
    All,
    /// Those in the fonts of the Linux console.
    Console,
    /// ASCII.
    Ascii,
}

/// What the terminal can, as far as it is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Can {
    /// How many colours it has, or the user wants everywhere.
    pub depth: Depth,
    /// Which symbols it has.
    pub symbols: Symbols,
    /// Is its background dark?
    pub dark: Option<bool>,
    /// Is the line to it slow?
    pub slow: bool,
}

/// The colours of one look, as red, green and blue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Palette {
    /// Keys in the footer.
    pub accent: u32,
    /// Codes and headings.
    pub code: u32,
    /// Good news.
    pub good: u32,
    /// Worth a look.
    pub warning: u32,
    /// Something is wrong.
    pub error: u32,
    /// A bar with time enough.
    pub fine: u32,
    /// A bar that ends soon.
    pub soon: u32,
    /// A bar in its last seconds.
    pub last: u32,
}

/// The built-in colours for dark backgrounds.
pub const DARK: Palette = Palette {
    accent: 0x7c_c4_f0,
    code: 0xff_ff_ff,
    good: 0x5c_c8_b0,
    warning: 0xf0_b4_29,
    error: 0xff_8a_8a,
    fine: 0x5c_c8_b0,
    soon: 0xf0_b4_29,
    last: 0xff_94_68,
};

/// The built-in colours for light backgrounds.
pub const LIGHT: Palette = Palette {
    accent: 0x00_56_9c,
    code: 0x00_00_00,
    good: 0x00_66_4f,
    warning: 0x7a_4f_00,
    error: 0xa8_07_1a,
    fine: 0x00_66_4f,
    soon: 0x7a_4f_00,
    last: 0x8f_2d_00,
};

/// How to draw.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Theme {
    can: Can,
    depth: Depth,
    symbols: Symbols,
    palette: Option<Palette>,
    calm: bool,
    slow: bool,
}

impl Theme {
    /// Returns the theme for a terminal: with the sixteen colours or without, with symbols beyond ASCII or without.
    pub fn new(colours: bool, ascii: bool) -> Self {
        let depth = if colours { Depth::Ansi16 } else { Depth::None };
        let symbols = if ascii { Symbols::Ascii } else { Symbols::All };
        Self::of(Can { depth, symbols, dark: None, slow: false })
    }

    /// Returns the theme for a terminal, with nothing set.
    pub fn of(can: Can) -> Self {
        Self { can, depth: can.depth, symbols: can.symbols, palette: None, calm: false, slow: can.slow }
    }

    /// Returns the theme with what the user set. A terminal without colours gets none.
    #[must_use]
    pub fn set(self, set: &config::Screen) -> Self {
        let can = self.can;
        let depth = match set.colors {
            _ if can.depth == Depth::None || set.theme == config::Theme::Mono => Depth::None,
            config::Colours::Auto => can.depth,
            config::Colours::Ansi16 => Depth::Ansi16,
            config::Colours::Ansi256 => Depth::Ansi256,
            config::Colours::TrueColor => Depth::True,
            config::Colours::None => Depth::None,
        };
        let dark = match set.theme {
            config::Theme::Dark => Some(true),
            config::Theme::Light => Some(false),
            config::Theme::Auto | config::Theme::Mono => can.dark,
        };
        let builtin = set.palette == config::Palette::Builtin && depth >= Depth::Ansi256;
        let slow = match set.slow_link {
            config::SlowLink::Auto => can.slow,
            config::SlowLink::On => true,
            config::SlowLink::Off => false,
        };
        Self {
            can,
            depth,
            symbols: match set.ascii {
                config::Ascii::Auto => can.symbols,
                config::Ascii::On => Symbols::Ascii,
                config::Ascii::Off => Symbols::All,
            },
            palette: dark.filter(|_| builtin).map(|dark| if dark { DARK } else { LIGHT }),
            calm: set.motion == config::Motion::Less,
            slow,
        }
    }

    /// Says whether it has to be known what the background is, and is not.
    pub fn asks(self, set: &config::Screen) -> bool {
        let builtin = set.palette == config::Palette::Builtin && self.depth >= Depth::Ansi256;
        builtin && set.theme == config::Theme::Auto && self.can.dark.is_none()
    }

    /// Returns the theme for a terminal that said what its background is.
    #[must_use]
    pub fn on(self, dark: bool, set: &config::Screen) -> Self {
        Self { can: Can { dark: Some(dark), ..self.can }, ..self }.set(set)
    }

    /// Returns the theme for a terminal whose line is slow, or is not any more.
    #[must_use]
    pub fn over(self, slow: bool, set: &config::Screen) -> Self {
        Self { can: Can { slow, ..self.can }, ..self }.set(set)
    }

    /// Is the line to the terminal slow, so that nothing but a code is worth its seconds?
    pub fn is_slow(self) -> bool {
        self.slow
    }

    /// Only ASCII?
    pub fn is_ascii(self) -> bool {
        self.symbols == Symbols::Ascii
    }

    /// May colours be used?
    pub fn has_colours(self) -> bool {
        self.depth > Depth::None
    }

    /// Returns seconds that are left, as they are written: over a slow line in steps of five, never more than there are.
    pub fn seconds(self, left: u32) -> String {
        match fives(left) {
            _ if !self.slow => left.to_string(),
            0 => "<5".to_owned(),
            fives => fives.to_string(),
        }
    }

    /// Returns the seconds that a bar shows: with less motion it moves every five.
    pub fn moved(self, left: u32) -> u32 {
        match (self.slow, self.calm) {
            // Together with the digits, so that both cost one frame.
            (true, _) => fives(left).max(1),
            (_, true) => left.next_multiple_of(5),
            (false, false) => left,
        }
    }

    /// Returns a colour of the built-in ones, or else of the sixteen; none where there are none.
    fn fg(self, built_in: fn(&Palette) -> u32, colour: Option<Color>) -> Style {
        let colour = match (&self.palette, self.depth) {
            (_, Depth::None) => None,
            (Some(palette), Depth::True) => Some(true_colour(built_in(palette))),
            (Some(palette), _) => Some(Color::Indexed(nearest(built_in(palette)))),
            (None, _) => colour,
        };
        colour.map_or_else(Style::new, |colour| Style::new().fg(colour))
    }

    /// A code, a heading.
    pub fn strong(self) -> Style {
        self.fg(|palette| palette.code, None).add_modifier(Modifier::BOLD)
    }

    /// A key in the footer.
    pub fn key(self) -> Style {
        self.fg(|palette| palette.accent, None).add_modifier(Modifier::BOLD)
    }

    /// The selected row.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Letters that matched a search.
    pub fn matched(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    }

    /// Good news.
    pub fn good(self) -> Style {
        self.fg(|palette| palette.good, Some(Color::Green))
    }

    /// Worth a look.
    pub fn warning(self) -> Style {
        self.fg(|palette| palette.warning, Some(Color::Yellow))
    }

    /// Something is wrong.
    pub fn error(self) -> Style {
        self.fg(|palette| palette.error, Some(Color::Red))
    }

    /// The bar, by how many seconds are left.
    pub fn bar(self, left: u32) -> Style {
        match left {
            0..=5 => self.fg(|palette| palette.last, Some(Color::Magenta)).add_modifier(Modifier::BOLD),
            6..=10 => self.fg(|palette| palette.soon, Some(Color::Yellow)),
            _ => self.fg(|palette| palette.fine, Some(Color::Cyan)),
        }
    }

    /// Returns what stands for what another hand drew and the font has not: our own marks, and on a terminal that does
    /// not read UTF-8 every letter beyond ASCII, which would be some other letter there, or a control.
    pub fn stand_in(self, drawn: &str) -> Option<&'static str> {
        if drawn.is_ascii() || self.symbols == Symbols::All {
            return None;
        }
        if drawn == "\u{2026}" {
            return Some("~");
        }
        let known = Glyph::ALL.into_iter().find(|glyph| glyph.forms().0 == drawn);
        let foreign = self.symbols == Symbols::Ascii && self.can.symbols == Symbols::Ascii;
        match known.map(|glyph| self.glyph(glyph)) {
            Some(form) if form.len() == 1 || self.symbols == Symbols::Console => Some(form),
            _ => foreign.then_some("?"),
        }
    }

    /// Returns a symbol, or what stands for it where it is not in the font.
    pub fn glyph(self, glyph: Glyph) -> &'static str {
        let (all, console, ascii) = glyph.forms();
        match self.symbols {
            Symbols::All => all,
            Symbols::Console => console,
            Symbols::Ascii => ascii,
        }
    }
}

/// Returns the whole fives in what is left. `left` is rounded up, so of 5 a part is gone already.
fn fives(left: u32) -> u32 {
    left.saturating_sub(1) / 5 * 5
}

fn true_colour(rgb: u32) -> Color {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Color::Rgb(red, green, blue)
}

/// Returns the colour of an index of xterm's 256 above the first sixteen, which are the user's own.
pub fn indexed(index: u8) -> u32 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let [red, green, blue] = if index >= 232 {
        [8 + (index - 232) * 10; 3]
    } else {
        let place = usize::from(index.saturating_sub(16));
        [STEPS[place / 36], STEPS[place / 6 % 6], STEPS[place % 6]]
    };
    u32::from_be_bytes([0, red, green, blue])
}

/// Returns the index of xterm's 256 that is nearest to a colour.
pub fn nearest(rgb: u32) -> u8 {
    let distance = |index: &u8| -> u32 {
        let (one, other) = (rgb.to_be_bytes(), indexed(*index).to_be_bytes());
        one.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    (16..=255).min_by_key(distance).unwrap_or(15)
}

#[cfg(test)]
mod tests;
