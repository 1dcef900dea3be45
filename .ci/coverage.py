#!/usr/bin/env python3
"""Runs the tests on a build that counts, and prints which share of the lines of each module they ran.

`.ci/coverage.py`; with `--missing src/vault` also the lines below that path which none ran. Tests do not count as lines,
but what they ran counts in whichever process it was, if that ended by itself. Exits with 1 below the goals. Needs
cargo-llvm-cov and what LLVM reads the counts with: `cargo install cargo-llvm-cov --locked`, `rustup component add
llvm-tools`. The build is one of its own, so CI does not run it.
"""

import argparse
import collections
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GOALS = {"otp": 95, "vault": 95, "exchange": 95, "whole": 85}
# Counting makes the program need more memory and time than tests of both allow.
LEFT_OUT = ["bombs"]


def cargo(*words):
    # One file for each program instead of one for each of some thousand processes.
    environment = {**os.environ, "LLVM_PROFILE_FILE_NAME": "twolock-%8m.profraw"}
    return subprocess.run(["cargo", "llvm-cov", *words], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE).stdout


def measure():
    """Runs the tests; one that fails is told, and the others count all the same."""
    skip = [word for name in LEFT_OUT for word in ("--skip", name)]
    tests = ["test", "--no-report", "--locked", "--no-fail-fast", "--lib", "--test", "it"]
    try:
        os.write(2, cargo(*tests, "--", *skip))
    except subprocess.CalledProcessError as error:
        os.write(2, error.stdout)
        print("not every test passed", file=sys.stderr)


def tested():
    """Returns, for each file of `src` that is no test, the number of its line after which only tests stand."""
    texts = {}
    for folder, _, names in os.walk(os.path.join(ROOT, "src")):
        for name in names:
            with open(os.path.join(folder, name)) as file:
                texts[os.path.relpath(os.path.join(folder, name), ROOT)] = file.read()
    tests, ends = set(), {}
    for path, text in texts.items():
        # `mod x;` of `a/mod.rs` lies in `a`, that of `a/b.rs` in `a/b`, unless it says where.
        home = os.path.dirname(path) if re.search(r"/(mod|lib|main)\.rs$", path) else path.removesuffix(".rs")
        for given, name in re.findall(r'#\[cfg\(test\)\]\n(?:#\[path = "(.*)"\]\n)?(?:pub(?:\(.*\))? )?mod (\w+);', text):
            places = [os.path.join(os.path.dirname(path), given)] if given else [
                os.path.join(home, f"{name}.rs"), os.path.join(home, name, "mod.rs")]
            tests.update(places)
        inside = re.search(r"^#\[cfg\(test\)\]\nmod tests \{$", text, re.M)
        ends[path] = text.count("\n", 0, inside.start()) if inside else text.count("\n") + 1
    return {path: end for path, end in ends.items() if path not in tests}


def lines():
    """Returns, for each file, how often each of its lines ran; lines of tests are left out."""
    ends, found, name = tested(), {}, None
    for line in cargo("report", "--lcov").decode().splitlines():
        if line.startswith("SF:"):
            name = os.path.relpath(line[3:], ROOT)
            found[name] = {}
        elif line.startswith("DA:"):
            number, count = line[3:].split(",")[:2]
            if int(number) <= ends.get(name, 0):
                found[name][int(number)] = int(count)
    return {name: counts for name, counts in found.items() if counts}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--missing", metavar="PATH", action="append", default=[])
    arguments.add_argument("--again", action="store_true", help="do not run the tests, take the last counts")
    arguments = arguments.parse_args()
    if not arguments.again:
        measure()
    found = lines()
    sums = collections.defaultdict(lambda: [0, 0])
    for name, counts in found.items():
        module = os.path.splitext(name.split("/")[1])[0]
        for key in (module, "whole"):
            sums[key][0] += sum(count > 0 for count in counts.values())
            sums[key][1] += len(counts)
    below = False
    for key, (ran, all_lines) in sorted(sums.items(), key=lambda item: (item[0] == "whole", item[0])):
        share = 100 * ran / all_lines
        goal = GOALS.get(key)
        below |= goal is not None and share < goal
        print(f"{key:12}{ran:7} of {all_lines:6} lines {share:6.1f} %" + (f", goal {goal} %" if goal else ""))
    for path in arguments.missing:
        for name, counts in sorted(found.items()):
            none = [str(number) for number, count in sorted(counts.items()) if count == 0]
            if none and name.startswith(path):
                print(f"{name}: {' '.join(none)}")
    sys.exit(below)


main()
