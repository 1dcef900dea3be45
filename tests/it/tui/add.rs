//! The "Add MFA" wizard.

use twolock::exchange::picture::{Modules, draw, read_codes};
use twolock::otp::{Kind, Otp, Secret};
use twolock::tui::effect::{Effect, Source, With};
use twolock::tui::event::{Outcome, Pictured};
use twolock::vault::Checked;

use super::{Stage, list, pictures};

const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const LINK: &str = "otpauth://totp/Codeberg:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Codeberg";

pub(super) fn named() -> Stage {
    Stage::with(Vec::new()).keys("aCodeberg<tab>alice<enter>")
}

pub(super) fn keyed() -> Stage {
    named().paste(KEY)
}

pub(super) fn codes() -> Stage {
    keyed().keys("<enter>")
}

pub(super) fn otp() -> Otp {
    Otp::totp(Secret::from_base32(KEY).unwrap())
}

#[test]
fn asks_for_the_name() {
    pictures!("add_1_name", Stage::with(Vec::new()).keys("aCodeberg<tab>alice"));
}

#[test]
fn needs_a_name() {
    let stage = Stage::with(Vec::new()).keys("a<enter>");
    assert!(stage.picture().contains("needs a name"), "{}", stage.picture());
}

#[test]
fn notices_an_account_of_the_same_name() {
    pictures!("add_1_duplicate", list().keys("aGitHub<tab>alice@example.com<enter>"));
    let stage = list().keys("aGitHub<tab>alice@example.com<enter><enter>").paste(KEY).keys("<enter>");
    assert_eq!(stage.vault().accounts()[8].issuer, "GitHub (2)");
}

#[test]
fn replaces_the_old_secret_when_told_to() {
    let stage = list().keys("aGitHub<tab>alice@example.com<enter><down><enter>").paste(KEY).keys("<enter>");
    assert_eq!(stage.vault().accounts().len(), 8);
    assert_eq!(stage.vault().deleted().len(), 1);
}

#[test]
fn judges_the_secret_at_each_key() {
    pictures!("add_2_secret", keyed());
    pictures!("add_2_bad_key", named().paste("JBSW Y3DP EH0K 3PXP JBSW Y3DP EHPK 3PX8"));
    let stage = named().paste("JBSW Y3DP EH0K 3PXP JBSW Y3DP EHPK 3PX8").keys("<enter><enter>");
    assert_eq!(stage.vault().accounts().len(), 1);
}

#[test]
fn notices_a_secret_that_is_here_already() {
    let stage = codes().keys("s<enter>").wait(1).keys("aMirror<enter>").paste(KEY);
    assert!(
        stage.picture().contains("This secret is here already, as \"Codeberg · alice\""),
        "{}",
        stage.picture()
    );
}

#[test]
fn saves_before_it_shows_a_code() {
    let stage = codes();
    assert_eq!(stage.vault().accounts().len(), 1);
    assert_eq!(stage.vault().accounts()[0].checked, Checked::Never);
    pictures!("add_3_site", stage);
}

#[test]
fn shows_no_code_that_could_not_be_saved() {
    let mut stage = keyed();
    stage.disk_full = true;
    let stage = stage.keys("<enter>");
    assert!(stage.picture().contains("no space left"), "{}", stage.picture());
    let code = otp().code(stage.wall()).unwrap();
    assert!(!stage.picture().contains(code.grouped().as_str()));
}

#[test]
fn shows_the_second_code_when_it_comes() {
    pictures!("add_3_site_2", codes().keys("<enter>").wait(23));
    let stage = codes().keys("<enter>").wait(23).keys("<enter>");
    let codes: Vec<String> = [21_i64, 0]
        .iter()
        .map(|back| otp().code(stage.wall().plus_seconds(-back - 2)).unwrap().reveal().to_owned())
        .collect();
    assert_eq!(stage.copied, codes);
}

#[test]
fn the_site_has_the_last_word() {
    let stage = codes().keys("y");
    assert!(matches!(stage.vault().accounts()[0].checked, Checked::BySite(_)));
    pictures!("add_4_done", stage);
}

#[test]
fn saves_without_checking() {
    let stage = codes().keys("s");
    assert_eq!(stage.vault().accounts()[0].checked, Checked::Never);
}

#[test]
fn one_undo_takes_it_out_again() {
    let stage = codes().keys("s<enter>u");
    assert!(stage.vault().accounts().is_empty());
}

