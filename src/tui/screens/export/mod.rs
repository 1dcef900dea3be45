//! Taking accounts out: for which app, which of them, into which file. Encrypted unless the user writes out that it
//! shall not be.
//!
//! Over 400 lines: the four steps are one form, and each needs its own keys.

mod codes;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use self::codes::{Codes, Page};
use super::reveal::file_name;
use super::tries::LONGEST;
use crate::display::visible;
use crate::exchange::{BATCHES, Batch, EXPORTERS, Exporter, Fit, Protection, batches};
use crate::otp::Link;
use crate::tui::binding::{self, Binding};
use crate::tui::effect::{Effect, Export as Order};
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, put_visible, sentence};
use crate::vault::{Account, AccountId, Passphrase, SUGGEST_BYTES, strength, suggest};

/// The longest path.
const PATH: usize = 4096;
/// Where values stand.
const VALUE: u16 = 14;
/// The row of the first line of a list.
const TOP: u16 = 2;

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
    /// The screen, one code for up to ten accounts, for Google Authenticator.
    Batches,
    /// The screen, one code an account.
    Codes,
}

/// Exports accounts.
pub struct Export {
    step: Step,
    targets: Vec<Target>,
    target: usize,
    /// Every account, and whether it goes.
    which: Vec<(AccountId, bool)>,
    selected: usize,
    /// The file, the password, the password again.
    fields: [Field; 3],
    focus: usize,
    count: Field,
    note: Option<Note>,
}

const LEAVE: Binding<Export> = Binding {
    name: "leave",
    keys: &[Key::Ctrl('c')],
    word: "",
    help: "go back to the list; nothing is written",
    applies: binding::always,
    run: |_, _| Reply::act(Action::Pop),
};
const BACK: Binding<Export> = Binding {
    name: "back",
    keys: &[Key::Esc],
    word: "back",
    help: "one step back",
    applies: binding::always,
    run: |export, _| {
        export.note = None;
        export.step = match export.step {
            Step::Plain => Step::File,
            _ => Step::Format,
        };
        Reply::done()
    },
};

const FORMAT: &[Binding<Export>] = &[
    Binding {
        name: "next",
        keys: &[Key::Enter],
        word: "next",
        help: "go on with this one",
        applies: binding::always,
        run: |export, cx| export.choose_target(cx),
    },
    Binding {
        name: "which",
        keys: &[Key::Tab],
        word: "which accounts",
        help: "choose the accounts that go",
        applies: binding::always,
        run: |export, _| {
            export.step = Step::Which;
            Reply::done()
        },
    },
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "",
        help: "down",
        applies: binding::always,
        run: |export, _| {
            export.target = (export.target + 1).min(export.targets.len() - 1);
            Reply::done()
        },
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "up",
        applies: binding::always,
        run: |export, _| {
            export.target = export.target.saturating_sub(1);
            Reply::done()
        },
    },
    Binding { keys: &[Key::Esc, Key::Char('q'), Key::Ctrl('c')], word: "cancel", ..LEAVE },
];
const WHICH: &[Binding<Export>] = &[
    Binding {
        name: "choose",
        keys: &[Key::Char(' ')],
        word: "choose",
        help: "choose the account, or leave it here",
        applies: |export, _| !export.which.is_empty(),
        run: |export, _| {
            if let Some((_, goes)) = export.which.get_mut(export.selected) {
                *goes = !*goes;
            }
            export.go(1)
        },
    },
    Binding {
        name: "all",
        keys: &[Key::Char('A'), Key::Char('a')],
        word: "all",
        help: "choose all",
        applies: binding::always,
        run: |export, _| export.choose_all(true),
    },
    Binding {
        name: "none",
        keys: &[Key::Char('N'), Key::Char('n')],
        word: "none",
        help: "choose none",
        applies: binding::always,
        run: |export, _| export.choose_all(false),
    },
    Binding {
        keys: &[Key::Enter, Key::Tab, Key::Esc, Key::Char('q')],
        word: "done",
        help: "back to the apps",
        ..BACK
    },
    Binding {
        name: "down",
        keys: &[Key::Down, Key::Char('j')],
        word: "",
        help: "down",
        applies: binding::always,
        run: |export, _| export.go(1),
    },
    Binding {
        name: "up",
        keys: &[Key::Up, Key::Char('k')],
        word: "",
        help: "up",
        applies: binding::always,
        run: |export, _| export.go(-1),
    },
    LEAVE,
];
const FILE: &[Binding<Export>] = &[
    Binding {
        name: "next",
        keys: &[Key::Enter],
        word: "next",
        help: "to the next field; then write the file",
        applies: binding::always,
        run: |export, cx| export.next(cx),
    },
    Binding {
        name: "field",
        keys: &[Key::Tab, Key::Down],
        word: "",
        help: "next field",
        applies: binding::always,
        run: |export, _| export.turn(1),
    },
    Binding {
        name: "field-back",
        keys: &[Key::BackTab, Key::Up],
        word: "",
        help: "field before",
        applies: binding::always,
        run: |export, _| export.turn(-1),
    },
    Binding {
        name: "suggest",
        keys: &[Key::F(4)],
        word: "suggest a password",
        help: "write a password of random words",
        applies: |export, _| export.is_encrypted(),
        run: |export, cx| export.suggest(cx),
    },
    Binding {
        name: "show",
        keys: &[Key::F(2)],
        word: "show",
        help: "show or hide what is typed",
        applies: |export, _| export.is_encrypted(),
        run: |export, _| {
            let [_, first, second] = &mut export.fields;
            let text = first.flip();
            second.mask(first.is_masked());
            Reply::say(text)
        },
    },
    BACK,
    LEAVE,
];
const PLAIN: &[Binding<Export>] = &[
    Binding {
        name: "write",
        keys: &[Key::Enter],
        word: "write the file",
        help: "write it without encryption, if the number is right",
        applies: binding::always,
        run: |export, cx| export.write_plain(cx),
    },
    BACK,
    LEAVE,
];
const WRITING: &[Binding<Export>] =
    &[Binding { word: "leave", help: "go back; the file is written all the same", ..LEAVE }];

