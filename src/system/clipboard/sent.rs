//! How surely a code arrived, in words.

use super::route::{Route, Surroundings};
use super::tmux::SetClipboard;
use crate::display::visible;

/// How surely a code is on the clipboard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Proof {
    /// It was written to the terminal, which does not answer.
    Blind,
    /// It was read back.
    ReadBack,
    /// A test has shown that what goes this way arrives.
    Tested,
    /// The next program on the way took it and knows a way on.
    Taken,
}

/// What may stop a code on its way, and what would help.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Doubt {
    /// mosh passes on what names its clipboard, and tmux's own sequence does not.
    Mosh,
    /// tmux in tmux: the outer one drops what the inner one sends, unless told otherwise.
    NestedTmux,
    /// tmux believes that this kind of terminal has no clipboard.
    NoClipboard {
        /// What the terminal calls itself.
        term: String,
    },
    /// Nobody is attached to this tmux.
    Nobody,
    /// A tmux is in the way that cannot be asked.
    TmuxOutOfReach,
}

impl Doubt {
    /// Returns what is in the way, as a sentence.
    pub(super) fn says(&self) -> String {
        match self {
            Self::Mosh => "mosh drops what tmux sends.".to_owned(),
            Self::NestedTmux => {
                "You are in a tmux inside a tmux, and the outer one has to pass copies on.".to_owned()
            }
            Self::NoClipboard { term } => {
                format!("tmux believes that \"{}\" has no clipboard.", visible(term))
            }
            Self::Nobody => "No terminal is attached to this tmux.".to_owned(),
            Self::TmuxOutOfReach => "You are in a tmux that cannot be asked.".to_owned(),
        }
    }

    /// Returns where its line belongs, ending in a colon.
    pub(super) fn place(&self) -> &'static str {
        match self {
            Self::NestedTmux => "In ~/.tmux.conf of the outer tmux:",
            _ => "In ~/.tmux.conf:",
        }
    }

    /// Returns the line that would help.
    pub(super) fn line(&self) -> Option<String> {
        match self {
            Self::Mosh | Self::NestedTmux | Self::TmuxOutOfReach => {
                Some("set -s set-clipboard on".to_owned())
            }
            Self::NoClipboard { term } => {
                Some(format!("set -as terminal-features ',{}:clipboard'", visible(term)))
            }
            Self::Nobody => None,
        }
    }

    /// Returns it as a sentence for a person, with what would help.
    pub fn advice(&self) -> String {
        match self {
            Self::Mosh => "mosh drops what tmux sends. In tmux: set -s set-clipboard on".to_owned(),
            Self::NestedTmux => {
                "You are in a tmux inside a tmux. On the outer one: set -s set-clipboard on".to_owned()
            }
            Self::NoClipboard { term } => {
                let term = visible(term);
                format!(
                    "tmux believes that \"{term}\" has no clipboard. If it has one: set -as terminal-features ',{term}:clipboard'"
                )
            }
            Self::Nobody => "No terminal is attached to this tmux".to_owned(),
            Self::TmuxOutOfReach => {
                "You are in a tmux that cannot be asked. In it: set -s set-clipboard on".to_owned()
            }
        }
    }
}

/// A code that went off.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sent {
    /// The way that it took.
    pub route: Route,
    /// How surely it arrived.
    pub proof: Proof,
    /// What may have stopped it.
    pub doubt: Option<Doubt>,
}

impl Sent {
    pub(super) fn new(route: Route, proof: Proof, surroundings: &Surroundings) -> Self {
        let doubt = doubt(route, surroundings);
        let proof = if doubt.is_some() { Proof::Blind } else { proof };
        Self { route, proof, doubt }
    }

    /// Returns what to say of it: `Copied 492 039` of what was read back, else where it was sent.
    pub fn say(&self, what: &str) -> String {
        match (self.proof, self.route) {
            (Proof::ReadBack | Proof::Tested, _) => format!("Copied {what}"),
            (_, Route::Tmux | Route::TmuxPassThrough) => format!("Sent {what} to the clipboard through tmux"),
            (_, Route::Command) => format!("Sent {what} to the clipboard through your command"),
            (_, Route::Windows) => format!("Sent {what} to the clipboard of Windows"),
            (_, Route::Native | Route::Osc52 | Route::Screen) => format!("Sent {what} to your terminal"),
        }
    }

