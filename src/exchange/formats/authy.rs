//! Authy: the preferences of the Android app, what its servers send, and what tools made of that.
//!
//! Authy has no export. On a rooted phone its accounts are JSON in two files of preferences; the answers of its
//! servers are JSON too, as captured (`authenticator_tokens`), decrypted by a script (`decrypted_authenticator_tokens`)
//! or saved by `authy-export` (`tokens` and `apps`). The names of the fields differ, not their meaning.
//!
//! The backup password opens each secret by itself, with a salt that is text and with padding as the only check;
//! so a wrong one shows in what comes out not being base32. Accounts of Authy's own kind, `apps`, are not encrypted
//! and have seven digits and ten seconds. For others neither algorithm nor period is recorded.
//!
//! Over 400 lines: the layouts share their fields, and their tests stand beside them.

use zeroize::Zeroizing;

use crate::exchange::encodings::cipher;
use crate::exchange::encodings::json::{self, Object, Value};
use crate::exchange::encodings::xml;
use crate::exchange::parts::{Parts, base32};
use crate::exchange::{Assumed, Entry, File, ImportError, Imported, Importer, Likeness, Problem};
use crate::otp::Secret;

/// The rounds of a token that does not say how many.
const OLD_ROUNDS: u64 = 1000;

/// The most rounds for all tokens of a file together: a thousand of the newest.
const MOST_ROUNDS: u64 = 100_000_000;

/// The seconds of a code of Authy's own kind.
const OWN_PERIOD: u64 = 10;

/// The keys of the two files of preferences.
const KEYS: [&str; 2] = ["com.authy.storage.tokens.authenticator.key", "com.authy.storage.tokens.authy.key"];

/// What a list of tokens is called.
const LISTS: [&str; 2] = ["authenticator_tokens", "decrypted_authenticator_tokens"];

pub(super) struct Authy;

impl Importer for Authy {
    fn name(&self) -> &'static str {
        "authy"
    }

    fn title(&self) -> &'static str {
        "Authy"
    }

    fn source(&self) -> &'static str {
        "shared_prefs/com.authy.storage.tokens.authenticator.xml and …authy.xml of a rooted phone, or the JSON of \
         a tool that fetches Authy's tokens"
    }

    fn recognizes(&self, file: &File<'_>) -> Likeness {
        let preferences =
            file.contains(b"com.authy.storage.tokens.") && file.head().is_some_and(xml::is_preferences);
        let lists = LISTS.iter().any(|list| file.is_object_with(&[list]));
        let saved = (file.is_object_with(&["tokens"]) && file.contains(b"\"authenticator_tokens\""))
            || (file.is_object_with(&["apps"]) && file.contains(b"\"secret_seed\""));
        let bare = ["encrypted_seed", "decrypted_seed", "encryptedSecret", "decryptedSecret", "secretSeed"]
            .iter()
            .any(|name| file.is_list_with(&[name]));
        (preferences || lists || saved || bare).into()
    }

    fn read(&self, file: &File<'_>, password: Option<&str>) -> Result<Imported, ImportError> {
        let text = file.promised_text()?;
        if xml::is_preferences(text) {
            let values = xml::preferences(text)?;
            let lists: Vec<_> = values
                .iter()
                .filter(|(name, _)| KEYS.contains(&name.as_str()))
                .map(|(_, value)| value)
                .collect();
            if lists.is_empty() {
                return Err(ImportError::NoAccounts);
            }
            let mut tokens = Vec::new();
            for list in lists {
                let list = Value::read(list)?.list();
                tokens.extend(list.ok_or_else(|| json::garbled("com.authy.storage.tokens"))?);
            }
            return read_tokens(&tokens, password);
        }
        let root = Value::read(text)?;
        match (root.list(), root.object()) {
            (Some(tokens), _) => read_tokens(&tokens, password),
            (_, Some(root)) => read_tokens(&tokens_of(&root), password),
            _ => Err(ImportError::Damaged("it is JSON, but neither a list nor an object".to_owned())),
        }
    }
}

