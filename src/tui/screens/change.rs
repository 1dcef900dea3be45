//! Changes that more than one screen can make to an account: how they are asked for, and what is said of them.

use crate::display::visible;
use crate::tui::effect::Effect;
use crate::tui::screen::{Action, Cx, Note};
use crate::tui::theme::Glyph;
use crate::vault::{Account, Change, Edit};

/// How many columns of a name stand in a message.
const NAME: usize = 24;

/// Returns what a message calls an account: `GitHub · alice`.
pub fn title(account: &Account, cx: &Cx<'_>) -> String {
    let name = visible(account.name()).cut(NAME);
    if account.detail().is_empty() {
        return name.to_string();
    }
    format!("{name} {} {}", cx.theme.glyph(Glyph::Dot), visible(account.detail()).cut(NAME))
}

/// Returns what pins an account, or takes it off the top again.
pub fn pin(account: &Account, cx: &Cx<'_>) -> Vec<Action> {
    let edit = Edit { pinned: Some(!account.pinned), ..Edit::default() };
    let word = if account.pinned { "Unpinned" } else { "Pinned" };
    let title = title(account, cx);
    vec![
        Action::Say(Note::good(format!("{word} {title}"))),
        Action::Do(Effect::Commit(vec![Change::Edit(account.id, Box::new(edit))], Some(title))),
    ]
}

/// Returns what deletes an account; it can be undone, and the message says what deleting does not do.
pub fn remove(account: &Account, cx: &Cx<'_>) -> Vec<Action> {
    let title = title(account, cx);
    let name = visible(account.name()).cut(NAME);
    let text = format!("Deleted {title}. u undo (kept for 30 days). This does not turn off MFA at {name}");
    vec![
        Action::Say(Note::plain(text)),
        Action::Do(Effect::Commit(vec![Change::Remove(account.id, cx.now.wall)], Some(title))),
    ]
}
