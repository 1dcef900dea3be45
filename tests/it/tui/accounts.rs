//! The list and its search.

use super::{Stage, account, list, pictures};

#[test]
fn shows_live_codes() {
    pictures!("list", list());
}

#[test]
fn shows_the_next_code_near_the_end() {
    pictures!("list_last_seconds", list().wait(17));
}

#[test]
fn teaches_when_there_is_nothing() {
    pictures!("list_empty", Stage::with(Vec::new()));
}

#[test]
fn copies_the_selected_code_and_says_so() {
    let stage = list().keys("<down><enter>");
    let code = stage.vault().accounts()[1].otp.code(stage.wall()).unwrap();
    assert_eq!(stage.copied, [code.reveal()]);
    pictures!("list_copied", stage);
}

#[test]
fn copies_by_row_number_and_the_next_code() {
    let stage = list().keys("3n");
    let wall = stage.wall();
    let accounts = stage.vault().accounts();
    let third = accounts[2].otp.code(wall).unwrap();
    let next = accounts[0].otp.next_code(wall).unwrap();
    assert_eq!(stage.copied, [third.reveal(), next.reveal()]);
}

#[test]
fn counts_what_was_taken_within_a_minute() {
    let stage = list().keys("<enter><enter>").wait(61);
    assert_eq!(stage.vault().accounts()[0].used.count, 2);
}

#[test]
fn finds_as_one_types() {
    pictures!("search", list().keys("/git"));
    let stage = list().keys("/git<down><enter>");
    assert_eq!(stage.copied.len(), 1);
}

#[test]
fn names_the_closest_where_nothing_matches() {
    pictures!("search_none", list().keys("/githib"));
}

#[test]
fn leaves_the_search_with_its_choice() {
    let stage = list().keys("/lab<esc><enter>");
    let code = stage.vault().accounts()[3].otp.code(stage.wall()).unwrap();
    assert_eq!(stage.copied, [code.reveal()]);
}

#[test]
fn letters_are_text_in_the_search() {
    let stage = list().keys("/daq");
    assert_eq!(stage.vault().accounts().len(), 8);
    assert!(stage.asked.is_empty());
}

#[test]
fn hides_codes_and_still_copies() {
    let stage = list().keys("H");
    pictures!("list_hidden", stage);
    assert_eq!(list().keys("H<enter>").copied.len(), 1);
}

#[test]
fn reserves_a_counter_before_it_shows_the_code() {
    let stage = list().keys("7");
    let otp = &stage.vault().accounts()[6].otp;
    assert_eq!(otp.kind, twolock::otp::Kind::Hotp { counter: 43 });
    assert_eq!(stage.copied, [otp.code_at(42).reveal()]);
}

#[test]
fn shows_no_counter_code_that_could_not_be_saved() {
    let mut stage = list();
    stage.disk_full = true;
    let stage = stage.keys("7");
    assert!(stage.copied.is_empty());
    assert!(stage.picture().contains("no space left on device"), "{}", stage.picture());
}

#[test]
fn deletes_at_once_and_undoes() {
    let stage = list().keys("d");
    assert_eq!(stage.vault().accounts().len(), 7);
    pictures!("deleted", stage);
    let stage = list().keys("du");
    assert_eq!(stage.vault().accounts().len(), 8);
    assert_eq!(stage.vault().accounts()[0].issuer, "GitHub");
}

#[test]
fn keeps_a_change_that_could_not_be_saved_and_tries_again() {
    let mut stage = list();
    stage.disk_full = true;
    let mut stage = stage.keys("d");
    assert_eq!(stage.vault().accounts().len(), 8);
    assert!(stage.picture().contains("r tries again"), "{}", stage.picture());
    stage.disk_full = false;
    assert_eq!(stage.keys("r").vault().accounts().len(), 7);
}

#[test]
fn shows_only_what_fits_and_scrolls() {
    let many: Vec<_> = (0..200).map(|n| account(n, &format!("Service {n:03}"), "alice")).collect();
    let stage = Stage::with(many).keys("G");
    assert!(stage.picture().contains("Service 199"));
    assert!(!stage.picture().contains("Service 000"));
    assert!(stage.keys("g").picture().contains("Service 000"));
}

#[test]
fn a_paste_never_runs_keys() {
    let stage = list().paste("dddddqqqq");
    assert_eq!(stage.vault().accounts().len(), 8);
    assert!(stage.asked.is_empty());
}
