//! `FreeOTP` for Android: `tokens.xml` of 1.x, and the backup of 2.x, `externalBackup.xml`.
//!
//! The first is a file of Android's preferences with one JSON object an account. The second is, despite its name, a
//! Java map of texts as `ObjectOutputStream` writes it; on a rooted phone the same map is found as preferences. Its
//! `masterKey` is sealed with the password, each secret with the master key; what Java calls the algorithm of a key
//! is the additional data of the seal.
//!
//! Quirk: 1.x stores the counter of the code it showed last, one less than the next; 2.x stores the next.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::exchange::encodings::json::{self, Object};
use crate::exchange::encodings::xml;
use crate::exchange::encodings::{cipher, java};
use crate::exchange::parts::Parts;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// What stands behind the id of an account in the name of its values.
const TOKEN: &str = "-token";

/// The name of the key that opens all others.
const MASTER: &str = "masterKey";

pub(super) struct FreeOtp;

impl Importer for FreeOtp {
    fn name(&self) -> &'static str {
        "freeotp"
    }

    fn title(&self) -> &'static str {
        "FreeOTP"
    }

    fn source(&self) -> &'static str {
        "in FreeOTP 2: menu, Backup (externalBackup.xml); of FreeOTP 1: shared_prefs/tokens.xml of a rooted phone"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        if file.begins(java::MAGIC) {
            return Likeness::Yes;
        }
        let ours = ["tokenOrder", "issuerExt", "mEncryptedKey"];
        let preferences = file.head().is_some_and(xml::is_preferences);
        (preferences && ours.iter().any(|word| file.contains(word.as_bytes()))).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let values = if file.begins(java::MAGIC) {
            java::map(file.bytes())?
        } else {
            xml::preferences(file.promised_text()?)?
        };
        match value(&values, MASTER) {
            Some(master) => read_backup(&values, master, password),
            None => Ok(read_tokens(&values)),
        }
    }
}

/// The names and values of either container.
type Values = [(String, Zeroizing<String>)];

fn value<'a>(values: &'a Values, name: &str) -> Option<&'a str> {
    values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Reads the preferences of 1.x.
fn read_tokens(values: &Values) -> Imported {
    let mut imported = Imported::default();
    let mut number = 0;
    for (_, value) in values.iter().filter(|(_, value)| value.trim_start().starts_with('{')) {
        number += 1;
        let place = format!("entry {number}");
        match Object::read(value) {
            Ok(token) => imported.take(place, &name(&token), read_token(&token)),
            Err(_) => imported.take(place, "", Err(Problem::Field("value", "a JSON object"))),
        }
    }
    imported
}

/// Returns the name for the report.
pub(super) fn name(token: &Object<'_>) -> String {
    let (issuer, account) = names(token);
    format!("{issuer} {account}")
}

/// Returns issuer and account: as the user edited them, or else as they came.
fn names(token: &Object<'_>) -> (String, String) {
    let first = |names: &[&'static str]| {
        names.iter().map(|name| token.words(name)).find(|text| !text.trim().is_empty()).unwrap_or_default()
    };
    (first(&["issuerAlt", "issuerExt", "issuerInt"]), first(&["labelAlt", "label"]))
}

/// Reads a token of 1.x or of `FreeOTP+`, which holds its secret, and the counter before the next.
pub(super) fn read_token(token: &Object<'_>) -> Result<Entry, Problem> {
    let bytes = token.get("secret").ok_or(Problem::Missing("secret"))?.bytes();
    let secret = Secret::from_bytes(&bytes.ok_or(Problem::Field("secret", "a list of bytes"))?)?;
    let counter = match token.get("counter") {
        None => 1,
        Some(value) => {
            let next = value.whole().and_then(|last| u64::try_from(last + 1).ok());
            next.ok_or(Problem::Field("counter", "a number from -1 upwards"))?
        }
    };
    entry(token, secret, &token.text("algo")?, Some(counter))
}

