//! Exports of Google Authenticator, built by hand.

use super::*;
use crate::otp::Timestamp;
use crate::vault::AccountId;

fn account(issuer: &str, user: &str, otp: Otp) -> Account {
    let at = Timestamp::from_seconds(0);
    Account::new(AccountId::new(at, [0; 10]), issuer, user, otp, at)
}

fn secret(bytes: usize) -> Secret {
    Secret::from_bytes(&vec![7; bytes]).unwrap()
}

fn read(text: &str) -> Imported {
    Google.read(&File::new(text.as_bytes()).unwrap(), None).unwrap()
}

/// Writes a payload with the fields of one account behind the secret, and those of the whole.
fn built(account: &[(u64, u64)], whole: &[(u64, u64)]) -> String {
    let (mut message, mut payload) = (Vec::new(), Vec::new());
    put_bytes(&mut message, 1, b"1234567890");
    put_bytes(&mut message, 2, b"Big: alice");
    for (field, value) in account {
        put_number(&mut message, *field, *value);
    }
    put_bytes(&mut message, 8, b"unique");
    put_bytes(&mut payload, 1, &message);
    for (field, value) in whole {
        put_number(&mut payload, *field, *value);
    }
    link(&payload).to_string()
}

#[test]
fn what_is_not_said_is_the_usual() {
    let list = read(&built(&[], &[]));
    assert_eq!(list.refused, []);
    assert_eq!(
        list.entries,
        [Entry::new("Big", "alice", Otp::totp(Secret::from_bytes(b"1234567890").unwrap()))]
    );
    assert_eq!(list.assumed, [Assumed::Period]);
    assert_eq!(list.batches.notes(), Vec::<String>::new());
}

#[test]
fn values_that_nobody_knows_are_refused() {
    let refused = |account: &[(u64, u64)]| read(&built(account, &[])).refused.remove(0).problem;
    assert_eq!(refused(&[(4, 4)]), Problem::Algorithm("MD5".to_owned()));
    assert_eq!(refused(&[(4, 9)]), Problem::Field("algorithm", "SHA1, SHA256 or SHA512"));
    assert_eq!(refused(&[(5, 3)]), Problem::Field("digits", "6 or 8"));
    assert_eq!(refused(&[(6, 3)]), Problem::Field("type", "HOTP or TOTP"));
    assert_eq!(refused(&[(6, 1), (7, u64::MAX)]), Problem::Field("counter", "a number from 0 upwards"));
    let list = read(&built(&[(5, 9)], &[]));
    assert_eq!(
        (list.refused[0].place.as_str(), list.refused[0].name.as_str()),
        ("line 1, entry 1", "Big: alice")
    );
}

#[test]
fn parts_come_in_any_order_and_more_than_once() {
    let part = |index, id: u64| built(&[(7, index)], &[(2, 1), (3, 3), (4, index), (5, id)]);
    let minus = u64::MAX - 5;
    let list = read(&[part(2, minus), part(0, minus), part(2, minus)].join("\n"));
    assert_eq!(list.entries.len(), 2);
    assert_eq!(list.batches.notes(), ["1 QR code was there twice", "picture 2 of 3 is missing"]);
    let list = read(&[part(2, 0), part(1, 0), part(0, 0)].join("\n"));
    assert_eq!((list.entries.len(), list.batches.notes().len()), (3, 0));
}

#[test]
fn parts_come_in_several_files() {
    let part = |index| built(&[(7, index), (6, 1)], &[(2, 1), (3, 4), (4, index)]);
    let bad = built(&[(5, 9)], &[(2, 1), (3, 4), (4, 3)]);
    let mut all = read(&[part(2), bad.clone()].join("\n"));
    assert!(all.batches.is_incomplete());
    assert_eq!(all.batches.notes(), ["pictures 1 and 2 of 4 are missing"]);
    all.append(read(&[part(2), bad.clone(), part(0), "otpauth://totp/x?secret=AAAA".to_owned()].join("\n")));
    assert_eq!((all.entries.len(), all.refused.len()), (3, 1));
    all.append(read(&[bad, part(0), part(1)].join("\n")));
    let counters: Vec<Option<u64>> = all
        .entries
        .iter()
        .map(|entry| if let Kind::Hotp { counter } = entry.otp.kind { Some(counter) } else { None })
        .collect();
    assert_eq!(counters, [Some(2), Some(0), None, Some(1)]);
    assert_eq!(all.refused.len(), 1);
    assert!(!all.batches.is_incomplete());
    assert_eq!(all.batches.notes(), ["4 QR codes were there more than once"]);
}

