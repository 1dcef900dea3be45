#!/usr/bin/env python3
"""The blocks of docs/integrations.md, run as they stand there with the real other programs.

Only names and places are put into a block: those of the test. Everything is on loopback. What a machine does not have is
skipped by name; `.ci/run` installs all of it.
"""

import base64
import getpass
import glob
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import traceback

from iam import NUMBER, WRONG, Iam
from outside import PASSPHRASE, SECRET, Home, Session, check, finish, free_port, program, skip, sshd, sshd_program, totp, wait

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAPER = open(os.path.join(ROOT, "docs/integrations.md")).read()
BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", PAPER, re.M | re.S)
NOBODY = pwd.getpwnam("nobody")
used = set()


def block(holds, **names):
    """Returns the one block that holds this text, with the names of the test in it."""
    found = [text for text in BLOCKS if holds in text]
    if len(found) != 1:
        sys.exit(f"{len(found)} blocks of docs/integrations.md hold {holds!r}")
    used.add(found[0])
    return put(found[0], names)


def put(text, names):
    """Puts names of the test where those of the paper are; each must be there."""
    for there, here in names.items():
        if there not in text:
            sys.exit(f"{there!r} is not in\n{text}")
        text = text.replace(there, here)
    return text


class Place(Home):
    """A home in which `twolock` is a command and knows its vault."""

    def __init__(self):
        super().__init__()
        self.bin = os.path.join(self.root, ".local/bin")
        os.makedirs(self.bin)
        self.log = os.path.join(self.root, "calls")
        # A copy, for the one that was built may be where another user cannot come.
        shutil.copy(program(), os.path.join(self.root, "twolock.built"))
        self.script("twolock", f'#!/bin/sh\necho "$@" >> {self.log}\nexec {self.root}/twolock.built "$@"\n')

    def environment(self, **more):
        path = f"{self.bin}:{os.environ['PATH']}:/usr/sbin:/sbin"
        return super().environment(**{"PATH": path, "TWOLOCK_VAULT": self.vault, **more})

    def script(self, name, text):
        """Writes a program, and returns its path."""
        path = os.path.join(self.bin, name)
        with open(path, "w") as file:
            os.fchmod(file.fileno(), 0o755)
            file.write(text)
        return path

    def shell(self, text, seconds=150, environment=None, **options):
        """Runs a block; returns its exit code, what it wrote and what it said."""
        done = subprocess.run(
            ["/bin/sh", "-c", text],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment or self.environment(),
            cwd=self.root,
            timeout=seconds,
            **options,
        )
        return done.returncode, done.stdout, done.stderr

    def calls(self):
        """Returns how often `twolock` was called by others."""
        return len(open(self.log).readlines()) if os.path.exists(self.log) else 0

    def unlock(self, **options):
        """Has the agent hold the vault."""
        self.must(self.run("unlock", "--for", "15m", **options))

    def lock(self, **options):
        """Ends the agent."""
        self.must(self.run("lock", **options))


def not_too_late(needs=12):
    """Does not begin so late in a step that its code is another one when it arrives."""
    if time.time() % 30 > 30 - needs:
        time.sleep(31 - time.time() % 30)


