//! The details, the edit, the rehearsal, the secret shown, and the help.

use super::{list, pictures};

#[test]
fn shows_the_details() {
    pictures!("details", list().keys("<right>"));
}

#[test]
fn shows_the_details_of_a_counter() {
    pictures!("details_counter", list().keys("GGk<right>"));
}

#[test]
fn edits_an_account() {
    pictures!("edit", list().keys("e"));
    let stage = list().keys("e<end> Enterprise<enter>");
    assert_eq!(stage.vault().accounts()[0].issuer, "GitHub Enterprise");
    assert!(stage.picture().contains("Saved GitHub Enterprise"), "{}", stage.picture());
    assert_eq!(stage.keys("u").vault().accounts()[0].issuer, "GitHub");
}

#[test]
fn asks_again_before_it_shows_a_secret() {
    pictures!("ask", list().wait(61).keys("v"));
    let stage = list().wait(61).keys("v").paste("wrong one").keys("<enter>");
    assert!(!stage.picture().contains("AEAQ"), "{}", stage.picture());
    let stage = list().wait(61).keys("v").paste("open sesame").keys("<enter>k");
    assert!(stage.picture().contains("AEAQ"), "{}", stage.picture());
}

#[test]
fn shows_a_secret_as_a_code_and_as_a_key() {
    pictures!("reveal_code", list().keys("v"));
    pictures!("reveal_key", list().keys("vk"));
    assert!(!list().keys("vk").wait(61).picture().contains("AEAQ"));
}

#[test]
fn rehearses_a_sign_in() {
    let stage = list();
    let right = stage.vault().accounts()[0].otp.code(stage.wall()).unwrap().reveal().to_owned();
    let stage = stage.keys("t").keys(&right).keys("<enter>").keys(&right).keys("<enter>000000<enter>");
    assert!(stage.picture().contains("used already"), "{}", stage.picture());
    pictures!("rehearse", stage);
}

#[test]
fn lists_the_keys() {
    pictures!("help", list().keys("?"));
}
