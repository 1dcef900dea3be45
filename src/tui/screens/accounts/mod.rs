//! The list: every account with its live code. Rows are made for the visible part alone, so a frame costs the same
//! with twenty accounts and with twenty thousand.

mod choice;
mod keys;
mod row;

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use self::choice::Choice;
use self::keys::{KEYS, SEARCH_KEYS, nothing};
use self::row::{Line, WIDE, WIDEST, label};
use super::add::Add;
use super::copy::{self, Counter};
use super::import::Import;
use super::pending;
use crate::display::visible;
use crate::otp::Kind;
use crate::tui::binding::{dispatch, help, hints};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, put_visible};
use crate::vault::{Account, AccountId};

/// The list.
pub struct Accounts {
    choice: Choice,
    search: Field,
    searching: bool,
    peek: Option<(AccountId, Duration)>,
    counter: Counter,
    page: std::cell::Cell<usize>,
}

impl Accounts {
    /// Returns the list of the vault: pinned accounts first, then in the order made by hand.
    pub fn new(cx: &Cx<'_>) -> Self {
        let mut list = Self {
            choice: Choice::new(),
            search: Field::new(256),
            searching: false,
            peek: None,
            counter: Counter::default(),
            page: std::cell::Cell::new(10),
        };
        list.refresh(cx);
        list
    }

    /// Returns the list opened with a search, as `twolock git` does.
    pub fn searching(cx: &Cx<'_>, text: &str) -> Self {
        let mut list = Self::new(cx);
        list.search.set(text);
        list.searching = true;
        list.filter(cx);
        list
    }

    fn filter(&mut self, cx: &Cx<'_>) {
        self.choice.filter(cx.vault.accounts(), self.search.text(), self.searching);
    }

