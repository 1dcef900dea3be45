//! The "Add MFA" wizard: name, secret, two codes, done. Enter and Esc go on and back, and nothing is lost on the
//! way: the draft is kept when the wizard is left, until the vault locks.
//!
//! Over 400 lines, with the one list of the tables of all steps.

mod codes;
mod compare;
mod done;
mod draft;
mod name;
mod secret;
mod settings;
mod site;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use self::codes::Codes;
use self::done::Done;
use self::draft::Draft;
use self::name::Name;
use self::secret::SecretKey;
use super::edit::Edit;
use super::scan::picture_saved;
use crate::display::visible;
use crate::tui::binding::{self, Binding, always};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put};
use crate::vault::Account;

/// The keys of a step, or of one situation of it.
type Keys = &'static [Binding<Add>];

/// What a step answers.
enum Turn {
    /// The wizard stays at this step.
    Stay(Vec<Action>),
    /// Answered: on to the next step.
    Next(Vec<Action>),
    /// One step back.
    Back,
}

impl Turn {
    fn stay() -> Self {
        Self::Stay(Vec::new())
    }
}

/// One question of the wizard. Its keys stand in tables; what is no key of the table may be text.
trait Step {
    /// Returns the keys that mean something now.
    fn keys(&self, draft: &Draft) -> Keys;
    /// Draws itself below the line of steps.
    fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer);
    /// Takes a key that is typed into a field; says whether one took it.
    fn text(&mut self, _key: Key, _draft: &mut Draft, _cx: &Cx<'_>) -> bool {
        false
    }
    /// Takes text that was pasted.
    fn pasted(&mut self, _text: &str, _draft: &mut Draft, _cx: &Cx<'_>) -> Turn {
        Turn::stay()
    }
    /// Marks the next line of those to choose from, or the one before.
    fn choose(&mut self, _by: isize) {}
    /// Returns where the cursor belongs.
    fn cursor(&self, _draft: &Draft, _cx: &Cx<'_>, _area: Rect) -> Option<Position> {
        None
    }
    /// Are letters text here?
    fn types(&self, _draft: &Draft) -> bool {
        false
    }
    /// Does the picture change each second?
    fn ticks(&self) -> bool {
        false
    }
}

const LEAVE: Binding<Add> = Binding {
    name: "leave",
    keys: &[Key::Ctrl('c')],
    word: "",
    help: "leave; what was answered is kept",
    applies: always,
    run: |add, _| add.leave(),
};
const BACK: Binding<Add> = Binding {
    name: "back",
    keys: &[Key::Esc],
    word: "back",
    help: "one step back; what was answered is kept",
    applies: always,
    run: |add, cx| add.follow(Turn::Back, cx),
};
const DOWN: Binding<Add> = Binding {
    name: "down",
    keys: &[Key::Down, Key::Char('j')],
    word: "choose",
    help: "the next line",
    applies: always,
    run: |add, _| add.choose(1),
};
const UP: Binding<Add> = Binding {
    name: "up",
    keys: &[Key::Up, Key::Char('k')],
    word: "",
    help: "the line before",
    applies: always,
    run: |add, _| add.choose(-1),
};

const TITLES: [&str; 4] = ["Name", "Secret", "Two codes", "Done"];

/// The wizard.
pub struct Add {
    draft: Draft,
    at: usize,
    /// The account was there before, and only its two codes are asked for.
    rechecks: bool,
    name: Name,
    secret: SecretKey,
    codes: Codes,
    done: Done,
}

impl Add {
    /// Returns the wizard at its first question.
    pub fn new(cx: &Cx<'_>) -> Self {
        let mut add = Self {
            draft: Draft::new(cx),
            at: 0,
            rechecks: false,
            name: Name::new(),
            secret: SecretKey::new(),
            codes: Codes::new(),
            done: Done,
        };
        add.name.load(&add.draft);
        add
    }

