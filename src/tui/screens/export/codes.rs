//! QR codes one after another, for a phone that is to take over many accounts. Each goes away by itself.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use zeroize::Zeroizing;

use crate::display::visible;
use crate::exchange::{Batch, picture};
use crate::otp::Link;
use crate::tui::binding::{self, Binding};
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::screens::scan::{file_name, picture_saved, save_picture, ways_out};
use crate::tui::widgets::{self, Scan};
use crate::vault::Account;

/// The least columns for words beside a code.
const BESIDE: u16 = 26;

/// One code: what it is of, the name of its picture, and what it says.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) file: String,
    pub(super) link: Zeroizing<String>,
}

impl Page {
    /// Returns the page of an account.
    pub(super) fn of(account: &Account) -> Self {
        let title = if account.detail().is_empty() {
            account.name().to_owned()
        } else {
            format!("{}, {}", account.name(), account.detail())
        };
        Self {
            title,
            file: file_name(account.name(), account.detail()),
            link: Link::write_short(&account.issuer, &account.account, &account.otp),
        }
    }

    /// Returns a page for each part of an export, which names the accounts by their numbers.
    pub(super) fn of_batches(batches: &[Batch]) -> Vec<Self> {
        let all: usize = batches.iter().map(|batch| batch.accounts).sum();
        let mut before = 0;
        (1..)
            .zip(batches)
            .map(|(number, batch)| {
                let title = match batch.accounts {
                    1 => format!("account {} of {all}", before + 1),
                    count => format!("accounts {} to {} of {all}", before + 1, before + count),
                };
                before += batch.accounts;
                Self {
                    title: format!("Google Authenticator: {title}"),
                    file: file_name("google-authenticator", &number.to_string()),
                    link: batch.link.clone(),
                }
            })
            .collect()
    }
}

/// Shows codes one after another.
pub(super) struct Codes {
    pages: Vec<Page>,
    at: usize,
    since: Option<Duration>,
    /// The code has the whole screen.
    whole: bool,
}

impl Codes {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "next",
            keys: &[Key::Enter, Key::Right, Key::Char('n'), Key::Char(' ')],
            word: "next",
            help: "show the next code; after the last, go back",
            applies: |codes, _| codes.at + 1 < codes.pages.len(),
            run: |codes, cx| {
                if codes.at + 1 == codes.pages.len() {
                    return Reply::act(Action::Pop);
                }
                codes.turn(codes.at + 1, cx)
            },
        },
        Binding {
            name: "previous",
            keys: &[Key::Left, Key::Char('b')],
            word: "one back",
            help: "show the code before",
            applies: |codes, _| codes.at > 0,
            run: |codes, cx| codes.turn(codes.at.saturating_sub(1), cx),
        },
        Binding {
            name: "whole",
            keys: &[Key::Char('f')],
            word: "full screen",
            help: "the QR code on the whole screen, or not",
            applies: binding::always,
            run: |codes, _| {
                codes.whole = !codes.whole;
                Reply::done()
            },
        },
        Binding {
            name: "picture",
            keys: &[Key::Char('p')],
            word: "save PNG",
            help: "save the QR code as a picture in the home directory",
            applies: binding::always,
            run: |codes, _| match codes.pages.get(codes.at) {
                Some(page) => save_picture(&page.file, page.link.clone()),
                None => Reply::act(Action::Pop),
            },
        },
        Binding {
            name: "close",
            keys: &[Key::Esc, Key::Char('q'), Key::Ctrl('c')],
            word: "close",
            help: "hide the code and go back",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
    ];

    /// Returns the screen at its first code.
    pub(super) fn new(pages: Vec<Page>) -> Self {
        Self { pages, at: 0, since: None, whole: false }
    }

    fn turn(&mut self, to: usize, cx: &Cx<'_>) -> Reply {
        self.at = to;
        self.since = Some(cx.now.boot);
        Reply::done()
    }

    fn left(&self, cx: &Cx<'_>) -> u64 {
        let since = self.since.unwrap_or(cx.now.boot);
        cx.config.qr.seconds.duration().saturating_sub(cx.now.boot.saturating_sub(since)).as_secs()
    }
}

impl Screen for Codes {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            _ if self.left(cx) == 0 && !matches!(event, Event::Done(_)) => Reply::act(Action::Pop),
            Event::Done(Outcome::PictureSaved(result)) => {
                // A message has no place on the whole screen.
                self.whole = false;
                picture_saved(result)
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => binding::dispatch(Self::KEYS, self, *key, cx),
            Event::Paste(_) | Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(page) = self.pages.get(self.at).filter(|_| self.left(cx) > 0) else { return };
        let mut words = vec![
            format!("Code {} of {}", self.at + 1, self.pages.len()),
            visible(&page.title).to_string(),
            format!("Shown for {} s more.", self.left(cx)),
        ];
        let draw = if self.whole { widgets::scan_centred } else { widgets::scan };
        let scan = picture::draw(&page.link).map(|modules| draw(cx.theme, buf, area, &modules, false));
        let room = match scan {
            Ok(Scan::Fits { .. }) if self.whole => return,
            Ok(Scan::Fits { columns, .. }) if area.width >= columns + 2 + BESIDE => {
                Rect { x: area.x + columns + 2, width: area.width - columns - 2, ..area }
            }
            Ok(Scan::Fits { rows, .. }) => widgets::below(area, rows),
            Ok(Scan::TooSmall { columns, rows }) => {
                words.push(ways_out((columns, rows), area, self.whole));
                area
            }
            Err(_) => {
                words.push("This is too long for a QR code.".to_owned());
                area
            }
        };
        let mut y = 0;
        for line in words {
            y += widgets::wrap(buf, room, (1, y), &line, Style::new());
        }
        let danger = Note::warning("Anyone who sees or photographs this screen gets the secrets.");
        widgets::note(cx, room, buf, (1, y), &danger);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(Self::KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(Self::KEYS)
    }

    fn name(&self) -> &'static str {
        "the QR codes"
    }

    fn fills(&self) -> bool {
        self.whole
    }

    fn ticks(&self, _: &Cx<'_>) -> bool {
        true
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
        assert!(binding::clashes(Codes::KEYS).is_empty());
    }
}
