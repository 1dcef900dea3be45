//! What is heard and said, line by line, and the clipboard beside it.
//!
//! Lines are read byte by byte: whoever begins anew at the closed door must find what was not read yet. Every wait
//! ends by itself: with a line, a signal, the end of the input, or the idle time. Those ends are a `Stop`, which
//! unwinds whatever was being asked.

use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::display::visible;
use crate::failure::Failure;
use crate::otp::{Code, Now};
use crate::system::clipboard::{Clipboard, ClipboardError, Proof, Route};
use crate::system::clock::Clock;
use crate::system::prompt::{PromptError, Terminal};
use crate::words::sentence;

/// The longest line: a picture in Base64.
const LONGEST: usize = 24 << 20;
/// A wait that cannot be set sleeps through suspend, so none is longer than this.
const NAP: Duration = Duration::from_secs(5);
/// After a copy through tmux, the time after which what tmux kept of it is deleted.
const SETTLE_AFTER: Duration = Duration::from_secs(1);

/// Why nothing more is heard.
#[derive(Debug)]
pub(super) enum Stop {
    /// The input is over, or nobody reads any more.
    Ended,
    /// Something failed that cannot be mended by asking again.
    Failed(Failure),
    /// The idle time is over, or the user locks.
    Lock,
    /// A signal ends the program.
    Signal(i32),
}

/// What follows from something that may stop the whole.
pub(super) type Heard<T> = Result<T, Stop>;

/// The two ends of the conversation.
pub(super) struct Talk {
    clock: Box<dyn Clock>,
    clipboard: Clipboard,
    /// The terminal takes sequences, so a copy may go through it.
    sequences: bool,
    /// It was said already why nothing was copied, or what may be in the way.
    explained: bool,
    tidy_at: Option<Duration>,
    lock_after: Duration,
    clear_after: Duration,
    last_line: Option<Duration>,
    caught: Arc<AtomicUsize>,
    signals: UnixStream,
    /// Standard input is a terminal, which shows what is typed.
    typed: bool,
}

