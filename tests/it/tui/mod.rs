//! The UI, one file a screen: keys in, pictures out.

mod accounts;
mod add;
mod album;
mod app;
mod backups;
mod borrowed;
mod copy_help;
mod create;
mod import;
mod keys;
mod lines;
mod others;
mod pending;
mod settings;
mod storm;
mod strange;
mod unlock;

use crate::support::stage::{Stage, account};

/// A vault as a person has it after a while.
fn usual() -> Vec<twolock::vault::Account> {
    use twolock::otp::{Algorithm, Digits, Kind, Otp, Period, Secret};
    let mut accounts = vec![
        account(1, "GitHub", "alice@example.com"),
        account(2, "AWS root", "123456789012"),
        account(3, "Hetzner", "alice"),
        account(4, "GitLab", "alice@example.com"),
        account(5, "Work VPN", "asmith"),
        account(6, "Steam", "al1ce"),
        account(7, "Old bank", "alice"),
        account(8, "web-03", "root"),
    ];
    accounts[0].pinned = true;
    let secret = Secret::from_bytes(&[5; 32]).unwrap();
    accounts[4].otp = Otp {
        secret,
        algorithm: Algorithm::Sha256,
        digits: Digits::EIGHT,
        kind: Kind::Totp { period: Period::new(60).unwrap() },
    };
    accounts[5].otp.kind = Kind::Steam;
    accounts[6].otp.kind = Kind::Hotp { counter: 42 };
    accounts[7].checked = twolock::vault::Checked::Never;
    accounts
}

/// Compares a picture at 80x24 and at 40x12 with the files of this name.
macro_rules! pictures {
    ($name:literal, $stage:expr) => {
        let stage = $stage;
        insta::assert_snapshot!(concat!($name, "_80x24"), stage.picture());
        let stage = stage.size(40, 12);
        insta::assert_snapshot!(concat!($name, "_40x12"), stage.picture());
    };
}
use pictures;

fn list() -> Stage {
    Stage::with(usual())
}
