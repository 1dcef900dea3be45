//! Taking accounts out: for which app, which of them, into which file. Encrypted unless the user writes out that it
//! shall not be. The keys stand in `keys`, the picture is drawn in `view`.

mod codes;
mod file;
mod keys;
mod view;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::codes::{Codes, Page};
use self::file::{RECIPIENTS, TO, keys_in_words};
use self::keys::{FILE, FORMAT, PLAIN, WHICH, WRITING};
use super::scan::file_name;
use super::tries::LONGEST;
use crate::display::visible;
use crate::exchange::{BATCHES, EXPORTERS, Exporter, Fit, Protection, batches};
use crate::tui::binding::{self, Binding};
use crate::tui::effect::{Effect, Export as Order};
use crate::tui::event::{Event, Outcome};
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::widgets::{self, Field, sentence};
use crate::vault::{Account, AccountId, Passphrase};

/// The longest path.
const PATH: usize = 4096;
/// Where values stand.
const VALUE: u16 = 14;
/// The row of the first line of a list.
const TOP: u16 = 2;
/// The longest list of keys.
const KEYS: usize = 1 << 16;
/// What the way out for other people's keys is called.
const KEYS_TITLE: &str = "twolock, encrypted for other people's age keys";
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    /// For which app?
    Format,
    /// Which accounts?
    Which,
    /// Into which file, with which password?
    File,
    /// Really without encryption?
    Plain,
    /// On its way.
    Writing,
}

/// Where accounts go.
#[derive(Clone, Copy)]
enum Target {
    /// A file.
    File(&'static dyn Exporter),
    /// A file of our own, which the owners of age keys open.
    Keys,
    /// The screen, one code for up to ten accounts, for Google Authenticator.
    Batches,
    /// The screen, one code an account.
    Codes,
}

/// What keeps others out of the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lock {
    Keys,
    None,
    Password,
}

/// Exports accounts.
pub struct Export {
    step: Step,
    targets: Vec<Target>,
    target: usize,
    /// Every account, and whether it goes.
    which: Vec<(AccountId, bool)>,
    selected: usize,
    /// The file, the password, the password again, the keys.
    fields: [Field; 4],
    /// Which of those in sight is typed into.
    focus: usize,
    count: Field,
    note: Option<Note>,
}

impl Export {
    /// Returns the screen, with all accounts chosen.
    pub fn new(cx: &Cx<'_>) -> Self {
        let mut targets: Vec<Target> = EXPORTERS.iter().map(|format| Target::File(*format)).collect();
        targets.insert(1, Target::Keys);
        targets.extend([Target::Codes, Target::Batches]);
        Self {
            step: Step::Format,
            targets,
            target: 0,
            which: cx.vault.accounts().iter().map(|account| (account.id, true)).collect(),
            selected: 0,
            fields: [Field::new(PATH), Field::masked(LONGEST), Field::masked(LONGEST), Field::new(KEYS)],
            focus: 0,
            count: Field::new(8),
            note: None,
        }
    }

    /// Chooses these accounts and no others.
    pub fn only(&mut self, goes: impl Fn(AccountId) -> bool) {
        self.which.iter_mut().for_each(|(id, each)| *each = goes(*id));
    }

