//! Vaults, notes and names that are larger than anybody's, and too little memory for them.

use std::fmt::Write;

use crate::support::sandbox::{KEY, Sandbox, contents};

/// How many accounts are many.
const MANY: usize = 100_000;
/// So much address space is enough for them, in MiB, and so many seconds of the processor, without optimisation.
const ENOUGH: (u32, u32) = (1024, 120);

#[test]
fn a_hundred_thousand_accounts_are_taken_in_and_answered_for() {
    let sandbox = Sandbox::with_vault();
    let mut links = String::new();
    for number in 0..MANY {
        let secret = data_encoding::BASE32_NOPAD.encode(format!("secret {number:013}").as_bytes());
        writeln!(links, "otpauth://totp/Service{number}:alice?secret={secret}&issuer=Service{number}")
            .unwrap();
    }
    sandbox.write("links.txt", links);
    let run = |arguments: &[&str]| {
        let answer = sandbox.run_within(ENOUGH.0, ENOUGH.1, arguments).answer();
        assert_eq!(answer.code, Some(0), "{arguments:?}: {}", answer.stderr);
        answer.stdout
    };
    let told = run(&["import", "links.txt", "--yes"]);
    assert!(
        told.ends_with("100000 read, 100000 new\n100000 accounts taken in\n"),
        "{}",
        &told[told.len() - 200..]
    );
    assert_eq!(run(&["list"]).lines().count(), MANY);
    assert_eq!(run(&["code", "Service99999:alice", "--at", "59"]).len(), "123456\n".len());
}

#[test]
fn a_note_of_ten_megabytes_and_long_names_are_kept_and_what_is_too_long_is_refused() {
    let sandbox = Sandbox::with_vault();
    let (note, name) = ("n".repeat(10_000_000), "\u{e9}".repeat(32_768));
    let entry = serde_json::json!({
        "type": "totp", "uuid": "", "name": name, "issuer": name, "note": note, "group": name,
        "info": {"secret": KEY, "algo": "SHA1", "digits": 6, "period": 30}
    });
    let file = serde_json::json!({
        "version": 1, "header": {"slots": null, "params": null}, "db": {"version": 2, "entries": [entry]}
    });
    sandbox.write("aegis.json", file.to_string());
    sandbox.write("link.txt", format!("otpauth://totp/{}?secret={KEY}\n", "a".repeat(1 << 20)));
    let run = |arguments: &[&str]| sandbox.run_within(ENOUGH.0, ENOUGH.1, arguments).answer();
    let answer = run(&["import", "aegis.json", "--yes"]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    assert!(answer.stdout.lines().all(|line| line.chars().count() < 200), "names are cut in the report");
    let account = &run(&["show", "\u{e9}", "--json"]).json()["account"];
    assert_eq!((account["name"].as_str(), account["note"].as_str()), (Some(&*name), Some(&*note)));
    let answer = run(&["import", "link.txt", "--yes"]);
    assert!(answer.stdout.contains("this link is too long"), "{} {}", answer.stdout, answer.stderr);
    assert!(answer.stdout.len() < 1000);
}

#[test]
fn too_little_memory_ends_the_program_and_harms_no_vault() {
    let sandbox = Sandbox::new();
    let answer = sandbox.run(&["init", "--work-factor", "14", "--quiet"]).answer();
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    sandbox.add(&["GitHub"], KEY);
    let mut kept = String::new();
    let (mut failed, mut done) = (0, 0);
    // From too little to be loaded at all to enough.
    for step in 0..48_u32 {
        let kibibytes = 8 * 1024 + step * 2048;
        let before = contents(&sandbox.path("data/twolock/vault.age"));
        let wanted = format!("note {step}");
        let code = sandbox.run_tight(kibibytes, &["edit", "github", "--note", &wanted]).answer().code;
        let note = sandbox.run(&["show", "github", "--json"]).answer().json()["account"]["note"].clone();
        let note = note.as_str().unwrap().to_owned();
        if code == Some(0) {
            assert_eq!(note, wanted, "{kibibytes} KiB");
            done += 1;
        } else {
            assert!(note == kept || note == wanted, "{kibibytes} KiB: {code:?}, {note}");
            assert!(note == wanted || contents(&sandbox.path("data/twolock/vault.age")) == before);
            failed += 1;
        }
        kept = note;
    }
    assert!(failed > 3 && done > 3, "{failed} {done}");
}
