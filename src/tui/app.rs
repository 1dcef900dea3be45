//! The program without a world: `update` takes an event and answers with effects, `view` draws. Both are pure: no
//! clock, no disk, no thread, so that a test can drive everything that a person can.
//!
//! Over 400 lines: what is everybody's - time, locking, undo, messages - is one state and one update. What the keys mean,
//! the mouse and the picture have files of their own.

mod keys;
mod pointing;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::effect::{Commit, Effect};
use super::errand::Errand;
use super::event::{Committed, Event, Outcome, Proof, Sent};
use super::history::{History, Step, Turn};
use super::key::Key;
use super::keymap::Keymap;
use super::screen::{Action, Cx, Facts, Note, Reply, Screen, Spots};
use super::screens;
use super::theme::Theme;
use crate::config::{Config, Expiry, ShowCodes};
use crate::failure::Failure;
use crate::otp::{Code, Now, Timestamp};
use crate::vault::{AccountId, Change, Vault};

/// For how long a message stays.
const SAY: Duration = Duration::from_secs(8);
/// The seconds before an automatic lock in which it is announced.
const WARN: u64 = 15;
/// By how much a copy may be late that waits for the next code. After a suspend nobody expects it any more.
const WAIT_LATE: Duration = Duration::from_secs(2);
/// How long usage counts wait before they are saved.
const SAVE_USES: Duration = Duration::from_mins(1);

/// Said when nothing keeps the clock right: a code that is refused has no other sign of why.
const CLOCK: &str = "This computer's clock is not synchronised. If codes are refused, that is why. \
                     timedatectl set-ntp true sets it right";
/// Said once the vault opens with another passphrase.
const CHANGED: &str = "The passphrase is changed. Copies made before still open with the old one";

/// What the program starts with.
pub struct Start {
    /// How to draw.
    pub theme: Theme,
    /// The computer and the session.
    pub facts: Facts,
    /// What the user set.
    pub config: Config,
    /// The first screen.
    pub screen: Box<dyn Screen>,
    /// What the list is searched for at first.
    pub search: Option<String>,
    /// What is gone on with once the vault is open.
    pub errand: Option<Errand>,
    /// What is said at first.
    pub note: Option<Note>,
}

/// A code that was copied, and whose copy shall become the next one when it changes; or one that was not, since the
/// next one is wanted.
struct Following {
    id: AccountId,
    code: Code,
    since: Duration,
    /// Nothing was copied yet.
    waits: bool,
}

/// The whole state of the UI.
pub struct App {
    theme: Theme,
    facts: Facts,
    config: Config,
    keymap: Keymap,
    now: Now,
    vault: Arc<Vault>,
    open: bool,
    stack: Vec<Box<dyn Screen>>,
    search: Option<String>,
    errand: Option<Errand>,
    shelf: Option<Box<dyn Screen>>,
    note: Option<(Note, Duration)>,
    /// What the message is about, if it is a copy: its seconds count.
    sent: Option<Sent>,
    history: History,
    following: Option<Following>,
    unsaved: Option<Commit>,
    uses: BTreeMap<AccountId, (u64, Timestamp)>,
    uses_since: Option<Duration>,
    last_key: Duration,
    trusted_since: Option<Duration>,
    hide_codes: bool,
    /// The window has lost the focus, and that hides everything.
    away: bool,
    /// Until when the mouse is left to the terminal.
    mouse_free_until: Option<Duration>,
    spots: Spots,
}

impl App {
    /// Returns the program at its first screen.
    pub fn new(start: Start, now: Now) -> Self {
        let hide_codes = start.config.screen.show_codes == ShowCodes::UntilSpace;
        Self {
            theme: start.theme.set(&start.config.screen),
            facts: start.facts,
            keymap: Keymap::new(&start.config.keys, &screens::places()).0,
            config: start.config,
            now,
            vault: empty(),
            open: false,
            stack: vec![start.screen],
            search: start.search,
            errand: start.errand,
            shelf: None,
            note: start.note.map(|note| (note, now.boot)),
            sent: None,
            history: History::default(),
            following: None,
            unsaved: None,
            uses: BTreeMap::new(),
            uses_since: None,
            last_key: now.boot,
            trusted_since: None,
            hide_codes,
            away: false,
            mouse_free_until: None,
            spots: Spots::default(),
        }
    }

