//! Earlier generations: what was replaced is kept as it was, twenty edits back and one a day for thirty days.
//! Every version of the identity is kept too, since without one no generation opens.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;

use crate::otp::Timestamp;
use crate::vault::seal;
use crate::vault::store::disk::{self, Content, Stat, Temp};
use crate::vault::store::{Place, Store, StoreError};

/// How many generations are kept whatever their age.
const KEEP: usize = 20;

/// For how many days one generation a day is kept.
const KEEP_DAYS: i64 = 30;

const DAY: i64 = 86_400;

/// An earlier generation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Backup {
    /// The sealed file.
    pub path: PathBuf,
    /// The number of the save that wrote it.
    pub generation: u64,
    /// When it was written.
    pub when: Timestamp,
}

impl Store {
    /// Returns the earlier generations, the newest first. They are not opened, so some may be damaged.
    pub fn backups(place: &Place) -> Result<Vec<Backup>, StoreError> {
        let mut backups = Vec::new();
        for (path, name) in names(place)? {
            let Some(generation) = generation(&name) else {
                continue;
            };
            let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
            match modified {
                Ok(modified) => backups.push(Backup { path, generation, when: timestamp(modified) }),
                // Pruned by another program since the directory was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(StoreError::Read { path, source }),
            }
        }
        backups.sort_by(|a, b| (b.generation, b.when, &b.path).cmp(&(a.generation, a.when, &a.path)));
        Ok(backups)
    }
}

/// Returns the names in the directory of the backups.
fn names(place: &Place) -> Result<Vec<(PathBuf, String)>, StoreError> {
    let dir = place.backups_dir();
    let failed = |source| StoreError::Read { path: dir.clone(), source };
    let names = match disk::names(&dir) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed(source)),
    };
    // A name that is not text is none of ours.
    Ok(names
        .into_iter()
        .filter_map(|name| name.into_string().ok())
        .map(|name| (dir.join(&name), name))
        .collect())
}

/// Reads the generation in a name: `vault-00000012.age`, or with a hash where two had the same number.
fn generation(name: &str) -> Option<u64> {
    let middle = name.strip_prefix("vault-")?.strip_suffix(".age")?;
    middle.split('-').next()?.parse().ok()
}

fn timestamp(time: SystemTime) -> Timestamp {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => Timestamp::new(since.as_secs().cast_signed(), since.subsec_nanos()),
        Err(before) => Timestamp::from_seconds(-before.duration().as_secs().cast_signed() - 1),
    }
}

fn short_hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&seal::hash(bytes)[..4])
}

/// Makes the directory of the backups ready.
fn ready(place: &Place) -> Result<PathBuf, StoreError> {
    let dir = place.backups_dir();
    if Stat::of(&dir)?.is_none() {
        disk::make_dir(&dir)?;
    }
    disk::check_dir(&dir, true, &mut Vec::new())?;
    disk::sweep(&dir);
    Ok(dir)
}

/// Keeps a generation that is going to be replaced, durably. Nothing to do if it is kept already.
pub(in crate::vault::store) fn keep(
    place: &Place,
    target: &Path,
    old: &Content,
    generation: u64,
) -> Result<(), StoreError> {
    let dir = ready(place)?;
    let mut path = dir.join(format!("vault-{generation:08}.age"));
    if let Some(kept) = disk::read(&path, &mut Vec::new())? {
        if kept.bytes == old.bytes {
            return Ok(());
        }
        path = dir.join(format!("vault-{generation:08}-{}.age", short_hash(&old.bytes)));
        if Stat::of(&path)?.is_some() {
            return Ok(());
        }
    }
    if !disk::link(target, &path) {
        copy(&dir, &path, old)?;
    }
    disk::sync_dir(&dir)
}

/// Keeps what is not a whole generation, so that a restore can be undone by hand.
pub(in crate::vault::store) fn keep_damaged(
    place: &Place,
    name: &str,
    old: &Content,
) -> Result<(), StoreError> {
    let dir = ready(place)?;
    let path = dir.join(format!("damaged-{}-{name}", short_hash(&old.bytes)));
    if Stat::of(&path)?.is_none() {
        copy(&dir, &path, old)?;
    }
    disk::sync_dir(&dir)
}

fn copy(dir: &Path, path: &Path, old: &Content) -> Result<(), StoreError> {
    let temp = Temp::write(dir, &old.bytes)?;
    if let Some(modified) = old.modified {
        temp.set_modified(modified)?;
    }
    temp.place(path)
}

