//! The ciphers of other programs' files, and the bounds on what a file may ask for.
//!
//! A key derivation is checked against its cap before it runs: a file comes from anybody, and its header may ask
//! for all the memory or for a century. What comes out, keys and plain text, is wiped.

use aes::cipher::block_padding::{NoPadding, Pkcs7};
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Aes256};
use aes_gcm::aead::array::ArraySize;
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{AesGcm, Nonce};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use zeroize::{Zeroize, Zeroizing};

use crate::exchange::entry::ImportError;
use crate::exchange::progress::{self, Step};

/// Bytes that are wiped: a key or a plain text.
pub(in crate::exchange) type Bytes = Zeroizing<Vec<u8>>;

/// The length of the keys of all these formats but one.
pub(in crate::exchange) const KEY: usize = 32;

/// The most memory of scrypt and Argon2: what Ente's phones ask for. Fuzzing has no time for that.
const MOST_MEMORY: u64 = if cfg!(fuzzing) { 1 << 20 } else { 1 << 30 };

/// The most bytes that all passes together may write: twice what Ente's phones ask for.
const MOST_WORK: u64 = 8 << 30;

/// The most rounds of PBKDF2: twice what Bitwarden lets people choose, which is the most of all.
const MOST_ROUNDS: u64 = if cfg!(fuzzing) { 2_000 } else { 4_000_000 };

/// What Argon2 is to cost (RFC 9106 section 3.1).
#[derive(Clone, Copy, Debug)]
pub(in crate::exchange) struct Argon2Cost {
    /// Memory in KiB.
    pub(in crate::exchange) memory: u64,
    /// Passes over it.
    pub(in crate::exchange) passes: u64,
    /// Lanes.
    pub(in crate::exchange) lanes: u64,
}

/// Derives a key by Argon2id, version 1.3.
pub(in crate::exchange) fn argon2id(
    password: &str,
    salt: &[u8],
    cost: Argon2Cost,
) -> Result<Bytes, ImportError> {
    argon2id_of(password.as_bytes(), salt, cost)
}

/// Derives a key by Argon2id from a password that is not text, such as one that an app has cut short.
pub(in crate::exchange) fn argon2id_of(
    password: &[u8],
    salt: &[u8],
    cost: Argon2Cost,
) -> Result<Bytes, ImportError> {
    argon2_of(argon2::Algorithm::Argon2id, argon2::Version::V0x13, password, salt, cost)
}

/// Derives a key by whichever Argon2.
pub(in crate::exchange) fn argon2_of(
    algorithm: argon2::Algorithm,
    version: argon2::Version,
    password: &[u8],
    salt: &[u8],
    cost: Argon2Cost,
) -> Result<Bytes, ImportError> {
    use argon2::{Argon2, Params};
    let bytes = cost.memory.saturating_mul(1024);
    bounded_memory(bytes)?;
    bounded_work(bytes.saturating_mul(cost.passes))?;
    let number = |value: u64| u32::try_from(value).map_err(|_| garbled());
    let params = Params::new(number(cost.memory)?, number(cost.passes)?, number(cost.lanes)?, Some(KEY))
        .map_err(|_| garbled())?;
    let mut key = Zeroizing::new(vec![0; KEY]);
    progress::tell(Step::Opening);
    Argon2::new(algorithm, version, params)
        .hash_password_into(password, salt, &mut key)
        .map_err(|_| garbled())?;
    Ok(key)
}

/// Derives a key by scrypt (RFC 7914). `n` is a power of two.
pub(in crate::exchange) fn scrypt(
    password: &str,
    salt: &[u8],
    n: u64,
    r: u64,
    p: u64,
) -> Result<Bytes, ImportError> {
    let bytes = n.saturating_mul(r).saturating_mul(128);
    bounded_memory(bytes)?;
    bounded_work(bytes.saturating_mul(p))?;
    if !n.is_power_of_two() {
        return Err(garbled());
    }
    let log = u8::try_from(n.trailing_zeros()).map_err(|_| garbled())?;
    let number = |value: u64| u32::try_from(value).map_err(|_| garbled());
    let params = scrypt::Params::new(log, number(r)?, number(p)?).map_err(|_| garbled())?;
    let mut key = Zeroizing::new(vec![0; KEY]);
    progress::tell(Step::Opening);
    scrypt::scrypt(password.as_bytes(), salt, &params, &mut key).map_err(|_| garbled())?;
    Ok(key)
}

