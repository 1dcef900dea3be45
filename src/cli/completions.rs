//! Prints what makes a shell complete verbs and options, from the same tables as the help, and what it then asks for on
//! the Tab key.
//!
//! Names of accounts are sealed in the vault: they come from an agent that has it open, or not at all. A Tab key must ask
//! for nothing and wait for nobody.

mod line;
mod offers;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Args, Command, ValueEnum, ValueHint};
use clap_complete::{Shell, generate};
use clap_complete_nushell::Nushell;
use serde_json::json;

use self::offers::{Names, named_by};
use super::Run;
use super::output;
use super::session::Session;
use crate::config::SETTINGS;
use crate::exchange::{EXPORTERS, IMPORTERS};
use crate::failure::Failure;
use crate::system::clipboard::Via;

/// Print the completions of a shell: verbs, options and names, on the Tab key
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock completions bash > ~/.local/share/bash-completion/completions/twolock
  twolock completions fish > ~/.config/fish/completions/twolock.fish
  twolock completions zsh > ~/.zfunc/_twolock       with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc

Verbs, options and files are completed, and while `twolock unlock` has the vault open, names of accounts
and groups too. The Tab key never asks for the passphrase. Print it anew after an update.")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Known,
    /// Print the names that the agent knows
    #[arg(long, hide = true, value_name = "WHAT", conflicts_with = "offer")]
    known: Option<Names>,
    /// Read a line up to the cursor from standard input, and print the names that may follow
    #[arg(long, hide = true)]
    offer: bool,
}

/// The shells whose completions can be written.
#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum Known {
    Bash,
    Elvish,
    Fish,
    Nushell,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
}

impl Run for Completions {
    fn is_for_agent(&self) -> bool {
        self.known.is_some()
    }

    fn run(self, session: &mut Session) -> Result<(), Failure> {
        if let Some(names) = self.known {
            return offers::print_known(session, names);
        }
        if self.offer {
            return offers::offer(session, self.shell);
        }
        let script = script(self.shell);
        if session.options.json() {
            return session.output.print(&output::json(&json!({ "v": 1, "completions": script })));
        }
        session.output.print(&script)
    }
}

fn script(shell: Known) -> String {
    let mut command = completed(&super::command(super::VERBS), shell);
    let mut script = Vec::new();
    let mut write = |shell: Shell| generate(shell, &mut command, "twolock", &mut script);
    match shell {
        Known::Bash => write(Shell::Bash),
        Known::Elvish => write(Shell::Elvish),
        Known::Fish => write(Shell::Fish),
        Known::Nushell => generate(Nushell, &mut command, "twolock", &mut script),
        Known::PowerShell => write(Shell::PowerShell),
        Known::Zsh => write(Shell::Zsh),
    }
    let script = String::from_utf8_lossy(&script);
    with_names(shell, &script, &command)
}

/// Returns the script with what asks for names at each place that takes one.
fn with_names(shell: Known, script: &str, command: &Command) -> String {
    match shell {
        Known::Bash => {
            let names = include_str!("../../assets/completions/names.bash");
            let script = script.replace("complete -F _twolock ", "complete -F _twolock_with_names ");
            format!("{names}{script}")
        }
        Known::Elvish => format!("{script}{}", include_str!("../../assets/completions/names.elv")),
        Known::Fish => {
            let script = script.replace(FISH_HINT, "(__twolock_names)");
            let positional = fish_positionals(command);
            format!("{script}{}{positional}", include_str!("../../assets/completions/names.fish"))
        }
        Known::Nushell => {
            let names = include_str!("../../assets/completions/names.nu");
            let asked = "string@\"nu-complete twolock names\"";
            script
                .replacen("module completions {\n\n", &format!("module completions {{\n\n{names}"), 1)
                .replace("    ...query: string", &format!("    ...query: {asked}"))
                .replace("    --group: string", &format!("    --group: {asked}"))
                .replace("    --allow: string", &format!("    --allow: {asked}"))
        }
        Known::PowerShell => {
            let names = include_str!("../../assets/completions/names.ps1");
            let end = "    $completions.Where{";
            script.replacen(end, &format!("{}{end}", names.trim_start_matches('\n')), 1)
        }
        Known::Zsh => {
            let names = include_str!("../../assets/completions/names.zsh");
            let script = script.replace(ZSH_HINT, "_twolock_names");
            let end = "if [ \"$funcstack[1]\" = \"_twolock\" ]; then";
            script.replacen(end, &format!("{names}{end}"), 1)
        }
    }
}

