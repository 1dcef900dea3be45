//! Tables of the password managers: Dashlane, Apple, `LastPass`, `KeePassXC`, 1Password, Proton Pass and the like.
//!
//! They agree on a header and on little else, so columns are found by what they are called. The column for codes
//! holds a link or nothing but the secret; lines without it are passwords alone. Password columns are never looked
//! at. Fields may be quoted and go over several lines, lines may be shorter or longer than the header.

use std::ops::ControlFlow;

use ::csv::StringRecord;

use crate::exchange::item::Item;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};

/// What the column for codes is called, in small letters and without anything between them.
const CODES: &[&str] = &[
    "totp",
    "logintotp",
    "otpauth",
    "otpurl",
    "otpsecret",
    "otp",
    "2fa",
    "onetimepassword",
    "otpuri",
    "totpsecret",
    "totpuri",
    "totpurl",
    "twofactorsecret",
    "2fasecret",
    "onetimepasswords",
    "authenticatorkey",
];

/// What the column for the service is called.
const TITLE: &[&str] = &["title", "name", "issuer"];

/// What the column for the user name is called. The first that is not empty counts.
const USER: &[&str] = &["username", "login_username", "account", "email", "login", "user"];

/// What the column for the group is called.
const GROUP: &[&str] = &["folder", "grouping", "group", "category", "collections"];

/// How the report begins that says what was no account: one, and many.
pub(super) const WITHOUT: [&str; 2] =
    ["item without codes was left out", "items without codes were left out"];

/// The longest first line that is looked at as a header.
const LONGEST_HEADER: usize = 4096;

/// The most fields of a line.
const MOST_FIELDS: usize = 100_000;

pub(super) struct Csv;

impl Importer for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn title(&self) -> &'static str {
        "CSV of a password manager"
    }

    fn source(&self) -> &'static str {
        "in Dashlane, Apple Passwords, LastPass, KeePassXC, 1Password or Proton Pass: export as CSV"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let own = |names: Vec<String>| {
            !has(&names, "login_totp")
                && names.iter().any(|name| is_codes(name))
                && TITLE.iter().chain(USER).any(|name| has(&names, name))
        };
        header(file).is_some_and(own).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        read(file.promised_text()?)
    }
}

/// Reads the lines that have something in their column for codes.
pub(super) fn read(text: &str) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    let mut without = 0;
    rows(text, Quotes::Yes, |row| {
        match row.codes() {
            Some(otp) => imported.take(row.place(), row.get(TITLE), entry(&row, otp)),
            None => without += 1,
        }
        unless(imported.is_full())
    })?;
    imported.count(without, WITHOUT[0], WITHOUT[1]);
    Ok(imported)
}

fn entry(row: &Row<'_>, otp: &str) -> Result<Entry, Problem> {
    let mut entry = Item { title: row.get(TITLE), user: row.get(USER), otp }.entry()?;
    entry.note = row.get(&["note", "notes", "extra"]).to_owned();
    let pinned = row.get(&["favorite", "fav", "favourite"]);
    entry.pinned = pinned == "1" || pinned.eq_ignore_ascii_case("true");
    let group = row.get(GROUP);
    // What KeePassXC calls the group that all the others are in.
    entry = entry.in_group(if group == "Root" { "" } else { group.strip_prefix("Root/").unwrap_or(group) });
    for tag in row.get(&["tags"]).split([';', ',']) {
        entry = entry.in_group(tag);
    }
    Ok(entry)
}

fn is_codes(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    CODES.contains(&letters.as_str())
}

/// Returns the names of the columns in small letters, if the first line could be a header.
pub(super) fn header(file: &File<'_>) -> Option<Vec<String>> {
    let first =
        file.head().filter(|_| !file.is_json())?.lines().next().filter(|line| line.len() < LONGEST_HEADER)?;
    let names: Vec<String> = first.split(separator(first)).map(column).collect();
    (names.len() > 1).then_some(names)
}

/// Says whether one of the names is this.
pub(super) fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name)
}

fn column(name: &str) -> String {
    name.trim_matches(['"', ' ', '\t', '\r']).to_lowercase()
}

/// Returns what separates the fields: a comma, unless there are more of another.
fn separator(header: &str) -> char {
    let count = |sign: &char| header.matches(*sign).count();
    ['\t', ';', ','].into_iter().max_by_key(count).unwrap_or(',')
}

/// Whether a quotation mark means anything.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Quotes {
    /// It stands around a field.
    Yes,
    /// It is a character like any other.
    No,
}

