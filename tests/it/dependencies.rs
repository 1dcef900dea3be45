//! Every crate has a reason that is written down.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Returns the names in a table of the manifest.
fn named<'a>(manifest: &'a str, table: &str) -> impl Iterator<Item = &'a str> {
    let (_, rest) = manifest.split_once(&format!("[{table}]\n")).unwrap();
    rest.lines().take_while(|line| !line.is_empty()).filter_map(|line| Some(line.split_once(" = ")?.0))
}

#[test]
fn each_has_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let document = fs::read_to_string(root.join("docs/dependencies.md")).unwrap();
    let known: BTreeSet<&str> =
        named(&manifest, "dependencies").chain(named(&manifest, "dev-dependencies")).collect();
    let explained: BTreeSet<&str> = document
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split('|').nth(1).unwrap().split(", "))
        .map(|name| name.trim().trim_matches('`'))
        .collect();
    assert_eq!(explained, known);
}