/// What the scripts have where a user's name belongs, which nothing of ours takes: names of accounts are put there.
const FISH_HINT: &str = "(__fish_complete_users)";
const ZSH_HINT: &str = "_users";

/// Returns the lines for what stands without an option, which the generator of fish leaves out.
fn fish_positionals(command: &Command) -> String {
    let mut lines = String::new();
    for verb in command.get_subcommands() {
        let mut before: Vec<String> = Vec::new();
        for positional in verb.get_positionals() {
            let mut when = format!("__fish_twolock_using_subcommand {}", verb.get_name());
            let values = positional.get_possible_values();
            let values: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
            let offers = if named_by(positional).is_some() {
                "(__twolock_names)".to_owned()
            } else if values.is_empty() {
                continue;
            } else {
                values.join(" ")
            };
            if !before.is_empty() {
                when.push_str(&format!("; and __fish_seen_subcommand_from {}", before.join(" ")));
            }
            if !values.is_empty() {
                when.push_str(&format!("; and not __fish_seen_subcommand_from {}", values.join(" ")));
            }
            lines.push_str(&format!("complete -c twolock -n \"{when}\" -f -a \"{offers}\"\n"));
            before = values.into_iter().map(str::to_owned).collect();
        }
    }
    lines
}

/// Returns the command without the words that search the list: zsh takes the verb for one of them.
fn completed(command: &Command, shell: Known) -> Command {
    let options = command.get_arguments().filter(|argument| !argument.is_positional());
    let hinted = |verb: Command| {
        let name = verb.get_name().to_owned();
        verb.mut_args(|argument| hinted(argument, &name, shell))
    };
    Command::new("twolock")
        .version(env!("CARGO_PKG_VERSION"))
        .args(options.cloned().map(|argument| self::hinted(argument, "", shell)))
        .subcommands(command.get_subcommands().cloned().map(|verb| hinted(verb.mut_subcommands(hinted))))
}

/// Returns the values of an argument that takes one of a few words, and more than clap has to know of.
fn values(argument: &Arg, verb: &str) -> Option<Vec<&'static str>> {
    match (verb, argument.get_id().as_str()) {
        ("config", "key") => Some(SETTINGS.iter().map(|setting| setting.key).collect()),
        ("copy", "via") => Some(Via::NAMES.map(|(name, _)| name).to_vec()),
        ("export", "format") => Some(EXPORTERS.iter().map(|format| format.name()).collect()),
        ("import", "format") => Some(IMPORTERS.iter().map(|format| format.name()).collect()),
        _ => None,
    }
}

/// Tells files from what cannot be completed, where shells would offer files.
fn hinted(argument: Arg, verb: &str, shell: Known) -> Arg {
    if argument.is_require_equals_set() {
        // Shells would take the next word for its value.
        let (name, help) = (argument.get_id().clone(), argument.get_help().cloned().unwrap_or_default());
        let flag = Arg::new(name.clone()).long(name).help(help);
        return flag.action(ArgAction::SetTrue).global(argument.is_global_set());
    }
    if let Some(values) = values(&argument, verb) {
        return argument.value_parser(PossibleValuesParser::new(values));
    }
    let named = |name: &str| {
        argument.get_value_names().is_some_and(|names| names.first().is_some_and(|first| *first == *name))
    };
    if !argument.get_action().takes_values() || !argument.get_possible_values().is_empty() {
        argument
    } else if named_by(&argument).is_some() && matches!(shell, Known::Fish | Known::Zsh) {
        argument.value_hint(ValueHint::Username)
    } else if named("DIR") {
        argument.value_hint(ValueHint::DirPath)
    } else if named("FILE") || argument.get_value_hint() != ValueHint::Unknown {
        argument.value_hint(ValueHint::FilePath)
    } else {
        argument.value_hint(ValueHint::Other)
    }
}
