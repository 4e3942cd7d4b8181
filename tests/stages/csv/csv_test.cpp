// The stage `csv`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/csv/csv.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "penstock/error.h"
#include "penstock/testing/stage_runner.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

using penstock::testing::error_of;
using penstock::testing::StageRunner;
using penstock::testing::TempDir;

std::vector<SourceItem> items_of(std::string_view text,
                                 std::string_view options = R"({"path": "in.csv", "key": "url"})") {
  const TempDir folder;
  folder.write("in.csv", text);
  StageRunner runner(csv_spec(), options, {.base = folder.path()});
  return runner.collect();
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
