//! The two streams a verb writes to: data on standard output, words on standard error.
//!
//! Bytes go straight to the descriptors, so that no buffer of the library keeps a code, and a reader that went
//! away (`| head -1`) ends nothing loudly, while a full disk is a failure that is told.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::retry_on_intr;
use zeroize::Zeroizing;

use crate::display::visible;
use crate::failure::Failure;

/// Standard output and standard error.
#[derive(Debug, Default)]
pub struct Output {
    /// What is kept for another process instead of being written.
    held: Option<RefCell<Held>>,
    quiet: bool,
    /// Nobody reads standard output any more.
    closed: bool,
}

impl Output {
    /// Returns the two streams; `quiet` keeps back notes and warnings, never errors.
    pub fn new(quiet: bool) -> Self {
        Self { quiet, ..Self::default() }
    }

    /// Returns two streams that keep what is written, for somebody whose standard output is a terminal of so many
    /// columns, or none.
    pub fn held(quiet: bool, terminal: bool, columns: Option<u16>) -> Self {
        let held = Held { columns, terminal, ..Held::default() };
        Self { held: Some(RefCell::new(held)), ..Self::new(quiet) }
    }

    /// Takes what was kept: that of standard output and that of standard error.
    pub fn taken(&mut self) -> (String, String) {
        let Some(held) = &mut self.held else {
            return <(String, String)>::default();
        };
        let held = held.get_mut();
        (std::mem::take(&mut *held.stdout), std::mem::take(&mut held.stderr))
    }

    /// Writes to standard error what another process said, made harmless like all words.
    pub(super) fn pass(&self, words: &str) {
        words.lines().for_each(|line| self.say(line));
    }

    /// Writes to standard output what another process printed. That process may be at another computer.
    pub(super) fn print_passed(&mut self, text: &str) -> Result<(), Failure> {
        let harmless = if self.is_terminal() { shown(text) } else { tamed(text) };
        self.print(&harmless)
    }

    /// Writes data to standard output, as it is.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.print_bytes(text.as_bytes())
    }

    /// Writes data that may be no text.
    pub fn print_bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        if let Some(held) = &mut self.held {
            let text = std::str::from_utf8(bytes).map_err(|_| Failure::other("the answer is not text"))?;
            held.get_mut().push(text);
            return Ok(());
        }
        match write_all(io::stdout().as_fd(), bytes) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(Failure::other(format!("cannot write to standard output: {}", reason(&error)))),
        }
    }

    /// Writes a line of words to standard error, made harmless, unless the user wants none.
    pub fn say(&self, words: impl fmt::Display) {
        if self.quiet {
            return;
        }
        if let Some(held) = &self.held {
            held.borrow_mut().stderr.push_str(&format!("{}\n", visible(&words.to_string())));
        } else {
            complain(&format!("{}\n", visible(&words.to_string())));
        }
    }

    /// Writes a warning to standard error, unless the user wants none.
    pub fn warn(&self, words: impl fmt::Display) {
        self.say(format_args!("twolock: warning: {words}"));
    }

    /// Says whether somebody may be looking at standard error.
    pub fn is_watched(&self) -> bool {
        !self.quiet && self.held.is_none() && io::stderr().is_terminal()
    }

    /// Says whether standard output is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.held.as_ref().map_or_else(|| io::stdout().is_terminal(), |held| held.borrow().terminal)
    }

    /// Returns the width of the terminal on standard output.
    pub fn columns(&self) -> Option<usize> {
        if let Some(held) = &self.held {
            return held.borrow().columns.map(usize::from);
        }
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
        (size.ws_col > 0).then_some(usize::from(size.ws_col))
    }
}

/// What is kept for another process. It may hold codes.
#[derive(Default)]
struct Held {
    columns: Option<u16>,
    stderr: String,
    stdout: Zeroizing<String>,
    terminal: bool,
}