/// The hash under PBKDF2 (RFC 8018 section 5.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::exchange) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// Derives a key of `length` bytes by PBKDF2.
pub(in crate::exchange) fn pbkdf2(
    hash: Hash,
    password: &str,
    salt: &[u8],
    rounds: u64,
    length: usize,
) -> Result<Bytes, ImportError> {
    pbkdf2_of(hash, password.as_bytes(), salt, rounds, length)
}

/// Derives a key by PBKDF2 from a password that is not text, such as one that an app has cut short.
pub(in crate::exchange) fn pbkdf2_of(
    hash: Hash,
    password: &[u8],
    salt: &[u8],
    rounds: u64,
    length: usize,
) -> Result<Bytes, ImportError> {
    if rounds > MOST_ROUNDS {
        let asked = format!("{rounds} rounds of key derivation");
        return Err(ImportError::Costly { asked, limit: "4,000,000" });
    }
    let rounds = u32::try_from(rounds).ok().filter(|rounds| *rounds > 0).ok_or_else(garbled)?;
    let mut key = Zeroizing::new(vec![0; length]);
    let derive = match hash {
        Hash::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>,
        Hash::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>,
        Hash::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>,
    };
    progress::tell(Step::Opening);
    derive(password, salt, rounds, &mut key);
    Ok(key)
}

/// Opens AES-256-GCM: cipher text with the tag of 16 bytes behind it. The nonce has 12 bytes, of `OTPClient` 16.
///
/// Whatever does not open is taken for a wrong password, which is nearly always the case.
pub(in crate::exchange) fn open_gcm(
    key: &[u8],
    nonce: &[u8],
    extra: &[u8],
    sealed: &[u8],
) -> Result<Bytes, ImportError> {
    match nonce.len() {
        12 => open_gcm_of::<U12>(key, nonce, extra, sealed),
        16 => open_gcm_of::<U16>(key, nonce, extra, sealed),
        _ => Err(garbled()),
    }
}

fn open_gcm_of<N: ArraySize>(
    key: &[u8],
    nonce: &[u8],
    extra: &[u8],
    sealed: &[u8],
) -> Result<Bytes, ImportError> {
    let cipher = AesGcm::<Aes256, N>::new_from_slice(key).map_err(|_| garbled())?;
    let nonce = Nonce::<N>::try_from(nonce).map_err(|_| garbled())?;
    let opened = cipher.decrypt(&nonce, Payload { msg: sealed, aad: extra });
    opened.map(Zeroizing::new).map_err(|_| ImportError::WrongPassword)
}

/// Seals by AES-256-GCM; the tag stands behind the cipher text. `key` has 32 bytes and `nonce` 12.
pub(in crate::exchange) fn seal_gcm(key: &[u8], nonce: &[u8; 12], extra: &[u8], plain: &[u8]) -> Vec<u8> {
    let cipher = AesGcm::<Aes256, U12>::new_from_slice(key).expect("the key has 32 bytes");
    cipher
        .encrypt(&Nonce::<U12>::from(*nonce), Payload { msg: plain, aad: extra })
        .expect("a file is far shorter than what one nonce may seal")
}

/// Opens AES-CBC with PKCS #7 padding; the key has 16 or 32 bytes and says which AES it is.
///
/// There is no tag: a wrong password shows only in padding that is none, and may pass unseen.
pub(in crate::exchange) fn open_cbc(key: &[u8], iv: &[u8], sealed: &[u8]) -> Result<Bytes, ImportError> {
    let opened = match key.len() {
        16 => cbc::Decryptor::<Aes128>::new_from_slices(key, iv)
            .map_err(|_| garbled())?
            .decrypt_padded_vec::<Pkcs7>(sealed),
        _ => cbc::Decryptor::<Aes256>::new_from_slices(key, iv)
            .map_err(|_| garbled())?
            .decrypt_padded_vec::<Pkcs7>(sealed),
    };
    opened.map(Zeroizing::new).map_err(|_| ImportError::WrongPassword)
}

/// Opens AES-256-CBC of whole blocks, without padding.
pub(in crate::exchange) fn open_cbc_whole(
    key: &[u8],
    iv: &[u8],
    sealed: &[u8],
) -> Result<Bytes, ImportError> {
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(key, iv).map_err(|_| garbled())?;
    cipher.decrypt_padded_vec::<NoPadding>(sealed).map(Zeroizing::new).map_err(|_| garbled())
}

