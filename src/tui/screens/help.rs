//! The help page: every key of the screen it was called from, out of the same table that gives the keys their
//! meaning, and the keys that work everywhere.

use std::cell::Cell;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::tui::binding::{self, Binding};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Reply, Screen};
use crate::tui::theme::Theme;
use crate::tui::widgets;

/// The name of this screen, by which the app knows it.
pub const NAME: &str = "the help";

/// From this width on there are two columns.
const WIDE: u16 = 72;
/// Half a page, where the height of the window is not known.
const PAGE: usize = 8;

/// The keys that work everywhere, and what they do.
const EVERYWHERE: &[(&str, &[Key], &str)] = &[
    ("", &[Key::F(1)], "this page"),
    ("redraw", &[Key::Ctrl('l')], "draw the screen again"),
    ("suspend", &[Key::Ctrl('z')], "stop; fg comes back"),
    ("", &[Key::Ctrl('c')], "quit, or leave"),
];
/// The keys that work where letters are no text.
const OPEN: &[(&str, &[Key], &str)] = &[
    ("help", &[Key::Char('?')], "this page"),
    ("lock", &[Key::Char('L')], "lock now"),
    ("undo", &[Key::Char('u')], "undo the last change"),
    ("redo", &[Key::Char('U')], "do again what was undone"),
    ("commands", &[Key::Char(':')], "all commands by name"),
    (MOUSE_ACTION, &[Key::Char('m')], "leave the mouse to the terminal for 10 s"),
];
/// The action that makes sense only where the mouse is ours.
pub const MOUSE_ACTION: &str = "mouse";
/// What the mouse does.
const MOUSE: &[(&str, &str)] = &[
    ("click", "copy a code, choose a row, press a key below"),
    ("wheel", "up, down"),
    ("Shift-drag", "select text"),
];

/// Returns the keys that work on every screen; `open` says whether the vault is, and letters are no text.
pub fn everywhere(open: bool) -> Vec<KeyHelp> {
    let lines = EVERYWHERE.iter().chain(if open { OPEN } else { &[] });
    lines.map(|(name, keys, help)| KeyHelp { scope: "", name, keys: keys.to_vec(), help }).collect()
}

/// A line of the page.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Line {
    Blank,
    Heading(String),
    Keys(String, String),
}

/// Shows the keys.
pub struct Help {
    name: &'static str,
    keys: Vec<KeyHelp>,
    everywhere: Vec<KeyHelp>,
    /// The mouse is ours on that screen.
    mouse: bool,
    offset: usize,
    hides: Cell<bool>,
}

impl Help {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "close",
            keys: &[Key::Char('q'), Key::Esc, Key::Enter, Key::Ctrl('c'), Key::F(1), Key::Char('?')],
            word: "close",
            help: "close this page",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
        Binding {
            name: "down",
            keys: &[Key::Down, Key::Char('j')],
            word: "more",
            help: "one line on",
            applies: |help, _| help.hides.get(),
            run: |help, _| help.scroll(1),
        },
        Binding {
            name: "up",
            keys: &[Key::Up, Key::Char('k')],
            word: "",
            help: "one line back",
            applies: binding::always,
            run: |help, _| help.scroll(-1),
        },
        Binding {
            name: "page-down",
            keys: &[Key::PageDown, Key::Ctrl('d'), Key::Char(' ')],
            word: "",
            help: "half a page on",
            applies: binding::always,
            run: |help, _| help.scroll(PAGE.cast_signed()),
        },
        Binding {
            name: "page-up",
            keys: &[Key::PageUp, Key::Ctrl('u')],
            word: "",
            help: "half a page back",
            applies: binding::always,
            run: |help, _| help.scroll(-PAGE.cast_signed()),
        },
        Binding {
            name: "first",
            keys: &[Key::Home, Key::Char('g')],
            word: "",
            help: "to the beginning",
            applies: binding::always,
            run: |help, _| help.scroll(isize::MIN),
        },
        Binding {
            name: "last",
            keys: &[Key::End, Key::Char('G')],
            word: "",
            help: "to the end",
            applies: binding::always,
            run: |help, _| help.scroll(isize::MAX),
        },
    ];

    /// Returns the page for the screen of that name with those keys, and with those that work everywhere.
    pub fn new(name: &'static str, keys: Vec<KeyHelp>, everywhere: Vec<KeyHelp>) -> Self {
        Self { name, keys, everywhere, mouse: false, offset: 0, hides: Cell::new(true) }
    }

    /// The same, for a screen that takes the mouse.
    #[must_use]
    pub fn with_mouse(self, mouse: bool) -> Self {
        Self { mouse, ..self }
    }

    fn scroll(&mut self, by: isize) -> Reply {
        if !self.hides.get() {
            return Reply::say("Everything is in sight");
        }
        // The height is not known here: the last line may come up to the top, no further.
        let last = self.lines().len() - 1;
        self.offset = self.offset.saturating_add_signed(by).min(last);
        Reply::done()
    }

    /// Returns the lines of both parts, one below the other.
    fn lines(&self) -> Vec<Line> {
        let mut lines = self.own();
        lines.push(Line::Blank);
        lines.extend(self.general());
        lines
    }

    fn own(&self) -> Vec<Line> {
        let mut lines = vec![Line::Heading(format!("Keys on {}", self.name))];
        lines.extend(self.keys.iter().map(|line| Line::Keys(spelled(&line.keys), line.help.to_owned())));
        lines
    }

    fn general(&self) -> Vec<Line> {
        let open = |line: &&KeyHelp| OPEN.iter().any(|(name, ..)| *name == line.name);
        let shown = |line: &KeyHelp| Line::Keys(spelled(&line.keys), line.help.to_owned());
        let mut lines = vec![Line::Heading("Keys everywhere".to_owned())];
        lines.extend(self.everywhere.iter().filter(|line| !open(line)).map(shown));
        if self.everywhere.iter().any(|line| open(&line)) {
            lines.push(Line::Blank);
            lines.push(Line::Heading("Where you do not type text".to_owned()));
            lines.extend(self.everywhere.iter().filter(open).map(shown));
        }
        if self.mouse {
            lines.push(Line::Blank);
            lines.push(Line::Heading("Mouse".to_owned()));
            let line = |(does, what): &(&str, &str)| Line::Keys((*does).to_owned(), (*what).to_owned());
            lines.extend(MOUSE.iter().map(line));
        }
        lines
    }
}

