#!/usr/bin/env python3
"""What terminals, shells and disks do to the running program: they close, stop it, lack everything, paste without end,
forbid writing. It ends or goes on as a person expects, and the terminal is as it was.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import termios
import time

from outside import SECRET, Home, Session, Terminal, check, finish, hotp, totp, wait

COUNTED = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"


def fill(home):
    """Makes a vault with an account of each kind."""
    home.init()
    home.add("GitHub", SECRET)
    home.add("Counter", COUNTED, "--hotp", "5")


def opened(home, name, *arguments):
    """Returns a session in which the list is open."""
    session = Session(home, name)
    session.start("--passphrase-file", home.passphrase_file, *arguments)
    session.must_see("2 accounts", 60)
    return session


def closes(home):
    """The window is closed: the program ends, and quickly."""
    session = opened(home, "closed window")
    child = session.child()
    session.ask("kill-session")
    begin = time.monotonic()
    check("a closed window ends it", wait(lambda: not os.path.exists(f"/proc/{child}"), 10))
    took = time.monotonic() - begin
    check("a closed window ends it within 2 seconds", took < 2, f"{took:.1f} s")
    session.outer.close()


def stops(home):
    """Ctrl-Z gives the terminal to the shell and fg takes it back; so does fg after a stop that could not be answered."""
    session = opened(home, "stopped")
    session.keys("C-z")
    session.given_back("Stopped")
    session.type("fg; echo ended $?")
    session.keys("Enter")
    session.must_see("2 accounts")
    session.right_code("GitHub")

    os.kill(session.child(), signal.SIGSTOP)
    time.sleep(0.5)
    # The terminal is still as the program had it, where Enter is not the end of a line.
    session.type("stty sane; fg; echo ended $?")
    session.keys("C-j")
    time.sleep(0.5)
    session.must_see("2 accounts")
    session.right_code("GitHub")
    session.keys("Down", "/")
    session.type("hub")
    session.sees("1 of 2")
    check("stopped: what is typed is not echoed besides", "^[[B" not in session.screen(), session.screen())
    # What follows an Esc at once is taken for one key with it.
    for key in ("Escape", "Escape", "q"):
        session.keys(key)
        time.sleep(0.3)
    session.given_back()
    session.close()

    session = opened(home, "stopped for long", "--lock-after", "3")
    session.keys("C-z")
    session.given_back("Stopped")
    time.sleep(4)
    session.type("fg; echo ended $?")
    session.keys("Enter")
    session.must_see("Locked")
    check("stopped for long: no name can be seen", "GitHub" not in session.screen(), session.screen())
    session.keys("C-c")
    session.given_back()
    session.close()


def lacks(home):
    """Without a terminal, or with a poor one, there is a clear word or a poor picture, and no sequence in a pipe."""
    program = home.command()
    plain = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 60}
    for name, extra in (
        ("no terminal", {"stdin": subprocess.DEVNULL}),
        ("a session without a terminal", {"stdin": subprocess.DEVNULL, "start_new_session": True}),
    ):
        done = subprocess.run(program, env=home.environment(), **extra, **plain)
        check(f"{name}: the list says why not", done.returncode == 2 and b"needs a terminal" in done.stderr, f"{done}")
        check(f"{name}: nothing acts on a terminal", b"\x1b" not in done.stdout + done.stderr, f"{done}")
        asks = [*program[:3], "code", "GitHub"]
        done = subprocess.run(asks, env=home.environment(), **extra, **plain)
        good = done.returncode not in (0, 101) and done.stderr and b"\x1b" not in done.stderr and not done.stdout
        check(f"{name}: a question that cannot be put is an error", good, f"{done}")

    for name, change, places in (
        ("TERM=dumb", {"TERM": "dumb"}, False),
        ("no TERM", {"TERM": ""}, False),
        ("an unknown TERM", {"TERM": "xyzzy"}, True),
        ("the console", {"TERM": "linux"}, True),
        ("LANG=C", {"LANG": "C", "LC_ALL": "C"}, True),
        ("NO_COLOR", {"NO_COLOR": "1"}, True),
        ("no columns", {"COLUMNS": "0", "LINES": "0"}, True),
    ):
        terminal = Terminal(program, home.environment(**change))
        if places:
            check(f"{name}: the list is drawn", terminal.wait_for(rb"GitHub", 60), repr(terminal.bytes()[-300:]))
            terminal.send("q")
        else:
            check(f"{name}: it talks in lines", terminal.wait_for(rb"Enter lists all", 60), repr(terminal.bytes()[-300:]))
            terminal.send("q\r")
        check(f"{name}: it ends well", terminal.exit_code(60) == 0)
        written = terminal.bytes()
        if name == "LANG=C":
            check("LANG=C: only ASCII is drawn", written.isascii(), repr(written))
        if name == "NO_COLOR":
            colours = re.findall(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)(?:;\d+)*m", written)
            check("NO_COLOR: there is no colour", not colours, f"{colours[:3]}")
        if not places:
            check(f"{name}: nothing acts on the terminal", b"\x1b" not in written, repr(written))
        terminal.shut()


def floods(home):
    """Pastes and keys without end are taken or dropped, and the program stays."""
    for name, text in (
        ("a paste of a megabyte", "\x1b[200~" + "A" * 1_000_000 + "\x1b[201~"),
        ("a paste that does not end", "\x1b[200~" + "B" * 20_000),
        ("a hundred thousand keys", "jk" * 50_000),
        ("forged replies", "\x1b[?62;c\x1b[9;9R\x1b]11;rgb:ffff/ffff/ffff\x07\x1bP>|evil\x1b\\\x1b]52;c;" + "Q" * 9000 + "\x07"),
    ):
        terminal = Terminal(home.command(), home.environment())
        check(f"{name}: the list is drawn", terminal.wait_for(rb"GitHub", 60))
        for begin in range(0, len(text), 1024):
            terminal.send(text[begin : begin + 1024])
        # A paste that does not end is given up after a second.
        time.sleep(2)
        before = len(terminal.bytes())
        terminal.send("\x0c")
        check(f"{name}: it is alive", wait(lambda: b"\x1b[2J" in terminal.bytes()[before:], 20))
        terminal.send("\x1b")
        time.sleep(0.3)
        terminal.send("\x03")
        code = terminal.exit_code()
        check(f"{name}: it can be left", code == 0, f"{code}")
        terminal.shut()


MODES_OFF = (b"\x1b[?1000l", b"\x1b[?1006l", b"\x1b[?1004l", b"\x1b[?2026l", b"\x1b[?2004l", b"\x1b[23;2t", b"\x1b[?1049l")


def answers(home):
    """What the terminal says of itself is used, forged or not it stops nothing, and every mode is unset at the end."""
    terminal = Terminal(home.command(), home.environment())
    check("answers: the list is drawn", terminal.wait_for(rb"GitHub", 60), repr(terminal.bytes()[-300:]))
    begin = terminal.bytes()
    asked, cleared = begin.find(b"\x1b[?2026$p\x1b[c"), begin.find(b"\x1b[2J")
    check("answers: it asks before it clears the screen", 0 <= asked < cleared, f"{asked} {cleared}")
    check("answers: without an answer frames are as everywhere", b"\x1b[?2026h" not in begin)
    check("answers: the mouse and the title are taken", b"\x1b[?1000h\x1b[?1006h" in begin and b"\x1b]2;twolock\x07" in begin)
    check("answers: the focus is not asked for unless that is set", b"\x1b[?1004h" not in begin)
    terminal.send("\x1b[?2026;2$y\x1b[?62;52c")
    time.sleep(0.5)
    before = len(terminal.bytes())
    terminal.send("\x0c")
    check("answers: then frames come whole", wait(lambda: re.search(rb"\x1b\[\?2026h.*\x1b\[2J.*\x1b\[\?2026l", terminal.bytes()[before:], re.S)))
    before = len(terminal.bytes())
    terminal.send("m")
    check("answers: m gives the mouse back", wait(lambda: b"\x1b[?1000l" in terminal.bytes()[before:]))
    terminal.send("m")
    check("answers: m takes it again", wait(lambda: b"\x1b[?1000h" in terminal.bytes()[before:]))
    forged = "\x1b[?2026;0$y\x1b[?2026;3$y\x1b[O\x1b[I\x1b[?1;2c\x1b[<0;500;500M\x1b[<65;1;1M\x1b[<64;1;1M\x1b[<0;0;0M"
    terminal.send(forged * 500 + "\x1b[O\x1b[?2026;\x18\x1b[<0;\x18")
    time.sleep(0.5)
    before = len(terminal.bytes())
    terminal.send("\x0c")
    check("answers: forged ones stop nothing", wait(lambda: b"GitHub" in terminal.bytes()[before:]))
    terminal.send("q")
    check("answers: it ends well", terminal.exit_code() == 0)
    end = terminal.bytes()[before:]
    check("answers: every mode is unset", all(mode in end for mode in MODES_OFF), repr(end[-300:]))
    whole = terminal.bytes()
    check("answers: no frame is left open", whole.rfind(b"\x1b[?2026h") < whole.rfind(b"\x1b[?2026l"))
    terminal.shut()

    for name, number in (("TERM", signal.SIGTERM), ("HUP", signal.SIGHUP)):
        terminal = Terminal(home.command(), home.environment())
        check(f"SIG{name}: the list is drawn", terminal.wait_for(rb"GitHub", 60))
        os.kill(terminal.pid, number)
        check(f"SIG{name}: it ends by it", terminal.exit_code() == 128 + number)
        end = terminal.bytes()
        check(f"SIG{name}: every mode is unset", all(mode in end for mode in MODES_OFF), repr(end[-300:]))
        terminal.shut()


def crawls(home):
    """Over a slow line only codes are worth a frame, and a terminal that takes nothing keeps nobody from leaving."""
    terminal = Terminal(home.command(), home.environment())
    check("slow: the list is drawn", terminal.wait_for(rb"GitHub", 60), repr(terminal.bytes()[-300:]))
    check("slow: before an answer nothing is said of it", b"slow line" not in terminal.bytes())
    # Longer than a quick terminal takes by far.
    time.sleep(0.6)
    terminal.send("\x1b[?62;52c")
    check("slow: a late answer is said", terminal.wait_for(rb"slow line"), repr(terminal.bytes()[-300:]))
    time.sleep(1.2)
    begin = time.monotonic()
    time.sleep(12)
    frames = [moment for moment, _ in terminal.chunks if begin < moment < begin + 12]
    check("slow: it moves every five seconds", 1 <= len(frames) <= 5, f"{len(frames)} frames in 12 s")
    terminal.send("q")
    check("slow: it ends well", terminal.exit_code() == 0)
    terminal.shut()

    for name, hold in (
        ("a terminal that reads nothing", lambda terminal, _: terminal.reads.clear()),
        ("a line that is stopped", lambda _, line: termios.tcflow(line, termios.TCOOFF)),
    ):
        for ending, number in (("TERM", signal.SIGTERM), ("HUP", signal.SIGHUP)):
            terminal = Terminal(home.command(), home.environment())
            check(f"{name}: the list is drawn", terminal.wait_for(rb"GitHub", 60))
            line = os.open(f"/proc/{terminal.pid}/fd/1", os.O_RDWR | os.O_NOCTTY)
            hold(terminal, line)
            for _ in range(200):
                # Each draws everything once more.
                terminal.send("\x0c")
                time.sleep(0.005)
            time.sleep(0.5)
            begin = time.monotonic()
            os.kill(terminal.pid, number)
            code = terminal.exit_code()
            took = time.monotonic() - begin
            check(f"{name}: SIG{ending} ends it", code == 128 + number, f"{code}")
            check(f"{name}: SIG{ending} ends it within 4 seconds", took < 4, f"{took:.1f} s")
            check(f"{name}: SIG{ending}: lines are lines again", termios.tcgetattr(line)[3] & termios.ICANON)
            termios.tcflow(line, termios.TCOON)
            os.close(line)
            terminal.shut()

    terminal = Terminal(home.command("--lock-after", "4"), home.environment())
    check("a slow reader: the list is drawn", terminal.wait_for(rb"GitHub", 60))
    terminal.reads.clear()
    for _ in range(200):
        terminal.send("\x0c")
        time.sleep(0.005)
    before = len(terminal.bytes())
    time.sleep(9)
    terminal.reads.set()
    check("a slow reader: it is locked meanwhile", terminal.wait_for(rb"Locked"), repr(terminal.bytes()[-300:]))
    late = terminal.bytes()[before:]
    check("a slow reader: what waits is no more than a terminal holds", len(late) < 100_000, f"{len(late)} bytes")
    check("a slow reader: nothing of the vault comes after", b"GitHub" not in late[late.rfind(b"Locked") :])
    terminal.send("\x03")
    check("a slow reader: it ends well", terminal.exit_code() == 0)
    terminal.shut()


def points(home):
    """In tmux the mouse, the focus and the title go through, and come back after a stop and an attach."""
    config = os.path.join(home.root, "focus.ron")
    with open(config, "w") as file:
        file.write("(screen: (hide_on_focus_lost: true))")
    session = Session(home, "pointed")
    session.ask("set", "-g", "focus-events", "on")
    title = session.ask("display-message", "-p", "#{pane_title}")
    session.start("--config", config, "--passphrase-file", home.passphrase_file)
    session.must_see("2 accounts", 60)
    state = lambda: session.ask("display-message", "-p", "#{mouse_any_flag} #{pane_title}").strip()
    check("pointed: the mouse and the title are taken", wait(lambda: state() == "1 twolock"), state())

    def click(text):
        rows = session.screen().splitlines()
        row = next(index for index, line in enumerate(rows) if text in line)
        session.outer.send(f"\x1b[<0;{rows[row].index(text) + 1};{row + 1}M\x1b[<0;{rows[row].index(text) + 1};{row + 1}m")

    click("Counter")
    session.sees("\N{BLACK RIGHT-POINTING SMALL TRIANGLE}2")
    click("GitHub")
    click("/ search")
    session.sees("2 of 2")
    session.keys("Escape")
    time.sleep(0.6)
    session.outer.send("\x1b[O")
    session.sees("Hidden while this window has no focus")
    check("pointed: nothing of the vault can be seen", "GitHub" not in session.screen(), session.screen())
    session.outer.send("\x1b[I")
    session.sees("GitHub")
    session.keys("C-z")
    session.sees("Stopped")
    check("pointed: a stopped one leaves the mouse and the title", wait(lambda: state() == f"0 {title.strip()}"), state())
    session.type("fg; echo ended $?")
    session.keys("Enter")
    session.must_see("2 accounts")
    check("pointed: both are taken again", wait(lambda: state() == "1 twolock"), state())
    session.ask("detach-client")
    session.outer.close()
    session.outer = Terminal([*session.tmux, "attach"], home.environment(), 25, 80)
    check("pointed: attached again it is drawn", session.outer.wait_for(rb"GitHub"), repr(session.outer.bytes()[-300:]))
    click("Counter")
    session.sees("\N{BLACK RIGHT-POINTING SMALL TRIANGLE}2")
    session.right_code("GitHub")
    session.keys("L")
    session.must_see("Locked")
    check("pointed: the title says that it is locked", wait(lambda: state() == "0 twolock, locked"), state())
    session.keys("C-c")
    session.given_back()
    check("pointed: the title is back", state() == f"0 {title.strip()}", state())
    session.close()


def forbids():
    """On a disk that takes nothing the vault opens, and codes that need no saving are shown; others are not."""
    if os.geteuid() != 0:
        print("a disk that is only read: not measured, that needs root")
        return
    root = tempfile.mkdtemp(prefix="twolock-read-only.")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=700", "tmpfs", root], stderr=subprocess.DEVNULL)
    if mounted.returncode:
        print("a disk that is only read: not measured, nothing can be mounted here")
        os.rmdir(root)
        return
    try:
        home = Home(root)
        fill(home)
        subprocess.run(["mount", "-o", "remount,ro", root], check=True)
        begin = time.time()
        done = home.run("code", "GitHub")
        good = done.stdout.decode().strip() in {totp(SECRET, begin), totp(SECRET, time.time())}
        check("read only: a code is shown", done.returncode == 0 and good, f"{done}")
        done = home.run("code", "Counter")
        check("read only: no code that counts is shown", done.returncode != 0 and not done.stdout, f"{done}")
        check("read only: it is said why", b"ead-only" in done.stderr, f"{done.stderr}")
        done = home.run("add", "More", "--from", "-", stdin="A" * 32 + "\n")
        check("read only: adding fails and says why", done.returncode != 0 and b"ead-only" in done.stderr, f"{done}")
        terminal = Terminal(home.command(), home.environment())
        check("read only: the list opens", terminal.wait_for(rb"GitHub", 60), repr(terminal.bytes()[-300:]))
        terminal.send("j ")
        check("read only: the list says that it cannot save", terminal.wait_for(rb"save"), repr(terminal.bytes()[-600:]))
        code = hotp(COUNTED, 5)
        shown = f"{code[:3]} {code[3:]}".encode() in terminal.bytes()
        check("read only: the list shows no code that counts", not shown)
        terminal.send("q")
        ended = terminal.exit_code()
        check("read only: the list ends", ended == 0, f"{ended}")
        terminal.shut()
        subprocess.run(["mount", "-o", "remount,rw", root], check=True)
        again = home.must(home.run("code", "Counter")).stdout.decode().strip()
        check("written again: the counter is where it was", again == code, again)
    finally:
        subprocess.run(["umount", root], check=True)
        os.rmdir(root)


for part in (closes, stops, lacks, floods, answers, crawls, points):
    if not sys.argv[1:] or part.__name__ in sys.argv:
        with Home() as home:
            fill(home)
            part(home)
if not sys.argv[1:] or "forbids" in sys.argv:
    forbids()
finish()
