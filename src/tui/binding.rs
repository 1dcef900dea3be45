//! Tables that give keys a meaning. Dispatch, the footer and the help page all come from them, so a key that does
//! nothing cannot be promised, and a key that does something cannot be kept secret.

use super::key::Key;
use super::screen::{Cx, Hint, KeyHelp, Reply};

/// An action of a screen: its name, its keys, its words, and what it does.
pub struct Binding<S: 'static> {
    /// The name of the action, unique in its table.
    pub name: &'static str,
    /// The keys that do it; the first is shown in the footer.
    pub keys: &'static [Key],
    /// A word or two for the footer; empty for what stands only in the help.
    pub word: &'static str,
    /// What it does, for the help page.
    pub help: &'static str,
    /// Does it make sense now? The footer leaves it out if not.
    pub applies: fn(&S, &Cx<'_>) -> bool,
    /// Does it.
    pub run: fn(&mut S, &Cx<'_>) -> Reply,
}

/// For actions that always make sense.
pub fn always<S>(_: &S, _: &Cx<'_>) -> bool {
    true
}

/// Runs the action that a key means; `Ignored` if it means none.
pub fn dispatch<S>(table: &[Binding<S>], screen: &mut S, key: Key, cx: &Cx<'_>) -> Reply {
    match table.iter().find(|binding| binding.keys.contains(&key)) {
        Some(binding) => (binding.run)(screen, cx),
        None => Reply::Ignored,
    }
}

/// Returns the footer of a table: the actions that make sense now, in the order of the table.
pub fn hints<S>(table: &[Binding<S>], screen: &S, cx: &Cx<'_>) -> Vec<Hint> {
    hints_led_by(&[], table, screen, cx)
}

/// The same, with the actions of these names first.
pub fn hints_led_by<S>(first: &[&str], table: &[Binding<S>], screen: &S, cx: &Cx<'_>) -> Vec<Hint> {
    let leading = first.iter().filter_map(|name| table.iter().find(|binding| binding.name == *name));
    let others = table.iter().filter(|binding| !first.contains(&binding.name));
    leading
        .chain(others)
        .filter(|binding| !binding.word.is_empty() && (binding.applies)(screen, cx))
        .map(|binding| Hint { key: binding.keys[0], word: binding.word })
        .collect()
}

/// Returns the help lines of a table.
pub fn help<S>(table: &[Binding<S>]) -> Vec<KeyHelp> {
    table
        .iter()
        .map(|binding| KeyHelp {
            scope: "",
            name: binding.name,
            keys: binding.keys.to_vec(),
            help: binding.help,
        })
        .collect()
}

/// Returns the keys that stand in a table twice: there must be none.
pub fn clashes<S>(table: &[Binding<S>]) -> Vec<Key> {
    let mut keys: Vec<Key> = table.iter().flat_map(|binding| binding.keys.iter().copied()).collect();
    let mut twice = Vec::new();
    while let Some(key) = keys.pop() {
        if keys.contains(&key) {
            twice.push(key);
        }
    }
    twice
}