/// Returns keys as the page shows them: `Enter c`.
fn spelled(keys: &[Key]) -> String {
    if let [first @ Key::Char('1'), .., last @ Key::Char('9')] = keys {
        return format!("{first} to {last}");
    }
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The rows that lines take in an area: what is too long for its column is wrapped.
struct Page {
    column: u16,
    rows: Vec<Line>,
}

impl Page {
    fn new(lines: &[Line], width: u16) -> Self {
        let keys = lines.iter().map(|line| if let Line::Keys(keys, _) = line { keys.width() } else { 0 });
        // A long list of keys must not push the words out of sight.
        let widest = u16::try_from(keys.max().unwrap_or(0)).unwrap_or(u16::MAX);
        let column = widest.clamp(4, width.max(12) / 3 + 2);
        let (left, right) = (usize::from(column), usize::from(width.saturating_sub(column + 5)));
        let mut rows = Vec::new();
        for line in lines {
            let Line::Keys(keys, help) = line else {
                rows.push(line.clone());
                continue;
            };
            let (mut keys, mut words) =
                (widgets::lines(keys, left).into_iter(), widgets::lines(help, right).into_iter());
            loop {
                match (keys.next(), words.next()) {
                    (None, None) => break,
                    (keys, words) => {
                        rows.push(Line::Keys(keys.unwrap_or_default(), words.unwrap_or_default()));
                    }
                }
            }
        }
        Self { column, rows }
    }

    fn draw(&self, theme: Theme, area: Rect, buf: &mut Buffer) {
        for (y, row) in (0..area.height).zip(&self.rows) {
            match row {
                Line::Blank => {}
                Line::Heading(text) => {
                    widgets::put(buf, area, 1, y, text, theme.strong());
                }
                Line::Keys(keys, help) => {
                    widgets::put(buf, area, 2, y, keys, theme.strong());
                    widgets::put(buf, area, self.column + 4, y, help, Style::new());
                }
            }
        }
    }
}

impl Screen for Help {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Key(key) => binding::dispatch(Self::KEYS, self, *key, cx),
            Event::Done(_) => Reply::Ignored,
            Event::Paste(_) | Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let lines = self.lines();
        let height = usize::from(area.height);
        let room = Rect { width: area.width.saturating_sub(2), ..area };
        self.hides.set(false);
        let all = Page::new(&lines, room.width);
        if all.rows.len() <= height {
            return all.draw(*cx.theme, room, buf);
        }
        if area.width >= WIDE {
            let left = Rect { width: area.width * 3 / 5, ..area };
            let right = Rect { x: area.x + left.width, width: area.width - left.width, ..area };
            let own = Page::new(&self.own(), left.width);
            let general = Page::new(&self.general(), right.width);
            if own.rows.len() <= height && general.rows.len() <= height {
                own.draw(*cx.theme, left, buf);
                return general.draw(*cx.theme, right, buf);
            }
        }
        self.hides.set(true);
        let rest = Page::new(&lines[self.offset.min(lines.len() - 1)..], room.width);
        rest.draw(*cx.theme, room, buf);
        widgets::more(cx, area, buf, self.offset > 0, rest.rows.len() > height);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(Self::KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(Self::KEYS)
    }

    fn name(&self) -> &'static str {
        NAME
    }

    fn takes_mouse(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(open: bool) -> Help {
        let keys = vec![KeyHelp {
            scope: "",
            name: "copy",
            keys: vec![Key::Enter, Key::Char('c')],
            help: "copy the code",
        }];
        Help::new("the list", keys, everywhere(open))
    }

    #[test]
    fn shows_the_keys_of_the_screen_and_of_the_app() {
        let lines = page(true).lines();
        assert!(lines.contains(&Line::Keys("Enter c".to_owned(), "copy the code".to_owned())));
        assert!(lines.contains(&Line::Keys("L".to_owned(), "lock now".to_owned())));
        assert!(lines.contains(&Line::Keys("Ctrl-c".to_owned(), "quit, or leave".to_owned())));
    }

    #[test]
    fn promises_no_lock_and_no_undo_while_locked() {
        let lines = page(false).lines();
        assert!(!lines.iter().any(|line| matches!(line, Line::Keys(keys, _) if keys == "L" || keys == "u")));
    }

    #[test]
    fn scrolls_no_further_than_the_last_line() {
        let mut help = page(true);
        help.scroll(isize::MAX);
        assert_eq!(help.offset, help.lines().len() - 1);
        help.scroll(isize::MIN);
        assert_eq!(help.offset, 0);
    }

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Help::KEYS).is_empty());
    }
}
