//! The asking side. An agent that does not answer holds nobody up for long.

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::protocol::{self, Reply, Request, VERSION};
use super::{AgentError, Door};

/// For how long an answer is waited for, where the request itself does not wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// For how long a key that is pressed may wait.
const MOMENT: Duration = Duration::from_secs(1);

/// Asks the agent behind a door; nothing if there is none. `waits` says that the answer may take as long as it likes.
/// An agent that is older is told to end: nobody is left who could speak to it.
pub fn ask(door: &Door, request: &Request, waits: bool) -> Result<Option<Reply>, AgentError> {
    converse(door, door.connect()?, request, if waits { None } else { Some(PATIENCE) })
}

/// Asks the same for somebody who sits before a screen: waits for so long at most, and in no line.
pub fn ask_soon(door: &Door, request: &Request, patience: Duration) -> Result<Option<Reply>, AgentError> {
    let stream = match door.connect_at_once() {
        Err(AgentError::System { source, .. }) if source.kind() == ErrorKind::WouldBlock => {
            return Err(AgentError::NoAnswer);
        }
        connected => connected?,
    };
    converse(door, stream, request, Some(patience))
}

fn converse(
    door: &Door,
    stream: Option<UnixStream>,
    request: &Request,
    patience: Option<Duration>,
) -> Result<Option<Reply>, AgentError> {
    let Some(stream) = stream else {
        return Ok(None);
    };
    match exchange(&stream, request, patience) {
        Ok(Reply::Version(version)) => {
            if version < VERSION {
                lock(door)?;
            }
            Err(AgentError::Version)
        }
        Ok(reply) => Ok(Some(reply)),
        // It ended in that very moment, which is like not being there.
        Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => Ok(None),
        Err(_) => Err(AgentError::NoAnswer),
    }
}

/// Makes the agent behind a door forget everything; says whether there was one.
pub fn lock(door: &Door) -> Result<bool, AgentError> {
    let Some(stream) = door.connect()? else {
        return Ok(false);
    };
    match exchange(&stream, &Request::Lock, Some(PATIENCE)) {
        Ok(Reply::Locked) => {
            // It closes its end when it ends: then nothing is left in memory.
            drop(protocol::read_reply(&stream));
            Ok(true)
        }
        Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => Ok(true),
        Ok(_) | Err(_) => Err(AgentError::NoAnswer),
    }
}

/// Says whether an agent listens behind a door, and lets in whoever comes.
pub fn is_there(door: &Door) -> bool {
    matches!(door.connect_at_once(), Ok(Some(_)))
}

/// Asks the agent behind a door what is only worth knowing at once. Nothing where there is none, where it has no time, or
/// where it is another version's: it is left as it is.
pub fn glance(door: &Door, request: &Request) -> Option<Reply> {
    let stream = door.connect_at_once().ok().flatten()?;
    exchange(&stream, request, Some(MOMENT)).ok()
}

fn exchange(stream: &UnixStream, request: &Request, patience: Option<Duration>) -> io::Result<Reply> {
    stream.set_write_timeout(Some(PATIENCE.min(patience.unwrap_or(PATIENCE))))?;
    stream.set_read_timeout(patience)?;
    protocol::write(stream, &protocol::request(request))?;
    protocol::read_reply(stream)
}