impl Held {
    fn push(&mut self, text: &str) {
        if self.stdout.len() + text.len() > self.stdout.capacity() {
            // By hand, since growing in place would leave the old text behind unwiped.
            let room = (self.stdout.len() + text.len()).max(256) * 2;
            let mut larger = Zeroizing::new(String::with_capacity(room));
            larger.push_str(&self.stdout);
            self.stdout = larger;
        }
        self.stdout.push_str(text);
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

/// What ends and parts the lines that a verb prints.
const PARTS: [char; 3] = ['\0', '\t', '\n'];

/// Returns what another process printed, as it may stand on a terminal.
fn shown(text: &str) -> Zeroizing<String> {
    let mut shown = Zeroizing::new(String::with_capacity(text.len() * 2));
    for piece in text.split_inclusive(PARTS) {
        let line = piece.trim_end_matches(PARTS);
        shown.push_str(visible(line).as_str());
        shown.push_str(&piece[line.len()..]);
    }
    shown
}

/// Returns what another process printed, as it may go into a pipe, at whose end there may be a terminal. What a verb
/// prints stays as it is to the byte: it has no character in it that steers.
pub(super) fn tamed(text: &str) -> Zeroizing<String> {
    let mut tamed = Zeroizing::new(String::with_capacity(text.len() * 2));
    for letter in text.chars() {
        if letter.is_control() && !PARTS.contains(&letter) {
            tamed.push_str(visible(letter.encode_utf8(&mut [0; 4])).as_str());
        } else {
            tamed.push(letter);
        }
    }
    tamed
}

/// Writes to standard error. There is nobody left to tell if that fails.
pub fn complain(text: &str) {
    drop(write_all(io::stderr().as_fd(), text.as_bytes()));
}

fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match retry_on_intr(|| rustix::io::write(to, bytes)) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Returns what the system said as part of a sentence: "no space left on device".
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Returns a document as one line of JSON.
///
/// Characters that could deceive or steer a terminal are written as escapes: the data stay what they are.
pub(super) fn json(document: &impl serde::Serialize) -> Zeroizing<String> {
    let plain = Zeroizing::new(serde_json::to_string(document).expect("the document has string keys only"));
    let mut line = Zeroizing::new(String::with_capacity(plain.len() * 2));
    let (mut bytes, mut units) = ([0; 4], [0; 2]);
    for letter in plain.chars() {
        if letter.is_ascii() && !letter.is_ascii_control()
            || visible(letter.encode_utf8(&mut bytes)).as_str() == &*letter.encode_utf8(&mut bytes)
        {
            line.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut units) {
                write!(line, "\\u{unit:04x}").expect("a String takes everything");
            }
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_the_data_and_no_character_that_steers_a_terminal() {
        let hostile = "caf\u{e9} \u{202e}gnp.exe \u{1b}[2J \u{9b}2J \u{200b} \u{e0041} \u{1f511} \"\\\n";
        let line = json(&hostile);
        assert_eq!(serde_json::from_str::<String>(&line).expect("a line of JSON"), hostile);
        assert!(line.contains("caf\u{e9}") && line.contains("\\u202e") && line.contains("\\u009b"));
        assert!(line.trim_end().chars().all(|letter| !letter.is_control()));
    }

    #[test]
    fn what_another_process_printed_neither_steers_nor_changes() {
        // What verbs print goes through to the byte, and twice is like once.
        let own = "3f\tGitHub \u{1f468}\u{200d}\u{1f469}\t\\u{202e}\ttotp\n{\"v\":1,\"name\":\"\\u009b\u{e9}\"}\n287082\0";
        assert_eq!((shown(own).as_str(), tamed(own).as_str()), (own, own));
        let hostile = "\u{1b}]52;c;QQ==\u{7}1\r2\u{9b}2J\u{7f}\u{202e}3\n";
        assert_eq!(*shown(hostile), "\\u{1b}]52;c;QQ==\\u{7}1\\r2\\u{9b}2J\\u{7f}\\u{202e}3\n");
        assert_eq!(*tamed(hostile), "\\u{1b}]52;c;QQ==\\u{7}1\\r2\\u{9b}2J\\u{7f}\u{202e}3\n");
    }

    #[test]
    fn the_reason_of_the_system_becomes_part_of_a_sentence() {
        assert_eq!(reason(&io::Error::from_raw_os_error(28)), "no space left on device");
    }
}
