//! The picture of the moment: the screen in sight, the message above the footer, and the footer.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::App;
use crate::tui::key::Key;
use crate::tui::screen::{Cx, Hint, KeyHelp, Note, Screen, Spot};
use crate::tui::{screens, widgets};

/// The smallest window in which screens are drawn.
const LEAST: (u16, u16) = (32, 8);
/// From this width on the footer also names keys that work everywhere.
const ROOMY: u16 = 110;

impl App {
    /// Draws everything.
    pub fn view(&self, area: Rect, buf: &mut Buffer) {
        self.draw(area, buf);
        for cell in &mut buf.content {
            if let Some(symbol) = self.theme.stand_in(cell.symbol()) {
                cell.set_symbol(symbol);
            }
        }
    }

    fn draw(&self, area: Rect, buf: &mut Buffer) {
        self.spots.clear();
        let cx = self.cx();
        let Some(screen) = self.stack.last() else { return };
        if self.away {
            return hidden(&cx, area, buf);
        }
        if area.width < LEAST.0 || area.height < LEAST.1 {
            return too_small(&cx, screen.as_ref(), area, buf);
        }
        screen.view(&cx, self.body(screen.as_ref(), area), buf);
        if screen.fills() {
            return;
        }
        self.view_note(&cx, area, buf);
        let (lines, types) = (self.lines(screen.as_ref()), screen.types());
        let shown = |key: Key, word| Some(Hint { key: self.keymap.shown(key, &lines, types)?, word });
        let helps = screen.name() != screens::help::NAME;
        let mut hints = self.hints(screen.as_ref());
        // What works on every screen is worth saying where there is room to spare.
        if self.open && helps && !types && area.width >= ROOMY {
            let undo = self.history.can_go_back().then(|| shown(Key::Char('u'), "undo")).flatten();
            hints.extend(undo);
            hints.extend(
                [(':', "commands"), ('L', "lock")]
                    .into_iter()
                    .filter_map(|(key, word)| shown(Key::Char(key), word)),
            );
        }
        let help = shown(if types { Key::F(1) } else { Key::Char('?') }, "help");
        let help = help.or(Some(Hint { key: Key::F(1), word: "help" })).filter(|_| helps);
        footer(&cx, &hints, help, area, buf);
    }

    /// Returns the message of the moment.
    fn note(&self) -> Option<Note> {
        if self.announces_lock() {
            let left = self.idle_left().unwrap_or_default().as_secs() + 1;
            return Some(Note::warning(format!("Locks in {left} s. Any key stays")));
        }
        let freed = || {
            let left = self.mouse_free_until?.saturating_sub(self.now.boot).as_secs_f64().ceil();
            Some(Note::plain(format!("The mouse is yours for {left} s, to select text. m takes it back")))
        };
        let Some((note, _)) = self.note.as_ref() else { return freed() };
        let text = self.sent.as_ref().map_or_else(|| note.text.clone(), |sent| sent.said(self.now.wall));
        Some(Note { text, tone: note.tone })
    }

    /// Returns the rows that a message takes above the footer.
    fn rows_of(note: &Note, area: Rect) -> u16 {
        let width = usize::from(area.width.saturating_sub(4));
        u16::try_from(widgets::lines(&note.text, width).len()).unwrap_or(1).min(area.height - 1)
    }

    fn view_note(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(note) = self.note() else { return };
        let rows = Self::rows_of(&note, area);
        let top = area.height - 1 - rows;
        let room = Rect::new(area.x, area.y + top, area.width, rows);
        ratatui::widgets::Widget::render(ratatui::widgets::Clear, room, buf);
        cx.spots.cover(room);
        widgets::note(cx, room, buf, (1, 0), &note);
    }

    /// Returns the part of the window that belongs to the screen.
    fn body(&self, screen: &dyn Screen, area: Rect) -> Rect {
        if screen.fills() {
            return area;
        }
        let note = if screen.makes_room() { self.note() } else { None };
        let rows = note.map_or(1, |note| Self::rows_of(&note, area)).min(area.height / 2);
        Rect { height: area.height - 1 - rows.max(1), ..area }
    }

    /// Returns the keys that the screen in sight promises in its footer, and those on its help page.
    pub fn promises(&self) -> (Vec<Hint>, Vec<KeyHelp>) {
        let Some(screen) = self.stack.last() else { return Default::default() };
        (self.hints(screen.as_ref()), self.helped(screen.as_ref(), screen.types()))
    }

    /// Returns the name of the screen in sight, as its help page has it.
    pub fn in_sight(&self) -> &'static str {
        self.stack.last().map_or("", |screen| screen.name())
    }

    /// Returns where the terminal's cursor belongs.
    pub fn cursor(&self, area: Rect) -> Option<Position> {
        if self.away || area.width < LEAST.0 || area.height < LEAST.1 {
            return None;
        }
        let screen = self.stack.last()?;
        screen.cursor(&self.cx(), self.body(screen.as_ref(), area))
    }
}

/// Draws the keys that fit. How to get help always does: the other keys stand there.
fn footer(cx: &Cx<'_>, hints: &[Hint], help: Option<Hint>, area: Rect, buf: &mut Buffer) {
    let row = Rect::new(area.x, area.y + area.height - 1, area.width, 1);
    let wide = |hint: &Hint| {
        let key = hint.key.short(cx.theme.is_ascii());
        u16::try_from(key.width() + 1 + hint.word.width()).unwrap_or(u16::MAX)
    };
    let end = help.as_ref().map_or(area.width, |help| area.width.saturating_sub(wide(help) + 2));
    let mut x = 1;
    let mut draw = |hint: &Hint, end: u16| {
        if x + wide(hint) > end {
            return;
        }
        let from = x;
        x += widgets::put(buf, row, x, 0, &hint.key.short(cx.theme.is_ascii()), cx.theme.key());
        x += 1 + widgets::put(buf, row, x + 1, 0, hint.word, Style::new());
        cx.spots.add(Rect { x: row.x + from, width: x - from, ..row }, Spot::Key(hint.key));
        x += 2;
    };
    for hint in hints {
        draw(hint, end);
    }
    if let Some(help) = &help {
        draw(help, area.width);
    }
}

/// Draws what is seen while the window has no focus: nothing of the vault, and nothing of what is typed.
fn hidden(cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
    widgets::put(buf, area, 1, 0, "twolock", cx.theme.strong());
    let text = "Hidden while this window has no focus. It comes back with the focus, or with a key.";
    widgets::wrap(buf, area, (1, 2), text, Style::new());
}

fn too_small(cx: &Cx<'_>, screen: &dyn Screen, area: Rect, buf: &mut Buffer) {
    let text = format!("Make the window a little larger: at least {} x {}.", LEAST.0, LEAST.1);
    let rows = widgets::wrap(buf, area, (0, 0), &text, Style::new());
    let rest =
        Rect::new(area.x, area.y + rows.min(area.height), area.width, area.height.saturating_sub(rows));
    screen.glance(cx, rest, buf);
}