/// Returns the tokens of whatever an object holds: a list, or what `authy-export` saves.
fn tokens_of<'a>(root: &Object<'a>) -> Vec<Value<'a>> {
    let mut tokens = Vec::new();
    for list in LISTS {
        tokens.extend(root.list(list));
        tokens.extend(root.object("tokens").map(|inner| inner.list(list)).unwrap_or_default());
    }
    tokens.extend(root.list("apps"));
    tokens.extend(root.object("apps").map(|inner| inner.list("apps")).unwrap_or_default());
    tokens
}

fn read_tokens(tokens: &[Value<'_>], password: Option<&str>) -> Result<Imported, ImportError> {
    bounded(tokens)?;
    let mut imported = Imported::default();
    let (mut opened, mut wrong, mut gone) = (0, 0, 0);
    let mut keys = None;
    for (index, token) in tokens.iter().enumerate() {
        let place = format!("entry {}", index + 1);
        let Some(token) = token.object().map(Token) else {
            imported.take(place, "", Err(Problem::Field("tokens", "a list of objects")));
            continue;
        };
        if token.0.flag("markedForDeletion") || token.0.flag("marked_for_deletion") {
            gone += 1;
            continue;
        }
        let secret = match token.secret(password, &mut keys) {
            Ok(secret) => {
                opened += usize::from(token.is_sealed());
                Ok(secret)
            }
            Err(Failure::File(error)) => return Err(error),
            Err(Failure::WrongPassword) => {
                wrong += 1;
                Err(Problem::Locked("it does not open with this password"))
            }
            Err(Failure::Entry(problem)) => Err(problem),
        };
        imported.take(place, &token.name(), secret.and_then(|secret| token.entry(secret)));
    }
    if wrong > 0 && opened == 0 {
        return Err(ImportError::WrongPassword);
    }
    imported.count(
        gone,
        "entry was deleted in Authy and is left out",
        "entries were deleted in Authy and are left out",
    );
    let standard = imported.entries.iter().any(|entry| entry.otp.period().is_none_or(|p| p.seconds() == 30));
    Ok(if standard { imported.assuming(&[Assumed::Algorithm, Assumed::Period]) } else { imported })
}

/// Why a secret could not be had.
enum Failure {
    Entry(Problem),
    File(ImportError),
    WrongPassword,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Entry(problem)
    }
}

/// The key that was derived last: tokens may share their salt, and a derivation is dear.
type Keys = Option<(Zeroizing<String>, u64, cipher::Bytes)>;

/// Refuses a file whose tokens are cheap each and too dear together.
fn bounded(tokens: &[Value<'_>]) -> Result<(), ImportError> {
    let rounds = tokens.iter().filter_map(|token| Token(token.object()?).rounds().ok());
    let rounds = rounds.fold(0_u64, u64::saturating_add);
    if rounds > MOST_ROUNDS {
        let asked = format!("{rounds} rounds of key derivation");
        return Err(ImportError::Costly { asked, limit: "100,000,000" });
    }
    Ok(())
}

fn derive<'a>(
    keys: &'a mut Keys,
    password: &str,
    salt: &Zeroizing<String>,
    rounds: u64,
) -> Result<&'a [u8], ImportError> {
    let known = keys.take().filter(|(known, count, _)| known == salt && *count == rounds);
    let key = match known {
        Some((_, _, key)) => key,
        None => cipher::pbkdf2(cipher::Hash::Sha1, password, salt.as_bytes(), rounds, cipher::KEY)?,
    };
    Ok(&keys.insert((salt.clone(), rounds, key)).2)
}

/// An account, under whichever names its fields have.
struct Token<'a>(Object<'a>);

