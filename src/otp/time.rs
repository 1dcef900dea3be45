//! Moments, as the core is told them. Nothing here asks what time it is.

use std::time::Duration;

/// A moment of the wall clock: whole seconds since 1970 (negative before) and nanoseconds within the second.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

impl Timestamp {
    /// Returns the moment `seconds` after 1970-01-01 00:00 UTC.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self { seconds, nanos: 0 }
    }

    /// Returns the moment `seconds` and `nanos` after 1970; nanoseconds beyond a second are cut.
    pub const fn new(seconds: i64, nanos: u32) -> Self {
        let nanos = if nanos > 999_999_999 { 999_999_999 } else { nanos };
        Self { seconds, nanos }
    }

    /// Returns the whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Returns the nanoseconds within the second.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// Returns the milliseconds since 1970, rounded down.
    pub const fn millis(self) -> i64 {
        self.seconds.saturating_mul(1000).saturating_add((self.nanos / 1_000_000) as i64)
    }

    /// Returns the moment `seconds` later (earlier if negative); it stops at the ends of time.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self { seconds: self.seconds.saturating_add(seconds), nanos: self.nanos }
    }

    /// Returns the number of whole seconds from `earlier` to `self`, negative if it is later.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.seconds.saturating_sub(earlier.seconds)
    }

    /// Returns the time that is left until the next whole second.
    pub const fn until_next_second(self) -> Duration {
        Duration::from_nanos(1_000_000_000 - self.nanos as u64)
    }
}

/// What the core is told of time: the wall clock for codes, and the time since boot for everything that waits.
///
/// The boot clock counts suspend and cannot be set, so a lock that is due after ten idle minutes also comes after
/// ten minutes with the lid closed, and is not fooled by a clock that was put back.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Now {
    /// The wall clock.
    pub wall: Timestamp,
    /// Time since boot, suspend included.
    pub boot: Duration,
}
