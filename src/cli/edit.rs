//! Changes names, group, note and pin of an account. What the codes are made from is not changed here: `check` does, when
//! two codes of the other device have shown what it should be.

use clap::Args;
use serde::Serialize;

use super::Run;
use super::choose::pick;
use super::output::json;
use super::session::Session;
use super::shown::{Described, label, short_ids};
use crate::failure::{Exit, Failure};
use crate::vault::{Change, Edit as Fields};

/// Change the names, the group or the note of an account
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock edit github --account alice@example.com
  twolock edit aws --group Work --pin
  twolock edit aws --note 'arn:aws:iam::123456789012:mfa/alice'

Anything that is not named stays. An empty value takes it away. `twolock undo` takes the change back.")]
pub(super) struct Edit {
    /// Words of the name, ISSUER:ACCOUNT, id:ID, an AWS account number or the ARN of a device
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// The user name or mail address there
    #[arg(long, value_name = "USER")]
    account: Option<String>,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The group to list it under
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// The name of the service
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Do not list it first
    #[arg(long, conflicts_with = "pin")]
    no_pin: bool,
    /// A note, which is searched too
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// List it first
    #[arg(long = "pin")]
    pin: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    account: Described<'a>,
    changed: Vec<&'static str>,
    dry_run: bool,
}

impl Run for Edit {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        if self.is_empty() {
            return Err(Failure::usage("nothing is to be changed")
                .hint("say what: --name, --account, --group, --note, --pin or --no-pin"));
        }
        let mut store = session.open()?;
        let vault = store.vault();
        let account = pick(session, vault.accounts(), &self.query.join(" "))?;
        let pinned = self.pin.then_some(true).or(self.no_pin.then_some(false));
        let changed: Vec<&'static str> = [
            ("name", self.name.as_ref().is_some_and(|new| *new != account.issuer)),
            ("account", self.account.as_ref().is_some_and(|new| *new != account.account)),
            ("group", self.group.as_ref().is_some_and(|new| *new != account.group)),
            ("note", self.note.as_ref().is_some_and(|new| *new != account.note)),
            ("pinned", pinned.is_some_and(|new| new != account.pinned)),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect();
        if changed.is_empty() {
            return Err(Failure::new(
                Exit::NothingToDo,
                format!("\"{}\" is like that already", label(account)),
            ));
        }
        let fields = Fields {
            issuer: self.name.clone(),
            account: self.account.clone(),
            group: self.group.clone(),
            note: self.note.clone(),
            pinned,
            ..Fields::default()
        };
        let change = Change::Edit(account.id, Box::new(fields));
        let after = if self.dry_run {
            store.preview(&[change], session.now().wall)?
        } else {
            session.commit(&mut store, &[change])?.vault
        };
        let accounts = after.accounts();
        let ids = short_ids(accounts);
        let Some(place) = accounts.iter().position(|other| other.id == account.id) else {
            return Ok(());
        };
        if session.options.json() {
            let document = Document {
                v: 1,
                account: Described::new(&accounts[place], &ids[place]),
                changed,
                dry_run: self.dry_run,
            };
            return session.output.print(&json(&document));
        }
        let word = if self.dry_run { "would change" } else { "changed" };
        session.output.say(format_args!("{}: {word} {}", label(&accounts[place]), changed.join(", ")));
        Ok(())
    }
}

impl Edit {
    fn is_empty(&self) -> bool {
        let texts = [&self.name, &self.account, &self.group, &self.note];
        texts.iter().all(|text| text.is_none()) && !self.pin && !self.no_pin
    }
}
