//! The files that the UI reads and writes beside the vault: what other authenticators wrote, pictures, exports.
//!
//! Each runs on a thread of its own, for a key derivation or a large picture takes its time.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::effect::{Export, Original};
use super::event::{Deleted, Pictured, Read, Unread};
use crate::display::visible;
use crate::exchange::picture::{self, read_codes};
use crate::exchange::progress::{Step, watched};
use crate::exchange::{self, ImportError, MOST_BYTES};
use crate::failure::Failure;
use crate::system::clipboard::Pictures;
use crate::system::file;
use crate::vault::{Account, Identities, Passphrase, SealError, Talk, fresh_bytes, prove};
use crate::words::keys;

/// A source whose path is known in full.
pub enum Content {
    /// The bytes themselves.
    Bytes(Zeroizing<Vec<u8>>),
    /// The picture on the clipboard.
    Clipboard(Box<Pictures>),
    /// A file.
    File(PathBuf),
}

impl Content {
    /// Returns the bytes, unless there are more than `most`, and the file that they were read from.
    fn bytes(self, most: usize) -> Result<(Zeroizing<Vec<u8>>, Option<Original>), Failure> {
        let path = match self {
            Self::Bytes(bytes) => return Ok((bytes, None)),
            Self::Clipboard(pictures) => return Ok((pictures.read(most)?, None)),
            Self::File(path) => path,
        };
        // Looked at before it is opened: opening a pipe would wait for somebody to write into it.
        let read = std::fs::metadata(&path).and_then(|about| {
            if about.is_file() || about.is_dir() {
                file::read_original(&path, most)
            } else {
                Err(io::Error::other("it is not a file"))
            }
        });
        read.map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => {
                Failure::other(format!("the file is too large: more than {} MiB", most >> 20))
            }
            _ => Failure::file("read", &path, &error),
        })
    }
}

/// The most bytes that a key file may have.
const LARGEST_KEY_FILE: usize = 1 << 20;

/// Why a key file gives nothing.
pub enum Shut {
    /// It cannot be used.
    Failed(Failure),
    /// It wants a passphrase; was the one that was given wrong?
    Sealed(bool),
}

impl From<SealError> for Shut {
    fn from(error: SealError) -> Self {
        match error {
            SealError::WrongPassphrase => Self::Sealed(true),
            error => Self::Failed(keys::no_key_file(&error)),
        }
    }
}

/// Reads a key file: age identities, plain or sealed with a passphrase.
pub fn identities(path: &Path, passphrase: Option<Passphrase>, talk: Talk) -> Result<Identities, Shut> {
    let bytes = Content::File(path.to_owned()).bytes(LARGEST_KEY_FILE).map_err(Shut::Failed)?.0;
    Identities::read(&bytes, || passphrase.ok_or(Shut::Sealed(false)), talk)
}

/// Returns the age keys that were typed: themselves, or those of the key file at this path. Each is tried out.
pub fn find_keys(typed: &str, path: Result<PathBuf, Failure>, talk: Talk) -> Result<Vec<String>, Failure> {
    let (found, held) = if let Some(found) = keys::typed(typed)? {
        (found, None)
    } else {
        let held = identities(&path?, None, talk.clone()).map_err(|shut| match shut {
            Shut::Failed(failure) => failure,
            Shut::Sealed(_) => keys::sealed(),
        })?;
        (keys::of_file(&held)?, Some(held))
    };
    prove(&found, held.as_ref(), &talk).map_err(|error| keys::useless(&error))?;
    Ok(found)
}

/// Reads the QR codes in a picture.
pub fn read_picture(content: Content) -> Result<Pictured, Failure> {
    let (bytes, original) = content.bytes(picture::MOST_BYTES)?;
    Ok(Pictured { texts: read_codes(&bytes)?, original })
}

/// Deletes files that hold secrets.
pub fn delete(originals: &[Original]) -> Result<Deleted, Failure> {
    let mut deleted = Deleted { files: 0, stays: false };
    for original in originals {
        let stays = original.delete().map_err(|error| Failure::file("delete", original.path(), &error))?;
        deleted = Deleted { files: deleted.files + 1, stays: deleted.stays || stays };
    }
    Ok(deleted)
}

