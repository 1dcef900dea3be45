//! `OTPClient` for Linux: its encrypted database, of versions 1 to 3, and its list in JSON when it is exported plain.
//!
//! Version 3 has a header of 73 bytes, its numbers with the highest byte first. The header of version 2 is a
//! structure of C as it lay in memory, 76 bytes with three of padding, the lowest byte first. Version 1 has no mark
//! at all, only nonce and salt. In all of them the header is authenticated, and the nonce has 16 bytes.
//!
//! Versions 1 and 2 were once written with a password that was cut to as many *bytes* as it has *characters*.

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::parts::{Parts, base32, read_all};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};

/// What a database begins with, but for that of version 1.
const MAGIC: &[u8] = b"OTPClient";

/// How long the headers are.
const HEADER_1: usize = NONCE + SALT;
const HEADER_2: usize = 76;
const HEADER_3: usize = 73;
const NONCE: usize = 16;
const SALT: usize = 32;
const TAG: usize = 16;

/// What version 1 derives its key with.
const ROUNDS: u64 = 100_000;

pub(super) struct Otpclient;

impl Importer for Otpclient {
    fn name(&self) -> &'static str {
        "otpclient"
    }

    fn title(&self) -> &'static str {
        "OTPClient"
    }

    fn source(&self) -> &'static str {
        "the database of OTPClient, usually `NewDatabase.enc`"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        (file.begins(MAGIC) || file.is_list_with(&["algo", "label", "secret", "type"])).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let bytes = file.bytes();
        if let Some(rest) = bytes.strip_prefix(MAGIC) {
            let password = || password.ok_or(ImportError::PasswordNeeded);
            // Of version 2 these bytes are padding and the beginning of its number.
            let plain = if rest.starts_with(&[0, 0, 0, 3]) {
                open_argon(bytes, HEADER_3, [13, 29, 61], u32::from_be_bytes, &[password()?.as_bytes()])?
            } else {
                let number = bytes.get(12..16).and_then(|number| number.try_into().ok());
                match number.map(u32::from_le_bytes) {
                    Some(2) => {}
                    Some(other) => return Err(ImportError::Newer(other.into())),
                    None => return Err(short()),
                }
                let password = password()?;
                let spellings = [password.as_bytes(), cut(password)];
                let spellings = if password.is_ascii() { &spellings[..1] } else { &spellings[..] };
                open_argon(bytes, HEADER_2, [16, 32, 64], u32::from_le_bytes, spellings)?
            };
            return read_list(cipher::text(&plain)?);
        }
        match file.text() {
            Some(text) => read_list(text),
            None => read_first_version(bytes, password.ok_or(ImportError::PasswordNeeded)?),
        }
    }
}

/// Returns so many bytes of a password as it has characters.
fn cut(password: &str) -> &[u8] {
    &password.as_bytes()[..password.chars().count()]
}

fn short() -> ImportError {
    ImportError::Damaged("it ends in the middle of its header".to_owned())
}

