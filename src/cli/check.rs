//! Compares two codes of another device with the account, and says what is wrong, not only that something is. Two right
//! codes make an account checked, and one that is pending valid.

use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Run;
use super::choose::pick;
use super::output::json;
use super::session::Session;
use super::shown::{kind, label};
use super::typed;
use crate::failure::{Exit, Failure};
use crate::otp::{Finding, Kind, Observation, Otp, Period, Seen, diagnose};
use crate::system::clock::ClockTruth;
use crate::vault::{Account, Change, Checked, Edit, Store};
use crate::words::finding::words;

/// Compare two codes of another device with an account
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock check bob
  printf '%s\\n' 123456 654321 | twolock check bob --json

Two codes in a row, the older first: asked for on a terminal, else two lines of standard input. Two right
codes are remembered, and make a pending account valid. If they are wrong it tells whether the clock, the
settings, a letter of the key or the whole key differs; --adopt takes settings that were found.")]
pub(super) struct Check {
    /// Words of the name, ISSUER:ACCOUNT or id:ID
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// Save the settings, the counter or the key that were found
    #[arg(long)]
    adopt: bool,
    /// Only say what came out, and save nothing
    #[arg(long, conflicts_with = "adopt")]
    dry_run: bool,
}

#[derive(Serialize)]
struct Document {
    v: u8,
    check: Answer,
}

#[derive(Serialize)]
struct Answer {
    ok: bool,
    reason: &'static str,
    words: String,
    /// By how much the other clock is ahead, about, and from where to where.
    seconds: Option<i64>,
    range: Option<[i64; 2]>,
    /// What the codes of the other device are made with.
    #[serde(rename = "type")]
    kind: &'static str,
    algorithm: &'static str,
    digits: usize,
    period: Option<u32>,
    this_clock_synchronised: Option<bool>,
    saved: bool,
}

impl Run for Check {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        typed::check_stdin(session)?;
        let mut store = session.open()?;
        let vault = store.vault();
        let account = pick(session, vault.accounts(), &self.query.join(" "))?;
        let first = code(session, "The code that the device shows: ")?;
        let first_at = session.now().wall;
        let second = code(session, "The next one that it shows: ")?;
        let second_at = session.now().wall;
        let finding = diagnose(&Observation {
            otp: &account.otp,
            key: None,
            first: Seen { code: &first, at: first_at },
            second: Seen { code: &second, at: second_at },
        });
        let synchronised =
            if session.is_fixed() { None } else { ClockTruth::ask(second_at).is_synchronised() };
        let saved = self.save(session, &mut store, account, &finding)?;
        let said = words(&finding, &account.otp, "", synchronised);
        let mut lines = vec![said.note.text.trim_end_matches(':').to_owned()];
        lines.extend(said.more);
        if session.options.json() {
            let answer = answer(&finding, account, lines.join(" "), synchronised, saved);
            session.output.print(&json(&Document { v: 1, check: answer }))?;
        } else {
            session.output.print(&format!("{}\n", lines.join("\n")))?;
        }
        if saved {
            let pending = if account.pending { " It gives codes from now on." } else { "" };
            let adopted = if finding.is_right() { "" } else { "What was found is saved. " };
            session.output.say(format_args!("{adopted}\"{}\" is checked.{pending}", label(account)));
        }
        if finding.is_right() || saved {
            return Ok(());
        }
        let failure = Failure::new(
            if finding == Finding::NoClock { Exit::Clock } else { Exit::WrongCode },
            format!("the two codes do not fit \"{}\"", label(account)),
        );
        Err(if finding.otp().is_some() { failure.hint("--adopt saves what was found") } else { failure })
    }
}

impl Check {
    /// Saves what the codes have shown; says whether there was something to be saved.
    fn save(
        &self,
        session: &Session,
        store: &mut Store,
        account: &Account,
        finding: &Finding,
    ) -> Result<bool, Failure> {
        let takes = finding.is_right() || (self.adopt && finding.otp().is_some());
        if !takes || self.dry_run {
            return Ok(false);
        }
        let edit = Edit {
            pending: Some(false),
            checked: Some(Checked::ByDevice(session.now().wall)),
            otp: finding.otp().cloned(),
            ..Edit::default()
        };
        session.commit(store, &[Change::Edit(account.id, Box::new(edit))])?;
        Ok(true)
    }
}

fn code(session: &Session, question: &str) -> Result<Zeroizing<String>, Failure> {
    typed::code(session, question)?.ok_or_else(|| {
        Failure::locked("two codes are needed")
            .hint("give them on standard input, a line each, the older first")
    })
}

/// Returns the word that stands for a finding in JSON.
fn word(finding: &Finding) -> &'static str {
    match finding {
        Finding::AnotherSecret => "wrong",
        Finding::ClockOff { .. } => "skew",
        Finding::Malformed => "malformed",
        Finding::Key { .. } | Finding::Mistyped { .. } | Finding::Transposed { .. } => "typo",
        Finding::NoClock => "clock",
        Finding::Right { .. } => "right",
        Finding::SameTwice => "same_twice",
        Finding::Settings { .. } => "settings",
        Finding::Skipped { .. } => "skipped",
        Finding::Swapped { .. } => "swapped",
    }
}

fn answer(
    finding: &Finding,
    account: &Account,
    words: String,
    synchronised: Option<bool>,
    saved: bool,
) -> Answer {
    let ahead = match finding {
        Finding::ClockOff { ahead, .. } => Some(*ahead),
        Finding::Right { ahead, .. } => *ahead,
        _ => None,
    };
    let otp: &Otp = finding.otp().unwrap_or(&account.otp);
    Answer {
        ok: finding.is_right(),
        reason: word(finding),
        words,
        seconds: ahead.map(|ahead| i64::midpoint(ahead.least, ahead.most)),
        range: ahead.map(|ahead| [ahead.least, ahead.most]),
        kind: kind(otp),
        algorithm: otp.algorithm.name(),
        digits: otp.length(),
        period: if matches!(otp.kind, Kind::Hotp { .. }) { None } else { otp.period().map(Period::seconds) },
        this_clock_synchronised: synchronised,
        saved,
    }
}
