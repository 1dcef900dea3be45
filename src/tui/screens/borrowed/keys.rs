//! The keys of the agent's list. Those that need the vault itself have the names and the keys that they have in the list,
//! and lead to the passphrase.

use super::Borrowed;
use crate::tui::binding::{Binding, always, hints_led_by};
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, Reply};
use crate::tui::screens::copy_help::CopyHelp;

/// Where letters are commands.
pub(super) const KEYS: &[Binding<Borrowed>] = &[
    Binding {
        name: "copy",
        keys: &[Key::Enter, Key::Char('c')],
        word: "copy",
        help: "copy the code",
        applies: some,
        run: |list, cx| list.copy_row(list.selected, cx),
    },
    Binding {
        name: "copy-next",
        keys: &[Key::Char('n')],
        word: "next",
        help: "copy the next code",
        applies: some,
        run: |list, _| list.copy_next(list.selected),
    },
    Binding {
        name: "search",
        keys: &[Key::Char('/')],
        word: "search",
        help: "search, Enter copies",
        applies: some,
        run: |list, _| {
            if list.rows.is_empty() {
                return list.nothing();
            }
            list.searching = true;
            list.filter(true);
            Reply::done()
        },
    },
    Binding {
        name: "unlock",
        keys: &[Key::Char('u')],
        word: "unlock",
        help: "unlock the vault itself, for everything else",
        applies: always,
        run: |list, _| list.unlock(),
    },
    Binding {
        name: "lock",
        keys: &[Key::Char('L')],
        word: "lock",
        help: "lock now: the agent forgets everything too",
        applies: always,
        run: |list, cx| list.forget(cx),
    },
    Binding {
        name: "quit",
        keys: &[Key::Char('q')],
        word: "quit",
        help: "quit; the agent stays",
        applies: always,
        run: |_, _| Reply::act(Action::Do(Effect::Quit)),
    },
    Binding {
        name: "show",
        keys: &[Key::Char(' ')],
        word: "show",
        help: "show a hidden code; counter codes: the next one",
        applies: |list, cx| cx.hide_codes || list.chosen().is_some_and(|lent| lent.counts),
        run: |list, cx| list.show(cx),
    },
    Binding {
        name: "hide",
        keys: &[Key::Char('H')],
        word: "show all",
        help: "hide or show all codes",
        applies: |list, cx| cx.hide_codes && !list.rows.is_empty(),
        run: |_, _| Reply::act(Action::ToggleCodes),
    },
    Binding {
        name: "copy-help",
        keys: &[Key::Char('C')],
        word: "",
        help: "copy did not arrive? Explains and tests the way",
        applies: always,
        run: |_, _| Reply::Taken(CopyHelp::open(None)),
    },
    needs("add", &[Key::Char('a'), Key::Char('+')], "add an account", |list, _| {
        list.need("adding an account", Some(Key::Char('a')))
    }),
    needs("details", &[Key::Right, Key::Char('l')], "open the details", |list, _| {
        list.need_for("what else is known of an account", Some(Key::Right))
    }),
    needs("edit", &[Key::Char('e')], "edit", |list, _| {
        list.need_for("editing an account", Some(Key::Char('e')))
    }),
    // What is changed at once is not done behind a passphrase: it is only made ready.
    needs("delete", &[Key::Char('d'), Key::Delete], "delete (u undoes)", |list, _| {
        list.need_for("deleting an account", None)
    }),
    needs("test", &[Key::Char('t')], "test MFA: rehearse a sign-in", |list, _| {
        list.need_for("the MFA test", Some(Key::Char('t')))
    }),
    needs("qr", &[Key::Char('v')], "show as QR code and key", |list, _| {
        list.need_for("showing a secret", Some(Key::Char('v')))
    }),
    needs("import", &[Key::Char('I')], "import from another app", |list, _| {
        list.need("the import", Some(Key::Char('I')))
    }),
    needs("export", &[Key::Char('X')], "export to another app", |list, _| {
        list.need("an export", Some(Key::Char('X')))
    }),
    needs("settings", &[Key::Char('S')], "settings", |list, _| {
        list.need("the screen of the settings", Some(Key::Char('S')))
    }),
    needs("pin", &[Key::Char('p')], "pin to the top, or not", |list, _| {
        list.need_for("pinning an account", None)
    }),
    needs("regroup", &[Key::Char('M')], "move to a group", |list, _| {
        list.need_for("moving an account to a group", Some(Key::Char('M')))
    }),
    needs("mark", &[Key::Char('x')], "mark it: what comes is done to all that are marked", |list, _| {
        list.need_for("what is done to several accounts", None)
    }),
    needs("deleted", &[Key::Char('D')], "what was deleted, to bring it back", |list, _| {
        list.need("what was deleted", Some(Key::Char('D')))
    }),
    needs(
        "backups",
        &[Key::Char('B')],
        "backups: earlier states of the vault, and a copy for elsewhere",
        |list, _| list.need("looking at the backups", Some(Key::Char('B'))),
    ),
    moves("down", &[Key::Down, Key::Char('j')], "down", |list, _| list.go(1)),
    moves("up", &[Key::Up, Key::Char('k')], "up", |list, _| list.go(-1)),
    moves("first", &[Key::Home, Key::Char('g')], "first", |list, _| list.go(isize::MIN)),
    moves("last", &[Key::End, Key::Char('G')], "last", |list, _| list.go(isize::MAX)),
    moves("half-down", &[Key::PageDown, Key::Ctrl('d')], "half a page down", |list, _| {
        list.go(list.half_page())
    }),
    moves("half-up", &[Key::PageUp, Key::Ctrl('u')], "half a page up", |list, _| list.go(-list.half_page())),
];

