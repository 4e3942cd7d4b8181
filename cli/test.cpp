// SPDX-License-Identifier: Apache-2.0
#include "cli/test.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "cli/exit_code.h"
#include "cli/load_pipeline.h"
#include "cli/output_file.h"
#include "cli/terminal_text.h"
#include "cli/test_junit.h"
#include "cli/test_payloads.h"
#include "cli/test_search.h"
#include "framework/testing/run_test.h"
#include "penstock/testing/seeds.h"
#include "stages/common/http_recording.h"

namespace penstock::cli {
namespace {

/// The stage types of a test, and what they record.
class TestRegistries {
 public:
  explicit TestRegistries(bool records) : records_(records) {}

  Registry make(const std::optional<std::string>& path) {
    stages::BuiltinOptions options;
    if (!path) {
      options.http_transport = replay_http(std::make_shared<const stages::HttpRecording>());
    } else if (records_) {
      path_ = *path;
      recording_ = std::make_shared<stages::HttpRecording>();
      options.http_transport = record_http(recording_);
    } else {
      options.http_transport = replay_http(stages::HttpRecording::load(*path));
    }
    return make_registry(options);
  }

  /// Writes what was recorded since the last call; gives its path. Throws std::system_error.
  std::optional<std::string> save() {
    const auto recording = std::exchange(recording_, nullptr);
    if (!recording) return std::nullopt;
    recording->save(path_);
    return path_;
  }

 private:
  const bool records_;
  std::string path_;
  std::shared_ptr<stages::HttpRecording> recording_;
};

class TestRunner {
 public:
  explicit TestRunner(const TestArguments& arguments) : arguments_(arguments), registries_(arguments.record) {
    environment_ = {.registry = [this](const std::optional<std::string>& path) { return registries_.make(path); },
                    .forms = payload_forms(),
                    .on_threads = arguments.record};
    if (arguments.seeds != 0) environment_.seeds = arguments.seeds;
  }

  void run_file(const std::string& path) {
    std::optional<testing::TestFile> file;
    try {
      file = testing::load_test_file(path);
    } catch (const ConfigError& error) {
      print(error.diagnostics());
      is_misconfigured_ = true;
      return;
    }
    bool is_first = true;
    for (std::size_t i = 0; i < file->options.tests.size(); ++i) {
      const testing::TestOptions& test = file->options.tests[i];
      if ((path + ": " + test.name).find(arguments_.filter) == std::string::npos) continue;
      if (arguments_.record && !test.http) continue;
      if (std::exchange(is_first, false)) write_standard_output(escape_controls(path) + "\n");
      run_one(*file, i);
    }
  }

  int finish() {
    if (results_.empty() && !is_misconfigured_) {
      std::cerr << "penstock: none of the tests is meant: "
                << (arguments_.record ? "none that fits names a recording in `http`\n" : "none fits --filter\n");
      return kConfiguration;
    }
    std::size_t failed = 0;
    for (const FinishedTest& result : results_) failed += result.result.has_passed() ? 0 : 1;
    const std::size_t passed = results_.size() - failed;
    std::string text = "\n" + std::to_string(passed) + (passed == 1 ? " test" : " tests") + " passed";
    if (failed != 0) text += ", " + std::to_string(failed) + " failed";
    write_standard_output(text + "\n");
    if (!arguments_.junit.empty()) ReplacedFile(arguments_.junit).commit(junit_xml(results_));
    return is_misconfigured_ ? kConfiguration : failed != 0 ? kSomeFailed : kAllDone;
  }

 private:
  void run_one(const testing::TestFile& file, std::size_t index) {
    const auto start = std::chrono::steady_clock::now();
    FinishedTest finished{.file = file.path, .name = file.options.tests[index].name};
    finished.result = run_test(file, index, environment_);
    finished.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const testing::TestResult& result = finished.result;
    std::string text = (result.has_passed() ? "  passed  " : "  FAILED  ") + escape_controls(finished.name);
    if (result.seed) text += ", " + testing::seed_text(*result.seed);
    text += "\n";
    for (const std::string& line : result.differences) text += "    " + escape_controls(line) + "\n";
    if (const std::optional<std::string> path = registries_.save()) {
      text += "    recorded " + escape_controls(*path) + "\n";
    }
    write_standard_output(text);
    if (!result.errors.empty()) {
      print(result.errors);
      is_misconfigured_ = true;
    }
    results_.push_back(std::move(finished));
  }

  const TestArguments& arguments_;
  TestRegistries registries_;
  testing::TestEnvironment environment_;
  std::vector<FinishedTest> results_;
  bool is_misconfigured_ = false;
};

}  // namespace

int run_tests(const TestArguments& arguments) {
  // Nothing is sent through the proxies of this machine: that it has some is no reason to refuse a pipeline.
  if (!arguments.record) ::setenv("no_proxy", "*", 1);
  std::vector<std::string> files;
  try {
    testing::seeds(1);  // A wrong PENSTOCK_SEED is a wrong usage.
    files = find_test_files(arguments.paths);
  } catch (const std::invalid_argument& error) {
    std::cerr << "penstock: " << escape_controls(error.what()) << "\n";
    return kConfiguration;
  }
  TestRunner runner(arguments);
  for (const std::string& file : files) runner.run_file(file);
  return runner.finish();
}

}  // namespace penstock::cli
