//! The container of `KeePass` databases, KDBX 3.1 and 4: `<https://keepass.info/help/kb/kdbx.html>` and its sources.
//!
//! A header in clear names the ciphers; what follows is compressed and encrypted. Version 3 cannot tell a wrong
//! password from damage until the first bytes are decrypted, and says in the XML what the header hashed to. Version 4
//! has a hash and a MAC of the header, and a MAC of each block, so nothing is decrypted that was touched.
//!
//! In the XML, protected values are encrypted once more with one key stream that runs through all of them in the
//! order of the file. Whoever leaves one out cannot read the next.
//!
//! A key file may belong to the key (`kdbx_key`); whether it does stands nowhere, so that it cannot be told from a wrong
//! password. Hardware that answers challenges, and Windows accounts, are not asked: such a file takes no password.
//!
//! Over 400 lines: the two versions share their parts, and are best read side by side.

use std::io::Read;

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::common::BlockSizeUser;
use aes::cipher::{
    Block, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockModeDecrypt, KeyInit,
    KeyIvInit, StreamCipher,
};
use argon2::{Algorithm, Version};
use chacha20::ChaCha20;
use hmac::{Hmac, Mac};
use salsa20::Salsa20;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use twofish::Twofish;
use zeroize::Zeroizing;

use super::cipher::{self, Argon2Cost, Bytes};
use super::kdbx_key;
use crate::exchange::entry::ImportError;
use crate::exchange::progress::{self, Step};

/// What every version of the last twenty years begins with.
pub(in crate::exchange) const MAGIC: &[u8] = &[0x03, 0xd9, 0xa2, 0x9a];

/// What follows in a KDBX.
const KDBX: [u8; 4] = [0x67, 0xfb, 0x4b, 0xb5];

/// What follows in a KDB of `KeePass` 1.
const KDB: [u8; 4] = [0x65, 0xfb, 0x4b, 0xb5];

/// The most rounds of AES-KDF: half a minute, and twice what a slow computer's second asks of a fast one.
const MOST_ROUNDS: u64 = if cfg!(fuzzing) { 10_000 } else { 100_000_000 };

/// The most bytes that are decompressed.
const MOST_PLAIN: usize = 64 << 20;

/// The nonce of the Salsa20 within, which is the same in every file.
const SALSA_NONCE: [u8; 8] = [0xe8, 0x30, 0x09, 0x4b, 0x97, 0x20, 0x5d, 0x2a];

const AES: &str = "31c1f2e6bf714350be5805216afc5aff";
const CHACHA: &str = "d6038a2b8b6f4cb5a524339a31dbb59a";
const TWOFISH: &str = "ad68f29f576f4bb9a36ad47af965346c";
const KDF_AES: [&str; 2] = ["c9d9f39a628a4460bf740d08c18a4fea", "7c02bb8279a74ac0927d114a00648238"];
const KDF_ARGON2D: &str = "ef636ddf8c29444b91f7a9a403e30a0c";
const KDF_ARGON2ID: &str = "9e298b1956db4773b23dfc3ec6f0a1e6";

/// What the container held.
pub(in crate::exchange) struct Opened {
    /// The XML.
    pub(in crate::exchange) xml: Bytes,
    /// What the protected values in it are encrypted with.
    pub(in crate::exchange) stream: Stream,
    /// The SHA-256 of the header, where it is for the XML to confirm.
    pub(in crate::exchange) header_hash: Option<Bytes>,
}

/// The key stream of the protected values.
pub(in crate::exchange) enum Stream {
    /// There is none.
    Plain,
    /// Of files of version 3.
    Salsa(Box<Salsa20>),
    /// Of files of version 4.
    ChaCha(Box<ChaCha20>),
}

impl Stream {
    fn new(id: u32, key: &[u8]) -> Result<Self, ImportError> {
        match id {
            0 => Ok(Self::Plain),
            2 => {
                let cipher = Salsa20::new_from_slices(&cipher::sha256(&[key]), &SALSA_NONCE);
                Ok(Self::Salsa(Box::new(cipher.map_err(|_| garbled())?)))
            }
            3 => {
                let hash = cipher::sha512(&[key]);
                let (key, nonce) = (hash.get(..32), hash.get(32..44));
                let cipher = ChaCha20::new_from_slices(key.unwrap_or_default(), nonce.unwrap_or_default());
                Ok(Self::ChaCha(Box::new(cipher.map_err(|_| garbled())?)))
            }
            _ => Err(ImportError::Restricted(
                "the protected values are encrypted in a way that is not known here; save it anew with a current KeePass or KeePassXC",
            )),
        }
    }

