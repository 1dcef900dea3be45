//! The keys of the locked door, one table for each thing that it may ask.

use super::{Broken, Door, Unlock};
use crate::tui::binding::{Binding, always};
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Reply};
use crate::tui::screens::lent;

const QUIT: Binding<Unlock> = Binding {
    name: "quit",
    keys: &[Key::Ctrl('c')],
    word: "quit",
    help: "quit",
    applies: always,
    run: |_, _| Reply::act(Action::Do(Effect::Quit)),
};

const UNLOCK: Binding<Unlock> = Binding {
    name: "unlock",
    keys: &[Key::Enter],
    word: "unlock",
    help: "unlock",
    applies: always,
    run: |screen, cx| screen.unlock(cx),
};
const SHOW: Binding<Unlock> = Binding {
    name: "show",
    keys: &[Key::F(2)],
    word: "show what I type",
    help: "show or hide what is typed",
    applies: always,
    run: |screen, _| Reply::say(screen.field.flip()),
};
const USE_KEY_FILE: Binding<Unlock> = Binding {
    name: "key-file",
    keys: &[Key::F(3)],
    word: "use a key file instead",
    help: "open with a key file (of age-keygen or an age plugin) instead",
    applies: always,
    run: |screen, _| screen.turn(Door::KeyFile),
};
const CODES: Binding<Unlock> = Binding {
    name: "codes",
    keys: &[Key::Esc],
    word: "back",
    help: "back to the codes that the agent lends",
    applies: always,
    run: |_, _| Reply::act(Action::Replace(lent(None))),
};

/// The passphrase is asked for.
pub(super) const KEYS: &[Binding<Unlock>] = &[UNLOCK, SHOW, USE_KEY_FILE, QUIT];
/// It is asked for on the way from the agent's codes.
pub(super) const LENT: &[Binding<Unlock>] = &[UNLOCK, CODES, SHOW, USE_KEY_FILE, QUIT];
/// A key file is asked for.
pub(super) const KEY_FILE: &[Binding<Unlock>] = &[
    Binding {
        name: "unlock",
        keys: &[Key::Enter],
        word: "unlock",
        help: "unlock with this key file",
        applies: always,
        run: |screen, cx| screen.unlock(cx),
    },
    Binding {
        name: "passphrase",
        keys: &[Key::Esc, Key::F(3)],
        word: "use the passphrase",
        help: "back to the passphrase of the vault",
        applies: always,
        run: |screen, _| screen.turn(Door::Passphrase),
    },
    QUIT,
];
/// The passphrase of a key file is asked for.
pub(super) const SEALED: &[Binding<Unlock>] = &[
    Binding {
        name: "unlock",
        keys: &[Key::Enter],
        word: "unlock",
        help: "unlock the key file, and the vault with it",
        applies: always,
        run: |screen, cx| screen.unlock(cx),
    },
    Binding {
        name: "show",
        keys: &[Key::F(2)],
        word: "show what I type",
        help: "show or hide what is typed",
        applies: always,
        run: |screen, _| Reply::say(screen.field.flip()),
    },
    Binding {
        name: "passphrase",
        keys: &[Key::Esc, Key::F(3)],
        word: "use the passphrase of the vault",
        help: "back to the passphrase of the vault",
        applies: always,
        run: |screen, _| screen.turn(Door::Passphrase),
    },
    QUIT,
];
/// The vault is being opened.
pub(super) const OPENING: &[Binding<Unlock>] = &[QUIT];
/// The vault is not opened as it is.
pub(super) const BROKEN: &[Binding<Unlock>] = &[
    Binding {
        name: "do",
        keys: &[Key::Enter],
        word: "do it",
        help: "do what is marked",
        applies: always,
        run: |screen, _| {
            let chosen = screen.broken.as_ref().map(|broken| broken.chosen);
            screen.take(chosen)
        },
    },
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Tab, Key::Char('j')],
        word: "choose",
        help: "the next line",
        applies: always,
        run: |screen, _| screen.choose(1),
    },
    Binding {
        name: "yes",
        keys: &[Key::Char('y')],
        word: "open it",
        help: "open: the copy, or the older vault as it is",
        applies: always,
        run: |screen, _| {
            let yes = screen.broken.as_ref().and_then(Broken::yes);
            screen.take(yes)
        },
    },
    Binding {
        name: "back",
        keys: &[Key::Esc],
        word: "back",
        help: "back to the passphrase; nothing is changed",
        applies: always,
        run: |screen, _| screen.take(None),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::BackTab, Key::Char('k')],
        word: "",
        help: "the line before",
        applies: always,
        run: |screen, _| screen.choose(-1),
    },
    QUIT,
];
