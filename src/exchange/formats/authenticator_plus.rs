//! Authenticator Plus for Android: the zip archive of its export, encrypted with `WinZip`'s AES.
//!
//! `Accounts.txt` in it has one link a line. The app's own database, `authplus.db`, is of `SQLCipher` and has no mark
//! at all; it is refused with what to do instead.

use super::winauth::read_text;
use crate::exchange::encodings::archive::Archive;
use crate::exchange::{File, ImportError, Imported, Importer, Likeness};

/// The size of a page of the database.
const PAGE: usize = 1024;

pub(super) struct AuthenticatorPlus;

impl Importer for AuthenticatorPlus {
    fn name(&self) -> &'static str {
        "authenticator_plus"
    }

    fn title(&self) -> &'static str {
        "Authenticator Plus"
    }

    fn source(&self) -> &'static str {
        "in Authenticator Plus: Settings, Backup & Restore, Export as Text and HTML (a .zip file)"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        if file.members().iter().any(|name| is_accounts(name)) {
            return Likeness::Yes;
        }
        if is_database(file) { Likeness::Perhaps } else { Likeness::No }
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if !file.begins(b"PK") {
            return Err(ImportError::Restricted(
                "this database of Authenticator Plus is encrypted in a way that only the app opens; export a .zip \
                 file in it: Settings, Backup & Restore, Export as Text and HTML",
            ));
        }
        let bytes = Archive::open(file.bytes())?.read(is_accounts, password)?;
        Ok(read_text(File::new(&bytes)?.promised_text()?))
    }
}

fn is_accounts(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|end| end.eq_ignore_ascii_case("accounts.txt"))
}

/// Says whether a file could be the database: whole pages of noise.
fn is_database(file: &File<'_>) -> bool {
    let bytes = file.bytes();
    let head = bytes.get(..256).unwrap_or_default();
    let known = [b"SQLite".as_slice(), b"PK", b"\x89PNG", b"bplist", b"\xac\xed"];
    let seen = head.iter().fold([false; 256], |mut seen, byte| {
        seen[usize::from(*byte)] = true;
        seen
    });
    // Of 256 bytes of noise about 160 differ; of a head that was written, far fewer do.
    let different = seen.iter().filter(|seen| **seen).count();
    bytes.len() >= 2 * PAGE
        && bytes.len().is_multiple_of(PAGE)
        && file.text().is_none()
        && different > 120
        && !known.iter().any(|magic| file.begins(magic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::encodings::archive::tests::packed;

    #[test]
    fn an_archive_is_known_by_its_file() {
        let bytes =
            packed(&[("Accounts.html", b"x"), ("Accounts.txt", b"otpauth://totp/a?secret=MFRGG\n")], None);
        let file = File::new(&bytes).unwrap();
        assert_eq!(AuthenticatorPlus.recognizes(&file), Likeness::Yes);
        assert_eq!(AuthenticatorPlus.read(&file, None).unwrap().entries.len(), 1);
    }

    #[test]
    fn the_database_is_refused_with_advice() {
        let noise: Vec<u8> =
            (0..2048_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0]).collect();
        let file = File::new(&noise).unwrap();
        assert_eq!(AuthenticatorPlus.recognizes(&file), Likeness::Perhaps);
        assert!(matches!(AuthenticatorPlus.read(&file, Some("x")), Err(ImportError::Restricted(_))));
        assert_eq!(AuthenticatorPlus.recognizes(&File::new(&noise[1..]).unwrap()), Likeness::No);
        assert_eq!(AuthenticatorPlus.recognizes(&File::new(&[0xff; 2048]).unwrap()), Likeness::No);
    }
}
