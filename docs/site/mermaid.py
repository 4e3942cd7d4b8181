"""Diagrams as pages have them, drawn when the site is built: the library that browsers would draw them with is no part of it.

    flowchart LR | TD
    a --> b[text<br/>more text] -.->|text| c["text"]
"""
# SPDX-License-Identifier: Apache-2.0
import re
import subprocess

NODE = re.compile(r'\s*(\w+)(?:\["?([^\]"]*)"?\])?\s*')
EDGE = re.compile(r"(-->|-\.->)(?:\|([^|]*)\|)?")


def quote(text):
    return '"' + re.sub(r"<br */?>", r"\\n", text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def dot_of(diagram):
    """The same diagram for Graphviz. Raises ValueError for what is not of the form above."""
    head, *lines = [line for line in diagram.splitlines() if line.strip()]
    form = re.fullmatch(r"flowchart (LR|TD)", head.strip())
    if not form:
        raise ValueError(f"expected `flowchart LR` or `flowchart TD`, got {head!r}")
    labels, edges = {}, []
    for line in lines:
        at, before, edge = 0, None, None
        while True:
            node = NODE.match(line, at)
            if not node:
                raise ValueError(f"expected a node at column {at + 1} of {line!r}")
            name, label = node.groups()
            if label or name not in labels:
                labels[name] = label or name
            if edge:
                edges.append((before, name, *edge.groups()))
            if node.end() == len(line):
                break
            edge = EDGE.match(line, node.end())
            if not edge:
                raise ValueError(f"expected an edge at column {node.end() + 1} of {line!r}")
            before, at = name, edge.end()
    look = 'color="#607d8b" fontcolor="#607d8b" fontname="sans-serif" fontsize=12'
    text = [f'digraph {{ rankdir={"LR" if form[1] == "LR" else "TB"} bgcolor=transparent',
            f'node [shape=box style=rounded {look}] edge [{look}]']
    text += [f"{quote(name)} [label={quote(label)}]" for name, label in labels.items()]
    for source, target, kind, label in edges:
        style = "dashed" if kind == "-.->" else "solid"
        text.append(f'{quote(source)} -> {quote(target)} [style={style} label={quote(label or "")}]')
    return "\n".join(text) + "\n}\n"


def picture_of(diagram):
    drawn = subprocess.run(["dot", "-Tsvg"], input=dot_of(diagram), capture_output=True, text=True, check=True).stdout
    return '<div class="diagram">' + drawn[drawn.index("<svg"):].replace("\n", " ") + "</div>"
