//! Backups of the browser extension, built by hand and with `openssl enc -aes-256-cbc -md md5 -a`.

use super::*;
use crate::otp::{Kind, Otp};

fn read(text: &str, password: Option<&str>) -> Result<Imported, ImportError> {
    let file = File::new(text.as_bytes())?;
    assert_eq!(AuthenticatorExtension.recognizes(&file), Likeness::Yes);
    AuthenticatorExtension.read(&file, password)
}

fn secret() -> Secret {
    Secret::from_base32("JBSWY3DPEHPK3PXP").unwrap()
}

#[test]
fn every_kind_is_read_in_the_order_of_the_index() {
    let list = read(
        r#"{"UserSettings":{"x":1},
            "a":{"hash":"a","index":2,"type":"battle","secret":"JBSWY3DPEHPK3PXP","issuer":"B","digits":6},
            "b":{"hash":"b","index":1,"type":"totp","secret":"jbsw y3dp ehpk 3pxp","issuer":"A::example.com","account":"u","pinned":true,"period":60,"digits":7,"algorithm":"SHA256"},
            "c":{"hash":"c","index":3,"type":"steam","secret":"STM-JBSWY3DPEHPK3PXP"},
            "d":{"hash":"d","index":4,"type":"hex","secret":"48656c6c6f21deadbeef"},
            "e":{"hash":"e","index":5,"type":"hhex","secret":"48656c6c6f21deadbee","counter":9},
            "f":{"hash":"f","index":6,"type":"totp","secret":"blz-JBSWY3DPEHPK3PXP"},
            "g":{"hash":"g","index":7,"type":"totp","secret":"JBSWY3DPEHPK3PXP","algorithm":"GOST3411_2012_256"},
            "h":{"hash":"h","index":8,"type":"hotp","secret":"JBSWY3DPEHPK3PXP","counter":3},
            "i":{"hash":"i","index":9,"type":"new","secret":"JBSWY3DPEHPK3PXP"},
            "j":{"hash":"j","index":10,"type":"totp","secret":""}}"#,
        None,
    )
    .unwrap();
    let first = &list.entries[0];
    assert_eq!((first.issuer.as_str(), first.account.as_str(), first.pinned), ("A", "u", true));
    assert_eq!((first.otp.digits.get(), first.otp.period().unwrap().seconds()), (7, 60));
    let kinds: Vec<(u8, Kind)> =
        list.entries.iter().skip(1).map(|entry| (entry.otp.digits.get(), entry.otp.kind.clone())).collect();
    let wanted = [
        (8, Kind::TOTP),
        (5, Kind::Steam),
        (6, Kind::TOTP),
        (6, Kind::Hotp { counter: 9 }),
        (8, Kind::TOTP),
        (6, Kind::Hotp { counter: 3 }),
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(list.entries[4].otp.secret, Secret::from_hex("48656c6c6f21deadbee0").unwrap());
    let problems: Vec<Problem> = list.refused.into_iter().map(|refused| refused.problem).collect();
    let wanted = [
        Problem::Algorithm("GOST3411_2012_256".to_owned()),
        Problem::Kind("new".to_owned()),
        Problem::Missing("secret"),
    ];
    assert_eq!(problems, wanted);
}

/// `JBSWY3DPEHPK3PXP`, sealed with `pw`.
const SEALED: &str = "U2FsdGVkX1/KhCabo2c/xp3WDwPB3WjogOIAJDt051Dwog9/ujs9WNHEVY3hzeWi";

#[test]
fn the_first_way_seals_each_secret_with_the_password() {
    let file = format!(
        r#"{{"a":{{"hash":"a","type":"totp","index":0,"issuer":"A","secret":"{SEALED}","encrypted":true}},
             "b":{{"hash":"b","type":"totp","index":1,"secret":"JBSWY3DPEHPK3PXP","encrypted":false}}}}"#
    );
    let list = read(&file, Some("pw")).unwrap();
    assert_eq!(
        list.entries,
        [Entry::new("A", "", Otp::totp(secret())), Entry::new("", "", Otp::totp(secret()))]
    );
    assert_eq!(read(&file, None), Err(ImportError::PasswordNeeded));
    assert_eq!(read(&file, Some("no")), Err(ImportError::WrongPassword));
    let broken =
        r#"{"x":{"hash":"x","type":"totp","issuer":"X","secret":"U2FsdGVkX18A","encrypted":true},"a""#;
    let other = file.replace(r#"{"a""#, broken);
    let list = read(&other, Some("pw")).unwrap();
    assert_eq!((list.entries.len(), list.refused[0].name.as_str()), (2, "X"));
    assert!(matches!(list.refused[0].problem, Problem::Locked(_)));
}

/// The bytes 00 01 02 … 0f, sealed with `pw`; and the secret, sealed with them in hexadecimal.
const KEY: &str = "U2FsdGVkX1+IgnyfYZWVxe/zl8sa08H75mTa3MXpfO4B0F1PcikAFSN1aR2pD+Ws";
const KEYED: &str = "U2FsdGVkX1+eSyG3Bs8nANbrnuKf4h/JxKeiWjUQdmPNCCG+i3nvZXa/e7MD6L9+";

#[test]
fn the_second_way_seals_each_secret_with_a_key() {
    let item = format!(
        r#""a":{{"hash":"a","type":"totp","index":0,"issuer":"A","secret":"{KEYED}","encrypted":true}}"#
    );
    for key in
        [format!(r#""key":{{"enc":"{KEY}","hash":"$argon2"}}"#), format!(r#""enc":"{KEY}","hash":"$argon2""#)]
    {
        let file = format!("{{{item},{key}}}");
        assert_eq!(read(&file, Some("pw")).unwrap().entries, [Entry::new("A", "", Otp::totp(secret()))]);
        assert_eq!(read(&file, Some("no")), Err(ImportError::WrongPassword));
        assert_eq!(read(&file, None), Err(ImportError::PasswordNeeded));
    }
}

#[test]
fn a_file_of_many_keys_is_not_worked_through() {
    let mut items = Vec::new();
    for n in 0..200 {
        items.push(format!(r#""k{n}":{{"dataType":"Key","id":"k{n}","salt":"saltsaltsalt"}}"#));
        items.push(format!(
            r#""e{n}":{{"dataType":"EncOTPStorage","keyId":"k{n}","data":"{SEALED}","index":{n}}}"#
        ));
    }
    assert_eq!(read(&format!("{{{}}}", items.join(",")), Some("pw")), Err(ImportError::WrongPassword));
}
