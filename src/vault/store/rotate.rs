//! A new key for the vault, for when the old one may be in other hands: who has the old passphrase and an old copy of the
//! identity opens nothing that is written from then on.
//!
//! At every moment what lies on the disk opens with what lies beside it: first the identity holds both keys, then the
//! vault and its earlier generations are sealed for the new one, and last the old key goes out of the identity.

use std::path::Path;

use crate::otp::Timestamp;
use crate::vault::Passphrase;
use crate::vault::record::{self, Record};
use crate::vault::seal::{self, Identity, Key, SealError};
use crate::vault::store::create::seal_identity;
use crate::vault::store::disk::{self, Temp};
use crate::vault::store::lock::Lock;
use crate::vault::store::{Durability, Store, StoreError, WorkFactor, backup, open};

/// What came of a new key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rotated {
    /// Whether it survives a power cut. If that is not sure, the old key is still beside the new one.
    pub durability: Durability,
    /// How many earlier generations were sealed anew.
    pub resealed: usize,
    /// How many could not be read, and are as they were.
    pub left: usize,
}

impl Store {
    /// Gives the vault a new key, sealed with a new passphrase, and seals the vault and its earlier generations for
    /// it and for the further recipients of now. If it fails half-way the new passphrase may open the vault already,
    /// and the next try goes on. Copies that lie elsewhere go on opening with what opened them.
    pub fn rotate(
        &mut self,
        old: &Passphrase,
        new: &Passphrase,
        work_factor: WorkFactor,
        at: Timestamp,
    ) -> Result<Rotated, StoreError> {
        let before = self.confirmed(old)?;
        let lock = Lock::take(&self.place)?;
        disk::sweep(self.place.dir());
        let path = self.place.identity_file();
        let target = disk::resolve(&path)?;
        let file = disk::read(&target, &mut Vec::new())?.ok_or(StoreError::Missing { path })?;
        backup::keep_identity(&self.place, &file.bytes)?;
        let fresh = Identity::generate();
        let both = fresh.before(&before);
        self.put_identity(&target, &both, new, work_factor)?;
        self.key = Key::Own(both);
        let gone = before.recipients();
        let committed = self.save_locked(&[], at, |recipients| {
            recipients.retain(|recipient| !gone.contains(recipient));
            recipients.insert(0, fresh.recipient());
            Ok(())
        })?;
        let (resealed, left) = self.reseal_backups(&gone)?;
        if committed.durability == Durability::Durable {
            self.put_identity(&target, &fresh, new, work_factor)?;
            self.key = Key::Own(fresh);
        }
        drop(lock);
        Ok(Rotated { durability: committed.durability, resealed, left })
    }

    /// Puts an identity in the place of the one that is there, durably, and keeps a copy of it.
    fn put_identity(
        &mut self,
        target: &Path,
        identity: &Identity,
        passphrase: &Passphrase,
        work_factor: WorkFactor,
    ) -> Result<(), StoreError> {
        let dir = disk::parent(target);
        let temp = seal_identity(&self.place, identity, dir, passphrase, work_factor)?;
        let sealed = temp.read_back()?.bytes;
        temp.replace(target)?;
        disk::sync_dir(dir)?;
        let kept = backup::keep_identity(&self.place, &sealed);
        self.notice(kept.err().map(|error| format!("no copy of the new identity was kept: {error}")));
        Ok(())
    }

    /// Seals the earlier generations that are sealed for what is `gone` for the recipients of now. Returns how many
    /// were, and how many could not be read.
    fn reseal_backups(&self, gone: &[String]) -> Result<(usize, usize), StoreError> {
        let (mut resealed, mut left) = (0, 0);
        for backup in Self::backups(&self.place)? {
            let Some(content) = disk::read(&backup.path, &mut Vec::new())? else {
                continue;
            };
            let Ok(record) = open::unseal(&backup.path, &content.bytes, &self.key) else {
                left += 1;
                continue;
            };
            if !record.recipients.iter().any(|recipient| gone.contains(recipient)) {
                continue;
            }
            let record = Record { recipients: self.current.recipients.clone(), ..record };
            let text = record::write(&record);
            let (sealed, key) =
                seal::seal_record(&record.recipients, &text, &self.talk).map_err(|error| match error {
                    SealError::Plugin(why) => StoreError::Plugin { why },
                    error => StoreError::Damaged { path: backup.path.clone(), why: error.to_string() },
                })?;
            let temp = Temp::write(disk::parent(&backup.path), &sealed)?;
            let back = key.open(&temp.read_back()?.bytes);
            if !back.is_ok_and(|plain| plain.as_slice() == text.as_bytes()) {
                return Err(StoreError::ReadBack { path: backup.path });
            }
            if let Some(modified) = content.modified {
                temp.set_modified(modified)?;
            }
            temp.replace(&backup.path)?;
            resealed += 1;
        }
        if resealed > 0 {
            disk::sync_dir(&self.place.backups_dir())?;
        }
        Ok((resealed, left))
    }
}
