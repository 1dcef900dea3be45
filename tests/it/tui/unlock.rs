//! The locked vault.

use super::{Stage, pictures, usual};

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
fn sleeps_while_locked() {
    assert_eq!(Stage::locked(usual()).wakes_in(), None);
}
