// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/step_executor.h"

#include <deque>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "framework/runtime/order_pass.h"

namespace penstock::runtime {
namespace {

/// The longest time that work may take which is ready to run.
constexpr Duration kSlowness = std::chrono::milliseconds(10);

class StepLoop final : public EventLoop {
 public:
  TimePoint now() const override { return now_; }
  void post(std::function<void()> work) override { posted_.push_back(std::move(work)); }
  TimerId call_at(TimePoint when, std::function<void()> work) override {
    const TimerId id = ++last_id_;
    timers_.emplace(std::pair(when, id), std::move(work));
    due_.emplace(id, when);
    return id;
  }
  void cancel_timer(TimerId id) override {
    const auto entry = due_.find(id);
    if (entry == due_.end()) return;
    timers_.erase({entry->second, id});
    due_.erase(entry);
  }
  WatchId watch(int, Readiness, std::function<void()>) override {
    throw std::logic_error("the stepper cannot watch descriptors");
  }
  void unwatch(WatchId) override {}

  bool has_posted() const { return !posted_.empty(); }
  void run_posted() {
    const std::function<void()> work = std::move(posted_.front());
    posted_.pop_front();
    work();
  }
  bool has_timer() const { return !timers_.empty(); }
  bool has_timer_within(Duration time) const { return has_timer() && timers_.begin()->first.first <= now_ + time; }
  void run_timer() {
    const auto entry = timers_.extract(timers_.begin());
    now_ = std::max(now_, entry.key().first);
    due_.erase(entry.key().second);
    entry.mapped()();
  }
  void clear() {
    posted_.clear();
    timers_.clear();
  }

 private:
  TimePoint now_{};
  std::deque<std::function<void()>> posted_;
  std::map<std::pair<TimePoint, TimerId>, std::function<void()>> timers_;
  std::map<TimerId, TimePoint> due_;
  TimerId last_id_ = 0;
};

class StepExecutor final : public Executor {
 public:
  StepExecutor(std::uint64_t seed, unsigned workers, Jobs jobs) : random_(seed), workers_(workers), when_(jobs) {}
  ~StepExecutor() override { shut_down(); }

  void attach(Node&) override {}
  void put(Node& node, Bunch* message) override { messages_.emplace_back(&node, message); }
  EventLoop& loop() override { return loop_; }
  void run_blocking(std::function<void()> work) override {
    if (when_ == Jobs::later || is_ahead_ || is_passing_in_order() || pick(8) != 0) {
      jobs_.push_back(std::move(work));
      return;
    }
    is_ahead_ = true;
    work();
    is_ahead_ = false;
  }
  void run_parallel(const std::function<void()>& work) override { work(); }
  void run_on_loop(const std::function<void()>& work) override { work(); }
  void wait_done() override {
    while (!is_over_) {
      if (!step()) throw Standstill("the run stands still: nothing is on its way, and it is not over");
    }
    while (step_without_time()) {
    }
  }
  void done() override { is_over_ = true; }
  void shut_down() override {
    while (step_without_time()) {
    }
    loop_.clear();
  }
  unsigned workers() const override { return workers_; }
  double random() override { return std::uniform_real_distribution<double>()(random_); }

 private:
  std::size_t pick(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  bool step() {
    // Now and then a timer runs although work is left: a slow machine.
    if (loop_.has_timer_within(kSlowness) && pick(64) == 0) {
      loop_.run_timer();
      return true;
    }
    if (step_without_time()) return true;
    if (!loop_.has_timer()) return false;
    loop_.run_timer();
    return true;
  }

  bool step_without_time() {
    const std::size_t choices = messages_.size() + jobs_.size() + (loop_.has_posted() ? 1 : 0);
    if (choices == 0) return false;
    std::size_t chosen = pick(choices);
    if (chosen < messages_.size()) {
      std::swap(messages_[chosen], messages_.back());
      const auto [node, message] = messages_.back();
      messages_.pop_back();
      if (Bunch* by_edge = node->run(message)) put(*node->edge, by_edge);
      return true;
    }
    chosen -= messages_.size();
    if (chosen < jobs_.size()) {
      std::swap(jobs_[chosen], jobs_.back());
      const std::function<void()> job = std::move(jobs_.back());
      jobs_.pop_back();
      job();
      return true;
    }
    loop_.run_posted();
    return true;
  }

  std::mt19937_64 random_;
  const unsigned workers_;
  const Jobs when_;
  StepLoop loop_;
  std::vector<std::pair<Node*, Bunch*>> messages_;
  std::vector<std::function<void()>> jobs_;
  bool is_over_ = false;
  bool is_ahead_ = false;  // A job runs in the middle of another step.
};

}  // namespace

std::unique_ptr<Executor> make_step_executor(std::uint64_t seed, unsigned workers, Jobs jobs) {
  return std::make_unique<StepExecutor>(seed, workers, jobs);
}

}  // namespace penstock::runtime
