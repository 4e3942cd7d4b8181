#!/usr/bin/env python3
"""Builds the site of the pages and of the public headers: `./dev site`. Needs mkdocs-material, doxygen and graphviz.

usage: build_site.py OUT        in the root of the source tree; the site begins at OUT/html/index.html
"""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import shutil
import subprocess
import sys

SITE = pathlib.Path("docs/site")
# The pages, and what they link to, where they stand in the tree: so the same links hold.
PAGES = ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "docs/examples/**/*", "stages/**/*.md", "configs/**/*.md",
         "configs/*.json", "configs/patterns/*.json", "tests/bench/patterns/*.py")
INSTALLED = pathlib.Path("tests/embed/installed_files.txt")


def copy_pages(to):
    for pattern in PAGES:
        for file in pathlib.Path().glob(pattern):
            if file.is_file() and SITE not in file.parents:
                (to / file.parent).mkdir(parents=True, exist_ok=True)
                shutil.copy(file, to / file)
    shutil.copy(SITE / "site.css", to)


def public_headers():
    """Where those headers stand that are installed."""
    for line in INSTALLED.read_text().splitlines():
        path = line.removeprefix("include/")
        if path == line or "/detail/" in path:
            continue
        if path.startswith("penstock-stages/"):
            yield path.removeprefix("penstock-stages/")
        elif pathlib.Path("framework/include", path).exists():  # The others are made by CMake.
            yield "framework/include/" + path


def build_api(to, tags):
    configuration = (SITE / "Doxyfile").read_text() + (
        f"INPUT += {' '.join(public_headers())}\nOUTPUT_DIRECTORY = {to}\nGENERATE_TAGFILE = {tags}\n")
    to.mkdir(parents=True)
    subprocess.run(["doxygen", "-"], input=configuration, text=True, check=True)


def build_pages(pages, to, tags):
    environment = {**os.environ, "PENSTOCK_SITE_PAGES": str(pages), "PENSTOCK_SITE_OUT": str(to),
                   "PENSTOCK_API_TAGS": str(tags), "PYTHONPATH": str(SITE.resolve()), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(["mkdocs", "build", "--quiet", "-f", SITE / "mkdocs.yml"], env=environment, check=True)


def main(out):
    out = pathlib.Path(out).resolve()
    for part in ("pages", "api", "html"):
        shutil.rmtree(out / part, ignore_errors=True)
    build_api(out / "api", out / "api.tag")
    copy_pages(out / "pages")
    build_pages(out / "pages", out / "html", out / "api.tag")
    shutil.move(out / "api", out / "html/api")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
