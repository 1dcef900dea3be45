//! `KeePass`, `KeePassXC` and what else writes KDBX databases, and the XML that they export.
//!
//! The format has no field for codes; four programs made up one each, in attributes of an entry:
//!
//! 1. `otp`: a link (`KeePassXC`), or `key=…&size=6&step=30` (the plug-in `KeeOtp`);
//! 2. `TimeOtp-Secret` and its relatives (`KeePass` itself);
//! 3. `HmacOtp-Secret` and its relatives (`KeePass` too, for counters);
//! 4. `TOTP Seed` and `TOTP Settings` (the plug-in `TrayTOTP`, and `KeePassXC` before 2.5).
//!
//! The first that an entry has counts. `KeePassXC` puts `KeePassXC` and `none` into links where an entry has no title
//! or no user name. Former versions of an entry (`History`) and the recycle bin are left out; so is every attribute
//! that has nothing to do with codes, passwords before all.

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::csv;
use crate::exchange::encodings::{cipher, json, kdbx, kdbx::Stream, xml, xml::Element, xml::End};
use crate::exchange::item::Item;
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::percent::{Plus, decode};
use crate::otp::{Otp, Secret, Timestamp};

/// The elements that are looked at.
const KEPT: &[&str] = &[
    "CreationTime",
    "Entry",
    "Group",
    "HeaderHash",
    "KeePassFile",
    "Key",
    "Meta",
    "Name",
    "RecycleBinUUID",
    "Root",
    "String",
    "Tags",
    "Times",
    "UUID",
    "UsageCount",
    "Value",
];

/// The attributes that are looked at, by their beginning.
const ATTRIBUTES: &[&str] =
    &["HmacOtp-", "Notes", "TOTP Seed", "TOTP Settings", "TimeOtp-", "Title", "UserName", "otp"];

/// What `KeePassXC` writes into a link in place of a title or a user name.
const PLACEHOLDERS: &[&str] = &["KeePassXC", "none"];

/// How the first bytes of the XML are searched for its root.
const HEAD: usize = 4096;

/// The seconds from the year 1, from which version 4 counts, to 1970.
const YEAR_ONE: i64 = 62_135_596_800;

pub(super) struct KeePass;

