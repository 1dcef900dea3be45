//! Aegis for Android: `aegis-export-….json`, plain or encrypted with a password.
//!
//! The layout is that of the app's own `docs/vault.md` and its importer. An encrypted file holds several *slots*,
//! each the master key sealed with another password or with the phone; only those of passwords open elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write;

use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use zeroize::Zeroizing;

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{self, Object, Value, quoted};
use crate::exchange::parts::{Parts, base32, kind_name, misfit};
use crate::exchange::{
    Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection, Random,
};
use crate::otp::{Kind, Secret};
use crate::vault::Account;

/// The newest layouts that are known: of the file, and of the database in it.
const NEWEST_FILE: u64 = 1;
const NEWEST: u64 = 3;

/// The most slots of passwords that are tried: one for exports, one for backups, and some to spare.
const MOST_SLOTS: usize = 8;

/// The most that trying all slots may cost, in bytes that are written: what Aegis asks for, a hundred times over.
const MOST_WORK: u64 = 4 << 30;

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
        match vault.number("version") {
            Ok(Some(newer)) if newer > NEWEST_FILE => return Err(ImportError::Newer(newer)),
            Ok(_) => {}
            Err(_) => return Err(json::garbled("version")),
        }
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
    // Why a slot could not even be tried says more than that the password did not open it.
    let mut failure = None;
    let mut work = 0_u64;
    for slot in slots.iter().take(MOST_SLOTS) {
        if work > MOST_WORK {
            break;
        }
        match open_slot(slot, password) {
            Ok(master) => {
                let params = header.object("params").ok_or_else(|| json::garbled("params"))?;
                return unseal(&params, &master, &vault.header_base64("db")?);
            }
            Err(ImportError::WrongPassword) => work = work.saturating_add(cost(slot)),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.unwrap_or(ImportError::WrongPassword))
}

/// Returns the bytes that deriving the key of a slot writes.
fn cost(slot: &Object<'_>) -> u64 {
    let number = |name| slot.number(name).ok().flatten().unwrap_or(0);
    128_u64.saturating_mul(number("n")).saturating_mul(number("r")).saturating_mul(number("p"))
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
        let place = || format!("entry {}", index + 1);
        match entry.object() {
            Some(entry) => imported.take_or(read_entry(&entry, &groups), || (place(), name(&entry))),
            None => imported.take(place(), "", Err(Problem::Field("entries", "a list of objects"))),
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

    fn fits(&self, account: &Account) -> Fit {
        misfit(&account.otp).map_or(Fit::Whole, Fit::Not)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Otp, RangeError};

    fn read(text: &str, password: Option<&str>) -> Result<Imported, ImportError> {
        Aegis.read(&File::new(text.as_bytes())?, password)
    }

    fn database(version: u64, entries: &str) -> Imported {
        let text = format!(
            r#"{{"version":1,"header":{{"slots":null,"params":null}},"db":{{"version":{version},"entries":[{entries}]}}}}"#
        );
        read(&text, None).unwrap()
    }

    #[test]
    fn every_kind_is_read_and_what_is_missing_is_usual() {
        let list = database(
            2,
            r#"{"type":"motp","name":"m","issuer":null,"group":"G","info":{"secret":"4MKSV7XGEWM4Q","algo":"MD5","digits":6,"period":10,"pin":"1234"}},
               {"type":"yandex","name":"y","info":{"secret":"LA2V6KMCGYMWWVEW64RNP3JA3IAAAAAAHTSG4HRZPI","algo":"SHA256","digits":8,"period":30,"pin":"7586"}},
               {"type":"steam","name":"s","info":{"secret":"JBSWY3DPEHPK3PXP","algo":"SHA1","digits":5,"period":30}},
               {"type":"TOTP","name":"t","info":{"secret":"JBSWY3DPEHPK3PXP"}}"#,
        );
        let secret = |text| Secret::from_base32(text).unwrap();
        let pin = |text: &str| Secret::from_bytes(text.as_bytes()).unwrap();
        let otps: Vec<Otp> = list.entries.iter().map(|entry| entry.otp.clone()).collect();
        let wanted = [
            Otp::motp(Secret::from_hex("e3152afee62599c8").unwrap(), pin("1234")),
            Otp::yandex(secret("LA2V6KMCGYMWWVEW64RNP3JA3I"), pin("7586")),
            Otp::steam(secret("JBSWY3DPEHPK3PXP")),
            Otp::totp(secret("JBSWY3DPEHPK3PXP")),
        ];
        assert_eq!(otps, wanted);
        assert_eq!(list.entries[0].groups, ["G"]);
    }

    #[test]
    fn what_makes_no_code_is_refused_alone() {
        let list = database(
            1,
            r#"{"type":"totp","name":"a","info":{"secret":"JBSWY3DPEHPK3PXP","digits":11}},
               {"type":"totp","name":"b","info":{"secret":"JBSWY3DPEHPK3PXP","period":-1}},
               {"type":"motp","name":"c","info":{"secret":"JBSWY3DPEHPK3PXP","pin":null}},
               {"type":"yandex","name":"d","info":{"secret":"JBSWY3DPEHPK3PXP","pin":"1234"}},
               {"type":"totp","name":"e","info":{"secret":"JBSWY3DPEHPK3PXP","algo":"MD5"}},
               {"type":"hotp","name":"f","info":{"secret":"JBSWY3DPEHPK3PXP","counter":18446744073709551615}}"#,
        );
        let problems: Vec<Problem> = list.refused.iter().map(|refused| refused.problem.clone()).collect();
        let wanted = [
            Problem::Range(RangeError::Digits(11)),
            Problem::Field("period", "a number from 0 upwards"),
            Problem::PinMissing,
            Problem::Link(crate::otp::LinkError::SecretShort(10)),
            Problem::Algorithm("MD5".to_owned()),
        ];
        assert_eq!(problems, wanted);
        assert_eq!(list.entries[0].otp.kind, Kind::Hotp { counter: u64::MAX });
    }

    #[test]
    fn a_newer_file_says_so() {
        assert_eq!(read(r#"{"version":2,"header":{},"db":{}}"#, None), Err(ImportError::Newer(2)));
        let text = r#"{"version":1,"header":{},"db":{"version":4,"entries":[]}}"#;
        assert_eq!(read(text, None), Err(ImportError::Newer(4)));
    }

    #[test]
    fn slots_are_not_tried_for_ever_and_what_is_too_costly_is_said() {
        let slot = |n: u64| {
            format!(
                r#"{{"type":1,"key":"00","key_params":{{"nonce":"000000000000000000000000","tag":"00"}},"n":{n},"r":8,"p":1,"salt":"00"}}"#
            )
        };
        let file = |slots: &[String]| {
            let slots = slots.join(",");
            read(&format!(r#"{{"version":1,"header":{{"slots":[{slots}]}},"db":"AA=="}}"#), Some("x"))
        };
        assert_eq!(file(&vec![slot(16); 10_000]), Err(ImportError::WrongPassword));
        assert!(matches!(file(&[slot(1 << 40)]), Err(ImportError::Costly { .. })));
        for slots in [[slot(1 << 40), slot(16)], [slot(16), slot(1 << 40)]] {
            assert!(matches!(file(&slots), Err(ImportError::Costly { .. })));
        }
    }
}