def aws():
    """A device of AWS from nothing, and signing in with it, by the real command line of AWS."""
    arn = f"arn:aws:iam::{NUMBER}:mfa/alice"
    iam = Iam()
    with Place() as home:
        try:
            home.init()
            environment = home.environment(
                AWS_ACCESS_KEY_ID="example",
                AWS_DEFAULT_REGION="us-east-1",
                AWS_EC2_METADATA_DISABLED="true",
                AWS_ENDPOINT_URL=iam.url,
                AWS_SECRET_ACCESS_KEY="example",
                PYTHONPATH=os.environ.get("PYTHONPATH", ""),
                TWOLOCK_PASSPHRASE_FILE=home.passphrase_file,
            )
            home.script("aws", f'#!/bin/sh\nexec {sys.executable} -m awscli "$@"\n')

            def shell(text):
                return home.shell(text, 200, environment)

            code, out, err = shell(block("create-virtual-mfa-device"))
            check("aws: two codes in a row enable the device", code == 0, (code, out, err))
            device = iam.devices.get(arn)
            if not check("aws: the device is alice's", device is not None and device.user == "alice"):
                return
            check("aws: the picture is gone", not os.path.exists(f"{home.root}/mfa.png"))
            code, out, err = shell(f"twolock show {arn} --secret")
            check("aws: the picture was read right", device.secret in out, (out, err))

            sign_in = f"arn={arn}\n" + block("get-session-token")
            code, out, err = shell(sign_in)
            check("aws: a fresh code signs in", code == 0 and "SessionToken" in out, (code, out, err))
            spent = totp(device.secret, device.used * 30)
            again = put(sign_in, {'$(twolock code "$arn" --fresh)': spent})
            code, out, err = shell(again)
            check("aws: the same code again is refused like a wrong one", code != 0 and WRONG in err, (code, err))
            code, out, err = shell(put(again, {spent: "000000" if spent != "000000" else "000001"}))
            check("aws: a wrong one is refused", code != 0 and WRONG in err, (code, err))

            mfa_process(home, shell, device)
            code, out, err = shell("twolock code 123456789012 --at 59")
            check("aws: the number finds it too", code == 0 and out.strip() == totp(device.secret, 59), (out, err))
        finally:
            iam.close()


def mfa_process(home, shell, device):
    """What aws-vault does with `mfa_process`: /bin/sh -c, and the white space at the ends of its answer taken away."""
    lines = dict(line.split(" = ", 1) for line in block("mfa_process").splitlines() if " = " in line)
    codes = []

    def job():
        code, out, err = shell(lines["mfa_process"])
        good = check("aws-vault: mfa_process gives a code", code == 0 and out.strip().isdigit(), (code, out, err))
        if good:
            codes.append(out.strip())

    # Two jobs in one step get two codes.
    jobs = [threading.Thread(target=job) for _ in range(2)]
    for one in jobs:
        one.start()
    for one in jobs:
        one.join()
    check("aws-vault: two jobs at once get two codes", len(set(codes)) == 2, len(codes))
    good = [device.take([code], 1) for code in codes]
    check("aws-vault: both sign in, one after the other", sorted(good) == [True, True], good)


def aws_alias():
    """The picture of an account with an alias does not hold the number; the ARN finds it all the same."""
    with Place() as home:
        home.init()
        iam = Iam("example-alias")
        try:
            answer = iam.create({"VirtualMFADeviceName": "ci+deploy@example.com"})
        finally:
            iam.close()
        with open(f"{home.root}/mfa.png", "wb") as file:
            file.write(base64.b64decode(re.search("<QRCodePNG>(.*)</QRCodePNG>", answer)[1]))
        home.must(home.run("add", "--from", "mfa.png"))
        (arn, device), *_ = iam.devices.items()
        done = home.run("code", arn, "--at", "59")
        check("aws: an alias", done.stdout.decode().strip() == totp(device.secret, 59), done)


def pam_service(kind, lines):
    """Writes a service of PAM; returns its name and its file."""
    name = f"twolock-check-{kind}-{os.getpid()}"
    path = f"/etc/pam.d/{name}"
    with open(path, "w") as file:
        file.write(lines)
    return name, path


def authenticator(home):
    """Writes the file of pam_google_authenticator; returns the line for PAM."""
    path = os.path.join(home.root, "gate-secret")
    with open(path, "w") as file:
        os.fchmod(file.fileno(), 0o400)
        file.write(f'{SECRET}\n" WINDOW_SIZE 3\n" DISALLOW_REUSE\n" TOTP_AUTH\n')
    os.chown(path, 0, 0)
    return f"auth required pam_google_authenticator.so secret={path} user=root\naccount required pam_permit.so\n"