impl Export {
    /// Returns the screen, with all accounts chosen.
    pub fn new(cx: &Cx<'_>) -> Self {
        let mut targets: Vec<Target> = EXPORTERS.iter().map(|format| Target::File(*format)).collect();
        targets.extend([Target::Codes, Target::Batches]);
        Self {
            step: Step::Format,
            targets,
            target: 0,
            which: cx.vault.accounts().iter().map(|account| (account.id, true)).collect(),
            selected: 0,
            fields: [Field::new(PATH), Field::masked(LONGEST), Field::masked(LONGEST)],
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
            _ => None,
        }
    }

    fn is_encrypted(&self) -> bool {
        self.format().is_some_and(|format| format.protection() == Protection::Password)
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
            Target::Codes => None,
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
        let fields = if self.is_encrypted() { 3 } else { 1 };
        self.focus = widgets::round(self.focus, by, fields);
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
                Some(Target::Batches) => pages(&batches(&fitting)),
                _ => fitting.into_iter().map(page).collect(),
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
        self.fields[0].set(&format!("~/{}{day}.{}", file_name("twolock-export", ""), format.extension()));
        self.focus = usize::from(self.is_encrypted());
        self.step = Step::File;
        self.note = None;
        Reply::done()
    }

    /// Goes to the next field that is empty, or writes.
    fn next(&mut self, cx: &Cx<'_>) -> Reply {
        self.note = None;
        if self.fields[0].text().trim().is_empty() {
            self.focus = 0;
            self.note = Some(Note::error("The file needs a name"));
            return Reply::done();
        }
        if !self.is_encrypted() {
            self.step = Step::Plain;
            self.count.clear();
            return Reply::done();
        }
        let [_, first, second] = &mut self.fields;
        if self.focus == 0 || first.is_empty() {
            self.note =
                (self.focus == 1).then(|| Note::error("The file needs a password. F4 writes one for you"));
            self.focus = 1;
            return Reply::done();
        }
        if self.focus == 1 || second.is_empty() {
            self.focus = 2;
            return Reply::done();
        }
        if first.text() != second.text() {
            second.clear();
            self.note = Some(Note::error("The two are not the same. Type it once more"));
            return Reply::done();
        }
        let password = Passphrase::new(first.secret());
        first.clear();
        second.clear();
        self.write(Some(password), cx)
    }

    fn write_plain(&mut self, cx: &Cx<'_>) -> Reply {
        if self.count.text().trim() != self.fitting(cx).len().to_string() {
            self.note = Some(Note::error("That is not the number of accounts; nothing was written"));
            return Reply::done();
        }
        self.write(None, cx)
    }

    fn write(&mut self, password: Option<Passphrase>, cx: &Cx<'_>) -> Reply {
        let Some(format) = self.format() else { return Reply::done() };
        self.step = Step::Writing;
        let order = Order {
            accounts: self.fitting(cx).into_iter().cloned().collect(),
            format: format.name(),
            recipients: Vec::new(),
            password,
            to: self.fields[0].text().trim().to_owned(),
        };
        Reply::act(Action::Do(Effect::Export(Box::new(order))))
    }

