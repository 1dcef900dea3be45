#!/usr/bin/env python3
"""Forwards codes over a real sshd on loopback: what is allowed comes after a yes here, and nothing else comes."""

import getpass
import json
import os
import shlex
import shutil
import signal
import subprocess
import time

from outside import SECRET, Home, Terminal, check, codes_around, finish, program, ssh_options, sshd, wait

OTHER = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"


def serve(home, far):
    """Starts an sshd whose sessions live in `far`, and puts an ssh that reaches it first in the PATH of `home`."""
    folder = os.path.join(home.root, "ssh")
    os.makedirs(f"{folder}/bin", 0o700)
    os.symlink(program(), f"{folder}/twolock")
    there = {**far.environment(), "PATH": f"{folder}:/usr/bin:/bin"}
    server, port = sshd(folder, SetEnv=" ".join(f'"{key}={value}"' for key, value in there.items()))
    with open(f"{folder}/bin/ssh", "w") as file:
        os.fchmod(file.fileno(), 0o700)
        call = [shutil.which("ssh"), *ssh_options(folder, port)]
        file.write(f'#!/bin/sh\nexec {shlex.join(call)} "$@"\n')
    return server, f"{folder}/bin"


def forward(home, folder):
    """Starts forwarding on a terminal, as a person does."""
    environment = home.environment(PATH=f"{folder}:{os.environ['PATH']}")
    call = home.command("agent", "ssh", "--allow", "github", f"{getpass.getuser()}@127.0.0.1")
    terminal = Terminal(call, environment)
    check("forwarding begins", terminal.wait_for(b"may ask for the codes of one account", 30), terminal.bytes())
    return terminal


def ask(far, *arguments):
    """Asks at the other end, where there is no vault and no passphrase."""
    call = [program(), "--no-input", *arguments]
    return subprocess.Popen(
        call, env=far.environment(), cwd=far.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def answered(far, terminal, key, *arguments):
    """Asks, answers the question at this end, and returns what came of it."""
    before = terminal.bytes().count(b"Give it?")
    asking = ask(far, *arguments)
    seen = wait(lambda: terminal.bytes().count(b"Give it?") > before, 10)
    check(f"{arguments} asks here", seen, terminal.bytes()[-300:])
    terminal.send(f"{key}\r")
    out, err = asking.communicate(timeout=30)
    return asking.returncode, out, err


def unanswered(far, terminal, *arguments):
    """Asks for what brings no question, and returns what came of it."""
    before = terminal.bytes().count(b"Give it?")
    asking = ask(far, *arguments)
    out, err = asking.communicate(timeout=30)
    check(f"{arguments} asks nobody", terminal.bytes().count(b"Give it?") == before)
    return asking.returncode, out, err


def gives(home, far, folder):
    """A yes gives a code; a no, another account, another verb and another time give none."""
    terminal = forward(home, folder)
    begin = time.time()
    code, out, err = answered(far, terminal, "y", "code", "github")
    check("a yes gives the code", code == 0 and out.strip() in codes_around(SECRET, begin, time.time()), (out, err))
    code, out, err = answered(far, terminal, "n", "code", "github")
    check("a no gives none", (code, out) == (5, "") and "refused at the other end" in err, err)
    code, out, err = unanswered(far, terminal, "code", "bank")
    check("other accounts are not known", (code, out) == (3, "") and "Bank" not in err, err)
    for call in (
        ["list"],
        ["code", "github", "--at", "59"],
        ["code", "github", "--count", "2"],
        ["export", "--plain", "--to", "-"],
        ["qr", "github"],
        ["show", "github"],
    ):
        code, out, err = unanswered(far, terminal, *call)
        check(f"{call} gives nothing", code not in (0, None) and out == "", (code, out))
    code, out, err = answered(far, terminal, "y", "code", "github", "--json")
    check("a yes is for one code", code == 0 and json.loads(out)["next"] is None, (out, err))
    for _ in range(3):
        answered(far, terminal, "y", "code", "github")
    code, out, err = unanswered(far, terminal, "code", "github")
    check("not many a minute", (code, out) == (5, "") and "in a minute" in err, err)
    for name in os.listdir(os.path.join(far.root, "run/twolock")):
        mode = os.stat(os.path.join(far.root, "run/twolock", name)).st_mode & 0o777
        check("the socket there is for its user alone", mode == 0o600, oct(mode))
    os.kill(terminal.pid, signal.SIGINT)
    check("Ctrl-C ends it", terminal.exit_code() is not None)
    terminal.shut()
    code, out, err = ask_and_wait(far, "code", "github")
    check("then there are no codes", code not in (0, None) and out == "", err)


def ask_and_wait(far, *arguments):
    asking = ask(far, *arguments)
    out, err = asking.communicate(timeout=30)
    return asking.returncode, out, err


def stale(home, far, folder):
    """What a killed connection left over there is in nobody's way."""
    terminal = forward(home, folder)
    os.kill(terminal.pid, signal.SIGKILL)
    terminal.exit_code()
    terminal.shut()
    terminal = forward(home, folder)
    terminal.send("y\r")
    code, out, err = answered(far, terminal, "n", "code", "github")
    check("a yes before the question is none", (code, out) == (5, ""), (out, err))
    code, out, err = answered(far, terminal, "y", "code", "github")
    check("a connection after a killed one gives codes", code == 0 and len(out) == 7, (out, err))
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.exit_code()
    terminal.shut()


with Home() as home, Home() as far:
    home.init()
    home.add("GitHub", SECRET)
    home.add("Bank", OTHER)
    server, folder = serve(home, far)
    try:
        gives(home, far, folder)
        stale(home, far, folder)
    finally:
        server.terminate()
        server.wait(10)
finish()
