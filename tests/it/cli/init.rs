//! `twolock init`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::sandbox::{Sandbox, contents};

#[test]
fn makes_a_vault_that_only_the_user_can_read_and_prints_its_place() {
    let sandbox = Sandbox::new();
    let place = sandbox.path("data/twolock");
    let answer = sandbox.run(&["init", "--work-factor", "10"]).answer();
    let warning = "twolock: warning: work factor 10 makes the passphrase cheap to guess for whoever has the files; \
                   18 is usual\n";
    answer.is(0, &format!("{}\n", place.display()), warning);
    let mode = |name: &str| fs::metadata(place.join(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(""), mode("vault.age"), mode("identity.age")), (0o700, 0o600, 0o600));
}

#[test]
fn makes_a_vault_where_it_is_told_to() {
    let sandbox = Sandbox::new();
    let place = sandbox.path("work");
    let place = place.to_str().unwrap();
    let answer = sandbox.run(&["init", "--work-factor=10", "-q", "--json", "--vault", place]).answer();
    assert_eq!(answer.json(), serde_json::json!({"v": 1, "vault": place}));
    sandbox.run(&["list"]).env("TWOLOCK_VAULT", Some(place)).answer().is(0, "", "");
}

#[test]
fn never_overwrites_a_vault() {
    let sandbox = Sandbox::with_vault();
    let before = contents(&sandbox.path("data"));
    let answer = sandbox.run(&["init", "--work-factor", "10", "--anew"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""));
    assert!(
        answer
            .stderr
            .starts_with("twolock: error: there is a vault already: \"HOME/data/twolock/vault.age\"\n")
    );
    assert_eq!(contents(&sandbox.path("data")), before);
}

#[test]
fn warns_of_a_weak_passphrase() {
    let sandbox = Sandbox::new();
    sandbox.write("passphrase", "password1\n");
    let answer = sandbox.run(&["init", "--work-factor", "17"]).answer();
    assert_eq!(answer.code, Some(0));
    assert!(answer.stderr.starts_with("twolock: warning: the passphrase is "), "{}", answer.stderr);
    assert!(!answer.stderr.contains("password1"));
}

#[test]
fn refuses_work_factors_out_of_range() {
    let sandbox = Sandbox::new();
    for factor in ["9", "23", "x", "-1"] {
        let answer = sandbox.run(&["init", &format!("--work-factor={factor}")]).answer();
        answer.fails(
            2,
            "the value of --work-factor is not one that it takes",
            &[
                "a work factor is 10 to 22",
                "`twolock --help` lists the verbs and options, `twolock help VERB` those of a verb",
            ],
        );
    }
    assert!(!sandbox.path("data").exists());
}

#[test]
fn a_vanished_vault_is_told_loudly_and_made_anew_only_by_choice() {
    let sandbox = Sandbox::with_vault();
    fs::remove_file(sandbox.path("data/twolock/vault.age")).unwrap();
    for verb in [&["list"][..], &["init", "--work-factor", "10"], &["code", "x"]] {
        let answer = sandbox.run(verb).answer();
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(9), ""), "{verb:?}");
        assert!(answer.stderr.contains("the vault is gone"), "{}", answer.stderr);
        assert!(answer.stderr.contains("hint: put vault.age and identity.age back into \"~/data/twolock\""));
        assert!(answer.stderr.contains("`twolock init --anew`"));
    }
    fs::remove_dir_all(sandbox.path("data/twolock")).unwrap();
    let answer = sandbox.run(&["init", "--work-factor", "10", "--anew", "-q"]).answer();
    answer.is(0, &format!("{}\n", sandbox.path("data/twolock").display()), "");
}

#[test]
fn a_passphrase_is_needed_and_never_taken_from_the_environment() {
    let sandbox = Sandbox::new();
    sandbox.run(&["init"]).env("TWOLOCK_PASSPHRASE_FILE", None).answer().fails(
        5,
        "an answer is needed, and --no-input forbids asking",
        &["give the passphrase with --passphrase-file FILE or --passphrase-fd N"],
    );
    let answer =
        sandbox.run(&["init"]).env("TWOLOCK_PASSPHRASE", Some("correct horse battery staple")).answer();
    answer.fails(
        2,
        "TWOLOCK_PASSPHRASE is set, and is not used: other programs can read the environment",
        &["unset it, and use --passphrase-file FILE or --passphrase-fd N"],
    );
    assert!(!sandbox.path("data").exists());
}

#[test]
fn a_passphrase_comes_from_a_descriptor_too() {
    let sandbox = Sandbox::new();
    let call =
        sandbox.run(&["init", "--work-factor=10", "-q", "--passphrase-fd=0"]).stdin("another good phrase\n");
    assert_eq!(call.answer().code, Some(0));
    let wrong = sandbox.run(&["list"]).answer();
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(5), ""));
    assert!(wrong.stderr.starts_with("twolock: error: the passphrase is wrong\n"), "{}", wrong.stderr);
    let call =
        sandbox.run(&["list"]).env("TWOLOCK_PASSPHRASE_FILE", None).env("TWOLOCK_PASSPHRASE_FD", Some("0"));
    call.stdin("another good phrase\n").answer().is(0, "", "");
}
