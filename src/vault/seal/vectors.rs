//! The vectors of the age format against the code that opens vaults: what must open opens to the byte, and everything
//! else gives an error and not one byte.

use std::io::Read;
use std::path::Path;
use std::{fs, iter};

use data_encoding::HEXLOWER;
use flate2::read::ZlibDecoder;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::*;

/// What the crate `age` opens although the format asks for an empty last line: a tolerance for files that an early
/// version of rage wrote. The header's code is checked all the same, so nothing that was changed gets through.
const LENIENT: [&str; 2] = ["stanza_missing_body", "stanza_missing_final_line"];

/// What a vector says of itself, and the age file.
struct Vector {
    fields: Vec<(String, String)>,
    sealed: Vec<u8>,
}

impl Vector {
    fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let header = std::str::from_utf8(&bytes[..end]).unwrap();
        let fields = header
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut vector = Self { fields, sealed: bytes[end + 2..].to_vec() };
        if vector.all("compressed").next().is_some() {
            let mut plain = Vec::new();
            ZlibDecoder::new(vector.sealed.as_slice()).read_to_end(&mut plain).unwrap();
            vector.sealed = plain;
        }
        vector
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Tries every key and every passphrase that the vector names.
    fn opened(&self) -> Vec<Result<Zeroizing<Vec<u8>>, SealError>> {
        let identities = self.all("identity").map(|key| {
            let identity = Identity(vec![Box::new(x25519::Identity::from_str(key).unwrap())]);
            open(&self.sealed, &identity)
        });
        let passphrases = self.all("passphrase").map(|passphrase| {
            let passphrase = Passphrase::new(Zeroizing::new(passphrase.to_owned()));
            open_with(&self.sealed, &passphrase, HIGHEST_WORK_FACTOR)
        });
        let mut opened: Vec<_> = identities.chain(passphrases).collect();
        if opened.is_empty() {
            // The vector of an empty file names nothing to open it with.
            opened.push(open(&self.sealed, &Identity::generate()));
        }
        opened
    }
}

#[test]
fn open_as_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/age");
    let (mut good, mut bad) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some() {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let vector = Vector::read(&path);
        let expected = iter::once(&vector).flat_map(|vector| vector.all("expect")).next().unwrap();
        let opened = vector.opened();
        if expected == "success" {
            let payload = vector.all("payload").next().unwrap();
            let hash = |plain: &[u8]| HEXLOWER.encode(&Sha256::digest(plain));
            assert!(
                opened.iter().any(|plain| plain.as_ref().is_ok_and(|plain| hash(plain) == payload)),
                "{name}: {:?}",
                opened.iter().map(|plain| plain.as_ref().map(|_| "other bytes")).collect::<Vec<_>>()
            );
            good += 1;
        } else {
            let lenient = LENIENT.contains(&name);
            assert_eq!(opened.iter().any(Result::is_ok), lenient, "{name}: {expected}");
            bad += 1;
        }
    }
    assert_eq!((good, bad), (15, 71));
}
