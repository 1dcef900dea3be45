//! Deletes accounts. They are kept for thirty days, so that this can be undone; for ever only when that is written out,
//! and then by the id alone, since words of a name may come to mean another account.

use std::borrow::Cow;

use clap::Args;

use super::Run;
use super::choose::pick;
use super::listed::Listed;
use super::session::Session;
use super::shown::{Described, label, short_ids};
use crate::failure::Failure;
use crate::vault::{Account, Change, Vault};

/// Delete accounts; `twolock undo` brings them back
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock rm GitLab:bob
  twolock rm id:3f9a id:77c1 --dry-run
  twolock rm id:3f9a --for-ever

It prints the ids. A deleted account is kept for thirty days, or until it is deleted for ever, which undo
does not take back. Take the second factor off at the service first: without its codes you may not get in
there any more.")]
pub(super) struct Rm {
    /// Accounts, each in one word or in quotes: words of the name, ISSUER:ACCOUNT or id:ID
    #[arg(required = true, value_name = "QUERY")]
    queries: Vec<String>,
    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Forget them at once, also such as were deleted before; each has to be named as id:ID
    #[arg(long)]
    for_ever: bool,
}

impl Run for Rm {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        if self.for_ever && self.queries.iter().any(|query| !query.starts_with("id:")) {
            return Err(Failure::usage("what is deleted for ever has to be named by its id, as id:ID")
                .hint("`twolock list` shows the ids; that of an account that is deleted was printed then"));
        }
        let mut store = session.open()?;
        let vault = store.vault();
        let accounts = self.candidates(&vault);
        let accounts = &*accounts;
        // All are found before any is deleted.
        let mut chosen: Vec<&Account> = Vec::new();
        for query in &self.queries {
            let account = pick(session, accounts, query)?;
            if !chosen.iter().any(|known| known.id == account.id) {
                chosen.push(account);
            }
        }
        let now = session.now().wall;
        let mut changes: Vec<Change> = chosen.iter().map(|account| Change::Remove(account.id, now)).collect();
        if self.for_ever {
            changes.extend(chosen.iter().map(|account| Change::Forget(account.id)));
        }
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
            let how = if self.for_ever { " for ever" } else { "" };
            session.output.say(format_args!("{word} {} (id:{id}){how}", label(account)));
        }
        if self.for_ever && !self.dry_run {
            let backups = session.paths.short(&session.place.backups_dir());
            session
                .output
                .say(format_args!("Backups made before still hold it, also those in \"{backups}\"."));
        }
        if session.options.json() {
            let deleted = described.iter().map(|(account, id)| Described::new(account, id));
            return Listed::new("deleted", "deleted", deleted)
                .marked("dry_run", self.dry_run)
                .marked("for_ever", self.for_ever)
                .print(session);
        }
        let ids: Vec<&str> = described.iter().map(|(_, id)| *id).collect();
        session.output.print(&format!("{}\n", ids.join("\n")))
    }
}

impl Rm {
    /// Returns what may be deleted: the accounts, and for ever also those that are deleted and can still come back.
    fn candidates<'a>(&self, vault: &'a Vault) -> Cow<'a, [Account]> {
        if !self.for_ever {
            return Cow::Borrowed(vault.accounts());
        }
        let deleted = vault.deleted().iter().filter_map(|deleted| deleted.account.as_deref());
        vault.accounts().iter().chain(deleted).cloned().collect()
    }
}
