//! The thread that owns the vault's store. Jobs are done in the order in which they were asked for, so a passphrase
//! that takes a second never stops the screen, and no two changes meet.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::effect::Commit;
use super::event::{Committed, Kept, Mend, Outcome};
use crate::failure::Failure;
use crate::otp::Timestamp;
use crate::vault::{Backup, Durability, Identities, Passphrase, Place, Store, StoreError, Talk, WorkFactor};

/// How often the file is looked at for changes of other programs.
const LOOK: Duration = Duration::from_secs(5);

/// Something for the keeper to do.
pub(super) enum Job {
    /// Open the vault although it is older than one that was seen before.
    AcceptOlder(Passphrase, Timestamp),
    /// Put a copy of the two sealed files into this directory, which is not there yet.
    BackUp(PathBuf),
    /// Give the vault another passphrase: the one that it has, and the new one.
    ChangePassphrase(Passphrase, Passphrase),
    /// Make changes.
    Commit(Commit, Timestamp),
    /// Check the passphrase again.
    Confirm(Passphrase),
    /// Make the vault, which these recipients open too.
    Create(Passphrase, Vec<String>, Timestamp),
    /// Answer when everything before is done.
    Drain(Sender<()>),
    /// Look which earlier states are kept.
    ListBackups,
    /// Open one of them.
    ReadBackup(Backup),
    /// Put the newest copy that opens in the place of a damaged vault.
    Restore(Passphrase, Timestamp),
    /// Open the vault.
    Unlock(Passphrase, Timestamp),
    /// Open the vault with identities from a file.
    UnlockWith(Identities, Timestamp),
}

/// Does jobs until nobody can ask for more. `pause` is called while there are none, so never in the middle of a save.
pub(super) fn keep(
    jobs: &Receiver<Job>,
    place: &Place,
    work: WorkFactor,
    talk: &Talk,
    tell: impl Fn(Outcome),
    pause: impl Fn(),
) {
    let mut store: Option<Store> = None;
    let mut troubled = false;
    loop {
        let job = match (jobs.recv_timeout(LOOK), &mut store) {
            (Ok(job), _) => job,
            (Err(RecvTimeoutError::Disconnected), _) => return,
            (Err(RecvTimeoutError::Timeout), None) => continue,
            (Err(RecvTimeoutError::Timeout), Some(store)) => {
                pause();
                match store.refresh() {
                    Ok(Some(vault)) => tell(Outcome::Reloaded(vault)),
                    Ok(None) => troubled = false,
                    // Once, not every five seconds; the next commit will say it again.
                    Err(error) if !troubled => {
                        troubled = true;
                        tell(Outcome::Trouble(error.into()));
                    }
                    Err(_) => {}
                }
                continue;
            }
        };
        match job {
            Job::AcceptOlder(passphrase, at) => {
                opened(&mut store, Store::accept_rollback(place, &passphrase, at), &tell);
            }
            Job::BackUp(to) => {
                tell(Outcome::BackedUp(Store::copy_sealed(place, &to).map_err(Failure::from)));
            }
            Job::ChangePassphrase(old, new) => {
                let changed = match &mut store {
                    Some(store) => store.change_passphrase(&old, &new, work).map_err(Failure::from),
                    None => Err(Failure::locked("the vault is locked")),
                };
                tell(Outcome::PassphraseChanged(changed.map(unsure)));
            }
            Job::Commit(asked, at) => tell(commit(store.as_mut(), asked, at)),
            Job::Confirm(passphrase) => tell(Outcome::Confirmed(match &store {
                Some(store) => store.confirm(&passphrase).map_err(Failure::from),
                None => Err(Failure::locked("the vault is locked")),
            })),
            Job::Create(passphrase, further, at) => {
                let further = (further.as_slice(), talk.clone());
                opened(&mut store, Store::create_for(place, &passphrase, work, further, at), &tell);
            }
            Job::Drain(done) => {
                // Nobody waiting any more is fine: then there is nobody to tell.
                if done.send(()).is_err() {
                    return;
                }
            }
            Job::ListBackups => tell(Outcome::Backups(Store::backups(place).map_err(Failure::from))),
            Job::ReadBackup(backup) => {
                let opened = match &store {
                    Some(store) => store.earlier(&backup).map_err(Failure::from),
                    None => Err(Failure::locked("the vault is locked")),
                };
                tell(Outcome::BackupRead(backup, opened));
            }
            Job::Restore(passphrase, at) => opened(&mut store, restore(place, &passphrase, at), &tell),
            Job::Unlock(passphrase, at) => match Store::unlock(place, &passphrase, at) {
                Err(error) => tell(broken(error, place, &passphrase)),
                open => opened(&mut store, open, &tell),
            },
            Job::UnlockWith(held, at) => {
                opened(&mut store, Store::unlock_with(place, &held, at), &tell);
            }
        }
        if let Some(store) = &mut store {
            store.talk_through(talk.clone());
        }
    }
}

