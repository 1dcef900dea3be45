//! FreeOTP, Authy, the databases of phones, hardware tokens and servers.

use super::check;

#[test]
fn freeotp() {
    check("freeotp1_tokens.xml", "freeotp");
    check("freeotp2_externalBackup.xml", "freeotp");
}

#[test]
fn freeotp_plus() {
    check("freeotp_plus.json", "freeotp_plus");
}

#[test]
fn authy() {
    check("authy_encrypted.xml", "authy");
}

#[test]
fn databases_of_phones() {
    check("google_authenticator.sqlite", "google_sqlite");
    check("ms_PhoneFactor.sqlite", "microsoft");
}

#[test]
fn steam() {
    check("steam_guard.json", "steam");
}

#[test]
fn authenticator_plus() {
    check("authenticator_plus.zip", "authenticator_plus");
}
