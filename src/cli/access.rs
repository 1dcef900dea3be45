//! Ways to unlock: a passphrase from a file, a descriptor, a service's credentials, a program that asks or the
//! terminal, or an identity file. None comes from an argument or from the environment itself.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::output::{Output, complain};
use super::session::Session;
use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::system::prompt::{self, PromptError, Terminal};
use crate::system::{askpass, file};
use crate::vault::{Ask, Identities, Passphrase, SealError, Store, Talk};

/// The most bytes that an identity file may have.
const LARGEST_IDENTITY: usize = 1 << 20;
/// The file with the passphrase in the directory that systemd makes for a service (`LoadCredential=`).
const CREDENTIAL: &str = "twolock-passphrase";

/// Where a passphrase may come from without a question.
enum Source {
    Descriptor(String),
    File(PathBuf),
}

impl Session {
    /// Returns where the passphrase comes from without a question: what the call says goes before the environment,
    /// and that before what a service was given.
    fn source(&self) -> Result<Option<Source>, Failure> {
        let (options, environment) = (&self.options, &self.environment);
        if let Some(descriptor) = options.passphrase_fd {
            return Ok(Some(Source::Descriptor(descriptor.to_string())));
        }
        if let Some(file) = options.passphrase_file.as_ref().or(environment.passphrase_file.as_ref()) {
            return Ok(Some(Source::File(self.paths.expand(file)?)));
        }
        if let Some(descriptor) = &environment.passphrase_fd {
            return Ok(Some(Source::Descriptor(descriptor.clone())));
        }
        let credential = environment.credentials.as_ref().map(|directory| directory.join(CREDENTIAL));
        Ok(credential.filter(|file| file.is_file()).map(Source::File))
    }

    /// Says whether the call brings what opens the vault, so that nothing else has to be looked for.
    pub(super) fn brings_a_key(&self) -> Result<bool, Failure> {
        Ok(self.identity_file()?.is_some() || self.source()?.is_some())
    }

    /// Says whether the passphrase comes from standard input, which then can give nothing else.
    pub(super) fn stdin_is_taken(&self) -> Result<bool, Failure> {
        Ok(matches!(self.source()?, Some(Source::Descriptor(number)) if number.trim() == "0"))
    }

    /// Returns the passphrase that came with the call, if one did.
    pub fn given_passphrase(&self) -> Result<Option<Passphrase>, Failure> {
        Ok(match self.source()? {
            None => None,
            Some(Source::Descriptor(number)) => {
                Some(Passphrase::new(prompt::passphrase_from_descriptor(&number)?))
            }
            Some(Source::File(file)) => Some(Passphrase::new(prompt::passphrase_from_file(&file)?)),
        })
    }

    /// Returns the identity file that was named, if one was. A passphrase in the call goes before one in the
    /// environment.
    pub fn identity_file(&self) -> Result<Option<PathBuf>, Failure> {
        let (options, environment) = (&self.options, &self.environment);
        let named = options.passphrase_fd.is_some() || options.passphrase_file.is_some();
        let file = options.identity.as_ref().or(environment.identity.as_ref().filter(|_| !named));
        Ok(file.map(|file| self.paths.expand(file)).transpose()?)
    }

    /// Asks without echo: by the program of the user, if one is set, or on the terminal.
    pub(super) fn ask_hidden(&self, question: &str) -> Result<Zeroizing<String>, Failure> {
        self.may_ask()?;
        match &self.environment.askpass {
            Some(program) => Ok(askpass::ask(program, question)?),
            None => Ok(Terminal::open()?.passphrase(question)?),
        }
    }

    /// Asks on the terminal for a word that is shown. Nothing where nobody can be asked.
    pub(super) fn ask(&self, question: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        if self.options.no_input {
            return Ok(None);
        }
        match Terminal::open() {
            Ok(mut terminal) => Ok(Some(terminal.line(question)?)),
            Err(_) => Ok(None),
        }
    }

    /// Fails where nothing may be asked.
    fn may_ask(&self) -> Result<(), Failure> {
        if !self.options.no_input {
            return Ok(());
        }
        Err(Failure::new(Exit::Locked, "an answer is needed, and --no-input forbids asking")
            .hint("give the passphrase with --passphrase-file FILE or --passphrase-fd N"))
    }

