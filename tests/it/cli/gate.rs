//! `twolock new`, `check`, `verify` and `test`: codes of other people's devices.

use serde_json::{Value, json};
use twolock::otp::{Link, Otp, Secret};

use super::usage::on_a_terminal;
use crate::support::sandbox::{Answer, PASSPHRASE, RFC_KEY, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
    sandbox
}

fn verify(sandbox: &Sandbox, at: &str, code: &str) -> Answer {
    sandbox.run(&["verify", "github", "--at", at]).stdin(code).answer()
}

fn document(answer: &Answer) -> Value {
    serde_json::from_str(&answer.stdout).unwrap()
}

#[test]
fn a_code_is_good_once_and_nothing_is_printed() {
    let sandbox = sandbox();
    verify(&sandbox, "59", "287082\n").is(0, "", "");
    verify(&sandbox, "59", "287 082").fails(6, "the code was used already", &[]);
    verify(&sandbox, "59", "123456").fails(6, "the code is wrong", &[]);
    verify(&sandbox, "59", "12345").fails(6, "that is no code: one has 6 characters", &[]);
    verify(&sandbox, "59", "").fails(6, "there is no code on standard input", &[]);
    // As PAM hands it on.
    verify(&sandbox, "60", "359152\0").is(0, "", "");
}

#[test]
fn the_document_has_the_reason() {
    let sandbox = sandbox();
    let ask = |code: &str| sandbox.run(&["verify", "github", "--at", "59", "--json"]).stdin(code).answer();
    let answer = ask("359152");
    assert_eq!(
        (answer.code, document(&answer)),
        (Some(0), json!({"v": 1, "verify": {"ok": true, "step_offset": 1}}))
    );
    let answer = ask("359152");
    assert_eq!(
        (answer.code, document(&answer)),
        (Some(6), json!({"v": 1, "verify": {"ok": false, "reason": "replayed"}}))
    );
    let error: Value = serde_json::from_str(&answer.stderr).unwrap();
    assert_eq!(error["error"]["code"], "wrong_code");
    assert_eq!(document(&ask("000000"))["verify"]["reason"], "wrong");
    assert_eq!(document(&ask("x"))["verify"]["reason"], "malformed");
}

#[test]
fn the_window_can_be_closed_and_opened() {
    let sandbox = sandbox();
    let ask = |window: &str, code: &str| {
        sandbox.run(&["verify", "github", "--at", "59", "--window", window]).stdin(code).answer().code
    };
    assert_eq!(ask("0", "755224"), Some(6));
    assert_eq!(ask("2", "969429"), Some(0));
    assert_eq!(ask("11", "338314"), Some(2));
}

#[test]
fn a_device_that_drifts_is_followed() {
    let sandbox = sandbox();
    // Steps 2, 4 and 6 while it is 1, 2 and 3 here: each one step further ahead than the last.
    verify(&sandbox, "59", "359152").is(0, "", "");
    verify(&sandbox, "60", "338314").is(0, "", "");
    verify(&sandbox, "90", "287922").is(0, "", "");
    // A device that is right by this clock is now three steps behind what is expected.
    verify(&sandbox, "210", "162583").fails(6, "the code is wrong", &[]);
}

#[test]
fn after_five_wrong_codes_none_is_looked_at() {
    let sandbox = sandbox();
    for _ in 0..5 {
        verify(&sandbox, "59", "000000").fails(6, "the code is wrong", &[]);
    }
    let answer = sandbox.run(&["verify", "github", "--at", "59", "--json"]).stdin("287082").answer();
    let said = &document(&answer)["verify"];
    assert_eq!((answer.code, said["reason"].as_str()), (Some(6), Some("wait")));
    assert!((1..=30).contains(&said["wait_seconds"].as_u64().unwrap()), "{said}");
}

#[test]
fn of_programs_with_the_same_code_one_is_told_that_it_is_right() {
    let sandbox = sandbox();
    let good = std::thread::scope(|scope| {
        let ask = || verify(&sandbox, "59", "287082").code == Some(0);
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().filter(|_| true).map(|thread| u32::from(thread.join().unwrap())).sum::<u32>()
    });
    assert_eq!(good, 1);
}

