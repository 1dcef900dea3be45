//! The house rules that the compiler does not know: who may use whom, how files begin, what is never written.
//!
//! May I use X here? The table `ALLOWED` answers. The scanner knows just enough Rust for it: comments, strings,
//! `use` trees and the braces of a test module.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom, lowest first. A module may always use itself and `display`.
const ALLOWED: &[(&str, &[&str])] = &[
    ("display", &[]),
    ("otp", &[]),
    ("vault", &["otp"]),
    ("exchange", &["otp", "vault"]),
    ("system", &["otp"]),
    ("agent", &["system"]),
    ("failure", &["agent", "exchange", "otp", "system", "vault"]),
    ("words", &["exchange", "failure", "otp", "vault"]),
    ("config", &["failure", "otp", "system"]),
    ("cli", &["agent", "config", "exchange", "failure", "otp", "system", "vault", "words"]),
    ("plain", &["config", "exchange", "failure", "otp", "system", "vault", "words"]),
    ("tui/key", &[]),
    ("tui/theme", &["config"]),
    ("tui/errand", &["tui/key"]),
    ("tui/lent", &["otp"]),
    ("tui/effect", &["otp", "system", "tui/errand", "tui/lent", "vault", "words"]),
    ("tui/event", &["exchange", "failure", "otp", "tui/effect", "tui/key", "tui/lent", "vault", "words"]),
    (
        "tui/screen",
        &["config", "failure", "otp", "tui/effect", "tui/event", "tui/key", "tui/theme", "vault", "words"],
    ),
    ("tui/binding", &["tui/key", "tui/screen"]),
    ("tui/keymap", &["config", "tui/key", "tui/screen"]),
    ("tui/widgets", &["exchange", "otp", "tui/key", "tui/screen", "tui/theme", "words"]),
    (
        "tui/screens",
        &[
            "config",
            "exchange",
            "failure",
            "otp",
            "tui/binding",
            "tui/effect",
            "tui/errand",
            "tui/event",
            "tui/key",
            "tui/keymap",
            "tui/lent",
            "tui/screen",
            "tui/theme",
            "tui/widgets",
            "vault",
            "words",
        ],
    ),
    ("tui/history", &["vault"]),
    (
        "tui/app",
        &[
            "config",
            "failure",
            "otp",
            "tui/effect",
            "tui/errand",
            "tui/event",
            "tui/history",
            "tui/key",
            "tui/keymap",
            "tui/screen",
            "tui/screens",
            "tui/theme",
            "tui/widgets",
            "vault",
        ],
    ),
    ("tui/files", &["exchange", "failure", "system", "tui/effect", "tui/event", "vault", "words"]),
    ("tui/input", &["tui/event", "tui/key"]),
    ("tui/keeper", &["failure", "otp", "tui/effect", "tui/event", "vault"]),
    ("tui/pace", &[]),
    ("tui/terminal", &["tui/effect"]),
    (
        "tui/runtime",
        &[
            "agent",
            "config",
            "failure",
            "otp",
            "system",
            "tui/app",
            "tui/effect",
            "tui/errand",
            "tui/event",
            "tui/files",
            "tui/input",
            "tui/keeper",
            "tui/key",
            "tui/lent",
            "tui/pace",
            "tui/screen",
            "tui/terminal",
            "tui/theme",
            "vault",
        ],
    ),
    ("tui", &[]),
];

/// The only modules that may name a part of the standard library which touches the world.
const HANDS: &[(&str, &[&str])] = &[
    ("std::env", &["main.rs", "system/", "tui/runtime"]),
    (
        "std::fs",
        &[
            "agent/socket",
            "cli/",
            "config/",
            "plain/files",
            "plain/talk",
            "system/",
            "tui/files",
            "tui/runtime",
            "vault/store",
        ],
    ),
    ("std::net", &[]),
    ("std::process", &["agent/server", "cli/", "failure.rs", "main.rs", "system/", "tui/runtime"]),
    ("std::thread", &["agent/server", "cli/forward", "cli/made", "system/", "tui/runtime", "vault/store"]),
];

/// Names that say nothing about what lives there.
const EMPTY_NAMES: &[&str] =
    &["common", "helpers", "manager", "misc", "models", "prelude", "types", "util", "utils"];

/// Marks of unfinished work. They are spelled in halves so that this file passes its own test.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("db", "g!"),
];

