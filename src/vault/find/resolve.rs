//! From what a person wrote after a verb to the one account that is meant, or to what may have been meant.

use crate::vault::find::{Fit, Index, folded};
use crate::vault::{Account, AccountId};

/// How many accounts are offered when none matches.
const CLOSEST: usize = 3;

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
    let mut found: Vec<usize> =
        Index::new(accounts).search(query, Fit::Inside).into_iter().map(|found| found.index).collect();
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

/// Returns up to three accounts that are called almost as in the query, the closest first.
pub fn closest(accounts: &[Account], query: &str) -> Vec<usize> {
    let wanted: Vec<char> = folded(query.trim()).chars().collect();
    let mut near: Vec<(usize, usize)> = accounts
        .iter()
        .enumerate()
        .filter_map(|(index, account)| Some((nearest(account, &wanted)?, index)))
        .collect();
    near.sort_unstable();
    near.into_iter().take(CLOSEST).map(|(_, index)| index).collect()
}

/// Returns the distance of the name nearest to what is wanted, if it is near at all.
fn nearest(account: &Account, wanted: &[char]) -> Option<usize> {
    let whole = folded(&format!("{}:{}", account.issuer, account.account));
    let (issuer, name) = (folded(&account.issuer), folded(&account.account));
    let parts = issuer.split_whitespace().chain(name.split(['@', ' ']));
    [whole.as_str(), &issuer, &name]
        .into_iter()
        .chain(parts)
        .filter_map(|candidate| {
            let candidate: Vec<char> = candidate.chars().take(wanted.len() * 2 + 2).collect();
            let allowed = wanted.len().max(candidate.len()) / 3;
            // Slips that differ in length by more than is allowed need not be counted.
            (wanted.len().abs_diff(candidate.len()) <= allowed)
                .then(|| distance(wanted, &candidate))
                .filter(|distance| *distance <= allowed)
        })
        .min()
}

/// Counts the slips between two texts: a letter left out, put in, mistyped, or two swapped.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, slips: usize) {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        assert_eq!(distance(&a, &b), slips);
        assert_eq!(distance(&b, &a), slips);
    }

    #[test]
    fn slips_are_counted() {
        check("github", "github", 0);
        check("githbu", "github", 1);
        check("gthub", "github", 1);
        check("gitlab", "github", 2);
        check("", "abc", 3);
    }
}
