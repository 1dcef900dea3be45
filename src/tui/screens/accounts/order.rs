//! The orders of the list, in words and as they are made.

use std::cmp::Reverse;

use crate::config::Order;
use crate::vault::{Account, AccountId, Used, folded};

/// Every order, in the order in which `s` goes through them.
const ALL: [Order; 6] =
    [Order::MostUsed, Order::LastUsed, Order::Name, Order::Group, Order::Added, Order::ByHand];

/// Returns what an order is called on the screen.
pub(super) fn word(order: Order) -> &'static str {
    match order {
        Order::Added => "as added",
        Order::ByHand => "by hand",
        Order::Group => "group",
        Order::LastUsed => "last used",
        Order::MostUsed => "most used",
        Order::Name => "name",
    }
}

/// Returns the order after this one.
pub(super) fn next(order: Order) -> Order {
    let at = ALL.iter().position(|other| *other == order).unwrap_or(0);
    ALL[(at + 1) % ALL.len()]
}

/// Returns accounts in an order; equals stay as they were arranged by hand. `used` tells the counts to go by.
pub(super) fn arrange(
    accounts: &[Account],
    order: Order,
    pinned_first: bool,
    used: impl Fn(&Account) -> Used,
) -> Vec<AccountId> {
    let mut all: Vec<&Account> = accounts.iter().collect();
    let name = |account: &Account| (folded(account.name()), folded(account.detail()));
    match order {
        Order::Added => all.sort_by_key(|account| account.added),
        Order::ByHand => {}
        Order::Group => all.sort_by_cached_key(|account| {
            // Those without a group come last.
            (account.group.is_empty(), folded(&account.group), name(account))
        }),
        Order::LastUsed => all.sort_by_key(|account| Reverse(used(account).last)),
        Order::MostUsed => all.sort_by_key(|account| Reverse(used(account).count)),
        Order::Name => all.sort_by_cached_key(|account| name(account)),
    }
    if pinned_first {
        all.sort_by_key(|account| !account.pinned);
    }
    all.into_iter().map(|account| account.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::otp::{Otp, Secret, Timestamp};

    fn account(number: u8, name: &str, group: &str) -> Account {
        let at = Timestamp::from_seconds(1_000_000_000 - i64::from(number));
        let otp = Otp::totp(Secret::from_bytes(&[7; 20]).unwrap());
        let mut account = Account::new(AccountId::new(at, [number; 10]), name, "alice", otp, at);
        account.group = group.to_owned();
        account.used = Used { count: u64::from(number % 3), last: (number != 2).then_some(at) };
        account
    }

    #[track_caller]
    fn check(order: Order, pinned: bool, expected: &[&str]) {
        let mut accounts =
            [account(1, "b", ""), account(2, "Émile", "Work"), account(3, "a", "work"), account(4, "d", "")];
        accounts[3].pinned = true;
        let order = arrange(&accounts, order, pinned, |account| account.used);
        let names: Vec<&str> = order
            .iter()
            .filter_map(|id| accounts.iter().find(|account| account.id == *id))
            .map(Account::name)
            .collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn every_order_is_what_it_says() {
        check(Order::MostUsed, false, &["Émile", "b", "d", "a"]);
        check(Order::LastUsed, false, &["b", "a", "d", "Émile"]);
        check(Order::Name, false, &["a", "b", "d", "Émile"]);
        check(Order::Group, false, &["a", "Émile", "b", "d"]);
        check(Order::Added, false, &["d", "a", "Émile", "b"]);
        check(Order::ByHand, false, &["b", "Émile", "a", "d"]);
        check(Order::ByHand, true, &["d", "b", "Émile", "a"]);
    }

    #[test]
    fn one_key_goes_through_all_of_them() {
        let mut order = Order::MostUsed;
        for _ in ALL {
            order = next(order);
        }
        assert_eq!(order, Order::MostUsed);
        assert_eq!(next(Order::Added), Order::ByHand);
    }
}
