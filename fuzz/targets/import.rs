//! Every format reads every file, with the password where it asks for one; nothing comes out that makes no codes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use twolock::exchange::{File, IMPORTERS, ImportError, recognize};
use twolock_fuzz::{PASSWORD, check_imported, forgive_decoders};

fuzz_target!(init: forgive_decoders(), |bytes: &[u8]| {
    let Ok(file) = File::new(bytes) else { return };
    std::hint::black_box(recognize(&file).map(|format| format.name()));
    for format in IMPORTERS {
        let mut read = format.read(&file, None);
        if read == Err(ImportError::PasswordNeeded) {
            read = format.read(&file, Some(PASSWORD));
            assert_ne!(read, Err(ImportError::PasswordNeeded), "{} asks for ever", format.name());
        }
        match read {
            Ok(imported) => check_imported(&imported),
            Err(error) => {
                let shown = error.to_string();
                assert!(!shown.contains(char::is_control), "{}: {shown:?}", format.name());
            }
        }
    }
});
