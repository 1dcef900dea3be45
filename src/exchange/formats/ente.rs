//! Ente Auth: `ente_auth_codes…txt`, links one a line, plain or encrypted with a password.
//!
//! Each link carries what the app adds in a parameter `codeDisplay`, JSON in percent encoding. Old files join the
//! links with commas; a comma inside a link is always escaped. A newer plain form is JSON that wraps the same links.
//! Encrypted it is one chunk of libsodium's `secretstream`, under a key of Argon2id with one lane, whose cost was
//! chosen by the memory of the phone that wrote it: up to 1 GiB.

use std::fmt::Write;

use crypto_secretstream::aead::AeadInPlace;
use crypto_secretstream::{Header, Key, PullStream, Stream, Tag};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::cipher::{Argon2Cost, Bytes};
use crate::exchange::encodings::json::{self, Object, quoted};
use crate::exchange::item::{begins, label};
use crate::exchange::{
    Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection, Random,
};
use crate::otp::percent::{Plus, decode};
use crate::otp::{Kind, Link};
use crate::vault::Account;

/// What a written file costs to open: 64 MiB, which every phone and small server has, and four passes.
const COST: Argon2Cost = Argon2Cost { memory: 64 << 10, passes: 4, lanes: 1 };

/// The parameter with what the app adds.
const DISPLAY: &str = "codeDisplay=";

/// What every link begins with.
const SCHEME: &str = "otpauth://";

pub(super) struct Ente;

impl Importer for Ente {
    fn name(&self) -> &'static str {
        "ente"
    }

    fn title(&self) -> &'static str {
        "Ente Auth"
    }

    fn source(&self) -> &'static str {
        "in Ente Auth: Settings, Data, Export codes"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let sealed = file.is_object_with(&["kdfParams", "encryptionNonce"]);
        let wrapped = file.is_object_with(&["items"])
            && !file.is_object_with(&["encrypted"])
            && file.contains(b"\"rawData\"");
        // Links of nobody in particular are read by another.
        let links = file.head().is_some_and(|head| {
            begins(head.trim_start(), SCHEME) && (file.mentions(DISPLAY) || file.mentions(",otpauth://"))
        });
        (sealed || wrapped || links).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let text = file.promised_text()?;
        if file.is_object_with(&["encryptedData"]) {
            let plain = open(&Object::read(text)?, password.ok_or(ImportError::PasswordNeeded)?)?;
            return read_text(cipher::text(&plain)?);
        }
        read_text(text)
    }
}

fn open(sealed: &Object<'_>, password: &str) -> Result<Bytes, ImportError> {
    match sealed.header_number("version")? {
        0 | 1 => {}
        newer => return Err(ImportError::Newer(newer)),
    }
    let params = sealed.object("kdfParams").ok_or_else(|| json::garbled("kdfParams"))?;
    let cost = Argon2Cost {
        memory: params.header_number("memLimit")? / 1024,
        passes: params.header_number("opsLimit")?,
        lanes: 1,
    };
    let (nonce, mut bytes) =
        (sealed.header_base64("encryptionNonce")?, sealed.header_base64("encryptedData")?);
    let header = Header::try_from(nonce.as_slice()).map_err(|_| json::garbled("encryptionNonce"))?;
    let key = cipher::argon2id(password, &params.header_base64("salt")?, cost)?;
    let key = Key::try_from(key.as_slice()).map_err(|_| json::garbled("kdfParams"))?;
    let tag =
        PullStream::init(header, &key).pull(&mut *bytes, b"").map_err(|_| ImportError::WrongPassword)?;
    match tag {
        Tag::Final | Tag::Message => Ok(bytes),
        Tag::Push | Tag::Rekey => {
            Err(ImportError::Damaged("what is encrypted in it does not end where it should".to_owned()))
        }
    }
}

