//! Saving, in an order that never loses the vault: lock, read again, apply, write beside, fsync, read back, keep the
//! old, rename, fsync the directory. Before the rename an error leaves the old file; after it the new one stands.

use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::otp::Timestamp;
use crate::vault::record::{self, Record};
use crate::vault::seal::{self, Key, LARGEST, SealError, SealedKey, Talk, is_recipient};
use crate::vault::store::disk::{self, Content, Stat, Temp};
use crate::vault::store::lock::Lock;
use crate::vault::store::memory::Memory;
use crate::vault::store::{Committed, Current, Durability, Place, Store, StoreError, backup};
use crate::vault::{Change, Passphrase};

impl Store {
    /// Makes changes and saves them. They are made to what is on the disk now, so that two programs never lose each
    /// other's work; if one cannot be made, none is.
    pub fn commit(&mut self, changes: &[Change], at: Timestamp) -> Result<Committed, StoreError> {
        self.save(changes, at, |_| Ok(()))
    }

    /// Seals the vault for other recipients too, or for some no more. Needs the passphrase, whatever opened the
    /// vault: a recipient reads everything. The passphrase itself cannot be shut out. What was sealed before, the
    /// backups, goes on opening for whom it was sealed.
    pub fn change_recipients(
        &mut self,
        passphrase: &Passphrase,
        add: &[String],
        remove: &[String],
        at: Timestamp,
    ) -> Result<Durability, StoreError> {
        let own = self.confirmed(passphrase)?;
        let refused = |recipient: &String, why| StoreError::Recipient { recipient: recipient.clone(), why };
        if let Some(wrong) = add.iter().find(|recipient| !is_recipient(recipient)) {
            return Err(refused(wrong, "is not an age recipient"));
        }
        if let Some(own) = own.among(remove) {
            return Err(refused(&own, "is what the passphrase opens, and stays"));
        }
        let change = |recipients: &mut Vec<String>| {
            if let Some(unknown) = remove.iter().find(|recipient| !recipients.contains(recipient)) {
                return Err(refused(unknown, "is no recipient of this vault"));
            }
            recipients.retain(|recipient| !remove.contains(recipient));
            for recipient in add {
                if !recipients.contains(recipient) {
                    recipients.push(recipient.clone());
                }
            }
            Ok(())
        };
        self.save(&[], at, change).map(|committed| committed.durability)
    }

    fn save(
        &mut self,
        changes: &[Change],
        at: Timestamp,
        readdress: impl FnOnce(&mut Vec<String>) -> Result<(), StoreError>,
    ) -> Result<Committed, StoreError> {
        let lock = Lock::take(&self.place)?;
        disk::sweep(self.place.dir());
        let committed = self.save_locked(changes, at, readdress);
        drop(lock);
        committed
    }

    /// The same, for one who holds the lock.
    pub(in crate::vault::store) fn save_locked(
        &mut self,
        changes: &[Change],
        at: Timestamp,
        readdress: impl FnOnce(&mut Vec<String>) -> Result<(), StoreError>,
    ) -> Result<Committed, StoreError> {
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
        let mut recipients = base.recipients.clone();
        readdress(&mut recipients)?;
        let readdressed = recipients != base.recipients;
        if vault == *base.vault && !readdressed && !self.unsure {
            self.current = base;
            return Ok(Committed { vault: self.vault(), inverse, reserved, durability: Durability::Durable });
        }
        vault.sweep(at, self.place.keep_deleted());
        let old = base.vault.generation;
        vault.generation = next_generation(old, &self.place)?;
        let record =
            Record { vault, previous: Some(base.hash), written: at, device: self.device, recipients };
        if target != self.place.vault_file() {
            disk::sweep(disk::parent(&target));
        }
        let edits = readdressed || changes.iter().any(Change::is_edit);
        let keep = || {
            if edits { backup::keep(&self.place, &target, &content, old) } else { Ok(()) }
        };
        let sealed = seal(&self.place, record, &self.talk)?;
        let (current, durability) = put(&self.place, &target, sealed, &self.key, Some(&content), keep)?;
        self.adopt(current, &durability);
        if edits {
            for notice in backup::prune(&self.place, at) {
                self.notice(Some(notice));
            }
        }
        if durability != Durability::Durable {
            reserved.clear();
        }
        Ok(Committed { vault: self.vault(), inverse, reserved, durability })
    }

    /// Returns what the vault would be with these changes. Nothing is saved.
    pub fn preview(&self, changes: &[Change], at: Timestamp) -> Result<Arc<crate::vault::Vault>, StoreError> {
        let (vault, _) = self.current.vault.after(changes, at, self.device)?;
        Ok(Arc::new(vault))
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

/// A record that is sealed and not written yet.
pub(in crate::vault::store) struct Sealed {
    record: Record,
    text: Zeroizing<String>,
    bytes: Vec<u8>,
    key: SealedKey,
}

/// Seals a record for its recipients. Their plugins speak through the `Talk`.
pub(in crate::vault::store) fn seal(
    place: &Place,
    record: Record,
    talk: &Talk,
) -> Result<Sealed, StoreError> {
    let refused = |why| StoreError::Refused { path: place.vault_file(), why };
    let text = record::write(&record);
    let (bytes, key) = seal::seal_record(&record.recipients, &text, talk).map_err(|error| match error {
        SealError::Plugin(why) => StoreError::Plugin { why },
        _ => refused("one of its recipients is of a kind that this version cannot seal for"),
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(refused("it would be larger than 64 MiB"));
    }
    Ok(Sealed { record, text, bytes, key })
}

/// Writes what was sealed at `target`, in the place of what was read there; `keep` puts that aside, at the last moment
/// before. Only for one who holds the lock.
pub(in crate::vault::store) fn put(
    place: &Place,
    target: &Path,
    sealed: Sealed,
    key: &Key,
    old: Option<&Content>,
    keep: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(Current, Durability), StoreError> {
    let path = place.vault_file();
    let Sealed { record, text, bytes: sealed, key: sealed_key } = sealed;
    let dir = disk::parent(target);
    let temp = Temp::write(dir, &sealed)?;
    let back = temp.read_back()?;
    // A key in hardware would want to be touched for each save, so the key of the file itself reads it back.
    let plain = if key.needs_plugin() { sealed_key.open(&back.bytes) } else { key.open(&back.bytes) };
    let same = plain.is_ok_and(|plain| plain.as_slice() == text.as_bytes());
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
