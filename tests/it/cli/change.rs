//! `twolock show`, `edit`, `rm` and `undo`.

use std::fs;

use serde_json::json;

use crate::support::sandbox::{KEY, RFC_KEY, Sandbox};

fn sandbox() -> (Sandbox, [String; 2]) {
    let sandbox = Sandbox::with_vault();
    let first = sandbox.add(&["GitHub", "--account", "alice", "--group", "Work", "--at", "1000"], RFC_KEY);
    let second = sandbox.add(&["Bank", "--hotp", "7", "--digits", "8", "--at", "2000"], KEY);
    (sandbox, [first, second])
}

/// Returns the lines of `list`, without ids.
fn names(sandbox: &Sandbox) -> String {
    let list = sandbox.run(&["list"]).answer().stdout;
    list.lines().map(|line| line.split_once('\t').unwrap().1.to_owned() + "\n").collect()
}

#[test]
fn show_prints_fields_and_the_secret_only_when_asked() {
    let (sandbox, [first, _]) = sandbox();
    let fields = format!(
        "id\t{first}\nname\tGitHub\naccount\talice\ngroup\tWork\nkind\ttotp\nsettings\tSHA1 6 30s\npinned\tno\n\
         checked\tnever\nadded\t1970-01-01T00:16:40Z\nused\t0\nlast\t\nnote\t\n"
    );
    sandbox.run(&["show", "github"]).answer().is(0, &fields, "");
    sandbox.run(&["show", "github", "--secret"]).answer().is(0, &format!("{fields}secret\t{RFC_KEY}\n"), "");
    let link = format!(
        "otpauth://totp/GitHub:alice?secret={RFC_KEY}&issuer=GitHub&algorithm=SHA1&digits=6&period=30\n"
    );
    sandbox.run(&["show", "github", "--uri"]).answer().is(0, &link, "");
}

#[test]
fn the_document_of_show_has_a_secret_only_when_asked() {
    let (sandbox, [_, second]) = sandbox();
    let mut document = sandbox.run(&["show", "bank", "--json"]).answer().json();
    let uuid = document["account"]["uuid"].take();
    assert!(uuid.as_str().unwrap().ends_with(&second));
    let mut expected = json!({
        "id": second, "name": "Bank", "account": "", "group": "", "type": "hotp", "algorithm": "SHA1", "digits": 8,
        "period": null, "pinned": false, "checked": "never", "uuid": null, "note": "", "counter": 7,
        "added": "1970-01-01T00:33:20Z", "used": 0, "used_last": null,
    });
    assert_eq!(document, json!({"v": 1, "account": expected.clone()}));
    let mut document = sandbox.run(&["show", "bank", "--secret", "--json"]).answer().json();
    document["account"]["uuid"].take();
    expected["secret"] = json!(KEY);
    assert_eq!(document["account"], expected);
}

#[test]
fn edit_changes_what_is_named_and_says_so() {
    let (sandbox, _) = sandbox();
    let dry = ["edit", "github", "--group", "Home", "--pin", "--dry-run"];
    sandbox.run(&dry).answer().is(0, "", "GitHub (alice): would change group, pinned\n");
    assert_eq!(names(&sandbox), "GitHub\talice\tWork\ttotp\nBank\t\t\thotp\n");
    sandbox.run(&dry[..5]).answer().is(0, "", "GitHub (alice): changed group, pinned\n");
    sandbox.run(&["edit", "bank", "--name", "Bänk", "--account", "bob", "-q"]).answer().is(0, "", "");
    assert_eq!(names(&sandbox), "GitHub\talice\tHome\ttotp\nBänk\tbob\t\thotp\n");
    sandbox.run(&["edit", "github", "--pin"]).answer().fails(
        11,
        "\"GitHub (alice)\" is like that already",
        &[],
    );
    sandbox.run(&["edit", "github"]).answer().fails(
        2,
        "nothing is to be changed",
        &["say what: --name, --account, --group, --note, --pin or --no-pin"],
    );
    let document = sandbox.run(&["edit", "github", "--note", "x", "--json", "-q"]).answer().json();
    assert_eq!(
        (&document["changed"], &document["account"]["group"], &document["dry_run"]),
        (&json!(["note"]), &json!("Home"), &json!(false))
    );
}

