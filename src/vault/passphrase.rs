//! The passphrase that protects the identity.

use std::fmt;

use zeroize::Zeroizing;

/// A passphrase: wiped when dropped, never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes over a text; the caller's buffer must be its only copy.
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// Returns the text, for the key derivation.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Passphrase {}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}
