//! No key is promised that does nothing: each key of each footer and of each help page is pressed.

use twolock::config::Config;
use twolock::otp::Otp;
use twolock::tui::event::Outcome;
use twolock::tui::key::Key;
use twolock::tui::keymap::Keymap;
use twolock::tui::screens::places;

use super::add::{codes, keyed, migration, named, otp, picture_of, type_two};
use super::borrowed::lent;
use super::import::{batched, second_of_three};
use super::others::edited;
use super::pending::pending;
use super::unlock::{damaged, went_back};
use super::{Stage, list, usual};

/// Presses every promised key on a fresh copy of the same screen.
#[track_caller]
fn check(name: &str, stage: impl Fn() -> Stage) {
    check_but(&[], name, stage);
}

/// The same, but for keys that have nowhere to go just there: at the end of a list.
#[track_caller]
fn check_but(except: &[Key], name: &str, stage: impl Fn() -> Stage) {
    let (footer, help) = stage().promises();
    assert!(!footer.is_empty(), "{name}: no footer");
    for (index, key) in help.iter().enumerate() {
        assert!(!help[..index].contains(key), "{name}: {key} means two things");
    }
    let lines = stage().lines();
    let bindable = places().iter().any(|place| lines.iter().all(|line| place.keys.contains(line)));
    assert!(bindable, "{name}: its keys cannot be given to other actions: {lines:?}");
    let unexplained: Vec<&Key> = footer.iter().filter(|key| !help.contains(key)).collect();
    assert!(unexplained.is_empty(), "{name}: {unexplained:?} are in the footer, not in the help");
    let idle: Vec<String> = help
        .iter()
        .filter(|key| !except.contains(key))
        .filter(|key| {
            let mut stage = stage();
            let before = stage.state();
            stage.key(**key);
            stage.state() == before
        })
        .map(ToString::to_string)
        .collect();
    assert!(idle.is_empty(), "{name}: nothing comes of {idle:?} on\n{}", stage().picture());
}

/// Pastes the path of a picture that holds so many codes.
fn paste_picture(stage: Stage, codes: usize) -> Stage {
    let links =
        ["One", "Two"].map(|name| format!("otpauth://totp/{name}?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"));
    let links: Vec<&str> = links.iter().map(String::as_str).take(codes).collect();
    let (_folder, path) = picture_of(&links);
    stage.paste(&path)
}

/// Returns what the settings say of keys.
fn set(keys: &[(&str, &[&str])]) -> Config {
    let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let keys = keys.iter().map(|(action, keys)| ((*action).to_owned(), owned(keys))).collect();
    Config { keys, ..Config::default() }
}

#[test]
fn the_keys_of_every_screen_can_be_others() {
    let config = set(&[("qr.text", &["F7"]), ("deleted.restore", &["b"]), ("import.wait", &["F9"])]);
    assert_eq!(Keymap::new(&config.keys, &places()).1, [""; 0]);
    let begin = || Stage::with_config(usual(), config.clone());
    let stage = begin().keys("v");
    assert!(stage.picture().contains("F7 key or QR code"), "{}", stage.picture());
    let stage = stage.keys("k");
    assert!(
        stage.picture().contains("k does nothing here: its action has other keys"),
        "{}",
        stage.picture()
    );
    let text = stage.keys("<f7>").picture();
    let key = usual()[0].otp.secret.to_base32();
    assert!(text.contains(&key[..4]) && !text.contains('▀'), "{text}");
    let stage = begin().keys("dDb");
    assert_eq!(stage.vault().deleted().iter().filter(|gone| gone.account.is_some()).count(), 0);
    let help = begin().keys("dD?").picture();
    let told = |line: &str| line.trim_start().starts_with("b ") && line.contains("bring it back");
    assert!(help.lines().any(told), "{help}");
    assert!(begin().keys("I<f9>").picture().contains("Waiting"), "{}", begin().keys("I<f9>").picture());
}

