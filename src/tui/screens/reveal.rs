//! The secret of one account, for another device: as a QR code, or as a key to type. It goes away by itself.
//!
//! It is shown only by way of `Ask`; nothing of it leaves the screen.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::add::Add;
use super::change;
use super::rehearse::Rehearse;
use super::scan::{file_name, labels, picture_saved, save_picture, ways_out};
use crate::display::visible;
use crate::exchange::picture;
use crate::otp::Link;
use crate::tui::binding::{self, Binding};
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::widgets::{self, Scan};
use crate::vault::{Account, AccountId};

/// The least columns for words beside a code.
const BESIDE: u16 = 26;
/// What must be known before the screen is shown to others.
const DANGER: &str = "Anyone who sees or photographs this screen gets the secret.";

/// How the secret is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shown {
    /// As a code, with words beside it.
    Code,
    /// As a key to type.
    Text,
    /// As a code that has the whole screen.
    Whole,
}

/// Shows a secret.
pub struct Reveal {
    id: AccountId,
    since: Option<Duration>,
    shown: Shown,
    inverted: bool,
    /// The wizard lies below, which shows the key and compares the codes.
    in_wizard: bool,
}

impl Reveal {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "close",
            keys: &[
                Key::Char('q'),
                Key::Enter,
                Key::Char(' '),
                Key::Esc,
                Key::Ctrl('c'),
                Key::Left,
                Key::Char('h'),
            ],
            word: "close",
            help: "hide the secret and go back",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
        Binding {
            name: "whole",
            keys: &[Key::Char('f')],
            word: "full screen",
            help: "the QR code on the whole screen, or not",
            applies: binding::always,
            run: |reveal, _| {
                if reveal.in_wizard {
                    return Reply::act(Action::Pop);
                }
                reveal.shown = if reveal.shown == Shown::Whole { Shown::Code } else { Shown::Whole };
                Reply::done()
            },
        },
        Binding {
            name: "text",
            keys: &[Key::Char('k')],
            word: "key or QR code",
            help: "show the key as text, or the QR code again",
            applies: binding::always,
            run: |reveal, _| {
                reveal.shown = if reveal.shown == Shown::Text { Shown::Code } else { Shown::Text };
                Reply::done()
            },
        },
        Binding {
            name: "picture",
            keys: &[Key::Char('p')],
            word: "save PNG",
            help: "save the QR code as a picture in the home directory",
            applies: |reveal, _| reveal.shown != Shown::Text,
            run: |reveal, cx| match cx.vault.account(reveal.id) {
                Some(account) => save_picture(
                    &file_name(account.name(), account.detail()),
                    Link::write(&account.issuer, &account.account, &account.otp),
                ),
                None => Reply::act(Action::Pop),
            },
        },
        Binding {
            name: "test",
            keys: &[Key::Char('t')],
            word: "test the phone",
            help: "test the other device: compare its code",
            applies: binding::always,
            run: |reveal, cx| match cx.vault.account(reveal.id) {
                _ if reveal.in_wizard => Reply::act(Action::Pop),
                // The passphrase was given on the way here.
                Some(account) if account.pending => {
                    Reply::act(Action::Replace(Box::new(Add::confirm(account, cx))))
                }
                Some(account) => Reply::act(Action::Replace(Box::new(Rehearse::new(account, cx)))),
                None => Reply::act(Action::Pop),
            },
        },
        Binding {
            name: "invert",
            keys: &[Key::Char('i')],
            word: "invert",
            help: "without colours: draw it for a light screen, or a dark one",
            applies: |reveal, cx| reveal.shown != Shown::Text && !cx.theme.has_colours(),
            run: |reveal, cx| {
                if cx.theme.has_colours() {
                    let said = Action::Say(Note::plain("The code is black on white already"));
                    return reveal.beside(vec![said]);
                }
                reveal.inverted = !reveal.inverted;
                Reply::done()
            },
        },
    ];

    /// Returns the screen for an account.
    pub fn new(id: AccountId) -> Self {
        Self { id, since: None, shown: Shown::Code, inverted: false, in_wizard: false }
    }

    /// Returns the code on the whole screen, for the wizard, which shows the secret already.
    pub(super) fn for_wizard(id: AccountId) -> Self {
        Self { shown: Shown::Whole, in_wizard: true, ..Self::new(id) }
    }

    /// Returns what is said, and leaves the whole screen, where a message has no place.
    fn beside(&mut self, mut actions: Vec<Action>) -> Reply {
        self.shown = Shown::Code;
        if self.in_wizard {
            actions.push(Action::Pop);
        }
        Reply::Taken(actions)
    }

    /// Returns for how many seconds the secret is still shown.
    fn left(&self, cx: &Cx<'_>) -> u64 {
        let since = self.since.unwrap_or(cx.now.boot);
        cx.config.qr.seconds.duration().saturating_sub(cx.now.boot.saturating_sub(since)).as_secs()
    }

    fn is_whole(&self) -> bool {
        self.shown == Shown::Whole
    }

    fn is_over(&self, cx: &Cx<'_>) -> bool {
        self.since.is_some_and(|since| cx.now.boot.saturating_sub(since) >= cx.config.qr.seconds.duration())
    }

    fn view_code(&self, account: &Account, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let mut needed = None;
        let scan = if self.is_whole() { widgets::scan_centred } else { widgets::scan };
        for (index, (issuer, name)) in labels(&account.issuer, &account.account).into_iter().enumerate() {
            let link = Link::write_short(issuer, name, &account.otp);
            let Ok(modules) = picture::draw(&link) else {
                continue;
            };
            match scan(cx.theme, buf, area, &modules, self.inverted) {
                Scan::Fits { rows, .. } if self.is_whole() => return self.view_end(cx, area, buf, rows),
                Scan::Fits { columns, rows, .. } => {
                    return self.view_words(account, cx, area, buf, (columns, rows), index > 0);
                }
                Scan::TooSmall { columns, rows } => needed = Some((columns, rows)),
            }
        }
        self.view_key(account, cx, area, buf, needed);
    }

    /// Says below a code in the middle, if there is a row for it, how to leave.
    fn view_end(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, rows: u16) {
        if area.height - rows >= 4 {
            let text = format!("f or Esc goes back. {}", self.remaining(cx));
            let x = area.width.saturating_sub(u16::try_from(text.len()).unwrap_or(0)) / 2;
            widgets::put(buf, area, x, area.height - 1, &text, Style::new());
        }
    }

    /// Draws the words beside or below a code, wherever there is room.
    fn view_words(
        &self,
        account: &Account,
        cx: &Cx<'_>,
        area: Rect,
        buf: &mut Buffer,
        (columns, rows): (u16, u16),
        shortened: bool,
    ) {
        let room = if area.width >= columns + 2 + BESIDE {
            Rect { x: area.x + columns + 2, width: area.width - columns - 2, ..area }
        } else {
            Rect { y: area.y + rows, height: area.height - rows, ..area }
        };
        let mut y = u16::from(room.height > 6);
        let title = visible(&change::title(account, cx));
        widgets::put_visible(buf, room, (1, y), room.width.saturating_sub(1), &title, cx.theme.strong());
        y += 1;
        y += widgets::wrap(buf, room, (1, y), &self.remaining(cx), Style::new());
        y += u16::from(room.height > 6);
        y += widgets::note(cx, room, buf, (1, y), &Note::warning(DANGER));
        if shortened {
            y += u16::from(room.height > 6);
            widgets::wrap(
                buf,
                room,
                (1, y),
                "The account's name is left out, so that the code fits.",
                Style::new(),
            );
        }
    }

    fn view_key(
        &self,
        account: &Account,
        cx: &Cx<'_>,
        area: Rect,
        buf: &mut Buffer,
        needed: Option<(u16, u16)>,
    ) {
        let title = visible(&change::title(account, cx));
        widgets::put_visible(buf, area, (1, 0), area.width.saturating_sub(2), &title, cx.theme.strong());
        let airy = area.height >= 16;
        let mut y = 1 + u16::from(airy);
        if let Some((columns, rows)) = needed {
            let text = ways_out((columns, rows), area, self.is_whole());
            y += widgets::wrap(buf, area, (1, y), &text, Style::new());
            y += u16::from(airy);
        }
        y += widgets::wrap(buf, area, (1, y), "Type this key on the other device:", Style::new());
        y += u16::from(airy);
        y += view_groups(account, area, buf, (3, y), cx.theme.strong());
        y += u16::from(airy);
        y += widgets::wrap(buf, area, (1, y), &settings_to_type(account, cx), Style::new());
        y += widgets::wrap(buf, area, (1, y), &self.remaining(cx), Style::new());
        widgets::note(cx, area, buf, (1, y), &Note::warning(DANGER));
    }

    fn remaining(&self, cx: &Cx<'_>) -> String {
        format!("Shown for {} s more.", self.left(cx))
    }
}

