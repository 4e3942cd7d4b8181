// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/run_state.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include "framework/base/quote.h"
#include "framework/observe/peak_rss.h"
#include "framework/runtime/async_segment.h"
#include "framework/runtime/async_source_segment.h"
#include "framework/runtime/blocking_segment.h"
#include "framework/runtime/build_segments.h"
#include "framework/runtime/inlet.h"

namespace penstock::runtime {
namespace {

AbortReason reason_of(const StageRun& stage, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const ItemError& failure) {
    return {stage.spec->name, failure.code(), failure.message()};
  } catch (const std::exception& failure) {
    return {stage.spec->name, "stage.open", failure.what()};
  } catch (...) {
    return {stage.spec->name, "stage.open", "an unknown exception"};
  }
}

StageReport report_of(const StageRun& stage) {
  StageReport report;
  report.name = stage.spec->name;
  report.type = stage.spec->spec->type;
  stage.counters.fill(report);
  if (stage.spec->is_source()) report.in = report.out;
  const std::vector<CounterSpec>& own = stage.spec->spec->counters;
  for (std::size_t i = 0; i < own.size(); ++i) report.counters.emplace_back(own[i].name, stage.own_counters.sum(i));
  return report;
}

bool lives_on_loop(const StageRun& stage) {
  return stage.spec->kind() == StageKind::async_source || stage.spec->kind() == StageKind::async_transform;
}

}  // namespace

RunState::RunState(std::shared_ptr<const graph::Graph> graph, RunOptions options, std::unique_ptr<Executor> executor)
    : graph_(std::move(graph)),
      options_(std::move(options)),
      executor_(std::move(executor)),
      budget_(new Budget(graph_->limits.items, graph_->limits.memory)) {
  for (const graph::GraphStage& spec : graph_->stages) {
    auto stage = std::make_unique<StageRun>(spec);
    stage->body = spec.spec->make_body(spec.params);
    stages_.push_back(std::move(stage));
  }
  segments_ = build_segments(*this, *graph_, stages_);
  segments_open_ = segments_.size();
}

RunState::~RunState() { executor_->shut_down(); }

void RunState::start() {
  {
    const std::scoped_lock lock(mutex_);
    started_ = loop().now();
  }
  if (!open_bodies()) {
    {
      const std::scoped_lock lock(mutex_);
      ended_ = loop().now();
      is_over_ = true;
    }
    end();
    return;
  }
  std::uint64_t total = 0;
  bool is_known = true;
  for (const auto& stage : stages_) {
    if (!stage->spec->is_source()) continue;
    std::optional<std::uint64_t> items;
    try {
      items = stage->body->total();
    } catch (...) {  // NOLINT(bugprone-empty-catch): then it is not known.
    }
    is_known &= items.has_value();
    total += items.value_or(0);
  }
  if (is_known) {
    const std::scoped_lock lock(mutex_);
    total_ = total;
  }
  // A source sends to stages behind it at once: all of them must be there, and are.
  for (const auto& segment : segments_) {
    const StageKind kind = segment->first().spec->kind();
    if (kind == StageKind::source) segment->resume(1);
    if (kind == StageKind::async_source) static_cast<AsyncSourceSegment&>(*segment).start();
  }
  end_motion();
}

bool RunState::open_bodies() {
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    StageRun& stage = *stages_[i];
    std::exception_ptr error;
    const auto open = [&] {
      StageContext context(*this, stage.spec->name);
      try {
        stage.body->open(context);
      } catch (...) {
        error = std::current_exception();
      }
    };
    if (lives_on_loop(stage)) {
      executor_->run_on_loop(open);
    } else {
      open();
    }
    if (!error) continue;
    {
      const std::scoped_lock lock(mutex_);
      abort_ = reason_of(stage, error);
    }
    cancelled_.store(true);  // What closes now has no result to put in place.
    close_bodies(i + 1);     // One whose open has thrown may have acquired something.
    return false;
  }
  return true;
}

