//! Two codes for the site: ours, copied one after the other. What the site says is the answer.

use std::cmp::Ordering;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::Turn;
use super::draft::Draft;
use crate::display::visible;
use crate::otp::{Code, Kind, Otp, Period};
use crate::tui::effect::{Commit, Copied, Effect};
use crate::tui::event::Committed;
use crate::tui::screen::{Action, Cx, Note};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put};
use crate::vault::Change;

/// A first code with fewer seconds left than this is not started with.
const TOO_LATE: u32 = 8;

/// Answers a key that came before the first code.
const NEARLY_OVER: &str = "The present code is nearly over. Code 1 comes in a moment";

/// The tab.
#[derive(Default)]
pub(super) struct Site {
    first: Option<u64>,
    early: bool,
    copied: Option<usize>,
    counters: Vec<u64>,
    asked: Option<Duration>,
}

/// Do the codes of this account change when they are asked for, and not by time?
pub(super) fn counts(draft: &Draft) -> bool {
    matches!(draft.kind, Kind::Hotp { .. })
}

fn say(text: &str) -> Turn {
    Turn::Stay(vec![Action::Say(Note::plain(text))])
}

fn used_up() -> Turn {
    say("Both codes are used up. r takes two new ones")
}

impl Site {
    /// Starts with the codes of now, or with the next ones if the present code is nearly over.
    pub(super) fn restart(&mut self, draft: &Draft, cx: &Cx<'_>) {
        *self = Self::default();
        let Some(otp) = draft.otp() else { return };
        let late = otp.seconds_left(cx.now.wall).is_some_and(|left| left < TOO_LATE);
        self.first = otp.step(cx.now.wall).ok().map(|step| step + u64::from(late));
    }

    /// Returns the step of the clock beside the steps of the two codes: 0 is the first code's own step.
    fn phase(&self, otp: &Otp, cx: &Cx<'_>) -> i128 {
        match (otp.step(cx.now.wall), self.first) {
            (Ok(step), Some(first)) => i128::from(step) - i128::from(first),
            _ => 0,
        }
    }

    /// Returns the first or the second code if it may be seen.
    fn code(&self, index: usize, draft: &Draft, cx: &Cx<'_>) -> Option<Code> {
        let otp = draft.otp().filter(|_| draft.is_saved())?;
        if counts(draft) {
            return self.counters.get(index).map(|counter| otp.code_at(*counter));
        }
        let phase = self.phase(&otp, cx);
        let seen = match index {
            0 => phase >= 0,
            _ => phase >= 1 || (self.early && phase >= 0),
        };
        seen.then(|| otp.code_at(self.first.unwrap_or(0) + index as u64))
    }

    /// Returns which code Enter copies.
    fn current(&self, draft: &Draft, cx: &Cx<'_>) -> usize {
        if counts(draft) {
            return self.counters.len().saturating_sub(1);
        }
        let phase = draft.otp().map_or(0, |otp| self.phase(&otp, cx));
        usize::from(phase >= 1 || (self.early && self.copied.is_some()))
    }

    /// Copies the code whose turn it is.
    pub(super) fn copy(&mut self, draft: &Draft, cx: &Cx<'_>) -> Turn {
        if counts(draft) && (self.counters.is_empty() || self.copied == Some(self.counters.len() - 1)) {
            return self.reserve(draft, cx);
        }
        let over = draft.otp().is_some_and(|otp| self.phase(&otp, cx) >= 2);
        if over {
            return used_up();
        }
        let which = self.current(draft, cx);
        let Some(code) = self.code(which, draft, cx) else {
            return say(NEARLY_OVER);
        };
        self.copied = Some(which);
        let about = format!(
            "MFA code {} {} {}",
            which + 1,
            cx.theme.glyph(Glyph::Dot),
            visible(draft.name()).cut(24)
        );
        let copied = Copied { code, of: None, about, validity: None, hidden: !cx.config.copy.say_code };
        Turn::Stay(vec![Action::Do(Effect::Copy(copied))])
    }

    /// Asks for the next counter; it is used up by that.
    pub(super) fn reserve(&mut self, draft: &Draft, cx: &Cx<'_>) -> Turn {
        if !self.counts_on() {
            return used_up();
        }
        if self.asked.is_some_and(|at| cx.now.boot.saturating_sub(at) < Duration::from_secs(1)) {
            return Turn::stay();
        }
        self.asked = Some(cx.now.boot);
        Turn::Stay(vec![Action::Do(Effect::Commit(Commit::quiet(vec![Change::Advance(draft.id)])))])
    }

    /// Takes note that the vault was saved: a counter may have been reserved.
    pub(super) fn committed(&mut self, done: &Committed, draft: &Draft, cx: &Cx<'_>) -> Turn {
        let mine = done.reserved.iter().filter(|(id, _)| *id == draft.id);
        let before = self.counters.len();
        self.counters.extend(mine.map(|(_, counter)| *counter));
        if self.counters.len() == before {
            return Turn::stay();
        }
        self.asked = None;
        self.copy(draft, cx)
    }

    /// Shows the second code before its time.
    pub(super) fn show_early(&mut self, draft: &Draft, cx: &Cx<'_>) -> Turn {
        if self.code(1, draft, cx).is_some() {
            return say("Code 2 is here already. r takes two new ones");
        }
        if !self.waits(draft, cx) {
            return say(NEARLY_OVER);
        }
        self.early = true;
        Turn::stay()
    }

