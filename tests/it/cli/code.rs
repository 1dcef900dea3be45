//! `twolock code`.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::sandbox::{KEY, PASSPHRASE, RFC_KEY, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
    sandbox
}

#[test]
fn prints_digits_and_nothing_else_into_a_pipe() {
    let sandbox = sandbox();
    sandbox.run(&["code", "github", "--at", "59"]).answer().is(0, "287082\n", "");
    sandbox.run(&["code", "git", "ali", "--at", "1970-01-01T00:00:59Z"]).answer().is(0, "287082\n", "");
    sandbox.run(&["code", "GitHub:alice", "--at", "1111111109"]).answer().is(0, "081804\n", "");
}

#[test]
fn prints_the_next_code_and_one_that_lasts() {
    let sandbox = sandbox();
    let next = sandbox.run(&["code", "git", "--at", "60"]).answer().stdout;
    sandbox.run(&["code", "git", "--at", "59", "--next"]).answer().is(0, &next, "");
    sandbox.run(&["code", "git", "--at", "59", "--min", "2"]).answer().is(0, &next, "");
    sandbox.run(&["code", "git", "--at", "59", "--min", "1"]).answer().is(0, "287082\n", "");
    sandbox.run(&["code", "git", "--at", "59", "--min", "31"]).answer().fails(
        2,
        "a code of \"GitHub (alice)\" is valid for 30 seconds only",
        &[],
    );
}

#[test]
fn the_document_has_everything_but_the_secret() {
    let sandbox = sandbox();
    let id = sandbox.run(&["list", "--json"]).answer().json()["accounts"][0]["id"].clone();
    let document = sandbox.run(&["code", "git", "--at", "59", "--json"]).answer().json();
    let next = sandbox.run(&["code", "git", "--at", "60"]).answer().stdout;
    assert_eq!(
        document,
        serde_json::json!({
            "v": 1,
            "account": {
                "id": id, "name": "GitHub", "account": "alice", "group": "", "type": "totp",
                "algorithm": "SHA1", "digits": 6, "period": 30, "pinned": false, "checked": "never",
            },
            "code": "287082", "next": next.trim_end(),
            "valid_from": "1970-01-01T00:00:30Z", "valid_until": "1970-01-01T00:01:00Z", "seconds_left": 1,
            "clock": null,
        })
    );
}

#[test]
fn a_pending_account_gives_none() {
    use twolock::otp::{Otp, Secret, Timestamp};
    use twolock::vault::{Account, AccountId, Change, Passphrase, Place, Store};
    let sandbox = sandbox();
    let at = Timestamp::from_seconds(1_800_000_000);
    let otp = Otp::totp(Secret::from_bytes(&[3; 20]).unwrap());
    let mut account = Account::new(AccountId::new(at, [1; 10]), "Bastion", "bob", otp, at);
    account.pending = true;
    let place = Place::new(sandbox.path("data/twolock"), None);
    let passphrase = Passphrase::new(PASSPHRASE.to_owned().into());
    let mut store = Store::unlock(&place, &passphrase, at).unwrap();
    store.commit(&[Change::Add(Box::new(account))], at).unwrap();
    sandbox.run(&["code", "bastion", "--at", "59"]).answer().fails(
        5,
        "\"Bastion (bob)\" is pending: its device has not shown two codes yet, and until then it gives none",
        &["start `twolock`, choose it and press Enter: it asks for the two codes"],
    );
    let list = sandbox.run(&["list", "bastion", "--codes", "--at", "59"]).answer().stdout;
    assert!(list.ends_with("totp\t\n"), "{list:?}");
}

#[test]
fn a_counter_code_is_never_printed_twice() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["Bank", "--hotp", "0"], RFC_KEY);
    // RFC 4226, appendix D.
    for code in ["755224", "287082", "359152"] {
        sandbox.run(&["code", "bank"]).answer().is(0, &format!("{code}\n"), "");
    }
    sandbox.run(&["code", "bank", "--next"]).answer().fails(
        2,
        "--next is for codes by time, and \"Bank\" has counter codes",
        &[],
    );
    sandbox.run(&["code", "bank"]).answer().is(0, "969429\n", "");
}

#[test]
fn no_counter_code_is_printed_that_could_not_be_saved() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["Bank", "--hotp", "0"], RFC_KEY);
    let lock = sandbox.path("data/twolock/lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let answer = sandbox.run(&["code", "bank"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{}", answer.stderr);
    fs::remove_dir(&lock).unwrap();
    sandbox.run(&["code", "bank"]).answer().is(0, "755224\n", "");
}

#[test]
fn says_which_accounts_are_meant_or_close() {
    let sandbox = sandbox();
    let other = sandbox.add(&["GitLab", "--account", "bob"], KEY);
    let list = sandbox.run(&["list"]).answer().stdout;
    let first = list.split('\t').next().unwrap();
    sandbox.run(&["code", "git"]).answer().fails(
        4,
        "\"git\" matches 2 accounts",
        &[&format!("id:{first}  GitHub (alice)"), &format!("id:{other}  GitLab (bob)")],
    );
    sandbox.run(&["code", &format!("id:{first}"), "--at", "59"]).answer().is(0, "287082\n", "");
    sandbox.run(&["code", "githubb"]).answer().fails(
        3,
        "no account matches \"githubb\"",
        &[&format!("close: id:{first}  GitHub (alice)")],
    );
    sandbox.run(&["code", "paypal"]).answer().fails(
        3,
        "no account matches \"paypal\"",
        &["`twolock list` shows what there is"],
    );
    let answer = sandbox.run(&["code", "git", "--json"]).answer();
    let error: serde_json::Value = serde_json::from_str(&answer.stderr).unwrap();
    assert_eq!(
        (answer.code, error["error"]["code"].as_str(), error["error"]["exit"].as_u64()),
        (Some(4), Some("ambiguous"), Some(4))
    );
}

