//! What holds for every verb: standard output carries the answer and nothing else, streams may be closed or full, and a
//! secret stands nowhere that it does not belong.

use std::fs;
use std::process::{Command, Stdio};

use super::help::verbs;
use crate::support::sandbox::{Answer, PASSPHRASE, RFC_KEY, Sandbox, contents, counted};

/// Calls of every verb that do something, by verb; those that ask or show a screen have none that fits.
const CALLS: &[&[&str]] = &[
    &["add", "Bank", "--hotp", "7"],
    &["backup", "copies"],
    &["check", "github", "--at", "60"],
    &["code", "github", "--at", "59"],
    &["code", "github", "--at", "59", "--json"],
    &["code", "github", "--at", "59", "--fresh", "--count", "3"],
    &["completions", "bash"],
    &["config", "path"],
    &["copy", "github", "--via", "off"],
    &["doctor"],
    &["edit", "github", "--note", "x"],
    &["export", "--to", "out.age", "--replace"],
    &["import", "links.txt", "--yes"],
    &["init"],
    &["list"],
    &["list", "--codes", "--json"],
    &["lock"],
    &["man"],
    &["man", "--dir", "pages"],
    &["new", "bob", "--png", "bob.png", "--replace"],
    &["restore", "--list"],
    &["rm", "bank", "--dry-run"],
    &["show", "github"],
    &["show", "github", "--json"],
    &["test", "github", "--at", "59"],
    &["undo", "--list"],
    &["unlock", "--for", "never"],
    &["undo", "--dry-run"],
    &["agent", "status"],
    &["verify", "github", "--at", "59"],
    &["passwd", "--list"],
    &["qr"],
    &["nonsense"],
    &["--help"],
    &["help", "tmux"],
    &[],
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
    sandbox.write("links.txt", "otpauth://totp/Mail?secret=JBSWY3DPEHPK3PXP\n");
    sandbox
}

#[test]
fn every_verb_is_called_here() {
    let sandbox = Sandbox::new();
    for verb in verbs(&sandbox) {
        assert!(CALLS.iter().any(|call| call.first() == Some(&verb.as_str())), "{verb}");
    }
}

/// Runs the program by a shell that does something to its streams first.
fn shell(sandbox: &Sandbox, streams: &str, call: &[&str]) -> Answer {
    let mut command = Command::new("/bin/sh");
    let script = format!("exec \"$0\" \"$@\" {streams}");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_twolock"), "--no-input"]).args(call);
    command.env_clear().envs(counted()).current_dir(sandbox.path(""));
    for (name, place) in [
        ("HOME", ""),
        ("TWOLOCK_PASSPHRASE_FILE", "passphrase"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
    ] {
        command.env(name, sandbox.path(place));
    }
    command.env("LANG", "C.UTF-8").env("TERM", "xterm-256color");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Answer { stdout: text(&output.stdout), stderr: text(&output.stderr), code: output.status.code() }
}

#[test]
fn closed_streams_and_a_full_disk_make_no_verb_panic() {
    let sandbox = sandbox();
    let statuses = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11];
    for call in CALLS {
        for streams in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "> /dev/full", "> /dev/full 2>&1"] {
            let answer = shell(&sandbox, streams, call);
            let code = answer.code;
            assert!(code.is_some_and(|code| statuses.contains(&code)), "{call:?} {streams}: {answer:?}");
            assert!(!answer.stderr.contains("broke"), "{call:?} {streams}: {answer:?}");
        }
    }
    for call in [
        &["list"][..],
        &["show", "github"],
        &["--help"],
        &["code", "github", "--at", "59"],
        &["completions", "zsh"],
        &["man"],
    ] {
        let answer = shell(&sandbox, "> /dev/full", call);
        assert_eq!(answer.code, Some(1), "{call:?}");
        let said = "twolock: error: cannot write to standard output: no space left on device\n";
        assert_eq!(answer.stderr, said, "{call:?}");
    }
}

