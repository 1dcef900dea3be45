//! A verification code: what a person types to sign in.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Kind;

/// The longest code there is.
const MOST_CHARACTERS: usize = 10;

/// A code: 1 to 10 digits, or the letters of Steam and Yandex. Wiped when dropped; `Debug` does not show it.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// Takes over the text of a code.
    pub(in crate::otp) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns the code as it is typed and copied: no blanks.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns a code that another process made; nothing if no code looks like that.
    pub fn made_elsewhere(text: Zeroizing<String>) -> Option<Self> {
        let fits = (1..=MOST_CHARACTERS).contains(&text.len());
        (fits && text.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(Self(text))
    }

    /// Returns the code in groups, as it is read: 3+3, 3+4, 4+4, 3+3+3, 5+5; five and fewer, and letters, whole.
    pub fn grouped(&self) -> Zeroizing<String> {
        let text = self.reveal();
        let size = match text.len() {
            6 | 9 => 3,
            7 | 8 => 4,
            10 => 5,
            _ => return self.0.clone(),
        };
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return self.0.clone();
        }
        let first = if text.len() == 7 { 3 } else { size };
        let mut groups = Zeroizing::new(String::with_capacity(text.len() + 3));
        for (index, digit) in text.chars().enumerate() {
            if index >= first && (index - first).is_multiple_of(size) {
                groups.push(' ');
            }
            groups.push(digit);
        }
        groups
    }

    /// Compares with what was typed, in a time that does not tell how much of it is right.
    pub fn matches(&self, typed: &str) -> bool {
        self.0.as_bytes().ct_eq(typed.as_bytes()).into()
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.reveal())
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// Returns what was typed without blanks and dashes, in the case of the kind; nothing if a character is left that
/// no code of the kind has. The length is not looked at, except that it is at most ten.
pub(in crate::otp) fn tidy(kind: &Kind, typed: &str) -> Option<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(10));
    for found in typed.chars() {
        if found.is_whitespace() || found == '-' {
            continue;
        }
        // Input methods of East Asia leave digits in full width.
        let found = match found {
            '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(found) - 0xff10 + u32::from('0'))?,
            _ => found,
        };
        let found = match kind {
            Kind::Steam => found.to_ascii_uppercase(),
            _ => found.to_ascii_lowercase(),
        };
        let fits = match kind {
            Kind::Hotp { .. } | Kind::Totp { .. } => found.is_ascii_digit(),
            Kind::Motp { .. } => found.is_ascii_hexdigit(),
            Kind::Steam => STEAM.contains(found),
            Kind::Yandex { .. } => found.is_ascii_lowercase(),
        };
        if !fits || code.len() == 10 {
            return None;
        }
        code.push(found);
    }
    (!code.is_empty()).then_some(code)
}

/// The letters of Steam: none that is easily taken for another.
const STEAM: &str = "23456789BCDFGHJKMNPQRTVWXY";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_as_they_are_read_and_letters_are_not() {
        for (code, grouped) in [
            ("1", "1"),
            ("12345", "12345"),
            ("123456", "123 456"),
            ("1234567", "123 4567"),
            ("12345678", "1234 5678"),
            ("123456789", "123 456 789"),
            ("1234567890", "12345 67890"),
            ("BCDFG", "BCDFG"),
            ("abcdefgh", "abcdefgh"),
        ] {
            assert_eq!(Code::new(code.to_owned()).grouped().as_str(), grouped);
        }
    }

    #[test]
    fn debug_shows_no_digit_and_equal_is_all_of_it() {
        let code = Code::new("755224".to_owned());
        assert_eq!(format!("{code:?}"), "Code(…)");
        assert!(code.matches("755224"));
        for other in ["755225", "75522", "7552244", "", "655224"] {
            assert!(!code.matches(other), "{other}");
        }
    }
}