#[test]
fn there_is_no_code_before_1970() {
    sandbox().run(&["code", "git", "--at", "-1"]).answer().fails(
        8,
        "no code: this computer's clock is before 1970",
        &["set the clock, or give the time with --at TIME"],
    );
}

#[test]
fn a_full_disk_is_told_and_a_reader_that_left_is_not() {
    let sandbox = sandbox();
    let mut options = fs::OpenOptions::new();
    #[expect(clippy::disallowed_methods, reason = "a device, not a file")]
    let full = options.write(true).open("/dev/full").unwrap();
    let answer = sandbox.run(&["code", "git"]).stdout(full).answer();
    answer.fails(1, "cannot write to standard output: no space left on device", &[]);

    let mut reader = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
    let pipe = reader.stdin.take().unwrap();
    assert!(reader.wait().unwrap().success());
    sandbox.run(&["code", "git"]).stdout(pipe).answer().is(0, "", "");
}

#[test]
fn without_a_vault_there_is_a_clear_word_and_no_question() {
    let answer = Sandbox::new().run(&["code", "git"]).env("TWOLOCK_PASSPHRASE_FILE", None).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(9), ""));
    assert!(
        answer.stderr.starts_with(
            "twolock: error: there is no vault: \"HOME/data/twolock/vault.age\" does not exist\n"
        )
    );
}

#[test]
fn a_fresh_code_is_given_out_once() {
    let sandbox = sandbox();
    let fresh =
        |more: &[&str]| sandbox.run(&[&["code", "git", "--fresh", "--at", "59"], more].concat()).answer();
    // RFC 4226, appendix D: the codes of steps 1, 2, 3 and so on.
    fresh(&[]).is(0, "287082\n", "");
    fresh(&[]).is(0, "359152\n", "");
    fresh(&["--count", "2"]).is(0, "969429\n338314\n", "");
    fresh(&[]).is(0, "254676\n", "");
    // Without the flag a code is not remembered, and is what the clock says.
    sandbox.run(&["code", "git", "--at", "59"]).answer().is(0, "287082\n", "");
    fresh(&["--min", "10"]).is(0, "287922\n", "");
}

#[test]
fn of_programs_that_run_at_once_each_gets_another_fresh_code() {
    let sandbox = sandbox();
    let mut codes: Vec<String> = std::thread::scope(|scope| {
        let fresh = || sandbox.run(&["code", "git", "--fresh", "--at", "59"]).answer().stdout;
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(fresh)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 6, "{codes:?}");
    assert!(codes.iter().all(|code| code.len() == 7), "{codes:?}");
}

#[test]
fn a_clock_that_was_put_back_gives_no_fresh_code() {
    let sandbox = sandbox();
    let code = sandbox.run(&["code", "git", "--fresh", "--at", "1000000"]).answer().code;
    assert_eq!(code, Some(0));
    sandbox.run(&["code", "git", "--fresh", "--at", "59"]).answer().fails(
        8,
        "codes of \"GitHub (alice)\" were given out up to 1970-01-12T13:47:00Z already: the clock was put back",
        &["set the clock, or leave --fresh out"],
    );
}

#[test]
fn several_codes_follow_one_another() {
    let sandbox = sandbox();
    let codes = |more: &[&str]| sandbox.run(&[&["code", "git", "--at", "59"], more].concat()).answer();
    codes(&["--count", "3"]).is(0, "287082\n359152\n969429\n", "");
    codes(&["--count", "2", "-0"]).is(0, "287082\x00359152\x00", "");
    codes(&["--wait"]).is(0, "359152\n", "");
    let documents = codes(&["--count", "2", "--json"]).stdout;
    let seen: Vec<serde_json::Value> =
        documents.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&seen[0]["code"], &seen[1]["code"]), (&"287082".into(), &"359152".into()));
    assert_eq!(seen[1]["valid_from"], "1970-01-01T00:01:00Z");
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["Bank", "--hotp", "0"], RFC_KEY);
    sandbox.run(&["code", "bank", "--count", "2"]).answer().is(0, "755224\n287082\n", "");
}

#[test]
fn an_account_of_aws_is_found_by_what_aws_calls_it() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["Amazon Web Services", "--account", "alice@123456789012"], RFC_KEY);
    for query in ["arn:aws:iam::123456789012:mfa/alice", "123456789012", "1234-5678-9012"] {
        sandbox.run(&["code", query, "--at", "59"]).answer().is(0, "287082\n", "");
    }
    let answer = sandbox.run(&["code", "arn:aws:iam::123456789012:mfa/bob", "--json"]).answer();
    let error: serde_json::Value = serde_json::from_str(&answer.stderr).unwrap();
    assert_eq!(
        (answer.code, &error["error"]["matches"]),
        (Some(3), &serde_json::json!(["Amazon Web Services:alice@123456789012"]))
    );
}
