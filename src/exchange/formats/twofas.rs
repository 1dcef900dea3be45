//! 2FAS: its `.2fas` backups, plain or encrypted with a password, of the layouts ("schemas") 1 to 4.
//!
//! The layout is that of the app's own export. An encrypted file keeps its groups in clear and the services in one
//! text of three parts in Base64, cipher text, salt and nonce; `reference` is sealed in the same way and holds a
//! text that every app knows, by which it checks a password. Whatever the file says in `otp.link` is not read: iOS
//! writes `[hidden]` for the secret in it.

use std::collections::BTreeMap;
use std::fmt::Write;

use data_encoding::{BASE32_NOPAD, BASE64};
use zeroize::Zeroizing;

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{self, Object, Value, quoted};
use crate::exchange::parts::{Parts, base32, kind_name, read_all};
use crate::exchange::{
    Assumed, Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection,
    Random,
};
use crate::otp::Kind;
use crate::vault::Account;

/// The newest layout that is known.
const NEWEST: u64 = 4;

/// What the app derives its keys with: rounds of PBKDF2 and bytes of salt.
const ROUNDS: u64 = 10_000;
const SALT: usize = 256;

/// What the app looks for in `reference`: the same in all files.
const REFERENCE: &str = concat!(
    "tRViSsLKzd86Hprh4ceC2OP7xazn4rrt4xhfEUbOjxLX8Rc3mkISXE0lWbmnWfggogbBJhtYgpK6fMl1D6mtsy92R3HkdGfwuXbzLebqVFJs",
    "R7IZ2w58t938iymwG4824igYy1wi6n2WDpO1Q1P69zwJGs2F5a1qP4MyIiDSD7NCV2OvidXQCBnDlGfmz0f1BQySRkkt4ryiJeCjD2o4QsveJ",
    "9uDBUn8ELyOrESv5R5DMDkD4iAF8TXU7KyoJujd",
);

/// The icons that the app has for whoever has none.
const ICONS: &str = "a5b3fb65-4ec5-43e6-8ec1-49e24ca9e7ad";

pub(super) struct Twofas;

impl Importer for Twofas {
    fn name(&self) -> &'static str {
        "twofas"
    }

    fn title(&self) -> &'static str {
        "2FAS"
    }

    fn source(&self) -> &'static str {
        "in 2FAS: Settings, 2FAS Backup, Export"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let has = |name| file.is_object_with(&[name]);
        let has_services = has("services") || has("servicesEncrypted");
        (has_services && (has("schemaVersion") || has("appVersionCode"))).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let backup = Object::read(file.promised_text()?)?;
        let version = match backup.number("schemaVersion") {
            Ok(version) => version.unwrap_or(1),
            Err(_) => return Err(json::garbled("schemaVersion")),
        };
        if version > NEWEST {
            return Err(ImportError::Newer(version));
        }
        let groups: BTreeMap<String, String> = backup
            .list("groups")
            .into_iter()
            .filter_map(Value::object)
            .map(|group| (group.words("id"), group.words("name")))
            .collect();
        let sealed = backup.text("servicesEncrypted").map_err(|_| json::garbled("servicesEncrypted"))?;
        let imported = if sealed.is_empty() {
            read_all(backup.list("services"), ["name", "account"], |service| read_service(service, &groups))
        } else {
            let plain = open(&sealed, password.ok_or(ImportError::PasswordNeeded)?)?;
            let services =
                Value::read(cipher::text(&plain)?)?.list().ok_or_else(|| json::garbled("services"))?;
            read_all(services, ["name", "account"], |service| read_service(service, &groups))
        };
        // The first layout had nothing but names and secrets.
        Ok(if version < 2 {
            imported.assuming(&[Assumed::Algorithm, Assumed::Digits, Assumed::Period])
        } else {
            imported
        })
    }
}

