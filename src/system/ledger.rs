//! What was done with codes and must be remembered after the program has ended: which step of an account was accepted
//! last, how many wrong tries there were, and up to which step codes were handed out.
//!
//! No secret and no code stands in it, only numbers. It lies beside the state of this computer and not in the vault: a
//! vault that is brought back from a backup must not make a used code good again. Whoever changes a page holds the lock
//! from before it is read until it is on the disk, so of two programs with the same code only one is told that it is
//! right. A page that cannot be read or written is a failure, never a page that is new.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::file;
use crate::display::visible;
use crate::otp::{Brake, Now, Verifier};

/// How long is waited between two tries to get the lock.
const PAUSE: Duration = Duration::from_millis(20);
/// How often it is tried: ten seconds in all.
const TRIES: u32 = 500;
/// More bytes than any page has.
const LARGEST: usize = 4096;
/// The version of a page.
const VERSION: u8 = 1;

/// Why a page cannot be used.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// Another program has it for too long.
    #[error("another program is checking a code, and does not end")]
    Busy,
    /// It is not what was written.
    #[error("the memory of used codes is damaged: \"{}\"", visible(&.0.to_string_lossy()))]
    Damaged(PathBuf),
    /// The system refuses.
    #[error("cannot {doing} the memory of used codes, \"{}\": {why}", visible(&path.to_string_lossy()))]
    Failed {
        /// "read" or "write".
        doing: &'static str,
        /// What.
        path: PathBuf,
        /// The reason, as the system names it.
        why: io::ErrorKind,
    },
    /// Others could change it.
    #[error("others may write in \"{}\"", visible(&.0.to_string_lossy()))]
    Open(PathBuf),
}

/// The pages of all accounts.
#[derive(Clone, Debug)]
pub struct Ledger {
    dir: PathBuf,
}

/// The page of one account, locked.
#[derive(Debug)]
pub struct Page {
    path: PathBuf,
    content: Content,
    _lock: File,
}

#[derive(Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Content {
    v: u8,
    /// The last step or counter that was accepted.
    accepted: Option<u64>,
    /// By how many steps the other device was ahead then.
    drift: i64,
    wrong: u32,
    rounds: u32,
    blocked: Option<Blocked>,
    /// The last step whose code was handed out as a fresh one.
    given: Option<u64>,
}

/// Until when no code is looked at, on a clock that begins anew with each boot.
#[derive(Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Blocked {
    boot: String,
    saved_ms: u64,
    until_ms: u64,
}

impl Ledger {
    /// Returns the ledger beside the state file of this computer.
    pub fn beside(state: &Path) -> Self {
        Self { dir: state.parent().unwrap_or(Path::new(".")).join("codes") }
    }

    /// Takes the page of an account, which `id` names in letters and digits. Waits while another program has it.
    pub fn page(&self, id: &str) -> Result<Page, LedgerError> {
        let failed = |doing, path: &Path| {
            let path = path.to_owned();
            move |error: io::Error| LedgerError::Failed { doing, path, why: error.kind() }
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)
            .map_err(failed("write", &self.dir))?;
        let metadata = fs::metadata(&self.dir).map_err(failed("read", &self.dir))?;
        if metadata.uid() != rustix::process::geteuid().as_raw() || metadata.mode() & 0o022 != 0 {
            return Err(LedgerError::Open(self.dir.clone()));
        }
        let lock_path = self.dir.join("lock");
        let lock = open_lock(&lock_path).map_err(failed("write", &lock_path))?;
        if !wait(&lock).map_err(failed("write", &lock_path))? {
            return Err(LedgerError::Busy);
        }
        let path = self.dir.join(format!("{id}.json"));
        let content = match file::read(&path, LARGEST) {
            Ok(bytes) => match serde_json::from_slice::<Content>(&bytes) {
                Ok(content) if content.v == VERSION => content,
                _ => return Err(LedgerError::Damaged(path)),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Content { v: VERSION, ..Content::default() }
            }
            Err(error) => return Err(failed("read", &path)(error)),
        };
        Ok(Page { path, content, _lock: lock })
    }
}

impl Page {
    /// Returns the verifier as it was left. A wait that was cut short by a new start of the computer begins anew.
    pub fn verifier(&self, now: Now) -> Verifier {
        let blocked_until = self.content.blocked.as_ref().map(|blocked| {
            let until = Duration::from_millis(blocked.until_ms);
            let whole = now.boot + Duration::from_millis(blocked.until_ms.saturating_sub(blocked.saved_ms));
            if blocked.boot == boot() { until.min(whole) } else { whole }
        });
        let Content { accepted, drift, wrong, rounds, .. } = self.content;
        let brake = Brake { wrong, rounds, blocked_until };
        Verifier::default().with_drift(drift).with_last(accepted).with_brake(brake)
    }

