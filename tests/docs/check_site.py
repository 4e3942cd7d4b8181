#!/usr/bin/env python3
"""Looks at every page of the built site: links lead somewhere, nothing is loaded from elsewhere, lists became lists.

usage: check_site.py FOLDER
"""
# SPDX-License-Identifier: Apache-2.0
import html.parser
import pathlib
import sys
import urllib.parse

# Doxygen links to its list of nested classes although all of them are private.
KNOWN = {"#nested-classes"}
LOADS = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src")}


class Page(html.parser.HTMLParser):
    """What a page has (`anchors`), where it leads (`links`) and what it loads, and mark-up that was left over."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.loads, self.left_over = set(), set(), set(), []
        self.open = []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        for name, value in attributes:
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            elif (tag, name) in LOADS:
                self.loads.add(value)
            elif tag == "a" and name == "href" and value is not None:
                self.links.add(value)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"code", "pre", "script", "style"} & set(self.open) and "p" in self.open:
            self.left_over += [line for line in data.split("\n")[1:] if line.startswith(("- ", "* ", "1. ", "| ", "```"))]


def findings(folder):
    pages = {path: Page(path) for path in sorted(folder.rglob("*.html"))}
    for path, page in pages.items():
        for target in sorted((page.links | page.loads) - KNOWN):
            parts = urllib.parse.urlsplit(target)
            if parts.scheme in ("http", "https") or parts.netloc:
                if target in page.loads:
                    yield path, f"loads {target}"
                continue
            if parts.scheme:  # mailto:, data:, javascript:
                continue
            file = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path.resolve()
            if parts.path.startswith("/"):
                if path.name != "404.html":
                    yield path, f"depends on the server by {target}"
            elif not file.is_file():
                yield path, f"links to {target}, which is not there"
            elif parts.fragment and file.suffix == ".html":
                there = pages.get(folder / file.relative_to(folder.resolve()))
                if urllib.parse.unquote(parts.fragment) not in there.anchors:
                    yield path, f"links to {target}, where there is no such anchor"
        for line in page.left_over:
            yield path, f"shows mark-up: {line!r}"
    if len(pages) < 50:
        yield folder, f"has {len(pages)} pages only"


def main(folder):
    folder = pathlib.Path(folder)
    found = list(findings(folder))
    for path, what in found:
        print(path.relative_to(folder), what)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
