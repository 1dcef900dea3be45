//! Search: words against names. It hides the folding and the ranking.
//!
//! The folded text of all accounts lies in one buffer that is wiped when the index is dropped.

mod aws;
mod fold;
mod near;
mod resolve;

use std::cmp::Reverse;
use std::ops::Range;

use memchr::memmem::Finder;
use zeroize::Zeroizing;

use crate::vault::Account;

pub use near::closest;
pub use resolve::{Resolve, exact_names, resolve, resolve_exactly, short_id};

use fold::{fold, unfold};

/// Where a word was found.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Field {
    /// In the service.
    Issuer,
    /// In the user name.
    Account,
    /// In the group.
    Group,
    /// In the note.
    Note,
}

/// The fields, in the order in which they are searched.
const FIELDS: [Field; 4] = [Field::Issuer, Field::Account, Field::Group, Field::Note];

/// Separates fields; no word of a query holds it.
const BETWEEN: char = '\n';

/// An account that matches.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// Which, in the slice that was searched.
    pub index: usize,
    /// What matched: byte ranges in the fields, on character boundaries.
    pub marks: Vec<(Field, Range<usize>)>,
}

/// Where a word or a letter of it was found.
pub type Mark = (Field, Range<usize>);

/// How well a word matches: the less the better.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::vault::find) enum Fit {
    /// A word of the account begins with it.
    Start,
    /// It is inside of one.
    Inside,
    /// Its letters come one after the other, with others between.
    Scattered,
}

/// Accounts made ready for searching. Built once for a list; a query then takes well under a millisecond for ten
/// thousand accounts.
pub struct Index {
    /// The folded fields of all accounts, each followed by `BETWEEN`.
    text: Zeroizing<String>,
    entries: Vec<Entry>,
    /// For fields that do not fold byte by byte, where each byte comes from.
    origins: Vec<u32>,
    /// The entries, the most used first.
    by_use: Vec<u32>,
}

/// One account in the index.
struct Entry {
    /// Where its text begins.
    start: usize,
    /// Where each field ends.
    ends: [usize; 4],
    /// Where each field's origins begin, unless it folds byte by byte.
    origins: [Option<u32>; 4],
    /// The length of each field as it is.
    lengths: [usize; 4],
    /// Which letters the names hold, to skip quickly what cannot match.
    letters: u64,
}

impl Index {
    /// Makes accounts ready.
    pub fn new(accounts: &[Account]) -> Self {
        let mut index = Self::of(accounts.iter().map(fields));
        index.by_use.sort_by_key(|at| Reverse(accounts[*at as usize].used.count));
        index
    }

    /// Makes accounts ready of which no more is known than the texts of these fields: service, user name, group, note.
    /// None counts as used more than another.
    pub fn of<'a>(accounts: impl ExactSizeIterator<Item = [&'a str; 4]> + Clone) -> Self {
        let count = accounts.len();
        let texts = |fields: [&str; 4]| fields.map(str::len).iter().sum::<usize>() + FIELDS.len();
        // Folding may lengthen a text, and what a String leaves when it grows is not wiped.
        let room = accounts.clone().map(texts).sum::<usize>() * 2 + 64;
        let mut index = Self {
            text: Zeroizing::new(String::with_capacity(room)),
            entries: Vec::with_capacity(count),
            origins: Vec::new(),
            by_use: (0..u32::try_from(count).unwrap_or(u32::MAX)).collect(),
        };
        for fields in accounts {
            index.push(fields);
        }
        index
    }

    fn push(&mut self, fields: [&str; 4]) {
        let mut entry =
            Entry { start: self.text.len(), ends: [0; 4], origins: [None; 4], lengths: [0; 4], letters: 0 };
        for (at, text) in fields.into_iter().enumerate() {
            // Compatibility forms fold to as many as eighteen letters.
            self.reserve(text.len() * if text.is_ascii() { 1 } else { 18 } + 1);
            entry.lengths[at] = text.len();
            if text.is_ascii() {
                fold(text, &mut self.text, None);
            } else {
                entry.origins[at] = u32::try_from(self.origins.len()).ok();
                fold(text, &mut self.text, Some(&mut self.origins));
            }
            entry.ends[at] = self.text.len();
            self.text.push(BETWEEN);
        }
        entry.letters = letters(&self.text[entry.start..entry.ends[1]]);
        self.entries.push(entry);
    }

    fn reserve(&mut self, more: usize) {
        if self.text.capacity() - self.text.len() < more {
            let mut larger = Zeroizing::new(String::with_capacity((self.text.len() + more) * 2));
            larger.push_str(&self.text);
            self.text = larger;
        }
    }

    /// Returns what matches every word of the query, the best first: the start of a word before the inside, that
    /// before scattered letters; then the most used; then as listed. An empty query matches everything, as listed.
    pub fn find(&self, query: &str) -> Vec<Found> {
        self.search(query, Fit::Scattered, |index, runs| Found { index, marks: self.marked(index, runs) })
    }

    /// Returns the places of what matches, in the same order. It costs less than all the marks, of which only those
    /// in sight are needed: see `marks`.
    pub fn places(&self, query: &str) -> Vec<usize> {
        self.search(query, Fit::Scattered, |index, _| index)
    }

    /// Returns what a query matches in one account: byte ranges in the fields, on character boundaries.
    pub fn marks(&self, index: usize, query: &str) -> Vec<Mark> {
        let folded = Zeroizing::new(folded(query));
        let words: Vec<Word<'_>> = folded.split_whitespace().map(Word::new).collect();
        let mut runs = Vec::new();
        let entry = self.entries.get(index);
        let rank = entry.and_then(|entry| self.rank(entry, &words, Fit::Scattered, &mut runs));
        rank.map_or_else(Vec::new, |_| self.marked(index, &runs))
    }

    fn marked(&self, index: usize, runs: &[Range<usize>]) -> Vec<Mark> {
        runs.iter().filter_map(|run| self.mark(&self.entries[index], run.clone())).collect()
    }

    /// Finds with no word fitting worse than `worst`; `make` is told the place of each, and where it matches.
    pub(in crate::vault::find) fn search<T>(
        &self,
        query: &str,
        worst: Fit,
        make: impl Fn(usize, &[Range<usize>]) -> T,
    ) -> Vec<T> {
        let mut folded = Zeroizing::new(String::with_capacity(query.len() * 18));
        fold(query, &mut folded, None);
        let words: Vec<Word<'_>> = folded.split_whitespace().map(Word::new).collect();
        if words.is_empty() {
            return (0..self.entries.len()).map(|index| make(index, &[])).collect();
        }
        let mut ranks: Vec<Vec<T>> = Vec::new();
        let mut runs = Vec::with_capacity(folded.len());
        for index in &self.by_use {
            let index = *index as usize;
            if let Some(rank) = self.rank(&self.entries[index], &words, worst, &mut runs) {
                if ranks.len() <= rank {
                    ranks.resize_with(rank + 1, Vec::new);
                }
                ranks[rank].push(make(index, &runs));
            }
        }
        let mut found = Vec::with_capacity(ranks.iter().map(Vec::len).sum());
        for rank in &mut ranks {
            found.append(rank);
        }
        found
    }

    /// Returns how well an account fits all words, 0 the best; where it does is left in `runs`.
    fn rank(
        &self,
        entry: &Entry,
        words: &[Word<'_>],
        worst: Fit,
        runs: &mut Vec<Range<usize>>,
    ) -> Option<usize> {
        let text = &self.text[entry.start..entry.ends[3]];
        let mut rank = 0;
        runs.clear();
        for word in words {
            let fit = match word.within(text) {
                Some((fit, run)) => {
                    runs.push(run);
                    fit
                }
                None if word.letters & !entry.letters == 0 => {
                    word.scattered(text, entry.ends[1] - entry.start, runs).then_some(Fit::Scattered)?
                }
                None => return None,
            };
            if fit > worst {
                return None;
            }
            rank += fit as usize;
        }
        Some(rank)
    }

    /// Returns the field that a range of an account's text lies in, and the range there.
    fn mark(&self, entry: &Entry, range: Range<usize>) -> Option<Mark> {
        let range = range.start + entry.start..range.end + entry.start;
        let at = entry.ends.iter().position(|end| range.end <= *end)?;
        let start = if at == 0 { entry.start } else { entry.ends[at - 1] + BETWEEN.len_utf8() };
        let within = range.start.checked_sub(start)?..range.end - start;
        let origins = entry.origins[at].map(|from| {
            let from = from as usize;
            &self.origins[from..from + (entry.ends[at] - start)]
        });
        Some((FIELDS[at], unfold(within, origins, entry.lengths[at])))
    }
}

