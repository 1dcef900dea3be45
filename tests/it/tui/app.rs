//! What is everybody's: locking, help, undo, small windows, time.

use std::sync::Arc;

use twolock::tui::effect::Effect;
use twolock::tui::event::{Committed, Outcome};
use twolock::tui::screen::Note;

use super::add::type_two;
use super::import::preview;
use super::pending::{pending, waiting};
use super::{Stage, list, usual};
use crate::support::stage::account;

#[test]
fn locks_by_itself_and_says_so_before() {
    let stage = list().wait(590);
    assert!(stage.picture().contains("Locks in"), "{}", stage.picture());
    let stage = stage.wait(10);
    assert!(!stage.is_open());
    assert_eq!(stage.asked, [Effect::Lock]);
    assert!(!stage.picture().contains("GitHub"));
}

#[test]
fn the_first_key_after_the_announcement_only_stays() {
    let stage = list().wait(590).keys("d");
    assert_eq!(stage.vault().accounts().len(), 8);
    assert!(stage.wait(100).is_open());
}

#[test]
fn is_locked_before_the_first_frame_after_a_long_sleep() {
    let stage = list().suspend(3600).keys("<enter>");
    assert!(!stage.is_open());
    assert!(stage.copied.is_empty());
}

#[test]
fn locks_at_once_by_key() {
    let stage = list().keys("L");
    assert!(!stage.is_open());
    assert!(stage.picture().contains("Passphrase"));
}

#[test]
fn saves_what_was_counted_before_it_locks() {
    let stage = list().keys("<enter>L");
    assert_eq!(stage.vault().accounts()[0].used.count, 1);
}

#[test]
fn helps_everywhere() {
    for keys in ["?", "a<f1>", "/<f1>", "<right>?", "t<f1>"] {
        let stage = list().keys(keys);
        assert!(stage.picture().contains("Keys"), "{keys}: {}", stage.picture());
    }
}

/// A stage just before the key that asks for a change.
type Begin = fn() -> Stage;

#[test]
fn says_that_a_change_is_made_when_it_is_and_not_before() {
    let waiting = || type_two(pending().keys("t"), &waiting().otp, 0);
    let changes: [(Begin, &str, &str); 13] = [
        (list, "p", "Unpinned GitHub · alice@example.com"),
        (|| list().keys("j"), "p", "Pinned AWS root · 123456789012"),
        (|| list().keys("xx"), "p", "Pinned 2 accounts"),
        (list, "d", "Deleted GitHub · alice@example.com"),
        (|| list().keys("<right>"), "d", "Deleted GitHub · alice@example.com"),
        (|| list().keys("MFamily"), "<enter>", "Moved GitHub · alice@example.com to the group Family"),
        (|| list().keys("p"), "u", "Undid unpinning GitHub · alice@example.com"),
        (|| list().keys("pu"), "U", "Did again: unpinning GitHub · alice@example.com"),
        (|| list().keys("dD"), "<enter>", "Brought back GitHub · alice@example.com"),
        (|| list().keys("dDdgithub"), "<enter>", "GitHub · alice@example.com is gone for ever"),
        (|| list().keys("e").paste("s"), "<enter>", "Saved GitHubs · alice@example.com"),
        (preview, "<enter>", "2 accounts added. u undoes the whole import"),
        (waiting, "<enter>", "Checked: Bastion"),
    ];
    for (begin, key, said) in changes {
        let mut full = begin();
        full.disk_full = true;
        let full = full.keys(key);
        let picture = full.picture();
        assert!(picture.contains("Could not save: cannot write the vault"), "{said}: {picture}");
        assert!(!picture.contains(said), "{said}: {picture}");
        let slow = begin().busy().keys(key);
        assert!(!slow.picture().contains(said), "{said}: {}", slow.picture());
        let slow = slow.catch_up();
        assert!(slow.picture().contains(said), "{said}: {}", slow.picture());
    }
}

#[test]
fn a_change_that_a_power_cut_may_take_back_is_said_with_that() {
    let slow = list().busy().keys("p");
    let said = slow.to_be_said().map(Note::good);
    let stage = slow.told(Outcome::Committed(Committed {
        vault: Arc::new(list().vault().clone()),
        inverse: Vec::new(),
        undoes: None,
        says: said,
        reserved: Vec::new(),
        unsure: Some("the disk does not answer".to_owned()),
    }));
    let words: Vec<String> = stage.picture().split_whitespace().map(str::to_owned).collect();
    let said =
        "! Unpinned GitHub · alice@example.com. A power cut may take it back: the disk does not answer";
    assert!(words.join(" ").contains(said), "{}", stage.picture());
}

