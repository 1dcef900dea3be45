//! How far the reading of a file is, told while it goes on.
//!
//! Deriving a key takes seconds, and so may a large picture. Whoever waits for it watches the thread that reads; the
//! formats themselves know nothing of it, and nothing is told where nobody watches.

use std::cell::RefCell;
use std::rc::Rc;

/// What is being done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// A key is derived from a password, which is slow on purpose.
    Opening,
    /// QR codes are looked for in a picture.
    Searching,
    /// So many entries have been read.
    Entries(usize),
}

/// Every so many entries are told.
const EVERY: usize = 1000;

type Watcher = Rc<dyn Fn(Step)>;

thread_local! {
    static WATCHER: RefCell<Option<Watcher>> = const { RefCell::new(None) };
}

/// Does something on this thread, and tells `watcher` of each step of it.
pub fn watched<T>(watcher: impl Fn(Step) + 'static, act: impl FnOnce() -> T) -> T {
    /// Ends the watching, also where `act` panics.
    struct Watching;
    impl Drop for Watching {
        fn drop(&mut self) {
            WATCHER.set(None);
        }
    }
    WATCHER.set(Some(Rc::new(watcher)));
    let _watching = Watching;
    act()
}

/// Tells of a step.
pub(in crate::exchange) fn tell(step: Step) {
    let watcher = WATCHER.with_borrow(Clone::clone);
    if let Some(watcher) = watcher {
        watcher(step);
    }
}

/// Tells how many entries have been read, every now and then.
pub(in crate::exchange) fn count(entries: usize) {
    if entries.is_multiple_of(EVERY) && entries > 0 {
        tell(Step::Entries(entries));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_watched_is_told_and_nothing_else() {
        let steps = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&steps);
        tell(Step::Opening);
        let answer = watched(
            move |step| seen.borrow_mut().push(step),
            || {
                tell(Step::Opening);
                (0..=2 * EVERY).for_each(count);
                7
            },
        );
        tell(Step::Searching);
        assert_eq!(answer, 7);
        assert_eq!(*steps.borrow(), [Step::Opening, Step::Entries(EVERY), Step::Entries(2 * EVERY)]);
    }
}