/// How often a new picture is looked for before the waiting ends: with a second between, ten minutes.
const LOOKS: usize = 600;

/// Waits for a picture with a QR code that is new in a folder since `known`, or was written anew. One that is still on
/// its way here is looked at again once there is more of it. `pause` says whether to go on.
pub fn await_picture(folder: &Path, mut known: Known, mut pause: impl FnMut() -> bool) -> Option<String> {
    for _ in 0..LOOKS {
        if !pause() {
            return None;
        }
        for (path, stamp) in pictures(folder).0 {
            if known.0.get(&path) == Some(&stamp) {
                continue;
            }
            let has_code = read_picture(Content::File(path.clone())).is_ok_and(|read| !read.texts.is_empty());
            if let Some(path) = path.to_str().filter(|_| has_code) {
                return Some(path.to_owned());
            }
            known.0.insert(path, stamp);
        }
    }
    None
}

/// What tells a picture from another of its name: its length and when it was written.
type Stamp = (u64, Option<std::time::SystemTime>);

/// The pictures in a folder as they were when it was looked into.
#[derive(Default)]
pub struct Known(BTreeMap<PathBuf, Stamp>);

/// Returns the pictures in a folder; none where it cannot be read.
pub fn pictures(folder: &Path) -> Known {
    let Ok(entries) = std::fs::read_dir(folder) else { return Known::default() };
    let stamped = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let path = entry.path();
            let ending = path.extension()?.to_str()?.to_ascii_lowercase();
            let about = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            ["bmp", "gif", "jpeg", "jpg", "png", "webp"]
                .contains(&ending.as_str())
                .then(|| (path, (about.len(), about.modified().ok())))
        })
        .collect();
    Known(stamped)
}

/// What a file is opened with, and for a key file where it is and how its plugins speak to the person.
pub enum Lock {
    /// A key file, and its passphrase.
    KeyFile(PathBuf, Option<Passphrase>, Talk),
    /// Nothing.
    Nothing,
    /// The password of the file, and where its key file is; or why that cannot be found.
    Password(Passphrase, Option<Result<PathBuf, Failure>>),
}

/// Opens what is sealed for age keys.
fn unseal(sealed: &[u8], lock: Lock) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let Lock::KeyFile(path, passphrase, talk) = lock else { return Err(Unread::Key(None)) };
    let held = identities(&path, passphrase, talk).map_err(|shut| match shut {
        Shut::Failed(failure) => Unread::Key(Some(failure)),
        Shut::Sealed(wrong) => Unread::KeyPassphrase { wrong },
    })?;
    exchange::unseal(sealed, &held).map_err(|error| match error {
        ImportError::WrongKey => Unread::Key(Some(error.into())),
        other => Unread::Failed(other.into()),
    })
}

/// Reads what another authenticator wrote; `told` learns how far it is.
pub fn import(
    content: Result<Content, Failure>,
    lock: Result<Lock, Failure>,
    told: impl Fn(Step) + 'static,
) -> Result<Read, Unread> {
    let failed = |error: ImportError| Unread::Failed(error.into());
    let (bytes, original) = content.and_then(|content| content.bytes(MOST_BYTES)).map_err(Unread::Failed)?;
    let lock = lock.map_err(Unread::Failed)?;
    let (bytes, password, key_file) = match lock {
        lock if exchange::is_for_keys(&bytes) => (unseal(&bytes, lock)?, None, None),
        Lock::Password(password, key_file) => (bytes, Some(password), key_file),
        Lock::KeyFile(..) | Lock::Nothing => (bytes, None, None),
    };
    let file = exchange::File::new(&bytes).map_err(failed)?;
    let format = exchange::recognize(&file).ok_or(ImportError::Unknown).map_err(failed)?;
    let title = format.title();
    let takes = format.takes_key_file();
    let asks = |wrong, refused| Unread::Password { title, wrong, key_file: takes, refused };
    let key_file = key_file.filter(|_| takes).map(|path| Content::File(path?).bytes(MOST_BYTES));
    let key_file = key_file.transpose().map_err(|failure| asks(false, Some(in_key_file(failure))))?;
    let file = file.with_key_file(key_file.as_ref().map(|(bytes, _)| bytes.as_slice()));
    match watched(told, || format.read(&file, password.as_ref().map(Passphrase::reveal))) {
        Ok(imported) => Ok(Read { title, imported, original }),
        Err(ImportError::PasswordNeeded) => Err(asks(false, None)),
        Err(ImportError::WrongPassword) if password.is_some() => Err(asks(true, None)),
        // The database itself was looked at before there was a key file.
        Err(error @ ImportError::Restricted(_)) if key_file.is_some() => Err(asks(false, Some(error.into()))),
        Err(error) => Err(failed(error)),
    }
}

