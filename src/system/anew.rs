//! Locking by becoming the program anew: the whole address space goes, with every copy of a secret that a library may
//! have made, and the same process begins again at the closed door.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Says to the program that it became itself by locking: it must not unlock by itself.
const LOCKED: &str = "TWOLOCK_RELOCKED";

/// Becomes the program anew, with these arguments. It returns only if that cannot be: then whoever called must end,
/// since what is open must not stay open.
pub fn start(arguments: &[OsString]) -> io::Error {
    start_with(arguments, "1")
}

/// The same, with a text for the program that comes: it reads it with `word`. It must hold no secret, since it goes through
/// the environment.
pub fn start_with(arguments: &[OsString], word: &str) -> io::Error {
    match std::env::current_exe() {
        Ok(program) => Command::new(program).args(arguments).env(LOCKED, word).exec(),
        Err(error) => error,
    }
}

/// Begins the program again with the same arguments, since a setting that is read at the start has changed. It returns
/// only if that cannot be.
pub fn again(arguments: &[OsString]) -> io::Error {
    match std::env::current_exe() {
        Ok(program) => Command::new(program).args(arguments).env_remove(LOCKED).exec(),
        Err(error) => error,
    }
}

/// Says whether the program became itself by locking.
#[expect(clippy::disallowed_methods, reason = "the program says this to itself when it locks")]
pub fn was_locked() -> bool {
    std::env::var_os(LOCKED).is_some()
}

/// Returns the text that it left for itself, if it became itself by locking.
#[expect(clippy::disallowed_methods, reason = "the program says this to itself when it locks")]
pub fn word() -> Option<String> {
    std::env::var(LOCKED).ok()
}