impl Importer for KeePass {
    fn name(&self) -> &'static str {
        "keepass"
    }

    fn title(&self) -> &'static str {
        "KeePass (KDBX)"
    }

    fn source(&self) -> &'static str {
        "the database itself (.kdbx), with its key file if it has one; or in KeePassXC: Database, Export, as XML"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let is_xml = || {
            let head = file.head().unwrap_or_default().trim_start();
            head.starts_with('<') && head[..head.floor_char_boundary(HEAD)].contains("<KeePassFile")
        };
        (file.begins(kdbx::MAGIC) || is_xml()).into()
    }

    fn takes_key_file(&self) -> bool {
        true
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if !file.begins(kdbx::MAGIC) {
            return read_xml(file.promised_text()?, None, None);
        }
        let mut opened = kdbx::open(file.bytes(), password, file.key_file())?;
        let text =
            cipher::text(&opened.xml).map_err(|_| ImportError::Damaged("it is not UTF-8 text".to_owned()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        read_xml(text, Some(&mut opened.stream), opened.header_hash.as_ref().map(|hash| hash.as_slice()))
    }
}

fn read_xml(
    text: &str,
    mut stream: Option<&mut Stream>,
    header_hash: Option<&[u8]>,
) -> Result<Imported, ImportError> {
    let file = xml::read_some(text, End::MustClose, &mut |element| {
        if let Some(stream) = &mut stream
            && is_protected(element)
        {
            reveal(element, stream)?;
        }
        let name = element.name();
        if name == "String" {
            let key = text_of(element, "Key");
            return Ok(ATTRIBUTES.iter().any(|known| key.starts_with(known)));
        }
        Ok(KEPT.contains(&name))
    })?;
    let another = || ImportError::Damaged("it is XML, but none of KeePass".to_owned());
    let root = child(&file, "Root").filter(|_| file.name() == "KeePassFile").ok_or_else(another)?;
    let meta = child(&file, "Meta");
    if let (Some(header), Some(meta)) = (header_hash, meta)
        && let Some(known) = child(meta, "HeaderHash").and_then(Element::base64)
        && !known.is_empty()
        && known.as_slice() != header
    {
        return Err(ImportError::Damaged("its header is not the one that was saved".to_owned()));
    }
    let bin = meta.map(|meta| text_of(meta, "RecycleBinUUID").trim()).unwrap_or_default();
    // Of a database without a bin there is a number of zeros, or nothing.
    let bin = if bin.trim_start_matches('A').trim_end_matches('=').is_empty() { "" } else { bin };
    let mut reading = Reading { bin, ..Reading::default() };
    for group in root.children().iter().filter(|child| child.name() == "Group") {
        // The outermost group is the database.
        reading.group(group, "", false);
    }
    let Reading { mut imported, without, binned, .. } = reading;
    imported.count(without, csv::WITHOUT[0], csv::WITHOUT[1]);
    imported.count(binned, "item in the recycle bin was left out", "items in the recycle bin were left out");
    Ok(imported)
}

fn is_protected(element: &Element) -> bool {
    element.attribute("Protected").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Decrypts a protected value. One that is no text, such as an attachment, stays protected.
fn reveal(element: &mut Element, stream: &mut Stream) -> Result<(), ImportError> {
    if matches!(stream, Stream::Plain) {
        return Ok(());
    }
    let mut value =
        element.base64().ok_or_else(|| ImportError::Damaged("a protected value is no Base64".to_owned()))?;
    stream.open(&mut value)?;
    if let Ok(text) = std::str::from_utf8(&value) {
        element.set_text(Zeroizing::new(text.to_owned()));
        element.forget("Protected");
    }
    Ok(())
}

#[derive(Default)]
struct Reading<'a> {
    bin: &'a str,
    number: usize,
    without: usize,
    binned: usize,
    imported: Imported,
}

impl Reading<'_> {
    fn group(&mut self, group: &Element, name: &str, binned: bool) {
        let binned = binned || (!self.bin.is_empty() && text_of(group, "UUID").trim() == self.bin);
        for inner in group.children() {
            match inner.name() {
                "Entry" => self.entry(&Attributes::of(inner), name, binned),
                "Group" => self.group(inner, text_of(inner, "Name"), binned),
                _ => {}
            }
        }
    }

    fn entry(&mut self, attributes: &Attributes<'_>, group: &str, binned: bool) {
        self.number += 1;
        match attributes.otp() {
            None => self.without += usize::from(!binned),
            Some(_) if binned => self.binned += 1,
            Some(entry) => {
                let entry = entry.map(|entry| attributes.dressed(entry.in_group(group)));
                let place = format!("entry {}", self.number);
                self.imported.take(place, attributes.words("Title"), entry);
            }
        }
    }
}

/// An entry with its attributes.
struct Attributes<'a> {
    entry: &'a Element,
    all: Vec<(&'a str, &'a Element)>,
}

impl<'a> Attributes<'a> {
    fn of(entry: &'a Element) -> Self {
        let strings = entry.children().iter().filter(|child| child.name() == "String");
        let all = strings.filter_map(|string| Some((text_of(string, "Key").trim(), child(string, "Value")?)));
        Self { entry, all: all.collect() }
    }

