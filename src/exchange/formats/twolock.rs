//! twolock's own export: an age file around JSON in which every account is a link and what links do not hold.
//!
//! The JSON is made so that it is of use without twolock: `age -d FILE` shows links that every app takes. Read are
//! also the bare JSON, and the text that `age -d` makes of a vault file.

use std::fmt::Write;

use zeroize::Zeroizing;

use super::otpauth::misfit;
use crate::exchange::encodings::json::{Object, Value, quoted};
use crate::exchange::progress::{self, Step};
use crate::exchange::{
    Entry, Exporter, File, Fit, ImportError, Imported, Importer, Likeness, Problem, Protection, Random,
};
use crate::otp::{Link, Timestamp};
use crate::vault::{Account, Passphrase, SealError, Vault, WorkFactor, open_with, seal_for, seal_with};

/// The version that is written, and the newest that is read.
const VERSION: u64 = 1;

/// How age files begin.
const AGE: &[u8] = b"age-encryption.org/v1";

/// How the text of a vault begins.
const VAULT: &str = "(\n    format: ";

/// The highest work factor that is opened: one gigabyte of memory. Fuzzing has no time for that.
const MOST_WORK: u8 = if cfg!(fuzzing) { 10 } else { 20 };

pub(super) struct Twolock;

impl Importer for Twolock {
    fn name(&self) -> &'static str {
        "twolock"
    }

    fn title(&self) -> &'static str {
        "twolock"
    }

    fn source(&self) -> &'static str {
        "in twolock: `twolock export --to FILE`, or X in the list"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let json = || file.is_object_with(&["twolock", "accounts"]);
        let vault = || file.text().is_some_and(|text| text.starts_with(VAULT));
        (file.begins(AGE) || json() || vault()).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if !file.begins(AGE) {
            return read_text(file.promised_text()?);
        }
        let passphrase = Passphrase::new(Zeroizing::new(password.unwrap_or_default().to_owned()));
        let header = String::from_utf8_lossy(&file.bytes()[..file.bytes().len().min(256)]);
        if header.contains("-> scrypt ") && password.is_none() {
            return Err(ImportError::PasswordNeeded);
        }
        progress::tell(Step::Opening);
        let plain = open_with(file.bytes(), &passphrase, MOST_WORK).map_err(|error| match error {
            SealError::Foreign => ImportError::KeyNeeded,
            SealError::WorkFactor(_) => {
                ImportError::Costly { asked: "more than 1 GiB of memory".to_owned(), limit: "1 GiB" }
            }
            SealError::WrongPassphrase => ImportError::WrongPassword,
            other => ImportError::Damaged(other.to_string()),
        })?;
        let text =
            std::str::from_utf8(&plain).map_err(|_| ImportError::Damaged("it is no text".to_owned()))?;
        read_text(text)
    }
}

fn read_text(text: &str) -> Result<Imported, ImportError> {
    if text.starts_with(VAULT) {
        let vault = Vault::from_text(text)
            .ok_or_else(|| ImportError::Damaged("its text breaks off or is not understood".to_owned()))?;
        let entries = vault.accounts().iter().map(entry).collect();
        return Ok(Imported { entries, ..Imported::default() });
    }
    let document = Object::read(text)?;
    match document.header_number("twolock")? {
        VERSION => {}
        newer => return Err(ImportError::Newer(newer)),
    }
    let mut imported = Imported::default();
    for (index, row) in document.promised("accounts")?.into_iter().enumerate() {
        let row = row.object();
        let name = row.as_ref().map(|row| format!("{} {}", row.words("issuer"), row.words("account")));
        let entry = row.ok_or(Problem::Field("accounts", "a list of objects")).and_then(|row| read_row(&row));
        imported.take(format!("account {}", index + 1), &name.unwrap_or_default(), entry);
    }
    Ok(imported)
}

fn read_row(row: &Object<'_>) -> Result<Entry, Problem> {
    let link = Link::read(&row.required("link")?)?;
    let mut entry =
        Entry::new(&row.words("issuer"), &row.words("account"), link.otp).in_group(&row.words("group"));
    entry.note = row.words("note");
    entry.pinned = row.flag("pinned");
    entry.uses = row.number("uses")?.unwrap_or(0);
    let added = row.get("added").and_then(Value::whole).and_then(|seconds| i64::try_from(seconds).ok());
    entry.added = added.map(Timestamp::from_seconds);
    Ok(entry)
}

