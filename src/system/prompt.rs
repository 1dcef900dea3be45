//! Questions to the person at the terminal, and passphrases from files and descriptors.
//!
//! Questions go to the terminal itself, so that they neither mix with the answer on standard output nor are taken
//! from a pipe. A passphrase is read without echo, byte by byte, into memory that is wiped; however the question
//! ends, by a key, an error or a signal, the echo comes back.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, isatty, tcflush, tcgetattr,
    tcsetattr,
};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::display::visible;

/// The longest passphrase, and as far as a file is read for the end of its first line.
const MOST_BYTES: usize = 64 * 1024;

/// Why there is no answer.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum PromptError {
    /// The program that should ask did not.
    #[error("\"{}\" gave no passphrase: {why}", visible(program))]
    Askpass {
        /// The program.
        program: String,
        /// What went wrong.
        why: String,
    },
    /// The number of a descriptor that is none.
    #[error("\"{}\" is not the number of a file descriptor", visible(.0))]
    BadDescriptor(String),
    /// The terminal went away, or the input ended.
    #[error("the terminal was closed before there was an answer")]
    Closed,
    /// The first line has nothing in it.
    #[error("the first line of \"{}\" is empty", visible(.0))]
    Empty(String),
    /// Whoever asked wants no answer any more.
    #[error("there was no answer in time")]
    GivenUp,
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// A descriptor that is a terminal would show what is typed.
    #[error("\"{}\" is a terminal and would show the passphrase", visible(.0))]
    IsTerminal(String),
    /// Nobody to ask.
    #[error("there is no terminal to ask on")]
    NoTerminal,
    /// Not text.
    #[error("the answer is not UTF-8 text")]
    NotUtf8,
    /// Something could not be read.
    #[error("cannot read \"{}\": {why}", visible(what))]
    Read {
        /// The file.
        what: String,
        /// The reason, as the system names it.
        why: io::ErrorKind,
    },
    /// More than any passphrase.
    #[error("the answer is longer than {MOST_BYTES} bytes")]
    TooLong,
}

/// The terminal that the user sits at, wherever standard input and output go.
#[derive(Debug)]
pub struct Terminal {
    tty: File,
}

impl Terminal {
    /// Opens the controlling terminal.
    pub fn open() -> Result<Self, PromptError> {
        #[expect(clippy::disallowed_methods, reason = "a terminal is not a file that could be lost")]
        let tty = OpenOptions::new().read(true).write(true).open("/dev/tty");
        tty.map(Self::on).map_err(|_| PromptError::NoTerminal)
    }

    /// Takes a terminal that is open already.
    pub fn on(tty: File) -> Self {
        Self { tty }
    }

    /// Asks for a passphrase, which is not shown. Backspace takes back a character, Ctrl-U all of them.
    pub fn passphrase(&mut self, question: &str) -> Result<Zeroizing<String>, PromptError> {
        self.passphrase_while(question, &mut || true)
    }

