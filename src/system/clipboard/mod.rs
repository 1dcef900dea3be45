//! Puts a code on the clipboard that the user pastes from, wherever that is, and says how surely.
//!
//! Only codes go this way, never secrets. Nothing is claimed that is not known: "copied" is said of what was read
//! back, everything else is "sent". The clipboard is never read by a query to the terminal, and cleared only where
//! it can be read and still holds what was put there.

mod explain;
mod native;
mod osc52;
mod picture;
mod proven;
mod route;
mod sent;
mod tmux;

use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use thiserror::Error;
use zeroize::Zeroizing;

use self::native::Native;
use self::proven::Proven;
use super::command::{self, RunError};
use super::environment::Environment;
use crate::display::visible;

pub use explain::Explanation;
pub use picture::{NoPicture, Pictures};
pub use route::{Route, Surroundings, Via, plan};
pub use sent::{Doubt, Proof, Sent};
pub use tmux::{SetClipboard, Tmux};

/// How often tmux is looked at when the program ends, and the time between two looks.
const LAST_LOOKS: usize = 8;
const LAST_LOOK: Duration = Duration::from_millis(40);

/// Why nothing is on the clipboard.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum ClipboardError {
    /// A way was tried and failed; the last one, if there were several.
    #[error("cannot copy {}: {}", route.by(), visible(why))]
    Failed {
        /// The way.
        route: Route,
        /// The reason.
        why: String,
    },
    /// There is none.
    #[error("this terminal has no clipboard")]
    None,
    /// A command is wanted, and none is set.
    #[error("no command to copy with is set")]
    NoCommand,
    /// It is switched off.
    #[error("copying is switched off")]
    Off,
}

/// What the user set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The command to copy with, and its arguments; the code goes to its standard input.
    pub command: Vec<String>,
    /// Ask clipboard managers not to keep the code.
    pub exclude_from_history: bool,
    /// Which way.
    pub via: Via,
}

impl Default for Settings {
    fn default() -> Self {
        Self { command: Vec::new(), exclude_from_history: true, via: Via::Auto }
    }
}

/// The way to the clipboard, and what was last put there. On a desktop the text goes away with this value.
pub struct Clipboard {
    settings: Settings,
    environment: Environment,
    native: Option<Native>,
    last: Option<Last>,
    proven: Proven,
}

struct Last {
    text: Zeroizing<String>,
    route: Route,
    /// tmux may have made a buffer out of our sequence.
    unsettled: bool,
}

impl Clipboard {
    /// Returns a clipboard that nothing was put on. It connects to nothing before the first copy.
    pub fn new(settings: Settings, environment: Environment) -> Self {
        Self { settings, environment, native: None, last: None, proven: Proven::default() }
    }

    /// Remembers in this file what tests of the way have shown, and what they showed before.
    #[must_use]
    pub fn remembering(self, file: Option<PathBuf>) -> Self {
        Self { proven: Proven::load(file), ..self }
    }

    /// Explains the way that a copy takes at this moment. It asks tmux, if there is one.
    pub fn explain(&self) -> Explanation {
        let found = explain::explain(self.settings.via, &self.surroundings(), &self.environment);
        Explanation { proven: found.proven || self.proven.has(&found.key), ..found }
    }

    /// Remembers what a test of a way has shown, named by its `Explanation::key`.
    pub fn prove(&mut self, key: &str, arrives: bool) -> io::Result<()> {
        self.proven.set(key, arrives)
    }

    /// Takes other settings; what was copied stays as it is.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Returns a way to the pictures that others put on the desktop's clipboard.
    pub fn pictures(&self) -> Pictures {
        Pictures::new(self.environment.clone())
    }

    /// Copies a code. What has to go to the terminal is written to `terminal` and flushed: the terminal itself, or
    /// a buffer whose bytes the caller then writes there, between two frames.
    pub fn copy(&mut self, text: &str, terminal: &mut dyn Write) -> Result<Sent, ClipboardError> {
        let surroundings = self.surroundings();
        self.copy_from(text, terminal, &surroundings)
    }

    /// Looks around, where that decides the way.
    fn surroundings(&self) -> Surroundings {
        match self.settings.via {
            Via::Auto | Via::Tmux => Surroundings::look(&self.environment),
            _ => Surroundings::default(),
        }
    }

