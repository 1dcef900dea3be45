//! An account: what is kept of one sign-in at one service.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::otp::{Otp, Timestamp};

/// Names an account for ever, through edits, moves and merges. A UUID of version 7.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AccountId(Uuid);

impl AccountId {
    /// Returns a new id for an account added at `at`; `random` makes it unlike every other.
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Returns the hexadecimal digits without dashes, of which a person may type the last few.
    pub fn digits(self) -> String {
        self.0.simple().to_string()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for AccountId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// Names a copy of the program with a vault of its own: random, made once a device.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DeviceId(pub u64);

/// When and where an account was last edited: a hybrid logical clock, so that two copies of a vault can be merged.
///
/// Ordered: the later edit is greater, whatever the clocks of the devices say.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Stamp {
    /// Milliseconds since 1970, never less than any stamp seen before.
    pub millis: i64,
    /// Tells edits of one millisecond apart.
    pub tick: u32,
    /// The device, so that no two stamps are equal.
    pub device: DeviceId,
}

impl Stamp {
    /// Returns a stamp of `device` that is later than `self` and not before `at`.
    #[must_use]
    pub fn next(self, at: Timestamp, device: DeviceId) -> Self {
        if at.millis() > self.millis {
            Self {
                millis: at.millis(),
                tick: 0,
                device,
            }
        } else {
            match self.tick.checked_add(1) {
                Some(tick) => Self {
                    millis: self.millis,
                    tick,
                    device,
                },
                None => Self {
                    millis: self.millis.saturating_add(1),
                    tick: 0,
                    device,
                },
            }
        }
    }
}

/// Who has seen that the codes of an account are right.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Checked {
    /// Two codes of another device were compared with ours.
    ByDevice(Timestamp),
    /// The service accepted them.
    BySite(Timestamp),
    /// Nobody yet.
    #[default]
    Never,
}

/// How often a code was taken, and when last.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Used {
    /// How many times.
    pub count: u64,
    /// The last time, if ever.
    pub last: Option<Timestamp>,
}

/// One account. Texts are kept as they came; they are shown only through `display`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// Its name for ever.
    pub id: AccountId,
    /// What the codes are made from.
    pub otp: Otp,
    /// The service: "GitHub". May be empty if `account` is not.
    pub issuer: String,
    /// The user name or mail address at the service. May be empty.
    pub account: String,
    /// The group it is listed under; empty for none.
    pub group: String,
    /// Free text of the user's.
    pub note: String,
    /// Listed first.
    pub pinned: bool,
    /// The secret was made here and the other device has not shown two codes yet: it opens nothing so far.
    pub pending: bool,
    /// When it was added.
    pub added: Timestamp,
    /// Who has seen that it works.
    pub checked: Checked,
    /// How often it was used.
    pub used: Used,
    /// The last edit.
    pub stamp: Stamp,
}

impl Account {
    /// Returns an account with nothing but a name and what the codes are made from.
    pub fn new(id: AccountId, issuer: &str, account: &str, otp: Otp, added: Timestamp) -> Self {
        Self {
            id,
            otp,
            issuer: issuer.to_owned(),
            account: account.to_owned(),
            group: String::new(),
            note: String::new(),
            pinned: false,
            pending: false,
            added,
            checked: Checked::Never,
            used: Used::default(),
            stamp: Stamp::default(),
        }
    }

    /// Returns what a person calls it: the issuer, or the account where there is no issuer.
    pub fn name(&self) -> &str {
        if self.issuer.is_empty() {
            &self.account
        } else {
            &self.issuer
        }
    }

    /// Returns the account beside the issuer, empty where `name` says it already.
    pub fn detail(&self) -> &str {
        if self.issuer.is_empty() { "" } else { &self.account }
    }
}
