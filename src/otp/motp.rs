//! Mobile-OTP: six hexadecimal digits of an MD5, ten seconds, with a PIN.
//!
//! The key under the hash is the *text* of the secret in lower-case hexadecimal; `Secret` holds the bytes it spells.

use std::fmt::Write;

use data_encoding::HEXLOWER;
use md5::{Digest, Md5};
use zeroize::{Zeroize, Zeroizing};

use super::{Code, Secret};

/// The length of a code.
const LENGTH: usize = 6;

/// The secret and the PIN, as they go under the hash.
pub(in crate::otp) struct Key<'a> {
    secret: Zeroizing<String>,
    pin: &'a Secret,
}

impl<'a> Key<'a> {
    pub(in crate::otp) fn new(secret: &Secret, pin: &'a Secret) -> Self {
        Self { secret: Zeroizing::new(HEXLOWER.encode(secret.bytes())), pin }
    }

    pub(in crate::otp) fn code_at(&self, step: u64) -> Code {
        let mut time = String::with_capacity(20);
        write!(time, "{step}").expect("a string takes whatever is written to it");
        let mut hash = Md5::new();
        hash.update(time.as_bytes());
        hash.update(self.secret.as_bytes());
        hash.update(self.pin.bytes());
        let mut digest = hash.finalize();
        let code = HEXLOWER.encode(&digest[..LENGTH / 2]);
        digest.as_mut_slice().zeroize();
        Code::new(code)
    }
}
