//! `twolock import`.

use serde_json::json;

use crate::support::sandbox::{Sandbox, contents};

const LINKS: &str = "{\"twolock\": 1, \"accounts\": [\
{\"link\": \"otpauth://totp/GitHub:alice?secret=JBSWY3DPEHPK3PXP&issuer=GitHub\", \"issuer\": \"GitHub\", \"account\": \"alice\", \"group\": \"Work\", \"note\": \"n\", \"pinned\": true},\
{\"link\": \"otpauth://hotp/AWS:bob?secret=GEZDGNBVGY3TQOJQ&issuer=AWS&counter=4\", \"issuer\": \"AWS\", \"account\": \"bob\"},\
{\"link\": \"otpauth://totp/Bad?secret=0189\", \"issuer\": \"Bad\\u001b[2J\"}]}";

const REPORT: &str = "\
+ GitHub (alice)  SHA1 6 30s        new
+ AWS (bob)       SHA1 6 #4         new
! account 3 (Bad\\u{1b}[2J): the secret is not base32: '0' at character 1

3 read, 2 new, 1 refused
";

#[test]
fn one_bad_entry_never_loses_the_rest() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("links.json", LINKS);
    let report = format!("{REPORT}2 accounts taken in\n");
    sandbox.run(&["import", "links.json", "--yes"]).answer().is(0, &report, "");
    sandbox.run(&["code", "github", "--at", "59"]).answer().is(0, "996554\n", "");
    let accounts = &sandbox.run(&["list", "--json"]).answer().json()["accounts"];
    assert_eq!(accounts[0]["group"], "Work");
    assert_eq!((&accounts[0]["pinned"], &accounts[1]["type"]), (&json!(true), &json!("hotp")));
}

#[test]
fn a_dry_run_and_a_question_that_nobody_answers_change_nothing() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("links.json", LINKS);
    let before = contents(&sandbox.path("data"));
    sandbox.run(&["import", "links.json", "--dry-run"]).answer().is(0, REPORT, "");
    let error = "twolock: error: nobody can be asked whether to add them\n\
                 twolock: hint: agree beforehand with --yes\n";
    sandbox.run(&["import", "links.json"]).answer().is(5, REPORT, error);
    assert_eq!(contents(&sandbox.path("data")), before);
}

#[test]
fn what_is_sealed_for_an_age_key_opens_with_its_file() {
    use age::secrecy::ExposeSecret;
    let sandbox = Sandbox::with_vault();
    let (own, other) = (age::x25519::Identity::generate(), age::x25519::Identity::generate());
    sandbox.write("links.age", age::encrypt(&own.to_public(), LINKS.as_bytes()).unwrap());
    let armoured = age::encrypt_and_armor(&own.to_public(), LINKS.as_bytes()).unwrap();
    sandbox.write("links.asc", armoured);
    sandbox.write("own.txt", own.to_string().expose_secret());
    sandbox.write("other.txt", other.to_string().expose_secret());
    for file in ["links.age", "links.asc"] {
        let with = |key| sandbox.run(&["import", file, "--dry-run", "--key-file", key]).answer();
        with("own.txt").is(0, REPORT, "");
        let error = format!("\"{file}\": the key file does not open it: it was sealed for other age keys");
        let answer = with("other.txt");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(5), ""));
        assert!(answer.stderr.contains(&error), "{}", answer.stderr);
        let answer = sandbox.run(&["import", file]).answer();
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(5), ""));
        assert!(answer.stderr.contains("it is sealed for age keys"), "{}", answer.stderr);
        assert!(answer.stderr.contains("--key-file FILE"), "{}", answer.stderr);
    }
}

#[test]
fn a_keepass_database_opens_with_its_key_file() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/exchange/");
    let sandbox = Sandbox::with_vault();
    for name in ["keepass_3.kdbx", "keepass.keyx"] {
        sandbox.write(name, std::fs::read(format!("{folder}{name}")).unwrap());
    }
    sandbox.write("password", "correct horse");
    let run = |more: &[&str]| {
        let arguments = ["import", "keepass_3.kdbx", "--dry-run", "--password-file", "password"];
        sandbox.run(&[&arguments[..], more].concat()).answer()
    };
    let opened = run(&["--key-file", "keepass.keyx"]);
    assert_eq!((opened.code, opened.stderr.as_str()), (Some(0), ""));
    assert!(opened.stdout.contains("2 read, 2 new"), "{}", opened.stdout);
    let without = run(&[]);
    assert_eq!((without.code, without.stdout.as_str()), (Some(5), ""));
    assert!(without.stderr.contains("if it has a key file too, name that with --key-file FILE"));
    let wrong = run(&["--key-file", "password"]);
    assert_eq!(wrong.code, Some(5));
    assert!(!wrong.stderr.contains("--key-file"), "{}", wrong.stderr);
    let missing = run(&["--key-file", "none"]);
    assert!(missing.stderr.contains("cannot read the key file"), "{}", missing.stderr);
}

#[test]
fn the_same_file_again_brings_nothing() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(&["import", "-", "--yes", "--group", "New"]).stdin(LINKS).answer().is(
        0,
        &format!("{REPORT}2 accounts taken in\n"),
        "",
    );
    assert_eq!(sandbox.run(&["list", "--json"]).answer().json()["accounts"][1]["group"], "New");
    let report = "  GitHub (alice)  SHA1 6 30s        already here\n  \
                    AWS (bob)       SHA1 6 #4         already here\n\
                  ! account 3 (Bad\\u{1b}[2J): the secret is not base32: '0' at character 1\n\n\
                  3 read, 0 new, 2 already here, 1 refused\n";
    let error = "twolock: error: the vault has all of it already\n";
    sandbox.run(&["import", "-", "--yes"]).stdin(LINKS).answer().is(11, report, error);
}

