//! The check of one code at a sign-in: window, no second use, and a brake on guessing.
//!
//! What is remembered is the last accepted *time step* (or counter), not the text: two steps may have the same
//! code, and one step may be tried in many spellings. The brake is measured on the boot clock, so that setting the
//! wall clock forward does not shorten it. Nothing here says why a code is wrong: that would help a guesser; see
//! `explain` for the owner's rehearsal.

use std::time::Duration;

use super::make::Maker;
use super::{Kind, Now, Otp};

/// What came of a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is right, and used up from now on.
    Accepted {
        /// By how many steps the other device is ahead (negative: behind); for a counter code, how many counters
        /// were skipped, so that the next one expected is `counter + steps + 1`.
        steps: i64,
    },
    /// It cannot be a code of this account: its length or its characters. It counts as no try.
    Malformed,
    /// This computer's clock is before 1970: nothing can be checked. It counts as no try.
    NoClock,
    /// It was right, but it, or a later one, was used already.
    Replayed,
    /// Too many wrong tries: it was not looked at.
    Wait {
        /// For how long, rounded up.
        seconds: u64,
    },
    /// It is wrong.
    Wrong,
}

/// The brake on guessing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Brake {
    /// Wrong tries since the last wait.
    pub wrong: u32,
    /// How many waits there were since a code was right.
    pub rounds: u32,
    /// Until when no code is looked at, on the boot clock.
    pub blocked_until: Option<Duration>,
}

/// The memory of a check: one per account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verifier {
    window: u64,
    drift: i64,
    last: Option<u64>,
    brake: Brake,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { window: 1, drift: 0, last: None, brake: Brake::default() }
    }
}

impl Verifier {
    /// The widest window, in steps to each side.
    pub const WIDEST: u64 = 10;
    /// How many counters ahead a counter code may be (RFC 4226 section 7.4).
    pub const LOOK_AHEAD: u64 = 10;
    /// After how many wrong tries one has to wait.
    pub const TRIES: u32 = 5;
    /// For how long one has to wait the first time; it doubles each time after.
    pub const WAIT_SECONDS: u64 = 30;
    /// The longest wait.
    pub const LONGEST_WAIT_SECONDS: u64 = 86_400;

    /// Returns the verifier with another window: 0 to 10 steps to each side; more is taken as 10.
    #[must_use]
    pub fn with_window(self, steps: u64) -> Self {
        Self { window: steps.min(Self::WIDEST), ..self }
    }

    /// Returns the verifier with a remembered drift (RFC 6238 section 6): by how many steps the other device is
    /// ahead. The window lies around it.
    #[must_use]
    pub fn with_drift(self, steps: i64) -> Self {
        Self { drift: steps, ..self }
    }

    /// Returns the verifier with the step or counter that was accepted last, as kept from an earlier run.
    #[must_use]
    pub fn with_last(self, step: Option<u64>) -> Self {
        Self { last: step, ..self }
    }

    /// Returns the verifier with the brake as kept from an earlier run.
    #[must_use]
    pub fn with_brake(self, brake: Brake) -> Self {
        Self { brake, ..self }
    }

    /// Returns the brake, to be kept.
    pub fn brake(&self) -> Brake {
        self.brake
    }

    /// Returns the window.
    pub fn window(&self) -> u64 {
        self.window
    }

    /// Returns the drift.
    pub fn drift(&self) -> i64 {
        self.drift
    }

    /// Returns the step or counter that was accepted last.
    pub fn last(&self) -> Option<u64> {
        self.last
    }

    /// Returns for how many seconds no code is looked at, rounded up; nothing if one may be tried.
    pub fn wait(&self, now: Now) -> Option<u64> {
        let left = self.brake.blocked_until?.saturating_sub(now.boot);
        (!left.is_zero()).then(|| left.as_secs() + u64::from(left.subsec_nanos() > 0))
    }

    /// Checks a code as it was typed.
    pub fn check(&mut self, otp: &Otp, typed: &str, now: Now) -> Verdict {
        if let Some(seconds) = self.wait(now) {
            return Verdict::Wait { seconds };
        }
        let Some(code) = otp.tidy(typed) else {
            return Verdict::Malformed;
        };
        let (here, candidates) = match otp.kind {
            Kind::Hotp { counter } => (counter, self.counters(counter)),
            _ => match otp.step(now.wall) {
                Ok(step) => (step, self.steps(step)),
                Err(_) => return Verdict::NoClock,
            },
        };
        let maker = Maker::new(otp);
        let (mut fresh, mut used) = (None, false);
        // Every candidate is computed and compared, whatever the ones before said: the time tells nothing.
        for step in candidates {
            let right = maker.code_at(step).matches(&code);
            let spent = self.last.is_some_and(|last| step <= last);
            used |= right && spent;
            if right && !spent && fresh.is_none() {
                fresh = Some(step);
            }
        }
        if let Some(step) = fresh {
            self.last = Some(step);
            self.brake = Brake::default();
            return Verdict::Accepted { steps: distance(here, step) };
        }
        if used {
            return Verdict::Replayed;
        }
        self.count_wrong(now);
        Verdict::Wrong
    }

    /// The steps of the window, the nearest first.
    fn steps(&self, here: u64) -> Vec<u64> {
        let middle = here.saturating_add_signed(self.drift);
        let around = (1..=self.window).flat_map(|away| [middle.checked_sub(away), middle.checked_add(away)]);
        std::iter::once(Some(middle)).chain(around).flatten().collect()
    }

    /// The counters that are still to come, and before them as many that went by, to tell a replay from a guess.
    fn counters(&self, next: u64) -> Vec<u64> {
        let from = self.last.map_or(next, |last| next.max(last.saturating_add(1)));
        let ahead = from..=next.max(from).saturating_add(Self::LOOK_AHEAD);
        let behind = self.last.map(|last| last.saturating_sub(Self::LOOK_AHEAD)..=last);
        ahead.chain(behind.into_iter().flatten()).collect()
    }

    fn count_wrong(&mut self, now: Now) {
        let brake = &mut self.brake;
        brake.wrong = brake.wrong.saturating_add(1);
        if brake.wrong >= Self::TRIES {
            let factor = 1_u64.checked_shl(brake.rounds).unwrap_or(u64::MAX);
            let seconds = Self::WAIT_SECONDS.saturating_mul(factor).min(Self::LONGEST_WAIT_SECONDS);
            brake.blocked_until = Some(now.boot.saturating_add(Duration::from_secs(seconds)));
            brake.rounds = brake.rounds.saturating_add(1);
            brake.wrong = 0;
        }
    }
}

/// Returns how far `to` is ahead of `from`.
fn distance(from: u64, to: u64) -> i64 {
    i64::try_from(i128::from(to) - i128::from(from)).unwrap_or(if to > from { i64::MAX } else { i64::MIN })
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
