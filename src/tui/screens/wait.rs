//! What is shown while a new picture is waited for: how it gets here, from the user's own computer or from this one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::display::visible;
use crate::tui::effect::Effect;
use crate::tui::screen::{Action, Cx};
use crate::tui::widgets;

/// Said when none came.
pub(super) const NONE_CAME: &str = "No new picture with a QR code came in 10 minutes. F3 waits again";

/// Returns what begins the waiting.
pub(super) fn begin() -> Action {
    Action::Do(Effect::AwaitPicture)
}

/// Returns what ends it, if it was going on.
pub(super) fn end(waiting: &mut bool) -> Vec<Action> {
    if std::mem::take(waiting) { vec![Action::Do(Effect::StopWaiting)] } else { Vec::new() }
}

/// Draws what to do, from this row on.
pub(super) fn view(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, (x, y): (u16, u16)) {
    let airy = u16::from(area.height >= 16);
    let mut y = y;
    if let Some(there) = &cx.facts.reached_as {
        y += widgets::wrap(buf, area, (x, y), "On your own computer, where the picture is:", Style::new())
            + airy;
        // By itself and from the margin of a narrow window, so that it can be copied whole.
        let command = visible(&format!("scp qr.png {there}:"));
        let x = if area.width < 60 { 0 } else { x + 2 };
        y += widgets::wrap(buf, area, (x, y), command.as_str(), cx.theme.strong()) + airy;
    } else {
        let text = "Save a screenshot of the QR code to ~, your home directory.";
        y += widgets::wrap(buf, area, (x, y), text, Style::new()) + airy;
    }
    let text = "Waiting for a new picture in ~ ... The first one with a QR code is read.";
    widgets::wrap(buf, area, (x, y), text, Style::new());
}
