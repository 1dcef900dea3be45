//! PSKC, the files that vendors of hardware tokens ship keys in (RFC 6030): plain, encrypted with a key that was
//! agreed on, or with a password.
//!
//! The key that was agreed on is hexadecimal and is given as the password. What is encrypted is AES in CBC mode with
//! its start value in front; a MAC beside it covers both. Prefixes of names vary, so local names are compared, and
//! the end of the root is missing in files that are in circulation.
//!
//! A little over 400 lines: a third of it are tests of what vendors write.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::xml::{self, Element, End};
use crate::exchange::parts::Parts;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::{Algorithm, Secret};

/// The length of the start value of AES in CBC mode.
const IV: usize = 16;

pub(super) struct Pskc;

impl Importer for Pskc {
    fn name(&self) -> &'static str {
        "pskc"
    }

    fn title(&self) -> &'static str {
        "PSKC (RFC 6030)"
    }

    fn source(&self) -> &'static str {
        "the .xml or .pskcxml file of a vendor of tokens; if it is encrypted, its password, or its key in hexadecimal"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let xml = file.head().is_some_and(|head| head.trim_start().starts_with('<'));
        (xml && file.contains(b"KeyContainer")).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let root = xml::read(file.promised_text()?.trim(), End::MayLackRoot)?;
        if root.name() != "KeyContainer" {
            return Err(ImportError::Damaged("it is XML, but no container of keys".to_owned()));
        }
        let keys = Keys::new(&root, password)?;
        let mut packages = Vec::new();
        root.all("KeyPackage", &mut packages);
        let mut imported = Imported::default();
        let (mut opened, mut wrong) = (0, 0);
        for (index, package) in packages.into_iter().enumerate() {
            let entry = match read_package(package, &keys) {
                Ok((entry, sealed)) => {
                    opened += usize::from(sealed);
                    Ok(entry)
                }
                Err(Failure::PasswordNeeded) => return Err(ImportError::PasswordNeeded),
                Err(Failure::Wrong) => {
                    wrong += 1;
                    Err(Problem::Locked("it does not open with this password or key, or was changed"))
                }
                Err(Failure::Entry(problem)) => Err(problem),
            };
            imported.take(format!("entry {}", index + 1), &name(package), entry);
        }
        if wrong > 0 && opened == 0 { Err(ImportError::WrongPassword) } else { Ok(imported) }
    }
}

/// Why an entry could not be had.
enum Failure {
    Entry(Problem),
    PasswordNeeded,
    Wrong,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Entry(problem)
    }
}

/// What opens the values of a file, and what their checksums are made with.
struct Keys {
    encryption: Option<cipher::Bytes>,
    mac: Option<(MacHash, cipher::Bytes)>,
}

/// The hash under the checksums.
#[derive(Clone, Copy)]
enum MacHash {
    Sha1,
    Sha256,
    Sha512,
}

impl Keys {
    fn new(root: &Element, password: Option<&str>) -> Result<Self, ImportError> {
        let given = root.find("EncryptionKey");
        if given.is_some_and(|key| key.find("X509Data").is_some() || key.find("KeyValue").is_some()) {
            return Err(ImportError::Restricted(
                "this file is encrypted for the holder of a certificate; ask the vendor for one with a password",
            ));
        }
        let Some(password) = password else { return Ok(Self { encryption: None, mac: None }) };
        let key = match given.and_then(|key| key.find("DerivedKey")) {
            Some(derived) => derive(derived, password)?,
            // The key itself; of a file in clear whatever was typed is of no use and no harm.
            None => data_encoding::HEXLOWER_PERMISSIVE
                .decode(Zeroizing::new(password.replace([' ', ':'], "")).as_bytes())
                .map(Zeroizing::new)
                .unwrap_or_default(),
        };
        let mac = match root.find("MACMethod") {
            Some(method) => Some(mac_key(method, &key)?),
            None => None,
        };
        Ok(Self { encryption: Some(key), mac })
    }

    /// Opens an `EncryptedValue`, after its checksum if it has one.
    fn open(&self, sealed: &Element, mac: Option<&Element>) -> Result<cipher::Bytes, Failure> {
        let key = self.encryption.as_ref().ok_or(Failure::PasswordNeeded)?;
        let bytes = cipher_value(sealed).ok_or(Problem::Field("CipherValue", "Base64"))?;
        if let (Some(written), Some((hash, mac_key))) = (mac, &self.mac) {
            let written = written.base64().ok_or(Problem::Field("ValueMAC", "Base64"))?;
            if !hash.verify(mac_key, &bytes, &written) {
                return Err(Failure::Wrong);
            }
        }
        unseal(sealed, key, &bytes)
    }
}

