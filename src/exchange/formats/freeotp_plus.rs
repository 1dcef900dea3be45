//! `FreeOTP+` for Android: the JSON that its menu exports.
//!
//! The tokens are those of `FreeOTP` 1.x, with its quirk: the counter is one less than the next. The list
//! `tokenOrder` may lack some; all are taken.

use super::freeotp;
use crate::exchange::encodings::json::Object;
use crate::exchange::{File, ImportError, Imported, Importer, Likeness, Problem};

pub(super) struct FreeOtpPlus;

impl Importer for FreeOtpPlus {
    fn name(&self) -> &'static str {
        "freeotp_plus"
    }

    fn title(&self) -> &'static str {
        "FreeOTP+"
    }

    fn source(&self) -> &'static str {
        "in FreeOTP+: menu, Settings, Export, JSON format"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        file.is_object_with(&["tokenOrder", "tokens"]).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let root = Object::read(file.promised_text()?)?;
        let mut imported = Imported::default();
        for (index, token) in root.promised("tokens")?.into_iter().enumerate() {
            let place = format!("entry {}", index + 1);
            match token.object() {
                Some(token) => imported.take(place, &freeotp::name(&token), freeotp::read_token(&token)),
                None => imported.take(place, "", Err(Problem::Field("tokens", "a list of objects"))),
            }
        }
        Ok(imported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_without_a_place_in_the_order_are_taken_too() {
        let json =
            br#"{"tokenOrder":[],"tokens":[{"type":"TOTP","label":"{token.label}","secret":[1]},7,null]}"#;
        let file = File::new(json).unwrap();
        assert_eq!(FreeOtpPlus.recognizes(&file), Likeness::Yes);
        let imported = FreeOtpPlus.read(&file, None).unwrap();
        assert_eq!((imported.entries.len(), imported.refused.len()), (1, 2));
    }

    #[test]
    fn without_its_list_it_is_damaged() {
        let file = File::new(br#"{"tokenOrder":[],"tokens":null}"#).unwrap();
        assert!(matches!(FreeOtpPlus.read(&file, None), Err(ImportError::Damaged(_))));
    }
}
