//! Why the vault could not be opened or saved, in words for people. Paths are quoted with their control characters
//! escaped; what was read is never quoted.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::vault::ChangeError;

/// Why the vault could not be opened or saved. Unless a variant says otherwise, the old file is as it was.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another program holds the lock and does not let go, or saved in the very moment.
    #[error("another program is saving {path:?}")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A change that cannot be made.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// A file that is not what was written.
    #[error("{path:?} is damaged: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is a vault already.
    #[error("there is a vault already: {path:?}")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// No room on the disk.
    #[error("cannot {doing} {path:?}: {}", reason(source))]
    Full {
        /// The file that was to be written.
        path: PathBuf,
        /// What was being done: "write", "keep the old".
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// There is no vault here, and there never was one.
    #[error("there is no vault: {path:?} does not exist")]
    Missing {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// Another program gave the vault a new key since it was opened.
    #[error("{path:?} has a new key since it was opened")]
    NewKey {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later version.
    #[error("{path:?} has format {format}, which a newer version of this program wrote; it was not touched")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format.
        format: u32,
    },
    /// A copy is to be put where there is no directory.
    #[error("there is no directory {path:?}")]
    NoDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// The file system has no locks, so that two programs could lose each other's changes.
    #[error("cannot lock {path:?}: {}; the vault can be read here, not changed", reason(source))]
    NoLocks {
        /// The lock.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// None of the identities that were given opens it.
    #[error("{path:?} is not sealed for any of these identities")]
    NoSuchKey {
        /// The file.
        path: PathBuf,
    },
    /// A file that age did not write.
    #[error("{path:?} is not a vault")]
    NotAVault {
        /// The file.
        path: PathBuf,
    },
    /// A plugin for age is not there, or did not do its part.
    #[error("an age plugin did not do its part: {why}")]
    Plugin {
        /// What it said, or what is missing.
        why: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {path:?}: {}", reason(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was written is not what is read again: a bad disk or bad memory.
    #[error("cannot save {path:?}: what was written does not read back the same")]
    ReadBack {
        /// The file.
        path: PathBuf,
    },
    /// A recipient that cannot be added or removed.
    #[error("{recipient:?} {why}")]
    Recipient {
        /// As it was given.
        recipient: String,
        /// Why not: "is no recipient of this vault".
        why: &'static str,
    },
    /// A file that is not opened, whatever is in it.
    #[error("{path:?} is not used: {why}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The vault is older than it was, or another line of changes took its place.
    #[error("the vault went back or was replaced: generation {found} does not follow {seen}")]
    RolledBack {
        /// The generation seen last.
        seen: u64,
        /// The generation in the file.
        found: u64,
    },
    /// A copy is to be put where something is already.
    #[error("there is something already: {path:?}")]
    Taken {
        /// What is there.
        path: PathBuf,
    },
    /// There was a vault here, and it is gone.
    #[error("the vault is gone: {path:?} was at generation {generation} and does not exist any more")]
    Vanished {
        /// The file.
        path: PathBuf,
        /// The generation seen last.
        generation: u64,
    },
    /// Trying the passphrase would cost too much.
    #[error("{path:?} is not opened: its work factor is {found}, and at most 22 is taken")]
    WorkFactor {
        /// The file.
        path: PathBuf,
        /// The factor it asks for.
        found: u8,
    },
    /// A file that cannot be written.
    #[error("cannot {doing} {path:?}: {}", reason(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// What was being done: "write", "keep the old".
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The passphrase does not open the vault.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
}

/// Returns a path in quotation marks, with what a terminal would take for a command escaped.
pub(in crate::vault::store) fn quoted(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

/// Returns what the system said as part of a sentence: "no space left on device".
pub(in crate::vault::store) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_the_system_becomes_part_of_the_sentence() {
        let error = StoreError::Write {
            path: "/tmp/a\u{1b}[31m".into(),
            doing: "write",
            source: io::Error::from_raw_os_error(28),
        };
        assert_eq!(error.to_string(), "cannot write \"/tmp/a\\u{1b}[31m\": no space left on device");
    }
}
