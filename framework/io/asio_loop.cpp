// The event loop of real runs: one thread that sleeps in epoll.
//
// Asio registers descriptors edge-triggered, but async_wait() arms them anew (EPOLL_CTL_MOD), which reports a state
// that holds already: re-arming after each callback gives level-triggered watches. One stream_descriptor stands for
// both directions of a descriptor, because epoll takes a descriptor once.
// SPDX-License-Identifier: Apache-2.0
#include "framework/io/asio_loop.h"

#include <pthread.h>

#include <array>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <csignal>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "framework/io/timer_queue.h"

namespace penstock::io {
namespace {

struct Watch {
  EventLoop::WatchId id = 0;
  std::function<void()> work;
};

/// One watched descriptor. Kept alive by its table entry and by waits that have not reported yet.
struct Descriptor {
  explicit Descriptor(asio::io_context& context) : stream(context) {}
  asio::posix::stream_descriptor stream;
  std::array<std::shared_ptr<Watch>, 2> watches;  // By direction.
  std::array<bool, 2> is_armed = {};
};

std::size_t index_of(Readiness direction) { return direction == Readiness::readable ? 0 : 1; }

}  // namespace

class AsioLoop::State {
 public:
  ~State() {
    stop();
    for (auto& [number, descriptor] : descriptors_) descriptor->stream.release();
  }

  void start() {
    if (thread_.joinable()) throw std::logic_error("penstock: the event loop runs already");
    context_.restart();
    guard_.emplace(context_.get_executor());
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // The new thread inherits the mask.
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "penstock-loop");
      running_here = this;
      context_.run();
    });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void stop() {
    if (!thread_.joinable()) return;
    post([this] {
      guard_.reset();
      context_.stop();
    });
    thread_.join();
    guard_.reset();
  }

  bool is_loop_thread() const { return running_here == this; }

  void post(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(work));
      if (posted_.size() > 1) return;  // The wake-up for the first one is on its way.
    }
    asio::post(context_, [this] { run_posted(); });
  }

  TimerId call_at(TimePoint when, std::function<void()> work) {
    const TimerId id = timers_.add(when, std::move(work));
    if (!is_running_timers_) arm_timer();
    return id;
  }

  // The armed wake-up stays: waking once for nothing is cheaper than arming anew for each cancelled timer.
  void cancel_timer(TimerId id) { timers_.cancel(id); }

  WatchId watch(int number, Readiness direction, std::function<void()> work) {
    auto& descriptor = descriptors_[number];
    if (!descriptor) {
      try {
        auto opened = std::make_shared<Descriptor>(context_);
        opened->stream.assign(number);
        descriptor = std::move(opened);
      } catch (...) {
        descriptors_.erase(number);
        throw;
      }
    }
    auto& slot = descriptor->watches[index_of(direction)];
    if (slot) throw std::logic_error("penstock: the descriptor is watched in this direction already");
    slot = std::make_shared<Watch>(Watch{++last_watch_, std::move(work)});
    watches_.emplace(slot->id, std::pair(number, direction));
    arm(descriptor, direction);
    return slot->id;
  }

  void unwatch(WatchId id) {
    const auto place = watches_.find(id);
    if (place == watches_.end()) return;
    const auto [number, direction] = place->second;
    watches_.erase(place);
    const auto entry = descriptors_.find(number);
    const std::shared_ptr<Descriptor> descriptor = entry->second;
    const std::shared_ptr<Watch> ended = std::exchange(descriptor->watches[index_of(direction)], nullptr);
    if (descriptor->watches[0] || descriptor->watches[1]) return;  // The armed wait will find nobody.
    descriptors_.erase(entry);
    descriptor->stream.release();
  }

 private:
  void run_posted() {
    std::vector<std::function<void()>> works;
    {
      const std::lock_guard lock(mutex_);
      works.swap(posted_);
    }
    for (std::function<void()>& work : works) {
      const std::function<void()> now = std::move(work);  // What it owns dies before the next one runs.
      now();
    }
    works.clear();
    const std::lock_guard lock(mutex_);
    if (posted_.empty() && works.capacity() <= kKeptCapacity) posted_.swap(works);
  }

  void arm_timer() {
    const std::optional<TimePoint> next = timers_.next();
    if (!next || (armed_for_ && *armed_for_ <= *next)) return;
    armed_for_ = next;
    alarm_.expires_at(*next);  // Ends a wait for a later time with operation_aborted.
    alarm_.async_wait([this](const asio::error_code& error) {
      if (error) return;
      armed_for_.reset();
      is_running_timers_ = true;
      timers_.run_due(std::chrono::steady_clock::now());
      is_running_timers_ = false;
      arm_timer();
    });
  }

  void arm(const std::shared_ptr<Descriptor>& descriptor, Readiness direction) {
    bool& is_armed = descriptor->is_armed[index_of(direction)];
    if (is_armed) return;
    is_armed = true;
    const auto type = direction == Readiness::readable ? asio::posix::descriptor_base::wait_read
                                                       : asio::posix::descriptor_base::wait_write;
    descriptor->stream.async_wait(type, [this, descriptor, direction](const asio::error_code& error) {
      descriptor->is_armed[index_of(direction)] = false;
      if (error == asio::error::operation_aborted) return;
      // Any other error is told by the read or write that the owner tries now. A regular file reports
      // operation_not_supported: it is always ready.
      const std::shared_ptr<Watch> watch = descriptor->watches[index_of(direction)];
      if (!watch) return;
      watch->work();  // May unwatch and watch again, also this descriptor.
      if (descriptor->watches[index_of(direction)]) arm(descriptor, direction);
    });
  }

  static constexpr std::size_t kKeptCapacity = 4096;
  static thread_local const State* running_here;

  // Before everything that Asio objects and queued handlers refer to: destroyed last.
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;  // Guarded by mutex_.
  TimerQueue timers_;
  std::optional<TimePoint> armed_for_;
  bool is_running_timers_ = false;
  WatchId last_watch_ = 0;
  std::unordered_map<WatchId, std::pair<int, Readiness>> watches_;
  asio::io_context context_{1};
  asio::basic_waitable_timer<std::chrono::steady_clock> alarm_{context_};
  std::unordered_map<int, std::shared_ptr<Descriptor>> descriptors_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard_;
  std::thread thread_;
};

thread_local const AsioLoop::State* AsioLoop::State::running_here = nullptr;

AsioLoop::AsioLoop() : state_(std::make_unique<State>()) {}
AsioLoop::~AsioLoop() = default;

void AsioLoop::start() { state_->start(); }
void AsioLoop::stop() { state_->stop(); }
bool AsioLoop::is_loop_thread() const { return state_->is_loop_thread(); }
TimePoint AsioLoop::now() const { return std::chrono::steady_clock::now(); }
void AsioLoop::post(std::function<void()> work) { state_->post(std::move(work)); }
EventLoop::TimerId AsioLoop::call_at(TimePoint when, std::function<void()> work) {
  return state_->call_at(when, std::move(work));
}
void AsioLoop::cancel_timer(TimerId id) { state_->cancel_timer(id); }
EventLoop::WatchId AsioLoop::watch(int descriptor, Readiness direction, std::function<void()> work) {
  return state_->watch(descriptor, direction, std::move(work));
}
void AsioLoop::unwatch(WatchId id) { state_->unwatch(id); }

}  // namespace penstock::io
