// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/async_source_segment.h"

#include <algorithm>
#include <utility>

#include "framework/runtime/detached.h"
#include "framework/runtime/run_state.h"

namespace penstock::runtime {
namespace {

constexpr std::uint64_t kItemsPerTurn = 256;  // Then the loop looks after others.

}  // namespace

void AsyncSourceSegment::start() {
  run_.loop().post([this] {
    emitter_ = std::make_unique<Emitter>(*this);
    context_.emplace(run_, first().spec->name);
    task_.emplace(first().body->produce(*this, *context_));
    run_detached(operation_, *task_, [this](const std::exception_ptr& error) { end(error); });
  });
}

void AsyncSourceSegment::end(const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const OperationCancelled&) {  // NOLINT(bugprone-empty-catch): the way in which a drain ends a source.
  } catch (const ItemError& failure) {
    run_.abort({first().spec->name, failure.code(), failure.message()});
  } catch (const std::exception& failure) {
    run_.abort({first().spec->name, "source.exception", failure.what()});
  } catch (...) {
    run_.abort({first().spec->name, "source.exception", "an unknown exception"});
  }
  flush();
  leave(1);
}

void AsyncSourceSegment::stop() {
  run_.loop().post([this] { operation_.stop(); });
}

void AsyncSourceSegment::wake() noexcept {
  run_.loop().post([this] {
    is_parked_ = false;
    go_on();
  });
}

void AsyncSourceSegment::resume(std::uint32_t /*slots*/) {
  run_.loop().post([this] {
    is_held_ = false;
    go_on();
  });
}

void AsyncSourceSegment::go_on() {
  if (waiting_ != nullptr) std::exchange(waiting_, nullptr)->complete(true);
}

Task<void> AsyncSourceSegment::wait() {
  Completion<bool> woken;
  waiting_ = &woken;
  std::function<void()> forget = [this] { waiting_ = nullptr; };
  woken.on_cancel(std::move(forget));
  co_await woken;
}

Task<void> AsyncSourceSegment::take_turn() {
  Completion<bool> woken;
  woken.shield();
  std::function<void()> next_turn = [&woken] { woken.complete(true); };
  run_.loop().post(std::move(next_turn));
  co_await woken;
}

bool AsyncSourceSegment::take_tokens() {
  std::size_t wanted = has_queued_target_ ? 1 : kBunchCapacity;
  for (const Segment* target : outputs_[0].targets) wanted = std::min(wanted, target->grain());
  const std::optional<std::uint64_t> granted = run_.budget().admit(wanted, *this);
  if (!granted) return false;
  tokens_ = *granted;
  is_parked_ = tokens_ == 0;
  return tokens_ > 0;
}

bool AsyncSourceSegment::try_emit(SourceItem& item) {
  if (run_.is_stopping() || is_held_ || is_parked_ || since_turn_ >= kItemsPerTurn) return false;
  if (tokens_ == 0 && !take_tokens()) return false;
  send(std::move(item));
  return true;
}

Task<void> AsyncSourceSegment::emit(SourceItem item) {
  if (since_turn_ >= kItemsPerTurn) {
    flush();
    co_await take_turn();
  }
  for (;;) {
    if (run_.is_stopping()) throw OperationCancelled();
    if (!is_held_ && !is_parked_ && (tokens_ > 0 || take_tokens())) break;
    if (run_.is_stopping()) throw OperationCancelled();
    flush();
    // The run may stand still because of this wait.
    run_.begin_motion();
    run_.end_motion();
    co_await wait();
  }
  send(std::move(item));
}

void AsyncSourceSegment::send(SourceItem item) {
  observe::FlowCells& flow = first().counters.flow();
  flow.out.fetch_add(1, std::memory_order_relaxed);
  flow.bytes_out.fetch_add(item.payload.bytes(), std::memory_order_relaxed);
  run_.count_admitted(1);
  --tokens_;
  ++since_turn_;
  arrive(1);
  Hold* hold = has_queued_target_ ? new Hold(*this, 1) : nullptr;
  emitter_->use_hold(hold);
  auto lease = std::make_unique<RunLease>([&] { return std::optional(std::move(item)); });
  run_.admit(*lease, reach_, numbers_);
  emitter_->send(&lease.release()->first, outputs_[0]);
  if (hold != nullptr) {
    is_held_ = true;
    emitter_->flush();
    hold->release();
  }
  if (!std::exchange(flush_is_posted_, true)) {
    run_.begin_motion();
    run_.loop().post([this] {
      flush_is_posted_ = false;
      flush();
      run_.end_motion();
    });
  }
}

void AsyncSourceSegment::flush() {
  since_turn_ = 0;
  run_.budget().release_tokens(std::exchange(tokens_, 0));
  emitter_->flush();
}

}  // namespace penstock::runtime
