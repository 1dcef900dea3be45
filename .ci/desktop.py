#!/usr/bin/env python3
"""The clipboard of a desktop when the program that copied ends: on an X11 of its own, with nothing to see.

A code that was copied in the list outlives it, as that of the verb does, for as long as it would have stayed; locking
takes it away at once. Where there is no Xvfb and no xclip, it says so and checks nothing.
"""

import os
import shutil
import subprocess
import time

from outside import SECRET, Home, Terminal, check, codes_around, finish, wait


def held(display):
    """What another program would paste now."""
    env = {"DISPLAY": display, "PATH": os.environ["PATH"]}
    got = subprocess.run(["xclip", "-o", "-selection", "clipboard"], env=env, capture_output=True, timeout=20)
    return got.stdout.decode() if got.returncode == 0 else None


def becomes(display, wanted, seconds):
    """Waits until the clipboard holds one of these, `None` for nothing."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if held(display) in wanted:
            return True
        time.sleep(0.2)
    return False


def started(number):
    """An X server of that number, once it answers."""
    # No desktop is without clients for a moment; this one must not begin anew when it is.
    server = subprocess.Popen(["Xvfb", f":{number}", "-noreset", "-screen", "0", "320x200x8", "-nolisten", "tcp"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        if os.path.exists(f"/tmp/.X11-unix/X{number}"):
            return server
        if server.poll() is not None:
            break
        time.sleep(0.1)
    server.kill()
    raise RuntimeError("the X server did not start")


def opened(home, display):
    """The list, with a code just copied; the terminal, and the code."""
    terminal = Terminal(home.command(), home.environment(DISPLAY=display, TERM="xterm-256color"))
    assert terminal.wait_for(rb"Nextcloud", 60), "the vault did not open"
    begin = time.time()
    terminal.send("\r")
    assert terminal.wait_for(rb"Copied", 30), "nothing was copied"
    return terminal, codes_around(SECRET, begin, time.time())


def settings(home, text):
    """What the user set."""
    path = os.path.join(home.root, "config", "twolock")
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, "config.ron"), "w", encoding="utf-8") as file:
        file.write(f"(copy: ({text}))")


def main():
    """Runs everything."""
    if not (shutil.which("Xvfb") and shutil.which("xclip")):
        print("desktop: not checked, there is no Xvfb and xclip here")
        return
    server = started(71 + os.getpid() % 800)
    display = next(word for word in server.args if word.startswith(":"))
    try:
        with Home() as home:
            home.init()
            home.add("Nextcloud", SECRET)

            settings(home, "clear_after: 8")
            terminal, codes = opened(home, display)
            terminal.send("q")
            check("it ends at once", terminal.exit_code() == 0)
            check("the code is still there after the end", becomes(display, codes, 5))
            check("and goes when its time is over", becomes(display, [None, ""], 15))

            terminal, codes = opened(home, display)
            before = len(terminal.bytes())
            terminal.send("L")
            check("locking takes it away", becomes(display, [None, ""], 5))
            # It starts anew to lock, and a key of that moment may find no terminal that is ready for it.
            check("it asks for the passphrase", wait(lambda: b"Passphrase" in terminal.bytes()[before:], 30))
            terminal.send("\x03")
            code = terminal.exit_code()
            check("locked, it ends", code == 0, code)

            settings(home, "hold_after_quit: false")
            terminal, codes = opened(home, display)
            terminal.send("q")
            check("it ends at once", terminal.exit_code() == 0)
            check("who does not want it held finds nothing", becomes(display, [None, ""], 3))

            settings(home, "clear_after: 8")
            terminal = Terminal(home.command("copy", "nextcloud"), home.environment(DISPLAY=display))
            begin = time.time()
            check("the verb ends", terminal.exit_code(60) == 0)
            codes = codes_around(SECRET, begin, time.time())
            check("and its code is still there", becomes(display, codes, 5), repr(held(display)))
    finally:
        server.terminate()
        server.wait()
    finish()


main()
