//! What an import would bring: every entry with what becomes of it, to be chosen, and the code of the selected one
//! to be compared with the old app. Nothing is written before Enter.
//!
//! Over 400 lines: a row, what is said of it and its keys are read together.

use std::cell::Cell;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::Import;
use super::added::{Added, accounts};
use super::words::{Columns, WIDE, mark, remarks, settings, summary, word};
use crate::display::visible;
use crate::exchange::{Imported, Plan, Refused, Row, State};
use crate::otp::Kind;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::{Commit, Effect, Original};
use crate::tui::event::{Event, Outcome, Read};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, lines, put, put_visible};
use crate::vault::Change;

/// The row of the first entry.
const TOP: u16 = 2;

/// Shows what an import would bring.
pub(super) struct Preview {
    file: String,
    title: &'static str,
    /// All that was read, for the next file to be added to.
    imported: Imported,
    /// The files that hold the secrets for anybody to read.
    originals: Vec<Original>,
    plan: Plan,
    selected: usize,
    /// The name of the change that is being saved.
    saving: Option<String>,
    page: Cell<u16>,
}

impl Preview {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "choose",
            keys: &[Key::Char(' ')],
            word: "choose",
            help: "choose the entry, or leave it out",
            applies: |preview, _| preview.row().is_some_and(Row::can_be_chosen),
            run: |preview, _| preview.choose(),
        },
        Binding {
            name: "all",
            keys: &[Key::Char('A'), Key::Char('a')],
            word: "all",
            help: "choose all that are new",
            applies: |preview, _| preview.plan.tally().new > 0,
            run: |preview, _| preview.choose_all(true),
        },
        Binding {
            name: "none",
            keys: &[Key::Char('N'), Key::Char('n')],
            word: "none",
            help: "choose none",
            applies: |preview, _| preview.plan.tally().chosen > 0,
            run: |preview, _| preview.choose_all(false),
        },
        Binding {
            name: "add",
            keys: &[Key::Enter],
            word: "add them",
            help: "add what is chosen, in one go; u undoes it",
            applies: |preview, _| preview.plan.tally().chosen > 0,
            run: Self::add,
        },
        Binding {
            name: "more",
            keys: &[Key::Char('m')],
            word: "next picture",
            help: "read another picture or file, and add it to this; choices begin anew",
            applies: |preview, _| preview.imported.batches.is_incomplete(),
            run: |preview, _| preview.ask_for_more(),
        },
        Binding {
            name: "cancel",
            keys: &[Key::Esc, Key::Char('q'), Key::Ctrl('c'), Key::Left],
            word: "cancel",
            help: "go back; nothing is added",
            applies: binding::always,
            run: |_, _| Reply::act(Action::Pop),
        },
        Self::walk("down", &[Key::Down, Key::Char('j')], "down", |preview, _| preview.go(1)),
        Self::walk("up", &[Key::Up, Key::Char('k')], "up", |preview, _| preview.go(-1)),
        Self::walk("first", &[Key::Home, Key::Char('g')], "first", |preview, _| preview.go(isize::MIN)),
        Self::walk("last", &[Key::End, Key::Char('G')], "last", |preview, _| preview.go(isize::MAX)),
        Self::walk("page-down", &[Key::PageDown, Key::Ctrl('d')], "half a page down", |preview, _| {
            preview.go(preview.half_page())
        }),
        Self::walk("page-up", &[Key::PageUp, Key::Ctrl('u')], "half a page up", |preview, _| {
            preview.go(-preview.half_page())
        }),
    ];

    const fn walk(
        name: &'static str,
        keys: &'static [Key],
        help: &'static str,
        run: fn(&mut Self, &Cx<'_>) -> Reply,
    ) -> Binding<Self> {
        Binding { name, keys, word: "", help, applies: binding::always, run }
    }

    /// Returns the preview of a file that an app called `title` wrote.
    /// `original` is the file, unless it is encrypted.
    pub(super) fn new(
        file: String,
        title: &'static str,
        imported: Imported,
        original: Option<Original>,
        cx: &Cx<'_>,
    ) -> Self {
        let plan = Plan::new(imported.clone(), cx.vault);
        let originals = original.into_iter().collect();
        Self { file, title, imported, originals, plan, selected: 0, saving: None, page: Cell::new(1) }
    }

    /// Returns the preview of what was read before and of another file.
    pub(super) fn with(mut self, file: &str, read: &Read, original: Option<Original>, cx: &Cx<'_>) -> Self {
        self.imported.append(read.imported.clone());
        let title = if self.title == read.title { self.title } else { "" };
        let mut originals = self.originals;
        originals.extend(original.filter(|original| !originals.contains(original)));
        let whole = Self::new(format!("{}, {file}", self.file), title, self.imported, None, cx);
        Self { originals, ..whole }
    }

    /// Leads to the question for another file. It comes back with this preview, or with one of both.
    fn more(&mut self) -> Option<Import> {
        if self.saving.is_some() {
            return None;
        }
        let nothing = Self {
            file: String::new(),
            title: "",
            imported: Imported::default(),
            originals: Vec::new(),
            plan: self.plan.clone(),
            selected: 0,
            saving: None,
            page: Cell::new(1),
        };
        Some(Import::more(std::mem::replace(self, nothing)))
    }

    fn ask_for_more(&mut self) -> Reply {
        match self.more() {
            Some(import) => Reply::act(Action::Replace(Box::new(import))),
            None => Reply::done(),
        }
    }

    /// Takes a paste as the next file.
    fn paste(&mut self, text: &str) -> Reply {
        let Some(mut import) = self.more() else { return Reply::done() };
        let Reply::Taken(mut actions) = import.paste(text) else { return Reply::done() };
        actions.insert(0, Action::Replace(Box::new(import)));
        Reply::Taken(actions)
    }

    fn len(&self) -> usize {
        self.plan.rows.len() + self.plan.refused.len()
    }

    /// Returns the selected entry, if it could be read.
    fn row(&self) -> Option<&Row> {
        self.plan.rows.get(self.selected)
    }

    /// Returns the selected entry that could not be read.
    fn refused(&self) -> Option<&Refused> {
        self.plan.refused.get(self.selected.checked_sub(self.plan.rows.len())?)
    }

    fn go(&mut self, by: isize) -> Reply {
        self.selected = self.selected.saturating_add_signed(by).min(self.len().saturating_sub(1));
        Reply::done()
    }

    fn half_page(&self) -> isize {
        isize::try_from(self.page.get() / 2).unwrap_or(1).max(1)
    }

    fn choose(&mut self) -> Reply {
        match self.plan.rows.get_mut(self.selected) {
            Some(row) if row.can_be_chosen() => {
                row.chosen = !row.chosen;
                self.go(1)
            }
            Some(_) => Reply::say("It is here already; there is nothing to add"),
            None => Reply::say("It cannot be added"),
        }
    }

    fn choose_all(&mut self, chosen: bool) -> Reply {
        for row in &mut self.plan.rows {
            row.chosen = chosen && row.state == State::New;
        }
        Reply::done()
    }

    fn add(&mut self, cx: &Cx<'_>) -> Reply {
        if self.saving.is_some() {
            return Reply::done();
        }
        let changes = self.changes(cx);
        if changes.is_empty() {
            return Reply::say("Nothing is chosen. Space chooses an entry");
        }
        let label = format!("importing {}", accounts(changes.len()));
        self.saving = Some(label.clone());
        let mut add = Commit::undoable(changes, label);
        if self.originals.is_empty() {
            let count = accounts(self.plan.tally().chosen);
            add = add.says(Note::good(format!("{count} added. u undoes the whole import")));
        }
        Reply::act(Action::Do(Effect::Commit(add)))
    }

    fn changes(&self, cx: &Cx<'_>) -> Vec<Change> {
        let mut count = 0_u16;
        // The count, since ids must differ also where a test fixes what is random.
        let fresh = || {
            let mut id = [0; 10];
            id.copy_from_slice(&(cx.facts.random.0)()[..10]);
            count = count.wrapping_add(1);
            for (byte, part) in id.iter_mut().zip(count.to_be_bytes()) {
                *byte ^= part;
            }
            id
        };
        self.plan.changes(cx.now.wall, fresh)
    }

    fn view_row(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16, index: usize) {
        let selected = index == self.selected;
        let style = if selected { cx.theme.selected() } else { Style::new() };
        if selected {
            put(buf, area, 0, y, cx.theme.glyph(Glyph::Cursor), style);
        }
        let (mark, issuer, account, settings, state) = if let Some(row) = self.plan.rows.get(index) {
            (
                mark(row),
                visible(&row.entry.issuer),
                visible(&row.entry.account),
                settings(&row.entry.otp),
                word(row),
            )
        } else {
            let refused = &self.plan.refused[index - self.plan.rows.len()];
            ("[!]", visible(&refused.name), visible(&refused.place), String::new(), "cannot be read")
        };
        put(buf, area, 2, y, mark, style);
        let columns = Columns::of(area.width);
        let name = if issuer.is_empty() { &account } else { &issuer };
        put_visible(buf, area, (6, y), columns.name, name, style);
        if let Some((x, width)) = columns.account
            && !issuer.is_empty()
        {
            put_visible(buf, area, (x, y), width, &account, style);
        }
        if let Some(x) = columns.settings {
            put(buf, area, x, y, &settings, style);
        }
        put(buf, area, columns.state, y, state, style);
    }

    /// Returns what is said below the rows: of the selected entry, of the whole, of the format.
    fn words(&self, cx: &Cx<'_>, width: usize) -> Vec<String> {
        let mut words = Vec::new();
        let narrow = width < usize::from(WIDE);
        words.extend(lines(&self.about(cx, narrow), width).into_iter().take(2));
        words.extend(lines(&summary(self.plan.tally(), narrow), width));
        for remark in remarks(&self.plan) {
            words.extend(lines(&remark, width));
        }
        let promise = if narrow {
            "Nothing is written before Enter."
        } else {
            "Nothing is written before you press Enter. u undoes the whole import."
        };
        words.extend(lines(promise, width));
        words
    }

    /// Says what matters of the selected entry.
    fn about(&self, cx: &Cx<'_>, narrow: bool) -> String {
        if let Some(refused) = self.refused() {
            return format!("{}: {}", visible(&refused.place), refused.problem);
        }
        let Some(row) = self.row() else { return String::new() };
        if let Some(other) = &row.lookalike {
            return format!("Beware: it looks like \"{}\" and is not", visible(other).cut(40));
        }
        let name =
            visible(if row.entry.issuer.is_empty() { &row.entry.account } else { &row.entry.issuer }).cut(24);
        match row.entry.otp.code(cx.now.wall) {
            Ok(code) if !cx.hide_codes && narrow => format!("{name} now {}", code.grouped().as_str()),
            Ok(code) if !cx.hide_codes => {
                format!(
                    "{name} now {}   compare it with the old app before you go on",
                    code.grouped().as_str()
                )
            }
            Err(_) if matches!(row.entry.otp.kind, Kind::Hotp { .. }) => {
                format!("{name} goes by a counter; its next code is shown after the import")
            }
            _ => String::new(),
        }
    }
}

