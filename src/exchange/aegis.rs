//! Aegis for Android: `aegis-export-….json`, plain or encrypted with a password.
//!
//! The layout is that of the app's own `docs/vault.md` and its importer. An encrypted file holds several *slots*,
//! each the master key sealed with another password or with the phone; only those of passwords open elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write;

use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use zeroize::Zeroizing;

use super::json::{self, Object, Value, quoted};
use super::parts::{Parts, base32, kind_name};
use super::{
    Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection, Random,
    cipher,
};
use crate::otp::{Kind, Secret};
use crate::vault::Account;

/// The newest layout of the database that is known.
const NEWEST: u64 = 3;

/// The kind of slot that a password opens.
const PASSWORD_SLOT: u64 = 1;

/// What Aegis itself derives the key of a slot with.
const SCRYPT: (u64, u64, u64) = (1 << 15, 8, 1);

pub(super) struct Aegis;

impl Importer for Aegis {
    fn name(&self) -> &'static str {
        "aegis"
    }

    fn title(&self) -> &'static str {
        "Aegis"
    }

    fn source(&self) -> &'static str {
        "in Aegis: Settings, Import & Export, Export, format Aegis (.json)"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        file.is_object_with(&["db", "header"]).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let vault = Object::read(file.promised_text()?)?;
        let db = vault.get("db").ok_or_else(|| json::garbled("db"))?;
        if let Some(db) = db.object() {
            return read_database(&db);
        }
        let plain = open(&vault, password.ok_or(ImportError::PasswordNeeded)?)?;
        read_database(&Object::read(cipher::text(&plain)?)?)
    }
}

