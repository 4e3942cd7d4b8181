"""What the pages need on their way to the site: hooks of MkDocs, called in this order.

The pages are written for a reader of the source tree. Here their stages and designs are found for the menu, diagrams
become pictures, and each name of a public header leads to its page of the API.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import re
import xml.etree.ElementTree as ElementTree

from mkdocs.structure.nav import Link

import mermaid

DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LIST_ITEM = re.compile(r"([-*]|\d+\.) ")
HEADER = re.compile(r"<code>((?:penstock|stages)/[\w/]+\.h)</code>")


def anchor_of(heading, separator="-"):
    """As GitHub makes them, where the same links must hold."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", separator)


def title_of(page):
    """Without its mark-up: the title of `# Stage `resize`` is `Stage resize`."""
    return page.read_text().split("\n", 1)[0].lstrip("# ").replace("`", "")


def pages_for(pages, pattern):
    return [{title_of(page): str(page.relative_to(pages))} for page in sorted(pages.glob(pattern))]


def on_config(config):
    pages = pathlib.Path(config["docs_dir"])
    for section in config["nav"]:
        if "Stages, one by one" in section:
            section["Stages, one by one"] = pages_for(pages, "stages/*/README.md")
        if "Design" in section:
            section["Design"] = pages_for(pages, "docs/design/*.md")
    return config


def on_nav(nav, config, files):
    look_up = next(item for item in nav.items if item.title == "Look up")
    look_up.children.append(Link("C++ interface", "api/index.html"))
    return nav


def for_python_markdown(text):
    """Lists may follow a paragraph at once, and hold blocks that are indented as their text, as everywhere but there."""
    lines, before, indent, is_in_block = [], "", 0, False
    for line in text.split("\n"):
        is_fence = line.lstrip().startswith("```")
        if is_fence and not is_in_block:
            indent = len(line) - len(line.lstrip())
        begins_list = LIST_ITEM.match(line) and before and not before.startswith(" ") and not LIST_ITEM.match(before)
        if not is_in_block and (begins_list or (is_fence and indent)):
            lines.append("")
        lines.append(" " * 4 + line[indent:] if indent and (is_fence or is_in_block) else line)
        before = line
        if is_fence and is_in_block and indent:
            lines.append("")
        if is_fence:
            is_in_block = not is_in_block
    return "\n".join(lines)


def on_page_markdown(markdown, page, config, files):
    return DIAGRAM.sub(lambda block: mermaid.picture_of(block[1]), for_python_markdown(markdown))


def headers():
    """The page of each public header, by the path that one includes, as Doxygen's tag file tells."""
    found = {}
    for file in ElementTree.parse(os.environ["PENSTOCK_API_TAGS"]).findall("compound[@kind='file']"):
        path = pathlib.Path(file.findtext("path"), file.findtext("name")).relative_to(pathlib.Path.cwd())
        found[str(path).removeprefix("framework/include/")] = file.findtext("filename").removesuffix(".html") + ".html"
    return found


def on_page_content(html, page, config, files):
    pages = headers()
    up = "../" * page.url.count("/")

    def link(match):
        target = pages.get(match[1])
        return f'<a href="{up}api/{target}">{match[0]}</a>' if target else match[0]

    return HEADER.sub(link, html)
