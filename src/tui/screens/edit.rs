//! The form that changes an account. It saves by one change that holds only what differs, and stays until the file
//! has it, so that nothing typed is lost.
//!
//! Over 400 lines: what is said of a save, of a secret and of the codes belongs to the one form.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::add::Add;
use super::ask::Veil;
use super::change;
use super::form::{self, Form, Row, Wrong};
use crate::display::visible;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::{Commit, Effect};
use crate::tui::event::{Committed, Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets;
use crate::vault::{Account, Change, Edit as Values, fit};

/// From this height on the form has blank lines.
const AIRY: u16 = 20;
/// From this width on the form has a margin.
const WIDE: u16 = 60;

/// Edits an account.
pub struct Edit {
    form: Form,
    focus: usize,
    veil: Veil,
    wrong: Option<Wrong>,
    /// What is on its way to the file, in words, and whether the codes change.
    saving: Option<(String, bool)>,
    warned: bool,
}

/// A line of the form.
enum Line<'a> {
    Blank,
    Heading,
    Row(Row),
    Warning,
    Wrong(&'a str),
}

impl Edit {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "next",
            keys: &[Key::Tab, Key::Down],
            word: "next",
            help: "to the next field",
            applies: binding::always,
            run: |edit, _| edit.step(1),
        },
        Binding {
            name: "save",
            keys: &[Key::Enter],
            word: "save",
            help: "save (u undoes)",
            applies: binding::always,
            run: Self::save,
        },
        Binding {
            name: "secret",
            keys: &[Key::F(2)],
            word: "show key",
            help: "show or hide the secret key",
            applies: binding::always,
            run: |edit, cx| {
                let reply = edit.veil.toggle(cx);
                edit.sync(cx);
                reply
            },
        },
        Binding {
            name: "pick",
            keys: &[Key::F(3)],
            word: "pick a group",
            help: "put the next group that there is into Group",
            applies: |edit, cx| edit.row() == Row::Group && !cx.vault.groups().is_empty(),
            run: Self::pick,
        },
        Binding {
            name: "back",
            keys: &[Key::Esc, Key::Ctrl('c')],
            word: "back",
            help: "go back; what is not saved is asked about once",
            applies: binding::always,
            run: Self::back,
        },
        Binding {
            name: "previous",
            keys: &[Key::BackTab, Key::Up],
            word: "",
            help: "to the field before",
            applies: binding::always,
            run: |edit, _| edit.step(-1),
        },
        Binding {
            name: "left",
            keys: &[Key::Left],
            word: "",
            help: "move in a text; the value before, in a choice",
            applies: binding::always,
            run: |edit, _| edit.turn(Key::Left, -1),
        },
        Binding {
            name: "right",
            keys: &[Key::Right],
            word: "",
            help: "move in a text; the next value, in a choice",
            applies: binding::always,
            run: |edit, _| edit.turn(Key::Right, 1),
        },
        Binding {
            name: "tick",
            keys: &[Key::Char(' ')],
            word: "change",
            help: "tick, or the next value; a blank in a text",
            applies: |edit, _| !edit.row().is_text(),
            run: |edit, _| edit.turn(Key::Char(' '), 1),
        },
    ];

    /// Returns the form, filled with an account.
    pub fn new(account: &Account) -> Self {
        Self {
            form: Form::new(account),
            focus: 0,
            veil: Veil::default(),
            wrong: None,
            saving: None,
            warned: false,
        }
    }

    fn row(&self) -> Row {
        self.form.rows()[self.focus]
    }

    fn step(&mut self, by: isize) -> Reply {
        self.focus = widgets::round(self.focus, by, self.form.rows().len());
        Reply::done()
    }

    fn turn(&mut self, key: Key, by: isize) -> Reply {
        let row = self.row();
        match self.form.text_mut(row) {
            Some(field) => {
                field.handle(key);
            }
            None => self.form.turn(row, by),
        }
        self.wrong = None;
        Reply::done()
    }

    /// Puts the next of the groups that fit what was typed into the field; after the last one none.
    fn pick(&mut self, cx: &Cx<'_>) -> Reply {
        let groups = cx.vault.groups();
        if groups.is_empty() {
            return Reply::say("There is no group yet. Type the name of a new one into Group");
        }
        self.focus = self.form.rows().iter().position(|row| *row == Row::Group).unwrap_or(self.focus);
        let Some(field) = self.form.text_mut(Row::Group) else { return Reply::done() };
        let here = groups.iter().position(|group| *group == field.text());
        let next = match here {
            Some(at) => groups.get(at + 1),
            // What was typed is not thrown away for a group that has nothing of it.
            None => groups.iter().find(|group| fit(group, field.text()).is_some()),
        };
        match (next, here) {
            (None, None) => Reply::say("No group is called like that. Enter saves it as a new one"),
            (next, _) => {
                field.set(next.copied().unwrap_or_default());
                self.wrong = None;
                Reply::done()
            }
        }
    }

    fn save(&mut self, cx: &Cx<'_>) -> Reply {
        if self.saving.is_some() {
            return Reply::say("Saving ...");
        }
        let Some(account) = cx.vault.account(self.form.id()) else {
            return Reply::act(Action::Say(Note::error("This account is no longer in the vault")));
        };
        let values = match self.form.values(account) {
            Ok(values) => values,
            Err(wrong) => {
                self.focus = self.form.rows().iter().position(|row| *row == wrong.row).unwrap_or(self.focus);
                self.wrong = Some(wrong);
                return Reply::done();
            }
        };
        self.wrong = None;
        if values == Values::default() {
            return Reply::Taken(vec![Action::Say(Note::plain("Nothing was changed")), Action::Pop]);
        }
        let doing = format!("editing {}", change::title(account, cx));
        self.saving = Some((doing.clone(), values.otp.is_some()));
        let edit = Commit::undoable(vec![Change::Edit(account.id, Box::new(values))], doing);
        Reply::act(Action::Do(Effect::Commit(edit)))
    }

    fn back(&mut self, cx: &Cx<'_>) -> Reply {
        // Once for what is being saved too: it may still be refused.
        if self.warned || !self.form.is_changed() || cx.vault.account(self.form.id()).is_none() {
            return Reply::act(Action::Pop);
        }
        self.warned = true;
        let text = "Not saved. Enter saves, Esc once more leaves it as it was";
        Reply::act(Action::Say(Note::warning(text)))
    }

    fn learn(&mut self, outcome: &Outcome, cx: &Cx<'_>) -> Reply {
        let Some((doing, changes_codes)) = &self.saving else {
            return Reply::Ignored;
        };
        match outcome {
            Outcome::Committed(Committed { undoes: Some(label), vault, .. }) if label == doing => {
                let account = vault.account(self.form.id());
                // By the name that it has now.
                let note =
                    account.map_or("Saved".to_owned(), |it| format!("Saved {}", change::title(it, cx)));
                // One that waits for its first two codes has no secret to be shown here, and no codes of ours.
                let account = account.filter(|it| *changes_codes && !it.pending);
                Reply::Taken(vec![
                    Action::Say(Note::good(note)),
                    account.map_or(Action::Pop, |account| {
                        Action::Replace(Box::new(Add::recheck(account, self.form.typed_secret(), cx)))
                    }),
                ])
            }
            Outcome::Refused(_, asked) if asked.undoes.as_ref() == Some(doing) => {
                self.saving = None;
                Reply::done()
            }
            _ => Reply::Ignored,
        }
    }

    /// Shows or hides the secret as the veil says.
    fn sync(&mut self, cx: &Cx<'_>) {
        self.form.mask(!self.veil.is_lifted(cx));
    }

    fn lines(&self, height: u16) -> Vec<Line<'_>> {
        let airy = height >= AIRY;
        let mut lines = Vec::new();
        for row in self.form.rows() {
            if airy && *row == Row::Secret {
                lines.extend([Line::Blank, Line::Heading, Line::Blank]);
            }
            lines.push(Line::Row(*row));
            if let Some(wrong) = self.wrong.as_ref().filter(|wrong| wrong.row == *row) {
                lines.push(Line::Wrong(&wrong.text));
            }
        }
        if airy && self.form.changes_codes() {
            lines.extend([Line::Blank, Line::Warning]);
        }
        lines
    }

    /// Returns the lines and the number of the first one that is drawn, so that the one in use is in sight.
    fn window(&self, area: Rect) -> (Vec<Line<'_>>, usize) {
        let lines = self.lines(area.height);
        let room = usize::from(area.height.saturating_sub(top(area) + 1));
        let here = self.row();
        let at = lines.iter().position(|line| matches!(line, Line::Row(row) if *row == here)).unwrap_or(0);
        // An error stands below its field and must be seen with it.
        let last = at + usize::from(matches!(lines.get(at + 1), Some(Line::Wrong(_))));
        let first = (last + 1).saturating_sub(room);
        (lines, first)
    }

    fn view_row(&self, row: Row, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16) {
        let (margin, column) = columns(area);
        if row == self.row() {
            widgets::put(buf, area, margin - 2, y, cx.theme.glyph(Glyph::Cursor), Style::new());
        }
        widgets::put(buf, area, margin, y, row.label(), Style::new());
        if let Some(field) = self.form.text(row) {
            let width = area.width.saturating_sub(column + 1);
            field.view(cx.theme, area, buf, (column, y), width, Style::new());
            return;
        }
        let style = if row == self.row() { cx.theme.selected() } else { Style::new() };
        widgets::put(buf, area, column, y, &self.form.choice(row, *cx.theme), style);
    }

    /// Draws the code that the values make now; where there is no room for the long warning, a short one.
    fn view_code(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16) {
        let (mut x, _) = columns(area);
        let pending = cx.vault.account(self.form.id()).is_some_and(|account| account.pending);
        let otp = self.form.otp().ok().filter(|_| !pending);
        let made = otp.and_then(|otp| {
            let code = otp.code(cx.now.wall).ok()?;
            Some((code, otp.seconds_left(cx.now.wall)?))
        });
        let shows = made.is_some();
        if let Some((code, left)) = made {
            let text = if cx.hide_codes { super::facts::hidden(cx, &code) } else { code.grouped() };
            x += 2 + widgets::put(buf, area, x, y, &text, cx.theme.strong());
            x += 3 + widgets::put(
                buf,
                area,
                x,
                y,
                &format!("{} s", cx.theme.seconds(left)),
                cx.theme.bar(left),
            );
        }
        match (self.form.changes_codes(), area.height >= AIRY) {
            (true, false) => widgets::put(buf, area, x, y, "! two codes follow", cx.theme.warning()),
            (true, true) if shows => {
                widgets::put(buf, area, x, y, "what the codes would be now", Style::new())
            }
            (false, _) if shows => widgets::put(buf, area, x, y, "the code now", Style::new()),
            _ => 0,
        };
    }
}

