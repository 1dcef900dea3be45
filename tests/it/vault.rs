//! The vault as its users see it: nothing is lost, nothing is overwritten, and what is not whole is refused.

use std::fs;
use std::io::{Read, Write};
use std::iter;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use age::secrecy::SecretString;
use age::{Decryptor, Encryptor, scrypt, x25519};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;
use twolock::otp::{Kind, Otp, Secret, Timestamp};
use twolock::vault::{
    Account, AccountId, Change, ChangeError, Checked, DeviceId, Durability, Edit, Passphrase, Place,
    Presence, Stamp, Store, StoreError, Used, Vault, WorkFactor, fresh_bytes,
};
use uuid::Uuid;
use zeroize::Zeroizing;

const AT: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned()))
}

fn right() -> Passphrase {
    passphrase("correct horse")
}

fn cheap() -> WorkFactor {
    WorkFactor::new(10).unwrap()
}

fn account(issuer: &str) -> Account {
    let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
    Account::new(AccountId::new(AT, fresh_bytes()), issuer, "me", Otp::totp(secret), AT)
}

fn add(issuer: &str) -> Change {
    Change::Add(Box::new(account(issuer)))
}

fn add_counter(counter: u64) -> Change {
    let mut account = account("Counter");
    account.otp.kind = Kind::Hotp { counter };
    Change::Add(Box::new(account))
}

fn names(vault: &Vault) -> Vec<&str> {
    vault.accounts().iter().map(|account| account.issuer.as_str()).collect()
}

/// A directory of its own, with or without memory.
struct Home {
    root: TempDir,
    place: Place,
}

impl Home {
    fn new() -> Self {
        let root = TempDir::new().unwrap();
        let place = Place::new(root.path().join("data/vault"), Some(root.path().join("state/state.ron")));
        Self { root, place }
    }

    fn with_vault() -> (Self, Store) {
        let home = Self::new();
        let store = Store::create(&home.place, &right(), cheap(), AT).unwrap();
        (home, store)
    }

    fn unlock(&self) -> Result<Store, StoreError> {
        Store::unlock(&self.place, &right(), AT)
    }

    /// Opens the vault as the tool `age` does, and returns its identity and its text.
    fn open_by_hand(&self) -> (x25519::Identity, String) {
        let mut unlock = scrypt::Identity::new(SecretString::from("correct horse".to_owned()));
        unlock.set_max_work_factor(10);
        let text = by_hand(&self.place.identity_file(), &unlock);
        let key = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap();
        let identity: x25519::Identity = key.parse().unwrap();
        let text = by_hand(&self.place.vault_file(), &identity);
        (identity, text)
    }

    /// Puts another text into the vault, sealed as it should be.
    fn write_by_hand(&self, identity: &x25519::Identity, text: &str) {
        let mut sealed = Vec::new();
        let recipient = identity.to_public();
        let encryptor = Encryptor::with_recipients(iter::once(&recipient as _)).unwrap();
        let mut writer = encryptor.wrap_output(&mut sealed).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writer.finish().unwrap();
        write(&self.place.vault_file(), &sealed);
    }
}

