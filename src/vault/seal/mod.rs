//! Sealing: the identity with the passphrase, the vault for its recipients. It hides the crate `age`.
//!
//! Plain text leaves this file only after the whole of it was verified: age authenticates chunk by chunk, so a file
//! that was cut off opens fine up to the cut.

mod keys;

use std::io::{Read, Write};
use std::iter;
use std::str::FromStr;

use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Decryptor, Encryptor, scrypt, x25519};
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::vault::Passphrase;
use crate::vault::record::Hash;

pub use keys::{Ask, Identities, Talk, is_for_keys, is_recipient, prove};
pub(in crate::vault) use keys::{Key, SealedKey, seal_record};

/// The most bytes that a sealed file may have.
pub(in crate::vault) const LARGEST: u64 = 64 << 20;

/// The highest work factor that is opened; more would take minutes and gigabytes.
const HIGHEST_WORK_FACTOR: u8 = 22;

/// Why something cannot be opened.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum SealError {
    /// It breaks off, or a bit of it is not what was written.
    #[error("it breaks off or was changed")]
    Damaged,
    /// Nothing in it.
    #[error("it is empty")]
    Empty,
    /// Sealed, but not for this identity.
    #[error("it was not sealed for this identity")]
    Foreign,
    /// An identity file without an identity.
    #[error("there is no age identity in it")]
    NoIdentity,
    /// Not made by age.
    #[error("it is not an age file")]
    NotAge,
    /// A line of an identity file, counted from 1.
    #[error("its line {0} is not an age identity")]
    NotAnIdentity(usize),
    /// A plugin is not there, or did not do its part.
    #[error("{0}")]
    Plugin(String),
    /// It would cost too much to try the passphrase.
    #[error("its work factor is {0}, which is more than is opened")]
    WorkFactor(u8),
    /// The passphrase does not open it.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
}

impl From<DecryptError> for SealError {
    fn from(error: DecryptError) -> Self {
        match error {
            DecryptError::ExcessiveWork { required, .. } => Self::WorkFactor(required),
            DecryptError::NoMatchingKeys => Self::Foreign,
            DecryptError::Plugin(errors) => {
                let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
                Self::Plugin(keys::one_line(&texts.join("; ")))
            }
            DecryptError::PluginResolve(error) => Self::Plugin(keys::one_line(&error.to_string())),
            _ => Self::Damaged,
        }
    }
}

/// How hard a guess at the passphrase is: scrypt is told to take 2 to this power.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// Where a vault is opened a thousand times.
    #[cfg(test)]
    pub(in crate::vault) const OF_TESTS: Self = Self(1);

    /// Returns the factor if it is between 10 and 22.
    pub fn new(factor: u8) -> Option<Self> {
        (10..=HIGHEST_WORK_FACTOR).contains(&factor).then_some(Self(factor))
    }

    /// Returns the power of two.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Says whether it is less than what is advised for passphrases.
    pub fn is_weak(self) -> bool {
        self.0 < 17
    }
}

impl Default for WorkFactor {
    fn default() -> Self {
        Self(18)
    }
}

/// The key that opens the vault, and while a new one takes its place, the old one behind it. On the heap, wiped when
/// dropped, never printed.
#[derive(Clone)]
#[expect(clippy::vec_box, reason = "a vector that grows would leave copies of the keys behind")]
pub(in crate::vault) struct Identity(Vec<Box<x25519::Identity>>);

impl Identity {
    /// Returns a new key, drawn at random.
    pub(in crate::vault) fn generate() -> Self {
        Self(vec![Box::new(x25519::Identity::generate())])
    }

    /// Returns this key, and the others behind it.
    pub(in crate::vault) fn before(&self, others: &Self) -> Self {
        Self(self.0.iter().chain(&others.0).cloned().collect())
    }

    /// Returns for whom to seal so that this key opens it.
    pub(in crate::vault) fn recipient(&self) -> String {
        self.0[0].to_public().to_string()
    }

    /// Returns for whom anything may be sealed that it opens.
    pub(in crate::vault) fn recipients(&self) -> Vec<String> {
        self.0.iter().map(|key| key.to_public().to_string()).collect()
    }

