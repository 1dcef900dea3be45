//! Taking in what another authenticator wrote: which file, its password if it has one, then the preview.
//!
//! A path can be typed, pasted or dragged here, and the content itself can be pasted: links, JSON, a picture. What
//! it is, is seen by the content.
//!
//! Over 400 lines: the ways in, and what each wants to be opened with, are one screen with one question.

mod added;
mod keys;
mod preview;
mod reading;
mod words;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use zeroize::Zeroizing;

use self::preview::Preview;
use self::reading::Reading;
use super::wait;
use crate::display::visible;
use crate::exchange::IMPORTERS;
use crate::exchange::typed::{Typed, recognize};
use crate::failure::Failure;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::{Effect, Source, With};
use crate::tui::event::{Event, Outcome, Read, Unread};
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, sentence};
use crate::vault::Passphrase;

/// The longest path or password that is taken.
const LONGEST: usize = 4096;
/// The row and column of the field.
const FIELD: (u16, u16) = (12, 2);
/// What a pasted content is called.
const PASTED: &str = "what you pasted";
/// What is added where a key file may be what lacks.
const KEY_FILE: &str = ". If it has a key file, name that too: Tab";
/// What the picture on the clipboard is called.
const ON_CLIPBOARD: &str = "the picture on the clipboard";

/// What a file wants to be opened with.
#[derive(Clone)]
enum Wants {
    /// The file with an age key.
    KeyFile,
    /// The passphrase of that file, which is named as it was typed.
    KeyPassphrase(String),
    /// The password that was set at export; the app that wrote the file; and whether a key file may belong to it.
    Password(&'static str, bool),
}

/// Asks for a file, and for what opens it.
pub struct Import {
    file: Field,
    password: Field,
    key_file: Field,
    /// Where both are asked for, the key file is typed.
    at_key_file: bool,
    /// The content that wants something to be opened with.
    locked: Option<(Source, Wants)>,
    /// The content that is being read.
    reading: Option<Reading>,
    wrong: Option<String>,
    /// What was read before, which the next file adds to.
    before: Option<Box<Preview>>,
    /// A new picture is waited for.
    waiting: bool,
}

impl Import {
    /// Returns the question for a file.
    pub fn new() -> Self {
        Self {
            file: Field::new(LONGEST),
            password: Field::masked(LONGEST),
            key_file: Field::new(LONGEST),
            at_key_file: false,
            locked: None,
            reading: None,
            wrong: None,
            before: None,
            waiting: false,
        }
    }

    /// Returns the question for another file, which adds to what was read.
    fn more(before: Preview) -> Self {
        Self { before: Some(Box::new(before)), ..Self::new() }
    }

    /// Returns what leads to the import of a content.
    pub fn of(source: Source) -> Vec<Action> {
        let mut import = Self::new();
        import.reading = Some(Reading::of(source.clone()));
        vec![Action::Push(Box::new(import)), Action::Do(Effect::ReadFile(source, With::Nothing))]
    }

    /// Returns what leads to the import of a pasted text, if it can only be one: several links, or a whole file.
    pub fn of_pasted(text: &str) -> Option<Vec<Action>> {
        let several = match recognize(text) {
            Ok(typed) => matches!(typed, Typed::Links | Typed::Migration),
            Err(_) => text.trim_start().starts_with(['{', '[', '<']),
        };
        several.then(|| Self::of(Source::Bytes(bytes(text))))
    }

    fn table(&self) -> &'static [Binding<Self>] {
        match (&self.reading, &self.locked) {
            _ if self.waiting => Self::WAITING,
            (Some(_), _) => Self::READING,
            (None, Some((_, Wants::KeyFile))) => Self::SEALED,
            (None, Some((_, Wants::Password(_, true)))) => Self::WITH_KEY_FILE,
            (None, Some(_)) => Self::LOCKED,
            (None, None) => Self::KEYS,
        }
    }

    /// Goes back to what was read before, or to where the import was called from.
    fn leave(&mut self) -> Reply {
        match self.before.take() {
            Some(before) => Reply::act(Action::Replace(before)),
            None => Reply::act(Action::Pop),
        }
    }

