//! From secret and counter to code: the one place where codes are computed.
//!
//! HMAC and the digits come from totp-rs, whose unchecked constructors are used behind types that rule out what it
//! panics on: a step of zero, and more than nine digits. Ten digits are therefore cut here, as mOTP and Yandex are.

use std::fmt::Write;

use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use super::{Algorithm, Code, Kind, Otp, motp, yandex};

/// The longest code.
const LONGEST: usize = 10;

/// An `Otp` made ready, for many codes in a row: the key is prepared once.
pub(in crate::otp) enum Maker<'a> {
    /// HOTP, TOTP and Steam, with at most nine digits.
    Plain(Totp),
    /// HOTP and TOTP with ten digits.
    Ten(Totp),
    /// Mobile-OTP.
    Motp(motp::Key<'a>),
    /// Yandex.Key.
    Yandex(yandex::Key),
}

impl<'a> Maker<'a> {
    /// Makes an `Otp` ready.
    pub(in crate::otp) fn new(otp: &'a Otp) -> Self {
        let algorithm = match otp.algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        };
        match &otp.kind {
            Kind::Hotp { .. } | Kind::Totp { .. } if usize::from(otp.digits.get()) == LONGEST => {
                Self::Ten(prepare(otp, algorithm, 9))
            }
            Kind::Hotp { .. } | Kind::Totp { .. } => Self::Plain(prepare(otp, algorithm, otp.digits.get())),
            Kind::Motp { pin } => Self::Motp(motp::Key::new(&otp.secret, pin)),
            Kind::Steam => Self::Plain(prepare(otp, totp_rs::Algorithm::Steam, 5)),
            Kind::Yandex { pin } => Self::Yandex(yandex::Key::new(&otp.secret, pin)),
        }
    }

    /// Returns the code of a counter or time step.
    pub(in crate::otp) fn code_at(&self, counter: u64) -> Code {
        match self {
            Self::Plain(totp) => spell(totp.generate(counter)),
            Self::Ten(totp) => spell(format_args!("{:010}", truncate(totp.sign(counter).as_ref()))),
            Self::Motp(key) => key.code_at(counter),
            Self::Yandex(key) => key.code_at(counter),
        }
    }
}

/// The step is one second, so that the "time" which totp-rs asks for is the counter itself.
fn prepare(otp: &Otp, algorithm: totp_rs::Algorithm, digits: u8) -> Totp {
    Builder::new()
        .with_algorithm(algorithm)
        .with_digits(digits)
        .with_secret(otp.secret.bytes())
        .with_step_duration(1)
        .build_noncompliant()
}

/// Returns the 31 bits that the last half byte points at (RFC 4226 section 5.3).
fn truncate(signature: &[u8]) -> u32 {
    let offset = usize::from(signature.last().copied().unwrap_or_default() & 0xf);
    let chosen = signature.iter().skip(offset).take(4);
    chosen.fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) & 0x7fff_ffff
}

fn spell(code: impl std::fmt::Display) -> Code {
    // Room for every code from the start: a string that grows leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST));
    write!(text, "{code}").expect("a string takes whatever is written to it");
    Code::new(std::mem::take(&mut *text))
}
