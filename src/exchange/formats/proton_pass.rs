//! Proton Pass: a zip with `Proton Pass/data.json`, or that file alone.
//!
//! A code is in the login itself, and more may be in extra fields, each named after the item and the field. The
//! encrypted export is an `OpenPGP` message, alone or in the zip.

use super::csv;
use crate::exchange::encodings::archive::Archive;
use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::encodings::openpgp;
use crate::exchange::item::Item;
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Timestamp;

/// The state of an item that was deleted.
const BINNED: u64 = 2;

pub(super) struct ProtonPass;

impl Importer for ProtonPass {
    fn name(&self) -> &'static str {
        "proton_pass"
    }

    fn title(&self) -> &'static str {
        "Proton Pass"
    }

    fn source(&self) -> &'static str {
        "in Proton Pass: Settings, Export, as ZIP"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let zip = file.members().iter().any(|name| is_data(name) || is_sealed(name));
        let json = file.is_object_with(&["vaults"]) && !file.is_object_with(&["accounts"]);
        (zip || json).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if !file.begins(b"PK") {
            return read_data(file.promised_text()?);
        }
        let mut archive = Archive::open(file.bytes())?;
        let has_data = archive.names().iter().any(|name| is_data(name));
        let mut bytes = archive.read(if has_data { is_data } else { is_sealed }, password)?;
        if openpgp::is_message(&bytes) {
            bytes = openpgp::open(&bytes, password)?;
        }
        read_data(cipher::text(&bytes).map_err(|_| ImportError::Damaged("it is not UTF-8 text".to_owned()))?)
    }
}

fn is_data(name: &str) -> bool {
    name == "Proton Pass/data.json"
}

fn is_sealed(name: &str) -> bool {
    name.strip_prefix("Proton Pass/").is_some_and(|name| name.starts_with("data.") && !name.contains('/'))
}

fn read_data(text: &str) -> Result<Imported, ImportError> {
    let data = Object::read(text)?;
    let vaults = data
        .object("vaults")
        .ok_or_else(|| ImportError::Damaged("the field `vaults` is missing or garbled".to_owned()))?;
    let vaults: Vec<Object<'_>> = vaults.fields().filter_map(|(_, vault)| vault.object()).collect();
    let mut imported = Imported::default();
    let (mut number, mut without, mut binned) = (0, 0, 0);
    for vault in &vaults {
        // One vault groups nothing; everybody has it.
        let group = if vaults.len() > 1 { vault.words("name") } else { String::new() };
        for item in vault.list("items") {
            number += 1;
            let place = format!("item {number}");
            let Some(item) = item.object() else {
                imported.take(place, "", Err(Problem::Field("items", "a list of objects")));
                continue;
            };
            let codes = codes(&item);
            if codes.is_empty() {
                without += 1;
            } else if item.number("state") == Ok(Some(BINNED)) {
                binned += 1;
            } else {
                for (name, otp) in codes {
                    let entry = read_item(&item, &name, otp).map(|entry| entry.in_group(&group));
                    imported.take(place.clone(), &name, entry);
                }
            }
        }
    }
    imported.count(without, csv::WITHOUT[0], csv::WITHOUT[1]);
    imported.count(binned, "item in the trash was left out", "items in the trash were left out");
    Ok(imported)
}

/// Returns what is in the fields for codes, with the name of each.
fn codes<'a>(item: &Object<'a>) -> Vec<(String, Value<'a>)> {
    let Some(data) = item.object("data") else { return Vec::new() };
    let name = data.object("metadata").map(|metadata| metadata.words("name")).unwrap_or_default();
    let own = data.object("content").and_then(|content| content.get("totpUri"));
    let extra = data.list("extraFields").into_iter().filter_map(|field| {
        let field = field.object()?;
        let otp = field.object("data").filter(|_| field.words("type") == "totp")?.get("totpUri")?;
        Some((format!("{name} - {}", field.words("fieldName")), otp))
    });
    let all = own.map(|otp| (name.clone(), otp)).into_iter().chain(extra);
    all.filter(|(_, otp)| otp.text().is_none_or(|text| !text.trim().is_empty())).collect()
}

