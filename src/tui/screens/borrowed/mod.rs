//! The list without a vault: names and codes that the agent lends, for as long as it does. Whatever needs the vault itself
//! leads to the passphrase, and goes on from there.
//!
//! It asks once a second whether the agent is still there, and for codes when one is over; that nobody sits before it is
//! told with each question, so that looking keeps no agent from ending. When there is no answer it leaves, and a code that
//! is over is never shown.

mod keys;
mod leaving;
mod single;
mod taking;
mod view;

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::keys::{KEYS, SEARCH_KEYS};
use self::single::Single;
use self::taking::Following;
use super::row::top;
use crate::config::Order;
use crate::otp::Timestamp;
use crate::tui::binding::{dispatch, help, hints};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Outcome};
use crate::tui::key::Key;
use crate::tui::lent::{Holding, Lent, Question};
use crate::tui::screen::{Action, Cx, Hint, KeyHelp, Note, Reply, Screen, Spot};
use crate::tui::widgets::{Field, sentence};
use crate::vault::Index;

/// The names of the screen, for the help page.
pub(super) const NAME: &str = "the agent's list";
pub(super) const SEARCH_NAME: &str = "the agent's search";

/// How soon it is asked again. Ticks are a second apart, and an answer takes its time.
const EVERY: Duration = Duration::from_millis(500);
/// How soon the accounts are asked for again though no code is over: others may change the vault.
const LIST_EVERY: Duration = Duration::from_secs(10);
/// For how long an answer may be missing.
const LIMIT: Duration = Duration::from_secs(6);
/// By how much an agent may end before its time and still have ended by itself.
const ABOUT: Duration = Duration::from_secs(2);
/// The list.
pub struct Borrowed {
    rows: Vec<Lent>,
    index: Index,
    /// The rows that are found, or all.
    shown: Vec<usize>,
    /// The one that keys go to.
    selected: usize,
    search: Field,
    searching: bool,
    /// Since when an answer is awaited. Times are those since boot.
    asked: Option<Duration>,
    /// When there was one, and when one told the accounts.
    answered: Option<Duration>,
    listed: Option<Duration>,
    /// A key was pressed of which the agent was not told yet.
    touched: bool,
    /// When the agent ends if nobody asks it for anything: since boot, and on the wall.
    ends: Option<(Duration, Timestamp)>,
    pid: Option<u32>,
    /// The row that is shown although codes are hidden.
    peek: Option<(String, Duration)>,
    single: Single,
    following: Option<Following>,
    /// The agent was told to forget.
    forgets: bool,
    page: Cell<usize>,
}

impl Default for Borrowed {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            index: Index::new(&[]),
            shown: Vec::new(),
            selected: 0,
            search: Field::new(256),
            searching: false,
            asked: None,
            answered: None,
            listed: None,
            // Who starts the program asks for the codes.
            touched: true,
            ends: None,
            pid: None,
            peek: None,
            single: Single::default(),
            following: None,
            forgets: false,
            page: Cell::new(10),
        }
    }
}

impl Borrowed {
    /// Returns the list, opened with a search as `twolock git` does. It asks with the first event.
    pub fn searching(text: Option<&str>) -> Self {
        let mut list = Self { searching: text.is_some(), ..Self::default() };
        list.search.set(text.unwrap_or_default());
        list
    }

    fn chosen(&self) -> Option<&Lent> {
        self.row(self.selected)
    }

    fn row(&self, row: usize) -> Option<&Lent> {
        self.shown.get(row).and_then(|place| self.rows.get(*place))
    }

    /// Shows what is found; the same account stays selected, or the first if something else is searched for.
    fn filter(&mut self, anew: bool) {
        let same = self.chosen().filter(|_| !anew).map(|lent| lent.id.clone());
        let text = self.search.text();
        self.shown =
            if text.trim().is_empty() { (0..self.rows.len()).collect() } else { self.index.places(text) };
        let row = same.and_then(|id| self.shown.iter().position(|place| self.rows[*place].id == id));
        let last = self.shown.len().saturating_sub(1);
        self.selected = row.unwrap_or(if anew { 0 } else { self.selected }).min(last);
    }

    fn leave_search(&mut self) -> Reply {
        self.search.clear();
        self.searching = false;
        self.filter(false);
        Reply::done()
    }

    fn go(&mut self, by: isize) -> Reply {
        if self.shown.is_empty() {
            return self.nothing();
        }
        self.selected = self.selected.saturating_add_signed(by).min(self.shown.len() - 1);
        Reply::done()
    }

