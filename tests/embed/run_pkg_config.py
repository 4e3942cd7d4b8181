#!/usr/bin/env python3
"""Builds and runs an example with the compiler and pkg-config alone.

usage: run_pkg_config.py PKG_CONFIG_FOLDER COMPILER EXAMPLES
"""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import subprocess
import sys
import tempfile


def main(folder, compiler, examples):
    environment = {**os.environ, "PKG_CONFIG_PATH": folder}
    for package, example, expected in (
        ("penstock-framework", "minimal", "TURBINE"),
        ("penstock-stages", "embedding", "4 of 4 items done"),
    ):
        flags = subprocess.run(
            ["pkg-config", "--cflags", "--libs", package], check=True, capture_output=True, text=True, env=environment
        ).stdout.split()
        libdir = str(pathlib.Path(folder).parent)
        with tempfile.TemporaryDirectory() as temporary:
            program = pathlib.Path(temporary, example)
            source = pathlib.Path(examples, example + ".cpp")
            subprocess.run([compiler, "-std=c++20", source, "-o", program, *flags, f"-Wl,-rpath,{libdir}"], check=True)
            root = pathlib.Path(examples).parent.parent
            output = subprocess.run([program], check=True, capture_output=True, text=True, cwd=root).stdout
            print(output)
            if expected not in output:
                print("expected", expected)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
