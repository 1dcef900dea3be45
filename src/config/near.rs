//! The nearest of some names to one that was mistyped.

/// Returns the nearest name, if one is near: at most a slip in three letters.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.chars().take(64).flat_map(char::to_lowercase).collect();
    let allowed = wanted.len().div_ceil(3).min(4);
    names
        .map(|name| {
            let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
            (slips(&wanted, &letters), name)
        })
        .filter(|(slips, _)| *slips <= allowed)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, name)| name)
}

/// Counts the slips between two names: a letter too many, too few, wrong, or two neighbours swapped.
fn slips(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut here = vec![row + 1];
        for (column, candidate) in other.iter().enumerate() {
            let changed = above[column] + usize::from(letter != candidate);
            let mut least = changed.min(above[column + 1] + 1).min(here[column] + 1);
            let swapped = row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *candidate;
            if swapped {
                least = least.min(before[column - 1] + 1);
            }
            here.push(least);
        }
        before = std::mem::replace(&mut above, here);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let near = |wanted| nearest(wanted, ["theme", "motion", "mouse"].into_iter());
        assert_eq!(near("theem"), Some("theme"));
        assert_eq!(near("Mose"), Some("mouse"));
        assert_eq!(near("xyz"), None);
        assert_eq!(near(""), None);
    }

    #[test]
    fn counts_slips() {
        let count = |one: &str, other: &str| {
            slips(&one.chars().collect::<Vec<_>>(), &other.chars().collect::<Vec<_>>())
        };
        assert_eq!(count("theem", "theme"), 1);
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("abc", "abc"), 0);
        assert_eq!(count("kitten", "sitting"), 3);
    }
}
