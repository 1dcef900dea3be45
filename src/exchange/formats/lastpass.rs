//! `LastPass` Authenticator: JSON of version 3 (Android) or 1 (iOS).
//!
//! Nearly every field may be missing. Folder 0 is the one for everything that is in none. There are no counters.

use std::collections::BTreeMap;

use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Timestamp;

/// The newest version that is known.
const NEWEST: u64 = 3;

/// A date beyond this is in milliseconds: in seconds it would be the year 5138.
const MILLIS: i64 = 100_000_000_000;

pub(super) struct LastPass;

impl Importer for LastPass {
    fn name(&self) -> &'static str {
        "lastpass"
    }

    fn title(&self) -> &'static str {
        "LastPass Authenticator"
    }

    fn source(&self) -> &'static str {
        "in LastPass Authenticator: Settings, Transfer accounts, Export accounts to file"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let named = file.contains(b"\"issuerName\"") || file.is_object_with(&["localDeviceId"]);
        (file.is_object_with(&["accounts"]) && named).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let file = Object::read(file.promised_text()?)?;
        if let Some(newer) = file.number("version").ok().flatten().filter(|version| *version > NEWEST) {
            return Err(ImportError::Newer(newer));
        }
        let folders: BTreeMap<i128, String> = file
            .list("folders")
            .into_iter()
            .filter_map(Value::object)
            .filter_map(|folder| Some((folder.get("id")?.whole()?, folder.words("name"))))
            .collect();
        let mut imported = Imported::default();
        for (index, account) in file.promised("accounts")?.into_iter().enumerate() {
            let place = format!("account {}", index + 1);
            match account.object() {
                Some(account) => {
                    let name = format!("{} {}", account.words("issuerName"), account.words("userName"));
                    imported.take(place, &name, read_account(&account, &folders));
                }
                None => imported.take(place, "", Err(Problem::Field("accounts", "a list of objects"))),
            }
        }
        Ok(imported)
    }
}

fn read_account(account: &Object<'_>, folders: &BTreeMap<i128, String>) -> Result<Entry, Problem> {
    // Instead of a value that is not set some versions write a zero.
    let set = |number: Option<u64>| number.filter(|number| *number > 0);
    let parts = Parts {
        algorithm: &account.text("algorithm")?,
        digits: set(account.number("digits")?),
        period: set(account.number("timeStep")?),
        ..Parts::of(base32(&account.required("secret")?)?)
    };
    let (mut issuer, mut user) = (account.words("issuerName"), account.words("userName"));
    if issuer.trim().is_empty() {
        (issuer, user) = (user, String::new());
    }
    let mut read = Entry::new(&issuer, &user, parts.otp()?);
    read.pinned = account.flag("isFavorite");
    let created =
        account.get("creationTimestamp").and_then(Value::whole).and_then(|at| i64::try_from(at).ok());
    read.added = created
        .filter(|at| *at > 1)
        .map(|at| Timestamp::from_seconds(if at > MILLIS { at / 1000 } else { at }));
    let folder = account.object("folderData").and_then(|data| data.get("folderId")?.whole());
    let group = folder.filter(|id| *id != 0).and_then(|id| folders.get(&id));
    Ok(read.in_group(group.map_or("", String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_takes_the_usual_value() {
        let text = r#"{"version":1,"accounts":[
            {"issuerName":"A","userName":"b","secret":"mfrg gzdf","isFavorite":true,"folderData":{"folderId":2,"position":0},"creationTimestamp":1600000000000},
            {"userName":"only","secret":"MFRGG","digits":8,"timeStep":60,"algorithm":"SHA512","folderData":{"folderId":0}},
            {"issuerName":"C","secret":"","digits":0},{"issuerName":"D","secret":"MFRGG","algorithm":"SHA3"},null],
            "folders":[{"id":0,"name":"Other accounts"},{"id":2,"name":"Work"}]}"#;
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(LastPass.recognizes(&file), Likeness::Yes);
        let imported = LastPass.read(&file, None).unwrap();
        let first = &imported.entries[0];
        assert!(first.pinned && first.groups == ["Work"]);
        assert_eq!(first.added, Some(Timestamp::from_seconds(1_600_000_000)));
        let second = &imported.entries[1];
        assert_eq!((second.issuer.as_str(), second.account.as_str(), second.groups.len()), ("only", "", 0));
        assert_eq!((second.otp.digits.get(), second.otp.period().unwrap().seconds()), (8, 60));
        assert_eq!(imported.refused.len(), 3);
        let newer = text.replace(r#""version":1"#, r#""version":4"#);
        assert_eq!(LastPass.read(&File::new(newer.as_bytes()).unwrap(), None), Err(ImportError::Newer(4)));
    }
}
