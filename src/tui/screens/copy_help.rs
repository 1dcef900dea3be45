//! "Copy did not arrive?": the way that the code took, what is known of the terminal at its end, the one line that
//! would help, the code to be read, and a test that proves the way once.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::facts;
use crate::display::visible;
use crate::otp::Kind;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome, Way};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::widgets::{self, Field, put, put_visible};
use crate::vault::{Account, AccountId};

/// The most bytes of what is pasted back.
const LIMIT: usize = 64;
/// What stands before the field.
const PROMPT: &str = "Paste it here:";

/// Explains the way of a copy, and tests it.
pub struct CopyHelp {
    id: Option<AccountId>,
    way: Option<Way>,
    /// The word that was copied, while it is waited for.
    word: Option<String>,
    field: Field,
    result: Option<Note>,
}

impl CopyHelp {
    const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "test",
            keys: &[Key::Char('t')],
            word: "test by pasting",
            help: "copy a word, to be pasted here: that proves the way",
            applies: binding::always,
            run: Self::test,
        },
        Binding {
            name: "close",
            keys: &[Key::Char('q'), Key::Esc, Key::Ctrl('c'), Key::Left, Key::Char('h')],
            word: "close",
            help: "close",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
    ];
    const TEST_KEYS: &[Binding<Self>] = &[
        Binding {
            name: "check",
            keys: &[Key::Enter],
            word: "check",
            help: "compare what was pasted; an empty field says that nothing arrives",
            applies: binding::always,
            run: Self::check,
        },
        Binding {
            name: "leave",
            keys: &[Key::Esc, Key::Ctrl('c')],
            word: "leave the test",
            help: "leave the test; nothing is remembered",
            applies: binding::always,
            run: |screen, _| {
                screen.word = None;
                screen.field.clear();
                Reply::done()
            },
        },
    ];

    /// Returns the actions that show the help about a code, or about copying as such.
    pub fn open(account: Option<&Account>) -> Vec<Action> {
        let screen = Self {
            id: account.map(|account| account.id),
            way: None,
            word: None,
            field: Field::new(LIMIT),
            result: None,
        };
        vec![Action::Push(Box::new(screen)), Action::Do(Effect::ExplainCopy)]
    }

    fn table(&self) -> &'static [Binding<Self>] {
        if self.word.is_some() { Self::TEST_KEYS } else { Self::KEYS }
    }

    fn test(&mut self, cx: &Cx<'_>) -> Reply {
        let word = word(cx);
        self.result = None;
        self.field.clear();
        self.word = Some(word.clone());
        Reply::act(Action::Do(Effect::TestCopy(word)))
    }

    fn check(&mut self, _cx: &Cx<'_>) -> Reply {
        let (Some(word), Some(way)) = (self.word.take(), &mut self.way) else { return Reply::done() };
        let arrives = self.field.text().trim() == word;
        let nothing = self.field.is_empty();
        self.field.clear();
        way.proven = arrives;
        self.result = Some(match (arrives, nothing) {
            (true, _) => Note::good("It arrives. From now on \"Copied\" is said of this way."),
            (false, true) => Note::warning(
                "It does not arrive. The code can be read, or selected with Shift and the mouse.",
            ),
            (false, false) => Note::warning("That is something else, so what was copied did not arrive."),
        });
        Reply::act(Action::Do(Effect::CopyTested { key: way.key.clone(), arrives }))
    }

    /// Draws the way; returns the row below it.
    fn view_way(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, mut y: u16) -> u16 {
        let gap = u16::from(area.height >= 16);
        let Some(way) = &self.way else {
            put(buf, area, 3, y, "Looking ...", Style::new());
            return y + 1;
        };
        let arrow = if cx.theme.is_ascii() { "  >  " } else { "  →  " };
        y += widgets::wrap(buf, area, (3, y), "A copy goes this way:", Style::new()) + gap;
        y += widgets::wrap(buf, area, (6, y), &way.stations.join(arrow), cx.theme.strong()) + gap;
        let note = if way.proven {
            Note::good("Copies are known to arrive.")
        } else {
            Note::warning(way.says.clone())
        };
        y += widgets::note(cx, area, buf, (3, y), &note);
        if !way.proven && !way.lines.is_empty() {
            y += widgets::wrap(buf, area, (5, y), &way.place, Style::new()) + gap;
            for line in &way.lines {
                let room = area.width.saturating_sub(9);
                put_visible(buf, area, (9, y), room, &visible(line), cx.theme.strong());
                y += 1;
            }
        }
        y + gap
    }

    /// Draws the test; returns the place of the field. A small window has room for nothing else.
    fn view_test(&self, word: &str, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> (u16, u16) {
        let mut y = if area.height >= 16 { self.view_way(cx, area, buf, 3) } else { 1 };
        let text = format!("{word} should be on the clipboard now. Enter alone: nothing came.");
        y += widgets::wrap(buf, area, (3, y), &text, Style::new());
        put(buf, area, 3, y, PROMPT, Style::new());
        (4 + u16::try_from(PROMPT.len()).unwrap_or(0), y)
    }
}

