//! The list: every account with its live code. Rows are made for the visible part alone, so a frame costs the same
//! with twenty accounts and with twenty thousand.
//!
//! Over 400 lines, because the wide row, the narrow row and the search line are one picture and one key table.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::add::Add;
use super::ask::Ask;
use super::change;
use super::copy::{self, Counter};
use super::details::Details;
use super::edit::Edit;
use super::rehearse::Rehearse;
use super::reveal::Reveal;
use crate::display::{Visible, visible};
use crate::otp::{Code, Kind};
use crate::tui::binding::{Binding, always, dispatch, help, hints};
use crate::tui::effect::Effect;
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, put_visible};
use crate::vault::{Account, AccountId, Index, closest};

/// For how long a code stays that was asked to be shown.
const SHOW: Duration = Duration::from_secs(10);
/// The seconds before a change in which the next code is shown.
const NEXT_IN_LAST: u32 = 10;
/// Below this width a row is name, code and seconds.
const WIDE: u16 = 60;
/// A list wider than this is harder to read, not easier.
const WIDEST: u16 = 110;

/// The list.
pub struct Accounts {
    order: Vec<AccountId>,
    shown: Vec<usize>,
    index: Index,
    selected: usize,
    search: Field,
    searching: bool,
    nearest: Vec<usize>,
    peek: Option<(AccountId, Duration)>,
    counter: Counter,
    page: std::cell::Cell<usize>,
}

const KEYS: &[Binding<Accounts>] = &[
    Binding {
        name: "copy",
        keys: &[Key::Enter, Key::Char('c')],
        word: "copy",
        help: "copy the code",
        applies: some,
        run: |list, cx| list.copy(cx),
    },
    Binding {
        name: "copy-next",
        keys: &[Key::Char('n')],
        word: "next",
        help: "copy the next code",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, cx| copy::next(account, cx)),
    },
    Binding {
        name: "search",
        keys: &[Key::Char('/')],
        word: "search",
        help: "search, Enter copies",
        applies: some,
        run: |list, cx| {
            if list.rows().is_empty() {
                return nothing(cx);
            }
            list.searching = true;
            Reply::done()
        },
    },
    Binding {
        name: "add",
        keys: &[Key::Char('a'), Key::Char('+')],
        word: "add",
        help: "add an account",
        applies: always,
        run: |_, cx| Reply::act(Action::Resume(Box::new(Add::new(cx)))),
    },
    Binding {
        name: "quit",
        keys: &[Key::Char('q')],
        word: "quit",
        help: "quit",
        applies: always,
        run: |_, _| Reply::act(Action::Do(Effect::Quit)),
    },
    Binding {
        name: "details",
        keys: &[Key::Right, Key::Char('l')],
        word: "details",
        help: "open the details",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, _| vec![Action::Push(Box::new(Details::new(account.id)))]),
    },
    Binding {
        name: "edit",
        keys: &[Key::Char('e')],
        word: "edit",
        help: "edit",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, _| vec![Action::Push(Box::new(Edit::new(account)))]),
    },
    Binding {
        name: "delete",
        keys: &[Key::Char('d'), Key::Delete],
        word: "delete",
        help: "delete (u undoes)",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, cx| change::remove(account, cx)),
    },
    Binding {
        name: "test",
        keys: &[Key::Char('t')],
        word: "test MFA",
        help: "test MFA: rehearse a sign-in",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, _| vec![Action::Push(Box::new(Rehearse::new(account)))]),
    },
    Binding {
        name: "qr",
        keys: &[Key::Char('v')],
        word: "QR code",
        help: "show as QR code and key",
        applies: some,
        run: |list, cx| {
            list.with(cx, |_, account, cx| {
                vec![Ask::before(cx, "to show the secret", Box::new(Reveal::new(account.id)))]
            })
        },
    },
    Binding {
        name: "pin",
        keys: &[Key::Char('p')],
        word: "",
        help: "pin to the top, or not",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, cx| change::pin(account, cx)),
    },
    Binding {
        name: "show",
        keys: &[Key::Char(' ')],
        word: "",
        help: "show a hidden code; counter codes: the next one",
        applies: some,
        run: |list, cx| list.show(cx),
    },
    Binding {
        name: "hide",
        keys: &[Key::Char('H')],
        word: "",
        help: "hide or show all codes",
        applies: some,
        run: |_, _| Reply::act(Action::ToggleCodes),
    },
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "",
        help: "down",
        applies: some,
        run: |list, cx| list.go(1, cx),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "up",
        applies: some,
        run: |list, cx| list.go(-1, cx),
    },
    Binding {
        name: "first",
        keys: &[Key::Home, Key::Char('g')],
        word: "",
        help: "first",
        applies: some,
        run: |list, cx| list.go(isize::MIN, cx),
    },
    Binding {
        name: "last",
        keys: &[Key::End, Key::Char('G')],
        word: "",
        help: "last",
        applies: some,
        run: |list, cx| list.go(isize::MAX, cx),
    },
    Binding {
        name: "half-down",
        keys: &[Key::PageDown, Key::Ctrl('d')],
        word: "",
        help: "half a page down",
        applies: some,
        run: |list, cx| list.go(list.half_page(), cx),
    },
    Binding {
        name: "half-up",
        keys: &[Key::PageUp, Key::Ctrl('u')],
        word: "",
        help: "half a page up",
        applies: some,
        run: |list, cx| list.go(-list.half_page(), cx),
    },
];

