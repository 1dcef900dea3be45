//! Which ways lead to a clipboard from here: a pure function of what was found out.
//!
//! Decided anew at each copy, since a session is left at the desktop and taken up again over SSH, and what the
//! process was told when it started is then wrong.

use super::tmux::{self, SetClipboard, Tmux};
use crate::system::environment::Environment;

/// A way to the clipboard.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Route {
    /// A command of the user's.
    Command,
    /// The desktop this program runs on.
    Native,
    /// A sequence to the terminal.
    Osc52,
    /// A sequence to the terminal, wrapped for GNU screen.
    Screen,
    /// The command of tmux.
    Tmux,
    /// A sequence to the terminal, wrapped for an old tmux.
    TmuxPassThrough,
    /// The command of Windows, from a Linux inside it.
    Windows,
}

/// Which way the user wants.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Via {
    /// Whatever leads there.
    #[default]
    Auto,
    /// The user's command.
    Command,
    /// The desktop only.
    Native,
    /// No clipboard at all.
    Off,
    /// A bare sequence to the terminal.
    Osc52,
    /// A sequence wrapped for GNU screen.
    Screen,
    /// The command of tmux.
    Tmux,
}

impl Via {
    /// Every way, by the name under which it is set.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("auto", Self::Auto),
        ("cmd", Self::Command),
        ("native", Self::Native),
        ("off", Self::Off),
        ("osc52", Self::Osc52),
        ("screen", Self::Screen),
        ("tmux", Self::Tmux),
    ];

    /// Reads a name in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim())).map(|(_, via)| via)
    }
}

/// What stands between this program and a clipboard, at the moment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any may hold with any other"
)]
pub struct Surroundings {
    /// A desktop that the clipboard library would find.
    pub desktop: bool,
    /// A terminal that has no clipboard: the Linux console, or one that only takes lines.
    pub mute: bool,
    /// The connection is mosh.
    pub mosh: bool,
    /// Whoever looks is on another computer.
    pub remote: bool,
    /// Inside GNU screen.
    pub screen: bool,
    /// What tmux says.
    pub tmux: Option<Tmux>,
    /// A tmux is in the way that cannot be asked: on another computer, or of another user.
    pub tmux_out_of_reach: bool,
    /// A Linux inside Windows.
    pub wsl: bool,
}

impl Surroundings {
    /// Finds them out.
    pub fn look(environment: &Environment) -> Self {
        let tmux = if environment.tmux { tmux::ask() } else { None };
        let client = tmux.as_ref().and_then(|tmux| tmux.client);
        let start = if tmux.is_some() { client } else { Some(std::process::id()) };
        let mosh = start.is_some_and(is_below_mosh);
        Self::weigh(environment, tmux, mosh)
    }

    fn weigh(environment: &Environment, tmux: Option<Tmux>, mosh: bool) -> Self {
        let told_remote = tmux.as_ref().and_then(|tmux| tmux.remote);
        // The library reads our own variables: if whoever attached has another screen, it would find the wrong one.
        let same_display = match tmux.as_ref().and_then(|tmux| tmux.display.as_ref()) {
            Some(display) => *display == environment.display,
            None => true,
        };
        let x11 = environment.display.is_some() && same_display;
        // tmux does not tell who has a Wayland screen; one that was left behind has lost its X11 screen too.
        let wayland = environment.wayland.is_some() && (same_display || told_remote == Some(false));
        let is_in_tmux = environment.term.starts_with("tmux") || environment.tmux;
        Self {
            desktop: cfg!(any(target_os = "macos", windows)) || x11 || wayland,
            mute: matches!(environment.term.as_str(), "" | "dumb" | "linux") && !environment.zellij,
            mosh,
            remote: told_remote.unwrap_or(environment.ssh.is_some()) || mosh,
            screen: environment.screen && !environment.zellij,
            tmux_out_of_reach: is_in_tmux && tmux.is_none() && !environment.zellij,
            tmux,
            wsl: environment.wsl,
        }
    }
}

/// Returns the ways to try, the surest first; none if there is no clipboard.
pub fn plan(via: Via, surroundings: &Surroundings) -> Vec<Route> {
    match via {
        Via::Auto => {}
        Via::Command => return vec![Route::Command],
        Via::Native => return vec![Route::Native],
        Via::Off => return Vec::new(),
        Via::Osc52 => return vec![Route::Osc52],
        Via::Screen => return vec![Route::Screen],
        Via::Tmux => return vec![Route::Tmux],
    }
    let mut routes = Vec::new();
    if !surroundings.remote && surroundings.desktop {
        routes.push(Route::Native);
    }
    if !surroundings.remote && surroundings.wsl {
        routes.push(Route::Windows);
    }
    if surroundings.tmux.is_some() {
        routes.extend([Route::Tmux, Route::TmuxPassThrough]);
    } else if surroundings.screen {
        routes.push(Route::Screen);
    } else if !surroundings.mute {
        routes.push(Route::Osc52);
    }
    routes
}

/// Returns whether tmux lets our own sequence pass too. It carries the name of the clipboard, which tmux's own
/// sequence does not, and xterm and mosh need that.
pub(super) fn sequence_passes(surroundings: &Surroundings) -> bool {
    surroundings.tmux.as_ref().is_some_and(|tmux| tmux.set_clipboard == SetClipboard::On)
}

