//! The table of symbols, each with what stands for it in a font that has no such thing.

/// Every symbol of our own that is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Glyph {
    /// Between a code and the next one.
    Arrow,
    /// Before the name of what one came from.
    Back,
    /// Between two parts that stand side by side, and the side of a box.
    Beside,
    /// A hidden character.
    Bullet,
    /// Good news.
    Check,
    /// A corner of a box: at the left, at the bottom.
    Corner(bool, bool),
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
    /// The arrow key to the left.
    Left,
    /// The arrow key to the right.
    Right,
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

impl Glyph {
    /// Every one.
    pub const ALL: [Self; 22] = [
        Self::Arrow,
        Self::Back,
        Self::Beside,
        Self::Bullet,
        Self::Check,
        Self::Corner(true, false),
        Self::Corner(false, false),
        Self::Corner(true, true),
        Self::Corner(false, true),
        Self::Cross,
        Self::Cursor,
        Self::Dot,
        Self::Down,
        Self::Empty,
        Self::Full,
        Self::Left,
        Self::Right,
        Self::Rule,
        Self::Star,
        Self::Tee,
        Self::Up,
        Self::UpDown,
    ];

    /// Returns the symbol, what the Linux console has for it, and ASCII.
    pub const fn forms(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Arrow => ("›", "»", ">"),
            Self::Back => ("‹", "«", "<"),
            Self::Beside => ("│", "│", "|"),
            Self::Bullet => ("•", "·", "*"),
            Self::Check => ("✓", "v", "v"),
            Self::Corner(true, false) => ("┌", "┌", "+"),
            Self::Corner(false, false) => ("┐", "┐", "+"),
            Self::Corner(true, true) => ("└", "└", "+"),
            Self::Corner(false, true) => ("┘", "┘", "+"),
            Self::Cross => ("✗", "x", "x"),
            Self::Cursor => ("▸", ">", ">"),
            Self::Dot => ("·", "·", "-"),
            Self::Down => ("↓", "↓", "v"),
            Self::Full => ("━", "█", "#"),
            Self::Empty | Self::Rule => ("─", "─", "-"),
            Self::Left => ("←", "←", "Left"),
            Self::Right => ("→", "→", "Right"),
            Self::Star => ("★", "*", "*"),
            Self::Tee => ("┬", "┬", "+"),
            Self::Up => ("↑", "↑", "^"),
            Self::UpDown => ("↑↓", "↑↓", "Up/Down"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_stands_in_ascii_and_in_the_fonts_of_the_console() {
        for glyph in Glyph::ALL {
            let (_, console, ascii) = glyph.forms();
            assert!(ascii.is_ascii() && !ascii.is_empty(), "{glyph:?}");
            let known = |letter: char| letter.is_ascii() || "»«·┌┐└┘┬↓█─←→│↑".contains(letter);
            assert!(console.chars().all(known), "{glyph:?}");
        }
    }
}