fn by_hand(path: &Path, identity: &dyn age::Identity) -> String {
    let mut text = String::new();
    let decryptor = Decryptor::new_buffered(std::io::BufReader::new(fs::File::open(path).unwrap())).unwrap();
    decryptor.decrypt(iter::once(identity)).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[expect(clippy::disallowed_methods, reason = "a test plays the other program that writes there")]
fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

/// Checks that opening a vault of these bytes is refused as expected, and leaves them as they are.
#[track_caller]
fn check_refused(bytes: &[u8], expected: impl Fn(&StoreError) -> bool) {
    let (home, _) = Home::with_vault();
    let file = home.place.vault_file();
    write(&file, bytes);
    let before = fs::metadata(&file).unwrap();
    let error = home.unlock().unwrap_err();
    assert!(expected(&error), "{error}");
    let after = fs::metadata(&file).unwrap();
    assert_eq!(fs::read(&file).unwrap(), bytes);
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn what_is_saved_is_there_after_opening_again() {
    let (home, mut store) = Home::with_vault();
    assert_eq!(store.vault().generation(), 1);
    let done = store.commit(&[add("GitHub"), add_counter(3)], AT).unwrap();
    assert_eq!((done.vault.generation(), done.durability), (2, Durability::Durable));
    let again = home.unlock().unwrap();
    assert_eq!(again.vault(), store.vault());
    assert_eq!(again.notices(), Vec::<String>::new());
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let (home, store) = Home::with_vault();
    let error = Store::unlock(&home.place, &passphrase("wrong"), AT).unwrap_err();
    assert!(matches!(error, StoreError::WrongPassphrase), "{error}");
    assert!(matches!(store.confirm(&passphrase("wrong")), Err(StoreError::WrongPassphrase)));
    store.confirm(&right()).unwrap();
}

#[test]
fn a_new_passphrase_opens_the_same_accounts() {
    let (home, mut store) = Home::with_vault();
    store.commit(&[add("GitHub")], AT).unwrap();
    assert!(store.change_passphrase(&passphrase("wrong"), &passphrase("new"), cheap()).is_err());
    store.change_passphrase(&right(), &passphrase("new"), cheap()).unwrap();
    assert!(matches!(home.unlock(), Err(StoreError::WrongPassphrase)));
    let again = Store::unlock(&home.place, &passphrase("new"), AT).unwrap();
    assert_eq!(names(&again.vault()), ["GitHub"]);
    assert!(matches!(Store::newest_good_backup(&home.place, &right()), Err(StoreError::WrongPassphrase)));
}

#[test]
fn creating_never_overwrites() {
    let (home, mut store) = Home::with_vault();
    store.commit(&[add("GitHub")], AT).unwrap();
    let before = fs::read(home.place.vault_file()).unwrap();
    let error = Store::create(&home.place, &right(), cheap(), AT).unwrap_err();
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");
    assert_eq!(fs::read(home.place.vault_file()).unwrap(), before);
}

#[test]
fn two_writers_lose_nothing() {
    let (home, _) = Home::with_vault();
    thread::scope(|scope| {
        for writer in 0..2 {
            let place = &home.place;
            let spawn = move || {
                let mut store = Store::unlock(place, &right(), AT).unwrap();
                for number in 0..20 {
                    store.commit(&[add(&format!("{writer}-{number}"))], AT).unwrap();
                }
            };
            scope.spawn(spawn);
        }
    });
    let vault = home.unlock().unwrap().vault();
    assert_eq!((vault.accounts().len(), vault.generation()), (40, 41));
}

#[test]
fn two_windows_get_two_counters() {
    let (home, mut one) = Home::with_vault();
    one.commit(&[add_counter(u64::MAX - 3)], AT).unwrap();
    let id = one.vault().accounts()[0].id;
    let mut two = home.unlock().unwrap();
    assert_eq!(one.commit(&[Change::Advance(id)], AT).unwrap().reserved, [(id, u64::MAX - 3)]);
    assert_eq!(two.commit(&[Change::Advance(id)], AT).unwrap().reserved, [(id, u64::MAX - 2)]);
    assert_eq!(one.commit(&[Change::Advance(id)], AT).unwrap().reserved, [(id, u64::MAX - 1)]);
    let error = one.commit(&[Change::Advance(id)], AT).unwrap_err();
    assert!(matches!(error, StoreError::Change(ChangeError::Exhausted)), "{error}");
    assert_eq!(home.unlock().unwrap().vault().accounts()[0].otp.kind, Kind::Hotp { counter: u64::MAX });
}

#[test]
fn a_change_of_another_program_is_noticed() {
    let (home, mut one) = Home::with_vault();
    let mut two = home.unlock().unwrap();
    assert!(one.refresh().unwrap().is_none());
    two.commit(&[add("GitHub")], AT).unwrap();
    let seen = one.refresh().unwrap().unwrap();
    assert_eq!(names(&seen), ["GitHub"]);
    assert!(one.refresh().unwrap().is_none());
}

#[test]
fn changes_that_change_nothing_are_not_saved() {
    let (_home, mut store) = Home::with_vault();
    let change = add("GitHub");
    store.commit(std::slice::from_ref(&change), AT).unwrap();
    let again = store.commit(&[change], AT).unwrap();
    assert_eq!((again.vault.generation(), again.inverse), (2, vec![]));
}

#[test]
fn if_one_change_cannot_be_made_none_is() {
    let (home, mut store) = Home::with_vault();
    let gone = Change::Restore(AccountId::new(AT, fresh_bytes()));
    let error = store.commit(&[add("GitHub"), gone], AT).unwrap_err();
    assert!(matches!(error, StoreError::Change(ChangeError::Gone)), "{error}");
    assert_eq!((home.unlock().unwrap().vault().generation(), store.vault().accounts().len()), (1, 0));
}

#[test]
fn what_is_not_a_whole_vault_is_refused_and_not_touched() {
    let (home, _) = Home::with_vault();
    let whole = fs::read(home.place.vault_file()).unwrap();
    let damaged = |error: &StoreError| matches!(error, StoreError::Damaged { .. });
    check_refused(b"", |error| damaged(error) && error.to_string().ends_with("it is empty"));
    check_refused(b"<html>500 Internal Server Error</html>", |error| {
        matches!(error, StoreError::NotAVault { .. })
    });
    // Sealed for another identity.
    check_refused(&whole, damaged);
    let identity = fs::read(home.place.identity_file()).unwrap();
    check_refused(&identity, damaged);
}

#[test]
fn a_vault_with_any_part_damaged_is_refused_and_not_touched() {
    let (home, _) = Home::with_vault();
    let file = home.place.vault_file();
    let whole = fs::read(&file).unwrap();
    let header = (0..whole.len().min(240)).step_by(7);
    for at in header.chain((240..whole.len()).step_by(211)).chain([whole.len() - 1]) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x40;
        let longer = [&whole[..at], b"\n", &whole[at..]].concat();
        for damaged in [&flipped, &whole[..at].to_vec(), &longer] {
            write(&file, damaged);
            assert!(home.unlock().is_err(), "byte {at}");
            assert_eq!(&fs::read(&file).unwrap(), damaged);
        }
    }
    write(&file, &whole);
    home.unlock().unwrap();
}

/// The vault, the identity and a backup, damaged at every byte: nothing of it opens as if it were whole, and nothing of
/// it is written to.
#[test]
fn every_damaged_byte_of_a_vault_is_noticed_and_not_touched() {
    let (home, mut store) = Home::with_vault();
    store.commit(&[add("GitHub")], AT).unwrap();
    let whole = store.vault();
    let file = home.place.vault_file();
    let sealed = fs::read(&file).unwrap();
    for at in 0..sealed.len() {
        let mut damaged = sealed.clone();
        damaged[at] ^= [0x01, 0x80, 0xff][at % 3];
        write(&file, &damaged);
        assert!(store.refresh().is_err(), "byte {at} of the vault");
        assert_eq!(store.vault(), whole);
        assert_eq!(fs::read(&file).unwrap(), damaged);
    }
    write(&file, &sealed);
    assert_eq!(home.unlock().unwrap().vault(), whole);
}

#[test]
fn every_damaged_byte_of_an_identity_is_noticed_and_not_touched() {
    let (home, _) = Home::with_vault();
    let file = home.place.identity_file();
    let sealed = fs::read(&file).unwrap();
    let backups = home.place.backups_dir();
    fs::remove_dir_all(backups).unwrap();
    for at in 0..sealed.len() {
        let mut damaged = sealed.clone();
        damaged[at] ^= [0x01, 0x80, 0xff][at % 3];
        write(&file, &damaged);
        assert!(home.unlock().is_err(), "byte {at} of the identity");
        assert_eq!(fs::read(&file).unwrap(), damaged);
    }
    write(&file, &sealed);
    home.unlock().unwrap();
}

/// What a damaged state file remembers is lost, or noticed; the vault opens all the same.
#[test]
fn no_damaged_byte_of_the_state_keeps_the_vault_from_opening() {
    let (home, _) = Home::with_vault();
    let file = home.root.path().join("state/state.ron");
    let state = fs::read(&file).unwrap();
    for at in 0..state.len() {
        let mut damaged = state.clone();
        damaged[at] ^= [0x01, 0x80, 0xff][at % 3];
        write(&file, &damaged);
        let opened = home.unlock();
        let loud = matches!(&opened, Err(StoreError::RolledBack { .. }));
        assert!(opened.is_ok() || loud, "byte {at} of the state: {:?}", opened.err());
    }
}

/// What programs that synchronise folders put beside the vault is never taken for it, and stays.
#[test]
fn conflicting_copies_beside_the_vault_are_left_alone() {
    let (home, mut store) = Home::with_vault();
    store.commit(&[add("GitHub")], AT).unwrap();
    let (_other, mut foreign) = Home::with_vault();
    foreign.commit(&[add("Foreign")], AT).unwrap();
    let bytes = fs::read(foreign.place().vault_file()).unwrap();
    let names_beside = [
        "vault.sync-conflict-20261124-101500-ABCDEFG.age",
        "vault (conflicted copy).age",
        "vault.age~",
        "vault.age.bak",
        ".vault.age.swp",
    ];
    for name in names_beside {
        write(&home.place.dir().join(name), &bytes);
    }
    let mut again = home.unlock().unwrap();
    assert_eq!(names(&again.vault()), ["GitHub"]);
    again.commit(&[add("More")], AT).unwrap();
    for name in names_beside {
        assert_eq!(fs::read(home.place.dir().join(name)).unwrap(), bytes, "{name}");
    }
}

#[test]
fn a_newer_format_is_refused_by_its_number() {
    let (home, _) = Home::with_vault();
    let (identity, text) = home.open_by_hand();
    assert!(text.contains("format: 1"));
    home.write_by_hand(&identity, &text.replace("format: 1", "format: 9, colour: Green"));
    let before = fs::read(home.place.vault_file()).unwrap();
    let error = home.unlock().unwrap_err();
    assert!(matches!(error, StoreError::Newer { format: 9, .. }), "{error}");
    assert_eq!(fs::read(home.place.vault_file()).unwrap(), before);
    home.write_by_hand(&identity, &text.replace("accounts: [", "colour: Green, accounts: ["));
    let error = home.unlock().unwrap_err();
    assert!(error.to_string().contains("\"colour\""), "{error}");
}

#[test]
fn the_plain_text_is_padded_and_readable() {
    let (home, mut store) = Home::with_vault();
    let (_, text) = home.open_by_hand();
    assert_eq!(text.len(), 4096);
    store.commit(&[add("GitHub")], AT).unwrap();
    let (_, text) = home.open_by_hand();
    assert_eq!(text.len(), 4096);
    assert!(text.contains("issuer: \"GitHub\", account: \"me\""), "{text}");
}

#[test]
fn an_older_file_is_a_loud_stop_with_a_way_on() {
    let (home, mut store) = Home::with_vault();
    let old = fs::read(home.place.vault_file()).unwrap();
    store.commit(&[add("GitHub")], AT).unwrap();
    write(&home.place.vault_file(), &old);
    for error in [home.unlock().unwrap_err(), store.commit(&[add("More")], AT).unwrap_err()] {
        assert!(matches!(error, StoreError::RolledBack { seen: 2, found: 1 }), "{error}");
    }
    assert!(matches!(store.refresh(), Err(StoreError::RolledBack { .. })));
    assert_eq!(fs::read(home.place.vault_file()).unwrap(), old);
    let accepted = Store::accept_rollback(&home.place, &right(), AT).unwrap();
    assert_eq!((accepted.vault().generation(), accepted.vault().accounts().len()), (3, 0));
    home.unlock().unwrap();
}

#[test]
fn another_line_of_changes_is_a_loud_stop() {
    let (home, mut store) = Home::with_vault();
    let start = fs::read(home.place.vault_file()).unwrap();
    store.commit(&[add("Here")], AT).unwrap();
    // The other device has no memory of ours, and starts from the same generation.
    write(&home.place.vault_file(), &start);
    let elsewhere = Place::new(home.place.dir().to_owned(), None);
    let mut there = Store::unlock(&elsewhere, &right(), AT).unwrap();
    there.commit(&[add("There")], AT).unwrap();
    let error = home.unlock().unwrap_err();
    assert!(matches!(error, StoreError::RolledBack { seen: 2, found: 2 }), "{error}");
    there.commit(&[add("Further")], AT).unwrap();
    let error = store.commit(&[add("Here too")], AT).unwrap_err();
    assert!(matches!(error, StoreError::RolledBack { seen: 2, found: 3 }), "{error}");
}

#[test]
fn a_vanished_vault_is_not_replaced_by_a_new_one() {
    let (home, mut store) = Home::with_vault();
    store.commit(&[add("GitHub")], AT).unwrap();
    assert_eq!(Store::presence(&home.place).unwrap(), Presence::Present);
    fs::remove_file(home.place.vault_file()).unwrap();
    let gone = Presence::Vanished { generation: 2 };
    assert_eq!(Store::presence(&home.place).unwrap(), gone);
    for error in [
        home.unlock().unwrap_err(),
        Store::create(&home.place, &right(), cheap(), AT).unwrap_err(),
        store.commit(&[add("More")], AT).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Vanished { generation: 2, .. }), "{error}");
    }
    fs::remove_dir_all(home.place.dir()).unwrap();
    assert_eq!(Store::presence(&home.place).unwrap(), gone);
    Store::forget(&home.place).unwrap();
    assert_eq!(Store::presence(&home.place).unwrap(), Presence::Missing);
    Store::create(&home.place, &right(), cheap(), AT).unwrap();
}