/// Opens version 2 or 3; `at` says where nonce, salt and the three numbers stand.
fn open_argon(
    bytes: &[u8],
    header: usize,
    at: [usize; 3],
    number: fn([u8; 4]) -> u32,
    passwords: &[&[u8]],
) -> Result<cipher::Bytes, ImportError> {
    let (header, sealed) = bytes.split_at_checked(header).ok_or_else(short)?;
    let part = |from: usize, length: usize| header.get(from..from + length).ok_or_else(short);
    let (nonce, salt) = (part(at[0], NONCE)?, part(at[1], SALT)?);
    let value = |index: usize| -> Result<u64, ImportError> {
        let bytes = part(at[2] + 4 * index, 4)?;
        Ok(number(bytes.try_into().map_err(|_| short())?).into())
    };
    let cost = cipher::Argon2Cost { passes: value(0)?, memory: value(1)?, lanes: value(2)? };
    let mut failure = ImportError::WrongPassword;
    for password in passwords {
        let key = cipher::argon2id_of(password, salt, cost)?;
        match cipher::open_gcm(&key, nonce, header, sealed) {
            Ok(plain) => return Ok(plain),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Reads a database of version 1, which nothing tells from noise but that it opens.
pub(super) fn read_first_version(bytes: &[u8], password: &str) -> Result<Imported, ImportError> {
    let (header, sealed) = bytes.split_at_checked(HEADER_1).ok_or_else(short)?;
    if sealed.len() < TAG {
        return Err(short());
    }
    let (nonce, salt) = header.split_at_checked(NONCE).ok_or_else(short)?;
    let mut failure = ImportError::WrongPassword;
    let spellings = [cut(password), password.as_bytes()];
    for password in if password.is_ascii() { &spellings[..1] } else { &spellings[..] } {
        let key = cipher::pbkdf2_of(cipher::Hash::Sha512, password, salt, ROUNDS, cipher::KEY)?;
        match cipher::open_gcm(&key, nonce, header, sealed) {
            Ok(plain) => return read_list(cipher::text(&plain)?),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn read_list(text: &str) -> Result<Imported, ImportError> {
    let list = Value::read(text)?.list();
    let list = list.ok_or_else(|| ImportError::Damaged("it is JSON, but no list".to_owned()))?;
    Ok(read_all(list, ["issuer", "label"], read_token))
}

fn read_token(token: &Object<'_>) -> Result<Entry, Problem> {
    let (kind, issuer) = (token.text("type")?, token.words("issuer"));
    // The app has no other way to say so.
    let is_steam = kind.eq_ignore_ascii_case("totp") && issuer.trim().eq_ignore_ascii_case("steam");
    let parts = Parts {
        kind: if is_steam { "steam" } else { &kind },
        secret: base32(&token.required("secret")?)?,
        algorithm: &token.text("algo")?,
        digits: token.number("digits")?,
        period: token.number("period")?,
        counter: token.number("counter")?,
        pin: "",
    };
    let entry = Entry::new(&issuer, &token.words("label"), parts.otp()?);
    Ok(entry.in_group(&token.words("group")))
}

#[cfg(test)]
mod tests {
    use aes::Aes256;
    use aes_gcm::aead::consts::U16;
    use aes_gcm::aead::{Aead, KeyInit, Payload};
    use aes_gcm::{AesGcm, Nonce};

    use super::*;
    use crate::otp::{Kind, Otp};

    const LIST: &str = r#"[
        {"type":"TOTP","label":"Mason","issuer":"Deno","secret":"JBSWY3DPEHPK3PXP","digits":6,"algo":"SHA1","period":30,"counter":0,"group":"Work"},
        {"type":"HOTP","label":"h","issuer":"H","secret":"JBSWY3DPEHPK3PXP","digits":8,"algo":"SHA256","counter":4},
        {"type":"TOTP","label":"gabe","issuer":"STEAM","secret":"JBSWY3DPEHPK3PXP","digits":5,"algo":"SHA1","period":30}]"#;

    fn read(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
        Otpclient.read(&File::new(bytes)?, password)
    }

    fn sealed(header: &[u8], nonce: [u8; NONCE], key: &[u8]) -> Vec<u8> {
        let cipher = AesGcm::<Aes256, U16>::new_from_slice(key).unwrap();
        let payload = Payload { msg: LIST.as_bytes(), aad: header };
        let sealed = cipher.encrypt(&Nonce::<U16>::from(nonce), payload).unwrap();
        [header, &sealed].concat()
    }

    fn database(version: u32, memory: u32, password: &[u8]) -> Vec<u8> {
        let (nonce, salt) = ([1; NONCE], [2; SALT]);
        let numbers = [1, memory, 2];
        let mut header = MAGIC.to_vec();
        if version == 2 {
            header.extend([0; 3]);
            header.extend(version.to_le_bytes());
        } else {
            header.extend(version.to_be_bytes());
        }
        header.extend(nonce);
        header.extend(salt);
        for number in numbers {
            header.extend(if version == 2 { u32::to_le_bytes(number) } else { u32::to_be_bytes(number) });
        }
        let cost = cipher::Argon2Cost { passes: 1, memory: memory.min(64).into(), lanes: 2 };
        sealed(&header, nonce, &cipher::argon2id_of(password, &salt, cost).unwrap())
    }

    fn first_version(password: &[u8]) -> Vec<u8> {
        let header = [[1; NONCE].as_slice(), &[2; SALT]].concat();
        let key = cipher::pbkdf2_of(cipher::Hash::Sha512, password, &[2; SALT], ROUNDS, cipher::KEY).unwrap();
        sealed(&header, [1; NONCE], &key)
    }

    #[test]
    fn every_version_gives_the_same() {
        let plain = read(LIST.as_bytes(), None).unwrap();
        assert_eq!(Otpclient.recognizes(&File::new(LIST.as_bytes()).unwrap()), Likeness::Yes);
        let secret = || crate::otp::Secret::from_base32("JBSWY3DPEHPK3PXP").unwrap();
        assert_eq!(plain.entries[0], Entry::new("Deno", "Mason", Otp::totp(secret())).in_group("Work"));
        assert_eq!(plain.entries[1].otp.kind, Kind::Hotp { counter: 4 });
        assert_eq!(plain.entries[2].otp, Otp::steam(secret()));
        for file in [database(3, 64, b"pw"), database(2, 64, b"pw"), first_version(b"pw")] {
            assert_eq!(read(&file, Some("pw")).unwrap(), plain);
            assert_eq!(read(&file, Some("other")), Err(ImportError::WrongPassword));
            assert_eq!(read(&file, None), Err(ImportError::PasswordNeeded));
            for end in [9, 12, 15, 16, 40, 72, 75, 80] {
                assert!(read(&file[..end], Some("pw")).is_err(), "{end}");
            }
        }
        let without_mark = crate::exchange::formats::andotp::Andotp
            .read(&File::new(&first_version(b"pw")).unwrap(), Some("pw"));
        assert_eq!(without_mark.unwrap(), plain);
    }

    #[test]
    fn a_password_that_was_cut_short_opens_what_it_sealed() {
        let password = "pässwörd";
        for file in [
            database(2, 64, cut(password)),
            database(2, 64, password.as_bytes()),
            first_version(cut(password)),
            database(3, 64, password.as_bytes()),
        ] {
            assert_eq!(read(&file, Some(password)).unwrap().entries.len(), 3);
        }
    }

    #[test]
    fn what_asks_for_too_much_is_not_run() {
        for version in [2, 3] {
            let file = database(version, u32::MAX, b"pw");
            assert!(matches!(read(&file, Some("pw")), Err(ImportError::Costly { .. })));
        }
        assert_eq!(read(&[MAGIC, &[0, 0, 0, 4, 0, 0, 0, 0]].concat(), None), Err(ImportError::Newer(4)));
    }
}