#[cfg(target_os = "linux")]
fn is_below_mosh(mut process: u32) -> bool {
    // Shells, su and the like stand between; a chain without end cannot be, but is cheap to rule out.
    for _ in 0..16 {
        let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/stat")) else {
            return false;
        };
        // The name stands in brackets and may hold brackets; the state and the parent follow the last one.
        let Some((name, rest)) = status.rsplit_once(')') else {
            return false;
        };
        if name.ends_with("(mosh-server") {
            return true;
        }
        match rest.split_whitespace().nth(1).and_then(|parent| parent.parse().ok()) {
            Some(parent) if parent > 1 => process = parent,
            _ => return false,
        }
    }
    false
}

#[cfg(not(target_os = "linux"))]
fn is_below_mosh(_: u32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::environment::Ssh;

    fn desktop() -> Environment {
        Environment {
            display: Some(":0".to_owned()),
            term: "xterm-256color".to_owned(),
            ..Environment::default()
        }
    }

    fn over_ssh() -> Environment {
        Environment { ssh: Some(Ssh::default()), term: "xterm-256color".to_owned(), ..Environment::default() }
    }

    fn in_tmux(environment: Environment) -> Environment {
        Environment { term: "tmux-256color".to_owned(), tmux: true, ..environment }
    }

    fn tmux() -> Tmux {
        Tmux { client: Some(7), reaches: true, term: "xterm-256color".to_owned(), ..Tmux::default() }
    }

    #[track_caller]
    fn check(environment: &Environment, tmux: Option<Tmux>, routes: &[Route]) {
        assert_eq!(plan(Via::Auto, &Surroundings::weigh(environment, tmux, false)), routes);
    }

    #[test]
    fn a_desktop_goes_before_its_terminal_and_ssh_before_a_forwarded_screen() {
        check(&desktop(), None, &[Route::Native, Route::Osc52]);
        check(&over_ssh(), None, &[Route::Osc52]);
        check(
            &Environment { display: Some("localhost:10.0".to_owned()), ..over_ssh() },
            None,
            &[Route::Osc52],
        );
        let wayland = Environment { display: None, wayland: Some("wayland-0".to_owned()), ..desktop() };
        check(&wayland, None, &[Route::Native, Route::Osc52]);
        check(&Environment { wsl: true, display: None, ..desktop() }, None, &[Route::Windows, Route::Osc52]);
    }

    #[test]
    fn tmux_is_asked_and_not_written_to() {
        check(&in_tmux(over_ssh()), Some(tmux()), &[Route::Tmux, Route::TmuxPassThrough]);
        check(&in_tmux(over_ssh()), None, &[Route::Osc52]);
        let surroundings = Surroundings::weigh(&in_tmux(over_ssh()), None, false);
        assert!(surroundings.tmux_out_of_reach);
    }

    #[test]
    fn a_session_begun_at_the_desktop_and_taken_up_over_ssh_is_remote() {
        let taken_up = Tmux { remote: Some(true), display: Some(None), ..tmux() };
        check(&in_tmux(desktop()), Some(taken_up), &[Route::Tmux, Route::TmuxPassThrough]);
        let elsewhere = Tmux { remote: Some(false), display: Some(Some(":1".to_owned())), ..tmux() };
        check(&in_tmux(desktop()), Some(elsewhere), &[Route::Tmux, Route::TmuxPassThrough]);
    }

    #[test]
    fn a_session_begun_over_ssh_and_taken_up_at_the_desktop_is_not() {
        let here = Tmux { remote: Some(false), display: Some(Some(":0".to_owned())), ..tmux() };
        let environment = in_tmux(Environment { display: Some(":0".to_owned()), ..over_ssh() });
        check(&environment, Some(here), &[Route::Native, Route::Tmux, Route::TmuxPassThrough]);
    }

    #[test]
    fn screen_wraps_and_zellij_does_not() {
        let screen = Environment { screen: true, term: "screen".to_owned(), ..over_ssh() };
        check(&screen, None, &[Route::Screen]);
        check(&Environment { zellij: true, ..screen }, None, &[Route::Osc52]);
        check(&Environment { zellij: true, ..in_tmux(over_ssh()) }, None, &[Route::Osc52]);
    }

    #[test]
    fn a_console_has_no_clipboard() {
        for term in ["linux", "dumb", ""] {
            check(&Environment { term: term.to_owned(), ..Environment::default() }, None, &[]);
        }
    }

    #[test]
    fn mosh_is_remote_whatever_else_is_said() {
        let surroundings = Surroundings::weigh(&desktop(), None, true);
        assert_eq!(plan(Via::Auto, &surroundings), [Route::Osc52]);
    }

    #[test]
    fn what_the_user_wants_is_done_and_nothing_else() {
        let surroundings = Surroundings::weigh(&desktop(), Some(tmux()), false);
        let wanted = |name| plan(Via::from_name(name).expect("a name"), &surroundings);
        assert_eq!(wanted("Tmux"), [Route::Tmux]);
        assert_eq!(wanted("native"), [Route::Native]);
        assert_eq!(wanted("cmd"), [Route::Command]);
        assert_eq!(wanted("off"), []);
        assert_eq!(Via::from_name("pigeon"), None);
    }

    #[test]
    fn this_process_is_not_below_mosh_or_is() {
        assert!(!is_below_mosh(u32::MAX));
        assert!(!is_below_mosh(1));
    }
}
