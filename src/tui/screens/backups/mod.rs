//! The earlier states of the vault that are kept beside it: which there are, what one would change, and bringing it
//! back, which is a change like any other and can be undone. A copy for elsewhere is made here too. The keys stand in
//! `keys`, the state that is looked at in `look`, and the picture is drawn in `view`.
//!
//! States are opened one after the other while the list is looked at, so that nothing else has to wait for all of them.

mod keys;
mod look;
mod view;

use std::path::PathBuf;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::keys::{BUSY, COPY, LIST, LOOK};
use self::look::Look;
use crate::failure::Failure;
use crate::tui::binding::{self, Binding, dispatch};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome};
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::widgets::{Field, sentence};
use crate::vault::{Backup, Difference, SealedCopy, Vault, differences};

/// The longest path.
const PATH: usize = 4096;

/// What is known of a state.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Known {
    /// It opens.
    Good {
        /// How many accounts are in it.
        accounts: usize,
        /// What was done to it then: the first account, and how many more. Nothing if the one after it does not open.
        then: Option<(Option<Difference>, usize)>,
    },
    /// It does not open, and why.
    Bad(String),
}

/// A state, and what is known of it so far.
struct Row {
    backup: Backup,
    known: Option<Known>,
}

/// Where the screen stands.
enum Stage {
    /// The list.
    List,
    /// A directory for a copy is typed.
    Copy,
    /// The copy is being made.
    Copying,
    /// What a state would change.
    Look(Look),
}

/// Shows the earlier states of the vault.
pub struct Backups {
    stage: Stage,
    /// The states, the newest first; nothing while they are not known.
    rows: Option<Vec<Row>>,
    selected: usize,
    /// They could not be listed, or one could not be looked at, or no copy was made.
    note: Option<Note>,
    /// What was opened last, for what was done between it and the one before.
    last: Option<(PathBuf, Option<Arc<Vault>>)>,
    /// The state that is being opened for the list.
    asked: Option<PathBuf>,
    /// The state that shall be looked at once it is open.
    wanted: Option<PathBuf>,
    /// The vault has changed since they were listed.
    stale: bool,
    to: Field,
}

impl Backups {
    /// Returns what shows them.
    pub fn open() -> Reply {
        let screen = Self {
            stage: Stage::List,
            rows: None,
            selected: 0,
            note: None,
            last: None,
            asked: None,
            wanted: None,
            stale: false,
            to: Field::new(PATH),
        };
        Reply::Taken(vec![Action::Push(Box::new(screen)), Action::Do(Effect::ListBackups)])
    }

    fn table(&self) -> &'static [Binding<Self>] {
        match self.stage {
            Stage::List => LIST,
            Stage::Copy => COPY,
            Stage::Copying => BUSY,
            Stage::Look(_) => LOOK,
        }
    }

    fn rows(&self) -> &[Row] {
        self.rows.as_deref().unwrap_or_default()
    }

    fn go(&mut self, by: isize) -> Reply {
        if self.rows().is_empty() {
            return self.nothing();
        }
        let last = self.rows().len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
        Reply::done()
    }

    /// Says why there is nothing to choose.
    fn nothing(&self) -> Reply {
        Reply::say(match self.rows {
            None => "The kept states are not listed yet",
            Some(_) => "No earlier state is kept yet. b makes a copy for elsewhere",
        })
    }

    /// Takes the list, and keeps what is known already.
    fn listed(&mut self, found: Vec<Backup>) -> Reply {
        let chosen = self.rows().get(self.selected).map(|row| row.backup.path.clone());
        let mut old = self.rows.take().unwrap_or_default();
        let rows: Vec<Row> = found
            .into_iter()
            .map(|backup| {
                let same = old.iter_mut().find(|row| row.backup == backup);
                Row { known: same.and_then(|row| row.known.take()), backup }
            })
            .collect();
        self.selected = rows.iter().position(|row| Some(&row.backup.path) == chosen.as_ref()).unwrap_or(0);
        self.rows = Some(rows);
        self.open_next()
    }

    /// Asks for the next state that is not known yet; before it for the one after it, to tell the two apart.
    fn open_next(&mut self) -> Reply {
        let rows = self.rows();
        if self.asked.is_some() {
            return Reply::done();
        }
        let Some(at) = rows.iter().position(|row| row.known.is_none()) else {
            self.last = None;
            return Reply::done();
        };
        let ready = at == 0 || self.last.as_ref().is_some_and(|(path, _)| *path == rows[at - 1].backup.path);
        let next = if ready { at } else { at - 1 };
        let backup = rows[next].backup.clone();
        self.asked = Some(backup.path.clone());
        Reply::act(Action::Do(Effect::ReadBackup(backup)))
    }

    fn opened(&mut self, backup: &Backup, result: Result<Arc<Vault>, Failure>, cx: &Cx<'_>) -> Reply {
        if self.wanted.take_if(|path| *path == backup.path).is_some() {
            match result {
                Ok(then) => self.look(backup.clone(), then, cx),
                Err(failure) => self.note = Some(Note::error(told(&failure))),
            }
            return Reply::done();
        }
        if self.asked.take_if(|path| *path == backup.path).is_none() {
            return Reply::done();
        }
        let Some(at) = self.rows().iter().position(|row| row.backup == *backup) else {
            return self.open_next();
        };
        let known = match &result {
            Ok(vault) => {
                let later = match at.checked_sub(1) {
                    None => Some(cx.vault),
                    Some(before) => {
                        let path = &self.rows()[before].backup.path;
                        let last = self.last.as_ref().filter(|(last, _)| last == path);
                        last.and_then(|(_, vault)| vault.as_deref())
                    }
                };
                let then = later.map(|later| differences(vault, later));
                let then = then.map(|found| (found.len().saturating_sub(1), found.into_iter().next()));
                Known::Good { accounts: vault.accounts().len(), then: then.map(|(more, one)| (one, more)) }
            }
            Err(failure) => Known::Bad(told(failure)),
        };
        self.last = Some((backup.path.clone(), result.ok()));
        if let Some(row) = self.rows.as_mut().and_then(|rows| rows.get_mut(at)) {
            row.known.get_or_insert(known);
        }
        self.open_next()
    }

    /// Asks for what the chosen state would change.
    fn want(&mut self) -> Reply {
        let Some(row) = self.rows.as_ref().and_then(|rows| rows.get(self.selected)) else {
            return self.nothing();
        };
        if let Some(Known::Bad(why)) = &row.known {
            return Reply::act(Action::Say(Note::error(why.clone())));
        }
        self.note = None;
        self.wanted = Some(row.backup.path.clone());
        Reply::act(Action::Do(Effect::ReadBackup(row.backup.clone())))
    }

    /// Makes a copy in the directory that was typed.
    fn copy(&mut self) -> Reply {
        let dir = self.to.text().trim().to_owned();
        if dir.is_empty() {
            self.note = Some(Note::error("Type or paste the path of a directory first"));
            return Reply::done();
        }
        self.note = None;
        self.stage = Stage::Copying;
        Reply::act(Action::Do(Effect::BackUp(dir)))
    }

    fn copied(&mut self, result: Result<SealedCopy, Failure>) -> Reply {
        match result {
            Ok(copy) => {
                if matches!(self.stage, Stage::Copying) {
                    self.stage = Stage::List;
                    self.to.clear();
                }
                Reply::act(Action::Say(Note::good(view::copied(&copy))))
            }
            Err(failure) if matches!(self.stage, Stage::Copying) => {
                self.stage = Stage::Copy;
                self.note = Some(Note::error(told(&failure)));
                Reply::done()
            }
            Err(failure) => Reply::act(Action::Say(Note::error(told(&failure)))),
        }
    }

    fn back(&mut self) -> Reply {
        self.note = None;
        self.wanted = None;
        match self.stage {
            Stage::List => Reply::act(Action::Pop),
            Stage::Copy | Stage::Copying | Stage::Look(_) => {
                self.stage = Stage::List;
                Reply::done()
            }
        }
    }
}