    fn table(&self) -> &'static [Binding<Self>] {
        match self.step {
            Step::Format => FORMAT,
            Step::Which => WHICH,
            Step::File => FILE,
            Step::Plain => PLAIN,
            Step::Writing => WRITING,
        }
    }

    fn format(&self) -> Option<&'static dyn Exporter> {
        match self.targets.get(self.target) {
            Some(Target::File(format)) => Some(*format),
            Some(Target::Keys) => EXPORTERS.iter().copied().find(|format| format.name() == "twolock"),
            _ => None,
        }
    }

    fn title(&self) -> &'static str {
        match self.targets.get(self.target) {
            Some(Target::Keys) => KEYS_TITLE,
            _ => self.format().map_or("", |format| format.title()),
        }
    }

    fn lock(&self) -> Lock {
        match self.targets.get(self.target) {
            Some(Target::Keys) => Lock::Keys,
            Some(Target::File(format)) if format.protection() == Protection::Password => Lock::Password,
            _ => Lock::None,
        }
    }

    /// Returns the accounts that are chosen.
    fn chosen<'a>(&self, cx: &Cx<'a>) -> Vec<&'a Account> {
        let goes = self.which.iter().filter(|(_, goes)| *goes);
        goes.filter_map(|(id, _)| cx.vault.account(*id)).collect()
    }

    /// Returns what says how much of an account can go, where not everything can.
    fn limits(&self) -> Option<&'static dyn Exporter> {
        match self.targets.get(self.target)? {
            Target::Batches => Some(BATCHES),
            Target::Codes | Target::Keys => None,
            Target::File(format) => Some(*format),
        }
    }

    /// Returns those of them that the format can hold.
    fn fitting<'a>(&self, cx: &Cx<'a>) -> Vec<&'a Account> {
        let mut chosen = self.chosen(cx);
        if let Some(format) = self.limits() {
            chosen.retain(|account| !matches!(format.fits(account), Fit::Not(_)));
        }
        chosen
    }

    fn go(&mut self, by: isize) -> Reply {
        self.selected = self.selected.saturating_add_signed(by).min(self.which.len().saturating_sub(1));
        Reply::done()
    }

    fn choose_all(&mut self, goes: bool) -> Reply {
        self.which.iter_mut().for_each(|(_, each)| *each = goes);
        Reply::done()
    }

    fn turn(&mut self, by: isize) -> Reply {
        self.focus = widgets::round(self.focus, by, self.shown().len());
        Reply::done()
    }

    fn choose_target(&mut self, cx: &Cx<'_>) -> Reply {
        if self.chosen(cx).is_empty() {
            return Reply::say("No account is chosen. Tab chooses");
        }
        let fitting = self.fitting(cx);
        if fitting.is_empty() {
            let title = self.limits().map_or("It", Exporter::title);
            return Reply::say(format!("{title} can hold none of these accounts"));
        }
        let Some(format) = self.format() else {
            let pages = match self.targets.get(self.target) {
                Some(Target::Batches) => Page::of_batches(&batches(&fitting)),
                _ => fitting.into_iter().map(Page::of).collect(),
            };
            let mut actions = vec![Action::Push(Box::new(Codes::new(pages)))];
            // A small window has no room for it before.
            if let Some(loss) = self.losses(cx).into_iter().find(|loss| loss.contains("left out")) {
                actions.push(Action::Say(Note::warning(loss)));
            }
            return Reply::Taken(actions);
        };
        let day = jiff::Timestamp::from_second(cx.now.wall.seconds())
            .map(|time| time.to_zoned_datetime(cx.facts.zone.clone()).strftime("-%Y-%m-%d").to_string())
            .unwrap_or_default();
        self.fields[TO].set(&format!("~/{}{day}.{}", file_name("twolock-export", ""), format.extension()));
        self.focus = usize::from(self.lock() != Lock::None);
        self.step = Step::File;
        self.note = None;
        Reply::done()
    }

    fn write_plain(&mut self, cx: &Cx<'_>) -> Reply {
        if self.count.text().trim() != self.fitting(cx).len().to_string() {
            self.note = Some(Note::error("That is not the number of accounts; nothing was written"));
            return Reply::done();
        }
        self.write(None, Vec::new(), cx)
    }

    fn write(&mut self, password: Option<Passphrase>, recipients: Vec<String>, cx: &Cx<'_>) -> Reply {
        let Some(format) = self.format() else { return Reply::done() };
        self.step = Step::Writing;
        let order = Order {
            accounts: self.fitting(cx).into_iter().cloned().collect(),
            format: format.name(),
            recipients,
            password,
            to: self.fields[TO].text().trim().to_owned(),
        };
        Reply::act(Action::Do(Effect::Export(Box::new(order))))
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.step {
            Step::File => {
                let at = *self.shown().get(self.focus)?;
                self.fields.get_mut(at)
            }
            Step::Plain => Some(&mut self.count),
            Step::Format | Step::Which | Step::Writing => None,
        }
    }

    fn done(&mut self, result: &Result<std::path::PathBuf, crate::failure::Failure>, cx: &Cx<'_>) -> Reply {
        match result {
            Ok(path) => {
                let count = accounts(self.fitting(cx).len());
                let path = visible(&path.to_string_lossy()).to_string();
                let text = match self.lock() {
                    Lock::Keys => {
                        let keys = self.recipients().map_or(0, |keys| keys.len());
                        format!("{count} in {path}, sealed for {}. Nobody else opens it", keys_in_words(keys))
                    }
                    Lock::None => {
                        format!(
                            "{count} in {path}, NOT encrypted. Move it where it is needed, then delete it"
                        )
                    }
                    Lock::Password => {
                        format!("{count} in {path}, read back and compared. Now move it off this computer")
                    }
                };
                Reply::Taken(vec![Action::Say(Note::good(text)), Action::Pop])
            }
            Err(failure) => {
                self.step = Step::File;
                self.focus = 0;
                self.note = Some(Note::error(sentence(&failure.message)));
                Reply::done()
            }
        }
    }

    /// Returns where the field in use stands.
    fn place(&self, cx: &Cx<'_>, area: Rect) -> Option<(&Field, (u16, u16))> {
        match self.step {
            Step::File => {
                let field = self.fields.get(*self.shown().get(self.focus)?)?;
                Some((field, (VALUE, TOP + u16::try_from(self.focus).unwrap_or(0))))
            }
            Step::Plain => Some((&self.count, self.count_place(cx, area))),
            Step::Format | Step::Which | Step::Writing => None,
        }
    }
}

