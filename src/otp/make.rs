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

#[cfg(test)]
mod tests {
    use crate::otp::{Algorithm, Digits, Otp, Secret, Timestamp};

    const SEED: &[u8] = b"1234567890123456789012345678901234567890123456789012345678901234";

    fn seed(bytes: usize) -> Otp {
        Otp::totp(Secret::from_bytes(&SEED[..bytes]).unwrap())
    }

    #[track_caller]
    fn check(otp: &Otp, seconds: i64, code: &str) {
        assert_eq!(otp.code(Timestamp::from_seconds(seconds)).unwrap().reveal(), code, "{seconds}");
    }

    #[test]
    fn counter_codes_are_those_of_rfc_4226_appendix_d() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (counter, code) in (0..).zip(codes) {
            assert_eq!(seed(20).code_at(counter).reveal(), code);
        }
    }

    #[test]
    fn time_codes_are_those_of_rfc_6238_appendix_b() {
        let rows = [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ];
        let eight = |algorithm, bytes| Otp { algorithm, digits: Digits::EIGHT, ..seed(bytes) };
        for (seconds, sha1, sha256, sha512) in rows {
            check(&eight(Algorithm::Sha1, 20), seconds, sha1);
            check(&eight(Algorithm::Sha256, 32), seconds, sha256);
            check(&eight(Algorithm::Sha512, 64), seconds, sha512);
        }
    }

    #[test]
    fn more_digits_only_add_in_front() {
        // RFC 4226 appendix D, counter 0: the whole number is 1284755224.
        for (digits, code) in [(1, "4"), (7, "4755224"), (9, "284755224"), (10, "1284755224")] {
            let otp = Otp { digits: Digits::new(digits).unwrap(), ..seed(20) };
            assert_eq!(otp.code_at(0).reveal(), code);
        }
        // Counter 2: 137359152 has nine digits.
        let ten = Otp { digits: Digits::new(10).unwrap(), ..seed(20) };
        assert_eq!(ten.code_at(2).reveal(), "0137359152");
    }

    #[test]
    fn steam_has_five_letters() {
        let otp = Otp::steam(Secret::from_base32("ZL77XNEK5D4VVFSACIJYOQOUUQUXHDF5").unwrap());
        check(&otp, 1_111_111_109, "QPB38");
        let wrongly_set = Otp { algorithm: Algorithm::Sha512, digits: Digits::EIGHT, ..otp };
        check(&wrongly_set, 1_111_111_109, "QPB38");
    }

    #[test]
    fn mobile_otp_goes_by_text_and_pin() {
        let pin = |text: &str| Secret::from_bytes(text.as_bytes()).unwrap();
        let otp = Otp::motp(Secret::from_hex("E3152AFEE62599C8").unwrap(), pin("1234"));
        check(&otp, 165_892_298, "e7d8b6");
        check(&otp, 123_456_789, "4ebfb2");
        let other = Otp::motp(Secret::from_hex("bbb1912bb5c515be").unwrap(), pin("9999"));
        check(&other, 1_659_540_020, "ced7b1");
        check(&other, 1_659_540_029, "ced7b1");
    }

    #[test]
    fn yandex_has_eight_letters() {
        let otp = |key: &str, pin: &str| {
            Otp::yandex(Secret::from_base32(key).unwrap(), Secret::from_bytes(pin.as_bytes()).unwrap())
        };
        let short = otp("LA2V6KMCGYMWWVEW64RNP3JA3IAAAAAAHTSG4HRZPI", "7586");
        check(&short, 1_581_064_020, "oactmacq");
        check(&short, 1_581_090_810, "wemdwrix");
        check(&otp("6SB2IKNM6OBZPAVBVTOHDKS4FAAAAAAADFUTQMBTRY", "5239"), 1_641_559_648, "umozdicq");
        let long = otp("JBGSAU4G7IEZG6OY4UAXX62JU4AAAAAAHTSG4HXU3M", "5210481216086702");
        check(&long, 1_581_091_469, "dfrpywob");
        // With this PIN the hash begins with a zero, which does not go into the key.
        check(&otp("LA2V6KMCGYMWWVEW64RNP3JA3I", "0261"), 1_581_064_020, "ebtdqhwy");
    }

    #[test]
    fn every_length_of_secret_and_every_counter_has_a_code() {
        for length in [1, 15, 16, 20, 63, 64, 65, 127, 128, 129, 1024] {
            let secret = Secret::from_bytes(&vec![7; length]).unwrap();
            for algorithm in Algorithm::ALL {
                for digits in 1..=10 {
                    let otp = Otp {
                        algorithm,
                        digits: Digits::new(digits).unwrap(),
                        ..Otp::hotp(secret.clone(), 0)
                    };
                    for counter in [0, 1, u64::from(u32::MAX), u64::MAX] {
                        let code = otp.code_at(counter);
                        assert_eq!(code.reveal().len(), otp.length());
                        assert!(otp.tidy(&code.grouped()).is_some_and(|typed| code.matches(&typed)));
                    }
                }
            }
            for otp in [
                Otp::steam(secret.clone()),
                Otp::motp(secret.clone(), secret.clone()),
                Otp::yandex(secret.clone(), secret.clone()),
            ] {
                assert_eq!(otp.code_at(u64::MAX).reveal().len(), otp.length());
            }
        }
    }
}
