//! OTP Auth for iOS: `.otpauthdb` with everything, `.otpauth` with one account.
//!
//! Both are encrypted twice. The outer layer has a key that is the same in every app, one for each of the two. In it
//! is an archive of objects with a version and the inner layer, which the password opens: of the oldest versions AES
//! with a salted hash as its key and no checksum, since then the container of `RNCryptor` (version 3). In that is an
//! archive again. Zero for a value means the usual one.

use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt, KeyInit as _};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::exchange::encodings::bplist::{self, Archive, Node};
use crate::exchange::encodings::cipher;
use crate::exchange::parts::Parts;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// What the keys of the outer layers are hashes of: everything, one account.
const ALL: &str = "Authenticator";
const ONE: &str = "OTPAuth";

/// The lengths within a container of `RNCryptor`: what is in front of the cipher text, and the checksum behind it.
const HEAD: usize = 34;
const CHECK: usize = 32;

/// The rounds of both its keys.
const ROUNDS: u64 = 10_000;

/// The most accounts.
const MOST_ACCOUNTS: usize = 100_000;

pub(super) struct OtpAuth;

impl Importer for OtpAuth {
    fn name(&self) -> &'static str {
        "otp_auth"
    }

    fn title(&self) -> &'static str {
        "OTP Auth"
    }

    fn source(&self) -> &'static str {
        "in OTP Auth: Settings, Backups, share a backup (.otpauthdb); or share one account (.otpauth)"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        outer_key(file.bytes()).is_some().into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let damaged = || ImportError::Damaged("its outer encryption does not open".to_owned());
        let name = outer_key(file.bytes()).ok_or_else(damaged)?;
        let outer = cipher::open_cbc(&Sha256::digest(name), &[0; 16], file.bytes()).map_err(|_| damaged())?;
        let password = password.ok_or(ImportError::PasswordNeeded)?;
        let outer = Archive::open(&outer)?;
        let inner = open(outer.root().ok_or_else(damaged)?, name == ALL, password)?;
        let inner = Archive::open(&inner).map_err(|_| ImportError::WrongPassword)?;
        let root = inner.root().ok_or_else(damaged)?;
        let mut imported = Imported::default();
        if name == ONE {
            imported.take("entry 1", &label(root), read_account(root));
            return Ok(imported);
        }
        let folders = root.get("Folders").and_then(Node::items);
        for folder in
            folders.ok_or_else(|| ImportError::Damaged("the list `Folders` is missing".to_owned()))?
        {
            let group = folder.get("name").and_then(Node::text).unwrap_or_default();
            for account in folder.get("accounts").and_then(Node::items).unwrap_or_default() {
                let number = imported.entries.len() + imported.refused.len() + 1;
                if number > MOST_ACCOUNTS {
                    return Err(ImportError::TooLarge("more than 100,000 accounts"));
                }
                let entry = read_account(account).map(|entry| entry.in_group(&group));
                imported.take(format!("entry {number}"), &label(account), entry);
            }
        }
        Ok(imported)
    }
}

/// Returns what the key of the outer layer is the hash of, if it is one of the two: the first block tells. The key
/// is no secret.
fn outer_key(bytes: &[u8]) -> Option<&'static str> {
    let first: [u8; 16] = bytes.get(..16)?.try_into().ok()?;
    if !bytes.len().is_multiple_of(16) {
        return None;
    }
    [ALL, ONE].into_iter().find(|name| {
        let mut block = first.into();
        Aes256::new(&Sha256::digest(name)).decrypt_block(&mut block);
        block.starts_with(bplist::MAGIC)
    })
}

