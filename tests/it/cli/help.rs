//! What every verb says of itself, as one document, and the topics.

use std::fmt::Write;

use crate::support::sandbox::{RFC_KEY, Sandbox};

/// Returns the verbs, in the order of `--help`.
pub(super) fn verbs(sandbox: &Sandbox) -> Vec<String> {
    let help = sandbox.run(&["--help"]).answer().stdout;
    let list = help.split("Verbs:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    list.lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|verb| verb != "help")
        .collect()
}

#[test]
fn the_help_of_all_verbs() {
    let sandbox = Sandbox::new();
    let mut all = sandbox.run(&["--help"]).answer().stdout;
    for verb in verbs(&sandbox) {
        let answer = sandbox.run(&[&verb, "--help"]).answer();
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{verb}");
        // Those of every verb stand in the first one alone.
        let own = answer.stdout.split("\nGlobal options:\n").next().unwrap();
        write!(all, "\n==== twolock {verb} ====\n\n{}\n", own.trim_end()).unwrap();
        assert!(own.lines().all(|line| line.chars().count() <= 160), "{verb}: {own}");
    }
    insta::assert_snapshot!("help", all);
}

#[test]
fn a_topic_is_found_behind_options_and_what_they_take() {
    let sandbox = Sandbox::new();
    let tmux = sandbox.run(&["help", "tmux"]).answer().stdout;
    assert!(tmux.starts_with("tmux: "));
    for call in [
        &["--vault", "X", "help", "tmux"][..],
        &["--vault=X", "-q", "help", "tmux"],
        &["help", "--vault", "X", "tmux"],
        &["help", "tmux", "--at", "59"],
        &["--vault", "help", "help", "tmux"],
    ] {
        sandbox.run(call).answer().is(0, &tmux, "");
    }
    // A directory and a word of the list are no topics.
    for call in [&["--vault", "help", "tmux"][..], &["x", "help", "tmux"]] {
        let answer = sandbox.run(call).answer();
        assert!(answer.code == Some(2) && answer.stdout.is_empty(), "{call:?}: {answer:?}");
    }
}

#[test]
fn topics_are_found_by_name() {
    let sandbox = Sandbox::new();
    for topic in ["clipboard", "config", "privacy", "qr", "ssh", "tmux"] {
        let answer = sandbox.run(&["help", topic]).answer();
        assert!(answer.code == Some(0) && answer.stdout.starts_with(&format!("{topic}: ")), "{topic}");
    }
    sandbox.run(&["help", "exit-codes"]).answer().is(
        0,
        "\
exit-codes: what the exit status means

    0  done
    1  failed, something else
    2  wrong usage
    3  no such account, or nothing matched
    4  more than one account matched, and nobody could be asked
    5  locked, wrong passphrase, or an answer was needed and could not be had
    6  a code is wrong, or may not be used
    7  the clipboard was not reached
    8  the clock is not to be trusted, so there is no code
    9  the vault is damaged, missing or of a newer version
   11  there was nothing to do
  130  interrupted with Ctrl-C

They are never renumbered. With --json an error is a document on standard error, with the name of
the status: {\"v\":1,\"error\":{\"code\":\"not_found\",\"exit\":3,…}}
",
        "",
    );
    let answer = sandbox.run(&["help", "exit-code"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{}", answer.stderr);
}

/// Says whether a line is what was expected; `…` stands for anything.
fn fits(expected: &str, line: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    match last {
        None => rest.is_empty(),
        Some(part) => rest.is_empty() || part.is_empty() || line.ends_with(part),
    }
}

#[test]
fn the_examples_of_the_manual_are_what_happens() {
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verbs.md")).unwrap();
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice", "--group", "Work"], RFC_KEY);
    sandbox.add(&["GitLab", "--account", "bob"], "KRUGS4ZANFZSAYJANNSXSIDUN5XQ");
    sandbox.add(
        &["Amazon Web Services", "--account", "alice@123456789012", "--group", "Work"],
        "ORUGS4ZANFZSAYJANNSXSIDUN5XQ",
    );
    let mut commands = 0;
    for block in manual.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for example in block.split("$ ").skip(1) {
            let (command, expected) = example.split_once('\n').unwrap();
            let seen = sandbox.shell(&format!("{{ {command}\n}}; s=$?; [ $s = 0 ] || echo \"[$s]\""));
            let matches = expected.lines().count() == seen.lines().count()
                && expected.lines().zip(seen.lines()).all(|(expected, line)| fits(expected, line));
            assert!(matches, "$ {command}\n{seen}\n-- expected:\n{expected}");
            commands += 1;
        }
    }
    assert!(commands > 20, "{commands} commands were found");
}
