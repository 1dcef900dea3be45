//! The values of settings on the screen: in words, and the ones that the arrow keys offer.

use super::links;
use crate::config::{Config, Kind, Range, Setting};
use crate::tui::widgets;

/// How the groups of the file are called on the screen.
pub(super) const HEADINGS: &[(&str, &str)] = &[
    ("screen", "Screen"),
    ("list", "List"),
    ("copy", "Clipboard"),
    ("lock", "Locking"),
    ("add", "Adding"),
    ("check", "Checking codes"),
    ("delete", "Undo"),
    ("qr", "QR codes"),
    ("vault", "Vault"),
    (links::GROUP, "What can be done"),
];

/// Returns how a group is called.
pub(super) fn heading(group: &str) -> &'static str {
    HEADINGS.iter().find(|(name, _)| *name == group).map_or("", |(_, heading)| heading)
}

/// Returns the value as the file has it.
pub(super) fn written(setting: &Setting, config: &Config) -> String {
    config.get(setting.key).unwrap_or_default()
}

/// Is its value typed?
pub(super) fn is_typed(setting: &Setting) -> bool {
    !matches!(setting.kind, Kind::Choice(_) | Kind::Switch)
}

/// Returns the values that the arrow keys offer.
pub(super) fn steps(setting: &Setting) -> Option<Vec<String>> {
    match setting.kind {
        Kind::Choice(names) => Some(names.iter().map(|name| (*name).to_owned()).collect()),
        Kind::Number(range) => Some(range.steps.iter().map(ToString::to_string).collect()),
        Kind::Switch => Some(vec!["false".to_owned(), "true".to_owned()]),
        Kind::List(_) | Kind::Text(_) | Kind::Words => None,
    }
}

/// Returns the value beside the one that is set: words go round, numbers to the nearest step and round.
pub(super) fn stepped(setting: &Setting, config: &Config, by: isize) -> Option<String> {
    let steps = steps(setting)?;
    let value = written(setting, config);
    let at = if let Some(at) = steps.iter().position(|step| *step == value) {
        widgets::round(at, by, steps.len())
    } else {
        let number: u32 = value.parse().ok()?;
        let above = steps.iter().position(|step| step.parse::<u32>().is_ok_and(|step| step > number));
        match (above, by > 0) {
            (Some(above), true) => above,
            (Some(above), false) => widgets::round(above, -1, steps.len()),
            (None, true) => 0,
            (None, false) => steps.len() - 1,
        }
    };
    Some(steps[at].clone())
}

/// Returns a value in words: `10 min`, `most used`, `off`.
pub(super) fn spoken(setting: &Setting, value: &str) -> String {
    match (setting.kind, value) {
        (Kind::Switch, "true") => "on".to_owned(),
        (Kind::Switch, _) => "off".to_owned(),
        (Kind::Choice(_), word) => split(word),
        (Kind::Text(none), word) if word == none => split(word),
        (Kind::Words, "None") => "none".to_owned(),
        (Kind::Text(_), text) => ron::from_str(text).unwrap_or_else(|_| text.to_owned()),
        (Kind::List(_), "[]") => "nothing".to_owned(),
        (Kind::List(_), list) => {
            list.trim_matches(['[', ']']).split(", ").map(split).collect::<Vec<_>>().join(", ")
        }
        (Kind::Number(Range { unit: "s", least: 0, .. }), "0") => "never".to_owned(),
        (Kind::Number(Range { unit: "s", most: 999, .. }), "999") => "always".to_owned(),
        (Kind::Number(Range { unit: "s", .. }), seconds) => match seconds.parse::<u32>() {
            Ok(seconds) if seconds >= 3600 && seconds % 3600 == 0 => format!("{} h", seconds / 3600),
            Ok(seconds) if seconds >= 120 && seconds % 60 == 0 => format!("{} min", seconds / 60),
            _ => format!("{seconds} s"),
        },
        (_, value) => value.to_owned(),
    }
}

/// Splits a word of the file into words: `MostUsed` is "most used". Names keep their form.
fn split(word: &str) -> String {
    match word {
        "Ansi16" => return "16".to_owned(),
        "Ansi256" => return "256".to_owned(),
        "User16" => return "your terminal's 16".to_owned(),
        "Osc52" => return "OSC 52".to_owned(),
        "ShowQr" => return "show QR".to_owned(),
        "Sha1" | "Sha256" | "Sha512" => return word.to_uppercase(),
        "Auto" => return "automatic".to_owned(),
        _ if word.len() == 1 => return word.to_owned(),
        _ => {}
    }
    let mut words = String::new();
    for letter in word.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SETTINGS;

    #[test]
    fn the_arrow_keys_go_round_and_to_the_nearest_step() {
        let after = SETTINGS.iter().find(|setting| setting.key == "lock.after").unwrap();
        let mut config = Config::default();
        let mut step = |value: &str, by| {
            config.set("lock.after", value).unwrap();
            stepped(after, &config, by).unwrap()
        };
        assert_eq!(step("600", 1), "900");
        assert_eq!(step("700", 1), "900");
        assert_eq!(step("700", -1), "600");
        assert_eq!(step("0", -1), "3600");
        assert_eq!(step("9999", 1), "0");
    }

    #[test]
    fn values_are_spoken() {
        let spoken = |key: &str, value: &str| {
            spoken(SETTINGS.iter().find(|setting| setting.key == key).unwrap(), value)
        };
        assert_eq!(spoken("lock.after", "600"), "10 min");
        assert_eq!(spoken("lock.after", "0"), "never");
        assert_eq!(spoken("screen.next_in_last", "999"), "always");
        assert_eq!(spoken("list.sort", "MostUsed"), "most used");
        assert_eq!(spoken("screen.row_numbers", "true"), "on");
        assert_eq!(spoken("lock.ask_again", "[ShowSecret, ShowQr]"), "show secret, show QR");
        assert_eq!(spoken("list.group", "\"Work\""), "Work");
        assert_eq!(spoken("add.digits", "6"), "6");
    }
}
