//! Makes a secret for somebody's phone: shows its QR code, and waits for two codes of the phone before it counts.
//!
//! The account is saved first, as pending, so that a phone that has scanned the code is never left with a secret that
//! nobody here knows.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Run;
use super::output::json;
use super::qr::{Picture, fit, text};
use super::session::Session;
use super::shown::{Described, label, short_ids};
use crate::exchange::picture::{draw, png};
use crate::failure::{Exit, Failure};
use crate::otp::{Digits, Kind, Link, Otp, Period, Secret};
use crate::system::environment::Colours;
use crate::vault::{Account, AccountId, Change, fresh_bytes};

/// The most bytes of a secret.
const MOST_BYTES: usize = 64;

/// Make a secret for somebody's phone, and show its QR code
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock new bob
  twolock new bob --issuer Bastion --png bob.png
  twolock new bob --uri | qrencode -t ansiutf8

The account is pending: `twolock verify` refuses it and `twolock code` gives none until `twolock check`
has seen two codes of the phone. The phone shows the issuer, by default the name of this computer.")]
pub(super) struct New {
    /// Whose phone: the user name
    #[arg(value_name = "NAME")]
    name: String,
    /// How many digits a code has; every app can do 6
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(6..=10))]
    digits: Option<u64>,
    /// The group to list it under
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Draw the QR code light on dark; for a light terminal without colours
    #[arg(long)]
    invert: bool,
    /// What the phone shows beside the name
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// For how many seconds a code is valid; every app can do 30
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=86400))]
    period: Option<u64>,
    /// Write the QR code as a PNG picture, and print the id
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Replace the picture if it is there already
    #[arg(long, requires = "png")]
    replace: bool,
    /// Print the `otpauth:` link, which holds the secret
    #[arg(long = "uri", conflicts_with = "png")]
    link: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    account: Described<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<&'a str>,
}

impl Run for New {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let on_screen = self.png.is_none() && !self.link;
        if on_screen && (session.options.json() || !session.output.is_terminal()) {
            return Err(Failure::usage(
                "the QR code needs a terminal: whatever it is printed to holds the secret",
            )
            .hint("--png FILE writes a picture, --uri prints the link"));
        }
        let mut store = session.open()?;
        let vault = store.vault();
        let account = self.account(session)?;
        let same = |other: &&Account| (&other.issuer, &other.account) == (&account.issuer, &account.account);
        if let Some(other) = vault.accounts().iter().find(same) {
            return Err(Failure::new(
                Exit::NothingToDo,
                format!(
                    "\"{}\" is there already: its phone would go on showing codes that are refused",
                    label(other)
                ),
            )
            .hint("delete it first with `twolock rm`, or give another --issuer"));
        }
        let link = Link::write_short(&account.issuer, &account.account, &account.otp);
        let modules = draw(&link)?;
        if on_screen {
            fit(session, modules.side())?;
        }
        let id = account.id;
        let committed = session.commit(&mut store, &[Change::Add(Box::new(account))])?;
        let accounts = committed.vault.accounts();
        let ids = short_ids(accounts);
        let place = accounts.iter().position(|account| account.id == id);
        let (account, short) = place
            .map(|place| (&accounts[place], ids[place].as_str()))
            .ok_or_else(|| Failure::other("another program deleted the account just now"))?;
        if let Some(path) = &self.png {
            Picture { path, replace: self.replace, link: Some(&link) }.write(session, &png(&modules))?;
        }
        if session.options.json() {
            let uri = self.link.then_some(link.as_str());
            session.output.print(&json(&Document { v: 1, account: Described::new(account, short), uri }))?;
        } else if self.link {
            session.output.print(&Zeroizing::new(format!("{}\n", *link)))?;
        } else if on_screen {
            let colours = session.environment.colours != Colours::Off;
            session.output.print(&text(&modules, colours, self.invert))?;
        } else {
            session.output.print(&format!("{short}\n"))?;
        }
        session.output.say(format_args!(
            "{} is pending. When the phone has it: twolock check id:{short}",
            label(account)
        ));
        Ok(())
    }
}

impl New {
    fn account(&self, session: &Session) -> Result<Account, Failure> {
        let usage = |error: crate::otp::RangeError| Failure::usage(error.to_string());
        let add = &session.config.add;
        let random = Zeroizing::new(fresh_bytes::<MOST_BYTES>());
        let length = (add.secret_bytes as usize).clamp(16, MOST_BYTES);
        let secret = Secret::from_bytes(&random[..length])
            .map_err(|error| Failure::other(format!("no secret could be made: {error}")))?;
        let period = Period::new(self.period.unwrap_or(u64::from(add.period.0))).map_err(usage)?;
        let otp = Otp {
            algorithm: add.algorithm,
            digits: Digits::new(self.digits.unwrap_or(u64::from(add.digits))).map_err(usage)?,
            kind: Kind::Totp { period },
            ..Otp::totp(secret)
        };
        let issuer = match (&self.issuer, &add.issuer) {
            (Some(issuer), _) | (None, Some(issuer)) => issuer,
            (None, None) => &session.environment.hostname,
        };
        let now = session.now().wall;
        let id = AccountId::new(now, fresh_bytes());
        let group = self.group.clone().or_else(|| add.default_group.clone()).unwrap_or_default();
        if self.name.trim().is_empty() {
            return Err(Failure::usage("the account needs a name").hint("twolock new NAME"));
        }
        let account = Account::new(id, issuer, &self.name, otp, now);
        Ok(Account { group, pending: true, ..account })
    }
}
