//! Completions for shells: every verb is in them, and no account.

use std::path::Path;
use std::process::Command;

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