#[test]
fn a_missing_vault_is_missing() {
    let home = Home::new();
    assert_eq!(Store::presence(&home.place).unwrap(), Presence::Missing);
    assert!(matches!(home.unlock(), Err(StoreError::Missing { .. })));
    assert!(!home.place.dir().exists());
    assert!(Store::backups(&home.place).unwrap().is_empty());
}

#[test]
fn what_is_no_file_of_ours_is_not_used() {
    let (home, _) = Home::with_vault();
    let file = home.place.vault_file();
    let check = |why: &str| {
        let error = home.unlock().unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error}");
        assert!(error.to_string().ends_with(why), "{error}");
    };
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    check("it is not a regular file");
    fs::remove_dir(&file).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    check("it is not a regular file");
    fs::remove_file(&file).unwrap();
    symlink(home.root.path().join("nowhere"), &file).unwrap();
    check("it is a link to nothing");
    fs::remove_file(&file).unwrap();
    write(&file, b"");
    fs::File::options().write(true).open_len(&file, (64 << 20) + 1);
    check("it is larger than 64 MiB");
}

/// Makes a file long without writing it.
trait OpenLen {
    fn open_len(&mut self, path: &Path, length: u64);
}

impl OpenLen for fs::OpenOptions {
    #[expect(clippy::disallowed_methods, reason = "a test makes a large file")]
    fn open_len(&mut self, path: &Path, length: u64) {
        self.open(path).unwrap().set_len(length).unwrap();
    }
}

