//! The loop, the threads and the signals: the only hand on the world.
//!
//! Input, the keeper and the signals send into one channel; the main thread sleeps on it until the picture would
//! change by itself. Locking does not trust anybody to wipe everything: the program becomes itself anew, so that
//! the whole address space goes, with every copy that a library may have made.
//!
//! Over 400 lines, so that everything the UI does to the world can be read in one place; what it does to the clipboard
//! is `copying`.
#![expect(clippy::disallowed_methods, reason = "threads and the end of the process belong here")]

mod asking;
mod copying;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;
use zeroize::{Zeroize, Zeroizing};

use self::copying::sending;
use super::app::{App, Start};
use super::effect::{Effect, Source, With};
use super::errand::Errand;
use super::event::{Event, Outcome, Report};
use super::files::{self, Content, Lock, Shut};
use super::input::Input;
use super::keeper::{Job, keep};
use super::pace::Pace;
use super::screen::{Facts, Note, Screen};
use super::terminal::{self, Canvas};
use super::theme::Theme;
use crate::agent::Door;
use crate::config::{self, Config};
use crate::display::visible;
use crate::failure::Failure;
use crate::otp::Timestamp;
use crate::system::anew;
use crate::system::clipboard::Clipboard;
use crate::system::clock::{Clock, ClockTruth, SystemClock, in_names};
use crate::system::environment::Environment;
use crate::system::focus;
use crate::system::paths::Paths;
use crate::vault::{Ask, COPY_PREFIX, Passphrase, Place, Presence, Store, Talk, WorkFactor};

/// For how long the rest of a key is waited for, which a slow line may send in pieces.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 40_000_000 };
/// For how long the rest of a paste is waited for.
const PASTE_PATIENCE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// How soon a terminal is tried again that takes nothing.
const RETRY: Duration = Duration::from_millis(100);
/// For how long a save may keep the program from locking or ending.
const DRAIN: Duration = Duration::from_secs(5);
/// How often it is asked again whether the clock is right.
const ASK_CLOCK_EVERY: Duration = Duration::from_mins(5);
/// For how long the asking sleeps at a stretch.
const NAP: Duration = Duration::from_secs(10);
/// How often a new picture is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How the settings end that need to know of the focus.
const FOCUS_LOST: &str = "on_focus_lost";
/// For how long the end waits for an answer of the terminal that is still under way.
const HEAR_OUT: Duration = Duration::from_millis(500);
/// By how much the lock may be late before it is done by force.
const LATE: Duration = Duration::from_secs(2);
/// After a signal that ends the program, the time after which it ends by force.
const FORCE: Duration = Duration::from_millis(1500);
/// How often a terminal that takes nothing is then tried.
const FORCED_TRIES: u32 = 5;

/// Everything that the UI is started with.
pub struct Settings {
    /// Where the agent of this vault is, if there is one.
    pub agent: Door,
    /// What the program was called with, to become itself again.
    pub arguments: Vec<OsString>,
    /// What the clipboard needs to know of the computer.
    pub environment: Environment,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// The computer and the session.
    pub facts: Facts,
    /// What the user set.
    pub config: Config,
    /// What the list is searched for at first.
    pub search: Option<String>,
    /// The file with the identities that open the vault, if one came with the call.
    pub identity_file: Option<String>,
    /// What is gone on with once the vault is open.
    pub errand: Option<Errand>,
    /// What is said at first.
    pub note: Option<Note>,
    /// Where things are.
    pub paths: Paths,
    /// The passphrase, if it came with the call: of the vault, or of the file with the identities.
    pub passphrase: Option<Passphrase>,
    /// The vault.
    pub place: Place,
    /// The first screen.
    pub screen: Box<dyn Screen>,
    /// How to draw.
    pub theme: Theme,
    /// The cost of a new vault's passphrase.
    pub work: WorkFactor,
}

/// How the UI ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// The user quit.
    Quit,
    /// A signal ended it.
    Signal(i32),
}

enum Message {
    Event(Event),
    Gone,
    Signal(i32),
}

enum Next {
    End(Ending),
    Go,
}

