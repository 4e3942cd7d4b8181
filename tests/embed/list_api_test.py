#!/usr/bin/env python3
"""Tests of list_api.py: what it lists of a header, and what not."""
# SPDX-License-Identifier: Apache-2.0
import unittest

import list_api


class ListApi(unittest.TestCase):
    def check(self, text, *expected):
        self.assertEqual(list_api.declarations(text), list(expected))

    def test_functions_without_their_bodies(self):
        self.check("namespace a {\nint f(int x = 1);\ninline int g() { return 1; }\n}", "a: int f(int x = 1)",
                   "a: inline int g()")

    def test_members_unless_they_are_private(self):
        self.check(
            "class C {\n public:\n  int f() const { return x_; }\n protected:\n  ~C() = default;\n private:\n  int x_ = 0;\n};",
            "class C", "C: int f() const", "C: ~C() = default")

    def test_structs_begin_public(self):
        self.check("struct S { int a = 1; std::string b = {}; };", "struct S", "S: int a = 1", "S: std::string b = {}")

    def test_constructors_without_their_initialisers(self):
        self.check("struct S { explicit S(int a) : a_(a), b_{std::move(a)} {} };", "struct S", "S: explicit S(int a)")

    def test_enumerations_whole(self):
        self.check("enum class E { a, b, };", "enum class E {a, b}")

    def test_no_detail(self):
        self.check("namespace a {\nnamespace detail {\nint f();\n}\nint g();\n}", "a: int g()")

    def test_no_comments_and_no_directives(self):
        self.check('#pragma once\n#include <a>\n// int f();\n/* int g(); */\nconst char* h = "// {";',
                   'const char* h = "// {"')

    def test_public_macros(self):
        self.check("#define PENSTOCK_X(a) \\\n  int a;\n#define PENSTOCK_DETAIL_Y 1\n", "#define PENSTOCK_X(a)")

    def test_templates(self):
        self.check("template <class T = A<int>>\nclass [[nodiscard]] C : public B<T> {\n public:\n  template <class U>\n  U f(U u) { return u; }\n};",
                   "template <class T = A<int>> class [[nodiscard]] C : public B<T>", "C: template <class U> U f(U u)")


if __name__ == "__main__":
    unittest.main()
