//! What every question for a passphrase has: a longest answer, and longer waits after wrong ones.

use std::time::Duration;

use crate::tui::screen::{Cx, Reply};
use crate::vault::pause;

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
        self.until = cx.now.boot + pause(self.count);
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