struct Runtime {
    agent: Door,
    app: App,
    arguments: Vec<OsString>,
    canvas: Canvas,
    clipboard: Clipboard,
    clock: Box<dyn Clock>,
    clear_at: Option<Duration>,
    /// What came while something else was waited for, still to be taken.
    early: VecDeque<Message>,
    environment: Environment,
    jobs: Sender<Job>,
    locks_at: Arc<Due>,
    messages: Receiver<Message>,
    pace: Pace,
    paths: Paths,
    sender: Sender<Message>,
    /// Ends the waiting for a picture, if one is waited for.
    waiting: Option<Arc<AtomicBool>>,
}

/// The time since boot at which something is due, for another thread to see.
struct Due(AtomicU64);

impl Due {
    /// So late that it does not come.
    const NEVER: u64 = u64::MAX;

    fn set(&self, at: Option<Duration>) {
        let millis = at.and_then(|at| u64::try_from(at.as_millis()).ok()).unwrap_or(Self::NEVER);
        self.0.store(millis, Ordering::Relaxed);
    }

    fn is_over(&self, now: Duration) -> bool {
        let at = self.0.load(Ordering::Relaxed);
        at != Self::NEVER && now > Duration::from_millis(at)
    }
}

/// Runs the UI on the terminal of standard input and output, until it ends. The terminal is given back.
pub fn run(settings: Settings) -> Result<Ending, Failure> {
    let (sender, messages) = channel();
    let (jobs, asked) = channel();
    listen(sender.clone())?;
    let locks_at = Arc::new(Due(AtomicU64::new(Due::NEVER)));
    start_keeper(&settings, sender.clone(), asked, Arc::clone(&locks_at))?;
    let tell = sender.clone();
    // It may take two seconds, which the first picture does not wait; and the truth of the start is not for ever.
    start("clock", move || {
        let mut known = None;
        loop {
            let truth = ClockTruth::ask(SystemClock.now().wall).is_synchronised();
            let news = Message::Event(Event::Done(Outcome::Clock(truth)));
            if known != Some(truth) && tell.send(news).is_err() {
                return;
            }
            known = Some(truth);
            let asked = SystemClock.now().boot;
            // In short naps: the computer may sleep meanwhile, and the clock is then asked soon after.
            while SystemClock.now().boot.saturating_sub(asked) < ASK_CLOCK_EVERY {
                thread::sleep(NAP);
            }
        }
    })?;
    let titled = anew::was_locked() && settings.config.screen.title;
    terminal::enter(titled).map_err(|error| Failure::terminal(&error))?;
    let typed = sender.clone();
    start("input", move || read_input(&typed))?;

    let now = settings.clock.now();
    let tests = settings.paths.clipboard_tests();
    let clipboard =
        Clipboard::new(sending(&settings.config), settings.environment.clone()).remembering(Some(tests));
    let begin = Start {
        theme: settings.theme,
        facts: settings.facts,
        config: settings.config,
        screen: settings.screen,
        search: settings.search,
        errand: settings.errand,
        note: settings.note,
    };
    let mut runtime = Runtime {
        agent: settings.agent,
        app: App::new(begin, now),
        arguments: settings.arguments,
        canvas: Canvas::new(),
        clipboard,
        clock: settings.clock,
        clear_at: None,
        early: VecDeque::new(),
        environment: settings.environment,
        jobs,
        locks_at,
        messages,
        pace: Pace::default(),
        paths: settings.paths,
        sender,
        waiting: None,
    };
    runtime.pace.ask(now.boot);
    if runtime.app.asks_background() {
        runtime.canvas.send(terminal::ASK_BACKGROUND).map_err(|error| Failure::terminal(&error))?;
    }
    match (settings.identity_file, settings.passphrase) {
        (Some(file), passphrase) => {
            runtime.unlock_with(file, passphrase).map_err(|error| Failure::terminal(&error))?;
        }
        (None, Some(passphrase)) => runtime.ask(Job::Unlock(passphrase, now.wall)),
        (None, None) => {}
    }
    // The first screen may have something to ask, which the first picture need not wait for.
    runtime.early.push_back(Message::Event(Event::Tick));
    let ended = runtime.run();
    let left = terminal::leave();
    let ending = ended.map_err(|error| Failure::terminal(&error))?;
    match (ending, left) {
        // A terminal that is gone cannot be given back.
        (Ending::Signal(_), _) | (_, Ok(())) => Ok(ending),
        (Ending::Quit, Err(error)) => Err(Failure::terminal(&error)),
    }
}

