//! The FIDO Alliance's Credential Exchange Format, version 1.0: JSON that password managers hand each other.
//!
//! An item has several credentials, of which those of the type `totp` matter; Steam is one of its algorithms. Some
//! write a single account without the file around it.

use super::csv;
use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Timestamp;

pub(super) struct Cxf;

impl Importer for Cxf {
    fn name(&self) -> &'static str {
        "cxf"
    }

    fn title(&self) -> &'static str {
        "Credential Exchange Format"
    }

    fn source(&self) -> &'static str {
        "in a password manager that has it: export in the Credential Exchange Format (CXF), as JSON"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let whole = file.is_object_with(&["accounts"]) || file.is_object_with(&["items"]);
        (whole && !file.is_object_with(&["encrypted"]) && file.contains(b"\"credentials\"")).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let file = Object::read(file.promised_text()?)?;
        let major = file.object("version").and_then(|version| version.number("major").ok().flatten());
        if let Some(newer) = major.filter(|major| *major > 1) {
            return Err(ImportError::Newer(newer));
        }
        let items: Vec<Value<'_>> = if file.has("accounts") {
            let accounts = file.promised("accounts")?.into_iter().filter_map(Value::object);
            accounts.flat_map(|account| account.list("items")).collect()
        } else {
            file.promised("items")?
        };
        let mut imported = Imported::default();
        let mut without = 0;
        for (index, item) in items.into_iter().enumerate() {
            let place = format!("item {}", index + 1);
            let Some(item) = item.object() else {
                imported.take(place, "", Err(Problem::Field("items", "a list of objects")));
                continue;
            };
            let credentials: Vec<Object<'_>> =
                item.list("credentials").into_iter().filter_map(Value::object).collect();
            let mut found = credentials.iter().filter(|found| found.words("type") == "totp").peekable();
            without += usize::from(found.peek().is_none());
            for totp in found {
                imported.take(place.clone(), &item.words("title"), read_item(&item, totp, &credentials));
            }
        }
        imported.count(without, csv::WITHOUT[0], csv::WITHOUT[1]);
        Ok(imported)
    }
}

fn read_item(item: &Object<'_>, totp: &Object<'_>, credentials: &[Object<'_>]) -> Result<Entry, Problem> {
    let algorithm = totp.text("algorithm")?;
    let is_steam = algorithm.trim().eq_ignore_ascii_case("steam");
    let parts = Parts {
        kind: if is_steam { "steam" } else { "totp" },
        algorithm: &algorithm,
        digits: totp.number("digits")?,
        period: totp.number("period")?,
        ..Parts::of(base32(&totp.required("secret")?)?)
    };
    let or = |text: String, other: &dyn Fn() -> String| if text.trim().is_empty() { other() } else { text };
    let issuer = or(totp.words("issuer"), &|| item.words("title"));
    let user = or(totp.words("username"), &|| {
        let login = credentials.iter().find(|found| found.words("type") == "basic-auth");
        // A field that a person can edit is an object around its value.
        let user = login.and_then(|login| login.object("username").map(|field| field.words("value")));
        user.unwrap_or_default()
    });
    let mut read = Entry::new(&issuer, &user, parts.otp()?);
    for tag in item.list("tags") {
        read = read.in_group(&tag.text().unwrap_or_default());
    }
    read.pinned = item.flag("favorite");
    let created = item.number("creationAt").ok().flatten().and_then(|at| i64::try_from(at).ok());
    read.added = created.filter(|at| *at > 0).map(Timestamp::from_seconds);
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEMS: &str = r#""items":[
        {"title":"GitHub","tags":["dev"],"favorite":true,"creationAt":1600000000,"credentials":[{"type":"basic-auth","username":{"fieldType":"string","value":"alice"}},
            {"type":"totp","secret":"mfrggzdf","period":60,"digits":8,"algorithm":"sha256"}]},
        {"title":"Steam","credentials":[{"type":"totp","secret":"MFRGG","period":30,"digits":5,"algorithm":"steam","username":"gabe","issuer":"Valve"}]},
        {"title":"X","credentials":[{"type":"passkey"}]},
        {"title":"Y","credentials":[{"type":"totp","secret":"MFRGG","period":30,"digits":6,"algorithm":"sha9"}]},
        {"title":"Z","credentials":[{"type":"totp","secret":"MFRGG","period":0,"digits":6,"algorithm":"sha1"}]}]"#;

    #[test]
    fn codes_are_read_from_a_file_and_from_an_account_alone() {
        for text in [
            format!(
                r#"{{"version":{{"major":1,"minor":0}},"exporterRpId":"x","accounts":[{{"id":"a",{ITEMS}}}]}}"#
            ),
            format!(r#"{{"id":"a",{ITEMS}}}"#),
        ] {
            let file = File::new(text.as_bytes()).unwrap();
            assert_eq!(Cxf.recognizes(&file), Likeness::Yes);
            let imported = Cxf.read(&file, None).unwrap();
            let names: Vec<(&str, &str)> = imported
                .entries
                .iter()
                .map(|entry| (entry.issuer.as_str(), entry.account.as_str()))
                .collect();
            assert_eq!(names, [("GitHub", "alice"), ("Valve", "gabe")]);
            assert_eq!(imported.entries[0].groups, ["dev"]);
            assert_eq!(imported.entries[1].otp.kind, crate::otp::Kind::Steam);
            assert_eq!(imported.refused.len(), 2);
            assert_eq!(imported.notes, ["1 item without codes was left out"]);
        }
        let newer = r#"{"version":{"major":2},"accounts":[{"items":[{"credentials":[]}]}]}"#;
        assert_eq!(Cxf.read(&File::new(newer.as_bytes()).unwrap(), None), Err(ImportError::Newer(2)));
    }
}
