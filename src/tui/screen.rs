//! What a screen is: a layer that holds only what is on the screen, and answers with actions.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::effect::Effect;
use super::event::Event;
use super::key::Key;
use super::theme::Theme;
use crate::config::Config;
use crate::otp::{Code, Now, Timestamp};
use crate::vault::{AccountId, Vault};

pub use crate::words::{Note, Tone};

/// What is known of the computer and the session. But for the clock it does not change while the program runs.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The clock is kept right by the network: yes, no, or not known (yet).
    pub clock_synchronised: Option<bool>,
    /// Where the settings are, for people.
    pub config_file: String,
    /// The name of this computer.
    pub host: String,
    /// Where the vault is, for people.
    pub place: String,
    /// The place was named at the start, by the command line or the environment.
    pub place_is_named: bool,
    /// How to reach this computer from the user's own, `user@address`, if the session came over SSH.
    pub reached_as: Option<String>,
    /// Random bytes for ids and new secrets come from here; the core has no source of its own.
    pub random: Random,
    /// The time zone in which times are shown.
    pub zone: TimeZone,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            clock_synchronised: None,
            config_file: String::new(),
            host: String::new(),
            place: String::new(),
            place_is_named: false,
            reached_as: None,
            random: Random::default(),
            zone: TimeZone::UTC,
        }
    }
}

/// A source of random bytes, told from outside so that tests can fix it.
#[derive(Clone, Copy, Debug)]
pub struct Random(pub fn() -> [u8; 32]);

impl Default for Random {
    fn default() -> Self {
        Self(|| [0; 32])
    }
}

/// What every screen may look at. Read only.
pub struct Cx<'a> {
    /// The vault; empty while locked.
    pub vault: &'a Vault,
    /// The time.
    pub now: Now,
    /// How to draw.
    pub theme: &'a Theme,
    /// The computer.
    pub facts: &'a Facts,
    /// The codes that were taken since the vault was saved: how often each, and when last.
    pub uses: &'a BTreeMap<AccountId, (u64, Timestamp)>,
    /// What the user set.
    pub config: &'a Config,
    /// The passphrase was given so lately that it need not be asked for again.
    pub trusted: bool,
    /// Codes are shown as dots.
    pub hide_codes: bool,
    /// Takes note of what can be clicked on, while it is drawn.
    pub spots: &'a Spots,
}

/// What a place on the screen stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Spot {
    /// An account, which a click chooses.
    Account(AccountId),
    /// The code of an account, which a click copies.
    Code(AccountId),
    /// One of the things that the screen lets choose from, by its number there.
    Choice(usize),
    /// A key, which a click presses.
    Key(Key),
}

/// What can be clicked on, where it was drawn last: a click means what is seen, and nothing measures the screen twice.
#[derive(Debug, Default)]
pub struct Spots(RefCell<Vec<(Rect, Option<Spot>)>>);

impl Spots {
    /// Takes note that a place stands for something; what was drawn there before is covered.
    pub fn add(&self, area: Rect, spot: Spot) {
        self.0.borrow_mut().push((area, Some(spot)));
    }

    /// Takes note that a part of a row of an area stands for something: so many columns from one of them on.
    pub fn add_in(&self, area: Rect, (x, y): (u16, u16), columns: u16, spot: Spot) {
        let part = Rect::new(area.x.saturating_add(x), area.y.saturating_add(y), columns, 1);
        self.add(part.intersection(area), spot);
    }

    /// Takes note that something was drawn over a place, which stands for nothing.
    pub fn cover(&self, area: Rect) {
        self.0.borrow_mut().push((area, None));
    }

    /// Forgets everything: it is drawn anew, or something else will be.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }

    /// Returns what a place stands for.
    pub fn at(&self, column: u16, row: u16) -> Option<Spot> {
        let spots = self.0.borrow();
        let found = spots.iter().rev().find(|(area, _)| area.contains(Position::new(column, row)));
        found.and_then(|(_, spot)| *spot)
    }
}

/// What a screen answers to an event.
pub enum Reply {
    /// Not mine: the layer below may have it.
    Ignored,
    /// Mine, and this is what follows.
    Taken(Vec<Action>),
}