fn opened(store: &mut Option<Store>, result: Result<Store, StoreError>, tell: &impl Fn(Outcome)) {
    match result {
        Ok(open) => {
            let notices = open.notices().join(". ");
            tell(Outcome::Unlocked(Ok(open.vault())));
            if !notices.is_empty() {
                tell(Outcome::Notice(notices));
            }
            *store = Some(open);
        }
        Err(error) => tell(Outcome::Unlocked(Err(error.into()))),
    }
}

/// Looks for a way into a vault that did not open.
fn broken(error: StoreError, place: &Place, passphrase: &Passphrase) -> Outcome {
    // The first error says what is wrong; one of this look only that there is no way round it.
    let newest = || Store::newest_good_backup(place, passphrase).ok().flatten();
    let kept = || newest().map(|(copy, vault)| Kept { when: copy.when, accounts: vault.accounts().len() });
    // The place of the vault is on the screen already.
    let error = match error {
        StoreError::Damaged { path, why } => StoreError::Damaged { path: name(path), why },
        StoreError::NotAVault { path } => StoreError::NotAVault { path: name(path) },
        error => error,
    };
    match &error {
        StoreError::Damaged { .. } | StoreError::NotAVault { .. } => match kept() {
            Some(kept) => Outcome::Broken(error.into(), Mend::Copy(kept), passphrase.clone()),
            // Its hint would be to do what was just tried.
            None => Outcome::Unlocked(Err(Failure { hints: Vec::new(), ..error.into() }
                .hint("no copy of it opens with this passphrase, and nothing was changed"))),
        },
        StoreError::RolledBack { .. } => {
            Outcome::Broken(error.into(), Mend::Older(kept()), passphrase.clone())
        }
        _ => Outcome::Unlocked(Err(error.into())),
    }
}

/// Returns the name of a file without its folder.
fn name(path: PathBuf) -> PathBuf {
    path.file_name().map(PathBuf::from).unwrap_or(path)
}

fn restore(place: &Place, passphrase: &Passphrase, at: Timestamp) -> Result<Store, StoreError> {
    let newest: Option<Backup> = Store::newest_good_backup(place, passphrase)?.map(|(backup, _)| backup);
    match newest {
        Some(backup) => Store::restore(place, passphrase, &backup, at),
        None => Store::unlock(place, passphrase, at),
    }
}

fn commit(store: Option<&mut Store>, asked: Commit, at: Timestamp) -> Outcome {
    let Some(store) = store else {
        return Outcome::Refused(Failure::locked("the vault is locked"), asked);
    };
    match store.commit(&asked.changes, at) {
        Ok(done) => Outcome::Committed(Committed {
            vault: done.vault,
            inverse: done.inverse,
            undoes: asked.undoes,
            says: asked.says,
            reserved: done.reserved,
            unsure: unsure(done.durability),
        }),
        Err(error) => Outcome::Refused(error.into(), asked),
    }
}

