//! The list and its search.

use twolock::config::Config;
use twolock::tui::event::Outcome;

use super::{Stage, account, list, pictures, usual};
use crate::support::stage::PASSPHRASE;

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
    let stage = stage.keys("r");
    assert_eq!(stage.vault().accounts().len(), 7);
    assert!(stage.picture().contains("Deleted GitHub"), "{}", stage.picture());
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

/// The usual vault, with groups.
fn grouped() -> Vec<twolock::vault::Account> {
    let mut accounts = usual();
    for (at, group) in
        [(0, "Work"), (1, "Work"), (2, "Servers"), (3, "Personal"), (4, "Work"), (7, "Servers")]
    {
        accounts[at].group = group.to_owned();
    }
    accounts
}

/// The names in the rows of a list at 80 columns.
fn names(stage: &Stage) -> Vec<String> {
    let picture = stage.picture();
    let rows = picture.lines().skip(3).take_while(|line| !line.is_empty());
    rows.map(|line| line.chars().skip(5).take(16).collect::<String>().trim().to_owned()).collect()
}

#[test]
fn shows_groups_and_goes_through_them() {
    pictures!("groups", Stage::with(grouped()).keys("<tab>"));
    let stage = Stage::with(grouped()).keys("<tab><tab>");
    assert_eq!(names(&stage), ["Hetzner", "web-03"]);
    let stage = stage.keys("<tab>");
    assert_eq!(names(&stage), ["GitHub", "AWS root", "Work VPN"]);
    assert_eq!(names(&stage.keys("<tab>")).len(), 8);
    assert_eq!(names(&Stage::with(grouped()).keys("<backtab>")), ["GitHub", "AWS root", "Work VPN"]);
    assert_eq!(names(&Stage::with(grouped()).keys("<tab><esc>")).len(), 8);
    let stage = list().keys("<tab>");
    assert!(stage.picture().contains("There is no group yet"), "{}", stage.picture());
}

#[test]
fn cuts_groups_of_hostile_names_and_keeps_the_shown_one_in_sight() {
    let mut accounts = usual();
    for (at, account) in accounts.iter_mut().enumerate() {
        account.group = format!("{at}\u{202e}{}\u{7}", "long name ".repeat(30));
    }
    for steps in 0..9 {
        let stage = Stage::with(accounts.clone()).keys(&"<tab>".repeat(steps));
        let row = stage.picture().lines().nth(1).unwrap().to_owned();
        assert!(row.contains("sort: most used"), "{row}");
        let shown = if steps == 0 { " All ".to_owned() } else { format!(" {}\\u{{202e}}", steps - 1) };
        assert!(row.contains(&shown), "{row} without {shown}");
    }
}

#[test]
fn finds_in_all_groups_and_leaves_the_group_if_it_must() {
    let stage = Stage::with(grouped()).keys("<tab>/web<esc>");
    assert_eq!(names(&stage).len(), 8);
    let stage = Stage::with(grouped()).keys("<tab>/lab<esc>");
    assert_eq!(names(&stage), ["GitLab"]);
}

#[test]
fn orders_only_when_it_is_asked_to() {
    let first = |stage: &Stage| names(stage).into_iter().nth(1).unwrap();
    // Used, and not moved under the finger.
    let stage = list().keys("5").wait(61);
    assert_eq!(stage.vault().accounts()[4].used.count, 1);
    assert_eq!(first(&stage), "AWS root");
    let stage = stage.keys("s");
    assert!(stage.picture().contains("Order: last used"), "{}", stage.picture());
    assert_eq!(first(&stage), "Work VPN");
    let stage = stage.keys("s");
    assert_eq!(
        names(&stage),
        ["GitHub", "AWS root", "GitLab", "Hetzner", "Old bank", "Steam", "web-03", "Work VPN"]
    );
    assert_eq!(first(&stage.keys("ssss")), "Work VPN");
}

#[test]
fn remembers_its_order_and_takes_that_of_the_settings() {
    let stage = list().keys("ss");
    let saved = twolock::tui::effect::Effect::SaveSetting("list.sort", "Name".to_owned());
    assert_eq!(stage.asked.last(), Some(&saved));
    let stage = list().keys("S/").keys("list.sort<enter><right><esc><esc>").wait(1);
    assert!(stage.picture().contains("sort: last used"), "{}", stage.picture());
}

