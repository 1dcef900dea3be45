//! QR codes: out of pictures, and as modules to be drawn.
//!
//! A picture comes from anybody, so its kind is told by its first bytes, its size is checked before its pixels are
//! unpacked, and what is unpacked is bounded. What a code says is a secret: texts and the pixels that are ours are
//! wiped, and nothing of them stands in an error.

mod bitmap;
mod counted;
mod drawing;
mod modules;

use std::cell::Cell;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::imageops::{self, FilterType};
use image::{DynamicImage, GenericImageView, GrayImage, ImageError, ImageFormat, ImageReader, Limits, Pixel};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use self::bitmap::{Bitmap, Marks};
use super::progress::{self, Step};
use crate::display::visible;

pub use drawing::{png, svg};
pub use modules::{Modules, TooLong, draw};

/// The largest file that is looked at.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The most pixels that are unpacked.
pub const MOST_PIXELS: u64 = 40_000_000;

/// The most memory that a decoder may take: 40 million pixels of four bytes, and a little more.
const MOST_MEMORY: u64 = 192 * 1024 * 1024;

/// The most pixels in which codes are looked for; a larger picture is made smaller first.
const MOST_SEARCHED: u64 = 9_000_000;

/// The most pixels that a picture is made larger to.
const MOST_ENLARGED: u64 = 3_000_000;

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

/// Says whether bytes begin as a picture does that can be read.
pub fn is_picture(bytes: &[u8]) -> bool {
    format_of(bytes).is_some()
}

/// Returns the texts of all QR codes in a picture, from top to bottom, each once.
pub fn read_codes(bytes: &[u8]) -> Result<Vec<Zeroizing<String>>, PictureError> {
    if bytes.len() > MOST_BYTES {
        return Err(PictureError::TooLarge);
    }
    let format =
        format_of(bytes).ok_or_else(|| PictureError::NotAPicture { looks_like: looks_like(bytes) })?;
    progress::tell(Step::Searching);
    guarded(|| decode(bytes, format))
}

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Says whether a panic of this thread would be a decoder's, which is caught and becomes an error.
pub fn is_decoding() -> bool {
    DECODING.get()
}

