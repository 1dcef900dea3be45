//! The keys of the backups, a table for each stage.

use super::{Backups, Stage};
use crate::tui::binding::{Binding, always};
use crate::tui::key::Key;
use crate::tui::screen::Reply;

const BACK: Binding<Backups> = Binding {
    name: "back",
    keys: &[Key::Esc, Key::Left, Key::Char('h'), Key::Char('q')],
    word: "back",
    help: "back",
    applies: always,
    run: |screen, _| screen.back(),
};

pub(super) const LIST: &[Binding<Backups>] = &[
    Binding {
        name: "look",
        keys: &[Key::Enter, Key::Right, Key::Char('l')],
        word: "look",
        help: "show what would change if it were brought back",
        applies: |screen, _| !screen.rows().is_empty(),
        run: |screen, _| screen.want(),
    },
    Binding {
        name: "copy",
        keys: &[Key::Char('b')],
        word: "copy elsewhere",
        help: "put a copy of the vault aside, for another disk",
        applies: always,
        run: |screen, _| {
            screen.stage = Stage::Copy;
            screen.note = None;
            Reply::done()
        },
    },
    BACK,
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "",
        help: "down",
        applies: always,
        run: |screen, _| screen.go(1),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "up",
        applies: always,
        run: |screen, _| screen.go(-1),
    },
    Binding {
        name: "first",
        keys: &[Key::Home, Key::Char('g')],
        word: "",
        help: "first",
        applies: always,
        run: |screen, _| screen.go(isize::MIN),
    },
    Binding {
        name: "last",
        keys: &[Key::End, Key::Char('G')],
        word: "",
        help: "last",
        applies: always,
        run: |screen, _| screen.go(isize::MAX),
    },
];

pub(super) const LOOK: &[Binding<Backups>] = &[
    Binding {
        name: "restore",
        keys: &[Key::Enter],
        word: "bring it back",
        help: "bring it back; u undoes that",
        applies: |screen, _| matches!(&screen.stage, Stage::Look(look) if !look.differences.is_empty()),
        run: Backups::bring,
    },
    Binding { help: "back to the list; nothing is changed", ..BACK },
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "",
        help: "further down",
        applies: always,
        run: |screen, _| screen.scroll(1),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "further up",
        applies: always,
        run: |screen, _| screen.scroll(-1),
    },
];

pub(super) const COPY: &[Binding<Backups>] = &[
    Binding {
        name: "make",
        keys: &[Key::Enter],
        word: "make the copy",
        help: "make the copy in this directory",
        applies: always,
        run: |screen, _| screen.copy(),
    },
    Binding { keys: &[Key::Esc, Key::Ctrl('c')], help: "back to the list; the path stays", ..BACK },
];

pub(super) const BUSY: &[Binding<Backups>] =
    &[Binding { help: "back to the list; the copy goes on and is told of", ..BACK }];
