//! The earlier states of the vault: the list, what one would change, bringing it back and undoing that, and a copy.

use twolock::tui::effect::Effect;
use twolock::vault::{Account, Change, DeviceId};

use super::{Stage, list, pictures};

/// The backups, after an account was pinned, one was renamed, and one was deleted, with a minute between.
pub(super) fn backups() -> Stage {
    edited().keys("B")
}

fn edited() -> Stage {
    list().keys("jp").wait(60).keys("e<end> Ltd<enter>").wait(60).keys("Gd").wait(60)
}

fn names(stage: &Stage) -> Vec<String> {
    stage.vault().accounts().iter().map(|account: &Account| account.name().to_owned()).collect()
}

#[test]
fn lists_the_states_that_are_kept() {
    pictures!("backups", backups());
    assert_eq!(list().keys("S/backups<enter><enter>").picture(), list().keys("B").picture());
    let palette = list().keys(":backups<enter>");
    assert_eq!(palette.picture(), list().keys("B").picture());
}

#[test]
fn says_what_backups_are_where_there_is_none() {
    pictures!("backups_none", list().keys("B"));
    let stage = list().keys("B<enter>");
    assert!(stage.picture().contains("No earlier state is kept yet. b makes a copy"), "{}", stage.picture());
}

#[test]
fn looks_at_what_a_state_would_change() {
    pictures!("backups_look", backups().keys("G<enter>"));
    pictures!("backups_look_same", list().keys("pp").wait(5).keys("BG<enter>"));
    let stage = list().keys("pp").keys("BG<enter><enter>");
    assert!(stage.picture().contains("There is nothing to bring back"), "{}", stage.picture());
}

#[test]
fn brings_a_state_back_and_undoes_that() {
    let before = names(&list());
    let changed = names(&backups());
    assert_ne!(before, changed);
    let stage = backups().keys("G<enter><enter>");
    assert_eq!(names(&stage), before);
    pictures!("backups_brought_back", stage);
    let stage = backups().keys("G<enter><enter>u");
    assert_eq!(names(&stage), changed);
    let stage = stage.wait(1);
    assert!(
        stage.picture().contains("5 earlier states"),
        "what is done here is listed too: {}",
        stage.picture()
    );
    assert_eq!(names(&stage.keys("U")), before);
}

#[test]
fn brings_back_what_was_deleted_for_ever() {
    let before = names(&list());
    let stage = list().keys("d").keys("Dd").keys("GitHub<enter>").keys("<esc>");
    assert!(stage.vault().deleted().iter().all(|gone| gone.account.is_none()));
    let stage = stage.keys("BG<enter><enter>");
    assert_eq!(names(&stage), before);
    assert_eq!(stage.vault().accounts()[0].otp, list().vault().accounts()[0].otp);
}

#[test]
fn counters_stay_where_they_are() {
    let counter = |stage: &Stage| stage.vault().accounts()[6].otp.kind.clone();
    let stage = list().keys("7").wait(1).keys("7").wait(1).keys("e<end>x<enter>");
    let reached = counter(&stage);
    assert_ne!(reached, counter(&list()));
    let stage = stage.keys("BG<enter><enter>");
    assert_eq!(counter(&stage), reached);
}

#[test]
fn a_full_disk_changes_nothing_and_can_be_tried_again() {
    let mut stage = backups().keys("G<enter>");
    stage.disk_full = true;
    let changed = names(&stage);
    let stage = stage.keys("<enter>");
    assert_eq!(names(&stage), changed);
    assert!(stage.picture().contains("no space left"), "{}", stage.picture());
    let mut stage = stage;
    stage.disk_full = false;
    assert_eq!(names(&stage.keys("<enter>")), names(&list()));
}

#[test]
fn a_state_that_does_not_open_is_said_to_be_one() {
    pictures!("backups_damaged", edited().keeps_a_damaged_state().keys("B"));
    let stage = edited().keeps_a_damaged_state().keys("B<enter>");
    assert!(stage.picture().contains("The vault file is damaged: this is a test"), "{}", stage.picture());
}

#[test]
fn what_another_program_saves_meanwhile_counts() {
    let stage = backups().keys("G<enter>");
    let mut vault = stage.vault().clone();
    let id = vault.accounts()[0].id;
    vault.apply(&Change::Remove(id, stage.wall()), stage.wall(), DeviceId(2)).unwrap();
    let stage = stage.told(twolock::tui::event::Outcome::Reloaded(std::sync::Arc::new(vault)));
    assert!(stage.picture().contains("would add 2"), "{}", stage.picture());
}

#[test]
fn makes_a_copy_for_elsewhere() {
    pictures!("backups_copy", list().keys("Bb~/stick"));
    pictures!("backups_copy_failed", list().cut_off().keys("Bb~/stick<enter>"));
    let stage = list().keys("Bb<enter>");
    assert!(stage.picture().contains("Type or paste the path"), "{}", stage.picture());
    let stage = stage.paste("~/stick").keys("<enter>");
    assert_eq!(stage.asked, [Effect::BackUp("~/stick".to_owned())]);
    assert!(stage.picture().contains("The copy is in ~/stick/twolock-2026"), "{}", stage.picture());
    // A directory that was not there may be one on the wrong disk, so that is said.
    let made = list().keys("Bbnew<enter>").picture();
    assert!(made.contains("Made the directory, which was not there. The copy is in"), "{made}");
    // The next one may go elsewhere.
    assert!(!stage.keys("b").picture().contains("~/stick\n"));
    // Esc loses nothing.
    let stage = list().keys("Bb~/stick<esc>b");
    assert!(stage.picture().contains("~/stick"), "{}", stage.picture());
    // While it is made, one may go on.
    let stage = list().busy().keys("Bb~/stick<enter>");
    assert!(stage.picture().contains("Making the copy"), "{}", stage.picture());
}

#[test]
fn is_not_held_up_by_a_slow_disk() {
    let stage = edited().busy().keys("B");
    assert!(stage.picture().contains("Looking for earlier states"), "{}", stage.picture());
    assert!(stage.keys("<esc>").picture().contains("GitHub"));
}
