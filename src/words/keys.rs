//! Age keys that shall open the vault too, as they are named: public keys, or the file of a key. Both ways of making a
//! vault ask for them.

use crate::failure::Failure;
use crate::vault::{Identities, SealError, StoreError, is_recipient};

/// What to do where only the public key helps.
const PUBLIC: &str = "give its public key instead, which begins with age1";

/// Returns the public keys that were typed, one or several; nothing if it is the path of a file. A key that has to stay
/// secret is an error, and is not repeated in it.
pub fn typed(text: &str) -> Result<Option<Vec<String>>, Failure> {
    let words = || text.split([' ', ',', ';', '\t', '\n']).filter(|word| !word.is_empty());
    let begins = |word: &str, start: &str| {
        word.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    if words().any(|word| begins(word, "AGE-SECRET-KEY-") || begins(word, "AGE-PLUGIN-")) {
        return Err(Failure::usage("that is the key itself, which stays in its file")
            .hint("name the file, or give the public key, which begins with age1"));
    }
    if !words().all(|word| begins(word, "age1")) {
        return Ok(None);
    }
    if let Some(wrong) = words().find(|word| !is_recipient(word)) {
        let why = "is not an age recipient";
        let refused = Failure::from(StoreError::Recipient { recipient: wrong.to_owned(), why });
        // Its own hint is where to see for whom a vault is sealed; there is none yet.
        return Err(
            Failure { hints: Vec::new(), ..refused }.hint("a public key begins with age1 and is given whole")
        );
    }
    Ok(Some(words().map(ToOwned::to_owned).collect()))
}

/// Returns the public keys of a key file.
pub fn of_file(held: &Identities) -> Result<Vec<String>, Failure> {
    held.recipients().ok_or_else(|| {
        Failure::locked("the key file is that of a plugin, which alone knows the public key").hint(PUBLIC)
    })
}

/// Returns the failure for a key file that has a passphrase of its own.
pub fn sealed() -> Failure {
    Failure::locked("the key file is sealed with a passphrase of its own").hint(PUBLIC)
}

/// Returns the failure for a file that is no key file.
pub fn no_key_file(error: &SealError) -> Failure {
    Failure::locked(format!("that is no key file: {error}"))
        .hint("a key file is what age-keygen or an age plugin writes")
}

/// Returns the failure for a key that a trial has shown to be of no use.
pub fn useless(error: &SealError) -> Failure {
    Failure::locked(format!("nothing can be sealed for that key: {error}"))
}
