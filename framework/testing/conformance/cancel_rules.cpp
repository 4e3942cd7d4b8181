// A run that is cancelled leaves nothing open, whenever it happens: descriptors and threads are counted.
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <future>
#include <thread>

#include "framework/runtime/worker_limit.h"
#include "framework/testing/conformance/open_resources.h"
#include "framework/testing/conformance/rule.h"
#include "penstock/testing/stage_runner.h"

namespace penstock::testing::conformance {
namespace {

/// Counts when oneTBB's workers are gone. They are kept for the next run otherwise.
OpenResources count_without_workers() {
  EXPECT_TRUE(runtime::end_idle_workers());
  return OpenResources::count();
}

/// A thread that was joined is listed for a moment longer, so the count is taken again while there are more of them. A
/// descriptor is closed at once.
OpenResources count_until(const OpenResources& expected) {
  OpenResources open = count_without_workers();
  for (int attempt = 0; open.threads > expected.threads && attempt < 100'000; ++attempt) {
    std::this_thread::yield();
    open = OpenResources::count();
  }
  return open;
}

class CancelTest : public StageTypeTest {
 public:
  explicit CancelTest(const std::shared_ptr<const Subject>& subject) : StageTypeTest(subject) {
    if (is_source()) {
      // The first file or the folder is fit for the source; which one, the first run shows.
      for (const std::string& data : files()) {
        write_inputs(data);
        if (admits_items()) return;
      }
      make_input_folders();
    } else {
      control().items = items();
      control().count = 200;
    }
  }

 protected:
  /// Starts the pipeline and cancels it when `at` items have gone through the end that the test owns.
  RunReport run_and_cancel(std::uint64_t at) {
    std::promise<penstock::Run*> started;
    std::shared_future<penstock::Run*> run_of = started.get_future();
    const auto cancel = [at, run_of](std::uint64_t before) {
      if (before == at) run_of.get()->cancel();
    };
    (is_source() ? control().at_end : control().before_item) = cancel;
    penstock::Run run = load(around(example())).start({.workers = 2});
    started.set_value(&run);
    return run.wait();
  }

 private:
  bool admits_items() {
    const RunReport report = load(around(example())).start({.workers = 1}).wait();
    return report.outcome == RunOutcome::completed && report.items.admitted > 0;
  }
};

class LeavesNothingOpenWhenCancelledAtAnItem final : public CancelTest {
 public:
  using CancelTest::CancelTest;
  void TestBody() override {
    run_and_cancel(UINT64_MAX);  // What libraries set up once stays.
    const OpenResources before = count_without_workers();
    for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{100}}) {
      const RunReport report = run_and_cancel(at);
      EXPECT_TRUE(report.items.is_balanced());
      EXPECT_EQ(count_until(before), before) << "cancelled at item " << at;
    }
  }
};

class LeavesNothingOpenWhenCancelledBeforeTheFirstItemOrAfterTheLast final : public CancelTest {
 public:
  using CancelTest::CancelTest;
  void TestBody() override {
    run_and_cancel(UINT64_MAX);
    const OpenResources before = count_without_workers();
    control().before_item = nullptr;
    control().at_end = nullptr;
    {
      penstock::Run run = load(around(example())).start({.workers = 2});
      run.cancel();
      EXPECT_TRUE(run.wait().items.is_balanced());
    }
    EXPECT_EQ(count_until(before), before) << "cancelled at the start";
    {
      penstock::Run run = load(around(example())).start({.workers = 2});
      const RunReport report = run.wait();
      run.cancel();
      EXPECT_EQ(run.wait().outcome, report.outcome);
      EXPECT_EQ(report.outcome, RunOutcome::completed);
    }
    EXPECT_EQ(count_until(before), before) << "cancelled after the end";
    { penstock::Run run = load(around(example())).start({.workers = 2}); }
    EXPECT_EQ(count_until(before), before) << "the run was destroyed while it went on";
  }
};

class ClosesAStageThatWasOpenedAndCancelled final : public CancelTest {
 public:
  using CancelTest::CancelTest;
  void TestBody() override {
    const auto use = [this](bool cancel_first) {
      StageRunner stage(spec(), example_options(), {.base = folder().path()});
      stage.open();
      if (cancel_first) stage.cancel();
      if (is_source()) {
        stage.collect();
      } else {
        stage.run_all(items(), 8);
      }
      stage.cancel();
      stage.close();
    };
    use(false);
    const OpenResources before = count_without_workers();
    use(true);
    EXPECT_EQ(count_until(before), before) << "cancelled before the first item";
    use(false);
    EXPECT_EQ(count_until(before), before) << "cancelled after the last item";
  }
};

}  // namespace

std::vector<Rule> cancel_rules() {
  return {
      rule<LeavesNothingOpenWhenCancelledAtAnItem>("LeavesNothingOpenWhenCancelledAtAnItem", __FILE__, __LINE__,
                                                   every_type),
      rule<LeavesNothingOpenWhenCancelledBeforeTheFirstItemOrAfterTheLast>(
          "LeavesNothingOpenWhenCancelledBeforeTheFirstItemOrAfterTheLast", __FILE__, __LINE__, every_type),
      rule<ClosesAStageThatWasOpenedAndCancelled>("ClosesAStageThatWasOpenedAndCancelled", __FILE__, __LINE__,
                                                  every_type),
  };
}

}  // namespace penstock::testing::conformance