void RunState::close_bodies(std::size_t count) {
  while (count-- > 0) {
    StageRun& stage = *stages_[count];
    const auto close = [&] {
      StageContext context(*this, stage.spec->name);
      try {
        stage.body->close(context);
      } catch (...) {  // NOLINT(bugprone-empty-catch): the error that ended the run is the one to tell.
      }
    };
    if (lives_on_loop(stage)) {
      executor_->run_on_loop(close);
    } else {
      close();
    }
  }
}

void RunState::admit_in_order(RunLease& lease, const std::vector<OrderTracker*>& reach) {
  // Numbered and expected in one step: a later item of another source must not pass in between.
  const std::scoped_lock lock(admission_mutex_);
  const std::uint64_t number = sequence_.fetch_add(1, std::memory_order_relaxed);
  for (OrderTracker* tracker : reach) tracker->expect({number, {}}, 1);
  lease.number(number);
}

void RunState::admit_last(RunLease& lease, const std::vector<OrderTracker*>& reach) {
  ItemNumbers numbers;
  admit(lease, reach, numbers);
  count_admitted(1);
  const std::scoped_lock lock(mutex_);
  if (total_) ++*total_;
}

void RunState::settle(const Settlement& settlement) {
  std::uint64_t tokens = 0;
  for (std::size_t i = 0; i < settlement.items.size(); ++i) {
    if (settlement.items[i] == 0) continue;
    settled_[i].fetch_add(settlement.items[i], std::memory_order_relaxed);
    tokens += settlement.items[i];
  }
  budget_->release_children(settlement.children);
  budget_->release_tokens(tokens);
}

void RunState::record_failure(const Piece& piece, const StageRun& stage) {
  const detail::Failure& failure = piece.extra->failure;
  {
    const std::scoped_lock lock(mutex_);
    ErrorSummary& summary = errors_[{stage.spec->name, failure.code}];
    if (summary.count++ == 0) {
      summary = {stage.spec->name, failure.code, 1, detail::key_of(piece), failure.message};
    }
  }
  if (!options_.on_failure) return;
  FailureRecord record{.key = detail::key_of(piece),
                       .piece = piece.extra->path.empty() ? 0 : piece.extra->path.back(),
                       .stage = stage.spec->name,
                       .code = failure.code,
                       .message = failure.message,
                       .attempts = piece.attempts,
                       .attributes = piece.attributes};
  if (failure.retry_after) {
    record.attributes.set("retry_after", std::chrono::duration<double>(*failure.retry_after).count());
  }
  bool has_thrown = false;
  {
    const std::scoped_lock lock(failure_mutex_);
    try {
      options_.on_failure(record);
    } catch (...) {
      has_thrown = true;
    }
  }
  if (has_thrown) abort({stage.spec->name, "run.on_failure", "the callback for failures threw an exception"});
}

void RunState::count(std::string_view stage_name, std::string_view counter, std::uint64_t n) {
  for (const auto& stage : stages_) {
    if (stage->spec->name != stage_name) continue;
    const std::vector<CounterSpec>& own = stage->spec->spec->counters;
    const auto found = std::find_if(own.begin(), own.end(), [&](const CounterSpec& c) { return c.name == counter; });
    if (found != own.end()) return stage->own_counters.add(static_cast<std::size_t>(found - own.begin()), n);
  }
  throw std::logic_error("penstock: the stage declares no counter " + quote(counter));
}

void RunState::abort(AbortReason reason) {
  {
    const std::scoped_lock lock(mutex_);
    if (!abort_) abort_ = std::move(reason);
  }
  cancel();
}

void RunState::stop_sources() {
  stopping_.store(true, std::memory_order_release);
  budget_->open_for_stop();
  for (const auto& segment : segments_) {
    if (segment->first().spec->kind() == StageKind::async_source) static_cast<AsyncSourceSegment&>(*segment).stop();
  }
}

void RunState::drain() {
  {
    const std::scoped_lock lock(mutex_);
    if (is_over_ || std::exchange(is_draining_, true)) return;
  }
  stop_sources();
  loop().post([this] { loop().call_at(time_after(loop().now(), options_.drain_timeout), [this] { cancel(); }); });
}

void RunState::cancel() {
  {
    const std::scoped_lock lock(mutex_);
    if (is_over_ || cancelled_.exchange(true)) return;
  }
  stop_sources();
  for (const auto& segment : segments_) segment->cancel();
  begin_motion();
  loop().post([this] {
    fire_retries();
    end_motion();
  });
}

