//! What is said through the socket: four bytes of length, the highest first, then that many bytes of JSON.
//!
//! Every request carries the version. `lock` is understood whatever the version says, now and later: an agent can always
//! be made to forget.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::{Zeroize, Zeroizing};

/// The version of this protocol. The second knows `Watch`.
pub const VERSION: u32 = 2;
/// The most bytes of a request.
pub(super) const LARGEST_REQUEST: usize = 64 << 10;
/// The most bytes of an answer.
pub(super) const LARGEST_REPLY: usize = 16 << 20;
/// The bytes of the length.
pub(super) const HEADER: usize = 4;

/// What an agent may be asked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Forget everything, and end.
    Lock,
    /// Run a verb that needs no secret and asks nothing.
    Run(Call),
    /// How long it goes on.
    Status,
    /// The same as `Run`, for a screen that is only looked at: nobody asked just now, so it does not go on any longer.
    Watch(Call),
}

/// A call of twolock, as its user wrote it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The arguments, the name of the program not among them.
    pub arguments: Vec<String>,
    /// Standard output is a terminal.
    pub terminal: bool,
    /// Its width.
    pub columns: Option<u16>,
}

/// What an agent answers.
#[derive(Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The call was run.
    Done {
        /// What goes to standard output.
        stdout: String,
        /// What goes to standard error, the failure not in it.
        stderr: String,
        /// Why it failed, if it did.
        failed: Option<Box<Failed>>,
    },
    /// It forgets everything now.
    Locked,
    /// Not without the passphrase, or not understood: the caller has to see to it himself.
    Refused,
    /// How long it goes on, in seconds.
    Status {
        /// The process.
        pid: u32,
        /// Until it ends, whatever comes.
        left: u64,
        /// Until it ends if nothing is asked.
        idle: u64,
        /// Its memory is kept from being written to swap.
        locked_memory: bool,
    },
    /// It speaks this version, and not that of the request.
    Version(u32),
}

/// A failure on its way.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Failed {
    /// The exit status.
    pub exit: u8,
    /// What failed.
    pub message: String,
    /// What to do.
    pub hints: Vec<String>,
    /// The accounts that may have been meant, as `issuer:account`.
    #[serde(default)]
    pub matches: Vec<String>,
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Self::Done { stdout, stderr, .. } = self {
            stdout.zeroize();
            stderr.zeroize();
        }
    }
}

/// A request with its version, on its way.
#[derive(Serialize)]
struct Sent<'a> {
    v: u32,
    ask: &'a Request,
}

/// A request of any version.
#[derive(Deserialize)]
struct Any<'a> {
    v: u32,
    #[serde(borrow)]
    ask: &'a RawValue,
}

/// Returns a request as bytes.
pub(super) fn request(ask: &Request) -> Vec<u8> {
    serde_json::to_vec(&Sent { v: VERSION, ask }).expect("strings and numbers can be written as JSON")
}

/// Reads a request; the answer to one that is of another version, or not understood.
pub(super) fn understand(bytes: &[u8]) -> Result<Request, Reply> {
    let any: Any<'_> = serde_json::from_slice(bytes).map_err(|_| Reply::Refused)?;
    if any.ask.get() == "\"lock\"" {
        return Ok(Request::Lock);
    }
    if any.v != VERSION {
        return Err(Reply::Version(VERSION));
    }
    serde_json::from_str(any.ask.get()).map_err(|_| Reply::Refused)
}

/// Writes a frame.
pub(super) fn write(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut frame = Zeroizing::new(Vec::with_capacity(HEADER + bytes.len()));
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(bytes);
    to.write_all(&frame)
}

/// Writes an answer.
pub(super) fn answer(to: impl Write, reply: &Reply) -> io::Result<()> {
    let room = match reply {
        // In JSON a character takes six bytes at most.
        Reply::Done { stdout, stderr, .. } => (stdout.len() + stderr.len()) * 6 + (64 << 10),
        _ => 1024,
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    serde_json::to_writer(&mut *bytes, reply)?;
    if bytes.len() > LARGEST_REPLY {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    write(to, &bytes)
}

/// Returns the length that a header says, unless it is more than `most`.
pub(super) fn length(header: [u8; HEADER], most: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(header)).ok().filter(|length| *length <= most)
}

/// Reads an answer.
pub(super) fn read_reply(mut from: impl Read) -> io::Result<Reply> {
    let mut header = [0; HEADER];
    from.read_exact(&mut header)?;
    let length = length(header, LARGEST_REPLY).ok_or(io::ErrorKind::InvalidData)?;
    let mut bytes = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_understood() {
        let call = Call { arguments: vec!["code".to_owned()], terminal: true, columns: Some(80) };
        for ask in [Request::Lock, Request::Status, Request::Run(call.clone()), Request::Watch(call)] {
            assert_eq!(understand(&request(&ask)), Ok(ask));
        }
        let reply = Reply::Done { stdout: "1\n".to_owned(), stderr: String::new(), failed: None };
        let mut bytes = Vec::new();
        answer(&mut bytes, &reply).unwrap();
        assert_eq!(read_reply(bytes.as_slice()).unwrap(), reply);
    }

    #[test]
    fn a_lock_is_understood_in_every_version_and_nothing_else_is() {
        assert_eq!(understand(br#"{"v":0,"ask":"lock"}"#), Ok(Request::Lock));
        assert_eq!(understand(br#"{"v":99,"ask":"lock","more":[1]}"#), Ok(Request::Lock));
        assert_eq!(understand(br#"{"v":3,"ask":{"new":1}}"#), Err(Reply::Version(2)));
        assert_eq!(understand(br#"{"v":1,"ask":"status"}"#), Err(Reply::Version(2)));
        for other in [&b"{}"[..], b"", b"[]", br#"{"v":2,"ask":"secrets"}"#, br#"{"v":-1,"ask":"lock"}"#] {
            assert_eq!(understand(other), Err(Reply::Refused), "{other:?}");
        }
    }

    #[test]
    fn a_length_beyond_the_cap_is_none() {
        assert_eq!(length([0, 0, 0, 5], 5), Some(5));
        assert_eq!(length([0, 0, 0, 6], 5), None);
        assert_eq!(length([0x40, 0, 0, 0], LARGEST_REQUEST), None);
    }
}
