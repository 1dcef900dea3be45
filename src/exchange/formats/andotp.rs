//! andOTP: plain backups (`otp_accounts.json`) and encrypted ones (`.json.aes`), in the new way and the old.
//!
//! The app was given up in 2022; its files live on. An encrypted one has no mark at all, so it is only a guess that
//! a file is one: the new way has a plausible number of rounds in front. The first versions of `OTPClient` have no
//! mark either, so what opens in none of the two ways is tried as one of those.

use super::otpclient;
use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::parts::{Parts, base32, read_all};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// How many rounds the new way may say it has; the app takes 140,000 to 160,000.
const ROUNDS: std::ops::RangeInclusive<u32> = 1_000..=1_000_000;

/// The least bytes of an encrypted file: a nonce, a tag, and something between.
const LEAST: usize = 12 + 16 + 1;

/// The size of a page of a database.
const PAGE: usize = 1024;

/// What the files of others begin with that are no text either.
const OTHERS: &[&[u8]] = &[
    b"\x03\xd9\xa2\x9a",
    b"\x1f\x8b",
    b"\x7fELF",
    b"AUTHENTICATORPRO",
    b"AuthenticatorPro",
    b"BZh",
    b"MZ",
    b"OTPClient",
    b"PK",
    b"SQLite format 3\0",
    b"Salted__",
    b"\xac\xed\x00\x05",
    b"age-encryption.org/",
    b"bplist00",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
];

pub(super) struct Andotp;

impl Importer for Andotp {
    fn name(&self) -> &'static str {
        "andotp"
    }

    fn title(&self) -> &'static str {
        "andOTP"
    }

    fn source(&self) -> &'static str {
        "in andOTP: Backup, plain or password-protected"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        if file.text().is_some() {
            // These are names of OTPClient, cotp and Raivo.
            let is_others = ["algo", "pin", "kind"].iter().any(|name| file.is_list_with(&[name]));
            return (file.is_list_with(&["label", "secret"]) && !is_others).into();
        }
        if is_sealed(file) { Likeness::Perhaps } else { Likeness::No }
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if let Some(text) = file.text() {
            return read_list(text);
        }
        let password = password.ok_or(ImportError::PasswordNeeded)?;
        match open(file.bytes(), password) {
            Err(ImportError::WrongPassword) => {
                otpclient::read_first_version(file.bytes(), password).map_err(|_| ImportError::WrongPassword)
            }
            opened => read_list(cipher::text(&opened?)?),
        }
    }
}

/// Says whether a file could be encrypted in this way: it has no mark, and the look of noise.
fn is_sealed(file: &File<'_>) -> bool {
    let bytes = file.bytes();
    let zeros = memchr::memchr_iter(0, bytes).count();
    // Noise in whole pages is an encrypted database.
    bytes.len() >= LEAST
        && !bytes.len().is_multiple_of(PAGE)
        && zeros <= bytes.len() / 16 + 4
        && !OTHERS.iter().any(|magic| file.begins(magic))
        && !crate::exchange::picture::is_picture(bytes)
}

fn open(bytes: &[u8], password: &str) -> Result<cipher::Bytes, ImportError> {
    let short = || ImportError::Damaged("it is too short".to_owned());
    if bytes.len() < LEAST {
        return Err(short());
    }
    if let Some((rounds, rest)) = bytes.split_first_chunk::<4>()
        && let (Some((salt, rest)), rounds) = (rest.split_at_checked(12), u32::from_be_bytes(*rounds))
        && let Some((nonce, sealed)) = rest.split_at_checked(12)
        && ROUNDS.contains(&rounds)
    {
        let key = cipher::pbkdf2(cipher::Hash::Sha1, password, salt, rounds.into(), cipher::KEY)?;
        match cipher::open_gcm(&key, nonce, b"", sealed) {
            Err(ImportError::WrongPassword) => {}
            opened => return opened,
        }
    }
    let (nonce, sealed) = bytes.split_at_checked(12).ok_or_else(short)?;
    cipher::open_gcm(&cipher::sha256(&[password.as_bytes()]), nonce, b"", sealed)
}

fn read_list(text: &str) -> Result<Imported, ImportError> {
    let list = Value::read(text)?.list();
    let list = list.ok_or_else(|| ImportError::Damaged("it is JSON, but no list".to_owned()))?;
    Ok(read_all(list, ["issuer", "label"], read_entry))
}

