// Runs every folder of tests/cases, with one, two and eight workers; case_folder.h says what is in them.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cases/case_folder.h"
#include "tests/cases/compare_report.h"
#include "tests/support/direct_network.h"
#include "tests/support/temp_dir.h"

namespace penstock::cases {
namespace {

class Cases : public ::testing::TestWithParam<std::string> {
 protected:
  Cases() { penstock::testing::use_no_proxy(); }
};

void expect_run(const CaseFolder& folder, const nlohmann::json& expected, unsigned workers) {
  const penstock::testing::TempDir copy;
  std::vector<FailureRecord> failures;
  const auto keep = [&failures](const FailureRecord& failure) { failures.push_back(failure); };
  const Pipeline pipeline = folder.load_copy(copy.path("case"));
  const RunReport report = pipeline.start({.workers = workers, .on_failure = keep}).wait();
  EXPECT_EQ(differences(expected, report, failures, files_below(copy.path("case/out"))), "")
      << "with " << workers << " workers";
}

std::string errors_of(const CaseFolder& folder) {
  const penstock::testing::TempDir copy;
  try {
    folder.load_copy(copy.path("case"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "the pipeline was accepted";
}

/// Without the newlines at the end: editors like to add one.
std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

TEST_P(Cases, GiveWhatIsExpected) {
  const CaseFolder folder(GetParam());
  const std::optional<std::string> expected = folder.text("expect.json");
  const std::optional<std::string> errors = folder.text("expect_error.txt");
  ASSERT_NE(expected.has_value(), errors.has_value()) << "a case has either expect.json or expect_error.txt";
  if (errors) {
    EXPECT_EQ(trimmed(errors_of(folder)), trimmed(*errors));
    return;
  }
  for (const unsigned workers : {1U, 2U, 8U}) expect_run(folder, nlohmann::json::parse(*expected), workers);
}

INSTANTIATE_TEST_SUITE_P(Folders, Cases, ::testing::ValuesIn(case_names()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace penstock::cases
