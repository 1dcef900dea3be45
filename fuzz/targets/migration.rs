//! The export of Google Authenticator: protocol buffers in a link, and several links in one text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twolock::exchange::{File, IMPORTERS};
use twolock_fuzz::check_imported;

/// Writes bytes in Base64 as the link has them.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for digit in 0..=three.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    text
}

fn read(text: &str) {
    let Ok(file) = File::new(text.as_bytes()) else { return };
    let google = IMPORTERS.iter().find(|format| format.name() == "google").expect("the format is there");
    if let Ok(imported) = google.read(&file, None) {
        check_imported(&imported);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let half = bytes.len() / 2;
    let link = |bytes: &[u8]| format!("otpauth-migration://offline?data={}\n", base64(bytes));
    read(&link(bytes));
    read(&(link(&bytes[..half]) + &link(&bytes[half..])));
    if let Ok(text) = std::str::from_utf8(bytes) {
        read(&format!("otpauth-migration://offline?data={text}"));
    }
});
