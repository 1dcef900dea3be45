//! Containers of keys, plain and sealed.

use super::*;
use crate::otp::{Kind, Period};

fn package(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">{inner}</KeyContainer>"
    )
}

fn key(algorithm: &str, parameters: &str, data: &str) -> String {
    format!(
        "<KeyPackage><DeviceInfo><Manufacturer>M</Manufacturer><SerialNo>987</SerialNo></DeviceInfo><Key Id=\"12\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:{algorithm}\"><Issuer>Issuer-A</Issuer><AlgorithmParameters>{parameters}</AlgorithmParameters><Data><Secret><PlainValue>\n  YWJj\n</PlainValue></Secret>{data}</Data></Key></KeyPackage>"
    )
}

fn read(text: &str, password: Option<&str>) -> Result<Imported, ImportError> {
    let file = File::new(text.as_bytes()).unwrap();
    assert_eq!(Pskc.recognizes(&file), Likeness::Yes);
    Pskc.read(&file, password)
}

#[test]
fn keys_in_clear_have_the_values_that_they_name() {
    let format = "<ResponseFormat Length='8' Encoding='DECIMAL'/>";
    let text = package(
        &[
            key("hotp", format, "<Counter><PlainValue>7</PlainValue></Counter>"),
            key(
                "totp",
                "<Suite>HMAC-SHA256</Suite>",
                "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>",
            ),
            key("hotp", "", "<Counter><PlainValue>AAAAAAAAAAk=</PlainValue></Counter>"),
            key("totp", "<Suite>SHA-512</Suite>", ""),
        ]
        .concat(),
    );
    let imported = read(&text, None).unwrap();
    let kinds: Vec<_> = imported.entries.iter().map(|entry| entry.otp.kind.clone()).collect();
    let totp = |seconds| Kind::Totp { period: Period::new(seconds).unwrap() };
    assert_eq!(kinds, [Kind::Hotp { counter: 7 }, totp(60), Kind::Hotp { counter: 9 }, totp(30)]);
    let hashes: Vec<_> = imported.entries.iter().map(|entry| entry.otp.algorithm.name()).collect();
    assert_eq!(hashes, ["SHA1", "SHA256", "SHA1", "SHA512"]);
    let first = &imported.entries[0];
    assert_eq!(
        (first.issuer.as_str(), first.account.as_str(), first.otp.digits.get()),
        ("Issuer-A", "987", 8)
    );
    assert_eq!((first.otp.secret.bytes(), first.note.as_str()), (b"abc".as_slice(), "Key 12"));
    assert_eq!(read(&text, Some("a password that nothing needs")).unwrap(), imported);
}

#[test]
fn prefixes_vary_and_the_end_may_be_missing() {
    let text = package(&key("totp", "", ""));
    let prefixed =
        text.replace("</", "</p:").replace('<', "<p:").replace("<p:/p:", "</p:").replace("<p:?", "<?");
    let prefixed = prefixed.replace("xmlns=", "xmlns:p=");
    assert_eq!(read(&prefixed, None), read(&text, None));
    let cut = text.strip_suffix("</KeyContainer>").unwrap();
    assert_eq!(read(cut, None), read(&text, None));
    assert!(read(&cut[..cut.len() - 20], None).is_err());
}

#[test]
fn one_bad_key_costs_no_other() {
    let bad = [
        key("ocra", "", ""),
        key("totp", "<Suite>HMAC-SHA224</Suite>", ""),
        key("totp", "<Suite>MD5</Suite>", ""),
        key("totp", "<ResponseFormat Length='11' Encoding='DECIMAL'/>", ""),
        key("totp", "<ResponseFormat Length='6' Encoding='HEXADECIMAL'/>", ""),
        key("totp", "<ResponseFormat Length='6' CheckDigits='true'/>", ""),
        key("totp", "", "<TimeInterval><PlainValue>0</PlainValue></TimeInterval>"),
        key("hotp", "", "<Counter><PlainValue>-1</PlainValue></Counter>"),
        key("totp", "", "").replace("YWJj", "*"),
        key("totp", "", "").replace("PlainValue>", "Value>"),
        "<KeyPackage/>".to_owned(),
    ];
    let imported = read(&package(&(bad.concat() + &key("totp", "", ""))), None).unwrap();
    assert_eq!((imported.entries.len(), imported.refused.len()), (1, bad.len()));
}

#[test]
fn what_no_password_opens_is_said_so() {
    let text = package("<EncryptionKey><X509Data/></EncryptionKey>");
    assert!(matches!(read(&text, None), Err(ImportError::Restricted(_))));
    let text = package(
        "<EncryptionKey><DerivedKey><KeyDerivationMethod><PBKDF2-params><Salt><Specified>YWJj</Specified></Salt><IterationCount>99999999999</IterationCount><KeyLength>16</KeyLength></PBKDF2-params></KeyDerivationMethod></DerivedKey></EncryptionKey>",
    );
    assert!(matches!(read(&text, Some("x")), Err(ImportError::Costly { .. })));
}
