//! The keys that the user gave to actions. A key that was pressed is turned into the one that the screen knows, and
//! what footers and help pages say is turned the other way: no screen has to know.
//!
//! A key must not mean two things in one place: keys that would are refused, with words that name both actions.

use std::collections::{BTreeMap, BTreeSet};

use super::key::Key;
use super::screen::KeyHelp;
use crate::config::nearest;
use crate::display::visible;

/// A place where keys have meanings.
#[derive(Clone, Debug)]
pub struct Place {
    /// The name of the screen: "the list".
    pub name: &'static str,
    /// The part of the program whose actions its own are: `import` for `import.choose`.
    pub scope: &'static str,
    /// What its keys do, those that work everywhere among them.
    pub keys: Vec<KeyHelp>,
    /// Letters are text there.
    pub types: bool,
}

/// The keys of actions, where they differ from what the program comes with.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    bound: BTreeMap<String, Vec<Key>>,
    scopes: BTreeMap<&'static str, &'static str>,
}

impl Keymap {
    /// Returns the keys as they were set, and what is wrong with them. Whatever is wrong keeps its own keys.
    pub fn new(set: &BTreeMap<String, Vec<String>>, places: &[Place]) -> (Self, Vec<String>) {
        let mut remarks = Vec::new();
        let mut bound = BTreeMap::new();
        let known: BTreeSet<String> = places
            .iter()
            .flat_map(|place| &place.keys)
            .map(KeyHelp::action)
            .filter(|action| !action.is_empty())
            .collect();
        for (action, spelled) in set {
            if !known.contains(action.as_str()) {
                let near = nearest(action, known.iter().map(String::as_str));
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                remarks.push(format!("`keys`: there is no action `{}`{near}", visible(action).cut(40)));
                continue;
            }
            match spelled.iter().map(|text| read(text)).collect::<Result<Vec<Key>, String>>() {
                Ok(keys) => drop(bound.insert(action.clone(), keys)),
                Err(wrong) => remarks.push(format!("`keys.{action}`: {wrong}; it keeps its own keys")),
            }
        }
        let scopes = places.iter().map(|place| (place.name, place.scope)).collect();
        let mut map = Self { bound, scopes };
        while let Some((key, one, other, place)) = map.clash(places) {
            let called = |line: &KeyHelp| {
                let action = line.action();
                if action.is_empty() { format!("\"{}\"", line.help) } else { format!("`{action}`") }
            };
            remarks.push(format!(
                "`keys`: {key} would mean both {} and {} on {place}; both keep their own keys",
                called(one),
                called(other)
            ));
            map.bound.remove(&one.action());
            map.bound.remove(&other.action());
        }
        (map, remarks)
    }

    /// Returns the first key that means two things, the two actions, and where.
    fn clash<'a>(&self, places: &'a [Place]) -> Option<(Key, &'a KeyHelp, &'a KeyHelp, &'static str)> {
        let bound = |line: &KeyHelp| self.bound.contains_key(&line.action());
        for place in places {
            let mut seen: BTreeMap<String, &KeyHelp> = BTreeMap::new();
            for line in &place.keys {
                for key in self.keys(line, place.types) {
                    if let Some(other) = seen.insert(key.to_string(), line)
                        && (bound(other) || bound(line))
                    {
                        return Some((key, other, line, place.name));
                    }
                }
            }
        }
        None
    }

    /// Returns the keys of an action: the user's, or its own. Where letters are text, only other keys count.
    fn keys(&self, line: &KeyHelp, types: bool) -> Vec<Key> {
        let Some(keys) = self.bound.get(&line.action()) else { return line.keys.clone() };
        let usable = |key: &Key| !types || !matches!(key, Key::Char(_));
        let keys: Vec<Key> = keys.iter().copied().filter(usable).collect();
        if keys.is_empty() && types { line.keys.clone() } else { keys }
    }

    /// Returns the own actions of the screen of that name, as the settings know them.
    pub fn scoped(&self, place: &str, lines: Vec<KeyHelp>) -> Vec<KeyHelp> {
        let scope = self.scopes.get(place).copied().unwrap_or_default();
        lines.into_iter().map(|line| KeyHelp { scope, ..line }).collect()
    }

    /// Returns the key that the screen knows for the one that was pressed; nothing if it was taken from its action.
    pub fn meant(&self, pressed: Key, lines: &[KeyHelp], types: bool) -> Option<Key> {
        if self.bound.is_empty() || (types && matches!(pressed, Key::Char(_))) {
            return Some(pressed);
        }
        let own = |line: &KeyHelp| line.keys.contains(&pressed);
        match lines.iter().find(|line| self.keys(line, types).contains(&pressed)) {
            Some(line) if own(line) => Some(pressed),
            Some(line) => line.keys.first().copied(),
            None => (!lines.iter().any(own)).then_some(pressed),
        }
    }

    /// Returns what a key of the screen's own is called here; nothing if its action has no key.
    pub fn shown(&self, key: Key, lines: &[KeyHelp], types: bool) -> Option<Key> {
        match lines.iter().find(|line| line.keys.contains(&key)) {
            Some(line) => self.keys(line, types).first().copied(),
            None => Some(key),
        }
    }

    /// Returns the lines of a help page with the keys as they are here.
    pub fn help(&self, lines: Vec<KeyHelp>, types: bool) -> Vec<KeyHelp> {
        lines
            .into_iter()
            .map(|line| KeyHelp { keys: self.keys(&line, types), ..line })
            .filter(|line| !line.keys.is_empty())
            .collect()
    }
}