pub(super) fn type_two(stage: Stage, first: &Otp, skew: i64) -> Stage {
    let one = first.code(stage.wall().plus_seconds(skew)).unwrap().reveal().to_owned();
    let stage = stage.keys(&one).wait(30);
    let two = first.code(stage.wall().plus_seconds(skew)).unwrap().reveal().to_owned();
    stage.keys(&two)
}

#[test]
fn compares_with_another_device() {
    let stage = codes().keys("<tab>");
    pictures!("add_3_compare", stage);
    let stage = type_two(codes().keys("<tab>"), &otp(), 0);
    pictures!("add_3_ok", stage);
    let stage = type_two(codes().keys("<tab>"), &otp(), 0).keys("<enter>");
    assert!(matches!(stage.vault().accounts()[0].checked, Checked::ByDevice(_)));
}

#[test]
fn says_that_the_clocks_differ() {
    pictures!("add_3_skew", type_two(codes().keys("<tab>"), &otp(), -240));
}

#[test]
fn says_that_a_setting_differs_and_takes_it() {
    let other = Otp { algorithm: twolock::otp::Algorithm::Sha256, ..otp() };
    pictures!("add_3_settings", type_two(codes().keys("<tab>"), &other, 0));
    let stage = type_two(codes().keys("<tab>"), &other, 0).keys("<enter>");
    assert_eq!(stage.vault().accounts()[0].otp, other);
}

