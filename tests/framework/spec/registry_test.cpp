// SPDX-License-Identifier: Apache-2.0
#include "penstock/registry.h"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "tests/support/test_stages.h"

namespace penstock {
namespace {

/// Why the registry refuses `add`'s declaration after `change`; empty when it does not.
std::string refusal(const std::function<void(StageSpec&)>& change, StageSpec spec = test::add_spec()) {
  change(spec);
  Registry registry;
  try {
    registry.add(std::move(spec));
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(Registry, FindsWhatWasAdded) {
  const Registry registry = test::test_registry();
  ASSERT_NE(registry.find("add"), nullptr);
  EXPECT_EQ(registry.find("add")->type, "add");
  EXPECT_EQ(registry.find("ad"), nullptr);
}

TEST(Registry, ListsTypesByName) {
  std::string names;
  for (const auto& spec : test::test_registry().specs()) names += spec->type + " ";
  EXPECT_EQ(names,
            "add block convert deal discard double halve handles nothing numbers pass print repeat running_sum sum "
            "to_text wait ");
}

TEST(Registry, KeepsDeclarationsAliveAfterItsEnd) {
  std::shared_ptr<const StageSpec> spec;
  {
    const Registry registry = test::test_registry();
    spec = registry.find("add");
  }
  EXPECT_EQ(spec->type, "add");
}

TEST(Registry, RefusesATypeTwice) {
  Registry registry = test::test_registry();
  EXPECT_THROW(registry.add(test::add_spec()), std::invalid_argument);
}

TEST(Registry, RefusesContradictions) {
  EXPECT_EQ(refusal([](StageSpec&) {}), "");
  EXPECT_EQ(refusal([](StageSpec& s) { s.type = "a.b"; }),
            "stage type \"a.b\": a type is named by letters, digits, `_` and `-`");
  EXPECT_EQ(refusal([](StageSpec& s) { s.summary.clear(); }), "stage type \"add\": it has no summary");
  EXPECT_EQ(refusal([](StageSpec& s) { s.input.reset(); }), "stage type \"add\": everything but a source has an input");
  EXPECT_EQ(refusal([](StageSpec& s) { s.params.push_back(s.params[0]); }),
            "stage type \"add\": the option `amount` is declared twice");
  EXPECT_EQ(refusal([](StageSpec& s) { s.params[0].name = "retry"; }),
            "stage type \"add\": the option `retry` is named like a key that every stage has");
  EXPECT_EQ(refusal([](StageSpec& s) { s.params[0].doc.clear(); }),
            "stage type \"add\": the option `amount` has no text");
  EXPECT_EQ(refusal([](StageSpec& s) { s.output->name = "failed"; }),
            "stage type \"add\": the port name `failed` is taken");
  EXPECT_EQ(refusal([](StageSpec& s) { s.output->types.clear(); }),
            "stage type \"add\": the output's type must be known: name it, or declare output_same_as_input()");
  EXPECT_EQ(refusal([](StageSpec& s) { s.params[0].type.range = between(2, 1); }),
            "stage type \"add\": the option `amount` accepts nothing");
  EXPECT_EQ(refusal([](StageSpec& s) { s.output.reset(); }, test::numbers_spec()),
            "stage type \"numbers\": a source has an output");
  EXPECT_EQ(refusal([](StageSpec& s) { s.input = s.output; }, test::numbers_spec()),
            "stage type \"numbers\": a source has no input");
  EXPECT_EQ(refusal([](StageSpec& s) { s.output_same_as_input = true; }, test::discard_spec()),
            "stage type \"discard\": a sink has no output");
  EXPECT_EQ(refusal([](StageSpec& s) { s.default_concurrency = 2; }, test::running_sum_spec()),
            "stage type \"running_sum\": it is serial by its kind; it has no default concurrency");
}

}  // namespace
}  // namespace penstock
