//! Completions for shells: every verb is in the scripts and no account, and what the Tab key is told of a vault that is
//! open, and of one that is not.

use std::path::Path;
use std::process::Command;

use super::agent::Agent;
use super::help::verbs;
use crate::support::sandbox::{RFC_KEY, Sandbox};

const SHELLS: [&str; 6] = ["bash", "elvish", "fish", "nushell", "powershell", "zsh"];

/// Returns the script for a shell, in a home without a vault.
fn script(shell: &str) -> String {
    let answer = Sandbox::new().run(&["completions", shell]).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{shell}");
    answer.stdout
}

#[test]
fn every_verb_is_in_the_script_of_every_shell() {
    let verbs = verbs(&Sandbox::new());
    assert!(verbs.len() > 20);
    for shell in SHELLS {
        let script = script(shell);
        // How each shell's script opens the part of a verb.
        for verb in &verbs {
            let part = match shell {
                "bash" => format!("twolock__subcmd__{verb})"),
                "elvish" => format!("&'twolock;{verb}'="),
                "fish" => format!("-a \"{verb}\""),
                "nushell" => format!("export extern \"twolock {verb}\""),
                "powershell" => format!("'twolock;{verb}' {{"),
                _ => format!("({verb})\n"),
            };
            assert!(script.contains(&part), "{shell}: {part}");
        }
        assert!(script.contains("work-factor"), "{shell}: an option");
    }
}

/// Returns what bash offers for a line whose last word is being typed.
fn offered(script: &Path, words: &[&str]) -> Vec<String> {
    let call = r#"
source "$0"
compopt() { :; }
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_twolock twolock "${@: -1}" "${@: -2:1}"
echo "${COMPREPLY[@]}""#;
    let mut bash = Command::new("/bin/bash");
    let output = bash.args(["--norc", "-c", call]).arg(script).args(words).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
    String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}

#[test]
fn bash_takes_the_script_and_completes_verbs_and_options() {
    let script = script("bash");
    let sandbox = Sandbox::new();
    let path = sandbox.write("twolock.bash", &script);
    let output = Command::new("/bin/bash").arg("-n").arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(offered(&path, &["twolock", "comp"]), ["completions"]);
    assert_eq!(offered(&path, &["twolock", "code", "--fr"]), ["--fresh"]);
    assert_eq!(offered(&path, &["twolock", "completions", "nu"]), ["nushell"]);
}

#[test]
fn no_account_is_in_it_and_nothing_is_asked() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["Quokka", "--account", "alice"], RFC_KEY);
    for shell in SHELLS {
        let answer = sandbox.run(&["completions", shell]).env("TWOLOCK_PASSPHRASE_FILE", None).answer();
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{shell}");
        assert_eq!(answer.stdout, script(shell), "{shell}");
        assert!(!answer.stdout.contains("Quokka"), "{shell}");
    }
}

#[test]
fn in_zsh_the_first_word_is_the_verb() {
    // A word of the list before it would be taken for the verb, and the verb for its first argument.
    let script = script("zsh");
    assert!(script.starts_with("#compdef twolock\n") && script.contains("case $line[1] in"), "{script}");
    assert!(!script.contains("words -- "));
}

#[test]
fn another_shell_is_refused_with_those_that_there_are() {
    let answer = Sandbox::new().run(&["completions", "tcsh"]).answer();
    let takes = "it takes bash, elvish, fish, nushell, powershell, zsh";
    let help = "`twolock --help` lists the verbs and options, `twolock help VERB` those of a verb";
    answer.fails(2, "the value of SHELL is not one that it takes", &[takes, help]);
    Sandbox::new().run(&["completions"]).answer().fails(2, "SHELL is missing", &[help]);
}

