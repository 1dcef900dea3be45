//! Stratum, once Authenticator Pro: its backups (`.stratum`, `.authpro`), plain, encrypted, and encrypted in the
//! old way, which has no tag.
//!
//! An account is in its categories by its secret, which is also what the app tells accounts apart by: of two with
//! the same secret it keeps one.

use std::collections::BTreeMap;
use std::fmt::Write;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use zeroize::Zeroizing;

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{Object, Value, quoted};
use crate::exchange::parts::{Parts, base32, misfit, read_all};
use crate::exchange::{
    Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection, Random,
};
use crate::otp::{Algorithm, Kind, Secret};
use crate::vault::Account;

/// What an encrypted file begins with, and one of the old way.
const STRONG: &[u8] = b"AUTHENTICATORPRO";
const LEGACY: &[u8] = b"AuthenticatorPro";

/// What a key is derived with, and in the old way.
const COST: cipher::Argon2Cost = cipher::Argon2Cost { memory: 65_536, passes: 3, lanes: 4 };
const ROUNDS: u64 = 64_000;

pub(super) struct Stratum;

impl Importer for Stratum {
    fn name(&self) -> &'static str {
        "stratum"
    }

    fn title(&self) -> &'static str {
        "Stratum (Authenticator Pro)"
    }

    fn source(&self) -> &'static str {
        "in Stratum: menu, Backup, Backup to file"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        (file.begins(STRONG) || file.begins(LEGACY) || file.is_object_with(&["Authenticators"])).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let password = || password.ok_or(ImportError::PasswordNeeded);
        if let Some(rest) = file.bytes().strip_prefix(STRONG) {
            let (salt, rest) = rest.split_at_checked(16).ok_or_else(short)?;
            let (nonce, sealed) = rest.split_at_checked(12).ok_or_else(short)?;
            let key = cipher::argon2id(password()?, salt, COST)?;
            let plain = cipher::open_gcm(&key, nonce, b"", sealed)?;
            return read_backup(cipher::text(&plain)?);
        }
        if let Some(rest) = file.bytes().strip_prefix(LEGACY) {
            let (salt, rest) = rest.split_at_checked(20).ok_or_else(short)?;
            let (iv, sealed) = rest.split_at_checked(16).ok_or_else(short)?;
            let key = cipher::pbkdf2(cipher::Hash::Sha1, password()?, salt, ROUNDS, cipher::KEY)?;
            let plain = cipher::open_cbc(&key, iv, sealed)?;
            // Without a tag, what is no backup was opened with a wrong password.
            return read_backup(cipher::text(&plain)?).map_err(|_| ImportError::WrongPassword);
        }
        read_backup(file.promised_text()?)
    }
}

fn short() -> ImportError {
    ImportError::Damaged("it ends in the middle of its header".to_owned())
}

fn read_backup(text: &str) -> Result<Imported, ImportError> {
    let backup = Object::read(text)?;
    let objects = |name| backup.list(name).into_iter().filter_map(Value::object);
    let names: BTreeMap<String, String> =
        objects("Categories").map(|category| (category.words("Id"), category.words("Name"))).collect();
    // By the hash of the secret, so that no more copies of it lie about.
    let hash = |secret: &str| cipher::sha256(&[secret.as_bytes()]).to_vec();
    let mut groups: BTreeMap<Vec<u8>, Vec<String>> = BTreeMap::new();
    for link in objects("AuthenticatorCategories") {
        if let (Ok(secret), id) = (link.text("AuthenticatorSecret"), link.words("CategoryId")) {
            groups.entry(hash(&secret)).or_default().push(names.get(&id).cloned().unwrap_or(id));
        }
    }
    let rows = backup.promised("Authenticators")?;
    Ok(read_all(rows, ["Issuer", "Username"], |row| {
        let mut entry = read_row(row)?;
        for group in
            row.text("Secret").ok().and_then(|secret| groups.get(&hash(&secret))).into_iter().flatten()
        {
            entry = entry.in_group(group);
        }
        Ok(entry)
    }))
}

