//! `--json` and `--json=lines`, whole: what is a list comes in a line for each thing, from the vault and from the agent;
//! what is none, and what went wrong, in one line.

use super::agent::Agent;
use crate::support::sandbox::{KEY, RFC_KEY, Sandbox};

const HELP: &str = "`twolock --help` lists the verbs and options, `twolock help VERB` those of a verb";

fn sandbox() -> (Sandbox, [String; 2]) {
    let sandbox = Sandbox::with_vault();
    let first = sandbox.add(&["GitHub", "--account", "alice", "--at", "1"], RFC_KEY);
    let second = sandbox.add(&["Bank", "--hotp", "7", "--digits", "8", "--at", "2"], KEY);
    (sandbox, [first, second])
}

/// An account as documents describe it.
fn github(id: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"name\":\"GitHub\",\"account\":\"alice\",\"group\":\"\",\"type\":\"totp\",\
         \"algorithm\":\"SHA1\",\"digits\":6,\"period\":30,\"pinned\":false,\"checked\":\"never\"}}"
    )
}

fn bank(id: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"name\":\"Bank\",\"account\":\"\",\"group\":\"\",\"type\":\"hotp\",\
         \"algorithm\":\"SHA1\",\"digits\":8,\"period\":null,\"pinned\":false,\"checked\":\"never\"}}"
    )
}

fn failed(code: &str, exit: u8, hints: &[&str], message: &str) -> String {
    let hints = serde_json::to_string(hints).unwrap();
    let message = serde_json::to_string(message).unwrap();
    format!(
        "{{\"error\":{{\"code\":\"{code}\",\"exit\":{exit},\"hints\":{hints},\"message\":{message}}},\"v\":1}}\n"
    )
}

#[test]
fn a_list_is_a_line_an_account() {
    let (sandbox, [first, second]) = sandbox();
    let (one, two) = (github(&first), bank(&second));
    let list = |more: &[&str]| sandbox.run(&[&["list"], more].concat()).answer();
    let document = format!("{{\"v\":1,\"accounts\":[{one},{two}]}}\n");
    list(&["--json"]).is(0, &document, "");
    list(&["--json=document"]).is(0, &document, "");
    list(&["--json=lines"]).is(
        0,
        &format!("{{\"v\":1,\"account\":{one}}}\n{{\"v\":1,\"account\":{two}}}\n"),
        "",
    );
    let with_code = one.replace('}', ",\"code\":\"287082\",\"seconds_left\":1}");
    list(&["--codes", "--json=lines", "--at", "59", "github"]).is(
        0,
        &format!("{{\"v\":1,\"account\":{with_code}}}\n"),
        "",
    );
    let help = ["--json cannot be used together with --tsv", "--tsv cannot be used together with --json"];
    let answer = list(&["--tsv", "--json=lines"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""));
    assert!(help.iter().any(|said| answer.stderr.contains(said)), "{}", answer.stderr);
    Sandbox::with_vault().run(&["list", "--json=lines"]).answer().is(0, "", "");
}

#[test]
fn the_agent_prints_lines_too() {
    let (sandbox, [first, second]) = sandbox();
    let agent = Agent::of(sandbox);
    let (one, two) = (github(&first), bank(&second));
    agent.run(&["list", "--json=lines"]).answer().is(
        0,
        &format!("{{\"v\":1,\"account\":{one}}}\n{{\"v\":1,\"account\":{two}}}\n"),
        "",
    );
    agent.run(&["--json=lines", "list", "paypal"]).answer().is(
        3,
        "",
        &failed("not_found", 3, &["`twolock list` shows what there is"], "no account matches \"paypal\""),
    );
    let said = agent.run(&["code", "github", "--json=lines"]).answer().json();
    assert_eq!(said["account"]["name"], "GitHub");
    assert_eq!(said["code"].as_str().map(str::len), Some(6));
    let status = agent.run(&["agent", "status", "--json=lines"]).answer().json();
    assert_eq!(status["unlocked"], true);
}

