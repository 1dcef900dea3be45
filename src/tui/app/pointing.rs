//! What the terminal reports beside keys: the focus of its window, and the mouse. And what it is asked to report.

use std::time::Duration;

use super::App;
use crate::tui::effect::{Effect, Modes, Title};
use crate::tui::event::{Event, Mouse, Report};
use crate::tui::key::Key;
use crate::tui::screen::{Note, Reply, Spot};

/// For how long the mouse is left to the terminal.
const FREE_MOUSE: Duration = Duration::from_secs(10);

impl App {
    /// Returns what the terminal shall do beside drawing.
    pub fn modes(&self) -> Modes {
        let title = if self.shows_codes() { Title::Open } else { Title::Locked };
        let ours = self.stack.last().is_some_and(|screen| screen.takes_mouse());
        Modes {
            focus: self.config.screen.hide_on_focus_lost || self.config.lock.on_focus_lost,
            mouse: self.config.screen.mouse && self.mouse_free_until.is_none() && ours,
            title: self.config.screen.title.then_some(title),
        }
    }

    pub(super) fn hear(&mut self, report: Report, effects: &mut Vec<Effect>) {
        match report {
            Report::Focus(false) if self.shows_codes() && self.config.lock.on_focus_lost => {
                self.lock(effects);
            }
            Report::Focus(here) => self.away = !here && self.config.screen.hide_on_focus_lost,
            Report::Line(slow) => self.theme = self.theme.over(slow, &self.config.screen),
            Report::Mouse(mouse) => self.point(mouse, effects),
            // These are for who draws.
            Report::Attributes | Report::Synchronises(_) => {}
        }
    }

    /// Takes what the mouse did: a click means what is seen at its place, the wheel is the keys of the screen.
    fn point(&mut self, mouse: Mouse, effects: &mut Vec<Effect>) {
        // What was under way when it was given back is not ours.
        if !self.modes().mouse {
            return;
        }
        let unseen = self.announces_lock() || std::mem::take(&mut self.away);
        self.touch();
        match mouse {
            _ if unseen => {}
            Mouse::WheelDown => drop(self.offer(&Event::Key(Key::Down), effects)),
            Mouse::WheelUp => drop(self.offer(&Event::Key(Key::Up), effects)),
            Mouse::Click(column, row) => match self.spots.at(column, row) {
                Some(Spot::Key(key)) => {
                    // Once: what comes of it may put something else in its place.
                    self.spots.clear();
                    self.press(key, effects);
                }
                Some(spot) => self.click(spot, effects),
                None => {}
            },
        }
    }

    fn click(&mut self, spot: Spot, effects: &mut Vec<Effect>) {
        let Some(mut screen) = self.stack.pop() else { return };
        let reply = screen.click(spot, &self.cx());
        let mut at = self.stack.len();
        self.stack.push(screen);
        if let Reply::Taken(actions) = reply {
            for action in actions {
                self.act(action, &mut at, effects);
            }
        }
    }

    /// Leaves the mouse to the terminal for a while, or takes it back.
    pub(super) fn free_mouse(&mut self) {
        let ours = self.stack.last().is_some_and(|screen| screen.takes_mouse());
        if !self.config.screen.mouse {
            self.say(Note::plain("The mouse is the terminal's, as is set. S, Mouse changes that"));
        } else if !ours {
            self.say(Note::plain("The mouse is the terminal's here"));
        } else if self.mouse_free_until.take().is_some() {
            self.say(Note::plain("The mouse is twolock's again"));
        } else {
            self.note = None;
            self.mouse_free_until = Some(self.now.boot + FREE_MOUSE);
        }
    }
}
