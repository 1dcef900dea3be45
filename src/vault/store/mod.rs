//! The vault on the disk: the only hand that writes it.
//!
//! ```text
//! passphrase ──scrypt──▶ identity.age ──opens──▶ vault.age ──▶ Vault
//!                                                    ▲           │
//!                            backups/ ◀──link── lock, temp, fsync, read back, rename, fsync ◀── Change
//! ```
//!
//! It hides the sealing, the lock, the order of a save, the backups and what this computer remembers. Opening never
//! writes the vault; an error before the rename leaves the old file as it was.

mod backup;
mod copy;
mod create;
mod disk;
mod error;
mod lock;
mod memory;
mod open;
mod restore;
mod rotate;
mod save;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::vault::record::{Hash, Record};
use crate::vault::seal::{Key, Talk};
use crate::vault::{AccountId, Change, DAY, DeviceId, KEEP_DELETED_SECONDS, Vault};

use crate::vault::seal::WorkFactor;
pub use backup::Backup;
pub use copy::{COPY_PREFIX, SealedCopy};
pub use error::StoreError;
pub use rotate::Rotated;

/// Where a vault lies, and where this computer remembers what it saw of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    dir: PathBuf,
    memory: Option<PathBuf>,
    keep_deleted: i64,
}

impl Place {
    /// Returns the place of the vault in `dir`; `memory` is the state file, which lies elsewhere so that whoever
    /// puts back an old vault does not put back the memory of it.
    pub fn new(dir: PathBuf, memory: Option<PathBuf>) -> Self {
        Self { dir, memory, keep_deleted: KEEP_DELETED_SECONDS }
    }

    /// Returns the place of a vault that keeps what is deleted for so many days.
    #[must_use]
    pub fn keeping_deleted(self, days: u32) -> Self {
        Self { keep_deleted: i64::from(days) * DAY, ..self }
    }

    /// Returns for how many seconds deleted accounts are kept.
    pub(in crate::vault) fn keep_deleted(&self) -> i64 {
        self.keep_deleted
    }

    /// Returns the directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the file that holds the accounts.
    pub fn vault_file(&self) -> PathBuf {
        self.dir.join("vault.age")
    }

    /// Returns the file that holds the key, sealed with the passphrase.
    pub fn identity_file(&self) -> PathBuf {
        self.dir.join("identity.age")
    }

    /// Returns the directory of the earlier generations.
    pub fn backups_dir(&self) -> PathBuf {
        self.dir.join("backups")
    }

    fn lock_file(&self) -> PathBuf {
        self.dir.join("lock")
    }

    fn memory(&self) -> Option<&Path> {
        self.memory.as_deref()
    }
}

/// What is found at a place, without a passphrase.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Presence {
    /// Nothing, and nothing is known to have been there.
    Missing,
    /// A vault.
    Present,
    /// An identity without a vault: a creation that was broken off. `Store::create` takes it up again.
    Unfinished,
    /// Nothing, where there was a vault. It is never replaced by a new one without being asked.
    Vanished {
        /// The generation seen last.
        generation: u64,
    },
}

/// What came of a save that did not fail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Durability {
    /// It survives a power cut.
    Durable,
    /// It is written, but may be lost in a power cut; the text says why.
    Unsure(String),
}

/// What came of a commit.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The vault as it is now, with what other programs saved meanwhile.
    pub vault: Arc<Vault>,
    /// The changes that undo it, in the order in which they are to be made.
    pub inverse: Vec<Change>,
    /// The counters taken: the code of each may be shown, once. Empty if the save is not durable, since a power cut
    /// would bring the counter back and the code would be shown twice.
    pub reserved: Vec<(AccountId, u64)>,
    /// Whether it survives a power cut.
    pub durability: Durability,
}

/// The file as we saw it last.
#[derive(Clone)]
struct Current {
    vault: Arc<Vault>,
    recipients: Vec<String>,
    hash: Hash,
    stat: disk::Stat,
}

impl Current {
    fn new(record: Record, hash: Hash, stat: disk::Stat) -> Self {
        Self { vault: Arc::new(record.vault), recipients: record.recipients, hash, stat }
    }
}

/// An open vault. It holds the key and the accounts, no lock and no passphrase. A clone is another hand on the same
/// vault: both save through the lock.
#[derive(Clone)]
pub struct Store {
    place: Place,
    key: Key,
    device: DeviceId,
    current: Current,
    /// The last save is perhaps not durable, so the next one has to be made whatever it changes.
    unsure: bool,
    /// How the plugins of recipients speak with the person.
    talk: Talk,
    notices: Vec<String>,
}

impl Store {
    /// Returns the vault as it was read or saved last.
    pub fn vault(&self) -> Arc<Vault> {
        Arc::clone(&self.current.vault)
    }

    /// Returns the place.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Returns whom the vault is sealed for, as age writes recipients.
    pub fn recipients(&self) -> &[String] {
        &self.current.recipients
    }

    /// Returns the recipient that the passphrase stands for, if the passphrase opened the vault.
    pub fn own_recipient(&self) -> Option<String> {
        self.key.own(&self.current.recipients)
    }

    /// Says whether reading what another program saved may want a hand on a device.
    pub fn needs_plugin(&self) -> bool {
        self.key.needs_plugin()
    }

    /// Sets how the plugins of recipients speak with the person while a save is made.
    pub fn talk_through(&mut self, talk: Talk) {
        self.talk = talk;
    }

    /// Returns what a person should be told once: modes that were tightened, a backup that could not be pruned.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Notes what a person should be told, once however often it happens.
    fn notice(&mut self, notice: Option<String>) {
        self.notices.extend(notice.filter(|notice| !self.notices.contains(notice)));
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("place", &self.place).finish_non_exhaustive()
    }
}
