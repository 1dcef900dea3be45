//! Flags that no other test calls: what each makes of standard output, standard error and the exit status, as a whole.

use super::usage::on_a_terminal;
use crate::support::sandbox::{KEY, PASSPHRASE, RFC_KEY, Sandbox};

const HELP: &str = "`twolock --help` lists the verbs and options, `twolock help VERB` those of a verb";

fn sandbox() -> (Sandbox, String) {
    let sandbox = Sandbox::with_vault();
    let id = sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
    (sandbox, id)
}

#[test]
fn code_ends_with_a_nul_byte_and_waits() {
    let (sandbox, _) = sandbox();
    let code = |more: &[&str]| sandbox.run(&[&["code", "github", "--at", "59"], more].concat()).answer();
    code(&["--null"]).is(0, "287082\0", "");
    code(&["-0", "--count", "2"]).is(0, "287082\x00359152\x00", "");
    code(&["--wait"]).is(0, "359152\n", "");
    let answer = code(&["--null", "--json"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""));
}

#[test]
fn edit_pins_and_unpins() {
    let (sandbox, _) = sandbox();
    sandbox.run(&["edit", "github", "--pin"]).answer().is(0, "", "GitHub (alice): changed pinned\n");
    sandbox.run(&["edit", "github", "--no-pin"]).answer().is(0, "", "GitHub (alice): changed pinned\n");
    sandbox.run(&["edit", "github", "--no-pin"]).answer().fails(
        11,
        "\"GitHub (alice)\" is like that already",
        &[],
    );
}

#[test]
fn list_prints_lines_with_tabs() {
    let (sandbox, id) = sandbox();
    let line = format!("{id}\tGitHub\talice\t\ttotp\n");
    sandbox.run(&["list", "--tsv"]).answer().is(0, &line, "");
    let whole = format!("id\tname\taccount\tgroup\tkind\n{line}");
    sandbox.run(&["list", "--tsv", "--header"]).answer().is(0, &whole, "");
    let answer = sandbox.run(&["list", "--tsv", "--json"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""));
}

#[test]
fn lock_locks_every_vault() {
    let (sandbox, _) = sandbox();
    let other = sandbox.path("other");
    let other = other.to_str().unwrap();
    let made = sandbox.run(&["init", "--vault", other, "--work-factor", "10", "-q"]).answer();
    made.is(0, &format!("{other}\n"), "");
    for vault in [&["unlock", "-q"][..], &["unlock", "-q", "--vault", other]] {
        sandbox.run(vault).answer().is(0, "", "");
    }
    sandbox.run(&["lock", "--all"]).answer().is(
        0,
        "",
        "Locked. The agents have ended, and nothing is left in memory.\n",
    );
    sandbox.run(&["lock", "--all", "--json"]).answer().is(0, "{\"locked\":0,\"v\":1}\n", "");
}

#[test]
fn qr_replaces_a_picture_only_when_told() {
    let (sandbox, _) = sandbox();
    let written = "written to \"g.png\"; delete it when the phone has it: it holds the secret\n";
    sandbox.run(&["qr", "github", "--png", "g.png"]).answer().is(0, "", written);
    sandbox.run(&["qr", "github", "--png", "g.png"]).answer().fails(
        1,
        "\"g.png\" is there already",
        &["choose another name, or say --replace"],
    );
    sandbox.run(&["qr", "github", "--png", "g.png", "--replace"]).answer().is(0, "", written);
}

/// Returns what was drawn with light and dark changed about.
fn inverted(drawn: &str) -> String {
    let other = |letter| match letter {
        ' ' => '█',
        '█' => ' ',
        '▄' => '▀',
        '▀' => '▄',
        other => other,
    };
    drawn.chars().map(other).collect()
}

