//! A file that is being read: what is being done with it, and since when.

use std::time::Duration;

use super::name;
use crate::exchange::progress::Step;
use crate::tui::effect::Source;

/// What is shown of it counts seconds from here on.
const LONG: u64 = 1;

/// A content on its way.
pub(super) struct Reading {
    /// The content.
    pub(super) source: Source,
    step: Option<Step>,
    /// The time since boot at which this was first seen to be under way.
    since: Option<Duration>,
}

impl Reading {
    /// Returns a content that was asked for just now.
    pub(super) fn of(source: Source) -> Self {
        Self { source, step: None, since: None }
    }

    /// Takes note that it is under way at that time since boot.
    pub(super) fn goes_on(&mut self, now: Duration) {
        self.since.get_or_insert(now);
    }

    /// Takes note of what is being done.
    pub(super) fn is_at(&mut self, step: Step, now: Duration) {
        self.goes_on(now);
        self.step = Some(step);
    }

    /// Says what is being done, and after a second for how long.
    pub(super) fn line(&self, now: Duration) -> String {
        let name = name(&self.source);
        let doing = match self.step {
            None => format!("Reading {name} ..."),
            Some(Step::Entries(count)) => format!("Reading {name}: {count} entries so far ..."),
            Some(Step::Opening) => format!("Opening {name}, which is slow on purpose ..."),
            Some(Step::Searching) => format!("Looking for QR codes in {name} ..."),
        };
        let seconds = self.since.map_or(0, |since| now.saturating_sub(since).as_secs());
        if seconds >= LONG { format!("{doing} {seconds} s") } else { doing }
    }
}
