//! 1Password: `.1pux`, a zip with the items in `export.data`.
//!
//! A code can be in any field of any section: its value is an object with the one key `totp`, which holds a link or
//! nothing but the secret. In old files an item is wrapped once more.

use super::csv;
use crate::exchange::encodings::archive::Archive;
use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::item::Item;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Timestamp;

/// The file with the items in the zip.
const MEMBER: &str = "export.data";

pub(super) struct OnePassword;

impl Importer for OnePassword {
    fn name(&self) -> &'static str {
        "onepassword"
    }

    fn title(&self) -> &'static str {
        "1Password"
    }

    fn source(&self) -> &'static str {
        "in 1Password on a computer: File, Export, as .1pux"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        file.members().iter().any(|name| name == MEMBER).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let bytes = Archive::open(file.bytes())?.read(|name| name == MEMBER, password)?;
        read_data(cipher::text(&bytes).map_err(|_| ImportError::Damaged("it is not UTF-8 text".to_owned()))?)
    }
}

fn read_data(text: &str) -> Result<Imported, ImportError> {
    let data = Object::read(text)?;
    let vaults: Vec<Object<'_>> = data
        .promised("accounts")?
        .into_iter()
        .filter_map(Value::object)
        .flat_map(|account| account.list("vaults"))
        .filter_map(Value::object)
        .collect();
    let mut imported = Imported::default();
    let (mut number, mut without, mut archived) = (0, 0, 0);
    for vault in &vaults {
        // One vault groups nothing; everybody has it.
        let name = vault.object("attrs").filter(|_| vaults.len() > 1).map(|attrs| attrs.words("name"));
        for item in vault.list("items") {
            number += 1;
            let place = format!("item {number}");
            let Some(item) = item.object() else {
                imported.take(place, "", Err(Problem::Field("items", "a list of objects")));
                continue;
            };
            let item = item.object("item").unwrap_or(item);
            let found = codes(&item);
            if found.is_empty() {
                without += 1;
            } else if item.words("state") == "archived" {
                archived += 1;
            }
            for otp in found {
                let (title, entry) = read_item(&item, otp, name.as_deref().unwrap_or_default());
                imported.take(place.clone(), &title, entry);
            }
        }
    }
    imported.count(without, csv::WITHOUT[0], csv::WITHOUT[1]);
    imported.count(
        archived,
        "item is in 1Password's archive, and was taken too",
        "items are in 1Password's archive, and were taken too",
    );
    Ok(imported)
}

/// Returns the fields for codes that are not empty.
fn codes<'a>(item: &Object<'a>) -> Vec<Value<'a>> {
    let Some(details) = item.object("details") else { return Vec::new() };
    let sections = details.list("sections").into_iter().filter_map(Value::object);
    sections
        .flat_map(|section| section.list("fields"))
        .filter_map(|field| field.object()?.object("value")?.get("totp"))
        .filter(|totp| totp.text().is_none_or(|text| !text.trim().is_empty()))
        .collect()
}

fn read_item(item: &Object<'_>, otp: Value<'_>, vault: &str) -> (String, Result<Entry, Problem>) {
    let overview = item.object("overview");
    let title = overview.as_ref().map(|overview| overview.words("title")).unwrap_or_default();
    let details = item.object("details");
    let user = details
        .as_ref()
        .map(|details| details.list("loginFields"))
        .unwrap_or_default()
        .into_iter()
        .filter_map(Value::object)
        .find(|field| field.words("designation") == "username")
        .map(|field| field.words("value"))
        .unwrap_or_default();
    let entry = otp
        .text()
        .ok_or(Problem::Field("totp", "a text"))
        .and_then(|otp| Item { title: &title, user: &user, otp: &otp }.entry())
        .map(|entry| {
            let mut entry = entry.in_group(vault);
            for tag in overview.map(|overview| overview.list("tags")).unwrap_or_default() {
                entry = entry.in_group(&tag.text().unwrap_or_default());
            }
            entry.note = details.map(|details| details.words("notesPlain")).unwrap_or_default();
            entry.pinned = item.number("favIndex").ok().flatten().is_some_and(|index| index > 0);
            let created = item.number("createdAt").ok().flatten().and_then(|at| i64::try_from(at).ok());
            entry.added = created.filter(|at| *at > 0).map(Timestamp::from_seconds);
            entry
        });
    (title, entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::encodings::archive::tests::packed;

    #[test]
    fn codes_are_found_in_any_field_of_new_and_old_items() {
        let text = r#"{"accounts":[{"vaults":[{"attrs":{"name":"Private"},"items":[
            {"state":"active","favIndex":1,"createdAt":1600000000,"overview":{"title":"GitHub","tags":["dev"]},"details":{"notesPlain":"n",
             "loginFields":[{"designation":"password","value":"x"},{"designation":"username","value":"alice"}],
             "sections":[{"fields":[{"title":"x","value":{"string":"y"}},{"value":{"totp":"mfrg gzdf"}},{"value":{"totp":"otpauth://totp/Two:b?secret=MFRGG"}}]},{"fields":[{"value":{"totp":""}}]}]}},
            {"item":{"state":"archived","overview":{"title":"Old"},"details":{"loginFields":null,"sections":[{"fields":[{"value":{"totp":"MFRGG"}}]}]}}},
            {"overview":{"title":"Note"},"details":{"sections":[]}},
            {"overview":{"title":"Bad"},"details":{"sections":[{"fields":[{"value":{"totp":7}}]}]}}]},
            {"attrs":{"name":"Team"},"items":[]}]}]}"#;
        let zip = packed(&[("export.attributes", b"{}"), (MEMBER, text.as_bytes())], None);
        let file = File::new(&zip).unwrap();
        assert_eq!(OnePassword.recognizes(&file), Likeness::Yes);
        let imported = OnePassword.read(&file, None).unwrap();
        let names: Vec<(&str, &str)> =
            imported.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect();
        assert_eq!(names, [("GitHub", "alice"), ("Two", "b"), ("Old", "")]);
        let first = &imported.entries[0];
        assert_eq!((first.note.as_str(), first.pinned), ("n", true));
        assert_eq!(
            (&first.groups[..], first.added),
            (&["Private".to_owned(), "dev".to_owned()][..], Some(Timestamp::from_seconds(1_600_000_000)))
        );
        assert_eq!(
            (imported.refused[0].place.as_str(), imported.refused[0].name.as_str()),
            ("item 4", "Bad")
        );
        assert_eq!(imported.notes.len(), 2);
    }
}
