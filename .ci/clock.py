#!/usr/bin/env python3
"""What time does to the running program: idle, a clock that jumps, a computer that sleeps, a terminal that stands still.

Whatever happens, codes are right for the clock of the moment, a lock that is due comes, nothing is drawn before it, and
nothing secret is left in memory after it. The program runs as a user without rights, and is looked at by root; without
root only what needs none is checked. The clock is put on for the program alone: its copy of the kernel's function that
reads the time is replaced by one that adds what we say.
"""

import os
import platform
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

from memory import NAME, NOBODY, peep, secrets_in
from outside import CODE, PASSPHRASE, SECRET, Home, Session, Terminal, check, finish, hotp, program, totp, wait

HOUR, YEAR = 3600, 365 * 86400
COUNTER, COUNTED = 42, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
RELOCKED = b"TWOLOCK_RELOCKED="


class Filled(Home):
    """A home with an account whose codes come by time, and one that counts."""

    def __init__(self):
        super().__init__()
        self.init()
        self.add(NAME, SECRET)
        self.add("Counter", COUNTED, "--hotp", str(COUNTER))


class User(Filled):
    """One that belongs to a user without rights, with the program in it."""

    def __init__(self):
        super().__init__()
        self.program = os.path.join(self.root, "twolock")
        shutil.copy(program(), self.program)
        os.chmod(self.program, 0o755)
        if os.geteuid() != 0:
            return
        for folder, folders, files in os.walk(self.root):
            for name in [".", *folders, *files]:
                os.chown(os.path.join(folder, name), NOBODY, NOBODY)

    def start(self, *arguments, opens=True):
        """Starts the list on a terminal of its own, and unlocks it."""
        command = [self.program, "--vault", self.vault, *arguments]
        terminal = Terminal(command, self.environment(), uid=NOBODY if os.geteuid() == 0 else None)
        if not check("it asks for the passphrase", terminal.wait_for(rb"Passphrase"), repr(terminal.bytes()[-300:])):
            finish()
        if opens:
            terminal.send(PASSPHRASE + "\r")
            if not check("it opens", terminal.wait_for(NAME.encode(), 60), repr(terminal.bytes()[-300:])):
                finish()
        return terminal


class Clock:
    """The clock of one program, put on by seconds; to be made anew when the program has started itself anew."""

    def __init__(self, pid):
        self.pid = pid
        self.wall = self.boot = 0
        with open(f"/proc/{pid}/maps") as file:
            low, high = next(line for line in file if "[vdso]" in line).split()[0].split("-")
        self.memory = os.open(f"/proc/{pid}/mem", os.O_RDWR)
        page = os.pread(self.memory, int(high, 16) - int(low, 16), int(low, 16))
        self.at = int(low, 16) + symbol(page, b"__vdso_clock_gettime")
        # The call of the kernel; then, if it was the wall clock (0) or the time since boot (7), what we say is added.
        code = "b8e4000000 0f05 85c0 751c 85ff 740e 83ff07 7513 488b0d1d000000 eb07 488b0d0c000000 48010e c3"
        # It is not stopped for that: a shell that notices takes its terminal back.
        os.pwrite(self.memory, bytes.fromhex(code).ljust(64, b"\0"), self.at)

    def put(self, wall=0, boot=0):
        """Puts the clocks on by so many seconds from what they really are."""
        self.wall, self.boot = wall, boot
        os.pwrite(self.memory, struct.pack("<qq", wall, boot), self.at + 48)

    def set(self, moment):
        """Sets the wall clock."""
        self.put(int(moment - time.time()), self.boot)

    def now(self):
        """Returns the time that the program reads."""
        return time.time() + self.wall


def symbol(elf, wanted):
    """Returns the value of a dynamic symbol of a little-endian ELF file of 64 bits."""
    start = struct.unpack_from("<Q", elf, 0x28)[0]
    size, count = struct.unpack_from("<HH", elf, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, start + index * size) for index in range(count)]
    for _, kind, _, _, offset, length, link, _, _, _ in sections:
        for entry in range(offset, offset + length, 24) if kind == 11 else ():
            name, _, _, _, value, _ = struct.unpack_from("<IBBHQQ", elf, entry)
            begin = sections[link][4] + name
            if elf[begin : elf.index(b"\0", begin)] == wanted:
                return value
    sys.exit(f"no {wanted} in what the kernel brings")


