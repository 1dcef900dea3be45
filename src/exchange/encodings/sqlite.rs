//! Databases of phones: `SQLite` files, read in memory, whoever wrote them.
//!
//! The bytes are copied into a database that lives in memory, so no file is opened, no journal is looked for and
//! nothing is written. Views, triggers and tables that are made by code are not touched: a table is read only if it
//! is a plain one, and only so many rows and for so many steps. What `SQLite` itself holds is not wiped; it is freed.

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB};
use std::io::Read;
use zeroize::Zeroizing;

use crate::exchange::entry::{ImportError, Imported, Problem};
use crate::exchange::file::File;

/// What every such file begins with.
pub(in crate::exchange) const MAGIC: &[u8] = b"SQLite format 3\0";

/// The most rows that are read of a table.
const MOST_ROWS: usize = 100_000;

/// The most bytes that are read of a table.
const MOST_TEXT: usize = 64 << 20;

/// The longest value, row or statement, in bytes.
const LONGEST: i32 = 4 << 20;

/// After so many instructions of its machine `SQLite` asks whether to go on.
const STEPS: i32 = 10_000;

/// So often it may ask: about a second.
const MOST_QUESTIONS: u32 = 10_000;

/// Says whether a file is such a database, and has all these words in it: the names of tables and columns stand in
/// it in clear.
pub(in crate::exchange) fn has(file: &File<'_>, words: &[&str]) -> bool {
    file.begins(MAGIC) && words.iter().all(|word| file.contains(word.as_bytes()))
}

/// A database in memory.
pub(in crate::exchange) struct Database {
    connection: Connection,
    /// Says whether what was added last may stand in a second file.
    pub(in crate::exchange) has_journal: bool,
}

/// One value.
#[derive(Debug, Eq, PartialEq)]
pub(in crate::exchange) enum Cell {
    /// NULL, or a number that is not whole.
    Nothing,
    Number(i64),
    Text(Zeroizing<String>),
    Bytes(Zeroizing<Vec<u8>>),
}

/// The rows of a table.
pub(in crate::exchange) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// A row, with the names of its values.
pub(in crate::exchange) struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Cell],
}

impl Database {
    /// Takes the bytes of a file.
    pub(in crate::exchange) fn open(bytes: &[u8]) -> Result<Self, ImportError> {
        let versions = bytes.get(18..20).filter(|_| bytes.starts_with(MAGIC)).ok_or_else(garbled)?;
        // A database in memory has no journal; with these two bytes it would ask for one and refuse.
        let has_journal = versions.contains(&2);
        let (head, tail) = (bytes.get(..18).unwrap_or_default(), bytes.get(20..).unwrap_or_default());
        let patched = head.chain(&[1, 1][..]).chain(tail);
        let connection = connect(patched, bytes.len()).map_err(|_| garbled())?;
        Ok(Self { connection, has_journal })
    }

    /// Reads a table; its name is not out of a file. There may be none of that name.
    pub(in crate::exchange) fn table(&self, name: &'static str) -> Result<Option<Table>, ImportError> {
        if !self.is_plain(name).map_err(|_| garbled())? {
            return Ok(None);
        }
        self.rows(name).map(Some)
    }

    /// Says whether there is a table of that name that is stored, and not made by a view or a module.
    fn is_plain(&self, name: &str) -> rusqlite::Result<bool> {
        let mut query = self.connection.prepare(
            "SELECT count(*), max(sql) FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?1) AND rootpage > 0",
        )?;
        query.query_row([name], |row| {
            // The names of columns come from here, and rusqlite panics where one is no UTF-8.
            let is_text =
                row.get_ref(1)?.as_bytes_or_null()?.is_none_or(|sql| std::str::from_utf8(sql).is_ok());
            Ok(row.get::<_, i64>(0)? == 1 && is_text)
        })
    }