/// Opens the inner layer.
fn open(container: Node<'_>, all: bool, password: &str) -> Result<cipher::Bytes, ImportError> {
    let garbled = |name: &str| ImportError::Damaged(format!("the field `{name}` is missing or garbled"));
    let version = container.get("Version").and_then(Node::real).ok_or_else(|| garbled("Version"))?;
    let sealed = container.get("WrappedData").or_else(|| container.get("Data")).and_then(Node::data);
    let sealed = sealed.ok_or_else(|| garbled("WrappedData"))?;
    // Versions have one digit behind the point.
    let oldest = if all { 1.05 } else { 1.15 };
    if version > oldest {
        return open_container(sealed, password);
    }
    let salt = container.get("Salt").and_then(Node::text).ok_or_else(|| garbled("Salt"))?;
    let iv = container.get("IV").ok_or_else(|| garbled("IV"))?;
    let iv = match (iv.data(), iv.text()) {
        (Some(data), _) => Sha1::digest(data),
        (None, Some(text)) => Sha1::digest(text.as_bytes()),
        (None, None) => return Err(garbled("IV")),
    };
    let salted = Zeroizing::new(format!("{}-{password}", *salt));
    let key = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(salted.as_bytes())));
    cipher::open_cbc(key.as_slice(), iv.get(..16).unwrap_or_default(), sealed)
}

/// Opens a container of `RNCryptor`: version, options, two salts of 8 bytes, a start value, cipher text, checksum.
fn open_container(sealed: &[u8], password: &str) -> Result<cipher::Bytes, ImportError> {
    let damaged = || ImportError::Damaged("its inner encryption is cut off".to_owned());
    let (covered, check) =
        sealed.split_at_checked(sealed.len().checked_sub(CHECK).ok_or_else(damaged)?).ok_or_else(damaged)?;
    let (head, text) = covered.split_at_checked(HEAD).ok_or_else(damaged)?;
    match head.first_chunk() {
        Some([2 | 3, options]) if options & 1 == 1 => {}
        Some([newer, _]) => return Err(ImportError::Newer(u64::from(*newer))),
        None => return Err(damaged()),
    }
    let part = |from: usize, to: usize| head.get(from..to).unwrap_or_default();
    let derive = |salt| cipher::pbkdf2(cipher::Hash::Sha1, password, salt, ROUNDS, cipher::KEY);
    let check_key = derive(part(10, 18))?;
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&check_key)
        .map_err(|_| ImportError::WrongPassword)?;
    mac.update(covered);
    mac.verify_slice(check).map_err(|_| ImportError::WrongPassword)?;
    cipher::open_cbc(&derive(part(2, 10))?, part(18, HEAD), text)
}

/// Returns the name for the report.
fn label(account: Node<'_>) -> String {
    let text =
        |name| account.get(name).and_then(Node::text).map(|text| String::clone(&text)).unwrap_or_default();
    format!("{} {}", text("issuer"), text("label"))
}

fn read_account(account: Node<'_>) -> Result<Entry, Problem> {
    let text = |name| account.get(name).and_then(Node::text).unwrap_or_default();
    let number = |name: &'static str| match account.get(name) {
        None => Ok(0),
        Some(node) => node
            .number()
            .and_then(|number| u64::try_from(number).ok())
            .ok_or(Problem::Field(name, "a number from 0 upwards")),
    };
    let usual = |number: u64| (number != 0).then_some(number);
    let secret = account.get("secret").ok_or(Problem::Missing("secret"))?.data();
    let parts = Parts {
        kind: match number("type")? {
            0 | 2 => "totp",
            1 => "hotp",
            other => return Err(Problem::Kind(other.to_string())),
        },
        algorithm: match number("algorithm")? {
            0 | 1 => "SHA1",
            2 => "SHA256",
            3 => "SHA512",
            4 => "MD5",
            other => return Err(Problem::Algorithm(other.to_string())),
        },
        digits: usual(number("digits")?),
        period: usual(number("period")?),
        counter: Some(number("counter")?),
        ..Parts::of(Secret::from_bytes(secret.ok_or(Problem::Field("secret", "bytes"))?)?)
    };
    Ok(Entry::new(&text("issuer"), &text("label"), parts.otp()?))
}
