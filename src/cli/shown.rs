//! How accounts are shown by verbs: as a label, as columns, as JSON. Never with a secret.

use serde::Serialize;

use crate::display::{Visible, visible};
use crate::otp::{Algorithm, Kind, Otp, Period};
use crate::vault::{Account, Checked};

/// The fewest digits of a short id.
const SHORTEST_ID: usize = 4;

/// Returns the short ids of all accounts, in their order: `vault::short_id` of each, in one pass over the sorted ids.
pub(super) fn short_ids(accounts: &[Account]) -> Vec<String> {
    let digits: Vec<String> = accounts.iter().map(|account| account.id.digits()).collect();
    let mut order: Vec<usize> = (0..digits.len()).collect();
    order.sort_unstable_by(|&a, &b| digits[a].bytes().rev().cmp(digits[b].bytes().rev()));
    let mut lengths = vec![SHORTEST_ID; digits.len()];
    for pair in order.windows(2) {
        let (one, other) = (&digits[pair[0]], &digits[pair[1]]);
        let shared = one.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count();
        for &index in pair {
            lengths[index] = lengths[index].max(shared + 1);
        }
    }
    let tail = |(digits, length): (&String, usize)| digits[digits.len().saturating_sub(length)..].to_owned();
    digits.iter().zip(lengths).map(tail).collect()
}

/// Returns an account as a person calls it: `GitHub (alice@example.com)`.
pub(super) fn label(account: &Account) -> Visible {
    title(account.name(), account.detail())
}

/// Returns the label of an account that is known by its two names.
pub(super) fn title(name: &str, detail: &str) -> Visible {
    match detail {
        "" => visible(name),
        detail => visible(&format!("{name} ({detail})")),
    }
}

/// Returns the kind as it is written: `totp`.
pub(super) fn kind(otp: &Otp) -> &'static str {
    match otp.kind {
        Kind::Hotp { .. } => "hotp",
        Kind::Motp { .. } => "motp",
        Kind::Steam => "steam",
        Kind::Totp { .. } => "totp",
        Kind::Yandex { .. } => "yandex",
    }
}

/// Returns what codes are made with, in a few letters: `SHA1 6 30s`.
pub(super) fn settings(otp: &Otp) -> String {
    let hash = otp.algorithm.name();
    match &otp.kind {
        Kind::Hotp { counter } => format!("{hash} {} #{counter}", otp.digits.get()),
        Kind::Motp { .. } => "mOTP".to_owned(),
        Kind::Steam => "Steam".to_owned(),
        Kind::Totp { period } => format!("{hash} {} {}s", otp.digits.get(), period.seconds()),
        Kind::Yandex { .. } => "Yandex".to_owned(),
    }
}

/// Returns who has seen that the codes are right.
pub(super) fn checked(account: &Account) -> &'static str {
    match account.checked {
        Checked::ByDevice(_) => "device",
        Checked::BySite(_) => "site",
        Checked::Never if account.pending => "pending",
        Checked::Never => "never",
    }
}

/// An account, as programs read it.
#[derive(Serialize)]
pub(super) struct Described<'a> {
    id: &'a str,
    name: &'a str,
    account: &'a str,
    group: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    algorithm: &'static str,
    digits: usize,
    period: Option<u32>,
    pinned: bool,
    checked: &'static str,
}

impl<'a> Described<'a> {
    /// Describes an account by everything but its secret.
    pub(super) fn new(account: &'a Account, id: &'a str) -> Self {
        Self {
            id,
            name: account.name(),
            account: account.detail(),
            group: &account.group,
            kind: kind(&account.otp),
            algorithm: match account.otp.kind {
                Kind::Hotp { .. } | Kind::Totp { .. } => account.otp.algorithm.name(),
                Kind::Motp { .. } => "MD5",
                Kind::Steam => Algorithm::Sha1.name(),
                Kind::Yandex { .. } => Algorithm::Sha256.name(),
            },
            digits: account.otp.length(),
            period: account.otp.period().map(Period::seconds),
            pinned: account.pinned,
            checked: checked(account),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Secret, Timestamp};
    use crate::vault::{AccountId, short_id};

    #[test]
    fn the_short_ids_are_those_of_the_vault() {
        let randoms =
            [[0; 10], [1; 10], [0, 0, 0, 0, 0, 0, 0, 0, 1, 0], [9, 0, 0, 0, 0, 0, 0, 0, 0, 0], [2; 10]];
        let accounts: Vec<Account> = randoms
            .into_iter()
            .map(|random| {
                let id = AccountId::new(Timestamp::from_seconds(1_600_000_000), random);
                let otp = Otp::totp(Secret::from_bytes(b"1").expect("a byte is a secret"));
                Account::new(id, "GitHub", "alice", otp, Timestamp::default())
            })
            .collect();
        for (account, short) in accounts.iter().zip(short_ids(&accounts)) {
            assert_eq!(short, short_id(&accounts, account.id));
        }
        assert_eq!(short_ids(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_label_has_both_names_and_nothing_that_steers_a_terminal() {
        let otp = Otp::totp(Secret::from_bytes(b"1").expect("a byte is a secret"));
        let id = AccountId::new(Timestamp::default(), [0; 10]);
        let named = |issuer, name| Account::new(id, issuer, name, otp.clone(), Timestamp::default());
        assert_eq!(label(&named("GitHub", "alice")).as_str(), "GitHub (alice)");
        assert_eq!(label(&named("", "alice")).as_str(), "alice");
        assert_eq!(label(&named("a\u{1b}[2J", "\u{202e}b")).as_str(), "a\\u{1b}[2J (\\u{202e}b)");
    }
}
