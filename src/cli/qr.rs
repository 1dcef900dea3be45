//! Shows the QR codes of accounts for a phone to scan: on the terminal, or as pictures.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::Run;
use super::choose::choose;
use super::output::reason;
use super::session::Session;
use super::shown::label;
use crate::exchange::picture::{Modules, draw, png, read_codes, svg};
use crate::exchange::{BATCHES, Fit, batches};
use crate::failure::{Exit, Failure};
use crate::otp::Link;
use crate::system::environment::Colours;
use crate::system::file;
use crate::vault::Account;

/// Light modules around a code on a terminal: two scan well, and four take much of a small window.
const QUIET: usize = 2;

/// Show the QR code of an account, for a phone to scan
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock qr github
  twolock qr github aws
  twolock qr aws --png aws.png
  twolock qr --google --png phone.png

Several accounts come one after another. Anyone who sees or photographs a code gets the secret.")]
pub(super) struct Qr {
    /// The account, in one word or several; or several accounts, each in one word
    #[arg(value_name = "QUERY", required_unless_present = "google", num_args = 1..)]
    query: Vec<String>,
    /// Codes for Google Authenticator, of up to 10 accounts each; of all accounts without QUERY
    #[arg(long)]
    google: bool,
    /// Draw light on dark; for a light terminal without colours
    #[arg(long)]
    invert: bool,
    /// Write a PNG picture instead; several get numbers: FILE-1, FILE-2
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Replace the picture if it is there already
    #[arg(long)]
    replace: bool,
    /// Write an SVG drawing instead
    #[arg(long, value_name = "FILE", conflicts_with = "png")]
    svg: Option<PathBuf>,
}

/// One code, and what it is of.
struct Code {
    title: String,
    link: Zeroizing<String>,
    modules: Modules,
}

impl Run for Qr {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let vault = session.open()?.vault();
        let accounts = self.accounts(vault.accounts())?;
        let codes = if self.google { google(session, &accounts)? } else { one_by_one(&accounts)? };
        if let Some(path) = self.png.as_ref().or(self.svg.as_ref()) {
            for (number, code) in (1..).zip(&codes) {
                let path = if codes.len() == 1 { path.clone() } else { numbered(path, number) };
                let picture = Picture {
                    path: &path,
                    replace: self.replace,
                    link: self.svg.is_none().then_some(&code.link),
                };
                match self.svg {
                    Some(_) => picture.write(session, svg(&code.modules).as_bytes())?,
                    None => picture.write(session, &png(&code.modules))?,
                }
            }
            return Ok(());
        }
        self.show(session, &codes)
    }
}

/// Returns a code for each account.
fn one_by_one(accounts: &[&Account]) -> Result<Vec<Code>, Failure> {
    accounts
        .iter()
        .map(|account| {
            let link = Link::write_short(&account.issuer, &account.account, &account.otp);
            Ok(Code { title: label(account).to_string(), modules: draw(&link)?, link })
        })
        .collect()
}

/// Returns codes of up to ten accounts, and says which accounts cannot be in one.
fn google(session: &Session, accounts: &[&Account]) -> Result<Vec<Code>, Failure> {
    for account in accounts {
        if let Fit::Not(why) = BATCHES.fits(account) {
            session
                .output
                .warn(format_args!("{} is left out: Google Authenticator cannot hold {why}", label(account)));
        }
    }
    let batches = batches(accounts);
    if batches.is_empty() {
        return Err(Failure::new(Exit::NothingToDo, "Google Authenticator can hold none of these accounts"));
    }
    batches
        .into_iter()
        .map(|batch| {
            let title = match batch.accounts {
                1 => "1 account for Google Authenticator".to_owned(),
                count => format!("{count} accounts for Google Authenticator"),
            };
            Ok(Code { title, modules: draw(&batch.link)?, link: batch.link })
        })
        .collect()
}

/// Returns `a-2.png` for `a.png`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