#[test]
fn moves_rows_in_the_order_by_hand() {
    let stage = list().keys("jJ");
    assert!(stage.picture().contains("Rows are moved in the order by hand"), "{}", stage.picture());
    let stage = list().keys("sssssjJ");
    assert_eq!(names(&stage)[..3], ["GitHub", "Hetzner", "AWS root"]);
    let stage = stage.keys("KK");
    assert_eq!(names(&stage)[..3], ["GitHub", "AWS root", "Hetzner"]);
    assert!(stage.picture().contains("Pinned accounts come first"), "{}", stage.picture());
    let stage = list().keys("sssssJGJ");
    assert!(stage.picture().contains("It is the last already"), "{}", stage.picture());
}

#[test]
fn changes_all_that_are_marked_at_once_and_undoes_it_at_once() {
    pictures!("marked", list().keys("jxxx"));
    let stage = list().keys("jxxd");
    assert_eq!(stage.vault().accounts().len(), 6);
    assert!(stage.picture().contains("Deleted 2 accounts"), "{}", stage.picture());
    let stage = stage.keys("u");
    let ids: Vec<_> = usual().iter().map(|account| account.id).collect();
    assert_eq!(stage.vault().accounts().iter().map(|account| account.id).collect::<Vec<_>>(), ids);
    assert!(stage.picture().contains("Undid deleting 2 accounts"), "{}", stage.picture());
    let stage = stage.keys("U");
    assert_eq!(stage.vault().accounts().len(), 6);
    assert!(stage.picture().contains("Did again: deleting 2 accounts"), "{}", stage.picture());
    let stage = list().keys("*p");
    assert!(stage.vault().accounts().iter().all(|account| account.pinned));
    assert!(!stage.keys("u").vault().accounts()[1].pinned);
    assert!(!list().keys("*<esc>").picture().contains("marked"));
    assert!(!list().keys("**").picture().contains("marked"));
}

#[test]
fn moves_what_is_marked_to_a_group() {
    pictures!("regroup", Stage::with(grouped()).keys("jxxM"));
    let groups = |stage: &Stage| {
        stage.vault().accounts()[..3].iter().map(|account| account.group.clone()).collect::<Vec<_>>()
    };
    let stage = Stage::with(grouped()).keys("jxxMper<enter>");
    assert_eq!(groups(&stage), ["Work", "Personal", "Personal"]);
    assert!(stage.picture().contains("Moved 2 accounts to the group Personal"), "{}", stage.picture());
    assert_eq!(groups(&stage.keys("u")), ["Work", "Work", "Servers"]);
    assert_eq!(groups(&Stage::with(grouped()).keys("jxxMNew one<down><enter>"))[1..], ["New one", "New one"]);
    assert_eq!(groups(&Stage::with(grouped()).keys("M<up><enter>"))[0], "");
    assert_eq!(groups(&Stage::with(grouped()).keys("M<esc>"))[0], "Work");
    let stage = Stage::with(grouped()).keys("Mwork<enter>");
    assert!(stage.picture().contains("Already in the group Work"), "{}", stage.picture());
}

#[test]
fn exports_what_is_marked() {
    let stage = list().keys("jxxX<tab>");
    assert_eq!(stage.picture().matches("[x]").count(), 2, "{}", stage.picture());
}

#[test]
fn lists_what_was_deleted_and_brings_it_back() {
    pictures!("bin", list().keys("jddD"));
    let stage = list().keys("D");
    assert!(stage.picture().contains("Nothing was deleted"), "{}", stage.picture());
    let stage = list().keys("jddD<down><enter>");
    assert_eq!(stage.vault().accounts()[1].issuer, "AWS root");
    assert!(stage.picture().contains("Brought back AWS root"), "{}", stage.picture());
    assert_eq!(stage.keys("u").vault().accounts().len(), 6);
}

#[test]
fn deletes_for_ever_only_by_name() {
    let content = |stage: &Stage| stage.vault().deleted()[0].account.is_some();
    pictures!("for_ever", list().keys("jdDd"));
    assert!(content(&list().keys("jdDd<enter>")));
    let stage = list().keys("jdDdgithub<enter>");
    assert!(content(&stage));
    assert!(stage.picture().contains("That is not its name"), "{}", stage.picture());
    assert!(content(&list().keys("jdDd").paste("AWS root").keys("<enter>")));
    assert!(content(&list().keys("jdDdaws root<esc><esc>")));
    let stage = list().keys("jdDdaws root<enter>");
    assert!(!content(&stage));
    assert!(stage.picture().contains("is gone for ever"), "{}", stage.picture());
    // The deletion is taken back no more, and nothing else is lost by trying.
    let stage = stage.keys("qu");
    assert_eq!(stage.vault().accounts().len(), 7);
    assert!(stage.picture().contains("Could not save"), "{}", stage.picture());
}

