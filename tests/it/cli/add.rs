//! `twolock add`.

use image::{ImageFormat, Luma};
use qrcode::QrCode;
use std::io::Cursor;

use crate::support::sandbox::{KEY, RFC_KEY, Sandbox};

const ALICE: &str = "otpauth://totp/GitHub:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub";
const BOB: &str = "otpauth://totp/AWS:bob?secret=JBSWY3DPEHPK3PXP&issuer=AWS&period=60&digits=8";

/// Returns the picture of one or more QR codes, side by side.
fn picture(texts: &[&str]) -> Vec<u8> {
    let codes: Vec<_> = texts
        .iter()
        .map(|text| QrCode::with_error_correction_level(text.as_bytes(), qrcode::EcLevel::L).unwrap())
        .collect();
    let (size, gap) = (6_usize, 8_usize);
    let pixels = |modules: usize| u32::try_from(modules * size).unwrap();
    let width = codes.iter().map(|code| code.width() + 2 * gap).sum();
    let height = codes.iter().map(QrCode::width).max().unwrap() + 2 * gap;
    let mut image = image::GrayImage::from_pixel(pixels(width), pixels(height), Luma([255]));
    let mut left = gap;
    for code in &codes {
        for (x, y) in
            (0..code.width() * code.width()).map(|index| (index % code.width(), index / code.width()))
        {
            if code[(x, y)] == qrcode::Color::Dark {
                for (dx, dy) in (0..36).map(|pixel| (pixel % 6, pixel / 6)) {
                    image.put_pixel(pixels(left + x) + dx, pixels(gap + y) + dy, Luma([0]));
                }
            }
        }
        left += code.width() + 2 * gap;
    }
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn takes_a_key_in_any_of_its_spellings_from_standard_input() {
    for spelling in [KEY, "jbsw y3dp-ehpk 3pxp\n", "  JBSWY3DPEHPK3PXP  \r\n", "\u{feff}JBSWY3DPEHPK3PXP"] {
        let sandbox = Sandbox::with_vault();
        let id = sandbox.add(&["GitHub", "--account", "alice"], spelling);
        assert_eq!(id.len(), 4);
        sandbox.run(&["code", "git", "--at", "59"]).answer().is(0, "996554\n", "");
    }
}

#[test]
fn the_settings_of_the_codes_can_be_given() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["A", "--digits", "8", "--period", "60", "--algorithm", "sha256", "--group", "G"], KEY);
    let account = &sandbox.run(&["list", "--json"]).answer().json()["accounts"][0];
    let told = ["digits", "period", "algorithm", "group"].map(|name| account[name].clone());
    assert_eq!(serde_json::json!(told), serde_json::json!([8, 60, "SHA256", "G"]));
    let steam = "otpauth://steam/Steam:alice?secret=GEZDGNBVGY3TQOJQ";
    sandbox.run(&["add", "--digits", "6"]).stdin(steam).answer().fails(
        2,
        "codes of this kind have a form of their own; leave --algorithm, --digits, --hotp and --period out",
        &[],
    );
}

#[test]
fn a_link_brings_its_names_and_the_call_may_change_them() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&[], BOB);
    sandbox.add(&["Mine", "--account", "me"], ALICE);
    let accounts = sandbox.run(&["list", "--json"]).answer().json();
    let names = |index: usize| ["name", "account"].map(|name| accounts["accounts"][index][name].clone());
    assert_eq!(serde_json::json!([names(0), names(1)]), serde_json::json!([["AWS", "bob"], ["Mine", "me"]]));
    assert_eq!(
        (accounts["accounts"][0]["period"].as_u64(), accounts["accounts"][0]["digits"].as_u64()),
        (Some(60), Some(8))
    );
}

#[test]
fn a_file_is_taken_for_what_is_in_it() {
    let sandbox = Sandbox::with_vault();
    let png = picture(&[ALICE]);
    sandbox.write("no-ending", &png);
    sandbox.add(&["--from", "no-ending"], "");
    sandbox.run(&["code", "github", "--at", "59"]).answer().is(0, "287082\n", "");
    let base64 = data_encoding::BASE64.encode(&picture(&[BOB]));
    sandbox.add(&["--from", "-"], &format!("data:image/png;base64,{base64}\n"));
    assert_eq!(sandbox.run(&["list"]).answer().stdout.lines().count(), 2);
    let missing = sandbox.run(&["add", "--from", "nowhere.png"]).answer();
    missing.fails(1, "cannot read \"nowhere.png\": no such file or directory", &[]);
}