#[test]
fn what_belongs_to_another_user_is_not_used() {
    let (home, _) = Home::with_vault();
    let elsewhere = home.root.path().join("elsewhere.age");
    fs::rename(home.place.vault_file(), &elsewhere).unwrap();
    symlink(&elsewhere, home.place.vault_file()).unwrap();
    home.unlock().unwrap();
    // Only root can give a file away.
    if std::os::unix::fs::chown(&elsewhere, Some(65_534), None).is_ok() {
        let error = home.unlock().unwrap_err();
        assert!(error.to_string().ends_with("it belongs to another user"), "{error}");
    }
}

#[test]
fn a_directory_that_everyone_may_write_in_is_not_used() {
    let (home, _) = Home::with_vault();
    write(&home.place.dir().join("another file"), b"");
    fs::set_permissions(home.place.dir(), fs::Permissions::from_mode(0o777)).unwrap();
    let error = home.unlock().unwrap_err();
    assert!(error.to_string().ends_with("everyone may write in the directory"), "{error}");
}

#[test]
fn files_are_ours_alone_whatever_the_umask() {
    let before = rustix::process::umask(rustix::fs::Mode::empty());
    let (home, mut store) = Home::with_vault();
    store.commit(&[add("GitHub")], AT).unwrap();
    rustix::process::umask(before);
    let mut dirs = vec![home.place.dir().to_owned(), home.root.path().join("state")];
    let mut files = 0;
    while let Some(dir) = dirs.pop() {
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o7777, 0o700, "{}", dir.display());
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600, "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files >= 6, "{files}");
}

