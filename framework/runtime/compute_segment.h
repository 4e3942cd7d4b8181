// Fused compute stages: transforms, serial transforms and routes on the workers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "framework/runtime/inlet.h"
#include "framework/runtime/memory_inlet.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Works through bunches strip by strip: every stage sees a strip of about 2 us before the next does, so that the cost
/// of a virtual call and of a clock read is shared; a strip of slow bodies is one piece. After 100 us it hands on
/// what is finished and puts the rest back, in halves that idle workers can take.
///
/// The clock is read once per strip. How the time is shared among the stages is measured on some bunches, and on all of
/// them from 10 us a piece on.
///
/// A single stage with a limit, an order, a memory need or a retry has an Inlet; then a message without a bunch means
/// "a slot is yours", and one with a bunch brings pieces whose memory need is to be measured.
class ComputeSegment final : public Segment {
 public:
  ComputeSegment(RunState& run, std::vector<StageRun*> stages);

  void accept(Bunch* bunch, Hold* hold) override;
  bool is_direct() const override { return inlet_ == nullptr; }
  bool has_queue() const override { return inlet_ != nullptr && inlet_->has_queue() && !order_ && !memory_; }
  void resume(std::uint32_t slots) override { inlet_->free_slots(slots); }
  std::size_t grain() const override;
  /// A piece that the ordered stage lets pass.
  void pass_order(Piece* piece);

 protected:
  Bunch* work(Bunch* message) override;
  void reenter(Piece* piece) override;

 private:
  /// What one stage did to one bunch.
  struct Tally {
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::int64_t ns = 0;  ///< Only when stages are timed.
  };
  enum class Timing { whole, stages };

  Bunch* work_through(Bunch* bunch, bool holds_slot);
  void work_strip(std::span<Piece*> strip, Timing timing, std::span<Tally> tallies, Emitter& emitter);
  /// Returns the pieces that go on; `bytes` becomes what their payloads hold.
  std::span<Piece*> run_stage(StageRun& stage, std::span<Piece*> strip, std::uint64_t& bytes, Emitter& emitter);
  void count(std::span<const Tally> tallies, Timing timing, std::int64_t spent_ns);
  void learn(std::int64_t piece_ns);
  void put_back(std::span<Piece*> rest);
  void measure_later(Piece* piece);
  /// Settles a piece that has failed before it could enter.
  void fail_waiting(Piece* piece);

  std::unique_ptr<Inlet> inlet_;
  std::unique_ptr<MemoryInlet> memory_;      ///< Of a stage that declares what it needs.
  std::size_t take_limit_ = kBunchCapacity;  ///< Pieces per grant of a slot.
  std::atomic<std::int64_t> piece_ns_{0};    ///< Moving average through all stages; 0: not known yet.
  std::atomic<std::uint32_t> bunches_{0};
  std::vector<std::atomic<std::int64_t>> stage_ns_;  ///< Of a piece in each stage, when last measured.
};

}  // namespace penstock::runtime
