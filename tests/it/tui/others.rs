//! The details, the edit, the rehearsal, the secret shown, and the help.

use twolock::otp::Secret;
use twolock::vault::Checked;

use super::add::type_two;
use super::{Stage, list, pictures};
use crate::support::stage::account;

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

/// The list, after the algorithm of its first account was edited.
pub(super) fn edited() -> Stage {
    list().keys("e<tab><tab><tab><tab><tab><tab><right><enter>")
}

#[test]
fn an_edit_that_changes_the_codes_leads_on_to_two_codes() {
    pictures!("edit_two_codes", edited());
    assert_eq!(edited().vault().accounts()[0].checked, Checked::Never);
    let stage = edited().keys("y");
    assert!(matches!(stage.vault().accounts()[0].checked, Checked::BySite(_)));
    assert!(stage.picture().contains("Checked: GitHub"), "{}", stage.picture());
    assert!(stage.picture().contains("8 accounts"), "{}", stage.picture());
    assert!(edited().keys("s").picture().contains("Saved without checking: GitHub"));
    assert!(edited().keys("<esc>").picture().starts_with(" Edit GitHub"));
    // Not the wizard's draft: that is of another account.
    assert!(edited().keys("^c").keys("a").picture().contains("1 Name"));
    let stage = list().keys("e<end>x<enter>");
    assert!(stage.picture().contains("8 accounts"), "a name changes no codes: {}", stage.picture());
}

#[test]
fn a_check_after_an_edit_shows_no_key_that_was_not_typed() {
    let stage = edited().keys("<tab>");
    let mut near = stage.vault().accounts()[0].otp.clone();
    let key = near.secret.to_base32().replacen('A', "C", 1);
    near.secret = Secret::from_base32(&key).unwrap();
    let stage = type_two(stage, &near, 0);
    assert!(stage.picture().contains("One character of the secret key"), "{}", stage.picture());
    assert!(!stage.picture().contains(&key[..4]), "{}", stage.picture());
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

#[test]
fn a_code_that_was_just_copied_counts_as_used() {
    let stage = list().keys("<right>");
    assert!(stage.picture().contains("never"), "{}", stage.picture());
    let stage = stage.keys("<enter>");
    assert!(stage.picture().contains("once, last today 14:32"), "{}", stage.picture());
}

#[test]
fn only_what_arrived_has_a_tick() {
    use twolock::tui::event::{Outcome, Proof, Sent};
    for (proof, mark) in
        [(Proof::Taken, "✓ Sent it"), (Proof::Doubted, "! Sent it"), (Proof::Sent, " Sent it")]
    {
        let sent = Sent { text: "Sent it".to_owned(), validity: None, advice: None, proof };
        let picture = list().told(Outcome::Copied(Ok(sent))).picture();
        let line = picture.lines().find(|line| line.contains("Sent it")).unwrap();
        assert_eq!(line.trim_end(), if proof == Proof::Sent { mark.to_owned() } else { format!(" {mark}") });
    }
}

#[test]
fn says_what_a_code_needs_that_does_not_fit() {
    let mut account = account(1, "Amazon Web Services", "the-root-user@accounts.example.com");
    account.otp.secret = Secret::from_bytes(&[7; 64]).unwrap();
    pictures!("reveal_too_small", Stage::with(vec![account]).keys("v"));
}

#[test]
fn begins_a_rehearsal() {
    pictures!("rehearse_empty", list().keys("t"));
}