/// Words that belong to one author's machine.
const FOREIGN: &[&str] = &[concat!("../", "shared"), concat!("/wo", "rk/"), concat!("/tmp", "/wt")];

const LONGEST: usize = 400;

/// A file of `src`, with what the rules look at.
struct Source {
    /// The path below `src`, with `/`.
    path: String,
    text: String,
    /// The text without comments, strings and test modules.
    code: String,
    /// Is the whole file a test module?
    test: bool,
}

impl Source {
    /// Returns the module that the file is, as path segments.
    fn module(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        if matches!(path, "lib" | "main" | "mod") { Vec::new() } else { path.split('/').collect() }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every file below a folder, without what git, cargo and Python keep for themselves.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
        .into_iter()
        .flat_map(|path| match path.file_name().and_then(|name| name.to_str()) {
            Some(".git" | "__pycache__" | "artifacts" | "corpus" | "target") => Vec::new(),
            _ if path.is_dir() && !path.is_symlink() => files(&path),
            _ => vec![path],
        })
        .collect()
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut sources: Vec<Source> = files(&src)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let code = without_tests(&without_words(&text));
            let path = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            Source { path, text, code, test: false }
        })
        .collect();
    let tests: BTreeSet<String> = sources.iter().flat_map(test_files).collect();
    for source in &mut sources {
        source.test = tests.contains(&source.path);
    }
    sources
}

/// Returns the files that a source names as test modules: `#[cfg(test)] mod name;`, with or without a `#[path]`.
fn test_files(source: &Source) -> Vec<String> {
    let after = source.text.split("\n#[cfg(test)]\n").skip(1);
    let names = after.filter_map(|rest| match rest.strip_prefix("#[path = \"") {
        Some(path) => path.split_once(".rs\"]").map(|cut| (cut.0, folder(&source.path))),
        None => rest.strip_prefix("mod ")?.split_once(';').map(|cut| (cut.0, source.module().join("/"))),
    });
    names
        .filter(|(name, _)| name.chars().all(is_name))
        .map(|(name, folder)| format!("{folder}/{name}.rs").trim_start_matches('/').to_owned())
        .collect()
}

/// Returns the folder that a file lies in.
fn folder(path: &str) -> String {
    path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
}

