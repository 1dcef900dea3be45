//! The keys of the first start, a table for each stage.

use super::super::unlocked;
use super::{Create, Stage};
use crate::tui::binding::{Binding, always};
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Reply};

const NEXT: Binding<Create> = Binding {
    name: "next",
    keys: &[Key::Enter],
    word: "next",
    help: "go on",
    applies: always,
    run: Create::begin,
};
const BACK: Binding<Create> = Binding {
    name: "back",
    keys: &[Key::Esc],
    word: "back",
    help: "one step back",
    applies: always,
    run: |screen, _| {
        screen.stage = Stage::Welcome;
        screen.note = None;
        Reply::done()
    },
};
const QUIT: Binding<Create> = Binding {
    name: "quit",
    keys: &[Key::Ctrl('c')],
    word: "quit",
    help: "quit",
    applies: always,
    run: |_, _| Reply::act(Action::Do(Effect::Quit)),
};
/// Where letters are no text.
const QUIT_TOO: Binding<Create> = Binding { keys: &[Key::Char('q'), Key::Ctrl('c')], ..QUIT };

pub(super) const WELCOME: &[Binding<Create>] = &[
    NEXT,
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "choose",
        help: "the next way to begin",
        applies: always,
        run: |screen, cx| screen.choose(1, cx),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "the way before",
        applies: always,
        run: |screen, cx| screen.choose(-1, cx),
    },
    QUIT_TOO,
];
/// Another directory is asked for.
pub(super) const PLACE: &[Binding<Create>] = &[
    Binding { help: "go on with this directory, and remember it", run: |screen, _| screen.move_to(), ..NEXT },
    BACK,
    QUIT,
];
pub(super) const PASSPHRASE: &[Binding<Create>] = &[
    Binding { help: "to the other field; then make the vault", run: |screen, _| screen.create(), ..NEXT },
    Binding {
        name: "field",
        keys: &[Key::Tab, Key::BackTab, Key::Down, Key::Up],
        word: "other field",
        help: "to the other field",
        applies: always,
        run: |screen, _| {
            screen.focus = 1 - screen.focus;
            Reply::done()
        },
    },
    Binding {
        name: "suggest",
        keys: &[Key::F(4)],
        word: "suggest one",
        help: "write a passphrase of random words",
        applies: always,
        run: |screen, cx| screen.suggest(cx),
    },
    Binding {
        name: "show",
        keys: &[Key::F(2)],
        word: "show",
        help: "show or hide what is typed",
        applies: always,
        run: |screen, _| {
            let [first, second] = &mut screen.fields;
            let text = first.flip();
            second.mask(first.is_masked());
            Reply::say(text)
        },
    },
    Binding {
        name: "keys",
        keys: &[Key::F(5)],
        word: "age key",
        help: "let an age key or a key file open the vault too",
        applies: always,
        run: |screen, _| {
            screen.stage = Stage::Keys;
            screen.note = None;
            Reply::done()
        },
    },
    BACK,
    QUIT,
];
/// Who else may open it.
pub(super) const KEYS: &[Binding<Create>] = &[
    Binding {
        help: "try the key, and let it open the vault too",
        run: |screen, _| screen.find_keys(),
        ..NEXT
    },
    Binding { run: |screen, _| screen.leave_keys(), ..BACK },
    QUIT,
];
/// What is typed ahead here means nothing, and a letter of it must not quit.
pub(super) const MAKING: &[Binding<Create>] = &[QUIT];
const TRY: Binding<Create> = Binding {
    name: "try",
    keys: &[Key::Char('c')],
    word: "try the clipboard",
    help: "put a word on the clipboard, to see whether it can be pasted here",
    applies: always,
    run: Create::try_clipboard,
};
const SKIP: Binding<Create> = Binding {
    word: "skip to the list",
    help: "to the list, which is empty",
    run: |_, cx| Reply::act(Action::Replace(unlocked(cx, None))),
    ..BACK
};
pub(super) const READY: &[Binding<Create>] = &[
    Binding {
        word: "add my first account",
        help: "add the first account",
        run: |screen, cx| screen.leave(cx),
        ..NEXT
    },
    TRY,
    SKIP,
    QUIT_TOO,
];
/// The accounts of another app come first.
pub(super) const READY_TO_IMPORT: &[Binding<Create>] = &[
    Binding {
        word: "import my accounts",
        help: "import the accounts of another app",
        run: |screen, cx| screen.leave(cx),
        ..NEXT
    },
    TRY,
    SKIP,
    QUIT_TOO,
];