    /// The same, for as long as `goes_on` says so, which is asked several times a second.
    pub fn passphrase_while(
        &mut self,
        question: &str,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Zeroizing<String>, PromptError> {
        let silence = Silence::begin(&self.tty)?;
        let answer = self.say(question).and_then(|()| read_silently(&self.tty, &silence, goes_on));
        let newline = self.say("\n");
        let signal = silence.signal();
        drop(silence);
        if let Some(signal) = signal {
            // The echo is back: now the signal may do what it would have done.
            signal_hook::low_level::emulate_default_handler(signal)
                .map_err(|error| read_error("the terminal", &error))?;
        }
        let answer = answer?;
        newline?;
        Ok(answer)
    }

    /// Asks for a line, which is shown as it is typed.
    pub fn line(&mut self, question: &str) -> Result<Zeroizing<String>, PromptError> {
        self.say(question)?;
        let (bytes, ended) = read_line(&mut self.tty, "the terminal")?;
        if bytes.is_empty() && !ended {
            return Err(PromptError::Closed);
        }
        into_text(bytes)
    }

    /// Asks a question that is answered by yes or no, until it is; Enter alone is the `usual` answer.
    pub fn agrees(&mut self, question: &str, usual: bool) -> Result<bool, PromptError> {
        let choice = if usual { "[Y/n]" } else { "[y/N]" };
        loop {
            let answer = self.line(&format!("{question} {choice} "))?;
            match answer.trim().to_ascii_lowercase().as_str() {
                "" => return Ok(usual),
                "n" | "no" => return Ok(false),
                "y" | "yes" => return Ok(true),
                _ => self.say("Please answer y or n.\n")?,
            }
        }
    }

    /// Forgets what was typed and not read yet.
    pub fn forget_typed(&mut self) -> Result<(), PromptError> {
        tcflush(&self.tty, QueueSelector::IFlush).map_err(|error| read_error("the terminal", &error.into()))
    }

    fn say(&self, text: &str) -> Result<(), PromptError> {
        (&self.tty).write_all(text.as_bytes()).map_err(|error| read_error("the terminal", &error))
    }
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tty.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tty.flush()
    }
}

/// Reads a passphrase from the first line of a file.
pub fn passphrase_from_file(path: &Path) -> Result<Zeroizing<String>, PromptError> {
    let name = path.to_string_lossy();
    let mut file = File::open(path).map_err(|error| read_error(&name, &error))?;
    first_line(&mut file, &name)
}

/// Reads a passphrase from the first line of an open descriptor, given by its number.
pub fn passphrase_from_descriptor(number: &str) -> Result<Zeroizing<String>, PromptError> {
    let wrong = || PromptError::BadDescriptor(number.to_owned());
    let number: u32 = number.trim().parse().map_err(|_| wrong())?;
    let name = format!("/dev/fd/{number}");
    let mut file = File::open(&name).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => wrong(),
        _ => read_error(&name, &error),
    })?;
    if isatty(&file) {
        return Err(PromptError::IsTerminal(name));
    }
    first_line(&mut file, &name)
}

/// Reads up to the end of the first line.
pub(super) fn first_line(file: &mut File, name: &str) -> Result<Zeroizing<String>, PromptError> {
    let (bytes, _) = read_line(file, name)?;
    if bytes.is_empty() {
        return Err(PromptError::Empty(name.to_owned()));
    }
    into_text(bytes)
}

fn read_error(what: &str, error: &io::Error) -> PromptError {
    PromptError::Read { what: what.to_owned(), why: error.kind() }
}

/// A buffer that never grows, since growing would leave a copy behind.
struct Answer(Zeroizing<Vec<u8>>);

impl Answer {
    fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(MOST_BYTES)))
    }

    fn push(&mut self, byte: u8) -> Result<(), PromptError> {
        if self.0.len() == MOST_BYTES {
            return Err(PromptError::TooLong);
        }
        self.0.push(byte);
        Ok(())
    }

    /// Takes back a character, of however many bytes.
    fn pop(&mut self) {
        while let Some(byte) = self.0.pop() {
            if !matches!(byte, 0x80..=0xbf) {
                break;
            }
        }
    }
}

fn into_text(mut bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, PromptError> {
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(PromptError::NotUtf8)
        }
    }
}

/// Reads up to the end of a line, and not a byte further: what follows belongs to whoever reads next. Returns the
/// line and whether its end was there.
fn read_line(source: &mut File, name: &str) -> Result<(Zeroizing<Vec<u8>>, bool), PromptError> {
    let mut answer = Answer::new();
    let mut byte = Zeroizing::new([0]);
    let mut ended = false;
    while !ended {
        match source.read(&mut *byte) {
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => ended = true,
            Ok(_) => answer.push(byte[0])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(read_error(name, &error)),
        }
    }
    if answer.0.last() == Some(&b'\r') {
        answer.0.pop();
    }
    Ok((answer.0, ended))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence<'a> {
    tty: &'a File,
    before: Termios,
    caught: Arc<AtomicUsize>,
    handlers: Vec<SigId>,
}

