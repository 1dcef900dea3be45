//! What the environment says, read once.
//!
//! The only place that looks at environment variables. The value of a passphrase variable is never taken: whoever
//! can list processes can read it, so that it was given at all is an error.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variable that names a program to ask for the passphrase.
pub(super) const ASKPASS: &str = "TWOLOCK_ASKPASS";

/// How many colours the terminal is said to have.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Colours {
    /// The sixteen of the user's own theme.
    #[default]
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// None wanted, or none there.
    Off,
    /// All of them.
    TrueColour,
}

/// The two ends of an SSH connection, as the server sees them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ssh {
    /// The address of this computer that the user came to, if it is told.
    pub address: Option<String>,
    /// The port there.
    pub port: Option<u16>,
}

/// What the environment says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and any may hold with any other"
)]
pub struct Environment {
    /// `AGEDEBUG`: age would show what it says to plugins, keys too.
    pub age_debug: bool,
    /// `TWOLOCK_ASKPASS`: a program that asks for the passphrase, as that of ssh does.
    pub askpass: Option<PathBuf>,
    /// `TWOLOCK_CLIPBOARD`: which way to the clipboard.
    pub clipboard: Option<String>,
    /// `NO_COLOR`, `CLICOLOR`, `COLORTERM` and `TERM` together.
    pub colours: Colours,
    /// `CLICOLOR_FORCE`: colours even into a pipe.
    pub colours_forced: bool,
    /// `TWOLOCK_CONFIG`: the settings.
    pub config: Option<PathBuf>,
    /// `CREDENTIALS_DIRECTORY`: what systemd hands to a service.
    pub credentials: Option<PathBuf>,
    /// `DISPLAY`: an X11 screen.
    pub display: Option<String>,
    /// `COLORFGBG`: whether the background is dark, where a terminal says so.
    pub dark: Option<bool>,
    /// `VISUAL`, else `EDITOR`: what the user edits files with.
    pub editor: Option<String>,
    /// The name of this computer.
    pub hostname: String,
    /// `TWOLOCK_IDENTITY`: a file with age identities that open the vault.
    pub identity: Option<PathBuf>,
    /// `TWOLOCK_PASSPHRASE_FD`: where the passphrase can be read.
    pub passphrase_fd: Option<String>,
    /// `TWOLOCK_PASSPHRASE_FILE`: where the passphrase can be read.
    pub passphrase_file: Option<PathBuf>,
    /// `TWOLOCK_PASSPHRASE` is set, which is refused.
    pub passphrase_in_environment: bool,
    /// `TWOLOCK_PLAIN` or `ACCESSIBLE`: lines instead of screens.
    pub plain: bool,
    /// `XDG_RUNTIME_DIR`: where sockets of this session belong.
    pub runtime: Option<PathBuf>,
    /// `STY`: inside GNU screen.
    pub screen: bool,
    /// `SSH_CONNECTION`, `SSH_CLIENT` or `SSH_TTY`: somebody is here over the network.
    pub ssh: Option<Ssh>,
    /// `SUDO_UID`: root, on behalf of somebody else.
    pub sudo: bool,
    /// `TERM`.
    pub term: String,
    /// `TMUX`: perhaps inside tmux; the variable outlives it, so ask tmux.
    pub tmux: bool,
    /// The name of the user.
    pub user: String,
    /// The locale writes UTF-8.
    pub utf8: bool,
    /// `TWOLOCK_VAULT`: the vault's directory.
    pub vault: Option<PathBuf>,
    /// `WAYLAND_DISPLAY`: a Wayland screen.
    pub wayland: Option<String>,
    /// A Linux inside Windows.
    pub wsl: bool,
    /// `ZELLIJ`: inside Zellij.
    pub zellij: bool,
}