def asking(home, service, **more):
    """Starts an sshd that asks PAM; returns it and its port."""
    folder = os.path.join(home.root, "sshd")
    # It takes the name that it was called by for the name of the service; a newer one is told.
    found = sshd_program()
    named = ["-o", f"PAMServiceName={service}"]
    knows = subprocess.run([found, "-t", "-f", "/dev/null", *named], capture_output=True)
    knows = b"PAMServiceName" not in knows.stderr
    called = found
    if not knows:
        os.makedirs(folder, 0o700, exist_ok=True)
        called = os.path.join(folder, service)
        if not os.path.exists(called):
            os.symlink(found, called)
    settings = {
        "AuthenticationMethods": "keyboard-interactive",
        "KbdInteractiveAuthentication": "yes",
        "PasswordAuthentication": "yes",
        "UsePAM": "yes",
        **more,
    }
    return sshd(folder, called, named if knows else [], **settings)


def ssh():
    """Signing in where the server asks for a code through PAM; ssh asks twolock."""
    user = getpass.getuser()
    with Place() as home:
        home.init()
        home.add("Bastion", SECRET, "--account", "alice")
        home.script("twolock-ssh", block('"(alice@bastion.example)', **{"alice@bastion.example": f"{user}@127.0.0.1"}))
        codes, codes_file = pam_service("ssh", authenticator(home))
        # A server that asks for a password, and one whose question is made to look like that of another.
        passwords, passwords_file = pam_service("password", "auth required pam_unix.so\naccount required pam_permit.so\n")
        servers = []
        try:
            home.unlock()
            server, port = asking(home, codes)
            servers.append(server)
            known = f"{home.root}/known"
            options = f"-F /dev/null -p PORT -o UserKnownHostsFile={known} -o StrictHostKeyChecking=CHECK -o LogLevel=ERROR"
            line = block("SSH_ASKPASS_REQUIRE=force").strip()

            def connect(port, host="127.0.0.1", checking="no"):
                ssh = put(options, {"PORT": str(port), "CHECK": checking})
                return home.shell(put(line, {"ssh alice@bastion.example": f"ssh {ssh} {user}@{host} echo signed in"}))

            before = home.calls()
            code, out, err = connect(port, checking="ask")
            check("ssh: whether a host is known is not answered", code != 0 and home.calls() == before, (code, err))
            not_too_late()
            code, out, err = connect(port)
            check("ssh: the code signs in", (code, out) == (0, "signed in\n"), (code, out, err, server_log(home)))
            check("ssh: twolock was asked once", home.calls() == before + 1, home.calls())
            # It waits for a step that was not used.
            code, out, err = connect(port)
            check("ssh: again, with the next code", (code, out) == (0, "signed in\n"), (code, out, err))
            before = home.calls()
            code, out, err = connect(port, "localhost")
            check("ssh: another host gets no code", code == 255 and home.calls() == before, (code, err))
            server, port = asking(home, passwords)
            servers.append(server)
            code, out, err = connect(port)
            said = "this is not the question for the code" in err
            check("ssh: a password is refused", code == 255 and said and home.calls() == before, (code, err))
            home.lock()
            code, out, err = connect(servers and port_of(servers[0]))
            check("ssh: a locked vault gives none", code == 255 and "twolock: error" in err, (code, err))
        finally:
            for server in servers:
                server.terminate()
                server.wait(10)
            os.remove(codes_file)
            os.remove(passwords_file)
            home.run("lock")


def port_of(server):
    """Returns the port that an sshd was told."""
    return next(word.removeprefix("Port=") for word in server.args if word.startswith("Port="))


def server_log(home):
    with open(f"{home.root}/sshd/log", errors="replace") as file:
        return file.read()[-1500:]


