//! Asks what the account is called. A link pasted into any field answers this question and the next.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::draft::Draft;
use super::{Step, Turn, labelled};
use crate::display::visible;
use crate::exchange::typed::{Typed, recognize};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Cx, Hint, Note};
use crate::tui::widgets::{self, Field, put};
use crate::vault::Account;

const LABELS: [&str; 3] = ["Device name", "Account", "Group"];
/// The longest name that is taken, in bytes.
const LONGEST: usize = 1024;

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
        if let Some(twin) = self.twin.take() {
            return self.resolve(twin, draft, cx);
        }
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
                about: format!("\"{}\", added {}", called(twin), widgets::date(cx, twin.added)),
                free: free_name(draft, cx),
            });
            return Turn::stay();
        }
        Turn::Next(Vec::new())
    }

    fn resolve(&mut self, twin: Twin, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
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
    fn handle(&mut self, event: &Event, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        match event {
            Event::Key(Key::Enter) => self.next(draft, cx),
            Event::Key(Key::Esc) if self.twin.is_some() => {
                self.twin = None;
                Turn::stay()
            }
            Event::Key(Key::Esc) => {
                self.store(draft);
                Turn::Back
            }
            Event::Key(key @ (Key::Up | Key::Down)) if self.twin.is_some() => {
                if let Some(twin) = &mut self.twin {
                    twin.chosen = if *key == Key::Down { twin.chosen + 1 } else { twin.chosen + 2 } % 3;
                }
                Turn::stay()
            }
            Event::Key(Key::Tab | Key::Down) => {
                self.focus = (self.focus + 1) % 3;
                Turn::stay()
            }
            Event::Key(Key::BackTab | Key::Up) => {
                self.focus = (self.focus + 2) % 3;
                Turn::stay()
            }
            Event::Key(key) => {
                if self.twin.is_none() && self.fields[self.focus].handle(*key) {
                    self.note = None;
                    return Turn::stay();
                }
                Turn::Ignored
            }
            Event::Paste(text) => self.pasted(text, draft, cx),
            _ => Turn::Ignored,
        }
    }

    fn pasted(&mut self, text: &str, draft: &mut Draft, _cx: &Cx<'_>) -> Turn {
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
            let note = Note::warning(format!("You already have {}.", twin.about));
            let rows = widgets::note(cx, area, buf, (3, y), &note);
            let keep = format!("Keep both: call this one {}", visible(&twin.free));
            let lines = [
                keep.as_str(),
                "Replace the old secret (kept under Deleted for 30 days)",
                "Go back and change the name",
            ];
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

    fn hints(&self, _draft: &Draft, _cx: &Cx<'_>) -> Vec<Hint> {
        if self.twin.is_some() {
            return vec![
                Hint { key: Key::Enter, word: "do it" },
                Hint { key: Key::Down, word: "choose" },
                Hint { key: Key::Esc, word: "back" },
            ];
        }
        vec![
            Hint { key: Key::Enter, word: "next" },
            Hint { key: Key::Tab, word: "next field" },
            Hint { key: Key::Esc, word: "cancel" },
            Hint { key: Key::F(1), word: "help" },
        ]
    }

    fn cursor(&self, _draft: &Draft, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let at = Self::field_at(area, self.focus);
        let width = area.width.saturating_sub(at.0 + 1);
        self.twin.is_none().then(|| self.fields[self.focus].cursor(cx.theme, area, at, width))
    }
}