const SEARCH_KEYS: &[Binding<Accounts>] = &[
    Binding {
        name: "copy",
        keys: &[Key::Enter],
        word: "copy and stay",
        help: "copy the code and stay",
        applies: always,
        run: |list, cx| list.copy(cx),
    },
    Binding {
        name: "down",
        keys: &[Key::Down],
        word: "",
        help: "down",
        applies: always,
        run: |list, cx| list.go(1, cx),
    },
    Binding {
        name: "up",
        keys: &[Key::Up],
        word: "",
        help: "up",
        applies: always,
        run: |list, cx| list.go(-1, cx),
    },
    Binding {
        name: "clear",
        keys: &[Key::Ctrl('u')],
        word: "clear",
        help: "clear the search",
        applies: always,
        run: |list, cx| {
            list.search.clear();
            list.filter(cx);
            Reply::done()
        },
    },
    Binding {
        name: "leave",
        keys: &[Key::Esc, Key::Ctrl('c')],
        word: "show all",
        help: "show all again",
        applies: always,
        run: |list, cx| {
            list.leave_search(cx);
            Reply::done()
        },
    },
];

/// Answers a key that is about an account when none can be meant.
fn nothing(cx: &Cx<'_>) -> Reply {
    let none = cx.vault.accounts().is_empty();
    Reply::say(if none { "There is no account here yet. a adds one" } else { "No account matches" })
}

fn some(list: &Accounts, _: &Cx<'_>) -> bool {
    !list.order.is_empty()
}