    fn chosen<'a>(&self, cx: &Cx<'a>) -> Option<&'a Account> {
        self.choice.at(self.choice.selected, cx.vault.accounts())
    }

    fn with(&mut self, cx: &Cx<'_>, act: fn(&mut Self, &Account, &Cx<'_>) -> Vec<Action>) -> Reply {
        match self.chosen(cx) {
            Some(account) => Reply::Taken(act(self, account, cx)),
            None => nothing(cx),
        }
    }

    fn copy(&mut self, cx: &Cx<'_>) -> Reply {
        self.copy_row(self.choice.selected, cx)
    }

    fn copy_row(&mut self, row: usize, cx: &Cx<'_>) -> Reply {
        let Some(account) = self.choice.at(row, cx.vault.accounts()) else {
            let none = self.choice.is_empty();
            return if none { nothing(cx) } else { Reply::say(format!("There is no row {}", row + 1)) };
        };
        Reply::Taken(match account.otp.kind {
            _ if account.pending => pending::confirm(account, cx),
            Kind::Hotp { .. } => self.counter.copy(account, cx),
            _ => copy::current(account, cx),
        })
    }

    fn show(&mut self, cx: &Cx<'_>) -> Reply {
        let Some(account) = self.chosen(cx) else { return nothing(cx) };
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
        if self.choice.is_empty() {
            return nothing(cx);
        }
        self.choice.go(by);
        Reply::done()
    }

    fn half_page(&self) -> isize {
        isize::try_from(self.page.get() / 2).unwrap_or(1).max(1)
    }

    fn leave_search(&mut self, cx: &Cx<'_>) {
        let chosen = self.chosen(cx).map(|account| account.id);
        self.search.clear();
        self.searching = false;
        self.filter(cx);
        if let Some(id) = chosen {
            self.choice.select(id, cx.vault.accounts());
        }
    }

    fn press(&mut self, key: Key, cx: &Cx<'_>) -> Reply {
        if self.searching {
            return match dispatch(SEARCH_KEYS, self, key, cx) {
                Reply::Ignored if self.search.handle(key) => {
                    self.filter(cx);
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
            self.filter(cx);
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

    fn title(&self, cx: &Cx<'_>, wide: bool) -> String {
        let all = cx.vault.accounts().len();
        match (all, wide) {
            (0, true) => "no accounts yet".to_owned(),
            (_, false) if self.searching => format!("{} of {all}", self.choice.shown.len()),
            (_, false) => all.to_string(),
            (1, true) if !self.searching => "1 account".to_owned(),
            (_, true) if self.searching => format!("{} of {all} accounts", self.choice.shown.len()),
            (_, true) => format!("{all} accounts"),
        }
    }

    /// Returns the rows above the list: header, search line, rule.
    fn head(&self, area: Rect) -> u16 {
        match (area.width >= WIDE, self.searching) {
            (true, true) => 3,
            (true, false) | (false, true) => 2,
            (false, false) => 1,
        }
    }

    fn line<'a>(&'a self, account: &'a Account, row: usize, cx: &'a Cx<'a>) -> Line<'a> {
        Line {
            cx,
            account,
            row,
            selected: row == self.choice.selected,
            peeked: self.peek.is_some_and(|(id, _)| id == account.id),
            counted: self.counter.code(account, cx),
            search: self.searching.then(|| self.search.text()),
        }
    }

    fn view_rows(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let room = usize::from(area.height);
        self.page.set(room);
        let top = self.choice.top(room);
        for (y, row) in (0_u16..).zip(top..(top + room).min(self.choice.shown.len())) {
            let account = &cx.vault.accounts()[self.choice.shown[row]];
            let line = self.line(account, row, cx);
            if area.width >= WIDE {
                line.wide(Rect { width: area.width.min(WIDEST), ..area }, buf, y);
            } else {
                line.narrow(area, buf, y);
            }
        }
    }

    fn view_empty(cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let indent = if area.width >= WIDE { 5 } else { 1 };
        put(buf, area, indent, 1, "Nothing here yet.", cx.theme.strong());
        let text = "a   Add an account with a secret key, link or QR code";
        let mut y = 3 + widgets::wrap(buf, area, (indent, 3), text, Style::new());
        y += widgets::wrap(buf, area, (indent, y), "I   Import from another authenticator", Style::new());
        put(buf, area, indent, y, "?   All keys", Style::new());
        y += 2;
        let text = "You can also just paste an otpauth:// link here.";
        widgets::wrap(buf, area, (indent, y), text, Style::new());
    }

    fn view_none(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let text = format!("No account matches \"{}\".", visible(self.search.text()));
        let y = 1 + widgets::wrap(buf, area, (3, 1), &text, Style::new()) + 1;
        if self.choice.nearest.is_empty() {
            return;
        }
        put(buf, area, 3, y, "Closest:", Style::new());
        for ((row, place), y) in self.choice.nearest.iter().enumerate().zip(y..) {
            let style = if row == self.choice.selected { cx.theme.selected() } else { Style::new() };
            let mark = if row == self.choice.selected { cx.theme.glyph(Glyph::Cursor) } else { " " };
            put(buf, area, 12, y, mark, Style::new());
            let name = label(cx, &cx.vault.accounts()[*place]);
            put_visible(buf, area, (14, y), area.width.saturating_sub(14), &name, style);
        }
    }
}

/// Returns what the keys of the list do, and those of the search.
pub(super) fn tables() -> [Vec<KeyHelp>; 2] {
    let mut list = help(KEYS);
    list.push(KeyHelp { name: "", keys: ('1'..='9').map(Key::Char).collect(), help: "copy that row" });
    [list, help(SEARCH_KEYS)]
}

impl Screen for Accounts {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(outcome) => self.counter.learn(outcome, cx).map_or(Reply::Ignored, Reply::Taken),
            Event::Key(key) => self.press(*key, cx),
            Event::Paste(text) => self.paste(text, cx),
            Event::Tick => {
                self.expire(cx);
                Reply::done()
            }
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let wide = area.width >= WIDE;
        let mut more = self.title(cx, wide);
        if cx.hide_codes && wide {
            more.push_str("   codes hidden");
        }
        widgets::header(cx, area, buf, &visible("twolock"), &more);
        if self.searching {
            put(buf, area, 1, 1, "/ ", cx.theme.strong());
            self.search.view(cx.theme, area, buf, (3, 1), area.width.saturating_sub(4), Style::new());
        }
        let head = self.head(area);
        if wide {
            widgets::rule(cx, area, buf, head - 1);
        }
        let rest = Rect::new(area.x, area.y + head, area.width, area.height.saturating_sub(head));
        if cx.vault.accounts().is_empty() {
            Self::view_empty(cx, rest, buf);
        } else if self.choice.shown.is_empty() {
            self.view_none(cx, rest, buf);
        } else {
            self.view_rows(cx, rest, buf);
        }
    }

    fn glance(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if let Some(account) = self.chosen(cx) {
            let line = self.line(account, self.choice.selected, cx);
            let taken = put(buf, area, 1, 1, &line.code(), cx.theme.strong());
            let at = taken + 4;
            put_visible(
                buf,
                area,
                (at, 1),
                area.width.saturating_sub(at),
                &visible(account.name()),
                Style::new(),
            );
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        if self.searching { hints(SEARCH_KEYS, self, cx) } else { hints(KEYS, self, cx) }
    }

    fn keys(&self) -> Vec<KeyHelp> {
        if self.searching {
            return help(SEARCH_KEYS);
        }
        let [list, _] = tables();
        list
    }

    fn name(&self) -> &'static str {
        if self.searching { "the search" } else { "the list" }
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        if self.searching {
            return Some(self.search.cursor(cx.theme, area, (3, 1), area.width.saturating_sub(4)));
        }
        let head = self.head(area);
        let room = usize::from(area.height.saturating_sub(head));
        let row =
            u16::try_from(self.choice.selected - self.choice.top(room).min(self.choice.selected)).ok()?;
        (!self.choice.shown.is_empty()).then(|| Position::new(area.x, area.y + head + row))
    }

    fn types(&self) -> bool {
        self.searching
    }

    fn ticks(&self, cx: &Cx<'_>) -> bool {
        !cx.vault.accounts().is_empty()
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        self.choice.reorder(cx.vault.accounts());
        self.filter(cx);
    }
}
