//! What an entry of a file is to the vault, in words. The rows of the screen have shorter ones.

use crate::exchange::State;

/// Returns the words for a state: what follows the name of the entry.
pub fn state(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::OtherSecret(_) => "another secret has this name here",
        State::Renamed(_) => "here under another name",
        State::Same(_) => "already here",
        State::Settings(_) => "here with other settings",
        State::Twice => "twice in the file",
    }
}
