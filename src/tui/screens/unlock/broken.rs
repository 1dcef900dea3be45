//! A vault that is not opened as it is: what is wrong with it, and the ways there are. Nothing is chosen by itself.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::display::visible;
use crate::failure::Failure;
use crate::tui::event::{Kept, Mend};
use crate::tui::screen::{Cx, Note};
use crate::tui::widgets::{self, put, sentence};
use crate::vault::Passphrase;

/// A vault that is not opened as it is, and the ways that there are.
pub(super) struct Broken {
    note: Note,
    about: String,
    /// What can be done, in the order of the lines.
    pub(super) ways: Vec<(&'static str, Way)>,
    /// The line that is marked.
    pub(super) chosen: usize,
    /// The passphrase that was given.
    pub(super) passphrase: Passphrase,
}

/// What can be done about it.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Way {
    /// Nothing.
    Back,
    /// Put a copy in its place.
    Copy,
    /// Open it although it is older.
    Older,
}

impl Broken {
    /// Returns the question.
    pub(super) fn new(failure: &Failure, mend: Mend, passphrase: Passphrase, cx: &Cx<'_>) -> Self {
        let back = ("Go back. Nothing is changed", Way::Back);
        let older = ("Open it as it is", Way::Older);
        let copy = ("Put back that copy", Way::Copy);
        let (about, ways) = match mend {
            Mend::Copy(kept) => (
                format!("The copy of {} is whole. Later changes are not in it.", described(kept, cx)),
                vec![("Put it back. The damaged file is kept", Way::Copy), back],
            ),
            Mend::Older(None) => (WHO.to_owned(), vec![back, older]),
            Mend::Older(Some(kept)) => (
                format!("{WHO} The newest copy here is of {}.", described(kept, cx)),
                vec![back, older, copy],
            ),
        };
        Self { note: Note::error(sentence(&failure.message)), about, ways, chosen: 0, passphrase }
    }

    /// Returns the way that opens the vault: the one that is meant by a yes.
    pub(super) fn yes(&self) -> Option<usize> {
        self.ways.iter().position(|(_, way)| *way != Way::Back)
    }

    /// Draws the question.
    pub(super) fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let (x, mut y) = if area.width >= 60 && area.height >= 16 { (4, 8) } else { (1, 2) };
        let airy = u16::from(area.height >= 16);
        y += widgets::note(cx, area, buf, (x, y), &self.note) + airy;
        y += widgets::wrap(buf, area, (x + 2, y), &self.about, Style::new()) + airy;
        let texts: Vec<&str> = self.ways.iter().map(|(text, _)| *text).collect();
        y += widgets::choices(cx, area, buf, (x, y), Some(self.chosen), &texts);
        if airy == 1 {
            put(buf, area, x + 2, y + 1, "Vault", Style::new());
            let place = visible(&cx.facts.place);
            widgets::put_visible(
                buf,
                area,
                (x + 10, y + 1),
                area.width.saturating_sub(x + 11),
                &place,
                Style::new(),
            );
        }
    }
}

/// Said of a vault that went back.
const WHO: &str = "Did you put it there? Then open it.";

/// Returns what is known of a copy: `24 Nov 2026 14:32 (8 accounts)`.
fn described(kept: Kept, cx: &Cx<'_>) -> String {
    let time = widgets::time_of_day(cx, kept.when);
    let minute = time.rsplit_once(':').map_or(time.as_str(), |(minute, _)| minute);
    let accounts = if kept.accounts == 1 { "account" } else { "accounts" };
    format!("{} {minute} ({} {accounts})", widgets::date(cx, kept.when), kept.accounts)
}
