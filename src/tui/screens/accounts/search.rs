//! The search: its keys, and what is shown where nothing matches. Letters are text here, and never commands.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Accounts;
use super::groups::Group;
use super::row::label;
use crate::display::{Visible, visible};
use crate::tui::binding::{Binding, always};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Reply, Spot};
use crate::tui::screens::add::Add;
use crate::tui::screens::row::{WIDE, row_of};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put, put_visible};

/// How many columns of what was typed stand in a sentence.
const QUOTED: usize = 30;

const COPY: Binding<Accounts> = Binding {
    name: "copy",
    keys: &[Key::Enter],
    word: "copy and stay",
    help: "copy the code and stay",
    applies: always,
    run: |list, cx| list.copy_found(cx),
};
const DOWN: Binding<Accounts> = Binding {
    name: "down",
    keys: &[Key::Down],
    word: "choose",
    help: "down",
    applies: |list, _| list.lines() > 1,
    run: |list, cx| list.go(1, cx),
};
const UP: Binding<Accounts> = Binding {
    name: "up",
    keys: &[Key::Up],
    word: "",
    help: "up",
    applies: always,
    run: |list, cx| list.go(-1, cx),
};
const CLEAR: Binding<Accounts> = Binding {
    name: "clear",
    keys: &[Key::Ctrl('u')],
    word: "clear",
    help: "clear the search",
    applies: |list, _| !list.search.is_empty(),
    run: |list, cx| {
        list.search.clear();
        list.find(cx);
        Reply::done()
    },
};
const LEAVE: Binding<Accounts> = Binding {
    name: "leave",
    keys: &[Key::Esc, Key::Ctrl('c')],
    word: "show all",
    help: "show all again",
    applies: always,
    run: |list, cx| {
        list.leave_search(cx);
        Reply::done()
    },
};

/// Where letters are the search.
pub(super) const FOUND_KEYS: &[Binding<Accounts>] = &[COPY, DOWN, UP, CLEAR, LEAVE];

/// Where nothing matches.
pub(super) const NONE_KEYS: &[Binding<Accounts>] =
    &[Binding { word: "do it", help: "use the account, or add a new one", ..COPY }, DOWN, UP, CLEAR, LEAVE];

impl Accounts {
    /// Begins a search.
    pub(super) fn enter_search(&mut self, cx: &Cx<'_>) {
        self.searching = true;
        self.find(cx);
    }

    /// Shows all of the group again; what was chosen stays chosen.
    pub(super) fn leave_search(&mut self, cx: &Cx<'_>) {
        let chosen = self.chosen(cx);
        self.search.clear();
        self.searching = false;
        if chosen.is_some_and(|account| !self.choice.group.holds(account)) {
            self.choice.group = Group::All;
        }
        self.filter(cx);
        if let Some(account) = chosen {
            self.choice.select(account.id, cx.vault.accounts());
        }
    }

    /// Returns how many lines there are to choose from: a new account is one where nothing matches.
    pub(super) fn lines(&self) -> usize {
        self.choice.rows() + usize::from(self.searching && self.choice.shown.is_empty())
    }

    /// Answers Enter: copies; of what only comes close, the name is put into the search as well.
    fn copy_found(&mut self, cx: &Cx<'_>) -> Reply {
        if !self.choice.shown.is_empty() {
            return self.copy(cx);
        }
        let Some(account) = self.chosen(cx) else {
            let wizard = Add::called(self.search.text(), cx);
            self.leave_search(cx);
            return Reply::act(Action::Push(Box::new(wizard)));
        };
        let reply = self.copy(cx);
        self.search.set(account.name());
        self.filter(cx);
        self.choice.select(account.id, cx.vault.accounts());
        reply
    }

    /// Draws what there is to do where nothing matches.
    pub(super) fn view_none(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let indent = if area.width >= WIDE { 3 } else { 1 };
        let typed = visible(self.search.text()).cut(QUOTED);
        let text = format!("No account matches \"{typed}\".");
        let airy = u16::from(area.height >= 10);
        let mut y = airy + widgets::wrap(buf, area, (indent, airy), &text, Style::new()) + airy;
        let column = indent + 12;
        if !self.choice.nearest.is_empty() {
            put(buf, area, indent, y, "Closest:", Style::new());
        }
        let mut line = |y: u16, row: usize, text: &Visible| {
            let here = row == self.choice.selected;
            let style = if here { cx.theme.selected() } else { Style::new() };
            if here {
                put(buf, area, column - 2, y, cx.theme.glyph(Glyph::Cursor), Style::new());
            }
            put_visible(buf, area, (column, y), area.width.saturating_sub(column), text, style);
        };
        for (row, place) in self.choice.nearest.iter().enumerate() {
            let account = &cx.vault.accounts()[*place];
            cx.spots.add(row_of(area, y), Spot::Account(account.id));
            line(y, row, &label(cx, account));
            y += 1;
        }
        let add = visible(&format!("Add a new account called \"{typed}\""));
        line(y + airy, self.choice.nearest.len(), &add);
    }
}
