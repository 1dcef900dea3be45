//! The answering side: one loop that waits for requests, and a short-lived thread for each that is whole.
//!
//! Whoever says half a request is forgotten after two seconds, or when too many wait; nobody can keep others from
//! being answered, nor the agent from ending. Time is that since boot, which goes on during suspend.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::protocol::{self, Call, HEADER, LARGEST_REQUEST, Reply, Request, understand};
use super::socket::is_ours;
use crate::system::Clock;

/// For how long the rest of a request is waited for, and for somebody to take an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// A wait goes by a clock that stands during suspend, so that none is longer.
const NAP: Duration = Duration::from_secs(5);
/// How many may be in the middle of a request; the one that came first goes when there are more.
const MOST_WAITING: usize = 128;
/// How many requests are answered at once.
const MOST_RUNNING: usize = 32;
/// For how long what is being answered is waited for at the end.
const LAST: Duration = Duration::from_secs(1);

/// How long an agent goes on. Times are those since boot.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// When it ends, whatever comes.
    pub until: Duration,
    /// After how long without a request it ends. A request that only watches is none.
    pub idle: Duration,
    /// Its memory is kept from being written to swap.
    pub locked_memory: bool,
}

/// Why an agent ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    /// It was told to.
    Locked,
    /// By a signal.
    Signal,
    /// Its time was up.
    Time,
}

/// Somebody in the middle of a request.
struct Waiting {
    stream: UnixStream,
    since: Duration,
    bytes: Vec<u8>,
}

/// What became of somebody who said something.
enum Heard {
    Gone,
    More,
    Whole(Vec<u8>),
}

/// Serves until the agent ends. `begin` makes ready, in the order of the requests, what `run` answers with on a thread
/// of its own; where it cannot, it says what is answered and whether to go on. Something to read on `signals` is a
/// signal that ends it.
pub fn serve<T: Send + 'static>(
    listener: &UnixListener,
    signals: &UnixStream,
    terms: Terms,
    clock: &dyn Clock,
    mut begin: impl FnMut() -> Result<T, (Reply, bool)>,
    run: impl Fn(T, Call) -> Reply + Send + Sync + 'static,
) -> io::Result<Ended> {
    let run = Arc::new(run);
    let running = Arc::new(AtomicUsize::new(0));
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut asked = clock.now().boot;
    let ended = loop {
        let now = clock.now().boot;
        let ends = terms.until.min(asked + terms.idle);
        if now >= ends {
            break Ended::Time;
        }
        waiting.retain(|one| now < one.since + PATIENCE);
        let patience = waiting.first().map_or(NAP, |first| (first.since + PATIENCE).saturating_sub(now));
        let ready = sleep(listener, signals, &waiting, NAP.min(ends.saturating_sub(now)).min(patience))?;
        // What came while the computer slept comes too late.
        let now = clock.now().boot;
        if now >= ends {
            break Ended::Time;
        }
        if ready.signal {
            break Ended::Signal;
        }
        let mut whole = Vec::new();
        let mut left = Vec::with_capacity(waiting.len());
        for (mut one, ready) in waiting.into_iter().zip(ready.waiting) {
            match if ready { one.hear() } else { Heard::More } {
                Heard::Gone => {}
                Heard::More => left.push(one),
                Heard::Whole(bytes) => whole.push((one.stream, bytes)),
            }
        }
        waiting = left;
        if ready.listener {
            accept(listener, &mut waiting, now);
        }
        let mut locked = None;
        for (stream, bytes) in whole {
            let request = understand(&bytes);
            if matches!(request, Ok(Request::Run(_))) {
                asked = now;
            }
            match request {
                Ok(Request::Lock) => locked = Some(stream),
                Ok(Request::Status) => say(
                    &stream,
                    &Reply::Status {
                        pid: std::process::id(),
                        left: terms.until.saturating_sub(now).as_secs(),
                        idle: (asked + terms.idle).saturating_sub(now).as_secs(),
                        locked_memory: terms.locked_memory,
                    },
                ),
                Ok(Request::Run(call) | Request::Watch(call)) => {
                    if running.load(Ordering::Acquire) >= MOST_RUNNING {
                        say(&stream, &Reply::Refused);
                        continue;
                    }
                    match begin() {
                        Ok(held) => start(stream, held, call, &run, &running),
                        Err((reply, go_on)) => {
                            say(&stream, &reply);
                            if !go_on {
                                return Ok(finish(Ended::Locked, &running, clock));
                            }
                        }
                    }
                }
                Err(reply) => say(&stream, &reply),
            }
        }
        if let Some(stream) = locked {
            say(&stream, &Reply::Locked);
            finish(Ended::Locked, &running, clock);
            // Kept open until the end of the process, for that is what the other side waits for.
            std::mem::forget(stream);
            return Ok(Ended::Locked);
        }
    };
    Ok(finish(ended, &running, clock))
}

