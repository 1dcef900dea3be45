//! What an import would do to a vault: shown before it is done, then done in one go.
//!
//! Accounts are known by their codes, not by their name: the same service is called differently in every app, and
//! the same secret with the same settings twice would be two lines of the same codes.

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
    /// The same codes stand earlier in the file.
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
        let Imported { entries, refused, assumed, batches, mut notes } = imported;
        let by_codes: HashMap<Fingerprint, &Account> =
            vault.accounts().iter().map(|account| (fingerprint(&account.otp), account)).collect();
        let by_name: HashMap<(&str, &str), &Account> =
            vault.accounts().iter().map(|account| (names(account), account)).collect();
        let mut looks: HashMap<String, Owner> = HashMap::new();
        for (index, account) in vault.accounts().iter().enumerate() {
            looks.insert(look(names(account)), Owner::Account(index));
        }
        let mut rows: Vec<Row> = Vec::with_capacity(entries.len());
        let mut seen: HashSet<Fingerprint> = HashSet::new();
        let mut several_groups = 0;
        for mut entry in entries {
            if entry.issuer.is_empty() && entry.account.is_empty() {
                NAMELESS.clone_into(&mut entry.account);
            }
            several_groups += usize::from(entry.groups.len() > 1);
            let codes = fingerprint(&entry.otp);
            let name = (entry.issuer.as_str(), entry.account.as_str());
            let state = match (by_codes.get(&codes), by_name.get(&name)) {
                _ if !seen.insert(codes) => State::Twice,
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
mod tests {
    use super::*;
    use crate::otp::{Digits, Secret};
    use crate::vault::DeviceId;
    use uuid::Uuid;

    const AT: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn totp(seed: u8) -> Otp {
        Otp::totp(Secret::from_bytes(&[seed; 20]).unwrap())
    }

    fn vault(rows: &[(&str, &str, Otp)]) -> Vault {
        let mut vault = Vault::new(Uuid::nil());
        for (index, (issuer, user, otp)) in rows.iter().enumerate() {
            let id = AccountId::new(AT, [u8::try_from(index).unwrap(); 10]);
            let account = Account::new(id, issuer, user, otp.clone(), AT);
            vault.apply(&Change::Add(Box::new(account)), AT, DeviceId(1)).unwrap();
        }
        vault
    }

    fn plan(entries: Vec<Entry>, vault: &Vault) -> Plan {
        Plan::new(Imported { entries, ..Imported::default() }, vault)
    }

    fn states(plan: &Plan) -> Vec<&'static str> {
        let word = |row: &Row| match row.state {
            State::New => "new",
            State::OtherSecret(_) => "other",
            State::Renamed(_) => "renamed",
            State::Same(_) => "same",
            State::Settings(_) => "settings",
            State::Twice => "twice",
        };
        plan.rows.iter().map(word).collect()
    }

    #[test]
    fn accounts_are_known_by_their_codes() {
        let vault =
            vault(&[("GitHub", "alice", totp(1)), ("Nextcloud", "alice", totp(2)), ("X", "", totp(3))]);
        let seven = Otp { digits: Digits::new(7).unwrap(), ..totp(3) };
        let plan = plan(
            vec![
                Entry::new("GitHub", "alice", totp(1)),
                Entry::new("github.com", "alice", totp(1)),
                Entry::new("GitHub Inc", "alice", totp(1)),
                Entry::new("Nextcloud", "alice", totp(9)),
                Entry::new("X", "", seven),
                Entry::new("New", "", totp(8)),
                Entry::new("Counter", "", Otp::hotp(totp(8).secret, 0)),
            ],
            &vault,
        );
        assert_eq!(states(&plan), ["same", "twice", "twice", "other", "settings", "new", "new"]);
        let tally = plan.tally();
        assert_eq!((tally.read, tally.new, tally.same, tally.differ, tally.chosen), (7, 2, 3, 2, 2));
    }

    #[test]
    fn what_is_chosen_is_taken_and_nothing_else() {
        let mut vault = vault(&[("GitHub", "alice", totp(1))]);
        let mut plan = plan(
            vec![
                Entry::new("github.com", "alice", totp(1)),
                Entry {
                    note: "n".to_owned(),
                    pinned: true,
                    ..Entry::new("", "", totp(5)).in_group("Work").in_group("Home")
                },
            ],
            &vault,
        );
        assert_eq!(states(&plan), ["renamed", "new"]);
        assert_eq!(plan.notes, ["1 entry is in several groups; the first is kept"]);
        assert_eq!(plan.changes(AT, || [7; 10]).len(), 1);
        plan.rows[0].chosen = true;
        for change in plan.changes(AT, || [7; 10]) {
            vault.apply(&change, AT, DeviceId(1)).unwrap();
        }
        let accounts = vault.accounts();
        assert_eq!(accounts[0].issuer, "github.com");
        assert_eq!((accounts[1].name(), accounts[1].group.as_str()), (NAMELESS, "Work"));
        assert!(accounts[1].pinned && accounts[1].note == "n");
    }

    #[test]
    fn a_counter_that_moved_on_is_the_same_account() {
        let secret = Secret::from_bytes(&[1; 20]).unwrap();
        let vault = vault(&[("A", "", Otp::hotp(secret.clone(), 9))]);
        assert_eq!(states(&plan(vec![Entry::new("A", "", Otp::hotp(secret, 4))], &vault)), ["same"]);
    }

    #[test]
    fn letters_of_ascii_look_one_by_one_as_they_do_together() {
        let mut all = String::new();
        for one in 0..128_u8 {
            for other in 0..128_u8 {
                let text = String::from_utf8(vec![one, other]).unwrap();
                let (mut seen, lower) = (String::new(), text.to_ascii_lowercase());
                see(&text, &mut seen);
                assert_eq!(seen, skeleton(&lower).collect::<String>(), "{text:?}");
                all.push_str(&lower);
            }
        }
        let mut seen = String::new();
        see(&all, &mut seen);
        assert_eq!(seen, skeleton(&all).collect::<String>());
    }

    #[test]
    fn names_that_only_look_the_same_are_told() {
        let vault = vault(&[("GitHub", "alice", totp(1))]);
        let entries = vec![
            Entry::new("Gi\u{200b}tHub", "alice", totp(2)),
            Entry::new("GitHuЬ", "alice", totp(3)),
            Entry::new("GitHub", "bob", totp(4)),
        ];
        let plan = plan(entries, &vault);
        assert_eq!(plan.rows[0].lookalike.as_deref(), Some("GitHub (alice)"));
        assert_eq!(plan.rows[2].lookalike, None);
    }
}
