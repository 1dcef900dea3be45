//! Steam: the `Steamguard-…` file of the Android app, and the `.maFile` of desktop programs.
//!
//! One account is an object with its `shared_secret` in Base64; newer files have a map of them, by Steam's number. The
//! desktop programs keep a folder of `.maFile`s. Where they are encrypted, salt and start value of each stand in the
//! `manifest.json` beside them, so it takes the folder, packed into a zip archive, to open one.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::exchange::encodings::archive::Archive;
use crate::exchange::encodings::cipher::{self, Argon2Cost, Bytes};
use crate::exchange::encodings::json::{Object, Value, base64};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::{Otp, Secret};

/// What the files of the desktop programs end with.
const ENDING: &str = ".mafile";

/// The list of them.
const MANIFEST: &str = "manifest.json";

/// The most of them in an archive: each asks for a derivation of its own.
const MOST_FILES: usize = 100;

/// The rounds of Steam Desktop Authenticator.
const ROUNDS: u64 = 50_000;

/// What steamguard-cli takes since it has another way.
const COST: Argon2Cost = Argon2Cost { memory: 12 << 10, passes: 3, lanes: 12 };

pub(super) struct Steam;

impl Importer for Steam {
    fn name(&self) -> &'static str {
        "steam"
    }

    fn title(&self) -> &'static str {
        "Steam"
    }

    fn source(&self) -> &'static str {
        "files/Steamguard-… of com.valvesoftware.android.steam.community on a rooted phone; or a .maFile of Steam \
         Desktop Authenticator or steamguard-cli, and if it is encrypted a .zip file of the whole folder"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let one = file.is_object_with(&["shared_secret"]);
        let several = file.is_object_with(&["accounts"]) && file.contains(b"\"shared_secret\"");
        let folder = file.members().iter().any(|name| is_ma_file(name));
        let list = file.is_list_with(&["shared_secret"]);
        (one || several || list || folder || is_manifest(file)).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if file.begins(b"PK") {
            return read_folder(file.bytes(), password);
        }
        if is_manifest(file) {
            return Err(ImportError::Restricted(
                "this is only the list of the .maFiles; pack the folder with all of them into a .zip file, and import that",
            ));
        }
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
    // Steam's own number, as a text or not.
    let number = |name| match account.number(name) {
        Ok(Some(number)) => number.to_string(),
        _ => account.words(name),
    };
    let name = [account.words("account_name"), number("steamid"), number("steam_id"), id.to_owned()];
    let name = name.iter().find(|name| !name.trim().is_empty()).map_or("", String::as_str);
    Ok(Entry::new("Steam", name, Otp::steam(Secret::from_bytes(&bytes)?)))
}

fn is_ma_file(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(ENDING) && !name.starts_with("__MACOSX/")
}

