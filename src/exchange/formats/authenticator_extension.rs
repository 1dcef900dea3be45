//! Authenticator, the extension of browsers: its backup in JSON, plain or encrypted in any of three ways.
//!
//! An object has an entry under each name, its hash. The way that is encrypted first seals only each secret, with
//! the password; the second seals it with a key, which itself is sealed with the password and stands under `key`;
//! the third seals whole entries with the hash of the password. All of them use the ciphers of `CryptoJS`, which
//! have no tag: what a wrong password gives is told by making no sense.

use std::collections::BTreeMap;

use data_encoding::{BASE64_NOPAD, HEXLOWER};
use zeroize::Zeroizing;

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{self, Object, Value};
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// What the third way hashes the password with.
const COST: cipher::Argon2Cost = cipher::Argon2Cost { memory: 19_456, passes: 2, lanes: 1 };

/// The most keys of a file that are derived; one is usual.
const MOST_KEYS: usize = 8;

pub(super) struct AuthenticatorExtension;

impl Importer for AuthenticatorExtension {
    fn name(&self) -> &'static str {
        "authenticator_extension"
    }

    fn title(&self) -> &'static str {
        "Authenticator (browser extension)"
    }

    fn source(&self) -> &'static str {
        "in the extension: Settings, Backup, Download Backup File"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        if !file.is_json() || !(file.contains(b"\"dataType\"") || file.contains(b"\"hash\"")) {
            return Likeness::No;
        }
        let Some(Ok(items)) = file.text().map(Object::read) else { return Likeness::No };
        let is_item = |item: Object<'_>| {
            let kind = item.words("dataType");
            let is_named = ["EncOTPStorage", "Key", "OTPStorage"].contains(&kind.as_str());
            is_named || ["hash", "secret", "type"].iter().all(|name| item.has(name))
        };
        items.fields().filter_map(|(_, value)| value.object()).any(is_item).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let backup = Object::read(file.promised_text()?)?;
        let mut items: Vec<Object<'_>> = backup
            .fields()
            .filter(|(name, _)| !matches!(*name, "UserSettings" | "key"))
            .filter_map(|(_, value)| value.object())
            .filter(|item| item.words("dataType") != "Key" && (item.has("secret") || item.has("data")))
            .collect();
        items.sort_by_key(|item| item.number("index").ok().flatten().unwrap_or(u64::MAX));
        let is_sealed = items.iter().any(|item| item.has("data") || item.flag("encrypted"));
        let mut keys = match (is_sealed, password) {
            (false, _) => None,
            (true, None) => return Err(ImportError::PasswordNeeded),
            (true, Some(password)) => Some(Keys::new(&backup, password)?),
        };
        let mut imported = Imported::default();
        let (mut opened, mut closed) = (0, 0);
        for (number, item) in (1..).zip(&items) {
            let place = format!("entry {number}");
            let plain = match open(item, keys.as_mut())? {
                Opened::Entry(plain) => Some(plain),
                Opened::Plain => None,
                Opened::Secret(secret) => {
                    opened += 1;
                    imported.take(place, &name(item), read_item(item, &secret));
                    continue;
                }
                Opened::Nothing => {
                    closed += 1;
                    imported.take(place, &name(item), Err(Problem::Locked(ANOTHER)));
                    continue;
                }
            };
            let whole = plain.as_ref().and_then(|plain| Object::read(cipher::text(plain).ok()?).ok());
            opened += usize::from(whole.is_some());
            let item = whole.as_ref().unwrap_or(item);
            let entry = item.required("secret").and_then(|secret| read_item(item, &secret));
            imported.take(place, &name(item), entry);
        }
        if closed > 0 && opened == 0 {
            return Err(ImportError::WrongPassword);
        }
        Ok(imported)
    }
}

/// Why one entry does not open where others do.
const ANOTHER: &str = "it does not open with this password";

fn name(item: &Object<'_>) -> String {
    format!("{} {}", service(item), item.words("account"))
}

/// Returns the issuer, without the address of the site that may follow.
fn service(item: &Object<'_>) -> String {
    let issuer = item.words("issuer");
    issuer.split_once("::").map(|(name, _)| name.to_owned()).unwrap_or(issuer)
}

/// What there is of an item.
enum Opened {
    /// All of it was sealed, and is an object.
    Entry(cipher::Bytes),
    /// It is sealed, and stays so.
    Nothing,
    /// Nothing of it was sealed.
    Plain,
    /// Only the secret was.
    Secret(Zeroizing<String>),
}

fn open(item: &Object<'_>, keys: Option<&mut Keys<'_>>) -> Result<Opened, ImportError> {
    let Some(keys) = keys else { return Ok(Opened::Plain) };
    if item.has("data") {
        let key = keys.of(&item.words("keyId"))?;
        let plain = key.zip(item.text("data").ok()).and_then(|(key, data)| unseal(&key, &data));
        let plain = plain.filter(|plain| {
            cipher::text(plain).is_ok_and(|text| Object::read(text).is_ok_and(|item| item.has("secret")))
        });
        return Ok(plain.map_or(Opened::Nothing, Opened::Entry));
    }
    if !item.flag("encrypted") {
        return Ok(Opened::Plain);
    }
    let plain = item.text("secret").ok().and_then(|secret| unseal(keys.secrets.as_bytes(), &secret));
    let secret = plain.and_then(|plain| Some(Zeroizing::new(cipher::text(&plain).ok()?.to_owned())));
    let secret = secret.filter(|secret| !secret.is_empty() && secret.chars().all(is_of_secret));
    Ok(secret.map_or(Opened::Nothing, Opened::Secret))
}

