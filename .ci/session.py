#!/usr/bin/env python3
"""A whole session as a person has it: in a real tmux at 80x24, then again over SSH.

First start, the wizard, the right code, a copy that reaches the outer terminal, lock, unlock, quit. After each end the
terminal must be as it was, and no code may be left in the scrollback or in tmux's buffers. The tmux has no
configuration, and the outer terminal is a recorder that answers nothing.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time

from outside import PASSPHRASE, SECRET, Home, Session, check, codes_around, finish, wait


def first_start(home):
    """From nothing to the first code."""
    session = Session(home, "first start")
    session.start()
    session.must_see("First start, 1 of 3")
    session.keys("Enter")
    session.must_see("2 of 3")
    for _ in range(2):
        session.type(PASSPHRASE)
        session.keys("Enter")
    session.must_see("3 of 3", 60)
    session.keys("Enter")
    session.must_see("Name")
    session.type("GitHub")
    session.keys("Tab")
    session.type("octocat")
    session.keys("Enter")
    session.must_see("Secret")
    session.type(SECRET)
    session.keys("Enter")
    session.must_see("MFA code 1")
    session.keys("y")
    session.must_see("is saved")
    session.keys("Enter")
    session.must_see("1 account")
    session.right_code("GitHub")
    session.copies()
    session.keys("L")
    session.must_see("Locked")
    codes = codes_around(SECRET, session.begin, time.time())
    screen = session.screen().replace(" ", "")
    check("locked: no code and no name can be seen", "GitHub" not in screen and not any(c in screen for c in codes))
    session.type(PASSPHRASE)
    session.keys("Enter")
    session.must_see("1 account", 60)
    session.right_code("GitHub")
    session.keys("q")
    session.given_back()
    session.close()


def signals(home):
    """The signals that end a program give the terminal back as quitting does."""
    session = Session(home, "signals")
    for name, number in (("HUP", 1), ("INT", 2), ("QUIT", 3), ("TERM", 15)):
        session.start("--passphrase-file", home.passphrase_file)
        session.must_see("1 account", 60)
        child = session.child()
        session.keys("H")
        subprocess.run(["kill", f"-{name}", str(child)], check=True)
        session.given_back(f"ended {128 + number}")
    session.close()


def sizes(home):
    """A storm of sizes, down to a single cell, leaves the program alive and the picture whole."""
    session = Session(home, "sizes")
    session.start("--passphrase-file", home.passphrase_file)
    session.must_see("1 account", 60)
    for columns, rows in [(1, 1), (2, 40), (200, 2), (33, 7), (500, 200), (59, 15), (60, 16), (1, 1), (120, 3)] * 3:
        session.outer.resize(rows + 1, columns)
        session.ask("resize-window", "-x", str(columns), "-y", str(rows))
        time.sleep(0.03)
    session.outer.resize(25, 80)
    session.ask("resize-window", "-x", "80", "-y", "24")
    session.must_see("1 account")
    session.right_code("GitHub")
    session.keys("q")
    session.given_back()
    session.close()


def over_ssh(home):
    """The same list at the far end of a connection, in a tmux there: the code comes home through both."""
    folder = os.path.join(home.root, "ssh")
    os.mkdir(folder, 0o700)
    for key in ("host", "user"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(folder, key)]
        subprocess.run(make, check=True)
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", 0o755, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "AuthorizedKeysFile": f"{folder}/user.pub",
        "HostKey": f"{folder}/host",
        "ListenAddress": "127.0.0.1",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "yes",
        "PidFile": "none",
        "Port": str(port),
        "PrintMotd": "no",
        "StrictModes": "no",
        "UsePAM": "no",
    }
    options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    sshd = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    log = open(os.path.join(folder, "log"), "w+b")
    server = subprocess.Popen([sshd, "-D", "-e", "-f", "/dev/null", *options], stderr=log, stdout=log)
    try:

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        if not check("sshd listens", wait(listens, 10)):
            return
        ssh = ["ssh", "-tt", "-p", str(port), "-i", f"{folder}/user", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]
        ssh += ["-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={folder}/known"]
        session = Session(home, "over ssh", far=[*ssh, f"{getpass.getuser()}@127.0.0.1"])
        session.start()
        session.must_see("Locked")
        session.type(PASSPHRASE)
        session.keys("Enter")
        session.must_see("1 account", 60)
        session.right_code("GitHub")
        session.copies()
        session.keys("q")
        session.given_back()
        session.close()
    finally:
        server.terminate()
        server.wait(10)
        log.close()


with Home() as home:
    first_start(home)
    signals(home)
    sizes(home)
    over_ssh(home)
finish()
