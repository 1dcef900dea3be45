//! Identity files and recipients, without a plugin.

use super::*;
use crate::vault::WorkFactor;

fn passphrase() -> Passphrase {
    Passphrase::new("right".to_owned().into())
}

fn never() -> Result<Passphrase, SealError> {
    panic!("nobody is to be asked")
}

fn read(file: &[u8]) -> Result<Identities, SealError> {
    Identities::read(file, never, Talk::nobody())
}

#[test]
fn a_file_of_keys_opens_what_was_sealed_for_one_of_them() {
    let (one, two) = (x25519::Identity::generate(), x25519::Identity::generate());
    let text =
        format!("# mine\n\n{}\r\n{}\n", one.to_string().expose_secret(), two.to_string().expose_secret());
    let (sealed, key) = seal_record(&[two.to_public().to_string()], "text", &Talk::nobody()).unwrap();
    let held = Key::Held(read(text.as_bytes()).unwrap());
    assert!(!held.needs_plugin());
    assert_eq!(held.open(&sealed).unwrap().as_slice(), b"text");
    assert_eq!(key.open(&sealed).unwrap().as_slice(), b"text");
    let stranger = x25519::Identity::generate().to_string();
    let held = Key::Held(read(stranger.expose_secret().as_bytes()).unwrap());
    assert_eq!(held.open(&sealed).err(), Some(SealError::Foreign));
}

#[test]
fn a_sealed_file_of_keys_asks_for_its_passphrase() {
    let key = x25519::Identity::generate();
    let sealed =
        super::super::seal_with(&passphrase(), WorkFactor::new(10).unwrap(), key.to_string().expose_secret());
    let mut armoured = Vec::new();
    let mut writer =
        age::armor::ArmoredWriter::wrap_output(&mut armoured, age::armor::Format::AsciiArmor).unwrap();
    std::io::Write::write_all(&mut writer, &sealed).unwrap();
    writer.finish().unwrap();
    for file in [&sealed, &armoured] {
        let right = Identities::read(file, || Ok::<_, SealError>(passphrase()), Talk::nobody()).unwrap();
        assert_eq!(right.keys[0].to_public().to_string(), key.to_public().to_string());
        let wrong = || Ok::<_, SealError>(Passphrase::new("wrong".to_owned().into()));
        let error = Identities::read(file, wrong, Talk::nobody()).err();
        assert_eq!(error, Some(SealError::WrongPassphrase));
    }
}

#[test]
fn what_is_no_identity_is_named_by_its_line_only() {
    assert_eq!(read(b"").err(), Some(SealError::NoIdentity));
    assert_eq!(read(b"# nothing\n").err(), Some(SealError::NoIdentity));
    assert_eq!(read(b"# a\nAGE-SECRET-KEY-1XX\n").err(), Some(SealError::NotAnIdentity(2)));
    assert_eq!(read(&[0xff, 0xfe]).err(), Some(SealError::NoIdentity));
}

#[test]
fn the_key_of_a_file_does_not_open_another() {
    let recipients = [x25519::Identity::generate().to_public().to_string()];
    let (_, key) = seal_record(&recipients, "one", &Talk::nobody()).unwrap();
    let (other, _) = seal_record(&recipients, "two", &Talk::nobody()).unwrap();
    assert!(key.open(&other).is_err());
}

#[test]
fn recipients_are_told_from_other_text() {
    assert!(is_recipient(&x25519::Identity::generate().to_public().to_string()));
    for text in ["", "age1", "alice", "AGE-SECRET-KEY-1QQ", "ssh-ed25519 AAAA"] {
        assert!(!is_recipient(text), "{text}");
    }
}
