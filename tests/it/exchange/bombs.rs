//! Files that are small and ask for much: each is answered with a reason, within two seconds of the processor and
//! 256 MiB of address space, by the program as it is built.
//!
//! Where a format is not known here its bombs are still tried: a file of no format must be cheap as well.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use serde_json::Value;
use twolock::exchange::IMPORTERS;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::bytes;
use crate::support::sandbox::Sandbox;

const MEBIBYTES: u32 = 256;

/// Our own code is many times slower where it is not optimised.
const SECONDS: u32 = if cfg!(debug_assertions) { 10 } else { 2 };

/// Tries a file as a person would, with a password at hand, and returns what the program says: an error, or the
/// summary of a report.
#[track_caller]
fn said(content: &[u8]) -> String {
    let sandbox = Sandbox::with_vault();
    sandbox.write("bomb", content);
    sandbox.write("password", "correct horse");
    let arguments = ["import", "--dry-run", "--password-file", "password", "bomb"];
    let answer = sandbox.run_within(MEBIBYTES, SECONDS, &arguments).answer();
    let start = answer.stderr.chars().take(300).collect::<String>();
    if answer.code == Some(0) {
        let end = answer.stdout.rsplit_once("\n\n").map(|(_, end)| end.to_owned()).unwrap_or_default();
        assert!(end.contains(" read, "), "{end}");
        assert!(answer.stdout.len() < 8 << 20, "a report of {} bytes", answer.stdout.len());
        return end;
    }
    let error = start.lines().next().unwrap_or_default();
    let said = error.starts_with("twolock: error: ") && error.len() < 300;
    assert!(said && answer.code.is_some(), "it ended with {:?}: {start}", answer.code);
    error.to_owned()
}

/// Checks that a file is refused with a reason that has these words in it, or that nothing in it can be taken.
#[track_caller]
fn refused(content: &[u8], words: &str) {
    let said = said(content);
    let nothing = said.contains(" read, 0 new") && said.contains(" refused");
    assert!(said.starts_with("twolock: error: ") || nothing, "{said}");
    assert!(said.contains(words), "{said}");
}

/// Checks that a file is refused, with these words if the format is known here.
#[track_caller]
fn refused_by(format: &str, content: &[u8], words: &str) {
    let known = IMPORTERS.iter().any(|importer| importer.name() == format);
    refused(content, if known { words } else { "" });
}

/// Returns a fixture of JSON with one value changed.
fn changed(file: &str, path: &str, value: impl Into<Value>) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&bytes(file)).unwrap();
    *document.pointer_mut(path).unwrap() = value.into();
    serde_json::to_vec(&document).unwrap()
}

/// A `KeePass` database of version 3.1 that asks for so many rounds.
fn kdbx(rounds: u64) -> Vec<u8> {
    let aes = b"\x31\xc1\xf2\xe6\xbf\x71\x43\x50\xbe\x58\x05\x21\x6a\xfc\x5a\xff";
    let rounds = rounds.to_le_bytes();
    let fields: [(u8, &[u8]); 10] = [
        (2, aes),
        (3, &[0; 4]),
        (4, &[1; 32]),
        (5, &[2; 32]),
        (6, &rounds),
        (7, &[3; 16]),
        (8, &[4; 32]),
        (9, &[5; 32]),
        (10, &[2, 0, 0, 0]),
        (0, b"\r\n\r\n"),
    ];
    let mut file = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01\x00\x03\x00".to_vec();
    for (id, value) in fields {
        file.push(id);
        file.extend_from_slice(&u16::try_from(value.len()).unwrap().to_le_bytes());
        file.extend_from_slice(value);
    }
    file.extend_from_slice(&[6; 64]);
    file
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let crc = !body.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    });
    [u32::try_from(data.len()).unwrap().to_be_bytes().as_slice(), &body, &crc.to_be_bytes()].concat()
}

/// A picture of one colour, as large as it says; its pixels are not all there.
fn png(side: u32) -> Vec<u8> {
    let header = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let start = chunk(b"IHDR", &header);
    [b"\x89PNG\r\n\x1a\n", &start[..], &chunk(b"IDAT", &vec![0x78; 30_000]), &chunk(b"IEND", &[])].concat()
}

