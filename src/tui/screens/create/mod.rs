//! The first start: says what the program does and where the vault will be, makes it with a passphrase that is strong
//! enough, and shows what was checked. The keys stand in `keys`, the picture is drawn in `view`.

mod further;
mod keys;
mod view;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::further::Further;
use self::keys::{KEYS, MAKING, PASSPHRASE, PLACE, READY, READY_TO_IMPORT, WELCOME};
use super::add::Add;
use super::choosing::{self, Which};
use super::copy_help;
use super::import::Import;
use super::tries::LONGEST;
use crate::tui::binding::{Binding, dispatch, help, hints};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome};
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::widgets::{Field, round, sentence};

/// Where the first start stands.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Stage {
    Welcome,
    /// Another directory is asked for: one with a vault in it, or one for a new vault.
    Place {
        existing: bool,
    },
    Passphrase,
    /// Who else may open it.
    Keys,
    Making,
    Ready,
}

/// A way to begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Start {
    /// A new vault, at the place that the program was started with.
    Here,
    /// A new vault, in another directory.
    Elsewhere,
    /// A vault that is there already.
    Open,
    /// A new vault here, and then the accounts of another app.
    Import,
}

/// The longest path.
const PATH: usize = 4096;

/// How the clipboard was tried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tried {
    /// Not yet.
    No,
    /// The word was sent off, and is to be pasted.
    Sent,
    /// It came back.
    Back,
    /// Something else came.
    Other,
}

/// The first start.
pub struct Create {
    stage: Stage,
    chosen: usize,
    /// The accounts of another app are wanted next.
    imports: bool,
    place: Field,
    tried: Tried,
    /// What was put on the clipboard to try it; empty before.
    word: String,
    /// Names the way that it went, once that is known.
    way: Option<String>,
    fields: [Field; 2],
    focus: usize,
    weak_accepted: bool,
    further: Further,
    note: Option<Note>,
}

impl Default for Create {
    fn default() -> Self {
        Self::new()
    }
}

impl Create {
    /// Returns the first start at its first step.
    pub fn new() -> Self {
        Self {
            stage: Stage::Welcome,
            chosen: 0,
            imports: false,
            place: Field::new(PATH),
            tried: Tried::No,
            word: String::new(),
            way: None,
            fields: [Field::masked(LONGEST), Field::masked(LONGEST)],
            focus: 0,
            weak_accepted: false,
            further: Further::none(),
            note: None,
        }
    }

    fn table(&self) -> &'static [Binding<Self>] {
        match self.stage {
            Stage::Welcome => WELCOME,
            Stage::Passphrase => PASSPHRASE,
            Stage::Keys => KEYS,
            Stage::Making => MAKING,
            Stage::Place { .. } => PLACE,
            Stage::Ready if self.imports => READY_TO_IMPORT,
            Stage::Ready => READY,
        }
    }

    /// Returns the ways to begin. Whoever named a place at the start wants that one.
    fn starts(cx: &Cx<'_>) -> &'static [Start] {
        if cx.facts.place_is_named {
            &[Start::Here, Start::Import]
        } else {
            &[Start::Here, Start::Elsewhere, Start::Open, Start::Import]
        }
    }

    fn choose(&mut self, by: isize, cx: &Cx<'_>) -> Reply {
        self.chosen = round(self.chosen, by, Self::starts(cx).len());
        Reply::done()
    }

    /// Goes the way that is marked.
    fn begin(&mut self, cx: &Cx<'_>) -> Reply {
        let start = Self::starts(cx).get(self.chosen).copied().unwrap_or(Start::Here);
        self.imports = start == Start::Import;
        self.note = None;
        self.stage = match start {
            Start::Here | Start::Import => Stage::Passphrase,
            Start::Elsewhere => Stage::Place { existing: false },
            Start::Open => Stage::Place { existing: true },
        };
        Reply::done()
    }

    /// Goes on with the directory that was typed.
    fn move_to(&mut self) -> Reply {
        let Stage::Place { existing } = self.stage else { return Reply::done() };
        let dir = self.place.text().trim().to_owned();
        if dir.is_empty() {
            self.note = Some(Note::error("Type or paste the path of a directory first"));
            return Reply::done();
        }
        self.note = None;
        Reply::act(Action::Do(Effect::UseVault { dir, existing }))
    }

    /// Goes to the list, and to what comes first on it.
    fn leave(&self, cx: &Cx<'_>) -> Reply {
        let first: Box<dyn Screen> =
            if self.imports { Box::new(Import::new()) } else { Box::new(Add::new(cx)) };
        Reply::Taken(vec![Action::Replace(super::unlocked(cx, None)), Action::Push(first)])
    }

    /// Puts a word on the clipboard, to be pasted back.
    fn try_clipboard(&mut self, cx: &Cx<'_>) -> Reply {
        self.tried = Tried::Sent;
        self.word = copy_help::word(cx);
        self.way = None;
        Reply::act(Action::Do(Effect::TestCopy(self.word.clone())))
    }

    /// Takes a paste while everything is ready: the word that was copied, or already something to add.
    fn pasted_at_the_end(&mut self, text: &str, cx: &Cx<'_>) -> Reply {
        let arrives = self.tried != Tried::No && text.trim() == self.word;
        if arrives || self.tried == Tried::Sent {
            self.tried = if arrives { Tried::Back } else { Tried::Other };
            let tested = self.way.clone().map(|key| Action::Do(Effect::CopyTested { key, arrives }));
            return Reply::Taken(tested.into_iter().collect());
        }
        let mut add = Add::new(cx);
        let more = add.pasted(text, cx);
        let mut actions = vec![Action::Replace(super::unlocked(cx, None)), Action::Push(Box::new(add))];
        actions.extend(more);
        Reply::Taken(actions)
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.stage {
            Stage::Passphrase => self.fields.get_mut(self.focus),
            Stage::Keys => Some(&mut self.further.field),
            Stage::Place { .. } => Some(&mut self.place),
            Stage::Making | Stage::Ready | Stage::Welcome => None,
        }
    }

    fn create(&mut self) -> Reply {
        let passphrase = match choosing::judge(self.fields.each_mut(), &mut self.weak_accepted) {
            Ok(passphrase) => passphrase,
            Err((which, note)) => {
                self.focus = usize::from(which == Which::Again);
                self.note = note;
                return Reply::done();
            }
        };
        self.stage = Stage::Making;
        self.note = None;
        self.fields.iter_mut().for_each(Field::clear);
        Reply::act(Action::Do(Effect::Create(passphrase, self.further.keys.clone())))
    }

    fn suggest(&mut self, cx: &Cx<'_>) -> Reply {
        choosing::write_one(self.fields.each_mut(), cx);
        self.focus = 1;
        self.weak_accepted = false;
        self.note = Some(Note::plain("Write it on paper, then type it once more here"));
        Reply::done()
    }

    fn place_at(area: Rect) -> (u16, u16, u16) {
        (5, if area.height >= 16 { 7 } else { 4 }, area.width.saturating_sub(6))
    }

    fn field_at(area: Rect, index: usize) -> (u16, u16, u16) {
        let x = if area.width >= 60 { 21 } else { 14 };
        let y = if area.height >= 16 { 4 } else { 2 };
        (x, y + u16::try_from(index).unwrap_or(0), area.width.saturating_sub(x + 1).min(56))
    }
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    let typed = [PLACE, PASSPHRASE, KEYS].map(|table| (true, help(table)));
    let others = [WELCOME, MAKING, READY, READY_TO_IMPORT].map(|table| (false, help(table)));
    typed.into_iter().chain(others).collect()
}

