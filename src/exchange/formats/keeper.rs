//! Keeper, the password manager: its export as JSON.
//!
//! A record has its codes as links among the fields that a person may add, under `$oneTimeCode` and a number.

use super::csv;
use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::item::Item;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};

/// What the names of the fields for codes begin with.
const CODE: &str = "$oneTimeCode";

pub(super) struct Keeper;

impl Importer for Keeper {
    fn name(&self) -> &'static str {
        "keeper"
    }

    fn title(&self) -> &'static str {
        "Keeper"
    }

    fn source(&self) -> &'static str {
        "in Keeper: Settings, Export, as .json"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let has_fields = file.mentions("\"custom_fields\"") || file.mentions("\"login_url\"");
        (file.is_object_with(&["records"]) && has_fields).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let root = Object::read(file.promised_text()?)?;
        let mut imported = Imported::default();
        let mut without = 0;
        for (index, record) in root.promised("records")?.into_iter().enumerate() {
            let place = format!("item {}", index + 1);
            let Some(record) = record.object() else {
                imported.take(place, "", Err(Problem::Field("records", "a list of objects")));
                continue;
            };
            let fields = record.object("custom_fields");
            let codes: Vec<Value<'_>> = fields
                .iter()
                .flat_map(Object::fields)
                .filter(|(name, _)| name.starts_with(CODE))
                .map(|(_, value)| value)
                .collect();
            without += usize::from(codes.is_empty());
            for code in codes {
                imported.take(place.clone(), &record.words("title"), read_code(&record, code));
            }
        }
        imported.count(without, csv::WITHOUT[0], csv::WITHOUT[1]);
        Ok(imported)
    }
}

fn read_code(record: &Object<'_>, code: Value<'_>) -> Result<Entry, Problem> {
    let otp = code.text().ok_or(Problem::Field("$oneTimeCode", "a text"))?;
    let (title, user) = (record.words("title"), record.words("login"));
    let mut entry = Item { title: &title, user: &user, otp: &otp }.entry()?;
    entry.note = record.words("notes");
    for folder in record.list("folders").into_iter().filter_map(Value::object) {
        entry = entry.in_group(&folder.words("folder"));
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_among_the_fields() {
        let text = r#"{"shared_folders":[],"records":[
            {"title":"GitHub","login":"alice","notes":"n","login_url":"https://github.com","folders":[{"folder":"Work"}],
             "custom_fields":{"$oneTimeCode::1":"otpauth://totp/?secret=MFRGGZDF","Question":"x"}},
            {"title":"Two","login":"bob","custom_fields":{"$oneTimeCode":"MFRGG","$oneTimeCode::2":"0"}},
            {"title":"None","login":"c"}, 7]}"#;
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(crate::exchange::recognize(&file).map(Importer::name), Some("keeper"));
        let imported = Keeper.read(&file, None).unwrap();
        let names: Vec<(&str, &str)> =
            imported.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect();
        assert_eq!(names, [("GitHub", "alice"), ("Two", "bob")]);
        assert!(imported.entries[0].groups == ["Work"] && imported.entries[0].note == "n");
        assert_eq!((imported.refused.len(), imported.notes.len()), (2, 1));
    }
}
