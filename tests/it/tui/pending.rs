//! An account whose secret was made here, before its device has shown two codes.

use twolock::vault::{Account, Checked};

use super::add::type_two;
use super::{Stage, pictures, usual};
use crate::support::stage::account;

pub(super) fn waiting() -> Account {
    let mut account = account(9, "Bastion", "bob");
    account.pending = true;
    account.checked = Checked::Never;
    account
}

/// The list, on an account that is pending.
pub(super) fn pending() -> Stage {
    let mut accounts = usual();
    accounts.insert(1, waiting());
    Stage::with(accounts).keys("j")
}

fn code(stage: &Stage) -> String {
    waiting().otp.code(stage.wall()).unwrap().grouped().to_string()
}

#[test]
fn the_list_and_the_details_show_no_code_of_it() {
    pictures!("list_pending", pending());
    pictures!("details_pending", pending().keys("<right>"));
    for keys in ["", "<right>", "e", "/bast", "H"] {
        let stage = pending().keys(keys);
        assert!(!stage.picture().contains(&code(&stage)), "{keys}: {}", stage.picture());
        let stage = stage.size(30, 3);
        assert!(!stage.picture().contains(&code(&stage)), "{keys}: {}", stage.picture());
    }
}

#[test]
fn no_key_copies_a_code_of_it() {
    for keys in ["<enter>", "c", "n", "2", " ", "t", "<right><enter>", "<right>n", "<right> ", "/bast<enter>"]
    {
        let stage = pending().keys(keys);
        assert!(stage.copied.is_empty(), "{keys}");
        assert!(stage.picture().contains("Bastion is pending"), "{keys}: {}", stage.picture());
    }
}

#[test]
fn two_codes_of_the_device_put_it_in_force() {
    pictures!("pending_two_codes", pending().keys("<enter>"));
    for keys in ["<enter>", "t", "<right><enter>", "<right>t", "vt"] {
        let stage = type_two(pending().keys(keys), &waiting().otp, 0).keys("<enter>");
        let account = &stage.vault().accounts()[1];
        assert!(!account.pending, "{keys}");
        assert!(matches!(account.checked, Checked::ByDevice(_)), "{keys}");
        assert!(stage.picture().contains("Checked: Bastion"), "{keys}: {}", stage.picture());
    }
}

#[test]
fn the_passphrase_comes_before_the_secret() {
    let stage = pending().wait(61).keys("<enter>");
    assert!(stage.picture().contains("needed once more to show the secret"), "{}", stage.picture());
    let stage = stage.paste("open sesame").keys("<enter>");
    assert!(stage.picture().contains("Two codes for Bastion"), "{}", stage.picture());
}

#[test]
fn it_stays_pending_until_then() {
    for keys in ["<enter>s", "<enter><esc>", "<enter>^c", "<right>ts"] {
        let stage = pending().keys(keys);
        assert!(stage.vault().accounts()[1].pending, "{keys}");
    }
    let other = account(8, "", "").otp;
    let stage = type_two(pending().keys("<enter>"), &other, 0);
    assert!(stage.picture().contains("another secret"), "{}", stage.picture());
    assert!(!stage.picture().contains("Back to the secret"), "{}", stage.picture());
    assert!(stage.keys("<enter><esc>").vault().accounts()[1].pending);
    assert_eq!(pending().keys("d").vault().accounts().len(), 8);
}

#[test]
fn the_wizard_copies_no_code_of_it_either() {
    let stage = Stage::with(Vec::new()).keys("aCodeberg<enter><up><enter>s");
    assert!(stage.picture().contains("not in force"), "{}", stage.picture());
    assert!(stage.keys("c").copied.is_empty());
}
