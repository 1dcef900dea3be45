//! The settings screen, keys that the user gave to actions, and the looks.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use twolock::config::{Config, SETTINGS};
use twolock::failure::Failure;
use twolock::otp::{Algorithm, Kind};
use twolock::tui::effect::Effect;
use twolock::tui::event::Outcome;
use twolock::tui::theme::{Can, Depth, Symbols, Theme};

use super::{Stage, list, pictures, usual};
use crate::support::stage::PASSPHRASE;

pub(super) fn config(changes: &[(&str, &str)]) -> Config {
    let mut config = Config::default();
    for (key, value) in changes {
        config.set(key, value).unwrap();
    }
    config
}

fn set(changes: &[(&str, &str)]) -> Stage {
    Stage::with_config(usual(), config(changes))
}

fn saved(stage: &Stage) -> Vec<(&'static str, &str)> {
    let saves = stage.asked.iter().filter_map(|effect| match effect {
        Effect::SaveSetting(key, value) => Some((*key, value.as_str())),
        _ => None,
    });
    saves.collect()
}

#[test]
fn the_settings() {
    pictures!("settings", list().keys("S"));
    pictures!("settings_find", list().keys("S/").keys("lock"));
    pictures!("settings_type", list().keys("S/").keys("lock after<enter><enter>"));
    insta::assert_snapshot!(
        "settings_wrong",
        list().keys("S/").keys("lock after<enter><enter>x<enter>").picture()
    );
    insta::assert_snapshot!("settings_200x60", list().keys("S").size(200, 60).picture());
}

#[test]
fn a_change_holds_at_once_and_is_saved() {
    let stage = list().keys("S/").keys("show codes<enter><right>");
    assert_eq!(saved(&stage), [("screen.show_codes", "UntilSpace")]);
    let picture = stage.keys("<esc><esc>").picture();
    assert!(picture.contains("••• •••") && !picture.contains("492 039"), "{picture}");
    let stage = list().keys("S/").keys("lock after<enter><enter>^u").paste("2m").keys("<enter>");
    assert_eq!(saved(&stage), [("lock.after", "2m")]);
    assert!(stage.is_open());
    assert!(!stage.wait(121).is_open());
}

#[test]
fn a_value_goes_back_to_its_default() {
    let stage = set(&[("lock.after", "60")]).keys("S/").keys("lock after<enter>");
    assert!(stage.picture().contains("Lock after                 60 s *"), "{}", stage.picture());
    let stage = stage.keys("r");
    assert_eq!(saved(&stage), [("lock.after", "600")]);
    let stage = stage.keys("r");
    assert!(stage.picture().contains("Lock after: this is the default"), "{}", stage.picture());
}

#[test]
fn every_setting_can_be_reached_changed_and_put_back() {
    let mut stage = list().keys("S");
    for _ in SETTINGS {
        stage = stage.keys("<right>rj");
    }
    // Texts and lists are typed; everything else has a next value, and goes back.
    let saves = saved(&stage);
    let keys: std::collections::BTreeSet<&str> = saves.iter().map(|(key, _)| *key).collect();
    let typed =
        ["vault.dir", "list.group", "copy.command", "lock.ask_again", "add.default_group", "add.issuer"];
    for setting in SETTINGS {
        let stepped = keys.contains(setting.key);
        assert!(stepped || typed.contains(&setting.key), "{}", setting.key);
    }
}

#[test]
fn a_key_of_the_users_own_is_the_action_in_every_place() {
    let stage = set(&[("keys.copy", "[\"z\"]"), ("keys.settings", "[\"F5\"]"), ("keys.lock", "[\"Z\"]")]);
    let footer = stage.picture().lines().last().unwrap().to_owned();
    assert!(footer.starts_with(" z copy  n next"), "{footer}");
    let stage = stage.keys("z");
    assert_eq!(stage.copied.len(), 1);
    let stage = stage.keys("<enter>");
    assert_eq!(stage.copied.len(), 1);
    assert!(
        stage.picture().contains("Enter does nothing here: its action has other keys"),
        "{}",
        stage.picture()
    );
    let stage = stage.keys("<f5>");
    assert!(stage.picture().starts_with(" Settings"));
    let help = stage.keys("q?").size(80, 60).picture();
    assert!(help.contains(" z ") && help.contains("copy the code") && help.contains(" Z "), "{help}");
    // In the search letters are text, and Enter stays.
    let stage = set(&[("keys.copy", "[\"z\"]")]).keys("/z<backspace><enter>");
    assert_eq!(stage.copied.len(), 1);
    assert!(!set(&[("keys.lock", "[\"Z\"]")]).keys("Z").is_open());
    assert!(set(&[("keys.lock", "[\"Z\"]")]).keys("L").is_open());
}

