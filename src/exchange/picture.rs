//! QR codes: out of pictures, and as modules to be drawn.
//!
//! A picture comes from anybody, so its kind is told by its first bytes, its size is checked before its pixels are
//! unpacked, and what is unpacked is bounded. What a code says is a secret: texts and the pixels that are ours are
//! wiped, and nothing of them stands in an error.

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageError, ImageFormat, ImageReader, Limits};
use qrcode::{Color, EcLevel, QrCode};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::display::visible;

/// The largest file that is looked at.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The most pixels that are unpacked.
pub const MOST_PIXELS: u64 = 40_000_000;

/// The most memory that a decoder may take: 40 million pixels of four bytes, and a little more.
const MOST_MEMORY: u64 = 192 * 1024 * 1024;

/// The most pixels in which the first reader looks for codes: it copies the picture for each candidate.
const MOST_SEARCHED: u64 = 6_000_000;

/// Why no code was read from a picture.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum PictureError {
    /// It begins like a picture, and goes on like none.
    #[error("the picture is damaged: {}", visible(.0))]
    Broken(String),
    /// A picture without a code that can be read.
    #[error("no QR code was found in the picture ({width} by {height} pixels)")]
    NoCode {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
    /// Not a picture, or of a kind that is not read.
    #[error("it is not a PNG, JPEG, WebP, GIF or BMP picture{}", but(*looks_like))]
    NotAPicture {
        /// What it looks like instead: `a PDF`.
        looks_like: Option<&'static str>,
    },
    /// More bytes or pixels than are read.
    #[error("the picture is too large: at most {} MiB and {} million pixels", MOST_BYTES >> 20, MOST_PIXELS / 1_000_000)]
    TooLarge,
}

fn but(looks_like: Option<&'static str>) -> String {
    looks_like.map(|kind| format!(", but {kind}")).unwrap_or_default()
}

/// Returns the texts of all QR codes in a picture, from top to bottom, each once.
pub fn read_codes(bytes: &[u8]) -> Result<Vec<Zeroizing<String>>, PictureError> {
    if bytes.len() > MOST_BYTES {
        return Err(PictureError::TooLarge);
    }
    let format =
        format_of(bytes).ok_or_else(|| PictureError::NotAPicture { looks_like: looks_like(bytes) })?;
    let mut picture = Picture(unpack(bytes, format)?);
    let (width, height) = picture.0.dimensions();
    let codes = picture.codes();
    if codes.is_empty() { Err(PictureError::NoCode { width, height }) } else { Ok(codes) }
}

