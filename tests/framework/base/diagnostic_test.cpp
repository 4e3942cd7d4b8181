// SPDX-License-Identifier: Apache-2.0
#include "penstock/diagnostic.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace penstock {
namespace {

Diagnostic unknown_option() {
  return {.code = "option.unknown",
          .where = {.file = "configs/thumbs.json", .line = 14, .column = 7, .pointer = "/stages/2/widht"},
          .message = "stage \"thumb\": `resize` has no option `widht`; it has: width, height, fit",
          .help = "did you mean `width`?"};
}

TEST(DiagnosticToString, PrintsWhatWhereWhyAndHelp) {
  EXPECT_EQ(to_string(unknown_option()),
            "configs/thumbs.json:14:7: error[option.unknown] at /stages/2/widht\n"
            "  stage \"thumb\": `resize` has no option `widht`; it has: width, height, fit\n"
            "  help: did you mean `width`?");
}

TEST(DiagnosticToString, NamesWarnings) {
  Diagnostic diagnostic = unknown_option();
  diagnostic.severity = Severity::warning;
  EXPECT_TRUE(to_string(diagnostic).starts_with("configs/thumbs.json:14:7: warning[option.unknown] at "));
}

TEST(DiagnosticToString, LeavesOutAnEmptyHelp) {
  Diagnostic diagnostic = unknown_option();
  diagnostic.message = "m";
  diagnostic.help.clear();
  EXPECT_EQ(to_string(diagnostic), "configs/thumbs.json:14:7: error[option.unknown] at /stages/2/widht\n  m");
}

TEST(DiagnosticToString, LeavesOutUnknownPlaces) {
  Diagnostic diagnostic{.code = "a.b", .message = "m"};
  EXPECT_EQ(to_string(diagnostic), "error[a.b]\n  m");
  diagnostic.where.file = "<string>";
  EXPECT_EQ(to_string(diagnostic), "<string>: error[a.b]\n  m");
  diagnostic.where.line = 3;
  EXPECT_EQ(to_string(diagnostic), "<string>:3: error[a.b]\n  m");
  diagnostic.where.pointer = "/limits";
  EXPECT_EQ(to_string(diagnostic), "<string>:3: error[a.b] at /limits\n  m");
}

TEST(DiagnosticToString, LeavesOutAColumnWithoutLine) {
  const Diagnostic diagnostic{.code = "a.b", .where = {.file = "f", .column = 9}, .message = "m"};
  EXPECT_EQ(to_string(diagnostic), "f: error[a.b]\n  m");
}

TEST(DiagnosticToString, IndentsEachLineOfMessageAndHelp) {
  const Diagnostic diagnostic{.code = "a.b", .message = "one\ntwo", .help = "three\nfour"};
  EXPECT_EQ(to_string(diagnostic), "error[a.b]\n  one\n  two\n  help: three\n  four");
}

TEST(ConfigError, KeepsItsDiagnostics) {
  const ConfigError error({unknown_option()});
  EXPECT_EQ(error.diagnostics(), std::vector<Diagnostic>{unknown_option()});
}

TEST(ConfigError, SaysEveryDiagnosticInOrder) {
  const ConfigError error({{.code = "a.b", .message = "one"}, {.code = "c.d", .message = "two", .help = "three"}});
  EXPECT_STREQ(error.what(), "error[a.b]\n  one\nerror[c.d]\n  two\n  help: three");
}

TEST(ConfigError, SaysTheSameAfterACopy) {
  const ConfigError error({unknown_option()});
  const ConfigError copy = error;  // NOLINT(performance-unnecessary-copy-initialization): the claim.
  EXPECT_STREQ(copy.what(), error.what());
}

}  // namespace
}  // namespace penstock
