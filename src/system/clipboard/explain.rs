//! Why a copy did not arrive: the way that it takes, what is known of the terminal at its end, and the one line that
//! would help. Pure: it is told what was found out.

use super::route::{Route, Surroundings, Via, plan};
use super::sent::doubt;
use crate::display::visible;
use crate::system::environment::Environment;

/// What is known of a way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explanation {
    /// The stations, from this program to the terminal: `twolock`, `tmux`, `ssh`, `xterm`.
    pub stations: Vec<String>,
    /// How good the way is, in a sentence.
    pub says: String,
    /// Where to put the lines, in a sentence that ends in a colon; empty if there are none.
    pub place: String,
    /// The lines that would help, as they are typed.
    pub lines: Vec<String>,
    /// A test has shown that what goes this way arrives.
    pub proven: bool,
    /// Names this way, to remember what a test has shown.
    pub key: String,
}

/// What is known of a terminal by the name that it goes by in `TERM`.
struct Known {
    /// What `TERM` begins with.
    term: &'static str,
    says: &'static str,
    place: &'static str,
    lines: &'static [&'static str],
}

/// The terminals of which something is known. What `TERM` begins with may be shared: the longest comes first.
const KNOWN: &[Known] = &[
    Known { term: "xterm-kitty", says: "kitty takes copies.", place: "", lines: &[] },
    Known {
        term: "xterm-ghostty",
        says: "Ghostty takes copies unless it was told not to.",
        place: "",
        lines: &[],
    },
    Known {
        term: "alacritty",
        says: "Alacritty takes copies while its window is in front.",
        place: "",
        lines: &[],
    },
    Known { term: "foot", says: "foot takes copies.", place: "", lines: &[] },
    Known { term: "wezterm", says: "WezTerm takes copies.", place: "", lines: &[] },
    Known { term: "konsole", says: "Konsole takes copies from version 24.12 on.", place: "", lines: &[] },
    Known {
        term: "vte",
        says: "Terminals of GNOME and XFCE (VTE) drop copies, and no setting changes that.",
        place: "",
        lines: &[],
    },
    Known {
        term: "mintty",
        says: "mintty drops copies unless you allow them.",
        place: "In ~/.minttyrc on your own computer:",
        lines: &["AllowSetSelection=yes"],
    },
    Known { term: "putty", says: "PuTTY is not known to take copies.", place: "", lines: &[] },
    Known { term: "linux", says: "The Linux console has no clipboard.", place: "", lines: &[] },
    Known {
        term: "xterm",
        says: "Many terminals call themselves so. xterm itself drops copies unless you allow them; iTerm2 asks in its \
               settings; terminals of GNOME and Terminal.app drop them.",
        place: "For xterm, in ~/.Xresources on your own computer:",
        lines: &["XTerm*disallowedWindowOps: 20,21,SetXprop", "XTerm*selectToClipboard: true"],
    },
];

/// Explains the way that a copy takes at this moment.
pub(super) fn explain(via: Via, surroundings: &Surroundings, environment: &Environment) -> Explanation {
    let route = plan(via, surroundings).first().copied();
    let term = match &surroundings.tmux {
        Some(tmux) if !tmux.term.is_empty() => tmux.term.clone(),
        _ => environment.term.clone(),
    };
    let mut stations = vec!["twolock".to_owned()];
    match route {
        None => {}
        Some(Route::Native) => stations.push("the desktop".to_owned()),
        Some(Route::Command) => stations.push("your command".to_owned()),
        Some(Route::Windows) => stations.push("Windows".to_owned()),
        Some(Route::Osc52 | Route::Screen | Route::Tmux | Route::TmuxPassThrough) => {
            let nested = surroundings.tmux.as_ref().is_some_and(|tmux| tmux.nested);
            for (is, name) in [
                (surroundings.tmux.is_some() || surroundings.tmux_out_of_reach, "tmux"),
                (nested, "another tmux"),
                (surroundings.screen, "screen"),
                (environment.zellij, "Zellij"),
                (surroundings.mosh, "mosh"),
                (surroundings.remote && !surroundings.mosh, "ssh"),
            ] {
                if is {
                    stations.push(name.to_owned());
                }
            }
            stations.push(if term.is_empty() { "a terminal".to_owned() } else { visible(&term).into() });
        }
    }
    let (says, place, lines) = advice(via, route, surroundings, &term);
    let key = stations.join(" > ");
    Explanation { stations, says, place, lines, proven: route == Some(Route::Native), key }
}

type Advice = (String, String, Vec<String>);

