#!/usr/bin/env python3
"""Measures twolock beside programs of its kind, in one run and in turn, and prints ratios.

    TWOLOCK=target/release/twolock benches/peers.py [ROUNDS]

A peer that is not installed is named as not measured. Absolute times on a shared computer say nothing; each figure is
the median of the ratios of the rounds. Vaults have the lowest work factor, so that the passphrase, whose cost is meant,
hides nothing. Peers looked for: oathtool, cotp (also at the path in COTP), keepassxc-cli.
"""

import base64
import hashlib
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".ci"))
from outside import SECRET, Home, Terminal, program, totp, wait  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
COTP = os.environ.get("COTP") or shutil.which("cotp")
PASSWORD = "correct horse"


def secret(number):
    """Returns a secret that no other account has."""
    return base64.b32encode(hashlib.sha1(str(number).encode()).digest()).decode()


def aegis(count):
    """Returns a plain export of Aegis with so many accounts."""
    entries = [
        {
            "type": "totp",
            "uuid": f"3ae6f1ad-2e65-4ed2-a953-{number:012}",
            "name": f"user{number}",
            "issuer": f"Service {number}",
            "note": "",
            "favorite": False,
            "icon": None,
            "info": {"secret": secret(number), "algo": "SHA1", "digits": 6, "period": 30},
        }
        for number in range(count)
    ]
    document = {"version": 1, "header": {"slots": None, "params": None}, "db": {"version": 2, "entries": entries}}
    return json.dumps(document).encode()


def cpu(act):
    """Returns the seconds of the processor that the children of a call took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def wall(act):
    """Returns the seconds that a call took, whoever spent them."""
    before = time.monotonic()
    act()
    return time.monotonic() - before


def quiet(command, environment=None, stdin=b""):
    """Runs a command to its end and returns what it printed; ends the script if it failed."""
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}")
    return done.stdout


def compare(name, ours, theirs, unit="times"):
    """Runs two contenders in turn, and prints the median of their ratios."""
    ratios, one, two = [], [], []
    for turn in range(ROUNDS):
        pair = (ours, theirs) if turn % 2 == 0 else (theirs, ours)
        figures = {act: act() for act in pair}
        one.append(figures[ours])
        two.append(figures[theirs])
        ratios.append(figures[ours] / max(figures[theirs], 1e-9))
    print(
        f"{name}: {statistics.median(ratios):.2f} {unit}"
        f"  (twolock {statistics.median(one):.4g}, the other {statistics.median(two):.4g})",
        flush=True,
    )


def absent(name, peer):
    """Says that something was not measured."""
    print(f"{name}: not measured, since there is no {peer}", flush=True)


class Cotp:
    """cotp with a database of its own."""

    def __init__(self, root):
        self.root = root
        self.database = os.path.join(root, "peer.cotp")
        self.environment = {"HOME": root, "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}

    def command(self, *arguments, password=True):
        """Returns the command line; the password comes from standard input."""
        return [COTP, *(["--password-stdin"] if password else []), "--database-path", self.database, *arguments]

    def fill(self, path):
        """Makes the database anew out of an export. A new password is taken from a terminal alone, and twice."""
        if os.path.exists(self.database):
            os.remove(self.database)
        terminal = Terminal(self.command("import", "--aegis", "--path", path, password=False), self.environment)
        for _ in range(2):
            before = len(terminal.bytes())
            wait(lambda before=before: re.search(rb"assword", terminal.bytes()[before:]), 10)
            terminal.send(PASSWORD + "\r")
            time.sleep(0.05)
        terminal.exit_code()
        if not os.path.exists(self.database):
            sys.exit(f"cotp made no database: {terminal.bytes().decode(errors='replace')[-300:]}")


def one_code(home):
    """One code for a script: start, open, compute, end."""
    command, environment = home.command("code", "Service 7"), home.environment()
    right = {totp(secret(7), time.time() + ahead) for ahead in (-30, 0, 30)}
    if quiet(command, environment).decode().strip() not in right:
        sys.exit("the code is wrong")
    ours = lambda: cpu(lambda: [quiet(command, environment) for _ in range(20)])  # noqa: E731
    name = "one code, beside oathtool (which opens no vault)"
    if shutil.which("oathtool"):
        compare(name, ours, lambda: cpu(lambda: [quiet(["oathtool", "-b", "--totp", SECRET]) for _ in range(20)]))
    else:
        absent(name, "oathtool")
    name = "one code out of an encrypted database, beside keepassxc-cli"
    if shutil.which("keepassxc-cli"):
        database = os.path.join(home.root, "peer.kdbx")
        secrets = (PASSWORD + "\n").encode()
        quiet(["keepassxc-cli", "db-create", "-p", "-t", "100", database], stdin=secrets * 2)
        quiet(["keepassxc-cli", "add", "-q", database, "Service 7"], stdin=secrets)
        ask = ["keepassxc-cli", "show", "-q", database, "Service 7"]
        compare(name, ours, lambda: cpu(lambda: [quiet(ask, stdin=secrets) for _ in range(20)]))
    else:
        absent(name, "keepassxc-cli")


def one_code_of_the_agent(home):
    """One code for a script while the vault is unlocked. The agent's own time counts too, so the wall is measured as well."""
    environment = home.environment(TWOLOCK_VAULT=home.vault)
    home.must(home.run("unlock"))
    ours, theirs = [program(), "code", "Service 7"], ["oathtool", "-b", "--totp", SECRET]
    name = "one code through the agent, beside oathtool"
    try:
        if not shutil.which("oathtool"):
            absent(name, "oathtool")
            return
        for measure, what in ((cpu, "processor"), (wall, "wall")):
            compare(
                f"{name}, {what}",
                lambda measure=measure: measure(lambda: [quiet(ours, environment) for _ in range(20)]),
                lambda measure=measure: measure(lambda: [quiet(theirs) for _ in range(20)]),
            )
    finally:
        home.run("lock")