/// Returns a failure with what to do about it.
fn told(failure: &Failure) -> String {
    let hints = failure.hints.iter().map(|hint| format!(". {}", sentence(hint)));
    sentence(&failure.message).trim_end_matches('.').to_owned() + &hints.collect::<String>()
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    vec![
        (false, binding::help(LIST)),
        (false, binding::help(LOOK)),
        (true, binding::help(COPY)),
        (false, binding::help(BUSY)),
    ]
}

impl Screen for Backups {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Key(key) => match dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if self.types() => {
                    if self.to.handle(*key) {
                        self.note = None;
                    }
                    Reply::done()
                }
                reply => reply,
            },
            Event::Paste(text) if self.types() => {
                self.note = None;
                let cut = !self.to.insert(text);
                if cut { Reply::say("Too long: the rest was cut off") } else { Reply::done() }
            }
            Event::Paste(_) => Reply::say("Nothing can be pasted here"),
            Event::Done(Outcome::Backups(Ok(found))) => self.listed(found.clone()),
            Event::Done(Outcome::Backups(Err(failure))) => {
                self.note = Some(Note::error(told(failure)));
                Reply::done()
            }
            Event::Done(Outcome::BackupRead(backup, result)) => {
                let result = match result {
                    Ok(vault) => Ok(Arc::clone(vault)),
                    Err(failure) => Err(failure.clone()),
                };
                self.opened(backup, result, cx)
            }
            Event::Done(Outcome::BackedUp(result)) => self.copied(result.clone()),
            Event::Done(Outcome::Committed(done)) => self.committed(done.undoes.as_deref(), true),
            Event::Done(Outcome::Refused(_, asked)) => self.committed(asked.undoes.as_deref(), false),
            Event::Done(_) => Reply::Ignored,
            Event::Tick if std::mem::take(&mut self.stale) => Reply::act(Action::Do(Effect::ListBackups)),
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(cx, area, buf);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(self.table())
    }

    fn name(&self) -> &'static str {
        "the backups"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        self.cursor_at(cx, area)
    }

    fn types(&self) -> bool {
        matches!(self.stage, Stage::Copy)
    }

    fn ticks(&self, _: &Cx<'_>) -> bool {
        // The header shows the time, and what has changed is listed anew.
        true
    }

    fn takes_mouse(&self) -> bool {
        !self.types()
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        self.stale = self.rows.is_some();
        if let Stage::Look(look) = &mut self.stage {
            look.refresh(cx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        for table in [LIST, LOOK, COPY, BUSY] {
            assert!(binding::clashes(table).is_empty());
        }
    }
}
