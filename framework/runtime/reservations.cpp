// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/reservations.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "framework/base/engine_codes.h"
#include "framework/runtime/run_state.h"
#include "framework/runtime/set_aside.h"

namespace penstock::runtime {
namespace {

bool can_be_set_aside(const Piece& piece) { return piece.payload.charged() > 0 && piece.payload.type().is_encodable(); }

}  // namespace

/// A piece that waits for memory, or has been claimed to be set aside while it waits in front; ends when it enters.
/// `state` and `is_asked` are guarded by the mutex of the Reservations; the rest belongs to who claimed it or asks.
class Reservations::Wait final : public MemoryWaiter {
 public:
  Wait(Reservations& owner, Piece* piece, WaitState in)
      : MemoryWaiter(Purpose::work), state(in), owner_(owner), piece_(piece) {
    place = order_key_of(*piece);
    held = piece->payload.charged();
  }

  Piece* piece() const { return piece_; }
  bool is_tried() const { return is_tried_; }
  bool is_aside() const { return aside_ != nullptr; }
  /// What was granted.
  MemoryCharge charge() const { return {&owner_.run_.budget(), amount}; }
  void need(std::uint64_t bytes) {
    amount = need_ = bytes;
    is_measured_ = true;
  }

  void wake() noexcept override {
    RunState& run = owner_.run_;
    if (!aside_) return owner_.enter(piece_, charge());
    run.begin_motion();
    run.run_blocking([this, &run] {
      read_back();
      run.end_motion();
    });
  }

  /// Once. Where it cannot be written down it stays as it is.
  void set_aside() noexcept {
    is_tried_ = true;
    if (!is_measured_) need(owner_.measure(piece_));
    aside_ = owner_.run_.aside_store().write(piece_->payload);
    if (!aside_) return;
    piece_->payload = Payload();
    held = 0;
    amount = need_ + aside_->bytes();
  }

  WaitState state;
  bool is_asked = false;  ///< Has its slot.

 private:
  void read_back() {
    MemoryCharge granted = charge();
    if (!owner_.run_.is_cancelled()) {  // Else it is only discarded.
      try {
        piece_->payload = aside_->read(granted.split(aside_->bytes()));
      } catch (const std::exception& error) {
        return owner_.lose(piece_, error.what());
      }
    }
    owner_.enter(piece_, std::move(granted));
  }

  Reservations& owner_;
  Piece* piece_;
  bool is_tried_ = false;
  bool is_measured_ = false;
  std::uint64_t need_ = 0;
  std::unique_ptr<const SetAside> aside_;
};

Reservations::Reservations(RunState& run, StageRun& stage, Callbacks callbacks)
    : run_(run), stage_(stage), callbacks_(std::move(callbacks)) {}

Reservations::~Reservations() = default;

Reservations::Wait* Reservations::find(const Piece* piece) const {
  const auto found =
      std::find_if(waits_.begin(), waits_.end(), [&](const auto& wait) { return wait->piece() == piece; });
  return found == waits_.end() ? nullptr : found->get();
}

Reservations::Wait& Reservations::add(Piece* piece, WaitState state) {
  return *waits_.emplace_back(std::make_unique<Wait>(*this, piece, state));
}

bool Reservations::reserve(Piece* piece) {
  Wait* wait = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    wait = find(piece);
  }
  if (wait == nullptr) {
    const std::uint64_t need = measure(piece);
    if (need == 0 && !stage_.spec->is_ordered) return true;
    const std::scoped_lock lock(mutex_);
    wait = &add(piece, WaitState::in_front);
    wait->need(need);
  }
  if (stage_.spec->is_ordered) {
    const std::scoped_lock lock(mutex_);
    line_.push_back(wait);
    if (line_.size() > 1) return false;
  }
  if (!ask(*wait)) return false;
  take(piece, wait->charge());
  call_next();
  return true;
}

bool Reservations::ask(Wait& wait) {
  {
    const std::scoped_lock lock(mutex_);
    wait.is_asked = true;
    if (wait.state == WaitState::claimed) return false;  // It asks when it has been set aside.
    wait.state = WaitState::asking;
  }
  if (wait.amount > 0 && !run_.budget().reserve(wait)) return false;
  if (!wait.is_aside()) return true;
  wait.wake();
  return false;
}

std::uint64_t Reservations::measure(Piece* piece) const {
  StageContext context(run_, stage_.spec->name);
  try {
    return run_.is_cancelled() ? 0 : stage_.body->memory_need(*piece, context);
  } catch (...) {
    return 0;  // What cannot be measured fails in the body, with its own error.
  }
}

void Reservations::take(Piece* piece, MemoryCharge charge) {
  piece->more().charge = std::move(charge);
  const std::scoped_lock lock(mutex_);
  std::erase_if(waits_, [&](const auto& wait) { return wait->piece() == piece; });
}

void Reservations::enter(Piece* piece, MemoryCharge charge) {
  take(piece, std::move(charge));
  callbacks_.enter(piece);
  call_next();
}

void Reservations::lose(Piece* piece, const std::string& why) {
  take(piece, MemoryCharge());
  piece->fail({.code = std::string(kMemorySetAside.code),
               .message = "what waited on disk while memory was short cannot be read back: " + why,
               .is_input_lost = true});
  callbacks_.lose(piece);
  call_next();
}

void Reservations::call_next() {
  if (!stage_.spec->is_ordered) return;
  for (;;) {
    Wait* next = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      line_.pop_front();
      if (line_.empty()) return;
      next = line_.front();
    }
    if (!ask(*next)) return;
    Piece* piece = next->piece();
    take(piece, next->charge());
    callbacks_.enter(piece);
  }
}

void Reservations::offer(Inlet& inlet, const MemoryWaiter* except, std::vector<WaitingPayload>& found) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& wait : waits_) {
    if (wait->state == WaitState::claimed || wait->is_tried() || wait.get() == except) continue;
    if (can_be_set_aside(*wait->piece())) found.push_back({wait->place, wait->held, &inlet, wait->piece()});
  }
}

bool Reservations::may_be_set_aside(const Piece* piece) const {
  const std::scoped_lock lock(mutex_);
  return find(piece) == nullptr && can_be_set_aside(*piece);
}

bool Reservations::claim_in_front(Piece* piece) {
  const std::scoped_lock lock(mutex_);
  if (find(piece) != nullptr) return false;
  add(piece, WaitState::claimed);
  return true;
}

bool Reservations::claim(Piece* piece) {
  const std::scoped_lock lock(mutex_);
  Wait* wait = find(piece);
  if (wait == nullptr || wait->state == WaitState::claimed || wait->is_tried()) return false;
  if (wait->state == WaitState::asking && !run_.budget().forget(*wait)) return false;
  wait->state = WaitState::claimed;
  return true;
}

void Reservations::set_aside(Piece* piece) {
  Wait* wait = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    wait = find(piece);
  }
  wait->set_aside();
  {
    const std::scoped_lock lock(mutex_);
    wait->state = WaitState::in_front;
    if (!wait->is_asked) return;
  }
  if (!ask(*wait)) return;
  MemoryCharge charge = wait->charge();
  enter(piece, std::move(charge));
}

}  // namespace penstock::runtime
