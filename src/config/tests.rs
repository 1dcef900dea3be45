//! Reading, changing and writing settings.

use super::*;

fn remarks(text: &str) -> Vec<String> {
    Config::read(text).1.iter().map(ToString::to_string).collect()
}

#[test]
fn the_defaults_read_back_as_the_defaults() {
    let text = Config::default().written();
    assert_eq!(Config::read(&text), (Config::default(), Vec::new()));
    assert_eq!(Config::read(""), (Config::default(), Vec::new()));
    assert_eq!(Config::read("// nothing\n()"), (Config::default(), Vec::new()));
}

#[test]
fn every_setting_takes_what_it_writes_and_says_what_it_takes() {
    for setting in SETTINGS {
        let mut config = Config::default();
        let written = config.get(setting.key).unwrap();
        config.set(setting.key, &written).unwrap();
        assert_eq!(config, Config::default(), "{}", setting.key);
        assert!(!setting.help.is_empty() && !setting.label.is_empty(), "{}", setting.key);
        assert!(!setting.help.ends_with('.'), "{}", setting.key);
        let refused = config.set(setting.key, "[(}").unwrap_err().to_string();
        assert!(refused.starts_with(&format!("`{}` takes ", setting.key)), "{refused}");
        match setting.kind {
            Kind::Choice(names) => {
                for name in names {
                    config.set(setting.key, name).unwrap();
                    assert_eq!(config.get(setting.key).unwrap(), *name);
                }
            }
            Kind::Number(Range { least, most, steps, .. }) => {
                assert!(steps.is_sorted() && steps.iter().all(|step| (least..=most).contains(step)));
                assert!(steps.iter().any(|step| step.to_string() == written), "{}", setting.key);
                config.set(setting.key, &(u64::from(most) + 1).to_string()).unwrap_err();
            }
            _ => {}
        }
    }
}

#[test]
fn a_wrong_line_is_named_with_its_place_and_costs_itself_alone() {
    let text = "(\n    screen: (\n        theem: Dark,\n        motion: Less,\n        show_on_space: 0,\n    ),\n\
                \n    scren: (plain: false),\n    theme: Dark,\n    lock: 5,\n    list: (theme: Dark, sort: Nmae),\n)\n";
    let (config, _) = Config::read(text);
    let mut expected = Config::default();
    expected.screen.motion = Motion::Less;
    assert_eq!(config, expected);
    assert_eq!(
        remarks(text),
        [
            "line 3, column 9: `screen.theem` is not a setting; did you mean `screen.theme`?",
            "line 5, column 24: `screen.show_on_space` takes a whole number from 1 to 300 (seconds), not 0",
            "line 8, column 5: `scren` is not a setting; did you mean `screen`?",
            "line 9, column 5: `theme` is not a setting; did you mean `screen.theme`?",
            "line 10, column 11: `lock` takes its settings in ( )",
            "line 11, column 12: `list.theme` is not a setting; did you mean `screen.theme`?",
            "line 11, column 31: `list.sort` takes MostUsed, LastUsed, Name, Group, Added or ByHand, not Nmae; \
             did you mean Name?",
        ]
    );
}

#[test]
fn a_text_that_is_none_is_said_to_be_none() {
    for (text, said) in [
        ("(screen: (theme: Dark)", "line 1, column 23: a bracket is not closed"),
        ("screen", "line 1, column 1: a file of settings begins with ("),
        ("(screen (theme: Dark))", "line 1, column 9: a : is missing"),
        ("(\n  /* (", "line 2, column 3: this comment has no end"),
        ("() x", "line 1, column 4: nothing comes after the last )"),
        ("(vault: (dir: \"x))", "line 1, column 15: this text has no closing \""),
        ("(a: (b: [(]))", "line 1, column 11: this bracket closes another one"),
        ("(a: , b: 1)", "line 1, column 5: a value is missing"),
        ("(a: (b: 1) c: 2)", "line 1, column 12: a comma is missing"),
    ] {
        assert!(remarks(text)[0].starts_with(said), "{text}: {:?}", remarks(text));
        assert_eq!(Config::read(text).0, Config::default());
    }
}

#[test]
fn hostile_texts_end_in_words() {
    let deep = format!("(a: {}", "(b: ".repeat(10_000));
    let flat = format!("(a: {}", "[".repeat(100_000));
    let many = "x: 1, ".repeat(5000);
    for text in
        [deep, flat, format!("({many})"), "(\u{1b}[2J: 1)".to_owned(), "(\"\\u{202e}x\": (a: 1))".to_owned()]
    {
        let said = remarks(&text);
        assert!(!said.is_empty() && said.len() <= MOST_REMARKS);
        assert!(said.iter().all(|line| !line.contains(['\u{1b}', '\u{202e}'])), "{said:?}");
    }
}

#[test]
fn keys_are_read_as_they_are_spelled() {
    let (config, remarks) = Config::read("(keys: {\"copy\": [\"Enter\", \"c\"], \"delete\": []})");
    assert!(remarks.is_empty());
    assert_eq!(config.keys["copy"], ["Enter", "c"]);
    assert_eq!(config.get("keys.copy").unwrap(), "[\"Enter\", \"c\"]");
    assert_eq!(
        Config::read("(keys: {\"copy\": 5})").1[0].to_string(),
        "line 1, column 17: `keys.copy` takes a list of keys, as in [\"Enter\", \"c\"], not 5"
    );
}

#[test]
fn twice_is_once_too_often() {
    let (config, remarks) = Config::read("(lock: (after: 60, after: 90))");
    assert_eq!(config.lock.after, Seconds(90));
    assert_eq!(remarks[0].to_string(), "line 1, column 20: `lock.after` stands here twice; this one counts");
}

