//! The password managers and their authenticators.

use twolock::exchange::ImportError;

use super::{bytes, check, read};

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