/// Lets what is being answered come to its end, but not for long: a save that is cut off harms nothing.
fn finish(ended: Ended, running: &AtomicUsize, clock: &dyn Clock) -> Ended {
    let until = clock.now().boot + LAST;
    while running.load(Ordering::Acquire) > 0 && clock.now().boot < until {
        thread::sleep(Duration::from_millis(5));
    }
    ended
}

/// What there is to do.
struct Ready {
    listener: bool,
    signal: bool,
    waiting: Vec<bool>,
}

fn sleep(
    listener: &UnixListener,
    signals: &UnixStream,
    waiting: &[Waiting],
    time: Duration,
) -> io::Result<Ready> {
    let mut watched = vec![
        PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN),
        PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN),
    ];
    watched.extend(waiting.iter().map(|one| PollFd::from_borrowed_fd(one.stream.as_fd(), PollFlags::IN)));
    // A little more than is left, so that it is over when it ends.
    let time = Timespec::try_from(time + Duration::from_millis(1)).map_err(io::Error::other)?;
    match poll(&mut watched, Some(&time)) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ready: Vec<bool> = watched.iter().map(|one| !one.revents().is_empty()).collect();
    Ok(Ready { listener: ready[0], signal: ready[1], waiting: ready[2..].to_vec() })
}

fn accept(listener: &UnixListener, waiting: &mut Vec<Waiting>, now: Duration) {
    // No more than may wait, so that a flood of connections keeps nobody from being heard.
    for _ in 0..MOST_WAITING {
        // Nobody more, or no descriptor left: the next turn of the loop tries again.
        let Ok((stream, _)) = listener.accept() else {
            return;
        };
        if !is_ours(&stream) || stream.set_nonblocking(true).is_err() {
            continue;
        }
        if waiting.len() >= MOST_WAITING {
            waiting.remove(0);
        }
        waiting.push(Waiting { stream, since: now, bytes: Vec::new() });
    }
}

impl Waiting {
    fn hear(&mut self) -> Heard {
        let mut piece = [0; 4096];
        loop {
            match (&self.stream).read(&mut piece) {
                Ok(0) => return Heard::Gone,
                Ok(count) => self.bytes.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Heard::More,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Heard::Gone,
            }
            let Some(header) = self.bytes.first_chunk::<HEADER>() else {
                continue;
            };
            let Some(length) = protocol::length(*header, LARGEST_REQUEST) else {
                return Heard::Gone;
            };
            if self.bytes.len() >= HEADER + length {
                return Heard::Whole(self.bytes[HEADER..HEADER + length].to_vec());
            }
        }
    }
}

/// Answers. Somebody who does not take the answer does without.
fn say(stream: &UnixStream, reply: &Reply) {
    let ready = stream.set_nonblocking(false).and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
    drop(ready.and_then(|()| protocol::answer(stream, reply)));
}

