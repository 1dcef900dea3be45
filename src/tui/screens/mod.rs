//! One file a screen, and the two roots.

pub mod accounts;
pub mod add;
pub mod ask;
pub mod backups;
pub mod borrowed;
pub mod change;
mod choosing;
pub mod copy;
pub mod copy_help;
pub mod create;
pub mod deleted;
pub mod details;
pub mod edit;
pub mod export;
mod facts;
mod form;
pub mod help;
pub mod import;
pub mod palette;
pub mod passphrase;
pub mod pending;
pub mod regroup;
pub mod rehearse;
mod remains;
pub mod reveal;
mod row;
mod scan;
pub mod settings;
mod tries;
pub mod unlock;
mod wait;

use super::binding;
use super::errand::Errand;
use super::key::Key;
use super::keymap::Place;
use super::screen::{Cx, KeyHelp, Screen};

/// Returns the first screen while the vault is locked.
pub fn locked() -> Box<dyn Screen> {
    Box::new(unlock::Unlock::new())
}

/// Returns the screen that asks for the passphrase to go on with something.
pub fn locked_for(errand: &Errand) -> Box<dyn Screen> {
    Box::new(unlock::Unlock::on_the_way(errand))
}

/// Returns the list of what the agent lends, and what is searched for in it, if anything is.
pub fn lent(search: Option<&str>) -> Box<dyn Screen> {
    Box::new(borrowed::Borrowed::searching(search))
}

/// Returns the list of an open vault with an account selected, by its short id; and whether it was found, if one was named.
pub fn unlocked_at(cx: &Cx<'_>, account: Option<&str>) -> (Box<dyn Screen>, bool) {
    let mut list = accounts::Accounts::new(cx);
    let found = account.is_none_or(|id| list.select_short(id, cx));
    (Box::new(list), found)
}

/// Returns the first screen of an open vault: the list, and what is searched for in it, if anything is.
pub fn unlocked(cx: &Cx<'_>, search: Option<&str>) -> Box<dyn Screen> {
    let list = match search {
        Some(text) => accounts::Accounts::searching(cx, text),
        None if cx.config.screen.start_in_search => accounts::Accounts::searching(cx, ""),
        None => accounts::Accounts::new(cx),
    };
    Box::new(list)
}

/// Returns the places where keys have meanings, each of which can be given to another action. Those of the list, and of
/// what one opens from it most, go by their bare names; all others by the part of the program and the name.
pub fn places() -> Vec<Place> {
    let place = |name, scope, own: Vec<KeyHelp>, types: bool| {
        let mut keys: Vec<KeyHelp> = own.into_iter().map(|line| KeyHelp { scope, ..line }).collect();
        let own: Vec<Key> = keys.iter().flat_map(|line| line.keys.clone()).collect();
        // Where m has a meaning of its own the mouse is not ours.
        let free = |line: &KeyHelp| {
            line.name != help::MOUSE_ACTION || !line.keys.iter().any(|key| own.contains(key))
        };
        keys.extend(help::everywhere(!types).into_iter().filter(free));
        Place { name, scope, keys, types }
    };
    let one = |name, scope, own, types| vec![place(name, scope, own, types)];
    let several = |name, scope, tables: Vec<(bool, Vec<KeyHelp>)>| -> Vec<Place> {
        tables.into_iter().map(|(types, own)| place(name, scope, own, types)).collect()
    };
    let [list, found, none] = accounts::tables();
    let [lent, lent_found] = borrowed::tables();
    // Undo and the like are of an open vault.
    let lent_place = |name, own: Vec<KeyHelp>, types| {
        let keys = own.into_iter().chain(help::everywhere(false)).collect();
        vec![Place { name, scope: "", keys, types }]
    };
    let [preview, added] = import::tables_after();
    // There F1, ? and Ctrl-c are its own.
    let help = binding::help(help::Help::KEYS).into_iter().map(|line| KeyHelp { scope: "help", ..line });
    let help = Place { name: help::NAME, scope: "help", keys: help.collect(), types: false };
    [
        one("the list", "", list, false),
        one("the search", "", found, true),
        one("the search", "", none, true),
        lent_place(borrowed::NAME, lent, false),
        lent_place(borrowed::SEARCH_NAME, lent_found, true),
        one("the details", "", binding::help(details::Details::KEYS), false),
        several("the settings", "", settings::tables()),
        several("Add MFA", "add", add::tables()),
        several("the two codes", "add", add::tables()),
        several("the export", "export", export::tables()),
        one("the QR codes", "qr", export::codes_table(), false),
        one("the QR code", "qr", binding::help(reveal::Reveal::KEYS), false),
        one("the edit form", "edit", binding::help(edit::Edit::KEYS), true),
        several("the import", "import", import::tables()),
        one("the import's preview", "import", preview, false),
        one("the end of the import", "import", added, false),
        several("what was deleted", "deleted", deleted::tables()),
        several("the question for the name", "deleted", deleted::tables()),
        several("the backups", "backups", backups::tables()),
        one("the choice of a group", "group", binding::help(regroup::Regroup::KEYS), true),
        one("the MFA test", "test", binding::help(rehearse::Rehearse::KEYS), true),
        several("copying", "copying", copy_help::tables()),
        one(palette::NAME, "commands", binding::help(palette::Palette::KEYS), true),
        several("the passphrase question", "question", ask::tables()),
        several("the new passphrase", "passphrase", passphrase::tables()),
        several("the locked vault", "unlock", unlock::tables()),
        several("the first start", "start", create::tables()),
        vec![help],
    ]
    .into_iter()
    .flatten()
    .collect()
}