void RunState::wait_for_retry(Duration delay, std::function<void()> work) {
  const std::uint64_t id = next_retry_++;
  const TimePoint due = is_cancelled() ? loop().now() : time_after(loop().now(), delay);
  const EventLoop::TimerId timer = loop().call_at(due, [this, id] {
    const auto entry = retries_.extract(id);
    entry.mapped().second();
  });
  retries_.emplace(id, std::pair(timer, std::move(work)));
}

void RunState::fire_retries() {
  while (!retries_.empty()) {
    const auto entry = retries_.extract(retries_.begin());
    loop().cancel_timer(entry.mapped().first);
    entry.mapped().second();
  }
}

bool RunState::set_aside_youngest() {
  const Budget::Shortage shortage = budget_->shortage();
  if (shortage.bytes == 0) return false;
  std::vector<WaitingPayload> waiting;
  for (const auto& segment : segments_) {
    if (Inlet* inlet = segment->inlet()) inlet->offer(shortage.oldest, waiting);
  }
  std::stable_sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) { return b.place < a.place; });
  std::vector<WaitingPayload> claimed;
  std::uint64_t free = 0;
  for (const WaitingPayload& payload : waiting) {
    if (free >= shortage.bytes) break;
    if (!payload.inlet->claim(payload.piece)) continue;
    free += payload.bytes;
    claimed.push_back(payload);
  }
  if (claimed.empty()) return false;
  begin_motion();
  run_blocking([this, claimed = std::move(claimed)] {
    for (const WaitingPayload& payload : claimed) payload.inlet->set_aside(payload.piece);
    end_motion();
  });
  return true;
}

