//! The pixels that the first reader works on. Whatever it does there is counted, and ends when it is too much: where
//! it looks for the small mark of a code goes by the shape of the large ones, and chance or malice can give these a
//! shape that has it look for hours.
//!
//! Its only way out of a search is to unwind, which says nothing and is caught in here.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use image::{GenericImage, GenericImageView, Luma};
use zeroize::Zeroize;

/// How often the search may look at a pixel or ask for the size, for each pixel there is. A screenshot of eight
/// megapixels with a code in it takes two.
const LOOKS: u64 = 16;
/// And how often besides: a small picture of nothing but a code takes a hundred times as much for a pixel.
const LEAST: u64 = 8_000_000;

/// Black and white pixels, wiped when they go.
#[derive(Clone)]
pub(super) struct Counted {
    width: u32,
    height: u32,
    pixels: Vec<Luma<u8>>,
    left: Cell<u64>,
}

/// What the search is left with.
struct TooMuch;

impl Counted {
    /// Returns the pixels of a picture of that size: 1 for a dark one, 0 for a light one.
    pub(super) fn new((width, height): (usize, usize), dark: impl Iterator<Item = bool>) -> Self {
        // None that is unpacked has a side near the end of the type.
        let [width, height] = [width, height].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        let pixels: Vec<Luma<u8>> = dark.map(|dark| Luma([dark.into()])).collect();
        let left = Cell::new(LEAST + LOOKS * pixels.len() as u64);
        Self { width, height, pixels, left }
    }

    fn look(&self) {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => resume_unwind(Box::new(TooMuch)),
        }
    }

    fn index(&self, x: u32, y: u32) -> usize {
        y as usize * self.width as usize + x as usize
    }
}

/// Runs a search over counted pixels. Nothing, if it was too much.
pub(super) fn bounded<T>(search: impl FnOnce() -> T) -> Option<T> {
    let other =
        |payload: Box<dyn Any + Send>| if payload.is::<TooMuch>() { None } else { resume_unwind(payload) };
    catch_unwind(AssertUnwindSafe(search)).map_or_else(other, Some)
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.pixels.iter_mut().for_each(|pixel| pixel.0.zeroize());
    }
}

impl GenericImageView for Counted {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.look();
        (self.width, self.height)
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.look();
        self.pixels[self.index(x, y)]
    }
}

impl GenericImage for Counted {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        let index = self.index(x, y);
        &mut self.pixels[index]
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        let index = self.index(x, y);
        self.pixels[index] = pixel;
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_without_end_is_ended_and_what_it_found_before_stands() {
        let pixels = Counted::new((2, 1), [true, false].into_iter());
        let found = Cell::new(0);
        let ended = bounded(|| {
            loop {
                found.set(found.get() + u64::from(pixels.get_pixel(0, 0).0[0]));
            }
        });
        assert_eq!((ended, found.get()), (None::<()>, LEAST + 2 * LOOKS));
    }

    #[test]
    fn a_search_within_the_bound_gives_what_it_found() {
        let mut pixels = Counted::new((2, 1), [true, false].into_iter());
        pixels.put_pixel(1, 0, Luma([7]));
        let sum = bounded(|| pixels.get_pixel(0, 0).0[0] + pixels.get_pixel(1, 0).0[0]);
        assert_eq!((sum, pixels.dimensions()), (Some(8), (2, 1)));
    }
}
