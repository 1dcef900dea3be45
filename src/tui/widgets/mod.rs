//! Small pictures, each a function of its arguments.
//!
//! Text from outside comes here as `display::Visible` only; what is `&str` here is our own words.

mod bar;
mod field;
mod qr;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::screen::{Cx, Note, Tone};
use super::theme::Glyph;
use crate::display::{Visible, visible};
use crate::otp::Timestamp;

pub use crate::words::sentence;
pub use bar::bar;
pub use field::Field;
pub use qr::{Scan, fits, lacks, scan, scan_centred};

/// Writes our own words at a place of an area, cut at its right edge; returns the columns taken.
pub fn put(buf: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    if y >= area.height || x >= area.width {
        return 0;
    }
    let room = usize::from(area.width - x);
    let (end, _) = buf.set_stringn(area.x + x, area.y + y, text, room, style);
    end - (area.x + x)
}

/// Writes text from outside, cut to `room` columns with an ellipsis; returns the columns taken.
pub fn put_visible(
    buf: &mut Buffer,
    area: Rect,
    (x, y): (u16, u16),
    room: u16,
    text: &Visible,
    style: Style,
) -> u16 {
    put(buf, area, x, y, text.cut(usize::from(room)).as_str(), style)
}

/// Returns what is left of an area below its row `y`.
pub fn below(area: Rect, y: u16) -> Rect {
    let y = y.min(area.height);
    Rect { y: area.y + y, height: area.height - y, ..area }
}

/// Draws a line of a screen's own words, wrapped at blanks to the width; returns how many rows it took.
pub fn wrap(buf: &mut Buffer, area: Rect, (x, y): (u16, u16), text: &str, style: Style) -> u16 {
    let width = usize::from(area.width.saturating_sub(x + 1));
    let mut row = 0;
    for line in lines(text, width) {
        put(buf, area, x, y + row, &line, style);
        row += 1;
    }
    row
}

/// Splits words over lines of at most `width` columns; a word that is too long for any line is broken.
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a last line");
        let needed = word.width() + usize::from(!line.is_empty());
        if line.width() + needed <= width {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(String::new());
        }
        for letter in word.chars() {
            let line = lines.last_mut().expect("there is always a last line");
            if line.width() + unicode_width::UnicodeWidthChar::width(letter).unwrap_or(0) > width {
                lines.push(letter.to_string());
            } else {
                line.push(letter);
            }
        }
    }
    lines
}

/// Draws the first row: where one is, and whether the clock can be trusted.
pub fn header(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, title: &Visible, more: &str) {
    let clock = clock(cx, area.width >= 60);
    let right = u16::try_from(clock.width()).unwrap_or(u16::MAX);
    let room = area.width.saturating_sub(right + 3);
    let taken = put_visible(buf, area, (1, 0), room, title, cx.theme.strong());
    if !more.is_empty() && room > taken + 3 {
        let left = usize::from(room - taken - 3);
        put(buf, area, taken + 4, 0, &lines(more, left.max(1))[0], Style::new());
    }
    let style = if cx.facts.clock_synchronised == Some(true) { Style::new() } else { cx.theme.warning() };
    if area.width > right + 10 {
        put(buf, area, area.width - right - 1, 0, &clock, style);
    }
}

fn clock(cx: &Cx<'_>, wide: bool) -> String {
    let mut time = time_of_day(cx, cx.now.wall);
    if cx.theme.is_slow() {
        time.truncate("14:32".len());
    }
    let truth = clock_truth(cx, wide);
    match (wide, cx.theme.is_slow()) {
        (true, true) => format!("slow line   {truth}   {time}"),
        (true, false) => format!("{truth}   {time}"),
        (false, _) => format!("{truth} {time}"),
    }
}

fn clock_truth(cx: &Cx<'_>, wide: bool) -> &'static str {
    match (cx.facts.clock_synchronised, wide) {
        (Some(true), _) => "clock OK",
        (Some(false), true) => "! clock not synchronised",
        (None, true) => "! clock not checked",
        (_, false) => "! clock",
    }
}

/// Returns the local time of day, `14:32:09`.
pub fn time_of_day(cx: &Cx<'_>, at: Timestamp) -> String {
    match jiff::Timestamp::from_second(at.seconds()) {
        Ok(time) => time.to_zoned_datetime(cx.facts.zone.clone()).strftime("%H:%M:%S").to_string(),
        Err(_) => "--:--:--".to_owned(),
    }
}

/// Returns a local date as people write it: `3 May 2026`.
pub fn date(cx: &Cx<'_>, at: Timestamp) -> String {
    match jiff::Timestamp::from_second(at.seconds()) {
        Ok(time) => time.to_zoned_datetime(cx.facts.zone.clone()).strftime("%-d %b %Y").to_string(),
        Err(_) => "an unknown day".to_owned(),
    }
}

/// Draws a rule over the whole width.
pub fn rule(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16) {
    let line = cx.theme.glyph(Glyph::Rule).repeat(usize::from(area.width));
    put(buf, area, 0, y, &line, Style::new());
}

/// Marks at the right edge that there is more above or below.
pub fn more(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, above: bool, below: bool) {
    let edge = area.width.saturating_sub(1);
    if above {
        put(buf, area, edge, 0, cx.theme.glyph(Glyph::Up), Style::new());
    }
    if below {
        put(buf, area, edge, area.height.saturating_sub(1), cx.theme.glyph(Glyph::Down), Style::new());
    }
}

/// Draws a message with its mark, wrapped; returns the rows taken.
pub fn note(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, (x, y): (u16, u16), note: &Note) -> u16 {
    let (mark, style) = match note.tone {
        Tone::Error => (cx.theme.glyph(Glyph::Cross), cx.theme.error()),
        Tone::Good => (cx.theme.glyph(Glyph::Check), cx.theme.good()),
        Tone::Plain => return wrap(buf, area, (x, y), &note.text, Style::new()),
        Tone::Warning => ("!", cx.theme.warning()),
    };
    put(buf, area, x, y, mark, style);
    wrap(buf, area, (x + 2, y), &note.text, Style::new())
}

/// Returns the place so many steps on, or back, among `of` that stand in a circle.
pub fn round(at: usize, by: isize, of: usize) -> usize {
    (at + of).saturating_add_signed(by) % of.max(1)
}

/// Draws lines to choose from, the chosen one marked; returns the rows taken.
pub fn choices(
    cx: &Cx<'_>,
    area: Rect,
    buf: &mut Buffer,
    (x, y): (u16, u16),
    chosen: Option<usize>,
    texts: &[&str],
) -> u16 {
    let rows = u16::try_from(texts.len()).unwrap_or(u16::MAX);
    let y = if y + rows > area.height {
        // What can be chosen matters more than the words above it.
        let top = area.height.saturating_sub(rows);
        let room = Rect::new(area.x, area.y + top, area.width, area.height - top);
        ratatui::widgets::Widget::render(ratatui::widgets::Clear, room, buf);
        top
    } else {
        y
    };
    for (index, text) in (0_u16..).zip(texts) {
        let here = chosen == Some(usize::from(index));
        if here {
            put(buf, area, x, y + index, cx.theme.glyph(Glyph::Cursor), Style::new());
        }
        let style = if here { cx.theme.selected() } else { Style::new() };
        let room = area.width.saturating_sub(x + 2);
        put_visible(buf, area, (x + 2, y + index), room, &visible(text), style);
    }
    rows
}
