//! An age file is opened whole or not at all, and never for more work than was granted.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use twolock::exchange::{File, IMPORTERS};
use twolock::vault::{Passphrase, SealError, Vault, open_with};
use twolock_fuzz::{PASSWORD, check_imported};

/// The least that age files of ours have; more would only be slow.
const MOST_WORK: u8 = 10;

static PASSPHRASE: LazyLock<Passphrase> = LazyLock::new(|| Passphrase::new(PASSWORD.to_owned().into()));

fuzz_target!(|bytes: &[u8]| {
    match open_with(bytes, &PASSPHRASE, MOST_WORK) {
        Ok(plain) => {
            if let Ok(text) = std::str::from_utf8(&plain) {
                std::hint::black_box(Vault::from_text(text));
            }
        }
        Err(SealError::WorkFactor(factor)) => assert!(factor > MOST_WORK),
        Err(_) => {}
    }
    let twolock = IMPORTERS.iter().find(|format| format.name() == "twolock").expect("the format is there");
    if let Ok(file) = File::new(bytes)
        && let Ok(imported) = twolock.read(&file, Some(PASSWORD))
    {
        check_imported(&imported);
    }
});
