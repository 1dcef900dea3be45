//! Which parts of an export have been read: an export of Google Authenticator is several QR codes, which come in any
//! order, in several pictures, and more than once.
//!
//! Kept as data beside what was in them, so that what is missing is said only once everything was read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The most parts of an export that are believed: the app has no more accounts than this times ten.
const MOST_PARTS: u64 = 1000;

/// The most exports of one size that are told apart.
const MOST_EXPORTS: usize = 10;

/// The most missing parts that are named one by one.
const MOST_NAMED: usize = 10;

/// The parts that were read so far.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Batches {
    /// What each part brought.
    parts: Vec<Part>,
    /// Their hashes.
    known: BTreeSet<[u8; 32]>,
    /// How often one came again.
    repeated: usize,
}

/// What one part brought: where it stands among the entries, and among what was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Part {
    /// A hash of the whole part, which tells whether it came before.
    pub(super) hash: [u8; 32],
    /// The number of the export it is of, 0 in new ones, and of how many parts that is.
    pub(super) export: (u64, u64),
    /// Which of the parts it is, from 0.
    pub(super) index: u64,
    /// Its entries.
    pub(super) entries: Range<usize>,
    /// What was refused of it.
    pub(super) refused: Range<usize>,
}

impl Batches {
    /// Says whether the part with this hash was read before, and counts it if so.
    pub(super) fn repeats(&mut self, hash: &[u8; 32]) -> bool {
        let known = self.known.contains(hash);
        self.repeated += usize::from(known);
        known
    }

    /// Takes note of a part.
    pub(super) fn take(&mut self, part: Part) {
        self.known.insert(part.hash);
        self.parts.push(part);
    }

    /// Takes in the parts of another file, whose entries stand behind `entries` and `refused` of this one. Returns
    /// those that came before, the last first, so that they can be taken out.
    pub(super) fn append(&mut self, other: Self, entries: usize, refused: usize) -> Vec<Part> {
        let mut again = Vec::new();
        let (mut fewer_entries, mut fewer_refused) = (0, 0);
        for part in other.parts {
            let moved = |range: &Range<usize>, by: usize| range.start + by..range.end + by;
            let here = Part {
                entries: moved(&part.entries, entries),
                refused: moved(&part.refused, refused),
                ..part
            };
            if self.repeats(&here.hash) {
                fewer_entries += here.entries.len();
                fewer_refused += here.refused.len();
                again.push(here);
            } else {
                // By then those before it are out.
                let back = |range: &Range<usize>, by: usize| range.start - by..range.end - by;
                self.take(Part {
                    entries: back(&here.entries, fewer_entries),
                    refused: back(&here.refused, fewer_refused),
                    ..here
                });
            }
        }
        self.repeated += other.repeated;
        again.reverse();
        again
    }

    /// Says whether a part is missing.
    pub fn is_incomplete(&self) -> bool {
        self.missing().iter().any(|(_, missing)| !missing.is_empty())
    }

    /// Says what was there twice and what is missing, each as a sentence without a full stop.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match self.repeated {
            0 => {}
            1 => notes.push("1 QR code was there twice".to_owned()),
            count => notes.push(format!("{count} QR codes were there more than once")),
        }
        for (size, missing) in self.missing() {
            let missing: Vec<String> = missing.iter().map(|index| (index + 1).to_string()).collect();
            match missing.as_slice() {
                [] => {}
                [one] => notes.push(format!("picture {one} of {size} is missing")),
                [first @ .., last] if missing.len() <= MOST_NAMED => {
                    notes.push(format!("pictures {} and {last} of {size} are missing", first.join(", ")));
                }
                many => notes.push(format!("{} of {size} pictures are missing", many.len())),
            }
        }
        notes
    }

    /// Returns of each export how many parts it has, and which of them are missing.
    ///
    /// New exports have no number. Two of the same size show in that one part of them came with two contents: each is
    /// then an export of its own, and of which of them a part is that came once cannot be told.
    fn missing(&self) -> Vec<(u64, Vec<u64>)> {
        let mut counts: BTreeMap<(u64, u64), BTreeMap<u64, usize>> = BTreeMap::new();
        for part in &self.parts {
            let (_, size) = part.export;
            if (2..=MOST_PARTS).contains(&size) && part.index < size {
                *counts.entry(part.export).or_default().entry(part.index).or_default() += 1;
            }
        }
        let mut missing = Vec::new();
        for ((_, size), counts) in counts {
            let exports = counts.values().copied().max().unwrap_or_default().min(MOST_EXPORTS);
            for export in 0..exports {
                let has = |index: &u64| counts.get(index).is_some_and(|count| *count > export);
                missing.push((size, (0..size).filter(|index| !has(index)).collect()));
            }
        }
        missing
    }
}