/// Says of which file it is that something is wrong.
fn in_key_file(failure: Failure) -> Failure {
    Failure { message: format!("the key file: {}", failure.message), ..failure }
}

/// Writes an export; returns its place.
pub fn export(export: &Export, to: PathBuf) -> Result<PathBuf, Failure> {
    let accounts: Vec<&Account> = export.accounts.iter().collect();
    let format = exchange::EXPORTERS.iter().find(|format| format.name() == export.format);
    let format = format.ok_or_else(|| Failure::from(ImportError::Unknown))?;
    let password = export.password.as_ref().map(Passphrase::reveal);
    let sealed = if export.recipients.is_empty() {
        let mut random = |bytes: &mut [u8]| bytes.fill_with(|| fresh_bytes::<1>()[0]);
        format.write(&accounts, password, &mut random)
    } else {
        exchange::write_for(&accounts, &export.recipients)
            .ok_or_else(|| Failure::usage("one of the recipients is no age key"))?
    };
    let check = |written: &[u8]| {
        if !export.recipients.is_empty() {
            return Ok(());
        }
        exchange::verify(*format, written, password, &accounts).map_err(io::Error::other)
    };
    file::write_new(&to, &sealed, false, check).map_err(|error| unwritten(&to, &error))?;
    Ok(to)
}

/// Saves the QR code of a link as PNG; returns its place.
pub fn save_picture(to: PathBuf, link: &str) -> Result<PathBuf, Failure> {
    let check = |written: &[u8]| match read_codes(written) {
        Ok(codes) if codes.iter().any(|code| code.as_str() == link) => Ok(()),
        _ => Err(io::Error::other("the picture cannot be read back")),
    };
    file::write_new(&to, &picture::png(&picture::draw(link)?), false, check)
        .map_err(|error| unwritten(&to, &error))?;
    Ok(to)
}

fn unwritten(to: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Failure::other(format!("\"{}\" is there already", visible(&to.to_string_lossy())));
    }
    Failure::file("write", to, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes into a file, as whatever brings a picture does.
    fn put(path: &Path, bytes: &[u8]) {
        drop(std::fs::remove_file(path));
        file::write_new(path, bytes, false, |_| Ok(())).unwrap();
    }

    #[test]
    fn the_first_new_picture_with_a_code_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let code = picture::png(&picture::draw("otpauth://totp/x?secret=AAAA").unwrap());
        put(&at("old.png"), &code);
        let mut looks = 0;
        let known = pictures(folder.path());
        let found = await_picture(folder.path(), known, || {
            looks += 1;
            match looks {
                1 => put(&at("cut.PNG"), &code[..code.len() / 2]),
                2 => put(&at("notes.txt"), &code),
                4 => put(&at("cut.PNG"), &code),
                _ => {}
            }
            true
        });
        assert_eq!((found.as_deref(), looks), (at("cut.PNG").to_str(), 4));
    }

    #[test]
    fn what_comes_before_the_first_look_is_taken_too() {
        let folder = tempfile::tempdir().unwrap();
        let known = pictures(folder.path());
        let new = folder.path().join("new.png");
        put(&new, &picture::png(&picture::draw("otpauth://totp/x?secret=AAAA").unwrap()));
        assert_eq!(await_picture(folder.path(), known, || true).as_deref(), new.to_str());
    }

    #[test]
    fn the_waiting_ends() {
        let folder = tempfile::tempdir().unwrap();
        let mut looks = 0;
        let mut pause = || {
            looks += 1;
            true
        };
        assert_eq!(await_picture(folder.path(), Known::default(), &mut pause), None);
        assert_eq!(looks, LOOKS);
        assert_eq!(await_picture(folder.path(), Known::default(), || false), None);
        assert_eq!(await_picture(Path::new("/no/such/folder"), Known::default(), || true), None);
    }
}
