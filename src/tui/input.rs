//! Bytes of the terminal into keys and pastes.
//!
//! What a terminal sends is not to be trusted: names and files can make it reply, and a reply must neither run
//! keys nor stop them. So whatever is neither a key nor a report of ours is swallowed whole, and whatever does not end
//! is given up after a while. crossterm's own reader is not used, because a paste that never ends, or a reply that it does not know,
//! keeps it from ever giving another key.

mod sequence;

use zeroize::{Zeroize, Zeroizing};

use self::sequence::escape;
use super::event::{Event, Outcome};
use super::key::Key;

/// The longest paste that is taken, in bytes; what comes after is dropped.
const LONGEST_PASTE: usize = 24 << 20;
/// The longest sequence that is waited for, in bytes.
const LONGEST_SEQUENCE: usize = 1 << 16;
/// So many printable keys at once were not typed by a person: they are a paste from a terminal that marks none.
const BURST: usize = 8;
const PASTE_END: &[u8] = b"\x1b[201~";

/// The reader's memory between two pieces of input.
#[derive(Default)]
pub struct Input {
    held: Zeroizing<Vec<u8>>,
    paste: Option<Zeroizing<Vec<u8>>>,
}

/// What a piece of input begins with.
enum Piece {
    /// A key, of so many bytes.
    Key(Key, usize),
    /// Nothing of ours, of so many bytes.
    Nothing(usize),
    /// The terminal says something of itself, in so many bytes.
    Says(Outcome, usize),
    /// The beginning of a paste, of so many bytes.
    Paste(usize),
    /// Not complete yet.
    Short,
}

impl Input {
    /// Takes bytes as they came in one read, and returns what they mean.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        // A reallocation would leave a copy of what was typed behind.
        let mut all = Zeroizing::new(Vec::with_capacity(self.held.len() + bytes.len()));
        all.extend_from_slice(&self.held);
        all.extend_from_slice(bytes);
        self.held.zeroize();
        self.understand(&all, false)
    }

    /// Says whether something is waiting for its end.
    pub fn waits(&self) -> bool {
        self.paste.is_some() || !self.held.is_empty()
    }

    /// Says whether a paste is waiting for its end.
    pub fn pastes(&self) -> bool {
        self.paste.is_some()
    }

    /// Takes that nothing more comes: a lone escape is the key, a paste without an end has ended.
    pub fn give_up(&mut self) -> Vec<Event> {
        let held = std::mem::take(&mut self.held);
        let mut events = Vec::new();
        if let Some(mut paste) = self.paste.take() {
            push(&mut paste, &held);
            events.push(Event::Paste(text(&paste)));
        } else {
            events = self.understand(&held, true);
            self.held.zeroize();
        }
        events
    }

    fn understand(&mut self, mut bytes: &[u8], last: bool) -> Vec<Event> {
        let mut events = Vec::new();
        let mut run = Zeroizing::new(String::with_capacity(bytes.len()));
        while !bytes.is_empty() {
            if let Some(paste) = &mut self.paste {
                let Some(end) = find(bytes, PASTE_END) else {
                    // The end may be cut in two.
                    let keep = (1..PASTE_END.len()).rev().find(|n| bytes.ends_with(&PASTE_END[..*n]));
                    let (now, later) = bytes.split_at(bytes.len() - keep.unwrap_or(0));
                    push(paste, now);
                    self.held = Zeroizing::new(later.to_vec());
                    break;
                };
                push(paste, &bytes[..end]);
                events.push(Event::Paste(text(paste)));
                self.paste = None;
                bytes = &bytes[end + PASTE_END.len()..];
                continue;
            }
            match piece(bytes, last) {
                Piece::Key(Key::Char(letter), taken) => {
                    run.push(letter);
                    bytes = &bytes[taken..];
                }
                Piece::Key(key, taken) => {
                    flush(&mut run, &mut events);
                    events.push(Event::Key(key));
                    bytes = &bytes[taken..];
                }
                Piece::Says(outcome, taken) => {
                    flush(&mut run, &mut events);
                    events.push(Event::Done(outcome));
                    bytes = &bytes[taken..];
                }
                Piece::Nothing(taken) => bytes = &bytes[taken..],
                Piece::Paste(taken) => {
                    flush(&mut run, &mut events);
                    self.paste = Some(Zeroizing::new(Vec::with_capacity(4096)));
                    bytes = &bytes[taken..];
                }
                Piece::Short => {
                    self.held = Zeroizing::new(bytes.to_vec());
                    break;
                }
            }
        }
        flush(&mut run, &mut events);
        events
    }
}

