//! What is kept, and every change that may be made to it.
//!
//! A `Vault` never changes by itself: `apply` takes a `Change`, which is a value, so that it can be applied to the
//! newest file instead of overwriting it, be undone by its inverse, and later be merged. `Store` is the only hand
//! on the disk; it hides the sealing, the lock, the order of a save and the backups.
//!
//! Over 400 lines, since every change stands beside its inverse, and parting them would hide that one undoes the other.

mod account;
mod find;
mod passphrase;
mod random;
mod record;
mod seal;
mod store;
mod undo;

use std::collections::HashSet;

use thiserror::Error;
use uuid::Uuid;

use crate::otp::{Kind, Otp, Timestamp};

pub use account::{Account, AccountId, Checked, DeviceId, Stamp, Used};
pub use find::{
    Field, Found, Index, Mark, Resolve, closest, exact_names, find, fit, folded, resolve, resolve_exactly,
    short_id,
};
pub use passphrase::{Passphrase, SUGGEST_BYTES, Strength, pause, strength, suggest};
pub use random::{fresh_bytes, fresh_draws};
pub use seal::{
    Ask, Identities, SealError, Talk, WorkFactor, is_for_keys, is_recipient, open_with, prove, seal_for,
    seal_with,
};
pub use store::{
    Backup, COPY_PREFIX, Committed, Durability, Place, Presence, Rotated, SealedCopy, Store, StoreError,
};
pub use undo::{Difference, differences, return_to, way_back};

/// The seconds of a day.
const DAY: i64 = 86_400;
/// For how long a deleted account is kept whole, unless a place says otherwise.
const KEEP_DELETED_SECONDS: i64 = 30 * DAY;

/// An account that was deleted: id and stamp stay for ever, the account itself for thirty days.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Deleted {
    /// Which one.
    pub id: AccountId,
    /// When it was deleted, for the merge of two copies.
    pub stamp: Stamp,
    /// When it was deleted, for the thirty days.
    pub at: Timestamp,
    /// Its place in the list, so that it comes back where it was.
    pub place: usize,
    /// The account, until it is swept.
    pub account: Option<Box<Account>>,
}

/// Everything that is in the safe, at one moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Vault {
    pub(in crate::vault) id: Uuid,
    pub(in crate::vault) generation: u64,
    pub(in crate::vault) accounts: Vec<Account>,
    pub(in crate::vault) deleted: Vec<Deleted>,
    pub(in crate::vault) clock: Stamp,
}

/// What an edit sets. What is `None` stays as it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Edit {
    /// The service.
    pub issuer: Option<String>,
    /// The user name there.
    pub account: Option<String>,
    /// The group.
    pub group: Option<String>,
    /// The note.
    pub note: Option<String>,
    /// Listed first?
    pub pinned: Option<bool>,
    /// Waiting for two codes?
    pub pending: Option<bool>,
    /// Who has seen that it works.
    pub checked: Option<Checked>,
    /// What the codes are made from.
    pub otp: Option<Otp>,
}

/// A change, as a value. The ids travel in it, so that applying one twice changes nothing the second time; only
/// `Advance` differs on purpose: two windows that ask for a counter code must get two codes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// Adds an account, at the end.
    Add(Box<Account>),
    /// Takes the next counter of a HOTP account. It has no inverse: a code is never shown twice.
    Advance(AccountId),
    /// Sets some fields of an account.
    Edit(AccountId, Box<Edit>),
    /// Forgets the content of a deleted account before its time. It has no inverse; older copies of the file may
    /// still hold it.
    Forget(AccountId),
    /// Puts an account at a place in the list made by hand.
    Move(AccountId, usize),
    /// Deletes an account; it is kept for thirty days.
    Remove(AccountId, Timestamp),
    /// Brings a deleted account back.
    Restore(AccountId),
    /// Counts codes that were taken. It renews no stamp and has no inverse.
    Use(AccountId, u64, Timestamp),
}

impl Change {
    /// Says whether the change is an edit that a person would want a backup of; counts and counters are not.
    pub fn is_edit(&self) -> bool {
        !matches!(self, Self::Advance(_) | Self::Use(..))
    }
}

/// Why a change cannot be made.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum ChangeError {
    /// A counter at the end of its range.
    #[error("the counter of this account is at its end; no further code can be made")]
    Exhausted,
    /// No such account.
    #[error("this account is no longer in the vault")]
    Gone,
    /// A counter asked of an account that has none.
    #[error("this account has no counter")]
    NoCounter,
    /// An account without any name.
    #[error("an account needs a name")]
    Nameless,
}

/// What came of a change.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Applied {
    /// The change that undoes it, if there is one.
    pub inverse: Option<Change>,
    /// The counter that `Advance` took: the code of this very counter may now be shown, once.
    pub reserved: Option<(AccountId, u64)>,
}

