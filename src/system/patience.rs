//! A word for whoever waits: said once, if something takes long.
#![expect(clippy::disallowed_methods, reason = "who waits is told by another thread")]

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Something that goes on. What it was given to say is not said any more once it is dropped.
#[must_use]
pub struct Patience {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Says something once if what goes on takes longer than `after`. Where no thread can be had nothing is said.
pub fn say_after(after: Duration, say: impl FnOnce() + Send + 'static) -> Patience {
    let (done, waits) = channel::<()>();
    let wait = move || {
        if waits.recv_timeout(after) == Err(RecvTimeoutError::Timeout) {
            say();
        }
    };
    let thread = Builder::new().name("patience".to_owned()).spawn(wait).ok();
    Patience { done: Some(done), thread }
}

impl Drop for Patience {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            // A panic there is told by its own message.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_and_only_while_it_goes_on() {
        let (said, heard) = channel();
        let say = |said: &Sender<u8>| {
            let said = said.clone();
            move || assert_eq!(said.send(1), Ok(()))
        };
        drop(say_after(Duration::MAX, say(&said)));
        assert!(heard.try_recv().is_err());
        let patience = say_after(Duration::ZERO, say(&said));
        assert_eq!(heard.recv(), Ok(1));
        drop(patience);
        assert!(heard.try_recv().is_err());
    }
}
