//! Names that are almost what was typed. It runs for each key while nothing matches, so it allocates nothing for an
//! account, and looks no further at a name than it must.

use crate::vault::Account;
use crate::vault::find::{Index, folded};

/// How many accounts are offered when none matches.
const CLOSEST: usize = 3;

/// Returns up to three accounts that are called almost as in the query, the closest first.
pub fn closest(accounts: &[Account], query: &str) -> Vec<usize> {
    Index::new(accounts).closest(query)
}

impl Index {
    /// Returns up to three accounts that are called almost as in the query, the closest first.
    pub fn closest(&self, query: &str) -> Vec<usize> {
        let mut near = Near::new(&folded(query.trim()));
        let mut best: Vec<(usize, usize)> = Vec::with_capacity(CLOSEST + 1);
        for (index, entry) in self.entries.iter().enumerate() {
            // The issuer and the account, with one byte between the two.
            let names = &self.text[entry.start..entry.ends[1]];
            let issuer = entry.ends[0] - entry.start;
            // What folds byte by byte is ASCII.
            let ascii = entry.origins[..2].iter().all(Option::is_none);
            // Of equals the first are offered, so a later one has to be closer.
            let most = match best.get(CLOSEST - 1) {
                None => usize::MAX,
                Some((0, _)) => break,
                Some((slips, _)) => slips - 1,
            };
            if let Some(slips) = near.nearest(names.as_bytes(), issuer, ascii, most) {
                let place = best.partition_point(|(others, _)| *others <= slips);
                best.insert(place, (slips, index));
                best.truncate(CLOSEST);
            }
        }
        best.into_iter().map(|(_, index)| index).collect()
    }
}

/// What is wanted, and room to compare it with one name after another.
struct Near {
    wanted: Vec<char>,
    /// How often each letter is wanted, if all are ASCII.
    letters: Option<[u16; 128]>,
    name: Vec<char>,
    rows: [Vec<usize>; 3],
}

impl Near {
    fn new(wanted: &str) -> Self {
        Self {
            wanted: wanted.chars().collect(),
            letters: wanted.is_ascii().then(|| {
                let mut letters = [0; 128];
                wanted.bytes().for_each(|letter| letters[usize::from(letter & 127)] += 1);
                letters
            }),
            name: Vec::new(),
            rows: Default::default(),
        }
    }

    /// Returns the fewest slips between what is wanted and the issuer with the account, either alone, or a word of
    /// them, if they are few and no more than `most`. `issuer` is where the issuer ends; `ascii` says that every byte is a
    /// letter.
    fn nearest(&mut self, names: &[u8], issuer: usize, ascii: bool, mut most: usize) -> Option<usize> {
        let (first, second) = (&names[..issuer], &names[issuer + 1..]);
        let words = |names| <[u8]>::split(names, |byte| matches!(byte, b' ' | b'@' | b'\n'));
        let mut least = None;
        for name in [names, first, second].into_iter().chain(words(names)) {
            if let Some(slips) = self.slips(name, ascii, most) {
                least = Some(slips);
                // From here on only fewer count.
                let Some(fewer) = slips.checked_sub(1) else { break };
                most = fewer;
            }
        }
        least
    }

    /// Returns the slips between what is wanted and a name, if they are few: a third of the longer one, and no more than
    /// `most`.
    fn slips(&mut self, name: &[u8], ascii: bool, most: usize) -> Option<usize> {
        let few = |length: usize| {
            let allowed = (self.wanted.len().max(length) / 3).min(most);
            (self.wanted.len().abs_diff(length) <= allowed).then_some(allowed)
        };
        if let (Some(letters), true) = (&self.letters, ascii) {
            let allowed = few(name.len())?;
            if self.apart(letters, name) > allowed {
                return None;
            }
            self.name.clear();
            self.name.extend(name.iter().copied().map(char::from));
            return self.distance(allowed);
        }
        // A part that ends at an ASCII byte is text as the whole is.
        let text = std::str::from_utf8(name).ok()?;
        let allowed = few(text.chars().count())?;
        self.name.clear();
        self.name.extend(text.chars());
        self.distance(allowed)
    }

    /// Returns how many slips there are at least: each letter that one has and the other lacks is one.
    fn apart(&self, letters: &[u16; 128], name: &[u8]) -> usize {
        let mut left = *letters;
        let mut more = 0;
        for letter in name {
            let left = &mut left[usize::from(letter & 127)];
            match left.checked_sub(1) {
                Some(rest) => *left = rest,
                None => more += 1,
            }
        }
        more.max(self.wanted.len() + more - name.len())
    }

    /// Counts the slips, up to so many: a letter left out, put in, mistyped, or two swapped.
    fn distance(&mut self, allowed: usize) -> Option<usize> {
        let (a, b) = (&self.wanted, &self.name);
        let [before, last, row] = &mut self.rows;
        before.clear();
        before.resize(b.len() + 1, 0);
        last.clear();
        last.extend(0..=b.len());
        for i in 1..=a.len() {
            row.clear();
            row.push(i);
            let mut least = i;
            for j in 1..=b.len() {
                let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut slips = replaced.min(last[j] + 1).min(row[j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    slips = slips.min(before[j - 2] + 1);
                }
                row.push(slips);
                least = least.min(slips);
            }
            // A swap looks two rows back, and adds a slip to what stands there.
            if least > allowed + 1 {
                return None;
            }
            std::mem::swap(before, last);
            std::mem::swap(last, row);
        }
        Some(last[b.len()]).filter(|slips| *slips <= allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, slips: usize) {
        let distance = |wanted: &str, name: &str| {
            let mut near = Near::new(wanted);
            near.name.extend(name.chars());
            near.distance(slips)
        };
        assert_eq!(distance(a, b), Some(slips));
        assert_eq!(distance(b, a), Some(slips));
    }

    #[test]
    fn slips_are_counted() {
        check("github", "github", 0);
        check("githbu", "github", 1);
        check("gthub", "github", 1);
        check("gitlab", "github", 2);
        check("", "abc", 3);
    }

    #[test]
    fn only_few_slips_are_near() {
        let slips =
            |wanted: &str, name: &str| Near::new(wanted).slips(name.as_bytes(), name.is_ascii(), usize::MAX);
        assert_eq!(slips("githbu", "github"), Some(1));
        assert_eq!(slips("amzon", "amazon"), Some(1));
        assert_eq!(slips("credti", "credit"), Some(1));
        assert_eq!(slips("gitttttt", "gith"), None);
        assert_eq!(slips("xyz", "github"), None);
        assert_eq!(slips("한굴", "한국"), None);
        assert_eq!(slips("", ""), Some(0));
    }
}