/// Opens a text of three parts.
fn open(sealed: &str, password: &str) -> Result<cipher::Bytes, ImportError> {
    let garbled = || json::garbled("servicesEncrypted");
    let parts: Vec<cipher::Bytes> = sealed.split(':').map_while(json::base64).take(4).collect();
    let [sealed, salt, nonce, ..] = &parts[..] else { return Err(garbled()) };
    if salt.is_empty() || nonce.len() != 12 {
        return Err(garbled());
    }
    let key = cipher::pbkdf2(cipher::Hash::Sha256, password, salt, ROUNDS, cipher::KEY)?;
    cipher::open_gcm(&key, nonce, b"", sealed)
}

fn read_service(service: &Object<'_>, groups: &BTreeMap<String, String>) -> Result<Entry, Problem> {
    let otp = service.object("otp").ok_or(Problem::Missing("otp"))?;
    let parts = Parts {
        kind: &otp.text("tokenType")?,
        secret: base32(&service.required("secret")?)?,
        algorithm: &otp.text("algorithm")?,
        digits: otp.number("digits")?,
        period: otp.number("period")?,
        counter: otp.number("counter")?,
        pin: "",
    };
    let (name, issuer, account) = (service.words("name"), otp.words("issuer"), otp.words("account"));
    // The name is the user's own title, and stands for an issuer that is not known. Where one is there and empty,
    // and the title is the account, there is none: so it is written below.
    let is_nameless = otp.get("issuer").is_some() && name == account;
    let shown = if issuer.trim().is_empty() && !is_nameless { &name } else { &issuer };
    let mut entry = Entry::new(shown, &account, parts.otp()?);
    if let Some(group) = groups.get(&service.words("groupId")) {
        entry = entry.in_group(group);
    }
    Ok(entry)
}

