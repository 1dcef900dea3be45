//! The commands in the README, `SECURITY.md` and docs are run as they stand there, and answer what is said there. What needs
//! another program is run by a script of `.ci`; `BLOCKS` says which, and a block that it does not know is not let in. And
//! every call of twolock that is shown anywhere, in the help too, is one that twolock understands.

use std::fs;
use std::path::Path;

use twolock::cli::{Request, parse};
use twolock::system::environment::Environment;

use crate::support::sandbox::{KEY, PASSPHRASE, Sandbox};

/// Every block for a shell: its paper, how it begins, and what runs it. The blocks of `docs/integrations.md` are all run by
/// `.ci/integrations.py` and `.ci/pam.py`, which find them by themselves.
const BLOCKS: &[(&str, &str, &str)] = &[
    ("README.md", "cargo install ", "a build: .ci/package"),
    ("README.md", "cargo run ", "a build: .ci/run"),
    ("README.md", "mkdir -p ~/.local/share/bash-completion", "the_commands_that_install_are_run"),
    ("README.md", "twolock                ", "the_commands_of_the_readme_are_run"),
    ("README.md", "twolock --passphrase-file ", "the_commands_of_the_readme_are_run"),
    ("README.md", "cd ~/.local/share/twolock", "the stock age: .ci/stock_age.py"),
    ("SECURITY.md", "twolock --vault report ", "the_vault_for_a_report_is_made"),
    ("SECURITY.md", "sha256sum --check ", "a release, and there is none yet"),
    ("docs/agent.md", "twolock unlock ", "the_commands_of_the_agent_are_run"),
    ("docs/agent.md", "twolock agent ssh ", "a server for ssh: .ci/forward.py"),
    ("docs/contributing.md", "cargo run ", "a build: .ci/run"),
    ("docs/tasks.md", "age -d ", "the stock age: .ci/stock_age.py"),
    ("docs/tasks.md", "oathtool ", "oathtool: .ci/stock_age.py"),
    ("docs/vault-format.md", "cd ~/.local/share/twolock", "the stock age: .ci/stock_age.py"),
];