/// A word of the query.
struct Word<'a> {
    text: &'a str,
    finder: Finder<'a>,
    letters: u64,
}

impl<'a> Word<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, finder: Finder::new(text), letters: letters(text) }
    }

    /// Returns the best place in a text that holds the word as it is.
    fn within(&self, text: &str) -> Option<(Fit, Range<usize>)> {
        let mut inside = None;
        for start in self.finder.find_iter(text.as_bytes()) {
            let range = start..start + self.text.len();
            if !text[..start].chars().next_back().is_some_and(char::is_alphanumeric) {
                return Some((Fit::Start, range));
            }
            inside.get_or_insert(range);
        }
        inside.map(|range| (Fit::Inside, range))
    }

    /// Says whether the issuer or the account holds the letters one after the other, and adds where to `runs`.
    fn scattered(&self, text: &str, names: usize, runs: &mut Vec<Range<usize>>) -> bool {
        let (first, mut start) = (runs.len(), 0);
        for name in text[..names].split(BETWEEN) {
            let mut wanted = self.text.chars().peekable();
            for (at, letter) in name.char_indices() {
                if wanted.next_if_eq(&letter).is_some() {
                    let run = start + at..start + at + letter.len_utf8();
                    match runs[first..].last_mut() {
                        Some(last) if last.end == run.start => last.end = run.end,
                        _ => runs.push(run),
                    }
                    if wanted.peek().is_none() {
                        return true;
                    }
                }
            }
            runs.truncate(first);
            start += name.len() + BETWEEN.len_utf8();
        }
        false
    }
}

/// Returns a bit for each letter of a folded text; letters may share one.
fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |bits, byte| bits | 1 << (byte & 63))
}

fn fields(account: &Account) -> [&str; 4] {
    [&account.issuer, &account.account, &account.group, &account.note]
}

/// Returns the form of a text in which case, accents and compatibility forms do not matter, to sort and compare by.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold(text, &mut folded, None);
    folded
}

/// Returns how well a text fits every word of a query, by the rules of the search: 0 the best, nothing if not.
pub fn fit(text: &str, query: &str) -> Option<usize> {
    let (text, query) = (folded(text), folded(query));
    let mut runs = Vec::new();
    query.split_whitespace().map(Word::new).try_fold(0, |rank, word| {
        let fit = match word.within(&text) {
            Some((fit, _)) => fit,
            None => word.scattered(&text, text.len(), &mut runs).then_some(Fit::Scattered)?,
        };
        Some(rank + fit as usize)
    })
}

/// Finds in accounts that are searched once. For each key typed, keep an `Index`.
pub fn find(accounts: &[Account], query: &str) -> Vec<Found> {
    Index::new(accounts).find(query)
}

#[cfg(test)]
mod tests;
