//! A picture in black and white, as the code reader is given it.
//!
//! The reader's work grows with the square of the corner marks that it sees, and noise or malice can show it
//! thousands. So they are counted here first: with fewer than three there is no code to look for, and beyond those
//! of eight codes only the largest are left in, of those that two others can make a code with, and of the picture only
//! what lies about them.

use std::collections::BTreeMap;

use image::GrayImage;
use zeroize::Zeroizing;

use super::counted::Counted;

/// The marks of eight codes.
const MOST_MARKS: usize = 24;

/// The most marks of which it is looked whether others can make a code with them: the work grows with their cube.
const MOST_COMPARED: usize = 160;

/// The marks that a code has.
const FEWEST_MARKS: usize = 3;

/// The side of the squares in which it is noted what lies about the marks.
const CELL: usize = 16;

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

    /// Returns it for the first reader.
    pub(super) fn counted(&self) -> Counted {
        Counted::new((self.width, self.height), self.dark.iter().copied())
    }

    /// Returns it as shades again: black and white.
    pub(super) fn shades(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.dark.iter().map(|dark| if *dark { 0 } else { u8::MAX }).collect())
    }

    /// Takes out all marks but the largest, and with them what is far from those that are left, if there are more than
    /// a page of codes has; says what it found.
    pub(super) fn keep_largest_marks(&mut self) -> Marks {
        let areas = Areas::of(self);
        let mut marks: Vec<Mark> = self.marks(&areas).into_values().collect();
        if marks.len() < FEWEST_MARKS {
            return Marks::TooFew;
        }
        if marks.len() <= MOST_MARKS {
            return Marks::Few;
        }
        // Of each area, whether its pixels become light.
        let mut goes = vec![false; areas.sizes.len()];
        for mark in &marks {
            goes[mark.area as usize] = true;
        }
        marks.retain(|mark| mark.is_ringed);
        marks.sort_by_key(|mark| std::cmp::Reverse(mark.size));
        marks.truncate(MOST_COMPARED);
        marks = can_make_a_code(&marks);
        marks.truncate(MOST_MARKS);
        if marks.is_empty() {
            return Marks::Hopeless;
        }
        for mark in &marks {
            goes[mark.area as usize] = false;
        }
        let near = Near::to(&marks, self.width, self.height);
        for y in 0..self.height {
            let row = y * self.width..(y + 1) * self.width;
            for (x, dark) in self.dark[row.clone()].iter_mut().enumerate() {
                *dark = *dark && near.holds(x, y) && !goes[areas.area(row.start + x) as usize];
            }
        }
        Marks::Reduced
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
            let area_at = |x: usize| areas.area(row.start + x);
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

/// How many marks there were, and what became of the picture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Marks {
    /// Fewer than one code has; it is as it was.
    TooFew,
    /// No more than a page of codes has; it is as it was.
    Few,
    /// More than that, and the largest are left.
    Reduced,
    /// More than that, of which no three can make a code; it is as it was.
    Hopeless,
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

/// Calls back with each three marks that stand as those of a code do: two ways from the one in the corner, which comes
/// first, of like lengths and about at a right angle.
fn each_three(marks: &[Mark], mut take: impl FnMut([usize; 3])) {
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
                    take([corner, first, second]);
                }
            }
        }
    }
}

/// Returns those marks that can make a code with two others.
fn can_make_a_code(marks: &[Mark]) -> Vec<Mark> {
    let mut can = vec![false; marks.len()];
    each_three(marks, |three| three.iter().for_each(|index| can[*index] = true));
    marks.iter().zip(can).filter_map(|(mark, can)| can.then_some(*mark)).collect()
}

/// Which squares of a picture lie about three marks that can make a code.
struct Near {
    columns: usize,
    is: Vec<bool>,
}

