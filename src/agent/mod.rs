//! The agent: a small process that holds an opened vault for a while and answers the user's own programs.
//!
//! Here is only how they meet and speak: the socket, the frames, the waiting. What is answered is the business of
//! whoever serves. Nobody but the user is answered, no request holds a secret, and none is answered with one: there is
//! no way to ask for a secret at all. It must never write to a disk.

mod client;
mod protocol;
mod server;
mod socket;

use std::path::PathBuf;

use thiserror::Error;

pub use client::{ask, ask_soon, glance, is_there, lock};
pub use protocol::{Call, Failed, Reply, Request, VERSION};
pub use server::{Ended, Terms, serve};
pub use socket::{Door, Place};

/// Why an agent is not reached or cannot be started.
#[derive(Debug, Error)]
pub enum AgentError {
    /// The directory or the socket is not for us alone.
    #[error("\"{}\" is not used for the agent: {why}", crate::display::visible(&path.to_string_lossy()))]
    Unsafe {
        /// The directory or the socket.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The system refused.
    #[error("cannot use \"{}\" for the agent: {}", crate::display::visible(&path.to_string_lossy()), source.kind())]
    System {
        /// The directory or the socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is there, and does not answer as an agent does.
    #[error("the agent does not answer")]
    NoAnswer,
    /// It speaks another version of the protocol.
    #[error("the agent is of another version of twolock")]
    Version,
}
