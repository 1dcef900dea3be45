#!/usr/bin/env python3
"""A whole session as a person has it: in a real tmux at 80x24, then the same at the far end of an SSH connection.

First start, four accounts in four ways, search, copy, edit, delete, undo, group, export, lock, unlock, quit. Every code
is compared with one computed here, copies are read where they reach the outer terminal, and the export is opened by the
stock `age`. After each end the terminal must be as it was, and no code may be left in the scrollback or in tmux's
buffers. The tmux has no configuration, and the outer terminal is a recorder that answers nothing.
"""

import contextlib
import getpass
import glob
import os
import re
import subprocess
import time

from outside import PASSPHRASE, SECRET, Home, Session, Terminal, check, codes_around, finish, hotp, ssh_options, sshd, wait

# The secrets of the account that comes as a link, and of the one that comes as a picture.
LINKED = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
PICTURED = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
PASSWORD = "saddle-thistle-lantern-40"


def first_start(session):
    """Makes the vault."""
    session.start()
    session.must_see("First start, 1 of 3")
    session.keys("Enter")
    session.must_see("2 of 3")
    for _ in range(2):
        session.type(PASSPHRASE)
        session.keys("Enter")
    session.must_see("3 of 3", 120)
    session.keys("Enter")
    session.must_see("Device name")


def names(session, name, account):
    """Fills in the first step of the wizard."""
    session.type(name)
    session.keys("Tab")
    session.type(account)
    session.keys("Enter")
    session.must_see("Secret")
    session.must_see("Paste or type")


def shown_code(session, row):
    """Returns the digits in the row that begins so, whatever the blanks between them."""
    lines = [line for line in session.screen().splitlines() if line.strip().startswith(row)]
    found = re.match(r"(?:\d ?){3} *(?:\d ?){3}", lines[0].strip()[len(row) :].strip()) if lines else None
    return found[0].replace(" ", "") if found else ""


def first_of_two(session, secret):
    """Waits until the first of the site's two codes is there, checks it, and returns its step."""
    # With little time left the wizard begins with the code after it.
    session.must_see("Enter copies it", 120)
    first = shown_code(session, "MFA code 1")
    now = int(time.time()) // 30
    good = [step for step in (now, now - 1) if hotp(secret, step) == first]
    if not check(f"{session.where()}: the wizard's first code is right", good, session.screen()):
        finish()
    return good[0]


