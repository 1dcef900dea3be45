//! Sentences that more than one way of speaking to people needs: the screens and the lines.
//!
//! Nothing is drawn here and nobody is asked: values come in, words go out.

pub mod finding;
pub mod import;
pub mod keys;
pub mod secret;

/// A message and its tone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Note {
    /// The words, without the mark.
    pub text: String,
    /// The tone.
    pub tone: Tone,
}

/// The tone of a message; it is told by a mark and only then by a colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tone {
    /// `✗`
    Error,
    /// `✓`
    Good,
    /// No mark.
    Plain,
    /// `!`
    Warning,
}

impl Note {
    /// Returns a message without a mark.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    /// Returns good news.
    pub fn good(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Good }
    }

    /// Returns a warning.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Warning }
    }

    /// Returns an error.
    pub fn error(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Error }
    }
}

/// Returns an error's line, or a hint, as a sentence of a screen: capital letter, full stop.
pub fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let end = if clause.is_empty() || clause.ends_with(['.', '?', ':']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
