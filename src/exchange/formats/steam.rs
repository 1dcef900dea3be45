//! Steam: the `Steamguard-…` file of the Android app, and the `.maFile` of desktop programs.
//!
//! One account is an object with its `shared_secret` in Base64; newer files have a map of them, by Steam's number.

use crate::exchange::encodings::json::{Object, Value, base64};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::{Otp, Secret};

pub(super) struct Steam;

impl Importer for Steam {
    fn name(&self) -> &'static str {
        "steam"
    }

    fn title(&self) -> &'static str {
        "Steam"
    }

    fn source(&self) -> &'static str {
        "files/Steamguard-… of com.valvesoftware.android.steam.community on a rooted phone, or a .maFile that is not \
         encrypted"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let one = file.is_object_with(&["shared_secret"]);
        let several = file.is_object_with(&["accounts"]) && file.contains(b"\"shared_secret\"");
        (one || several || file.is_list_with(&["shared_secret"])).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let root = Value::read(file.promised_text()?)?;
        let mut imported = Imported::default();
        if let Some(list) = root.list() {
            for account in list {
                take(&mut imported, "", account);
            }
            return Ok(imported);
        }
        let root_object =
            root.object().ok_or_else(|| ImportError::Damaged("it is JSON, but no object".to_owned()))?;
        match (root_object.object("accounts"), root_object.get("accounts").and_then(Value::list)) {
            (Some(accounts), _) => {
                accounts.fields().for_each(|(id, account)| take(&mut imported, id, account));
            }
            (_, Some(list)) => list.into_iter().for_each(|account| take(&mut imported, "", account)),
            _ => take(&mut imported, "", root),
        }
        Ok(imported)
    }
}

fn take(imported: &mut Imported, id: &str, account: Value<'_>) {
    let place = format!("entry {}", imported.entries.len() + imported.refused.len() + 1);
    match account.object() {
        Some(account) => imported.take(place, &account.words("account_name"), read_account(&account, id)),
        None => imported.take(place, id, Err(Problem::Field("accounts", "a map of objects"))),
    }
}

fn read_account(account: &Object<'_>, id: &str) -> Result<Entry, Problem> {
    let written = account.required("shared_secret")?;
    let bytes = base64(&written).ok_or(Problem::Field("shared_secret", "Base64"))?;
    let name = [account.words("account_name"), account.words("steamid"), id.to_owned()];
    let name = name.iter().find(|name| !name.trim().is_empty()).map_or("", String::as_str);
    Ok(Entry::new("Steam", name, Otp::steam(Secret::from_bytes(&bytes)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Imported {
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(Steam.recognizes(&file), Likeness::Yes);
        Steam.read(&file, None).unwrap()
    }

    #[test]
    fn one_account_several_and_none() {
        let one =
            r#"{"shared_secret":"YWJj","account_name":"gabe","identity_secret":"x","Session":{"SteamID":1}}"#;
        for text in [
            one.to_owned(),
            format!(r#"{{"accounts":{{"7":{one}}}}}"#),
            format!("[{one}]"),
            format!(r#"{{"accounts":[{one}]}}"#),
        ] {
            let imported = read(&text);
            let entry = &imported.entries[0];
            assert_eq!((entry.issuer.as_str(), entry.account.as_str()), ("Steam", "gabe"));
            assert_eq!(entry.otp, Otp::steam(Secret::from_bytes(b"abc").unwrap()));
        }
        let imported =
            read(r#"{"accounts":{"7":{"shared_secret":"YWJj"},"8":{"shared_secret":"*"},"9":null}}"#);
        assert_eq!((imported.entries[0].account.as_str(), imported.refused.len()), ("7", 2));
        assert_eq!(read(r#"{"shared_secret":null}"#).refused[0].problem, Problem::Missing("shared_secret"));
    }
}
