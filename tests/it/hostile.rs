//! One hostile text in every field and every argument, and everything that comes out of the program: nothing in it acts on
//! a terminal, runs backwards, hides, or begins a line or a cell of its own.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use twolock::tui::event::Mouse;

use crate::cli::on_a_terminal;
use crate::display::is_forbidden;
use crate::support::sandbox::{Answer, KEY, PASSPHRASE, RFC_KEY, Sandbox};
use crate::support::stage::{Stage, account};

/// What acts, runs backwards or hides, one of each kind, and what would begin a line and a cell of a table.
const HOSTILE: &str = "Evil\u{1b}[2J\u{1b}]52;c;AAAA\u{7}\u{9b}31m\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}\u{85}\u{2028}\
                       \u{8}\u{7f}\r\nLINE\tCELL";
/// How its beginning looks wherever it is shown.
const SHOWN: &str = "Evil\\u{1b}[2J\\u{1b}]52;c;AAAA\\u{7}\\u{9b}31m\\u{202e}";
/// The same in JSON.
const ESCAPED: &str = "Evil\\u001b[2J\\u001b]52;c;AAAA\\u0007\\u009b31m\\u202e";
/// 24 November 2026.
const AT: &str = "1795530729";

/// Questions, and what is answered to each.
type Answers<'a> = &'a [(&'a str, &'a str)];

/// Checks that a text holds nothing but what may be shown, in lines and cells that are the program's own.
#[track_caller]
fn harmless(what: &str, text: &str) {
    let acts = text.chars().find(|&letter| !matches!(letter, '\n' | '\t') && is_forbidden(letter));
    assert_eq!(acts, None, "{what}: {text:?}");
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("LINE"), "{what}, a line of its own: {text:?}");
        assert!(!line.split('\t').any(|cell| cell == "CELL"), "{what}, a cell of its own: {text:?}");
    }
}

/// Makes a call, once for people and once as JSON, and returns all that was said to both.
#[track_caller]
fn said(sandbox: &Sandbox, arguments: &[&str], input: &str) -> [String; 2] {
    [&[][..], &["--json"]].map(|more| {
        let call = [more, &["--at", AT], arguments].concat();
        let answer = sandbox.run(&call).stdin(input).answer();
        heard(&format!("{arguments:?} {more:?}"), &answer)
    })
}

/// Checks both streams of an answer, and returns them.
#[track_caller]
fn heard(what: &str, Answer { stdout, stderr, code }: &Answer) -> String {
    harmless(what, stdout);
    harmless(what, stderr);
    assert!(code.is_some_and(|code| code < 12), "{what}: {code:?} {stderr}");
    format!("{stdout}{stderr}")
}

/// A vault in which every text is hostile: two accounts, one of which counts, and one deleted.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    let rest = &HOSTILE["Evil".len()..];
    let named = ["--account", rest, "--group", rest, "--at", "1795000000"];
    let id = sandbox.add(&[HOSTILE, "--account", HOSTILE, "--group", HOSTILE, "--at", "1795000000"], RFC_KEY);
    let note = sandbox.run(&["edit", &format!("id:{id}"), "--note", HOSTILE, "--quiet"]).answer();
    note.is(0, "", "");
    sandbox.add(&[&["Counter"], &named[..], &["--hotp", "7"]].concat(), KEY);
    sandbox.add(&[&["Gone"], &named[..]].concat(), "KRSXG5DTKRSXG5DT");
    let answer = sandbox.run(&["rm", "gone", "--quiet"]).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    sandbox
}

