//! The arithmetic of one-time passwords: pure, and told the time.
//!
//! Nothing here reads a clock, a file or a random source. Values out of range cannot be made: digits, periods and
//! secrets are types that parse, so no caller has to check again and no view can divide by zero.

mod code;
mod diagnose;
mod explain;
mod finding;
mod make;
mod mistake;
mod motp;
pub(crate) mod percent;
mod secret;
mod time;
mod uri;
mod verify;
mod write;
mod yandex;

use std::num::NonZeroU32;

use thiserror::Error;
use zeroize::Zeroizing;

pub use code::Code;
pub use diagnose::diagnose;
pub use explain::{Explanation, explain};
pub use finding::{Ahead, Finding, Observation, Reading, Seen};
pub use secret::{Secret, SecretError};
pub use time::{Now, Timestamp};
pub use uri::{Link, LinkError};
pub use verify::{Brake, Verdict, Verifier};

/// The hash under the HMAC (RFC 6238 section 1.2).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Algorithm {
    /// HMAC-SHA-1, which nearly every service uses.
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Algorithm {
    /// Every algorithm, in the order in which a person is asked.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// Returns the name as links write it: `SHA1`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// Reads a name in any of the spellings that apps write (`sha-1`, `HmacSHA256`, `Algorithm.sha512`).
    pub fn from_name(name: &str) -> Option<Self> {
        let mut plain: String =
            name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        for prefix in ["ALGORITHM", "HMAC"] {
            if let Some(rest) = plain.strip_prefix(prefix) {
                plain = rest.to_owned();
            }
        }
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == plain)
    }
}

/// A value that no account can have.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum RangeError {
    /// Digits out of range.
    #[error("a code has 1 to 10 digits, not {0}")]
    Digits(u64),
    /// Period out of range.
    #[error("a period is 1 to 86400 seconds, not {0}")]
    Period(u64),
}

/// How many digits a code has: 1 to 10.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Digits(u8);

impl Digits {
    /// What nearly every service uses.
    pub const SIX: Self = Self(6);
    /// What Steam shows: five letters.
    pub const FIVE: Self = Self(5);
    /// What Battle.net, Yandex and others use.
    pub const EIGHT: Self = Self(8);

    /// Returns the number of digits if a code can have so many.
    pub fn new(digits: u64) -> Result<Self, RangeError> {
        match u8::try_from(digits) {
            Ok(small @ 1..=10) => Ok(Self(small)),
            _ => Err(RangeError::Digits(digits)),
        }
    }

    /// Returns the number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Digits {
    fn default() -> Self {
        Self::SIX
    }
}

/// For how many seconds a code is valid: 1 to 86400.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Period(NonZeroU32);

impl Period {
    /// What nearly every service uses.
    pub const THIRTY: Self = Self(NonZeroU32::MIN.saturating_add(29));
    /// What mOTP uses.
    pub const TEN: Self = Self(NonZeroU32::MIN.saturating_add(9));

    /// Returns the period if it is one.
    pub fn new(seconds: u64) -> Result<Self, RangeError> {
        match u32::try_from(seconds).ok().filter(|seconds| *seconds <= 86_400).and_then(NonZeroU32::new) {
            Some(seconds) => Ok(Self(seconds)),
            None => Err(RangeError::Period(seconds)),
        }
    }

    /// Returns the seconds.
    pub const fn seconds(self) -> u32 {
        self.0.get()
    }
}

impl Default for Period {
    fn default() -> Self {
        Self::THIRTY
    }
}

/// What makes the codes of an account move on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A counter that goes up at each use (RFC 4226). The value is the one that the *next* code will be made from.
    Hotp {
        /// The next counter.
        counter: u64,
    },
    /// Mobile-OTP: MD5 of the time, the secret in hexadecimal and a PIN; ten seconds.
    Motp {
        /// The PIN, usually four digits.
        pin: Secret,
    },
    /// Steam Guard: SHA-1, thirty seconds, five letters of Steam's own alphabet.
    Steam,
    /// The time (RFC 6238).
    Totp {
        /// How long a code is valid.
        period: Period,
    },
    /// Yandex.Key: eight letters, thirty seconds, with a PIN.
    Yandex {
        /// The PIN, 4 to 16 digits.
        pin: Secret,
    },
}

impl Kind {
    /// The usual kind: a new code every thirty seconds.
    pub const TOTP: Self = Self::Totp { period: Period::THIRTY };
}

/// Everything that a code is made from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Otp {
    /// The shared secret.
    pub secret: Secret,
    /// The hash; Steam, mOTP and Yandex fix it and ignore this.
    pub algorithm: Algorithm,
    /// The length of a code; Steam, mOTP and Yandex fix it and ignore this.
    pub digits: Digits,
    /// What moves the codes on.
    pub kind: Kind,
}

