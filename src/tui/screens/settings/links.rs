//! What else can be done to the vault, so that whoever looks for it among the settings finds it there.

use crate::tui::screen::{Action, Cx, Reply};
use crate::tui::screens::ask::{Ask, EXPORT};
use crate::tui::screens::backups::Backups;
use crate::tui::screens::deleted::Deleted;
use crate::tui::screens::export::Export;
use crate::tui::screens::import::Import;
use crate::tui::screens::passphrase::NewPassphrase;

/// The part of the list that they stand in. No setting does.
pub(super) const GROUP: &str = "links";

/// A way to another screen.
pub(super) struct Link {
    /// What it is called.
    pub(super) label: &'static str,
    /// What it is for, in a line.
    pub(super) help: &'static str,
    /// Goes there.
    pub(super) open: fn(&Cx<'_>) -> Reply,
}

/// All of them.
pub(super) const ALL: &[Link] = &[
    Link {
        label: "Passphrase ...",
        help: "Give the vault another passphrase",
        open: |_| Reply::act(Action::Push(Box::<NewPassphrase>::default())),
    },
    Link {
        label: "Backups ...",
        help: "Earlier states of the vault, to bring one back; a copy for elsewhere",
        open: |_| Backups::open(),
    },
    Link { label: "Deleted accounts ...", help: "What was deleted, to bring it back", open: Deleted::open },
    Link {
        label: "Export ...",
        help: "Write all accounts for another app, or as a copy of your own",
        open: export,
    },
    Link {
        label: "Import ...",
        help: "Take over the accounts of another app",
        open: |_| Reply::act(Action::Push(Box::new(Import::new()))),
    },
];

fn export(cx: &Cx<'_>) -> Reply {
    if cx.vault.accounts().is_empty() {
        return Reply::say("There is no account to export yet");
    }
    Reply::act(Ask::before(cx, EXPORT, Box::new(Export::new(cx))))
}