/// Returns the bytes of the `CipherValue` in an element.
fn cipher_value(sealed: &Element) -> Option<cipher::Bytes> {
    sealed.find("CipherValue")?.base64().filter(|bytes| !bytes.is_empty())
}

fn unseal(sealed: &Element, key: &[u8], bytes: &[u8]) -> Result<cipher::Bytes, Failure> {
    let method = sealed.find("EncryptionMethod").and_then(|method| method.attribute("Algorithm"));
    let length = match method.map(|name| name.rsplit(['#', '/', ':']).next().unwrap_or(name)) {
        None => key.len(),
        Some("aes128-cbc") => 16,
        Some("aes256-cbc") => 32,
        Some(_) => {
            return Err(
                Problem::Locked("its cipher is not known here; AES-128-CBC and AES-256-CBC are").into()
            );
        }
    };
    if key.len() != length || !matches!(length, 16 | 32) {
        return Err(Failure::Wrong);
    }
    let (iv, text) = bytes.split_at_checked(IV).ok_or(Failure::Wrong)?;
    cipher::open_cbc(key, iv, text).map_err(|_| Failure::Wrong)
}

/// Derives the key from the password (RFC 8018).
fn derive(derived: &Element, password: &str) -> Result<cipher::Bytes, ImportError> {
    let garbled = || ImportError::Damaged("it does not say how its key is made from the password".to_owned());
    let parameters = derived.find("PBKDF2-params").ok_or_else(garbled)?;
    let number = |name| parameters.find(name).and_then(|number| number.compact().parse::<u64>().ok());
    let salt = parameters.find("Specified").and_then(Element::base64).ok_or_else(garbled)?;
    let rounds = number("IterationCount").ok_or_else(garbled)?;
    let length = match number("KeyLength") {
        None | Some(16) => 16,
        Some(32) => 32,
        Some(_) => return Err(garbled()),
    };
    let named = parameters.find("PRF").and_then(|hash| hash.attribute("Algorithm")).unwrap_or_default();
    let named = named.to_ascii_lowercase();
    let hash = match named.rsplit(['#', '/', ':']).next() {
        None | Some("" | "hmac-sha1" | "hmacwithsha1") => cipher::Hash::Sha1,
        Some("hmac-sha256" | "hmacwithsha256") => cipher::Hash::Sha256,
        Some("hmac-sha512" | "hmacwithsha512") => cipher::Hash::Sha512,
        Some(_) => return Err(garbled()),
    };
    cipher::pbkdf2(hash, password, &salt, rounds, length)
}

/// Returns how checksums are made: with a key of their own, which is sealed itself, or with that of the values.
fn mac_key(method: &Element, key: &[u8]) -> Result<(MacHash, cipher::Bytes), ImportError> {
    let name = method.attribute("Algorithm").unwrap_or_default().to_ascii_lowercase();
    let hash = match name.rsplit(['#', '/', ':']).next() {
        Some("" | "hmac-sha1") | None => MacHash::Sha1,
        Some("hmac-sha256") => MacHash::Sha256,
        Some("hmac-sha512") => MacHash::Sha512,
        Some(_) => {
            return Err(ImportError::Restricted("the checksums in this file are of a kind not known here"));
        }
    };
    let Some(sealed) = method.find("MACKey") else { return Ok((hash, Zeroizing::new(key.to_vec()))) };
    let damaged = || ImportError::Damaged("the key of its checksums is garbled".to_owned());
    let bytes = cipher_value(sealed).ok_or_else(damaged)?;
    match unseal(sealed, key, &bytes) {
        Ok(mac_key) => Ok((hash, mac_key)),
        Err(Failure::Entry(_)) => Err(damaged()),
        Err(_) => Err(ImportError::WrongPassword),
    }
}

impl MacHash {
    fn verify(self, key: &[u8], bytes: &[u8], written: &[u8]) -> bool {
        fn check<M: Mac + KeyInit>(key: &[u8], bytes: &[u8], written: &[u8]) -> bool {
            <M as KeyInit>::new_from_slice(key).is_ok_and(|mut mac| {
                mac.update(bytes);
                mac.verify_slice(written).is_ok()
            })
        }
        match self {
            Self::Sha1 => check::<Hmac<Sha1>>(key, bytes, written),
            Self::Sha256 => check::<Hmac<Sha256>>(key, bytes, written),
            Self::Sha512 => check::<Hmac<Sha512>>(key, bytes, written),
        }
    }
}

/// Returns the name for the report.
fn name(package: &Element) -> String {
    let (issuer, account) = names(package);
    format!("{issuer} {account}")
}

