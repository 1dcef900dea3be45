//! The two ends of the agent: a verb that asks it instead of opening the vault, and the process that answers.
//!
//! The agent runs the very verbs that its callers would have run, with a vault that is open already. It runs only those
//! that show no secret and ask nothing (`Run::is_for_agent`), and decides so itself, whatever the caller says. Before
//! each call it looks whether the vault on the disk is still the one it knows, so that it never gives a code of an
//! account that was deleted or replaced.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;
use zeroize::Zeroizing;

use super::forward::{Gate, Ssh};
use super::options::Options;
use super::output::{Output, json};
use super::session::Session;
use super::{Request, Run, parse};
use crate::agent::{self, Door, Ended, Failed, Place, Reply, Terms};
use crate::failure::{Exit, Failure};
use crate::system::clock::SystemClock;
use crate::system::environment::Environment;
use crate::system::{background, memory};
use crate::vault::{Store, StoreError, fresh_bytes};

/// The agent that `twolock unlock` starts
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock agent status --json
  twolock agent ssh --allow github alice@box

`twolock unlock` starts it and `twolock lock` ends it. docs/agent.md says what it never does.")]
pub(super) struct Agent {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Hold the vault open and answer; `twolock unlock` calls it
    #[command(hide = true)]
    Serve {
        /// When it ends
        #[arg(long, value_name = "SECS")]
        seconds: u64,
        /// When it ends if nothing is asked
        #[arg(long, value_name = "SECS")]
        idle: u64,
    },
    /// Print a fresh place for a socket; `agent ssh` calls it at the other end
    #[command(hide = true)]
    Door,
    /// Let another computer ask for codes of this vault, each after a yes here
    Ssh(Ssh),
    /// Say for how long the vault stays unlocked
    Status,
}

/// The line that says that an agent is ready.
#[derive(Serialize)]
struct Ready {
    v: u8,
    agent: Process,
}

#[derive(Serialize)]
struct Process {
    pid: u32,
    locked_memory: bool,
}

#[derive(Serialize)]
struct Status {
    v: u8,
    unlocked: bool,
    pid: u32,
    seconds_left: u64,
    idle_seconds_left: u64,
    locked_memory: bool,
}

impl Run for Agent {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self.action {
            Action::Serve { seconds, idle } => {
                let served = serve(session, Duration::from_secs(seconds), Duration::from_secs(idle));
                // The one who reads this makes the failure his own.
                served.or_else(|failure| session.output.print(&json(&failure.to_json())))
            }
            Action::Door => {
                let place = session.agent_place();
                place.prepare()?;
                let door = place.fresh("forwarded", fresh_bytes());
                session.output.print(&format!("{}\n", door.path().display()))
            }
            Action::Ssh(ssh) => ssh.run(session),
            Action::Status => status(session),
        }
    }
}

fn status(session: &mut Session) -> Result<(), Failure> {
    let door = session.agent_door();
    let Some(Reply::Status { pid, left, idle, locked_memory }) =
        agent::ask(&door, &agent::Request::Status, false)?
    else {
        return Err(Failure::locked("the vault is locked: no agent holds it")
            .hint("`twolock unlock` opens it for a while"));
    };
    let ends = left.min(idle);
    if session.options.json() {
        return session.output.print(&json(&Status {
            v: 1,
            unlocked: true,
            pid,
            seconds_left: left,
            idle_seconds_left: idle,
            locked_memory,
        }));
    }
    session.output.print(&format!("unlocked\t{ends}\n"))
}

fn serve(session: &mut Session, time: Duration, idle: Duration) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::other(format!("cannot start the agent: {}", error.kind()));
    let door = session.agent_door();
    let store = session.open()?;
    // Only now, when the passphrase has proven right: the one before goes, and this one takes its place.
    agent::lock(&door)?;
    let listener = door.open()?;
    let (signals, _bell) = background::endings().map_err(failed)?;
    let locked_memory = memory::keep_from_swap();
    let boot = session.now().boot;
    let terms = Terms { until: boot + time, idle, locked_memory };
    let process = Process { pid: std::process::id(), locked_memory };
    session.output.print(&json(&Ready { v: 1, agent: process }))?;
    background::detach().map_err(failed)?;
    attend(&door, &listener, &signals, terms, store, session).map(|_| ()).map_err(failed)
}

fn attend(
    door: &Door,
    listener: &std::os::unix::net::UnixListener,
    signals: &std::os::unix::net::UnixStream,
    terms: Terms,
    mut store: Store,
    session: &Session,
) -> std::io::Result<Ended> {
    let environment = session.environment.clone();
    let place = session.place.clone();
    let begin = || {
        let stale = store.is_stale();
        if stale.as_ref().is_ok_and(|stale| *stale) && store.needs_plugin() {
            // Nobody is here to touch the key again.
            let failure = Failure::locked("another program changed the vault, and its key is in hardware")
                .hint("`twolock unlock` opens it again");
            return Err((refusal(failure), false));
        }
        match stale.and_then(|_| store.refresh()) {
            Ok(_) => Ok(store.clone()),
            // What it holds opens nothing any more.
            Err(error @ StoreError::NewKey { .. }) => Err((refusal(error.into()), false)),
            Err(error) => Err((refusal(error.into()), true)),
        }
    };
    let run = move |store: Store, call: agent::Call| answer(store, &call, &environment, &place, None);
    let ended = agent::serve(listener, signals, terms, &SystemClock, begin, run);
    // Gone before the process is, so that whoever comes now finds nobody rather than one who is leaving. Once only: what
    // stands there a moment later is the socket of the next.
    door.close();
    ended
}

