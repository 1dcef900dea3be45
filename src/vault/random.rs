//! The one place that random bytes come from. It hides the operating system's generator.

/// Returns bytes that nobody can guess.
///
/// An operating system without a random source cannot keep a secret either, so this does not return in that case.
pub fn fresh_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(fresh_bytes::<16>(), fresh_bytes::<16>());
    }
}
