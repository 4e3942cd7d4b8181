#!/usr/bin/env python3
"""Runs the example gallery as a camera would: pictures arrive while it watches, then it is asked to stop.

usage: run_gallery.py PROGRAM       in the root of the source tree
"""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile


def main(arguments):
    photos = sorted(pathlib.Path("configs/samples/photos").glob("*.jpg"))[:2]
    with tempfile.TemporaryDirectory() as folder:
        camera, gallery = pathlib.Path(folder, "camera"), pathlib.Path(folder, "gallery")
        camera.mkdir()
        program = subprocess.Popen([arguments[0], camera, gallery], stdout=subprocess.PIPE, text=True)
        assert program.stdout.readline().startswith("watching"), "the program did not start"
        for photo in photos:
            shutil.copy(photo, camera / photo.name)
            print(program.stdout.readline().strip(), photo.name)
        program.send_signal(signal.SIGTERM)
        rest, _ = program.communicate(timeout=60)
        print(rest.strip())
        stored = sorted(path.name for path in gallery.iterdir())
        if program.returncode != 0 or stored != [photo.name for photo in photos]:
            print("expected exit code 0 and all photos in the gallery, got", program.returncode, "and", stored)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
