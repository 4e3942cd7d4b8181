#!/usr/bin/env python3
"""Checks that a program needs no shared library but oneTBB and those of the compiler.

usage: check_needed_libraries.py PROGRAM
"""
# SPDX-License-Identifier: Apache-2.0
import re
import subprocess
import sys

ALLOWED = re.compile(r"^(libtbb|libstdc\+\+|libgcc_s|libm|libc|libpenstock_framework|ld-linux[-\w]*)\.so\b")


def main(arguments):
    text = subprocess.run(["readelf", "-d", arguments[0]], check=True, capture_output=True, text=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", text)
    surplus = [name for name in needed if not ALLOWED.match(name)]
    print("needs:", ", ".join(needed))
    if not any(name.startswith("libtbb") or name.startswith("libpenstock") for name in needed):
        print("not even oneTBB: this is no program with the engine in it")
        return 1
    if surplus:
        print("must not need:", ", ".join(surplus))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