impl<'a> Silence<'a> {
    fn begin(tty: &'a File) -> Result<Self, PromptError> {
        let before = tcgetattr(tty).map_err(|_| PromptError::NoTerminal)?;
        let mut silence =
            Self { tty, before: before.clone(), caught: Arc::default(), handlers: Vec::with_capacity(4) };
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            let number = usize::try_from(signal).expect("signals are counted from 1");
            let handler = signal_hook::flag::register_usize(signal, Arc::clone(&silence.caught), number)
                .map_err(|error| read_error("the terminal", &error))?;
            silence.handlers.push(handler);
        }
        let mut modes = before;
        modes.local_modes &= !(LocalModes::ECHO
            | LocalModes::ECHONL
            | LocalModes::ICANON
            | LocalModes::IEXTEN
            | LocalModes::ISIG);
        // A read comes back after 0.2 s with nothing, so that a signal is seen although reads are restarted.
        modes.special_codes[SpecialCodeIndex::VMIN] = 0;
        modes.special_codes[SpecialCodeIndex::VTIME] = 2;
        tcsetattr(tty, OptionalActions::Flush, &modes)
            .map_err(|error| read_error("the terminal", &error.into()))?;
        Ok(silence)
    }

    /// Returns the signal that came in the meantime.
    fn signal(&self) -> Option<i32> {
        i32::try_from(self.caught.load(Ordering::SeqCst)).ok().filter(|signal| *signal != 0)
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        // A terminal that has gone away has no modes to give back, and there is nobody to tell.
        tcsetattr(self.tty, OptionalActions::Drain, &self.before).ok();
        for handler in self.handlers.drain(..) {
            signal_hook::low_level::unregister(handler);
        }
    }
}

/// Where one is in what a function key sends: none of it belongs to a passphrase.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Sequence {
    Csi,
    Escape,
    None,
}

fn read_silently(
    mut tty: &File,
    silence: &Silence<'_>,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Zeroizing<String>, PromptError> {
    let mut answer = Answer::new();
    let mut byte = Zeroizing::new([0]);
    let mut sequence = Sequence::None;
    loop {
        let read = match tty.read(&mut *byte) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            read => read.map_err(|error| read_error("the terminal", &error))?,
        };
        if silence.signal().is_some() {
            return Err(PromptError::Interrupted);
        }
        if !goes_on() {
            return Err(PromptError::GivenUp);
        }
        if read == 0 {
            sequence = Sequence::None;
            // Nothing comes from an idle terminal and from one that has gone away; only the idle one has modes.
            tcgetattr(tty).map_err(|_| PromptError::Closed)?;
            continue;
        }
        match (sequence, byte[0]) {
            (Sequence::Escape, b'O' | b'[') => sequence = Sequence::Csi,
            (Sequence::Csi, 0x40..=0x7e) | (Sequence::Escape, _) => sequence = Sequence::None,
            (Sequence::None, 0x03 | 0x1c) => return Err(PromptError::Interrupted),
            (Sequence::None, 0x04) if answer.0.is_empty() => return Err(PromptError::Closed),
            (Sequence::None, 0x08 | 0x7f) => answer.pop(),
            (Sequence::None, b'\n' | b'\r') => return into_text(answer.0),
            (Sequence::None, 0x15 | 0x17) => answer.0.zeroize(),
            (Sequence::None, 0x1b) => sequence = Sequence::Escape,
            (Sequence::Csi, _) | (Sequence::None, 0..=0x1f) => {}
            (Sequence::None, other) => answer.push(other)?,
        }
    }
}

#[cfg(test)]
#[path = "prompt_tests.rs"]
mod tests;
