//! What was deleted and can still be brought back, the newest first. Forgetting one for ever asks for its name, since
//! no undo brings it back.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::change;
use crate::display::visible;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::{Commit, Effect};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen, Spot};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, put_visible};
use crate::vault::{Account, Change, Deleted as Gone, folded};

/// The seconds of a day.
const DAY: i64 = 86_400;
/// The row of the first account.
const FIRST: u16 = 2;
/// The row in which a name is typed.
const FIELD: u16 = FIRST + 1;
/// From this width on a row says when it was deleted.
const WIDE: u16 = 60;

/// Shows what was deleted.
pub struct Deleted {
    selected: usize,
    /// The name is being typed of the one that is to be forgotten.
    typed: Option<Field>,
    wrong: bool,
}

const BACK: Binding<Deleted> = Binding {
    name: "back",
    keys: &[Key::Esc, Key::Left, Key::Char('h'), Key::Char('q')],
    word: "back",
    help: "back to the list",
    applies: binding::always,
    run: |_, _| Reply::act(Action::Pop),
};

const KEYS: &[Binding<Deleted>] = &[
    Binding {
        name: "restore",
        keys: &[Key::Enter],
        word: "bring back",
        help: "bring it back to where it was",
        applies: binding::always,
        run: |screen, cx| screen.with(cx, |_, account, cx| restore(account, cx)),
    },
    Binding {
        name: "forget",
        keys: &[Key::Char('d'), Key::Delete],
        word: "delete for ever",
        help: "delete it for ever; asks for its name",
        applies: binding::always,
        run: |screen, cx| {
            screen.with(cx, |screen, _, _| {
                screen.typed = Some(Field::new(1024));
                screen.wrong = false;
                Vec::new()
            })
        },
    },
    BACK,
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "",
        help: "down",
        applies: binding::always,
        run: |screen, cx| screen.go(1, cx),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "up",
        applies: binding::always,
        run: |screen, cx| screen.go(-1, cx),
    },
    Binding {
        name: "first",
        keys: &[Key::Home, Key::Char('g')],
        word: "",
        help: "first",
        applies: binding::always,
        run: |screen, cx| screen.go(isize::MIN, cx),
    },
    Binding {
        name: "last",
        keys: &[Key::End, Key::Char('G')],
        word: "",
        help: "last",
        applies: binding::always,
        run: |screen, cx| screen.go(isize::MAX, cx),
    },
];

const NAME_KEYS: &[Binding<Deleted>] = &[
    Binding {
        name: "forget",
        keys: &[Key::Enter],
        word: "delete for ever",
        help: "delete it for ever, if that is its name",
        applies: binding::always,
        run: |screen, cx| screen.with(cx, Deleted::forget),
    },
    Binding {
        keys: &[Key::Esc, Key::Ctrl('c')],
        word: "keep it",
        help: "keep it",
        run: |screen, _| {
            screen.typed = None;
            Reply::done()
        },
        ..BACK
    },
];

impl Deleted {
    /// Returns what shows it; says so if nothing was deleted.
    pub fn open(cx: &Cx<'_>) -> Reply {
        if of(cx).is_empty() {
            return Reply::say("Nothing was deleted that could be brought back");
        }
        Reply::act(Action::Push(Box::new(Self { selected: 0, typed: None, wrong: false })))
    }

    fn table(&self) -> &'static [Binding<Self>] {
        if self.typed.is_some() { NAME_KEYS } else { KEYS }
    }

    fn with(&mut self, cx: &Cx<'_>, act: fn(&mut Self, &Account, &Cx<'_>) -> Vec<Action>) -> Reply {
        match of(cx).get(self.selected) {
            Some((_, account)) => Reply::Taken(act(self, account, cx)),
            None => Reply::say("Nothing is left here"),
        }
    }

    fn go(&mut self, by: isize, cx: &Cx<'_>) -> Reply {
        let last = of(cx).len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
        Reply::done()
    }

    fn forget(&mut self, account: &Account, cx: &Cx<'_>) -> Vec<Action> {
        let Some(typed) = &self.typed else { return Vec::new() };
        self.wrong = folded(typed.text().trim()) != folded(account.name().trim());
        if self.wrong {
            return Vec::new();
        }
        self.typed = None;
        let gone = Note::plain(format!("{} is gone for ever", change::title(account, cx)));
        let forget = Commit::quiet(vec![Change::Forget(account.id)]).says(gone);
        vec![Action::Do(Effect::Commit(forget))]
    }

    fn view_question(&self, account: &Account, field: &Field, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let text = warning(account);
        put(buf, area, 1, FIRST, "Type its name to delete it for ever:", cx.theme.strong());
        let width = area.width.saturating_sub(4);
        field.view(cx.theme, area, buf, (3, FIELD), width, Style::new());
        if self.wrong {
            let note = Note::error("That is not its name. Nothing was deleted");
            widgets::note(cx, area, buf, (1, FIELD + 1), &note);
        }
        widgets::wrap(buf, area, (1, FIELD + 3), &text, Style::new());
    }
}