    /// Takes an event and answers what the world shall do.
    pub fn update(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let jumped = now.wall.seconds_since(self.now.wall) - seconds(now.boot) + seconds(self.now.boot);
        self.now = now;
        let mut effects = Vec::new();
        if self.shows_codes() && jumped.abs() >= 2 {
            let text = format!("The clock jumped by {jumped} s. Codes were recalculated");
            self.say(Note::warning(text));
        }
        // Before anything is shown or done: after a resume the idle time may long be over.
        if self.idle_left().is_some_and(|left| left.is_zero()) {
            self.lock(&mut effects);
            return effects;
        }
        match event {
            Event::Done(outcome) => self.learn(outcome, &mut effects),
            Event::Key(key) => self.press(key, &mut effects),
            Event::Paste(_) => {
                self.away = false;
                self.touch();
                self.offer(&event, &mut effects);
            }
            Event::Tick => {
                self.offer(&event, &mut effects);
            }
        }
        self.follow(&mut effects);
        self.mouse_free_until = self.mouse_free_until.filter(|until| *until > now.boot);
        if self.note.as_ref().is_some_and(|(_, since)| now.boot.saturating_sub(*since) >= SAY) {
            self.note = None;
        }
        if self.uses_since.is_some_and(|since| now.boot.saturating_sub(since) >= SAVE_USES) {
            self.save_uses(&mut effects);
        }
        effects
    }

    fn press(&mut self, key: Key, effects: &mut Vec<Effect>) {
        let unseen = self.announces_lock() || std::mem::take(&mut self.away);
        self.touch();
        if unseen {
            // The first key only says that somebody is there.
            return;
        }
        let Some(key) = self.meant(key) else {
            return self.say(Note::plain(format!("{key} does nothing here: its action has other keys")));
        };
        let types = self.stack.last().is_some_and(|screen| screen.types());
        // Help is not stacked upon help: there its own keys close it.
        let helps = self.on_top(screens::help::NAME);
        match key {
            Key::Ctrl('l') => return effects.push(Effect::ClearScreen),
            Key::Ctrl('z') => return effects.push(Effect::Suspend),
            Key::F(1) if !helps => return self.help(),
            Key::Char('?') if !helps && !types => return self.help(),
            Key::Char(':') if !helps && !types && self.open => return self.commands(),
            Key::Char('r') if !types && self.unsaved.is_some() => return self.save_again(effects),
            _ => {}
        }
        if self.offer(&Event::Key(key), effects) {
            return;
        }
        match key {
            Key::Char('L') if !types && self.open => self.lock(effects),
            Key::Char('u') if !types && self.open => self.undo(effects),
            Key::Char('U') if !types && self.open => self.redo(effects),
            Key::Char('m') if !types && self.open => self.free_mouse(),
            Key::Ctrl('c') => self.quit(effects),
            _ => {}
        }
    }

    /// Offers an event to the screens, the top one first; says whether one took it.
    fn offer(&mut self, event: &Event, effects: &mut Vec<Effect>) -> bool {
        // A key belongs to the screen in sight; only outcomes and time fall through to those below.
        let falls = matches!(event, Event::Done(_));
        let mut index = self.stack.len();
        while index > 0 {
            index -= 1;
            let mut screen = self.stack.remove(index);
            let reply = screen.handle(event, &self.cx());
            self.stack.insert(index, screen);
            match reply {
                Reply::Taken(actions) => {
                    let mut at = index;
                    for action in actions {
                        self.act(action, &mut at, effects);
                    }
                    return true;
                }
                Reply::Ignored if falls => {}
                Reply::Ignored => return false,
            }
        }
        false
    }

