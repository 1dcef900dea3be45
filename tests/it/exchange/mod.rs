//! Files of other authenticators: what is expected of each stands in `tests/fixtures/exchange/expected.json`.

mod bombs;
mod docs;
mod hostile;
mod managers;
mod others;
mod phones;
mod written;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use twolock::exchange::{Entry, File, IMPORTERS, ImportError, Imported, Importer, Likeness, recognize};
use twolock::otp::{Kind, Timestamp};

/// The moment of the codes in `expected.json`, in seconds since 1970.
const AT: i64 = 1_111_111_109;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/exchange")
}

/// Returns the bytes of a fixture.
fn bytes(file: &str) -> Vec<u8> {
    fs::read(folder().join(file)).unwrap()
}

/// Reads a file by the format that recognises it.
fn read(bytes: &[u8], password: Option<&str>) -> Result<Imported, ImportError> {
    let file = File::new(bytes)?;
    recognize(&file).ok_or(ImportError::Unknown)?.read(&file, password)
}

fn importer(name: &str) -> &'static dyn Importer {
    IMPORTERS.iter().copied().find(|format| format.name() == name).unwrap()
}

/// Checks that a fixture is recognised as `format` and no other's, and gives what is expected of it; that it wants
/// its password, and nothing else in its place; and that damage is refused and never a panic.
#[track_caller]
fn check(file: &str, format: &str) {
    let expected: Value = serde_json::from_slice(&bytes("expected.json")).unwrap();
    let expected = &expected["files"][file];
    assert!(expected.is_object(), "{file} is not in expected.json");
    let bytes = bytes(file);
    let looked_at = File::new(&bytes).unwrap();
    let claims: Vec<&str> = IMPORTERS
        .iter()
        .filter(|format| format.recognizes(&looked_at) == Likeness::Yes)
        .map(|format| format.name())
        .collect();
    assert!(claims == [format] || claims.is_empty(), "{file} is claimed by {claims:?}");
    assert_eq!(recognize(&looked_at).map(Importer::name), Some(format), "{file}");

    let password = expected["password"].as_str();
    let imported = read(&bytes, password).unwrap();
    assert_eq!(imported.refused, [], "{file}");
    let found: Vec<Value> = imported.entries.iter().map(plain).collect();
    let wanted: Vec<Value> = expected["entries"].as_array().unwrap().iter().map(normal).collect();
    assert_eq!(found, wanted, "{file}");
    for (entry, row) in imported.entries.iter().zip(expected["entries"].as_array().unwrap()) {
        code(entry, row);
    }

    if password.is_some() {
        assert_eq!(read(&bytes, None), Err(ImportError::PasswordNeeded), "{file}");
        assert_eq!(read(&bytes, Some("wrong horse")), Err(ImportError::WrongPassword), "{file}");
        assert_eq!(read(&bytes, Some("")), Err(ImportError::WrongPassword), "{file}");
    }
    damage(&bytes, password);
}

/// Cuts the file short and flips bits all over it: nothing panics, and no code comes out that was not in it.
fn damage(whole: &[u8], password: Option<&str>) {
    let known = read(whole, password).unwrap();
    for part in 1..8 {
        drop(read(&whole[..whole.len() * part / 8], password));
    }
    drop(read(&whole[..whole.len() - 1], password));
    for flip in 0..24 {
        let mut bytes = whole.to_vec();
        let at = whole.len() * flip / 24;
        bytes[at] ^= 1 << (flip % 8);
        if let Ok(damaged) = read(&bytes, password)
            && password.is_some()
        {
            // A flip may hit a name in clear; where there is a password the secrets are sealed.
            let strange = damaged
                .entries
                .iter()
                .filter(|entry| !known.entries.iter().any(|known| known.otp.secret == entry.otp.secret));
            assert_eq!(strange.count(), 0, "a flip at byte {at} went unnoticed");
        }
    }
}

/// Returns what is compared of an entry.
fn plain(entry: &Entry) -> Value {
    let otp = &entry.otp;
    let kind = match &otp.kind {
        Kind::Hotp { .. } => "hotp",
        Kind::Motp { .. } => "motp",
        Kind::Steam => "steam",
        Kind::Totp { .. } => "totp",
        Kind::Yandex { .. } => "yandex",
    };
    let counter = match otp.kind {
        Kind::Hotp { counter } => Some(counter),
        _ => None,
    };
    serde_json::json!({
        "type": kind, "issuer": entry.issuer, "account": entry.account, "secret": *otp.secret.to_base32(),
        "algorithm": otp.algorithm.name(), "digits": otp.digits.get(),
        "period": otp.period().map(twolock::otp::Period::seconds), "counter": counter,
        "groups": entry.groups, "favorite": entry.pinned,
    })
}

/// Returns what is compared of an entry in `expected.json`.
fn normal(row: &Value) -> Value {
    let groups = ["groups", "tags"].iter().find_map(|name| row.get(name)).cloned();
    serde_json::json!({
        "type": row["type"], "issuer": row["issuer"], "account": row["account"], "secret": row["secret"],
        "algorithm": row["algorithm"], "digits": row["digits"], "period": row["period"],
        "counter": row["counter"], "groups": groups.unwrap_or_else(|| serde_json::json!([])),
        "favorite": row.get("favorite").cloned().unwrap_or(Value::Bool(false)),
    })
}

#[track_caller]
fn code(entry: &Entry, row: &Value) {
    let otp = &entry.otp;
    if let Some(code) = row["code_at_1111111109"].as_str() {
        assert_eq!(otp.code(Timestamp::from_seconds(AT)).unwrap().reveal(), code);
    }
    if let (Some(code), Kind::Hotp { counter }) = (row["code_at_counter"].as_str(), &otp.kind) {
        assert_eq!(otp.code_at(*counter).reveal(), code);
    }
}

#[test]
fn formats_are_sorted_and_each_has_its_name_once() {
    let names: Vec<&str> = IMPORTERS.iter().map(|format| format.name()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted);
}

#[test]
fn a_file_of_no_format_is_unknown() {
    for bytes in [b"hello world".as_slice(), b"{}", b"[]", b"\x7fELF", b"PK\x03\x04", b"[1,2"] {
        assert_eq!(read(bytes, None), Err(ImportError::Unknown), "{bytes:?}");
    }
    assert_eq!(read(b"", None), Err(ImportError::Empty));
    assert_eq!(importer("aegis").title(), "Aegis");
}