#[test]
fn keys_that_would_mean_two_things_are_refused_on_every_screen() {
    let remarks = |set_: &[(&str, &[&str])]| Keymap::new(&set(set_).keys, &places()).1;
    assert_eq!(
        remarks(&[("qr.text", &["p"])]),
        ["`keys`: p would mean both `qr.text` and `qr.picture` on the QR code; both keep their own keys"]
    );
    assert_eq!(
        remarks(&[("add.switch", &["5"])]),
        [
            "`keys`: 5 would mean both `add.switch` and \"a digit of a code\" on Add MFA; both keep their own keys"
        ]
    );
    assert_eq!(
        remarks(&[("pin", &["3"])]),
        ["`keys`: 3 would mean both `pin` and \"copy that row\" on the list; both keep their own keys"]
    );
    assert_eq!(
        remarks(&[("import.chose", &["x"])]),
        ["`keys`: there is no action `import.chose`; did you mean `import.choose`?"]
    );
}

/// The manual names every action with its keys.
#[test]
fn every_action_stands_in_the_manual() {
    let mut table = String::new();
    let mut seen = std::collections::BTreeSet::new();
    for place in places() {
        for line in &place.keys {
            let action = line.action();
            if !action.is_empty() && seen.insert(action.clone()) {
                let keys: Vec<String> = line.keys.iter().map(|key| format!("`{key}`")).collect();
                table.push_str(&format!("| `{action}` | {} | {} |\n", keys.join(" "), line.help));
            }
        }
    }
    let paper = include_str!("../../../docs/keys.md");
    let (_, written) = paper.split_once("| --- | --- | --- |\n").expect("it has a table");
    assert!(written == table, "docs/keys.md should end with\n{table}");
}

#[test]
fn on_the_locked_vault() {
    check("locked", || Stage::locked(usual()).keys("secret<left>"));
    check("locked, empty", || Stage::locked(usual()));
    check("key file", || Stage::locked(usual()).keys("<f3>").paste("~/key").keys("<left>"));
    check("sealed key file", || {
        let sealed = Outcome::KeySealed { file: "~/key".to_owned(), wrong: false };
        Stage::locked(usual()).told(sealed).keys("secret<left>")
    });
    check("opening", || Stage::locked(usual()).keys("secret").busy().keys("<enter>"));
    check("waiting", || Stage::locked(usual()).keys("a<enter>b<enter>c<enter>d"));
    check("damaged", damaged);
    check("went back", || went_back(true));
    check("went back, no copy", || went_back(false));
}

#[test]
fn on_the_first_start() {
    let words = "copper-walnut-seven-mailbox-drift";
    let second = || Stage::first_start().keys("<enter>").paste(words);
    check("welcome", Stage::first_start);
    check("another place", || Stage::first_start().keys("<down><enter>x"));
    check("ready to import", || {
        Stage::first_start().keys("<up><enter>").paste(words).keys("<enter>").paste(words).keys("<enter>")
    });
    check("passphrase", second);
    check("another key", || super::create::keys_asked().paste("age1xyz"));
    check("another key, trying", || super::create::keys_asked().paste("age1xyz").busy().keys("<enter>"));
    check("making", || second().keys("<enter>").paste(words).busy().keys("<enter>"));
    check("ready", || second().keys("<enter>").paste(words).keys("<enter>"));
}

#[test]
fn on_the_list() {
    check("list", || list().keys("jj"));
    check("list, codes hidden", || list().keys("jjH"));
    check("list, a counter", || list().keys("GGk"));
    check("list, empty", || Stage::with(Vec::new()));
    check("list, marked", || list().keys("jxj"));
    check("list, by hand", || list().keys("sssssjj"));
    check("deleted, the second", || list().keys("jdddDj"));
    check("deleted, for ever", || list().keys("jddDdaw"));
    check("group", || list().keys("M"));
    check("group, typed", || list().keys("Mnew"));
    check("commands", || list().keys(":"));
    check("commands, some", || list().keys(":pi"));
    check("search", || list().keys("/a<down>"));
    check_but(&[Key::Down, Key::Up], "search, nothing found", || list().keys("/githup"));
}

#[test]
fn on_what_the_agent_lends() {
    check("lent", || lent().keys("jj"));
    check("lent, codes hidden", || lent().keys("jjH"));
    check("lent, a counter", || lent().keys("GGk"));
    check("lent, empty", || Stage::lent(Vec::new()));
    check("lent, search", || lent().keys("/a<down>"));
    check_but(&[Key::Enter, Key::Down, Key::Up], "lent, nothing found", || lent().keys("/githup"));
    check("locked, on the way", || lent().keys("e"));
}

