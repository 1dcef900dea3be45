#!/usr/bin/env python3
"""A sign-in through PAM: pam_exec hands what was typed to `twolock verify`, and pamtester plays the one who signs in."""

import os
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
        file.write(
            "#!/bin/sh\n"
            f"export HOME={home.root} XDG_STATE_HOME={home.state} XDG_CONFIG_HOME={home.root}/config\n"
            f"exec {program()} --no-input --vault {home.vault} --passphrase-file {home.passphrase_file} "
            'verify "Bastion:$PAM_USER"\n'
        )
    os.chmod(gate, 0o700)
    path = f"/etc/pam.d/{SERVICE}"
    with open(path, "w") as file:
        file.write(f"auth required pam_exec.so expose_authtok quiet {gate}\naccount required pam_permit.so\n")
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
