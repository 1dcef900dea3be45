//! One file a screen, and the two roots.

pub mod accounts;
pub mod add;
pub mod ask;
pub mod change;
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
pub mod pending;
pub mod regroup;
pub mod rehearse;
mod remains;
pub mod reveal;
mod scan;
pub mod settings;
mod tries;
pub mod unlock;
mod wait;

use super::binding;
use super::keymap::Place;
use super::screen::{Cx, KeyHelp, Screen};

/// Returns the first screen while the vault is locked.
pub fn locked() -> Box<dyn Screen> {
    Box::new(unlock::Unlock::new())
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

/// Returns the places whose keys can be given to other actions: the list, and what one opens from it most.
pub fn places() -> Vec<Place> {
    let place = |name, own: Vec<KeyHelp>, types: bool| {
        let mut keys = own;
        keys.extend(help::everywhere(!types));
        Place { name, keys, types }
    };
    let [list, found, none] = accounts::tables();
    vec![
        place("the list", list, false),
        place("the search", found, true),
        place("the search", none, true),
        place("the details", binding::help(details::Details::KEYS), false),
        place("the settings", settings::table(), false),
    ]
}
