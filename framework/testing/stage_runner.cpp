// Runs one stage alone, without a pipeline.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/stage_runner.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "framework/testing/runner_services.h"
#include "framework/testing/stage_options.h"
#include "penstock/detail/lease.h"
#include "penstock/detail/stage_body.h"

namespace penstock::testing {
namespace {

/// An item on its way through the stage.
struct Entry {
  Entry(SourceItem item, unsigned attempt)
      : lease([&] { return std::optional(SourceItem{.key = std::move(item.key)}); }) {
    piece.lease = &lease;
    piece.attributes = std::move(item.attributes);
    piece.payload = std::move(item.payload);
    piece.attempts = static_cast<std::uint16_t>(attempt);
    outcome.key = lease.key();
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  detail::Lease lease;
  detail::Piece piece;
  Outcome outcome;
};

void take_verdict(Outcome& outcome, detail::Piece& piece) {
  outcome.attributes = piece.attributes;
  switch (piece.verdict) {
    case detail::Verdict::emit:
      outcome.verdict = Outcome::Verdict::emitted;
      break;
    case detail::Verdict::absorb:
      outcome.verdict = Outcome::Verdict::absorbed;
      break;
    case detail::Verdict::drop:
      outcome.verdict = Outcome::Verdict::dropped;
      outcome.drop_reason = piece.more().drop_reason;
      break;
    case detail::Verdict::fail: {
      const detail::Failure& failure = piece.more().failure;
      outcome.verdict = Outcome::Verdict::failed;
      outcome.code = failure.code;
      outcome.message = failure.message;
      outcome.persistence = failure.persistence;
      outcome.retry_after = failure.retry_after;
      break;
    }
    case detail::Verdict::cancel:
      outcome.verdict = Outcome::Verdict::cancelled;
      break;
  }
}

/// Collects up to a limit, then stops the source.
class CollectingOutput final : public SourceOutput {
 public:
  CollectingOutput(std::vector<SourceItem>& items, std::size_t limit, Operation& operation)
      : items_(items), limit_(limit), operation_(operation) {}

  Task<void> emit(SourceItem item) override {
    if (items_.size() < limit_) items_.push_back(std::move(item));
    if (items_.size() < limit_) co_return;
    operation_.stop();
    Completion<> stopped;
    co_await stopped;
  }
  bool try_emit(SourceItem& item) override {
    if (items_.size() + 1 >= limit_) return false;
    items_.push_back(std::move(item));
    return true;
  }

 private:
  std::vector<SourceItem>& items_;
  const std::size_t limit_;
  Operation& operation_;
};

}  // namespace

class StageRunner::State {
 public:
  State(const StageSpec& spec, std::string_view options, StageRunnerOptions runner)
      : spec_(spec),
        options_(std::move(runner)),
        params_(parse_stage_options(spec_, options, options_.base)),
        services_(options_.blocking_threads, options_.memory_limit, options_.clock),
        body_(spec_.make_body(params_)) {
    services_.declare(spec_.counters);
  }

  ~State() {
    try {
      close();
    } catch (...) {  // A test that cares calls close() itself.
    }
  }

  void open() {
    if (phase_ == Phase::open) return;
    if (phase_ == Phase::closed) throw std::logic_error("StageRunner: the stage is closed");
    StageContext context = make_context();
    phase_ = Phase::open;  // close() is called also after a failed open().
    where_it_lives([this, &context] { body_->open(context); });
  }

  void close() {
    const Phase before = std::exchange(phase_, Phase::closed);
    if (before != Phase::open) return;
    StageContext context = make_context();
    where_it_lives([this, &context] { body_->close(context); });
  }

  std::vector<Outcome> run_all(std::vector<SourceItem> items, unsigned concurrency, unsigned attempt) {
    open();
    std::list<Entry> entries;
    for (SourceItem& item : items) entries.emplace_back(std::move(item), attempt);
    std::vector<Entry*> pending;
    for (Entry& entry : entries) pending.push_back(&entry);
    if (spec_.kind == StageKind::async_transform) {
      run_on_loop(pending, std::max(concurrency, 1U));
    } else {
      run_on_threads(pending, can_run_at_once() ? std::max(concurrency, 1U) : 1U);
    }
    std::vector<Outcome> outcomes;
    for (Entry& entry : entries) outcomes.push_back(std::move(entry.outcome));
    return outcomes;
  }

