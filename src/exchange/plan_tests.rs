//! What an import would do, and what it does not.

use super::*;
use crate::otp::{Digits, Secret};
use crate::vault::DeviceId;
use uuid::Uuid;

const AT: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn totp(seed: u8) -> Otp {
    Otp::totp(Secret::from_bytes(&[seed; 20]).unwrap())
}

fn vault(rows: &[(&str, &str, Otp)]) -> Vault {
    let mut vault = Vault::new(Uuid::nil());
    for (index, (issuer, user, otp)) in rows.iter().enumerate() {
        let id = AccountId::new(AT, [u8::try_from(index).unwrap(); 10]);
        let account = Account::new(id, issuer, user, otp.clone(), AT);
        vault.apply(&Change::Add(Box::new(account)), AT, DeviceId(1)).unwrap();
    }
    vault
}

fn plan(entries: Vec<Entry>, vault: &Vault) -> Plan {
    Plan::new(Imported { entries, ..Imported::default() }, vault)
}

fn states(plan: &Plan) -> Vec<&'static str> {
    let word = |row: &Row| match row.state {
        State::New => "new",
        State::OtherSecret(_) => "other",
        State::Renamed(_) => "renamed",
        State::Same(_) => "same",
        State::Settings(_) => "settings",
        State::Twice => "twice",
    };
    plan.rows.iter().map(word).collect()
}

#[test]
fn accounts_are_known_by_their_codes() {
    let vault = vault(&[("GitHub", "alice", totp(1)), ("Nextcloud", "alice", totp(2)), ("X", "", totp(3))]);
    let seven = Otp { digits: Digits::new(7).unwrap(), ..totp(3) };
    let plan = plan(
        vec![
            Entry::new("GitHub", "alice", totp(1)),
            Entry::new("github.com", "alice", totp(1)),
            Entry::new("GitHub Inc", "alice", totp(1)),
            Entry::new("Nextcloud", "alice", totp(9)),
            Entry::new("X", "", seven),
            Entry::new("New", "", totp(8)),
            Entry::new("Counter", "", Otp::hotp(totp(8).secret, 0)),
        ],
        &vault,
    );
    assert_eq!(states(&plan), ["same", "new", "new", "other", "settings", "new", "new"]);
    let tally = plan.tally();
    assert_eq!((tally.read, tally.new, tally.same), (7, 4, 1));
    assert_eq!((tally.differ, tally.chosen), (2, 4));
}

#[test]
fn two_accounts_of_one_file_may_make_the_same_codes() {
    let file = || Imported {
        entries: vec![
            Entry::new("Proton", "one", totp(1)),
            Entry::new("Proton", "two", totp(1)),
            Entry::new("Proton", "one", totp(1)),
        ],
        ..Imported::default()
    };
    let mut vault = vault(&[]);
    let plan = Plan::new(file(), &vault);
    assert_eq!(states(&plan), ["new", "new", "twice"]);
    let mut count = 0;
    for change in plan.changes(AT, || {
        count += 1;
        [count; 10]
    }) {
        vault.apply(&change, AT, DeviceId(1)).unwrap();
    }
    // Again, it is all there; and so it is if one of them is told by another app, by another name.
    assert_eq!(states(&Plan::new(file(), &vault)), ["same", "same", "twice"]);
    let mut both = file();
    both.append(Imported {
        entries: vec![Entry::new("", "proton.me", totp(1)), Entry::new("X", "", totp(2))],
        ..Imported::default()
    });
    both.append(Imported { entries: vec![Entry::new("Y", "", totp(2))], ..Imported::default() });
    let plan = Plan::new(both, &Vault::new(Uuid::nil()));
    assert_eq!(states(&plan), ["new", "new", "twice", "twice", "new", "twice"]);
}

#[test]
fn what_is_chosen_is_taken_and_nothing_else() {
    let mut vault = vault(&[("GitHub", "alice", totp(1))]);
    let mut plan = plan(
        vec![
            Entry::new("github.com", "alice", totp(1)),
            Entry {
                note: "n".to_owned(),
                pinned: true,
                ..Entry::new("", "", totp(5)).in_group("Work").in_group("Home")
            },
        ],
        &vault,
    );
    assert_eq!(states(&plan), ["renamed", "new"]);
    assert_eq!(plan.notes, ["1 entry is in several groups; the first is kept"]);
    assert_eq!(plan.changes(AT, || [7; 10]).len(), 1);
    plan.rows[0].chosen = true;
    for change in plan.changes(AT, || [7; 10]) {
        vault.apply(&change, AT, DeviceId(1)).unwrap();
    }
    let accounts = vault.accounts();
    assert_eq!(accounts[0].issuer, "github.com");
    assert_eq!((accounts[1].name(), accounts[1].group.as_str()), (NAMELESS, "Work"));
    assert!(accounts[1].pinned && accounts[1].note == "n");
}

#[test]
fn a_counter_that_moved_on_is_the_same_account() {
    let secret = Secret::from_bytes(&[1; 20]).unwrap();
    let vault = vault(&[("A", "", Otp::hotp(secret.clone(), 9))]);
    assert_eq!(states(&plan(vec![Entry::new("A", "", Otp::hotp(secret, 4))], &vault)), ["same"]);
}

#[test]
fn letters_of_ascii_look_one_by_one_as_they_do_together() {
    let mut all = String::new();
    for one in 0..128_u8 {
        for other in 0..128_u8 {
            let text = String::from_utf8(vec![one, other]).unwrap();
            let (mut seen, lower) = (String::new(), text.to_ascii_lowercase());
            see(&text, &mut seen);
            assert_eq!(seen, skeleton(&lower).collect::<String>(), "{text:?}");
            all.push_str(&lower);
        }
    }
    let mut seen = String::new();
    see(&all, &mut seen);
    assert_eq!(seen, skeleton(&all).collect::<String>());
}

#[test]
fn names_that_only_look_the_same_are_told() {
    let vault = vault(&[("GitHub", "alice", totp(1))]);
    let entries = vec![
        Entry::new("Gi\u{200b}tHub", "alice", totp(2)),
        Entry::new("GitHuЬ", "alice", totp(3)),
        Entry::new("GitHub", "bob", totp(4)),
    ];
    let plan = plan(entries, &vault);
    assert_eq!(plan.rows[0].lookalike.as_deref(), Some("GitHub (alice)"));
    assert_eq!(plan.rows[2].lookalike, None);
}
