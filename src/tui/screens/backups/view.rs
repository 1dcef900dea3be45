//! How the backups are drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::look::Look;
use super::{Backups, Known, Row, Stage};
use crate::display::visible;
use crate::otp::Timestamp;
use crate::tui::screen::{Cx, Note};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put, put_visible};
use crate::vault::{Difference, SealedCopy};

/// From this width on there is room for a whole date, and for what was done then.
const WIDE: u16 = 60;
/// The column of what is said of a state: after the mark and its date.
const ABOUT: u16 = 22;

impl Backups {
    /// Draws the stage at hand.
    pub(super) fn draw(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        match &self.stage {
            Stage::List => self.view_list(cx, area, buf),
            Stage::Copy | Stage::Copying => self.view_copy(cx, area, buf),
            Stage::Look(look) => view_look(cx, area, buf, look),
        }
    }

    /// Returns where the cursor belongs.
    pub(super) fn cursor_at(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        match &self.stage {
            Stage::List if !self.rows().is_empty() => {
                let list = list(area, self.note.as_ref());
                let top = self.top(list);
                let y = list.y + u16::try_from(self.selected - top).unwrap_or(0);
                Some(Position::new(area.x, y.min(area.bottom().saturating_sub(1))))
            }
            Stage::Copy => {
                let (x, y) = field_at(area);
                Some(self.to.cursor(cx.theme, area, (x, y), area.width.saturating_sub(x + 1)))
            }
            Stage::List | Stage::Copying | Stage::Look(_) => None,
        }
    }

    fn top(&self, list: Rect) -> usize {
        (self.selected + 1).saturating_sub(usize::from(list.height).max(1))
    }

    fn view_list(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let count = match self.rows().len() {
            0 => String::new(),
            1 => "1 earlier state".to_owned(),
            count => format!("{count} earlier states"),
        };
        widgets::header(cx, area, buf, &visible("Backups"), &count);
        widgets::rule(cx, area, buf, 1);
        let list = list(area, self.note.as_ref());
        if let Some(note) = &self.note {
            widgets::note(cx, area, buf, (1, 2), note);
        }
        let Some(rows) = &self.rows else {
            if self.note.is_none() {
                widgets::wrap(buf, list, (3, 0), "Looking for earlier states ...", Style::new());
            }
            return;
        };
        if rows.is_empty() {
            return view_empty(cx, list, buf);
        }
        let room = usize::from(list.height);
        let top = self.top(list);
        for (y, (at, row)) in (0..list.height).zip(rows.iter().enumerate().skip(top)) {
            let here = at == self.selected;
            if here {
                put(buf, list, 1, y, cx.theme.glyph(Glyph::Cursor), Style::new());
            }
            let style = if here { cx.theme.selected() } else { Style::new() };
            put(buf, list, 3, y, &moment(cx, row.backup.when), style);
            view_about(cx, list, buf, y, row);
        }
        widgets::more(cx, list, buf, top > 0, rows.len() > top + room);
        // What it is all about stands below a list that leaves room for it.
        let below = u16::try_from(rows.len() - top).unwrap_or(u16::MAX).saturating_add(1);
        let text = about(cx);
        let width = usize::from(list.width.saturating_sub(4));
        let needed = u16::try_from(widgets::lines(&text, width).len()).unwrap_or(u16::MAX);
        if below.saturating_add(needed) <= list.height {
            widgets::wrap(buf, list, (3, below), &text, Style::new());
        }
    }

    fn view_copy(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        widgets::header(cx, area, buf, &visible("A copy for elsewhere"), "");
        let (x, y) = field_at(area);
        put(buf, area, 3, y - 1, "In which directory?", cx.theme.strong());
        put(buf, area, x - 2, y, cx.theme.glyph(Glyph::Cursor), Style::new());
        self.to.view(cx.theme, area, buf, (x, y), area.width.saturating_sub(x + 1), Style::new());
        let mut y = y + 2;
        if matches!(self.stage, Stage::Copying) {
            put(buf, area, 3, y, "Making the copy ...", Style::new());
            return;
        }
        if let Some(note) = &self.note {
            y += widgets::note(cx, area, buf, (3, y), note) + 1;
        }
        let text = if area.height >= 16 {
            "A dated directory with both files of the vault is made there, sealed as they are: it opens with the \
             passphrase of today. A stick or another computer is the place for it; a copy on the same disk is none. \
             `twolock restore --from COPY` brings it back."
        } else {
            "A dated copy is made there, sealed. A copy on the same disk is none."
        };
        widgets::wrap(buf, area, (3, y), text, Style::new());
    }
}

/// Returns the part of the window that belongs to the list: below the rule, and below a message.
fn list(area: Rect, note: Option<&Note>) -> Rect {
    let width = usize::from(area.width.saturating_sub(4));
    let rows = note.map_or(0, |note| widgets::lines(&note.text, width).len() + 1);
    widgets::below(area, 2_u16.saturating_add(u16::try_from(rows).unwrap_or(u16::MAX)))
}

fn field_at(area: Rect) -> (u16, u16) {
    (5, if area.height >= 16 { 4 } else { 3 })
}