fn is_manifest(file: &File<'_>) -> bool {
    file.is_object_with(&["entries"]) && file.mentions(".maFile\"")
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// How a file is encrypted.
struct Seal {
    is_argon2: bool,
    salt: Bytes,
    iv: Bytes,
}

impl Seal {
    fn open(&self, sealed: &[u8], password: &str) -> Result<Bytes, ImportError> {
        let key = if self.is_argon2 {
            cipher::argon2id(password, &self.salt, COST)?
        } else {
            cipher::pbkdf2(cipher::Hash::Sha1, password, &self.salt, ROUNDS, cipher::KEY)?
        };
        cipher::open_cbc(&key, &self.iv, sealed)
    }
}

/// Reads an archive of the folder.
fn read_folder(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
    let mut archive = Archive::open(bytes)?;
    let names: Vec<String> = archive.names().iter().filter(|name| is_ma_file(name)).cloned().collect();
    if names.len() > MOST_FILES {
        return Err(ImportError::TooLarge("an archive of more than 100 files"));
    }
    let has_manifest = archive.names().iter().any(|name| last(name) == MANIFEST);
    let seals = if has_manifest {
        seals(cipher::text(&archive.read(|name| last(name) == MANIFEST, password)?)?)
    } else {
        BTreeMap::new()
    };
    let mut imported = Imported::default();
    let (mut opened, mut wrong) = (0, 0);
    for name in &names {
        let bytes = archive.read(|found| found == name, password)?;
        let text = Zeroizing::new(String::from_utf8_lossy(bytes.trim_ascii()).into_owned());
        if text.trim_start_matches('\u{feff}').starts_with('{') {
            take_text(&mut imported, name, text.trim_start_matches('\u{feff}'));
            continue;
        }
        let Some((seal, sealed)) = seals.get(last(name)).zip(base64(&text)) else {
            let problem = Problem::Locked("it is encrypted, and no manifest.json in the archive says how");
            imported.take(last(name), "", Err(problem));
            continue;
        };
        let plain = seal.open(&sealed, password.ok_or(ImportError::PasswordNeeded)?);
        match plain.as_ref().map(|plain| std::str::from_utf8(plain)) {
            Ok(Ok(plain)) if plain.trim_start().starts_with('{') => {
                opened += 1;
                take_text(&mut imported, name, plain);
            }
            Err(ImportError::Costly { .. } | ImportError::Damaged(_)) => {
                imported.take(last(name), "", Err(Problem::Field("encryption_salt", "whole")));
            }
            _ => {
                wrong += 1;
                imported.take(last(name), "", Err(Problem::Locked("it does not open with this password")));
            }
        }
    }
    if wrong > 0 && opened == 0 { Err(ImportError::WrongPassword) } else { Ok(imported) }
}

fn take_text(imported: &mut Imported, name: &str, text: &str) {
    match Value::read(text) {
        Ok(account) => take(imported, "", account),
        Err(_) => imported.take(last(name), "", Err(Problem::Field("shared_secret", "in JSON"))),
    }
}

/// Reads how each file is encrypted, from the manifest of either program.
fn seals(manifest: &str) -> BTreeMap<String, Seal> {
    let Ok(manifest) = Object::read(manifest) else { return BTreeMap::new() };
    let entries = manifest.list("entries").into_iter().filter_map(Value::object);
    entries
        .filter_map(|entry| {
            let own = entry.object("encryption");
            let value = |old: &'static str, new: &'static str| match &own {
                Some(own) => base64(&own.words(new)),
                None => base64(&entry.words(old)),
            };
            let seal = Seal {
                is_argon2: own.as_ref().is_some_and(|own| own.words("scheme").starts_with("Argon2")),
                salt: value("encryption_salt", "salt").filter(|salt| !salt.is_empty())?,
                iv: value("encryption_iv", "iv")?,
            };
            Some((entry.words("filename"), seal))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;
    use crate::exchange::encodings::archive::tests::packed;

    fn read(text: &str) -> Imported {
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(Steam.recognizes(&file), Likeness::Yes);
        Steam.read(&file, None).unwrap()
    }

    #[test]
    fn a_folder_of_files_is_opened_by_its_manifest() {
        let one = r#"{"shared_secret":"YWJj","account_name":"gabe"}"#;
        let iv = [3; 16];
        let key = cipher::pbkdf2(cipher::Hash::Sha1, "correct horse", b"saltsalt", ROUNDS, 32).unwrap();
        let old = BASE64.encode(&cipher::seal_cbc(&key, &iv, one.as_bytes()));
        let key = cipher::argon2id("correct horse", b"saltsalt", COST).unwrap();
        let new = BASE64.encode(&cipher::seal_cbc(&key, &iv, one.replace("gabe", "newell").as_bytes()));
        let (salt, iv) = (BASE64.encode(b"saltsalt"), BASE64.encode(&iv));
        let manifest = format!(
            r#"{{"encrypted":true,"entries":[{{"encryption_iv":"{iv}","encryption_salt":"{salt}","filename":"1.maFile","steamid":1}},
            {{"filename":"2.maFile","steam_id":2,"encryption":{{"scheme":"Argon2idAes256","iv":"{iv}","salt":"{salt}"}}}}]}}"#
        );
        let file = File::new(manifest.as_bytes()).unwrap();
        assert_eq!(Steam.recognizes(&file), Likeness::Yes);
        assert!(matches!(Steam.read(&file, None), Err(ImportError::Restricted(_))));
        let files = [
            ("maFiles/1.maFile", old.as_bytes()),
            ("maFiles/2.maFile", new.as_bytes()),
            ("maFiles/3.maFile", old.as_bytes()),
            ("maFiles/4.maFile", b"\xef\xbb\xbf{\"shared_secret\":\"YWJj\",\"steamid\":4}"),
            ("maFiles/manifest.json", manifest.as_bytes()),
        ];
        let zip = packed(&files, None);
        let file = File::new(&zip).unwrap();
        assert_eq!(Steam.recognizes(&file), Likeness::Yes);
        assert_eq!(Steam.read(&file, None), Err(ImportError::PasswordNeeded));
        assert_eq!(Steam.read(&file, Some("wrong")), Err(ImportError::WrongPassword));
        let imported = Steam.read(&file, Some("correct horse")).unwrap();
        let names: Vec<&str> = imported.entries.iter().map(|entry| entry.account.as_str()).collect();
        assert_eq!(names, ["gabe", "newell", "4"]);
        assert_eq!((imported.refused[0].place.as_str(), imported.refused.len()), ("3.maFile", 1));
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
