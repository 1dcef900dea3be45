//! Where the agent of a vault is found, and that nobody else sits there: a directory and a socket for us alone, and on
//! both ends of a connection the same user.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};
use rustix::process::geteuid;
use sha2::{Digest, Sha256};

use super::AgentError;

/// The place of the agents of one user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    dir: PathBuf,
}

/// The place of the agent of one vault.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Door {
    place: Place,
    path: PathBuf,
}

impl Place {
    /// Returns the place: below the directory that the system makes for the session, `runtime` or where it usually is,
    /// or else below `state`, which is the user's own. Never below a directory in which others may write.
    pub fn new(runtime: Option<&Path>, state: &Path) -> Self {
        // A job of cron is told of no session, and shall find the agent of one all the same.
        let usual = PathBuf::from(format!("/run/user/{}", geteuid().as_raw()));
        Self::choose(runtime.unwrap_or(&usual), state)
    }

    fn choose(runtime: &Path, state: &Path) -> Self {
        let ours = fs::symlink_metadata(runtime)
            .is_ok_and(|about| about.is_dir() && about.uid() == geteuid().as_raw());
        let dir = if runtime.is_absolute() && ours { runtime.join("twolock") } else { state.join("run") };
        Self { dir }
    }

    /// Returns the place of the agent of the vault in this directory.
    pub fn door(&self, vault: &Path) -> Door {
        let whole = vault.canonicalize().unwrap_or_else(|_| vault.to_owned());
        let hash = Sha256::digest(whole.as_os_str().as_encoded_bytes());
        let name = format!("agent-{}", HEXLOWER.encode(&hash[..8]));
        Door { path: self.dir.join(name), place: self.clone() }
    }

    /// Returns a place that nobody had before; `random` makes sure of it. A socket that a broken connection left would
    /// be in the way of the next.
    pub fn fresh(&self, name: &str, random: [u8; 8]) -> Door {
        Door { path: self.dir.join(format!("{name}-{}", HEXLOWER.encode(&random))), place: self.clone() }
    }

    /// Makes the directory ready for a socket that somebody else opens, and takes away those of connections that are
    /// gone.
    pub fn prepare(&self) -> Result<(), AgentError> {
        self.make()?;
        for door in self.forwarded() {
            if matches!(door.connect(), Ok(None)) {
                door.close();
            }
        }
        Ok(())
    }

    /// Returns the places of all agents that there may be.
    pub fn doors(&self) -> Vec<Door> {
        self.named("agent-")
    }

    /// Returns the places to which other computers may have brought theirs.
    pub fn forwarded(&self) -> Vec<Door> {
        self.named("forwarded-")
    }

    fn named(&self, beginning: &str) -> Vec<Door> {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(beginning))
        });
        paths.sort();
        paths.into_iter().map(|path| Door { path, place: self.clone() }).collect()
    }

    fn check(&self) -> Result<(), AgentError> {
        let bad = |why| AgentError::Unsafe { path: self.dir.clone(), why };
        let about = fs::symlink_metadata(&self.dir).map_err(|source| system(&self.dir, source))?;
        if !about.is_dir() {
            return Err(bad("it is not a directory"));
        }
        if about.uid() != geteuid().as_raw() {
            return Err(bad("it belongs to another user"));
        }
        if about.mode() & 0o077 != 0 {
            return Err(bad("others may enter it"));
        }
        Ok(())
    }

    fn make(&self) -> Result<(), AgentError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.dir);
        made.map_err(|source| system(&self.dir, source))?;
        self.check()
    }
}

impl Door {
    /// Connects to the agent; nothing if there is none. Nobody else is spoken to.
    pub(super) fn connect(&self) -> Result<Option<UnixStream>, AgentError> {
        self.connect_by(|path| UnixStream::connect(path))
    }

    /// The same, and an error rather than a wait where more are in line than it lets in.
    pub(super) fn connect_at_once(&self) -> Result<Option<UnixStream>, AgentError> {
        self.connect_by(|path| {
            let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
            let stream = UnixStream::from(socket);
            stream.set_nonblocking(true)?;
            rustix::net::connect(&stream, &SocketAddrUnix::new(path)?)?;
            stream.set_nonblocking(false)?;
            Ok(stream)
        })
    }

