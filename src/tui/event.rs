//! What comes in: keys, pastes, time, and the outcomes of what was asked of the world.

use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::effect::{Commit, Original, Validity};
use super::key::Key;
use super::lent::{Given, Holding};
use crate::exchange::Imported;
use crate::exchange::progress::Step;
use crate::failure::Failure;
use crate::otp::Timestamp;
use crate::vault::{AccountId, Backup, Change, Passphrase, SealedCopy, Vault};
use crate::words::Note;

/// One thing that happened.
#[derive(Debug)]
pub enum Event {
    /// Something that was asked for is done, or failed.
    Done(Outcome),
    /// A key was pressed.
    Key(Key),
    /// Text was pasted. It never runs keys.
    Paste(Zeroizing<String>),
    /// Time passed.
    Tick,
}

/// What came of an effect.
#[derive(Debug)]
pub enum Outcome {
    /// A copy of the sealed files is put aside and was read back.
    BackedUp(Result<SealedCopy, Failure>),
    /// The terminal says whether its background is dark.
    Background(bool),
    /// An earlier state of the vault was opened, or why it does not open.
    BackupRead(Backup, Result<Arc<Vault>, Failure>),
    /// The earlier states that are kept, the newest first.
    Backups(Result<Vec<Backup>, Failure>),
    /// The vault is not opened as it is, but there is a way, which needs the passphrase that was given.
    Broken(Failure, Mend, Passphrase),
    /// Whether the clock is kept right by the network, as far as the computer knows.
    Clock(Option<bool>),
    /// The file holds the changes.
    Committed(Committed),
    /// The passphrase that was asked for again is right, or why not.
    Confirmed(Result<(), Failure>),
    /// A code went to the clipboard.
    Copied(Result<Sent, Failure>),
    /// The way that a copy takes at this moment.
    CopyExplained(Way),
    /// The accounts are in a file, which was read back; its place.
    Exported(Result<PathBuf, Failure>),
    /// A file was read.
    File(Result<Read, Unread>),
    /// How far the reading of a file is.
    Reading(Step),
    /// The age keys that were typed, proven to work; or why not.
    KeysFound(Result<Vec<String>, Failure>),
    /// A key file is sealed with a passphrase of its own.
    KeySealed {
        /// The file, as it was given.
        file: String,
        /// There was a passphrase, and it does not open the file.
        wrong: bool,
    },
    /// The agent forgot everything and ended, or there was none; or why it may not have.
    Forgot(Result<(), Failure>),
    /// The agent's code of one account, or why there is none.
    Given(Result<Given, Failure>),
    /// What the agent holds, or why it gives nothing.
    Held(Result<Holding, Failure>),
    /// Something to know that needs no answer.
    Notice(String),
    /// The other directory cannot be used, and why.
    NoVault(Failure),
    /// The files that held secrets were deleted, or the first of them that was not, and why.
    FilesDeleted(Result<Deleted, Failure>),
    /// The passphrase is another one, and why a power cut may take it back, if so; or it is as it was.
    PassphraseChanged(Result<Option<String>, Failure>),
    /// A picture was read.
    Picture(Result<Pictured, Failure>),
    /// A new picture with a QR code is there, or none came in time.
    PictureCame(Option<String>),
    /// The QR code is in a picture; its place.
    PictureSaved(Result<PathBuf, Failure>),
    /// The changes are not in the file, which is as it was.
    Refused(Failure, Commit),
    /// Another program changed the file.
    Reloaded(Arc<Vault>),
    /// The terminal says something of itself, or of the person at it.
    Terminal(Report),
    /// Something is wrong that was not asked for.
    Trouble(Failure),
    /// The vault is open, or why not.
    Unlocked(Result<Arc<Vault>, Failure>),
}

/// What a terminal says of itself, or of the person at it. It may be forged, so nothing may depend on it that matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Report {
    /// It says what it is: the answer to the last question that is put at the start.
    Attributes,
    /// Its window has the focus now, or has lost it.
    Focus(bool),
    /// Whether the line to it is slow.
    Line(bool),
    /// The mouse did something.
    Mouse(Mouse),
    /// Whether it can show a frame at once, whole (its mode 2026).
    Synchronises(bool),
}

