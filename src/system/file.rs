//! Files that a person names: read up to a bound, and written whole or not at all.
//!
//! What is written appears under its name only when all of it is on the disk and was read back; until then it has no
//! name where the system can do that, so that nothing is left behind by whatever happens. Nobody else may read it, but
//! for what is public.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat};
use zeroize::Zeroizing;

/// A file that was read, told from any other that may have its name later.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Original(Box<Traits>);

/// What tells files apart.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Traits {
    path: PathBuf,
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl Original {
    fn new(path: PathBuf, about: &Metadata) -> Self {
        Self(Box::new(Traits {
            path,
            device: about.dev(),
            inode: about.ino(),
            length: about.len(),
            modified: (about.mtime(), about.mtime_nsec()),
        }))
    }

    /// Returns where it is, without links on the way.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Deletes the file, if it is still the one that was read; returns whether it has further names, under which it
    /// stays. What its bytes leave on the disk is not in our hands.
    pub fn delete(&self) -> io::Result<bool> {
        let about = self.0.path.symlink_metadata()?;
        if !about.is_file() || Self::new(self.0.path.clone(), &about) != *self {
            return Err(io::Error::other("it is not the file that was read any more"));
        }
        std::fs::remove_file(&self.0.path)?;
        Ok(about.nlink() > 1)
    }
}

/// Reads a file, into memory that is wiped. An error of the kind `FileTooLarge` if it has more bytes than `most`.
pub fn read(path: &Path, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    read_original(path, most).map(|(bytes, _)| bytes)
}

/// Does the same, and returns which file it was; nothing if it is none that could be deleted.
pub fn read_original(path: &Path, most: usize) -> io::Result<(Zeroizing<Vec<u8>>, Option<Original>)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if length > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    // One byte more than the file has, so that its end is seen without growing, which would leave a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let original = path.canonicalize().ok().filter(|_| metadata.is_file());
    Ok((bytes, original.map(|path| Original::new(path, &metadata))))
}

/// Writes a new file that only its owner may read. `check` is given what was read back from the disk and says
/// whether it is right; only then the file gets its name. One that is there already is left alone, unless `replace`.
pub fn write_new(
    path: &Path,
    bytes: &[u8],
    replace: bool,
    check: impl FnOnce(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    if !replace && path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match open_nameless(dir) {
        Ok(mut file) if !replace => {
            fill(&mut file, bytes, check)?;
            let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
            linkat(CWD, &descriptor, CWD, path, AtFlags::SYMLINK_FOLLOW)?;
        }
        _ => {
            let mut temp = tempfile::Builder::new().prefix(".twolock-").tempfile_in(dir)?;
            fill(temp.as_file_mut(), bytes, check)?;
            if replace {
                temp.persist(path)?;
            } else {
                temp.persist_noclobber(path)?;
            }
        }
    }
    File::open(dir)?.sync_all()
}

/// Writes a file that everybody may read and that holds nothing of the user's, also over one that is there.
pub fn write_public(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temp = tempfile::Builder::new().prefix(".twolock-").tempfile_in(dir)?;
    temp.as_file().set_permissions(Permissions::from_mode(0o644))?;
    fill(temp.as_file_mut(), bytes, |_| Ok(()))?;
    temp.persist(path)?;
    File::open(dir)?.sync_all()
}

/// Opens a file without a name. Not every file system can do that.
fn open_nameless(dir: &Path) -> io::Result<File> {
    let mode = (Mode::RUSR | Mode::WUSR).bits();
    let flags = OFlags::TMPFILE.bits().cast_signed();
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the place where other files than the vault are written"
    )]
    OpenOptions::new().read(true).write(true).mode(mode).custom_flags(flags).open(dir)
}

/// Writes, makes it last, and reads it back.
fn fill(file: &mut File, bytes: &[u8], check: impl FnOnce(&[u8]) -> io::Result<()>) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let mut back = Zeroizing::new(Vec::with_capacity(bytes.len() + 1));
    file.read_to_end(&mut back)?;
    if back.as_slice() != bytes {
        return Err(io::Error::other("what was read back is not what was written"));
    }
    check(&back)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_once_for_its_owner_only_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("export");
        write_new(&path, b"one", false, |_| Ok(())).unwrap();
        assert_eq!(read(&path, 3).unwrap().as_slice(), b"one");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let again = write_new(&path, b"two", false, |_| Ok(())).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        write_new(&path, b"two", true, |_| Ok(())).unwrap();
        assert_eq!(read(&path, 9).unwrap().as_slice(), b"two");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let wrong = write_new(&path, b"three", true, |_| Err(io::Error::other("wrong")));
        assert!(wrong.is_err());
        assert!(
            write_new(&dir.path().join("other"), b"", false, |_| Err(io::Error::other("wrong"))).is_err()
        );
        assert_eq!(read(&path, 9).unwrap().as_slice(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_the_file_that_was_read_is_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let put = |name: &str, bytes: &[u8]| write_new(&at(name), bytes, true, |_| Ok(())).unwrap();
        let original = |name: &str| read_original(&at(name), 9).unwrap().1.unwrap();
        put("one", b"one");
        std::os::unix::fs::symlink(at("one"), at("link")).unwrap();
        std::fs::hard_link(at("one"), at("twin")).unwrap();
        let through_link = original("link");
        assert_eq!(through_link.path(), at("one").canonicalize().unwrap());
        assert!(through_link.delete().unwrap(), "its twin stays");
        assert!(at("twin").exists() && !at("one").exists());
        let twin = original("twin");
        assert!(!twin.delete().unwrap());
        assert_eq!(twin.delete().unwrap_err().kind(), io::ErrorKind::NotFound);

        put("two", b"two");
        let two = original("two");
        put("two", b"new");
        assert!(two.delete().unwrap_err().to_string().contains("not the file that was read"));
        std::fs::remove_file(at("two")).unwrap();
        std::os::unix::fs::symlink(at("three"), at("two")).unwrap();
        put("three", b"two");
        assert!(two.delete().is_err());
        assert!(at("three").exists() && at("two").exists());
    }

    #[test]
    fn what_is_too_large_or_no_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("export");
        write_new(&path, b"four", false, |_| Ok(())).unwrap();
        assert_eq!(read(&path, 3).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read(dir.path(), 3).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(read(&dir.path().join("none"), 3).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