    fn half_page(&self) -> isize {
        isize::try_from(self.page.get() / 2).unwrap_or(1).max(1)
    }

    /// Answers a key that is about an account when none can be meant.
    fn nothing(&self) -> Reply {
        Reply::say(if self.answered.is_none() {
            "The agent has not answered yet"
        } else if self.rows.is_empty() {
            "There is no account here yet. a adds one"
        } else {
            "No account matches"
        })
    }

    /// Returns what asks the agent, if it is time to.
    fn look(&mut self, cx: &Cx<'_>) -> Option<Action> {
        let over = |at: Option<Duration>, limit: Duration| {
            at.is_none_or(|at| cx.now.boot.saturating_sub(at) >= limit)
        };
        if self.asked.is_some() {
            let text =
                if self.forgets { self.still_holds() } else { "The agent does not answer.".to_owned() };
            return over(self.asked, LIMIT).then(|| self.leave(text));
        }
        if !over(self.answered, EVERY) {
            return None;
        }
        let ended = || self.rows.iter().any(|lent| lent.is_over(cx.now.wall));
        let codes = self.touched || over(self.listed, LIST_EVERY) || ended();
        self.asked = Some(cx.now.boot);
        let person = std::mem::take(&mut self.touched);
        let sort = sort(cx.config.list.sort);
        Some(Action::Do(Effect::AskAgent(Question::Holding { codes, person, sort })))
    }

    /// Takes what the agent holds.
    fn take(&mut self, holding: &Holding, cx: &Cx<'_>) -> Vec<Action> {
        self.asked = None;
        self.answered = Some(cx.now.boot);
        let boot = cx.now.boot + holding.left;
        // Whole seconds: what is said of the end shall not waver.
        if self.ends.is_none_or(|(before, _)| before.abs_diff(boot) >= ABOUT) {
            let left = i64::try_from(holding.left.as_secs()).unwrap_or(i64::MAX);
            self.ends = Some((boot, cx.now.wall.plus_seconds(left)));
        }
        self.pid = Some(holding.pid);
        let Some(mut rows) = holding.accounts.clone() else { return Vec::new() };
        self.listed = Some(cx.now.boot);
        if self.rows.is_empty() {
            if cx.config.list.sort == Order::Group {
                // As the list has it: those without a group come last.
                rows.sort_by_key(|lent| lent.group.is_empty());
            }
            if cx.config.list.pinned_first {
                rows.sort_by_key(|lent| !lent.pinned);
            }
        } else {
            // Nothing moves under the finger: what is new comes last.
            let places: HashMap<&str, usize> =
                self.rows.iter().enumerate().map(|(place, lent)| (lent.id.as_str(), place)).collect();
            rows.sort_by_key(|lent| places.get(lent.id.as_str()).copied().unwrap_or(usize::MAX));
        }
        let same = self.chosen().map(|lent| lent.id.clone());
        self.rows = rows;
        self.index = Index::of(self.rows.iter().map(|lent| [&*lent.name, &*lent.detail, &*lent.group, ""]));
        self.filter(false);
        if let Some(row) = same.and_then(|id| self.shown.iter().position(|place| self.rows[*place].id == id))
        {
            self.selected = row;
        }
        self.follow(cx)
    }

    fn learn(&mut self, outcome: &Outcome, cx: &Cx<'_>) -> Option<Vec<Action>> {
        Some(match outcome {
            // What was under way when the codes were dropped is not wanted any more.
            Outcome::Held(_) | Outcome::Given(_) if self.forgets => Vec::new(),
            Outcome::Held(Ok(holding)) => self.take(holding, cx),
            Outcome::Held(Err(failure)) => vec![self.failed(failure, cx)],
            Outcome::Given(Err(failure)) => {
                self.single.failed();
                vec![Action::Say(Note::error(sentence(&failure.message)))]
            }
            Outcome::Given(Ok(given)) => {
                let same = |lent: &&Lent| (&lent.name, &lent.detail) == (&given.name, &given.detail);
                let known = self.rows.iter().find(|lent| lent.id == given.id).filter(same);
                self.single.learn(given, known.is_some(), cx)
            }
            Outcome::Forgot(Ok(())) => vec![Action::Do(Effect::Lock)],
            Outcome::Forgot(Err(_)) => {
                let text = self.still_holds();
                vec![self.leave(text)]
            }
            _ => return None,
        })
    }

