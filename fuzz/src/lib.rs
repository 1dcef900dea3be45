//! What the targets share: what must hold of whatever was taken in.

use std::panic;

use twolock::exchange::picture;
use twolock::exchange::{Entry, Imported};
use twolock::otp::{Kind, Link, Otp, Timestamp};

/// The password that is tried: that of the fixtures.
pub const PASSWORD: &str = "correct horse";

/// Lets decoders of pictures panic: the library catches that, and libFuzzer's hook would end the run before.
pub fn forgive_decoders() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !picture::is_decoding() {
            hook(panic);
        }
    }));
}

/// Checks that codes can be made, at the ends of time too.
pub fn check_codes(otp: &Otp) {
    for seconds in [0, 59, 1_111_111_109, i64::from(u32::MAX), 253_402_300_799] {
        let at = Timestamp::from_seconds(seconds);
        match (&otp.kind, otp.code(at)) {
            (Kind::Hotp { .. }, made) => assert!(made.is_err(), "a counter needs no clock"),
            (_, made) => assert_eq!(made.expect("time goes on").reveal().chars().count(), otp.length()),
        }
    }
    for counter in [0, 1, u64::MAX] {
        assert_eq!(otp.code_at(counter).reveal().chars().count(), otp.length());
    }
}

/// Checks that a link holds all that codes are made from.
pub fn check_link(otp: &Otp) {
    let by_hand = matches!(otp.kind, Kind::Motp { .. } | Kind::Steam | Kind::Yandex { .. });
    match Link::read(&Link::write("Issuer", "account", otp)) {
        // These have but one hash and one length. The text of a vault may be written by a hand, and say others.
        Ok(link) if by_hand => {
            for counter in [0, 1, 37_037_036, u64::MAX] {
                let (one, other) = (link.otp.code_at(counter), otp.code_at(counter));
                assert_eq!(one.reveal(), other.reveal(), "a link loses something");
            }
        }
        Ok(link) => assert!(link.otp == *otp, "a link loses something"),
        // Such a text may also have PINs and secrets that no link can hold.
        Err(_) if by_hand => {}
        Err(error) => panic!("what is written is not read: {error}"),
    }
}

/// Checks what came out of a file.
pub fn check_imported(imported: &Imported) {
    for Entry { otp, issuer, account, .. } in &imported.entries {
        assert_eq!((issuer.trim(), account.trim()), (issuer.as_str(), account.as_str()));
        check_codes(otp);
        check_link(otp);
    }
    for refused in &imported.refused {
        let shown = refused.problem.to_string();
        assert!(!shown.contains(char::is_control), "a reason acts on the terminal: {shown:?}");
    }
    assert!(imported.assumed.is_sorted());
}
