//! Google Authenticator: the `otpauth-migration:` links of its "Transfer accounts", each of which is one QR code.
//!
//! A link holds up to ten accounts in protocol buffers; an export of more is several of them, in any order when
//! they are collected by hand. Nothing in one names the export it belongs to for sure: the number that should is 0
//! in new ones. The format knows six and eight digits and no period, so what the app was told otherwise is lost.

mod protobuf;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use self::protobuf::{Field, Fields, Garbled, put_bytes, put_number};
use super::otpauth::{self, is_migration, joined, lines, unescape};
use crate::exchange::batches::Part;
use crate::exchange::encodings::json;
use crate::exchange::parts::Parts;
use crate::exchange::{
    Assumed, Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection,
    Random,
};
use crate::otp::{Algorithm, Digits, Kind, Otp, Period, Secret};
use crate::vault::Account;

/// The most accounts that the app puts into one QR code.
const MOST_ACCOUNTS: usize = 10;

/// The most bytes of accounts in one QR code: in Base64 and escaped it is still one that cameras read.
const MOST_PAYLOAD: usize = 1200;

pub(super) struct Google;

impl Importer for Google {
    fn name(&self) -> &'static str {
        "google"
    }

    fn title(&self) -> &'static str {
        "Google Authenticator"
    }

    fn source(&self) -> &'static str {
        "in Google Authenticator: menu, Transfer accounts, Export accounts; then pictures of all QR codes, or their texts"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let first = file.head().and_then(|head| lines(head).next());
        first.is_some_and(|(_, line)| is_migration(line)).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        for (number, line) in lines(file.promised_text()?) {
            otpauth::take(format!("line {number}"), line, &mut imported);
            if imported.is_full() {
                break;
            }
        }
        Ok(imported)
    }
}

/// Takes the accounts of one link, unless it was taken before.
pub(super) fn take(place: &str, link: &str, imported: &mut Imported) {
    let Some(payload) = payload(link) else {
        let problem = Problem::Field("data", "an export of Google Authenticator");
        imported.take(place, "", Err(problem));
        return;
    };
    let hash = Sha256::digest(&*payload).into();
    if imported.batches.repeats(&hash) {
        return;
    }
    let (first_entry, first_refused) = (imported.entries.len(), imported.refused.len());
    let (mut size, mut index, mut id) = (0, 0, 0);
    let mut count = 0;
    for field in Fields(&payload) {
        match field {
            Ok((1, Field::Bytes(message))) => {
                count += 1;
                let account = Message::read(message);
                let name = format!("{} {}", account.issuer, account.name);
                let entry = account.entry();
                if entry.as_ref().is_ok_and(|entry| matches!(entry.otp.kind, Kind::Totp { .. })) {
                    imported.assume(&[Assumed::Period]);
                }
                imported.take(format!("{place}, entry {count}"), &name, entry);
            }
            Ok((3, Field::Number(number))) => size = number,
            Ok((4, Field::Number(number))) => index = number,
            Ok((5, Field::Number(number))) => id = number,
            Ok(_) => {}
            Err(Garbled) => {
                let problem = Problem::Field("data", "whole: it is cut off or garbled");
                imported.take(place, "", Err(problem));
                break;
            }
        }
    }
    imported.batches.take(Part {
        hash,
        export: (id, size),
        index,
        entries: first_entry..imported.entries.len(),
        refused: first_refused..imported.refused.len(),
    });
}

/// Returns the bytes in a link.
fn payload(link: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, query) = link.trim().split_once('?')?;
    let data = query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.eq_ignore_ascii_case("data").then_some(value)
    })?;
    // A plus may stand there unescaped, and then it is no blank but a digit.
    let plain = Zeroizing::new(unescape(data));
    let digits: Zeroizing<String> = Zeroizing::new(
        plain
            .chars()
            .map(|found| match found {
                ' ' | '-' => '+',
                '_' => '/',
                other => other,
            })
            .collect(),
    );
    json::base64(&digits).filter(|payload| !payload.is_empty())
}