    /// Returns the passphrase of the vault, asking for it if it did not come with the call.
    pub(super) fn passphrase(&self) -> Result<Passphrase, Failure> {
        if let Some(passphrase) = self.given_passphrase()? {
            return Ok(passphrase);
        }
        self.may_ask()?;
        if self.environment.askpass.is_none() && matches!(Terminal::open(), Err(PromptError::NoTerminal)) {
            return Err(Failure::locked("the vault is locked, and there is no terminal to ask for its passphrase")
                .hint("`twolock unlock` on a terminal opens it for a while")
                .hint("give the passphrase with --passphrase-file FILE or --passphrase-fd N, or a key with --identity FILE"));
        }
        Ok(Passphrase::new(self.ask_hidden("Passphrase: ")?))
    }

    /// Returns the identities that were named, if any were.
    pub(super) fn identities(&self) -> Result<Option<Identities>, Failure> {
        let Some(path) = self.identity_file()? else {
            return Ok(None);
        };
        let given = || self.given_passphrase();
        self.identities_in(&path, given).map(Some)
    }

    /// Returns the identities in a file. If it is sealed and its passphrase is not `given`, it is asked for.
    pub(super) fn identities_in(
        &self,
        path: &Path,
        given: impl FnOnce() -> Result<Option<Passphrase>, Failure>,
    ) -> Result<Identities, Failure> {
        let shown = self.paths.short(path);
        let bytes =
            file::read(path, LARGEST_IDENTITY).map_err(|error| Failure::file("read", path, &error))?;
        let passphrase = || match given() {
            Ok(Some(passphrase)) => Ok(passphrase),
            Ok(None) => {
                let question = format!("Passphrase of \"{shown}\": ");
                self.ask_hidden(&question).map(Passphrase::new).map_err(Refusal::Asking)
            }
            Err(failure) => Err(Refusal::Asking(failure)),
        };
        let read = Identities::read(&bytes, passphrase, self.talk());
        let held = read.map_err(|refusal| match refusal {
            Refusal::Asking(failure) => failure,
            Refusal::Seal(SealError::Foreign) => Failure::locked(format!(
                "\"{shown}\" is sealed for a key, and an identity file is plain or sealed with a passphrase"
            )),
            Refusal::Seal(error) => Failure::locked(format!("\"{shown}\" does not unlock: {error}"))
                .hint("an identity file is what `age-keygen` or an age plugin writes"),
        })?;
        if held.needs_plugin() && self.environment.age_debug {
            return Err(Failure::usage(
                "AGEDEBUG is set, and would make age write keys of the vault on the screen",
            )
            .hint("unset it"));
        }
        Ok(held)
    }

    /// Returns the way from a plugin to the person.
    pub(super) fn talk(&self) -> Talk {
        Talk::new(AtTerminal { no_input: self.options.no_input, quiet: self.options.quiet })
    }

    /// Opens the vault: the one that is open already, or by the identities that were named, or by the passphrase.
    pub(super) fn open(&self) -> Result<Store, Failure> {
        if let Some(store) = self.take_lent() {
            return Ok(store);
        }
        self.check_vault()?;
        let at = self.now().wall;
        let mut store = match self.identities()? {
            Some(held) => Store::unlock_with(&self.place, &held, at)?,
            None => Store::unlock(&self.place, &self.passphrase()?, at)?,
        };
        store.talk_through(self.talk());
        for notice in store.notices() {
            self.output.warn(notice);
        }
        Ok(store)
    }
}

/// Why an identity file gives nothing.
enum Refusal {
    Asking(Failure),
    Seal(SealError),
}

impl From<SealError> for Refusal {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

/// The person at the terminal, as plugins see it.
struct AtTerminal {
    no_input: bool,
    quiet: bool,
}

impl AtTerminal {
    fn terminal(&self) -> Option<Terminal> {
        if self.no_input { None } else { Terminal::open().ok() }
    }
}

impl Ask for AtTerminal {
    fn say(&self, text: &str) {
        Output::new(self.quiet).say(text);
    }

    fn choose(&self, question: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        let mut terminal = self.terminal()?;
        let (question, yes) = (visible(question), visible(yes));
        let no = visible(no.unwrap_or("cancel"));
        complain(&format!("{question}\n  y: {yes}\n  n: {no}\n"));
        terminal.agrees("Which one?", false).ok()
    }

    fn line(&self, question: &str) -> Option<String> {
        let question = format!("{}: ", visible(question));
        self.terminal()?.line(&question).ok().map(|line| line.as_str().to_owned())
    }

    fn hidden(&self, question: &str) -> Option<Zeroizing<String>> {
        let question = format!("{}: ", visible(question));
        self.terminal()?.passphrase(&question).ok()
    }
}
