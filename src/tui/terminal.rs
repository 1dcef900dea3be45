//! The terminal: taken over, drawn on, and always given back.
//!
//! `leave` needs no state, so that a panic, a signal or a stopped job can call it from anywhere. Frames are drawn
//! by difference and sent in one write; a frame that changes nothing sends nothing. Few questions are ever put to the
//! terminal: what it is and whether it can show a frame at once, and what its background is, by who wants the built-in
//! colours. No reply is waited for. Whatever mode is set is unset by `leave`, whether it was set or not, so that nothing
//! has to be remembered but whether the title was put aside.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{cursor, execute, queue, style};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{QueueSelector, tcflush};

use super::effect::{Modes, Title};

/// The largest window that is drawn; a terminal that claims more is drawn in this corner.
const LARGEST: (u16, u16) = (1000, 500);

/// Ends a sequence that was begun, in every terminal.
const CANCEL: &[u8] = b"\x18";

/// Asks what the background is (OSC 11 of xterm).
pub const ASK_BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";

/// Asks whether a frame can be shown at once (DECRQM of mode 2026), and what the terminal is (DA1): that every terminal
/// answers, and in order, so whatever was not answered before is not known there.
const ASK: &str = "\x1b[?2026$p\x1b[c";
/// Asks what the terminal is once more, to time the answer.
pub const ASK_AGAIN: &[u8] = b"\x1b[c";
const FRAME: (&str, &str) = ("\x1b[?2026h", "\x1b[?2026l");
const FOCUS: (&str, &str) = ("\x1b[?1004h", "\x1b[?1004l");
/// Buttons and the wheel, in a form that has no limits.
const MOUSE: (&str, &str) = ("\x1b[?1000h\x1b[?1006h", "\x1b[?1006l\x1b[?1000l");
/// Puts the title aside, and back.
const TITLE: (&str, &str) = ("\x1b[22;2t", "\x1b[23;2t");

static TAKEN: AtomicBool = AtomicBool::new(false);
/// Was it ever taken over by this program?
static ENTERED: AtomicBool = AtomicBool::new(false);
/// Is the title that was there put aside?
static TITLED: AtomicBool = AtomicBool::new(false);

/// Takes the terminal over: raw input, the alternate screen, pastes marked as such. `titled` says that whoever handed
/// it over had put the title aside already.
pub fn enter(titled: bool) -> io::Result<()> {
    TITLED.store(titled, Ordering::SeqCst);
    begin()
}

fn begin() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    ENTERED.store(true, Ordering::SeqCst);
    // The theme leaves colours out by itself; crossterm's own way of doing so resets bold as well.
    style::force_color_output(true);
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        // Before the screen is cleared: a terminal that does not understand may draw a part of it.
        style::Print(ASK),
        cursor::Hide,
        Clear(ClearType::All)
    )
}

/// Takes the terminal over once more, after a shell may have had it: only its modes tell, and they are not asked.
pub fn enter_again() -> io::Result<()> {
    // Else crossterm thinks that nothing is left to be done.
    disable_raw_mode()?;
    begin()
}

/// Says whether the terminal takes more just now.
pub fn takes_more() -> io::Result<bool> {
    let stdout = rustix::stdio::stdout();
    let mut watched = [PollFd::new(&stdout, PollFlags::OUT)];
    match poll(&mut watched, Some(&Timespec::default())) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Drops what was drawn and not yet taken by the terminal, and writes nothing.
pub fn discard_unwritten() -> io::Result<()> {
    Ok(tcflush(rustix::stdio::stdout(), QueueSelector::OFlush)?)
}

/// Drops what was drawn and not yet taken by the terminal, perhaps in the middle of a sequence.
pub fn discard() -> io::Result<()> {
    discard_unwritten()?;
    if !takes_more()? {
        return Ok(());
    }
    let mut out = io::stdout();
    out.write_all(CANCEL)?;
    out.write_all(FRAME.1.as_bytes())?;
    out.flush()
}

/// Gives the terminal back as it was. Does nothing if it was not taken.
pub fn leave() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let drawn = if has_room() { draw_the_end() } else { Ok(()) };
    let raw = disable_raw_mode();
    drawn.and(raw)
}

fn draw_the_end() -> io::Result<()> {
    execute!(
        io::stdout(),
        style::SetAttribute(style::Attribute::Reset),
        DisableBracketedPaste,
        style::Print(MOUSE.1),
        style::Print(FOCUS.1),
        style::Print(FRAME.1),
        style::Print(if TITLED.swap(false, Ordering::SeqCst) { TITLE.1 } else { "" }),
        // What is on the alternate screen is gone even where leaving it does not clear it.
        Clear(ClearType::All),
        cursor::Show,
        LeaveAlternateScreen
    )
}

/// Says whether the terminal takes more, if need be after what waits to be taken was dropped. One that takes nothing
/// would keep the program from ever ending.
fn has_room() -> bool {
    let takes = || takes_more().unwrap_or(true);
    takes() || {
        // Where it cannot be dropped it is as before.
        drop(discard_unwritten());
        takes()
    }
}

/// Gives the input modes back but stays on the alternate screen, wiped: the program is about to become itself. The title
/// stays put aside.
pub fn hand_over() -> io::Result<()> {
    if !has_room() {
        return disable_raw_mode();
    }
    execute!(
        io::stdout(),
        style::SetAttribute(style::Attribute::Reset),
        style::Print(MOUSE.1),
        style::Print(FOCUS.1),
        Clear(ClearType::All)
    )?;
    disable_raw_mode()
}

