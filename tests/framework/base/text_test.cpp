// Names and values in messages: quotes, suggestions, JSON pointers, UTF-8.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "framework/base/closest_match.h"
#include "framework/base/diagnostics.h"
#include "framework/base/json_pointer.h"
#include "framework/base/quote.h"
#include "penstock/utf8.h"

namespace penstock {
namespace {

TEST(Quote, EscapesWhatATerminalCouldObey) {
  EXPECT_EQ(quote("a\"b\\c\n\x1b[31m"), R"("a\"b\\c\n\u001b[31m")");
  EXPECT_EQ(quote_name("a`b\"c"), "`a\\`b\"c`");
  EXPECT_EQ(quote("\xC3\xA9 \xFF"), "\"\xC3\xA9 \\xff\"");
}

TEST(Quote, CutsLongTextsBetweenCharacters) {
  std::string text(79, 'a');
  EXPECT_EQ(quote(text + "\xC3\xA9z"), "\"" + text + "\xC3\xA9...\"");
}

TEST(JoinNames, CountsWhatItLeavesOut) {
  EXPECT_EQ(join_names({"a", "b", "c"}, 3), "a, b, c");
  EXPECT_EQ(join_names({"a", "b", "c", "d"}, 2), "a, b, ... (2 more)");
  EXPECT_EQ(join_names({}), "");
}

TEST(ClosestMatch, FindsTypingMistakes) {
  const std::vector<std::string> names = {"width", "height", "fit", "format"};
  EXPECT_EQ(closest_match("widht", names), "width");
  EXPECT_EQ(closest_match("heigt", names), "height");
  EXPECT_EQ(closest_match("Formats", names), "format");
  EXPECT_EQ(closest_match("ft", names), "fit");
}

TEST(ClosestMatch, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(closest_match("quality", {"width", "fit"}), std::nullopt);
  EXPECT_EQ(closest_match("x", {"y"}), std::nullopt);
  EXPECT_EQ(closest_match("", {"y"}), std::nullopt);
  EXPECT_EQ(closest_match(std::string(1'000'000, 'w'), {"width"}), std::nullopt);
  EXPECT_EQ(closest_match("width", {std::string(1'000'000, 'w')}), std::nullopt);
}

TEST(JsonPointer, EscapesTokensAndBack) {
  EXPECT_EQ(append_pointer(append_pointer("", "a/b"), "c~d"), "/a~1b/c~0d");
  EXPECT_EQ(split_pointer("/a~1b/c~0d/"), (std::vector<std::string>{"a/b", "c~d", ""}));
  EXPECT_EQ(split_pointer(""), std::vector<std::string>());
  EXPECT_EQ(split_pointer("a"), std::nullopt);
  EXPECT_EQ(split_pointer("/~2"), std::nullopt);
  EXPECT_EQ(split_pointer("/~"), std::nullopt);
}

TEST(Utf8, FindsWhatIsNotWellFormed) {
  EXPECT_EQ(find_invalid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 10U);
  for (const std::string bad : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x9F\x80", "\xED\xA0\x80", "\xF0\x8F\x80\x80",
                                "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_EQ(find_invalid_utf8("ok" + bad), 2U);
  }
  EXPECT_EQ(count_characters("a\xC3\xA9\xF0\x9F\x98\x80"), 3U);
}

struct Utf8Case {
  std::string text;
  std::size_t valid;
};

TEST(Utf8, FindsTheFirstInvalidByte) {
  const std::vector<Utf8Case> cases = {
      {"", 0},
      {"plain ascii, longer than a word", 31},
      {"\xF0\x9F\x98\x80", 4},
      {"\xED\x9F\xBF\xEE\x80\x80", 6},
      {"12345678\xFF", 8},
      {"1234\xC0\x80", 4},      // Overlong.
      {"\xE0\x9F\xBF", 0},      // Overlong.
      {"\xED\xA0\x80", 0},      // Surrogate.
      {"\xF4\x90\x80\x80", 0},  // Above U+10FFFF.
      {"abc\xE2\x82", 3},       // Cut.
      {"\x80", 0},
  };
  for (const Utf8Case& c : cases) EXPECT_EQ(find_invalid_utf8(c.text), c.valid) << ::testing::PrintToString(c.text);
}

TEST(Diagnostics, KeepsTheFirstHundredErrorsInTheOrderOfTheFile) {
  Diagnostics out("f");
  for (std::uint32_t i = 0; i < 150; ++i) out.error("json.syntax", {200 - i, 1}, "", "m");
  try {
    out.throw_errors();
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.diagnostics().size(), 101U);
    EXPECT_EQ(error.diagnostics().front().where.line, 101U);
    EXPECT_EQ(error.diagnostics().back().message, "50 more errors are not shown");
  }
}

TEST(Diagnostics, DoesNotThrowWarnings) {
  Diagnostics out("f");
  out.add(Severity::warning, "json.syntax", {1, 1}, "", "m");
  EXPECT_NO_THROW(out.throw_errors());
  EXPECT_EQ(out.sorted().size(), 1U);
}

}  // namespace
}  // namespace penstock
