//! The links that QR codes hold: `otpauth:` and its relatives, read as the world writes them.
//!
//! Reading forgives spelling and never guesses a value: an algorithm, a number of digits or a period that is not
//! known is refused with the field's name, for a wrong code is worse than none. No error holds any of the secret.
//! Nothing that a link names (`image`, `icon`) is ever fetched.

use data_encoding::BASE64;
use thiserror::Error;
use zeroize::Zeroizing;

use super::percent::{Plus, decode};
use super::{Algorithm, Digits, Kind, Otp, Period, Secret, SecretError, yandex};

/// What a link holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    /// The service; empty if the link names none.
    pub issuer: String,
    /// The user name there; may be empty.
    pub account: String,
    /// What the codes are made from.
    pub otp: Otp,
    /// The service as the label names it, where the parameter says something else.
    pub label_issuer: Option<String>,
}

/// Why a text is no link that can be used.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum LinkError {
    /// A hash that is not supported; its name, cut to a few plain characters.
    #[error("this link asks for the algorithm \"{0}\"; sites use SHA1, SHA256 or SHA512")]
    Algorithm(String),
    /// The counter is no number from 0 to 2^64 − 1.
    #[error("the counter of this link is not a number from 0 to 18446744073709551615")]
    Counter,
    /// The digits are out of range.
    #[error("the digits of this link are not a number from 1 to 10")]
    Digits,
    /// The name is not UTF-8.
    #[error("the name in this link is not UTF-8 text")]
    Encoding,
    /// An export of Google Authenticator, which holds several accounts.
    #[error("this is an export of Google Authenticator, not the link of one account")]
    Migration,
    /// Another scheme, or none.
    #[error("this is not an otpauth link")]
    NotALink,
    /// The period is out of range.
    #[error("the period of this link is not a number of seconds from 1 to 86400")]
    Period,
    /// The PIN cannot be one: for Yandex 4 to 16 digits, in base32.
    #[error("the PIN in this link is not one")]
    Pin,
    /// mOTP and Yandex need a PIN, and the link has none; see `Link::read_with_pin`.
    #[error("codes of this link need a PIN, which the link does not hold")]
    PinMissing,
    /// The secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// There is no secret.
    #[error("this link has no secret in it")]
    SecretMissing,
    /// A secret too short for its kind.
    #[error("the secret of this link is too short: {0} bytes, at least 16 are needed")]
    SecretShort(usize),
    /// Beyond all bounds.
    #[error("this link is too long")]
    TooLong,
    /// Neither `totp` nor `hotp` nor another kind that is known.
    #[error("this link is of a kind that is not known; totp, hotp, steam, motp and yaotp are")]
    Type,
}

impl Link {
    /// The longest link, in bytes; a QR code holds less than 3000.
    pub const MAX: usize = 1 << 20;
    /// The longest name or other field, in bytes.
    pub const MAX_FIELD: usize = 1 << 16;

    /// Reads a link: `otpauth:`, `apple-otpauth:`, `steam:` or `motp:`.
    pub fn read(text: &str) -> Result<Self, LinkError> {
        Self::read_as(text, None)
    }

    /// Reads a link of mOTP or Yandex that says nothing of its PIN; of others the PIN is not looked at.
    pub fn read_with_pin(text: &str, pin: &Secret) -> Result<Self, LinkError> {
        Self::read_as(text, Some(pin))
    }

    fn read_as(text: &str, pin: Option<&Secret>) -> Result<Self, LinkError> {
        if text.len() > Self::MAX {
            return Err(LinkError::TooLong);
        }
        // A terminal or a mail may have broken the line.
        let text = Zeroizing::new(text.replace(['\r', '\n', '\t'], ""));
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let (scheme, rest) = text.split_once("://").ok_or(LinkError::NotALink)?;
        match scheme.to_ascii_lowercase().as_str() {
            "apple-otpauth" | "otpauth" => read_otpauth(rest, pin),
            "motp" => {
                let (label, query) = rest.split_once('?').unwrap_or((rest, ""));
                read_motp(label, &Query(query), pin)
            }
            "otpauth-migration" => Err(LinkError::Migration),
            "steam" => read_steam(rest),
            _ => Err(LinkError::NotALink),
        }
    }
}