/// New exports have no number: that one part has two contents is all that tells two of them apart.
#[test]
fn two_exports_of_one_size_are_two() {
    let part = |index, counter| built(&[(6, 1), (7, counter)], &[(2, 2), (3, 3), (4, index)]);
    let list = read(&[part(0, 1), part(1, 1), part(2, 1), part(0, 2)].join("\n"));
    assert_eq!(list.batches.notes(), ["pictures 2 and 3 of 3 are missing"]);
    assert!(list.batches.is_incomplete());
    let mut all = list;
    all.append(read(&[part(1, 2), part(2, 2), part(2, 1)].join("\n")));
    assert_eq!((all.entries.len(), all.batches.is_incomplete()), (6, false));
    assert_eq!(all.batches.notes(), ["1 QR code was there twice"]);
    let many: Vec<String> = (0..40).map(|counter| part(1, counter)).collect();
    assert_eq!(read(&many.join("\n")).batches.notes().len(), 10);
}

#[test]
fn a_size_that_no_export_has_is_not_counted_through() {
    assert_eq!(read(&built(&[], &[(3, u64::MAX), (4, 1)])).batches.notes(), Vec::<String>::new());
}

#[test]
fn base64_is_read_however_it_was_mangled() {
    // The payload has both of the digits that suffer.
    let mut payload = Vec::new();
    let mut message = Vec::new();
    put_bytes(&mut message, 1, &[0xfb, 0xef, 0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff, 0xfb]);
    put_bytes(&mut payload, 1, &message);
    let base64 = BASE64.encode(&payload);
    assert!(base64.contains('+') && base64.contains('/'), "{base64}");
    let spellings = [
        base64.clone(),
        base64.replace('+', " "),
        base64.replace('+', "-").replace('/', "_"),
        base64.replace('+', "-"),
        base64.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D"),
        base64.trim_end_matches('=').to_owned(),
    ];
    for spelling in spellings {
        let list = read(&format!("OTPAUTH-MIGRATION://offline?x=1&Data={spelling}&y=2"));
        assert_eq!(list.entries[0].otp.secret.bytes()[0], 0xfb, "{spelling}");
    }
}

#[test]
fn whatever_is_cut_off_is_told() {
    let whole = built(&[(4, 1), (5, 1), (6, 2)], &[(2, 1), (3, 1), (4, 0), (5, 300)]);
    let bytes = payload(&whole).unwrap();
    for end in 1..bytes.len() {
        let list = read(&link(&bytes[..end]));
        assert!(list.entries.len() + list.refused.len() <= 2, "{end}");
    }
    for link in [
        "otpauth-migration://offline",
        "otpauth-migration://offline?data=",
        "otpauth-migration://offline?data=*",
    ] {
        assert_eq!(read(link).refused.len(), 1, "{link}");
    }
    let endless = link(&[0xff; 40]);
    assert_eq!(read(&endless).refused[0].problem, Problem::Field("data", "whole: it is cut off or garbled"));
    let beyond = link(&[10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0]);
    assert_eq!(read(&beyond).refused.len(), 1);
}

#[test]
fn names_that_could_be_split_are_not() {
    let accounts: Vec<Account> =
        [("", "a:b"), ("a", "a:b"), ("a", "b:c"), ("a:b", "c"), ("", ":b"), ("a", "")]
            .map(|(issuer, user)| account(issuer, user, Otp::totp(secret(20))))
            .into();
    let links = batches(&accounts.iter().collect::<Vec<_>>());
    let list = read(&links[0].link);
    for (entry, account) in list.entries.iter().zip(&accounts) {
        assert_eq!((&entry.issuer, &entry.account), (&account.issuer, &account.account));
    }
}

#[test]
fn ten_accounts_go_into_a_code_and_fewer_if_they_are_long() {
    let accounts: Vec<Account> =
        (0..25).map(|n| account("A", &n.to_string(), Otp::totp(secret(20)))).collect();
    let links = batches(&accounts.iter().collect::<Vec<_>>());
    assert_eq!(links.iter().map(|batch| batch.accounts).collect::<Vec<_>>(), [10, 10, 5]);
    let list = read(&joined_text(&links));
    assert_eq!((list.entries.len(), list.batches.notes().len()), (25, 0));
    assert_eq!(read(&joined_text(&links[1..])).batches.notes(), ["picture 1 of 3 is missing"]);
    let accounts: Vec<Account> =
        (0..6).map(|n| account("A", &n.to_string(), Otp::totp(secret(1024)))).collect();
    let links = batches(&accounts.iter().collect::<Vec<_>>());
    assert_eq!(links.len(), 6);
    for link in links {
        assert!(crate::exchange::picture::draw(&link.link).is_ok());
    }
    assert!(batches(&[]).is_empty());
}

fn joined_text(batches: &[Batch]) -> String {
    let links: Vec<&str> = batches.iter().map(|batch| batch.link.as_str()).collect();
    links.join("\n")
}
