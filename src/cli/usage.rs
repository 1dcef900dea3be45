//! Words for what the command line gets wrong.
//!
//! A value that was typed is never repeated: it may be a secret in the wrong place.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::display::visible;
use crate::failure::{Exit, Failure};
use crate::system::environment::{Colours, Environment};

/// Names of options that people try and that do not exist on purpose.
const SECRETS: [&str; 7] = ["--key", "--passphrase", "--password", "--pin", "--secret", "--token", "--uri"];

/// Returns the failure for a secret among the arguments.
pub(super) fn secret() -> Failure {
    Failure::new(
        Exit::Usage,
        "a secret stands on the command line, where other users and the shell's history see it",
    )
    .hint("give it on standard input, from a file (`--from FILE`), or type it when `twolock add NAME` asks")
    .hint("take the line out of the shell's history; a name that only looks like a key can be given in the list")
}

/// What helps with most mistakes.
const VERBS: &str = "`twolock --help` lists the verbs and options, `twolock help VERB` those of a verb";

/// Returns the failure for a word that is no verb, where there is no list that could be searched for it.
pub fn no_such_verb() -> Failure {
    Failure::new(Exit::Usage, "there is no such verb").hint(VERBS)
}

/// Returns the failure for a word that is almost a verb.
pub(super) fn no_verb(near: &str) -> Failure {
    Failure::new(Exit::Usage, "there is no such verb")
        .hint(format!("did you mean `{near}`?"))
        .hint("`twolock -- WORD` searches the list for a word")
}

/// Says whether this is no error but a text that was asked for.
pub(super) fn is_text(error: &clap::Error) -> bool {
    matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
}

/// Says whether a text for standard output may have colours.
pub(super) fn colours(arguments: &[OsString], environment: &Environment) -> bool {
    let asked = |value: &str| {
        let joined = format!("--color={value}");
        arguments.iter().any(|argument| *argument == *joined)
            || arguments.windows(2).any(|pair| pair[0] == "--color" && pair[1] == value)
    };
    let usual =
        environment.colours_forced || (environment.colours != Colours::Off && io::stdout().is_terminal());
    asked("always") || (usual && !asked("never"))
}

/// Returns the failure for arguments that are not understood.
pub(super) fn failure(error: &clap::Error) -> Failure {
    let name = words(error, ContextKind::InvalidArg).map(|name| plain(&name));
    let named = name.as_deref().unwrap_or("an argument");
    let failure = |message: String| Failure::new(Exit::Usage, message);
    let failure = match error.kind() {
        ErrorKind::ArgumentConflict => {
            let other =
                words(error, ContextKind::PriorArg).map_or_else(|| "another".to_owned(), |name| plain(&name));
            failure(format!("{named} cannot be used together with {other}"))
        }
        ErrorKind::InvalidSubcommand => failure("there is no such verb".to_owned()),
        ErrorKind::InvalidUtf8 => failure("an argument is not UTF-8 text".to_owned()),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let failure = failure(format!("the value of {named} is not one that it takes"));
            match words(error, ContextKind::ValidValue) {
                Some(values) => failure.hint(format!("it takes {values}")),
                None => match range(named) {
                    Some(range) => failure.hint(range),
                    None => failure,
                },
            }
        }
        ErrorKind::MissingRequiredArgument => failure(format!("{named} is missing")),
        ErrorKind::MissingSubcommand => failure("a verb is missing".to_owned()),
        ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            failure(format!("{named} needs a value"))
        }
        ErrorKind::TooManyValues => failure(format!("{named} has a value too many")),
        ErrorKind::UnknownArgument => match name.as_deref() {
            Some(name) if SECRETS.contains(&name) => return secret(),
            Some(name) if name.starts_with('-') => failure(format!("there is no option {}", visible(name))),
            _ => failure("there is an argument too many".to_owned()),
        },
        other => failure(other.as_str().unwrap_or("the arguments are not understood").to_owned()),
    };
    let suggestion = words(error, ContextKind::SuggestedSubcommand)
        .or_else(|| words(error, ContextKind::SuggestedArg))
        .map(|name| format!("did you mean `{}`?", plain(&name)));
    match suggestion {
        Some(suggestion) => failure.hint(suggestion),
        None => failure.hint(VERBS),
    }
}

/// What the options with a range take; clap's own sentence repeats the value.
fn range(name: &str) -> Option<&'static str> {
    match name {
        "--digits" => Some("a code has 1 to 10 digits"),
        "--hotp" => Some("a counter is a number from 0 to 18446744073709551615"),
        "--period" => Some("a period is 1 to 86400 seconds"),
        "--work-factor" => Some("a work factor is 10 to 22"),
        _ => None,
    }
}

fn words(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) if !texts.is_empty() => Some(texts.join(", ")),
        _ => None,
    }
}

/// Returns the bare name of an argument: no value that hangs on it, only one letter of a cluster.
fn plain(name: &str) -> String {
    let name = name.split(['=', ' ']).next().unwrap_or(name).trim_matches(['<', '>', '[', ']', '.']);
    if name.starts_with('-') && !name.starts_with("--") {
        name.chars().take(2).collect()
    } else {
        name.to_owned()
    }
}
