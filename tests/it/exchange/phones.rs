//! Aegis, 2FAS, andOTP, Stratum, and what the rest of them write as links.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, imageops};
use twolock::exchange::picture::{PictureError, draw};
use twolock::exchange::{File, ImportError, Importer, batches, recognize};
use twolock::otp::{Link, Otp, Secret, Timestamp};
use twolock::vault::{Account, AccountId};

use super::{check, importer, read};

/// Draws codes below each other.
fn picture(texts: &[&str], format: ImageFormat) -> Vec<u8> {
    let drawn: Vec<GrayImage> = texts
        .iter()
        .map(|text| {
            let modules = draw(text).unwrap();
            let side = u32::try_from(modules.side()).unwrap() * 4 + 48;
            let module =
                |at: u32| at.checked_sub(24).map_or(usize::MAX, |at| usize::try_from(at / 4).unwrap());
            GrayImage::from_fn(side, side, |x, y| {
                Luma([if modules.dark(module(x), module(y)) { 0 } else { 255 }])
            })
        })
        .collect();
    let width = drawn.iter().map(GrayImage::width).max().unwrap();
    let height = drawn.iter().map(GrayImage::height).sum();
    let mut page = GrayImage::from_pixel(width, height, Luma([255]));
    let mut top = 0;
    for code in &drawn {
        imageops::replace(&mut page, code, 0, top);
        top += i64::from(code.height());
    }
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(page).into_rgb8().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn accounts(count: u8) -> Vec<Account> {
    let at = Timestamp::from_seconds(0);
    (0..count)
        .map(|n| {
            let otp = Otp::totp(Secret::from_bytes(&[n; 20]).unwrap());
            Account::new(AccountId::new(at, [n; 10]), "Deno", &format!("user {n}"), otp, at)
        })
        .collect()
}

#[test]
fn aegis() {
    check("aegis_plain.json", "aegis");
    check("aegis_encrypted.json", "aegis");
}

#[test]
fn andotp() {
    check("andotp_plain.json", "andotp");
    check("andotp_encrypted.json.aes", "andotp");
    check("andotp_encrypted_old.json.aes", "andotp");
}

#[test]
fn authenticator_extension() {
    check("authenticator_extension_encrypted.json", "authenticator_extension");
}

#[test]
fn gauth() {
    check("gauth_encrypted.csv", "gauth");
}

#[test]
fn links() {
    check("urilist.txt", "otpauth");
}

#[test]
fn stratum() {
    check("stratum_plain.authpro", "stratum");
    check("stratum_strong.authpro", "stratum");
    check("stratum_legacy.authpro", "stratum");
}

#[test]
fn totp_authenticator() {
    check("totp_authenticator.encrypted", "totp_authenticator");
}

#[test]
fn twofas() {
    check("2fas_v4_plain.2fas", "twofas");
    check("2fas_v4_encrypted.2fas", "twofas");
}

#[test]
fn google() {
    let accounts = accounts(23);
    let links = batches(&accounts.iter().collect::<Vec<_>>());
    let all = read(format!("{}\n{}\n{}\n", *links[1].link, *links[0].link, *links[2].link).as_bytes(), None)
        .unwrap();
    assert_eq!((all.entries.len(), all.refused.len(), all.batches.notes().len()), (23, 0, 0));
    let some = read(links[1].link.as_bytes(), None).unwrap();
    assert_eq!(some.entries.len(), 10);
    assert_eq!(some.batches.notes(), ["pictures 1 and 3 of 3 are missing"]);
}

#[test]
fn pictures() {
    let accounts = accounts(3);
    let otp = &accounts[0].otp;
    let link = Link::write("A", "b", otp);
    let migration = &batches(&accounts.iter().collect::<Vec<_>>())[0].link;
    let formats =
        [ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    for format in formats {
        let bytes = picture(&[&link, "https://example.com/hush", migration], format);
        assert_eq!(recognize(&File::new(&bytes).unwrap()).map(Importer::name), Some("picture"));
        let read = read(&bytes, None).unwrap();
        assert_eq!(read.entries.len(), 4, "{format:?}");
        assert_eq!((read.entries[0].issuer.as_str(), &read.entries[0].otp), ("A", otp));
        assert_eq!((read.refused[0].place.as_str(), read.refused[0].name.as_str()), ("code 2", ""));
        assert!(!read.refused[0].problem.to_string().contains("hush"));
        for part in 1..8 {
            drop(super::read(&bytes[..bytes.len() * part / 8], None));
        }
    }
}

#[test]
fn a_picture_without_a_code_says_so() {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(GrayImage::from_pixel(90, 60, Luma([255])))
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    let error = ImportError::Picture(PictureError::NoCode { width: 90, height: 60 });
    assert_eq!(read(&bytes.into_inner(), None), Err(error));
}

#[test]
fn ten_thousand_accounts_are_no_trouble() {
    let entry = r#"{"type":"totp","uuid":"x","name":"b","issuer":"A","note":"","favorite":false,"icon":null,"info":{"secret":"JBSWY3DPEHPK3PXP","algo":"SHA1","digits":6,"period":30},"groups":[]}"#;
    let entries = vec![entry; 10_000].join(",");
    let file =
        format!(r#"{{"version":1,"header":{{}},"db":{{"version":3,"entries":[{entries}],"groups":[]}}}}"#);
    assert_eq!(read(file.as_bytes(), None).unwrap().entries.len(), 10_000);
    let list = "otpauth://totp/A:b?secret=JBSWY3DPEHPK3PXP\n".repeat(10_000);
    assert_eq!(read(list.as_bytes(), None).unwrap().entries.len(), 10_000);
}

/// Whatever is handed to a format by name, it says so and does not panic.
#[test]
fn no_format_panics_on_what_is_another() {
    let names = [
        "aegis",
        "andotp",
        "authenticator_extension",
        "cotp",
        "gauth",
        "google",
        "otpauth",
        "otpclient",
        "picture",
        "stratum",
        "totp_authenticator",
        "twofas",
    ];
    let others: [&[u8]; 9] = [
        b"{}",
        b"[]",
        b"[1]",
        b"null",
        b"hello: w0rld",
        b"\xff\x00",
        b"Salted__",
        b"{\"a\":{\"data\":7,\"encrypted\":true}}",
        b"<map>",
    ];
    for name in names {
        for bytes in others {
            for password in [None, Some("correct horse")] {
                if let Ok(read) = importer(name).read(&File::new(bytes).unwrap(), password) {
                    assert_eq!(read.entries, [], "{name}: {bytes:?}");
                }
            }
        }
    }
}
