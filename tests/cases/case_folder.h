// A folder of tests/cases: a pipeline, its input, and what is expected of it.
//
//     tests/cases/NAME/pipeline.json      the pipeline; its output goes below `out/`
//                      input/             files that it reads, wherever it likes them
//                      given.json         optional: {"parameters": {"name": "value"}, "environment": {"NAME": "value"}}
//                      expect.json        what its run gives: see compare_report.h
//                      expect_error.txt   or: what `check` says of it, to the letter
//
// A case runs in a copy of its folder, so that its output disappears with the copy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "penstock/pipeline.h"

namespace penstock::cases {

/// Names of the folders that hold a pipeline.json, sorted.
std::vector<std::string> case_names();

class CaseFolder {
 public:
  explicit CaseFolder(const std::string& name);

  /// Text of a file of the case, nothing when there is none.
  std::optional<std::string> text(const std::string& file) const;

  /// Copies the case to `to` and loads the pipeline there. Throws ConfigError, whose places name `pipeline.json` alone.
  Pipeline load_copy(const std::string& to) const;

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::string> parameters_;
  std::map<std::string, std::string> environment_;
};

/// The produced files below `folder`, by their path relative to it, with their contents.
std::map<std::string, std::string> files_below(const std::filesystem::path& folder);

}  // namespace penstock::cases
