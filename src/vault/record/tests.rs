//! What is written is read again, whatever it holds, and what is not a record is refused without quoting it.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use super::{FORMAT, Record, RecordError, padded, read, write};
use crate::otp::{Algorithm, Digits, Kind, Otp, Period, Secret, Timestamp};
use crate::vault::{Account, AccountId, Checked, Deleted, DeviceId, Stamp, Used, Vault};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("a \"quoted\" \\back\\ 'name'\r\n\tand \u{0}\u{7f}\u{9b}\u{202e}\u{fffd}\u{10ffff}".to_owned()),
        Just("#\"#, r##\"raw\"## /* // ) ] } \u{301}e\u{301} 中文 🙂".to_owned()),
        Just("\\u{41}\\n\\x41 {}{{".to_owned()),
        "[ -~]{0,20}",
        any::<String>(),
    ]
}

fn secret() -> impl Strategy<Value = Secret> {
    vec(any::<u8>(), 1..70).prop_map(|bytes| Secret::from_bytes(&bytes).unwrap())
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        Just((0, 0)),
        Just((i64::MIN, 999_999_999)),
        Just((i64::MAX, 1)),
        (0..4_000_000_000_i64, 0..1_000_000_000_u32)
    ]
    .prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos))
}

fn stamp() -> impl Strategy<Value = Stamp> {
    (any::<i64>(), any::<u32>(), any::<u64>()).prop_map(|(millis, tick, device)| Stamp {
        millis,
        tick,
        device: DeviceId(device),
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        any::<u64>().prop_map(|counter| Kind::Hotp { counter }),
        secret().prop_map(|pin| Kind::Motp { pin }),
        Just(Kind::Steam),
        (1..=86_400_u64).prop_map(|period| Kind::Totp { period: Period::new(period).unwrap() }),
        secret().prop_map(|pin| Kind::Yandex { pin }),
    ]
}

fn account() -> impl Strategy<Value = Account> {
    let otp = (secret(), 0..3_usize, 1..=10_u64, kind()).prop_map(|(secret, algorithm, digits, kind)| Otp {
        secret,
        algorithm: Algorithm::ALL[algorithm],
        digits: Digits::new(digits).unwrap(),
        kind,
    });
    let checked = (0..3, timestamp()).prop_map(|(by, at)| match by {
        0 => Checked::Never,
        1 => Checked::ByDevice(at),
        _ => Checked::BySite(at),
    });
    let used = (any::<u64>(), option::of(timestamp())).prop_map(|(count, last)| Used { count, last });
    let texts = (text(), text(), text(), text());
    let flags = (any::<bool>(), any::<bool>());
    (any::<[u8; 16]>(), otp, texts, flags, timestamp(), checked, used, stamp()).prop_map(
        |(id, otp, (issuer, account, group, note), (pinned, pending), added, checked, used, stamp)| Account {
            id: Uuid::from_bytes(id).to_string().parse().unwrap(),
            otp,
            issuer,
            account,
            group,
            note,
            pinned,
            pending,
            added,
            checked,
            used,
            stamp,
        },
    )
}

fn deleted() -> impl Strategy<Value = Deleted> {
    (account(), stamp(), timestamp(), any::<u32>(), any::<bool>()).prop_map(
        |(account, stamp, at, place, kept)| Deleted {
            id: account.id,
            stamp,
            at,
            place: place as usize,
            account: kept.then(|| Box::new(account)),
        },
    )
}

fn record() -> impl Strategy<Value = Record> {
    let vault = (any::<[u8; 16]>(), any::<u64>(), vec(account(), 0..6), vec(deleted(), 0..3), stamp())
        .prop_map(|(id, generation, accounts, deleted, clock)| Vault {
            id: Uuid::from_bytes(id),
            generation,
            accounts,
            deleted,
            clock,
        });
    (vault, option::of(any::<[u8; 32]>()), timestamp(), any::<u64>(), vec(text(), 0..3)).prop_map(
        |(vault, previous, written, device, recipients)| Record {
            vault,
            previous,
            written,
            device: DeviceId(device),
            recipients,
        },
    )
}

fn small() -> Record {
    let otp = Otp::totp(Secret::from_bytes(b"12345678901234567890").unwrap());
    let id = AccountId::new(Timestamp::from_seconds(1_700_000_000), [7; 10]);
    let mut vault = Vault::new(Uuid::from_bytes([1; 16]));
    vault.accounts.push(Account::new(id, "GitHub", "octocat", otp, Timestamp::from_seconds(1_700_000_000)));
    Record {
        vault,
        previous: None,
        written: Timestamp::from_seconds(1_700_000_000),
        device: DeviceId(0xfeed),
        recipients: vec!["age1example".to_owned()],
    }
}

/// Checks that the small record, with one piece of its text replaced, is refused with `expected`.
#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    let text = write(&small());
    assert!(text.contains(from), "{}", text.trim_end());
    let error = read(&text.replacen(from, to, 1)).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_is_read(record in record()) {
        let text = write(&record);
        prop_assert!(text.len().is_power_of_two() || text.len() > 4096);
        prop_assert_eq!(padded(text.len()), text.len());
        prop_assert_eq!(read(&text), Ok(record));
    }

    #[test]
    fn a_text_cut_short_is_refused(cut in 0..600_usize) {
        let text = write(&small());
        let end = text.trim_end().len();
        prop_assert!(read(&text[..end - 1 - cut.min(end - 1)]).is_err());
    }
}