#[test]
fn a_loose_mode_is_tightened_and_said() {
    let (home, _) = Home::with_vault();
    fs::set_permissions(home.place.vault_file(), fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(home.place.dir(), fs::Permissions::from_mode(0o755)).unwrap();
    let store = home.unlock().unwrap();
    assert_eq!(store.notices().len(), 2, "{:?}", store.notices());
    assert!(store.notices()[1].ends_with("vault.age\" from 0644 to 0600"), "{:?}", store.notices());
    assert_eq!(fs::metadata(home.place.vault_file()).unwrap().mode() & 0o777, 0o600);
    assert_eq!(home.unlock().unwrap().notices(), Vec::<String>::new());
}

#[test]
fn edits_are_backed_up_and_counts_are_not() {
    let (home, mut store) = Home::with_vault();
    store.commit(&[add_counter(0)], AT).unwrap();
    let id = store.vault().accounts()[0].id;
    let generations =
        || Store::backups(&home.place).unwrap().iter().map(|backup| backup.generation).collect::<Vec<_>>();
    assert_eq!(generations(), [1]);
    store.commit(&[Change::Advance(id)], AT).unwrap();
    store.commit(&[Change::Use(id, 1, AT)], AT).unwrap();
    assert_eq!(generations(), [1]);
    for number in 0..30 {
        let edit = Edit { note: Some(format!("{number}")), ..Edit::default() };
        store.commit(&[Change::Edit(id, Box::new(edit))], AT).unwrap();
    }
    assert_eq!(generations().len(), 20);
    assert_eq!(generations()[0], 33);
}

#[test]
fn a_backup_that_cannot_be_kept_stops_the_save() {
    let (home, mut store) = Home::with_vault();
    fs::remove_dir_all(home.place.backups_dir()).unwrap();
    write(&home.place.backups_dir(), b"in the way");
    let error = store.commit(&[add("GitHub")], AT).unwrap_err();
    assert!(error.to_string().contains("backups"), "{error}");
    fs::remove_file(home.place.backups_dir()).unwrap();
    assert_eq!(home.unlock().unwrap().vault().generation(), 1);
    store.commit(&[add("GitHub")], AT).unwrap();
}

#[test]
fn a_restore_can_itself_be_undone() {
    let (home, mut store) = Home::with_vault();
    store.commit(&[add("GitHub"), add_counter(5)], AT).unwrap();
    let id = store.vault().accounts()[1].id;
    store.commit(&[add("GitLab")], AT).unwrap();
    store.commit(&[Change::Advance(id)], AT).unwrap();
    let backup = Store::backups(&home.place).unwrap().remove(0);
    assert_eq!(backup.generation, 2);
    let mut restored = Store::restore(&home.place, &right(), &backup, AT).unwrap();
    let vault = restored.vault();
    assert_eq!((names(&vault), vault.generation()), (vec!["GitHub", "Counter"], 5));
    // The codes up to the counter were shown.
    assert_eq!(vault.accounts()[1].otp.kind, Kind::Hotp { counter: 6 });
    let lost = vault.deleted()[0].id;
    restored.commit(&[Change::Restore(lost)], AT).unwrap();
    assert_eq!(names(&restored.vault()), ["GitHub", "Counter", "GitLab"]);
    let undo =
        Store::backups(&home.place).unwrap().into_iter().find(|backup| backup.generation == 4).unwrap();
    let back = Store::restore(&home.place, &right(), &undo, AT).unwrap();
    assert_eq!(names(&back.vault()), ["GitHub", "Counter", "GitLab"]);
    // A window that was open all the while goes along.
    store.commit(&[add("Last")], AT).unwrap();
    assert_eq!(store.vault().generation(), 8);
}

#[test]
fn a_vault_without_memory_works_the_same() {
    let home = Home::new();
    let place = Place::new(home.place.dir().to_owned(), None);
    let mut store = Store::create(&place, &right(), cheap(), AT).unwrap();
    store.commit(&[add("GitHub")], AT).unwrap();
    assert_eq!(store.notices(), Vec::<String>::new());
    assert_eq!(names(&Store::unlock(&place, &right(), AT).unwrap().vault()), ["GitHub"]);
}

#[test]
fn memory_that_cannot_be_kept_is_said_and_stops_nothing() {
    let home = Home::new();
    write(&home.root.path().join("state"), b"in the way");
    let mut store = Store::create(&home.place, &right(), cheap(), AT).unwrap();
    store.commit(&[add("GitHub")], AT).unwrap();
    assert_eq!(store.notices().len(), 1, "{:?}", store.notices());
    assert_eq!(names(&home.unlock().unwrap().vault()), ["GitHub"]);
}

#[test]
fn vaults_that_are_saved_at_once_are_all_remembered() {
    let root = TempDir::new().unwrap();
    let places: Vec<Place> = (0..4)
        .map(|number| {
            Place::new(root.path().join(format!("vault-{number}")), Some(root.path().join("state.ron")))
        })
        .collect();
    thread::scope(|scope| {
        for place in &places {
            scope.spawn(|| {
                let mut store = Store::create(place, &right(), cheap(), AT).unwrap();
                for number in 0..5 {
                    store.commit(&[add(&number.to_string())], AT).unwrap();
                }
                assert_eq!(store.notices(), Vec::<String>::new());
            });
        }
    });
    for place in &places {
        fs::remove_dir_all(place.dir()).unwrap();
        assert_eq!(Store::presence(place).unwrap(), Presence::Vanished { generation: 6 });
    }
    Store::forget(&places[0]).unwrap();
    assert_eq!(Store::presence(&places[0]).unwrap(), Presence::Missing);
    assert_eq!(Store::presence(&places[1]).unwrap(), Presence::Vanished { generation: 6 });
}

#[test]
fn errors_and_debug_tell_no_secret() {
    let (home, mut store) = Home::with_vault();
    store.commit(&[add("GitHub")], AT).unwrap();
    let (identity, text) = home.open_by_hand();
    for (from, to) in [("GEZDGNBV", "GEZ1GNBV"), ("digits: 6", "digits: 0"), ("secret: ", "secret: 1, ")] {
        home.write_by_hand(&identity, &text.replace(from, to));
        let error = home.unlock().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("GEZ"), "{error:?}");
    }
    assert!(!format!("{store:?} {:?}", store.vault()).contains("GEZ"));
}

