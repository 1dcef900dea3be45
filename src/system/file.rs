//! Files that a person names: read up to a bound, and written whole or not at all.
//!
//! What is written appears under its name only when all of it is on the disk and was read back; until then it has no
//! name where the system can do that, so that nothing is left behind by whatever happens. Nobody else may read it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat};
use zeroize::Zeroizing;

/// Reads a file, into memory that is wiped. An error of the kind `FileTooLarge` if it has more bytes than `most`.
pub fn read(path: &Path, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
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
    if bytes.len() > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
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
    use std::os::unix::fs::PermissionsExt;

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
    fn what_is_too_large_or_no_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("export");
        write_new(&path, b"four", false, |_| Ok(())).unwrap();
        assert_eq!(read(&path, 3).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read(dir.path(), 3).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(read(&dir.path().join("none"), 3).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
