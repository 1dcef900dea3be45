//! Whatever is pressed, pasted and resized, in whatever order: the UI does not break, promises only keys that it has,
//! and shows where one types.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use twolock::otp::{Algorithm, Otp};
use twolock::tui::event::{Mouse, Outcome};
use twolock::tui::key::Key;
use twolock::tui::keymap::Place;
use twolock::tui::screens::places;

use super::add::{codes, keyed, migration, named, otp, picture_of, type_two};
use super::backups::backups;
use super::borrowed::lent;
use super::import::{added, batched, keepass, plain, preview, second_of_three};
use super::others::edited;
use super::pending::pending;
use super::unlock::{damaged, went_back};
use super::{Stage, list, usual};
use crate::support::stage::PASSPHRASE;

/// How many steps a storm has.
const STEPS: usize = 62;
/// How many storms begin at each place: together over 10,000 steps.
const STORMS: u32 = 2;
/// The smallest window in which screens are drawn, and so cursors.
const LEAST: (u16, u16) = (32, 8);

const LINK: &str = "otpauth://totp/Codeberg:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Codeberg";
const COUNTER: &str = "otpauth://hotp/Bank:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&counter=7";
const STEAM: &str = "otpauth://totp/Steam:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&encoder=steam";
const ENCRYPTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/exchange/aegis_encrypted.json");

/// What storms paste.
const PASTES: &[&str] = &[
    "",
    "GitHub",
    PASSPHRASE,
    "492039",
    "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
    "JBSW Y3DP EH0K 3PX8",
    LINK,
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
    /// The disk is full, or has room again.
    Disk(bool),
    /// The world stops answering.
    Stall,
    /// The world answers again, to all that was asked.
    CatchUp,
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
        1 => prop::bool::ANY.prop_map(Step::Disk),
        1 => Just(Step::Stall),
        2 => Just(Step::CatchUp),
    ]
}

/// Where storms begin: as often as possible in another situation.
const PLACES: &[fn() -> Stage] = &[
    list,
    || list().keys("H"),
    || list().keys("xjx"),
    || list().keys("sssss"),
    || list().keys("GGk<enter>"),
    || Stage::with(Vec::new()),
    || list().keys("/g"),
    || list().keys("/githup"),
    || list().keys(":"),
    || list().keys("<right>"),
    || list().keys("GGk<right>"),
    || list().keys("e"),
    edited,
    || list().keys("M"),
    || list().keys("jdddD"),
    || list().keys("jdDd"),
    backups,
    || backups().keys("G<enter>"),
    || backups().keys("b~/x"),
    || backups().keys("b~/x").busy().keys("<enter>"),
    || list().keys("S"),
    || list().keys("S/lo"),
    || list().keys("S/").keys("lock after<enter><enter>"),
    || list().keys("S/").keys("another passphrase<enter><enter>"),
    || made_up(list().keys("S/").keys("another passphrase<enter><enter>a<enter>").busy()),
    || list().keys("?"),
    || list().keys("t"),
    || list().keys("v"),
    || list().keys("vk"),
    || list().wait(61).keys("v"),
    || list().wait(61).keys("vsecret").busy().keys("<enter>"),
    || list().keys("C"),
    || list().keys("Ct"),
    || list().keys("I"),
    || list().busy().keys("Ifile<enter>"),
    || list().keys("I").paste(ENCRYPTED).keys("<enter>"),
    sealed_for_keys,
    keepass,
    || list().keys("I<f3>"),
    preview,
    second_of_three,
    || second_of_three().keys("m"),
    added,
    || list().keys("X"),
    || list().keys("X<tab>"),
    || list().keys("X<enter>"),
    || list().keys("Xj<enter>"),
    plain,
    || made_up(list().keys("X<enter>").busy()),
    || batched(24).keys("<enter>"),
    || batched(24).keys("<up><enter>"),
    || list().keys("a"),
    || list().keys("aGitHub<tab>alice@example.com<enter>"),
    named,
    keyed,
    || keyed().keys("<tab>"),
    || named().keys("<up>"),
    || named().keys("<f3>"),
    || named().keys("<down>"),
    || named().busy().paste("/tmp/there-is-no-such-picture.png"),
    two_in_a_picture,
    || named().paste(&migration(1)),
    || Stage::with(Vec::new()).paste("otpauth://motp/Old:alice?secret=7ac61d4736f51a2b"),
    || keyed().busy().keys("<enter>"),
    codes,
    || codes().keys("<enter>"),
    || codes().keys("<enter>").wait(90),
    || codes().keys("<tab>"),
    || Stage::with(Vec::new()).paste(COUNTER).keys("<enter>"),
    || Stage::with(Vec::new()).paste(STEAM).keys("<enter><tab>"),
    || type_two(codes().keys("<tab>"), &Otp { algorithm: Algorithm::Sha256, ..otp() }, 0),
    || named().keys("<up><enter>"),
    || named().keys("<up><enter>s"),
    || codes().keys("y"),
    pending,
    || pending().keys("<enter>"),
    lent,
    || lent().keys("/git"),
    || lent().keys("je"),
    || Stage::locked(usual()),
    || Stage::locked(usual()).keys("<f3>"),
    || Stage::locked(usual()).told(Outcome::KeySealed { file: "~/key".to_owned(), wrong: false }),
    || Stage::locked(usual()).keys("secret").busy().keys("<enter>"),
    || Stage::locked(usual()).keys("a<enter>b<enter>c<enter>d<enter>"),
    damaged,
    || went_back(false),
    Stage::first_start,
    || Stage::first_start().keys("<down><enter>"),
    || Stage::first_start().keys("<enter>"),
    || made_up(Stage::first_start().keys("<enter>").busy()),
    || made_up(Stage::first_start().keys("<enter>")),
    || made_up(Stage::first_start().keys("<up><enter>")),
];

