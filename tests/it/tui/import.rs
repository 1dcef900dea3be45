//! Import and export: what comes, what becomes of it, what goes.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use super::add::photographed;
use super::{list, pictures, usual};
use crate::support::stage::{PASSPHRASE, Stage, account};
use twolock::exchange::EXPORTERS;
use twolock::exchange::progress::Step;
use twolock::tui::event::{Committed, Outcome};
use twolock::tui::screen::Note;
use twolock::vault::Account;

const AEGIS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/exchange/aegis_plain.json");
const LOCKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/exchange/aegis_encrypted.json");

/// Entries of every sort, as twolock itself would write them.
fn mixed() -> String {
    let usual = usual();
    let link = |at: usize, issuer: &str, account: &str| {
        let link = twolock::otp::Link::write(issuer, account, &usual[at].otp);
        format!(r#"{{"link": "{}", "issuer": "{issuer}", "account": "{account}"}}"#, &*link)
    };
    let other = |issuer: &str, account: &str, secret: &str| {
        format!(
            r#"{{"link": "otpauth://totp/x?secret={secret}", "issuer": "{issuer}", "account": "{account}"}}"#
        )
    };
    let rows = [
        link(0, "GitHub", "alice@example.com"),
        link(3, "gitlab.com", "alice"),
        other("Hetzner", "alice", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        other("Fastmail", "alice@fastmail.com", "JBSWY3DPEHPK3PXP"),
        other("Cloudflare", "ops@example.com", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
        other("\\u001b[2JEvil", "x", "0189"),
    ];
    format!(r#"{{"twolock": 1, "accounts": [{}]}}"#, rows.join(","))
}

pub(super) fn preview() -> Stage {
    list().keys("I").paste(&mixed())
}

#[test]
fn asks_for_a_file() {
    pictures!("import", list().keys("I"));
    pictures!("import_missing", list().keys("I").paste("/no/such/file.json").keys("<enter>"));
}

#[test]
fn asks_for_the_password_of_the_file() {
    let locked = || list().keys("I").paste(LOCKED).keys("<enter>");
    pictures!("import_password", locked());
    let wrong = locked().keys("wrong<enter>");
    assert!(wrong.picture().contains("That does not open it"), "{}", wrong.picture());
    let open = wrong.paste("correct horse").keys("<enter>");
    assert!(open.picture().contains("7 to add") || open.picture().contains("to add"), "{}", open.picture());
}

#[test]
fn says_how_far_the_reading_is() {
    let reading = || list().busy().keys("I").paste(LOCKED).keys("<enter>");
    let line = |stage: &Stage| {
        let picture = stage.picture();
        let line = picture.lines().find(|line| line.contains(" ..."));
        line.unwrap_or_default().trim().to_owned()
    };
    let stage = reading();
    assert_eq!(line(&stage), "Reading aegis_encrypted.json ...");
    assert!(stage.wakes_in().unwrap() <= Duration::from_millis(1005));
    let stage = stage.told(Outcome::Reading(Step::Opening));
    assert_eq!(line(&stage), "Opening aegis_encrypted.json, which is slow on purpose ...");
    let stage = stage.wait(3);
    assert_eq!(line(&stage), "Opening aegis_encrypted.json, which is slow on purpose ... 3 s");
    let stage = stage.told(Outcome::Reading(Step::Entries(4000)));
    assert_eq!(line(&stage), "Reading aegis_encrypted.json: 4000 entries so far ... 3 s");
    let stage = stage.told(Outcome::Reading(Step::Searching));
    assert_eq!(line(&stage), "Looking for QR codes in aegis_encrypted.json ... 3 s");
    // What comes late is of no interest.
    assert!(!stage.keys("<esc>").told(Outcome::Reading(Step::Opening)).picture().contains("Opening"));
}

#[test]
fn shows_what_would_come() {
    pictures!("import_preview", preview().keys("jjj"));
    pictures!("import_preview_bad", preview().keys("G"));
}

#[test]
fn adds_what_is_chosen_and_takes_it_back_in_one_go() {
    let stage = list().keys("I").paste(AEGIS).keys("<enter><enter>");
    assert_eq!(stage.vault().accounts().len(), 15);
    assert!(stage.picture().contains("7 accounts added"), "{}", stage.picture());
    let stage = stage.keys("u");
    assert_eq!(stage.vault().accounts().len(), 8);
    let stage = preview().keys("<enter>");
    assert_eq!(stage.vault().accounts().len(), 10);
    let stage = preview().keys("nj j <enter>");
    let names: Vec<&str> = stage.vault().accounts().iter().map(Account::name).collect();
    assert_eq!(names[3], "gitlab.com");
    assert_eq!(names[8..], ["Fastmail"]);
}

#[test]
fn nothing_is_added_before_it_is_agreed_to() {
    for keys in ["<esc>", "q", "^c"] {
        let stage = preview().keys(keys);
        assert_eq!(stage.vault().accounts().len(), 8);
    }
    let stage = preview().keys("n<enter>");
    assert!(stage.picture().contains("Nothing is chosen"), "{}", stage.picture());
    let mut full = preview();
    full.disk_full = true;
    let stage = full.keys("<enter>");
    assert_eq!(stage.vault().accounts().len(), 8);
    assert!(stage.picture().contains("Could not save"), "{}", stage.picture());
    // That something else was saved says nothing of it.
    let saved = |undoes: Option<&str>, says: Option<Note>| {
        Outcome::Committed(Committed {
            vault: Arc::new(list().vault().clone()),
            inverse: Vec::new(),
            undoes: undoes.map(str::to_owned),
            says,
            reserved: Vec::new(),
            unsure: None,
        })
    };
    let stage = preview().busy().keys("<enter>");
    let said = stage.to_be_said().map(Note::good);
    let stage = stage.told(saved(None, None));
    assert!(!stage.picture().contains("2 accounts added"), "{}", stage.picture());
    let stage = stage.told(saved(Some("importing 2 accounts"), said));
    assert!(stage.picture().contains("2 accounts added"), "{}", stage.picture());
}

#[test]
fn asks_for_the_passphrase_before_anything_goes_out() {
    let stage = list().wait(61).keys("X");
    assert!(stage.picture().contains("needed once more"), "{}", stage.picture());
    let stage = stage.paste(PASSPHRASE).keys("<enter>");
    assert!(stage.picture().contains("For which app?"), "{}", stage.picture());
}

#[test]
fn offers_the_formats_and_the_accounts() {
    pictures!("export", list().keys("X"));
    pictures!("export_which", list().keys("X<tab>j "));
    pictures!("export_file", list().keys("X<enter>"));
}

#[test]
fn writes_an_encrypted_file_and_reads_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.age");
    let to = |stage: Stage| stage.keys("<backtab>^u").paste(path.to_str().unwrap()).keys("<enter>");
    let words = "copper-walnut-seven-mailbox-drift";
    let stage = to(list().keys("X<tab>n <enter><enter>"));
    let differ = stage.paste(words).keys("<enter>").paste("other").keys("<enter>");
    assert!(differ.picture().contains("not the same"), "{}", differ.picture());
    assert!(!path.exists());
    let done = differ.paste(words).keys("<enter>");
    assert!(done.picture().contains("read back and compared"), "{}", done.picture());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let again = Stage::with(Vec::new()).keys("I").paste(path.to_str().unwrap()).keys("<enter>");
    let again = again.paste(words).keys("<enter><enter>");
    let names: Vec<&str> = again.vault().accounts().iter().map(Account::name).collect();
    assert_eq!(names, ["GitHub"]);
    // It is there already, and stays.
    let before = std::fs::read(&path).unwrap();
    let stage = to(list().keys("X<enter>")).paste(words).keys("<enter>").paste(words).keys("<enter>");
    assert!(stage.picture().contains("is there already"), "{}", stage.picture());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn writes_for_the_owners_of_keys_and_for_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.age");
    let (own, other) = (age::x25519::Identity::generate(), age::x25519::Identity::generate());
    let (key, more) = (own.to_public().to_string(), other.to_public().to_string());
    let asked = || list().keys("Xj<enter>");
    pictures!("export_keys", asked().keys("age1x"));
    for (typed, said) in
        [("", "Type or paste the age key"), ("age1x", "Key 1 is no age key"), (&key[..61], "Key 1 is")]
    {
        let stage = asked().paste(typed).keys("<enter>");
        assert!(stage.picture().contains(said), "{}", stage.picture());
        assert!(stage.asked.is_empty());
    }
    let stage = asked().keys("<backtab>^u").paste(path.to_str().unwrap()).keys("<enter>");
    let stage = stage.paste(&key).paste(&format!("{more}\n{key}\n"));
    assert!(stage.picture().contains("2 age keys."), "{}", stage.picture());
    let stage = stage.keys("<enter>");
    let said = stage.picture().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("sealed for 2 age keys. Nobody else opens it"), "{said}");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    for identity in [own, other] {
        let sealed = std::fs::read(&path).unwrap();
        let plain = age::decrypt(&identity, &sealed).unwrap();
        assert!(String::from_utf8(plain).unwrap().contains("alice@example.com"));
    }
}

/// The end of an import whose file is gone meanwhile.
pub(super) fn added() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aegis.json");
    std::fs::copy(AEGIS, &path).unwrap();
    list().keys("I").paste(path.to_str().unwrap()).keys("<enter><enter>")
}

#[test]
fn offers_to_delete_what_holds_the_secrets_unencrypted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aegis.json");
    let read = || {
        std::fs::copy(AEGIS, &path).unwrap();
        list().keys("I").paste(path.to_str().unwrap()).keys("<enter><enter>")
    };
    let words = read().picture().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("7 accounts added. u undoes the whole import."), "{words}");
    assert!(words.contains("x deletes it now"), "{words}");
    let stage = read().keys("x");
    assert!(!path.exists());
    assert!(stage.picture().contains("Deleted. A disk or a backup may still keep"), "{}", stage.picture());
    let stage = stage.keys("x");
    assert!(stage.picture().contains("no file left to delete"), "{}", stage.picture());
    assert!(stage.keys("<enter>").picture().starts_with(" twolock"));
    assert!(read().keys("<esc>").picture().starts_with(" twolock"));
    assert!(path.exists());
    // What was undone is said of no longer, and the file is not offered to be deleted.
    let stage = read().keys("u");
    assert!(stage.picture().starts_with(" twolock"), "{}", stage.picture());
    assert!(stage.picture().contains("Undid importing 7 accounts"), "{}", stage.picture());
    assert_eq!(stage.vault().accounts().len(), 8);
    assert!(path.exists());
    // What is encrypted may well be kept.
    let stage = Stage::with(Vec::new()).keys("I").paste(LOCKED).keys("<enter>");
    let stage = stage.paste("correct horse").keys("<enter><enter>");
    assert!(stage.picture().starts_with(" twolock"), "{}", stage.picture());
}