#[test]
fn what_differs_is_left_alone_until_it_is_asked_for() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice"], "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    sandbox.add(&["Amazon"], "otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQ&counter=9");
    let report = "  GitHub (alice)  SHA1 6 30s        another secret has this name here\n  \
                    AWS (bob)       SHA1 6 #4         here under another name\n\
                  ! account 3 (Bad\\u{1b}[2J): the secret is not base32: '0' at character 1\n\n\
                  3 read, 0 new, 1 here under another name, 1 different here, 1 refused\n\
                  --keep-both adds an account beside the one of the same name\n\
                  --update takes names and settings from the file\n";
    let error = "twolock: error: nothing is new; what differs was left as it is\n";
    sandbox.run(&["import", "-", "--yes"]).stdin(LINKS).answer().is(11, report, error);
    let answer = sandbox
        .run(&["import", "-", "--yes", "--keep-both", "--update", "--json"])
        .stdin(LINKS)
        .answer()
        .json();
    assert_eq!(answer["import"]["taken"], 2);
    let accounts = &sandbox.run(&["list", "--json"]).answer().json()["accounts"];
    let names: Vec<&str> =
        accounts.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["GitHub", "GitHub", "AWS"]);
    sandbox.run(&["code", "aws", "--json"]).answer().json();
    assert_eq!(sandbox.run(&["list", "--json"]).answer().json()["accounts"][2]["account"], "bob");
}

#[test]
fn programs_get_the_report_as_json() {
    let sandbox = Sandbox::with_vault();
    let report = sandbox.run(&["import", "-", "--dry-run", "--json"]).stdin(LINKS).answer().json();
    assert_eq!(
        report,
        json!({"v": 1, "import": {
            "formats": ["twolock"], "dry_run": true, "read": 3, "new": 2, "same": 0, "renamed": 0, "differ": 0,
            "taken": 2,
            "entries": [
                {"name": "GitHub", "account": "alice", "type": "totp", "state": "new", "taken": true, "lookalike": null},
                {"name": "AWS", "account": "bob", "type": "hotp", "state": "new", "taken": true, "lookalike": null},
            ],
            "refused": [{"place": "account 3", "name": "Bad\u{1b}[2J", "reason": "the secret is not base32: '0' at character 1"}],
            "assumed": [], "notes": [],
        }})
    );
}

#[test]
fn each_thing_that_is_wrong_has_its_own_message() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("hello.txt", "hello\n");
    sandbox.write("empty", "");
    let hints = [
        "`twolock import --formats` lists what can be read",
        "name the format with --format NAME if it should be one of these",
    ];
    sandbox.run(&["import", "hello.txt"]).answer().fails(
        1,
        "\"hello.txt\": the file is of no format that is known here",
        &hints,
    );
    sandbox.run(&["import", "empty"]).answer().fails(
        1,
        "\"empty\": the file is empty",
        &["export it again in the app"],
    );
    sandbox.run(&["import", "none"]).answer().fails(
        1,
        "cannot read \"none\": no such file or directory",
        &[],
    );
    sandbox.run(&["import", "data"]).answer().fails(1, "\"data\" is a directory", &["name the file in it"]);
    sandbox.run(&["import", "--format", "x", "hello.txt"]).answer().fails(
        2,
        "there is no format \"x\"",
        &["`twolock import --formats` lists them"],
    );
    sandbox.run(&["import", "--format", "aegis", "hello.txt"]).answer().fails(
        1,
        "\"hello.txt\": the file is damaged or incomplete: line 1, column 1 is no JSON",
        &["export it again, and copy the whole file"],
    );
    let none = r#"{"twolock": 1, "accounts": []}"#;
    sandbox.run(&["import", "-"]).stdin(none).answer().fails(1, "there is no account in this file", &[]);
    let without = r#"{"encrypted": false, "folders": [], "items": [{"type": 2, "name": "Note"}]}"#;
    sandbox.run(&["import", "-"]).stdin(without).answer().fails(
        1,
        "there is no account in this file",
        &["1 item without codes was left out"],
    );
    sandbox.run(&["import", "-", "--passphrase-fd", "0"]).answer().fails(
        2,
        "standard input cannot give both the passphrase and the file",
        &["read the passphrase with --passphrase-file FILE"],
    );
}

#[test]
fn a_locked_file_wants_its_own_password() {
    let sandbox = Sandbox::with_vault();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/exchange/aegis_encrypted.json");
    std::fs::copy(fixture, sandbox.path("aegis.json")).unwrap();
    sandbox.write("right", "correct horse\n");
    sandbox.write("wrong", "wrong horse\n");
    sandbox.run(&["import", "aegis.json"]).answer().fails(
        5,
        "\"aegis.json\": this file is encrypted",
        &["give its password with --password-file FILE, or let it be asked for on a terminal"],
    );
    sandbox.run(&["import", "aegis.json", "--password-file", "wrong"]).answer().fails(
        5,
        "\"aegis.json\": the password is wrong, or the file is damaged",
        &["it is the password set in the app at export; nothing was changed"],
    );
    let answer =
        sandbox.run(&["import", "aegis.json", "--password-file", "right", "--yes", "--json"]).answer().json();
    assert_eq!(answer["import"]["taken"], 7);
}

#[test]
fn an_import_is_one_save() {
    let sandbox = Sandbox::with_vault();
    let backups = || contents(&sandbox.path("data/twolock/backups")).len();
    let before = backups();
    sandbox.run(&["import", "-", "--yes", "--quiet"]).stdin(LINKS).answer().is(
        0,
        &format!("{REPORT}2 accounts taken in\n"),
        "",
    );
    assert_eq!(backups(), before + 1);
}
