#!/usr/bin/env python3
"""Every format that is written is read by another reader than ours: `tests/fixtures/exchange/decode.py`.

It needs the packages argon2-cffi, cryptography and pynacl, and `age` for our own format.
"""

import json
import os
import sys

from outside import Home, Terminal, check, finish

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/fixtures/exchange")
sys.path.insert(0, FIXTURES)
import decode  # noqa: E402

PASSWORD = "correct horse"
KEY = b"12345678901234567890"

ACCOUNTS = [
    decode.E("totp", "Deno", "Mason", KEY),
    decode.E("totp", "SPDX", "James Ü:x", KEY + KEY[:12], "SHA256", 7, 20),
    decode.E("totp", "Airbnb", "Eli'jah \"q\"", KEY * 3, "SHA512", 8, 50),
    decode.E("totp", "Bank", "eight", KEY[::-1], "SHA1", 8, 30),
    decode.E("hotp", "Issuu", "James", KEY, counter=1),
    decode.E("hotp", "Air Canada", "Ben+jamin", KEY * 3, "SHA512", 7, counter=4294967296),
    decode.E("steam", "Steam", "gabe", KEY, digits=5),
    decode.E("motp", "Site", "m", "e3152afee62599c8", "MD5", 6, 10, pin="1234"),
    decode.E("yaotp", "Yandex", "y", KEY[:16], "SHA256", 8, 30, pin="5239"),
]

# What makes the codes, and whose they are.
FIELDS = ("type", "issuer", "account", "secret", "algorithm", "digits", "period", "counter")


def plain(entry):
    """Returns what is compared; the period of a counter's code and the digits of Steam mean nothing."""
    return {name: entry.get(name) for name in FIELDS if not (entry["type"] == "steam" and name == "digits")}


def link(entry):
    """Returns a link that gives the account."""
    kind, pin = entry["type"], decode.b32enc(entry.get("pin", "").encode())
    label = f"{decode.quote(entry['issuer'], safe='')}:{decode.quote(entry['account'], safe='')}"
    issuer = decode.quote(entry["issuer"], safe="")
    if kind == "motp":
        return f"motp://{label}?secret={entry['secret']}&pin={pin}"
    start = f"otpauth://{kind}/{label}?secret={entry['secret']}&issuer={issuer}"
    if kind == "yaotp":
        return f"{start}&pin_length={len(entry['pin'])}&pin={pin}"
    moving = f"counter={entry['counter']}" if kind == "hotp" else f"period={entry['period']}"
    return f"{start}&algorithm={entry['algorithm']}&digits={entry['digits']}&{moving}"


def opened_by_age(home, path):
    """Returns what the stock `age` makes of a file with a password."""
    out = path + ".opened"
    terminal = Terminal(["age", "-d", path], home.environment(), stdout=out)
    if terminal.wait_for(rb"(?i)passphrase"):
        terminal.send(PASSWORD + "\n")
    check("age opens an export", terminal.exit_code() == 0)
    with open(out, "rb") as file:
        return file.read()


def our_own(home, path, _):
    rows = json.loads(opened_by_age(home, path))["accounts"]
    return [decode.parse_uri(row["link"]) for row in rows], []


def read(function):
    """Makes a reader of one of `decode.py`."""

    def reader(_, path, password):
        with open(path, "rb") as file:
            raw = file.read()
        return function(raw, password)[:2]

    return reader


def links(raw, _=None):
    return decode.uri_lines(raw.decode())


READERS = {
    "aegis": read(decode.aegis),
    "bitwarden": read(decode.bitwarden),
    "ente": read(lambda raw, password: decode.uri_lines(decode.ente_decrypt(raw, password)[0])),
    "google": read(links),
    "otpauth": read(links),
    "proton": read(decode.proton),
    "stratum": read(decode.stratum),
    "twofas": read(decode.twofas),
    "twolock": our_own,
}

# Which accounts a format cannot hold: the others must all be there.
CANNOT = {
    "bitwarden": lambda e: e["type"] in ("hotp", "motp", "yaotp"),
    "ente": lambda e: e["type"] in ("motp", "yaotp"),
    "google": lambda e: e["type"] in ("motp", "steam", "yaotp") or e["digits"] == 7 or e.get("period", 30) != 30,
    "proton": lambda e: e["type"] in ("hotp", "motp", "yaotp"),
    "twofas": lambda e: (
        e["type"] in ("motp", "yaotp")
        or (e["type"] == "totp" and e["period"] not in (10, 30, 60, 90))
        or e.get("counter", 0) >= 2**31
    ),
}

with Home() as home:
    home.init()
    everything = os.path.join(home.root, "links.txt")
    with open(everything, "w", encoding="utf-8") as file:
        file.write("".join(link(entry) + "\n" for entry in ACCOUNTS))
    home.must(home.run("import", "--yes", everything))
    password = os.path.join(home.root, "password")
    with open(password, "w", encoding="utf-8") as file:
        file.write(PASSWORD + "\n")

    listed = home.must(home.run("export", "--formats")).stdout.decode()
    formats = sorted({line.split()[0] for line in listed.splitlines() if line.strip()})
    check("every format that is written has a reader here", formats == sorted(READERS), f"{formats}")
    for name in formats:
        path = os.path.join(home.root, f"export-{name}")
        done = home.run("export", "--format", name, "--plain", "--password-file", password, "--to", path)
        if done.returncode != 0:
            done = home.run("export", "--format", name, "--plain", "--to", path)
        if not check(f"{name}: it is written", done.returncode == 0, done.stderr.decode()) or name not in READERS:
            continue
        entries, errors = READERS[name](home, path, PASSWORD)
        check(f"{name}: nothing is refused", not errors, f"{errors}")
        holds = [plain(entry) for entry in ACCOUNTS if not CANNOT.get(name, lambda _: False)(entry)]
        found = [plain(entry) for entry in entries]
        missing = [entry for entry in holds if entry not in found]
        strange = [entry for entry in found if entry not in holds]
        check(f"{name}: all that it can hold is there", not missing, f"missing {missing}, instead {strange}")
        check(f"{name}: nothing else is there", not strange, f"{strange}")
finish()
