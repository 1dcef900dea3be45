//! What did a person type or paste into the one field for a secret?
//!
//! A key, a link, the path of a picture, or the picture itself: nobody is asked which. Nothing is opened or
//! fetched here, and nothing is mended in secret: a key with a `0` for an `O` is refused, with the correction
//! beside it to be agreed to.

use std::fmt;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::otp::{Link, LinkError, Secret, SecretError};

/// What it is.
#[derive(Clone, Eq, PartialEq)]
pub enum Typed {
    /// A key in hexadecimal.
    Hex(Secret),
    /// A key in base32.
    Key(Secret),
    /// A link.
    Link(Box<Link>),
    /// Several links, one a line.
    Links,
    /// An export of Google Authenticator (`otpauth-migration:`), or several of them, one a line.
    Migration,
    /// The path of a file, without quotes and escapes; a leading `~` still stands for the home directory.
    Path(String),
    /// A picture, decoded from Base64.
    Picture(Zeroizing<Vec<u8>>),
}

impl fmt::Debug for Typed {
    /// Says what it is, and nothing of what is in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hex(_) => "Hex(…)",
            Self::Key(_) => "Key(…)",
            Self::Link(_) => "Link(…)",
            Self::Links => "Links",
            Self::Migration => "Migration",
            Self::Path(_) => "Path(…)",
            Self::Picture(_) => "Picture(…)",
        })
    }
}

/// Why it is nothing that can be used.
#[derive(Clone, Eq, Error, PartialEq)]
pub enum TypedError {
    /// There is nothing.
    #[error("there is nothing here yet")]
    Empty,
    /// A number of characters that no base32 has.
    #[error("a secret key cannot have {len} characters; one is missing or one is too many")]
    Length {
        /// How many, blanks not counted.
        len: usize,
    },
    /// Characters that no key has.
    #[error("secret keys use the letters A to Z and the digits 2 to 7 only")]
    Letters {
        /// Where they stand, among the characters of the text as typed, counted from 1.
        places: Vec<usize>,
        /// The text with O, I and B for 0, 1 and 8, if that makes it a key.
        fixed: Option<Zeroizing<String>>,
    },
    /// A link that cannot be used.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The beginning of a picture, but not the rest of it.
    #[error("this begins like a picture in Base64, but it is cut off or garbled")]
    Picture,
    /// Eight digits.
    #[error("that looks like a recovery code (8 digits), not like a secret key")]
    RecoveryCode,
    /// More than any key, link or picture has.
    #[error("that is too long for a key, a link or a picture")]
    TooLong,
    /// Six or seven digits.
    #[error("that looks like a verification code ({digits} digits), not like a secret key")]
    VerificationCode {
        /// How many.
        digits: usize,
    },
    /// The address of a page.
    #[error("that is a web address, not a secret")]
    WebAddress,
}

impl fmt::Debug for TypedError {
    /// Leaves out the corrected key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Length { len } => f.debug_struct("Length").field("len", len).finish(),
            Self::Letters { places, fixed } => {
                let fixed = fixed.as_ref().map(|_| "…");
                f.debug_struct("Letters").field("places", places).field("fixed", &fixed).finish()
            }
            Self::Link(error) => f.debug_tuple("Link").field(error).finish(),
            Self::Picture => f.write_str("Picture"),
            Self::RecoveryCode => f.write_str("RecoveryCode"),
            Self::TooLong => f.write_str("TooLong"),
            Self::VerificationCode { digits } => {
                f.debug_struct("VerificationCode").field("digits", digits).finish()
            }
            Self::WebAddress => f.write_str("WebAddress"),
        }
    }
}

/// The largest picture, decoded.
const MAX_PICTURE: usize = 16 << 20;

/// The longest text that is no picture.
const MAX_TEXT: usize = 1 << 20;

