//! Copies a code to the clipboard that the user pastes from. Standard output stays empty; what is said goes to standard
//! error.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use super::Run;
use super::choose::pick;
use super::made::Wanted;
use super::output::{json, reason};
use super::session::{Session, quoted};
use super::shown::{Described, label, short_ids, title};
use crate::failure::Failure;
use crate::otp::{Code, Timestamp};
use crate::system::clipboard::{Clipboard, Proof, Route, Via};
use crate::system::clock::parse_time;
use crate::system::holder;
use crate::system::prompt::Terminal;

/// A desktop holds the code at least for so long.
const HOLD_SECONDS: u64 = 30;

/// Copy the code of an account to the clipboard
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock copy github
  twolock copy aws --min 10 --via tmux

Nothing is printed on standard output. It says where the code went and how surely: over SSH a terminal
never tells whether it took it.")]
pub(super) struct Copy {
    /// Words of the name, ISSUER:ACCOUNT, id:ID, an AWS account number or the ARN of a device
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// Show the code as well, on standard error
    #[arg(long)]
    show: bool,
    /// The way to the clipboard, instead of the best one that is found
    #[arg(long, value_name = "WAY")]
    via: Option<String>,
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Serialize)]
struct Document<A> {
    v: u8,
    account: A,
    copied: Copied,
    seconds_left: Option<i64>,
}

#[derive(Serialize)]
struct Copied {
    /// Whether it was read back, taken by a program, or only sent.
    proof: &'static str,
    by: &'static str,
}

/// A code that the agent made, as `code --json` prints it.
#[derive(Deserialize)]
struct Told {
    account: Value,
    code: Zeroizing<String>,
    valid_from: Option<String>,
    valid_until: Option<String>,
}

impl Run for Copy {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let via = self.via(session)?;
        if let Some(told) = self.ask_agent(session) {
            let Told { account, code, valid_from, valid_until } = told?;
            let at = if self.wanted.next { valid_from } else { valid_until };
            let at = at.and_then(|text| parse_time(&text).ok());
            let text = |name: &str| account[name].as_str().unwrap_or_default();
            let title = title(text("name"), text("account"));
            let code = Code::made_elsewhere(code).ok_or_else(no_answer)?;
            return self.hand_over(session, via, &code, at, (title.as_str(), &account));
        }
        let mut store = session.open()?;
        let vault = store.vault();
        let account = pick(session, vault.accounts(), &self.query.join(" "))?;
        let ids = short_ids(vault.accounts());
        let place = vault.accounts().iter().position(|other| other.id == account.id);
        let id = place.map_or("", |index| &ids[index]);
        self.wanted.make(session, &mut store, account, 1, |session, made| {
            let at = if self.wanted.next { made.from } else { made.until };
            let named = (label(account), Described::new(account, id));
            self.hand_over(session, via, &made.code, at, (named.0.as_str(), &named.1))
        })
    }
}

impl Copy {
    /// Has the agent make the code; nothing if there is none. The clipboard is here, and none of its business.
    fn ask_agent(&self, session: &Session) -> Option<Result<Told, Failure>> {
        let mut arguments: Vec<OsString> = ["code", "--json"].map(OsString::from).to_vec();
        let Wanted { fresh, min, next, wait } = &self.wanted;
        for (option, given) in [("--fresh", *fresh), ("--next", *next), ("--wait", *wait)] {
            arguments.extend(given.then(|| option.into()));
        }
        arguments.extend(min.map(|seconds| format!("--min={seconds}").into()));
        arguments.push("--".into());
        arguments.extend(self.query.iter().map(OsString::from));
        let told = session.told_by_agent(&arguments)?;
        Some(
            told.map_err(|(_, failure)| failure)
                .and_then(|document| serde_json::from_str(&document).map_err(|_| no_answer())),
        )
    }

    /// Copies a code, and says so. `at` is when it ends, or with --next when it begins.
    fn hand_over<A: Serialize>(
        &self,
        session: &mut Session,
        via: Via,
        code: &Code,
        at: Option<Timestamp>,
        (title, account): (&str, &A),
    ) -> Result<(), Failure> {
        let mut clipboard = session.clipboard_by(via);
        let sent = clipboard.copy(code.reveal(), &mut OnTerminal)?;
        let left = at.map(|moment| moment.seconds_since(session.now().wall).max(0));
        if session.options.json() {
            let proof = match sent.proof {
                Proof::Blind => "sent",
                Proof::ReadBack => "read_back",
                Proof::Taken => "taken",
                Proof::Tested => "tested",
            };
            let copied = Copied { proof, by: words(sent.route) };
            session.output.print(&json(&Document { v: 1, account, copied, seconds_left: left }))?;
        }
        let time = match left {
            Some(left) if self.wanted.next => format!(" It is valid in {left} s."),
            Some(left) => format!(" {left} s left."),
            None => String::new(),
        };
        session.output.say(format_args!("{}.{time}", sent.say(title)));
        if let Some(advice) = sent.advice() {
            session.output.say(format_args!("{advice}."));
        }
        if self.show {
            session.output.say(code.grouped().as_str());
        }
        stay(session, &mut clipboard, left);
        Ok(())
    }

    /// Returns the way that the call asks for, or the environment.
    fn via(&self, session: &Session) -> Result<Via, Failure> {
        let Some(name) = &self.via else {
            return session.via();
        };
        Via::from_name(name).ok_or_else(|| {
            Failure::usage(format!("{} is not a way to copy", quoted(name)))
                .hint(format!("it takes {}", Via::NAMES.map(|(name, _)| name).join(", ")))
        })
    }
}

fn no_answer() -> Failure {
    Failure::other("the agent does not answer with a code")
}

/// Returns the way, as programs read it.
fn words(route: Route) -> &'static str {
    match route {
        Route::Command => "command",
        Route::Native => "native",
        Route::Osc52 => "osc52",
        Route::Screen => "screen",
        Route::Tmux => "tmux",
        Route::TmuxPassThrough => "tmux_passthrough",
        Route::Windows => "windows",
    }
}

/// Sequences for the terminal go to the terminal itself, wherever the streams go.
struct OnTerminal;

impl Write for OnTerminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut terminal = Terminal::open().map_err(|_| io::Error::from(io::ErrorKind::NotConnected))?;
        terminal.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Leaves a program behind where the clipboard would be empty as soon as this one ends, or never be cleared; and nothing
/// in the buffers of tmux.
fn stay(session: &Session, clipboard: &mut Clipboard, left: Option<i64>) {
    if let Err(error) = clipboard.settle_at_the_end() {
        session.output.warn(format_args!("the code may be left in a buffer of tmux: {error}"));
    }
    if !session.config.copy.hold_after_quit {
        return;
    }
    let Some(code) = clipboard.give_away() else { return };
    let seconds = left.and_then(|left| u64::try_from(left).ok()).unwrap_or(HOLD_SECONDS).max(HOLD_SECONDS);
    if let Err(error) = holder::leave(&code, seconds) {
        session.output.warn(format_args!(
            "the code is gone from the clipboard as soon as this ends: nothing could be left behind to hold it: {}",
            reason(&error)
        ));
    }
}
