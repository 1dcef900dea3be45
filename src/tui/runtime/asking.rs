//! What the loop asks the agent, for the list that has no vault. Each question has a thread of its own, so an agent that
//! hangs keeps neither the screen nor the keys from moving.

use std::io;
use std::time::Duration;

use super::Runtime;
use crate::agent::{self, Call, Door, Failed, Reply, Request};
use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::otp::Timestamp;
use crate::tui::event::Outcome;
use crate::tui::lent::{Given, Holding, Lent, Question};

/// For how long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

impl Runtime {
    /// Asks the agent, and tells what it answers.
    pub(super) fn ask_agent(&self, question: Question) -> io::Result<()> {
        let (door, asked) = (self.agent.clone(), self.clock.now().wall);
        self.work("agent", move || match question {
            Question::Holding { codes, person, sort } => {
                Outcome::Held(holding(&door, codes, person, sort, asked))
            }
            Question::Code { id, next } => Outcome::Given(code(&door, &id, next, asked)),
            Question::Forget => Outcome::Forgot(agent::lock(&door).map(drop).map_err(Failure::from)),
        })
    }
}

fn holding(
    door: &Door,
    codes: bool,
    person: bool,
    sort: Option<&str>,
    asked: Timestamp,
) -> Result<Holding, Failure> {
    // The codes come first: a person who asks for them keeps the agent longer, and that is what is said then.
    let accounts = if codes {
        let mut arguments = vec!["list", "--codes", "--json"];
        arguments.extend(sort.into_iter().flat_map(|sort| ["--sort", sort]));
        let call = call(&arguments);
        let request = if person { Request::Run(call) } else { Request::Watch(call) };
        Some(printed(door, &request, |text| Lent::read(text, asked))?)
    } else {
        None
    };
    match agent::ask_soon(door, &Request::Status, PATIENCE)? {
        Some(Reply::Status { pid, left, idle, .. }) => {
            Ok(Holding { pid, left: Duration::from_secs(left.min(idle)), accounts })
        }
        Some(_) => Err(unclear()),
        None => Err(gone()),
    }
}

fn code(door: &Door, id: &str, next: bool, asked: Timestamp) -> Result<Given, Failure> {
    let query = format!("id:{id}");
    let mut arguments = vec!["code", "--json"];
    arguments.extend(next.then_some("--next"));
    arguments.extend(["--", &query]);
    printed(door, &Request::Run(call(&arguments)), |text| Given::read(text, asked))
}

/// Returns what the agent printed, as it is read.
fn printed<T>(door: &Door, request: &Request, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Failure> {
    match agent::ask_soon(door, request, PATIENCE)? {
        Some(Reply::Done { failed: Some(ref failed), .. }) => Err(failure(failed)),
        Some(Reply::Done { ref stdout, .. }) => read(stdout).ok_or_else(unclear),
        Some(_) => Err(unclear()),
        None => Err(gone()),
    }
}

fn call(arguments: &[&str]) -> Call {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Call { arguments, terminal: false, columns: None }
}

fn gone() -> Failure {
    Failure::locked("the agent has ended")
}

fn unclear() -> Failure {
    Failure::other("the agent does not answer as it should")
}

/// Returns why it gave nothing. Another process said so: it is outside text.
fn failure(failed: &Failed) -> Failure {
    let harmless = |text: &String| visible(text).as_str().to_owned();
    let exit = Exit::ALL.into_iter().find(|exit| *exit != Exit::Done && exit.status() == failed.exit);
    let hints = failed.hints.iter().map(harmless).collect();
    Failure {
        message: harmless(&failed.message),
        hints,
        matches: Vec::new(),
        exit: exit.unwrap_or(Exit::Other),
    }
}
