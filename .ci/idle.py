#!/usr/bin/env python3
"""Counts what an idle screen sends: a list of 16 accounts at 80x24, then a locked one.

The median second may cost 300 bytes, which is nothing over SSH; a locked vault sends nothing at all.
"""

import base64
import hashlib
import statistics
import time

from outside import Home, Terminal, check, finish

SECONDS = 32  # a change of codes lies inside
MOST = 300


def per_second(terminal, seconds):
    """Returns the bytes of each of the coming seconds."""
    begin = time.monotonic()
    before = len(terminal.chunks)
    time.sleep(seconds)
    counts = [0] * seconds
    for moment, data in list(terminal.chunks)[before:]:
        index = int(moment - begin)
        if 0 <= index < seconds:
            counts[index] += len(data)
    return counts


with Home() as home:
    home.init()
    for number in range(16):
        secret = base64.b32encode(hashlib.sha256(str(number).encode()).digest()[:20]).decode()
        home.add(f"Service {number:02}", secret, "--account", f"user{number}@example.com")
    terminal = Terminal(home.command(), home.environment())
    if check("the list is drawn", terminal.wait_for(rb"Service"), repr(terminal.bytes()[-300:])):
        time.sleep(2)
        counts = per_second(terminal, SECONDS)
        median, mean = statistics.median(counts), statistics.mean(counts)
        print(f"idle list: median {median:.0f}, mean {mean:.0f}, most {max(counts)} bytes a second")
        check(f"the median second costs {MOST} bytes or less", median <= MOST, f"{median}")
        check("the list is alive", sum(counts) > 0)
        terminal.send("L")
        check("it locks", terminal.wait_for(rb"Locked"))
        time.sleep(2)
        counts = per_second(terminal, 10)
        check("a locked screen sends nothing", sum(counts) == 0, f"{counts}")
    terminal.close()
finish()
