//! The "Add MFA" wizard: name, secret, two codes, done. Enter and Esc go on and back, and nothing is lost on the
//! way: the draft is kept when the wizard is left, until the vault locks.

mod codes;
mod compare;
mod done;
mod draft;
mod name;
mod secret;
mod verdict;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use self::codes::Codes;
use self::done::Done;
use self::draft::Draft;
use self::name::Name;
use self::secret::SecretKey;
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::put;

/// What a step answers.
enum Turn {
    /// Not mine.
    Ignored,
    /// Mine; the wizard stays at this step.
    Stay(Vec<Action>),
    /// Answered: on to the next step.
    Next(Vec<Action>),
    /// One step back.
    Back,
    /// The wizard is done.
    Leave(Vec<Action>),
    /// The wizard is done, and starts again for another account.
    Again,
}

impl Turn {
    fn stay() -> Self {
        Self::Stay(Vec::new())
    }
}

/// One question of the wizard.
trait Step {
    /// Takes an event.
    fn handle(&mut self, event: &Event, draft: &mut Draft, cx: &Cx<'_>) -> Turn;
    /// Draws itself below the line of steps.
    fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer);
    /// Returns the footer.
    fn hints(&self, draft: &Draft, cx: &Cx<'_>) -> Vec<Hint>;
    /// Returns where the cursor belongs.
    fn cursor(&self, _draft: &Draft, _cx: &Cx<'_>, _area: Rect) -> Option<Position> {
        None
    }
    /// Are letters text here?
    fn types(&self) -> bool {
        true
    }
    /// Does the picture change each second?
    fn ticks(&self) -> bool {
        false
    }
    /// Takes text that was pasted somewhere else into the wizard.
    fn pasted(&mut self, _text: &str, _draft: &mut Draft, _cx: &Cx<'_>) -> Turn {
        Turn::Ignored
    }
}

const TITLES: [&str; 4] = ["Name", "Secret", "Two codes", "Done"];

/// The wizard.
pub struct Add {
    draft: Draft,
    at: usize,
    name: Name,
    secret: SecretKey,
    codes: Codes,
    done: Done,
}

impl Add {
    /// Returns the wizard at its first question.
    pub fn new(cx: &Cx<'_>) -> Self {
        Self {
            draft: Draft::new(cx),
            at: 0,
            name: Name::new(),
            secret: SecretKey::new(),
            codes: Codes::new(),
            done: Done::new(),
        }
    }

    /// Takes text that was pasted on the list: a link, a key, a path or a picture.
    pub fn pasted(&mut self, text: &Zeroizing<String>, cx: &Cx<'_>) -> Vec<Action> {
        self.at = 1;
        match self.secret.pasted(text, &mut self.draft, cx) {
            Turn::Stay(actions) | Turn::Next(actions) => {
                self.name.load(&self.draft);
                // A key alone has no name yet: that question comes first.
                if self.draft.name().is_empty() && !self.secret.reads_picture() {
                    self.at = 0;
                }
                actions
            }
            _ => Vec::new(),
        }
    }

    fn step(&mut self) -> (&mut dyn Step, &mut Draft) {
        let step: &mut dyn Step = match self.at {
            0 => &mut self.name,
            1 => &mut self.secret,
            2 => &mut self.codes,
            _ => &mut self.done,
        };
        (step, &mut self.draft)
    }

    fn current(&self) -> &dyn Step {
        match self.at {
            0 => &self.name,
            1 => &self.secret,
            2 => &self.codes,
            _ => &self.done,
        }
    }