  Outcome flush() {
    open();
    Entry merged(SourceItem{.key = first_member_}, 1);
    StageContext context = make_context();
    body_->flush(merged.piece, context);
    finish(merged);
    first_member_.clear();
    return std::move(merged.outcome);
  }

  std::optional<Outcome> finish() {
    open();
    if (!spec_.has_finish) return std::nullopt;
    Entry entry(SourceItem{.key = options_.stage_name}, 1);
    StageContext context = make_context();
    if (!body_->finish(entry.piece, context)) return std::nullopt;
    finish(entry);
    return std::move(entry.outcome);
  }

  std::vector<SourceItem> collect(std::size_t limit) {
    open();
    std::vector<SourceItem> items;
    if (spec_.kind == StageKind::async_source) {
      collect_on_loop(items, limit);
      return items;
    }
    StageContext context = make_context();
    while (items.size() < limit && !services_.is_cancelled()) {
      std::optional<SourceItem> item = body_->next(context);
      if (!item) break;
      items.push_back(std::move(*item));
    }
    return items;
  }

  std::optional<std::uint64_t> total() const { return body_->total(); }

  void cancel() {
    services_.cancel();
    services_.loop().post([this] {
      for (Operation* operation : std::vector<Operation*>(operations_.begin(), operations_.end())) {
        if (std::find(operations_.begin(), operations_.end(), operation) != operations_.end()) operation->stop();
      }
    });
  }

  RunnerServices& services() { return services_; }

 private:
  enum class Phase { constructed, open, closed };

  /// One coroutine that works off pending entries, one after the other.
  struct Lane {
    std::optional<Task<void>> task;
    Operation operation;  // Never stopped: the bodies have their own.
  };

  StageContext make_context() { return StageContext(services_, options_.stage_name); }

  void where_it_lives(const std::function<void()>& work) {
    if (spec_.kind == StageKind::async_transform || spec_.kind == StageKind::async_source) {
      services_.on_loop(work);
    } else {
      work();
    }
  }

  bool can_run_at_once() const {
    return spec_.kind == StageKind::transform || spec_.kind == StageKind::blocking_transform ||
           spec_.kind == StageKind::route || spec_.kind == StageKind::expand;
  }

  // --- Computing and blocking kinds ---

  void run_on_threads(std::vector<Entry*>& pending, unsigned concurrency) {
    std::atomic<std::size_t> next = 0;
    const auto work = [this, &pending, &next] {
      StageContext context = make_context();
      for (std::size_t i = next++; i < pending.size(); i = next++) run_here(*pending[i], context);
    };
    if (concurrency == 1) {
      work();
      return;
    }
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < concurrency && i < pending.size(); ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
  }

  void run_here(Entry& entry, StageContext& context) {
    if (services_.is_cancelled()) {
      entry.piece.verdict = detail::Verdict::cancel;
      finish(entry);
    } else if (!measure(entry, context)) {
      finish(entry);
    } else if (spec_.kind == StageKind::expand) {
      expand(entry, context);
    } else if (spec_.kind == StageKind::collect) {
      add(entry, context);
    } else {
      detail::Piece* const strip[] = {&entry.piece};
      body_->process(strip, context, true);
      finish(entry);
    }
  }

  /// False: it has thrown.
  bool measure(Entry& entry, StageContext& context) {
    try {
      if (body_->has_memory_need()) entry.outcome.memory_need = body_->memory_need(entry.piece, context);
      return true;
    } catch (...) {
      detail::fail_from_current_exception(entry.piece);
      return false;
    }
  }

