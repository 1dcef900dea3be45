//! Copies a code to the clipboard that the user pastes from. Standard output stays empty; what is said goes to standard
//! error.

use std::io::{self, Write};

use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Run;
use super::choose::pick;
use super::made::{Made, Wanted};
use super::output::{json, reason};
use super::session::{Session, quoted};
use super::shown::{Described, label, short_ids};
use crate::failure::Failure;
use crate::system::clipboard::{Clipboard, Proof, Route, Via};
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
struct Document<'a> {
    v: u8,
    account: Described<'a>,
    copied: Copied,
    seconds_left: Option<i64>,
}

#[derive(Serialize)]
struct Copied {
    /// Whether it was read back, taken by a program, or only sent.
    proof: &'static str,
    by: &'static str,
}

impl Run for Copy {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let via = self.via(session)?;
        let mut store = session.open()?;
        let vault = store.vault();
        let account = pick(session, vault.accounts(), &self.query.join(" "))?;
        let ids = short_ids(vault.accounts());
        let place = vault.accounts().iter().position(|other| other.id == account.id);
        let id = place.map_or("", |index| &ids[index]);
        let show = self.show;
        let next = self.wanted.next;
        self.wanted.make(session, &mut store, account, 1, |session, made| {
            let mut clipboard = session.clipboard_by(via);
            let sent = clipboard.copy(made.code.reveal(), &mut OnTerminal)?;
            let left = if next { made.from } else { made.until };
            let left = left.map(|moment| moment.seconds_since(session.now().wall).max(0));
            if session.options.json {
                let proof = match sent.proof {
                    Proof::Blind => "sent",
                    Proof::ReadBack => "read_back",
                    Proof::Taken => "taken",
                    Proof::Tested => "tested",
                };
                let by = words(sent.route);
                session.output.print(&json(&Document {
                    v: 1,
                    account: Described::new(account, id),
                    copied: Copied { proof, by },
                    seconds_left: left,
                }))?;
            }
            let time = match left {
                Some(left) if next => format!(" It is valid in {left} s."),
                Some(left) => format!(" {left} s left."),
                None => String::new(),
            };
            session.output.say(format_args!("{}.{time}", sent.say(label(account).as_str())));
            if let Some(advice) = sent.advice() {
                session.output.say(format_args!("{advice}."));
            }
            show_code(session, made, show);
            stay(session, &mut clipboard, left);
            Ok(())
        })
    }
}

impl Copy {
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

fn show_code(session: &Session, made: &Made, show: bool) {
    if show {
        session.output.say(Zeroizing::new(made.code.grouped().as_str().to_owned()).as_str());
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
