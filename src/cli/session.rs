//! What a verb is handed: the options, the computer, the time, the vault. How the vault is opened is in `access`.

use std::borrow::Cow;
use std::cell::RefCell;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;

use rustix::io::{Errno, retry_on_intr};
use zeroize::{Zeroize, Zeroizing};

use super::forward::Gate;
use super::options::Options;
use super::output::{Output, reason};
use crate::config::{self, Config, Loaded};
use crate::failure::{Exit, Failure};
use crate::otp::Now;
use crate::system::clipboard::{self, Clipboard, Via};
use crate::system::clock::{self, Clock, FixedClock, SystemClock};
use crate::system::environment::Environment;
use crate::system::paths::{Given, Paths};
use crate::vault::{Account, Change, Committed, Durability, Place, Presence, Store, StoreError};

/// The most that is read from a file or from standard input.
pub(super) const LARGEST: usize = 16 << 20;

/// What a verb is handed.
pub struct Session {
    /// What the user set.
    pub config: Config,
    /// What is wrong with the file that says so.
    pub remarks: Vec<String>,
    /// Says what is wrong with the keys that it gives to actions, which only the terminal UI knows.
    pub check_keys: fn(&Config) -> Vec<String>,
    /// The clock: the computer's, or one that stands at `--at`.
    pub clock: Box<dyn Clock>,
    /// What the environment says.
    pub environment: Environment,
    /// The options of every verb.
    pub options: Options,
    /// Where words and data go.
    pub output: Output,
    /// Where things are.
    pub paths: Paths,
    /// The vault's place.
    pub place: Place,
    /// The vault, if it is open already: in the agent.
    lent: RefCell<Option<Store>>,
    /// What stands between another computer and the codes.
    gate: Option<Arc<Gate>>,
}

impl Session {
    /// Returns a session in this environment. Nothing is opened or asked yet.
    pub fn new(options: Options, environment: Environment) -> Result<Self, Failure> {
        if environment.passphrase_in_environment {
            return Err(Failure::new(
                Exit::Usage,
                "TWOLOCK_PASSPHRASE is set, and is not used: other programs can read the environment",
            )
            .hint("unset it, and use --passphrase-file FILE or --passphrase-fd N"));
        }
        let clock: Box<dyn Clock> = match &options.at {
            None => Box::new(SystemClock),
            Some(text) => match clock::parse_time(text) {
                Ok(wall) => Box::new(FixedClock { wall }),
                Err(error) => return Err(Failure::new(Exit::Usage, error.to_string())),
            },
        };
        let given = Given { config: options.config.clone(), vault: options.vault.clone() };
        let mut paths = Paths::find(&given, &environment)?;
        let named = options.config.is_some() || environment.config.is_some();
        let Loaded { config, mut remarks } = config::load(&paths.config, named);
        if let Some(dir) = &config.vault.dir
            && options.vault.is_none()
            && environment.vault.is_none()
        {
            match paths.expand(Path::new(dir)) {
                Ok(dir) => paths.vault = dir,
                Err(error) => remarks.push(format!("`vault.dir`: {error}; the usual one is used")),
            }
        }
        let place = Place::new(paths.vault.clone(), Some(paths.state.clone()))
            .keeping_deleted(config.delete.keep_days);
        let output = Output::new(options.quiet);
        Ok(Self {
            config,
            remarks,
            check_keys: |_| Vec::new(),
            clock,
            environment,
            options,
            output,
            paths,
            place,
            lent: RefCell::default(),
            gate: None,
        })
    }

    /// Warns of what is wrong with the file of settings, once.
    pub(super) fn warn_of_settings(&mut self) {
        for remark in std::mem::take(&mut self.remarks) {
            self.output.warn(remark);
        }
    }

    /// Gives it a vault that is open already.
    pub(super) fn lend(&mut self, store: Store, gate: Option<Arc<Gate>>) {
        self.lent = RefCell::new(Some(store));
        self.gate = gate;
    }