    /// Decrypts the next protected value.
    pub(in crate::exchange) fn open(&mut self, value: &mut [u8]) -> Result<(), ImportError> {
        match self {
            Self::Plain => Ok(()),
            Self::Salsa(cipher) => cipher.try_apply_keystream(value).map_err(|_| garbled()),
            Self::ChaCha(cipher) => cipher.try_apply_keystream(value).map_err(|_| garbled()),
        }
    }
}

/// How the key is derived from the password.
enum Derivation<'a> {
    Aes { seed: &'a [u8], rounds: u64 },
    Argon2 { algorithm: Algorithm, version: Version, salt: &'a [u8], cost: Argon2Cost },
}

/// What the header says.
#[derive(Default)]
struct Header<'a> {
    cipher: &'a [u8],
    compression: u32,
    seed: &'a [u8],
    iv: &'a [u8],
    kdf: &'a [u8],
    transform_seed: &'a [u8],
    rounds: u64,
    stream_key: &'a [u8],
    start: &'a [u8],
    stream: u32,
}

/// Opens a file. The header is looked at before a password is asked for; with a key file, which may be all that there is,
/// it is tried without one first.
pub(in crate::exchange) fn open(
    file: &[u8],
    password: Option<&str>,
    key_file: Option<&[u8]>,
) -> Result<Opened, ImportError> {
    let key = key_file.map(kdbx_key::read).transpose()?;
    let parts = match (password, &key) {
        (None, None) => None,
        (None | Some(""), Some(key)) => Some(cipher::sha256(&[key])),
        (Some(password), None) => Some(cipher::sha256(&[&cipher::sha256(&[password.as_bytes()])])),
        (Some(password), Some(key)) => Some(cipher::sha256(&[&cipher::sha256(&[password.as_bytes()]), key])),
    };
    let opened = open_with(file, parts.as_ref().map(|hash| hash.as_slice()));
    if password.is_none() && matches!(opened, Err(ImportError::WrongPassword)) {
        return Err(ImportError::PasswordNeeded);
    }
    opened
}

/// Opens a file with the hash of all the parts of its key.
fn open_with(file: &[u8], composite: Option<&[u8]>) -> Result<Opened, ImportError> {
    let mut cursor = Cursor(file);
    let (magic, second) = (cursor.take(4)?, cursor.take(4)?);
    if magic == MAGIC && second == KDB {
        return Err(ImportError::Restricted(
            "this is a database of KeePass 1, which holds no codes; import it into KeePassXC and export that",
        ));
    }
    if magic != MAGIC || second != KDBX {
        return Err(ImportError::Unknown);
    }
    let (_minor, major) = (cursor.u16()?, cursor.u16()?);
    match major {
        2 | 3 => open_3(file, cursor, composite),
        4 => open_4(file, cursor, composite),
        _ => Err(ImportError::Newer(major.into())),
    }
}

fn open_3(file: &[u8], mut cursor: Cursor<'_>, composite: Option<&[u8]>) -> Result<Opened, ImportError> {
    let header = read_header(&mut cursor, false)?;
    let derivation = Derivation::Aes { seed: header.transform_seed, rounds: header.rounds };
    bounded(&derivation)?;
    let composite = composite.ok_or(ImportError::PasswordNeeded)?;
    let derived = derive(composite, &derivation)?;
    let key = cipher::sha256(&[header.seed, &derived]);
    let plain = decrypt(header.cipher, &key, header.iv, cursor.0)?;
    let mut blocks = Cursor(&plain);
    let start = blocks.take(header.start.len()).map_err(|_| ImportError::WrongPassword)?;
    if header.start.len() != 32 || !bool::from(start.ct_eq(header.start)) {
        return Err(ImportError::WrongPassword);
    }
    let mut data = Zeroizing::new(Vec::with_capacity(plain.len()));
    loop {
        let (_index, hash) = (blocks.u32()?, blocks.take(32)?);
        let block = blocks.block()?;
        if block.is_empty() {
            break;
        }
        if cipher::sha256(&[block]).as_slice() != hash {
            return Err(touched());
        }
        data.extend_from_slice(block);
    }
    let header_length = file.len() - cursor.0.len();
    Ok(Opened {
        xml: decompress(data, header.compression)?,
        stream: Stream::new(header.stream, header.stream_key)?,
        header_hash: Some(cipher::sha256(&[file.get(..header_length).unwrap_or_default()])),
    })
}

