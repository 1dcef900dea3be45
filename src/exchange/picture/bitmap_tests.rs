//! What is told of corner marks, and what is left of a picture that has too many.

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

fn is_dark(bitmap: &Bitmap, x: usize, y: usize) -> bool {
    bitmap.dark[y * bitmap.width + x]
}

#[track_caller]
fn count(bitmap: &Bitmap) -> usize {
    bitmap.marks(&Areas::of(bitmap)).len()
}

#[test]
fn marks_are_counted_and_only_the_largest_are_kept() {
    let mut few = marks(2, 1, 3);
    assert_eq!(count(&few), 2);
    assert_eq!(few.keep_largest_marks(), Marks::TooFew);
    let mut many = marks(10, 8, 2);
    assert_eq!(count(&many), 80);
    assert_eq!(many.keep_largest_marks(), Marks::Reduced);
    assert_eq!(count(&many), MOST_MARKS);
}

#[test]
fn areas_hang_together_by_their_sides() {
    let of = |rows: &[&str]| {
        let dark: Vec<bool> = rows.concat().bytes().map(|byte| byte == b'#').collect();
        let (width, height) = (rows[0].len(), rows.len());
        let areas = Areas::of(&Bitmap { width, height, dark: Zeroizing::new(dark) });
        let at = |pixel: usize| areas.area(pixel);
        let names: Vec<u32> = (0..width * height).map(at).collect();
        let sizes: Vec<usize> = names.iter().map(|area| areas.size(*area)).collect();
        (names, sizes)
    };
    // Two prongs that meet below, a third that meets them later, and one that touches by a corner only.
    let (names, sizes) = of(&["#.#.#", "###.#", "..###", "#...."]);
    assert_eq!(names, [1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 1, 4, 0, 0, 0, 0]);
    assert_eq!(sizes[0], 10);
    assert_eq!((sizes[15], sizes[1]), (1, 0));
}

#[test]
fn what_is_far_from_all_marks_goes_with_them_only_if_they_are_many() {
    let speck = |bitmap: &mut Bitmap| {
        let mut wide = Bitmap {
            width: bitmap.width + 4000,
            height: bitmap.height,
            dark: Zeroizing::new(vec![false; (bitmap.width + 4000) * bitmap.height]),
        };
        for y in 0..bitmap.height {
            for x in 0..bitmap.width {
                wide.dark[y * wide.width + x] = is_dark(bitmap, x, y);
            }
        }
        wide.dark[bitmap.width + 3999] = true;
        let marks = wide.keep_largest_marks();
        (marks, is_dark(&wide, bitmap.width + 3999, 0))
    };
    assert_eq!(speck(&mut marks(3, 2, 2)), (Marks::Few, true));
    assert_eq!(speck(&mut marks(10, 8, 2)), (Marks::Reduced, false));
}

#[test]
fn uneven_light_does_not_matter() {
    let shade =
        |x: u32, y: u32| Luma([u8::try_from((x + y) / 4).unwrap_or(255) / if x % 16 < 8 { 1 } else { 2 }]);
    let bitmap = Bitmap::from_shades(&GrayImage::from_fn(512, 256, shade));
    assert!(!is_dark(&bitmap, 260, 128) && is_dark(&bitmap, 268, 128));
    assert!(!is_dark(&bitmap, 484, 250) && is_dark(&bitmap, 492, 250));
}
