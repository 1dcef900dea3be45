//! What lines and terminals do: the mouse, the focus, the title, and lines that are slow.

use twolock::config::Config;
use twolock::tui::effect::{Effect, Title};
use twolock::tui::event::Mouse;

use super::{Stage, list, usual};

fn set(changes: &[(&str, &str)]) -> Stage {
    let mut config = Config::default();
    for (key, value) in changes {
        config.set(key, value).unwrap();
    }
    Stage::with_config(usual(), config)
}

/// Returns the row that keys go to.
fn chosen(stage: &Stage) -> String {
    let picture = stage.picture();
    picture.lines().find(|line| line.starts_with('\u{25b8}')).unwrap_or_default().to_owned()
}

#[test]
fn a_click_on_a_row_chooses_it_and_on_a_code_copies_it() {
    let stage = list().click("Hetzner");
    assert!(chosen(&stage).contains("Hetzner"), "{}", stage.picture());
    assert!(stage.copied.is_empty());
    let code = stage.picture().lines().find(|line| line.contains("GitLab")).unwrap()[45..].to_owned();
    let code = code.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let stage = stage.click(&code);
    assert!(chosen(&stage).contains("GitLab"), "{}", stage.picture());
    assert_eq!(stage.copied, [code.replace(' ', "")]);
}

#[test]
fn a_click_copies_in_a_small_window_and_a_hidden_code_too() {
    let stage = list().size(40, 12);
    let code = stage.picture().lines().find(|line| line.contains("GitHub")).unwrap().to_owned();
    let code = code.split_whitespace().rev().skip(1).take(2).collect::<Vec<_>>();
    let code = format!("{} {}", code[1], code[0]);
    assert_eq!(stage.click(&code).copied, [code.replace(' ', "")]);
    assert_eq!(list().keys("H").click("\u{2022}\u{2022}\u{2022} ").copied, [code.replace(' ', "")]);
}

#[test]
fn a_counter_is_stepped_once_by_two_quick_clicks() {
    let stage = list().click("HOTP #42").wait(2);
    let row = chosen(&stage);
    assert!(row.contains("Old bank") && !row.contains("HOTP"), "{}", stage.picture());
    assert_eq!(stage.copied.len(), 1);
    let stage = list().click("HOTP #42").point(Mouse::Click(46, 9)).point(Mouse::Click(46, 9));
    assert!(stage.copied.iter().all(|code| *code == stage.copied[0]), "{}", stage.picture());
    assert_eq!(stage.vault().accounts()[6].otp.kind, twolock::otp::Kind::Hotp { counter: 43 });
}

#[test]
fn a_click_on_the_footer_presses_the_key() {
    assert!(list().click("/ search").picture().contains("/ "));
    assert_eq!(list().click("q quit").asked, [Effect::Quit]);
    assert!(list().click("? help").picture().starts_with(" Keys on the list"));
    assert!(!list().click("? help").click("q close").picture().starts_with(" Keys on"));
    // The user's own key is what is shown, and is what is clicked.
    let stage = set(&[("keys.search", "[\"f\"]")]);
    assert!(stage.click("f search").types());
}

#[test]
fn a_click_on_a_group_shows_it() {
    let mut accounts = usual();
    accounts[2].group = "Servers".to_owned();
    accounts[3].group = "Work".to_owned();
    let begin = || Stage::with(accounts.clone());
    let rows = |stage: &Stage| {
        let picture = stage.picture();
        let names = ["GitHub", "Hetzner", "GitLab", "web-03"];
        names.into_iter().filter(|name| picture.lines().skip(3).any(|line| line[..40].contains(name))).count()
    };
    let shows = |stage: &Stage, group: &str, name: &str| {
        let picture = stage.picture();
        assert!(picture.contains("1 of 8 accounts"), "{group}: {picture}");
        assert!(
            chosen(stage).contains(name) || picture.contains(&format!("\u{25b8}1   {name}")),
            "{group}: {picture}"
        );
    };
    shows(&begin().click("Servers"), "Servers", "Hetzner");
    shows(&begin().click("Servers").click("Work"), "Work", "GitLab");
    assert_eq!(rows(&begin().click("Servers").click("All")), 4);
    // In the panel beside a wide list too, where there is also what was deleted.
    let wide = || begin().size(160, 30);
    shows(&wide().click("Work  "), "Work", "GitLab");
    assert!(wide().click("Not checked").picture().contains("1 of 8 accounts"));
    let deleted = begin().keys("d").wait(9).size(160, 30).click("Deleted (D)");
    assert!(deleted.picture().starts_with(" Deleted "), "{}", deleted.picture());
}

#[test]
fn a_click_on_a_setting_chooses_it_and_another_one_changes_it() {
    let settings = || list().keys("S");
    let stage = settings().click("Motion");
    assert!(stage.picture().contains("\u{25b8}   Motion"), "{}", stage.picture());
    assert_eq!(stage.asked, []);
    let stage = stage.click("Motion");
    assert_eq!(stage.asked.len(), 1, "{}", stage.picture());
    assert!(matches!(stage.asked[0], Effect::SaveSetting("screen.motion", _)), "{:?}", stage.asked);
    let stage = settings().click("Space shows for").click("Space shows for");
    assert!(stage.types(), "{}", stage.picture());
    // Where one types it is the terminal's.
    assert!(!stage.modes().mouse);
    assert!(settings().click("q close").picture().contains("8 accounts"));
}

#[test]
fn a_click_on_what_was_deleted_only_chooses_it() {
    let stage = list().keys("d").wait(1).keys("d").wait(9).keys("D").click("GitHub");
    assert!(stage.picture().contains("\u{25b8} GitHub"), "{}", stage.picture());
    let stage = stage.click("Enter bring back");
    assert!(stage.vault().accounts().iter().any(|account| account.issuer == "GitHub"));
    assert!(!list().keys("dDd").modes().mouse);
}

