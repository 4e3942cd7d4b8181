// Whatever comes in, what goes wrong has a declared name, and no item is lost.
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "framework/testing/conformance/hostile_items.h"
#include "framework/testing/conformance/rule.h"
#include "penstock/testing/stage_runner.h"

namespace penstock::testing::conformance {
namespace {

constexpr std::size_t kMostItems = 1'000'000;  // Of a source.

/// The stage types with an input.
class ItemsTest : public StageTypeTest {
 public:
  using StageTypeTest::StageTypeTest;

 protected:
  StageRunner runner() const { return StageRunner(spec(), example_options(), {.base = folder().path()}); }
};

/// The sources.
class FilesTest : public StageTypeTest {
 public:
  using StageTypeTest::StageTypeTest;

 protected:
  /// Reads all that the source has; false when it failed, with a declared code.
  bool reads_all() const {
    try {
      StageRunner source(spec(), example_options(), {.base = folder().path()});
      source.collect(kMostItems);
      return true;
    } catch (const ItemError& error) {
      EXPECT_TRUE(declares(error.code())) << error.code() << ": " << error.message();
    } catch (const std::exception& error) {
      ADD_FAILURE() << "not an ItemError: " << error.what();
    }
    return false;
  }
};

bool is_one_to_one(const StageSpec& spec) {
  if (spec.has_finish) return false;
  const StageKind kind = spec.kind;
  return kind == StageKind::transform || kind == StageKind::serial_transform || kind == StageKind::async_transform ||
         kind == StageKind::blocking_transform || kind == StageKind::route;
}

class RaisesOnlyDeclaredErrors final : public ItemsTest {
 public:
  using ItemsTest::ItemsTest;
  void TestBody() override {
    StageRunner stage = runner();
    for (const Outcome& outcome : stage.run_all(items(), 8)) {
      if (outcome.verdict != Outcome::Verdict::failed) continue;
      EXPECT_TRUE(declares(outcome.code))
          << outcome.code << ": " << outcome.message << "\nkey: " << outcome.key.substr(0, 80);
      EXPECT_FALSE(outcome.message.empty()) << outcome.code;
    }
    stage.close();
  }
};

class ReadsHostileFilesWithDeclaredErrorsOnly final : public FilesTest {
 public:
  using FilesTest::FilesTest;
  void TestBody() override {
    if (input_paths().empty()) {
      EXPECT_TRUE(reads_all()) << "it reads no files, so nothing can be wrong with them";
      return;
    }
    EXPECT_FALSE(reads_all()) << "nothing is there yet";
    int readable = 0;
    for (const std::string& data : files()) {
      write_inputs(data);
      if (reads_all()) ++readable;
    }
    make_input_folders();
    if (reads_all()) ++readable;
    EXPECT_GT(readable, 0) << "no input was fit for this source, so the test says little";
  }
};

class LosesNoItemInAPipeline final : public ItemsTest {
 public:
  using ItemsTest::ItemsTest;
  void TestBody() override {
    control().items = items();
    control().count = 300;
    for (const unsigned workers : {1U, 2U, 8U}) {
      penstock::Run run = load(around(example())).start({.workers = workers});
      const RunReport& report = run.wait();
      EXPECT_EQ(report.outcome, RunOutcome::completed);
      EXPECT_TRUE(report.items.is_balanced());
      EXPECT_GE(report.items.admitted, 300U);
      EXPECT_LE(report.items.admitted, spec().has_finish ? 301U : 300U);
      const StageReport& stage = report.stages.at(1);
      ASSERT_EQ(stage.name, "tested");
      EXPECT_EQ(stage.in, 300U);
      if (is_one_to_one(spec())) {
        EXPECT_EQ(stage.out, stage.in - stage.dropped - stage.failed);
        EXPECT_EQ(stage.failed, report.items.failed);
        EXPECT_EQ(stage.dropped, report.items.dropped);
      }
      for (const ErrorSummary& error : report.errors) EXPECT_TRUE(declares(error.code)) << error.code;
    }
  }
};

class BalancesTheItemsOfASource final : public FilesTest {
 public:
  using FilesTest::FilesTest;
  void TestBody() override {
    const std::vector<std::string> contents = files();
    std::uint64_t most = 0;
    for (std::size_t i = 0; i <= contents.size(); ++i) {
      if (i < contents.size()) {
        write_inputs(contents[i]);
      } else {
        make_input_folders();
      }
      penstock::Run run = load(around(example())).start({.workers = 2});
      const RunReport& report = run.wait();
      EXPECT_TRUE(report.items.is_balanced());
      EXPECT_EQ(report.stages.at(0).out, report.items.admitted);
      if (report.outcome == RunOutcome::aborted) {
        ASSERT_TRUE(report.abort.has_value());
        EXPECT_EQ(report.abort->stage, "tested");
        EXPECT_TRUE(declares(report.abort->code)) << report.abort->code << ": " << report.abort->message;
      } else {
        EXPECT_EQ(report.items.done, report.items.admitted);
        most = std::max(most, report.items.admitted);
      }
    }
    EXPECT_GT(most, 0U) << "no input gave an item, so the test says little";
  }
};

}  // namespace

std::vector<Rule> process_rules() {
  return {
      rule<RaisesOnlyDeclaredErrors>("RaisesOnlyDeclaredErrors", __FILE__, __LINE__, types_with_input),
      rule<ReadsHostileFilesWithDeclaredErrorsOnly>("ReadsHostileFilesWithDeclaredErrorsOnly", __FILE__, __LINE__,
                                                    sources),
      rule<LosesNoItemInAPipeline>("LosesNoItemInAPipeline", __FILE__, __LINE__, types_with_input),
      rule<BalancesTheItemsOfASource>("BalancesTheItemsOfASource", __FILE__, __LINE__, sources),
  };
}

}  // namespace penstock::testing::conformance
