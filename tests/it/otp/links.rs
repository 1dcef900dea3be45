//! Links: every spelling that was seen, everything hostile, and there and back.

use std::fmt::Write;

use proptest::prelude::*;
use twolock::otp::{Algorithm, Digits, Kind, Link, LinkError, Otp, Period, Secret, SecretError, Timestamp};

const KEY: &str = "JBSWY3DPEHPK3PXP";

fn key() -> Secret {
    Secret::from_base32(KEY).unwrap()
}

fn plain() -> Otp {
    Otp::totp(key())
}

#[track_caller]
fn read(text: &str, issuer: &str, account: &str, otp: &Otp) {
    let link = Link::read(text).expect(text);
    assert_eq!((link.issuer.as_str(), link.account.as_str()), (issuer, account), "{text}");
    assert!(link.otp == *otp, "{text}: {:?} is not {otp:?}", link.otp);
}

#[track_caller]
fn refused(text: &str, error: &LinkError) {
    assert_eq!(Link::read(text).as_ref().err(), Some(error), "{text}");
}

#[derive(serde::Deserialize)]
struct Hostile {
    id: String,
    text: String,
    accept: bool,
}

#[test]
fn hostile_links_are_taken_or_refused_as_listed() {
    let text = include_str!("../../fixtures/hostile_links.json");
    let mut links: Vec<Hostile> = serde_json::from_str(text).unwrap();
    let many = (0..20_000).fold(format!("otpauth://totp/A?secret={KEY}"), |mut link, number| {
        write!(link, "&p{number}={number}").unwrap();
        link
    });
    for (id, text, accept) in [
        ("many-params", many, true),
        ("64k-label", format!("otpauth://totp/{}?secret={KEY}", "A".repeat(65_536)), true),
        ("longer-label", format!("otpauth://totp/{}?secret={KEY}", "A".repeat(65_537)), false),
        ("1mb-secret", format!("otpauth://totp/A?secret={}", "A".repeat(1_000_000)), false),
        ("2mb", format!("otpauth://totp/A?secret={KEY}&x={}", "A".repeat(2_000_000)), false),
    ] {
        links.push(Hostile { id: id.to_owned(), text, accept });
    }
    for Hostile { id, text, accept } in links {
        let read = Link::read(&text);
        assert_eq!(read.is_ok(), accept, "{id}: {:?}", read.err());
        if let Ok(link) = read {
            let again = Link::read(&Link::write(&link.issuer, &link.account, &link.otp)).unwrap();
            assert_eq!(again, Link { label_issuer: None, ..link }, "{id}");
        }
    }
}

#[test]
fn names_are_found_wherever_they_stand() {
    let otp = plain();
    let both = format!("secret={KEY}&issuer=ACME");
    for (label, query, issuer, account) in [
        ("ACME:alice", both.as_str(), "ACME", "alice"),
        ("ACME%3Aalice", &both, "ACME", "alice"),
        ("acme%3A%20alice", &both, "ACME", "alice"),
        ("James%3Ax", &both, "ACME", "James:x"),
        ("ACME:James%3Ax", &both, "ACME", "James:x"),
        (":alice", &both, "ACME", "alice"),
        ("alice", &both, "ACME", "alice"),
        ("", &both, "ACME", ""),
        ("Matrix:@edent_:matrix.org", "secret=JBSWY3DPEHPK3PXP", "Matrix", "@edent_:matrix.org"),
        ("A#B:c?", "secret=JBSWY3DPEHPK3PXP", "A#B", "c"),
        ("a+b", "secret=JBSWY3DPEHPK3PXP&issuer=Big+Corp", "Big Corp", "a+b"),
        ("100%", "secret=JBSWY3DPEHPK3PXP", "", "100%"),
        ("a", "secret=JBSWY3DPEHPK3PXP&issuer", "", "a"),
        ("a", "secret=JBSWY3DPEHPK3PXP&issuer=", "", "a"),
        ("a", "secret=JBSWY3DPEHPK3PXP&issuer=A%23B", "A#B", "a"),
        ("a", "secret=JBSWY3DPEHPK3PXP&amp;issuer=B", "B", "a"),
        ("%C3%9C:%E2%82%AC", "secret=JBSWY3DPEHPK3PXP", "Ü", "€"),
    ] {
        let label = label.strip_suffix('?').unwrap_or(label);
        read(&format!("otpauth://totp/{label}?{query}"), issuer, account, &otp);
    }
    let differs = Link::read(&format!("otpauth://totp/GitHub:a?{both}")).unwrap();
    assert_eq!((differs.issuer.as_str(), differs.label_issuer.as_deref()), ("ACME", Some("GitHub")));
}