/// Returns the column of the labels and that of the values.
fn columns(area: Rect) -> (u16, u16) {
    if area.width >= WIDE { (3, 18) } else { (2, 13) }
}

/// Returns the row of the first line.
fn top(area: Rect) -> u16 {
    if area.height >= AIRY { 2 } else { 1 }
}

impl Screen for Edit {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        self.veil.settle(event, cx);
        self.sync(cx);
        match event {
            Event::Done(outcome) => self.learn(outcome, cx),
            Event::Key(key) => {
                if !matches!(key, Key::Esc | Key::Ctrl('c')) {
                    self.warned = false;
                }
                let row = self.row();
                match binding::dispatch(Self::KEYS, self, *key, cx) {
                    Reply::Ignored if self.form.text_mut(row).is_some_and(|field| field.handle(*key)) => {
                        self.wrong = None;
                        Reply::done()
                    }
                    reply => reply,
                }
            }
            Event::Paste(text) => {
                let row = self.row();
                let fits = self.form.text_mut(row).is_none_or(|field| field.insert(text));
                self.wrong = (!fits).then(|| form::too_long(row));
                Reply::done()
            }
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let unsaved = if self.form.is_changed() { "edited" } else { "" };
        let title = visible(&format!("Edit {}", self.form.title()));
        widgets::header(cx, area, buf, &title, unsaved);
        let (margin, column) = columns(area);
        let (lines, first) = self.window(area);
        let end = area.height.saturating_sub(1);
        for (y, line) in (top(area)..end).zip(&lines[first.min(lines.len())..]) {
            match line {
                Line::Blank => {}
                Line::Heading => {
                    widgets::put(buf, area, margin, y, "Secret and settings", cx.theme.strong());
                }
                Line::Row(row) => self.view_row(*row, cx, area, buf, y),
                Line::Warning => {
                    let row = Rect { y: area.y + y, height: end - y, ..area };
                    let text = "This changes the codes. Once it is saved, two codes are asked for again.";
                    widgets::note(cx, row, buf, (margin, 0), &Note::warning(text));
                }
                Line::Wrong(text) => {
                    let row = Rect { y: area.y + y, height: 1, ..area };
                    widgets::note(cx, row, buf, (column.saturating_sub(2), 0), &Note::error(*text));
                }
            }
        }
        let room = Rect { height: end, ..area };
        let below = lines.len() > first + usize::from(end.saturating_sub(top(area)));
        widgets::more(cx, widgets::below(room, top(area)), buf, first > 0, below);
        self.view_code(cx, area, buf, end);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(Self::KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(Self::KEYS)
    }

    fn name(&self) -> &'static str {
        "the edit form"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let (lines, first) = self.window(area);
        let here = self.row();
        let at = lines.iter().position(|line| matches!(line, Line::Row(row) if *row == here))?;
        let y = top(area) + u16::try_from(at.checked_sub(first)?).ok()?;
        let (_, column) = columns(area);
        Some(match self.form.text(here) {
            Some(field) => field.cursor(cx.theme, area, (column, y), area.width.saturating_sub(column + 1)),
            None => Position::new(area.x + column.min(area.width - 1), area.y + y.min(area.height - 1)),
        })
    }

    fn types(&self) -> bool {
        true
    }

    fn ticks(&self, _cx: &Cx<'_>) -> bool {
        true
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        self.veil.answer(cx);
        self.sync(cx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Edit::KEYS).is_empty());
    }
}