    /// Returns an attribute that is there and not empty.
    fn get(&self, key: &str) -> Result<Option<&'a str>, Problem> {
        let value = self.all.iter().find(|(known, value)| *known == key && !value.text().trim().is_empty());
        match value {
            Some((_, value)) if is_protected(value) => {
                Err(Problem::Locked("a field of it is encrypted, and the key to it is not in the file"))
            }
            value => Ok(value.map(|(_, value)| value.text().trim())),
        }
    }

    /// Returns an attribute for a name or a note: whatever is wrong with it costs no entry.
    fn words(&self, key: &str) -> &'a str {
        self.get(key).ok().flatten().unwrap_or_default()
    }

    fn number(&self, key: &'static str) -> Result<Option<u64>, Problem> {
        self.get(key)?.map(|text| number(text, key)).transpose()
    }

    /// Returns the secret in whichever of the four spellings there is.
    fn secret(&self, names: [&str; 4]) -> Result<Option<Secret>, Problem> {
        for (name, spelling) in names.into_iter().zip(Spelling::ALL) {
            if let Some(text) = self.get(name)? {
                return spelling.read(text).map(Some);
            }
        }
        Ok(None)
    }

    /// Makes an entry, unless it has no codes.
    fn otp(&self) -> Option<Result<Entry, Problem>> {
        let styles = [Self::link, Self::time, Self::counter, Self::tray];
        styles.iter().find_map(|style| style(self).transpose())
    }

    fn named(&self, otp: Otp) -> Entry {
        Entry::new(self.words("Title"), self.words("UserName"), otp)
    }

    fn link(&self) -> Result<Option<Entry>, Problem> {
        let Some(text) = self.get("otp")? else { return Ok(None) };
        let (title, user) = (self.words("Title"), self.words("UserName"));
        if !text.contains("://") && text.split('&').any(|pair| value_of(pair, "key").is_some()) {
            return Ok(Some(self.named(read_keeotp(text)?)));
        }
        let mut entry = Item { title, user, otp: text }.entry()?;
        for (name, own) in [(&mut entry.issuer, title), (&mut entry.account, user)] {
            if PLACEHOLDERS.contains(&name.as_str()) {
                *name = own.to_owned();
            }
        }
        Ok(Some(entry))
    }

    fn time(&self) -> Result<Option<Entry>, Problem> {
        let names =
            ["TimeOtp-Secret", "TimeOtp-Secret-Hex", "TimeOtp-Secret-Base32", "TimeOtp-Secret-Base64"];
        let Some(secret) = self.secret(names)? else { return Ok(None) };
        let parts = Parts {
            algorithm: self.get("TimeOtp-Algorithm")?.unwrap_or_default(),
            digits: self.number("TimeOtp-Length")?,
            period: self.number("TimeOtp-Period")?,
            ..Parts::of(secret)
        };
        Ok(Some(self.named(parts.otp()?)))
    }

    fn counter(&self) -> Result<Option<Entry>, Problem> {
        let names =
            ["HmacOtp-Secret", "HmacOtp-Secret-Hex", "HmacOtp-Secret-Base32", "HmacOtp-Secret-Base64"];
        let Some(secret) = self.secret(names)? else { return Ok(None) };
        let counter = self.number("HmacOtp-Counter")?.unwrap_or(0);
        Ok(Some(self.named(Otp::hotp(secret, counter))))
    }

    /// `30;6`, or `30;S` for Steam; the address of a clock may follow, which is not asked.
    fn tray(&self) -> Result<Option<Entry>, Problem> {
        let Some(seed) = self.get("TOTP Seed")? else { return Ok(None) };
        let mut parts = Parts::of(base32(seed)?);
        let mut settings = self.get("TOTP Settings")?.unwrap_or_default().split(';').map(str::trim);
        parts.period = optional(settings.next(), "TOTP Settings")?;
        match settings.next() {
            Some("S" | "s") => parts.kind = "steam",
            digits => parts.digits = optional(digits, "TOTP Settings")?,
        }
        Ok(Some(self.named(parts.otp()?)))
    }

    /// Adds what has nothing to do with codes.
    fn dressed(&self, mut entry: Entry) -> Entry {
        for tag in text_of(self.entry, "Tags").split([';', ',']) {
            entry = entry.in_group(tag);
        }
        entry.note = self.words("Notes").to_owned();
        if let Some(times) = child(self.entry, "Times") {
            entry.uses = text_of(times, "UsageCount").trim().parse().unwrap_or(0);
            entry.added = moment(text_of(times, "CreationTime"));
        }
        entry
    }
}

