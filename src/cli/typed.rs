//! Codes that come in: typed on the terminal, or a line each of standard input. Never as arguments, which others see.

use std::io::{self, IsTerminal};

use rustix::io::retry_on_intr;
use zeroize::Zeroizing;

use super::output::reason;
use super::session::Session;
use crate::failure::Failure;

/// The longest line; a code has at most ten characters.
const LONGEST: usize = 256;

/// Fails if standard input has to give the passphrase too, before anything is opened.
pub(super) fn check_stdin(session: &Session) -> Result<(), Failure> {
    if !io::stdin().is_terminal() && session.stdin_is_taken()? {
        return Err(Failure::usage("standard input cannot give both the passphrase and the code")
            .hint("read the passphrase with --passphrase-file FILE"));
    }
    Ok(())
}

/// Returns the next code: asked for on a terminal, else the next line. Nothing at the end, and for an empty answer.
pub(super) fn code(session: &Session, question: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    let line = if io::stdin().is_terminal() {
        session.ask(question)?.unwrap_or_default()
    } else {
        match line()? {
            Some(line) => line,
            None => return Ok(None),
        }
    };
    Ok((!line.trim().is_empty()).then_some(line))
}

/// Reads one line of standard input, byte by byte, so that nothing of what follows is taken. A NUL ends it too: that is
/// how PAM hands on what was typed.
fn line() -> Result<Option<Zeroizing<String>>, Failure> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = [0];
    loop {
        let read = retry_on_intr(|| rustix::io::read(io::stdin(), &mut byte));
        match read {
            Ok(0) if bytes.is_empty() => return Ok(None),
            Ok(0) => break,
            Ok(_) if matches!(byte, [b'\n' | 0]) => break,
            Ok(_) if bytes.len() == LONGEST => {
                return Err(Failure::other("a line of standard input is longer than any code"));
            }
            Ok(_) => bytes.extend(byte),
            Err(error) => {
                return Err(Failure::other(format!("cannot read standard input: {}", reason(&error.into()))));
            }
        }
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Some(Zeroizing::new(text.trim_end_matches('\r').to_owned()))),
        Err(_) => Err(Failure::other("a line of standard input is not UTF-8 text")),
    }
}
