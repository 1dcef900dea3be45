//! The file on the disk: read bounded, written whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::edit::with;
use super::text::place;
use super::{Config, Wrong, find};
use crate::display::visible;
use crate::failure::Failure;
use crate::system::file;

/// The most that a file of settings may hold, in bytes.
const LARGEST: usize = 256 << 10;

/// What came of reading the file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// What is wrong, in words, each with its place: whole sentences without a full stop.
    pub remarks: Vec<String>,
}

/// Reads the settings. `named` says that the user named the file, so that it should be there. Whatever is wrong with
/// it, there are settings.
pub fn load(path: &Path, named: bool) -> Loaded {
    let shown = visible(&path.to_string_lossy());
    match source(path) {
        Ok(None) if named => Loaded {
            config: Config::default(),
            remarks: vec![format!("there is no file of settings \"{shown}\"; the defaults are used")],
        },
        Ok(None) => Loaded::default(),
        Ok(Some(source)) => {
            let (config, remarks) = Config::read(&source);
            let remarks = remarks.iter().map(|remark| format!("\"{shown}\", {remark}")).collect();
            Loaded { config, remarks }
        }
        Err(failure) => Loaded {
            config: Config::default(),
            remarks: vec![format!("{}; the defaults are used", failure.message)],
        },
    }
}

/// Writes one setting into the file, which is made if it is not there. What differs from the default stands in it;
/// everything else in it stays, comments among them. Returns the settings as they are then in the file.
pub fn save(path: &Path, key: &str, value: &str) -> Result<Config, Failure> {
    let mut wanted = Config::default();
    let normal = |wrong: Wrong| Failure::usage(wrong.to_string());
    wanted.set(key, value).map_err(normal)?;
    let value = wanted.get(key).map_err(normal)?;
    let default = match find(key) {
        Ok(setting) => (setting.write)(&Config::default(), &setting.kind),
        Err(_) => String::new(),
    };
    write(path, key, (value != default).then_some(&*value), &default)
}

/// Puts a setting back to its default in the file.
pub fn reset(path: &Path, key: &str) -> Result<Config, Failure> {
    let default = match find(key) {
        Ok(setting) => (setting.write)(&Config::default(), &setting.kind),
        Err(_) if key.starts_with("keys.") => String::new(),
        Err(wrong) => return Err(Failure::usage(wrong.to_string())),
    };
    write(path, key, None, &default)
}

/// Makes the file with this text, unless there is one.
pub fn make(path: &Path, text: &str) -> Result<(), Failure> {
    // One that is broken is opened all the more.
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    replace(path, text).map_err(|error| Failure::file("write", path, &error))
}

fn write(path: &Path, key: &str, value: Option<&str>, default: &str) -> Result<Config, Failure> {
    let old = source(path)?.unwrap_or_default();
    let broken = |at: usize, what: &str| {
        let (line, column) = place(&old, at);
        let shown = visible(&path.to_string_lossy());
        Failure::other(format!("cannot change \"{shown}\": line {line}, column {column}: {what}"))
            .hint("mend it with `twolock config edit`, or move it away")
    };
    let new = with(&old, key, value, default).map_err(|slip| broken(slip.at, slip.what))?;
    let (before, _) = Config::read(&old);
    let (after, _) = Config::read(&new);
    // What an edit does to a text is proven by reading it: this setting and nothing else.
    let mut expected = before;
    match value.or((!default.is_empty()).then_some(default)) {
        Some(value) => expected.set(key, value).map_err(|wrong| Failure::usage(wrong.to_string()))?,
        None => drop(expected.keys.remove(key.trim_start_matches("keys."))),
    }
    if after != expected {
        return Err(broken(0, "its form is not one in which a setting can be changed safely"));
    }
    if new != old {
        replace(path, &new).map_err(|error| Failure::file("write", path, &error))?;
    }
    Ok(after)
}

/// Replaces the file. One that is a link, as those who keep their settings elsewhere have it, stays one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => PathBuf::from(path),
        Err(error) => return Err(error),
    };
    if let Some(dir) = target.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        fs::create_dir_all(dir)?;
    }
    let mode = fs::metadata(&target).ok().map(|metadata| metadata.permissions());
    file::write_new(&target, text.as_bytes(), true, |_| Ok(()))?;
    mode.map_or(Ok(()), |mode| fs::set_permissions(&target, mode))
}

/// Returns the text of the file; nothing if there is none.
fn source(path: &Path) -> Result<Option<String>, Failure> {
    let failed = |error: &io::Error| Failure::file("read", path, error);
    match fs::metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(&error)),
        // A pipe could keep the program waiting for ever.
        Ok(metadata) if !metadata.is_file() => return Err(failed(&io::Error::other("it is no plain file"))),
        Ok(_) => {}
    }
    let bytes = match file::read(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            return Err(failed(&io::Error::other(format!("it is larger than {} KiB", LARGEST >> 10))));
        }
        Err(error) => return Err(failed(&error)),
    };
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(_) => Err(failed(&io::Error::other("it is not UTF-8 text"))),
    }
}