    /// Returns which of these recipients it is.
    pub(in crate::vault) fn among(&self, recipients: &[String]) -> Option<String> {
        self.recipients().into_iter().find(|own| recipients.contains(own))
    }

    /// Seals the key with a passphrase: an identity file as `age -i` takes it.
    pub(in crate::vault) fn seal(&self, passphrase: &Passphrase, work_factor: WorkFactor) -> Vec<u8> {
        let mut text = Zeroizing::new(String::with_capacity(256 * self.0.len()));
        for key in &self.0 {
            let (public, secret) = (key.to_public().to_string(), key.to_string());
            for part in ["# public key: ", &public, "\n", secret.expose_secret(), "\n"] {
                text.push_str(part);
            }
        }
        seal_with(passphrase, work_factor, &text)
    }

    /// Opens an identity file with a passphrase.
    pub(in crate::vault) fn open(sealed: &[u8], passphrase: &Passphrase) -> Result<Self, SealError> {
        let text = match open_with(sealed, passphrase, HIGHEST_WORK_FACTOR) {
            Err(SealError::Foreign) => return Err(SealError::Damaged),
            opened => opened?,
        };
        let text = std::str::from_utf8(&text).map_err(|_| SealError::Damaged)?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Vec<_> = lines
            .map(|line| x25519::Identity::from_str(line).map(Box::new))
            .collect::<Result<_, _>>()
            .map_err(|_| SealError::Damaged)?;
        if keys.is_empty() { Err(SealError::Damaged) } else { Ok(Self(keys)) }
    }
}

/// Seals a text with a passphrase, as `age -p` does.
pub fn seal_with(passphrase: &Passphrase, work_factor: WorkFactor, text: &str) -> Vec<u8> {
    let mut recipient = scrypt::Recipient::new(secret(passphrase));
    recipient.set_work_factor(work_factor.get());
    encrypt(iter::once(&recipient as _), text.as_bytes())
}

/// Opens what was sealed with a passphrase, unless its work factor is more than `most`; `SealError::Foreign` if it
/// was sealed for keys.
pub fn open_with(sealed: &[u8], passphrase: &Passphrase, most: u8) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let decryptor = decryptor(sealed)?;
    if !decryptor.is_scrypt() {
        return Err(SealError::Foreign);
    }
    let mut unlock = scrypt::Identity::new(secret(passphrase));
    unlock.set_max_work_factor(most);
    let reader = decryptor.decrypt(iter::once(&unlock as _)).map_err(|error| match error {
        DecryptError::DecryptionFailed => SealError::WrongPassphrase,
        other => other.into(),
    })?;
    drain(reader, sealed.len())
}

/// Seals a text for age's public keys (`age1…`). `None` if one of them is no such key, or there is none.
pub fn seal_for(recipients: &[String], text: &str) -> Option<Vec<u8>> {
    let recipients: Vec<x25519::Recipient> =
        recipients.iter().map(|recipient| recipient.parse().ok()).collect::<Option<_>>()?;
    if recipients.is_empty() {
        return None;
    }
    Some(encrypt(recipients.iter().map(|recipient| recipient as _), text.as_bytes()))
}

/// Opens what was sealed for an identity.
fn open(sealed: &[u8], identity: &Identity) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let decryptor = decryptor(sealed)?;
    if decryptor.is_scrypt() {
        return Err(SealError::Foreign);
    }
    drain(decryptor.decrypt(identity.0.iter().map(|key| &**key as _))?, sealed.len())
}

/// Returns the hash of a sealed file.
pub(in crate::vault) fn hash(sealed: &[u8]) -> Hash {
    Sha256::digest(sealed).into()
}

fn decryptor(sealed: &[u8]) -> Result<Decryptor<&[u8]>, SealError> {
    if sealed.is_empty() {
        return Err(SealError::Empty);
    }
    if !sealed.starts_with(b"age-encryption.org/") {
        return Err(SealError::NotAge);
    }
    Ok(Decryptor::new_buffered(sealed)?)
}

/// Reads to the verified end, or gives nothing.
fn drain(mut reader: impl Read, at_most: usize) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut plain = Zeroizing::new(Vec::with_capacity(at_most));
    reader.read_to_end(&mut plain).map_err(|_| SealError::Damaged)?;
    Ok(plain)
}

