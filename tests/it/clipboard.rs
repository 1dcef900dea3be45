//! The clipboard: what is written, byte for byte, and what is said of it.

use std::io::{self, Write};

use twolock::system::clipboard::{Clipboard, ClipboardError, Proof, Route, Settings, Via};
use twolock::system::environment::{Environment, Ssh};

/// A session over SSH in a terminal of this name.
fn over_ssh(term: &str) -> Environment {
    Environment { ssh: Some(Ssh::default()), term: term.to_owned(), ..Environment::default() }
}

fn clipboard(via: Via, environment: Environment) -> Clipboard {
    Clipboard::new(Settings { via, ..Settings::default() }, environment)
}

#[track_caller]
fn check(mut clipboard: Clipboard, route: Route, written: &[u8]) {
    let mut terminal = Vec::new();
    let sent = clipboard.copy("492039", &mut terminal).unwrap();
    assert_eq!((sent.route, sent.proof), (route, Proof::Blind));
    assert_eq!(terminal, written);
    assert_eq!(clipboard.holds(), None, "it cannot be read back");
    assert_eq!(clipboard.clear_if_ours(), Ok(false), "what cannot be read is not cleared");
    assert!(!clipboard.is_unsettled() && !clipboard.ends_with_us());
}

#[test]
fn a_code_goes_to_the_terminal_over_ssh() {
    check(clipboard(Via::Auto, over_ssh("xterm")), Route::Osc52, b"\x1b]52;c;NDkyMDM5\x07");
}

#[test]
fn a_code_goes_through_screen_wrapped() {
    let environment = Environment { screen: true, ..over_ssh("screen") };
    check(clipboard(Via::Auto, environment), Route::Screen, b"\x1bP\x1b]52;c;NDkyMDM5\x07\x1b\\");
}

#[test]
fn a_console_and_a_switch_give_nothing_and_say_so() {
    let mut terminal = Vec::new();
    let none = clipboard(Via::Auto, over_ssh("linux")).copy("492039", &mut terminal);
    assert_eq!(none, Err(ClipboardError::None));
    let off = clipboard(Via::Off, over_ssh("xterm")).copy("492039", &mut terminal);
    assert_eq!(off, Err(ClipboardError::Off));
    assert_eq!(terminal, b"");
}

#[test]
fn a_terminal_that_cannot_be_written_to_is_an_error_that_does_not_tell_the_code() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let error = clipboard(Via::Osc52, over_ssh("xterm")).copy("492039", &mut Gone).unwrap_err();
    assert_eq!(error.to_string(), "cannot copy to the terminal: broken pipe");
    assert!(!format!("{error:?}").contains("492039"));
}

#[test]
fn a_command_gets_the_code_by_its_standard_input() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("copied");
    let command = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let copy = |command| {
        let settings = Settings { command, via: Via::Command, ..Settings::default() };
        Clipboard::new(settings, over_ssh("xterm")).copy("492039", &mut io::sink())
    };
    let sent = copy(command(&["sh", "-c", "cat > \"$1\"", "sh", file.to_str().unwrap()])).unwrap();
    assert_eq!((sent.route, sent.proof), (Route::Command, Proof::Taken));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "492039");
    let error = copy(command(&["sh", "-c", "exit 3"])).unwrap_err();
    assert_eq!(error.to_string(), "cannot copy through your command: it ended with status 3");
    assert_eq!(copy(Vec::new()), Err(ClipboardError::NoCommand));
}