impl Screen for Create {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::Unlocked(Ok(_))) => {
                self.stage = Stage::Ready;
                Reply::done()
            }
            Event::Done(Outcome::Unlocked(Err(failure))) => {
                self.stage = Stage::Passphrase;
                self.focus = 0;
                self.note = Some(Note::error(failure.message.clone()));
                Reply::done()
            }
            Event::Done(Outcome::KeysFound(result)) => self.found_keys(result),
            Event::Done(Outcome::NoVault(failure)) => {
                let hints = failure.hints.iter().map(|hint| format!(" {}", sentence(hint)));
                self.note = Some(Note::error(sentence(&failure.message) + &hints.collect::<String>()));
                Reply::done()
            }
            Event::Done(Outcome::CopyExplained(way)) => {
                self.way = Some(way.key.clone());
                if way.proven {
                    Reply::done()
                } else {
                    Reply::act(Action::Say(Note::warning(way.says.clone())))
                }
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => match dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if self.types() => {
                    if self.field().is_some_and(|field| field.handle(*key)) {
                        self.weak_accepted &= self.focus == 1;
                        self.note = None;
                    }
                    Reply::done()
                }
                reply => reply,
            },
            Event::Paste(text) if self.stage == Stage::Ready => self.pasted_at_the_end(text, cx),
            Event::Paste(text) => {
                let cut = self.field().is_some_and(|field| !field.insert(text));
                self.weak_accepted &= self.focus == 1;
                if cut { Reply::say("Too long: the rest was cut off") } else { Reply::done() }
            }
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(cx, area, buf);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        help(self.table())
    }

    fn name(&self) -> &'static str {
        "the first start"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let (x, y, width) = Self::field_at(area, self.focus);
        match self.stage {
            Stage::Passphrase => Some(self.fields[self.focus].cursor(cx.theme, area, (x, y), width)),
            Stage::Place { .. } => {
                let (x, y, width) = Self::place_at(area);
                Some(self.place.cursor(cx.theme, area, (x, y), width))
            }
            Stage::Keys => {
                let (x, y, width) = Self::place_at(area);
                Some(self.further.field.cursor(cx.theme, area, (x, y), width))
            }
            Stage::Making | Stage::Ready | Stage::Welcome => None,
        }
    }

    fn types(&self) -> bool {
        matches!(self.stage, Stage::Keys | Stage::Passphrase | Stage::Place { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::binding::clashes;

    #[test]
    fn no_key_means_two_things() {
        for table in [WELCOME, PLACE, PASSPHRASE, KEYS, MAKING, READY, READY_TO_IMPORT] {
            assert_eq!(clashes(table), []);
        }
    }
}
