//! Keys that are not the passphrase: identity files, further recipients, and age plugins for keys in hardware.
//!
//! It hides the protocol of the plugins. A plugin is a program of the user's, found by its name in PATH, and sees the
//! key of one file; what it says is outside text. A key is never quoted in an error.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::io::Read;
use std::iter;
use std::str::FromStr;
use std::sync::Arc;

use age::armor::ArmoredReader;
use age::plugin::{self, IdentityPluginV1, RecipientPluginV1};
use age::secrecy::{ExposeSecret, SecretString};
use age::{Callbacks, DecryptError, EncryptError, Encryptor, x25519};
use age_core::format::{FileKey, Stanza};
use zeroize::Zeroizing;

use super::{
    HIGHEST_WORK_FACTOR, Identity, Passphrase, SealError, decryptor, drain, encrypt_with, open_with,
};

/// How an armoured age file begins.
const ARMOURED: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
/// The most bytes that an identity file may have.
const LARGEST_FILE: usize = 1 << 20;

/// How a plugin speaks with the person: it may want its device touched, or a PIN.
pub trait Ask: Send + Sync {
    /// Shows a message.
    fn say(&self, text: &str);
    /// Asks for one of two answers; nothing if nobody can be asked.
    fn choose(&self, question: &str, yes: &str, no: Option<&str>) -> Option<bool>;
    /// Asks for a line that may be seen; nothing if nobody can be asked.
    fn line(&self, question: &str) -> Option<String>;
    /// Asks for a line that must not be seen; nothing if nobody can be asked.
    fn hidden(&self, question: &str) -> Option<Zeroizing<String>>;
}

/// A way to the person, for plugins.
#[derive(Clone)]
pub struct Talk(Arc<dyn Ask>);

impl Talk {
    /// Returns a way to a person.
    pub fn new(ask: impl Ask + 'static) -> Self {
        Self(Arc::new(ask))
    }

    /// Returns a way that leads to nobody.
    pub fn nobody() -> Self {
        struct Nobody;
        impl Ask for Nobody {
            fn say(&self, _: &str) {}
            fn choose(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
                None
            }
            fn line(&self, _: &str) -> Option<String> {
                None
            }
            fn hidden(&self, _: &str) -> Option<Zeroizing<String>> {
                None
            }
        }
        Self::new(Nobody)
    }
}

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Talk")
    }
}

impl Callbacks for Talk {
    fn display_message(&self, message: &str) {
        self.0.say(message);
    }

    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        self.0.choose(message, yes, no)
    }

    fn request_public_string(&self, description: &str) -> Option<String> {
        self.0.line(description)
    }

    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        self.0.hidden(description).map(|text| SecretString::from(text.as_str().to_owned()))
    }
}

/// The identities of a file as `age -i` takes it: keys, and plugins that work with keys elsewhere. Never printed.
#[derive(Clone)]
pub struct Identities {
    #[expect(clippy::vec_box, reason = "a vector that grows would leave copies of the keys behind")]
    keys: Vec<Box<x25519::Identity>>,
    plugins: Vec<plugin::Identity>,
    talk: Talk,
}

impl Identities {
    /// Reads an identity file, plain or sealed with a passphrase, which is asked for only then. Plugins speak
    /// through `talk`.
    pub fn read<E: From<SealError>>(
        file: &[u8],
        passphrase: impl FnOnce() -> Result<Passphrase, E>,
        talk: Talk,
    ) -> Result<Self, E> {
        if file.len() > LARGEST_FILE {
            return Err(SealError::NoIdentity.into());
        }
        let mut opened = Zeroizing::default();
        let bytes = match unarmoured(file)? {
            Some(sealed) => {
                if !decryptor(&sealed)?.is_scrypt() {
                    return Err(SealError::Foreign.into());
                }
                opened = open_with(&sealed, &passphrase()?, HIGHEST_WORK_FACTOR)?;
                opened.as_slice()
            }
            None => file,
        };
        let read = Self::parse(bytes, talk);
        drop(opened);
        Ok(read?)
    }

