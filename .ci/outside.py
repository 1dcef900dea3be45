"""What the outside checks share: an empty home, the program, a terminal, a tmux, and codes computed without it.

The program is the one named by TWOLOCK, else target/release/twolock. Only Python's own library is used.
"""

import base64
import fcntl
import hashlib
import hmac
import os
import pty
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

PASSPHRASE = "nettle-orbit-canvas-91"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE = re.compile(r"\b(\d{3}) (\d{3})\b")

_passed = 0
_failed = 0
_skipped = 0
_lock = threading.Lock()


def program():
    """Returns the path of the program."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = os.environ.get("TWOLOCK") or os.path.join(root, "target/release/twolock")
    if not os.access(path, os.X_OK):
        sys.exit(f"no program at {path}: build it, or name it by TWOLOCK")
    return os.path.abspath(path)


def check(name, good, detail=""):
    """Counts one check; a bad one is told at once. Returns whether it was good."""
    global _passed, _failed
    with _lock:
        if good:
            _passed += 1
        else:
            _failed += 1
            print(f"FAILED {name}" + (f": {detail}" if detail else ""), flush=True)
    return good


def skip(name, why):
    """Counts what cannot be checked on this machine, and says so."""
    global _skipped
    with _lock:
        _skipped += 1
    print(f"SKIPPED {name}: {why}", flush=True)


def finish():
    """Prints the sum and ends with 0 only if all was good."""
    skipped = f", {_skipped} skipped" if _skipped else ""
    print(f"{os.path.basename(sys.argv[0])}: {_passed} passed, {_failed} failed{skipped}")
    sys.exit(1 if _failed or not _passed else 0)


def totp(secret, at, digits=6, period=30):
    """Returns the code by RFC 6238, computed here."""
    return hotp(secret, int(at) // period, digits)


def hotp(secret, counter, digits=6):
    """Returns the code by RFC 4226, computed here."""
    key = base64.b32decode(secret)
    mac = hmac.new(key, struct.pack(">Q", counter), hashlib.sha1).digest()
    start = mac[-1] & 15
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def codes_around(secret, begin, end):
    """Returns every code between two moments, with two steps to spare on both sides."""
    return {totp(secret, at) for at in range(int(begin) - 60, int(end) + 61, 30)}


class Home:
    """An empty home with a passphrase file; goes when it is closed."""

    def __init__(self, base=None):
        self.root = base or tempfile.mkdtemp(prefix="twolock-outside.")
        self.vault = os.path.join(self.root, "vault")
        self.state = os.path.join(self.root, "state")
        for name in ("config", "data", "state", "run"):
            os.makedirs(os.path.join(self.root, name), 0o700, exist_ok=True)
        self.passphrase_file = os.path.join(self.root, "passphrase")
        with open(self.passphrase_file, "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(PASSPHRASE + "\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    def environment(self, **more):
        """Returns an environment that knows nothing of the one outside."""
        return {
            "HOME": self.root,
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "XDG_CONFIG_HOME": os.path.join(self.root, "config"),
            "XDG_DATA_HOME": os.path.join(self.root, "data"),
            "XDG_RUNTIME_DIR": os.path.join(self.root, "run"),
            "XDG_STATE_HOME": self.state,
            **more,
        }

    def command(self, *arguments):
        """Returns the command line that opens this vault without a question."""
        return [program(), "--vault", self.vault, "--passphrase-file", self.passphrase_file, *arguments]

    def run(self, *arguments, stdin="", before=(), **options):
        """Runs a verb to its end; `before` is a program to run it under."""
        return subprocess.run(
            [*before, *self.command(*arguments)],
            input=stdin.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(),
            cwd=self.root,
            timeout=120,
            **options,
        )

    def init(self):
        """Makes the vault, with a cheap passphrase."""
        self.must(self.run("init", "--work-factor", "10"))

    def add(self, name, secret, *flags):
        """Adds an account."""
        self.must(self.run("add", name, "--from", "-", *flags, stdin=secret + "\n"))

    @staticmethod
    def must(done):
        """Ends the script if a verb failed that nothing hindered."""
        if done.returncode != 0:
            sys.exit(f"{done.args} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done


class Terminal:
    """A program on a terminal of its own; everything it writes is recorded with the moment."""

    def __init__(self, command, environment, rows=24, columns=80, stdout=None, uid=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                if uid is not None:
                    os.fchown(0, uid, -1)
                    os.setgroups([])
                    os.setresgid(uid, uid, uid)
                    os.setresuid(uid, uid, uid)
                if stdout:
                    os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)
        self.resize(rows, columns)
        self.chunks = []
        self.reads = threading.Event()
        self.reads.set()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while self.reads.wait():
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return
            if not data:
                return
            self.chunks.append((time.monotonic(), data))

    def resize(self, rows, columns):
        """Sets the size of the window."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        """Types."""
        os.write(self.fd, text.encode())

    def bytes(self):
        """Returns everything that was written so far."""
        return b"".join(data for _, data in list(self.chunks))

    def wait_for(self, pattern, seconds=20):
        """Waits until the pattern was written; returns whether it was."""
        return wait(lambda: re.search(pattern, self.bytes()), seconds)

    def close(self):
        """Ends the program, and returns its exit code if it had ended by itself."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            os.kill(self.pid, signal.SIGTERM)
            if not wait(lambda: os.waitpid(self.pid, os.WNOHANG)[0], 5):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        self.shut()
        return os.waitstatus_to_exitcode(status) if pid else None

    def shut(self):
        """Closes the terminal; its reader ends first, or it would read what is given the same number next."""
        self.reads.set()
        self.reader.join(5)
        os.close(self.fd)

    def exit_code(self, seconds=20):
        """Waits for the end; returns the exit code, or None if it goes on."""
        found = []

        def ended():
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                found.append(os.waitstatus_to_exitcode(status))
            return pid

        wait(ended, seconds)
        return found[0] if found else None


