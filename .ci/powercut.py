#!/usr/bin/env python3
"""The power is cut at every moment of a save, and the disk keeps only what it must.

A clean run is recorded with all it wrote. Then the disks are built that a cut may leave after each of its calls: names
that were changed since their folder was synced may be there or not, in any order; what was written since its file was
synced may be missing, zeros, or half there. Each of these disks must open with the old or the new content, a code that
was shown must never come again, and after the end of the run nothing but the new content will do. What is not modelled:
a disk that lies about being synced, and sectors that break inside of what was synced.
"""

import itertools
import os
import re
import shutil
import signal
import sys
from types import SimpleNamespace

from crash import MORE, VERBS, litter
from outside import Home, check, finish, program

CALLS = "openat,write,pwrite64,ftruncate,copy_file_range,sendfile,fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,mmap"
LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (\d+)")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
OPEN = re.compile(r"(\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")
# More un-synced names than this at once are tried one by one and all but one, not in every choice.
CHOICES = 5


def unescape(text):
    return bytes.fromhex(text.replace("\\x", ""))


class File:
    """What a file holds, and what of that would be there after a cut."""

    def __init__(self, data=b"", synced=None):
        self.data, self.synced = data, synced if synced is not None else b""


class Disk:
    """Files and names, each with what is safe of it."""

    def __init__(self, tops):
        self.folders, self.names, self.pending = set(), {}, []
        for top in tops:
            for folder, _, files in os.walk(top):
                self.folders.add(folder)
                for name in files:
                    path = os.path.join(folder, name)
                    with open(path, "rb") as file:
                        data = file.read()
                    self.names[path] = File(data, data)
        self.safe = dict(self.names)

    def change(self, sets):
        """Sets names to files, or to nothing, in one step that may or may not survive."""
        for path, file in sets:
            self.put(self.names, path, file)
        self.pending.append(sets)

    @staticmethod
    def put(names, path, file):
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file

    def sync_folder(self, folder):
        """Makes the names in a folder safe; a step that touches it is safe as a whole."""
        kept = []
        for sets in self.pending:
            if any(os.path.dirname(path) == folder for path, _ in sets):
                for path, file in sets:
                    self.put(self.safe, path, file)
            else:
                kept.append(sets)
        self.pending = kept

    def disks(self):
        """Returns what may be there after a cut: the names with their contents, each disk once."""
        count = len(self.pending)
        if count <= CHOICES:
            choices = [c for size in range(count + 1) for c in itertools.combinations(range(count), size)]
        else:
            choices = [tuple(range(end)) for end in range(count + 1)]
            choices += [(one,) for one in range(count)]
            choices += [tuple(i for i in range(count) if i != one) for one in range(count)]
        found = {}
        for choice in choices:
            names = dict(self.safe)
            for index in choice:
                for path, file in self.pending[index]:
                    self.put(names, path, file)
            for kept in (
                lambda file: file.synced,
                lambda file: file.data,
                lambda file: file.synced + bytes(max(len(file.data) - len(file.synced), 0)),
                lambda file: file.data[: len(file.data) // 2] if file.data != file.synced else file.data,
            ):
                disk = {path: kept(file) for path, file in names.items()}
                found[tuple(sorted(disk.items()))] = disk
        return list(found.values())


def record(verb, home):
    """Runs the verb; returns its end, and the calls that touch the disk or say something."""
    trace = os.path.join(home.root, "trace")
    before = ["strace", "-f", "-y", "-qq", "-xx", "-s", "16777216", "-e", f"trace={CALLS}", "-o", trace]
    done = verb.run(home, before=before)
    if done.returncode:
        sys.exit(f"{verb.name} fails under strace: {done.stderr.decode(errors='replace')}")
    calls, begun = [], {}
    with open(trace) as file:
        for line in file:
            thread = line.split()[0]
            if line.rstrip().endswith("<unfinished ...>"):
                begun[thread] = line.rstrip().removesuffix("<unfinished ...>").rstrip()
                continue
            resumed = re.match(r"^\d+ +<\.\.\. \w+ resumed>(.*)$", line)
            if resumed:
                line = begun.pop(thread) + resumed[1]
            match = LINE.match(line)
            if match:
                calls.append((match[1], match[2], int(match[3]), line.rstrip()))
    return done, calls


def apply(disk, tops, call, arguments, result, line):
    """Does one call to the model of the disk; returns whether it changed anything, and what was said to the user."""
    texts = TEXT.findall(arguments)
    if any(cut for _, cut in texts):
        sys.exit("a write was recorded in part only")
    texts = [unescape(text) for text, _ in texts]
    opened = [(number, unescape(path).decode()) for number, path in OPEN.findall(arguments)]

    def ours(path):
        return any(path == top or path.startswith(top + "/") for top in tops)

    def named(index, base=0):
        path = texts[index].decode()
        if not os.path.isabs(path):
            # A path that is relative to a folder stands behind the descriptor of that folder.
            path = os.path.join(opened[min(base, len(opened) - 1)][1] if opened else home_of(tops), path)
        return os.path.normpath(path)

    if call == "write" and arguments.startswith("1<"):
        return False, texts[0]
    if call == "openat" and ("O_CREAT" in arguments or "O_TRUNC" in arguments):
        path = unescape(OPEN.findall(line[line.rindex(" = ") :])[0][1]).decode()
        if not ours(path):
            return False, b""
        if path not in disk.names:
            disk.change([(path, File())])
        elif "O_TRUNC" in arguments:
            disk.names[path].data = b""
        return True, b""
    if call in ("write", "pwrite64", "ftruncate", "copy_file_range", "sendfile", "mmap"):
        path = opened[-1 if call == "copy_file_range" else 0][1] if opened else ""
        if not ours(path):
            return False, b""
        if call == "mmap":
            if "MAP_SHARED" in arguments and "PROT_WRITE" in arguments:
                sys.exit("a file is written through memory: not modelled")
            return False, b""
        file = disk.names[path]
        if call == "write":
            file.data += texts[0][:result]
        elif call == "ftruncate":
            size = int(arguments.rsplit(",", 1)[1])
            file.data = file.data[:size].ljust(size, b"\0")
        else:
            sys.exit(f"{call} is not modelled")
        return True, b""
    if call in ("fsync", "fdatasync"):
        path = opened[0][1]
        if not ours(path):
            return False, b""
        if path in disk.names:
            disk.names[path].synced = disk.names[path].data
        else:
            disk.sync_folder(path)
        return True, b""
    if call in ("link", "linkat", "rename", "renameat", "renameat2"):
        source, target = named(0, 0), named(1, 1)
        if not (ours(source) or ours(target)):
            return False, b""
        if "RENAME_EXCHANGE" in arguments or source not in disk.names:
            sys.exit(f"{call} of {source} is not modelled")
        away = [] if call.startswith("link") else [(source, None)]
        disk.change([(target, disk.names[source]), *away])
        return True, b""
    if call in ("unlink", "unlinkat", "rmdir"):
        path = named(0)
        if ours(path) and path in disk.names:
            disk.change([(path, None)])
            return True, b""
    if call in ("mkdir", "mkdirat") and ours(named(0)):
        # An empty folder holds nothing to lose, so its own name is taken for safe.
        disk.folders.add(named(0))
    return False, b""


def home_of(tops):
    return os.path.dirname(tops[0])


def lay_out(tops, folders, disk):
    """Makes the disk as it is after the cut."""
    for top in tops:
        shutil.rmtree(top, ignore_errors=True)
    for folder in sorted(folders):
        os.makedirs(folder, 0o700, exist_ok=True)
        os.chmod(folder, 0o700)
    for path, data in disk.items():
        with open(path, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)


def cut(verb):
    """Cuts the power after each call of a verb, and judges every disk that this may leave."""
    with Home() as home:
        verb.prepare(home)
        tops = (home.vault, home.state)
        disk, careless = Disk(tops), Disk(tops)
        _, calls = record(verb, home)
        for call, arguments, result, line in calls:
            if "sync" not in call:
                apply(careless, tops, call, arguments, result, line)
        kept = [os.path.join(home.vault, name) for name in ("identity.age", "vault.age")]
        lost = any(not left.get(path) for left in careless.disks() for path in kept)
        check(f"{verb.name}: without its syncs it could have lost the vault", lost)
        said, cuts, seen = b"", [("before it begins", disk.disks(), set(disk.folders), b"")], set()
        for number, (call, arguments, result, line) in enumerate(calls, 1):
            changed, more = apply(disk, tops, call, arguments, result, line)
            said += more
            if changed or more:
                cuts.append((f"after call {number}, {call}", disk.disks(), set(disk.folders), said))
        count = 0
        for index, (when, disks, folders, said) in enumerate(cuts):
            ended = index == len(cuts) - 1
            for left in disks:
                key = (tuple(sorted(left.items())), said, ended)
                if key in seen:
                    continue
                seen.add(key)
                count += 1
                lay_out(tops, folders, left)
                code = 0 if ended else -signal.SIGKILL
                good = verb.judge(home, SimpleNamespace(returncode=code, stdout=said), not ended)
                held = {os.path.relpath(path, home.root): len(data) for path, data in left.items()}
                if check(f"{verb.name}, {when}: old or new", good is True, f"{good}; {held}"):
                    good = verb.again(home)
                    check(f"{verb.name}, {when}: the next try goes through", good is True, f"{good}; {held}")
                    check(f"{verb.name}, {when}: and cleans up", not litter(home), f"{litter(home)}; {held}")
        check(f"{verb.name}: there was something to cut", count > 10, f"{count}")
        print(f"{verb.name}: {len(cuts)} moments, {count} disks", flush=True)


program()
for chosen in VERBS + MORE:
    if not sys.argv[1:] or chosen.name in sys.argv:
        cut(chosen)
finish()
