//! The lock that is held for the time of a write, and never while the program is merely open.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::Duration;

use crate::vault::store::disk::open_lock;
use crate::vault::store::error::StoreError;
use crate::vault::store::{Place, disk};

/// How often the lock is tried, and how long is waited in between: five seconds in all. A save takes milliseconds.
const TRIES: u32 = 250;
const PAUSE: Duration = Duration::from_millis(20);

/// The right to write. Given back when dropped; the system gives it back when a program dies.
pub(in crate::vault::store) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the right to write, but not for ever.
    pub(in crate::vault::store) fn take(place: &Place) -> Result<Self, StoreError> {
        let path = place.lock_file();
        let file = open_lock(&path)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                Err(TryLockError::Error(source)) => {
                    use rustix::io::Errno;
                    let none = [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP];
                    let code = source.raw_os_error();
                    return Err(if none.iter().any(|errno| code == Some(errno.raw_os_error())) {
                        StoreError::NoLocks { path, source }
                    } else {
                        disk::write_error(&path, "lock", source)
                    });
                }
            }
        }
        Err(StoreError::Busy { path: place.vault_file() })
    }
}