#[test]
fn a_vault_of_the_first_format_opens() {
    let home = Home::new();
    fs::create_dir_all(home.place.dir()).unwrap();
    for file in ["identity.age", "vault.age"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vault/format-1").join(file);
        fs::copy(from, home.place.dir().join(file)).unwrap();
    }
    let vault = Store::unlock(&home.place, &passphrase("format-1"), AT).unwrap().vault();
    assert_eq!(vault.generation(), 3);
    assert_eq!(names(&vault), ["GitHub", "Counter", "Steam", "mOTP", "Яндекс"]);
    let [github, counter, steam, motp, yandex] = vault.accounts() else { panic!("five accounts") };
    assert_eq!(github.otp.secret.bytes(), b"12345678901234567890");
    assert_eq!(
        (github.note.as_str(), github.group.as_str(), github.pinned),
        ("two\nlines \"quoted\"", "Work", true)
    );
    assert_eq!(github.checked, Checked::BySite(AT));
    assert_eq!(counter.otp.kind, Kind::Hotp { counter: 42 });
    assert!(counter.pending);
    assert_eq!(steam.otp.kind, Kind::Steam);
    assert!(matches!(&motp.otp.kind, Kind::Motp { pin } if pin.bytes() == b"1234"));
    assert!(matches!(&yandex.otp.kind, Kind::Yandex { pin } if pin.bytes() == b"5678"));
    assert_eq!((yandex.used.count, yandex.used.last), (9, Some(AT)));
    assert_eq!(vault.deleted()[0].account.as_ref().unwrap().issuer, "Gone");
}

/// What undoing has to bring back: all but stamps, counts and counters.
fn essence(vault: &Vault) -> Vec<Account> {
    vault
        .accounts()
        .iter()
        .map(|account| {
            let mut account = account.clone();
            account.stamp = Stamp::default();
            account.used = Used::default();
            if let Kind::Hotp { counter } = &mut account.otp.kind {
                *counter = 0;
            }
            account
        })
        .collect()
}

fn change() -> impl Strategy<Value = (u8, usize, usize, String)> {
    (0..7_u8, 0..8_usize, 0..8_usize, "[a-z]{1,3}")
}

/// The number that is drawn for bringing a deleted account back.
const RESTORE: u8 = 5;