    /// Carries out an action of the screen at this place of the stack: an outcome may be for one that is not on top.
    fn act(&mut self, action: Action, at: &mut usize, effects: &mut Vec<Effect>) {
        match action {
            Action::Do(Effect::Lock) => self.lock(effects),
            Action::Do(Effect::Leave(errand)) => self.leave(errand, effects),
            Action::Do(Effect::Quit) => self.quit(effects),
            Action::Do(Effect::Copy(copied)) => {
                let follows = self.config.copy.on_expiry == Expiry::Follow;
                self.following = copied.of.filter(|_| follows).map(|id| Following {
                    id,
                    code: copied.code.clone(),
                    since: self.now.boot,
                    waits: false,
                });
                effects.push(Effect::Copy(copied));
            }
            Action::CopyLater(id, code) => {
                self.following = Some(Following { id, code, since: self.now.boot, waits: true });
            }
            Action::Do(effect) => effects.push(effect),
            Action::Pop => {
                drop(self.take_off(at));
            }
            Action::Press(key) => self.press(key, effects),
            Action::Push(screen) => self.put_on(screen, at),
            Action::Replace(screen) => {
                let only = self.stack.len() == 1;
                if only {
                    self.stack.clear();
                    let asks = screen.lends();
                    self.push(screen);
                    if asks {
                        self.offer(&Event::Tick, effects);
                    }
                    return;
                }
                drop(self.take_off(at));
                self.put_on(screen, at);
            }
            Action::Resume(fresh) => {
                let screen = self.shelf.take().unwrap_or(fresh);
                self.put_on(screen, at);
            }
            Action::Say(note) => self.say(note),
            Action::Set(key, value) => {
                if self.config.set(key, &value).is_err() {
                    return;
                }
                if key == "screen.show_codes" {
                    self.hide_codes = self.config.screen.show_codes == ShowCodes::UntilSpace;
                }
                self.theme = self.theme.set(&self.config.screen);
                effects.push(Effect::SaveSetting(key, value));
            }
            Action::Shelve => {
                if let Some(screen) = self.take_off(at) {
                    self.shelf = Some(screen);
                }
            }
            Action::ToggleCodes => {
                self.hide_codes = !self.hide_codes;
                let seconds = self.config.screen.show_on_space.0;
                self.say(Note::plain(if self.hide_codes {
                    format!(
                        "Codes hidden. Enter still copies. Space shows one for {seconds} s. H shows all again"
                    )
                } else {
                    "Codes shown".to_owned()
                }));
            }
            Action::Took(id) => self.took(id),
        }
    }

    fn took(&mut self, id: AccountId) {
        let wall = self.now.wall;
        let (count, last) = self.uses.entry(id).or_insert((0, wall));
        *count += 1;
        *last = wall;
        self.uses_since.get_or_insert(self.now.boot);
    }

    /// Takes a screen off the stack, unless it is the only one. What follows is about the one below it.
    fn take_off(&mut self, at: &mut usize) -> Option<Box<dyn Screen>> {
        if self.stack.len() < 2 || *at >= self.stack.len() {
            return None;
        }
        let screen = self.stack.remove(*at);
        *at = at.saturating_sub(1);
        Some(screen)
    }

    /// Puts a screen above another. What follows is about the new one.
    fn put_on(&mut self, mut screen: Box<dyn Screen>, at: &mut usize) {
        screen.refresh(&self.cx());
        *at = (*at + 1).min(self.stack.len());
        self.stack.insert(*at, screen);
    }

    fn push(&mut self, mut screen: Box<dyn Screen>) {
        screen.refresh(&self.cx());
        self.stack.push(screen);
    }

