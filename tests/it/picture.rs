//! QR codes out of pictures: of every kind, turned, inverted, small, cut close, and hostile.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pictures of tests are small"
)]

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgba, RgbaImage, imageops};
use proptest::prelude::*;
use twolock::exchange::picture::{PictureError, draw, read_codes};

const LINK: &str = "otpauth://totp/web-01:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web-01";
const LONG: &str = "otpauth://totp/Amazon%20Web%20Services:root-account-mfa-device@123456789012?secret=\
                    JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Amazon%20Web%20Services";

/// A code with modules of so many pixels and a quiet zone of so many modules.
fn picture(text: &str, scale: u32, quiet: u32) -> GrayImage {
    let modules = draw(text).unwrap();
    let side = (u32::try_from(modules.side()).unwrap() + 2 * quiet) * scale;
    GrayImage::from_fn(side, side, |x, y| {
        let module = |at: u32| (at / scale).checked_sub(quiet).map_or(usize::MAX, |at| at as usize);
        Luma([if modules.dark(module(x), module(y)) { 0 } else { 255 }])
    })
}

fn turned(picture: &GrayImage, degrees: f32) -> GrayImage {
    let (width, height) = picture.dimensions();
    let side = (f64::from(width.max(height)) * 1.45) as u32;
    let (sin, cos) = degrees.to_radians().sin_cos();
    GrayImage::from_fn(side, side, |x, y| {
        let (x, y) = (x as f32 - side as f32 / 2.0, y as f32 - side as f32 / 2.0);
        let (u, v) = (x * cos - y * sin + width as f32 / 2.0, x * sin + y * cos + height as f32 / 2.0);
        imageops::interpolate_bilinear(picture, u, v).unwrap_or(Luma([255]))
    })
}

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[track_caller]
fn check(picture: GrayImage, texts: &[&str]) {
    let found = read_codes(&file(picture, ImageFormat::Png));
    let found: Vec<&str> = found.as_ref().unwrap().iter().map(|text| text.as_str()).collect();
    assert_eq!(found, texts);
}

#[test]
fn codes_of_every_size_are_read_turned_and_inverted() {
    for text in [LINK, LONG] {
        for scale in [2, 4, 9] {
            let upright = picture(text, scale, 4);
            check(upright.clone(), &[text]);
            check(imageops::rotate90(&upright), &[text]);
            check(imageops::rotate180(&upright), &[text]);
            if scale > 2 {
                check(turned(&upright, 8.0), &[text]);
                check(turned(&upright, -23.0), &[text]);
            }
            let mut inverted = upright;
            imageops::invert(&mut inverted);
            check(inverted, &[text]);
        }
    }
}

#[test]
fn codes_are_read_with_little_or_no_quiet_zone_and_one_pixel_a_module() {
    for quiet in [0, 1, 2] {
        check(picture(LINK, 6, quiet), &[LINK]);
    }
    check(picture(LINK, 1, 4), &[LINK]);
}

#[test]
fn codes_are_read_from_every_kind_of_file() {
    for format in [ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP]
    {
        let picture = DynamicImage::from(picture(LINK, 4, 4)).to_rgb8();
        let found = read_codes(&file(picture, format)).unwrap();
        assert_eq!(found[0].as_str(), LINK, "{format:?}");
    }
}

#[test]
fn what_is_transparent_is_paper() {
    let code = picture(LINK, 4, 4);
    let picture = RgbaImage::from_fn(code.width(), code.height(), |x, y| {
        Rgba([0, 0, 0, 255 - code.get_pixel(x, y).0[0]])
    });
    assert_eq!(read_codes(&file(picture, ImageFormat::Png)).unwrap()[0].as_str(), LINK);
}

#[test]
fn two_codes_in_one_picture_are_both_read_from_top_to_bottom() {
    let (first, second) = (picture(LONG, 4, 4), picture(LINK, 4, 4));
    let mut page = GrayImage::from_pixel(400, 600, Luma([255]));
    imageops::overlay(&mut page, &first, 20, 20);
    imageops::overlay(&mut page, &second, 150, 350);
    check(page.clone(), &[LONG, LINK]);
    imageops::overlay(&mut page, &first, 20, 20);
    check(page, &[LONG, LINK]);
}

