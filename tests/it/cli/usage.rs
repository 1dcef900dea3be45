//! What the command line says of itself, and of calls that it does not understand.

use std::io::{Read, Write};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::sandbox::{KEY, PASSPHRASE, RFC_KEY, Sandbox, contents, counted};

const SECRET: &str = "a secret stands on the command line, where other users and the shell's history see it";

#[test]
fn a_secret_in_the_arguments_is_refused_and_never_repeated() {
    let sandbox = Sandbox::with_vault();
    let before = contents(&sandbox.path("data"));
    for arguments in [
        &["add", KEY][..],
        &["add", "jbsw y3dp ehpk 3pxp"],
        &["add", "GitHub", "--secret", KEY],
        &["add", "GitHub", "--secret=JBSWY3DPEHPK3PXP"],
        &["add", "GitHub", "--account", KEY],
        &["add", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"],
        &["code", KEY],
        &[KEY],
        &["--passphrase", "hunter2hunter2"],
        &["init", "--password=hunter2"],
    ] {
        let answer = sandbox.run(arguments).stdin(KEY).answer();
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(answer.stderr.starts_with(&format!("twolock: error: {SECRET}\n")), "{}", answer.stderr);
        let lower = answer.stderr.to_lowercase();
        assert!(["jbsw", "y3dp", "hunter2"].iter().all(|part| !lower.contains(part)), "{}", answer.stderr);
    }
    assert_eq!(contents(&sandbox.path("data")), before);
}

#[test]
fn a_call_that_is_not_understood_says_why_and_repeats_no_value() {
    let sandbox = Sandbox::new();
    let hint = "`twolock --help` lists the verbs and options, `twolock help VERB` those of a verb";
    for (arguments, message) in [
        (&["frobnicate"][..], "there is no such verb"),
        (&["code"], "QUERY is missing"),
        (&["code", "x", "--fast=482913"], "there is no option --fast"),
        (&["code", "x", "--min", "482913x"], "the value of --min is not one that it takes"),
        (
            &["list", "--passphrase-fd", "3", "--passphrase-file", "f"],
            "--passphrase-fd cannot be used together with --passphrase-file",
        ),
    ] {
        sandbox.run(arguments).answer().fails(2, message, &[hint]);
    }
    let answer = sandbox.run(&["code", "x", "--nxt"]).answer();
    answer.fails(2, "there is no option --nxt", &["did you mean `--next`?"]);
    let answer = sandbox.run(&["frob", "--json"]).answer();
    let error: serde_json::Value = serde_json::from_str(&answer.stderr).unwrap();
    assert_eq!(
        (answer.code, error["v"].as_u64(), error["error"]["code"].as_str()),
        (Some(2), Some(1), Some("usage"))
    );
    let answer = sandbox.run(&["list", "--at", "soon"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""));
}

#[test]
fn help_goes_to_standard_output_and_begins_with_examples() {
    let sandbox = Sandbox::new();
    for arguments in [&["--help"][..], &["help"], &["code", "--help"], &["help", "add"], &["-h"]] {
        let answer = sandbox.run(arguments).answer();
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(answer.stdout.lines().nth(2).is_some_and(|line| line == "Examples:"), "{}", answer.stdout);
    }
    let answer = sandbox.run(&["--version"]).answer();
    answer.is(0, &format!("twolock {}\n", env!("CARGO_PKG_VERSION")), "");
}

#[test]
fn the_list_needs_a_terminal() {
    Sandbox::with_vault().run(&[]).answer().fails(
        2,
        "the list needs a terminal. For scripts: twolock list, twolock code",
        &["over SSH, `ssh -t HOST twolock` gives it one, and `twolock --plain` talks in lines"],
    );
}

/// Runs the program on a terminal of its own, types what it waits for, and returns what was on the screen.
pub(crate) fn on_a_terminal(
    sandbox: &Sandbox,
    arguments: &[&str],
    answers: &[(&str, &str)],
    term: &str,
) -> (String, u32) {
    let size = PtySize { rows: 24, cols: 60, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_twolock"));
    command.args(arguments);
    command.env_clear();
    for (name, value) in counted() {
        command.env(name, value);
    }
    command.cwd(sandbox.path(""));
    for (name, place) in [
        ("HOME", ""),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_STATE_HOME", "state"),
    ] {
        command.env(name, sandbox.path(place));
    }
    command.env("TERM", term);
    command.env("LANG", "C.UTF-8");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut writer = pair.master.take_writer().unwrap();
    let mut killer = child.clone_killer();
    let mut seen = String::new();
    let mut from = 0;
    let mut answers = answers.iter();
    let mut next = answers.next();
    let mut piece = [0; 4096];
    // A program that waits for something else would hang the test for ever.
    let (done, timer) = std::sync::mpsc::channel::<()>();
    #[expect(clippy::disallowed_methods, reason = "a guard of the test")]
    let guard = std::thread::spawn(move || {
        if timer
            .recv_timeout(Duration::from_mins(1))
            .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            killer.kill().unwrap();
        }
    });
    // Reading a terminal that its program has left is an error on Linux.
    while let Ok(count @ 1..) = reader.read(&mut piece) {
        seen.push_str(&String::from_utf8_lossy(&piece[..count]));
        if let Some((question, answer)) = next
            && let Some(at) = seen[from..].find(question)
        {
            from += at + question.len();
            writer.write_all(format!("{answer}\r").as_bytes()).unwrap();
            next = answers.next();
        }
    }
    let status = child.wait().unwrap();
    drop(done);
    guard.join().unwrap();
    (seen, status.exit_code())
}

#[test]
fn on_a_terminal_it_asks_without_showing_and_answers_for_people() {
    let sandbox = Sandbox::new();
    let questions = [("New passphrase: ", PASSPHRASE), ("The same again: ", PASSPHRASE)];
    let (screen, code) = on_a_terminal(&sandbox, &["init", "--work-factor", "18"], &questions, "xterm");
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("horse"), "{screen}");
    let (screen, code) = on_a_terminal(
        &sandbox,
        &["add", "GitHub"],
        &[("Key or otpauth link: ", RFC_KEY), ("Passphrase: ", PASSPHRASE)],
        "xterm",
    );
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("GEZD") && !screen.contains("horse"), "{screen}");
    let (screen, code) =
        on_a_terminal(&sandbox, &["code", "git", "--at", "59"], &[("Passphrase: ", PASSPHRASE)], "xterm");
    assert_eq!((code, screen.ends_with("287 082\r\n1 s left\r\n")), (0, true), "{screen}");
    let (screen, code) = on_a_terminal(&sandbox, &["list"], &[("Passphrase: ", PASSPHRASE)], "xterm");
    assert_eq!(code, 0);
    assert!(screen.contains("ID    NAME    ACCOUNT  GROUP  KIND\r\n"), "{screen}");
    assert!(screen.trim_end().ends_with("GitHub                  totp"), "{screen}");
}

#[test]
fn two_different_passphrases_make_no_vault() {
    let sandbox = Sandbox::new();
    let questions = [("New passphrase: ", PASSPHRASE), ("The same again: ", "correct house battery staple")];
    let (screen, code) = on_a_terminal(&sandbox, &["init"], &questions, "xterm");
    assert_eq!(code, 1, "{screen}");
    assert!(screen.ends_with("twolock: error: the two passphrases differ\r\n"), "{screen}");
    assert!(!sandbox.path("data").exists());
}

#[test]
fn a_dumb_terminal_gets_lines_and_no_screen() {
    let answers = [("Passphrase (not shown): ", PASSPHRASE), ("> ", "q")];
    let (screen, code) = on_a_terminal(&Sandbox::with_vault(), &[], &answers, "dumb");
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("Plain line mode. Passphrase (not shown): \r\nOpen. 0 accounts."), "{screen}");
    assert!(screen.ends_with("> q\r\nEnded.\r\n") && !screen.contains("horse"), "{screen}");
    assert!(!screen.contains('\u{1b}'), "{screen:?}");
}