/// Reads what follows `otpauth://`.
///
/// By hand, since a general reader of URLs takes the `#` of an unescaped name for the start of a fragment.
fn read_otpauth(rest: &str, pin: Option<&Secret>) -> Result<Link, LinkError> {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(end);
    let (label, query) = rest.split_once('?').unwrap_or((rest, ""));
    let label = label.strip_prefix('/').unwrap_or(label);
    let query = Query(query);
    match host.to_ascii_lowercase().as_str() {
        "hotp" => {
            let (secret, counter) =
                (query.secret()?, query.number("counter", LinkError::Counter)?.unwrap_or(0));
            let plain = Otp { kind: Kind::Hotp { counter }, ..query.plain(secret)? };
            query.link(label, plain)
        }
        "motp" => read_motp(label, &query, pin),
        "steam" => query.link(label, Otp::steam(query.secret()?)),
        "totp" => {
            let secret = query.secret()?;
            let link = query.link(label, query.plain(secret)?)?;
            if query.is_steam(&link.issuer) {
                return Ok(Link { otp: Otp::steam(link.otp.secret), ..link });
            }
            let period = query.period()?;
            Ok(Link { otp: Otp { kind: Kind::Totp { period }, ..link.otp }, ..link })
        }
        "yaotp" => read_yandex(label, &query, pin),
        _ => Err(LinkError::Type),
    }
}

fn read_motp(label: &str, query: &Query<'_>, pin: Option<&Secret>) -> Result<Link, LinkError> {
    let written =
        query.get("secret").map(bare).filter(|text| !text.is_empty()).ok_or(LinkError::SecretMissing)?;
    let secret = Secret::from_hex(&decode(written, Plus::Dropped)?)?;
    let pin = match query.get("pin").filter(|text| !text.is_empty()) {
        Some(written) => Secret::from_bytes(decode(written, Plus::Kept)?.as_bytes())?,
        None => pin.cloned().ok_or(LinkError::PinMissing)?,
    };
    query.link(label, Otp::motp(secret, pin))
}

/// `steam://SECRET`, in base32 or, from some, in Base64.
fn read_steam(rest: &str) -> Result<Link, LinkError> {
    let written = bare(rest.split('?').next().unwrap_or(rest)).trim_matches('/');
    let text = decode(written, Plus::Kept)?;
    if text.trim().is_empty() {
        return Err(LinkError::SecretMissing);
    }
    let secret = Secret::from_base32(&text).or_else(|error| match BASE64.decode(text.as_bytes()) {
        Ok(bytes) => Secret::from_bytes(&Zeroizing::new(bytes)),
        Err(_) => Err(error),
    })?;
    Ok(Link {
        issuer: "Steam".to_owned(),
        account: String::new(),
        otp: Otp::steam(secret),
        label_issuer: None,
    })
}

fn read_yandex(label: &str, query: &Query<'_>, pin: Option<&Secret>) -> Result<Link, LinkError> {
    let secret = query.secret()?;
    // What follows the sixteen bytes is a checksum for the app's own entry field.
    let bytes =
        secret.bytes().get(..yandex::SECRET_BYTES).ok_or(LinkError::SecretShort(secret.bytes().len()))?;
    let secret = Secret::from_bytes(bytes)?;
    let pin = match query.get("pin").filter(|text| !text.is_empty()) {
        Some(written) => {
            Secret::from_base32(&decode(bare(written), Plus::Dropped)?).map_err(|_| LinkError::Pin)?
        }
        None => pin.cloned().ok_or(LinkError::PinMissing)?,
    };
    if !(4..=16).contains(&pin.bytes().len()) || !pin.bytes().iter().all(u8::is_ascii_digit) {
        return Err(LinkError::Pin);
    }
    let mut link = query.link(label, Otp::yandex(secret, pin))?;
    if link.issuer.is_empty() && query.get("issuer").is_none() {
        link.issuer = "Yandex".to_owned();
    }
    Ok(link)
}

