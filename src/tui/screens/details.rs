//! One account, large: its code, the one after, and what is known of it. The secret stays hidden until it is asked
//! for, and a counter code is shown only once it was reserved.

use std::cell::Cell;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::ask::{Ask, Veil};
use super::change;
use super::copy::{self, Counter};
use super::edit::Edit;
use super::facts;
use super::pending;
use super::reveal::{self, Reveal};
use crate::display::visible;
use crate::otp::Kind;
use crate::tui::binding::{self, Binding};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets;
use crate::vault::{Account, AccountId};

/// Shows an account.
pub struct Details {
    id: AccountId,
    counter: Counter,
    peek: Option<Duration>,
    veil: Veil,
    offset: u16,
    more: Cell<bool>,
}

impl Details {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "copy",
            keys: &[Key::Enter, Key::Char('c')],
            word: "copy",
            help: "copy the code",
            applies: binding::always,
            run: |details, cx| details.with(cx, Self::copy),
        },
        Binding {
            name: "show",
            keys: &[Key::Char(' ')],
            word: "show",
            help: "show a hidden code; HOTP: the next code",
            applies: |details, cx| cx.hide_codes || details.is_counter(cx),
            run: |details, cx| details.with(cx, Self::show),
        },
        Binding {
            name: "next",
            keys: &[Key::Char('n')],
            word: "copy next",
            help: "copy the next code",
            applies: |details, cx| !details.is_counter(cx),
            run: |details, cx| details.with(cx, |_, account, cx| copy::next(account, cx)),
        },
        Binding {
            name: "edit",
            keys: &[Key::Char('e')],
            word: "edit",
            help: "edit the account",
            applies: binding::always,
            run: |details, cx| {
                details.with(cx, |_, account, _| vec![Action::Push(Box::new(Edit::new(account)))])
            },
        },
        Binding {
            name: "qr",
            keys: &[Key::Char('v')],
            word: "QR code",
            help: "show the secret as a QR code",
            applies: binding::always,
            run: |details, cx| {
                let reveal = Box::new(Reveal::new(details.id));
                Reply::act(Ask::before(cx, "to show the secret", reveal))
            },
        },
        Binding {
            name: "test",
            keys: &[Key::Char('t')],
            word: "test",
            help: "test MFA: rehearse a sign-in",
            applies: binding::always,
            run: |details, cx| details.with(cx, |_, account, cx| pending::test(account, cx)),
        },
        Binding {
            name: "delete",
            keys: &[Key::Char('d'), Key::Delete],
            word: "delete",
            help: "delete (u undoes)",
            applies: binding::always,
            run: |details, cx| {
                details.with(cx, |_, account, cx| vec![change::remove(&[account], cx), Action::Pop])
            },
        },
        Binding {
            name: "back",
            keys: &[Key::Left, Key::Char('h'), Key::Esc, Key::Char('q')],
            word: "back",
            help: "back to the list",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
        Binding {
            name: "pin",
            keys: &[Key::Char('p')],
            word: "",
            help: "pin to the top, or not",
            applies: binding::always,
            run: |details, cx| details.with(cx, |_, account, cx| vec![change::pin(&[account], cx)]),
        },
        Binding {
            name: "secret",
            keys: &[Key::Char('r'), Key::F(2)],
            word: "",
            help: "show or hide the secret key",
            applies: binding::always,
            run: Self::toggle_secret,
        },
        Binding {
            name: "codes",
            keys: &[Key::Char('H')],
            word: "",
            help: "hide or show all codes",
            applies: binding::always,
            run: |_, _| Reply::act(Action::ToggleCodes),
        },
        Binding {
            name: "down",
            keys: &[Key::Down, Key::Char('j')],
            word: "",
            help: "scroll down",
            applies: binding::always,
            run: |details, _| details.scroll(1),
        },
        Binding {
            name: "up",
            keys: &[Key::Up, Key::Char('k')],
            word: "",
            help: "scroll up",
            applies: binding::always,
            run: |details, _| details.scroll(-1),
        },
    ];

    /// Returns the screen of an account.
    pub fn new(id: AccountId) -> Self {
        Self {
            id,
            counter: Counter::default(),
            peek: None,
            veil: Veil::default(),
            offset: 0,
            more: Cell::new(false),
        }
    }

    /// Does something with the account; if it is gone, so is this screen.
    fn with(&mut self, cx: &Cx<'_>, act: fn(&mut Self, &Account, &Cx<'_>) -> Vec<Action>) -> Reply {
        match cx.vault.account(self.id) {
            Some(account) => Reply::Taken(act(self, account, cx)),
            None => Reply::act(Action::Pop),
        }
    }

    fn copy(&mut self, account: &Account, cx: &Cx<'_>) -> Vec<Action> {
        match account.otp.kind {
            _ if account.pending => pending::confirm(account, cx),
            Kind::Hotp { .. } => self.counter.copy(account, cx),
            _ => copy::current(account, cx),
        }
    }

    fn show(&mut self, account: &Account, cx: &Cx<'_>) -> Vec<Action> {
        if account.pending {
            return pending::refuse(account);
        }
        if cx.hide_codes {
            self.peek = Some(cx.now.boot);
        }
        match account.otp.kind {
            Kind::Hotp { .. } => self.counter.show(account, cx),
            _ if cx.hide_codes => Vec::new(),
            _ => vec![Action::Say(Note::plain(copy::NOT_HIDDEN))],
        }
    }

    fn scroll(&mut self, by: i16) -> Reply {
        if self.offset == 0 && !self.more.get() {
            return Reply::say("Everything is in sight");
        }
        if by < 0 || self.more.get() {
            self.offset = self.offset.saturating_add_signed(by).min(facts::COUNT - 1);
        }
        Reply::done()
    }

    fn toggle_secret(&mut self, cx: &Cx<'_>) -> Reply {
        // What was asked for shall be in sight.
        let secret = cx.vault.account(self.id).map_or(0, |account| facts::place_of_secret(account, cx));
        self.offset = self.offset.min(secret);
        self.veil.toggle(cx)
    }

    fn is_counter(&self, cx: &Cx<'_>) -> bool {
        cx.vault.account(self.id).is_some_and(|account| matches!(account.otp.kind, Kind::Hotp { .. }))
    }

    /// Are codes shown as dots just now?
    fn hides(&self, cx: &Cx<'_>) -> bool {
        let limit = cx.config.screen.show_on_space.duration();
        cx.hide_codes && self.peek.is_none_or(|since| cx.now.boot.saturating_sub(since) >= limit)
    }

    /// Draws the code as large as there is room for, and what stands beside it; returns the rows taken.
    fn view_code(&self, account: &Account, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> u16 {
        if account.pending {
            let note = pending::words(account);
            return widgets::note(cx, area, buf, (1, 0), &note);
        }
        let shown = match account.otp.kind {
            Kind::Hotp { .. } => Ok(self.counter.code(account, cx)),
            _ => account.otp.code(cx.now.wall).map(Some),
        };
        match shown {
            Err(why) => {
                let note = Note::error(copy::capitalised(&why.to_string()));
                widgets::note(cx, area, buf, (1, 0), &note)
            }
            Ok(None) => {
                let Kind::Hotp { counter } = account.otp.kind else {
                    return 0;
                };
                let text = format!("Space shows the next code, of counter {counter}. It is used up by that.");
                widgets::wrap(buf, area, (1, 0), &text, Style::new())
            }
            Ok(Some(code)) => {
                let rows = facts::digits(cx, area, buf, &code, self.hides(cx));
                rows + self.view_time(account, cx, area, buf, rows)
            }
        }
    }

    fn view_time(&self, account: &Account, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16) -> u16 {
        let (Some(left), Some(period)) = (account.otp.seconds_left(cx.now.wall), account.otp.period()) else {
            let number = self.counter.number(account.id, cx).unwrap_or_default();
            widgets::put(buf, area, 3, y, &format!("counter {number}, used up now"), Style::new());
            return 1;
        };
        let cells = if area.width >= 60 { 27 } else { 11 };
        widgets::bar(cx.theme, buf, area, (3, y), cells, left, period.seconds());
        let seconds = cx.theme.seconds(left);
        widgets::put(buf, area, cells + 5, y, &format!("{seconds} s left"), cx.theme.bar(left));
        let Ok(next) = account.otp.next_code(cx.now.wall) else {
            return 1;
        };
        let grouped = if self.hides(cx) { facts::hidden(cx, &next) } else { next.grouped() };
        let x = 3 + widgets::put(buf, area, 3, y + 1, "next  ", Style::new());
        let x = x + widgets::put(buf, area, x, y + 1, &grouped, cx.theme.strong());
        widgets::put(buf, area, x + 3, y + 1, &format!("in {seconds} s"), Style::new());
        2
    }

    fn view_facts(&self, account: &Account, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let column = facts::column(area);
        let room = usize::from(area.width.saturating_sub(column + 2));
        let mut y: u16 = 0;
        for fact in facts::of(account, cx).iter().skip(usize::from(self.offset)) {
            widgets::put(buf, area, 3, y, fact.name, Style::new());
            if fact.name == facts::SECRET {
                y = y.saturating_add(self.view_secret(account, cx, area, buf, y));
                continue;
            }
            let style = if fact.warns { cx.theme.warning() } else { Style::new() };
            for line in widgets::lines(fact.text.as_str(), room) {
                widgets::put(buf, area, column, y, &line, style);
                y = y.saturating_add(1);
            }
        }
        self.more.set(y > area.height);
        widgets::more(cx, area, buf, self.offset > 0, y > area.height);
    }

    fn view_secret(&self, account: &Account, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16) -> u16 {
        let column = facts::column(area);
        if self.veil.is_lifted(cx) {
            return reveal::view_groups(account, area, buf, (column, y), cx.theme.strong());
        }
        // The number of dots is no measure of the key.
        let dots = cx.theme.glyph(Glyph::Bullet).repeat(12);
        let x = column + widgets::put(buf, area, column, y, &dots, Style::new());
        widgets::put(buf, area, x + 2, y, "r show", Style::new());
        1
    }
}

