//! What a failed verb or screen says, and with which status the program ends: one table for both.
//!
//! Errors of the parts below say what went wrong; here each gets its hints and its exit status, once.

mod causes;

use serde_json::json;
use thiserror::Error;

use crate::display::visible;
use crate::exchange::picture::{PictureError, TooLong};
use crate::system::clipboard::{ClipboardError, NoPicture};
use crate::system::clock::TimeError;
use crate::system::memory::HardenError;
use crate::system::paths::PathsError;
use crate::system::prompt::PromptError;

/// The exit statuses, which scripts rely on: they are never renumbered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Exit {
    /// Done.
    Done,
    /// Something else failed.
    Other,
    /// Wrong usage.
    Usage,
    /// No such account, or nothing matched.
    NotFound,
    /// More than one account matched, and nobody could be asked.
    Ambiguous,
    /// Locked, wrong passphrase, or an answer was needed and could not be had.
    Locked,
    /// A code is wrong.
    WrongCode,
    /// The clipboard was not reached.
    Clipboard,
    /// The clock is not to be trusted.
    Clock,
    /// The vault is damaged, missing or of a newer version.
    Vault,
    /// There was nothing to do.
    NothingToDo,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// Every status, in the order of the numbers.
    pub const ALL: [Self; 12] = [
        Self::Done,
        Self::Other,
        Self::Usage,
        Self::NotFound,
        Self::Ambiguous,
        Self::Locked,
        Self::WrongCode,
        Self::Clipboard,
        Self::Clock,
        Self::Vault,
        Self::NothingToDo,
        Self::Interrupted,
    ];

    /// Returns the number.
    pub const fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Other => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Ambiguous => 4,
            Self::Locked => 5,
            Self::WrongCode => 6,
            Self::Clipboard => 7,
            Self::Clock => 8,
            Self::Vault => 9,
            Self::NothingToDo => 11,
            Self::Interrupted => 130,
        }
    }

    /// Returns what it means, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Other => "failed, something else",
            Self::Usage => "wrong usage",
            Self::NotFound => "no such account, or nothing matched",
            Self::Ambiguous => "more than one account matched, and nobody could be asked",
            Self::Locked => "locked, wrong passphrase, or an answer was needed and could not be had",
            Self::WrongCode => "a code is wrong, or may not be used",
            Self::Clipboard => "the clipboard was not reached",
            Self::Clock => "the clock is not to be trusted, so there is no code",
            Self::Vault => "the vault is damaged, missing or of a newer version",
            Self::NothingToDo => "there was nothing to do",
            Self::Interrupted => "interrupted with Ctrl-C",
        }
    }

    /// Returns the name that stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Other => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::Ambiguous => "ambiguous",
            Self::Locked => "locked",
            Self::WrongCode => "wrong_code",
            Self::Clipboard => "clipboard",
            Self::Clock => "clock",
            Self::Vault => "vault",
            Self::NothingToDo => "nothing_to_do",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}

/// What failed, what to do about it, and how the program ends.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
#[error("{message}")]
pub struct Failure {
    /// What failed, on what, and why: one line, lower case, without a full stop.
    pub message: String,
    /// What to do next, each a line that starts with a verb.
    pub hints: Vec<String>,
    /// What it may have been meant for, where that is known: accounts as `issuer:account`, for programs.
    pub matches: Vec<String>,
    /// How the program ends.
    pub exit: Exit,
}

impl Failure {
    /// Returns a failure without a hint.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new(), matches: Vec::new(), exit }
    }

    /// Returns one of no particular kind.
    pub fn other(message: impl Into<String>) -> Self {
        Self::new(Exit::Other, message)
    }

    /// Returns one of wrong usage.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Returns it with another hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the lines for standard error, without the last line's end.
    pub fn render(&self) -> String {
        let mut text = format!("twolock: error: {}", visible(&self.message));
        for hint in &self.hints {
            text.push_str("\ntwolock: hint: ");
            text.push_str(visible(hint).as_str());
        }
        text
    }

    /// Returns the document for standard error with `--json`.
    pub fn to_json(&self) -> serde_json::Value {
        let mut error = json!({
            "code": self.exit.name(),
            "exit": self.exit.status(),
            "message": self.message,
            "hints": self.hints,
        });
        if !self.matches.is_empty() {
            error["matches"] = json!(self.matches);
        }
        json!({ "v": 1, "error": error })
    }
}

impl From<NoPicture> for Failure {
    fn from(error: NoPicture) -> Self {
        let failure = Self::new(Exit::Clipboard, error.to_string());
        match error {
            NoPicture::Empty => failure.hint("copy the picture of the QR code, or take a screenshot of it"),
            NoPicture::Failed(_) | NoPicture::NoDesktop => {
                failure.hint("save the picture as a file, and give its path")
            }
            NoPicture::Remote => {
                failure.hint("on your own computer, run `base64` on the picture, and paste that")
            }
            NoPicture::TooLarge { .. } => failure.hint("copy only the part with the QR code"),
        }
    }
}