/// Returns why the disk may not hold it after a power cut, if so.
fn unsure(durability: Durability) -> Option<String> {
    match durability {
        Durability::Durable => None,
        Durability::Unsure(why) => Some(why),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::mpsc::channel;

    use age::secrecy::ExposeSecret;
    use zeroize::Zeroizing;

    use super::*;
    use crate::otp::{Otp, Secret};
    use crate::vault::{Account, AccountId, Change, SealError};

    /// Does jobs one after the other, and returns what was told.
    fn told(place: &Place, jobs: Vec<Job>) -> Vec<Outcome> {
        let (sender, receiver) = channel();
        for job in jobs {
            sender.send(job).unwrap();
        }
        drop(sender);
        let all = RefCell::new(Vec::new());
        let work = WorkFactor::new(10).unwrap();
        keep(&receiver, place, work, &Talk::nobody(), |outcome| all.borrow_mut().push(outcome), || ());
        all.into_inner()
    }

    #[test]
    fn lists_opens_and_copies_what_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path().join("vault"), None);
        let (at, copy) = (Timestamp::from_seconds(1_795_530_729), folder.path().join("copy"));
        let passphrase = || Passphrase::new(Zeroizing::new("open sesame".to_owned()));
        let otp = Otp::totp(Secret::from_bytes(&[7; 20]).unwrap());
        let account = Account::new(AccountId::new(at, [1; 10]), "GitHub", "alice", otp, at);
        let add = Job::Commit(Commit::quiet(vec![Change::Add(Box::new(account))]), at);
        let jobs =
            vec![Job::Create(passphrase(), Vec::new(), at), add, Job::ListBackups, Job::BackUp(copy.clone())];
        let outcomes = told(&place, jobs);
        let [.., Outcome::Backups(Ok(kept)), Outcome::BackedUp(Ok(made))] = outcomes.as_slice() else {
            panic!("{outcomes:?}")
        };
        assert_eq!((&made.path, made.made_dir), (&copy, false));
        assert_eq!(kept.len(), 1);
        let read = || Job::ReadBackup(kept[0].clone());
        let outcomes = told(&place, vec![Job::Unlock(passphrase(), at), read()]);
        let [.., Outcome::BackupRead(backup, Ok(vault))] = outcomes.as_slice() else {
            panic!("{outcomes:?}")
        };
        assert_eq!((backup, vault.accounts().len()), (&kept[0], 0));
        // It is the state of now that was copied, and nothing is ever written over it.
        let now = Store::unlock(&Place::new(copy.clone(), None), &passphrase(), at).unwrap().vault();
        assert_eq!(now.accounts().len(), 1);
        let outcomes = told(&place, vec![read(), Job::BackUp(copy)]);
        let [Outcome::BackupRead(_, Err(locked)), Outcome::BackedUp(Err(_))] = outcomes.as_slice() else {
            panic!("{outcomes:?}")
        };
        assert_eq!(locked.message, "the vault is locked");
    }

    #[test]
    fn a_vault_that_is_made_for_a_key_too_opens_with_it_and_with_the_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path().join("vault"), None);
        let at = Timestamp::from_seconds(1_795_530_729);
        let passphrase = || Passphrase::new(Zeroizing::new("open sesame".to_owned()));
        let key = age::x25519::Identity::generate().to_string();
        let file = key.expose_secret().as_bytes();
        let held = Identities::read::<SealError>(file, || Ok(passphrase()), Talk::nobody()).unwrap();
        let further = held.recipients().unwrap();
        let outcomes = told(&place, vec![Job::Create(passphrase(), further, at)]);
        assert!(matches!(outcomes.as_slice(), [Outcome::Unlocked(Ok(_))]), "{outcomes:?}");
        for way in [Job::Unlock(passphrase(), at), Job::UnlockWith(held, at)] {
            let outcomes = told(&place, vec![way]);
            assert!(matches!(outcomes.as_slice(), [Outcome::Unlocked(Ok(_)), ..]), "{outcomes:?}");
        }
    }
}