/// One account, as its message gives it.
#[derive(Default)]
struct Message<'a> {
    secret: &'a [u8],
    name: String,
    issuer: String,
    algorithm: u64,
    digits: u64,
    kind: u64,
    counter: u64,
    is_garbled: bool,
}

impl<'a> Message<'a> {
    fn read(message: &'a [u8]) -> Self {
        let mut account = Self::default();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        for field in Fields(message) {
            match field {
                Ok((1, Field::Bytes(secret))) => account.secret = secret,
                Ok((2, Field::Bytes(name))) => account.name = text(name),
                Ok((3, Field::Bytes(issuer))) => account.issuer = text(issuer),
                Ok((4, Field::Number(algorithm))) => account.algorithm = algorithm,
                Ok((5, Field::Number(digits))) => account.digits = digits,
                Ok((6, Field::Number(kind))) => account.kind = kind,
                Ok((7, Field::Number(counter))) => account.counter = counter,
                Ok(_) => {}
                Err(Garbled) => account.is_garbled = true,
            }
        }
        account
    }

    fn entry(self) -> Result<Entry, Problem> {
        if self.is_garbled {
            return Err(Problem::Field("otp_parameters", "whole: it is cut off or garbled"));
        }
        if self.secret.is_empty() {
            return Err(Problem::Missing("secret"));
        }
        let parts = Parts {
            kind: match self.kind {
                0 | 2 => "totp",
                1 => "hotp",
                _ => return Err(Problem::Field("type", "HOTP or TOTP")),
            },
            algorithm: match self.algorithm {
                0 | 1 => "SHA1",
                2 => "SHA256",
                3 => "SHA512",
                4 => "MD5",
                _ => return Err(Problem::Field("algorithm", "SHA1, SHA256 or SHA512")),
            },
            digits: match self.digits {
                0 | 1 => None,
                2 => Some(8),
                _ => return Err(Problem::Field("digits", "6 or 8")),
            },
            // It has a sign, and what is below 0 is far above what a counter gets to.
            counter: match i64::try_from(self.counter) {
                Ok(_) => Some(self.counter),
                Err(_) => return Err(Problem::Field("counter", "a number from 0 upwards")),
            },
            ..Parts::of(Secret::from_bytes(self.secret)?)
        };
        let otp = parts.otp()?;
        let (issuer, account) = split(&self.issuer, &self.name);
        Ok(Entry::new(issuer, account, otp))
    }
}

/// Returns issuer and account. The name is the account alone, or it has the issuer in front.
fn split<'a>(issuer: &'a str, name: &'a str) -> (&'a str, &'a str) {
    match name.split_once(':') {
        Some((prefix, account)) if issuer.trim().is_empty() || prefix.trim() == issuer.trim() => {
            (if issuer.trim().is_empty() { prefix } else { issuer }, account)
        }
        _ => (issuer, name),
    }
}

impl Exporter for Google {
    fn name(&self) -> &'static str {
        "google"
    }

    fn title(&self) -> &'static str {
        "Google Authenticator, links for QR codes"
    }

    fn extension(&self) -> &'static str {
        "txt"
    }

    fn protection(&self) -> Protection {
        Protection::Plain
    }

    fn fits(&self, account: &Account) -> Fit {
        match misfit(&account.otp) {
            Some(reason) => Fit::Not(reason),
            None => Fit::losing(account, &["group", "note", "pin"]),
        }
    }

    fn write(&self, accounts: &[&Account], _: Option<&str>, _: Random<'_>) -> Zeroizing<Vec<u8>> {
        let links: Vec<Zeroizing<String>> = batches(accounts).into_iter().map(|batch| batch.link).collect();
        joined(&links)
    }
}

/// Says why the app cannot make these codes.
fn misfit(otp: &Otp) -> Option<&'static str> {
    match &otp.kind {
        Kind::Motp { .. } => Some("mOTP codes"),
        Kind::Steam => Some("Steam codes"),
        Kind::Yandex { .. } => Some("Yandex codes"),
        Kind::Totp { period } if *period != Period::THIRTY => Some("a period other than 30 seconds"),
        Kind::Hotp { counter } if i64::try_from(*counter).is_err() => Some("a counter beyond 2^63"),
        _ if otp.digits != Digits::SIX && otp.digits != Digits::EIGHT => Some("digits other than 6 or 8"),
        Kind::Hotp { .. } | Kind::Totp { .. } => None,
    }
}