impl Accounts {
    /// Returns the list of the vault: pinned accounts first, then in the order made by hand.
    pub fn new(cx: &Cx<'_>) -> Self {
        let mut list = Self {
            order: Vec::new(),
            shown: Vec::new(),
            index: Index::new(&[]),
            selected: 0,
            search: Field::new(256),
            searching: false,
            nearest: Vec::new(),
            peek: None,
            counter: Counter::default(),
            page: std::cell::Cell::new(10),
        };
        list.reorder(cx);
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

    fn reorder(&mut self, cx: &Cx<'_>) {
        let accounts = cx.vault.accounts();
        let (pinned, others): (Vec<&Account>, Vec<&Account>) = accounts.iter().partition(|a| a.pinned);
        self.order = pinned.into_iter().chain(others).map(|account| account.id).collect();
        self.index = Index::new(accounts);
        self.filter(cx);
    }

    fn filter(&mut self, cx: &Cx<'_>) {
        let accounts = cx.vault.accounts();
        let before = self.chosen(cx).map(|account| account.id);
        self.nearest.clear();
        self.shown = if self.search.text().trim().is_empty() {
            let places: std::collections::HashMap<AccountId, usize> =
                accounts.iter().enumerate().map(|(place, account)| (account.id, place)).collect();
            self.order.iter().filter_map(|id| places.get(id).copied()).collect()
        } else {
            self.index.find(self.search.text()).into_iter().map(|found| found.index).collect()
        };
        if self.shown.is_empty() && !self.search.is_empty() {
            self.nearest = closest(accounts, self.search.text());
        }
        let same = before.filter(|_| !self.searching);
        self.selected = same
            .and_then(|id| self.shown.iter().position(|place| accounts[*place].id == id))
            .unwrap_or(if self.searching { 0 } else { self.selected })
            .min(self.rows().len().saturating_sub(1));
    }

    /// Returns what can be chosen: the accounts found, or the closest ones.
    fn rows(&self) -> &[usize] {
        if self.shown.is_empty() { &self.nearest } else { &self.shown }
    }

    fn chosen<'a>(&self, cx: &Cx<'a>) -> Option<&'a Account> {
        cx.vault.accounts().get(*self.rows().get(self.selected)?)
    }

    fn with(&mut self, cx: &Cx<'_>, act: fn(&mut Self, &Account, &Cx<'_>) -> Vec<Action>) -> Reply {
        match self.chosen(cx) {
            Some(account) => Reply::Taken(act(self, account, cx)),
            None => nothing(cx),
        }
    }

    fn copy(&mut self, cx: &Cx<'_>) -> Reply {
        let at = self.selected;
        self.copy_row(at, cx)
    }

    fn copy_row(&mut self, row: usize, cx: &Cx<'_>) -> Reply {
        let Some(account) = self.rows().get(row).and_then(|place| cx.vault.accounts().get(*place)) else {
            return if self.rows().is_empty() {
                nothing(cx)
            } else {
                Reply::say(format!("There is no row {}", row + 1))
            };
        };
        if !matches!(account.otp.kind, Kind::Hotp { .. }) {
            return Reply::Taken(copy::current(account, cx));
        }
        Reply::Taken(self.counter.copy(account, cx))
    }

    fn show(&mut self, cx: &Cx<'_>) -> Reply {
        let Some(account) = self.chosen(cx) else { return nothing(cx) };
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
        if self.rows().is_empty() {
            return nothing(cx);
        }
        let last = self.rows().len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
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
            let accounts = cx.vault.accounts();
            self.selected = self.shown.iter().position(|place| accounts[*place].id == id).unwrap_or(0);
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
        let mut wizard = Add::new(cx);
        let mut actions = wizard.pasted(text, cx);
        actions.insert(0, Action::Push(Box::new(wizard)));
        Reply::Taken(actions)
    }

    fn expire(&mut self, cx: &Cx<'_>) {
        let over = |since: Duration, limit: Duration| cx.now.boot.saturating_sub(since) >= limit;
        if self.peek.is_some_and(|(_, since)| over(since, SHOW)) {
            self.peek = None;
        }
    }

    /// Returns the first row in sight, so that the selected one is among `room` rows.
    fn top(&self, room: usize) -> usize {
        let last = self.rows().len().saturating_sub(room);
        self.selected
            .saturating_sub(room.saturating_sub(1))
            .max(self.selected.saturating_sub(room / 2).min(last))
            .min(last)
    }

    fn title(&self, cx: &Cx<'_>, wide: bool) -> String {
        let all = cx.vault.accounts().len();
        match (all, wide) {
            (0, _) => "no accounts yet".to_owned(),
            (_, false) => all.to_string(),
            (1, true) if !self.searching => "1 account".to_owned(),
            (_, true) if self.searching => format!("{} of {all} accounts", self.shown.len()),
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

    fn view_rows(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let room = usize::from(area.height);
        self.page.set(room);
        let top = self.top(room);
        for (y, row) in (0_u16..).zip(top..(top + room).min(self.shown.len())) {
            let account = &cx.vault.accounts()[self.shown[row]];
            let line = Line { list: self, cx, account, row };
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
        put(buf, area, indent, y, "?   All keys", Style::new());
        y += 2;
        let text = "You can also just paste an otpauth:// link here.";
        widgets::wrap(buf, area, (indent, y), text, Style::new());
    }

    fn view_none(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let text = format!("No account matches \"{}\".", visible(self.search.text()));
        let y = 1 + widgets::wrap(buf, area, (3, 1), &text, Style::new()) + 1;
        if self.nearest.is_empty() {
            return;
        }
        put(buf, area, 3, y, "Closest:", Style::new());
        for ((row, place), y) in self.nearest.iter().enumerate().zip(y..) {
            let style = if row == self.selected { cx.theme.selected() } else { Style::new() };
            let mark = if row == self.selected { cx.theme.glyph(Glyph::Cursor) } else { " " };
            put(buf, area, 12, y, mark, Style::new());
            let name = label(cx, &cx.vault.accounts()[*place]);
            put_visible(buf, area, (14, y), area.width.saturating_sub(14), &name, style);
        }
    }
}

/// Returns "name · detail" of an account.
fn label(cx: &Cx<'_>, account: &Account) -> Visible {
    if account.detail().is_empty() {
        visible(account.name())
    } else {
        visible(&format!("{} {} {}", account.name(), cx.theme.glyph(Glyph::Dot), account.detail()))
    }
}

/// One row, while it is drawn.
struct Line<'a> {
    list: &'a Accounts,
    cx: &'a Cx<'a>,
    account: &'a Account,
    row: usize,
}

impl Line<'_> {
    fn style(&self) -> Style {
        if self.row == self.list.selected { self.cx.theme.selected() } else { Style::new() }
    }

    fn hidden(&self) -> bool {
        let peeked = self.list.peek.is_some_and(|(id, _)| id == self.account.id);
        self.cx.hide_codes && !peeked
    }

    /// Returns the code as it is shown: the digits, dots, or how to get one.
    fn code(&self) -> Zeroizing<String> {
        let code = match self.account.otp.kind {
            Kind::Hotp { counter } => {
                return match self.list.counter.code(self.account, self.cx) {
                    Some(code) => code.grouped(),
                    None => Zeroizing::new(format!("#{counter} Space")),
                };
            }
            _ => self.account.otp.code(self.cx.now.wall),
        };
        match code {
            Ok(code) if self.hidden() => self.dots(&code),
            Ok(code) => code.grouped(),
            Err(_) => Zeroizing::new("no clock".to_owned()),
        }
    }

    fn dots(&self, code: &Code) -> Zeroizing<String> {
        let dot = self.cx.theme.glyph(Glyph::Bullet);
        Zeroizing::new(code.grouped().chars().map(|c| if c == ' ' { " " } else { dot }).collect())
    }

    fn wide(&self, area: Rect, buf: &mut Buffer, y: u16) {
        let theme = self.cx.theme;
        let spare = area.width - WIDE.max(area.width.min(80)) + (area.width.min(80) - WIDE);
        // At 80 columns: name 17, account 23, code 9, next 10, bar 11, seconds 4. Narrower takes from the
        // account, wider gives to name and account.
        let (name_width, account_width) = if area.width >= 80 {
            let more = area.width - 80;
            (17 + more / 3, 23 + more - more / 3)
        } else {
            (14, 6 + spare)
        };
        let style = self.style();
        if self.row == self.list.selected {
            put(buf, area, 0, y, theme.glyph(Glyph::Cursor), Style::new());
        }
        if self.row < 9 {
            put(buf, area, 1, y, &(self.row + 1).to_string(), Style::new());
        }
        let mark = self.mark();
        put(buf, area, 3, y, mark, Style::new());
        let name = visible(self.account.name());
        self.matched(buf, area, (5, y), name_width - 1, &name, style);
        let detail = visible(self.account.detail());
        let account_at = 5 + name_width;
        self.matched(buf, area, (account_at, y), account_width - 1, &detail, Style::new());
        let code_at = account_at + account_width;
        let taken = put(buf, area, code_at, y, &self.code(), theme.strong());
        let Some((left, period)) = self.left() else {
            return;
        };
        let bar_at = code_at + 19;
        let mut cells = 11;
        let mut x = bar_at;
        if left <= NEXT_IN_LAST
            && !self.hidden()
            && let Ok(next) = self.account.otp.next_code(self.cx.now.wall)
        {
            let arrow = theme.glyph(Glyph::Arrow);
            let text = Zeroizing::new(format!("{arrow} {}", next.grouped().as_str()));
            let wrote = put(buf, area, code_at + taken + 1, y, &text, Style::new());
            let end = code_at + taken + 1 + wrote;
            // A long pair of codes takes the place of the bar rather than be cut.
            if end >= bar_at {
                x = end + 1;
                cells = (bar_at + 11).saturating_sub(x);
            }
        }
        widgets::bar(theme, buf, area, (x, y), cells, left, period);
        let urgent = if left <= 5 { "!" } else { "s" };
        let seconds = if left <= 5 { format!("{left}s{urgent}") } else { format!("{left}{urgent}") };
        let style = if left <= 5 { theme.bar(left) } else { Style::new() };
        put(buf, area, bar_at + 12, y, &format!("{seconds:>3}"), style);
    }

    fn narrow(&self, area: Rect, buf: &mut Buffer, y: u16) {
        let theme = self.cx.theme;
        if self.row == self.list.selected {
            put(buf, area, 0, y, theme.glyph(Glyph::Cursor), Style::new());
        }
        if self.row < 9 {
            put(buf, area, 1, y, &(self.row + 1).to_string(), Style::new());
        }
        let code = self.code();
        let columns = u16::try_from(unicode_width::UnicodeWidthStr::width(code.as_str())).unwrap_or(9);
        let code_at = area.width.saturating_sub(columns + 5);
        let name = label(self.cx, self.account);
        put_visible(buf, area, (3, y), code_at.saturating_sub(4), &name, self.style());
        put(buf, area, code_at, y, &code, theme.strong());
        if let Some((left, _)) = self.left() {
            let mark = if left <= 5 { "!" } else { "s" };
            put(buf, area, area.width - 4, y, &format!("{left:>3}{mark}"), theme.bar(left));
        }
    }

    fn left(&self) -> Option<(u32, u32)> {
        let left = self.account.otp.seconds_left(self.cx.now.wall)?;
        Some((left, self.account.otp.period()?.seconds()))
    }

    fn mark(&self) -> &'static str {
        use crate::vault::Checked;
        match (self.account.pinned, self.account.pending, self.account.checked) {
            (true, _, _) => self.cx.theme.glyph(Glyph::Star),
            (_, true, _) => "~",
            (_, _, Checked::Never) => "?",
            _ => " ",
        }
    }

    /// Writes a text with the letters that the search found marked.
    fn matched(&self, buf: &mut Buffer, area: Rect, at: (u16, u16), room: u16, text: &Visible, style: Style) {
        put_visible(buf, area, at, room, text, style);
        if !self.list.searching {
            return;
        }
        let lower = text.as_str().to_lowercase();
        for word in self.list.search.text().to_lowercase().split_whitespace() {
            // Only where lower case keeps the columns: else the mark would stand beside the letters.
            if let Some(start) = lower.find(word).filter(|_| lower.is_ascii() && text.as_str().is_ascii()) {
                for column in start..(start + word.len()).min(usize::from(room)) {
                    let x = area.x + at.0 + u16::try_from(column).unwrap_or(0);
                    if x < area.right() && at.1 < area.height {
                        buf[(x, area.y + at.1)].set_style(self.cx.theme.matched());
                    }
                }
            }
        }
    }
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
        } else if self.shown.is_empty() {
            self.view_none(cx, rest, buf);
        } else {
            self.view_rows(cx, rest, buf);
        }
    }

    fn glance(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if let Some(account) = self.chosen(cx) {
            let line = Line { list: self, cx, account, row: self.selected };
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
        let mut keys = help(KEYS);
        keys.push(KeyHelp { keys: ('1'..='9').map(Key::Char).collect(), help: "copy that row" });
        keys
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
        let row = u16::try_from(self.selected - self.top(room).min(self.selected)).ok()?;
        (!self.shown.is_empty()).then(|| Position::new(area.x, area.y + head + row))
    }

    fn types(&self) -> bool {
        self.searching
    }

    fn ticks(&self, cx: &Cx<'_>) -> bool {
        !cx.vault.accounts().is_empty()
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        self.reorder(cx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::binding::clashes;

    #[test]
    fn no_key_means_two_things() {
        assert_eq!(clashes(KEYS), []);
        assert_eq!(clashes(SEARCH_KEYS), []);
    }
}
