//! Messages of `OpenPGP` (RFC 9580) that a password opens; those for a key are left to the program that has the key.
//!
//! Proton Pass writes such messages, and so does `gpg -c`. A message is a row of packets: how the key is made from the
//! password, then the sealed part, in CFB mode with a hash at its end. In that are packets again, compressed or not,
//! and in the last of them the file.

use std::io::Read;

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::cipher::Bytes;
use crate::exchange::entry::ImportError;
use crate::exchange::file::MOST_BYTES;

/// What a message in letters begins with.
const ARMOUR: &str = "-----BEGIN PGP MESSAGE-----";

/// The size of a block of AES.
const BLOCK: usize = 16;

/// The hash at the end of the sealed part, and the mark of its packet in front.
const CHECK: usize = 20;
const CHECK_MARK: [u8; 2] = [0xd3, 0x14];

/// The most ways to the key that are tried: each is a password of somebody.
const MOST_WAYS: usize = 4;

/// The most packets, and how often they may be compressed in each other: nobody does it twice, and each may unpack to
/// as much as the largest file.
const MOST_PACKETS: usize = 64;
const MOST_DEPTH: usize = 1;

/// The kinds of packets.
const FOR_A_PASSWORD: u8 = 3;
const COMPRESSED: u8 = 8;
const LITERAL: u8 = 11;
const SEALED: u8 = 18;
const SEALED_AHEAD: u8 = 20;

/// Says whether bytes are a message, in letters or not.
pub(in crate::exchange) fn is_message(bytes: &[u8]) -> bool {
    // Else the first packet says how the key is made, with its length and version 4, or for which key it is.
    is_armoured(bytes)
        || matches!(bytes, [0x8c | 0xc3, 13..=63, 4, ..] | [0x84 | 0xc1, _, 3, ..] | [0x85, 1..=4, _, 3, ..])
}

fn is_armoured(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(ARMOUR.as_bytes())
}

/// Returns the file in a message.
pub(in crate::exchange) fn open(bytes: &[u8], password: Option<&str>) -> Result<Bytes, ImportError> {
    let plain = if is_armoured(bytes) {
        unarmoured(bytes).ok_or_else(damaged)?
    } else {
        Zeroizing::new(bytes.to_vec())
    };
    let mut ways: Vec<Bytes> = Vec::new();
    let mut sealed = None;
    for (kind, body) in packets(&plain)? {
        match kind {
            FOR_A_PASSWORD if ways.len() < MOST_WAYS => ways.push(body),
            SEALED => sealed = Some(body),
            SEALED_AHEAD => return Err(unknown()),
            _ => {}
        }
    }
    let sealed = sealed.ok_or_else(damaged)?;
    if ways.is_empty() {
        return Err(ImportError::Restricted(
            "this OpenPGP message is encrypted for a key; decrypt it on the way: gpg -d FILE | twolock import -",
        ));
    }
    let Some((&version, sealed)) = sealed.split_first() else { return Err(damaged()) };
    if version != 1 {
        return Err(unknown());
    }
    let password = password.ok_or(ImportError::PasswordNeeded)?;
    for way in &ways {
        let Some((cipher, key)) = key(way, password)? else { continue };
        if let Some(packets) = unsealed(cipher, &key, sealed)? {
            return literal(&packets, 0);
        }
    }
    Err(ImportError::WrongPassword)
}

/// Undoes the letters: a head up to the first blank line, Base64, and a checksum that is not needed.
fn unarmoured(bytes: &[u8]) -> Option<Bytes> {
    let text = std::str::from_utf8(bytes).ok()?;
    let lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with(ARMOUR)).skip(1);
    let body = lines.skip_while(|line| line.contains(": ")).skip_while(|line| line.is_empty());
    let digits: Zeroizing<String> =
        Zeroizing::new(body.take_while(|line| !line.starts_with(['=', '-'])).collect());
    super::json::base64(&digits)
}