    fn suggest(&mut self, cx: &Cx<'_>) -> Reply {
        if !self.is_encrypted() {
            return Reply::say("This file has no password");
        }
        let random = zeroize::Zeroizing::new((cx.facts.random.0)());
        let Some(bytes) = random.first_chunk::<SUGGEST_BYTES>() else { return Reply::done() };
        let [_, first, second] = &mut self.fields;
        first.set(suggest(bytes).reveal());
        first.mask(false);
        second.clear();
        second.mask(false);
        self.focus = 2;
        self.note = Some(Note::plain("Write it down, then type it once more here"));
        Reply::done()
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.step {
            Step::File => self.fields.get_mut(self.focus),
            Step::Plain => Some(&mut self.count),
            Step::Format | Step::Which | Step::Writing => None,
        }
    }

    fn done(&mut self, result: &Result<std::path::PathBuf, crate::failure::Failure>, cx: &Cx<'_>) -> Reply {
        match result {
            Ok(path) => {
                let count = accounts(self.fitting(cx).len());
                let path = visible(&path.to_string_lossy()).to_string();
                let text = if self.is_encrypted() {
                    format!("{count} in {path}, read back and compared. Now move it off this computer")
                } else {
                    format!("{count} in {path}, NOT encrypted. Move it where it is needed, then delete it")
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

    fn view_formats(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let words: Vec<String> = self.targets.iter().map(|target| words(*target)).collect();
        let texts: Vec<&str> = words.iter().map(String::as_str).collect();
        let rows = widgets::choices(cx, area, buf, (1, TOP), Some(self.target), &texts);
        let all = self.which.len();
        let chosen = self.chosen(cx).len();
        let which = if all == chosen { format!("all {all}") } else { format!("{chosen} of {all}") };
        let y = TOP + rows + 1;
        put(buf, area, 3, y, &format!("Which   {which}   Tab to choose"), Style::new());
        for (index, loss) in self.losses(cx).iter().enumerate() {
            widgets::note(
                cx,
                area,
                buf,
                (3, y + 2 + u16::try_from(index).unwrap_or(0)),
                &Note::warning(loss),
            );
        }
    }

    /// Says what the format cannot hold of what is chosen.
    fn losses(&self, cx: &Cx<'_>) -> Vec<String> {
        let Some(format) = self.limits() else { return Vec::new() };
        let chosen = self.chosen(cx);
        let mut said: Vec<(String, usize)> = Vec::new();
        let mut note = |text: String| match said.iter_mut().find(|(known, _)| *known == text) {
            Some((_, count)) => *count += 1,
            None => said.push((text, 1)),
        };
        for account in chosen {
            match format.fits(account) {
                Fit::Not(why) => note(format!("left out: it cannot hold {why}")),
                Fit::Without(lost) => lost.iter().for_each(|what| note(format!("without the {what}"))),
                Fit::Whole => {}
            }
        }
        said.into_iter().map(|(text, count)| format!("{} {text}", accounts(count))).collect()
    }

    fn view_which(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let rows = usize::from(area.height.saturating_sub(TOP)).max(1);
        let first = self.selected.saturating_sub(rows / 2).min(self.which.len().saturating_sub(rows));
        for (y, (index, (id, goes))) in self.which.iter().enumerate().skip(first).take(rows).enumerate() {
            let y = TOP + u16::try_from(y).unwrap_or(0);
            let Some(account) = cx.vault.account(*id) else { continue };
            let here = index == self.selected;
            let style = if here { cx.theme.selected() } else { Style::new() };
            if here {
                put(buf, area, 1, y, cx.theme.glyph(Glyph::Cursor), style);
            }
            put(buf, area, 3, y, if *goes { "[x]" } else { "[ ]" }, style);
            let title = visible(&super::change::title(account, cx));
            put_visible(buf, area, (7, y), area.width.saturating_sub(8), &title, style);
        }
    }

    fn view_file(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let labels = ["To", "Password", "Once more"];
        let fields = if self.is_encrypted() { 3 } else { 1 };
        let width = area.width.saturating_sub(VALUE + 1);
        for (index, label) in labels.iter().enumerate().take(fields) {
            let y = TOP + u16::try_from(index).unwrap_or(0);
            if index == self.focus {
                put(buf, area, 1, y, cx.theme.glyph(Glyph::Cursor), Style::new());
            }
            put(buf, area, 3, y, label, Style::new());
            self.fields[index].view(cx.theme, area, buf, (VALUE, y), width, Style::new());
        }
        let mut y = TOP + u16::try_from(fields).unwrap_or(3) + 1;
        if self.is_encrypted() && !self.fields[1].is_empty() {
            let judged = strength(self.fields[1].text());
            let text = format!("{}: {}.", sentence(judged.word).trim_end_matches('.'), judged.guess_time);
            y += widgets::wrap(buf, area, (3, y), &text, Style::new());
        }
        if let Some(note) = &self.note {
            y += widgets::note(cx, area, buf, (3, y), note);
        }
        let text = "The file is for you alone (mode 0600), and is read back and compared before it counts.";
        widgets::wrap(buf, area, (3, y + 1), text, Style::new());
    }

    fn view_plain(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let mut y = TOP;
        for line in [
            "Anyone who can read this file can make your codes, for ever.",
            "Any program that runs as you can read it; backups and synced folders copy it; deleting it later may not \
             take it off a disk.",
        ] {
            y += widgets::wrap(buf, area, (3, y), line, cx.theme.warning());
        }
        let place = self.count_place(cx, area);
        if y <= place.1 {
            put(buf, area, 3, place.1, &self.count_label(cx), Style::new());
        }
        self.count.view(cx.theme, area, buf, place, area.width.saturating_sub(place.0 + 1), Style::new());
        if let Some(note) = &self.note {
            widgets::note(cx, area, buf, (3, place.1 + 1), note);
        }
    }

    fn count_label(&self, cx: &Cx<'_>) -> String {
        format!("To write it, type {}:", accounts(self.fitting(cx).len()))
    }

    /// Returns where the number is typed: near the bottom, whatever the words above take.
    fn count_place(&self, cx: &Cx<'_>, area: Rect) -> (u16, u16) {
        let label = u16::try_from(self.count_label(cx).len()).unwrap_or(0);
        (3 + label + 1, area.height.saturating_sub(4).min(9))
    }

    /// Returns where the field in use stands.
    fn place(&self, cx: &Cx<'_>, area: Rect) -> Option<(&Field, (u16, u16))> {
        match self.step {
            Step::File => {
                Some((self.fields.get(self.focus)?, (VALUE, TOP + u16::try_from(self.focus).unwrap_or(0))))
            }
            Step::Plain => Some((&self.count, self.count_place(cx, area))),
            Step::Format | Step::Which | Step::Writing => None,
        }
    }
}

fn words(target: Target) -> String {
    match target {
        Target::Batches => "Google Authenticator QR codes, 10 accounts in each".to_owned(),
        Target::Codes => "QR codes on the screen, one by one".to_owned(),
        Target::File(format) if format.protection() == Protection::Plain => {
            format!("{}   NOT encrypted", format.title())
        }
        Target::File(format) => format.title().to_owned(),
    }
}

fn page(account: &Account) -> Page {
    let title = if account.detail().is_empty() {
        account.name().to_owned()
    } else {
        format!("{}, {}", account.name(), account.detail())
    };
    Page {
        title,
        file: file_name(account.name(), account.detail()),
        link: Link::write_short(&account.issuer, &account.account, &account.otp),
    }
}

/// Returns a page for each part of an export, which names the accounts by their numbers.
fn pages(batches: &[Batch]) -> Vec<Page> {
    let all: usize = batches.iter().map(|batch| batch.accounts).sum();
    let mut before = 0;
    (1..)
        .zip(batches)
        .map(|(number, batch)| {
            let title = match batch.accounts {
                1 => format!("account {} of {all}", before + 1),
                count => format!("accounts {} to {} of {all}", before + 1, before + count),
            };
            before += batch.accounts;
            Page {
                title: format!("Google Authenticator: {title}"),
                file: file_name("google-authenticator", &number.to_string()),
                link: batch.link.clone(),
            }
        })
        .collect()
}

fn accounts(count: usize) -> String {
    if count == 1 { "1 account".to_owned() } else { format!("{count} accounts") }
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
                if let Some(field) = self.field() {
                    field.insert(text);
                }
                Reply::done()
            }
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let (title, more) = match self.step {
            Step::Format => ("Export", "For which app?"),
            Step::Which => ("Export", "Which accounts?"),
            Step::File => ("Export", self.format().map_or("", |format| format.title())),
            Step::Plain => ("Export, NOT encrypted", ""),
            Step::Writing => ("Export", "Writing, and reading it back ..."),
        };
        widgets::header(cx, area, buf, &visible(title), more);
        match self.step {
            Step::Format => self.view_formats(cx, area, buf),
            Step::Which => self.view_which(cx, area, buf),
            Step::File => self.view_file(cx, area, buf),
            Step::Plain => self.view_plain(cx, area, buf),
            Step::Writing => {}
        }
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