fn read_item(item: &Object<'_>, name: &str, otp: Value<'_>) -> Result<Entry, Problem> {
    let data = item.object("data").ok_or(Problem::Missing("data"))?;
    let user = data.object("content").map_or(String::new(), |content| {
        let user = content.words("itemUsername");
        // Of old files there is one field for both.
        let user = if user.trim().is_empty() { content.words("itemEmail") } else { user };
        if user.trim().is_empty() { content.words("username") } else { user }
    });
    let otp = otp.text().ok_or(Problem::Field("totpUri", "a text"))?;
    let mut entry = Item { title: name, user: &user, otp: &otp }.entry()?;
    entry.note = data.object("metadata").map(|metadata| metadata.words("note")).unwrap_or_default();
    entry.pinned = item.flag("pinned");
    let created = item.number("createTime").ok().flatten().and_then(|at| i64::try_from(at).ok());
    entry.added = created.filter(|at| *at > 1).map(Timestamp::from_seconds);
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::encodings::archive::tests::packed;

    const DATA: &str = r#"{"version":"1.21","userId":"x","encrypted":false,"vaults":{"v1":{"name":"Personal","items":[
        {"state":1,"pinned":true,"createTime":1600000000,"data":{"type":"login","metadata":{"name":"GitHub","note":"n"},
         "content":{"itemEmail":"a@b.c","itemUsername":"","totpUri":"otpauth://totp/?secret=MFRGG"},
         "extraFields":[{"fieldName":"second","type":"totp","data":{"totpUri":"MFRGG"}},{"fieldName":"t","type":"text","data":{"content":"x"}}]}},
        {"state":2,"data":{"type":"login","metadata":{"name":"Gone"},"content":{"totpUri":"MFRGG"}}},
        {"state":1,"data":{"type":"note","metadata":{"name":"Note"},"content":{}}},
        {"state":1,"data":{"type":"login","metadata":{"name":"Bad"},"content":{"totpUri":"0"}}}]}}}"#;

    #[test]
    fn codes_are_in_logins_and_in_extra_fields() {
        let zip = packed(&[("Proton Pass/data.json", DATA.as_bytes())], None);
        for bytes in [DATA.as_bytes(), &zip] {
            let file = File::new(bytes).unwrap();
            assert_eq!(ProtonPass.recognizes(&file), Likeness::Yes);
            let imported = ProtonPass.read(&file, None).unwrap();
            let names: Vec<(&str, &str)> = imported
                .entries
                .iter()
                .map(|entry| (entry.issuer.as_str(), entry.account.as_str()))
                .collect();
            assert_eq!(names, [("GitHub", "a@b.c"), ("GitHub - second", "a@b.c")]);
            assert_eq!((imported.entries[0].note.as_str(), imported.entries[0].pinned), ("n", true));
            assert_eq!((imported.refused[0].name.as_str(), imported.notes.len()), ("Bad", 2));
        }
    }

    #[test]
    fn an_encrypted_export_is_opened_in_its_archive_too() {
        let message = "-----BEGIN PGP MESSAGE-----\n\nww0EBwMCAAECAwQFBgcA0rcBas7c5rb3x0BF50MrFLwnps5nv9Phz99+2wcMzXrR\nQDFn7yIZVN8WkjjNSpf0QwxoqaKyRulYuhNCrlxLgjOYzqr/zZNokSoLvz5rhJjl\nA4UaSDtIK0gjfzxtQg7IWnNJ5kdqS+zqtL9C9z3VMJZ4nPHerWFFh8iXKKhAAYdt\n5F6v30XGBq8/y5ortxWZWQtE+OUlJAeHjYjrl1YqU39xOzpPkTHng37piJZN9Z0n\n3TTkd6LLRog=\n-----END PGP MESSAGE-----";
        for name in ["Proton Pass/data.pgp", "Proton Pass/data.json"] {
            let zip = packed(&[(name, message.as_bytes())], None);
            let file = File::new(&zip).unwrap();
            assert_eq!(ProtonPass.recognizes(&file), Likeness::Yes);
            assert_eq!(ProtonPass.read(&file, None), Err(ImportError::PasswordNeeded));
            assert_eq!(ProtonPass.read(&file, Some("wrong")), Err(ImportError::WrongPassword));
            let imported = ProtonPass.read(&file, Some("correct horse")).unwrap();
            assert_eq!(imported.entries[0].issuer, "GitHub");
        }
    }
}
