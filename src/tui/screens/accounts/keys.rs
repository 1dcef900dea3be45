//! The keys of the list, and of the search in it.

use super::Accounts;
use crate::tui::binding::{Binding, always};
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Reply};
use crate::tui::screens::add::Add;
use crate::tui::screens::ask::Ask;
use crate::tui::screens::details::Details;
use crate::tui::screens::edit::Edit;
use crate::tui::screens::export::Export;
use crate::tui::screens::import::Import;
use crate::tui::screens::reveal::Reveal;
use crate::tui::screens::settings::Settings;
use crate::tui::screens::{change, copy, pending};

/// Where letters are commands.
pub(super) const KEYS: &[Binding<Accounts>] = &[
    Binding {
        name: "copy",
        keys: &[Key::Enter, Key::Char('c')],
        word: "copy",
        help: "copy the code",
        applies: gives_codes,
        run: |list, cx| list.copy(cx),
    },
    Binding {
        name: "copy-next",
        keys: &[Key::Char('n')],
        word: "next",
        help: "copy the next code",
        applies: gives_codes,
        run: |list, cx| list.with(cx, |_, account, cx| copy::next(account, cx)),
    },
    Binding {
        name: "search",
        keys: &[Key::Char('/')],
        word: "search",
        help: "search, Enter copies",
        applies: some,
        run: |list, cx| {
            if list.choice.is_empty() {
                return nothing(cx);
            }
            list.searching = true;
            Reply::done()
        },
    },
    Binding {
        name: "add",
        keys: &[Key::Char('a'), Key::Char('+')],
        word: "add",
        help: "add an account",
        applies: always,
        run: |_, cx| Reply::act(Action::Resume(Box::new(Add::new(cx)))),
    },
    Binding {
        name: "quit",
        keys: &[Key::Char('q')],
        word: "quit",
        help: "quit",
        applies: always,
        run: |_, _| Reply::act(Action::Do(Effect::Quit)),
    },
    Binding {
        name: "details",
        keys: &[Key::Right, Key::Char('l')],
        word: "details",
        help: "open the details",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, _| vec![Action::Push(Box::new(Details::new(account.id)))]),
    },
    Binding {
        name: "edit",
        keys: &[Key::Char('e')],
        word: "edit",
        help: "edit",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, _| vec![Action::Push(Box::new(Edit::new(account)))]),
    },
    Binding {
        name: "delete",
        keys: &[Key::Char('d'), Key::Delete],
        word: "delete",
        help: "delete (u undoes)",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, cx| change::remove(account, cx)),
    },
    Binding {
        name: "test",
        keys: &[Key::Char('t')],
        word: "test MFA",
        help: "test MFA: rehearse a sign-in",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, cx| pending::test(account, cx)),
    },
    Binding {
        name: "qr",
        keys: &[Key::Char('v')],
        word: "QR code",
        help: "show as QR code and key",
        applies: some,
        run: |list, cx| {
            list.with(cx, |_, account, cx| {
                vec![Ask::before(cx, "to show the secret", Box::new(Reveal::new(account.id)))]
            })
        },
    },
    Binding {
        name: "import",
        keys: &[Key::Char('I')],
        word: "import",
        help: "import from another app",
        applies: always,
        run: |_, _| Reply::act(Action::Push(Box::new(Import::new()))),
    },
    Binding {
        name: "export",
        keys: &[Key::Char('X')],
        word: "export",
        help: "export to another app",
        applies: some,
        run: |_, cx| {
            if cx.vault.accounts().is_empty() {
                return nothing(cx);
            }
            Reply::act(Ask::before(cx, "to export", Box::new(Export::new(cx))))
        },
    },
    Binding {
        name: "settings",
        keys: &[Key::Char('S')],
        word: "settings",
        help: "settings",
        applies: always,
        run: |_, _| Reply::act(Action::Push(Box::new(Settings::default()))),
    },
    Binding {
        name: "pin",
        keys: &[Key::Char('p')],
        word: "",
        help: "pin to the top, or not",
        applies: some,
        run: |list, cx| list.with(cx, |_, account, cx| change::pin(account, cx)),
    },
    Binding {
        name: "show",
        keys: &[Key::Char(' ')],
        word: "",
        help: "show a hidden code; counter codes: the next one",
        applies: some,
        run: |list, cx| list.show(cx),
    },
    Binding {
        name: "hide",
        keys: &[Key::Char('H')],
        word: "",
        help: "hide or show all codes",
        applies: some,
        run: |_, _| Reply::act(Action::ToggleCodes),
    },
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "",
        help: "down",
        applies: some,
        run: |list, cx| list.go(1, cx),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "up",
        applies: some,
        run: |list, cx| list.go(-1, cx),
    },
    Binding {
        name: "first",
        keys: &[Key::Home, Key::Char('g')],
        word: "",
        help: "first",
        applies: some,
        run: |list, cx| list.go(isize::MIN, cx),
    },
    Binding {
        name: "last",
        keys: &[Key::End, Key::Char('G')],
        word: "",
        help: "last",
        applies: some,
        run: |list, cx| list.go(isize::MAX, cx),
    },
    Binding {
        name: "half-down",
        keys: &[Key::PageDown, Key::Ctrl('d')],
        word: "",
        help: "half a page down",
        applies: some,
        run: |list, cx| list.go(list.half_page(), cx),
    },
    Binding {
        name: "half-up",
        keys: &[Key::PageUp, Key::Ctrl('u')],
        word: "",
        help: "half a page up",
        applies: some,
        run: |list, cx| list.go(-list.half_page(), cx),
    },
];

/// Where letters are the search.
pub(super) const SEARCH_KEYS: &[Binding<Accounts>] = &[
    Binding {
        name: "copy",
        keys: &[Key::Enter],
        word: "copy and stay",
        help: "copy the code and stay",
        applies: always,
        run: |list, cx| list.copy(cx),
    },
    Binding {
        name: "down",
        keys: &[Key::Down],
        word: "",
        help: "down",
        applies: always,
        run: |list, cx| list.go(1, cx),
    },
    Binding {
        name: "up",
        keys: &[Key::Up],
        word: "",
        help: "up",
        applies: always,
        run: |list, cx| list.go(-1, cx),
    },
    Binding {
        name: "clear",
        keys: &[Key::Ctrl('u')],
        word: "clear",
        help: "clear the search",
        applies: always,
        run: |list, cx| {
            list.search.clear();
            list.filter(cx);
            Reply::done()
        },
    },
    Binding {
        name: "leave",
        keys: &[Key::Esc, Key::Ctrl('c')],
        word: "show all",
        help: "show all again",
        applies: always,
        run: |list, cx| {
            list.leave_search(cx);
            Reply::done()
        },
    },
];

/// Answers a key that is about an account when none can be meant.
pub(super) fn nothing(cx: &Cx<'_>) -> Reply {
    let none = cx.vault.accounts().is_empty();
    Reply::say(if none { "There is no account here yet. a adds one" } else { "No account matches" })
}

/// A pending account gives none; what Enter does instead is said in its message.
fn gives_codes(list: &Accounts, cx: &Cx<'_>) -> bool {
    list.chosen(cx).map_or(!cx.vault.accounts().is_empty(), |account| !account.pending)
}

fn some(_: &Accounts, cx: &Cx<'_>) -> bool {
    !cx.vault.accounts().is_empty()
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
