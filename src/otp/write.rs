//! Links, written in the strictest form that everybody reads.

use std::fmt::Write;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use zeroize::Zeroizing;

use super::{Algorithm, Digits, Kind, Link, Otp, Period};

impl Link {
    /// Writes the link of an account, with every value spelled out.
    ///
    /// PINs of mOTP and Yandex are in it, so that reading it gives back the same account.
    pub fn write(issuer: &str, account: &str, otp: &Otp) -> Zeroizing<String> {
        write(issuer, account, otp, false)
    }

    /// Writes a link without the usual values (SHA1, 6 digits, 30 s), for a QR code with fewer squares.
    ///
    /// An account without a name of its own takes the issuer's: scanners refuse an empty one, or show the bare colon.
    pub fn write_short(issuer: &str, account: &str, otp: &Otp) -> Zeroizing<String> {
        write(issuer, account, otp, true)
    }
}

fn write(issuer: &str, account: &str, otp: &Otp, short: bool) -> Zeroizing<String> {
    // Room for the whole of it from the start: a string that grows leaves copies of the secret behind.
    let room = 6 * issuer.len() + 3 * account.len() + 2 * Otp::longest_text(otp) + 256;
    let mut link = Zeroizing::new(String::with_capacity(room));
    let host = match otp.kind {
        Kind::Hotp { .. } => "otpauth://hotp/",
        Kind::Motp { .. } => "motp://",
        Kind::Steam => "otpauth://steam/",
        Kind::Totp { .. } => "otpauth://totp/",
        Kind::Yandex { .. } => "otpauth://yaotp/",
    };
    link.push_str(host);
    escape(&mut link, issuer);
    // An issuer with a colon in it keeps the separator, or it would be split there.
    let nameless = short && account.is_empty() && !issuer.contains(':');
    // Without an issuer the colon is needed where the account has one, or it would be taken for the separator.
    if (!issuer.is_empty() && !nameless) || account.contains(':') {
        link.push(':');
    }
    escape(&mut link, account);
    link.push_str("?secret=");
    match otp.kind {
        Kind::Motp { .. } => link.push_str(&Zeroizing::new(HEXLOWER.encode(otp.secret.bytes()))),
        _ => link.push_str(&otp.secret.to_base32()),
    }
    // An issuer that is there and empty tells a Yandex without one from those that leave it out.
    if !issuer.is_empty() || matches!(otp.kind, Kind::Yandex { .. }) {
        link.push_str("&issuer=");
        escape(&mut link, issuer);
    }
    values(&mut link, issuer, otp, short).expect("a string takes whatever is written to it");
    link
}

fn values(link: &mut Zeroizing<String>, issuer: &str, otp: &Otp, short: bool) -> std::fmt::Result {
    match &otp.kind {
        Kind::Hotp { counter } => {
            common(link, otp, short)?;
            // Not left out even at 0: some apps refuse a link without it.
            write!(link, "&counter={counter}")?;
        }
        Kind::Motp { pin } => {
            link.push_str("&pin=");
            escape_bytes(link, pin.bytes());
        }
        Kind::Steam if short => {}
        Kind::Steam => link.push_str("&algorithm=SHA1&digits=5&period=30"),
        Kind::Totp { period } => {
            common(link, otp, short)?;
            if !short || *period != Period::THIRTY {
                write!(link, "&period={}", period.seconds())?;
            }
            // The name alone is a sign of Steam Guard to many readers, this one included.
            if issuer.eq_ignore_ascii_case("steam") {
                link.push_str("&encoder=totp");
            }
        }
        Kind::Yandex { pin } => {
            write!(link, "&pin_length={}&pin=", pin.bytes().len())?;
            link.push_str(&Zeroizing::new(BASE32_NOPAD.encode(pin.bytes())));
        }
    }
    Ok(())
}

fn common(link: &mut Zeroizing<String>, otp: &Otp, short: bool) -> std::fmt::Result {
    if !short || otp.algorithm != Algorithm::Sha1 {
        write!(link, "&algorithm={}", otp.algorithm.name())?;
    }
    if !short || otp.digits != Digits::SIX {
        write!(link, "&digits={}", otp.digits.get())?;
    }
    Ok(())
}

impl Otp {
    /// Returns an upper bound for the length of secret and PIN, written out.
    fn longest_text(&self) -> usize {
        let pin = match &self.kind {
            Kind::Motp { pin } | Kind::Yandex { pin } => 3 * pin.bytes().len(),
            Kind::Hotp { .. } | Kind::Steam | Kind::Totp { .. } => 0,
        };
        2 * self.secret.bytes().len() + 2 + pin
    }
}

fn escape(link: &mut Zeroizing<String>, text: &str) {
    escape_bytes(link, text.as_bytes());
}

/// Escapes everything but what never needs it (RFC 3986 section 2.3), and `@`, which names are full of.
fn escape_bytes(link: &mut Zeroizing<String>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        match byte {
            b'-' | b'.' | b'0'..=b'9' | b'@' | b'A'..=b'Z' | b'_' | b'a'..=b'z' | b'~' => {
                link.push(char::from(*byte));
            }
            _ => {
                let halves = [usize::from(byte >> 4), usize::from(byte & 0xf)];
                link.push('%');
                link.extend(halves.map(|half| char::from(DIGITS[half])));
            }
        }
    }
}
