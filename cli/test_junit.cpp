// SPDX-License-Identifier: Apache-2.0
#include "cli/test_junit.h"

#include <cstdio>
#include <string_view>

#include "cli/terminal_text.h"
#include "penstock/testing/seeds.h"

namespace penstock::cli {
namespace {

/// Control characters are no XML, not even escaped: they are written as the terminal shows them.
std::string escaped(std::string_view raw) {
  std::string text;
  for (const char c : escape_controls_in_lines(raw)) {
    switch (c) {
      case '&':
        text += "&amp;";
        break;
      case '<':
        text += "&lt;";
        break;
      case '>':
        text += "&gt;";
        break;
      case '"':
        text += "&quot;";
        break;
      default:
        text += c;
    }
  }
  return text;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escaped(value) + "\"";
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

std::string counts(std::size_t tests, std::size_t failures, std::size_t errors, double seconds) {
  return attribute("tests", std::to_string(tests)) + attribute("failures", std::to_string(failures)) +
         attribute("errors", std::to_string(errors)) + attribute("time", seconds_text(seconds));
}

std::string case_xml(const FinishedTest& test) {
  std::string xml = "    <testcase" + attribute("classname", test.file) + attribute("name", test.name) +
                    attribute("time", seconds_text(test.seconds));
  if (test.result.has_passed()) return xml + "/>\n";
  std::string text;
  for (const Diagnostic& error : test.result.errors) text += to_string(error) + "\n";
  if (test.result.seed) text += testing::seed_text(*test.result.seed) + "\n";
  for (const std::string& line : test.result.differences) text += line + "\n";
  const char* element = test.result.errors.empty() ? "failure" : "error";
  const std::string message =
      test.result.errors.empty() ? test.result.differences.front() : test.result.errors.front().message;
  return xml + ">\n      <" + element + attribute("message", message) + ">" + escaped(text) + "</" + element +
         ">\n    </testcase>\n";
}

}  // namespace

std::string junit_xml(const std::vector<FinishedTest>& results) {
  std::string suites;
  std::size_t all_failures = 0;
  std::size_t all_errors = 0;
  double all_seconds = 0;
  for (std::size_t i = 0; i < results.size();) {
    std::string cases;
    std::size_t failures = 0;
    std::size_t errors = 0;
    double seconds = 0;
    const std::size_t first = i;
    for (; i < results.size() && results[i].file == results[first].file; ++i) {
      cases += case_xml(results[i]);
      seconds += results[i].seconds;
      if (!results[i].result.errors.empty()) {
        ++errors;
      } else if (!results[i].result.differences.empty()) {
        ++failures;
      }
    }
    suites += "  <testsuite" + attribute("name", results[first].file) + counts(i - first, failures, errors, seconds) +
              ">\n" + cases + "  </testsuite>\n";
    all_failures += failures;
    all_errors += errors;
    all_seconds += seconds;
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", "penstock") +
         counts(results.size(), all_failures, all_errors, all_seconds) + ">\n" + suites + "</testsuites>\n";
}

}  // namespace penstock::cli
