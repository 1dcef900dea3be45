//! "Copy did not arrive?": the way explained, and proven by pasting.

use twolock::tui::effect::Effect;

use super::{Stage, list, pictures};

/// The help, with its test begun, and the word that is to be pasted.
fn tested() -> (Stage, String) {
    let stage = list().keys("Ct");
    let copied = stage.asked.iter().find_map(|effect| match effect {
        Effect::TestCopy(word) => Some(word.clone()),
        _ => None,
    });
    let word = copied.unwrap();
    (stage, word)
}

fn shown(stage: &Stage, arrives: bool) {
    let key = "twolock > tmux > ssh > xterm".to_owned();
    assert_eq!(stage.asked.last(), Some(&Effect::CopyTested { key, arrives }));
}

#[test]
fn explains_the_way_of_a_copy() {
    pictures!("copy_help", list().keys("C"));
    let stage = list().keys("C");
    assert!(stage.picture().starts_with(" Copy did not arrive?"), "{}", stage.picture());
    assert!(stage.keys("q").picture().contains("GitHub"));
}

#[test]
fn a_word_that_is_pasted_back_proves_the_way() {
    pictures!("copy_help_test", tested().0);
    let (stage, word) = tested();
    let stage = stage.paste(&format!("{word}\n"));
    shown(&stage, true);
    pictures!("copy_help_proven", stage);
    let (stage, word) = tested();
    shown(&stage.keys(&word).keys("<enter>"), true);
}

#[test]
fn nothing_or_something_else_proves_that_it_does_not_arrive() {
    let stage = tested().0.keys("<enter>");
    shown(&stage, false);
    assert!(stage.picture().contains("It does not arrive."), "{}", stage.picture());
    let stage = tested().0.paste("492039");
    shown(&stage, false);
    assert!(stage.picture().contains("That is something else"), "{}", stage.picture());
    let stage = tested().0.keys("<esc>");
    assert!(matches!(stage.asked.last(), Some(Effect::TestCopy(_))));
    assert!(stage.keys("<esc>").picture().contains("8 accounts"));
}