/// Returns each command of the blocks, with what shall come of it.
fn commands(paper: &str) -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for block in paper.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```").unwrap();
        for line in block.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => commands.push((command.to_owned(), Vec::new())),
                None => commands.last_mut().unwrap().1.push(line.to_owned()),
            }
        }
    }
    commands
}

/// Says whether a line is what was written; `[..]` stands for anything.
fn fits(line: &str, pattern: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut open = false;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        open = part.is_empty();
    }
    open || rest.is_empty()
}

#[test]
fn tasks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sandbox = Sandbox::with_vault();
    sandbox
        .write("aegis-export.json", fs::read(root.join("tests/fixtures/exchange/aegis_plain.json")).unwrap());
    let commands = commands(&fs::read_to_string(root.join("docs/tasks.md")).unwrap());
    assert!(commands.len() > 8);
    for (command, expected) in commands {
        let said = sandbox.shell(&command);
        let lines: Vec<&str> = said.lines().collect();
        let good =
            lines.len() == expected.len() && lines.iter().zip(&expected).all(|(line, to)| fits(line, to));
        assert!(good, "$ {command}\n{said}\nand not\n{}", expected.join("\n"));
    }
}

/// Returns the commands of the block for a shell that begins with a text; a remark behind each stays.
fn block<'a>(paper: &'a str, begin: &str) -> Vec<&'a str> {
    let mut blocks = paper.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    let block = blocks.find(|block| block.starts_with(begin)).unwrap();
    block.lines().collect()
}

#[test]
fn the_commands_of_the_agent_are_run() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["AWS"], KEY);
    let paper = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/agent.md")).unwrap();
    let commands = block(&paper, "twolock unlock ");
    let [unlock, rest @ ..] = commands.as_slice() else { panic!("an empty block") };
    // The passphrase is asked for once; what follows gets on without it.
    let said =
        sandbox.shell(&format!("set -e\n{unlock}\nunset TWOLOCK_PASSPHRASE_FILE\n{}", rest.join("\n")));
    let lines: Vec<&str> = said.lines().collect();
    let [unlocked, code, status, locked] = lines.as_slice() else { panic!("{said}") };
    assert!(
        unlocked.starts_with(
            "Unlocked for 8 hours at most: it locks sooner when nothing is asked for 30 minutes"
        )
    );
    assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
    assert!(status.starts_with("{\"v\":1,\"unlocked\":true,"), "{status}");
    assert_eq!(*locked, "Locked. The agent has ended, and nothing is left in memory.");
}

#[test]
fn the_commands_of_the_readme_are_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sandbox = Sandbox::with_vault();
    sandbox
        .write("aegis-export.json", fs::read(root.join("tests/fixtures/exchange/aegis_plain.json")).unwrap());
    sandbox.add(&["GitHub", "--account", "alice"], KEY);
    assert_eq!(
        sandbox.shell("twolock -q qr github --png qr.png; twolock -q rm github --quiet | wc -l"),
        "1\n"
    );
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut seen = 0;
    for command in block(&readme, "twolock                ") {
        let (command, _) = command.split_once(" #").unwrap();
        // What would be asked for is said, and the clock and the clipboard of this computer are not judged.
        let more = match command.split_whitespace().nth(1) {
            // The list itself needs a terminal.
            None => continue,
            Some("import") => " --yes",
            Some("export") => " --password-file passphrase",
            Some("doctor") => " > /dev/null; true",
            Some(_) => "",
        };
        let said = sandbox.shell(&format!("{}{more}; echo \"=$?\"", command.trim_end()));
        assert!(said.ends_with("=0\n"), "$ {command}\n{said}");
        seen += 1;
    }
    assert_eq!(seen, 6);
    fs::create_dir(sandbox.path(".config")).unwrap();
    sandbox.write(".config/vault-pass", format!("{PASSPHRASE}\n"));
    sandbox.add(&["AWS"], "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJA");
    let commands = block(&readme, "twolock --passphrase-file ");
    assert_eq!(commands.len(), 2);
    let said = sandbox.shell(&format!("set -e\n{}\ntwolock lock", commands.join("\n")));
    let lines: Vec<&str> = said.lines().collect();
    let [code, unlocked, locked] = lines.as_slice() else { panic!("{said}") };
    assert!(code.len() == 6 && unlocked.starts_with("Unlocked for 8 hours") && locked.starts_with("Locked."));
}

#[test]
fn the_commands_that_install_are_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let sandbox = Sandbox::new();
    let commands = block(&readme, "mkdir -p ~/.local/share/bash-completion");
    let said = sandbox.shell(&format!("set -e\n{}", commands.join("\n")));
    assert!(said.ends_with(" pages are written to \"~/.local/share/man/man1\"\n"), "{said}");
    let checked = sandbox.shell(
        "bash -n ~/.local/share/bash-completion/completions/twolock && ls ~/.local/share/man/man1/twolock-code.1",
    );
    assert_eq!(checked, "HOME//.local/share/man/man1/twolock-code.1\n");
}

#[test]
fn the_vault_for_a_report_is_made() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let paper = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let sandbox = Sandbox::new();
    let [command] = block(&paper, "twolock --vault report ")[..] else { panic!("one command") };
    assert_eq!(sandbox.shell(&format!("{command} --quiet")), "HOME/report\n");
    assert!(sandbox.path("report/vault.age").is_file() && sandbox.path("report/identity.age").is_file());
}

/// Returns every paper, by its path.
fn papers() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = vec!["README.md".to_owned(), "SECURITY.md".to_owned()];
    for entry in fs::read_dir(root.join("docs")).unwrap() {
        names.push(format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    }
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"));
    names.sort();
    names.into_iter().map(|name| (name.clone(), fs::read_to_string(root.join(&name)).unwrap())).collect()
}

#[test]
fn every_block_for_a_shell_is_run_or_says_by_what() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = fs::read_to_string(root.join("tests/it/papers.rs")).unwrap();
    let mut seen = 0;
    for (name, paper) in papers().into_iter().filter(|(name, _)| name != "docs/integrations.md") {
        for block in paper.split("```sh\n").skip(1) {
            let known = |row: &&(&str, &str, &str)| row.0 == name && block.starts_with(row.1);
            let row = BLOCKS.iter().find(known);
            let (_, _, by) = row.unwrap_or_else(|| panic!("{name}: nothing runs\n{block}"));
            match by.split_once(": ") {
                Some((_, script)) => assert!(root.join(script).is_file(), "{script}"),
                None => assert!(by.contains(' ') || own.contains(&format!("fn {by}(")), "{by}"),
            }
            seen += 1;
        }
    }
    assert_eq!(seen, BLOCKS.len());
}