#[test]
fn names_groups_and_notes_stay_text_in_every_verb() {
    let sandbox = sandbox();
    let codes = "969429\n338314\n";
    // The call, what it reads, and whether it shows a name.
    let calls: &[(&[&str], &str, bool)] = &[
        (&["list"], "", true),
        (&["list", "--codes", "--header", "--tsv"], "", true),
        (&["list", "--sort", "group", "--group", HOSTILE], "", true),
        (&["list", HOSTILE], "", true),
        (&["show", "evil"], "", true),
        (&["show", "evil", "--secret"], "", true),
        (&["show", "evil", "--uri"], "", false),
        (&["code", "evil"], "", false),
        (&["code", "[2J"], "", true),
        (&["code", "evil", "--fresh"], "", false),
        (&["copy", "evil", "--via", "off"], "", false),
        (&["copy", "counter"], "", false),
        (&["check", "evil"], codes, true),
        (&["test", "evil"], codes, false),
        (&["verify", "evil"], "\u{1b}[2J", false),
        (&["qr", "evil"], "", false),
        (&["qr", "evil", "--png", "code.png"], "", false),
        (&["edit", "evil", "--group", "x", "--dry-run"], "", true),
        (&["edit", "evil", "--name", "Evil\u{1b}[31m", "--pin"], "", false),
        (&["undo", "--list"], "", true),
        (&["undo", "--dry-run"], "", true),
        (&["undo"], "", true),
        (&["rm", "evil", "--dry-run"], "", true),
        (&["rm", "evil"], "", true),
        (&["restore", "--list"], "", false),
        (&["restore", "--as-of", "2026-11-24T14:32:09Z", "--dry-run"], "", false),
        (&["undo"], "", true),
        (&["add", HOSTILE], RFC_KEY, false),
        (&["new", HOSTILE, "--png", "new.png", "--replace"], "", false),
        (&["export", "--formats"], "", false),
        (&["export", "--format", "otpauth", "--plain", "--to", "links.txt", "--replace"], "", false),
        (&["import", "links.txt", "--dry-run"], "", true),
        (&["backup", "copies"], "", false),
        (&["doctor"], "", false),
        (&["unlock", "--for", "never"], "", false),
        (&["passwd", "--list"], "", false),
    ];
    for (call, input, shows) in calls {
        let [people, json] = said(&sandbox, call, input);
        let shown = [SHOWN, ESCAPED, "Evil\\u{1b}[31m", "Gone (\\u{1b}[2J"];
        let shown = shown.iter().any(|text| people.contains(text) || json.contains(text));
        assert!(shown || !shows, "{call:?} shows no name: {people} {json}");
    }
}