impl Screen for Details {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        self.veil.settle(event, cx);
        match event {
            Event::Done(outcome) => self.counter.learn(outcome, cx).map_or(Reply::Ignored, Reply::Taken),
            Event::Key(key) => {
                if !matches!(key, Key::Enter | Key::Char('c')) {
                    self.counter.hide();
                }
                binding::dispatch(Self::KEYS, self, *key, cx)
            }
            Event::Paste(_) => Reply::Ignored,
            Event::Tick if cx.vault.account(self.id).is_none() => Reply::act(Action::Pop),
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(account) = cx.vault.account(self.id) else {
            widgets::header(cx, area, buf, &visible(cx.theme.glyph(Glyph::Back)), "");
            widgets::wrap(buf, area, (1, 2), "This account is no longer in the vault.", Style::new());
            return;
        };
        let back = cx.theme.glyph(Glyph::Back);
        let pin = if account.pinned { format!(" {}", cx.theme.glyph(Glyph::Star)) } else { String::new() };
        let title = visible(&format!("{back} {}{pin}", account.name()));
        widgets::header(cx, area, buf, &title, "");
        let mut y = 1;
        if !account.detail().is_empty() {
            let detail = visible(account.detail());
            y += 1;
            widgets::put_visible(buf, area, (1, 1), area.width.saturating_sub(2), &detail, Style::new());
        }
        let airy = area.height >= 20;
        if airy {
            widgets::rule(cx, area, buf, y);
            y += 2;
        }
        y += self.view_code(account, cx, widgets::below(area, y), buf) + u16::from(area.height >= 16);
        self.view_facts(account, cx, widgets::below(area, y), buf);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(Self::KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(Self::KEYS)
    }

    fn name(&self) -> &'static str {
        "the details"
    }

    fn ticks(&self, cx: &Cx<'_>) -> bool {
        !self.is_counter(cx) || self.counter.ticks(cx) || self.veil.is_lifted(cx)
    }

    fn glance(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(account) = cx.vault.account(self.id) else {
            return;
        };
        let code = match account.otp.kind {
            _ if account.pending => {
                widgets::put(buf, area, 0, 0, pending::WORD, cx.theme.strong());
                return;
            }
            Kind::Hotp { .. } => self.counter.code(account, cx),
            _ => account.otp.code(cx.now.wall).ok(),
        };
        if let Some(code) = code {
            let text = if self.hides(cx) { facts::hidden(cx, &code) } else { code.grouped() };
            let x = widgets::put(buf, area, 0, 0, &text, cx.theme.strong());
            let room = area.width.saturating_sub(x + 2);
            widgets::put_visible(buf, area, (x + 2, 0), room, &visible(account.name()), Style::new());
        }
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        self.veil.answer(cx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Details::KEYS).is_empty());
    }
}
