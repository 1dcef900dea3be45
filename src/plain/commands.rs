//! The words that are commands, and what is done with a line.

use super::Plain;
use super::talk::{Heard, Stop};

/// What a command does; the text is what follows its name.
type Run = fn(&mut Plain, &str) -> Heard<()>;

/// A word that is no search.
struct Command {
    names: &'static [&'static str],
    help: &'static str,
    run: Run,
}

/// Every command, as help lists them.
const COMMANDS: &[Command] = &[
    Command { names: &["list", "l"], help: "accounts, also: list WORDS", run: Plain::list },
    Command { names: &["more", "m"], help: "the rest of a long list", run: |plain, _| plain.more() },
    Command { names: &["find", "f"], help: "find WORDS, also words that are commands", run: Plain::search },
    Command { names: &["next", "n"], help: "the next code, copied", run: |plain, _| plain.next() },
    Command { names: &["copy", "c"], help: "copy the code again", run: |plain, _| plain.say_code(true) },
    Command {
        names: &["show", "s"],
        help: "everything about the account but its secret",
        run: |plain, _| plain.show(),
    },
    Command { names: &["add", "a"], help: "add an account", run: |plain, _| plain.add() },
    Command {
        names: &["edit", "e"],
        help: "change name, group, note or settings",
        run: |plain, _| plain.edit(),
    },
    Command { names: &["delete", "d"], help: "delete; undo brings it back", run: |plain, _| plain.delete() },
    Command { names: &["undo", "u"], help: "undo the last change", run: |plain, _| plain.undo() },
    Command {
        names: &["deleted"],
        help: "what was deleted, to bring it back",
        run: |plain, _| plain.deleted(),
    },
    Command { names: &["group", "g"], help: "put it in a group", run: |plain, _| plain.group() },
    Command { names: &["pin", "p"], help: "list it first, or not", run: |plain, _| plain.pin() },
    Command { names: &["check"], help: "compare two codes of another device", run: |plain, _| plain.check() },
    Command { names: &["test", "t"], help: "test MFA: rehearse a sign-in", run: |plain, _| plain.test() },
    Command {
        names: &["secret", "v"],
        help: "the secret key, or a QR code as text",
        run: |plain, _| plain.secret(),
    },
    Command {
        names: &["backups", "backup"],
        help: "earlier states, to bring one back, and a copy for another disk",
        run: |plain, _| plain.backups(),
    },
    Command { names: &["import"], help: "import FILE of another app", run: Plain::import },
    Command { names: &["export"], help: "export to a FILE", run: Plain::export },
    Command { names: &["spell"], help: "spell on: codes digit by digit; spell off", run: Plain::spelling },
    Command { names: &["lock"], help: "lock the vault", run: |_, _| Err(Stop::Lock) },
    Command { names: &["help", "?", "h"], help: "this list", run: |plain, _| plain.help() },
    Command { names: &["quit", "q", "exit"], help: "end", run: |plain, _| plain.quit() },
];

impl Plain {
    /// Does what a line asks for: nothing but Enter, a command, or a search.
    pub(super) fn answer(&mut self, line: &str) -> Heard<()> {
        if line.is_empty() {
            return if self.current().is_some() { self.say_code(false) } else { self.list("") };
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let command =
            COMMANDS.iter().find(|command| command.names.contains(&word.to_ascii_lowercase().as_str()));
        match command {
            // A name may begin with a word that is a command: only those that take something have more after them.
            Some(command) if rest.is_empty() || takes_more(command) => (command.run)(self, rest.trim()),
            _ => self.search(line),
        }
    }

    fn spelling(&mut self, rest: &str) -> Heard<()> {
        match rest {
            "on" => self.spell = true,
            "off" => self.spell = false,
            "" => self.spell = !self.spell,
            _ => return self.say("Type spell on or spell off."),
        }
        self.say(if self.spell {
            "Spelled: codes are said digit by digit."
        } else {
            "Not spelled: codes are said in groups."
        })
    }

    fn help(&mut self) -> Heard<()> {
        self.say("A number or part of a name: the code of that account, copied.")?;
        self.say("Enter alone: the code again, with the time left.")?;
        for command in COMMANDS {
            self.say(format_args!("{}: {}.", command.names.join(" or "), command.help))?;
        }
        self.say("cancel: leaves any question. Ctrl-d: ends.")
    }
}

fn takes_more(command: &Command) -> bool {
    ["export", "find", "import", "list", "spell"].contains(&command.names[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_means_two_commands_and_none_is_a_number() {
        let names: Vec<&str> = COMMANDS.iter().flat_map(|command| command.names).copied().collect();
        for (at, name) in names.iter().enumerate() {
            assert!(!names[..at].contains(name), "{name}");
            assert!(name.parse::<usize>().is_err());
        }
    }
}