#[test]
fn arguments_and_paths_stay_text_in_every_verb() {
    let sandbox = sandbox();
    sandbox.write(HOSTILE, "{\"nothing\": \"that is known\"}");
    let option = format!("--{HOSTILE}");
    let setting = format!("keys.{HOSTILE}");
    let key = format!("age1{HOSTILE}");
    let calls: &[&[&str]] = &[
        &[HOSTILE],
        &[HOSTILE, "list"],
        &["list", &option],
        &["list", "--at", HOSTILE],
        &["list", "--color", HOSTILE],
        &["list", "--config", HOSTILE],
        &["list", "--identity", HOSTILE],
        &["list", "--passphrase-file", HOSTILE],
        &["list", "--passphrase-file", "/nonexistent/\u{1b}[2J"],
        &["list", "--passphrase-fd", HOSTILE],
        &["list", "--sort", HOSTILE],
        &["list", "--vault", HOSTILE],
        &["list", "nothing like \u{1b}[2J"],
        &["add", "x", "--algorithm", HOSTILE],
        &["add", "x", "--from", HOSTILE],
        &["add", "x", "--from", "/nonexistent/\u{202e}gnp.exe"],
        &["agent", "ssh", "--allow", HOSTILE, HOSTILE],
        &["agent", HOSTILE],
        &["backup", "/dev/null/\u{1b}[2J"],
        &["check", HOSTILE],
        &["code", HOSTILE, HOSTILE],
        &["code", "nothing like \u{1b}[2J"],
        &["completions", HOSTILE],
        &["config", "get", HOSTILE],
        &["config", "set", HOSTILE, HOSTILE],
        &["config", "set", &setting, "a"],
        &["config", "set", "keys.copy", HOSTILE],
        &["config", "set", "screen.theme", HOSTILE],
        &["config", "set", "lock.after", HOSTILE],
        &["config", "set", "copy.command", HOSTILE],
        &["config", "get", "copy.command"],
        &["config", "get"],
        &["config", "check"],
        &["config", "reset", HOSTILE],
        &["copy", "evil", "--via", HOSTILE],
        &["edit", "nobody\u{1b}[2J", "--note", HOSTILE],
        &["export", "--format", HOSTILE],
        &["export", "--to", "/nonexistent/\u{1b}[2J/x", "--plain", "--format", "otpauth"],
        &["export", "--recipient", &key],
        &["export", "--password-file", HOSTILE, "--to", HOSTILE],
        &["help", HOSTILE],
        &["import", HOSTILE],
        &["import", "/nonexistent/\u{1b}[2J"],
        &["import", "--format", HOSTILE, HOSTILE],
        &["import", "--group", HOSTILE, "--dry-run", HOSTILE],
        &["import", "--key-file", HOSTILE, HOSTILE],
        &["init", "--vault", "/dev/null/\u{1b}[2J"],
        &["man", "--dir", "/dev/null/\u{1b}[2J"],
        &["new", "x", "--png", "/dev/null/\u{1b}[2J"],
        &["passwd", "--add-recipient", &key],
        &["passwd", "--remove-recipient", HOSTILE],
        &["passwd", "--new-passphrase-file", "/nonexistent/\u{1b}[2J"],
        &["qr", "evil", "--svg", "/dev/null/\u{1b}[2J"],
        &["restore", "--as-of", HOSTILE],
        &["restore", "--from", HOSTILE],
        &["restore", HOSTILE],
        &["rm", "id:\u{1b}[2J"],
        &["show", "id:\u{1b}[2J"],
        &["undo", HOSTILE],
        &["unlock", "--for", HOSTILE],
        &["verify", HOSTILE],
    ];
    let mut shown = 0;
    for call in calls {
        shown += usize::from(said(&sandbox, call, "1\n2\n").concat().contains("\\u{1b}"));
    }
    // Most of what is refused is never repeated; paths, options and searches are.
    assert!(shown > 15, "{shown}");
}

#[test]
fn what_a_script_asks_for_is_the_path_itself() {
    // A script that was given something else would work on another file.
    let sandbox = Sandbox::with_vault();
    let answer = sandbox.run(&["backup", "a\u{202e}b", "--at", AT]).answer();
    let path = format!("{}/twolock-2026-11-24T14-32-09Z\n", sandbox.path("a\u{202e}b").display());
    answer.is(0, &path, "made the directory \"a\\u{202e}b\"\n");
    let answer = sandbox.run(&["config", "path", "--config", "c\u{202e}d"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "c\u{202e}d\n"));
}

