//! Where passphrases come from without a question. The questions themselves are asked on terminals, from outside.

use std::io::Write;

use super::*;

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a place for temporary files");
    file.write_all(bytes).expect("the file is ours");
    file
}

#[track_caller]
fn check(bytes: &[u8], wanted: Result<&str, PromptError>) {
    let file = file(bytes);
    let found = passphrase_from_file(file.path());
    assert_eq!(found.as_ref().map(|text| text.as_str()), wanted.as_ref().copied());
}

#[test]
fn the_first_line_of_a_file_is_the_passphrase() {
    check(b"correct horse\nsecond", Ok("correct horse"));
    check(b" correct horse ", Ok(" correct horse "));
    check(b"correct\r\n", Ok("correct"));
    check("pässword\n".as_bytes(), Ok("pässword"));
}

#[test]
fn files_without_a_passphrase_are_refused() {
    let name = |file: &tempfile::NamedTempFile| file.path().to_string_lossy().into_owned();
    for bytes in [&b""[..], b"\n", b"\r\nx"] {
        let file = file(bytes);
        assert_eq!(passphrase_from_file(file.path()).err(), Some(PromptError::Empty(name(&file))));
    }
    check(b"\xff\xfe\n", Err(PromptError::NotUtf8));
    check(&vec![b'a'; MOST_BYTES + 1], Err(PromptError::TooLong));
    let directory = tempfile::tempdir().expect("a place for temporary files");
    assert!(matches!(passphrase_from_file(directory.path()), Err(PromptError::Read { .. })));
}

#[test]
fn a_descriptor_is_read_up_to_its_first_line() {
    use std::os::fd::AsRawFd;
    let file = file(b"correct horse\nrest");
    let number = file.as_file().as_raw_fd().to_string();
    let found = passphrase_from_descriptor(&number).expect("the descriptor is open");
    assert_eq!(found.as_str(), "correct horse");
    for wrong in ["", "-1", "x", "99999"] {
        let found = passphrase_from_descriptor(wrong);
        assert_eq!(found.err(), Some(PromptError::BadDescriptor(wrong.to_owned())));
    }
}
