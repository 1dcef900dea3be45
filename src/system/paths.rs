//! Where things are: the vault's directory, the settings, what is remembered.
//!
//! A flag goes before the environment, the environment before the custom of the system. Nothing is made here.

use std::path::{Component, Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};
use thiserror::Error;

use super::environment::Environment;
use crate::display::{Visible, visible};

/// Why it is not known where things are.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum PathsError {
    /// No home directory, so no place for anything.
    #[error("the home directory is not known: HOME is not set")]
    NoHome,
    /// The home directory of somebody else, which is not looked up.
    #[error("\"{}\" is not understood: only ~ and ~/ are the home directory", visible(.0))]
    OtherHome(String),
}

/// What the command line says about places.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Given {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--vault`.
    pub vault: Option<PathBuf>,
}

/// Where things are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Paths {
    /// The settings.
    pub config: PathBuf,
    /// The home directory, if there is one.
    pub home: Option<PathBuf>,
    /// What is remembered and not secret.
    pub state: PathBuf,
    /// The directory of the vault.
    pub vault: PathBuf,
}

/// The customs of the system for one user.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Customs {
    home: PathBuf,
    config: PathBuf,
    data: PathBuf,
    state: PathBuf,
}

impl Customs {
    fn of_this_system() -> Option<Self> {
        let base = BaseDirs::new()?;
        let project = ProjectDirs::from("", "", "twolock")?;
        Some(Self {
            home: base.home_dir().to_owned(),
            config: project.config_dir().to_owned(),
            data: project.data_dir().to_owned(),
            state: project.state_dir().unwrap_or_else(|| project.data_local_dir()).to_owned(),
        })
    }
}

impl Paths {
    /// Finds the places, from the command line, the environment and the system, in this order.
    pub fn find(given: &Given, environment: &Environment) -> Result<Self, PathsError> {
        Self::choose(given, environment, Customs::of_this_system())
    }

    fn choose(
        given: &Given,
        environment: &Environment,
        customs: Option<Customs>,
    ) -> Result<Self, PathsError> {
        let home = customs.as_ref().map(|customs| customs.home.clone());
        let chosen = |flag: &Option<PathBuf>, variable: &Option<PathBuf>| {
            flag.as_ref().or(variable.as_ref()).map(|path| expand_at(path, home.as_deref())).transpose()
        };
        let vault = chosen(&given.vault, &environment.vault)?;
        let config = chosen(&given.config, &environment.config)?;
        if let Some(customs) = customs {
            return Ok(Self {
                config: config.unwrap_or_else(|| customs.config.join("config.ron")),
                home,
                state: customs.state.join("state.ron"),
                vault: vault.unwrap_or(customs.data),
            });
        }
        // Without a home there is still a way: everything beside a vault that was named.
        let vault = vault.ok_or(PathsError::NoHome)?;
        let config = config.unwrap_or_else(|| vault.join("config.ron"));
        Ok(Self { config, home, state: vault.join("state.ron"), vault })
    }

    /// Returns the file that remembers which ways to a clipboard were tested.
    pub fn clipboard_tests(&self) -> PathBuf {
        self.state.with_file_name("clipboard")
    }

    /// Returns a path as typed with `~` put out in full.
    pub fn expand(&self, typed: &Path) -> Result<PathBuf, PathsError> {
        expand_at(typed, self.home.as_deref())
    }

    /// Returns a path as people write it, with `~` for the home directory.
    pub fn short(&self, path: &Path) -> Visible {
        let rest = self
            .home
            .as_deref()
            .filter(|home| home.parent().is_some())
            .and_then(|home| path.strip_prefix(home).ok());
        let text = match rest {
            Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
            Some(rest) => format!("~/{}", rest.to_string_lossy()),
            None => path.to_string_lossy().into_owned(),
        };
        visible(&text)
    }
}

fn expand_at(typed: &Path, home: Option<&Path>) -> Result<PathBuf, PathsError> {
    let mut parts = typed.components();
    match parts.next() {
        Some(Component::Normal(first)) if first == "~" => {
            Ok(home.ok_or(PathsError::NoHome)?.join(parts.as_path()))
        }
        Some(Component::Normal(first)) if first.as_encoded_bytes().starts_with(b"~") && !typed.exists() => {
            Err(PathsError::OtherHome(first.to_string_lossy().into_owned()))
        }
        _ => Ok(typed.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customs() -> Customs {
        Customs {
            home: "/home/alice".into(),
            config: "/home/alice/.config/twolock".into(),
            data: "/home/alice/.local/share/twolock".into(),
            state: "/home/alice/.local/state/twolock".into(),
        }
    }

    fn choose(
        flag: Option<&str>,
        variable: Option<&str>,
        customs: Option<Customs>,
    ) -> Result<Paths, PathsError> {
        let given = Given { vault: flag.map(PathBuf::from), ..Given::default() };
        let environment = Environment { vault: variable.map(PathBuf::from), ..Environment::default() };
        Paths::choose(&given, &environment, customs)
    }

    #[test]
    fn a_flag_goes_before_the_environment_and_both_before_custom() {
        let vault = |flag, variable| choose(flag, variable, Some(customs())).expect("there is a home").vault;
        assert_eq!(vault(Some("/a"), Some("/b")), Path::new("/a"));
        assert_eq!(vault(None, Some("~/b")), Path::new("/home/alice/b"));
        assert_eq!(vault(None, None), Path::new("/home/alice/.local/share/twolock"));
        let paths = choose(None, None, Some(customs())).expect("there is a home");
        assert_eq!(paths.config, Path::new("/home/alice/.config/twolock/config.ron"));
        assert_eq!(paths.state, Path::new("/home/alice/.local/state/twolock/state.ron"));
    }

    #[test]
    fn without_a_home_a_vault_has_to_be_named() {
        assert_eq!(choose(None, None, None), Err(PathsError::NoHome));
        assert_eq!(choose(Some("~/a"), None, None), Err(PathsError::NoHome));
        let paths = choose(Some("/srv/vault"), None, None).expect("the vault is named");
        assert_eq!(paths.state, Path::new("/srv/vault/state.ron"));
    }

    #[test]
    fn a_tilde_is_the_home_directory_and_nothing_else() {
        let paths = choose(None, None, Some(customs())).expect("there is a home");
        let expand = |text: &str| paths.expand(Path::new(text));
        assert_eq!(expand("~"), Ok("/home/alice".into()));
        assert_eq!(expand("~/QR codes/a.png"), Ok("/home/alice/QR codes/a.png".into()));
        assert_eq!(expand("a/~"), Ok("a/~".into()));
        assert_eq!(expand("~bob/a"), Err(PathsError::OtherHome("~bob".to_owned())));
    }

    #[test]
    fn a_path_is_shown_short_and_harmless() {
        let paths = choose(None, None, Some(customs())).expect("there is a home");
        let short = |text: &str| String::from(paths.short(Path::new(text)));
        assert_eq!(short("/home/alice/.local/share/twolock"), "~/.local/share/twolock");
        assert_eq!(short("/home/alice"), "~");
        assert_eq!(short("/home/alice2/x"), "/home/alice2/x");
        assert_eq!(short("/tmp/\u{1b}[2J"), "/tmp/\\u{1b}[2J");
    }
}