/// Takes packets apart: the kind and the content of each.
fn packets(bytes: &[u8]) -> Result<Vec<(u8, Bytes)>, ImportError> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let [tag, tail @ ..] = rest {
        if tag & 0x80 == 0 || found.len() >= MOST_PACKETS {
            return Err(damaged());
        }
        let mut body = Zeroizing::new(Vec::new());
        let kind;
        if tag & 0x40 == 0 {
            kind = tag >> 2 & 0xf;
            let width = match tag & 3 {
                3 => 0,
                small => 1 << small,
            };
            let (length, tail) = tail.split_at_checked(width).ok_or_else(damaged)?;
            let length = if width == 0 { tail.len() } else { number(length) };
            let (content, tail) = tail.split_at_checked(length).ok_or_else(damaged)?;
            body.extend_from_slice(content);
            rest = tail;
        } else {
            kind = tag & 0x3f;
            rest = tail;
            // A long content comes in parts, each a power of two, and a last one.
            loop {
                let (length, is_last, tail) = length(rest).ok_or_else(damaged)?;
                let (content, tail) = tail.split_at_checked(length).ok_or_else(damaged)?;
                body.extend_from_slice(content);
                rest = tail;
                if is_last {
                    break;
                }
            }
        }
        found.push((kind, body));
    }
    Ok(found)
}

