//! Asks for the group that accounts move to: one that is there, a new one, or none.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::change;
use crate::display::{Visible, visible};
use crate::tui::binding::{self, Binding};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, put_visible};
use crate::vault::{Account, AccountId, fit, folded};

/// The most that a name of a group may hold, in bytes.
const LONGEST: usize = 256;
/// The row of what is typed.
const INPUT: u16 = 2;
/// The row of the first group.
const FIRST: u16 = 4;

/// A line to choose.
enum Row<'a> {
    /// A group that is there.
    Group(&'a str),
    /// The group that is typed.
    New(&'a str),
    /// No group.
    None,
}

/// Asks for a group.
pub struct Regroup {
    ids: Vec<AccountId>,
    title: String,
    typed: Field,
    selected: usize,
}

impl Regroup {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "move",
            keys: &[Key::Enter],
            word: "move",
            help: "move to this group (u undoes)",
            applies: binding::always,
            run: Self::choose,
        },
        Binding {
            name: "down",
            keys: &[Key::Down, Key::Tab],
            word: "choose",
            help: "down",
            applies: |screen, cx| screen.rows(cx).len() > 1,
            run: |screen, cx| screen.go(1, cx),
        },
        Binding {
            name: "up",
            keys: &[Key::Up, Key::BackTab],
            word: "",
            help: "up",
            applies: binding::always,
            run: |screen, cx| screen.go(-1, cx),
        },
        Binding {
            name: "back",
            keys: &[Key::Esc, Key::Ctrl('c')],
            word: "back",
            help: "back to the list; nothing moves",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
    ];

    /// Returns the question for these accounts.
    pub fn new(accounts: &[&Account], cx: &Cx<'_>) -> Self {
        Self {
            ids: accounts.iter().map(|account| account.id).collect(),
            title: change::called(accounts, cx),
            typed: Field::new(LONGEST),
            selected: 0,
        }
    }

    /// Returns the lines: the groups that fit what is typed, then a new one, or none.
    fn rows<'a>(&'a self, cx: &Cx<'a>) -> Vec<Row<'a>> {
        let typed = self.typed.text().trim();
        let mut groups: Vec<(usize, &str)> =
            cx.vault.groups().into_iter().filter_map(|group| Some((fit(group, typed)?, group))).collect();
        groups.sort_by_key(|(rank, _)| *rank);
        let known = groups.iter().any(|(_, group)| folded(group) == folded(typed));
        let mut rows: Vec<Row<'a>> = groups.into_iter().map(|(_, group)| Row::Group(group)).collect();
        match typed {
            "" => rows.push(Row::None),
            typed if !known => rows.push(Row::New(typed)),
            _ => {}
        }
        rows
    }

    fn go(&mut self, by: isize, cx: &Cx<'_>) -> Reply {
        let rows = self.rows(cx).len();
        if rows < 2 {
            return Reply::say("There is no other group. Type the name of a new one");
        }
        self.selected = widgets::round(self.selected, by, rows);
        Reply::done()
    }

    fn choose(&mut self, cx: &Cx<'_>) -> Reply {
        let group = match self.rows(cx).get(self.selected) {
            Some(Row::Group(group) | Row::New(group)) => (*group).to_owned(),
            Some(Row::None) | None => String::new(),
        };
        let accounts: Vec<&Account> = self.ids.iter().filter_map(|id| cx.vault.account(*id)).collect();
        Reply::Taken(vec![Action::Pop, change::regroup(&accounts, &group, cx)])
    }

    /// Returns the first line in sight.
    fn top(&self, room: usize) -> usize {
        (self.selected + 1).saturating_sub(room)
    }
}

impl Screen for Regroup {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Key(key) => match binding::dispatch(Self::KEYS, self, *key, cx) {
                Reply::Ignored if self.typed.handle(*key) => {
                    self.selected = 0;
                    Reply::done()
                }
                reply => reply,
            },
            Event::Paste(text) => {
                self.selected = 0;
                if self.typed.insert(text) {
                    Reply::done()
                } else {
                    Reply::say("Too long: the rest was cut off")
                }
            }
            Event::Done(_) => Reply::Ignored,
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        widgets::header(cx, area, buf, &visible("Move to a group"), &self.title);
        put(buf, area, 1, INPUT, "Group", Style::new());
        self.typed.view(cx.theme, area, buf, (8, INPUT), area.width.saturating_sub(9), Style::new());
        let room = usize::from(area.height.saturating_sub(FIRST));
        let top = self.top(room);
        let rows = self.rows(cx);
        for (y, (at, row)) in (FIRST..).zip(rows.iter().enumerate().skip(top).take(room)) {
            let here = at == self.selected;
            let style = if here { cx.theme.selected() } else { Style::new() };
            if here {
                put(buf, area, 1, y, cx.theme.glyph(Glyph::Cursor), Style::new());
            }
            let text: Visible = match row {
                Row::Group(group) => visible(group),
                Row::New(group) => visible(&format!("New group \"{group}\"")),
                Row::None => visible("No group"),
            };
            put_visible(buf, area, (3, y), area.width.saturating_sub(5), &text, style);
        }
        widgets::more(cx, widgets::below(area, FIRST), buf, top > 0, rows.len() > top + room);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(Self::KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(Self::KEYS)
    }

    fn name(&self) -> &'static str {
        "the choice of a group"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let y = INPUT.min(area.height.saturating_sub(1));
        Some(self.typed.cursor(cx.theme, area, (8, y), area.width.saturating_sub(9)))
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
        assert!(binding::clashes(Regroup::KEYS).is_empty());
    }
}
