//! Every format reads every file, however strange: it gives accounts that make codes, or a reason, and never panics.
//!
//! The fuzz targets do the same for hours; this is what of it fits into every test run.

use std::fs;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use twolock::exchange::{File, IMPORTERS, ImportError, Imported, recognize};
use twolock::otp::{Kind, Timestamp};

use super::{AT, folder};

/// The password of the fixtures.
const PASSWORD: &str = "correct horse";

/// Numbers that a file should not have where it has another.
const NUMBERS: [&str; 10] = [
    "0",
    "1",
    "-1",
    "255",
    "1e9",
    "4294967296",
    "1099511627776",
    "9223372036854775808",
    "18446744073709551615",
    "340282366920938463463374607431768211456",
];

/// The fixtures: what files of other programs look like.
static FIXTURES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut paths: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let ours = ["py", "md"];
    paths.retain(|path| {
        !path.ends_with("expected.json")
            && !path.extension().is_some_and(|extension| ours.iter().any(|our| extension == *our))
    });
    paths.iter().filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
});

/// Checks that codes can be made of all that came out, and that no reason acts on a terminal.
fn sane(read: Result<Imported, ImportError>) {
    match read {
        Ok(imported) => {
            for entry in &imported.entries {
                let code = match entry.otp.kind {
                    Kind::Hotp { counter } => entry.otp.code_at(counter),
                    _ => entry.otp.code(Timestamp::from_seconds(AT)).unwrap(),
                };
                assert_eq!(code.reveal().chars().count(), entry.otp.length());
            }
            for refused in &imported.refused {
                assert!(!refused.problem.to_string().contains(char::is_control), "{:?}", refused.problem);
            }
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control), "{error:?}"),
    }
}

fn read_by_all(bytes: &[u8]) {
    let Ok(file) = File::new(bytes) else { return };
    let _title = recognize(&file).map(twolock::exchange::Importer::title);
    for format in IMPORTERS {
        sane(format.read(&file, None));
    }
}

/// Reads it with a password by the format that says it is its own: deriving keys for all would take minutes.
fn read_with_password(bytes: &[u8]) {
    let Ok(file) = File::new(bytes) else { return };
    if let Some(format) = recognize(&file) {
        sane(format.read(&file, Some(PASSWORD)));
    }
}

/// Says where the runs of digits are.
fn numbers(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length > 0 {
            found.push((at, at + length));
        }
        at += length + 1;
    }
    found
}

/// A fixture that something happened to.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let fixture = || select(FIXTURES.as_slice());
    let flips = (fixture(), prop::collection::vec((any::<Index>(), 0..8_u8), 1..6)).prop_map(
        |(mut bytes, flips): (Vec<u8>, Vec<(Index, u8)>)| {
            for (at, bit) in flips {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            bytes
        },
    );
    let cut = (fixture(), any::<Index>()).prop_map(|(mut bytes, at): (Vec<u8>, Index)| {
        bytes.truncate(at.index(bytes.len()));
        bytes
    });
    let splice = (fixture(), fixture(), any::<Index>(), any::<Index>()).prop_map(
        |(one, other, end, start): (Vec<u8>, Vec<u8>, Index, Index)| {
            [&one[..end.index(one.len())], &other[start.index(other.len())..]].concat()
        },
    );
    let number = (fixture(), any::<Index>(), select(NUMBERS.as_slice())).prop_map(
        |(bytes, which, number): (Vec<u8>, Index, &str)| {
            let places = numbers(&bytes);
            if places.is_empty() {
                return bytes;
            }
            let (start, end) = places[which.index(places.len())];
            [&bytes[..start], number.as_bytes(), &bytes[end..]].concat()
        },
    );
    let repeated = (fixture(), any::<Index>(), any::<Index>()).prop_map(
        |(bytes, start, end): (Vec<u8>, Index, Index)| {
            let (start, end) = (start.index(bytes.len()), end.index(bytes.len()));
            let piece = &bytes[start.min(end)..start.max(end)];
            [&bytes[..start.max(end)], piece, &bytes[start.max(end)..]].concat()
        },
    );
    prop_oneof![flips, cut, splice, number, repeated]
}

/// Bytes after the beginning of a file that some format takes for its own.
fn begun() -> impl Strategy<Value = Vec<u8>> {
    let heads: Vec<Vec<u8>> = FIXTURES.iter().map(|bytes| bytes[..bytes.len().min(24)].to_vec()).collect();
    (select(heads), prop::collection::vec(any::<u8>(), 0..400))
        .prop_map(|(head, tail)| [head.as_slice(), &tail].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        read_by_all(&bytes);
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        read_by_all(text.as_bytes());
    }

    #[test]
    fn no_file_goes_on_too_strangely(bytes in begun()) {
        read_by_all(&bytes);
    }

    #[test]
    fn no_damage_is_too_strange(bytes in mutated()) {
        read_by_all(&bytes);
    }
}

proptest! {
    // Most of these pay for a key derivation.
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_is_too_strange_behind_a_password(bytes in mutated()) {
        read_with_password(&bytes);
    }
}
