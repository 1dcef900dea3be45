//! Changes that more than one screen can make to accounts: how they are asked for, and what is said of them. What is
//! done to several is one change, and one undo.

use crate::display::visible;
use crate::tui::effect::{Commit, Effect};
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

/// Returns what a message calls accounts: the title of one, or how many there are.
pub fn called(accounts: &[&Account], cx: &Cx<'_>) -> String {
    match accounts {
        [account] => title(account, cx),
        _ => format!("{} accounts", accounts.len()),
    }
}

/// Returns what pins accounts; what takes them off the top again, if all are pinned.
pub fn pin(accounts: &[&Account], cx: &Cx<'_>) -> Action {
    let pinned = !accounts.iter().all(|account| account.pinned);
    let edit = Edit { pinned: Some(pinned), ..Edit::default() };
    let called = called(accounts, cx);
    let (done, doing) = if pinned { ("Pinned", "pinning") } else { ("Unpinned", "unpinning") };
    commit(
        accounts,
        |account| Change::Edit(account.id, Box::new(edit.clone())),
        format!("{doing} {called}"),
        Note::good(format!("{done} {called}")),
    )
}

/// Returns what moves accounts to a group; to none, if its name is empty.
pub fn regroup(accounts: &[&Account], group: &str, cx: &Cx<'_>) -> Action {
    let moving: Vec<&Account> = accounts.iter().copied().filter(|account| account.group != group).collect();
    let shown = visible(group).cut(NAME);
    let place = if group.is_empty() { "no group".to_owned() } else { format!("the group {shown}") };
    if moving.is_empty() {
        return Action::Say(Note::plain(format!("Already in {place}")));
    }
    let edit = Edit { group: Some(group.to_owned()), ..Edit::default() };
    let called = called(&moving, cx);
    commit(
        &moving,
        |account| Change::Edit(account.id, Box::new(edit.clone())),
        format!("moving {called} to {place}"),
        Note::good(format!("Moved {called} to {place}")),
    )
}

/// Returns what deletes accounts; it can be undone, and the message says what deleting does not do.
pub fn remove(accounts: &[&Account], cx: &Cx<'_>) -> Action {
    let called = called(accounts, cx);
    let days = cx.config.delete.keep_days;
    let place = match accounts {
        [account] => visible(account.name()).cut(NAME).to_string(),
        _ => "their sites".to_owned(),
    };
    let text =
        format!("Deleted {called}. u undo (kept for {days} days). This does not turn off MFA at {place}");
    let remove = |account: &Account| Change::Remove(account.id, cx.now.wall);
    commit(accounts, remove, format!("deleting {called}"), Note::plain(text))
}

fn commit(accounts: &[&Account], change: impl Fn(&Account) -> Change, doing: String, done: Note) -> Action {
    let changes = accounts.iter().map(|account| change(account)).collect();
    Action::Do(Effect::Commit(Commit::undoable(changes, doing).says(done)))
}
