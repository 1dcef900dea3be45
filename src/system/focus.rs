//! Whether this terminal tells when its window loses the focus. tmux stands between, and tells only if it is set to.

use super::command::run;
use super::environment::Environment;

/// What is said where tmux does not tell, with the line that mends it.
pub const HINT: &str =
    "tmux does not tell of the focus; `set -g focus-events on` in ~/.tmux.conf mends that, then attach anew";

/// Says whether tmux keeps it to itself that a window lost the focus.
pub fn is_kept_by_tmux(environment: &Environment) -> bool {
    let ask = || run("tmux", &["show-options", "-gv", "focus-events"], b"", true).ok();
    environment.tmux && ask().is_some_and(|answer| answer.trim_ascii() == b"off")
}