#[test]
fn values_are_read_in_every_spelling() {
    let with = |query: &str| format!("otpauth://totp/a?secret={KEY}&{query}");
    for spelling in ["sha256", "SHA-256", "HMACSHA256", "HmacSHA256", "HMAC-SHA-256", "Algorithm.sha256"] {
        let otp = Otp { algorithm: Algorithm::Sha256, ..plain() };
        read(&with(&format!("algorithm={spelling}")), "", "a", &otp);
    }
    for nothing in ["algorithm=null", "algorithm=", "digits=null", "digits=undefined", "period=", "x&&=&"] {
        read(&with(nothing), "", "a", &plain());
    }
    for digits in 1..=10 {
        let otp = Otp { digits: Digits::new(digits).unwrap(), ..plain() };
        read(&with(&format!("digits={digits}")), "", "a", &otp);
    }
    for period in [1, 3, 15, 60, 86_400] {
        let otp = Otp { kind: Kind::Totp { period: Period::new(period).unwrap() }, ..plain() };
        read(&with(&format!("PERIOD={period}")), "", "a", &otp);
    }
    let lost = Otp { kind: Kind::Totp { period: Period::new(60).unwrap() }, ..plain() };
    read(&with("issuer=Fooperiod=60"), "Foo", "a", &lost);
    for secret in
        ["jbswy3dpehpk3pxp", "JBSW+Y3DP-EHPK_3PXP", "JBSWY3DPEHPK3PXP%3D%3D", "%4ABSWY3DPEHPK3PXP#x"]
    {
        read(&format!("otpauth://totp/a?secret={secret}"), "", "a", &plain());
    }
    read("otpauth://totp/a?secret=SECRETO", "", "a", &Otp::totp(Secret::from_base32("SECRETO").unwrap()));
    read(&format!("apple-otpauth://TOTP/a?Secret={KEY}"), "", "a", &plain());
    read(&format!("\u{feff}otpauth://totp/a?sec\r\nret={KEY}\n"), "", "a", &plain());
}

#[test]
fn every_kind_is_read() {
    let pin = |text: &str| Secret::from_bytes(text.as_bytes()).unwrap();
    read(&format!("otpauth://hotp/a?secret={KEY}"), "", "a", &Otp::hotp(key(), 0));
    let last = format!("otpauth://hotp/a?secret={KEY}&counter=18446744073709551615");
    read(&last, "", "a", &Otp::hotp(key(), u64::MAX));
    let steam = Otp::steam(key());
    read(&format!("otpauth://steam/a?secret={KEY}&digits=6"), "", "a", &steam);
    read(&format!("otpauth://totp/a?secret={KEY}&encoder=steam&digits=5"), "", "a", &steam);
    read(&format!("otpauth://totp/a?secret={KEY}&steam"), "", "a", &steam);
    read(&format!("otpauth://totp/Steam:a?secret={KEY}&issuer=Steam&digits=6"), "Steam", "a", &steam);
    read(&format!("steam://{KEY}"), "Steam", "", &steam);
    read("steam://SGVsbG8h3q2+7w==", "Steam", "", &steam);
    let motp = Otp::motp(Secret::from_hex("e3152afee62599c8").unwrap(), pin("1234"));
    read("motp://Issuer:user?secret=E3152AFEE62599C8&pin=1234", "Issuer", "user", &motp);
    let long = "LA2V6KMCGYMWWVEW64RNP3JA3IAAAAAAHTSG4HRZPI";
    let yandex = Otp::yandex(Secret::from_base32("LA2V6KMCGYMWWVEW64RNP3JA3I").unwrap(), pin("7586"));
    let link = format!("otpauth://yaotp/user@yandex.ru?secret={long}&pin_length=4");
    read(&format!("{link}&pin=G42TQNQ"), "Yandex", "user@yandex.ru", &yandex);
    refused(&link, &LinkError::PinMissing);
    assert!(Link::read_with_pin(&link, &pin("7586")).unwrap().otp == yandex);
    refused("motp://Issuer:user?secret=e3152afee62599c8", &LinkError::PinMissing);
    let asked = Link::read_with_pin("motp://Issuer:user?secret=e3152afee62599c8", &pin("1234")).unwrap();
    assert!(asked.otp == motp);
}

