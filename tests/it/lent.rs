//! The real program and a real agent: codes without the passphrase, on a terminal of its own, and what comes after them.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use crate::support::sandbox::{KEY, PASSPHRASE, RFC_KEY, Sandbox};
use crate::support::terminal::Terminal;

/// A sandbox with two accounts and an agent, which ends with it.
struct Home(Sandbox);

impl Home {
    fn unlocked() -> Self {
        let sandbox = Sandbox::with_vault();
        sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
        sandbox.add(&["Bank", "--hotp", "7"], KEY);
        assert_eq!(sandbox.run(&["unlock", "-q", "--for", "8h"]).answer().code, Some(0));
        Self(sandbox)
    }

    fn has_agent(&self) -> bool {
        self.0.run(&["agent", "status"]).answer().code == Some(0)
    }

    fn socket(&self) -> PathBuf {
        let mut found = std::fs::read_dir(self.0.path("run/twolock")).unwrap();
        found.next().unwrap().unwrap().path()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let answer = self.0.run(&["lock", "-q"]).answer();
        assert!(answer.code == Some(0) || std::thread::panicking(), "{}", answer.stderr);
    }
}

#[test]
fn codes_need_no_passphrase_and_an_edit_does_and_goes_on() {
    let home = Home::unlocked();
    let mut terminal = Terminal::start(&home.0);
    let picture = terminal.wait_for("agent until");
    assert!(picture.contains("2 accounts") && picture.contains("alice"), "{picture}");
    // Which code it is the clock says; that there is one, its time.
    let has_code = |picture: &str| {
        let digits =
            picture.split("alice ").nth(1).unwrap_or_default().split(' ').take(2).collect::<String>();
        digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    terminal.wait_until("a code", has_code);
    terminal.wait_for("HOTP Space");
    terminal.types("jc");
    terminal.wait_for("the next of its counter");
    // The agent has counted on the disk.
    let counter = home.0.run(&["code", "bank"]).answer();
    assert_eq!(counter.code, Some(0));
    terminal.types("ke");
    let door = terminal.wait_for("editing an account needs the vault itself");
    assert!(!door.contains("GitHub"), "{door}");
    terminal.types("\u{1b}");
    terminal.wait_until("a code", has_code);
    terminal.wait_for("agent until");
    terminal.types("e");
    terminal.wait_for("editing an account needs the vault itself");
    terminal.types(&format!("{PASSPHRASE}\r"));
    let form = terminal.wait_for("Edit GitHub");
    assert!(form.contains("alice"), "{form}");
    terminal.types("\u{1b}");
    // The counter moved twice, and this is the vault itself.
    terminal.wait_for("HOTP #9");
    terminal.quit();
    assert!(home.has_agent());
}

#[test]
fn what_ends_the_agent_ends_the_codes() {
    let home = Home::unlocked();
    let mut terminal = Terminal::start(&home.0);
    terminal.wait_for("agent until");
    assert_eq!(home.0.run(&["lock", "-q"]).answer().code, Some(0));
    let door = terminal.wait_for("The agent has ended");
    assert!(door.contains("Locked") && !door.contains("alice"), "{door}");
    terminal.quit();
    // L has it forget.
    assert_eq!(home.0.run(&["unlock", "-q"]).answer().code, Some(0));
    let mut terminal = Terminal::start(&home.0);
    terminal.wait_for("agent until");
    terminal.types("L");
    terminal.wait_for("The codes are gone from memory and from this screen");
    assert!(!home.has_agent());
    terminal.quit();
}

#[test]
fn a_vault_that_is_gone_gives_no_codes() {
    let home = Home::unlocked();
    let mut terminal = Terminal::start(&home.0);
    terminal.wait_for("agent until");
    let file = home.0.path("data/twolock/vault.age");
    std::fs::rename(&file, home.0.path("elsewhere")).unwrap();
    // A key asks anew.
    terminal.types("j");
    let why = terminal.wait_for("put vault.age and identity.age back");
    assert!(!why.contains("alice"), "{why}");
    // It is said on the screen of the shell, which was given back.
    terminal.ends_with(9);
    std::fs::rename(home.0.path("elsewhere"), &file).unwrap();
    let mut terminal = Terminal::start(&home.0);
    terminal.wait_for("agent until");
    home.0.write("data/twolock/vault.age", "rubbish");
    terminal.types("j");
    let door = terminal.wait_for("Locked");
    assert!(door.contains("is not a vault") && !door.contains("alice"), "{door}");
    terminal.quit();
}

#[test]
fn who_brings_a_key_does_not_ask_the_agent() {
    let home = Home::unlocked();
    let file = home.0.path("passphrase");
    let mut terminal = Terminal::start_with(&home.0, &["--passphrase-file", file.to_str().unwrap()]);
    let list = terminal.wait_for("sort:");
    assert!(list.contains("HOTP #7") && !list.contains("agent until"), "{list}");
    terminal.quit();
}

#[test]
fn an_agent_that_hangs_keeps_nobody_from_the_passphrase() {
    let home = Home::unlocked();
    let socket = home.socket();
    assert_eq!(home.0.run(&["lock", "-q"]).answer().code, Some(0));
    std::fs::set_permissions(socket.parent().unwrap(), std::fs::Permissions::from_mode(0o700)).unwrap();
    // It lets everybody in, and says nothing.
    let listener = UnixListener::bind(&socket).unwrap();
    let mut terminal = Terminal::start(&home.0);
    terminal.wait_for("Asking the agent");
    terminal.types("?");
    terminal.wait_for("Keys on the agent's list");
    terminal.types("q");
    terminal.wait_for("The agent does not answer");
    terminal.types(&format!("{PASSPHRASE}\r"));
    terminal.wait_for("2 accounts");
    terminal.quit();
    drop(listener);
    std::fs::remove_file(socket).unwrap();
}
