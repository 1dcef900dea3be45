//! The help page: every key of the screen it was called from, out of the same table that gives the keys their
//! meaning, and the keys that work everywhere.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::display::visible;
use crate::tui::binding::{self, Binding};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Reply, Screen};
use crate::tui::theme::{Glyph, Theme};
use crate::tui::widgets;

/// The name of this screen; the app asks for it so that help is not stacked upon help.
pub const NAME: &str = "the help";

/// From this width on there are two columns.
const WIDE: u16 = 72;
/// Half a page, where the height of the window is not known.
const PAGE: usize = 8;

/// The keys that work everywhere, and what they do.
const EVERYWHERE: &[(&[Key], &str)] = &[
    (&[Key::F(1)], "this page"),
    (&[Key::Ctrl('l')], "draw the screen again"),
    (&[Key::Ctrl('z')], "stop; fg comes back"),
    (&[Key::Ctrl('c')], "quit, or leave"),
];
/// The keys that work where letters are no text.
const OPEN: &[(&[Key], &str)] = &[
    (&[Key::Char('?')], "this page"),
    (&[Key::Char('L')], "lock now"),
    (&[Key::Char('u')], "undo the last change"),
];

/// A line of the page.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Line {
    Blank,
    Heading(String),
    Keys(String, &'static str),
}

/// Shows the keys.
pub struct Help {
    name: &'static str,
    keys: Vec<KeyHelp>,
    open: bool,
    offset: usize,
}

impl Help {
    const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "close",
            keys: &[
                Key::Char('q'),
                Key::Esc,
                Key::Enter,
                Key::Ctrl('c'),
                Key::F(1),
                Key::Char('?'),
            ],
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
            applies: binding::always,
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

    /// Returns the page for the screen of that name with those keys; `open` says whether the vault is.
    pub fn new(name: &'static str, keys: Vec<KeyHelp>, open: bool) -> Self {
        Self {
            name,
            keys,
            open,
            offset: 0,
        }
    }

    fn scroll(&mut self, by: isize) -> Reply {
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
        lines.extend(
            self.keys
                .iter()
                .map(|line| Line::Keys(spelled(&line.keys), line.help)),
        );
        lines
    }

    fn general(&self) -> Vec<Line> {
        let mut lines = vec![Line::Heading("Keys everywhere".to_owned())];
        lines.extend(
            EVERYWHERE
                .iter()
                .map(|(keys, help)| Line::Keys(spelled(keys), help)),
        );
        if self.open {
            lines.push(Line::Blank);
            lines.push(Line::Heading("Where you do not type text".to_owned()));
            lines.extend(OPEN.iter().map(|(keys, help)| Line::Keys(spelled(keys), help)));
        }
        lines
    }
}

/// Returns keys as the page shows them: `Enter c`.
fn spelled(keys: &[Key]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Draws lines from the top of an area; returns how many there was no room for.
fn draw(theme: &Theme, area: Rect, buf: &mut Buffer, lines: &[Line]) {
    let keys = lines.iter().map(|line| {
        if let Line::Keys(keys, _) = line {
            keys.width()
        } else {
            0
        }
    });
    // A long list of keys must not push the words out of sight.
    let column = u16::try_from(keys.max().unwrap_or(0))
        .unwrap_or(u16::MAX)
        .clamp(4, area.width.max(12) / 3 + 2);
    for (y, line) in (0..area.height).zip(lines) {
        match line {
            Line::Blank => {}
            Line::Heading(text) => {
                widgets::put(buf, area, 1, y, text, theme.strong());
            }
            Line::Keys(keys, help) => {
                let keys = visible(keys);
                widgets::put_visible(buf, area, (2, y), column, &keys, theme.strong());
                widgets::put(buf, area, column + 4, y, help, Style::new());
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
        if lines.len() <= height {
            return draw(cx.theme, area, buf, &lines);
        }
        let (own, general) = (self.own(), self.general());
        if area.width >= WIDE && own.len() <= height && general.len() <= height {
            let left = Rect {
                width: area.width / 2,
                ..area
            };
            let right = Rect {
                x: area.x + left.width,
                width: area.width - left.width,
                ..area
            };
            draw(cx.theme, left, buf, &own);
            return draw(cx.theme, right, buf, &general);
        }
        let rest = &lines[self.offset.min(lines.len() - 1)..];
        let room = Rect {
            width: area.width.saturating_sub(2),
            ..area
        };
        draw(cx.theme, room, buf, rest);
        let edge = area.width.saturating_sub(1);
        if self.offset > 0 {
            widgets::put(buf, area, edge, 0, cx.theme.glyph(Glyph::Up), Style::new());
        }
        if rest.len() > height {
            let last = area.height.saturating_sub(1);
            widgets::put(buf, area, edge, last, cx.theme.glyph(Glyph::Down), Style::new());
        }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(open: bool) -> Help {
        let keys = vec![KeyHelp {
            keys: vec![Key::Enter, Key::Char('c')],
            help: "copy the code",
        }];
        Help::new("the list", keys, open)
    }

    #[test]
    fn shows_the_keys_of_the_screen_and_of_the_app() {
        let lines = page(true).lines();
        assert!(lines.contains(&Line::Keys("Enter c".to_owned(), "copy the code")));
        assert!(lines.contains(&Line::Keys("L".to_owned(), "lock now")));
        assert!(lines.contains(&Line::Keys("Ctrl-c".to_owned(), "quit, or leave")));
    }

    #[test]
    fn promises_no_lock_and_no_undo_while_locked() {
        let lines = page(false).lines();
        assert!(
            !lines
                .iter()
                .any(|line| matches!(line, Line::Keys(keys, _) if keys == "L" || keys == "u"))
        );
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