#[test]
fn what_is_done_after_the_lock_shows_nothing_of_the_vault() {
    let stage = list().busy().keys("dL").catch_up();
    assert!(!stage.is_open());
    assert!(!stage.picture().contains("GitHub"), "{}", stage.picture());
    let stage = stage.told(Outcome::Reloaded(Arc::new(list().vault().clone())));
    assert!(!stage.picture().contains("changed on disk"), "{}", stage.picture());
}

#[test]
fn undoes_fifty_deep_and_then_says_so() {
    let stage = list().keys("ppp").keys("uuuu");
    assert!(stage.picture().contains("Nothing to undo"), "{}", stage.picture());
    assert!(stage.vault().accounts()[0].pinned);
}

#[test]
fn asks_for_room_but_still_tells_the_code() {
    let stage = list().size(30, 6);
    let code = stage.vault().accounts()[0].otp.code(stage.wall()).unwrap();
    assert!(stage.picture().contains(code.grouped().as_str()), "{}", stage.picture());
}

#[test]
fn draws_at_any_size() {
    for (columns, rows) in [
        (1, 1),
        (2, 2),
        (1, 50),
        (80, 1),
        (32, 8),
        (33, 9),
        (59, 10),
        (60, 15),
        (109, 24),
        (110, 24),
        (149, 9),
        (150, 8),
        (200, 60),
        (300, 100),
    ] {
        for keys in [
            "", "a", "a<enter>", "/zz", "/", "xx", "M", "Mx", ":", ":zz", "dD", "dDd", "<tab>", "H",
            "<right>", "e", "t", "v", "?", "L",
        ] {
            assert!(!Stage::with(usual()).keys(keys).size(columns, rows).picture().is_empty());
        }
    }
}

#[test]
fn wakes_once_a_second_while_codes_show() {
    let wait = list().wakes_in().unwrap();
    assert!(wait.as_millis() > 1000 && wait.as_millis() < 1100, "{wait:?}");
}

#[test]
fn tells_of_a_clock_that_jumped() {
    let mut stage = list();
    stage.set_wall(stage.wall().plus_seconds(300));
    let stage = stage.keys("<down>");
    assert!(stage.picture().contains("The clock jumped by 300 s"), "{}", stage.picture());
}

#[test]
fn learns_while_it_runs_how_right_the_clock_is() {
    let mut stage = list();
    stage.outcome(Outcome::Clock(Some(false)));
    assert!(stage.picture().contains("! clock not synchronised"), "{}", stage.picture());
    stage.outcome(Outcome::Clock(Some(true)));
    assert!(stage.picture().contains("clock OK"), "{}", stage.picture());
}

#[test]
fn shows_hostile_names_as_text() {
    let names = [
        "\u{1b}[2J",
        "a\u{202e}b",
        "x\u{7}y",
        "\u{9b}31m",
        "zero\u{200b}width",
        "a\nb",
        "\u{feff}",
        "é\u{301}",
    ];
    let accounts: Vec<_> = (1..).zip(names).map(|(n, name)| account(n, name, name)).collect();
    for keys in ["", "<right>", "e", "d", "<enter>", "/a", "t", "v"] {
        let picture = Stage::with(accounts.clone()).keys(keys).picture();
        for letter in picture.chars().filter(|c| *c != '\n') {
            assert!(!letter.is_control(), "{keys}: {letter:?}");
            assert!(
                !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}'),
                "{letter:?}"
            );
        }
    }
}

#[test]
fn draws_what_is_longer_than_any_window() {
    let mut accounts =
        vec![account(1, &"\u{e9}".repeat(32_768), &"n".repeat(65_536)), account(2, "GitHub", "alice")];
    accounts[0].group = "\u{6771}".repeat(32_768);
    accounts[0].note = "word ".repeat(2_000_000);
    let begin = || Stage::with(accounts.clone());
    for keys in ["", "<right>", "e", "d", "dD", "<enter>", "/word", "v", "M", "t", "X"] {
        for (columns, rows) in [(80, 24), (40, 12)] {
            let picture = begin().size(columns, rows).keys(keys).picture();
            assert_eq!(picture.lines().count(), usize::from(rows), "{keys}");
        }
    }
    assert!(begin().picture().contains("\u{e9}\u{2026}"), "{}", begin().picture());
}
