//! Going back: to a backup, or to an older file that the user chose to accept. Either is itself a save, with a
//! number above every one seen, and keeps what it replaces, so that it can be undone.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use crate::otp::{Kind, Timestamp};
use crate::vault::record::{Hash, Record};
use crate::vault::seal::{self, Identity, Key, SealError, Talk};
use crate::vault::store::disk::{self, Content, Temp};
use crate::vault::store::lock::Lock;
use crate::vault::store::memory::{self, Memory};
use crate::vault::store::{Backup, Durability, Place, Store, StoreError, backup, open, save};
use crate::vault::{AccountId, Deleted, DeviceId, Passphrase, Vault};

impl Store {
    /// Returns the newest backup that opens, and what is in it.
    pub fn newest_good_backup(
        place: &Place,
        passphrase: &Passphrase,
    ) -> Result<Option<(Backup, Arc<Vault>)>, StoreError> {
        let Usable { key, .. } = usable_identity(place, passphrase)?;
        for backup in Self::backups(place)? {
            if let Ok(record) = open_backup(&backup.path, &key) {
                return Ok(Some((backup, Arc::new(record.vault))));
            }
        }
        Ok(None)
    }

    /// Opens a backup, to look at it.
    pub fn open_backup(
        place: &Place,
        passphrase: &Passphrase,
        backup: &Backup,
    ) -> Result<Arc<Vault>, StoreError> {
        let Usable { key, .. } = usable_identity(place, passphrase)?;
        Ok(Arc::new(open_backup(&backup.path, &key)?.vault))
    }

    /// Opens a backup with the key that opened this vault, to look at it.
    pub fn earlier(&self, backup: &Backup) -> Result<Arc<Vault>, StoreError> {
        Ok(Arc::new(open_backup(&backup.path, &self.key)?.vault))
    }

    /// Brings a backup back as the newest generation. What stood there is kept among the backups, damaged or not;
    /// counters never go back, and accounts that the backup does not have become deleted ones.
    pub fn restore(
        place: &Place,
        passphrase: &Passphrase,
        backup: &Backup,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        let usable = usable_identity(place, passphrase)?;
        let chosen = open_backup(&backup.path, &usable.key)?;
        let lock = Lock::take(place)?;
        disk::sweep(place.dir());
        let target = disk::resolve(&place.vault_file())?;
        let old = disk::read(&target, &mut Vec::new())?;
        let now = old.as_ref().and_then(|old| open::unseal(&target, &old.bytes, &usable.key).ok());
        if let Some(sealed) = &usable.replacement {
            replace_identity(place, sealed)?;
        }
        let (remembered, _) = Memory::load(place);
        let device = memory::device(&remembered);
        let kept = Self::backups(place)?.first().map_or(0, |newest| newest.generation);
        let seen = remembered.generation_of(chosen.vault.id);
        let before = now.as_ref().map(|now| now.vault.generation);
        let highest = before.unwrap_or(0).max(kept).max(seen).max(chosen.vault.generation);
        let previous = match (&now, &old) {
            (Some(_), Some(old)) => Some(seal::hash(&old.bytes)),
            _ => remembered.hash_of(chosen.vault.id),
        };
        let mut vault = turn_back(chosen.vault, now.map(|now| now.vault), at, device);
        vault.generation = save::next_generation(highest, place)?;
        let record = Record { vault, previous, written: at, device, recipients: chosen.recipients };
        let keep = || match (&old, before) {
            (Some(old), Some(generation)) => backup::keep(place, &target, old, generation),
            (Some(old), None) => backup::keep_damaged(place, "vault.age", old),
            (None, _) => Ok(()),
        };
        let store = finish(place, &target, record, usable.key, old.as_ref(), keep)?;
        drop(lock);
        Ok(store)
    }

    /// Takes an older or foreign line of generations as the right one: the user's explicit choice after
    /// `StoreError::RolledBack`. It is saved again with a number above every one seen.
    pub fn accept_rollback(
        place: &Place,
        passphrase: &Passphrase,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        let key = Key::Own(open::identity(place, passphrase, &mut Vec::new())?);
        let lock = Lock::take(place)?;
        disk::sweep(place.dir());
        let (target, old) = open::present(place, &mut Vec::new())?;
        let record = open::unseal(&target, &old.bytes, &key)?;
        let (remembered, _) = Memory::load(place);
        let found = record.vault.generation;
        let kept = Self::backups(place)?.first().map_or(0, |newest| newest.generation);
        let highest = found.max(remembered.generation_of(record.vault.id)).max(kept);
        let previous: Option<Hash> = Some(seal::hash(&old.bytes));
        let device = memory::device(&remembered);
        let vault = Vault { generation: save::next_generation(highest, place)?, ..record.vault };
        let record = Record { vault, previous, written: at, device, recipients: record.recipients };
        let keep = || backup::keep(place, &target, &old, found);
        let store = finish(place, &target, record, key, Some(&old), keep)?;
        drop(lock);
        Ok(store)
    }
}