impl Runtime {
    fn run(&mut self) -> io::Result<Ending> {
        loop {
            if let Err(error) = self.draw() {
                // The terminal is gone; there is nobody to tell but the exit code.
                self.drain();
                self.forget_clipboard();
                return if error.kind() == io::ErrorKind::Interrupted {
                    Err(error)
                } else {
                    Ok(Ending::Signal(SIGHUP))
                };
            }
            self.tidy_clipboard();
            let Some(first) = self.wait() else { return Ok(Ending::Quit) };
            if let Next::End(ending) = self.take(first)? {
                return Ok(ending);
            }
            // What came meanwhile is taken before the next frame, so that a burst costs one frame.
            while let Some(message) = self.early.pop_front().or_else(|| self.messages.try_recv().ok()) {
                if let Next::End(ending) = self.take(message)? {
                    return Ok(ending);
                }
            }
        }
    }

    /// Draws, unless the terminal takes nothing just now: the loop never waits for it, since it also locks and ends.
    fn draw(&mut self) -> io::Result<()> {
        let begun = self.clock.now().boot;
        if !terminal::takes_more()? {
            self.pace.hold(begun);
            return Ok(());
        }
        let app = &self.app;
        self.canvas.set(app.modes())?;
        self.canvas.draw(|area, buf| {
            app.view(area, buf);
            app.cursor(area)
        })?;
        let now = self.clock.now().boot;
        self.pace.send(begun, now);
        if self.pace.wants_to_ask(now) {
            self.canvas.send(terminal::ASK_AGAIN)?;
            self.pace.ask(now);
        }
        self.tell_pace();
        Ok(())
    }

    /// Has the picture take account of how quick the line is, where that is new.
    fn tell_pace(&mut self) {
        if let Some(slow) = self.pace.news() {
            self.early.push_back(Message::Event(Event::Done(Outcome::Terminal(Report::Line(slow)))));
        }
    }

