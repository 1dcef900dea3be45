//! Which code of an account is meant, and making it: for the verb that prints and the one that copies.
//!
//! Codes by time are only computed. A counter code costs a save, which is on the disk before the code is handed on, since
//! a code must never be shown twice; a fresh code costs a line in the ledger, for the same reason.

use std::thread;
use std::time::Duration;

use clap::Args;

use super::session::Session;
use super::shown::label;
use crate::failure::{Exit, Failure};
use crate::otp::{Code, Kind, NoCode, Otp, Period, Timestamp};
use crate::system::clock::rfc3339;
use crate::system::ledger::Ledger;
use crate::vault::{Account, Change, Durability, Store};

/// The longest sleep at a stretch: a computer that was suspended looks at the clock soon after.
const NAP: Duration = Duration::from_secs(1);
/// How many steps after the one that is due a fresh code may come. More were not asked for: the clock went back.
const FARTHEST: u64 = 200;

/// Which code.
#[derive(Args)]
pub(super) struct Wanted {
    /// A code that was never given out with --fresh before: wait for the next one if need be
    #[arg(long, conflicts_with = "next")]
    pub(super) fresh: bool,
    /// A code that stays valid for so many seconds: wait for the next one if need be
    #[arg(long, value_name = "SECS", conflicts_with = "next")]
    pub(super) min: Option<u32>,
    /// The code that comes after the one valid now
    #[arg(long)]
    pub(super) next: bool,
    /// Wait until a new code begins, and take that one
    #[arg(long, conflicts_with = "next")]
    pub(super) wait: bool,
}

/// A code and the time it is for.
pub(super) struct Made {
    pub(super) code: Code,
    pub(super) next: Option<Code>,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    /// Whole seconds until it ends, seen from the moment it was made.
    pub(super) left: Option<i64>,
}

impl Wanted {
    /// Makes `count` codes in a row, and hands on each as soon as it is there. Pending accounts give none.
    pub(super) fn make(
        &self,
        session: &mut Session,
        store: &mut Store,
        account: &Account,
        count: u32,
        mut hand_on: impl FnMut(&mut Session, &Made) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if account.pending {
            // Not "nothing found": the vault has it, and what is missing is an answer that only a person can give.
            return Err(Failure::locked(format!(
                "\"{}\" is pending: its device has not shown two codes yet, and until then it gives none",
                label(account)
            ))
            .hint("start `twolock`, choose it and press Enter: it asks for the two codes"));
        }
        if matches!(account.otp.kind, Kind::Hotp { .. }) {
            for _ in 0..count {
                session.may_give(account)?;
                let made = self.by_counter(session, store, account)?;
                hand_on(session, &made)?;
            }
            return Ok(());
        }
        // A person at the other end of a connection says yes to each.
        session.may_give(account)?;
        let first = self.first(session, account, count)?;
        for step in (first..).take(count as usize) {
            if step != first {
                session.may_give(account)?;
            }
            let waits = self.wait || (step == first && (self.fresh || self.min.is_some()));
            if waits {
                wait(session, begin(&account.otp, step));
            }
            let made = at_step(&account.otp, step, session.now().wall);
            hand_on(session, &made)?;
        }
        Ok(())
    }

    fn by_counter(&self, session: &Session, store: &mut Store, account: &Account) -> Result<Made, Failure> {
        let by_time = [("--next", self.next), ("--min", self.min.is_some()), ("--wait", self.wait)];
        if let Some((option, _)) = by_time.into_iter().find(|(_, given)| *given) {
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

    /// Returns the first step that is meant. A fresh one is given out with this, whether or not it is then waited for.
    fn first(&self, session: &Session, account: &Account, count: u32) -> Result<u64, Failure> {
        let otp = &account.otp;
        let period = otp.period().map_or(0, Period::seconds);
        let now = session.now().wall;
        let here = otp.step(now).map_err(no_code)?;
        if self.min.is_some_and(|min| min > period) {
            return Err(Failure::new(
                Exit::Usage,
                format!("a code of \"{}\" is valid for {period} seconds only", label(account)),
            ));
        }
        let short = self.min.is_some_and(|min| otp.seconds_left(now).is_some_and(|left| left < min));
        let wanted = here.saturating_add(u64::from(short || self.wait || self.next));
        if !self.fresh {
            return Ok(wanted);
        }
        let mut page = Ledger::beside(&session.paths.state).page(&account.id.digits())?;
        page.reserve(wanted, u64::from(count), FARTHEST)?.ok_or_else(|| {
            let until = page.given().and_then(|given| rfc3339(begin(otp, given.saturating_add(1))));
            let until = until.unwrap_or_else(|| "the far future".to_owned());
            Failure::new(
                Exit::Clock,
                format!(
                    "codes of \"{}\" were given out up to {until} already: the clock was put back",
                    label(account)
                ),
            )
            .hint("set the clock, or leave --fresh out")
        })
    }
}

/// Returns when a step begins.
fn begin(otp: &Otp, step: u64) -> Timestamp {
    let period = otp.period().map_or(0, Period::seconds);
    Timestamp::from_seconds(i64::try_from(step.saturating_mul(u64::from(period))).unwrap_or(i64::MAX))
}

/// Returns the code of a step, as it is seen at `now`.
fn at_step(otp: &Otp, step: u64, now: Timestamp) -> Made {
    let from = begin(otp, step);
    let until = begin(otp, step.saturating_add(1));
    Made {
        code: otp.code_at(step),
        next: Some(otp.code_at(step.saturating_add(1))),
        from: Some(from),
        until: Some(until),
        left: Some(until.seconds_since(now)),
    }
}

/// Waits until a moment. A clock that stands still is not waited for.
fn wait(session: &Session, until: Timestamp) {
    if session.is_fixed() {
        return;
    }
    loop {
        let now = session.now().wall;
        if now >= until {
            return;
        }
        let seconds = u64::try_from(until.seconds_since(now) - 1).unwrap_or(0);
        thread::sleep(NAP.min(Duration::from_secs(seconds) + now.until_next_second()));
    }
}

fn no_code(error: NoCode) -> Failure {
    Failure::new(Exit::Clock, error.to_string()).hint("set the clock, or give the time with --at TIME")
}
