//! `twolock copy`.

use super::agent::{Agent, imposter};
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
fn a_code_that_is_fresh_or_stays_valid_or_is_waited_for_is_copied() {
    let sandbox = sandbox();
    let copy = |at: &str, more: &[&str], code: &str, left: &str| {
        let all = [&["copy", "github", "--at", at], more].concat();
        let said = format!("Sent GitHub (alice) to the clipboard through your command. {left} s left.\n");
        sandbox.run(&all).answer().is(0, "", &said);
        assert_eq!(copied(&sandbox), code);
    };
    // A time that is given stands still: what would be waited for comes at once.
    copy("40", &["--min", "20"], "287082", "20");
    copy("41", &["--min", "20"], "359152", "49");
    copy("40", &["--wait"], "359152", "50");
    copy("40", &["--fresh"], "287082", "20");
    copy("40", &["--fresh"], "359152", "50");
    copy("59", &["--fresh"], "969429", "61");
    let refused = |more: &[&str], message: &str, hints: &[&str]| {
        let before = copied(&sandbox);
        sandbox.run(&[&["copy", "github", "--at", "59"], more].concat()).answer().fails(2, message, hints);
        assert_eq!(copied(&sandbox), before);
    };
    let help = "`twolock --help` lists the verbs and options, `twolock help VERB` those of a verb";
    refused(&["--min", "31"], "a code of \"GitHub (alice)\" is valid for 30 seconds only", &[]);
    refused(&["--fresh", "--next"], "--fresh cannot be used together with --next", &[help]);
    refused(&["--wait", "--next"], "--wait cannot be used together with --next", &[help]);
    sandbox.add(&["Counter", "--hotp", "0"], "JBSWY3DPEHPK3PXP");
    for (option, more) in [("--min", &["--min", "5"][..]), ("--wait", &["--wait"]), ("--next", &["--next"])] {
        sandbox.run(&[&["copy", "counter"], more].concat()).answer().fails(
            2,
            &format!("{option} is for codes by time, and \"Counter\" has counter codes"),
            &[],
        );
    }
    // A counter code is fresh by itself.
    let said = "Sent Counter to the clipboard through your command.\n";
    sandbox.run(&["copy", "counter", "--fresh"]).answer().is(0, "", said);
    assert_eq!(copied(&sandbox), "282760");
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
fn what_is_no_code_is_not_copied_whoever_says_that_it_is_one() {
    let sandbox = sandbox();
    let place = twolock::agent::Place::new(Some(&sandbox.path("run")), &sandbox.path("state"));
    place.prepare().unwrap();
    let socket = sandbox.path("run/twolock/forwarded-0123456789abcdef");
    let said = |name: &str, code: &str| {
        let document = serde_json::json!({
            "v": 1, "account": {"name": name, "account": "\u{1b}[2J"}, "code": code,
            "valid_from": null, "valid_until": "x",
        });
        let stdout = format!("{document}\n");
        serde_json::json!({"done": {"stdout": stdout, "stderr": "", "failed": null}}).to_string()
    };
    let answers = vec![
        said("GitHub", "rm -rf ~\n"),
        said("GitHub", "123456\r"),
        said("GitHub", ""),
        said("GitHub", "12345678901"),
        said("Git\u{9b}Hub", "482913"),
    ];
    let hostile = imposter(socket, answers);
    let copy = || sandbox.run(&["copy", "github"]).env("TWOLOCK_PASSPHRASE_FILE", None).answer();
    for _ in 0..4 {
        copy().fails(1, "the agent does not answer with a code", &[]);
        assert!(!sandbox.path("copied").exists());
    }
    let said = "Sent Git\\u{9b}Hub (\\u{1b}[2J) to the clipboard through your command.\n";
    copy().is(0, "", said);
    assert_eq!(copied(&sandbox), "482913");
    hostile.join().unwrap();
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
