//! Messages that gpg made, and those that are made here, opened and garbled.

use super::*;

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0xc0 | kind, 0xff], &length[..], body].concat()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::ZlibEncoder::new(vec![2], flate2::Compression::default());
    std::io::Write::write_all(&mut writer, bytes).unwrap();
    writer.finish().unwrap()
}

/// Seals packets, whose key is one hash of the password.
fn sealed(packets: &[u8], password: &str) -> Vec<u8> {
    let key = Sha256::digest(password);
    let aes = Aes256::new_from_slice(&key).unwrap();
    let mut plain = [&[7; BLOCK + 2], packets, &CHECK_MARK].concat();
    plain.extend_from_slice(&Sha1::digest(&plain));
    let mut stream = Array::default();
    for block in plain.chunks_mut(BLOCK) {
        aes.encrypt_block(&mut stream);
        for (byte, key) in block.iter_mut().zip(&mut stream) {
            *byte ^= *key;
            *key = *byte;
        }
    }
    [packet(FOR_A_PASSWORD, &[4, 9, 0, 8]), packet(SEALED, &[&[1], &plain[..]].concat())].concat()
}

/// Seals a file with a password, in letters.
pub(in crate::exchange) fn armoured(file: &[u8], password: &str) -> String {
    let sealed = sealed(&packet(LITERAL, &[&[b'b', 0, 0, 0, 0, 0], file].concat()), password);
    format!("{ARMOUR}\n\n{}\n-----END PGP MESSAGE-----\n", data_encoding::BASE64.encode(&sealed))
}

#[test]
fn what_is_compressed_in_what_is_compressed_is_refused() {
    let literal = packet(LITERAL, b"b\0\0\0\0\0plain\n");
    let once = packet(COMPRESSED, &zlib(&literal));
    assert_eq!(open(&sealed(&once, "x"), Some("x")).unwrap().as_slice(), b"plain\n");
    let twice = packet(COMPRESSED, &zlib(&once));
    assert!(matches!(open(&sealed(&twice, "x"), Some("x")), Err(ImportError::Damaged(_))));
}

/// What `gpg -c -a` makes of the text `plain`: 65 million bytes are hashed for its key.
const GPG: &str = "-----BEGIN PGP MESSAGE-----\n\njA0ECQMCg2khsAibRfP/0kMBt/jLXFtUqtFWSC4qDmVs/qW7LflGaWeBGV3Lofar\nPHoufqDnRfN9lV2tx6b3vCEsZPFB/w+sqSUpBd9VQ502n0eQ\n=81+y\n-----END PGP MESSAGE-----";

/// The same text after 1024 bytes: AES-256 with a key of its own and zlib, and AES-128 without either.
const CHEAP: [&str; 2] = [
    "-----BEGIN PGP MESSAGE-----\n\nwy4ECQMIAAECAwQFBgcAkPMFn+ta421NJwkpHBZL/MJ6FOtXFJ3UKVH1ChvzP/Ym\n0j8BlvVm0UIg9bvFnvQFrV8F89TKug4YlcgICVJoDq2o4Ye5hhysqrBqB037imcw\nowhNsw2YnCtNi6r1pT5R0xg=\n-----END PGP MESSAGE-----",
    "-----BEGIN PGP MESSAGE-----\n\nww0EBwMCAAECAwQFBgcA0jcBas7c5rb3x0BF50MrFLwnps5nv1Phz99+2wcHg23Z\nW1fLQNXzxm9MTaOTwiPsB/7DttpeU+tB\n-----END PGP MESSAGE-----",
];

#[test]
fn messages_are_opened_and_damage_is_refused() {
    assert_eq!(open(GPG.as_bytes(), Some("correct horse")).unwrap().as_slice(), b"plain\n");
    for message in CHEAP {
        assert!(is_message(message.as_bytes()));
        assert_eq!(open(message.as_bytes(), Some("correct horse")).unwrap().as_slice(), b"plain\n");
        assert_eq!(open(message.as_bytes(), Some("wrong")), Err(ImportError::WrongPassword));
        assert_eq!(open(message.as_bytes(), None), Err(ImportError::PasswordNeeded));
        let bytes = unarmoured(message.as_bytes()).unwrap();
        assert!(is_message(&bytes));
        assert_eq!(open(&bytes, Some("correct horse")).unwrap().as_slice(), b"plain\n");
        for at in 0..bytes.len() {
            assert!(open(&bytes[..at], Some("correct horse")).is_err());
            let mut changed = bytes.clone();
            changed[at] ^= 0x21;
            assert!(open(&changed, Some("correct horse")).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_message_for_a_key_is_refused_with_the_way_out() {
    let message = [&[0xc1, 3, 3, 0, 0][..], &[0xd2, 2, 1, 0]].concat();
    assert!(matches!(open(&message, Some("x")), Err(ImportError::Restricted(_))));
}

#[test]
fn contents_come_in_parts() {
    let parts = packets(&[0xcb, 0xe1, 1, 2, 1, 3]).unwrap();
    assert_eq!((parts[0].0, parts[0].1.as_slice()), (LITERAL, &[1, 2, 3][..]));
    let long = [&[0xcb, 0xc0, 8][..], &[7; 200]].concat();
    assert_eq!(packets(&long).unwrap()[0].1.len(), 200);
    assert!(packets(&[0xcb, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err() && packets(&[1]).is_err());
}