impl Vault {
    /// Returns a vault with nothing in it.
    pub fn new(id: Uuid) -> Self {
        Self { id, generation: 0, accounts: Vec::new(), deleted: Vec::new(), clock: Stamp::default() }
    }

    /// Reads the text that `age -d` makes of a vault file: a last way to the accounts where the identity is at hand
    /// and the program is not. Nothing if it is not such a text.
    pub fn from_text(text: &str) -> Option<Self> {
        record::read(text).ok().map(|record| record.vault)
    }

    /// Returns the accounts, in the order made by hand.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Returns the account of that id.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// Returns what was deleted and can be brought back or is remembered.
    pub fn deleted(&self) -> &[Deleted] {
        &self.deleted
    }

    /// Returns the number of the save that wrote this; it grows by one with each.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns the id of the vault, the same through all its life.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Returns the groups in use, sorted, each once.
    pub fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = self
            .accounts
            .iter()
            .map(|account| account.group.as_str())
            .filter(|group| !group.is_empty())
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// Returns the vault after these changes, one after the other, and what came of each. An error if one fails.
    pub fn after(
        &self,
        changes: &[Change],
        at: Timestamp,
        device: DeviceId,
    ) -> Result<(Self, Vec<Applied>), ChangeError> {
        let mut next = self.clone();
        // An import adds thousands. What is known stays known: ids of what is deleted are remembered.
        let mut known: Option<HashSet<AccountId>> = None;
        let mut all = Vec::with_capacity(changes.len());
        for change in changes {
            all.push(match change {
                Change::Add(account) => {
                    let known = known.get_or_insert_with(|| next.ids().collect());
                    let is_new = !known.contains(&account.id);
                    let applied = next.add(account, is_new, at, device)?;
                    known.insert(account.id);
                    applied
                }
                change => next.apply(change, at, device)?,
            });
        }
        Ok((next, all))
    }

    /// Makes a change: the one place where one is made. `at` and `device` make the stamp of the edit.
    ///
    /// An error leaves everything as it was.
    pub fn apply(
        &mut self,
        change: &Change,
        at: Timestamp,
        device: DeviceId,
    ) -> Result<Applied, ChangeError> {
        match change {
            Change::Add(account) => {
                let is_new = self.ids().all(|id| id != account.id);
                self.add(account, is_new, at, device)
            }
            Change::Advance(id) => self.advance(*id),
            Change::Edit(id, edit) => self.edit(*id, edit, at, device),
            Change::Forget(id) => self.forget(*id),
            Change::Move(id, to) => self.shift(*id, *to),
            Change::Remove(id, when) => self.remove(*id, *when, at, device),
            Change::Restore(id) => self.restore(*id, at, device),
            Change::Use(id, times, when) => self.count(*id, *times, *when),
        }
    }

    fn add(
        &mut self,
        account: &Account,
        is_new: bool,
        at: Timestamp,
        device: DeviceId,
    ) -> Result<Applied, ChangeError> {
        if account.name().trim().is_empty() {
            return Err(ChangeError::Nameless);
        }
        if is_new {
            let stamp = self.stamp(at, device);
            self.accounts.push(Account { stamp, ..account.clone() });
        }
        Ok(Applied { inverse: is_new.then_some(Change::Remove(account.id, at)), reserved: None })
    }

    /// Returns the ids of what is there and of what was deleted: none of them is given again.
    fn ids(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.iter().map(|account| account.id).chain(self.deleted.iter().map(|gone| gone.id))
    }

    fn advance(&mut self, id: AccountId) -> Result<Applied, ChangeError> {
        let index = self.index(id)?;
        let Kind::Hotp { counter } = &mut self.accounts[index].otp.kind else {
            return Err(ChangeError::NoCounter);
        };
        let taken = *counter;
        *counter = counter.checked_add(1).ok_or(ChangeError::Exhausted)?;
        Ok(Applied { inverse: None, reserved: Some((id, taken)) })
    }