    fn press(&mut self, key: Key, cx: &Cx<'_>) -> Reply {
        if self.forgets {
            return if matches!(key, Key::Ctrl('c') | Key::Char('q')) {
                Reply::act(Action::Do(Effect::Quit))
            } else {
                Reply::done()
            };
        }
        self.touched = true;
        if self.searching {
            return match dispatch(SEARCH_KEYS, self, key, cx) {
                Reply::Ignored if self.search.handle(key) => {
                    self.filter(true);
                    Reply::done()
                }
                reply => reply,
            };
        }
        // A counter code stays until the next key, but for the one that copies it.
        if !matches!(key, Key::Enter | Key::Char('c' | ' ')) {
            self.single.hide();
        }
        match key {
            Key::Char(digit @ '1'..='9') => self.copy_row(digit as usize - '1' as usize, cx),
            key => dispatch(KEYS, self, key, cx),
        }
    }
}

/// Returns an order as `list --sort` names it.
fn sort(order: Order) -> Option<&'static str> {
    match order {
        Order::Added => Some("added"),
        Order::ByHand => None,
        Order::Group => Some("group"),
        Order::LastUsed => Some("last"),
        Order::MostUsed => Some("used"),
        Order::Name => Some("name"),
    }
}

fn list_keys() -> Vec<KeyHelp> {
    let mut keys = help(KEYS);
    keys.push(KeyHelp {
        scope: "",
        name: "",
        keys: ('1'..='9').map(Key::Char).collect(),
        help: "copy that row",
    });
    keys
}

/// Returns what the keys of the list do, and those of the search.
pub(super) fn tables() -> [Vec<KeyHelp>; 2] {
    [list_keys(), help(SEARCH_KEYS)]
}

impl Screen for Borrowed {
    fn handle(&mut self, event: &Event, cx: &Cx<'_>) -> Reply {
        let mut reply = match event {
            Event::Done(outcome) => return self.learn(outcome, cx).map_or(Reply::Ignored, Reply::Taken),
            Event::Key(key) => self.press(*key, cx),
            Event::Paste(text) if self.searching => {
                self.touched = true;
                self.search.insert(text);
                self.filter(true);
                Reply::done()
            }
            Event::Paste(_) if self.forgets => Reply::done(),
            Event::Paste(_) => self.need("adding what you pasted", None),
            Event::Tick => {
                self.expire(cx);
                Reply::done()
            }
        };
        if let Reply::Taken(actions) = &mut reply
            && !actions.iter().any(|action| matches!(action, Action::Do(Effect::Leave(_))))
        {
            actions.extend(self.look(cx));
        }
        reply
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(cx, area, buf);
    }

    fn glance(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        self.draw_glance(cx, area, buf);
    }

    fn hints(&self, cx: &Cx<'_>) -> Vec<Hint> {
        if self.searching { hints(SEARCH_KEYS, self, cx) } else { keys::footer(self, cx) }
    }

    fn keys(&self) -> Vec<KeyHelp> {
        if self.searching { help(SEARCH_KEYS) } else { list_keys() }
    }

    fn name(&self) -> &'static str {
        if self.searching { SEARCH_NAME } else { NAME }
    }

    fn cursor(&self, cx: &Cx<'_>, area: Rect) -> Option<Position> {
        if self.searching {
            let (line, at, room) = self.search_line(cx, area);
            return Some(self.search.cursor(cx.theme, line, (at, 0), room));
        }
        let (rows, _) = self.room(area);
        let first = top(self.selected, self.shown.len(), usize::from(rows.height));
        let row = u16::try_from(self.selected.checked_sub(first)?).ok()?;
        (!self.shown.is_empty()).then(|| Position::new(rows.x, rows.y + row))
    }

    fn types(&self) -> bool {
        self.searching
    }

    fn lends(&self) -> bool {
        true
    }

    fn takes_mouse(&self) -> bool {
        true
    }

    fn click(&mut self, spot: Spot, cx: &Cx<'_>) -> Reply {
        // An even number is a row, the next one its code.
        let Spot::Choice(number) = spot else { return Reply::Ignored };
        if number / 2 >= self.shown.len() {
            return Reply::Ignored;
        }
        self.touched = true;
        self.selected = number / 2;
        if number % 2 == 1 {
            return self.copy_row(self.selected, cx);
        }
        self.single.hide();
        Reply::done()
    }

    fn makes_room(&self) -> bool {
        true
    }

    fn ticks(&self, _: &Cx<'_>) -> bool {
        true
    }
}