fn can(depth: Depth, symbols: Symbols, dark: Option<bool>) -> Can {
    Can { depth, symbols, dark, slow: false }
}

fn looks(can: Can, changes: &[(&str, &str)]) -> Stage {
    Stage::with_theme(usual(), Theme::of(can), config(changes))
}

/// Writes a buffer as runs of cells with the same style: what a terminal would be told.
fn styled(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut last = None;
        let mut line = String::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let style = (cell.fg, cell.modifier);
            if last != Some(style) {
                let plain = style == (Color::Reset, Modifier::empty());
                line.push_str(&if plain {
                    "{}".to_owned()
                } else {
                    format!("{{{:?} {:?}}}", cell.fg, cell.modifier)
                });
                last = Some(style);
            }
            line.push_str(cell.symbol());
        }
        text.push_str(line.strip_prefix("{}").unwrap_or(&line).trim_end());
        text.push('\n');
    }
    text
}

#[test]
fn each_look_is_as_it_is_meant() {
    let builtin = ("screen.palette", "Builtin");
    let all = |depth, dark| can(depth, Symbols::All, dark);
    for (name, can, changes) in [
        ("look_16", all(Depth::Ansi16, None), &[][..]),
        ("look_mono", all(Depth::None, None), &[][..]),
        ("look_dark", all(Depth::True, Some(true)), &[builtin][..]),
        ("look_light_256", all(Depth::Ansi256, Some(false)), &[builtin][..]),
        ("look_console", can(Depth::Ansi16, Symbols::Console, None), &[][..]),
    ] {
        let stage = looks(can, changes).size(80, 14).keys("j<enter>").wait(13);
        insta::assert_snapshot!(name, styled(&stage.buffer()));
    }
}

/// Screens in which something is told.
fn told(stage: impl Fn() -> Stage) -> Vec<(&'static str, Stage)> {
    vec![
        ("list", stage()),
        ("last seconds", stage().wait(18)),
        ("copied", stage().keys("<enter>")),
        ("hidden", stage().keys("H")),
        ("search", stage().keys("/git")),
        ("search, none", stage().keys("/zzzzzz")),
        ("details", stage().keys("<right>")),
        ("wizard", stage().keys("aGitHub<tab>alice@example.com<enter>")),
        ("wrong key", stage().keys("aNew<enter>").paste("JBSW Y3DP EH0K 3PXP")),
        ("edit", stage().keys("e")),
        ("qr", stage().keys("vk")),
        ("import", stage().keys("I")),
        ("export", stage().keys("X")),
        ("rehearsal", stage().keys("t123456<enter>")),
        ("settings", stage().keys("S")),
        ("settings, wrong", stage().keys("S/").keys("lock after<enter><enter>x<enter>")),
        ("help", stage().keys("?")),
        ("locked", Stage::locked(usual())),
    ]
}

#[test]
fn in_ascii_nothing_else_is_drawn() {
    for symbols in [Symbols::Ascii, Symbols::Console] {
        let stage = || looks(can(Depth::Ansi16, symbols, None), &[]);
        for (name, stage) in told(stage).into_iter().filter(|(name, _)| *name != "locked") {
            let known =
                |c: char| c.is_ascii() || (symbols == Symbols::Console && "»«·┌┐└┘↓█─←→│↑▀▄".contains(c));
            for size in [(80, 24), (40, 12)] {
                let stage_picture = stage.picture_at(size);
                let strange: String = stage_picture.chars().filter(|c| !known(*c)).collect();
                assert!(strange.is_empty(), "{name}: {strange}\n{stage_picture}");
            }
        }
    }
}

#[test]
fn without_colours_no_cell_has_one_and_every_state_is_told_by_a_character() {
    let mono = || looks(can(Depth::None, Symbols::All, None), &[]);
    let coloured = || looks(can(Depth::Ansi16, Symbols::All, None), &[]);
    for ((name, mono), (_, coloured)) in told(mono).into_iter().zip(told(coloured)) {
        if name == "locked" {
            continue;
        }
        for cell in &mono.buffer().content {
            let plain = cell.fg == Color::Reset && cell.bg == Color::Reset;
            assert!(plain, "{name}: {cell:?}");
        }
        assert_eq!(mono.picture(), coloured.picture(), "{name}: a colour stands for a character");
    }
    // Each pair differs in what is told, so it must differ in characters.
    let differs = |one: Stage, other: Stage| assert_ne!(one.picture(), other.picture());
    differs(mono(), mono().keys("j"));
    differs(mono().wait(15), mono().wait(16));
    let urgent = mono().wait(16).picture();
    assert!(urgent.contains("5s!"), "{urgent}");
    let error = mono().keys("S/").keys("lock after<enter><enter>x<enter>").picture();
    assert!(error.contains("✗ "), "{error}");
    let good = mono().keys("<enter>").picture();
    assert!(good.contains("✓ "), "{good}");
    let choice = |stage: Stage| stage.picture().matches('▸').count();
    for stage in
        [mono(), mono().keys("X"), mono().keys("S"), mono().keys("aGitHub<tab>alice@example.com<enter>")]
    {
        assert!(choice(stage) > 0);
    }
}