#[test]
fn a_person_can_read_it() {
    let text = write(&small());
    for part in
        ["format: 1", "issuer: \"GitHub\", account: \"octocat\"", "kind: Totp(period: 30)", "digits: 6"]
    {
        assert!(text.contains(part), "{}", text.trim_end());
    }
}

#[test]
fn what_is_out_of_range_is_refused_by_name() {
    check("digits: 6", "digits: 11", "account \"GitHub\": digits: a code has 1 to 10 digits, not 11");
    check("period: 30", "period: 0", "account \"GitHub\": period: a period is 1 to 86400 seconds, not 0");
    check("SHA1", "MD5", "account \"GitHub\": algorithm: SHA1, SHA256 or SHA512 was expected");
    check("id: \"0", "id: \"x", "id: invalid character: found `x` at 0");
}

#[test]
fn a_bad_secret_is_not_quoted() {
    let secret = small().vault.accounts[0].otp.secret.to_base32();
    check(&secret, "", "account \"GitHub\": secret: the secret is empty");
    check(&secret, "GEZ!GNBV", "account \"GitHub\": secret: the secret is not base32: '!' at character 4");
    check(
        &format!("\"{}\"", secret.as_str()),
        "GEZDGNBVGY3TQOJQ",
        "its text breaks off or is not understood at line 15, column 20",
    );
}

#[test]
fn a_newer_format_is_named() {
    check("format: 1", "format: 2", "it has format 2, and this version reads up to 1");
    check("format: 1", "format: 7, shape: [1]", "it has format 7, and this version reads up to 1");
    check("format: 1", "format: 0", "format: 0 never was a format");
    assert_eq!(FORMAT, 1);
}

#[test]
fn an_unknown_field_is_named() {
    check(
        "digits: 6",
        "digits: 6, colour: 3",
        "it has a field that this version does not know, \"colour\", at line 14",
    );
}

#[test]
fn an_id_that_stands_twice_is_refused() {
    let mut record = small();
    record.vault.accounts.push(record.vault.accounts[0].clone());
    let error = read(&write(&record)).unwrap_err();
    assert_eq!(
        error,
        RecordError::Account { account: "GitHub".into(), field: "id", why: "it stands twice".into() }
    );
}

#[test]
fn padding_tells_little_and_costs_little() {
    for length in [1, 4096, 4097, 5000, 70_000, 1 << 20, (1 << 20) + 1, 10_000_000] {
        let size = padded(length);
        assert!(size >= length.max(4096));
        assert!(length < 4096 || size * 100 <= length * 112, "{length} became {size}");
        assert_eq!(padded(size), size);
    }
    let classes: std::collections::BTreeSet<usize> = (1..100_000).map(padded).collect();
    assert!(classes.len() < 100, "{}", classes.len());
}
