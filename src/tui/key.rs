//! A key, and how it is spelled: in tests (`<enter>`, `^c`) and to the user ("Enter", "Ctrl-c").

use std::fmt;

/// A key that means something to the program. Keys with Alt, and releases, are none.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Key {
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// A character.
    Char(char),
    /// Control and a letter.
    Ctrl(char),
    /// Delete.
    Delete,
    /// Arrow down.
    Down,
    /// End.
    End,
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// A function key.
    F(u8),
    /// Home.
    Home,
    /// Arrow left.
    Left,
    /// Page down.
    PageDown,
    /// Page up.
    PageUp,
    /// Arrow right.
    Right,
    /// Tab.
    Tab,
    /// Arrow up.
    Up,
}

impl Key {
    /// Reads keys as tests write them: `git<down><enter>^c`; `<<` is a `<`.
    pub fn spell(text: &str) -> Option<Vec<Self>> {
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            keys.push(match c {
                '<' if rest.starts_with('<') => {
                    rest = &rest[1..];
                    Self::Char('<')
                }
                '<' => {
                    let (name, after) = rest.split_once('>')?;
                    rest = after;
                    Self::named(name)?
                }
                '^' => {
                    let letter = rest.chars().next()?;
                    rest = &rest[letter.len_utf8()..];
                    Self::Ctrl(letter)
                }
                c => Self::Char(c),
            });
        }
        Some(keys)
    }

    /// Returns the key as the footer shows it: arrows as arrows, where the terminal has them.
    pub fn short(self, ascii: bool) -> String {
        match self {
            Self::Down if !ascii => "↓".to_owned(),
            Self::Left if !ascii => "←".to_owned(),
            Self::Right if !ascii => "→".to_owned(),
            Self::Up if !ascii => "↑".to_owned(),
            key => key.to_string(),
        }
    }

    /// Reads a key as `Display` writes it, in any case but for a letter alone: `Enter`, `c`, `Ctrl-d`, `F5`.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut letters = name.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return (!letter.is_control() && letter != ' ').then_some(Self::Char(letter));
        }
        let lower = name.to_ascii_lowercase();
        if let Some(letter) = lower.strip_prefix("ctrl-") {
            let mut letters = letter.chars();
            return match (letters.next(), letters.next()) {
                (Some(letter @ 'a'..='z'), None) => Some(Self::Ctrl(letter)),
                _ => None,
            };
        }
        match lower.as_str() {
            "shift-tab" => Some(Self::BackTab),
            lower => {
                Self::named(lower).filter(|key| !matches!(key, Self::F(number) if !(1..=12).contains(number)))
            }
        }
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "backspace" => Self::Backspace,
            "backtab" => Self::BackTab,
            "delete" => Self::Delete,
            "down" => Self::Down,
            "end" => Self::End,
            "enter" => Self::Enter,
            "esc" => Self::Esc,
            "home" => Self::Home,
            "left" => Self::Left,
            "pgdn" => Self::PageDown,
            "pgup" => Self::PageUp,
            "right" => Self::Right,
            "space" => Self::Char(' '),
            "tab" => Self::Tab,
            "up" => Self::Up,
            _ => Self::F(name.strip_prefix('f')?.parse().ok()?),
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BackTab => f.write_str("Shift-Tab"),
            Self::Backspace => f.write_str("Backspace"),
            Self::Char(' ') => f.write_str("Space"),
            Self::Char(c) => write!(f, "{c}"),
            Self::Ctrl(c) => write!(f, "Ctrl-{c}"),
            Self::Delete => f.write_str("Delete"),
            Self::Down => f.write_str("Down"),
            Self::End => f.write_str("End"),
            Self::Enter => f.write_str("Enter"),
            Self::Esc => f.write_str("Esc"),
            Self::F(n) => write!(f, "F{n}"),
            Self::Home => f.write_str("Home"),
            Self::Left => f.write_str("Left"),
            Self::PageDown => f.write_str("PgDn"),
            Self::PageUp => f.write_str("PgUp"),
            Self::Right => f.write_str("Right"),
            Self::Tab => f.write_str("Tab"),
            Self::Up => f.write_str("Up"),
        }
    }
}
