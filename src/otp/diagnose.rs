//! What two codes in a row tell about an account: whether it is right, and if not, what is wrong with it.
//!
//! Pure, and meant for enrolment alone, in front of an open vault: at a sign-in such answers would help a guesser.
//! The tests run in a fixed order and the first hit stands, the likeliest mistake first. All of them together try
//! some ten thousand pairs, so that a pair of six digits from nowhere fits one of them once in some 10^8 times;
//! with one code it would be once in a hundred. Below six digits only the first tests are run, for there a chance
//! hit is likely.

use zeroize::Zeroizing;

use super::explain::{FAR_STEPS, far_steps};
use super::finding::{Ahead, Finding, Observation};
use super::make::Maker;
use super::mistake;
use super::{Algorithm, Digits, Kind, Otp, Period, Timestamp};

/// How long a code may have been on the other screen before its last character was typed here.
const TYPING_SECONDS: i64 = 10;

/// How far clocks are searched with every algorithm.
const NEAR_SECONDS: u64 = 15 * 60;

/// The periods that are in use.
const PERIODS: [u64; 7] = [30, 60, 15, 20, 10, 90, 120];

/// How many counters ahead a device may be.
const COUNTERS: u64 = 100;

/// Says what two codes tell.
pub fn diagnose(seen: &Observation<'_>) -> Finding {
    let Some(pair) = Pair::new(seen) else {
        return Finding::Malformed;
    };
    if pair.first == pair.second {
        return Finding::SameTwice;
    }
    if !matches!(seen.otp.kind, Kind::Hotp { .. }) && pair.here(seen.otp).is_none() {
        return Finding::NoClock;
    }
    if pair.as_set
        && let Some(found) = plain(seen.otp, &pair)
    {
        return found;
    }
    if pair.is_short(seen.otp) {
        return Finding::AnotherSecret;
    }
    settings(seen.otp, &pair)
        .or_else(|| clock(seen.otp, &pair))
        .or_else(|| mistake::find(seen, &pair))
        .unwrap_or(Finding::AnotherSecret)
}

/// Two codes, fit to be compared.
pub(in crate::otp) struct Pair {
    first: Zeroizing<String>,
    second: Zeroizing<String>,
    first_at: Timestamp,
    second_at: Timestamp,
    /// Whether they have the length and the characters of the account as it stands.
    as_set: bool,
}

impl Pair {
    fn new(seen: &Observation<'_>) -> Option<Self> {
        let tidy = |otp: &Otp| Some((otp.tidy(seen.first.code)?, otp.tidy(seen.second.code)?));
        let as_set = tidy(seen.otp);
        let is_set = as_set.is_some();
        let (first, second) = as_set.or_else(|| {
            let with = |otp: Otp| tidy(&otp);
            (1..=10)
                .find_map(|digits| {
                    let digits = Digits::new(digits).ok()?;
                    with(Otp { digits, ..Otp::totp(seen.otp.secret.clone()) })
                })
                .or_else(|| with(Otp::steam(seen.otp.secret.clone())))
        })?;
        Some(Self { first, second, first_at: seen.first.at, second_at: seen.second.at, as_set: is_set })
    }

    /// Returns the counter or step that this computer is at when the first code is typed.
    fn here(&self, otp: &Otp) -> Option<u64> {
        match otp.kind {
            Kind::Hotp { counter } => Some(counter),
            _ => otp.step(self.first_at).ok(),
        }
    }

    /// Says whether the codes are those of two counters.
    fn fits(&self, maker: &Maker<'_>, first: Option<u64>, second: Option<u64>) -> bool {
        let (Some(first), Some(second)) = (first, second) else {
            return false;
        };
        maker.code_at(first).matches(&self.first) && maker.code_at(second).matches(&self.second)
    }

    /// Searches a step and the one after it, from `least` to `most` steps away, the nearest first.
    pub(in crate::otp) fn search(&self, otp: &Otp, least: i64, most: i64) -> Option<u64> {
        let here = self.here(otp)?;
        let maker = Maker::new(otp);
        nearest_first(least, most).find_map(|away| {
            let first = here.checked_add_signed(away)?;
            self.fits(&maker, Some(first), first.checked_add(1)).then_some(first)
        })
    }

    /// Returns the digits of the codes, where they are digits.
    fn digits(&self) -> Option<Digits> {
        let digits = self.first.bytes().chain(self.second.bytes()).all(|byte| byte.is_ascii_digit());
        if digits { Digits::new(u64::try_from(self.first.len()).ok()?).ok() } else { None }
    }

    /// Says whether the codes are too short to be searched for.
    fn is_short(&self, otp: &Otp) -> bool {
        let few = self.digits().is_some_and(|digits| digits < Digits::SIX);
        if self.as_set { otp.is_short() } else { few }
    }

    /// Returns by how much the other clock is ahead if it was in these steps when the codes were typed.
    ///
    /// A code of the step that begins at b and ends at e, typed at t, was on the other screen at some moment
    /// between t − typing and t; the other clock was then between b and e, so it is ahead by b − t to
    /// e − t + typing. Both codes narrow this down.
    fn ahead(&self, otp: &Otp, first: u64, second: u64) -> Option<Ahead> {
        let period = i64::from(otp.period()?.seconds());
        let range = |step: u64, at: Timestamp| {
            let begin = i64::try_from(step).unwrap_or(i64::MAX).saturating_mul(period);
            let least = begin.saturating_sub(at.seconds());
            Ahead { least, most: least.saturating_add(period + TYPING_SECONDS) }
        };
        let (one, two) = (range(first, self.first_at), range(second, self.second_at));
        let both = Ahead { least: one.least.max(two.least), most: one.most.min(two.most) };
        // One of them was typed late. It can only have made the clock look more behind than it is.
        let late = if one.least > two.least { one } else { two };
        Some(if both.least <= both.most { both } else { late })
    }
}