/// Says what was typed or pasted.
pub fn recognize(text: &str) -> Result<Typed, TypedError> {
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if trimmed.is_empty() {
        return Err(TypedError::Empty);
    }
    if let Some(picture) = picture(trimmed) {
        return picture.map(Typed::Picture);
    }
    if trimmed.len() > MAX_TEXT {
        return Err(TypedError::TooLong);
    }
    let (inner, quoted) = unquote(trimmed);
    // What zbarimg writes in front if it is not told otherwise.
    let unmarked = inner.strip_prefix("QR-Code:").unwrap_or(inner);
    if let Some(link) = link(unmarked) {
        return link;
    }
    if is_path(inner) {
        return Ok(Typed::Path(plain_path(inner, quoted)));
    }
    match key(text) {
        // Whoever quotes something that is no key means a name with blanks in it.
        Err(_) if quoted => match key(inner) {
            Ok(found) => Ok(found),
            Err(_) => Ok(Typed::Path(plain_path(inner, true))),
        },
        found => found,
    }
}

/// Recognizes a picture in Base64 by the first characters that its first bytes make; nothing if it is none.
fn picture(text: &str) -> Option<Result<Zeroizing<Vec<u8>>, TypedError>> {
    let data = text.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("data:image/"));
    let body = if data {
        let Some((head, body)) = text.split_once(',') else {
            return Some(Err(TypedError::Picture));
        };
        if !head.to_ascii_lowercase().ends_with(";base64") {
            return Some(Err(TypedError::Picture));
        }
        body
    } else {
        text
    };
    // PNG, and JPEG, WebP, GIF, BMP, whose first characters may also begin a path or a key.
    let certain = data || body.starts_with("iVBORw0KGgo");
    let likely = ["/9j/", "Qk", "R0lGOD", "UklGR", "iVBOR"].iter().any(|magic| body.starts_with(magic));
    if !certain && !likely {
        return None;
    }
    if body.len() / 4 * 3 > MAX_PICTURE + MAX_PICTURE / 16 {
        return Some(Err(TypedError::TooLong));
    }
    let mut packed = Zeroizing::new(String::with_capacity(body.len()));
    packed.extend(body.chars().filter(|c| !c.is_whitespace()));
    let packed = packed.trim_end_matches('=').as_bytes();
    match BASE64_NOPAD.decode(packed).or_else(|_| BASE64URL_NOPAD.decode(packed)).map(Zeroizing::new) {
        Ok(bytes) if bytes.len() > MAX_PICTURE => Some(Err(TypedError::TooLong)),
        Ok(bytes) if data || is_picture(&bytes) => Some(Ok(bytes)),
        _ if certain => Some(Err(TypedError::Picture)),
        _ => None,
    }
}

/// Says whether bytes begin as a picture does. The smallest picture that holds a QR code is longer than any key.
fn is_picture(bytes: &[u8]) -> bool {
    let magic: [&[u8]; 5] = [b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM"];
    bytes.len() >= 48 && magic.iter().any(|magic| bytes.starts_with(magic))
}

/// Takes off quotes that stand around the whole.
fn unquote(text: &str) -> (&str, bool) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return (inner, true);
        }
    }
    (text, false)
}

/// Recognizes what has a scheme, other than that of a file.
fn link(text: &str) -> Option<Result<Typed, TypedError>> {
    let (scheme, _) = text.split_once("://")?;
    let several = text.lines().filter(|line| line.contains("://")).nth(1).is_some();
    match scheme.to_ascii_lowercase().as_str() {
        "apple-otpauth" | "motp" | "otpauth" | "steam" if several => Some(Ok(Typed::Links)),
        "apple-otpauth" | "motp" | "otpauth" | "steam" => Some(match Link::read(text) {
            Ok(link) => Ok(Typed::Link(Box::new(link))),
            Err(error) => Err(TypedError::Link(error)),
        }),
        "http" | "https" => Some(Err(TypedError::WebAddress)),
        "otpauth-migration" => Some(Ok(Typed::Migration)),
        _ => None,
    }
}

fn is_path(text: &str) -> bool {
    let starts = ["../", "./", "/", "\\\\", "~"].iter().any(|start| text.starts_with(start));
    let endings = [".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"];
    let lower = || Zeroizing::new(text.to_ascii_lowercase());
    starts || is_drive(text) || is_file_link(text) || endings.iter().any(|ending| lower().ends_with(ending))
}

/// `C:\` or `C:/`.
fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

