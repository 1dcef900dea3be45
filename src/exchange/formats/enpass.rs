//! Enpass, the password manager: its export as JSON.
//!
//! An item is a list of fields, of which one or more may be of the type `totp`: a link, or nothing but the secret.

use std::collections::BTreeMap;

use super::csv;
use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::item::Item;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};

pub(super) struct Enpass;

impl Importer for Enpass {
    fn name(&self) -> &'static str {
        "enpass"
    }

    fn title(&self) -> &'static str {
        "Enpass"
    }

    fn source(&self) -> &'static str {
        "in Enpass: File, Export, as .json"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        (file.is_object_with(&["items"]) && file.mentions("\"template_type\"")).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let root = Object::read(file.promised_text()?)?;
        let folders: BTreeMap<String, String> = root
            .list("folders")
            .into_iter()
            .filter_map(Value::object)
            .map(|folder| (folder.words("uuid"), folder.words("title")))
            .collect();
        let mut imported = Imported::default();
        let (mut without, mut binned) = (0, 0);
        for (index, item) in root.promised("items")?.into_iter().enumerate() {
            let place = format!("item {}", index + 1);
            let Some(item) = item.object() else {
                imported.take(place, "", Err(Problem::Field("items", "a list of objects")));
                continue;
            };
            let fields: Vec<Object<'_>> = item.list("fields").into_iter().filter_map(Value::object).collect();
            let codes: Vec<&Object<'_>> = fields
                .iter()
                .filter(|field| field.words("type") == "totp" && !field.words("value").trim().is_empty())
                .collect();
            if codes.is_empty() {
                without += 1;
            } else if item.flag("trashed") {
                binned += 1;
            } else {
                for code in codes {
                    imported.take(
                        place.clone(),
                        &item.words("title"),
                        read_code(&item, code, &fields, &folders),
                    );
                }
            }
        }
        imported.count(without, csv::WITHOUT[0], csv::WITHOUT[1]);
        imported.count(binned, "item in the trash was left out", "items in the trash were left out");
        Ok(imported)
    }
}

fn read_code(
    item: &Object<'_>,
    code: &Object<'_>,
    fields: &[Object<'_>],
    folders: &BTreeMap<String, String>,
) -> Result<Entry, Problem> {
    let of = |kind: &str| {
        let values = fields.iter().filter(|field| field.words("type") == kind);
        values.map(|field| field.words("value")).find(|value| !value.trim().is_empty())
    };
    let user = of("username").or_else(|| of("email")).unwrap_or_default();
    let mut entry =
        Item { title: &item.words("title"), user: &user, otp: &code.required("value")? }.entry()?;
    entry.note = item.words("note");
    entry.pinned = item.flag("favorite");
    for folder in item.list("folders") {
        let name = folder.text().and_then(|id| folders.get(id.as_str()).cloned());
        entry = entry.in_group(&name.unwrap_or_default());
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_among_the_fields() {
        let text = r#"{"folders":[{"title":"Work","uuid":"f","parent_uuid":""}],"items":[
            {"title":"GitHub","note":"n","favorite":1,"trashed":0,"category":"login","template_type":"login.default","folders":["f","gone"],
             "fields":[{"type":"username","value":""},{"type":"email","value":"a@b.c"},{"type":"totp","value":"mfrg gzdf"},{"type":"totp","value":""}]},
            {"title":"Bad","template_type":"login.default","fields":[{"type":"totp","value":"0"}]},
            {"title":"Gone","trashed":1,"fields":[{"type":"totp","value":"MFRGG"}]},
            {"title":"Note","fields":null}, 7]}"#;
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(crate::exchange::recognize(&file).map(Importer::name), Some("enpass"));
        let imported = Enpass.read(&file, None).unwrap();
        let [entry] = imported.entries.as_slice() else { panic!("{imported:?}") };
        assert_eq!(
            (entry.issuer.as_str(), entry.account.as_str(), entry.note.as_str()),
            ("GitHub", "a@b.c", "n")
        );
        assert!(entry.pinned && entry.groups == ["Work"]);
        let refused: Vec<&str> = imported.refused.iter().map(|refused| refused.name.as_str()).collect();
        assert_eq!(refused, ["Bad", ""]);
        assert_eq!(imported.notes, ["1 item without codes was left out", "1 item in the trash was left out"]);
    }
}