/// A part of an export: what one QR code holds.
#[derive(Clone, Eq, PartialEq)]
pub struct Batch {
    /// How many accounts are in it.
    pub accounts: usize,
    /// What the code says.
    pub link: Zeroizing<String>,
}

/// Returns the parts of an export for Google Authenticator, each to be drawn as one QR code. Accounts whose codes
/// the app cannot make are left out.
pub fn batches(accounts: &[&Account]) -> Vec<Batch> {
    let mut payloads: Vec<Zeroizing<Vec<u8>>> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    let mut room = 0;
    let mut hash = Sha256::new();
    for account in accounts.iter().filter(|account| misfit(&account.otp).is_none()) {
        let message = message(account);
        hash.update(&*message);
        // As large as it can get, so that it is never moved.
        let fresh = || Zeroizing::new(Vec::with_capacity(MOST_PAYLOAD + message.len() + 64));
        match payloads.last_mut() {
            Some(last) if room > 0 && last.len() + message.len() <= MOST_PAYLOAD => {
                put_bytes(last, 1, &message);
                room -= 1;
                if let Some(count) = counts.last_mut() {
                    *count += 1;
                }
            }
            _ => {
                let mut payload = fresh();
                put_bytes(&mut payload, 1, &message);
                payloads.push(payload);
                counts.push(1);
                room = MOST_ACCOUNTS - 1;
            }
        }
    }
    let digest = hash.finalize();
    // The app takes parts with one number for one export. Made of what is in it, it is the same at each drawing.
    let id = digest.iter().take(4).fold(0_u64, |id, byte| id << 8 | u64::from(*byte)) & 0x7fff_ffff;
    let size = payloads.len() as u64;
    (0..)
        .zip(payloads.into_iter().zip(counts))
        .map(|(index, (mut payload, accounts))| {
            for (field, value) in [(2, 1), (3, size), (4, index), (5, id.max(1))] {
                put_number(&mut payload, field, value);
            }
            Batch { accounts, link: link(&payload) }
        })
        .collect()
}

fn link(payload: &[u8]) -> Zeroizing<String> {
    let data = Zeroizing::new(BASE64.encode(payload));
    let mut link = Zeroizing::new(String::with_capacity(3 * data.len() + 64));
    link.push_str("otpauth-migration://offline?data=");
    for digit in data.chars() {
        match digit {
            '+' => link.push_str("%2B"),
            '/' => link.push_str("%2F"),
            '=' => link.push_str("%3D"),
            plain => link.push(plain),
        }
    }
    link
}

fn message(account: &Account) -> Zeroizing<Vec<u8>> {
    let otp = &account.otp;
    let (issuer, user) = (account.issuer.trim(), account.account.trim());
    // Where the reader would take the head of the name for the issuer, it gets the issuer in front.
    let is_split = split(issuer, user) != (issuer, user);
    let name = if is_split { format!("{issuer}:{user}") } else { user.to_owned() };
    let room = otp.secret.bytes().len() + name.len() + issuer.len() + 64;
    let mut message = Zeroizing::new(Vec::with_capacity(room));
    put_bytes(&mut message, 1, otp.secret.bytes());
    put_bytes(&mut message, 2, name.as_bytes());
    put_bytes(&mut message, 3, issuer.as_bytes());
    let algorithm = match otp.algorithm {
        Algorithm::Sha1 => 1,
        Algorithm::Sha256 => 2,
        Algorithm::Sha512 => 3,
    };
    put_number(&mut message, 4, algorithm);
    put_number(&mut message, 5, if otp.digits == Digits::EIGHT { 2 } else { 1 });
    match otp.kind {
        Kind::Hotp { counter } => {
            put_number(&mut message, 6, 1);
            put_number(&mut message, 7, counter);
        }
        _ => put_number(&mut message, 6, 2),
    }
    message
}

#[cfg(test)]
mod tests;
