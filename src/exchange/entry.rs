//! What a file of another authenticator gives: accounts that are not ours yet, and what could not be taken.

use std::fmt;

use thiserror::Error;

use super::{Batches, progress};
use crate::display::visible;
use crate::otp::{LinkError, Otp, RangeError, SecretError, Timestamp};

/// One account as a file gives it. Texts are kept as they came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// What the codes are made from.
    pub otp: Otp,
    /// The service; may be empty.
    pub issuer: String,
    /// The user name there; may be empty.
    pub account: String,
    /// The groups, folders, categories or tags it is in, in the order of the file.
    pub groups: Vec<String>,
    /// Free text.
    pub note: String,
    /// Marked as a favourite, or listed first.
    pub pinned: bool,
    /// How often a code was taken, where the app counts.
    pub uses: u64,
    /// When it was added, where the app says so.
    pub added: Option<Timestamp>,
    /// Which of the files that were read together it comes from, from 0.
    pub file: usize,
}

impl Entry {
    /// Returns an entry with nothing but a name and what the codes are made from.
    pub fn new(issuer: &str, account: &str, otp: Otp) -> Self {
        Self {
            otp,
            issuer: issuer.trim().to_owned(),
            account: account.trim().to_owned(),
            groups: Vec::new(),
            note: String::new(),
            pinned: false,
            uses: 0,
            added: None,
            file: 0,
        }
    }

    /// Adds the group of that name, unless it has none.
    #[must_use]
    pub fn in_group(mut self, group: &str) -> Self {
        let group = group.trim();
        if !group.is_empty() && !self.groups.iter().any(|known| known == group) {
            self.groups.push(group.to_owned());
        }
        self
    }
}

/// The most entries that one file may give, the refused ones counted too: a list of nothing costs three bytes each.
pub(super) const MOST_ENTRIES: usize = 100_000;

/// What is said where there were more.
const MORE: &str = "the file has more than 100,000 entries, of which the rest was left out";

/// Why one entry of a file was not taken. None of it holds a secret.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum Problem {
    /// A hash that is not supported; its name.
    #[error("the algorithm \"{}\" is not supported; SHA1, SHA256 and SHA512 are", brief(.0))]
    Algorithm(String),
    /// It holds no codes at all, and why.
    #[error("{0}")]
    NoCodes(&'static str),
    /// A field that is of another kind than the format says.
    #[error("the field `{0}` is not {1}")]
    Field(&'static str, &'static str),
    /// A field that must be there.
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    /// Another kind of code; its name.
    #[error("codes of the kind \"{}\" are not supported", brief(.0))]
    Kind(String),
    /// A link that cannot be used.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The entry is encrypted with something that is not in the file.
    #[error("{0}")]
    Locked(&'static str),
    /// mOTP or Yandex without its PIN.
    #[error("its codes need a PIN, which the file does not hold; add it by hand")]
    PinMissing,
    /// Digits or a period that no code has.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// The secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// Shows some characters of a text out of a file: a name that is much longer is no name.
fn brief(text: &str) -> impl fmt::Display {
    let cut: String = text.chars().take(24).collect();
    visible(&cut).to_string()
}

/// An entry that was not taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused {
    /// Where it stands in the file: `entry 3`, `line 7`.
    pub place: String,
    /// Its name as far as it could be read; may be empty.
    pub name: String,
    /// Why.
    pub problem: Problem,
}

/// A value that a format does not record, so that the usual one was taken.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Assumed {
    /// SHA1.
    Algorithm,
    /// Six digits.
    Digits,
    /// Thirty seconds.
    Period,
}

/// What came out of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Imported {
    /// The entries, in the order of the file.
    pub entries: Vec<Entry>,
    /// What was not taken.
    pub refused: Vec<Refused>,
    /// What the format never records, sorted: told to the user, since a code may be wrong for it.
    pub assumed: Vec<Assumed>,
    /// How many files it comes from beside the first.
    pub more_files: usize,
    /// Which parts of an export of several QR codes were in it.
    pub batches: Batches,
    /// What else the user should know, each a sentence without a full stop and without text out of the file.
    pub notes: Vec<String>,
}

impl Imported {
    /// Takes one entry, or notes why it was refused. `place` and `name` are for the report.
    pub fn take(&mut self, place: impl Into<String>, name: &str, entry: Result<Entry, Problem>) {
        if self.leaves_the_rest() {
            return;
        }
        progress::count(self.entries.len() + self.refused.len() + 1);
        match entry {
            Ok(entry) => self.entries.push(entry),
            Err(problem) => {
                self.refused.push(Refused { place: place.into(), name: name.trim().to_owned(), problem });
            }
        }
    }