    fn field(&mut self) -> &mut Field {
        match &self.locked {
            Some((_, Wants::KeyFile)) => &mut self.key_file,
            Some((_, Wants::Password(_, true))) if self.at_key_file => &mut self.key_file,
            Some(_) => &mut self.password,
            None => &mut self.file,
        }
    }

    /// Returns the field in sight, and its name.
    fn labelled(&self) -> (&'static str, &Field) {
        match &self.locked {
            Some((_, Wants::KeyFile)) => ("Key file", &self.key_file),
            Some((_, Wants::KeyPassphrase(_))) => ("Passphrase", &self.password),
            Some((_, Wants::Password(..))) => ("Password", &self.password),
            None => ("File", &self.file),
        }
    }

    /// Says whether the password and a key file are asked for together.
    fn has_two(&self) -> bool {
        matches!(self.locked, Some((_, Wants::Password(_, true))))
    }

    /// Has the file read, or says what is missing.
    fn read(&mut self) -> Reply {
        if let Some((source, wants)) = self.locked.clone() {
            let missing = match wants {
                Wants::KeyFile => "Type or paste the path of the key file first",
                Wants::KeyPassphrase(_) => "Type the passphrase first",
                Wants::Password(_, false) => "Type the password first",
                Wants::Password(_, true) => "Type the password first, or name the key file",
            };
            let keyed = matches!(wants, Wants::Password(_, true)) && !self.key_file.text().trim().is_empty();
            let field =
                if keyed || matches!(wants, Wants::KeyFile) { &self.key_file } else { &self.password };
            if field.is_empty() {
                self.wrong = Some(missing.to_owned());
                return Reply::done();
            }
            let typed = Passphrase::new(self.password.secret());
            // Where the key file may be what is wrong the password is not typed again.
            if !matches!(wants, Wants::Password(_, true)) {
                self.password.clear();
            }
            let with = match wants {
                Wants::KeyFile => With::KeyFile(self.key_file.text().trim().to_owned(), None),
                Wants::KeyPassphrase(file) => With::KeyFile(file, Some(typed)),
                Wants::Password(..) => {
                    With::Password(typed, keyed.then(|| self.key_file.text().trim().to_owned()))
                }
            };
            return self.start(source, with);
        }
        let typed = Zeroizing::new(self.file.text().to_owned());
        match recognize(&typed) {
            Ok(Typed::Path(path)) => self.start(Source::File(path), With::Nothing),
            Ok(Typed::Picture(bytes)) => self.start(Source::Bytes(bytes), With::Nothing),
            Ok(Typed::Link(_) | Typed::Links | Typed::Migration) => {
                self.start(Source::Bytes(bytes(&typed)), With::Nothing)
            }
            _ if typed.trim().is_empty() => {
                self.wrong = Some("Type or paste the path of a file first".to_owned());
                Reply::done()
            }
            // A bare word is the name of a file in the directory that the program was started in.
            _ => self.start(Source::File(typed.trim().to_owned()), With::Nothing),
        }
    }

    fn start(&mut self, source: Source, with: With) -> Reply {
        self.wrong = None;
        self.reading = Some(Reading::of(source.clone()));
        Reply::act(Action::Do(Effect::ReadFile(source, with)))
    }

    /// Takes a paste: content is read at once, a path goes into the field.
    fn paste(&mut self, text: &str) -> Reply {
        if self.reading.is_some() {
            return Reply::done();
        }
        if self.waiting {
            return Reply::say("Esc ends the waiting; then paste");
        }
        let content = self.locked.is_none() && self.file.is_empty() && is_content(text);
        if content {
            let source = match recognize(text) {
                Ok(Typed::Picture(bytes)) => Source::Bytes(bytes),
                _ => Source::Bytes(bytes(text)),
            };
            return self.start(source, With::Nothing);
        }
        if !self.field().insert(text) {
            self.wrong = Some("Too long: the rest was cut off".to_owned());
        }
        Reply::done()
    }