#[test]
fn qr_and_new_draw_light_on_dark() {
    let (sandbox, _) = sandbox();
    let warning = "GitHub (alice): anyone who sees this code gets the secret\n";
    let plain = sandbox.run(&["qr", "github"]).answer();
    let drawn = plain.stdout.clone();
    assert!(drawn.starts_with("██████") && drawn.lines().count() > 15, "{drawn}");
    plain.is(0, &drawn, warning);
    sandbox.run(&["qr", "github", "--invert"]).answer().is(0, &inverted(&drawn), warning);

    // A terminal without colours; where it has them, the code is black on white whatever is asked for.
    let new = |name: &str, more: &[&str], term: &str| {
        let all = [&["new", name, "--issuer", "Lab"], more].concat();
        let (screen, code) = on_a_terminal(&sandbox, &all, &[("Passphrase: ", PASSPHRASE)], term);
        assert_eq!(code, 0, "{screen}");
        let screen = screen.strip_prefix("Passphrase: \r\n").unwrap().replace("\r\n", "\n");
        let (drawn, said) = screen.split_at(screen.find("Lab (").unwrap());
        let id = said.trim_end().rsplit("id:").next().unwrap();
        let pending = "is pending. When the phone has it: twolock check id:";
        assert_eq!(said, format!("Lab ({name}) {pending}{id}\n"));
        drawn.to_owned()
    };
    let again = |name: &str| sandbox.run(&["qr", name]).answer().stdout;
    assert_eq!(new("bob", &["--invert"], "dumb"), inverted(&again("bob")));
    assert_eq!(new("carol", &[], "dumb"), again("carol"));
    let coloured = new("dave", &["--invert"], "xterm");
    assert!(coloured.starts_with("\u{1b}[38;5;231;48;5;231m▀"), "{coloured:?}");
}

#[test]
fn check_saves_what_it_found() {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["Bank", "--digits", "8", "--at", "1"], RFC_KEY);
    let check = |codes: &str, more: &[&str]| {
        sandbox.run(&[&["check", "bank", "--at", "60"], more].concat()).stdin(codes).answer()
    };
    let found = "The secret is right. The settings are different\n\
                 Digits      here 8          the other device uses 6\n";
    let wrong = "twolock: error: the two codes do not fit \"Bank\"\n";
    let hint = "twolock: hint: --adopt saves what was found\n";
    check("287082\n359152\n", &[]).is(6, found, &format!("{wrong}{hint}"));
    let saved = "What was found is saved. \"Bank\" is checked.\n";
    check("287082\n359152\n", &["--adopt"]).is(0, found, saved);
    let right = "Both codes are right. This computer and the other device agree\n\
                 same secret, SHA1, 6 digits, every 30 s, clocks within 10 s.\n";
    check("287082\n359152\n", &["--adopt"]).is(0, right, "\"Bank\" is checked.\n");
    // What fits nothing is nothing that could be saved.
    let nothing = "These codes come from another secret.\n\
                   Most often this is the code of another account, or the site has made a new QR code since.\n\
                   Other settings, clocks up to 26 hours apart, swapped codes and one wrong character in the key \
                   were tried. None of them fits.\n";
    check("111112\n222223\n", &["--adopt"]).is(6, nothing, wrong);
    let shown = sandbox.run(&["show", "bank"]).answer().stdout;
    assert!(shown.contains("settings\tSHA1 6 30s\n") && shown.contains("checked\tdevice\n"), "{shown}");
    let answer = check("287082\n359152\n", &["--adopt", "--dry-run"]);
    answer.fails(2, "--adopt cannot be used together with --dry-run", &[HELP]);
}

#[test]
fn lock_says_whether_one_or_several_were_open() {
    let (sandbox, _) = sandbox();
    let vaults: Vec<String> = ["b", "c"]
        .iter()
        .map(|name| {
            let vault = sandbox.path(name).to_str().unwrap().to_owned();
            let made = sandbox.run(&["init", "--vault", &vault, "--work-factor", "10", "-q"]).answer();
            made.is(0, &format!("{vault}\n"), "");
            vault
        })
        .collect();
    let unlock = |vault: &str| sandbox.run(&["unlock", "-q", "--vault", vault]).answer().is(0, "", "");
    let lock = |more: &[&str], said: &str| {
        sandbox.run(&[&["lock"], more].concat()).answer().is(0, "", &format!("{said}\n"));
    };
    let (one, several) = (
        "Locked. The agent has ended, and nothing is left in memory.",
        "Locked. The agents have ended, and nothing is left in memory.",
    );
    // Of three vaults one is open: whichever it is.
    unlock(&vaults[0]);
    lock(&["--all"], one);
    unlock(&vaults[1]);
    lock(&[], "It was locked already.");
    lock(&["--vault", &vaults[0]], "It was locked already.");
    lock(&["--vault", &vaults[1]], one);
    lock(&["--all"], "It was locked already.");
    unlock(&vaults[0]);
    unlock(&vaults[1]);
    sandbox.run(&["lock", "--all", "--json"]).answer().is(0, "{\"locked\":2,\"v\":1}\n", "");
    unlock(&vaults[0]);
    unlock(&vaults[1]);
    lock(&["--vault", &vaults[0]], one);
    // The other goes on.
    let status = sandbox.run(&["agent", "status", "--vault", &vaults[1]]).answer();
    assert_eq!((status.code, status.stderr.as_str()), (Some(0), ""));
    unlock(&vaults[0]);
    lock(&["--all"], several);
}

