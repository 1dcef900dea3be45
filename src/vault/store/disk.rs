//! The hands on the disk: each thing that is done to a file of the vault, once. Whatever may fail asks `step` first,
//! so that a test can make any of them fail, or stop the program there.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::OFlags;

use crate::vault::random::fresh_bytes;
use crate::vault::seal::LARGEST;
use crate::vault::store::error::{StoreError, quoted, reason};

/// What tells two states of a file apart without reading it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::vault::store) struct Stat {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stat {
    fn new(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Looks at a file; nothing if it is not there.
    pub(in crate::vault::store) fn of(path: &Path) -> Result<Option<Self>, StoreError> {
        match step().and_then(|()| fs::symlink_metadata(path)) {
            Ok(metadata) => Ok(Some(Self::new(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::Read { path: path.to_owned(), source }),
        }
    }

    /// Says whether it is the same file with the same content; being linked elsewhere changes neither.
    pub(in crate::vault::store) fn same_content(self, other: Self) -> bool {
        Self { changed: other.changed, ..self } == other
    }
}

/// A file as it was read.
pub(in crate::vault::store) struct Content {
    pub(in crate::vault::store) bytes: Vec<u8>,
    pub(in crate::vault::store) stat: Stat,
    pub(in crate::vault::store) modified: Option<SystemTime>,
}

/// Reads a file that is ours, regular and not too large; nothing if it is not there. Tightens its mode if others
/// may read it, and notes that.
pub(in crate::vault::store) fn read(
    path: &Path,
    notices: &mut Vec<String>,
) -> Result<Option<Content>, StoreError> {
    let refused = |why| StoreError::Refused { path: path.to_owned(), why };
    let failed = |source| StoreError::Read { path: path.to_owned(), source };
    // Not to wait for the writer of a FIFO, and not to follow what became a link since it was looked at.
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY).bits();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.cast_signed());
    let file = match step().and_then(|()| open(&options, path)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(refused("it is a link to a link, or became a link just now"));
        }
        Err(source) => return Err(failed(source)),
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(refused("it is not a regular file"));
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(refused("it belongs to another user"));
    }
    if metadata.size() > LARGEST {
        return Err(refused("it is larger than 64 MiB"));
    }
    if metadata.mode() & 0o077 != 0 {
        tighten(path, metadata.mode(), 0o600, file.set_permissions(Permissions::from_mode(0o600)), notices);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.size()).unwrap_or(0) + 1);
    step().and_then(|()| (&file).take(LARGEST + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(refused("it is larger than 64 MiB"));
    }
    let metadata = file.metadata().map_err(failed)?;
    Ok(Some(Content { bytes, stat: Stat::new(&metadata), modified: metadata.modified().ok() }))
}

fn tighten(path: &Path, from: u32, to: u32, outcome: io::Result<()>, notices: &mut Vec<String>) {
    let (from, path) = (from & 0o7777, quoted(path));
    notices.push(match outcome {
        Ok(()) => format!("tightened the mode of {path} from {from:04o} to {to:04o}"),
        Err(error) => {
            format!(
                "others have access to {path} (mode {from:04o}), and that cannot be changed: {}",
                reason(&error)
            )
        }
    });
}

/// Returns where a file is written: at the end of the link, if it is one. The directory there must be safe too.
pub(in crate::vault::store) fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => {}
        _ => return Ok(path.to_owned()),
    }
    let target = fs::canonicalize(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => {
            StoreError::Refused { path: path.to_owned(), why: "it is a link to nothing" }
        }
        _ => StoreError::Read { path: path.to_owned(), source },
    })?;
    check_dir(parent(&target), false, &mut Vec::new())?;
    Ok(target)
}

/// Returns the directory that a file lies in.
pub(in crate::vault::store) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a directory that only we can enter, and those above it. An existing one is left as it is.
pub(in crate::vault::store) fn make_dir(dir: &Path) -> Result<(), StoreError> {
    let made = step().and_then(|()| DirBuilder::new().recursive(true).mode(0o700).create(dir));
    made.map_err(|source| write_error(dir, "make the directory", source))
}

