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
