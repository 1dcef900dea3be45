//! Authenticator Plus for Android: the zip archive of its export, encrypted with `WinZip`'s AES, and its database.
//!
//! `Accounts.txt` in the archive has one link a line. The database, `authplus.db`, is of `SQLCipher` and has no mark
//! at all; that it opens with the password is what tells. Such a database of Stratum is read here too, for nothing
//! else could know it, and what is no such database may still be a file of andOTP.

use super::andotp::Andotp;
use super::stratum_sqlite;
use super::winauth::read_text;
use crate::exchange::encodings::archive::Archive;
use crate::exchange::encodings::sqlcipher;
use crate::exchange::encodings::sqlite::{Database, Row};
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Assumed, Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// What the app calls the category of those that are in none.
const NO_CATEGORY: &str = "All Accounts";

/// What is another file's although it is noise from its first pages on.
const OTHERS: [&[u8]; 5] = [b"SQLite", b"PK", b"\x89PNG", b"bplist", b"\xac\xed"];

pub(super) struct AuthenticatorPlus;

impl Importer for AuthenticatorPlus {
    fn name(&self) -> &'static str {
        "authenticator_plus"
    }

    fn title(&self) -> &'static str {
        "Authenticator Plus"
    }

    fn source(&self) -> &'static str {
        "in Authenticator Plus: Settings, Backup & Restore, Export as Text and HTML (a .zip file); or its backup \
         `authplus.db`"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        if file.members().iter().any(|name| is_accounts(name)) {
            return Likeness::Yes;
        }
        let is_noise = file.text().is_none()
            && !OTHERS.iter().any(|magic| file.begins(magic))
            && sqlcipher::could_be(file.bytes());
        if is_noise { Likeness::Perhaps } else { Likeness::No }
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if file.begins(b"PK") {
            let bytes = Archive::open(file.bytes())?.read(is_accounts, password)?;
            return Ok(read_text(File::new(&bytes)?.promised_text()?));
        }
        let password = password.ok_or(ImportError::PasswordNeeded)?;
        let bytes = match sqlcipher::open(file.bytes(), password) {
            // Noise may have the length of whole pages by chance.
            Err(ImportError::WrongPassword) => return Andotp.read(file, Some(password)),
            opened => opened?,
        };
        let database = Database::open(&bytes)?;
        if let Some(imported) = stratum_sqlite::read_database(&database)? {
            return Ok(imported);
        }
        read_database(&database)
    }
}

fn is_accounts(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|end| end.eq_ignore_ascii_case("accounts.txt"))
}

fn read_database(database: &Database) -> Result<Imported, ImportError> {
    let table = database.table("accounts")?.filter(|table| table.has(&["email", "secret", "type"]));
    let table =
        table.ok_or_else(|| ImportError::Damaged("it is a database, but of another program".to_owned()))?;
    let mut imported = Imported::default().assuming(&[Assumed::Algorithm, Assumed::Digits, Assumed::Period]);
    for (number, row) in (1..).zip(table.rows()) {
        let (issuer, account) = names(&row);
        let entry = read_row(&row, &issuer, &account);
        imported.take(format!("entry {number}"), &format!("{issuer} {account}"), entry);
    }
    Ok(imported)
}

/// Returns issuer and account. Where the app was never told an issuer, it may stand in front of the first name.
fn names(row: &Row<'_>) -> (String, String) {
    let (issuer, account) = (row.words("issuer"), row.words("email"));
    let original = row.words("original_name");
    match original.split_once(':') {
        Some((first, _)) if issuer.trim().is_empty() => (first.to_owned(), account),
        _ => (issuer, account),
    }
}

fn read_row(row: &Row<'_>, issuer: &str, account: &str) -> Result<Entry, Problem> {
    let written = row.text("secret")?;
    if written.trim().is_empty() {
        return Err(Problem::Missing("secret"));
    }
    let kind = row.number("type")?.unwrap_or(0);
    // The third kind is Blizzard's, whose keys it keeps in hexadecimal.
    let secret = if kind == 2 { Secret::from_hex(&written)? } else { base32(&written)? };
    let parts = Parts {
        kind: match kind {
            0 | 2 => "totp",
            1 => "hotp",
            other => return Err(Problem::Kind(other.to_string())),
        },
        digits: (kind == 2).then_some(8),
        counter: row.number("counter")?,
        ..Parts::of(secret)
    };
    let issuer = if kind == 2 && issuer.trim().is_empty() { "Blizzard" } else { issuer };
    let category = row.words("category");
    let category = if category == NO_CATEGORY { "" } else { category.as_str() };
    Ok(Entry::new(issuer, account, parts.otp()?).in_group(category))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::encodings::archive::tests::packed;
    use crate::exchange::encodings::sqlite::made;
    use crate::otp::Kind;

    #[test]
    fn an_archive_is_known_by_its_file() {
        let bytes =
            packed(&[("Accounts.html", b"x"), ("Accounts.txt", b"otpauth://totp/a?secret=MFRGG\n")], None);
        let file = File::new(&bytes).unwrap();
        assert_eq!(AuthenticatorPlus.recognizes(&file), Likeness::Yes);
        assert_eq!(AuthenticatorPlus.read(&file, None).unwrap().entries.len(), 1);
    }

    #[test]
    fn rows_are_read_one_by_one() {
        let bytes = made(
            "CREATE TABLE accounts (email TEXT, secret TEXT, counter INTEGER, type INTEGER, issuer TEXT, original_name TEXT, category TEXT);
             INSERT INTO accounts VALUES ('a', 'MFRGG', 0, 0, 'A', 'A:a', 'Work'), ('b', 'mfrg g', 7, 1, NULL, 'B:x', 'All Accounts'),
             ('c', '616263', 0, 2, NULL, NULL, NULL), ('d', '1', 0, 0, 'D', NULL, NULL), ('e', '', 0, 0, 'E', NULL, NULL), ('f', 'MFRGG', 0, 9, 'F', NULL, NULL)",
        );
        let imported = read_database(&Database::open(&bytes).unwrap()).unwrap();
        let found: Vec<(&str, &str, u8)> = imported
            .entries
            .iter()
            .map(|entry| (entry.issuer.as_str(), entry.account.as_str(), entry.otp.digits.get()))
            .collect();
        assert_eq!(found, [("A", "a", 6), ("B", "b", 6), ("Blizzard", "c", 8)]);
        assert_eq!(imported.entries[0].groups, ["Work"]);
        assert!(imported.entries[1].groups.is_empty());
        assert_eq!(imported.entries[1].otp.kind, Kind::Hotp { counter: 7 });
        assert_eq!((imported.refused.len(), imported.assumed.len()), (3, 3));
    }
}