/// Turns letters that came together into keys, or into a paste if no person can type so fast.
fn flush(run: &mut Zeroizing<String>, events: &mut Vec<Event>) {
    if run.chars().nth(BURST - 1).is_some() {
        events.push(Event::Paste(run.clone()));
    } else {
        events.extend(run.chars().map(|letter| Event::Key(Key::Char(letter))));
    }
    run.zeroize();
}

/// Appends to a paste without leaving copies behind, up to the longest that is taken.
fn push(paste: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(LONGEST_PASTE - paste.len().min(LONGEST_PASTE))];
    if paste.len() + bytes.len() > paste.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity((paste.len() + bytes.len()) * 2));
        larger.extend_from_slice(paste);
        *paste = larger;
    }
    paste.extend_from_slice(bytes);
}

fn text(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(String::from_utf8_lossy(bytes).into_owned())
}

fn find(bytes: &[u8], end: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, end)
}

/// Reads one piece; `last` says that no more bytes will come for it.
fn piece(bytes: &[u8], last: bool) -> Piece {
    match bytes {
        [0x1b, rest @ ..] => escape(rest, last),
        [b'\r' | b'\n', ..] => Piece::Key(Key::Enter, 1),
        [b'\t', ..] => Piece::Key(Key::Tab, 1),
        [0x08 | 0x7f, ..] => Piece::Key(Key::Backspace, 1),
        [control @ 0x01..=0x1a, ..] => Piece::Key(Key::Ctrl(char::from(control + b'a' - 1)), 1),
        [0x00..=0x1f, ..] => Piece::Nothing(1),
        [ascii @ 0x20..=0x7e, ..] => Piece::Key(Key::Char(char::from(*ascii)), 1),
        _ => letter(bytes, last),
    }
}

