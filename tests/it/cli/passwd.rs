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
        "The passphrase is changed. Copies made before still open with the old one; `twolock passwd --rotate` keeps \
         who has one from reading what comes.\n",
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

/// The call that makes a new key, with a new passphrase.
const ROTATE: [&str; 6] = ["passwd", "--rotate", "--new-passphrase-file", "new", "--work-factor", "10"];

#[test]
fn a_new_key_shuts_out_who_has_the_old_files_and_the_old_passphrase() {
    let sandbox = sandbox();
    sandbox.write("new", "copper walnut seven mailbox drift\n");
    let own = || sandbox.run(&["passwd", "--list", "--passphrase-file", "new"]).answer().stdout;
    let old_identity = std::fs::read(sandbox.path("data/twolock/identity.age")).unwrap();
    let old_key = sandbox.run(&["passwd", "--list"]).answer().stdout;
    sandbox.run(&ROTATE).answer().is(
        0,
        "",
        "The passphrase and the key are changed, and 2 copies in the directory \"backups\" sealed anew. Copies \
         elsewhere still open with the old ones.\n",
    );
    assert!(own() != old_key && own().ends_with("\tpassphrase\n"), "{}", own());
    let code = ["code", "git", "--at", "59", "--passphrase-file", "new"];
    sandbox.run(&code).answer().is(0, "287082\n", "");
    // Somebody with the old identity file and its passphrase.
    sandbox.write("old.age", old_identity);
    let stolen = sandbox.run(&["list", "--identity", "old.age", "--passphrase-file", "passphrase"]).answer();
    stolen.fails(
        5,
        "\"HOME/data/twolock/vault.age\" is not sealed for any of these identities",
        &["`twolock passwd --add-recipient KEY` lets another key open the vault"],
    );
    // The copies go on being of use.
    let restored = sandbox.run(&["restore", "1", "--passphrase-file", "new"]).answer();
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    sandbox.run(&["list", "--passphrase-file", "new"]).answer().is(0, "", "");
}

#[test]
fn a_new_key_is_told_to_programs_and_ends_the_agent() {
    let sandbox = sandbox();
    sandbox.write("new", "copper walnut seven mailbox drift\n");
    sandbox.run(&["unlock", "-q"]).answer().is(0, "", "");
    let answer = sandbox.run(&[&ROTATE[..], &["--json"]].concat()).answer();
    assert_eq!(
        (answer.code, answer.stderr.as_str()),
        (
            Some(0),
            "The passphrase and the key are changed, and 2 copies in the directory \"backups\" sealed anew. Copies \
             elsewhere still open with the old ones.\nThe agent has ended: it had the old key.\n"
        )
    );
    let list = sandbox.run(&["passwd", "--list", "--passphrase-file", "new"]).answer().stdout;
    let own = list.split('\t').next().unwrap();
    assert_eq!(
        answer.stdout,
        format!("{{\"changed\":\"key\",\"left\":0,\"recipient\":\"{own}\",\"resealed\":2,\"v\":1}}\n")
    );
    sandbox.run(&["lock"]).answer().is(0, "", "It was locked already.\n");
}

#[test]
fn further_keys_stay_and_one_that_was_taken_away_opens_no_copy_any_more() {
    let sandbox = sandbox();
    let keys = [age::x25519::Identity::generate(), age::x25519::Identity::generate()];
    let public = keys.each_ref().map(|key| key.to_public().to_string());
    sandbox.write("kept", keys[0].to_string().expose_secret());
    sandbox.write("gone", keys[1].to_string().expose_secret());
    let add = ["passwd", "--add-recipient", &public[0], "--add-recipient", &public[1]];
    assert_eq!(sandbox.run(&add).answer().code, Some(0));
    assert_eq!(sandbox.run(&["passwd", "--remove-recipient", &public[1]]).answer().code, Some(0));
    sandbox.write("new", "copper walnut seven mailbox drift\n");
    let rotated = sandbox.run(&ROTATE).answer();
    assert_eq!(rotated.code, Some(0), "{}", rotated.stderr);
    sandbox.run(&["code", "git", "--at", "59", "--identity", "kept"]).answer().is(0, "287082\n", "");
    let mut copies = 0;
    for entry in std::fs::read_dir(sandbox.path("data/twolock/backups")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("vault-") {
            let bytes = std::fs::read(&path).unwrap();
            let opens = |key: &age::x25519::Identity| age::decrypt(key, &bytes).is_ok();
            assert!(opens(&keys[0]) && !opens(&keys[1]), "{path:?}");
            copies += 1;
        }
    }
    assert!(copies >= 3);
}

#[test]
fn a_new_key_goes_with_a_new_passphrase_and_not_with_recipients() {
    let sandbox = sandbox();
    let before = contents(&sandbox.path("data"));
    sandbox.run(&["passwd", "--rotate"]).answer().fails(
        5,
        "an answer is needed, and --no-input forbids asking",
        &["give the passphrase with --passphrase-file FILE or --passphrase-fd N"],
    );
    let both = sandbox.run(&["passwd", "--rotate", "--remove-recipient", "age1x"]).answer();
    assert_eq!((both.code, both.stdout.as_str()), (Some(2), ""));
    let listed = sandbox.run(&["passwd", "--rotate", "--list"]).answer();
    assert_eq!((listed.code, listed.stdout.as_str()), (Some(2), ""));
    assert_eq!(contents(&sandbox.path("data")), before);
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
