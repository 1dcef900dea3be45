//! What tmux says of the terminal it is shown on, and the clipboard by way of its own command.
//!
//! With tmux's defaults the sequences that other programs write are dropped, silently; `load-buffer -w` reaches the
//! terminal with every setting since 3.2, and out of a popup. The code goes in by standard input, under a name of
//! our own, and the buffer is deleted in the same breath.

use std::process;

use zeroize::Zeroizing;

use crate::system::command::{RunError, run};

/// What the option `set-clipboard` is set to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SetClipboard {
    /// Programs' own sequences are dropped. The default.
    #[default]
    External,
    /// So are they.
    Off,
    /// Programs' own sequences pass, and stay in a buffer of tmux.
    On,
}

/// What tmux answers, at the moment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tmux {
    /// The process of the client that shows us; none if nobody looks.
    pub client: Option<u32>,
    /// `DISPLAY` of whoever attached last: the value, or that there is none. Nothing if tmux does not say.
    pub display: Option<Option<String>>,
    /// The terminal takes a clipboard, as far as tmux knows.
    pub reaches: bool,
    /// `SSH_CONNECTION` of whoever attached last: there or not. Nothing if tmux does not say.
    pub remote: Option<bool>,
    /// What `set-clipboard` is set to.
    pub set_clipboard: SetClipboard,
    /// `TERM` of the terminal that shows us.
    pub term: String,
    /// The terminal is itself a tmux.
    pub nested: bool,
}

/// Asks tmux. Nothing if it does not answer: its variable outlives it, and is inherited by other users and boxes.
pub(super) fn ask() -> Option<Tmux> {
    let format = "#{client_pid}|#{client_name}|#{client_termname}|#{client_termfeatures}|#{client_termtype}";
    let questions = [
        "display-message",
        "-p",
        format,
        ";",
        "show-options",
        "-sv",
        "set-clipboard",
        ";",
        "show-environment",
    ];
    let answer = run("tmux", &questions, b"", true).ok()?;
    let (mut tmux, client) = parse(&String::from_utf8_lossy(&answer))?;
    if tmux.client.is_some() && !tmux.reaches {
        // Not a feature that tmux was told of, but terminfo may know the sequence.
        let terminals = run("tmux", &["show-messages", "-T"], b"", true).ok();
        tmux.reaches = terminals.is_some_and(|text| knows_sequence(&String::from_utf8_lossy(&text), &client));
    }
    Some(tmux)
}

/// Puts text on the clipboard of the terminal.
pub(super) fn load(text: &str) -> Result<(), RunError> {
    let name = format!("twolock-{}", process::id());
    run(
        "tmux",
        &["load-buffer", "-w", "-b", &name, "-", ";", "delete-buffer", "-b", &name],
        text.as_bytes(),
        false,
    )
    .map(drop)
}

/// Deletes the buffers that tmux made by itself out of our sequence; returns whether there was one.
pub(super) fn forget(text: &str) -> Result<bool, RunError> {
    let names = run("tmux", &["list-buffers", "-F", "#{buffer_name}"], b"", true)?;
    let names = String::from_utf8_lossy(&names).into_owned();
    let mut found = false;
    // The newest come first; ours is one of them unless a person copied several times within a second.
    for name in names.lines().filter(|name| name.starts_with("buffer")).take(3) {
        let held = run("tmux", &["show-buffer", "-b", name], b"", true)?;
        if held.as_slice() == text.as_bytes() {
            run("tmux", &["delete-buffer", "-b", name], b"", false)?;
            found = true;
        }
    }
    Ok(found)
}

/// Reads the three answers; beside them the client's name.
fn parse(answer: &str) -> Option<(Tmux, String)> {
    let mut lines = answer.lines();
    let mut fields = lines.next()?.splitn(5, '|');
    let (pid, name, term) = (fields.next()?, fields.next()?, fields.next()?);
    let (features, kind) = (fields.next()?, fields.next()?);
    let set_clipboard = match lines.next()? {
        "off" => SetClipboard::Off,
        "on" => SetClipboard::On,
        _ => SetClipboard::External,
    };
    let mut tmux = Tmux {
        client: pid.parse().ok(),
        nested: kind.starts_with("tmux") || term.starts_with("tmux"),
        reaches: features.split(',').any(|feature| feature == "clipboard"),
        set_clipboard,
        term: term.to_owned(),
        ..Tmux::default()
    };
    for line in lines {
        match (line, line.split_once('=')) {
            (_, Some(("DISPLAY", value))) => tmux.display = Some(Some(value.to_owned())),
            (_, Some(("SSH_CONNECTION", _))) => tmux.remote = Some(true),
            ("-DISPLAY", _) => tmux.display = Some(None),
            ("-SSH_CONNECTION", _) => tmux.remote = Some(false),
            _ => {}
        }
    }
    Some((tmux, name.to_owned()))
}

/// Reads what tmux lists of its terminals: a heading for each, then its capabilities, one a line.
fn knows_sequence(terminals: &str, client: &str) -> bool {
    let mut ours = false;
    for line in terminals.lines() {
        if line.starts_with("Terminal ") {
            ours = line.contains(&format!(" for {client},"));
        } else if ours && let Some((_, value)) = line.split_once(": Ms: ") {
            return value != "[missing]";
        }
    }
    false
}

/// Returns the bytes for a tmux that does not know `load-buffer -w`.
pub(super) fn passed_through(text: &str) -> Zeroizing<Vec<u8>> {
    super::osc52::for_old_tmux(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read() {
        let answer = "31015|/dev/pts/0|xterm-kitty|bpaste,ccolour,clipboard,focus|kitty(0.26.5)\nexternal\n\
                      -DISPLAY\nSSH_CONNECTION=10.0.0.2 51234 10.0.0.9 22\n-XAUTHORITY\n";
        let (tmux, client) = parse(answer).expect("it is an answer");
        assert_eq!(client, "/dev/pts/0");
        assert_eq!(
            tmux,
            Tmux {
                client: Some(31015),
                display: Some(None),
                reaches: true,
                remote: Some(true),
                set_clipboard: SetClipboard::External,
                term: "xterm-kitty".to_owned(),
                nested: false,
            }
        );
    }

    #[test]
    fn a_tmux_inside_and_one_that_nobody_looks_at_are_seen() {
        let (tmux, _) =
            parse("7|/dev/pts/1|tmux-256color|clipboard|tmux 3.3a\non\nDISPLAY=:0\n").expect("an answer");
        assert!(tmux.nested && tmux.set_clipboard == SetClipboard::On);
        assert_eq!(tmux.display, Some(Some(":0".to_owned())));
        let (tmux, _) = parse("||||\nexternal\n").expect("an answer");
        assert_eq!(tmux, Tmux::default());
        assert_eq!(parse(""), None);
        assert_eq!(parse("no server running\n"), None);
    }

    #[test]
    fn only_our_own_terminal_counts() {
        let list = "Terminal 0: screen-256color for /dev/pts/1, flags=0x20:\n 192: Ms: [missing]\n\
                    Terminal 1: alacritty for /dev/pts/10, flags=0x20:\n 192: Ms: (string) \\033]52;%p1%s;%p2%s\\a\n";
        assert!(!knows_sequence(list, "/dev/pts/1"));
        assert!(knows_sequence(list, "/dev/pts/10"));
        assert!(!knows_sequence(list, "/dev/pts/2"));
    }
}
