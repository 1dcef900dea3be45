//! Pictures and photographs with QR codes in them: one account each, or an export of Google Authenticator.

use super::otpauth::{self, is_link, is_migration};
use crate::exchange::{File, ImportError, Imported, Importer, Likeness, picture};

pub(super) struct Photo;

impl Importer for Photo {
    fn name(&self) -> &'static str {
        "picture"
    }

    fn title(&self) -> &'static str {
        "picture with QR codes"
    }

    fn source(&self) -> &'static str {
        "a screenshot or a photograph of the QR codes, as PNG, JPEG, WebP, GIF or BMP"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        // A text that begins with the two letters of a BMP is none.
        (file.text().is_none() && picture::is_picture(file.bytes())).into()
    }

    fn read(&self, file: &File<'_>, _: Option<&str>) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        for (number, code) in (1..).zip(picture::read_codes(file.bytes())?) {
            // A code of something else is nothing to be named in a report.
            let code = code.trim();
            let text = if is_link(code) || is_migration(code) { code } else { "" };
            otpauth::take(format!("code {number}"), text, &mut imported);
        }
        Ok(imported)
    }
}
