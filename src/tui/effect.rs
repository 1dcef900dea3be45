//! What goes out, as data: each effect is one hand on the world, performed by the runtime.

use zeroize::Zeroizing;

use super::errand::Errand;
use super::lent::Question;
use crate::otp::{Code, Timestamp};
use crate::vault::{Account, AccountId, Backup, Change, Passphrase};
use crate::words::Note;

pub use crate::system::file::Original;

/// Something that the world is asked to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Open the vault although it is older than one that was seen before.
    AcceptOlder(Passphrase),
    /// Ask the agent.
    AskAgent(Question),
    /// Wait for a new picture with a QR code in the home directory.
    AwaitPicture,
    /// Put a dated copy of the two sealed files into a directory, as typed; `~` is the home directory.
    BackUp(String),
    /// Give the vault another passphrase: the one that it has, and the new one.
    ChangePassphrase(Passphrase, Passphrase),
    /// Draw everything again.
    ClearScreen,
    /// Make changes, durably.
    Commit(Commit),
    /// Check the passphrase once more.
    Confirm(Passphrase),
    /// Put a code on the clipboard.
    Copy(Copied),
    /// Remember what a test of the way to the clipboard has shown.
    CopyTested {
        /// The way.
        key: String,
        /// Whether what was copied arrived.
        arrives: bool,
    },
    /// Make the vault, which these age keys open too.
    Create(Passphrase, Vec<String>),
    /// Delete files that hold secrets, each only if it is still the one that was read.
    DeleteFiles(Vec<Original>),
    /// Say which way a copy takes, and what is known of it.
    ExplainCopy,
    /// Write accounts into a file.
    Export(Box<Export>),
    /// Look which earlier states of the vault are kept.
    ListBackups,
    /// Find the age keys that are typed: themselves, or a key file of theirs; `~` is the home directory.
    FindKeys(String),
    /// Forget what the agent lent and ask for the passphrase, to go on with this.
    Leave(Errand),
    /// Forget everything and ask for the passphrase.
    Lock,
    /// Put a code on the clipboard in the place of the one that was copied, if that is still there.
    Follow(Copied),
    /// End the program.
    Quit,
    /// Open one of them, to look at it.
    ReadBackup(Backup),
    /// Read what another authenticator wrote.
    ReadFile(Source, With),
    /// Find the QR codes in a picture.
    ReadPicture(Source),
    /// Write a setting into the file: its name, and its value as the file has it.
    SaveSetting(&'static str, String),
    /// Save the QR code that says this link as a picture.
    SavePicture(String, Zeroizing<String>),
    /// Put the newest copy that opens in the place of a damaged vault.
    Restore(Passphrase),
    /// Wait for no picture any more.
    StopWaiting,
    /// Stop, as Ctrl-Z does.
    Suspend,
    /// Put a word on the clipboard that is no secret, to be pasted back.
    TestCopy(String),
    /// Open the vault.
    Unlock(Passphrase),
    /// Open the vault with the identities in a file, as typed; `~` is the home directory. The passphrase is the file's,
    /// if it is sealed.
    UnlockWith(String, Option<Passphrase>),
    /// Keep the vault in another directory from now on, and begin again there.
    UseVault {
        /// The directory, as typed; `~` is the home directory.
        dir: String,
        /// There is a vault in it already; otherwise there must be none.
        existing: bool,
    },
}

/// Changes that are made together or not at all, and what is said of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Commit {
    /// The changes.
    pub changes: Vec<Change>,
    /// What an undo would be said to put back; nothing for changes that are not undone.
    pub undoes: Option<String>,
    /// What is said once the file holds them, and never before.
    pub says: Option<Note>,
}

impl Commit {
    /// Returns changes of which nothing is said, and which no undo takes back.
    pub fn quiet(changes: Vec<Change>) -> Self {
        Self { changes, undoes: None, says: None }
    }

    /// Returns changes that an undo takes back under this name.
    pub fn undoable(changes: Vec<Change>, undoes: String) -> Self {
        Self { changes, undoes: Some(undoes), says: None }
    }

    /// The same, with what is said once it is done.
    #[must_use]
    pub fn says(self, note: Note) -> Self {
        Self { says: Some(note), ..self }
    }
}

/// What is copied, and what is said of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Copied {
    /// The code.
    pub code: Code,
    /// The account whose code it is just now: when that changes, the copy follows.
    pub of: Option<AccountId>,
    /// What follows the code in the message: the account.
    pub about: String,
    /// For how long it is good, if that is said.
    pub validity: Option<Validity>,
    /// Messages must not show the code.
    pub hidden: bool,
}

/// For how long a copied code is good. It is said anew each second that the message stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Validity {
    /// It took the place of one that is over, and is valid until then.
    Changed(Timestamp),
    /// It is the next one, valid from then on.
    From(Timestamp),
    /// Something that does not count.
    Said(String),
    /// It is valid until then.
    Until(Timestamp),
}

impl Validity {
    /// Returns it in words, as it is at this time.
    pub fn words(&self, now: Timestamp) -> String {
        let left = |at: &Timestamp| at.seconds_since(now);
        match self {
            Self::Changed(until) if left(until) > 0 => format!("the code changed, {} s left", left(until)),
            Self::Until(until) if left(until) > 0 => format!("{} s left", left(until)),
            Self::Changed(_) | Self::Until(_) => "its time is over".to_owned(),
            Self::From(at) if left(at) > 0 => format!("the next code, valid in {} s", left(at)),
            Self::From(_) => "valid now".to_owned(),
            Self::Said(words) => words.clone(),
        }
    }
}

/// An export: what, how, and where to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Export {
    /// The accounts that the format can hold.
    pub accounts: Vec<Account>,
    /// The format's name, one of `exchange::EXPORTERS`.
    pub format: &'static str,
    /// For whom to encrypt, as age writes keys; nobody if there is a password or none is wanted.
    pub recipients: Vec<String>,
    /// The password of the file.
    pub password: Option<Passphrase>,
    /// The file, as typed; `~` is the home directory. One that is there already is not replaced.
    pub to: String,
}

/// What a file is opened with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum With {
    /// The age keys in a file, which is named as it was typed, and the passphrase of that file if it has one.
    KeyFile(String, Option<Passphrase>),
    /// Nothing: it is plain.
    Nothing,
    /// The password of the file, empty if it has none, and the key file that belongs to it, as typed.
    Password(Passphrase, Option<String>),
}

/// Where a picture or another file is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// Its bytes, pasted.
    Bytes(Zeroizing<Vec<u8>>),
    /// The picture on the clipboard of this computer's desktop.
    Clipboard,
    /// A file, as typed; `~` is the home directory.
    File(String),
}

/// What the terminal shall do beside drawing. It is told whenever this changes, and all of it is taken back at the end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Modes {
    /// Say when the window gets or loses the focus.
    pub focus: bool,
    /// Hand the mouse over.
    pub mouse: bool,
    /// What stands in the title of the window; nothing if it is left alone.
    pub title: Option<Title>,
}

/// A title of the window. It goes to window lists and status lines, so it never says more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Title {
    /// The vault is locked.
    Locked,
    /// The vault is open.
    Open,
}
