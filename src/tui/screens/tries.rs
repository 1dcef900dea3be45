//! What every question for a passphrase has: a longest answer, and longer waits after wrong ones.

use std::time::Duration;

use crate::tui::screen::{Cx, Reply};

/// The longest passphrase that is taken, in bytes.
pub(super) const LONGEST: usize = 1024;

/// The wrong passphrases so far.
#[derive(Debug, Default)]
pub(super) struct Tries {
    count: u32,
    until: Duration,
}

impl Tries {
    /// Counts a wrong one.
    pub(super) fn wrong(&mut self, cx: &Cx<'_>) {
        self.count = self.count.saturating_add(1);
        self.until = cx.now.boot + penalty(self.count);
    }

    /// Returns how many were wrong.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Returns for how many seconds none is taken.
    pub(super) fn left(&self, cx: &Cx<'_>) -> Option<u64> {
        let left = self.until.saturating_sub(cx.now.boot);
        (!left.is_zero()).then(|| left.as_secs() + u64::from(left.subsec_nanos() > 0))
    }

    /// Returns the answer to an Enter that comes too early, if it does.
    pub(super) fn refuse(&self, cx: &Cx<'_>) -> Option<Reply> {
        self.left(cx).map(|seconds| Reply::say(format!("Wait {seconds} s. What you typed is kept")))
    }
}

/// Returns how long to wait after so many wrong tries: nothing for two, then 1, 2, 4, 8 seconds.
fn penalty(tries: u32) -> Duration {
    match tries {
        0..=2 => Duration::ZERO,
        3..=5 => Duration::from_secs(1 << (tries - 3)),
        _ => Duration::from_secs(8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_longer_from_the_third_wrong_try_on() {
        let seconds: Vec<u64> = (0..8).map(|tries| penalty(tries).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 0, 1, 2, 4, 8, 8]);
    }
}
