//! Everything that people put into the one field.

use data_encoding::BASE64;
use proptest::prelude::*;

use super::*;

fn base32(text: &str) -> Secret {
    Secret::from_base32(text).unwrap()
}

#[track_caller]
fn is(text: &str, expected: &Typed) {
    assert_eq!(recognize(text).as_ref(), Ok(expected), "{text:?}");
}

#[track_caller]
fn is_not(text: &str, expected: &TypedError) {
    assert_eq!(recognize(text).as_ref(), Err(expected), "{text:?}");
}

#[test]
fn keys_in_every_grouping() {
    for text in [
        "JBSWY3DPEHPK3PXP",
        " jbsw y3dp ehpk 3pxp\r\n",
        "JBSW-Y3DP-EHPK-3PXP",
        "JBSW\u{a0}Y3DP\u{200b}EHPK_3PXP==",
        "\u{feff}\"JBSWY3DPEHPK3PXP\"",
    ] {
        is(text, &Typed::Key(base32("JBSWY3DPEHPK3PXP")));
    }
    is("SECRETO", &Typed::Key(base32("SECRETO")));
    // All of it hexadecimal and all of it base32: the second is what sites hand out.
    is("abcdef2345672345", &Typed::Key(base32("abcdef2345672345")));
}

#[test]
fn hexadecimal_is_told_by_what_base32_has_not() {
    let secret = Secret::from_hex("3132333435363738393031323334353637383930").unwrap();
    for text in [
        "3132333435363738393031323334353637383930",
        "0x3132333435363738393031323334353637383930",
        "3132 3334 3536 3738 3930 3132 3334 3536 3738 3930",
    ] {
        is(text, &Typed::Hex(secret.clone()));
    }
    is("31:32:33:34:35:36:37:38:39", &Typed::Hex(Secret::from_hex("313233343536373839").unwrap()));
    assert!(matches!(recognize("deadbeef01"), Err(TypedError::Letters { .. })), "too short for a key");
}

#[test]
fn letters_that_no_key_has_are_shown_where_they_were_typed() {
    let fixed = |text: &str| Some(Zeroizing::new(text.to_owned()));
    is_not(
        "JBSW Y3DP EH0K 3PXP JBSW Y3DP EHPK 3PX8",
        &TypedError::Letters {
            places: vec![13, 39],
            fixed: fixed("JBSW Y3DP EHOK 3PXP JBSW Y3DP EHPK 3PXB"),
        },
    );
    is_not("  1BSWY3DP", &TypedError::Letters { places: vec![3], fixed: fixed("  IBSWY3DP") });
    is_not("JBSWY3DP9", &TypedError::Letters { places: vec![9], fixed: None });
    is_not("JBSWY3DP0", &TypedError::Letters { places: vec![9], fixed: None });
    is_not("JBSWY3DPЕHPK3PXP", &TypedError::Letters { places: vec![9], fixed: None });
}

#[test]
fn lengths_that_no_key_has_are_counted_without_blanks() {
    is_not("JBSW Y3DP EHPK 3PXP J", &TypedError::Length { len: 17 });
    for len in [1, 3, 6, 9, 11, 14] {
        is_not(&"A".repeat(len), &TypedError::Length { len });
    }
    for len in [2, 4, 5, 7, 8, 10, 12, 13, 15, 16] {
        assert!(recognize(&"A".repeat(len)).is_ok(), "{len}");
    }
}

#[test]
fn links_and_what_is_like_them() {
    let text = "otpauth://totp/GitHub:alice?secret=JBSWY3DPEHPK3PXP&issuer=GitHub";
    let link = Typed::Link(Box::new(Link::read(text).unwrap()));
    for text in [text.to_owned(), format!(" {text}\n"), format!("'{text}'"), format!("QR-Code:{text}")] {
        is(&text, &link);
    }
    is(&text.replacen("otpauth", "OTPAUTH", 1), &link);
    assert!(matches!(recognize("steam://JBSWY3DPEHPK3PXP"), Ok(Typed::Link(_))));
    is("otpauth-migration://offline?data=CjEKCkhlbGxv", &Typed::Migration);
    is(&format!("{text}\n\n QR-Code:{text}\r\n"), &Typed::Links);
    is(&format!("otpauth-migration://offline?data=CjEK\n{text}"), &Typed::Migration);
    is(&format!("{text}\n"), &link);
    is_not("otpauth://totp/a", &TypedError::Link(LinkError::SecretMissing));
    is_not("https://example.com/qr.png", &TypedError::WebAddress);
    is_not("HTTP://example.com", &TypedError::WebAddress);
}

