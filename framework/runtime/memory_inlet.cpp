// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/memory_inlet.h"

#include <exception>
#include <utility>

#include "framework/base/engine_codes.h"
#include "framework/runtime/run_state.h"
#include "framework/runtime/set_aside.h"

namespace penstock::runtime {

/// A piece that waits for its memory. Deletes itself.
class MemoryInlet::Wait final : public MemoryWaiter {
 public:
  Wait(MemoryInlet& inlet, Piece* piece, std::uint64_t need)
      : MemoryWaiter(Purpose::work), inlet_(inlet), piece_(piece), need_(need) {
    place = order_key_of(*piece);
    amount = need;
    held = piece->payload.charged();
    can_be_set_aside = held > 0 && piece->payload.type().is_encodable();
  }

  void wake() noexcept override {
    RunState& run = inlet_.run_;
    if (!aside_) return go_on(MemoryCharge(&run.budget(), amount));
    run.begin_motion();
    run.run_blocking([this, &run] {
      read_back();
      run.end_motion();
    });
  }

  bool could_go_on() const override { return inlet_.callbacks_.has_free_slot(); }

  void set_aside() noexcept override {
    can_be_set_aside = false;
    aside_ = inlet_.run_.aside_store().write(piece_->payload);
    if (aside_) {
      piece_->payload = Payload();
      held = 0;
      amount = need_ + aside_->bytes();
    }
    if (inlet_.run_.budget().reserve(*this)) wake();
  }

 private:
  void read_back() {
    MemoryCharge charge(&inlet_.run_.budget(), amount);
    if (!inlet_.run_.is_cancelled()) {  // Else it is only discarded.
      try {
        piece_->payload = aside_->read(charge.split(aside_->bytes()));
      } catch (const std::exception& error) {
        const std::unique_ptr<Wait> self(this);
        return inlet_.lose(piece_, error.what());
      }
    }
    go_on(std::move(charge));
  }

  void go_on(MemoryCharge charge) {
    const std::unique_ptr<Wait> self(this);
    piece_->more().charge = std::move(charge);
    inlet_.enter(piece_);
  }

  MemoryInlet& inlet_;
  Piece* piece_;
  std::uint64_t need_;
  std::unique_ptr<const SetAside> aside_;
};

void MemoryInlet::arrive(Piece* piece) {
  if (stage_.spec->is_ordered) {
    const std::scoped_lock lock(mutex_);
    line_.push_back(piece);
    if (line_.size() > 1) return;
  }
  callbacks_.measure(piece);
}

void MemoryInlet::call_next() {
  if (!stage_.spec->is_ordered) return;
  Piece* next = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    line_.pop_front();
    if (line_.empty()) return;
    next = line_.front();
  }
  callbacks_.measure(next);
}

void MemoryInlet::measure(Piece* piece) {
  StageContext context(run_, stage_.spec->name);
  std::uint64_t need = 0;
  try {
    if (!run_.is_cancelled()) need = stage_.body->memory_need(*piece, context);
  } catch (...) {  // NOLINT(bugprone-empty-catch): what cannot be measured fails in the body, with its own error.
  }
  if (need == 0) return enter(piece);
  auto* wait = new Wait(*this, piece, need);
  if (run_.budget().reserve(*wait)) wait->wake();
}

void MemoryInlet::enter(Piece* piece) {
  callbacks_.enter(piece);
  call_next();
}

void MemoryInlet::lose(Piece* piece, const std::string& why) {
  piece->fail({.code = std::string(kMemorySetAside.code),
               .message = "what waited on disk while memory was short cannot be read back: " + why,
               .is_input_lost = true});
  callbacks_.fail(piece);
  call_next();
}

}  // namespace penstock::runtime
