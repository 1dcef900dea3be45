//! The list: every account with its live code. Rows are made for the visible part alone, so a frame costs the same
//! with twenty accounts and with twenty thousand.

mod choice;
mod groups;
mod keys;
mod marked;
mod order;
mod pane;
mod row;
mod search;
mod view;

use std::cell::Cell;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use zeroize::Zeroizing;

use self::choice::Choice;
use self::groups::Group;
use self::keys::{KEYS, nothing};
use self::search::{FOUND_KEYS, NONE_KEYS};
use self::view::Panes;
use super::add::Add;
use super::copy::{self, Counter};
use super::import::Import;
use super::pending;
use crate::otp::Kind;
use crate::tui::binding::{Binding, dispatch, help, hints};
use crate::tui::event::{Committed, Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Reply, Screen, Spot};
use crate::tui::widgets::Field;
use crate::vault::{Account, AccountId};

pub(super) use self::row::label;

/// The list.
pub struct Accounts {
    choice: Choice,
    search: Field,
    searching: bool,
    peek: Option<(AccountId, Duration)>,
    counter: Counter,
    page: Cell<usize>,
    /// Is the panel of groups in sight?
    panel: Cell<bool>,
}

impl Accounts {
    /// Returns the list of the vault, in the order and with the group that are set.
    pub fn new(cx: &Cx<'_>) -> Self {
        let mut list = Self {
            choice: Choice::new(cx),
            search: Field::new(256),
            searching: false,
            peek: None,
            counter: Counter::default(),
            page: Cell::new(10),
            panel: Cell::new(false),
        };
        list.refresh(cx);
        list
    }

    /// Returns the list opened with a search, as `twolock git` does.
    pub fn searching(cx: &Cx<'_>, text: &str) -> Self {
        let mut list = Self::new(cx);
        list.search.set(text);
        list.searching = true;
        list.find(cx);
        list
    }

    /// Chooses an account by its short id, whatever its group is; says whether there is one.
    pub(in crate::tui::screens) fn select_short(&mut self, id: &str, cx: &Cx<'_>) -> bool {
        let mut alike = cx.vault.accounts().iter().filter(|account| account.id.digits().ends_with(id));
        let (Some(account), None) = (alike.next(), alike.next()) else { return false };
        if !self.choice.group.holds(account) {
            self.show_group(Group::All, cx);
        }
        self.choice.point_at(account.id, cx.vault.accounts())
    }

    /// Shows what belongs in the list now; what was chosen stays chosen.
    fn filter(&mut self, cx: &Cx<'_>) {
        self.choice.filter(cx.vault.accounts(), self.search.text(), self.searching, false);
    }

    /// The same, after another search was typed: the best is chosen.
    fn find(&mut self, cx: &Cx<'_>) {
        self.choice.filter(cx.vault.accounts(), self.search.text(), self.searching, true);
    }

    fn chosen<'a>(&self, cx: &Cx<'a>) -> Option<&'a Account> {
        self.choice.at(self.choice.selected, cx.vault.accounts())
    }

    fn with(&mut self, cx: &Cx<'_>, act: fn(&mut Self, &Account, &Cx<'_>) -> Vec<Action>) -> Reply {
        match self.chosen(cx) {
            Some(account) => Reply::Taken(act(self, account, cx)),
            None => nothing(self, cx),
        }
    }

    fn is_counter(&self, cx: &Cx<'_>) -> bool {
        self.chosen(cx).is_some_and(|account| matches!(account.otp.kind, Kind::Hotp { .. }))
    }

    fn show_group(&mut self, group: Group, cx: &Cx<'_>) {
        self.choice.group = group;
        self.filter(cx);
    }

    fn step_group(&mut self, by: isize, cx: &Cx<'_>) -> Reply {
        let group = self.choice.groups.step(&self.choice.group, by, self.panel.get());
        if group == self.choice.group {
            return Reply::say("There is no group yet. M moves an account to one");
        }
        self.show_group(group, cx);
        Reply::done()
    }

    fn copy(&mut self, cx: &Cx<'_>) -> Reply {
        self.copy_row(self.choice.selected, cx)
    }

    fn copy_row(&mut self, row: usize, cx: &Cx<'_>) -> Reply {
        let Some(account) = self.choice.at(row, cx.vault.accounts()) else {
            let none = self.choice.is_empty();
            return if none { nothing(self, cx) } else { Reply::say(format!("There is no row {}", row + 1)) };
        };
        Reply::Taken(match account.otp.kind {
            _ if account.pending => pending::confirm(account, cx),
            Kind::Hotp { .. } => self.counter.copy(account, cx),
            _ => copy::current(account, cx),
        })
    }

    fn show(&mut self, cx: &Cx<'_>) -> Reply {
        let Some(account) = self.chosen(cx) else { return nothing(self, cx) };
        if account.pending {
            return Reply::Taken(pending::refuse(account));
        }
        if matches!(account.otp.kind, Kind::Hotp { .. }) {
            return Reply::Taken(self.counter.show(account, cx));
        }
        if !cx.hide_codes {
            return Reply::say(copy::NOT_HIDDEN);
        }
        self.peek = Some((account.id, cx.now.boot));
        Reply::done()
    }

    fn go(&mut self, by: isize, cx: &Cx<'_>) -> Reply {
        if self.lines() == 0 {
            return nothing(self, cx);
        }
        self.choice.go(by, self.lines(), cx.vault.accounts());
        Reply::done()
    }

    fn half_page(&self) -> isize {
        isize::try_from(self.page.get() / 2).unwrap_or(1).max(1)
    }

    /// Returns the keys that work now.
    fn table(&self) -> &'static [Binding<Self>] {
        match (self.searching, self.choice.shown.is_empty() && !self.search.is_empty()) {
            (false, _) => KEYS,
            (true, false) => FOUND_KEYS,
            (true, true) => NONE_KEYS,
        }
    }

    fn press(&mut self, key: Key, cx: &Cx<'_>) -> Reply {
        if self.searching {
            return match dispatch(self.table(), self, key, cx) {
                Reply::Ignored if self.search.handle(key) => {
                    self.find(cx);
                    Reply::done()
                }
                reply => reply,
            };
        }
        // A counter code stays until the next key, but for the one that copies it.
        if !matches!(key, Key::Enter | Key::Char('c' | ' ')) {
            self.counter.hide();
        }
        match key {
            Key::Char(digit @ '1'..='9') => self.copy_row(digit as usize - '1' as usize, cx),
            key => dispatch(KEYS, self, key, cx),
        }
    }

    fn paste(&mut self, text: &Zeroizing<String>, cx: &Cx<'_>) -> Reply {
        if self.searching {
            self.search.insert(text);
            self.find(cx);
            return Reply::done();
        }
        if let Some(actions) = Import::of_pasted(text) {
            return Reply::Taken(actions);
        }
        let mut wizard = Add::new(cx);
        let mut actions = wizard.pasted(text, cx);
        actions.insert(0, Action::Push(Box::new(wizard)));
        Reply::Taken(actions)
    }

    fn expire(&mut self, cx: &Cx<'_>) {
        let over = |since: Duration, limit: Duration| cx.now.boot.saturating_sub(since) >= limit;
        if self.peek.is_some_and(|(_, since)| over(since, cx.config.screen.show_on_space.duration())) {
            self.peek = None;
        }
    }
}