impl Screen for Preview {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            // Other changes, as of counted uses, may be saved meanwhile.
            Event::Done(Outcome::Committed(done)) if self.saving.is_some() && done.undoes == self.saving => {
                let count = self.plan.tally().chosen;
                if self.originals.is_empty() {
                    return Reply::act(Action::Pop);
                }
                let doing = self.saving.take().unwrap_or_default();
                let added = Added::new(count, doing, std::mem::take(&mut self.originals));
                Reply::act(Action::Replace(Box::new(added)))
            }
            Event::Done(Outcome::Refused(_, asked))
                if self.saving.is_some() && asked.undoes == self.saving =>
            {
                self.saving = None;
                Reply::done()
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => binding::dispatch(Self::KEYS, self, *key, cx),
            Event::Paste(text) => self.paste(text),
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let count = format!("{} in the file", self.len());
        let right = u16::try_from(count.len()).unwrap_or(u16::MAX);
        let title = visible("Import");
        let taken = put_visible(buf, area, (1, 0), area.width, &title, cx.theme.strong()) + 4;
        let more = format!("{}   {}", self.file, self.title);
        let room = area.width.saturating_sub(taken + right + 3);
        put_visible(buf, area, (taken, 0), room, &visible(&more), Style::new());
        put(buf, area, area.width.saturating_sub(right + 1), 0, &count, Style::new());
        widgets::rule(cx, area, buf, 1);

        let words = self.words(cx, usize::from(area.width.saturating_sub(2)));
        // At least half of the window is for the rows.
        let most = usize::from(area.height.saturating_sub(TOP) * 2 / 5).max(1);
        let words = &words[..words.len().min(most)];
        let below = area.height - u16::try_from(words.len()).unwrap_or(0).min(area.height);
        let rows = below.saturating_sub(TOP + 1).max(1);
        self.page.set(rows);
        let first = top(self.selected, self.len(), usize::from(rows));
        for (y, index) in (first..self.len()).take(usize::from(rows)).enumerate() {
            self.view_row(cx, area, buf, TOP + u16::try_from(y).unwrap_or(0), index);
        }
        let last = (first + usize::from(rows)).min(self.len());
        if last < self.len() || first > 0 {
            let up = if first > 0 { cx.theme.glyph(Glyph::Up) } else { " " };
            let down = if last < self.len() { cx.theme.glyph(Glyph::Down) } else { " " };
            let text = format!("{} of {} {up}{down}", self.selected + 1, self.len());
            let x = area.width.saturating_sub(u16::try_from(text.chars().count()).unwrap_or(0) + 1);
            put(buf, area, x, below.saturating_sub(1), &text, Style::new());
        }
        for (row, line) in words.iter().enumerate() {
            put(buf, area, 1, below + u16::try_from(row).unwrap_or(0), line, Style::new());
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(Self::KEYS, self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(Self::KEYS)
    }

    fn name(&self) -> &'static str {
        "the import's preview"
    }

    fn cursor(&self, _: &Cx<'_>, area: Rect) -> Option<Position> {
        let first = top(self.selected, self.len(), usize::from(self.page.get()));
        let y = TOP + u16::try_from(self.selected - first).unwrap_or(0);
        Some(Position::new(area.x, area.y + y.min(area.height.saturating_sub(1))))
    }

    fn ticks(&self, _: &Cx<'_>) -> bool {
        true
    }
}

/// Returns the first row in sight so that the selected one is, with a row above it where there is one.
fn top(selected: usize, of: usize, rows: usize) -> usize {
    selected.saturating_sub(rows / 2).min(of.saturating_sub(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(Preview::KEYS).is_empty());
    }

    #[test]
    fn the_selected_row_is_always_in_sight() {
        for (of, rows) in [(1, 5), (5, 5), (100, 7), (100, 1)] {
            for selected in 0..of {
                let first = top(selected, of, rows);
                assert!(first <= selected && selected < first + rows, "{selected} of {of} in {rows}");
            }
        }
    }
}
