// Blocks into lines, for every size of block; pipes that are silent.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/text_input.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/stages/common/read_in_blocks.h"

namespace penstock::stages {

/// Each line with its number. Not in the unnamed namespace: GCC warns of coroutine frames in headers that hold such
/// types.
struct NumberedLines {
  static LineReader make_reader(FilePath path, TextLimits limits) { return {std::move(path), limits}; }
  static std::string show(const LineReader& reader, std::string_view line) {
    return std::to_string(reader.line_number()) + "|" + std::string(line);
  }
};

namespace {

using std::string_literals::operator""s;

std::vector<std::string> lines_of(std::string_view text, std::size_t block, std::size_t limit = 1000) {
  return penstock::testing::read_in_blocks<NumberedLines>(text, block, limit);
}

struct TextCase {
  std::string text;
  std::vector<std::string> lines;
};
void PrintTo(const TextCase& c, std::ostream* out) { *out << ::testing::PrintToString(c.text); }

class LineTexts : public ::testing::TestWithParam<TextCase> {};

TEST_P(LineTexts, AreSplitTheSameForEveryBlockSize) {
  for (const std::size_t block : {1U, 2U, 3U, 4U, 5U, 7U, 64U, 4096U}) {
    EXPECT_EQ(lines_of(GetParam().text, block), GetParam().lines) << "blocks of " << block;
  }
}

INSTANTIATE_TEST_SUITE_P(
    TextInput, LineTexts,
    ::testing::Values(
        TextCase{"", {}},                                            //
        TextCase{"a", {"1|a"}},                                      //
        TextCase{"a\n", {"1|a"}},                                    //
        TextCase{"\n", {"1|"}},                                      //
        TextCase{"a\n\nb", {"1|a", "2|", "3|b"}},                    //
        TextCase{"a\r\nb\r\n", {"1|a", "2|b"}},                      //
        TextCase{"a\r\r\nb\rc\r", {"1|a\r", "2|b\rc"}},              //
        TextCase{"\xEF\xBB\xBFhello\nx", {"1|hello", "2|x"}},        //
        TextCase{"\xEF\xBB\xBF", {}},                                //
        TextCase{"\xEF\xBB\xBF\xEF\xBB\xBFx", {"1|\xEF\xBB\xBFx"}},  //
        TextCase{"12345678\n123456789012345678\n", {"1|12345678", "2|123456789012345678"}},
        TextCase{"gr\xC3\xBC\xC3\x9F\n\xF0\x9F\x98\x80", {"1|gr\xC3\xBC\xC3\x9F", "2|\xF0\x9F\x98\x80"}},
        TextCase{"a\nb\0c\n"s,
                 {"input.not_text: x:2: expected text, got a NUL byte at byte 2; is it a binary file, or UTF-16?"}},
        TextCase{"a\nb\xFF",
                 {"input.not_text: x:2: expected UTF-8, got the byte 0xFF at byte 2; convert the "
                  "file, e.g. with iconv"}},
        TextCase{"\xEF\xBB",
                 {"input.not_text: x:1: expected UTF-8, got the byte 0xEF at byte 1; convert the "
                  "file, e.g. with iconv"}}));

TEST(LineReader, AcceptsLinesUpToItsLimit) {
  for (const std::size_t block : {1U, 3U, 4096U}) {
    EXPECT_EQ(lines_of("12345\r\n12345\n12345", block, 5), (std::vector<std::string>{"1|12345", "2|12345", "3|12345"}));
    const std::vector<std::string> error = {"input.too_long: x:2: the line is longer than 5 B"};
    EXPECT_EQ(lines_of("12345\n123456\n", block, 5), error);
    EXPECT_EQ(lines_of("12345\n12345\rx\n", block, 5), error);
    EXPECT_EQ(lines_of("12345\n123456", block, 5), error);
    EXPECT_EQ(lines_of("12345\n123456789012345678901234567890", block, 5), error);
  }
}

}  // namespace
}  // namespace penstock::stages