/// Pastes a picture with two codes, which is gone meanwhile.
fn two_in_a_picture() -> Stage {
    let (_folder, path) = picture_of(&[LINK, COUNTER]);
    named().paste(&path)
}

/// Reads a file that is sealed for age keys, and gone meanwhile.
fn sealed_for_keys() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sealed.age");
    let sealed = age::encrypt(&age::x25519::Identity::generate().to_public(), b"{}").unwrap();
    twolock::system::file::write_new(&path, &sealed, false, |_| Ok(())).unwrap();
    list().keys("I").paste(path.to_str().unwrap()).keys("<enter>")
}

/// Types a new passphrase twice.
fn made_up(stage: Stage) -> Stage {
    let words = "copper-walnut-seven-mailbox-drift";
    stage.paste(words).keys("<enter>").paste(words).keys("<enter>")
}

/// The screens that storms came through, and the situations of each: what its keys are.
struct Seen {
    places: Vec<Place>,
    /// Those of the places that were on the screen.
    seen: BTreeSet<usize>,
}

impl Seen {
    fn new() -> Self {
        let mut places = places();
        // A digit is a digit wherever codes are typed: no table of its own.
        for place in &mut places {
            place.keys.retain(|line| line.help != "a digit of a code");
        }
        Self { places, seen: BTreeSet::new() }
    }

    fn note(&mut self, stage: &Stage) -> Result<(), TestCaseError> {
        let (name, lines) = (stage.screen(), stage.lines());
        let fits = |place: &Place| place.name == name && place.keys.starts_with(&lines);
        let found = (0..self.places.len()).filter(|index| fits(&self.places[*index]));
        // One table may begin like another: the shorter is meant.
        let found = found.min_by_key(|index| self.places[*index].keys.len());
        let Some(found) = found else {
            return Err(TestCaseError::fail(format!("{name} is no place with the keys {lines:?}")));
        };
        self.seen.insert(found);
        Ok(())
    }

    /// Returns the screens that were never in sight.
    fn missing(&self) -> BTreeSet<&'static str> {
        let seen: BTreeSet<&str> = self.seen.iter().map(|index| self.places[*index].name).collect();
        self.places.iter().map(|place| place.name).filter(|name| !seen.contains(name)).collect()
    }

    /// Returns the situations that never were, of which it does not matter on which screen they are.
    fn situations(&self) -> Vec<String> {
        let seen = || self.seen.iter().map(|index| &self.places[*index]);
        let is_seen =
            |place: &&Place| seen().any(|seen| seen.scope == place.scope && seen.keys == place.keys);
        let names = |place: &Place| place.keys.iter().map(|line| line.name).collect::<Vec<_>>().join(" ");
        let missing = self.places.iter().filter(|place| !is_seen(place));
        missing.map(|place| format!("{} with {}", place.name, names(place))).collect()
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

fn storm(begin: usize, steps: Vec<Step>, seen: &RefCell<Seen>) -> Result<(), TestCaseError> {
    let mut stage = PLACES[begin]().cut_off();
    check(&stage)?;
    seen.borrow_mut().note(&stage)?;
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
            Step::Disk(full) => {
                stage.disk_full = full;
                stage
            }
            Step::Stall => stage.busy(),
            Step::CatchUp => stage.catch_up(),
        };
        check(&stage)?;
        seen.borrow_mut().note(&stage)?;
    }
    Ok(())
}

#[test]
fn nothing_breaks_in_a_storm_and_it_comes_through_every_screen() {
    let seen = RefCell::new(Seen::new());
    for begin in 0..PLACES.len() {
        let config =
            Config { cases: STORMS, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
        // The same storms each time, other ones at each place: what fails here fails everywhere.
        let seed = [u8::try_from(begin).unwrap(); 32];
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let steps = prop::collection::vec(step(), STEPS);
        TestRunner::new_with_rng(config, rng).run(&steps, |steps| storm(begin, steps, &seen)).unwrap();
    }
    let seen = seen.borrow();
    assert_eq!(seen.missing(), BTreeSet::new(), "no storm comes to these screens");
    // A new situation of a screen that is reached may wait for a place of its own; several may not.
    let situations = seen.situations();
    assert!(situations.len() * 20 <= seen.places.len(), "no storm comes to\n{}", situations.join("\n"));
    assert!(PLACES.len() * STEPS * STORMS as usize >= 10_000);
}

#[test]
fn every_screen_stands_in_every_window() {
    for place in PLACES {
        let mut stage = place().cut_off();
        for (columns, rows) in
            [(1, 1), (30, 6), (32, 8), (40, 12), (80, 24), (110, 30), (200, 60), (300, 100)]
        {
            stage = stage.size(columns, rows);
            check(&stage).unwrap();
        }
    }
}
