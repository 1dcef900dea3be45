#!/usr/bin/env python3
"""Completions in real shells, put where the README and the help say, and manual pages under real readers.

Tab must ask for nothing, and names accounts only while an agent has the vault open. Their names are as hostile as names
can be: what Tab makes of them must mean the account, and run nothing.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse

from outside import SECRET, Home, Terminal, check, finish, program, skip, wait

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What is typed before Tab, and what must then be seen.
TYPED = [("twolock comp", b"completions "), ("twolock code --fre", b"--fresh"), ("twolock code --color ne", b"never")]
# The words of a verb and the values of an option that are no flags.
WORDS = [
    ("twolock completions nu", b"nushell"),
    ("twolock export --format ae", b"aegis"),
    ("twolock copy --via os", b"osc52"),
    ("twolock config get lock.aft", b"lock.after"),
]
# Accounts, what is typed of each, and the quote that is open.
HOSTILE = [
    ("Amazon Web Services", "Ama", ""),
    ("Amazon Web Services", "Amazon W", '"'),
    ("Amazon Web Services", "Amazon W", "'"),
    ("$(touch ran)", "\\$\\(t", ""),
    ("`touch ran`", "\\`to", ""),
    ("it's \"quoted\"", "it", ""),
    ("it's \"quoted\"", "it", '"'),
    ("semi; touch ran", "semi", ""),
    ("bang!! & touch ran", "bang", ""),
    ("bang!! & touch ran", "bang", '"'),
    ("back\\slash", "back", ""),
    ("100% * [a-z] {x,y} ~ #", "100", ""),
    ("\u00e9\u00e8 \u6771\u4eac", "\u00e9", ""),
]
READY = {"bash": b"ready2> $", "fish": b"ready> ", "zsh": b"ready> "}
SHELLS = {
    "bash": ["bash", "--norc", "-i"],
    "fish": ["fish", "-i"],
    "zsh": ["zsh", "-i"],
}


def documented():
    """Returns the commands of the README that install completions and pages."""
    readme = open(os.path.join(ROOT, "README.md")).read()
    return next(text for text in re.findall(r"^```sh\n(.*?)^```$", readme, re.M | re.S) if "completions bash" in text)


def example(shell):
    """Returns the command of the help that installs the completions of a shell."""
    done = subprocess.run([program(), "help", "completions"], stdout=subprocess.PIPE, text=True, check=True)
    command = re.search(rf"^  (twolock completions {shell} > \S+)", done.stdout, re.M)[1]
    return f"mkdir -p {os.path.dirname(command.split('> ')[1])}\n{command}\n"


def started(home, name):
    """Starts a shell on a terminal of its own."""
    environment = home.environment(PS1="ready> ", PROMPT="ready> ", TERM="xterm-256color")
    return Terminal(SHELLS[name], environment, 30, 120)


def typing(home, name, keys, done):
    """Types into a fresh shell; returns whether that was seen, and all that was."""
    terminal = started(home, name)
    try:
        if name == "bash":
            terminal.send(". /usr/share/bash-completion/bash_completion; PS1='rea''dy2> '\r")
        if not check(f"{name}: it starts", terminal.wait_for(READY[name], 30), terminal.bytes()[-300:]):
            return False, b""
        start = len(terminal.bytes())
        for key in keys:
            terminal.send(key)
            # Each is shown before the next, or a shell takes it for text that was pasted.
            wait(lambda: len(terminal.bytes()) > start, 2)
            start = len(terminal.bytes()) if key != keys[-1] else start
        seen = wait(lambda: done in terminal.bytes()[start:], 15)
        return seen, terminal.bytes()
    finally:
        # A shell that talks to a person does not end by TERM.
        os.kill(terminal.pid, signal.SIGHUP)
        terminal.close()


def tab(home, name):
    """Types, presses Tab, and looks at what the shell makes of it."""
    before = set(os.listdir(home.state))
    for typed, expected in TYPED:
        rest = expected[len(typed.split()[-1]) :].strip()
        seen, all_of_it = typing(home, name, [typed, "\t"], rest)
        check(f"{name}: {typed} is completed", seen, all_of_it[-400:])
    # Twice, for many shells list what there is only then; what is left of the line is taken back.
    seen, all_of_it = typing(home, name, ["twolock code qu", "\t\t", "\x15", "echo ba''ck\r"], b"back\r\n")
    said = all_of_it.lower()
    check(f"{name}: Tab at an account lets one go on", seen, said[-400:])
    check(f"{name}: it names none and asks for nothing", b"quokka" not in said and b"assphrase" not in said, said)
    check(f"{name}: nothing is noted", set(os.listdir(home.state)) == before)


def named(home, name):
    """An agent has the vault open: Tab completes names, and what stands there then is the account."""
    for typed, expected in WORDS:
        seen, all_of_it = typing(home, name, [typed, "\t"], expected[len(typed.split()[-1]) :])
        check(f"{name}: {typed} is completed", seen, all_of_it[-400:])
    said = os.path.join(home.root, "said")
    for account, begun, quote in HOSTILE:
        if name == "fish":
            # There it is a letter like others, and nothing to quote.
            begun = begun.replace("\\`", "`")
        if os.path.exists(said):
            os.remove(said)
        typed = f"twolock code --json > ~/said {quote}{begun}"
        keys = [typed, "\t", "\r", "echo ba''ck\r"]
        done, all_of_it = typing(home, name, keys, b"back\r\n")
        try:
            shown = json.load(open(said))["account"]["name"]
        except (OSError, ValueError) as error:
            shown = error
        check(f"{name}: {quote}{begun} becomes {account!r}", done and shown == account, (shown, all_of_it[-600:]))
    check(f"{name}: nothing ran", not os.path.exists(os.path.join(home.root, "ran")))
    # Two names after a colon, at which bash cuts words; and the ones whose names cannot be typed.
    seen, all_of_it = typing(home, name, ["twolock code Twin:", "\t\t"], b"bob")
    check(f"{name}: both of one name are told", seen and b"alice" in all_of_it, all_of_it[-400:])
    for typed in ["twolock code -", "twolock code id:"]:
        seen, all_of_it = typing(home, name, [typed, "\t\t", "\x15", "echo ba''ck\r"], b"back\r\n")
        check(f"{name}: {typed} names nothing that steers", seen and b"\x1b[31mred" not in all_of_it, all_of_it[-400:])
    seen, all_of_it = typing(home, name, ["twolock list --group Off", "\t"], b"ice")
    check(f"{name}: a group is completed", seen, all_of_it[-400:])
    home.must(home.run("lock", "-q"))
    check(f"{name}: nothing ran at all", not os.path.exists(os.path.join(home.root, "ran")))


def plain(text):
    """Returns a page without what makes letters bold."""
    return re.sub(r".\x08|\x1b\[[0-9;]*m", "", text)


def pages(home):
    """Every page is read by groff and by mandoc, without a complaint."""
    folder = os.path.join(home.root, ".local/share/man/man1")
    names = sorted(os.listdir(folder))
    check("man: a page of each verb", len(names) > 25, names)
    for name in names:
        path = os.path.join(folder, name)
        if shutil.which("groff"):
            done = subprocess.run(["groff", "-Kutf8", "-man", "-Tutf8", "-ww", path], capture_output=True, text=True)
            check(f"groff: {name}", done.returncode == 0 and not done.stderr and "SYNOPSIS" in plain(done.stdout), done.stderr)
        if shutil.which("mandoc"):
            done = subprocess.run(["mandoc", "-T", "utf8", "-W", "error", path], capture_output=True, text=True)
            check(f"mandoc: {name}", done.returncode == 0 and "SYNOPSIS" in plain(done.stdout), done.stderr)
    if not shutil.which("man"):
        skip("man", "there is no man")
        return
    environment = home.environment(MANPAGER="cat", MANWIDTH="80")
    done = subprocess.run(["man", "twolock-code"], capture_output=True, text=True, env=environment)
    check("man: twolock-code is found where the README puts it", "twolock code github" in plain(done.stdout), done.stderr)


with Home() as home:
    home.init()
    home.add("Quokka", SECRET, "--account", "alice")
    names = dict.fromkeys(account for account, _, _ in HOSTILE)
    for number, name in enumerate([*names, "new\nline", "\x1b[31mred", "-rf"]):
        part = urllib.parse.quote(name, safe="")
        secret = SECRET[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number]
        link = f"otpauth://totp/{part}:alice?secret={secret}&issuer={part}\n"
        home.must(home.run("add", "--from", "-", "--group", "Office", stdin=link))
    for name, letter in (("alice", "2"), ("bob", "3")):
        home.add("Twin", SECRET[:-1] + letter, "--account", name)
    # `man` looks in the share/man beside a folder of the PATH.
    folder = os.path.join(home.root, ".local/bin")
    os.makedirs(folder)
    os.symlink(program(), f"{folder}/twolock")
    surroundings = home.environment
    home.environment = lambda **more: surroundings(
        **{
            "PATH": f"{folder}:{os.environ['PATH']}",
            "XDG_CONFIG_HOME": f"{home.root}/.config",
            "XDG_DATA_HOME": f"{home.root}/.local/share",
            "TWOLOCK_VAULT": home.vault,
            **more,
        }
    )
    with open(f"{home.root}/.zshrc", "w") as file:
        file.write("fpath+=~/.zfunc\nautoload -Uz compinit\ncompinit -u\nPROMPT='ready> '\n")
    os.makedirs(f"{home.root}/.config/fish")
    with open(f"{home.root}/.config/fish/config.fish", "w") as file:
        file.write("function fish_prompt; echo -n 'ready> '; end\nset -g fish_greeting\n")
    for text in (documented(), example("fish"), example("zsh"), example("bash")):
        done = subprocess.run(["sh", "-ec", text], env=home.environment(), cwd=home.root, capture_output=True)
        check(f"installed by: {text}", done.returncode == 0, done.stderr)
    for name in sys.argv[1:] or SHELLS:
        if shutil.which(name):
            tab(home, name)
            home.must(home.run("unlock", "-q"))
            named(home, name)
        else:
            skip(name, "there is no such shell")
    pages(home)
finish()