/// Returns issuer and serial number.
fn names(package: &Element) -> (String, String) {
    let text = |name| package.find(name).map(|element| element.text().trim().to_owned()).unwrap_or_default();
    let issuer =
        package.find("Key").and_then(|key| key.children().iter().find(|child| child.name() == "Issuer"));
    (issuer.map(|issuer| issuer.text().trim().to_owned()).unwrap_or_default(), text("SerialNo"))
}

/// Reads a key; says also whether it was encrypted.
fn read_package(package: &Element, keys: &Keys) -> Result<(Entry, bool), Failure> {
    let key = package.find("Key").ok_or(Problem::Missing("Key"))?;
    let algorithm = key.attribute("Algorithm").ok_or(Problem::Missing("Algorithm"))?;
    let kind = algorithm.rsplit([':', '#']).next().unwrap_or(algorithm).to_ascii_lowercase();
    let (mut digits, mut hash) = (None, Algorithm::Sha1);
    if let Some(format) = key.find("ResponseFormat") {
        digits = response(format)?;
    }
    if let Some(suite) = key.find("Suite") {
        hash = suite_hash(&suite.compact())?;
    }
    let secret = key.find("Secret").ok_or(Problem::Missing("Secret"))?;
    let (secret, sealed) = match (secret.find("PlainValue"), secret.find("EncryptedValue")) {
        (Some(plain), _) => (plain.base64().ok_or(Problem::Field("PlainValue", "Base64"))?, false),
        (None, Some(value)) => (keys.open(value, secret.find("ValueMAC"))?, true),
        (None, None) => return Err(Problem::Missing("Secret").into()),
    };
    let parts = Parts {
        kind: &kind,
        algorithm: hash.name(),
        digits,
        period: number(key, "TimeInterval", keys)?,
        counter: number(key, "Counter", keys)?,
        ..Parts::of(Secret::from_bytes(&secret).map_err(Problem::from)?)
    };
    let (issuer, serial) = names(package);
    let mut entry = Entry::new(&issuer, &serial, parts.otp()?);
    // Keys without a device would all have the same name.
    if let Some(id) = key.attribute("Id").map(str::trim).filter(|id| !id.is_empty() && *id != serial) {
        entry.note = format!("Key {id}");
    }
    Ok((entry, sealed))
}

/// Reads how a code looks; returns its digits.
fn response(format: &Element) -> Result<Option<u64>, Problem> {
    let encoding = format.attribute("Encoding").unwrap_or_default().trim();
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("DECIMAL") {
        return Err(Problem::Kind(encoding.to_owned()));
    }
    if matches!(format.attribute("CheckDigits").map(str::trim), Some("true" | "1")) {
        return Err(Problem::Kind("check digits".to_owned()));
    }
    match format.attribute("Length").map(str::trim) {
        None | Some("") => Ok(None),
        Some(length) => length.parse().map(Some).map_err(|_| Problem::Field("Length", "a number")),
    }
}

/// Returns the hash that a suite names: `HMAC-SHA256`.
fn suite_hash(suite: &str) -> Result<Algorithm, Problem> {
    let plain: String =
        suite.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    if matches!(plain.as_str(), "" | "HOTP" | "TOTP") {
        return Ok(Algorithm::Sha1);
    }
    let name = plain.find("SHA").and_then(|at| plain.get(at..)).unwrap_or(&plain);
    let end = name.find(|c: char| !c.is_ascii_digit() && !"SHA".contains(c)).unwrap_or(name.len());
    Algorithm::from_name(name.get(..end).unwrap_or(name)).ok_or_else(|| Problem::Algorithm(suite.to_owned()))
}

/// Reads a number: in decimal, or as some vendors have it, and where it is encrypted, as the bytes it consists of.
fn number(key: &Element, name: &'static str, keys: &Keys) -> Result<Option<u64>, Failure> {
    let Some(element) = key.find(name) else { return Ok(None) };
    let wrong = Problem::Field(name, "a number from 0 upwards");
    let bytes = match (element.find("PlainValue"), element.find("EncryptedValue")) {
        (Some(plain), _) => {
            let text = plain.compact();
            if let Ok(number) = text.parse() {
                return Ok(Some(number));
            }
            if text.is_empty() {
                return Ok(None);
            }
            // A number below zero is no Base64, for it has a dash that the URL-safe kind would take.
            plain.base64().filter(|bytes| bytes.len() == 8 && !text.starts_with('-')).ok_or(wrong.clone())?
        }
        (None, Some(value)) => keys.open(value, element.find("ValueMAC"))?,
        (None, None) => return Ok(None),
    };
    if bytes.is_empty() || bytes.len() > 8 {
        return Err(wrong.into());
    }
    Ok(Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))))
}

#[cfg(test)]
#[path = "pskc_tests.rs"]
mod tests;
