//! A state that is looked at: what it would change, and bringing it back.

use std::sync::Arc;

use super::{Backups, Stage, view};
use crate::tui::effect::{Commit, Effect};
use crate::tui::screen::{Action, Cx, Note, Reply};
use crate::vault::{AccountId, Backup, Change, Difference, Vault, differences, return_to};

/// A state that is looked at.
pub(super) struct Look {
    pub(super) backup: Backup,
    pub(super) then: Arc<Vault>,
    /// From now to then.
    pub(super) differences: Vec<Difference>,
    pub(super) top: usize,
    /// It is being brought back: what an undo would take back.
    pub(super) under_way: Option<String>,
}

impl Look {
    /// Compares it with the vault as it is now.
    pub(super) fn refresh(&mut self, cx: &Cx<'_>) {
        self.differences = differences(cx.vault, &self.then);
        self.top = self.top.min(self.differences.len().saturating_sub(1));
    }
}

impl Backups {
    pub(super) fn look(&mut self, backup: Backup, then: Arc<Vault>, cx: &Cx<'_>) {
        let differences = differences(cx.vault, &then);
        self.note = None;
        self.stage = Stage::Look(Look { backup, then, differences, top: 0, under_way: None });
    }

    /// Brings the state back that is looked at.
    pub(super) fn bring(&mut self, cx: &Cx<'_>) -> Reply {
        let Stage::Look(look) = &mut self.stage else { return Reply::done() };
        if look.under_way.is_some() {
            return Reply::say("It is being brought back");
        }
        let changes = changes(cx, &look.then);
        if changes.is_empty() {
            return Reply::say("It holds what the vault holds now. There is nothing to bring back");
        }
        let doing = format!("bringing back the state of {}", view::moment(cx, look.backup.when));
        look.under_way = Some(doing.clone());
        let said = Note::good(format!(
            "Brought back the state of {}. u undoes it",
            view::moment(cx, look.backup.when)
        ));
        Reply::act(Action::Do(Effect::Commit(Commit::undoable(changes, doing).says(said))))
    }

    /// Takes note of a commit, if it was the one that brings a state back.
    pub(super) fn committed(&mut self, undoes: Option<&str>, done: bool) -> Reply {
        let Stage::Look(look) = &mut self.stage else { return Reply::Ignored };
        if look.under_way.take_if(|doing| Some(doing.as_str()) == undoes).is_none() || !done {
            return Reply::Ignored;
        }
        self.stage = Stage::List;
        self.stale = false;
        Reply::act(Action::Do(Effect::ListBackups))
    }

    pub(super) fn scroll(&mut self, by: isize) -> Reply {
        if let Stage::Look(look) = &mut self.stage {
            let last = look.differences.len().saturating_sub(1);
            look.top = look.top.saturating_add_signed(by).min(last);
        }
        Reply::done()
    }
}

/// Returns the changes that bring a state back.
fn changes(cx: &Cx<'_>, then: &Vault) -> Vec<Change> {
    let fresh = || {
        let mut random = [0; 10];
        random.copy_from_slice(&(cx.facts.random.0)()[..10]);
        AccountId::new(cx.now.wall, random)
    };
    return_to(cx.vault, then, cx.now.wall, fresh)
}
