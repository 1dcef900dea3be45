//! `twolock unlock`, `lock`, and what the agent between them answers, to its user and to whoever disturbs it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use twolock::otp::Timestamp;
use twolock::vault::{Change, Passphrase, Place, Store};

use super::usage::on_a_terminal;
use crate::support::sandbox::{Call, KEY, PASSPHRASE, RFC_KEY, Sandbox};

const MISSING: &str = "an answer is needed, and --no-input forbids asking";
const HINT: &str = "give the passphrase with --passphrase-file FILE or --passphrase-fd N";
const UNLOCKED: &str = "Unlocked for 15 minutes. `twolock lock` locks it sooner.\n";
const LOCKED: &str = "Locked. The agent has ended, and nothing is left in memory.\n";

/// A sandbox with an agent, which ends with it.
pub(super) struct Agent(pub(super) Sandbox);

impl Agent {
    fn new() -> Self {
        let sandbox = Sandbox::with_vault();
        sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
        Self::of(sandbox)
    }

    /// Unlocks the vault of a sandbox.
    pub(super) fn of(sandbox: Sandbox) -> Self {
        sandbox.run(&["unlock"]).answer().is(0, "", UNLOCKED);
        Self(sandbox)
    }

    /// A call of somebody who does not know the passphrase.
    pub(super) fn run(&self, arguments: &[&str]) -> Call {
        self.0.run(arguments).env("TWOLOCK_PASSPHRASE_FILE", None)
    }

    fn is_there(&self) -> bool {
        self.run(&["agent", "status"]).answer().code == Some(0)
    }

    fn socket(&self) -> PathBuf {
        let run = self.0.path("run/twolock");
        std::fs::read_dir(run).unwrap().next().unwrap().unwrap().path()
    }

    /// Says these bytes, and returns what is answered.
    fn say(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        // A frame that is too long is not read to its end.
        drop(stream.write_all(bytes));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        answer
    }

    fn ask(&self, json: &str) -> String {
        let length = u32::try_from(json.len()).unwrap().to_be_bytes();
        let answer = self.say(&[&length, json.as_bytes()].concat());
        String::from_utf8(answer.get(4..).unwrap_or_default().to_vec()).unwrap()
    }

    fn store(&self) -> Store {
        let place = Place::new(self.0.path("data/twolock"), None);
        Store::unlock(&place, &Passphrase::new(PASSPHRASE.to_owned().into()), at()).unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let answer = self.run(&["lock", "-q"]).answer();
        assert!(answer.code == Some(0) || std::thread::panicking(), "{}", answer.stderr);
    }
}

fn at() -> Timestamp {
    Timestamp::from_seconds(1_800_000_000)
}

#[test]
fn answers_without_the_passphrase_until_it_is_locked() {
    let agent = Agent::new();
    let direct = agent.0.run(&["list"]).answer().stdout;
    agent.run(&["list"]).answer().is(0, &direct, "");
    let code = agent.run(&["code", "github"]).answer();
    assert_eq!((code.code, code.stdout.len(), code.stderr.as_str()), (Some(0), 7, ""));
    let document = agent.run(&["code", "github", "--json"]).answer().json();
    assert_eq!(document["account"]["name"], "GitHub");
    agent.run(&["code", "nobody"]).answer().fails(
        3,
        "no account matches \"nobody\"",
        &["`twolock list` shows what there is"],
    );
    let status = agent.run(&["agent", "status", "--json"]).answer().json();
    assert_eq!((&status["v"], &status["unlocked"]), (&1.into(), &true.into()));
    assert!((1..=900).contains(&status["seconds_left"].as_u64().unwrap()), "{status}");
    agent.run(&["lock"]).answer().is(0, "", LOCKED);
    agent.run(&["code", "github"]).answer().fails(5, MISSING, &[HINT]);
    agent.run(&["lock"]).answer().is(0, "", "It was locked already.\n");
    agent.run(&["agent", "status"]).answer().fails(
        5,
        "the vault is locked: no agent holds it",
        &["`twolock unlock` opens it for a while"],
    );
}

