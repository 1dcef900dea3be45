//! The settings: one line each, out of the same table that the file and `twolock config` have. A change holds at once
//! and is saved by itself. Below them are the ways to what else can be done to the vault.
//!
//! Over 400 lines: the list, the search in it and the value that is typed share one place and one cursor.

mod keys;
mod links;
mod values;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use self::keys::{CHOOSE, FIND, TYPE};
use self::links::Link;
use self::values::{HEADINGS, heading, is_typed, spoken, stepped, written};
use crate::config::{Config, Kind, SETTINGS, Setting, bare};
use crate::display::visible;
use crate::tui::binding::{self, Binding};
use crate::tui::event::Event;
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen, Spot};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, Field, put, put_visible};

/// The longest value that can be typed, in bytes.
const LONGEST: usize = 1024;
/// The rows above the list: where one is, and a rule.
const HEAD: u16 = 2;
/// The rows below it: a blank one, and what the chosen setting is for.
const FOOT: u16 = 2;
/// Said where the words find nothing.
const NONE: &str = "No setting is called that";

/// What keys go to.
enum Mode {
    /// The list.
    Choose,
    /// The words to find a setting by.
    Find,
    /// The value of the chosen one, and what is wrong with it.
    Type(Field, Option<String>),
}

/// A line of the list.
#[derive(Clone, Copy)]
enum Line {
    Blank,
    Heading(&'static str),
    /// A setting or another screen, by its place among those that are shown.
    Item(usize),
}

/// What one can go to.
#[derive(Clone, Copy)]
enum Item {
    Link(&'static Link),
    Setting(&'static Setting),
}

impl Item {
    /// Returns the part of the list that it stands in.
    fn group(self) -> &'static str {
        match self {
            Self::Link(_) => links::GROUP,
            Self::Setting(setting) => setting.group(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { mode: Mode::Choose, find: Field::new(64), chosen: 0 }
    }
}

/// Shows and changes the settings.
pub struct Settings {
    mode: Mode,
    find: Field,
    chosen: usize,
}

impl Settings {
    /// Returns what the words find, in the order of the screen.
    fn shown(&self) -> Vec<Item> {
        let words = self.find.text().to_lowercase();
        let matches = |item: &Item| {
            let text = match item {
                Item::Link(link) => format!("{} {} {}", link.label, link.help, heading(links::GROUP)),
                Item::Setting(Setting { key, label, help, .. }) => {
                    format!("{key} {label} {help} {}", heading(item.group()))
                }
            };
            let text = text.to_lowercase();
            let begins =
                |word: &str| text.split(|c: char| !c.is_alphanumeric()).any(|own| own.starts_with(word));
            words.split(|c: char| !c.is_alphanumeric()).all(begins)
        };
        let settings = HEADINGS
            .iter()
            .flat_map(|(group, _)| SETTINGS.iter().filter(move |setting| setting.group() == *group))
            .map(Item::Setting);
        settings.chain(links::ALL.iter().map(Item::Link)).filter(matches).collect()
    }

    fn item(&self) -> Option<Item> {
        self.shown().get(self.chosen).copied()
    }

    /// Says whether Enter opens what is chosen: a value to type, or another screen.
    fn opens(&self) -> bool {
        self.item().is_some_and(|item| match item {
            Item::Link(_) => true,
            Item::Setting(setting) => is_typed(setting),
        })
    }

    /// Returns the chosen setting; what to say if there is none.
    fn setting(&self) -> Result<&'static Setting, &'static str> {
        match self.item() {
            Some(Item::Setting(setting)) => Ok(setting),
            Some(Item::Link(_)) => Err("This is no setting. Enter opens it"),
            None => Err(NONE),
        }
    }

    fn go(&mut self, by: isize) -> Reply {
        let count = self.shown().len();
        let to = self.chosen.saturating_add_signed(by).min(count.saturating_sub(1));
        if count == 0 {
            return Reply::say(NONE);
        }
        self.chosen = to;
        Reply::done()
    }

    /// Goes to the first setting of another part.
    fn part(&mut self, by: isize) -> Reply {
        let shown = self.shown();
        let mut starts: Vec<usize> =
            (0..shown.len()).filter(|&at| at == 0 || shown[at].group() != shown[at - 1].group()).collect();
        if by < 0 {
            starts.reverse();
        }
        let here = self.chosen;
        let to = starts.into_iter().find(|&start| if by > 0 { start > here } else { start < here });
        match to {
            Some(to) => {
                self.chosen = to;
                Reply::done()
            }
            None if by > 0 => self.go(isize::MAX),
            None => self.go(isize::MIN),
        }
    }

    fn step(&mut self, by: isize, cx: &Cx<'_>) -> Reply {
        let setting = match self.setting() {
            Ok(setting) => setting,
            Err(why) => return Reply::say(why),
        };
        match stepped(setting, cx.config, by) {
            Some(value) => change(setting, value),
            None => Reply::say("Enter types a value for this one"),
        }
    }

    fn open(&mut self, cx: &Cx<'_>) -> Reply {
        let setting = match self.item() {
            Some(Item::Setting(setting)) => setting,
            Some(Item::Link(link)) => return (link.open)(cx),
            None => return Reply::say(NONE),
        };
        if !is_typed(setting) {
            return self.step(1, cx);
        }
        let value = written(setting, cx.config);
        let value = match setting.kind {
            // As a person writes it.
            Kind::Text(none) if value == none => String::new(),
            Kind::Text(_) => ron::from_str(&value).unwrap_or(value),
            _ => value,
        };
        self.mode = Mode::Type(Field::with(LONGEST, &value), None);
        Reply::done()
    }

    fn take(&mut self, cx: &Cx<'_>) -> Reply {
        let (Ok(setting), Mode::Type(field, wrong)) = (self.setting(), &mut self.mode) else {
            return Reply::done();
        };
        let value = match (setting.kind, field.text().trim()) {
            (Kind::Text(none), "") => none.to_owned(),
            (_, typed) => bare(setting.key, typed),
        };
        match cx.config.clone().set(setting.key, &value) {
            Ok(()) => {
                self.mode = Mode::Choose;
                change(setting, value)
            }
            Err(reason) => {
                *wrong = Some(widgets::sentence(&reason.to_string()));
                Reply::done()
            }
        }
    }

    fn reset(&mut self, cx: &Cx<'_>) -> Reply {
        let setting = match self.setting() {
            Ok(setting) => setting,
            Err(why) => return Reply::say(why),
        };
        let default = written(setting, &Config::default());
        if written(setting, cx.config) == default {
            return Reply::say(format!("{}: this is the default", setting.label));
        }
        change(setting, default)
    }

    fn press(&mut self, key: Key, cx: &Cx<'_>) -> Reply {
        match &mut self.mode {
            Mode::Choose => binding::dispatch(CHOOSE, self, key, cx),
            Mode::Find => match binding::dispatch(FIND, self, key, cx) {
                Reply::Ignored if self.find.handle(key) => {
                    self.chosen = 0;
                    Reply::done()
                }
                reply => reply,
            },
            Mode::Type(..) => match binding::dispatch(TYPE, self, key, cx) {
                Reply::Ignored => match &mut self.mode {
                    Mode::Type(field, wrong) => {
                        if !field.handle(key) {
                            return Reply::Ignored;
                        }
                        *wrong = None;
                        Reply::done()
                    }
                    Mode::Choose | Mode::Find => Reply::Ignored,
                },
                reply @ Reply::Taken(_) => reply,
            },
        }
    }

    /// Returns the lines of the list.
    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut group = "";
        for (place, item) in self.shown().into_iter().enumerate() {
            if item.group() != group {
                if !lines.is_empty() {
                    lines.push(Line::Blank);
                }
                group = item.group();
                lines.push(Line::Heading(heading(group)));
            }
            lines.push(Line::Item(place));
        }
        lines
    }

    /// Returns the first line in sight and the row of the chosen one, for so many rows.
    fn place(&self, rows: usize) -> (usize, usize) {
        let lines = self.lines();
        let at = |line: &Line| matches!(line, Line::Item(place) if *place == self.chosen);
        let here = lines.iter().position(at).unwrap_or(0);
        // The heading of the first setting comes into sight with it.
        let first = if self.chosen == 0 { 0 } else { here };
        let last = lines.len().saturating_sub(rows);
        let top = first.saturating_sub(rows / 2).min(last);
        (top, here - top.min(here))
    }

    fn list(area: Rect) -> Rect {
        let foot = if area.height > HEAD + FOOT + 2 { FOOT } else { 0 };
        let below = widgets::below(area, HEAD);
        Rect { height: below.height.saturating_sub(foot), ..below }
    }

    fn view_line(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, y: u16, place: usize) {
        let Some(item) = self.shown().get(place).copied() else { return };
        let here = place == self.chosen;
        cx.spots.add_in(area, (0, y), area.width, Spot::Choice(place));
        let value_at = value_at(area);
        if here {
            put(buf, area, 1, y, cx.theme.glyph(Glyph::Cursor), Style::new());
        }
        let style = if here { cx.theme.selected() } else { Style::new() };
        let room = value_at.saturating_sub(6);
        let setting = match item {
            Item::Link(link) => {
                put_visible(buf, area, (5, y), area.width.saturating_sub(6), &visible(link.label), style);
                return;
            }
            Item::Setting(setting) => setting,
        };
        put_visible(buf, area, (5, y), room, &visible(setting.label), style);
        let room = area.width.saturating_sub(value_at + 1);
        match &self.mode {
            Mode::Type(field, _) if here => {
                field.view(cx.theme, area, buf, (value_at, y), room, Style::new());
            }
            _ => {
                let value = written(setting, cx.config);
                let changed = value != written(setting, &Config::default());
                // A value of the user's own is told by a mark, not by its weight alone.
                let mark = if changed { " *" } else { "" };
                let style = if changed { cx.theme.strong() } else { Style::new() };
                put_visible(
                    buf,
                    area,
                    (value_at, y),
                    room,
                    &visible(&(spoken(setting, &value) + mark)),
                    style,
                );
            }
        }
    }
}

fn value_at(area: Rect) -> u16 {
    (area.width / 2).clamp(8, 32)
}

/// Changes a setting, and says what it is now.
fn change(setting: &'static Setting, value: String) -> Reply {
    let note = Note::plain(format!("{}: {}", setting.label, spoken(setting, &value)));
    Reply::Taken(vec![Action::Say(note), Action::Set(setting.key, value)])
}

/// Returns what the keys do, a list for each situation; letters are text in those that say so.
pub(super) fn tables() -> Vec<(bool, Vec<KeyHelp>)> {
    vec![(false, binding::help(CHOOSE)), (true, binding::help(FIND)), (true, binding::help(TYPE))]
}

impl Screen for Settings {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        match event {
            Event::Key(key) => self.press(*key, cx),
            Event::Paste(text) => {
                match &mut self.mode {
                    Mode::Choose => return Reply::say("There is nothing to paste into here"),
                    Mode::Find => {
                        self.find.insert(text);
                        self.chosen = 0;
                    }
                    Mode::Type(field, wrong) => {
                        field.insert(text);
                        *wrong = None;
                    }
                }
                Reply::done()
            }
            Event::Done(_) => Reply::Ignored,
            Event::Tick => Reply::done(),
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        put(buf, area, 1, 0, "Settings", cx.theme.strong());
        let saved = visible(&format!("saved to {}", cx.facts.config_file));
        let room = area.width.saturating_sub(14);
        let taken = u16::try_from(saved.width()).unwrap_or(u16::MAX).min(room);
        put_visible(buf, area, (area.width.saturating_sub(taken + 1), 0), room, &saved, Style::new());
        if matches!(self.mode, Mode::Find) || !self.find.is_empty() {
            put(buf, area, 1, 1, "/ ", cx.theme.strong());
            self.find.view(cx.theme, area, buf, (3, 1), area.width.saturating_sub(4), Style::new());
        } else {
            widgets::rule(cx, area, buf, 1);
        }
        let list = Self::list(area);
        let rows = usize::from(list.height);
        let lines = self.lines();
        let (top, _) = self.place(rows);
        for (y, line) in (0..list.height).zip(lines.iter().skip(top)) {
            match line {
                Line::Blank => {}
                Line::Heading(text) => {
                    put(buf, list, 3, y, text, cx.theme.strong());
                }
                Line::Item(place) => self.view_line(cx, list, buf, y, *place),
            }
        }
        widgets::more(cx, list, buf, top > 0, top + rows < lines.len());
        let foot = widgets::below(area, HEAD + list.height + 1);
        let help = match (&self.mode, self.item()) {
            (_, None) => {
                widgets::wrap(buf, list, (3, 1), &format!("{NONE}."), Style::new());
                return;
            }
            (Mode::Type(_, Some(wrong)), _) => {
                widgets::note(cx, foot, buf, (1, 0), &Note::error(wrong));
                return;
            }
            (_, Some(Item::Link(link))) => link.help,
            (_, Some(Item::Setting(setting))) => setting.help,
        };
        put_visible(buf, foot, (3, 0), foot.width.saturating_sub(4), &visible(help), Style::new());
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        binding::hints(self.table(), self, cx)
    }

    fn keys(&self) -> Vec<KeyHelp> {
        binding::help(self.table())
    }

    fn name(&self) -> &'static str {
        "the settings"
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        let list = Self::list(area);
        let (_, row) = self.place(usize::from(list.height));
        let row = u16::try_from(row).ok()?;
        match &self.mode {
            Mode::Find => Some(self.find.cursor(cx.theme, area, (3, 1), area.width.saturating_sub(4))),
            _ if row >= list.height || self.item().is_none() => None,
            Mode::Type(field, _) => {
                let at = value_at(list);
                Some(field.cursor(cx.theme, list, (at, row), list.width.saturating_sub(at + 1)))
            }
            Mode::Choose => Some(Position::new(list.x + 1, list.y + row)),
        }
    }

    fn takes_mouse(&self) -> bool {
        !self.types()
    }

    /// A click chooses a setting; one on what is chosen already changes or opens it.
    fn click(&mut self, spot: Spot, cx: &Cx<'_>) -> Reply {
        match spot {
            Spot::Choice(place) if place == self.chosen => self.open(cx),
            Spot::Choice(place) if place < self.shown().len() => {
                self.chosen = place;
                Reply::done()
            }
            _ => Reply::Ignored,
        }
    }

    fn types(&self) -> bool {
        !matches!(self.mode, Mode::Choose)
    }
}

impl Settings {
    fn table(&self) -> &'static [Binding<Self>] {
        match self.mode {
            Mode::Choose => CHOOSE,
            Mode::Find => FIND,
            Mode::Type(..) => TYPE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_on_the_screen() {
        assert_eq!(Settings::default().shown().len(), SETTINGS.len() + links::ALL.len());
        for table in [CHOOSE, FIND, TYPE] {
            assert!(binding::clashes(table).is_empty());
        }
    }
}