fn read_row(row: &Object<'_>) -> Result<Entry, Problem> {
    let kind = match row.number("Type")?.ok_or(Problem::Missing("Type"))? {
        1 => "hotp",
        2 => "totp",
        3 => "motp",
        4 => "steam",
        5 => "yandex",
        other => return Err(Problem::Kind(other.to_string())),
    };
    let written = row.required("Secret")?;
    let parts = Parts {
        kind,
        secret: if kind == "motp" { Secret::from_hex(written.trim())? } else { base32(&written)? },
        algorithm: match row.number("Algorithm")?.unwrap_or(0) {
            0 => "SHA1",
            1 => "SHA256",
            2 => "SHA512",
            _ => return Err(Problem::Field("Algorithm", "SHA1, SHA256 or SHA512")),
        },
        digits: row.number("Digits")?,
        period: row.number("Period")?,
        counter: row.number("Counter")?,
        pin: &row.text("Pin")?,
    };
    let mut entry = Entry::new(&row.words("Issuer"), &row.words("Username"), parts.otp()?);
    entry.uses = row.number("CopyCount").ok().flatten().unwrap_or(0);
    Ok(entry)
}

impl Exporter for Stratum {
    fn name(&self) -> &'static str {
        "stratum"
    }

    fn title(&self) -> &'static str {
        "Stratum, encrypted"
    }

    fn extension(&self) -> &'static str {
        "stratum"
    }

    fn protection(&self) -> Protection {
        Protection::Password
    }

    fn fits(&self, account: &Account) -> Fit {
        let otp = &account.otp;
        let is_short = otp.digits.get() < 6 && matches!(otp.kind, Kind::Hotp { .. } | Kind::Totp { .. });
        match otp.kind {
            _ if account.issuer.trim().is_empty() => Fit::Not("an account without an issuer"),
            Kind::Hotp { counter } if i64::try_from(counter).is_err() => Fit::Not("a counter beyond 2^63"),
            _ if is_short => Fit::Not("digits other than 6 to 10"),
            _ => misfit(otp).map_or_else(|| Fit::losing(account, &["note", "pin"]), Fit::Not),
        }
    }

    fn write(&self, accounts: &[&Account], password: Option<&str>, random: Random<'_>) -> Zeroizing<Vec<u8>> {
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        random(&mut salt);
        random(&mut nonce);
        let key = cipher::argon2id(password.unwrap_or_default(), &salt, COST)
            .expect("the parameters are fixed and within bounds");
        let sealed = cipher::seal_gcm(&key, &nonce, b"", backup(accounts).as_bytes());
        Zeroizing::new([STRONG, &salt, &nonce, &sealed].concat())
    }
}

