//! cotp, the terminal program: its encrypted database (`db.cotp`), and what it exports as JSON.
//!
//! The database is an object that holds another, sealed; the export is the inner one, or, of old versions, only its
//! list. Its exports of links are read by `otpauth`.

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{self, Object, Value};
use crate::exchange::parts::{Parts, base32, read_all};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// The newest layouts that are known: of the shell, and of what is in it.
const NEWEST_SHELL: u64 = 1;
const NEWEST: u64 = 2;

/// What the key is derived with; it does not stand in the file.
const COST: cipher::Argon2Cost = cipher::Argon2Cost { memory: 32_768, passes: 4, lanes: 4 };

pub(super) struct Cotp;

impl Importer for Cotp {
    fn name(&self) -> &'static str {
        "cotp"
    }

    fn title(&self) -> &'static str {
        "cotp"
    }

    fn source(&self) -> &'static str {
        "the file `db.cotp`, or what `cotp export` writes"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let is_database = file.is_object_with(&["cipher", "nonce", "salt"]);
        let is_export = file.is_object_with(&["elements"]);
        let is_old = file.is_list_with(&["label", "pin", "secret"]);
        (is_database || is_export || is_old).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let value = Value::read(file.promised_text()?)?;
        if let Some(list) = value.list() {
            return Ok(read_all(list, ["issuer", "label"], read_element));
        }
        let shell = value.object().ok_or_else(|| json::garbled("elements"))?;
        if !shell.has("cipher") {
            return read_elements(&shell);
        }
        known(&shell, NEWEST_SHELL)?;
        let (salt, nonce) = (shell.header_base64("salt")?, shell.header_base64("nonce")?);
        let sealed = shell.header_base64("cipher")?;
        let key = cipher::argon2id(password.ok_or(ImportError::PasswordNeeded)?, &salt, COST)?;
        let plain = cipher::open_xchacha(&key, &nonce, &sealed)?;
        let value = Value::read(cipher::text(&plain)?)?;
        match value.list() {
            Some(list) => Ok(read_all(list, ["issuer", "label"], read_element)),
            None => read_elements(&value.object().ok_or_else(|| json::garbled("elements"))?),
        }
    }
}

fn known(object: &Object<'_>, newest: u64) -> Result<(), ImportError> {
    match object.number("version") {
        Ok(Some(version)) if version > newest => Err(ImportError::Newer(version)),
        Ok(_) => Ok(()),
        Err(_) => Err(json::garbled("version")),
    }
}

fn read_elements(database: &Object<'_>) -> Result<Imported, ImportError> {
    known(database, NEWEST)?;
    Ok(read_all(database.promised("elements")?, ["issuer", "label"], read_element))
}

fn read_element(element: &Object<'_>) -> Result<Entry, Problem> {
    let kind = element.text("type")?;
    let is_motp = kind.eq_ignore_ascii_case("motp");
    let written = element.required("secret")?;
    let parts = Parts {
        secret: if is_motp { Secret::from_hex(written.trim())? } else { base32(&written)? },
        algorithm: &element.text("algorithm")?,
        digits: element.number("digits")?,
        period: element.number("period")?,
        counter: element.number("counter")?,
        pin: &element.text("pin")?,
        kind: &kind,
    };
    Ok(Entry::new(&element.words("issuer"), &element.words("label"), parts.otp()?))
}

#[cfg(test)]
mod tests {
    use chacha20poly1305::aead::{Aead, KeyInit};
    use chacha20poly1305::{XChaCha20Poly1305, XNonce};
    use data_encoding::BASE64;

    use super::*;
    use crate::otp::{Kind, Otp};

    const INNER: &str = r#"{"version":2,"elements":[
        {"secret":"JBSWY3DPEHPK3PXP","issuer":"A","label":"b","digits":6,"type":"TOTP","algorithm":"SHA1","period":30,"counter":null,"pin":null},
        {"secret":"e3152afee62599c8","issuer":"M","label":"m","digits":6,"type":"MOTP","algorithm":"MD5","period":10,"counter":null,"pin":"1234"},
        {"secret":"JBSWY3DPEHPK3PXP","issuer":"H","label":"h","digits":8,"type":"Hotp","algorithm":"SHA256","period":30,"counter":7,"pin":null},
        {"secret":"JBSWY3DPEHPK3PXP","issuer":"X","label":"x","digits":6,"type":"TOTP","algorithm":"MD5","period":30}]}"#;

    fn read(text: &str, password: Option<&str>) -> Result<Imported, ImportError> {
        let file = File::new(text.as_bytes())?;
        assert_eq!(Cotp.recognizes(&file), Likeness::Yes);
        Cotp.read(&file, password)
    }

    fn sealed(inner: &str) -> String {
        let (salt, nonce) = ([1; 16], [2; 24]);
        let key = cipher::argon2id("correct horse", &salt, COST).unwrap();
        let cipher = XChaCha20Poly1305::new_from_slice(&key).unwrap();
        let sealed = cipher.encrypt(&XNonce::from(nonce), inner.as_bytes()).unwrap();
        format!(
            r#"{{"version":1,"nonce":"{}","salt":"{}","cipher":"{}"}}"#,
            BASE64.encode(&nonce),
            BASE64.encode(&salt),
            BASE64.encode(&sealed)
        )
    }

    #[test]
    fn exports_and_databases_give_the_same() {
        let plain = read(INNER, None).unwrap();
        assert_eq!(plain.entries.len(), 3);
        assert_eq!(
            plain.entries[0],
            Entry::new("A", "b", Otp::totp(Secret::from_base32("JBSWY3DPEHPK3PXP").unwrap()))
        );
        assert!(matches!(plain.entries[1].otp.kind, Kind::Motp { .. }));
        assert_eq!(plain.entries[2].otp.kind, Kind::Hotp { counter: 7 });
        assert_eq!(plain.refused[0].problem, Problem::Algorithm("MD5".to_owned()));
        let list = &INNER[INNER.find('[').unwrap()..INNER.len() - 1];
        assert_eq!(read(list, None).unwrap(), plain);
        let database = sealed(INNER);
        assert_eq!(read(&database, Some("correct horse")).unwrap(), plain);
        assert_eq!(read(&database, None), Err(ImportError::PasswordNeeded));
        assert_eq!(read(&database, Some("wrong")), Err(ImportError::WrongPassword));
        assert_eq!(read(&sealed(list), Some("correct horse")).unwrap(), plain);
    }

    #[test]
    fn what_is_newer_or_garbled_says_so() {
        assert_eq!(read(r#"{"version":3,"elements":[]}"#, None), Err(ImportError::Newer(3)));
        let shell = r#"{"version":1,"nonce":"AA==","salt":"AAAAAAAAAAAAAAAAAAAAAA==","cipher":"AA=="}"#;
        assert!(matches!(read(shell, Some("x")), Err(ImportError::Damaged(_))));
        assert!(matches!(read(r#"{"elements":7}"#, None), Err(ImportError::Damaged(_))));
    }
}
