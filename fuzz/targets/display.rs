//! Whatever a text is, what is shown of it neither acts nor hides.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twolock::display::visible;

/// The categories Cc, Cf, Zl and Zp, private use and what is drawn as nothing, written out so that the code is not
/// believed. U+200D is missing: it is kept between emoji that it joins.
fn is_forbidden(character: char) -> bool {
    matches!(u32::from(character),
        0..=0x1f | 0x7f..=0x9f | 0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2
        | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200c | 0x200e..=0x200f
        | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef
        | 0xfe00..=0xfe0d | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0xfffe..=0xffff | 0x110bd | 0x110cd
        | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff | 0xf0000..)
}

fuzz_target!(|text: &str| {
    let shown = visible(text);
    assert!(!shown.as_str().contains(is_forbidden), "{}", shown.as_str().escape_unicode());
    assert_eq!(visible(shown.as_str()), shown, "not the same the second time");
    for columns in [0, 1, 2, 7, 40] {
        let cut = shown.cut(columns);
        assert!(cut.width() <= columns);
        assert!(!cut.as_str().contains(is_forbidden));
        assert_eq!(shown.pad(columns).width(), columns);
    }
});
