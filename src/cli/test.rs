//! The rehearsal of a sign-in: codes are judged as a real check would judge them, and the reason is told too. Nothing is
//! written.

use clap::Args;
use serde::Serialize;

use super::Run;
use super::choose::pick;
use super::output::json;
use super::session::Session;
use super::shown::label;
use super::{typed, verify};
use crate::failure::{Exit, Failure};
use crate::otp::{Verdict, Verifier, explain};
use crate::words::finding::judge;

/// Try codes of another device, as a sign-in would; nothing changes
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock test bob
  printf '%s\\n' 123456 | twolock test github

It asks for codes until Enter alone, or takes a line each of standard input, and says of each whether a
sign-in would accept it and why not. The exit status is that of the last one: 0 accepted, 6 not.")]
pub(super) struct Test {
    /// Words of the name, ISSUER:ACCOUNT or id:ID
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// Accept so many codes before and after the one of now, 0 to 10
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10))]
    window: Option<u32>,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    test: Answer<'a>,
}

#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    reason: Option<&'static str>,
    step_offset: Option<i64>,
    words: &'a str,
}

impl Run for Test {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        typed::check_stdin(session)?;
        let vault = session.open()?.vault();
        let account = pick(session, vault.accounts(), &self.query.join(" "))?;
        if account.pending {
            return Err(Failure::locked(format!(
                "\"{}\" is pending: its device has not shown two codes yet",
                label(account)
            ))
            .hint("`twolock check` takes the two codes"));
        }
        let window = self.window.unwrap_or(session.config.check.window);
        let mut verifier = Verifier::default().with_window(u64::from(window));
        session.output.say("A rehearsal: nothing changes. Enter alone ends it.");
        let mut last = None;
        while let Some(code) = typed::code(session, "Verification code: ")? {
            let now = session.now();
            let verdict = verifier.check(&account.otp, &code, now);
            let why = explain(&account.otp, &code, now.wall).filter(|_| verdict == Verdict::Wrong);
            let words = judge(verdict, why, &account.otp).text;
            if session.options.json() {
                let answer = Answer {
                    ok: matches!(verdict, Verdict::Accepted { .. }),
                    reason: verify::word(verdict),
                    step_offset: match verdict {
                        Verdict::Accepted { steps } => Some(steps),
                        _ => None,
                    },
                    words: &words,
                };
                session.output.print(&json(&Document { v: 1, test: answer }))?;
            } else {
                session.output.print(&format!("{words}\n"))?;
            }
            last = Some(verdict);
        }
        match last {
            Some(Verdict::Accepted { .. }) => Ok(()),
            Some(_) => Err(Failure::new(Exit::WrongCode, "a sign-in would not accept the last code")),
            None => Err(Failure::new(Exit::NothingToDo, "no code was tried")),
        }
    }
}