    /// Returns whether it is not known that the code arrived.
    pub fn is_unsure(&self) -> bool {
        self.proof == Proof::Blind
    }

    /// Returns what would help if it did not arrive: what is in the way, or else the key that shows more.
    pub fn advice(&self) -> Option<String> {
        if self.proof == Proof::Tested {
            return None;
        }
        match &self.doubt {
            Some(doubt) => Some(doubt.advice()),
            None => self
                .is_unsure()
                .then(|| "If it does not arrive: C here, or `twolock doctor --clipboard`".to_owned()),
        }
    }
}

impl Route {
    /// Returns how it is named in an error: `through tmux`.
    pub(super) const fn by(self) -> &'static str {
        match self {
            Self::Command => "through your command",
            Self::Native => "to the desktop's clipboard",
            Self::Osc52 | Self::Screen => "to the terminal",
            Self::Tmux | Self::TmuxPassThrough => "through tmux",
            Self::Windows => "through clip.exe",
        }
    }
}

pub(super) fn doubt(route: Route, surroundings: &Surroundings) -> Option<Doubt> {
    match route {
        Route::Command | Route::Native | Route::Screen | Route::TmuxPassThrough | Route::Windows => None,
        Route::Osc52 => surroundings.tmux_out_of_reach.then_some(Doubt::TmuxOutOfReach),
        Route::Tmux => {
            let tmux = surroundings.tmux.as_ref()?;
            if tmux.client.is_none() {
                Some(Doubt::Nobody)
            } else if tmux.nested {
                Some(Doubt::NestedTmux)
            } else if surroundings.mosh && tmux.set_clipboard != SetClipboard::On {
                Some(Doubt::Mosh)
            } else if !tmux.reaches {
                Some(Doubt::NoClipboard { term: tmux.term.clone() })
            } else {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tmux::Tmux;
    use super::*;

    fn sent(route: Route, proof: Proof, tmux: Option<Tmux>) -> Sent {
        Sent::new(route, proof, &Surroundings { tmux, ..Surroundings::default() })
    }

    #[test]
    fn copied_is_said_only_of_what_was_read_back() {
        let say = |route, proof| sent(route, proof, None).say("492 039");
        assert_eq!(say(Route::Native, Proof::ReadBack), "Copied 492 039");
        assert_eq!(say(Route::Tmux, Proof::Taken), "Sent 492 039 to the clipboard through tmux");
        assert_eq!(say(Route::Osc52, Proof::Blind), "Sent 492 039 to your terminal");
        let advice = sent(Route::Osc52, Proof::Blind, None).advice();
        assert_eq!(advice.as_deref(), Some("If it does not arrive: C here, or `twolock doctor --clipboard`"));
        assert_eq!(sent(Route::Native, Proof::ReadBack, None).advice(), None);
    }

    #[test]
    fn what_is_in_the_way_is_named_and_takes_the_proof_away() {
        let tmux = Tmux { client: Some(7), reaches: true, term: "xterm".to_owned(), ..Tmux::default() };
        let check = |tmux: Tmux, doubt: Option<Doubt>| {
            let sent = sent(Route::Tmux, Proof::Taken, Some(tmux));
            assert_eq!(sent.is_unsure(), doubt.is_some());
            assert_eq!(sent.doubt, doubt);
        };
        check(tmux.clone(), None);
        check(Tmux { client: None, ..tmux.clone() }, Some(Doubt::Nobody));
        check(Tmux { nested: true, ..tmux.clone() }, Some(Doubt::NestedTmux));
        let term = "konsole-256color".to_owned();
        check(Tmux { reaches: false, term: term.clone(), ..tmux }, Some(Doubt::NoClipboard { term }));
    }
}