    fn done(&mut self, result: &Result<Read, Unread>, cx: &Cx<'_>) -> Reply {
        let Some(Reading { source, .. }) = self.reading.take() else { return Reply::done() };
        match result {
            Ok(read) if read.imported.entries.is_empty() && read.imported.refused.is_empty() => {
                let note = read.imported.notes.first().map(|note| format!(": {note}")).unwrap_or_default();
                self.wrong = Some(format!("There is no account in it{note}"));
                Reply::done()
            }
            Ok(read) => {
                // What is encrypted may well be kept.
                let original = read.original.clone().filter(|_| self.locked.is_none());
                let preview = match self.before.take() {
                    Some(before) => before.with(&name(&source), read, original, cx),
                    None => Preview::new(name(&source), read.title, read.imported.clone(), original, cx),
                };
                Reply::act(Action::Replace(Box::new(preview)))
            }
            Err(Unread::Password { title, wrong, key_file, refused }) => {
                let more = if *key_file && self.key_file.is_empty() { KEY_FILE } else { "" };
                if *wrong {
                    self.password.clear();
                }
                self.at_key_file = refused.is_some();
                self.wrong = match refused {
                    Some(failure) => Some(told(failure)),
                    None => {
                        wrong.then(|| format!("That does not open it: wrong, or the file is damaged{more}"))
                    }
                };
                self.locked = Some((source, Wants::Password(title, *key_file)));
                Reply::done()
            }
            Err(Unread::Key(refused)) => {
                self.wrong = refused.as_ref().map(|failure| sentence(&failure.message));
                self.locked = Some((source, Wants::KeyFile));
                Reply::done()
            }
            Err(Unread::KeyPassphrase { wrong }) => {
                self.wrong = wrong.then(|| "That passphrase does not open the key file.".to_owned());
                self.locked = Some((source, Wants::KeyPassphrase(self.key_file.text().trim().to_owned())));
                Reply::done()
            }
            Err(Unread::Failed(failure)) => {
                self.wrong = Some(told(failure));
                self.password.clear();
                self.locked = None;
                Reply::done()
            }
        }
    }

    /// Says what is asked for.
    fn question(&self) -> String {
        match &self.locked {
            None if self.before.is_some() => {
                "Type, paste or drag the path of the next picture or file. What is in it is added to what was read."
                    .to_owned()
            }
            None => "Type, paste or drag the path of the file that another app exported, or of a picture of its QR \
                     codes. Links can be pasted too."
                .to_owned(),
            Some((source, Wants::Password(title, false))) => {
                format!("{} is encrypted ({title}). Its password was set at export.", name(source))
            }
            Some((source, Wants::Password(title, true))) => format!(
                "{} is encrypted ({title}). Its password opens it; if it has a key file, type, paste or drag the path \
                 of that too.",
                name(source)
            ),
            Some((source, Wants::KeyFile)) => format!(
                "{} is sealed for age keys. Type, paste or drag the path of the file that holds yours, as age-keygen \
                 wrote it. It is read here and nothing of it is kept.",
                name(source)
            ),
            Some((_, Wants::KeyPassphrase(file))) => {
                format!("The key file {file} is sealed itself. Its own passphrase opens it.")
            }
        }
    }
}

impl Default for Import {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns a failure, with what to do about it.
fn told(failure: &Failure) -> String {
    let hint = failure.hints.first().map(|hint| format!(" {}", sentence(hint))).unwrap_or_default();
    format!("{}{hint}", sentence(&failure.message))
}

fn bytes(text: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.as_bytes().to_vec())
}

