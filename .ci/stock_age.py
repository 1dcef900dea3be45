#!/usr/bin/env python3
"""The stock `age` opens the vault and shows the accounts: no lock-in."""

import os
import re
import shutil
import subprocess
import time

from outside import PASSPHRASE, SECRET, Home, Terminal, check, codes_around, finish, skip


def opened(home):
    """Returns what `age` makes of the vault, asked for the passphrase on a terminal as a person is."""
    out = os.path.join(home.root, "opened")
    identity, vault = (os.path.join(home.vault, name) for name in ("identity.age", "vault.age"))
    terminal = Terminal(["age", "-d", "-i", identity, vault], home.environment(), stdout=out)
    if not terminal.wait_for(rb"(?i)passphrase"):
        return -1, terminal.bytes().decode(errors="replace")
    terminal.send(PASSPHRASE + "\n")
    code = terminal.exit_code()
    with open(out, encoding="utf-8") as file:
        return code, file.read()


with Home() as home:
    home.init()
    home.add("GitHub", SECRET, "--account", "octocat")
    code, text = opened(home)
    check("age opens the vault", code == 0, text)
    for needle in ("GitHub", "octocat", SECRET, "format", "accounts"):
        check(f"the text holds {needle}", needle in text, f"{len(text)} characters")

    home.add("Zürich Bank", SECRET[:-4] + "AAAA", "--hotp", "7", "--digits", "8")
    home.must(home.run("code", "Zürich"))
    code, text = opened(home)
    check("age opens it after two more saves", code == 0)
    check("the text holds the name as it is", "Zürich Bank" in text)
    check("the counter went on", "8" in text.split("counter", 1)[-1][:12], text.split("counter", 1)[-1][:12])
    check("the first account is still there", "octocat" in text)

    # docs/tasks.md, "A new computer that has no twolock": the two files alone, and the command as it stands there.
    fresh = os.path.join(home.root, "fresh")
    os.mkdir(fresh)
    for name in ("identity.age", "vault.age"):
        shutil.copy(os.path.join(home.vault, name), fresh)
    paper = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "tasks.md")
    with open(paper) as file:
        command = next(line for line in file if line.startswith("age -d")).strip()
    terminal = Terminal(["sh", "-c", f"cd {fresh} && {command}"], home.environment())
    terminal.wait_for(rb"(?i)passphrase")
    terminal.send(PASSPHRASE + "\n")
    terminal.wait_for(r"secret: \"[A-Z2-7]+\"".encode())
    found = re.search(rb'secret: "([A-Z2-7]+)"', terminal.bytes())
    if check("the secret stands in what the command prints", found, terminal.bytes().decode(errors="replace")):
        begin = time.time()
        code = home.must(home.run("code", "GitHub")).stdout.decode().strip()
        check("it makes the same code", code in codes_around(found[1].decode(), begin, time.time()))

    # What a code is made of is typed, and not given as an argument: oathtool reads it.
    with open(paper) as file:
        command = next(line for line in file if line.startswith("oathtool ")).strip()
    if shutil.which("oathtool"):
        begin = time.time()
        done = subprocess.run(command.split(), input=SECRET.encode(), stdout=subprocess.PIPE, check=False)
        codes = codes_around(SECRET, begin, time.time())
        check("oathtool makes the same code", done.stdout.decode().strip() in codes)
    else:
        skip("oathtool makes the same code", "oathtool is not here")

    # The blocks of the README and of docs/vault-format.md, where the vault is where it usually is.
    os.makedirs(os.path.join(home.root, ".local/share"))
    os.symlink(home.vault, os.path.join(home.root, ".local/share/twolock"))
    for name in ("README.md", "docs/vault-format.md"):
        with open(os.path.join(os.path.dirname(paper), "..", name)) as file:
            block = re.search(r"^```sh\n(cd ~/.local/share/twolock\n.*?)^```$", file.read(), re.M | re.S)[1]
        terminal = Terminal(["sh", "-c", block], home.environment())
        terminal.wait_for(rb"(?i)passphrase")
        terminal.send(PASSPHRASE + "\n")
        check(f"the block of {name} shows the vault", terminal.wait_for(b"Z\xc3\xbcrich Bank"))
finish()