fn format_of(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [b'B', b'M', ..] => Some(ImageFormat::Bmp),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageFormat::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Names what people take for a picture, or give by mistake.
fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    let brand = bytes.get(4..12).unwrap_or_default();
    let is_text = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'));
    let head = bytes[..bytes.len().min(1024)].to_ascii_lowercase();
    let contains = |needle: &[u8]| memchr::memmem::find(&head, needle).is_some();
    match bytes {
        [] => Some("an empty file"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF"),
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => Some("a TIFF picture"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some("a ZIP archive"),
        [0x1f, 0x8b, ..] => Some("a gzip file"),
        [0, 0, 1, 0, ..] => Some("a Windows icon"),
        [0xff, 0x0a, ..] => Some("a JPEG XL picture"),
        [b'8', b'B', b'P', b'S', ..] => Some("a Photoshop file"),
        _ if brand.starts_with(b"ftypavi") => Some("an AVIF picture"),
        _ if [&b"ftyphei"[..], b"ftyphev", b"ftypmif", b"ftypmsf"]
            .iter()
            .any(|kind| brand.starts_with(kind)) =>
        {
            Some("a HEIC picture")
        }
        _ if brand.starts_with(b"ftyp") => Some("a film"),
        _ if bytes.starts_with(b"age-encryption.org/") => Some("an age file"),
        _ if is_text && contains(b"<svg") => Some("an SVG drawing"),
        _ if is_text && contains(b"<html") => Some("a web page"),
        _ if is_text => Some("a text file"),
        _ => None,
    }
}

/// Unpacks a picture to shades of grey on white paper: what is transparent is paper.
fn unpack(bytes: &[u8], format: ImageFormat) -> Result<GrayImage, PictureError> {
    let reader = || {
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        let mut limits = Limits::default();
        limits.max_alloc = Some(MOST_MEMORY);
        reader.limits(limits);
        reader
    };
    // The size is asked for first: some decoders reserve memory for all the pixels that a header claims.
    let (width, height) = reader().into_dimensions().map_err(why_not)?;
    if width == 0 || height == 0 {
        return Err(PictureError::Broken("it has no pixels".to_owned()));
    }
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(PictureError::TooLarge);
    }
    let unpacked = reader().decode().map_err(why_not)?;
    let mut shades = unpacked.to_luma_alpha8();
    wipe(unpacked);
    let on_paper = |[shade, alpha]: [u8; 2]| {
        let (shade, alpha) = (u16::from(shade), u16::from(alpha));
        u8::try_from((shade * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    let grey = GrayImage::from_fn(width, height, |x, y| image::Luma([on_paper(shades.get_pixel(x, y).0)]));
    shades.zeroize_pixels();
    Ok(grey)
}

fn why_not(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooLarge,
        error => PictureError::Broken(error.to_string()),
    }
}

trait Wipe {
    fn zeroize_pixels(&mut self);
}

impl<P: image::Pixel<Subpixel = u8>> Wipe for image::ImageBuffer<P, Vec<u8>> {
    fn zeroize_pixels(&mut self) {
        self.as_mut().zeroize();
    }
}

/// Wipes what was unpacked. Pictures of eight bits a shade, which is all but a few, are wiped where they lie.
fn wipe(unpacked: DynamicImage) {
    unpacked.into_bytes().zeroize();
}

/// A picture in shades of grey, wiped when dropped.
struct Picture(GrayImage);

impl Drop for Picture {
    fn drop(&mut self) {
        self.0.zeroize_pixels();
    }
}

impl Picture {
    /// Tries what helps, the cheapest first: as it is, smaller (blur and noise go), larger (modules of a pixel or
    /// two), each also with light and dark exchanged, and at last another reader, which finds one code only.
    fn codes(&mut self) -> Vec<Zeroizing<String>> {
        let mut found = Found::default();
        for (numerator, denominator) in [(1, 1), (1, 2), (2, 1), (1, 4)] {
            let Some(mut scaled) = self.scaled(numerator, denominator) else {
                continue;
            };
            for _ in 0..2 {
                let all_read = scaled.first_reader(numerator, denominator, &mut found);
                if all_read && !found.0.is_empty() {
                    return found.in_order();
                }
                scaled.invert();
            }
        }
        for _ in 0..2 {
            if found.0.is_empty() {
                self.second_reader(&mut found);
                self.invert();
            }
        }
        found.in_order()
    }

    /// Returns the picture in another size, if the first reader can take it.
    fn scaled(&self, numerator: u32, denominator: u32) -> Option<Self> {
        let (width, height) = self.0.dimensions();
        let (width, height) = (width * numerator / denominator, height * numerator / denominator);
        if width < 21 || height < 21 || u64::from(width) * u64::from(height) > MOST_SEARCHED {
            return None;
        }
        Some(Self(if numerator == denominator {
            self.0.clone()
        } else {
            imageops::resize(&self.0, width, height, FilterType::Triangle)
        }))
    }

    fn invert(&mut self) {
        imageops::invert(&mut self.0);
    }

    /// Looks for codes and returns whether all that were seen could be read.
    fn first_reader(&self, numerator: u32, denominator: u32, found: &mut Found) -> bool {
        let (width, height) = self.0.dimensions();
        let pixels = self.0.as_raw();
        let stride = width as usize;
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(stride, height as usize, |x, y| {
            pixels[y * stride + x]
        });
        let mut all_read = true;
        for grid in prepared.detect_grids() {
            // As large as any code's text, so that it is never moved.
            let mut text = Zeroizing::new(Vec::with_capacity(rqrr::MAX_PAYLOAD_SIZE));
            let is_read = grid.decode_to(&mut *text).is_ok();
            match std::str::from_utf8(&text) {
                Ok(text) if is_read => {
                    let original = |at: i32| i64::from(at) * i64::from(denominator) / i64::from(numerator);
                    let corner = grid.bounds.iter().map(|point| (original(point.y), original(point.x))).min();
                    found.add(corner.unwrap_or_default(), text);
                }
                _ => all_read = false,
            }
        }
        all_read
    }

    fn second_reader(&self, found: &mut Found) {
        let (width, height) = self.0.dimensions();
        let mut hints = rxing::DecodeHints::default();
        let format = Some(rxing::BarcodeFormat::QR_CODE);
        let read = rxing::helpers::detect_in_luma_slice_with_hints(
            self.0.as_raw(),
            width,
            height,
            format,
            &mut hints,
        );
        if let Ok(code) = read {
            found.add((0, 0), code.getText());
        }
    }
}

/// Texts with the places where they were found.
#[derive(Default)]
struct Found(Vec<((i64, i64), Zeroizing<String>)>);

impl Found {
    fn add(&mut self, corner: (i64, i64), text: &str) {
        if !text.is_empty() && self.0.iter().all(|(_, known)| known.as_str() != text) {
            self.0.push((corner, Zeroizing::new(text.to_owned())));
        }
    }

    fn in_order(mut self) -> Vec<Zeroizing<String>> {
        self.0.sort_by_key(|(corner, _)| *corner);
        self.0.into_iter().map(|(_, text)| text).collect()
    }
}

/// A text that no QR code can hold.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
#[error("the text is too long for a QR code")]
pub struct TooLong;

/// The modules of a QR code, without its quiet zone. Wiped when dropped; `Debug` does not show them.
#[derive(Clone)]
pub struct Modules {
    side: usize,
    dark: Zeroizing<Vec<bool>>,
}

impl Modules {
    /// Returns how many modules a side has: 21 to 177.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Returns whether a module is dark; what lies outside is light.
    pub fn dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.dark[y * self.side + x]
    }
}

impl std::fmt::Debug for Modules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Modules").field("side", &self.side).finish_non_exhaustive()
    }
}