#[test]
fn rm_deletes_all_or_none_and_undo_brings_them_back() {
    let (sandbox, [first, second]) = sandbox();
    let both = format!("{first}\n{second}\n");
    sandbox.run(&["rm", "github", "bank", "--dry-run"]).answer().is(
        0,
        &both,
        &format!("would delete GitHub (alice) (id:{first})\nwould delete Bank (id:{second})\n"),
    );
    let answer = sandbox.run(&["rm", "github", "paypal"]).answer();
    assert_eq!(answer.code, Some(3));
    assert_eq!(names(&sandbox), "GitHub\talice\tWork\ttotp\nBank\t\t\thotp\n");
    sandbox.run(&["rm", "bank", "github", "-q"]).answer().is(0, &both, "");
    assert_eq!(names(&sandbox), "");
    sandbox.run(&["undo", "--dry-run"]).answer().is(
        0,
        "",
        "would take back: deleted GitHub (alice)\nwould take back: deleted Bank\n",
    );
    sandbox.run(&["undo"]).answer().is(0, "", "took back: deleted GitHub (alice)\ntook back: deleted Bank\n");
    assert_eq!(names(&sandbox), "GitHub\talice\tWork\ttotp\nBank\t\t\thotp\n");
    sandbox.run(&["code", "github", "--at", "59"]).answer().is(0, "287082\n", "");
}

#[test]
fn rm_for_ever_takes_ids_alone_and_is_not_taken_back() {
    let (sandbox, [first, second]) = sandbox();
    let (github, bank) = (format!("id:{first}"), format!("id:{second}"));
    sandbox.run(&["rm", "github", &bank, "--for-ever"]).answer().fails(
        2,
        "what is deleted for ever has to be named by its id, as id:ID",
        &["`twolock list` shows the ids; that of an account that is deleted was printed then"],
    );
    sandbox.run(&["rm", &github, "--for-ever", "--dry-run"]).answer().is(
        0,
        &format!("{first}\n"),
        &format!("would delete GitHub (alice) (id:{first}) for ever\n"),
    );
    assert_eq!(names(&sandbox), "GitHub\talice\tWork\ttotp\nBank\t\t\thotp\n");
    // One that is there, and one that was deleted before.
    sandbox.run(&["rm", &bank, "-q"]).answer().is(0, &format!("{second}\n"), "");
    let answer = sandbox.run(&["rm", &github, &bank, "--for-ever"]).answer();
    let (told, backups) = answer.stderr.split_once("Backups made before still hold it").unwrap();
    assert_eq!(
        (answer.code, answer.stdout.as_str(), told),
        (
            Some(0),
            format!("{first}\n{second}\n").as_str(),
            format!("deleted GitHub (alice) (id:{first}) for ever\ndeleted Bank (id:{second}) for ever\n")
                .as_str()
        )
    );
    assert!(backups.contains("backups") && backups.lines().count() == 1, "{backups}");
    sandbox.run(&["rm", &bank, "--for-ever"]).answer().fails(
        3,
        &format!("no account matches \"{bank}\""),
        &["there are no accounts yet; `twolock add NAME` adds one"],
    );
    for count in ["1", "2"] {
        let undone = sandbox.run(&["undo", count]).answer();
        assert_eq!(undone.code, Some(11), "{}", undone.stderr);
        assert!(
            undone.stderr.contains("is deleted for ever, and undo cannot bring it back; nothing was changed")
        );
    }
    assert_eq!(names(&sandbox), "");
    let document = {
        let third = sandbox.add(&["Mail"], KEY);
        let id = format!("id:{third}");
        sandbox.run(&["rm", &id, "--for-ever", "--json", "-q"]).answer().json()
    };
    assert_eq!(document["for_ever"], json!(true));
    assert_eq!(document["deleted"][0]["name"], json!("Mail"));
}

