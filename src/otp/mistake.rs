//! Keys that were entered wrongly: read in the wrong way, or with one mistake of the hand.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use zeroize::Zeroizing;

use super::diagnose::{Pair, with_digits};
use super::finding::{Finding, Observation, Reading};
use super::{Otp, Secret};

/// The letters of a key.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The longest key in which a mistake is searched: with more, a chance hit gets likely and the search slow.
const LONGEST_KEY: usize = 128;

/// Searches the key that was meant.
pub(in crate::otp) fn find(seen: &Observation<'_>, pair: &Pair) -> Option<Finding> {
    let otp = with_digits(seen.otp, pair);
    let shown;
    let typed = if let Some(key) = seen.key {
        key.trim()
    } else {
        shown = seen.otp.secret.to_base32();
        shown.as_str()
    };
    other_reading(&otp, typed, pair).or_else(|| slip(&otp, typed, pair))
}

fn other_reading(otp: &Otp, typed: &str, pair: &Pair) -> Option<Finding> {
    // Blanks belong to the way a key is shown, but to a text they may belong.
    let packed: Zeroizing<String> = Zeroizing::new(typed.split_whitespace().collect());
    let readings = [
        (Reading::Hex, Secret::from_hex(&packed).ok()),
        (Reading::Base64, base64(&packed)),
        (Reading::Text, Secret::from_bytes(typed.as_bytes()).ok()),
        (
            Reading::Text,
            (packed.as_str() != typed).then(|| Secret::from_bytes(packed.as_bytes()).ok()).flatten(),
        ),
    ];
    readings.into_iter().find_map(|(reading, secret)| {
        let secret = secret.filter(|secret| *secret != otp.secret)?;
        let otp = Otp { secret, ..otp.clone() };
        pair.search(&otp, -2, 2)?;
        Some(Finding::Key { reading, otp })
    })
}

/// Reads Base64 in either alphabet, with or without padding.
fn base64(text: &str) -> Option<Secret> {
    let text = text.trim_end_matches('=').as_bytes();
    let bytes = BASE64_NOPAD.decode(text).or_else(|_| BASE64URL_NOPAD.decode(text)).ok()?;
    Secret::from_bytes(&Zeroizing::new(bytes)).ok()
}

/// One character taken for another, or two neighbours swapped.
fn slip(otp: &Otp, typed: &str, pair: &Pair) -> Option<Finding> {
    let mut key =
        letters(typed).unwrap_or_else(|| Zeroizing::new(otp.secret.to_base32().as_bytes().to_vec()));
    if key.len() > LONGEST_KEY {
        return None;
    }
    for index in 0..key.len() {
        let found = key[index];
        for right in BASE32.iter().copied().filter(|right| *right != found) {
            key[index] = right;
            if let Some(otp) = attempt(otp, &key, pair) {
                let (typed, right) = (char::from(found), char::from(right));
                return Some(Finding::Mistyped { place: index + 1, typed, right, otp });
            }
        }
        key[index] = found;
    }
    for index in 1..key.len() {
        if key[index - 1] != key[index] {
            key.swap(index - 1, index);
            if let Some(otp) = attempt(otp, &key, pair) {
                return Some(Finding::Transposed { place: index, otp });
            }
            key.swap(index - 1, index);
        }
    }
    None
}

/// Returns the account with that key if it makes the two codes.
fn attempt(otp: &Otp, key: &[u8], pair: &Pair) -> Option<Otp> {
    let secret =
        Secret::from_base32(std::str::from_utf8(key).ok()?).ok().filter(|secret| *secret != otp.secret)?;
    let otp = Otp { secret, ..otp.clone() };
    pair.search(&otp, -1, 1)?;
    Some(otp)
}

/// Returns the letters of a typed key in upper case, without what separates them; nothing if it is no base32.
fn letters(typed: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(Vec::with_capacity(typed.len()));
    for found in typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '=')) {
        let found = u8::try_from(found.to_ascii_uppercase()).ok()?;
        if !BASE32.contains(&found) {
            return None;
        }
        key.push(found);
    }
    (!key.is_empty()).then_some(key)
}
