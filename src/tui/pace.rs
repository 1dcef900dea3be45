//! Whether the line to the terminal is slow: by how long the terminal takes to answer, and to take a frame.
//!
//! The terminal is asked at the start what it is, and that answer is timed; every frame is timed too. What made the line
//! slow may pass, so a slow one is asked again now and then. Inside tmux it is tmux that answers: the line behind it
//! cannot be seen from here, and is for the user to tell.

use std::time::Duration;

/// An answer that takes longer comes over a slow line.
const ANSWER: Duration = Duration::from_millis(400);
/// A frame that is not taken for longer goes over a slow line.
const FRAME: Duration = Duration::from_millis(100);
/// How long a slow line stays one without being asked again.
const ASK_AGAIN: Duration = Duration::from_mins(1);

/// What is known of the line. Times are since boot.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When the terminal was asked, while it has not answered.
    asked: Option<Duration>,
    /// Since when a frame waits to be taken.
    held: Option<Duration>,
    /// When the line was last found to be slow, if it is.
    slow: Option<Duration>,
    /// What was last said of it.
    said: bool,
}

impl Pace {
    /// Takes that the terminal was asked what it is.
    pub(super) fn ask(&mut self, now: Duration) {
        self.asked = Some(now);
    }

    /// Takes that the terminal answered. An answer that nobody waits for says nothing.
    pub(super) fn answer(&mut self, now: Duration) {
        let Some(asked) = self.asked.take() else { return };
        self.slow = (now.saturating_sub(asked) > ANSWER).then_some(now);
    }

    /// Takes that the terminal took no more, so that a frame has to wait.
    pub(super) fn hold(&mut self, now: Duration) {
        self.held.get_or_insert(now);
    }

    /// Takes that a frame was sent from `begun` to `now`.
    pub(super) fn send(&mut self, begun: Duration, now: Duration) {
        let since = self.held.take().unwrap_or(begun);
        if now.saturating_sub(since) > FRAME {
            self.slow = Some(now);
        }
    }

    /// Takes that what was known is of another time: the program was stopped, or the terminal is another one.
    pub(super) fn begin_again(&mut self) {
        *self = Self { said: self.said, ..Self::default() };
    }

    /// Returns since when an answer is awaited, and awaits it no more.
    pub(super) fn give_up(&mut self) -> Option<Duration> {
        self.asked.take()
    }

    /// Does a frame wait?
    pub(super) fn holds(&self) -> bool {
        self.held.is_some()
    }

    /// Is it time to ask whether a slow line still is one?
    pub(super) fn wants_to_ask(&self, now: Duration) -> bool {
        self.asked.is_none() && self.slow.is_some_and(|since| now.saturating_sub(since) >= ASK_AGAIN)
    }

    /// Returns whether the line is slow, if that is not what was said last.
    pub(super) fn news(&mut self) -> Option<bool> {
        let slow = self.slow.is_some();
        (std::mem::replace(&mut self.said, slow) != slow).then_some(slow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_late_answer_makes_it_slow_and_a_quick_one_quick_again() {
        let mut pace = Pace::default();
        assert!(!pace.wants_to_ask(at(99_999)));
        pace.ask(at(0));
        pace.answer(at(400));
        assert_eq!(pace.news(), None);
        pace.ask(at(1000));
        assert_eq!(pace.news(), None, "a terminal that never answers is not slow for that");
        pace.answer(at(1401));
        assert_eq!((pace.news(), pace.news()), (Some(true), None), "it is said once");
        assert!(!pace.wants_to_ask(at(61_400)) && pace.wants_to_ask(at(61_401)));
        pace.ask(at(61_401));
        assert!(!pace.wants_to_ask(at(61_402)), "it was asked");
        pace.answer(at(61_450));
        assert_eq!(pace.news(), Some(false));
    }

    #[test]
    fn an_answer_to_no_question_says_nothing() {
        let mut pace = Pace::default();
        pace.answer(at(5000));
        assert_eq!(pace.news(), None);
        pace.send(at(5000), at(5200));
        pace.answer(at(5201));
        assert_eq!(pace.news(), Some(true));
    }

    #[test]
    fn a_frame_that_waits_or_lasts_makes_it_slow() {
        let mut pace = Pace::default();
        pace.send(at(0), at(100));
        assert_eq!(pace.news(), None);
        pace.hold(at(1000));
        pace.hold(at(1050));
        assert!(pace.holds());
        assert_eq!(pace.news(), None);
        pace.send(at(1100), at(1101));
        assert!(!pace.holds());
        assert_eq!(pace.news(), Some(true));
        pace.begin_again();
        assert_eq!(pace.news(), Some(false), "who was told has to hear of it");
        pace.send(at(2000), at(2101));
        assert_eq!(pace.news(), Some(true));
    }
}