#[test]
fn every_script_asks_for_names_where_they_belong() {
    for (shell, asks, count) in [
        ("bash", "completions bash --offer", 1),
        ("bash", "complete -F _twolock_with_names -o", 2),
        ("elvish", "completions elvish --offer", 1),
        ("fish", "code\" -f -a \"(__twolock_names)\"", 1),
        ("fish", "-l group -d 'Only accounts of this group' -r -f -a \"(__twolock_names)\"", 1),
        ("fish", "__fish_complete_users", 0),
        ("nushell", "def \"nu-complete twolock names\" [context: string]", 1),
        ("nushell", "    ...query: string ", 0),
        ("powershell", "completions powershell --offer", 1),
        ("zsh", "completions zsh --offer", 1),
        ("zsh", "'--group=[Only accounts of this group]:NAME:_twolock_names'", 1),
        ("zsh", "_users", 0),
    ] {
        let script = script(shell);
        assert_eq!(script.matches(asks).count(), count, "{shell}: {asks}: {script}");
    }
}

#[test]
fn fish_completes_words_without_an_option_too() {
    let script = script("fish");
    let offered = "complete -c twolock -n \"__fish_twolock_using_subcommand completions; and not \
                   __fish_seen_subcommand_from bash elvish fish nushell powershell zsh\" -f -a \"bash elvish fish \
                   nushell powershell zsh\"\n";
    assert!(script.contains(offered), "{script}");
    assert!(script.contains(" -f -a \"vault.dir ") || script.contains("\"lock.after"), "{script}");
}

/// Names that would run something, or steer a terminal, if a shell or a script took them for more than text.
const HOSTILE: [&str; 8] = [
    "Amazon Web Services",
    "it's \"quoted\"",
    "$(touch ran)",
    "`touch ran`",
    "!!; touch ran",
    "back\\slash",
    "-rf",
    "new\nline",
];

/// Returns an agent over accounts of these names, each in a group of its own.
fn hostile() -> Agent {
    let sandbox = Sandbox::with_vault();
    for (number, name) in HOSTILE.iter().enumerate() {
        let key = format!("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ{}", &"ABCDEFGHIJ"[number..=number]);
        let encoded = name.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        let link = format!("otpauth://totp/{encoded}:alice?secret={key}&issuer={encoded}\n");
        sandbox.add(&["--from", "-", "--group", &format!("of {name}")], &link);
    }
    Agent::of(sandbox)
}

/// Returns what the Tab key is told in a shell at the end of a line.
fn told(agent: &Agent, shell: &str, line: &str) -> String {
    let answer = agent.run(&["completions", shell, "--offer"]).stdin(line).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{shell}: {line}");
    answer.stdout
}

