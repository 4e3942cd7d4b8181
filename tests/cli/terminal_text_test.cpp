// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_text.h"

#include <gtest/gtest.h>

namespace penstock::cli {
namespace {

TEST(TerminalText, EscapesWhatCouldSteerATerminal) {
  EXPECT_EQ(escape_controls("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(escape_controls("a\r\nb\tc\x7f"), "a\\x0d\\nb\\x09c\\x7f");
  EXPECT_EQ(escape_controls("\u009b31m"), "\\x9b31m");
  EXPECT_EQ(escape_controls("gpj.\u202eexe"), "gpj.\\u202eexe");
}

TEST(TerminalText, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(escape_controls("a\xff"
                            "b"),
            "a\\xffb");
  EXPECT_EQ(escape_controls("\xc0\xaf"), "\\xc0\\xaf");
  EXPECT_EQ(escape_controls("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(escape_controls("\xe2\x82"), "\\xe2\\x82");
}

TEST(TerminalText, LeavesOtherTextAlone) {
  EXPECT_EQ(escape_controls("Gr\u00fc\u00dfe, \u65e5\u672c \U0001f600"), "Gr\u00fc\u00dfe, \u65e5\u672c \U0001f600");
}

TEST(TerminalText, KeepsLineFeedsOfLongerTexts) { EXPECT_EQ(escape_controls_in_lines("a\nb\x1b"), "a\nb\\x1b"); }

TEST(TerminalText, FitsTextIntoColumns) {
  EXPECT_EQ(fit("abcdef", 6), "abcdef");
  EXPECT_EQ(fit("abcdefg", 6), "abcde\u2026");
  EXPECT_EQ(fit("\u00e4\u00f6\u00fc\u00df", 3), "\u00e4\u00f6\u2026");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(TerminalText, GroupsDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace penstock::cli
