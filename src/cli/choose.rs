//! From the words after a verb to the account that is meant: one, or a choice on the terminal, or a failure that names
//! what there is.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};

use super::session::{Session, quoted};
use super::shown::{label, short_ids};
use crate::failure::{Exit, Failure};
use crate::system::prompt::Terminal;
use crate::vault::{Account, Resolve, resolve, resolve_exactly};

/// The most accounts that are listed to choose from.
const MOST: usize = 20;

/// Returns the one account that is meant.
pub(super) fn choose<'a>(accounts: &'a [Account], query: &str) -> Result<&'a Account, Failure> {
    chosen(accounts, query, resolve(accounts, query))
}

/// Returns the one account that is named in full: a gate must not take part of a name for another's.
pub(super) fn choose_exactly<'a>(accounts: &'a [Account], query: &str) -> Result<&'a Account, Failure> {
    chosen(accounts, query, resolve_exactly(accounts, query))
}

fn chosen<'a>(
    accounts: &'a [Account],
    query: &str,
    found: Result<usize, Resolve>,
) -> Result<&'a Account, Failure> {
    match found {
        Ok(index) => Ok(&accounts[index]),
        Err(Resolve::Many(indices)) => Err(ambiguous(accounts, &indices, query)),
        Err(Resolve::None(closest)) => Err(unmatched(accounts, &closest, query)),
    }
}

/// Returns the one account that is meant; where it may be several and a person is there, that person chooses.
pub(super) fn pick<'a>(
    session: &Session,
    accounts: &'a [Account],
    query: &str,
) -> Result<&'a Account, Failure> {
    let indices = match resolve(accounts, query) {
        Err(Resolve::Many(indices)) if indices.len() <= MOST => indices,
        _ => return choose(accounts, query),
    };
    let may_ask = !session.options.no_input && io::stdin().is_terminal() && io::stderr().is_terminal();
    let Some(mut terminal) = may_ask.then(Terminal::open).and_then(Result::ok) else {
        return Err(ambiguous(accounts, &indices, query));
    };
    let ids = short_ids(accounts);
    let mut question = String::new();
    for (number, &index) in (1..).zip(&indices) {
        writeln!(question, "{number:>3}  {}  id:{}", label(&accounts[index]), ids[index])
            .expect("a String takes everything");
    }
    write!(question, "Which one? 1 to {}, Enter for none: ", indices.len())
        .expect("a String takes everything");
    loop {
        let answer = terminal.line(&question)?;
        if answer.trim().is_empty() {
            return Err(ambiguous(accounts, &indices, query));
        }
        let chosen = answer.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some(&index) = chosen.and_then(|place| indices.get(place)) {
            return Ok(&accounts[index]);
        }
        question = format!("A number from 1 to {}, or Enter for none: ", indices.len());
    }
}

/// Returns the failure for a query that no account matches, with the closest names.
pub(super) fn unmatched(accounts: &[Account], closest: &[usize], query: &str) -> Failure {
    let mut failure = Failure::new(Exit::NotFound, format!("no account matches {}", quoted(query)));
    if accounts.is_empty() {
        return failure.hint("there are no accounts yet; `twolock add NAME` adds one");
    }
    if closest.is_empty() {
        return failure.hint("`twolock list` shows what there is");
    }
    let ids = short_ids(accounts);
    for &index in closest {
        failure = failure.hint(format!("close: id:{}  {}", ids[index], label(&accounts[index])));
        failure.matches.push(exact(&accounts[index]));
    }
    failure
}

/// Returns the failure for more accounts than one, with a list to choose from.
fn ambiguous(accounts: &[Account], indices: &[usize], query: &str) -> Failure {
    let ids = short_ids(accounts);
    let message = format!("{} matches {} accounts", quoted(query), indices.len());
    let mut failure = Failure::new(Exit::Ambiguous, message);
    for &index in indices.iter().take(MOST) {
        failure = failure.hint(format!("id:{}  {}", ids[index], label(&accounts[index])));
    }
    failure.matches = indices.iter().map(|&index| exact(&accounts[index])).collect();
    match indices.len().checked_sub(MOST) {
        None | Some(0) => failure,
        Some(more) => failure.hint(format!("and {more} more")),
    }
}

/// Returns what names an account exactly: `issuer:account`.
fn exact(account: &Account) -> String {
    format!("{}:{}", account.issuer, account.account)
}