fn advice(via: Via, route: Option<Route>, surroundings: &Surroundings, term: &str) -> Advice {
    let only = |says: &str| (says.to_owned(), String::new(), Vec::new());
    let Some(route) = route else {
        return only(match via {
            Via::Off => "Copying is switched off in the settings.",
            _ => "There is no clipboard here: codes are read and typed.",
        });
    };
    match route {
        Route::Native => return only("The desktop's clipboard is read back after each copy."),
        Route::Command => return only("Your command took it; whether it arrived only the command knows."),
        Route::Windows => return only("clip.exe took it."),
        Route::Osc52 | Route::Screen | Route::Tmux | Route::TmuxPassThrough => {}
    }
    if let Some(doubt) = doubt(route, surroundings) {
        let lines = doubt.line().into_iter().collect::<Vec<_>>();
        let place = if lines.is_empty() { String::new() } else { doubt.place().to_owned() };
        return (doubt.says(), place, lines);
    }
    match KNOWN.iter().find(|known| term.starts_with(known.term)) {
        Some(known) => (
            known.says.to_owned(),
            known.place.to_owned(),
            known.lines.iter().map(|line| (*line).to_owned()).collect(),
        ),
        None => only("Nothing is known of this terminal. A test shows whether copies arrive."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tmux::{SetClipboard, Tmux};
    use super::*;

    fn environment(term: &str) -> Environment {
        Environment { term: term.to_owned(), ..Environment::default() }
    }

    #[track_caller]
    fn check(surroundings: &Surroundings, term: &str, way: &str, says: &str, lines: &[&str]) {
        let found = explain(Via::Auto, surroundings, &environment(term));
        assert_eq!(found.key, way);
        assert!(found.says.starts_with(says), "{}", found.says);
        assert_eq!(found.lines, lines);
        assert_eq!(found.place.is_empty(), lines.is_empty());
    }

    #[test]
    fn each_way_is_explained_with_the_line_that_helps() {
        let remote = Surroundings { remote: true, ..Surroundings::default() };
        let xresources = ["XTerm*disallowedWindowOps: 20,21,SetXprop", "XTerm*selectToClipboard: true"];
        check(&remote, "xterm-256color", "twolock > ssh > xterm-256color", "Many terminals", &xresources);
        check(&remote, "xterm-kitty", "twolock > ssh > xterm-kitty", "kitty takes", &[]);
        let console = Surroundings { mute: true, ..Surroundings::default() };
        check(&console, "linux", "twolock", "There is no clipboard here", &[]);
        let screen = Surroundings { screen: true, mosh: true, remote: true, ..Surroundings::default() };
        check(&screen, "screen", "twolock > screen > mosh > screen", "Nothing is known", &[]);
        let desktop = Surroundings { desktop: true, ..Surroundings::default() };
        check(&desktop, "xterm", "twolock > the desktop", "The desktop's", &[]);
    }

    #[test]
    fn tmux_is_told_what_to_pass_on() {
        let tmux = Tmux { client: Some(7), reaches: true, term: "foot".to_owned(), ..Tmux::default() };
        let with = |tmux: Tmux, mosh| Surroundings {
            tmux: Some(tmux),
            mosh,
            remote: mosh,
            ..Surroundings::default()
        };
        check(
            &with(tmux.clone(), false),
            "tmux-256color",
            "twolock > tmux > foot",
            "foot takes copies.",
            &[],
        );
        let nested = Tmux { nested: true, term: "tmux-256color".to_owned(), ..tmux.clone() };
        check(
            &with(nested, false),
            "tmux-256color",
            "twolock > tmux > another tmux > tmux-256color",
            "You are in a tmux inside a tmux",
            &["set -s set-clipboard on"],
        );
        check(
            &with(Tmux { set_clipboard: SetClipboard::External, ..tmux.clone() }, true),
            "tmux-256color",
            "twolock > tmux > mosh > foot",
            "mosh drops",
            &["set -s set-clipboard on"],
        );
        let konsole = Tmux { reaches: false, term: "konsole-256color".to_owned(), ..tmux };
        check(
            &with(konsole, false),
            "tmux-256color",
            "twolock > tmux > konsole-256color",
            "tmux believes",
            &["set -as terminal-features ',konsole-256color:clipboard'"],
        );
    }

    #[test]
    fn what_is_longer_comes_first() {
        for (at, known) in KNOWN.iter().enumerate() {
            let hidden = KNOWN[..at].iter().any(|before| known.term.starts_with(before.term));
            assert!(!hidden, "{}", known.term);
        }
    }
}