/// Says whether a pasted text is the content of a file and not the path of one.
fn is_content(text: &str) -> bool {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    let link = ["otpauth", "apple-otpauth", "motp:", "steam:"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    link || text.starts_with(['{', '[', '<'])
        || text.trim_end().contains('\n')
        || matches!(recognize(text), Ok(Typed::Picture(_)))
}

/// Returns what a content is called.
fn name(source: &Source) -> String {
    match source {
        Source::Bytes(_) => PASTED.to_owned(),
        Source::Clipboard => ON_CLIPBOARD.to_owned(),
        Source::File(path) => path.rsplit('/').next().unwrap_or(path).to_owned(),
    }
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    let typed = [Import::KEYS, Import::LOCKED, Import::WITH_KEY_FILE, Import::SEALED]
        .map(|table| (true, binding::help(table)));
    let others = [Import::WAITING, Import::READING].map(|table| (false, binding::help(table)));
    typed.into_iter().chain(others).collect()
}

/// Returns what the keys do in the preview, and at the end.
pub(super) fn tables_after() -> [Vec<KeyHelp>; 2] {
    [binding::help(Preview::KEYS), binding::help(added::Added::KEYS)]
}

impl Screen for Import {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::File(result)) => self.done(result, cx),
            Event::Done(Outcome::Reading(step)) => {
                if let Some(reading) = &mut self.reading {
                    reading.is_at(*step, cx.now.boot);
                }
                Reply::done()
            }
            Event::Done(Outcome::PictureCame(found)) if std::mem::take(&mut self.waiting) => {
                if let Some(path) = found {
                    return self.start(Source::File(path.clone()), With::Nothing);
                }
                self.wrong = Some(wait::NONE_CAME.to_owned());
                Reply::done()
            }
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => match binding::dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if self.types() && self.field().handle(*key) => Reply::done(),
                reply => reply,
            },
            Event::Paste(text) => self.paste(text),
            Event::Tick => {
                if let Some(reading) = &mut self.reading {
                    reading.goes_on(cx.now.boot);
                }
                Reply::done()
            }
        }
    }

    fn ticks(&self, _: &Cx<'_>) -> bool {
        self.reading.is_some()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        widgets::header(cx, area, buf, &visible("Import"), "");
        if self.waiting {
            return wait::view(cx, area, buf, (1, 2));
        }
        let (x, mut y) = FIELD;
        let (label, field) = self.labelled();
        let mut fields = vec![(label, field)];
        if self.has_two() {
            fields.push(("Key file", &self.key_file));
        }
        let two = fields.len() > 1;
        for (at, (label, field)) in fields.into_iter().enumerate() {
            if two && (at == 1) == self.at_key_file {
                put(buf, area, 0, y, cx.theme.glyph(Glyph::Cursor), Style::new());
            }
            put(buf, area, 1, y, label, Style::new());
            field.view(cx.theme, area, buf, (x, y), area.width.saturating_sub(x + 1), Style::new());
            y += 1;
        }
        y += 1;
        if let Some(reading) = &self.reading {
            let text = reading.line(cx.now.boot);
            widgets::wrap(buf, area, (1, y), visible(&text).as_str(), Style::new());
            return;
        }
        if let Some(wrong) = &self.wrong {
            y += widgets::note(cx, area, buf, (1, y), &Note::error(wrong)) + 1;
        }
        y += widgets::wrap(buf, area, (1, y), visible(&self.question()).as_str(), Style::new()) + 1;
        if self.locked.is_none() {
            let text = "Nothing is added before you have seen what is in it.";
            y += widgets::wrap(buf, area, (1, y), text, Style::new()) + 1;
            widgets::wrap(buf, area, (1, y), &known(), Style::new());
        }
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(self.table())
    }

    fn name(&self) -> &'static str {
        "the import"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        if !self.types() {
            return None;
        }
        let (x, y) = FIELD;
        let (field, y) =
            if self.has_two() && self.at_key_file { (&self.key_file, y + 1) } else { (self.labelled().1, y) };
        Some(field.cursor(cx.theme, area, (x, y), area.width.saturating_sub(x + 1)))
    }

    fn types(&self) -> bool {
        self.reading.is_none() && !self.waiting
    }
}

/// Names the apps whose files are read.
fn known() -> String {
    let titles: Vec<&str> = IMPORTERS.iter().map(|format| format.title()).collect();
    format!("Files of these apps can be read: {}.", titles.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_told_from_paths() {
        for text in
            ["otpauth://totp/x?secret=AA", " OTPAUTH-MIGRATION://offline?data=x", "{\"db\":1}", "a\nb"]
        {
            assert!(is_content(text), "{text}");
        }
        for text in ["/home/a/aegis.json", "aegis.json\n", "'~/my file.json'", "C:\\x.json"] {
            assert!(!is_content(text), "{text}");
        }
    }

    #[test]
    fn no_key_stands_twice() {
        let tables = [
            Import::KEYS,
            Import::LOCKED,
            Import::READING,
            Import::SEALED,
            Import::WAITING,
            Import::WITH_KEY_FILE,
        ];
        for table in tables {
            assert!(binding::clashes(table).is_empty());
        }
    }
}
