//! Ways to unlock: identity files, plugins, programs that ask, credentials of a service.

use std::fs;

use age::secrecy::ExposeSecret;
use twolock::vault::{Passphrase, WorkFactor, seal_with};

use crate::support::sandbox::{KEY, PASSPHRASE, RFC_KEY, Sandbox};

/// What the plugin made for these tests is named by.
const TOY: &str = "age1toy1pzry9x8guq22xa";
const TOY_IDENTITY: &str = "AGE-PLUGIN-TOY-1PZRY9X8G7GW3G7";

/// A plugin for age that wants a device: the file `device` beside it. It does not hide the key at all.
const PLUGIN: &str = r#"#!/bin/sh
here=${0%/*}
# A body ends with a line that is not full; age sends such ones too, to see that they are passed over.
body() {
  body=
  while read -r line; do
    body=$body$line
    [ ${#line} -lt 64 ] && break
  done
}
touched() {
  [ -e "$here/device" ] && return
  printf -- '-> error %s 0\nbm8gZGV2aWNl\n' "$1"
  read -r _; read -r _
  printf -- '-> done\n\n'
  exit
}
case $1 in
--age-plugin=recipient-v1)
  echo seal >>"$here/calls"
  while read -r _ command _; do
    body
    [ "$command" = wrap-file-key ] && key=$body
    [ "$command" = done ] && break
  done
  printf -- '-> recipient-stanza 0 toy x\n%s\n' "$key"
  read -r _; read -r _
  ;;
--age-plugin=identity-v1)
  echo open >>"$here/calls"
  while read -r _ command file tag _; do
    body
    [ "$command $tag" = 'recipient-stanza toy' ] && key=$body && at=$file
    [ "$command" = done ] && break
  done
  printf -- '-> msg\nVG91Y2ggdGhlIHRveQ\n'
  read -r _; read -r _
  touched identity
  if [ -n "$key" ]; then
    printf -- '-> file-key %s\n%s\n' "$at" "$key"
    read -r _; read -r _
  fi
  ;;
esac
printf -- '-> done\n\n'
"#;

fn script(sandbox: &Sandbox, name: &str, text: &str) -> String {
    sandbox.program(name, text).to_str().unwrap().to_owned()
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.add(&["GitHub", "--account", "alice"], RFC_KEY);
    sandbox
}

/// A vault that a key in a file opens too; the key's place.
fn with_key() -> (Sandbox, String) {
    let sandbox = sandbox();
    let key = age::x25519::Identity::generate();
    let file = sandbox.write("key.txt", key.to_string().expose_secret());
    let public = key.to_public().to_string();
    let answer = sandbox.run(&["passwd", "--add-recipient", &public]).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    (sandbox, file.to_str().unwrap().to_owned())
}

#[test]
fn an_identity_file_opens_a_vault_that_is_sealed_for_it() {
    let (sandbox, key) = with_key();
    let code = ["code", "github", "--at", "59"];
    let run = |arguments: &[&str]| sandbox.run(arguments).env("TWOLOCK_PASSPHRASE_FILE", None);
    run(&[&code[..], &["--identity", &key]].concat()).answer().is(0, "287082\n", "");
    run(&code).env("TWOLOCK_IDENTITY", Some(&key)).answer().is(0, "287082\n", "");
    // It writes too.
    let added = run(&["add", "Bank", "--identity", &key]).stdin(KEY).answer();
    assert_eq!((added.code, added.stderr.as_str()), (Some(0), ""));
    let bank = sandbox.run(&["code", "bank", "--at", "59"]).answer().stdout;
    // The vault's own identity is such a file, sealed with the passphrase.
    let own = sandbox.path("data/twolock/identity.age");
    sandbox
        .run(&["code", "bank", "--at", "59", "--identity", own.to_str().unwrap()])
        .answer()
        .is(0, &bank, "");
}

#[test]
fn what_is_no_key_of_the_vault_is_refused() {
    let (sandbox, _) = with_key();
    let stranger = age::x25519::Identity::generate();
    sandbox.write("stranger", stranger.to_string().expose_secret());
    sandbox.write("text", "hello\n");
    sandbox.write("empty", "");
    let refuse = |file: &str, message: &str, hints: &[&str]| {
        sandbox.run(&["list", "--identity", file]).answer().fails(5, message, hints);
    };
    refuse(
        "stranger",
        "\"HOME/data/twolock/vault.age\" is not sealed for any of these identities",
        &["`twolock passwd --add-recipient KEY` lets another key open the vault"],
    );
    let hint = ["an identity file is what `age-keygen` or an age plugin writes"];
    refuse("text", "\"text\" does not unlock: its line 1 is not an age identity", &hint);
    refuse("empty", "\"empty\" does not unlock: there is no age identity in it", &hint);
    sandbox.run(&["list", "--identity", "none"]).answer().fails(1, "there is no such file: \"none\"", &[]);
}

#[test]
fn a_sealed_identity_file_wants_its_own_passphrase() {
    let (sandbox, key) = with_key();
    let text = fs::read_to_string(&key).unwrap();
    let passphrase = Passphrase::new("of the file".to_owned().into());
    sandbox.write("sealed", seal_with(&passphrase, WorkFactor::new(10).unwrap(), &text));
    sandbox.write("other", "of the file\n");
    let call = ["code", "github", "--at", "59", "--identity", "sealed"];
    sandbox.run(&[&call[..], &["--passphrase-file", "other"]].concat()).answer().is(0, "287082\n", "");
    sandbox.run(&call).answer().fails(
        5,
        "\"sealed\" does not unlock: the passphrase is wrong",
        &["an identity file is what `age-keygen` or an age plugin writes"],
    );
    sandbox.run(&call).env("TWOLOCK_PASSPHRASE_FILE", None).answer().fails(
        5,
        "an answer is needed, and --no-input forbids asking",
        &["give the passphrase with --passphrase-file FILE or --passphrase-fd N"],
    );
}

#[test]
fn a_plugin_opens_with_a_touch_and_saves_without_one() {
    let sandbox = sandbox();
    fs::create_dir(sandbox.path("bin")).unwrap();
    script(&sandbox, "bin/age-plugin-toy", PLUGIN);
    let bin = sandbox.path("bin").to_str().unwrap().to_owned();
    let calls = || {
        let calls = fs::read_to_string(sandbox.path("bin/calls")).unwrap_or_default();
        drop(fs::remove_file(sandbox.path("bin/calls")));
        calls
    };
    let answer = sandbox.run(&["passwd", "--add-recipient", TOY]).answer();
    assert_eq!(answer.code, Some(5));
    assert!(answer.stderr.contains("age-plugin-toy"), "{}", answer.stderr);
    let answer = sandbox.run(&["passwd", "--add-recipient", TOY]).env("PATH", Some(&bin)).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    assert!(answer.stdout.contains("\tpassphrase\n") && answer.stdout.ends_with(&format!("{TOY}\tkey\n")));
    assert_eq!(calls(), "seal\n");

    sandbox.write("toy.txt", TOY_IDENTITY);
    let run = |arguments: &[&str]| {
        let call = sandbox.run(&[arguments, &["--identity", "toy.txt"]].concat());
        call.env("TWOLOCK_PASSPHRASE_FILE", None).env("PATH", Some(&bin))
    };
    let answer = run(&["list"]).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(5), ""));
    assert!(answer.stderr.contains("no device"), "{}", answer.stderr);
    sandbox.write("bin/device", "");
    calls();
    run(&["code", "github", "--at", "59"]).answer().is(0, "287082\n", "Touch the toy\n");
    assert_eq!(calls(), "open\n");
    // Once to open, once to seal: what was written is read back without another touch.
    let answer = run(&["add", "Bank"]).stdin(KEY).answer();
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), "Touch the toy\n"));
    assert_eq!(calls(), "open\nseal\n");
    // The passphrase still opens it, and asks the plugin for nothing.
    let bank = sandbox.run(&["code", "bank", "--at", "59"]).answer();
    assert_eq!((bank.code, bank.stderr.as_str()), (Some(0), ""));
    run(&["list"]).env("AGEDEBUG", Some("plugin")).answer().fails(
        2,
        "AGEDEBUG is set, and would make age write keys of the vault on the screen",
        &["unset it"],
    );
}

#[test]
fn a_plugin_that_fails_leaves_no_vault_begun() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("bin")).unwrap();
    let bin = sandbox.path("bin").to_str().unwrap().to_owned();
    let init = ["init", "--work-factor", "10", "-q", "--recipient", TOY];
    let hint = ["see that `age-plugin-NAME` is installed and its device is connected"];
    let missing = "an age plugin did not do its part: Could not find 'age-plugin-toy' on the PATH. Have you \
                   installed the plugin?";
    sandbox.run(&init).answer().fails(5, missing, &hint);
    assert!(!sandbox.path("data").exists() && !sandbox.path("state").exists());
    // One that is there and gives up.
    script(&sandbox, "bin/age-plugin-toy", "#!/bin/sh\nexit 1\n");
    let answer = sandbox.run(&init).env("PATH", Some(&bin)).answer();
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(5), ""), "{}", answer.stderr);
    assert!(answer.stderr.starts_with("twolock: error: an age plugin did not do its part: "), "{answer:?}");
    assert!(!sandbox.path("data").exists() && !sandbox.path("state").exists());
    // Another passphrase is as good as the first: nothing was begun.
    sandbox.write("passphrase", "another good phrase of words\n");
    script(&sandbox, "bin/age-plugin-toy", PLUGIN);
    let made = sandbox.run(&init).env("PATH", Some(&bin)).answer();
    made.is(0, &format!("{}\n", sandbox.path("data/twolock").display()), "");
    // Once: what was sealed before anything was written is what was written.
    assert_eq!(fs::read_to_string(sandbox.path("bin/calls")).unwrap(), "seal\n");
    let listed = sandbox.run(&["passwd", "--list"]).answer();
    assert!(listed.stdout.ends_with(&format!("\n{TOY}\tkey\n")), "{}", listed.stdout);
}

#[test]
fn a_program_may_ask_for_the_passphrase() {
    let sandbox = sandbox();
    let ask = script(
        &sandbox,
        "ask",
        &format!("#!/bin/sh\n[ \"$1\" = 'Passphrase: ' ] || exit 1\necho '{PASSPHRASE}'\n"),
    );
    let refuse = script(&sandbox, "refuse", "#!/bin/sh\nexit 1\n");
    let run = |program: &str| {
        sandbox
            .run_alone(&["code", "github", "--at", "59"])
            .env("TWOLOCK_PASSPHRASE_FILE", None)
            .env("TWOLOCK_ASKPASS", Some(program))
            .answer()
    };
    run(&ask).is(0, "287082\n", "");
    run(&refuse).fails(
        5,
        "\"HOME/refuse\" gave no passphrase: it ended with status 1",
        &["TWOLOCK_ASKPASS names the program that asks"],
    );
}

#[test]
fn a_service_gets_the_passphrase_from_its_credentials() {
    let sandbox = sandbox();
    fs::create_dir(sandbox.path("credentials")).unwrap();
    sandbox.write("credentials/twolock-passphrase", PASSPHRASE);
    let credentials = sandbox.path("credentials");
    sandbox
        .run(&["code", "github", "--at", "59"])
        .env("TWOLOCK_PASSPHRASE_FILE", None)
        .env("CREDENTIALS_DIRECTORY", credentials.to_str())
        .answer()
        .is(0, "287082\n", "");
}

#[test]
fn without_a_terminal_and_a_key_it_says_what_is_missing() {
    let sandbox = sandbox();
    sandbox.run_alone(&["code", "github"]).env("TWOLOCK_PASSPHRASE_FILE", None).answer().fails(
        5,
        "the vault is locked, and there is no terminal to ask for its passphrase",
        &[
            "`twolock unlock` on a terminal opens it for a while",
            "give the passphrase with --passphrase-file FILE or --passphrase-fd N, or a key with --identity FILE",
        ],
    );
}