#[test]
fn opens_what_is_sealed_for_an_age_key() {
    use age::secrecy::ExposeSecret;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let put = |name: &str, bytes: &[u8]| {
        twolock::system::file::write_new(at(name).as_ref(), bytes, false, |_| Ok(())).unwrap();
    };
    let (own, other) = (age::x25519::Identity::generate(), age::x25519::Identity::generate());
    let plain = std::fs::read(AEGIS).unwrap();
    put("export.age", &age::encrypt(&own.to_public(), &plain).unwrap());
    let written = format!("# created: today\n{}\n", own.to_string().expose_secret());
    put("key.txt", written.as_bytes());
    put("other.txt", other.to_string().expose_secret().as_bytes());
    let mut recipient = age::scrypt::Recipient::new("open sesame".to_owned().into());
    recipient.set_work_factor(10);
    put("sealed.age", &age::encrypt(&recipient, written.as_bytes()).unwrap());

    let asked = || list().keys("I").paste(&at("export.age")).keys("<enter>");
    let words = asked().picture().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("export.age is sealed for age keys."), "{words}");
    for (file, said) in [
        ("", "Type or paste the path of the key file"),
        ("other.txt", "for other age keys"),
        ("none.txt", "there is no such file"),
    ] {
        let typed = if file.is_empty() { String::new() } else { at(file) };
        let stage = asked().paste(&typed).keys("<enter>");
        let words = stage.picture().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.to_lowercase().contains(&said.to_lowercase()), "{words}");
    }
    let open = asked().paste(&at("key.txt")).keys("<enter>");
    assert!(open.picture().contains("7 to add"), "{}", open.picture());
    let sealed = asked().paste(&at("sealed.age")).keys("<enter>");
    assert!(sealed.picture().contains("is sealed itself"), "{}", sealed.picture());
    let wrong = sealed.paste("wrong").keys("<enter>");
    assert!(wrong.picture().contains("does not open the key file"), "{}", wrong.picture());
    let open = wrong.paste("open sesame").keys("<enter>");
    assert!(open.picture().contains("7 to add"), "{}", open.picture());
    // It is sealed, so it may be kept.
    let stage = open.keys("<enter>");
    assert!(stage.picture().starts_with(" twolock"), "{}", stage.picture());
    let other = asked().keys("<esc>");
    assert!(other.picture().contains(" File "), "{}", other.picture());
}

