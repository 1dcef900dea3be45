//! The picture on the desktop's clipboard, as the bytes of a picture file, so that it is read as every other is.
//!
//! Only the desktop gives one: a terminal's clipboard is text. It may hold a secret, so what is ours of it is wiped.

use arboard::{Clipboard, Error};
use thiserror::Error as Describe;
use zeroize::Zeroizing;

use super::route::Surroundings;
use crate::display::visible;
use crate::system::environment::Environment;

/// Why there is no picture.
#[derive(Clone, Debug, Describe, Eq, PartialEq)]
pub enum NoPicture {
    /// It holds something else, or nothing.
    #[error("there is no picture on the clipboard of this computer's desktop")]
    Empty,
    /// The desktop did not give it.
    #[error("the clipboard of the desktop cannot be read: {}", visible(.0))]
    Failed(String),
    /// There is none to ask.
    #[error(
        "this session has no desktop, and so no clipboard that could hold a picture: neither DISPLAY nor \
         WAYLAND_DISPLAY is set"
    )]
    NoDesktop,
    /// There is none to ask here, and the user's own is out of reach.
    #[error(
        "you came over SSH, and the clipboard of your own computer gives no pictures that way; this computer has no \
         desktop to ask"
    )]
    Remote,
    /// It has more pixels than are looked at.
    #[error("the picture on the clipboard is too large ({width} by {height} pixels)")]
    TooLarge {
        /// Its width in pixels.
        width: usize,
        /// Its height in pixels.
        height: usize,
    },
}

/// A way to the pictures of the desktop's clipboard, which may be taken to another thread.
#[derive(Clone, Debug)]
pub struct Pictures(Environment);

impl Pictures {
    pub(super) fn new(environment: Environment) -> Self {
        Self(environment)
    }

    /// Returns the picture on the clipboard as a bitmap file (BMP) of at most so many bytes. It may take seconds:
    /// the program that copied it is asked for it.
    pub fn read(&self, most: usize) -> Result<Zeroizing<Vec<u8>>, NoPicture> {
        let surroundings = Surroundings::look(&self.0);
        if !surroundings.desktop {
            return Err(if surroundings.remote { NoPicture::Remote } else { NoPicture::NoDesktop });
        }
        let image =
            Clipboard::new().and_then(|mut clipboard| clipboard.get_image()).map_err(
                |error| match error {
                    Error::ContentNotAvailable => NoPicture::Empty,
                    other => NoPicture::Failed(other.to_string()),
                },
            )?;
        let (width, height) = (image.width, image.height);
        let pixels = Zeroizing::new(image.bytes.into_owned());
        bitmap(width, height, &pixels)
            .filter(|file| file.len() <= most)
            .ok_or(NoPicture::TooLarge { width, height })
    }
}

/// Where the pixels of a bitmap file begin: two headers, and 256 shades of grey.
const PIXELS: usize = 14 + 40 + 4 * 256;

/// Writes pixels (red, green, blue, opacity) as a bitmap file in shades of grey, on white where they are not opaque:
/// codes are read in grey, and it is a quarter of the size. `None` if it would be too large for the format, or if
/// the sizes do not fit together.
fn bitmap(width: usize, height: usize, pixels: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (across, down) = (i32::try_from(width).ok()?, i32::try_from(height).ok()?);
    let line = width.checked_next_multiple_of(4)?;
    let length = line.checked_mul(height)?.checked_add(PIXELS)?;
    if width == 0 || height == 0 || pixels.len() != width.checked_mul(height)?.checked_mul(4)? {
        return None;
    }
    let mut file = Zeroizing::new(Vec::with_capacity(length));
    file.extend_from_slice(b"BM");
    for number in [u32::try_from(length).ok()?, 0, u32::try_from(PIXELS).ok()?, 40] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    // A height below nothing means that the first line is the upper one.
    for number in [across, -down] {
        file.extend_from_slice(&number.to_le_bytes());
    }
    // One plane of eight bits a pixel, not packed; the rest is left to the reader.
    file.extend_from_slice(&[1, 0, 8, 0]);
    file.extend_from_slice(&[0; 24]);
    for shade in 0..=u8::MAX {
        file.extend_from_slice(&[shade, shade, shade, 0]);
    }
    for row in pixels.chunks_exact(4 * width) {
        file.extend(row.chunks_exact(4).map(|pixel| grey([pixel[0], pixel[1], pixel[2], pixel[3]])));
        file.extend_from_slice(&[0; 3][..line - width]);
    }
    Some(file)
}

/// Returns how light a pixel is on a white page, by the usual weights of the three colours.
fn grey([red, green, blue, opacity]: [u8; 4]) -> u8 {
    let light = (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1000;
    let opacity = u32::from(opacity);
    u8::try_from((light * opacity + 255 * (255 - opacity)) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitmap_is_what_it_was_made_of() {
        let pixels = [
            [255, 255, 255, 255],
            [0, 0, 0, 255],
            [0, 0, 0, 0],
            [255, 0, 0, 255],
            [0, 255, 0, 255],
            [0, 0, 255, 255],
        ];
        let file = bitmap(3, 2, pixels.as_flattened()).unwrap();
        let read = image::load_from_memory(&file).unwrap().into_luma8();
        assert_eq!(read.dimensions(), (3, 2));
        assert_eq!(read.as_raw(), &[255, 0, 255, 76, 149, 29]);
        assert_eq!(bitmap(3, 3, pixels.as_flattened()), None);
        assert_eq!(bitmap(0, 0, &[]), None);
    }

    #[test]
    fn without_a_desktop_it_says_so() {
        use crate::system::environment::Ssh;
        let none = Environment { term: "xterm".to_owned(), ..Environment::default() };
        assert_eq!(Pictures::new(none.clone()).read(1), Err(NoPicture::NoDesktop));
        let remote = Environment { ssh: Some(Ssh::default()), ..none };
        assert_eq!(Pictures::new(remote).read(1), Err(NoPicture::Remote));
    }
}