#[test]
fn values_are_taken_as_people_write_them() {
    let mut config = Config::default();
    config.set("lock.after", "5m").unwrap();
    config.set("screen.theme", "dark").unwrap();
    config.set("screen.row_numbers", "off").unwrap();
    config.set("copy.command", "[\"wl-copy\", \"-s\"]").unwrap();
    config.set("list.group", "\"W\\u{f6}rk\"").unwrap();
    config.set("lock.ask_again", "[ShowQr, ShowQr]").unwrap();
    assert_eq!(config.lock.after, Seconds(300));
    assert_eq!((config.screen.theme, config.screen.row_numbers), (Theme::Dark, false));
    assert_eq!(config.copy.command.as_deref(), Some(&["wl-copy".to_owned(), "-s".to_owned()][..]));
    assert_eq!(config.list.group.as_deref(), Some("W\u{f6}rk"));
    assert_eq!(config.get("lock.ask_again").unwrap(), "[ShowQr]");
    config.set("list.group", "All").unwrap();
    assert_eq!(config.list.group, None);
}

#[track_caller]
fn edits(text: &str, key: &str, value: &str, expected: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.ron");
    crate::system::file::write_new(&path, text.as_bytes(), false, |_| Ok(())).unwrap();
    let config = save(&path, key, value).unwrap();
    let after = std::fs::read_to_string(&path).unwrap();
    assert_eq!(after, expected);
    assert_eq!(Config::read(&after), (config, Vec::new()));
}

#[test]
fn a_change_leaves_everything_else_as_it_was() {
    let commented = "// mine\n(\n    screen: (\n        row_numbers: false, // no numbers\n        // the end\n    ),\n)\n";
    edits(
        commented,
        "screen.theme",
        "Dark",
        "// mine\n(\n    screen: (\n        row_numbers: false, // no numbers\n        theme: Dark,\n        // the end\n    ),\n)\n",
    );
    edits(commented, "screen.row_numbers", "true", &commented.replace("false", "true"));
    edits(
        commented,
        "lock.after",
        "60",
        "// mine\n(\n    screen: (\n        row_numbers: false, // no numbers\n        // the end\n    ),\n    lock: (\n        after: 60,\n    ),\n)\n",
    );
    edits("", "lock.after", "60", "(\n    lock: (\n        after: 60,\n    ),\n)\n");
    edits("(lock: (after: 60))", "lock.ask_again_after", "0", "(lock: (after: 60, ask_again_after: 0,))");
    edits(
        "(\n    lock: (\n        after: 60,\n    ),\n)\n",
        "lock.after",
        "600",
        "(\n    lock: (\n    ),\n)\n",
    );
    edits("(lock: (after: 60))", "lock.after", "600", "(lock: (after: 600))");
    edits("(lock: ())", "lock.after", "60", "(lock: (\n    after: 60,\n))");
    edits(
        "(\n    keys: {\n        \"add\": [\"+\"],\n    },\n)\n",
        "keys.copy",
        "[\"c\"]",
        "(\n    keys: {\n        \"add\": [\"+\"],\n        \"copy\": [\"c\"],\n    },\n)\n",
    );
    edits(
        "(\n    version: 1\n)",
        "lock.after",
        "0",
        "(\n    version: 1,\n    lock: (\n        after: 0,\n    ),\n)",
    );
}

#[test]
fn every_setting_can_be_changed_in_the_whole_file_and_in_an_empty_one() {
    for setting in SETTINGS {
        let value = match setting.kind {
            Kind::Choice(names) => (*names.last().unwrap()).to_owned(),
            Kind::List(names) => format!("[{}]", names[0]),
            Kind::Number(range) => range.most.to_string(),
            Kind::Switch => "true".to_owned(),
            Kind::Text(_) => "\"a \\\"text\\\"\"".to_owned(),
            Kind::Words => "[\"a\", \"b\"]".to_owned(),
        };
        for text in [String::new(), Config::default().written()] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("deep/config.ron");
            if !text.is_empty() {
                std::fs::create_dir(dir.path().join("deep")).unwrap();
                crate::system::file::write_new(&path, text.as_bytes(), false, |_| Ok(())).unwrap();
            }
            let mut expected = Config::default();
            expected.set(setting.key, &value).unwrap();
            assert_eq!(save(&path, setting.key, &value).unwrap(), expected, "{}", setting.key);
            assert_eq!(load(&path, false), Loaded { config: expected, remarks: Vec::new() });
            assert_eq!(reset(&path, setting.key).unwrap(), Config::default(), "{}", setting.key);
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.ron");
    assert_eq!(load(&path, false), Loaded::default());
    assert!(load(&path, true).remarks[0].starts_with("there is no file of settings \""));
    for (bytes, said) in [
        (&b"(a: "[..], "line 1, column 5: a "),
        (b"(\xff)", "it is not UTF-8 text"),
        (&vec![b' '; 300 << 10], "it is larger than 256 KiB"),
    ] {
        crate::system::file::write_new(&path, bytes, true, |_| Ok(())).unwrap();
        let loaded = load(&path, false);
        assert_eq!(loaded.config, Config::default());
        assert!(loaded.remarks[0].contains(said), "{:?}", loaded.remarks);
        assert!(save(&path, "lock.after", "60").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
    assert!(load(dir.path(), false).remarks[0].contains("it is no plain file"));
}

#[test]
fn a_link_stays_one_and_the_mode_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let (real, link) = (dir.path().join("real.ron"), dir.path().join("config.ron"));
    crate::system::file::write_new(&real, b"()", false, |_| Ok(())).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o644)).unwrap();
    symlink(&real, &link).unwrap();
    save(&link, "lock.after", "60").unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(load(&real, true).config.lock.after, Seconds(60));
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o644);
}