    fn copy_from(
        &mut self,
        text: &str,
        terminal: &mut dyn Write,
        surroundings: &Surroundings,
    ) -> Result<Sent, ClipboardError> {
        let mut failure =
            if self.settings.via == Via::Off { ClipboardError::Off } else { ClipboardError::None };
        for route in plan(self.settings.via, surroundings) {
            match self.try_route(route, text, terminal, surroundings) {
                Ok(sent) => {
                    let unsettled = route == Route::Tmux && route::sequence_passes(surroundings);
                    self.last = Some(Last { text: Zeroizing::new(text.to_owned()), route, unsettled });
                    let way = explain::explain(self.settings.via, surroundings, &self.environment);
                    let tested = sent.proof != Proof::ReadBack && self.proven.has(&way.key);
                    return Ok(if tested {
                        Sent { proof: Proof::Tested, doubt: None, ..sent }
                    } else {
                        sent
                    });
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn try_route(
        &mut self,
        route: Route,
        text: &str,
        terminal: &mut dyn Write,
        surroundings: &Surroundings,
    ) -> Result<Sent, ClipboardError> {
        let failed = |why: String| ClipboardError::Failed { route, why };
        let ran = |outcome: Result<(), RunError>| outcome.map_err(|error| failed(error.to_string()));
        let mut write = |bytes: Zeroizing<Vec<u8>>| {
            let written: io::Result<()> = terminal.write_all(&bytes).and_then(|()| terminal.flush());
            written.map_err(|error| failed(error.kind().to_string()))
        };
        let proof = match route {
            Route::Command => {
                let (program, arguments) =
                    self.settings.command.split_first().ok_or(ClipboardError::NoCommand)?;
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                ran(command::run(program, &arguments, text.as_bytes(), false).map(drop))?;
                Proof::Taken
            }
            Route::Native => {
                let read_back = self.copy_natively(text).map_err(|error| failed(error.to_string()))?;
                if !read_back {
                    return Err(failed("it cannot be read back".to_owned()));
                }
                Proof::ReadBack
            }
            Route::Osc52 => {
                write(osc52::bare(text))?;
                Proof::Blind
            }
            Route::Screen => {
                write(osc52::for_screen(text))?;
                Proof::Blind
            }
            Route::Tmux => {
                ran(tmux::load(text))?;
                if route::sequence_passes(surroundings) {
                    write(osc52::bare(text))?;
                }
                Proof::Taken
            }
            Route::TmuxPassThrough => {
                write(tmux::passed_through(text))?;
                Proof::Blind
            }
            Route::Windows => {
                ran(command::run("clip.exe", &[], text.as_bytes(), false).map(drop))?;
                Proof::Taken
            }
        };
        Ok(Sent::new(route, proof, surroundings))
    }

    fn copy_natively(&mut self, text: &str) -> Result<bool, arboard::Error> {
        if self.native.is_none() {
            self.native = Some(Native::connect()?);
        }
        let native = self.native.as_mut().expect("it was connected just now, or before");
        let copied = native.copy(text, self.settings.exclude_from_history);
        if copied.is_err() {
            // The desktop may have gone; the next copy connects anew.
            self.native = None;
        }
        copied
    }

    /// Returns whether the clipboard still holds what was last copied; nothing where it cannot be read.
    pub fn holds(&mut self) -> Option<bool> {
        let last = self.last.as_ref().filter(|last| last.route == Route::Native)?;
        Some(self.native.as_mut()?.holds(&last.text))
    }

    /// Clears the clipboard if it can be read and still holds what was last copied; returns whether it did. Either
    /// way the code is forgotten here.
    pub fn clear_if_ours(&mut self) -> Result<bool, ClipboardError> {
        let holds = self.holds() == Some(true);
        self.last = None;
        match self.native.as_mut() {
            Some(native) if holds => native
                .clear()
                .map(|()| true)
                .map_err(|error| ClipboardError::Failed { route: Route::Native, why: error.to_string() }),
            _ => Ok(false),
        }
    }

    /// Takes what was copied off the desktop's clipboard, if it is still there, for a program that stays behind when
    /// this one ends. Nothing where the clipboard cannot be read back: there it stays by itself.
    pub fn give_away(&mut self) -> Option<Zeroizing<String>> {
        let held = self.holds() == Some(true);
        let text = self.last.as_ref().filter(|_| held).map(|last| last.text.clone());
        // First it must be nobody's: who lets go of it at the end would else let go of what the next one holds.
        drop(self.clear_if_ours());
        text
    }

    /// Returns whether a second look at tmux is due: to be done when it has read what was written, a second later.
    pub fn is_unsettled(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.unsettled)
    }

    /// Deletes the buffer that tmux made of the code, if it made one.
    pub fn settle(&mut self) -> Result<bool, ClipboardError> {
        let Some(last) = self.last.as_mut().filter(|last| last.unsettled) else {
            return Ok(false);
        };
        last.unsettled = false;
        tmux::forget(&last.text)
            .map_err(|error| ClipboardError::Failed { route: Route::Tmux, why: error.to_string() })
    }

    /// The same when the program ends and no second is left: it looks a few times, until tmux has read the sequence.
    pub fn settle_at_the_end(&mut self) -> Result<(), ClipboardError> {
        for _ in 0..LAST_LOOKS {
            if !self.is_unsettled() || self.settle()? {
                return Ok(());
            }
            if let Some(last) = self.last.as_mut() {
                last.unsettled = true;
            }
            thread::sleep(LAST_LOOK);
        }
        Ok(())
    }

    /// Returns whether what was last copied goes away when the program ends, as on X11 and Wayland.
    pub fn ends_with_us(&self) -> bool {
        cfg!(target_os = "linux") && self.last.as_ref().is_some_and(|last| last.route == Route::Native)
    }
}

/// Keeps a code on the desktop's clipboard until somebody else copies or time is up, and no longer. It blocks: it is for
/// a process that stays behind when the program ends, and was given the code by a pipe.
pub fn hold(text: &str, at_most: Duration) -> Result<(), ClipboardError> {
    native::hold(text, at_most)
        .map_err(|error| ClipboardError::Failed { route: Route::Native, why: error.to_string() })
}
