//! The second implementation.

use sha2::{Digest, Sha256, Sha512};
use twolock::otp::Algorithm;

/// RFC 4226 section 5.3.
pub(super) fn code(algorithm: Algorithm, key: &[u8], counter: u64, digits: usize) -> String {
    let signature = hmac(algorithm, key, &counter.to_be_bytes());
    let offset = usize::from(signature[signature.len() - 1] % 16);
    let number = u32::from_be_bytes(signature[offset..offset + 4].try_into().unwrap()) % (1 << 31);
    let text = format!("{number:010}");
    text[10 - digits..].to_owned()
}

/// RFC 2104 section 2.
fn hmac(algorithm: Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    let block = if algorithm == Algorithm::Sha512 { 128 } else { 64 };
    let mut key = if key.len() > block { hash(algorithm, key) } else { key.to_vec() };
    key.resize(block, 0);
    let inner: Vec<u8> = key.iter().map(|byte| byte ^ 0x36).chain(message.iter().copied()).collect();
    let outer: Vec<u8> = key.iter().map(|byte| byte ^ 0x5c).chain(hash(algorithm, &inner)).collect();
    hash(algorithm, &outer)
}

fn hash(algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Sha1 => sha1(message),
        Algorithm::Sha256 => Sha256::digest(message).to_vec(),
        Algorithm::Sha512 => Sha512::digest(message).to_vec(),
    }
}

/// FIPS 180-4 section 6.1.
fn sha1(message: &[u8]) -> Vec<u8> {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in padded.chunks(64) {
        let mut words: Vec<u32> =
            block.chunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap())).collect();
        for t in 16..80 {
            words.push((words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16]).rotate_left(1));
        }
        let [mut one, mut two, mut three, mut four, mut five] = state;
        for (t, word) in words.iter().enumerate() {
            let (mixed, constant) = match t {
                0..20 => ((two & three) | (!two & four), 0x5a82_7999),
                20..40 => (two ^ three ^ four, 0x6ed9_eba1),
                40..60 => ((two & three) | (two & four) | (three & four), 0x8f1b_bcdc),
                _ => (two ^ three ^ four, 0xca62_c1d6_u32),
            };
            let sum = [mixed, five, constant, *word].into_iter().fold(one.rotate_left(5), u32::wrapping_add);
            (five, four, three, two, one) = (four, three, two.rotate_left(30), one, sum);
        }
        for (value, added) in state.iter_mut().zip([one, two, three, four, five]) {
            *value = value.wrapping_add(added);
        }
    }
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}