/// Returns the numbers from `least` to `most`, those nearest to zero first.
fn nearest_first(least: i64, most: i64) -> impl Iterator<Item = i64> {
    let far = least.abs().max(most.abs());
    let both = (1..=far).flat_map(|away| [-away, away]);
    std::iter::once(0).chain(both).filter(move |away| (least..=most).contains(away))
}

/// The account with the counter after the one that was seen; nothing for codes of time.
fn advanced(otp: &Otp, last: u64) -> Option<Otp> {
    matches!(otp.kind, Kind::Hotp { .. })
        .then(|| Otp { kind: Kind::Hotp { counter: last.saturating_add(1) }, ..otp.clone() })
}

/// Everything as it is set: right, the other way round, or with codes left out.
fn plain(otp: &Otp, pair: &Pair) -> Option<Finding> {
    let here = pair.here(otp)?;
    let maker = Maker::new(otp);
    let (behind, ahead) = if matches!(otp.kind, Kind::Hotp { .. }) { (1, 10) } else { (1, 1) };
    if let Some(first) = pair.search(otp, -behind, ahead) {
        let last = first.saturating_add(1);
        return Some(Finding::Right { ahead: pair.ahead(otp, first, last), otp: advanced(otp, last) });
    }
    let steps = || nearest_first(-3, 3).filter_map(|away| here.checked_add_signed(away));
    if let Some(later) = steps()
        .find(|step| pair.fits(&maker, step.checked_add(1), Some(*step)))
        .map(|step| step.saturating_add(1))
    {
        return Some(Finding::Swapped { otp: advanced(otp, later) });
    }
    if otp.is_short() {
        return None;
    }
    (1..=3_u64).find_map(|codes| {
        let first = steps().find(|step| pair.fits(&maker, Some(*step), step.checked_add(1 + codes)))?;
        let last = first.saturating_add(1 + codes);
        Some(Finding::Skipped { codes, otp: advanced(otp, last) })
    })
}

/// Another algorithm, period, number of digits or kind.
fn settings(otp: &Otp, pair: &Pair) -> Option<Finding> {
    let near = |candidate: Otp| {
        pair.search(&candidate, -2, 2).is_some().then_some(Finding::Settings { otp: candidate })
    };
    let Some(digits) = pair.digits() else {
        let steam = Otp::steam(otp.secret.clone());
        return if steam == *otp { None } else { near(steam) };
    };
    let plain = Otp { digits, ..Otp::totp(otp.secret.clone()) };
    let own = otp.period().unwrap_or_default();
    let periods = std::iter::once(own).chain(PERIODS.iter().filter_map(|seconds| Period::new(*seconds).ok()));
    for period in distinct(periods) {
        for algorithm in distinct(std::iter::once(otp.algorithm).chain(Algorithm::ALL)) {
            let candidate = Otp { algorithm, kind: Kind::Totp { period }, ..plain.clone() };
            if candidate == *otp {
                continue;
            }
            if let Some(found) = near(candidate) {
                return Some(found);
            }
        }
    }
    counting(otp, &plain, pair)
}

/// Searches the counters of a device that counts instead of going by the time.
fn counting(otp: &Otp, plain: &Otp, pair: &Pair) -> Option<Finding> {
    let from = match otp.kind {
        Kind::Hotp { counter } => counter.saturating_sub(COUNTERS),
        _ => 0,
    };
    Algorithm::ALL.into_iter().find_map(|algorithm| {
        let candidate = Otp { algorithm, kind: Kind::Hotp { counter: from }, ..plain.clone() };
        let far = i64::try_from(2 * COUNTERS).unwrap_or_default();
        let first = pair.search(&candidate, 0, far)?;
        Some(Finding::Settings { otp: advanced(&candidate, first.saturating_add(1))? })
    })
}

/// Returns each value once, in the order in which they first come.
fn distinct<T: Copy + PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

/// Clocks that are apart: by minutes with every algorithm, by hours as it is set.
fn clock(otp: &Otp, pair: &Pair) -> Option<Finding> {
    let period = otp.period()?;
    let near = i64::try_from(NEAR_SECONDS.div_ceil(u64::from(period.seconds())).min(FAR_STEPS)).ok()?;
    let far = i64::try_from(far_steps(otp)).ok()?;
    let found = |candidate: Otp, reach: i64| {
        let first = pair.search(&candidate, -reach, reach)?;
        let ahead = pair.ahead(&candidate, first, first.saturating_add(1))?;
        Some(Finding::ClockOff { ahead, otp: (candidate != *otp).then_some(candidate) })
    };
    let as_typed = with_digits(otp, pair);
    let algorithms = match otp.kind {
        Kind::Totp { .. } => distinct(std::iter::once(otp.algorithm).chain(Algorithm::ALL)),
        _ => vec![otp.algorithm],
    };
    algorithms
        .into_iter()
        .find_map(|algorithm| found(Otp { algorithm, ..as_typed.clone() }, near))
        .or_else(|| found(as_typed.clone(), far))
}

/// Returns the account with as many digits as were typed, where its kind lets them be chosen.
pub(in crate::otp) fn with_digits(otp: &Otp, pair: &Pair) -> Otp {
    match (&otp.kind, pair.digits()) {
        (Kind::Hotp { .. } | Kind::Totp { .. }, Some(digits)) => Otp { digits, ..otp.clone() },
        _ => otp.clone(),
    }
}

#[cfg(test)]
#[path = "diagnose_tests.rs"]
mod tests;
