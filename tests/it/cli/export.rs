//! `twolock export` and `twolock qr`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use twolock::exchange::picture::read_codes;

use crate::support::sandbox::{KEY, RFC_KEY, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice", "--group", "Work"], KEY);
    sandbox.add(&["AWS", "--hotp", "7"], RFC_KEY);
    sandbox.write("password", "of the file\n");
    sandbox
}

#[test]
fn what_went_out_comes_in_again() {
    for (format, file) in [("twolock", "out.age"), ("aegis", "out.json")] {
        let from = sandbox();
        from.run(&["export", "--format", format, "--to", file, "--password-file", "password"]).answer().is(
            0,
            "",
            &format!("2 accounts in \"{file}\", read back and compared\n"),
        );
        let mode = fs::metadata(from.path(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let bytes = fs::read(from.path(file)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(KEY));
        let to = Sandbox::with_vault();
        to.write("password", "of the file\n");
        to.write(file, bytes);
        let taken =
            to.run(&["import", file, "--password-file", "password", "--yes", "--json"]).answer().json();
        assert_eq!(taken["import"]["taken"], 2, "{format}");
        to.run(&["code", "github", "--at", "59"]).answer().is(0, "996554\n", "");
        to.run(&["code", "aws"]).answer().is(0, "162583\n", "");
        assert_eq!(to.run(&["list", "--json"]).answer().json()["accounts"][0]["group"], "Work");
    }
}

#[test]
fn a_file_that_is_there_is_never_overwritten_without_a_word() {
    let sandbox = sandbox();
    sandbox.write("out.age", "mine");
    let call = ["export", "--to", "out.age", "--password-file", "password"];
    sandbox.run(&call).answer().fails(
        1,
        "\"out.age\" is there already",
        &["choose another name, or say --replace"],
    );
    assert_eq!(fs::read(sandbox.path("out.age")).unwrap(), b"mine");
    let answer = sandbox.run(&[&call[..], &["--replace", "--json", "git"]].concat()).answer().json();
    assert_eq!(
        answer,
        json!({"v": 1, "export": {"format": "twolock", "to": "out.age", "encrypted": true, "written": 1, "left_out": []}})
    );
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let sandbox = sandbox();
    sandbox.run(&["export", "--to", "none/out.age", "--password-file", "password"]).answer().fails(
        1,
        "cannot write \"none/out.age\": no such file or directory",
        &[],
    );
    sandbox.run(&["export", "--format", "nokia", "--to", "x"]).answer().fails(
        2,
        "there is no format \"nokia\" to be written",
        &["`twolock export --formats` lists them"],
    );
    sandbox.run(&["export", "--recipient", "nobody", "--to", "x"]).answer().fails(
        2,
        "one of the recipients is no age key",
        &["a key looks like age1…, and `age-keygen -y FILE` shows it"],
    );
    Sandbox::with_vault().run(&["export", "--to", "x"]).answer().fails(
        11,
        "there are no accounts to export",
        &[],
    );
}

#[test]
fn a_picture_of_the_code_says_the_account() {
    let sandbox = sandbox();
    let said = "written to \"git.png\"; delete it when the phone has it: it holds the secret\n";
    sandbox.run(&["qr", "git", "--png", "git.png"]).answer().is(0, "", said);
    let codes = read_codes(&fs::read(sandbox.path("git.png")).unwrap()).unwrap();
    assert_eq!(codes[0].as_str(), "otpauth://totp/GitHub:alice?secret=JBSWY3DPEHPK3PXP&issuer=GitHub");
    sandbox.run(&["qr", "git", "--png", "git.png"]).answer().fails(
        1,
        "\"git.png\" is there already",
        &["choose another name, or say --replace"],
    );
    let said = "written to \"git.svg\"; delete it when the phone has it: it holds the secret\n";
    sandbox.run(&["qr", "git", "--svg", "git.svg"]).answer().is(0, "", said);
    assert!(fs::read_to_string(sandbox.path("git.svg")).unwrap().starts_with("<svg "));
}

#[test]
fn a_code_in_a_pipe_is_drawn_without_colours() {
    let answer = sandbox().run(&["qr", "git"]).answer();
    assert_eq!(answer.stderr, "GitHub (alice): anyone who sees this code gets the secret\n");
    let rows: Vec<&str> = answer.stdout.lines().collect();
    assert_eq!((rows.len(), rows[0].chars().count()), (19, 37));
    assert!(rows[0].chars().all(|cell| cell == '█') && answer.stdout.contains('▀'));
}

#[test]
fn several_codes_follow_each_other() {
    let sandbox = sandbox();
    let danger = "anyone who sees this code gets the secret";
    let answer = sandbox.run(&["qr", "git", "ali"]).answer();
    assert_eq!(answer.stderr, format!("GitHub (alice): {danger}\n"));
    let answer = sandbox.run(&["qr", "github", "aws", "github"]).answer();
    assert_eq!(answer.stderr, format!("GitHub (alice): {danger}\nAWS: {danger}\n"));
    assert_eq!(answer.code, Some(0));
    let answer = sandbox.run(&["qr", "nobody", "nothing"]).answer();
    assert_eq!(answer.code, Some(3));
    assert!(answer.stderr.contains("no account matches \"nobody nothing\""), "{}", answer.stderr);
    let answer = sandbox.run(&["qr", "github", "nothing"]).answer();
    assert!(answer.stderr.contains("no account matches \"nothing\""), "{}", answer.stderr);
    sandbox.run(&["qr", "github", "aws", "--svg", "both.svg"]).answer().is(
        0,
        "",
        "written to \"both-1.svg\"; delete it when the phone has it: it holds the secret\n\
         written to \"both-2.svg\"; delete it when the phone has it: it holds the secret\n",
    );
}

#[test]
fn google_authenticator_takes_ten_accounts_at_once() {
    let sandbox = Sandbox::with_vault();
    for number in 0..12 {
        sandbox.add(
            &[&format!("Site {number}")],
            &format!(
                "JBSWY3DPEHPK3P{}",
                ["AA", "AE", "AI", "AM", "AQ", "AU", "BA", "BE", "BI", "BM", "BQ", "BU"][number]
            ),
        );
    }
    sandbox.add(&["Steam"], "otpauth://steam/Steam?secret=JBSWY3DPEHPK3PXP");
    let left = "twolock: warning: Steam (Steam) is left out: Google Authenticator cannot hold Steam codes\n";
    let said =
        |name: &str| format!("written to \"{name}\"; delete it when the phone has it: it holds the secret\n");
    sandbox.run(&["qr", "--google", "--png", "to.phone.png"]).answer().is(
        0,
        "",
        &format!("{left}{}{}", said("to.phone-1.png"), said("to.phone-2.png")),
    );
    let other = Sandbox::with_vault();
    for name in ["to.phone-1.png", "to.phone-2.png"] {
        other.write(name, fs::read(sandbox.path(name)).unwrap());
    }
    let answer = other.run(&["import", "to.phone-2.png", "to.phone-1.png", "--yes"]).answer();
    assert!(answer.stdout.contains("12 read, 12 new"), "{}", answer.stdout);
    let both = ["import", "to.phone-2.png", "to.phone-2.png", "--dry-run"];
    let answer = other.run(&both).answer();
    assert!(answer.stdout.contains("2 read, 0 new, 2 already here\n"), "{}", answer.stdout);
    let notes = "1 QR code was there twice\npicture 1 of 2 is missing\n";
    assert!(answer.stdout.contains(notes), "{}", answer.stdout);
    let one = sandbox.run(&["qr", "--google", "id:x", "Site 3"]).answer();
    assert_eq!(one.code, Some(3), "{}", one.stderr);
    sandbox.run(&["qr", "--google", "Site 3", "--png", "one.png"]).answer().is(0, "", &said("one.png"));
    sandbox.run(&["qr", "--google", "Steam"]).answer().is(
        11,
        "",
        &format!("{left}twolock: error: Google Authenticator can hold none of these accounts\n"),
    );
    assert_eq!(sandbox.run(&["qr"]).answer().code, Some(2));
}