#[test]
fn a_message_covers_what_is_below_it_and_nothing_else_is_clicked() {
    let stage = list().size(80, 10).keys("p");
    let before = stage.state();
    let stage = stage.click("nned");
    assert_eq!(stage.state(), before);
    // Beyond the window, on the heading and between the hints there is nothing.
    let stage = stage.point(Mouse::Click(500, 500)).point(Mouse::Click(2, 0)).point(Mouse::Click(0, 9));
    assert_eq!(stage.state(), before);
}

#[test]
fn the_wheel_moves_what_keys_move() {
    let down = |stage: Stage| stage.point(Mouse::WheelDown);
    assert!(chosen(&down(down(list()))).contains("Hetzner"));
    assert!(chosen(&down(down(list())).point(Mouse::WheelUp)).contains("AWS root"));
    let help = list().size(40, 12).keys("?");
    let before = help.picture();
    assert_ne!(down(help).picture(), before);
    assert!(chosen(&down(list().keys("/git"))).contains("GitLab"));
}

#[test]
fn the_mouse_is_free_for_ten_seconds_and_it_is_said() {
    assert!(list().modes().mouse);
    let stage = list().keys("m");
    assert!(!stage.modes().mouse);
    assert!(stage.picture().contains("The mouse is yours for 10 s, to select text. m takes it back"));
    let stage = stage.wait(4);
    assert!(stage.picture().contains("yours for 6 s"), "{}", stage.picture());
    // What was under way when it was given back means nothing.
    let stage = stage.click("Hetzner");
    assert!(!chosen(&stage).contains("Hetzner"));
    let stage = stage.wait(6);
    assert!(stage.modes().mouse && !stage.picture().contains("yours"), "{}", stage.picture());
    let stage = list().keys("mm");
    assert!(stage.modes().mouse && stage.picture().contains("The mouse is twolock's again"));
}

#[test]
fn the_mouse_is_the_terminals_where_one_types_and_where_it_is_set_so() {
    assert!(!list().keys("a").modes().mouse);
    assert!(!list().keys("<right>").modes().mouse);
    assert!(!Stage::locked(usual()).modes().mouse);
    let stage = list().keys("<right>m");
    assert!(stage.picture().contains("The mouse is the terminal's here"), "{}", stage.picture());
    let stage = set(&[("screen.mouse", "false")]);
    assert!(!stage.modes().mouse);
    assert!(!stage.keys("?").picture().contains("Shift-drag"));
    let stage = set(&[("screen.mouse", "false")]).keys("m");
    assert!(stage.picture().contains("The mouse is the terminal's, as is set"), "{}", stage.picture());
    // A change holds at once.
    assert!(!list().keys("S/").keys("mouse<enter><right><esc><esc>").modes().mouse);
}

#[test]
fn a_click_counts_as_somebody_and_the_first_one_only_stays() {
    let stage = list().wait(590).click("GitLab").wait(100);
    assert!(stage.is_open());
    assert!(!chosen(&stage).contains("GitLab"));
}

#[test]
fn without_the_focus_everything_is_hidden_if_that_is_set() {
    assert_eq!(list().focus(false).picture(), list().picture());
    assert!(!list().modes().focus);
    let here = || set(&[("screen.hide_on_focus_lost", "true")]);
    assert!(here().modes().focus);
    for keys in ["", "<enter>", "H ", "<right>r", "v", "a", "/git", "t123"] {
        let stage = here().keys(keys);
        let seen = stage.picture();
        let stage = stage.focus(false);
        let hidden = stage.picture();
        assert_eq!(
            hidden.split_whitespace().collect::<Vec<_>>().join(" "),
            "twolock Hidden while this window has no focus. It comes back with the focus, or with a key.",
            "{keys}"
        );
        assert_eq!(stage.cursor(), None, "{keys}");
        // It is still, and the time goes on below it.
        assert!(stage.wakes_in().unwrap() > std::time::Duration::from_secs(1) || keys == "<enter>", "{keys}");
        assert_eq!(stage.focus(true).picture(), seen, "{keys}");
    }
}

#[test]
fn a_terminal_that_never_gives_the_focus_back_hides_nothing_for_ever() {
    let away = || set(&[("screen.hide_on_focus_lost", "true")]).focus(false);
    // The first key only looks: nothing is done that was not seen.
    let stage = away().keys("d");
    assert!(stage.picture().contains("GitHub"), "{}", stage.picture());
    assert_eq!(stage.vault().accounts().len(), 8);
    assert_eq!(stage.keys("d").vault().accounts().len(), 7);
    assert!(away().point(Mouse::Click(10, 10)).picture().contains("GitHub"));
    assert!(!away().paste("otpauth://totp/A?secret=JBSWY3DPEHPK3PXP").picture().contains("Hidden"));
    let stage = away().wait(600);
    assert!(!stage.is_open());
}

#[test]
fn locks_without_the_focus_only_if_that_is_set() {
    assert!(list().focus(false).is_open());
    let stage = set(&[("lock.on_focus_lost", "true")]);
    assert!(stage.modes().focus);
    let stage = stage.focus(false);
    assert!(!stage.is_open());
    assert_eq!(stage.asked, [Effect::Lock]);
}

#[test]
fn the_title_says_no_more_than_whether_it_is_locked() {
    assert_eq!(Stage::locked(usual()).modes().title, Some(Title::Locked));
    assert_eq!(list().modes().title, Some(Title::Open));
    assert_eq!(list().keys("L").modes().title, Some(Title::Locked));
    assert_eq!(set(&[("screen.title", "false")]).modes().title, None);
}
