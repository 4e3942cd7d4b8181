// Patterns for paths.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/glob.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace penstock::stages {
namespace {

struct Case {
  std::string pattern;
  std::string path;
  bool matches;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.pattern << " on " << testing::PrintToString(c.path); }

class Globs : public testing::TestWithParam<Case> {};

TEST_P(Globs, Match) { EXPECT_EQ(Glob::parse(GetParam().pattern).matches(GetParam().path), GetParam().matches); }

INSTANTIATE_TEST_SUITE_P(Names, Globs,
                         testing::Values(Case{"a", "a", true}, Case{"a", "b", false}, Case{"a", "a/a", false},  //
                                         Case{"*", "abc", true}, Case{"*", ".hidden", true}, Case{"*", "a/b", false},
                                         Case{"*.jpg", "x.jpg", true}, Case{"*.jpg", ".jpg", true},
                                         Case{"*.jpg", "x.jpgx", false}, Case{"*.jpg", "x.JPG", false},
                                         Case{"*.jpg", "a/x.jpg", false}, Case{"a*b*c", "abc", true},
                                         Case{"a*b*c", "aXbYbZc", true}, Case{"a*b*c", "aXcXb", false},
                                         Case{"?", "a", true}, Case{"?", "", false}, Case{"?", "ab", false},
                                         Case{"?", "\xC3\xBC", true}, Case{"?", "\xF0\x9F\x98\x80", true},
                                         Case{"?", "\xFF", true}, Case{"??", "\xC3\xBC", false},
                                         Case{"*\n*", "a\nb", true}, Case{"{a,b}", "{a,b}", true}));

INSTANTIATE_TEST_SUITE_P(Classes, Globs,
                         testing::Values(Case{"[abc]", "b", true}, Case{"[abc]", "d", false},
                                         Case{"[a-c]x", "bx", true}, Case{"[!a-c]", "b", false},
                                         Case{"[!a-c]", "d", true}, Case{"[^a]", "b", true}, Case{"[]]", "]", true},
                                         Case{"[!]]", "]", false}, Case{"[!]]", "x", true}, Case{"[a-]", "-", true},
                                         Case{"[-a]", "-", true}, Case{"[*]", "*", true}, Case{"[*]", "x", false},
                                         Case{"[[]", "[", true}, Case{"a]", "a]", true},
                                         Case{"[\xC3\xA4-\xC3\xBC]", "\xC3\xB6", true},
                                         Case{"[\xC3\xA4-\xC3\xBC]", "z", false}, Case{"[a-c]", "\xFF", false},
                                         Case{"[!a-c]", "\xFF", true}, Case{"[0-9][0-9].jpg", "42.jpg", true}));

INSTANTIATE_TEST_SUITE_P(
    Depth, Globs,
    testing::Values(Case{"**", "a", true}, Case{"**", "a/b/c", true}, Case{"**/*.jpg", "x.jpg", true},
                    Case{"**/*.jpg", "a/b/x.jpg", true}, Case{"**/*.jpg", "a/b/x.png", false},
                    Case{"a/**", "a/b", true}, Case{"a/**", "a/b/c", true}, Case{"a/**", "a", false},
                    Case{"a/**", "b/a", false}, Case{"a/**/z", "a/z", true}, Case{"a/**/z", "a/b/c/z", true},
                    Case{"a/**/z", "a/z/y", false}, Case{"**/a/**/b", "a/b", true},
                    Case{"**/a/**/b", "x/a/y/a/b", true}, Case{"**/a/**/b", "b/a", false}, Case{"**/**", "a", true},
                    Case{"*/*", "a/b", true}, Case{"*/*", "a", false}, Case{"2024/*/x", "2024/05/x", true}));

struct BadCase {
  std::string pattern;
  std::string message;
};
void PrintTo(const BadCase& c, std::ostream* out) { *out << c.pattern; }

class BadGlobs : public testing::TestWithParam<BadCase> {};

TEST_P(BadGlobs, AreRefused) {
  try {
    Glob::parse(GetParam().pattern);
    FAIL() << "accepted";
  } catch (const OptionError& error) {
    EXPECT_EQ(error.code().name(), "option.glob");
    EXPECT_EQ(error.what(), GetParam().message);
  }
}

INSTANTIATE_TEST_SUITE_P(Glob, BadGlobs,
                         testing::Values(BadCase{"", "expected a pattern, got \"\""},
                                         BadCase{"/a", "expected a pattern relative to `root`, got \"/a\""},
                                         BadCase{"a//b", "a segment of the pattern is \"\""},
                                         BadCase{"a/", "a segment of the pattern is \"\""},
                                         BadCase{"../a", "a segment of the pattern is \"..\""},
                                         BadCase{"a/./b", "a segment of the pattern is \".\""},
                                         BadCase{"a**", "`**` stands alone between slashes, got \"a**\""},
                                         BadCase{"***", "`**` stands alone between slashes, got \"***\""},
                                         BadCase{"[abc", "a `[` is never closed"},
                                         BadCase{"[]", "a `[` is never closed"},
                                         BadCase{"[a/b]", "a `[` is never closed"},
                                         BadCase{"[z-a]", "a range in brackets runs backwards"},
                                         BadCase{std::string("a\0b", 3), "a pattern cannot hold a NUL character"}));

// Backtracking over every `*` or `**` would not end in a lifetime.
TEST(Glob, MatchesHostilePatternsQuickly) {
  std::string name_pattern;
  std::string path_pattern;
  std::string path;
  for (int i = 0; i < 60; ++i) {
    name_pattern += "*a";
    path_pattern += "**/a/";
    path += "a/";
  }
  EXPECT_FALSE(Glob::parse(name_pattern + "b").matches(std::string(250, 'a')));
  EXPECT_FALSE(Glob::parse(path_pattern + "b").matches(path + "a/a/a/c"));
}

TEST(Glob, KnowsWhereNothingCanMatch) {
  const Glob glob = Glob::parse("2024/*/x");
  EXPECT_FALSE(glob.can_go_on(glob.step(glob.start(), "2023")));
  EXPECT_TRUE(glob.can_go_on(glob.step(glob.start(), "2024")));
  EXPECT_FALSE(glob.can_go_on(glob.step(glob.step(glob.step(glob.start(), "2024"), "05"), "x")));
}

TEST(Glob, MatchesEverythingByDefault) { EXPECT_TRUE(Glob().matches("a/b")); }

}  // namespace
}  // namespace penstock::stages
