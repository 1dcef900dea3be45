//! Proton Authenticator: `Proton_Authenticator_backup_….json`, plain or encrypted with a password.
//!
//! The entries are links; a Steam entry is a bare `steam:` link, its name beside it. The label of a link holds the
//! account alone, so an escaped colon belongs to it. Encrypted, the whole list is one AES-GCM text under Argon2id
//! of fixed cost, bound to the name of the format.

use std::fmt::Write;

use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::cipher::{Argon2Cost, Bytes};
use crate::exchange::encodings::json::{self, Object, quoted};
use crate::exchange::item::Item;
use crate::exchange::{
    Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection, Random,
};
use crate::otp::{Kind, Link};
use crate::vault::Account;

/// What the app derives its key with.
const COST: Argon2Cost = Argon2Cost { memory: 19 << 10, passes: 2, lanes: 1 };

/// What the cipher text is bound to.
const CONTEXT: &[u8] = b"proton.authenticator.export.v1";

/// The length of the nonce in front of the cipher text.
const NONCE: usize = 12;

pub(super) struct Proton;

impl Importer for Proton {
    fn name(&self) -> &'static str {
        "proton"
    }

    fn title(&self) -> &'static str {
        "Proton Authenticator"
    }

    fn source(&self) -> &'static str {
        "in Proton Authenticator: Settings, Export"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let sealed = file.is_object_with(&["version", "salt", "content"]);
        let plain = file.is_object_with(&["version", "entries"])
            && (file.contains(b"\"entry_type\"") || file.contains(b"\"content\""));
        (sealed || plain || (file.is_object_with(&["version", "entries"]) && file.contains(b"[]"))).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let object = Object::read(file.promised_text()?)?;
        match object.header_number("version")? {
            0 | 1 => {}
            newer => return Err(ImportError::Newer(newer)),
        }
        if !object.has("salt") {
            return read_entries(&object);
        }
        let plain = open(&object, password.ok_or(ImportError::PasswordNeeded)?)?;
        read_entries(&Object::read(cipher::text(&plain)?)?)
    }
}

fn open(object: &Object<'_>, password: &str) -> Result<Bytes, ImportError> {
    let content = object.header_base64("content")?;
    let (nonce, sealed) = content.split_at_checked(NONCE).ok_or_else(|| json::garbled("content"))?;
    let key = cipher::argon2id(password, &object.header_base64("salt")?, COST)?;
    cipher::open_gcm(&key, nonce, CONTEXT, sealed)
}

fn read_entries(object: &Object<'_>) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    for (index, entry) in object.promised("entries")?.into_iter().enumerate() {
        let place = format!("entry {}", index + 1);
        match entry.object() {
            Some(entry) => {
                let name = entry.object("content").map(|content| content.words("name")).unwrap_or_default();
                imported.take(place, &name, read_entry(&entry, &name));
            }
            None => imported.take(place, "", Err(Problem::Field("entries", "a list of objects"))),
        }
    }
    Ok(imported)
}

fn read_entry(entry: &Object<'_>, name: &str) -> Result<Entry, Problem> {
    let content = entry.object("content").ok_or(Problem::Missing("content"))?;
    let uri = content.required("uri")?;
    // A secret alone is not among what the app writes: without a scheme something is wrong.
    if !uri.contains("://") {
        return Err(Problem::Field("uri", "a link"));
    }
    let mut read = Item { title: "", user: name, otp: &uri }.entry()?;
    read.note = entry.words("note");
    Ok(read)
}

