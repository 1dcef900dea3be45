//! The command line: one file a verb, one list of verbs, one place that prints an error.
//!
//! Data go to standard output, words to standard error. No verb takes a secret as an argument. A new verb is a
//! file with a type that is `Run`, and a line in `VERBS`.

mod access;
mod add;
mod agent;
mod argv;
mod backup;
mod check;
mod choose;
mod code;
mod completions;
mod config;
mod copy;
mod doctor;
mod edit;
mod export;
mod forward;
mod import;
mod init;
mod list;
mod listed;
mod made;
mod man;
mod new;
mod options;
mod output;
mod passwd;
mod qr;
mod restore;
mod rm;
mod session;
mod show;
mod shown;
mod test;
mod topics;
mod typed;
mod undo;
mod unlock;
mod usage;
mod verify;

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::config::nearest;
use crate::failure::Failure;
use crate::system::environment::Environment;

pub use options::{List, Options};
pub use output::{Output, complain};
pub use session::Session;
pub use usage::no_such_verb;

/// Every verb.
const VERBS: &[Verb] = &[
    Verb::of::<add::Add>("add"),
    Verb::of::<agent::Agent>("agent"),
    Verb::of::<backup::Backup>("backup"),
    Verb::of::<check::Check>("check"),
    Verb::of::<code::Code>("code"),
    Verb::of::<completions::Completions>("completions"),
    Verb::of::<config::Settings>("config"),
    Verb::of::<copy::Copy>("copy"),
    Verb::of::<doctor::Doctor>("doctor"),
    Verb::of::<edit::Edit>("edit"),
    Verb::of::<export::Export>("export"),
    Verb::of::<import::Import>("import"),
    Verb::of::<init::Init>("init"),
    Verb::of::<list::List>("list"),
    Verb::of::<unlock::Lock>("lock"),
    Verb::of::<man::Manual>("man"),
    Verb::of::<new::New>("new"),
    Verb::of::<passwd::Passwd>("passwd"),
    Verb::of::<qr::Qr>("qr"),
    Verb::of::<restore::Restore>("restore"),
    Verb::of::<rm::Rm>("rm"),
    Verb::of::<show::Show>("show"),
    Verb::of::<test::Test>("test"),
    Verb::of::<undo::Undo>("undo"),
    Verb::of::<unlock::Unlock>("unlock"),
    Verb::of::<verify::Verify>("verify"),
];

/// Examples before the flags: that is what a person looks for.
const TEMPLATE: &str =
    "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}\n";

const EXAMPLES: &str = "\
Examples:
  twolock               the list of accounts, with their codes
  twolock code github   print a code";

const MORE: &str = "\
`twolock help VERB` shows more, examples first. There is also `twolock help` with clipboard, config,
exit-codes, privacy, qr, ssh, tmux.";

/// What a verb does.
trait Run: Args {
    /// Says whether the agent may run it, for whom the vault is open: it must show no secret, ask nothing, read no
    /// input and touch no file but the vault.
    fn is_for_agent(&self) -> bool {
        false
    }

    /// Does it.
    fn run(self, session: &mut Session) -> Result<(), Failure>;
}

/// A verb: its name, its options, what it does.
struct Verb {
    name: &'static str,
    augment: fn(Command) -> Command,
    run: fn(&ArgMatches, &mut Session, &[OsString]) -> Result<(), Failure>,
    is_for_agent: fn(&ArgMatches) -> bool,
}

impl Verb {
    const fn of<V: Run>(name: &'static str) -> Self {
        Self {
            name,
            augment: V::augment_args,
            run: |matches, session, arguments| {
                let verb = V::from_arg_matches(matches).map_err(|error| usage::failure(&error))?;
                let done = if verb.is_for_agent() { session.through_agent(arguments) } else { None };
                done.unwrap_or_else(|| verb.run(session))
            },
            is_for_agent: |matches| V::from_arg_matches(matches).is_ok_and(|verb| verb.is_for_agent()),
        }
    }
}

/// What was asked for.
pub enum Request {
    /// The list of accounts, on the terminal.
    List(List, Options),
    /// A text: help or the version.
    Text(String),
    /// A verb.
    Verb(Call, Options),
}

/// A verb with its arguments, ready to run.
pub struct Call {
    verb: &'static Verb,
    matches: ArgMatches,
    arguments: Vec<OsString>,
}

impl Call {
    /// Runs the verb.
    pub fn run(&self, session: &mut Session) -> Result<(), Failure> {
        if self.verb.name != "config" {
            session.warn_of_settings();
        }
        (self.verb.run)(&self.matches, session, &self.arguments)
    }

    fn name(&self) -> &'static str {
        self.verb.name
    }

    fn is_for_agent(&self) -> bool {
        (self.verb.is_for_agent)(&self.matches)
    }
}

