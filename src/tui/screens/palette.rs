//! Every command by its name: those of the screen below, out of the same tables that give the keys their meaning, and
//! those that work everywhere. Running one presses its key, so nothing can be done here that no key does.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::display::visible;
use crate::tui::binding::{self, Binding};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, put_visible};
use crate::vault::{fit, folded};

/// The name of this screen, by which the app knows it.
pub const NAME: &str = "the commands";
/// The row of what is typed.
const INPUT: u16 = 1;
/// The row of the first command.
const FIRST: u16 = 3;

/// A command.
struct Command {
    /// What it does.
    words: String,
    /// The keys that do it.
    keys: Vec<Key>,
}

/// Shows the commands.
pub struct Palette {
    commands: Vec<Command>,
    /// Those that fit what is typed, the best first.
    shown: Vec<usize>,
    typed: Field,
    selected: usize,
}

impl Palette {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "run",
            keys: &[Key::Enter],
            word: "run",
            help: "run the command",
            applies: |palette, _| !palette.shown.is_empty(),
            run: |palette, _| palette.run(),
        },
        Binding {
            name: "down",
            keys: &[Key::Down, Key::Tab],
            word: "choose",
            help: "down",
            applies: |palette, _| palette.shown.len() > 1,
            run: |palette, _| palette.go(1),
        },
        Binding {
            name: "up",
            keys: &[Key::Up, Key::BackTab],
            word: "",
            help: "up",
            applies: binding::always,
            run: |palette, _| palette.go(-1),
        },
        Binding {
            name: "close",
            keys: &[Key::Esc, Key::Ctrl('c')],
            word: "close",
            help: "close; nothing is run",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
    ];

    /// Returns the commands of a screen with those keys, and those that work everywhere.
    pub fn new(own: Vec<KeyHelp>, everywhere: Vec<KeyHelp>) -> Self {
        let mut commands: Vec<Command> = own
            .into_iter()
            .chain(everywhere)
            // A row number is no command, and this list is open already.
            .filter(|line| line.keys.len() < 9 && !line.keys.is_empty() && line.name != "commands")
            .map(|line| Command { words: widgets::sentence(line.help), keys: line.keys })
            .collect();
        for command in &mut commands {
            command.words.truncate(command.words.trim_end_matches('.').len());
        }
        let mut palette = Self { commands, shown: Vec::new(), typed: Field::new(128), selected: 0 };
        palette.filter();
        palette
    }

    fn filter(&mut self) {
        let typed = self.typed.text();
        let fitting = self.commands.iter().enumerate();
        let begins = folded(typed.trim());
        let mut fitting: Vec<(bool, usize, usize)> = fitting
            .filter_map(|(at, command)| {
                let rank = fit(&command.words, typed)?;
                Some((!folded(&command.words).starts_with(&begins), rank, at))
            })
            .collect();
        fitting.sort_unstable();
        self.shown = fitting.into_iter().map(|(_, _, at)| at).collect();
        self.selected = 0;
    }

    fn go(&mut self, by: isize) -> Reply {
        if self.shown.len() < 2 {
            return Reply::say(if self.shown.is_empty() {
                "There is no such command"
            } else {
                "It is the only one"
            });
        }
        self.selected = widgets::round(self.selected, by, self.shown.len());
        Reply::done()
    }

    fn run(&mut self) -> Reply {
        let Some(command) = self.shown.get(self.selected).map(|at| &self.commands[*at]) else {
            return Reply::say("There is no such command. Esc goes back");
        };
        Reply::Taken(vec![Action::Pop, Action::Press(command.keys[0])])
    }
}

impl Screen for Palette {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Key(key) => match binding::dispatch(Self::KEYS, self, *key, cx) {
                Reply::Ignored if self.typed.handle(*key) => {
                    self.filter();
                    Reply::done()
                }
                reply => reply,
            },
            Event::Paste(text) => {
                self.typed.insert(text);
                self.filter();
                Reply::done()
            }
            Event::Done(_) => Reply::Ignored,
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let count = format!("{} of {}", self.shown.len(), self.commands.len());
        widgets::header(cx, area, buf, &visible("Commands"), &count);
        put(buf, area, 1, INPUT, ": ", cx.theme.strong());
        self.typed.view(cx.theme, area, buf, (3, INPUT), area.width.saturating_sub(4), Style::new());
        widgets::rule(cx, area, buf, INPUT + 1);
        if self.shown.is_empty() {
            widgets::wrap(buf, area, (3, FIRST), "There is no such command.", Style::new());
            return;
        }
        let room = usize::from(area.height.saturating_sub(FIRST));
        let top = (self.selected + 1).saturating_sub(room);
        // The keys stand where the eye finds them, not at the far end of a wide window.
        let column = area.width.saturating_sub(16).min(64);
        for (y, (row, at)) in (FIRST..).zip(self.shown.iter().enumerate().skip(top).take(room)) {
            let command = &self.commands[*at];
            let here = row == self.selected;
            let style = if here { cx.theme.selected() } else { Style::new() };
            if here {
                put(buf, area, 1, y, cx.theme.glyph(Glyph::Cursor), Style::new());
            }
            put_visible(buf, area, (3, y), column.saturating_sub(4), &visible(&command.words), style);
            let mut x = column;
            for key in &command.keys {
                let text = key.short(cx.theme.is_ascii());
                if usize::from(x) + text.width() >= usize::from(area.width) {
                    break;
                }
                x += 1 + put(buf, area, x, y, &text, cx.theme.strong());
            }
        }
        widgets::more(cx, widgets::below(area, FIRST), buf, top > 0, self.shown.len() > top + room);
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

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let y = INPUT.min(area.height.saturating_sub(1));
        Some(self.typed.cursor(cx.theme, area, (3, y), area.width.saturating_sub(4)))
    }

    fn types(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Palette::KEYS).is_empty());
    }
}
