//! Text from outside: nothing in it acts or hides, whatever it is.

use proptest::prelude::*;
use serde::Deserialize;
use twolock::display::{Visible, visible};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

#[derive(Deserialize)]
struct Hostile {
    name: String,
    text: String,
    shown: String,
}

/// The general categories Cc, Cf, Zl and Zp, private use and what is drawn as nothing, written out once more here
/// so that the test does not believe the code.
pub(crate) fn is_forbidden(character: char) -> bool {
    matches!(u32::from(character),
        0..=0x1f | 0x7f..=0x9f | 0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2
        | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200c | 0x200e..=0x200f
        | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xe000..=0xf8ff | 0xfdd0..=0xfdef
        | 0xfe00..=0xfe0d | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0xfffe..=0xffff | 0x110bd | 0x110cd
        | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff | 0xf0000..)
}

#[track_caller]
fn check(shown: &Visible) {
    let text = shown.as_str();
    assert!(!text.contains(is_forbidden), "{}", text.escape_unicode());
    assert_eq!(visible(text).as_str(), text, "not the same the second time: {}", text.escape_unicode());
    for grapheme in text.graphemes(true) {
        assert_ne!(grapheme.width(), 0, "a cluster without a column: {}", grapheme.escape_unicode());
    }
    let sum: usize = text.graphemes(true).map(UnicodeWidthStr::width).sum();
    assert_eq!(shown.width(), sum);
    for columns in [0, 1, 2, 3, 7, 20] {
        let cut = shown.cut(columns);
        assert!(cut.width() <= columns, "{columns}: {}", cut.as_str().escape_unicode());
        assert_eq!(visible(cut.as_str()), cut);
        assert_eq!(shown.pad(columns).width(), columns);
    }
}

/// Characters that are likely to do something to each other, beside any others.
fn hostile_text() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        '\u{0}',
        '\n',
        '\u{1b}',
        '\u{9b}',
        '\u{301}',
        '\u{34f}',
        '\u{489}',
        '\u{115f}',
        '\u{1100}',
        '\u{1161}',
        '\u{11a8}',
        '\u{915}',
        '\u{94d}',
        '\u{93f}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{202e}',
        '\u{20e3}',
        '\u{fe0e}',
        '\u{fe0f}',
        '\u{ff9e}',
        '\u{1f1e9}',
        '\u{1f3ff}',
        '\u{1f469}',
        '\u{2764}',
        '\u{1f6d1}',
        '\u{e0041}',
        '\u{e0101}',
        '\u{d4e}',
        '\u{600}',
        '1',
        '#',
        ' ',
        'a',
        '\\',
        '世',
        '한',
        '\u{644}',
        '\u{627}',
        '\u{3000}',
        '\u{fe}',
        '\u{a8fa}',
        '\u{e33}',
        '\u{2d7f}',
        '\u{2018}',
        '\u{fe01}',
    ]);
    prop::collection::vec(prop_oneof![4 => special, 1 => any::<char>()], 0..40)
        .prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_shown_acts_or_hides(text in hostile_text()) {
        check(&visible(&text));
    }

    #[test]
    fn blank_text_stays_blank(text in "[ \u{a0}\u{3000}]{0,20}") {
        let shown = visible(&text);
        prop_assert_eq!(shown.as_str(), text);
    }
}

#[test]
fn each_character_alone_and_after_a_letter() {
    for character in '\0'..=char::MAX {
        // Ideographs, syllables and planes that are empty are all of a kind: some of them are enough.
        let dull = matches!(u32::from(character), 0x3400..=0xd7a3 | 0x1_3460..=0x1_6000 | 0x1_7000..=0x1_af00
            | 0x2_0000..=0xd_ffff | 0xf_0000..);
        if dull && !u32::from(character).is_multiple_of(251) {
            continue;
        }
        let shown = visible(&format!("a{character}b"));
        assert!(!shown.as_str().contains(is_forbidden), "U+{:04X}", u32::from(character));
        assert_eq!(visible(shown.as_str()), shown, "U+{:04X}", u32::from(character));
        assert_ne!(visible(&character.to_string()).width(), 0, "U+{:04X}", u32::from(character));
    }
}

#[test]
fn hostile_strings_are_shown_as_the_table_says() {
    let table = include_str!("../fixtures/hostile_strings.json");
    let table: Vec<Hostile> = serde_json::from_str(table).unwrap();
    assert!(table.len() > 40);
    for Hostile { name, text, shown } in table {
        assert_eq!(visible(&text).as_str(), shown, "{name}");
        check(&visible(&text));
    }
}

#[test]
fn a_million_characters_take_no_time_to_speak_of() {
    for text in ["C".repeat(1_000_000), "e\u{301}".repeat(300_000), "\u{301}".repeat(1_000_000)] {
        check(&visible(&text));
    }
}