fn open_4(file: &[u8], mut cursor: Cursor<'_>, composite: Option<&[u8]>) -> Result<Opened, ImportError> {
    let header = read_header(&mut cursor, true)?;
    let written = file.get(..file.len() - cursor.0.len()).unwrap_or_default();
    if cipher::sha256(&[written]).as_slice() != cursor.take(32)? {
        return Err(touched());
    }
    let derivation = read_kdf(header.kdf)?;
    bounded(&derivation)?;
    let composite = composite.ok_or(ImportError::PasswordNeeded)?;
    let derived = derive(composite, &derivation)?;
    let base = cipher::sha512(&[header.seed, &derived, &[1]]);
    let mac = cursor.take(32)?;
    authenticate(&base, u64::MAX, &[written], mac).map_err(|_| ImportError::WrongPassword)?;

    let mut sealed = Vec::with_capacity(cursor.0.len());
    for index in 0_u64.. {
        let mac = cursor.take(32)?;
        let block = cursor.block()?;
        let length = u32::try_from(block.len()).map_err(|_| garbled())?.to_le_bytes();
        authenticate(&base, index, &[&index.to_le_bytes(), &length, block], mac)?;
        if block.is_empty() {
            break;
        }
        sealed.extend_from_slice(block);
    }
    let key = cipher::sha256(&[header.seed, &derived]);
    let plain = decompress(decrypt(header.cipher, &key, header.iv, &sealed)?, header.compression)?;
    drop(sealed);

    let mut inner = Cursor(&plain);
    let (mut stream, mut stream_key) = (0, &[][..]);
    loop {
        let id = inner.take(1)?;
        let value = inner.block()?;
        match id {
            [0] => break,
            [1] => stream = Cursor(value).u32()?,
            [2] => stream_key = value,
            // Attachments, which may be most of the file.
            _ => {}
        }
    }
    let stream = Stream::new(stream, stream_key)?;
    Ok(Opened { xml: Zeroizing::new(inner.0.to_vec()), stream, header_hash: None })
}

fn read_header<'a>(cursor: &mut Cursor<'a>, wide: bool) -> Result<Header<'a>, ImportError> {
    let mut header = Header::default();
    loop {
        let id = cursor.take(1)?;
        let value = if wide {
            cursor.block()?
        } else {
            let length = cursor.u16()?.into();
            cursor.take(length)?
        };
        match id {
            [0] => break,
            [2] => header.cipher = value,
            [3] => header.compression = Cursor(value).u32()?,
            [4] => header.seed = value,
            [5] => header.transform_seed = value,
            [6] => header.rounds = Cursor(value).u64()?,
            [7] => header.iv = value,
            [8] => header.stream_key = value,
            [9] => header.start = value,
            [10] => header.stream = Cursor(value).u32()?,
            [11] => header.kdf = value,
            // Comments, and data of plug-ins.
            _ => {}
        }
    }
    if header.seed.len() != 32 {
        return Err(garbled());
    }
    Ok(header)
}

/// Reads what a header of version 4 says of the key derivation: a dictionary of typed values.
fn read_kdf(dictionary: &[u8]) -> Result<Derivation<'_>, ImportError> {
    let mut cursor = Cursor(dictionary);
    if cursor.u16()? >> 8 != 1 {
        return Err(garbled());
    }
    let mut fields: Vec<(&[u8], &[u8])> = Vec::new();
    while cursor.take(1)? != [0] {
        fields.push((cursor.block()?, cursor.block()?));
    }
    let bytes = |name: &[u8]| {
        fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).ok_or_else(garbled)
    };
    let number = |name: &[u8]| {
        let value = bytes(name)?;
        if value.len() == 4 { Cursor(value).u32().map(u64::from) } else { Cursor(value).u64() }
    };
    let uuid = hex(bytes(b"$UUID")?);
    if KDF_AES.contains(&uuid.as_str()) {
        return Ok(Derivation::Aes { seed: bytes(b"S")?, rounds: number(b"R")? });
    }
    let algorithm = match uuid.as_str() {
        KDF_ARGON2D => Algorithm::Argon2d,
        KDF_ARGON2ID => Algorithm::Argon2id,
        _ => return Err(unknown("key derivation")),
    };
    let version = match number(b"V")? {
        0x10 => Version::V0x10,
        0x13 => Version::V0x13,
        _ => return Err(garbled()),
    };
    // A secret key and further data are in the format, and no program writes them.
    if [&b"K"[..], b"A"].iter().any(|name| bytes(name).is_ok_and(|value| !value.is_empty())) {
        return Err(unknown("key derivation"));
    }
    let cost = Argon2Cost { memory: number(b"M")? / 1024, passes: number(b"I")?, lanes: number(b"P")? };
    Ok(Derivation::Argon2 { algorithm, version, salt: bytes(b"S")?, cost })
}

fn bounded(derivation: &Derivation<'_>) -> Result<(), ImportError> {
    match derivation {
        Derivation::Aes { rounds, .. } if *rounds > MOST_ROUNDS => Err(ImportError::Costly {
            asked: format!("{rounds} rounds of key derivation"),
            limit: "100,000,000",
        }),
        _ => Ok(()),
    }
}

/// Encrypts both blocks so many times. Within the cipher, since a call for each round prepares the key each time, and
/// takes three times as long.
struct Rounds<'a> {
    blocks: &'a mut [Block<Aes256>; 2],
    rounds: u64,
}

