//! The settings of a code as one row of three words, each of which can be changed: SHA1, 6 digits, 30 s.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::draft::Draft;
use crate::otp::{Algorithm, Digits, Kind, Period};
use crate::tui::screen::Cx;
use crate::tui::theme::Glyph;
use crate::tui::widgets::{put, round};

/// How many settings there are.
pub(super) const COUNT: usize = 3;
/// The periods to choose from, the usual ones first.
const PERIODS: [u64; 8] = [30, 60, 10, 15, 20, 45, 90, 120];

/// Takes the next value of a setting, or the one before.
pub(super) fn turn(draft: &mut Draft, which: usize, by: isize) {
    match which {
        0 => {
            let at = Algorithm::ALL.iter().position(|one| *one == draft.algorithm).unwrap_or(0);
            draft.algorithm = Algorithm::ALL[round(at, by, Algorithm::ALL.len())];
        }
        1 => {
            let at = usize::from(draft.digits.get()).saturating_sub(1);
            draft.digits = Digits::new(round(at, by, 10) as u64 + 1).unwrap_or_default();
        }
        _ => {
            let at = match draft.kind {
                Kind::Totp { period } => {
                    PERIODS.iter().position(|one| *one == u64::from(period.seconds())).unwrap_or(0)
                }
                Kind::Steam => PERIODS.len(),
                _ => PERIODS.len() + 1,
            };
            draft.kind = match round(at, by, PERIODS.len() + 2) {
                at if at < PERIODS.len() => {
                    Kind::Totp { period: Period::new(PERIODS[at]).unwrap_or_default() }
                }
                at if at == PERIODS.len() => Kind::Steam,
                _ => Kind::Hotp { counter: 0 },
            };
        }
    }
}

/// Draws the row; the setting in `focus` is marked.
pub(super) fn view(draft: &Draft, focus: Option<usize>, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16) {
    let dot = cx.theme.glyph(Glyph::Dot);
    let mut x = 5 + put(buf, area, 5, y, "Settings  ", Style::new());
    for (index, text) in words(draft).into_iter().enumerate() {
        if index > 0 {
            x += put(buf, area, x, y, &format!(" {dot} "), Style::new());
        }
        let style = if focus == Some(index) { cx.theme.selected() } else { Style::new() };
        x += put(buf, area, x, y, &text, style);
    }
    let text = if focus.is_some() { "Left and Right change it" } else { "Tab to change. Rarely needed" };
    if area.width >= 60 {
        put(buf, area, x + 3, y, text, Style::new());
    }
}

fn words(draft: &Draft) -> [String; COUNT] {
    let digits = draft.digits.get();
    let kind = match &draft.kind {
        Kind::Hotp { .. } => "counter".to_owned(),
        Kind::Motp { .. } => "mOTP".to_owned(),
        Kind::Steam => "Steam".to_owned(),
        Kind::Totp { period } => format!("{} s", period.seconds()),
        Kind::Yandex { .. } => "Yandex".to_owned(),
    };
    [draft.algorithm.name().to_owned(), format!("{digits} digit{}", if digits == 1 { "" } else { "s" }), kind]
}