/// Returns what an account is without its place in a vault.
fn entry(account: &Account) -> Entry {
    let mut entry =
        Entry::new(&account.issuer, &account.account, account.otp.clone()).in_group(&account.group);
    entry.note.clone_from(&account.note);
    entry.pinned = account.pinned;
    entry.uses = account.used.count;
    entry.added = Some(account.added);
    entry
}

impl Exporter for Twolock {
    fn name(&self) -> &'static str {
        "twolock"
    }

    fn title(&self) -> &'static str {
        "twolock, encrypted (.age)"
    }

    fn extension(&self) -> &'static str {
        "age"
    }

    fn protection(&self) -> Protection {
        Protection::Password
    }

    fn fits(&self, account: &Account) -> Fit {
        misfit(&account.otp).map_or(Fit::Whole, Fit::Not)
    }

    fn write(&self, accounts: &[&Account], password: Option<&str>, _: Random<'_>) -> Zeroizing<Vec<u8>> {
        let passphrase = Passphrase::new(Zeroizing::new(password.unwrap_or_default().to_owned()));
        Zeroizing::new(seal_with(&passphrase, WorkFactor::default(), &document(accounts)))
    }
}

/// Writes an export that age keys open (`age1…`) instead of a password. `None` if one of them is no such key.
pub fn write_for(accounts: &[&Account], recipients: &[String]) -> Option<Zeroizing<Vec<u8>>> {
    seal_for(recipients, &document(accounts)).map(Zeroizing::new)
}

/// Writes the JSON.
fn document(accounts: &[&Account]) -> Zeroizing<String> {
    let room = |account: &&Account| {
        let texts = account.issuer.len() + account.account.len() + account.group.len() + account.note.len();
        1024 + 12 * texts + 3 * account.otp.secret.bytes().len()
    };
    let mut text = Zeroizing::new(String::with_capacity(256 + accounts.iter().map(room).sum::<usize>()));
    write!(text, "{{\n\"twolock\": {VERSION},\n\"accounts\": [").expect(FITS);
    for (index, account) in accounts.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        row(&mut text, account).expect(FITS);
    }
    text.push_str("\n]\n}\n");
    text
}

const FITS: &str = "a string takes whatever is written to it";

fn row(text: &mut Zeroizing<String>, account: &Account) -> std::fmt::Result {
    let link = Link::write(&account.issuer, &account.account, &account.otp);
    write!(text, "  {{\"link\": {}", *quoted(&link))?;
    let words = [
        ("issuer", &account.issuer),
        ("account", &account.account),
        ("group", &account.group),
        ("note", &account.note),
    ];
    for (name, value) in words {
        if !value.is_empty() {
            write!(text, ", \"{name}\": {}", *quoted(value))?;
        }
    }
    if account.pinned {
        text.push_str(", \"pinned\": true");
    }
    if account.used.count > 0 {
        write!(text, ", \"uses\": {}", account.used.count)?;
    }
    write!(text, ", \"added\": {}}}", account.added.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Otp, Secret};
    use crate::vault::AccountId;

    fn account() -> Account {
        let at = Timestamp::from_seconds(1_700_000_000);
        let otp = Otp::totp(Secret::from_bytes(&[7; 20]).unwrap());
        let mut account = Account::new(AccountId::new(at, [1; 10]), "Git\"Hub", "alice", otp, at);
        account.note = "two\nlines".to_owned();
        account
    }

    fn read(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
        Twolock.read(&File::new(bytes).unwrap(), password)
    }

    #[test]
    fn the_json_inside_is_json_and_reads_without_age() {
        let text = document(&[&account(), &account()]);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["accounts"][1]["note"], "two\nlines");
        let read = read(text.as_bytes(), None).unwrap();
        assert_eq!(read.entries, [entry(&account()), entry(&account())]);
    }

    #[test]
    fn what_is_sealed_for_keys_says_how_to_open_it() {
        let key = age::x25519::Identity::generate().to_public().to_string();
        let sealed = write_for(&[&account()], std::slice::from_ref(&key)).unwrap();
        assert_eq!(read(&sealed, None), Err(ImportError::KeyNeeded));
        assert!(write_for(&[&account()], &["nobody".to_owned()]).is_none());
    }

    #[test]
    fn a_newer_version_is_refused() {
        let text = r#"{"twolock": 2, "accounts": []}"#;
        assert_eq!(read(text.as_bytes(), None), Err(ImportError::Newer(2)));
        assert_eq!(
            read(b"{\"twolock\": null, \"accounts\": []}", None),
            Err(crate::exchange::encodings::json::garbled("twolock"))
        );
    }
}