#[test]
fn in_a_pipe_there_is_no_escape_and_with_json_every_line_is_a_document() {
    let sandbox = sandbox();
    for call in CALLS {
        let answer = sandbox.run(call).answer();
        assert!(!answer.stdout.contains('\u{1b}') && !answer.stderr.contains('\u{1b}'), "{call:?}");
        if answer.code != Some(0) {
            assert!(answer.stderr.contains("twolock: error: "), "{call:?}: {answer:?}");
        }
        // Help is a text whatever is asked.
        if call.is_empty() || call[0].contains("help") {
            continue;
        }
        let answer = sandbox.run(&[call, &["--json", "-q"][..]].concat()).answer();
        for line in answer.stdout.lines().chain(answer.stderr.lines()) {
            let document: serde_json::Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{call:?}: {error}: {line}"));
            assert_eq!(document["v"], 1, "{call:?}: {line}");
        }
    }
}

#[test]
fn a_secret_stands_only_where_it_was_asked_for() {
    let sandbox = sandbox();
    let code = "287082";
    let shows_code = |call: &[&str]| call[0] == "code" || call.contains(&"--codes");
    sandbox.write("wrong", format!("{RFC_KEY}\n"));
    sandbox.write("broken.txt", format!("{RFC_KEY}!{RFC_KEY}\n"));
    let failing: &[&[&str]] = &[
        &["list", "--passphrase-file", "wrong"],
        &["add", "X", "--from", "broken.txt"],
        &["import", "broken.txt", "--yes"],
        &["verify", "github", "--at", "0"],
        &["check", "github", "--at", "0"],
        &["test", "github", "--at", "0"],
        &["add", RFC_KEY],
    ];
    for call in CALLS.iter().chain(failing).filter(|call| !call.is_empty()) {
        let answer = sandbox.run(call).stdin(format!("{code}\n{code}\n")).answer();
        let all = format!("{}{}", answer.stdout, answer.stderr);
        for secret in [RFC_KEY, PASSPHRASE, "12345678901234567890"] {
            assert!(!all.contains(secret), "{call:?}: {all}");
        }
        assert!(!answer.stderr.contains(code), "{call:?}: {all}");
        assert!(shows_code(call) || !answer.stdout.contains(code), "{call:?}: {all}");
    }
    // Nor in any file but those that were handed in, and the picture that was asked for.
    let given = ["passphrase", "wrong", "broken.txt", "links.txt", "bob.png"];
    for (path, bytes) in contents(&sandbox.path("")) {
        if given.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        for secret in [RFC_KEY, PASSPHRASE, "12345678901234567890", code] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    for shown in [&["show", "github", "--secret"][..], &["show", "github", "--uri"]] {
        assert!(sandbox.run(shown).answer().stdout.contains(RFC_KEY));
    }
}

#[test]
fn a_reader_that_left_ends_nothing_loudly() {
    let sandbox = sandbox();
    for call in [
        &["list"][..],
        &["show", "github"],
        &["code", "github", "--count", "100"],
        &["--help"],
        &["completions", "bash"],
        &["man"],
    ] {
        let mut reader = Command::new("/bin/true").stdin(Stdio::piped()).spawn().unwrap();
        let pipe = reader.stdin.take().unwrap();
        assert!(reader.wait().unwrap().success());
        sandbox.run(call).stdout(pipe).answer().is(0, "", "");
    }
}

#[test]
fn arguments_and_environment_hold_no_secret_while_it_runs() {
    // A counter code waits for the lock of the vault, which is held here: time enough to look.
    let sandbox = sandbox();
    let answer = sandbox.run(&["code", "github", "--at", "59"]).answer();
    answer.is(0, "287082\n", "");
    let mut child = Command::new(env!("CARGO_BIN_EXE_twolock"))
        .args(["--no-input", "verify", "github"])
        .env_clear()
        .envs(counted())
        .env("HOME", sandbox.path(""))
        .env("XDG_DATA_HOME", sandbox.path("data"))
        .env("XDG_STATE_HOME", sandbox.path("state"))
        .env("TWOLOCK_PASSPHRASE_FILE", sandbox.path("passphrase"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It waits for the code on standard input.
    for name in ["cmdline", "environ"] {
        if let Ok(bytes) = fs::read(format!("/proc/{}/{name}", child.id())) {
            let text = String::from_utf8_lossy(&bytes);
            for secret in [RFC_KEY, PASSPHRASE, "287082"] {
                assert!(!text.contains(secret), "{name}: {text}");
            }
        }
    }
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(6));
}
