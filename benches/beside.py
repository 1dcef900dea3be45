#!/usr/bin/env python3
"""Times the import of 10,000 accounts beside cotp: processor seconds of the whole call, user and system, medians.

    benches/beside.py TWOLOCK COTP FILE [ROUNDS]

FILE is what `cargo bench --bench import -- FILE` writes. The programs take turns, so that whatever else the computer
does weighs on both. cotp takes a new password from nowhere but a terminal, so it gets one.
"""

import json
import os
import pty
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

PASSPHRASE = "correct horse battery staple"


def spent(act):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def twolock(program, home, work, file):
    """Returns the call that imports into a vault that was made for it."""
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)
    with open(f"{home}/passphrase", "w") as out:
        out.write(PASSPHRASE)
    env = {"HOME": home, "TWOLOCK_PASSPHRASE_FILE": f"{home}/passphrase", "PATH": "/usr/bin:/bin"}
    run = lambda *words: subprocess.run([program, "--quiet", *words], env=env, check=True, stdout=subprocess.DEVNULL)
    run("init", "--work-factor", str(work))
    return lambda: run("import", "--yes", file)


def cotp(program, home, file):
    """Returns the call that imports into a database that is new."""
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)

    def call():
        child, terminal = pty.fork()
        if child == 0:
            os.environ["HOME"] = home
            os.execv(program, [program, "-d", f"{home}/db.cotp", "import", "--aegis", "-p", file])
        seen, answered = b"", 0
        while True:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
            while seen.lower().count(b"password") > answered and answered < 2 and seen.rstrip().endswith(b":"):
                os.write(terminal, PASSPHRASE.encode() + b"\n")
                answered += 1
        _, status = os.waitpid(child, 0)
        if status != 0 or not os.path.exists(f"{home}/db.cotp"):
            sys.exit(f"cotp failed ({status}): {seen.decode(errors='replace')}")

    return call


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    program, other, file = (os.path.abspath(path) for path in sys.argv[1:4])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 7
    with tempfile.TemporaryDirectory() as temp:
        single = json.load(open(file))
        single["db"]["entries"] = single["db"]["entries"][:1]
        one = f"{temp}/one.json"
        json.dump(single, open(one, "w"))
        rows = {
            "twolock, work factor 18": lambda file: twolock(program, f"{temp}/home", 18, file),
            "twolock, work factor 10": lambda file: twolock(program, f"{temp}/home", 10, file),
            "cotp": lambda file: cotp(other, f"{temp}/home", file),
        }
        times = {(name, path): [] for name in rows for path in (one, file)}
        for _ in range(rounds):
            for (name, path), seen in times.items():
                seen.append(spent(rows[name](path)))
        print("| | one account | all of them | what they cost beyond one |\n| --- | --- | --- | --- |")
        for name in rows:
            few, many = (statistics.median(times[name, path]) for path in (one, file))
            print(f"| {name} | {few:.3f} | {many:.3f} | {many - few:.3f} |")


main()
