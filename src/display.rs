//! The one way for text from outside to reach a screen, a line of output or an error message.
//!
//! Names, notes, paths and what other programs say may hold anything: escape sequences, text that runs backwards,
//! letters that nobody can see. `visible` is the only maker of a `Visible`, and in a `Visible` every such character
//! stands as an escape, so that it neither acts on the terminal nor hides. The stored text stays as it was.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many marks a letter may carry: stacked scripts need four, more only climb over other lines.
const MOST_MARKS: usize = 4;

/// How many characters the longest joined emoji has before its last joiner.
const MOST_BEFORE_JOINER: usize = 8;

/// How many characters one cell may hold, beyond every real cluster.
const MOST_IN_CLUSTER: usize = 24;

const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';

/// Text that is fit to be shown: composed, without a character that acts or hides.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Visible(String);

impl Visible {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether there is nothing at all in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how many columns it takes, counted by grapheme as it is drawn.
    pub fn width(&self) -> usize {
        if self.0.is_ascii() {
            // Nothing that acts is in it, so each character is a column.
            return self.0.len();
        }
        self.0.graphemes(true).map(UnicodeWidthStr::width).sum()
    }

    /// Returns the text, or as much of its beginning as fits `columns` with an ellipsis after it.
    #[must_use]
    pub fn cut(&self, columns: usize) -> Self {
        if self.0.is_ascii() && self.0.len() <= columns {
            return self.clone();
        }
        // The last place where an ellipsis still fits.
        let (mut used, mut end) = (0, 0);
        for (at, grapheme) in self.0.grapheme_indices(true) {
            if used < columns {
                end = at;
            }
            used += grapheme.width();
            if used > columns {
                let mut text = self.0[..end].to_owned();
                if columns > 0 {
                    text.push('…');
                }
                return Self(text);
            }
        }
        self.clone()
    }

    /// Returns the text cut, or filled with blanks, to exactly `columns`.
    #[must_use]
    pub fn pad(&self, columns: usize) -> Self {
        let mut padded = self.cut(columns);
        let missing = columns.saturating_sub(padded.width());
        padded.0.extend(std::iter::repeat_n(' ', missing));
        padded
    }
}

impl AsRef<str> for Visible {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<Visible> for String {
    fn from(text: Visible) -> Self {
        text.0
    }
}

/// Returns `text` as it may be shown: composed (NFC), with escapes such as `\u{202e}` in place of everything that
/// acts on a terminal, reorders, or cannot be seen.
pub fn visible(text: &str) -> Visible {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Visible(text.to_owned());
    }
    Visible(escape_clusters(&escape_characters(text)))
}

/// What a character does to the ones beside it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Blank,
    Hidden,
    Joiner,
    Mark,
    Plain,
    Selector,
    Tone,
}

fn kind(character: char) -> Kind {
    match character {
        '\u{fe0e}' | '\u{fe0f}' => Kind::Selector,
        '\u{1f3fb}'..='\u{1f3ff}' => Kind::Tone,
        JOINER => Kind::Joiner,
        // By their class letters, marks or blanks, and nothing to see or a new line: fillers, vowels that are not
        // written, selectors, separators.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0d}'
        | '\u{ffa0}'
        | '\u{e0100}'..='\u{e01ef}' => Kind::Hidden,
        _ if character.is_control() => Kind::Hidden,
        _ if character.is_whitespace() => Kind::Blank,
        _ if is_combining_mark(character) => Kind::Mark,
        // Voiced marks of half-width kana: they join like marks, but take a column of their own.
        '\u{ff9e}' | '\u{ff9f}' | '\'' | '"' | '\\' => Kind::Plain,
        // The standard library knows which characters print: format controls, private use, noncharacters and what
        // is not assigned do not.
        _ if character.escape_debug().len() > 1 => Kind::Hidden,
        _ => Kind::Plain,
    }
}

/// Returns whether emoji may be made of a character (Unicode's `Extended_Pictographic`): only then does the rule
/// GB11 of UAX 29 keep what a joiner joins.
fn is_pictograph(character: char) -> bool {
    if character.is_ascii() || kind(character) != Kind::Plain {
        return false;
    }
    let joined: String = [character, JOINER, '\u{1f600}'].into_iter().collect();
    joined.graphemes(true).count() == 1
}

