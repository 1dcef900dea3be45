//! Opens the vault for a while, and closes it: starts the agent, and ends it.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json as value};
use zeroize::Zeroizing;

use super::Run;
use super::output::json;
use super::session::Session;
use crate::agent;
use crate::failure::{Exit, Failure};
use crate::system::background;

/// The longest time for which a vault stays unlocked.
const LONGEST: Duration = Duration::from_hours(24);

/// Open the vault for a while, so that scripts need no passphrase
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock unlock
  twolock unlock --for 8h --idle 30m

It starts a small process, the agent, that makes codes and lists accounts for your own programs, and
forgets everything when its time is up. It gives out no secret. Until it ends, `twolock` shows the codes at
once and asks for the passphrase only where the vault itself is needed. Another `twolock unlock` begins anew.")]
pub(super) struct Unlock {
    /// Lock after this time, whatever comes: 90s, 15m, 8h
    #[arg(long = "for", value_name = "TIME", default_value = "15m", value_parser = time)]
    time: Duration,
    /// Lock after this time without a request; 15m if left out, also with a longer --for
    #[arg(long, value_name = "TIME", value_parser = time)]
    idle: Option<Duration>,
}

/// Lock the vault: end the agent
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock lock
  twolock lock --all")]
pub(super) struct Lock {
    /// Lock every vault of yours
    #[arg(long)]
    all: bool,
}

impl Run for Unlock {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        session.check_vault()?;
        if session.environment.sudo {
            return Err(Failure::usage(
                "under sudo the agent would be root's, and nobody else's programs could ask it",
            )
            .hint("run `twolock unlock` without sudo"));
        }
        let idle = self.idle.unwrap_or(Duration::from_mins(15)).min(self.time);
        let mut arguments: Vec<OsString> = vec!["agent".into(), "serve".into()];
        for (option, time) in [("--seconds", self.time), ("--idle", idle)] {
            arguments.extend([option.into(), time.as_secs().to_string().into()]);
        }
        let place =
            std::path::absolute(session.place.dir()).unwrap_or_else(|_| session.place.dir().to_owned());
        arguments.extend(["--vault".into(), place.into()]);
        let identity = session.identity_file()?;
        let line = if let Some(file) = identity {
            // The process reads it, and asks for its passphrase and for a touch, while it still has the terminal.
            arguments.extend(["--identity".into(), file.into()]);
            self.start(session, arguments, None)?
        } else {
            let passphrase = session.passphrase()?;
            let mut input = Zeroizing::new(String::with_capacity(passphrase.reveal().len() + 1));
            input.push_str(passphrase.reveal());
            input.push('\n');
            arguments.extend(["--passphrase-fd".into(), "0".into()]);
            self.start(session, arguments, Some(input.as_bytes()))?
        };
        let answer: Value =
            serde_json::from_str(&line).map_err(|_| Failure::other("the agent does not answer"))?;
        if let Some(error) = answer.get("error") {
            return Err(failure(error));
        }
        if session.options.json() {
            return session.output.print(&json(&value!({
                "v": 1, "unlocked": {"seconds": self.time.as_secs(), "idle_seconds": idle.as_secs(),
                "pid": answer["agent"]["pid"], "locked_memory": answer["agent"]["locked_memory"]},
            })));
        }
        session.output.say(said(self.time, idle));
        Ok(())
    }
}

impl Unlock {
    fn start(
        &self,
        session: &Session,
        mut arguments: Vec<OsString>,
        input: Option<&[u8]>,
    ) -> Result<String, Failure> {
        if session.options.no_input {
            arguments.push("--no-input".into());
        }
        background::start(&arguments, input)
            .map_err(|error| Failure::other(format!("cannot start the agent: {error}")))
    }
}

impl Run for Lock {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let doors = if self.all { session.agent_place().doors() } else { vec![session.agent_door()] };
        let mut locked = 0;
        for door in doors {
            locked += usize::from(agent::lock(&door)?);
        }
        if session.options.json() {
            return session.output.print(&json(&value!({"v": 1, "locked": locked})));
        }
        session.output.say(match locked {
            0 => "It was locked already.",
            1 => "Locked. The agent has ended, and nothing is left in memory.",
            _ => "Locked. The agents have ended, and nothing is left in memory.",
        });
        Ok(())
    }
}

/// Returns what is said of the two limits. Whoever asked for hours must learn that a quiet while ends them.
fn said(time: Duration, idle: Duration) -> String {
    let long = words(time);
    if idle >= time {
        return format!("Unlocked for {long}. `twolock lock` locks it sooner.");
    }
    let quiet = words(idle);
    format!(
        "Unlocked for {long} at most: it locks sooner when nothing is asked for {quiet}, unless --idle says \
         otherwise. `twolock lock` locks it now."
    )
}

/// Makes a failure of one that was written as JSON.
fn failure(error: &Value) -> Failure {
    let exit = Exit::ALL.into_iter().find(|exit| error["exit"] == exit.status()).unwrap_or(Exit::Other);
    let message = error["message"].as_str().unwrap_or("the agent did not start").to_owned();
    let hints = error["hints"].as_array().into_iter().flatten();
    let hints = hints.filter_map(|hint| hint.as_str().map(str::to_owned)).collect();
    Failure { message, hints, matches: Vec::new(), exit }
}

/// Reads a time: a number and its unit.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "a time is a number with s, m or h, up to 24h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    let time = number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)?;
    if time.is_zero() || time > LONGEST { Err(wrong()) } else { Ok(time) }
}

/// Returns a time in words: `15 minutes`.
fn words(time: Duration) -> String {
    let seconds = time.as_secs();
    let (number, unit) = match seconds {
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_limits_are_said_where_they_differ() {
        let said = |time, idle| said(Duration::from_mins(time), Duration::from_mins(idle));
        assert_eq!(said(15, 15), "Unlocked for 15 minutes. `twolock lock` locks it sooner.");
        assert_eq!(
            said(480, 15),
            "Unlocked for 8 hours at most: it locks sooner when nothing is asked for 15 minutes, unless --idle \
             says otherwise. `twolock lock` locks it now."
        );
    }

    #[test]
    fn times_are_read_and_said() {
        for (text, seconds, said) in [
            ("90s", 90, "90 seconds"),
            ("1m", 60, "1 minute"),
            ("15m", 900, "15 minutes"),
            ("24h", 86_400, "24 hours"),
        ] {
            assert_eq!(time(text), Ok(Duration::from_secs(seconds)), "{text}");
            assert_eq!(words(Duration::from_secs(seconds)), said);
        }
        for text in ["", "s", "0s", "15", "-1m", "25h", "1d", "99999999999999999999h", "1é"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