impl Token<'_> {
    fn words(&self, names: &[&'static str]) -> String {
        let found = names.iter().map(|name| self.0.words(name)).find(|text| !text.trim().is_empty());
        found.unwrap_or_default()
    }

    fn text(&self, names: &[&'static str]) -> Result<Zeroizing<String>, Problem> {
        for name in names {
            let text = self.0.text(name)?;
            if !text.trim().is_empty() {
                return Ok(text);
            }
        }
        Ok(Zeroizing::default())
    }

    /// Says whether it is of Authy's own kind.
    fn is_own(&self) -> bool {
        self.0.has("secretSeed") || self.0.has("secret_seed")
    }

    fn is_sealed(&self) -> bool {
        !self.is_own() && self.text(&["decryptedSecret", "decrypted_seed"]).is_ok_and(|text| text.is_empty())
    }

    fn secret(&self, password: Option<&str>, keys: &mut Keys) -> Result<Secret, Failure> {
        if self.is_own() {
            let seed = self.text(&["secretSeed", "secret_seed"])?;
            return Ok(Secret::from_hex(seed.trim()).map_err(Problem::from)?);
        }
        let plain = self.text(&["decryptedSecret", "decrypted_seed"])?;
        if !plain.is_empty() {
            return Ok(base32(&plain)?);
        }
        let sealed = self.text(&["encryptedSecret", "encrypted_seed"])?;
        if sealed.is_empty() {
            return Err(Problem::Missing("encrypted_seed").into());
        }
        let password = password.ok_or(Failure::File(ImportError::PasswordNeeded))?;
        self.open(&sealed, password, keys)
    }

    fn rounds(&self) -> Result<u64, Problem> {
        let names = ["key_derivation_iterations", "keyDerivationIterations"];
        let rounds = names.iter().find_map(|name| self.0.number(name).transpose()).transpose()?;
        Ok(rounds.filter(|rounds| *rounds > 0).unwrap_or(OLD_ROUNDS))
    }

    fn open(&self, sealed: &str, password: &str, keys: &mut Keys) -> Result<Secret, Failure> {
        let sealed = json::base64(sealed).ok_or(Problem::Field("encrypted_seed", "Base64"))?;
        let rounds = self.rounds()?;
        let salt = self.text(&["salt"])?;
        let iv = match self.text(&["unique_iv", "uniqueIv", "uniqueIV"])?.trim() {
            "" => vec![0; 16],
            written => data_encoding::HEXLOWER_PERMISSIVE
                .decode(written.as_bytes())
                .ok()
                .filter(|iv| iv.len() == 16)
                .ok_or(Problem::Field("unique_iv", "16 bytes in hexadecimal"))?,
        };
        if sealed.is_empty() || !sealed.len().is_multiple_of(16) {
            return Err(Problem::Field("encrypted_seed", "whole blocks of a cipher").into());
        }
        let key = derive(keys, password, &salt, rounds).map_err(Failure::File)?;
        let plain = cipher::open_cbc(key, &iv, &sealed).map_err(|_| Failure::WrongPassword)?;
        let text = cipher::text(&plain).map_err(|_| Failure::WrongPassword)?;
        Secret::from_base32(text).map_err(|_| Failure::WrongPassword)
    }

    /// Returns the name for the report.
    fn name(&self) -> String {
        self.words(&["name", "originalName", "original_name"])
    }

    /// Returns issuer and account. The name that the user sees is one text; what it came with may be another.
    fn names(&self) -> (String, String) {
        let shown = self.words(&["name"]);
        if self.is_own() {
            return (shown, String::new());
        }
        let original = self.words(&["originalName", "original_name"]);
        let (prefix, rest) = match original.split_once(':') {
            Some((prefix, rest)) if !prefix.trim().is_empty() => (prefix.trim(), rest.trim()),
            _ => ("", original.trim()),
        };
        let issuer = self.words(&["originalIssuer", "issuer"]);
        let issuer = match (issuer.trim(), prefix) {
            ("", "") => {
                shown.split_once(" - ").or_else(|| shown.split_once(": ")).map_or("", |(name, _)| name)
            }
            ("", prefix) => prefix,
            (issuer, _) => issuer,
        };
        // What the servers send names the account as it came; the phone has it as the user edited it.
        let account = if self.0.has("original_name") && !rest.is_empty() { rest } else { shown.trim() };
        let bare = [": ", ":", " - "]
            .iter()
            .find_map(|mark| account.strip_prefix(issuer)?.strip_prefix(mark))
            .filter(|_| !issuer.is_empty());
        (issuer.to_owned(), bare.unwrap_or(account).to_owned())
    }

    fn entry(&self, secret: Secret) -> Result<Entry, Problem> {
        let (issuer, account) = self.names();
        let own = self.is_own();
        let digits = self.0.number("digits")?.or(own.then_some(7));
        let parts = Parts { digits, period: own.then_some(OWN_PERIOD), ..Parts::of(secret) };
        Ok(Entry::new(&issuer, &account, parts.otp()?))
    }
}

#[cfg(test)]
#[path = "authy_tests.rs"]
mod tests;
