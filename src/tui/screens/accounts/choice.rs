//! Which accounts stand in the list, in which order, and which one keys go to.

use std::collections::HashMap;

use crate::vault::{Account, AccountId, Index, closest};

/// The accounts that can be chosen, as places in the vault.
pub(super) struct Choice {
    order: Vec<AccountId>,
    index: Index,
    /// Those that are found, or all.
    pub(super) shown: Vec<usize>,
    /// Those that come closest, if none is found.
    pub(super) nearest: Vec<usize>,
    /// The row that keys go to.
    pub(super) selected: usize,
}

impl Choice {
    /// Returns a choice of nothing.
    pub(super) fn new() -> Self {
        Self {
            order: Vec::new(),
            index: Index::new(&[]),
            shown: Vec::new(),
            nearest: Vec::new(),
            selected: 0,
        }
    }

    /// Takes the accounts as they are now: pinned ones first, then in the order made by hand.
    pub(super) fn reorder(&mut self, accounts: &[Account]) {
        let (pinned, others): (Vec<&Account>, Vec<&Account>) = accounts.iter().partition(|a| a.pinned);
        self.order = pinned.into_iter().chain(others).map(|account| account.id).collect();
        self.index = Index::new(accounts);
    }

    /// Shows what a search finds, or all; while one searches the best is chosen, else the same as before.
    pub(super) fn filter(&mut self, accounts: &[Account], search: &str, searching: bool) {
        let before = self.at(self.selected, accounts).map(|account| account.id);
        self.nearest.clear();
        self.shown = if search.trim().is_empty() {
            let places: HashMap<AccountId, usize> =
                accounts.iter().enumerate().map(|(place, account)| (account.id, place)).collect();
            self.order.iter().filter_map(|id| places.get(id).copied()).collect()
        } else {
            self.index.find(search).into_iter().map(|found| found.index).collect()
        };
        if self.shown.is_empty() && !search.is_empty() {
            self.nearest = closest(accounts, search);
        }
        let same = before.filter(|_| !searching);
        self.selected = same
            .and_then(|id| self.shown.iter().position(|place| accounts[*place].id == id))
            .unwrap_or(if searching { 0 } else { self.selected })
            .min(self.rows().len().saturating_sub(1));
    }

    /// Chooses an account, or the first.
    pub(super) fn select(&mut self, id: AccountId, accounts: &[Account]) {
        self.selected = self.shown.iter().position(|place| accounts[*place].id == id).unwrap_or(0);
    }

    /// Returns what can be chosen: the accounts found, or the closest ones.
    pub(super) fn rows(&self) -> &[usize] {
        if self.shown.is_empty() { &self.nearest } else { &self.shown }
    }

    /// Is there nothing to choose?
    pub(super) fn is_empty(&self) -> bool {
        self.rows().is_empty()
    }

    /// Returns the account of a row.
    pub(super) fn at<'a>(&self, row: usize, accounts: &'a [Account]) -> Option<&'a Account> {
        accounts.get(*self.rows().get(row)?)
    }

    /// Moves by so many rows, as far as there are any.
    pub(super) fn go(&mut self, by: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    /// Returns the first row in sight, so that the selected one is among `room` rows.
    pub(super) fn top(&self, room: usize) -> usize {
        let last = self.rows().len().saturating_sub(room);
        self.selected
            .saturating_sub(room.saturating_sub(1))
            .max(self.selected.saturating_sub(room / 2).min(last))
            .min(last)
    }
}
