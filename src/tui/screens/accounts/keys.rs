//! The keys of the list, where letters are commands. The footer, the help page and the palette come from this table.

use super::Accounts;
use super::groups::Group;
use crate::tui::binding::{Binding, always, hints_led_by};
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, Reply};
use crate::tui::screens::add::Add;
use crate::tui::screens::ask::Ask;
use crate::tui::screens::backups::Backups;
use crate::tui::screens::copy_help::CopyHelp;
use crate::tui::screens::deleted::Deleted;
use crate::tui::screens::details::Details;
use crate::tui::screens::edit::Edit;
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
                return nothing(list, cx);
            }
            list.enter_search(cx);
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
        name: "group",
        keys: &[Key::Tab],
        word: "group",
        help: "show the next group",
        applies: |list, _| list.choice.groups.any(),
        run: |list, cx| list.step_group(1, cx),
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
        run: |list, cx| list.change(cx, change::remove),
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
        run: |list, cx| list.export(cx),
    },
    Binding {
        name: "copy-help",
        keys: &[Key::Char('C')],
        word: "",
        help: "copy did not arrive? Explains and tests the way",
        applies: always,
        run: |list, cx| Reply::Taken(CopyHelp::open(list.chosen(cx))),
    },
    Binding {
        name: "settings",
        keys: &[Key::Char('S')],
        word: "settings",
        help: "settings",
        // There is room to say so; later the help does.
        applies: |_, cx| cx.vault.accounts().is_empty(),
        run: |_, _| Reply::act(Action::Push(Box::new(Settings::default()))),
    },
    Binding {
        name: "pin",
        keys: &[Key::Char('p')],
        word: "pin",
        help: "pin to the top, or not",
        applies: some,
        run: |list, cx| list.change(cx, change::pin),
    },
    Binding {
        name: "regroup",
        keys: &[Key::Char('M')],
        word: "move to a group",
        help: "move to a group",
        applies: some,
        run: |list, cx| list.regroup(cx),
    },
    Binding {
        name: "mark",
        keys: &[Key::Char('x')],
        word: "mark",
        help: "mark it: what comes is done to all that are marked",
        applies: some,
        run: |list, cx| list.mark(cx),
    },
    Binding {
        name: "clear",
        keys: &[Key::Esc],
        word: "all",
        help: "unmark all; show all groups again",
        applies: |list, _| !list.choice.marked.is_empty() || list.choice.group != Group::All,
        run: |list, cx| list.clear(cx),
    },
    Binding {
        name: "mark-all",
        keys: &[Key::Char('*')],
        word: "",
        help: "mark all that are shown, or none",
        applies: some,
        run: |list, cx| list.mark_all(cx),
    },
    Binding {
        name: "show",
        keys: &[Key::Char(' ')],
        word: "show",
        help: "show a hidden code; counter codes: the next one",
        applies: |list, cx| cx.hide_codes || list.is_counter(cx),
        run: |list, cx| list.show(cx),
    },
    Binding {
        name: "hide",
        keys: &[Key::Char('H')],
        word: "show all",
        help: "hide or show all codes",
        applies: |_, cx| cx.hide_codes && !cx.vault.accounts().is_empty(),
        run: |_, _| Reply::act(Action::ToggleCodes),
    },
    Binding {
        name: "sort",
        keys: &[Key::Char('s')],
        word: "",
        help: "another order",
        applies: some,
        run: |list, cx| list.sort(cx),
    },
    Binding {
        name: "row-down",
        keys: &[Key::Char('J')],
        word: "",
        help: "move the row down, in the order by hand",
        applies: some,
        run: |list, cx| list.shift(1, cx),
    },
    Binding {
        name: "row-up",
        keys: &[Key::Char('K')],
        word: "",
        help: "move the row up, in the order by hand",
        applies: some,
        run: |list, cx| list.shift(-1, cx),
    },
    Binding {
        name: "group-before",
        keys: &[Key::BackTab],
        word: "",
        help: "show the group before",
        applies: |list, _| list.choice.groups.any(),
        run: |list, cx| list.step_group(-1, cx),
    },
    Binding {
        name: "deleted",
        keys: &[Key::Char('D')],
        word: "",
        help: "what was deleted, to bring it back",
        applies: always,
        run: |_, cx| Deleted::open(cx),
    },
    Binding {
        name: "backups",
        keys: &[Key::Char('B')],
        word: "",
        help: "backups: earlier states of the vault, and a copy for elsewhere",
        applies: always,
        run: |_, _| Backups::open(),
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

/// What the footer says of marked accounts, and of hidden codes: these first.
const WITH_MARKS: &[&str] = &["mark", "regroup", "pin", "delete", "export", "clear"];
const WITH_DOTS: &[&str] = &["copy", "show", "hide", "search", "add"];

/// Returns the footer: what can be done to the marked, or everything that makes sense now.
pub(super) fn footer(list: &Accounts, cx: &Cx<'_>) -> Vec<Hint> {
    let first: &[&str] = match (list.choice.marked.is_empty(), cx.hide_codes) {
        (false, _) => WITH_MARKS,
        (true, true) => WITH_DOTS,
        (true, false) => &[],
    };
    hints_led_by(first, KEYS, list, cx)
}

/// Answers a key that is about an account when none can be meant.
pub(super) fn nothing(list: &Accounts, cx: &Cx<'_>) -> Reply {
    Reply::say(if cx.vault.accounts().is_empty() {
        "There is no account here yet. a adds one"
    } else if list.searching {
        "No account matches"
    } else {
        "There is no account in this group. Esc shows all"
    })
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
    use super::super::search::{FOUND_KEYS, NONE_KEYS};
    use super::*;
    use crate::tui::binding::clashes;

    #[test]
    fn no_key_means_two_things() {
        assert_eq!(clashes(KEYS), []);
        assert_eq!(clashes(FOUND_KEYS), []);
        assert_eq!(clashes(NONE_KEYS), []);
    }
}
