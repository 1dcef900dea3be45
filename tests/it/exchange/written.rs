//! Whatever is written is read back as it was, within what the format can hold.

use proptest::prelude::*;
use twolock::exchange::{EXPORTERS, Entry, Exporter, File, Fit, Protection, verify};
use twolock::otp::{Algorithm, Digits, Kind, Otp, Period, Secret, Timestamp};
use twolock::vault::{Account, AccountId};

use super::importer;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9]{1,12}",
        "[A-Za-z][A-Za-z0-9 .@+:,#?&%=/\"'<>_-]{0,20}[A-Za-z0-9]",
        "[äöüßéñ中文日本]{1,8}",
    ]
}

fn otp() -> impl Strategy<Value = Otp> {
    let secret =
        prop::collection::vec(any::<u8>(), 16..64).prop_map(|bytes| Secret::from_bytes(&bytes).unwrap());
    let pin = "[0-9]{4}".prop_map(|digits| Secret::from_bytes(digits.as_bytes()).unwrap());
    let algorithm = prop::sample::select(Algorithm::ALL.to_vec());
    (secret, pin, algorithm, 1..=10_u64, 1..=300_u64, any::<u32>(), 0..8).prop_map(
        |(secret, pin, algorithm, digits, period, counter, kind)| {
            let digits = Digits::new(digits).unwrap();
            match kind {
                0 | 1 => Otp::totp(secret),
                2 | 3 => Otp {
                    algorithm,
                    digits,
                    kind: Kind::Totp { period: Period::new(period).unwrap() },
                    ..Otp::totp(secret)
                },
                4 | 5 => Otp { algorithm, digits, ..Otp::hotp(secret, u64::from(counter)) },
                6 => Otp::steam(secret),
                _ if period % 2 == 0 => Otp::motp(secret, pin),
                _ => Otp::yandex(Secret::from_bytes(&secret.bytes()[..16]).unwrap(), pin),
            }
        },
    )
}

prop_compose! {
    fn account()(
        issuer in name(), user in name(), otp in otp(), group in prop_oneof![Just(String::new()), "[A-Z][a-z]{1,8}"],
        note in prop_oneof![Just(String::new()), "[a-z\"\\\\\n]{1,20}"], pinned in any::<bool>(), nameless in 0..8,
        id in any::<[u8; 10]>(),
    ) -> Account {
        let issuer = if nameless == 0 { String::new() } else { issuer };
        let at = Timestamp::from_seconds(1_700_000_000);
        let mut account = Account::new(AccountId::new(at, id), &issuer, &user, otp, at);
        (account.group, account.note, account.pinned) = (group, note, pinned);
        account
    }
}

/// Writes and reads back; nothing that fits may be missing or changed but what the format said it would lose.
fn check(format: &dyn Exporter, accounts: &[Account]) {
    let fitting: Vec<&Account> =
        accounts.iter().filter(|account| !matches!(format.fits(account), Fit::Not(_))).collect();
    if fitting.is_empty() {
        return;
    }
    let mut seed = 0_u64;
    let mut random = |bytes: &mut [u8]| {
        for byte in bytes {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = seed.to_be_bytes()[0];
        }
    };
    let password = (format.protection() == Protection::Password).then_some("correct horse");
    let written = format.write(&fitting, password, &mut random);
    let file = File::new(&written).unwrap();
    let read = importer(format.name()).read(&file, password).unwrap();
    assert_eq!(read.refused, [], "{}", format.name());
    assert_eq!(read.entries.len(), fitting.len(), "{}", format.name());
    for (entry, account) in read.entries.iter().zip(fitting) {
        let mut found = plain(entry);
        if matches!(format.fits(account), Fit::Without(lost) if lost.contains(&"issuer")) {
            // Some name the service after the kind of code.
            found.0.clear();
        }
        assert_eq!(found, expected(format, account), "{}", format.name());
    }
}

/// What is compared: the issuer, the account, what codes are made from, the group, the note, the pin.
type Plain = (String, String, Otp, String, String, bool);

fn plain(entry: &Entry) -> Plain {
    let group = entry.groups.first().cloned().unwrap_or_default();
    (entry.issuer.clone(), entry.account.clone(), entry.otp.clone(), group, entry.note.clone(), entry.pinned)
}