#[test]
fn a_failure_is_the_same_with_and_without_an_agent() {
    let agent = Agent::new();
    agent.0.add(&["GitLab", "--account", "alice"], KEY);
    for call in [["code", "git", "--json"], ["code", "githib", "--json"]] {
        let direct = agent.0.run(&call).answer();
        assert!(direct.stderr.contains(r#""matches":["#), "{}", direct.stderr);
        agent.run(&call).answer().is(direct.code.unwrap(), "", &direct.stderr);
    }
}

#[test]
fn a_wrong_passphrase_starts_nothing_and_ends_nothing() {
    let sandbox = Sandbox::with_vault();
    sandbox.write("wrong", "wrong\n");
    let wrong = ["unlock", "--passphrase-file", "wrong"];
    let refused = |sandbox: &Sandbox| {
        sandbox.run(&wrong).answer().fails(
            5,
            "the passphrase is wrong",
            &["Caps Lock may be on; nothing was changed"],
        );
    };
    refused(&sandbox);
    let agent = Agent::new();
    agent.0.write("wrong", "wrong\n");
    refused(&agent.0);
    assert!(agent.is_there());
}

#[test]
fn a_second_unlock_begins_anew_with_an_identity_too() {
    let agent = Agent::new();
    let pid = || agent.run(&["agent", "status", "--json"]).answer().json()["pid"].clone();
    let first = pid();
    let identity = agent.0.path("data/twolock/identity.age");
    let call = ["unlock", "--for", "2h", "--idle", "90s", "--identity", identity.to_str().unwrap()];
    agent.0.run(&call).answer().is(
        0,
        "",
        "Unlocked for 2 hours at most: it locks sooner when nothing is asked for 90 seconds, unless --idle says \
         otherwise. `twolock lock` locks it now.\n",
    );
    assert_ne!(pid(), first);
    assert_eq!(agent.run(&["code", "github"]).answer().code, Some(0));
}

#[test]
fn what_another_program_changed_is_seen_before_the_answer() {
    let agent = Agent::new();
    agent.0.add(&["Bank"], KEY);
    assert_eq!(agent.run(&["code", "bank"]).answer().code, Some(0));
    let mut store = agent.store();
    let id = store.vault().accounts()[1].id;
    store.commit(&[Change::Remove(id, at())], at()).unwrap();
    assert_eq!(agent.run(&["code", "bank"]).answer().code, Some(3));
    // A vault that is gone or damaged gives no code any more.
    let file = agent.0.path("data/twolock/vault.age");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(agent.run(&["code", "github"]).answer().code, Some(9));
    agent.0.write("data/twolock/vault.age", &bytes[..bytes.len() - 1]);
    assert_eq!(agent.run(&["code", "github"]).answer().code, Some(9));
    agent.0.write("data/twolock/vault.age", &bytes);
    assert_eq!(agent.run(&["code", "github"]).answer().code, Some(0));
}

#[test]
fn a_counter_moves_on_whoever_asks() {
    let agent = Agent::new();
    agent.0.add(&["Bank", "--hotp", "1"], KEY);
    let mut seen: Vec<String> = Vec::new();
    for turn in 0..4 {
        let code = ["code", "bank"];
        let answer = if turn % 2 == 0 { agent.run(&code) } else { agent.0.run(&code) }.answer();
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
        assert!(!seen.contains(&answer.stdout), "{seen:?}");
        seen.push(answer.stdout);
    }
}

#[test]
fn gives_no_secret_and_no_code_of_another_time() {
    let agent = Agent::new();
    for refused in [
        &["export", "--plain", "--format", "uris", "--to", "-"][..],
        &["qr", "github"],
        &["code", "github", "--at", "59"],
        &["code", "github", "--count", "2"],
        &["passwd", "--list"],
        // A note may hold what is as good as a secret.
        &["show", "github"],
    ] {
        let answer = agent.run(refused).answer();
        assert_eq!((answer.stdout.as_str(), answer.code == Some(0)), ("", false), "{refused:?}");
    }
    // The agent itself decides what it runs.
    for arguments in [
        r#"["qr","github"]"#,
        r#"["export","--plain","--to","-"]"#,
        r#"["code","github","--at","59"]"#,
        r#"["code","github","--count","100"]"#,
        r#"["show","github"]"#,
        r#"["list","--config","x"]"#,
        r#"["unlock"]"#,
        r#"["--help"]"#,
        "[]",
    ] {
        for way in ["run", "watch"] {
            let call = format!(
                r#"{{"v":2,"ask":{{"{way}":{{"arguments":{arguments},"terminal":false,"columns":null}}}}}}"#
            );
            assert_eq!(agent.ask(&call), "\"refused\"", "{way} {arguments}");
        }
    }
}

#[test]
fn whoever_disturbs_it_keeps_nobody_else_from_being_answered() {
    let agent = Agent::new();
    let works = || assert_eq!(agent.run(&["code", "github"]).answer().code, Some(0));
    // A header of a gigabyte, rubbish, half a header, nothing at all.
    assert_eq!(agent.say(&[0x40, 0, 0, 0, b'{']), b"");
    works();
    for rubbish in ["", "{", "[]", "\u{0}", r#"{"v":2,"ask":"secrets"}"#, r#"{"v":2}"#] {
        assert_eq!(agent.ask(rubbish), "\"refused\"", "{rubbish}");
    }
    // Others that say half of something, and stay; far more than it has descriptors for.
    let mut idle = Vec::new();
    for turn in 0..1000 {
        let mut stream = UnixStream::connect(agent.socket()).unwrap();
        drop(stream.write_all(&[0, 0][..turn % 3]));
        if turn < 500 {
            idle.push(stream);
        }
    }
    works();
    // One that asks and does not wait for the answer.
    for _ in 0..50 {
        let mut stream = UnixStream::connect(agent.socket()).unwrap();
        drop(stream.write_all(b"\0\0\0\x16{\"v\":1,\"ask\":\"status\"}"));
    }
    works();
    drop(idle);
    works();
}

#[test]
fn other_versions_are_told_and_can_always_lock() {
    let agent = Agent::new();
    assert_eq!(agent.ask(r#"{"v":3,"ask":{"something":"new"}}"#), r#"{"version":2}"#);
    assert!(agent.is_there());
    assert_eq!(agent.ask(r#"{"v":7,"ask":"lock"}"#), "\"locked\"");
    assert!(!agent.is_there());
}

/// Answers one call of each connection with these bytes.
pub(super) fn imposter(
    socket: PathBuf,
    answers: Vec<impl AsRef<str> + Send + 'static>,
) -> std::thread::JoinHandle<Vec<String>> {
    drop(std::fs::remove_file(&socket));
    let listener = std::os::unix::net::UnixListener::bind(socket).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test plays an agent of another version")]
    std::thread::spawn(move || {
        let mut heard = Vec::new();
        for answer in answers {
            let answer = answer.as_ref();
            let (mut stream, _) = listener.accept().unwrap();
            let mut header = [0; 4];
            stream.read_exact(&mut header).unwrap();
            let mut bytes = vec![0; usize::try_from(u32::from_be_bytes(header)).unwrap()];
            stream.read_exact(&mut bytes).unwrap();
            heard.push(String::from_utf8(bytes).unwrap());
            stream.write_all(&u32::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
        heard
    })
}

#[test]
fn an_older_agent_is_ended_and_a_newer_one_left_alone() {
    let agent = Agent::new();
    let socket = agent.socket();
    agent.run(&["lock", "-q"]).answer().is(0, "", "");
    let warning = "twolock: warning: the agent is of another version of twolock\n";
    let failure = format!("{warning}twolock: error: {MISSING}\ntwolock: hint: {HINT}\n");
    let older = imposter(socket.clone(), vec![r#"{"version":1}"#, "\"locked\""]);
    agent.run(&["code", "github"]).answer().is(5, "", &failure);
    let heard = older.join().unwrap();
    assert_eq!(heard[1], r#"{"v":2,"ask":"lock"}"#);
    let newer = imposter(socket.clone(), vec![r#"{"version":3}"#]);
    agent.run(&["code", "github"]).answer().is(5, "", &failure);
    assert_eq!(newer.join().unwrap().len(), 1);
    drop(std::fs::remove_file(socket));
}

/// What a hostile agent says: it takes over the clipboard of the terminal, hides, and forges an error.
const HOSTILE: &str = "1\u{1b}]52;c;cm0gLXJm\u{7}\u{9b}2J\r2\u{202e}3\n";

fn done(stdout: &str, stderr: &str, failed: &serde_json::Value) -> String {
    serde_json::json!({"done": {"stdout": stdout, "stderr": stderr, "failed": failed}}).to_string()
}

#[test]
fn what_an_agent_says_steers_no_terminal() {
    let harmless = "1\\u{1b}]52;c;cm0gLXJm\\u{7}\\u{9b}2J\\r2\\u{202e}3\n";
    // In a pipe a letter that steers nothing stays.
    let piped = harmless.replace("\\u{202e}", "\u{202e}");
    let failed = serde_json::json!({"exit": 0, "message": HOSTILE, "hints": [HOSTILE], "matches": [HOSTILE]});
    let answers = || {
        vec![
            done(HOSTILE, HOSTILE, &serde_json::Value::Null),
            done("482913\n", HOSTILE, &serde_json::Value::Null),
            done("", HOSTILE, &failed),
            done("", "", &failed),
        ]
    };
    // Through a socket that another computer brought, and through the place of the vault's own.
    for name in ["forwarded-0123456789abcdef", "own"] {
        let sandbox = Sandbox::with_vault();
        let place = twolock::agent::Place::new(Some(&sandbox.path("run")), &sandbox.path("state"));
        place.prepare().unwrap();
        let socket = match name {
            "own" => place.door(&sandbox.path("data/twolock")).path().to_owned(),
            name => sandbox.path("run/twolock").join(name),
        };
        let hostile = imposter(socket.clone(), answers());
        let code = |more: &[&str]| {
            let call = sandbox.run(&[&["code", "github"], more].concat());
            call.env("TWOLOCK_PASSPHRASE_FILE", None).answer()
        };
        code(&[]).is(0, &piped, harmless);
        // Who wants no words gets none, whatever the agent thinks of that.
        code(&["-q"]).is(0, "482913\n", "");
        // What failed did not end well, and its words stand on one line each.
        let line = harmless.replace('\n', "\\n");
        code(&[]).is(1, "", &format!("{harmless}twolock: error: {line}\ntwolock: hint: {line}\n"));
        let answer = code(&["--json"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""));
        assert!(answer.stderr.trim_end().bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{answer:?}");
        let error: serde_json::Value = serde_json::from_str(&answer.stderr).unwrap();
        assert_eq!((&error["error"]["message"], &error["error"]["exit"]), (&HOSTILE.into(), &1.into()));
        hostile.join().unwrap();
        std::fs::remove_file(socket).unwrap();
    }
}

#[test]
fn what_an_agent_prints_steers_no_terminal_that_it_is_printed_on() {
    let sandbox = Sandbox::with_vault();
    let place = twolock::agent::Place::new(Some(&sandbox.path("run")), &sandbox.path("state"));
    place.prepare().unwrap();
    let socket = place.door(&sandbox.path("data/twolock")).path().to_owned();
    let answers = vec![
        done(HOSTILE, "29 s left\n", &serde_json::Value::Null),
        done("{\"v\":1,\"a\":\"\u{1b}[2J\"}\n", "", &serde_json::Value::Null),
    ];
    let hostile = imposter(socket.clone(), answers);
    let (screen, code) = on_a_terminal(&sandbox, &["code", "github"], &[], "xterm");
    let harmless = "1\\u{1b}]52;c;cm0gLXJm\\u{7}\\u{9b}2J\\r2\\u{202e}3\r\n29 s left\r\n";
    let mut lines: Vec<&str> = screen.split_inclusive('\n').collect();
    lines.sort_unstable();
    let mut expected: Vec<&str> = harmless.split_inclusive('\n').collect();
    expected.sort_unstable();
    assert_eq!((lines, code), (expected, 0));
    let (screen, code) = on_a_terminal(&sandbox, &["code", "github", "--json"], &[], "xterm");
    assert_eq!((screen.as_str(), code), ("{\"v\":1,\"a\":\"\\u{1b}[2J\"}\r\n", 0));
    hostile.join().unwrap();
    std::fs::remove_file(socket).unwrap();
}

#[test]
fn what_a_killed_agent_left_is_in_nobodys_way() {
    let agent = Agent::new();
    let pid = agent.run(&["agent", "status", "--json"]).answer().json()["pid"].as_u64().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let socket = agent.socket();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    // Its socket stays, and nobody is there.
    while UnixStream::connect(&socket).is_ok() {}
    assert!(socket.exists());
    agent.run(&["code", "github"]).answer().fails(5, MISSING, &[HINT]);
    agent.0.run(&["unlock"]).answer().is(0, "", UNLOCKED);
    assert_eq!(agent.run(&["code", "github"]).answer().code, Some(0));
}

#[test]
fn a_signal_ends_it_and_takes_its_socket_away() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::HUP] {
        let agent = Agent::new();
        let pid = agent.run(&["agent", "status", "--json"]).answer().json()["pid"].as_u64().unwrap();
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        let socket = agent.socket();
        rustix::process::kill_process(pid, signal).unwrap();
        while socket.exists() {}
        assert!(!agent.is_there());
    }
}

#[test]
fn it_answers_when_not_a_byte_can_be_written() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub"], RFC_KEY);
    sandbox.shell("trap '' XFSZ; ulimit -f 0; twolock --no-input unlock --quiet");
    let agent = Agent(sandbox);
    assert_eq!(agent.run(&["code", "github"]).answer().code, Some(0));
    assert!(agent.is_there());
}

#[test]
fn without_a_directory_of_the_session_it_sits_in_the_state() {
    let sandbox = Sandbox::with_vault();
    let gone = sandbox.path("gone");
    let run = |arguments: &[&str]| sandbox.run(arguments).env("XDG_RUNTIME_DIR", gone.to_str());
    run(&["unlock"]).answer().is(0, "", UNLOCKED);
    assert_eq!(std::fs::read_dir(sandbox.path("state/twolock/run")).unwrap().count(), 1);
    let status = run(&["agent", "status"]).answer();
    assert_eq!((status.code, status.stderr.as_str()), (Some(0), ""));
    assert!(status.stdout.starts_with("unlocked\t"), "{}", status.stdout);
    run(&["lock"]).answer().is(0, "", LOCKED);
}

#[test]
fn sudo_and_wrong_times_are_refused() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(&["unlock"]).env("SUDO_UID", Some("1000")).answer().fails(
        2,
        "under sudo the agent would be root's, and nobody else's programs could ask it",
        &["run `twolock unlock` without sudo"],
    );
    let answer = sandbox.run(&["unlock", "--for", "25h"]).answer();
    assert_eq!(answer.code, Some(2), "{}", answer.stderr);
}