def can_be_put():
    """Says whether a program's clock can be put on here."""
    good = os.geteuid() == 0 and platform.machine() == "x86_64"
    if not good:
        print("clocks: not put, that needs root and x86_64")
    return good


def environment_of(pid):
    """Returns what a process was started with."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""


def has_started_anew(pid):
    """Says whether the program has become itself anew, as it does to lock."""
    return RELOCKED in environment_of(pid)


def is_locked_without_a_trace(what, terminal, before):
    """Checks the lock: the program is a new one, only the unlock screen is drawn, and memory is empty."""
    check(f"{what}: the screen to unlock is drawn", wait(lambda: b"Locked" in terminal.bytes()[before:], 10))
    check(f"{what}: the program started anew", wait(lambda: has_started_anew(terminal.pid), 10))
    time.sleep(0.5)
    last = terminal.bytes()[before:].rpartition(b"\x1b[2J")[2]
    check(f"{what}: no name and no code is on the screen", shows(last) == "", shows(last))
    if os.geteuid() == 0:
        found = secrets_in(terminal.pid)
        check(f"{what}: memory is empty", not found, f"{found}")


def shows(data):
    """Returns the name or the code that these bytes would draw."""
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", data).decode(errors="replace")
    found = [NAME] if NAME in text else CODE.findall(text)
    return str(found[0]) if found else ""


def idle(home):
    """Nobody touches a key; keys put it off; a warning comes before; and 0 means never."""
    terminal = home.start("--lock-after", "4")
    if os.geteuid() == 0:
        found = secrets_in(terminal.pid)
        for shape in ("secret as bytes", "name as text", "name in cells"):
            check(f"open: a look into memory finds the {shape}", shape in found, f"{found}")
    begin, before = time.monotonic(), len(terminal.bytes())
    while time.monotonic() < begin + 6:
        terminal.send("j")
        time.sleep(0.5)
    check("keys put the lock off", not has_started_anew(terminal.pid))
    begin, before = time.monotonic(), len(terminal.bytes())
    wait(lambda: has_started_anew(terminal.pid), 10)
    took = time.monotonic() - begin
    check("it locks 4 seconds after the last key", 3 < took < 5.5, f"{took:.1f} s")
    is_locked_without_a_trace("idle", terminal, before)
    terminal.close()

    terminal = home.start("--lock-after", "18")
    check("the lock is announced", terminal.wait_for(rb"Locks", 8))
    terminal.close()

    terminal = home.start("--lock-after", "0")
    before = len(terminal.bytes())
    if can_be_put():
        Clock(terminal.pid).put(wall=9 * HOUR, boot=9 * HOUR)
        time.sleep(6)
    check("0 is never", not has_started_anew(terminal.pid) and b"Locked" not in terminal.bytes()[before:])
    terminal.close()


def same_user(home):
    """Another program of the same user can neither read the memory nor attach, open or locked."""
    if os.geteuid() != 0:
        print("another program of the same user: not measured, that needs root")
        return

    other = subprocess.Popen(["sleep", "60"], user=NOBODY, group=NOBODY, cwd="/")
    time.sleep(0.3)
    found = peep(other.pid)
    if not {"mem", "attach"} <= set(found):
        print(f"another program of the same user: any program is let do {found} only, so little is shown by it")
    other.kill()
    other.wait()
    terminal = home.start()
    for state in ("open", "locked"):
        found = peep(terminal.pid)
        check(f"{state}: another program of the same user sees nothing", not found, f"{found}")
        with open(f"/proc/{terminal.pid}/limits") as file:
            core = next(line.split()[4:6] for line in file if line.startswith("Max core"))
        check(f"{state}: no core is ever written", core == ["0", "0"], f"{core}")
        terminal.send("L")
        wait(lambda: has_started_anew(terminal.pid), 10)
        terminal.wait_for(rb"Locked")
    terminal.close()


def sleeps(home):
    """What was due while the computer or the program slept is done before anything is drawn."""
    for turn in range(4):
        terminal = home.start("--lock-after", "2")
        os.kill(terminal.pid, signal.SIGSTOP)
        time.sleep(3)
        before = len(terminal.bytes())
        os.kill(terminal.pid, signal.SIGCONT)
        is_locked_without_a_trace(f"stopped for longer than the idle time {turn}", terminal, before)
        drawn = shows(terminal.bytes()[before:])
        check(f"stopped {turn}: nothing is drawn before the lock", drawn == "", drawn)
        terminal.close()
    if not can_be_put():
        return
    for turn, stopped in enumerate((True, True, False, False)):
        terminal = home.start()
        clock = Clock(terminal.pid)
        time.sleep(0.2 + 0.3 * turn)
        if stopped:
            os.kill(terminal.pid, signal.SIGSTOP)
        before = len(terminal.bytes())
        clock.put(wall=HOUR, boot=HOUR)
        if stopped:
            os.kill(terminal.pid, signal.SIGCONT)
        begin = time.monotonic()
        check(f"slept {turn}: it locks at once", wait(lambda: has_started_anew(terminal.pid), 1.5))
        is_locked_without_a_trace(f"slept {turn}, {time.monotonic() - begin:.1f} s", terminal, before)
        drawn = shows(terminal.bytes()[before:])
        check(f"slept {turn}: nothing is drawn before the lock", drawn == "", drawn)
        terminal.close()

    terminal = home.start()
    clock = Clock(terminal.pid)
    for minutes in range(1, 5):
        os.kill(terminal.pid, signal.SIGSTOP)
        time.sleep(0.2)
        before = len(terminal.bytes())
        clock.put(wall=60 * minutes, boot=60 * minutes)
        begin = clock.now()
        os.kill(terminal.pid, signal.SIGCONT)

        def first():
            text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b" ", terminal.bytes()[before:]).decode(errors="replace")
            return ["".join(found) for found in CODE.findall(text)][:1]

        drawn = wait(first, 5)
        # Right are the codes from the waking to the moment in which one was seen.
        right = {totp(SECRET, begin), totp(SECRET, clock.now())}
        check(f"woken {minutes}: the first code that is drawn is the one of now", drawn and drawn[0] in right, f"{drawn}")
    terminal.close()


def jumps(home):
    """The wall clock is put to and fro under an open list."""
    if not can_be_put():
        return
    session = Session(home, "jumps")
    session.start("--passphrase-file", home.passphrase_file)
    session.must_see("2 accounts", 60)
    clock = Clock(session.child())

    def row(name):
        return next((line for line in session.screen().splitlines() if name in line), "")

    def has_right_code():
        begin = clock.now()
        seen = CODE.search(row(NAME))
        return seen and "".join(seen.groups()) in {totp(SECRET, begin), totp(SECRET, clock.now())}

    def lands(what, told=True):
        if told:
            session.sees("The clock jumped by", 3)
        check(f"{what}: the code is right", wait(has_right_code, 3), session.screen())
        check(f"{what}: the counter stands", f"#{COUNTER}" in row("Counter"), row("Counter"))

    for what, seconds in (
        ("a year on", YEAR),
        ("an hour back", YEAR - HOUR),
        ("back to now", 0),
        ("two minutes on", 120),
        ("two minutes back", 0),
    ):
        clock.put(seconds)
        lands(what)
    # A leap second is a second that comes twice; a step of a time server is as small.
    clock.put(-1)
    time.sleep(1.2)
    lands("a second back", told=False)
    for what, moment in (("2038", 2**31), ("2106", 2**32), ("the year 9999", 253402300800)):
        clock.set(moment - 3)
        lands(f"before {what}")
        check(f"{what} comes", wait(lambda: clock.now() > moment + 1, 10))
        lands(f"after {what}", told=False)
    clock.set(31)
    lands("the first minute of 1970")
    clock.set(-31)
    session.sees("The clock jumped by", 3)
    check("before 1970 there is no code", wait(lambda: not CODE.search(row(NAME)), 3), session.screen())
    check("before 1970 the counter stands", f"#{COUNTER}" in row("Counter"), row("Counter"))
    session.keys("Enter")
    session.sees("No code: this computer's clock is before 1970", 3)
    session.keys("Down", "Space")
    right = hotp(COUNTED, COUNTER)
    session.sees(f"{right[:3]} {right[3:]}", 5)
    clock.put(0)
    check("the clock is right again: so is the code", wait(has_right_code, 3), session.screen())
    session.keys("q")
    session.given_back()
    after = home.must(home.run("code", "Counter")).stdout.decode().strip()
    check("the counter went on by one", after == hotp(COUNTED, COUNTER + 1), after)
    session.close()


def idle_by_another_clock(home):
    """The idle time is not the wall clock's."""
    if not can_be_put():
        return
    for what, seconds in (("an hour back", -HOUR), ("a year on", YEAR)):
        terminal = home.start("--lock-after", "5")
        Clock(terminal.pid).put(seconds)
        check(f"{what}: it does not lock early", not wait(lambda: has_started_anew(terminal.pid), 3))
        check(f"{what}: it locks in time", wait(lambda: has_started_anew(terminal.pid), 4))
        terminal.close()