    /// Returns what comes next; nothing if nothing can come any more.
    fn wait(&mut self) -> Option<Message> {
        if let Some(message) = self.early.pop_front() {
            return Some(message);
        }
        match self.next_wake() {
            Some(wait) => match self.messages.recv_timeout(wait) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => Some(Message::Event(Event::Tick)),
                Err(RecvTimeoutError::Disconnected) => None,
            },
            None => self.messages.recv().ok(),
        }
    }

    /// Waits a moment for the answer of the terminal, if it was asked only just now: it would be typed into the shell.
    fn hear_out(&mut self) {
        let Some(asked) = self.pace.give_up() else { return };
        loop {
            let left = HEAR_OUT.saturating_sub(self.clock.now().boot.saturating_sub(asked));
            match self.messages.recv_timeout(left) {
                Ok(Message::Event(Event::Done(Outcome::Terminal(Report::Attributes)))) | Err(_) => return,
                Ok(message) => self.early.push_back(message),
            }
        }
    }

    fn take(&mut self, message: Message) -> io::Result<Next> {
        match message {
            Message::Event(Event::Done(Outcome::Terminal(Report::Attributes))) => {
                self.pace.answer(self.clock.now().boot);
                self.tell_pace();
            }
            Message::Event(Event::Done(Outcome::Terminal(Report::Synchronises(can)))) => {
                self.canvas.synchronise(can);
            }
            Message::Event(event) => {
                let effects = self.app.update(event, self.clock.now());
                self.locks_at.set(self.app.locks_at());
                for effect in effects {
                    if let Next::End(ending) = self.perform(effect)? {
                        return Ok(Next::End(ending));
                    }
                }
            }
            Message::Gone => {
                self.drain();
                self.forget_clipboard();
                return Ok(Next::End(Ending::Signal(SIGHUP)));
            }
            // The next frame asks for the size. It is drawn for the time that it is now.
            Message::Signal(SIGWINCH) => return self.take(Message::Event(Event::Tick)),
            Message::Signal(SIGCONT) => {
                // Who was stopped by SIGSTOP could not give the terminal to the shell, which took it.
                terminal::enter_again()?;
                self.pace.begin_again();
                self.pace.ask(self.clock.now().boot);
                self.canvas.begin_again();
                // The idle time went on: the lock is looked at before anything is drawn. Who calls it back is there.
                return self.take(Message::Event(Event::Done(Outcome::Terminal(Report::Focus(true)))));
            }
            Message::Signal(SIGTSTP) => return self.suspend(),
            Message::Signal(signal) => {
                self.drain();
                self.forget_clipboard();
                return Ok(Next::End(Ending::Signal(signal)));
            }
        }
        Ok(Next::Go)
    }

    fn perform(&mut self, effect: Effect) -> io::Result<Next> {
        let at = self.clock.now().wall;
        match effect {
            Effect::AcceptOlder(passphrase) => self.ask(Job::AcceptOlder(passphrase, at)),
            Effect::AskAgent(question) => self.ask_agent(question)?,
            Effect::AwaitPicture => self.await_picture()?,
            Effect::BackUp(dir) => match self.copy_in(&dir, at) {
                Ok(to) => self.ask(Job::BackUp(to)),
                Err(failure) => self.tell(Outcome::BackedUp(Err(failure))),
            },
            Effect::ChangePassphrase(old, new) => self.ask(Job::ChangePassphrase(old, new)),
            Effect::ClearScreen => self.canvas.forget(),
            Effect::Commit(asked) => self.ask(Job::Commit(asked, at)),
            Effect::Confirm(passphrase) => self.ask(Job::Confirm(passphrase)),
            Effect::Copy(copied) => self.copy(&copied),
            // Only where it can be seen that it still holds ours: else something of the user's would be lost.
            Effect::Follow(copied) => {
                if self.clipboard.holds() == Some(true) {
                    self.copy(&copied);
                }
            }
            Effect::CopyTested { key, arrives } => {
                if let Err(error) = self.clipboard.prove(&key, arrives) {
                    self.tell(Outcome::Trouble(Failure::other(format!("cannot remember the test: {error}"))));
                }
            }
            Effect::ExplainCopy => self.explain_copy(),
            Effect::TestCopy(word) => self.test_copy(&word),
            Effect::Create(passphrase, further) => self.ask(Job::Create(passphrase, further, at)),
            Effect::DeleteFiles(files) => self.tell(Outcome::FilesDeleted(files::delete(&files))),
            Effect::FindKeys(typed) => {
                let (path, talk) = (self.place_of(&typed), talk(&self.sender));
                self.work("key file", move || Outcome::KeysFound(files::find_keys(&typed, path, talk)))?;
            }
            Effect::ListBackups => self.ask(Job::ListBackups),
            Effect::Leave(errand) => return self.leave(&errand),
            Effect::Lock => return self.lock(),
            Effect::Quit => {
                self.drain();
                match self.leave_copy() {
                    Ok(()) => {
                        self.hear_out();
                        return Ok(Next::End(Ending::Quit));
                    }
                    Err(failure) => self.tell(Outcome::Trouble(failure)),
                }
            }
            Effect::Export(export) => {
                let to = self.place_of(&export.to);
                self.work("export", move || Outcome::Exported(to.and_then(|to| files::export(&export, to))))?;
            }
            Effect::ReadBackup(backup) => self.ask(Job::ReadBackup(backup)),
            Effect::ReadFile(source, with) => {
                let source = self.found(source);
                let lock = match with {
                    With::KeyFile(file, passphrase) => {
                        self.place_of(&file).map(|path| Lock::KeyFile(path, passphrase, talk(&self.sender)))
                    }
                    With::Nothing => Ok(Lock::Nothing),
                    With::Password(password, key_file) => {
                        Ok(Lock::Password(password, key_file.map(|typed| self.place_of(&typed))))
                    }
                };
                let sender = self.sender.clone();
                // Nobody there any more means that the program is ending.
                let told = move |step| drop(sender.send(Message::Event(Event::Done(Outcome::Reading(step)))));
                self.work("import", move || Outcome::File(files::import(source, lock, told)))?;
            }
            Effect::ReadPicture(source) => {
                let source = self.found(source);
                self.work("picture", move || Outcome::Picture(source.and_then(files::read_picture)))?;
            }
            Effect::SavePicture(to, link) => {
                let to = self.place_of(&to);
                self.work("picture", move || {
                    Outcome::PictureSaved(to.and_then(|to| files::save_picture(to, &link)))
                })?;
            }
            Effect::Restore(passphrase) => self.ask(Job::Restore(passphrase, at)),
            Effect::SaveSetting(key, value) => {
                self.clipboard.set(sending(self.app.config()));
                if self.app.asks_background() {
                    self.canvas.send(terminal::ASK_BACKGROUND)?;
                }
                if key.ends_with(FOCUS_LOST) && value == "true" && focus::is_kept_by_tmux(&self.environment) {
                    self.tell(Outcome::Notice(format!("Saved, but {}", focus::HINT)));
                }
                if let Err(failure) = config::save(&self.paths.config, key, &value) {
                    let message = format!("Not saved, it holds until the end: {}", failure.message);
                    self.tell(Outcome::Trouble(Failure { message, ..failure }));
                }
            }
            Effect::StopWaiting => self.stop_waiting(),
            Effect::Suspend => return self.suspend(),
            Effect::Unlock(passphrase) => self.ask(Job::Unlock(passphrase, at)),
            Effect::UnlockWith(file, passphrase) => self.unlock_with(file, passphrase)?,
            Effect::UseVault { dir, existing } => match self.settle_on(&dir, existing) {
                Ok(()) => return self.begin_again(),
                Err(failure) => self.tell(Outcome::NoVault(failure)),
            },
        }
        Ok(Next::Go)
    }

    fn ask(&mut self, job: Job) {
        if self.jobs.send(job).is_err() {
            let failure =
                Failure::other("the part of the program that keeps the vault has ended; start it again");
            self.tell(Outcome::Trouble(failure));
        }
    }

    /// Reads a key file, for which its passphrase may take a second, and has the keeper open the vault with it.
    fn unlock_with(&self, file: String, passphrase: Option<Passphrase>) -> io::Result<()> {
        let at = self.clock.now().wall;
        let path = self.place_of(&file);
        let (jobs, talk, sender) = (self.jobs.clone(), talk(&self.sender), self.sender.clone());
        let work = move || {
            let read = path.map_err(Shut::Failed).and_then(|path| files::identities(&path, passphrase, talk));
            let outcome = match read {
                // Without a keeper the program is ending.
                Ok(held) => return drop(jobs.send(Job::UnlockWith(held, at))),
                Err(Shut::Sealed(wrong)) => Outcome::KeySealed { file, wrong },
                Err(Shut::Failed(failure)) => Outcome::Unlocked(Err(failure)),
            };
            drop(sender.send(Message::Event(Event::Done(outcome))));
        };
        start("key file", work).map_err(|failure| io::Error::other(failure.message))
    }

    fn tell(&self, outcome: Outcome) {
        // The receiver is our own, so this cannot fail while we run.
        drop(self.sender.send(Message::Event(Event::Done(outcome))));
    }

    /// Remembers that the vault is in another directory, if it can be.
    fn settle_on(&self, typed: &str, existing: bool) -> Result<(), Failure> {
        let typed = self.place_of(typed)?;
        // Who names the file means the directory.
        let dir = if typed.ends_with("vault.age") { typed.parent().unwrap_or(&typed) } else { &typed };
        let dir = std::path::absolute(dir).map_err(|error| Failure::file("find", dir, &error))?;
        let shown = visible(&dir.to_string_lossy());
        let place = Place::new(dir.clone(), Some(self.paths.state.clone()));
        match (Store::presence(&place)?, existing) {
            (Presence::Present, true) | (Presence::Missing | Presence::Unfinished, false) => {}
            (Presence::Present, false) => {
                return Err(Failure::other(format!("there is a vault in \"{shown}\" already"))
                    .hint("Esc, then open it as an existing vault"));
            }
            (Presence::Vanished { .. }, false) => {
                return Err(Failure::other(format!("there was a vault in \"{shown}\", and it is gone"))
                    .hint("bring it back from your backup, or name another directory"));
            }
            (Presence::Missing | Presence::Unfinished | Presence::Vanished { .. }, true) => {
                return Err(Failure::other(format!("there is no vault in \"{shown}\""))
                    .hint("name the directory that holds vault.age and identity.age"));
            }
        }
        let text = dir.to_str().ok_or_else(|| Failure::other(format!("\"{shown}\" is not text (UTF-8)")))?;
        let mut wanted = Config::default();
        wanted.vault.dir = Some(text.to_owned());
        let value = wanted.get("vault.dir").map_err(|wrong| Failure::usage(wrong.to_string()))?;
        config::save(&self.paths.config, "vault.dir", &value).map(drop)
    }

    /// Begins the program again, with what was just set.
    fn begin_again(&mut self) -> io::Result<Next> {
        self.drain();
        terminal::leave()?;
        Err(io::Error::other(format!("it could not start again: {}", anew::again(&self.arguments))))
    }

    /// Returns the time until something is due, of the picture or of the clipboard.
    fn next_wake(&self) -> Option<Duration> {
        let clear = self.clear_at.map(|at| at.saturating_sub(self.clock.now().boot));
        let held = self.pace.holds().then_some(RETRY);
        [self.app.wakes_in(), clear, held].into_iter().flatten().min()
    }

    /// Does something that may take its time on a thread of its own, and tells what came of it.
    fn work(&self, name: &str, work: impl FnOnce() -> Outcome + Send + 'static) -> io::Result<()> {
        let sender = self.sender.clone();
        start(name, move || drop(sender.send(Message::Event(Event::Done(work())))))
            .map_err(|failure| io::Error::other(failure.message))
    }

    fn await_picture(&mut self) -> io::Result<()> {
        self.stop_waiting();
        let home = match self.place_of("~") {
            Ok(home) => home,
            Err(failure) => {
                self.tell(Outcome::PictureCame(None));
                self.tell(Outcome::Trouble(failure));
                return Ok(());
            }
        };
        let stop = Arc::new(AtomicBool::new(false));
        self.waiting = Some(Arc::clone(&stop));
        let sender = self.sender.clone();
        // Here, not on the thread: what comes as soon as the screen says that it is waited for must count as new.
        let known = files::pictures(&home);
        let wait = move || {
            let found = files::await_picture(&home, known, || {
                thread::sleep(LOOK_EVERY);
                !stop.load(Ordering::Relaxed)
            });
            // Nobody wants to know any more, or nobody is there any more.
            if !stop.load(Ordering::Relaxed) {
                drop(sender.send(Message::Event(Event::Done(Outcome::PictureCame(found)))));
            }
        };
        start("watch", wait).map_err(|failure| io::Error::other(failure.message))
    }

    fn stop_waiting(&mut self) {
        if let Some(stop) = self.waiting.take() {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// Returns where a content is, with the path in full.
    fn found(&self, source: Source) -> Result<Content, Failure> {
        match source {
            Source::Bytes(bytes) => Ok(Content::Bytes(bytes)),
            Source::Clipboard => Ok(Content::Clipboard(Box::new(self.clipboard.pictures()))),
            Source::File(typed) => self.place_of(&typed).map(Content::File),
        }
    }

    fn place_of(&self, typed: &str) -> Result<PathBuf, Failure> {
        Ok(self.paths.expand(Path::new(typed))?)
    }

    /// Returns where a dated copy of the vault goes, in a directory as typed.
    fn copy_in(&self, typed: &str, at: Timestamp) -> Result<PathBuf, Failure> {
        let dir = std::path::absolute(self.place_of(typed)?)
            .map_err(|error| Failure::file("find", Path::new(typed), &error))?;
        let stamp = in_names(at).ok_or_else(Failure::undated)?;
        Ok(dir.join(format!("{COPY_PREFIX}{stamp}")))
    }

    /// Waits until the keeper has done what it was asked for, but not for ever.
    fn drain(&mut self) {
        let (done, drained) = channel();
        if self.jobs.send(Job::Drain(done)).is_ok() {
            // Too late is answered like done: the disk hangs, and waiting longer helps nobody.
            let (Ok(()) | Err(_)) = drained.recv_timeout(DRAIN);
        }
    }

    fn lock(&mut self) -> io::Result<Next> {
        self.close()?;
        Self::begun(&anew::start(&self.arguments))
    }

    /// The same, to go on with something once the vault is open.
    fn leave(&mut self, errand: &Errand) -> io::Result<Next> {
        self.close()?;
        Self::begun(&anew::start_with(&self.arguments, &errand.write()))
    }

    fn close(&mut self) -> io::Result<()> {
        self.drain();
        self.forget_clipboard();
        terminal::hand_over()
    }

    fn begun(error: &io::Error) -> io::Result<Next> {
        // Still here: the program's file is gone. What is open must not stay open.
        Err(io::Error::other(format!("locked, and ended since the program could not start again: {error}")))
    }

    fn suspend(&mut self) -> io::Result<Next> {
        self.hear_out();
        terminal::leave()?;
        signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
        // What going on means is done when its signal is taken, which is before the next frame.
        self.take(Message::Signal(SIGCONT))
    }
}

fn start_keeper(
    settings: &Settings,
    sender: Sender<Message>,
    asked: Receiver<Job>,
    locks_at: Arc<Due>,
) -> Result<(), Failure> {
    let (place, work, arguments) = (settings.place.clone(), settings.work, settings.arguments.clone());
    let talk = talk(&sender);
    let tell = move |outcome| {
        // Nobody there any more means that the program is ending.
        drop(sender.send(Message::Event(Event::Done(outcome))));
    };
    let pause = move || {
        if locks_at.is_over(SystemClock.now().boot.saturating_sub(LATE)) {
            lock_by_force(&arguments);
        }
    };
    start("keeper", move || keep(&asked, &place, work, &talk, tell, pause))
}

/// Locks where the loop cannot, since it waits for a terminal that takes nothing.
fn lock_by_force(arguments: &[OsString]) {
    // The modes of a terminal that is gone do not matter.
    drop(terminal::hand_over_unwritten());
    // Still here: the program's file is gone. What is open must not stay open, and nobody reads why.
    drop(anew::start(arguments));
    std::process::exit(1);
}

/// Returns the way from a plugin to the person: what it says is shown, what it asks is not answered, for a question
/// of a plugin would come in the middle of a save.
fn talk(sender: &Sender<Message>) -> Talk {
    struct Notices(Sender<Message>);
    impl Ask for Notices {
        fn say(&self, text: &str) {
            drop(self.0.send(Message::Event(Event::Done(Outcome::Notice(text.to_owned())))));
        }
        fn choose(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
            None
        }
        fn line(&self, _: &str) -> Option<String> {
            None
        }
        fn hidden(&self, _: &str) -> Option<Zeroizing<String>> {
            None
        }
    }
    Talk::new(Notices(sender.clone()))
}

fn start(name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(body);
    started.map(drop).map_err(|error| Failure::other(format!("cannot start a thread: {error}")))
}

/// Sends signals into the channel; one that ends the program also ends it by force, should the loop be stuck.
fn listen(sender: Sender<Message>) -> Result<(), Failure> {
    let mut signals = Signals::new([SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH])
        .map_err(|error| Failure::other(format!("cannot listen to signals: {error}")))?;
    start("signals", move || {
        for signal in signals.forever() {
            drop(sender.send(Message::Signal(signal)));
            if matches!(signal, SIGHUP | SIGINT | SIGQUIT | SIGTERM) {
                thread::sleep(FORCE);
                leave_by_force();
                std::process::exit(128 + signal);
            }
        }
    })
}

/// Gives the terminal back where it may take nothing, and the loop may be stuck in a write to it.
fn leave_by_force() {
    let (done, left) = channel();
    // Without a thread there is still the line below.
    drop(start("leave", move || drop(done.send(terminal::leave()))));
    for _ in 0..FORCED_TRIES {
        // What waits to be taken is dropped, which makes room for the end of it.
        drop(terminal::discard_unwritten());
        if left.recv_timeout(RETRY).is_ok() {
            return;
        }
    }
    drop(terminal::hand_over_unwritten());
}

/// Reads the terminal until it is gone.
fn read_input(sender: &Sender<Message>) {
    let mut input = Input::default();
    let mut bytes = Zeroizing::new(vec![0; 1 << 16]);
    let stdin = rustix::stdio::stdin();
    loop {
        let patience = match (input.waits(), input.pastes()) {
            (false, _) => None,
            (true, false) => Some(&PATIENCE),
            (true, true) => Some(&PASTE_PATIENCE),
        };
        let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
        let events = match poll(&mut watched, patience) {
            Ok(0) => input.give_up(),
            Ok(_) => match rustix::io::read(stdin, &mut bytes[..]) {
                Ok(0) => break,
                Ok(count) => input.feed(&bytes[..count]),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(_) => break,
            },
            Err(Errno::INTR) => continue,
            Err(_) => break,
        };
        bytes.zeroize();
        bytes.resize(1 << 16, 0);
        for event in events {
            if sender.send(Message::Event(event)).is_err() {
                return;
            }
        }
    }
    // Nobody there any more means that the program is ending.
    drop(sender.send(Message::Gone));
}