fn accounts(count: usize) -> String {
    if count == 1 { "1 account".to_owned() } else { format!("{count} accounts") }
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    let typed = [FILE, PLAIN].map(|table| (true, binding::help(table)));
    typed.into_iter().chain([FORMAT, WHICH, WRITING].map(|table| (false, binding::help(table)))).collect()
}

/// Returns what the keys do while QR codes are shown.
pub(super) fn codes_table() -> Vec<KeyHelp> {
    binding::help(Codes::KEYS)
}

impl Screen for Export {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Done(Outcome::Exported(result)) => self.done(result, cx),
            // The question that led here was answered; a second answer is nobody's.
            Event::Done(Outcome::Confirmed(_)) | Event::Tick => Reply::done(),
            Event::Done(_) => Reply::Ignored,
            Event::Key(key) => match binding::dispatch(self.table(), self, *key, cx) {
                Reply::Ignored if self.field().is_some_and(|field| field.handle(*key)) => Reply::done(),
                reply => reply,
            },
            Event::Paste(text) => {
                // Keys come one a line as well.
                let keys = self.step == Step::File && self.shown().get(self.focus) == Some(&RECIPIENTS);
                let joined =
                    keys.then(|| format!(" {} ", text.split_whitespace().collect::<Vec<_>>().join(" ")));
                let cut = match self.field() {
                    Some(field) => !field.insert(joined.as_deref().unwrap_or(text)),
                    None => false,
                };
                if cut { Reply::say("Too long: the rest was cut off") } else { Reply::done() }
            }
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(cx, area, buf);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(self.table())
    }

    fn name(&self) -> &'static str {
        "the export"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let (field, (x, y)) = self.place(cx, area)?;
        Some(field.cursor(cx.theme, area, (x, y), area.width.saturating_sub(x + 1)))
    }

    fn types(&self) -> bool {
        matches!(self.step, Step::File | Step::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        for table in [FORMAT, WHICH, FILE, PLAIN, WRITING] {
            assert!(binding::clashes(table).is_empty());
        }
    }
}
