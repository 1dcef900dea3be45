//! `twolock passwd`.

use age::secrecy::ExposeSecret;

use crate::support::sandbox::{RFC_KEY, Sandbox, contents};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
    sandbox
}

#[test]
fn changes_the_passphrase() {
    let sandbox = sandbox();
    sandbox.write("new", "copper walnut seven mailbox drift\n");
    let change = ["passwd", "--new-passphrase-file", "new", "--work-factor", "10"];
    sandbox.run(&change).answer().is(
        0,
        "",
        "The passphrase is changed. Copies made before still open with the old one.\n",
    );
    sandbox.run(&["list"]).answer().fails(
        5,
        "the passphrase is wrong",
        &["Caps Lock may be on; nothing was changed"],
    );
    sandbox.run(&["code", "git", "--at", "59", "--passphrase-file", "new"]).answer().is(0, "287082\n", "");
}

#[test]
fn adds_lists_and_removes_keys() {
    let sandbox = sandbox();
    let key = age::x25519::Identity::generate();
    let public = key.to_public().to_string();
    sandbox.write("key", key.to_string().expose_secret());
    let list = || sandbox.run(&["passwd", "--list"]).answer().stdout;
    let own = list().split('\t').next().unwrap().to_owned();
    sandbox.run(&["passwd", "--list"]).answer().is(0, &format!("{own}\tpassphrase\n"), "");

    let both = format!("{own}\tpassphrase\n{public}\tkey\n");
    sandbox.run(&["passwd", "--add-recipient", &public]).answer().is(0, &both, "");
    sandbox.run(&["passwd", "--add-recipient", &public]).answer().fails(
        11,
        "the vault is sealed for these keys already",
        &[],
    );
    let document = sandbox.run(&["passwd", "--list", "--json"]).answer().json();
    assert_eq!(
        document,
        serde_json::json!({"v": 1, "recipients": [
            {"recipient": own, "passphrase": true},
            {"recipient": public, "passphrase": false},
        ]})
    );
    sandbox.run(&["code", "git", "--at", "59", "--identity", "key"]).answer().is(0, "287082\n", "");

    sandbox.run(&["passwd", "--remove-recipient", &public]).answer().is(
        0,
        &format!("{own}\tpassphrase\n"),
        "twolock: warning: copies made before, also those in the vault's directory \"backups\", still open for \
         the keys that were taken away\n",
    );
    let answer = sandbox.run(&["list", "--identity", "key"]).answer();
    assert_eq!(answer.code, Some(5), "{}", answer.stderr);
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let sandbox = sandbox();
    let own = sandbox.run(&["passwd", "--list"]).answer().stdout;
    let own = own.split('\t').next().unwrap();
    let before = contents(&sandbox.path("data"));
    let list = "`twolock passwd --list` shows for whom the vault is sealed";
    let refuse = |option: &str, key: &str, why: &str| {
        let answer = sandbox.run(&["passwd", option, key]).answer();
        answer.fails(2, &format!("\"{key}\" {why}"), &[list]);
    };
    refuse("--add-recipient", "alice", "is not an age recipient");
    refuse("--remove-recipient", own, "is what the passphrase opens, and stays");
    let stranger = age::x25519::Identity::generate().to_public().to_string();
    refuse("--remove-recipient", &stranger, "is no recipient of this vault");
    assert_eq!(contents(&sandbox.path("data")), before);
}

#[test]
fn needs_the_passphrase_also_of_who_has_a_key() {
    let sandbox = sandbox();
    let key = age::x25519::Identity::generate();
    sandbox.write("key", key.to_string().expose_secret());
    let public = key.to_public().to_string();
    let added = sandbox.run(&["passwd", "--add-recipient", &public]).answer();
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    let stranger = age::x25519::Identity::generate().to_public().to_string();
    sandbox
        .run(&["passwd", "--add-recipient", &stranger, "--identity", "key"])
        .env("TWOLOCK_PASSPHRASE_FILE", None)
        .answer()
        .fails(
            5,
            "an answer is needed, and --no-input forbids asking",
            &["give the passphrase with --passphrase-file FILE or --passphrase-fd N"],
        );
}

#[test]
fn a_vault_can_be_made_for_further_keys() {
    let sandbox = Sandbox::new();
    let key = age::x25519::Identity::generate();
    sandbox.write("key", key.to_string().expose_secret());
    let public = key.to_public().to_string();
    let made = sandbox.run(&["init", "--work-factor", "10", "-q", "--recipient", &public]).answer();
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    sandbox.run(&["list", "--identity", "key"]).answer().is(0, "", "");
    let answer = Sandbox::new().run(&["init", "--recipient", "alice"]).answer();
    assert_eq!(answer.code, Some(2), "{}", answer.stderr);
    assert!(answer.stderr.starts_with("twolock: error: \"alice\" is not an age recipient\n"));
}
