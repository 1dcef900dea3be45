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