impl Near {
    /// Returns the boxes of all codes that the marks can make, with much room for what a slanting view does.
    fn to(marks: &[Mark], width: usize, height: usize) -> Self {
        let (columns, rows) = (width / CELL + 1, height / CELL + 1);
        // How many boxes more or fewer there are than left of here and above; summed up below.
        let mut change = vec![0_i32; (columns + 1) * (rows + 1)];
        each_three(marks, |[corner, first, second]| {
            let [corner, first, second] = [corner, first, second].map(|index| marks[index].at);
            let span = |corner: usize, first: usize, second: usize, most: usize| {
                let opposite = (first + second).saturating_sub(corner);
                let all = [corner, first, second, opposite];
                let (least, largest) =
                    all.iter().fold((most, 0), |(least, largest), at| (least.min(*at), largest.max(*at)));
                (least, largest)
            };
            let (left, right) = span(corner.0, first.0, second.0, width);
            let (top, bottom) = span(corner.1, first.1, second.1, height);
            // More than half of the code, and the outer parts of the marks with it: a code has 21 modules at least.
            let room = (right - left).max(bottom - top) * 2 / 3 + CELL;
            let cell = |at: usize, most: usize| (at / CELL).min(most - 1);
            let (left, right) = (cell(left.saturating_sub(room), columns), cell(right + room, columns) + 1);
            let (top, bottom) = (cell(top.saturating_sub(room), rows), cell(bottom + room, rows) + 1);
            for (y, x, by) in [(top, left, 1), (top, right, -1), (bottom, left, -1), (bottom, right, 1)] {
                change[y * (columns + 1) + x] += by;
            }
        });
        let mut is = vec![false; columns * rows];
        let mut above = vec![0; columns];
        for y in 0..rows {
            let mut before = 0;
            for x in 0..columns {
                before += change[y * (columns + 1) + x];
                above[x] += before;
                is[y * columns + x] = above[x] > 0;
            }
        }
        Self { columns, is }
    }

    fn holds(&self, x: usize, y: usize) -> bool {
        self.is[y / CELL * self.columns + x / CELL]
    }
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
    /// The name of each pixel's run; 0 is light.
    run_of: Zeroizing<Vec<u32>>,
    /// Of each name, the area that it belongs to, which is the least of its names.
    area_of: Vec<u32>,
    /// How many pixels each area has.
    sizes: Vec<usize>,
}

impl Areas {
    fn area(&self, pixel: usize) -> u32 {
        self.area_of[self.run_of[pixel] as usize]
    }

    fn size(&self, area: u32) -> usize {
        self.sizes[area as usize]
    }

    /// Goes through the rows once: a run of dark pixels takes the name of what it touches above, and where it touches
    /// several, those are one from then on.
    fn of(bitmap: &Bitmap) -> Self {
        let (width, height) = bitmap.size();
        let mut areas =
            Self { run_of: Zeroizing::new(vec![0; width * height]), area_of: vec![0], sizes: vec![0] };
        for row in (0..width * height).step_by(width.max(1)) {
            let end = row + width;
            let mut at = row;
            while let Some(left) = (at..end).find(|pixel| bitmap.dark[*pixel]) {
                let right = (left..end).find(|pixel| !bitmap.dark[*pixel]).unwrap_or(end);
                let name = areas.name(left, right, width);
                areas.run_of[left..right].fill(name);
                areas.sizes[name as usize] += right - left;
                at = right;
            }
        }
        for name in 1..areas.area_of.len() {
            let area = areas.area_of[areas.area_of[name] as usize];
            areas.area_of[name] = area;
            if area as usize != name {
                areas.sizes[area as usize] += std::mem::take(&mut areas.sizes[name]);
            }
        }
        areas
    }

    /// Returns the name for a run, which is that of the areas above it, or a new one.
    fn name(&mut self, left: usize, right: usize, width: usize) -> u32 {
        let (mut name, mut seen) = (0, 0);
        for above in left.saturating_sub(width)..right.saturating_sub(width) {
            let touched = self.run_of[above];
            if touched == seen || touched == 0 {
                continue;
            }
            seen = touched;
            let area = self.least(touched);
            if name == 0 {
                name = area;
            } else if area != name {
                self.area_of[name.max(area) as usize] = name.min(area);
                name = name.min(area);
            }
        }
        if name == 0 {
            name = u32::try_from(self.area_of.len()).unwrap_or(u32::MAX);
            self.area_of.push(name);
            self.sizes.push(0);
        }
        name
    }

    /// Returns the least name of an area, and shortens the way to it.
    fn least(&mut self, mut name: u32) -> u32 {
        while self.area_of[name as usize] != name {
            let next = self.area_of[self.area_of[name as usize] as usize];
            self.area_of[name as usize] = next;
            name = next;
        }
        name
    }
}

#[cfg(test)]
#[path = "bitmap_tests.rs"]
mod tests;
