//! `twolock config`, and what a file of settings with mistakes does to other verbs.

use std::fs;

use crate::support::sandbox::{KEY, Sandbox};

const FILE: &str = "config/twolock/config.ron";

fn file(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.path(FILE)).unwrap()
}

#[test]
fn sets_gets_and_puts_back() {
    let sandbox = Sandbox::new();
    sandbox.run(&["config", "path"]).answer().is(0, &format!("{}\n", sandbox.path(FILE).display()), "");
    sandbox.run(&["config", "get", "lock.after"]).answer().is(0, "600\n", "");
    sandbox.run(&["config", "set", "lock.after", "5m"]).answer().is(0, "", "`lock.after` is 300.\n");
    assert_eq!(file(&sandbox), "(\n    lock: (\n        after: 300,\n    ),\n)\n");
    sandbox.run(&["config", "get", "lock.after"]).answer().is(0, "300\n", "");
    let set = |arguments: &[&str]| sandbox.run(&[&["config", "set", "-q"], arguments].concat()).answer();
    set(&["list.group", "Work & play"]).is(0, "", "");
    set(&["copy.command", "wl-copy --sensitive"]).is(0, "", "");
    set(&["lock.ask_again", "ShowQr"]).is(0, "", "");
    sandbox.run(&["config", "get", "list.group"]).answer().is(0, "\"Work & play\"\n", "");
    sandbox.run(&["config", "get", "copy.command"]).answer().is(0, "[\"wl-copy\", \"--sensitive\"]\n", "");
    sandbox.run(&["config", "reset", "lock.after"]).answer().is(0, "", "`lock.after` is 600.\n");
    sandbox.run(&["config", "check"]).answer().is(0, "", "The settings are right.\n");
    let all = sandbox.run(&["config", "get"]).answer();
    assert!(all.stdout.contains("lock.after\t600\n") && all.stdout.contains("lock.ask_again\t[ShowQr]\n"));
}

#[test]
fn is_read_by_programs() {
    let sandbox = Sandbox::new();
    let json = |arguments: &[&str]| sandbox.run(&[&["--json", "config"], arguments].concat()).answer().json();
    let set = json(&["set", "screen.row_numbers", "off"]);
    assert_eq!(
        set,
        serde_json::json!({ "v": 1, "setting": { "key": "screen.row_numbers", "value": false, "default": true } })
    );
    let all = json(&["get"]);
    let rows = all["settings"].as_array().unwrap();
    let row = |key: &str| rows.iter().find(|row| row["key"] == key).unwrap()["value"].clone();
    assert_eq!(row("screen.row_numbers"), false);
    assert_eq!(row("lock.after"), 600);
    assert_eq!(row("screen.theme"), "Auto");
    assert_eq!(row("lock.ask_again"), serde_json::json!(["ShowSecret", "ExportPlain", "ShowQr"]));
    assert_eq!(json(&["check", "-q"]), serde_json::json!({ "v": 1, "check": { "ok": true, "remarks": [] } }));
}

#[test]
fn the_defaults_are_a_file_that_is_right() {
    let sandbox = Sandbox::new();
    let defaults = sandbox.run(&["config", "defaults"]).answer();
    assert_eq!((defaults.code, defaults.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("config_defaults", defaults.stdout);
    fs::create_dir_all(sandbox.path("config/twolock")).unwrap();
    sandbox.write(FILE, &defaults.stdout);
    sandbox.run(&["config", "check"]).answer().is(0, "", "The settings are right.\n");
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_changed() {
    let sandbox = Sandbox::new();
    sandbox.run(&["config", "set", "screen.theem", "Dark"]).answer().fails(
        2,
        "`screen.theem` is not a setting; did you mean `screen.theme`?",
        &[],
    );
    sandbox.run(&["config", "set", "screen.theme", "drak"]).answer().fails(
        2,
        "`screen.theme` takes Auto, Dark, Light or Mono, not drak; did you mean Dark?",
        &[],
    );
    sandbox.run(&["config", "get", "theme"]).answer().fails(
        2,
        "`theme` is not a setting; did you mean `screen.theme`?",
        &[],
    );
    let help = &["`twolock help config` shows how it is called"];
    sandbox.run(&["config", "set", "screen.theme"]).answer().fails(2, "VALUE is missing", help);
    sandbox.run(&["config", "reset"]).answer().fails(2, "KEY is missing", help);
    sandbox.run(&["config", "path", "x"]).answer().fails(2, "there is an argument too many", help);
    assert!(!sandbox.path(FILE).exists());
}

#[test]
fn a_file_with_mistakes_warns_and_the_rest_of_it_holds() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub"], KEY);
    let path = sandbox.write("mine.ron", "(\n    screen: (theem: Dark),\n    lock: (after: 60),\n)\n");
    let path = path.to_str().unwrap();
    let place = "\"HOME/mine.ron\", line 2, column 14";
    let wrong = format!("{place}: `screen.theem` is not a setting; did you mean `screen.theme`?");
    let call = ["--config", path, "--passphrase-file", "passphrase", "list", "--at", "0"];
    let answer = sandbox.run(&call).answer();
    assert_eq!(answer.code, Some(0));
    assert_eq!(answer.stderr, format!("twolock: warning: {wrong}\n"));
    let answer = sandbox.run(&["config", "check"]).env("TWOLOCK_CONFIG", Some(path)).answer();
    assert_eq!(answer.code, Some(1));
    assert!(answer.stdout.ends_with(": `screen.theem` is not a setting; did you mean `screen.theme`?\n"));
    assert_eq!(
        answer.stderr,
        "twolock: error: the file of settings has a mistake\ntwolock: hint: `twolock config edit` opens it\n"
    );
    let answer = sandbox.run(&["config", "get", "lock.after", "--config", path]).answer();
    answer.is(0, "60\n", &format!("twolock: warning: {wrong}\n"));
    let answer = sandbox.run(&["config", "get", "lock.after", "--config", "/nowhere/x"]).answer();
    answer.is(
        0,
        "600\n",
        "twolock: warning: there is no file of settings \"/nowhere/x\"; the defaults are used\n",
    );
}

#[test]
fn the_vault_may_be_somewhere_else() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub"], KEY);
    fs::rename(sandbox.path("data/twolock"), sandbox.path("elsewhere")).unwrap();
    sandbox.run(&["config", "set", "-q", "vault.dir", "~/elsewhere"]).answer().is(0, "", "");
    let answer = sandbox.run(&["list"]).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    assert!(answer.stdout.contains("GitHub"));
}

#[test]
fn the_editor_opens_a_file_that_is_checked_afterwards() {
    let sandbox = Sandbox::new();
    let edit = |editor: Option<&str>| {
        sandbox.run(&["config", "edit"]).env("VISUAL", None).env("EDITOR", editor).answer()
    };
    edit(Some("/bin/true")).is(0, "", "The settings are right.\n");
    assert!(file(&sandbox).starts_with("// `twolock config defaults`"));
    edit(Some("/bin/sed -i s/^(/(lock:5,/")).is(
        1,
        &format!(
            "\"{}\", line 2, column 7: `lock` takes its settings in ( )\n",
            sandbox.path(FILE).display()
        ),
        "twolock: error: the file of settings has a mistake\ntwolock: hint: `twolock config edit` opens it\n",
    );
    let shown = "HOME/config/twolock/config.ron";
    edit(None).fails(
        2,
        "no editor is set",
        &["set VISUAL or EDITOR", &format!("or edit \"{}\" with any program", shown.replace("HOME", "~"))],
    );
    edit(Some("/bin/false")).fails(1, "\"/bin/false\" ended with an error", &[]);
}
