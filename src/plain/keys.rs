//! Who else may open a new vault, beside its passphrase: age keys, each tried before it counts. And what the plugins of
//! such keys say while they work.

use std::io::{self, Write};
use std::path::Path;

use zeroize::Zeroizing;

use super::complain;
use super::files::read;
use super::talk::{Heard, Talk, is_cancel};
use crate::display::visible;
use crate::failure::Failure;
use crate::system::paths::Paths;
use crate::vault::{Ask, Identities, SealError, prove};
use crate::words::keys;

/// The most bytes that a key file may have.
const LARGEST: usize = 1 << 20;

/// Asks for further keys until they can be used; none for Enter alone.
pub(super) fn further(talk: &mut Talk, paths: &Paths) -> Heard<Vec<String>> {
    loop {
        let typed = talk.ask("Age keys or key file to open it too, Enter for none: ")?;
        if typed.is_empty() || is_cancel(&typed) {
            return Ok(Vec::new());
        }
        match find(&typed, paths) {
            Ok(found) => return Ok(found),
            Err(failure) => complain(talk, &failure)?,
        }
    }
}

/// Returns the keys that were typed: themselves, or those of the key file at this path.
fn find(typed: &str, paths: &Paths) -> Result<Vec<String>, Failure> {
    let (found, held) = if let Some(found) = keys::typed(typed)? {
        (found, None)
    } else {
        let held = open(&paths.expand(Path::new(typed.trim_matches(['"', '\''])))?)?;
        (keys::of_file(&held)?, Some(held))
    };
    prove(&found, held.as_ref(), &voice()).map_err(|error| keys::useless(&error))?;
    let mut once: Vec<String> = Vec::with_capacity(found.len());
    for key in found {
        if !once.contains(&key) {
            once.push(key);
        }
    }
    Ok(once)
}

fn open(path: &Path) -> Result<Identities, Failure> {
    let (bytes, _) = read(path, LARGEST)?;
    let sealed = || Err(Shut(keys::sealed()));
    Identities::read(&bytes, sealed, voice()).map_err(|Shut(failure)| failure)
}

/// Why a key file gives nothing.
struct Shut(Failure);

impl From<SealError> for Shut {
    fn from(error: SealError) -> Self {
        Self(keys::no_key_file(&error))
    }
}

/// Says what plugins say. A question of theirs finds nobody: it would come in the middle of another.
struct Voice;

/// Returns what plugins speak through.
pub(super) fn voice() -> crate::vault::Talk {
    crate::vault::Talk::new(Voice)
}

impl Ask for Voice {
    fn say(&self, text: &str) {
        // Whoever is gone hears nothing; the next line of the conversation notices that.
        drop(writeln!(io::stdout(), "{}", visible(text)));
    }

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