impl Reply {
    /// Returns "mine, and nothing follows".
    pub fn done() -> Self {
        Self::Taken(Vec::new())
    }

    /// Returns "mine", followed by one action.
    pub fn act(action: Action) -> Self {
        Self::Taken(vec![action])
    }

    /// Returns "mine", followed by a message.
    pub fn say(text: impl Into<String>) -> Self {
        Self::act(Action::Say(Note::plain(text)))
    }
}

/// What follows from an event, carried out by the app after the screen has returned.
pub enum Action {
    /// Copy the code of an account as soon as it is another one than this.
    CopyLater(AccountId, Code),
    /// Ask the world.
    Do(Effect),
    /// Go back to the screen below.
    Pop,
    /// Press a key on the screen that is on top then.
    Press(Key),
    /// Show another screen above.
    Push(Box<dyn Screen>),
    /// Show another screen in place of this one.
    Replace(Box<dyn Screen>),
    /// Show the screen that was shelved, or this one if there is none.
    Resume(Box<dyn Screen>),
    /// Say something in the message line.
    Say(Note),
    /// Change a setting, by its name and its value as the file has them. It is saved.
    Set(&'static str, String),
    /// Go back, and keep this screen as it is until the vault locks.
    Shelve,
    /// Show or hide all codes.
    ToggleCodes,
    /// Count a code as taken.
    Took(AccountId),
}

/// A key that works now, for the footer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hint {
    /// The key as it is shown.
    pub key: Key,
    /// What it does, in a word or two.
    pub word: &'static str,
}

/// A line of the help page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyHelp {
    /// The part of the program whose action it is; empty for the list, and what is opened from it most.
    pub scope: &'static str,
    /// The name of the action; empty for one that cannot have other keys.
    pub name: &'static str,
    /// The keys that do it.
    pub keys: Vec<Key>,
    /// What they do.
    pub help: &'static str,
}

impl KeyHelp {
    /// Returns the action as the settings name it: `copy`, `import.choose`. Empty for one that cannot have other keys.
    pub fn action(&self) -> String {
        match (self.scope, self.name) {
            (_, "") => String::new(),
            ("", name) => name.to_owned(),
            (scope, name) => format!("{scope}.{name}"),
        }
    }
}

/// A layer of the UI. It must not touch the world, nor know the screens below it.
pub trait Screen {
    /// Takes an event, or leaves it to the layer below.
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply;

    /// Draws itself into the area above the message line and the footer. Drawing changes nothing.
    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer);

    /// Returns the keys for the footer, the most important first.
    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint>;

    /// Returns the keys for the help page.
    fn keys(&self) -> Vec<KeyHelp>;

    /// Returns a name for the help page's heading: "the list".
    fn name(&self) -> &'static str;

    /// Returns where the terminal's cursor belongs: in the text that is typed, or on the selected row.
    fn cursor(&self, _cx: &Cx<'_>, _area: Rect) -> Option<Position> {
        None
    }

    /// Says whether letters are text here, so that no letter is a command.
    fn types(&self) -> bool {
        false
    }

    /// Says whether the picture changes with each second.
    fn ticks(&self, _cx: &Cx<'_>) -> bool {
        false
    }

    /// Says whether the screen needs every row of the window, and goes without the message line and the footer.
    fn fills(&self) -> bool {
        false
    }

    /// Says whether it gives way to a message of several lines, which would cover a code.
    fn makes_room(&self) -> bool {
        false
    }

    /// Draws the one thing that matters in a window too small for anything else.
    fn glance(&self, _cx: &Cx<'_>, _area: Rect, _buf: &mut Buffer) {}

    /// Says whether it shows codes although the vault is locked: those that the agent lends.
    fn lends(&self) -> bool {
        false
    }

    /// Says whether the mouse is ours here. Where one types, or may want to select what is shown, it is the terminal's.
    fn takes_mouse(&self) -> bool {
        false
    }

    /// Takes a click on something that it drew.
    fn click(&mut self, _spot: Spot, _cx: &Cx<'_>) -> Reply {
        Reply::Ignored
    }

    /// Takes note that the vault is another one now.
    fn refresh(&mut self, _cx: &Cx<'_>) {}
}
