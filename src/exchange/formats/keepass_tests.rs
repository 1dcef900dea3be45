//! The styles in which `KeePass` databases keep codes, and what is left out of them.

use super::*;
use crate::otp::{Algorithm, Kind};

fn entry(attributes: &[(&str, &str)]) -> String {
    let mut text = "<Entry>".to_owned();
    for (key, value) in attributes {
        let value = value.replace('&', "&amp;");
        text += &format!("<String><Key>{key}</Key><Value ProtectInMemory=\"True\">{value}</Value></String>");
    }
    text + "</Entry>"
}

fn file(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<KeePassFile><Meta><RecycleBinUUID>AQIDBAUGBwgJCgsMDQ4PEA==</RecycleBinUUID></Meta>\
         <Root><Group><UUID>x</UUID><Name>Root</Name>{inside}</Group></Root></KeePassFile>"
    )
}

fn read(inside: &str) -> Imported {
    let text = file(inside);
    let file = File::new(text.as_bytes()).unwrap();
    assert_eq!(KeePass.recognizes(&file), Likeness::Yes);
    KeePass.read(&file, None).unwrap()
}

fn one(attributes: &[(&str, &str)]) -> Entry {
    let mut imported = read(&entry(attributes));
    assert_eq!(imported.refused, []);
    imported.entries.pop().unwrap()
}

fn refused(attributes: &[(&str, &str)]) -> Problem {
    read(&entry(attributes)).refused.pop().unwrap().problem
}

#[test]
fn the_first_of_the_styles_counts() {
    let all = [
        ("TOTP Seed", "MRSGK"),
        ("HmacOtp-Secret", "hmac"),
        ("TimeOtp-Secret", "time"),
        ("otp", "otpauth://totp/a?secret=MFRGG"),
    ];
    let secrets = [&b"ddd"[..], b"hmac", b"time", b"abc"];
    for (count, secret) in (1..=4).zip(secrets) {
        if count > 1 {
            assert_eq!(one(&all[..count]).otp.secret.bytes(), secret);
        }
    }
    let empty =
        [("otp", " "), ("TimeOtp-Secret", ""), ("HmacOtp-Secret-Hex", "616263"), ("HmacOtp-Counter", "7")];
    assert_eq!(one(&empty).otp, Otp::hotp(Secret::from_bytes(b"abc").unwrap(), 7));
}

#[test]
fn secrets_are_read_in_every_spelling() {
    for (suffix, text) in [("", "abc"), ("-Hex", "616263"), ("-Base32", "mfrgg==="), ("-Base64", "YWJj")] {
        for style in ["TimeOtp", "HmacOtp"] {
            let read = one(&[(&format!("{style}-Secret{suffix}"), text)]);
            assert_eq!(read.otp.secret.bytes(), b"abc", "{style}{suffix}");
        }
    }
    let read = one(&[
        ("TimeOtp-Secret", "abc"),
        ("TimeOtp-Length", "8"),
        ("TimeOtp-Period", "60"),
        ("TimeOtp-Algorithm", "HMAC-SHA-512"),
    ]);
    assert_eq!((read.otp.algorithm, read.otp.digits.get()), (Algorithm::Sha512, 8));
    assert_eq!(read.otp.period().unwrap().seconds(), 60);
    let odd = [("TimeOtp-Secret", "abc"), ("TimeOtp-Algorithm", "HMAC-MD5")];
    assert_eq!(refused(&odd), Problem::Algorithm("HMAC-MD5".to_owned()));
    assert!(matches!(refused(&[("TimeOtp-Secret", "abc"), ("TimeOtp-Length", "x")]), Problem::Field(..)));
}

#[test]
fn links_of_plug_ins_are_understood() {
    let read = one(&[
        ("Title", "Site"),
        ("UserName", "me"),
        ("otp", "key=MFRGG%3d%3d%3d&step=60&size=8&otpHashMode=Sha256"),
    ]);
    assert_eq!((read.issuer.as_str(), read.account.as_str()), ("Site", "me"));
    assert_eq!((read.otp.algorithm, read.otp.digits.get()), (Algorithm::Sha256, 8));
    let read = one(&[("otp", "type=Hotp&key=YWJj&encoding=Base64&counter=9")]);
    assert_eq!((read.otp.secret.bytes(), &read.otp.kind), (&b"abc"[..], &Kind::Hotp { counter: 9 }));
    assert_eq!(one(&[("otp", "key=MFRGG&type=Steam&size=5")]).otp.kind, Kind::Steam);
    assert_eq!(refused(&[("otp", "key=&size=6")]), Problem::Missing("key"));
    assert!(matches!(refused(&[("otp", "key=MFRGG&encoding=rot13")]), Problem::Field(..)));
    assert_eq!(one(&[("otp", "mfrgg")]).otp.secret.bytes(), b"abc");
}

