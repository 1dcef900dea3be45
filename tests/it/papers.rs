//! The commands in `docs/tasks.md` are run as they stand there, and answer what it says.

use std::fs;
use std::path::Path;

use crate::support::sandbox::Sandbox;

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
