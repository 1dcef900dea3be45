//! Two codes in a row, seen by both sides: either the user types ours at the site, or types another device's here.
//!
//! The account is in the file already when this step shows its first code; the answer only says who has checked it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::super::reveal::Reveal;
use super::super::scan::{file_name, save_picture};
use super::compare::{Compare, letters};
use super::draft::Draft;
use super::site::{Site, counts};
use super::{Add, BACK, DOWN, Keys, LEAVE, Step, Turn, UP};
use crate::display::visible;
use crate::otp::Link;
use crate::tui::binding::{Binding, always};
use crate::tui::effect::Effect;
use crate::tui::event::Committed;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Reply};
use crate::tui::widgets::{self, put};
use crate::vault::Checked;

const COPY: Binding<Add> = Binding {
    name: "copy",
    keys: &[Key::Enter, Key::Char('c')],
    word: "copy",
    help: "copy code 1, then code 2",
    applies: always,
    run: |add, cx| add.in_codes(cx, |codes, draft, cx| codes.site.copy(draft, cx)),
};
const EARLY: Binding<Add> = Binding {
    name: "early",
    keys: &[Key::Char('n')],
    word: "code 2 now",
    help: "show the second code now",
    applies: |add, cx| add.codes.site.waits(&add.draft, cx),
    run: |add, cx| add.in_codes(cx, |codes, draft, cx| codes.site.show_early(draft, cx)),
};
const YES: Binding<Add> = Binding {
    name: "yes",
    keys: &[Key::Char('y')],
    word: "it worked",
    help: "the site accepted: save as checked",
    applies: always,
    run: |add, cx| {
        add.in_codes(cx, |_, draft, cx| match draft.save(cx, Some(Checked::BySite(cx.now.wall))) {
            Some(saves) => Turn::Next(vec![Action::Do(Effect::Commit(saves))]),
            None => Turn::stay(),
        })
    },
};
const NO: Binding<Add> = Binding {
    name: "no",
    keys: &[Key::Char('f')],
    word: "it did not",
    help: "the site did not accept: find out why",
    applies: always,
    run: |add, _| {
        add.codes.compares = true;
        add.codes.advice = true;
        Reply::done()
    },
};
const SKIP: Binding<Add> = Binding {
    name: "skip",
    keys: &[Key::Char('s')],
    word: "",
    help: "save without checking",
    applies: always,
    run: |add, cx| add.follow(Turn::Next(Vec::new()), cx),
};
const RESTART: Binding<Add> = Binding {
    name: "restart",
    keys: &[Key::Char('r')],
    word: "",
    help: "two new codes",
    applies: always,
    run: |add, cx| {
        add.codes.site.restart(&add.draft, cx);
        Reply::say("Two new codes")
    },
};
const SWITCH: Binding<Add> = Binding {
    name: "switch",
    keys: &[Key::Tab, Key::BackTab],
    word: "",
    help: "between codes for the site and codes of another device",
    applies: always,
    run: |add, _| {
        add.codes.compares = !add.codes.compares;
        Reply::done()
    },
};
const CHECK: Binding<Add> = Binding {
    name: "check",
    keys: &[Key::Enter],
    word: "check",
    help: "compare what was typed; the last digit does it too",
    applies: always,
    run: |add, cx| add.in_codes(cx, |codes, draft, cx| codes.compare.enter(draft, cx)),
};
const FIELD: Binding<Add> = Binding {
    name: "field",
    keys: &[Key::Down, Key::Up],
    word: "",
    help: "to the other field",
    applies: always,
    run: |add, _| add.codes.compare.switch(),
};
const DO: Binding<Add> = Binding {
    name: "do",
    keys: &[Key::Enter],
    word: "do it",
    help: "do what is marked",
    applies: always,
    run: |add, cx| add.in_codes(cx, |codes, draft, cx| codes.compare.remedy(draft, cx)),
};
const WHOLE: Binding<Add> = Binding {
    name: "whole",
    keys: &[Key::Char('f')],
    word: "full-screen QR",
    help: "the QR code on the whole screen",
    applies: always,
    run: |add, _| Reply::act(Action::Push(Box::new(Reveal::for_wizard(add.draft.id)))),
};
const PICTURE: Binding<Add> = Binding {
    name: "picture",
    keys: &[Key::Char('p')],
    word: "save PNG",
    help: "save the QR code as a picture in the home directory",
    applies: always,
    run: |add, _| match add.draft.otp() {
        Some(otp) => {
            let Draft { issuer, account, .. } = &add.draft;
            save_picture(&file_name(issuer, account), Link::write(issuer, account, &otp))
        }
        None => Reply::done(),
    },
};
const AGAIN: Binding<Add> = Binding {
    help: "back to the two codes",
    run: |add, _| {
        add.codes.compare.restart();
        Reply::done()
    },
    ..BACK
};

