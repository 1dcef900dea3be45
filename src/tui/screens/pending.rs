//! An account whose secret was made here, for another device that has not shown two codes of it yet. Until then it
//! gives none: they would open nothing, and to whoever reads them here the codes of the device prove nothing.

use super::add::Add;
use super::ask::Ask;
use super::rehearse::Rehearse;
use crate::display::visible;
use crate::tui::screen::{Action, Cx, Note};
use crate::vault::Account;

/// What stands where other accounts have their code.
pub const WORD: &str = "pending";
/// How many columns of a name stand in a message.
const NAME: usize = 24;

/// Says that an account is pending, and what to do.
pub fn words(account: &Account) -> Note {
    let name = visible(account.name()).cut(NAME);
    Note::warning(format!("{name} is pending: Enter asks for two codes of its device"))
}

/// Returns what leads on to the two codes, with the QR code and the key beside them. They are the secret, so the
/// passphrase comes first.
pub fn confirm(account: &Account, cx: &Cx<'_>) -> Vec<Action> {
    let wizard = Box::new(Add::confirm(account, cx));
    let name = visible(account.name()).cut(NAME);
    let text = format!("{name} is pending until its device has shown two codes");
    vec![Ask::before(cx, "to show the secret", wizard), Action::Say(Note::warning(text))]
}

/// Returns what tests an account: the rehearsal of a sign-in, or for one that is pending its two codes.
pub fn test(account: &Account, cx: &Cx<'_>) -> Vec<Action> {
    if account.pending {
        return confirm(account, cx);
    }
    vec![Action::Push(Box::new(Rehearse::new(account, cx)))]
}

/// Returns what answers a key that would show or copy a code.
pub fn refuse(account: &Account) -> Vec<Action> {
    vec![Action::Say(words(account))]
}
