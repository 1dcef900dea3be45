//! Messages of `OpenPGP` around files of the other formats: Proton Pass' export, andOTP's, what `gpg -c` makes.
//!
//! What a password opens is looked at like a file that came in clear; a message in a message is not. What only a key
//! opens is left to the program that has the key.

use crate::exchange::encodings::openpgp;
use crate::exchange::{File, ImportError, Imported, Importer, Likeness, recognize};

pub(super) struct OpenPgp;

impl Importer for OpenPgp {
    fn name(&self) -> &'static str {
        "openpgp"
    }

    fn title(&self) -> &'static str {
        "OpenPGP message"
    }

    fn source(&self) -> &'static str {
        "in Proton Pass: Settings, Export, with a passphrase; in andOTP: Backup, OpenPGP; or what `gpg -c` makes of a \
         file of another format"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        openpgp::is_message(file.bytes()).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let plain = openpgp::open(file.bytes(), password)?;
        let inner = File::new(&plain)?;
        // The text of another program may look like WinAuth's; what is no text is its archive.
        let is_wrapped = |name| match name {
            "archive" | "openpgp" => true,
            "winauth" => inner.text().is_none(),
            _ => false,
        };
        let format = recognize(&inner).filter(|format| !is_wrapped(format.name()));
        format.ok_or(ImportError::Unknown)?.read(&inner, password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::encodings::openpgp::tests::armoured;

    /// A list of one link, sealed with the passphrase `correct horse`.
    const LINK: &str = "-----BEGIN PGP MESSAGE-----\n\nww0EBwMCAAECAwQFBgcA0lEBas7c5rb3x0BF50MrFLwnps5nv3nhz99+2wcYm3zR\nQCl7mPyeIcKadlaNbWE5Pc4FmzLaR1j+ZQ4JzX4rISCupveu2VQSgXC0Gl3jupTX\nOas=\n-----END PGP MESSAGE-----";

    /// A message for a key, of which only the head is left.
    const FOR_A_KEY: &[u8] = b"\x85\x01\x0c\x03\x01\x02\x03\x04\x05\x06\x07\x08";

    #[test]
    fn what_was_sealed_is_read_as_if_it_were_not() {
        let file = File::new(LINK.as_bytes()).unwrap();
        assert_eq!(OpenPgp.recognizes(&file), Likeness::Yes);
        assert_eq!(OpenPgp.read(&file, None), Err(ImportError::PasswordNeeded));
        assert_eq!(OpenPgp.read(&file, Some("wrong")), Err(ImportError::WrongPassword));
        let imported = OpenPgp.read(&file, Some("correct horse")).unwrap();
        assert_eq!((imported.entries[0].issuer.as_str(), imported.entries.len()), ("A", 1));
    }

    #[test]
    fn a_message_in_a_message_is_refused() {
        let once = armoured(b"otpauth://totp/A:b?secret=MFRGG", "correct horse");
        let read = |text: &str| OpenPgp.read(&File::new(text.as_bytes()).unwrap(), Some("correct horse"));
        assert_eq!(read(&once).unwrap().entries.len(), 1);
        assert_eq!(read(&armoured(once.as_bytes(), "correct horse")), Err(ImportError::Unknown));
    }

    #[test]
    fn a_message_for_a_key_is_known() {
        let file = File::new(FOR_A_KEY).unwrap();
        assert_eq!(OpenPgp.recognizes(&file), Likeness::Yes);
        assert!(OpenPgp.read(&file, Some("x")).is_err());
    }
}
