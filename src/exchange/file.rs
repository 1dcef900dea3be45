//! A file of which nobody has said yet what it is, with what the formats look at to recognise it.

use zeroize::Zeroizing;

use super::encodings::archive;
use super::encodings::json::Shape;
use super::entry::ImportError;

/// The largest file that is read: a vault of 100,000 accounts has a tenth of it.
pub const MOST_BYTES: usize = 64 << 20;

/// How much of a text is looked at line by line to say what it is: some hundred accounts.
const HEAD: usize = 64 << 10;

/// The bytes of a file, and its first looks: each is taken once, whatever the number of formats that ask.
pub struct File<'a> {
    bytes: &'a [u8],
    text: Option<Text<'a>>,
    shape: Shape,
    members: Vec<String>,
    key_file: Option<&'a [u8]>,
}

/// A text where it lies, or decoded into one of its own.
enum Text<'a> {
    Lent(&'a str),
    Own(Zeroizing<String>),
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Lent(text) => text,
            Self::Own(text) => text,
        }
    }
}

impl<'a> File<'a> {
    /// Looks at a file.
    pub fn new(bytes: &'a [u8]) -> Result<Self, ImportError> {
        if bytes.len() > MOST_BYTES {
            return Err(ImportError::TooLarge("more than 64 MiB"));
        }
        let text = decode(bytes);
        let words = text.as_ref().map(|text| text.as_str().as_bytes().trim_ascii());
        if bytes.is_empty() || words.is_some_and(<[u8]>::is_empty) {
            return Err(ImportError::Empty);
        }
        let shape = text.as_ref().map(|text| Shape::of(text.as_str())).unwrap_or_default();
        Ok(Self { bytes, text, shape, members: archive::names(bytes), key_file: None })
    }

    /// Puts a key file beside it, for the formats that may want one to open it.
    #[must_use]
    pub fn with_key_file(mut self, key_file: Option<&'a [u8]>) -> Self {
        self.key_file = key_file;
        self
    }

    /// Returns the key file that was given with it.
    pub fn key_file(&self) -> Option<&'a [u8]> {
        self.key_file
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the text without a byte order mark, if the file is text: UTF-8, or UTF-16 with its mark.
    pub fn text(&self) -> Option<&str> {
        self.text.as_ref().map(Text::as_str)
    }

    /// Returns as many whole lines of the text as are enough to recognise it.
    pub fn head(&self) -> Option<&str> {
        let text = self.text()?;
        if text.len() <= HEAD {
            return Some(text);
        }
        let head = &text[..text.floor_char_boundary(HEAD)];
        Some(head.rsplit_once('\n').map_or(head, |(lines, _)| lines))
    }

    /// Returns the text, or says that it is none.
    pub fn promised_text(&self) -> Result<&str, ImportError> {
        self.text().ok_or_else(|| ImportError::Damaged("it is not UTF-8 text".to_owned()))
    }

    /// Says whether it is a JSON object that has all these fields.
    pub fn is_object_with(&self, names: &[&str]) -> bool {
        has(&self.shape.object, names)
    }

    /// Says whether it is a JSON list whose first item is an object that has all these fields.
    pub fn is_list_with(&self, names: &[&str]) -> bool {
        has(&self.shape.first, names)
    }

    /// Says whether it is a JSON list that begins with a text.
    pub fn is_list_of_texts(&self) -> bool {
        self.shape.begins_with_text
    }

    /// Says whether it begins as JSON, of whatever kind.
    pub fn is_json(&self) -> bool {
        self.shape.is_list || !self.shape.object.is_empty()
    }

    /// Says whether the bytes begin like this.
    pub fn begins(&self, magic: &[u8]) -> bool {
        self.bytes.starts_with(magic)
    }

    /// Says whether these bytes are somewhere in it.
    pub fn contains(&self, needle: &[u8]) -> bool {
        memchr::memmem::find(self.bytes, needle).is_some()
    }

    /// Says whether these words are somewhere in its text, however that is encoded.
    pub fn mentions(&self, words: &str) -> bool {
        let text = self.text().unwrap_or_default();
        memchr::memmem::find(text.as_bytes(), words.as_bytes()).is_some()
    }

    /// Returns the names of the files in it, if it is a zip archive.
    pub fn members(&self) -> &[String] {
        &self.members
    }
}

fn has(known: &[String], names: &[&str]) -> bool {
    names.iter().all(|name| known.iter().any(|known| known == name))
}

/// Decodes UTF-8, or UTF-16 as Windows writes it; a byte order mark goes.
fn decode(bytes: &[u8]) -> Option<Text<'_>> {
    let wide = |units: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].as_chunks().0.iter().map(|pair| units(*pair)).collect();
        String::from_utf16(&Zeroizing::new(units)).ok().map(|text| Text::Own(Zeroizing::new(text)))
    };
    let text = match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(Text::Lent),
        _ => std::str::from_utf8(bytes).ok().map(Text::Lent),
    };
    text.filter(|text| memchr::memchr(0, text.as_str().as_bytes()).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_text_in_the_encodings_that_people_send() {
        let text = |bytes: &[u8]| File::new(bytes).unwrap().text().map(str::to_owned);
        assert_eq!(text(b"\xef\xbb\xbfotpauth").as_deref(), Some("otpauth"));
        assert_eq!(text(b"\xff\xfeo\0t\0").as_deref(), Some("ot"));
        assert_eq!(text(b"\xfe\xff\0o\0t").as_deref(), Some("ot"));
        assert_eq!(text(b"a\0b"), None);
        assert_eq!(text(b"\x80"), None);
    }

    #[test]
    fn nothing_is_no_file() {
        for bytes in [b"".as_slice(), b" \n", b"\xef\xbb\xbf"] {
            assert_eq!(File::new(bytes).err(), Some(ImportError::Empty));
        }
    }

    #[test]
    fn json_is_told_by_its_fields() {
        let file = File::new(br#"{"db": 1, "header": null}"#).unwrap();
        assert!(file.is_object_with(&["db", "header"]) && !file.is_object_with(&["db", "x"]));
        assert!(!file.is_list_with(&["db"]) && file.is_json());
        let list = File::new(br#"[{"label": 1}]"#).unwrap();
        assert!(list.is_list_with(&["label"]) && !list.is_object_with(&["label"]));
        assert!(!File::new(b"db").unwrap().is_json());
        assert!(File::new(br#"["db", 1]"#).unwrap().is_list_of_texts() && !list.is_list_of_texts());
    }

    #[test]
    fn json_that_is_cut_off_is_known_by_what_is_left() {
        let file = File::new(br#"{"db": {"entries": [], "header"#).unwrap();
        assert!(file.is_object_with(&["db"]) && !file.is_object_with(&["header"]));
        assert!(File::new(br#"[{"label": 1}, {"#).unwrap().is_list_with(&["label"]));
    }

    #[test]
    fn the_head_ends_with_a_line() {
        let head = |text: &str| File::new(text.as_bytes()).unwrap().head().map(str::len);
        assert_eq!(head("one line"), Some(8));
        assert_eq!(head(&"ab\n".repeat(HEAD)), Some(HEAD / 3 * 3 - 1));
        assert_eq!(head(&format!("a{}", "\u{e9}".repeat(HEAD))), Some(HEAD - 1));
    }
}
