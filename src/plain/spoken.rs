//! How things are said in a line: numbers with their word, codes so that they can be heard.

use zeroize::Zeroizing;

use crate::display::{Visible, visible};
use crate::otp::{Code, Kind, Otp};
use crate::vault::Account;

/// Returns what an account is called: `GitHub, alice@example.com`.
pub(super) fn who(account: &Account) -> Visible {
    named(&account.issuer, &account.account)
}

/// Returns two names as one; either may be empty.
pub(super) fn named(issuer: &str, account: &str) -> Visible {
    match (issuer, account) {
        ("", name) | (name, "") => visible(name),
        (issuer, account) => visible(&format!("{issuer}, {account}")),
    }
}

/// Returns a number with its word: `1 account`, `23 accounts`.
pub(super) fn count(number: impl Into<u64>, word: &str) -> String {
    let number = number.into();
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

/// The same, of what a list has.
pub(super) fn count_of(number: usize, word: &str) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX), word)
}

/// Returns a code as it is read: `492 039`, or spelled `4 9 2, 0 3 9`.
pub(super) fn code(code: &Code, spell: bool) -> Zeroizing<String> {
    let grouped = code.grouped();
    if !spell {
        return grouped;
    }
    let mut spelled = Zeroizing::new(String::with_capacity(grouped.len() * 3));
    for letter in grouped.chars() {
        if letter == ' ' {
            spelled.push(',');
        } else {
            if !spelled.is_empty() {
                spelled.push(' ');
            }
            spelled.push(letter);
        }
    }
    spelled
}

/// Returns what codes are made with: `SHA1, 6 digits, 30 seconds`.
pub(super) fn settings(otp: &Otp) -> String {
    let (hash, digits) = (otp.algorithm.name(), count(otp.digits.get(), "digit"));
    match &otp.kind {
        Kind::Hotp { counter } => format!("{hash}, {digits}, counter {counter}"),
        Kind::Motp { .. } => "Mobile-OTP, 6 characters, 10 seconds".to_owned(),
        Kind::Steam => "Steam, 5 letters, 30 seconds".to_owned(),
        Kind::Totp { period } => format!("{hash}, {digits}, {}", count(period.seconds(), "second")),
        Kind::Yandex { .. } => "Yandex, 8 letters, 30 seconds".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Secret, Timestamp};

    #[test]
    fn a_code_is_said_in_groups_or_spelled() {
        let otp = Otp::totp(Secret::from_bytes(b"12345678901234567890").unwrap());
        let now = otp.code(Timestamp::from_seconds(59)).unwrap();
        assert_eq!((code(&now, false).as_str(), code(&now, true).as_str()), ("287 082", "2 8 7, 0 8 2"));
        let steam = Otp::steam(Secret::from_bytes(b"12345678901234567890").unwrap());
        let now = steam.code(Timestamp::from_seconds(59)).unwrap();
        assert_eq!(code(&now, true).len(), 9);
    }

    #[test]
    fn numbers_have_their_word() {
        assert_eq!(
            (count(1_u8, "second").as_str(), count(21_u8, "second").as_str()),
            ("1 second", "21 seconds")
        );
    }
}
