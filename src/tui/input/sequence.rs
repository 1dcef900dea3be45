//! What follows an escape: keys, reports of the terminal, and all that must be swallowed whole (ECMA-48 section 5).
//!
//! Nothing here may act on what it does not know, and nothing may wait for ever for an end.

use super::{LONGEST_SEQUENCE, Piece, find};
use crate::tui::event::{Mouse, Outcome, Report};
use crate::tui::key::Key;

/// Reads what follows an escape (ECMA-48 section 5.3 and 5.6).
pub(super) fn escape(rest: &[u8], last: bool) -> Piece {
    match rest {
        [] | [b'O'] if !last => Piece::Short,
        // Nothing follows, or another escape: it was the key.
        [] | [0x1b, ..] => Piece::Key(Key::Esc, 1),
        [b'[', b'[', function @ b'A'..=b'E', ..] => Piece::Key(Key::F(function - b'A' + 1), 4),
        [b'[', b'M', mouse @ ..] if mouse.len() >= 3 => Piece::Nothing(6),
        [b'[', b'M', ..] if !last => Piece::Short,
        [b'[', rest @ ..] => control_sequence(rest, last),
        // Not in `final_key`: behind `CSI` this letter says where the cursor is.
        [b'O', b'R', ..] => Piece::Key(Key::F(3), 3),
        [b'O', function, ..] => Piece::Key(final_key(*function, 1).unwrap_or(Key::F(0)), 3).known(),
        [b']' | b'P' | b'X' | b'^' | b'_', rest @ ..] => control_string(rest, last),
        // Alt and a key: none of ours.
        [_, ..] => Piece::Nothing(2),
    }
}

impl Piece {
    /// Makes nothing of a function key that does not exist.
    fn known(self) -> Self {
        match self {
            Self::Key(Key::F(0), taken) => Self::Nothing(taken),
            piece => piece,
        }
    }
}

/// Reads `ESC [ parameters final`.
fn control_sequence(rest: &[u8], last: bool) -> Piece {
    let Some(end) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else {
        let lost = last || rest.len() > LONGEST_SEQUENCE;
        return if lost { Piece::Nothing(rest.len() + 2) } else { Piece::Short };
    };
    let taken = end + 3;
    // A control inside ends the sequence and counts by itself.
    if !(0x40..=0x7e).contains(&rest[end]) {
        return Piece::Nothing(end + 2);
    }
    let parameters = String::from_utf8_lossy(&rest[..end]);
    if let Some(report) = report(&parameters, rest[end]) {
        return Piece::Says(Outcome::Terminal(report), taken);
    }
    let mut numbers = parameters.split(';').map(|number| match number {
        "" => 0,
        number => number.parse().unwrap_or(u32::MAX),
    });
    let (first, modifier) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(1));
    let key = match rest[end] {
        _ if parameters.starts_with(['?', '<', '>', '=']) => None,
        b'~' if first == 200 => return Piece::Paste(taken),
        b'~' => tilde_key(first),
        b'Z' => Some(Key::BackTab),
        function => final_key(function, modifier),
    };
    key.map_or(Piece::Nothing(taken), |key| Piece::Key(key, taken))
}

/// Reads what the terminal says of itself: `?62;4c`, `?2026;2$y`, that it has the focus or not, and the mouse as xterm's
/// mode 1006 tells it.
fn report(parameters: &str, function: u8) -> Option<Report> {
    match function {
        b'I' | b'O' if parameters.is_empty() => Some(Report::Focus(function == b'I')),
        b'c' if parameters.starts_with('?') => Some(Report::Attributes),
        b'y' => {
            let answer: u8 = parameters.strip_prefix("?2026;")?.strip_suffix('$')?.parse().ok()?;
            // Set, reset, or set for good; the rest is not known, or off for good.
            Some(Report::Synchronises((1..=3).contains(&answer)))
        }
        // A button that is let go is no news.
        b'M' => mouse(parameters.strip_prefix('<')?).map(Report::Mouse),
        _ => None,
    }
}

/// Reads `button;column;row`, counted from 1. Other buttons than the first, and those with a key held, are the
/// terminal's.
fn mouse(parameters: &str) -> Option<Mouse> {
    let mut numbers = parameters.split(';').map(|number| number.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let (column, row) = (column.checked_sub(1)?, row.checked_sub(1)?);
    match button {
        _ if numbers.next().is_some() => None,
        0 => Some(Mouse::Click(column, row)),
        64 => Some(Mouse::WheelUp),
        65 => Some(Mouse::WheelDown),
        _ => None,
    }
}

/// Reads the reply to the question about the background, `11;rgb:1e1e/1e1e/2e2e`: is the background dark? Whoever
/// forges it changes a few colours.
fn background(reply: &[u8]) -> Option<bool> {
    let reply = std::str::from_utf8(reply).ok()?;
    let colour = reply.strip_prefix("11;")?;
    let parts = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"))?;
    // Each part has one to four digits, of the whole range.
    let part = |text: &str| {
        let digits = u32::try_from(text.len()).ok().filter(|digits| (1..=4).contains(digits))?;
        Some(u32::from(u16::from_str_radix(text, 16).ok()?) * 1000 / (16_u32.pow(digits) - 1))
    };
    let parts: Vec<u32> = parts.split('/').take(3).map(part).collect::<Option<_>>()?;
    let [red, green, blue] = parts[..] else { return None };
    Some(red * 299 + green * 587 + blue * 114 < 500_000)
}

/// Reads a string that ends with BEL or ESC \: a reply, never a key.
fn control_string(rest: &[u8], last: bool) -> Piece {
    let bell = memchr::memchr(0x07, rest).map(|at| (at, 1));
    let terminator = find(rest, b"\x1b\\").map(|at| (at, 2));
    match bell.into_iter().chain(terminator).min() {
        Some((at, length)) => match background(&rest[..at]) {
            Some(dark) => Piece::Says(Outcome::Background(dark), 2 + at + length),
            None => Piece::Nothing(2 + at + length),
        },
        None if last || rest.len() > LONGEST_SEQUENCE => Piece::Nothing(rest.len() + 2),
        None => Piece::Short,
    }
}

fn final_key(function: u8, modifier: u32) -> Option<Key> {
    // A reply such as `CSI 1;1R` has numbers that no key has.
    if modifier > 8 {
        return None;
    }
    Some(match function {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'F' => Key::End,
        b'H' => Key::Home,
        b'M' => Key::Enter,
        // `CSI 1;1R` is where the cursor is; F3 comes as `SS3 R` or `CSI 13~`.
        b'P' | b'Q' | b'S' => Key::F(function - b'P' + 1),
        _ => return None,
    })
}

fn tilde_key(number: u32) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::F(u8::try_from(number - 10).ok()?),
        17..=21 => Key::F(u8::try_from(number - 11).ok()?),
        23 | 24 => Key::F(u8::try_from(number - 12).ok()?),
        _ => return None,
    })
}