    fn learn(&mut self, outcome: Outcome, effects: &mut Vec<Effect>) {
        match outcome {
            Outcome::Unlocked(Ok(vault)) => {
                self.vault = vault;
                self.open = true;
                self.trusted_since = Some(self.now.boot);
                self.last_key = self.now.boot;
                let event = Event::Done(Outcome::Unlocked(Ok(Arc::clone(&self.vault))));
                // The screen may want a last word (the checks of a first start); if not, the list comes.
                if !self.offer(&event, effects) {
                    self.note = None;
                    self.begin(effects);
                    if self.note.is_none() && self.facts.clock_synchronised == Some(false) {
                        self.say(Note::warning(CLOCK));
                    }
                }
            }
            // What was asked for before the vault locked is of a vault that is no longer open.
            Outcome::Committed(_) | Outcome::Reloaded(_) | Outcome::Refused(..) if !self.open => {}
            Outcome::Committed(done) => self.committed(done, effects),
            Outcome::Reloaded(vault) => {
                self.vault = vault;
                self.refresh();
                self.say(Note::plain("The vault changed on disk. Its changes were taken in"));
            }
            Outcome::Refused(failure, asked) => self.refused(failure, asked, effects),
            Outcome::Notice(text) => self.say(Note::plain(text)),
            Outcome::Copied(Err(failure)) | Outcome::Trouble(failure) => {
                self.say(Note::warning(failure.message));
            }
            Outcome::PassphraseChanged(result) => {
                let note = match &result {
                    Ok(None) => Note::good(CHANGED),
                    Ok(Some(why)) => Note::warning(format!("{CHANGED}. A power cut may take it back: {why}")),
                    Err(failure) => {
                        Note::error(format!("The passphrase is not changed: {}", failure.message))
                    }
                };
                let failed = result.is_err();
                // A screen that still waits shows by itself why it is not.
                let taken = self.offer(&Event::Done(Outcome::PassphraseChanged(result)), effects);
                if !(failed && taken) {
                    self.say(note);
                }
            }
            Outcome::Terminal(report) => self.hear(report, effects),
            Outcome::Background(dark) => self.theme = self.theme.on(dark, &self.config.screen),
            Outcome::Clock(synchronised) => {
                let before = std::mem::replace(&mut self.facts.clock_synchronised, synchronised);
                // Said once; the header goes on to say so.
                if self.open && synchronised == Some(false) && before != synchronised {
                    self.say(Note::warning(CLOCK));
                }
            }
            Outcome::Copied(Ok(sent)) => {
                let text = sent.said(self.now.wall);
                self.say(match sent.proof {
                    Proof::Doubted => Note::warning(text),
                    Proof::Sent => Note::plain(text),
                    Proof::Taken => Note::good(text),
                });
                self.sent = Some(sent);
            }
            Outcome::Confirmed(result) => {
                if result.is_ok() {
                    self.trusted_since = Some(self.now.boot);
                }
                self.offer(&Event::Done(Outcome::Confirmed(result)), effects);
                self.refresh();
            }
            outcome @ (Outcome::BackedUp(_)
            | Outcome::BackupRead(..)
            | Outcome::Backups(_)
            | Outcome::Broken(..)
            | Outcome::CopyExplained(_)
            | Outcome::Exported(_)
            | Outcome::File(_)
            | Outcome::Reading(_)
            | Outcome::KeysFound(_)
            | Outcome::KeySealed { .. }
            | Outcome::Picture(_)
            | Outcome::PictureCame(_)
            | Outcome::FilesDeleted(_)
            | Outcome::Forgot(_)
            | Outcome::Given(_)
            | Outcome::Held(_)
            | Outcome::NoVault(_)
            | Outcome::PictureSaved(_)
            | Outcome::Unlocked(Err(_))) => {
                self.offer(&Event::Done(outcome), effects);
            }
        }
    }

    /// Takes note that changes are in the file, and says now what is to be said of them.
    fn committed(&mut self, done: Committed, effects: &mut Vec<Effect>) {
        self.vault = Arc::clone(&done.vault);
        self.unsaved = None;
        if let Some(doing) = &done.undoes {
            self.history.saved(doing, &done.inverse, self.config.delete.undo_depth as usize);
        }
        let note = match (done.says.clone(), &done.unsure) {
            (Some(note), Some(why)) => {
                Some(Note::warning(format!("{}. A power cut may take it back: {why}", note.text)))
            }
            (None, Some(why)) => {
                Some(Note::warning(format!("Saved, but perhaps not for a power cut: {why}")))
            }
            (note, None) => note,
        };
        if let Some(note) = note {
            self.say(note);
        }
        self.refresh();
        self.offer(&Event::Done(Outcome::Committed(done)), effects);
    }

