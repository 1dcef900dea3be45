//! The pictures in the README and in docs: real screens as SVG, in a dark and in a light terminal.
//!
//! `assets/screens/draw` writes them anew; without it they are compared.

use std::fs;
use std::path::{Path, PathBuf};

use super::add::{codes, type_two};
use super::*;
use crate::support::shot::{PALETTES, svg};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screens")
}

/// The usual vault, with groups, a note and some use.
fn grouped() -> Stage {
    let mut accounts = usual();
    for (account, group) in accounts.iter_mut().zip(["Work", "Work", "Servers", "Work", "Work", "Personal"]) {
        account.group = group.to_owned();
    }
    accounts[0].note = "recovery codes are in the safe".to_owned();
    Stage::with(accounts)
}

/// Returns each picture: its name, what is to be seen in words, and the screen.
fn album() -> Vec<(&'static str, &'static str, Stage)> {
    use twolock::otp::{Otp, Secret};
    let device = Otp::totp(Secret::from_base32("JBSWY3SPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap());
    let aegis = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/exchange/aegis_plain.json");
    let aegis = fs::read_to_string(aegis).unwrap();
    vec![
        ("list", "The list of accounts, four seconds before their codes change", list().wait(17)),
        ("search", "The list, searched for the letters git", list().keys("/git")),
        ("two-codes", "Add MFA, step 3: two codes to type at the site", codes()),
        (
            "one-letter",
            "Two codes from a phone show that one letter of the typed key is wrong, and which",
            type_two(codes().keys("<tab>"), &device, 0),
        ),
        ("import", "An export of Aegis, looked at before anything is added", list().keys("I").paste(&aegis)),
        ("wide", "The list in a wide window, with groups and details", grouped().size(152, 22)),
    ]
}

/// Draws each picture in both terminals: the file's name, and the SVG.
fn drawn() -> Vec<(String, String)> {
    let mut drawn = Vec::new();
    for (name, title, stage) in album() {
        for palette in &PALETTES {
            let file = format!("{name}-{}.svg", palette.name);
            drawn.push((file, svg(&stage.buffer(), palette, title)));
        }
    }
    drawn
}

#[test]
fn shows_what_the_program_draws() {
    let mut names = vec!["draw".to_owned()];
    for (file, drawn) in drawn() {
        let kept = fs::read_to_string(folder().join(&file)).unwrap_or_default();
        assert!(kept == drawn, "{file} shows another screen: run assets/screens/draw");
        names.push(file);
    }
    let mut kept: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    names.sort();
    assert_eq!(kept, names);
}

#[test]
#[ignore = "it writes the pictures; assets/screens/draw runs it"]
#[expect(clippy::disallowed_methods, reason = "a picture is no vault")]
fn draws_anew() {
    for (file, drawn) in drawn() {
        fs::write(folder().join(file), drawn).unwrap();
    }
}
