#!/usr/bin/env python3
"""A sign-in through PAM: pam_exec hands what was typed to `twolock verify`, and pamtester plays the one who signs in.

The script and the line of the service are those of docs/integrations.md, with the paths of here.
"""

import os
import re
import shutil
import subprocess
import sys
import time

from outside import PASSPHRASE, SECRET, Home, check, finish, program, totp

if os.geteuid() != 0:
    # A PAM service is a file in /etc/pam.d.
    os.execvp("sudo", ["sudo", "-n", "--preserve-env=TWOLOCK", sys.executable, *sys.argv])
if not shutil.which("pamtester"):
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "pamtester"], check=True)

SERVICE = f"twolock-check-{os.getpid()}"
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def documented(holds, places):
    """Returns the one block of the paper that holds a text, with other paths in the place of its own."""
    paper = open(os.path.join(ROOT, "docs/integrations.md")).read()
    found = [block for block in re.findall(r"^```\w*\n(.*?)^```$", paper, re.M | re.S) if holds in block]
    if len(found) != 1:
        sys.exit(f"{len(found)} blocks of docs/integrations.md hold {holds!r}")
    block = found[0]
    for theirs, ours in places.items():
        if theirs not in block:
            sys.exit(f"the block with {holds!r} does not name {theirs}")
        block = block.replace(theirs, ours)
    return block


def sign_in(typed, user="root"):
    """Returns whether PAM lets the user in."""
    done = subprocess.run(
        ["pamtester", SERVICE, user, "authenticate"],
        input=(typed + "\n").encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
    )
    return done.returncode == 0


with Home() as home:
    home.init()
    home.add("Bastion", SECRET, "--account", "root")
    gate = os.path.join(home.root, "gate")
    with open(gate, "w") as file:
        # The longer path comes first: the other is the beginning of it.
        places = {"/etc/twolock.pass": home.passphrase_file, "/etc/twolock": home.vault}
        script = documented("exec /usr/local/bin/twolock", {"/usr/local/bin/twolock": program(), **places})
        around = f"export HOME={home.root} XDG_STATE_HOME={home.state} XDG_CONFIG_HOME={home.root}/config\n"
        file.write(script.replace("#!/bin/sh\n", f"#!/bin/sh\n{around}"))
    os.chmod(gate, 0o700)
    path = f"/etc/pam.d/{SERVICE}"
    with open(path, "w") as file:
        file.write(documented("pam_exec.so", {"/usr/local/sbin/twolock-gate": gate}))
        file.write("account required pam_permit.so\n")
    try:
        # Not to begin so late in a step that the code is another one before it is checked.
        if time.time() % 30 > 20:
            time.sleep(31 - time.time() % 30)
        check("a wrong code is refused", not sign_in("000000"))
        check("no code is refused", not sign_in(""))
        check("the passphrase is no code", not sign_in(PASSPHRASE))
        code = totp(SECRET, time.time())
        check("the right code lets in", sign_in(code))
        check("the same code does not let in again", not sign_in(code))
        for _ in range(5):
            sign_in("000000")
        check("after five wrong codes the right one has to wait", not sign_in(totp(SECRET, time.time() + 30)))
        home.must(home.run("new", "bin", "--issuer", "Bastion", "--uri"))
        check("a pending account is refused", not sign_in("123456", "bin"))
    finally:
        os.remove(path)
finish()