/// Makes a change of drawn numbers, to an account that may or may not be there.
fn drawn(vault: &Vault, (what, which, to, text): &(u8, usize, usize, String)) -> Change {
    let mut ids: Vec<AccountId> = vault.accounts().iter().map(|account| account.id).collect();
    ids.extend(vault.deleted().iter().map(|deleted| deleted.id));
    let id = ids.get(*which % ids.len().max(1)).copied().unwrap_or_else(|| AccountId::new(AT, [1; 10]));
    match what {
        0 => Change::Add(Box::new(account(text))),
        1 => Change::Advance(id),
        2 => {
            let pinned = Some(*to % 2 == 0);
            let group = (*to > 3).then(|| text.clone());
            Change::Edit(id, Box::new(Edit { issuer: Some(text.clone()), pinned, group, ..Edit::default() }))
        }
        3 => Change::Move(id, *to),
        4 => Change::Remove(id, AT),
        &RESTORE => Change::Restore(id),
        _ => Change::Use(id, 1, AT),
    }
}

proptest! {
    #[test]
    fn undoing_brings_back_what_was(before in vec(change(), 0..12), then in vec(change(), 0..12)) {
        let device = DeviceId(1);
        let mut vault = Vault::new(Uuid::from_bytes([1; 16]));
        vault.apply(&add_counter(1), AT, device).unwrap();
        for numbers in &before {
            drop(vault.apply(&drawn(&vault, numbers), AT, device));
        }
        let mut was = essence(&vault);
        let mut inverses = Vec::new();
        for numbers in &then {
            if let Ok(applied) = vault.apply(&drawn(&vault, numbers), AT, device) {
                inverses.extend(applied.inverse);
            }
        }
        for inverse in inverses.iter().rev() {
            vault.apply(inverse, AT, device).unwrap();
        }
        let mut is = essence(&vault);
        // Brought back into a shorter list, an account forgets that its place was further down.
        if then.iter().any(|(what, ..)| *what == RESTORE) {
            is.sort_by_key(|account| account.id);
            was.sort_by_key(|account| account.id);
        }
        prop_assert_eq!(is, was);
    }

    #[test]
    fn several_changes_at_once_are_as_one_after_the_other(drawn_from in vec(change(), 0..24)) {
        let device = DeviceId(1);
        let mut vault = Vault::new(Uuid::from_bytes([1; 16]));
        vault.apply(&add_counter(1), AT, device).unwrap();
        let start = vault.clone();
        let (mut changes, mut all) = (Vec::new(), Vec::new());
        for numbers in &drawn_from {
            let change = drawn(&vault, numbers);
            if let Ok(applied) = vault.apply(&change, AT, device) {
                // Every addition comes twice, which changes nothing.
                if let Change::Add(_) = &change {
                    all.push(applied.clone());
                    all.push(vault.apply(&change, AT, device).unwrap());
                    changes.push(change.clone());
                } else {
                    all.push(applied);
                }
                changes.push(change);
            }
        }
        prop_assert_eq!(start.after(&changes, AT, device), Ok((vault, all)));
        let nameless = Account { issuer: String::new(), account: String::new(), ..account("x") };
        changes.push(Change::Add(Box::new(nameless)));
        prop_assert_eq!(start.after(&changes, AT, device), Err(ChangeError::Nameless));
    }

    #[test]
    fn stamps_only_go_forward(changes in vec(change(), 0..12), clocks in vec(0..3_i64, 12)) {
        let mut vault = Vault::new(Uuid::from_bytes([1; 16]));
        for (numbers, clock) in changes.iter().zip(clocks) {
            let before: Vec<_> = vault.accounts().iter().map(|account| (account.id, account.stamp)).collect();
            let at = Timestamp::from_seconds(clock);
            drop(vault.apply(&drawn(&vault, numbers), at, DeviceId(1)));
            for (id, stamp) in before {
                prop_assert!(vault.account(id).is_none_or(|account| account.stamp >= stamp));
            }
        }
    }
}

#[test]
fn undoing_a_deletion_brings_the_account_back_to_its_place() {
    let (_home, mut store) = Home::with_vault();
    store.commit(&[add("one"), add("two"), add("three")], AT).unwrap();
    let before: Arc<Vault> = store.vault();
    let ids: Vec<AccountId> = before.accounts().iter().map(|account| account.id).collect();
    let done = store.commit(&[Change::Remove(ids[0], AT), Change::Remove(ids[1], AT)], AT).unwrap();
    assert_eq!(names(&done.vault), ["three"]);
    let undone = store.commit(&done.inverse, AT).unwrap();
    assert_eq!(names(&undone.vault), ["one", "two", "three"]);
    let redone = store.commit(&undone.inverse, AT).unwrap();
    assert_eq!(names(&redone.vault), ["three"]);
}

