//! A picture in black and white, as the code reader is given it.
//!
//! The reader's work grows with the square of the corner marks that it sees, and noise or malice can show it
//! thousands. So they are counted here first: with fewer than three there is no code to look for, and beyond those
//! of eight codes only the largest are left in, of those that two others can make a code with.

use std::collections::BTreeMap;

use image::GrayImage;
use zeroize::Zeroizing;

/// The marks of eight codes.
const MOST_MARKS: usize = 24;

/// The most marks of which it is looked whether others can make a code with them: the work grows with their cube.
const MOST_COMPARED: usize = 160;

/// The marks that a code has.
const FEWEST_MARKS: usize = 3;

/// A pixel is dark if it is darker than so many hundredths of what surrounds it.
const DARKER_THAN: u64 = 94;

/// A picture in black and white, wiped when dropped.
pub(super) struct Bitmap {
    width: usize,
    height: usize,
    dark: Zeroizing<Vec<bool>>,
}

impl Bitmap {
    /// Divides the shades of a picture: each pixel is compared with the mean of a window around it, so that shadows
    /// and uneven light do no harm.
    pub(super) fn from_shades(shades: &GrayImage) -> Self {
        let (width, height) = (shades.width() as usize, shades.height() as usize);
        let pixels = shades.as_raw();
        // Sums over everything above and to the left, with a border of zeros; the largest is 9 million times 255.
        let stride = width + 1;
        let mut sums = Zeroizing::new(vec![0_u32; stride * (height + 1)]);
        for y in 0..height {
            let mut row = 0;
            for x in 0..width {
                row += u32::from(pixels[y * width + x]);
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }
        let reach = (width.max(height) / 16).max(8);
        let mut dark = Zeroizing::new(vec![false; width * height]);
        for y in 0..height {
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
            for x in 0..width {
                let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
                let count = ((bottom - top) * (right - left)) as u64;
                // Modulo 2^32, which the difference does not mind.
                let sum = sums[bottom * stride + right]
                    .wrapping_sub(sums[top * stride + right])
                    .wrapping_sub(sums[bottom * stride + left])
                    .wrapping_add(sums[top * stride + left]);
                let pixel = u64::from(pixels[y * width + x]);
                dark[y * width + x] = pixel * count * 100 < u64::from(sum) * DARKER_THAN;
            }
        }
        Self { width, height, dark }
    }

    /// Exchanges light and dark.
    pub(super) fn invert(&mut self) {
        for dark in self.dark.iter_mut() {
            *dark = !*dark;
        }
    }

    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    pub(super) fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.width + x]
    }

    /// Returns it as shades again: black and white.
    pub(super) fn shades(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.dark.iter().map(|dark| if *dark { 0 } else { u8::MAX }).collect())
    }

    /// Returns whether there are no more marks than a page of codes has.
    pub(super) fn has_few_marks(&self) -> bool {
        self.marks(&Areas::of(self)).len() <= MOST_MARKS
    }

    /// Returns whether there are marks enough for a code, once all but the largest have been taken out.
    pub(super) fn keep_largest_marks(&mut self) -> bool {
        let areas = Areas::of(self);
        let mut marks: Vec<Mark> = self.marks(&areas).into_values().collect();
        if marks.len() < FEWEST_MARKS {
            return false;
        }
        // Of each area, whether its pixels become light.
        let mut goes = vec![false; areas.sizes.len()];
        for mark in &marks {
            goes[mark.area as usize] = true;
        }
        marks.sort_by_key(|mark| std::cmp::Reverse(mark.size));
        if marks.len() > MOST_MARKS {
            marks.retain(|mark| mark.is_ringed);
            marks.truncate(MOST_COMPARED);
            marks = can_make_a_code(&marks);
            marks.truncate(MOST_MARKS);
        }
        if marks.is_empty() {
            return false;
        }
        for mark in &marks {
            goes[mark.area as usize] = false;
        }
        if goes.contains(&true) {
            for (dark, area) in self.dark.iter_mut().zip(areas.area_of.iter()) {
                *dark = *dark && !goes[*area as usize];
            }
        }
        true
    }

    /// Returns the inner areas of what may be marks: a line through one crosses dark, light, three times as much
    /// dark, light and dark, where the outer parts are one area and the inner another. What the reader takes for a
    /// mark is always among them.
    fn marks(&self, areas: &Areas) -> BTreeMap<u32, Mark> {
        let mut marks = BTreeMap::new();
        for y in 0..self.height {
            let row = y * self.width..(y + 1) * self.width;
            let mut ends = vec![0];
            let dark = &self.dark[row.clone()];
            ends.extend((1..self.width).filter(|x| dark[*x] != dark[*x - 1]));
            ends.push(self.width);
            let area_at = |x: usize| areas.area_of[row.start + x];
            for runs in ends.windows(6) {
                if !dark[runs[0]] || !has_proportions(std::array::from_fn(|run| runs[run + 1] - runs[run])) {
                    continue;
                }
                let (outer, inner) = (area_at(runs[0]), area_at(runs[2]));
                let size = areas.size(inner);
                // The reader's own measure: the inner part is three eighths of the outer, more or less.
                let is_ringed = (10..=70).contains(&(size * 100 / areas.size(outer).max(1)));
                if outer == area_at(runs[4]) && outer != inner {
                    let at = (usize::midpoint(runs[2], runs[3]), y);
                    marks
                        .entry(inner)
                        .or_insert(Mark { area: inner, size, at, is_ringed: false })
                        .is_ringed |= is_ringed;
                }
            }
        }
        marks
    }
}

