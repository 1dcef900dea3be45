//! Why one code is wrong: for the owner's rehearsal of a sign-in, never at a sign-in itself.

use std::fmt;

use super::make::Maker;
use super::{Kind, Otp, Timestamp};

/// As far as clocks are taken to be apart: a wrong date, or a time zone set by hand.
pub(in crate::otp) const FAR_SECONDS: u64 = 26 * 3600;

/// The most steps that are searched to each side: with short periods the chance of a false hit would grow.
pub(in crate::otp) const FAR_STEPS: u64 = 9_360;

/// How many counters are searched to each side.
const FAR_COUNTERS: u64 = 50;

/// What is wrong with a code. Places count from 1, in the code without blanks.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Explanation {
    /// It will be right later: the other device is ahead.
    Ahead {
        /// By how many steps.
        steps: u64,
    },
    /// It was right before: the other device is behind.
    Behind {
        /// By how many steps.
        steps: u64,
    },
    /// All but one character are right.
    OneDigit {
        /// Which one is wrong.
        place: usize,
    },
    /// Two neighbours are swapped.
    Swapped {
        /// Where the first of the two stands.
        place: usize,
        /// The two as they were typed; the code has them the other way round.
        typed: [char; 2],
    },
}

impl fmt::Debug for Explanation {
    /// Leaves out the characters of the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead { steps } => write!(f, "Ahead {{ steps: {steps} }}"),
            Self::Behind { steps } => write!(f, "Behind {{ steps: {steps} }}"),
            Self::OneDigit { place } => write!(f, "OneDigit {{ place: {place} }}"),
            Self::Swapped { place, .. } => write!(f, "Swapped {{ place: {place}, .. }}"),
        }
    }
}

/// Says why a code is not the one of `at`, or nothing: it is right, cannot be a code, or has no likeness to one.
///
/// What a chance hit is least likely for comes first. Of codes below six digits only swapped neighbours are told,
/// since among thousands of steps one of them would nearly always fit.
pub fn explain(otp: &Otp, typed: &str, at: Timestamp) -> Option<Explanation> {
    let code = otp.tidy(typed)?;
    let (here, far) = match otp.kind {
        Kind::Hotp { counter } => (counter, FAR_COUNTERS),
        _ => (otp.step(at).ok()?, far_steps(otp)),
    };
    let maker = Maker::new(otp);
    if maker.code_at(here).matches(&code) {
        return None;
    }
    for step in [Some(here), here.checked_sub(1), here.checked_add(1)].into_iter().flatten() {
        if let Some(found) = swapped(&code, maker.code_at(step).reveal()) {
            return Some(found);
        }
    }
    if otp.is_short() {
        return None;
    }
    for step in [Some(here), here.checked_sub(1), here.checked_add(1)].into_iter().flatten() {
        if let Some(place) = one_off(&code, maker.code_at(step).reveal()) {
            return Some(Explanation::OneDigit { place });
        }
    }
    let fits = |step: Option<u64>| step.is_some_and(|step| maker.code_at(step).matches(&code));
    (1..=far).find_map(|steps| {
        if fits(here.checked_sub(steps)) {
            Some(Explanation::Behind { steps })
        } else {
            fits(here.checked_add(steps)).then_some(Explanation::Ahead { steps })
        }
    })
}

/// Returns how many steps of this account make 26 hours.
pub(in crate::otp) fn far_steps(otp: &Otp) -> u64 {
    let period = otp.period().map_or(1, |period| u64::from(period.seconds()));
    FAR_SECONDS.div_ceil(period).min(FAR_STEPS)
}

fn swapped(typed: &str, right: &str) -> Option<Explanation> {
    let (typed, right) = (typed.as_bytes(), right.as_bytes());
    let first = typed.iter().zip(right).position(|(a, b)| a != b)?;
    let second = first + 1;
    let fits = second < typed.len()
        && typed.len() == right.len()
        && typed[first] == right[second]
        && typed[second] == right[first]
        && typed[second + 1..] == right[second + 1..];
    let pair = [typed[first], *typed.get(second)?].map(char::from);
    fits.then_some(Explanation::Swapped { place: first + 1, typed: pair })
}

/// Returns the place of the only character that differs.
fn one_off(typed: &str, right: &str) -> Option<usize> {
    let mut places = typed.bytes().zip(right.bytes()).enumerate().filter(|(_, (a, b))| a != b);
    let (index, _) = places.next()?;
    places.next().is_none().then_some(index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Digits, Secret};

    const T: i64 = 1_800_000_010;

    fn otp() -> Otp {
        Otp::totp(Secret::from_bytes(b"12345678901234567890").unwrap())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[track_caller]
    fn check(typed: &str, expected: Option<Explanation>) {
        assert_eq!(explain(&otp(), typed, at(T)), expected);
    }

    #[test]
    fn an_old_or_a_coming_code_is_told_in_steps() {
        check(otp().code(at(T)).unwrap().reveal(), None);
        check(otp().code(at(T - 30)).unwrap().reveal(), Some(Explanation::Behind { steps: 1 }));
        check(otp().code(at(T - 250)).unwrap().reveal(), Some(Explanation::Behind { steps: 8 }));
        check(otp().code(at(T + 7200)).unwrap().reveal(), Some(Explanation::Ahead { steps: 240 }));
    }

    #[test]
    fn swapped_neighbours_and_one_wrong_digit_are_told_with_their_place() {
        let right = otp().code(at(T)).unwrap();
        let digits: Vec<char> = right.reveal().chars().collect();
        let place = (0..5).find(|place| digits[*place] != digits[place + 1]).unwrap();
        let mut typed = digits.clone();
        typed.swap(place, place + 1);
        let pair = [typed[place], typed[place + 1]];
        let text: String = typed.iter().collect();
        check(&text, Some(Explanation::Swapped { place: place + 1, typed: pair }));
        let mut typed = digits;
        typed[3] = if typed[3] == '9' { '0' } else { '9' };
        check(&typed.iter().collect::<String>(), Some(Explanation::OneDigit { place: 4 }));
    }

    #[test]
    fn a_wrong_last_digit_is_told_with_its_place() {
        let right = otp().code(at(T)).unwrap();
        let last = if right.reveal().ends_with('9') { '0' } else { '9' };
        check(&format!("{}{last}", &right.reveal()[..5]), Some(Explanation::OneDigit { place: 6 }));
    }

    #[test]
    fn codes_that_count_are_told_by_their_counter() {
        let otp = Otp::hotp(otp().secret, 100);
        let said = |counter| explain(&otp, otp.code_at(counter).reveal(), at(-1));
        assert_eq!(said(100), None);
        assert_eq!(said(97), Some(Explanation::Behind { steps: 3 }));
        assert_eq!(said(150), Some(Explanation::Ahead { steps: 50 }));
        assert_eq!(said(151), None);
    }

    #[test]
    fn nothing_is_said_of_other_text_or_before_1970() {
        check("abc", None);
        assert_eq!(explain(&otp(), "123456", at(-5)), None);
    }

    #[test]
    fn short_codes_are_not_searched_for() {
        let otp = Otp { digits: Digits::new(3).unwrap(), ..otp() };
        let old = otp.code(at(T - 300)).unwrap();
        assert_ne!(old, otp.code(at(T)).unwrap());
        assert!(!matches!(explain(&otp, old.reveal(), at(T)), Some(Explanation::Behind { .. })));
    }

    #[test]
    fn debug_shows_no_digit_of_a_code() {
        let shown = format!("{:?}", Explanation::Swapped { place: 2, typed: ['5', '0'] });
        assert_eq!(shown, "Swapped { place: 2, .. }");
    }
}
