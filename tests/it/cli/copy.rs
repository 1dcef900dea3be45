//! `twolock copy`.

use super::agent::Agent;
use super::usage::on_a_terminal;
use crate::support::sandbox::{PASSPHRASE, RFC_KEY, Sandbox};

/// Returns a home whose clipboard is a script, which writes down what it was given: on standard input, as arguments, in
/// the environment.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
    let script = sandbox.program(
        "copier",
        "#!/bin/sh\n/bin/cat > \"$HOME/copied\"\n/bin/cat /proc/$$/cmdline /proc/$$/environ > \"$HOME/seen\"\n",
    );
    std::fs::create_dir_all(sandbox.path("config/twolock")).unwrap();
    let config = format!("(version: 1, copy: (via: Command, command: Some([\"{}\"])))", script.display());
    sandbox.write("config/twolock/config.ron", config);
    sandbox
}

fn copied(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path("copied")).unwrap()
}

#[test]
fn the_code_goes_to_the_clipboard_and_not_to_standard_output() {
    let sandbox = sandbox();
    sandbox.run(&["copy", "github", "--at", "59"]).answer().is(
        0,
        "",
        "Sent GitHub (alice) to the clipboard through your command. 1 s left.\n",
    );
    assert_eq!(copied(&sandbox), "287082");
    let seen = std::fs::read_to_string(sandbox.path("seen")).unwrap();
    assert!(seen.contains("HOME=") && !seen.contains("287082") && !seen.contains(RFC_KEY), "{seen:?}");
    sandbox.run(&["copy", "github", "--at", "59", "--next", "--show"]).answer().is(
        0,
        "",
        "Sent GitHub (alice) to the clipboard through your command. It is valid in 1 s.\n359 152\n",
    );
    assert_eq!(copied(&sandbox), "359152");
    let document = sandbox.run(&["copy", "github", "--at", "59", "-q", "--json"]).answer().json();
    assert_eq!(document["copied"], serde_json::json!({"proof": "taken", "by": "command"}));
    assert!(document.get("code").is_none());
}

#[test]
fn an_agent_makes_the_code_and_the_copy_is_made_here() {
    let agent = Agent::of(sandbox());
    agent.0.add(&["Counter", "--hotp", "0"], "JBSWY3DPEHPK3PXP");
    let answer = agent.run(&["copy", "github"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), ""));
    let said =
        answer.stderr.strip_prefix("Sent GitHub (alice) to the clipboard through your command. ").unwrap();
    let seconds: u32 = said.strip_suffix(" s left.\n").unwrap().parse().unwrap();
    assert!(seconds <= 30 && copied(&agent.0).len() == 6);
    let next = agent.run(&["copy", "github", "--next", "--show", "--json"]).answer();
    assert!(next.code == Some(0) && next.stderr.contains(" It is valid in "), "{}", next.stderr);
    let shown = next.stderr.lines().last().unwrap().replace(' ', "");
    assert_eq!(shown, copied(&agent.0));
    let document: serde_json::Value = serde_json::from_str(&next.stdout).unwrap();
    assert_eq!((&document["v"], &document["account"]["name"]), (&1.into(), &"GitHub".into()));
    assert_eq!(document["copied"], serde_json::json!({"proof": "taken", "by": "command"}));
    assert!(document.get("code").is_none());
    for code in ["282760", "996554"] {
        agent.run(&["copy", "counter"]).answer().is(
            0,
            "",
            "Sent Counter to the clipboard through your command.\n",
        );
        assert_eq!(copied(&agent.0), code);
    }
    agent.run(&["copy", "nobody"]).answer().fails(
        3,
        "no account matches \"nobody\"",
        &["`twolock list` shows what there is"],
    );
}

#[test]
fn without_a_clipboard_it_says_so_with_its_own_status() {
    let sandbox = sandbox();
    sandbox.run(&["copy", "github", "--via", "off"]).answer().fails(
        7,
        "copying is switched off",
        &["set `copy.via` to `Auto` in the settings"],
    );
    sandbox.run(&["copy", "github", "--via", "pigeon"]).answer().fails(
        2,
        "\"pigeon\" is not a way to copy",
        &["it takes auto, cmd, native, off, osc52, screen, tmux"],
    );
    // Without a terminal a sequence for the terminal goes nowhere.
    let answer = sandbox.run(&["copy", "github", "--via", "native"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(7), ""), "{}", answer.stderr);
}

#[test]
fn over_a_terminal_it_is_sent_by_a_sequence() {
    let (screen, code) = on_a_terminal(
        &sandbox(),
        &["copy", "github", "--at", "59", "--via", "osc52"],
        &[("Passphrase: ", PASSPHRASE)],
        "xterm",
    );
    assert_eq!(code, 0, "{screen}");
    // Base64 of the digits.
    assert!(screen.contains("\u{1b}]52;c;Mjg3MDgy\u{7}"), "{screen:?}");
    assert!(screen.contains("Sent GitHub (alice) to your terminal. 1 s left.") && !screen.contains("287082"));
}

#[test]
fn where_several_match_a_person_chooses() {
    let sandbox = sandbox();
    sandbox.add(&["GitLab", "--account", "bob"], "JBSWY3DPEHPK3PXP");
    let choose = |answers: &[(&str, &str)]| {
        let all = [&[("Passphrase: ", PASSPHRASE)], answers].concat();
        on_a_terminal(&sandbox, &["code", "git", "--at", "59"], &all, "xterm")
    };
    let (screen, code) = choose(&[("Enter for none: ", "1")]);
    assert!(code == 0 && screen.ends_with("287 082\r\n1 s left\r\n"), "{screen}");
    let (screen, code) = choose(&[("Enter for none: ", "7"), ("Enter for none: ", "1")]);
    assert!(code == 0 && screen.ends_with("287 082\r\n1 s left\r\n"), "{screen}");
    let (screen, code) = choose(&[("Enter for none: ", "")]);
    assert!(code == 4 && screen.contains("\"git\" matches 2 accounts"), "{screen}");
}
