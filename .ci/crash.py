#!/usr/bin/env python3
"""A save is killed, failed, cut short, starved of space and raced; nothing may be lost.

A clean run under strace names the system calls that touch the vault or its state. Then the same run is repeated once
for each of them: killed on entry, failed with each error that this call may really give, and, if it writes a part of the
vault, not done though it says so. The vault must then open with exactly the old or the new content; exit code 0 promises
the new one; a program that was not killed leaves nothing lying about; and the next run goes through and cleans up. Needs
root, since the program lets nobody else trace it.
"""

import collections
import concurrent.futures
import json
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

from outside import CODE, SECRET, Home, Session, check, finish, hotp, program, wait

OLD = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NEW = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
KNOWN = re.compile(r"(vault|identity)\.age|lock|backups(/(vault|identity)-\d+\.age)?")
# What undo remembers is numbers only; if it is killed while it writes them, its unfinished file stays.
STATE = re.compile(r"state\.ron|undo-[0-9a-f-]+\.json|\.twolock-\w{6}")

# What a call may really answer. Everything else is only killed.
ERRORS = {
    "chmod": ["EPERM"],
    "close": ["EIO"],
    "copy_file_range": ["EIO", "EXDEV"],
    "fchmod": ["EPERM"],
    "fdatasync": ["EIO", "ENOSPC"],
    "flock": ["EINTR", "ENOLCK"],
    "fsync": ["EIO", "ENOSPC"],
    "ftruncate": ["EIO"],
    "getdents64": ["EIO"],
    "link": ["EPERM", "ENOSPC", "EMLINK"],
    "linkat": ["EPERM", "ENOSPC", "EMLINK"],
    "lseek": ["EINVAL"],
    "mkdir": ["EACCES", "ENOSPC"],
    "mkdirat": ["EACCES", "ENOSPC"],
    "openat": ["EACCES", "EMFILE", "ENOSPC", "EROFS"],
    "pread64": ["EIO"],
    "read": ["EINTR", "EIO"],
    "rename": ["EACCES", "EIO", "EROFS"],
    "renameat": ["EACCES", "EIO", "EROFS"],
    "renameat2": ["EACCES", "EIO", "EROFS"],
    "sendfile": ["EIO"],
    "unlink": ["EACCES"],
    "unlinkat": ["EACCES"],
    "write": ["EINTR", "EDQUOT", "EIO", "ENOSPC"],
}

FILE = re.compile(r"(\.age|\.ron|\.tmp|lock)>")
LINE = re.compile(r"^(\d+)\s+(\w+)\((.*)$")


class Verb:
    """One command to be hindered, and how to judge what it left behind."""

    def __init__(self, name, prepare, run, judge, again):
        self.name, self.prepare, self.run, self.judge, self.again = name, prepare, run, judge, again


def names(home):
    """Returns the names of the accounts, or what the program says of a vault that does not open."""
    done = home.run("list", "--json")
    if done.returncode:
        return f"exit {done.returncode}: {done.stderr.decode(errors='replace').strip()}"
    return sorted(account.get("name") or account.get("issuer") for account in json.loads(done.stdout)["accounts"])


def litter(home):
    """Returns the files that do not belong to a vault at rest."""
    found = []
    for folder, folders, files in os.walk(home.vault):
        for name in folders + files:
            path = os.path.relpath(os.path.join(folder, name), home.vault)
            if not KNOWN.fullmatch(path):
                found.append(path)
    state = os.path.join(home.state, "twolock")
    if os.path.isdir(state):
        found += [f"state: {name}" for name in os.listdir(state) if not STATE.fullmatch(name)]
    return found


def exposed(home):
    """Returns what others could read: open modes, and secrets or names in the clear."""
    found = []
    for top in (home.vault, home.state):
        for folder, _, files in os.walk(top):
            for name in files:
                path = os.path.join(folder, name)
                if stat.S_IMODE(os.lstat(path).st_mode) & 0o077:
                    found.append(f"{name} is {stat.S_IMODE(os.lstat(path).st_mode):o}")
                with open(path, "rb") as file:
                    data = file.read()
                found += [f"{word} in {name}" for word in (OLD, NEW, "Oldest", "Newest") if word.encode() in data]
    return found


def with_old(home):
    home.init()
    home.add("Oldest", OLD)


def with_counter(home):
    home.init()
    home.add("Counter", OLD, "--hotp", "3")