/// The part after the `?`, as it was written.
struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    /// Returns the value of the first parameter of that name, as it was written.
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.split('&').find_map(|pair| {
            let (found, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A link that was copied out of the source of a web page has `&amp;`.
            let found = found.strip_prefix("amp;").unwrap_or(found);
            let same = found.eq_ignore_ascii_case(name)
                || (found.contains('%')
                    && decode(found, Plus::Kept).is_ok_and(|found| found.eq_ignore_ascii_case(name)));
            same.then_some(value)
        })
    }

    /// Returns a value that is not text of a person; nothing if it is absent, or one of the ways to say so.
    fn plain_value(&self, name: &str) -> Option<Zeroizing<String>> {
        let value = decode(bare(self.get(name)?), Plus::Blank).ok()?;
        let value = Zeroizing::new(value.trim().to_owned());
        let absent =
            value.is_empty() || ["null", "undefined"].iter().any(|no| value.eq_ignore_ascii_case(no));
        (!absent).then_some(value)
    }

    fn number(&self, name: &str, error: LinkError) -> Result<Option<u64>, LinkError> {
        let Some(value) = self.plain_value(name) else {
            return Ok(None);
        };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        if digits { value.parse().map(Some).map_err(|_| error) } else { Err(error) }
    }

    fn secret(&self) -> Result<Secret, LinkError> {
        let text = decode(bare(self.get("secret").ok_or(LinkError::SecretMissing)?), Plus::Dropped)?;
        if text.trim().is_empty() {
            return Err(LinkError::SecretMissing);
        }
        Ok(Secret::from_base32(&text)?)
    }

    /// Reads algorithm and digits.
    fn plain(&self, secret: Secret) -> Result<Otp, LinkError> {
        let algorithm = match self.plain_value("algorithm") {
            None => Algorithm::Sha1,
            Some(name) => {
                Algorithm::from_name(&name).ok_or_else(|| LinkError::Algorithm(printable(&name)))?
            }
        };
        let digits = match self.number("digits", LinkError::Digits)? {
            None => Digits::SIX,
            Some(digits) => Digits::new(digits).map_err(|_| LinkError::Digits)?,
        };
        Ok(Otp { algorithm, digits, ..Otp::totp(secret) })
    }

    fn period(&self) -> Result<Period, LinkError> {
        let mut seconds = self.number("period", LinkError::Period)?;
        if seconds.is_none()
            && let Some((_, glued)) = self.get("issuer").and_then(|issuer| issuer.split_once(GLUED))
        {
            seconds = Query(&format!("period={glued}")).number("period", LinkError::Period)?;
        }
        seconds.map_or(Ok(Period::THIRTY), |seconds| Period::new(seconds).map_err(|_| LinkError::Period))
    }

    /// Says whether a link of a `totp` means Steam: some apps say so, the others write its name and its usual values.
    fn is_steam(&self, issuer: &str) -> bool {
        if let Some(encoder) = self.plain_value("encoder") {
            return encoder.eq_ignore_ascii_case("steam");
        }
        self.get("steam").is_some() || issuer.eq_ignore_ascii_case("steam")
    }

    /// Puts the names to an `Otp`.
    fn link(&self, label: &str, otp: Otp) -> Result<Link, LinkError> {
        let written = self.get("issuer").unwrap_or_default();
        // An old export of Ente lost the `&` between these two.
        let written = written.split_once(GLUED).map_or(written, |(issuer, _)| issuer);
        let issuer = decode(written, Plus::Blank)?.trim().to_owned();
        let (prefix, account) = split_label(label, &issuer)?;
        if [&issuer, &prefix, &account].iter().any(|field| field.len() > Link::MAX_FIELD) {
            return Err(LinkError::TooLong);
        }
        let label_issuer =
            (!issuer.is_empty() && !prefix.is_empty() && prefix != issuer).then(|| prefix.clone());
        let issuer = if issuer.is_empty() { prefix } else { issuer };
        Ok(Link { issuer, account, otp, label_issuer })
    }
}

/// What an old export of Ente left of `&period=` behind the issuer.
const GLUED: &str = "period=";

/// Splits the label into issuer and account.
///
/// A colon that is written as one separates. One that is escaped may belong to the account (`James:x`), so it
/// separates only where nothing else names the issuer, or where it names the same.
fn split_label(label: &str, issuer: &str) -> Result<(String, String), LinkError> {
    if let Some((prefix, account)) = label.split_once(':') {
        let (prefix, account) = (decode(prefix, Plus::Kept)?, decode(account, Plus::Kept)?);
        return Ok((prefix.trim().to_owned(), account.trim().to_owned()));
    }
    let text = decode(label, Plus::Kept)?;
    if let Some((prefix, account)) = text.split_once(':') {
        let prefix = prefix.trim();
        if issuer.is_empty() || prefix.is_empty() || prefix.to_lowercase() == issuer.to_lowercase() {
            return Ok((prefix.to_owned(), account.trim().to_owned()));
        }
    }
    Ok((String::new(), text.trim().to_owned()))
}

/// Returns a value without the fragment that may follow it; names keep their `#`.
fn bare(value: &str) -> &str {
    value.split('#').next().unwrap_or(value)
}

/// Returns so much of a name as may be shown: a dozen plain characters.
fn printable(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).take(12).collect()
}