/// Reads a length of the newer kind; says also whether the content ends with it.
fn length(bytes: &[u8]) -> Option<(usize, bool, &[u8])> {
    match bytes {
        [small @ 0..=191, rest @ ..] => Some((usize::from(*small), true, rest)),
        [high @ 192..=223, low, rest @ ..] => {
            Some((((usize::from(*high) - 192) << 8) + usize::from(*low) + 192, true, rest))
        }
        [power @ 224..=254, rest @ ..] => Some((1 << (power & 0x1f), false, rest)),
        [255, rest @ ..] => {
            let (length, rest) = rest.split_at_checked(4)?;
            Some((number(length), true, rest))
        }
        [] | [_] => None,
    }
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// Returns the cipher and the key of one way, or nothing if the password is not that of this way.
fn key(way: &[u8], password: &str) -> Result<Option<(u8, Bytes)>, ImportError> {
    let [4, cipher, rest @ ..] = way else { return Err(unknown()) };
    let (hash, salt, count, sealed): (u8, &[u8], usize, &[u8]) = match rest {
        [0, hash, rest @ ..] => (*hash, &[], 0, rest),
        [1, hash, rest @ ..] => {
            let (salt, rest) = rest.split_at_checked(8).ok_or_else(damaged)?;
            (*hash, salt, 0, rest)
        }
        [3, hash, rest @ ..] => {
            let (salt, rest) = rest.split_at_checked(8).ok_or_else(damaged)?;
            let (count, rest) = rest.split_first().ok_or_else(damaged)?;
            // RFC 9580 section 3.7.1.3: at most 65 million bytes.
            (*hash, salt, usize::from(16 + (count & 15)) << (u32::from(count >> 4) + 6), rest)
        }
        _ => return Err(unknown()),
    };
    let length = key_length(*cipher).ok_or_else(unknown)?;
    let mut made = Zeroizing::new(Vec::with_capacity(length + 64));
    let mut zeros = 0;
    while made.len() < length {
        made.extend_from_slice(&digest(hash, zeros, salt, password.as_bytes(), count).ok_or_else(unknown)?);
        zeros += 1;
    }
    made.truncate(length);
    if sealed.is_empty() {
        return Ok(Some((*cipher, made)));
    }
    let opened = cfb(*cipher, &made, sealed).ok_or_else(unknown)?;
    let Some((&cipher, session)) = opened.split_first() else { return Err(damaged()) };
    let fits = key_length(cipher) == Some(session.len());
    Ok(fits.then(|| (cipher, Zeroizing::new(session.to_vec()))))
}

fn key_length(cipher: u8) -> Option<usize> {
    match cipher {
        7 => Some(16),
        8 => Some(24),
        9 => Some(32),
        _ => None,
    }
}

/// Hashes so many zeros, then salt and password over and over until `count` bytes are through.
fn digest(hash: u8, zeros: usize, salt: &[u8], password: &[u8], count: usize) -> Option<Bytes> {
    fn run<D: Digest>(zeros: usize, round: &[u8], count: usize) -> Bytes {
        let mut hash = D::new();
        hash.update(vec![0; zeros]);
        let mut left = count.max(round.len());
        while left > 0 && !round.is_empty() {
            let part = &round[..left.min(round.len())];
            hash.update(part);
            left -= part.len();
        }
        Zeroizing::new(hash.finalize().to_vec())
    }
    let round = Zeroizing::new([salt, password].concat());
    Some(match hash {
        2 => run::<Sha1>(zeros, &round, count),
        8 => run::<Sha256>(zeros, &round, count),
        9 => run::<Sha384>(zeros, &round, count),
        10 => run::<Sha512>(zeros, &round, count),
        11 => run::<Sha224>(zeros, &round, count),
        _ => return None,
    })
}

/// Opens CFB mode with a start value of zeros.
fn cfb(cipher: u8, key: &[u8], sealed: &[u8]) -> Option<Bytes> {
    fn run<C: BlockCipherEncrypt + KeyInit>(key: &[u8], sealed: &[u8]) -> Option<Bytes> {
        let cipher = C::new_from_slice(key).ok()?;
        let mut stream = Array::<u8, C::BlockSize>::default();
        let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
        for block in sealed.chunks(BLOCK) {
            cipher.encrypt_block(&mut stream);
            plain.extend(block.iter().zip(stream.iter()).map(|(byte, key)| byte ^ key));
            if let Some(part) = stream.get_mut(..block.len()) {
                part.copy_from_slice(block);
            }
        }
        Some(plain)
    }
    match cipher {
        7 => run::<Aes128>(key, sealed),
        8 => run::<Aes192>(key, sealed),
        9 => run::<Aes256>(key, sealed),
        _ => None,
    }
}

/// Opens the sealed part; nothing if the key is not the one.
fn unsealed(cipher: u8, key: &[u8], sealed: &[u8]) -> Result<Option<Bytes>, ImportError> {
    let plain = cfb(cipher, key, sealed).ok_or_else(unknown)?;
    // In front is noise whose last two bytes come twice.
    if plain.len() < BLOCK + 2 + CHECK_MARK.len() + CHECK
        || plain[BLOCK - 2..BLOCK] != plain[BLOCK..BLOCK + 2]
    {
        return Ok(None);
    }
    let (covered, check) = plain.split_at(plain.len() - CHECK);
    if !covered.ends_with(&CHECK_MARK) || Sha1::digest(covered).as_slice() != check {
        return Ok(None);
    }
    Ok(Some(Zeroizing::new(covered[BLOCK + 2..covered.len() - CHECK_MARK.len()].to_vec())))
}

/// Returns the file in packets.
fn literal(bytes: &[u8], depth: usize) -> Result<Bytes, ImportError> {
    if depth > MOST_DEPTH {
        return Err(damaged());
    }
    for (kind, body) in packets(bytes)? {
        match (kind, body.as_slice()) {
            (LITERAL, [_, name, rest @ ..]) => {
                // Behind the name stands a time of four bytes.
                let file = rest.get(usize::from(*name) + 4..).ok_or_else(damaged)?;
                return Ok(Zeroizing::new(file.to_vec()));
            }
            (COMPRESSED, [0, rest @ ..]) => return literal(rest, depth + 1),
            (COMPRESSED, [1, rest @ ..]) => {
                return literal(&inflated(flate2::read::DeflateDecoder::new(rest))?, depth + 1);
            }
            (COMPRESSED, [2, rest @ ..]) => {
                return literal(&inflated(flate2::read::ZlibDecoder::new(rest))?, depth + 1);
            }
            (COMPRESSED, _) => return Err(unknown()),
            _ => {}
        }
    }
    Err(damaged())
}

fn inflated(reader: impl Read) -> Result<Bytes, ImportError> {
    let mut plain = Zeroizing::new(Vec::new());
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    reader.take(most + 1).read_to_end(&mut plain).map_err(|_| damaged())?;
    if plain.len() > MOST_BYTES {
        return Err(ImportError::TooLarge("more than 64 MiB"));
    }
    Ok(plain)
}

fn damaged() -> ImportError {
    ImportError::Damaged("it is no OpenPGP message that can be read".to_owned())
}

fn unknown() -> ImportError {
    ImportError::Restricted(
        "this OpenPGP message is encrypted in a way that is not known here; decrypt it on the way: gpg -d FILE | twolock import -",
    )
}

#[cfg(test)]
#[path = "openpgp_tests.rs"]
pub(in crate::exchange) mod tests;