#[test]
fn new_takes_the_settings_of_the_device() {
    let (sandbox, _) = sandbox();
    let more = ["--group", "Guests", "--uri", "--at", "59"];
    let made = sandbox
        .run(&[&["new", "tablet", "--issuer", "Lab", "--digits", "8", "--period", "60"], &more[..]].concat())
        .answer();
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let link = made.stdout.trim_end();
    assert!(
        link.starts_with("otpauth://totp/Lab:tablet?secret=")
            && link.ends_with("&issuer=Lab&digits=8&period=60")
    );
    let id = made.stderr.trim_end().rsplit("id:").next().unwrap();
    assert_eq!(
        made.stderr,
        format!("Lab (tablet) is pending. When the phone has it: twolock check id:{id}\n")
    );
    let shown = format!(
        "id\t{id}\nname\tLab\naccount\ttablet\ngroup\tGuests\nkind\ttotp\nsettings\tSHA1 8 60s\npinned\tno\n\
         checked\tpending\nadded\t1970-01-01T00:00:59Z\nused\t0\nlast\t\nnote\t\n"
    );
    sandbox.run(&["show", "tablet"]).answer().is(0, &shown, "");
}

#[test]
fn test_accepts_as_many_steps_as_it_is_told() {
    let (sandbox, _) = sandbox();
    let test = |window| {
        let call = sandbox.run(&["test", "github", "--at", "89", "--window", window]);
        call.stdin("287082\n").answer()
    };
    let rehearsal = "A rehearsal: nothing changes. Enter alone ends it.\n";
    test("1").is(0, "accepted, one step late: the device is behind\n", rehearsal);
    let refused = format!("{rehearsal}twolock: error: a sign-in would not accept the last code\n");
    test("0").is(6, "right one step ago. The device's clock is slow\n", &refused);
}

#[test]
fn check_and_restore_change_nothing_when_told_so() {
    let (sandbox, _) = sandbox();
    let verdict = "Both codes are right. This computer and the other device agree\n\
                   same secret, SHA1, 6 digits, every 30 s, clocks within 10 s.\n";
    let check = ["check", "github", "--at", "60", "--dry-run"];
    sandbox.run(&check).stdin("287082\n359152\n").answer().is(0, verdict, "");
    let shown = sandbox.run(&["show", "github"]).answer().stdout;
    assert!(shown.contains("checked\tnever\n"), "{shown}");
    sandbox.add(&["Later"], KEY);
    sandbox.run(&["restore", "2", "--dry-run"]).answer().is(0, "", "Later would be deleted\n");
    assert_eq!(sandbox.run(&["list"]).answer().stdout.lines().count(), 2);
}

#[test]
fn add_takes_the_settings_that_a_site_asks_for() {
    let (sandbox, _) = sandbox();
    let id = sandbox.add(&["X", "--algorithm", "SHA256", "--period", "60", "--at", "59"], KEY);
    let shown = format!(
        "id\t{id}\nname\tX\naccount\t\ngroup\t\nkind\ttotp\nsettings\tSHA256 6 60s\npinned\tno\nchecked\tnever\n\
         added\t1970-01-01T00:00:59Z\nused\t0\nlast\t\nnote\t\n"
    );
    sandbox.run(&["show", "x"]).answer().is(0, &shown, "");
}
