//! Changes to several accounts at once: to those that are marked, or to the one that keys go to. Each is one commit,
//! which one undo takes back.

use super::Accounts;
use super::keys::nothing;
use crate::config::Order;
use crate::tui::effect::{Commit, Effect};
use crate::tui::screen::{Action, Cx, Note, Reply};
use crate::tui::screens::ask::{Ask, EXPORT};
use crate::tui::screens::change;
use crate::tui::screens::export::Export;
use crate::tui::screens::regroup::Regroup;
use crate::vault::{Account, AccountId, Change};

impl Accounts {
    /// Returns what the next change is about.
    fn meant<'a>(&self, cx: &Cx<'a>) -> Vec<&'a Account> {
        if self.choice.marked.is_empty() {
            return self.chosen(cx).into_iter().collect();
        }
        cx.vault.accounts().iter().filter(|account| self.choice.marked.contains(&account.id)).collect()
    }

    /// Makes a change to what is meant.
    pub(super) fn change(&mut self, cx: &Cx<'_>, act: fn(&[&Account], &Cx<'_>) -> Action) -> Reply {
        let meant = self.meant(cx);
        if meant.is_empty() { nothing(self, cx) } else { Reply::act(act(&meant, cx)) }
    }

    /// Asks for the group that what is meant shall move to.
    pub(super) fn regroup(&mut self, cx: &Cx<'_>) -> Reply {
        let meant = self.meant(cx);
        if meant.is_empty() {
            return nothing(self, cx);
        }
        Reply::act(Action::Push(Box::new(Regroup::new(&meant, cx))))
    }

    /// Leads to the export, with what is marked chosen; with everything, where nothing is.
    pub(super) fn export(&mut self, cx: &Cx<'_>) -> Reply {
        if cx.vault.accounts().is_empty() {
            return nothing(self, cx);
        }
        let mut screen = Export::new(cx);
        if !self.choice.marked.is_empty() {
            screen.only(|id| self.choice.marked.contains(&id));
        }
        Reply::act(Ask::before(cx, EXPORT, Box::new(screen)))
    }

    /// Marks the selected account, or not, and goes on to the next.
    pub(super) fn mark(&mut self, cx: &Cx<'_>) -> Reply {
        let Some(account) = self.chosen(cx) else { return nothing(self, cx) };
        if !self.choice.marked.remove(&account.id) {
            self.choice.marked.insert(account.id);
        }
        self.choice.go(1, self.choice.rows(), cx.vault.accounts());
        Reply::done()
    }

    /// Marks everything that is shown, or nothing if that is so already.
    pub(super) fn mark_all(&mut self, cx: &Cx<'_>) -> Reply {
        let accounts = cx.vault.accounts();
        let shown: Vec<AccountId> = self.choice.shown.iter().map(|place| accounts[*place].id).collect();
        if shown.is_empty() {
            return nothing(self, cx);
        }
        if shown.iter().all(|id| self.choice.marked.contains(id)) {
            self.choice.marked.clear();
        } else {
            self.choice.marked.extend(shown);
        }
        Reply::done()
    }

    /// Answers Esc: takes back the marks, then the group.
    pub(super) fn clear(&mut self, cx: &Cx<'_>) -> Reply {
        if !self.choice.marked.is_empty() {
            self.choice.marked.clear();
        } else if self.choice.group != super::Group::All {
            self.show_group(super::Group::All, cx);
        } else {
            return Reply::say("All accounts are shown. q quits");
        }
        Reply::done()
    }

    /// Moves the selected account one row up or down in the order made by hand.
    pub(super) fn shift(&mut self, by: isize, cx: &Cx<'_>) -> Reply {
        let Some(account) = self.chosen(cx) else { return nothing(self, cx) };
        if self.choice.sort != Order::ByHand {
            return Reply::say("Rows are moved in the order by hand. s changes the order");
        }
        let neighbour = self.choice.selected.checked_add_signed(by);
        let Some(other) = neighbour.and_then(|row| self.choice.at(row, cx.vault.accounts())) else {
            return Reply::say(if by < 0 { "It is the first already" } else { "It is the last already" });
        };
        if cx.config.list.pinned_first && other.pinned != account.pinned {
            return Reply::say("Pinned accounts come first. p pins, or not");
        }
        let Some(place) = cx.vault.accounts().iter().position(|each| each.id == other.id) else {
            return Reply::done();
        };
        let label = format!("moving {}", change::title(account, cx));
        Reply::act(Action::Do(Effect::Commit(Commit::undoable(vec![Change::Move(account.id, place)], label))))
    }

    /// Takes the next order.
    pub(super) fn sort(&mut self, cx: &Cx<'_>) -> Reply {
        if cx.vault.accounts().is_empty() {
            return nothing(self, cx);
        }
        self.choice.sort_by(super::order::next(self.choice.sort), cx);
        self.filter(cx);
        let hint = if self.choice.sort == Order::ByHand { ". K and J move a row" } else { "" };
        let text = format!("Order: {}{hint}", super::order::word(self.choice.sort));
        // It is a setting, and so it is the same tomorrow.
        let set = Action::Set("list.sort", format!("{:?}", self.choice.sort));
        Reply::Taken(vec![Action::Say(Note::plain(text)), set])
    }
}