    /// Writes down what a check left behind; on the disk when this returns.
    pub fn keep(&mut self, verifier: &Verifier, now: Now) -> Result<(), LedgerError> {
        let Brake { wrong, rounds, blocked_until } = verifier.brake();
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.content = Content {
            v: VERSION,
            accepted: verifier.last(),
            drift: verifier.drift(),
            wrong,
            rounds,
            blocked: blocked_until.map(|until| Blocked {
                boot: boot(),
                saved_ms: millis(now.boot),
                // Rounded up: a wait is never shorter than was said.
                until_ms: millis(until).saturating_add(1),
            }),
            given: self.content.given,
        };
        self.save()
    }

    /// Returns the first of `count` steps in a row from `wanted` on that were never handed out, and writes down that
    /// they are from now on; on the disk when this returns. Nothing if it would be more than `farthest` after `wanted`.
    pub fn reserve(&mut self, wanted: u64, count: u64, farthest: u64) -> Result<Option<u64>, LedgerError> {
        let first = self.content.given.map_or(wanted, |given| wanted.max(given.saturating_add(1)));
        if first - wanted > farthest {
            return Ok(None);
        }
        self.content.given = Some(first.saturating_add(count.saturating_sub(1)));
        self.save()?;
        Ok(Some(first))
    }

    /// Returns the last step that was handed out, if one was.
    pub fn given(&self) -> Option<u64> {
        self.content.given
    }

    fn save(&self) -> Result<(), LedgerError> {
        let mut text = serde_json::to_vec(&self.content).expect("numbers and texts make a document");
        text.push(b'\n');
        file::write_new(&self.path, &text, true, |_| Ok(())).map_err(|error| LedgerError::Failed {
            doing: "write",
            path: self.path.clone(),
            why: error.kind(),
        })
    }
}

/// Returns what names this run of the computer; nothing where the system does not name it.
fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

fn open_lock(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(flags.cast_signed());
    #[expect(clippy::disallowed_methods, reason = "a lock has no content that could be lost")]
    options.open(path)
}

/// Waits for the lock, but not for ever; says whether it is ours.
fn wait(lock: &File) -> io::Result<bool> {
    for _ in 0..TRIES {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::otp::{Otp, Secret, Timestamp, Verdict};

    fn now(seconds: u64) -> Now {
        Now { wall: Timestamp::from_seconds(seconds.cast_signed()), boot: Duration::from_secs(seconds) }
    }

    #[test]
    fn steps_are_reserved_once_whoever_asks() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::beside(&dir.path().join("state.ron"));
        let reserve = |wanted, count| ledger.page("a").unwrap().reserve(wanted, count, 10).unwrap();
        assert_eq!(reserve(100, 1), Some(100));
        assert_eq!(reserve(100, 2), Some(101));
        assert_eq!(reserve(100, 1), Some(103));
        assert_eq!(reserve(200, 1), Some(200));
        assert_eq!(reserve(150, 1), None);
        assert_eq!(reserve(200, 1), Some(201));
        assert_eq!(ledger.page("b").unwrap().reserve(1, 1, 10).unwrap(), Some(1));
    }

    #[test]
    fn two_programs_never_get_the_same_step() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = &Ledger::beside(&dir.path().join("state.ron"));
        let mut given: Vec<u64> = thread::scope(|scope| {
            let take = || ledger.page("a").unwrap().reserve(7, 1, 99).unwrap().unwrap();
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(move || (0..5).map(|_| take()).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        given.sort_unstable();
        assert_eq!(given, (7..27).collect::<Vec<u64>>());
    }

    #[test]
    fn a_check_goes_on_where_it_was_left_also_after_a_new_start() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::beside(&dir.path().join("state.ron"));
        let otp = Otp::totp(Secret::from_bytes(b"12345678901234567890").unwrap());
        let check = |typed: &str, now: Now| {
            let mut page = ledger.page("a").unwrap();
            let mut verifier = page.verifier(now);
            let verdict = verifier.check(&otp, typed, now);
            page.keep(&verifier, now).unwrap();
            verdict
        };
        assert_eq!(check("287082", now(59)), Verdict::Accepted { steps: 0 });
        assert_eq!(check("287082", now(59)), Verdict::Replayed);
        for _ in 0..5 {
            assert_eq!(check("000000", now(60)), Verdict::Wrong);
        }
        assert!(matches!(check("359152", now(61)), Verdict::Wait { seconds: 29 | 30 }));
        let path = dir.path().join("codes/a.json");
        let text = fs::read_to_string(&path).unwrap();
        let other = text.replace(&boot(), "another");
        file::write_new(&path, other.as_bytes(), true, |_| Ok(())).unwrap();
        assert!(matches!(check("359152", now(3)), Verdict::Wait { seconds: 29..=31 }));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_page_that_is_damaged_is_not_taken_for_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::beside(&dir.path().join("state.ron"));
        ledger.page("a").unwrap().reserve(1, 1, 1).unwrap();
        let path = dir.path().join("codes/a.json");
        for text in ["", "{}", "{\"v\":2}", "\0\0\0"] {
            file::write_new(&path, text.as_bytes(), true, |_| Ok(())).unwrap();
            assert!(matches!(ledger.page("a"), Err(LedgerError::Damaged(_))), "{text}");
        }
        fs::set_permissions(dir.path().join("codes"), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(ledger.page("a"), Err(LedgerError::Open(_))));
    }
}
