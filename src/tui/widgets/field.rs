//! A line of text that is being typed. Its buffer is wiped whenever it grows, changes hands or goes away, since
//! what is typed here are passphrases, secrets and codes.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};
use zeroize::{Zeroize, Zeroizing};

use super::put;
use crate::display::visible;
use crate::tui::key::Key;
use crate::tui::theme::{Glyph, Theme};

/// An editable line. The cursor stands before the grapheme at its byte offset.
pub struct Field {
    text: Zeroizing<String>,
    cursor: usize,
    limit: usize,
    masked: bool,
}

impl Field {
    /// Returns an empty field that takes at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { text: Zeroizing::new(String::with_capacity(limit.min(256))), cursor: 0, limit, masked: false }
    }

    /// Returns an empty field that shows dots.
    pub fn masked(limit: usize) -> Self {
        Self { masked: true, ..Self::new(limit) }
    }

    /// Returns a field that holds a text, the cursor at its end.
    pub fn with(limit: usize, text: &str) -> Self {
        let mut field = Self::new(limit);
        field.insert(text);
        field
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns a copy that is wiped when dropped.
    pub fn secret(&self) -> Zeroizing<String> {
        self.text.clone()
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Does it show dots?
    pub fn is_masked(&self) -> bool {
        self.masked
    }

    /// Shows the text, or dots.
    pub fn mask(&mut self, masked: bool) {
        self.masked = masked;
    }

    /// Shows what was dots, or the other way round; returns what to say of it.
    pub fn flip(&mut self) -> &'static str {
        self.masked = !self.masked;
        if self.masked { "What you type is hidden" } else { "What you type is shown" }
    }

    /// Empties it and wipes what was there.
    pub fn clear(&mut self) {
        self.text.zeroize();
        self.cursor = 0;
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str) {
        self.clear();
        self.insert(text);
    }

    /// Inserts text at the cursor, without line ends and control characters; returns false if it did not fit.
    pub fn insert(&mut self, text: &str) -> bool {
        let mut fits = true;
        for letter in text.chars().filter(|c| !c.is_control()) {
            if self.text.len() + letter.len_utf8() > self.limit {
                fits = false;
                break;
            }
            self.reserve(letter.len_utf8());
            self.text.insert(self.cursor, letter);
            self.cursor += letter.len_utf8();
        }
        fits
    }

    /// Grows by moving to a larger buffer and wiping the old one: a reallocation would leave a copy behind.
    fn reserve(&mut self, more: usize) {
        if self.text.len() + more > self.text.capacity() {
            let mut larger = Zeroizing::new(String::with_capacity((self.text.len() + more) * 2));
            larger.push_str(&self.text);
            self.text = larger;
        }
    }

    /// Takes an editing key; returns false if it is none.
    pub fn handle(&mut self, key: Key) -> bool {
        match key {
            Key::Backspace => self.remove(self.left(), self.cursor),
            Key::Char(letter) => {
                self.insert(letter.encode_utf8(&mut [0; 4]));
            }
            Key::Ctrl('a') | Key::Home => self.cursor = 0,
            Key::Ctrl('e') | Key::End => self.cursor = self.text.len(),
            Key::Ctrl('k') => self.remove(self.cursor, self.text.len()),
            Key::Ctrl('u') => self.remove(0, self.cursor),
            Key::Ctrl('w') => self.remove(self.word(), self.cursor),
            Key::Delete => self.remove(self.cursor, self.right()),
            Key::Left => self.cursor = self.left(),
            Key::Right => self.cursor = self.right(),
            _ => return false,
        }
        true
    }

    fn remove(&mut self, from: usize, to: usize) {
        let mut rest = Zeroizing::new(String::with_capacity(self.text.capacity()));
        rest.push_str(&self.text[..from]);
        rest.push_str(&self.text[to..]);
        self.text = rest;
        self.cursor = from;
    }

    fn left(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn right(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |next| self.cursor + next.len())
    }

    fn word(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before.rfind(' ').map_or(0, |at| at + 1)
    }

    /// Draws the text in `width` columns so that the cursor is in sight; returns where the cursor is.
    pub fn view(
        &self,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
        (x, y): (u16, u16),
        width: u16,
        style: Style,
    ) -> Position {
        let (shown, before) = self.picture(theme, usize::from(width.saturating_sub(1)));
        put(buf, area, x, y, &shown, style);
        Position::new(
            area.x + (x + u16::try_from(before).unwrap_or(0)).min(area.width.saturating_sub(1)),
            area.y + y,
        )
    }

    /// Returns the part that is shown in `width` columns and the columns before the cursor. It looks at no more of the text
    /// than it shows, since a note may have millions of letters.
    fn picture(&self, theme: &Theme, width: usize) -> (Zeroizing<String>, usize) {
        let cell = |grapheme: &str| {
            if self.masked {
                return (Zeroizing::new(theme.glyph(Glyph::Bullet).to_owned()), 1);
            }
            let seen = visible(grapheme);
            (Zeroizing::new(seen.as_str().to_owned()), seen.width())
        };
        // A cursor inside of a grapheme is shown behind it.
        let mut boundary = GraphemeCursor::new(self.cursor, self.text.len(), true);
        let cursor = match boundary.is_boundary(&self.text, 0) {
            Ok(false) => boundary.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len()),
            _ => self.cursor,
        };
        let (mut first, mut before) = (cursor, 0);
        for (at, grapheme) in self.text[..cursor].grapheme_indices(true).rev() {
            let (_, wide) = cell(grapheme);
            if before + wide > width {
                break;
            }
            (first, before) = (at, before + wide);
        }
        let mut shown = Zeroizing::new(String::with_capacity(width * 4));
        let mut columns = 0;
        for grapheme in self.text[first..].graphemes(true) {
            let (text, wide) = cell(grapheme);
            if columns + wide > width {
                break;
            }
            columns += wide;
            shown.push_str(&text);
        }
        (shown, before)
    }

    /// Returns where the cursor would be, without drawing.
    pub fn cursor(&self, theme: &Theme, area: Rect, (x, y): (u16, u16), width: u16) -> Position {
        let (_, before) = self.picture(theme, usize::from(width.saturating_sub(1)));
        let right = area.width.saturating_sub(1);
        let bottom = area.height.saturating_sub(1);
        Position::new(
            area.x + x.saturating_add(u16::try_from(before).unwrap_or(0)).min(right),
            area.y + y.min(bottom),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> Field {
        let mut field = Field::new(64);
        for key in Key::spell(keys).unwrap_or_default() {
            field.handle(key);
        }
        field
    }

    #[test]
    fn edits_as_a_shell_does() {
        assert_eq!(typed("one two^w").text(), "one ");
        assert_eq!(typed("one^a<right>^k").text(), "o");
        assert_eq!(typed("one<left><backspace>").text(), "oe");
        assert_eq!(typed("one<home><delete>").text(), "ne");
        assert_eq!(typed("one two^u").text(), "");
    }

    #[test]
    fn takes_no_control_characters_and_no_more_than_its_limit() {
        let mut field = Field::new(4);
        assert!(!field.insert("a\u{1b}\rbcde"));
        assert_eq!(field.text(), "abcd");
    }

    #[test]
    fn moves_by_grapheme() {
        let mut field = Field::with(64, "ae\u{301}b");
        field.handle(Key::Left);
        field.handle(Key::Backspace);
        assert_eq!(field.text(), "ab");
    }

    #[test]
    fn keeps_the_cursor_in_sight() {
        let field = Field::with(64, "0123456789");
        let theme = Theme::new(true, false);
        let (shown, before) = field.picture(&theme, 5);
        assert_eq!((shown.as_str(), before), ("56789", 5));
    }
}
