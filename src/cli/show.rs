//! Shows one account. Its secret only when asked for, and then the passphrase is always checked anew.

use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Run;
use super::choose::pick;
use super::output::json;
use super::session::Session;
use super::shown::{Described, checked, kind, settings, short_ids};
use crate::display::visible;
use crate::failure::Failure;
use crate::otp::{Kind, Link};
use crate::system::clock::rfc3339;
use crate::vault::Account;

/// Show an account
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock show github
  twolock show github --uri
  twolock show id:3f9a --json

Each line has the name of a field, a tab and its value. --secret and --uri show what the codes are made
from: whoever has it can make them for ever.")]
pub(super) struct Show {
    /// Words of the name, ISSUER:ACCOUNT, id:ID, an AWS account number or the ARN of a device
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// Show the secret as well
    #[arg(long = "secret")]
    reveal: bool,
    /// Print the `otpauth:` link, which holds the secret, and nothing else
    #[arg(long = "uri", conflicts_with = "reveal")]
    link: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    account: Whole<'a>,
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    described: Described<'a>,
    uuid: String,
    note: &'a str,
    counter: Option<u64>,
    added: Option<String>,
    used: u64,
    used_last: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Zeroizing<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<Zeroizing<String>>,
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let vault = session.open()?.vault();
        let accounts = vault.accounts();
        let account = pick(session, accounts, &self.query.join(" "))?;
        let ids = short_ids(accounts);
        let place = accounts.iter().position(|other| other.id == account.id);
        let id = place.map_or("", |index| &ids[index]);
        let link = self.link.then(|| Link::write(&account.issuer, &account.account, &account.otp));
        if session.options.json() {
            let secret = self.reveal.then(|| account.otp.secret.to_base32());
            return session
                .output
                .print(&json(&Document { v: 1, account: whole(account, id, secret, link) }));
        }
        if let Some(link) = link {
            return session.output.print(&Zeroizing::new(format!("{}\n", *link)));
        }
        let text = fields(account, id, self.reveal, session.output.is_terminal());
        session.output.print(&text)
    }
}

fn whole<'a>(
    account: &'a Account,
    id: &'a str,
    secret: Option<Zeroizing<String>>,
    uri: Option<Zeroizing<String>>,
) -> Whole<'a> {
    Whole {
        described: Described::new(account, id),
        uuid: account.id.to_string(),
        note: &account.note,
        counter: counter(account),
        added: rfc3339(account.added),
        used: account.used.count,
        used_last: account.used.last.and_then(rfc3339),
        secret,
        uri,
    }
}

fn counter(account: &Account) -> Option<u64> {
    match account.otp.kind {
        Kind::Hotp { counter } => Some(counter),
        _ => None,
    }
}

/// Returns the fields, each on its line: in columns for people, with a tab for programs.
fn fields(account: &Account, id: &str, reveal: bool, for_people: bool) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(4096 + account.note.len() * 8));
    let mut line = |name: &str, value: &str| {
        if for_people && value.is_empty() {
            return;
        }
        let gap = if for_people { " ".repeat(10_usize.saturating_sub(name.len())) } else { "\t".to_owned() };
        for part in [name, &gap, value, "\n"] {
            text.push_str(part);
        }
    };
    line("id", id);
    line("name", visible(account.name()).as_str());
    line("account", visible(account.detail()).as_str());
    line("group", visible(&account.group).as_str());
    line("kind", kind(&account.otp));
    line("settings", &settings(&account.otp));
    line("pinned", if account.pinned { "yes" } else { "no" });
    line("checked", checked(account));
    line("added", &rfc3339(account.added).unwrap_or_default());
    line("used", &account.used.count.to_string());
    line("last", &account.used.last.and_then(rfc3339).unwrap_or_default());
    line("note", visible(&account.note).as_str());
    if reveal {
        line("secret", &account.otp.secret.to_base32());
        if let Kind::Motp { pin } | Kind::Yandex { pin } = &account.otp.kind {
            line("pin", &Zeroizing::new(String::from_utf8_lossy(pin.bytes()).into_owned()));
        }
    }
    text
}