fn encrypt<'a>(recipients: impl Iterator<Item = &'a dyn age::Recipient>, plain: &[u8]) -> Vec<u8> {
    encrypt_with(Encryptor::with_recipients(recipients).expect("the recipients go together"), plain)
}

fn encrypt_with(encryptor: Encryptor, plain: &[u8]) -> Vec<u8> {
    const FITS: &str = "a Vec takes whatever is written";
    let mut sealed = Vec::with_capacity(plain.len() + plain.len() / 4096 + 1024);
    let mut writer = encryptor.wrap_output(&mut sealed).expect(FITS);
    writer.write_all(plain).expect(FITS);
    writer.finish().expect(FITS);
    sealed
}

fn secret(passphrase: &Passphrase) -> SecretString {
    SecretString::from(passphrase.reveal().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.to_owned()))
    }

    fn cheap() -> WorkFactor {
        WorkFactor::new(10).unwrap()
    }

    #[test]
    fn an_identity_opens_with_its_passphrase_only() {
        let identity = Identity::generate();
        let sealed = identity.seal(&passphrase("right"), cheap());
        let opened = Identity::open(&sealed, &passphrase("right")).unwrap();
        assert_eq!(opened.recipient(), identity.recipient());
        assert_eq!(Identity::open(&sealed, &passphrase("wrong")).err(), Some(SealError::WrongPassphrase));
        assert_eq!(Identity::open(&[], &passphrase("right")).err(), Some(SealError::Empty));
        assert_eq!(Identity::open(b"hello", &passphrase("right")).err(), Some(SealError::NotAge));
    }

    #[test]
    fn a_work_factor_that_costs_too_much_is_refused_before_it_is_paid() {
        let sealed = Identity::generate().seal(&passphrase("right"), cheap());
        let text = String::from_utf8_lossy(&sealed).into_owned();
        let line = text.lines().nth(1).unwrap();
        let dear = line.strip_suffix("10").unwrap().to_owned() + "30";
        let at = sealed.windows(line.len()).position(|window| window == line.as_bytes()).unwrap();
        let mut changed = sealed.clone();
        changed.splice(at..at + line.len(), dear.into_bytes());
        assert_eq!(Identity::open(&changed, &passphrase("right")).err(), Some(SealError::WorkFactor(30)));
    }

    #[test]
    fn work_factors_have_bounds() {
        assert_eq!(WorkFactor::new(9), None);
        assert_eq!(WorkFactor::new(23), None);
        assert_eq!(WorkFactor::default().get(), 18);
        assert!(WorkFactor::new(16).unwrap().is_weak());
        assert!(!WorkFactor::new(17).unwrap().is_weak());
    }

    #[test]
    fn a_text_opens_for_each_of_its_recipients_and_for_nobody_else() {
        let (one, two, stranger) = (Identity::generate(), Identity::generate(), Identity::generate());
        let sealed = seal_for(&[one.recipient(), two.recipient()], "text").unwrap();
        assert_eq!(open(&sealed, &one).unwrap().as_slice(), b"text");
        assert_eq!(open(&sealed, &two).unwrap().as_slice(), b"text");
        assert_eq!(open(&sealed, &stranger).err(), Some(SealError::Foreign));
        assert_eq!(seal_for(&["nobody".to_owned()], "text"), None);
        assert_eq!(seal_for(&[], "text"), None);
    }

    #[test]
    fn what_is_cut_doubled_or_flipped_gives_nothing() {
        let identity = Identity::generate();
        let long = "x".repeat(200_000);
        let sealed = seal_for(&[identity.recipient()], &long).unwrap();
        for end in [1, 40, 200, 65_000, 131_500, sealed.len() - 1] {
            assert!(open(&sealed[..end], &identity).is_err(), "cut at {end}");
        }
        assert!(open(&[sealed.as_slice(), &sealed].concat(), &identity).is_err());
        for at in (0..sealed.len()).step_by(997) {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(open(&flipped, &identity).is_err(), "flipped at {at}");
        }
    }
}

#[cfg(test)]
mod vectors;