/// Returns what the keys of the list do.
fn list_keys() -> Vec<KeyHelp> {
    let mut keys = help(KEYS);
    keys.push(KeyHelp {
        scope: "",
        name: "",
        keys: ('1'..='9').map(Key::Char).collect(),
        help: "copy that row",
    });
    keys
}

/// Returns what the keys of the list do, those of the search, and those of one that finds nothing.
pub(super) fn tables() -> [Vec<KeyHelp>; 3] {
    [list_keys(), help(FOUND_KEYS), help(NONE_KEYS)]
}

impl Screen for Accounts {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        if self.choice.sort != cx.config.list.sort {
            // It was changed on the screen of the settings.
            self.choice.sort_by(cx.config.list.sort, cx);
            self.filter(cx);
        }
        match event {
            Event::Done(outcome) => {
                if let Outcome::Committed(Committed { undoes: Some(_), .. }) = outcome {
                    // What they were marked for is done.
                    self.choice.marked.clear();
                }
                self.counter.learn(outcome, cx).map_or(Reply::Ignored, Reply::Taken)
            }
            Event::Key(key) => self.press(*key, cx),
            Event::Paste(text) => self.paste(text, cx),
            Event::Tick => {
                self.expire(cx);
                Reply::done()
            }
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(cx, area, buf);
    }

    fn glance(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.draw_glance(cx, area, buf);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        if self.searching { hints(self.table(), self, cx) } else { keys::footer(self, cx) }
    }

    fn keys(&self) -> Vec<KeyHelp> {
        if self.searching { help(self.table()) } else { list_keys() }
    }

    fn name(&self) -> &'static str {
        if self.searching { "the search" } else { "the list" }
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let panes = Panes::of(area, self.searching);
        if self.searching {
            let (line, at) = panes.search();
            return Some(self.search.cursor(cx.theme, line, (at, 0), line.width.saturating_sub(at + 1)));
        }
        let (rows, _) = self.rows(panes.list);
        let row = self.choice.selected.checked_sub(self.choice.top(usize::from(rows.height)))?;
        let row = u16::try_from(row).ok()?;
        (!self.choice.shown.is_empty()).then(|| Position::new(rows.x, rows.y + row))
    }

    fn types(&self) -> bool {
        self.searching
    }

    fn takes_mouse(&self) -> bool {
        true
    }

    fn click(&mut self, spot: Spot, cx: &Cx<'_>) -> Reply {
        if let Spot::Choice(number) = spot
            && let Some(group) = self.choice.groups.at(number).cloned()
        {
            self.show_group(group, cx);
            return Reply::done();
        }
        let (Spot::Account(id) | Spot::Code(id)) = spot else { return Reply::Ignored };
        // It may have gone since it was drawn.
        if !self.choice.point_at(id, cx.vault.accounts()) {
            return Reply::Ignored;
        }
        if matches!(spot, Spot::Code(_)) {
            return self.copy(cx);
        }
        self.counter.hide();
        Reply::done()
    }

    fn makes_room(&self) -> bool {
        true
    }

    fn ticks(&self, cx: &Cx<'_>) -> bool {
        !cx.vault.accounts().is_empty()
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        self.choice.reorder(cx);
        self.filter(cx);
    }
}
