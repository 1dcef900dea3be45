//! Takes accounts out: encrypted unless the call says otherwise, into a file that is read back before it counts.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Run;
use super::choose::choose;
use super::output::{json, reason};
use super::session::{Session, quoted};
use super::shown::label;
use crate::exchange::{EXPORTERS, Exporter, Fit, Protection, verify, write_for};
use crate::failure::{Exit, Failure};
use crate::system::{file, prompt};
use crate::vault::{Account, fresh_bytes, strength};

/// How many accounts are named that a format cannot hold.
const MOST_NAMED: usize = 10;

/// Export accounts to a file that another authenticator can read
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock export --to accounts.age
  twolock export --format aegis --to aegis.json github aws
  twolock export --recipient age1… --to - | ssh box 'cat > accounts.age'

Without QUERY all accounts go. The file is for you alone (mode 0600) and is read back and compared
before it gets its name. It is encrypted with a password of its own, unless --plain says otherwise.")]
pub(super) struct Export {
    /// The accounts; all if there is none
    #[arg(value_name = "QUERY")]
    queries: Vec<String>,
    /// The format: the app that shall read it; `twolock` if left out
    #[arg(long, value_name = "NAME", default_value = "twolock", hide_default_value = true)]
    format: String,
    /// List the formats that can be written
    #[arg(long, exclusive = true)]
    formats: bool,
    /// Read the password for the file from the first line of this file
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Agree to a format that is not encrypted: whoever reads the file can make the codes, for ever
    #[arg(long)]
    plain: bool,
    /// Encrypt for this age key (`age1…`) instead of a password; can be given several times
    #[arg(long, value_name = "KEY", conflicts_with = "password_file")]
    recipient: Vec<String>,
    /// Replace the file if it is there already
    #[arg(long)]
    replace: bool,
    /// The file to write, or `-` for standard output
    #[arg(long, value_name = "FILE", required_unless_present = "formats")]
    to: Option<PathBuf>,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    export: Report<'a>,
}

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    to: &'a str,
    encrypted: bool,
    written: usize,
    left_out: Vec<LeftOut<'a>>,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    name: &'a str,
    account: &'a str,
    reason: &'static str,
}

impl Run for Export {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        if self.formats {
            return list_formats(session);
        }
        let format = format_named(&self.format)?;
        let to = self.to.clone().unwrap_or_default();
        self.check(session, format, &to)?;
        let store = session.open()?;
        let vault = store.vault();
        let chosen = self.accounts(vault.accounts())?;
        let (fitting, left_out) = sort(format, &chosen);
        tell_losses(session, format, &fitting, &left_out);
        if fitting.is_empty() {
            return Err(Failure::new(Exit::NothingToDo, nothing_fits(format, &chosen)));
        }
        let password = self.password(session, format)?;
        let bytes = if let Some(bytes) = write_for_keys(&fitting, &self.recipient)? {
            bytes
        } else {
            let mut random = |bytes: &mut [u8]| bytes.fill_with(|| fresh_bytes::<1>()[0]);
            format.write(&fitting, password.as_ref().map(|password| password.as_str()), &mut random)
        };
        let check = |written: &[u8]| {
            if !self.recipient.is_empty() {
                return Ok(());
            }
            let password = password.as_ref().map(|password| password.as_str());
            verify(format, written, password, &fitting).map_err(io::Error::other)
        };
        let shown = if to.as_os_str() == "-" {
            check(&bytes).map_err(|error| Failure::other(format!("nothing was written: {error}")))?;
            return session.output.print_bytes(&bytes);
        } else {
            let path = session.paths.expand(&to)?;
            file::write_new(&path, &bytes, self.replace, check)
                .map_err(|error| cannot_write(session, &path, &error))?;
            session.paths.short(&path)
        };
        if session.options.json() {
            let left_out = left_out.iter().map(|(account, reason)| LeftOut {
                name: &account.issuer,
                account: &account.account,
                reason,
            });
            return session.output.print(&json(&Document {
                v: 1,
                export: Report {
                    format: format.name(),
                    to: &to.to_string_lossy(),
                    encrypted: format.protection() != Protection::Plain,
                    written: fitting.len(),
                    left_out: left_out.collect(),
                },
            }));
        }
        session.output.say(format_args!("{} in \"{shown}\", read back and compared", count(fitting.len())));
        if format.protection() == Protection::Plain {
            session.output.warn("it is not encrypted: move it where it is needed, then delete it");
        }
        Ok(())
    }
}

impl Export {
    /// Finds what is wrong with the call before anything is opened or asked.
    fn check(&self, session: &Session, format: &dyn Exporter, to: &Path) -> Result<(), Failure> {
        if format.protection() == Protection::Plain && !self.plain {
            return Err(Failure::usage(format!(
                "{} is not encrypted: whoever reads the file can make your codes, for ever",
                format.title()
            ))
            .hint("say --plain to write it anyway")
            .hint("or leave --format out, for a file that is encrypted with a password"));
        }
        if !self.recipient.is_empty() && format.name() != "twolock" {
            return Err(Failure::usage("only the format twolock can be encrypted for age keys"));
        }
        let encrypted = format.protection() != Protection::Plain;
        if to.as_os_str() == "-" {
            if encrypted && session.output.is_terminal() {
                return Err(Failure::usage("an encrypted file is no text for a terminal")
                    .hint("name a file with --to FILE, or send it on with a pipe"));
            }
        } else if !self.replace && session.paths.expand(to)?.symlink_metadata().is_ok() {
            return Err(exists(session, &session.paths.expand(to)?));
        }
        Ok(())
    }

