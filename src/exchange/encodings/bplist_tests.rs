//! Binary property lists, well made and hostile.

use super::*;

/// Writes values that are encoded already; the first is the root.
fn list(values: &[&[u8]]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    let mut table = Vec::new();
    for value in values {
        table.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
        bytes.extend(*value);
    }
    let start = bytes.len() as u64;
    bytes.extend(table);
    bytes.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    for number in [values.len() as u64, 0, start] {
        bytes.extend(number.to_be_bytes());
    }
    bytes
}

/// The head of an archive: `$top` with its root at UID 1, and these objects behind `$null`.
fn archive(objects: &[&[u8]]) -> Vec<u8> {
    let count = u8::try_from(objects.len()).unwrap();
    let mut numbers = vec![0xa0 | (count + 1)];
    numbers.extend((7..=7 + count).collect::<Vec<u8>>());
    let mut values: Vec<&[u8]> = vec![
        b"\xd2\x01\x02\x03\x04",
        b"\x58$objects",
        b"\x54$top",
        &numbers,
        b"\xd1\x05\x06",
        b"\x54root",
        b"\x80\x01",
        b"\x55$null",
    ];
    values.extend(objects);
    list(&values)
}

#[test]
fn an_archive_is_walked_by_references() {
    // UID 1, number 8: {a: UID 2, b: UID 0, c: 300, d: data}.
    let bytes = archive(&[
        b"\xd4\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11",
        b"\x62\x00x\x00\xe4",
        b"\x51a",
        b"\x51b",
        b"\x51c",
        b"\x51d",
        b"\x80\x02",
        b"\x80\x00",
        b"\x11\x01\x2c",
        b"\x42\x01\x02",
    ]);
    let archive = Archive::open(&bytes).unwrap();
    let root = archive.root().unwrap();
    assert_eq!(root.get("a").unwrap().text().unwrap().as_str(), "xä");
    assert!(root.get("b").is_none() && root.get("x").is_none());
    assert_eq!(root.get("c").unwrap().number(), Some(300));
    assert_eq!(root.get("d").unwrap().data(), Some([1, 2].as_slice()));
    assert!(root.items().is_none() && root.get("a").unwrap().number().is_none());
}

#[test]
fn references_that_go_round_end() {
    let bytes = archive(&[b"\x80\x01"]);
    assert!(Archive::open(&bytes).unwrap().root().is_none());
    // A dictionary whose keys are itself.
    let bytes = archive(&[b"\xd2\x09\x0a\x08\x08", b"\x57NS.keys", b"\x5aNS.objects"]);
    assert!(Archive::open(&bytes).unwrap().root().unwrap().get("x").is_none());
}

#[test]
fn a_list_that_is_asked_for_without_end_spends_its_budget() {
    let mut long = b"\xaf\x11\x40\x00".to_vec();
    long.extend([8; 0x4000]);
    let bytes = archive(&[&long]);
    let archive = Archive::open(&bytes).unwrap();
    let root = archive.root().unwrap();
    let asked = (0..10_000).take_while(|_| root.items().is_some()).count();
    assert!(asked < 1000, "{asked}");
}

#[test]
fn damage_is_nothing() {
    let bytes = archive(&[b"\xd1\x09\x0a", b"\x51a", b"\x80\x02", b"\x51x"]);
    for cut in 0..bytes.len() {
        assert!(Archive::open(&bytes[..cut]).is_err(), "{cut}");
    }
    for at in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[at / 8] ^= 1 << (at % 8);
        if let Ok(archive) = Archive::open(&bytes) {
            drop(archive.root().and_then(|root| root.get("a")).and_then(Node::text));
        }
    }
}
