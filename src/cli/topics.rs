//! What `twolock help` knows besides the verbs: short texts on what is asked most.

use crate::failure::Exit;

/// A text with its name.
pub(super) struct Topic {
    /// As it is asked for.
    pub(super) name: &'static str,
    /// In a line.
    pub(super) about: &'static str,
    text: &'static str,
}

/// Every topic, by name.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "clipboard",
        about: "how a code gets to where you paste it",
        text: "\
`twolock copy NAME`, and Enter in the list, take the best way there is: the desktop's own clipboard, tmux,
or a sequence to the terminal (OSC 52), which also works over SSH. It says \"copied\" only of what was read
back; what a terminal was sent is \"sent\", since a terminal never tells whether it took it.

  twolock doctor                      what was found, and what is in the way
  twolock copy github --via tmux      one way, for once
  TWOLOCK_CLIPBOARD=osc52 twolock     one way, for a session
  twolock code github | wl-copy       your own command

A local clipboard that still holds the code is cleared after 30 seconds (`copy.clear_after`), also when the
program has ended by then; `copy.hold_after_quit: false` takes it away at the end, and locking always does.
Programs that read your clipboard see the code as long as it is there.
",
    },
    Topic {
        name: "config",
        about: "the settings and where they are",
        text: "\
The settings are in ~/.config/twolock/config.ron, or where --config FILE or TWOLOCK_CONFIG says. The screen
of settings changes them; a file that is not understood is told of, and the defaults are used.

A flag goes before a variable, a variable before the file:

  --vault DIR              TWOLOCK_VAULT             the directory of the vault
  --config FILE            TWOLOCK_CONFIG            the file of settings
  --passphrase-file FILE   TWOLOCK_PASSPHRASE_FILE   the passphrase, in the first line of a file
  --passphrase-fd N        TWOLOCK_PASSPHRASE_FD     the passphrase, from a descriptor
                           TWOLOCK_CLIPBOARD         the way to the clipboard
  --color WHEN             NO_COLOR                  colours

There is no variable for the passphrase itself: other programs can read the environment.
",
    },
    Topic { name: "exit-codes", about: "what the exit status means", text: "" },
    Topic {
        name: "privacy",
        about: "what is kept, where, and what is never done",
        text: "\
Nothing is sent anywhere: the program opens no network connection. It keeps

  ~/.local/share/twolock/       the vault: two sealed files, and earlier states of them
  ~/.local/state/twolock/       which states of a vault were seen, which steps of codes were used: numbers
  ~/.config/twolock/            the settings

Names, notes and secrets are in the sealed files alone. No secret, passphrase or code stands in an argument,
in the environment, in an error or in a log. Whoever has the passphrase and the files has the accounts.
",
    },
    Topic {
        name: "qr",
        about: "QR codes, in and out",
        text: "\
  twolock add --from screenshot.png          read one from a picture
  twolock qr github                          show one on the terminal
  twolock qr github --png github.png         write a picture, for you alone
  twolock qr --google                        several accounts in one, for Google Authenticator
  twolock new bob                            a new secret for somebody's phone

A code on the terminal is drawn black on white, whatever the theme; in a light terminal without colours use
--invert. If a phone does not take it, make the letters smaller or use --png. Whoever sees or photographs a
code has the secret.
",
    },
    Topic {
        name: "ssh",
        about: "using it on another computer",
        text: "\
  ssh -t web-01 twolock              the list needs a terminal, which -t gives
  ssh web-01 twolock code aws        a verb needs none; the passphrase comes from a file or descriptor
  ssh web-01 twolock code aws --passphrase-fd 0 < passphrase

Copying goes through the terminal to the clipboard of the computer you sit at, if the terminal allows it:
`twolock help clipboard`. A picture with a QR code is read where the program runs: copy it there first.
",
    },
    Topic {
        name: "tmux",
        about: "popups and the clipboard in tmux",
        text: "\
In ~/.tmux.conf:

  bind-key C-t display-popup -E twolock      the list in a popup, on prefix Ctrl-T
  set -s set-clipboard on                    lets codes through to the terminal's clipboard

Inside tmux a code is given to tmux (load-buffer -w), which hands it on to the terminal. `twolock doctor`
shows the version and the settings that count.
",
    },
];

/// Returns the text of a topic; nothing if there is none of that name.
pub(super) fn text(name: &str) -> Option<String> {
    let topic = TOPICS.iter().find(|topic| topic.name == name)?;
    let mut text = format!("{}: {}\n\n", topic.name, topic.about);
    if topic.name == "exit-codes" {
        for exit in Exit::ALL {
            text.push_str(&format!("  {:>3}  {}\n", exit.status(), exit.meaning()));
        }
        text.push_str(
            "\nThey are never renumbered. With --json an error is a document on standard error, with the name of\n\
             the status: {\"v\":1,\"error\":{\"code\":\"not_found\",\"exit\":3,…}}\n",
        );
    } else {
        text.push_str(topic.text);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_in_order_and_each_has_a_text_that_fits() {
        assert!(TOPICS.is_sorted_by_key(|topic| topic.name));
        for topic in TOPICS {
            let text = text(topic.name).unwrap();
            assert!(text.lines().count() > 3, "{}", topic.name);
            assert!(text.lines().all(|line| line.chars().count() <= 108), "{}", topic.name);
        }
        assert_eq!(text("nothing"), None);
    }
}