/// Says what else must be set on the other device.
fn settings_to_type(account: &Account, cx: &Cx<'_>) -> String {
    format!("Set it to {}.", super::facts::settings(account, cx))
}

/// Draws a key in groups of four, as many to a line as fit; returns the rows taken.
pub(super) fn view_groups(
    account: &Account,
    area: Rect,
    buf: &mut Buffer,
    (x, y): (u16, u16),
    style: Style,
) -> u16 {
    let groups = account.otp.secret.to_groups();
    let a_line = usize::from((area.width.saturating_sub(x) / 5).max(1)) * 5;
    let mut row = 0;
    let mut rest = groups.as_str();
    while !rest.is_empty() {
        // Groups are ASCII: four letters and a blank.
        let (line, after) = rest.split_at(a_line.min(rest.len()));
        widgets::put(buf, area, x, y.saturating_add(row), line.trim_end(), style);
        row += 1;
        rest = after;
    }
    row
}

impl Screen for Reveal {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        let gone = self.is_over(cx) || cx.vault.account(self.id).is_none();
        match event {
            Event::Key(_) | Event::Paste(_) | Event::Tick if gone => Reply::act(Action::Pop),
            Event::Key(key) => binding::dispatch(Self::KEYS, self, *key, cx),
            // The question that led here was answered; a second answer is nobody's.
            Event::Done(Outcome::PictureSaved(result)) => match picture_saved(result) {
                Reply::Taken(actions) => self.beside(actions),
                Reply::Ignored => Reply::Ignored,
            },
            Event::Done(Outcome::Confirmed(_)) | Event::Paste(_) | Event::Tick => Reply::done(),
            Event::Done(_) => Reply::Ignored,
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        // The time may be over before the tick that closes the screen has come.
        let Some(account) = cx.vault.account(self.id).filter(|_| !self.is_over(cx)) else { return };
        if self.shown == Shown::Text {
            self.view_key(account, cx, area, buf, None);
        } else {
            self.view_code(account, cx, area, buf);
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(Self::KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(Self::KEYS)
    }

    fn name(&self) -> &'static str {
        "the QR code"
    }

    fn ticks(&self, _cx: &Cx<'_>) -> bool {
        true
    }

    fn fills(&self) -> bool {
        self.is_whole()
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        self.since.get_or_insert(cx.now.boot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Reveal::KEYS).is_empty());
    }
}