/// Returns the text with comments and the insides of strings blanked; line ends stay.
fn without_words(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let end = word_end(&letters, at);
        if end == at {
            code.push(letters[at]);
            at += 1;
            continue;
        }
        code.extend(letters[at..end].iter().map(|letter| if *letter == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// Returns where the comment, string or character that begins here ends; `at` itself if none does.
fn word_end(letters: &[char], at: usize) -> usize {
    let next = |offset: usize| letters.get(at + offset).copied().unwrap_or('\0');
    let named = at > 0 && is_name(letters[at - 1]);
    match letters[at] {
        '/' if next(1) == '/' => find(letters, at, &['\n']),
        '/' if next(1) == '*' => block_end(letters, at),
        '"' => string_end(letters, at + 1),
        'r' if !named && matches!(next(1), '"' | '#') => raw_end(letters, at + 1).unwrap_or(at),
        'b' if !named && next(1) == '"' => string_end(letters, at + 2),
        'b' if !named && next(1) == 'r' => raw_end(letters, at + 2).unwrap_or(at),
        '\'' if next(1) == '\\' => find(letters, at + 3, &['\'']) + 1,
        '\'' if next(2) == '\'' => at + 3,
        _ => at,
    }
    .min(letters.len())
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Returns where the pattern is found, or the end.
fn find(letters: &[char], from: usize, pattern: &[char]) -> usize {
    let from = from.min(letters.len());
    letters[from..]
        .windows(pattern.len())
        .position(|window| window == pattern)
        .map_or(letters.len(), |at| from + at)
}

fn block_end(letters: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut here = at;
    while here < letters.len() {
        match &letters[here..(here + 2).min(letters.len())] {
            ['/', '*'] => (depth, here) = (depth + 1, here + 2),
            ['*', '/'] if depth == 1 => return here + 2,
            ['*', '/'] => (depth, here) = (depth - 1, here + 2),
            _ => here += 1,
        }
    }
    here
}

fn string_end(letters: &[char], inside: usize) -> usize {
    let mut here = inside;
    while here < letters.len() {
        match letters[here] {
            '"' => return here + 1,
            '\\' => here += 2,
            _ => here += 1,
        }
    }
    here
}

fn raw_end(letters: &[char], at: usize) -> Option<usize> {
    let hashes = letters[at..].iter().take_while(|letter| **letter == '#').count();
    if letters.get(at + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    Some(find(letters, at + hashes + 1, &close) + close.len())
}

/// Returns the code with every item under `#[cfg(test)]` blanked.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut rest = code;
    let mut kept = String::with_capacity(code.len());
    while let Some(start) = rest.find(MARK) {
        kept.push_str(&rest[..start]);
        let item = &rest[start..];
        let end = item_end(item);
        kept.extend(item[..end].chars().filter(|letter| *letter == '\n'));
        rest = &item[end..];
    }
    kept + rest
}

/// Returns the length of the item: up to its `;`, or to the brace that closes its first one.
fn item_end(item: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in item.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    item.len()
}

/// Returns the paths below the crate's root that the code of a module names.
fn paths(code: &str, module: &[&str]) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if starts_word(code, at) {
            tree(&code[at + "crate::".len()..], Vec::new(), &mut found);
        }
    }
    for (at, _) in code.match_indices("super::") {
        let chained = code[..at].ends_with("super::");
        if starts_word(code, at) && !chained {
            let mut rest = &code[at..];
            let mut base = module;
            while let Some(shorter) = rest.strip_prefix("super::") {
                rest = shorter;
                base = base.split_last().map_or(&[][..], |(_, base)| base);
            }
            tree(rest, base.iter().map(|segment| (*segment).to_owned()).collect(), &mut found);
        }
    }
    found
}

fn starts_word(code: &str, at: usize) -> bool {
    !code[..at].chars().next_back().is_some_and(is_name)
}

/// Reads one `use` tree (`a::{b, c::d}`) or path; returns how long it is.
fn tree(code: &str, prefix: Vec<String>, found: &mut BTreeSet<Vec<String>>) -> usize {
    let start = code.len() - code.trim_start().len();
    let rest = &code[start..];
    if rest.starts_with('{') {
        let mut at = start + 1;
        while let Some(next) = code[at..].chars().next() {
            match next {
                '}' => return at + 1,
                _ if is_name(next) => at += tree(&code[at..], prefix.clone(), found),
                _ => at += next.len_utf8(),
            }
        }
        return at;
    }
    let name: String = rest.chars().take_while(|letter| is_name(*letter)).collect();
    let mut path = prefix;
    if !name.is_empty() && name != "self" {
        path.push(name.clone());
    }
    let end = start + name.len();
    if let Some(below) = code[end..].strip_prefix("::") {
        return end + 2 + tree(below, path, found);
    }
    found.insert(path);
    end.max(1)
}

/// Returns the row of `ALLOWED` that a path belongs to.
fn node(path: &[impl AsRef<str>]) -> Option<String> {
    let names: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
    let rows = || ALLOWED.iter().map(|(name, _)| *name);
    let two = names.get(..2).map(|names| names.join("/"));
    two.filter(|two| rows().any(|row| row == two)).or_else(|| names.first().map(|name| (*name).to_owned()))
}

/// Returns the row that a module needs: where a folder's modules have rows, each of them needs one.
fn row_of(module: &[&str]) -> Option<String> {
    let split = module.first().is_some_and(|first| {
        let folder = format!("{first}/");
        ALLOWED.iter().any(|(name, _)| name.starts_with(&folder))
    });
    if split { Some(module.iter().take(2).copied().collect::<Vec<_>>().join("/")) } else { node(module) }
}

/// Returns what stands in the text as a word of its own, with the line.
fn lines_with(text: &str, word: &str) -> Vec<usize> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| {
            line.match_indices(word).any(|(at, _)| {
                let after = line[at + word.len()..].chars().next();
                starts_word(line, at) && (word.ends_with('!') || !after.is_some_and(is_name))
            })
        })
        .map(|(index, _)| index + 1)
        .collect()
}