/// Escapes what a single character does, as far as its neighbours do not excuse it.
fn escape_characters(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // The letter that marks, selectors and joiners would go to, and what it already carries.
    let mut base = None::<char>;
    let (mut marks, mut length) = (0, 0);
    let (mut selected, mut toned, mut joined) = (false, false, false);
    let mut characters = text.nfc().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        let fits = match kind(character) {
            Kind::Blank => {
                base = None;
                joined = false;
                shown.push(character);
                continue;
            }
            Kind::Hidden => false,
            Kind::Joiner => {
                let fits = length <= MOST_BEFORE_JOINER
                    && marks == 0
                    && base.is_some_and(is_pictograph)
                    && next.is_some_and(is_pictograph);
                joined = fits;
                fits
            }
            Kind::Mark => {
                marks += 1;
                base.is_some() && marks <= MOST_MARKS
            }
            Kind::Plain => {
                length = if joined { length } else { 0 };
                base = Some(character);
                (marks, selected, toned, joined) = (0, false, false, false);
                true
            }
            Kind::Selector => {
                let keycap = character == '\u{fe0f}'
                    && next == Some(KEYCAP)
                    && base.is_some_and(|base| matches!(base, '#' | '*' | '0'..='9'));
                let fits = !selected && !toned && marks == 0 && (keycap || base.is_some_and(is_pictograph));
                selected = true;
                fits
            }
            Kind::Tone => {
                if toned || marks > 0 || !base.is_some_and(is_pictograph) {
                    base = Some(character);
                    (length, marks, selected) = (0, 0, false);
                }
                toned = true;
                true
            }
        };
        if fits {
            shown.push(character);
            length += 1;
        } else {
            push_escape(&mut shown, character);
            base = None;
        }
    }
    shown
}

/// Escapes clusters that take no column, and the ends of clusters that no writing system needs.
fn escape_clusters(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for grapheme in text.graphemes(true) {
        let kept = if grapheme.width() == 0 { 0 } else { MOST_IN_CLUSTER };
        for (index, character) in grapheme.chars().enumerate() {
            if index < kept {
                shown.push(character);
            } else {
                push_escape(&mut shown, character);
            }
        }
    }
    shown
}

fn push_escape(shown: &mut String, character: char) {
    match character {
        '\n' | '\r' | '\t' => shown.extend(character.escape_default()),
        _ => shown.extend(character.escape_unicode()),
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        assert_eq!(visible(text).as_str(), shown);
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        for text in ["", " ", "GitHub", "Société Générale", "世界銀行", "שלום", "a\\b\"c'"] {
            check(text, text);
        }
    }

    #[test]
    fn what_acts_on_a_terminal_is_escaped() {
        check("a\x1b[2Jb", "a\\u{1b}[2Jb");
        check("a\nb\tc\r", "a\\nb\\tc\\r");
        check("\u{9b}2J\0", "\\u{9b}2J\\u{0}");
    }

    #[test]
    fn what_hides_or_reorders_is_escaped() {
        check("Git\u{200b}Hub", "Git\\u{200b}Hub");
        check("moc.\u{202e}live", "moc.\\u{202e}live");
        check("a\u{e0041}", "a\\u{e0041}");
        check("\u{e000}\u{ffff}", "\\u{e000}\\u{ffff}");
    }

    #[test]
    fn text_is_composed() {
        check("Cafe\u{301}", "Café");
    }

    #[test]
    fn marks_are_capped_and_need_a_letter() {
        check("\u{301}a", "\\u{301}a");
        check("q\u{323}\u{323}\u{323}\u{323}\u{323}", "q\u{323}\u{323}\u{323}\u{323}\\u{323}");
    }

    #[test]
    fn emoji_keep_their_selectors_and_joiners_and_letters_do_not() {
        for emoji in ["👨‍👩‍👧‍👦", "🏳️‍🌈", "1️⃣", "☎️", "👍🏿", "🧑🏻‍❤️‍💋‍🧑🏼", "🇩🇪"]
        {
            check(emoji, emoji);
        }
        check("A\u{fe0f}", "A\\u{fe0f}");
        check("1\u{fe0f}", "1\\u{fe0f}");
        check("a\u{200d}b", "a\\u{200d}b");
        check("👩\u{200d}", "👩\\u{200d}");
    }

    #[test]
    fn a_cut_text_ends_in_an_ellipsis_and_fits() {
        let cut = |text, columns| String::from(visible(text).cut(columns));
        assert_eq!(cut("GitHub", 6), "GitHub");
        assert_eq!(cut("GitHub", 5), "GitH…");
        assert_eq!(cut("GitHub", 1), "…");
        assert_eq!(cut("GitHub", 0), "");
        assert_eq!(cut("世界銀行", 8), "世界銀行");
        assert_eq!(cut("世界銀行", 7), "世界銀…");
        assert_eq!(cut("世界銀行", 6), "世界…");
        assert_eq!(cut("世界", 1), "…");
    }

    #[test]
    fn a_padded_text_fills_its_column() {
        assert_eq!(visible("世界").pad(6).as_str(), "世界  ");
        assert_eq!(visible("世界銀行").pad(6).as_str(), "世界… ");
    }
}
