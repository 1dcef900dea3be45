//! A slow line to the terminal.

use twolock::otp::{Kind, Period};

use super::settings::config;
use super::{Stage, account, list, pictures, usual};

/// Returns how often the picture of the list is another one in a minute of nothing.
fn pictures_in_a_minute(mut stage: Stage) -> usize {
    let mut pictures = vec![stage.picture()];
    for _ in 0..60 {
        stage = stage.wait(1);
        pictures.push(stage.picture());
    }
    pictures.dedup();
    pictures.len() - 1
}

#[test]
fn a_slow_line_is_said_and_moves_every_five_seconds() {
    assert_eq!(pictures_in_a_minute(list()), 60);
    assert_eq!(pictures_in_a_minute(list().line(true)), 12);
    assert_eq!(pictures_in_a_minute(list().line(true).line(false)), 60);
    pictures!("list_slow", list().line(true));
    pictures!("list_slow_last_seconds", list().line(true).wait(18));
}

#[test]
fn a_code_changes_in_time_all_the_same() {
    let mut odd = account(1, "Odd", "alice");
    odd.otp.kind = Kind::Totp { period: Period::new(7).unwrap() };
    let mut stage = Stage::with(vec![odd]).line(true);
    for _ in 0..30 {
        stage = stage.wait(1);
        let code = stage.vault().accounts()[0].otp.code(stage.wall()).unwrap();
        assert!(stage.picture().contains(code.grouped().as_str()), "{}", stage.picture());
    }
}

#[test]
fn what_the_user_set_goes_before_what_was_measured() {
    let set = |value| Stage::with_config(usual(), config(&[("screen.slow_link", value)]));
    assert_eq!(pictures_in_a_minute(set("On")), 12);
    assert_eq!(pictures_in_a_minute(set("Off").line(true)), 60);
}

#[test]
fn every_screen_with_seconds_is_calm() {
    let site = "aGitLab<tab>bob<enter>GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ<enter>";
    for keys in ["<right>", "e", "C", "t", site] {
        let changes = pictures_in_a_minute(list().line(true).keys(keys).wait(9));
        assert!(changes <= 13, "{changes} after {keys}");
    }
}