#[test]
fn what_is_no_list_is_one_document_either_way() {
    let (sandbox, [first, _]) = sandbox();
    let one = github(&first);
    let code = |code: &str, next: &str, from: &str, until: &str, left: u32| {
        format!(
            "{{\"v\":1,\"account\":{one},\"code\":\"{code}\",\"next\":\"{next}\",\
             \"valid_from\":\"1970-01-01T00:{from}Z\",\"valid_until\":\"1970-01-01T00:{until}Z\",\
             \"seconds_left\":{left},\"clock\":null}}\n"
        )
    };
    let both =
        code("287082", "359152", "00:30", "01:00", 1) + &code("359152", "969429", "01:00", "01:30", 31);
    for how in ["--json", "--json=document", "--json=lines"] {
        sandbox.run(&["code", "github", "--at", "59", "--count", "2", how]).answer().is(0, &both, "");
        sandbox.run(&["agent", "status", how]).answer().is(
            5,
            "",
            &failed(
                "locked",
                5,
                &["`twolock unlock` opens it for a while"],
                "the vault is locked: no agent holds it",
            ),
        );
        sandbox.run(&["config", "get", "lock.after", how]).answer().is(
            0,
            "{\"setting\":{\"default\":600,\"key\":\"lock.after\",\"value\":600},\"v\":1}\n",
            "",
        );
    }
}

#[test]
fn what_changes_accounts_says_each_on_a_line() {
    let sandbox = Sandbox::with_vault();
    let added = sandbox.run(&["add", "GitHub", "--account", "alice", "--json=lines"]).stdin(RFC_KEY).answer();
    let id = added.json()["account"]["id"].as_str().unwrap().to_owned();
    let one = github(&id);
    sandbox.run(&["rm", "github", "--dry-run", "--json=lines"]).answer().is(
        0,
        &format!("{{\"v\":1,\"deleted\":{one},\"dry_run\":true,\"for_ever\":false}}\n"),
        &format!("would delete GitHub (alice) (id:{id})\n"),
    );
    sandbox.run(&["edit", "github", "--pin", "-q"]).answer().is(0, "", "");
    let listed = sandbox.run(&["undo", "--list"]).answer().stdout;
    let when: Vec<&str> = listed.lines().filter_map(|line| line.split('\t').nth(1)).collect();
    let change = |generation: u8, when: &str, what: &str| {
        format!(
            "{{\"generation\":{generation},\"when\":\"{when}\",\
             \"accounts\":[{{\"name\":\"GitHub (alice)\",\"what\":\"{what}\"}}]}}"
        )
    };
    let (pinned, was_added) = (change(3, when[0], "changed pinned"), change(2, when[1], "added"));
    sandbox.run(&["undo", "--list", "--json"]).answer().is(
        0,
        &format!("{{\"v\":1,\"changes\":[{pinned},{was_added}],\"dry_run\":true}}\n"),
        "",
    );
    sandbox.run(&["undo", "--list", "--json=lines"]).answer().is(
        0,
        &format!(
            "{{\"v\":1,\"change\":{pinned},\"dry_run\":true}}\n{{\"v\":1,\"change\":{was_added},\"dry_run\":true}}\n"
        ),
        "",
    );
    let gone = "{\"name\":\"GitHub (alice)\",\"what\":\"deleted\"}";
    for (how, document) in [("--json", "\"changes\":[_]"), ("--json=lines", "\"change\":_")] {
        let expected = format!("{{\"v\":1,{},\"dry_run\":true}}\n", document.replace('_', gone));
        sandbox.run(&["restore", "1", "--dry-run", how]).answer().is(0, &expected, "");
    }
    let states = sandbox.run(&["restore", "--list"]).answer().stdout;
    let state = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        format!("{{\"number\":{},\"when\":\"{}\",\"file\":\"{}\"}}", cells[0], cells[1], cells[2])
    };
    let states: Vec<String> = states.lines().map(state).collect();
    assert_eq!(states.len(), 2);
    sandbox.run(&["restore", "--list", "--json"]).answer().is(
        0,
        &format!("{{\"v\":1,\"states\":[{}]}}\n", states.join(",")),
        "",
    );
    sandbox.run(&["restore", "--list", "--json=lines"]).answer().is(
        0,
        &format!("{{\"v\":1,\"state\":{}}}\n{{\"v\":1,\"state\":{}}}\n", states[0], states[1]),
        "",
    );
    let own = sandbox.run(&["passwd", "--list"]).answer().stdout;
    let own = own.strip_suffix("\tpassphrase\n").unwrap();
    for (how, document) in [("--json", "\"recipients\":[_]"), ("--json=lines", "\"recipient\":_")] {
        let own = format!("{{\"recipient\":\"{own}\",\"passphrase\":true}}");
        let expected = format!("{{\"v\":1,{}}}\n", document.replace('_', &own));
        sandbox.run(&["passwd", "--list", how]).answer().is(0, &expected, "");
    }
}