#[test]
fn runs_every_command_by_its_name() {
    pictures!("palette", list().keys(":exp"));
    assert!(list().keys(":pin<enter>").vault().accounts()[1..].iter().all(|account| !account.pinned));
    assert!(!list().keys(":pin<enter>").vault().accounts()[0].pinned);
    assert!(list().keys(":export<enter>").picture().starts_with(" Export"));
    assert!(!list().keys(":lock<enter>").is_open());
    assert!(list().keys("d:undo<enter>").picture().contains("Undid deleting GitHub"));
    assert!(list().keys("<right>:edit<enter>").picture().starts_with(" Edit GitHub"));
    assert_eq!(list().keys(":pin<esc><enter>").copied.len(), 1);
    let stage = list().keys(":no such thing<enter>");
    assert!(stage.picture().contains("There is no such command"), "{}", stage.picture());
}

#[test]
fn the_palette_forgets_no_key_of_the_help() {
    for keys in ["", "<right>", "D", "v"] {
        let stage = list().keys("d").keys(keys);
        let (_, help) = stage.promises();
        let palette = stage.size(120, 120).keys(":").picture();
        for key in help.into_iter().filter(|key| !matches!(key, twolock::tui::key::Key::Char('1'..='9'))) {
            let spelled = key.short(false);
            assert!(
                palette.lines().any(|line| line.split_whitespace().any(|word| word == spelled)),
                "{spelled} is missing in\n{palette}"
            );
        }
    }
}

#[test]
fn a_copied_code_follows_its_change_once() {
    let stage = list().wait(18).keys("<enter>").wait(5);
    let code = stage.vault().accounts()[0].otp.code(stage.wall()).unwrap();
    assert_eq!(stage.copied.len(), 2);
    assert_eq!(stage.copied[1], code.reveal());
    assert_eq!(stage.wait(60).copied.len(), 2);
    assert_eq!(list().keys("<enter>").wait(60).copied.len(), 1);
    assert_eq!(list().wait(18).keys("n").wait(60).copied.len(), 1);
}

#[test]
fn a_long_message_covers_no_code() {
    let many: Vec<_> = (0..40).map(|n| account(n, &format!("Service {n:03}"), "alice")).collect();
    let stage = Stage::with(many).keys("d");
    let rows =
        stage.picture().lines().filter(|line| line.contains("Service 0") && line.contains("21s")).count();
    assert_eq!(rows, 17, "{}", stage.picture());
    assert!(stage.picture().contains("17 of 39"), "{}", stage.picture());
}

#[test]
fn opens_with_what_it_was_called_to_search_for() {
    pictures!("called_with", Stage::called_with(usual(), "git"));
    let stage = Stage::called_with(usual(), "git").keys("<enter>");
    assert_eq!(stage.copied.len(), 1);
}

#[test]
fn uses_what_comes_closest_or_adds_a_new_one() {
    let stage = list().keys("/githib<enter>");
    assert_eq!(stage.copied.len(), 1);
    assert!(stage.picture().contains("/ GitHub"), "{}", stage.picture());
    let stage = list().keys("/githib<down><down><enter>");
    assert!(stage.picture().contains("githib"), "{}", stage.picture());
    assert!(stage.picture().contains("1 Name"), "{}", stage.picture());
    let stage = list().keys("/entirely different<enter>");
    assert!(stage.picture().contains("entirely different"), "{}", stage.picture());
}

#[test]
fn keeps_its_choice_in_a_search_when_the_vault_changes_by_itself() {
    let stage = list().keys("/a<down><down><enter>");
    let before = stage.copied[0].clone();
    // What was counted is saved, which is a new vault.
    let stage = stage.wait(61);
    assert_eq!(stage.vault().accounts().iter().map(|account| account.used.count).sum::<u64>(), 1);
    let code = |stage: &Stage, account: &twolock::vault::Account| {
        account.otp.code(stage.wall()).is_ok_and(|code| code.reveal() == stage.copied.last().unwrap())
    };
    let first = list().keys("/a<down><down><enter>");
    let chosen = first.vault().accounts().iter().position(|account| code(&first, account)).unwrap();
    let stage = stage.keys("<enter>");
    let again = stage.vault().accounts().iter().position(|account| code(&stage, account)).unwrap();
    assert_eq!(chosen, again, "{before}");
}

