//! A vault that is not opened as it is, in the real program: the choice is offered, and only the choice is done.

use std::fs;
use std::path::PathBuf;

use crate::support::sandbox::{KEY, PASSPHRASE, Sandbox, contents};
use crate::support::terminal::Terminal;

/// Returns a home with a vault of two accounts, of which the newest copy has one, and the vault's file.
fn home() -> (Sandbox, PathBuf) {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub"], KEY);
    sandbox.add(&["GitLab"], "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let vault = sandbox.path("data/twolock/vault.age");
    (sandbox, vault)
}

/// Opens the program and gives it the passphrase.
fn open(sandbox: &Sandbox) -> Terminal {
    let mut terminal = Terminal::start(sandbox);
    terminal.wait_for("Passphrase");
    terminal.types(&format!("{PASSPHRASE}\r"));
    terminal
}

#[test]
fn a_damaged_vault_is_opened_by_its_newest_whole_copy() {
    let (sandbox, vault) = home();
    let mut bytes = fs::read(&vault).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    sandbox.write("data/twolock/vault.age", &bytes);
    let before = contents(&sandbox.path("data"));

    let mut terminal = open(&sandbox);
    let asked = terminal.wait_for("Put it back");
    assert!(asked.contains("\"vault.age\" is damaged"), "{asked}");
    assert!(asked.contains("The copy of ") && asked.contains("(1 account)"), "{asked}");
    terminal.types("\u{1b}");
    terminal.wait_for("unlock");
    terminal.quit();
    assert_eq!(contents(&sandbox.path("data")), before, "Esc changes nothing");

    let mut terminal = open(&sandbox);
    terminal.wait_for("Put it back");
    terminal.types("y");
    let list = terminal.wait_for("GitHub");
    assert!(list.contains("1 account ") && !list.contains("GitLab"), "{list}");
    terminal.quit();
    let kept = contents(&sandbox.path("data"));
    assert!(kept.iter().any(|(_, content)| *content == bytes), "the damaged file is kept");

    let mut terminal = open(&sandbox);
    terminal.wait_for("GitHub");
    terminal.quit();
}

#[test]
fn a_damaged_vault_without_a_copy_stays_as_it_is() {
    let (sandbox, vault) = home();
    fs::remove_dir_all(sandbox.path("data/twolock/backups")).unwrap();
    let bytes = fs::read(&vault).unwrap();
    sandbox.write("data/twolock/vault.age", &bytes[..bytes.len() / 2]);
    let before = contents(&sandbox.path("data"));
    let mut terminal = open(&sandbox);
    let told = terminal.wait_for("nothing was changed");
    assert!(told.contains("is damaged") && told.contains("No copy of it opens"), "{told}");
    terminal.quit();
    assert_eq!(contents(&sandbox.path("data")), before);
}

#[test]
fn a_vault_that_went_back_is_opened_when_told_to() {
    let (sandbox, vault) = home();
    let old = fs::read(&vault).unwrap();
    sandbox.add(&["Codeberg"], "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK");
    sandbox.write("data/twolock/vault.age", &old);
    let before = contents(&sandbox.path("data"));

    let mut terminal = open(&sandbox);
    let asked = terminal.wait_for("Open it as it is");
    assert!(asked.contains("went back or was replaced") && asked.contains("(2 accounts)"), "{asked}");
    terminal.types("\r");
    terminal.wait_for("unlock");
    terminal.quit();
    assert_eq!(contents(&sandbox.path("data")), before, "going back changes nothing");

    let mut terminal = open(&sandbox);
    terminal.wait_for("Open it as it is");
    terminal.types("y");
    terminal.wait_for("GitLab");
    terminal.quit();
    let mut terminal = open(&sandbox);
    terminal.wait_for("GitLab");
    terminal.quit();
}
