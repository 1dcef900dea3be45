//! The first start.

use twolock::failure::Failure;
use twolock::tui::effect::Effect;
use twolock::tui::event::Outcome;

use super::{Stage, pictures};

#[test]
fn says_what_the_program_does() {
    pictures!("first_start_1", Stage::first_start());
}

#[test]
fn judges_the_passphrase() {
    pictures!("first_start_2", Stage::first_start().keys("<enter>").paste("correct horse"));
}

#[test]
fn makes_the_vault_and_shows_what_was_checked() {
    let words = "copper-walnut-seven-mailbox-drift";
    let stage =
        Stage::first_start().keys("<enter>").paste(words).keys("<enter>").paste(words).keys("<enter>");
    assert!(stage.is_open());
    pictures!("first_start_3", stage);
}

#[test]
fn takes_a_weak_passphrase_only_when_told_twice() {
    let weak = || Stage::first_start().keys("<enter>").paste("abc").keys("<enter>");
    assert!(weak().picture().contains("can guess this one"), "{}", weak().picture());
    let stage = weak().paste("d").keys("<enter>");
    assert!(stage.picture().contains("can guess this one"), "{}", stage.picture());
    assert!(!weak().paste("abc").keys("<enter>").is_open());
    let stage = weak().keys("<enter>").paste("abc").keys("<enter>");
    assert!(stage.is_open(), "{}", stage.picture());
}

#[test]
fn asks_again_when_the_two_differ() {
    let stage = Stage::first_start()
        .keys("<enter>")
        .paste("copper-walnut-seven")
        .keys("<enter>")
        .paste("x")
        .keys("<enter>");
    assert!(stage.picture().contains("not the same"), "{}", stage.picture());
}

#[test]
fn leads_to_the_wizard() {
    let words = "copper-walnut-seven-mailbox-drift";
    let stage =
        Stage::first_start().keys("<enter>").paste(words).keys("<enter>").paste(words).keys("<enter><enter>");
    assert!(stage.picture().contains("Device name"), "{}", stage.picture());
}

/// The first start, with a vault that was just made.
fn ready() -> Stage {
    let words = "copper-walnut-seven-mailbox-drift";
    Stage::first_start().keys("<enter>").paste(words).keys("<enter>").paste(words).keys("<enter>")
}

#[test]
fn the_vault_may_be_kept_elsewhere_or_be_there_already() {
    let use_vault = |existing| Effect::UseVault { dir: "~/safe".to_owned(), existing };
    pictures!("first_start_elsewhere", Stage::first_start().keys("<down><enter>~/safe"));
    let stage = Stage::first_start().keys("<down><enter>");
    assert!(stage.keys("<enter>").picture().contains("path of a directory first"));
    assert_eq!(Stage::first_start().keys("<down><enter>~/safe<enter>").asked, [use_vault(false)]);
    let open = || Stage::first_start().keys("<down><down><enter>~/safe<enter>");
    assert_eq!(open().asked, [use_vault(true)]);
    let failure = Failure::other("there is no vault in \"/home/alice/safe\"").hint("name the directory");
    let stage = open().told(Outcome::NoVault(failure));
    assert!(stage.picture().contains("There is no vault in \"/home/alice/safe\". Name the directory."));
    let stage = stage.keys("<esc>");
    assert!(stage.picture().contains("Where should the vault be kept?"), "{}", stage.picture());
}

#[test]
fn leads_to_the_import_of_what_another_app_has() {
    let words = "copper-walnut-seven-mailbox-drift";
    let stage =
        Stage::first_start().keys("<up><enter>").paste(words).keys("<enter>").paste(words).keys("<enter>");
    assert!(stage.picture().contains("Enter leads to the import"), "{}", stage.picture());
    let stage = stage.keys("<enter>");
    assert!(stage.picture().starts_with(" Import "), "{}", stage.picture());
}

#[test]
fn tries_the_clipboard_by_a_word_that_comes_back() {
    let tried = || ready().keys("c");
    let [Effect::TestCopy(word)] = &tried().asked[..] else { panic!("{:?}", tried().asked) };
    let tested = |arrives| Effect::CopyTested { key: "twolock > tmux > ssh > xterm".to_owned(), arrives };
    let picture = tried().picture();
    assert!(picture.contains(&format!("{word} should be on it now")), "{picture}");
    assert!(picture.contains("! xterm itself drops copies unless you allow them."), "{picture}");
    // What it shows is remembered.
    let back = tried().paste(&format!("{word}\n"));
    assert!(back.picture().contains("✓ Clipboard: what is copied here can be pasted"), "{}", back.picture());
    assert_eq!(back.asked.last(), Some(&tested(true)));
    let other = tried().paste("an older thing");
    assert_eq!(other.asked.last(), Some(&tested(false)));
    assert!(other.picture().contains("✗ Clipboard: something else came"), "{}", other.picture());
    assert!(other.picture().contains("First start, 3 of 3"), "{}", other.picture());
}