#[test]
fn marks_what_matched_also_without_colours() {
    use ratatui::style::Modifier;
    let mut accounts = usual();
    accounts[2].issuer = "Cr\u{e9}dit a\u{7}b".to_owned();
    let marked = |keys: &str| {
        let buffer = Stage::with(accounts.clone()).keys(keys).buffer();
        let cells = (0..80).map(|x| &buffer[(x, 3)]);
        let marked = cells.filter(|cell| cell.modifier.contains(Modifier::UNDERLINED | Modifier::BOLD));
        marked.map(|cell| cell.symbol().to_owned()).collect::<String>()
    };
    assert_eq!(marked("/lab"), "Lab");
    assert_eq!(marked("/edit"), "\u{e9}dit");
    assert_eq!(marked("/hub exam"), "Hubexam");
    assert_eq!(marked("/gtb"), "Gtb");
    assert_eq!(marked("/b"), "b");
}

#[test]
fn shows_more_where_the_window_is_wide() {
    let stage = Stage::with(grouped()).keys("dj");
    insta::assert_snapshot!("wide_120x30", stage.size(120, 30).picture());
    let stage = Stage::with(grouped()).keys("dj");
    insta::assert_snapshot!("wide_200x60", stage.size(200, 60).picture());
    let stage = Stage::with(grouped()).keys("djH");
    insta::assert_snapshot!("wide_160x18", stage.size(160, 18).picture());
    let stage = Stage::with(grouped()).size(200, 60).keys("<backtab>");
    assert!(stage.picture().contains("1 of 8 accounts"), "{}", stage.picture());
}

#[test]
fn still_tells_the_first_code_in_a_window_too_small() {
    insta::assert_snapshot!("too_small_30x6", list().size(30, 6).picture());
}

#[test]
fn picks_a_group_in_the_form() {
    pictures!("edit_group", Stage::with(grouped()).keys("e<down><down>"));
    let group = |keys: &str| {
        let stage = Stage::with(grouped()).keys("e<down><down>").keys(keys).keys("<enter>");
        stage.vault().accounts()[0].group.clone()
    };
    assert_eq!(group("<f3>"), "");
    assert_eq!(group("<f3><f3>"), "Personal");
    assert_eq!(group("<f3><f3><f3>"), "Servers");
    assert_eq!(group("^userv<f3>"), "Servers");
    assert_eq!(group("^uNew<f3>"), "New");
    let stage = list().keys("e<f3>");
    assert!(stage.picture().contains("There is no group yet"), "{}", stage.picture());
}

#[test]
fn the_message_of_a_copy_counts_its_seconds() {
    let said = |stage: &Stage| stage.picture().lines().nth(22).unwrap_or_default().trim().to_owned();
    let mut stage = list().keys("<enter>");
    assert!(said(&stage).ends_with(" · 21 s left"), "{}", said(&stage));
    stage = stage.wait(5);
    assert!(said(&stage).ends_with(" · 16 s left"), "{}", said(&stage));
    stage = stage.wait(3);
    assert_eq!(said(&stage), "", "it does not stand for ever");
    let stage = list().keys("n").wait(2);
    assert!(said(&stage).ends_with(" · the next code, valid in 19 s"), "{}", said(&stage));
}

#[test]
fn who_wants_no_code_in_messages_finds_none() {
    let mut config = Config::default();
    config.copy.say_code = false;
    let stage = Stage::with_config(usual(), config).keys("<enter>");
    let picture = stage.picture();
    assert!(picture.contains("Copied the code · "), "{picture}");
}

#[test]
fn warns_of_a_clock_that_nothing_keeps_right() {
    pictures!("clock_warning", list().told(Outcome::Clock(Some(false))));
    // Once, not every five minutes; and also where it was known before the vault was opened.
    let said = |stage: &Stage| stage.picture().contains("clock is not synchronised. If codes");
    let stage = list().told(Outcome::Clock(Some(false))).wait(9).told(Outcome::Clock(Some(false)));
    assert!(!said(&stage), "{}", stage.picture());
    let stage = Stage::locked(usual()).told(Outcome::Clock(Some(false)));
    assert!(!said(&stage), "{}", stage.picture());
    assert!(said(&stage.paste(PASSPHRASE).keys("<enter>")));
}