/// Returns a word to test a copy with: a new one each time, so that an older copy does not pass for it.
pub(super) fn word(cx: &Cx<'_>) -> String {
    let random = (cx.facts.random.0)();
    let number = u16::from_be_bytes([random[0], random[1]]) % 9000 + 1000;
    format!("CHECK-{number}")
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    vec![(false, binding::help(CopyHelp::KEYS)), (true, binding::help(CopyHelp::TEST_KEYS))]
}

impl Screen for CopyHelp {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::CopyExplained(way)) => {
                self.way = Some(way.clone());
                Reply::done()
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => match binding::dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if self.word.is_some() && self.field.handle(*key) => Reply::done(),
                reply => reply,
            },
            Event::Paste(text) if self.word.is_some() => {
                self.field.insert(text);
                self.check(cx)
            }
            Event::Paste(_) => Reply::say("t starts the test; then paste"),
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        widgets::header(cx, area, buf, &visible("Copy did not arrive?"), "");
        let airy = area.height >= 16;
        if airy {
            widgets::rule(cx, area, buf, 1);
        }
        if let Some(word) = &self.word {
            let (x, y) = self.view_test(word, cx, area, buf);
            self.field.view(cx.theme, area, buf, (x, y), area.width.saturating_sub(x + 1), Style::new());
            return;
        }
        let mut y = self.view_way(cx, area, buf, if airy { 3 } else { 1 });
        if let Some(result) = &self.result {
            y += widgets::note(cx, area, buf, (3, y), result) + u16::from(airy);
        }
        let account = self.id.and_then(|id| cx.vault.account(id));
        let Some(account) = account.filter(|account| !account.pending) else { return };
        if matches!(account.otp.kind, Kind::Hotp { .. }) || y >= area.height {
            return;
        }
        if let (Ok(code), Some(left)) = (account.otp.code(cx.now.wall), account.otp.seconds_left(cx.now.wall))
        {
            let left = cx.theme.seconds(left);
            let text = format!("Without it: hold Shift and drag over the code, or read it. {left} s left");
            y += widgets::wrap(buf, area, (3, y), &text, Style::new()) + u16::from(airy);
            if y < area.height {
                let room = Rect { y: area.y + y, height: area.height - y, ..area };
                facts::digits(cx, room, buf, &code, cx.hide_codes);
            }
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(self.table())
    }

    fn name(&self) -> &'static str {
        "copying"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let word = self.word.as_ref()?;
        let mut off = Buffer::empty(area);
        let (x, y) = self.view_test(word, cx, area, &mut off);
        Some(self.field.cursor(cx.theme, area, (x, y), area.width.saturating_sub(x + 1)))
    }

    fn types(&self) -> bool {
        self.word.is_some()
    }

    fn ticks(&self, _cx: &Cx<'_>) -> bool {
        self.id.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(CopyHelp::KEYS).is_empty());
        assert!(binding::clashes(CopyHelp::TEST_KEYS).is_empty());
    }
}
