//! The rehearsal of a sign-in: codes are judged by the very rules of a real check, and since it is the owner's open
//! vault the reason is told too. Nothing is written.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use super::change;
use crate::display::visible;
use crate::otp::{Timestamp, Verdict, Verifier, explain};
use crate::tui::binding::{self, Binding};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::widgets::{self, Field};
use crate::vault::{Account, AccountId};
use crate::words::finding::judge;

/// The most bytes of a typed code.
const LIMIT: usize = 16;
/// How many results are remembered.
const RESULTS: usize = 20;
/// What stands before the field.
const PROMPT: &str = "Verification code:";

/// Judges codes.
pub struct Rehearse {
    id: AccountId,
    verifier: Verifier,
    field: Field,
    results: Vec<Tried>,
}

/// A code that was tried.
struct Tried {
    at: Timestamp,
    typed: Zeroizing<String>,
    verdict: Verdict,
    words: Note,
}

impl Rehearse {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "check",
            keys: &[Key::Enter],
            word: "check",
            help: "check the code",
            applies: binding::always,
            run: Self::check,
        },
        Binding {
            name: "close",
            keys: &[Key::Esc, Key::Ctrl('c')],
            word: "close",
            help: "end the rehearsal; nothing was written",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
    ];

    /// Returns the rehearsal of an account.
    pub fn new(account: &Account, cx: &Cx<'_>) -> Self {
        let verifier = Verifier::default().with_window(cx.config.check.window.into());
        Self { id: account.id, verifier, field: Field::new(LIMIT), results: Vec::new() }
    }

    fn check(&mut self, cx: &Cx<'_>) -> Reply {
        let Some(account) = cx.vault.account(self.id) else {
            return Reply::act(Action::Pop);
        };
        if self.field.is_empty() {
            return Reply::say("Type a code first");
        }
        let typed = self.field.secret();
        let verdict = self.verifier.check(&account.otp, &typed, cx.now);
        let why = explain(&account.otp, &typed, cx.now.wall).filter(|_| verdict == Verdict::Wrong);
        let mut words = judge(verdict, why, &account.otp);
        if let (Verdict::Wrong, Some(seconds)) = (verdict, self.verifier.wait(cx.now)) {
            let wait = format!(". {} wrong tries: a sign-in would wait {seconds} s", Verifier::TRIES);
            words.text.push_str(&wait);
        }
        // A code that was not looked at stays in the field, to be tried again.
        if !matches!(verdict, Verdict::Wait { .. }) {
            self.field.clear();
        }
        self.results.push(Tried { at: cx.now.wall, typed, verdict, words });
        if self.results.len() > RESULTS {
            drop(self.results.remove(0));
        }
        Reply::done()
    }

    /// Returns the place of the field: its column and its row.
    fn place(area: Rect) -> (u16, u16) {
        let indent = if area.width >= 60 { 6 } else { 1 };
        (indent + 1 + u16::try_from(PROMPT.len()).unwrap_or(0), if area.height >= 16 { 5 } else { 1 })
    }

    fn view_results(&self, area: Rect, cx: &Cx<'_>, buf: &mut Buffer) {
        if self.results.is_empty() {
            widgets::put(buf, area, 3, 0, "Results so far this time:   none", Style::new());
            return;
        }
        // The newest result counts: as many as fit, from the end.
        let column: u16 = if area.width >= 60 { 24 } else { 3 };
        let height = |tried: &Tried| {
            let width = usize::from(area.width.saturating_sub(column + 3));
            let rows = widgets::lines(&tried.words.text, width).len();
            u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(u16::from(column < 20))
        };
        let mut first = self.results.len();
        let mut rows = 0;
        while first > 0 && rows + height(&self.results[first - 1]) <= area.height {
            first -= 1;
            rows += height(&self.results[first]);
        }
        let first = first.min(self.results.len() - 1);
        let mut y = 0;
        for tried in &self.results[first..] {
            let x = widgets::put(buf, area, 3, y, &widgets::time_of_day(cx, tried.at), Style::new());
            let typed = visible(&tried.typed);
            widgets::put_visible(buf, area, (x + 5, y), 9, &typed, cx.theme.strong());
            y += u16::from(column < 20);
            y += widgets::note(cx, area, buf, (column, y), &tried.words);
        }
    }

    fn view_rules(&self, account: &Account, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let window = self.verifier.window();
        let first = match account.otp.period() {
            Some(period) => {
                let seconds = window * u64::from(period.seconds());
                let steps = if window == 1 { "step" } else { "steps" };
                format!("accept {window} {steps} before and after ({seconds} s)")
            }
            None => format!("accept the next counter and {} after it", Verifier::LOOK_AHEAD),
        };
        let third = format!("{} wrong tries, then wait {} s", Verifier::TRIES, Verifier::WAIT_SECONDS);
        widgets::put(buf, area, 3, 0, "Rules used", Style::new());
        let rules = [first.as_str(), "refuse a code that was used already", third.as_str()];
        for (y, rule) in (0..).zip(rules) {
            widgets::put(buf, area, 18, y, rule, Style::new());
        }
        let clock = match cx.facts.clock_synchronised {
            Some(true) => "synchronised",
            Some(false) => "not synchronised: codes may be judged wrongly",
            None => "not checked",
        };
        widgets::put(buf, area, 3, 3, "Clock", Style::new());
        widgets::put(buf, area, 18, 3, clock, Style::new());
    }

    /// Returns what all results together say.
    fn verdict(&self) -> Option<Note> {
        let accepted: Vec<i64> = self
            .results
            .iter()
            .filter_map(|tried| match tried.verdict {
                Verdict::Accepted { steps } => Some(steps),
                _ => None,
            })
            .collect();
        let judged =
            self.results.iter().any(|tried| matches!(tried.verdict, Verdict::Replayed | Verdict::Wrong));
        match accepted.last() {
            Some(0) => Some(Note::good("A real sign-in would work.")),
            Some(_) => Some(Note::warning("A real sign-in would work. Set the device's clock to automatic.")),
            None if judged => Some(Note::error("No code was right so far. A real sign-in would fail.")),
            None => None,
        }
    }
}

