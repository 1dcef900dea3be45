//! What comes from elsewhere and goes there: keys and links that people paste, pictures of QR codes, and the files
//! of other authenticators.
//!
//! It knows formats and nothing of files, vaults or screens: bytes or text come in, accounts or a reason go out.
//! Everything that comes in is taken to be hostile: sizes are bounded before anything is decoded, one bad entry
//! never spoils the others, and no reason repeats a secret.
//!
//! `formats` has a file for each format, which knows both directions. They are written in what many formats share:
//! `encodings`, the containers and ciphers; `parts` and `item`, an entry as those keep it who keep it in pieces.
//! `plan` compares what came in with what is there.

mod batches;
mod encodings;
mod entry;
mod file;
mod formats;
mod item;
mod parts;
mod plan;
mod sealed;

pub mod picture;
pub mod progress;
pub mod typed;

use crate::otp::{Kind, Otp, Secret};
use crate::vault::Account;

pub use batches::Batches;
pub use entry::{Assumed, Entry, ImportError, Imported, Problem, Refused};
pub use file::{File, MOST_BYTES};
pub use formats::{BATCHES, Batch, EXPORTERS, IMPORTERS, batches, write_for};
pub use plan::{Plan, Row, State, Tally};
pub use sealed::{is_for_keys, unseal};

/// How sure a format is that a file is its own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Likeness {
    /// It is another's.
    No,
    /// It could be, and nothing in it says so.
    Perhaps,
    /// It says so.
    Yes,
}

impl From<bool> for Likeness {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// A format that can be read.
pub trait Importer: Sync {
    /// Returns the name that `--format` takes, which is also the file's: `aegis`.
    fn name(&self) -> &'static str;

    /// Returns what the app is called: `Aegis`.
    fn title(&self) -> &'static str;

    /// Returns how to get such a file out of the app, as a sentence without a full stop.
    fn source(&self) -> &'static str;

    /// Says whether a file is one of these, by its content. Cheap; it never decrypts.
    fn recognizes(&self, file: &File<'_>) -> Likeness;

    /// Says whether a key file may be needed to open such a file, beside its password or in its place.
    fn takes_key_file(&self) -> bool {
        false
    }

    /// Reads a file. Of one that is encrypted, `ImportError::PasswordNeeded` asks for another call with its password.
    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError>;
}

/// How a written file is protected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protection {
    /// Encrypted with a password of its own.
    Password,
    /// Not at all: whoever reads it can make the codes for ever.
    Plain,
}

/// How much of an account a format can hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fit {
    /// Nothing of it, and why: `counter codes`.
    Not(&'static str),
    /// All that makes the codes and the names, without these: `note`, `group`, `pin`.
    Without(Vec<&'static str>),
    /// Everything.
    Whole,
}

impl Fit {
    /// Returns how an account fits that loses some of `note`, `group` and `pin`, as far as it has them.
    pub(in crate::exchange) fn losing(account: &Account, lost: &[&'static str]) -> Self {
        let has = |what: &&str| match *what {
            "group" => !account.group.is_empty(),
            "note" => !account.note.is_empty(),
            "pin" => account.pinned,
            _ => true,
        };
        let lost: Vec<&'static str> = lost.iter().copied().filter(|what| has(what)).collect();
        if lost.is_empty() { Self::Whole } else { Self::Without(lost) }
    }
}

/// Where random bytes come from: filled by the caller, so that a test knows them.
pub type Random<'a> = &'a mut dyn FnMut(&mut [u8]);

/// A format that can be written. The one of the same name in `IMPORTERS` reads it back.
pub trait Exporter: Sync {
    /// Returns the name that `--format` takes: `aegis`.
    fn name(&self) -> &'static str;

    /// Returns what the app is called, and how it is protected: `Aegis, encrypted`.
    fn title(&self) -> &'static str;

    /// Returns what the file's name ends with, without a dot in front: `json`.
    fn extension(&self) -> &'static str;

    /// Says how the file is protected.
    fn protection(&self) -> Protection;

    /// Says how much of an account the app that reads the file can hold.
    fn fits(&self, account: &Account) -> Fit;

    /// Writes those accounts that fit. `password` is there exactly if `protection` asks for it.
    fn write(
        &self,
        accounts: &[&Account],
        password: Option<&str>,
        random: Random<'_>,
    ) -> zeroize::Zeroizing<Vec<u8>>;
}

/// Returns the format of a file: the only one that is sure, or else the first that thinks it could be.
pub fn recognize(file: &File<'_>) -> Option<&'static dyn Importer> {
    let sure = |least| IMPORTERS.iter().copied().find(|format| format.recognizes(file) >= least);
    sure(Likeness::Yes).or_else(|| sure(Likeness::Perhaps))
}

/// Reads back what was written, and compares it with what went in.
///
/// An error if it cannot be read, or if any name or secret differs that the format says it holds.
pub fn verify(
    format: &dyn Exporter,
    written: &[u8],
    password: Option<&str>,
    accounts: &[&Account],
) -> Result<(), ImportError> {
    let differs = || ImportError::Damaged("what was read back is not what was written".to_owned());
    let reader =
        IMPORTERS.iter().find(|reader| reader.name() == format.name()).ok_or(ImportError::Unknown)?;
    let read = reader.read(&File::new(written)?, password)?;
    if !read.refused.is_empty() || read.entries.len() != accounts.len() {
        return Err(differs());
    }
    for (entry, account) in read.entries.iter().zip(accounts) {
        let lost = match format.fits(account) {
            Fit::Without(lost) => lost,
            Fit::Not(_) | Fit::Whole => Vec::new(),
        };
        let same = |what, one: &str, other: &str| lost.contains(&what) || one.trim() == other.trim();
        let names = same("issuer", &entry.issuer, &account.issuer)
            && same("account", &entry.account, &account.account);
        if !names || counting(&entry.otp) != counting(&account.otp) {
            return Err(differs());
        }
    }
    Ok(())
}

/// Returns what counts of that from which codes are made: mOTP, Steam and Yandex have but one hash and length, and
/// behind the secret of a Yandex may stand a checksum. A vault that was edited by hand may say more.
fn counting(otp: &Otp) -> Otp {
    let secret = otp.secret.clone();
    match &otp.kind {
        Kind::Motp { pin } => Otp::motp(secret, pin.clone()),
        Kind::Steam => Otp::steam(secret),
        Kind::Yandex { pin } => {
            let counts = secret.bytes().get(..parts::YANDEX_SECRET).map(Secret::from_bytes);
            Otp::yandex(counts.and_then(Result::ok).unwrap_or(secret), pin.clone())
        }
        Kind::Hotp { .. } | Kind::Totp { .. } => otp.clone(),
    }
}
