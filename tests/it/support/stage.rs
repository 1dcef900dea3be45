//! The UI without a terminal, a clock, a disk or a thread: keys in, pictures out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use twolock::config::Config;
use twolock::failure::Failure;
use twolock::otp::{Code, Now, Otp, Period, Secret, Timestamp};
use twolock::tui::app::{App, Start};
use twolock::tui::effect::{Commit, Effect, Modes, Source, With};
use twolock::tui::event::{Committed, Event, Mouse, Outcome, Proof, Report, Sent, Way};
use twolock::tui::files::{self, Content, Lock};
use twolock::tui::key::Key;
use twolock::tui::lent::{Given, Holding, Lent, Question};
use twolock::tui::screen::{Facts, KeyHelp, Random, Screen};
use twolock::tui::screens;
use twolock::tui::theme::Theme;
use twolock::vault::{
    Account, AccountId, Backup, Change, Checked, DeviceId, SealedCopy, Talk, Vault, short_id,
};
use zeroize::Zeroizing;

/// The passphrase that opens every vault on stage.
pub(crate) const PASSPHRASE: &str = "open sesame";
/// Where the stage's clock begins: 24 November 2026, 14:32:09 UTC, 21 s before codes change.
pub(crate) const BEGIN: i64 = 1_795_530_729;

/// The UI, its vault and its clock.
pub(crate) struct Stage {
    app: App,
    now: Now,
    size: (u16, u16),
    vault: Vault,
    /// What is kept of it, the newest first; nothing where a state does not open.
    kept: Vec<(Backup, Option<Vault>)>,
    /// The disk refuses to save.
    pub(crate) disk_full: bool,
    busy: bool,
    /// The agent has ended, or fails.
    agent_gone: Option<Failure>,
    /// How long the agent goes on.
    agent_left: Duration,
    /// What the agent was asked, in order.
    pub(crate) questions: Vec<Question>,
    cut_off: bool,
    /// What was copied, in order.
    pub(crate) copied: Vec<String>,
    /// Every other effect that was asked for.
    pub(crate) asked: Vec<Effect>,
}

fn facts() -> Facts {
    Facts {
        clock_synchronised: Some(true),
        config_file: "~/.config/twolock/config.ron".to_owned(),
        host: "web-01".to_owned(),
        place: "~/.local/share/twolock".to_owned(),
        place_is_named: false,
        reached_as: None,
        random: Random(|| *b"stage bytes that never change 32"),
        zone: jiff::tz::TimeZone::UTC,
    }
}

/// Returns where a content is; the clipboard is asked by nobody here.
fn content(source: Source) -> Content {
    match source {
        Source::Bytes(bytes) => Content::Bytes(bytes),
        Source::Clipboard => Content::Bytes(Zeroizing::default()),
        Source::File(path) => Content::File(PathBuf::from(path)),
    }
}

/// Returns a time-based account with a secret of its own.
pub(crate) fn account(number: u8, issuer: &str, name: &str) -> Account {
    let at = Timestamp::from_seconds(BEGIN - 86_400);
    let secret = Secret::from_bytes(&[number; 20]).unwrap();
    let mut account = Account::new(AccountId::new(at, [number; 10]), issuer, name, Otp::totp(secret), at);
    account.checked = Checked::BySite(at);
    account
}

/// Returns the way of every copy on stage.
fn way() -> Way {
    Way {
        stations: ["twolock", "tmux", "ssh", "xterm"].map(str::to_owned).to_vec(),
        says: "xterm itself drops copies unless you allow them.".to_owned(),
        place: "In ~/.Xresources on your own computer:".to_owned(),
        lines: vec!["XTerm*selectToClipboard: true".to_owned()],
        proven: false,
        key: "twolock > tmux > ssh > xterm".to_owned(),
    }
}

impl Stage {
    fn begin(screen: Box<dyn Screen>) -> Self {
        Self::begin_as(screen, None, None)
    }

    /// The same, over SSH; what is on the screen is begun anew on the list.
    pub(crate) fn reached_as(self, address: &str) -> Self {
        let mut stage = Self::begin_as(screens::locked(), Some(address.to_owned()), None);
        stage.vault = self.vault;
        stage.paste(PASSPHRASE).keys("<enter>")
    }

