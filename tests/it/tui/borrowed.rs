//! The list without a vault: what the agent lends, and the way over to the vault itself.

use std::time::Duration;

use twolock::config::{Config, Expiry, Seconds, ShowCodes};
use twolock::failure::Failure;
use twolock::tui::effect::Effect;
use twolock::tui::errand::Errand;
use twolock::tui::event::Mouse;
use twolock::tui::lent::Question;
use twolock::vault::{Change, Checked};

use super::pending::waiting;
use super::{Stage, account, list, pictures, usual};
use crate::support::stage::{BEGIN, PASSPHRASE};

/// The list of what an agent lends.
pub(super) fn lent() -> Stage {
    Stage::lent(usual())
}

fn gone() -> Failure {
    Failure::locked("the agent has ended")
}

fn errand(stage: &Stage) -> Errand {
    let mut leaves = stage.asked.iter().filter_map(|effect| match effect {
        Effect::Leave(errand) => Some(errand.clone()),
        _ => None,
    });
    leaves.next_back().expect("it has left for the passphrase")
}

#[track_caller]
fn shows(stage: &Stage, text: &str) {
    let words = stage.picture().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(text), "{text:?} is not on\n{}", stage.picture());
}

/// The codes of the accounts with codes by time, as the vault makes them.
fn codes(stage: &Stage) -> Vec<String> {
    let timed = stage.vault().accounts().iter().filter(|account| account.otp.period().is_some());
    timed.map(|account| account.otp.code(stage.wall()).unwrap().grouped().to_string()).collect()
}

#[test]
fn shows_the_codes_without_a_vault_and_says_whose_they_are() {
    pictures!("lent", lent());
    insta::assert_snapshot!("lent_200x60", lent().size(200, 60).picture());
    let stage = lent();
    assert!(!stage.is_open());
    for code in codes(&stage) {
        shows(&stage, &code);
    }
    shows(&stage, "agent until 17:32");
}

#[test]
fn a_search_and_the_end_of_a_code_look_as_in_the_list() {
    pictures!("lent_search", lent().keys("/git"));
    pictures!("lent_none", lent().keys("/githup"));
    // The rows of both lists are the same, but for the next code and the number of a counter, which the agent does not tell.
    let rows = |stage: &Stage| -> Vec<String> {
        stage.picture().lines().skip(3).take(6).map(str::to_owned).collect()
    };
    assert_eq!(rows(&lent()), rows(&list().keys("sss").keys("sss")));
    assert_eq!(rows(&lent().keys("<down><down>")), rows(&list().keys("<down><down>")));
}

#[test]
fn enter_copies_and_says_so_as_the_list_does() {
    for keys in ["j<enter>", "jc", "2", "/aws<enter>"] {
        let (one, other) = (lent().keys(keys), list().keys(keys));
        assert_eq!(one.copied, other.copied, "{keys}");
        let message = |stage: &Stage| stage.picture().lines().rev().nth(1).unwrap().to_owned();
        assert_eq!(message(&one), message(&other), "{keys}");
    }
    let next = lent().keys("jn");
    assert_eq!(next.copied, list().keys("jn").copied);
    shows(&next, "the next code, valid in 21 s");
}

#[test]
fn codes_are_asked_for_when_they_are_over_and_never_shown_then() {
    let stage = lent().wait(20);
    let before = codes(&stage);
    shows(&stage, &before[0]);
    let stage = stage.wait(1);
    let after = codes(&stage);
    assert_ne!(before[0], after[0]);
    shows(&stage, &after[0]);
    // Where no answer comes, what is over is gone at once, and the screen a little later.
    let stage = lent().wait(20).busy().wait(1);
    assert!(!stage.picture().contains(&before[0]), "{}", stage.picture());
    shows(&stage, "GitHub");
    // A code of a minute still is good.
    let slow = stage.vault().accounts()[4].otp.code(stage.wall()).unwrap();
    shows(&stage, &slow.grouped());
    let stage = stage.wait(6);
    shows(&stage, "The agent does not answer.");
    assert!(!stage.picture().contains("GitHub"), "{}", stage.picture());
}

#[test]
fn only_a_key_keeps_the_agent_longer() {
    let mut stage = lent();
    let person = |stage: &Stage| -> Vec<bool> {
        let holding = stage.questions.iter().map(|question| match question {
            Question::Holding { person, .. } => *person,
            other => panic!("{other:?}"),
        });
        holding.collect()
    };
    assert_eq!(person(&stage), [true], "who starts the program asks");
    stage.questions.clear();
    let mut stage = stage.wait(60);
    assert_eq!(person(&stage).len(), 60);
    assert!(person(&stage).iter().all(|person| !person));
    stage.questions.clear();
    let stage = stage.keys("j").wait(3);
    assert_eq!(person(&stage)[..2], [true, false]);
}

