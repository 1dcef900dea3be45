#!/usr/bin/env python3
"""Changes the code of a module in small ways, one at a time, and lists the changes that no test notices.

`.ci/mutants.py otp` or `.ci/mutants.py vault src/vault/store/save.rs`; what stands after `--` goes to cargo-mutants.
The module is taken out with those below it, its tests, and the crates it names, since it then builds in seconds and
not in a minute; that this can be done at all is what `ALLOWED` in tests/it/tidy.rs keeps true. Needs cargo-mutants:
`cargo install cargo-mutants --locked`. It takes hours, so CI does not run it.
"""

import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WITH = {"otp": ["otp"], "vault": ["display", "otp", "vault"]}


def read(*path):
    with open(os.path.join(ROOT, *path)) as file:
        return file.read()


def copy(path, into):
    """Copies a file or a folder of the project, if it is there."""
    source, target = os.path.join(ROOT, path), os.path.join(into, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.isdir(source):
        shutil.copytree(source, target)
    elif os.path.exists(source):
        shutil.copy(source, target)


def texts(top):
    """Returns all Rust that lies below a folder."""
    found = ""
    for folder, _, files in os.walk(top):
        for name in files:
            if name.endswith(".rs"):
                with open(os.path.join(folder, name)) as file:
                    found += file.read()
    return found


def excerpt(module, into):
    """Writes a crate of the module, those below it, and their tests."""
    shutil.rmtree(into, ignore_errors=True)
    modules = WITH[module]
    for name in modules:
        copy(f"src/{name}", into)
        copy(f"src/{name}.rs", into)
        copy(f"tests/it/{name}", into)
        copy(f"tests/it/{name}.rs", into)
    for path in ("Cargo.lock", "assets/wordlist.txt", "tests/fixtures", "tests/proptest-regressions", "clippy.toml"):
        copy(path, into)
    lib = "".join(f"pub mod {name};\n" for name in modules)
    with open(os.path.join(into, "src/lib.rs"), "w") as file:
        file.write("//! An excerpt.\n#![allow(missing_docs, dead_code, unreachable_pub)]\n" + lib)
    with open(os.path.join(into, "tests/it/main.rs"), "w") as file:
        file.writelines(f"mod {name};\n" for name in modules if os.path.exists(os.path.join(into, f"tests/it/{name}.rs")))
    text = texts(into)
    manifest = read("Cargo.toml")
    head = re.search(r"\[package\].*?\n\n", manifest, re.S)[0]
    kept = "[package]\n" + "".join(re.findall(r"^(?:name|version|edition|rust-version) = .*\n", head, re.M))
    for table in ("dependencies", "dev-dependencies"):
        lines = re.search(rf"\[{table}\]\n(.*?)\n\n", manifest, re.S)[1].splitlines()
        used = [line for line in lines if re.search(rf"\b{line.split()[0].replace('-', '_')}::", text)]
        kept += f"\n[{table}]\n" + "\n".join(used) + "\n"
    # `md-5` is the one crate whose name in code is another.
    if "md5::" in text:
        kept = kept.replace("[dependencies]\n", "[dependencies]\n" + re.search(r"^md-5 .*\n", manifest, re.M)[0])
    kept += "\n[profile.dev]\ndebug = false\nopt-level = 1\n\n[profile.dev.package.\"*\"]\nopt-level = 2\n"
    with open(os.path.join(into, "Cargo.toml"), "w") as file:
        file.write(kept)


def main():
    arguments, _, more = " ".join(sys.argv[1:]).partition("-- ")
    module, *files = arguments.split() or [""]
    if module not in WITH:
        sys.exit(f"which module? {', '.join(WITH)}")
    target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target")
    into = os.path.join(target, "mutants", module)
    excerpt(module, os.path.join(into, "crate"))
    command = ["cargo", "mutants", "--dir", os.path.join(into, "crate"), "--output", into, "--cap-lints", "true"]
    for path in files or [f"src/{module}/**"]:
        command += ["--file", path]
    environment = {**os.environ, "CARGO_TARGET_DIR": os.path.join(into, "target")}
    sys.exit(subprocess.run([*command, *more.split()], env=environment).returncode)


main()
