//! Prints codes: one, or several in a row. Nothing else goes to standard output.

use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Run;
use super::choose::pick;
use super::made::{Made, Wanted};
use super::output::json;
use super::session::Session;
use super::shown::{Described, short_ids};
use crate::failure::Failure;
use crate::otp::Code as Digits;
use crate::system::clock::{Clock as _, ClockTruth, SystemClock, rfc3339};

/// Print the code of an account
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock code github
  twolock code aws --min 5 | wl-copy
  twolock code id:3f9a --next
  twolock code arn:aws:iam::123456789012:mfa/alice --fresh

In a pipe it prints the digits and nothing else. A code is accepted once by most services: with --fresh
no two calls ever get the same one, also when they run at the same time.")]
pub(super) struct Code {
    /// Words of the name, ISSUER:ACCOUNT, id:ID, an AWS account number or the ARN of a device
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// So many codes in a row, a line each: this one and those that follow
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    count: u32,
    /// End each code with a NUL byte instead of a new line
    #[arg(long, short = '0', conflicts_with = "json")]
    null: bool,
    #[command(flatten)]
    wanted: Wanted,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    account: Described<'a>,
    code: &'a str,
    next: Option<&'a str>,
    valid_from: Option<String>,
    valid_until: Option<String>,
    seconds_left: Option<i64>,
    clock: Option<Clock>,
}

#[derive(Clone, Copy, Serialize)]
struct Clock {
    synchronised: Option<bool>,
    max_error_ms: Option<u64>,
}

impl Run for Code {
    /// Codes in a row are codes for later; and what waits for each of them is wanted as soon as it is there.
    fn is_for_agent(&self) -> bool {
        self.count == 1
    }

    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let mut store = session.open()?;
        let vault = store.vault();
        let known = session.known(vault.accounts());
        let account = pick(session, &known, &self.query.join(" "))?;
        let ids = short_ids(vault.accounts());
        let place = vault.accounts().iter().position(|other| other.id == account.id);
        let id = place.map_or("", |index| &ids[index]);
        let clock = self.clock(session, account.otp.period().is_some());
        let (next, null) = (self.wanted.next, self.null);
        self.wanted.make(session, &mut store, account, self.count, |session, made| {
            if session.options.json() {
                return session.output.print(&json(&Document {
                    v: 1,
                    account: Described::new(account, id),
                    code: made.code.reveal(),
                    // One yes is for one code.
                    next: made.next.as_ref().filter(|_| !session.is_gated()).map(Digits::reveal),
                    valid_from: made.from.and_then(rfc3339),
                    valid_until: made.until.and_then(rfc3339),
                    seconds_left: made.left,
                    clock,
                }));
            }
            print(session, made, next, null)
        })
    }
}

impl Code {
    /// Says how far the clock can be trusted. A time that was given is as right as whoever gave it, and a counter needs
    /// none.
    fn clock(&self, session: &Session, by_time: bool) -> Option<Clock> {
        if !session.options.json() || session.is_fixed() || !by_time {
            return None;
        }
        let truth = ClockTruth::ask(SystemClock.now().wall);
        let max_error_ms = match truth {
            ClockTruth::Synchronised { within_ms } => within_ms,
            ClockTruth::NotChecked | ClockTruth::NotSynchronised => None,
        };
        Some(Clock { synchronised: truth.is_synchronised(), max_error_ms })
    }
}

fn print(session: &mut Session, made: &Made, next: bool, null: bool) -> Result<(), Failure> {
    let grouped = session.output.is_terminal() && !null;
    let digits = if grouped { made.code.grouped() } else { Zeroizing::new(made.code.reveal().to_owned()) };
    let end = if null { "\0" } else { "\n" };
    session.output.print(&Zeroizing::new(format!("{}{end}", *digits)))?;
    if !session.output.is_terminal() {
        return Ok(());
    }
    match made.left {
        Some(left) if next => {
            let wait = made.from.map_or(0, |from| from.seconds_since(session.now().wall).max(0));
            session.output.say(format_args!("valid in {wait} s, for {} s", left - wait));
        }
        Some(left) => session.output.say(format_args!("{left} s left")),
        None => session.output.say("a counter code: it is not shown again"),
    }
    Ok(())
}
