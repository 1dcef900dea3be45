//! The keys of the second question, a table for each situation.

use super::super::super::wait;
use super::super::{Add, BACK, DOWN, Keys, LEAVE, UP};
use super::SecretKey;
use crate::tui::binding::{Binding, always};
use crate::tui::key::Key;
use crate::tui::screen::Reply;

const NEXT: Binding<Add> = Binding {
    name: "next",
    keys: &[Key::Enter],
    word: "next",
    help: "go on; a picture is read first",
    applies: always,
    run: |add, cx| add.in_secret(cx, SecretKey::next),
};
const OTHER: Binding<Add> = Binding {
    name: "other",
    keys: &[Key::Down],
    word: "other ways",
    help: "to the other ways: clipboard, waiting, a new secret",
    applies: always,
    run: |add, _| add.secret.jump(1),
};
const OTHER_UP: Binding<Add> = Binding {
    name: "other-up",
    keys: &[Key::Up],
    word: "",
    help: "the same, upwards",
    applies: always,
    run: |add, _| add.secret.jump(-1),
};
const SHOW: Binding<Add> = Binding {
    name: "show",
    keys: &[Key::F(2)],
    word: "show or hide",
    help: "show or hide what is typed",
    applies: always,
    run: |add, _| Reply::say(add.secret.field.flip()),
};
const TAB: Binding<Add> = Binding {
    name: "tab",
    keys: &[Key::Tab],
    word: "",
    help: "on: field, settings, other ways",
    applies: always,
    run: |add, _| add.secret.go(&add.draft, 1),
};
const TAB_BACK: Binding<Add> = Binding {
    name: "tab-back",
    keys: &[Key::BackTab],
    word: "",
    help: "the same, backwards",
    applies: always,
    run: |add, _| add.secret.go(&add.draft, -1),
};

const AWAIT: Binding<Add> = Binding {
    name: "await",
    keys: &[Key::F(3)],
    word: "",
    help: "wait for a new picture in the home directory",
    applies: always,
    run: |add, cx| add.in_secret(cx, |secret, _, _| secret.wait()),
};
const CLIPBOARD: Binding<Add> = Binding {
    name: "clipboard",
    keys: &[Key::F(5)],
    word: "",
    help: "take the picture from this computer's clipboard",
    applies: always,
    run: |add, cx| add.in_secret(cx, |secret, _, _| secret.read_clipboard()),
};

pub(super) const FIELD: Keys = &[NEXT, OTHER, SHOW, BACK, AWAIT, CLIPBOARD, OTHER_UP, TAB, TAB_BACK, LEAVE];
/// Letters stand in the key that are none of Base32, and it is plain which were meant.
pub(super) const FIX: Keys = &[
    Binding {
        word: "fix it for me",
        help: "put the letters there that were probably meant",
        run: |add, cx| add.in_secret(cx, |secret, draft, _| secret.fix(draft)),
        ..NEXT
    },
    OTHER,
    SHOW,
    BACK,
    AWAIT,
    CLIPBOARD,
    OTHER_UP,
    TAB,
    TAB_BACK,
    LEAVE,
];
pub(super) const SETTING: Keys = &[
    Binding {
        name: "right",
        keys: &[Key::Right, Key::Char(' ')],
        word: "change",
        help: "the next value",
        applies: always,
        run: |add, _| add.secret.turn(&mut add.draft, 1),
    },
    NEXT,
    Binding {
        name: "left",
        keys: &[Key::Left],
        word: "",
        help: "the value before",
        applies: always,
        run: |add, _| add.secret.turn(&mut add.draft, -1),
    },
    SHOW,
    BACK,
    OTHER,
    OTHER_UP,
    TAB,
    TAB_BACK,
    LEAVE,
];
/// One of the other ways is marked.
pub(super) const WAYS: Keys = &[
    Binding {
        word: "do it",
        help: "do what is marked",
        run: |add, cx| add.in_secret(cx, SecretKey::go_the_way),
        ..NEXT
    },
    Binding { word: "choose", help: "the next way; after the last, back to the field", ..OTHER },
    BACK,
    AWAIT,
    CLIPBOARD,
    OTHER_UP,
    TAB,
    TAB_BACK,
    LEAVE,
];
/// The link says everything but its PIN.
pub(super) const PIN: Keys = &[
    Binding {
        help: "go on with this PIN",
        run: |add, cx| add.in_secret(cx, |secret, draft, _| secret.take_pin(draft)),
        ..NEXT
    },
    Binding { run: |add, _| Reply::say(add.secret.pin.as_mut().map_or("", |pin| pin.field.flip())), ..SHOW },
    Binding {
        help: "back to the field",
        run: |add, _| {
            add.secret.forget_pin(&mut add.draft);
            Reply::done()
        },
        ..BACK
    },
    LEAVE,
];
/// The picture holds more than one code.
pub(super) const FOUND: Keys = &[
    Binding {
        word: "take it",
        help: "take the account that is marked",
        run: |add, cx| add.in_secret(cx, |secret, draft, _| secret.take(draft)),
        ..NEXT
    },
    DOWN,
    UP,
    Binding {
        help: "back to the field",
        run: |add, _| {
            add.secret.found.clear();
            add.secret.verdict = None;
            Reply::done()
        },
        ..BACK
    },
    LEAVE,
];
pub(super) const READING: Keys = &[BACK, LEAVE];
pub(super) const WAITING: Keys = &[
    Binding {
        word: "stop waiting",
        help: "wait no longer",
        run: |add, _| Reply::Taken(wait::end(&mut add.secret.waiting)),
        ..BACK
    },
    LEAVE,
];
pub(in super::super) const TABLES: &[Keys] = &[FIELD, FIX, SETTING, WAYS, PIN, FOUND, READING, WAITING];