    fn rows(&self, name: &str) -> Result<Table, ImportError> {
        let mut query =
            self.connection.prepare(&format!("SELECT * FROM main.\"{name}\"")).map_err(|_| garbled())?;
        let columns: Vec<String> = query.column_names().map(str::to_ascii_lowercase).collect();
        let (mut found, mut total) = (Vec::new(), 0);
        let mut rows = query.query([]).map_err(|_| garbled())?;
        while let Some(row) = rows.next().map_err(|_| garbled())? {
            if found.len() >= MOST_ROWS {
                return Err(ImportError::TooLarge("more than 100,000 rows"));
            }
            let mut cells = Vec::with_capacity(columns.len());
            for index in 0..columns.len() {
                let cell = cell(row.get_ref(index).map_err(|_| garbled())?);
                total += cell.size();
                if total > MOST_TEXT {
                    return Err(ImportError::TooLarge("more than 64 MiB in its rows"));
                }
                cells.push(cell);
            }
            found.push(cells);
        }
        Ok(Table { columns, rows: found })
    }
}

fn connect(bytes: impl Read, length: usize) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
    ] {
        connection.set_db_config(config, on)?;
    }
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, LONGEST),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_COLUMN, 200),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 20),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 4),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
    ] {
        connection.set_limit(limit, most)?;
    }
    connection.deserialize_read_exact(MAIN_DB, bytes, length, true)?;
    let mut questions = 0_u32;
    connection.progress_handler(
        STEPS,
        Some(move || {
            questions = questions.saturating_add(1);
            questions > MOST_QUESTIONS
        }),
    )?;
    connection.execute_batch("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")?;
    Ok(connection)
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null | ValueRef::Real(_) => Cell::Nothing,
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Cell::Text(Zeroizing::new(text.to_owned())),
            Err(_) => Cell::Bytes(Zeroizing::new(bytes.to_vec())),
        },
        ValueRef::Blob(bytes) => Cell::Bytes(Zeroizing::new(bytes.to_vec())),
    }
}

impl Cell {
    fn size(&self) -> usize {
        match self {
            Self::Nothing | Self::Number(_) => 32,
            Self::Text(text) => text.len() + 32,
            Self::Bytes(bytes) => bytes.len() + 32,
        }
    }
}

impl Table {
    /// Says whether it has all these columns.
    pub(in crate::exchange) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.columns.iter().any(|column| column.eq_ignore_ascii_case(name)))
    }

    /// Returns its rows.
    pub(in crate::exchange) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { columns: &self.columns, cells })
    }
}

impl<'a> Row<'a> {
    /// Returns a value; nothing where there is no such column.
    fn cell(&self, name: &str) -> &'a Cell {
        let index = self.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        index.and_then(|index| self.cells.get(index)).unwrap_or(&Cell::Nothing)
    }

    /// Returns a text, empty where there is none.
    pub(in crate::exchange) fn text(&self, name: &'static str) -> Result<Zeroizing<String>, Problem> {
        match self.cell(name) {
            Cell::Nothing => Ok(Zeroizing::default()),
            Cell::Number(number) => Ok(Zeroizing::new(number.to_string())),
            Cell::Text(text) => Ok(text.clone()),
            Cell::Bytes(_) => Err(Problem::Field(name, "a text")),
        }
    }

    /// Returns a text for a name or a note: whatever is wrong with it costs no entry.
    pub(in crate::exchange) fn words(&self, name: &'static str) -> String {
        self.text(name).map(|text| String::clone(&text)).unwrap_or_default()
    }

    /// Returns a number from 0 upwards, if there is one.
    pub(in crate::exchange) fn number(&self, name: &'static str) -> Result<Option<u64>, Problem> {
        let wrong = Problem::Field(name, "a number from 0 upwards");
        match self.cell(name) {
            Cell::Nothing => Ok(None),
            Cell::Number(number) => u64::try_from(*number).map(Some).map_err(|_| wrong),
            Cell::Text(text) if text.trim().is_empty() => Ok(None),
            Cell::Text(text) => text.trim().parse().map(Some).map_err(|_| wrong),
            Cell::Bytes(_) => Err(wrong),
        }
    }
}