/// The import of a `KeePass` database that has a password and a key file.
pub(super) fn keepass() -> Stage {
    list().keys("I").paste(&fixture("keepass_3.kdbx")).keys("<enter>")
}

/// Returns the path of a file of the exchange's own.
fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/exchange/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_keepass_database_is_opened_with_its_key_file_too() {
    pictures!("import_key_file", keepass().paste("correct horse").keys("<tab>").paste("~/my.keyx"));
    let said = |stage: &Stage, text: &str| {
        let words = stage.picture().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(text), "{words}");
    };
    said(&keepass().keys("<enter>"), "Type the password first, or name the key file");
    // Without its key file the password does not open it, and it is said what may lack.
    let wrong = keepass().paste("correct horse").keys("<enter>");
    said(
        &wrong,
        "That does not open it: wrong, or the file is damaged. If it has a key file, name that too: Tab",
    );
    let opened = wrong.paste("correct horse").keys("<tab>").paste(&fixture("keepass.keyx")).keys("<enter>");
    said(&opened, "2 to add");
    // A key file that cannot be read, or is none, is named as what is wrong, and the password stays.
    let missing = keepass().paste("correct horse").keys("<tab>").paste("/no/such/file").keys("<enter>");
    said(&missing, "The key file: there is no such file: \"/no/such/file\"");
    let right = (0..13).fold(missing, |stage, _| stage.keys("<backspace>"));
    said(&right.paste(&fixture("keepass.keyx")).keys("<enter>"), "2 to add");
    // Another file is none of its own: all that can be said is that the two do not open it.
    let other =
        keepass().paste("correct horse").keys("<tab>").paste(&fixture("keepassxc.kdbx")).keys("<enter>");
    said(&other, "That does not open it: wrong, or the file is damaged");
    assert!(!other.picture().contains("If it has a key file"), "{}", other.picture());
}