/// Reads a key as people spell it: `Enter`, `c`, `Ctrl-d`, `F5`, `Shift-Tab`.
fn read(text: &str) -> Result<Key, String> {
    let shown = visible(text).cut(20);
    match Key::from_name(text) {
        Some(Key::Ctrl('c') | Key::F(1)) => {
            Err(format!("{shown} has its meaning everywhere and cannot be given another"))
        }
        Some(key) => Ok(key),
        None => {
            Err(format!("\"{shown}\" is no key; keys are spelled like c, Enter, Space, Ctrl-d, F5 or Down"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &'static str, keys: &[Key]) -> KeyHelp {
        KeyHelp { scope: "", name, keys: keys.to_vec(), help: name }
    }

    fn places() -> Vec<Place> {
        let list = vec![
            line("copy", &[Key::Enter, Key::Char('c')]),
            line("copy-next", &[Key::Char('n')]),
            line("delete", &[Key::Char('d'), Key::Delete]),
        ];
        let search = vec![line("copy", &[Key::Enter]), line("leave", &[Key::Esc])];
        vec![
            Place { name: "the list", scope: "", keys: list, types: false },
            Place { name: "the search", scope: "", keys: search, types: true },
        ]
    }

    fn map(set: &[(&str, &[&str])]) -> (Keymap, Vec<String>) {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        let set = set.iter().map(|(action, keys)| ((*action).to_owned(), owned(keys))).collect();
        Keymap::new(&set, &places())
    }

    #[track_caller]
    fn meant(map: &Keymap, pressed: Key, expected: Option<Key>) {
        assert_eq!(map.meant(pressed, &places()[0].keys, false), expected);
    }

    #[test]
    fn a_key_that_was_given_is_the_action_and_the_old_one_is_none() {
        let (map, remarks) = map(&[("copy", &["x", "F5"])]);
        assert_eq!(remarks, [""; 0]);
        meant(&map, Key::Char('x'), Some(Key::Enter));
        meant(&map, Key::F(5), Some(Key::Enter));
        meant(&map, Key::Enter, None);
        meant(&map, Key::Char('n'), Some(Key::Char('n')));
        meant(&map, Key::Char('z'), Some(Key::Char('z')));
        let lines = &places()[0].keys;
        assert_eq!(map.shown(Key::Enter, lines, false), Some(Key::Char('x')));
        assert_eq!(map.help(lines.clone(), false)[0].keys, [Key::Char('x'), Key::F(5)]);
    }

    #[test]
    fn an_action_of_the_same_name_elsewhere_keeps_its_keys() {
        let set = [("wizard.copy".to_owned(), vec!["d".to_owned()])].into();
        let own = || vec![KeyHelp { scope: "wizard", ..line("copy", &[Key::Enter]) }];
        let mut places = places();
        places.push(Place { name: "the wizard", scope: "wizard", keys: own(), types: false });
        let (map, remarks) = Keymap::new(&set, &places);
        assert_eq!(remarks, [""; 0]);
        let lines = map.scoped("the wizard", vec![line("copy", &[Key::Enter])]);
        assert_eq!(lines, own());
        assert_eq!(map.meant(Key::Char('d'), &lines, false), Some(Key::Enter));
        meant(&map, Key::Char('d'), Some(Key::Char('d')));
        meant(&map, Key::Enter, Some(Key::Enter));
    }

    #[test]
    fn where_letters_are_text_they_stay_text() {
        let (map, _) = map(&[("copy", &["x"])]);
        let search = &places()[1].keys;
        assert_eq!(map.meant(Key::Char('x'), search, true), Some(Key::Char('x')));
        assert_eq!(map.meant(Key::Enter, search, true), Some(Key::Enter));
    }

    #[test]
    fn two_actions_may_change_places() {
        let (map, remarks) = map(&[("copy", &["n"]), ("copy-next", &["c"])]);
        assert_eq!(remarks, [""; 0]);
        meant(&map, Key::Char('n'), Some(Key::Enter));
        meant(&map, Key::Char('c'), Some(Key::Char('n')));
    }

    #[test]
    fn an_action_may_have_no_key() {
        let (map, remarks) = map(&[("delete", &[])]);
        assert_eq!(remarks, [""; 0]);
        meant(&map, Key::Delete, None);
        assert_eq!(map.shown(Key::Char('d'), &places()[0].keys, false), None);
    }

    #[test]
    fn what_is_wrong_is_refused_by_name() {
        let (map, remarks) =
            map(&[("copi", &["x"]), ("copy", &["d"]), ("copy-next", &["Entr"]), ("leave", &["Ctrl-c"])]);
        assert_eq!(
            remarks,
            [
                "`keys`: there is no action `copi`; did you mean `copy`?",
                "`keys.copy-next`: \"Entr\" is no key; keys are spelled like c, Enter, Space, Ctrl-d, F5 or Down; \
                 it keeps its own keys",
                "`keys.leave`: Ctrl-c has its meaning everywhere and cannot be given another; it keeps its own keys",
                "`keys`: d would mean both `copy` and `delete` on the list; both keep their own keys",
            ]
        );
        meant(&map, Key::Char('d'), Some(Key::Char('d')));
        meant(&map, Key::Enter, Some(Key::Enter));
    }
}
