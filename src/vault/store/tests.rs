//! Every single thing that a save does to the disk is made to fail, and the program to die there: afterwards there
//! is the old vault or the new one, and the next save works.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zeroize::Zeroizing;

use super::disk::fault::{Fault, inject};
use super::{Durability, Place, Presence, Rotated, Store, StoreError, WorkFactor, disk};
use crate::otp::{Kind, Otp, Secret, Timestamp};
use crate::vault::seal::{Identity, Key};
use crate::vault::{Account, AccountId, Change, Passphrase, fresh_bytes};

const AT: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// More than any save takes; that the last one is reached proves that none was left out.
const STEPS: usize = 200;

/// No space left, a bad disk.
const ERRORS: [i32; 2] = [28, 5];

struct Bench {
    _root: TempDir,
    place: Place,
    root: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let root = TempDir::new().unwrap();
        let dir = root.path().join("vault");
        let place = Place::new(dir, Some(root.path().join("state/state.ron")));
        Self { place, root: root.path().to_owned(), _root: root }
    }

    /// A vault with one account in it.
    fn with_one() -> (Self, Store) {
        let bench = Self::new();
        let mut store = Store::create(&bench.place, &passphrase("one"), cheap(), AT).unwrap();
        store.commit(&[add("old", Kind::TOTP)], AT).unwrap();
        (bench, store)
    }

    fn names(&self) -> Vec<String> {
        let store = Store::unlock(&self.place, &passphrase("one"), AT).unwrap();
        store.vault().accounts().iter().map(|account| account.issuer.clone()).collect()
    }

    fn litter(&self) -> Vec<PathBuf> {
        fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(dir).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    walk(&entry.path(), found);
                } else if disk::is_temp(&entry.file_name()) {
                    found.push(entry.path());
                }
            }
        }
        let mut found = Vec::new();
        walk(self.place.dir(), &mut found);
        let dotfiles = self.root.join("dotfiles");
        if dotfiles.exists() {
            walk(&dotfiles, &mut found);
        }
        found
    }
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned()))
}

fn cheap() -> WorkFactor {
    WorkFactor::OF_TESTS
}

fn add(issuer: &str, kind: Kind) -> Change {
    let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
    let id = AccountId::new(AT, fresh_bytes());
    Change::Add(Box::new(Account::new(id, issuer, "", Otp { kind, ..Otp::totp(secret) }, AT)))
}

/// Runs `check` with each step failing in each way, until no step is left.
fn each_step(mut check: impl FnMut(Fault, usize) -> bool) {
    for fault in ERRORS.map(Fault::Once).into_iter().chain([Fault::Dead]) {
        let reached = (0..STEPS).take_while(|at| check(fault, *at)).count();
        assert!((10..STEPS).contains(&reached), "{fault:?}: {reached} steps");
    }
}

fn check_commit(bench: &Bench, mut store: Store, fault: Fault, at: usize) -> bool {
    let change = add("new", Kind::TOTP);
    let (outcome, reached) = inject(fault, at, || store.commit(std::slice::from_ref(&change), AT));
    let names = bench.names();
    match (&outcome, fault) {
        (Ok(_), _) => assert_eq!(names, ["old", "new"], "{fault:?} at {at}"),
        (Err(error), _) => {
            assert_eq!(names, ["old"], "{fault:?} at {at}: {error}");
            assert_eq!(store.vault().accounts().len(), 1);
        }
    }
    if fault != Fault::Dead {
        // A file that cannot be removed at once is removed by the next save.
        let removed = outcome.is_err() || bench.litter().len() <= 1;
        assert!(
            removed && (outcome.is_ok() || bench.litter().is_empty()),
            "{fault:?} at {at}: {:?}",
            bench.litter()
        );
    }
    store.commit(&[change], AT).unwrap();
    assert_eq!(bench.names(), ["old", "new"], "{fault:?} at {at}");
    assert_eq!(bench.litter(), Vec::<PathBuf>::new(), "{fault:?} at {at}");
    reached
}

#[test]
fn a_save_that_fails_or_is_killed_leaves_the_old_vault_or_the_new_one() {
    each_step(|fault, at| {
        let (bench, store) = Bench::with_one();
        check_commit(&bench, store, fault, at)
    });
}

#[test]
fn a_linked_vault_is_saved_as_safely() {
    each_step(|fault, at| {
        let (bench, store) = Bench::with_one();
        let dotfiles = bench.root.join("dotfiles");
        fs::create_dir(&dotfiles).unwrap();
        fs::rename(bench.place.vault_file(), dotfiles.join("accounts.age")).unwrap();
        std::os::unix::fs::symlink(dotfiles.join("accounts.age"), bench.place.vault_file()).unwrap();
        let reached = check_commit(&bench, store, fault, at);
        assert!(fs::symlink_metadata(bench.place.vault_file()).unwrap().is_symlink());
        reached
    });
}

