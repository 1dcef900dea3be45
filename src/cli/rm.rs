//! Deletes accounts. They are kept for thirty days, so that this can be undone.

use clap::Args;
use serde::Serialize;

use super::Run;
use super::choose::pick;
use super::output::json;
use super::session::Session;
use super::shown::{Described, label, short_ids};
use crate::failure::Failure;
use crate::vault::{Account, Change};

/// Delete accounts; `twolock undo` brings them back
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock rm GitLab:bob
  twolock rm id:3f9a id:77c1 --dry-run

It prints the ids. A deleted account is kept for thirty days. Take the second factor off at the service
first: without its codes you may not get in there any more.")]
pub(super) struct Rm {
    /// Accounts, each in one word or in quotes: words of the name, ISSUER:ACCOUNT or id:ID
    #[arg(required = true, value_name = "QUERY")]
    queries: Vec<String>,
    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    deleted: Vec<Described<'a>>,
    dry_run: bool,
}

impl Run for Rm {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let mut store = session.open()?;
        let vault = store.vault();
        let accounts = vault.accounts();
        // All are found before any is deleted.
        let mut chosen: Vec<&Account> = Vec::new();
        for query in &self.queries {
            let account = pick(session, accounts, query)?;
            if !chosen.iter().any(|known| known.id == account.id) {
                chosen.push(account);
            }
        }
        let now = session.now().wall;
        let changes: Vec<Change> = chosen.iter().map(|account| Change::Remove(account.id, now)).collect();
        if !self.dry_run {
            session.commit(&mut store, &changes)?;
        }
        let ids = short_ids(accounts);
        let described: Vec<(&Account, &str)> = accounts
            .iter()
            .zip(&ids)
            .filter(|(account, _)| chosen.iter().any(|one| one.id == account.id))
            .map(|(account, id)| (account, id.as_str()))
            .collect();
        for (account, id) in &described {
            let word = if self.dry_run { "would delete" } else { "deleted" };
            session.output.say(format_args!("{word} {} (id:{id})", label(account)));
        }
        if session.options.json {
            let deleted = described.iter().map(|(account, id)| Described::new(account, id)).collect();
            return session.output.print(&json(&Document { v: 1, deleted, dry_run: self.dry_run }));
        }
        let ids: Vec<&str> = described.iter().map(|(_, id)| *id).collect();
        session.output.print(&format!("{}\n", ids.join("\n")))
    }
}