fn read_text(text: &str) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    let mut binned = 0;
    let mut number = 0;
    let mut take = |name: &str, read: Result<Option<Entry>, Problem>| {
        number += 1;
        match read.transpose() {
            Some(read) => imported.take(format!("entry {number}"), name, read),
            None => binned += 1,
        }
        imported.is_full()
    };
    if text.trim_start().starts_with('{') {
        for item in Object::read(text)?.promised("items")? {
            let Some(item) = item.object() else {
                take("", Err(Problem::Field("items", "a list of objects")));
                continue;
            };
            let link = item.text("rawData").unwrap_or_default();
            take(
                &label(&link),
                item.required("rawData").and_then(|link| read_link(&link, item.object("display"))),
            );
        }
    } else {
        for link in text.lines().flat_map(links) {
            if take(&label(link), read_link(link, None)) {
                break;
            }
        }
    }
    imported.count(binned, "entry in the trash was left out", "entries in the trash were left out");
    Ok(imported)
}

/// Splits what old files join with commas.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let next = rest.match_indices(',').find(|(at, _)| begins(rest[at + 1..].trim_start(), SCHEME));
        let (link, behind) = next.map_or((rest, ""), |(at, _)| (&rest[..at], &rest[at + 1..]));
        rest = behind;
        Some(link.trim())
    })
    .filter(|link| !link.is_empty() && !link.starts_with('#'))
}

/// Reads a link with what the app adds to it, unless it is in the trash.
fn read_link(link: &str, display: Option<Object<'_>>) -> Result<Option<Entry>, Problem> {
    let added = link.split_once(DISPLAY).map(|(_, rest)| rest.split('&').next().unwrap_or(rest));
    // The comma was escaped twice by some versions.
    let added = added.and_then(|text| decode(text, Plus::Blank).ok()).map(|text| text.replace("%2C", ","));
    let display = match (&added, display) {
        (Some(text), None) => Object::read(text).ok(),
        (_, display) => display,
    };
    if display.as_ref().is_some_and(|display| display.flag("trashed")) {
        return Ok(None);
    }
    let link = Link::read(link)?;
    let mut entry = Entry::new(&link.issuer, &link.account, link.otp);
    if let Some(display) = display {
        entry.pinned = display.flag("pinned");
        entry.note = display.words("note");
        entry.uses = display.number("tapCount").ok().flatten().unwrap_or(0);
        for tag in display.list("tags") {
            entry = entry.in_group(&tag.text().unwrap_or_default());
        }
    }
    Ok(Some(entry))
}

impl Exporter for Ente {
    fn name(&self) -> &'static str {
        "ente"
    }

    fn title(&self) -> &'static str {
        "Ente Auth, encrypted"
    }

    fn extension(&self) -> &'static str {
        "txt"
    }

    fn protection(&self) -> Protection {
        Protection::Password
    }

    fn fits(&self, account: &Account) -> Fit {
        match account.otp.kind {
            Kind::Hotp { .. } | Kind::Steam | Kind::Totp { .. } => Fit::Whole,
            Kind::Motp { .. } => Fit::Not("mOTP codes"),
            Kind::Yandex { .. } => Fit::Not("Yandex codes"),
        }
    }

    fn write(&self, accounts: &[&Account], password: Option<&str>, random: Random<'_>) -> Zeroizing<Vec<u8>> {
        let (mut salt, mut header) = ([0; 16], [0; Header::BYTES]);
        random(&mut salt);
        random(&mut header);
        let key = cipher::argon2id(password.unwrap_or_default(), &salt, COST)
            .expect("the cost is fixed and within bounds");
        let file = format!(
            concat!(
                r#"{{"version":1,"kdfParams":{{"memLimit":{},"opsLimit":{},"salt":"{}"}},"#,
                r#""encryptedData":"{}","encryptionNonce":"{}"}}"#,
            ),
            COST.memory * 1024,
            COST.passes,
            BASE64.encode(&salt),
            BASE64.encode(&seal(&key, header, &text(accounts))),
            BASE64.encode(&header),
        );
        Zeroizing::new(file.into_bytes())
    }
}