#[test]
fn a_refusal_names_the_field_and_nothing_of_the_secret() {
    let with = |query: &str| format!("otpauth://totp/a?secret={KEY}&{query}");
    refused(&with("algorithm=MD5"), &LinkError::Algorithm("MD5".to_owned()));
    refused(&with("algorithm=SHA%1b%5b31m224"), &LinkError::Algorithm("SHA31m224".to_owned()));
    for digits in ["0", "11", "-6", "six", "6.0", "%2B6", "99999999999999999999"] {
        refused(&with(&format!("digits={digits}")), &LinkError::Digits);
    }
    for period in ["0", "-30", "30.5", "86401", "18446744073709551615"] {
        refused(&with(&format!("period={period}")), &LinkError::Period);
    }
    for counter in ["-1", "x", "18446744073709551616"] {
        refused(&format!("otpauth://hotp/a?secret={KEY}&counter={counter}"), &LinkError::Counter);
    }
    refused("otpauth://totp/a", &LinkError::SecretMissing);
    refused("otpauth://totp/a?secret=&secret=JBSWY3DPEHPK3PXP", &LinkError::SecretMissing);
    refused("otpauth://totp/a?secret=---", &LinkError::Secret(SecretError::Empty));
    let wrong = SecretError::NotBase32 { found: '0', at: 3 };
    refused("otpauth://totp/a?secret=AB0C", &LinkError::Secret(wrong));
    refused("otpauth://yaotp/a?secret=JBSWY3DPEHPK3PXP&pin=G42TQNQ", &LinkError::SecretShort(10));
    refused("otpauth://yaotp/a?secret=LA2V6KMCGYMWWVEW64RNP3JA3I&pin=AAAA", &LinkError::Pin);
    refused("motp://a:b?secret=xyz&pin=1234", &LinkError::Secret(SecretError::NotHex));
    refused("motp://a:b?pin=1234", &LinkError::SecretMissing);
    refused("steam://", &LinkError::SecretMissing);
    refused(&format!("otpauth://totp/%ff?secret={KEY}"), &LinkError::Encoding);
    refused("otpauth-migration://offline?data=CjEKCkhlbGxv", &LinkError::Migration);
    for other in ["", "otpauth:", "https://example.com", "JBSWY3DPEHPK3PXP", "://", "x otpauth://totp/a"] {
        refused(other, &LinkError::NotALink);
    }
    refused(&format!("otpauth://xotp/a?secret={KEY}"), &LinkError::Type);
    for text in [with("digits=0"), format!("otpauth://totp/a?secret={KEY}1"), with("algorithm=MD5")] {
        let error = Link::read(&text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("JBSW"), "{error}");
    }
}

#[test]
fn links_are_written_in_the_strict_form() {
    let written = Link::write("Big Corp", "a+b@c:d", &plain());
    let expected = "otpauth://totp/Big%20Corp:a%2Bb@c%3Ad?secret=JBSWY3DPEHPK3PXP&issuer=Big%20Corp\
                    &algorithm=SHA1&digits=6&period=30";
    assert_eq!(*written, expected);
    let short = Link::write_short("Big Corp", "alice", &plain());
    assert_eq!(*short, "otpauth://totp/Big%20Corp:alice?secret=JBSWY3DPEHPK3PXP&issuer=Big%20Corp");
    let nameless = Link::write_short("Big Corp", "", &plain());
    assert_eq!(*nameless, "otpauth://totp/Big%20Corp?secret=JBSWY3DPEHPK3PXP&issuer=Big%20Corp");
    let counter = Link::write_short("", "alice", &Otp::hotp(key(), 0));
    assert_eq!(*counter, "otpauth://hotp/alice?secret=JBSWY3DPEHPK3PXP&counter=0");
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z :%#+?&=/@;'\"ÜßΩ文🔑-]{0,24}",
        Just("Steam".to_owned()),
        Just("period=30".to_owned()),
        Just("%41%".to_owned()),
    ]
    .prop_map(|name| name.trim().to_owned())
}

