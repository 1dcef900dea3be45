//! Times frames and searches as ratios of one run: what a vault of 20,000 accounts costs beside one of 60.
//!
//! `cargo bench` prints the medians. Nothing is asserted: a shared machine cannot keep a promise of speed.
#![expect(clippy::disallowed_methods, reason = "a bench looks at the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use twolock::config::Config;
use twolock::otp::{Now, Otp, Secret, Timestamp};
use twolock::tui::event::Event;
use twolock::tui::key::Key;
use twolock::tui::screen::{Cx, Facts, Screen, Spots};
use twolock::tui::screens::accounts::Accounts;
use twolock::tui::theme::Theme;
use twolock::vault::{Account, AccountId, Change, DeviceId, Index, Vault};

const ROUNDS: usize = 200;

fn vault(size: u32) -> Vault {
    let at = Timestamp::from_seconds(1_800_000_000);
    let mut vault = Vault::new(uuid::Uuid::nil());
    for number in 0..size {
        let mut bytes = [7; 20];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        let Ok(secret) = Secret::from_bytes(&bytes) else { continue };
        let mut id = [0; 10];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let name = format!("Service {number}");
        let account = Account::new(AccountId::new(at, id), &name, "alice@example.com", Otp::totp(secret), at);
        if vault.apply(&Change::Add(Box::new(account)), at, DeviceId(1)).is_err() {
            println!("an account could not be added");
        }
    }
    vault
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

fn frame(vault: &Vault, (width, height): (u16, u16)) -> Duration {
    let (theme, facts, config) = (Theme::new(true, false), Facts::default(), Config::default());
    let now = Now { wall: Timestamp::from_seconds(1_800_000_000), boot: Duration::ZERO };
    let uses = std::collections::BTreeMap::new();
    let spots = Spots::default();
    let cx = Cx {
        vault,
        now,
        theme: &theme,
        facts: &facts,
        config: &config,
        uses: &uses,
        trusted: false,
        hide_codes: false,
        spots: &spots,
    };
    let list = Accounts::new(&cx);
    let area = Rect::new(0, 0, width, height);
    median(|| {
        let mut buffer = Buffer::empty(area);
        list.view(&cx, area, &mut buffer);
        black_box(&buffer);
    })
}

/// Returns the median time of the last key of a search, with all that the list does about it.
fn key(vault: &Vault, text: &str) -> Duration {
    let (theme, facts, config) = (Theme::new(true, false), Facts::default(), Config::default());
    let now = Now { wall: Timestamp::from_seconds(1_800_000_000), boot: Duration::ZERO };
    let uses = std::collections::BTreeMap::new();
    let spots = Spots::default();
    let cx = Cx {
        vault,
        now,
        theme: &theme,
        facts: &facts,
        config: &config,
        uses: &uses,
        trusted: false,
        hide_codes: false,
        spots: &spots,
    };
    let mut before = text.to_owned();
    let Some(last) = before.pop() else { return Duration::ZERO };
    let mut list = Accounts::searching(&cx, &before);
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(list.handle(&Event::Key(Key::Char(last)), &cx));
            let taken = start.elapsed();
            list.handle(&Event::Key(Key::Backspace), &cx);
            taken
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn main() {
    // As many as fill the larger window, so that both draw the same number of rows.
    let (small, large) = (vault(60), vault(20_000));
    for (width, height) in [(80, 22), (200, 58)] {
        let (few, many) = (frame(&small, (width, height)), frame(&large, (width, height)));
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        println!(
            "frame at {width}x{height}: 60 accounts {few:?}, 20,000 accounts {many:?}, ratio {ratio:.2}"
        );
    }
    let ten = vault(10_000);
    for text in ["s", "serv 19", "srv", "sxrvicf 1999", "nothing like it"] {
        println!("a key in 10,000:      the last of \"{text}\" {:?}", key(&ten, text));
    }
    let index = Index::new(large.accounts());
    for query in ["service 199", "srv", "nothing like it"] {
        let time = median(|| {
            black_box(index.find(query));
        });
        println!("search in 20,000:     \"{query}\" {time:?}");
    }
}
