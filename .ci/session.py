#!/usr/bin/env python3
"""A whole session as a person has it: in a real tmux at 80x24, then again over SSH.

First start, the wizard, the right code, a copy that reaches the outer terminal, lock, unlock, quit. After each end the
terminal must be as it was, and no code may be left in the scrollback or in tmux's buffers. The tmux has no
configuration, and the outer terminal is a recorder that answers nothing.
"""

import base64
import getpass
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time

from outside import PASSPHRASE, SECRET, Home, Terminal, check, codes_around, finish, program, totp, wait

CODE = re.compile(r"\b(\d{3}) (\d{3})\b")


class Session:
    """A shell in a tmux of its own, on a recorded terminal, perhaps at the far end of a connection."""

    def __init__(self, home, name, rows=24, columns=80, far=()):
        self.home = home
        self.begin = time.time()
        self.tmux = ["tmux", "-S", os.path.join(home.root, f"{name}.tmux")]
        environment = home.environment(PS1="$ ", SHELL="/bin/sh", ENV="")
        # One row more, since an unconfigured tmux keeps the last one.
        start = [*self.tmux, "-f", "/dev/null", "new-session", "-x", str(columns), "-y", str(rows), "exec /bin/sh"]
        if far:
            words = ["env", "-i", *(f"{key}={value}" for key, value in environment.items()), *start]
            start = [*far, shlex.join(words)]
        self.outer = Terminal(start, environment, rows + 1, columns)
        if not wait(lambda: "$" in self.screen(), 20):
            sys.exit(f"no shell in tmux: {self.outer.bytes().decode(errors='replace')[-600:]}")

    def ask(self, *arguments):
        """Returns what tmux answers."""
        done = subprocess.run(
            [*self.tmux, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.home.environment()
        )
        return done.stdout.decode(errors="replace")

    def screen(self):
        """Returns what can be seen."""
        return self.ask("capture-pane", "-p")

    def keys(self, *keys):
        """Presses keys by their names in tmux."""
        self.ask("send-keys", *keys)

    def type(self, text):
        """Types text as it is."""
        self.ask("send-keys", "-l", text)

    def sees(self, text, seconds=20):
        """Waits until the text can be seen, and counts that as a check."""
        good = wait(lambda: text in self.screen(), seconds)
        return check(f"{self.where()}: \"{text}\" can be seen", good, "\n" + self.screen())

    def must_see(self, text, seconds=20):
        """Like `sees`, but nothing after it would make sense without it."""
        if not self.sees(text, seconds):
            self.close()
            finish()

    def where(self):
        """Returns the name of the session."""
        return os.path.basename(self.tmux[2]).removesuffix(".tmux")

    def start(self, *arguments):
        """Starts the program from the shell."""
        self.type(shlex.join([program(), "--vault", self.home.vault, *arguments]) + "; echo ended $?")
        self.keys("Enter")

    def given_back(self, ending="ended 0"):
        """Checks that the program has ended and that the terminal is as it was."""
        self.sees(ending)
        where = self.where()
        state = self.ask("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}").strip()
        check(f"{where}: the screen, the cursor and the mouse are given back", state == "0 1 0", state)
        self.type("stty -a | tr ' ;' '\\n\\n' | grep -Ex -e '-?(echo|icanon|isig|icrnl|opost)' | xargs echo modes")
        self.keys("Enter")
        modes = wait(lambda: [line for line in self.screen().splitlines() if line.startswith("modes ")])
        off = [word for line in modes or ["-"] for word in line.split() if word.startswith("-")]
        check(f"{where}: the line is edited as before", bool(modes) and not off, f"{modes}")
        self.leaves_no_code()
        self.type("clear")
        self.keys("Enter")
        wait(lambda: "ended" not in self.screen())

    def leaves_no_code(self):
        """Checks that no code that there was since the start is left in tmux."""
        codes = codes_around(SECRET, self.begin, time.time())
        scrollback = self.ask("capture-pane", "-p", "-S", "-").replace(" ", "")
        check(f"{self.where()}: no code is in the scrollback", not any(code in scrollback for code in codes))
        buffers = self.ask("list-buffers")
        check(f"{self.where()}: no buffer of tmux is left", buffers == "", buffers)

    def right_code(self, name):
        """Checks the code in the row of that name against one computed here."""

        def right():
            begin = time.time()
            rows = [row for row in self.screen().splitlines() if name in row and CODE.search(row)]
            seen = "".join(CODE.search(rows[0]).groups()) if rows else ""
            return seen in {totp(SECRET, begin), totp(SECRET, time.time())}

        check(f"{self.where()}: the code is right", wait(right, 10), "\n" + self.screen())

    def copies(self):
        """Checks that Enter puts the code of now on the clipboard of the outer terminal."""
        before, begin = len(self.outer.bytes()), time.time()
        self.keys("Enter")

        def reached():
            sent = re.findall(rb"\x1b\]52;[a-z]*;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)", self.outer.bytes()[before:])
            return [base64.b64decode(data).decode() for data in sent]

        sent = wait(reached, 10)
        good = bool(sent) and sent[-1] in {totp(SECRET, begin), totp(SECRET, begin + 10)}
        check(f"{self.where()}: the copy reaches the outer terminal", good, f"{sent}\n" + self.screen())

    def close(self):
        """Ends the tmux and what runs in it."""
        self.ask("kill-server")
        self.outer.close()


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
        pane = session.ask("display-message", "-p", "#{pane_pid}").strip()
        with open(f"/proc/{pane}/task/{pane}/children") as file:
            child = file.read().split()[-1]
        session.keys("H")
        subprocess.run(["kill", f"-{name}", child], check=True)
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
