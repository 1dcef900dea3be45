//! Encrypted databases of phones: `SQLCipher` of versions 3 and 4, opened to the plain file in memory.
//!
//! The first 16 bytes are the salt; nothing else marks such a file. Every page is encrypted by itself in AES-CBC and
//! carries its start value and a checksum in the bytes that `SQLite` keeps reserved at its end, so a wrong password
//! shows on the first page.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha512;
use zeroize::Zeroizing;

use super::cipher::{self, Bytes, Hash, KEY};
use super::sqlite;
use crate::exchange::entry::ImportError;

/// The length of the salt, and of the text that stands there in a plain file.
const SALT: usize = 16;

/// The length of a start value.
const IV: usize = 16;

/// The rounds from the key to that of the checksums.
const MAC_ROUNDS: u64 = 2;

/// What the bits of the salt are turned by for the key of the checksums.
const MAC_MASK: u8 = 0x3a;

/// What a version takes if it is not told otherwise.
struct Version {
    page: usize,
    reserved: usize,
    rounds: u64,
    hash: Hash,
    check: usize,
}

/// Version 4 first: it is the one that is written today.
const VERSIONS: [Version; 2] = [
    Version { page: 4096, reserved: 80, rounds: 256_000, hash: Hash::Sha512, check: 64 },
    Version { page: 1024, reserved: 48, rounds: 64_000, hash: Hash::Sha1, check: 20 },
];

/// Says whether a file could be such a database: whole pages of noise.
pub(in crate::exchange) fn could_be(bytes: &[u8]) -> bool {
    let head = bytes.get(..256).unwrap_or_default();
    let mut seen = [false; 256];
    for byte in head {
        seen[usize::from(*byte)] = true;
    }
    // Of 256 bytes of noise about 160 differ; of a head that was written, far fewer do.
    let different = seen.iter().filter(|seen| **seen).count();
    let whole = VERSIONS.iter().any(|version| bytes.len().is_multiple_of(version.page));
    whole && bytes.len() >= 2 * VERSIONS[1].page && different > 120
}

/// Returns the plain database.
pub(in crate::exchange) fn open(bytes: &[u8], password: &str) -> Result<Bytes, ImportError> {
    for version in VERSIONS.iter().filter(|version| bytes.len().is_multiple_of(version.page)) {
        match version.open(bytes, password) {
            Err(ImportError::WrongPassword) => {}
            opened => return opened,
        }
    }
    Err(ImportError::WrongPassword)
}

impl Version {
    fn open(&self, bytes: &[u8], password: &str) -> Result<Bytes, ImportError> {
        let salt = bytes.get(..SALT).ok_or(ImportError::WrongPassword)?;
        let key = cipher::pbkdf2(self.hash, password, salt, self.rounds, KEY)?;
        let turned: Vec<u8> = salt.iter().map(|byte| byte ^ MAC_MASK).collect();
        let mac_key = cipher::pbkdf2_of(self.hash, &key, &turned, MAC_ROUNDS, KEY)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
        plain.extend_from_slice(sqlite::MAGIC);
        for (number, page) in (1_u32..).zip(bytes.chunks_exact(self.page)) {
            let (text, tail) = page.split_at(self.page - self.reserved);
            let text = if number == 1 { text.get(SALT..).unwrap_or_default() } else { text };
            let (iv, tail) = tail.split_at(IV);
            let check = tail.get(..self.check).unwrap_or_default();
            if !self.holds(&mac_key, &[text, iv, &number.to_le_bytes()], check) {
                return Err(if number == 1 {
                    ImportError::WrongPassword
                } else {
                    ImportError::Damaged(format!("page {number} of the database was changed or cut"))
                });
            }
            plain.extend_from_slice(&cipher::open_cbc_whole(&key, iv, text)?);
            plain.extend(std::iter::repeat_n(0, self.reserved));
        }
        Ok(plain)
    }

    /// Says whether a checksum is that of these parts.
    fn holds(&self, key: &[u8], parts: &[&[u8]], check: &[u8]) -> bool {
        fn verify<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]], check: &[u8]) -> bool {
            <M as KeyInit>::new_from_slice(key).is_ok_and(|mut mac| {
                for part in parts {
                    mac.update(part);
                }
                mac.verify_slice(check).is_ok()
            })
        }
        match self.hash {
            Hash::Sha512 => verify::<Hmac<Sha512>>(key, parts, check),
            _ => verify::<Hmac<Sha1>>(key, parts, check),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_no_text_and_no_head_of_a_file() {
        let noise: Vec<u8> =
            (0..2048_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0]).collect();
        assert!(could_be(&noise));
        assert!(!could_be(&noise[1..]) && !could_be(&[0xff; 2048]) && !could_be(&noise[..1024]));
    }

    #[test]
    fn noise_opens_with_no_password() {
        let noise: Vec<u8> =
            (0..8192_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0]).collect();
        assert_eq!(open(&noise[..2048], "x"), Err(ImportError::WrongPassword));
        assert_eq!(open(&noise[..100], "x"), Err(ImportError::WrongPassword));
    }
}
