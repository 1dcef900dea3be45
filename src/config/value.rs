//! The kinds of values that settings take: how each is written in the file, and what it takes in words.

use std::time::Duration;

use super::choice::AskAgain;
use super::near::nearest;

/// The longest text of a setting, in bytes.
const LONGEST: usize = 4096;

/// What a setting takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Any of these words, in a list.
    List(&'static [&'static str]),
    /// A number.
    Number(Range),
    /// `true` or `false`.
    Switch,
    /// A text, or this word for none.
    Text(&'static str),
    /// A command with its arguments, or `None`.
    Words,
}

/// What numbers a setting takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Range {
    /// The least.
    pub least: u32,
    /// The most.
    pub most: u32,
    /// Those that the settings screen offers, upwards.
    pub steps: &'static [u32],
    /// What is counted: `s`, or nothing.
    pub unit: &'static str,
}

impl Kind {
    /// Returns what it takes, in words.
    pub fn takes(&self) -> String {
        match self {
            Self::Choice(names) => either(names),
            Self::List(names) => format!("a list of {}, as in [{}]", either(names), names[0]),
            Self::Number(Range { least, most, unit, .. }) => {
                let unit = if *unit == "s" { " (seconds)" } else { "" };
                format!("a whole number from {least} to {most}{unit}")
            }
            Self::Switch => "true or false".to_owned(),
            Self::Text(none) => format!("a text in quotes, or {none}"),
            Self::Words => "a list of texts, as in [\"wl-copy\", \"--sensitive\"], or None".to_owned(),
        }
    }
}

fn either(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// A value of a setting.
pub(super) trait Value: Sized {
    /// Reads it; nothing if it is none.
    fn read(text: &str, kind: &Kind) -> Option<Self>;
    /// Writes it.
    fn write(&self, kind: &Kind) -> String;
}

impl Value for bool {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" => Some(true),
            "false" | "off" | "no" => Some(false),
            _ => None,
        }
    }

    fn write(&self, _: &Kind) -> String {
        self.to_string()
    }
}

impl Value for u32 {
    fn read(text: &str, kind: &Kind) -> Option<Self> {
        let number: Self = text.parse().ok()?;
        match kind {
            Kind::Number(range) => (range.least..=range.most).contains(&number).then_some(number),
            _ => None,
        }
    }

    fn write(&self, _: &Kind) -> String {
        self.to_string()
    }
}

/// A time in seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seconds(pub u32);

impl Seconds {
    /// Returns it as the clock counts.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }

    /// Is it none at all?
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Value for Seconds {
    fn read(text: &str, kind: &Kind) -> Option<Self> {
        // As people write it on the command line: 5m.
        let (digits, factor) = match text.strip_suffix(['s', 'm', 'h']) {
            Some(digits) if text.ends_with('m') => (digits, 60),
            Some(digits) if text.ends_with('h') => (digits, 3600),
            Some(digits) => (digits, 1),
            None => (text, 1),
        };
        let seconds = digits.parse::<u32>().ok()?.checked_mul(factor)?;
        u32::read(&seconds.to_string(), kind).map(Self)
    }

    fn write(&self, _: &Kind) -> String {
        self.0.to_string()
    }
}

impl Value for Option<String> {
    fn read(text: &str, kind: &Kind) -> Option<Self> {
        let Kind::Text(none) = kind else { return None };
        if text == *none || text == "None" {
            return Some(None);
        }
        let text = text.strip_prefix("Some(").and_then(|text| text.strip_suffix(')')).unwrap_or(text);
        let text: String = ron::from_str(text).ok()?;
        (text.len() <= LONGEST).then_some(Some(text).filter(|text| !text.is_empty()))
    }

    fn write(&self, kind: &Kind) -> String {
        match (self, kind) {
            (Some(text), _) => write_text(text),
            (None, Kind::Text(none)) => (*none).to_owned(),
            (None, _) => "None".to_owned(),
        }
    }
}

impl Value for Option<Vec<String>> {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        if text == "None" {
            return Some(None);
        }
        let text = text.strip_prefix("Some(").and_then(|text| text.strip_suffix(')')).unwrap_or(text);
        let words: Vec<String> = ron::from_str(text).ok()?;
        let length: usize = words.iter().map(String::len).sum();
        (length <= LONGEST).then_some(Some(words).filter(|words| !words.is_empty()))
    }

    fn write(&self, _: &Kind) -> String {
        self.as_ref().map_or_else(|| "None".to_owned(), |words| write_keys(words))
    }
}

impl Value for Vec<AskAgain> {
    fn read(text: &str, kind: &Kind) -> Option<Self> {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        let mut all = Self::new();
        for name in inner.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let one = AskAgain::read(name, kind)?;
            if !all.contains(&one) {
                all.push(one);
            }
        }
        Some(all)
    }

    fn write(&self, kind: &Kind) -> String {
        let names: Vec<String> = self.iter().map(|one| one.write(kind)).collect();
        format!("[{}]", names.join(", "))
    }
}

/// Reads the keys of an action: `["Enter", "c"]`.
pub(super) fn read_keys(text: &str) -> Option<Vec<String>> {
    let keys: Vec<String> = ron::from_str(text).ok()?;
    let length: usize = keys.iter().map(String::len).sum();
    (keys.len() <= 32 && length <= LONGEST).then_some(keys)
}

/// Writes a list of texts.
pub(super) fn write_keys(keys: &[String]) -> String {
    let texts: Vec<String> = keys.iter().map(|text| write_text(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// Writes a text in quotes; what could steer a terminal is escaped.
pub(super) fn write_text(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    let mut bytes = [0; 4];
    for letter in text.chars() {
        match letter {
            '"' | '\\' => written.extend(['\\', letter]),
            _ if crate::display::visible(letter.encode_utf8(&mut bytes)).as_str() == letter.to_string() => {
                written.push(letter);
            }
            _ => written.extend(letter.escape_unicode()),
        }
    }
    written.push('"');
    written
}

/// Returns the word nearest to a value that is none, where words are taken.
pub(super) fn near(kind: &Kind, text: &str) -> Option<&'static str> {
    match kind {
        Kind::Choice(names) => nearest(text, names.iter().copied()),
        Kind::Switch => nearest(text, ["true", "false"].into_iter()),
        Kind::List(_) | Kind::Number(_) | Kind::Text(_) | Kind::Words => None,
    }
}