fn expected(format: &dyn Exporter, account: &Account) -> Plain {
    let lost = match format.fits(account) {
        Fit::Without(lost) => lost,
        _ => Vec::new(),
    };
    let keep = |what: &str| !lost.contains(&what);
    let text = |what: &str, text: &str| if keep(what) { text.to_owned() } else { String::new() };
    (
        text("issuer", account.issuer.trim()),
        text("account", account.account.trim()),
        account.otp.clone(),
        text("group", &account.group),
        text("note", &account.note),
        keep("pin") && account.pinned,
    )
}

fn accounts(most: usize) -> impl Strategy<Value = Vec<Account>> {
    prop::collection::vec(account(), 1..most)
}

fn formats(protection: Protection) -> impl Iterator<Item = &'static dyn Exporter> {
    EXPORTERS.iter().copied().filter(move |format| format.protection() == protection)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_plain_is_read_back(accounts in accounts(12)) {
        formats(Protection::Plain).for_each(|format| check(format, &accounts));
    }
}

proptest! {
    // Each case pays for the key derivations of all formats.
    #![proptest_config(ProptestConfig { cases: 1, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_encrypted_is_read_back(accounts in accounts(60)) {
        formats(Protection::Password).for_each(|format| check(format, &accounts));
    }
}

/// What an edit by hand can put into a vault, and no app takes: PINs of every kind, short and long secrets, and lengths
/// that the kind does not have. The last is a usual one.
fn odd() -> Vec<Account> {
    let secret = |length: usize| Secret::from_bytes(&vec![7; length]).unwrap();
    let mut all = Vec::new();
    let pins: [&[u8]; 9] =
        [b"\xff\xfe12", b"12\xc3", b" 1234", b"1234\n", b" ", b"1%41+&b=\"", b"\0", "äöüß".as_bytes(), b"12"];
    for pin in pins {
        let pin = Secret::from_bytes(pin).unwrap();
        all.push(Otp::motp(secret(8), pin.clone()));
        all.push(Otp::yandex(secret(16), pin));
    }
    let pin = || Secret::from_bytes(b"1234").unwrap();
    all.extend([15, 16, 26].map(|length| Otp::yandex(secret(length), pin())));
    let (algorithm, digits) = (Algorithm::Sha512, Digits::new(9).unwrap());
    all.push(Otp { algorithm, digits, ..Otp::motp(secret(8), pin()) });
    all.push(Otp { algorithm, digits, ..Otp::steam(secret(20)) });
    all.push(Otp { algorithm, digits, ..Otp::yandex(secret(16), pin()) });
    all.push(Otp::totp(secret(20)));
    let at = Timestamp::from_seconds(1_700_000_000);
    let number = 0_u8..;
    all.into_iter()
        .zip(number)
        .map(|(otp, number)| {
            Account::new(AccountId::new(at, [number; 10]), "odd", &number.to_string(), otp, at)
        })
        .collect()
}

#[test]
fn what_no_text_can_say_is_left_out_by_name_and_the_rest_is_written() {
    let odd = odd();
    for format in EXPORTERS {
        let fitting: Vec<&Account> =
            odd.iter().filter(|account| !matches!(format.fits(account), Fit::Not(_))).collect();
        let password = (format.protection() == Protection::Password).then_some("correct horse");
        let written = format.write(&fitting, password, &mut |bytes| bytes.fill(7));
        assert_eq!(verify(*format, &written, password, &fitting), Ok(()), "{}", format.name());
    }
    // No more is left out than must be: of the usual ones, all are there.
    let left_out = |name: &str| {
        let format = EXPORTERS.iter().find(|format| format.name() == name).unwrap();
        let why = |account: &Account| match format.fits(account) {
            Fit::Not(why) => Some(format!("{} {why}", account.account)),
            _ => None,
        };
        odd.iter().filter_map(why).collect::<Vec<_>>().join("\n")
    };
    let parts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(|number| format!("{number} a PIN that is no text"));
    let parts = parts.join("\n") + "\n18 a Yandex secret of less than 16 bytes";
    assert_eq!(left_out("aegis"), parts);
    assert_eq!(left_out("stratum"), parts);
    let links =
        [1, 3, 5, 7, 9, 11, 13, 15, 17].map(|number| format!("{number} a PIN that is not 4 to 16 digits"));
    let mut links: Vec<String> = links.into();
    links.push("18 a Yandex secret of less than 16 bytes".to_owned());
    links.insert(0, "0 a PIN that is no text".to_owned());
    links.insert(2, "2 a PIN that is no text".to_owned());
    assert_eq!(left_out("twolock"), links.join("\n"));
    assert_eq!(left_out("otpauth"), links.join("\n"));
}
