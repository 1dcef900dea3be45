//! Raivo for iOS: `raivo-otp-export.zip`, encrypted by `WinZip`'s AES.
//!
//! In it is a list in JSON in which every value is a text, numbers and flags too. (The same zip has the codes as a
//! web page, which is not looked at.) The list alone, unpacked by hand, is read as well.

use crate::exchange::encodings::archive::Archive;
use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{Object, Value};
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Entry, File, ImportError, Imported, Importer, Likeness, Problem};

/// The file with the list in the zip.
const MEMBER: &str = "raivo-otp-export.json";

pub(super) struct Raivo;

impl Importer for Raivo {
    fn name(&self) -> &'static str {
        "raivo"
    }

    fn title(&self) -> &'static str {
        "Raivo OTP"
    }

    fn source(&self) -> &'static str {
        "in Raivo: Settings, Export OTPs to ZIP archive"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let list = file.is_list_with(&["kind", "secret", "timer"]);
        (list || file.members().iter().any(|name| is_list(name))).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if !file.begins(b"PK") {
            return read_list(file.promised_text()?);
        }
        let bytes = Archive::open(file.bytes())?.read(is_list, password)?;
        read_list(cipher::text(&bytes)?)
    }
}

fn is_list(name: &str) -> bool {
    name.rsplit('/').next() == Some(MEMBER)
}

fn read_list(text: &str) -> Result<Imported, ImportError> {
    let list = Value::read(text)?
        .list()
        .ok_or_else(|| ImportError::Damaged("it is JSON, but no list".to_owned()))?;
    let mut imported = Imported::default();
    for (index, entry) in list.into_iter().enumerate() {
        let place = format!("entry {}", index + 1);
        match entry.object() {
            Some(entry) => {
                let name = format!("{} {}", entry.words("issuer"), entry.words("account"));
                imported.take(place, &name, read_entry(&entry));
            }
            None => imported.take(place, "", Err(Problem::Field("entry", "an object"))),
        }
    }
    Ok(imported)
}

fn read_entry(entry: &Object<'_>) -> Result<Entry, Problem> {
    let kind = entry.text("kind")?;
    let issuer = entry.words("issuer");
    let is_counter = kind.trim().eq_ignore_ascii_case("hotp");
    let parts = Parts {
        kind: &kind,
        secret: base32(&entry.required("secret")?)?,
        algorithm: &entry.text("algorithm")?,
        digits: entry.number("digits")?,
        // Of a counter there is a timer too, which means nothing and is 0.
        period: if is_counter { None } else { entry.number("timer")? },
        counter: entry.number("counter")?,
        pin: "",
    };
    let mut read = Entry::new(&issuer, &entry.words("account"), parts.otp()?);
    read.pinned = entry.flag("pinned");
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::encodings::archive::tests::packed;

    const LIST: &str = r#"[{"issuer":"A","account":"b","secret":"MFRGG","algorithm":"SHA256","digits":"8","kind":"TOTP","timer":"60","counter":"0","pinned":"true","iconType":"","iconValue":""},
        {"issuer":"C","account":"d","secret":"MFRGG","algorithm":"SHA1","digits":"6","kind":"HOTP","timer":"0","counter":"7","pinned":"false"},
        {"issuer":"E","account":"f","secret":"MFRGG","algorithm":"SHA7","digits":"6","kind":"TOTP","timer":"30","counter":"0"}]"#;

    #[test]
    fn every_value_is_a_text() {
        let plain = packed(&[("x/raivo-otp-export.json", LIST.as_bytes())], None);
        for bytes in [LIST.as_bytes(), &plain] {
            let file = File::new(bytes).unwrap();
            assert_eq!(Raivo.recognizes(&file), Likeness::Yes);
            let imported = Raivo.read(&file, None).unwrap();
            assert!(imported.entries[0].pinned && !imported.entries[1].pinned);
            assert_eq!(imported.entries[0].otp.period().unwrap().seconds(), 60);
            assert_eq!(imported.entries[1].otp.kind, crate::otp::Kind::Hotp { counter: 7 });
            assert_eq!(imported.refused[0].problem, Problem::Algorithm("SHA7".to_owned()));
        }
    }
}