def add_new(home, passphrase="passphrase", **options):
    file = os.path.join(home.root, passphrase)
    return home.run("add", "Newest", "--from", "-", "--passphrase-file", file, stdin=NEW + "\n", **options)


def judge_add(home, done, killed):
    """Old or new; 0 means new."""
    found = names(home)
    if done.returncode == 0:
        return found == ["Newest", "Oldest"] or f"exit 0, but {found}"
    return found in (["Oldest"], ["Newest", "Oldest"]) or f"exit {done.returncode}, then {found}"


def again_add(home):
    """The next try saves what is not there yet, or says that it is."""
    done = add_new(home)
    found = names(home)
    good = done.returncode in (0, 11) and found == ["Newest", "Oldest"]
    return good or f"exit {done.returncode}: {done.stderr.decode(errors='replace').strip()}; {found}"


def with_both(home):
    with_old(home)
    home.must(add_new(home))


def old_or_new(old, new):
    """Returns a judge of names: the old or the new ones, and the new ones if the exit code is 0."""

    def judge(home, done, killed):
        found = names(home)
        if done.returncode == 0:
            return found == new or f"exit 0, but {found}"
        return found in (old, new) or f"exit {done.returncode}, then {found}"

    return judge


def until(new, run):
    """Returns the next try: it is made only if the change is not there yet."""

    def again(home):
        if names(home) == new:
            return True
        done = run(home)
        return done.returncode == 0 and names(home) == new or f"{done.stderr.decode(errors='replace')}; {names(home)}"

    return again


def verb(name, prepare, old, new, *arguments):
    """Returns a verb that turns some names into others."""
    run = lambda home, **options: home.run(*arguments, **options)
    return Verb(name, prepare, run, old_or_new(old, new), until(new, run))


def with_import(home):
    with_old(home)
    with open(os.path.join(home.root, "links.txt"), "w") as file:
        file.write(f"otpauth://totp/Newest:me?secret={NEW}&issuer=Newest\n")