fn otp() -> impl Strategy<Value = Otp> {
    let secret =
        || prop::collection::vec(any::<u8>(), 1..=80).prop_map(|bytes| Secret::from_bytes(&bytes).unwrap());
    let sixteen =
        prop::collection::vec(any::<u8>(), 16).prop_map(|bytes| Secret::from_bytes(&bytes).unwrap());
    let pin = |text: &'static str| text.prop_map(|text| Secret::from_bytes(text.as_bytes()).unwrap());
    let kind = prop_oneof![
        any::<u64>().prop_map(|counter| Kind::Hotp { counter }),
        (1_u64..=86_400).prop_map(|period| Kind::Totp { period: Period::new(period).unwrap() }),
        Just(Kind::TOTP),
    ];
    let algorithm = prop::sample::select(Algorithm::ALL.to_vec());
    prop_oneof![
        4 => (secret(), algorithm, 1_u64..=10, kind).prop_map(|(secret, algorithm, digits, kind)| {
            Otp { secret, algorithm, digits: Digits::new(digits).unwrap(), kind }
        }),
        1 => secret().prop_map(Otp::steam),
        1 => (secret(), pin("[ -~ü]{1,12}")).prop_map(|(secret, pin)| Otp::motp(secret, pin)),
        1 => (sixteen, pin("[0-9]{4,16}")).prop_map(|(secret, pin)| Otp::yandex(secret, pin)),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(issuer in name(), account in name(), otp in otp()) {
        let expected = Link { issuer, account, otp, label_issuer: None };
        let written = Link::write(&expected.issuer, &expected.account, &expected.otp);
        prop_assert_eq!(Link::read(&written).unwrap(), expected.clone(), "{}", &*written);
        let short = Link::write_short(&expected.issuer, &expected.account, &expected.otp);
        prop_assert!(short.len() <= written.len());
        let nameless = expected.account.is_empty() && !expected.issuer.contains(':');
        let account = if nameless { &expected.issuer } else { &expected.account }.clone();
        prop_assert_eq!(Link::read(&short).unwrap(), Link { account, ..expected }, "{}", &*short);
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        drop(Link::read(&text));
        for scheme in ["otpauth://", "otpauth://totp/", "otpauth://yaotp/a?", "motp://", "steam://"] {
            drop(Link::read(&format!("{scheme}{text}")));
        }
        drop(Link::read(&format!("otpauth://totp/a?secret={KEY}&{text}")));
    }

    #[test]
    fn no_query_is_too_strange(text in "[a-z&=%#+?/:;0-9]{0,60}") {
        for host in ["totp", "hotp", "steam", "yaotp", "motp"] {
            drop(Link::read(&format!("otpauth://{host}/{text}?secret={KEY}&{text}")));
        }
    }
}

/// An account of each kind, its names, and its code at 1111111109 or of its counter.
#[test]
fn a_list_of_links_gives_its_codes() {
    let expected = [
        ("Amazon Web Services", "root-account-mfa-device@123456789012", "702228"),
        ("Deno", "Mason", "081804"),
        ("SPDX", "James Ü:x", "9029434"),
        ("Airbnb", "Eli'jah \"q\"", "73946863"),
        ("Issuu", "James", "287082"),
        ("Air Canada", "Ben+jamin", "7392045"),
        ("Steam", "gabe", "QPB38"),
    ];
    let text = include_str!("../../fixtures/links.txt");
    assert_eq!(text.lines().count(), expected.len());
    for (line, (issuer, account, code)) in text.lines().zip(expected) {
        let Link { otp, .. } = Link::read(line).expect(line);
        read(line, issuer, account, &otp);
        let found = match otp.kind {
            Kind::Hotp { counter } => otp.code_at(counter),
            _ => otp.code(Timestamp::from_seconds(1_111_111_109)).unwrap(),
        };
        assert_eq!(found.reveal(), code, "{line}");
    }
}
