//! Which accounts stand in the list, in which order, which are marked, and which one keys go to.
//!
//! All of it is made once a change, never once a frame. An account that is used does not move under the finger: the
//! counts that the order goes by are those of the moment in which it was chosen.

use std::collections::{HashMap, HashSet};

use super::groups::{Group, Groups};
use super::order;
use crate::config::Order;
use crate::tui::screen::Cx;
use crate::tui::screens::row;
use crate::vault::{Account, AccountId, Index, Mark, Used};

/// The accounts that can be chosen, as places in the vault.
pub(super) struct Choice {
    order: Vec<AccountId>,
    used: HashMap<AccountId, Used>,
    index: Index,
    /// The order that is shown.
    pub(super) sort: Order,
    /// The groups there are.
    pub(super) groups: Groups,
    /// The group that is shown.
    pub(super) group: Group,
    /// Those that are found, or all of the group.
    pub(super) shown: Vec<usize>,
    /// Those that come closest, if none is found.
    pub(super) nearest: Vec<usize>,
    /// Those that the next change is about.
    pub(super) marked: HashSet<AccountId>,
    /// The row that keys go to.
    pub(super) selected: usize,
    /// Who stands in it.
    here: Option<AccountId>,
}

impl Choice {
    /// Returns a choice of nothing, to be ordered as is set.
    pub(super) fn new(cx: &Cx<'_>) -> Self {
        Self {
            order: Vec::new(),
            used: HashMap::new(),
            index: Index::new(&[]),
            sort: cx.config.list.sort,
            groups: Groups::count(cx),
            group: cx.config.list.group.clone().map_or(Group::All, Group::Named),
            shown: Vec::new(),
            nearest: Vec::new(),
            marked: HashSet::new(),
            selected: 0,
            here: None,
        }
    }

    /// Takes the accounts as they are now.
    pub(super) fn reorder(&mut self, cx: &Cx<'_>) {
        let accounts = cx.vault.accounts();
        for account in accounts {
            self.used.entry(account.id).or_insert(account.used);
        }
        let used = |account: &Account| self.used.get(&account.id).copied().unwrap_or_default();
        self.order = order::arrange(accounts, self.sort, cx.config.list.pinned_first, used);
        self.index = Index::new(accounts);
        self.groups = Groups::count(cx);
        if !self.groups.has(&self.group) {
            self.group = Group::All;
        }
        if !self.marked.is_empty() {
            let there: HashSet<AccountId> = accounts.iter().map(|account| account.id).collect();
            self.marked.retain(|id| there.contains(id));
        }
    }

    /// Takes an order, by the counts of this moment.
    pub(super) fn sort_by(&mut self, sort: Order, cx: &Cx<'_>) {
        self.sort = sort;
        self.used.clear();
        self.reorder(cx);
    }

    /// Shows what a search finds, or all of the group. The same account stays chosen, or else the same row; the first
    /// one is chosen if `anew` says that something else is searched for.
    pub(super) fn filter(&mut self, accounts: &[Account], search: &str, searching: bool, anew: bool) {
        self.nearest.clear();
        self.shown = if search.trim().is_empty() {
            let places: HashMap<AccountId, usize> =
                accounts.iter().enumerate().map(|(place, account)| (account.id, place)).collect();
            self.order
                .iter()
                .filter_map(|id| places.get(id).copied())
                .filter(|place| searching || self.group.holds(&accounts[*place]))
                .collect()
        } else {
            self.index.places(search)
        };
        if self.shown.is_empty() && !search.is_empty() {
            self.nearest = self.index.closest(search);
        }
        let same = self.here.filter(|_| !anew);
        let row = same.and_then(|id| self.shown.iter().position(|place| accounts[*place].id == id));
        self.choose(row.unwrap_or(if anew { 0 } else { self.selected }), self.rows(), accounts);
    }

    /// Chooses a row, of so many, and remembers who stands there: the places are those of one vault.
    fn choose(&mut self, row: usize, rows: usize, accounts: &[Account]) {
        self.selected = row.min(rows.saturating_sub(1));
        self.here = self.at(self.selected, accounts).map(|account| account.id);
    }

    /// Chooses an account, or the first.
    pub(super) fn select(&mut self, id: AccountId, accounts: &[Account]) {
        let row = self.shown.iter().position(|place| accounts[*place].id == id).unwrap_or(0);
        self.choose(row, self.rows(), accounts);
    }

    /// Chooses an account if it can be; says whether it could.
    pub(super) fn point_at(&mut self, id: AccountId, accounts: &[Account]) -> bool {
        let places = if self.shown.is_empty() { &self.nearest } else { &self.shown };
        let row =
            places.iter().position(|place| accounts.get(*place).is_some_and(|account| account.id == id));
        if let Some(row) = row {
            self.choose(row, self.rows(), accounts);
        }
        row.is_some()
    }

    /// Returns how many accounts can be chosen: those found, or the closest ones.
    pub(super) fn rows(&self) -> usize {
        if self.shown.is_empty() { self.nearest.len() } else { self.shown.len() }
    }

    /// Is there nothing to choose?
    pub(super) fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// Returns the account of a row.
    pub(super) fn at<'a>(&self, row: usize, accounts: &'a [Account]) -> Option<&'a Account> {
        let place = match self.shown.get(row) {
            Some(place) => *place,
            None if self.shown.is_empty() => *self.nearest.get(row)?,
            None => return None,
        };
        accounts.get(place)
    }

    /// Moves by so many rows, of so many, as far as there are any.
    pub(super) fn go(&mut self, by: isize, rows: usize, accounts: &[Account]) {
        self.choose(self.selected.saturating_add_signed(by), rows, accounts);
    }

    /// Returns what a search matches in the account of a row.
    pub(super) fn marks(&self, row: usize, search: &str) -> Vec<Mark> {
        self.shown.get(row).map_or_else(Vec::new, |place| self.index.marks(*place, search))
    }

    /// Returns the first row in sight, so that the selected one is among `room` rows.
    pub(super) fn top(&self, room: usize) -> usize {
        row::top(self.selected, self.rows(), room)
    }
}