    /// Returns the accounts that the caller may know of.
    pub(super) fn known<'a>(&self, accounts: &'a [Account]) -> Cow<'a, [Account]> {
        match &self.gate {
            None => Cow::Borrowed(accounts),
            Some(gate) => accounts.iter().filter(|account| gate.shows(account)).cloned().collect(),
        }
    }

    /// Fails unless a code of the account may be given to the caller.
    pub(super) fn may_give(&self, account: &Account) -> Result<(), Failure> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate.pass(account))
    }

    /// Says whether the caller is at another computer, where each code needs a yes here.
    pub(super) fn is_gated(&self) -> bool {
        self.gate.is_some()
    }

    /// Says whether it has a vault that is open already.
    pub(super) fn is_lent(&self) -> bool {
        self.lent.borrow().is_some()
    }

    /// Takes the vault that is open already.
    pub(super) fn take_lent(&self) -> Option<Store> {
        self.lent.borrow_mut().take()
    }

    /// Returns the clipboard as the environment and the settings want it.
    pub fn clipboard(&self) -> Result<Clipboard, Failure> {
        Ok(self.clipboard_by(self.via()?))
    }

    /// Returns the clipboard, by this way.
    pub(super) fn clipboard_by(&self, via: Via) -> Clipboard {
        let copy = &self.config.copy;
        let settings = clipboard::Settings {
            command: copy.command.clone().unwrap_or_default(),
            exclude_from_history: copy.exclude_from_history,
            via,
        };
        let tests = self.paths.clipboard_tests();
        Clipboard::new(settings, self.environment.clone()).remembering(Some(tests))
    }

    /// Returns the way to copy that the environment wants, or else the settings.
    pub fn via(&self) -> Result<Via, Failure> {
        match self.environment.clipboard.as_deref().map(Via::from_name) {
            None => Ok(self.config.copy.via),
            Some(Some(via)) => Ok(via),
            Some(None) => Err(Failure::usage("TWOLOCK_CLIPBOARD is not a way to copy")
                .hint(format!("it takes {}", Via::NAMES.map(|(name, _)| name).join(", ")))),
        }
    }

    /// Returns the time.
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// Says whether the time was given and stands still.
    pub(super) fn is_fixed(&self) -> bool {
        self.options.at.is_some()
    }

    /// Fails where there is no vault, before anything is asked.
    pub(super) fn check_vault(&self) -> Result<(), Failure> {
        let path = self.place.vault_file();
        match Store::presence(&self.place)? {
            Presence::Missing | Presence::Unfinished => Err(StoreError::Missing { path }.into()),
            Presence::Present => Ok(()),
            Presence::Vanished { generation } => Err(self.vanished(generation)),
        }
    }

    /// Returns the failure for a vault that was here and is gone, with both ways out.
    pub fn vanished(&self, generation: u64) -> Failure {
        let short = |path: &Path| self.paths.short(path);
        let path = self.place.vault_file();
        let mut failure = Failure::from(StoreError::Vanished { path, generation });
        failure.hints = vec![
            format!(
                "put vault.age and identity.age back into \"{}\" from a copy; earlier states are kept in \"{}\"",
                short(self.place.dir()),
                short(&self.place.backups_dir())
            ),
            "if it is gone on purpose, `twolock init --anew` makes a new one there".to_owned(),
        ];
        failure
    }

    /// Saves changes, and says so if they may not survive a power cut.
    pub(super) fn commit(&self, store: &mut Store, changes: &[Change]) -> Result<Committed, Failure> {
        let committed = store.commit(changes, self.now().wall)?;
        if let Durability::Unsure(why) = &committed.durability {
            self.output.warn(format_args!("saved, but a power cut may take it back: {why}"));
        }
        Ok(committed)
    }
}

/// Returns outside text in quotes, harmless and not too long.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", crate::display::visible(text).cut(60))
}

/// Reads all of a file or stream, up to a bound, into memory that is wiped. `name` is for the error.
pub(super) fn read_all(from: impl AsFd, name: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    read_up_to(from, name, LARGEST)
}

/// Reads all of a file or stream of at most so many bytes.
pub(super) fn read_up_to(from: impl AsFd, name: &str, most: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 << 16));
    let mut piece = Zeroizing::new([0_u8; 1 << 14]);
    loop {
        let count = match retry_on_intr(|| rustix::io::read(&from, &mut piece[..])) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) => return Err(cannot_read(name, error)),
        };
        if bytes.len() + count > most {
            return Err(Failure::other(format!("{name} is too large: more than {} MiB", most >> 20)));
        }
        if bytes.len() + count > bytes.capacity() {
            // By hand, since growing in place would leave the old bytes behind unwiped.
            let mut larger = Zeroizing::new(Vec::with_capacity(bytes.capacity() * 2));
            larger.extend_from_slice(&bytes);
            bytes = larger;
        }
        bytes.extend_from_slice(&piece[..count]);
        piece.zeroize();
    }
    Ok(bytes)
}

fn cannot_read(name: &str, error: Errno) -> Failure {
    Failure::other(format!("cannot read {name}: {}", reason(&error.into())))
}