#[test]
fn most_questions_ask_for_no_codes() {
    let stage = lent().wait(9);
    let codes =
        stage.questions.iter().filter(|question| matches!(question, Question::Holding { codes: true, .. }));
    assert_eq!((codes.count(), stage.questions.len()), (1, 10));
}

#[test]
fn when_the_agent_ends_it_says_so_and_asks_for_the_passphrase() {
    let ended = lent().keys("jj").agent_fails(gone()).wait(1);
    pictures!("lent_ended", ended);
    let stage = lent().keys("jj").agent_fails(gone()).wait(1);
    assert_eq!(errand(&stage).key, None);
    assert!(!stage.keys("<esc>").picture().contains("GitHub"));
    let over = lent().agent_has(Duration::from_secs(2)).wait(1).agent_fails(gone()).wait(1);
    shows(&over, "The agent's time is over");
    let changed = Failure::locked("another program changed the vault, and its key is in hardware")
        .hint("`twolock unlock` opens it again");
    shows(&lent().agent_fails(changed).wait(1), "key is in hardware. `twolock unlock` opens it again.");
    // It goes on at the same account.
    let stage = lent().keys("jj").agent_fails(gone()).wait(1).paste(PASSPHRASE).keys("<enter>e");
    assert!(stage.is_open());
    shows(&stage, "Hetzner");
}

