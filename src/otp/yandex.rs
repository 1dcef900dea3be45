//! Yandex.Key: eight letters, thirty seconds, with a PIN.
//!
//! The key is SHA-256 of the PIN and the first sixteen bytes of the secret, without its first byte if that is
//! zero. The code is a HMAC-SHA-256 of the time step, cut to 63 bits and written in base 26.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::{Code, Secret};

/// How many bytes of the secret count; what may follow is a checksum.
pub(in crate::otp) const SECRET_BYTES: usize = 16;

/// The length of a code.
const LENGTH: usize = 8;

/// The key, ready.
pub(in crate::otp) struct Key(Zeroizing<Vec<u8>>);

impl Key {
    pub(in crate::otp) fn new(secret: &Secret, pin: &Secret) -> Self {
        let bytes = secret.bytes();
        let mut hash = Sha256::new();
        hash.update(pin.bytes());
        hash.update(&bytes[..bytes.len().min(SECRET_BYTES)]);
        let mut digest = hash.finalize();
        let start = usize::from(digest[0] == 0);
        let key = Zeroizing::new(digest[start..].to_vec());
        digest.as_mut_slice().zeroize();
        Self(key)
    }

    pub(in crate::otp) fn code_at(&self, step: u64) -> Code {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(&step.to_be_bytes());
        let mut signature = mac.finalize().into_bytes();
        let offset = usize::from(signature[signature.len() - 1] & 0xf);
        let chosen = signature.iter().skip(offset).take(8);
        let mut value = chosen.fold(0_u64, |value, byte| value << 8 | u64::from(*byte)) & (u64::MAX >> 1);
        signature.as_mut_slice().zeroize();
        let mut letters = Zeroizing::new([0_u8; LENGTH]);
        for letter in letters.iter_mut().rev() {
            let place = u8::try_from(value % 26).expect("a rest of 26 is below 26");
            *letter = b'a' + place;
            value /= 26;
        }
        Code::new(letters.iter().copied().map(char::from).collect())
    }
}