#[test]
fn on_what_the_list_opens() {
    check("details", || list().keys("<right>").size(40, 10).keys("j"));
    check("details, large", || list().keys("<right>"));
    check("details, codes hidden", || list().keys("H<right>").size(40, 10).keys("j"));
    check("details of a counter", || list().keys("GGk<right>").size(40, 10).keys("j"));
    check("edit, a text", || list().keys("e<left>"));
    check("edit, a choice", || list().keys("e<backtab><backtab>"));
    check("edit, two codes", edited);
    check("edit, two codes, compare", || edited().keys("<tab>1"));
    check("edit, saving", || list().keys("ex<left>").busy().keys("<enter>"));
    check("settings", || list().keys("Sjj<pgdn>r<right>"));
    check("settings, find", || list().keys("S/lo"));
    check("settings, type", || list().keys("S/").keys("lock after<enter><enter>"));
    let passphrase = || list().keys("S/").keys("another passphrase<enter><enter>");
    check("passphrase", || passphrase().keys("secret<left>"));
    check("passphrase, changing", || {
        let new = "copper-walnut-seven-mailbox-drift";
        passphrase().keys("a<enter>").paste(new).keys("<enter>").paste(new).busy().keys("<enter>")
    });
    let backups = || super::backups::backups().keys("j");
    check("backups", backups);
    check("backups, none", || list().keys("B"));
    check("backups, a state", || {
        let all = list().keys("*d").wait(1).keys("B<enter>");
        all.size(40, 10).keys("j")
    });
    check("backups, a copy", || backups().keys("b~/x<left>"));
    check("backups, copying", || backups().keys("b~/x").busy().keys("<enter>"));
    check("deleted", || list().keys("jjd"));
    check("question", || list().wait(61).keys("vsecret"));
    check("question, empty", || list().wait(61).keys("v"));
    check("question, checking", || list().wait(61).keys("vsecret").busy().keys("<enter>"));
    check("secret as a code", || list().keys("v"));
    check("secret as a code, full screen", || list().keys("vf"));
    check("secret as a key", || list().keys("vk"));
    check("rehearsal", || list().keys("t123456"));
    check("rehearsal, empty", || list().keys("t"));
    check("help", || list().keys("?").size(40, 12).keys("jj"));
    check("help, all in sight", || list().keys("?").size(80, 60));
}

#[test]
fn on_the_import_and_the_export() {
    let links = "otpauth://totp/A?secret=JBSWY3DPEHPK3PXP\notpauth://totp/B?secret=GEZDGNBVGY3TQOJQ\n\
                 otpauth://totp/C?secret=GEZDGNBVGY3TQOJQGEZDGNBV\n";
    let locked = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/exchange/aegis_encrypted.json");
    check("import, empty", || list().keys("I"));
    check("import, a name", || list().keys("Ifile"));
    check("import, waiting", || list().keys("I<f3>"));
    check("import, reading", || list().keys("Ifile").busy().keys("<enter>"));
    check("import, locked", || list().keys("I").paste(locked).keys("<enter>a"));
    let sealed = age::encrypt(&age::x25519::Identity::generate().to_public(), b"{}").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sealed.age");
    twolock::system::file::write_new(&path, &sealed, false, |_| Ok(())).unwrap();
    check("import, sealed for keys", || list().keys("I").paste(path.to_str().unwrap()).keys("<enter>a"));
    check("import, a key file", || super::import::keepass().paste("secret").keys("<tab>~/x<left>"));
    check("import, preview", || list().keys("I").paste(links).keys("j k"));
    // All are chosen already.
    let all = [Key::Char('A'), Key::Char('a')];
    check_but(&all, "import, a part", || second_of_three().keys("j"));
    check("import, the next part", || second_of_three().keys("mfile"));
    check("export", || list().keys("Xj"));
    check("export, one code after another", || batched(24).keys("<up><enter>n"));
    check("export, codes of ten", || batched(24).keys("<enter>n"));
    check("export, accounts", || list().keys("X<tab>jn "));
    check("export, one code, full screen", || batched(24).keys("<up><enter>nf"));
    check("export, for keys", || list().keys("Xj<enter>abc"));
    check("export, file", || list().keys("X<enter>abc"));
    check("export, writing", || {
        list().keys("X<enter>copper-walnut<enter>copper-walnut").busy().keys("<enter>")
    });
}