def sudo():
    """`sudo -A` of a user whose second factor is a code."""
    as_nobody = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []}
    with Place() as home:
        for folder, _, files in os.walk(home.root):
            for path in [folder, *(os.path.join(folder, name) for name in files)]:
                os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
        home.must(home.run("init", "--work-factor", "10", **as_nobody))
        home.must(home.run("add", "Workstation", "--account", "alice", "--from", "-", stdin=SECRET + "\n", **as_nobody))
        home.script("twolock-sudo", block("code Workstation:alice"))
        service, service_file = pam_service("sudo", authenticator(home))
        rules = f"/etc/sudoers.d/twolock-check-{os.getpid()}"
        try:
            with open(rules, "w") as file:
                os.fchmod(file.fileno(), 0o440)
                file.write(f"Defaults:nobody pam_service={service}, timestamp_timeout=0\nnobody ALL=(root) /usr/bin/id\n")
            call = block("sudo -A true", **{"sudo -A true": "sudo -A /usr/bin/id -u"})
            home.unlock(**as_nobody)
            not_too_late()
            code, out, err = home.shell(call, **as_nobody)
            check("sudo: the code makes root", (code, out) == (0, "0\n"), (code, out, err))
            # It waits for a step that was not used.
            code, out, err = home.shell(call, **as_nobody)
            check("sudo: again, with the next code", (code, out) == (0, "0\n"), (code, out, err))
            with open(service_file, "w") as file:
                file.write("auth required pam_unix.so\naccount required pam_permit.so\n")
            before = home.calls()
            code, out, err = home.shell(call, **as_nobody)
            said = "this is not the question for the code" in err
            check("sudo: a password is refused", code != 0 and said and home.calls() == before, (code, out, err))
        finally:
            os.remove(service_file)
            os.remove(rules)
            home.run("lock", **as_nobody)


def openvpn():
    """A static challenge of OpenVPN: client and server are real, and both ends of the code are twolock."""
    with Place() as home:
        home.init()
        home.add("VPN", SECRET, "--account", "alice")
        make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=vpn"
        home.must(subprocess.run([*make.split(), "-keyout", "key", "-out", "crt"], cwd=home.root, capture_output=True))
        seen = os.path.join(home.root, "seen")
        gate = block("IFS=: read -r kind _ code", **{"/etc/twolock.pass": home.passphrase_file})
        gate = re.sub("/etc/twolock(?= )", home.vault, gate).replace(" twolock ", f" {home.root}/twolock.built ")
        # OpenVPN gives its scripts an environment of its own.
        leads = "".join(f"export {key}={value}\n" for key, value in home.environment().items() if "XDG" in key)
        gate = gate.replace("#!/bin/sh\n", f"#!/bin/sh\nexport HOME={home.root}\n{leads}cat \"$1\" > {seen}\n")
        script = home.script("gate", gate)
        port = free_port(socket.SOCK_DGRAM)
        settings = f"--mode server --tls-server --dev tun --proto udp --local 127.0.0.1 --port {port} --ca crt --cert crt"
        settings += " --key key --dh none --script-security 2 --verify-client-cert none --auth-user-pass-verify"
        log = open(f"{home.root}/server.log", "w+b")
        call = ["openvpn", *settings.split(), script, "via-file"]
        server = subprocess.Popen(call, cwd=home.root, env=home.environment(), stdout=log, stderr=log)
        log.close()

        def said(name, text):
            with open(f"{home.root}/{name}", errors="replace") as file:
                return text in file.read()

        with open(f"{home.root}/work.ovpn", "w") as file:
            file.write(f"client\ndev null\nproto udp\nremote 127.0.0.1 {port}\nca crt\nnobind\n")
            file.write("connect-retry-max 1\nauth-retry none\nlog client.log\n")
        with open(f"{home.root}/vpn-password", "w") as file:
            file.write("correct: horse\n")
        try:
            if not check("openvpn: the server is up", wait(lambda: said("server.log", "Initialization Sequence"), 20)):
                print(open(f"{home.root}/server.log").read()[-1500:])
                return
            home.unlock()
            call = block("SCRV1:%s:%s")
            not_too_late()

            def connect(text):
                client = subprocess.Popen(
                    ["/bin/sh", "-c", text], cwd=home.root, env=home.environment(), start_new_session=True
                )
                name = "client.log"
                done = wait(lambda: os.path.exists(f"{home.root}/{name}") and said(name, "Initialization Sequence"), 20)
                refused = not done and said(name, "AUTH_FAILED")
                # It is a session of its own, started here.
                os.killpg(client.pid, 15)
                client.wait(10)
                told = open(f"{home.root}/{name}", errors="replace").read()[-800:]
                os.remove(f"{home.root}/{name}")
                return bool(done), refused, told

            up, _, told = connect(call)
            check("openvpn: the code connects", up, told)
            with open(seen) as file:
                user, line = file.read().splitlines()
            kind, password, code = line.split(":")
            check("openvpn: the server sees the user and the password", user == "alice" and kind == "SCRV1")
            check("openvpn: the password is whole", base64.b64decode(password) == b"correct: horse", password)
            check("openvpn: the code is one", re.fullmatch(rb"\d{6}", base64.b64decode(code)) is not None)
            wrong = put(call, {"$(twolock code VPN:alice --fresh | one_line)": "MDAwMDAw"})
            up, refused, told = connect(wrong)
            check("openvpn: a wrong code does not", not up and refused, told)
        finally:
            server.terminate()
            server.wait(10)
            home.run("lock")