/// Runs decoders that are not ours. Some have panicked on damaged pictures; to the caller that is a damaged picture.
fn guarded<T>(decode: impl FnOnce() -> Result<T, PictureError>) -> Result<T, PictureError> {
    DECODING.set(true);
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    DECODING.set(false);
    decoded.unwrap_or_else(|_| Err(PictureError::Broken("its decoder cannot take it".to_owned())))
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<Vec<Zeroizing<String>>, PictureError> {
    let picture = Picture(unpack(bytes, format)?);
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
    let on_paper = |[shade, alpha]: [u8; 2]| {
        let (shade, alpha) = (u16::from(shade), u16::from(alpha));
        u8::try_from((shade * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    // Pixel by pixel: a second picture in between would take half as much memory again.
    let grey = GrayImage::from_fn(width, height, |x, y| {
        image::Luma([on_paper(unpacked.get_pixel(x, y).to_luma_alpha().0)])
    });
    wipe(unpacked);
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

impl<P: Pixel<Subpixel = u8>> Wipe for image::ImageBuffer<P, Vec<u8>> {
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
    fn codes(&self) -> Vec<Zeroizing<String>> {
        let mut found = Found::default();
        for inverted in [false, true] {
            for scale in [Scale::ONE, Scale::HALF, Scale::DOUBLE, Scale::QUARTER] {
                let Some(scaled) = self.scaled(scale) else {
                    continue;
                };
                let mut bitmap = Bitmap::from_shades(&scaled.0);
                if inverted {
                    bitmap.invert();
                }
                let all_read = matches!(bitmap.keep_largest_marks(), Marks::Few | Marks::Reduced)
                    && first_reader(&bitmap, scale, &mut found);
                if all_read && !found.0.is_empty() {
                    return found.in_order();
                }
            }
        }
        if found.0.is_empty() {
            self.second_reader(&mut found);
        }
        found.in_order()
    }

    /// Returns the picture in another size, if that is one in which codes can be looked for.
    fn scaled(&self, scale: Scale) -> Option<Self> {
        let (width, height) = (scale.apply(self.0.width()), scale.apply(self.0.height()));
        let most = if scale.numerator > scale.denominator { MOST_ENLARGED } else { MOST_SEARCHED };
        if width < 21 || height < 21 || u64::from(width) * u64::from(height) > most {
            return None;
        }
        Some(Self(match scale {
            Scale::ONE => self.0.clone(),
            Scale::DOUBLE => imageops::resize(&self.0, width, height, FilterType::Triangle),
            // `resize` takes sixteen bytes a pixel on its way, and only enlarging is bounded well enough for that.
            _ => self.averaged(scale.denominator),
        }))
    }

    /// Returns the picture made smaller, each pixel the mean of a square of so many.
    fn averaged(&self, side: u32) -> GrayImage {
        GrayImage::from_fn(self.0.width() / side, self.0.height() / side, |x, y| {
            let rows = y * side..(y + 1) * side;
            let sum: u32 = rows
                .flat_map(|row| (x * side..(x + 1) * side).map(move |column| (column, row)))
                .map(|(column, row)| u32::from(self.0.get_pixel(column, row).0[0]))
                .sum();
            image::Luma([u8::try_from(sum / (side * side)).unwrap_or(u8::MAX)])
        })
    }

    fn second_reader(&self, found: &mut Found) {
        let largest =
            [Scale::ONE, Scale::HALF, Scale::QUARTER].into_iter().find_map(|scale| self.scaled(scale));
        for mut shades in [largest, self.scaled(Scale::DOUBLE)].into_iter().flatten() {
            for _ in 0..2 {
                // This reader's work grows with the cube of the marks, so it gets what is left of them.
                let mut bitmap = Bitmap::from_shades(&shades.0);
                match bitmap.keep_largest_marks() {
                    Marks::TooFew | Marks::Few => {
                        read_with_rxing(shades.0.as_raw(), shades.0.dimensions(), found);
                    }
                    Marks::Reduced => read_with_rxing(&bitmap.shades(), shades.0.dimensions(), found),
                    Marks::Hopeless => {}
                }
                if !found.0.is_empty() {
                    return;
                }
                imageops::invert(&mut shades.0);
            }
        }
    }
}

/// By how much a picture is made larger or smaller.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Scale {
    numerator: u32,
    denominator: u32,
}

impl Scale {
    const DOUBLE: Self = Self { numerator: 2, denominator: 1 };
    const HALF: Self = Self { numerator: 1, denominator: 2 };
    const ONE: Self = Self { numerator: 1, denominator: 1 };
    const QUARTER: Self = Self { numerator: 1, denominator: 4 };

    /// Returns a length in the scaled picture. None of a picture that is unpacked is near the end of its type.
    const fn apply(self, length: u32) -> u32 {
        length.saturating_mul(self.numerator) / self.denominator
    }

    /// Returns where a point of the scaled picture lies in the original.
    fn undo(self, at: i32) -> i64 {
        i64::from(at) * i64::from(self.denominator) / i64::from(self.numerator)
    }
}

/// Looks for codes and returns whether all that were seen could be read.
fn first_reader(bitmap: &Bitmap, scale: Scale, found: &mut Found) -> bool {
    let mut prepared = rqrr::PreparedImage::without_preparation(bitmap.counted());
    let read = counted::bounded(|| {
        let mut all_read = true;
        for grid in prepared.detect_grids() {
            // As large as any code's text, so that it is never moved.
            let mut text = Zeroizing::new(Vec::with_capacity(rqrr::MAX_PAYLOAD_SIZE));
            let is_read = grid.decode_to(&mut *text).is_ok();
            match std::str::from_utf8(&text) {
                Ok(text) if is_read => {
                    let corner =
                        grid.bounds.iter().map(|point| (scale.undo(point.y), scale.undo(point.x))).min();
                    found.add(corner.unwrap_or_default(), text);
                }
                _ => all_read = false,
            }
        }
        all_read
    });
    read.unwrap_or_default()
}

fn read_with_rxing(shades: &[u8], (width, height): (u32, u32), found: &mut Found) {
    let mut hints = rxing::DecodeHints::default();
    let format = Some(rxing::BarcodeFormat::QR_CODE);
    if let Ok(code) =
        rxing::helpers::detect_in_luma_slice_with_hints(shades, width, height, format, &mut hints)
    {
        found.add((0, 0), code.getText());
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
    fn a_decoder_that_panics_has_met_a_damaged_picture() {
        let panics = || -> Result<(), PictureError> { panic!("as a decoder does") };
        assert!(matches!(guarded(panics), Err(PictureError::Broken(_))));
        assert!(!is_decoding());
    }
}
