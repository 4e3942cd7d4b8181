// Runs one stage alone, without a pipeline: items in, outcomes out. For the tests of stage authors.
//
//     StageRunner runner(resize_spec(), R"({"width": 64})");
//     Outcome outcome = runner.run({.key = "a.jpg", .payload = Payload(Bytes(jpeg))});
//     EXPECT_EQ(outcome.verdict, Outcome::Verdict::emitted);
//     EXPECT_EQ(outcome.payload<EncodedImage>().format, "jpeg");
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/attributes.h"
#include "penstock/error.h"
#include "penstock/item.h"
#include "penstock/payload.h"
#include "penstock/stage_spec.h"
#include "penstock/testing/manual_clock.h"
#include "penstock/units.h"

namespace penstock::testing {

/// One thing that left the stage through an output port.
struct Emitted {
  Payload payload;
  Attributes attributes;
  std::string port;  ///< Of a route; else empty.
};

/// What became of one item.
struct Outcome {
  enum class Verdict {
    emitted,   ///< Left the stage; a sink has finished it.
    absorbed,  ///< Taken in by the stage.
    dropped,
    failed,
    cancelled,
  };

  Verdict verdict = Verdict::emitted;
  std::string key;
  std::vector<Emitted> emitted;  ///< One, or as many as an expansion gave (also those before its failure).
  Attributes attributes;         ///< Of the item as it left.
  std::string drop_reason;
  std::string code;  ///< Of the failure; `TYPE.timeout` when the timeout ended it.
  std::string message;
  Persistence persistence = Persistence::permanent;
  std::optional<std::chrono::milliseconds> retry_after;
  std::uint64_t memory_need = 0;  ///< What the stage declared before its body.

  /// REQUIRES: exactly one thing was emitted, of type T.
  template <class T>
  const T& payload() const {
    return emitted.front().payload.get<T>();
  }
};

/// The run that a StageRunner pretends.
struct StageRunnerOptions {
  std::string stage_name = "stage";
  std::string base = ".";                          ///< The folder that relative paths count from.
  std::optional<Duration> timeout = {};            ///< Per attempt; asynchronous transforms only.
  std::optional<std::uint64_t> memory_limit = {};  ///< Reservations beyond it wait, unless nothing is charged at all.
  unsigned blocking_threads = 4;
  ManualClock* clock = nullptr;  ///< Time of the event loop, which outlives the runner; null: real time.
};

/// One stage, opened, with a run around it that is made for tests: an event loop and threads of its own, memory that
/// is counted. Use it as the runtime would: open() once, items, close() once.
///
/// Thread safety: one thread at a time, except cancel(). Payloads may outlive the runner.
class StageRunner {
 public:
  /// Builds the stage from its declaration and its options as JSON (an object without `name` and the common keys).
  /// Throws ConfigError when they do not fit. The constructor only constructs the stage, it does not open it.
  explicit StageRunner(const StageSpec& spec, std::string_view options = "{}", StageRunnerOptions runner = {});
  StageRunner(StageRunner&&) noexcept;
  StageRunner& operator=(StageRunner&&) noexcept;
  /// Closes if need be.
  ~StageRunner();

  /// Opens the stage, on the thread that its kind asks for. Throws what the stage throws. The calls below open it
  /// themselves when this was not called.
  void open();
  /// Idempotent; throws what the stage throws.
  void close();

  /// Runs the body on one item and waits for its end. `attempt` is what the stage sees as context.attempt().
  Outcome run(SourceItem item, unsigned attempt = 1);
  /// A key alone.
  Outcome run(std::string_view key) { return run(SourceItem{.key = std::string(key)}); }

  /// Runs all items, at most `concurrency` at once: on the event loop for asynchronous stages, on threads for those
  /// whose bodies are const, one after the other for the rest. Outcomes in the order of the items.
  std::vector<Outcome> run_all(std::vector<SourceItem> items, unsigned concurrency);

  /// Of a collecting stage: the merged value of what it holds. REQUIRES: it absorbed something since it last emitted.
  Outcome flush();

  /// What the stage emits at its end; nothing when it does not. After the last item, once.
  std::optional<Outcome> finish();

  /// Of a source: its items up to its end, at most `limit`. An asynchronous one is then stopped, as a drain does.
  /// Throws what the source throws.
  std::vector<SourceItem> collect(std::size_t limit = SIZE_MAX);
  /// Of a source that is not asynchronous: the number of items that it will emit, once it knows.
  std::optional<std::uint64_t> total() const;

  /// As when a run is cancelled: stops what is going on in run() or run_all(), and everything later. Any thread.
  void cancel();

  /// What the stage has counted until now. Throws std::out_of_range for what its type does not declare.
  std::uint64_t counted(std::string_view counter) const;

  /// Bytes charged by payloads that are alive and reservations, now and at most.
  std::uint64_t memory_bytes() const;
  std::uint64_t peak_memory_bytes() const;

  /// Work for the event loop's thread while the stage runs on it; waits until it is done.
  void on_loop(const std::function<void(EventLoop&)>& work);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::testing
