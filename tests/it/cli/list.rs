//! `twolock list`.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::sandbox::{KEY, RFC_KEY, Sandbox};

fn sandbox() -> (Sandbox, [String; 2]) {
    let sandbox = Sandbox::with_vault();
    let first = sandbox.add(&["GitHub", "--account", "alice", "--group", "Work"], RFC_KEY);
    let second = sandbox.add(&["Bank", "--hotp", "7", "--digits", "8"], KEY);
    (sandbox, [first, second])
}

#[test]
fn prints_a_line_an_account_into_a_pipe() {
    let (sandbox, [first, second]) = sandbox();
    let one = format!("{first}\tGitHub\talice\tWork\ttotp");
    let two = format!("{second}\tBank\t\t\thotp");
    sandbox.run(&["list"]).answer().is(0, &format!("{one}\n{two}\n"), "");
    sandbox.run(&["list", "bank"]).answer().is(0, &format!("{two}\n"), "");
    sandbox.run(&["list", "--group", "Work"]).answer().is(0, &format!("{one}\n"), "");
    sandbox.run(&["list", "--codes", "--at", "59"]).answer().is(0, &format!("{one}\t287082\n{two}\t\n"), "");
}

#[test]
fn the_document_has_codes_only_when_asked_and_never_a_secret() {
    let (sandbox, [first, second]) = sandbox();
    let document = sandbox.run(&["list", "--json"]).answer().json();
    let github = serde_json::json!({
        "id": first, "name": "GitHub", "account": "alice", "group": "Work", "type": "totp", "algorithm": "SHA1",
        "digits": 6, "period": 30, "pinned": false, "checked": "never",
    });
    let bank = serde_json::json!({
        "id": second, "name": "Bank", "account": "", "group": "", "type": "hotp", "algorithm": "SHA1",
        "digits": 8, "period": null, "pinned": false, "checked": "never",
    });
    assert_eq!(document, serde_json::json!({"v": 1, "accounts": [github, bank]}));
    let document = sandbox.run(&["list", "--json", "--codes", "--at", "59"]).answer().json();
    assert_eq!(document["accounts"][0]["code"], "287082");
    assert_eq!(document["accounts"][0]["seconds_left"], 1);
    assert_eq!(document["accounts"][1]["code"], serde_json::Value::Null);
}

#[test]
fn nothing_that_matches_is_a_failure_and_an_empty_vault_is_not() {
    let (sandbox, _) = sandbox();
    sandbox.run(&["list", "paypal"]).answer().fails(
        3,
        "no account matches \"paypal\"",
        &["`twolock list` shows what there is"],
    );
    assert_eq!(sandbox.run(&["list", "--group", "None"]).answer().code, Some(3));
    let empty = Sandbox::with_vault();
    empty.run(&["list"]).answer().is(0, "", "");
    assert_eq!(empty.run(&["list", "--json"]).answer().json(), serde_json::json!({"v": 1, "accounts": []}));
    empty.run(&["list", "x"]).answer().fails(
        3,
        "no account matches \"x\"",
        &["there are no accounts yet; `twolock add NAME` adds one"],
    );
}

#[test]
fn hostile_names_neither_act_nor_break_the_lines() {
    let sandbox = Sandbox::with_vault();
    let hostile = "a\u{1b}[2J\tb\nc\u{202e}d\u{9b}2J\u{200b}\u{e0041}";
    let id = sandbox.add(&[hostile, "--account", "\u{7}\u{1b}]52;c;AAAA\u{7}"], KEY);
    let answer = sandbox.run(&["list"]).answer();
    let line = answer.stdout.strip_suffix('\n').unwrap();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    assert_eq!(line.split('\t').count(), 5, "{line:?}");
    assert!(line.starts_with(&format!("{id}\ta\\u{{1b}}[2J\\tb\\nc\\u{{202e}}d")), "{line:?}");
    assert!(line.replace('\t', "").chars().all(|letter| (' '..='~').contains(&letter)), "{line:?}");

    let json = sandbox.run(&["list", "--json"]).answer();
    assert!(json.stdout.trim_end().chars().all(|letter| (' '..='~').contains(&letter)), "{}", json.stdout);
    assert_eq!(json.json()["accounts"][0]["name"], hostile);

    let answer = sandbox.run(&["code", hostile, "--min", "99"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""));
    assert!(
        answer.stderr.trim_end().chars().all(|letter| (' '..='~').contains(&letter)),
        "{:?}",
        answer.stderr
    );
}

#[test]
fn a_full_disk_is_told_and_a_reader_that_left_is_not() {
    let (sandbox, _) = sandbox();
    let mut options = fs::OpenOptions::new();
    #[expect(clippy::disallowed_methods, reason = "a device, not a file")]
    let full = options.write(true).open("/dev/full").unwrap();
    let answer = sandbox.run(&["list"]).stdout(full).answer();
    answer.fails(1, "cannot write to standard output: no space left on device", &[]);

    let mut reader = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
    let pipe = reader.stdin.take().unwrap();
    assert!(reader.wait().unwrap().success());
    sandbox.run(&["list"]).stdout(pipe).answer().is(0, "", "");
}

#[test]
fn an_unreadable_passphrase_file_is_named() {
    let (sandbox, _) = sandbox();
    let answer = sandbox.run(&["list", "--passphrase-file", "nowhere"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(5), ""), "{}", answer.stderr);
    assert!(answer.stderr.starts_with("twolock: error: cannot read \"nowhere\": "), "{}", answer.stderr);
}

#[test]
fn a_damaged_vault_is_refused_and_stays_as_it_is() {
    let (sandbox, _) = sandbox();
    let path = sandbox.path("data/twolock/vault.age");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    sandbox.write("data/twolock/vault.age", &bytes);
    let answer = sandbox.run(&["list"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(9), ""), "{}", answer.stderr);
    assert!(answer.stderr.contains("\"HOME/data/twolock/vault.age\" is damaged"), "{}", answer.stderr);
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn is_sorted_and_headed_on_request() {
    let (sandbox, [first, second]) = sandbox();
    let one = format!("{first}\tGitHub\talice\tWork\ttotp\n");
    let two = format!("{second}\tBank\t\t\thotp\n");
    let head = "id\tname\taccount\tgroup\tkind\n";
    sandbox.run(&["list", "--sort", "name"]).answer().is(0, &format!("{two}{one}"), "");
    sandbox.run(&["list", "--sort", "group", "--header"]).answer().is(0, &format!("{head}{two}{one}"), "");
    let answer = sandbox.run(&["list", "--sort", "size"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""));
}
