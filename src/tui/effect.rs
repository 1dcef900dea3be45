//! What goes out, as data: each effect is one hand on the world, performed by the runtime.

use zeroize::Zeroizing;

use crate::otp::Code;
use crate::vault::{Change, Passphrase};

/// Something that the world is asked to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Open the vault although it is older than one that was seen before.
    AcceptOlder(Passphrase),
    /// Draw everything again.
    ClearScreen,
    /// Make changes, durably. The text names what an undo would put back; without it there is no undo.
    Commit(Vec<Change>, Option<String>),
    /// Check the passphrase once more.
    Confirm(Passphrase),
    /// Put a code on the clipboard.
    Copy(Copied),
    /// Make the vault.
    Create(Passphrase),
    /// Delete a picture that held a secret.
    DeletePicture(String),
    /// Forget everything and ask for the passphrase.
    Lock,
    /// End the program.
    Quit,
    /// Find the QR codes in a picture.
    ReadPicture(Picture),
    /// Put the newest copy that opens in the place of a damaged vault.
    Restore(Passphrase),
    /// Stop, as Ctrl-Z does.
    Suspend,
    /// Open the vault.
    Unlock(Passphrase),
}

/// What is copied, and what is said of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Copied {
    /// The code.
    pub code: Code,
    /// What follows the code in the message: the account, how long it is valid.
    pub about: String,
    /// Messages must not show the code.
    pub hidden: bool,
}

/// Where a picture is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Picture {
    /// Its bytes, pasted.
    Bytes(Zeroizing<Vec<u8>>),
    /// A file, as typed; `~` is the home directory.
    File(String),
}
