//! Puts a dated copy of the vault aside, the two files as they are: sealed, and opened by the passphrase of that day.
//!
//! It needs no passphrase, so a timer can do it. What was written is read back and compared.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::Run;
use super::output::{json, reason};
use super::session::Session;
use crate::display::visible;
use crate::failure::Failure;
use crate::system::clock::{NAMED, in_names};
use crate::vault::{COPY_PREFIX, Store};

/// Put a dated copy of the vault aside, and print its path
#[derive(Args)]
#[command(before_help = "\
Examples:
  twolock backup /mnt/usb/twolock
  twolock backup ~/backups --keep 30

The copy is a directory with the two files of the vault, sealed as they are. `twolock restore --from COPY`
brings it back, on this computer or another. Earlier states on this disk are kept anyway; see
`twolock restore --list`.")]
pub(super) struct Backup {
    /// Where to put it; made if only the last directory of the path is missing
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Then delete all but the newest N copies there
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    keep: Option<u32>,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u8,
    backup: &'a str,
    deleted: Vec<String>,
}

impl Run for Backup {
    fn run(self, session: &mut Session) -> Result<(), Failure> {
        session.check_vault()?;
        let dir = session.paths.expand(&self.dir)?;
        let stamp = in_names(session.now().wall).ok_or_else(Failure::undated)?;
        let copy = dir.join(format!("{COPY_PREFIX}{stamp}"));
        let made = Store::copy_sealed(&session.place, &copy)?;
        if made.made_dir {
            session.output.say(format_args!("made the directory \"{}\"", session.paths.short(&dir)));
        }
        let mut deleted = Vec::new();
        for old in self.surplus(&dir)? {
            remove(&old).map_err(|error| {
                let shown = session.paths.short(&old);
                Failure::other(format!("cannot delete the old copy \"{shown}\": {}", reason(&error)))
            })?;
            deleted.push(old.to_string_lossy().into_owned());
        }
        let path = std::path::absolute(&copy).unwrap_or(copy);
        let path = path.to_string_lossy();
        if session.options.json() {
            return session.output.print(&json(&Document { v: 1, backup: &path, deleted }));
        }
        let shown = if session.output.is_terminal() { visible(&path).into() } else { path.into_owned() };
        session.output.print(&format!("{shown}\n"))
    }
}

impl Backup {
    /// Returns the copies that are too many, by their names. Nothing that is called otherwise is ever one.
    fn surplus(&self, dir: &Path) -> Result<Vec<PathBuf>, Failure> {
        let Some(keep) = self.keep else { return Ok(Vec::new()) };
        let failed = |error: io::Error| {
            let shown = visible(&dir.to_string_lossy()).to_string();
            Failure::other(format!("cannot read \"{shown}\": {}", reason(&error)))
        };
        let mut copies = Vec::new();
        for entry in fs::read_dir(dir).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let ours = name.to_str().and_then(|name| name.strip_prefix(COPY_PREFIX)).is_some_and(is_stamp);
            // What broke off has no vault: it is no copy, and must not count in the place of one.
            if ours && entry.file_type().map_err(failed)?.is_dir() && entry.path().join("vault.age").is_file()
            {
                copies.push(entry.path());
            }
        }
        copies.sort_unstable();
        let surplus = copies.len().saturating_sub(keep as usize);
        copies.truncate(surplus);
        Ok(copies)
    }
}

fn is_stamp(text: &str) -> bool {
    text.len() == NAMED
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 | 13 | 16 => byte == b'-',
            10 => byte == b'T',
            19 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

/// Deletes a copy: its two files and then the directory, which goes only if nothing else is in it.
fn remove(copy: &Path) -> io::Result<()> {
    for name in ["vault.age", "identity.age"] {
        match fs::remove_file(copy.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::remove_dir(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_copies_are_taken_for_copies() {
        assert!(is_stamp("2026-11-24T14-32-00Z"));
        for other in
            ["2026-11-24T14:32:00Z", "2026-11-24", "", "2026-11-24T14-32-00Zx", "holiday-pictures-2026"]
        {
            assert!(!is_stamp(other), "{other}");
        }
    }
}
