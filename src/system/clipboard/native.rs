//! The clipboard of the desktop this program runs on, where it can be read back.
//!
//! On X11 and Wayland the text lives in this process and goes away with it, so the connection is made at the first
//! copy and kept.

use std::time::Duration;

use arboard::Clipboard;
use zeroize::Zeroizing;

/// The desktop's clipboard.
pub(super) struct Native {
    clipboard: Clipboard,
}

impl Native {
    pub(super) fn connect() -> Result<Self, arboard::Error> {
        Ok(Self { clipboard: Clipboard::new()? })
    }

    /// Puts text there, and returns whether it can be read back.
    pub(super) fn copy(&mut self, text: &str, exclude_from_history: bool) -> Result<bool, arboard::Error> {
        prepared(self.clipboard.set(), exclude_from_history).text(text)?;
        Ok(self.holds(text))
    }

    /// Returns whether the text is there. What cannot be read as text is not ours.
    pub(super) fn holds(&mut self, text: &str) -> bool {
        self.clipboard.get_text().is_ok_and(|held| Zeroizing::new(held).as_str() == text)
    }

    pub(super) fn clear(&mut self) -> Result<(), arboard::Error> {
        self.clipboard.clear()
    }
}

/// Asks clipboard managers not to keep what follows.
#[cfg(target_os = "linux")]
fn prepared(set: arboard::Set<'_>, exclude_from_history: bool) -> arboard::Set<'_> {
    use arboard::SetExtLinux;
    if exclude_from_history { set.exclude_from_history() } else { set }
}

/// Asks clipboard managers not to keep what follows.
#[cfg(target_os = "macos")]
fn prepared(set: arboard::Set<'_>, exclude_from_history: bool) -> arboard::Set<'_> {
    use arboard::SetExtApple;
    if exclude_from_history { set.exclude_from_history() } else { set }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn prepared(set: arboard::Set<'_>, _: bool) -> arboard::Set<'_> {
    set
}

/// Serves text to others until somebody else copies or time is up; for a process that stays behind for that alone.
#[cfg(target_os = "linux")]
pub(super) fn hold(text: &str, at_most: Duration) -> Result<(), arboard::Error> {
    use arboard::SetExtLinux;
    #[expect(clippy::disallowed_methods, reason = "the crate takes its deadline in this form alone")]
    let deadline = std::time::Instant::now() + at_most;
    let mut clipboard = Clipboard::new()?;
    clipboard.set().exclude_from_history().wait_until(deadline).text(text)
}

/// Elsewhere the system keeps the text, and only the clearing is waited for.
#[cfg(not(target_os = "linux"))]
pub(super) fn hold(text: &str, at_most: Duration) -> Result<(), arboard::Error> {
    let mut native = Native::connect()?;
    prepared(native.clipboard.set(), true).text(text)?;
    std::thread::sleep(at_most);
    if native.holds(text) { native.clear() } else { Ok(()) }
}
