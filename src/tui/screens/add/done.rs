//! The account stands: its code, and what to do before the site is closed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::ask::Ask;
use super::super::copy;
use super::super::remains;
use super::super::reveal::Reveal;
use super::draft::Draft;
use super::{Add, Keys, Step, Turn};
use crate::display::visible;
use crate::failure::Failure;
use crate::tui::binding::{Binding, always};
use crate::tui::effect::Effect;
use crate::tui::event::Deleted;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Note, Reply};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put};

const KEYS: Keys = &[
    Binding {
        name: "close",
        keys: &[Key::Enter, Key::Esc, Key::Char('q'), Key::Ctrl('c')],
        word: "to the list",
        help: "to the list",
        applies: always,
        run: |_, _| Reply::act(Action::Pop),
    },
    Binding {
        name: "copy",
        keys: &[Key::Char('c')],
        word: "copy",
        help: "copy the code",
        applies: |add, _| add.draft.saved.as_ref().is_none_or(|account| !account.pending),
        run: |add, cx| Reply::Taken(add.draft.saved.as_ref().map_or(Vec::new(), |it| copy::current(it, cx))),
    },
    Binding {
        name: "qr",
        keys: &[Key::Char('v')],
        word: "show QR",
        help: "show the secret as a QR code, for a second device",
        applies: always,
        run: |add, cx| {
            let reveal = Box::new(Reveal::new(add.draft.id));
            Reply::act(Ask::before(cx, "to show the secret", reveal))
        },
    },
    Binding {
        name: "delete-picture",
        keys: &[Key::Char('x')],
        word: "delete the picture",
        help: "delete the picture that the secret came from",
        applies: |add, _| add.draft.picture.is_some(),
        run: |add, _| match &add.draft.picture {
            Some(picture) => Reply::act(Action::Do(Effect::DeleteFiles(vec![picture.clone()]))),
            None => Reply::say("x: there is no picture to delete"),
        },
    },
    Binding {
        name: "again",
        keys: &[Key::Char('a')],
        word: "add another",
        help: "add another account",
        applies: always,
        run: |_, cx| Reply::act(Action::Replace(Box::new(Add::new(cx)))),
    },
];
pub(super) const TABLES: &[Keys] = &[KEYS];

/// The last step.
pub(super) struct Done;

/// Takes note of what came of deleting the picture.
pub(super) fn deleted(result: &Result<Deleted, Failure>, draft: &mut Draft) -> Turn {
    draft.picture = None;
    Turn::Stay(vec![Action::Say(remains::deleted(result))])
}

impl Step for Done {
    fn keys(&self, _draft: &Draft) -> Keys {
        KEYS
    }

    fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        let mut y = u16::from(roomy);
        let dot = cx.theme.glyph(Glyph::Dot);
        let name = if draft.issuer.is_empty() || draft.account.is_empty() {
            visible(draft.name())
        } else {
            visible(&format!("{} {dot} {}", draft.issuer, draft.account))
        };
        let pending = draft.saved.as_ref().is_some_and(|account| account.pending);
        let note = if !draft.is_saved() {
            Note::warning(format!("{name} is not saved yet."))
        } else if pending {
            Note::good(format!("{name} is saved, and not in force until two codes of the phone were seen."))
        } else {
            Note::good(format!("{name} is saved."))
        };
        y += widgets::note(cx, area, buf, (3, y), &note);
        if let Some(otp) = draft.otp()
            && let (Ok(code), Some(left), Some(period)) =
                (otp.code(cx.now.wall), otp.seconds_left(cx.now.wall), otp.period())
            && draft.is_saved()
            && !pending
        {
            y += u16::from(roomy);
            let end = 8 + put(buf, area, 8, y, &code.grouped(), cx.theme.strong());
            let cells = if area.width >= 60 { 18 } else { 8 };
            widgets::bar(cx.theme, buf, area, (end + 3, y), cells, left, period.seconds());
            put(buf, area, end + 4 + cells, y, &format!("{} s left", cx.theme.seconds(left)), Style::new());
            y += 1;
        }
        y += u16::from(roomy);
        put(buf, area, 3, y, "Before you close the site", cx.theme.strong());
        y += 1 + u16::from(roomy);
        let bullet = cx.theme.glyph(Glyph::Bullet);
        let [codes, device] = if roomy {
            [
                "Save its recovery codes somewhere that is not this computer.",
                "Keep a second way to sign in, for example the same QR code on your phone: v shows it.",
            ]
        } else {
            ["Save its recovery codes elsewhere.", "Keep a second way to sign in: v shows the QR code."]
        };
        let mut lines = vec![codes.to_owned(), device.to_owned()];
        if let Some(picture) = draft.picture.as_ref().filter(|_| cx.config.add.offer_delete_picture) {
            lines.push(remains::offer(std::slice::from_ref(picture), area.width >= 60));
        }
        for line in lines {
            put(buf, area, 5, y, bullet, Style::new());
            y += widgets::wrap(buf, area, (8, y), &line, Style::new());
        }
    }

    fn ticks(&self) -> bool {
        true
    }
}