    /// Returns the wizard at its first question, with a name that was typed before.
    pub fn called(name: &str, cx: &Cx<'_>) -> Self {
        let mut add = Self::new(cx);
        add.draft.issuer = name.trim().to_owned();
        add.name.load(&add.draft);
        add
    }

    /// Returns the wizard at the two codes of an account whose secret or settings were edited; `typed` is the secret
    /// as it was typed, empty if it was not.
    pub fn recheck(account: &Account, typed: Zeroizing<String>, cx: &Cx<'_>) -> Self {
        Self { draft: Draft::of(account, typed, cx), at: 2, rechecks: true, ..Self::new(cx) }
    }

    /// Returns the wizard at the two codes of an account whose secret was made here and is pending.
    pub fn confirm(account: &Account, cx: &Cx<'_>) -> Self {
        let mut add = Self::recheck(account, Zeroizing::new(String::new()), cx);
        add.draft.made_here = true;
        add
    }

    /// Takes text that was pasted on the list: a link, a key, a path or a picture.
    pub fn pasted(&mut self, text: &str, cx: &Cx<'_>) -> Vec<Action> {
        self.at = 1;
        let turn = self.secret.pasted(text, &mut self.draft, cx);
        self.name.load(&self.draft);
        // A key alone has no name yet: that question comes first.
        if self.draft.name().is_empty() && !self.secret.reads_picture() && !self.secret.asks_pin() {
            self.at = 0;
        }
        let mut actions = match turn {
            Turn::Stay(actions) | Turn::Next(actions) => actions,
            Turn::Back => Vec::new(),
        };
        if let Some(wrong) = self.secret.complains().filter(|_| self.at == 0) {
            // The question in sight is another one.
            actions.push(Action::Say(wrong.clone()));
        }
        actions
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

    fn table(&self) -> Keys {
        self.current().keys(&self.draft)
    }

    fn choose(&mut self, by: isize) -> Reply {
        self.step().0.choose(by);
        Reply::done()
    }

    fn leave(&mut self) -> Reply {
        let mut actions = self.secret.stop_reading();
        actions.push(if self.rechecks { Action::Pop } else { Action::Shelve });
        Reply::Taken(actions)
    }

    fn follow(&mut self, turn: Turn, cx: &Cx<'_>) -> Reply {
        match turn {
            Turn::Stay(actions) => Reply::Taken(actions),
            Turn::Next(mut actions) if self.rechecks => {
                let name = visible(self.draft.name()).cut(24);
                let saves = actions.iter_mut().find_map(|action| match action {
                    Action::Do(Effect::Commit(asked)) => Some(asked),
                    _ => None,
                });
                match saves {
                    Some(asked) => asked.says = Some(Note::good(format!("Checked: {name}"))),
                    None if self.draft.made_here => {
                        actions.push(Action::Say(Note::plain(format!("Still pending: {name}"))));
                    }
                    None => {
                        actions.push(Action::Say(Note::good(format!("Saved without checking: {name}"))));
                    }
                }
                actions.push(Action::Pop);
                Reply::Taken(actions)
            }
            Turn::Next(actions) => {
                self.at = (self.at + 1).min(TITLES.len() - 1);
                match self.at {
                    1 => self.secret.enter(&self.draft),
                    2 => self.codes.enter(&self.draft, cx),
                    _ => {}
                }
                Reply::Taken(actions)
            }
            Turn::Back if self.rechecks && self.draft.made_here => self.leave(),
            Turn::Back if self.rechecks => match &self.draft.saved {
                Some(account) => Reply::act(Action::Replace(Box::new(Edit::new(account)))),
                None => self.leave(),
            },
            Turn::Back if self.at == 0 => self.leave(),
            Turn::Back => {
                let actions = self.secret.stop_reading();
                self.at -= 1;
                if self.at == 0 {
                    self.name.load(&self.draft);
                }
                Reply::Taken(actions)
            }
        }
    }

    fn learn(&mut self, outcome: &Outcome, cx: &Cx<'_>) -> Reply {
        if let Outcome::PictureSaved(result) = outcome {
            return picture_saved(result);
        }
        let turn = match outcome {
            Outcome::Committed(done) if self.at == 2 => self.codes.committed(done, &self.draft, cx),
            Outcome::Picture(result) => self.secret.read_done(result, &mut self.draft, cx),
            Outcome::PictureCame(found) => self.secret.came(found.as_ref()),
            Outcome::FilesDeleted(result) => done::deleted(result, &mut self.draft),
            _ => return Reply::Ignored,
        };
        match turn {
            // What changed nothing here may be for a screen below.
            Turn::Stay(actions) if actions.is_empty() => Reply::Ignored,
            turn => self.follow(turn, cx),
        }
    }

    /// Draws "1 Name ✓   2 Secret   ..." with the step at hand underlined.
    fn view_steps(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if self.rechecks {
            let title = visible(&format!("Two codes for {}", self.draft.name()));
            return widgets::header(cx, area, buf, &title, "");
        }
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

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    let digits = || ('0'..='9').map(Key::Char).collect();
    let digit = || KeyHelp { scope: "", name: "", keys: digits(), help: "a digit of a code" };
    // Where there is a letter among the keys, letters are commands.
    let types =
        |table: Keys| !table.iter().flat_map(|binding| binding.keys).any(|key| matches!(key, Key::Char(_)));
    let all = [name::TABLES, secret::TABLES, codes::TABLES, done::TABLES].into_iter().flatten().copied();
    let all = all.map(|table| (types(table), binding::help(table)));
    let with_digits = codes::DIGITS.iter().map(|table| {
        let mut keys = binding::help(table);
        keys.push(digit());
        (false, keys)
    });
    all.chain(with_digits).collect()
}

impl Screen for Add {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(outcome) => self.learn(outcome, cx),
            Event::Key(key) => match binding::dispatch(self.table(), self, *key, cx) {
                Reply::Ignored => {
                    let (step, draft) = self.step();
                    if step.text(*key, draft, cx) { Reply::done() } else { Reply::Ignored }
                }
                reply @ Reply::Taken(_) => reply,
            },
            Event::Paste(text) => {
                let (step, draft) = self.step();
                let turn = step.pasted(text, draft, cx);
                self.follow(turn, cx)
            }
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.view_steps(cx, area, buf);
        self.current().view(&self.draft, cx, Self::room(area), buf);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(self.table())
    }

    fn name(&self) -> &'static str {
        if self.rechecks { "the two codes" } else { "Add MFA" }
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        self.current().cursor(&self.draft, cx, Self::room(area))
    }

    fn types(&self) -> bool {
        self.current().types(&self.draft)
    }

    fn ticks(&self, _cx: &Cx<'_>) -> bool {
        self.current().ticks()
    }

    fn makes_room(&self) -> bool {
        // There are codes at this step: of digits, or one to be scanned.
        self.at == 2
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        // Not from the outcome of a commit: it may come while the wizard is on the shelf.
        let was_saved = self.draft.is_saved();
        self.draft.saved = cx.vault.account(self.draft.id).cloned();
        // The codes begin when the account is safe, not before.
        if self.at == 2 && !was_saved && self.draft.is_saved() {
            self.codes.enter(&self.draft, cx);
        }
    }
}

/// Returns what leaves the wizard for an import. An empty draft is not kept.
fn to_import(draft: &Draft, import: Vec<Action>) -> Turn {
    let leave = if draft.name().is_empty() { Action::Pop } else { Action::Shelve };
    Turn::Stay([leave].into_iter().chain(import).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        for table in [name::TABLES, secret::TABLES, codes::TABLES, done::TABLES].concat() {
            assert_eq!(binding::clashes(table), []);
        }
    }
}