/// Tells the user where accounts may be missing from, if they may.
pub(in crate::exchange) fn note_journal(database: &Database, imported: &mut Imported) {
    if database.has_journal {
        imported.notes.push(
            "this database keeps its latest changes in a second file, -wal; if accounts are missing, close the app \
             before copying"
                .to_owned(),
        );
    }
}

fn garbled() -> ImportError {
    ImportError::Damaged("its database cannot be read".to_owned())
}

/// Makes a database for a test and returns its bytes.
#[cfg(test)]
pub(in crate::exchange) fn made(statements: &str) -> Vec<u8> {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(statements).unwrap();
    connection.serialize(MAIN_DB).unwrap().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: &[u8]) -> Result<Option<Table>, ImportError> {
        Database::open(bytes)?.table("accounts")
    }

    #[test]
    fn values_are_read_by_their_columns() {
        let bytes = made(
            "CREATE TABLE Accounts (Name TEXT, n INTEGER, b BLOB, r REAL); INSERT INTO accounts VALUES ('ä', 7, x'ff', 1.5), (NULL, '8', 'x', -1);",
        );
        let table = table(&bytes).unwrap().unwrap();
        assert!(table.has(&["name", "N"]) && !table.has(&["x"]));
        let rows: Vec<Row<'_>> = table.rows().collect();
        assert_eq!((rows[0].words("name").as_str(), rows[0].number("n")), ("ä", Ok(Some(7))));
        assert_eq!((rows[0].words("b").as_str(), rows[0].number("r")), ("", Ok(None)));
        assert_eq!((rows[1].words("name").as_str(), rows[1].number("n")), ("", Ok(Some(8))));
        assert!(rows[1].number("b").is_err() && rows[0].text("b").is_err() && rows[1].number("x").is_ok());
    }

    #[test]
    fn a_database_in_the_journal_mode_of_phones_is_read() {
        let mut bytes = made("CREATE TABLE accounts (a); INSERT INTO accounts VALUES (1);");
        assert!(!Database::open(&bytes).unwrap().has_journal);
        bytes[18] = 2;
        bytes[19] = 2;
        let database = Database::open(&bytes).unwrap();
        assert!(database.has_journal);
        assert_eq!(database.table("accounts").unwrap().unwrap().rows().count(), 1);
        assert!(database.table("others").unwrap().is_none());
    }

    #[test]
    fn what_is_no_stored_table_is_not_read() {
        let endless = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r";
        let bytes = made(&format!("CREATE VIEW accounts AS {endless};"));
        assert!(table(&bytes).unwrap().is_none());
    }

    #[test]
    fn columns_whose_names_are_no_text_are_not_read() {
        let mut bytes = made("CREATE TABLE accounts (email TEXT, odd TEXT);");
        let at = memchr::memmem::find(&bytes, b"odd").unwrap();
        bytes[at] = 0xff;
        assert!(table(&bytes).is_ok_and(|table| table.is_none()));
    }

    #[test]
    fn columns_that_are_computed_have_a_bound() {
        let bytes = made(
            "CREATE TABLE accounts (a, b AS (zeroblob(1000000000))); INSERT INTO accounts (a) VALUES (1);",
        );
        assert!(table(&bytes).is_err());
    }

    #[test]
    fn rows_have_a_bound() {
        let bytes = made(
            "CREATE TABLE accounts (a); WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 100001) INSERT INTO accounts SELECT x FROM r;",
        );
        assert!(matches!(table(&bytes), Err(ImportError::TooLarge(_))));
    }

    #[test]
    fn damage_never_does_more_than_to_be_refused() {
        let bytes =
            made("CREATE TABLE accounts (a, b TEXT); INSERT INTO accounts VALUES (1, 'x'), (2, 'y');");
        for cut in [0, 10, 19, 20, 99, 100, 512, 4096, bytes.len() - 1] {
            drop(table(&bytes[..cut]));
        }
        for at in 0..400 {
            let mut damaged = bytes.clone();
            damaged[at * bytes.len() / 400] ^= 0xff;
            drop(table(&damaged));
        }
    }
}
