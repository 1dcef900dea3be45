//! Bitwarden, the password manager: JSON, plain or encrypted with a password, CSV, and the zip with attachments.
//!
//! The salt of an encrypted file is the Base64 text itself, never decoded. The key of PBKDF2 or Argon2id is
//! expanded into one for AES-CBC and one for the HMAC that is checked before anything is decrypted. The export that
//! is *not* protected by a password is sealed with the account's own key and opens nowhere else.

use std::collections::BTreeMap;
use std::fmt::Write;

use data_encoding::BASE64;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::csv;
use crate::exchange::encodings::archive::Archive;
use crate::exchange::encodings::cipher;
use crate::exchange::encodings::cipher::{Argon2Cost, Bytes, Hash, KEY};
use crate::exchange::encodings::json::{self, Object, Value, quoted};
use crate::exchange::item::Item;
use crate::exchange::{
    Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection, Random,
};
use crate::otp::{Kind, Link};
use crate::vault::Account;

/// The file with the items in a zip.
const MEMBER: &str = "data.json";

/// The field that only encrypted files have.
const CHECK: &str = "encKeyValidation_DO_NOT_EDIT";

/// What the app itself takes for Argon2id: 64 MiB, three passes, four lanes.
const COST: Argon2Cost = Argon2Cost { memory: 64 << 10, passes: 3, lanes: 4 };

pub(super) struct Bitwarden;

impl Importer for Bitwarden {
    fn name(&self) -> &'static str {
        "bitwarden"
    }

    fn title(&self) -> &'static str {
        "Bitwarden"
    }

    fn source(&self) -> &'static str {
        "in Bitwarden: Tools, Export vault, as .json, or .json (Encrypted) with \"Password protected\""
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let json = file.is_object_with(&["encrypted"])
            && ["collections", "data", "folders", "passwordProtected", CHECK]
                .iter()
                .any(|name| file.is_object_with(&[name]));
        // Old clients did not say that a file is not encrypted.
        let folders = file.is_object_with(&["folders"]) || file.is_object_with(&["collections"]);
        let old = folders && file.is_object_with(&["items"]) && file.mentions("\"login\":");
        let csv = csv::header(file)
            .is_some_and(|names| csv::has(&names, "login_totp") && csv::has(&names, "login_username"));
        let zip = file.members().iter().any(|name| name == MEMBER);
        (json || old || csv || zip).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if file.begins(b"PK") {
            let bytes = Archive::open(file.bytes())?.read(|name| name == MEMBER, password)?;
            return read_json(cipher::text(&bytes).map_err(|_| not_text())?, password);
        }
        let text = file.promised_text()?;
        if file.is_json() { read_json(text, password) } else { csv::read(text) }
    }
}

fn not_text() -> ImportError {
    ImportError::Damaged("it is not UTF-8 text".to_owned())
}

fn read_json(text: &str, password: Option<&str>) -> Result<Imported, ImportError> {
    let file = Object::read(text)?;
    if !file.flag("encrypted") {
        return read_items(&file);
    }
    if !file.flag("passwordProtected") {
        return Err(ImportError::Restricted(
            "this file opens only inside the Bitwarden account it comes from; export again as \".json (Encrypted)\" and choose \"Password protected\", or as plain .json",
        ));
    }
    let plain = open(&file, password.ok_or(ImportError::PasswordNeeded)?)?;
    read_items(&Object::read(cipher::text(&plain)?)?)
}

/// Reads the items, which the authenticator of the same house writes too.
pub(super) fn read_items(file: &Object<'_>) -> Result<Imported, ImportError> {
    let folders: BTreeMap<String, String> = ["folders", "collections"]
        .iter()
        .flat_map(|name| file.list(name))
        .filter_map(Value::object)
        .map(|folder| (folder.words("id"), folder.words("name")))
        .collect();
    let mut imported = Imported::default();
    let (mut without, mut binned) = (0, 0);
    for (index, item) in file.promised("items")?.into_iter().enumerate() {
        let place = format!("item {}", index + 1);
        let Some(item) = item.object() else {
            imported.take(place, "", Err(Problem::Field("items", "a list of objects")));
            continue;
        };
        match read_item(&item, &folders) {
            Ok(None) => without += 1,
            _ if item.get("deletedDate").is_some() => binned += 1,
            Ok(Some(entry)) => imported.take(place, "", Ok(entry)),
            Err(problem) => imported.take(place, &item.words("name"), Err(problem)),
        }
    }
    imported.count(without, csv::WITHOUT[0], csv::WITHOUT[1]);
    imported.count(binned, "item in the trash was left out", "items in the trash were left out");
    Ok(imported)
}

