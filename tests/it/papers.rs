//! The commands in `docs/tasks.md`, `docs/agent.md` and the README are run as they stand there, and answer what is said
//! there.

use std::fs;
use std::path::Path;

use crate::support::sandbox::{KEY, PASSPHRASE, Sandbox};

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
