#!/usr/bin/env python3
"""Checks the #include lines of the tree against the layers of the architecture.

usage: check_layers.py ROOT

Prints one line per forbidden include, `path:line: reason`, and ends with 1 if there was any. Which layer of the
framework may include which other one is read from framework/layers.txt.
"""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"(?P<quoted>[^"]*)"|<(?P<angled>[^>]*)>)')
TBB = re.compile(r"^(oneapi/)?tbb(/|\.h$)")
# Loops for context.parallel(), and sums that no worker has to wait for. No nodes, no arenas, no tasks.
STAGE_TBB = {"oneapi/tbb/" + name for name in ("blocked_range.h", "combinable.h", "parallel_for.h", "parallel_reduce.h")}
STANDARD = re.compile(r"^[a-z_0-9]+$")
PUBLIC = "framework/include/"
GTEST_HEADER = PUBLIC + "penstock/testing/gtest.h"  # Who includes it has GoogleTest.


def read_layers(root):
    """layer -> the layers it may include."""
    layers = {}
    for line in (root / "framework/layers.txt").read_text(encoding="utf-8").splitlines():
        name, colon, lower = line.partition(":")
        if colon and not line.startswith("#"):
            layers[name.strip()] = set(lower.split())
    return layers


def check_public(path, header):
    if path == GTEST_HEADER and header == "gtest/gtest.h":
        return None
    if header.startswith("penstock/") or STANDARD.match(header) or header == "nlohmann/json_fwd.hpp":
        return None
    return "public headers include the standard library, penstock/... and <nlohmann/json_fwd.hpp> only"


def check_layer(layer, header, layers):
    if layer not in layers:
        return f"framework/layers.txt has no layer {layer!r}"
    if header.startswith(("stages/", "cli/", "tests/")):
        return "framework/ includes neither stages/ nor cli/ nor tests/"
    if TBB.match(header) and layer != "runtime":
        return "only framework/runtime includes oneTBB"
    if header.startswith("framework/"):
        other = header.split("/")[1]
        if other != layer and other not in layers[layer]:
            allowed = ", ".join(sorted(layers[layer])) or "none"
            return f"layer {layer} must not include layer {other}; it may include: {allowed}"
    return None


def check_stage(header):
    if header.startswith(("framework/", "cli/", "tests/")):
        return "stages/ includes penstock/... and stages/... only, nothing from inside the framework"
    if TBB.match(header) and header not in STAGE_TBB:
        return "stages/ includes nothing of oneTBB but " + ", ".join(f"<{name}>" for name in sorted(STAGE_TBB))
    return None


def check_cli(header):
    if header.startswith("tests/"):
        return "cli/ does not include tests/"
    if TBB.match(header):
        return "only framework/runtime includes oneTBB"
    return None


def check_include(path, header, quoted, layers):
    """Why the file at `path` (relative, with slashes) must not include `header`; None if it may."""
    if quoted and not header.startswith(("penstock/", "framework/", "stages/", "cli/", "tests/")):
        return "quoted includes start at the root: \"penstock/...\", \"framework/...\", \"stages/...\", \"cli/...\""
    if not quoted and header.startswith(("penstock/", "framework/", "stages/", "cli/", "tests/")):
        return "our own headers are included with quotes"
    if ".." in header.split("/"):
        return "an include must not climb with .."
    if header.startswith(PUBLIC):
        return "public headers are included as \"penstock/...\""
    if path.startswith(PUBLIC):
        return check_public(path, header)
    if path.startswith("framework/"):
        return check_layer(path.split("/")[1], header, layers)
    if path.startswith("stages/"):
        return check_stage(header)
    return check_cli(header)


def findings(root):
    root = pathlib.Path(root)
    layers = read_layers(root)
    found = []
    for top in ("framework", "stages", "cli"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            path = file.relative_to(root).as_posix()
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                match = INCLUDE.match(line)
                if match is None:
                    continue
                quoted = match["quoted"] is not None
                header = match["quoted"] if quoted else match["angled"]
                reason = check_include(path, header, quoted, layers)
                if reason is not None:
                    found.append(f"{path}:{number}: includes {header!r}: {reason}")
    return found


def main(arguments):
    if len(arguments) != 1:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    found = findings(arguments[0])
    print("\n".join(found) if found else "every include keeps to the layers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
