//! A picture that comes while the real program waits for one.

use twolock::exchange::picture::{draw, png};

use crate::support::sandbox::{PASSPHRASE, Sandbox};
use crate::support::terminal::Terminal;

#[test]
fn a_picture_that_comes_into_the_home_directory_is_read() {
    let sandbox = Sandbox::with_vault();
    let picture = |name: &str| {
        let link = format!("otpauth://totp/{name}:alice?secret=JBSWY3DPEHPK3PXP&issuer={name}");
        png(&draw(&link).unwrap())
    };
    sandbox.write("old.png", picture("Old"));
    let mut terminal = Terminal::start(&sandbox);
    terminal.wait_for("Passphrase");
    terminal.types(&format!("{PASSPHRASE}\r"));
    terminal.wait_for("Nothing here yet");
    // F3 as terminals send it, twice: the first waiting is left.
    terminal.types("I\u{1b}OR");
    terminal.wait_for("Waiting for a new picture");
    terminal.types("\u{1b}");
    terminal.wait_for("Enter read the file");
    terminal.types("\u{1b}OR");
    terminal.wait_for("Waiting for a new picture");
    sandbox.write("new.png", picture("Codeberg"));
    let preview = terminal.wait_for("Codeberg");
    assert!(preview.contains("new.png") && preview.contains("1 to add"), "{preview}");
    terminal.types("\u{1b}");
    terminal.wait_for("Nothing here yet");
    terminal.quit();
}
