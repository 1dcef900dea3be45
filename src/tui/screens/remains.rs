//! What is said of the files that still hold the secrets when an account has come out of them.

use crate::display::visible;
use crate::failure::Failure;
use crate::tui::effect::Original;
use crate::tui::event::Deleted;
use crate::tui::screen::Note;
use crate::tui::widgets::sentence;

/// Offers to delete the files, and says what deleting does not do. `wide` is for a window with room for it.
pub(super) fn offer(originals: &[Original], wide: bool) -> String {
    let what = match originals {
        [one] => {
            let path = one.path().to_string_lossy();
            format!("{} holds the secret", visible(&path))
        }
        several => format!("The {} files hold the secrets", several.len()),
    };
    let it = if originals.len() == 1 { "it" } else { "them" };
    if wide {
        format!("{what}. x deletes {it} now, though a disk or a backup may still keep what was in {it}.")
    } else {
        format!("{what}: x deletes {it}.")
    }
}

/// Says what came of it.
pub(super) fn deleted(result: &Result<Deleted, Failure>) -> Note {
    match result {
        Ok(Deleted { stays: true, .. }) => {
            Note::warning("Deleted, but the file has another name, under which it is still there")
        }
        Ok(Deleted { files: 1, .. }) => {
            Note::good("Deleted. A disk or a backup may still keep what was in it")
        }
        Ok(Deleted { files, .. }) => {
            Note::good(format!("Deleted {files} files. A disk or a backup may still keep what was in them"))
        }
        Err(failure) => Note::error(sentence(&failure.message)),
    }
}
