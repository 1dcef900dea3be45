//! Gives codes, never secrets, to a computer at the other end of an SSH connection: those of a few accounts, each after
//! a yes at this terminal, and not many a minute.
//!
//! The vault is open in this process only as long as it runs. `ssh` carries a socket of this computer to a fresh one over
//! there, where `twolock code` finds it; whoever asks there is whoever is that user, or root, over there.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use clap::Args;

use super::agent::answer;
use super::choose::choose;
use super::session::{Session, quoted};
use super::shown::label;
use crate::agent::{self, Call, Terms};
use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::system::Clock;
use crate::system::background;
use crate::system::clock::SystemClock;
use crate::system::prompt::Terminal;
use crate::vault::{Account, AccountId, fresh_bytes};

/// How many codes are given in a minute.
const MOST_A_MINUTE: usize = 6;
/// For how long a connection gives codes at most.
const LONGEST: Duration = Duration::from_hours(12);

/// What is said over there once the connection stands.
const READY: &str = "twolock-ready";
/// How often it is looked whether ssh has ended.
const LOOK: Duration = Duration::from_millis(200);

/// What is forwarded, and where to.
#[derive(Args)]
pub(super) struct Ssh {
    /// The computer, as ssh takes it
    #[arg(value_name = "HOST")]
    host: String,
    /// An account whose codes may be asked for; can be given several times
    #[arg(long, value_name = "QUERY", required = true)]
    allow: Vec<String>,
}

/// Stands between the other computer and the codes.
pub(super) struct Gate {
    allowed: Vec<AccountId>,
    host: String,
    given: Mutex<VecDeque<Duration>>,
}

impl Gate {
    /// Says whether the other computer may know of an account.
    pub(super) fn shows(&self, account: &Account) -> bool {
        self.allowed.contains(&account.id)
    }

    /// Asks the person here whether a code may go. One question at a time, and not many codes a minute.
    pub(super) fn pass(&self, account: &Account) -> Result<(), Failure> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = Duration::from_mins(1);
        let now = SystemClock.now().boot;
        given.retain(|when| now < *when + minute);
        if given.len() >= MOST_A_MINUTE {
            return Err(Failure::locked(format!("{MOST_A_MINUTE} codes were asked for in a minute"))
                .hint("wait a minute"));
        }
        // A question that was refused counts too: nobody shall be asked until he says yes.
        given.push_back(now);
        let question = format!("{} asks for the code of {}. Give it?", visible(&self.host), label(account));
        let asked = Terminal::open().and_then(|mut terminal| {
            // What was typed before cannot be the answer to what is asked now.
            terminal.forget_typed()?;
            terminal.agrees(&question, false)
        });
        match asked {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::locked("it was refused at the other end")),
            Err(_) => Err(Failure::locked("nobody can be asked at the other end")),
        }
    }
}

/// Waits for the word that says that the connection stands. What the shell there says before is passed over.
fn is_ready(said: ChildStdout) -> bool {
    BufReader::new(said).lines().map_while(Result::ok).any(|line| line == READY)
}

/// Rings when ssh has ended.
fn watch(child: Arc<Mutex<Child>>, mut bell: UnixStream) -> std::io::Result<()> {
    let watch = move || loop {
        let ended = child.lock().unwrap_or_else(PoisonError::into_inner).try_wait();
        if !matches!(ended, Ok(None)) {
            // Nobody there to hear it means that all of it is ending.
            drop(bell.write_all(b"!"));
            return;
        }
        thread::sleep(LOOK);
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "while requests are waited for, somebody has to look after ssh"
    )]
    thread::Builder::new().name("ssh".to_owned()).spawn(watch).map(drop)
}

/// Ends ssh, if it has not ended; returns the status with which it ended by itself.
fn end(child: &Mutex<Child>) -> std::io::Result<Option<i32>> {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(status) = child.try_wait()? {
        return Ok(Some(status.code().unwrap_or(1)));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

impl Ssh {
    /// Forwards until the connection ends, or Ctrl-C.
    pub(super) fn run(self, session: &mut Session) -> Result<(), Failure> {
        if self.host.starts_with('-') {
            return Err(Failure::usage(format!("{} is no computer", quoted(&self.host))));
        }
        let mut store = session.open()?;
        let vault = store.vault();
        let mut allowed = Vec::new();
        for query in &self.allow {
            let account = choose(vault.accounts(), query)?;
            if account.otp.period().is_none() {
                return Err(Failure::usage(format!(
                    "\"{}\" has counter codes, which are not forwarded",
                    label(account)
                )));
            }
            allowed.push(account.id);
        }
        let there = self.door_there()?;
        let door = session.agent_place().fresh("here", fresh_bytes());
        let listener = door.open()?;
        let failed = |error: std::io::Error| Failure::other(format!("cannot forward: {}", error.kind()));
        let (signals, bell) = background::endings().map_err(failed)?;
        let mut forward = OsString::from(format!("{there}:"));
        forward.push(door.path());
        let mut ssh = Command::new("ssh");
        ssh.args(["-T", "-o", "ExitOnForwardFailure=yes", "-R"]).arg(forward).arg("--").arg(&self.host);
        // It stays as long as its input does, and its word says that the socket over there is open.
        ssh.arg(format!("echo {READY} && exec cat >/dev/null"));
        let mut child = ssh.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let ready = child.stdout.take().is_some_and(is_ready);
        let child = Arc::new(Mutex::new(child));
        watch(Arc::clone(&child), bell).map_err(failed)?;
        if !ready {
            door.close();
            end(&child).map_err(failed)?;
            return Err(Failure::other(format!("ssh did not bring the codes to {}", quoted(&self.host)))
                .hint("what ssh said stands above"));
        }
        session.output.say(format_args!(
            "{} may ask for the codes of {} now: `twolock code` there, a yes here each time. Ctrl-C ends it.",
            visible(&self.host),
            if allowed.len() == 1 { "one account".to_owned() } else { format!("{} accounts", allowed.len()) },
        ));
        let gate = Arc::new(Gate { allowed, host: self.host.clone(), given: Mutex::default() });
        let terms = Terms { until: session.now().boot + LONGEST, idle: LONGEST, locked_memory: false };
        let (environment, place) = (session.environment.clone(), session.place.clone());
        let begin = || match store.refresh() {
            Ok(_) => Ok(store.clone()),
            Err(error) => Err((super::agent::refusal(error.into()), true)),
        };
        let run =
            move |store, call: Call| answer(store, &call, &environment, &place, Some(Arc::clone(&gate)));
        let served = agent::serve(&listener, &signals, terms, &SystemClock, begin, run);
        door.close();
        let status = end(&child);
        served.map_err(failed)?;
        match status.map_err(failed)? {
            // ssh has said why.
            Some(code) if code != 0 => Err(Failure::other(format!("ssh ended with status {code}"))),
            _ => Ok(()),
        }
    }

    /// Asks the other computer for a fresh place.
    fn door_there(&self) -> Result<String, Failure> {
        let output = Command::new("ssh")
            .args(["-T", "--"])
            .arg(&self.host)
            .arg("twolock agent door")
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| Failure::other(format!("cannot run ssh: {}", error.kind())))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let path = text.trim();
        let fine = path.starts_with('/') && !path.contains([':', '\n', ' ']) && path.len() < 100;
        if output.status.success() && fine {
            return Ok(path.to_owned());
        }
        Err(Failure::new(Exit::Other, format!("{} gives no place for the codes", quoted(&self.host)))
            .hint("twolock has to be installed there too, where `ssh HOST twolock` finds it"))
    }
}