/// Marks the last of the apps.
fn last(stage: Stage) -> Stage {
    stage.keys("X").keys(&"<down>".repeat(EXPORTERS.len() + 2))
}

/// The question before an export that is not encrypted.
pub(super) fn plain() -> Stage {
    let place = EXPORTERS.iter().position(|format| format.name() == "otpauth").unwrap();
    list().keys("X").keys(&"<down>".repeat(place + 1)).keys("<enter><enter>")
}

/// A vault with so many accounts for Google Authenticator, and one that it cannot hold.
pub(super) fn batched(count: u8) -> Stage {
    let mut accounts: Vec<Account> =
        (1..=count).map(|number| account(number, &format!("Site {number}"), "me")).collect();
    accounts[1].otp.kind = twolock::otp::Kind::Steam;
    last(Stage::with(accounts))
}

#[test]
fn shows_codes_of_ten_accounts() {
    pictures!("export_batches", batched(24));
    let stage = batched(24).keys("<enter>").size(170, 60);
    assert!(stage.picture().contains("Code 1 of 3"), "{}", stage.picture());
    assert!(stage.picture().contains("accounts 1 to 10 of 23"), "{}", stage.picture());
    let mut read = Vec::new();
    for turns in ["", "n", "nn"] {
        let stage = batched(24).keys("<enter>").keys(turns).size(170, 60);
        read.push(photographed(&stage).remove(0));
    }
    let stage = Stage::with(Vec::new()).paste(&read.join("\n"));
    assert!(stage.picture().contains("23 in the file"), "{}", stage.picture());
    let told = batched(24).keys("<enter>").picture();
    assert!(told.contains("1 account left out: it cannot hold Steam codes"), "{told}");
    let small = batched(24).keys("<enter>n").picture();
    assert!(small.contains("accounts 11 to 20 of 23") && small.contains("p saves it"), "{small}");
    let none = last(list()).keys("<tab>njjjjj <enter><enter>");
    assert!(none.picture().contains("none of these accounts"), "{}", none.picture());
}

