//! Why the passphrase is asked for on the way from the agent's codes, and what is done once the vault is open.
//!
//! It goes with the program when that becomes itself anew to forget the codes, so it must never hold a code or anything
//! that was typed or pasted.

use serde::{Deserialize, Serialize};

use super::key::Key;

/// What somebody was about to do.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Errand {
    /// What is said above the passphrase.
    pub why: String,
    /// It is no wish of the user's: the agent ended, or failed.
    pub warns: bool,
    /// The account that was selected, by its short id.
    pub account: Option<String>,
    /// The key that was pressed, by its name.
    pub key: Option<String>,
    /// The agent's codes can be gone back to.
    pub back: bool,
}

impl Errand {
    /// Returns the key to press in the list.
    pub fn key(&self) -> Option<Key> {
        self.key.as_deref().and_then(Key::from_name)
    }

    /// Returns it as text for `read`.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what `write` wrote; nothing if it is no such text.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let errand = Errand {
            why: "because\n\u{1b}".to_owned(),
            warns: true,
            account: Some("3f9a".to_owned()),
            key: Some(Key::Right.to_string()),
            back: true,
        };
        assert_eq!(Errand::read(&errand.write()), Some(errand.clone()));
        assert_eq!(errand.key(), Some(Key::Right));
        assert_eq!(Errand::read("1"), None);
    }
}
