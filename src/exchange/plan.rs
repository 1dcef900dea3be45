//! What an import would do to a vault: shown before it is done, then done in one go.
//!
//! Accounts are known by their codes, not by their name: the same service is called differently in every app. But
//! two lines of one file that make the same codes under two names are two accounts, as they were in the app.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use unicode_security::skeleton;

use super::{Assumed, Entry, Imported, Refused};
use crate::otp::{Kind, Otp, Period, Timestamp};
use crate::vault::{Account, AccountId, Change, Edit, Vault};

/// What an account without any name is called: it has to be called something.
const NAMELESS: &str = "(no name)";

/// What an entry is to the vault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// The vault makes no such codes.
    New,
    /// The vault has an account of that name, with another secret.
    OtherSecret(AccountId),
    /// The vault makes the same codes under another name.
    Renamed(AccountId),
    /// The vault has it, and nothing differs that matters.
    Same(AccountId),
    /// The vault has its name and secret with other settings: digits, period, hash, kind or PIN.
    Settings(AccountId),
    /// It stands earlier in the file, or the same codes do in a file before it.
    Twice,
}

/// One entry of the file, and what shall happen to it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The entry.
    pub entry: Entry,
    /// What it is to the vault.
    pub state: State,
    /// Shall it be taken? New ones are, until the user says otherwise.
    pub chosen: bool,
    /// The name of an account that looks the same and is not: other letters that look alike.
    pub lookalike: Option<String>,
}

impl Row {
    /// Says whether there is anything to take.
    pub fn can_be_chosen(&self) -> bool {
        !matches!(self.state, State::Same(_) | State::Twice)
    }
}

/// What an import would do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The entries, in the order of the file.
    pub rows: Vec<Row>,
    /// What could not be read.
    pub refused: Vec<Refused>,
    /// What the format does not record.
    pub assumed: Vec<Assumed>,
    /// What else is to be told.
    pub notes: Vec<String>,
}

/// How many entries there are of each sort.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Entries in the file, the refused among them.
    pub read: usize,
    /// Not in the vault yet.
    pub new: usize,
    /// There already, or twice in the file.
    pub same: usize,
    /// There under other names.
    pub renamed: usize,
    /// There with another secret or with other settings.
    pub differ: usize,
    /// Not readable.
    pub refused: usize,
    /// To be taken.
    pub chosen: usize,
}

impl Plan {
    /// Compares what was read with a vault.
    pub fn new(imported: Imported, vault: &Vault) -> Self {
        let Imported { entries, refused, assumed, batches, mut notes, more_files: _ } = imported;
        let mut by_codes: HashMap<Fingerprint, &Account> = HashMap::new();
        let mut by_both: HashMap<(Fingerprint, (&str, &str)), &Account> = HashMap::new();
        for account in vault.accounts() {
            let codes = fingerprint(&account.otp);
            by_codes.entry(codes).or_insert(account);
            by_both.entry((codes, names(account))).or_insert(account);
        }
        let by_name: HashMap<(&str, &str), &Account> =
            vault.accounts().iter().map(|account| (names(account), account)).collect();
        let mut looks: HashMap<String, Owner> = HashMap::new();
        for (index, account) in vault.accounts().iter().enumerate() {
            looks.insert(look(names(account)), Owner::Account(index));
        }
        let mut rows: Vec<Row> = Vec::with_capacity(entries.len());
        // The row in which codes stood first, and the other names that they had in its file.
        let mut first: HashMap<Fingerprint, usize> = HashMap::with_capacity(entries.len());
        let mut seen: HashSet<(Fingerprint, String, String)> = HashSet::new();
        let mut several_groups = 0;
        let mut entries: Vec<(Fingerprint, Entry)> =
            entries.into_iter().map(|entry| (fingerprint(&entry.otp), entry)).collect();
        for (_, entry) in &mut entries {
            if entry.issuer.is_empty() && entry.account.is_empty() {
                NAMELESS.clone_into(&mut entry.account);
            }
        }
        // Accounts of the vault that the file has under their own names: no other entry is one of them renamed.
        let named: HashSet<AccountId> = entries
            .iter()
            .filter_map(|(codes, entry)| by_both.get(&(*codes, (&entry.issuer, &entry.account))))
            .map(|account| account.id)
            .collect();
        for (codes, entry) in entries {
            several_groups += usize::from(entry.groups.len() > 1);
            let name = (entry.issuer.as_str(), entry.account.as_str());
            let other = by_codes.get(&codes).filter(|account| !named.contains(&account.id));
            let known = by_both.get(&(codes, name)).or(other);
            let before = rows.get(*first.entry(codes).or_insert(rows.len())).map(|row: &Row| &row.entry);
            let again = before.is_some_and(|before| {
                let same = (before.issuer.as_str(), before.account.as_str()) == name;
                same || before.file != entry.file
                    || !seen.insert((codes, entry.issuer.clone(), entry.account.clone()))
            });
            let state = match (known, by_name.get(&name)) {
                _ if again => State::Twice,
                (Some(known), _) if names(known) == name => State::Same(known.id),
                (Some(known), _) => State::Renamed(known.id),
                (None, Some(known)) if known.otp.secret == entry.otp.secret => State::Settings(known.id),
                (None, Some(known)) => State::OtherSecret(known.id),
                (None, None) => State::New,
            };
            let owner = *looks.entry(look(name)).or_insert(Owner::Row(rows.len()));
            let known = match owner {
                Owner::Account(index) => vault.accounts().get(index).map(names),
                Owner::Row(index) => rows.get(index).map(|row| (&*row.entry.issuer, &*row.entry.account)),
            };
            let lookalike = known
                .filter(|known| *known != name && matches!(state, State::New | State::OtherSecret(_)))
                .map(spoken);
            rows.push(Row { chosen: state == State::New, entry, state, lookalike });
        }
        notes.extend(batches.notes());
        match several_groups {
            0 => {}
            1 => notes.push("1 entry is in several groups; the first is kept".to_owned()),
            count => notes.push(format!("{count} entries are in several groups; the first is kept")),
        }
        Self { rows, refused, assumed, notes }
    }