const SITE: Keys = &[COPY, EARLY, YES, NO, BACK, SKIP, RESTART, SWITCH, LEAVE];
/// The codes are those of a counter.
const SITE_COUNTER: Keys = &[
    COPY,
    Binding {
        word: "next code",
        help: "the next code, which is used up by that",
        applies: |add, _| add.codes.site.counts_on(),
        run: |add, cx| add.in_codes(cx, |codes, draft, cx| codes.site.reserve(draft, cx)),
        ..EARLY
    },
    YES,
    NO,
    BACK,
    SKIP,
    RESTART,
    SWITCH,
    LEAVE,
];
const COMPARE: Keys = &[CHECK, Binding { word: "save without checking", ..SKIP }, BACK, FIELD, SWITCH, LEAVE];
/// Codes of this account have letters, so that no letter is a command.
const COMPARE_LETTERS: Keys = &[CHECK, Binding { word: "other tab", ..SWITCH }, BACK, FIELD, LEAVE];
/// The secret was made here, for a phone.
const PHONE: Keys = &[
    CHECK,
    WHOLE,
    PICTURE,
    Binding { word: "save, not in force", help: "save; it is not in force before two codes", ..SKIP },
    BACK,
    FIELD,
    LEAVE,
];
const VERDICT: Keys = &[DO, DOWN, UP, AGAIN, SWITCH, LEAVE];
const PHONE_VERDICT: Keys = &[DO, DOWN, UP, AGAIN, LEAVE];
/// The account is not in the file yet; nothing is shown before.
const SAVING: Keys = &[BACK, LEAVE];
/// Where the digits of codes are typed, and letters are commands.
pub(super) const DIGITS: &[Keys] = &[COMPARE, PHONE];
pub(super) const TABLES: &[Keys] =
    &[SITE, SITE_COUNTER, COMPARE, COMPARE_LETTERS, PHONE, VERDICT, PHONE_VERDICT, SAVING];

impl Add {
    fn in_codes(&mut self, cx: &Cx<'_>, act: fn(&mut Codes, &mut Draft, &Cx<'_>) -> Turn) -> Reply {
        let turn = act(&mut self.codes, &mut self.draft, cx);
        self.follow(turn, cx)
    }
}

/// The third question.
pub(super) struct Codes {
    compares: bool,
    site: Site,
    compare: Compare,
    advice: bool,
}

impl Codes {
    pub(super) fn new() -> Self {
        Self { compares: false, site: Site::default(), compare: Compare::new(), advice: false }
    }

    /// Starts anew.
    pub(super) fn enter(&mut self, draft: &Draft, cx: &Cx<'_>) {
        self.compares = draft.made_here;
        self.compare.restart();
        self.advice = false;
        self.site.restart(draft, cx);
    }

    /// Takes note that the vault was saved.
    pub(super) fn committed(&mut self, done: &Committed, draft: &Draft, cx: &Cx<'_>) -> Turn {
        self.site.committed(done, draft, cx)
    }

    fn types_codes(&self, draft: &Draft) -> bool {
        self.compares && draft.is_saved() && !self.compare.is_done()
    }

    fn view_tabs(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if area.width < 60 {
            let name = visible(draft.name());
            widgets::put_visible(buf, area, (1, 0), area.width - 2, &name, Style::new());
            return;
        }
        let tabs = ["Type these at the site", "Compare with another device"];
        let mut x = 3;
        for (index, tab) in tabs.into_iter().enumerate() {
            let here = (index == 1) == self.compares;
            let text = if here { format!("[ {tab} ]") } else { format!("  {tab}  ") };
            let style = if here { cx.theme.strong() } else { Style::new() };
            x += 1 + put(buf, area, x, 0, &text, style);
        }
        if area.width >= 72 {
            put(buf, area, area.width - 12, 0, "Tab switch", Style::new());
        }
    }
}

impl Step for Codes {
    fn keys(&self, draft: &Draft) -> Keys {
        match (self.compares, self.compare.is_done()) {
            _ if !draft.is_saved() => SAVING,
            (false, _) if counts(draft) => SITE_COUNTER,
            (false, _) => SITE,
            (true, true) if draft.made_here => PHONE_VERDICT,
            (true, true) => VERDICT,
            (true, false) if draft.made_here => PHONE,
            (true, false) if letters(draft) => COMPARE_LETTERS,
            (true, false) => COMPARE,
        }
    }

    fn text(&mut self, key: Key, draft: &mut Draft, cx: &Cx<'_>) -> bool {
        self.types_codes(draft) && self.compare.text(key, draft, cx)
    }

    fn pasted(&mut self, text: &str, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        if self.types_codes(draft) {
            self.compare.pasted(text, draft, cx);
        }
        Turn::stay()
    }

    fn choose(&mut self, by: isize) {
        self.compare.choose(by);
    }

    fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if !draft.made_here {
            self.view_tabs(draft, cx, area, buf);
        }
        if !draft.is_saved() {
            put(buf, area, 3, 3, "Saving ...", Style::new());
        } else if draft.made_here {
            self.compare.view_new(draft, cx, area, buf);
        } else if self.compares {
            self.compare.view(draft, cx, area, buf, self.advice);
        } else {
            self.site.view(draft, cx, area, buf);
        }
    }

    fn cursor(&self, draft: &Draft, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        self.types_codes(draft).then(|| self.compare.cursor(draft, cx, area))
    }

    fn types(&self, draft: &Draft) -> bool {
        // Where codes are digits, letters stay commands.
        self.types_codes(draft) && letters(draft)
    }

    fn ticks(&self) -> bool {
        true
    }
}