#[test]
fn paths_come_out_plain() {
    for (text, path) in [
        ("~/qr.png", "~/qr.png"),
        ("/tmp/my\\ qr\\ code.png ", "/tmp/my qr code.png"),
        ("'/tmp/my qr code'", "/tmp/my qr code"),
        ("\"my picture\"", "my picture"),
        ("\"C:\\Users\\a b\\qr.png\"", "C:\\Users\\a b\\qr.png"),
        ("C:\\Users\\qr.png", "C:\\Users\\qr.png"),
        ("\\\\server\\share\\qr.png", "\\\\server\\share\\qr.png"),
        ("./qr", "./qr"),
        ("../qr", "../qr"),
        ("qr code.JPEG", "qr code.JPEG"),
        ("file:///tmp/my%20qr%C3%BC.png", "/tmp/my qrü.png"),
        ("file://localhost/tmp/qr.png", "/tmp/qr.png"),
        ("FILE:///C:/a%20b.png", "C:/a b.png"),
        ("file:///tmp/%ff", "/tmp/%ff"),
        ("/tmp/100%.png", "/tmp/100%.png"),
        ("/tmp/a\\\\b\\", "/tmp/a\\b"),
        ("/9j/not-a-picture", "/9j/not-a-picture"),
    ] {
        is(text, &Typed::Path(path.to_owned()));
    }
}

#[test]
fn codes_are_not_taken_for_keys() {
    is_not("12345678", &TypedError::RecoveryCode);
    is_not("2345 6723", &TypedError::RecoveryCode);
    is_not("492 039", &TypedError::VerificationCode { digits: 6 });
    assert!(recognize("2345672345672345").is_ok(), "sixteen digits may be a key");
}

#[test]
fn pictures_are_told_by_their_first_bytes() {
    let magic: [&[u8]; 5] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF", b"GIF89a", b"BM"];
    for magic in magic {
        let mut bytes = magic.to_vec();
        bytes.resize(200, 3);
        let text = BASE64.encode(&bytes);
        let expected = Typed::Picture(Zeroizing::new(bytes));
        is(&text, &expected);
        is(text.trim_end_matches('='), &expected);
        let lines: Vec<&str> =
            text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        is(&lines.join("\r\n"), &expected);
        is(&format!("data:image/png;base64,{text}"), &expected);
    }
    is_not("data:image/svg+xml,<svg/>", &TypedError::Picture);
    is_not("iVBORw0KGgo!", &TypedError::Picture);
    is_not(&format!("iVBORw0KGgo{}", "A".repeat(24 << 20)), &TypedError::TooLong);
    assert!(matches!(recognize("Qk5WAAAA"), Ok(Typed::Key(_))), "a key may begin like a BMP");
}

#[test]
fn nothing_and_too_much() {
    for text in ["", " \n", "\u{feff}", "---"] {
        is_not(text, &TypedError::Empty);
    }
    is_not(&"A".repeat(2048), &TypedError::TooLong);
    is_not(&"?".repeat(2 << 20), &TypedError::TooLong);
}

#[test]
fn debug_and_messages_show_nothing_of_a_key() {
    for text in ["JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PX0", "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP"] {
        let shown = match recognize(text) {
            Ok(typed) => format!("{typed:?}"),
            Err(error) => format!("{error:?} {error}"),
        };
        assert!(!shown.contains("JBSW"), "{shown}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        if let Err(TypedError::Letters { places, .. }) = recognize(&text) {
            let count = text.chars().count();
            prop_assert!(places.iter().all(|place| (1..=count).contains(place)));
        }
        for start in ["", "/9j/", "Qk", "iVBOR", "data:image/", "file://", "\"", "otpauth://", "~", "0x"] {
            drop(recognize(&format!("{start}{text}")));
        }
    }

    #[test]
    fn every_secret_is_a_key(bytes in prop::collection::vec(any::<u8>(), 10..=64)) {
        let secret = Secret::from_bytes(&bytes).unwrap();
        prop_assert_eq!(recognize(&secret.to_groups()), Ok(Typed::Key(secret.clone())));
    }

    #[test]
    fn a_correction_that_is_offered_is_a_key(text in "[A-Z2-7018 ]{4,40}") {
        if let Err(TypedError::Letters { fixed: Some(fixed), .. }) = recognize(&text) {
            prop_assert!(matches!(recognize(&fixed), Ok(Typed::Key(_))));
        }
    }
}