    /// Takes note that changes are not in the file, and keeps those that a person made.
    fn refused(&mut self, failure: Failure, asked: Commit, effects: &mut Vec<Effect>) {
        let step = asked.undoes.as_deref().is_some_and(|doing| self.history.refused(doing));
        let again = !step && asked.changes.iter().any(Change::is_edit);
        let rest = match (step, again) {
            (true, _) => ". Nothing was undone or done again",
            (_, true) => ". Your change is kept. r tries again",
            _ => "",
        };
        self.say(Note::error(format!("Could not save: {}{rest}", failure.message)));
        self.unsaved = again.then(|| asked.clone());
        self.offer(&Event::Done(Outcome::Refused(failure, asked)), effects);
    }

    fn refresh(&mut self) {
        let mut stack = std::mem::take(&mut self.stack);
        for screen in &mut stack {
            screen.refresh(&self.cx());
        }
        self.stack = stack;
    }

    /// Is this the screen on top?
    fn on_top(&self, name: &str) -> bool {
        self.stack.last().is_some_and(|screen| screen.name() == name)
    }

    fn undo(&mut self, effects: &mut Vec<Effect>) {
        let turn = self.history.back();
        self.turn(turn, ("Undid", "Nothing to undo"), effects);
    }

    fn redo(&mut self, effects: &mut Vec<Effect>) {
        let turn = self.history.forth();
        self.turn(turn, ("Did again:", "Nothing was undone that could be done again"), effects);
    }

    fn turn(&mut self, turn: Turn, (did, nothing): (&str, &str), effects: &mut Vec<Effect>) {
        match turn {
            Turn::Busy => self.say(Note::plain("The change before is still being saved")),
            Turn::Go(Step { doing, changes }) => {
                let did = Note::good(format!("{did} {doing}"));
                effects.push(Effect::Commit(Commit::undoable(changes, doing).says(did)));
            }
            Turn::Nothing => self.say(Note::plain(nothing)),
        }
    }

    /// Lets a copy follow the change of its code, once, if the change comes soon after it; or makes the copy that
    /// waited for the change.
    fn follow(&mut self, effects: &mut Vec<Effect>) {
        let Some(following) = &self.following else { return };
        let (id, waits) = (following.id, following.waits);
        let account = self.vault.account(id);
        let limit =
            self.config.copy.follow_within.duration() + if waits { WAIT_LATE } else { Duration::ZERO };
        let late = self.now.boot.saturating_sub(following.since) > limit;
        let Some(account) = account.filter(|_| !late) else {
            self.following = None;
            return;
        };
        let code = account.otp.code(self.now.wall).ok().filter(|code| *code != following.code);
        if let Some(code) = code {
            let copied = screens::copy::follow(account, code, &self.cx());
            effects.push(if waits { Effect::Copy(copied) } else { Effect::Follow(copied) });
            self.following = None;
            if waits {
                self.took(id);
            }
        }
    }

    fn save_again(&mut self, effects: &mut Vec<Effect>) {
        if let Some(asked) = self.unsaved.take() {
            // Why it failed is not why it may fail now.
            self.note = None;
            effects.push(Effect::Commit(asked));
        }
    }

    fn save_uses(&mut self, effects: &mut Vec<Effect>) {
        let changes: Vec<Change> =
            std::mem::take(&mut self.uses).into_iter().map(|(id, (n, at))| Change::Use(id, n, at)).collect();
        self.uses_since = None;
        if !changes.is_empty() {
            effects.push(Effect::Commit(Commit::quiet(changes)));
        }
    }

    /// Shows the list of the vault that is open now; or goes on where the passphrase had to be asked for.
    fn begin(&mut self, effects: &mut Vec<Effect>) {
        let search = self.search.take();
        let Some(errand) = self.errand.take() else {
            self.stack = vec![screens::unlocked(&self.cx(), search.as_deref())];
            return;
        };
        let (list, found) = screens::unlocked_at(&self.cx(), errand.account.as_deref());
        self.stack = vec![list];
        // What was meant for one account is done to no other.
        if found && let Some(key) = errand.key() {
            self.offer(&Event::Key(key), effects);
        }
    }