    fn accounts<'a>(&self, accounts: &'a [Account]) -> Result<Vec<&'a Account>, Failure> {
        if self.queries.is_empty() {
            return Ok(accounts.iter().collect());
        }
        let mut chosen: Vec<&Account> = Vec::with_capacity(self.queries.len());
        for query in &self.queries {
            let account = choose(accounts, query)?;
            if !chosen.iter().any(|known| known.id == account.id) {
                chosen.push(account);
            }
        }
        Ok(chosen)
    }

    /// Returns the password of the file, where it has one; a typed one is asked for twice.
    fn password(
        &self,
        session: &Session,
        format: &dyn Exporter,
    ) -> Result<Option<Zeroizing<String>>, Failure> {
        if format.protection() == Protection::Plain || !self.recipient.is_empty() {
            return Ok(None);
        }
        if let Some(file) = &self.password_file {
            let password = prompt::passphrase_from_file(&session.paths.expand(file)?)?;
            return Ok(Some(password));
        }
        let first = session.ask_hidden("Password for the file: ")?;
        if first.is_empty() {
            return Err(Failure::other("the password is empty").hint("--plain writes a format without one"));
        }
        let judged = strength(&first);
        if judged.score < 3 {
            session.output.warn(format_args!("this password is {}: it {}", judged.word, judged.guess_time));
        }
        let second = session.ask_hidden("The same again: ")?;
        if *first == *second { Ok(Some(first)) } else { Err(Failure::other("the two passwords differ")) }
    }
}

fn write_for_keys(
    accounts: &[&Account],
    recipients: &[String],
) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    if recipients.is_empty() {
        return Ok(None);
    }
    write_for(accounts, recipients).map(Some).ok_or_else(|| {
        Failure::usage("one of the recipients is no age key")
            .hint("a key looks like age1…, and `age-keygen -y FILE` shows it")
    })
}

type LeftOutAccount<'a> = (&'a Account, &'static str);

/// Returns the accounts that fit, and the others with the reason.
fn sort<'a>(format: &dyn Exporter, accounts: &[&'a Account]) -> (Vec<&'a Account>, Vec<LeftOutAccount<'a>>) {
    let (mut fitting, mut left_out) = (Vec::new(), Vec::new());
    for &account in accounts {
        match format.fits(account) {
            Fit::Not(why) => left_out.push((account, why)),
            Fit::Whole | Fit::Without(_) => fitting.push(account),
        }
    }
    (fitting, left_out)
}

/// Says before anything is written what will not be in the file.
fn tell_losses(
    session: &Session,
    format: &dyn Exporter,
    fitting: &[&Account],
    left_out: &[LeftOutAccount<'_>],
) {
    for (account, why) in left_out.iter().take(MOST_NAMED) {
        session.output.warn(format_args!(
            "{} is left out: {} cannot hold {why}",
            label(account),
            format.title()
        ));
    }
    if let Some(more) = left_out.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        session.output.warn(format_args!("and {more} more are left out"));
    }
    for what in ["issuer", "account", "group", "note", "pin"] {
        let loses =
            |account: &&&Account| matches!(format.fits(account), Fit::Without(lost) if lost.contains(&what));
        let losing = fitting.iter().filter(loses).count();
        if losing > 0 {
            session.output.warn(format_args!(
                "{} cannot hold the {what} of {}",
                format.title(),
                count(losing)
            ));
        }
    }
}

fn nothing_fits(format: &dyn Exporter, chosen: &[&Account]) -> String {
    if chosen.is_empty() {
        "there are no accounts to export".to_owned()
    } else {
        format!("{} can hold none of these accounts", format.title())
    }
}

fn count(accounts: usize) -> String {
    if accounts == 1 { "1 account".to_owned() } else { format!("{accounts} accounts") }
}

fn exists(session: &Session, path: &Path) -> Failure {
    Failure::other(format!("\"{}\" is there already", session.paths.short(path)))
        .hint("choose another name, or say --replace")
}

fn cannot_write(session: &Session, path: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return exists(session, path);
    }
    Failure::other(format!("cannot write \"{}\": {}", session.paths.short(path), reason(error)))
}

fn format_named(name: &str) -> Result<&'static dyn Exporter, Failure> {
    EXPORTERS.iter().copied().find(|format| format.name() == name).ok_or_else(|| {
        Failure::usage(format!("there is no format {} to be written", quoted(name)))
            .hint("`twolock export --formats` lists them")
    })
}

fn list_formats(session: &mut Session) -> Result<(), Failure> {
    let widest = EXPORTERS.iter().map(|format| format.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for format in EXPORTERS {
        let warning = if format.protection() == Protection::Plain { " (needs --plain)" } else { "" };
        text.push_str(&format!("{:widest$}  {}{warning}\n", format.name(), format.title()));
    }
    session.output.print(&text)
}