impl Exporter for Twofas {
    fn name(&self) -> &'static str {
        "twofas"
    }

    fn title(&self) -> &'static str {
        "2FAS, encrypted"
    }

    fn extension(&self) -> &'static str {
        "2fas"
    }

    fn protection(&self) -> Protection {
        Protection::Password
    }

    fn fits(&self, account: &Account) -> Fit {
        let otp = &account.otp;
        // On iOS the app takes its usual values for those that it does not know, and makes wrong codes.
        let digits = || (!(5..=8).contains(&otp.digits.get())).then_some("digits other than 5 to 8");
        let reason = match otp.kind {
            Kind::Hotp { counter } if i32::try_from(counter).is_err() => Some("a counter beyond 2^31"),
            Kind::Hotp { .. } => digits(),
            Kind::Motp { .. } => Some("mOTP codes"),
            Kind::Steam => None,
            Kind::Totp { period } => {
                let known = [10, 30, 60, 90].contains(&period.seconds());
                (!known).then_some("a period other than 10, 30, 60 or 90 seconds").or_else(digits)
            }
            Kind::Yandex { .. } => Some("Yandex codes"),
        };
        reason.map_or_else(|| Fit::losing(account, &["note", "pin"]), Fit::Not)
    }

    fn write(&self, accounts: &[&Account], password: Option<&str>, random: Random<'_>) -> Zeroizing<Vec<u8>> {
        let mut salt = [0; SALT];
        random(&mut salt);
        let password = password.unwrap_or_default();
        let key = cipher::pbkdf2(cipher::Hash::Sha256, password, &salt, ROUNDS, cipher::KEY)
            .expect("the parameters are fixed and within bounds");
        let mut groups: BTreeMap<&str, uuid::Uuid> = BTreeMap::new();
        for account in accounts.iter().filter(|account| !account.group.is_empty()) {
            groups.entry(&account.group).or_insert_with(|| {
                let mut id = [0; 16];
                random(&mut id);
                uuid::Builder::from_random_bytes(id).into_uuid()
            });
        }
        let services = services(accounts, &groups);
        let mut seal = |plain: &[u8]| {
            let mut nonce = [0; 12];
            random(&mut nonce);
            let sealed = cipher::seal_gcm(&key, &nonce, b"", plain);
            format!("{}:{}:{}", BASE64.encode(&sealed), BASE64.encode(&salt), BASE64.encode(&nonce))
        };
        let updated = accounts.iter().map(|account| account.added.millis()).max().unwrap_or(0);
        let names: Vec<String> = groups
            .iter()
            .map(|(name, id)| format!(r#"{{"id":"{id}","name":{},"isExpanded":true}}"#, *quoted(name)))
            .collect();
        let file = format!(
            concat!(
                r#"{{"services":[],"groups":[{}],"updatedAt":{},"schemaVersion":4,"appVersionCode":5000000,"#,
                r#""appVersionName":"5.0.0","appOrigin":"android","servicesEncrypted":"{}","reference":"{}"}}"#,
            ),
            names.join(","),
            updated.max(0),
            seal(services.as_bytes()),
            seal(REFERENCE.as_bytes()),
        );
        Zeroizing::new(file.into_bytes())
    }
}

/// Writes the services in the newest layout.
fn services(accounts: &[&Account], groups: &BTreeMap<&str, uuid::Uuid>) -> Zeroizing<String> {
    // Room for all of it from the start: a string that grows would leave copies of secrets behind.
    let room =
        accounts.iter().map(|account| 4096 + 24 * (account.issuer.len() + account.account.len())).sum();
    let mut list = Zeroizing::new(String::with_capacity(room));
    list.push('[');
    for (index, account) in accounts.iter().enumerate() {
        let otp = &account.otp;
        let group = groups.get(account.group.as_str()).map(|id| format!(r#","groupId":"{id}""#));
        let values = match otp.kind {
            Kind::Hotp { counter } => format!(r#""counter":{counter},"#),
            _ => format!(r#""period":{},"counter":0,"#, otp.period().unwrap_or_default().seconds()),
        };
        let name = account.name();
        let label: String = name.chars().filter(|c| c.is_alphanumeric()).take(2).collect();
        write!(
            list,
            concat!(
                r#"{}{{"name":{},"secret":"{}","updatedAt":{},"otp":{{"label":{},"account":{},"issuer":{},"#,
                r#""digits":{},{}"algorithm":"{}","tokenType":"{}","source":"Manual"}},"order":{{"position":{}}},"#,
                r#""icon":{{"selected":"Label","label":{{"text":{},"backgroundColor":"Orange"}},"#,
                r#""iconCollection":{{"id":"{}"}}}}{}}}"#,
            ),
            if index > 0 { "," } else { "" },
            *quoted(name),
            *Zeroizing::new(BASE32_NOPAD.encode(otp.secret.bytes())),
            account.added.millis().max(0),
            *quoted(&account.account),
            *quoted(&account.account),
            *quoted(&account.issuer),
            otp.digits.get(),
            values,
            otp.algorithm.name(),
            kind_name(&otp.kind).to_ascii_uppercase(),
            index,
            *quoted(&label.to_uppercase()),
            ICONS,
            group.unwrap_or_default(),
        )
        .expect("a string takes whatever is written to it");
    }
    list.push(']');
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Otp, RangeError, Secret, SecretError};

    fn read(text: &str) -> Result<Imported, ImportError> {
        Twofas.read(&File::new(text.as_bytes())?, None)
    }

    fn services(version: u64, services: &str) -> Imported {
        read(&format!(r#"{{"schemaVersion":{version},"services":[{services}],"groups":null}}"#)).unwrap()
    }

    fn secret() -> Secret {
        Secret::from_base32("JBSWY3DPEHPK3PXP").unwrap()
    }

    #[test]
    fn the_first_layout_has_but_names_and_secrets() {
        let list = services(
            1,
            r#"{"name":"A","secret":"jbsw y3dp ehpk 3pxp","type":"Unknown","otp":{"account":"b","issuer":null}},
               {"name":"My A","secret":"JBSWY3DPEHPK3PXP","otp":{"account":null,"issuer":"A"}}"#,
        );
        assert_eq!(
            list.entries,
            [Entry::new("A", "b", Otp::totp(secret())), Entry::new("A", "", Otp::totp(secret()))]
        );
        assert_eq!(list.assumed, [Assumed::Algorithm, Assumed::Digits, Assumed::Period]);
    }

    #[test]
    fn the_title_stands_for_an_issuer_that_is_missing() {
        let one = |otp: &str| {
            let list = services(4, &format!(r#"{{"name":"T","secret":"JBSWY3DPEHPK3PXP","otp":{otp}}}"#));
            (list.entries[0].issuer.clone(), list.entries[0].account.clone())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(one(r#"{"account":"T"}"#), pair("T", "T"));
        assert_eq!(one(r#"{"account":"T","issuer":""}"#), pair("", "T"));
        assert_eq!(one(r#"{"account":"u","issuer":" "}"#), pair("T", "u"));
        assert_eq!(one(r#"{"account":"u","issuer":"I"}"#), pair("I", "u"));
    }

    #[test]
    fn what_makes_no_code_is_refused_and_the_link_is_not_read() {
        let list = services(
            4,
            r#"{"name":"a","secret":"","otp":{"link":"otpauth://totp/a?secret=[hidden]"}},
               {"name":"b","secret":"JBSWY3DPEHPK3PXP","otp":{"algorithm":"SHA224"}},
               {"name":"c","secret":"JBSWY3DPEHPK3PXP","otp":{"digits":11}},
               {"name":"d","secret":"JBSWY3DPEHPK3PXP","otp":{"tokenType":"NEW"}},
               {"name":"e","secret":"[hidden]","otp":{}},
               {"name":"f","secret":"JBSWY3DPEHPK3PXP"},
               7,
               {"name":"g","secret":"JBSWY3DPEHPK3PXP","otp":{"digits":null,"period":null,"algorithm":null,"counter":null,"tokenType":null}}"#,
        );
        let problems: Vec<Problem> = list.refused.iter().map(|refused| refused.problem.clone()).collect();
        let wanted = [
            Problem::Missing("secret"),
            Problem::Algorithm("SHA224".to_owned()),
            Problem::Range(RangeError::Digits(11)),
            Problem::Kind("NEW".to_owned()),
            Problem::Secret(SecretError::NotBase32 { found: '[', at: 1 }),
            Problem::Missing("otp"),
            Problem::Field("entry", "an object"),
        ];
        assert_eq!(problems, wanted);
        assert_eq!(list.entries, [Entry::new("g", "", Otp::totp(secret()))]);
    }

    #[test]
    fn a_file_that_is_newer_or_garbled_says_so() {
        assert_eq!(read(r#"{"schemaVersion":5,"services":[]}"#), Err(ImportError::Newer(5)));
        let damaged = |text| matches!(read(text), Err(ImportError::Damaged(_)));
        assert!(damaged(r#"{"schemaVersion":-1,"services":[]}"#));
        let sealed = |text: &str| {
            let text = format!(r#"{{"schemaVersion":4,"servicesEncrypted":"{text}"}}"#);
            let file = File::new(text.as_bytes()).unwrap();
            assert!(Twofas.recognizes(&file) == Likeness::Yes);
            Twofas.read(&file, Some("x"))
        };
        for text in ["x", "AA==:AA==", "AA==::AA==", "AA==:AA==:AA==", "*:AA==:AAAAAAAAAAAAAAAA"] {
            assert!(matches!(sealed(text), Err(ImportError::Damaged(_))), "{text}");
        }
        assert_eq!(sealed("AA==:AA==:AAAAAAAAAAAAAAAA"), Err(ImportError::WrongPassword));
    }
}