def typed_key(session):
    """A typed key: both codes of the site's tab are right, and two codes of another device prove it."""
    names(session, "GitHub", "octocat")
    session.type(SECRET.lower())
    session.keys("Enter")
    step = first_of_two(session, SECRET)
    session.copies()
    # The second code may be shown before its time, and Enter then copies that one.
    second = hotp(SECRET, step + 1)
    session.keys("n")
    check("n shows the second code", wait(lambda: shown_code(session, "MFA code 2") == second, 20), session.screen())
    session.copies(code=second)
    session.keys("Tab")
    session.must_see("other authenticator")
    # Two codes in a row, as the other device shows them: the second is typed when its time has come.
    step = int(time.time()) // 30
    session.type(hotp(SECRET, step))
    wait(lambda: time.time() // 30 > step, 60)
    session.type(hotp(SECRET, step + 1))
    session.must_see("Both codes are right")
    session.keys("Enter")
    session.must_see("is saved")
    session.keys("Enter")
    session.must_see("1 account")
    session.right_code("GitHub")


def pasted_link(session):
    """A link pasted on the list fills in the wizard."""
    session.secrets.add(LINKED)
    session.paste(f"otpauth://totp/Codeberg:alice?secret={LINKED}&issuer=Codeberg")
    session.must_see('Link for "Codeberg", alice')
    session.keys("Enter")
    first_of_two(session, LINKED)
    session.keys("y")
    session.must_see("is saved")
    session.keys("Enter")
    session.must_see("2 accounts")
    session.right_code("Codeberg", LINKED)


def picture_of_a_code(home):
    """Makes a picture with a code in it, by another vault, and returns its path."""
    path = os.path.join(home.root, "code.png")
    with Home() as other:
        other.init()
        other.add("Forge", PICTURED)
        other.must(other.run("qr", "Forge", "--png", path))
    return path


def picture_by_path(session, home):
    """The path of a picture is pasted, and the picture is deleted when it has served."""
    path = picture_of_a_code(home)
    session.secrets.add(PICTURED)
    session.keys("a")
    session.must_see("Device name")
    names(session, "Forge", "bob")
    # What comes at once is a paste, and the picture is read without Enter; one that comes late would go on too far.
    session.paste(path)
    session.must_see('Link for "Forge"')
    session.keys("Enter")
    session.must_see("MFA code 1")
    session.keys("s")
    session.must_see("aved")
    session.keys("x")
    check("the picture is deleted when that is wished", wait(lambda: not os.path.exists(path), 60), session.screen())
    session.keys("Enter")
    session.must_see("3 accounts")
    session.right_code("Forge", PICTURED)


def made_here(session):
    """A secret made here is shown as a code and as a key, and counts only when the phone has proven it."""
    session.keys("a")
    session.must_see("Device name")
    names(session, "Gate", "root")
    session.keys("Down", "Down", "Down", "Enter")
    session.must_see("Scan")

    def key():
        groups = re.findall(r"(?<![A-Z2-7])[A-Z2-7]{4}(?: [A-Z2-7]{4})+(?![A-Z2-7])", session.screen())
        return "".join(groups).replace(" ", "")

    secret = wait(lambda: len(key()) == 32 and key(), 60)
    if not check("the new key is shown whole", secret, session.screen()):
        finish()
    session.secrets.add(secret)
    text = session.screen().replace(" ", "")
    own = codes_around(secret, session.begin, time.time())
    check("a new secret's own codes are not shown", not any(code in text for code in own), session.screen())
    # The phone shows the code of the step before and that of now: both are within what sign-ins accept.
    step = int(time.time()) // 30
    session.type(hotp(secret, step - 1))
    session.type(hotp(secret, step))
    session.must_see("Both codes are right")
    session.keys("Enter")
    session.must_see("is saved")
    session.keys("Enter")
    session.must_see("4 accounts")
    session.right_code("Gate", secret)


def searches_and_copies(session):
    """Letters find, Enter copies and stays, Esc shows all again."""
    session.keys("/")
    session.type("codeb")
    session.must_see("1 of 4")
    session.copies(secret=LINKED)
    session.sees("1 of 4")
    session.keys("Escape")
    session.must_see("4 accounts")
    if "/ codeb" in session.screen():
        session.keys("Escape")


def chooses(session, name):
    """Moves down until the row of that name is chosen."""
    session.keys("g")

    def there():
        if any(line.startswith("▸") and name in line for line in session.screen().splitlines()):
            return True
        session.keys("j")
        return False

    if not check(f"{name} can be chosen", wait(there, 60), session.screen()):
        finish()


def edits(session):
    """A new account name is saved."""
    chooses(session, "Forge")
    session.keys("e")
    session.must_see("Edit Forge")
    session.keys("Tab", "C-u")
    session.type("carol")
    session.must_see("carol")
    session.keys("Enter")
    session.must_see("Saved")
    session.must_see("carol")
    session.right_code("Forge", PICTURED)


def deletes_and_takes_it_back(session):
    """A deleted account is gone at once, and undo brings it back with its code."""
    chooses(session, "Codeberg")
    session.keys("d")
    session.must_see("Deleted Codeberg")
    session.must_see("3 accounts")
    session.keys("u")
    session.must_see("4 accounts")
    session.right_code("Codeberg", LINKED)


def groups(session):
    """An account moves to a group, which then can be looked at alone."""
    chooses(session, "Codeberg")
    session.keys("M")
    session.must_see("Move to a group")
    session.type("Work")
    session.keys("Enter")
    session.must_see("All  Work")
    session.keys("Tab")
    session.must_see("1 of 4")
    session.right_code("Codeberg", LINKED)
    session.keys("Tab")
    session.must_see("4 accounts")


def exports(session, home):
    """An export with a password of its own is opened by the stock age, and holds every secret."""
    session.keys("X")
    session.must_see("For which app?")
    session.keys("Enter")
    session.must_see("Once more")
    for _ in range(2):
        session.type(PASSWORD)
        session.keys("Enter")
    found = wait(lambda: glob.glob(os.path.join(home.root, "twolock-export-*.age")), 120)
    session.must_see("4 accounts", 120)
    if not check("there is one export", found and len(found) == 1, f"{found}\n" + session.screen()):
        return
    mode = os.stat(found[0]).st_mode & 0o777
    check("the export is for its user alone", mode == 0o600, oct(mode))
    out = os.path.join(home.root, "opened")
    terminal = Terminal(["age", "-d", found[0]], home.environment(), stdout=out)
    check("age asks for the password", terminal.wait_for(rb"(?i)passphrase", 60))
    terminal.send(PASSWORD + "\n")
    check("age opens the export", terminal.exit_code(60) == 0, terminal.bytes())
    terminal.shut()
    with open(out, encoding="utf-8") as file:
        text = file.read()
    missing = [secret for secret in session.secrets if secret not in text]
    check("the export holds every secret", not missing, f"{len(missing)} are missing")
    check("the export holds the names", all(name in text for name in ("GitHub", "Codeberg", "Forge", "carol", "Gate")))


def locks_and_opens(session):
    """Locked, neither a code nor a name can be seen; unlocked, all is there again."""
    session.keys("L")
    session.must_see("Locked")
    codes = {code for secret in session.secrets for code in codes_around(secret, session.begin, time.time())}
    screen = session.screen().replace(" ", "")
    check("locked: no code and no name can be seen", "GitHub" not in screen and not any(c in screen for c in codes))
    session.type(PASSPHRASE)
    session.keys("Enter")
    session.must_see("4 accounts", 120)
    session.right_code("GitHub")
    session.right_code("Forge", PICTURED)


def complete(home, name, far=()):
    """From nothing to the end, and what one does between."""
    session = Session(home, name, far=far)
    begin = time.monotonic()
    first_start(session)
    typed_key(session)
    pasted_link(session)
    picture_by_path(session, home)
    made_here(session)
    searches_and_copies(session)
    edits(session)
    deletes_and_takes_it_back(session)
    groups(session)
    exports(session, home)
    locks_and_opens(session)
    session.keys("q")
    session.given_back()
    session.close()
    print(f"{name}: {time.monotonic() - begin:.0f} s")


def signals(home):
    """The signals that end a program give the terminal back as quitting does."""
    session = Session(home, "signals")
    for name, number in (("HUP", 1), ("INT", 2), ("QUIT", 3), ("TERM", 15)):
        session.start("--passphrase-file", home.passphrase_file)
        session.must_see("4 accounts", 60)
        child = session.child()
        session.keys("H")
        subprocess.run(["kill", f"-{name}", str(child)], check=True)
        session.given_back(f"ended {128 + number}")
    session.close()


def sizes(home):
    """A storm of sizes, down to a single cell, leaves the program alive and the picture whole."""
    session = Session(home, "sizes")
    session.start("--passphrase-file", home.passphrase_file)
    session.must_see("4 accounts", 60)
    for columns, rows in [(1, 1), (2, 40), (200, 2), (33, 7), (500, 200), (59, 15), (60, 16), (1, 1), (120, 3)] * 3:
        session.outer.resize(rows + 1, columns)
        session.ask("resize-window", "-x", str(columns), "-y", str(rows))
        time.sleep(0.03)
    session.outer.resize(25, 80)
    session.ask("resize-window", "-x", "80", "-y", "24")
    session.must_see("4 accounts")
    session.right_code("GitHub")
    session.keys("q")
    session.given_back()
    session.close()


@contextlib.contextmanager
def connection(home):
    """Gives the command that reaches this computer through an sshd of our own."""
    folder = os.path.join(home.root, "ssh")
    server, port = sshd(folder)
    try:
        yield ["ssh", "-tt", *ssh_options(folder, port), f"{getpass.getuser()}@127.0.0.1"]
    finally:
        server.terminate()
        server.wait(10)


with Home() as home:
    complete(home, "complete")
    signals(home)
    sizes(home)
with Home() as home, connection(home) as far:
    complete(home, "over ssh", far)
finish()
