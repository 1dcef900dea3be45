//! Whatever is pressed, pasted and resized, in whatever order: the UI does not break, promises only keys that it has,
//! and shows where one types.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use twolock::tui::event::Mouse;
use twolock::tui::key::Key;

use super::add::{codes, keyed, named};
use super::pending::pending;
use super::{Stage, list, usual};
use crate::support::stage::PASSPHRASE;

/// How many steps a storm has.
const STEPS: usize = 100;
/// How many storms there are: together 10,000 steps.
const STORMS: u32 = 100;
/// The smallest window in which screens are drawn, and so cursors.
const LEAST: (u16, u16) = (32, 8);

/// What storms paste.
const PASTES: &[&str] = &[
    "",
    "GitHub",
    PASSPHRASE,
    "492039",
    "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
    "JBSW Y3DP EH0K 3PX8",
    "otpauth://totp/Codeberg:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Codeberg",
    "otpauth://hotp/Bank:alice?secret=JBSWY3DPEHPK3PXP&counter=7",
    "otpauth://totp/A?secret=JBSWY3DPEHPK3PXP\notpauth://totp/B?secret=GEZDGNBVGY3TQOJQ\n",
    "otpauth-migration://offline?data=AAAA",
    "/tmp/there-is-no-such-picture.png",
    "data:image/png;base64,iVBORw0KGgo=",
    "{\"version\": 1}",
    "e\u{301}\u{200d}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{6771}\u{4eac} \u{202e}gnp.exe \u{1b}[2J \u{fdfd}",
    "a long text that does not fit into any window, a long text that does not fit into any window, and on it goes",
];

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Key(Key),
    Paste(usize),
    Focus(bool),
    Point(Mouse),
    Resize(u16, u16),
    Wait(u32),
}

fn key() -> impl Strategy<Value = Key> {
    let named = [
        Key::BackTab,
        Key::Backspace,
        Key::Delete,
        Key::Down,
        Key::End,
        Key::Enter,
        Key::Esc,
        Key::F(1),
        Key::F(2),
        Key::F(3),
        Key::F(4),
        Key::Home,
        Key::Left,
        Key::PageDown,
        Key::PageUp,
        Key::Right,
        Key::Tab,
        Key::Up,
        Key::Char(' '),
        Key::Char('\u{6771}'),
        Key::Char('\u{301}'),
    ];
    prop_oneof![
        4 => prop::sample::select(named.to_vec()),
        2 => Just(Key::Enter),
        5 => prop::char::range('!', '~').prop_map(Key::Char),
        1 => prop::char::range('a', 'z').prop_map(Key::Ctrl),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => key().prop_map(Step::Key),
        2 => (0..PASTES.len()).prop_map(Step::Paste),
        2 => (1_u16..=90, 1_u16..=30).prop_map(|(columns, rows)| Step::Resize(columns, rows)),
        1 => (1_u16..=300, 1_u16..=100).prop_map(|(columns, rows)| Step::Resize(columns, rows)),
        1 => (1_u32..20).prop_map(Step::Wait),
        2 => (0_u16..90, 0_u16..30).prop_map(|(column, row)| Step::Point(Mouse::Click(column, row))),
        1 => prop::bool::ANY.prop_map(|down| Step::Point(if down { Mouse::WheelDown } else { Mouse::WheelUp })),
        1 => prop::bool::ANY.prop_map(Step::Focus),
    ]
}

/// Returns a place where a storm begins.
fn place(number: usize) -> Stage {
    match number {
        0 => list(),
        1 => list().keys("H"),
        2 => Stage::locked(usual()),
        3 => Stage::first_start(),
        4 => Stage::with(Vec::new()),
        5 => list().keys("<right>"),
        6 => list().keys("e"),
        7 => list().keys("v"),
        8 => list().keys("I"),
        9 => list().keys("X"),
        10 => list().keys("t"),
        11 => list().keys("S"),
        12 => list().keys("?"),
        13 => list().keys("/g"),
        14 => named(),
        15 => keyed(),
        16 => codes(),
        17 => pending(),
        18 => list().keys("a"),
        19 => super::backups::backups(),
        _ => list().wait(61).keys("v"),
    }
}

/// What holds after each step.
fn check(stage: &Stage) -> Result<(), TestCaseError> {
    let (columns, rows) = stage.columns_and_rows();
    // Drawing it is the first of what must hold.
    let picture = stage.picture();
    let (footer, help) = stage.promises();
    for key in &footer {
        prop_assert!(help.contains(key), "{key} stands in the footer and not in the help\n{picture}");
    }
    for (index, key) in help.iter().enumerate() {
        prop_assert!(!help[..index].contains(key), "{key} means two things\n{picture}");
    }
    let cursor = stage.cursor();
    if let Some(cursor) = cursor {
        let inside = cursor.x < columns && cursor.y < rows;
        prop_assert!(inside, "the cursor is at {cursor} of {columns}x{rows}\n{picture}");
    }
    if stage.types() && columns >= LEAST.0 && rows >= LEAST.1 {
        prop_assert!(cursor.is_some(), "no cursor where one types, at {columns}x{rows}\n{picture}");
    }
    Ok(())
}

fn storm(begin: usize, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut stage = place(begin).cut_off();
    check(&stage)?;
    for step in steps {
        stage = match step {
            Step::Key(key) => {
                stage.key(key);
                stage
            }
            Step::Paste(number) => stage.paste(PASTES[number]),
            Step::Focus(here) => stage.focus(here),
            Step::Point(mouse) => stage.point(mouse),
            Step::Resize(columns, rows) => stage.size(columns, rows),
            Step::Wait(seconds) => stage.wait(seconds),
        };
        check(&stage)?;
    }
    Ok(())
}

#[test]
fn nothing_breaks_in_a_storm() {
    let config =
        Config { cases: STORMS, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    // The same storms each time: what fails here fails everywhere.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let storms = (0_usize..21, prop::collection::vec(step(), STEPS));
    TestRunner::new_with_rng(config, rng).run(&storms, |(begin, steps)| storm(begin, steps)).unwrap();
}

#[test]
fn every_screen_stands_in_every_window() {
    for number in 0..21 {
        let mut stage = place(number).cut_off();
        for (columns, rows) in
            [(1, 1), (30, 6), (32, 8), (40, 12), (80, 24), (110, 30), (200, 60), (300, 100)]
        {
            stage = stage.size(columns, rows);
            check(&stage).unwrap();
        }
    }
}