void RunState::resolve_stillness() {
  while (let_one_on()) {
    // Who was let on may have to wait again at once, for a slot that somebody holds who waits too: nothing moves yet.
    begin_motion();
    if (motion_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  }
}

bool RunState::let_one_on() {
  if (budget_->grant_when_still() || set_aside_youngest() || budget_->force()) return true;
  if (!budget_->has_starved()) return false;  // It waits for the outside, or it ends.
  Segment* oldest = nullptr;
  for (const auto& segment : segments_) {
    if (segment->oldest_parked() < (oldest != nullptr ? oldest->oldest_parked() : UINT64_MAX)) oldest = segment.get();
  }
  return (oldest != nullptr && oldest->flush_stalled()) || budget_->force_child();
}

void RunState::tell_drained(const StageRun& stage) {
  if (!options_.on_drained) return;
  try {
    const std::scoped_lock lock(drained_mutex_);
    options_.on_drained(report_of(stage));
  } catch (...) {
    abort({stage.spec->name, "run.on_drained", "the callback for drained stages threw an exception"});
  }
}

void RunState::segment_closed() {
  if (segments_open_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  {
    const std::scoped_lock lock(mutex_);
    ended_ = loop().now();
    is_over_ = true;
  }
  end();
}

void RunState::end() {
  executor_->done();
  // The thread that waits may have gone on already; it cannot end this object before this call has returned.
  if (options_.on_end) options_.on_end();
}

bool RunState::is_over() const {
  const std::scoped_lock lock(mutex_);
  return is_over_;
}

/// A coroutine that waits for memory. Kept alive by itself from the refusal to the wake-up or the withdrawal.
class RunState::MemoryWait final : public MemoryWaiter, public std::enable_shared_from_this<MemoryWait> {
 public:
  MemoryWait(RunState& run, const detail::Piece& piece, std::uint64_t bytes)
      : MemoryWaiter(Purpose::growth), run_(run) {
    place = order_key_of(piece);
    amount = bytes;
    has_grown = piece.extra && piece.extra->has_grown;
  }
  void wake() noexcept override {
    run_.begin_motion();
    run_.loop().post([self = shared_from_this()] {
      self->keep_.reset();
      if (self->granted_ != nullptr) {
        self->granted_->complete(true);
      } else {
        self->run_.budget_->release(self->amount);
      }
    });
  }
  void wait_with(Completion<bool>& granted) {
    keep_ = shared_from_this();
    granted_ = &granted;
  }
  void forget() {
    granted_ = nullptr;
    keep_.reset();
  }
  void give_up() {
    granted_ = nullptr;
    if (!run_.budget_->withdraw(*this)) return;
    keep_.reset();
    run_.begin_motion();
  }

 private:
  RunState& run_;
  Completion<bool>* granted_ = nullptr;
  std::shared_ptr<MemoryWait> keep_;
};

Task<MemoryCharge> RunState::reserve(detail::Piece& piece, std::uint64_t bytes) {
  const auto wait = std::make_shared<MemoryWait>(*this, piece, bytes);
  Completion<bool> granted;
  wait->wait_with(granted);
  std::function<void()> give_up = [wait] { wait->give_up(); };
  granted.on_cancel(std::move(give_up));
  if (!budget_->reserve(*wait)) {
    end_motion();  // Goes on with the grant.
    co_await granted;
  }
  wait->forget();
  piece.more().has_grown = true;
  co_return MemoryCharge(budget_.get(), bytes);
}

template <class Report>
void RunState::fill(Report& report) const {
  report.items.admitted = admitted_.load(std::memory_order_relaxed);
  report.items.done = settled_[static_cast<std::size_t>(Outcome::done)].load(std::memory_order_relaxed);
  report.items.dropped = settled_[static_cast<std::size_t>(Outcome::dropped)].load(std::memory_order_relaxed);
  report.items.failed = settled_[static_cast<std::size_t>(Outcome::failed)].load(std::memory_order_relaxed);
  report.items.cancelled = settled_[static_cast<std::size_t>(Outcome::cancelled)].load(std::memory_order_relaxed);
  for (const auto& stage : stages_) report.stages.push_back(report_of(*stage));
  const std::scoped_lock lock(mutex_);
  const TimePoint until = is_over_ ? ended_ : executor_->loop().now();
  report.seconds = std::chrono::duration<double>(until - started_).count();
}

Progress RunState::progress() const {
  Progress progress;
  fill(progress);
  progress.memory_bytes = budget_->bytes();
  const std::scoped_lock lock(mutex_);
  progress.total = total_;
  progress.is_draining = is_draining_ || is_cancelled();
  return progress;
}

void RunState::make_report() {
  RunReport report;
  report.pipeline = graph_->name;
  fill(report);
  // A source takes its tokens by the bunch: some of the last may never have had an item.
  report.peak_items_in_flight = std::min(budget_->peak_items(), report.items.admitted);
  report.peak_memory_bytes = budget_->peak_bytes();
  report.peak_rss_bytes = observe::peak_rss_bytes();
  report.workers_available = executor_->workers();
  const std::scoped_lock lock(mutex_);
  report.abort = abort_;
  report.outcome = abort_           ? RunOutcome::aborted
                   : is_cancelled() ? RunOutcome::cancelled
                   : is_draining_   ? RunOutcome::drained
                                    : RunOutcome::completed;
  for (const auto& entry : errors_) report.errors.push_back(entry.second);
  std::stable_sort(report.errors.begin(), report.errors.end(),
                   [](const ErrorSummary& a, const ErrorSummary& b) { return a.count > b.count; });
  report_ = std::move(report);
}

const RunReport& RunState::wait() {
  const std::scoped_lock lock(wait_mutex_);
  if (report_) return *report_;
  executor_->wait_done();
  make_report();
  const ItemCounts& items = report_->items;
  if (!items.is_balanced() || budget_->items_in_flight() != 0) {
    std::fprintf(stderr,
                 "penstock: bug: the items of pipeline \"%s\" do not add up: admitted %llu, done %llu, dropped %llu, "
                 "failed %llu, cancelled %llu, tokens out %llu. Please report it.\n",
                 graph_->name.c_str(), static_cast<unsigned long long>(items.admitted),
                 static_cast<unsigned long long>(items.done), static_cast<unsigned long long>(items.dropped),
                 static_cast<unsigned long long>(items.failed), static_cast<unsigned long long>(items.cancelled),
                 static_cast<unsigned long long>(budget_->items_in_flight()));
    std::abort();
  }
  return *report_;
}

}  // namespace penstock::runtime