/// Returns the answer that says why there is none.
pub(super) fn refusal(failure: Failure) -> Reply {
    Reply::Done { stdout: String::new(), stderr: String::new(), failed: Some(Box::new(sent(failure))) }
}

fn sent(failure: Failure) -> Failed {
    let Failure { message, hints, matches, exit } = failure;
    Failed { exit: exit.status(), message, hints, matches }
}

/// Runs a call, if it is one that the agent may run. Through a gate go codes only, and those that it lets pass.
pub(super) fn answer(
    store: Store,
    call: &agent::Call,
    environment: &Environment,
    place: &crate::vault::Place,
    gate: Option<Arc<Gate>>,
) -> Reply {
    let arguments: Vec<OsString> = call.arguments.iter().map(OsString::from).collect();
    let Ok(Request::Verb(verb, options)) = parse(&arguments, environment) else {
        return Reply::Refused;
    };
    // A code for another time is one for whoever has no vault later; and files of the caller are not ours to read.
    let plain = options.at.is_none() && options.config.is_none();
    if !plain || !verb.is_for_agent() || (gate.is_some() && verb.name() != "code") {
        return Reply::Refused;
    }
    let options = Options { no_input: true, vault: Some(place.dir().to_owned()), ..options };
    let output = Output::held(options.quiet, call.terminal, call.columns);
    let Ok(mut session) = Session::new(options, environment.clone()) else {
        return Reply::Refused;
    };
    session.place = place.clone();
    session.output = output;
    session.lend(store, gate);
    let failed = verb.run(&mut session).err().map(|failure| Box::new(sent(failure)));
    let (stdout, stderr) = session.output.taken();
    Reply::Done { stdout, stderr, failed }
}

impl Session {
    /// Returns where the agent of this vault is.
    pub fn agent_door(&self) -> Door {
        self.agent_place().door(self.place.dir())
    }

    /// Says whether there is an agent that may be asked: not by a call that brings a key itself, nor by one of another time.
    pub fn agent_lends(&self) -> bool {
        !self.is_fixed() && matches!(self.brings_a_key(), Ok(false)) && agent::is_there(&self.agent_door())
    }

    /// Returns where the agents of this user are.
    pub(super) fn agent_place(&self) -> Place {
        let state = self.paths.state.parent().unwrap_or(&self.paths.state);
        Place::new(self.environment.runtime.as_deref(), state)
    }

    /// Has the agent run this very call, if there is one and it may; nothing otherwise.
    pub(super) fn through_agent(&mut self, arguments: &[OsString]) -> Option<Result<(), Failure>> {
        Some(match self.told_by_agent(arguments)? {
            Ok(stdout) => self.output.print_passed(&stdout),
            Err((stdout, failure)) => self.output.print_passed(&stdout).and(Err(failure)),
        })
    }

    /// Has the agent run a call, and returns what it printed, and with it why it failed; nothing if there is none or it
    /// may not. What it said to people is said. Who it is that answers may be at another computer: all of it is outside text.
    pub(super) fn told_by_agent(&self, arguments: &[OsString]) -> Option<Told> {
        // Who brings a key means it; a time that was given the agent does not take.
        if self.is_lent() || self.is_fixed() || !matches!(self.brings_a_key(), Ok(false)) {
            return None;
        }
        let arguments: Vec<String> =
            arguments.iter().map(|argument| argument.to_str().map(str::to_owned)).collect::<Option<_>>()?;
        let waits = waits(&arguments);
        let columns = self.output.columns().and_then(|columns| u16::try_from(columns).ok());
        let call = agent::Call { arguments, terminal: self.output.is_terminal(), columns };
        let request = agent::Request::Run(call);
        let own = (self.agent_door(), waits);
        // At the other end of a connection somebody is asked, which takes its time.
        let forwarded = self.agent_place().forwarded().into_iter().map(|door| (door, true));
        let reply = std::iter::once(own).chain(forwarded).find_map(|(door, waits)| {
            match agent::ask(&door, &request, waits) {
                Ok(reply) => reply.filter(|reply| matches!(reply, Reply::Done { .. })),
                Err(error) => {
                    self.output.warn(Failure::from(error).message);
                    None
                }
            }
        })?;
        let Reply::Done { stdout, stderr, failed } = &reply else {
            return None;
        };
        self.output.pass(stderr);
        let stdout = Zeroizing::new(stdout.clone());
        Some(match failed.as_deref() {
            None => Ok(stdout),
            Some(Failed { exit, message, hints, matches }) => {
                let exit = Exit::ALL.into_iter().find(|known| known.status() == *exit);
                // A failure that ends like a success would be one for nobody.
                let exit = exit.filter(|exit| *exit != Exit::Done);
                let exit = exit.unwrap_or(Exit::Other);
                let failure = Failure {
                    message: message.clone(),
                    hints: hints.clone(),
                    matches: matches.clone(),
                    exit,
                };
                Err((stdout, failure))
            }
        })
    }
}

/// What an agent printed, and why it failed if it did.
type Told = Result<Zeroizing<String>, (Zeroizing<String>, Failure)>;

/// Says whether the answer to a call may be as far away as the next code.
fn waits(arguments: &[String]) -> bool {
    let options = ["--fresh", "--min", "--wait"];
    arguments.iter().any(|argument| options.iter().any(|option| argument.starts_with(option)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_code_may_take_its_time() {
        let waits = |line: &str| waits(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for line in ["code x --wait", "code --fresh x", "code x --min 20", "code x --min=20"] {
            assert!(waits(line), "{line}");
        }
        assert!(!waits("code x --next") && !waits("list --codes"));
    }
}
