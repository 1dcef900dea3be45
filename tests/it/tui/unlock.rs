//! The locked vault.

use twolock::failure::Failure;
use twolock::otp::Timestamp;
use twolock::tui::effect::Effect;
use twolock::tui::event::{Kept, Mend, Outcome};
use twolock::vault::{Passphrase, StoreError};

use super::{Stage, list, pictures, usual};
use crate::support::stage::{BEGIN, PASSPHRASE};

fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.to_owned().into())
}

fn broken(error: StoreError, mend: Mend) -> Stage {
    let stage = Stage::locked(usual()).busy().paste(PASSPHRASE).keys("<enter>");
    let mut stage = stage.told(Outcome::Broken(Failure::from(error), mend, passphrase()));
    stage.asked.clear();
    stage
}

fn kept() -> Kept {
    Kept { when: Timestamp::from_seconds(BEGIN - 86_400), accounts: 8 }
}

/// A vault that is damaged, and has a copy.
pub(super) fn damaged() -> Stage {
    let path = "vault.age".into();
    broken(StoreError::Damaged { path, why: "it ends too early".to_owned() }, Mend::Copy(kept()))
}

/// A vault that is older than one that was seen, with a copy or without.
pub(super) fn went_back(copy: bool) -> Stage {
    broken(StoreError::RolledBack { seen: 27, found: 25 }, Mend::Older(copy.then(kept)))
}

#[test]
fn asks_for_the_passphrase() {
    pictures!("unlock", Stage::locked(usual()).keys("secret"));
}

#[test]
fn says_what_a_wrong_passphrase_means() {
    pictures!("unlock_wrong", Stage::locked(usual()).keys("wrong<enter>"));
}

#[test]
fn waits_longer_after_each_wrong_try_from_the_third() {
    let stage = Stage::locked(usual()).keys("a<enter>b<enter>c<enter>");
    assert!(stage.picture().contains("Wait 1 s"), "{}", stage.picture());
    let stage = stage.wait(1).keys("d<enter>");
    assert!(stage.picture().contains("Wait 2 s"), "{}", stage.picture());
    // While it waits, Enter does nothing.
    let stage = stage.keys("open sesame<enter>");
    assert!(!stage.is_open());
    assert!(stage.wait(2).keys("<enter>").is_open());
}

#[test]
fn opens_with_a_key_file_too() {
    let stage = || Stage::locked(usual()).keys("<f3>").paste("~/keys/alice.txt");
    pictures!("unlock_key_file", stage());
    let ask = |passphrase: Option<&str>| {
        let passphrase = passphrase.map(|text| Passphrase::new(text.to_owned().into()));
        Effect::UnlockWith("~/keys/alice.txt".to_owned(), passphrase)
    };
    assert_eq!(stage().keys("<enter>").asked, [ask(None)]);
    let sealed = |wrong| Outcome::KeySealed { file: "~/keys/alice.txt".to_owned(), wrong };
    let stage = || stage().keys("<enter>").told(sealed(false)).keys("its own");
    pictures!("unlock_key_file_sealed", stage());
    assert_eq!(stage().keys("<enter>").asked, [ask(None), ask(Some("its own"))]);
    pictures!("unlock_key_file_wrong", stage().keys("<enter>").told(sealed(true)));
    let failure = Failure::locked("that is no key file: its line 1 is not an age identity");
    let failed = stage_with_failure(failure);
    assert!(failed.contains("That is no key file: its line 1 is not"), "{failed}");
    for keys in ["<f3>", "<esc>"] {
        let back = stage().keys(keys).keys("open sesame<enter>");
        assert!(back.is_open(), "{keys}");
    }
    // Without a path nothing is asked for.
    assert_eq!(Stage::locked(usual()).keys("<f3><enter>").asked, []);
}

fn stage_with_failure(failure: Failure) -> String {
    let stage = Stage::locked(usual()).keys("<f3>x<enter>").told(Outcome::Unlocked(Err(failure)));
    stage.picture()
}

#[test]
fn sleeps_while_locked() {
    assert_eq!(Stage::locked(usual()).wakes_in(), None);
}

#[test]
fn a_damaged_vault_is_opened_by_its_copy_only_when_told_to() {
    pictures!("unlock_damaged", damaged());
    assert_eq!(damaged().keys("y").asked, [Effect::Restore(passphrase())]);
    assert_eq!(damaged().keys("<enter>").asked, [Effect::Restore(passphrase())]);
    for keys in ["<esc>", "<down><enter>", "q", "n", "<esc><enter>", "<esc>y"] {
        assert_eq!(damaged().keys(keys).asked, [], "{keys}");
    }
    assert!(damaged().keys("<esc>").picture().contains("Passphrase"));
    assert_eq!(damaged().keys("^c").asked, [Effect::Quit]);
}

#[test]
fn a_vault_that_went_back_is_a_question() {
    pictures!("unlock_older", went_back(true));
    pictures!("unlock_older_no_copy", went_back(false));
    // The mark stands where nothing is changed.
    assert_eq!(went_back(true).keys("<enter>").asked, []);
    assert_eq!(went_back(true).keys("<esc>").asked, []);
    assert_eq!(went_back(true).keys("y").asked, [Effect::AcceptOlder(passphrase())]);
    assert_eq!(went_back(true).keys("<down><enter>").asked, [Effect::AcceptOlder(passphrase())]);
    assert_eq!(went_back(true).keys("<up><enter>").asked, [Effect::Restore(passphrase())]);
    assert_eq!(went_back(false).keys("<up><enter>").asked, [Effect::AcceptOlder(passphrase())]);
}

#[test]
fn what_cannot_be_mended_either_is_told() {
    let failure = Failure::other("cannot write \"vault.age\": no space left on device");
    let stage = damaged().keys("y").told(Outcome::Unlocked(Err(failure)));
    assert!(stage.picture().contains("Cannot write \"vault.age\": no space left"), "{}", stage.picture());
}

#[test]
fn what_is_typed_while_the_vault_is_opened_does_nothing_in_the_list() {
    let opening = || Stage::locked(usual()).paste(PASSPHRASE).busy().keys("<enter>");
    let typed = opening().keys("<enter><esc>qadxpSLu:/r1 <tab>").paste("GitHub");
    assert_eq!(typed.picture(), opening().picture());
    let stage = typed.catch_up();
    assert_eq!(stage.asked, []);
    assert!(stage.copied.is_empty());
    assert_eq!(stage.picture(), list().picture());
}

#[test]
fn says_after_the_lock_that_the_codes_are_gone() {
    pictures!("unlock_again", Stage::locked_again());
}
