//! Google Authenticator for Android: its database, `databases/databases` of a rooted phone.
//!
//! Digits, period and algorithm are not in it. Newer versions seal the secrets with a key that never leaves the
//! phone (`isencrypted`); those can only be transferred by the app's own QR codes.

use crate::exchange::encodings::sqlite::{self, Database, Row};
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Assumed, Entry, File, ImportError, Imported, Importer, Likeness, Problem};

pub(super) struct GoogleSqlite;

impl Importer for GoogleSqlite {
    fn name(&self) -> &'static str {
        "google_sqlite"
    }

    fn title(&self) -> &'static str {
        "Google Authenticator (database)"
    }

    fn source(&self) -> &'static str {
        "databases/databases of com.google.android.apps.authenticator2 on a rooted phone; without root use the app's \
         Transfer accounts"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let ours = sqlite::has(file, &["accounts", "email", "secret", "counter"]);
        (ours && !sqlite::has(file, &["oath_secret_key"])).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let database = Database::open(file.bytes())?;
        let table = database.table("accounts")?.filter(|table| table.has(&["email", "secret"]));
        let table =
            table.ok_or_else(|| ImportError::Damaged("the table `accounts` is missing".to_owned()))?;
        let mut imported = Imported::default();
        for (index, row) in table.rows().enumerate() {
            let place = format!("entry {}", index + 1);
            imported.take(place, &format!("{} {}", row.words("issuer"), row.words("email")), read_row(&row));
        }
        sqlite::note_journal(&database, &mut imported);
        Ok(imported.assuming(&[Assumed::Algorithm, Assumed::Digits, Assumed::Period]))
    }
}

fn read_row(row: &Row<'_>) -> Result<Entry, Problem> {
    if row.number("isencrypted")?.is_some_and(|sealed| sealed != 0) {
        return Err(Problem::Locked(
            "it is sealed with a key that never leaves the phone; use Transfer accounts in the app",
        ));
    }
    let kind = match row.number("type")? {
        None | Some(0) => "totp",
        Some(1) => "hotp",
        Some(other) => return Err(Problem::Kind(other.to_string())),
    };
    let parts = Parts { kind, counter: row.number("counter")?, ..Parts::of(base32(&row.text("secret")?)?) };
    let (issuer, email) = (row.words("issuer"), row.words("email"));
    let (issuer, account) = match email.split_once(':') {
        Some((prefix, account)) if issuer.trim().is_empty() => (prefix, account),
        Some((prefix, account)) if prefix.trim() == issuer.trim() => (prefix, account),
        _ => (issuer.as_str(), email.as_str()),
    };
    Ok(Entry::new(issuer, account, parts.otp()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::Kind;

    const COLUMNS: &str = "CREATE TABLE accounts (_id INTEGER PRIMARY KEY, email TEXT, secret TEXT, counter INTEGER, \
                           type INTEGER, issuer TEXT, isencrypted INTEGER);";

    fn read(rows: &str) -> Imported {
        let statements = format!(
            "{COLUMNS} INSERT INTO accounts(email, secret, counter, type, issuer, isencrypted) VALUES {rows};"
        );
        let bytes = sqlite::made(&statements);
        let file = File::new(&bytes).unwrap();
        assert_eq!(GoogleSqlite.recognizes(&file), Likeness::Yes);
        GoogleSqlite.read(&file, None).unwrap()
    }

    #[test]
    fn names_are_split_where_the_prefix_is_the_issuer() {
        let imported = read(
            "('A:b', 'MFRGG===', 0, 0, NULL, 0), ('A:b', 'mfrgg', 3, 1, 'A', NULL), ('x:b', 'MFRGG', 0, 0, 'A', 0)",
        );
        let names: Vec<_> =
            imported.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect();
        assert_eq!(names, [("A", "b"), ("A", "b"), ("A", "x:b")]);
        assert_eq!(imported.entries[1].otp.kind, Kind::Hotp { counter: 3 });
        assert_eq!(imported.assumed.len(), 3);
    }

    #[test]
    fn what_the_phone_sealed_costs_no_other() {
        let imported = read(
            "('a', 'c2VhbGVk', 0, 0, NULL, 1), ('b', 'MFRGG', 0, 0, NULL, 0), ('c', '', 0, 0, NULL, 0), ('d', 'MFRGG', -1, 1, NULL, 0), ('e', 'MFRGG', 0, 7, NULL, 0)",
        );
        assert_eq!(imported.entries.len(), 1);
        let places: Vec<_> = imported.refused.iter().map(|refused| refused.place.as_str()).collect();
        assert_eq!(places, ["entry 1", "entry 3", "entry 4", "entry 5"]);
        assert!(matches!(imported.refused[0].problem, Problem::Locked(_)));
    }
}