#[test]
fn what_needs_the_vault_leads_to_the_passphrase_and_goes_on_from_there() {
    pictures!("lent_edit", lent().keys("je"));
    for (key, there) in [
        ("a", "Add MFA"),
        ("+", "Add MFA"),
        ("e", "the edit form"),
        ("<right>", "the details"),
        ("l", "the details"),
        ("t", "the MFA test"),
        ("v", "the QR code"),
        ("I", "the import"),
        ("X", "the export"),
        ("S", "the settings"),
        ("M", "the choice of a group"),
        ("B", "the backups"),
        ("u", "the list"),
        ("d", "the list"),
        ("p", "the list"),
        ("x", "the list"),
    ] {
        let stage = lent().keys("jj").keys(key);
        assert_eq!((stage.screen(), stage.is_open()), ("the locked vault", false), "{key}");
        let stage = stage.paste(PASSPHRASE).keys("<enter>");
        assert_eq!(stage.screen(), there, "{key}");
        assert_eq!(stage.vault().accounts().len(), usual().len(), "{key}");
        if there == "the list" {
            let cursor = stage.cursor().unwrap();
            let row = stage.picture().lines().nth(cursor.y.into()).unwrap().to_owned();
            assert!(row.contains("Hetzner"), "{key}: {row}");
        }
    }
    let stage = lent().paste("otpauth://totp/A?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    shows(&stage, "adding what you pasted needs the vault itself");
    assert!(!errand(&stage).write().contains("JBSW"), "nothing that was pasted goes along");
}

#[test]
fn an_action_is_done_to_the_account_it_was_meant_for_or_to_none() {
    let stage = lent().keys("jje");
    let id = stage.vault().accounts()[2].id;
    let stage = stage.changed_by_another(&Change::Remove(id, twolock::otp::Timestamp::from_seconds(BEGIN)));
    let stage = stage.paste(PASSPHRASE).keys("<enter>");
    assert_eq!(stage.screen(), "the list");
    // A group that is set hides nobody who was meant.
    let mut config = Config::default();
    config.list.group = Some("Work".to_owned());
    let mut accounts = usual();
    accounts[3].group = "Work".to_owned();
    let stage = Stage::lent_with(accounts, config).keys("jje").paste(PASSPHRASE).keys("<enter>");
    assert_eq!(stage.screen(), "the edit form");
    shows(&stage, "Hetzner");
}

#[test]
fn without_an_account_nothing_is_done_to_one() {
    for keys in ["e", "l", "d", "t", "v", "p", "M", "x"] {
        let stage = Stage::lent(Vec::new()).keys(keys);
        assert_eq!(stage.screen(), "the agent's list", "{keys}");
        shows(&stage, "There is no account here yet");
    }
}

#[test]
fn a_copy_at_the_change_of_a_code_takes_the_new_one() {
    let stage = lent().keys("j").wait(20).busy().wait(1).keys("<enter>");
    assert_eq!(stage.copied, [""; 0]);
    let stage = stage.catch_up();
    let code = usual()[1].otp.code(stage.wall()).unwrap();
    assert_eq!(stage.copied, [code.reveal()]);
}

#[test]
fn those_without_a_group_come_last_in_that_order() {
    let mut config = Config::default();
    config.list.sort = twolock::config::Order::Group;
    config.list.pinned_first = false;
    let mut accounts = usual();
    accounts[3].group = "Work".to_owned();
    let stage = Stage::lent_with(accounts, config);
    let row = stage.picture().lines().nth(3).unwrap().to_owned();
    assert!(row.contains("GitLab"), "{row}");
}

#[test]
fn esc_goes_back_to_the_codes() {
    for keys in ["e<esc>", "u<esc>", "uwrong<enter><esc>", "u<f3><esc><esc>"] {
        let stage = lent().keys(keys);
        assert_eq!(stage.screen(), "the agent's list", "{keys}");
        shows(&stage, &codes(&stage)[0]);
    }
    // Not where the agent has ended.
    assert_eq!(lent().agent_fails(gone()).wait(1).keys("<esc>").screen(), "the locked vault");
}

#[test]
fn lock_makes_the_agent_forget() {
    let stage = lent().keys("L");
    assert_eq!(stage.questions.last(), Some(&Question::Forget));
    assert_eq!((stage.screen(), stage.asked.last()), ("the locked vault", Some(&Effect::Lock)));
    // While it does, no code is to be seen; and one that does not obey is named.
    let stage = lent().busy().keys("L");
    shows(&stage, "Locking ...");
    assert!(!stage.picture().contains("GitHub"));
    let stage = stage.keys("j/e<enter>1u").paste("x").wait(6);
    shows(&stage, "may still hold the vault. End its process, 4321.");
}

#[test]
fn it_locks_by_itself_and_leaves_the_agent_alone() {
    let mut config = Config::default();
    config.lock.after = Seconds(60);
    let stage = Stage::lent_with(usual(), config).wait(46);
    shows(&stage, "Locks in");
    let stage = stage.wait(14);
    assert_eq!((stage.screen(), stage.asked.last()), ("the locked vault", Some(&Effect::Lock)));
    assert!(!stage.questions.contains(&Question::Forget));
    assert_eq!(stage.wakes_in(), None);
}

#[test]
fn a_window_that_loses_the_focus_hides_or_locks() {
    let mut config = Config::default();
    config.screen.hide_on_focus_lost = true;
    let stage = Stage::lent_with(usual(), config.clone()).focus(false).wait(40);
    shows(&stage, "Hidden while this window has no focus");
    assert!(!stage.picture().contains("GitHub"));
    let stage = stage.focus(true);
    shows(&stage, &codes(&stage)[0]);
    config.lock.on_focus_lost = true;
    let stage = Stage::lent_with(usual(), config).focus(false).focus(true);
    assert_eq!((stage.screen(), stage.asked.last()), ("the locked vault", Some(&Effect::Lock)));
}

#[test]
fn a_clock_that_jumps_makes_new_codes() {
    let mut stage = lent();
    let before = codes(&stage);
    stage.set_wall(stage.wall().plus_seconds(3600));
    let stage = stage.wait(1);
    assert!(!stage.picture().contains(&before[0]), "{}", stage.picture());
    shows(&stage, &codes(&stage)[0]);
    shows(&stage, "The clock jumped by 3600 s. Codes were recalculated");
}

#[test]
fn a_counter_moves_once_for_each_time_it_is_asked() {
    let counter = || lent().keys("/old<enter>").keys("<esc>");
    let stage = counter();
    let code = usual()[6].otp.code_at(42);
    assert_eq!(stage.copied, [code.reveal()]);
    shows(&stage, &code.grouped());
    // What is shown is copied again; a slip wastes nothing, and another key hides it.
    let stage = stage.keys("<enter>");
    assert_eq!(stage.copied, [code.reveal(), code.reveal()]);
    let stage = stage.wait(9).keys("kj");
    assert!(!stage.picture().contains(code.grouped().as_str()));
    let shown = lent().keys("/old<esc>   ").wait(2);
    shows(&shown, &code.grouped());
    assert_eq!(shown.copied, [""; 0]);
    let twice = shown.keys(" ");
    shows(&twice, &usual()[6].otp.code_at(43).grouped());
    assert!(!twice.wait(31).picture().contains(usual()[6].otp.code_at(43).grouped().as_str()));
    // A disk that is full gives none, and the list stays.
    let failure = Failure::other("no code: the counter may not be on the disk: no space left on device");
    let stage = lent().keys("/old<esc>").agent_fails(failure).keys(" ");
    shows(&stage, "No code: the counter may not be on the disk");
    assert_eq!(stage.screen(), "the agent's list");
    shows(&lent().keys("/old<esc>n"), "counter codes have no next code yet");
}

#[test]
fn a_copy_follows_waits_or_takes_the_next_as_is_set() {
    let with = |expiry| {
        let mut config = Config::default();
        config.copy.on_expiry = expiry;
        config
    };
    for expiry in [Expiry::Follow, Expiry::Next, Expiry::Wait] {
        let run = |stage: Stage| stage.keys("j").wait(15).keys("<enter>").wait(8).copied;
        assert_eq!(
            run(Stage::lent_with(usual(), with(expiry))),
            run(Stage::with_config(usual(), with(expiry)))
        );
    }
}

#[test]
fn hidden_codes_are_dots_here_too() {
    let mut config = Config::default();
    config.screen.show_codes = ShowCodes::UntilSpace;
    let stage = Stage::lent_with(usual(), config);
    let all = codes(&stage);
    for code in &all {
        assert!(!stage.picture().contains(code.as_str()), "{}", stage.picture());
    }
    let stage = stage.keys("j ");
    shows(&stage, &all[1]);
    assert!(!stage.wait(30).picture().contains(&all[1]));
    shows(&lent().keys(" "), "Codes are shown already");
    assert!(!lent().keys("H").picture().contains(&all[0]));
}

#[test]
fn a_pending_account_gives_none() {
    let stage = Stage::lent(vec![waiting()]);
    shows(&stage, "pending");
    for keys in ["<enter>", "n", " ", "1"] {
        let stage = Stage::lent(vec![waiting()]).keys(keys);
        assert_eq!((stage.screen(), stage.copied.len()), ("the locked vault", 0), "{keys}");
        assert_eq!(stage.paste(PASSPHRASE).keys("<enter>").screen(), "the two codes", "{keys}");
    }
}

#[test]
fn what_others_change_is_taken_in_and_nothing_moves_under_the_finger() {
    let stage = lent().keys("jj");
    let first = stage.vault().accounts()[0].id;
    let new = account(9, "Aardvark", "alice");
    let stage = stage
        .changed_by_another(&Change::Remove(first, twolock::otp::Timestamp::from_seconds(BEGIN)))
        .changed_by_another(&Change::Add(Box::new(new)))
        .wait(11);
    let picture = stage.picture();
    assert!(!picture.contains("GitHub"), "{picture}");
    let row = picture.lines().nth(stage.cursor().unwrap().y.into()).unwrap();
    assert!(row.contains("Hetzner"), "{row}");
    let last = picture.lines().rfind(|line| line.contains("alice") || line.contains("root"));
    assert!(last.unwrap().contains("Aardvark"), "{picture}");
}

#[test]
fn a_click_copies_or_chooses() {
    let stage = lent();
    let code = codes(&stage)[1].clone();
    let stage = stage.click(&code);
    assert_eq!(stage.copied, [code.replace(' ', "")]);
    let stage = lent().click("Hetzner").keys("c");
    assert_eq!(stage.copied, [usual()[2].otp.code(stage.wall()).unwrap().reveal()]);
    assert!(lent().point(Mouse::WheelDown).cursor().unwrap().y == lent().cursor().unwrap().y + 1);
}

#[test]
fn names_act_on_no_terminal_and_an_empty_vault_says_what_to_do() {
    let mut hostile = account(1, "\u{1b}[2J\u{202e}evil", "\u{7}bob\n");
    hostile.checked = Checked::Never;
    let stage = Stage::lent(vec![hostile]);
    assert!(!stage.picture().contains(['\u{1b}', '\u{202e}', '\u{7}']), "{}", stage.picture());
    shows(&stage, "\\u{1b}[2J");
    pictures!("lent_empty", Stage::lent(Vec::new()));
    assert_eq!(Stage::lent(Vec::new()).keys("a").paste(PASSPHRASE).keys("<enter>").screen(), "Add MFA");
    assert_eq!(Stage::lent(Vec::new()).keys("<enter>").screen(), "the agent's list");
    assert_eq!(Stage::lent(Vec::new()).keys("q").asked, [Effect::Quit]);
}

#[test]
fn a_long_list_scrolls() {
    let many = (0..100).map(|number| account(number, &format!("Site {number:03}"), "alice")).collect();
    let stage = Stage::lent(many);
    shows(&stage, "of 100");
    let stage = stage.keys("G");
    shows(&stage, "Site 099");
    shows(&stage.keys("g"), "Site 000");
}
