//! What the Tab key offers besides verbs and options: names of accounts and groups, while an agent has the vault open.
//!
//! Nothing is asked of anybody, nothing is opened, and an agent that does not answer at once is left alone. What the
//! line says comes on standard input, since arguments are seen by others. Names are hostile text: what could steer a
//! terminal or be taken for an option is never offered, and an id stands in its place.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::{Arg, Command, ValueEnum};

use super::Known;
use super::line::{Line, Word, quoted};
use crate::agent::{self, Call, Reply, Request};
use crate::cli::options::Options;
use crate::cli::output::tamed;
use crate::cli::session::{Session, read_up_to};
use crate::cli::shown::{label, short_ids};
use crate::cli::{VERBS, command, is_followed};
use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::vault::{Account, exact_names};

/// The most bytes of a line that are looked at.
const LONGEST: usize = 64 << 10;

/// What the vault knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Names {
    Accounts,
    Groups,
}

/// What is being typed.
#[derive(Debug, Eq, PartialEq)]
struct Place {
    names: Names,
    vault: Option<PathBuf>,
    config: Option<PathBuf>,
    /// What was typed of it.
    word: Word,
}

/// Prints what a vault that is open already knows, a name a line with what tells it from others after a tab; nothing of
/// one that is not.
pub(super) fn print_known(session: &mut Session, names: Names) -> Result<(), Failure> {
    let Some(store) = session.take_lent() else {
        return Ok(());
    };
    let vault = store.vault();
    let accounts = vault.accounts();
    let text = match names {
        Names::Accounts => named(accounts),
        Names::Groups => groups(accounts),
    };
    session.output.print(&text)
}

fn named(accounts: &[Account]) -> String {
    let mut text = String::new();
    for ((account, exact), id) in accounts.iter().zip(exact_names(accounts)).zip(short_ids(accounts)) {
        let usable = exact.filter(|name| is_harmless(name));
        let (name, about) = match &usable {
            Some(name) if name == account.name() => (visible(name), visible(account.detail())),
            Some(name) => (visible(name), visible("")),
            None => (visible(&format!("id:{id}")), label(account)),
        };
        text.push_str(&format!("{name}\t{about}\n"));
    }
    text
}

fn groups(accounts: &[Account]) -> String {
    let groups: BTreeSet<&str> = accounts.iter().map(|account| account.group.as_str()).collect();
    let mut text = String::new();
    for group in groups.into_iter().filter(|group| is_harmless(group)) {
        text.push_str(&format!("{}\t\n", visible(group)));
    }
    text
}

/// Says whether a name can be typed as it is shown.
fn is_harmless(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('-') && visible(name).as_str() == name
}

/// Reads the line from standard input, and prints what may stand at its end, as the shell wants it.
pub(super) fn offer(session: &mut Session, shell: Known) -> Result<(), Failure> {
    if io::stdin().is_terminal() {
        return Err(Failure::usage("the line comes on standard input"));
    }
    let bytes = read_up_to(io::stdin(), "the line", LONGEST)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Failure::other("the line is not text"))?;
    // What bash puts another text in the place of, which may be less than the word.
    let (line, replaced) = text.split_once('\0').map_or((text, None), |(line, word)| (line, Some(word)));
    // What a shell adds at the end of what it hands on is none of the line.
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = if shell == Known::PowerShell { line.strip_suffix('\r').unwrap_or(line) } else { line };
    let Some(place) = Place::find(Line::read(line).words) else {
        return Err(Failure::new(Exit::NothingToDo, "there is no name to complete here"));
    };
    let known = known(session, &place)?;
    let offers = known.lines().filter_map(|line| line.split_once('\t'));
    let mut whole = String::new();
    match shell {
        Known::Bash => {
            let names: Vec<&str> = offers.map(|(name, _)| name).collect();
            for offer in in_bash(&place.word, replaced.unwrap_or(&place.word.raw), &names) {
                whole.push_str(&format!("{offer}\n"));
            }
        }
        Known::Fish | Known::Zsh => {
            for (name, about) in offers {
                whole.push_str(name);
                if !about.is_empty() {
                    whole.push_str(&format!("\t{about}"));
                }
                whole.push('\n');
            }
        }
        Known::Elvish => offers.for_each(|(name, _)| whole.push_str(&format!("{name}\n"))),
        Known::Nushell | Known::PowerShell => {
            // They insert what they are given as it is. A name that would need a quote is left out.
            let plain = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || "_-.+:/".contains(c));
            let begun = |name: &&str| rest(name, &place.word.text, false).is_some();
            for name in offers.map(|(name, _)| name).filter(plain).filter(begun) {
                whole.push_str(&format!("{name}\n"));
            }
        }
    }
    session.output.print(&whole)
}

