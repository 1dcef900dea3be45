//! `FreeOTP`, Authy, the databases of phones, hardware tokens and servers.

use twolock::exchange::ImportError;
use twolock::otp::Timestamp;

use super::{AT, bytes, check, read};

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
    check("authy_tokens.json", "authy");
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

#[test]
fn battlenet() {
    check("battlenet.xml", "battlenet");
}

#[test]
fn winauth() {
    check("winauth.txt", "winauth");
    check("winauth.zip", "winauth");
}

#[test]
fn pskc() {
    check("pskc_plain.xml", "pskc");
    check("pskc_key.xml", "pskc");
    check("pskc_password.xml", "pskc");
}

#[test]
fn tofu() {
    check("tofu.tofu", "tofu");
}

/// `SQLCipher` has no mark: version 3 of Authenticator Plus, version 4 of Stratum.
#[test]
fn databases_that_are_noise_are_opened_by_their_password() {
    check("authplus.db", "authenticator_plus");
    // Its 256,000 rounds are too many to be run again for every kind of damage.
    let database = bytes("stratum_encrypted.db");
    assert_eq!(read(&database, None), Err(ImportError::PasswordNeeded));
    let read = read(&database, Some("correct horse")).unwrap();
    let names: Vec<&str> = read.entries.iter().map(|entry| entry.issuer.as_str()).collect();
    assert_eq!(names, ["Deno", "SPDX", "Airbnb", "Steam"]);
}

#[test]
fn otp_auth() {
    check("otp_auth.otpauthdb", "otp_auth");
    check("otp_auth.otpauth", "otp_auth");
}

/// The oldest layout has no checksum, so a flipped bit within a secret passes: it is not put to the test of damage.
#[test]
fn otp_auth_without_a_checksum_is_read_as_the_newer_is() {
    let password = Some("correct horse");
    for file in ["otp_auth.otpauthdb", "otp_auth.otpauth"] {
        let old = bytes(&file.replace("auth.", "auth_old."));
        assert_eq!(read(&old, password), read(&bytes(file), password), "{file}");
        assert_eq!(read(&old, None), Err(ImportError::PasswordNeeded));
        for wrong in ["wrong horse", ""] {
            assert_eq!(read(&old, Some(wrong)), Err(ImportError::WrongPassword), "{file}");
        }
    }
}

#[test]
fn seeds_of_hardware_tokens() {
    check("oath.csv", "oath_csv");
}

/// The fixture's expectation has names, which the file has not.
#[test]
fn libpam() {
    let imported = read(&bytes("pam_google_authenticator"), None).unwrap();
    let [entry] = imported.entries.as_slice() else { panic!("one login") };
    assert_eq!(*entry.otp.secret.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_eq!((entry.issuer.as_str(), entry.account.as_str()), ("", ""));
    assert_eq!(entry.otp.code(Timestamp::from_seconds(AT)).unwrap().reveal(), "081804");
    assert_eq!(imported.notes, ["2 scratch codes are in the file and are left out"]);
}
