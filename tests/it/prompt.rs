//! Questions on a terminal: what is typed is not shown, and the echo always comes back.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};

use rustix::termios::tcgetattr;
use twolock::system::prompt::{PromptError, Terminal};
use zeroize::Zeroizing;

/// A terminal whose other end is ours: what is written there is typed, what is read there is shown.
fn pair() -> (Box<dyn portable_pty::MasterPty + Send>, File) {
    let size = portable_pty::PtySize::default();
    let pair = portable_pty::native_pty_system().openpty(size).unwrap();
    let path = pair.master.tty_name().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a terminal, as in the code under test")]
    let tty = OpenOptions::new().read(true).write(true).open(path).unwrap();
    (pair.master, tty)
}

/// Types once the question has been shown, and returns the answer and everything that was shown.
#[track_caller]
fn typed(keys: &[u8]) -> (Result<Zeroizing<String>, PromptError>, String) {
    let (master, tty) = pair();
    let mut shown = master.try_clone_reader().unwrap();
    let mut keyboard = master.take_writer().unwrap();
    let before = tcgetattr(&tty).unwrap();
    let mut terminal = Terminal::on(tty.try_clone().unwrap());
    std::thread::scope(|scope| {
        let answer = scope.spawn(move || terminal.passphrase("Passphrase: "));
        let mut screen = Vec::new();
        let mut byte = [0];
        while !screen.ends_with(b": ") && shown.read(&mut byte).unwrap() == 1 {
            screen.push(byte[0]);
        }
        keyboard.write_all(keys).unwrap();
        while !screen.ends_with(b"\n") && shown.read(&mut byte).unwrap() == 1 {
            screen.push(byte[0]);
        }
        let answer = answer.join().unwrap();
        let after = tcgetattr(&tty).unwrap();
        assert_eq!(after.local_modes, before.local_modes, "the echo is back");
        (answer, String::from_utf8_lossy(&screen).into_owned())
    })
}

#[test]
fn a_passphrase_is_not_shown() {
    let (answer, shown) = typed(b"correct horse\r");
    assert_eq!(answer.unwrap().as_str(), "correct horse");
    assert_eq!(shown, "Passphrase: \r\n");
}

#[test]
fn keys_edit_and_function_keys_do_nothing() {
    let (answer, _) = typed("wrong\x15ab\x1b[Aä\x7fc\x1bOP\n".as_bytes());
    assert_eq!(answer.unwrap().as_str(), "abc");
}

#[test]
fn control_c_and_the_end_of_input_give_no_answer() {
    assert_eq!(typed(b"corr\x03").0.err(), Some(PromptError::Interrupted));
    assert_eq!(typed(b"\x04").0.err(), Some(PromptError::Closed));
}

#[test]
fn a_question_is_asked_until_it_is_answered() {
    let (master, tty) = pair();
    let mut terminal = Terminal::on(tty);
    let mut keyboard = master.take_writer().unwrap();
    keyboard.write_all(b"perhaps\nYES\n\nn\n").unwrap();
    assert_eq!(terminal.agrees("Delete it?", false), Ok(true));
    assert_eq!(terminal.agrees("Delete it?", true), Ok(true));
    assert_eq!(terminal.agrees("Delete it?", true), Ok(false));
}