fn entry(
    token: &Object<'_>,
    secret: Secret,
    algorithm: &str,
    counter: Option<u64>,
) -> Result<Entry, Problem> {
    let (issuer, account) = names(token);
    let kind = token.text("type")?;
    // The app shows Steam's letters for every account of that name.
    let steam = issuer.trim().eq_ignore_ascii_case("steam") && !kind.trim().eq_ignore_ascii_case("hotp");
    let parts = Parts {
        kind: if steam { "steam" } else { &kind },
        secret,
        algorithm,
        digits: token.number("digits")?,
        period: token.number("period")?,
        counter,
        pin: "",
    };
    Ok(Entry::new(&issuer, &account, parts.otp()?))
}

/// Reads the backup of 2.x.
fn read_backup(values: &Values, master: &str, password: Option<&str>) -> Result<Imported, ImportError> {
    let password = password.ok_or(ImportError::PasswordNeeded)?;
    let master = open_master(&Object::read(master)?, password)?;
    let mut imported = Imported::default();
    let mut number = 0;
    // What is said in clear of an account, by the name of its sealed secret.
    let tokens: BTreeMap<&str, &str> =
        values.iter().filter_map(|(name, value)| Some((name.strip_suffix(TOKEN)?, value.as_str()))).collect();
    for (id, value) in values {
        let Some(token) = tokens.get(id.as_str()) else { continue };
        number += 1;
        let place = format!("entry {number}");
        match Object::read(token) {
            Ok(token) => imported.take(place, &name(&token), read_sealed(value, &token, &master)),
            Err(_) => imported.take(place, "", Err(Problem::Field("token", "a JSON object"))),
        }
    }
    Ok(imported)
}

fn open_master(master: &Object<'_>, password: &str) -> Result<cipher::Bytes, ImportError> {
    let derivation = master.text("mAlgorithm").map_err(|_| json::garbled("mAlgorithm"))?;
    let hash = match derivation.to_ascii_lowercase().strip_prefix("pbkdf2withhmac") {
        Some("sha1") => cipher::Hash::Sha1,
        Some("sha256") => cipher::Hash::Sha256,
        Some("sha512") => cipher::Hash::Sha512,
        _ => return Err(json::garbled("mAlgorithm")),
    };
    let salt = master.get("mSalt").and_then(json::Value::bytes).ok_or_else(|| json::garbled("mSalt"))?;
    let sealed = master.object("mEncryptedKey").ok_or_else(|| json::garbled("mEncryptedKey"))?;
    let rounds = master.header_number("mIterations")?;
    let key = cipher::pbkdf2(hash, password, &salt, rounds, cipher::KEY)?;
    unseal(&sealed, &key)
}

/// Opens what Java's `SealedObject` would call sealed: cipher text, parameters in DER, and the name of the key.
fn unseal(sealed: &Object<'_>, key: &[u8]) -> Result<cipher::Bytes, ImportError> {
    let bytes =
        |name: &'static str| sealed.get(name).and_then(json::Value::bytes).ok_or_else(|| json::garbled(name));
    let cipher = sealed.text("mCipher").map_err(|_| json::garbled("mCipher"))?;
    if !cipher.eq_ignore_ascii_case("AES/GCM/NoPadding") {
        return Err(json::garbled("mCipher"));
    }
    let (parameters, text) = (bytes("mParameters")?, bytes("mCipherText")?);
    let token = sealed.text("mToken").map_err(|_| json::garbled("mToken"))?;
    let nonce = nonce(&parameters).ok_or_else(|| json::garbled("mParameters"))?;
    cipher::open_gcm(key, nonce, token.as_bytes(), &text)
}