/// Reads an item, if it is for codes.
fn read_item(item: &Object<'_>, folders: &BTreeMap<String, String>) -> Result<Option<Entry>, Problem> {
    let Some(login) = item.object("login") else { return Ok(None) };
    let totp = login.text("totp")?;
    if totp.trim().is_empty() {
        return Ok(None);
    }
    let (title, user) = (item.words("name"), login.words("username"));
    let mut entry = Item { title: &title, user: &user, otp: &totp }.entry()?;
    entry.note = item.words("notes");
    entry.pinned = item.flag("favorite");
    let ids = item.get("folderId").into_iter().chain(item.list("collectionIds"));
    for id in ids.filter_map(Value::text) {
        entry = entry.in_group(folders.get(id.as_str()).map_or("", String::as_str));
    }
    Ok(Some(entry))
}

/// The two keys that the password becomes.
struct Keys {
    cipher: Bytes,
    mac: Bytes,
}

impl Keys {
    fn derive(file: &Object<'_>, password: &str) -> Result<Self, ImportError> {
        let salt = file.text("salt").map_err(|_| json::garbled("salt"))?;
        let rounds = file.header_number("kdfIterations")?;
        let key = match file.header_number("kdfType")? {
            0 => cipher::pbkdf2(Hash::Sha256, password, salt.as_bytes(), rounds, KEY)?,
            1 => {
                let memory = file.header_number("kdfMemory")?.saturating_mul(1024);
                let lanes = file.header_number("kdfParallelism")?;
                argon2id(password, &salt, Argon2Cost { memory, passes: rounds, lanes })?
            }
            _ => return Err(json::garbled("kdfType")),
        };
        Ok(Self::expand(&key))
    }

    fn expand(key: &[u8]) -> Self {
        let expanded = Hkdf::<Sha256>::from_prk(key).expect("the key is as long as the hash");
        let part = |name: &[u8]| {
            let mut part = Zeroizing::new(vec![0; KEY]);
            expanded.expand(name, &mut part).expect("one block is never too long");
            part
        };
        Self { cipher: part(b"enc"), mac: part(b"mac") }
    }

    fn mac(&self, iv: &[u8], sealed: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.mac).expect("a MAC takes a key of any length");
        mac.update(iv);
        mac.update(sealed);
        mac
    }

    /// Opens `2.IV|TEXT|MAC`.
    fn open(&self, text: &str) -> Result<Bytes, ImportError> {
        let garbled =
            || ImportError::Damaged("what is encrypted in it is not written as it should be".to_owned());
        let parts: Vec<Bytes> = text
            .strip_prefix("2.")
            .ok_or_else(garbled)?
            .split('|')
            .map(json::base64)
            .collect::<Option<_>>()
            .ok_or_else(garbled)?;
        let [iv, sealed, mac] = parts.as_slice() else { return Err(garbled()) };
        self.mac(iv, sealed).verify_slice(mac).map_err(|_| ImportError::WrongPassword)?;
        cipher::open_cbc(&self.cipher, iv, sealed)
    }

    fn seal(&self, text: &str, random: Random<'_>) -> String {
        let mut iv = [0; 16];
        random(&mut iv);
        let sealed = cipher::seal_cbc(&self.cipher, &iv, text.as_bytes());
        let mac = self.mac(&iv, &sealed).finalize().into_bytes();
        format!("2.{}|{}|{}", BASE64.encode(&iv), BASE64.encode(&sealed), BASE64.encode(&mac))
    }
}

fn argon2id(password: &str, salt: &str, cost: Argon2Cost) -> Result<Bytes, ImportError> {
    cipher::argon2id(password, &Sha256::digest(salt.as_bytes()), cost)
}

fn open(file: &Object<'_>, password: &str) -> Result<Bytes, ImportError> {
    let keys = Keys::derive(file, password)?;
    keys.open(&file.text(CHECK).map_err(|_| json::garbled(CHECK))?)?;
    // The password has just been proved right.
    keys.open(&file.text("data").map_err(|_| json::garbled("data"))?).map_err(|error| match error {
        ImportError::WrongPassword => ImportError::Damaged("what is encrypted in it was changed".to_owned()),
        other => other,
    })
}

