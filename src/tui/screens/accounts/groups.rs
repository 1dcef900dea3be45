//! The groups that the list can be cut down to: which there are, the row of them above the list, and the panel beside it
//! where the window is wide.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::display::{Visible, visible};
use crate::tui::key::Key;
use crate::tui::screen::{Cx, Spot};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{put, put_visible};
use crate::vault::{Account, Checked};

/// How many columns of a group's name stand in the row.
const NAME: usize = 18;

/// A part of the accounts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Group {
    /// All of them.
    All,
    /// Those of a group.
    Named(String),
    /// Those that nobody has seen working yet.
    Unchecked,
}

impl Group {
    /// Is an account in it?
    pub(super) fn holds(&self, account: &Account) -> bool {
        match self {
            Self::All => true,
            Self::Named(name) => account.group == *name,
            Self::Unchecked => account.checked == Checked::Never,
        }
    }

    /// Returns what it is called on the screen.
    pub(super) fn title(&self) -> Visible {
        match self {
            Self::All => visible("All"),
            Self::Named(name) => visible(name),
            Self::Unchecked => visible("Not checked"),
        }
    }
}

/// The groups, and how many accounts are in each. Counted once for a vault, not for each frame.
pub(super) struct Groups {
    all: Vec<(Group, usize)>,
    /// How many deleted accounts can be brought back.
    deleted: usize,
}

impl Groups {
    /// Counts the groups of a vault.
    pub(super) fn count(cx: &Cx<'_>) -> Self {
        let accounts = cx.vault.accounts();
        let mut named: Vec<(&str, usize)> = cx.vault.groups().into_iter().map(|name| (name, 0)).collect();
        let mut unchecked = 0;
        for account in accounts {
            if let Ok(at) = named.binary_search_by_key(&account.group.as_str(), |(name, _)| name) {
                named[at].1 += 1;
            }
            unchecked += usize::from(account.checked == Checked::Never);
        }
        let mut all = vec![(Group::All, accounts.len())];
        all.extend(named.into_iter().map(|(name, count)| (Group::Named(name.to_owned()), count)));
        all.push((Group::Unchecked, unchecked));
        let deleted = cx.vault.deleted().iter().filter(|deleted| deleted.account.is_some()).count();
        Self { all, deleted }
    }

    /// Is there a group that the user made?
    pub(super) fn any(&self) -> bool {
        self.all.len() > 2
    }

    /// Is a group still there?
    pub(super) fn has(&self, group: &Group) -> bool {
        self.all.iter().any(|(other, count)| other == group && (*count > 0 || *group == Group::All))
    }

    /// Returns those to go through. What is not checked is one of them where it is in sight.
    fn listed(&self, panel: bool) -> impl Iterator<Item = &(Group, usize)> {
        self.all.iter().filter(move |(group, count)| *group != Group::Unchecked || (panel && *count > 0))
    }

    /// Returns the group of a number: that of a place where one can be clicked on.
    pub(super) fn at(&self, number: usize) -> Option<&Group> {
        self.all.get(number).map(|(group, _)| group)
    }

    /// Lets a group be clicked on.
    fn clickable(&self, cx: &Cx<'_>, area: Rect, place: (u16, u16), columns: u16, group: &Group) {
        if let Some(number) = self.all.iter().position(|(other, _)| other == group) {
            cx.spots.add_in(area, place, columns, Spot::Choice(number));
        }
    }

    /// Returns the group so many steps on, or back; `panel` says whether the panel is in sight.
    pub(super) fn step(&self, from: &Group, by: isize, panel: bool) -> Group {
        let listed: Vec<&Group> = self.listed(panel).map(|(group, _)| group).collect();
        let at = listed.iter().position(|group| *group == from).unwrap_or(0);
        listed[(at + listed.len()).saturating_add_signed(by) % listed.len()].clone()
    }

    /// Draws the row of groups into `room` columns, as many as fit around the one that is shown.
    pub(super) fn row(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, room: u16, shown: &Group) {
        let here = self.listed(false).position(|(group, _)| group == shown).unwrap_or(0);
        let listed: Vec<&Group> = self.listed(false).map(|(group, _)| group).collect();
        let titles: Vec<Visible> = listed.iter().map(|group| group.title().cut(NAME)).collect();
        // Two columns for each of the marks that there is more.
        let end = usize::from(room.saturating_sub(2));
        let width = |title: &Visible| title.width() + 2;
        let mut first = 0;
        while first < here && 2 + titles[first..=here].iter().map(width).sum::<usize>() > end {
            first += 1;
        }
        let mut x = 0;
        if first > 0 {
            put(buf, area, 0, 0, cx.theme.glyph(Glyph::Back), Style::new());
            x = 1;
        }
        for (at, title) in titles.iter().enumerate().skip(first) {
            if usize::from(x) + width(title) > end {
                put(buf, area, x + 1, 0, cx.theme.glyph(Glyph::Arrow), Style::new());
                return;
            }
            let style = if at == here { cx.theme.selected() } else { Style::new() };
            let text = visible(&format!(" {} ", title.as_str()));
            let columns = put_visible(buf, area, (x, 0), room, &text, style);
            self.clickable(cx, area, (x, 0), columns, listed[at]);
            x += columns;
        }
    }

    /// Draws the panel: every group with its count, then what needs a look.
    pub(super) fn panel(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer, shown: &Group) {
        let listed: Vec<&(Group, usize)> = self.listed(true).collect();
        let here = listed.iter().position(|(group, _)| group == shown).unwrap_or(0);
        let room = usize::from(area.height.saturating_sub(4)).max(1);
        let first = (here + 1).saturating_sub(room);
        let mut y = 0;
        for (at, (group, count)) in listed.iter().enumerate().skip(first).take(room) {
            if *group == Group::Unchecked {
                y += 1;
            }
            if at == here {
                put(buf, area, 1, y, cx.theme.glyph(Glyph::Cursor), Style::new());
            }
            let style = if at == here { cx.theme.selected() } else { Style::new() };
            let digits = line(area, buf, y, *count);
            put_visible(buf, area, (3, y), area.width.saturating_sub(digits + 5), &group.title(), style);
            self.clickable(cx, area, (0, y), area.width, group);
            y += 1;
        }
        if self.deleted > 0 {
            line(area, buf, y + 1, self.deleted);
            put(buf, area, 3, y + 1, "Deleted (D)", Style::new());
            cx.spots.add_in(area, (0, y + 1), area.width, Spot::Key(Key::Char('D')));
        }
    }
}

/// Writes a count at the right edge of the panel; returns its columns.
fn line(area: Rect, buf: &mut Buffer, y: u16, count: usize) -> u16 {
    let text = count.to_string();
    let columns = u16::try_from(text.width()).unwrap_or(area.width);
    put(buf, area, area.width.saturating_sub(columns + 1), y, &text, Style::new());
    columns
}
