//! Two codes in a row, seen by both sides: either the user types ours at the site, or types another device's here.
//!
//! The account is in the file already when this step shows its first code; the answer only says who has checked it.

use std::cmp::Ordering;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::compare::Compare;
use super::draft::Draft;
use super::{Step, Turn};
use crate::display::visible;
use crate::otp::{Code, Kind, Otp};
use crate::tui::effect::{Copied, Effect};
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put};
use crate::vault::{Change, Checked};

/// A first code with fewer seconds left than this is not started with.
const TOO_LATE: u32 = 8;

/// The third question.
pub(super) struct Codes {
    compares: bool,
    first: Option<u64>,
    early: bool,
    copied: Option<usize>,
    counters: Vec<u64>,
    asked: Option<Duration>,
    compare: Compare,
    advice: bool,
}

impl Codes {
    pub(super) fn new() -> Self {
        Self {
            compares: false,
            first: None,
            early: false,
            copied: None,
            counters: Vec::new(),
            asked: None,
            compare: Compare::new(),
            advice: false,
        }
    }

    /// Starts with the codes of now, or with the next ones if the present code is nearly over.
    pub(super) fn enter(&mut self, draft: &Draft, cx: &Cx<'_>) {
        self.compares = draft.made_here;
        self.compare.restart(draft);
        self.advice = false;
        self.restart(draft, cx);
    }