    /// Counts.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally {
            read: self.rows.len() + self.refused.len(),
            refused: self.refused.len(),
            ..Tally::default()
        };
        for row in &self.rows {
            match row.state {
                State::New => tally.new += 1,
                State::OtherSecret(_) | State::Settings(_) => tally.differ += 1,
                State::Renamed(_) => tally.renamed += 1,
                State::Same(_) | State::Twice => tally.same += 1,
            }
            tally.chosen += usize::from(row.chosen);
        }
        tally
    }

    /// Returns the changes that take what is chosen, to be saved together. `fresh` gives random bytes for ids.
    ///
    /// An entry under another name gives its names, one with other settings its settings; what the vault has of
    /// groups, notes and pins stays.
    pub fn changes(&self, at: Timestamp, mut fresh: impl FnMut() -> [u8; 10]) -> Vec<Change> {
        self.rows
            .iter()
            .filter(|row| row.chosen)
            .filter_map(|row| match row.state {
                State::New | State::OtherSecret(_) => {
                    Some(Change::Add(Box::new(account(&row.entry, AccountId::new(at, fresh()), at))))
                }
                State::Renamed(id) => Some(Change::Edit(
                    id,
                    Box::new(Edit {
                        issuer: Some(row.entry.issuer.clone()),
                        account: Some(row.entry.account.clone()),
                        ..Edit::default()
                    }),
                )),
                State::Settings(id) => Some(Change::Edit(
                    id,
                    Box::new(Edit { otp: Some(row.entry.otp.clone()), ..Edit::default() }),
                )),
                State::Same(_) | State::Twice => None,
            })
            .collect()
    }
}

/// Makes an account of an entry.
fn account(entry: &Entry, id: AccountId, at: Timestamp) -> Account {
    let mut account = Account::new(id, &entry.issuer, &entry.account, entry.otp.clone(), at);
    account.group = entry.groups.first().cloned().unwrap_or_default();
    account.note.clone_from(&entry.note);
    account.pinned = entry.pinned;
    account.used.count = entry.uses;
    if let Some(added) = entry.added.filter(|added| *added <= at) {
        account.added = added;
    }
    account
}

/// What tells one row of codes from another.
type Fingerprint = [u8; 32];

/// Returns a hash of all that codes are made from but the counter, which moves on. A hash, for a set of secrets would
/// be copies of them that nobody wipes.
fn fingerprint(otp: &Otp) -> Fingerprint {
    let mut hash = Sha256::new();
    let (kind, pin) = match &otp.kind {
        Kind::Hotp { .. } => (0, None),
        Kind::Motp { pin } => (1, Some(pin)),
        Kind::Steam => (2, None),
        Kind::Totp { .. } => (3, None),
        Kind::Yandex { pin } => (4, Some(pin)),
    };
    hash.update([kind, otp.digits.get()]);
    hash.update(otp.algorithm.name());
    hash.update(otp.period().map_or(0, Period::seconds).to_be_bytes());
    for secret in [Some(&otp.secret), pin].into_iter().flatten() {
        hash.update(secret.bytes().len().to_be_bytes());
        hash.update(secret.bytes());
    }
    hash.finalize().into()
}

fn names(account: &Account) -> (&str, &str) {
    (&account.issuer, &account.account)
}

/// Who has a name first.
#[derive(Clone, Copy)]
enum Owner {
    /// The account at this place of the vault.
    Account(usize),
    /// The row at this place of the plan.
    Row(usize),
}

fn spoken((issuer, account): (&str, &str)) -> String {
    match (issuer, account) {
        ("", name) | (name, "") => name.to_owned(),
        (issuer, account) => format!("{issuer} ({account})"),
    }
}

/// Returns what a name looks like: letters that look alike are one, those that cannot be seen are none
/// (UTS 39 section 4), and case is no difference.
fn look((issuer, account): (&str, &str)) -> String {
    let mut look = String::with_capacity(issuer.len() + account.len() + 8);
    see(issuer, &mut look);
    look.push('\u{0}');
    see(account, &mut look);
    look
}

/// Appends what a text looks like.
fn see(text: &str, look: &mut String) {
    /// What each letter of ASCII looks like; none of them joins with its neighbours.
    static ASCII: LazyLock<[String; 128]> = LazyLock::new(|| {
        std::array::from_fn(|letter| {
            let letter = u8::try_from(letter).map_or('\u{0}', char::from).to_ascii_lowercase();
            skeleton(letter.encode_utf8(&mut [0; 4])).collect()
        })
    });
    if text.is_ascii() {
        look.extend(text.bytes().filter_map(|byte| ASCII.get(usize::from(byte))).map(String::as_str));
        return;
    }
    let lower: String = text.chars().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase).collect();
    look.extend(skeleton(&lower));
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