/// Seals by AES-256-CBC with PKCS #7 padding.
pub(in crate::exchange) fn seal_cbc(key: &[u8], iv: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    cbc::Encryptor::<Aes256>::new_from_slices(key, iv)
        .expect("the key has 32 bytes")
        .encrypt_padded_vec::<Pkcs7>(plain)
}

/// What OpenSSL and its likes derive key and IV with where nothing else is said: a hash, one round.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::exchange) enum Salted {
    /// MD5 and AES-256, as in `CryptoJS` and old OpenSSL.
    Md5Aes256,
    /// SHA-256 and AES-128.
    Sha256Aes128,
}

/// What such a file begins with; a salt of eight bytes follows.
pub(in crate::exchange) const SALTED: &[u8] = b"Salted__";

impl Salted {
    /// Returns key and IV (OpenSSL's `EVP_BytesToKey`).
    fn derive(self, password: &[u8], salt: &[u8]) -> (Bytes, Bytes) {
        let length = match self {
            Self::Md5Aes256 => KEY,
            Self::Sha256Aes128 => 16,
        };
        let mut block = Zeroizing::new(Vec::new());
        let mut key = Zeroizing::new(Vec::with_capacity(length + 48));
        while key.len() < length + 16 {
            let parts = [&block[..], password, salt];
            block = match self {
                Self::Md5Aes256 => hashed::<Md5>(&parts),
                Self::Sha256Aes128 => hashed::<Sha256>(&parts),
            };
            key.extend_from_slice(&block);
        }
        let iv = Zeroizing::new(key[length..length + 16].to_vec());
        key.truncate(length);
        (key, iv)
    }
}

/// Opens what begins with `Salted__`. There is no tag, as with `open_cbc`.
pub(in crate::exchange) fn open_salted(
    kind: Salted,
    password: &[u8],
    sealed: &[u8],
) -> Result<Bytes, ImportError> {
    let (salt, sealed) =
        sealed.strip_prefix(SALTED).and_then(|rest| rest.split_at_checked(8)).ok_or_else(garbled)?;
    let (key, iv) = kind.derive(password, salt);
    open_cbc(&key, &iv, sealed)
}

/// Returns the SHA-256 of all the parts.
pub(in crate::exchange) fn sha256(parts: &[&[u8]]) -> Bytes {
    hashed::<Sha256>(parts)
}

/// Returns the SHA-512 of all the parts.
pub(in crate::exchange) fn sha512(parts: &[&[u8]]) -> Bytes {
    hashed::<Sha512>(parts)
}

fn hashed<D: Digest>(parts: &[&[u8]]) -> Bytes {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    let mut digest = hash.finalize();
    let kept = Zeroizing::new(digest.to_vec());
    digest.as_mut_slice().zeroize();
    kept
}

/// Opens XChaCha20-Poly1305: cipher text with the tag of 16 bytes behind it, and a nonce of 24.
pub(in crate::exchange) fn open_xchacha(
    key: &[u8],
    nonce: &[u8],
    sealed: &[u8],
) -> Result<Bytes, ImportError> {
    use chacha20poly1305::{XChaCha20Poly1305, XNonce};
    let cipher = XChaCha20Poly1305::new_from_slice(key).map_err(|_| garbled())?;
    let nonce = XNonce::try_from(nonce).map_err(|_| garbled())?;
    cipher.decrypt(&nonce, sealed).map(Zeroizing::new).map_err(|_| ImportError::WrongPassword)
}

/// Returns the text that was sealed. Text that is none was opened with a wrong password where no tag says so.
pub(in crate::exchange) fn text(plain: &Bytes) -> Result<&str, ImportError> {
    std::str::from_utf8(plain).map_err(|_| ImportError::WrongPassword)
}

fn bounded_memory(bytes: u64) -> Result<(), ImportError> {
    if bytes > MOST_MEMORY {
        return Err(ImportError::Costly { asked: format!("{} of memory", size(bytes)), limit: "1 GiB" });
    }
    Ok(())
}

fn bounded_work(bytes: u64) -> Result<(), ImportError> {
    if bytes > MOST_WORK {
        let asked = format!("{} of memory to be written", size(bytes));
        return Err(ImportError::Costly { asked, limit: "8 GiB" });
    }
    Ok(())
}