def verbs(home):
    """The verb that prints a code, at moments which are hard for clocks."""
    for moment in (0, 29, 30, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 253402300800):
        shown = home.must(home.run("--at", str(moment), "code", NAME)).stdout.decode().strip()
        check(f"code --at {moment}", shown == totp(SECRET, moment), shown)
    done = home.run("--at", "-1", "code", NAME)
    check("code --at -1 says why there is none", done.returncode == 8 and b"before 1970" in done.stderr, f"{done}")


def asks_for_the_truth(home):
    """Whoever is asked how right the clock is may take seconds; the first picture does not wait for it."""
    if os.geteuid() != 0:
        print("a slow time service: not put up, that needs root")
        return
    helper = os.path.join(home.root, "chronyc")
    answer = "C0A80001,192.168.0.1,3,1777818720.1,-0.000012,0.1,0.1,-5.1,0.0,0.2,0.020,0.004,64.2,Normal"
    with open(helper, "w") as file:
        os.fchmod(file.fileno(), 0o755)
        file.write(f"#!/bin/sh\nsleep 1.5\necho {answer}\n")
    alone = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /run && mkdir /run/chrony && exec "$@"', "sh"]
    path = f"{home.root}:{os.environ['PATH']}"
    begin = time.monotonic()
    terminal = Terminal([*alone, *home.command()], home.environment(PATH=path))
    if check("a slow time service: the first picture comes", terminal.wait_for(rb"Passphrase|accounts", 5)):
        took = time.monotonic() - begin
        check("a slow time service: the first picture does not wait", took < 1, f"{took:.1f} s")
        check("a slow time service: its answer is shown when it comes", terminal.wait_for(rb"OK", 5))
    terminal.close()