/// Writes a backup.
fn backup(accounts: &[&Account]) -> Zeroizing<String> {
    const TAKES: &str = "a string takes whatever is written to it";
    let mut groups: Vec<&str> = accounts.iter().map(|account| account.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.retain(|group| !group.is_empty());
    // Room for all of it from the start: a string that grows would leave copies of secrets behind.
    let names = |account: &&Account| account.issuer.len() + account.account.len() + account.group.len();
    let room: usize = accounts.iter().map(|account| 8192 + 24 * names(account)).sum();
    let mut file = Zeroizing::new(String::with_capacity(room + 1024));
    let mut links = Zeroizing::new(String::with_capacity(room + 1024));
    file.push_str(r#"{"Authenticators":["#);
    for (index, account) in accounts.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let (secret, row) = row(account, index);
        write!(file, "{comma}{}", *row).expect(TAKES);
        if let Ok(group) = groups.binary_search(&account.group.as_str()) {
            let comma = if links.is_empty() { "" } else { "," };
            write!(
                links,
                r#"{comma}{{"CategoryId":"{group:08x}","AuthenticatorSecret":"{}","Ranking":{index}}}"#,
                *secret,
            )
            .expect(TAKES);
        }
    }
    file.push_str(r#"],"Categories":["#);
    for (index, name) in groups.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        write!(file, r#"{comma}{{"Id":"{index:08x}","Name":{},"Ranking":{index}}}"#, *quoted(name))
            .expect(TAKES);
    }
    write!(file, r#"],"AuthenticatorCategories":[{}],"CustomIcons":[]}}"#, *links).expect(TAKES);
    file
}

/// Writes an account; returns its secret, too, as it is written there.
fn row(account: &Account, index: usize) -> (Zeroizing<String>, Zeroizing<String>) {
    let otp = &account.otp;
    let text = |pin: &Secret| quoted(&String::from_utf8_lossy(pin.bytes()));
    let none = || Zeroizing::new("null".to_owned());
    let (kind, pin, counter) = match &otp.kind {
        Kind::Hotp { counter } => (1, none(), *counter),
        Kind::Motp { pin } => (3, text(pin), 0),
        Kind::Steam => (4, none(), 0),
        Kind::Totp { .. } => (2, none(), 0),
        Kind::Yandex { pin } => (5, text(pin), 0),
    };
    let secret = Zeroizing::new(match otp.kind {
        Kind::Motp { .. } => HEXLOWER.encode(otp.secret.bytes()),
        _ => BASE32_NOPAD.encode(otp.secret.bytes()),
    });
    let row = format!(
        concat!(
            r#"{{"Type":{},"Icon":null,"Issuer":{},"Username":{},"Secret":"{}","Pin":{},"Algorithm":{},"#,
            r#""Digits":{},"Period":{},"Counter":{},"CopyCount":0,"Ranking":{}}}"#,
        ),
        kind,
        *quoted(&account.issuer),
        *quoted(&account.account),
        *secret,
        *pin,
        match otp.algorithm {
            Algorithm::Sha1 => 0,
            Algorithm::Sha256 => 1,
            Algorithm::Sha512 => 2,
        },
        otp.length(),
        otp.period().unwrap_or_default().seconds(),
        counter,
        index,
    );
    (secret, Zeroizing::new(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Otp, RangeError};

    fn read(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
        Stratum.read(&File::new(bytes)?, password)
    }

    #[test]
    fn all_kinds_are_read_and_categories_go_by_the_secret() {
        let list = read(
            br#"{"Authenticators":[
                {"Type":3,"Issuer":"m","Username":null,"Secret":"E3152AFEE62599C8","Pin":"1234","Algorithm":0,"Digits":6,"Period":10,"Counter":0},
                {"Type":5,"Issuer":"y","Username":"u","Secret":"LA2V6KMCGYMWWVEW64RNP3JA3IAAAAAAHTSG4HRZPI","Pin":"7586","Algorithm":1,"Digits":8,"Period":30},
                {"Type":4,"Issuer":"s","Username":"u","Secret":"JBSWY3DPEHPK3PXP","Algorithm":0,"Digits":5,"Period":30,"CopyCount":9},
                {"Type":3,"Issuer":"n","Username":null,"Secret":"e3152afee62599c8","Pin":null},
                {"Type":6,"Issuer":"n","Secret":"JBSWY3DPEHPK3PXP"},
                {"Type":2,"Issuer":"n","Secret":"JBSWY3DPEHPK3PXQ","Algorithm":3},
                {"Type":2,"Issuer":"n","Secret":"JBSWY3DPEHPK3PXQ","Digits":0}],
              "Categories":[{"Id":"1","Name":"Work"}],
              "AuthenticatorCategories":[{"CategoryId":"1","AuthenticatorSecret":"JBSWY3DPEHPK3PXP"},{"CategoryId":"2","AuthenticatorSecret":"JBSWY3DPEHPK3PXP"}]}"#,
            None,
        )
        .unwrap();
        let pin = |text: &str| Secret::from_bytes(text.as_bytes()).unwrap();
        let secret = |text| Secret::from_base32(text).unwrap();
        assert_eq!(
            list.entries[0].otp,
            Otp::motp(Secret::from_hex("e3152afee62599c8").unwrap(), pin("1234"))
        );
        assert_eq!(list.entries[1].otp, Otp::yandex(secret("LA2V6KMCGYMWWVEW64RNP3JA3I"), pin("7586")));
        assert_eq!(list.entries[2].otp, Otp::steam(secret("JBSWY3DPEHPK3PXP")));
        assert_eq!(
            (list.entries[2].groups.as_slice(), list.entries[2].uses),
            (["Work".to_owned(), "2".to_owned()].as_slice(), 9)
        );
        let problems: Vec<Problem> = list.refused.into_iter().map(|refused| refused.problem).collect();
        let wanted = [
            Problem::PinMissing,
            Problem::Kind("6".to_owned()),
            Problem::Field("Algorithm", "SHA1, SHA256 or SHA512"),
            Problem::Range(RangeError::Digits(0)),
        ];
        assert_eq!(problems, wanted);
    }

    #[test]
    fn a_header_that_is_cut_off_says_so() {
        for magic in [STRONG, LEGACY] {
            for length in [0, 15, 16, 27, 35] {
                let bytes = [magic, &vec![7; length]].concat();
                assert!(read(&bytes, Some("x")).is_err(), "{length}");
                assert!(read(&bytes, None).is_err(), "{length}");
            }
        }
    }
}
