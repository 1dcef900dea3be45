//! Files that were sealed for age keys: another layer around a file of any format.

use zeroize::Zeroizing;

use super::ImportError;
use crate::vault::{Identities, SealError};

pub use crate::vault::is_for_keys;

/// Returns what is inside a file that was sealed for one of these keys.
pub fn unseal(sealed: &[u8], identities: &Identities) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    identities.open_file(sealed).map_err(|error| match error {
        SealError::Foreign => ImportError::WrongKey,
        other => ImportError::Damaged(other.to_string()),
    })
}
