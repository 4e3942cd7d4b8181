#!/usr/bin/env python3
"""Loads a plugin that was built elsewhere into the installed program, in every way that there is.

usage: run_plugin.py PENSTOCK PLUGIN FOLDER       FOLDER has shout.json and words.txt
"""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)
    print("$", *command, "->", result.returncode)
    print(result.stdout[-500:], result.stderr[-500:])
    return result


def require(holds, what):
    if not holds:
        print("expected", what)
        sys.exit(1)


def main(penstock, plugin, source):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for name in ("shout.json", "words.txt"):
            shutil.copy(pathlib.Path(source, name), folder)
        pipeline = folder / "shout.json"
        require(run(penstock, "check", pipeline).returncode == 2, "an unknown stage type without the plugin")
        require(run(penstock, "check", "--plugin", plugin, pipeline).returncode == 0, "`check` to know the stage")
        require("Exclamation marks" in run(penstock, "stages", "--plugin", plugin, "shout").stdout, "its options")
        schema = json.loads(subprocess.run([penstock, "schema", "--plugin", plugin], capture_output=True).stdout)
        require("shout" in json.dumps(schema), "`schema` to have the stage")
        require(run(penstock, "graph", "--plugin", plugin, pipeline).returncode == 0, "`graph` to draw it")
        require(run(penstock, "run", "--plugin", plugin, pipeline, "--progress", "never").returncode == 0, "a run")
        require((folder / "out/gate.txt").read_text() == "GATE!!\n", "what the stage wrote")

        shutil.copy(plugin, folder / "shout.so")
        document = json.loads(pipeline.read_text())
        document["plugins"] = ["shout.so"]
        pipeline.write_text(json.dumps(document))
        require(run(penstock, "check", pipeline).returncode == 0, "the plugin of the file to be loaded")
        shown = run(penstock, "check", "--show", pipeline)
        require(json.loads(shown.stdout)["plugins"] == ["shout.so"], "`check --show` to keep it")
        require(run(penstock, "check", "--plugin", plugin, pipeline).returncode == 2, "two files with the same type")

        broken = folder / "broken.so"
        broken.write_text("no library")
        result = run(penstock, "check", "--plugin", broken, pipeline)
        require(result.returncode == 2 and "error[plugin.load]" in result.stderr, "a clear error")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