class Session:
    """A shell in a tmux of its own, on a recorded terminal, perhaps at the far end of a connection."""

    def __init__(self, home, name, rows=24, columns=80, far=()):
        self.home = home
        self.begin = time.time()
        self.secrets = {SECRET}
        self.tmux = ["tmux", "-S", os.path.join(home.root, f"{name}.tmux")]
        environment = home.environment(PS1="$ ", SHELL="/bin/sh", ENV="")
        # One row more, since an unconfigured tmux keeps the last one.
        start = [*self.tmux, "-f", "/dev/null", "new-session", "-x", str(columns), "-y", str(rows), "exec /bin/sh"]
        if far:
            words = ["env", "-i", *(f"{key}={value}" for key, value in environment.items()), *start]
            start = [*far, shlex.join(words)]
        self.outer = Terminal(start, environment, rows + 1, columns)
        if not wait(lambda: "$" in self.screen(), 20):
            sys.exit(f"no shell in tmux: {self.outer.bytes().decode(errors='replace')[-600:]}")

    def ask(self, *arguments):
        """Returns what tmux answers."""
        done = subprocess.run(
            [*self.tmux, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.home.environment()
        )
        return done.stdout.decode(errors="replace")

    def screen(self):
        """Returns what can be seen."""
        return self.ask("capture-pane", "-p")

    def keys(self, *keys):
        """Presses keys by their names in tmux."""
        self.ask("send-keys", *keys)

    def type(self, text):
        """Types text as it is."""
        self.ask("send-keys", "-l", text)

    def paste(self, text):
        """Pastes, as a terminal that says what is pasted does."""
        self.ask("set-buffer", "-b", "pasted", text)
        self.ask("paste-buffer", "-p", "-r", "-d", "-b", "pasted")

    def sees(self, text, seconds=60):
        """Waits until the text can be seen, and counts that as a check."""
        good = wait(lambda: text in self.screen(), seconds)
        return check(f"{self.where()}: \"{text}\" can be seen", good, "\n" + self.screen())

    def must_see(self, text, seconds=60):
        """Like `sees`, but nothing after it would make sense without it."""
        if not self.sees(text, seconds):
            self.close()
            finish()

    def where(self):
        """Returns the name of the session."""
        return os.path.basename(self.tmux[2]).removesuffix(".tmux")

    def start(self, *arguments):
        """Starts the program from the shell."""
        self.type(shlex.join([program(), "--vault", self.home.vault, *arguments]) + "; echo ended $?")
        self.keys("Enter")

    def child(self):
        """Returns the process that the shell has started."""
        pane = self.ask("display-message", "-p", "#{pane_pid}").strip()
        with open(f"/proc/{pane}/task/{pane}/children") as file:
            return int(file.read().split()[-1])

    def given_back(self, ending="ended 0"):
        """Checks that the program has ended and that the terminal is as it was."""
        self.sees(ending)
        where = self.where()
        state = self.ask("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}").strip()
        check(f"{where}: the screen, the cursor and the mouse are given back", state == "0 1 0", state)
        self.type("stty -a | tr ' ;' '\\n\\n' | grep -Ex -e '-?(echo|icanon|isig|icrnl|opost)' | xargs echo modes")
        self.keys("Enter")
        modes = wait(lambda: [line for line in self.screen().splitlines() if line.startswith("modes ")])
        off = [word for line in modes or ["-"] for word in line.split() if word.startswith("-")]
        check(f"{where}: the line is edited as before", bool(modes) and not off, f"{modes}")
        self.leaves_no_code()
        self.type("clear")
        self.keys("Enter")
        wait(lambda: "ended" not in self.screen())

    def leaves_no_code(self):
        """Checks that no code that there was since the start is left in tmux."""
        codes = {code for secret in self.secrets for code in codes_around(secret, self.begin, time.time())}
        scrollback = self.ask("capture-pane", "-p", "-S", "-").replace(" ", "")
        check(f"{self.where()}: no code is in the scrollback", not any(code in scrollback for code in codes))
        buffers = self.ask("list-buffers")
        check(f"{self.where()}: no buffer of tmux is left", buffers == "", buffers)

    def right_code(self, name, secret=SECRET):
        """Checks the code in the row of that name against one computed here."""

        def right():
            begin = time.time()
            rows = [row for row in self.screen().splitlines() if name in row and CODE.search(row)]
            seen = "".join(CODE.search(rows[0]).groups()) if rows else ""
            return seen in {totp(secret, begin), totp(secret, time.time())}

        check(f"{self.where()}: the code of {name} is right", wait(right, 30), "\n" + self.screen())

    def copies(self, secret=SECRET, code=None):
        """Checks that Enter puts the code of now, or this one, on the clipboard of the outer terminal."""
        before, begin = len(self.outer.bytes()), time.time()
        self.keys("Enter")

        def reached():
            sent = re.findall(rb"\x1b\]52;[a-z]*;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)", self.outer.bytes()[before:])
            return [base64.b64decode(data).decode() for data in sent]

        sent = wait(reached, 30)
        # Right is a code of a moment between the key and now, however long that took.
        steps = range(int(begin) // 30, int(time.time()) // 30 + 1)
        good = bool(sent) and sent[0] in ({code} if code else {hotp(secret, step) for step in steps})
        check(f"{self.where()}: the copy reaches the outer terminal", good, f"{sent}\n" + self.screen())

    def close(self):
        """Ends the tmux and what runs in it."""
        self.ask("kill-server")
        self.outer.close()


def wait(what, seconds=20):
    """Asks again and again until the answer is true; returns the last answer."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.05)


def free_port(kind=socket.SOCK_STREAM):
    """Returns a port of this computer that nobody listens on."""
    with socket.socket(type=kind) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def sshd(folder, called=None, options=(), **more):
    """Starts an sshd of our own on this computer, with its keys and its log in `folder`; returns it and its port.
    It lets the key `user` in, unless `more` settings say otherwise."""
    os.makedirs(folder, 0o700, exist_ok=True)
    for key in ("host", "user"):
        if not os.path.exists(f"{folder}/{key}"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{key}"], check=True)
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", 0o755, exist_ok=True)
    port = free_port()
    settings = {
        "AuthorizedKeysFile": f"{folder}/user.pub",
        "HostKey": f"{folder}/host",
        "ListenAddress": "127.0.0.1",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "yes",
        "PidFile": "none",
        "Port": str(port),
        "PrintMotd": "no",
        "StrictModes": "no",
        "UsePAM": "no",
        **more,
    }
    call = [called or sshd_program(), "-D", "-e", "-f", "/dev/null", *options]
    call += [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    with open(f"{folder}/log", "ab") as log:
        server = subprocess.Popen(call, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    if not check("sshd listens", wait(listens, 30)):
        finish()
    return server, port


def sshd_program():
    """Returns where sshd is."""
    return shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def ssh_options(folder, port):
    """Returns what lets ssh in at that sshd, and nowhere else."""
    options = ["-F", "/dev/null", "-p", str(port), "-i", f"{folder}/user", "-o", "IdentitiesOnly=yes"]
    options += ["-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "StrictHostKeyChecking=no"]
    return [*options, "-o", f"UserKnownHostsFile={folder}/known"]
