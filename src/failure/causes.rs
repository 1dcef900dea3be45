//! The errors of the vault and of files, each with its hint and its exit status.

use std::io;
use std::path::Path;

use super::{Exit, Failure};
use crate::agent::AgentError;
use crate::display::visible;
use crate::exchange::ImportError;
use crate::exchange::typed::TypedError;
use crate::otp::LinkError;
use crate::system::ledger::LedgerError;
use crate::vault::{ChangeError, StoreError};

impl Failure {
    /// Returns one of a vault that is locked, or stays so.
    pub fn locked(message: impl Into<String>) -> Self {
        Self::new(Exit::Locked, message)
    }

    /// Returns one of a clock that names no day which a file could be called after.
    pub fn undated() -> Self {
        Self::new(Exit::Clock, "the clock shows no date that a copy could be named after")
    }

    /// Returns one of a file: what was being done ("read", "delete"), to which, and what the system said.
    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        let shown = visible(&path.to_string_lossy());
        if error.kind() == io::ErrorKind::NotFound {
            return Self::other(format!("there is no such file: \"{shown}\""));
        }
        Self::other(format!("cannot {doing} \"{shown}\": {error}"))
    }

    /// Returns one of a terminal that cannot be used.
    pub fn terminal(error: &io::Error) -> Self {
        Self::other(format!("the terminal cannot be used: {error}"))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::Busy { .. } => Self::other(message).hint("try again in a moment"),
            StoreError::Change(change) => {
                let exit = if change == ChangeError::Gone { Exit::NotFound } else { Exit::Other };
                Self::new(exit, message)
            }
            StoreError::Damaged { .. } | StoreError::NotAVault { .. } => {
                Self::new(Exit::Vault, message).hint("run `twolock` to open the newest copy that is whole")
            }
            StoreError::Exists { .. } => {
                Self::other(message).hint("use another directory with `--vault DIR`")
            }
            StoreError::Full { .. } => Self::other(message).hint("make room on the disk, then try again"),
            StoreError::Missing { .. } => {
                Self::new(Exit::Vault, message).hint("make one with `twolock init`")
            }
            StoreError::NewKey { .. } => Self::locked(message).hint("lock it, and unlock it again"),
            StoreError::Newer { .. } => Self::new(Exit::Vault, message).hint("update twolock to open it"),
            StoreError::NoDirectory { .. } => Self::other(message)
                .hint("mount its disk, or make it first; only the last directory of the path is made"),
            StoreError::NoSuchKey { .. } => Self::locked(message)
                .hint("`twolock passwd --add-recipient KEY` lets another key open the vault"),
            StoreError::Plugin { .. } => Self::locked(message)
                .hint("see that `age-plugin-NAME` is installed and its device is connected"),
            StoreError::Recipient { .. } => {
                Self::usage(message).hint("`twolock passwd --list` shows for whom the vault is sealed")
            }
            StoreError::NoLocks { .. } | StoreError::ReadBack { .. } | StoreError::Write { .. } => {
                Self::other(message)
            }
            StoreError::Read { .. } | StoreError::Refused { .. } | StoreError::WorkFactor { .. } => {
                Self::new(Exit::Vault, message)
            }
            StoreError::RolledBack { .. } => {
                Self::new(Exit::Vault, message).hint("run `twolock` to choose which one is right")
            }
            StoreError::Taken { .. } => Self::other(message)
                .hint("a copy has its second in its name, so try again, or choose another directory"),
            StoreError::Vanished { .. } => Self::new(Exit::Vault, message)
                .hint("bring its directory back from your backup, for it holds the copies too")
                .hint("or start a new vault in another place with `--vault DIR`"),
            StoreError::WrongPassphrase => {
                Self::locked(message).hint("Caps Lock may be on; nothing was changed")
            }
        }
    }
}

impl From<AgentError> for Failure {
    fn from(error: AgentError) -> Self {
        let failure = Self::other(error.to_string());
        match error {
            AgentError::Unsafe { .. } => failure.hint("only its owner may have any right to it (mode 0700)"),
            AgentError::System { .. } => failure,
            AgentError::NoAnswer => failure.hint("end its process, then `twolock unlock` again"),
            AgentError::Version => failure.hint("`twolock lock` ends it, `twolock unlock` starts a new one"),
        }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let failure = Self::other(error.to_string());
        match error {
            ImportError::Picture(error) => error.into(),
            ImportError::Costly { .. } => failure.hint("export it again in the app, without encryption"),
            ImportError::Damaged(_) => failure.hint("export it again, and copy the whole file"),
            ImportError::Newer(_) => failure.hint("update twolock, or export in an older format"),
            ImportError::KeyNeeded => Self::locked(failure.message)
                .hint("name the file that holds your age key with --key-file FILE"),
            ImportError::NoAccounts | ImportError::Restricted(_) => failure,
            ImportError::Empty => failure.hint("export it again in the app"),
            ImportError::PasswordNeeded => Self::locked(failure.message)
                .hint("give its password with --password-file FILE, or let it be asked for on a terminal"),
            ImportError::TooLarge(_) => {
                failure.hint("take the accounts only, not the whole backup of the phone")
            }
            ImportError::Unknown => failure
                .hint("`twolock import --formats` lists what can be read")
                .hint("name the format with --format NAME if it should be one of these"),
            ImportError::WrongKey => Self::locked(failure.message).hint(
                "name another key file, or have it sealed for yours: `age-keygen -y FILE` shows the key",
            ),
            ImportError::WrongPassword => Self::locked(failure.message)
                .hint("it is the password set in the app at export; nothing was changed"),
        }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let failure = Self::other(error.to_string());
        match error {
            LedgerError::Busy => failure.hint("try again in a moment"),
            LedgerError::Damaged(_) => failure
                .hint("bring it back from a backup, or delete it: used codes then count as new once more"),
            LedgerError::Failed { .. } => failure,
            LedgerError::Open(_) => failure.hint("take the right to write there from everyone else"),
        }
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        Self::other(error.to_string())
    }
}

impl From<TypedError> for Failure {
    fn from(error: TypedError) -> Self {
        Self::other(error.to_string())
    }
}
