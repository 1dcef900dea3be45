//! gauth, the command by Pierre Carrier: `~/.config/gauth.csv`, plain or encrypted by `openssl enc`.
//!
//! A line is `name:SECRET` or a link. What OpenSSL has encrypted bears no tag, so a wrong password may show only in
//! lines that make no sense.

use super::otpauth::{self, is_link, lines};
use crate::exchange::encodings::cipher;
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Assumed, Entry, File, ImportError, Imported, Importer, Likeness, Problem};

/// The fewest letters of a secret, where nothing else tells that a file is one of these.
const LEAST: usize = 16;

pub(super) struct Gauth;

impl Importer for Gauth {
    fn name(&self) -> &'static str {
        "gauth"
    }

    fn title(&self) -> &'static str {
        "gauth"
    }

    fn source(&self) -> &'static str {
        "the file `~/.config/gauth.csv`"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        if file.begins(cipher::SALTED) {
            return Likeness::Yes;
        }
        let Some(head) = file.head().filter(|_| !file.is_json()) else { return Likeness::No };
        let is_secret = |line: &str| {
            line.rsplit_once(':').is_some_and(|(name, secret)| {
                !name.trim().is_empty() && !name.contains("://") && looks_like_secret(secret)
            })
        };
        let mut found = false;
        for (_, line) in lines(head) {
            match is_secret(line) {
                true => found = true,
                false if is_link(line) => {}
                false => return Likeness::No,
            }
        }
        if found { Likeness::Perhaps } else { Likeness::No }
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        if !file.begins(cipher::SALTED) {
            return Ok(read_lines(file.promised_text()?));
        }
        let password = password.ok_or(ImportError::PasswordNeeded)?;
        let plain = cipher::open_salted(cipher::Salted::Sha256Aes128, password.as_bytes(), file.bytes())?;
        let imported = read_lines(cipher::text(&plain)?);
        if imported.entries.is_empty() && !imported.refused.is_empty() {
            return Err(ImportError::WrongPassword);
        }
        Ok(imported)
    }
}

fn looks_like_secret(text: &str) -> bool {
    let letters = || text.chars().filter(|c| !matches!(c, ' ' | '-' | '='));
    letters().all(|c| c.is_ascii_alphabetic() || matches!(c, '2'..='7')) && letters().count() >= LEAST
}

fn read_lines(text: &str) -> Imported {
    let mut imported = Imported::default();
    let mut has_bare = false;
    for (number, line) in lines(text) {
        if imported.is_full() {
            break;
        }
        let place = format!("line {number}");
        if line.contains("://") {
            otpauth::take(place, line, &mut imported);
            continue;
        }
        let (name, secret) = line.rsplit_once(':').unwrap_or(("", line));
        let entry = read_secret(name, secret);
        has_bare |= entry.is_ok();
        imported.take(place, name, entry);
    }
    if has_bare {
        return imported.assuming(&[Assumed::Algorithm, Assumed::Digits, Assumed::Period]);
    }
    imported
}

fn read_secret(name: &str, secret: &str) -> Result<Entry, Problem> {
    if name.trim().is_empty() {
        return Err(Problem::Missing("name"));
    }
    Ok(Entry::new("", name, Parts::of(base32(secret)?).otp()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_name_and_a_secret_or_a_link() {
        let text = b"# mine\n\nA:b: jbsw y3dp ehpk 3pxp\notpauth://totp/C:d?secret=JBSWY3DPEHPK3PXP\nE:JBSWY3DPEHPK3PXP\n";
        let file = File::new(text).unwrap();
        assert_eq!(Gauth.recognizes(&file), Likeness::Perhaps);
        let list = Gauth.read(&file, None).unwrap();
        let names: Vec<_> =
            list.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect();
        assert_eq!(names, [("", "A:b"), ("C", "d"), ("", "E")]);
        assert_eq!(list.assumed.len(), 3);
    }

    #[test]
    fn lines_that_make_no_sense_are_refused_without_what_stands_there() {
        let file = File::new(b"x:JBSWY3DPEHPK3PXP\nhunter2\nname:not base32!\n").unwrap();
        assert_eq!(Gauth.recognizes(&file), Likeness::No);
        let list = Gauth.read(&file, None).unwrap();
        let refused: Vec<_> =
            list.refused.iter().map(|refused| (refused.place.as_str(), refused.name.as_str())).collect();
        assert_eq!(refused, [("line 2", ""), ("line 3", "name")]);
    }

    #[test]
    fn a_salt_that_is_cut_off_is_an_error() {
        for length in 8..40 {
            let bytes = [cipher::SALTED, &vec![7; length - 8]].concat();
            assert!(Gauth.read(&File::new(&bytes).unwrap(), Some("x")).is_err());
        }
    }
}