/// Why there is no code.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum NoCode {
    /// The clock is not set.
    #[error("no code: this computer's clock is before 1970")]
    BeforeEpoch,
    /// A counter code comes when it is asked for, not by time.
    #[error("counter codes (HOTP) come on request, not by time")]
    OnRequest,
}

impl Otp {
    /// Returns the usual case: SHA-1, six digits, thirty seconds.
    pub fn totp(secret: Secret) -> Self {
        Self { secret, algorithm: Algorithm::Sha1, digits: Digits::SIX, kind: Kind::TOTP }
    }

    /// Returns a counter code: SHA-1, six digits; `counter` is the one of the next code.
    pub fn hotp(secret: Secret, counter: u64) -> Self {
        Self { kind: Kind::Hotp { counter }, ..Self::totp(secret) }
    }

    /// Returns a Mobile-OTP. The secret is the bytes that its hexadecimal digits spell.
    pub fn motp(secret: Secret, pin: Secret) -> Self {
        Self { kind: Kind::Motp { pin }, ..Self::totp(secret) }
    }

    /// Returns a Steam Guard.
    pub fn steam(secret: Secret) -> Self {
        Self { digits: Digits::FIVE, kind: Kind::Steam, ..Self::totp(secret) }
    }

    /// Returns a Yandex.Key. Only the first sixteen bytes of the secret count and are kept; some apps hand on ten more,
    /// a checksum.
    pub fn yandex(secret: Secret, pin: Secret) -> Self {
        let secret = secret.first(16);
        Self { secret, algorithm: Algorithm::Sha256, digits: Digits::EIGHT, kind: Kind::Yandex { pin } }
    }

    /// Returns how many characters a code has.
    pub fn length(&self) -> usize {
        match self.kind {
            Kind::Hotp { .. } | Kind::Totp { .. } => usize::from(self.digits.get()),
            Kind::Motp { .. } => 6,
            Kind::Steam => 5,
            Kind::Yandex { .. } => 8,
        }
    }

    /// Returns the code of a counter or time step.
    ///
    /// There is one for every secret, every number of digits and every counter: it never panics.
    pub fn code_at(&self, counter: u64) -> Code {
        make::Maker::new(self).code_at(counter)
    }

    /// Returns a typed code in the form that codes are compared in: blanks and dashes dropped, the case of Steam,
    /// mOTP and Yandex. Nothing if it cannot be a code of this kind: another length or other characters.
    pub fn tidy(&self, typed: &str) -> Option<Zeroizing<String>> {
        code::tidy(&self.kind, typed).filter(|code| code.len() == self.length())
    }

    /// Says whether there are so few codes that a chance hit among some thousand guesses has to be expected.
    pub(in crate::otp) fn is_short(&self) -> bool {
        matches!(self.kind, Kind::Hotp { .. } | Kind::Totp { .. }) && self.digits < Digits::SIX
    }

    /// Returns the period, or nothing for a counter code.
    pub fn period(&self) -> Option<Period> {
        match self.kind {
            Kind::Hotp { .. } => None,
            Kind::Motp { .. } => Some(Period::TEN),
            Kind::Steam | Kind::Yandex { .. } => Some(Period::THIRTY),
            Kind::Totp { period } => Some(period),
        }
    }

    /// Returns the number of the time step that `at` lies in (RFC 6238 section 4.2, T0 = 0).
    pub fn step(&self, at: Timestamp) -> Result<u64, NoCode> {
        let period = self.period().ok_or(NoCode::OnRequest)?;
        let seconds = u64::try_from(at.seconds()).map_err(|_| NoCode::BeforeEpoch)?;
        Ok(seconds / u64::from(period.seconds()))
    }

    /// Returns the code that is valid at a moment.
    pub fn code(&self, at: Timestamp) -> Result<Code, NoCode> {
        Ok(self.code_at(self.step(at)?))
    }

    /// Returns the code that comes after the one valid at a moment.
    pub fn next_code(&self, at: Timestamp) -> Result<Code, NoCode> {
        Ok(self.code_at(self.step(at)?.saturating_add(1)))
    }

    /// Returns the moment from which on the code of `at` is valid no more, in whole seconds since 1970.
    pub fn valid_until(&self, at: Timestamp) -> Result<Timestamp, NoCode> {
        let period = u64::from(self.period().ok_or(NoCode::OnRequest)?.seconds());
        let end = self.step(at)?.saturating_add(1).saturating_mul(period);
        Ok(Timestamp::from_seconds(i64::try_from(end).unwrap_or(i64::MAX)))
    }

    /// Returns for how many whole seconds, counting the one that runs, the code of `at` stays valid: period to 1.
    pub fn seconds_left(&self, at: Timestamp) -> Option<u32> {
        let until = self.valid_until(at).ok()?;
        u32::try_from(until.seconds_since(at)).ok()
    }
}
