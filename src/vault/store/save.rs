//! Saving, in an order that never loses the vault: lock, read again, apply, write beside, fsync, read back, keep the
//! old, rename, fsync the directory. Before the rename an error leaves the old file; after it the new one stands.

use std::path::Path;

use crate::otp::Timestamp;
use crate::vault::Change;
use crate::vault::record::{self, Record};
use crate::vault::seal::{self, Identity, LARGEST};
use crate::vault::store::disk::{self, Content, Stat, Temp};
use crate::vault::store::lock::Lock;
use crate::vault::store::memory::Memory;
use crate::vault::store::{Committed, Current, Durability, Place, Store, StoreError, backup};

impl Store {
    /// Makes changes and saves them. They are made to what is on the disk now, so that two programs never lose each
    /// other's work; if one cannot be made, none is.
    pub fn commit(&mut self, changes: &[Change], at: Timestamp) -> Result<Committed, StoreError> {
        let lock = Lock::take(&self.place)?;
        disk::sweep(self.place.dir());
        let (target, content) = self.look()?;
        let base = match self.newer(&content)? {
            Some(current) => current,
            None => Current { stat: content.stat, ..self.current.clone() },
        };
        let (mut vault, all) = base.vault.after(changes, at, self.device)?;
        let (mut inverse, mut reserved) = (Vec::new(), Vec::new());
        for applied in all {
            inverse.extend(applied.inverse);
            reserved.extend(applied.reserved);
        }
        inverse.reverse();
        if vault == *base.vault && !self.unsure {
            self.current = base;
            return Ok(Committed { vault: self.vault(), inverse, reserved, durability: Durability::Durable });
        }
        vault.sweep(at);
        let old = base.vault.generation;
        vault.generation = next_generation(old, &self.place)?;
        let record = Record {
            vault,
            previous: Some(base.hash),
            written: at,
            device: self.device,
            recipients: base.recipients,
        };
        if target != self.place.vault_file() {
            disk::sweep(disk::parent(&target));
        }
        let edits = changes.iter().any(Change::is_edit);
        let keep = || {
            if edits { backup::keep(&self.place, &target, &content, old) } else { Ok(()) }
        };
        let (current, durability) =
            write(&self.place, &target, record, &self.identity, Some(&content), keep)?;
        self.adopt(current, &durability);
        if edits {
            for notice in backup::prune(&self.place, at) {
                self.notice(Some(notice));
            }
        }
        drop(lock);
        if durability != Durability::Durable {
            reserved.clear();
        }
        Ok(Committed { vault: self.vault(), inverse, reserved, durability })
    }

    /// Takes over what was just written, and remembers it if it lasts.
    pub(in crate::vault::store) fn adopt(&mut self, current: Current, durability: &Durability) {
        self.current = current;
        self.unsure = *durability != Durability::Durable;
        if !self.unsure {
            self.remember();
        }
    }

    /// Remembers, outside of the vault, what is in it.
    pub(in crate::vault::store) fn remember(&mut self) {
        let Current { vault, hash, .. } = &self.current;
        let notice = Memory::remember(&self.place, self.device, vault.id, vault.generation, hash);
        self.notice(notice);
    }
}

/// Returns the number of the save after `generation`.
pub(in crate::vault::store) fn next_generation(generation: u64, place: &Place) -> Result<u64, StoreError> {
    generation.checked_add(1).ok_or_else(|| StoreError::Damaged {
        path: place.vault_file(),
        why: "its generation is at the end of its range".to_owned(),
    })
}

/// Writes a record at `target`, in the place of what was read there; `keep` puts that aside, at the last moment
/// before. Only for one who holds the lock.
pub(in crate::vault::store) fn write(
    place: &Place,
    target: &Path,
    record: Record,
    identity: &Identity,
    old: Option<&Content>,
    keep: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(Current, Durability), StoreError> {
    let path = place.vault_file();
    let refused = |why| StoreError::Refused { path: path.clone(), why };
    let text = record::write(&record);
    let sealed = seal::seal_for(&record.recipients, &text)
        .ok_or_else(|| refused("one of its recipients is of a kind that this version cannot seal for"))?;
    if sealed.len() as u64 > LARGEST {
        return Err(refused("it would be larger than 64 MiB"));
    }
    let dir = disk::parent(target);
    let temp = Temp::write(dir, &sealed)?;
    let back = temp.read_back()?;
    let same = seal::open(&back.bytes, identity).is_ok_and(|plain| plain.as_slice() == text.as_bytes());
    if !same {
        return Err(StoreError::ReadBack { path });
    }
    drop(text);
    keep()?;
    let undisturbed = match (Stat::of(target)?, old) {
        (None, None) => true,
        (Some(now), Some(old)) => now.same_content(old.stat),
        _ => false,
    };
    if !undisturbed {
        return Err(StoreError::Busy { path });
    }
    match old {
        Some(_) => temp.replace(target)?,
        None => temp.place(target)?,
    }
    let durability = match disk::sync_dir(dir) {
        Ok(()) => Durability::Durable,
        Err(error) => Durability::Unsure(error.to_string()),
    };
    // The rename changed the time of the last change; if it cannot be seen, the next look reads the file again.
    let stat = Stat::of(target).ok().flatten().unwrap_or(back.stat);
    Ok((Current::new(record, seal::hash(&sealed), stat), durability))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_at_its_end_is_refused() {
        let place = Place::new("/nowhere".into(), None);
        assert_eq!(next_generation(1, &place).unwrap(), 2);
        assert!(next_generation(u64::MAX, &place).is_err());
    }
}
