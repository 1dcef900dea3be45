//! The way back from one state of the vault to an earlier one, as changes; and what lies between two states, in words.
//!
//! Pure. Counters and counts of use never go back: a code that was shown must not be shown again.

use std::collections::{HashMap, HashSet};

use crate::display::visible;
use crate::otp::{Kind, Timestamp};
use crate::vault::{Account, AccountId, Change, Edit, Vault};

/// What was done to an account between two states.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// Which account.
    pub id: AccountId,
    /// What it is called, in the later state if it is there.
    pub name: String,
    /// What was done: `added`, `deleted`, `moved`, or `changed` with the fields.
    pub what: String,
}

/// Returns the changes that lead from `now` back to `then`, made at `at`: from then on what is deleted is kept for thirty
/// days.
pub fn way_back(now: &Vault, then: &Vault, at: Timestamp) -> Vec<Change> {
    let mut changes = Vec::new();
    let present: HashMap<AccountId, &Account> =
        now.accounts().iter().map(|account| (account.id, account)).collect();
    let before: HashMap<AccountId, usize> = places(then);
    for account in now.accounts().iter().filter(|account| !before.contains_key(&account.id)) {
        changes.push(Change::Remove(account.id, at));
    }
    let gone: HashMap<AccountId, &Account> =
        now.deleted().iter().filter_map(|gone| Some((gone.id, gone.account.as_deref()?))).collect();
    for (place, old) in then.accounts().iter().enumerate() {
        let current = present.get(&old.id).or_else(|| gone.get(&old.id));
        if !present.contains_key(&old.id) {
            // Those before it are all there by now; where it stood when it was deleted may be elsewhere.
            changes.extend([Change::Restore(old.id), Change::Move(old.id, place)]);
        }
        changes.extend(current.and_then(|current| edit_back(current, old)));
    }
    if order(now, &before) != order(then, &places(now)) {
        // From the first to the last, each to its place: those before it stand right already.
        changes.extend(then.accounts().iter().enumerate().map(|(place, old)| Change::Move(old.id, place)));
    }
    changes
}

/// Returns the changes that lead from `now` to a state that was kept, made at `at`. What was deleted for ever since is
/// added anew, under an id out of `fresh`: none is given a second time.
pub fn return_to(
    now: &Vault,
    then: &Vault,
    at: Timestamp,
    mut fresh: impl FnMut() -> AccountId,
) -> Vec<Change> {
    let gone: HashSet<AccountId> = now.deleted().iter().map(|gone| gone.id).collect();
    let kept = now.deleted().iter().filter(|gone| gone.account.is_some()).map(|gone| gone.id);
    let kept: HashSet<AccountId> = now.accounts().iter().map(|account| account.id).chain(kept).collect();
    let (mut now, mut then) = (now.clone(), then.clone());
    let mut changes = Vec::new();
    for account in then.accounts.iter_mut().filter(|account| !kept.contains(&account.id)) {
        if gone.contains(&account.id) {
            account.id = fresh();
        }
        now.accounts.push(account.clone());
        changes.push(Change::Add(Box::new(account.clone())));
    }
    changes.extend(way_back(&now, &then, at));
    changes
}

/// Returns what was done between an earlier and a later state, account by account.
pub fn differences(earlier: &Vault, later: &Vault) -> Vec<Difference> {
    let old: HashMap<AccountId, &Account> =
        earlier.accounts().iter().map(|account| (account.id, account)).collect();
    let kept = places(later);
    let named = |account: &Account, what: String| Difference {
        id: account.id,
        name: match account.detail() {
            "" => visible(account.name()).to_string(),
            detail => visible(&format!("{} ({detail})", account.name())).to_string(),
        },
        what,
    };
    let mut found: Vec<Difference> = earlier
        .accounts()
        .iter()
        .filter(|account| !kept.contains_key(&account.id))
        .map(|account| named(account, "deleted".to_owned()))
        .collect();
    for account in later.accounts() {
        match old.get(&account.id) {
            None => found.push(named(account, "added".to_owned())),
            Some(before) => {
                let fields = fields(before, account);
                if !fields.is_empty() {
                    found.push(named(account, format!("changed {}", fields.join(", "))));
                }
            }
        }
    }
    if found.is_empty() && order(earlier, &kept) != order(later, &places(earlier)) {
        let mut moved = later.accounts().iter().zip(earlier.accounts());
        found
            .extend(moved.find(|(a, b)| a.id != b.id).map(|(account, _)| named(account, "moved".to_owned())));
    }
    found
}

fn places(vault: &Vault) -> HashMap<AccountId, usize> {
    vault.accounts().iter().enumerate().map(|(place, account)| (account.id, place)).collect()
}

/// Returns the accounts that the other state has as well, in the order of this one.
fn order(vault: &Vault, other: &HashMap<AccountId, usize>) -> Vec<AccountId> {
    vault.accounts().iter().map(|account| account.id).filter(|id| other.contains_key(id)).collect()
}

