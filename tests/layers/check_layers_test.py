#!/usr/bin/env python3
"""The self-test of check_layers.py: each rule is broken once and kept once, in a tree made for it."""
# SPDX-License-Identifier: Apache-2.0
import pathlib
import tempfile
import unittest

import check_layers

LAYERS = "# A comment: ignored.\nbase:\nspec: base\ngraph: base spec\nruntime: base spec graph\n"


class CheckLayersTest(unittest.TestCase):
    def findings(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "framework").mkdir()
            (root / "framework/layers.txt").write_text(LAYERS, encoding="utf-8")
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            return check_layers.findings(root)

    def assert_allowed(self, path, include):
        self.assertEqual(self.findings(path, f"#include {include}\n"), [])

    def assert_forbidden(self, path, include, reason):
        found = self.findings(path, f"\n  #  include {include}\n")
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:2: "), found)
        self.assertIn(reason, found[0])

    def test_public_headers_include_std_themselves_and_json_fwd_only(self):
        header = "framework/include/penstock/detail/x.h"
        for include in ("<vector>", "<cstdint>", '"penstock/item.h"', "<nlohmann/json_fwd.hpp>"):
            self.assert_allowed(header, include)
        for include in ("<nlohmann/json.hpp>", "<unistd.h>", "<oneapi/tbb/task_arena.h>", '"framework/base/quote.h"'):
            self.assert_forbidden(header, include, "public headers include")

    def test_one_public_header_includes_googletest(self):
        self.assert_allowed("framework/include/penstock/testing/gtest.h", "<gtest/gtest.h>")
        self.assert_forbidden("framework/include/penstock/testing/x.h", "<gtest/gtest.h>", "public headers include")

    def test_a_layer_includes_lower_layers_only(self):
        self.assert_allowed("framework/graph/x.cpp", '"framework/spec/parse.h"')
        self.assert_allowed("framework/graph/x.cpp", '"framework/graph/graph.h"')
        self.assert_allowed("framework/graph/x.cpp", '"penstock/item.h"')
        self.assert_forbidden("framework/graph/x.cpp", '"framework/runtime/gate.h"', "must not include layer runtime")
        self.assert_forbidden("framework/base/x.h", '"framework/spec/parse.h"', "it may include: none")

    def test_an_unknown_layer_is_reported(self):
        self.assert_forbidden("framework/extra/x.cpp", "<vector>", "no layer 'extra'")

    def test_framework_never_includes_stages_or_cli(self):
        self.assert_forbidden("framework/runtime/x.cpp", '"stages/builtin.h"', "neither stages/")
        self.assert_forbidden("framework/runtime/x.cpp", '"cli/run.h"', "neither stages/")

    def test_only_the_runtime_includes_the_flow_graph(self):
        self.assert_allowed("framework/runtime/x.cpp", "<oneapi/tbb/flow_graph.h>")
        for header in ("<oneapi/tbb/flow_graph.h>", "<tbb/flow_graph.h>", "<oneapi/tbb.h>", "<tbb/tbb.h>"):
            self.assert_forbidden("framework/graph/x.cpp", header, "only framework/runtime")
            self.assert_forbidden("stages/resize/x.cpp", header, "nothing of oneTBB")
            self.assert_forbidden("cli/x.cpp", header, "only framework/runtime")

    def test_stages_include_public_headers_stages_and_packages_only(self):
        stage = "stages/resize/resize.cpp"
        for include in ('"penstock/stage.h"', '"stages/resize/resize.h"', '"stages/types/bytes.h"', "<vips/vips.h>",
                        "<nlohmann/json.hpp>", "<oneapi/tbb/parallel_for.h>"):
            self.assert_allowed(stage, include)
        self.assert_forbidden(stage, '"framework/base/quote.h"', "nothing from inside the framework")
        self.assert_forbidden(stage, '"cli/run.h"', "nothing from inside the framework")

    def test_nothing_includes_tests(self):
        for path in ("framework/base/x.cpp", "stages/resize/x.cpp", "cli/x.cpp"):
            self.assert_forbidden(path, '"tests/support/temp_dir.h"', "tests/")

    def test_paths_start_at_the_root(self):
        self.assert_forbidden("framework/base/x.cpp", '"quote.h"', "start at the root")
        self.assert_forbidden("framework/base/x.cpp", '"framework/base/../spec/parse.h"', "must not climb")
        self.assert_forbidden("framework/base/x.cpp", "<framework/spec/parse.h>", "with quotes")
        self.assert_forbidden("framework/base/x.cpp", '"framework/include/penstock/item.h"', "as \"penstock/...\"")

    def test_what_is_no_include_line_is_ignored(self):
        self.assertEqual(self.findings("stages/resize/x.cpp", '// #include "framework/base/quote.h"\n'), [])
        self.assertEqual(self.findings("stages/resize/README.md", '#include "framework/base/quote.h"\n'), [])


if __name__ == "__main__":
    unittest.main()
