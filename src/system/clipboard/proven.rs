//! What a test has shown to arrive: remembered on this computer, a line for each way, so that "copied" is said of it.
//!
//! It names terminals and programs on the way, nothing else.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use crate::system::file;

/// The most that is read of the file.
const MOST_BYTES: usize = 64 << 10;

/// The ways that a test has shown to work.
#[derive(Debug, Default)]
pub(super) struct Proven {
    file: Option<PathBuf>,
    ways: BTreeSet<String>,
}

impl Proven {
    /// Reads what is remembered. A file that is not there or cannot be read is as if nothing was tested.
    pub(super) fn load(file: Option<PathBuf>) -> Self {
        let text = file.as_deref().and_then(|file| file::read(file, MOST_BYTES).ok());
        let text = text.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        let ways = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        Self { file, ways }
    }

    /// Says whether a way was tested.
    pub(super) fn has(&self, way: &str) -> bool {
        self.ways.contains(way)
    }

    /// Remembers what a test has shown.
    pub(super) fn set(&mut self, way: &str, works: bool) -> io::Result<()> {
        let changed = if works { self.ways.insert(way.to_owned()) } else { self.ways.remove(way) };
        let Some(file) = self.file.as_ref().filter(|_| changed) else { return Ok(()) };
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let text: String = self.ways.iter().flat_map(|way| [way.as_str(), "\n"]).collect();
        file::write_new(file, text.as_bytes(), true, |_| Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_is_remembered_until_a_test_shows_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/clipboard");
        let mut proven = Proven::load(Some(file.clone()));
        assert!(!proven.has("twolock > foot"));
        proven.set("twolock > foot", true).unwrap();
        proven.set("twolock > ssh > xterm", true).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "twolock > foot\ntwolock > ssh > xterm\n");
        let mut again = Proven::load(Some(file.clone()));
        assert!(again.has("twolock > foot"));
        again.set("twolock > foot", false).unwrap();
        assert!(!Proven::load(Some(file)).has("twolock > foot"));
        assert!(Proven::load(None).set("x", true).is_ok());
    }
}