/// Seals a text as the only chunk of a stream.
///
/// By hand rather than by `PushStream`, which draws the header itself: the first nonce is a counter of 1 and the
/// last third of the header, and the tag goes in front of the text.
fn seal(key: &[u8], header: [u8; Header::BYTES], text: &str) -> Vec<u8> {
    let key = Key::try_from(key).expect("the key has 32 bytes");
    let mut nonce = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    nonce[4..].copy_from_slice(&header[16..]);
    // Sealed where it stands: room for the tags from the start, so that no copy of the text is left behind.
    let mut bytes = Vec::with_capacity(text.len() + Stream::ABYTES);
    bytes.push(Tag::Final as u8);
    bytes.extend_from_slice(text.as_bytes());
    Stream::init(&key, Header::from(header))
        .encrypt_in_place(&nonce.into(), b"", &mut bytes)
        .expect("a file is far shorter than what one nonce may seal");
    bytes
}

fn text(accounts: &[&Account]) -> Zeroizing<String> {
    let links: Vec<Zeroizing<String>> =
        accounts.iter().map(|account| Link::write(&account.issuer, &account.account, &account.otp)).collect();
    let displays: Vec<Zeroizing<String>> = accounts.iter().map(|account| display(account)).collect();
    // Escaped, a byte takes three at most: a string that grows would leave copies of secrets behind.
    let room: usize =
        links.iter().zip(&displays).map(|(link, display)| link.len() + 3 * display.len() + 32).sum();
    let mut text = Zeroizing::new(String::with_capacity(room));
    for (link, display) in links.iter().zip(&displays) {
        write!(text, "{}&{DISPLAY}", **link).expect("a string takes whatever is written to it");
        for byte in display.bytes() {
            let written = if byte.is_ascii_alphanumeric() {
                text.push(char::from(byte));
                Ok(())
            } else {
                write!(text, "%{byte:02X}")
            };
            written.expect("a string takes whatever is written to it");
        }
        text.push('\n');
    }
    text
}

