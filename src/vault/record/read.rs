//! Reads a record. The structs here are the format; the types of the domain are made from them, field by field,
//! so that what is out of range is refused with its name and never becomes a value.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::otp::{Algorithm, Digits, Kind, Otp, Period, Secret, Timestamp};
use crate::vault::record::{FORMAT, Hash, Record, RecordError};
use crate::vault::{Account, AccountId, Checked, Deleted, DeviceId, Stamp, Used, Vault};

/// Reads a record; a newer format and an unknown field are refused.
pub(in crate::vault) fn read(text: &str) -> Result<Record, RecordError> {
    let text = text.trim_end_matches(' ');
    match ron::from_str::<RecordText<'_>>(text) {
        Ok(record) if record.format == FORMAT => record.parse(),
        Ok(record) => Err(unknown_format(record.format)),
        Err(error) => Err(refusal(text, error)),
    }
}

fn unknown_format(format: u32) -> RecordError {
    if format > FORMAT {
        RecordError::Newer(format)
    } else {
        RecordError::Field { field: "format", why: format!("{format} never was a format") }
    }
}

/// Says why a text is none, without quoting it: a message of the parser may hold any string of the file.
fn refusal(text: &str, error: ron::error::SpannedError) -> RecordError {
    /// All that can be expected of every later format.
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    if let Ok(head) = ron::from_str::<Head>(text)
        && head.format != FORMAT
    {
        return unknown_format(head.format);
    }
    let line = error.span.start.line;
    match error.code {
        ron::Error::NoSuchStructField { found, .. } => RecordError::UnknownField { name: found, line },
        _ => RecordError::Text { line, column: error.span.start.col },
    }
}

/// A string that is wiped when dropped.
struct SecretText(Zeroizing<String>);

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Taker;

        impl Visitor<'_> for Taker {
            type Value = SecretText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretText, E> {
                Ok(SecretText(Zeroizing::new(text.to_owned())))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<SecretText, E> {
                Ok(SecretText(Zeroizing::new(text)))
            }
        }

        deserializer.deserialize_str(Taker)
    }
}

/// Seconds and nanoseconds since 1970.
type TimeText = (i64, u32);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordText<'a> {
    format: u32,
    #[serde(borrow)]
    id: Cow<'a, str>,
    generation: u64,
    #[serde(borrow, default)]
    previous: Cow<'a, str>,
    #[serde(borrow)]
    written: WrittenText<'a>,
    #[serde(borrow)]
    clock: StampText<'a>,
    recipients: Vec<String>,
    #[serde(borrow)]
    accounts: Vec<AccountText<'a>>,
    #[serde(borrow)]
    deleted: Vec<DeletedText<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenText<'a> {
    at: TimeText,
    #[serde(borrow)]
    device: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StampText<'a> {
    millis: i64,
    tick: u32,
    #[serde(borrow)]
    device: Cow<'a, str>,
}

#[derive(Deserialize)]
enum KindText {
    Hotp { counter: u64 },
    Motp { pin: SecretText },
    Steam,
    Totp { period: u64 },
    Yandex { pin: SecretText },
}

#[derive(Default, Deserialize)]
enum CheckedText {
    ByDevice(i64, u32),
    BySite(i64, u32),
    #[default]
    Never,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsedText {
    count: u64,
    #[serde(default)]
    last: Option<TimeText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountText<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    issuer: String,
    account: String,
    kind: KindText,
    #[serde(borrow)]
    algorithm: Cow<'a, str>,
    digits: u64,
    secret: SecretText,
    #[serde(default)]
    group: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    pending: bool,
    added: TimeText,
    #[serde(default)]
    checked: CheckedText,
    #[serde(default)]
    used: UsedText,
    #[serde(borrow)]
    stamp: StampText<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeletedText<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    place: usize,
    at: TimeText,
    #[serde(borrow)]
    stamp: StampText<'a>,
    #[serde(borrow, default)]
    account: Option<AccountText<'a>>,
}

impl RecordText<'_> {
    fn parse(self) -> Result<Record, RecordError> {
        let clock = field("clock", self.clock.parse())?;
        let accounts = self.accounts.into_iter().map(AccountText::parse).collect::<Result<Vec<_>, _>>()?;
        let deleted = self.deleted.into_iter().map(DeletedText::parse).collect::<Result<Vec<_>, _>>()?;
        let mut seen = HashSet::with_capacity(accounts.len());
        if let Some(twice) = accounts.iter().find(|account| !seen.insert(account.id)) {
            return Err(within(twice.name(), "id", "it stands twice"));
        }
        let vault = Vault {
            id: field("id", Uuid::from_str(&self.id))?,
            generation: self.generation,
            accounts,
            deleted,
            clock,
        };
        Ok(Record {
            vault,
            previous: field("previous", hash(&self.previous))?,
            written: time(self.written.at),
            device: field("written", device(&self.written.device))?,
            recipients: self.recipients,
        })
    }
}