/// Understands the arguments, the name of the program not among them. The environment says whether help has colours.
pub fn parse(arguments: &[OsString], environment: &Environment) -> Result<Request, Failure> {
    if argv::holds_secret(arguments) {
        return Err(usage::secret());
    }
    if let Some(topic) = asked_topic(arguments) {
        return Ok(Request::Text(topic));
    }
    let line = std::iter::once(OsString::from("twolock")).chain(arguments.iter().cloned());
    let matches = match command(verbs_needed(arguments)).try_get_matches_from(line) {
        Ok(matches) => matches,
        Err(error) if usage::is_text(&error) => {
            let text = error.render();
            let coloured = usage::colours(arguments, environment);
            return Ok(Request::Text(if coloured { text.ansi().to_string() } else { text.to_string() }));
        }
        Err(error) => return Err(usage::failure(&error)),
    };
    let read = |error| usage::failure(&error);
    let Some((name, inner)) = matches.subcommand() else {
        let options = Options::from_arg_matches(&matches).map_err(read)?;
        let list = List::from_arg_matches(&matches).map_err(read)?;
        // What looks like a verb is one that was mistyped: it must not end at a question for the passphrase.
        let almost = |word: &String| {
            let near = nearest(word, VERBS.iter().map(|verb| verb.name));
            // A slip in the first letter is rare, and "bank" is no "man".
            near.filter(|verb| {
                verb.len().abs_diff(word.len()) < 2 && verb.chars().next() == word.chars().next()
            })
        };
        if let Some(verb) = list.words.first().and_then(almost)
            && !arguments.iter().any(|argument| argument == "--")
        {
            return Err(usage::no_verb(verb));
        }
        return Ok(Request::List(list, options));
    };
    let verb =
        VERBS.iter().find(|verb| verb.name == name).expect("only the verbs of the list are understood");
    let options = Options::from_arg_matches(inner).map_err(read)?;
    Ok(Request::Verb(Call { verb, matches: inner.clone(), arguments: arguments.to_vec() }, options))
}

/// Returns the text of `help TOPIC`.
fn asked_topic(arguments: &[OsString]) -> Option<String> {
    if !arguments.iter().any(|argument| argument == "help") {
        return None;
    }
    let whole = command(&[]);
    let takes_value = |argument: &OsString| {
        let name = argument.to_str().and_then(|text| text.strip_prefix("--"));
        let option = whole.get_arguments().find(|option| name.is_some() && option.get_long() == name);
        option.is_some_and(is_followed)
    };
    let mut left = arguments.iter();
    // Returns the next word that is neither an option nor what one takes.
    let mut word = || loop {
        let argument = left.next()?;
        if takes_value(argument) {
            left.next();
        } else if !argument.to_string_lossy().starts_with('-') {
            break Some(argument);
        }
    };
    if word()? != "help" {
        return None;
    }
    topics::text(word()?.to_str()?)
}

/// Prints a failure to standard error: the one place that does. `json` is for programs.
pub fn report(failure: &Failure, json: bool) {
    complain(&if json {
        output::json(&failure.to_json()).to_string()
    } else {
        format!("{}\n", failure.render())
    });
}

/// Says whether errors have to be JSON, also where the arguments are not understood.
pub fn wants_json(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|argument| *argument != "--").any(|argument| {
        let text = argument.to_str().and_then(|text| text.strip_prefix("--json"));
        text.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })
}

/// Says whether the next word is the value of an option, when none hangs on it.
fn is_followed(option: &Arg) -> bool {
    option.get_action().takes_values() && !option.is_require_equals_set()
}

/// Returns the verbs that have to be described to understand the call. Describing all takes longer than a code does,
/// and what begins with a verb is a call of that verb.
fn verbs_needed(arguments: &[OsString]) -> &'static [Verb] {
    let place = arguments.first().and_then(|first| VERBS.iter().position(|verb| *first == verb.name));
    place.map_or(VERBS, |place| &VERBS[place..=place])
}

/// Returns the description of the command line with these verbs.
fn command(verbs: &[Verb]) -> Command {
    let mut command = Command::new("twolock")
        .version(env!("CARGO_PKG_VERSION"))
        .before_help(EXAMPLES)
        .after_help(MORE)
        .help_template(
            "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\nVerbs:\n{subcommands}\n\nOptions:\n\
             {options}{after-help}\n",
        )
        .override_usage("twolock [OPTIONS] [WORDS]...\n       twolock <VERB> [OPTIONS]")
        .infer_long_args(false)
        .max_term_width(100);
    command = List::augment_args(Options::augment_args(command))
        .about("A terminal authenticator: makes verification codes and checks them");
    for verb in verbs {
        command = command.subcommand((verb.augment)(Command::new(verb.name)).help_template(TEMPLATE));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_sound() {
        command(VERBS).debug_assert();
    }

    #[test]
    fn the_verbs_are_in_order_and_each_begins_with_two_examples() {
        assert!(VERBS.is_sorted_by_key(|verb| verb.name));
        for verb in command(VERBS).get_subcommands() {
            let examples = verb.get_before_help().map(ToString::to_string).unwrap_or_default();
            let name = format!("\n  twolock {}", verb.get_name());
            let pipes = format!("| twolock {}", verb.get_name());
            let count = examples.matches(&name).count() + examples.matches(&pipes).count();
            assert!(examples.starts_with("Examples:\n") && count >= 2, "{}: {examples}", verb.get_name());
        }
    }

    #[test]
    fn no_option_takes_a_secret() {
        let names = |command: &Command| {
            let takes = command.get_arguments().filter(|arg| arg.get_action().takes_values());
            takes.filter_map(|arg| arg.get_long().map(str::to_owned)).collect::<Vec<_>>()
        };
        let all = command(VERBS);
        for name in all.get_subcommands().flat_map(names).chain(names(&all)) {
            assert!(!["key", "passphrase", "password", "pin", "secret", "uri"].contains(&&*name), "--{name}");
        }
    }
}
