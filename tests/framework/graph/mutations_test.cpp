// Thousands of pipelines that are nearly right: each gives a graph, or errors that all have a place.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "tests/framework/graph/graph_errors.h"
#include "tests/support/test_stages.h"

namespace penstock::graph {
namespace {

constexpr std::uint32_t kSeed = 20'240'611;
constexpr int kMutations = 20'000;

constexpr std::array<std::string_view, 4> kValid = {
    R"({"name": "n", "params": {"count": 3, "list": ["a", "b"], "name": "x"}, "limits": {"items": 64, "memory": "1 MiB"},
 "stages": [{"type": "numbers", "count": "${count}"}, {"type": "deal", "ports": "${list}"},
 {"type": "add", "from": ["deal.a", "deal.b"], "amount": -3, "concurrency": 4, "queue": 2, "ordered": true},
 {"type": "wait", "time": "20 ms", "timeout": "1.5 s", "retry": {"attempts": 3, "backoff": "1 s", "max_backoff": "2 s"}},
 {"name": "failed-${name}", "type": "discard", "from": ["wait.failed", "add.failed"]},
 {"type": "to_text", "from": "wait", "fuse": false, "on_failure": "drop"}, {"type": "print"}]})",
    R"({"stages": [{"type": "numbers"}, {"type": "repeat"}, {"type": "sum", "size": 4}, {"name": "s", "type": "sum"},
 {"type": "running_sum", "concurrency": "serial"}, {"type": "block", "concurrency": 2}, {"type": "discard"}]})",
    R"({"$schema": "s", "description": "\u00e9\ud83d\ude00", "stages": [{"type": "nothing"}, {"type": "pass"},
 {"type": "print", "from": "pass"}, {"type": "discard", "from": "pass"}]})",
    R"({"stages": [{"type": "handles"}, {"type": "discard"}, {"name": "d", "type": "numbers", "count": 0},
 {"type": "double"}, {"type": "halve"}, {"name": "e", "type": "discard"}]})"};

constexpr std::array<std::string_view, 32> kPieces = {
    "{",        "}",       "[",        "]",        ",",    ":",       "\"",
    "null",     "true",    "-1",       "1e999",    "0.5",  "\"\"",    "${",
    "}",        "$${",     "${env:X}", "${count}", "\\",   "\\ud800", "\xFF",
    "\xC3\xA9", "\"a\"",   "\"type\"", "\"from\"", "deal", ".failed", "99999999999999999999",
    "NaN",      "\"1 s\"", "[[[[[[[[", "//"};

class Mutator {
 public:
  std::string next() {
    std::string text(kValid[below(kValid.size())]);
    const std::size_t changes = 1 + below(3);
    for (std::size_t i = 0; i < changes; ++i) mutate(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  void mutate(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(text.size() - at, 1 + below(12));
    switch (below(6)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      case 3:
        text.insert(below(text.size() + 1), text.substr(at, below(60)));
        break;
      case 4:
        text.replace(at, length, kPieces[below(kPieces.size())]);
        break;
      default:
        swap_words(text);
        break;
    }
  }

  /// Exchanges two quoted texts: the document stays JSON, its meaning does not.
  void swap_words(std::string& text) {
    const std::string first = word_near(text, below(text.size() + 1));
    const std::string second = word_near(text, below(text.size() + 1));
    const std::size_t at = text.find(first, below(text.size() + 1));
    if (!first.empty() && !second.empty() && at != std::string::npos) text.replace(at, first.size(), second);
  }
  static std::string word_near(const std::string& text, std::size_t at) {
    const std::size_t begin = text.find('"', at);
    const std::size_t end = begin == std::string::npos ? begin : text.find('"', begin + 1);
    return end == std::string::npos ? "" : text.substr(begin, end - begin + 1);
  }

  std::mt19937 random_{kSeed};  // NOLINT(cert-msc51-cpp): the same texts every time.
};

TEST(Mutations, GiveAGraphOrErrorsWithTheirPlace) {
  const Registry registry = test::test_registry();
  Mutator mutator;
  int graphs = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string text = mutator.next();
    const Checked checked = check(text, registry);
    bool has_error = false;
    for (const Diagnostic& diagnostic : checked.found) {
      has_error |= diagnostic.severity == Severity::error;
      const bool is_complete = diagnostic.where.line > 0 && diagnostic.where.column > 0 && !diagnostic.code.empty() &&
                               !diagnostic.message.empty();
      ASSERT_TRUE(is_complete) << "seed " << kSeed << ", mutation " << i << ":\n" << text << "\n" << checked.text();
    }
    ASSERT_NE(checked.graph.has_value(), has_error) << "seed " << kSeed << ", mutation " << i << ":\n" << text;
    if (!checked.graph) continue;
    ++graphs;
    const std::string shown = show_pipeline(*checked.config, *checked.graph);
    const Checked again = check(shown, registry);  // May warn, as the text did.
    ASSERT_TRUE(again.graph) << "seed " << kSeed << ", mutation " << i << ":\n" << text << shown << again.text();
  }
  // Both ways are taken often enough to mean something.
  EXPECT_GT(graphs, kMutations / 50);
  EXPECT_LT(graphs, kMutations / 2);
}

}  // namespace
}  // namespace penstock::graph
