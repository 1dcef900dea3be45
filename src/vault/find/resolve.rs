//! From what a person wrote after a verb to the one account that is meant, or to what may have been meant.

use std::collections::HashMap;

use crate::vault::find::aws::Named;
use crate::vault::find::{Fit, Index, closest, folded};
use crate::vault::{Account, AccountId};

/// The fewest digits of a short id.
const SHORTEST_ID: usize = 4;

/// Why a text does not mean one account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Resolve {
    /// It means several: their places in the list.
    Many(Vec<usize>),
    /// It means none; these are called alike.
    None(Vec<usize>),
}

/// Returns the place of the account that a text means: `id:` and the last digits of its id, the issuer and the
/// account as `issuer:account`, either of them alone, the number of an AWS account or the ARN of its device, or words
/// that only one account has. Scattered letters mean nothing here: a verb acts, and must not guess.
pub fn resolve(accounts: &[Account], query: &str) -> Result<usize, Resolve> {
    let query = query.trim();
    match resolve_exactly(accounts, query) {
        Err(Resolve::None(_)) if !query.is_empty() && !query.starts_with("id:") => {}
        found => return found,
    }
    if let Some(named) = Named::read(query) {
        let found = named.find(accounts, query);
        if !found.is_empty() || query.starts_with("arn:") {
            return one(found, || named.close(accounts));
        }
    }
    let mut found: Vec<usize> = Index::new(accounts).search(query, Fit::Inside, |index, _| index);
    found.sort_unstable();
    one(found, || closest(accounts, query))
}

/// Returns the place of the account that a text names in full: `id:` and digits of its id, `issuer:account`, or either of
/// them alone. For a gate, where part of a name must not stand for another's.
pub fn resolve_exactly(accounts: &[Account], query: &str) -> Result<usize, Resolve> {
    let query = query.trim();
    if let Some(tail) = query.strip_prefix("id:") {
        return one(by_id(accounts, tail), Vec::new);
    }
    let wanted = folded(query);
    if wanted.is_empty() {
        return Err(Resolve::None(Vec::new()));
    }
    let whole = |account: &Account| folded(&format!("{}:{}", account.issuer, account.account));
    let exact = places(accounts, |account| whole(account) == wanted);
    if !exact.is_empty() {
        return one(exact, Vec::new);
    }
    let either = |account: &Account| folded(&account.issuer) == wanted || folded(&account.account) == wanted;
    one(places(accounts, either), || closest(accounts, query))
}

/// Returns, for each account, the shortest name by which `resolve` takes it and no other: one of its own, or
/// `issuer:account`; nothing where only its id will do.
pub fn exact_names(accounts: &[Account]) -> Vec<Option<String>> {
    let whole = |account: &Account| format!("{}:{}", account.issuer, account.account);
    let mut wholes: HashMap<String, usize> = HashMap::new();
    let mut parts: HashMap<String, usize> = HashMap::new();
    for account in accounts {
        *wholes.entry(folded(&whole(account))).or_default() += 1;
        let (issuer, name) = (folded(&account.issuer), folded(&account.account));
        if issuer != name {
            *parts.entry(name).or_default() += 1;
        }
        *parts.entry(issuer).or_default() += 1;
    }
    let is_own = |account: &Account, name: &String| {
        let wanted = folded(name);
        let count = wholes.get(&wanted).copied();
        let means_it = match count {
            Some(count) => count == 1 && folded(&whole(account)) == wanted,
            None => parts.get(&wanted) == Some(&1),
        };
        means_it && !wanted.is_empty() && name.trim() == name && !name.starts_with("id:")
    };
    let shortest = |account: &Account| {
        [account.name().to_owned(), whole(account)].into_iter().find(|name| is_own(account, name))
    };
    accounts.iter().map(shortest).collect()
}

fn one(found: Vec<usize>, alike: impl FnOnce() -> Vec<usize>) -> Result<usize, Resolve> {
    match found.as_slice() {
        [] => Err(Resolve::None(alike())),
        [index] => Ok(*index),
        _ => Err(Resolve::Many(found)),
    }
}

fn places(accounts: &[Account], is: impl Fn(&Account) -> bool) -> Vec<usize> {
    accounts.iter().enumerate().filter(|(_, account)| is(account)).map(|(index, _)| index).collect()
}

fn by_id(accounts: &[Account], tail: &str) -> Vec<usize> {
    let tail: String = tail.chars().filter(|digit| *digit != '-').collect::<String>().to_ascii_lowercase();
    if tail.is_empty() {
        return Vec::new();
    }
    places(accounts, |account| account.id.digits().ends_with(&tail))
}

/// Returns the last digits of an id, as few as tell it from all others, at least four.
pub fn short_id(accounts: &[Account], id: AccountId) -> String {
    let digits = id.digits();
    let shared = |other: &Account| {
        let other = other.id.digits();
        digits.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count()
    };
    let longest = accounts.iter().filter(|account| account.id != id).map(shared).max().unwrap_or(0);
    let length = (longest + 1).clamp(SHORTEST_ID, digits.len());
    digits[digits.len() - length..].to_owned()
}
