// A host that does other work while a run goes on, and is told about it: by callbacks, without a thread of its own and
// without a user-interface toolkit. Quoted by docs/embedding.md.
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>

#include "penstock/pipeline_builder.h"

namespace {

using namespace penstock;

/// What a window with a progress bar would hold. Callbacks of the run store what they hear and return at once.
class ProgressView {
 public:
  RunOptions observe() {
    RunOptions options;
    options.on_progress = [this](const Progress& progress) {
      const std::scoped_lock lock(mutex_);
      settled_ = progress.items.settled();
      changed_.notify_one();
    };
    options.progress_interval = std::chrono::milliseconds(20);
    options.on_failure = [this](const FailureRecord& failure) {
      const std::scoped_lock lock(mutex_);
      last_failure_ = failure.key + ": " + failure.message;
    };
    options.on_end = [this] {
      const std::scoped_lock lock(mutex_);
      is_over_ = true;
      changed_.notify_one();
    };
    return options;
  }

  /// The host's own loop: sleeps until there is news. False at the end.
  bool wait_for_news() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_over_ || settled_ != shown_; });
    shown_ = settled_;
    return !is_over_;
  }
  std::uint64_t shown() const { return shown_; }
  std::string last_failure() const {
    const std::scoped_lock lock(mutex_);
    return last_failure_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t settled_ = 0;
  std::uint64_t shown_ = 0;
  std::string last_failure_;
  bool is_over_ = false;
};

constexpr ErrorCode kUnlucky{"check.unlucky", "The number is unlucky."};

}  // namespace

int main() {
  PipelineBuilder builder{Registry()};
  builder
      .source<Integer>("numbers",
                       [n = std::int64_t{0}]() mutable -> std::optional<SourceItem> {
                         if (n == 300) return std::nullopt;
                         ++n;
                         return SourceItem{.key = std::to_string(n), .payload = Payload(Integer{n})};
                       })
      .async_transform("work", [](const Integer& in, StageContext& context) -> Task<void> {
        co_await context.sleep_for(std::chrono::milliseconds(5));
        if (in.value == 13) throw ItemError(kUnlucky);
      });
  builder.concurrency(16);

  ProgressView view;
  const Pipeline pipeline = builder.build();
  Run run = pipeline.start(view.observe());
  while (view.wait_for_news()) std::cerr << view.shown() << " items\r";  // The host does what it likes here.
  const RunReport& report = *run.report();
  std::cout << report.items.done << " done, " << report.items.failed << " failed (" << view.last_failure() << ")\n";
  return report.items.done == 299 ? 0 : 1;
}
