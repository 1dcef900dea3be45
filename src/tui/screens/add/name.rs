//! Asks what the account is called. A link pasted into any field answers this question and the next.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::super::import::Import;
use super::draft::Draft;
use super::{BACK, DOWN, Keys, LEAVE, Step, Turn, UP, to_import};
use crate::display::visible;
use crate::exchange::typed::{Typed, recognize};
use crate::tui::binding::{Binding, always};
use crate::tui::key::Key;
use crate::tui::screen::{Cx, Note, Reply};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, round};
use crate::vault::Account;

const LABELS: [&str; 3] = ["Device name", "Account", "Group"];
/// The longest name that is taken, in bytes.
const LONGEST: usize = 1024;

const FORM: Keys = &[
    Binding {
        name: "next",
        keys: &[Key::Enter],
        word: "next",
        help: "go on",
        applies: always,
        run: |add, cx| {
            let turn = add.name.next(&mut add.draft, cx);
            add.follow(turn, cx)
        },
    },
    Binding {
        name: "field",
        keys: &[Key::Tab, Key::Down],
        word: "next field",
        help: "to the next field",
        applies: always,
        run: |add, _| add.name.step(1),
    },
    Binding {
        name: "field-before",
        keys: &[Key::BackTab, Key::Up],
        word: "",
        help: "to the field before",
        applies: always,
        run: |add, _| add.name.step(-1),
    },
    Binding { word: "cancel", help: "to the list; the draft is kept", ..BACK },
    LEAVE,
];
/// An account of the same name is there.
const TWIN: Keys = &[
    Binding {
        name: "do",
        keys: &[Key::Enter],
        word: "do it",
        help: "do what is marked",
        applies: always,
        run: |add, cx| {
            let turn = add.name.resolve(&mut add.draft, cx);
            add.follow(turn, cx)
        },
    },
    DOWN,
    UP,
    Binding {
        help: "back to the name",
        run: |add, _| {
            add.name.twin = None;
            Reply::done()
        },
        ..BACK
    },
    LEAVE,
];
/// Draws a label and returns the column where its value begins.
fn labelled(cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16, label: &str, focus: bool) -> u16 {
    let wide = area.width >= 60;
    let mark = if focus { cx.theme.glyph(Glyph::Cursor) } else { " " };
    put(buf, area, 1, y, mark, Style::new());
    put(buf, area, 3, y, label, Style::new());
    if wide { 18 } else { 16 }
}

pub(super) const TABLES: &[Keys] = &[FORM, TWIN];

/// The first question.
pub(super) struct Name {
    fields: [Field; 3],
    focus: usize,
    twin: Option<Twin>,
    note: Option<Note>,
}

/// An account of the same name is there already: what now?
struct Twin {
    chosen: usize,
    about: String,
    added: String,
    free: String,
}

impl Name {
    pub(super) fn new() -> Self {
        let fields = [Field::new(LONGEST), Field::new(LONGEST), Field::new(LONGEST)];
        Self { fields, focus: 0, twin: None, note: None }
    }

    /// Takes the names of the draft into the fields.
    pub(super) fn load(&mut self, draft: &Draft) {
        for (field, text) in self.fields.iter_mut().zip([&draft.issuer, &draft.account, &draft.group]) {
            field.set(text);
        }
        self.twin = None;
    }

    fn store(&self, draft: &mut Draft) {
        draft.issuer = self.fields[0].text().trim().to_owned();
        draft.account = self.fields[1].text().trim().to_owned();
        draft.group = self.fields[2].text().trim().to_owned();
    }

    fn next(&mut self, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        self.store(draft);
        if draft.name().is_empty() {
            self.focus = 0;
            self.note = Some(Note::error("The account needs a name: the site's, for example GitHub"));
            return Turn::stay();
        }
        self.note = None;
        draft.replaces = None;
        if let Some(twin) = twin_of(draft, cx) {
            self.twin = Some(Twin {
                chosen: 0,
                about: format!("\"{}\"", called(twin)),
                added: widgets::date(cx, twin.added),
                free: free_name(draft, cx),
            });
            return Turn::stay();
        }
        Turn::Next(Vec::new())
    }

    fn step(&mut self, by: isize) -> Reply {
        self.focus = round(self.focus, by, LABELS.len());
        Reply::done()
    }

    fn resolve(&mut self, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        let Some(twin) = self.twin.take() else { return Turn::stay() };
        match twin.chosen {
            0 => {
                draft.issuer = twin.free;
                self.load(draft);
                Turn::Next(Vec::new())
            }
            1 => {
                draft.replaces = twin_of(draft, cx).map(|account| account.id);
                Turn::Next(Vec::new())
            }
            _ => Turn::stay(),
        }
    }