impl Environment {
    /// Reads the environment of this process.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Self {
        let system = rustix::system::uname();
        let hostname = system.nodename().to_string_lossy();
        let release = system.release().to_string_lossy();
        Self::from_variables(|name| std::env::var_os(name), &hostname, &release)
    }

    /// Makes it of variables, a host name and the kernel's release.
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>, hostname: &str, kernel: &str) -> Self {
        let raw = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| raw(name).map(|value| value.to_string_lossy().into_owned());
        let path = |name: &str| raw(name).map(PathBuf::from);
        let is_on =
            |name: &str| text(name).is_some_and(|value| !matches!(value.as_str(), "0" | "false" | "no"));
        let kernel = kernel.to_ascii_lowercase();
        let term = text("TERM").unwrap_or_default();
        Self {
            age_debug: raw("AGEDEBUG").is_some(),
            askpass: path(ASKPASS),
            clipboard: text("TWOLOCK_CLIPBOARD"),
            colours: colours(&text, &term),
            colours_forced: is_on("CLICOLOR_FORCE"),
            config: path("TWOLOCK_CONFIG"),
            credentials: path("CREDENTIALS_DIRECTORY"),
            display: text("DISPLAY"),
            dark: text("COLORFGBG").and_then(|colours| is_dark(&colours)),
            editor: text("VISUAL").or_else(|| text("EDITOR")),
            hostname: hostname.split('.').next().unwrap_or_default().to_owned(),
            identity: path("TWOLOCK_IDENTITY"),
            passphrase_fd: text("TWOLOCK_PASSPHRASE_FD"),
            passphrase_file: path("TWOLOCK_PASSPHRASE_FILE"),
            passphrase_in_environment: variable("TWOLOCK_PASSPHRASE").is_some(),
            plain: is_on("TWOLOCK_PLAIN") || is_on("ACCESSIBLE"),
            runtime: path("XDG_RUNTIME_DIR"),
            screen: raw("STY").is_some(),
            ssh: ssh(&text),
            sudo: text("SUDO_UID").is_some_and(|user| user != "0"),
            term,
            tmux: raw("TMUX").is_some(),
            user: text("USER").or_else(|| text("LOGNAME")).unwrap_or_default(),
            utf8: is_utf8(&text),
            vault: path("TWOLOCK_VAULT"),
            wayland: text("WAYLAND_DISPLAY"),
            wsl: kernel.contains("microsoft") || kernel.contains("wsl"),
            zellij: raw("ZELLIJ").is_some(),
        }
    }

    /// Returns how the user's own computer reaches this one, `user@address`, if the session came over SSH.
    pub fn reached_as(&self) -> Option<String> {
        let address = self.ssh.as_ref()?.address.as_deref()?;
        // An IPv6 address would be taken for a host and a path.
        let address = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        Some(if self.user.is_empty() { address } else { format!("{}@{address}", self.user) })
    }

    /// Returns whether the terminal cannot move its cursor, so that only lines can be written.
    pub fn is_dumb(&self) -> bool {
        self.term.is_empty() || self.term == "dumb"
    }
}

fn colours(text: &impl Fn(&str) -> Option<String>, term: &str) -> Colours {
    let is_off = text("NO_COLOR").is_some() || text("CLICOLOR").as_deref() == Some("0");
    if is_off || matches!(term, "" | "dumb") {
        return Colours::Off;
    }
    match text("COLORTERM").as_deref() {
        Some("24bit" | "truecolor") => Colours::TrueColour,
        _ if term.contains("256color") => Colours::Ansi256,
        _ => Colours::Ansi16,
    }
}

/// Reads `15;0`, or `15;default;0`: the last is the background, one of the sixteen.
fn is_dark(colours: &str) -> Option<bool> {
    match colours.rsplit(';').next()?.parse().ok()? {
        0_u8..=6 | 8 => Some(true),
        7 | 9..=15 => Some(false),
        _ => None,
    }
}

