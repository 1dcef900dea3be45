//! What the details page says of an account, in words, and the large digits of its code.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use tui_big_text::{BigText, PixelSize};
use zeroize::Zeroizing;

use crate::display::{Visible, visible};
use crate::otp::{Code, Kind};
use crate::tui::screen::Cx;
use crate::tui::theme::Glyph;
use crate::tui::widgets;
use crate::vault::{Account, Checked};

/// Returns the column in which the facts stand.
pub(super) fn column(area: Rect) -> u16 {
    if area.width >= 60 { 18 } else { 15 }
}

/// The name of the fact that is hidden.
pub(super) const SECRET: &str = "Secret key";
/// How many facts there are at most.
pub(super) const COUNT: u16 = 7;

/// One line of the page.
pub(super) struct Fact {
    /// What it is about.
    pub(super) name: &'static str,
    /// What there is to say.
    pub(super) text: Visible,
    /// It deserves a look.
    pub(super) warns: bool,
}

/// Returns the facts of an account, those that are empty left out. The text of the secret is empty here.
pub(super) fn of(account: &Account, cx: &Cx<'_>) -> Vec<Fact> {
    let plain = |name, text: &str| Fact { name, text: visible(text), warns: false };
    let mut facts = Vec::with_capacity(usize::from(COUNT));
    if !account.group.is_empty() {
        facts.push(plain("Group", &account.group));
    }
    if !account.note.is_empty() {
        facts.push(plain("Note", &account.note));
    }
    facts.push(plain("Settings", &settings(account, cx)));
    facts.push(plain(SECRET, ""));
    let (text, warns) = checked(account, cx);
    facts.push(Fact { name: "Checked", text: visible(&text), warns });
    facts.push(plain("Used", &used(account, cx)));
    facts.push(plain("Added", &widgets::date(cx, account.added)));
    facts
}

/// Returns how many facts stand above the secret.
pub(super) fn place_of_secret(account: &Account, cx: &Cx<'_>) -> u16 {
    (0..).zip(of(account, cx)).find(|(_, fact)| fact.name == SECRET).map_or(0, |(place, _)| place)
}

/// Returns the settings in words: `SHA1 · 6 digits · 30 s`.
pub(super) fn settings(account: &Account, cx: &Cx<'_>) -> String {
    let otp = &account.otp;
    let (algorithm, digits) = (otp.algorithm.name(), format!("{} digits", otp.digits.get()));
    let parts = match otp.kind {
        Kind::Hotp { counter } => vec![algorithm.to_owned(), digits, format!("counter {counter} (HOTP)")],
        Kind::Motp { .. } => vec!["Mobile-OTP".to_owned(), "6 characters".to_owned(), "10 s".to_owned()],
        Kind::Steam => vec!["Steam Guard".to_owned(), "5 letters".to_owned(), "30 s".to_owned()],
        Kind::Totp { period } => vec![algorithm.to_owned(), digits, format!("{} s", period.seconds())],
        Kind::Yandex { .. } => vec!["Yandex.Key".to_owned(), "8 letters".to_owned(), "30 s".to_owned()],
    };
    parts.join(&format!(" {} ", cx.theme.glyph(Glyph::Dot)))
}

fn checked(account: &Account, cx: &Cx<'_>) -> (String, bool) {
    match account.checked {
        _ if account.pending => ("! waits for two codes of the other device".to_owned(), true),
        Checked::ByDevice(at) => (format!("{}, with two codes", widgets::date(cx, at)), false),
        Checked::BySite(at) => (format!("{}, by the site", widgets::date(cx, at)), false),
        Checked::Never => ("! not yet".to_owned(), true),
    }
}

fn used(account: &Account, cx: &Cx<'_>) -> String {
    let (since, now) = cx.uses.get(&account.id).map_or((0, None), |(count, at)| (*count, Some(*at)));
    let times = match account.used.count.saturating_add(since) {
        0 => return "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let Some(last) = now.or(account.used.last) else {
        return times;
    };
    let day = widgets::date(cx, last);
    let day = if day == widgets::date(cx, cx.now.wall) { "today".to_owned() } else { day };
    let time = widgets::time_of_day(cx, last);
    let minute = time.rsplit_once(':').map_or(time.as_str(), |(minute, _)| minute);
    format!("{times}, last {day} {minute}")
}

/// Returns dots in the shape of a code.
pub(super) fn hidden(cx: &Cx<'_>, code: &Code) -> Zeroizing<String> {
    let dot = cx.theme.glyph(Glyph::Bullet);
    let dots = code.grouped().chars().map(|letter| if letter == ' ' { " " } else { dot }).collect();
    Zeroizing::new(dots)
}

/// How large a code is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Size {
    Half,
    Plain,
    Quadrant,
}

impl Size {
    /// Returns the largest size in which `letters` letters fit beside a margin; other rows must fit below.
    fn fitting(letters: usize, area: Rect) -> Self {
        let room = usize::from(area.width.saturating_sub(4));
        if letters * 8 <= room && area.height >= 14 {
            Self::Half
        } else if letters * 4 <= room && area.height >= 12 {
            Self::Quadrant
        } else {
            Self::Plain
        }
    }
}

/// Draws a code, large if it can be; returns the rows taken, a free one below large digits included.
pub(super) fn digits(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, code: &Code, hides: bool) -> u16 {
    let text = if hides { hidden(cx, code) } else { code.grouped() };
    let size = if hides || cx.theme.is_ascii() { Size::Plain } else { Size::fitting(text.len(), area) };
    let pixels = match size {
        Size::Half => PixelSize::HalfHeight,
        Size::Plain => {
            widgets::put(buf, area, 3, 0, &text, cx.theme.strong());
            return 1;
        }
        Size::Quadrant => PixelSize::Quadrant,
    };
    let big = BigText::builder()
        .pixel_size(pixels)
        .style(cx.theme.strong())
        .lines(vec![Line::from(text.as_str())])
        .build();
    let room =
        Rect { x: area.x + 3, width: area.width.saturating_sub(3), height: area.height.min(4), ..area };
    big.render(room, buf);
    5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(letters: usize, width: u16, height: u16, expected: Size) {
        assert_eq!(Size::fitting(letters, Rect::new(0, 0, width, height)), expected);
    }

    #[test]
    fn digits_are_as_large_as_the_window_lets_them() {
        check(7, 80, 18, Size::Half);
        check(9, 80, 18, Size::Half);
        check(11, 80, 18, Size::Quadrant);
        check(7, 40, 12, Size::Quadrant);
        check(9, 38, 12, Size::Plain);
        check(7, 40, 8, Size::Plain);
        check(7, 80, 6, Size::Plain);
    }
}