/// Returns what is to be known before a name is typed.
fn warning(account: &Account) -> String {
    let name = visible(account.name()).cut(40);
    format!(
        "\"{name}\" is then gone: no undo brings it back. Older copies of the vault beside it hold it until they \
         are pruned. This does not turn off MFA at the site."
    )
}

/// Returns what can be brought back, the newest first.
fn of<'a>(cx: &Cx<'a>) -> Vec<(&'a Gone, &'a Account)> {
    let kept = cx.vault.deleted().iter().filter_map(|gone| Some((gone, gone.account.as_deref()?)));
    let mut kept: Vec<(&Gone, &Account)> = kept.collect();
    kept.sort_by_key(|(gone, _)| std::cmp::Reverse((gone.at, gone.stamp)));
    kept
}

fn restore(account: &Account, cx: &Cx<'_>) -> Vec<Action> {
    let title = change::title(account, cx);
    let back = Commit::undoable(vec![Change::Restore(account.id)], format!("bringing back {title}"))
        .says(Note::good(format!("Brought back {title}")));
    vec![Action::Do(Effect::Commit(back))]
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    vec![(false, binding::help(KEYS)), (true, binding::help(NAME_KEYS))]
}

impl Screen for Deleted {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Key(key) => match binding::dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if self.typed.as_mut().is_some_and(|field| field.handle(*key)) => {
                    self.wrong = false;
                    Reply::done()
                }
                reply => reply,
            },
            // A name that is pasted was not read.
            Event::Paste(_) if self.typed.is_some() => Reply::say("Type the name, to be sure of it"),
            Event::Paste(_) => Reply::say("Nothing can be pasted here"),
            Event::Done(_) => Reply::Ignored,
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let gone = of(cx);
        let count = match gone.len() {
            1 => "1 account".to_owned(),
            count => format!("{count} accounts"),
        };
        widgets::header(cx, area, buf, &visible("Deleted"), &count);
        if let (Some(field), Some((_, account))) = (&self.typed, gone.get(self.selected)) {
            return self.view_question(account, field, cx, area, buf);
        }
        if gone.is_empty() {
            widgets::wrap(buf, area, (1, FIRST), "Nothing is left here. Esc goes back.", Style::new());
            return;
        }
        let room = usize::from(area.height.saturating_sub(FIRST));
        let top = (self.selected + 1).saturating_sub(room);
        for (y, (at, (gone, account))) in (FIRST..).zip(gone.iter().enumerate().skip(top).take(room)) {
            let here = at == self.selected;
            let style = if here { cx.theme.selected() } else { Style::new() };
            if here {
                put(buf, area, 0, y, cx.theme.glyph(Glyph::Cursor), Style::new());
            }
            let kept = i64::from(cx.config.delete.keep_days) * DAY - cx.now.wall.seconds_since(gone.at);
            let days = match (kept.max(0) + DAY - 1) / DAY {
                0 => "its last day".to_owned(),
                1 => "1 day more".to_owned(),
                days => format!("{days} days more"),
            };
            let text = if area.width >= WIDE {
                format!("deleted {}, {days}", widgets::date(cx, gone.at))
            } else {
                days
            };
            let column = area.width.saturating_sub(u16::try_from(text.len()).unwrap_or(0) + 2);
            cx.spots.add_in(area, (0, y), area.width, Spot::Choice(at));
            let name = super::accounts::label(cx, account);
            put_visible(buf, area, (2, y), column.saturating_sub(4), &name, style);
            put(buf, area, column, y, &text, Style::new());
        }
        widgets::more(cx, widgets::below(area, FIRST), buf, top > 0, gone.len() > top + room);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(self.table())
    }

    fn name(&self) -> &'static str {
        if self.typed.is_some() { "the question for the name" } else { "what was deleted" }
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let gone = of(cx);
        gone.get(self.selected)?;
        if let Some(field) = &self.typed {
            let y = FIELD.min(area.height.saturating_sub(1));
            return Some(field.cursor(cx.theme, area, (3, y), area.width.saturating_sub(4)));
        }
        let room = usize::from(area.height.saturating_sub(FIRST)).max(1);
        let top = (self.selected + 1).saturating_sub(room);
        let y = FIRST + u16::try_from(self.selected - top).unwrap_or(0);
        Some(Position::new(area.x, area.y + y.min(area.height.saturating_sub(1))))
    }

    fn takes_mouse(&self) -> bool {
        !self.types()
    }

    /// A click chooses a row; what can be done with it stands in the footer.
    fn click(&mut self, spot: Spot, cx: &Cx<'_>) -> Reply {
        match spot {
            Spot::Choice(row) if row < of(cx).len() => {
                self.selected = row;
                Reply::done()
            }
            _ => Reply::Ignored,
        }
    }

    fn types(&self) -> bool {
        self.typed.is_some()
    }

    fn refresh(&mut self, cx: &Cx<'_>) {
        self.selected = self.selected.min(of(cx).len().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        assert!(binding::clashes(KEYS).is_empty());
        assert!(binding::clashes(NAME_KEYS).is_empty());
    }
}
