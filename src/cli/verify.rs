//! The gatekeeper: checks one code for a script or for PAM, by the rules of a real sign-in.
//!
//! A code is good once. What came of it is on the disk before the answer is given, and while one program checks another
//! waits; if it cannot be written, the answer is no. It never says why a code is wrong: that would help a guesser.

use clap::Args;
use serde::Serialize;

use super::Run;
use super::choose::choose_exactly;
use super::output::json;
use super::session::Session;
use super::shown::label;
use super::typed;
use crate::config::ClockCheck;
use crate::failure::{Exit, Failure};
use crate::otp::{Kind, Otp, Verdict, Verifier};
use crate::system::clock::ClockTruth;
use crate::system::ledger::Ledger;
use crate::vault::{Account, Change, Edit, Store};

/// Check a code, for scripts and PAM: exit status 0 if it is right, 6 if not
#[derive(Args)]
#[command(before_help = "\
Examples:
  read -rs code && printf '%s' \"$code\" | twolock verify bob
  twolock verify bob --json < code.txt

The code comes on standard input, or is asked for on a terminal. It is accepted once; the codes before and
after it are accepted too (--window); after five wrong ones it waits 30 seconds, then longer and longer. A
pending account is refused until `twolock check` has seen two codes. docs/integrations.md shows PAM.")]
pub(super) struct Verify {
    /// ISSUER:ACCOUNT, either of them in full, or id:ID; never part of a name
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// Accept so many codes before and after the one of now, 0 to 10
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10))]
    window: Option<u32>,
}

#[derive(Serialize)]
struct Document {
    v: u8,
    verify: Answer,
}

#[derive(Serialize)]
struct Answer {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_offset: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_seconds: Option<u64>,
}

impl Run for Verify {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        typed::check_stdin(session)?;
        check_clock(session)?;
        let mut store = session.open()?;
        let vault = store.vault();
        // Nobody is asked which account is meant: a gate must not guess, and whoever stands before it must not choose.
        let account = choose_exactly(vault.accounts(), &self.query.join(" "))?;
        if account.pending {
            let failure = Failure::new(
                Exit::WrongCode,
                format!("\"{}\" is pending: its device has not shown two codes yet", label(account)),
            );
            let hint = "`twolock check` takes the two codes";
            return answer(session, refused("pending"), Err(failure.hint(hint)));
        }
        let code = typed::code(session, "Verification code: ")?;
        let Some(code) = code else {
            let failure = Failure::new(Exit::WrongCode, "there is no code on standard input");
            return answer(session, refused("malformed"), Err(failure));
        };
        let mut page = Ledger::beside(&session.paths.state).page(&account.id.digits())?;
        // Asked only now: another program may have had the page for a while.
        let now = session.now();
        let window = self.window.unwrap_or(session.config.check.window);
        let mut verifier = page.verifier(now).with_window(u64::from(window));
        let verdict = verifier.check(&account.otp, &code, now);
        if let Verdict::Accepted { steps } = verdict
            && account.otp.period().is_some()
        {
            // RFC 6238 section 6: the next code is expected where this one was, but a device that drifts for ever is no
            // device to be trusted.
            let most = i64::try_from(Verifier::WIDEST).unwrap_or(i64::MAX);
            verifier = verifier.with_drift(steps.clamp(-most, most));
        }
        page.keep(&verifier, now)?;
        if let Verdict::Accepted { .. } = verdict {
            advance(session, &mut store, account, verifier.last())?;
        }
        let (said, outcome) = words(verdict, &account.otp);
        answer(session, said, outcome)
    }
}

/// Refuses to judge by a clock that nothing keeps right, where the settings want that.
fn check_clock(session: &Session) -> Result<(), Failure> {
    if session.config.check.clock != ClockCheck::Strict || session.is_fixed() {
        return Ok(());
    }
    if ClockTruth::ask(session.now().wall).is_synchronised() == Some(true) {
        return Ok(());
    }
    Err(Failure::new(Exit::Clock, "this computer's clock is not known to be synchronised")
        .hint("let it be kept right by NTP, or set `check.clock` to `Warn`"))
}

/// Writes the counter after an accepted one into the vault too, so that it survives the loss of the ledger.
fn advance(
    session: &Session,
    store: &mut Store,
    account: &Account,
    accepted: Option<u64>,
) -> Result<(), Failure> {
    if let (Kind::Hotp { .. }, Some(counter)) = (&account.otp.kind, accepted) {
        let otp = Otp { kind: Kind::Hotp { counter: counter.saturating_add(1) }, ..account.otp.clone() };
        let edit = Edit { otp: Some(otp), ..Edit::default() };
        session.commit(store, &[Change::Edit(account.id, Box::new(edit))])?;
    }
    Ok(())
}

/// Returns the word that stands for a verdict in JSON; nothing for one that is good.
pub(super) fn word(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Accepted { .. } => None,
        Verdict::Malformed => Some("malformed"),
        Verdict::NoClock => Some("clock"),
        Verdict::Replayed => Some("replayed"),
        Verdict::Wait { .. } => Some("wait"),
        Verdict::Wrong => Some("wrong"),
    }
}

fn refused(reason: &'static str) -> Answer {
    Answer { ok: false, reason: Some(reason), step_offset: None, wait_seconds: None }
}

fn words(verdict: Verdict, otp: &Otp) -> (Answer, Result<(), Failure>) {
    let wrong = |message: &str| Err(Failure::new(Exit::WrongCode, message));
    let mut answer = Answer { ok: false, reason: word(verdict), step_offset: None, wait_seconds: None };
    let outcome = match verdict {
        Verdict::Accepted { steps } => {
            answer.ok = true;
            answer.step_offset = Some(steps);
            Ok(())
        }
        Verdict::Malformed => wrong(&format!("that is no code: one has {} characters", otp.length())),
        Verdict::NoClock => {
            Err(Failure::new(Exit::Clock, "no code can be checked: this computer's clock is before 1970"))
        }
        Verdict::Replayed => wrong("the code was used already"),
        Verdict::Wait { seconds } => {
            answer.wait_seconds = Some(seconds);
            wrong(&format!("too many wrong codes: none is looked at for {seconds} s"))
        }
        Verdict::Wrong => wrong("the code is wrong"),
    };
    (answer, outcome)
}

fn answer(session: &mut Session, said: Answer, outcome: Result<(), Failure>) -> Result<(), Failure> {
    if session.options.json() {
        session.output.print(&json(&Document { v: 1, verify: said }))?;
    }
    outcome
}