/// Returns the words of each call of twolock in a line of shell. What the shell puts in the place of a word is some word.
fn calls(line: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    for (at, name) in line.match_indices("twolock ") {
        let before = line[..at].chars().next_back();
        if before.is_some_and(|c| !matches!(c, ' ' | '(' | '/' | '`')) || line[..at].contains(" #") {
            continue;
        }
        let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
        for letter in line[at + name.len()..].chars() {
            match (quote, letter) {
                (None, '|' | '>' | ';' | '&' | ')' | '`' | '#' | '<') => break,
                (None, '"' | '\'') => quote = Some(letter),
                (Some(open), _) if open == letter => quote = None,
                // Two blanks part a call from what is said of it.
                (None, ' ') if word.is_empty() => break,
                (None, ' ') => words.push(std::mem::take(&mut word)),
                _ => word.push(letter),
            }
        }
        words.extend((!word.is_empty()).then_some(word));
        calls.push(words);
    }
    calls
}

#[test]
fn every_call_that_is_shown_is_understood() {
    let environment = Environment::default();
    let help = |arguments: &[&str]| {
        let arguments: Vec<_> = arguments.iter().map(std::ffi::OsString::from).collect();
        match parse(&arguments, &environment) {
            Ok(Request::Text(text)) => text,
            _ => panic!("{arguments:?}"),
        }
    };
    let mut lines: Vec<(String, String)> = Vec::new();
    let whole = help(&["--help"]);
    let verbs = whole.split("Verbs:\n").nth(1).unwrap().lines();
    let verbs: Vec<&str> = verbs.map_while(|line| line.split_whitespace().next()).collect();
    let topics = ["clipboard", "config", "exit-codes", "privacy", "qr", "ssh", "tmux"];
    assert!(verbs.len() > 20);
    for name in verbs.iter().chain(&topics) {
        lines.extend(help(&["help", name]).lines().map(|line| (format!("help {name}"), line.to_owned())));
    }
    for (name, paper) in papers() {
        for block in paper.split("```").skip(1).step_by(2) {
            let block = block.replace("\\\n", "");
            lines.extend(block.lines().map(|line| (name.clone(), line.trim_start_matches("$ ").to_owned())));
        }
    }
    let mut seen = 0;
    for (place, line) in lines {
        // Usage lines and what the program says of itself are no calls.
        let said = ["Usage:", "twolock:", "       twolock"].iter().any(|start| line.starts_with(start));
        for mut words in if said { Vec::new() } else { calls(&line) } {
            if words.last().is_some_and(|word| word == "VERB") {
                *words.last_mut().unwrap() = "code".to_owned();
            }
            // A verb that is only named.
            if words.len() == 1 && verbs.contains(&words[0].as_str()) {
                continue;
            }
            let arguments: Vec<_> = words.iter().map(std::ffi::OsString::from).collect();
            if let Err(failure) = parse(&arguments, &environment) {
                panic!("{place}: {line}\n{words:?}\n{failure:?}");
            }
            seen += 1;
        }
    }
    assert!(seen > 120, "{seen}");
}

/// Returns the code spans of a paper, blocks left out.
fn spans(paper: &str) -> Vec<&str> {
    let prose = paper.split("```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

/// Returns the text of every file below a folder.
fn texts(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn what_they_name_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    texts(&root.join("src"), &mut code);
    texts(&root.join("tests"), &mut code);
    for name in ["reliability.md", "security.md"] {
        let paper = fs::read_to_string(root.join("docs").join(name)).unwrap();
        let mut tests = 0;
        for span in spans(&paper) {
            let word = span.split(' ').next().unwrap();
            if [".ci/", "docs/", "fuzz/", "src/", "tests/"].iter().any(|folder| word.starts_with(folder)) {
                assert!(root.join(word).exists(), "{name} names {word}");
            } else if span.matches('_').count() >= 2
                && span.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
            {
                assert!(code.contains(&format!("fn {span}(")), "{name} names the test {span}");
                tests += 1;
            }
        }
        assert!(tests > 10, "{name}: {tests}");
    }
}
