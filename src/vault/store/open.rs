//! Opening: whatever is not a whole vault of ours is refused, and stays byte for byte as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::otp::Timestamp;
use crate::vault::record::{self, Record, RecordError};
use crate::vault::seal::{self, Identities, Identity, Key, SealError, Talk};
use crate::vault::store::disk::{self, Content, Stat};
use crate::vault::store::memory::{self, Memory};
use crate::vault::store::{Current, Place, Presence, Store, StoreError, backup};
use crate::vault::{Passphrase, Vault};

impl Store {
    /// Says what is at a place, without opening it.
    pub fn presence(place: &Place) -> Result<Presence, StoreError> {
        if Stat::of(&place.vault_file())?.is_some() {
            return Ok(Presence::Present);
        }
        if let Some(generation) = generation_before(place)? {
            return Ok(Presence::Vanished { generation });
        }
        let identity = Stat::of(&place.identity_file())?;
        Ok(if identity.is_some() { Presence::Unfinished } else { Presence::Missing })
    }

    /// Opens the vault. Takes as long as the work factor says; a wrong passphrase takes as long as the right one.
    pub fn unlock(place: &Place, passphrase: &Passphrase, at: Timestamp) -> Result<Self, StoreError> {
        Self::enter(place, at, |notices| identity(place, passphrase, notices).map(Key::Own))
    }

    /// Opens the vault with identities from a file, if it is sealed for one of them.
    pub fn unlock_with(place: &Place, held: &Identities, at: Timestamp) -> Result<Self, StoreError> {
        Self::enter(place, at, |_| Ok(Key::Held(held.clone())))
    }

    fn enter(
        place: &Place,
        at: Timestamp,
        key: impl FnOnce(&mut Vec<String>) -> Result<Key, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut notices = Vec::new();
        // What is remembered was in the file before: read the other way round, a save of another program between
        // the two would look like a vault that went back.
        let (memory, problem) = Memory::load(place);
        let (_, content) = present(place, &mut notices)?;
        let key = key(&mut notices)?;
        let mut record = unseal(&place.vault_file(), &content.bytes, &key)?;
        let hash = seal::hash(&content.bytes);
        memory.check(&record, &hash)?;
        notices.extend(problem);
        let device = memory::device(&memory);
        record.vault.sweep(at, place.keep_deleted());
        let current = Current::new(record, hash, content.stat);
        let talk = Talk::nobody();
        let mut store = Self { place: place.clone(), key, device, current, unsure: false, talk, notices };
        store.remember();
        Ok(store)
    }

    /// Checks a passphrase against the file, for an act that asks again.
    pub fn confirm(&self, passphrase: &Passphrase) -> Result<(), StoreError> {
        self.confirmed(passphrase).map(drop)
    }

    /// Returns the vault's own identity, after the passphrase was given again.
    pub(in crate::vault::store) fn confirmed(&self, passphrase: &Passphrase) -> Result<Identity, StoreError> {
        let found = identity(&self.place, passphrase, &mut Vec::new())?;
        if found.among(&self.current.recipients).is_some() {
            Ok(found)
        } else {
            let why = "it is another identity than the one that opened the vault".to_owned();
            Err(StoreError::Damaged { path: self.place.identity_file(), why })
        }
    }

    /// Says whether the file is not the one seen last.
    pub fn is_stale(&self) -> Result<bool, StoreError> {
        let path = disk::resolve(&self.place.vault_file())?;
        Ok(Stat::of(&path)? != Some(self.current.stat))
    }

    /// Reads the vault again if the file is not the one seen last, and returns what is in it now.
    pub fn refresh(&mut self) -> Result<Option<Arc<Vault>>, StoreError> {
        if !self.is_stale()? {
            return Ok(None);
        }
        let (_, content) = self.look()?;
        let Some(current) = self.newer(&content)? else {
            self.current.stat = content.stat;
            return Ok(None);
        };
        self.current = current;
        Ok(Some(self.vault()))
    }

    /// Reads the sealed vault, which was there before.
    pub(in crate::vault::store) fn look(&mut self) -> Result<(PathBuf, Content), StoreError> {
        let mut notices = Vec::new();
        let found = present(&self.place, &mut notices);
        for notice in notices {
            self.notice(Some(notice));
        }
        found.map_err(|error| match error {
            StoreError::Missing { path } => {
                StoreError::Vanished { path, generation: self.current.vault.generation }
            }
            error => error,
        })
    }

