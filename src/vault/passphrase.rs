//! The passphrase that protects the identity: held, judged and suggested.

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// How many random bytes `suggest` wants: six words of eleven bits each.
pub const SUGGEST_BYTES: usize = 9;

/// The words of a suggestion; eleven bits of chance each.
static WORDS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("../../assets/wordlist.txt").lines().collect());

/// How many words a suggestion has.
const SUGGEST_WORDS: usize = 6;

/// A passphrase: wiped when dropped, never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes over a text; the caller's buffer must be its only copy.
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// Returns the text, for the key derivation.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Passphrase {}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// What a passphrase is worth against someone who has the file and good hardware.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Strength {
    /// 0 to 4, as for a bar.
    pub score: u8,
    /// The score as a word: "very weak" to "strong".
    pub word: &'static str,
    /// How long guessing takes: "would take centuries to guess".
    pub guess_time: String,
}

/// Returns what a passphrase is worth. The rate assumed, ten thousand guesses a second, is a rich attacker's.
pub fn strength(text: &str) -> Strength {
    let estimate = zxcvbn::zxcvbn(text, &["twolock"]);
    let (score, word) = match estimate.score() {
        zxcvbn::Score::Zero => (0, "very weak"),
        zxcvbn::Score::One => (1, "weak"),
        zxcvbn::Score::Two => (2, "weak"),
        zxcvbn::Score::Three => (3, "fair"),
        _ => (4, "strong"),
    };
    Strength { score, word, guess_time: guess_time(estimate.guesses() / 10_000) }
}

/// Says how long guessing takes.
fn guess_time(seconds: u64) -> String {
    const UNITS: [(u64, &str); 6] = [
        (365 * 86_400, "year"),
        (30 * 86_400, "month"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    if seconds >= 100 * UNITS[0].0 {
        return "would take centuries to guess".to_owned();
    }
    match UNITS.iter().find(|(length, _)| seconds >= *length) {
        None => "would be guessed at once".to_owned(),
        Some((length, unit)) => {
            let count = seconds / length;
            let plural = if count == 1 { "" } else { "s" };
            format!("would take {count} {unit}{plural} to guess")
        }
    }
}

/// Returns for how long no further passphrase is taken after so many wrong ones: nothing for two, then 1, 2, 4, 8 s.
pub fn pause(wrong: u32) -> Duration {
    match wrong {
        0..=2 => Duration::ZERO,
        3..=5 => Duration::from_secs(1 << (wrong - 3)),
        _ => Duration::from_secs(8),
    }
}

/// Returns a passphrase of six words joined by dashes: 66 bits of what `random` brings.
pub fn suggest(random: &[u8; SUGGEST_BYTES]) -> Passphrase {
    let longest = WORDS.iter().map(|word| word.len()).max().unwrap_or(0);
    let mut text = Zeroizing::new(String::with_capacity(SUGGEST_WORDS * (longest + 1)));
    let (mut bits, mut held, mut bytes) = (0_usize, 0, random.iter());
    for index in 0..SUGGEST_WORDS {
        while held < 11 {
            bits = bits << 8 | usize::from(*bytes.next().expect("nine bytes hold six times eleven bits"));
            held += 8;
        }
        held -= 11;
        if index > 0 {
            text.push('-');
        }
        text.push_str(WORDS[bits >> held & 0x7ff]);
        bits &= (1 << held) - 1;
    }
    Passphrase(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_list_has_eleven_bits_of_distinct_words() {
        assert_eq!(WORDS.len(), 2048);
        assert!(WORDS.is_sorted());
        assert!(WORDS.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn every_bit_of_chance_changes_a_suggestion() {
        let none = suggest(&[0; SUGGEST_BYTES]);
        assert_eq!(none.reveal(), "abandon-abandon-abandon-abandon-abandon-abandon");
        for bit in 0..66 {
            let mut random = [0; SUGGEST_BYTES];
            random[bit / 8] |= 0x80 >> (bit % 8);
            assert_ne!(suggest(&random), none, "bit {bit}");
        }
        assert_eq!(suggest(&[0xff; SUGGEST_BYTES]).reveal(), "zoo-zoo-zoo-zoo-zoo-zoo");
    }

    #[test]
    fn a_suggestion_is_strong_and_a_common_word_is_not() {
        let random = [0x5a, 0xc3, 0x17, 0x88, 0x0e, 0xf1, 0x42, 0x9d, 0x6b];
        let good = strength(suggest(&random).reveal());
        assert_eq!((good.score, good.word), (4, "strong"));
        assert_eq!(good.guess_time, "would take centuries to guess");
        let bad = strength("password1");
        assert!(bad.score <= 1, "{bad:?}");
        assert_eq!(strength("").score, 0);
        assert_eq!(strength("").guess_time, "would be guessed at once");
    }

    #[test]
    fn the_pause_grows_from_the_third_wrong_passphrase_on() {
        let seconds: Vec<u64> = (0..8).map(|wrong| pause(wrong).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 0, 1, 2, 4, 8, 8]);
    }

    #[test]
    fn guess_times_are_said_in_the_largest_unit() {
        assert_eq!(guess_time(1), "would take 1 second to guess");
        assert_eq!(guess_time(7_200), "would take 2 hours to guess");
        assert_eq!(guess_time(400 * 86_400), "would take 1 year to guess");
    }

    #[test]
    fn debug_does_not_show_it() {
        assert!(!format!("{:?}", suggest(&[0; SUGGEST_BYTES])).contains("abandon"));
    }
}
