//! `twolock doctor`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::sandbox::{KEY, Sandbox, contents};
use crate::support::terminal::Terminal;

fn said(sandbox: &Sandbox, name: &str) -> (i32, String, String) {
    let answer = sandbox.run(&["doctor", "--json"]).env("TWOLOCK_PASSPHRASE_FILE", None).answer();
    let document: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let checks = document["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap();
    let text = |field: &str| check[field].as_str().unwrap().to_owned();
    (answer.code.unwrap(), text("state"), text("says"))
}

#[test]
fn needs_no_passphrase_and_changes_nothing() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub"], KEY);
    let before = contents(&sandbox.path(""));
    let answer = sandbox.run(&["doctor"]).env("TWOLOCK_PASSPHRASE_FILE", None).answer();
    let names: Vec<&str> = answer.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["clock", "clipboard", "terminal", "vault", "rights", "backups", "memory"]);
    assert!(answer.stdout.contains("vault       good  ~/data/twolock\n"), "{}", answer.stdout);
    assert!(answer.stdout.contains("memory      good  "), "{}", answer.stdout);
    assert_eq!(contents(&sandbox.path("")), before);
}

#[test]
fn says_what_is_open_to_others() {
    let sandbox = Sandbox::with_vault();
    assert_eq!(said(&sandbox, "rights").1, "good");
    fs::set_permissions(sandbox.path("data/twolock/identity.age"), fs::Permissions::from_mode(0o644))
        .unwrap();
    let (code, state, says) = said(&sandbox, "rights");
    assert_eq!((code, state.as_str()), (1, "bad"));
    assert_eq!(says, "~/data/twolock/identity.age has mode 0644; `chmod 600` closes it");
}

#[test]
fn says_whether_there_is_a_vault() {
    let sandbox = Sandbox::new();
    let (_, state, says) = said(&sandbox, "vault");
    assert_eq!(
        (state.as_str(), says.as_str()),
        ("note", "none in ~/data/twolock yet; `twolock init` makes one")
    );
    let sandbox = Sandbox::with_vault();
    fs::remove_file(sandbox.path("data/twolock/vault.age")).unwrap();
    let (code, state, says) = said(&sandbox, "vault");
    assert_eq!((code, state.as_str()), (9, "bad"));
    assert!(says.starts_with("gone from ~/data/twolock"), "{says}");
}

#[test]
fn names_the_ways_to_a_clipboard() {
    let sandbox = Sandbox::new();
    let says = said(&sandbox, "clipboard").2;
    assert!(says.starts_with("twolock > xterm-256color: Many terminals call themselves so."), "{says}");
    assert!(says.ends_with("drop them; `twolock doctor --clipboard` tests it"), "{says}");
    fs::create_dir_all(sandbox.path("state/twolock")).unwrap();
    sandbox.write("state/twolock/clipboard", "twolock > xterm-256color\n");
    let (_, state, says) = said(&sandbox, "clipboard");
    assert_eq!(
        (state.as_str(), says.as_str()),
        ("good", "twolock > xterm-256color: copies are known to arrive")
    );
    fs::create_dir_all(sandbox.path("config/twolock")).unwrap();
    sandbox.write("config/twolock/config.ron", "(copy: (via: Off))");
    let (_, state, says) = said(&sandbox, "clipboard");
    assert_eq!((state.as_str(), says.as_str()), ("note", "Copying is switched off in the settings"));
    let answer = sandbox.run(&["doctor"]).env("TWOLOCK_CLIPBOARD", Some("pigeon")).answer();
    let line = "clipboard   bad   TWOLOCK_CLIPBOARD is not a way to copy; it takes auto, cmd, native, off, osc52, screen, tmux\n";
    assert!(answer.stdout.contains(line), "{}", answer.stdout);
    assert_eq!(answer.code, Some(1));
}

#[test]
fn the_way_of_a_copy_is_explained_and_proven_by_pasting() {
    let sandbox = Sandbox::with_vault();
    let answer = sandbox.run(&["doctor", "--clipboard"]).env("TERM", Some("xterm-kitty")).answer();
    answer.is(0, "twolock > xterm-kitty\nkitty takes copies.\n", "");
    let document = sandbox
        .run(&["doctor", "--clipboard", "--json"])
        .env("TWOLOCK_CLIPBOARD", Some("off"))
        .answer()
        .json();
    assert_eq!(document["clipboard"]["says"], "Copying is switched off in the settings.");
    assert_eq!(document["clipboard"]["proven"], false);
    let mut terminal = Terminal::start_with(&sandbox, &["doctor", "--clipboard"]);
    let words = terminal.wait_for("Enter if nothing comes:");
    let word = words.split(' ').find(|word| word.starts_with("CHECK-")).unwrap();
    assert!(
        words.contains("For xterm, in ~/.Xresources on your own computer: XTerm*disallowedWindowOps:"),
        "{words}"
    );
    terminal.types(&format!("{word}\r"));
    terminal.wait_for("It arrives.");
    assert_eq!(fs::read_to_string(sandbox.path("state/twolock/clipboard")).unwrap(), "twolock > xterm\n");
    let answer = sandbox.run(&["doctor", "--clipboard"]).env("TERM", Some("xterm")).answer();
    assert!(answer.stdout.ends_with("\nCopies are known to arrive.\n"), "{}", answer.stdout);
    let mut terminal = Terminal::start_with(&sandbox, &["doctor", "--clipboard"]);
    terminal.wait_for("Enter if nothing comes:");
    terminal.types("\r");
    terminal.wait_for("twolock: error: what was copied did not arrive");
    assert_eq!(fs::read_to_string(sandbox.path("state/twolock/clipboard")).unwrap(), "");
}