#[test]
fn with_less_motion_bars_move_every_five_seconds() {
    let bar = |stage: &Stage| {
        stage.picture().lines().find(|line| line.contains("GitHub")).unwrap().matches('━').count()
    };
    let stage = set(&[("screen.motion", "Less")]);
    let before = bar(&stage);
    let stage = stage.wait(1);
    assert_eq!(bar(&stage), bar(&set(&[("screen.motion", "Less")]).wait(5)));
    assert!(bar(&stage.wait(10)) < before);
}

#[test]
fn what_is_set_is_what_the_other_screens_do() {
    // The passphrase is asked for once more only where that is wanted.
    let asked = |stage: Stage| stage.wait(61).keys("v").picture().contains("Passphrase");
    assert!(asked(list()) && !asked(set(&[("lock.ask_again", "[ExportPlain]")])));
    let asked = |stage: Stage| stage.wait(61).keys("X").picture().contains("Passphrase");
    assert!(asked(list()) && !asked(set(&[("lock.ask_again", "[ShowSecret]")])));
    // New accounts go into the group that is set.
    let wizard = set(&[("add.default_group", "\"Servers\"")]).keys("a").picture();
    assert!(wizard.contains("Servers"), "{wizard}");
    // The QR code goes when its time is over.
    let shown = |stage: Stage, seconds| stage.keys("v").wait(seconds).picture().contains("▀");
    assert!(shown(list(), 20) && !shown(set(&[("qr.seconds", "15")]), 20));
}