    fn field_at(area: Rect, index: usize) -> (u16, u16) {
        let roomy = area.height >= 16;
        let y = u16::try_from(index).unwrap_or(0) * if roomy { 3 } else { 1 } + 1;
        (if area.width >= 60 { 18 } else { 16 }, y)
    }
}

fn twin_of<'a>(draft: &Draft, cx: &Cx<'a>) -> Option<&'a Account> {
    cx.vault.accounts().iter().find(|account| {
        account.id != draft.id && account.issuer == draft.issuer && account.account == draft.account
    })
}

fn called(account: &Account) -> String {
    if account.detail().is_empty() {
        visible(account.name()).to_string()
    } else {
        visible(&format!("{} · {}", account.name(), account.detail())).to_string()
    }
}

/// Returns the first of "GitHub (2)", "GitHub (3)" ... that no account has.
fn free_name(draft: &Draft, cx: &Cx<'_>) -> String {
    (2..10_000)
        .map(|number| format!("{} ({number})", draft.name()))
        .find(|name| !cx.vault.accounts().iter().any(|account| account.issuer == *name))
        .unwrap_or_default()
}

impl Step for Name {
    fn keys(&self, _draft: &Draft) -> Keys {
        if self.twin.is_some() { TWIN } else { FORM }
    }

    fn text(&mut self, key: Key, _draft: &mut Draft, _cx: &Cx<'_>) -> bool {
        let took = self.twin.is_none() && self.fields[self.focus].handle(key);
        if took {
            self.note = None;
        }
        took
    }

    fn choose(&mut self, by: isize) {
        if let Some(twin) = &mut self.twin {
            twin.chosen = round(twin.chosen, by, 3);
        }
    }

    fn types(&self, _draft: &Draft) -> bool {
        self.twin.is_none()
    }

    fn pasted(&mut self, text: &str, draft: &mut Draft, _cx: &Cx<'_>) -> Turn {
        self.twin = None;
        if let Some(actions) = Import::of_pasted(text) {
            self.store(draft);
            return to_import(draft, actions);
        }
        match recognize(text) {
            Ok(Typed::Link(link)) => {
                self.store(draft);
                draft.take(&link);
                self.load(draft);
                let secret = "The link filled in the name and the secret. Enter goes on";
                self.note = Some(Note::good(secret));
            }
            _ => {
                self.fields[self.focus].insert(text.trim());
            }
        }
        Turn::stay()
    }

    fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        for (index, label) in LABELS.iter().enumerate() {
            let (_, y) = Self::field_at(area, index);
            let focus = index == self.focus && self.twin.is_none();
            let x = labelled(cx, area, buf, y, label, focus);
            self.fields[index].view(
                cx.theme,
                area,
                buf,
                (x, y),
                area.width.saturating_sub(x + 1),
                Style::new(),
            );
        }
        let (x, last) = Self::field_at(area, 2);
        if let Some(twin) = &self.twin {
            let y = if roomy { last + 2 } else { last + 1 };
            let added = if roomy { format!(", added {}", twin.added) } else { String::new() };
            let note = Note::warning(format!("You already have {}{added}.", twin.about));
            let rows = widgets::note(cx, area, buf, (3, y), &note);
            let keep = format!("Keep both: call this one {}", visible(&twin.free));
            let lines = [keep.as_str(), "Replace it (kept for 30 days)", "Go back and change the name"];
            widgets::choices(cx, area, buf, (3, y + rows), Some(twin.chosen), &lines);
            return;
        }
        if roomy {
            put(buf, area, x, 2, "What you will see in the list.", Style::new());
            put(buf, area, x, 5, "Your user name or mail at that site. May stay empty.", Style::new());
            put(buf, area, x, 8, "For example Work. May stay empty.", Style::new());
        }
        let y = last + if roomy { 4 } else { 2 };
        if let Some(note) = &self.note {
            widgets::note(cx, area, buf, (3, y), note);
        } else if roomy && draft.secret.is_none() {
            let tip = "Tip: you can paste an otpauth:// link in any field here, even now. It fills in the name, \
                       account and secret for you.";
            widgets::wrap(buf, area, (3, y), tip, Style::new());
        }
    }

    fn cursor(&self, _draft: &Draft, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let at = Self::field_at(area, self.focus);
        let width = area.width.saturating_sub(at.0 + 1);
        self.twin.is_none().then(|| self.fields[self.focus].cursor(cx.theme, area, at, width))
    }
}