impl Exporter for Proton {
    fn name(&self) -> &'static str {
        "proton"
    }

    fn title(&self) -> &'static str {
        "Proton Authenticator, encrypted"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn protection(&self) -> Protection {
        Protection::Password
    }

    fn fits(&self, account: &Account) -> Fit {
        match &account.otp.kind {
            Kind::Hotp { .. } => Fit::Not("counter codes"),
            Kind::Motp { .. } => Fit::Not("mOTP codes"),
            Kind::Yandex { .. } => Fit::Not("Yandex codes"),
            Kind::Steam if account.issuer.trim() != "Steam" => {
                Fit::losing(account, &["issuer", "group", "pin"])
            }
            Kind::Totp { .. } if account.otp.digits.get() > 9 => Fit::Not("codes of 10 digits"),
            Kind::Totp { period } if period.seconds() > u32::from(u16::MAX) => {
                Fit::Not("codes that last longer than 65535 s")
            }
            Kind::Steam | Kind::Totp { .. } => Fit::losing(account, &["group", "pin"]),
        }
    }

    fn write(&self, accounts: &[&Account], password: Option<&str>, random: Random<'_>) -> Zeroizing<Vec<u8>> {
        let (mut salt, mut nonce) = ([0; 16], [0; NONCE]);
        random(&mut salt);
        random(&mut nonce);
        let key = cipher::argon2id(password.unwrap_or_default(), &salt, COST)
            .expect("the cost is fixed and within bounds");
        let sealed = cipher::seal_gcm(&key, &nonce, CONTEXT, list(accounts, random).as_bytes());
        let content = [nonce.as_slice(), &sealed].concat();
        let file = format!(
            r#"{{"version":1,"salt":"{}","content":"{}"}}"#,
            BASE64.encode(&salt),
            BASE64.encode(&content),
        );
        Zeroizing::new(file.into_bytes())
    }
}

fn list(accounts: &[&Account], random: Random<'_>) -> Zeroizing<String> {
    // Room for everything: a string that grows would leave copies of secrets behind.
    let text = |account: &Account| account.issuer.len() + 2 * account.account.len() + account.note.len();
    let room: usize =
        accounts.iter().map(|account| 512 + 6 * text(account) + 2 * account.otp.secret.bytes().len()).sum();
    let mut list = Zeroizing::new(String::with_capacity(room + 64));
    list.push_str(r#"{"version":1,"entries":["#);
    for (index, account) in accounts.iter().enumerate() {
        let mut id = [0; 16];
        random(&mut id);
        let kind = if account.otp.kind == Kind::Steam { "Steam" } else { "Totp" };
        let note =
            if account.note.is_empty() { Zeroizing::new("null".to_owned()) } else { quoted(&account.note) };
        write!(
            list,
            r#"{}{{"id":"{}","content":{{"uri":{},"entry_type":"{kind}","name":{}}},"note":{}}}"#,
            if index > 0 { "," } else { "" },
            uuid::Builder::from_random_bytes(id).into_uuid(),
            *quoted(&uri(account)),
            *quoted(&account.account),
            *note,
        )
        .expect("a string takes whatever is written to it");
    }
    list.push_str("]}");
    list
}

/// Writes the link as the app does, with the account alone as the label.
fn uri(account: &Account) -> Zeroizing<String> {
    if account.otp.kind == Kind::Steam {
        return Zeroizing::new(format!("steam://{}", *account.otp.secret.to_base32()));
    }
    let whole = Link::write(&account.issuer, &account.account, &account.otp);
    let label = match whole.split_once("totp/") {
        Some((_, rest)) if !account.issuer.is_empty() => rest.split_once(':').map_or(rest, |(_, rest)| rest),
        Some((_, rest)) => rest,
        None => &whole,
    };
    Zeroizing::new(format!("otpauth://totp/{label}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Imported, ImportError> {
        Proton.read(&File::new(text.as_bytes()).unwrap(), None)
    }

    #[test]
    fn one_bad_entry_costs_no_other() {
        let imported = read(
            r#"{"version":1,"entries":[{"id":"a","content":{"uri":"otpauth://totp/James%3Ax?secret=MFRGG&issuer=A","entry_type":"Totp","name":"James:x"},"note":"n"},
            {"content":{"uri":"otpauth://totp/a?secret=1&issuer=A","entry_type":"Totp","name":"b"}},{"content":null},{},8,
            {"content":{"uri":"MFRGG","entry_type":"Totp","name":"b"}}, {"content":{"uri":"steam://MFRGG","entry_type":"Steam","name":null}}]}"#,
        )
        .unwrap();
        let names: Vec<(&str, &str)> =
            imported.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect();
        assert_eq!(names, [("A", "James:x"), ("Steam", "")]);
        assert_eq!(imported.entries[0].note, "n");
        assert_eq!(imported.refused.len(), 5);
    }

    #[test]
    fn newer_versions_and_garbled_headers_are_refused() {
        assert_eq!(read(r#"{"version":2,"entries":[]}"#), Err(ImportError::Newer(2)));
        let short = r#"{"version":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","content":"AAAA"}"#;
        let refused = Proton.read(&File::new(short.as_bytes()).unwrap(), Some("x"));
        assert_eq!(refused, Err(json::garbled("content")));
    }
}