/// Goes on unless it is enough.
pub(super) fn unless(enough: bool) -> ControlFlow<()> {
    if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Calls `each` with every line under the header until it has enough, one at a time: a table may have millions of
/// fields.
pub(super) fn rows(
    text: &str,
    quotes: Quotes,
    mut each: impl FnMut(Row<'_>) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let separator = separator(text.lines().next().unwrap_or_default());
    let separator = u8::try_from(separator).unwrap_or(b',');
    let fields = |line: &str| memchr::memchr_iter(separator, line.as_bytes()).count();
    if text.len() > MOST_FIELDS && text.lines().any(|line| fields(line) > MOST_FIELDS) {
        return Err(ImportError::TooLarge("a line of a table has more than 100,000 fields"));
    }
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(separator)
        .quoting(quotes == Quotes::Yes)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let no_table = |_| ImportError::Damaged("it is no table".to_owned());
    let mut record = StringRecord::new();
    reader.read_record(&mut record).map_err(no_table)?;
    let names: Vec<String> = record.iter().map(column).collect();
    let codes: Vec<usize> =
        names.iter().enumerate().filter(|(_, name)| is_codes(name)).map(|(index, _)| index).collect();
    while reader.read_record(&mut record).map_err(no_table)? {
        if each(Row { names: &names, codes: &codes, record: &record }).is_break() {
            break;
        }
    }
    Ok(())
}

/// One line of a table.
pub(super) struct Row<'a> {
    names: &'a [String],
    /// The places of the columns for codes.
    codes: &'a [usize],
    record: &'a StringRecord,
}

impl<'a> Row<'a> {
    /// Returns a field by its place, empty where the line is too short.
    fn at(&self, index: usize) -> &'a str {
        self.record.get(index).unwrap_or_default()
    }

    /// Returns the first field that is not empty among the columns of these names, in the order of the names.
    pub(super) fn get(&self, names: &[&str]) -> &'a str {
        names
            .iter()
            .filter_map(|name| self.names.iter().position(|known| known == name))
            .map(|index| self.at(index).trim())
            .find(|field| !field.is_empty())
            .unwrap_or_default()
    }

    /// Returns what is in the first column for codes that is not empty.
    fn codes(&self) -> Option<&'a str> {
        self.codes.iter().map(|index| self.at(*index)).find(|field| !field.trim().is_empty())
    }

    /// Returns all fields, the last one first.
    pub(super) fn backwards(&self) -> impl Iterator<Item = &'a str> {
        (0..self.record.len()).rev().map(|index| self.at(index))
    }

    /// Says whether the line is as long as the header.
    pub(super) fn is_whole(&self) -> bool {
        self.record.len() == self.names.len()
    }

    /// Returns where it stands.
    pub(super) fn place(&self) -> String {
        format!("line {}", self.record.position().map_or(0, ::csv::Position::line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "otpauth://totp/GitHub:alice?secret=MFRGGZDF&issuer=GitHub";

    fn read(text: &str) -> Imported {
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(Csv.recognizes(&file), Likeness::Yes, "{text}");
        Csv.read(&file, None).unwrap()
    }

    /// Reads a table of one account and checks what all of them have in common.
    fn one(text: &str) -> Entry {
        let imported = read(&text.replace("URI", URI));
        assert_eq!(imported.refused, []);
        let [entry] = imported.entries.as_slice() else { panic!("{text}") };
        assert_eq!((entry.issuer.as_str(), entry.account.as_str()), ("GitHub", "alice"), "{text}");
        assert_eq!(entry.otp.secret.bytes(), b"abcde");
        entry.clone()
    }

    #[test]
    fn dashlane() {
        let entry = one(
            "username,username2,username3,title,password,note,url,category,otpSecret\nalice,,,GitHub,\"p,w\",note,https://github.com,Work,mfrg gzdf\nbob,,,NoOtp,pw,,https://x.example,,\n",
        );
        assert_eq!((entry.groups, entry.note.as_str()), (vec!["Work".to_owned()], "note"));
        one(
            "username,username2,username3,title,password,note,url,category,otpUrl\nalice,,,Mine,pw,note,https://github.com,Work,URI\n",
        );
    }

    #[test]
    fn apple() {
        one(
            "Title,URL,Username,Password,Notes,OTPAuth\n\"github.com (alice)\",https://github.com/,alice,\"p\"\"w\",,URI\n",
        );
    }

    #[test]
    fn last_pass() {
        let entry = one(
            "url,username,password,totp,extra,name,grouping,fav\r\nhttps://github.com,alice,pw,MFRGGZDF,\"several\r\nlines, quoted\",GitHub,Work\\Dev,1\r\nhttp://sn,,,,secure note,note,,0\r\n",
        );
        assert!(entry.pinned && entry.groups == ["Work\\Dev"] && entry.note.contains("lines, quoted"));
    }

    #[test]
    fn kee_pass_xc() {
        let entry = one(
            "\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\",\"TOTP\",\"Icon\",\"Last Modified\",\"Created\"\n\"Root/Work\",\"GitHub\",\"alice\",\"pw\",\"https://github.com\",\"\",\"URI\",\"0\",\"2024-10-19T00:00:00Z\",\"2024-10-19T00:00:00Z\"\n",
        );
        assert_eq!(entry.groups, ["Work"]);
    }

    #[test]
    fn one_password() {
        let entry = one(
            "\u{feff}Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes\nGitHub,https://github.com,alice,pw,URI,true,false,dev;work,\n",
        );
        assert!(entry.pinned && entry.groups == ["dev", "work"]);
    }

    #[test]
    fn proton_pass() {
        one(
            "type,name,url,email,username,password,note,totp,createTime,modifyTime,vault\nlogin,GitHub,https://github.com,alice@example.com,alice,pw,,MFRGGZDF,1,1,Personal\n",
        );
    }

    #[test]
    fn bad_lines_cost_no_others() {
        let imported = read(
            "title;username;2FA\nA;b;0189\nB\nC;d;MFRGG;more;;\n;;MFRGG\nE;f;otpauth://totp/x?secret=\n",
        );
        assert_eq!((imported.entries.len(), imported.refused.len()), (2, 2));
        assert_eq!(imported.refused[0].place, "line 2");
        assert_eq!(imported.refused[1].name, "E");
        assert_eq!(imported.notes, ["1 item without codes was left out"]);
    }

    #[test]
    fn other_tables_are_not_claimed() {
        for text in [
            "serial, hexkey, totp, 6, 30\n",
            "name,password\na,b\n",
            "totp\nMFRGG\n",
            "a:MFRGG\n",
            "[\"title\",\"totp\"]",
        ] {
            assert_eq!(Csv.recognizes(&File::new(text.as_bytes()).unwrap()), Likeness::No, "{text}");
        }
    }
}