/// Makes a directory that only we can enter, if there is none; says whether it did. What it is to lie in must be there.
pub(in crate::vault::store) fn make_one_dir(dir: &Path) -> Result<bool, StoreError> {
    match step().and_then(|()| DirBuilder::new().mode(0o700).create(dir)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(StoreError::NoDirectory { path: parent(dir).to_owned() })
        }
        Err(source) => Err(write_error(dir, "make the directory", source)),
    }
}

/// Refuses a directory in which others could put files of theirs. `own` says that it is only for the vault, so that
/// its mode may be tightened.
pub(in crate::vault::store) fn check_dir(
    dir: &Path,
    own: bool,
    notices: &mut Vec<String>,
) -> Result<(), StoreError> {
    let refused = |why| StoreError::Refused { path: dir.to_owned(), why };
    let metadata = fs::metadata(dir).map_err(|source| StoreError::Read { path: dir.to_owned(), source })?;
    let (mode, owner) = (metadata.mode(), metadata.uid());
    if !metadata.is_dir() {
        return Err(refused("it is not a directory"));
    }
    if owner != rustix::process::geteuid().as_raw() && (own || owner != 0) {
        return Err(refused("the directory belongs to another user"));
    }
    if own && mode & 0o077 != 0 {
        tighten(dir, mode, 0o700, fs::set_permissions(dir, Permissions::from_mode(0o700)), notices);
    } else if mode & 0o1002 == 0o002 {
        return Err(refused("everyone may write in the directory"));
    }
    Ok(())
}

/// A file that is being written beside the one that it is going to replace. Dropped, it is removed.
pub(in crate::vault::store) struct Temp {
    path: PathBuf,
    file: File,
    placed: bool,
}

impl Temp {
    /// Writes a new file in `dir`: random name, no link followed, mode 0600 whatever the umask, on the disk when
    /// this returns.
    pub(in crate::vault::store) fn write(dir: &Path, bytes: &[u8]) -> Result<Self, StoreError> {
        let path = dir.join(temp_name());
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let failed = |source| write_error(&path, "write", source);
        let file = step().and_then(|()| open(&options, &path)).map_err(failed)?;
        let mut temp = Self { path: path.clone(), file, placed: false };
        temp.file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
        step().and_then(|()| temp.file.write_all(bytes)).map_err(failed)?;
        step().and_then(|()| temp.file.sync_all()).map_err(failed)?;
        Ok(temp)
    }

    /// Returns what the disk has of it.
    pub(in crate::vault::store) fn read_back(&self) -> Result<Content, StoreError> {
        read(&self.path, &mut Vec::new())?.ok_or_else(|| StoreError::ReadBack { path: self.path.clone() })
    }

    /// Dates it back.
    pub(in crate::vault::store) fn set_modified(&self, modified: SystemTime) -> Result<(), StoreError> {
        self.file.set_modified(modified).map_err(|source| write_error(&self.path, "date", source))
    }

    /// Puts it in the place of `target`, at once and as a whole.
    pub(in crate::vault::store) fn replace(mut self, target: &Path) -> Result<(), StoreError> {
        let renamed = step().and_then(|()| fs::rename(&self.path, target));
        renamed.map_err(|source| write_error(target, "write", source))?;
        self.placed = true;
        Ok(())
    }

    /// Puts it at `target` if nothing is there.
    pub(in crate::vault::store) fn place(mut self, target: &Path) -> Result<(), StoreError> {
        // In one call where the system can, so that no first name is left behind.
        let flags = rustix::fs::RenameFlags::NOREPLACE;
        let cwd = rustix::fs::CWD;
        let renamed =
            step().and_then(|()| Ok(rustix::fs::renameat_with(cwd, &self.path, cwd, target, flags)?));
        if renamed.is_ok() {
            self.placed = true;
            return Ok(());
        }
        match step().and_then(|()| fs::hard_link(&self.path, target)) {
            // The second name stays; the first goes with `self`.
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(StoreError::Exists { path: target.to_owned() })
            }
            // A file system without hard links: the lock is held, so looking first is as good.
            Err(_) if Stat::of(target)?.is_none() => self.replace(target),
            Err(source) => Err(write_error(target, "write", source)),
        }
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if !self.placed {
            // What cannot be removed now is swept before the next save.
            drop(step().and_then(|()| fs::remove_file(&self.path)));
        }
    }
}