#[test]
fn a_counter_is_handed_out_only_when_it_cannot_come_back() {
    let mut unsure = 0;
    each_step(|fault, at| {
        let (bench, mut store) = Bench::with_one();
        store.commit(&[add("counter", Kind::Hotp { counter: 7 })], AT).unwrap();
        let id = store.vault().accounts()[1].id;
        let (outcome, reached) = inject(fault, at, || store.commit(&[Change::Advance(id)], AT));
        let kept = Store::unlock(&bench.place, &passphrase("one"), AT).unwrap().vault();
        let kind = &kept.accounts()[1].otp.kind;
        match outcome {
            Ok(done) if done.durability == Durability::Durable => {
                assert_eq!(done.reserved, [(id, 7)]);
                assert_eq!(*kind, Kind::Hotp { counter: 8 });
            }
            Ok(done) => {
                unsure += 1;
                assert_eq!(done.reserved, []);
                assert_eq!(*kind, Kind::Hotp { counter: 8 });
                let again = store.commit(&[Change::Advance(id)], AT).unwrap();
                assert_eq!(again.reserved, [(id, 8)]);
            }
            Err(_) => assert_eq!(*kind, Kind::Hotp { counter: 7 }),
        }
        reached
    });
    assert!(unsure > 0, "the step after the rename was never hit");
}

#[test]
fn a_creation_that_is_broken_off_can_be_taken_up_again() {
    each_step(|fault, at| {
        let bench = Bench::new();
        let create = || Store::create(&bench.place, &passphrase("one"), cheap(), AT);
        let (outcome, reached) = inject(fault, at, create);
        if outcome.is_err() {
            match Store::presence(&bench.place).unwrap() {
                Presence::Missing | Presence::Unfinished => drop(create().unwrap()),
                // It was written, and what failed came after.
                Presence::Present => panic!("{fault:?} at {at}: {outcome:?}"),
                Presence::Vanished { .. } => panic!("{fault:?} at {at}: nothing was there to vanish"),
            }
        }
        assert_eq!(bench.names(), Vec::<String>::new());
        assert!(matches!(create(), Err(StoreError::Exists { .. })));
        reached
    });
}

#[test]
fn a_copy_that_fails_is_no_copy() {
    each_step(|fault, at| {
        let (bench, _) = Bench::with_one();
        let to = bench.root.join("copies/one");
        let (outcome, reached) = inject(fault, at, || Store::copy_sealed(&bench.place, &to));
        let copy = Place::new(to.clone(), None);
        match (outcome, fault) {
            (Ok(made), _) => {
                assert_eq!((&made.path, made.made_dir), (&to, true));
                let opened = Store::unlock(&copy, &passphrase("one"), AT).unwrap();
                assert_eq!(opened.vault().accounts().len(), 1);
            }
            (Err(_), Fault::Once(_)) => assert!(!to.exists(), "{fault:?} at {at}"),
            // Nobody was left to tidy up: what is whole opens, and what is not has no vault.
            (Err(_), Fault::Dead) => {
                let whole = Store::unlock(&copy, &passphrase("one"), AT).is_ok();
                assert_eq!(copy.vault_file().exists(), whole, "{fault:?} at {at}");
            }
        }
        reached
    });
}

#[test]
fn a_new_passphrase_that_fails_leaves_the_old_one_or_the_new_one() {
    each_step(|fault, at| {
        let (bench, mut store) = Bench::with_one();
        let change =
            |store: &mut Store| store.change_passphrase(&passphrase("one"), &passphrase("two"), cheap());
        let (outcome, reached) = inject(fault, at, || change(&mut store));
        let opens = |text| Store::unlock(&bench.place, &passphrase(text), AT).is_ok();
        match outcome {
            Ok(_) => assert!(opens("two") && !opens("one"), "{fault:?} at {at}"),
            Err(error) => assert!(opens("one") && !opens("two"), "{fault:?} at {at}: {error}"),
        }
        reached
    });
}

#[test]
fn a_new_key_that_fails_leaves_every_account_and_every_copy_to_one_passphrase() {
    each_step(|fault, at| {
        let (bench, mut store) = Bench::with_one();
        store.commit(&[add("new", Kind::TOTP)], AT).unwrap();
        let rotate = |store: &mut Store, old| store.rotate(&passphrase(old), &passphrase("two"), cheap(), AT);
        let (outcome, reached) = inject(fault, at, || rotate(&mut store, "one"));
        let opens = |text| Store::unlock(&bench.place, &passphrase(text), AT).is_ok();
        let which = if opens("two") { "two" } else { "one" };
        assert!(outcome.is_err() || which == "two", "{fault:?} at {at}");
        assert!(which == "one" || !opens("one"), "{fault:?} at {at}");
        let whole = |which: &str| {
            let store = Store::unlock(&bench.place, &passphrase(which), AT).unwrap();
            assert_eq!(store.vault().accounts().len(), 2, "{fault:?} at {at}");
            for backup in Store::backups(&bench.place).unwrap() {
                store.earlier(&backup).unwrap();
            }
            store
        };
        let mut store = whole(which);
        // The next try goes on. It takes its time, so it is not made each time.
        if at % 5 == 0 {
            rotate(&mut store, which).unwrap();
            assert_eq!(whole("two").recipients().len(), 1);
            assert_eq!(bench.litter(), Vec::<PathBuf>::new(), "{fault:?} at {at}");
        }
        reached
    });
}

