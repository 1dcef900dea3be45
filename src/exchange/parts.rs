//! From the loose values that nearly every format has to what codes are made from.

use super::encodings::json::{Object, Value};
use super::entry::{Entry, Imported, Problem};
use crate::otp::{Algorithm, Digits, Kind, LinkError, Otp, Period, Secret};

/// How many bytes of the secret of a Yandex count; what may follow is a checksum.
pub(super) const YANDEX_SECRET: usize = 16;

/// The values of one entry as a format gives them. What is missing takes the usual value.
pub(super) struct Parts<'a> {
    /// `totp`, `hotp`, `steam`, `motp` or `yandex`, in any case; `yaotp` and nothing are understood too.
    pub(super) kind: &'a str,
    /// The secret; of mOTP the bytes that its hexadecimal digits spell.
    pub(super) secret: Secret,
    /// The hash in any spelling; empty for the usual one.
    pub(super) algorithm: &'a str,
    /// How many digits.
    pub(super) digits: Option<u64>,
    /// For how many seconds.
    pub(super) period: Option<u64>,
    /// The counter of the next code.
    pub(super) counter: Option<u64>,
    /// The PIN of mOTP and Yandex.
    pub(super) pin: &'a str,
}

impl Parts<'_> {
    /// Returns the usual case, for formats that record nothing but the secret.
    pub(super) fn of(secret: Secret) -> Self {
        Self { kind: "totp", secret, algorithm: "", digits: None, period: None, counter: None, pin: "" }
    }

    /// Puts them together. A value out of range or a name that is not known is refused, never replaced.
    pub(super) fn otp(self) -> Result<Otp, Problem> {
        let kind = self.kind.trim().to_ascii_lowercase();
        let pin = || match self.pin.trim() {
            "" => Err(Problem::PinMissing),
            pin => Ok(Secret::from_bytes(pin.as_bytes())?),
        };
        match kind.as_str() {
            "motp" => return Ok(Otp::motp(self.secret, pin()?)),
            "steam" => return Ok(Otp::steam(self.secret)),
            "yandex" | "yaotp" => {
                let bytes = self.secret.bytes();
                let short = || Problem::Link(LinkError::SecretShort(bytes.len()));
                let secret = Secret::from_bytes(bytes.get(..YANDEX_SECRET).ok_or_else(short)?)?;
                return Ok(Otp::yandex(secret, pin()?));
            }
            _ => {}
        }
        let algorithm = match self.algorithm.trim() {
            "" => Algorithm::Sha1,
            name => Algorithm::from_name(name).ok_or_else(|| Problem::Algorithm(name.to_owned()))?,
        };
        let digits = self.digits.map(Digits::new).transpose()?.unwrap_or_default();
        let kind = match kind.as_str() {
            "" | "totp" => {
                Kind::Totp { period: self.period.map(Period::new).transpose()?.unwrap_or_default() }
            }
            "hotp" => Kind::Hotp { counter: self.counter.unwrap_or(0) },
            _ => return Err(Problem::Kind(self.kind.to_owned())),
        };
        Ok(Otp { secret: self.secret, algorithm, digits, kind })
    }
}

/// Says why codes cannot be had back from their parts, if they cannot: a vault that was edited by hand holds PINs and
/// secrets that no app takes.
pub(super) fn misfit(otp: &Otp) -> Option<&'static str> {
    let is_text = |pin: &Secret| std::str::from_utf8(pin.bytes()).is_ok_and(|pin| pin == pin.trim());
    match &otp.kind {
        Kind::Motp { pin } | Kind::Yandex { pin } if !is_text(pin) => Some("a PIN that is no text"),
        Kind::Yandex { .. } if otp.secret.bytes().len() < YANDEX_SECRET => {
            Some("a Yandex secret of less than 16 bytes")
        }
        _ => None,
    }
}

/// Reads every object of a list by `read`; the two fields name it where it is refused.
pub(super) fn read_all(
    items: Vec<Value<'_>>,
    names: [&'static str; 2],
    mut read: impl FnMut(&Object<'_>) -> Result<Entry, Problem>,
) -> Imported {
    let mut imported = Imported::default();
    for (index, item) in items.into_iter().enumerate() {
        let place = || format!("entry {}", index + 1);
        match item.object() {
            Some(entry) => {
                let name = || format!("{} {}", entry.words(names[0]), entry.words(names[1]));
                imported.take_or(read(&entry), || (place(), name()));
            }
            None => imported.take(place(), "", Err(Problem::Field("entry", "an object"))),
        }
    }
    imported
}

/// Reads a secret in base32.
pub(super) fn base32(text: &str) -> Result<Secret, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Missing("secret"));
    }
    Ok(Secret::from_base32(text)?)
}

/// Returns the lower-case name of a kind, as most formats spell it.
pub(super) fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Hotp { .. } => "hotp",
        Kind::Motp { .. } => "motp",
        Kind::Steam => "steam",
        Kind::Totp { .. } => "totp",
        Kind::Yandex { .. } => "yandex",
    }
}
