//! What is found, in which order, and what is marked.

use proptest::prelude::*;

use super::{Field, Index, Resolve, closest, exact_names, find, fit, resolve, short_id};
use crate::otp::{Otp, Secret, Timestamp};
use crate::vault::{Account, AccountId};

fn account(number: u8, issuer: &str, name: &str) -> Account {
    let otp = Otp::totp(Secret::from_bytes(b"12345678901234567890").unwrap());
    let id = AccountId::new(Timestamp::from_seconds(1_700_000_000), [number; 10]);
    Account::new(id, issuer, name, otp, Timestamp::from_seconds(1_700_000_000))
}

fn accounts() -> Vec<Account> {
    let mut list = vec![
        account(1, "GitHub", "octocat"),
        account(2, "GitLab", "octocat@example.org"),
        account(3, "Hubstaff", "me"),
        account(4, "Crédit Agricole", "josé"),
        account(5, "", "plain@example.org"),
        account(6, "Amazon", "shop"),
    ];
    list[1].group = "Work".to_owned();
    list[5].note = "the new card".to_owned();
    list
}

#[track_caller]
fn check(query: &str, expected: &[usize]) {
    let found: Vec<usize> = find(&accounts(), query).into_iter().map(|found| found.index).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_word_has_to_match_somewhere() {
    check("git", &[0, 1]);
    check("git work", &[1]);
    check("git hub", &[0]);
    check("octocat lab", &[1]);
    check("git amazon", &[]);
    check("new card", &[5]);
}

#[test]
fn the_start_of_a_word_ranks_above_the_inside_and_that_above_scattered_letters() {
    check("hub", &[2, 0]);
    check("am", &[5, 1, 4]);
    check("gtb", &[0, 1]);
}

#[test]
fn of_equals_the_most_used_comes_first() {
    let mut list = accounts();
    list[1].used.count = 7;
    let found: Vec<usize> = find(&list, "git").into_iter().map(|found| found.index).collect();
    assert_eq!(found, [1, 0]);
}

#[test]
fn case_and_accents_do_not_matter() {
    check("CREDIT", &[3]);
    check("crédit JOSE", &[3]);
}

#[test]
fn an_empty_query_finds_everything_as_listed() {
    check("", &[0, 1, 2, 3, 4, 5]);
    check("  ", &[0, 1, 2, 3, 4, 5]);
}

#[test]
fn what_matched_is_marked_in_the_text_as_it_is() {
    let list = accounts();
    let found = find(&list, "edit jose");
    let (field, range) = found[0].marks[0].clone();
    assert_eq!((field, &list[3].issuer[range]), (Field::Issuer, "édit"));
    let (field, range) = found[0].marks[1].clone();
    assert_eq!((field, &list[3].account[range]), (Field::Account, "josé"));
    let scattered: Vec<&str> =
        find(&list, "gtb")[0].marks.iter().map(|(_, range)| &list[0].issuer[range.clone()]).collect();
    assert_eq!(scattered, ["G", "t", "b"]);
}

proptest! {
    #[test]
    fn marks_lie_on_characters(issuer in any::<String>(), name in any::<String>(), query in any::<String>()) {
        let mut one = account(1, &issuer, &name);
        one.note = format!("{query}{name}");
        let list = [one];
        for found in find(&list, &query) {
            for (field, range) in found.marks {
                let text = [&list[0].issuer, &list[0].account, &list[0].group, &list[0].note][field as usize];
                prop_assert!(text.get(range.clone()).is_some(), "{range:?} in {text:?}");
            }
        }
    }

    #[test]
    fn the_closest_are_the_same_however_many_others_there_are(
        names in proptest::collection::vec("[ab]{1,6}( [ab]{1,3})?", 0..12),
        query in "[ab]{1,6}",
    ) {
        let list: Vec<Account> = (0..).zip(&names).map(|(number, name)| account(number, name, "x")).collect();
        let found = closest(&list, &query);
        // Each that is offered stands before each that is not, and before those offered after it, among these two too.
        for (place, index) in found.iter().enumerate() {
            for other in (0..list.len()).filter(|other| other != index && !found[..place].contains(other)) {
                let (first, second) = (*index.min(&other), *index.max(&other));
                let pair = [list[first].clone(), list[second].clone()];
                prop_assert_eq!(closest(&pair, &query)[0], usize::from(*index != first));
            }
        }
        let near = list.iter().filter(|one| !closest(std::slice::from_ref(*one), &query).is_empty()).count();
        prop_assert_eq!(found.len(), near.min(3));
    }

    #[test]
    fn a_part_of_a_name_finds_it(name in "\\PC{1,12}", from in 0..12_usize, length in 1..12_usize) {
        let part: String = name.chars().skip(from).take(length).collect();
        prop_assert_eq!(find(&[account(1, &name, "x")], &part).len(), 1);
    }
}

#[test]
fn a_text_means_an_account_only_if_it_means_one() {
    let list = accounts();
    assert_eq!(resolve(&list, "github"), Ok(0));
    assert_eq!(resolve(&list, "GitHub:octocat"), Ok(0));
    assert_eq!(resolve(&list, "octocat"), Ok(0));
    assert_eq!(resolve(&list, "work"), Ok(1));
    assert_eq!(resolve(&list, "git"), Err(Resolve::Many(vec![0, 1])));
    assert_eq!(resolve(&list, "githbu"), Err(Resolve::None(vec![0])));
    assert_eq!(resolve(&list, "gtb"), Err(Resolve::None(vec![])));
    assert_eq!(resolve(&list, ""), Err(Resolve::None(vec![])));
    assert_eq!(resolve(&[], "github"), Err(Resolve::None(vec![])));
}

#[test]
fn the_tail_of_an_id_means_its_account() {
    let list = accounts();
    let short = short_id(&list, list[2].id);
    assert_eq!(short, "0303");
    assert_eq!(resolve(&list, &format!("id:{short}")), Ok(2));
    assert_eq!(resolve(&list, &format!("id:{}", list[2].id)), Ok(2));
    assert_eq!(resolve(&list, "id:"), Err(Resolve::None(vec![])));
    assert_eq!(resolve(&list, "id:ffff"), Err(Resolve::None(vec![])));
    let mut twins = list;
    twins[3].id = AccountId::new(Timestamp::from_seconds(1_700_000_001), [3; 10]);
    assert!(short_id(&twins, twins[3].id).len() > 4);
}

#[test]
fn what_is_called_alike_is_offered_closest_first() {
    let list = accounts();
    assert_eq!(closest(&list, "gitlba"), [1]);
    assert_eq!(closest(&list, "amzon"), [5]);
    assert_eq!(closest(&list, "agricol"), [3]);
    assert_eq!(closest(&list, "something else entirely"), Vec::<usize>::new());
}

#[test]
fn places_and_marks_are_those_of_what_is_found() {
    let list = accounts();
    let index = Index::new(&list);
    for query in ["git", "edit jose", "gtb", "am", "", "new card", "none of it"] {
        let found = index.find(query);
        assert_eq!(index.places(query), found.iter().map(|found| found.index).collect::<Vec<_>>());
        for found in found {
            assert_eq!(index.marks(found.index, query), found.marks, "{query}");
        }
    }
    assert_eq!(index.marks(99, "git"), []);
}

#[test]
fn any_text_fits_by_the_same_rules() {
    assert_eq!(fit("Export to another app", "exp"), Some(0));
    assert_eq!(fit("Export to another app", "app ex"), Some(0));
    assert_eq!(fit("Export to another app", "port"), Some(1));
    assert_eq!(fit("Export to another app", "xpa"), Some(2));
    assert_eq!(fit("Export to another app", "import"), None);
    assert_eq!(fit("Exporter über alles", "UBER"), Some(0));
    assert_eq!(fit("anything", " "), Some(0));
}

#[test]
fn an_index_survives_its_accounts() {
    let index = Index::new(&accounts());
    assert_eq!(index.find("hubstaff").len(), 1);
}

#[test]
fn an_exact_name_is_the_shortest_that_means_the_account() {
    let mut list = accounts();
    list.extend([account(7, "github", "me"), account(8, "Same", "same"), account(9, "Amazon", "shop")]);
    list.extend([
        account(10, " blank", "x"),
        account(11, "id:1", "y"),
        account(12, "a:b", "c"),
        account(13, "a", "b:c"),
    ]);
    let names: Vec<Option<String>> = exact_names(&list);
    let names: Vec<Option<&str>> = names.iter().map(Option::as_deref).collect();
    assert_eq!(
        names,
        [
            Some("GitHub:octocat"),
            Some("GitLab"),
            Some("Hubstaff"),
            Some("Crédit Agricole"),
            Some("plain@example.org"),
            None,
            Some("github:me"),
            Some("Same"),
            None,
            None,
            None,
            Some("a:b"),
            Some("a"),
        ]
    );
    assert_eq!(exact_names(&[]), Vec::<Option<String>>::new());
}

proptest! {
    #[test]
    fn an_exact_name_is_taken_for_its_account(
        names in proptest::collection::vec(("[aAbé: ]{0,3}", "[aAbé: ]{0,3}"), 0..6),
    ) {
        let numbered = (1..).zip(&names);
        let list: Vec<Account> =
            numbered.map(|(number, (issuer, name))| account(number, issuer, name)).collect();
        for (index, name) in exact_names(&list).into_iter().enumerate() {
            prop_assert!(name.is_none_or(|name| resolve(&list, &name) == Ok(index)));
        }
    }
}