fn about(cx: &Cx<'_>) -> String {
    format!(
        "Each change of the vault keeps the state before it in {}/backups: the last twenty, and one of each day for \
         thirty days. They are lost with the disk: b makes a copy for elsewhere.",
        visible(&cx.facts.place)
    )
}

fn view_empty(cx: &Cx<'_>, list: Rect, buf: &mut Buffer) {
    let roomy = u16::from(list.height >= 12);
    let y = roomy + widgets::wrap(buf, list, (3, roomy), "No earlier state is kept yet.", cx.theme.strong());
    widgets::wrap(buf, list, (3, y + roomy), &about(cx), Style::new());
}

fn view_about(cx: &Cx<'_>, list: Rect, buf: &mut Buffer, y: u16, row: &Row) {
    let room = list.width.saturating_sub(ABOUT + 1);
    match &row.known {
        None => {
            put(buf, list, ABOUT, y, "...", Style::new());
        }
        Some(Known::Bad(_)) => {
            let text = format!("{} does not open", cx.theme.glyph(Glyph::Cross));
            put_visible(buf, list, (ABOUT, y), room, &visible(&text), cx.theme.error());
        }
        Some(Known::Good { accounts, then }) => {
            put(buf, list, ABOUT, y, &counted(*accounts), Style::new());
            if list.width < WIDE {
                return;
            }
            let Some((Some(first), more)) = then else { return };
            let others = match more {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let text = format!("before: {} {}{others}", first.name, first.what);
            let column = ABOUT + 16;
            let room = list.width.saturating_sub(column + 1);
            put_visible(buf, list, (column, y), room, &visible(&text), Style::new());
        }
    }
}

fn view_look(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, look: &Look) {
    let title = format!("State of {}", moment(cx, look.backup.when));
    widgets::header(cx, area, buf, &visible(&title), &counted(look.then.accounts().len()));
    widgets::rule(cx, area, buf, 1);
    let roomy = u16::from(area.height >= 16);
    let mut y = 2 + roomy;
    if look.under_way.is_some() {
        widgets::wrap(buf, area, (3, y), "Bringing it back ...", Style::new());
        return;
    }
    if look.differences.is_empty() {
        let text = "It holds the same accounts as the vault does now. There is nothing to bring back.";
        widgets::wrap(buf, area, (3, y), text, Style::new());
        return;
    }
    y += widgets::wrap(buf, area, (3, y), &summary(&look.differences), cx.theme.strong()) + roomy;
    let list = widgets::below(area, y);
    let foot = if list.height > 8 { 3 } else { 0 };
    let list = Rect { height: list.height.saturating_sub(foot), ..list };
    let room = usize::from(list.height);
    let top = look.top.min(look.differences.len().saturating_sub(room));
    for (y, one) in (0..list.height).zip(look.differences.iter().skip(top)) {
        let (mark, what) = in_words(one);
        put(buf, list, 3, y, mark, cx.theme.strong());
        let text = format!("{} {} {what}", one.name, cx.theme.glyph(Glyph::Dot));
        put_visible(buf, list, (5, y), list.width.saturating_sub(6), &visible(&text), Style::new());
    }
    widgets::more(cx, list, buf, top > 0, look.differences.len() > top + room);
    if foot > 0 {
        let shown = u16::try_from(look.differences.len()).unwrap_or(u16::MAX).min(list.height);
        let text = "Counters never go back. What the vault holds now is kept as well, and u undoes it.";
        widgets::wrap(buf, area, (3, list.y - area.y + shown + 1), text, Style::new());
    }
}

/// Returns what would be done to an account, with a mark.
fn in_words(one: &Difference) -> (&'static str, &str) {
    match one.what.as_str() {
        "added" => ("+", "comes back"),
        "deleted" => ("-", "is deleted"),
        other => ("~", other),
    }
}

/// Says how many accounts come, go and change.
fn summary(differences: &[Difference]) -> String {
    let of = |mark: &str| differences.iter().filter(|one| in_words(one).0 == mark).count();
    let parts: Vec<String> = [("+", "add"), ("-", "delete"), ("~", "change")]
        .into_iter()
        .map(|(mark, word)| (word, of(mark)))
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{word} {count}"))
        .collect();
    format!("It would {}", parts.join(", "))
}

fn counted(accounts: usize) -> String {
    match accounts {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
    }
}

/// Returns a moment as the list has it: `today 14:32:09`, for much may happen in a minute; `23 Nov 2026 18:02`.
pub(super) fn moment(cx: &Cx<'_>, at: Timestamp) -> String {
    let (day, time) = (widgets::date(cx, at), widgets::time_of_day(cx, at));
    if day == widgets::date(cx, cx.now.wall) {
        return format!("today {time}");
    }
    let minute = time.rsplit_once(':').map_or(time.as_str(), |(minute, _)| minute);
    format!("{day} {minute}")
}

/// Says where a copy is.
pub(super) fn copied(copy: &SealedCopy) -> String {
    let shown = visible(&copy.path.to_string_lossy()).to_string();
    let made = if copy.made_dir { "Made the directory, which was not there. " } else { "" };
    format!("{made}The copy is in {shown}, and was read back")
}