def stands_still(home):
    """A terminal that takes nothing more keeps the vault from being drawn, and not from being locked."""
    terminal = home.start("--lock-after", "6")
    terminal.reads.clear()
    for _ in range(120):
        terminal.send("\x0c")
        time.sleep(0.02)
    with open(f"/proc/{terminal.pid}/status") as file:
        before = int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])
    time.sleep(3)
    with open(f"/proc/{terminal.pid}/status") as file:
        after = int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])
    check("a terminal that stands still: nothing heaps up", after - before < 1024, f"{before} KiB, {after} KiB")
    check("a terminal that stands still: it locks", wait(lambda: has_started_anew(terminal.pid), 12))
    if os.geteuid() == 0:
        found = secrets_in(terminal.pid)
        check("a terminal that stands still: memory is empty", not found, f"{found}")
    mark = len(terminal.bytes())
    terminal.reads.set()
    check("it goes on: the screen to unlock is drawn", wait(lambda: b"Locked" in terminal.bytes()[mark:], 5))
    # The kernel keeps a page for the other side that cannot be taken back; what it held beyond is dropped.
    late = len(terminal.bytes()[mark:].partition(b"Locked")[0])
    check("it goes on: what was drawn before the lock is dropped", late <= 8192, f"{late} bytes")
    terminal.send(PASSPHRASE + "\r")
    check("it goes on: it can be unlocked", wait(lambda: NAME.encode() in terminal.bytes()[mark:].rpartition(b"Locked")[2], 20))
    terminal.close()


PARTS = {
    asks_for_the_truth: Filled,
    idle: User,
    idle_by_another_clock: User,
    jumps: Filled,
    same_user: User,
    sleeps: User,
    stands_still: User,
    verbs: Filled,
}
for part, kind in PARTS.items():
    if not sys.argv[1:] or part.__name__ in sys.argv:
        with kind() as home:
            begin = time.monotonic()
            part(home)
            print(f"{part.__name__}: {time.monotonic() - begin:.0f} s", flush=True)
finish()
