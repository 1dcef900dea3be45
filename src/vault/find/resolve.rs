//! From what a person wrote after a verb to the one account that is meant, or to what may have been meant.

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
/// account as `issuer:account`, either of them alone, or words that only one account has. Scattered letters mean
/// nothing here: a verb acts, and must not guess.
pub fn resolve(accounts: &[Account], query: &str) -> Result<usize, Resolve> {
    let query = query.trim();
    if let Some(tail) = query.strip_prefix("id:") {
        return one(by_id(accounts, tail), Vec::new);
    }
    let wanted = folded(query);
    if wanted.is_empty() {
        return Err(Resolve::None(Vec::new()));
    }
    let whole = |account: &Account| folded(&format!("{}:{}", account.issuer, account.account));
    for exact in [
        places(accounts, |account| whole(account) == wanted),
        places(accounts, |account| folded(&account.issuer) == wanted || folded(&account.account) == wanted),
    ] {
        if !exact.is_empty() {
            return one(exact, Vec::new);
        }
    }
    let mut found: Vec<usize> = Index::new(accounts).search(query, Fit::Inside, |index, _| index);
    found.sort_unstable();
    one(found, || closest(accounts, query))
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