    fn parse(bytes: &[u8], talk: Talk) -> Result<Self, SealError> {
        let mut found = Self { keys: Vec::new(), plugins: Vec::new(), talk };
        let text = std::str::from_utf8(bytes).map_err(|_| SealError::NoIdentity)?;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Ok(key) = x25519::Identity::from_str(line) {
                found.keys.push(Box::new(key));
            } else if let Ok(identity) = plugin::Identity::from_str(line) {
                found.plugins.push(identity);
            } else {
                return Err(SealError::NotAnIdentity(index + 1));
            }
        }
        if found.keys.is_empty() && found.plugins.is_empty() { Err(SealError::NoIdentity) } else { Ok(found) }
    }

    /// Says whether a plugin takes part, so that each opening may want a hand on a device.
    pub fn needs_plugin(&self) -> bool {
        !self.plugins.is_empty()
    }

    /// Returns the public keys of these; nothing if a plugin takes part, which alone knows its own.
    pub fn recipients(&self) -> Option<Vec<String>> {
        let public = self.keys.iter().map(|key| key.to_public().to_string()).collect();
        self.plugins.is_empty().then_some(public)
    }

    /// Opens a file that was sealed for one of these, with armour or without.
    pub fn open_file(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let bare = unarmoured(sealed)?.ok_or(SealError::NotAge)?;
        if decryptor(&bare)?.is_scrypt() { Err(SealError::Foreign) } else { self.open(&bare) }
    }

    fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let by_key = decryptor(sealed)?.decrypt(self.keys.iter().map(|key| &**key as _));
        let reader = match by_key {
            Err(DecryptError::NoMatchingKeys) if self.needs_plugin() => {
                let plugins = self.started()?;
                let all = plugins.iter().map(|plugin| plugin as &dyn age::Identity);
                decryptor(sealed)?.decrypt(all).map_err(|error| match error {
                    // What fails here is the talk with the plugin: the file was read whole before.
                    DecryptError::Io(error) => SealError::Plugin(one_line(&error.to_string())),
                    error => error.into(),
                })?
            }
            other => other?,
        };
        drain(reader, sealed.len())
    }

    fn started(&self) -> Result<Vec<IdentityPluginV1<Talk>>, SealError> {
        let names: BTreeSet<&str> = self.plugins.iter().map(plugin::Identity::plugin).collect();
        names
            .into_iter()
            .map(|name| IdentityPluginV1::new(name, &self.plugins, self.talk.clone()))
            .collect::<Result<_, _>>()
            .map_err(|error| SealError::Plugin(one_line(&error.to_string())))
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities(…)")
    }
}

/// Returns the bytes of a sealed file without its armour; nothing if it is not sealed.
fn unarmoured(file: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, SealError> {
    if file.trim_ascii_start().starts_with(ARMOURED) {
        let mut bytes = Zeroizing::new(Vec::with_capacity(file.len()));
        ArmoredReader::new(file).read_to_end(&mut bytes).map_err(|_| SealError::Damaged)?;
        return Ok(Some(bytes));
    }
    Ok(file.starts_with(b"age-encryption.org/").then(|| Zeroizing::new(file.to_vec())))
}

/// Says whether a file was sealed for keys, and not with a passphrase.
pub fn is_for_keys(file: &[u8]) -> bool {
    let bare = unarmoured(file).ok().flatten();
    bare.is_some_and(|bare| decryptor(&bare).is_ok_and(|decryptor| !decryptor.is_scrypt()))
}

/// What opens a vault.
#[derive(Clone)]
pub(in crate::vault) enum Key {
    /// The vault's own identity, which the passphrase opened.
    Own(Identity),
    /// Identities from a file.
    Held(Identities),
}

impl Key {
    /// Returns which of the recipients is the vault's own identity, if that is what opened it.
    pub(in crate::vault) fn own(&self, recipients: &[String]) -> Option<String> {
        match self {
            Self::Own(identity) => identity.among(recipients),
            Self::Held(_) => None,
        }
    }

    /// Says whether it is the vault's own identity.
    pub(in crate::vault) fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// Says whether this key is among the recipients, as far as can be known: those of a plugin cannot be computed.
    pub(in crate::vault) fn is_among(&self, recipients: &[String]) -> bool {
        match self {
            Self::Own(identity) => identity.among(recipients).is_some(),
            Self::Held(held) => {
                held.needs_plugin()
                    || held.keys.iter().any(|key| recipients.contains(&key.to_public().to_string()))
            }
        }
    }

    /// Says whether opening may want a hand on a device.
    pub(in crate::vault) fn needs_plugin(&self) -> bool {
        matches!(self, Self::Held(held) if held.needs_plugin())
    }

    /// Opens what was sealed for this key.
    pub(in crate::vault) fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if decryptor(sealed)?.is_scrypt() {
            return Err(SealError::Foreign);
        }
        match self {
            Self::Own(identity) => super::open(sealed, identity),
            Self::Held(held) => held.open(sealed),
        }
    }
}