impl Exporter for Bitwarden {
    fn name(&self) -> &'static str {
        "bitwarden"
    }

    fn title(&self) -> &'static str {
        "Bitwarden, password protected"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn protection(&self) -> Protection {
        Protection::Password
    }

    fn fits(&self, account: &Account) -> Fit {
        match account.otp.kind {
            Kind::Hotp { .. } => Fit::Not("counter codes"),
            Kind::Motp { .. } => Fit::Not("mOTP codes"),
            // The app writes Steam's secret without a name; read back it is called Steam.
            Kind::Steam if account.issuer.is_empty() => Fit::Without(vec!["issuer"]),
            Kind::Steam | Kind::Totp { .. } => Fit::Whole,
            Kind::Yandex { .. } => Fit::Not("Yandex codes"),
        }
    }

    fn write(&self, accounts: &[&Account], password: Option<&str>, random: Random<'_>) -> Zeroizing<Vec<u8>> {
        let mut salt = [0; 16];
        random(&mut salt);
        let salt = BASE64.encode(&salt);
        let key =
            argon2id(password.unwrap_or_default(), &salt, COST).expect("the cost is fixed and within bounds");
        let keys = Keys::expand(&key);
        let proof = keys.seal(&fresh(random).to_string(), random);
        let data = keys.seal(&vault(accounts, random), random);
        let file = format!(
            concat!(
                r#"{{"encrypted":true,"passwordProtected":true,"salt":"{}","kdfType":1,"kdfIterations":{},"#,
                r#""kdfMemory":{},"kdfParallelism":{},"{}":"{}","data":"{}"}}"#,
            ),
            salt,
            COST.passes,
            COST.memory / 1024,
            COST.lanes,
            CHECK,
            proof,
            data,
        );
        Zeroizing::new(file.into_bytes())
    }
}

fn fresh(random: Random<'_>) -> uuid::Uuid {
    let mut bytes = [0; 16];
    random(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Writes the plain JSON, with every field that the importer of the app looks at.
fn vault(accounts: &[&Account], random: Random<'_>) -> Zeroizing<String> {
    let mut folders: BTreeMap<&str, uuid::Uuid> = BTreeMap::new();
    for account in accounts.iter().filter(|account| !account.group.is_empty()) {
        folders.entry(&account.group).or_insert_with(|| fresh(random));
    }
    // Room for everything: a string that grows would leave copies of secrets behind.
    let text = |account: &Account| 2 * account.issuer.len() + 2 * account.account.len() + account.note.len();
    let room: usize = accounts
        .iter()
        .map(|account| {
            1024 + 6 * (text(account) + account.group.len()) + 2 * account.otp.secret.bytes().len()
        })
        .sum();
    let mut vault = Zeroizing::new(String::with_capacity(room + 64));
    vault.push_str(r#"{"encrypted":false,"folders":["#);
    for (index, (name, id)) in folders.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        write!(vault, r#"{comma}{{"id":"{id}","name":{}}}"#, *quoted(name))
            .expect("a string takes whatever is written to it");
    }
    vault.push_str(r#"],"items":["#);
    for (index, account) in accounts.iter().enumerate() {
        let link = match account.otp.kind {
            Kind::Steam => Zeroizing::new(format!("steam://{}", *account.otp.secret.to_base32())),
            _ => Link::write(&account.issuer, &account.account, &account.otp),
        };
        write!(
            vault,
            concat!(
                r#"{}{{"passwordHistory":null,"revisionDate":null,"creationDate":null,"deletedDate":null,"#,
                r#""id":"{}","organizationId":null,"folderId":{},"type":1,"reprompt":0,"name":{},"notes":{},"#,
                r#""favorite":{},"login":{{"fido2Credentials":[],"uris":[],"username":{},"password":null,"#,
                r#""totp":{}}},"collectionIds":null}}"#,
            ),
            if index > 0 { "," } else { "" },
            fresh(random),
            folders.get(account.group.as_str()).map_or("null".to_owned(), |id| format!("\"{id}\"")),
            *quoted(&account.issuer),
            *quoted(&account.note),
            account.pinned,
            *quoted(&account.account),
            *quoted(&link),
        )
        .expect("a string takes whatever is written to it");
    }
    vault.push_str("]}");
    vault
}

#[cfg(test)]
#[path = "bitwarden_tests.rs"]
mod tests;
