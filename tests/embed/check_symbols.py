#!/usr/bin/env python3
"""Checks that shared libraries show the public interface and nothing else of ours, and use nothing that is the host's.

usage: check_symbols.py LIBRARY...
"""
# SPDX-License-Identifier: Apache-2.0
import re
import subprocess
import sys

# Namespaces of the inside. Templates of the public interface may be instantiated with types of theirs.
HIDDEN = re.compile(r"^(?:vtable for |typeinfo (?:name )?for )?penstock::(?:spec|config|graph|runtime|io|observe)::")
# Signal handlers, what is printed, the locale, the environment and the end of the process belong to the host. A broken
# invariant alone is told on standard error.
OF_THE_HOST = re.compile(
    r"(?:signal|sigaction|sigprocmask|std::(?:cout|cerr|clog)|stdout|printf|__printf_chk|puts|putchar|perror|syslog"
    r"|setlocale|setenv|putenv|unsetenv|exit|_exit|quick_exit|atexit|fork|chdir|umask)(?:@.*)?"
)


def symbols(library, which):
    text = subprocess.run(
        ["nm", "--dynamic", which, "--demangle", library], check=True, capture_output=True, text=True
    ).stdout
    return [line[16:].strip().split(" ", 1)[1] for line in text.splitlines()]


def main(libraries):
    status = 0
    for library in libraries:
        names = symbols(library, "--defined-only")
        if not any("penstock::" in name for name in names):
            print(f"{library}: shows nothing of penstock")
            status = 1
        for name in names:
            if HIDDEN.match(name):
                print(f"{library}: shows {name}")
                status = 1
        for name in symbols(library, "--undefined-only"):
            if OF_THE_HOST.fullmatch(name):
                print(f"{library}: uses {name}")
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