#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.test) {
        let module = source.module();
        let Some(from) = row_of(&module) else { continue };
        let Some(below) = allowed.get(from.as_str()) else {
            complaints.push(format!("src/{}: give `{from}` a row in ALLOWED", source.path));
            continue;
        };
        for path in paths(&source.code, &module) {
            let Some(to) = node(&path) else { continue };
            // The folder's own face, `tui::Thing`, is the same house.
            let own =
                to == from || from.starts_with(&format!("{to}/")) || to.starts_with(&format!("{from}/"));
            if !own && to != "display" && !below.contains(&to.as_str()) {
                complaints.push(format!("src/{}: `{from}` may not use `{}`", source.path, path.join("::")));
            }
        }
    }
    none(complaints);
}

#[test]
fn the_table_has_no_circle() {
    for (place, (name, below)) in ALLOWED.iter().enumerate() {
        let lower: Vec<&str> = ALLOWED[..place].iter().map(|(name, _)| *name).collect();
        for used in *below {
            assert!(lower.contains(used), "`{name}` uses `{used}`, which does not stand before it");
        }
        assert!(below.is_sorted(), "the row of `{name}` is not in order");
    }
}

#[test]
fn only_the_hands_touch_the_world() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.test) {
        for (what, hands) in HANDS {
            if !hands.iter().any(|hand| source.path.starts_with(hand)) {
                let lines = lines_with(&source.code, what);
                complaints
                    .extend(lines.iter().map(|line| format!("src/{}:{line}: names {what}", source.path)));
            }
        }
    }
    none(complaints);
}

#[test]
fn every_file_is_named_by_its_folder() {
    let sources = sources();
    let by_path: BTreeMap<&str, &Source> =
        sources.iter().map(|source| (source.path.as_str(), source)).collect();
    let mut complaints = Vec::new();
    for source in &sources {
        let module = source.module();
        let Some((name, parents)) = module.split_last() else {
            continue;
        };
        let folder = parents.join("/");
        let faces = if folder.is_empty() {
            vec!["lib.rs".to_owned(), "main.rs".to_owned()]
        } else {
            vec![format!("{folder}/mod.rs"), format!("{folder}.rs")]
        };
        let named = faces.iter().filter_map(|face| by_path.get(face.as_str())).any(|face| {
            let plain = without_words(&face.text);
            plain.lines().any(|line| line.trim_end().ends_with(&format!("mod {name};")))
        });
        if !named && !source.test {
            complaints.push(format!("src/{}: no `mod {name};` in {}", source.path, faces.join(" or ")));
        }
    }
    none(complaints);
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut complaints = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for path in files(&root().join(folder)) {
            let rust = path.extension().is_some_and(|extension| extension == "rs");
            if rust && !fs::read_to_string(&path).unwrap().starts_with("//! ") {
                complaints.push(format!("{}: does not begin with `//! `", path.display()));
            }
        }
    }
    none(complaints);
}

#[test]
fn long_files_say_why() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.test) {
        let lines = source.text.lines().count();
        let header: String = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
        if lines > LONGEST && !header.contains("Over 400 lines") {
            complaints.push(format!("src/{}: {lines} lines", source.path));
        }
    }
    none(complaints);
}

#[test]
fn names_say_what_lives_there() {
    let sources = sources();
    let empty = |source: &&Source| source.module().iter().any(|name| EMPTY_NAMES.contains(name));
    none(sources.iter().filter(empty).map(|source| format!("src/{}", source.path)).collect());
}

#[test]
fn imports_name_what_they_bring() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.test) {
        for statement in source.code.split(';') {
            let Some((before, tree)) = statement.rsplit_once("use ") else {
                continue;
            };
            if tree.contains("::*") && (before.trim_end().ends_with("pub") || tree.contains("super::*")) {
                complaints.push(format!("src/{}: use {}", source.path, tree.trim()));
            }
        }
    }
    none(complaints);
}

#[test]
fn nothing_is_left_unfinished() {
    let mut complaints = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for path in files(&root().join(folder)) {
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                for word in UNFINISHED {
                    let lines = lines_with(&text, word);
                    complaints.extend(lines.iter().map(|line| format!("{}:{line}: {word}", path.display())));
                }
            }
        }
    }
    none(complaints);
}

#[test]
fn nothing_prints_past_the_one_place() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.test) {
        for word in ["eprint!", "eprintln!", "print!", "println!"] {
            let lines = lines_with(&source.code, word);
            complaints.extend(lines.iter().map(|line| format!("src/{}:{line}: {word}", source.path)));
        }
    }
    none(complaints);
}

