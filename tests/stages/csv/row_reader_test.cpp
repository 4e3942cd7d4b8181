// Rows, for every size of block.
// SPDX-License-Identifier: Apache-2.0
#include "stages/csv/row_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/stages/common/read_in_blocks.h"

namespace penstock::stages {

/// Each row as `FILE:LINE|<field><field>`. Not in the unnamed namespace: GCC warns of coroutine frames in headers that
/// hold such types.
struct RowsOfFields {
  static RowReader make_reader(FilePath path, TextLimits limits) { return {std::move(path), ',', limits}; }
  static std::string show(const RowReader& reader, const std::vector<std::string>& fields) {
    std::string text = reader.place() + "|";
    for (const std::string& field : fields) text += "<" + field + ">";
    return text;
  }
};

namespace {

using std::string_literals::operator""s;

/// Errors without the advice behind the `;`.
std::vector<std::string> rows_of(std::string_view text, std::size_t block, std::size_t limit = 1000) {
  std::vector<std::string> rows = penstock::testing::read_in_blocks<RowsOfFields>(text, block, limit);
  for (std::string& row : rows) row.resize(std::min(row.find(';'), row.size()));
  return rows;
}

struct RowCase {
  std::string text;
  std::vector<std::string> rows;
};
void PrintTo(const RowCase& c, std::ostream* out) { *out << ::testing::PrintToString(c.text); }

class RowTexts : public ::testing::TestWithParam<RowCase> {};

TEST_P(RowTexts, AreSplitTheSameForEveryBlockSize) {
  for (const std::size_t block : {1U, 2U, 3U, 4U, 5U, 7U, 64U, 4096U}) {
    EXPECT_EQ(rows_of(GetParam().text, block), GetParam().rows) << "blocks of " << block;
  }
}

INSTANTIATE_TEST_SUITE_P(Plain, RowTexts,
                         ::testing::Values(RowCase{"", {}},                                          //
                                           RowCase{"a", {"x:1|<a>"}},                                //
                                           RowCase{"a,b\n", {"x:1|<a><b>"}},                         //
                                           RowCase{"a,b\r\nc,d\r\n", {"x:1|<a><b>", "x:2|<c><d>"}},  //
                                           RowCase{"a,b\r", {"x:1|<a><b>"}},                         //
                                           RowCase{",", {"x:1|<><>"}},                               //
                                           RowCase{"a,", {"x:1|<a><>"}},                             //
                                           RowCase{",a\n,\n", {"x:1|<><a>", "x:2|<><>"}},            //
                                           RowCase{"a,\r\n", {"x:1|<a><>"}},                         //
                                           RowCase{"\n\na\n\r\n\nb\n\n", {"x:3|<a>", "x:6|<b>"}},    //
                                           RowCase{"a\rb,c\r\r\n", {"x:1|<a\rb><c\r>"}},             //
                                           RowCase{" a , b ", {"x:1|< a >< b >"}},                   //
                                           RowCase{"\xEF\xBB\xBF"
                                                   "a,b",
                                                   {"x:1|<a><b>"}},  //
                                           RowCase{"\xC3\xBC,\xF0\x9F\x98\x80\n",
                                                   {"x:1|<\xC3\xBC><\xF0\x9F\x98\x80>"}}));

INSTANTIATE_TEST_SUITE_P(Quoted, RowTexts,
                         ::testing::Values(RowCase{R"("a")", {"x:1|<a>"}},                               //
                                           RowCase{R"("")", {"x:1|<>"}},                                 //
                                           RowCase{"\"\"\na", {"x:1|<>", "x:2|<a>"}},                    //
                                           RowCase{"\"\",\"\"\r\n", {"x:1|<><>"}},                       //
                                           RowCase{R"("a,b",c)", {"x:1|<a,b><c>"}},                      //
                                           RowCase{R"("a""b")", {"x:1|<a\"b>"}},                         //
                                           RowCase{R"("""")", {"x:1|<\">"}},                             //
                                           RowCase{R"("""""",x)", {"x:1|<\"\"><x>"}},                    //
                                           RowCase{R"("a "","" b",c)", {"x:1|<a \",\" b><c>"}},          //
                                           RowCase{"\"a\nb\",c\nd,e", {"x:1|<a\nb><c>", "x:3|<d><e>"}},  //
                                           RowCase{"\"a\r\nb\r\"\r\nc", {"x:1|<a\r\nb\r>", "x:3|<c>"}},  //
                                           RowCase{"\"a\"\r", {"x:1|<a>"}},                              //
                                           RowCase{"\xEF\xBB\xBF\"a\"", {"x:1|<a>"}},                    //
                                           RowCase{"\"\n\n\"\n\"x\"\n", {"x:1|<\n\n>", "x:4|<x>"}}));

INSTANTIATE_TEST_SUITE_P(
    Broken, RowTexts,
    ::testing::Values(
        RowCase{"a\nb\"c", {"csv.bad_quote: x:2:2: a quote within a field that does not start with one"}},
        RowCase{"a, \"b\"", {"csv.bad_quote: x:1:4: a quote within a field that does not start with one"}},
        RowCase{"\"a\"b", {"csv.bad_quote: x:1:4: text behind the closing quote of a field"}},
        RowCase{"\"a\" ,b", {"csv.bad_quote: x:1:4: text behind the closing quote of a field"}},
        RowCase{"\"a\"\rb", {"csv.bad_quote: x:1:4: text behind the closing quote of a field"}},
        RowCase{"\"x\ny\"z", {"csv.bad_quote: x:2:3: text behind the closing quote of a field"}},
        RowCase{"a\nb,\"c\nd\n", {"csv.bad_quote: x:2:3: a quoted field is never closed"}},
        RowCase{"\"", {"csv.bad_quote: x:1:1: a quoted field is never closed"}},
        RowCase{"\"a\"\"", {"csv.bad_quote: x:1:1: a quoted field is never closed"}},
        RowCase{"a\nb,\0c\n"s, {"input.not_text: x:2: expected text, got a NUL byte at byte 3"}},
        RowCase{"a\n\"\n\xC3\"\n", {"input.not_text: x:2: expected UTF-8, got the byte 0xC3 at byte 3"}}));

TEST(RowReader, AcceptsRowsUpToItsLimit) {
  for (const std::size_t block : {1U, 3U, 4096U}) {
    EXPECT_EQ(rows_of("1,345\r\n\"1\n3\"\n12345", block, 5),
              (std::vector<std::string>{"x:1|<1><345>", "x:2|<1\n3>", "x:4|<12345>"}));
    const std::vector<std::string> error = {"input.too_long: x:2: the row is longer than 5 B"};
    EXPECT_EQ(rows_of("a\n1,3456\n", block, 5), error);
    EXPECT_EQ(rows_of("a\n1,3456", block, 5), error);
    EXPECT_EQ(rows_of("a\n\"1\n3456789\"", block, 5), error);
  }
}

}  // namespace
}  // namespace penstock::stages
