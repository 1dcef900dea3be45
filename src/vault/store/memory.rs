//! What this computer remembers of vaults outside of them: the highest generation seen, so that an older file is
//! noticed, where each was, so that a vanished one is, and the id of the device. Nothing in it is secret.
//!
//! Best effort: a state directory that cannot be written never stops a save, it is only said.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::vault::DeviceId;
use crate::vault::random::fresh_bytes;
use crate::vault::record::{Hash, Record};
use crate::vault::store::error::{StoreError, quoted};
use crate::vault::store::lock::Lock;
use crate::vault::store::{Place, disk};

/// What is remembered.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::vault::store) struct Memory {
    #[serde(default)]
    device: String,
    #[serde(default)]
    vaults: BTreeMap<String, Seen>,
}

/// The last that was seen of a vault.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    dir: String,
    generation: u64,
    hash: String,
}

impl Memory {
    /// Reads what is remembered at a place: nothing, if there is nothing or it cannot be read, and why.
    pub(in crate::vault::store) fn load(place: &Place) -> (Self, Option<String>) {
        let Some(path) = place.memory() else {
            return (Self::default(), None);
        };
        match disk::read(path, &mut Vec::new()) {
            Ok(None) => (Self::default(), None),
            Ok(Some(content)) if content.bytes.is_empty() => (Self::default(), None),
            Ok(Some(content)) => {
                let text = std::str::from_utf8(&content.bytes).ok();
                match text.and_then(|text| ron::from_str(text).ok()) {
                    Some(memory) => (memory, None),
                    None => {
                        (Self::default(), Some(format!("{} is not understood and not used", quoted(path))))
                    }
                }
            }
            Err(error) => (Self::default(), Some(error.to_string())),
        }
    }

    /// Returns the id of this device, if it has one.
    pub(in crate::vault::store) fn device(&self) -> Option<DeviceId> {
        u64::from_str_radix(&self.device, 16).ok().map(DeviceId)
    }

    /// Returns the generation of the vault that was last seen at a place, if one was.
    pub(in crate::vault::store) fn generation_at(&self, place: &Place) -> Option<u64> {
        let dir = dir_text(place);
        self.vaults.values().filter(|seen| seen.dir == dir).map(|seen| seen.generation).max()
    }

    /// Returns the highest generation seen of a vault.
    pub(in crate::vault::store) fn generation_of(&self, vault: Uuid) -> u64 {
        self.vaults.get(&vault.to_string()).map_or(0, |seen| seen.generation)
    }

    /// Returns the hash seen last of a vault.
    pub(in crate::vault::store) fn hash_of(&self, vault: Uuid) -> Option<Hash> {
        let seen = self.vaults.get(&vault.to_string())?;
        HEXLOWER.decode(seen.hash.as_bytes()).ok()?.try_into().ok()
    }

    /// Refuses a vault that does not follow what was seen of it.
    pub(in crate::vault::store) fn check(&self, record: &Record, hash: &Hash) -> Result<(), StoreError> {
        let Some(seen) = self.vaults.get(&record.vault.id.to_string()) else {
            return Ok(());
        };
        follows(seen.generation, self.hash_of(record.vault.id).as_ref(), record, hash)
    }

    /// Remembers a vault, if it is news. Says what went wrong, if something did.
    pub(in crate::vault::store) fn remember(
        place: &Place,
        device: DeviceId,
        vault: Uuid,
        generation: u64,
        hash: &Hash,
    ) -> Option<String> {
        let news = |memory: &mut Self| {
            if memory.device().is_none() {
                memory.device = format!("{:016x}", device.0);
            }
            let id = vault.to_string();
            if memory.vaults.get(&id).is_none_or(|seen| seen.generation <= generation) {
                let seen = Seen { dir: dir_text(place), generation, hash: HEXLOWER.encode(hash) };
                memory.vaults.insert(id, seen);
            }
        };
        match Self::update(place, news) {
            Ok(problem) => problem,
            Err(error) => Some(format!("what was seen of the vault is not remembered: {error}")),
        }
    }

    /// Forgets what was at a place.
    pub(in crate::vault::store) fn forget(place: &Place) -> Result<(), StoreError> {
        let dir = dir_text(place);
        // What is not understood is not remembered either.
        Self::update(place, |memory| memory.vaults.retain(|_, seen| seen.dir != dir)).map(drop)
    }

    /// Makes a change to what is remembered, if it is one. Memory that is not understood is left alone, and said.
    fn update(place: &Place, change: impl Fn(&mut Self)) -> Result<Option<String>, StoreError> {
        let Some(path) = place.memory() else {
            return Ok(None);
        };
        let (old, problem) = Self::load(place);
        let mut new = old.clone();
        change(&mut new);
        if problem.is_some() || new == old {
            return Ok(problem);
        }
        let dir = disk::parent(path);
        disk::make_dir(dir)?;
        let lock = Lock::take_state(dir, path)?;
        // Now that nobody else writes, once more: programs with other vaults remember them in the same file.
        let (mut new, problem) = Self::load(place);
        if problem.is_some() {
            return Ok(problem);
        }
        change(&mut new);
        if lock.is_some() {
            disk::sweep(dir);
        }
        let text = ron::ser::to_string_pretty(&new, ron::ser::PrettyConfig::new())
            .expect("strings and numbers can be written as RON");
        disk::Temp::write(dir, text.as_bytes())?.replace(path)?;
        Ok(None)
    }
}

/// Refuses a record that does not follow the one of generation `seen` and hash `before`.
pub(in crate::vault::store) fn follows(
    seen: u64,
    before: Option<&Hash>,
    record: &Record,
    hash: &Hash,
) -> Result<(), StoreError> {
    let found = record.vault.generation;
    let fine = if found <= seen {
        found == seen && before == Some(hash)
    } else {
        // Of saves further on, nobody knows what they followed.
        found > seen + 1 || before.is_none() || record.previous.as_ref() == before
    };
    if fine { Ok(()) } else { Err(StoreError::RolledBack { seen, found }) }
}

/// Returns the id that this device has, or a new one for this run.
pub(in crate::vault::store) fn device(memory: &Memory) -> DeviceId {
    memory.device().unwrap_or_else(|| DeviceId(u64::from_ne_bytes(fresh_bytes())))
}

fn dir_text(place: &Place) -> String {
    let dir = place.dir();
    let whole = dir.canonicalize().or_else(|_| std::path::absolute(dir)).unwrap_or_else(|_| dir.to_owned());
    whole.to_string_lossy().into_owned()
}