/// The key of one sealed file, with which it can be read back without a plugin.
pub(in crate::vault) struct SealedKey(FileKey);

impl SealedKey {
    /// Opens the file, after all of it was verified.
    pub(in crate::vault) fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let reader = decryptor(sealed)?.decrypt(iter::once(self as _))?;
        drain(reader, sealed.len())
    }
}

impl age::Identity for SealedKey {
    fn unwrap_stanza(&self, _: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        Some(Ok(copied(&self.0)))
    }
}

fn copied(key: &FileKey) -> FileKey {
    FileKey::init_with_mut(|bytes| bytes.copy_from_slice(key.expose_secret()))
}

/// A recipient that remembers the key of the file that was sealed for it.
struct Watched<'a> {
    recipient: &'a dyn age::Recipient,
    seen: RefCell<Option<FileKey>>,
}

impl age::Recipient for Watched<'_> {
    fn wrap_file_key(&self, key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        *self.seen.borrow_mut() = Some(copied(key));
        self.recipient.wrap_file_key(key)
    }
}

/// Says whether a text is a recipient that vaults can be sealed for: an age key, or that of a plugin.
pub fn is_recipient(text: &str) -> bool {
    text.parse::<x25519::Recipient>().is_ok() || text.parse::<plugin::Recipient>().is_ok()
}

/// Seals a text for recipients of both kinds. Returns the key of the file too, to read it back with.
pub(in crate::vault) fn seal_record(
    recipients: &[String],
    text: &str,
    talk: &Talk,
) -> Result<(Vec<u8>, SealedKey), SealError> {
    let mut all: Vec<Box<dyn age::Recipient>> = Vec::new();
    let mut plugins: Vec<plugin::Recipient> = Vec::new();
    for recipient in recipients {
        if let Ok(key) = recipient.parse::<x25519::Recipient>() {
            all.push(Box::new(key));
        } else if let Ok(other) = recipient.parse::<plugin::Recipient>() {
            plugins.push(other);
        } else {
            return Err(SealError::Plugin("one of the recipients is of a kind that is not known".to_owned()));
        }
    }
    let names: BTreeSet<&str> = plugins.iter().map(plugin::Recipient::plugin).collect();
    for name in names {
        let started = RecipientPluginV1::new(name, &plugins, &[], talk.clone());
        all.push(Box::new(started.map_err(|error| SealError::Plugin(one_line(&error.to_string())))?));
    }
    let Some((first, rest)) = all.split_first() else {
        return Err(SealError::Foreign);
    };
    let watched = Watched { recipient: &**first, seen: RefCell::new(None) };
    let with = iter::once(&watched as _).chain(rest.iter().map(|recipient| &**recipient));
    let encryptor =
        Encryptor::with_recipients(with).map_err(|error| SealError::Plugin(one_line(&error.to_string())))?;
    let sealed = encrypt_with(encryptor, text.as_bytes());
    let key = watched.seen.into_inner().ok_or(SealError::Damaged)?;
    Ok((sealed, SealedKey(key)))
}

/// Makes sure that recipients can be sealed for, and that identities of theirs open it again: by doing it, before
/// anything depends on it.
pub fn prove(recipients: &[String], held: Option<&Identities>, talk: &Talk) -> Result<(), SealError> {
    let (sealed, key) = seal_record(recipients, "a trial", talk)?;
    key.open(&sealed)?;
    held.map_or(Ok(()), |held| held.open(&sealed).map(drop))
}

/// Returns a message of several lines as one.
pub(super) fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    // The library marks what is isolated from its surroundings by invisible characters.
    let plain = |line: &str| line.replace(['\u{2068}', '\u{2069}'], "");
    lines.map(plain).collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
