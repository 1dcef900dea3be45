//! Manual pages: one of the program, one of each verb, whole and for everybody to read.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::help::verbs;
use crate::support::sandbox::Sandbox;

#[test]
fn the_page_of_the_program_names_every_verb() {
    let sandbox = Sandbox::new();
    let answer = sandbox.run(&["man"]).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    let page = answer.stdout;
    assert!(page.starts_with(".ie ") && page.matches("\n.TH ").count() == 1, "{page}");
    assert_eq!(page.matches(".ie ").count(), 1, "{page}");
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        page.contains(&format!("\n.TH twolock 1 \" \" \"twolock {version}\" \"twolock manual\"\n")),
        "{page}"
    );
    for verb in verbs(&sandbox) {
        assert!(page.contains(&format!("twolock\\-{verb}(1)")), "{verb}: {page}");
    }
}

#[test]
fn each_verb_has_a_page_with_its_examples_and_options() {
    let sandbox = Sandbox::new();
    let verbs = verbs(&sandbox);
    // That of the program, and two below `agent`.
    let count = verbs.len() + 3;
    let answer = sandbox.run(&["man", "--dir", "share/man1"]).answer();
    answer.is(0, "", &format!("{count} pages are written to \"share/man1\"\n"));
    let dir = sandbox.path("share/man1");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), count);
    for verb in verbs {
        let path = dir.join(format!("twolock-{verb}.1"));
        let page = fs::read_to_string(&path).unwrap();
        assert!(page.starts_with(".ie ") && page.contains(&format!("\n.TH twolock-{verb} 1 ")), "{page}");
        assert!(page.contains(&format!("\\fBtwolock {verb}\\fR")), "{page}");
        let examples = page.split("\n.SH EXAMPLES\n").nth(1).unwrap().split("\n.SH ").next().unwrap();
        assert!(examples.matches(&format!("twolock {verb}")).count() >= 1, "{verb}: {examples}");
        assert!(
            page.contains("\n.SH \"GLOBAL OPTIONS\"\n") && page.contains("\\-\\-passphrase\\-file"),
            "{page}"
        );
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o644, "{verb}");
    }
    for below in ["ssh", "status"] {
        let page = fs::read_to_string(dir.join(format!("twolock-agent-{below}.1"))).unwrap();
        assert!(page.contains(&format!("\\fBtwolock agent {below}\\fR")), "{page}");
    }
    let agent = fs::read_to_string(dir.join("twolock-agent.1")).unwrap();
    assert_eq!(agent.matches("\ntwolock\\-agent\\-").count(), 2, "{agent}");
    let printed = sandbox.run(&["man"]).answer().stdout;
    assert_eq!(fs::read_to_string(dir.join("twolock.1")).unwrap(), printed);
}

#[test]
fn pages_are_written_over_and_what_a_link_points_to_is_left_alone() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("man1")).unwrap();
    sandbox.write("man1/twolock-add.1", "old");
    sandbox.write("precious", "mine");
    symlink(sandbox.path("precious"), sandbox.path("man1/twolock.1")).unwrap();
    let answer = sandbox.run(&["man", "--dir", "man1", "-q"]).answer();
    answer.is(0, "", "");
    assert!(fs::read_to_string(sandbox.path("man1/twolock-add.1")).unwrap().contains(".TH twolock-add"));
    assert!(fs::read_to_string(sandbox.path("man1/twolock.1")).unwrap().contains(".TH twolock 1"));
    assert_eq!(fs::read_to_string(sandbox.path("precious")).unwrap(), "mine");
}

#[test]
fn a_directory_that_cannot_be_is_an_error_with_its_name() {
    let sandbox = Sandbox::new();
    sandbox.write("taken", "x");
    sandbox.run(&["man", "--dir", "taken"]).answer().fails(
        1,
        "cannot make the directory \"taken\": file exists",
        &["choose a directory that you may write to"],
    );
}