  void expand(Entry& entry, StageContext& context) {
    const std::unique_ptr<detail::Expansion> expansion = body_->expand(entry.piece, context);
    entry.outcome.attributes = entry.piece.attributes;
    for (;;) {
      detail::Piece child;
      child.lease = &entry.lease;
      child.attributes = entry.piece.attributes;
      child.attempts = entry.piece.attempts;
      if (!expansion->next(child, context)) return;
      if (child.verdict != detail::Verdict::emit) {
        take_verdict(entry.outcome, child);
        if (child.verdict != detail::Verdict::drop) return;
        continue;
      }
      entry.outcome.emitted.push_back({std::move(child.payload), std::move(child.attributes), {}});
    }
  }

  void add(Entry& entry, StageContext& context) {
    if (first_member_.empty()) first_member_ = entry.lease.key();
    Entry merged(SourceItem{.key = first_member_}, 1);
    if (body_->add(entry.piece, merged.piece, context)) {
      finish(merged);
      entry.outcome = std::move(merged.outcome);
      first_member_.clear();
    } else if (entry.piece.verdict == detail::Verdict::emit) {
      entry.outcome.verdict = Outcome::Verdict::absorbed;
    } else {
      finish(entry);
    }
  }

  void finish(Entry& entry) {
    take_verdict(entry.outcome, entry.piece);
    if (entry.piece.verdict != detail::Verdict::emit) return;
    Emitted emitted{std::move(entry.piece.payload), entry.piece.attributes, {}};
    if (spec_.kind == StageKind::route) emitted.port = body_->ports().at(entry.piece.port);
    entry.outcome.emitted.push_back(std::move(emitted));
  }

  // --- Asynchronous transforms ---

  void run_on_loop(std::vector<Entry*>& pending, unsigned concurrency) {
    std::list<Lane> lanes;
    std::mutex mutex;
    std::condition_variable ended;
    bool is_ended = false;
    std::size_t next = 0;
    services_.loop().post([&] {
      for (std::size_t i = 0; i < concurrency && i < pending.size(); ++i) {
        lanes.emplace_back();
        lanes.back().task.emplace(work_off(pending, next));
      }
      for (Lane& lane : lanes) lane.task->start(lane.operation);
      watch_end(lanes, [&] {
        const std::lock_guard lock(mutex);
        is_ended = true;
        ended.notify_one();
      });
    });
    services_.let_time_pass([&] {
      std::unique_lock lock(mutex);
      ended.wait(lock, [&] { return is_ended; });
    });
    services_.on_loop([&lanes] { lanes.clear(); });
  }

  /// Calls `done` on the loop once every lane has ended.
  void watch_end(std::list<Lane>& lanes, std::function<void()> done) {
    lanes_ended_ = [&lanes, done = std::move(done)] {
      for (const Lane& lane : lanes) {
        if (!lane.task->done()) return false;
      }
      done();
      return true;
    };
    check_end();
  }
  void check_end() {
    if (lanes_ended_ && lanes_ended_()) lanes_ended_ = nullptr;
  }

  Task<void> work_off(std::vector<Entry*>& pending, std::size_t& next) {
    while (next < pending.size()) {
      Entry& entry = *pending[next++];
      co_await run_one(entry);
    }
    services_.loop().post([this] { check_end(); });  // Posted: this coroutine is not over yet.
  }

  /// Runs the body under an operation of its own, so that a timeout stops nothing but this attempt.
  Task<void> run_one(Entry& entry) {
    if (services_.is_cancelled()) {
      entry.piece.verdict = detail::Verdict::cancel;
      finish(entry);
      co_return;
    }
    Attempt attempt;
    StageContext context = make_context();
    Completion<> ended;
    attempt.ended = &ended;
    operations_.push_back(&attempt.operation);
    if (options_.timeout) {
      const TimePoint when = services_.loop().now() + *options_.timeout;
      attempt.timer = services_.loop().call_at(when, [&attempt] {
        attempt.timer = 0;
        attempt.is_late = true;
        attempt.operation.stop();
      });
    }
    Task<void> body = follow(entry, context, attempt);
    body.start(attempt.operation);
    co_await ended;
    if (attempt.timer != 0) services_.loop().cancel_timer(attempt.timer);
    operations_.remove(&attempt.operation);
    if (attempt.is_late && entry.piece.verdict == detail::Verdict::cancel) {
      entry.piece.fail({spec_.type + ".timeout", "the attempt did not end within " + to_string(*options_.timeout),
                        Persistence::transient, std::nullopt});
    }
    finish(entry);
  }