fn finish(
    place: &Place,
    target: &Path,
    record: Record,
    key: Key,
    old: Option<&Content>,
    keep: impl FnOnce() -> Result<(), StoreError>,
) -> Result<Store, StoreError> {
    let device = record.device;
    let sealed = save::seal(place, record, &Talk::nobody())?;
    let (current, durability) = save::put(place, target, sealed, &key, old, keep)?;
    let mut store = Store {
        place: place.clone(),
        key,
        device,
        current: current.clone(),
        unsure: false,
        talk: Talk::nobody(),
        notices: Vec::new(),
    };
    store.adopt(current, &durability);
    if let Durability::Unsure(why) = durability {
        store.notice(Some(format!("the vault is written, but may be lost in a power cut: {why}")));
    }
    Ok(store)
}

fn open_backup(path: &Path, key: &Key) -> Result<Record, StoreError> {
    let content = disk::read(path, &mut Vec::new())?;
    let content = content.ok_or_else(|| StoreError::Missing { path: path.to_owned() })?;
    open::unseal(path, &content.bytes, key)
}

/// An identity that the passphrase opens, and the bytes to put in the place of a damaged one.
struct Usable {
    key: Key,
    replacement: Option<Vec<u8>>,
}

/// Opens the identity, or the newest kept version of it that the passphrase opens if it is damaged. An intact one
/// under another passphrase is not damaged: an old passphrase must not come back this way.
fn usable_identity(place: &Place, passphrase: &Passphrase) -> Result<Usable, StoreError> {
    let error = match open::identity(place, passphrase, &mut Vec::new()) {
        Ok(identity) => {
            return Ok(Usable { key: Key::Own(identity), replacement: None });
        }
        Err(error @ (StoreError::WrongPassphrase | StoreError::WorkFactor { .. })) => return Err(error),
        Err(error) => error,
    };
    let mut wrong = false;
    for (_, path) in backup::identities(place)? {
        let Some(content) = disk::read(&path, &mut Vec::new())? else {
            continue;
        };
        match Identity::open(&content.bytes, passphrase) {
            Ok(identity) => {
                return Ok(Usable { key: Key::Own(identity), replacement: Some(content.bytes) });
            }
            Err(SealError::WrongPassphrase) => wrong = true,
            Err(_) => {}
        }
    }
    Err(if wrong { StoreError::WrongPassphrase } else { error })
}

fn replace_identity(place: &Place, sealed: &[u8]) -> Result<(), StoreError> {
    let target = disk::resolve(&place.identity_file())?;
    if let Some(old) = disk::read(&target, &mut Vec::new())? {
        backup::keep_damaged(place, "identity.age", &old)?;
    }
    let dir = disk::parent(&target);
    Temp::write(dir, sealed)?.replace(&target)?;
    disk::sync_dir(dir)
}

/// Makes the vault of a backup the successor of what stands there now.
fn turn_back(chosen: Vault, now: Option<Vault>, at: Timestamp, device: DeviceId) -> Vault {
    let Some(now) = now.filter(|now| now.id == chosen.id) else {
        return chosen;
    };
    let mut vault = chosen;
    let mut clock = vault.clock.max(now.clock);
    let gone = now.deleted.iter().filter_map(|deleted| deleted.account.as_deref());
    let standing: HashMap<AccountId, _> =
        now.accounts.iter().chain(gone).map(|account| (account.id, account)).collect();
    for account in &mut vault.accounts {
        let same = standing.get(&account.id).is_some_and(|standing| **standing == *account);
        if let Some(standing) = standing.get(&account.id)
            && standing.otp.secret == account.otp.secret
            && let (Kind::Hotp { counter }, Kind::Hotp { counter: reached }) =
                (&mut account.otp.kind, &standing.otp.kind)
        {
            *counter = (*counter).max(*reached);
        }
        if !same {
            clock = clock.next(at, device);
            account.stamp = clock;
        }
    }
    let gone = vault.deleted.iter().map(|deleted| deleted.id);
    let mut known: HashSet<AccountId> = vault.accounts.iter().map(|account| account.id).chain(gone).collect();
    for deleted in now.deleted {
        if known.insert(deleted.id) {
            vault.deleted.push(deleted);
        }
    }
    for (place, account) in now.accounts.into_iter().enumerate() {
        if known.insert(account.id) {
            clock = clock.next(at, device);
            vault.deleted.push(Deleted {
                id: account.id,
                stamp: clock,
                at,
                place,
                account: Some(Box::new(account)),
            });
        }
    }
    vault.clock = clock;
    vault
}
