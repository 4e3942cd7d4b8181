// Runs one test of a test file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "framework/testing/test_file.h"
#include "penstock/diagnostic.h"
#include "penstock/registry.h"
#include "penstock/testing/payload_form.h"

namespace penstock::testing {

/// What a test file does not say of the world.
struct TestEnvironment {
  /// The stage types, whose HTTP is answered by the recording at that path; without one there is no HTTP. May throw
  /// ConfigError, or std::exception for a recording that cannot be read.
  std::function<Registry(const std::optional<std::string>& recording)> registry;
  std::vector<PayloadForm> forms;
  std::optional<std::uint64_t> seeds;  ///< Instead of the number that each test has.
  bool on_threads = false;             ///< On the real clock, once: to make recordings.
};

struct TestResult {
  std::vector<Diagnostic> errors;        ///< Of the test file: nothing was run.
  std::vector<std::string> differences;  ///< From what was expected; lines within one are indented.
  std::optional<std::uint64_t> seed;     ///< With which they were found.

  bool has_passed() const { return errors.empty() && differences.empty(); }
};

/// Runs with one seed after the other, up to the first that fails. Throws nothing but std::bad_alloc.
TestResult run_test(const TestFile& file, std::size_t test, const TestEnvironment& environment);

}  // namespace penstock::testing
