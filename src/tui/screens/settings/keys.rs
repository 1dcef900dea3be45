//! The keys of the settings.

use super::values::steps;
use super::{Mode, Settings};
use crate::tui::binding::{self, Binding};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Reply};

/// Where letters are commands.
pub(super) const CHOOSE: &[Binding<Settings>] = &[
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "choose",
        help: "down",
        applies: binding::always,
        run: |screen, _| screen.go(1),
    },
    Binding {
        name: "next-value",
        keys: &[Key::Right, Key::Char('l')],
        word: "change",
        help: "the next value",
        applies: |screen, _| screen.setting().is_ok_and(|setting| steps(setting).is_some()),
        run: |screen, cx| screen.step(1, cx),
    },
    Binding {
        name: "open",
        keys: &[Key::Enter],
        word: "open",
        help: "type a value, take the next one, or go there",
        applies: |screen, _| screen.opens(),
        run: |screen, cx| screen.open(cx),
    },
    Binding {
        name: "find",
        keys: &[Key::Char('/')],
        word: "find",
        help: "find a setting",
        applies: binding::always,
        run: |screen, _| {
            screen.mode = Mode::Find;
            Reply::done()
        },
    },
    Binding {
        name: "default",
        keys: &[Key::Char('r')],
        word: "default",
        help: "back to the default",
        applies: binding::always,
        run: |screen, cx| screen.reset(cx),
    },
    Binding {
        name: "close",
        keys: &[Key::Char('q'), Key::Esc, Key::Ctrl('c')],
        word: "close",
        help: "close the settings",
        applies: binding::always,
        run: |screen, _| {
            if screen.find.is_empty() {
                return Reply::act(Action::Pop);
            }
            screen.find.clear();
            screen.chosen = 0;
            Reply::say("All settings are in sight again")
        },
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "up",
        applies: binding::always,
        run: |screen, _| screen.go(-1),
    },
    Binding {
        name: "previous-value",
        keys: &[Key::Left, Key::Char('h')],
        word: "",
        help: "the value before",
        applies: binding::always,
        run: |screen, cx| screen.step(-1, cx),
    },
    Binding {
        name: "half-down",
        keys: &[Key::PageDown, Key::Ctrl('d'), Key::Tab],
        word: "",
        help: "to the next part",
        applies: binding::always,
        run: |screen, _| screen.part(1),
    },
    Binding {
        name: "half-up",
        keys: &[Key::PageUp, Key::Ctrl('u'), Key::BackTab],
        word: "",
        help: "to the part before",
        applies: binding::always,
        run: |screen, _| screen.part(-1),
    },
    Binding {
        name: "first",
        keys: &[Key::Home, Key::Char('g')],
        word: "",
        help: "first",
        applies: binding::always,
        run: |screen, _| screen.go(isize::MIN),
    },
    Binding {
        name: "last",
        keys: &[Key::End, Key::Char('G')],
        word: "",
        help: "last",
        applies: binding::always,
        run: |screen, _| screen.go(isize::MAX),
    },
];

/// Where letters are words to find a setting by.
pub(super) const FIND: &[Binding<Settings>] = &[
    Binding {
        name: "found",
        keys: &[Key::Enter, Key::Down],
        word: "choose",
        help: "choose among what was found",
        applies: binding::always,
        run: |screen, _| {
            screen.mode = Mode::Choose;
            Reply::done()
        },
    },
    Binding {
        name: "all",
        keys: &[Key::Esc, Key::Ctrl('c')],
        word: "show all",
        help: "show all settings again",
        applies: binding::always,
        run: |screen, _| {
            screen.find.clear();
            screen.chosen = 0;
            screen.mode = Mode::Choose;
            Reply::done()
        },
    },
];

/// Where letters are a value.
pub(super) const TYPE: &[Binding<Settings>] = &[
    Binding {
        name: "take",
        keys: &[Key::Enter],
        word: "take it",
        help: "take the value",
        applies: binding::always,
        run: |screen, cx| screen.take(cx),
    },
    Binding {
        name: "leave",
        keys: &[Key::Esc, Key::Ctrl('c')],
        word: "leave it",
        help: "leave the value as it was",
        applies: binding::always,
        run: |screen, _| {
            screen.mode = Mode::Choose;
            Reply::done()
        },
    },
];