/// Asks the agent of the vault that the line means; nothing where there is none or it does not answer at once.
fn known(session: &Session, place: &Place) -> Result<String, Failure> {
    let options =
        Options { vault: place.vault.clone(), config: place.config.clone(), ..session.options.clone() };
    let meant = Session::new(options, session.environment.clone())?;
    let names = match place.names {
        Names::Accounts => "accounts",
        Names::Groups => "groups",
    };
    let arguments = ["completions", "bash", "--known", names].map(str::to_owned).to_vec();
    let call = Call { arguments, terminal: false, columns: None };
    Ok(match agent::glance(&meant.agent_door(), &Request::Run(call)) {
        Some(Reply::Done { ref stdout, failed: None, .. }) => tamed(stdout).to_string(),
        _ => String::new(),
    })
}

impl Place {
    /// Finds out what the last word is, from those before it; nothing if it is no name.
    fn find(mut words: Vec<Word>) -> Option<Self> {
        let mut last = words.pop()?;
        if last.redirected {
            return None;
        }
        words.retain(|word| !word.redirected);
        let is_program = |word: &Word| word.text.rsplit('/').next() == Some("twolock");
        let program = words.iter().position(is_program).unwrap_or(0);
        let whole = command(VERBS);
        let mut at = &whole;
        let (mut vault, mut config) = (None, None);
        let mut only_names = false;
        // The option whose value comes next.
        let mut open: Option<&Arg> = None;
        for word in words.into_iter().skip(program + 1) {
            if let Some(option) = open.take() {
                keep(option.get_id().as_str(), &word, &mut vault, &mut config)?;
            } else if !only_names && word.text == "--" {
                only_names = true;
            } else if !only_names && word.text.starts_with('-') && word.text.len() > 1 {
                let (name, value) = parts(&word);
                let option = option(at, &whole, &name);
                match (option, value) {
                    (Some(option), Some(value)) => {
                        keep(option.get_id().as_str(), &value, &mut vault, &mut config)?;
                    }
                    (Some(option), None) => open = Some(option),
                    (None, _) => {}
                }
            } else if let Some(verb) = at.find_subcommand(&word.text) {
                at = verb;
            } else if at.get_name() == whole.get_name() {
                return None;
            }
        }
        let names = if let Some(option) = open {
            named_by(option)
        } else if !only_names && last.text.starts_with('-') {
            let (name, value) = parts(&last);
            last = value?;
            named_by(option(at, &whole, &name)?)
        } else {
            at.get_positionals().find_map(named_by)
        };
        Some(Self { names: names?, vault, config, word: last })
    }
}

/// Keeps what says which vault is meant; nothing if only the shell knows what it is.
fn keep(id: &str, word: &Word, vault: &mut Option<PathBuf>, config: &mut Option<PathBuf>) -> Option<()> {
    let place = match id {
        "vault" => vault,
        "config" => config,
        _ => return Some(()),
    };
    *place = (!word.expands).then(|| PathBuf::from(&word.text));
    place.is_some().then_some(())
}

/// Returns the name of an option, and what stands after its `=`.
fn parts(word: &Word) -> (String, Option<Word>) {
    match (word.text.split_once('='), word.raw.split_once('=')) {
        (Some((name, text)), Some((_, raw))) => {
            let value = Word { text: text.to_owned(), raw: raw.to_owned(), ..word.clone() };
            (name.to_owned(), Some(value))
        }
        _ => (word.text.clone(), None),
    }
}

/// Returns the option of this name whose value may be the next word.
fn option<'a>(at: &'a Command, whole: &'a Command, name: &str) -> Option<&'a Arg> {
    let name = name.strip_prefix("--")?;
    let mut options = at.get_arguments().chain(whole.get_arguments());
    options.find(|option| option.get_long() == Some(name) && is_followed(option))
}

/// Returns the names that an argument takes.
pub(super) fn named_by(argument: &Arg) -> Option<Names> {
    let named = argument.get_value_names().and_then(|names| names.first());
    if argument.get_id() == "group" {
        Some(Names::Groups)
    } else if named.is_some_and(|name| *name == *"QUERY") {
        Some(Names::Accounts)
    } else {
        None
    }
}