#[test]
fn several_codes_in_a_picture_are_all_added_unless_one_name_is_given() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("two.png", picture(&[ALICE, BOB]));
    let answer = sandbox.run(&["add", "X", "--from", "two.png"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(4), ""));
    assert!(answer.stderr.starts_with(
        "twolock: error: there are 2 accounts in it, and NAME or --account can name one only\n\
         twolock: hint: leave NAME and --account out to add all of them\n"
    ));
    assert!(answer.stderr.contains("\"GitHub\" (alice)") && answer.stderr.contains("\"AWS\" (bob)"));
    let answer = sandbox.run(&["add", "--from", "two.png"]).answer();
    assert_eq!((answer.code, answer.stdout.lines().count(), answer.stderr.as_str()), (Some(0), 2, ""));
}

#[test]
fn several_links_a_line_each_are_all_added() {
    let sandbox = Sandbox::with_vault();
    let answer = sandbox.run(&["add"]).stdin(format!("{ALICE}\n\n{BOB}\n{ALICE}\n")).answer();
    assert_eq!((answer.code, answer.stdout.lines().count(), answer.stderr.as_str()), (Some(0), 2, ""));
}

#[test]
fn the_same_secret_is_known_by_the_secret_and_not_by_the_name() {
    let sandbox = Sandbox::with_vault();
    let id = sandbox.add(&["GitHub", "--account", "alice"], KEY);
    sandbox.run(&["add", "Other"]).stdin(KEY).answer().fails(
        11,
        &format!("the vault has this secret already, as \"GitHub (alice)\" (id:{id})"),
        &["--replace gives it the new names and settings instead"],
    );
    sandbox.run(&["add", "Other", "--replace", "--digits", "8"]).stdin(KEY).answer().is(
        0,
        &format!("{id}\n"),
        "",
    );
    sandbox.run(&["list"]).answer().is(0, &format!("{id}\tOther\t\t\ttotp\n"), "");

    let answer = sandbox.run(&["add", "Other"]).stdin(RFC_KEY).answer();
    assert_eq!((answer.code, answer.stdout.lines().count()), (Some(0), 1));
    let warning = format!(
        "twolock: warning: \"Other\" is there already with another secret (id:{id}); both are kept\n"
    );
    assert_eq!(answer.stderr, warning);
}

#[test]
fn what_is_no_key_is_refused_unrepeated() {
    let sandbox = Sandbox::with_vault();
    for (input, words) in [
        ("", ""),
        ("JBSWY3DPEHPK3PX!", ""),
        ("https://example.com/JBSWY3DP", ""),
        ("/home/alice/qr.png", "path"),
        ("otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8", "Google Authenticator"),
        ("otpauth://totp/x?issuer=y", "no secret"),
        ("\0\u{1}\u{2}", ""),
    ] {
        let answer = sandbox.run(&["add", "X"]).stdin(input).answer();
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{input:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(words), "{input:?}: {}", answer.stderr);
        assert!(!answer.stderr.contains("JBSWY") && !answer.stderr.contains("CjEK"), "{}", answer.stderr);
    }
    sandbox.run(&["list"]).answer().is(0, "", "");
}

#[test]
fn an_export_is_left_to_the_import() {
    let sandbox = Sandbox::with_vault();
    let link = "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8";
    sandbox.write("my export.txt", link);
    let message = "this is an export of Google Authenticator, which may hold many accounts";
    for (arguments, hint) in [
        (&["add"][..], "`twolock import -` reads the same"),
        (&["add", "--from", "my export.txt"], "`twolock import 'my export.txt'`"),
        (
            &["add", "--group", "At work", "--from", "./my export.txt"],
            "`twolock import --group 'At work' './my export.txt'`",
        ),
    ] {
        sandbox.run(arguments).stdin(link).answer().fails(1, message, &[hint]);
    }
}

#[test]
fn an_account_needs_a_name() {
    let sandbox = Sandbox::with_vault();
    for arguments in [&["add"][..], &["add", " "]] {
        let answer = sandbox.run(arguments).stdin(KEY).answer();
        answer.fails(2, "the account needs a name", &["twolock add NAME"]);
    }
}

#[test]
fn standard_input_gives_one_thing_only() {
    let sandbox = Sandbox::with_vault();
    let call = sandbox.run(&["add", "X", "--passphrase-fd", "0"]).stdin(KEY);
    call.answer().fails(
        2,
        "standard input cannot give both the passphrase and the key",
        &["read the key with --from FILE, or the passphrase with --passphrase-file FILE"],
    );
}

#[test]
fn too_much_is_refused() {
    let answer = Sandbox::with_vault().run(&["add", "X"]).stdin(vec![b'A'; (16 << 20) + 1]).answer();
    answer.fails(1, "standard input is too large: more than 16 MiB", &[]);
}
