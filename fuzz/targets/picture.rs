//! A picture gives texts or a reason, whatever its decoder does, and its reason does nothing to a terminal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twolock::exchange::picture::{is_picture, read_codes};
use twolock_fuzz::forgive_decoders;

fuzz_target!(init: forgive_decoders(), |bytes: &[u8]| {
    match read_codes(bytes) {
        Ok(texts) => assert!(is_picture(bytes) && !texts.is_empty()),
        Err(error) => assert!(!error.to_string().contains(char::is_control), "{error}"),
    }
});