fn read_entry(entry: &Object<'_>) -> Result<Entry, Problem> {
    let kind = entry.text("type")?;
    let written = entry.required("secret")?;
    let mut secret = base32(&written)?;
    if kind.eq_ignore_ascii_case("motp") {
        // What is in base32 here is the text that is typed, and that is hexadecimal.
        let text =
            std::str::from_utf8(secret.bytes()).map_err(|_| Problem::Field("secret", "hexadecimal"))?;
        secret = Secret::from_hex(text.trim())?;
    }
    let parts = Parts {
        kind: &kind,
        secret,
        algorithm: &entry.text("algorithm")?,
        digits: entry.number("digits")?,
        period: entry.number("period")?,
        counter: entry.number("counter")?,
        pin: "",
    };
    let otp = parts.otp()?;
    let label = entry.words("label");
    let mut read = if entry.get("issuer").is_some() {
        // A link without an issuer came in with its colon.
        Entry::new(&entry.words("issuer"), label.strip_prefix(':').unwrap_or(&label), otp)
    } else {
        // Old files have both in one.
        let (issuer, account) =
            label.split_once(" - ").or_else(|| label.split_once(':')).unwrap_or(("", &label));
        Entry::new(issuer, account, otp)
    };
    for tag in entry.list("tags") {
        read = read.in_group(&tag.text().unwrap_or_default());
    }
    read.uses = entry.number("used_frequency").ok().flatten().unwrap_or(0);
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Kind, Otp};

    fn read(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
        Andotp.read(&File::new(bytes)?, password)
    }

    fn secret() -> Secret {
        Secret::from_base32("JBSWY3DPEHPK3PXP").unwrap()
    }

    #[test]
    fn old_files_have_issuer_and_account_in_one() {
        let list = br#"[
            {"secret":"JBSWY3DPEHPK3PXP","label":"A - b","digits":6,"period":30},
            {"secret":"JBSWY3DPEHPK3PXP","label":"A:b","type":"TOTP"},
            {"secret":"JBSWY3DPEHPK3PXP","label":"A - b","issuer":""},
            {"secret":"JBSWY3DPEHPK3PXP","label":":b","issuer":""},
            {"secret":"JBSWY3DPEHPK3PXP","label":"b","issuer":null}]"#;
        assert_eq!(Andotp.recognizes(&File::new(list).unwrap()), Likeness::Yes);
        let entry = |issuer, account| Entry::new(issuer, account, Otp::totp(secret()));
        let wanted = [entry("A", "b"), entry("A", "b"), entry("", "A - b"), entry("", "b"), entry("", "b")];
        assert_eq!(read(list, None).unwrap().entries, wanted);
    }

    #[test]
    fn the_secret_of_mobile_otp_is_text_and_its_pin_is_not_there() {
        let text = data_encoding::BASE32_NOPAD.encode(b"e3152afee62599c8");
        let list = format!(
            r#"[{{"secret":"{text}","label":"m","type":"MOTP"}},{{"secret":"JBSWY3DPEHPK3PXP","label":"s","type":"STEAM","digits":6,"tags":["a","b"],"used_frequency":3}}]"#
        );
        let list = read(list.as_bytes(), None).unwrap();
        assert_eq!(list.refused[0].problem, Problem::PinMissing);
        assert_eq!(list.entries[0].otp, Otp::steam(secret()));
        assert_eq!((list.entries[0].uses, list.entries[0].groups.len()), (3, 2));
    }

    #[test]
    fn a_counter_is_taken_as_it_is() {
        let list = br#"[{"secret":"JBSWY3DPEHPK3PXP","label":"m","type":"HOTP","counter":5,"digits":"8"}]"#;
        assert_eq!(read(list, None).unwrap().entries[0].otp.kind, Kind::Hotp { counter: 5 });
    }

    #[test]
    fn what_has_no_mark_is_only_perhaps_one() {
        let noise: Vec<u8> =
            (0..200_u32).map(|n| (n * 151 + 7 + n * n * 13).to_le_bytes()[0] | 0x80).collect();
        let likeness = |bytes: &[u8]| Andotp.recognizes(&File::new(bytes).unwrap());
        assert_eq!(likeness(&noise), Likeness::Perhaps);
        assert_eq!(likeness(&noise[..28]), Likeness::No);
        assert_eq!(likeness(&[b"SQLite format 3\0", &noise[..]].concat()), Likeness::No);
        assert_eq!(likeness(&[b"\x00\xff\xfe", &[0; 100][..]].concat()), Likeness::No);
        assert_eq!(read(&noise, Some("x")), Err(ImportError::WrongPassword));
    }

    #[test]
    fn rounds_beyond_reason_are_not_run() {
        let mut bytes = vec![0xff; 100];
        bytes[40] = 1;
        assert_eq!(read(&bytes, Some("x")), Err(ImportError::WrongPassword));
    }
}
