//! Prints a code. Codes by time are only computed; a counter code costs a save, which is on the disk before anything
//! is printed, since a code must never be shown twice.

use std::thread;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Run;
use super::output::json;
use super::session::{Session, choose};
use super::shown::{Described, label, short_ids};
use crate::failure::{Exit, Failure};
use crate::otp::{Code as Digits, Kind, NoCode, Period, Timestamp};
use crate::system::clock::{ClockTruth, rfc3339};
use crate::vault::{Account, Change, Durability, Store};

/// The longest sleep at a stretch: a computer that was suspended looks at the clock soon after.
const NAP: Duration = Duration::from_secs(1);

/// Print the code of an account
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock code github
  twolock code aws --min 5 | wl-copy
  twolock code id:3f9a --next")]
pub(super) struct Code {
    /// Words of the name, ISSUER:ACCOUNT, or id:ID
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// A code that stays valid for so many seconds: wait for the next one if need be
    #[arg(long, value_name = "SECS", conflicts_with = "next")]
    min: Option<u32>,
    /// The code that comes after the one valid now
    #[arg(long)]
    next: bool,
}

/// A code and the time it is for.
struct Made {
    code: Digits,
    next: Option<Digits>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    /// Whole seconds until it ends, seen from the moment it was made.
    left: Option<i64>,
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

#[derive(Serialize)]
struct Clock {
    synchronised: Option<bool>,
    max_error_ms: Option<u64>,
}

impl Run for Code {
    fn is_for_agent(&self) -> bool {
        true
    }

    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let mut store = session.open()?;
        let vault = store.vault();
        let known = session.known(vault.accounts());
        let account = choose(&known, &self.query.join(" "))?;
        if account.pending {
            // Not "nothing found": the vault has it, and what is missing is an answer that only a person can give.
            return Err(Failure::locked(format!(
                "\"{}\" is pending: its device has not shown two codes yet, and until then it gives none",
                label(account)
            ))
            .hint("start `twolock`, choose it and press Enter: it asks for the two codes"));
        }
        session.may_give(account)?;
        let made = match account.otp.kind {
            Kind::Hotp { .. } => self.by_counter(session, &mut store, account)?,
            _ => self.by_time(session, account)?,
        };
        if session.options.json {
            let ids = short_ids(vault.accounts());
            let place = vault.accounts().iter().position(|other| other.id == account.id);
            let id = place.map_or("", |index| &ids[index]);
            return session.output.print(&document(
                account,
                id,
                &made,
                session.is_fixed() || made.until.is_none(),
            ));
        }
        if !session.output.is_terminal() {
            let line = Zeroizing::new(format!("{}\n", made.code.reveal()));
            return session.output.print(&line);
        }
        let line = Zeroizing::new(format!("{}\n", *made.code.grouped()));
        session.output.print(&line)?;
        match made.left {
            Some(left) if self.next => {
                let wait = made.from.map_or(0, |from| from.seconds_since(session.now().wall).max(0));
                session.output.say(format_args!("valid in {wait} s, for {} s", left - wait));
            }
            Some(left) => session.output.say(format_args!("{left} s left")),
            None => session.output.say("a counter code: it is not shown again"),
        }
        Ok(())
    }
}

impl Code {
    fn by_counter(&self, session: &Session, store: &mut Store, account: &Account) -> Result<Made, Failure> {
        if self.next || self.min.is_some() {
            let option = if self.next { "--next" } else { "--min" };
            return Err(Failure::new(
                Exit::Usage,
                format!("{option} is for codes by time, and \"{}\" has counter codes", label(account)),
            ));
        }
        let committed = store.commit(&[Change::Advance(account.id)], session.now().wall)?;
        let reserved = committed.reserved.iter().find(|(id, _)| *id == account.id);
        let Some((_, counter)) = reserved else {
            let why = match &committed.durability {
                Durability::Durable => "the vault did not give one".to_owned(),
                Durability::Unsure(why) => why.clone(),
            };
            return Err(Failure::other(format!("no code: the counter may not be on the disk: {why}"))
                .hint("try again; sites accept a code after one that was skipped"));
        };
        Ok(Made { code: account.otp.code_at(*counter), next: None, from: None, until: None, left: None })
    }

    fn by_time(&self, session: &Session, account: &Account) -> Result<Made, Failure> {
        let otp = &account.otp;
        let period = otp.period().map_or(0, Period::seconds);
        let now = session.now().wall;
        let mut at = now;
        if let Some(min) = self.min {
            if min > period {
                return Err(Failure::new(
                    Exit::Usage,
                    format!("a code of \"{}\" is valid for {period} seconds only", label(account)),
                ));
            }
            if otp.seconds_left(at).is_some_and(|left| left < min) {
                let until = otp.valid_until(at).map_err(no_code)?;
                at = wait(session, until);
            }
        }
        if self.next {
            at = otp.valid_until(at).map_err(no_code)?;
        }
        let until = otp.valid_until(at).map_err(no_code)?;
        let seen_from = if self.next { now } else { at };
        Ok(Made {
            code: otp.code(at).map_err(no_code)?,
            next: Some(otp.next_code(at).map_err(no_code)?),
            from: Some(until.plus_seconds(-i64::from(period))),
            until: Some(until),
            left: Some(until.seconds_since(seen_from)),
        })
    }
}

/// Waits until a moment and returns the time then. A clock that stands still is not waited for.
fn wait(session: &Session, until: Timestamp) -> Timestamp {
    if session.is_fixed() {
        return until;
    }
    loop {
        let now = session.now().wall;
        if now >= until {
            return now;
        }
        let seconds = u64::try_from(until.seconds_since(now) - 1).unwrap_or(0);
        thread::sleep(NAP.min(Duration::from_secs(seconds) + now.until_next_second()));
    }
}

fn no_code(error: NoCode) -> Failure {
    Failure::new(Exit::Clock, error.to_string()).hint("set the clock, or give the time with --at TIME")
}

fn document(account: &Account, id: &str, made: &Made, fixed: bool) -> Zeroizing<String> {
    use crate::system::clock::{Clock as _, SystemClock};
    // A time that was given is as right as whoever gave it, and a counter needs none.
    let clock = (!fixed).then(|| {
        let truth = ClockTruth::ask(SystemClock.now().wall);
        let max_error_ms = match truth {
            ClockTruth::Synchronised { within_ms } => within_ms,
            ClockTruth::NotChecked | ClockTruth::NotSynchronised => None,
        };
        Clock { synchronised: truth.is_synchronised(), max_error_ms }
    });
    json(&Document {
        v: 1,
        account: Described::new(account, id),
        code: made.code.reveal(),
        next: made.next.as_ref().map(Digits::reveal),
        valid_from: made.from.and_then(rfc3339),
        valid_until: made.until.and_then(rfc3339),
        seconds_left: made.left,
        clock,
    })
}