#[test]
fn undo_goes_on_where_the_last_one_stopped() {
    let (sandbox, _) = sandbox();
    sandbox.run(&["edit", "github", "--group", "One", "-q"]).answer().is(0, "", "");
    sandbox.run(&["edit", "github", "--group", "Two", "-q"]).answer().is(0, "", "");
    // A counter code between is no change that could be taken back.
    sandbox.run(&["code", "bank", "-q"]).answer().stdout.clear();
    let list = sandbox.run(&["undo", "--list"]).answer().stdout;
    let shown: Vec<(&str, &str)> = list
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            (cells[0], cells[2])
        })
        .collect();
    assert_eq!(shown, [("1", "changed group"), ("2", "changed group"), ("3", "added"), ("4", "added")]);
    let undo = || sandbox.run(&["undo", "-q"]).answer().is(0, "", "");
    undo();
    assert_eq!(names(&sandbox), "GitHub\talice\tOne\ttotp\nBank\t\t\thotp\n");
    undo();
    assert_eq!(names(&sandbox), "GitHub\talice\tWork\ttotp\nBank\t\t\thotp\n");
    // A change after an undo is what the next one takes back.
    sandbox.run(&["edit", "bank", "--pin", "-q"]).answer().is(0, "", "");
    undo();
    undo();
    assert_eq!(names(&sandbox), "GitHub\talice\tWork\ttotp\n");
    undo();
    sandbox.run(&["undo"]).answer().fails(11, "there is no change to be taken back", &[]);
    assert_eq!(names(&sandbox), "");
}

#[test]
fn several_changes_are_taken_back_at_once_or_not_at_all() {
    let (sandbox, _) = sandbox();
    sandbox.run(&["undo", "9"]).answer().fails(
        11,
        "only 2 changes can be taken back",
        &["`twolock undo --list` shows them"],
    );
    sandbox.run(&["config", "set", "delete.undo_depth", "1", "-q"]).answer().is(0, "", "");
    assert_eq!(sandbox.run(&["undo", "--list"]).answer().stdout.lines().count(), 1);
    sandbox.run(&["undo", "2"]).answer().fails(
        11,
        "only the last 1 change can be taken back",
        &["`delete.undo_depth` says how many; `twolock restore` goes back further"],
    );
    sandbox.run(&["config", "reset", "delete.undo_depth", "-q"]).answer().is(0, "", "");
    sandbox.run(&["undo", "2", "-q"]).answer().is(0, "", "");
    assert_eq!(names(&sandbox), "");
    let document = sandbox.run(&["undo", "--json", "--list"]).answer();
    assert_eq!(document.code, Some(11));
}

#[test]
fn a_counter_never_goes_back_with_an_undo() {
    let (sandbox, _) = sandbox();
    let first = sandbox.run(&["code", "bank"]).answer().stdout;
    sandbox.run(&["edit", "bank", "--note", "x", "-q"]).answer().is(0, "", "");
    let second = sandbox.run(&["code", "bank"]).answer().stdout;
    sandbox.run(&["undo", "-q"]).answer().is(0, "", "");
    let third = sandbox.run(&["code", "bank"]).answer().stdout;
    assert!(first != second && second != third && first != third);
}

#[test]
fn the_memory_of_undos_can_be_lost_without_harm() {
    let (sandbox, _) = sandbox();
    sandbox.run(&["undo", "-q"]).answer().is(0, "", "");
    let state = sandbox.path("state/twolock");
    for entry in fs::read_dir(&state).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("undo-") {
            fs::remove_file(path).unwrap();
        }
    }
    // Without it the undo itself is the last change.
    sandbox.run(&["undo"]).answer().is(0, "", "took back: deleted Bank\n");
}
