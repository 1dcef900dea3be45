#!/usr/bin/env python3
"""What lies in the memory of the agent, and who may look at it; what the screen of its codes leaves behind; and the look
itself, which .ci/clock.py uses after a lock.

The agent has to keep the secrets to make codes of them, as bytes and once. The passphrase, the key of the vault's file
as text, and a code that it gave are nobody's business any more. Needs root, since the program lets nobody else look.
"""

import base64
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import time

from outside import CODE, PASSPHRASE, SECRET, Home, Terminal, check, finish, program, totp, wait

NOBODY = 65534
NAME = "Qvxbank7"  # in no dictionary of the program, so what is found in memory is the account's
PTRACE_ATTACH = 16


def needles():
    """Returns the shapes in which the secret, the passphrase and a name could lie in memory."""
    found = {}
    for what, text in (("secret", SECRET), ("passphrase", PASSPHRASE), ("name", NAME)):
        grouped = " ".join(text[index : index + 4] for index in range(0, len(text), 4))
        for shape in {text, text.lower(), grouped}:
            data = shape.encode()
            found[f"{what} as text"] = found.get(f"{what} as text", []) + [data] + [data[: len(data) // 2]] * (len(data) > 16)
            found[f"{what} wide"] = [text.encode("utf-16-le"), text.encode("utf-32-le")]
            # A picture holds a character in each cell, a fixed number of bytes apart.
            for step in (8, 16, 24, 32, 40, 48, 56, 64):
                gap = b"[\\x00-\\xff]{%d}" % (step - 1)
                found.setdefault(f"{what} in cells", []).append(re.compile(gap.join(re.escape(bytes([b])) for b in data)))
    raw = base64.b32decode(SECRET)
    found["secret as bytes"] = [raw, raw[:10], raw.hex().encode()]
    return found


def secrets_in(pid):
    """Returns what is found in the writable memory of a process, by its shape."""
    os.kill(pid, signal.SIGSTOP)
    found = set()
    try:
        with open(f"/proc/{pid}/maps") as file, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in file:
                span, rights = line.split()[:2]
                if not rights.startswith("r") or "[v" in line:
                    continue
                low, high = (int(end, 16) for end in span.split("-"))
                memory.seek(low)
                try:
                    data = memory.read(high - low)
                except OSError:
                    continue
                for shape, parts in needles().items():
                    for part in parts:
                        if isinstance(part, bytes):
                            if part in data:
                                found.add(shape)
                        elif "w" in rights and part.search(data):
                            found.add(shape)
    finally:
        os.kill(pid, signal.SIGCONT)
    return found


def peep(pid):
    """Returns what another program of the user without rights may do to a process."""
    libc = ctypes.CDLL(None)
    libc.ptrace.argtypes = [ctypes.c_long] * 4
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        for name in ("mem", "environ", "auxv", "fd/0", "cwd"):
            try:
                path = f"/proc/{pid}/{name}"
                os.readlink(path) if name in ("fd/0", "cwd") else open(path, "rb").close()
                os.write(writer, name.encode() + b" ")
            except OSError:
                pass
        if libc.ptrace(PTRACE_ATTACH, pid, 0, 0) == 0:
            os.write(writer, b"attach ")
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        return answer.read().split()



def holds(pid, texts):
    """Returns which of these texts are in the memory of a process."""
    found = set()
    with open(f"/proc/{pid}/maps") as file, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in file:
            span, rights = line.split()[:2]
            if "r" in rights and "[v" not in line:
                low, high = (int(end, 16) for end in span.split("-"))
                try:
                    memory.seek(low)
                    data = memory.read(high - low)
                except OSError:
                    continue
                found |= {text for text in texts if text in data}
    return found


def agents(path):
    """Returns the processes that run this program."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.readlink(f"/proc/{name}/exe") == path:
                found.append(int(name))
        except OSError:
            pass
    return found


def agent(home):
    """Unlocks, asks for codes, looks, locks, looks again."""
    path = os.path.join(home.root, "twolock")
    shutil.copy(program(), path)
    os.chmod(path, 0o755)
    for folder, folders, files in os.walk(home.root):
        for name in [".", *folders, *files]:
            os.chown(os.path.join(folder, name), NOBODY, NOBODY)

    def run(*arguments):
        command = [path, "--vault", home.vault, *arguments]
        return subprocess.run(
            command, env=home.environment(), cwd=home.root, user=NOBODY, group=NOBODY, extra_groups=[],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
        )

    home.must(run("--passphrase-file", home.passphrase_file, "unlock", "--for", "5m"))
    pids = agents(path)
    if not check("one agent runs", len(pids) == 1, f"{pids}"):
        return
    pid = pids[0]
    begin = time.time()
    code = home.must(run("code", NAME)).stdout.decode().strip()
    check("it gives the code of now", code in {totp(SECRET, begin), totp(SECRET, time.time())}, code)
    home.must(run("list", "--json"))
    found = secrets_in(pid)
    check("a look into memory finds what it must keep", "secret as bytes" in found, f"{found}")
    check("the passphrase is not in it", not {f"passphrase {shape}" for shape in ("as text", "wide", "in cells")} & found, f"{found}")
    check("the secret is not in it as text", "secret as text" not in found and "secret wide" not in found, f"{found}")
    key = holds(pid, {b"AGE-SECRET-KEY-1"})
    check("the key of the vault is not in it as text", not key, f"{key}")
    for what in ("cmdline", "environ"):
        with open(f"/proc/{pid}/{what}", "rb") as file:
            data = file.read()
        check(f"no secret and no name is in its {what}", not any(word.encode() in data for word in (PASSPHRASE, SECRET, NAME)), repr(data))
    found = peep(pid)
    check("another program of the same user sees nothing", not found, f"{found}")
    with open(f"/proc/{pid}/limits") as file:
        core = next(line.split()[4:6] for line in file if line.startswith("Max core"))
    check("no core is ever written", core == ["0", "0"], f"{core}")
    screen(home, path, run)
    home.must(run("lock"))
    check("it ends when it is told to lock", wait(lambda: not agents(path), 5), f"{agents(path)}")
    sockets = [name for folder, _, files in os.walk(os.path.join(home.root, "run")) for name in files if name.endswith(".sock")]
    check("its socket is gone", not sockets, f"{sockets}")
    status = json.loads(run("agent", "status", "--json").stdout or b"{}")
    check("nobody takes it for unlocked", NAME not in json.dumps(status), f"{status}")


def screen(home, path, run):
    """Shows the codes that the agent lends, and leaves them on each of the ways there are."""
    ways = [
        ("a key that needs the vault", lambda terminal: terminal.send("e"), "needs the vault"),
        ("an agent that ends", lambda _: home.must(run("lock")), "agent has ended"),
    ]
    for what, leave, seen in ways:
        begin = time.time()
        terminal = Terminal([path, "--vault", home.vault], home.environment(), uid=NOBODY)
        plain = lambda: re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b" ", terminal.bytes()).decode(errors="replace")
        if not check(f"{what}: codes are shown", wait(lambda: NAME in plain() and CODE.search(plain()), 10), repr(plain())):
            terminal.close()
            continue
        found = secrets_in(terminal.pid)
        check(f"{what}: a look into memory finds the name", {"name as text", "name in cells"} <= found, f"{found}")
        secret = {shape for shape in found if not shape.startswith("name")}
        check(f"{what}: no secret is lent", not secret, f"{secret}")
        # The look takes its time, in which codes change.
        codes = {totp(SECRET, begin + step * 30) for step in range(-1, 10)}
        shapes = {shape.encode() for code in codes for shape in (code, f"{code[:3]} {code[3:]}")}
        found = wait(lambda: holds(terminal.pid, shapes), 5)
        check(f"{what}: a look into memory finds a code", found, f"{codes}")
        leave(terminal)
        check(f"{what}: the passphrase is asked for", wait(lambda: seen in " ".join(plain().split()), 10), repr(plain()))
        time.sleep(0.5)
        found = secrets_in(terminal.pid)
        check(f"{what}: no name is left in memory", not found, f"{found}")
        left = holds(terminal.pid, shapes)
        check(f"{what}: no code is left in memory", not left, f"{left}")
        terminal.close()
    home.must(run("--passphrase-file", home.passphrase_file, "unlock", "--for", "5m"))


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("memory: not looked at, that needs root")
        check("nothing to do", True)
    else:
        with Home() as home:
            home.init()
            home.add(NAME, SECRET)
            agent(home)
    finish()