/// Gives the terminal back that was handed over to this program, if it ends before it took it over. `titled` says that the
/// title was put aside.
pub fn decline(titled: bool) -> io::Result<()> {
    if ENTERED.load(Ordering::SeqCst) || !has_room() {
        return Ok(());
    }
    TITLED.store(titled, Ordering::SeqCst);
    draw_the_end()
}

/// Gives the input modes back and writes nothing, since the terminal takes nothing.
pub fn hand_over_unwritten() -> io::Result<()> {
    disable_raw_mode()
}

/// What is on the screen, and the way there.
pub struct Canvas {
    backend: CrosstermBackend<BufWriter<Stdout>>,
    drawn: Buffer,
    cursor: Option<Position>,
    /// What the terminal was told last; nothing if it does not know any more.
    modes: Option<Modes>,
    /// The terminal can show a frame at once.
    synchronises: bool,
}

impl Default for Canvas {
    fn default() -> Self {
        Self::new()
    }
}

impl Canvas {
    /// Returns a canvas that has drawn nothing yet.
    pub fn new() -> Self {
        let out = BufWriter::with_capacity(1 << 16, io::stdout());
        Self {
            backend: CrosstermBackend::new(out),
            drawn: Buffer::empty(Rect::ZERO),
            cursor: None,
            modes: None,
            synchronises: false,
        }
    }

    /// Begins anew on a terminal that others may have used meanwhile, or that is another one now.
    pub fn begin_again(&mut self) {
        self.forget();
        self.modes = None;
        self.synchronises = false;
    }

    /// Takes that the terminal can show a frame at once, or not.
    pub fn synchronise(&mut self, can: bool) {
        self.synchronises = can;
    }

    /// Tells the terminal what it shall do beside drawing, as far as that differs from what it was told.
    pub fn set(&mut self, modes: Modes) -> io::Result<()> {
        let was = self.modes.replace(modes);
        if was == Some(modes) {
            return Ok(());
        }
        let mut text = String::new();
        // What is not known may be on: whoever had the terminal before may not have been able to write.
        let switch = |is: bool, was: Option<bool>, (on, off): (&'static str, &'static str)| match was {
            Some(was) if was == is => "",
            _ if is => on,
            _ => off,
        };
        text.push_str(switch(modes.focus, was.map(|modes| modes.focus), FOCUS));
        text.push_str(switch(modes.mouse, was.map(|modes| modes.mouse), MOUSE));
        if was.and_then(|modes| modes.title) != modes.title {
            if TITLED.swap(modes.title.is_some(), Ordering::SeqCst) != modes.title.is_some() {
                text.push_str(if modes.title.is_some() { TITLE.0 } else { TITLE.1 });
            }
            text.push_str(match modes.title {
                Some(Title::Locked) => "\x1b]2;twolock, locked\x07",
                Some(Title::Open) => "\x1b]2;twolock\x07",
                None => "",
            });
        }
        self.send(text.as_bytes())
    }

    /// Forgets what is on the screen, so that the next frame is drawn whole.
    pub fn forget(&mut self) {
        self.drawn = Buffer::empty(Rect::ZERO);
    }

    /// Draws a frame: `view` fills a buffer of the window's size and says where the cursor belongs.
    pub fn draw(&mut self, view: impl FnOnce(Rect, &mut Buffer) -> Option<Position>) -> io::Result<()> {
        let (columns, rows) = size()?;
        let area = Rect::new(0, 0, columns.min(LARGEST.0), rows.min(LARGEST.1));
        if area.is_empty() {
            return Ok(());
        }
        let whole = self.drawn.area != area;
        if whole {
            self.drawn = Buffer::empty(area);
            self.begin_frame()?;
            queue!(self.backend, style::SetAttribute(style::Attribute::Reset), Clear(ClearType::All))?;
        }
        let mut frame = Buffer::empty(area);
        let cursor = view(area, &mut frame);
        let updates = self.drawn.diff(&frame);
        if updates.is_empty() && cursor == self.cursor && !whole {
            return Ok(());
        }
        let moved = !updates.is_empty();
        if !whole {
            self.begin_frame()?;
        }
        self.backend.draw(updates.into_iter())?;
        match cursor {
            Some(position) => {
                if moved || self.cursor != cursor || whole {
                    queue!(self.backend, cursor::MoveTo(position.x, position.y))?;
                }
                if self.cursor.is_none() || whole {
                    queue!(self.backend, cursor::Show)?;
                }
            }
            None if self.cursor.is_some() || whole => queue!(self.backend, cursor::Hide)?,
            None => {}
        }
        if self.synchronises {
            queue!(self.backend, style::Print(FRAME.1))?;
        }
        self.cursor = cursor;
        self.drawn = frame;
        Write::flush(&mut self.backend)
    }

    fn begin_frame(&mut self) -> io::Result<()> {
        if self.synchronises { queue!(self.backend, style::Print(FRAME.0)) } else { Ok(()) }
    }

    /// Sends bytes to the terminal between two frames.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.backend.write_all(bytes)?;
        Write::flush(&mut self.backend)
    }
}