def with_second(home):
    with_old(home)
    with open(os.path.join(home.root, "second"), "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write("second-passphrase-77\n")


def passwd(home, **options):
    return home.run("passwd", "--new-passphrase-file", "second", "--work-factor", "10", **options)


def rotate(home, passphrase="passphrase", **options):
    file = os.path.join(home.root, passphrase)
    new = ["--new-passphrase-file", "second", "--work-factor", "10"]
    return home.run("passwd", "--rotate", *new, "--passphrase-file", file, **options)


def judge_rotate(home, done, killed):
    """Exactly one of the two opens it and every copy of it; 0 means the new one."""
    opens = judge_passwd(home, done, killed)
    if opens is not True:
        return opens
    which = next(which for which in ("passphrase", "second") if opens_with(home, which))
    file = os.path.join(home.root, which)
    for name in os.listdir(os.path.join(home.vault, "backups")):
        if name.startswith("vault-"):
            generation = str(int(name[len("vault-") : len("vault-") + 8]))
            shown = home.run("restore", generation, "--dry-run", "--passphrase-file", file)
            if shown.returncode:
                return f"copy {generation} does not open: {shown.stderr.decode(errors='replace').strip()}"
    return True


def again_rotate(home):
    """The next try goes through whichever passphrase is the right one, and the next save cleans up."""
    which = "second" if opens_with(home, "second") else "passphrase"
    done = rotate(home, which)
    if done.returncode or not opens_with(home, "second"):
        return f"the next try fails: {done.stderr.decode(errors='replace').strip()}"
    done = add_new(home, passphrase="second")
    return done.returncode == 0 or done.stderr.decode(errors="replace").strip()


def opens_with(home, which):
    """Says whether the vault opens with that passphrase and has its account."""
    done = home.run("list", "--json", "--passphrase-file", os.path.join(home.root, which))
    return done.returncode == 0 and b"Oldest" in done.stdout


def judge_passwd(home, done, killed):
    """Exactly one of the two opens it; 0 means the new one."""
    opens = [which for which in ("passphrase", "second") if opens_with(home, which)]
    if done.returncode == 0:
        return opens == ["second"] or f"exit 0, and it opens with {opens}"
    return len(opens) == 1 or f"exit {done.returncode}, and it opens with {opens}"


def again_passwd(home):
    """The next try goes through, and the next save cleans up."""
    if not opens_with(home, "second"):
        passwd(home)
    if not opens_with(home, "second"):
        return "the new passphrase does not open it"
    done = add_new(home, passphrase="second")
    return done.returncode == 0 or done.stderr.decode(errors="replace").strip()


def judge_init(home, done, killed):
    """Exit code 0 means an empty vault that opens."""
    return done.returncode != 0 or names(home) == [] or f"exit 0, but {names(home)}"


def again_init(home):
    """Whatever was left, the next start ends in a vault that opens and can be saved."""
    done = home.run("init", "--work-factor", "10")
    found = names(home)
    added = add_new(home)
    good = found == [] and added.returncode == 0
    return good or f"exit {done.returncode}: {done.stderr.decode(errors='replace').strip()}; {found}, {added.stderr}"


def judge_code(home, done, killed):
    """A code that was printed is never printed again, and 0 means that one was printed."""
    shown = done.stdout.decode().strip()
    if done.returncode == 0 and not shown:
        return "exit 0 without a code"
    after = home.run("code", "Counter").stdout.decode().strip()
    possible = [hotp(OLD, counter) for counter in range(3, 6)]
    if after not in possible:
        return f"then the code was {after!r}"
    return not shown or possible.index(after) > possible.index(shown) or f"{shown} was shown twice"


def again_code(home):
    done = home.run("code", "Counter")
    return done.returncode == 0 or done.stderr.decode(errors="replace").strip()


# Each of these saves in a way of its own; `edit`, `rm`, `import`, `undo` and `restore` share theirs with `add`.
VERBS = [
    Verb("add", with_old, add_new, judge_add, again_add),
    Verb("code", with_counter, lambda home, **options: home.run("code", "Counter", **options), judge_code, again_code),
    Verb(
        "init",
        lambda home: None,
        lambda home, **options: home.run("init", "--work-factor", "10", **options),
        judge_init,
        again_init,
    ),
    Verb("passwd", with_second, passwd, judge_passwd, again_passwd),
    Verb("passwd --rotate", with_second, rotate, judge_rotate, again_rotate),
]

# These are killed everywhere, and fail where something is written or moved.
MORE = [
    verb("edit", with_old, ["Oldest"], ["Newest"], "edit", "Oldest", "--name", "Newest"),
    verb("import", with_import, ["Oldest"], ["Newest", "Oldest"], "import", "--yes", "links.txt"),
    verb("restore", with_both, ["Newest", "Oldest"], ["Oldest"], "restore", "2"),
    verb("rm", with_both, ["Newest", "Oldest"], ["Newest"], "rm", "Oldest"),
    verb("undo", with_both, ["Newest", "Oldest"], ["Oldest"], "undo"),
]
MOST = ("fsync", "rename", "write")


def points(verb):
    """Returns the calls of a clean run that touch the vault or its state: (call, which one of its name), and the trace."""
    with Home() as home:
        verb.prepare(home)
        trace = os.path.join(home.root, "trace")
        done = verb.run(home, before=["strace", "-f", "-y", "-qq", "-s", "0", "-o", trace])
        if done.returncode:
            sys.exit(f"{verb.name} fails under strace: {done.stderr.decode(errors='replace')}")
        counts, found, kept = collections.Counter(), [], []
        with open(trace, errors="replace") as file:
            for line in file:
                match = LINE.match(line)
                if not match or "resumed>" in line[:40]:
                    continue
                thread, call, arguments = match.groups()
                counts[thread, call] += 1
                if home.vault in arguments or home.state in arguments:
                    found.append((call, counts[thread, call]))
                    kept.append((call, arguments.replace(home.root, "")))
        return found, kept


def hindered(verb, what, **options):
    """Runs the verb once, hindered, and judges what is left."""
    with Home() as home:
        verb.prepare(home)
        try:
            done = verb.run(home, **options)
        except subprocess.TimeoutExpired:
            check(f"{verb.name} {what}", False, "it hangs")
            return
        verdict(verb, what, home, done)


def verdict(verb, what, home, done):
    killed = done.returncode < 0 or done.returncode in (128 + signal.SIGKILL, 128 + signal.SIGXFSZ)
    told = done.stderr.decode(errors="replace")
    name = f"{verb.name} {what}"
    check(f"{name}: does not panic", "panicked" not in told and done.returncode != 101, told)
    # What could not be deleted has to stay until the next time.
    if not killed and not what.startswith("unlink"):
        check(f"{name}: leaves nothing about", not litter(home), f"exit {done.returncode}: {litter(home)} {told.strip()}")
    if not killed and done.returncode:
        check(f"{name}: says why it failed", told.strip() != "", f"exit {done.returncode}")
    check(f"{name}: leaks nothing", not exposed(home), f"{exposed(home)}")
    good = verb.judge(home, done, killed)
    check(f"{name}: keeps the old or has the new", good is True, f"{good}")
    good = verb.again(home)
    check(f"{name}: goes through the next time", good is True, f"{good}")
    check(f"{name}: is clean after that", not litter(home), f"{litter(home)}")


def system_calls(pool):
    """Kills and fails every call that touches the vault."""
    jobs = []
    for verb in VERBS + MORE:
        found, kept = points(verb)
        check(f"{verb.name} touches the vault", len(found) > 3, f"{found}")
        order(verb, kept)
        print(f"{verb.name}: {len(found)} calls touch the vault", flush=True)
        count = 0
        for (call, number), (_, arguments) in zip(found, kept):
            errors = ERRORS.get(call, []) if verb in VERBS or call in MOST else []
            if call == "close" and not FILE.search(arguments):
                # Closing a folder writes nothing, so it cannot fail; Rust's library ends a program where it does.
                errors = []
            # A disk that says it wrote and did not: only who reads it back knows.
            size = re.search(r"= (\d+)$", arguments.strip())
            writes = call == "write" and re.match(r"\d+</vault/.*\.tmp>", arguments)
            lies = ["retval=64"] if writes and size and int(size[1]) > 64 else []
            for fault in ["signal=KILL"] + [f"error={error}" for error in errors] + lies:
                before = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
                before += ["-e", f"inject={call}:{fault}:when={number}"]
                count += fault in lies
                jobs.append(pool.submit(hindered, verb, f"{call} {number} {fault}", before=before))
        check(f"{verb.name} writes what it could lose", count > 0)
    for job in jobs:
        job.result()


def order(verb, calls):
    """What is moved into place was synced before, and its folder is synced after: else a cut of power loses it."""
    moved = [
        (index, paths[0])
        for index, (call, arguments) in enumerate(calls)
        if re.match("rename|link", call)
        for paths in [re.findall(r'"([^"]+)"', arguments)]
        if len(paths) == 2 and paths[1].endswith("/identity.age" if verb.name == "passwd" else "/vault.age")
    ]
    check(f"{verb.name} moves the file into place", len(moved) == 1, f"{moved}")
    for index, source in moved:
        name = os.path.basename(source)
        synced = [arguments for call, arguments in calls[:index] if call in ("fsync", "fdatasync")]
        check(f"{verb.name} syncs the new file first", any(name in text for text in synced), f"{synced}")
        after = [arguments for call, arguments in calls[index:] if call == "fsync"]
        check(f"{verb.name} syncs the folder afterwards", any("/vault>" in text for text in after), f"{after}")


def short_writes(pool):
    """Lets no file grow beyond a size: real short writes, once with the signal that kills, once without."""
    with Home() as home:
        with_old(home)
        size = os.path.getsize(os.path.join(home.vault, "vault.age"))
    sizes = sorted({0, 1, 63, size - 1, size, size + 1, *range(0, size + 1024, max(size // 12, 1))})

    def limit(most, ignored):
        def prepare():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

        return prepare

    jobs = [
        pool.submit(
            hindered,
            VERBS[0],
            f"files of {most} bytes, {'error' if ignored else 'signal'}",
            preexec_fn=limit(most, ignored),
            restore_signals=False,
        )
        for most in sizes
        for ignored in (False, True)
    ]
    for job in jobs:
        job.result()


def few_files(pool):
    """Lets no more than so many files be open: where it is too few, that is said, and nothing is lost."""

    def limit(most):
        return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    jobs = [
        pool.submit(hindered, verb, f"{most} open files", preexec_fn=limit(most))
        for most in range(4, 14)
        for verb in VERBS
    ]
    for job in jobs:
        job.result()


def list_and_verbs():
    """The list is open and saves, while programs beside it save too: nobody loses anything."""
    with Home() as home:
        with_old(home)
        home.add("Aa Counter", NEW, "--hotp", "0")
        home.must(home.run("edit", "Aa Counter", "--pin"))
        session = Session(home, "beside")
        session.start("--passphrase-file", home.passphrase_file)
        session.must_see("2 accounts", 60)
        letters = "ABCDEFGH"
        running, shown = [], set()

        def look():
            row = next((line for line in session.screen().splitlines() if "Aa Counter" in line), "")
            shown.update("".join(found) for found in CODE.findall(row))

        for letter in letters:
            process = subprocess.Popen(
                home.command("add", f"Beside {letter}", "--from", "-"),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=home.environment(),
            )
            process.stdin.write((letter * 8 + SECRET[8:] + "\n").encode())
            process.stdin.close()
            process.stdin = None
            running.append(process)
            # A code that counts is asked for in the list: that saves, whatever the list has of the others by then.
            session.keys("Space")
            look()
        for process, letter in zip(running, letters):
            told = process.communicate(timeout=120)[1]
            check(f"beside the list, {letter} saved", process.returncode == 0, told.decode(errors="replace"))
        wait(lambda: look() or shown)
        check("the list gave a code that counts", bool(shown), session.screen())
        session.sees(f"{len(letters) + 2} accounts")
        session.keys("q")
        session.sees("ended 0")
        session.close()
        given = [counter for counter in range(50) if hotp(NEW, counter) in shown]
        check("every code that it gave was the account's", len(given) == len(shown), f"{given} {shown}")
        after = home.must(home.run("code", "Aa Counter")).stdout.decode().strip()
        later = {hotp(NEW, counter) for counter in range(max(given, default=0) + 1, 50)}
        check("no code that counts comes again", after in later - shown, f"{after}, {given}")
        expected = sorted(["Oldest", "Aa Counter", *(f"Beside {letter}" for letter in letters)])
        check("the list and the verbs lose nothing", names(home) == expected, f"{names(home)}")
        check("the list and the verbs leave nothing about", not litter(home), f"{litter(home)}")


def full_disk():
    """Puts the vault on a small file system that has a few pages left, or none."""
    for pages in range(6):
        root = tempfile.mkdtemp(prefix="twolock-full.")
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", root], stderr=subprocess.DEVNULL
        )
        if mounted.returncode:
            print("full disk: not measured, nothing can be mounted here")
            os.rmdir(root)
            return
        try:
            home = Home(root)
            with_old(home)
            space = os.statvfs(root)
            used = (space.f_blocks - space.f_bfree + pages) * space.f_frsize
            subprocess.run(["mount", "-o", f"remount,size={used}", root], check=True)
            done = add_new(home)
            name = f"{pages} pages left"
            check(f"{name}: does not panic", done.returncode != 101, done.stderr.decode(errors="replace"))
            check(f"{name}: leaves nothing about", not litter(home), f"{litter(home)}")
            good = judge_add(home, done, False)
            check(f"{name}: keeps the old or has the new", good is True, f"{good}")
            code = home.run("code", "Oldest")
            check(f"{name}: still shows codes", code.returncode == 0, code.stderr.decode(errors="replace"))
            subprocess.run(["mount", "-o", "remount,size=64m", root], check=True)
            good = again_add(home)
            check(f"{name}: goes through when there is room", good is True, f"{good}")
        finally:
            subprocess.run(["umount", root], check=True)
            shutil.rmtree(root, ignore_errors=True)


def ten_writers():
    """Ten programs add at once; all of them are told, and all of them are right."""
    with Home() as home:
        with_old(home)
        alphabet = "ABCDEFGHIJ"
        command = [home.command("add", f"Writer {letter}", "--from", "-") for letter in alphabet]
        running = [
            subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=home.environment(),
            )
            for arguments in command
        ]
        for process, letter in zip(running, alphabet):
            process.stdin.write((letter * 8 + SECRET[8:] + "\n").encode())
            process.stdin.close()
            process.stdin = None
        ended = [(process.communicate(timeout=120)[1], process.returncode) for process in running]
        for (told, code), letter in zip(ended, alphabet):
            check(f"writer {letter} saved", code == 0, told.decode(errors="replace"))
        expected = sorted(["Oldest", *(f"Writer {letter}" for letter in alphabet)])
        check("ten writers lose nothing", names(home) == expected, f"{names(home)}")
        check("ten writers leave nothing about", not litter(home), f"{litter(home)}")


def main():
    if os.geteuid() != 0:
        print("not root: system calls and the full disk are not measured")
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        program()
        for _ in range(8):
            ten_writers()
        list_and_verbs()
        short_writes(pool)
        few_files(pool)
        if os.geteuid() == 0:
            full_disk()
            system_calls(pool)
    finish()


if __name__ == "__main__":
    main()