#[test]
fn a_key_that_says_nothing_else_gets_the_parameters_that_are_set() {
    let stage = || set(&[("add.algorithm", "Sha256"), ("add.digits", "8"), ("add.period", "60")]);
    let right = |stage: &Stage| {
        let otp = &stage.vault().accounts().last().unwrap().otp;
        (otp.algorithm, otp.digits.get(), otp.kind.clone())
    };
    let expected = (Algorithm::Sha256, 8, Kind::Totp { period: twolock::otp::Period::new(60).unwrap() });
    let typed = stage().keys("aNew<enter>").paste("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    assert!(typed.picture().contains("SHA256 · 8 digits · 60 s"), "{}", typed.picture());
    assert_eq!(right(&typed.keys("<enter>")), expected);
    assert_eq!(right(&stage().keys("aNew<enter><up><enter>")), expected);
    // A link says all of it.
    let link = "otpauth://totp/New:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let expected = (Algorithm::Sha1, 6, Kind::TOTP);
    assert_eq!(right(&stage().keys("a").paste(link).keys("<enter><enter>")), expected);
}

#[test]
fn a_rehearsal_goes_by_the_window_that_is_set() {
    let tried = |window: &str| {
        let stage = set(&[("check.window", window)]);
        let old = stage.vault().accounts()[0].otp.code(stage.wall().plus_seconds(-90)).unwrap();
        stage.keys("t").paste(old.reveal()).keys("<enter>").picture()
    };
    let picture = tried("3");
    assert!(picture.contains("accept 3 steps before and after (90 s)"), "{picture}");
    assert!(picture.contains("A real sign-in would work."), "{picture}");
    let picture = tried("2");
    assert!(picture.contains("accept 2 steps before and after (60 s)"), "{picture}");
    assert!(picture.contains("A real sign-in would fail."), "{picture}");
}

#[test]
fn near_the_end_of_a_code_is_copied_what_is_set() {
    let ends =
        |on_expiry: &str, before: u32| set(&[("copy.on_expiry", on_expiry)]).wait(before).keys("<enter>");
    let code = |stage: &Stage, ahead| {
        stage.vault().accounts()[0].otp.code(stage.wall().plus_seconds(ahead)).unwrap().reveal().to_owned()
    };
    for (on_expiry, early) in [("Current", 12), ("Next", 10), ("Wait", 10)] {
        let stage = ends(on_expiry, early);
        assert_eq!(stage.copied, [code(&stage, 0)], "{on_expiry}");
        assert_eq!(stage.wait(30).copied.len(), 1, "{on_expiry}");
    }
    let stage = ends("Next", 11);
    assert_eq!(stage.copied, [code(&stage, 30)]);
    assert_eq!(stage.wait(30).copied.len(), 1);

    let stage = ends("Wait", 11);
    assert!(stage.copied.is_empty());
    assert!(
        stage.picture().contains("the next code is copied when it is valid, in 10 s"),
        "{}",
        stage.picture()
    );
    let stage = stage.wait(9);
    assert!(stage.copied.is_empty());
    let stage = stage.wait(1);
    assert_eq!(stage.copied, [code(&stage, 0)]);
    // It counts once, and nothing follows it.
    let stage = stage.wait(65);
    assert_eq!(stage.copied.len(), 1);
    assert_eq!(stage.vault().accounts()[0].used.count, 1);
    // Who comes back after a suspend does not expect it any more, and a lock forgets it.
    assert!(ends("Wait", 11).suspend(60).wait(1).copied.is_empty());
    assert!(ends("Wait", 11).keys("L").wait(15).copied.is_empty());
}

/// The settings, at one of the ways to another screen.
fn link(words: &str) -> Stage {
    list().keys("S/").keys(words).keys("<enter>")
}

#[test]
fn leads_to_what_else_can_be_done_to_the_vault() {
    pictures!("settings_links", list().keys("SG"));
    let stage = list().keys("SG").keys("<right>");
    assert!(stage.picture().contains("This is no setting. Enter opens it"), "{}", stage.picture());
    let title = |words: &str| {
        let stage = link(words).keys("<enter>");
        stage.picture().lines().next().unwrap_or_default().trim().to_owned()
    };
    assert!(title("export").starts_with("Export"), "{}", title("export"));
    assert!(title("import ").starts_with("Import"), "{}", title("import "));
    let nothing = link("what was deleted").keys("<enter>").picture();
    assert!(nothing.contains("Nothing was deleted that could be brought back"), "{nothing}");
    assert!(link("passphrase vault").keys("<enter>").picture().contains("Old passphrase"));
}

fn passphrases() -> Stage {
    link("another passphrase").keys("<enter>")
}

#[test]
fn the_passphrase_can_be_another_one() {
    let new = "copper-walnut-seven-mailbox-drift";
    let typed = || passphrases().paste(PASSPHRASE).keys("<enter>").paste(new).keys("<enter>").paste(new);
    pictures!("passphrase", typed());
    let stage = typed().keys("<enter>");
    let changed = |effect: &Effect| match effect {
        Effect::ChangePassphrase(old, wanted) => old.reveal() == PASSPHRASE && wanted.reveal() == new,
        _ => false,
    };
    assert_eq!(stage.asked.iter().filter(|effect| changed(effect)).count(), 1);
    let picture = stage.picture();
    assert!(picture.contains("✓ The passphrase is changed. Copies made before"), "{picture}");
    assert!(picture.contains("Settings"), "{picture}");
}

#[test]
fn a_wrong_or_doubtful_passphrase_changes_nothing() {
    let new = "copper-walnut-seven-mailbox-drift";
    let stage =
        passphrases().paste("wrong").keys("<enter>").paste(new).keys("<enter>").paste(new).keys("<enter>");
    assert!(stage.picture().contains("✗ The passphrase is wrong"), "{}", stage.picture());
    let stage = stage.paste(PASSPHRASE).keys("<enter>");
    assert_eq!(stage.asked.len(), 1, "the new ones stayed in their fields");

    let stage = passphrases().paste(PASSPHRASE).keys("<enter>").paste("abc").keys("<enter>");
    assert!(stage.picture().contains("! Whoever has the file can guess this one"), "{}", stage.picture());
    let stage = stage.keys("<enter>").paste("abd").keys("<enter>");
    assert!(stage.picture().contains("✗ The two are not the same"), "{}", stage.picture());
    let stage = stage.paste("abc").keys("<enter>");
    assert_eq!(stage.asked.len(), 1, "who wants it gets it");

    let stage = passphrases().keys("<enter>");
    assert!(stage.picture().contains("✗ Type the passphrase that the vault has now"), "{}", stage.picture());
    let stage = passphrases().paste(PASSPHRASE).keys("<f4>");
    assert!(
        stage.picture().contains("Write it on paper, then type it once more here"),
        "{}",
        stage.picture()
    );
    // Whoever goes back while it is being changed is told all the same.
    let mut stage =
        passphrases().paste(PASSPHRASE).keys("<enter>").paste(new).keys("<enter>").paste(new).busy();
    stage = stage.keys("<enter><esc>");
    stage.outcome(Outcome::PassphraseChanged(Err(Failure::other("no space left on device"))));
    let picture = stage.picture();
    assert!(picture.contains("✗ The passphrase is not changed: no space left on device"), "{picture}");
}