/// What may be a mark.
#[derive(Clone, Copy)]
struct Mark {
    /// Its inner area.
    area: u32,
    /// How many pixels that has: those of nine modules.
    size: usize,
    /// A point in it: its column and row.
    at: (usize, usize),
    /// Whether what is around it has the size for it.
    is_ringed: bool,
}

impl Mark {
    /// Returns the way to another, if the two can be of one code: of a like size, and 14 to 170 modules away, with much
    /// room for what a slanting view does.
    #[expect(clippy::cast_precision_loss, reason = "no picture has so many pixels")]
    fn way_to(&self, other: &Self) -> Option<(f64, f64)> {
        let (larger, smaller) = (self.size.max(other.size), self.size.min(other.size));
        let way = (other.at.0 as f64 - self.at.0 as f64, other.at.1 as f64 - self.at.1 as f64);
        let modules = way.0.hypot(way.1) / (larger as f64 / 9.0).sqrt();
        (larger <= 4 * smaller && (7.0..=240.0).contains(&modules)).then_some(way)
    }
}

/// Returns those marks that, with two others, stand as the three of a code do: two ways from the one in the corner, of
/// like lengths and about at a right angle.
fn can_make_a_code(marks: &[Mark]) -> Vec<Mark> {
    let mut can = vec![false; marks.len()];
    for (corner, mark) in marks.iter().enumerate() {
        let ways: Vec<(usize, (f64, f64))> = marks
            .iter()
            .enumerate()
            .filter_map(|(index, other)| Some((index, mark.way_to(other)?)))
            .collect();
        for (index, &(first, one)) in ways.iter().enumerate() {
            for &(second, other) in &ways[index + 1..] {
                let (long, short) = (one.0.hypot(one.1), other.0.hypot(other.1));
                let turn = (one.0 * other.0 + one.1 * other.1).abs() / (long * short);
                if turn < 0.5 && long.max(short) < 2.0 * long.min(short) {
                    for index in [corner, first, second] {
                        can[index] = true;
                    }
                }
            }
        }
    }
    marks.iter().zip(can).filter_map(|(mark, can)| can.then_some(*mark)).collect()
}

/// Returns whether five runs are as 1 to 1 to 3 to 1 to 1, within three quarters of a module.
fn has_proportions([first, second, middle, fourth, fifth]: [usize; 5]) -> bool {
    let module = (first + second + fourth + fifth) / 4;
    let slack = module * 3 / 4;
    let is_near = |run: usize, modules: usize| run.abs_diff(modules * module) <= slack;
    [first, second, fourth, fifth].into_iter().all(|run| is_near(run, 1)) && is_near(middle, 3)
}

/// Which dark pixels hang together, by their sides.
struct Areas {
    /// The area of each pixel; 0 is light.
    area_of: Zeroizing<Vec<u32>>,
    /// How many pixels each area has.
    sizes: Vec<usize>,
}

impl Areas {
    fn size(&self, area: u32) -> usize {
        self.sizes[area as usize]
    }

    fn of(bitmap: &Bitmap) -> Self {
        let (width, height) = bitmap.size();
        let mut area_of = Zeroizing::new(vec![0; width * height]);
        let mut sizes = vec![0];
        let mut open = Vec::new();
        let mut area = 0;
        for start in 0..width * height {
            if !bitmap.dark[start] || area_of[start] != 0 {
                continue;
            }
            area += 1;
            area_of[start] = area;
            open.push(start);
            let mut size = 0;
            while let Some(at) = open.pop() {
                size += 1;
                let x = at % width;
                let beside = [
                    (x > 0).then(|| at - 1),
                    (x + 1 < width).then(|| at + 1),
                    at.checked_sub(width),
                    Some(at + width).filter(|below| *below < width * height),
                ];
                for next in beside.into_iter().flatten() {
                    if bitmap.dark[next] && area_of[next] == 0 {
                        area_of[next] = area;
                        open.push(next);
                    }
                }
            }
            sizes.push(size);
        }
        Self { area_of, sizes }
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// Corner marks in rows and columns, of modules of so many pixels.
    fn marks(columns: u32, rows: u32, module: u32) -> Bitmap {
        let is_dark = |x: u32, y: u32| {
            let (x, y) = ((x / module) % 9, (y / module) % 9);
            let from_middle = x.abs_diff(4).max(y.abs_diff(4));
            from_middle <= 1 || from_middle == 3
        };
        let (width, height) = (columns * 9 * module, rows * 9 * module);
        let shade = |x, y| Luma([if is_dark(x, y) { 20 } else { 230 }]);
        Bitmap::from_shades(&GrayImage::from_fn(width, height, shade))
    }

    #[track_caller]
    fn count(bitmap: &Bitmap) -> usize {
        bitmap.marks(&Areas::of(bitmap)).len()
    }

    #[test]
    fn marks_are_counted_and_only_the_largest_are_kept() {
        let mut few = marks(2, 1, 3);
        assert_eq!(count(&few), 2);
        assert!(!few.keep_largest_marks());
        let mut many = marks(10, 8, 2);
        assert_eq!(count(&many), 80);
        assert!(many.keep_largest_marks());
        assert_eq!(count(&many), MOST_MARKS);
    }

    #[test]
    fn uneven_light_does_not_matter() {
        let shade = |x: u32, y: u32| {
            Luma([u8::try_from((x + y) / 4).unwrap_or(255) / if x % 16 < 8 { 1 } else { 2 }])
        };
        let bitmap = Bitmap::from_shades(&GrayImage::from_fn(512, 256, shade));
        assert!(!bitmap.is_dark(260, 128) && bitmap.is_dark(268, 128));
        assert!(!bitmap.is_dark(484, 250) && bitmap.is_dark(492, 250));
    }
}