#[test]
fn an_open_vault_names_its_accounts_and_a_shut_one_is_silent() {
    let agent = hostile();
    let list = agent.run(&["list", "--json"]).answer().json();
    let id = |name: &str| {
        let account = list["accounts"].as_array().unwrap().iter().find(|account| account["name"] == name);
        account.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let (dashed, broken) = (id("-rf"), id("new\nline"));
    let names = format!(
        "Amazon Web Services\talice\nit's \"quoted\"\talice\n$(touch ran)\talice\n`touch ran`\talice\n\
         !!; touch ran\talice\nback\\slash\talice\nid:{dashed}\t-rf (alice)\nid:{broken}\tnew\\nline (alice)\n"
    );
    assert_eq!(told(&agent, "fish", "twolock code "), names);
    assert_eq!(told(&agent, "zsh", "ls | twolock show it"), names);
    let alone =
        names.lines().map(|line| line.split('\t').next().unwrap()).collect::<Vec<_>>().join("\n") + "\n";
    assert_eq!(told(&agent, "elvish", "twolock code "), alone);
    for shell in ["nushell", "powershell"] {
        assert_eq!(told(&agent, shell, "twolock code "), format!("id:{dashed}\nid:{broken}\n"));
        assert_eq!(told(&agent, shell, &format!("twolock code id:{dashed}")), format!("id:{dashed}\n"));
    }
    agent.run(&["lock", "-q"]).answer().is(0, "", "");
    assert_eq!(told(&agent, "fish", "twolock code "), "");
    assert_eq!(told(&agent, "fish", "twolock list --group "), "");
    agent.0.run(&["unlock", "-q"]).answer().is(0, "", "");
}

#[test]
fn what_bash_is_told_is_a_word_that_it_reads_back_and_nothing_runs() {
    let agent = hostile();
    for name in HOSTILE.iter().filter(|name| !name.starts_with('-') && !name.contains('\n')) {
        let begun: String = name.chars().take(3).collect();
        for (open, typed) in [("'", begun.replace('\'', "'\\''")), ("", String::new())] {
            let told = told(&agent, "bash", &format!("twolock code {open}{typed}\0{typed}"));
            let read: Vec<String> = told
                .lines()
                .map(|word| {
                    let mut bash = Command::new("/bin/bash");
                    bash.current_dir(agent.0.path(""));
                    let call = format!("printf %s {open}{word}{open}");
                    let output = bash.args(["--norc", "-c", &call]).output().unwrap();
                    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{word}");
                    String::from_utf8(output.stdout).unwrap()
                })
                .collect();
            assert!(read.iter().any(|read| read == name), "{name}: {told}");
            assert_eq!(read.len(), if open.is_empty() { HOSTILE.len() } else { 1 }, "{told}");
        }
        // What is offered means the account.
        let code = agent.run(&["code", name]).answer();
        assert_eq!((code.code, code.stderr.as_str()), (Some(0), ""), "{name}");
    }
    assert!(!agent.0.path("ran").exists());
}

#[test]
fn groups_are_told_where_a_group_is_wanted() {
    let agent = hostile();
    let groups = "of !!; touch ran\nof $(touch ran)\nof -rf\nof Amazon Web Services\nof `touch ran`\nof back\\slash\n\
                  of it's \"quoted\"\n";
    assert_eq!(told(&agent, "elvish", "twolock list --group "), groups);
    assert_eq!(told(&agent, "bash", "twolock list --group=\"of Am\0of Am"), "of Amazon Web Services\n");
}

#[test]
fn the_line_says_which_vault_is_meant() {
    let agent = hostile();
    let place = agent.0.path("data/twolock");
    let elsewhere = |line: &str| {
        let call = agent.run(&["completions", "elvish", "--offer"]).env("XDG_DATA_HOME", None);
        call.stdin(line).answer().stdout.lines().count()
    };
    assert_eq!(elsewhere("twolock code "), 0);
    assert_eq!(elsewhere(&format!("twolock --vault {} code ", place.display())), HOSTILE.len());
    assert_eq!(elsewhere(&format!("twolock code --vault=\"{}\" ", place.display())), HOSTILE.len());
}

#[test]
fn where_no_name_belongs_none_is_told() {
    let agent = hostile();
    for line in ["twolock ", "twolock code --", "twolock add ", "ls "] {
        let answer = agent.run(&["completions", "bash", "--offer"]).stdin(line).answer();
        answer.fails(11, "there is no name to complete here", &[]);
    }
    // Nor to who asks for it without an agent.
    agent.0.run(&["completions", "bash", "--known", "accounts"]).answer().is(0, "", "");
}

#[test]
fn an_agent_that_does_not_answer_is_not_waited_for() {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};
    let sandbox = Sandbox::with_vault();
    let tell = || {
        let call = sandbox.run(&["completions", "bash", "--offer"]).env("TWOLOCK_PASSPHRASE_FILE", None);
        call.stdin("twolock code ").answer().is(0, "", "");
    };
    sandbox.run(&["unlock", "-q"]).answer().is(0, "", "");
    let socket = std::fs::read_dir(sandbox.path("run/twolock")).unwrap().next().unwrap().unwrap().path();
    sandbox.run(&["lock", "-q"]).answer().is(0, "", "");
    // Somebody who listens and says nothing; then one with more in line than are let in.
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    rustix::net::listen(&listener, 1).unwrap();
    tell();
    let in_line = [(); 8].map(|()| {
        let one = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
        let one = std::os::unix::net::UnixStream::from(one);
        one.set_nonblocking(true).unwrap();
        // Those who come too late for the line are told so, or wait.
        let came = rustix::net::connect(&one, &SocketAddrUnix::new(&socket).unwrap());
        assert!(came.is_ok() || came == Err(rustix::io::Errno::AGAIN), "{came:?}");
        one
    });
    tell();
    drop(in_line);
}