/// Decrypts the database with whichever slot the password opens.
fn open(vault: &Object<'_>, password: &str) -> Result<cipher::Bytes, ImportError> {
    let header = vault.object("header").ok_or_else(|| json::garbled("header"))?;
    let slots: Vec<Object<'_>> = header
        .promised("slots")?
        .into_iter()
        .filter_map(Value::object)
        .filter(|slot| slot.number("type") == Ok(Some(PASSWORD_SLOT)))
        .collect();
    if slots.is_empty() {
        return Err(ImportError::Restricted(
            "this file opens with the phone's fingerprint or key only; export it again with a password",
        ));
    }
    let mut failure = ImportError::WrongPassword;
    for slot in &slots {
        match open_slot(slot, password) {
            Ok(master) => {
                let params = header.object("params").ok_or_else(|| json::garbled("params"))?;
                return unseal(&params, &master, &vault.header_base64("db")?);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn open_slot(slot: &Object<'_>, password: &str) -> Result<cipher::Bytes, ImportError> {
    let (n, r, p) = (slot.header_number("n")?, slot.header_number("r")?, slot.header_number("p")?);
    let key = cipher::scrypt(password, &slot.header_hex("salt")?, n, r, p)?;
    let params = slot.object("key_params").ok_or_else(|| json::garbled("key_params"))?;
    unseal(&params, &key, &slot.header_hex("key")?)
}

/// Opens what is sealed with the nonce and the tag of `params`.
fn unseal(params: &Object<'_>, key: &[u8], sealed: &[u8]) -> Result<cipher::Bytes, ImportError> {
    let tagged = [sealed, &params.header_hex("tag")?].concat();
    cipher::open_gcm(key, &params.header_hex("nonce")?, b"", &tagged)
}

fn read_database(db: &Object<'_>) -> Result<Imported, ImportError> {
    match db.header_number("version")? {
        0..=NEWEST => {}
        newer => return Err(ImportError::Newer(newer)),
    }
    let groups: BTreeMap<String, String> = db
        .list("groups")
        .into_iter()
        .filter_map(Value::object)
        .map(|group| (group.words("uuid"), group.words("name")))
        .collect();
    let mut imported = Imported::default();
    for (index, entry) in db.promised("entries")?.into_iter().enumerate() {
        let place = format!("entry {}", index + 1);
        match entry.object() {
            Some(entry) => imported.take(place, &name(&entry), read_entry(&entry, &groups)),
            None => imported.take(place, "", Err(Problem::Field("entries", "a list of objects"))),
        }
    }
    Ok(imported)
}

/// Returns the name for the report.
fn name(entry: &Object<'_>) -> String {
    format!("{} {}", entry.words("issuer"), entry.words("name"))
}

fn read_entry(entry: &Object<'_>, groups: &BTreeMap<String, String>) -> Result<Entry, Problem> {
    let info = entry.object("info").ok_or(Problem::Missing("info"))?;
    let kind = entry.required("type")?;
    let parts = Parts {
        kind: &kind,
        secret: base32(&info.required("secret")?)?,
        algorithm: &info.text("algo")?,
        digits: info.number("digits")?,
        period: info.number("period")?,
        counter: info.number("counter")?,
        pin: &info.text("pin")?,
    };
    let mut read = Entry::new(&entry.words("issuer"), &entry.words("name"), parts.otp()?);
    read.note = entry.words("note");
    read.pinned = entry.flag("favorite");
    // Of old layouts an entry has one group, by name; of new ones several, by id.
    read = read.in_group(&entry.words("group"));
    for id in entry.list("groups") {
        let id = id.text().unwrap_or_default();
        read = read.in_group(groups.get(id.as_str()).unwrap_or(&id));
    }
    Ok(read)
}

impl Exporter for Aegis {
    fn name(&self) -> &'static str {
        "aegis"
    }

    fn title(&self) -> &'static str {
        "Aegis, encrypted"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn protection(&self) -> Protection {
        Protection::Password
    }

    fn fits(&self, _: &Account) -> Fit {
        Fit::Whole
    }

    fn write(&self, accounts: &[&Account], password: Option<&str>, random: Random<'_>) -> Zeroizing<Vec<u8>> {
        let mut master = Zeroizing::new(vec![0; cipher::KEY]);
        let (mut salt, mut nonce, mut key_nonce, mut id) = ([0; 32], [0; 12], [0; 12], [0; 16]);
        for bytes in [&mut master[..], &mut salt, &mut nonce, &mut key_nonce, &mut id] {
            random(bytes);
        }
        let (n, r, p) = SCRYPT;
        let key = cipher::scrypt(password.unwrap_or_default(), &salt, n, r, p)
            .expect("the parameters are fixed and within bounds");
        let (sealed_key, key_tag) = split_tag(cipher::seal_gcm(&key, &key_nonce, b"", &master));
        let (db, tag) =
            split_tag(cipher::seal_gcm(&master, &nonce, b"", database(accounts, random).as_bytes()));
        let file = format!(
            concat!(
                r#"{{"version":1,"header":{{"slots":[{{"type":1,"uuid":"{}","key":"{}","#,
                r#""key_params":{{"nonce":"{}","tag":"{}"}},"n":{},"r":{},"p":{},"salt":"{}","#,
                r#""repaired":true,"is_backup":false}}],"params":{{"nonce":"{}","tag":"{}"}}}},"db":"{}"}}"#,
            ),
            uuid(id),
            HEXLOWER.encode(&sealed_key),
            HEXLOWER.encode(&key_nonce),
            HEXLOWER.encode(&key_tag),
            n,
            r,
            p,
            HEXLOWER.encode(&salt),
            HEXLOWER.encode(&nonce),
            HEXLOWER.encode(&tag),
            BASE64.encode(&db),
        );
        Zeroizing::new(file.into_bytes())
    }
}

fn split_tag(mut sealed: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let tag = sealed.split_off(sealed.len() - 16);
    (sealed, tag)
}

fn uuid(random: [u8; 16]) -> uuid::Uuid {
    uuid::Builder::from_random_bytes(random).into_uuid()
}

/// Writes the database in the newest layout.
fn database(accounts: &[&Account], random: Random<'_>) -> Zeroizing<String> {
    let mut fresh = || {
        let mut bytes = [0; 16];
        random(&mut bytes);
        uuid(bytes)
    };
    let mut groups: BTreeMap<&str, uuid::Uuid> = BTreeMap::new();
    for account in accounts.iter().filter(|account| !account.group.is_empty()) {
        groups.entry(&account.group).or_insert_with(&mut fresh);
    }
    // A kilobyte an entry and the texts: a string that grows would leave copies of secrets behind.
    let room: usize = accounts.iter().map(|account| 4096 + 6 * account.note.len()).sum();
    let mut db = Zeroizing::new(String::with_capacity(room + 1024));
    db.push_str(r#"{"version":3,"entries":["#);
    for (index, account) in accounts.iter().enumerate() {
        if index > 0 {
            db.push(',');
        }
        let group = groups.get(account.group.as_str()).map(|id| format!("\"{id}\"")).unwrap_or_default();
        write!(
            db,
            r#"{{"type":"{}","uuid":"{}","name":{},"issuer":{},"note":{},"favorite":{},"icon":null,"groups":[{}],"info":{{"secret":"{}",{}}}}}"#,
            kind_name(&account.otp.kind),
            fresh(),
            *quoted(&account.account),
            *quoted(&account.issuer),
            *quoted(&account.note),
            account.pinned,
            group,
            *Zeroizing::new(BASE32_NOPAD.encode(account.otp.secret.bytes())),
            *values(account),
        )
        .expect("a string takes whatever is written to it");
    }
    db.push_str(r#"],"groups":["#);
    for (index, (name, id)) in groups.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        write!(db, r#"{comma}{{"uuid":"{id}","name":{}}}"#, *quoted(name))
            .expect("a string takes whatever is written to it");
    }
    db.push_str(r#"],"icons_optimized":true}"#);
    db
}

/// Writes the values that the kind of codes has.
fn values(account: &Account) -> Zeroizing<String> {
    let otp = &account.otp;
    let common = format!(r#""algo":"{}","digits":{}"#, otp.algorithm.name(), otp.digits.get());
    let pin = |pin: &Secret| quoted(&String::from_utf8_lossy(pin.bytes()));
    Zeroizing::new(match &otp.kind {
        Kind::Hotp { counter } => format!(r#"{common},"counter":{counter}"#),
        Kind::Motp { pin: number } => {
            format!(r#""algo":"MD5","digits":6,"period":10,"pin":{}"#, *pin(number))
        }
        Kind::Steam => r#""algo":"SHA1","digits":5,"period":30"#.to_owned(),
        Kind::Totp { period } => format!(r#"{common},"period":{}"#, period.seconds()),
        Kind::Yandex { pin: number } => {
            format!(r#""algo":"SHA256","digits":8,"period":30,"pin":{}"#, *pin(number))
        }
    })
}
