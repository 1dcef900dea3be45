//! How a new passphrase is chosen: typed twice or written by the program, and judged by how hard it is to guess.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use zeroize::Zeroizing;

use crate::tui::screen::{Cx, Note};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{Field, put, sentence};
use crate::vault::{Passphrase, SUGGEST_BYTES, strength, suggest};

/// A passphrase with less is taken only when it is wanted a second time.
const GOOD: u8 = 3;

/// Said of one that is weak.
const WEAK: &str = "Whoever has the file can guess this one. F4 writes a better one; Enter takes it anyway";

/// Which of the two fields.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Which {
    /// The one that is typed first.
    New,
    /// The one that it is typed into once more.
    Again,
}

/// Returns the passphrase that stands in both fields; or the field that comes next, and what is wrong if that is more
/// than that it is empty. A weak one is refused once.
pub(super) fn judge(
    [new, again]: [&mut Field; 2],
    weak_accepted: &mut bool,
) -> Result<Passphrase, (Which, Option<Note>)> {
    if new.is_empty() {
        return Err((Which::New, Some(Note::error("The vault needs a passphrase. F4 writes one for you"))));
    }
    if strength(new.text()).score < GOOD && !std::mem::replace(weak_accepted, true) {
        return Err((Which::New, Some(Note::warning(WEAK))));
    }
    if again.is_empty() {
        return Err((Which::Again, None));
    }
    if new.text() != again.text() {
        again.clear();
        return Err((Which::Again, Some(Note::error("The two are not the same. Type it once more"))));
    }
    Ok(Passphrase::new(new.secret()))
}

/// Writes a passphrase of random words into the first field, to be read there and typed into the other.
pub(super) fn write_one([new, again]: [&mut Field; 2], cx: &Cx<'_>) {
    let random = Zeroizing::new((cx.facts.random.0)());
    let Some(bytes) = random.first_chunk::<SUGGEST_BYTES>() else { return };
    new.set(suggest(bytes).reveal());
    new.mask(false);
    again.clear();
    again.mask(false);
}

/// Draws how strong a passphrase is, in words and as a bar at `x`, and how long it would take to guess where there is
/// room. Returns the rows that it took: none for an empty one.
pub(super) fn view(
    cx: &Cx<'_>,
    area: Rect,
    buf: &mut Buffer,
    (x, y): (u16, u16),
    passphrase: &str,
    roomy: bool,
) -> u16 {
    if passphrase.is_empty() {
        return 0;
    }
    let strength = strength(passphrase);
    let cells = (area.width.saturating_sub(x + 14)).min(30);
    put(buf, area, 3, y, "Strength", Style::new());
    let full = u32::from(strength.score) + 1;
    let tone = if strength.score < GOOD { 8 } else { 30 };
    let filled = u16::try_from(u32::from(cells) * full / 5).unwrap_or(cells);
    let bar = cx.theme.glyph(Glyph::Full).repeat(usize::from(filled))
        + &cx.theme.glyph(Glyph::Empty).repeat(usize::from(cells - filled));
    put(buf, area, x, y, &bar, cx.theme.bar(tone));
    put(buf, area, x + cells + 2, y, strength.word, Style::new());
    if roomy {
        put(buf, area, x, y + 1, &sentence(&strength.guess_time), Style::new());
    }
    1 + u16::from(roomy)
}
