//! The first save, and new passphrases. All is sealed before anything is written, and the identity is written before the
//! vault: an identity alone is a creation
//! that was broken off and can be taken up again, a vault alone would be lost.

use crate::otp::Timestamp;
use crate::vault::random::fresh_bytes;
use crate::vault::record::Record;
use crate::vault::seal::{Identity, Key, Talk, is_recipient};
use crate::vault::store::disk::{self, Temp};
use crate::vault::store::lock::Lock;
use crate::vault::store::memory::{self, Memory};
use crate::vault::store::{Durability, Place, Presence, Store, StoreError, WorkFactor, backup, open, save};
use crate::vault::{DeviceId, Passphrase, Vault};

impl Store {
    /// Makes a new, empty vault. Never overwrites anything; takes up a creation that was broken off if the
    /// passphrase opens its identity.
    pub fn create(
        place: &Place,
        passphrase: &Passphrase,
        work_factor: WorkFactor,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        Self::create_for(place, passphrase, work_factor, (&[], Talk::nobody()), at)
    }

    /// Makes one that further recipients open too, beside the passphrase. Their plugins speak through the `Talk`.
    pub fn create_for(
        place: &Place,
        passphrase: &Passphrase,
        work_factor: WorkFactor,
        (further, talk): (&[String], Talk),
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        if let Some(wrong) = further.iter().find(|recipient| !is_recipient(recipient)) {
            return Err(StoreError::Recipient { recipient: wrong.clone(), why: "is not an age recipient" });
        }
        let path = place.vault_file();
        let mut notices = Vec::new();
        if Self::presence(place)? == Presence::Present {
            return Err(StoreError::Exists { path });
        }
        let (remembered, problem) = Memory::load(place);
        notices.extend(problem);
        let device = memory::device(&remembered);
        let seal = |identity: Identity| {
            let record = first(at, device, &identity, further);
            Ok::<_, StoreError>((save::seal(place, record, &talk)?, identity))
        };
        // Before anything is written: a plugin that does not do its part leaves nothing behind.
        let begun = match Self::presence(place)? {
            Presence::Missing => Some(seal(Identity::generate())?),
            _ => None,
        };
        disk::make_dir(place.dir())?;
        open::check(place, &mut notices)?;
        let lock = Lock::take(place)?;
        disk::sweep(place.dir());
        let (sealed, identity) = match (Self::presence(place)?, begun) {
            (Presence::Missing, begun) => {
                let begun = begun.map_or_else(|| seal(Identity::generate()), Ok)?;
                put_identity(place, &begun.1, passphrase, work_factor)?;
                begun
            }
            (Presence::Present, _) => return Err(StoreError::Exists { path }),
            (Presence::Unfinished, _) => seal(open::identity(place, passphrase, &mut notices)?)?,
            (Presence::Vanished { generation }, _) => return Err(StoreError::Vanished { path, generation }),
        };
        let key = Key::Own(identity);
        let (current, durability) = save::put(place, &path, sealed, &key, None, || Ok(()))?;
        let mut store = Self {
            place: place.clone(),
            key,
            device,
            current: current.clone(),
            unsure: false,
            talk,
            notices,
        };
        store.adopt(current, &durability);
        if let Durability::Unsure(why) = durability {
            store.notice(Some(format!("the vault is written, but may be lost in a power cut: {why}")));
        }
        drop(lock);
        Ok(store)
    }

    /// Seals the identity with another passphrase. The accounts are not touched; the old passphrase goes on opening
    /// old copies of the identity.
    pub fn change_passphrase(
        &mut self,
        old: &Passphrase,
        new: &Passphrase,
        work_factor: WorkFactor,
    ) -> Result<Durability, StoreError> {
        let identity = self.confirmed(old)?;
        let lock = Lock::take(&self.place)?;
        disk::sweep(self.place.dir());
        let path = self.place.identity_file();
        let target = disk::resolve(&path)?;
        let before = disk::read(&target, &mut Vec::new())?.ok_or(StoreError::Missing { path })?;
        backup::keep_identity(&self.place, &before.bytes)?;
        let temp = seal_identity(&self.place, &identity, disk::parent(&target), new, work_factor)?;
        let sealed = temp.read_back()?.bytes;
        temp.replace(&target)?;
        let durability = match disk::sync_dir(disk::parent(&target)) {
            Ok(()) => Durability::Durable,
            Err(error) => Durability::Unsure(error.to_string()),
        };
        let kept = backup::keep_identity(&self.place, &sealed);
        self.notice(kept.err().map(|error| format!("no copy of the new identity was kept: {error}")));
        drop(lock);
        Ok(durability)
    }

    /// Forgets that there was a vault at a place, so that a new one can be made: the user's explicit choice after
    /// `Presence::Vanished`. While backups lie there, the place counts as that of the old vault all the same.
    pub fn forget(place: &Place) -> Result<(), StoreError> {
        Memory::forget(place)
    }
}

/// Returns what the first save writes: no accounts, and for whom they are sealed.
fn first(at: Timestamp, device: DeviceId, identity: &Identity, further: &[String]) -> Record {
    let millis = u64::try_from(at.millis()).unwrap_or(0);
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &fresh_bytes());
    let vault = Vault { generation: 1, ..Vault::new(id.into_uuid()) };
    let mut recipients = vec![identity.recipient()];
    for recipient in further {
        if !recipients.contains(recipient) {
            recipients.push(recipient.clone());
        }
    }
    Record { vault, previous: None, written: at, device, recipients }
}

/// Writes a new identity, and keeps a copy of it.
fn put_identity(
    place: &Place,
    identity: &Identity,
    passphrase: &Passphrase,
    work_factor: WorkFactor,
) -> Result<(), StoreError> {
    let temp = seal_identity(place, identity, place.dir(), passphrase, work_factor)?;
    let sealed = temp.read_back()?.bytes;
    temp.place(&place.identity_file())?;
    disk::sync_dir(place.dir())?;
    backup::keep_identity(place, &sealed)
}

/// Writes a sealed identity, and opens it again before it is trusted.
pub(in crate::vault::store) fn seal_identity(
    place: &Place,
    identity: &Identity,
    dir: &std::path::Path,
    passphrase: &Passphrase,
    work_factor: WorkFactor,
) -> Result<Temp, StoreError> {
    let temp = Temp::write(dir, &identity.seal(passphrase, work_factor))?;
    match Identity::open(&temp.read_back()?.bytes, passphrase) {
        Ok(opened) if opened.recipients() == identity.recipients() => Ok(temp),
        _ => Err(StoreError::ReadBack { path: place.identity_file() }),
    }
}
