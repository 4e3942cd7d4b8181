// Runs a whole pipeline as a test wants it: sources fed, sinks collected, stages replaced, faults injected.
//
//     PipelineRunner runner = PipelineRunner::from_file("thumbnails.json", registry);
//     runner.feed("urls", {{.key = "a.jpg"}, {.key = "b.jpg"}});
//     runner.replace("download", [](const Payload&) { return Bytes(jpeg); });
//     runner.fail("resize", Calls::nth(2), ItemError(kDamaged));
//     const PipelineResult result = runner.run(/*seed=*/17);
//     expect_balanced(result.report);
//     EXPECT_EQ(result.keys("upload"), std::vector<std::string>{"a.jpg"});
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/attributes.h"
#include "penstock/error.h"
#include "penstock/item.h"
#include "penstock/payload.h"
#include "penstock/pipeline.h"
#include "penstock/run_report.h"
#include "penstock/testing/calls.h"
#include "penstock/testing/stage_function.h"
#include "penstock/units.h"

namespace penstock::testing {

/// Something that left a stage, or that a sink took.
struct CollectedItem {
  std::string key;
  std::uint32_t piece = 0;  ///< 0 for the item itself; children of an expansion count from 1.
  std::string port;         ///< Of a route; else empty.
  Attributes attributes;
  Payload payload;     ///< None where the stage is no sink and the type cannot be copied.
  Duration when = {};  ///< Since the start of the run, on its clock.
};

/// What a run gave.
struct PipelineResult {
  RunReport report;
  std::vector<FailureRecord> failures;  ///< In the order in which they happened.
  Duration elapsed = {};                ///< On the clock of the run: no real time passes on the stepper's.
  std::map<std::string, std::vector<CollectedItem>> collected;  ///< By stage, in the order of their coming.

  /// What a stage gave. Throws std::invalid_argument for a stage that was not collected.
  const std::vector<CollectedItem>& items(std::string_view stage) const;
  std::vector<std::string> keys(std::string_view stage) const;
  /// The counts of one stage. Throws std::invalid_argument when there is none of that name.
  const StageReport& stage(std::string_view name) const;
};

/// Nothing can happen any more, and the run is not over: what() tells which stages hold how many items.
class RunStandsStill : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A checked pipeline with other bodies in some of its stages. Names, edges, types, retry, timeout, order, concurrency
/// and limits stay those of the pipeline, and each replacement has the kind of the stage that it stands for.
///
/// Sinks collect what comes and do nothing else, unless keep() says so. Wrong names, kinds and types are
/// std::invalid_argument, thrown by the call that has them.
///
/// run() may be called again and from several threads at once; functions that were given run once more each time and
/// keep what they refer to. Thread safety: else as a value.
class PipelineRunner {
 public:
  /// As Pipeline's own. Throw ConfigError.
  static PipelineRunner from_file(const std::string& path, const Registry& registry, const LoadOptions& options = {});
  static PipelineRunner from_string(std::string text, const Registry& registry, const LoadOptions& options = {});
  explicit PipelineRunner(const Pipeline& pipeline);
  PipelineRunner(PipelineRunner&&) noexcept;
  PipelineRunner& operator=(PipelineRunner&&) noexcept;
  ~PipelineRunner();

  /// The source emits these instead. Their payloads have the type that the source declares.
  PipelineRunner& feed(const std::string& source, std::vector<SourceItem> items);
  /// The same for payloads that cannot be copied: called once for each run.
  PipelineRunner& feed_from(const std::string& source, std::function<std::vector<SourceItem>()> make_items);

  /// `function` is the body of the stage from now on; StageFunction says what fits which kind. As the kind says, it
  /// may be called on several threads at once by run_on_threads(). Its stage is neither opened nor closed.
  PipelineRunner& replace(const std::string& stage, StageFunction function);

  /// The sink does its own work, besides being collected.
  PipelineRunner& keep(const std::string& sink);
  /// Collects what leaves a stage that is no sink; for a source, what it emits.
  PipelineRunner& collect(const std::string& stage);

  /// Faults in front of a stage that is no source: its body does not see the chosen calls. The first that was declared
  /// for a call counts. The error must be one that the stage declares, unless the stage is replaced or declares none.
  PipelineRunner& fail(const std::string& stage, Calls calls, ItemError error);
  PipelineRunner& drop(const std::string& stage, Calls calls, std::string reason);
  /// Asynchronous transforms only: the call waits, within its timeout, and goes on to the body or to the next fault.
  PipelineRunner& delay(const std::string& stage, Calls calls, Duration time);

  /// Stops the run after that time on its clock.
  PipelineRunner& drain_after(Duration time);
  PipelineRunner& cancel_after(Duration time);

  /// Steps through the run on one thread with a manual clock: the seed picks each next step among all that could come
  /// next, and time passes only when nothing else can happen. The same seed gives the same run. Throws RunStandsStill.
  PipelineResult run(std::uint64_t seed = 1) const;
  /// On oneTBB and the real clock.
  PipelineResult run_on_threads(unsigned workers) const;

 private:
  class Plan;
  std::size_t index_of(const std::string& name) const;

  std::unique_ptr<const graph::Graph> graph_;
  std::unique_ptr<Plan> plan_;
};

}  // namespace penstock::testing