#[test]
fn an_import_says_each_entry_and_then_the_sum() {
    let sandbox = Sandbox::with_vault();
    let links = "otpauth://totp/A:x?secret=JBSWY3DPEHPK3PXP&issuer=A\notpauth://totp/B:y?secret=J\n";
    let entry = "{\"name\":\"A\",\"account\":\"x\",\"type\":\"totp\",\"state\":\"new\",\"taken\":true,\"lookalike\":null}";
    let refused = "{\"place\":\"line 2\",\"name\":\"B y\",\"reason\":\"the secret is empty\"}";
    let sum = "\"formats\":[\"otpauth\"],\"dry_run\":true,\"read\":2,\"new\":1,\"same\":0,\"renamed\":0,\"differ\":0,\"taken\":1";
    let rest = "\"assumed\":[],\"notes\":[]";
    let import = |how| sandbox.run(&["import", "--dry-run", how, "-"]).stdin(links).answer();
    import("--json").is(
        0,
        &format!("{{\"v\":1,\"import\":{{{sum},\"entries\":[{entry}],\"refused\":[{refused}],{rest}}}}}\n"),
        "",
    );
    import("--json=lines").is(
        0,
        &format!(
            "{{\"v\":1,\"entry\":{entry}}}\n{{\"v\":1,\"refused\":{refused}}}\n{{\"v\":1,\"import\":{{{sum},{rest}}}}}\n"
        ),
        "",
    );
    let formats = sandbox.run(&["import", "--formats", "--json=lines"]).answer();
    assert_eq!((formats.code, formats.stderr.as_str()), (Some(0), ""));
    let plain = sandbox.run(&["import", "--formats"]).answer().stdout;
    assert_eq!(formats.stdout.lines().count(), plain.lines().count());
    for (line, plain) in formats.stdout.lines().zip(plain.lines()) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let format = |name: &str| line["format"][name].as_str().unwrap().to_owned();
        assert!(plain.starts_with(&format("name")) && plain.ends_with(&format("source")), "{plain}");
    }
}

#[test]
fn the_computer_and_the_settings_come_in_lines_too() {
    let (sandbox, _) = sandbox();
    let document = sandbox.run(&["doctor", "--json"]).answer();
    let document: serde_json::Value = serde_json::from_str(&document.stdout).unwrap();
    let lines = sandbox.run(&["doctor", "--json=lines"]).answer().stdout;
    let checks: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(checks.iter().all(|check| check["v"] == 1 && check.as_object().unwrap().len() == 2));
    let named = |checks: Vec<&serde_json::Value>| {
        checks.iter().map(|check| check["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        named(checks.iter().map(|check| &check["check"]).collect()),
        named(document["checks"].as_array().unwrap().iter().collect())
    );
    assert!(document["ok"].is_boolean());

    let settings = sandbox.run(&["config", "get", "--json=lines"]).answer().stdout;
    let first = settings.lines().next().unwrap();
    assert!(first.starts_with("{\"v\":1,\"setting\":{\"key\":\""), "{first}");
    assert_eq!(settings.lines().count(), sandbox.run(&["config", "get"]).answer().stdout.lines().count());

    let pages = sandbox.run(&["man", "--dir", "man", "--json=lines"]).answer().stdout;
    assert_eq!(pages.lines().next(), Some("{\"v\":1,\"page\":\"man/twolock.1\"}"));
    assert_eq!(pages.lines().count(), std::fs::read_dir(sandbox.path("man")).unwrap().count());
}

#[test]
fn another_way_is_refused_as_json_and_help_is_found_behind_it() {
    let sandbox = Sandbox::new();
    let takes = "it takes document, lines";
    let message = "the value of --json is not one that it takes";
    sandbox.run(&["list", "--json=yaml"]).answer().is(2, "", &failed("usage", 2, &[takes, HELP], message));
    // The word behind it is never its value.
    let topic = sandbox.run(&["--json", "help", "exit-codes"]).answer();
    topic.is(0, &sandbox.run(&["help", "exit-codes"]).answer().stdout, "");
    let topic = sandbox.run(&["--json=lines", "help", "exit-codes"]).answer();
    topic.is(0, &sandbox.run(&["help", "exit-codes"]).answer().stdout, "");
}
