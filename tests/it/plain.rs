//! Plain line mode: lines in, lines out. Whole conversations with the real program are compared.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout};

use age::secrecy::ExposeSecret;
use rustix::process::{Pid, Signal, kill_process};
use twolock::otp::{Otp, Secret};

use crate::support::sandbox::{Answer, KEY, PASSPHRASE, RFC_KEY, Sandbox};
use crate::support::terminal::Terminal;

/// 24 November 2026, 14:32:09 UTC, 21 s before codes change.
const AT: i64 = 1_795_530_729;

/// Returns a vault with three accounts.
fn with_accounts() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice@example.com", "--at", "1795500000"], RFC_KEY);
    sandbox.add(&["GitLab", "--account", "alice@example.com", "--at", "1795500000"], KEY);
    sandbox.add(&["Old bank", "--hotp", "42", "--at", "1795500000"], "KRSXG5DTKRSXG5DT");
    sandbox
}

/// Talks, and returns what came of it.
fn talk(sandbox: &Sandbox, lines: &[&str]) -> Answer {
    sandbox.talk(AT, &[]).stdin(lines.iter().flat_map(|line| [*line, "\n"]).collect::<String>()).answer()
}

/// Talks behind the door, and returns the conversation: what was said, and behind each question what was answered.
#[track_caller]
fn conversation(sandbox: &Sandbox, lines: &[&str]) -> String {
    let lines = [&[PASSPHRASE], lines].concat();
    let answer = talk(sandbox, &lines);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{}", answer.stdout);
    let home = sandbox.path("").display().to_string();
    let said = answer.stdout.replace(home.trim_end_matches('/'), "HOME");
    let mut answers = lines.iter();
    let mut whole = String::new();
    for line in said.lines() {
        whole.push_str(line);
        if is_question(line) {
            assert!(line.chars().count() <= 60, "a long question: {line}");
            whole.push_str(answers.next().unwrap_or(&""));
        } else {
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        whole.push('\n');
    }
    assert_eq!(answers.next(), None, "not everything was asked for:\n{whole}");
    whole.replace(PASSPHRASE, "(passphrase)")
}

fn is_question(line: &str) -> bool {
    line.ends_with(": ") || line.ends_with("> ")
}

/// Returns two codes that follow each other, from the step of `AT` on.
fn codes(key: &str, later: u64) -> [String; 2] {
    let otp = Otp::totp(Secret::from_base32(key).unwrap());
    let step = u64::try_from(AT).unwrap() / 30 + later;
    [step, step + 1].map(|step| otp.code_at(step).reveal().to_owned())
}

#[test]
fn accounts_are_found_and_their_codes_are_said() {
    insta::assert_snapshot!(conversation(
        &with_accounts(),
        &[
            "",
            "git",
            "1",
            "n",
            "",
            "spell on",
            "",
            "c",
            "spell off",
            "bank",
            "",
            "n",
            "",
            "n",
            "show",
            "githbu",
            "1",
            "xyz",
            "12",
            "list git",
            "find list",
            "more",
            "q"
        ],
    ));
}

#[test]
fn everything_can_be_changed_and_undone() {
    insta::assert_snapshot!(conversation(
        &with_accounts(),
        &[
            "delete",
            "github",
            "edit",
            "1",
            "Hub",
            "edit",
            "4",
            "in the safe",
            "edit",
            "5",
            "2",
            "8",
            "60",
            "group",
            "Work",
            "pin",
            "show",
            "delete",
            "deleted",
            "1",
            "gitlab",
            "group",
            "1",
            "list",
            "undo",
            "undo",
            "undo",
            "undo",
            "undo",
            "undo",
            "undo",
            "undo",
            "list",
            "q"
        ],
    ));
}

#[test]
fn an_account_is_added_with_two_codes_for_the_site() {
    insta::assert_snapshot!(conversation(
        &with_accounts(),
        &[
            "add",
            "Codeberg",
            "alice",
            "6digit",
            "123456",
            "JBSWY3DPEHPK3PX0",
            "",
            "1",
            "now",
            "maybe",
            "y",
            "show",
            "add",
            "",
            "otpauth://totp/Example:bob?secret=MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK&issuer=Example&digits=8",
            "3",
            "add",
            "Codeberg",
            "alice",
            RFC_KEY,
            "n",
            "add",
            "Codeberg",
            "alice",
            "MFRGGZDFMZTWQ2LK",
            "2",
            "3",
            "list",
            "undo",
            "list",
            "q"
        ],
    ));
}

#[test]
fn two_codes_of_another_device_tell_what_is_wrong() {
    let sandbox = Sandbox::with_vault();
    let right = codes(RFC_KEY, 0);
    let wrong = RFC_KEY.replacen('G', "H", 1);
    let whole = conversation(
        &sandbox,
        &[
            "add", "Phone", "", &wrong, "2", &right[0], &right[1], "1", "show", "check", &right[0],
            &right[1], "1", "check", "111111", "222222", "2", "", "q",
        ],
    );
    insta::assert_snapshot!(whole);
}

#[test]
fn a_new_secret_is_in_force_when_the_phone_has_shown_two_codes() {
    let sandbox = Sandbox::with_vault();
    let whole = conversation(
        &sandbox,
        &["add", "web-01", "root", "new", "what", "qr", "", "", "web", "check", "", "delete", "undo", "q"],
    );
    // The key and its picture are never the same twice.
    let shown: Vec<&str> = whole.lines().collect();
    let kept = shown.iter().filter(|line| !line.starts_with("Key: ") && !line.contains(['█', '▀', '▄']));
    insta::assert_snapshot!(kept.copied().collect::<Vec<_>>().join("\n"));
    let drawn: Vec<&&str> = shown.iter().filter(|line| line.contains(['█', '▀', '▄'])).collect();
    assert!(drawn.len() >= 18 && drawn.len() <= 22, "{}", drawn.len());
    assert!(drawn.iter().all(|row| row.chars().count() <= 45));
}

#[test]
fn a_picture_is_read_and_offered_for_deletion() {
    use twolock::exchange::picture::{draw, png};
    let sandbox = Sandbox::with_vault();
    let link = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example";
    let picture = sandbox.write("qr.png", png(&draw(link).unwrap()));
    insta::assert_snapshot!(conversation(
        &sandbox,
        &["add", "", "~/none.png", "~/qr.png", "1", "now", "skip", "y", "list", "q"],
    ));
    assert!(!picture.exists());
}

#[test]
fn a_sign_in_is_rehearsed() {
    let right = codes(RFC_KEY, 0);
    let later = codes(RFC_KEY, 4);
    insta::assert_snapshot!(conversation(
        &with_accounts(),
        &["github", "test", &right[0], &right[0], "12", &right[1], &later[0], "", "q"],
    ));
}

#[test]
fn accounts_are_exported_and_imported() {
    let sandbox = with_accounts();
    insta::assert_snapshot!(
        "export",
        conversation(
            &sandbox,
            &[
                "export",
                "99",
                "",
                "~/all.age",
                "pass one",
                "pass two",
                "copper walnut seven",
                "copper walnut seven",
                "export ~/all.age",
                "",
                "copper walnut seven",
                "copper walnut seven",
                "export",
                "8",
                "~/plain.txt",
                "no",
                "export",
                "8",
                "~/plain.txt",
                "plain",
                "q"
            ],
        )
    );
    insta::assert_snapshot!(
        "import",
        conversation(
            &sandbox,
            &[
                "github",
                "delete",
                "gitlab",
                "delete",
                "import ~/all.age",
                "wrong",
                "copper walnut seven",
                "7",
                "3",
                "1",
                "import",
                "~/plain.txt",
                "y",
                "undo",
                "import ~/plain.txt",
                "n",
                "import ~/none",
                "list",
                "q"
            ],
        )
    );
    let [sealed, plain] = ["all.age", "plain.txt"].map(|name| std::fs::read(sandbox.path(name)).unwrap());
    assert!(sealed.starts_with(b"age-encryption.org/v1") && plain.starts_with(b"otpauth://"));
}

#[test]
fn a_keepass_database_is_opened_with_its_key_file() {
    let sandbox = with_accounts();
    for name in ["keepass_3.kdbx", "keepass.keyx"] {
        let path = format!("{}/tests/fixtures/exchange/{name}", env!("CARGO_MANIFEST_DIR"));
        sandbox.write(name, std::fs::read(path).unwrap());
    }
    insta::assert_snapshot!(conversation(
        &sandbox,
        &[
            "import ~/keepass_3.kdbx",
            "correct horse",
            "",
            "correct horse",
            "~/none",
            "~/keepass.keyx",
            "y",
            "import ~/keepass_3.kdbx",
            "",
            "",
            "q"
        ],
    ));
}

#[test]
fn a_secret_is_shown_after_the_passphrase_only() {
    insta::assert_snapshot!(conversation(
        &with_accounts(),
        &["secret", "github", "secret", "1", "spell on", "secret", "1", "secret", "", "q"],
    ));
}

#[test]
fn help_lists_every_command() {
    insta::assert_snapshot!(conversation(&Sandbox::with_vault(), &["?", "", "undo", "n", "q"]));
}

#[test]
fn the_first_start_makes_a_vault() {
    let sandbox = Sandbox::new();
    let answer = talk(&sandbox, &["password", "n", PASSPHRASE, "other", PASSPHRASE, PASSPHRASE, "", "q"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{}", answer.stdout);
    insta::assert_snapshot!(answer.stdout.replace(&sandbox.path("").display().to_string(), "HOME/"));
    let answer = talk(&sandbox, &[PASSPHRASE, "q"]);
    assert!(answer.stdout.contains("\nOpen. 0 accounts."), "{}", answer.stdout);
}

#[test]
fn the_first_start_takes_further_keys_that_work() {
    let sandbox = Sandbox::new();
    let key = age::x25519::Identity::generate();
    let other = age::x25519::Identity::generate().to_public().to_string();
    let secret = key.to_string();
    sandbox.write("key.txt", secret.expose_secret());
    sandbox.write("sealed", b"age-encryption.org/v1\n-> scrypt AAAA 10\nAAAA\n--- AAAA\n");
    let one_wrong = format!("{other} age1wrong");
    let lines = [
        PASSPHRASE,
        PASSPHRASE,
        secret.expose_secret(),
        "nothing.txt",
        "passphrase",
        &one_wrong,
        "age1toy1pzry9x8guq22xa",
        "key.txt",
        "q",
    ];
    let answer = talk(&sandbox, &lines);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{}", answer.stdout);
    let said = answer.stdout.replace(&sandbox.path("").display().to_string(), "HOME/");
    assert!(!said.contains("AGE-SECRET"), "{said}");
    insta::assert_snapshot!(said);
    // The key opens what was made, and the passphrase does.
    let list = |more: &[&str]| sandbox.run(&[&["passwd", "--list"], more].concat());
    let listed = list(&[]).answer();
    assert!(listed.stdout.ends_with(&format!("{}\tkey\n", key.to_public())), "{}", listed.stdout);
    sandbox
        .run(&["list", "--identity", "key.txt"])
        .env("TWOLOCK_PASSPHRASE_FILE", None)
        .answer()
        .is(0, "", "");

    // Several public keys, one of them twice.
    let sandbox = Sandbox::new();
    let keys = format!("{other}, {other} {}", key.to_public());
    let answer = talk(&sandbox, &[PASSPHRASE, PASSPHRASE, &keys, "q"]);
    let done = "Done. The vault is ready and encrypted. 2 age keys open it too.\n";
    assert!(answer.stdout.contains(done), "{}", answer.stdout);
    assert_eq!(sandbox.run(&["passwd", "--list"]).answer().stdout.lines().count(), 3);
}

/// Gives the states that are kept a day, so many days before another: it is that of their files, and must not be that of
/// the test.
fn dated(sandbox: &Sandbox, before: impl Fn(&str) -> u64) {
    for copy in std::fs::read_dir(sandbox.path("data/twolock/backups")).unwrap() {
        let copy = copy.unwrap();
        let hours = 498_756 - 24 * before(copy.file_name().to_str().unwrap());
        let day = std::time::UNIX_EPOCH + std::time::Duration::from_hours(hours);
        std::fs::File::open(copy.path()).unwrap().set_modified(day).unwrap();
    }
}

#[test]
fn an_earlier_state_is_looked_at_and_brought_back() {
    let sandbox = with_accounts();
    sandbox.run(&["rm", "github", "bank", "-q"]).answer().code.unwrap();
    sandbox.write("data/twolock/backups/vault-00000002.age", b"age-encryption.org/v1\n");
    dated(&sandbox, |_| 0);
    insta::assert_snapshot!(conversation(
        &sandbox,
        &[
            "backups", "", "backup", "9", "more", "3", "backups", "1", "n", "backups", "1", "y", "list",
            "undo", "list", "undo", "q"
        ],
    ));
    // It was saved: two accounts are gone again.
    assert_eq!(sandbox.run(&["list"]).answer().stdout.lines().count(), 1);
}

#[test]
fn a_copy_for_another_disk_is_put_aside() {
    let sandbox = Sandbox::with_vault();
    insta::assert_snapshot!(conversation(
        &sandbox,
        &["backups", "x", "copy", "", "backups", "copy", "\"aside\"", "backups", "c", "aside", "q"],
    ));
    let copy = sandbox.path("aside/twolock-2026-11-24T14-32-09Z");
    let copy = copy.to_str().unwrap();
    assert_eq!(sandbox.run(&["list", "--vault", copy]).answer().code, Some(0));
}

#[test]
fn many_states_are_said_a_page_at_a_time() {
    let sandbox = Sandbox::with_vault();
    let place = twolock::vault::Place::new(sandbox.path("data/twolock"), None);
    let passphrase = twolock::vault::Passphrase::new(PASSPHRASE.to_owned().into());
    let at = |second: i64| twolock::otp::Timestamp::from_seconds(AT - 1000 + second);
    let mut store = twolock::vault::Store::unlock(&place, &passphrase, at(0)).unwrap();
    for number in 0..22 {
        let otp = Otp::totp(Secret::from_bytes(&[number; 20]).unwrap());
        let id = twolock::vault::AccountId::new(at(i64::from(number)), [number; 10]);
        let name = format!("Site {number}");
        let account = twolock::vault::Account::new(id, &name, "", otp, at(i64::from(number)));
        let add = twolock::vault::Change::Add(Box::new(account));
        store.commit(&[add], at(i64::from(number))).unwrap();
        // The last twenty are kept, and of those before the last of each day.
        dated(&sandbox, |name| {
            let generation = name.strip_prefix("vault-").and_then(|name| name.get(..8)?.parse().ok());
            generation.map_or(0, |generation: u64| 25 - generation)
        });
    }
    drop(store);
    let said =
        conversation(&sandbox, &["backups", "23", "cancel", "backups", "more", "more", "22", "n", "q"]);
    let question = "Number to look at, copy for another disk, Enter leaves: ";
    let page = format!(
        "\n20  2 Nov 2026 12:00:00: 2 accounts, before: Site 2 added\n\
         20 of 22. more says the rest.\n{question}more\n\
         21  1 Nov 2026 12:00:00: 1 account, before: Site 1 added\n\
         22  31 Oct 2026 12:00:00: 0 accounts, before: Site 0 added\n\
         {question}more\n\
         Type a number from 1 to 22, copy or cancel.\n\
         {question}22\n\
         It would delete 22.\n"
    );
    assert!(said.contains(&page) && said.contains("\nSite 19 is deleted.\nAnd 2 more.\n"), "{said}");
}

#[test]
fn a_number_needs_a_list() {
    insta::assert_snapshot!(conversation(&with_accounts(), &["1", "0", "list", "9", "0", "2", "q"]));
    let empty = conversation(&Sandbox::with_vault(), &["1", "github", "q"]);
    assert_eq!(empty.matches("\nNo accounts yet. add adds one.\n").count(), 2, "{empty}");
}

#[test]
fn the_first_start_suggests_a_passphrase() {
    let sandbox = Sandbox::new();
    let answer = talk(&sandbox, &[""]);
    let suggested = answer.stdout.lines().find_map(|line| line.strip_prefix("Suggested: ")).unwrap();
    assert_eq!(suggested.split('-').count(), 6, "{suggested}");
    assert!(!sandbox.path("data").exists());
}

#[test]
fn a_wrong_passphrase_is_said_and_waited_for() {
    let answer = talk(&with_accounts(), &["", "wrong", "wrong", "wrong", PASSPHRASE, "q"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(answer.stdout);
}

#[test]
fn a_damaged_vault_opens_by_its_copy() {
    let sandbox = with_accounts();
    sandbox.write("data/twolock/vault.age", b"age-encryption.org/v1\n");
    // The day of a copy is that of its file, and must not be the day of the test.
    let day = std::time::UNIX_EPOCH + std::time::Duration::from_hours(498_756);
    for copy in std::fs::read_dir(sandbox.path("data/twolock/backups")).unwrap() {
        std::fs::File::open(copy.unwrap().path()).unwrap().set_modified(day).unwrap();
    }
    let answer = talk(&sandbox, &[PASSPHRASE, "", PASSPHRASE, "2", "list", "q"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{}", answer.stdout);
    insta::assert_snapshot!(answer.stdout.replace(&sandbox.path("").display().to_string(), "HOME/"));
}

#[test]
fn the_input_may_end_anywhere() {
    let sandbox = with_accounts();
    let lines =
        ["github", "edit", "1", "", "add", "New", "", KEY, "n", "export", "", "~/x.age", "pw", "test", ""];
    for end in 0..lines.len() {
        let answer = talk(&sandbox, &[&[PASSPHRASE], &lines[..end]].concat());
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "after {end}: {}", answer.stdout);
        assert!(answer.stdout.ends_with("Ended.\n"), "{}", answer.stdout);
    }
    assert_eq!(talk(&sandbox, &[]).code, Some(0));
}

#[test]
fn nobody_may_listen() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let sandbox = with_accounts();
    let answer = sandbox.talk(AT, &[]).stdin(format!("{PASSPHRASE}\nlist\n")).stdout(writer).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
}

#[test]
fn names_act_on_no_terminal() {
    let sandbox = Sandbox::with_vault();
    let link = "otpauth://totp/%1b%5b2J%e2%80%aeevil:%07bell?secret=JBSWY3DPEHPK3PXP";
    sandbox.add(&["--at", "1795500000"], link);
    insta::assert_snapshot!(conversation(
        &sandbox,
        &["", "1", "show", "delete", "deleted", "1", "\u{202e}\u{9b}2J", "a\tb", "q"]
    ));
}

/// A conversation by turns.
struct Turns {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Turns {
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let mut child = sandbox.talk(AT, arguments).start();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    fn says(&mut self, line: &str) {
        writeln!(self.child.stdin.as_ref().unwrap(), "{line}").unwrap();
    }

    /// Reads lines until one has this in it.
    fn hears(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(self.stdout.read_line(&mut line).unwrap() > 0, "{words:?} never came");
        }
    }
}

#[test]
fn the_idle_time_locks_and_the_conversation_goes_on_behind_the_door() {
    let sandbox = with_accounts();
    let mut turns = Turns::start(&sandbox, &["--lock-after", "1"]);
    turns.says(PASSPHRASE);
    turns.hears("Enter lists all");
    // In the middle of a question too.
    turns.says("github");
    turns.says("edit");
    turns.hears("Locked. The codes are gone from memory.");
    turns.says(PASSPHRASE);
    turns.hears("Locked. Passphrase (not shown): ");
    turns.hears("Open. 3 accounts.");
    turns.says("lock");
    turns.hears("Locked. The codes are gone from memory.");
    turns.says(PASSPHRASE);
    turns.hears("Open. 3 accounts.");
    turns.says("q");
    turns.hears("Ended.");
    assert_eq!(turns.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_signal_ends_it_at_once() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::TERM, 143)] {
        let sandbox = with_accounts();
        let mut turns = Turns::start(&sandbox, &[]);
        turns.says(PASSPHRASE);
        turns.hears("Enter lists all");
        kill_process(Pid::from_child(&turns.child), signal).unwrap();
        assert_eq!(turns.child.wait().unwrap().code(), Some(code));
        let mut rest = String::new();
        turns.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "> ");
    }
}

#[test]
fn the_second_code_is_waited_for() {
    let sandbox = Sandbox::with_vault();
    let mut child = sandbox.talk_now(&[]).start();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let mut turns = Turns { child, stdout };
    turns.says(PASSPHRASE);
    turns.hears("Clock is ");
    for line in ["add", "", "otpauth://totp/Quick?secret=JBSWY3DPEHPK3PXP&period=10", "1", ""] {
        turns.says(line);
    }
    turns.hears("Code 1 is ");
    turns.hears("Code 2 is ");
    turns.says("y");
    turns.hears("Saved. Quick.");
    turns.says("q");
    assert_eq!(turns.child.wait().unwrap().code(), Some(0));
}

#[test]
fn on_a_terminal_nothing_hidden_is_shown_and_nothing_is_drawn_again() {
    let sandbox = with_accounts();
    let mut terminal = Terminal::start_with(&sandbox, &["--plain", "--at", "59"]);
    terminal.wait_for("Passphrase (not shown):");
    terminal.types(&format!("{PASSPHRASE}\r"));
    terminal.wait_for("? is help. >");
    terminal.types("git\r");
    terminal.wait_for("2 GitLab, alice@example.com, not checked >");
    terminal.types("1\r");
    let screen = terminal.wait_for("Not checked yet. >");
    assert!(
        screen.contains("> 1 GitHub, alice@example.com. Code 287 082. 1 second left. Then 359 152."),
        "{screen}"
    );
    terminal.types("add\r");
    terminal.wait_for("Enter if a link has it:");
    terminal.types("New\r\r");
    terminal.wait_for("path of a QR picture:");
    terminal.types("MFRGGZDFMZTWQ2LK\r");
    let screen = terminal.wait_for("Number, Enter is 1:");
    assert!(!screen.contains("MFRG") && !screen.contains("horse"), "{screen}");
    terminal.types("\u{1b}[A\r");
    terminal.wait_for("there are keys in it that are no text.");
    terminal.types("3\r");
    terminal.wait_for("Saved, not checked. New. Type check to go on.");
    terminal.types("q\r");
    terminal.wait_for("Ended.");
}

#[test]
fn words_of_the_call_are_searched_for_at_first() {
    let answer = with_accounts().talk(AT, &["bank"]).stdin(format!("{PASSPHRASE}\nn\n")).answer();
    assert!(
        answer.stdout.contains("\nOld bank. Counter codes: n makes the next one.\n> \nCode 790 293."),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_call_that_may_not_ask_is_refused() {
    let answer = Sandbox::with_vault().run(&["--plain"]).answer();
    answer.fails(
        2,
        "plain line mode is made of questions, and --no-input forbids them",
        &["for scripts: twolock list, twolock code"],
    );
}

#[test]
fn the_environment_chooses_lines() {
    for (name, value) in [("TWOLOCK_PLAIN", "1"), ("ACCESSIBLE", "1")] {
        let answer = with_accounts().talk_by(name, value).stdin(format!("{PASSPHRASE}\nq\n")).answer();
        assert!(answer.stdout.starts_with("Plain line mode."), "{}", answer.stdout);
        assert_eq!(answer.code, Some(0));
    }
}
