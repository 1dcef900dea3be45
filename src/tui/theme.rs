//! Colours and symbols, by what the terminal can. Colour is never the only mark.

use ratatui::style::{Color, Modifier, Style};

/// The sixteen colours of the user's own terminal, or none, and the glyphs.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    colours: bool,
    ascii: bool,
}

impl Theme {
    /// Returns the theme for a terminal: with colours or without, with symbols beyond ASCII or without.
    pub fn new(colours: bool, ascii: bool) -> Self {
        Self { colours, ascii }
    }

    /// Only ASCII?
    pub fn is_ascii(self) -> bool {
        self.ascii
    }

    /// May colours be used?
    pub fn has_colours(self) -> bool {
        self.colours
    }

    fn fg(self, colour: Color) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    /// A code, a key in the footer, a heading.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
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
        self.fg(Color::Green)
    }

    /// Worth a look.
    pub fn warning(self) -> Style {
        self.fg(Color::Yellow)
    }

    /// Something is wrong.
    pub fn error(self) -> Style {
        self.fg(Color::Red)
    }

    /// The bar, by how many seconds are left.
    pub fn bar(self, left: u32) -> Style {
        match left {
            0..=5 => self.fg(Color::Magenta).add_modifier(Modifier::BOLD),
            6..=10 => self.fg(Color::Yellow),
            _ => self.fg(Color::Cyan),
        }
    }

    /// Returns a symbol, or what stands for it in ASCII.
    pub fn glyph(self, glyph: Glyph) -> &'static str {
        let (symbol, ascii) = match glyph {
            Glyph::Arrow => ("›", ">"),
            Glyph::Back => ("‹", "<"),
            Glyph::Beside => ("│", "|"),
            Glyph::Bullet => ("•", "*"),
            Glyph::Check => ("✓", "v"),
            Glyph::Cross => ("✗", "x"),
            Glyph::Cursor => ("▸", ">"),
            Glyph::Dot => ("·", "-"),
            Glyph::Down => ("↓", "v"),
            Glyph::Full => ("━", "#"),
            Glyph::Empty | Glyph::Rule => ("─", "-"),
            Glyph::Tee => ("┬", "+"),
            Glyph::Star => ("★", "*"),
            Glyph::Up => ("↑", "^"),
            Glyph::UpDown => ("↑↓", "Up/Down"),
        };
        if self.ascii { ascii } else { symbol }
    }
}

/// Every symbol of our own that is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Glyph {
    /// Between a code and the next one.
    Arrow,
    /// Before the name of what one came from.
    Back,
    /// Between two parts that stand side by side.
    Beside,
    /// A hidden character.
    Bullet,
    /// Good news.
    Check,
    /// An error.
    Cross,
    /// Before the selected line.
    Cursor,
    /// Between two facts.
    Dot,
    /// More below.
    Down,
    /// The part of a bar that is used up.
    Empty,
    /// The part of a bar that is left.
    Full,
    /// The line under a heading.
    Rule,
    /// Pinned.
    Star,
    /// Where the line between two parts begins.
    Tee,
    /// More above.
    Up,
    /// The two arrow keys.
    UpDown,
}
