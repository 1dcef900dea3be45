//! Tofu for iOS: the encrypted file of its export.
//!
//! An archive of objects holds salt, rounds and the sealed accounts: AES-GCM under a key of PBKDF2, with the nonce in
//! front. In that is an archive again, of a list of accounts.

use crate::exchange::encodings::bplist::{self, Archive, Node};
use crate::exchange::encodings::cipher;
use crate::exchange::parts::Parts;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// What the container is called in the archive.
const CONTAINER: &[u8] = b"EncryptedAccountContainer";

/// The length of the nonce in front of what is sealed.
const NONCE: usize = 12;

/// The most accounts.
const MOST_ACCOUNTS: usize = 100_000;

pub(super) struct Tofu;

impl Importer for Tofu {
    fn name(&self) -> &'static str {
        "tofu"
    }

    fn title(&self) -> &'static str {
        "Tofu"
    }

    fn source(&self) -> &'static str {
        "in Tofu: export the accounts with a passcode, and share the file"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        (file.begins(bplist::MAGIC) && file.contains(CONTAINER)).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let garbled = |name: &str| ImportError::Damaged(format!("the field `{name}` is missing or garbled"));
        let password = password.ok_or(ImportError::PasswordNeeded)?;
        let outer = Archive::open(file.bytes())?;
        let container = outer.root().ok_or_else(|| garbled("root"))?;
        let number =
            |name| container.get(name).and_then(Node::number).and_then(|number| u64::try_from(number).ok());
        let data = |name| container.get(name).and_then(Node::data).ok_or_else(|| garbled(name));
        if let Some(newer) = number("algorithm").filter(|algorithm| *algorithm != 0) {
            return Err(ImportError::Newer(newer));
        }
        let rounds = number("rounds").ok_or_else(|| garbled("rounds"))?;
        let key = cipher::pbkdf2(cipher::Hash::Sha256, password, data("salt")?, rounds, cipher::KEY)?;
        let (nonce, sealed) = data("payload")?.split_at_checked(NONCE).ok_or_else(|| garbled("payload"))?;
        let inner = cipher::open_gcm(&key, nonce, b"", sealed)?;
        let inner = Archive::open(&inner)?;
        let accounts = inner.root().and_then(Node::items).ok_or_else(|| garbled("accounts"))?;
        let mut imported = Imported::default();
        for (number, account) in (1..).zip(accounts) {
            if number > MOST_ACCOUNTS {
                return Err(ImportError::TooLarge("more than 100,000 accounts"));
            }
            let text = |name| {
                account.get(name).and_then(Node::text).map_or(String::new(), |text| String::clone(&text))
            };
            let (issuer, name) = (text("issuer"), text("name"));
            let entry = read_account(account, &issuer, &name);
            imported.take(format!("entry {number}"), &format!("{issuer} {name}"), entry);
        }
        Ok(imported)
    }
}

fn read_account(account: Node<'_>, issuer: &str, name: &str) -> Result<Entry, Problem> {
    let number = |name: &'static str| match account.get(name) {
        None => Ok(None),
        Some(node) => match node.number().map(u64::try_from) {
            Some(Ok(number)) => Ok(Some(number)),
            _ => Err(Problem::Field(name, "a number from 0 upwards")),
        },
    };
    let secret = account.get("secret").ok_or(Problem::Missing("secret"))?.data();
    let parts = Parts {
        kind: if number("timeBased")? == Some(0) { "hotp" } else { "totp" },
        algorithm: match number("algorithm")?.unwrap_or(0) {
            0 => "SHA1",
            1 => "SHA256",
            2 => "SHA512",
            other => return Err(Problem::Algorithm(other.to_string())),
        },
        digits: number("digits")?,
        period: number("period")?,
        counter: number("counter")?,
        ..Parts::of(Secret::from_bytes(secret.ok_or(Problem::Field("secret", "bytes"))?)?)
    };
    Ok(Entry::new(issuer, name, parts.otp()?))
}