    fn restart(&mut self, draft: &Draft, cx: &Cx<'_>) {
        self.early = false;
        self.copied = None;
        self.counters.clear();
        self.asked = None;
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

    fn counts(draft: &Draft) -> bool {
        matches!(draft.kind, Kind::Hotp { .. })
    }

    /// Returns the first or the second code if it may be seen.
    fn code(&self, index: usize, draft: &Draft, cx: &Cx<'_>) -> Option<Code> {
        draft.saved.as_ref()?;
        let otp = draft.otp()?;
        if Self::counts(draft) {
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
        if Self::counts(draft) {
            return self.counters.len().saturating_sub(1);
        }
        let phase = draft.otp().map_or(0, |otp| self.phase(&otp, cx));
        usize::from(phase >= 1 || (self.early && self.copied.is_some()))
    }

    fn copy(&mut self, draft: &Draft, cx: &Cx<'_>) -> Turn {
        if draft.saved.is_none() {
            return Turn::stay();
        }
        if Self::counts(draft) && (self.counters.is_empty() || self.copied == Some(self.counters.len() - 1)) {
            return self.reserve(draft, cx);
        }
        let which = self.current(draft, cx);
        let Some(code) = self.code(which, draft, cx) else { return Turn::stay() };
        self.copied = Some(which);
        let about = format!(
            "MFA code {} {} {}",
            which + 1,
            cx.theme.glyph(Glyph::Dot),
            visible(draft.name()).cut(24)
        );
        let copied = Copied { code, about, hidden: false };
        Turn::Stay(vec![Action::Do(Effect::Copy(copied))])
    }

    fn reserve(&mut self, draft: &Draft, cx: &Cx<'_>) -> Turn {
        let waits = self.asked.is_some_and(|at| cx.now.boot.saturating_sub(at) < Duration::from_secs(1));
        if self.counters.len() >= 2 || waits {
            return Turn::stay();
        }
        self.asked = Some(cx.now.boot);
        Turn::Stay(vec![Action::Do(Effect::Commit(vec![Change::Advance(draft.id)], None))])
    }

    fn saved(&self, draft: &Draft, cx: &Cx<'_>, checked: Option<Checked>) -> Turn {
        let Some(checked) = checked else {
            return Turn::Next(Vec::new());
        };
        match draft.save(cx, Some(checked)) {
            Some(effect) => Turn::Next(vec![Action::Do(effect)]),
            None => Turn::stay(),
        }
    }

    fn press(&mut self, key: Key, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        if matches!(key, Key::Tab | Key::BackTab) && !draft.made_here {
            self.compares = !self.compares;
            return Turn::stay();
        }
        if self.compares {
            return self.compare.press(key, draft, cx);
        }
        match key {
            Key::Enter | Key::Char('c') => self.copy(draft, cx),
            Key::Esc => Turn::Back,
            Key::Char('n') if Self::counts(draft) => self.reserve(draft, cx),
            Key::Char('n') => {
                self.early = true;
                Turn::stay()
            }
            Key::Char('y') => self.saved(draft, cx, Some(Checked::BySite(cx.now.wall))),
            Key::Char('f') => {
                self.compares = true;
                self.advice = true;
                Turn::stay()
            }
            Key::Char('s') => self.saved(draft, cx, None),
            Key::Char('r') => {
                self.restart(draft, cx);
                Turn::stay()
            }
            _ => Turn::Ignored,
        }
    }

    fn view_tabs(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if area.width < 60 {
            let name = visible(draft.name());
            widgets::put_visible(buf, area, (1, 0), area.width - 2, &name, Style::new());
            return;
        }
        let tabs = ["Type these at the site", "Compare with another device"];
        let mut x = 3;
        for (index, tab) in tabs.into_iter().enumerate() {
            let here = (index == 1) == self.compares;
            let text = if here { format!("[ {tab} ]") } else { format!("  {tab}  ") };
            let style = if here { cx.theme.strong() } else { Style::new() };
            x += 1 + put(buf, area, x, 0, &text, style);
        }
        if area.width >= 72 {
            put(buf, area, area.width - 12, 0, "Tab switch", Style::new());
        }
    }

    fn view_site(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
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
                _ if Self::counts(draft) => "Some sites ask for one code, some for two in a row.",
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
            if phase >= 2 && !Self::counts(draft) {
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
        if Self::counts(draft) {
            let text = match (code.is_some(), index == self.counters.len()) {
                (true, _) if copied => format!("{check} copied"),
                (false, true) => "Enter makes it".to_owned(),
                _ => String::new(),
            };
            put(buf, area, end + 3, y, &text, Style::new());
            return;
        }
        let Some(left) = otp.seconds_left(cx.now.wall) else { return };
        let period = otp.period().map_or(30, crate::otp::Period::seconds);
        let text = match phase.cmp(&own) {
            Ordering::Equal => {
                let cells = if wide { 18 } else { 8 };
                widgets::bar(cx.theme, buf, area, (end + 3, y), cells, left, period);
                put(buf, area, end + 4 + cells, y, &format!("{left} s left"), Style::new());
                String::new()
            }
            Ordering::Greater if copied => format!("{check} copied    used up"),
            Ordering::Greater => "used up".to_owned(),
            Ordering::Less => {
                let wait = i128::from(left) + (own - phase - 1) * i128::from(period);
                format!("comes in {wait} s")
            }
        };
        put(buf, area, end + 3, y, &text, Style::new());
        let below = match (phase == own, index, code.is_some()) {
            (true, ..) if copied => format!("{check} copied"),
            (true, ..) => "Enter copies it".to_owned(),
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

impl Step for Codes {
    fn handle(&mut self, event: &Event, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        match event {
            Event::Done(Outcome::Committed(done)) => {
                let mine = done.reserved.iter().filter(|(id, _)| *id == draft.id);
                let before = self.counters.len();
                self.counters.extend(mine.map(|(_, counter)| *counter));
                if self.counters.len() > before {
                    self.asked = None;
                    return self.copy(draft, cx);
                }
                // The codes begin when the account is safe, not before.
                if self.copied.is_none() && !Self::counts(draft) {
                    self.restart(draft, cx);
                }
                Turn::Ignored
            }
            Event::Done(_) => Turn::Ignored,
            Event::Key(key) => self.press(*key, draft, cx),
            Event::Paste(text) if self.compares => self.compare.pasted(text, draft, cx),
            Event::Paste(_) | Event::Tick => Turn::stay(),
        }
    }

    fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if draft.made_here {
            return self.compare.view_new(draft, cx, area, buf);
        }
        self.view_tabs(draft, cx, area, buf);
        if draft.saved.is_none() {
            put(buf, area, 3, 3, "Saving ...", Style::new());
        } else if self.compares {
            self.compare.view(draft, cx, area, buf, self.advice);
        } else {
            self.view_site(draft, cx, area, buf);
        }
    }

    fn hints(&self, draft: &Draft, cx: &Cx<'_>) -> Vec<Hint> {
        if self.compares {
            return self.compare.hints(draft);
        }
        let copy = if self.current(draft, cx) == 0 { "copy code 1" } else { "copy code 2" };
        vec![
            Hint { key: Key::Enter, word: copy },
            Hint { key: Key::Char('n'), word: "code 2 now" },
            Hint { key: Key::Char('y'), word: "it worked" },
            Hint { key: Key::Char('f'), word: "it did not" },
            Hint { key: Key::Esc, word: "back" },
            Hint { key: Key::F(1), word: "help" },
        ]
    }

    fn cursor(&self, draft: &Draft, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        if self.compares { self.compare.cursor(draft, cx, area) } else { None }
    }

    fn types(&self) -> bool {
        // Only digits are text here, so that letters stay commands.
        false
    }

    fn ticks(&self) -> bool {
        true
    }
}
