//! The lock that is held for the time of a write, and never while the program is merely open.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;

use crate::vault::store::disk::open_lock;
use crate::vault::store::error::StoreError;
use crate::vault::store::{Place, disk};

/// How long is waited between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// How often the lock of a vault is tried: five seconds in all. A save takes milliseconds.
const TRIES: u32 = 250;

/// How often that of the state is: a second in all, since nothing is lost without.
const TRIES_FOR_STATE: u32 = 50;

/// The right to write. Given back when dropped; the system gives it back when a program dies.
pub(in crate::vault::store) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the right to write a vault, but not for ever.
    pub(in crate::vault::store) fn take(place: &Place) -> Result<Self, StoreError> {
        let path = place.lock_file();
        let file = open_lock(&path)?;
        match wait(&file, TRIES) {
            Ok(true) => Ok(Self { _file: file }),
            Ok(false) => Err(StoreError::Busy { path: place.vault_file() }),
            Err(source) => {
                let none = [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP];
                let code = source.raw_os_error();
                Err(if none.iter().any(|errno| code == Some(errno.raw_os_error())) {
                    StoreError::NoLocks { path, source }
                } else {
                    disk::write_error(&path, "lock", source)
                })
            }
        }
    }

    /// Waits for the right to write the state file `path` in `dir`. It is the directory that is locked, so that no
    /// file is left there. Nothing where a directory cannot be locked: the worst is that a generation seen is forgotten.
    pub(in crate::vault::store) fn take_state(dir: &Path, path: &Path) -> Result<Option<Self>, StoreError> {
        let file = File::open(dir).map_err(|source| StoreError::Read { path: dir.to_owned(), source })?;
        match wait(&file, TRIES_FOR_STATE) {
            Ok(true) => Ok(Some(Self { _file: file })),
            Ok(false) => Err(StoreError::Busy { path: path.to_owned() }),
            Err(_) => Ok(None),
        }
    }
}

/// Tries to lock a file so many times; says whether it is locked.
fn wait(file: &File, tries: u32) -> io::Result<bool> {
    for _ in 0..tries {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            // A signal came in between.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}
