//! The text of a vault: what stands between the encryption and the types.
//!
//! A record is RON that a person can read after `age -d`. The secrets of all accounts pass through here, so every
//! buffer is wiped, no error quotes what it read, and nothing else in the program writes a secret as text.

mod read;
#[cfg(test)]
mod tests;
mod write;

use thiserror::Error;

use crate::otp::Timestamp;
use crate::vault::{DeviceId, Vault};

pub(in crate::vault) use read::read;
pub(in crate::vault) use write::write;

/// The number of the format that this program reads and writes. Each added field raises it.
pub(in crate::vault) const FORMAT: u32 = 1;

/// The SHA-256 of a sealed vault.
pub(in crate::vault) type Hash = [u8; 32];

/// The smallest size of a record, padding included.
const SMALLEST: usize = 4096;

/// A vault, and what a save says about itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::vault) struct Record {
    /// What is kept.
    pub(in crate::vault) vault: Vault,
    /// The hash of the sealed vault that this one followed; none in the first.
    pub(in crate::vault) previous: Option<Hash>,
    /// When it was written.
    pub(in crate::vault) written: Timestamp,
    /// By which device.
    pub(in crate::vault) device: DeviceId,
    /// Whom it is sealed for, as age writes recipients.
    pub(in crate::vault) recipients: Vec<String>,
}

/// Why a text is not a record. It never quotes a secret.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub(in crate::vault) enum RecordError {
    /// A field of an account that cannot be what it says.
    #[error("account {account:?}: {field}: {why}")]
    Account {
        /// What the account is called.
        account: String,
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A field of the vault itself.
    #[error("{field}: {why}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Written by a later version.
    #[error("it has format {0}, and this version reads up to {FORMAT}")]
    Newer(u32),
    /// Not even the shape of a record.
    #[error("its text breaks off or is not understood at line {line}, column {column}")]
    Text {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A field that format 1 does not have.
    #[error("it has a field that this version does not know, {name:?}, at line {line}")]
    UnknownField {
        /// Its name.
        name: String,
        /// The line, from 1.
        line: usize,
    },
}

/// Returns the size that a text of `length` bytes is padded to: of the length only the leading bits are told
/// (Padmé: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", 2019, section 4).
fn padded(length: usize) -> usize {
    if length <= SMALLEST {
        return SMALLEST;
    }
    let exponent = length.ilog2();
    let kept = exponent.ilog2() + 1;
    let step = 1_usize << (exponent - kept);
    length.div_ceil(step) * step
}
