//! The terminal: taken over, drawn on, and always given back.
//!
//! `leave` needs no state, so that a panic, a signal or a stopped job can call it from anywhere. Frames are drawn
//! by difference and sent in one write; a frame that changes nothing sends nothing. One question alone is ever put to
//! the terminal, and only by who wants the built-in colours: what its background is. No reply is waited for.

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
use rustix::termios::{QueueSelector, tcflush};

/// The largest window that is drawn; a terminal that claims more is drawn in this corner.
const LARGEST: (u16, u16) = (1000, 500);

/// Ends a sequence that was begun, in every terminal.
const CANCEL: &[u8] = b"\x18";

/// Asks what the background is (OSC 11 of xterm).
pub const ASK_BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Takes the terminal over: raw input, the alternate screen, pastes marked as such.
pub fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    // The theme leaves colours out by itself; crossterm's own way of doing so resets bold as well.
    style::force_color_output(true);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide, Clear(ClearType::All))
}

/// Takes the terminal over once more, after a shell may have had it: only its modes tell, and they are not asked.
pub fn enter_again() -> io::Result<()> {
    // Else crossterm thinks that nothing is left to be done.
    disable_raw_mode()?;
    enter()
}

/// Drops what was drawn and not yet taken by the terminal, perhaps in the middle of a sequence.
pub fn discard() -> io::Result<()> {
    tcflush(rustix::stdio::stdout(), QueueSelector::OFlush)?;
    let mut out = io::stdout();
    out.write_all(CANCEL)?;
    out.flush()
}

/// Gives the terminal back as it was. Does nothing if it was not taken.
pub fn leave() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let drawn = execute!(
        io::stdout(),
        style::SetAttribute(style::Attribute::Reset),
        DisableBracketedPaste,
        // What is on the alternate screen is gone even where leaving it does not clear it.
        Clear(ClearType::All),
        cursor::Show,
        LeaveAlternateScreen
    );
    let raw = disable_raw_mode();
    drawn.and(raw)
}

/// Gives the input modes back but stays on the alternate screen, wiped: the program is about to become itself.
pub fn hand_over() -> io::Result<()> {
    TAKEN.store(false, Ordering::SeqCst);
    execute!(io::stdout(), style::SetAttribute(style::Attribute::Reset), Clear(ClearType::All))?;
    disable_raw_mode()
}

/// Gives the input modes back and writes nothing, since the terminal takes nothing.
pub fn hand_over_unwritten() -> io::Result<()> {
    TAKEN.store(false, Ordering::SeqCst);
    disable_raw_mode()
}

/// What is on the screen, and the way there.
pub struct Canvas {
    backend: CrosstermBackend<BufWriter<Stdout>>,
    drawn: Buffer,
    cursor: Option<Position>,
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
        Self { backend: CrosstermBackend::new(out), drawn: Buffer::empty(Rect::ZERO), cursor: None }
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
            queue!(self.backend, style::SetAttribute(style::Attribute::Reset), Clear(ClearType::All))?;
        }
        let mut frame = Buffer::empty(area);
        let cursor = view(area, &mut frame);
        let updates = self.drawn.diff(&frame);
        if updates.is_empty() && cursor == self.cursor && !whole {
            return Ok(());
        }
        let moved = !updates.is_empty();
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
        self.cursor = cursor;
        self.drawn = frame;
        Write::flush(&mut self.backend)
    }

    /// Sends bytes to the terminal between two frames.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.backend.write_all(bytes)?;
        Write::flush(&mut self.backend)
    }
}