    /// Opens what is on the disk, if it is not what was seen last; refuses what does not follow that.
    pub(in crate::vault::store) fn newer(&self, content: &Content) -> Result<Option<Current>, StoreError> {
        let hash = seal::hash(&content.bytes);
        if hash == self.current.hash {
            return Ok(None);
        }
        let path = self.place.vault_file();
        let record = unseal(&path, &content.bytes, &self.key).map_err(|error| {
            let foreign = matches!(self.key.open(&content.bytes), Err(SealError::Foreign));
            if foreign && self.key.is_own() { StoreError::NewKey { path: path.clone() } } else { error }
        })?;
        if record.vault.id != self.current.vault.id {
            return Err(StoreError::Refused { path, why: "another vault took its place" });
        }
        memory::follows(self.current.vault.generation, Some(&self.current.hash), &record, &hash)?;
        Ok(Some(Current::new(record, hash, content.stat)))
    }
}

/// Reads the sealed vault, and says where it really lies.
pub(in crate::vault::store) fn present(
    place: &Place,
    notices: &mut Vec<String>,
) -> Result<(PathBuf, Content), StoreError> {
    let path = place.vault_file();
    if Stat::of(place.dir())?.is_some() {
        check(place, notices)?;
    }
    let target = disk::resolve(&path)?;
    if let Some(content) = disk::read(&target, notices)? {
        return Ok((target, content));
    }
    Err(match generation_before(place)? {
        Some(generation) => StoreError::Vanished { path, generation },
        None => StoreError::Missing { path },
    })
}

/// Refuses a directory that others may write in. Its mode is tightened only if nothing but a vault is in it, since
/// a person may have named any directory.
pub(in crate::vault::store) fn check(place: &Place, notices: &mut Vec<String>) -> Result<(), StoreError> {
    const OURS: [&str; 4] = ["backups", "identity.age", "lock", "vault.age"];
    let failed = |source| StoreError::Read { path: place.dir().to_owned(), source };
    let mut own = true;
    if fs::metadata(place.dir()).map_err(failed)?.is_dir() {
        for name in disk::names(place.dir()).map_err(failed)? {
            own &= OURS.iter().any(|ours| name == *ours) || disk::is_temp(&name);
        }
    }
    disk::check_dir(place.dir(), own, notices)
}

/// Opens the identity.
pub(in crate::vault::store) fn identity(
    place: &Place,
    passphrase: &Passphrase,
    notices: &mut Vec<String>,
) -> Result<Identity, StoreError> {
    let path = place.identity_file();
    let content = disk::read(&disk::resolve(&path)?, notices)?;
    let Some(Content { bytes, .. }) = content else {
        return Err(StoreError::Missing { path });
    };
    Identity::open(&bytes, passphrase).map_err(|error| match error {
        // A damaged identity looks just like a wrong passphrase; but an intact one has a copy.
        SealError::WrongPassphrase if backup::disowns_identity(place, &bytes) => {
            let why = "it is not what was written last, or the passphrase is wrong".to_owned();
            StoreError::Damaged { path, why }
        }
        SealError::NotAge => StoreError::Damaged { path, why: error.to_string() },
        error => refusal(&path, &error),
    })
}

/// Opens the bytes of a vault.
pub(in crate::vault::store) fn unseal(path: &Path, sealed: &[u8], key: &Key) -> Result<Record, StoreError> {
    let damaged = |why: String| StoreError::Damaged { path: path.to_owned(), why };
    let plain = key.open(sealed).map_err(|error| match error {
        // The own identity always opens it; one from a file may be any.
        SealError::Foreign if !key.is_own() => StoreError::NoSuchKey { path: path.to_owned() },
        error => refusal(path, &error),
    })?;
    let text = std::str::from_utf8(&plain).map_err(|_| damaged("its text is not UTF-8".to_owned()))?;
    let record = record::read(text).map_err(|error| match error {
        RecordError::Newer(format) => StoreError::Newer { path: path.to_owned(), format },
        error => damaged(error.to_string()),
    })?;
    if !key.is_among(&record.recipients) {
        return Err(damaged("its recipients leave out the identity that opens it".to_owned()));
    }
    Ok(record)
}

fn refusal(path: &Path, error: &SealError) -> StoreError {
    let path = path.to_owned();
    match error {
        SealError::NotAge => StoreError::NotAVault { path },
        SealError::WorkFactor(found) => StoreError::WorkFactor { path, found: *found },
        SealError::WrongPassphrase => StoreError::WrongPassphrase,
        SealError::Plugin(why) => StoreError::Plugin { why: why.clone() },
        SealError::NoIdentity
        | SealError::NotAnIdentity(_)
        | SealError::Damaged
        | SealError::Empty
        | SealError::Foreign => StoreError::Damaged { path, why: error.to_string() },
    }
}

/// Returns the highest generation that is known to have been at a place.
fn generation_before(place: &Place) -> Result<Option<u64>, StoreError> {
    let (memory, _) = Memory::load(place);
    let kept = Store::backups(place)?.first().map(|backup| backup.generation);
    Ok(memory.generation_at(place).max(kept))
}