impl BlockSizeUser for Rounds<'_> {
    type BlockSize = <Aes256 as BlockSizeUser>::BlockSize;
}

impl BlockCipherEncClosure for Rounds<'_> {
    fn call<B: BlockCipherEncBackend<BlockSize = Self::BlockSize>>(self, cipher: &B) {
        let [left, right] = self.blocks;
        for _ in 0..self.rounds {
            cipher.encrypt_block_inplace(left);
            cipher.encrypt_block_inplace(right);
        }
    }
}

fn derive(composite: &[u8], derivation: &Derivation<'_>) -> Result<Bytes, ImportError> {
    match derivation {
        Derivation::Argon2 { algorithm, version, salt, cost } => {
            cipher::argon2_of(*algorithm, *version, composite, salt, *cost)
        }
        Derivation::Aes { seed, rounds } => {
            let aes = Aes256::new_from_slice(seed).map_err(|_| garbled())?;
            let (mut left, mut right) = ([0; 16], [0; 16]);
            left.copy_from_slice(composite.get(..16).ok_or_else(garbled)?);
            right.copy_from_slice(composite.get(16..).ok_or_else(garbled)?);
            let mut blocks = [left.into(), right.into()];
            progress::tell(Step::Opening);
            aes.encrypt_with_backend(Rounds { blocks: &mut blocks, rounds: *rounds });
            let key = cipher::sha256(&[&blocks[0], &blocks[1]]);
            for block in &mut blocks {
                zeroize::Zeroize::zeroize(block.as_mut_slice());
            }
            Ok(key)
        }
    }
}

fn decrypt(cipher: &[u8], key: &[u8], iv: &[u8], sealed: &[u8]) -> Result<Bytes, ImportError> {
    match hex(cipher).as_str() {
        AES => cipher::open_cbc(key, iv, sealed),
        TWOFISH => cbc::Decryptor::<Twofish>::new_from_slices(key, iv)
            .map_err(|_| garbled())?
            .decrypt_padded_vec::<Pkcs7>(sealed)
            .map(Zeroizing::new)
            .map_err(|_| ImportError::WrongPassword),
        CHACHA => {
            let mut cipher = ChaCha20::new_from_slices(key, iv).map_err(|_| garbled())?;
            let mut plain = Zeroizing::new(sealed.to_vec());
            cipher.try_apply_keystream(&mut plain).map_err(|_| garbled())?;
            Ok(plain)
        }
        _ => Err(unknown("cipher")),
    }
}

fn decompress(data: Bytes, compression: u32) -> Result<Bytes, ImportError> {
    match compression {
        0 => Ok(data),
        1 => {
            let bound = u64::try_from(MOST_PLAIN).unwrap_or(u64::MAX);
            let mut reader = flate2::read::GzDecoder::new(&data[..]).take(bound + 1);
            let mut plain = Zeroizing::new(Vec::with_capacity(data.len().saturating_mul(4).min(MOST_PLAIN)));
            reader.read_to_end(&mut plain).map_err(|_| touched())?;
            if plain.len() > MOST_PLAIN {
                return Err(ImportError::TooLarge("more than 64 MiB when decompressed"));
            }
            Ok(plain)
        }
        _ => Err(unknown("compression")),
    }
}

/// Checks the MAC of the header or of a block, whose key comes from its number.
fn authenticate(base: &[u8], index: u64, parts: &[&[u8]], mac: &[u8]) -> Result<(), ImportError> {
    let key = cipher::sha512(&[&index.to_le_bytes(), base]);
    let mut hmac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).map_err(|_| garbled())?;
    for part in parts {
        hmac.update(part);
    }
    hmac.verify_slice(mac).map_err(|_| touched())
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes.get(..16).unwrap_or(bytes))
}

/// What is left to be read. Numbers are little-endian.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ImportError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ImportError> {
        self.take(N)?.try_into().map_err(|_| cut_off())
    }

    fn u16(&mut self) -> Result<u16, ImportError> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, ImportError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, ImportError> {
        self.array().map(u64::from_le_bytes)
    }

    /// Takes a length and so many bytes.
    fn block(&mut self) -> Result<&'a [u8], ImportError> {
        let length = usize::try_from(self.u32()?).map_err(|_| cut_off())?;
        self.take(length)
    }
}

fn cut_off() -> ImportError {
    ImportError::Damaged("it is cut off".to_owned())
}

fn garbled() -> ImportError {
    ImportError::Damaged("the header that says how it is encrypted is garbled".to_owned())
}

fn touched() -> ImportError {
    ImportError::Damaged("what it holds is not what was saved".to_owned())
}

fn unknown(what: &str) -> ImportError {
    ImportError::Damaged(format!("its {what} is not known here"))
}