#[test]
fn settings_may_say_steam_or_nothing() {
    let seed = ("TOTP Seed", "mf rg g");
    assert_eq!(one(&[seed, ("TOTP Settings", "30;S")]).otp.kind, Kind::Steam);
    let read = one(&[seed, ("TOTP Settings", "60;8;https://time.example")]);
    assert_eq!((read.otp.period().unwrap().seconds(), read.otp.digits.get()), (60, 8));
    assert_eq!(one(&[seed]).otp, Otp::totp(Secret::from_bytes(b"abc").unwrap()));
    assert!(matches!(refused(&[seed, ("TOTP Settings", "thirty")]), Problem::Field(..)));
    assert!(matches!(refused(&[seed, ("TOTP Settings", "30;99")]), Problem::Range(_)));
}

#[test]
fn placeholders_are_no_names() {
    let link = "otpauth://totp/KeePassXC:none?secret=MFRGG&issuer=KeePassXC";
    let read = one(&[("Title", "Site"), ("UserName", "me"), ("otp", link)]);
    assert_eq!((read.issuer.as_str(), read.account.as_str()), ("Site", "me"));
    let read = one(&[("otp", link)]);
    assert_eq!((read.issuer.as_str(), read.account.as_str()), ("", ""));
}

#[test]
fn history_and_the_recycle_bin_are_left_out() {
    let codes = entry(&[("otp", "otpauth://totp/a?secret=MFRGG")]);
    let inside = format!(
        "<Entry><String><Key>Title</Key><Value>T</Value></String><String><Key>otp</Key><Value>MFRGG</Value></String>\
         <String><Key>Notes</Key><Value>n</Value></String><Tags>a;b</Tags>\
         <Times><CreationTime>2020-01-01T00:00:00Z</CreationTime><UsageCount>3</UsageCount></Times>\
         <History>{codes}</History></Entry>{}\
         <Group><UUID>y</UUID><Name>Work</Name><Group><Name>Deep</Name>{codes}</Group></Group>\
         <Group><UUID>AQIDBAUGBwgJCgsMDQ4PEA==</UUID><Name>Bin</Name><Group><Name>b</Name>{codes}</Group></Group>",
        entry(&[("Title", "Password only"), ("Password", "x")])
    );
    let imported = read(&inside);
    let groups: Vec<&[String]> = imported.entries.iter().map(|entry| entry.groups.as_slice()).collect();
    assert_eq!(groups, [&["a".to_owned(), "b".to_owned()][..], &["Deep".to_owned()][..]]);
    let first = &imported.entries[0];
    assert_eq!((first.note.as_str(), first.uses), ("n", 3));
    assert_eq!(first.added, Some(Timestamp::from_seconds(1_577_836_800)));
    assert_eq!(
        imported.notes,
        ["1 item without codes was left out", "1 item in the recycle bin was left out"]
    );
}

#[test]
fn a_value_whose_key_is_elsewhere_costs_its_entry_only() {
    let inside = "<Entry><String><Key>otp</Key><Value Protected=\"True\">YWJj</Value></String></Entry>"
        .to_owned()
        + &entry(&[("otp", "MFRGG")]);
    let imported = read(&inside);
    assert_eq!(imported.entries.len(), 1);
    assert!(matches!(imported.refused[0].problem, Problem::Locked(_)));
    assert!(KeePass.read(&File::new(b"<KeePassFile/>").unwrap(), None).is_err());
}

#[test]
fn moments_of_both_kinds_are_read() {
    let year_one = BASE64.encode(&(YEAR_ONE + 5).to_le_bytes());
    assert_eq!(moment(&year_one), Some(Timestamp::from_seconds(5)));
    for odd in
        ["", "x", "AAAA", &BASE64.encode(&i64::MIN.to_le_bytes()), &BASE64.encode(&i64::MAX.to_le_bytes())]
    {
        assert_eq!(moment(odd), None, "{odd}");
    }
}