/// Where letters are the search.
pub(super) const SEARCH_KEYS: &[Binding<Borrowed>] = &[
    Binding {
        name: "copy",
        keys: &[Key::Enter],
        word: "copy and stay",
        help: "copy the code and stay",
        applies: |list, _| !list.shown.is_empty(),
        run: |list, cx| list.copy_row(list.selected, cx),
    },
    Binding {
        name: "down",
        keys: &[Key::Down],
        word: "choose",
        help: "down",
        applies: |list, _| list.shown.len() > 1,
        run: |list, _| list.go(1),
    },
    moves("up", &[Key::Up], "up", |list, _| list.go(-1)),
    Binding {
        name: "clear",
        keys: &[Key::Ctrl('u')],
        word: "clear",
        help: "clear the search",
        applies: |list, _| !list.search.is_empty(),
        run: |list, _| {
            list.search.clear();
            list.filter(true);
            Reply::done()
        },
    },
    Binding {
        name: "leave",
        keys: &[Key::Esc, Key::Ctrl('c')],
        word: "show all",
        help: "show all again",
        applies: always,
        run: |list, _| list.leave_search(),
    },
];

type Run = fn(&mut Borrowed, &Cx<'_>) -> Reply;

/// Returns a key that needs the vault itself.
const fn needs(name: &'static str, keys: &'static [Key], help: &'static str, run: Run) -> Binding<Borrowed> {
    Binding { name, keys, word: "", help, applies: always, run }
}

/// Returns a key that moves.
const fn moves(name: &'static str, keys: &'static [Key], help: &'static str, run: Run) -> Binding<Borrowed> {
    Binding { name, keys, word: "", help, applies: some, run }
}

/// What the footer says where codes are hidden: these first.
const WITH_DOTS: &[&str] = &["copy", "show", "hide", "search", "unlock"];

/// Returns the footer: everything that makes sense now.
pub(super) fn footer(list: &Borrowed, cx: &Cx<'_>) -> Vec<Hint> {
    let first: &[&str] = if cx.hide_codes { WITH_DOTS } else { &[] };
    hints_led_by(first, KEYS, list, cx)
}

fn some(list: &Borrowed, _: &Cx<'_>) -> bool {
    !list.rows.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::binding::clashes;

    #[test]
    fn no_key_means_two_things() {
        assert_eq!(clashes(KEYS), []);
        assert_eq!(clashes(SEARCH_KEYS), []);
    }
}
