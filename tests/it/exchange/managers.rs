//! The password managers and their authenticators.

use twolock::exchange::{File, ImportError, Imported, recognize};

use super::{bytes, check, damage, read};

#[test]
fn bitwarden() {
    check("bitwarden_plain.json", "bitwarden");
    check("bitwarden_pbkdf2.json", "bitwarden");
    check("bitwarden_argon2id.json", "bitwarden");
    check("bitwarden.csv", "bitwarden");
    let restricted = bytes("bitwarden_restricted.json");
    for password in [None, Some("correct horse")] {
        let Err(ImportError::Restricted(advice)) = read(&restricted, password) else {
            panic!("it opens only in its account");
        };
        assert!(advice.contains("Password protected"), "{advice}");
    }
}

#[test]
fn ente() {
    check("ente_encrypted.txt", "ente");
}

#[test]
fn proton() {
    check("proton_plain.json", "proton");
    check("proton_encrypted.json", "proton");
}

#[test]
fn duo() {
    check("duo_accounts.json", "duo");
}

#[test]
fn lastpass() {
    check("lastpass.json", "lastpass");
}

#[test]
fn onepassword() {
    check("export.1pux", "onepassword");
}

#[test]
fn raivo() {
    check("raivo-otp-export.zip", "raivo");
}

/// Made by `keepassxc-cli` (KDBX 4, Argon2): a group, an entry in it, and a link in its attribute `otp`.
#[test]
fn keepass() {
    let database = bytes("keepassxc.kdbx");
    assert_eq!(read(&database, None), Err(ImportError::PasswordNeeded));
    assert_eq!(read(&database, Some("wrong horse")), Err(ImportError::WrongPassword));
    let opened = read(&database, Some("correct horse")).unwrap();
    let entry = &opened.entries[0];
    assert_eq!((opened.entries.len(), entry.issuer.as_str(), entry.account.as_str()), (1, "GitHub", "alice"));
    assert_eq!(entry.groups, ["Work"]);
    assert_eq!(*entry.otp.secret.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    for cut in [40, database.len() / 2, database.len() - 1] {
        assert!(read(&database[..cut], Some("correct horse")).is_err(), "cut at {cut}");
    }
}

/// Reads a database with a key file.
fn read_with(database: &[u8], password: Option<&str>, key_file: &[u8]) -> Result<Imported, ImportError> {
    let file = File::new(database)?.with_key_file(Some(key_file));
    recognize(&file).unwrap().read(&file, password)
}

#[track_caller]
fn are_the_two_accounts(imported: &Imported) {
    let names: Vec<(&str, &str)> =
        imported.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect();
    assert_eq!(names, [("GitHub", "alice"), ("Bank", "bob")]);
    assert_eq!(imported.refused, []);
    for entry in &imported.entries {
        assert_eq!(entry.groups, ["Work"]);
        assert_eq!(*entry.otp.secret.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
    assert_eq!(imported.entries[1].otp.digits.get(), 8);
}

#[test]
fn keepass_of_version_3_with_a_key_file() {
    let (database, key) = (bytes("keepass_3.kdbx"), bytes("keepass.keyx"));
    are_the_two_accounts(&read_with(&database, Some("correct horse"), &key).unwrap());
    assert_eq!(read_with(&database, None, &key), Err(ImportError::PasswordNeeded));
    for (password, key) in [("wrong horse", &key[..]), ("", &key), ("correct horse", b"another file")] {
        assert_eq!(read_with(&database, Some(password), key), Err(ImportError::WrongPassword));
    }
    // Nothing in the file tells that the key file is what lacks.
    assert_eq!(read(&database, Some("correct horse")), Err(ImportError::WrongPassword));
    let cut = read_with(&database, Some("correct horse"), &key[..key.len() / 2]);
    assert!(matches!(cut, Err(ImportError::Restricted(why)) if why.contains("key file")), "{cut:?}");
    for part in 1..8 {
        let cut = &database[..database.len() * part / 8];
        assert!(read_with(cut, Some("correct horse"), &key).is_err());
    }
    for at in (0..database.len()).step_by(13) {
        let mut flipped = database.clone();
        flipped[at] ^= 1 << (at % 8);
        if let Ok(imported) = read_with(&flipped, Some("correct horse"), &key) {
            are_the_two_accounts(&imported);
        }
    }
}

#[test]
fn keepass_with_twofish() {
    let database = bytes("keepass_twofish.kdbx");
    are_the_two_accounts(&read(&database, Some("correct horse")).unwrap());
    assert_eq!(read(&database, None), Err(ImportError::PasswordNeeded));
    assert_eq!(read(&database, Some("wrong horse")), Err(ImportError::WrongPassword));
    damage(&database, Some("correct horse"));
    for at in (0..database.len()).step_by(13) {
        let mut flipped = database.clone();
        flipped[at] ^= 1 << (at % 8);
        assert!(read(&flipped, Some("correct horse")).is_err(), "a flip at byte {at} went unnoticed");
    }
}