const TEMP_PREFIX: &str = ".twolock-";
const TEMP_SUFFIX: &str = ".tmp";

fn temp_name() -> String {
    format!("{TEMP_PREFIX}{:016x}{TEMP_SUFFIX}", u64::from_ne_bytes(fresh_bytes()))
}

/// Says whether a file is one that a save left behind.
pub(in crate::vault::store) fn is_temp(name: &OsStr) -> bool {
    let middle = name.to_str().and_then(|name| name.strip_prefix(TEMP_PREFIX)?.strip_suffix(TEMP_SUFFIX));
    middle.is_some_and(|middle| middle.len() == 16 && middle.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Removes what saves that were killed left behind. Only for one who holds the lock. What resists is no reason
/// not to save.
pub(in crate::vault::store) fn sweep(dir: &Path) {
    for name in names(dir).unwrap_or_default().into_iter().filter(|name| is_temp(name)) {
        drop(step().and_then(|()| fs::remove_file(dir.join(name))));
    }
}

/// Returns the names in a directory. Not `std::fs::read_dir`, which panics where closing the directory fails.
pub(in crate::vault::store) fn names(dir: &Path) -> io::Result<Vec<OsString>> {
    let opened = File::open(dir)?;
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::read_from(&opened)? {
        let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
        if name != "." && name != ".." {
            names.push(name);
        }
    }
    Ok(names)
}

/// Gives a file a second name; false if the file system cannot, or the name is taken.
pub(in crate::vault::store) fn link(from: &Path, to: &Path) -> bool {
    step().and_then(|()| fs::hard_link(from, to)).is_ok()
}

/// Removes a file.
pub(in crate::vault::store) fn remove(path: &Path) -> Result<(), StoreError> {
    step().and_then(|()| fs::remove_file(path)).map_err(|source| write_error(path, "remove", source))
}

/// Makes the names in a directory survive a power cut.
pub(in crate::vault::store) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    let synced = step().and_then(|()| File::open(dir)).and_then(|dir| dir.sync_all());
    synced.map_err(|source| write_error(dir, "make durable", source))
}

/// Opens the lock, and makes it if it is not there.
pub(in crate::vault::store) fn open_lock(path: &Path) -> Result<File, StoreError> {
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(flags.cast_signed());
    step().and_then(|()| open(&options, path)).map_err(|source| write_error(path, "lock", source))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that opens files of the vault")]
fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}

pub(in crate::vault::store) fn write_error(
    path: &Path,
    doing: &'static str,
    source: io::Error,
) -> StoreError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { path, doing, source },
        _ => StoreError::Write { path, doing, source },
    }
}

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use self::fault::step;

/// Makes the n-th thing done to the disk fail.
#[cfg(test)]
pub(in crate::vault::store) mod fault {
    use std::cell::Cell;
    use std::io;

    /// What happens at the n-th step.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub(in crate::vault::store) enum Fault {
        /// It fails, and so does everything after it: to the disk this is what a kill looks like.
        Dead,
        /// It fails with that error of the system; what comes after it works.
        Once(i32),
    }

    thread_local! {
        static ARMED: Cell<Option<(Fault, usize)>> = const { Cell::new(None) };
        static PASSED: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn step() -> io::Result<()> {
        let number = PASSED.replace(PASSED.get() + 1);
        match ARMED.get() {
            Some((Fault::Once(code), at)) if number == at => Err(io::Error::from_raw_os_error(code)),
            Some((Fault::Dead, at)) if number >= at => Err(io::Error::other("killed")),
            _ => Ok(()),
        }
    }

    /// Runs `act` with the `at`-th step of this thread failing; says also whether it came so far.
    pub(in crate::vault::store) fn inject<T>(fault: Fault, at: usize, act: impl FnOnce() -> T) -> (T, bool) {
        ARMED.set(Some((fault, at)));
        PASSED.set(0);
        let outcome = act();
        ARMED.set(None);
        (outcome, PASSED.get() > at)
    }
}
