//! Key files of `KeePass`: what may belong to the key of a database beside its password, or in its place.
//!
//! Any file can be one. Two layouts of XML say what the key is, 32 bytes are the key, and so are 64 digits in hexadecimal;
//! of all else it is the hash. `<https://keepass.info/help/base/keys.html#keyfiles>`

use zeroize::Zeroizing;

use super::cipher::{self, Bytes};
use super::xml::{self, End};
use crate::exchange::entry::ImportError;

/// How long the key is.
const LENGTH: usize = 32;

/// How far into a text its root is looked for.
const HEAD: usize = 1024;

/// Returns the key in a key file.
pub(super) fn read(file: &[u8]) -> Result<Bytes, ImportError> {
    if let Some(text) = xml_of(file) {
        return read_xml(text);
    }
    if file.len() == LENGTH {
        return Ok(Zeroizing::new(file.to_vec()));
    }
    let spelled = Some(file).filter(|file| file.len() == 2 * LENGTH).and_then(hex);
    Ok(spelled.unwrap_or_else(|| cipher::sha256(&[file])))
}

fn xml_of(file: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(file).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    (text.starts_with('<') && text[..text.floor_char_boundary(HEAD)].contains("<KeyFile")).then_some(text)
}

fn read_xml(text: &str) -> Result<Bytes, ImportError> {
    let file = xml::read(text, End::MustClose).map_err(|_| damaged())?;
    let version = file.find("Version").ok_or_else(damaged)?.compact();
    let data = file.find("Key").and_then(|key| key.find("Data")).ok_or_else(damaged)?;
    let key = match version.split('.').next() {
        Some("1") => data.base64(),
        Some("2") => hex(data.compact().as_bytes()),
        _ => {
            return Err(ImportError::Restricted(
                "the key file is of a version that is not known here; let the app make one of version 2.0",
            ));
        }
    };
    let key = key.filter(|key| key.len() == LENGTH).ok_or_else(damaged)?;
    // Of version 2: the first bytes of the hash of the key.
    if let Some(known) = data.attribute("Hash") {
        let hash = cipher::sha256(&[&key]);
        let known = hex(known.trim().as_bytes()).filter(|known| !known.is_empty()).ok_or_else(damaged)?;
        if !hash.starts_with(&known) {
            return Err(damaged());
        }
    }
    Ok(key)
}

fn hex(digits: &[u8]) -> Option<Bytes> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok().map(Zeroizing::new)
}

fn damaged() -> ImportError {
    ImportError::Restricted("the key file is damaged; take a copy of it that is whole")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "a7007945d07d54ba28df6434c1b4500fe8ba4ad0d8a24ee0e6e38b4a3e52ae07";

    fn xml(version: &str, data: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<KeyFile><Meta><Version>{version}</Version></Meta>\
             <Key>{data}</Key></KeyFile>\n"
        )
    }

    fn key() -> Vec<u8> {
        data_encoding::HEXLOWER.decode(HEX.as_bytes()).unwrap()
    }

    #[test]
    fn keys_are_read_in_every_layout() {
        let key = key();
        let check = |file: &[u8], wanted: &[u8]| assert_eq!(read(file).unwrap().as_slice(), wanted);
        check(&key, &key);
        check(HEX.as_bytes(), &key);
        check(HEX.to_uppercase().as_bytes(), &key);
        let base64 = data_encoding::BASE64.encode(&key);
        check(xml("1.00", &format!("<Data>{base64}</Data>")).as_bytes(), &key);
        let mark = data_encoding::HEXUPPER.encode(&cipher::sha256(&[&key])[..4]);
        let spaced = HEX.as_bytes().chunks(8).map(|part| std::str::from_utf8(part).unwrap());
        let spaced = spaced.collect::<Vec<_>>().join("\n\t ");
        check(xml("2.0", &format!("<Data Hash=\"{mark}\">{spaced}</Data>")).as_bytes(), &key);
        // All else is hashed: a picture, a text, digits that are no longer the right number.
        for file in [&b"any file"[..], &HEX.as_bytes()[1..], b"", b"<html/>"] {
            check(file, &cipher::sha256(&[file]));
        }
    }

    #[test]
    fn damage_is_refused_rather_than_hashed() {
        for data in [
            "",
            "<Data>AAAA</Data>",
            "<Data>zz</Data>",
            &format!("<Data Hash=\"00000000\">{HEX}</Data>"),
            &format!("<Data Hash=\"\">{HEX}</Data>"),
        ] {
            for version in ["1.0", "2.0"] {
                assert_eq!(read(xml(version, data).as_bytes()), Err(damaged()), "{version} {data}");
            }
        }
        assert_eq!(read(b"<KeyFile><Meta>"), Err(damaged()));
        let newer = xml("3.0", "<Data>AAAA</Data>");
        assert!(
            matches!(read(newer.as_bytes()), Err(ImportError::Restricted(why)) if why.contains("version"))
        );
    }
}
