// The stage `csv`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/csv/csv.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "penstock/diagnostic.h"
#include "penstock/error.h"
#include "penstock/stage.h"
#include "penstock/testing/stage_runner.h"
#include "stages/csv/row_reader.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

using penstock::testing::StageRunner;
using penstock::testing::TempDir;
using std::string_literals::operator""s;

// --- Rows, for every size of block ---

struct ReaderParams {
  FilePath path;
  std::int64_t block = 1;
  std::int64_t limit = 1000;
};

/// Emits each row as `LINE|<field><field>`.
class Reader final : public AsyncSource {
 public:
  explicit Reader(ReaderParams params)
      : rows_(params.path, ',',
              {.max_bytes = static_cast<std::size_t>(params.limit),
               .block_bytes = static_cast<std::size_t>(params.block)}) {}
  void open(StageContext&) override { rows_.open(); }
  void close(StageContext&) override { rows_.close(); }
  Task<void> produce(SourceOutput& output, StageContext& context) override {
    for (;;) {
      while (rows_.next()) {
        SourceItem item;
        item.key = rows_.place() + "|";
        for (const std::string& field : rows_.fields()) item.key += "<" + field + ">";
        co_await output.emit(std::move(item));
      }
      if (rows_.is_at_end()) co_return;
      co_await rows_.read_more(context);
    }
  }

 private:
  RowReader rows_;
};

StageSpec reader_spec() {
  return describe_stage<Reader, ReaderParams>("reader")
      .summary("Reads rows.")
      .output<None>("rows", "Rows.")
      .param(&ReaderParams::path, "path", "Input.")
      .param(&ReaderParams::block, "block", "Bytes of a block.")
      .param(&ReaderParams::limit, "limit", "Bytes of a row.");
}

std::vector<std::string> rows_of(std::string_view text, std::size_t block, std::size_t limit = 1000) {
  const TempDir folder;
  folder.write("x", text);
  StageRunner runner(
      reader_spec(),
      R"({"path": "x", "block": )" + std::to_string(block) + R"(, "limit": )" + std::to_string(limit) + "}",
      {.base = folder.path()});
  std::vector<std::string> rows;
  try {
    for (const SourceItem& item : runner.collect()) rows.push_back(item.key);
  } catch (const ItemError& error) {
    return {error.code() + ": " + error.message().substr(0, error.message().find(';'))};
  }
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

// --- The stage ---

std::vector<SourceItem> items_of(std::string_view text,
                                 std::string_view options = R"({"path": "in.csv", "key": "url"})") {
  const TempDir folder;
  folder.write("in.csv", text);
  StageRunner runner(csv_spec(), options, {.base = folder.path()});
  return runner.collect();
}

template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const ItemError& error) {
    return error.code() + ": " + error.message();
  } catch (const ConfigError& error) {
    return error.diagnostics().front().code + " at " + error.diagnostics().front().where.pointer;
  }
  return {};
}

TEST(Csv, TakesOneColumnAsKeyAndTheOthersAsAttributes) {
  const std::vector<SourceItem> items = items_of("id,url,label\n1,https://a/x,\"red, \"\"big\"\"\"\n2,https://a/y,\n");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].key, "https://a/x");
  EXPECT_EQ(items[0].attributes.size(), 2U);
  EXPECT_EQ(*items[0].attributes.find("id"), AttributeValue("1"));
  EXPECT_EQ(*items[0].attributes.find("label"), AttributeValue("red, \"big\""));
  EXPECT_TRUE(items[0].payload.holds<None>());
  EXPECT_EQ(items[1].key, "https://a/y");
  EXPECT_EQ(*items[1].attributes.find("label"), AttributeValue(""));
}

TEST(Csv, IgnoresColumnsWithoutName) {
  const std::vector<SourceItem> items = items_of(",url,\n0,https://a/x,z\n");
  ASSERT_EQ(items.size(), 1U);
  EXPECT_TRUE(items[0].attributes.empty());
}

TEST(Csv, TakesOtherDelimiters) {
  EXPECT_EQ(items_of("id;url\n1,5;u\n", R"({"path": "in.csv", "key": "url", "delimiter": ";"})")[0].key, "u");
  EXPECT_EQ(items_of("id\turl\n1\tu\n", R"({"path": "in.csv", "key": "url", "delimiter": "\t"})")[0].key, "u");
}

TEST(Csv, ChecksItsOptions) {
  for (const char* bad : {R"("\"")", R"("\n")", R"("\r")", R"("\u0000")"}) {
    const std::string options = R"({"path": "in.csv", "key": "url", "delimiter": )" + std::string(bad) + "}";
    EXPECT_TRUE(error_of([&] { items_of("", options); }).starts_with("option.value at /delimiter")) << bad;
  }
  EXPECT_EQ(error_of([] { items_of("", R"({"path": "in.csv", "key": "u", "delimiter": "::"})"); }),
            "option.range at /delimiter");
  EXPECT_EQ(error_of([] { items_of("", R"({"path": "in.csv", "key": ""})"); }), "option.range at /key");
  EXPECT_EQ(error_of([] { items_of("", R"({"path": "in.csv", "key": "u", "max_row_bytes": "0 B"})"); }),
            "option.range at /max_row_bytes");
  EXPECT_EQ(error_of([] { items_of("", R"({"path": "in.csv"})"); }), "option.missing at /key");
}

TEST(Csv, ReportsRaggedRowsWithTheirLine) {
  EXPECT_EQ(error_of([] { items_of("id,url\n\"1\n\",u\n2\n"); }),
            "csv.ragged_row: in.csv:4: expected 2 fields as in the header row, got 1");
  EXPECT_EQ(error_of([] { items_of("id,url\n1,u,x\n"); }),
            "csv.ragged_row: in.csv:2: expected 2 fields as in the header row, got 3");
}

TEST(Csv, ReportsBadHeaders) {
  EXPECT_EQ(error_of([] { items_of("id, url\n"); }),
            "csv.missing_column: in.csv:1: there is no column \"url\"; there are \"id\", \" url\"");
  EXPECT_EQ(error_of([] { items_of("a,url,b,a\n"); }),
            "csv.duplicate_column: in.csv:1: columns 1 and 4 are both named \"a\"");
  EXPECT_EQ(error_of([] { items_of("\n\n"); }),
            "csv.missing_column: in.csv: expected a header row, got an empty input");
}

TEST(Csv, RefusesRowsBeyondTheirLimit) {
  const std::string options = R"({"path": "in.csv", "key": "url", "max_row_bytes": "6 B"})";
  EXPECT_EQ(items_of("id,url\n1,2345\n", options).size(), 1U);
  EXPECT_EQ(error_of([&] { items_of("id,url\n1,23456\n", options); }),
            "input.too_long: in.csv:2: the row is longer than 6 B");
}

TEST(Csv, SaysWhyItCannotOpenOrRead) {
  EXPECT_TRUE(error_of([] { items_of("", R"({"path": "none", "key": "url"})"); }).starts_with("input.cannot_open: "));
  EXPECT_TRUE(
      error_of([] { items_of("", R"({"path": "/proc/self/mem", "key": "url"})"); }).starts_with("input.cannot_read: "));
}

TEST(Csv, EndsWhileAPipeIsSilent) {
  const TempDir folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  StageRunner runner(csv_spec(), R"({"path": "pipe", "key": "url"})", {.base = folder.path()});
  runner.open();
  std::thread stop([&] { runner.cancel(); });
  EXPECT_TRUE(runner.collect().empty());
  stop.join();
}

}  // namespace
}  // namespace penstock::stages
