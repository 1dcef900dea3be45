//! The keys of the export, a table for each step.

use super::{Export, Lock, Step};
use crate::tui::binding::{self, Binding};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Reply};

const LEAVE: Binding<Export> = Binding {
    name: "leave",
    keys: &[Key::Ctrl('c')],
    word: "",
    help: "go back to the list; nothing is written",
    applies: binding::always,
    run: |_, _| Reply::act(Action::Pop),
};
const BACK: Binding<Export> = Binding {
    name: "back",
    keys: &[Key::Esc],
    word: "back",
    help: "one step back",
    applies: binding::always,
    run: |export, _| {
        export.note = None;
        export.step = match export.step {
            Step::Plain => Step::File,
            _ => Step::Format,
        };
        Reply::done()
    },
};

pub(super) const FORMAT: &[Binding<Export>] = &[
    Binding {
        name: "next",
        keys: &[Key::Enter],
        word: "next",
        help: "go on with this one",
        applies: binding::always,
        run: |export, cx| export.choose_target(cx),
    },
    Binding {
        name: "which",
        keys: &[Key::Tab],
        word: "which accounts",
        help: "choose the accounts that go",
        applies: binding::always,
        run: |export, _| {
            export.step = Step::Which;
            Reply::done()
        },
    },
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "",
        help: "down",
        applies: binding::always,
        run: |export, _| {
            export.target = (export.target + 1).min(export.targets.len() - 1);
            Reply::done()
        },
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "up",
        applies: binding::always,
        run: |export, _| {
            export.target = export.target.saturating_sub(1);
            Reply::done()
        },
    },
    Binding { keys: &[Key::Esc, Key::Char('q'), Key::Ctrl('c')], word: "cancel", ..LEAVE },
];
pub(super) const WHICH: &[Binding<Export>] = &[
    Binding {
        name: "choose",
        keys: &[Key::Char(' ')],
        word: "choose",
        help: "choose the account, or leave it here",
        applies: |export, _| !export.which.is_empty(),
        run: |export, _| {
            if let Some((_, goes)) = export.which.get_mut(export.selected) {
                *goes = !*goes;
            }
            export.go(1)
        },
    },
    Binding {
        name: "all",
        keys: &[Key::Char('A'), Key::Char('a')],
        word: "all",
        help: "choose all",
        applies: binding::always,
        run: |export, _| export.choose_all(true),
    },
    Binding {
        name: "none",
        keys: &[Key::Char('N'), Key::Char('n')],
        word: "none",
        help: "choose none",
        applies: binding::always,
        run: |export, _| export.choose_all(false),
    },
    Binding {
        keys: &[Key::Enter, Key::Tab, Key::Esc, Key::Char('q')],
        word: "done",
        help: "back to the apps",
        ..BACK
    },
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "",
        help: "down",
        applies: binding::always,
        run: |export, _| export.go(1),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "up",
        applies: binding::always,
        run: |export, _| export.go(-1),
    },
    LEAVE,
];
pub(super) const FILE: &[Binding<Export>] = &[
    Binding {
        name: "next",
        keys: &[Key::Enter],
        word: "next",
        help: "to the next field; then write the file",
        applies: binding::always,
        run: |export, cx| export.next(cx),
    },
    Binding {
        name: "field",
        keys: &[Key::Tab, Key::Down],
        word: "",
        help: "next field",
        applies: binding::always,
        run: |export, _| export.turn(1),
    },
    Binding {
        name: "field-back",
        keys: &[Key::BackTab, Key::Up],
        word: "",
        help: "field before",
        applies: binding::always,
        run: |export, _| export.turn(-1),
    },
    Binding {
        name: "suggest",
        keys: &[Key::F(4)],
        word: "suggest a password",
        help: "write a password of random words",
        applies: |export, _| export.lock() == Lock::Password,
        run: |export, cx| export.suggest(cx),
    },
    Binding {
        name: "show",
        keys: &[Key::F(2)],
        word: "show",
        help: "show or hide what is typed",
        applies: |export, _| export.lock() == Lock::Password,
        run: |export, _| {
            let [_, first, second, _] = &mut export.fields;
            let text = first.flip();
            second.mask(first.is_masked());
            Reply::say(text)
        },
    },
    BACK,
    LEAVE,
];
pub(super) const PLAIN: &[Binding<Export>] = &[
    Binding {
        name: "write",
        keys: &[Key::Enter],
        word: "write the file",
        help: "write it without encryption, if the number is right",
        applies: binding::always,
        run: |export, cx| export.write_plain(cx),
    },
    BACK,
    LEAVE,
];
pub(super) const WRITING: &[Binding<Export>] =
    &[Binding { word: "leave", help: "go back; the file is written all the same", ..LEAVE }];
