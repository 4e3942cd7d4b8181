// Items that wait: by timers of the event loop, or each in a call that blocks a thread.
// SPDX-License-Identifier: Apache-2.0
#include "stages/sleep/sleep.h"

#include <sys/select.h>

#include <cerrno>
#include <chrono>

#include "penstock/stage.h"

namespace penstock::stages {
namespace {

struct SleepParams {
  Duration duration = std::chrono::milliseconds(100);
};

class Sleep final : public AsyncTransform<Payload, Payload> {
 public:
  explicit Sleep(SleepParams params) : params_(params) {}

  Task<Payload> process(const Payload& in, StageContext& context) override {
    co_await context.sleep_for(params_.duration);
    co_return in;
  }

 private:
  const SleepParams params_;
};

class SleepBlocking final : public BlockingTransform<Payload, Payload> {
 public:
  explicit SleepBlocking(SleepParams params) : params_(params) {}

  Payload process(const Payload& in, StageContext&) const override {
    using std::chrono::microseconds;
    const auto total = std::chrono::ceil<microseconds>(params_.duration).count();
    timeval rest{.tv_sec = total / 1'000'000, .tv_usec = total % 1'000'000};
    // Linux leaves in `rest` what is left when a signal ends the call.
    while (::select(0, nullptr, nullptr, nullptr, &rest) != 0 && errno == EINTR) {
    }
    return in;
  }

 private:
  const SleepParams params_;
};

constexpr double kDayNs = 24 * 3600 * 1e9;
constexpr double kMinuteNs = 60 * 1e9;

}  // namespace

StageSpec sleep_spec() {
  return describe_stage<Sleep, SleepParams>("sleep")
      .summary("Let each item wait, without a thread.")
      .input<Payload>("items", "Any items.")
      .output_same_as_input("items", "The items, unchanged.")
      .param(&SleepParams::duration, "duration", "How long an item waits.", between(0, kDayNs))
      .example(R"({"type": "sleep", "duration": "1 ms"})");
}

StageSpec sleep_blocking_spec() {
  return describe_stage<SleepBlocking, SleepParams>("sleep_blocking")
      .summary("Let each item wait in a system call that blocks a thread.")
      .input<Payload>("items", "Any items.")
      .output_same_as_input("items", "The items, unchanged.")
      .param(&SleepParams::duration, "duration", "How long an item waits. A run that is cancelled waits for it too.",
             between(0, kMinuteNs))
      .example(R"({"type": "sleep_blocking", "duration": "1 ms"})");
}

}  // namespace penstock::stages
