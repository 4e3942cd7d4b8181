#!/usr/bin/env python3
"""Compares what is installed with the list in the tree, so that it changes on purpose only.

usage: check_installed_files.py PREFIX LIST LIBDIR VERSION [--write]

In the list, LIBDIR and VERSION stand for what they are on this machine; a shared library stands as a static one.
"""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import sys


def installed(prefix, libdir, version):
    names = set()
    for path in pathlib.Path(prefix).rglob("*"):
        if path.is_dir():
            continue
        name = path.relative_to(prefix).as_posix()
        if name.startswith(libdir + "/"):
            name = "LIBDIR" + name[len(libdir):]
        name = re.sub(r"\.so(\.[\d.]+)?$", ".a", name)
        # One file for each build type, as CMake names it.
        name = re.sub(r"-targets-\w+\.cmake$", "-targets-CONFIG.cmake", name)
        names.add(name.replace(version, "VERSION"))
    return sorted(names)


def main(arguments):
    prefix, list_file, libdir, version = arguments[:4]
    found = installed(prefix, libdir, version)
    if "--write" in arguments:
        pathlib.Path(list_file).write_text("\n".join(found) + "\n", encoding="utf-8")
        return 0
    expected = pathlib.Path(list_file).read_text(encoding="utf-8").splitlines()
    for name in found:
        if name not in expected:
            print(f"{name}: installed, but not in {list_file}")
    for name in expected:
        if name not in found:
            print(f"{name}: in {list_file}, but not installed")
    return 0 if found == expected else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
