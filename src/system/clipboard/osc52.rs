//! The escape sequence that puts text on the clipboard of the terminal, bare and wrapped for multiplexers.
//!
//! The bell ends the sequence everywhere: inside a wrapper the other end, `ESC \`, would end the wrapper. The
//! selection is always `c`: with none xterm takes another clipboard and mosh drops the sequence.

use data_encoding::BASE64;
use zeroize::Zeroizing;

/// Returns the bytes for a terminal, or for a multiplexer that passes them on.
pub(super) fn bare(text: &str) -> Zeroizing<Vec<u8>> {
    wrapped(b"", text, b"")
}

/// Returns the bytes for GNU screen, which passes on the inside of a device control string.
pub(super) fn for_screen(text: &str) -> Zeroizing<Vec<u8>> {
    wrapped(b"\x1bP", text, b"\x1b\\")
}

/// Returns the bytes for a tmux too old to be asked, which passes on the same with every escape doubled.
pub(super) fn for_old_tmux(text: &str) -> Zeroizing<Vec<u8>> {
    wrapped(b"\x1bPtmux;\x1b", text, b"\x1b\\")
}

fn wrapped(before: &[u8], text: &str, after: &[u8]) -> Zeroizing<Vec<u8>> {
    const START: &[u8] = b"\x1b]52;c;";
    let encoded = BASE64.encode_len(text.len());
    let mut bytes = Zeroizing::new(vec![0; before.len() + START.len() + encoded + 1 + after.len()]);
    let (head, rest) = bytes.split_at_mut(before.len());
    head.copy_from_slice(before);
    let (start, rest) = rest.split_at_mut(START.len());
    start.copy_from_slice(START);
    let (payload, rest) = rest.split_at_mut(encoded);
    BASE64.encode_mut(text.as_bytes(), payload);
    rest[0] = b'\x07';
    rest[1..].copy_from_slice(after);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_exactly_these() {
        assert_eq!(bare("492039").as_slice(), b"\x1b]52;c;NDkyMDM5\x07");
        assert_eq!(for_screen("492039").as_slice(), b"\x1bP\x1b]52;c;NDkyMDM5\x07\x1b\\");
        assert_eq!(for_old_tmux("492039").as_slice(), b"\x1bPtmux;\x1b\x1b]52;c;NDkyMDM5\x07\x1b\\");
        assert_eq!(bare("1").as_slice(), b"\x1b]52;c;MQ==\x07");
        assert_eq!(bare("").as_slice(), b"\x1b]52;c;\x07");
    }
}