#[test]
fn says_which_character_was_mistyped() {
    let device = Otp::totp(Secret::from_base32("JBSWY3SPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap());
    pictures!("add_3_typo", type_two(codes().keys("<tab>"), &device, 0));
    let stage = type_two(codes().keys("<tab>"), &device, 0).keys("<enter>");
    assert_eq!(stage.vault().accounts()[0].otp, device);
}

#[test]
fn says_that_it_is_another_secret() {
    let other = Otp::totp(Secret::from_bytes(&[9; 20]).unwrap());
    pictures!("add_3_wrong", type_two(codes().keys("<tab>"), &other, 0));
}

#[test]
fn makes_a_secret_for_a_phone_and_keeps_it_pending() {
    let stage = named().keys("<up><enter>");
    assert!(stage.vault().accounts()[0].pending);
    pictures!("add_3_new_secret", stage);
    let stage = named().keys("<up><enter>");
    let phone = stage.vault().accounts()[0].otp.clone();
    let stage = type_two(stage, &phone, 0).keys("<enter>");
    assert!(!stage.vault().accounts()[0].pending);
    assert!(matches!(stage.vault().accounts()[0].checked, Checked::ByDevice(_)));
}

/// What a picture gives that holds this text.
pub(super) fn pictured(text: &str) -> Pictured {
    Pictured { texts: vec![text.to_owned().into()], original: None }
}

/// Reads the QR codes of a screen as a camera does.
pub(super) fn photographed(stage: &Stage) -> Vec<String> {
    use image::{DynamicImage, GrayImage, ImageFormat, Luma};
    use ratatui::style::Color;
    let buffer = stage.buffer();
    let (columns, rows) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let picture = GrayImage::from_fn(columns * 4, rows * 8, |x, y| {
        let cell = &buffer[(u16::try_from(x / 4).unwrap(), u16::try_from(y / 8).unwrap())];
        let half = if y % 8 < 4 { cell.fg } else { cell.bg };
        Luma([if cell.symbol() == "▀" && half == Color::Indexed(231) { 255 } else { 0 }])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    read_codes(&bytes.into_inner()).unwrap().iter().map(|text| text.to_string()).collect()
}

#[test]
fn the_qr_code_scans_beside_the_fields_in_any_window_of_that_size() {
    let link =
        |name: &str| format!("otpauth://totp/{name}?secret=ON2GCZ3FEBRHS5DFOMQHI2DBOQQG4ZLW&issuer=Codeberg");
    for (size, name) in [((80, 24), "Codeberg"), ((83, 26), "Codeberg:alice"), ((120, 40), "Codeberg:alice")]
    {
        let stage = named().keys("<up><enter>").size(size.0, size.1);
        let short = stage.picture().contains("without the");
        assert_eq!(short, name == "Codeberg", "{}", stage.picture());
        assert_eq!(photographed(&stage), [link(name)], "{size:?}");
    }
}

#[test]
fn a_new_secret_cannot_be_forced() {
    let stage = named().keys("<up><enter>s");
    assert!(stage.vault().accounts()[0].pending);
}

#[test]
fn a_link_pasted_on_the_list_fills_everything_in() {
    let stage = Stage::with(Vec::new()).paste(LINK);
    assert!(stage.picture().contains("Link for \"Codeberg\", alice"), "{}", stage.picture());
    let stage = stage.keys("<enter>");
    assert_eq!(stage.vault().accounts()[0].issuer, "Codeberg");
}

/// A link of Google Authenticator with the first accounts of the usual vault.
pub(super) fn migration(count: usize) -> String {
    let usual = super::usual();
    let accounts: Vec<_> = usual.iter().take(count).collect();
    twolock::exchange::batches(&accounts)[0].link.to_string()
}

/// Writes a picture of codes, one beside the other, and keeps it until the folder is dropped.
pub(super) fn picture_of(texts: &[&str]) -> (tempfile::TempDir, String) {
    use image::{GrayImage, Luma};
    let codes: Vec<_> = texts.iter().map(|text| draw(text).unwrap()).collect();
    let side = 4 * (u32::try_from(codes.iter().map(Modules::side).max().unwrap()).unwrap() + 8);
    let picture = GrayImage::from_fn(side * u32::try_from(codes.len()).unwrap(), side, |x, y| {
        let module = |at: u32| (at % side / 4).checked_sub(4).map_or(usize::MAX, |at| at as usize);
        Luma([if codes[(x / side) as usize].dark(module(x), module(y)) { 0 } else { 255 }])
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("codes.png");
    picture.save(&path).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn what_holds_several_accounts_leads_to_the_import() {
    let links = format!("{LINK}\notpauth://totp/Other?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n");
    let (_folder, path) = picture_of(&[&migration(3), "https://example.com/x"]);
    for text in [migration(3), links, path, r#"{"twolock": 1, "accounts": []}"#.to_owned()] {
        for stage in [Stage::with(Vec::new()).paste(&text), named().paste(&text)] {
            assert!(stage.picture().starts_with(" Import "), "{}", stage.picture());
            assert!(stage.vault().accounts().is_empty());
        }
    }
    let stage = Stage::with(Vec::new()).keys("a").paste(&migration(3));
    assert!(stage.picture().contains("3 to add"), "{}", stage.picture());
    pictures!("add_2_migration", named().keys(&migration(3)));
    let stage = named().keys(&migration(3)).keys("<enter>");
    assert!(stage.picture().contains("3 to add"), "{}", stage.picture());
    let stage = stage.keys("<enter>");
    assert_eq!(stage.vault().accounts().len(), 3);
    assert!(stage.picture().contains("3 accounts added"), "{}", stage.picture());
    let stage = stage.keys("a");
    assert!(stage.picture().contains("Paste or type what the site gave you"), "{}", stage.picture());
    assert!(!stage.picture().contains("migration"), "{}", stage.picture());
}

#[test]
fn an_import_that_comes_while_the_help_is_read_stays_below_it() {
    let (_folder, path) = picture_of(&[&migration(2)]);
    let codes = read_codes(&std::fs::read(&path).unwrap()).unwrap();
    let stage = named()
        .busy()
        .paste(&path)
        .keys("<f1>")
        .told(Outcome::Picture(Ok(Pictured { texts: codes, original: None })));
    assert!(stage.picture().starts_with(" Keys on "), "{}", stage.picture());
    let stage = stage.keys("<esc>");
    assert!(stage.picture().contains("Reading codes.png"), "{}", stage.picture());
    assert!(stage.keys("<esc>a").picture().contains("Paste or type what the site gave you"));
}

#[test]
fn a_counter_link_asks_for_its_codes() {
    let link = "otpauth://hotp/Bank:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&counter=7";
    let stage = Stage::with(Vec::new()).paste(link).keys("<enter><enter>");
    assert_eq!(stage.copied, [otp().code_at(7).reveal()]);
    assert_eq!(stage.vault().accounts()[0].otp.kind, Kind::Hotp { counter: 8 });
}

#[test]
fn names_the_field_that_is_wrong_in_a_link() {
    let stage = named().paste("otpauth://totp/A?secret=JBSWY3DPEHPK3PXP&algorithm=MD5");
    assert!(stage.picture().contains("MD5"), "{}", stage.picture());
}

#[test]
fn nothing_is_lost_by_leaving() {
    let stage = Stage::with(Vec::new()).keys("aCodeberg<esc>");
    assert!(stage.picture().contains("Nothing here yet"), "{}", stage.picture());
    assert!(stage.keys("a").picture().contains("Codeberg"));
}

#[test]
fn keeps_the_draft_when_the_wizard_is_left_in_the_middle() {
    let stage = keyed().keys("^c").keys("a");
    assert!(stage.picture().contains("Secret key, 32 characters"), "{}", stage.picture());
}

#[test]
fn a_picture_whose_reading_was_left_comes_too_late() {
    let stage = named().busy().paste("/nowhere/codes.png").keys("<esc><enter>");
    let before = stage.picture();
    let stage = stage.told(Outcome::Picture(Ok(pictured(LINK))));
    assert_eq!(stage.picture(), before);
    assert!(stage.keys("^u").paste(KEY).picture().contains("Secret key, 32 characters"));
}

#[test]
fn what_was_saved_while_the_wizard_was_away_is_not_saved_twice() {
    let stage = keyed().busy().keys("<enter>^c").told(Outcome::Reloaded(codes().vault().clone().into()));
    let stage = stage.keys("a");
    assert!(stage.picture().contains("Enter copies it"), "{}", stage.picture());
}

#[test]
fn a_code_that_is_used_up_is_not_copied() {
    let stage = codes().keys("<enter>").wait(60).keys("<enter>");
    assert_eq!(stage.copied.len(), 1);
    assert!(stage.picture().contains("used up. r takes two new ones"), "{}", stage.picture());
    assert_eq!(stage.keys("r<enter>").copied.len(), 2);
}

#[test]
fn waits_for_a_picture_that_is_on_its_way() {
    pictures!("add_2_wait", named().keys("<f3>"));
    pictures!(
        "add_2_wait_ssh",
        Stage::with(Vec::new()).reached_as("alice@192.0.2.7").keys("aCodeberg<enter><f3>")
    );
    let stage = named().keys("<f3>");
    assert_eq!(stage.asked, [Effect::AwaitPicture]);
    let (_folder, path) = picture_of(&[LINK]);
    let stage = stage.told(Outcome::PictureCame(Some(path.clone())));
    assert!(stage.picture().contains("Link for \"Codeberg\", alice"), "{}", stage.picture());
    let stage = stage.keys("<enter>y");
    assert!(stage.picture().contains("x delete the picture"), "{}", stage.picture());
    for keys in ["<esc>", "^c"] {
        let stage = named().keys("<f3>").keys(keys);
        assert_eq!(stage.asked, [Effect::AwaitPicture, Effect::StopWaiting], "{keys}");
        let before = stage.picture();
        assert_eq!(stage.told(Outcome::PictureCame(Some(path.clone()))).picture(), before, "{keys}");
    }
    let stage = named().keys("<f3>").told(Outcome::PictureCame(None));
    assert!(stage.picture().contains("F3 waits again"), "{}", stage.picture());
    assert!(stage.paste(KEY).picture().contains("Secret key, 32 characters"));
    let stage = list().keys("I<f3>").told(Outcome::PictureCame(Some(path)));
    assert!(stage.picture().contains("1 in the file"), "{}", stage.picture());
    let stage = list().keys("I<f3><esc>");
    assert_eq!(stage.asked, [Effect::AwaitPicture, Effect::StopWaiting]);
    assert!(stage.picture().starts_with(" Import "), "{}", stage.picture());
}

#[test]
fn the_code_for_the_phone_has_the_whole_screen_when_asked() {
    let phone = || named().keys("<up><enter>");
    let link = "otpauth://totp/Codeberg:alice?secret=ON2GCZ3FEBRHS5DFOMQHI2DBOQQG4ZLW&issuer=Codeberg";
    let stage = phone().keys("f");
    assert_eq!(photographed(&stage), [link]);
    assert!(!stage.picture().contains("F1 help"), "{}", stage.picture());
    let stage = phone().size(45, 23).keys("f");
    assert_eq!(photographed(&stage), [link]);
    for key in ["f", "<esc>", "q", "t", "<enter>"] {
        let stage = phone().keys("f").keys(key);
        assert!(stage.picture().contains("3 Two codes"), "{key}: {}", stage.picture());
        assert_eq!(stage.vault().accounts().len(), 1);
    }
    assert!(phone().keys("f").wait(61).picture().contains("3 Two codes"));
    let stage = phone().keys("p");
    let saved = |link: &str| Effect::SavePicture("~/Codeberg-alice.png".to_owned(), link.to_owned().into());
    let long = format!("{link}&algorithm=SHA1&digits=6&period=30");
    assert_eq!(stage.asked, [saved(&long)]);
    assert_eq!(phone().keys("fp").asked, [saved(&long)]);
    let stage = phone().keys("fp").told(Outcome::PictureSaved(Ok("/home/alice/x.png".into())));
    assert!(stage.picture().contains("Saved as /home/alice/x.png"), "{}", stage.picture());
    assert!(stage.picture().contains("3 Two codes"), "{}", stage.picture());
}

#[test]
fn takes_the_picture_on_the_clipboard() {
    let stage = named().keys("<down><enter>");
    assert_eq!(stage.asked, [Effect::ReadPicture(Source::Clipboard)]);
    assert!(stage.picture().contains("Reading the picture"), "{}", stage.picture());
    let stage = stage.told(Outcome::Picture(Ok(pictured(LINK))));
    assert!(stage.picture().contains("Link for \"Codeberg\", alice"), "{}", stage.picture());
    let stage = stage.keys("<enter>y");
    assert!(!stage.picture().contains("x delete"), "{}", stage.picture());
    let failure = twolock::failure::Failure::from(twolock::system::clipboard::NoPicture::Remote);
    let stage = named().keys("<f5>").told(Outcome::Picture(Err(failure)));
    pictures!("add_2_no_clipboard", stage);
    let stage = list().keys("I<f5>");
    assert_eq!(stage.asked, [Effect::ReadFile(Source::Clipboard, With::Nothing)]);
    assert!(stage.picture().contains("Reading the picture on the clipboard"), "{}", stage.picture());
}

#[test]
fn offers_to_delete_the_picture_that_was_read_and_no_other() {
    let (_folder, path) = picture_of(&[LINK]);
    let stage = named().paste(&path).keys("<enter>y");
    assert!(stage.picture().contains("holds the secret. x deletes it now"), "{}", stage.picture());
    let stage = stage.keys("x");
    assert!(!std::path::Path::new(&path).exists());
    assert!(stage.picture().contains("Deleted. A disk or a backup may still keep"), "{}", stage.picture());
    assert!(!stage.picture().contains("x delete"), "{}", stage.picture());

    let (_folder, path) = picture_of(&[LINK]);
    let stage = named().paste(&path).keys("<enter>y");
    std::fs::remove_file(&path).unwrap();
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), &path).unwrap();
    let stage = stage.keys("x");
    assert!(stage.picture().contains("not the file that was read"), "{}", stage.picture());
    assert!(std::path::Path::new(&path).exists());
}

#[test]
fn asks_for_the_pin_that_a_link_lacks() {
    let motp = "otpauth://motp/Old:alice?secret=7ac61d4736f51a2b&issuer=Old";
    let pasted = || Stage::with(Vec::new()).paste(motp);
    pictures!("add_2_pin", pasted().keys("1234"));
    let stage = pasted().keys("<enter>");
    assert!(stage.picture().contains("Type the PIN first"), "{}", stage.picture());
    let stage = pasted().keys("1234<enter><enter>");
    let pin = Secret::from_bytes(b"1234").unwrap();
    assert_eq!(stage.vault().accounts()[0].otp.kind, Kind::Motp { pin });
    assert_eq!(stage.vault().accounts()[0].issuer, "Old");
    let typed = named().keys(motp);
    assert!(typed.picture().contains("Enter asks for it"), "{}", typed.picture());
    assert!(typed.keys("<enter>").picture().contains("A wrong PIN gives wrong codes"));
    let back = pasted().keys("12<esc>");
    assert!(back.picture().contains("otpauth://motp/Old:alice"), "{}", back.picture());

    let yandex = "otpauth://yaotp/Yandex:alice?secret=6SB2IKNM6OBZPAVBVTOHDKS4FAAAAAAADFUTQMBTRY";
    let stage = Stage::with(Vec::new()).paste(yandex).keys("12<enter>");
    assert!(stage.picture().contains("has 4 to 16 digits"), "{}", stage.picture());
    let (_folder, path) = picture_of(&[motp]);
    let stage = named().paste(&path);
    assert!(stage.picture().contains("A wrong PIN gives wrong codes"), "{}", stage.picture());
}

#[test]
fn says_that_too_much_was_pasted() {
    let stage = Stage::with(Vec::new()).paste(&"x".repeat((16 << 20) + 1));
    assert!(stage.picture().contains("too much text"), "{}", stage.picture());
    let stage = named().paste(&"x".repeat((16 << 20) + 1));
    assert!(stage.picture().contains("too much text"), "{}", stage.picture());
}

#[test]
fn says_how_a_picture_gets_here_that_is_not() {
    let path = "/Users/alice/Desktop/qr.png";
    pictures!("add_2_file_error", named().paste(path).keys("<enter>"));
    let afar = || Stage::with(Vec::new()).reached_as("alice@192.0.2.7").keys("aCodeberg<tab>alice<enter>");
    pictures!("add_2_file_error_ssh", afar().paste(path).keys("<enter>"));
}