def in_terminal():
    """fzf and a popup of tmux, as a person has them."""
    with Place() as home:
        home.init()
        home.add("GitHub", SECRET, "--account", "octocat")
        home.add("Bank", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU", "--account", "carol")
        session = Session(home, "programs")
        try:
            popup(session)
            session.type(f"export TWOLOCK_PASSPHRASE_FILE={home.passphrase_file}")
            session.keys("Enter")
            session.type(block("fzf --delimiter").strip())
            session.keys("Enter")
            session.must_see("2/2")
            session.type("octo")
            session.must_see("1/2")
            session.copies()
            session.leaves_no_code()
        finally:
            session.close()


def popup(session):
    """The list in a popup: it asks, it copies, and it closes with `q`."""
    key, command = re.fullmatch(r"bind-key (\S+) (.*)\n", block("display-popup")).groups()
    _, topic, _ = session.home.shell("twolock help tmux")
    check("tmux: the topic says the same", f"bind-key {key} {command}" in topic, topic)
    session.ask("bind-key", key, *command.split())

    def shows(text, seconds=30):
        begin = len(session.outer.bytes())
        return lambda: check(f"tmux: the popup shows {text}", wait(lambda: text in session.outer.bytes()[begin:], seconds))

    locked = shows(b"Locked")
    session.outer.send("\x02\x14")
    locked()
    opened = shows(b"GitHub")
    session.outer.send(PASSPHRASE + "\r")
    opened()
    before = time.time()
    count = len(session.outer.bytes())
    session.outer.send("/octo\r\r")

    def copied():
        sent = re.findall(rb"\x1b\]52;[a-z]*;([A-Za-z0-9+/=]+)", session.outer.bytes()[count:])
        return [base64.b64decode(data).decode() for data in sent]

    codes = {totp(SECRET, before), totp(SECRET, before + 10)}
    check("tmux: a code copied in the popup reaches the terminal", bool(codes & set(wait(copied, 10))), copied())
    session.outer.send("q")
    session.type("echo back again")
    session.keys("Enter")
    session.sees("back again")


def rofi():
    """rofi on a screen that nobody sees: one account is left, Enter takes it, and its code is on the clipboard."""
    with Place() as home:
        home.init()
        home.add("GitHub", SECRET, "--account", "octocat")
        home.add("Bank", "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU", "--account", "carol")
        home.unlock()
        reading, writing = os.pipe()
        call = ["Xvfb", "-noreset", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp"]
        screen = subprocess.Popen(call, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        try:
            display = f":{os.read(reading, 16).decode().strip()}"
            environment = home.environment(DISPLAY=display)
            line = block("rofi -dmenu", **{"rofi -dmenu": "rofi -dmenu -filter octo"})
            not_too_late()
            begin = time.time()
            # The holder of the clipboard goes on in the background, and must not hold our pipes.
            call = ["/bin/sh", "-c", line]
            nothing = {name: subprocess.DEVNULL for name in ("stdin", "stdout", "stderr")}
            choosing = subprocess.Popen(call, env=environment, cwd=home.root, **nothing)

            def enter():
                subprocess.run(["xdotool", "key", "Return"], env=environment, check=True)
                time.sleep(0.3)
                return choosing.poll() is not None

            check("rofi: Enter chooses an account", wait(enter, 20) and choosing.returncode == 0, choosing.returncode)
            _, out, err = home.shell("xclip -selection clipboard -o", 20, environment)
            check("rofi: its code is on the clipboard", out.strip() in {totp(SECRET, begin), totp(SECRET, begin + 15)}, err)
        finally:
            screen.terminate()
            screen.wait(10)
            os.close(reading)
            home.run("lock")


def needs(*programs, modules=(), files=()):
    """Returns what of that is missing here."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = [name for name in programs if not shutil.which(name, path=path)]
    for name in modules:
        try:
            __import__(name)
        except ImportError:
            missing.append(f"Python's {name}")
    return missing + [name for name in files if not usable(name)]


def usable(path):
    """Says whether a file is there; a pattern needs one that fits. A device must open."""
    if not path.startswith("/dev/"):
        return bool(glob.glob(path))
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError:
        return False
    return True


AUTHENTICATOR = "/usr/lib*/*/security/pam_google_authenticator.so"
PARTS = [
    (aws, needs(modules=["awscli", "segno"])),
    (aws_alias, needs(modules=["segno"])),
    (ssh, needs("ssh", "sshd", files=[AUTHENTICATOR])),
    (sudo, needs("sudo", files=[AUTHENTICATOR])),
    (openvpn, needs("openvpn", "openssl", files=["/dev/net/tun"])),
    (in_terminal, needs("tmux", "fzf")),
    (rofi, needs("rofi", "Xvfb", "xclip", "xdotool")),
]


def run(part, missing):
    """Runs a part; what stops it counts as a failed check."""
    name = part.__name__
    if missing:
        skip(name, f"there is no {', no '.join(missing)}")
        return
    begin = time.time()
    try:
        part()
    except (Exception, SystemExit):
        check(name, False, traceback.format_exc())
    print(f"{name}: {time.time() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    if os.geteuid() != 0:
        # Services of PAM are files in /etc/pam.d.
        kept = "--preserve-env=TWOLOCK,PYTHONPATH,PATH"
        os.execvp("sudo", ["sudo", "-n", kept, sys.executable, *sys.argv])
    chosen = [(part, missing) for part, missing in PARTS if part.__name__ in (sys.argv[1:] or [part.__name__])]
    # They wait for new codes most of the time, each in a home of its own; two have threads of their own.
    slow = [threading.Thread(target=run, args=pair) for pair in chosen if pair[0] in (aws, aws_alias)]
    for one in slow:
        one.start()
    for part, missing in chosen:
        if part not in (aws, aws_alias):
            run(part, missing)
    for one in slow:
        one.join()
    if not sys.argv[1:]:
        # pam.py has the three of PAM.
        left = [text for text in BLOCKS if text not in used and "twolock.pass init" not in text and "PAM_USER" not in text]
        left = [text for text in left if "pam_exec.so" not in text]
        missing = any(missing for _, missing in chosen)
        check("every block was run", missing or not left, left)
    finish()