/// Returns what bash puts in the place of `replaced`, the end of the word: quoted, and what was typed stays as it is as
/// long as it may become several.
fn in_bash(word: &Word, replaced: &str, names: &[&str]) -> Vec<String> {
    if word.expands {
        return Vec::new();
    }
    let fitting = |exactly| {
        let fitting = names.iter().filter_map(|name| Some((*name, rest(name, &word.text, exactly)?)));
        fitting.collect::<Vec<_>>()
    };
    let same = fitting(true);
    let fitting = if same.is_empty() { fitting(false) } else { same };
    // A backslash at the end quotes nothing yet.
    let typed =
        if word.raw.ends_with(replaced) { replaced } else { replaced.strip_suffix('\\').unwrap_or(replaced) };
    let before = word.raw.strip_suffix(typed).unwrap_or_default();
    let before = Line::read(before).words.pop().unwrap_or_default();
    match fitting.as_slice() {
        // The one that it is comes in its own letters.
        [(name, _)] => {
            let own: String = name.chars().skip(before.text.chars().count()).collect();
            let mut own = quoted(&own, before.quote);
            // Readline closes the quote, unless it takes what stands there for it.
            own.extend(before.quote.letter().filter(|letter| own.ends_with(*letter)));
            vec![own]
        }
        _ => fitting.iter().map(|(_, rest)| format!("{typed}{}", quoted(rest, word.quote))).collect(),
    }
}

/// Returns what follows in a name after what was typed of it.
fn rest<'a>(name: &'a str, typed: &str, exactly: bool) -> Option<&'a str> {
    let mut left = name.chars();
    for letter in typed.chars() {
        let next = left.next()?;
        let same = next == letter || (!exactly && next.to_lowercase().eq(letter.to_lowercase()));
        if !same {
            return None;
        }
    }
    Some(left.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: &str) -> Option<(Names, String)> {
        Place::find(Line::read(line).words).map(|place| (place.names, place.word.text))
    }

    #[test]
    fn names_are_completed_where_a_verb_or_an_option_takes_them() {
        let accounts = |typed: &str| Some((Names::Accounts, typed.to_owned()));
        let groups = |typed: &str| Some((Names::Groups, typed.to_owned()));
        for (line, expected) in [
            ("twolock code gi", accounts("gi")),
            ("twolock rm github gi", accounts("gi")),
            ("sudo -E /usr/bin/twolock --vault x code --count 2 -q ", accounts("")),
            ("t show --at=1 -- -x", accounts("-x")),
            ("twolock agent ssh --allow gi", accounts("gi")),
            ("twolock agent ssh --allow=gi", accounts("gi")),
            ("twolock list --group Wo", groups("Wo")),
            ("twolock code --json gi", accounts("gi")),
            ("twolock --json=lines list --group Wo", groups("Wo")),
            ("twolock code --json=gi", None),
            ("twolock edit x --group=Wo", groups("Wo")),
            ("twolock co", None),
            ("twolock github alice", None),
            ("twolock code --co", None),
            ("twolock code --count ", None),
            ("twolock code x > ", None),
            ("twolock add gi", None),
            ("twolock export --to gi", None),
            ("twolock agent ", None),
            ("twolock help ", None),
            ("twolock code x; ls ", None),
            ("", None),
        ] {
            assert_eq!(place(line), expected, "{line}");
        }
    }

    #[test]
    fn the_vault_is_the_one_that_the_line_names() {
        let vault = |line: &str| Place::find(Line::read(line).words).map(|place| place.vault);
        assert_eq!(vault("twolock code "), Some(None));
        for line in ["twolock code --vault 'a b' ", "twolock --vault=a\\ b code "] {
            assert_eq!(vault(line), Some(Some("a b".into())), "{line}");
        }
        // Another one must not be taken for it.
        assert_eq!(vault("twolock code --vault $HOME/x "), None);
    }

    #[track_caller]
    fn check(word: &str, replaced: &str, expected: &[&str]) {
        let names = ["Amazon Web", "amazon$x", "GitHub:alice", "GitHub:bob", "it's `x` \"!\""];
        let word = Line::read(&format!("twolock code {word}")).words.pop().unwrap();
        assert_eq!(in_bash(&word, replaced, &names), expected, "{}", word.raw);
    }

    #[test]
    fn bash_gets_words_that_it_reads_back() {
        check("Am", "Am", &["Amazon\\ Web"]);
        check("AMA", "AMA", &["AMAzon\\ Web", "AMAzon\\$x"]);
        check("AMAZON\\ ", "AMAZON\\ ", &["Amazon\\ Web"]);
        check("Amazon\\", "Amazon\\", &["Amazon\\ Web"]);
        check("github:", "", &["alice", "bob"]);
        check("github:B", "B", &["bob"]);
        check("\"Amazon W", "Amazon W", &["Amazon Web"]);
        check("'it", "it", &["it'\\''s `x` \"!\""]);
        check("\"it", "it", &["it's \\`x\\` \\\"\"'!'\"\\\"\""]);
        check("$A", "$A", &[]);
        check("x", "x", &[]);
    }
}