#[test]
fn what_cannot_be_written_down_is_not_accepted() {
    let sandbox = sandbox();
    verify(&sandbox, "59", "000000").fails(6, "the code is wrong", &[]);
    let page = std::fs::read_dir(sandbox.path("state/twolock/codes"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some())
        .unwrap();
    sandbox.write(page.strip_prefix(sandbox.path("")).unwrap().to_str().unwrap(), "{");
    let answer = verify(&sandbox, "59", "287082");
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""));
    assert!(answer.stderr.starts_with("twolock: error: the memory of used codes is damaged: "), "{answer:?}");
}

#[test]
fn a_counter_code_moves_the_counter_on() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["Door", "--hotp", "0"], RFC_KEY);
    let ask = |code: &str| sandbox.run(&["verify", "door"]).stdin(code).answer();
    ask("359152").is(0, "", "");
    ask("359152").fails(6, "the code was used already", &[]);
    ask("287082").fails(6, "the code was used already", &[]);
    ask("969429").is(0, "", "");
    assert_eq!(sandbox.run(&["show", "door", "--json"]).answer().json()["account"]["counter"], 4);
}

#[test]
fn the_passphrase_and_the_code_cannot_both_come_on_standard_input() {
    sandbox().run(&["verify", "github", "--passphrase-fd", "0"]).stdin(PASSPHRASE).answer().fails(
        2,
        "standard input cannot give both the passphrase and the code",
        &["read the passphrase with --passphrase-file FILE"],
    );
}

/// Makes an account for a phone, and returns what its codes are made from.
fn phone(sandbox: &Sandbox) -> Otp {
    let answer = sandbox.run(&["new", "bob", "--issuer", "Bastion", "--uri", "-q"]).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    Link::read(answer.stdout.trim_end()).unwrap().otp
}

#[test]
fn a_new_secret_counts_when_two_codes_of_the_phone_were_seen() {
    let sandbox = sandbox();
    let otp = phone(&sandbox);
    assert_eq!(otp.secret.bits(), 160);
    let code = |step| otp.code_at(step).reveal().to_owned();
    let ask = || sandbox.run(&["verify", "bob", "--at", "3000"]).stdin(code(100)).answer();
    ask().fails(
        6,
        "\"Bastion (bob)\" is pending: its device has not shown two codes yet",
        &["`twolock check` takes the two codes"],
    );
    assert_eq!(sandbox.run(&["code", "bob"]).answer().code, Some(5));
    let two = format!("{}\n{}\n", code(99), code(100));
    let check = |arguments: &[&str]| {
        let all = [&["check", "bob", "--at", "3000"], arguments].concat();
        sandbox.run(&all).stdin(two.clone()).answer()
    };
    let said = "Both codes are right. This computer and the other device agree:\n";
    let answer = check(&["--dry-run"]);
    assert!(answer.code == Some(0) && answer.stderr.is_empty(), "{answer:?}");
    ask().fails(
        6,
        "\"Bastion (bob)\" is pending: its device has not shown two codes yet",
        &["`twolock check` takes the two codes"],
    );
    let answer = check(&[]);
    assert_eq!(
        (answer.code, answer.stderr.as_str()),
        (Some(0), "\"Bastion (bob)\" is checked. It gives codes from now on.\n")
    );
    assert!(answer.stdout.starts_with(said.trim_end_matches(":\n")), "{}", answer.stdout);
    ask().is(0, "", "");
    sandbox.run(&["new", "bob", "--issuer", "Bastion", "--uri"]).answer().fails(
        11,
        "\"Bastion (bob)\" is there already: its phone would go on showing codes that are refused",
        &["delete it first with `twolock rm`, or give another --issuer"],
    );
}

#[test]
fn a_new_secret_goes_to_a_terminal_a_picture_or_a_link_and_nowhere_else() {
    let sandbox = sandbox();
    sandbox.run(&["new", "bob"]).answer().fails(
        2,
        "the QR code needs a terminal: whatever it is printed to holds the secret",
        &["--png FILE writes a picture, --uri prints the link"],
    );
    let answer = sandbox.run(&["new", "bob", "--png", "bob.png"]).answer();
    let id = answer.stdout.trim_end().to_owned();
    answer.is(
        0,
        &format!("{id}\n"),
        &format!(
            "written to \"bob.png\"; delete it when the phone has it: it holds the secret\n\
             {} (bob) is pending. When the phone has it: twolock check id:{id}\n",
            rustix_host()
        ),
    );
    sandbox.run(&["add", "--from", "bob.png"]).answer().code.unwrap();
    let (screen, code) = on_a_terminal(&sandbox, &["new", "carol"], &[("Passphrase: ", PASSPHRASE)], "xterm");
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains('▀') && screen.contains("(carol) is pending"), "{screen}");
}

