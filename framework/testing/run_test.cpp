// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/run_test.h"

#include <exception>
#include <map>
#include <new>
#include <sstream>

#include "framework/base/diagnostics.h"
#include "framework/testing/compare_result.h"
#include "framework/testing/configure_runner.h"
#include "framework/testing/test_folder.h"
#include "penstock/pipeline.h"
#include "penstock/testing/pipeline_runner.h"
#include "penstock/testing/seeds.h"

namespace penstock::testing {
namespace {

constexpr unsigned kRecordingWorkers = 4;
constexpr const char* kTemp = "{temp}";

std::string replaced(std::string text, const std::string& folder) {
  for (std::size_t at = text.find(kTemp); at != std::string::npos; at = text.find(kTemp, at + folder.size())) {
    text.replace(at, std::char_traits<char>::length(kTemp), folder);
  }
  return text;
}

std::map<std::string, std::string> parameters_of(const TestOptions& test, const std::string& folder) {
  std::map<std::string, std::string> parameters;
  for (const auto& [name, value] : test.params) parameters[name] = replaced(to_text(value.value), folder);
  return parameters;
}

/// A text of several lines, all but the first indented.
void append_lines(std::vector<std::string>& lines, const std::string& text) {
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back("  " + line);
}

std::optional<Registry> make_registry(const TestFile& file, std::size_t index, const TestEnvironment& environment,
                                      TestResult& result) {
  const TestOptions& test = file.options.tests[index];
  try {
    return environment.registry(test.http ? std::optional(test.http->resolved) : std::nullopt);
  } catch (const ConfigError& error) {
    result.errors = error.diagnostics();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    const std::string pointer = "/tests/" + std::to_string(index) + "/http";
    Diagnostics out(file.path);
    out.error("test.recording", spec::position_at(file.root, pointer), pointer, error.what());
    result.errors = out.sorted();
  }
  return std::nullopt;
}

/// One run; false when there is nothing more to try.
bool run_once(const TestFile& file, std::size_t index, const TestEnvironment& environment, std::uint64_t seed,
              TestResult& result) {
  const TestOptions& test = file.options.tests[index];
  const std::optional<Registry> registry = make_registry(file, index, environment, result);
  if (!registry) return false;
  const TestFolder folder;
  std::optional<Pipeline> pipeline;
  try {
    const LoadOptions load{.parameters = parameters_of(test, folder.path()), .base = {}};
    pipeline = Pipeline::from_file(file.options.pipeline.resolved, *registry, load);
  } catch (const ConfigError& error) {
    result.differences.emplace_back("the pipeline does not pass the check:");
    append_lines(result.differences, error.what());
    return false;
  }
  Diagnostics out(file.path);
  const PipelineRunner runner = configure_runner(file, index, *pipeline, environment.forms, out);
  if (out.has_errors()) {
    result.errors = out.sorted();
    return false;
  }
  try {
    const PipelineResult run = environment.on_threads ? runner.run_on_threads(kRecordingWorkers) : runner.run(seed);
    result.differences = differences(test.expect, run, folder.files(), environment.forms);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    result.differences.emplace_back(error.what());
  }
  if (!result.differences.empty() && !environment.on_threads) result.seed = seed;
  return result.differences.empty();
}

}  // namespace

TestResult run_test(const TestFile& file, std::size_t test, const TestEnvironment& environment) {
  TestResult result;
  const std::uint64_t count = environment.on_threads ? 1 : environment.seeds.value_or(file.options.tests[test].seeds);
  for (const std::uint64_t seed : seeds(count)) {
    if (!run_once(file, test, environment, seed, result)) break;
  }
  return result;
}

}  // namespace penstock::testing