fn start<T: Send + 'static>(
    stream: UnixStream,
    held: T,
    call: Call,
    run: &Arc<impl Fn(T, Call) -> Reply + Send + Sync + 'static>,
    running: &Arc<AtomicUsize>,
) {
    /// Counts one that runs, also if it breaks.
    struct Count(Arc<AtomicUsize>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::AcqRel);
        }
    }
    running.fetch_add(1, Ordering::AcqRel);
    let count = Count(Arc::clone(running));
    let run = Arc::clone(run);
    #[expect(clippy::disallowed_methods, reason = "an answer that waits must not keep the others waiting")]
    let started = thread::Builder::new().name("answer".to_owned()).spawn(move || {
        say(&stream, &run(held, call));
        drop(stream);
        drop(count);
    });
    // Without a thread the connection is closed, which is an answer too.
    drop(started);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{Place, ask, ask_soon};
    use crate::otp::{Now, Timestamp};
    use std::path::Path;
    use std::sync::atomic::AtomicU64;

    /// A clock whose time since boot is set by hand.
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> Now {
            let boot = Duration::from_secs(self.0.load(Ordering::Acquire));
            Now { wall: Timestamp::default(), boot }
        }
    }

    /// Ends the agent whose client failed: the test shall fail, and not wait for ever.
    struct End<'a>(&'a Hand);

    impl Drop for End<'_> {
        fn drop(&mut self) {
            if thread::panicking() {
                self.0.0.store(1 << 40, Ordering::Release);
            }
        }
    }

    fn call() -> Request {
        Request::Run(Call { arguments: Vec::new(), terminal: false, columns: None })
    }

    fn watch() -> Request {
        Request::Watch(Call { arguments: Vec::new(), terminal: false, columns: None })
    }

    /// Serves beside a client, for so many seconds and so many without a request.
    fn beside(until: u64, idle: u64, client: impl FnOnce(&crate::agent::Door, &Hand) + Send) -> Ended {
        let root = tempfile::tempdir().expect("a place for temporary files");
        let door = Place::new(Some(root.path()), Path::new("/s")).door(Path::new("/v"));
        let listener = door.open().expect("nobody is there");
        let (signals, _other) = UnixStream::pair().expect("two ends");
        let clock = Hand(AtomicU64::new(0));
        let terms = Terms {
            until: Duration::from_secs(until),
            idle: Duration::from_secs(idle),
            locked_memory: false,
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                let _end = End(&clock);
                client(&door, &clock);
            });
            let begin = || Ok::<_, (Reply, bool)>(());
            let ended = serve(&listener, &signals, terms, &clock, begin, |(), _| Reply::Refused);
            // As the end of the process does.
            drop(listener);
            ended
        })
        .expect("it serves")
    }

    #[test]
    fn nothing_is_answered_after_its_time_however_it_passed() {
        let ended = beside(100, 1000, |door, clock| {
            assert!(matches!(ask(door, &call(), false), Ok(Some(Reply::Refused))));
            clock.0.store(99, Ordering::Release);
            assert!(matches!(ask(door, &call(), false), Ok(Some(Reply::Refused))));
            // As after a suspend.
            clock.0.store(100, Ordering::Release);
            assert!(matches!(ask(door, &call(), false), Ok(None) | Err(_)));
        });
        assert_eq!(ended, Ended::Time);
    }

    #[test]
    fn only_what_is_asked_for_keeps_it_from_being_idle() {
        let ended = beside(1000, 60, |door, clock| {
            for now in [50, 100, 150] {
                clock.0.store(now, Ordering::Release);
                assert!(matches!(ask(door, &call(), false), Ok(Some(Reply::Refused))));
            }
            clock.0.store(190, Ordering::Release);
            let status = ask(door, &Request::Status, false);
            let Ok(Some(Reply::Status { left, idle, .. })) = &status else { panic!("it is there") };
            assert_eq!((*left, *idle), (810, 20));
            clock.0.store(210, Ordering::Release);
            assert!(matches!(ask(door, &call(), false), Ok(None) | Err(_)));
        });
        assert_eq!(ended, Ended::Time);
    }

    #[test]
    fn who_only_watches_is_answered_and_keeps_it_no_longer() {
        let ended = beside(1000, 60, |door, clock| {
            // Its time begins when it does, not when this thread does.
            assert!(matches!(ask(door, &Request::Status, false), Ok(Some(Reply::Status { idle: 60, .. }))));
            for now in [10, 59] {
                clock.0.store(now, Ordering::Release);
                let told = ask_soon(door, &watch(), Duration::from_mins(1));
                assert!(matches!(told, Ok(Some(Reply::Refused))));
            }
            let status = ask(door, &Request::Status, false);
            let Ok(Some(Reply::Status { idle, .. })) = &status else { panic!("it is there") };
            assert_eq!(*idle, 1);
            clock.0.store(60, Ordering::Release);
            assert!(matches!(ask_soon(door, &watch(), Duration::from_mins(1)), Ok(None) | Err(_)));
        });
        assert_eq!(ended, Ended::Time);
    }

    #[test]
    fn it_ends_when_it_is_told_to() {
        let ended = beside(1000, 1000, |door, _| {
            assert!(matches!(ask(door, &Request::Lock, false), Ok(Some(Reply::Locked))));
        });
        assert_eq!(ended, Ended::Locked);
    }
}