fn zipped(files: impl Iterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in files {
        zip.start_file(name, options).unwrap();
        zip.write_all(&content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn one(name: &str, content: Vec<u8>) -> Vec<u8> {
    zipped(std::iter::once((name.to_owned(), content)))
}

/// The names of the files that formats look for in an archive.
const MEMBERS: [&str; 5] =
    ["Accounts.txt", "Proton Pass/data.json", "data.json", "export.data", "raivo-otp-export.json"];

#[test]
fn pictures() {
    refused(&png(50_000), "too large");
    refused(&png(u32::MAX >> 1), "");
    refused(&png(6000), "damaged");
    // As large as is searched: without optimisation it takes half a minute.
    let side = if cfg!(debug_assertions) { 1500 } else { 6000 };
    let mut whole = Cursor::new(Vec::new());
    DynamicImage::new_luma8(side, side).write_to(&mut whole, ImageFormat::Png).unwrap();
    refused(&whole.into_inner(), "no QR code");
}

/// Noise has what looks like the corners of codes by the thousand.
#[test]
fn noise() {
    let (width, height) = if cfg!(debug_assertions) { (900, 600) } else { (3000, 2000) };
    let mut seed = 7_u64;
    let mut byte = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed.to_be_bytes()[0]
    };
    for dark in [Some(128), Some(40), None] {
        let shade = |byte: u8| match dark {
            Some(dark) if byte < dark => 0,
            Some(_) => 255,
            None => byte,
        };
        let noise = GrayImage::from_fn(width, height, |_, _| Luma([shade(byte())]));
        let mut file = Cursor::new(Vec::new());
        noise.write_to(&mut file, ImageFormat::Png).unwrap();
        refused(&file.into_inner(), "no QR code");
    }
}

#[test]
fn archives() {
    for name in MEMBERS {
        refused(&one(name, vec![b' '; 60 << 20]), "");
        let mut lying = one(name, vec![b' '; 3000]);
        // The sizes before and after packing, in both places, and then only in the directory.
        for place in
            [memchr::memmem::find(&lying, b"PK\x03\x04"), memchr::memmem::rfind(&lying, b"PK\x01\x02")]
        {
            let at = place.unwrap() + if lying[place.unwrap() + 2] == 1 { 24 } else { 22 };
            for size in [7_u32, u32::MAX - 1] {
                lying[at..at + 4].copy_from_slice(&size.to_le_bytes());
                refused(&lying, "");
            }
        }
    }
    refused(&zipped((0..100_000).map(|number| (number.to_string(), Vec::new()))), "");
    // The same packed bytes under many names: what comes out together counts.
    refused(&one("42.zip", one("0.zip", one("Accounts.txt", vec![0; 40 << 20]))), "");
}

#[test]
fn deep_json() {
    let nested = |open: &str, close: &str| open.repeat(1_000_000) + "1" + &close.repeat(1_000_000);
    refused(nested("[", "]").as_bytes(), "");
    refused(nested("{\"a\":", "}").as_bytes(), "");
    refused("[".repeat(1_000_000).as_bytes(), "");
    refused("{\"a\":".repeat(1_000_000).as_bytes(), "");
    let aegis = format!("{{\"version\":1,\"header\":{{}},\"db\":{}}}", nested("{\"entries\":", "}"));
    refused(aegis.as_bytes(), "");
    let stratum = format!("{{\"Authenticators\":[{}]}}", nested("[", "]"));
    refused(stratum.as_bytes(), "");
}

#[test]
fn a_million_of_nothing() {
    let many = "{},".repeat(999_999) + "{}";
    refused(format!("[{many}]").as_bytes(), "no format");
    let fields = (0..1_000_000).fold(String::from("{\"a\":0"), |mut text, number| {
        write!(text, ",\"{number}\":0").unwrap();
        text
    });
    refused((fields + "}").as_bytes(), "");
    for list in [
        format!("[{{\"label\":\"a\",\"secret\":\"\",\"type\":\"TOTP\",\"algorithm\":\"SHA1\"}},{many}]"),
        format!(
            "{{\"version\":1,\"header\":{{\"slots\":null,\"params\":null}},\"db\":{{\"version\":2,\"entries\":[{many}]}}}}"
        ),
        format!("{{\"services\":[{many}],\"schemaVersion\":4}}"),
        format!("{{\"Authenticators\":[{many}]}}"),
        format!("{{\"twolock\":1,\"accounts\":[{many}]}}"),
        "otpauth://totp/a\n".repeat(1_000_000),
        "otpauth://totp/a?secret=A&".repeat(1_000_000),
        "otpauth-migration://offline?data=AAAA\n".repeat(1_000_000),
    ] {
        refused(list.as_bytes(), "");
    }
}

#[test]
fn more_lines_than_are_taken() {
    // Without optimisation a part of the lines is enough to see that there are too many.
    let lines = if cfg!(debug_assertions) { 150_000 } else { 3_000_000 };
    for (head, line) in [
        ("name,totp\n", "a,1\n"),
        ("name,totp\n", "a,\n"),
        ("name,login_totp\n", "a,1\n"),
        ("folder,name,login_uri,login_totp\n", ",a,,1\n"),
        ("", "a:ABCDEFGHIJKLMNOP\n"),
        ("x:ABCDEFGHIJKLMNOP\n", "otpauth://totp/a\n"),
        ("", "HOTP a - 0\n"),
        ("", "otpauth://totp/a?secret=1&codeDisplay=\n"),
        ("", "otpauth://totp/a?x?secret=1&digits=6\n"),
        ("1,2,3,00112233445566778899,4,5\n", "1,2,3,0011223344556677889,4,5\n"),
    ] {
        said(format!("{head}{}", line.repeat(lines)).as_bytes());
    }
    let wide = format!("name,totp\n{}\n", ",".repeat(20 << 20));
    refused(wide.as_bytes(), "more than 100,000 fields");
    let parts = (0..lines / 10).map(|number| {
        let payload = data_encoding::BASE64.encode(format!("\u{10}\u{1}{number:06}").as_bytes());
        format!("otpauth-migration://offline?data={payload}\n")
    });
    said(parts.collect::<String>().as_bytes());
}

#[test]
fn key_derivations() {
    refused_by("aegis", &changed("aegis_encrypted.json", "/header/slots/1/n", 1_u64 << 40), "would take");
    refused_by("aegis", &changed("aegis_encrypted.json", "/header/slots/1/r", u32::MAX), "would take");
    refused_by("aegis", &changed("aegis_encrypted.json", "/header/slots/1/p", u32::MAX), "would take");
    let aegis: Value = serde_json::from_slice(&bytes("aegis_encrypted.json")).unwrap();
    let mut slot = aegis["header"]["slots"][1].clone();
    slot["salt"] = "00".into();
    let slots = vec![slot; 100_000];
    refused_by("aegis", &changed("aegis_encrypted.json", "/header/slots", slots), "");
    let ente = |path, value: u64| changed("ente_encrypted.txt", path, value);
    refused_by("ente", &ente("/kdfParams/memLimit", 64 << 30), "would take");
    refused_by("ente", &ente("/kdfParams/opsLimit", u64::from(u32::MAX)), "would take");
    let bitwarden = |file, path, value: u64| changed(file, path, value);
    let pbkdf2 = bitwarden("bitwarden_pbkdf2.json", "/kdfIterations", 4_000_000_000);
    refused_by("bitwarden", &pbkdf2, "would take");
    let memory = bitwarden("bitwarden_argon2id.json", "/kdfMemory", 1 << 20);
    refused_by("bitwarden", &memory, "would take");
    let passes = bitwarden("bitwarden_argon2id.json", "/kdfIterations", u64::from(u32::MAX));
    refused_by("bitwarden", &passes, "would take");
    let mut andotp = bytes("andotp_encrypted.json.aes");
    for rounds in [u32::MAX, 10_000_000, 1_000_000] {
        andotp[..4].copy_from_slice(&rounds.to_be_bytes());
        refused_by("andotp", &andotp, "");
    }
    let otpclient = [b"OTPClient\0\0\0\x03\0\0\0", &[7; 48][..], &[0xff; 12], &[7; 64]].concat();
    refused_by("otpclient", &otpclient, "");
    for rounds in [1_u64 << 40, u64::MAX] {
        refused_by("keepass", &kdbx(rounds), "would take");
    }
    let pskc = String::from_utf8(bytes("pskc_password.xml")).unwrap();
    let (before, after) = pskc.split_once("IterationCount>").unwrap();
    let after = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let pskc = format!("{before}IterationCount>4000000000{after}");
    refused_by("pskc", pskc.as_bytes(), "would take");
    let age = b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 40\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAA";
    refused_by("twolock", age, "");
}

#[test]
fn databases() {
    let page = bytes("google_authenticator.sqlite");
    let mut garbage = page.clone();
    let mut seed = 1_u32;
    for byte in &mut garbage[100..] {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = seed.to_be_bytes()[0];
    }
    refused(&garbage, "");
    refused(&[&page[..100], &vec![0; 40 << 20][..]].concat(), "");
    let endless = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x AS email FROM r";
    for schema in [
        format!("CREATE VIEW accounts AS {endless};"),
        format!("CREATE TABLE accounts (email TEXT, secret TEXT, type INT); CREATE TRIGGER t AFTER INSERT ON accounts BEGIN INSERT INTO accounts {}; END;", endless.replace("x AS email", "x, x, x")),
        "CREATE TABLE accounts (email TEXT, secret AS (hex(zeroblob(400000000))), type INT, oath_secret_key TEXT); INSERT INTO accounts (email, type) VALUES ('a', 0);".to_owned(),
    ] {
        refused(&database(&schema), "");
    }
}

/// Makes a database; its schema stands in it as it was written.
fn database(statements: &str) -> Vec<u8> {
    let mut connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(statements).unwrap();
    connection.serialize(rusqlite::MAIN_DB).unwrap().to_vec()
}

#[test]
fn xml() {
    let mut laughs = String::from("<?xml version=\"1.0\"?><!DOCTYPE map [<!ENTITY l0 \"lol\">");
    for level in 1..30 {
        let before = format!("&l{};", level - 1).repeat(10);
        write!(laughs, "<!ENTITY l{level} \"{before}\">").unwrap();
    }
    for root in ["map", "KeyContainer", "KeePassFile"] {
        refused(format!("{laughs}]><{root}><string name=\"&l29;\">&l29;</string></{root}>").as_bytes(), "");
        refused(format!("<?xml version=\"1.0\"?><{root}>{}", "<a>".repeat(1_000_000)).as_bytes(), "");
        refused(format!("<?xml version=\"1.0\"?><{root} {}>", "a=\"b\" ".repeat(1_000_000)).as_bytes(), "");
        refused(
            format!("<?xml version=\"1.0\"?><{root}>{}</{root}>", "<a/>".repeat(1_000_000)).as_bytes(),
            "",
        );
    }
}

#[test]
fn lengths_that_lie() {
    for payload in ["Cv////8P", "Cv///////////wE=", "CgEKAQoBCgEKAQ==", "/////////////////w=="] {
        refused(format!("otpauth-migration://offline?data={payload}").as_bytes(), "");
    }
    // A HashMap of Java with two thousand million entries, one of whose texts has 2^63 bytes.
    let mut java = bytes("freeotp2_externalBackup.xml");
    let size = memchr::memmem::find(&java, b"w\x08").unwrap() + 6;
    java[size..size + 4].copy_from_slice(&i32::MAX.to_be_bytes());
    refused(&java, "");
    java.truncate(size + 4);
    java.extend_from_slice(&[b"|".as_slice(), &i64::MAX.to_be_bytes()].concat());
    refused(&java, "");
}

#[test]
fn sizes() {
    refused(&vec![b' '; 65 << 20], "more than 64 MiB");
    refused(&vec![b'a'; 60 << 20], "");
    refused(&vec![0xff; 60 << 20], "");
    refused("[0,".repeat(20 << 20).as_bytes(), "");
    // What grows with the file does so evenly; without optimisation a part of it is enough to see that.
    let size = if cfg!(debug_assertions) { 10_000_000 } else { 60_000_000 };
    let list = |item: &str| format!("[{}0]", format!("{item},").repeat(size / (item.len() + 1)));
    refused(list("1").as_bytes(), "no format");
    refused(list("{}").as_bytes(), "no format");
    refused(list("\"\"").as_bytes(), "no format");
    refused(format!("{{\"items\":{}}}", list("[]")).as_bytes(), "no format");
    for line in ["#\n", "\n", "a:\n", "otpauth\n", "<code></code>", "a,b,c,d,", "a,b\n"] {
        refused(format!("x{}", line.repeat(size / line.len())).as_bytes(), "");
    }
    let page = format!("<html><code>otpauth://totp/a</code><code>{}</code></html>", "&".repeat(size));
    refused(page.as_bytes(), "2 refused");
}
