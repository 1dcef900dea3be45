//! A file of which nobody has said yet what it is, with what the formats look at to recognise it.

use zeroize::Zeroizing;

use super::encodings::archive;
use super::encodings::json::{Object, Value};
use super::entry::ImportError;

/// The largest file that is read: a vault of 100,000 accounts has a tenth of it.
pub const MOST_BYTES: usize = 64 << 20;

/// The bytes of a file, and its first looks: each is taken once, whatever the number of formats that ask.
pub struct File<'a> {
    bytes: &'a [u8],
    text: Option<Zeroizing<String>>,
    object: Vec<String>,
    first: Vec<String>,
    is_list: bool,
    members: Vec<String>,
}

impl<'a> File<'a> {
    /// Looks at a file.
    pub fn new(bytes: &'a [u8]) -> Result<Self, ImportError> {
        if bytes.len() > MOST_BYTES {
            return Err(ImportError::TooLarge("more than 64 MiB"));
        }
        let text = decode(bytes);
        if bytes.is_empty() || text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Err(ImportError::Empty);
        }
        let mut file = Self {
            bytes,
            text,
            object: vec![],
            first: vec![],
            is_list: false,
            members: archive::names(bytes),
        };
        if let Some(text) = &file.text
            && let Ok(value) = Value::read(text)
        {
            let names = |object: &Object<'_>| object.fields().map(|(name, _)| name.to_owned()).collect();
            let list = value.list();
            let (object, first, is_list) = (
                value.object().as_ref().map(names).unwrap_or_default(),
                list.as_ref().and_then(|list| list.first()?.object()).as_ref().map(names).unwrap_or_default(),
                list.is_some(),
            );
            (file.object, file.first, file.is_list) = (object, first, is_list);
        }
        Ok(file)
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns the text without a byte order mark, if the file is text: UTF-8, or UTF-16 with its mark.
    pub fn text(&self) -> Option<&str> {
        self.text.as_ref().map(|text| text.as_str())
    }

    /// Returns the text, or says that it is none.
    pub fn promised_text(&self) -> Result<&str, ImportError> {
        self.text().ok_or_else(|| ImportError::Damaged("it is not UTF-8 text".to_owned()))
    }

    /// Says whether it is a JSON object that has all these fields.
    pub fn is_object_with(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.object.iter().any(|known| known == name))
    }

    /// Says whether it is a JSON list whose first item is an object that has all these fields.
    pub fn is_list_with(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.first.iter().any(|known| known == name))
    }

    /// Says whether it is JSON, of whatever kind.
    pub fn is_json(&self) -> bool {
        self.is_list || !self.object.is_empty()
    }

    /// Says whether the bytes begin like this.
    pub fn begins(&self, magic: &[u8]) -> bool {
        self.bytes.starts_with(magic)
    }

    /// Says whether these bytes are somewhere in it.
    pub fn contains(&self, needle: &[u8]) -> bool {
        memchr::memmem::find(self.bytes, needle).is_some()
    }

    /// Returns the names of the files in it, if it is a zip archive.
    pub fn members(&self) -> &[String] {
        &self.members
    }
}

/// Decodes UTF-8, or UTF-16 as Windows writes it; a byte order mark goes.
fn decode(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let wide = |units: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].as_chunks().0.iter().map(|pair| units(*pair)).collect();
        String::from_utf16(&Zeroizing::new(units)).ok()
    };
    let text = match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(str::to_owned),
        _ => std::str::from_utf8(bytes).ok().map(str::to_owned),
    };
    text.filter(|text| !text.contains('\0')).map(Zeroizing::new)
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
    }
}
