#!/usr/bin/env python3
"""Lists every declaration that the installed headers make public, so that the interface changes on purpose only.

usage: list_api.py [--check | --write] ROOT

Prints the list, compares it with tests/embed/public_api.txt, or writes that file. Left out: comments, bodies,
initialisers of constructors, what is private, and namespaces called detail.
"""
# SPDX-License-Identifier: Apache-2.0
import difflib
import pathlib
import re
import sys

HEADERS = "framework/include"
STAGE_HEADERS = ("builtin.h", "common/error_area.h", "common/http_client.h", "common/http_errors.h", "common/http_message.h",
                 "common/http_recording.h", "common/http_transport.h", "common/http_url.h", "common/ip_address.h",
                 "common/make_http_transport.h", "common/proxy.h", "types/encoded_image.h", "types/json.h")
LIST = "tests/embed/public_api.txt"

COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')', re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*$", re.MULTILINE)
MACRO = re.compile(r"#define (PENSTOCK_(?!DETAIL_)\w+(?:\([^)]*\))?)")
TYPE = re.compile(r"^(class|struct|union|enum class|enum)\b(?!.*[(=])")
ACCESS = re.compile(r"(?:^|\s)(public|protected|private)$")


def squeeze(text):
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\btemplate ?<", "template <", text)
    text = re.sub(r" ?\( ?", "(", text)
    text = re.sub(r" (?=[),;])", "", text)
    return re.sub(r",(?! )", ", ", text).rstrip(" ,")


def without_template(head):
    """`class C` of `template <class T = std::vector<int>> class C`."""
    while head.startswith("template <"):
        depth = 0
        for at, c in enumerate(head):
            depth += {"<": 1, ">": -1}.get(c, 0)
            if c == ">" and depth == 0:
                head = head[at + 1:].strip()
                break
    return head


class Scanner:
    """Walks through the text of one header, declaration by declaration."""

    def __init__(self, text):
        self.macros = ["#define " + name for name in MACRO.findall(text)]
        text = DIRECTIVE.sub("", text)
        self.text = COMMENT.sub(lambda m: m[1] or " ", text)
        self.at = 0
        self.found = []

    def skip_literal(self, quote):
        self.at += 1
        while self.text[self.at] != quote:
            self.at += 2 if self.text[self.at] == "\\" else 1
        self.at += 1

    def skip_block(self):
        """From an opening brace to behind its closing one; gives what stands between."""
        start, depth = self.at + 1, 0
        while True:
            c = self.text[self.at]
            if c in "\"'" and not (c == "'" and self.text[self.at - 1].isdigit()):
                self.skip_literal(c)
                continue
            depth += {"{": 1, "}": -1}.get(c, 0)
            self.at += 1
            if depth == 0:
                return self.text[start:self.at - 1]

    def next_character(self):
        rest = self.text[self.at:].lstrip()
        return rest[:1]

    def add(self, scope, declaration, is_shown):
        declaration = squeeze(declaration)
        # The initialisers of a constructor are its own business.
        declaration = re.sub(r"^((?:template <.*> )?(?:explicit )?\w+\(.*?\)(?: noexcept)?) : [\w:]+[({].*$", r"\1", declaration)
        if declaration and is_shown:
            self.found.append((scope + ": " if scope else "") + declaration)

    def scan(self, scope="", is_shown=True, is_class=False):
        current, depth, shown_here = "", 0, is_shown
        while self.at < len(self.text):
            c = self.text[self.at]
            if c in "\"'" and not (c == "'" and current[-1:].isdigit()):
                start = self.at
                self.skip_literal(c)
                current += self.text[start:self.at]
                continue
            if c == "}" and depth == 0:
                self.at += 1
                return
            depth += {"(": 1, ")": -1}.get(c, 0)
            if c == ";" and depth == 0:
                self.add(scope, current, shown_here)
                current = ""
                self.at += 1
            elif c == ":" and is_class and depth == 0 and ACCESS.search(current) and self.text[self.at + 1] != ":":
                shown_here = is_shown and ACCESS.search(current)[1] != "private"
                current = ""
                self.at += 1
            elif c == "{":
                current = self.open_brace(scope, current, shown_here)
            else:
                current += c
                self.at += 1

    def open_brace(self, scope, current, is_shown):
        """What follows depends on what stands before the brace. Gives what still belongs to the declaration."""
        head = squeeze(current)
        if head.startswith("namespace") or head.startswith("inline namespace"):
            name = head.split()[-1]
            self.at += 1
            is_inside = name == "namespace" or "detail" in name.split("::")
            self.scan(f"{scope}::{name}" if scope else name, is_shown and not is_inside)
            return ""
        bare = re.sub(r"\[\[\w+\]\] |PENSTOCK_API ", "", without_template(head))
        kind = TYPE.match(bare)
        if kind:
            if kind[1].startswith("enum"):
                self.add(scope, f"{head} {{{squeeze(self.skip_block())}}}", is_shown)
                return ""
            self.add(scope, head, is_shown)
            name = re.split(r" final\b| :(?!:)", bare.split(" ", 1)[1])[0].strip()
            self.at += 1
            # Structs begin public; classes here say so at once.
            self.scan(f"{scope}::{name}" if scope else name, is_shown, is_class=True)
            return ""
        block = self.skip_block()
        if self.next_character() in (";", ",", ")", "{"):
            return current + ("{...}" if block.strip() else "{}")
        self.add(scope, current, is_shown)
        return ""


def declarations(text):
    scanner = Scanner(text)
    scanner.scan()
    return scanner.macros + scanner.found


def list_api(root):
    root = pathlib.Path(root)
    headers = [(path.relative_to(root / HEADERS).as_posix(), path) for path in (root / HEADERS).rglob("*.h")]
    headers += [("stages/" + name, root / "stages" / name) for name in STAGE_HEADERS]
    lines = []
    for name, path in sorted(headers):
        if "/detail/" in name:
            continue
        lines.append(f"[{name}]")
        lines += declarations(path.read_text(encoding="utf-8"))
        lines.append("")
    return "\n".join(lines)


def main(arguments):
    root = arguments[-1]
    text = list_api(root)
    path = pathlib.Path(root) / LIST
    if "--write" in arguments:
        path.write_text(text, encoding="utf-8")
        return 0
    if "--check" not in arguments:
        print(text)
        return 0
    expected = path.read_text(encoding="utf-8")
    if text == expected:
        return 0
    print("\n".join(difflib.unified_diff(expected.splitlines(), text.splitlines(), LIST, "the headers", lineterm="", n=0)))
    print("The public interface has changed. When that is on purpose: `./dev docs`, and a word in changes/.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