impl Screen for Rehearse {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => match binding::dispatch(Self::KEYS, self, *key, cx) {
                Reply::Ignored if self.field.handle(*key) => Reply::done(),
                reply => reply,
            },
            Event::Paste(text) => {
                self.field.insert(text);
                Reply::done()
            }
            Event::Tick if cx.vault.account(self.id).is_none() => Reply::act(Action::Pop),
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let Some(account) = cx.vault.account(self.id) else {
            return;
        };
        let title = visible(&format!("Test MFA   {}", change::title(account, cx)));
        widgets::header(cx, area, buf, &title, "");
        let airy = area.height >= 16;
        if airy {
            widgets::rule(cx, area, buf, 1);
            let text = "A rehearsal: nothing changes. Type the code from your other device.";
            widgets::wrap(buf, area, (3, 3), text, Style::new());
        }
        let place = Self::place(area);
        let (x, y) = place;
        let prompt = x - 1 - u16::try_from(PROMPT.len()).unwrap_or(0);
        widgets::put(buf, area, prompt, y, PROMPT, Style::new());
        self.field.view(cx.theme, area, buf, place, area.width.saturating_sub(x + 1), Style::new());
        let mut bottom = area.height;
        if airy && area.width >= 60 {
            bottom -= 5;
            self.view_rules(account, cx, Rect { y: area.y + bottom, height: 4, ..area }, buf);
        }
        if let Some(waits) = self.verifier.wait(cx.now) {
            let text = format!("{} wrong tries. Wait {waits} s", Verifier::TRIES);
            widgets::note(cx, area, buf, (prompt, y + 1), &Note::warning(text));
        }
        if let Some(verdict) = self.verdict() {
            bottom = bottom.saturating_sub(2);
            let room = Rect { y: area.y + bottom, height: area.height.min(2), ..area };
            widgets::note(cx, room, buf, (1, 0), &verdict);
        }
        let top = y + 2 + u16::from(airy);
        if bottom > top {
            self.view_results(Rect { y: area.y + top, height: bottom - top, ..area }, cx, buf);
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(Self::KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(Self::KEYS)
    }

    fn name(&self) -> &'static str {
        "the MFA test"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let place = Self::place(area);
        Some(self.field.cursor(cx.theme, area, place, area.width.saturating_sub(place.0 + 1)))
    }

    fn types(&self) -> bool {
        true
    }

    fn ticks(&self, cx: &Cx<'_>) -> bool {
        self.verifier.wait(cx.now).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Rehearse::KEYS).is_empty());
    }
}