#[test]
fn a_code_in_a_large_screenshot_is_read() {
    let mut screen = GrayImage::from_fn(3840, 2160, |x, y| Luma([((x * 7 + y * 13) % 256) as u8]));
    imageops::overlay(&mut screen, &picture(LINK, 8, 4), 1700, 900);
    check(screen, &[LINK]);
}

#[test]
fn a_picture_without_a_code_says_how_large_it_is() {
    let picture = GrayImage::from_fn(320, 200, |x, y| Luma([((x * y) % 256) as u8]));
    let error = read_codes(&file(picture, ImageFormat::Png)).unwrap_err();
    assert_eq!(error, PictureError::NoCode { width: 320, height: 200 });
    let tiny = read_codes(&file(GrayImage::new(1, 1), ImageFormat::Png)).unwrap_err();
    assert_eq!(tiny, PictureError::NoCode { width: 1, height: 1 });
}

/// The header of a PNG, BMP or GIF that claims to be 50,000 pixels wide and high.
fn bombs() -> Vec<Vec<u8>> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xc3\x50\0\0\xc3\x50\x08\x06\0\0\0".to_vec();
    let checksum = crc32(&png[12..]);
    png.extend(checksum.to_be_bytes());
    png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82");
    let mut bmp = b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x50\xc3\0\0\x50\xc3\0\0\x01\0\x18\0".to_vec();
    bmp.extend([0; 24]);
    let gif = b"GIF89a\x50\xc3\x50\xc3\xf0\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x50\xc3\x50\xc3\0\x02\x02D\x01\0;"
        .to_vec();
    vec![png, bmp, gif]
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

#[test]
fn bombs_are_refused_by_what_they_claim() {
    for bomb in bombs() {
        assert_eq!(read_codes(&bomb).unwrap_err(), PictureError::TooLarge, "{:?}", &bomb[..4]);
    }
    let heavy = vec![0x89; 16 * 1024 * 1024 + 1];
    assert_eq!(read_codes(&heavy).unwrap_err(), PictureError::TooLarge);
}

#[test]
fn a_cut_file_is_damaged_and_its_error_tells_no_text() {
    let whole = file(picture(LINK, 4, 4), ImageFormat::Png);
    let error = read_codes(&whole[..whole.len() / 2]).unwrap_err();
    assert!(matches!(error, PictureError::Broken(_)), "{error:?}");
    assert!(!error.to_string().contains("JBSW"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(
        magic in prop::sample::select(vec![
            &b""[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"BM", b"GIF89a", b"RIFF\x20\0\0\0WEBPVP8L",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let bytes = [magic, &rest].concat();
        prop_assert!(read_codes(&bytes).is_err());
    }

    #[test]
    fn damaged_files_never_panic(
        format in prop::sample::select(vec![
            ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP,
        ]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = file(DynamicImage::from(picture("otpauth", 2, 2)).to_rgb8(), format);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        drop(read_codes(&bytes));
    }

    #[test]
    fn speckled_codes_never_panic(
        specks in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..600),
        scale in 1_u32..5,
    ) {
        let mut picture = picture(LINK, scale, 2);
        let (width, height) = picture.dimensions();
        for (at, shade) in specks {
            let at = u32::try_from(at.index((width * height) as usize)).unwrap();
            picture.put_pixel(at % width, at / width, Luma([shade]));
        }
        drop(read_codes(&file(picture, ImageFormat::Bmp)));
    }
}

#[test]
fn noise_holds_no_code() {
    for share in [40_u8, 100, 128] {
        let mut seed = 7_u64;
        let noise = GrayImage::from_fn(500, 500, |_, _| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            Luma([if seed.to_be_bytes()[0] < share { 0 } else { 255 }])
        });
        let found = read_codes(&file(noise, ImageFormat::Png));
        assert_eq!(found, Err(PictureError::NoCode { width: 500, height: 500 }));
    }
}