fn size(bytes: u64) -> String {
    match bytes >> 30 {
        0 => format!("{} MiB", bytes >> 20),
        gib => format!("{gib} GiB"),
    }
}

fn garbled() -> ImportError {
    ImportError::Damaged("the header that says how it is encrypted is garbled".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_may_ask_for_is_bounded_before_it_runs() {
        let costly = |result: Result<Bytes, ImportError>| matches!(result, Err(ImportError::Costly { .. }));
        assert!(costly(scrypt("", b"salt", 1 << 40, 8, 1)));
        assert!(costly(scrypt("", b"salt", u64::MAX, u64::MAX, u64::MAX)));
        assert!(costly(scrypt("", b"salt", 1 << 15, 8, 1 << 20)));
        let cost = |memory, passes| Argon2Cost { memory, passes, lanes: 1 };
        assert!(costly(argon2id("", b"saltsalt", cost(1 << 21, 1))));
        assert!(costly(argon2id("", b"saltsalt", cost(1 << 20, 64))));
        assert!(costly(pbkdf2(Hash::Sha1, "", b"salt", 1 << 40, KEY)));
        assert!(scrypt("", b"salt", 1000, 8, 1).is_err());
        assert!(pbkdf2(Hash::Sha1, "", b"salt", 0, KEY).is_err());
        assert!(argon2id("", b"saltsalt", cost(0, 0)).is_err());
    }

    #[test]
    fn the_dearest_files_that_phones_write_are_granted() {
        // Ente: 1 GiB and four passes, by libsodium's SENSITIVE; too dear to be run here.
        assert_eq!((bounded_memory(1 << 30), bounded_work(4 << 30)), (Ok(()), Ok(())));
    }

    #[test]
    fn keys_are_those_of_the_standards() {
        // RFC 7914 section 12, the first 32 bytes of the second scrypt vector.
        let key = scrypt("password", b"NaCl", 1024, 8, 16).unwrap();
        assert_eq!(data_encoding::HEXLOWER.encode(&key[..16]), "fdbabe1c9d3472007856e7190d01e9fe");
        // RFC 6070, the second vector.
        let key = pbkdf2(Hash::Sha1, "password", b"salt", 2, 20).unwrap();
        assert_eq!(data_encoding::HEXLOWER.encode(&key), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
    }

    #[test]
    fn what_was_sealed_opens_and_what_was_touched_does_not() {
        let key = [7; KEY];
        let mut sealed = seal_gcm(&key, &[1; 12], b"extra", b"plain");
        assert_eq!(open_gcm(&key, &[1; 12], b"extra", &sealed).unwrap().as_slice(), b"plain");
        assert_eq!(open_gcm(&key, &[1; 12], b"other", &sealed), Err(ImportError::WrongPassword));
        sealed[0] ^= 1;
        assert_eq!(open_gcm(&key, &[1; 12], b"extra", &sealed), Err(ImportError::WrongPassword));
        assert!(
            open_gcm(&key, &[1; 13], b"", &sealed).is_err() && open_gcm(&[1], &[1; 12], b"", b"").is_err()
        );
        // `openssl enc -aes-256-cbc -md md5 -k pw -S 0102030405060708`, of the text `plain`.
        let (key_of, iv) = Salted::Md5Aes256.derive(b"pw", &[1, 2, 3, 4, 5, 6, 7, 8]);
        let salted =
            [SALTED, &[1, 2, 3, 4, 5, 6, 7, 8], &seal_cbc(&key_of, (&iv[..]).try_into().unwrap(), b"plain")]
                .concat();
        assert_eq!(data_encoding::BASE64.encode(&salted), "U2FsdGVkX18BAgMEBQYHCPfWMiQQyNEtttOdOBaRtwM=");
        assert_eq!(open_salted(Salted::Md5Aes256, b"pw", &salted).unwrap().as_slice(), b"plain");
        assert!(open_salted(Salted::Md5Aes256, b"pw", b"Salted__123").is_err());
        let sealed = seal_cbc(&key, &[2; 16], b"plain");
        assert_eq!(open_cbc(&key, &[2; 16], &sealed).unwrap().as_slice(), b"plain");
        assert!(
            open_cbc(&key, &[2; 15], &sealed).is_err() && open_cbc(&key, &[2; 16], &sealed[1..]).is_err()
        );
    }
}
