// SPDX-License-Identifier: Apache-2.0
#include "framework/api/output_queue.h"

namespace penstock::api {

std::optional<OutputItem> OutputQueue::pull(IfEmpty if_empty) {
  std::unique_lock lock(mutex_);
  if (if_empty == IfEmpty::wait) arrival_.wait(lock, [this] { return is_over_ || !offers_.empty(); });
  if (offers_.empty()) return std::nullopt;
  Offer* offer = offers_.front();
  offers_.pop_front();
  OutputItem item = std::move(offer->item);
  note_arrival(offer);
  return item;
}

/// On a thread that may block. Ends when nothing is left.
void OutputQueue::call_back() {
  std::unique_lock lock(mutex_);
  while (!offers_.empty()) {
    called_ = offers_.front();
    offers_.pop_front();
    OutputItem item = std::move(called_->item);
    lock.unlock();
    std::exception_ptr error;
    try {
      callback_(std::move(item));
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (called_ == nullptr) continue;  // Withdrawn meanwhile.
    called_->error = error;
    note_arrival(std::exchange(called_, nullptr));
  }
  is_calling_ = false;
}

/// REQUIRES: mutex held, which keeps the loop alive: it cannot end before the coroutine of this offer has.
void OutputQueue::note_arrival(Offer* offer) {
  if (arrived_.empty()) loop_->post([this] { complete_arrived(); });
  arrived_.push_back(offer);
}

void OutputQueue::complete_arrived() {
  // One by one: a coroutine that goes on may bring others to their end.
  for (;;) {
    Offer* offer = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      if (arrived_.empty()) return;
      offer = arrived_.front();
      arrived_.pop_front();
    }
    if (offer->error) {
      offer->arrived.fail(offer->error);
    } else {
      offer->arrived.complete(true);
    }
  }
}

Task<void> OutputQueue::offer(OutputItem item, StageContext& context) {
  Offer offer{std::move(item)};
  bool has_arrived = false;
  std::function<void()> withdraw = [this, &offer, &has_arrived] {
    const std::scoped_lock lock(mutex_);
    has_arrived = arrived_.remove(&offer) > 0 || called_ == &offer;
    if (called_ == &offer) called_ = nullptr;
    offers_.remove(&offer);
  };
  offer.arrived.on_cancel(std::move(withdraw));
  bool starts_job = false;
  {
    const std::scoped_lock lock(mutex_);
    loop_ = &context.loop();
    offers_.push_back(&offer);
    arrival_.notify_one();
    starts_job = callback_ && !std::exchange(is_calling_, true);
  }
  if (starts_job) {
    std::function<void()> job = [self = shared_from_this()] { self->call_back(); };
    context.services().run_blocking(std::move(job));
  }
  try {
    co_await offer.arrived;
  } catch (const OperationCancelled&) {
    if (!has_arrived) throw;
  }
}

void OutputQueue::end() {
  const std::scoped_lock lock(mutex_);
  is_over_ = true;
  arrival_.notify_all();
}

}  // namespace penstock::api