    /// The same, of many: `place_and_name` is asked only for one that was refused.
    pub fn take_or(
        &mut self,
        entry: Result<Entry, Problem>,
        place_and_name: impl FnOnce() -> (String, String),
    ) {
        let (place, name) = if entry.is_err() { place_and_name() } else { Default::default() };
        self.take(place, &name, entry);
    }

    /// Says whether it has all that is taken, and if so notes that there was more. For whoever has the next one.
    pub fn leaves_the_rest(&mut self) -> bool {
        let has_all = self.entries.len() + self.refused.len() >= MOST_ENTRIES;
        if has_all && !self.is_full() {
            self.notes.push(MORE.to_owned());
        }
        has_all
    }

    /// Says whether no more is taken, so that nobody needs to read on.
    pub fn is_full(&self) -> bool {
        self.entries.len() + self.refused.len() >= MOST_ENTRIES && self.notes.iter().any(|note| note == MORE)
    }

    /// Notes that the format records neither of these.
    #[must_use]
    pub fn assuming(mut self, assumed: &[Assumed]) -> Self {
        self.assume(assumed);
        self
    }

    /// The same, of one entry.
    pub fn assume(&mut self, assumed: &[Assumed]) {
        self.assumed.extend_from_slice(assumed);
        self.assumed.sort_unstable();
        self.assumed.dedup();
    }

    /// Notes something, unless `count` is 0. `one` and `many` follow the number: `entry was in the bin`.
    pub fn count(&mut self, count: usize, one: &str, many: &str) {
        match count {
            0 => {}
            1 => self.notes.push(format!("1 {one}")),
            _ => self.notes.push(format!("{count} {many}")),
        }
    }

    /// Appends what another file gave, but for parts of an export that were in this one.
    pub fn append(&mut self, mut other: Self) {
        let again = self.batches.append(other.batches, self.entries.len(), self.refused.len());
        for entry in &mut other.entries {
            entry.file += self.more_files + 1;
        }
        self.more_files += other.more_files + 1;
        self.entries.append(&mut other.entries);
        self.refused.append(&mut other.refused);
        for part in again {
            self.entries.drain(part.entries);
            self.refused.drain(part.refused);
        }
        self.assume(&other.assumed);
        for note in other.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }
}

/// Why nothing at all could be read from a file. None of it holds a secret or text out of the file.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum ImportError {
    /// The key derivation asks for more than is granted.
    #[error("opening this file would take {asked}, which is more than the {limit} allowed")]
    Costly {
        /// What it asks for: `16 GiB of memory`.
        asked: String,
        /// What is allowed: `1 GiB`.
        limit: &'static str,
    },
    /// It begins like a file of the format and is not one: cut off, garbled, edited by hand.
    #[error("the file is damaged or incomplete: {0}")]
    Damaged(String),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// No entry in it, although it is a file of the format.
    #[error("there is no account in this file")]
    NoAccounts,
    /// A version of the format that is not known.
    #[error("this file is of version {0} of its format, which is not known here")]
    Newer(u64),
    /// It cannot be opened without a password.
    #[error("this file is encrypted")]
    PasswordNeeded,
    /// Read picture, but none with accounts in it.
    #[error(transparent)]
    Picture(#[from] super::picture::PictureError),
    /// Encrypted in a way that cannot be opened outside the app; and what to do instead.
    #[error("{0}")]
    Restricted(&'static str),
    /// It is sealed for age keys, and none was given.
    #[error("it is sealed for age keys")]
    KeyNeeded,
    /// It is sealed for age keys, and none of those that were given opens it.
    #[error("the key file does not open it: it was sealed for other age keys")]
    WrongKey,
    /// More than is read.
    #[error("the file is too large: {0}")]
    TooLarge(&'static str),
    /// No format knows it.
    #[error("the file is of no format that is known here")]
    Unknown,
    /// The password does not open it; where the format cannot tell, it may also be damaged.
    #[error("the password is wrong, or the file is damaged")]
    WrongPassword,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_only_so_many_entries_and_says_so() {
        let mut imported = Imported::default();
        for _ in 0..MOST_ENTRIES + 10 {
            imported.take("line 1", "", Err(Problem::PinMissing));
        }
        assert!(imported.is_full());
        assert_eq!((imported.refused.len(), imported.notes), (MOST_ENTRIES, vec![MORE.to_owned()]));
    }

    #[test]
    fn text_out_of_a_file_is_shown_harmlessly_and_in_part() {
        let problem = Problem::Kind(format!("\u{1b}[2J{}", "x".repeat(100)));
        let shown = problem.to_string();
        assert!(!shown.contains('\u{1b}') && shown.chars().count() < 100, "{shown}");
    }
}
