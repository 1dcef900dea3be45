//! Folding: the form of a text in which case, accents and compatibility forms do not matter.

use std::ops::Range;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Appends the folded form of a text to `into`. With `origins`, notes for each folded byte where the character that
/// it comes from begins in the text.
pub(super) fn fold(text: &str, into: &mut String, mut origins: Option<&mut Vec<u32>>) {
    if text.is_ascii() {
        let start = into.len();
        into.push_str(text);
        into[start..].make_ascii_lowercase();
        if let Some(origins) = origins {
            origins.extend((0..text.len()).map(|at| u32::try_from(at).unwrap_or(u32::MAX)));
        }
        return;
    }
    for (at, letter) in text.char_indices() {
        let start = into.len();
        decompose_compatible(letter, |part| {
            if !is_combining_mark(part) {
                into.extend(part.to_lowercase().filter(|lower| !is_combining_mark(*lower)));
            }
        });
        if let Some(origins) = &mut origins {
            origins.extend((start..into.len()).map(|_| u32::try_from(at).unwrap_or(u32::MAX)));
        }
    }
}

/// Returns the range in a text that a range of its folded form comes from. `origins` is what `fold` noted of it;
/// none for a text that folds byte by byte.
pub(super) fn unfold(range: Range<usize>, origins: Option<&[u32]>, length: usize) -> Range<usize> {
    let Some(origins) = origins else {
        return range;
    };
    let origin = |at: usize| origins.get(at).map_or(length, |origin| *origin as usize);
    let start = origin(range.start);
    let last = origin(range.end.saturating_sub(1));
    // What folds to nothing, an accent on its own, belongs to the letter before it.
    let end = origins[range.end.min(origins.len())..].iter().find(|origin| **origin as usize > last);
    start..end.map_or(length, |end| *end as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (mut folded, mut origins) = (String::new(), Vec::new());
        fold(text, &mut folded, Some(&mut origins));
        assert_eq!(folded, expected);
        assert_eq!(origins.len(), folded.len());
    }

    #[test]
    fn case_accents_and_forms_do_not_matter() {
        check("GitHub", "github");
        check("Crédit Agricole", "credit agricole");
        check("Cre\u{301}dit", "credit");
        check("ﬁnance Ｂａｎｋ", "finance bank");
        check("ΑΓΟΡΆ", "αγορα");
        check("İstanbul", "istanbul");
        check(
            "한국",
            "한국"
                .chars()
                .flat_map(|c| {
                    let mut parts = Vec::new();
                    decompose_compatible(c, |part| parts.push(part));
                    parts
                })
                .collect::<String>()
                .as_str(),
        );
    }

    #[test]
    fn ranges_are_found_again_in_the_text() {
        let text = "Cre\u{301}dit ﬁn";
        let (mut folded, mut origins) = (String::new(), Vec::new());
        fold(text, &mut folded, Some(&mut origins));
        let at = folded.find("edi").unwrap();
        assert_eq!(&text[unfold(at..at + 3, Some(&origins), text.len())], "e\u{301}di");
        let at = folded.find("in").unwrap();
        assert_eq!(&text[unfold(at..at + 2, Some(&origins), text.len())], "ﬁn");
    }
}
