//! What the keys mean on the screen in sight, with the user's own, and where that can be read: the footer, the help and
//! the palette.

use super::App;
use crate::tui::key::Key;
use crate::tui::screen::{Hint, KeyHelp, Screen};
use crate::tui::screens;
use crate::tui::screens::help::{MOUSE_ACTION, everywhere};

impl App {
    /// Returns the key that the screen in sight knows for the one that was pressed.
    pub(super) fn meant(&self, key: Key) -> Option<Key> {
        let Some(screen) = self.stack.last() else { return Some(key) };
        self.keymap.meant(key, &self.lines(screen.as_ref()), screen.types())
    }

    /// Returns the keys whose meaning the user may have changed on a screen.
    pub(super) fn lines(&self, screen: &dyn Screen) -> Vec<KeyHelp> {
        let mut lines = self.keymap.scoped(screen.name(), screen.keys());
        lines.extend(everywhere(self.open && !screen.types()));
        lines
    }

    /// Returns what the screen's own keys do, with the user's keys.
    pub(super) fn helped(&self, screen: &dyn Screen, types: bool) -> Vec<KeyHelp> {
        self.keymap.help(self.keymap.scoped(screen.name(), screen.keys()), types)
    }

    /// Returns the footer, with the user's keys.
    pub(super) fn hints(&self, screen: &dyn Screen) -> Vec<Hint> {
        let (lines, types) = (self.lines(screen), screen.types());
        let hints = screen.hints(&self.cx()).into_iter();
        hints
            .filter_map(|hint| Some(Hint { key: self.keymap.shown(hint.key, &lines, types)?, ..hint }))
            .collect()
    }

    /// Returns what the keys do that work everywhere, with the user's keys.
    fn general(&self, screen: &dyn Screen) -> Vec<KeyHelp> {
        let mouse = self.config.screen.mouse && screen.takes_mouse();
        let mut lines = everywhere(self.open);
        lines.retain(|line| mouse || line.name != MOUSE_ACTION);
        self.keymap.help(lines, false)
    }

    pub(super) fn help(&mut self) {
        if let Some(screen) = self.stack.last() {
            let types = screen.types();
            let mouse = self.config.screen.mouse && screen.takes_mouse();
            let help = screens::help::Help::new(
                screen.name(),
                self.helped(screen.as_ref(), types),
                self.general(screen.as_ref()),
            );
            self.push(Box::new(help.with_mouse(mouse)));
        }
    }

    pub(super) fn commands(&mut self) {
        if let Some(screen) = self.stack.last() {
            let own = self.helped(screen.as_ref(), screen.types());
            let palette = screens::palette::Palette::new(own, self.general(screen.as_ref()));
            self.push(Box::new(palette));
        }
    }
}