/// Returns the versions of the identity that are kept, the newest first.
pub(in crate::vault::store) fn identities(place: &Place) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let number = |name: &str| name.strip_prefix("identity-")?.strip_suffix(".age")?.parse::<u64>().ok();
    let mut found: Vec<_> =
        names(place)?.into_iter().filter_map(|(path, name)| Some((number(&name)?, path))).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found)
}

/// Keeps a version of the identity. A copy and not a second name: a bad block or a clumsy editor must not hit both.
pub(in crate::vault::store) fn keep_identity(place: &Place, sealed: &[u8]) -> Result<(), StoreError> {
    let dir = ready(place)?;
    let known = identities(place)?;
    for (_, path) in &known {
        if disk::read(path, &mut Vec::new())?.is_some_and(|kept| kept.bytes == sealed) {
            return Ok(());
        }
    }
    let number = known.first().map_or(0, |(number, _)| *number).saturating_add(1);
    Temp::write(&dir, sealed)?.place(&dir.join(format!("identity-{number}.age")))?;
    disk::sync_dir(&dir)
}

/// Says whether versions of the identity are kept, and this is none of them: then it was damaged, or changed by
/// another program.
pub(in crate::vault::store) fn disowns_identity(place: &Place, sealed: &[u8]) -> bool {
    let known = identities(place).unwrap_or_default();
    let mut copies =
        known.iter().filter_map(|(_, path)| disk::read(path, &mut Vec::new()).ok().flatten()).peekable();
    copies.peek().is_some() && copies.all(|kept| kept.bytes != sealed)
}

/// Removes the generations that are neither among the last nor the last of their day. Returns what went wrong.
pub(in crate::vault::store) fn prune(place: &Place, at: Timestamp) -> Vec<String> {
    let backups = match Store::backups(place) {
        Ok(backups) => backups,
        Err(error) => return vec![error.to_string()],
    };
    surplus(&backups, at)
        .into_iter()
        .filter_map(|backup| disk::remove(&backup.path).err())
        .map(|error| error.to_string())
        .collect()
}

/// Returns the backups, sorted from the newest, that need not be kept.
fn surplus(backups: &[Backup], at: Timestamp) -> Vec<&Backup> {
    let mut days = BTreeSet::new();
    let mut surplus = Vec::new();
    for (index, backup) in backups.iter().enumerate() {
        let first_of_its_day = days.insert(backup.when.seconds().div_euclid(DAY));
        let recent = at.seconds_since(backup.when) <= KEEP_DAYS * DAY;
        if index >= KEEP && !(first_of_its_day && recent) {
            surplus.push(backup);
        }
    }
    surplus
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backups(count: u64, seconds_apart: i64) -> Vec<Backup> {
        let when = |index: u64| Timestamp::from_seconds(2_000_000_000 - index.cast_signed() * seconds_apart);
        (0..count)
            .map(|index| Backup { path: PathBuf::new(), generation: count - index, when: when(index) })
            .collect()
    }

    #[test]
    fn twenty_generations_and_one_a_day_for_thirty_days_are_kept() {
        let now = Timestamp::from_seconds(2_000_000_000);
        assert_eq!(surplus(&backups(20, 0), now), Vec::<&Backup>::new());
        assert_eq!(surplus(&backups(25, 0), now).len(), 5);
        let daily = backups(60, DAY);
        let gone = surplus(&daily, now);
        assert_eq!(gone.len(), 29);
        assert!(gone.iter().all(|backup| now.seconds_since(backup.when) > KEEP_DAYS * DAY));
        let hourly = backups(24 * 40, 3_600);
        // The first day is among the last twenty already.
        assert_eq!(hourly.len() - surplus(&hourly, now).len(), 20 + 29);
    }

    #[test]
    fn a_clock_that_was_put_back_keeps_what_is_from_the_future() {
        let long_ago = Timestamp::from_seconds(0);
        assert_eq!(surplus(&backups(30, DAY), long_ago), Vec::<&Backup>::new());
    }

    #[test]
    fn generations_are_read_from_names() {
        assert_eq!(generation("vault-00000012.age"), Some(12));
        assert_eq!(generation("vault-123456789.age"), Some(123_456_789));
        assert_eq!(generation("vault-00000012-ab12cd34.age"), Some(12));
        assert_eq!(generation("vault-.age"), None);
        assert_eq!(generation("identity-1.age"), None);
    }
}