#[test]
fn files_of_others_stay_text_in_the_report() {
    let sandbox = Sandbox::with_vault();
    let text = serde_json::to_string(HOSTILE).unwrap();
    let percent: String =
        HOSTILE.bytes().flat_map(|byte| format!("%{byte:02X}").into_bytes()).map(char::from).collect();
    let markup = "Evil&#x9b;31m&#x202e;&#x200b;&#x85;&#x2028;&#10;LINE&#9;CELL";
    let cell = HOSTILE.replace('"', "");
    let aegis = |fields: &str, info: &str| {
        format!(
            "{{\"version\": 1, \"header\": {{\"slots\": null, \"params\": null}}, \"db\": {{\"version\": 2, \"entries\": \
             [{{\"type\": \"totp\", \"uuid\": \"\", \"name\": {text}, \"issuer\": {text}, \"note\": {text}, \"group\": {text}\
             {fields}, \"info\": {{\"secret\": \"JBSWY3DPEHPK3PXP\", \"algo\": \"SHA1\", \"digits\": 6, \"period\": 30{info}}}}}]}}}}"
        )
    };
    let files = [
        ("names.json", aegis("", "")),
        ("kind.json", aegis(&format!(", \"type\": {text}"), "")),
        ("hash.json", aegis("", &format!(", \"algo\": {text}"))),
        ("digits.json", aegis("", &format!(", \"digits\": {text}"))),
        ("secret.json", aegis("", &format!(", \"secret\": {text}"))),
        (
            "names.txt",
            format!("otpauth://totp/{percent}:{percent}?secret=JBSWY3DPEHPK3PXP&issuer={percent}\n"),
        ),
        ("hash.txt", format!("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm={percent}\n")),
        (
            "digits.txt",
            format!("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits={percent}&period={percent}\n"),
        ),
        ("kind.txt", format!("otpauth://{percent}/a?secret=JBSWY3DPEHPK3PXP\n")),
        ("field.txt", format!("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&{percent}={percent}\n")),
        ("raw.txt", format!("otpauth://totp/{HOSTILE}?secret=JBSWY3DPEHPK3PXP\n")),
        (
            "table.csv",
            format!(
                "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n\
                     \"{cell}\",,login,\"{cell}\",\"{cell}\",,0,,\"{cell}\",,JBSWY3DPEHPK3PXP\n\
                     \"{cell}\",,login,\"{cell}\",\"{cell}\",,0,,\"{cell}\",,\"{cell}\"\n"
            ),
        ),
        (
            "keys.xml",
            format!(
                "<?xml version=\"1.1\"?><KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">\
                     <KeyPackage><DeviceInfo><Manufacturer>{markup}</Manufacturer></DeviceInfo>\
                     <Key Id=\"{markup}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\"><Issuer>{markup}</Issuer>\
                     <AlgorithmParameters><ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/></AlgorithmParameters>\
                     <Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>\
                     <TimeInterval><PlainValue>30</PlainValue></TimeInterval></Data></Key></KeyPackage></KeyContainer>"
            ),
        ),
        ("broken.json", format!("{{{text}: [")),
        ("nothing.json", format!("{{{text}: {text}}}")),
        ("vault.ron", format!("(format: {text}, accounts: [{text}])")),
        ("steam.maFile", format!("{{\"shared_secret\": {text}, \"account_name\": {text}}}")),
    ];
    let mut named = 0;
    for (file, content) in files {
        sandbox.write(file, content);
        for more in [&["--dry-run"][..], &["--yes"], &["--yes", "--update"], &["--yes", "--keep-both"]] {
            let told = said(&sandbox, &[&["import", file], more].concat(), "").concat();
            named += usize::from(told.contains("Evil"));
        }
    }
    assert!(named > 20, "{named}");
    said(&sandbox, &["list"], "");
    said(&sandbox, &["undo", "--list"], "");
    // Every format gives the names to others as text of its own, which comes in again as it went out.
    for format in
        ["2fas", "aegis", "andotp", "bitwarden", "ente", "freeotp-plus", "otpauth", "proton", "stratum"]
    {
        let to = format!("out.{format}");
        let told = said(&sandbox, &["export", "--format", format, "--plain", "--replace", "--to", &to], "");
        if sandbox.path(&to).exists() {
            said(&sandbox, &["import", &to, "--dry-run"], "");
        } else {
            assert!(told[0].contains("error"), "{format}: {told:?}");
        }
    }
}

