//! TOTP Authenticator by `BinaryBoot`: its encrypted backup (`.encrypt`), and its settings from a rooted phone.
//!
//! The backup is Base64 of AES without a nonce and without a tag, under the bare hash of the password or, where
//! there is none, of one that all phones share. In it is an object with a single name, which is the list, as text.

use super::page::unescape_html;
use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{self, Object, Value};
use crate::exchange::parts::{Parts, base32, read_all};
use crate::exchange::{Assumed, Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// The password of those who chose none.
const SHARED: &str = "TotpAuthenticator";

/// The name of the list in the app's settings.
const SETTING: &str = "STATIC_TOTP_CODES_LIST";

/// The length of a block of AES.
const BLOCK: usize = 16;

/// The fewest characters of a file: one entry has more.
const LEAST: usize = 64;

/// The most: some fifty thousand entries.
const MOST: usize = 16 << 20;

pub(super) struct TotpAuthenticator;

impl Importer for TotpAuthenticator {
    fn name(&self) -> &'static str {
        "totp_authenticator"
    }

    fn title(&self) -> &'static str {
        "TOTP Authenticator"
    }

    fn source(&self) -> &'static str {
        "in TOTP Authenticator: Backup & Restore, Create a backup"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let (Some(text), Some(head)) = (file.text(), file.head()) else { return Likeness::No };
        if head.trim_start().starts_with('<') {
            return file.mentions(SETTING).into();
        }
        let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        let digits = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
        let is_base64 = (LEAST..=MOST).contains(&text.len())
            && head.bytes().all(|byte| byte.is_ascii_whitespace() || is_digit(byte))
            && digits.clone().all(is_digit);
        // So much of it as tells a length is enough: whole blocks.
        let is_blocks = || (digits.filter(|byte| *byte != b'=').count() * 3 / 4).is_multiple_of(BLOCK);
        if is_base64 && is_blocks() { Likeness::Perhaps } else { Likeness::No }
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let text = file.promised_text()?;
        if text.trim_start().starts_with('<') {
            let list = setting(text).ok_or_else(|| ImportError::Damaged(format!("no {SETTING} in it")))?;
            return read_list(&unescape_html(list));
        }
        let sealed = json::base64(text);
        let sealed = sealed.ok_or_else(|| ImportError::Damaged("it is not Base64".to_owned()))?;
        match password {
            Some(password) => open(&sealed, password),
            None => open(&sealed, SHARED).map_err(|_| ImportError::PasswordNeeded),
        }
    }
}

/// Returns the list in the settings, escaped as it stands there.
fn setting(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(&format!("\"{SETTING}\""))?;
    let (_, rest) = rest.split_once('>')?;
    rest.split_once("</").map(|(list, _)| list)
}

/// Opens a backup. Without a tag, what makes no sense was opened with a wrong password.
fn open(sealed: &[u8], password: &str) -> Result<Imported, ImportError> {
    let key = cipher::sha256(&[password.as_bytes()]);
    let plain = cipher::open_cbc(&key, &[0; BLOCK], sealed)?;
    let wrong = |_| ImportError::WrongPassword;
    let shell = Object::read(cipher::text(&plain)?).map_err(wrong)?;
    let (list, _) = shell.fields().next().ok_or(ImportError::WrongPassword)?;
    read_list(list).map_err(wrong)
}

fn read_list(text: &str) -> Result<Imported, ImportError> {
    let list = Value::read(text)?.list().ok_or_else(|| json::garbled("list"))?;
    Ok(read_all(list, ["issuer", "name"], read_entry).assuming(&[Assumed::Algorithm]))
}

fn read_entry(entry: &Object<'_>) -> Result<Entry, Problem> {
    let written = entry.required("key")?;
    let secret = match entry.number("base")? {
        Some(16) => Secret::from_hex(&written)?,
        Some(32) => base32(&written)?,
        Some(64) => Secret::from_bytes(&json::base64(&written).ok_or(Problem::Field("key", "Base64"))?)?,
        Some(_) => return Err(Problem::Field("base", "16, 32 or 64")),
        None => return Err(Problem::Missing("base")),
    };
    let parts =
        Parts { digits: entry.number("digits")?, period: entry.number("period")?, ..Parts::of(secret) };
    let issuer = entry.words("issuer");
    let issuer = if issuer.trim() == "Unknown" { "" } else { &issuer };
    Ok(Entry::new(issuer, &entry.words("name"), parts.otp()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"[{"base":16,"key":"48656c6c6f21deadbeef","issuer":"Unknown","name":"a","digits":"6","period":"30"},{"base":32,"key":"JBSWY3DPEHPK3PXP","issuer":"I","name":"b","digits":8,"period":60},{"base":64,"key":"SGVsbG8h3q2+7w==","issuer":"I","name":"c"},{"base":10,"key":"1","name":"d"},{"key":"1","name":"e"}]"#;

    fn sealed(list: &str, password: &str) -> String {
        let shell = format!("{{{}:\"\"}}", *json::quoted(list));
        let key = cipher::sha256(&[password.as_bytes()]);
        data_encoding::BASE64.encode(&cipher::seal_cbc(&key, &[0; BLOCK], shell.as_bytes()))
    }

    fn read(text: &str, password: Option<&str>) -> Result<Imported, ImportError> {
        TotpAuthenticator.read(&File::new(text.as_bytes())?, password)
    }

    #[test]
    fn keys_are_in_the_base_that_is_said() {
        let list = read_list(LIST).unwrap();
        assert!(list.entries.iter().all(|entry| entry.otp.secret == list.entries[0].otp.secret));
        assert_eq!((list.entries[0].issuer.as_str(), list.entries[0].account.as_str()), ("", "a"));
        assert_eq!(list.entries[1].otp.digits.get(), 8);
        let problems: Vec<_> = list.refused.iter().map(|refused| refused.problem.clone()).collect();
        assert_eq!(problems, [Problem::Field("base", "16, 32 or 64"), Problem::Missing("base")]);
        assert_eq!(list.assumed, [Assumed::Algorithm]);
    }

    #[test]
    fn whoever_chose_no_password_needs_none() {
        let file = sealed(LIST, SHARED);
        assert_eq!(TotpAuthenticator.recognizes(&File::new(file.as_bytes()).unwrap()), Likeness::Perhaps);
        assert_eq!(read(&file, None).unwrap().entries.len(), 3);
        let file = sealed(LIST, "x");
        assert_eq!(read(&file, None), Err(ImportError::PasswordNeeded));
        assert_eq!(read(&file, Some("x")).unwrap().entries.len(), 3);
        assert_eq!(read(&file, Some("y")), Err(ImportError::WrongPassword));
    }

    #[test]
    fn the_settings_of_the_phone_are_read_too() {
        let text = format!(
            "<?xml version='1.0'?>\n<map>\n<string name=\"{SETTING}\">{}</string></map>",
            LIST.replace('"', "&quot;")
        );
        assert_eq!(TotpAuthenticator.recognizes(&File::new(text.as_bytes()).unwrap()), Likeness::Yes);
        assert_eq!(read(&text, None).unwrap().entries.len(), 3);
        assert!(read("<map></map>", None).is_err());
    }
}