/// Says whether a secret of any kind may have this character.
fn is_of_secret(found: char) -> bool {
    found.is_ascii_alphanumeric() || found.is_ascii_whitespace() || matches!(found, '-' | '=')
}

/// Opens what `CryptoJS` has sealed.
fn unseal(password: &[u8], sealed: &str) -> Option<cipher::Bytes> {
    cipher::open_salted(cipher::Salted::Md5Aes256, password, &json::base64(sealed)?).ok()
}

/// The keys of a file.
struct Keys<'a> {
    password: &'a str,
    /// What single secrets are sealed with.
    secrets: Zeroizing<String>,
    /// The salts of the keys that whole entries are sealed with, by the key's name.
    salts: BTreeMap<String, Zeroizing<String>>,
    /// Those keys, as far as they were asked for.
    derived: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

impl<'a> Keys<'a> {
    fn new(backup: &Object<'_>, password: &'a str) -> Result<Self, ImportError> {
        let salts = backup
            .fields()
            .filter_map(|(_, value)| value.object())
            .filter(|item| item.words("dataType") == "Key")
            .filter_map(|key| Some((key.words("id"), key.text("salt").ok()?)))
            .collect();
        // Of the second way; the earliest of its files have it at the top.
        let own = backup.object("key").and_then(|key| key.get("enc"));
        let sealed = own.or_else(|| backup.get("enc")).and_then(Value::text);
        let secrets = match sealed {
            Some(sealed) => {
                let key = unseal(password.as_bytes(), &sealed).ok_or(ImportError::WrongPassword)?;
                Zeroizing::new(HEXLOWER.encode(&key))
            }
            None => Zeroizing::new(password.to_owned()),
        };
        Ok(Self { password, secrets, salts, derived: BTreeMap::new() })
    }

    /// Returns the key of that name, if there is one.
    fn of(&mut self, id: &str) -> Result<Option<Zeroizing<Vec<u8>>>, ImportError> {
        if let Some(key) = self.derived.get(id) {
            return Ok(Some(key.clone()));
        }
        let Some(salt) = self.salts.get(id).filter(|_| self.derived.len() < MOST_KEYS) else {
            return Ok(None);
        };
        let hash = cipher::argon2id(self.password, salt.as_bytes(), COST)?;
        // What seals is the hash as text.
        let key = Zeroizing::new(BASE64_NOPAD.encode(&hash).into_bytes());
        self.derived.insert(id.to_owned(), key.clone());
        Ok(Some(key))
    }
}

fn read_item(item: &Object<'_>, written: &str) -> Result<Entry, Problem> {
    let (kind, written) = kind(&item.text("type")?, written.trim());
    let is_hex = matches!(kind.as_str(), "hex" | "hhex");
    let secret = if is_hex { Secret::from_hex(&padded(written))? } else { base32(written)? };
    let parts = Parts {
        kind: match kind.as_str() {
            "hhex" => "hotp",
            "battle" | "hex" => "totp",
            other => other,
        },
        secret,
        algorithm: &item.text("algorithm")?,
        digits: if kind == "battle" { Some(8) } else { item.number("digits")? },
        period: item.number("period")?,
        counter: item.number("counter")?,
        pin: "",
    };
    let mut entry = Entry::new(&service(item), &item.words("account"), parts.otp()?);
    entry.pinned = item.flag("pinned");
    Ok(entry)
}

/// Returns the kind in lower case and the secret without the mark that old ones bear in front.
fn kind<'a>(kind: &str, written: &'a str) -> (String, &'a str) {
    for (mark, marked) in [("blz-", "battle"), ("bliz-", "battle"), ("stm-", "steam")] {
        if let Some(head) = written.get(..mark.len())
            && head.eq_ignore_ascii_case(mark)
        {
            return (marked.to_owned(), &written[mark.len()..]);
        }
    }
    // The number that the name stands for in the extension.
    let kind = match kind.trim() {
        "" | "1" => "totp",
        "2" => "hotp",
        "3" => "battle",
        "4" => "steam",
        "5" => "hex",
        "6" => "hhex",
        name => name,
    };
    (kind.to_ascii_lowercase(), written)
}

/// Returns hexadecimal digits of an even number, made so as the extension does.
fn padded(digits: &str) -> Zeroizing<String> {
    let mut digits: Zeroizing<String> =
        Zeroizing::new(digits.chars().filter(|c| !c.is_whitespace()).collect());
    if !digits.len().is_multiple_of(2) {
        if digits.ends_with('0') {
            digits.pop();
        } else {
            digits.push('0');
        }
    }
    digits
}

#[cfg(test)]
#[path = "authenticator_extension_tests.rs"]
mod tests;