/// The first of the three that is set decides, as in setlocale(3).
fn is_utf8(text: &impl Fn(&str) -> Option<String>) -> bool {
    match ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(text) {
        Some(locale) => {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        // Terminal.app says nothing and means UTF-8.
        None => cfg!(target_os = "macos"),
    }
}

/// Reads `SSH_CONNECTION`: address and port of the client, address and port of the server.
fn ssh(text: &impl Fn(&str) -> Option<String>) -> Option<Ssh> {
    if let Some(connection) = text("SSH_CONNECTION") {
        let mut ends = connection.split_whitespace().skip(2);
        return Some(Ssh {
            address: ends.next().map(ToOwned::to_owned),
            port: ends.next().and_then(|port| port.parse().ok()),
        });
    }
    (text("SSH_CLIENT").is_some() || text("SSH_TTY").is_some()).then(Ssh::default)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Environment {
        Environment::from_variables(
            |name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)),
            "web-01.example.org",
            "6.1.0-18-amd64",
        )
    }

    #[test]
    fn an_empty_environment_claims_nothing() {
        let environment = from(&[]);
        assert_eq!(environment.hostname, "web-01");
        assert_eq!(environment.colours, Colours::Off);
        assert!(environment.is_dumb() && environment.ssh.is_none() && !environment.passphrase_in_environment);
    }

    #[test]
    fn colours_follow_the_customs() {
        let check = |variables: &[(&str, &str)], colours| assert_eq!(from(variables).colours, colours);
        check(&[("TERM", "xterm")], Colours::Ansi16);
        check(&[("TERM", "xterm-256color")], Colours::Ansi256);
        check(&[("TERM", "xterm"), ("COLORTERM", "truecolor")], Colours::TrueColour);
        check(&[("TERM", "xterm"), ("NO_COLOR", "")], Colours::Ansi16);
        check(&[("TERM", "xterm"), ("COLORTERM", "24bit"), ("NO_COLOR", "1")], Colours::Off);
        check(&[("TERM", "xterm"), ("CLICOLOR", "0")], Colours::Off);
        check(&[("TERM", "dumb"), ("COLORTERM", "24bit")], Colours::Off);
    }

    #[test]
    fn some_terminals_say_what_their_background_is() {
        let dark = |value| from(&[("COLORFGBG", value)]).dark;
        assert_eq!((dark("15;0"), dark("0;default;15")), (Some(true), Some(false)));
        assert_eq!((dark("12;default"), dark(""), dark("0;99")), (None, None, None));
    }

    #[test]
    fn the_first_locale_variable_decides() {
        assert!(from(&[("LANG", "de_DE.UTF-8")]).utf8);
        assert!(from(&[("LC_CTYPE", "C.utf8")]).utf8);
        assert!(!from(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]).utf8);
    }

    #[test]
    fn the_third_field_of_the_connection_is_where_the_user_came_to() {
        let environment = from(&[("SSH_CONNECTION", "10.0.0.2 51234 10.0.0.9 22"), ("USER", "alice")]);
        assert_eq!(environment.reached_as().as_deref(), Some("alice@10.0.0.9"));
        assert_eq!(environment.ssh.and_then(|ssh| ssh.port), Some(22));
        let environment = from(&[("SSH_CONNECTION", "fe80::2 51234 fe80::9 22"), ("LOGNAME", "alice")]);
        assert_eq!(environment.reached_as().as_deref(), Some("alice@[fe80::9]"));
        let environment = from(&[("SSH_TTY", "/dev/pts/3")]);
        assert!(environment.ssh.is_some() && environment.reached_as().is_none());
    }

    #[test]
    fn a_passphrase_in_the_environment_is_noticed_and_not_taken() {
        let environment = from(&[("TWOLOCK_PASSPHRASE", "correct horse")]);
        assert!(environment.passphrase_in_environment);
        assert!(!format!("{environment:?}").contains("horse"));
        assert!(from(&[("TWOLOCK_PASSPHRASE", "")]).passphrase_in_environment);
    }

    #[test]
    fn windows_below_is_seen_by_the_kernel() {
        let environment = Environment::from_variables(|_| None, "", "5.15.90.1-microsoft-standard-WSL2");
        assert!(environment.wsl);
    }
}