#[test]
fn settings_variables_and_file_names_stay_text() {
    let sandbox = sandbox();
    let quoted = ron::to_string(HOSTILE).unwrap();
    for config in [
        format!("({HOSTILE}: 1)"),
        format!("(screen: (theme: {quoted}))"),
        format!("(screen: ({quoted}: 1))"),
        format!("(lock: (after: {quoted}), copy: (command: [{quoted}], via: {quoted}))"),
        format!("(keys: {{{quoted}: [{quoted}], \"copy\": [{quoted}]}})"),
        format!("// {HOSTILE}\n("),
        quoted.clone(),
        HOSTILE.to_owned(),
    ] {
        fs::create_dir_all(sandbox.path("config/twolock")).unwrap();
        sandbox.write("config/twolock/config.ron", config);
        for call in [&["config", "check"][..], &["config", "get"], &["list"], &["doctor"], &["copy", "evil"]]
        {
            said(&sandbox, call, "");
        }
        let talk = sandbox.talk_now(&[]).stdin(format!("{PASSPHRASE}\nquit\n")).answer();
        heard("plain", &talk);
    }
    fs::remove_file(sandbox.path("config/twolock/config.ron")).unwrap();
    for name in [
        "COLORTERM",
        "CREDENTIALS_DIRECTORY",
        "DISPLAY",
        "EDITOR",
        "HOME",
        "HOSTNAME",
        "LANG",
        "LC_ALL",
        "LOGNAME",
        "SSH_CLIENT",
        "SSH_CONNECTION",
        "SSH_TTY",
        "STY",
        "TERM",
        "TERM_PROGRAM",
        "TERM_PROGRAM_VERSION",
        "TMPDIR",
        "TMUX",
        "TWOLOCK_ASKPASS",
        "TWOLOCK_CLIPBOARD",
        "TWOLOCK_CONFIG",
        "TWOLOCK_IDENTITY",
        "TWOLOCK_PASSPHRASE",
        "TWOLOCK_PASSPHRASE_FD",
        "TWOLOCK_PASSPHRASE_FILE",
        "TWOLOCK_VAULT",
        "TZ",
        "USER",
        "VISUAL",
        "WAYLAND_DISPLAY",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
        "XDG_STATE_HOME",
        "ZELLIJ",
    ] {
        let calls = [
            &["doctor"][..],
            &["doctor", "--clipboard"],
            &["copy", "evil"],
            &["config", "edit"],
            &["agent", "status"],
        ];
        for call in calls {
            for more in [&[][..], &["--json"]] {
                let answer = sandbox.run(&[more, call].concat()).env(name, Some(HOSTILE)).answer();
                heard(&format!("{name} {call:?}"), &answer);
            }
        }
    }
    // What somebody else put beside the vault, also such names as are no text at all.
    for place in ["data/twolock", "data/twolock/backups"] {
        for name in [HOSTILE.as_bytes(), b"vault\x1b[2J\xff.age"] {
            let path = sandbox.path(place).join(OsStr::from_bytes(name));
            fs::create_dir_all(&path).unwrap();
        }
    }
    for call in [
        &["doctor"][..],
        &["restore", "--list"],
        &["list"],
        &["edit", "evil", "--pin"],
        &["backup", "copies"],
    ] {
        said(&sandbox, call, "");
    }
}

#[test]
fn an_open_agent_says_what_is_text() {
    let sandbox = sandbox();
    let answer = sandbox.run(&["unlock", "--for", "1h"]).answer();
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    for call in [&["list"][..], &["code", "[2J"], &["code", "nothing like \u{1b}[2J"]] {
        for more in [&[][..], &["--json"]] {
            // Without the passphrase: it is the agent that answers.
            let answer = sandbox.run(&[more, call].concat()).env("TWOLOCK_PASSPHRASE_FILE", None).answer();
            let told = heard(&format!("{call:?}"), &answer);
            assert!(told.contains("\\u{1b}") || told.contains("\\u001b"), "{call:?}: {told}");
        }
    }
    let answer = sandbox.run(&["lock"]).answer();
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
}

