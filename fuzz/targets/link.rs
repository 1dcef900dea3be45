//! A link is refused with a reason, or gives codes and is the same when it is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twolock::otp::{Link, Secret};
use twolock_fuzz::check_codes;

fn check(link: &Link) {
    check_codes(&link.otp);
    for written in [
        Link::write(&link.issuer, &link.account, &link.otp),
        Link::write_short(&link.issuer, &link.account, &link.otp),
    ] {
        // Names that are too long once they are written in both places are the one thing that may be refused.
        if written.len() > Link::MAX_FIELD {
            continue;
        }
        let again = Link::read(&written).expect("what is written is read");
        assert!(again.otp == link.otp);
        assert_eq!((&again.issuer, &again.account), (&link.issuer, &link.account), "{:?}", *written);
    }
}

fuzz_target!(|text: &str| {
    match Link::read(text) {
        Ok(link) => check(&link),
        Err(error) => assert!(!error.to_string().contains(char::is_control)),
    }
    let pin = Secret::from_bytes(b"1234").expect("four bytes are a secret");
    if let Ok(link) = Link::read_with_pin(text, &pin) {
        check(&link);
    }
});