/// Returns the nonce out of `GCMParameters` (RFC 5084 section 3.2): a sequence of it and the length of the tag, of
/// some phones the bare nonce. A tag of another length than 16 bytes is not read.
fn nonce(der: &[u8]) -> Option<&[u8]> {
    let (tag, body, rest) = der_item(der)?;
    if !rest.is_empty() {
        return None;
    }
    match tag {
        0x04 => Some(body),
        0x30 => {
            let (0x04, nonce, rest) = der_item(body)? else { return None };
            match der_item(rest) {
                // RFC 5084 has 12 where it is left out; no phone does so.
                None if rest.is_empty() => Some(nonce),
                Some((0x02, [16], [])) => Some(nonce),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Splits off the first item of DER with a short length: its tag, what is in it, and what follows.
fn der_item(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], rest) = der.split_first_chunk::<2>()?;
    if length > 0x7f {
        return None;
    }
    let (body, rest) = rest.split_at_checked(usize::from(length))?;
    Some((tag, body, rest))
}

/// Reads one account of 2.x; its secret is JSON in JSON.
fn read_sealed(value: &str, token: &Object<'_>, master: &[u8]) -> Result<Entry, Problem> {
    let garbled = || Problem::Field("key", "a sealed secret");
    let outer = Object::read(value).map_err(|_| garbled())?;
    let inner = outer.required("key")?;
    let sealed = Object::read(&inner).map_err(|_| garbled())?;
    let secret = unseal(&sealed, master).map_err(|error| match error {
        ImportError::WrongPassword => Problem::Locked("its secret does not open with the key of this backup"),
        _ => garbled(),
    })?;
    // What makes the codes is the name of the key; the values in clear may lack the algorithm.
    let (written, key_name) = (token.text("algo")?, sealed.text("mToken")?);
    let algorithm = if written.trim().is_empty() { key_name } else { written };
    let counter = token.number("counter")?;
    entry(token, Secret::from_bytes(&secret)?, &algorithm, counter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Likeness;
    use crate::otp::{Algorithm, Kind, Otp};

    fn read(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
        let file = File::new(bytes).unwrap();
        assert_eq!(FreeOtp.recognizes(&file), Likeness::Yes);
        FreeOtp.read(&file, password)
    }

    fn tokens(json: &str) -> Imported {
        let json = json.replace('&', "&amp;").replace('"', "&quot;");
        let xml = format!(
            "<?xml version='1.0'?>\n<map>\n<string name=\"x\">{json}</string><string name=\"tokenOrder\">[]</string></map>"
        );
        read(xml.as_bytes(), None).unwrap()
    }

    #[test]
    fn the_counter_of_1_x_is_the_last() {
        for (counter, next) in [("-1", 0), ("0", 1), ("41", 42)] {
            let json = format!(r#"{{"type":"HOTP","label":"l","secret":[1,-1],"counter":{counter}}}"#);
            let imported = tokens(&json);
            assert_eq!(imported.entries[0].otp.kind, Kind::Hotp { counter: next }, "{counter}");
            assert_eq!(imported.entries[0].otp.secret.bytes(), [1, 255]);
        }
        for counter in ["-2", "18446744073709551615", "\"x\""] {
            let json = format!(r#"{{"type":"HOTP","label":"l","secret":[1],"counter":{counter}}}"#);
            assert_eq!(tokens(&json).refused.len(), 1, "{counter}");
        }
    }

    #[test]
    fn names_are_those_that_the_user_edited() {
        let imported = tokens(
            r#"{"type":"TOTP","label":"l","labelAlt":"mine","issuerInt":"int","issuerExt":"","algo":null,"digits":null,"secret":[1]}"#,
        );
        let entry = &imported.entries[0];
        assert_eq!((entry.issuer.as_str(), entry.account.as_str()), ("int", "mine"));
        assert_eq!(entry.otp, Otp::totp(Secret::from_bytes(&[1]).unwrap()));
        let imported = tokens(r#"{"type":"TOTP","label":"l","issuerExt":"Steam","secret":[1]}"#);
        assert_eq!(imported.entries[0].otp.kind, Kind::Steam);
    }

    #[test]
    fn one_bad_token_costs_no_other() {
        for (bad, problem) in [
            (r#"{"type":"TOTP","label":"l"}"#, Problem::Missing("secret")),
            (r#"{"type":"TOTP","secret":"ABCD"}"#, Problem::Field("secret", "a list of bytes")),
            (r#"{"type":"TOTP","secret":[300]}"#, Problem::Field("secret", "a list of bytes")),
            (r#"{"type":"X","secret":[1]}"#, Problem::Kind("X".to_owned())),
            (r#"{"type":"TOTP","algo":"MD5","secret":[1]}"#, Problem::Algorithm("MD5".to_owned())),
        ] {
            assert_eq!(tokens(bad).refused[0].problem, problem, "{bad}");
        }
        assert_eq!(tokens("{").refused.len(), 1);
    }

    /// Writes bytes as Java does.
    fn signed(bytes: &[u8]) -> String {
        let numbers: Vec<String> = bytes.iter().map(|byte| byte.cast_signed().to_string()).collect();
        format!("[{}]", numbers.join(","))
    }

    fn sealed(key: &[u8], plain: &[u8], token: &str, bare: bool) -> String {
        let nonce = [7; 12];
        let mut der = vec![0x30, 17, 4, 12];
        der.extend(nonce);
        der.extend([2, 1, 16]);
        let der = if bare { &der[2..16] } else { &der };
        let text = cipher::seal_gcm(key, &nonce, token.as_bytes(), plain);
        format!(
            r#"{{"mCipher":"AES/GCM/NoPadding","mCipherText":{},"mParameters":{},"mToken":"{token}"}}"#,
            signed(&text),
            signed(der)
        )
    }

    /// A backup of 2.x as the preferences that a rooted phone has.
    fn backup(derivation: &str, hash: cipher::Hash, rounds: u64, algo: &str, bare: bool) -> String {
        let key = cipher::pbkdf2(hash, "correct horse", b"salt", rounds.min(1000), 32).unwrap();
        let master = format!(
            r#"{{"mAlgorithm":"{derivation}","mEncryptedKey":{},"mIterations":{rounds},"mSalt":{}}}"#,
            sealed(&key, &[9; 32], "AES", bare),
            signed(b"salt")
        );
        let secret = json::quoted(&sealed(&[9; 32], b"12345678901234567890", "HmacSHA256", bare)).to_string();
        let token = format!(r#"{{"algo":{algo},"counter":5,"type":"HOTP","label":"l"}}"#);
        let escape = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;");
        format!(
            "<map><string name='a-b'>{}</string><string name='masterKey'>{}</string><string name='a-b-token'>{}</string></map>",
            escape(&format!(r#"{{"key":{secret}}}"#)),
            escape(&master),
            escape(&token)
        )
    }

    #[test]
    fn a_backup_is_read_with_each_hash_and_a_missing_algorithm_is_that_of_its_key() {
        for (derivation, hash) in [
            ("PBKDF2withHmacSHA512", cipher::Hash::Sha512),
            ("PBKDF2WithHmacSHA1", cipher::Hash::Sha1),
            ("PBKDF2withHmacSHA256", cipher::Hash::Sha256),
        ] {
            for bare in [false, true] {
                let backup = backup(derivation, hash, 10, "null", bare);
                let imported = read(backup.as_bytes(), Some("correct horse")).unwrap();
                assert_eq!(imported.entries[0].otp.algorithm, Algorithm::Sha256);
                assert_eq!(imported.entries[0].otp.kind, Kind::Hotp { counter: 5 });
                assert_eq!(read(backup.as_bytes(), None), Err(ImportError::PasswordNeeded));
                assert_eq!(read(backup.as_bytes(), Some("x")), Err(ImportError::WrongPassword));
            }
        }
    }

    #[test]
    fn a_backup_cannot_ask_for_a_century() {
        let costly = backup("PBKDF2withHmacSHA512", cipher::Hash::Sha512, 1 << 40, "null", false);
        assert!(matches!(read(costly.as_bytes(), Some("x")), Err(ImportError::Costly { .. })));
        let odd = backup("PBKDF2withMD2", cipher::Hash::Sha512, 1, "null", false);
        assert!(matches!(read(odd.as_bytes(), Some("x")), Err(ImportError::Damaged(_))));
    }

    #[test]
    fn parameters_that_are_no_nonce_are_none() {
        assert_eq!(nonce(&[4, 2, 1, 2]), Some([1, 2].as_slice()));
        assert_eq!(nonce(&[0x30, 4, 4, 2, 1, 2]), Some([1, 2].as_slice()));
        for der in [&[][..], &[4], &[4, 200], &[4, 3, 1], &[0x30, 0], &[0x30, 5, 4, 2, 1, 2, 2], &[5, 0]] {
            assert_eq!(nonce(der), None, "{der:?}");
        }
        assert_eq!(nonce(&[0x30, 7, 4, 2, 1, 2, 2, 1, 12]), None);
    }
}
