//! The shared secret of an account: wiped when dropped, never printed.

use std::fmt;

use data_encoding::{BASE32_NOPAD, HEXLOWER_PERMISSIVE};
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a text is not a secret.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum SecretError {
    /// There is nothing in it.
    #[error("the secret is empty")]
    Empty,
    /// A character that base32 does not have.
    #[error("the secret is not base32: {found:?} at character {at}")]
    NotBase32 {
        /// The character.
        found: char,
        /// Its place among the characters of the text as given, counted from 1.
        at: usize,
    },
    /// A character that is not a hexadecimal digit, or half a byte.
    #[error("the secret is not hexadecimal")]
    NotHex,
    /// More than any service hands out.
    #[error("the secret is too long: {0} bytes, at most 1024")]
    TooLong(usize),
}

/// The bytes of a shared secret. Never empty; at most 1024 bytes.
#[derive(Clone)]
pub struct Secret(Zeroizing<Box<[u8]>>);

impl Secret {
    /// The most bytes that are taken: far beyond what any service uses, and a bound for hostile input.
    pub const MAX: usize = 1024;

    /// Returns the secret made of `bytes`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        match bytes.len() {
            0 => Err(SecretError::Empty),
            len if len > Self::MAX => Err(SecretError::TooLong(len)),
            _ => Ok(Self(Zeroizing::new(Box::from(bytes)))),
        }
    }

    /// Reads base32 as the world writes it: upper or lower case, with blanks, dashes, underscores or padding, and
    /// of any length; five bits a character, spare bits dropped (RFC 4648 section 6, minus its strictness).
    pub fn from_base32(text: &str) -> Result<Self, SecretError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8 + 1));
        let (mut bits, mut held) = (0_u16, 0_u32);
        for (index, found) in text.chars().enumerate() {
            let value = match found {
                'A'..='Z' => found as u16 - 'A' as u16,
                'a'..='z' => found as u16 - 'a' as u16,
                '2'..='7' => found as u16 - '2' as u16 + 26,
                ' ' | '\t' | '\r' | '\n' | '\u{a0}' | '-' | '_' | '=' => continue,
                _ => return Err(SecretError::NotBase32 { found, at: index + 1 }),
            };
            bits = bits << 5 | value;
            held += 5;
            if held >= 8 {
                held -= 8;
                bytes.push(u8::try_from(bits >> held).expect("above the bits that are held stands one byte"));
                bits &= (1 << held) - 1;
            }
        }
        Self::from_bytes(&bytes)
    }

    /// Reads hexadecimal digits, with blanks or colons between them.
    pub fn from_hex(text: &str) -> Result<Self, SecretError> {
        let digits: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|c| !matches!(c, ' ' | ':' | '-')).collect());
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| SecretError::NotHex)?;
        Self::from_bytes(&Zeroizing::new(bytes))
    }

    /// Returns the secret without what follows its first `most` bytes; `most` is not 0.
    pub(in crate::otp) fn first(self, most: usize) -> Self {
        match self.bytes().get(..most) {
            Some(first) if first.len() < self.bytes().len() && !first.is_empty() => {
                Self(Zeroizing::new(Box::from(first)))
            }
            _ => self,
        }
    }

    /// Returns the bytes, for the arithmetic.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the secret in base32, upper case, without padding.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(self.bytes()))
    }

    /// Returns base32 in groups of four, as it is read to a person.
    pub fn to_groups(&self) -> Zeroizing<String> {
        let text = self.to_base32();
        let mut groups = Zeroizing::new(String::with_capacity(text.len() * 5 / 4 + 1));
        for (index, letter) in text.chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                groups.push(' ');
            }
            groups.push(letter);
        }
        groups
    }

    /// Returns the length in bits.
    pub fn bits(&self) -> usize {
        self.0.len() * 8
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().ct_eq(other.bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shown_in_groups_of_four_and_counted_in_bits() {
        let secret = |text: &str| Secret::from_base32(text).unwrap();
        for (text, groups, bits) in [
            ("GEZA", "GEZA", 16),
            ("GEZDGNBV", "GEZD GNBV", 40),
            ("GEZDGNBVGY3TQOJQ", "GEZD GNBV GY3T QOJQ", 80),
            ("GEZDGNBVGY", "GEZD GNBV GY", 48),
        ] {
            assert_eq!(secret(text).to_groups().as_str(), groups);
            assert_eq!(secret(text).bits(), bits);
            assert_eq!(secret(text).to_base32().as_str(), text);
        }
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", Secret::from_base32("GEZDGNBV").unwrap()), "Secret(…)");
    }

    #[test]
    fn the_first_bytes_are_kept_and_a_shorter_secret_is_left_as_it_is() {
        for (bytes, first) in [(&b"123456"[..], &b"1234"[..]), (b"1234", b"1234"), (b"12", b"12")] {
            assert_eq!(Secret::from_bytes(bytes).unwrap().first(4).bytes(), first);
        }
    }
}
