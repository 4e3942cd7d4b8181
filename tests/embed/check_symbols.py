#!/usr/bin/env python3
"""Checks that shared libraries show the public interface and nothing else of ours.

usage: check_symbols.py LIBRARY...
"""
# SPDX-License-Identifier: Apache-2.0
import re
import subprocess
import sys

# Namespaces of the inside. Templates of the public interface may be instantiated with types of theirs.
HIDDEN = re.compile(r"^(?:vtable for |typeinfo (?:name )?for )?penstock::(?:spec|config|graph|runtime|io|observe)::")


def exported(library):
    text = subprocess.run(
        ["nm", "--dynamic", "--defined-only", "--demangle", library], check=True, capture_output=True, text=True
    ).stdout
    return [line.split(" ", 2)[2] for line in text.splitlines() if line.count(" ") >= 2]


def main(libraries):
    status = 0
    for library in libraries:
        names = exported(library)
        if not any("penstock::" in name for name in names):
            print(f"{library}: shows nothing of penstock")
            status = 1
        for name in names:
            if HIDDEN.match(name):
                print(f"{library}: shows {name}")
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
