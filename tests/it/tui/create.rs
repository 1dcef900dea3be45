//! The first start.

use super::{Stage, pictures};

#[test]
fn says_what_the_program_does() {
    pictures!("first_start_1", Stage::first_start());
}

#[test]
fn judges_the_passphrase() {
    pictures!("first_start_2", Stage::first_start().keys("<enter>").paste("correct horse"));
}

#[test]
fn makes_the_vault_and_shows_what_was_checked() {
    let words = "copper-walnut-seven-mailbox-drift";
    let stage =
        Stage::first_start().keys("<enter>").paste(words).keys("<enter>").paste(words).keys("<enter>");
    assert!(stage.is_open());
    pictures!("first_start_3", stage);
}

#[test]
fn takes_a_weak_passphrase_only_when_told_twice() {
    let weak = || Stage::first_start().keys("<enter>").paste("abc").keys("<enter>");
    assert!(weak().picture().contains("can guess this one"), "{}", weak().picture());
    let stage = weak().paste("d").keys("<enter>");
    assert!(stage.picture().contains("can guess this one"), "{}", stage.picture());
    assert!(!weak().paste("abc").keys("<enter>").is_open());
    let stage = weak().keys("<enter>").paste("abc").keys("<enter>");
    assert!(stage.is_open(), "{}", stage.picture());
}

#[test]
fn asks_again_when_the_two_differ() {
    let stage = Stage::first_start()
        .keys("<enter>")
        .paste("copper-walnut-seven")
        .keys("<enter>")
        .paste("x")
        .keys("<enter>");
    assert!(stage.picture().contains("not the same"), "{}", stage.picture());
}

#[test]
fn leads_to_the_wizard() {
    let words = "copper-walnut-seven-mailbox-drift";
    let stage =
        Stage::first_start().keys("<enter>").paste(words).keys("<enter>").paste(words).keys("<enter><enter>");
    assert!(stage.picture().contains("Device name"), "{}", stage.picture());
}