    fn follow(&mut self, turn: Turn, cx: &Cx<'_>) -> Reply {
        match turn {
            Turn::Ignored => Reply::Ignored,
            Turn::Stay(actions) => Reply::Taken(actions),
            Turn::Next(actions) => {
                self.at = (self.at + 1).min(TITLES.len() - 1);
                match self.at {
                    1 => self.secret.enter(&self.draft),
                    2 => self.codes.enter(&self.draft, cx),
                    _ => {}
                }
                Reply::Taken(actions)
            }
            Turn::Back if self.at == 0 => Reply::act(Action::Shelve),
            Turn::Back => {
                self.at -= 1;
                if self.at == 0 {
                    self.name.load(&self.draft);
                }
                Reply::done()
            }
            Turn::Leave(mut actions) => {
                actions.push(Action::Pop);
                Reply::Taken(actions)
            }
            Turn::Again => Reply::act(Action::Replace(Box::new(Self::new(cx)))),
        }
    }

    /// Draws "1 Name ✓   2 Secret   ..." with the step at hand underlined.
    fn view_steps(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        put(buf, area, 1, 0, "Add MFA", cx.theme.strong());
        if area.width < 60 {
            let text = format!("{} of {}  {}", self.at + 1, TITLES.len(), TITLES[self.at]);
            put(buf, area, 11, 0, &text, Style::new());
            return;
        }
        let mut x = 13;
        for (index, title) in TITLES.iter().enumerate() {
            let style = if index == self.at { cx.theme.strong() } else { Style::new() };
            let text = format!("{} {title}", index + 1);
            let wide = put(buf, area, x, 0, &text, style);
            if index < self.at {
                put(buf, area, x + wide + 1, 0, cx.theme.glyph(Glyph::Check), cx.theme.good());
            }
            if index == self.at {
                put(buf, area, x, 1, &cx.theme.glyph(Glyph::Full).repeat(usize::from(wide)), Style::new());
            }
            x += wide + 5;
        }
    }

    /// Returns the part of the area that belongs to the step.
    fn room(area: Rect) -> Rect {
        let top = if area.width < 60 { 1 } else { 2 }.min(area.height);
        Rect::new(area.x, area.y + top, area.width, area.height - top)
    }
}

impl Screen for Add {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        if let Event::Done(Outcome::Committed(done)) = event
            && let Some(account) = done.vault.account(self.draft.id)
        {
            self.draft.saved = Some(account.clone());
        }
        if let Event::Key(Key::Ctrl('c')) = event {
            return Reply::act(if self.at == 3 { Action::Pop } else { Action::Shelve });
        }
        let (step, draft) = self.step();
        let turn = step.handle(event, draft, cx);
        self.follow(turn, cx)
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.view_steps(cx, area, buf);
        self.current().view(&self.draft, cx, Self::room(area), buf);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        self.current().hints(&self.draft, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        [
            (&[Key::Enter][..], "go on"),
            (&[Key::Esc], "one step back; the draft is kept"),
            (&[Key::Tab, Key::BackTab], "other field, other tab"),
            (&[Key::Up, Key::Down], "choose"),
            (&[Key::F(2)], "show or hide the secret"),
            (&[Key::Char('n')], "two codes: show the second one now"),
            (&[Key::Char('y')], "two codes: the site accepted them"),
            (&[Key::Char('f')], "two codes: it did not; find out why"),
            (&[Key::Char('s')], "two codes: save without checking"),
            (&[Key::Ctrl('c')], "to the list; the draft is kept"),
        ]
        .into_iter()
        .map(|(keys, help)| KeyHelp { keys: keys.to_vec(), help })
        .collect()
    }

    fn name(&self) -> &'static str {
        "Add MFA"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        self.current().cursor(&self.draft, cx, Self::room(area))
    }

    fn types(&self) -> bool {
        self.current().types()
    }

    fn ticks(&self, _cx: &Cx<'_>) -> bool {
        self.current().ticks()
    }
}

/// Draws a label and returns the column where its value begins.
fn labelled(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16, label: &str, focus: bool) -> u16 {
    let wide = area.width >= 60;
    let mark = if focus { cx.theme.glyph(Glyph::Cursor) } else { " " };
    put(buf, area, 1, y, mark, Style::new());
    put(buf, area, 3, y, label, Style::new());
    if wide { 18 } else { 16 }
}
