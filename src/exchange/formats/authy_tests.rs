//! The files of Authy, in all the ways in which they come.

use super::*;
use crate::otp::Period;

const SECRET: &str = "gezdgnbvgy3tqojqgezdgnbvgy3tqojq";

fn read(text: &str, password: Option<&str>) -> Result<Imported, ImportError> {
    let file = File::new(text.as_bytes()).unwrap();
    assert_eq!(Authy.recognizes(&file), Likeness::Yes, "{text}");
    Authy.read(&file, password)
}

fn sealed(rounds: u64, iv: [u8; 16]) -> String {
    let key = cipher::pbkdf2(cipher::Hash::Sha1, "backup pass", b"salty", rounds, 32).unwrap();
    data_encoding::BASE64.encode(&cipher::seal_cbc(&key, &iv, SECRET.as_bytes()))
}

fn names(imported: &Imported) -> Vec<(&str, &str)> {
    imported.entries.iter().map(|entry| (entry.issuer.as_str(), entry.account.as_str())).collect()
}

#[test]
fn what_the_servers_send_has_its_own_rounds_and_start() {
    let text = format!(
        r#"{{"message":"success","authenticator_tokens":[
        {{"account_type":"authenticator","digits":6,"encrypted_seed":"{}","issuer":null,"key_derivation_iterations":null,
          "name":"Deno: Mason","original_name":"Deno:Mason","salt":"salty","unique_id":"1","unique_iv":null}},
        {{"digits":8,"encrypted_seed":"{}","issuer":"Amazon Web Services","key_derivation_iterations":2000,"name":"AWS root",
          "original_name":"Amazon Web Services:root","salt":"salty","unique_iv":"07070707070707070707070707070707"}}],"deleted":[]}}"#,
        sealed(1000, [0; 16]),
        sealed(2000, [7; 16]),
    );
    let imported = read(&text, Some("backup pass")).unwrap();
    assert_eq!(names(&imported), [("Deno", "Mason"), ("Amazon Web Services", "root")]);
    assert_eq!(imported.entries[1].otp.digits.get(), 8);
    assert!(imported.entries.iter().all(|entry| entry.otp.secret.bytes() == b"12345678901234567890"));
    assert_eq!(imported.assumed, [Assumed::Algorithm, Assumed::Period]);
    assert_eq!(read(&text, None), Err(ImportError::PasswordNeeded));
    for wrong in 0..600 {
        let wrong = format!("wrong {wrong}");
        // One in 256 has padding that could be right.
        assert_eq!(read(&text, Some(&wrong)), Err(ImportError::WrongPassword), "{wrong}");
    }
}

#[test]
fn what_authy_export_saves_holds_its_own_kind_too() {
    let text = format!(
        r#"{{"tokens":{{"authenticator_tokens":[{{"digits":6,"encrypted_seed":"{}","key_derivation_iterations":1000,
        "name":"a","original_name":"","salt":"salty"}}]}},"apps":{{"apps":[{{"name":"Twitch","secret_seed":"00112233445566778899aabbccddeeff","digits":7}}]}}}}"#,
        sealed(1000, [0; 16]),
    );
    let imported = read(&text, Some("backup pass")).unwrap();
    assert_eq!(names(&imported), [("", "a"), ("Twitch", "")]);
    let own = &imported.entries[1].otp;
    assert_eq!((own.digits.get(), own.period()), (7, Some(Period::TEN)));
    assert_eq!(own.secret.bytes()[..3], [0, 0x11, 0x22]);
}

#[test]
fn preferences_of_either_file_are_read_and_what_is_decrypted_needs_no_password() {
    let native = r#"[{"name":"Authy","secretSeed":"00ff","digits":7}]"#;
    let standard = format!(
        r#"[{{"accountType":"x","decryptedSecret":"{SECRET}","name":"Deno - Mason","digits":6}},
        {{"decryptedSecret":"{SECRET}","name":"SPDX: James","originalName":"James"}},
        {{"decryptedSecret":"{SECRET}","name":"Mine","originalIssuer":"Issuer","originalName":"Issuer:x"}},
        {{"decryptedSecret":"{SECRET}","name":"Gone","markedForDeletion":true}}]"#
    );
    let escape = |text: &str| text.replace('"', "&quot;");
    let text = format!(
        "<?xml version='1.0'?><map><string name='{}'>{}</string><string name='{}'>{}</string><int name='x' value='1'/></map>",
        KEYS[0],
        escape(&standard),
        KEYS[1],
        escape(native)
    );
    let imported = read(&text, None).unwrap();
    assert_eq!(names(&imported), [("Deno", "Mason"), ("SPDX", "James"), ("Issuer", "Mine"), ("Authy", "")]);
    assert_eq!(imported.notes.len(), 1);
    assert!(read(native, None).unwrap().assumed.is_empty());
}

#[test]
fn one_token_that_does_not_open_costs_no_other() {
    let good = sealed(1000, [0; 16]);
    let text = format!(
        r#"[{{"encrypted_seed":"{good}","salt":"salty","name":"good"}},{{"encrypted_seed":"{good}","salt":"other","name":"bad"}},
        {{"encrypted_seed":"AAAA","salt":"salty"}},{{"encrypted_seed":"{good}","salt":"salty","unique_iv":"00"}},
        {{"encrypted_seed":null,"salt":"salty"}},{{"encrypted_seed":"{good}","salt":"salty","digits":"x"}},null]"#
    );
    let imported = read(&text, Some("backup pass")).unwrap();
    assert_eq!((imported.entries.len(), imported.refused.len()), (1, 6));
}

#[test]
fn many_dear_tokens_are_refused_before_they_run() {
    let token = r#"{"encrypted_seed":"AAAA","salt":"s","key_derivation_iterations":10000000}"#;
    let text = format!("[{}]", [token; 11].join(","));
    assert!(matches!(read(&text, Some("x")), Err(ImportError::Costly { .. })));
}
