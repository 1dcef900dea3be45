//! Bitwarden Authenticator, the app for codes alone: JSON or CSV, never encrypted.
//!
//! The JSON is that of the password manager without folders. In some versions names were escaped for HTML before
//! they went into the link. The CSV has a header of six columns over lines of nine without quotes, so the link is
//! looked for by its scheme. Codes that live in the password manager and are only shown here are not in the export.

use quick_xml::escape::unescape;
use zeroize::Zeroizing;

use super::bitwarden;
use super::csv::{self, Quotes};
use crate::exchange::encodings::json::Object;
use crate::exchange::item::{Item, begins};
use crate::exchange::{File, ImportError, Imported, Importer, Likeness, Problem};

pub(super) struct BitwardenAuthenticator;

impl Importer for BitwardenAuthenticator {
    fn name(&self) -> &'static str {
        "bitwarden_authenticator"
    }

    fn title(&self) -> &'static str {
        "Bitwarden Authenticator"
    }

    fn source(&self) -> &'static str {
        "in Bitwarden Authenticator: Settings, Export"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let other = ["collections", "folders", "passwordProtected", "encKeyValidation_DO_NOT_EDIT", "data"];
        let json = file.is_object_with(&["items"])
            && !other.iter().any(|name| file.is_object_with(&[name]))
            && (file.is_object_with(&["encrypted"])
                || (file.contains(b"\"totp\"") && file.contains(b"\"login\"")));
        let csv = csv::header(file)
            .is_some_and(|names| csv::has(&names, "login_totp") && !csv::has(&names, "login_username"));
        (json || csv).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let text = file.promised_text()?;
        let mut imported =
            if file.is_json() { bitwarden::read_items(&Object::read(text)?)? } else { read_lines(text)? };
        for entry in &mut imported.entries {
            entry.issuer = plain(&entry.issuer);
            entry.account = plain(&entry.account);
        }
        Ok(imported)
    }
}

/// Undoes what was escaped for HTML; a name that only looks like it stays.
fn plain(name: &str) -> String {
    if name.contains('&') && name.contains(';') {
        return unescape(name).map_or_else(|_| name.to_owned(), |name| name.trim().to_owned());
    }
    name.to_owned()
}

fn read_lines(text: &str) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    // Nothing is quoted, so a quotation mark in a name must not swallow the lines below.
    csv::rows(text, Quotes::No, |row| {
        let bare = |field: &'_ str| field.trim_matches(['"', ' ']).to_owned();
        let link = row.backwards().map(bare).map(Zeroizing::new).find(|field| is_link(field));
        let title = bare(row.get(&["name"]));
        let entry = match &link {
            Some(link) => Item { title: &title, user: "", otp: link }.entry(),
            // Without a link the column counts, if it can be trusted to be where the header says.
            None if row.is_whole() => Item { title: &title, user: "", otp: row.get(&["login_totp"]) }.entry(),
            None => Err(Problem::Missing("login_totp")),
        };
        imported.take(row.place(), &title, entry);
        csv::unless(imported.is_full())
    })?;
    Ok(imported)
}

fn is_link(field: &str) -> bool {
    begins(field, "otpauth://") || begins(field, "steam://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Imported {
        let file = File::new(text.as_bytes()).unwrap();
        assert_eq!(BitwardenAuthenticator.recognizes(&file), Likeness::Yes);
        BitwardenAuthenticator.read(&file, None).unwrap()
    }

    fn names(imported: &Imported) -> Vec<(&str, &str)> {
        imported.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect()
    }

    #[test]
    fn json_is_read_and_names_lose_their_html() {
        let imported = read(
            r#"{"encrypted":false,"items":[
            {"favorite":true,"id":"1","login":{"totp":"otpauth://totp/A%26amp%3BB:Bob%26%23x27%3Bs?secret=MFRGG&issuer=A%26amp%3BB"},"name":"A&amp;B","type":1},
            {"favorite":false,"id":"2","login":{"totp":"steam://MFRGG"},"name":"Valve","type":1},
            {"id":"3","login":{"totp":"otpauth://totp/R%26D%20%26x%3B:y?secret=MFRGG"},"name":"x","type":1}]}"#,
        );
        assert_eq!(names(&imported), [("A&B", "Bob's"), ("Valve", ""), ("R&D &x;", "y")]);
        assert!(imported.entries[0].pinned);
    }

    #[test]
    fn nine_columns_stand_under_a_header_of_six() {
        let imported = read(concat!(
            "folder,favorite,type,name,login_uri,login_totp\n",
            ",,1,GitHub,,,,otpauth://totp/GitHub:alice?secret=MFRGG&issuer=GitHub,\n",
            ",,1,Big, Corp,,,,otpauth://totp/bob?secret=MFRGG&issuer=Big%2C%20Corp,\n",
            ",,1,Steam,,,,steam://MFRGG,\n",
            ",,1,Six,,mfrgg\n",
            ",,1,None,,,,,\n",
        ));
        assert_eq!(names(&imported), [("GitHub", "alice"), ("Big, Corp", "bob"), ("Steam", ""), ("Six", "")]);
        assert_eq!((imported.refused[0].place.as_str(), imported.refused.len()), ("line 6", 1));
    }
}
