// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/compare_result.h"

#include <algorithm>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"
#include "framework/testing/compare_data.h"
#include "framework/testing/compare_items.h"
#include "penstock/testing/expect.h"

namespace penstock::testing {
namespace {

std::string described(const FailureRecord& failure) {
  return "item " + quote(failure.key) + (failure.piece == 0 ? "" : ", piece " + std::to_string(failure.piece)) +
         " failed in stage " + quote(failure.stage) + ": " + failure.code + ": " + failure.message +
         (failure.attempts > 1 ? " (attempt " + std::to_string(failure.attempts) + ")" : "");
}

class Comparison {
 public:
  Comparison(const PipelineResult& result, const std::vector<PayloadForm>& forms) : result_(result), forms_(forms) {}

  void compare_end(const ExpectOptions& expected) {
    const RunReport& report = result_.report;
    const bool is_same = report.outcome == expected.outcome;
    if (!is_same) add("outcome: " + expected_got(to_string(expected.outcome), to_string(report.outcome)));
    const bool is_as_expected = report.abort && expected.abort && report.abort->stage == expected.abort->stage &&
                                report.abort->code == expected.abort->code;
    if (report.abort && !is_as_expected && (expected.abort || !is_same)) {
      add("aborted by stage " + quote(report.abort->stage) + ": " + report.abort->code + ": " + report.abort->message);
    }
    if (expected.abort && !is_as_expected) {
      add("abort: expected by stage " + quote(expected.abort->stage) + " with " + expected.abort->code);
    }
  }

  void compare_count(const std::string& what, std::optional<std::uint64_t> expected, std::uint64_t got) {
    if (expected && *expected != got) add(what + ": " + expected_got(std::to_string(*expected), std::to_string(got)));
  }

  void compare_items_of_run(const ExpectOptions& expected) {
    const ItemCounts& items = result_.report.items;
    compare_count("items admitted", expected.items.admitted, items.admitted);
    compare_count("items done", expected.items.done, items.done);
    compare_count("items dropped", expected.items.dropped, items.dropped);
    compare_count("items failed", expected.items.failed, items.failed);
    compare_count("items cancelled", expected.items.cancelled, items.cancelled);
    try {
      expect_balanced(result_.report);
    } catch (const ExpectationFailed& error) {
      add(error.what());
    }
  }

  void compare_failures(const ExpectOptions& expected) {
    // A test that counts its failures has seen that there are some; what they are is told when the count is wrong.
    const bool is_counted = expected.items.failed && *expected.items.failed == result_.report.items.failed;
    if (!expected.failures && is_counted) return;
    std::vector<const FailureRecord*> left;
    for (const FailureRecord& failure : result_.failures) left.push_back(&failure);
    for (const ExpectedFailure& wanted : expected.failures.value_or(std::vector<ExpectedFailure>())) {
      const auto at = std::find_if(left.begin(), left.end(), [&](const FailureRecord* failure) {
        return failure->key == wanted.key && failure->stage == wanted.stage && failure->code == wanted.code;
      });
      if (at == left.end()) {
        add("failure: expected item " + quote(wanted.key) + " to fail in stage " + quote(wanted.stage) + " with " +
            wanted.code);
        continue;
      }
      const std::string prefix = "failure of item " + quote(wanted.key) + ": ";
      if (wanted.attempts && *wanted.attempts != (*at)->attempts) {
        add(prefix + "attempts: " + expected_got(std::to_string(*wanted.attempts), std::to_string((*at)->attempts)));
      }
      if (wanted.message && (*at)->message.find(*wanted.message) == std::string::npos) {
        add(prefix + "message: " + expected_got("one with " + quote(*wanted.message), quote((*at)->message)));
      }
      left.erase(at);
    }
    for (const FailureRecord* failure : left) add("not expected: " + described(*failure));
  }

  void compare_stage(const std::string& name, const ExpectedStage& expected) {
    const StageReport& stage = result_.stage(name);
    const std::string prefix = "stage " + quote(name) + ", ";
    compare_count(prefix + "in", expected.in, stage.in);
    compare_count(prefix + "out", expected.out, stage.out);
    compare_count(prefix + "dropped", expected.dropped, stage.dropped);
    compare_count(prefix + "failed", expected.failed, stage.failed);
    compare_count(prefix + "handled", expected.handled, stage.handled);
    compare_count(prefix + "cancelled", expected.cancelled, stage.cancelled);
    compare_count(prefix + "retries", expected.retries, stage.retries);
    if (!expected.items) return;
    for (std::string& line : compare_items(name, expected, result_.items(name), forms_)) add(std::move(line));
  }

  void compare_files(const OptionMapOf<ExpectedData>& expected, const std::map<std::string, std::string>& files) {
    std::vector<std::string> others;
    for (const auto& entry : files) {
      const auto is_same = [&entry](const auto& wanted) { return wanted.first == entry.first; };
      if (std::none_of(expected.begin(), expected.end(), is_same)) others.push_back(entry.first);
    }
    for (const auto& [name, data] : expected) {
      const auto at = files.find(name);
      if (at == files.end()) {
        const std::string help = suggest(name, others);
        add("file " + quote(name) + " is missing" + (help.empty() ? "" : "; " + help));
        continue;
      }
      const std::vector<std::string> lines = compare_bytes(data, at->second);
      if (!lines.empty()) add("file " + quote(name));
      for (const std::string& line : lines) add("  " + line);
    }
    for (const std::string& name : others) add("file " + quote(name) + " was not expected");
  }

  void compare_time(const ExpectOptions& expected) {
    if (expected.at_least && result_.elapsed < *expected.at_least) {
      add("time: " + expected_got("at least " + to_string(*expected.at_least), to_string(result_.elapsed)));
    }
    if (expected.at_most && result_.elapsed > *expected.at_most) {
      add("time: " + expected_got("at most " + to_string(*expected.at_most), to_string(result_.elapsed)));
    }
  }

  std::vector<std::string> take() && { return std::move(lines_); }

 private:
  void add(std::string line) { lines_.push_back(std::move(line)); }

  const PipelineResult& result_;
  const std::vector<PayloadForm>& forms_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> differences(const ExpectOptions& expected, const PipelineResult& result,
                                     const std::map<std::string, std::string>& files,
                                     const std::vector<PayloadForm>& forms) {
  Comparison comparison(result, forms);
  comparison.compare_end(expected);
  comparison.compare_items_of_run(expected);
  comparison.compare_failures(expected);
  for (const auto& [name, stage] : expected.stages) comparison.compare_stage(name, stage);
  if (expected.files) comparison.compare_files(*expected.files, files);
  comparison.compare_time(expected);
  return std::move(comparison).take();
}

}  // namespace penstock::testing
