//! Keeps a code on the clipboard of a desktop when the program that copied it has ended, and no longer than it would have
//! stayed. On X11 and Wayland the text lives in the program, so another one stays behind for it, until somebody else
//! copies or the code is worth nothing; on other systems it stays behind to clear it.
//!
//! The code goes to it through a pipe, never as an argument or in the environment.

use std::env;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use zeroize::Zeroizing;

use super::clipboard::{self, ClipboardError};

/// What the program is called with to stay behind, instead of a verb.
const CALL: &str = "--hold-clipboard";
/// The longest text that is held.
const LONGEST: u64 = 64;
/// The longest time, in seconds.
pub const AT_MOST: u64 = 120;

/// Leaves a program behind that holds the text for so long.
pub fn leave(text: &str, seconds: u64) -> io::Result<()> {
    let mut child = Command::new(env::current_exe()?)
        .args([CALL, &seconds.min(AT_MOST).to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(text.as_bytes()),
        None => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// Returns for how many seconds this program was called to stay behind, if it was.
pub fn is_called(arguments: &[OsString]) -> Option<u64> {
    match arguments {
        [call, seconds] if call == CALL => seconds.to_str()?.parse::<u64>().ok().map(|n| n.min(AT_MOST)),
        _ => None,
    }
}

/// Holds what comes on standard input.
pub fn serve(seconds: u64) -> Result<(), ClipboardError> {
    let mut text = Zeroizing::new(String::with_capacity(128));
    // What cannot be read is not held; there is nobody left to tell.
    if io::stdin().take(LONGEST).read_to_string(&mut text).is_err() || text.is_empty() {
        return Ok(());
    }
    clipboard::hold(&text, Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_call_is_understood() {
        let called =
            |arguments: &[&str]| is_called(&arguments.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(called(&[CALL, "20"]), Some(20));
        assert_eq!(called(&[CALL, "999999"]), Some(AT_MOST));
        assert_eq!(called(&[CALL]), None);
        assert_eq!(called(&[CALL, "x"]), None);
        assert_eq!(called(&["code", "20"]), None);
    }
}