    /// Drops what the agent lent, and asks for the passphrase.
    fn leave(&mut self, errand: Errand, effects: &mut Vec<Effect>) {
        self.close(screens::locked_for(&errand), effects);
        self.errand = Some(errand.clone());
        effects.push(Effect::Leave(errand));
    }

    /// Drops all that is known, then asks the runtime to make sure of it.
    fn lock(&mut self, effects: &mut Vec<Effect>) {
        self.close(screens::locked(), effects);
        effects.push(Effect::Lock);
    }

    fn close(&mut self, door: Box<dyn Screen>, effects: &mut Vec<Effect>) {
        self.save_uses(effects);
        self.vault = empty();
        self.open = false;
        self.stack = vec![door];
        self.errand = None;
        self.shelf = None;
        self.note = None;
        self.history = History::default();
        self.following = None;
        self.unsaved = None;
        self.trusted_since = None;
    }

    fn quit(&mut self, effects: &mut Vec<Effect>) {
        self.save_uses(effects);
        effects.push(Effect::Quit);
    }

    fn touch(&mut self) {
        self.last_key = self.now.boot;
        if self
            .note
            .as_ref()
            .is_some_and(|(_, since)| self.now.boot.saturating_sub(*since) >= Duration::from_secs(3))
        {
            self.note = None;
        }
    }

    fn say(&mut self, note: Note) {
        self.note = Some((note, self.now.boot));
        self.sent = None;
    }

    /// Returns the time since boot at which the vault locks by itself, if it will.
    pub fn locks_at(&self) -> Option<Duration> {
        let after = self.config.lock.after;
        let locks = self.shows_codes() && !after.is_zero();
        locks.then(|| self.last_key.saturating_add(after.duration()))
    }

    /// Returns the time until the automatic lock, if there will be one.
    fn idle_left(&self) -> Option<Duration> {
        self.locks_at().map(|at| at.saturating_sub(self.now.boot))
    }

    fn announces_lock(&self) -> bool {
        self.config.lock.after.duration().as_secs() > WARN
            && self.idle_left().is_some_and(|left| left.as_secs() < WARN)
    }

    fn cx(&self) -> Cx<'_> {
        let limit = self.config.lock.ask_again_after.duration();
        let trusted = self.trusted_since.is_some_and(|since| self.now.boot.saturating_sub(since) < limit);
        Cx {
            vault: &self.vault,
            now: self.now,
            theme: &self.theme,
            facts: &self.facts,
            uses: &self.uses,
            config: &self.config,
            trusted,
            hide_codes: self.hide_codes,
            spots: &self.spots,
        }
    }

    /// Returns what the user set.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Says whether the colours depend on what the terminal's background is, and that is not known.
    pub fn asks_background(&self) -> bool {
        self.theme.asks(&self.config.screen)
    }

    /// Says whether letters are text on the screen in sight.
    pub fn types(&self) -> bool {
        self.stack.last().is_some_and(|screen| screen.types())
    }

    /// Is the vault open?
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Says whether there are codes to be seen: of an open vault, or lent by the agent.
    pub(super) fn shows_codes(&self) -> bool {
        self.open || self.stack.iter().any(|screen| screen.lends())
    }

    /// Returns when the picture would next differ by itself, as a time to sleep; nothing if it would not.
    ///
    /// While there are codes to be seen it is at most five seconds: a wait on the monotonic clock sleeps through suspend,
    /// and the idle time does not.
    pub fn wakes_in(&self) -> Option<Duration> {
        let cx = self.cx();
        let ticks = self.following.is_some()
            || (!self.away
                && (self.note.is_some()
                    || self.mouse_free_until.is_some()
                    || self.announces_lock()
                    || self.stack.last().is_some_and(|screen| screen.ticks(&cx))));
        // A little after the second, so that rounding never shows the old one.
        let second = self.now.wall.until_next_second() + Duration::from_millis(5);
        match (ticks, self.shows_codes()) {
            (true, _) => Some(second),
            (false, true) => Some(Duration::from_secs(5).min(self.idle_left().unwrap_or(Duration::MAX))),
            (false, false) => None,
        }
    }
}

fn empty() -> Arc<Vault> {
    Arc::new(Vault::new(Uuid::nil()))
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