/// Returns the fields that differ, by their names.
fn fields(old: &Account, new: &Account) -> Vec<&'static str> {
    let still = |account: &Account| {
        let mut otp = account.otp.clone();
        if let Kind::Hotp { counter } = &mut otp.kind {
            *counter = 0;
        }
        otp
    };
    [
        ("name", old.issuer != new.issuer),
        ("account", old.account != new.account),
        ("group", old.group != new.group),
        ("note", old.note != new.note),
        ("pinned", old.pinned != new.pinned),
        ("pending", old.pending != new.pending),
        ("checked", old.checked != new.checked),
        ("settings", still(old) != still(new)),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

fn edit_back(new: &Account, old: &Account) -> Option<Change> {
    if fields(old, new).is_empty() {
        return None;
    }
    let edit = Edit {
        issuer: Some(old.issuer.clone()),
        account: Some(old.account.clone()),
        group: Some(old.group.clone()),
        note: Some(old.note.clone()),
        pinned: Some(old.pinned),
        pending: Some(old.pending),
        checked: Some(old.checked),
        otp: Some(old.otp.clone()),
    };
    Some(Change::Edit(new.id, Box::new(edit)))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::otp::{Otp, Secret};
    use crate::vault::DeviceId;

    fn account(number: u8, name: &str) -> Account {
        let otp = Otp::hotp(Secret::from_bytes(&[number; 20]).unwrap(), 3);
        Account::new(AccountId::new(Timestamp::default(), [number; 10]), name, "", otp, Timestamp::default())
    }

    fn apply(vault: &Vault, changes: &[Change]) -> Vault {
        let mut vault = vault.clone();
        for change in changes {
            vault.apply(change, Timestamp::from_seconds(9), DeviceId(1)).unwrap();
        }
        vault
    }

    fn names(vault: &Vault) -> Vec<&str> {
        vault.accounts().iter().map(Account::name).collect()
    }

    #[track_caller]
    fn check(changes: &[Change], said: &[&str]) {
        let adds: Vec<Change> =
            [(1, "A"), (2, "B"), (3, "C")].map(|(n, name)| Change::Add(Box::new(account(n, name)))).into();
        let then = apply(&Vault::new(Uuid::nil()), &adds);
        let now = apply(&then, changes);
        let words: Vec<String> =
            differences(&then, &now).iter().map(|one| format!("{} {}", one.what, one.name)).collect();
        assert_eq!(words, said);
        let back = apply(&now, &way_back(&now, &then, Timestamp::from_seconds(9)));
        assert_eq!(names(&back), names(&then));
        assert!(differences(&then, &back).is_empty());
        assert!(way_back(&back, &then, Timestamp::from_seconds(9)).is_empty());
    }

    #[test]
    fn every_change_has_a_way_back_and_a_word() {
        let id = |number| account(number, "").id;
        let edit = |number, edit| Change::Edit(id(number), Box::new(edit));
        check(&[], &[]);
        check(&[Change::Add(Box::new(account(4, "D")))], &["added D"]);
        check(&[Change::Remove(id(2), Timestamp::default())], &["deleted B"]);
        check(
            &[edit(1, Edit { issuer: Some("X".to_owned()), pinned: Some(true), ..Edit::default() })],
            &["changed name, pinned X"],
        );
        check(&[Change::Move(id(3), 0)], &["moved C"]);
        check(&[Change::Move(id(3), 0), Change::Remove(id(1), Timestamp::default())], &["deleted A"]);
        let gone = |number| Change::Remove(id(number), Timestamp::default());
        check(&[gone(1), gone(2)], &["deleted A", "deleted B"]);
        check(
            &[gone(2), Change::Add(Box::new(account(4, "D"))), gone(1)],
            &["deleted A", "deleted B", "added D"],
        );
        check(&[edit(1, Edit { note: Some("x".to_owned()), ..Edit::default() }), gone(1)], &["deleted A"]);
    }

    #[test]
    fn a_counter_never_goes_back() {
        let then = apply(&Vault::new(Uuid::nil()), &[Change::Add(Box::new(account(1, "A")))]);
        let id = then.accounts()[0].id;
        let note = Edit { note: Some("x".to_owned()), ..Edit::default() };
        let now = apply(&then, &[Change::Advance(id), Change::Edit(id, Box::new(note))]);
        let back = apply(&now, &way_back(&now, &then, Timestamp::from_seconds(9)));
        assert_eq!(back.accounts()[0].note, "");
        assert_eq!(back.accounts()[0].otp.kind, Kind::Hotp { counter: 4 });
        assert!(differences(&then, &apply(&then, &[Change::Advance(id)])).is_empty());
    }

    #[test]
    fn what_was_deleted_for_ever_comes_back_under_another_id() {
        let adds: Vec<Change> =
            [(1, "A"), (2, "B"), (3, "C")].map(|(n, name)| Change::Add(Box::new(account(n, name)))).into();
        let then = apply(&Vault::new(Uuid::nil()), &adds);
        let id = |number| account(number, "").id;
        let lost = [Change::Remove(id(1), Timestamp::default()), Change::Forget(id(1))];
        let kept = [Change::Remove(id(2), Timestamp::default()), Change::Add(Box::new(account(4, "D")))];
        let now = apply(&apply(&then, &lost), &kept);
        let fresh = || AccountId::new(Timestamp::default(), [9; 10]);
        let changes = return_to(&now, &then, Timestamp::from_seconds(9), fresh);
        let back = apply(&now, &changes);
        assert_eq!(names(&back), ["A", "B", "C"]);
        assert_eq!(back.accounts()[0].id, fresh());
        assert_eq!(back.accounts()[0].otp, account(1, "A").otp);
        assert_eq!(back.accounts()[1].id, id(2));
        let mut again = now.clone();
        let mut inverse = Vec::new();
        for change in &changes {
            let applied = again.apply(change, Timestamp::from_seconds(9), DeviceId(1)).unwrap();
            inverse.extend(applied.inverse);
        }
        inverse.reverse();
        assert_eq!(names(&apply(&again, &inverse)), names(&now));
        // Where nothing was ever known of it, it keeps its id.
        let bare = Vault::new(Uuid::nil());
        let brought = apply(&bare, &return_to(&bare, &then, Timestamp::from_seconds(9), || unreachable!()));
        assert_eq!(brought.accounts()[0].id, id(1));
    }
}