#[test]
fn tables_and_questions_on_a_terminal_stay_text() {
    let sandbox = sandbox();
    let file = sandbox.path("passphrase");
    let open = ["--passphrase-file", file.to_str().unwrap(), "--color", "never", "--at", AT];
    sandbox.write(
        "names.txt",
        "otpauth://totp/Evil%1B%5B2J%C2%9B31m%E2%80%AE%0ALINE%09CELL?secret=JBSWY3DPEHPK3PXP\n",
    );
    let calls: [(&[&str], Answers<'_>); 8] = [
        (&["list"], &[]),
        (&["list", "--codes"], &[]),
        (&["show", "evil"], &[]),
        (&["undo", "--list"], &[]),
        (&["backup", "a\u{1b}[2J"], &[]),
        (&["config", "path", "--config", "a\u{1b}[2J"], &[]),
        (&["code", "[2J"], &[("Which one", "1")]),
        (&["import", "names.txt"], &[("Add", "n")]),
    ];
    for (call, answers) in calls {
        let (seen, _) = on_a_terminal(&sandbox, &[call, &open[..]].concat(), answers, "dumb");
        harmless(&format!("{call:?}"), &seen.replace("\r\n", "\n"));
        assert!(seen.contains("\\u{1b}"), "{call:?}: {seen}");
    }
}

#[test]
fn lines_for_screen_readers_stay_text() {
    let sandbox = sandbox();
    let file = sandbox.write(HOSTILE, "{\"nothing\": \"that is known\"}");
    fs::create_dir(sandbox.path("there")).unwrap();
    sandbox.write(
        "there/names.txt",
        "otpauth://totp/Evil%1B%5B2J%C2%9B31m%E2%80%AE%0ALINE%09CELL?secret=JBSWY3DPEHPK3PXP\n",
    );
    let import = format!("import {}", file.display());
    let lines = [
        PASSPHRASE,
        "",
        "e",
        "1",
        "show",
        "group",
        "",
        "edit",
        "",
        "delete",
        "undo",
        "deleted",
        "cancel",
        "find evil\u{202e}",
        "nothing\u{202e}",
        "1",
        "check",
        "000000",
        "111111",
        "cancel",
        "test",
        "000000",
        "",
        "secret",
        "1",
        "",
        "secret",
        "2",
        "",
        &import,
        "import /nonexistent/\u{202e}x",
        "import there/names.txt",
        "n",
        "export there/\u{202e}/x",
        "cancel",
        "list",
        "help",
        "next",
        "copy",
        "pin",
        "undo",
        "quit",
    ];
    let answer = sandbox.talk(AT.parse().unwrap(), &[]).stdin(lines.join("\n") + "\n").answer();
    let told = heard("plain", &answer);
    assert!(told.matches(SHOWN).count() > 10, "{told}");
}

/// A vault on stage in which every text is hostile.
fn open() -> Stage {
    let mut accounts = Vec::new();
    for number in 1..=9 {
        let mut account = account(number, HOSTILE, HOSTILE);
        account.group = if number % 2 == 0 { HOSTILE.to_owned() } else { format!("{number}{HOSTILE}") };
        account.note = HOSTILE.to_owned();
        account.pinned = number == 3;
        account.pending = number == 4;
        accounts.push(account);
    }
    accounts[5].otp.kind = twolock::otp::Kind::Hotp { counter: 42 };
    Stage::with(accounts)
}

/// Checks what is in every cell, at every size.
#[track_caller]
fn still(what: &str, stage: Stage) -> String {
    let mut seen = String::new();
    let mut stage = stage;
    for (columns, rows) in [(80, 24), (40, 12), (200, 60), (20, 5)] {
        stage = stage.size(columns, rows);
        for cell in &stage.buffer().content {
            assert!(!cell.symbol().contains(is_forbidden), "{what}: {:?}", cell.symbol());
        }
        seen += &stage.picture();
    }
    for line in seen.lines() {
        assert!(!line.trim_start().starts_with("LINE"), "{what}: {seen}");
    }
    seen
}

#[test]
fn every_screen_stays_text() {
    let mut shown = 0;
    for keys in [
        "",
        "H",
        "s",
        "ss",
        "sss",
        "ssss",
        "sssss",
        "x",
        "xjxM",
        "M",
        "Mx",
        "/evil",
        "/[2J",
        "/githup",
        ":",
        ":evil",
        "<right>",
        "<right>r",
        "e",
        "e<tab>",
        "e<tab><tab><tab>",
        "ex<enter>",
        "ex<enter>u",
        "d",
        "dd",
        "du",
        "dD",
        "dDdaw",
        "v",
        "vk",
        "vf",
        "t",
        "t123456",
        "<enter>",
        "c",
        "y",
        "p",
        "p?",
        "?",
        "S",
        "a",
        "I",
        "X",
        "X<enter>",
        "Xj<enter>",
        "GGk<enter>",
        "G<enter>",
        "B",
        "D",
        "K",
        "C",
        "L",
        "q",
        "g",
        "m",
        "n",
        "w",
        "i",
        "jjj<enter>",
        "jjj<right>",
        "jjj<enter><enter>",
    ] {
        shown += usize::from(still(keys, open().keys(keys)).contains("Evil\\u{1b}"));
    }
    assert!(shown > 30, "{shown}");
}

#[test]
fn what_is_typed_pasted_and_read_stays_text_on_screens() {
    let links = "otpauth://totp/Evil%1B%5B2J%C2%9B31m%E2%80%AE%0ALINE%09CELL?secret=JBSWY3DPEHPK3PXP&issuer=%1B%5B2J\n\
                 otpauth://totp/b?secret=GEZDGNBVGY3TQOJQ&algorithm=%1B%5B2J\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(HOSTILE);
    fs::create_dir(&path).unwrap();
    let path = path.to_str().unwrap();
    for (what, stage) in vec![
        ("locked", Stage::locked(Vec::new()).paste(HOSTILE)),
        ("key file", Stage::locked(Vec::new()).keys("<f3>").paste(HOSTILE).keys("<enter>")),
        ("first start", Stage::first_start().keys("<enter>").paste(HOSTILE).keys("<enter>")),
        ("another place", Stage::first_start().keys("<down><enter>").paste(HOSTILE).keys("<enter>")),
        ("search", open().keys("/").paste(HOSTILE)),
        ("commands", open().keys(":").paste(HOSTILE)),
        ("group", open().keys("M").paste(HOSTILE)),
        ("edit", open().keys("e").paste(HOSTILE)),
        ("edited", open().keys("e").paste(HOSTILE).keys("<enter>")),
        ("undone", open().keys("e").paste(HOSTILE).keys("<enter>u")),
        ("add, a name", open().keys("a").paste(HOSTILE)),
        ("add, a key", open().keys("a").paste("x").keys("<enter>").paste(HOSTILE)),
        ("add, a link", open().keys("a").paste(links.lines().next().unwrap())),
        ("add, links", open().keys("a").paste(links)),
        ("settings, find", open().keys("S/").paste(HOSTILE)),
        (
            "settings, a value",
            open().keys("S/").keys("lock after<enter><enter>").paste(HOSTILE).keys("<enter>"),
        ),
        ("import, a name", open().keys("I").paste(HOSTILE).keys("<enter>")),
        ("import, a folder", open().keys("I").paste(path).keys("<enter>")),
        ("import, links", open().keys("I").paste(links)),
        ("import, taken", open().keys("I").paste(links).keys("<enter>")),
        ("export, a name", open().keys("X<enter>").paste(HOSTILE).keys("<enter>")),
        ("rehearsal", open().keys("t").paste(HOSTILE).keys("<enter>")),
        ("question", open().wait(61).keys("v").paste(HOSTILE).keys("<enter>")),
        ("over SSH", open().reached_as(HOSTILE)),
        ("over SSH, a picture", open().reached_as(HOSTILE).keys("a")),
        ("called with", Stage::called_with(Vec::new(), HOSTILE)),
        ("clicked", open().point(Mouse::Click(10, 5)).point(Mouse::Click(46, 5))),
    ] {
        still(what, stage);
    }
}