#[test]
fn what_is_deleted_is_kept_for_as_long_as_is_set_and_may_be_forgotten_before() {
    let home = Home::new();
    let place = home.place.clone().keeping_deleted(2);
    let mut store = Store::create(&place, &right(), cheap(), AT).unwrap();
    store.commit(&[add("one"), add("two")], AT).unwrap();
    let ids: Vec<AccountId> = store.vault().accounts().iter().map(|account| account.id).collect();
    store.commit(&[Change::Remove(ids[0], AT), Change::Remove(ids[1], AT)], AT).unwrap();
    let content = |store: &Store| -> Vec<bool> {
        store.vault().deleted().iter().map(|deleted| deleted.account.is_some()).collect()
    };
    let later = AT.plus_seconds(2 * 86_400);
    store.commit(&[add("three")], later).unwrap();
    assert_eq!(content(&store), [true, true]);
    let done = store.commit(&[Change::Forget(ids[0])], later).unwrap();
    assert!(done.inverse.is_empty());
    assert_eq!(content(&store), [false, true]);
    assert!(matches!(
        store.commit(&[Change::Restore(ids[0])], later),
        Err(StoreError::Change(ChangeError::Gone))
    ));
    store.commit(&[add("four")], later.plus_seconds(1)).unwrap();
    assert_eq!(content(&store), [false, false]);
    assert_eq!(content(&Store::unlock(&place, &right(), later).unwrap()), [false, false]);
}

#[test]
fn what_is_deleted_is_kept_for_thirty_days_if_nothing_is_set() {
    let (_home, mut store) = Home::with_vault();
    store.commit(&[add("one")], AT).unwrap();
    let id = store.vault().accounts()[0].id;
    store.commit(&[Change::Remove(id, AT)], AT).unwrap();
    let later = AT.plus_seconds(30 * 86_400);
    store.commit(&[add("two")], later).unwrap();
    assert!(store.vault().deleted()[0].account.is_some());
    store.commit(&[add("three")], later.plus_seconds(1)).unwrap();
    assert!(store.vault().deleted()[0].account.is_none());
}

#[test]
fn what_is_changed_has_a_stamp_later_than_all_before() {
    let mut vault = Vault::new(Uuid::from_bytes([1; 16]));
    let (one, two) = (account("one"), account("two"));
    let id = one.id;
    let note = Edit { note: Some("x".to_owned()), ..Edit::default() };
    let mut last = Stamp::default();
    for change in [
        Change::Add(Box::new(one)),
        Change::Add(Box::new(two)),
        Change::Edit(id, Box::new(note)),
        Change::Remove(id, AT),
        Change::Restore(id),
    ] {
        drop(vault.apply(&change, AT, DeviceId(7)).unwrap());
        let accounts = vault.accounts().iter().map(|account| account.stamp);
        let newest = accounts.chain(vault.deleted().iter().map(|deleted| deleted.stamp)).max().unwrap();
        assert!(newest > last, "{change:?}");
        assert_eq!(newest.device, DeviceId(7));
        last = newest;
    }
    let stamps: Vec<Stamp> = vault.accounts().iter().map(|account| account.stamp).collect();
    assert_ne!(stamps[0], stamps[1]);
}

#[test]
fn recipients_are_added_once_and_only_others_are_taken_away() {
    let (home, mut store) = Home::with_vault();
    let key = x25519::Identity::generate();
    let (other, stranger) =
        (key.to_public().to_string(), x25519::Identity::generate().to_public().to_string());
    let own = store.recipients().to_vec();
    let both = [own.as_slice(), std::slice::from_ref(&other)].concat();
    let refused =
        |done: Result<Durability, StoreError>| assert!(matches!(done, Err(StoreError::Recipient { .. })));
    store.change_recipients(&right(), &[other.clone(), other.clone()], &[], AT).unwrap();
    assert_eq!(store.recipients(), both);
    by_hand(&home.place.vault_file(), &key);
    refused(store.change_recipients(&right(), &["alice".to_owned()], &[], AT));
    refused(store.change_recipients(&right(), &[], &own, AT));
    refused(store.change_recipients(
        &right(),
        std::slice::from_ref(&stranger),
        std::slice::from_ref(&stranger),
        AT,
    ));
    refused(store.change_recipients(&right(), &[], &[stranger], AT));
    assert_eq!(home.unlock().unwrap().recipients(), both);
    store.change_recipients(&right(), &[], &[other], AT).unwrap();
    assert_eq!(home.unlock().unwrap().recipients(), own);
}

#[test]
fn a_vault_answers_with_what_was_put_into_it() {
    let mut vault = Vault::new(Uuid::from_bytes([9; 16]));
    let mut accounts = ["one", "two", "three", "four"].map(account);
    for (account, group) in accounts.iter_mut().zip(["Work", "", "Home", "Work"]) {
        account.group = group.to_owned();
    }
    for account in &accounts {
        drop(vault.apply(&Change::Add(Box::new(account.clone())), AT, DeviceId(1)).unwrap());
    }
    assert_eq!(vault.id(), Uuid::from_bytes([9; 16]));
    assert_eq!(vault.groups(), ["Home", "Work"]);
    assert_eq!(vault.account(accounts[2].id).unwrap().issuer, "three");
    assert_eq!(vault.account(account("five").id), None);
    let (home, mut store) = Home::with_vault();
    store.commit(&[add("one")], AT).unwrap();
    let (_, text) = home.open_by_hand();
    assert_eq!(Vault::from_text(&text).as_ref(), Some(&*store.vault()));
    assert_eq!(Vault::from_text("no vault"), None);
}