#[test]
fn a_new_key_opens_what_the_old_one_opened_and_the_old_one_nothing_of_it() {
    let (bench, mut store) = Bench::with_one();
    let further = Identity::generate();
    store.change_recipients(&passphrase("one"), &[further.recipient()], &[], AT).unwrap();
    let old = Identity::open(&fs::read(bench.place.identity_file()).unwrap(), &passphrase("one")).unwrap();
    let when = |place: &Place| {
        Store::backups(place).unwrap().into_iter().map(|backup| backup.when).collect::<Vec<_>>()
    };
    let before = when(&bench.place);
    let mut other = store.clone();
    let rotated = store.rotate(&passphrase("one"), &passphrase("two"), cheap(), AT).unwrap();
    let copies = Store::backups(&bench.place).unwrap();
    assert_eq!(rotated, Rotated { durability: Durability::Durable, resealed: copies.len(), left: 0 });
    assert!(copies.len() > before.len() && when(&bench.place).ends_with(&before));
    let opens =
        |file: &Path, identity: &Identity| Key::Own(identity.clone()).open(&fs::read(file).unwrap()).is_ok();
    let new = Identity::open(&fs::read(bench.place.identity_file()).unwrap(), &passphrase("two")).unwrap();
    assert_eq!(new.recipients(), [store.own_recipient().unwrap()]);
    assert_eq!(store.recipients(), [new.recipient(), further.recipient()]);
    for file in copies.iter().map(|copy| copy.path.clone()).chain([bench.place.vault_file()]) {
        assert!(opens(&file, &new) && opens(&file, &further) && !opens(&file, &old), "{file:?}");
    }
    // Who had it open is told what happened, and saves nothing.
    assert!(matches!(other.refresh(), Err(StoreError::NewKey { .. })));
    assert!(matches!(other.commit(&[add("lost", Kind::TOTP)], AT), Err(StoreError::NewKey { .. })));
    // The one that made it goes on.
    store.commit(&[add("next", Kind::TOTP)], AT).unwrap();
    assert_eq!(Store::unlock(&bench.place, &passphrase("two"), AT).unwrap().vault().accounts().len(), 2);
}

#[test]
fn a_copy_that_cannot_be_read_is_left_as_it_is() {
    let (bench, mut store) = Bench::with_one();
    let copy = Store::backups(&bench.place).unwrap().remove(0).path;
    fs::remove_file(&copy).unwrap();
    disk::Temp::write(&bench.place.backups_dir(), b"age-encryption.org/v1\nbroken")
        .unwrap()
        .place(&copy)
        .unwrap();
    let rotated = store.rotate(&passphrase("one"), &passphrase("two"), cheap(), AT).unwrap();
    assert_eq!((rotated.resealed, rotated.left), (1, 1));
    assert_eq!(fs::read(&copy).unwrap(), b"age-encryption.org/v1\nbroken");
}

#[test]
fn a_restore_that_fails_leaves_the_old_vault_or_the_restored_one() {
    each_step(|fault, at| {
        let (bench, mut store) = Bench::with_one();
        store.commit(&[add("new", Kind::TOTP)], AT).unwrap();
        let backup = Store::backups(&bench.place).unwrap().remove(0);
        let restore = || Store::restore(&bench.place, &passphrase("one"), &backup, AT);
        let (outcome, reached) = inject(fault, at, restore);
        let expected: &[&str] = if outcome.is_ok() { &["old"] } else { &["old", "new"] };
        assert_eq!(bench.names(), expected, "{fault:?} at {at}");
        reached
    });
}

#[test]
fn a_damaged_vault_and_identity_are_brought_back_from_the_backups() {
    let (bench, mut store) = Bench::with_one();
    store.commit(&[add("new", Kind::TOTP)], AT).unwrap();
    for file in [bench.place.vault_file(), bench.place.identity_file()] {
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        write(&file, &bytes);
    }
    let error = Store::unlock(&bench.place, &passphrase("one"), AT).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let (backup, vault) = Store::newest_good_backup(&bench.place, &passphrase("one")).unwrap().unwrap();
    assert_eq!((backup.generation, vault.accounts().len()), (2, 1));
    assert!(matches!(
        Store::newest_good_backup(&bench.place, &passphrase("other")),
        Err(StoreError::WrongPassphrase)
    ));
    let store = Store::restore(&bench.place, &passphrase("one"), &backup, AT).unwrap();
    assert_eq!(store.vault().generation(), 4);
    assert_eq!(bench.names(), ["old"]);
    let kept = fs::read_dir(bench.place.backups_dir()).unwrap();
    let damaged =
        kept.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("damaged-"));
    assert_eq!(damaged.count(), 2);
}

#[expect(clippy::disallowed_methods, reason = "a test damages files")]
fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}
