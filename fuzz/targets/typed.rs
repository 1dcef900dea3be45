//! What is pasted into the field for a secret is understood or refused, and never repeated.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twolock::exchange::typed::{Typed, recognize};
use twolock::otp::Otp;
use twolock_fuzz::check_codes;

fuzz_target!(|text: &str| {
    match recognize(text) {
        Ok(Typed::Hex(secret) | Typed::Key(secret)) => check_codes(&Otp::totp(secret)),
        Ok(Typed::Link(link)) => check_codes(&link.otp),
        Ok(typed @ (Typed::Links | Typed::Migration | Typed::Path(_) | Typed::Picture(_))) => {
            assert!(format!("{typed:?}").len() < 20, "a secret stands in Debug");
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control)),
    }
});
