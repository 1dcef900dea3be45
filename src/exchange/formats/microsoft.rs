//! Microsoft Authenticator for Android: its database, `databases/PhoneFactor` of a rooted phone.
//!
//! Accounts of other services are in base32 with six digits; those of Microsoft itself in Base64 with eight. Work
//! accounts are approved by a message and have no code.

use crate::exchange::encodings::json::base64;
use crate::exchange::encodings::sqlite::{self, Database, Row};
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Assumed, Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// The kind of account that another service gave out.
const OTHERS: u64 = 0;

/// The kind of account that is a private one at Microsoft.
const PRIVATE: u64 = 1;

pub(super) struct Microsoft;

impl Importer for Microsoft {
    fn name(&self) -> &'static str {
        "microsoft"
    }

    fn title(&self) -> &'static str {
        "Microsoft Authenticator (database)"
    }

    fn source(&self) -> &'static str {
        "databases/PhoneFactor of com.azure.authenticator on a rooted phone"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        sqlite::has(file, &["accounts", "oath_secret_key"]).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let database = Database::open(file.bytes())?;
        let table = database.table("accounts")?.filter(|table| table.has(&["oath_secret_key"]));
        let table =
            table.ok_or_else(|| ImportError::Damaged("the table `accounts` is missing".to_owned()))?;
        let mut imported = Imported::default();
        let mut without = 0;
        for (index, row) in table.rows().enumerate() {
            let (place, name) =
                (format!("entry {}", index + 1), format!("{} {}", row.words("name"), row.words("username")));
            match read_row(&row).transpose() {
                Some(entry) => imported.take(place, &name, entry),
                None => without += 1,
            }
        }
        imported.count(
            without,
            "account has no codes, only approval by a message",
            "accounts have no codes, only approval by a message",
        );
        sqlite::note_journal(&database, &mut imported);
        Ok(imported.assuming(&[Assumed::Algorithm, Assumed::Digits, Assumed::Period]))
    }
}

fn read_row(row: &Row<'_>) -> Result<Option<Entry>, Problem> {
    let key = row.text("oath_secret_key")?;
    let parts = match row.number("account_type")?.unwrap_or(OTHERS) {
        OTHERS => Parts::of(base32(&key)?),
        PRIVATE => {
            let bytes = base64(&key).ok_or(Problem::Field("oath_secret_key", "Base64"))?;
            Parts { digits: Some(8), ..Parts::of(Secret::from_bytes(&bytes)?) }
        }
        _ => return Ok(None),
    };
    Ok(Some(Entry::new(&row.words("name"), &row.words("username"), parts.otp()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsofts_own_accounts_have_eight_digits_and_work_accounts_no_code() {
        let bytes = sqlite::made(
            "CREATE TABLE accounts (account_type INTEGER, name TEXT, username TEXT, oath_secret_key TEXT);
            INSERT INTO accounts VALUES (0, 'Deno', 'Mason', 'mfrgg'), (1, 'Microsoft', 'x@example.com', 'YWJj'),
            (2, 'Work', 'y', ''), (1, 'Bad', 'z', '*'), (0, 'Empty', 'z', NULL);",
        );
        let file = File::new(&bytes).unwrap();
        assert_eq!(Microsoft.recognizes(&file), Likeness::Yes);
        let imported = Microsoft.read(&file, None).unwrap();
        let found: Vec<_> = imported
            .entries
            .iter()
            .map(|entry| (entry.issuer.as_str(), entry.otp.digits.get(), entry.otp.secret.bytes()))
            .collect();
        assert_eq!(found, [("Deno", 6, b"abc".as_slice()), ("Microsoft", 8, b"abc")]);
        assert_eq!((imported.refused.len(), imported.notes.len()), (2, 1));
    }
}
