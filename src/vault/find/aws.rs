//! What AWS calls an account: the number of an AWS account, or the ARN of a virtual MFA device, which is the
//! `mfa_serial` of its command line.
//!
//! The QR codes of AWS name an account `device@number`, or `device@alias`. A device may have an `@` in its name.

use crate::vault::Account;
use crate::vault::find::folded;

/// What was asked for.
pub(super) enum Named<'a> {
    /// Any device of this AWS account.
    Number(String),
    /// This device of this AWS account.
    Device {
        /// The twelve digits.
        number: &'a str,
        /// The name of the device, without its path.
        device: &'a str,
    },
}

impl<'a> Named<'a> {
    /// Understands an account number, with dashes or without, or an ARN; nothing if it is neither.
    pub(super) fn read(query: &'a str) -> Option<Self> {
        if let Some(rest) = query.strip_prefix("arn:") {
            let mut parts = rest.splitn(5, ':');
            let (partition, service, region) = (parts.next()?, parts.next()?, parts.next()?);
            let (number, resource) = (parts.next()?, parts.next()?);
            let device = resource.strip_prefix("mfa/")?.rsplit('/').next()?;
            let fits = partition.starts_with("aws") && service == "iam" && region.is_empty();
            return (fits && is_number(number) && !device.is_empty())
                .then_some(Self::Device { number, device });
        }
        let digits: String = query.chars().filter(|letter| *letter != '-').collect();
        is_number(&digits).then_some(Self::Number(digits))
    }

    /// Returns the places of the accounts that are meant. An account that was given the ARN or the number as its name
    /// or in its note counts too. Where the QR code had an alias instead of the number, the name of the device decides.
    pub(super) fn find(&self, accounts: &[Account], query: &str) -> Vec<usize> {
        let places = |is: &dyn Fn(&Account) -> bool| -> Vec<usize> {
            accounts.iter().enumerate().filter(|(_, account)| is(account)).map(|(index, _)| index).collect()
        };
        let exact = places(&|account| is_written(account, query));
        if !exact.is_empty() {
            return exact;
        }
        match self {
            Self::Number(number) => places(&|account| {
                is_written(account, number) || split(account).is_some_and(|(_, tail)| tail == number)
            }),
            Self::Device { number, device } => {
                let same = |name: &str| folded(name) == folded(device);
                let whole = places(&|account| {
                    split(account).is_some_and(|(name, tail)| same(name) && tail == *number)
                });
                if !whole.is_empty() {
                    return whole;
                }
                places(&|account| {
                    is_aws(account)
                        && split(account).is_some_and(|(name, tail)| same(name) && !is_number(tail))
                })
            }
        }
    }

    /// Returns the places of what may have been meant: the other devices of the same AWS account.
    pub(super) fn close(&self, accounts: &[Account]) -> Vec<usize> {
        let wanted = match self {
            Self::Number(number) => number.as_str(),
            Self::Device { number, .. } => number,
        };
        let same = |account: &Account| split(account).is_some_and(|(_, tail)| tail == wanted);
        accounts.iter().enumerate().filter(|(_, account)| same(account)).map(|(index, _)| index).collect()
    }
}

/// Says whether a text is one of the names of an account, or stands as a word in its note.
fn is_written(account: &Account, text: &str) -> bool {
    account.issuer == text
        || account.account == text
        || account.note.split_whitespace().any(|word| word == text)
}

/// Parts `device@number` at its last `@`.
fn split(account: &Account) -> Option<(&str, &str)> {
    account.account.rsplit_once('@')
}

fn is_aws(account: &Account) -> bool {
    let issuer = folded(&account.issuer);
    ["amazon", "aws"].iter().any(|name| issuer.contains(name))
}

fn is_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::otp::{Otp, Secret, Timestamp};
    use crate::vault::{Account, AccountId, Resolve, resolve};

    const NAMES: [(&str, &str, &str); 6] = [
        ("Amazon Web Services", "root-account-mfa-device@123456789012", ""),
        ("Amazon Web Services", "alice@example.com@123456789012", ""),
        ("Amazon Web Services", "bob@acme-prod", ""),
        ("Amazon Web Services", "bob@210987654321", ""),
        ("Staging", "carol", "serial GAHT12345678 arn:aws:iam::555555555555:mfa/carol"),
        ("GitHub", "bob@acme-prod", ""),
    ];

    #[track_caller]
    fn check(query: &str, expected: Result<usize, Resolve>) {
        let accounts: Vec<Account> = (0..)
            .zip(NAMES)
            .map(|(number, (issuer, name, note))| {
                let otp = Otp::totp(Secret::from_bytes(&[number; 20]).unwrap());
                let id = AccountId::new(Timestamp::default(), [number; 10]);
                let note = note.to_owned();
                Account { note, ..Account::new(id, issuer, name, otp, Timestamp::default()) }
            })
            .collect();
        assert_eq!(resolve(&accounts, query), expected, "{query}");
    }

    #[test]
    fn an_arn_finds_its_device() {
        check("arn:aws:iam::123456789012:mfa/root-account-mfa-device", Ok(0));
        check("arn:aws:iam::123456789012:mfa/alice@example.com", Ok(1));
        check("arn:aws-cn:iam::123456789012:mfa/team/alice@example.com", Ok(1));
        check("arn:aws:iam::210987654321:mfa/bob", Ok(3));
        check("arn:aws:iam::555555555555:mfa/carol", Ok(4));
    }

    #[test]
    fn where_the_qr_code_had_an_alias_the_name_of_the_device_decides() {
        check("arn:aws:iam::999999999999:mfa/bob", Ok(2));
    }

    #[test]
    fn another_device_of_the_same_account_is_never_taken_for_it() {
        check("arn:aws:iam::123456789012:mfa/dave", Err(Resolve::None(vec![0, 1])));
        check("arn:aws:iam::123456789012:user/alice", Err(Resolve::None(vec![])));
    }

    #[test]
    fn a_number_finds_its_only_device_and_a_serial_its_note() {
        check("210987654321", Ok(3));
        check("2109-8765-4321", Ok(3));
        check("123456789012", Err(Resolve::Many(vec![0, 1])));
        check("GAHT12345678", Ok(4));
        check("333333333333", Err(Resolve::None(vec![])));
    }
}
