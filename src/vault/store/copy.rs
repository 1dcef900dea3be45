//! Copies of the two sealed files, made and brought back. No passphrase is needed to make one, and nothing is opened.

use std::path::{Path, PathBuf};

use crate::vault::store::disk::{self, Content, Temp};
use crate::vault::store::lock::Lock;
use crate::vault::store::{Place, Presence, Store, StoreError};

/// How the name of a dated copy begins.
pub const COPY_PREFIX: &str = "twolock-";

/// A copy of the two sealed files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SealedCopy {
    /// The directory that holds them.
    pub path: PathBuf,
    /// The directory above it was not there and was made.
    pub made_dir: bool,
}

impl Store {
    /// Copies the sealed identity and the sealed vault, as they belong together, into a new directory. What was
    /// written is read back.
    ///
    /// The directory above it is made if it is not there, but none above that: a path whose beginning is missing is one
    /// on a disk that is not mounted, and the copy must not land on another. That it was made is told, for the same reason.
    pub fn copy_sealed(place: &Place, to: &Path) -> Result<SealedCopy, StoreError> {
        let lock = Lock::take(place)?;
        let identity = content(&place.identity_file())?;
        let vault = content(&place.vault_file())?;
        drop(lock);
        let copy = Place::new(to.to_owned(), None);
        let dir = disk::parent(to);
        let made_dir = disk::make_one_dir(dir)?;
        if made_dir {
            disk::sync_dir(disk::parent(dir))?;
        }
        if !disk::make_one_dir(to)? {
            return Err(StoreError::Taken { path: to.to_owned() });
        }
        // The vault last: what has none is no copy, whatever happens in between.
        let written = put(to, &identity, &copy.identity_file())
            .and_then(|()| put(to, &vault, &copy.vault_file()))
            .and_then(|()| disk::sync_dir(dir));
        if let Err(error) = written {
            // What is left of it is none; that it could not be taken away is not what went wrong.
            for file in [copy.vault_file(), copy.identity_file()] {
                drop(disk::remove(&file));
            }
            drop(std::fs::remove_dir(to));
            return Err(error);
        }
        Ok(SealedCopy { path: to.to_owned(), made_dir })
    }

    /// Brings such a copy to a place where there is no vault. It is not opened: that is done where it then lies.
    pub fn bring(from: &Place, place: &Place) -> Result<(), StoreError> {
        let identity = content(&from.identity_file())?;
        let vault = content(&from.vault_file())?;
        disk::make_dir(place.dir())?;
        let lock = Lock::take(place)?;
        if Self::presence(place)? == Presence::Present {
            return Err(StoreError::Exists { path: place.vault_file() });
        }
        if disk::Stat::of(&place.identity_file())?.is_some() {
            return Err(StoreError::Exists { path: place.identity_file() });
        }
        put(place.dir(), &identity, &place.identity_file())?;
        put(place.dir(), &vault, &place.vault_file())?;
        drop(lock);
        Ok(())
    }
}

fn content(path: &Path) -> Result<Content, StoreError> {
    let found = disk::read(&disk::resolve(path)?, &mut Vec::new())?;
    found.ok_or_else(|| StoreError::Missing { path: path.to_owned() })
}

fn put(dir: &Path, content: &Content, path: &Path) -> Result<(), StoreError> {
    let temp = Temp::write(dir, &content.bytes)?;
    if temp.read_back()?.bytes != content.bytes {
        return Err(StoreError::ReadBack { path: path.to_owned() });
    }
    temp.place(path)?;
    disk::sync_dir(dir)
}
