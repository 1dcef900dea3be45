//! Times the import of a large file: 10,000 accounts out of a plain export of Aegis, into a plan against an empty vault.
//!
//! `cargo bench --bench import` prints the medians. Nothing is asserted: a shared machine cannot keep a promise of speed.
#![expect(clippy::disallowed_methods, reason = "a bench looks at the clock and writes the file it read")]
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use twolock::exchange::{File, Plan, recognize};
use twolock::otp::Timestamp;
use twolock::vault::{DeviceId, Vault, fresh_bytes};

const ROUNDS: usize = 20;
const ACCOUNTS: u32 = 10_000;

/// Returns a plain export of Aegis. `benches/README.md` feeds it to another program too.
fn export() -> String {
    let mut text = String::from(
        "{\"version\": 1, \"header\": {\"slots\": null, \"params\": null}, \"db\": {\"version\": 2, \"entries\": [",
    );
    for number in 0..ACCOUNTS {
        let secret = data_encoding::BASE32_NOPAD.encode(&[number.to_be_bytes(); 5].concat());
        let comma = if number == 0 { "" } else { "," };
        let entry = format!(
            "{comma}\n{{\"type\": \"totp\", \"uuid\": \"3ae6f1ad-2e65-4ed2-a953-{number:012}\", \"name\": \"user {number}\", \
             \"issuer\": \"Service {number}\", \"note\": \"\", \"favorite\": false, \"icon\": null, \"info\": {{\"secret\": \
             \"{secret}\", \"algo\": \"SHA1\", \"digits\": 6, \"period\": 30}}}}"
        );
        if write!(text, "{entry}").is_err() {
            println!("a string did not take an entry");
        }
    }
    text + "]}}"
}

/// Returns the median time of a call.
fn median(mut act: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            act();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn main() {
    let text = export();
    if let Some(path) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')) {
        match std::fs::write(&path, &text) {
            Ok(()) => println!("written to {path}"),
            Err(error) => println!("{path}: {error}"),
        }
    }
    let Ok(file) = File::new(text.as_bytes()) else { return println!("the file is refused") };
    let Some(format) = recognize(&file) else { return println!("the file is not recognised") };
    let at = Timestamp::from_seconds(1_800_000_000);
    let recognized = median(|| {
        black_box(File::new(text.as_bytes()).ok().is_some_and(|file| recognize(&file).is_some()));
    });
    let read = median(|| {
        black_box(format.read(&file, None).is_ok());
    });
    let Ok(imported) = format.read(&file, None) else { return println!("the file cannot be read") };
    let vault = Vault::new(uuid::Uuid::nil());
    let planned = median(|| {
        let plan = Plan::new(imported.clone(), &vault);
        black_box(plan.tally());
    });
    let applied = median(|| {
        let changes = Plan::new(imported.clone(), &vault).changes(at, fresh_bytes);
        black_box(vault.after(&changes, at, DeviceId(1)).is_ok());
    });
    println!(
        "{} accounts of {}: recognised in {recognized:?}, read in {read:?}, planned in {planned:?}, planned and added in {applied:?}",
        imported.entries.len(),
        format.title()
    );
}