    fn connect_by(
        &self,
        connect: impl FnOnce(&Path) -> io::Result<UnixStream>,
    ) -> Result<Option<UnixStream>, AgentError> {
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(system(&self.path, source)),
            Ok(about) if !about.file_type().is_socket() => {
                return Err(AgentError::Unsafe { path: self.path.clone(), why: "it is not a socket" });
            }
            Ok(_) => {}
        }
        self.place.check()?;
        let stream = match connect(&self.path) {
            Ok(stream) => stream,
            // What a killed agent left: nobody listens.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) =>
            {
                return Ok(None);
            }
            Err(source) => return Err(system(&self.path, source)),
        };
        if !is_ours(&stream) {
            let why = "another user listens there";
            return Err(AgentError::Unsafe { path: self.path.clone(), why });
        }
        Ok(Some(stream))
    }

    /// Opens the socket. What a killed agent left is taken away; one that lives is an error.
    pub fn open(&self) -> Result<UnixListener, AgentError> {
        self.place.make()?;
        // Two that start at once must not take away each other's.
        let lock = File::open(&self.place.dir).map_err(|source| system(&self.place.dir, source))?;
        lock.lock().map_err(|source| system(&self.place.dir, source))?;
        if self.connect()?.is_some() {
            return Err(system(&self.path, io::ErrorKind::AddrInUse.into()));
        }
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(system(&self.path, error)),
            Ok(()) | Err(_) => {}
        }
        // Nobody else can enter the directory, so the mode may come after. An umask would be that of all threads.
        let listener = UnixListener::bind(&self.path).map_err(|source| system(&self.path, source))?;
        fs::set_permissions(&self.path, Permissions::from_mode(0o600))
            .and_then(|()| listener.set_nonblocking(true))
            .map_err(|source| system(&self.path, source))?;
        Ok(listener)
    }

    /// Takes the socket away. One that is gone is as good.
    pub fn close(&self) {
        drop(fs::remove_file(&self.path));
    }

    /// Returns where the socket is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn system(path: &Path, source: io::Error) -> AgentError {
    AgentError::System { path: path.to_owned(), source }
}

/// Says whether the other end is the same user.
#[cfg(target_os = "linux")]
pub(super) fn is_ours(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == geteuid())
}

// Elsewhere the mode of the directory has to do: the credentials cannot be had without unsafe code.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_ours(_: &UnixStream) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_for_us_alone_and_what_a_killed_agent_left_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::new(Some(root.path()), Path::new("/nowhere"));
        let door = place.door(Path::new("/some/vault"));
        assert!(door.connect().unwrap().is_none());
        let listener = door.open().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        assert_eq!((mode(&place.dir), mode(door.path())), (0o700, 0o600));
        assert!(door.connect().unwrap().is_some());
        assert!(matches!(door.open(), Err(AgentError::System { .. })));
        drop(listener);
        assert!(door.connect().unwrap().is_none());
        drop(door.open().unwrap());
        assert_eq!(place.doors(), [door]);
    }

    #[test]
    fn a_directory_that_others_may_enter_and_what_is_no_socket_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::new(Some(root.path()), Path::new("/nowhere"));
        let door = place.door(Path::new("/some/vault"));
        place.make().unwrap();
        fs::set_permissions(&place.dir, Permissions::from_mode(0o750)).unwrap();
        assert!(matches!(door.open(), Err(AgentError::Unsafe { why: "others may enter it", .. })));
        fs::set_permissions(&place.dir, Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink("/dev/null", door.path()).unwrap();
        assert!(matches!(door.open(), Err(AgentError::Unsafe { why: "it is not a socket", .. })));
    }

    #[test]
    fn each_vault_has_its_own_door_and_without_a_runtime_directory_it_is_in_the_state() {
        let state = Path::new("/home/a/.local/state/twolock");
        let place = Place::choose(Path::new("/nowhere/at/all"), state);
        assert_eq!(place.dir, Path::new("/home/a/.local/state/twolock/run"));
        assert_eq!(Place::choose(Path::new("src"), state).dir, place.dir);
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Place::choose(root.path(), state).dir, root.path().join("twolock"));
        assert_ne!(place.door(Path::new("/a")), place.door(Path::new("/b")));
    }
}