/// How a secret is spelled.
#[derive(Clone, Copy)]
enum Spelling {
    Text,
    Hex,
    Base32,
    Base64,
}

impl Spelling {
    const ALL: [Self; 4] = [Self::Text, Self::Hex, Self::Base32, Self::Base64];

    fn read(self, text: &str) -> Result<Secret, Problem> {
        match self {
            Self::Text => Ok(Secret::from_bytes(text.as_bytes())?),
            Self::Hex => Ok(Secret::from_hex(text)?),
            Self::Base32 => base32(text),
            Self::Base64 => {
                let bytes = json::base64(text).ok_or(Problem::Field("secret", "Base64"))?;
                Ok(Secret::from_bytes(&bytes)?)
            }
        }
    }
}

/// Reads what the plug-ins `KeeOtp` and `KeeOtp2` write: the query of a link without the link.
fn read_keeotp(text: &str) -> Result<Otp, Problem> {
    let get = |name| {
        let value = text.split('&').find_map(|pair| value_of(pair, name));
        value.map(|value| decode(value, Plus::Kept)).transpose().map(Option::unwrap_or_default)
    };
    let key = get("key")?;
    if key.trim().is_empty() {
        return Err(Problem::Missing("key"));
    }
    let encoding = get("encoding")?;
    let spelling = match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "base32" => Spelling::Base32,
        "base64" => Spelling::Base64,
        "hex" => Spelling::Hex,
        "utf8" => Spelling::Text,
        _ => return Err(Problem::Field("encoding", "one that is known")),
    };
    let (kind, algorithm) = (get("type")?, get("otpHashMode")?);
    let steam = get("encoder")?.eq_ignore_ascii_case("steam") || get("size")?.eq_ignore_ascii_case("s");
    let parts = Parts {
        kind: if steam { "steam" } else { &kind },
        algorithm: &algorithm,
        digits: if steam { None } else { optional(Some(get("size")?.trim()), "size")? },
        period: optional(Some(get("step")?.trim()), "step")?,
        counter: optional(Some(get("counter")?.trim()), "counter")?,
        ..Parts::of(spelling.read(key.trim())?)
    };
    parts.otp()
}

fn value_of<'a>(pair: &'a str, name: &str) -> Option<&'a str> {
    let (found, value) = pair.split_once('=')?;
    found.trim().eq_ignore_ascii_case(name).then_some(value)
}

fn number(text: &str, name: &'static str) -> Result<u64, Problem> {
    text.trim().parse().map_err(|_| Problem::Field(name, "a number from 0 upwards"))
}

fn optional(text: Option<&str>, name: &'static str) -> Result<Option<u64>, Problem> {
    text.filter(|text| !text.is_empty()).map(|text| number(text, name)).transpose()
}

/// Reads a moment: of version 4 seconds since the year 1, of version 3 and in XML a text.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp::from_seconds(moment.as_second()));
    }
    let bytes: [u8; 8] = BASE64.decode(text.as_bytes()).ok()?.try_into().ok()?;
    let seconds = i64::from_le_bytes(bytes).checked_sub(YEAR_ONE)?;
    // Beyond the year 9999 it is no date.
    (0..253_402_300_800).contains(&seconds).then(|| Timestamp::from_seconds(seconds))
}

fn child<'a>(element: &'a Element, name: &str) -> Option<&'a Element> {
    element.children().iter().find(|child| child.name() == name)
}

fn text_of<'a>(element: &'a Element, name: &str) -> &'a str {
    child(element, name).map_or("", Element::text)
}

#[cfg(test)]
#[path = "keepass_tests.rs"]
mod tests;