/// What a mouse did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mouse {
    /// A click at a column and a row, from 0.
    Click(u16, u16),
    /// The wheel went down by a notch.
    WheelDown,
    /// The wheel went up by a notch.
    WheelUp,
}

/// The way of a copy, and what is known of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Way {
    /// The stations, from this program to the terminal.
    pub stations: Vec<String>,
    /// How good it is, in a sentence.
    pub says: String,
    /// Where the lines belong; empty if there are none.
    pub place: String,
    /// The lines that would help.
    pub lines: Vec<String>,
    /// What goes this way is known to arrive.
    pub proven: bool,
    /// Names the way, for what a test shows.
    pub key: String,
}

/// What is said of a code that went to the clipboard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sent {
    /// Where it went, and how surely.
    pub text: String,
    /// For how long it is good, if that is said.
    pub validity: Option<Validity>,
    /// What to do if it does not arrive.
    pub advice: Option<String>,
    /// How sure that is.
    pub proof: Proof,
}

impl Sent {
    /// Returns the whole message, as it is at this time.
    pub fn said(&self, now: Timestamp) -> String {
        let mut text = self.text.clone();
        if let Some(validity) = &self.validity {
            text.push_str(" · ");
            text.push_str(&validity.words(now));
        }
        if let Some(advice) = &self.advice {
            text.push_str(". ");
            text.push_str(advice);
        }
        text
    }
}

/// How surely a code arrived.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Proof {
    /// Something is known to be in its way.
    Doubted,
    /// It was sent off, and nothing answers.
    Sent,
    /// It was read back, or the next program on the way took it.
    Taken,
}

/// What a file held.
#[derive(Debug)]
pub struct Read {
    /// The app that wrote it: `Aegis`.
    pub title: &'static str,
    /// What came out of it.
    pub imported: Imported,
    /// The file that it came from, if it came from one.
    pub original: Option<Original>,
}

/// What a picture held.
#[derive(Clone, Debug, Default)]
pub struct Pictured {
    /// The texts of its QR codes.
    pub texts: Vec<Zeroizing<String>>,
    /// The file that it came from, if it came from one.
    pub original: Option<Original>,
}

/// Files that were deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deleted {
    /// How many.
    pub files: usize,
    /// One of them has a further name, under which it stays.
    pub stays: bool,
}

/// Why a file gave nothing.
#[derive(Debug)]
pub enum Unread {
    /// It cannot be read.
    Failed(Failure),
    /// It is sealed for age keys, and wants the file that holds one of them; or why the one that was named does not
    /// open it.
    Key(Option<Failure>),
    /// The key file wants its passphrase; is the one that was given wrong?
    KeyPassphrase {
        /// There was one, and it does not open the key file.
        wrong: bool,
    },
    /// It wants its password; is the one that was given wrong?
    Password {
        /// The app that wrote it.
        title: &'static str,
        /// There was one, and it does not open the file.
        wrong: bool,
        /// Such a file may have a key file too.
        key_file: bool,
        /// Why the key file that was named cannot be used.
        refused: Option<Failure>,
    },
}

/// A way into a vault that is not opened as it is. Either choice is the user's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mend {
    /// The vault is damaged, and this copy opens.
    Copy(Kept),
    /// The vault is whole, but older than one that was seen before. This is the newest copy, if one opens.
    Older(Option<Kept>),
}

/// What is known of a copy that opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kept {
    /// When it was made.
    pub when: Timestamp,
    /// How many accounts are in it.
    pub accounts: usize,
}

/// A commit that went through.
#[derive(Debug)]
pub struct Committed {
    /// The vault as it is now.
    pub vault: Arc<Vault>,
    /// The changes that undo it.
    pub inverse: Vec<Change>,
    /// What an undo would be said to put back; nothing for changes that are not undone.
    pub undoes: Option<String>,
    /// What is to be said of it.
    pub says: Option<Note>,
    /// The counters that may now be shown, each once.
    pub reserved: Vec<(AccountId, u64)>,
    /// Why the disk may not hold it after a power cut, if so.
    pub unsure: Option<String>,
}