    fn begin_as(screen: Box<dyn Screen>, reached_as: Option<String>, search: Option<&str>) -> Self {
        Self::begin_with(screen, reached_as, search, Theme::new(true, false), Config::default())
    }

    fn begin_with(
        screen: Box<dyn Screen>,
        reached_as: Option<String>,
        search: Option<&str>,
        theme: Theme,
        config: Config,
    ) -> Self {
        let now = Now { wall: Timestamp::from_seconds(BEGIN), boot: Duration::from_secs(1000) };
        let start = Start {
            theme,
            facts: Facts { reached_as, ..facts() },
            config,
            screen,
            search: search.map(ToOwned::to_owned),
            errand: None,
            note: None,
        };
        Self {
            app: App::new(start, now),
            now,
            size: (80, 24),
            vault: Vault::new(uuid::Uuid::nil()),
            kept: Vec::new(),
            disk_full: false,
            busy: false,
            agent_gone: None,
            agent_left: Duration::from_hours(3),
            questions: Vec::new(),
            cut_off: false,
            copied: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// A locked vault, and what the program was called with to search for.
    pub(crate) fn called_with(accounts: Vec<Account>, search: &str) -> Self {
        let mut stage = Self::begin_as(screens::locked(), None, Some(search));
        stage.vault = Self::locked(accounts).vault;
        stage.paste(PASSPHRASE).keys("<enter>")
    }

    /// The first start.
    pub(crate) fn first_start() -> Self {
        Self::begin(Box::new(screens::create::Create::new()))
    }

    /// The vault, as it looks after it was open and locked itself.
    pub(crate) fn locked_again() -> Self {
        Self::begin(Box::new(screens::unlock::Unlock::again()))
    }

    /// The list of what an agent lends of a vault with some accounts, with these settings.
    pub(crate) fn lent_with(accounts: Vec<Account>, config: Config) -> Self {
        let mut stage = Self::begin_with(screens::lent(None), None, None, Theme::new(true, false), config);
        for account in accounts {
            stage.vault.apply(&Change::Add(Box::new(account)), stage.now.wall, DeviceId(1)).unwrap();
        }
        stage.send(Event::Tick);
        stage
    }

    /// The list of what an agent lends of a vault with some accounts.
    pub(crate) fn lent(accounts: Vec<Account>) -> Self {
        Self::lent_with(accounts, Config::default())
    }

    /// From now on the agent gives nothing, and says why.
    pub(crate) fn agent_fails(mut self, failure: Failure) -> Self {
        self.agent_gone = Some(failure);
        self
    }

    /// The agent goes on for so long.
    pub(crate) fn agent_has(mut self, left: Duration) -> Self {
        self.agent_left = left;
        self
    }

    /// Another program changes the vault.
    pub(crate) fn changed_by_another(mut self, change: &Change) -> Self {
        self.vault.apply(change, self.now.wall, DeviceId(2)).unwrap();
        self
    }

    /// Answers as an agent does.
    fn agent(&mut self, question: Question) -> Outcome {
        self.questions.push(question.clone());
        let now = self.now.wall;
        if let Some(failure) = self.agent_gone.clone() {
            return match question {
                Question::Code { .. } => Outcome::Given(Err(failure)),
                Question::Forget => Outcome::Forgot(Ok(())),
                Question::Holding { .. } => Outcome::Held(Err(failure)),
            };
        }
        match question {
            Question::Forget => {
                self.agent_gone = Some(Failure::locked("the agent has ended"));
                Outcome::Forgot(Ok(()))
            }
            Question::Holding { codes, .. } => {
                let rows: Vec<serde_json::Value> =
                    self.vault.accounts().iter().map(|account| self.row(account)).collect();
                let document = serde_json::json!({ "v": 1, "accounts": rows }).to_string();
                let accounts = codes.then(|| Lent::read(&document, now).unwrap());
                Outcome::Held(Ok(Holding { pid: 4321, left: self.agent_left, accounts }))
            }
            Question::Code { id, next } => {
                let found = self.vault.accounts().iter().find(|account| account.id.digits().ends_with(&id));
                let account = found.unwrap().clone();
                let (code, left) = if account.otp.period().is_none() {
                    let applied =
                        self.vault.apply(&Change::Advance(account.id), now, DeviceId(1)).unwrap().reserved;
                    (account.otp.code_at(applied.unwrap().1), None)
                } else {
                    assert!(next);
                    let period = account.otp.period().unwrap().seconds();
                    let left = account.otp.seconds_left(now).unwrap() + period;
                    (account.otp.next_code(now).unwrap(), Some(left))
                };
                let document = serde_json::json!({
                    "v": 1, "account": self.row(&account), "code": code.reveal(), "seconds_left": left,
                });
                Outcome::Given(Ok(Given::read(&document.to_string(), now).unwrap()))
            }
        }
    }

    /// An account as `list --codes --json` has it.
    fn row(&self, account: &Account) -> serde_json::Value {
        use twolock::otp::Kind;
        let now = self.now.wall;
        let counts = matches!(account.otp.kind, Kind::Hotp { .. });
        let code = account.otp.code(now).ok().filter(|_| !account.pending && !counts);
        let checked = match account.checked {
            _ if account.pending => "pending",
            Checked::Never => "never",
            _ => "site",
        };
        serde_json::json!({
            "id": short_id(self.vault.accounts(), account.id), "name": account.name(),
            "account": account.detail(), "group": account.group, "type": if counts { "hotp" } else { "totp" },
            "algorithm": "SHA1", "digits": 6, "period": account.otp.period().map(Period::seconds),
            "pinned": account.pinned, "checked": checked, "code": code.as_ref().map(Code::reveal),
            "seconds_left": code.as_ref().and_then(|_| account.otp.seconds_left(now)),
        })
    }

    /// A locked vault with some accounts.
    pub(crate) fn locked(accounts: Vec<Account>) -> Self {
        let mut stage = Self::begin(screens::locked());
        for account in accounts {
            stage.vault.apply(&Change::Add(Box::new(account)), stage.now.wall, DeviceId(1)).unwrap();
        }
        stage
    }

    /// An open vault with some accounts, and with these settings.
    pub(crate) fn with_config(accounts: Vec<Account>, config: Config) -> Self {
        Self::with_theme(accounts, Theme::new(true, false), config)
    }

    /// An open vault with some accounts, drawn like this.
    pub(crate) fn with_theme(accounts: Vec<Account>, theme: Theme, config: Config) -> Self {
        let mut stage = Self::begin_with(screens::locked(), None, None, theme, config);
        for account in accounts {
            stage.vault.apply(&Change::Add(Box::new(account)), stage.now.wall, DeviceId(1)).unwrap();
        }
        stage.paste(PASSPHRASE).keys("<enter>")
    }

    /// An open vault with some accounts.
    pub(crate) fn with(accounts: Vec<Account>) -> Self {
        Self::locked(accounts).paste(PASSPHRASE).keys("<enter>")
    }

    /// The window has another size.
    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// From now on the world does not answer: what is asked of it is under way for ever.
    pub(crate) fn busy(mut self) -> Self {
        self.busy = true;
        self
    }

    /// From now on no file can be read or written.
    pub(crate) fn cut_off(mut self) -> Self {
        self.cut_off = true;
        self
    }

    /// The size of the window.
    pub(crate) fn columns_and_rows(&self) -> (u16, u16) {
        self.size
    }

    /// Where the terminal's cursor is.
    pub(crate) fn cursor(&self) -> Option<ratatui::layout::Position> {
        self.app.cursor(Rect::new(0, 0, self.size.0, self.size.1))
    }

    /// Are letters text on the screen in sight?
    pub(crate) fn types(&self) -> bool {
        self.app.types()
    }

    /// Presses keys, as `Key::spell` reads them.
    pub(crate) fn keys(mut self, keys: &str) -> Self {
        for key in Key::spell(keys).expect("the test spells its keys right") {
            self.key(key);
        }
        self
    }

    /// Pastes text.
    pub(crate) fn paste(mut self, text: &str) -> Self {
        self.send(Event::Paste(Zeroizing::new(text.to_owned())));
        self
    }

    /// Lets seconds pass, one tick each.
    pub(crate) fn wait(mut self, seconds: u32) -> Self {
        for _ in 0..seconds {
            self.now.wall = self.now.wall.plus_seconds(1);
            self.now.boot += Duration::from_secs(1);
            self.send(Event::Tick);
        }
        self
    }

    /// Lets seconds pass without a tick, as a suspended computer does.
    pub(crate) fn suspend(mut self, seconds: u32) -> Self {
        self.now.wall = self.now.wall.plus_seconds(seconds.into());
        self.now.boot += Duration::from_secs(seconds.into());
        self
    }

    /// The clock on the wall.
    pub(crate) fn wall(&self) -> Timestamp {
        self.now.wall
    }

    /// Sets the clock on the wall, as a person or the network does.
    pub(crate) fn set_wall(&mut self, wall: Timestamp) {
        self.now.wall = wall;
    }

    /// The vault as the disk would hold it.
    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Is the vault open?
    pub(crate) fn is_open(&self) -> bool {
        self.app.is_open()
    }

    /// How long the program would sleep.
    pub(crate) fn wakes_in(&self) -> Option<Duration> {
        self.app.wakes_in()
    }

    /// The keys that the screen in sight promises: in its footer, and on its help page.
    pub(crate) fn promises(&self) -> (Vec<Key>, Vec<Key>) {
        let (hints, help) = self.app.promises();
        let help = help.into_iter().flat_map(|line| line.keys);
        (hints.into_iter().map(|hint| hint.key).collect(), help.collect())
    }

    /// The name of the screen in sight.
    pub(crate) fn screen(&self) -> &'static str {
        self.app.in_sight()
    }

    /// The lines of the help page of the screen in sight.
    pub(crate) fn lines(&self) -> Vec<KeyHelp> {
        self.app.promises().1
    }

    /// Everything that a key can change, as text.
    pub(crate) fn state(&self) -> String {
        let cursor = self.app.cursor(Rect::new(0, 0, self.size.0, self.size.1));
        format!("{:?}{cursor:?}{:?}{:?}{:?}", self.buffer(), self.asked, self.copied, self.vault)
    }

    /// Presses a key, as a person does: who sees the screen before.
    pub(crate) fn key(&mut self, key: Key) {
        drop(self.buffer());
        self.send(Event::Key(key));
    }

    /// Clicks on the first letter of a text that is on the screen.
    pub(crate) fn click(self, text: &str) -> Self {
        let picture = self.picture();
        let found =
            (0_u16..).zip(picture.lines()).find_map(|(row, line)| Some((row, line.find(text)?, line)));
        let (row, at, line) = found.expect("what is clicked on can be seen");
        let column = unicode_width::UnicodeWidthStr::width(&line[..at]);
        self.point(Mouse::Click(u16::try_from(column).unwrap(), row))
    }

    /// Does something with the mouse.
    pub(crate) fn point(self, mouse: Mouse) -> Self {
        self.told(Outcome::Terminal(Report::Mouse(mouse)))
    }

    /// The window gets or loses the focus.
    pub(crate) fn focus(self, here: bool) -> Self {
        self.told(Outcome::Terminal(Report::Focus(here)))
    }

    /// The line to the terminal is found to be slow, or quick.
    pub(crate) fn line(self, slow: bool) -> Self {
        self.told(Outcome::Terminal(Report::Line(slow)))
    }

    /// What the terminal is asked to do beside drawing.
    pub(crate) fn modes(&self) -> Modes {
        self.app.modes()
    }

    /// Is told what came of something.
    pub(crate) fn told(mut self, outcome: Outcome) -> Self {
        self.send(Event::Done(outcome));
        self
    }

    /// Something that was not asked for is done.
    pub(crate) fn outcome(&mut self, outcome: Outcome) {
        self.send(Event::Done(outcome));
    }

    /// The world answers again, first to what was asked meanwhile.
    pub(crate) fn catch_up(mut self) -> Self {
        self.busy = false;
        let effects = std::mem::take(&mut self.asked);
        self.carry_out(effects);
        self
    }

    /// What is to be said of the changes that are under way.
    pub(crate) fn to_be_said(&self) -> Option<&str> {
        self.asked.iter().rev().find_map(|effect| match effect {
            Effect::Commit(asked) => asked.says.as_ref().map(|note| note.text.as_str()),
            _ => None,
        })
    }

    fn send(&mut self, event: Event) {
        let effects = self.app.update(event, self.now);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, mut effects: Vec<Effect>) {
        while !effects.is_empty() {
            let outcomes: Vec<Outcome> =
                effects.drain(..).filter_map(|effect| self.perform(effect)).collect();
            for outcome in outcomes {
                effects.extend(self.app.update(Event::Done(outcome), self.now));
            }
        }
    }

    fn perform(&mut self, effect: Effect) -> Option<Outcome> {
        if self.busy {
            self.asked.push(effect);
            return None;
        }
        let failed = || Failure::other("cannot read or write anything: this is a test");
        match effect {
            Effect::AskAgent(question) => Some(self.agent(question)),
            Effect::DeleteFiles(_) if self.cut_off => Some(Outcome::FilesDeleted(Err(failed()))),
            Effect::Export(_) if self.cut_off => Some(Outcome::Exported(Err(failed()))),
            Effect::ReadFile(Source::File(_), _) if self.cut_off => {
                Some(Outcome::File(Err(twolock::tui::event::Unread::Failed(failed()))))
            }
            Effect::ReadPicture(Source::File(_)) if self.cut_off => Some(Outcome::Picture(Err(failed()))),
            Effect::Commit(asked) => Some(self.commit(asked)),
            Effect::Confirm(passphrase) => Some(Outcome::Confirmed(self.check(passphrase.reveal()))),
            Effect::ChangePassphrase(old, new) => {
                let changed = self.check(old.reveal()).map(|()| None);
                if changed.is_ok() {
                    self.asked.push(Effect::ChangePassphrase(old, new));
                }
                Some(Outcome::PassphraseChanged(changed))
            }
            Effect::Copy(copied) | Effect::Follow(copied) => {
                self.copied.push(copied.code.reveal().to_owned());
                let code = copied.code.grouped();
                let code = if copied.hidden { "the code" } else { code.as_str() };
                let text = format!("Copied {code} · {}", copied.about);
                let validity = copied.validity.clone();
                Some(Outcome::Copied(Ok(Sent { text, validity, advice: None, proof: Proof::Taken })))
            }
            Effect::ExplainCopy => Some(Outcome::CopyExplained(way())),
            Effect::TestCopy(_) => {
                self.asked.push(effect);
                Some(Outcome::CopyExplained(way()))
            }
            Effect::BackUp(_) if self.cut_off => Some(Outcome::BackedUp(Err(failed()))),
            Effect::BackUp(dir) => {
                let path = PathBuf::from(&dir).join("twolock-2026-11-24T14-32-09Z");
                self.asked.push(Effect::BackUp(dir));
                let made_dir = self.asked.contains(&Effect::BackUp("new".to_owned()));
                Some(Outcome::BackedUp(Ok(SealedCopy { path, made_dir })))
            }
            Effect::ListBackups => {
                Some(Outcome::Backups(Ok(self.kept.iter().map(|(backup, _)| backup.clone()).collect())))
            }
            Effect::ReadBackup(backup) => {
                let read = self.read_backup(&backup);
                Some(Outcome::BackupRead(backup, read))
            }
            Effect::Create(_, ref further) => {
                let vault = Arc::new(self.vault.clone());
                if !further.is_empty() {
                    self.asked.push(effect);
                }
                Some(Outcome::Unlocked(Ok(vault)))
            }
            Effect::FindKeys(typed) => {
                let path = Ok(PathBuf::from(&typed));
                Some(Outcome::KeysFound(files::find_keys(&typed, path, Talk::nobody())))
            }
            Effect::DeleteFiles(originals) => Some(Outcome::FilesDeleted(files::delete(&originals))),
            Effect::Export(export) => {
                let to = PathBuf::from(&export.to);
                Some(Outcome::Exported(files::export(&export, to)))
            }
            Effect::ReadFile(Source::Clipboard, _) | Effect::ReadPicture(Source::Clipboard) => {
                self.asked.push(effect);
                None
            }
            Effect::ReadFile(source, with) => {
                let lock = match with {
                    With::KeyFile(file, passphrase) => {
                        Lock::KeyFile(PathBuf::from(file), passphrase, Talk::nobody())
                    }
                    With::Nothing => Lock::Nothing,
                    With::Password(password, key_file) => {
                        Lock::Password(password, key_file.map(|typed| Ok(PathBuf::from(typed))))
                    }
                };
                Some(Outcome::File(files::import(Ok(content(source)), Ok(lock), |_| {})))
            }
            Effect::ReadPicture(source) => Some(Outcome::Picture(files::read_picture(content(source)))),
            Effect::Unlock(passphrase) => {
                let vault = Arc::new(self.vault.clone());
                Some(Outcome::Unlocked(self.check(passphrase.reveal()).map(|()| vault)))
            }
            other => {
                self.asked.push(other);
                None
            }
        }
    }

    fn check(&self, passphrase: &str) -> Result<(), Failure> {
        if passphrase == PASSPHRASE { Ok(()) } else { Err(Failure::locked("the passphrase is wrong")) }
    }

    fn commit(&mut self, asked: Commit) -> Outcome {
        if self.disk_full {
            let failure = Failure::other("cannot write the vault: no space left on device");
            return Outcome::Refused(failure, asked);
        }
        let mut vault = self.vault.clone();
        let (mut inverse, mut reserved) = (Vec::new(), Vec::new());
        for change in &asked.changes {
            match vault.apply(change, self.now.wall, DeviceId(1)) {
                Ok(applied) => {
                    inverse.splice(0..0, applied.inverse);
                    reserved.extend(applied.reserved);
                }
                Err(error) => return Outcome::Refused(Failure::other(error.to_string()), asked),
            }
        }
        let before = std::mem::replace(&mut self.vault, vault);
        if asked.changes.iter().any(Change::is_edit) {
            self.keep(Some(before));
        }
        Outcome::Committed(Committed {
            vault: Arc::new(self.vault.clone()),
            inverse,
            undoes: asked.undoes,
            says: asked.says,
            reserved,
            unsure: None,
        })
    }

    /// Keeps a state of the vault, as each change does.
    fn keep(&mut self, state: Option<Vault>) {
        let generation = self.kept.len() as u64 + 1;
        let path = PathBuf::from(format!("vault-{generation:08}.age"));
        self.kept.insert(0, (Backup { path, generation, when: self.now.wall }, state));
    }

    /// A state is kept that does not open.
    pub(crate) fn keeps_a_damaged_state(mut self) -> Self {
        self.keep(None);
        self
    }

    /// Opens a state that is kept.
    fn read_backup(&self, backup: &Backup) -> Result<Arc<Vault>, Failure> {
        let kept = self.kept.iter().find(|(kept, _)| kept == backup).and_then(|(_, vault)| vault.clone());
        kept.map(Arc::new).ok_or_else(|| Failure::other("the vault file is damaged: this is a test"))
    }

    /// Draws the screen into a buffer.
    pub(crate) fn buffer(&self) -> Buffer {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buffer = Buffer::empty(area);
        self.app.view(area, &mut buffer);
        buffer
    }

    /// Returns what is on the screen as text, without the blanks at the ends of lines.
    pub(crate) fn picture(&self) -> String {
        self.picture_at(self.size)
    }

    /// Returns what would be on a screen of another size.
    pub(crate) fn picture_at(&self, (columns, rows): (u16, u16)) -> String {
        let area = Rect::new(0, 0, columns, rows);
        let mut buffer = Buffer::empty(area);
        self.app.view(area, &mut buffer);
        let mut picture = String::new();
        for y in 0..rows {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..columns {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                line.push_str(symbol);
            }
            picture.push_str(line.trim_end());
            picture.push('\n');
        }
        picture
    }
}