#[test]
fn every_exception_has_a_reason() {
    let mut complaints = Vec::new();
    for source in sources() {
        for opening in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
            for (at, _) in source.text.match_indices(opening) {
                let attribute = source.text[at..].split(")]").next().unwrap_or_default();
                if !attribute.contains("reason = ") {
                    complaints.push(format!("src/{}: {attribute})]", source.path));
                }
            }
        }
    }
    none(complaints);
}

#[test]
fn nothing_speaks_of_one_machine() {
    let mut complaints = Vec::new();
    for path in files(&root()) {
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for word in FOREIGN {
            let said = text.match_indices(word).any(|(at, _)| starts_word(&text, at));
            if said {
                complaints.push(format!("{}: {word}", path.display()));
            }
        }
    }
    none(complaints);
}

#[test]
fn every_crate_comes_from_crates_io() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let source = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let other = |line: &&str| line.starts_with("source = ") && *line != source;
    none(lock.lines().filter(other).map(str::to_owned).collect());
}

mod the_scanner {
    use super::{
        Source, item_end, lines_with, node, paths, row_of, test_files, without_tests, without_words,
    };

    #[track_caller]
    fn check(code: &str, module: &[&str], expected: &[&str]) {
        let found: Vec<String> = paths(code, module).iter().map(|path| path.join("::")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn reads_single_paths() {
        check("use crate::otp::Code;", &["cli"], &["otp::Code"]);
        check("let x = crate::vault::find(a);", &["cli"], &["vault::find"]);
        check("pub(in crate::vault) id: u8", &["vault"], &["vault"]);
        check("use mycrate::otp;", &["cli"], &[]);
    }

    #[test]
    fn reads_trees() {
        check("use crate::{otp::{Code, Kind}, vault};", &["cli"], &["otp::Code", "otp::Kind", "vault"]);
        check("use crate::otp::{self, Code};", &["cli"], &["otp", "otp::Code"]);
        check("use crate::tui::{\n    key::Key,\n    theme,\n};", &["cli"], &["tui::key::Key", "tui::theme"]);
    }

    #[test]
    fn climbs_with_super() {
        check("use super::key::Key;", &["tui", "app"], &["tui::key::Key"]);
        check("use super::super::theme::Theme;", &["tui", "screens", "unlock"], &["tui::theme::Theme"]);
    }

    #[test]
    fn is_blind_to_words_and_tests() {
        let code = "a(\"crate::x\"); // crate::y\n/* crate::z /* in */ */ let r = r#\"crate::\"q\"#; 'c' '\\'' &'a b";
        assert!(!without_words(code).contains("crate"), "{}", without_words(code));
        assert!(without_words(code).ends_with("&'a b"));
        let code = "fn a() {}\n#[cfg(test)]\nmod tests { use super::*; fn b() { {} } }\nfn c() {}";
        assert_eq!(without_tests(code), "fn a() {}\n\n\nfn c() {}");
        assert_eq!(item_end("mod tests; rest"), 10);
    }

    #[test]
    fn finds_whole_words_only() {
        assert_eq!(lines_with("a println!()\nb eprintln!()", "println!"), [1]);
        assert_eq!(lines_with("std::fs::read\nstd::fsx", "std::fs"), [1]);
    }

    #[test]
    fn knows_the_rows_of_the_table() {
        assert_eq!(node(&["tui", "screens", "add"]).as_deref(), Some("tui/screens"));
        assert_eq!(node(&["tui", "Thing"]).as_deref(), Some("tui"));
        assert_eq!(node(&["otp", "Code"]).as_deref(), Some("otp"));
        assert_eq!(node(&[] as &[&str]), None);
        assert_eq!(row_of(&["tui", "newcomer"]).as_deref(), Some("tui/newcomer"));
        assert_eq!(row_of(&["vault", "store", "save"]).as_deref(), Some("vault"));
    }

    #[test]
    fn knows_files_of_tests() {
        let text = "\n#[cfg(test)]\nmod near;\nmod other;\n#[cfg(test)]\n#[path = \"far.rs\"]\nmod tests;"
            .to_owned();
        let source = Source { path: "otp/code.rs".to_owned(), code: String::new(), text, test: false };
        assert_eq!(test_files(&source), ["otp/code/near.rs", "otp/far.rs"]);
    }
}