/// Returns the code that says `text`, as small as it can be: the lowest correction level, and each part of the text
/// in the densest of the encodings that can hold it.
pub fn draw(text: &str) -> Result<Modules, TooLong> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| TooLong)?;
    let side = code.width();
    let dark = code.into_colors().into_iter().map(|colour| colour == Color::Dark).collect();
    Ok(Modules { side, dark: Zeroizing::new(dark) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_named() {
        let check = |bytes: &[u8], kind| {
            let found = read_codes(bytes).expect_err("it is no picture");
            assert_eq!(found, PictureError::NotAPicture { looks_like: kind });
        };
        check(b"", Some("an empty file"));
        check(b"%PDF-1.7\n%\xe2\xe3", Some("a PDF"));
        check(b"\0\0\0\x18ftypheic\0\0\0\0", Some("a HEIC picture"));
        check(b"\0\0\0\x18ftypavif\0\0\0\0", Some("an AVIF picture"));
        check(b"<?xml version=\"1.0\"?>\n<svg xmlns=\"x\"/>", Some("an SVG drawing"));
        check(b"otpauth", Some("a text file"));
        check(b"\x01\x02\xff\xfe", None);
        let error = PictureError::NotAPicture { looks_like: Some("a PDF") };
        assert_eq!(error.to_string(), "it is not a PNG, JPEG, WebP, GIF or BMP picture, but a PDF");
    }

    #[test]
    fn a_link_with_a_base32_secret_takes_a_smaller_code_than_its_bytes() {
        let link = "otpauth://totp/web-01:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=web-01";
        assert_eq!(draw(link).expect("it is short").side(), 33);
        assert_eq!(draw(&"a".repeat(3000)).err(), Some(TooLong));
    }

    #[test]
    fn modules_begin_with_a_finder_and_end_in_light() {
        let modules = draw("otpauth://totp/A?secret=JBSWY3DPEHPK3PXP").expect("it is short");
        assert!((0..7).all(|x| modules.dark(x, 0)) && !modules.dark(7, 0) && !modules.dark(1, 1));
        assert!(!modules.dark(modules.side(), 0) && !modules.dark(0, modules.side()));
        assert!(!format!("{modules:?}").contains("true"));
    }
}