impl AccountText<'_> {
    fn parse(self) -> Result<Account, RecordError> {
        let name = if self.issuer.is_empty() { &self.account } else { &self.issuer };
        let algorithm = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == self.algorithm);
        let pin = |pin: &SecretText| Secret::from_base32(&pin.0).map_err(|why| within(name, "pin", why));
        let kind = match &self.kind {
            KindText::Hotp { counter } => Kind::Hotp { counter: *counter },
            KindText::Motp { pin: text } => Kind::Motp { pin: pin(text)? },
            KindText::Steam => Kind::Steam,
            KindText::Totp { period } => {
                Kind::Totp { period: Period::new(*period).map_err(|why| within(name, "period", why))? }
            }
            KindText::Yandex { pin: text } => Kind::Yandex { pin: pin(text)? },
        };
        let otp = Otp {
            secret: Secret::from_base32(&self.secret.0).map_err(|why| within(name, "secret", why))?,
            algorithm: algorithm
                .ok_or_else(|| within(name, "algorithm", "SHA1, SHA256 or SHA512 was expected"))?,
            digits: Digits::new(self.digits).map_err(|why| within(name, "digits", why))?,
            kind,
        };
        Ok(Account {
            id: AccountId::from_str(&self.id).map_err(|_| within(name, "id", "it is not a UUID"))?,
            otp,
            pinned: self.pinned,
            pending: self.pending,
            added: time(self.added),
            checked: match self.checked {
                CheckedText::ByDevice(seconds, nanos) => Checked::ByDevice(Timestamp::new(seconds, nanos)),
                CheckedText::BySite(seconds, nanos) => Checked::BySite(Timestamp::new(seconds, nanos)),
                CheckedText::Never => Checked::Never,
            },
            used: Used { count: self.used.count, last: self.used.last.map(time) },
            stamp: self.stamp.parse().map_err(|why| within(name, "stamp", why))?,
            issuer: self.issuer,
            account: self.account,
            group: self.group,
            note: self.note,
        })
    }
}

impl DeletedText<'_> {
    fn parse(self) -> Result<Deleted, RecordError> {
        Ok(Deleted {
            id: field("deleted", AccountId::from_str(&self.id))?,
            stamp: field("deleted", self.stamp.parse())?,
            at: time(self.at),
            place: self.place,
            account: self.account.map(AccountText::parse).transpose()?.map(Box::new),
        })
    }
}

impl StampText<'_> {
    fn parse(&self) -> Result<Stamp, &'static str> {
        Ok(Stamp { millis: self.millis, tick: self.tick, device: device(&self.device)? })
    }
}

fn time((seconds, nanos): TimeText) -> Timestamp {
    Timestamp::new(seconds, nanos)
}

fn device(text: &str) -> Result<DeviceId, &'static str> {
    u64::from_str_radix(text, 16).map(DeviceId).map_err(|_| "a device is sixteen hexadecimal digits")
}

fn hash(text: &str) -> Result<Option<Hash>, &'static str> {
    const WHY: &str = "a hash is 64 hexadecimal digits";
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| WHY)?;
    bytes.try_into().map(Some).map_err(|_| WHY)
}

fn field<T, E: ToString>(field: &'static str, parsed: Result<T, E>) -> Result<T, RecordError> {
    parsed.map_err(|why| RecordError::Field { field, why: why.to_string() })
}

fn within(account: &str, field: &'static str, why: impl ToString) -> RecordError {
    RecordError::Account { account: account.to_owned(), field, why: why.to_string() }
}
