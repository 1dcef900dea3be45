//! The text of a vault is refused, or gives accounts that make codes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twolock::vault::Vault;
use twolock_fuzz::check_codes;

fuzz_target!(|text: &str| {
    if let Some(vault) = Vault::from_text(text) {
        for account in vault.accounts() {
            // No link is asked for: a secret of mOTP that is no text has none, and only a hand writes such a vault.
            check_codes(&account.otp);
            assert!(vault.account(account.id).is_some());
        }
        std::hint::black_box((vault.deleted().len(), vault.groups().len()));
    }
});