#[test]
fn a_link_pasted_at_the_end_is_added_at_once() {
    let link = "otpauth://totp/Codeberg:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Codeberg";
    let stage = ready().paste(link);
    assert!(stage.picture().contains("Link for \"Codeberg\", alice"), "{}", stage.picture());
    assert_eq!(stage.keys("<enter>").vault().accounts().len(), 1);
}

#[test]
fn what_is_typed_while_the_vault_is_made_does_nothing_on_the_next_page() {
    let words = "copper-walnut-seven-mailbox-drift";
    let making = || {
        Stage::first_start().keys("<enter>").paste(words).keys("<enter>").paste(words).busy().keys("<enter>")
    };
    assert!(making().picture().contains("Making the vault"), "{}", making().picture());
    let link = "otpauth://totp/Codeberg:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Codeberg";
    let typed = making().keys("<enter><esc>qacxdSLIum:/r1 <tab><backspace><left><f2>").paste(link);
    assert_eq!(typed.picture(), making().picture());
    let stage = typed.catch_up();
    assert!(stage.is_open());
    assert_eq!(stage.asked, []);
    assert_eq!(stage.picture(), ready().picture());
}

/// The question who else may open the vault, after a passphrase was typed.
pub(super) fn keys_asked() -> Stage {
    Stage::first_start().keys("<enter>").paste("copper-walnut-seven-mailbox-drift").keys("<f5>")
}

/// Makes the vault, from the second page on, with the passphrase typed once.
fn made(stage: Stage) -> Stage {
    stage.keys("<enter>").paste("copper-walnut-seven-mailbox-drift").keys("<enter>")
}

/// Writes a file, as whatever makes key files does.
fn put(path: &str, bytes: &[u8]) {
    twolock::system::file::write_new(std::path::Path::new(path), bytes, false, |_| Ok(())).unwrap();
}

/// Returns what is on the screen in one line.
fn said(stage: &Stage) -> String {
    stage.picture().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_age_key_may_open_the_vault_too() {
    pictures!("first_start_keys", keys_asked());
    let key = age::x25519::Identity::generate().to_public().to_string();
    let other = age::x25519::Identity::generate().to_public().to_string();
    let found = || keys_asked().paste(&format!("{key}, {other} {key}")).keys("<enter>");
    pictures!("first_start_keys_found", found());
    let stage = made(found());
    assert!(stage.is_open());
    let [Effect::Create(_, further)] = stage.asked.as_slice() else { panic!("{:?}", stage.asked) };
    assert_eq!(further, &[key.clone(), other.clone()]);
    pictures!("first_start_keys_made", stage);
    // Esc keeps what was found, an empty line takes it back.
    assert!(said(&found().keys("<f5><esc>")).contains("2 age keys open it too"));
    let stage = (0..200).fold(found().keys("<f5>"), |stage, _| stage.keys("<backspace>"));
    let stage = made(stage.keys("<enter>"));
    assert_eq!((stage.is_open(), stage.asked.as_slice()), (true, [].as_slice()));
}

#[test]
fn a_key_file_may_open_the_vault_too() {
    use age::secrecy::ExposeSecret;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let identity = age::x25519::Identity::generate();
    let text = format!("# a key file\n{}\n", identity.to_string().expose_secret());
    put(&at("key.txt"), text.as_bytes());
    let stage = made(keys_asked().paste(&at("key.txt")).keys("<enter>"));
    let [Effect::Create(_, further)] = stage.asked.as_slice() else { panic!("{:?}", stage.asked) };
    assert_eq!(further, &[identity.to_public().to_string()]);
}

#[test]
fn a_key_that_does_not_work_is_refused_before_anything_is_made() {
    use age::secrecy::ExposeSecret;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let secret = age::x25519::Identity::generate().to_string().expose_secret().to_owned();
    put(&at("wrong.txt"), b"no key at all\n");
    put(&at("empty.txt"), b"# nothing\n");
    let passphrase = twolock::vault::Passphrase::new(zeroize::Zeroizing::new("x".to_owned()));
    let work = twolock::vault::WorkFactor::new(10).unwrap();
    put(&at("sealed.age"), &twolock::vault::seal_with(&passphrase, work, &secret));
    let refused = [
        (at("wrong.txt"), "its line 1 is not an age identity"),
        (at("empty.txt"), "there is no age identity in it"),
        (at("none.txt"), "There is no such file"),
        (at("sealed.age"), "sealed with a passphrase of its own. Give its public key instead"),
        (
            "age1xyz".to_owned(),
            "\"age1xyz\" is not an age recipient. A public key begins with age1 and is given whole.",
        ),
        (secret.clone(), "That is the key itself, which stays in its file"),
    ];
    for (typed, words) in refused {
        let stage = keys_asked().paste(&typed).keys("<enter>");
        assert!(said(&stage).contains(words), "{typed}: {}", stage.picture());
        assert!(said(&stage).contains("Who else may open the vault?"), "{}", stage.picture());
        // Whoever goes back has a vault with the passphrase alone, and what was typed there is still there.
        let stage = made(stage.keys("<esc>"));
        assert_eq!((stage.is_open(), stage.asked.as_slice()), (true, [].as_slice()));
    }
    pictures!("first_start_keys_refused", keys_asked().paste("age1xyz").keys("<enter>"));
}
