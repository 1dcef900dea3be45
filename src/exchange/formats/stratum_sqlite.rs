//! Stratum (Authenticator Pro) for Android: its own database of a rooted phone, as far as it is not encrypted.
//!
//! The columns are the fields of its backups. A category is tied to an account by the secret.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::exchange::encodings::sqlite::{self, Database, Row};
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// The kinds by their numbers, which count from 1.
const KINDS: [&str; 5] = ["hotp", "totp", "motp", "steam", "yandex"];

/// The hashes by their numbers.
const ALGORITHMS: [&str; 3] = ["SHA1", "SHA256", "SHA512"];

pub(super) struct StratumSqlite;

impl Importer for StratumSqlite {
    fn name(&self) -> &'static str {
        "stratum_sqlite"
    }

    fn title(&self) -> &'static str {
        "Stratum (database)"
    }

    fn source(&self) -> &'static str {
        "the database of com.stratumauth.app on a rooted phone; without root use the app's own backup"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        sqlite::has(file, &["authenticator", "username", "secret", "ranking"]).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        read_database(&Database::open(file.bytes())?)?
            .ok_or_else(|| ImportError::Damaged("the table `authenticator` is missing".to_owned()))
    }
}

/// Reads the database, if it is one of this app.
pub(super) fn read_database(database: &Database) -> Result<Option<Imported>, ImportError> {
    let table = database.table("authenticator")?.filter(|table| table.has(&["secret", "type"]));
    let Some(table) = table else { return Ok(None) };
    let groups = groups(database)?;
    let mut imported = Imported::default();
    for (index, row) in table.rows().enumerate() {
        let name = format!("{} {}", row.words("issuer"), row.words("username"));
        imported.take(format!("entry {}", index + 1), &name, read_row(&row, &groups));
    }
    sqlite::note_journal(database, &mut imported);
    Ok(Some(imported))
}

/// The names of the categories of each secret, by its hash.
type Groups = BTreeMap<[u8; 32], Vec<String>>;

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn groups(database: &Database) -> Result<Groups, ImportError> {
    let mut names = BTreeMap::new();
    for row in database.table("category")?.iter().flat_map(sqlite::Table::rows) {
        names.insert(row.words("id"), row.words("name"));
    }
    let mut groups = Groups::new();
    for row in database.table("authenticatorcategory")?.iter().flat_map(sqlite::Table::rows) {
        if let (Ok(secret), Some(name)) =
            (row.text("authenticatorSecret"), names.get(&row.words("categoryId")))
        {
            groups.entry(hash(&secret)).or_default().push(name.clone());
        }
    }
    Ok(groups)
}

fn read_row(row: &Row<'_>, groups: &Groups) -> Result<Entry, Problem> {
    let named = |names: &[&'static str], number: u64| {
        usize::try_from(number).ok().and_then(|index| names.get(index)).copied()
    };
    let kind = row.number("type")?.ok_or(Problem::Missing("type"))?;
    let kind =
        kind.checked_sub(1).and_then(|kind| named(&KINDS, kind)).ok_or(Problem::Kind(kind.to_string()))?;
    let algorithm = row.number("algorithm")?.unwrap_or(0);
    let algorithm = named(&ALGORITHMS, algorithm).ok_or(Problem::Algorithm(algorithm.to_string()))?;
    let written = row.text("secret")?;
    let secret = if kind == "motp" { Secret::from_hex(&written)? } else { base32(&written)? };
    let parts = Parts {
        kind,
        secret,
        algorithm,
        digits: row.number("digits")?,
        period: row.number("period")?,
        counter: row.number("counter")?,
        pin: &row.text("pin")?,
    };
    let mut entry = Entry::new(&row.words("issuer"), &row.words("username"), parts.otp()?);
    entry.uses = row.number("copyCount").ok().flatten().unwrap_or(0);
    for group in groups.get(&hash(&written)).into_iter().flatten() {
        entry = entry.in_group(group);
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::Kind;

    #[test]
    fn every_kind_is_read_with_its_categories() {
        let bytes = sqlite::made(
            "CREATE TABLE authenticator (type INTEGER, icon TEXT, issuer TEXT, username TEXT, secret TEXT PRIMARY KEY,
               pin TEXT, algorithm INTEGER, digits INTEGER, period INTEGER, counter INTEGER, copyCount INTEGER, ranking INTEGER);
            CREATE TABLE category (id TEXT, name TEXT, ranking INTEGER);
            CREATE TABLE authenticatorcategory (categoryId TEXT, authenticatorSecret TEXT, ranking INTEGER);
            INSERT INTO authenticator VALUES
              (2, NULL, 'Deno', 'Mason', 'MFRGG', NULL, 1, 8, 60, 0, 3, 0), (1, NULL, 'H', NULL, 'MFRGGZDF', NULL, 0, 6, 30, 9, 0, 0),
              (3, NULL, 'M', 'm', 'e3152afee62599c8', '1234', 0, 6, 10, 0, 0, 0), (4, NULL, 'Steam', 'g', 'MFRGH', NULL, 0, 5, 30, 0, 0, 0),
              (5, NULL, 'Y', 'y', 'MFRGGZDFMZTWQ2LKNNWG23TPOA', '5239', 2, 8, 30, 0, 0, 0), (9, NULL, 'X', 'x', 'A', NULL, 0, 6, 30, 0, 0, 0),
              (2, NULL, 'X', 'x', 'B', NULL, 7, 6, 30, 0, 0, 0), (2, NULL, 'X', 'x', '0189', NULL, 0, 6, 30, 0, 0, 0);
            INSERT INTO category VALUES ('c', 'Work', 0);
            INSERT INTO authenticatorcategory VALUES ('c', 'MFRGG', 0), ('gone', 'MFRGG', 0);",
        );
        let file = File::new(&bytes).unwrap();
        assert_eq!(StratumSqlite.recognizes(&file), Likeness::Yes);
        let imported = StratumSqlite.read(&file, None).unwrap();
        assert_eq!((imported.entries.len(), imported.refused.len()), (5, 3));
        let first = &imported.entries[0];
        assert_eq!((first.groups.as_slice(), first.uses), (["Work".to_owned()].as_slice(), 3));
        assert_eq!((first.otp.algorithm.name(), first.otp.digits.get()), ("SHA256", 8));
        assert_eq!(imported.entries[1].otp.kind, Kind::Hotp { counter: 9 });
        assert!(matches!(imported.entries[2].otp.kind, Kind::Motp { .. }));
        assert_eq!(imported.entries[3].otp.kind, Kind::Steam);
        assert!(matches!(imported.entries[4].otp.kind, Kind::Yandex { .. }));
    }
}