/// Reads a letter of more than one byte.
fn letter(bytes: &[u8], last: bool) -> Piece {
    let head = &bytes[..bytes.len().min(4)];
    let good = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        // Cut in two: the rest comes with the next read.
        Err(error) if error.error_len().is_none() && !last => return Piece::Short,
        Err(_) => return Piece::Nothing(1),
    };
    match good.chars().next() {
        Some(letter) if letter.is_control() => Piece::Nothing(letter.len_utf8()),
        Some(letter) => Piece::Key(Key::Char(letter), letter.len_utf8()),
        None => Piece::Nothing(1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        let mut input = Input::default();
        let mut events = input.feed(bytes);
        events.extend(input.give_up());
        let seen: Vec<String> = events.iter().map(spelled).collect();
        assert_eq!(seen.join(" "), expected);
    }

    fn spelled(event: &Event) -> String {
        match event {
            Event::Key(key) => key.to_string(),
            Event::Paste(text) => format!("paste:{}", text.as_str()),
            Event::Done(Outcome::Background(dark)) => format!("dark:{dark}"),
            Event::Done(Outcome::Terminal(report)) => format!("{report:?}"),
            _ => "other".to_owned(),
        }
    }

    #[test]
    fn knows_what_the_terminal_says_of_its_background() {
        check(b"a\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\b", "a dark:true b");
        check(b"\x1b]11;rgb:ff/ff/ff\x07", "dark:false");
        check(b"\x1b]11;rgba:fdfd/f6f6/e3e3/ffff\x1b\\", "dark:false");
        for strange in
            ["rgb:", "rgb:1/2", "rgb:xx/yy/zz", "rgb:12345/1/1", "rgb:\u{20ac}/1/1", "#ffffff", "?"]
        {
            check(format!("\x1b]11;{strange}\x07a").as_bytes(), "a");
        }
        check(b"\x1b]10;rgb:0/0/0\x07a", "a");
    }

    #[test]
    fn knows_keys() {
        check(b"a\r\t\x7f\x03\x1b", "a Enter Tab Backspace Ctrl-c Esc");
        check(b"\x1b[A\x1bOB\x1b[C\x1b[D\x1b[H\x1bOF", "Up Down Right Left Home End");
        check(b"\x1b[1~\x1b[3~\x1b[5~\x1b[6~\x1b[Z", "Home Delete PgUp PgDn Shift-Tab");
        check(b"\x1bOP\x1b[12~\x1b[15~\x1b[[A\x1b[24~", "F1 F2 F5 F1 F12");
        check(b"\x1bOR\x1b[13~\x1b[[C\x1b[1;1R", "F3 F3 F3");
        check("é漢".as_bytes(), "é 漢");
    }

    #[test]
    fn swallows_replies_whole() {
        check(b"\x1b]10;rgb:ffff/ffff/ffff\x07\x1bP>|evil(1)\x1b\\x", "x");
        check(b"\x1b[?2027;2$y\x1b[>1;2cq", "q");
        check(b"\x1b[99999999999;9999999999Rq\x1b[M\xff\xff\xffq\x1b[1I\x1b[2O", "q q");
        check(b"\x1bd\x1b\xc3", "");
    }

    #[test]
    fn knows_what_the_terminal_says_of_itself() {
        check(b"\x1b[?62;4;52c\x1b[?6cq", "Attributes Attributes q");
        for (answer, knows) in [(0, false), (1, true), (2, true), (3, true), (4, false), (9, false)] {
            check(format!("\x1b[?2026;{answer}$y").as_bytes(), &format!("Synchronises({knows})"));
        }
        for strange in
            ["?2026$y", "?2026;1;1$y", "?2026;-1$y", "?2026;99999999999$y", "?;c2026$y", "?2026;1y"]
        {
            check(
                format!("\x1b[{strange}q").as_bytes(),
                &format!("{}q", if strange.contains(";c") { "Attributes 2 0 2 6 $ y " } else { "" }),
            );
        }
        check(b"\x1b[I\x1b[Oq", "Focus(true) Focus(false) q");
    }

    #[test]
    fn knows_the_mouse() {
        check(b"\x1b[<0;1;1Mq", "Mouse(Click(0, 0)) q");
        check(b"\x1b[<0;80;24M\x1b[<0;80;24m", "Mouse(Click(79, 23))");
        check(b"\x1b[<64;5;5M\x1b[<65;5;5M", "Mouse(WheelUp) Mouse(WheelDown)");
        // Other buttons, drags, keys held besides, and places that there are not.
        for strange in
            ["1;5;5M", "2;5;5M", "32;5;5M", "4;5;5M", "16;5;5M", "0;0;5M", "0;5;0M", "0;5M", "0;5;5;5M"]
        {
            check(format!("\x1b[<{strange}q").as_bytes(), "q");
        }
        check(b"\x1b[<0;99999;99999Mq\x1b[<0;-1;-1M\x1b[<;;M", "q");
    }

    #[test]
    fn takes_pastes_with_and_without_an_end() {
        check(b"\x1b[200~q\rd\x1b[201~x", "paste:q\rd x");
        check(b"\x1b[200~never ends", "paste:never ends");
        check(b"longtext", "paste:longtext");
        check(b"longtext\r", "paste:longtext Enter");
    }

    proptest! {
        #[test]
        fn pieces_mean_the_same_however_they_are_cut(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            at in 0_usize..200,
        ) {
            let at = at.min(bytes.len());
            let mut input = Input::default();
            input.feed(&bytes[..at]);
            input.feed(&bytes[at..]);
            input.give_up();
            // Whatever came before, the next key is a key.
            prop_assert!(!input.waits());
            let events = input.feed(b"\x03");
            prop_assert!(matches!(events[..], [Event::Key(Key::Ctrl('c'))]));
        }

        #[test]
        fn a_paste_survives_any_cut(at in 0_usize..25) {
            let bytes = b"\x1b[200~some text\x1b[201~";
            let at = at.min(bytes.len());
            let mut input = Input::default();
            let mut events = input.feed(&bytes[..at]);
            events.extend(input.feed(&bytes[at..]));
            let seen: Vec<String> = events.iter().map(spelled).collect();
            prop_assert_eq!(seen, ["paste:some text"]);
        }
    }
}