impl Qr {
    /// Returns the accounts that are meant. All words together are one account if there is one that they match;
    /// if there is none, each word is one.
    fn accounts<'a>(&self, accounts: &'a [Account]) -> Result<Vec<&'a Account>, Failure> {
        if self.query.is_empty() {
            return Ok(accounts.iter().collect());
        }
        let together = choose(accounts, &self.query.join(" "));
        match together {
            Err(failure) if failure.exit == Exit::NotFound && self.query.len() > 1 => {
                let each: Vec<_> = self.query.iter().map(|query| choose(accounts, query)).collect();
                if each.iter().all(|found| matches!(found, Err(failure) if failure.exit == Exit::NotFound)) {
                    return Err(failure);
                }
                let mut chosen: Vec<&Account> = Vec::new();
                for account in each {
                    let account = account?;
                    if !chosen.iter().any(|known| known.id == account.id) {
                        chosen.push(account);
                    }
                }
                Ok(chosen)
            }
            one => one.map(|account| vec![account]),
        }
    }

    /// Shows the codes on the terminal, each after Enter.
    fn show(&self, session: &mut Session, codes: &[Code]) -> Result<(), Failure> {
        fit(session, codes.iter().map(|code| code.modules.side()).max().unwrap_or(0))?;
        let colours = session.output.is_terminal() && session.environment.colours != Colours::Off;
        for (number, code) in (1..).zip(codes) {
            if number > 1 && session.output.is_terminal() {
                // Where nobody can be asked they follow each other.
                session.ask(&format!("Enter shows the next code, {number} of {} ", codes.len()))?;
            }
            session.output.say(format_args!("{}: anyone who sees this code gets the secret", code.title));
            session.output.print(&text(&code.modules, colours, self.invert))?;
        }
        Ok(())
    }
}

/// A picture that is to be written.
pub(super) struct Picture<'a> {
    /// Where.
    pub(super) path: &'a Path,
    /// Also over one that is there.
    pub(super) replace: bool,
    /// What must be read in it: whoever is handed the picture must be able to read it.
    pub(super) link: Option<&'a Zeroizing<String>>,
}

impl Picture<'_> {
    /// Writes it, for its owner only.
    pub(super) fn write(&self, session: &Session, bytes: &[u8]) -> Result<(), Failure> {
        let path = session.paths.expand(self.path)?;
        let shown = session.paths.short(&path);
        let check = |written: &[u8]| match (self.link, self.link.map(|_| read_codes(written))) {
            (None, _) => Ok(()),
            (Some(link), Some(Ok(texts))) if texts.len() == 1 && texts[0] == *link => Ok(()),
            _ => Err(io::Error::other("the picture cannot be read back")),
        };
        file::write_new(&path, bytes, self.replace, check).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::other(format!("\"{shown}\" is there already"))
                .hint("choose another name, or say --replace"),
            _ => Failure::other(format!("cannot write \"{shown}\": {}", reason(&error))),
        })?;
        session.output.say(format_args!(
            "written to \"{shown}\"; delete it when the phone has it: it holds the secret"
        ));
        Ok(())
    }
}

/// Fails where a code of so many modules a side is wider than the terminal.
pub(super) fn fit(session: &Session, side: usize) -> Result<(), Failure> {
    let needed = side + 2 * QUIET;
    match session.output.columns() {
        Some(columns) if session.output.is_terminal() && columns < needed => {
            Err(Failure::other(format!("the code needs {needed} columns, and the window has {columns}"))
                .hint("make the window wider or its letters smaller, or use --png FILE"))
        }
        _ => Ok(()),
    }
}

/// Draws two modules in a character cell. With colours they are black on white whatever the theme; without them the
/// light modules are drawn, which is right on a dark screen and in a file that is shown on one.
pub(super) fn text(modules: &Modules, colours: bool, invert: bool) -> Zeroizing<String> {
    let side = modules.side() + 2 * QUIET;
    let dark = |x: usize, y: usize| x >= QUIET && y >= QUIET && modules.dark(x - QUIET, y - QUIET);
    let mut text = Zeroizing::new(String::with_capacity((side + 2) * side * 12));
    for row in 0..side.div_ceil(2) {
        for column in 0..side {
            let (upper, lower) = (dark(column, row * 2), dark(column, row * 2 + 1));
            if colours {
                let colour = |dark| if dark { "16" } else { "231" };
                for part in ["\u{1b}[38;5;", colour(upper), ";48;5;", colour(lower), "m▀"] {
                    text.push_str(part);
                }
            } else {
                text.push(match (upper != invert, lower != invert) {
                    (true, true) => ' ',
                    (true, false) => '▄',
                    (false, true) => '▀',
                    (false, false) => '█',
                });
            }
        }
        text.push_str(if colours { "\u{1b}[0m\n" } else { "\n" });
    }
    text
}