impl Talk {
    /// Returns a conversation on standard input and output. It locks only once `opened` was called.
    pub(super) fn new(
        clock: Box<dyn Clock>,
        clipboard: Clipboard,
        sequences: bool,
        config: &Config,
    ) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::other(format!("cannot listen to signals: {error}"));
        let (signals, wake) = UnixStream::pair().map_err(failed)?;
        let caught = Arc::new(AtomicUsize::new(0));
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            let number = usize::try_from(signal).unwrap_or_default();
            signal_hook::flag::register_usize(signal, Arc::clone(&caught), number).map_err(failed)?;
            let wake = wake.try_clone().map_err(failed)?;
            signal_hook::low_level::pipe::register(signal, wake).map_err(failed)?;
        }
        Ok(Self {
            clock,
            clipboard,
            sequences,
            explained: false,
            tidy_at: None,
            lock_after: config.lock.after.duration(),
            clear_after: config.copy.clear_after.duration(),
            last_line: None,
            caught,
            signals,
            typed: io::stdin().is_terminal(),
        })
    }

    /// Returns the time.
    pub(super) fn now(&self) -> Now {
        self.clock.now()
    }

    /// The vault is open: from now on the idle time counts.
    pub(super) fn opened(&mut self) {
        self.last_line = Some(self.now().boot);
    }

    /// Says a line. Whatever is in it acts on no terminal.
    pub(super) fn say(&mut self, words: impl fmt::Display) -> Heard<()> {
        let words = Zeroizing::new(words.to_string());
        let mut line = Zeroizing::new(String::from(visible(&words)));
        line.push('\n');
        self.write(line.as_bytes())
    }

    /// Asks, and returns the line that comes, without blanks around it.
    pub(super) fn ask(&mut self, question: &str) -> Heard<Zeroizing<String>> {
        loop {
            self.write(question.as_bytes())?;
            let line = self.line()?;
            if !self.typed {
                self.write(b"\n")?;
            }
            match line {
                Some(line) if !line.chars().any(char::is_control) => {
                    return Ok(Zeroizing::new(line.trim().to_owned()));
                }
                _ => self.say("Not taken: there are keys in it that are no text.")?,
            }
        }
    }

    /// Asks for something that is not shown as it is typed.
    pub(super) fn ask_hidden(&mut self, question: &str) -> Heard<Zeroizing<String>> {
        loop {
            let answer = if self.typed {
                self.silent_line(question)?
            } else {
                self.write(question.as_bytes())?;
                let answer = self.line()?;
                self.write(b"\n")?;
                answer
            };
            match answer {
                Some(answer) => return Ok(answer),
                None => self.say("Not taken: it is too long, or no text.")?,
            }
        }
    }

    /// Asks until the answer is yes or no.
    pub(super) fn agrees(&mut self, question: &str) -> Heard<bool> {
        loop {
            match self.ask(question)?.to_ascii_lowercase().as_str() {
                "n" | "no" => return Ok(false),
                "y" | "yes" => return Ok(true),
                _ => self.say("Type y or n.")?,
            }
        }
    }

    /// Asks for one of `count` lines that were said; Enter alone is the first if `usual`. Nothing for `cancel`.
    pub(super) fn choose(&mut self, question: &str, count: usize, usual: bool) -> Heard<Option<usize>> {
        loop {
            let answer = self.ask(question)?;
            match answer.parse::<usize>() {
                Ok(number) if (1..=count).contains(&number) => return Ok(Some(number - 1)),
                _ if answer.is_empty() && usual => return Ok(Some(0)),
                _ if answer.is_empty() || is_cancel(&answer) => return Ok(None),
                _ => self.say(format_args!("Type a number from 1 to {count}, or cancel."))?,
            }
        }
    }

    /// Waits in silence until `is_over` says so, which is asked again after each `step`.
    pub(super) fn wait(&mut self, step: Duration, is_over: impl Fn(Now) -> bool) -> Heard<()> {
        while !is_over(self.now()) {
            self.check()?;
            let mut watched = [PollFd::new(&self.signals, PollFlags::IN)];
            match poll(&mut watched, Some(&timespec(step))) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(failed("wait", error.into())),
            }
        }
        Ok(())
    }

    /// Copies a code, and returns what to say of it; nothing where that was said once already.
    pub(super) fn copy(&mut self, code: &Code) -> Heard<Option<String>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        let sent = self.clipboard.copy(code.reveal(), &mut *bytes);
        let sent = match sent {
            Err(ClipboardError::Off) => return Ok(None),
            Err(error) => return Ok(self.explain(format!("Not copied: {error}."))),
            Ok(sent) => sent,
        };
        let by_sequence = matches!(sent.route, Route::Osc52 | Route::Screen | Route::TmuxPassThrough);
        if !self.sequences && by_sequence {
            return Ok(self.explain("Not copied: no clipboard can be reached from here.".to_owned()));
        }
        if self.sequences && !bytes.is_empty() {
            self.write(&bytes)?;
        }
        let after = if self.clipboard.is_unsettled() { SETTLE_AFTER } else { self.clear_after };
        self.tidy_at = Some(self.now().boot + after).filter(|_| !after.is_zero());
        if sent.proof == Proof::ReadBack {
            return Ok(Some("Copied.".to_owned()));
        }
        let advice = sent.advice().and_then(|advice| self.explain(sentence(&advice)));
        let advice = advice.map(|advice| format!(" {advice}")).unwrap_or_default();
        Ok(Some(format!("{}.{advice}", sent.say("it"))))
    }

    fn explain(&mut self, words: String) -> Option<String> {
        let first = !std::mem::replace(&mut self.explained, true);
        first.then_some(words)
    }

    /// Says whether what was copied goes away when the program ends.
    pub(super) fn copy_ends_with_us(&self) -> bool {
        self.clipboard.ends_with_us()
    }

    /// Takes back what was left on the way of a copy. That it could not be is no reason not to lock or end.
    pub(super) fn forget_copy(&mut self) {
        if self.clipboard.is_unsettled() {
            drop(self.clipboard.settle());
        }
        drop(self.clipboard.clear_if_ours());
    }

    /// Writes to standard output, as it is.
    fn write(&mut self, mut bytes: &[u8]) -> Heard<()> {
        let stdout = io::stdout();
        while !bytes.is_empty() {
            match rustix::io::write(stdout.as_fd(), bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(Errno::INTR) => self.check()?,
                Err(Errno::PIPE | Errno::BADF) => return Err(Stop::Ended),
                Err(Errno::IO) => return Err(Stop::Signal(SIGHUP)),
                Err(error) => return Err(failed("write to standard output", error.into())),
            }
        }
        Ok(())
    }

    /// Asks for a line that is not shown. Nothing if it cannot be taken. The question comes when nothing is shown any
    /// more: whoever answers quickly must not see it either.
    fn silent_line(&mut self, question: &str) -> Heard<Option<Zeroizing<String>>> {
        let stdin = io::stdin().as_fd().try_clone_to_owned().map_err(|error| failed("read", error))?;
        let mut stopped = None;
        let answer = Terminal::on(File::from(stdin)).passphrase_while(question, &mut || match self.check() {
            Ok(()) => true,
            Err(stop) => {
                stopped = Some(stop);
                false
            }
        });
        if let Some(stop) = stopped {
            return Err(stop);
        }
        let answer = match answer {
            Ok(answer) => Some(answer),
            Err(PromptError::Closed | PromptError::NoTerminal) => return Err(Stop::Ended),
            Err(PromptError::Interrupted) => return Err(Stop::Signal(SIGINT)),
            Err(PromptError::NotUtf8 | PromptError::TooLong) => None,
            Err(error) => return Err(Stop::Failed(error.into())),
        };
        self.heard();
        Ok(answer)
    }

    /// Reads a line. Nothing if it is no text, or longer than any.
    fn line(&mut self) -> Heard<Option<Zeroizing<String>>> {
        let mut line = Zeroizing::new(Vec::with_capacity(4096));
        let mut lost = false;
        let mut byte = Zeroizing::new([0_u8]);
        loop {
            self.await_input()?;
            match rustix::io::read(io::stdin().as_fd(), &mut byte[..]) {
                Ok(0) if line.is_empty() => return Err(Stop::Ended),
                Ok(0) => break,
                Ok(_) if byte[0] == b'\n' => break,
                Ok(_) if line.len() == LONGEST => lost = true,
                Ok(_) => {
                    if line.len() == line.capacity() {
                        // By hand, since growing in place would leave the old bytes behind unwiped.
                        let mut larger = Zeroizing::new(Vec::with_capacity(line.capacity() * 2));
                        larger.extend_from_slice(&line);
                        line = larger;
                    }
                    line.push(byte[0]);
                }
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(Errno::BADF) => return Err(Stop::Ended),
                Err(Errno::IO) => return Err(Stop::Signal(SIGHUP)),
                Err(error) => return Err(failed("read standard input", error.into())),
            }
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        self.heard();
        Ok(std::str::from_utf8(&line).ok().filter(|_| !lost).map(|text| Zeroizing::new(text.to_owned())))
    }

    fn heard(&mut self) {
        if self.last_line.is_some() {
            self.last_line = Some(self.now().boot);
        }
    }

    /// Waits until there is something to read.
    fn await_input(&mut self) -> Heard<()> {
        loop {
            self.check()?;
            let stdin = io::stdin();
            let mut watched = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(&self.signals, PollFlags::IN)];
            let wait = self.next_wake().map(timespec);
            match poll(&mut watched, wait.as_ref()) {
                Ok(_) if !watched[0].revents().is_empty() => {
                    // Meanwhile the computer may have slept for longer than the idle time.
                    return self.check();
                }
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(failed("wait", error.into())),
            }
        }
    }

    /// Looks at what ends a wait, and tidies the clipboard when its time has come.
    fn check(&mut self) -> Heard<()> {
        let caught = i32::try_from(self.caught.load(Ordering::Relaxed)).unwrap_or(0);
        if caught != 0 {
            return Err(Stop::Signal(caught));
        }
        let now = self.now().boot;
        if self.lock_at().is_some_and(|at| now >= at) {
            return Err(Stop::Lock);
        }
        if self.tidy_at.is_some_and(|at| now >= at) {
            self.tidy_at = None;
            // A code on the clipboard is worth nothing by now; that it stays there is not worth a line.
            if self.clipboard.is_unsettled() {
                drop(self.clipboard.settle());
            } else {
                drop(self.clipboard.clear_if_ours());
            }
        }
        Ok(())
    }

    fn lock_at(&self) -> Option<Duration> {
        let last = self.last_line.filter(|_| !self.lock_after.is_zero())?;
        Some(last.saturating_add(self.lock_after))
    }

    fn next_wake(&self) -> Option<Duration> {
        let now = self.now().boot;
        let due = self.lock_at().into_iter().chain(self.tidy_at).min()?;
        Some(due.saturating_sub(now).min(NAP))
    }
}

/// Says whether an answer leaves what is being asked.
pub(super) fn is_cancel(answer: &str) -> bool {
    answer.eq_ignore_ascii_case("cancel")
}

fn failed(what: &str, error: io::Error) -> Stop {
    Stop::Failed(Failure::other(format!("cannot {what}: {error}")))
}

fn timespec(wait: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(wait.subsec_nanos()),
    }
}
