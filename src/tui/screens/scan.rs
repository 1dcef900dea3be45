//! What the screens with QR codes share: the names in a code, its picture, and what a window lacks for it.

use std::path::PathBuf;

use ratatui::layout::Rect;
use zeroize::Zeroizing;

use crate::display::visible;
use crate::failure::Failure;
use crate::tui::effect::Effect;
use crate::tui::screen::{Action, Note, Reply};
use crate::tui::widgets;

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

/// The rows of a window that are no screen's: the message line and the footer.
const FRAME: u16 = 2;

/// Says what a window lacks for a code, and what can be done about it. On the whole screen the area is the window.
pub(super) fn ways_out((columns, rows): (u16, u16), area: Rect, whole: bool) -> String {
    let there = (area.width, if whole { area.height } else { area.height + FRAME });
    let lacks = widgets::lacks((columns, rows), there);
    if area.height < 16 {
        let needs = format!("The QR code needs {columns} x {rows}, here are {} x {}.", there.0, there.1);
        return match (lacks.is_empty(), whole) {
            (true, _) => format!("{needs} f shows it."),
            (false, true) => format!("{needs} It comes with {lacks} more."),
            (false, false) => format!("{needs} With {lacks} more, f shows it."),
        };
    }
    let needs = format!(
        "This QR code needs {columns} columns and {rows} rows; the window has {} and {}.",
        there.0, there.1
    );
    if lacks.is_empty() {
        return format!("{needs} f shows it on the whole screen, where it fits.");
    }
    let then = if whole { "It appears by itself" } else { "Then f shows it" };
    format!(
        "{needs} Make it larger by {lacks}, or its letters smaller (often Ctrl-minus). {then}. p saves it as a picture."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(width: u16, height: u16, whole: bool, expected: &str) {
        let said = ways_out((53, 27), Rect::new(0, 0, width, height), whole);
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn says_what_the_window_lacks_and_the_ways_out() {
        check(
            80,
            22,
            false,
            "needs 53 columns and 27 rows; the window has 80 and 24. Make it larger by 3 rows,",
        );
        check(80, 25, false, "f shows it on the whole screen");
        check(52, 26, true, "larger by 1 column and 1 row, or its letters smaller");
        check(
            40,
            10,
            false,
            "needs 53 x 27, here are 40 x 12. With 13 columns and 15 rows more, f shows it.",
        );
    }

    #[test]
    fn a_picture_has_a_harmless_name() {
        assert_eq!(file_name("GitHub", "alice@example.com"), "GitHub-alice@example.com");
        assert_eq!(file_name("../../etc/x\u{1b}[2J", ""), "etc-x--2J");
        assert_eq!(file_name("東京", ""), "qr-code");
    }
}