    fn edit(
        &mut self,
        id: AccountId,
        edit: &Edit,
        at: Timestamp,
        device: DeviceId,
    ) -> Result<Applied, ChangeError> {
        let index = self.index(id)?;
        let mut next = self.accounts[index].clone();
        let mut back = Edit::default();
        set(&mut next.issuer, edit.issuer.as_ref(), &mut back.issuer);
        set(&mut next.account, edit.account.as_ref(), &mut back.account);
        set(&mut next.group, edit.group.as_ref(), &mut back.group);
        set(&mut next.note, edit.note.as_ref(), &mut back.note);
        set(&mut next.pinned, edit.pinned.as_ref(), &mut back.pinned);
        set(&mut next.pending, edit.pending.as_ref(), &mut back.pending);
        set(&mut next.checked, edit.checked.as_ref(), &mut back.checked);
        let otp = edit.otp.as_ref().map(|otp| keep_counter(&next.otp, otp));
        set(&mut next.otp, otp.as_ref(), &mut back.otp);
        if next.name().trim().is_empty() {
            return Err(ChangeError::Nameless);
        }
        if back == Edit::default() {
            return Ok(Applied::default());
        }
        next.stamp = self.stamp(at, device);
        self.accounts[index] = next;
        Ok(Applied { inverse: Some(Change::Edit(id, Box::new(back))), reserved: None })
    }

    fn shift(&mut self, id: AccountId, to: usize) -> Result<Applied, ChangeError> {
        let from = self.index(id)?;
        let to = to.min(self.accounts.len() - 1);
        if from == to {
            return Ok(Applied::default());
        }
        let account = self.accounts.remove(from);
        self.accounts.insert(to, account);
        Ok(Applied { inverse: Some(Change::Move(id, from)), reserved: None })
    }

    fn remove(
        &mut self,
        id: AccountId,
        when: Timestamp,
        at: Timestamp,
        device: DeviceId,
    ) -> Result<Applied, ChangeError> {
        let Ok(index) = self.index(id) else {
            let gone = self.deleted.iter().any(|deleted| deleted.id == id);
            return if gone { Ok(Applied::default()) } else { Err(ChangeError::Gone) };
        };
        let stamp = self.stamp(at, device);
        let account = Some(Box::new(self.accounts.remove(index)));
        self.deleted.push(Deleted { id, stamp, at: when, place: index, account });
        Ok(Applied { inverse: Some(Change::Restore(id)), reserved: None })
    }

    fn restore(&mut self, id: AccountId, at: Timestamp, device: DeviceId) -> Result<Applied, ChangeError> {
        if self.index(id).is_ok() {
            return Ok(Applied::default());
        }
        let index = self
            .deleted
            .iter()
            .position(|deleted| deleted.id == id && deleted.account.is_some())
            .ok_or(ChangeError::Gone)?;
        let stamp = self.stamp(at, device);
        let deleted = self.deleted.remove(index);
        let account = deleted.account.ok_or(ChangeError::Gone)?;
        let place = deleted.place.min(self.accounts.len());
        self.accounts.insert(place, Account { stamp, ..*account });
        Ok(Applied { inverse: Some(Change::Remove(id, at)), reserved: None })
    }

    fn forget(&mut self, id: AccountId) -> Result<Applied, ChangeError> {
        let deleted = self.deleted.iter_mut().find(|deleted| deleted.id == id).ok_or(ChangeError::Gone)?;
        deleted.account = None;
        Ok(Applied::default())
    }

    fn count(&mut self, id: AccountId, times: u64, when: Timestamp) -> Result<Applied, ChangeError> {
        let index = self.index(id)?;
        let used = &mut self.accounts[index].used;
        if used.last.is_none_or(|last| when > last) {
            used.count = used.count.saturating_add(times);
            used.last = Some(when);
        }
        Ok(Applied::default())
    }

    /// Forgets the content of what was deleted more than `keep` seconds before `at`; id and stamp stay.
    pub(in crate::vault) fn sweep(&mut self, at: Timestamp, keep: i64) {
        for deleted in &mut self.deleted {
            if at.seconds_since(deleted.at) > keep {
                deleted.account = None;
            }
        }
    }

    fn stamp(&mut self, at: Timestamp, device: DeviceId) -> Stamp {
        self.clock = self.clock.next(at, device);
        self.clock
    }

    fn index(&self, id: AccountId) -> Result<usize, ChangeError> {
        // From the end: what was added last is what is undone.
        self.accounts.iter().rposition(|account| account.id == id).ok_or(ChangeError::Gone)
    }
}

/// Returns what an edit sets, with a counter of the same secret never put back: its codes were shown already, by
/// this window or by another, and an undo must not show them again.
fn keep_counter(old: &Otp, new: &Otp) -> Otp {
    let kind = match (&old.kind, &new.kind) {
        (Kind::Hotp { counter: reached }, Kind::Hotp { counter }) if old.secret == new.secret => {
            Kind::Hotp { counter: *reached.max(counter) }
        }
        (_, kind) => kind.clone(),
    };
    Otp { kind, ..new.clone() }
}

/// Sets a field if the edit says so, and remembers in `back` what it was.
fn set<T: Clone + PartialEq>(field: &mut T, new: Option<&T>, back: &mut Option<T>) {
    if let Some(new) = new
        && new != field
    {
        *back = Some(std::mem::replace(field, new.clone()));
    }
}