  struct Attempt {
    Operation operation;
    Completion<>* ended = nullptr;
    EventLoop::TimerId timer = 0;
    bool is_late = false;
  };

  Task<void> follow(Entry& entry, StageContext& context, Attempt& attempt) {
    co_await body_->process_async(entry.piece, context, true);
    // Posted: resuming run_one() from here would destroy this coroutine while it runs.
    services_.loop().post([ended = attempt.ended] { ended->complete(true); });
  }

  // --- Asynchronous sources ---

  void collect_on_loop(std::vector<SourceItem>& items, std::size_t limit) {
    Operation operation;
    StageContext context = make_context();
    CollectingOutput output(items, limit, operation);
    std::optional<Task<void>> task;
    std::exception_ptr error;
    std::mutex mutex;
    std::condition_variable ended;
    bool is_ended = false;
    std::function<void()> done = [&] {
      const std::lock_guard lock(mutex);
      is_ended = true;
      ended.notify_one();
    };
    services_.loop().post([&] {
      operations_.push_back(&operation);
      if (limit == 0 || services_.is_cancelled()) operation.stop();
      task.emplace(follow_source(output, context, error, done));
      task->start(operation);
    });
    services_.let_time_pass([&] {
      std::unique_lock lock(mutex);
      ended.wait(lock, [&] { return is_ended; });
    });
    services_.on_loop([&] {
      task.reset();
      operations_.remove(&operation);
    });
    if (error) std::rethrow_exception(error);
  }

  Task<void> follow_source(SourceOutput& output, StageContext& context, std::exception_ptr& error,
                           std::function<void()>& done) {
    try {
      co_await body_->produce(output, context);
    } catch (const OperationCancelled&) {
    } catch (...) {
      error = std::current_exception();
    }
    services_.loop().post([&done] { done(); });
  }

  const StageSpec spec_;
  const StageRunnerOptions options_;
  const std::shared_ptr<void> params_;
  Phase phase_ = Phase::constructed;
  std::string first_member_;           // Key of the first item that a collecting stage holds.
  std::list<Operation*> operations_;   // Event loop only.
  std::function<bool()> lanes_ended_;  // Event loop only.
  RunnerServices services_;            // Its threads end before what is above dies.
  const std::unique_ptr<detail::StageBody> body_;
};

StageRunner::StageRunner(const StageSpec& spec, std::string_view options, StageRunnerOptions runner)
    : state_(std::make_unique<State>(spec, options, std::move(runner))) {}
StageRunner::StageRunner(StageRunner&&) noexcept = default;
StageRunner& StageRunner::operator=(StageRunner&&) noexcept = default;
StageRunner::~StageRunner() = default;

void StageRunner::open() { state_->open(); }
void StageRunner::close() { state_->close(); }

Outcome StageRunner::run(SourceItem item, unsigned attempt) {
  std::vector<SourceItem> items;
  items.push_back(std::move(item));
  return std::move(state_->run_all(std::move(items), 1, attempt).front());
}

std::vector<Outcome> StageRunner::run_all(std::vector<SourceItem> items, unsigned concurrency) {
  return state_->run_all(std::move(items), concurrency, 1);
}

std::optional<Outcome> StageRunner::finish() { return state_->finish(); }
Outcome StageRunner::flush() { return state_->flush(); }
std::vector<SourceItem> StageRunner::collect(std::size_t limit) { return state_->collect(limit); }
std::optional<std::uint64_t> StageRunner::total() const { return state_->total(); }
void StageRunner::cancel() { state_->cancel(); }
std::uint64_t StageRunner::counted(std::string_view counter) const { return state_->services().counted(counter); }
std::uint64_t StageRunner::memory_bytes() const { return state_->services().account().used(); }
std::uint64_t StageRunner::peak_memory_bytes() const { return state_->services().account().peak(); }
void StageRunner::on_loop(const std::function<void(EventLoop&)>& work) {
  state_->services().on_loop([this, &work] { work(state_->services().loop()); });
}

}  // namespace penstock::testing