    /// Is the first code here, and the second one still to come?
    pub(super) fn waits(&self, draft: &Draft, cx: &Cx<'_>) -> bool {
        self.code(0, draft, cx).is_some() && self.code(1, draft, cx).is_none()
    }

    /// May another counter be used up? Two codes are enough.
    pub(super) fn counts_on(&self) -> bool {
        self.counters.len() < 2
    }

    /// Draws the tab.
    pub(super) fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        let wide = area.width >= 60;
        let mut y = if roomy { 3 } else { 2 };
        for index in 0..2 {
            self.view_code(index, draft, cx, area, buf, y);
            y += if roomy { 4 } else { 2 };
        }
        let phase = draft.otp().map_or(0, |otp| self.phase(&otp, cx));
        if roomy {
            let text = match phase {
                _ if counts(draft) => "Some sites ask for one code, some for two in a row.",
                phase if phase >= 2 => "Both codes are used up. r takes two new ones.",
                1 => "Code 2 is here. Type or paste it in the second box at the site.",
                phase if phase < 0 => "The present code is nearly over. The next is a better start.",
                _ => "Some sites ask for one code, some (like AWS) for two in a row.",
            };
            y += widgets::wrap(buf, area, (3, y - 1), text, Style::new());
            put(buf, area, 3, y, "Did the site accept?", cx.theme.strong());
            for (row, text) in (2..).zip([
                "y   Yes. Save it as checked",
                "f   No. Find out why",
                "s   Save without checking",
            ]) {
                put(buf, area, 5, y + row, text, Style::new());
            }
        } else {
            if phase >= 2 && !counts(draft) {
                put(buf, area, 1, y, "Both used up. r takes two new ones", cx.theme.warning());
            } else {
                put(buf, area, 1, y, "Did the site accept?", cx.theme.strong());
            }
            put(buf, area, 1, y + 1, "y yes   f no, find out   s save", Style::new());
            if !wide {
                put(buf, area, 1, y + 2, "Tab compare with a phone", Style::new());
            }
        }
    }

    fn view_code(&self, index: usize, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16) {
        let wide = area.width >= 60;
        let label = format!("{} {}", if wide { "MFA code" } else { "Code" }, index + 1);
        let at = if wide { 21 } else { 11 };
        put(buf, area, if wide { 3 } else { 1 }, y, &label, Style::new());
        let Some(otp) = draft.otp() else { return };
        let code = self.code(index, draft, cx);
        let phase = self.phase(&otp, cx);
        let own = index as i128;
        let (text, style) = if let Some(code) = &code {
            (spread(code, wide), cx.theme.strong())
        } else {
            let dot = cx.theme.glyph(Glyph::Bullet);
            // The shape of a code of this account, with dots for its characters.
            let shape = spread(&otp.code_at(0), wide);
            let dots = shape.chars().map(|c| if c == ' ' { " " } else { dot }).collect();
            (Zeroizing::new(dots), Style::new())
        };
        let end = at + put(buf, area, at, y, &text, style);
        let copied = self.copied == Some(index);
        let check = cx.theme.glyph(Glyph::Check);
        if counts(draft) {
            let text = match (code.is_some(), index == self.counters.len()) {
                (true, _) if copied => format!("{check} copied"),
                (false, true) => "Enter makes it".to_owned(),
                _ => String::new(),
            };
            put(buf, area, end + 3, y, &text, Style::new());
            return;
        }
        let Some(left) = otp.seconds_left(cx.now.wall) else { return };
        let period = otp.period().map_or(30, Period::seconds);
        let text = match phase.cmp(&own) {
            Ordering::Equal => {
                let cells = if wide { 18 } else { 8 };
                widgets::bar(cx.theme, buf, area, (end + 3, y), cells, left, period);
                put(
                    buf,
                    area,
                    end + 4 + cells,
                    y,
                    &format!("{} s left", cx.theme.seconds(left)),
                    Style::new(),
                );
                String::new()
            }
            Ordering::Greater if copied => format!("{check} copied    used up"),
            Ordering::Greater => "used up".to_owned(),
            Ordering::Less => {
                let wait = i128::from(left) + (own - phase - 1) * i128::from(period);
                format!("comes in {} s", cx.theme.seconds(u32::try_from(wait).unwrap_or(u32::MAX)))
            }
        };
        put(buf, area, end + 3, y, &text, Style::new());
        let below = match (phase == own, index, code.is_some()) {
            (true, ..) if copied => format!("{check} copied"),
            (true, ..) => "Enter copies it".to_owned(),
            (false, 1, false) if phase < 0 => String::new(),
            (false, 1, false) if wide => "n shows it now. Most sites accept it a little early".to_owned(),
            (false, 1, false) => "n shows it now".to_owned(),
            _ => String::new(),
        };
        put(buf, area, at, y + 1, &below, Style::new());
    }
}

/// Returns a code with its digits apart, as it is read while typing: `4 9 2   0 3 9`.
fn spread(code: &Code, wide: bool) -> Zeroizing<String> {
    if !wide {
        return code.grouped();
    }
    let mut text = Zeroizing::new(String::with_capacity(64));
    for letter in code.grouped().chars() {
        text.push(letter);
        text.push(' ');
    }
    let end = text.trim_end().len();
    text.truncate(end);
    text
}
