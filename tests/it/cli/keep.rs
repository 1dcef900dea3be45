//! `twolock backup` and `restore`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::sandbox::{KEY, RFC_KEY, Sandbox, contents};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
    sandbox
}

fn names(sandbox: &Sandbox) -> String {
    let list = sandbox.run(&["list"]).answer().stdout;
    list.lines().map(|line| line.split('\t').nth(1).unwrap().to_owned() + "\n").collect()
}

#[test]
fn a_backup_is_a_dated_copy_and_needs_no_passphrase() {
    let sandbox = sandbox();
    let before = contents(&sandbox.path("data"));
    let copy = "copies/twolock-2026-11-24T14-32-00Z";
    sandbox
        .run(&["backup", "copies", "--at", "2026-11-24T14:32:00Z"])
        .env("TWOLOCK_PASSPHRASE_FILE", None)
        .answer()
        .is(0, &format!("{}\n", sandbox.path(copy).display()), "made the directory \"copies\"\n");
    for name in ["vault.age", "identity.age"] {
        let (ours, theirs) = (sandbox.path("data/twolock").join(name), sandbox.path(copy).join(name));
        assert_eq!(fs::read(ours).unwrap(), fs::read(&theirs).unwrap());
        assert_eq!(theirs.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(contents(&sandbox.path("data")), before);
    sandbox.run(&["backup", "copies", "--at", "2026-11-24T14:32:00Z"]).answer().fails(
        1,
        "there is something already: \"copies/twolock-2026-11-24T14-32-00Z\"",
        &["a copy has its second in its name, so try again, or choose another directory"],
    );
    let another = sandbox.run(&["backup", "copies", "--at", "2026-11-24T14:32:01Z"]).answer();
    another.is(0, &format!("{}\n", sandbox.path("copies/twolock-2026-11-24T14-32-01Z").display()), "");
}

#[test]
fn a_disk_that_is_not_there_gets_no_copy_on_another() {
    let sandbox = sandbox();
    let before = contents(&sandbox.path(""));
    let hint = ["mount its disk, or make it first; only the last directory of the path is made"];
    for dir in ["media/stick/twolock", "media/stick/twolock/"] {
        sandbox.run(&["backup", dir]).answer().fails(1, "there is no directory \"media/stick\"", &hint);
    }
    sandbox.write("file", "");
    let file = "cannot make the directory \"file\": file exists";
    sandbox.run(&["backup", "file"]).answer().fails(1, file, &[]);
    assert!(!sandbox.path("media").exists());
    let after = contents(&sandbox.path(""));
    assert_eq!(after.len(), before.len() + 1);
    // A link to a directory is one; a link to nothing is none.
    std::os::unix::fs::symlink("tmp", sandbox.path("link")).unwrap();
    std::os::unix::fs::symlink("gone", sandbox.path("dangling")).unwrap();
    assert_eq!(sandbox.run(&["backup", "link"]).answer().code, Some(0));
    let dangling = "cannot make the directory \"dangling\": file exists";
    sandbox.run(&["backup", "dangling"]).answer().fails(1, dangling, &[]);
    assert!(!sandbox.path("gone").exists());
}

#[test]
fn only_the_newest_copies_are_kept_and_nothing_else_is_touched() {
    let sandbox = sandbox();
    fs::create_dir_all(sandbox.path("copies/twolock-photos")).unwrap();
    sandbox.write("copies/twolock-2026-01-01T00-00-00Z.txt", "mine");
    for day in 1..=4 {
        let at = format!("2026-11-0{day}T00:00:00Z");
        let answer = sandbox.run(&["backup", "copies", "--keep", "2", "--at", &at]).answer();
        assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    }
    let mut left: Vec<String> = fs::read_dir(sandbox.path("copies"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(
        left,
        [
            "twolock-2026-01-01T00-00-00Z.txt",
            "twolock-2026-11-03T00-00-00Z",
            "twolock-2026-11-04T00-00-00Z",
            "twolock-photos"
        ]
    );
}

#[test]
fn a_copy_brings_the_vault_back_where_there_is_none_and_where_there_is_another_state() {
    let sandbox = sandbox();
    let copy = sandbox.run(&["backup", "copies"]).answer().stdout.trim_end().to_owned();
    sandbox.add(&["Bank"], KEY);
    let restore = ["restore", "--from", &copy];
    let dry = sandbox.run(&[&restore[..], &["--dry-run"]].concat()).answer();
    dry.is(0, "", "Bank would be deleted\n");
    assert_eq!(names(&sandbox), "GitHub\nBank\n");
    sandbox.run(&restore).answer().is(0, "", "Bank is deleted\n");
    assert_eq!(names(&sandbox), "GitHub\n");
    // It is a change like any other.
    sandbox.run(&["undo", "-q"]).answer().is(0, "", "");
    assert_eq!(names(&sandbox), "GitHub\nBank\n");

    fs::remove_dir_all(sandbox.path("data")).unwrap();
    assert_eq!(sandbox.run(&["list"]).answer().code, Some(9));
    let dry = sandbox.run(&[&restore[..], &["--dry-run"]].concat()).answer();
    dry.is(0, "", "GitHub (alice) would be added\n");
    assert!(!sandbox.path("data").exists());
    sandbox.run(&restore).answer().is(0, "", "GitHub (alice) is added\n");
    assert_eq!(names(&sandbox), "GitHub\n");
    sandbox.run(&["code", "github", "--at", "59"]).answer().is(0, "287082\n", "");
    sandbox.add(&["Bank"], KEY);
}

#[test]
fn a_copy_on_another_computer_opens_with_its_passphrase_only() {
    let (one, other) = (sandbox(), Sandbox::new());
    let copy = one.run(&["backup", "copies"]).answer().stdout.trim_end().to_owned();
    other.write("wrong", "not the passphrase\n");
    let wrong = other.run(&["restore", "--from", &copy, "--passphrase-file", "wrong"]).answer();
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(5), ""), "{}", wrong.stderr);
    assert!(!other.path("data").exists());
    other.run(&["restore", "--from", &copy]).answer().is(0, "", "GitHub (alice) is added\n");
    assert_eq!(names(&other), "GitHub\n");
}

#[test]
fn earlier_states_are_listed_and_brought_back_by_number_or_day() {
    let sandbox = sandbox();
    sandbox.add(&["Bank"], KEY);
    let list = sandbox.run(&["restore", "--list"]).answer().stdout;
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split('\t').collect()).collect();
    let numbers: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(numbers, ["2", "1"]);
    assert!(rows.iter().all(|row| row[1].ends_with('Z') && row[2].contains("vault-")), "{list}");
    let document = sandbox.run(&["restore", "--list", "--json"]).answer().json();
    assert_eq!(document["states"][0]["number"], 2);
    sandbox.run(&["restore", "2"]).answer().is(0, "", "Bank is deleted\n");
    assert_eq!(names(&sandbox), "GitHub\n");
    sandbox.run(&["restore", "--as-of", "2999-01-01"]).answer().stderr.clear();
    sandbox.run(&["restore", "7"]).answer().fails(
        3,
        "there is no state 7",
        &["`twolock restore --list` shows what there is"],
    );
    sandbox.run(&["restore", "--as-of", "1970-01-01"]).answer().fails(
        3,
        "no state is that old: \"1970-01-01\"",
        &["`twolock restore --list` shows what there is"],
    );
    let answer = sandbox.run(&["restore"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""));
}
