//! Prints what makes a shell complete verbs and options, from the same tables as the help.
//!
//! Never the names of accounts: they are sealed in the vault, and a Tab key must not ask for the passphrase.

use clap::{Arg, Args, Command, ValueEnum, ValueHint};
use clap_complete::{Shell, generate};
use clap_complete_nushell::Nushell;
use serde_json::json;

use super::Run;
use super::output;
use super::session::Session;
use crate::failure::Failure;

/// Print the completions of a shell: verbs and options, on the Tab key
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock completions bash > ~/.local/share/bash-completion/completions/twolock
  twolock completions fish > ~/.config/fish/completions/twolock.fish
  twolock completions zsh > ~/.zfunc/_twolock       with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc

Verbs, options and files are completed, names of accounts never: they are sealed, and the Tab key must not
ask for the passphrase. Print it anew after an update.")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Known,
}

/// The shells whose completions can be written.
#[derive(Clone, Copy, ValueEnum)]
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
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        let script = script(self.shell);
        if session.options.json {
            let script = String::from_utf8_lossy(&script);
            return session.output.print(&output::json(&json!({ "v": 1, "completions": script })));
        }
        session.output.print_bytes(&script)
    }
}

fn script(shell: Known) -> Vec<u8> {
    let mut command = completed(&super::command(super::VERBS));
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
    script
}

/// Returns the command without the words that search the list: zsh takes the verb for one of them.
fn completed(command: &Command) -> Command {
    let options = command.get_arguments().filter(|argument| !argument.is_positional());
    Command::new("twolock")
        .version(env!("CARGO_PKG_VERSION"))
        .args(options.cloned())
        .subcommands(command.get_subcommands().cloned().map(|verb| verb.mut_args(hinted)))
        .mut_args(hinted)
}

/// Tells files from what cannot be completed, where shells would offer files.
fn hinted(argument: Arg) -> Arg {
    let named = |name: &str| {
        argument.get_value_names().is_some_and(|names| names.first().is_some_and(|first| *first == *name))
    };
    if !argument.get_action().takes_values() || !argument.get_possible_values().is_empty() {
        argument
    } else if named("DIR") {
        argument.value_hint(ValueHint::DirPath)
    } else if named("FILE") || argument.get_value_hint() != ValueHint::Unknown {
        argument.value_hint(ValueHint::FilePath)
    } else {
        argument.value_hint(ValueHint::Other)
    }
}