def imported(home, count):
    """The whole call that takes in an export."""
    path = os.path.join(home.root, "aegis.json")
    with open(path, "wb") as file:
        file.write(aegis(count))

    def ours():
        shutil.rmtree(home.vault, ignore_errors=True)
        shutil.rmtree(home.state, ignore_errors=True)
        home.init()
        return cpu(lambda: home.must(home.run("import", "--yes", path)))

    name = f"import of {count} accounts of Aegis, beside cotp"
    if COTP:
        peer = Cotp(home.root)
        compare(name, ours, lambda: cpu(lambda: peer.fill(path)))
    else:
        absent(name, "cotp")


def first_screen(home, count):
    """From the start to the first code on the screen, and what an idle screen sends and costs in ten seconds."""
    if not COTP:
        for what in ("start to first screen", "idle bytes", "idle processor", "memory"):
            absent(f"{what}, {count} accounts", "cotp")
        return
    peer = Cotp(home.root)
    peer.fill(os.path.join(home.root, "aegis.json"))
    figures = {}

    def watch(command, environment, password):
        terminal = Terminal(command, environment)
        begin = time.monotonic()
        if password:
            terminal.send(password + "\r")
        if not terminal.wait_for(rb"Service"):
            sys.exit(f"{command[0]} showed no list: {terminal.bytes()[-300:]!r}")
        shown = time.monotonic() - begin
        time.sleep(2)
        before, spent = len(terminal.bytes()), processor(terminal.pid)
        time.sleep(10)
        figures[command[0]] = (
            (len(terminal.bytes()) - before) / 10,
            processor(terminal.pid) - spent,
            memory(terminal.pid),
        )
        terminal.close()
        return shown

    global ROUNDS
    rounds, ROUNDS = ROUNDS, 3
    peer_command = [COTP, "--database-path", peer.database]
    compare(
        f"start to first screen, {count} accounts, beside cotp",
        lambda: watch(home.command(), home.environment(), None),
        lambda: watch(peer_command, peer.environment, PASSWORD),
    )
    ROUNDS = rounds
    ours, theirs = figures[program()], figures[COTP]
    for what, mine, other in zip(("idle bytes a second", "idle processor", "memory"), ours, theirs):
        print(f"{what}, {count} accounts, beside cotp: {mine / max(other, 1e-9):.2f} times  ({mine:.4g}, {other:.4g})")


def processor(pid):
    """Returns the seconds of the processor that a process has taken."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Returns the mebibytes that a process has in memory."""
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024


with Home() as home:
    imported(home, 10)
    one_code(home)
    one_code_of_the_agent(home)
    first_screen(home, 10)
    imported(home, 10_000)
    first_screen(home, 10_000)
size = os.path.getsize(program()) / (1 << 20)
print(f"size of the program: {size:.1f} MiB" + (f", of cotp {os.path.getsize(COTP) / (1 << 20):.1f}" if COTP else ""))