#[test]
fn shows_one_code_after_another() {
    let codes = || last(list()).keys("<up><enter>");
    pictures!("export_codes", codes());
    assert!(codes().keys("<enter>").picture().contains("Code 2 of 8"));
    assert!(codes().keys("nnb").picture().contains("Code 2 of 8"));
    assert!(codes().wait(61).picture().contains("For which app?"));
}

/// The links of three pictures with 23 accounts.
fn three() -> Vec<String> {
    let accounts: Vec<Account> =
        (1..=23).map(|number| account(number, &format!("Site {number}"), "me")).collect();
    let accounts: Vec<&Account> = accounts.iter().collect();
    twolock::exchange::batches(&accounts).iter().map(|batch| batch.link.to_string()).collect()
}

/// The preview of the second of three pictures.
pub(super) fn second_of_three() -> Stage {
    list().paste(&three()[1])
}

#[test]
fn pictures_of_one_export_come_one_after_another() {
    pictures!("import_second_of_three", second_of_three());
    let links = three();
    let (_folder, path) = super::add::picture_of(&[&links[2]]);
    let stage = second_of_three().keys("m");
    pictures!("import_more", stage);
    let stage = second_of_three().keys("m").paste(&path).keys("<enter>");
    assert!(stage.picture().contains("13 in the file"), "{}", stage.picture());
    assert!(stage.picture().contains("icture 1 of 3 is missing"), "{}", stage.picture());
    // The same once more, then what is missing, pasted right there.
    let stage = stage.paste(&links[1]).paste(&links[0]);
    assert!(stage.picture().contains("23 in the file"), "{}", stage.picture());
    assert!(stage.picture().contains("1 QR code was there twice"), "{}", stage.picture());
    assert!(!stage.picture().contains("missing"), "{}", stage.picture());
    // Esc leads back to what was read, and from there out.
    let stage = stage.keys("m<esc>");
    assert!(stage.picture().contains("23 in the file"), "{}", stage.picture());
    let stage = stage.keys("m").paste("/no/such.png").keys("<enter><esc>");
    assert!(stage.picture().contains("23 in the file"), "{}", stage.picture());
    let before = stage.vault().accounts().len();
    let stage = stage.keys("<enter>");
    assert_eq!(stage.vault().accounts().len(), before + 23 - same());
}

/// How many of the sites have the secret of a usual account.
fn same() -> usize {
    let usual = usual();
    (1..=23).filter(|number| usual.iter().any(|known| known.otp == account(*number, "", "").otp)).count()
}

#[test]
fn asks_for_the_number_of_accounts_before_it_writes_them_unencrypted() {
    pictures!("export_plain", plain());
    let stage = plain().keys("7<enter>");
    assert!(
        stage.picture().contains("not the number of accounts; nothing was written"),
        "{}",
        stage.picture()
    );
    assert!(stage.asked.is_empty());
}
