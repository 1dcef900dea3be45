//! Percent encoding (RFC 3986 section 2.1), undone the forgiving way that links need.

use zeroize::Zeroizing;

use super::LinkError;

/// What a `+` stands for.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Plus {
    /// A blank, as forms have it.
    Blank,
    /// Nothing.
    Dropped,
    /// Itself.
    Kept,
}

/// Undoes percent encoding. A `%` that starts no escape stands for itself, as in a name such as `100%`.
pub(crate) fn decode(text: &str, plus: Plus) -> Result<Zeroizing<String>, LinkError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'%' => match tail {
                [high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    bytes.push(nibble(*high) << 4 | nibble(*low));
                    rest = tail;
                }
                _ => bytes.push(b'%'),
            },
            b'+' if plus == Plus::Blank => bytes.push(b' '),
            b'+' if plus == Plus::Dropped => {}
            other => bytes.push(*other),
        }
    }
    String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        LinkError::Encoding
    })
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'A'..=b'F' => digit - b'A' + 10,
        _ => digit.to_ascii_lowercase().wrapping_sub(b'a').wrapping_add(10),
    }
}