/// Returns the name of this computer, as the program sees it.
fn rustix_host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned()
}

#[test]
fn check_says_what_is_wrong_and_can_save_it() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["Bank", "--digits", "8"], RFC_KEY);
    let check = |codes: &str, arguments: &[&str]| {
        let all = [&["check", "bank", "--at", "60", "--json"], arguments].concat();
        sandbox.run(&all).stdin(codes).answer()
    };
    let six = "287082\n359152\n";
    let answer = check(six, &[]);
    let said = &document(&answer)["check"];
    assert_eq!(
        (answer.code, &said["reason"], &said["digits"], &said["saved"]),
        (Some(6), &json!("settings"), &json!(6), &json!(false))
    );
    let answer = check("111111\n111111\n", &[]);
    assert_eq!(document(&answer)["check"]["reason"], "same_twice");
    let answer = check("123456\n654321\n", &[]);
    assert_eq!((answer.code, &document(&answer)["check"]["reason"]), (Some(6), &json!("wrong")));
    let answer = check("123456\n", &[]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(5), ""));
    let answer = check(six, &["--adopt"]);
    assert_eq!(
        (answer.code, &document(&answer)["check"]["saved"]),
        (Some(0), &json!(true)),
        "{}",
        answer.stderr
    );
    sandbox.run(&["code", "bank", "--at", "59"]).answer().is(0, "287082\n", "");
    let list = sandbox.run(&["list", "--json"]).answer().json();
    assert_eq!(list["accounts"][0]["checked"], "device");
}

#[test]
fn check_tells_by_how_much_a_clock_is_off() {
    let sandbox = sandbox();
    let otp = Otp::totp(Secret::from_base32(RFC_KEY).unwrap());
    let two = format!("{}\n{}\n", otp.code_at(1_000_000).reveal(), otp.code_at(1_000_001).reveal());
    let answer = sandbox.run(&["check", "github", "--at", "30000300", "--json"]).stdin(two).answer();
    let said = &document(&answer)["check"];
    assert_eq!((answer.code, &said["reason"]), (Some(6), &json!("skew")));
    assert_eq!((said["seconds"].as_i64(), said["range"].is_array()), (Some(-265), true), "{said}");
}

#[test]
fn the_rehearsal_judges_and_changes_nothing() {
    let sandbox = sandbox();
    let test = |codes: &str| sandbox.run(&["test", "github", "--at", "59", "-q"]).stdin(codes).answer();
    test("287082\n").is(0, "accepted, this step. All is well\n", "");
    let both = "accepted, this step. All is well\nright, but used already. A replay is refused\n";
    test("287082\n287082\n").is(6, both, "twolock: error: a sign-in would not accept the last code\n");
    test("287028\n").is(
        6,
        "wrong. Two are swapped: 28 for 82\n",
        "twolock: error: a sign-in would not accept the last code\n",
    );
    test("").fails(11, "no code was tried", &[]);
    // Nothing of it was remembered.
    verify(&sandbox, "59", "287082").is(0, "", "");
    let (screen, code) = on_a_terminal(
        &sandbox,
        &["test", "github", "--at", "59"],
        &[("Passphrase: ", PASSPHRASE), ("Verification code: ", "287082"), ("Verification code: ", "")],
        "xterm",
    );
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("accepted, this step"), "{screen}");
}

#[test]
fn part_of_a_name_does_not_stand_for_it_at_the_gate() {
    let sandbox = sandbox();
    let ask = |query: &str| sandbox.run(&["verify", query, "--at", "59"]).stdin("287082").answer().code;
    for query in ["git", "ali", "GitHub:al", "github alice", ""] {
        assert_eq!(ask(query), Some(3), "{query}");
    }
    assert_eq!(ask("GitHub:alice"), Some(0));
}
