//! The one place that random bytes come from. It hides the operating system's generator.

/// Returns bytes that nobody can guess.
///
/// An operating system without a random source cannot keep a secret either, so this does not return in that case.
pub fn fresh_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

/// Returns what draws so many bytes at each call, as `fresh_bytes` does, for whoever needs thousands: the system is
/// asked for a hundred at once.
pub fn fresh_draws<const N: usize>() -> impl FnMut() -> [u8; N] {
    const AT_ONCE: usize = 100;
    let mut drawn = Vec::new();
    move || {
        if drawn.is_empty() {
            let mut all = [[0; N]; AT_ONCE];
            getrandom::fill(all.as_flattened_mut()).expect("the operating system has a random source");
            drawn.extend(all);
        }
        drawn.pop().unwrap_or_else(fresh_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_draws_all_differ() {
        let draws: std::collections::HashSet<[u8; 10]> =
            std::iter::repeat_with(fresh_draws()).take(1000).collect();
        assert_eq!(draws.len(), 1000);
    }

    #[test]
    fn two_draws_differ() {
        assert_ne!(fresh_bytes::<16>(), fresh_bytes::<16>());
    }
}