fn display(account: &Account) -> Zeroizing<String> {
    let tags = if account.group.is_empty() { Zeroizing::default() } else { quoted(&account.group) };
    Zeroizing::new(format!(
        r#"{{"pinned":{},"trashed":false,"lastUsedAt":0,"tapCount":{},"tags":[{}],"note":{},"position":0,"iconSrc":"","iconID":""}}"#,
        account.pinned,
        account.used.count,
        *tags,
        *quoted(&account.note),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Imported {
        Ente.read(&File::new(text.as_bytes()).unwrap(), None).unwrap()
    }

    /// Seals with another tag than the exporter does.
    fn sealed(text: &str, tag: Tag) -> String {
        let salt = [7; 16];
        let cost = Argon2Cost { memory: 10, passes: 1, lanes: 1 };
        let key = Key::try_from(cipher::argon2id("correct horse", &salt, cost).unwrap().as_slice()).unwrap();
        let mut bytes = [&[tag as u8], text.as_bytes()].concat();
        let nonce = [1, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9];
        Stream::init(&key, Header::from([9; 24])).encrypt_in_place(&nonce.into(), b"", &mut bytes).unwrap();
        format!(
            r#"{{"version":1,"kdfParams":{{"memLimit":10240,"opsLimit":1,"salt":"{}"}},"encryptedData":"{}","encryptionNonce":"{}"}}"#,
            BASE64.encode(&salt),
            BASE64.encode(&bytes),
            BASE64.encode(&[9; 24])
        )
    }

    #[test]
    fn what_the_app_adds_is_read() {
        let display = "%7B%22pinned%22%3Atrue%2C%22trashed%22%3Afalse%2C%22tapCount%22%3A12%2C%22tags%22%3A%5B%22a%2520b%22%2C%22c%22%5D%2C%22note%22%3A%22x%252Cy%22%2C%22position%22%3A0%7D";
        let text = format!(
            "otpauth://totp/A:b?secret=MFRGG&issuer=A&codeDisplay={display}&algorithm=Algorithm.sha256\n"
        );
        assert_eq!(Ente.recognizes(&File::new(text.as_bytes()).unwrap()), Likeness::Yes);
        let imported = read(&text);
        assert_eq!(imported.refused, []);
        let entry = &imported.entries[0];
        assert_eq!((entry.pinned, entry.uses, entry.note.as_str()), (true, 12, "x,y"));
        assert_eq!(entry.groups, ["a%20b", "c"]);
        assert_eq!(entry.otp.algorithm, crate::otp::Algorithm::Sha256);
    }

    #[test]
    fn links_joined_with_commas_come_apart() {
        let imported = read(
            "otpauth://totp/A%2C%20Inc:b,c?secret=MFRGG&issuer=A,otpauth://steam/Steam:x?secret=MFRGG&issuer=Steam, otpauth://hotp/?secret=MFRGG&issuer&counter=3,otpauth://totp/x?secret=1",
        );
        let names: Vec<&str> = imported.entries.iter().map(|entry| entry.account.as_str()).collect();
        assert_eq!(names, ["b,c", "x", ""]);
        assert_eq!(imported.refused[0].place, "entry 4");
        assert_eq!(imported.refused[0].name, "x");
    }

    #[test]
    fn what_is_in_the_trash_stays_there() {
        let link = "otpauth://totp/A:b?secret=MFRGG&codeDisplay=%7B%22trashed%22%3Atrue%7D";
        let imported =
            read(&format!("{link}\n{link}\notpauth://totp/A:b?secret=MFRGG&codeDisplay=garbled\n"));
        assert_eq!(
            (imported.entries.len(), imported.notes),
            (1, vec!["2 entries in the trash were left out".to_owned()])
        );
    }

    #[test]
    fn the_form_in_json_is_read() {
        let text = r#"{"items":[{"rawData":"otpauth://totp/A:b?secret=MFRGG","display":{"pinned":true,"tags":["t"],"note":null}},
            {"rawData":"otpauth://totp/A:b?secret=MFRGG","display":{"trashed":true}},{"rawData":null},7]}"#;
        assert_eq!(Ente.recognizes(&File::new(text.as_bytes()).unwrap()), Likeness::Yes);
        let imported = read(text);
        assert_eq!((imported.entries.len(), imported.refused.len(), imported.notes.len()), (1, 2, 1));
        assert!(imported.entries[0].pinned && imported.entries[0].groups == ["t"]);
    }

    #[test]
    fn both_tags_of_the_stream_are_taken_and_no_other() {
        for (tag, good) in [(Tag::Final, true), (Tag::Message, true), (Tag::Push, false), (Tag::Rekey, false)]
        {
            let text = sealed("otpauth://totp/A:b?secret=MFRGG\n", tag);
            let file = File::new(text.as_bytes()).unwrap();
            assert_eq!(Ente.read(&file, Some("correct horse")).is_ok(), good, "{tag:?}");
            assert_eq!(Ente.read(&file, Some("wrong")), Err(ImportError::WrongPassword));
        }
    }

    #[test]
    fn a_file_that_asks_for_too_much_is_refused_before_it_gets_it() {
        let text = sealed("x", Tag::Final).replace("10240", "1099511627776");
        let refused = Ente.read(&File::new(text.as_bytes()).unwrap(), Some("x"));
        assert!(matches!(refused, Err(ImportError::Costly { .. })));
        let text = sealed("x", Tag::Final).replace(r#""version":1"#, r#""version":2"#);
        assert_eq!(Ente.read(&File::new(text.as_bytes()).unwrap(), Some("x")), Err(ImportError::Newer(2)));
    }
}
