//! The keys of the import, a table for what is asked for just now.

use super::Import;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::{Source, With};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Reply};
use crate::tui::screens::wait;

impl Import {
    pub(super) const KEYS: &[Binding<Self>] = &[
        Binding {
            name: "read",
            keys: &[Key::Enter],
            word: "read the file",
            help: "read the file; nothing is added yet",
            applies: binding::always,
            run: |import, _| import.read(),
        },
        Self::BACK,
        Binding {
            name: "wait",
            keys: &[Key::F(3)],
            word: "wait for a picture",
            help: "wait for a new picture in the home directory",
            applies: binding::always,
            run: |import, _| {
                import.waiting = true;
                import.wrong = None;
                Reply::act(wait::begin())
            },
        },
        Binding {
            name: "clipboard",
            keys: &[Key::F(5)],
            word: "picture on the clipboard",
            help: "take the picture from this computer's clipboard",
            applies: binding::always,
            run: |import, _| import.start(Source::Clipboard, With::Nothing),
        },
    ];
    pub(super) const WAITING: &[Binding<Self>] = &[
        Binding {
            name: "stop",
            keys: &[Key::Esc],
            word: "stop waiting",
            help: "wait no longer",
            applies: binding::always,
            run: |import, _| Reply::Taken(wait::end(&mut import.waiting)),
        },
        Self::LEAVE,
    ];
    pub(super) const OPEN: Binding<Self> = Binding {
        name: "open",
        keys: &[Key::Enter],
        word: "open the file",
        help: "open the file with this password",
        applies: binding::always,
        run: |import, _| import.read(),
    };
    pub(super) const SHOW: Binding<Self> = Binding {
        name: "show",
        keys: &[Key::F(2)],
        word: "show what I type",
        help: "show or hide what you type",
        applies: binding::always,
        run: |import, _| Reply::say(import.password.flip()),
    };
    pub(super) const LOCKED: &[Binding<Self>] = &[Self::OPEN, Self::SHOW, Self::OTHER, Self::LEAVE];
    /// The file may have a key file beside its password.
    pub(super) const WITH_KEY_FILE: &[Binding<Self>] = &[
        Self::OPEN,
        Binding {
            name: "field",
            keys: &[Key::Tab, Key::BackTab, Key::Down, Key::Up],
            word: "other field",
            help: "from the password to the key file, and back",
            applies: binding::always,
            run: |import, _| {
                import.at_key_file = !import.at_key_file;
                Reply::done()
            },
        },
        Self::SHOW,
        Self::OTHER,
        Self::LEAVE,
    ];
    /// The file wants an age key.
    pub(super) const SEALED: &[Binding<Self>] = &[
        Binding {
            name: "open",
            keys: &[Key::Enter],
            word: "open the file",
            help: "open the file with the key in this file",
            applies: binding::always,
            run: |import, _| import.read(),
        },
        Self::OTHER,
        Self::LEAVE,
    ];
    pub(super) const OTHER: Binding<Self> = Binding {
        name: "other",
        keys: &[Key::Esc],
        word: "another file",
        help: "take another file",
        applies: binding::always,
        run: |import, _| {
            import.password.clear();
            import.key_file.clear();
            import.at_key_file = false;
            (import.locked, import.wrong) = (None, None);
            Reply::done()
        },
    };
    pub(super) const READING: &[Binding<Self>] = &[Self::BACK];
    pub(super) const BACK: Binding<Self> = Binding {
        name: "back",
        keys: &[Key::Esc, Key::Ctrl('c')],
        word: "cancel",
        help: "go back; nothing is added",
        applies: binding::always,
        run: |import, _| import.leave(),
    };
    pub(super) const LEAVE: Binding<Self> = Binding {
        name: "leave",
        keys: &[Key::Ctrl('c')],
        word: "",
        help: "go back; nothing is added",
        applies: binding::always,
        run: |import, _| {
            let mut actions = wait::end(&mut import.waiting);
            actions.push(Action::Pop);
            Reply::Taken(actions)
        },
    };
}