impl From<ClipboardError> for Failure {
    fn from(error: ClipboardError) -> Self {
        let failure = Self::new(Exit::Clipboard, error.to_string());
        match error {
            ClipboardError::Failed { .. } => {
                failure.hint("run `twolock doctor` to see what leads to a clipboard")
            }
            ClipboardError::NoCommand => failure.hint("set `copy.command` in the settings"),
            ClipboardError::None => failure.hint("read or type the code"),
            ClipboardError::Off => failure.hint("set `copy.via` to `Auto` in the settings"),
        }
    }
}

impl From<HardenError> for Failure {
    fn from(error: HardenError) -> Self {
        let failure = Self::other(error.to_string());
        match error {
            HardenError::Elevated => failure.hint("take the setuid and setgid bits off the program"),
            HardenError::CoreDumps(_) | HardenError::Readable(_) => failure,
        }
    }
}

impl From<PathsError> for Failure {
    fn from(error: PathsError) -> Self {
        let failure = Self::usage(error.to_string());
        match error {
            PathsError::NoHome => failure.hint("set HOME, or name the vault's directory with `--vault`"),
            PathsError::OtherHome(_) => failure.hint("write the path in full"),
        }
    }
}

impl From<PictureError> for Failure {
    fn from(error: PictureError) -> Self {
        let failure = Self::other(error.to_string());
        match error {
            PictureError::Broken(_) => failure.hint("save or copy the picture again"),
            PictureError::NoCode { .. } => failure
                .hint("take the picture again, with the whole code and some white around it")
                .hint("type the key instead: the page that shows the code also shows it as text"),
            PictureError::NotAPicture { .. } => failure.hint("save a screenshot of the code as PNG"),
            PictureError::TooLarge => failure.hint("cut the picture down to the code"),
        }
    }
}

impl From<PromptError> for Failure {
    fn from(error: PromptError) -> Self {
        let message = error.to_string();
        match error {
            PromptError::BadDescriptor(_) => Self::usage(message),
            PromptError::Closed | PromptError::NoTerminal => Self::new(Exit::Locked, message)
                .hint("give the passphrase with `--passphrase-file` or `--passphrase-fd`"),
            PromptError::Interrupted => Self::new(Exit::Interrupted, message),
            PromptError::IsTerminal(_) => Self::usage(message)
                .hint("leave the flag out: the passphrase is then asked for without showing it"),
            PromptError::Askpass { .. } => {
                Self::new(Exit::Locked, message).hint("TWOLOCK_ASKPASS names the program that asks")
            }
            PromptError::Empty(_)
            | PromptError::GivenUp
            | PromptError::NotUtf8
            | PromptError::Read { .. }
            | PromptError::TooLong => Self::new(Exit::Locked, message),
        }
    }
}

impl From<TimeError> for Failure {
    fn from(error: TimeError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<TooLong> for Failure {
    fn from(error: TooLong) -> Self {
        Self::other(error.to_string()).hint("shorten the names of the account")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_rendered_with_its_hints_and_harmless() {
        let failure = Failure::new(Exit::NotFound, "no account is named \"gi\u{1b}[2Jt\"")
            .hint("did you mean \"GitHub (octocat)\"?");
        assert_eq!(
            failure.render(),
            "twolock: error: no account is named \"gi\\u{1b}[2Jt\"\n\
             twolock: hint: did you mean \"GitHub (octocat)\"?"
        );
    }

    #[test]
    fn json_names_the_status() {
        let json = Failure::usage("x").to_json();
        assert_eq!(json["v"], 1);
        assert_eq!(json["error"]["code"], "usage");
        assert_eq!(json["error"]["exit"], 2);
        assert_eq!(json["error"]["hints"], json!([]));
    }

    #[test]
    fn statuses_are_the_ones_of_the_manual_and_names_are_used_once() {
        let statuses: Vec<u8> = Exit::ALL.into_iter().map(Exit::status).collect();
        assert_eq!(statuses, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 130]);
        let names: std::collections::HashSet<_> = Exit::ALL.into_iter().map(Exit::name).collect();
        assert_eq!(names.len(), Exit::ALL.len());
    }

    #[test]
    fn messages_follow_the_house_style() {
        let failures: [Failure; 9] = [
            ClipboardError::None.into(),
            ClipboardError::Off.into(),
            HardenError::Elevated.into(),
            PathsError::NoHome.into(),
            PathsError::OtherHome("~bob".to_owned()).into(),
            PictureError::NoCode { width: 3, height: 4 }.into(),
            PictureError::TooLarge.into(),
            PromptError::NoTerminal.into(),
            TimeError("noon".to_owned()).into(),
        ];
        for failure in failures {
            let first = failure.message.chars().next();
            assert!(first.is_some_and(|c| c.is_lowercase() || c == '"'), "{}", failure.message);
            assert!(
                !failure.message.ends_with('.') && !failure.message.contains('\n'),
                "{}",
                failure.message
            );
        }
    }
}