#[test]
fn on_what_is_pending() {
    check("list, pending", || pending().keys("GGk"));
    check("details, pending", || pending().keys("<right>").size(40, 10).keys("j"));
    check("pending, two codes", || pending().keys("<enter>"));
    check("pending, question", || pending().wait(61).keys("<enter>secret"));
    let other = || Otp { algorithm: twolock::otp::Algorithm::Sha256, ..otp() };
    check("pending, verdict", || type_two(pending().keys("<enter>"), &other(), 0));
}

#[test]
fn on_the_first_two_questions_of_the_wizard() {
    check("name", || Stage::with(Vec::new()).keys("aCodeberg"));
    check("name, empty", || Stage::with(Vec::new()).keys("a"));
    check("name, twice", || list().keys("aGitHub<tab>alice@example.com<enter>"));
    check("secret, empty", named);
    check("secret, a key", keyed);
    check("secret, its settings", || keyed().keys("<tab>"));
    check("secret, slips", || named().paste("JBSW Y3DP EH0K 3PXP JBSW Y3DP EHPK 3PX8"));
    check("secret, a new one", || named().keys("<up>"));
    check("secret, a new one instead", || keyed().keys("<up>"));
    check("secret, a picture", || named().busy().paste("/tmp/there-is-no-such-picture.png"));
    check("secret, an export", || named().keys(&migration(1)));
    check("secret, waiting", || named().keys("<f3>"));
    check("secret, the clipboard", || named().keys("<down>"));
    check("secret, waiting for a picture instead", || named().keys("<down><down>"));
    check("secret, a PIN", || {
        Stage::with(Vec::new()).paste("otpauth://motp/Old:alice?secret=7ac61d4736f51a2b").keys("1")
    });
    check("secret, two in a picture", || paste_picture(named(), 2));
}

#[test]
fn on_the_last_two_questions_of_the_wizard() {
    let bank = "otpauth://hotp/Bank:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&counter=7";
    let steam = "otpauth://totp/Steam:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&encoder=steam";
    let other = || Otp { algorithm: twolock::otp::Algorithm::Sha256, ..otp() };
    let phone = || named().keys("<up><enter>");
    check("saving", || keyed().busy().keys("<enter>"));
    check("site", codes);
    check("site, used up", || codes().keys("<enter>").wait(90));
    check("site, nearly over", || keyed().wait(16).keys("<enter>"));
    check("site, a counter", || Stage::with(Vec::new()).paste(bank).keys("<enter>"));
    check("site, counters used up", || {
        Stage::with(Vec::new()).paste(bank).keys("<enter><enter>").wait(2).keys("n").wait(2)
    });
    check("compare", || codes().keys("<tab>12"));
    check("compare, empty", || codes().keys("<tab>"));
    check("compare, letters", || Stage::with(Vec::new()).paste(steam).keys("<enter><tab>2"));
    check("verdict", || type_two(codes().keys("<tab>"), &other(), 0));
    check("verdict, right", || type_two(codes().keys("<tab>"), &otp(), 0));
    check("phone", phone);
    check("phone, full screen", || phone().keys("f"));
    check("phone, verdict", || type_two(phone(), &other(), 0));
    check("done", || codes().keys("y"));
    check("done, not in force", || phone().keys("s"));
    check("done, a picture", || paste_picture(named(), 1).keys("<enter>y"));
}

#[test]
fn on_the_help_about_copying() {
    check("copy help", || list().keys("C"));
    check("copy help, test", || list().keys("Ct").keys("x"));
}

#[test]
fn every_footer_tells_how_to_get_help() {
    for stage in [list(), Stage::locked(usual()), codes(), keyed(), list().keys("<right>")] {
        let stage = stage.size(40, 12);
        let last = stage.picture().lines().last().unwrap().to_owned();
        assert!(last.ends_with(" F1 help") || last.ends_with(" ? help"), "{last}");
        let key = if last.ends_with("F1 help") { "<f1>" } else { "?" };
        let help = stage.keys(key).picture();
        assert!(help.starts_with(" Keys on "), "{help}");
    }
}