fn is_file_link(text: &str) -> bool {
    text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("file://"))
}

/// Returns the path that a shell, or a window where a file was dropped, has written in its own way.
fn plain_path(text: &str, quoted: bool) -> String {
    if is_file_link(text) {
        let rest = &text[7..];
        let rest = rest.strip_prefix("localhost").filter(|rest| rest.starts_with('/')).unwrap_or(rest);
        let path = unescape_percent(rest);
        return match path.strip_prefix('/') {
            Some(drive) if is_drive(drive) => drive.to_owned(),
            _ => path,
        };
    }
    if quoted || is_drive(text) || text.starts_with("\\\\") {
        return text.to_owned();
    }
    let mut path = String::with_capacity(text.len());
    let mut escaped = false;
    for found in text.chars() {
        if found == '\\' && !escaped {
            escaped = true;
        } else {
            path.push(found);
            escaped = false;
        }
    }
    path
}

/// Undoes percent encoding where that gives text, and leaves everything as it is where it does not.
fn unescape_percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = match tail {
            [high, low, ..] if *first == b'%' => {
                char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16))
            }
            _ => None,
        };
        if let Some(byte) = digits.and_then(|(high, low)| u8::try_from(high << 4 | low).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Recognizes a key, or says what is wrong with it.
fn key(text: &str) -> Result<Typed, TypedError> {
    let mut packed = Zeroizing::new(String::with_capacity(text.len()));
    packed.extend(text.chars().filter(|c| !separates(*c)));
    if packed.is_empty() {
        return Err(TypedError::Empty);
    }
    if packed.bytes().all(|byte| byte.is_ascii_digit()) {
        match packed.len() {
            digits @ (6 | 7) => return Err(TypedError::VerificationCode { digits }),
            8 => return Err(TypedError::RecoveryCode),
            _ => {}
        }
    }
    if let Some(secret) = hex(&packed) {
        return secret.map(Typed::Hex);
    }
    let wrong = || (1..).zip(text.chars()).filter(|(_, found)| !separates(*found) && !is_base32(*found));
    let places: Vec<usize> = wrong().map(|(place, _)| place).collect();
    if !places.is_empty() {
        let mut fixed = Zeroizing::new(String::with_capacity(text.len()));
        fixed.extend(text.chars().map(lookalike));
        let good = wrong().all(|(_, found)| is_base32(lookalike(found))) && key(&fixed).is_ok();
        return Err(TypedError::Letters { places, fixed: good.then_some(fixed) });
    }
    // Of five bits a character, these counts leave a remainder that is a whole character.
    if matches!(packed.len() % 8, 1 | 3 | 6) {
        return Err(TypedError::Length { len: packed.len() });
    }
    Secret::from_base32(&packed).map(Typed::Key).map_err(unusable)
}

/// Reads hexadecimal digits that can be no base32.
fn hex(packed: &str) -> Option<Result<Secret, TypedError>> {
    let digits = packed.strip_prefix("0x").unwrap_or(packed);
    let fits = digits.len() >= 16
        && digits.len().is_multiple_of(2)
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':')
        && digits.bytes().any(|byte| matches!(byte, b'0' | b'1' | b'8' | b'9'));
    fits.then(|| Secret::from_hex(digits).map_err(unusable))
}

/// What remains once the letters are right: nothing of it can be told from the characters.
fn unusable(error: SecretError) -> TypedError {
    match error {
        SecretError::Empty => TypedError::Empty,
        SecretError::TooLong(_) => TypedError::TooLong,
        SecretError::NotBase32 { .. } | SecretError::NotHex => {
            TypedError::Letters { places: Vec::new(), fixed: None }
        }
    }
}

/// What stands between the groups of a key, or slips in unseen when it is copied from a page.
fn separates(found: char) -> bool {
    found.is_whitespace()
        || matches!(found, '-' | '=' | '_' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn is_base32(found: char) -> bool {
    found.is_ascii_alphabetic() || matches!(found, '2'..='7')
}

fn lookalike(found: char) -> char {
    match found {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        other => other,
    }
}

#[cfg(test)]
#[path = "typed_tests.rs"]
mod tests;
