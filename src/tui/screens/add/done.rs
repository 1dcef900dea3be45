//! The account stands: its code, and what to do before the site is closed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::ask::Ask;
use super::super::copy;
use super::super::reveal::Reveal;
use super::draft::Draft;
use super::{Step, Turn};
use crate::display::visible;
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::screen::{Action, Cx, Hint, Note};
use crate::tui::theme::Glyph;
use crate::tui::widgets::{self, put};

/// The last step.
pub(super) struct Done;

impl Done {
    pub(super) fn new() -> Self {
        Self
    }
}

impl Step for Done {
    fn handle(&mut self, event: &Event, draft: &mut Draft, cx: &Cx<'_>) -> Turn {
        match event {
            Event::Done(Outcome::PictureDeleted(result)) => {
                let note = match result {
                    Ok(path) => Note::good(format!("Deleted {}", visible(&path.to_string_lossy()))),
                    Err(failure) => Note::error(failure.message.clone()),
                };
                draft.picture = None;
                Turn::Stay(vec![Action::Say(note)])
            }
            Event::Key(Key::Enter | Key::Esc | Key::Char('q')) => Turn::Leave(Vec::new()),
            Event::Key(Key::Char('a')) => Turn::Again,
            Event::Key(Key::Char('c')) => match &draft.saved {
                Some(account) => Turn::Stay(copy::current(account, cx)),
                None => Turn::stay(),
            },
            Event::Key(Key::Char('v')) => {
                let reveal = Box::new(Reveal::new(draft.id));
                Turn::Stay(vec![Ask::before(cx, "to show the secret", reveal)])
            }
            Event::Key(Key::Char('x')) => match draft.picture.clone() {
                Some(path) => Turn::Stay(vec![Action::Do(Effect::DeletePicture(path))]),
                None => Turn::stay(),
            },
            Event::Paste(_) | Event::Tick => Turn::stay(),
            _ => Turn::Ignored,
        }
    }

    fn view(&self, draft: &Draft, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let roomy = area.height >= 16;
        let mut y = u16::from(roomy);
        let dot = cx.theme.glyph(Glyph::Dot);
        let name = if draft.issuer.is_empty() || draft.account.is_empty() {
            visible(draft.name())
        } else {
            visible(&format!("{} {dot} {}", draft.issuer, draft.account))
        };
        let pending = draft.saved.as_ref().is_some_and(|account| account.pending);
        let text = if pending {
            format!("{name} is saved, and not in force until two codes of the phone were seen.")
        } else {
            format!("{name} is saved.")
        };
        y += widgets::note(cx, area, buf, (3, y), &Note::good(text));
        if let Some(otp) = draft.otp()
            && let (Ok(code), Some(left), Some(period)) =
                (otp.code(cx.now.wall), otp.seconds_left(cx.now.wall), otp.period())
            && !pending
        {
            y += u16::from(roomy);
            let end = 8 + put(buf, area, 8, y, &code.grouped(), cx.theme.strong());
            let cells = if area.width >= 60 { 18 } else { 8 };
            widgets::bar(cx.theme, buf, area, (end + 3, y), cells, left, period.seconds());
            put(buf, area, end + 4 + cells, y, &format!("{left} s left"), Style::new());
            y += 1;
        }
        y += 1;
        put(buf, area, 3, y, "Before you close the site", cx.theme.strong());
        y += 1 + u16::from(roomy);
        let bullet = cx.theme.glyph(Glyph::Bullet);
        let mut lines = vec![
            "Save its recovery codes somewhere that is not this computer.".to_owned(),
            "Keep a second way to sign in, for example the same QR code on your phone: v shows it."
                .to_owned(),
        ];
        if let Some(path) = &draft.picture {
            lines.push(format!("The picture {} contains the secret. x deletes it now.", visible(path)));
        }
        for line in lines {
            put(buf, area, 5, y, bullet, Style::new());
            y += widgets::wrap(buf, area, (8, y), &line, Style::new());
        }
    }

    fn hints(&self, draft: &Draft, _cx: &Cx<'_>) -> Vec<Hint> {
        let mut hints = vec![
            Hint { key: Key::Enter, word: "to the list" },
            Hint { key: Key::Char('c'), word: "copy" },
            Hint { key: Key::Char('v'), word: "show QR" },
        ];
        if draft.picture.is_some() {
            hints.push(Hint { key: Key::Char('x'), word: "delete the picture" });
        }
        hints.push(Hint { key: Key::Char('a'), word: "add another" });
        hints
    }

    fn types(&self) -> bool {
        false
    }

    fn ticks(&self) -> bool {
        true
    }
}
