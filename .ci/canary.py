#!/usr/bin/env python3
"""Every verb with a secret, a passphrase and a code that are searched for in all that leaves it.

That is: what it prints, and the arguments and variables of it and of every program that it starts, which strace writes
down at the moment of the start, so that nothing is too short-lived to be seen.
"""

import os
import re
import shutil
import subprocess
import sys

from outside import PASSPHRASE, Home, check, finish, hotp, program, totp

SECRET = "KRUGKQ2BNZQXE6KTNFXGO4ZRGIZTINJW"
PIN = "canary-export-password-5521"
COUNTER_SECRET = "KRUGKU3FMNXW4ZCDMFXGC4TZGEZDGNBV"
CODE = totp(SECRET, 59)
NEXT = totp(SECRET, 89)
COUNTED = hotp(COUNTER_SECRET, 7)
# The key as text and as bytes, what opens the vault, what opens an export.
HIDDEN = [SECRET, COUNTER_SECRET, "TheCAnarySings123456", PASSPHRASE, PIN]
CODES = [CODE, NEXT, COUNTED]

# Verb, what it reads, and what of the above it is there to print.
CALLS = [
    ("add Bank --from - --hotp 7", COUNTER_SECRET, []),
    ("add Shop --from link", "", []),
    ("add " + SECRET, "", []),
    ("backup copies", "", []),
    ("check github --at 60", f"{CODE}\n{NEXT}\n", []),
    ("check github --at 60", f"{CODE}\n{CODE}\n", []),
    ("code github --at 59 --count 2", "", [CODE, NEXT]),
    ("code github --at 59 --json", "", [CODE, NEXT]),
    ("code bank", "", [COUNTED]),
    ("completions bash", "", []),
    ("config defaults", "", []),
    ("copy github --at 59 --via cmd", "", []),
    ("copy github --at 59 --via osc52", "", []),
    ("doctor", "", []),
    ("doctor --json", "", []),
    ("edit github --note moved", "", []),
    ("export --to out.age --replace", "", []),
    ("export --to out.json --format aegis --password-file pin --replace", "", []),
    ("import out.json --password-file pin --yes", "", []),
    ("import broken --yes", "", []),
    ("init", "", []),
    ("list --codes --at 59", "", [CODE]),
    ("list --json", "", []),
    ("list --json=lines", "", []),
    ("man", "", []),
    ("new bob --png bob.png --replace", "", []),
    ("passwd --list", "", []),
    ("qr github --png qr.png --replace", "", []),
    ("restore --list", "", []),
    ("rm shop", "", []),
    ("show github --json", "", []),
    ("show github --secret", "", [SECRET]),
    ("test github --at 59", f"{CODE}\n", []),
    ("undo", "", []),
    ("verify github --at 59", CODE, []),
    ("verify github --at 59", CODE, []),
    ("verify github --at 59", NEXT + "1", []),
    # strace stays until the agent ends.
    ("unlock --for 3s", "", []),
    ("unlock --for 5m", "", []),
    ("agent status", "", []),
    ("code github --json", "", None),
    ("lock", "", []),
    # Without the passphrase, so that it fails.
    ("code github --passphrase-file wrong", "", []),
]


def verbs():
    """Returns the verbs that the program says it has."""
    text = subprocess.run([program(), "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    names = re.findall(r"^  ([a-z]+) ", text.split("Verbs:\n")[1].split("\n\n")[0], re.M)
    return set(names) - {"help"}


def watched(home, line, stdin):
    """Runs a verb under strace; returns what it wrote, what it said, and every start of a program."""
    log = os.path.join(home.root, "starts")
    before = ["strace", "-f", "-q", "-v", "-s", "1000000", "-e", "trace=execve,execveat", "-e", "signal=none", "-o", log]
    done = home.run(*line.split(), stdin=stdin, before=before)
    with open(log, errors="replace") as file:
        return done, file.read()


def main():
    check("every verb is called", verbs() <= {call[0].split()[0] for call in CALLS}, verbs())
    with Home() as home:
        home.init()
        home.add("GitHub", SECRET, "--account", "alice")
        for name, text in (
            ("link", f"otpauth://totp/Shop?secret={SECRET[:-8]}"),
            ("broken", f"{SECRET}!{SECRET}\n"),
            ("pin", PIN + "\n"),
            ("wrong", SECRET + "\n"),
        ):
            with open(os.path.join(home.root, name), "w") as file:
                file.write(text)
        helper = os.path.join(home.root, "helper")
        with open(helper, "w") as file:
            os.fchmod(file.fileno(), 0o700)
            file.write(f"#!/bin/sh\ncat > {home.root}/taken\n")
        home.must(home.run("config", "set", "copy.command", helper))
        for line, stdin, shown in CALLS:
            if line == "unlock --for 5m":
                home.must(home.run(*line.split()))
                continue
            done, starts = watched(home, line, stdin)
            out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
            name = f"{line.split()[0]}: {line}".replace(SECRET, "KEY")
            check(f"{name}: it was started under watch", "execve(" in starts, starts[:200])
            check(f"{name}: no crash", 0 <= done.returncode < 100, (done.returncode, err))
            # The one call that is refused for what stands in its arguments has it there.
            own = [SECRET] if SECRET in line else []
            hidden = [word for word in HIDDEN if word not in own]
            check(f"{name}: no start has a secret", not any(word in starts for word in hidden))
            # A code is six digits, which a number of a process or a time may be too: whole words count.
            words = set(re.findall(r"(?<![0-9.])\d{6,8}(?![0-9.])", starts))
            check(f"{name}: no start has a code", not words & set(CODES), words & set(CODES))
            check(f"{name}: no secret is printed", not any(word in out for word in HIDDEN if word not in (shown or [])))
            check(f"{name}: no secret is said", not any(word in err for word in HIDDEN))
            if shown is not None:
                check(f"{name}: no code is printed", not any(code in out for code in CODES if code not in shown))
                check(f"{name}: what is asked for is there", all(word in out for word in shown), (out, err))
            check(f"{name}: no code is said", not any(code in err for code in CODES), err)
        with open(f"{home.root}/taken") as file:
            check("the command of the clipboard got the code by its input", file.read() == CODE)
        home.run("lock")


if not shutil.which("strace"):
    sys.exit("there is no strace")
main()
finish()
