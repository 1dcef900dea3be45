//! What keeps secrets out of core dumps and out of the reach of other processes of the same user.
//!
//! To be called before the first secret is in memory. A helper program that is started gets its own memory and is
//! not covered.

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getegid, geteuid, getgid, getuid, setrlimit};
use thiserror::Error;

/// Why the process cannot be trusted with secrets.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum HardenError {
    /// A core dump could still be written.
    #[error("cannot switch off core dumps: {}", std::io::Error::from(*.0))]
    CoreDumps(Errno),
    /// The program runs with more rights than the one who started it.
    #[error("the program is installed setuid or setgid, which it is not made for")]
    Elevated,
    /// Other processes could still look in.
    #[error("cannot close the memory to other programs: {}", std::io::Error::from(*.0))]
    Readable(Errno),
}

/// Forbids core dumps and tracing, and refuses to run setuid or setgid.
pub fn harden() -> Result<(), HardenError> {
    if getuid() != geteuid() || getgid() != getegid() {
        return Err(HardenError::Elevated);
    }
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        .map_err(HardenError::CoreDumps)?;
    close_to_others().map_err(HardenError::Readable)
}

/// Keeps the memory that is in use now from being written to swap; says whether that is so. How much may be kept is
/// limited, and without it everything still works.
pub fn keep_from_swap() -> bool {
    rustix::mm::mlockall(rustix::mm::MlockAllFlags::CURRENT).is_ok()
}

#[cfg(target_os = "linux")]
fn close_to_others() -> rustix::io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

// Elsewhere there is no such switch, or none that can be thrown without unsafe code.
#[cfg(not(target_os = "linux"))]
fn close_to_others() -> rustix::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::harden;

    #[test]
    fn hardening_forbids_dumps_and_tracing() {
        harden().expect("a test does not run setuid");
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        #[cfg(target_os = "linux")]
        assert_eq!(rustix::process::dumpable_behavior(), Ok(rustix::process::DumpableBehavior::NotDumpable));
        harden().expect("twice is as good as once");
    }
}
