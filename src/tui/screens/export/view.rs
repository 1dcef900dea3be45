//! How the export is drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::change;
use super::file::{PASSWORD, bad_key, keys_in_words};
use super::{Export, KEYS_TITLE, Lock, Step, TOP, Target, VALUE, accounts};
use crate::display::visible;
use crate::exchange::{Fit, Protection};
use crate::tui::screen::{Cx, Note};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put, put_visible, sentence};
use crate::vault::strength;

impl Export {
    /// Draws the step at hand.
    pub(super) fn draw(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let (title, more) = match self.step {
            Step::Format => ("Export", "For which app?"),
            Step::Which => ("Export", "Which accounts?"),
            Step::File => ("Export", self.title()),
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

    fn view_formats(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let words: Vec<String> = self.targets.iter().map(|target| words(*target)).collect();
        let texts: Vec<&str> = words.iter().map(String::as_str).collect();
        // As many as there is room for, with the marked one among them.
        let room = usize::from(area.height.saturating_sub(TOP)).clamp(1, texts.len());
        let first = self.target.saturating_sub(room / 2).min(texts.len() - room);
        let marked = Some(self.target - first);
        let rows = widgets::choices(cx, area, buf, (1, TOP), marked, &texts[first..first + room]);
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
    pub(super) fn losses(&self, cx: &Cx<'_>) -> Vec<String> {
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
            let title = visible(&change::title(account, cx));
            put_visible(buf, area, (7, y), area.width.saturating_sub(8), &title, style);
        }
    }

    fn view_file(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let labels = ["To", "Password", "Once more", "Keys"];
        let width = area.width.saturating_sub(VALUE + 1);
        let mut y = TOP;
        for (index, field) in self.shown().iter().enumerate() {
            if index == self.focus {
                put(buf, area, 1, y, cx.theme.glyph(Glyph::Cursor), Style::new());
            }
            put(buf, area, 3, y, labels[*field], Style::new());
            self.fields[*field].view(cx.theme, area, buf, (VALUE, y), width, Style::new());
            y += 1;
        }
        y += 1;
        let about = match self.lock() {
            Lock::Keys if self.note.is_some() => None,
            Lock::Keys => self.about_keys(),
            Lock::Password if !self.fields[PASSWORD].is_empty() => {
                let judged = strength(self.fields[PASSWORD].text());
                let text = format!("{}: {}.", sentence(judged.word).trim_end_matches('.'), judged.guess_time);
                Some(Note::plain(text))
            }
            Lock::None | Lock::Password => None,
        };
        for note in about.iter().chain(&self.note) {
            y += widgets::note(cx, area, buf, (3, y), note);
        }
        if self.lock() == Lock::Keys {
            let text = "Keys look like age1..., with blanks between them. Their owners open the file, and nobody else: \
                        put your own key among them if you want to.";
            y += widgets::wrap(buf, area, (3, y + 1), text, Style::new()) + 1;
        }
        let text = if self.lock() == Lock::Keys {
            "The file is for you alone on this computer (mode 0600)."
        } else {
            "The file is for you alone (mode 0600), and is read back and compared before it counts."
        };
        widgets::wrap(buf, area, (3, y + 1), text, Style::new());
    }

    /// Says what the keys are that were typed so far.
    fn about_keys(&self) -> Option<Note> {
        match self.recipients() {
            Ok(keys) if keys.is_empty() => None,
            Ok(keys) => Some(Note::good(format!("{}.", keys_in_words(keys.len())))),
            Err(number) => Some(Note::warning(bad_key(number))),
        }
    }

    fn view_plain(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let mut y = TOP;
        let place = self.count_place(cx, area);
        let lines = [
            "Anyone who can read this file can make your codes, for ever.",
            "Any program that runs as you can read it; backups and synced folders copy it; deleting it later may not \
             take it off a disk.",
        ];
        for line in lines {
            // What is asked for matters more than the last of the reasons.
            let rows = widgets::lines(line, usize::from(area.width.saturating_sub(4))).len();
            if usize::from(y) + rows <= usize::from(place.1) {
                y += widgets::wrap(buf, area, (3, y), line, cx.theme.warning());
            }
        }
        put(buf, area, 3, place.1, &self.count_label(cx, area), Style::new());
        self.count.view(cx.theme, area, buf, place, area.width.saturating_sub(place.0 + 1), Style::new());
        if let Some(note) = &self.note {
            widgets::note(cx, area, buf, (3, place.1 + 1), note);
        }
    }

    fn count_label(&self, cx: &Cx<'_>, area: Rect) -> String {
        let count = self.fitting(cx).len();
        let what = if area.width >= 60 { ", the number of accounts" } else { "" };
        format!("To write it anyway, type {count}{what}:")
    }

    /// Returns where the number is typed: near the bottom, whatever the words above take.
    pub(super) fn count_place(&self, cx: &Cx<'_>, area: Rect) -> (u16, u16) {
        let label = u16::try_from(self.count_label(cx, area).len()).unwrap_or(0);
        (3 + label + 1, area.height.saturating_sub(4).min(9))
    }
}

fn words(target: Target) -> String {
    match target {
        Target::Batches => "Google Authenticator QR codes, 10 accounts in each".to_owned(),
        Target::Keys => KEYS_TITLE.to_owned(),
        Target::Codes => "QR codes on the screen, one by one".to_owned(),
        Target::File(format) if format.protection() == Protection::Plain => {
            format!("{}   NOT encrypted", format.title())
        }
        Target::File(format) => format.title().to_owned(),
    }
}
