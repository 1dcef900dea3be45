//! The secret of one account, for another device: as a QR code, or as a key to type. It goes away by itself.
//!
//! It is shown only by way of `Ask`; nothing of it leaves the screen.

use std::path::PathBuf;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::add::Add;
use super::change;
use super::rehearse::Rehearse;
use crate::display::visible;
use crate::exchange::picture;
use crate::failure::Failure;
use crate::otp::Link;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::widgets::{self, Scan};
use crate::vault::{Account, AccountId};

/// For how long the secret is shown.
const SHOW: Duration = Duration::from_mins(1);
/// The least columns for words beside a code.
const BESIDE: u16 = 26;
/// What must be known before the screen is shown to others.
const DANGER: &str = "Anyone who sees or photographs this screen gets the secret.";

/// Shows a secret.
pub struct Reveal {
    id: AccountId,
    since: Option<Duration>,
    as_text: bool,
    inverted: bool,
}

impl Reveal {
    const KEYS: &[Binding<Self>] = &[
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
            name: "text",
            keys: &[Key::Char('k')],
            word: "key or QR code",
            help: "show the key as text, or the QR code again",
            applies: binding::always,
            run: |reveal, _| {
                reveal.as_text = !reveal.as_text;
                Reply::done()
            },
        },
        Binding {
            name: "picture",
            keys: &[Key::Char('p')],
            word: "save PNG",
            help: "save the QR code as a picture in the home directory",
            applies: |reveal, _| !reveal.as_text,
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
                // The passphrase was given on the way here.
                Some(account) if account.pending => {
                    Reply::act(Action::Replace(Box::new(Add::confirm(account, cx))))
                }
                Some(account) => Reply::act(Action::Replace(Box::new(Rehearse::new(account)))),
                None => Reply::act(Action::Pop),
            },
        },
        Binding {
            name: "invert",
            keys: &[Key::Char('i')],
            word: "invert",
            help: "without colours: draw it for a light screen, or a dark one",
            applies: |reveal, cx| !reveal.as_text && !cx.theme.has_colours(),
            run: |reveal, cx| {
                if cx.theme.has_colours() {
                    return Reply::say("The code is black on white already");
                }
                reveal.inverted = !reveal.inverted;
                Reply::done()
            },
        },
    ];

    /// Returns the screen for an account.
    pub fn new(id: AccountId) -> Self {
        Self { id, since: None, as_text: false, inverted: false }
    }

    /// Returns for how many seconds the secret is still shown.
    fn left(&self, cx: &Cx<'_>) -> u64 {
        let since = self.since.unwrap_or(cx.now.boot);
        SHOW.saturating_sub(cx.now.boot.saturating_sub(since)).as_secs()
    }

    fn is_over(&self, cx: &Cx<'_>) -> bool {
        self.since.is_some_and(|since| cx.now.boot.saturating_sub(since) >= SHOW)
    }

    fn view_code(&self, account: &Account, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let mut needed = None;
        for (index, (issuer, name)) in labels(&account.issuer, &account.account).into_iter().enumerate() {
            let link = Link::write_short(issuer, name, &account.otp);
            let Ok(modules) = picture::draw(&link) else {
                continue;
            };
            match widgets::scan(cx.theme, buf, area, &modules, self.inverted) {
                Scan::Fits { columns, rows, .. } => {
                    return self.view_words(account, cx, area, buf, (columns, rows), index > 0);
                }
                Scan::TooSmall { columns, rows } => needed = Some((columns, rows)),
            }
        }
        self.view_key(account, cx, area, buf, needed);
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
            y += widgets::wrap(buf, area, (1, y), &missing(area, columns, rows), Style::new());
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

/// Returns a name for the picture of a code, of letters that are harmless in every shell and file system.
pub(super) fn file_name(issuer: &str, account: &str) -> String {
    let plain = |text: &str| {
        let kept: String = text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "._@".contains(c) { c } else { '-' })
            .collect();
        kept.trim_matches(['-', '.']).chars().take(40).collect::<String>()
    };
    let parts: Vec<String> =
        [issuer, account].map(plain).into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "qr-code".to_owned() } else { parts.join("-") }
}

/// Returns what saves a code as a picture in the home directory.
pub(super) fn save_picture(name: &str, link: Zeroizing<String>) -> Reply {
    Reply::act(Action::Do(Effect::SavePicture(format!("~/{name}.png"), link)))
}

/// Says what came of it.
pub(super) fn picture_saved(result: &Result<PathBuf, Failure>) -> Reply {
    let note = match result {
        Ok(path) => Note::good(format!(
            "Saved as {}, for you alone. It holds the secret: delete it when it was scanned",
            visible(&path.to_string_lossy())
        )),
        Err(failure) => Note::error(widgets::sentence(&failure.message)),
    };
    Reply::act(Action::Say(note))
}

/// Returns the names that a code may carry, the fullest first: the shorter the names, the smaller the code.
pub(super) fn labels<'a>(issuer: &'a str, account: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut labels = vec![(issuer, account)];
    if !issuer.is_empty() && !account.is_empty() {
        labels.push((issuer, ""));
    }
    labels
}

/// Says what a window lacks for a code.
fn missing(area: Rect, columns: u16, rows: u16) -> String {
    let lacks = |needed: u16, there: u16, word: &str| {
        let lack = needed.saturating_sub(there);
        (lack > 0).then(|| format!("{lack} {word}{}", if lack == 1 { "" } else { "s" }))
    };
    let lacks: Vec<String> = [lacks(columns, area.width, "column"), lacks(rows, area.height, "row")]
        .into_iter()
        .flatten()
        .collect();
    format!("The QR code needs {} more. It appears by itself in a larger window.", lacks.join(" and "))
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
            Event::Done(Outcome::PictureSaved(result)) => picture_saved(result),
            Event::Done(Outcome::Confirmed(_)) | Event::Paste(_) | Event::Tick => Reply::done(),
            Event::Done(_) => Reply::Ignored,
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        // The time may be over before the tick that closes the screen has come.
        let Some(account) = cx.vault.account(self.id).filter(|_| !self.is_over(cx)) else { return };
        if self.as_text {
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

    fn refresh(&mut self, cx: &Cx<'_>) {
        self.since.get_or_insert(cx.now.boot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(width: u16, height: u16, expected: &str) {
        let said = missing(Rect::new(0, 0, width, height), 53, 27);
        assert_eq!(
            said,
            format!("The QR code needs {expected} more. It appears by itself in a larger window.")
        );
    }

    #[test]
    fn says_what_the_window_lacks() {
        check(80, 24, "3 rows");
        check(52, 26, "1 column and 1 row");
        check(40, 30, "13 columns");
    }

    #[test]
    fn a_picture_has_a_harmless_name() {
        assert_eq!(file_name("GitHub", "alice@example.com"), "GitHub-alice@example.com");
        assert_eq!(file_name("../../etc/x\u{1b}[2J", ""), "etc-x--2J");
        assert_eq!(file_name("東京", ""), "qr-code");
    }

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Reveal::KEYS).is_empty());
    }
}
