// Fused compute stages: transforms, serial transforms and routes on the workers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "framework/runtime/segment.h"
#include "framework/runtime/waiter.h"

namespace penstock::runtime {

/// Works through bunches strip by strip: every stage sees a strip of about 2 us before the next does, so that the cost
/// of a virtual call and of a clock read is shared; a strip of slow bodies is one piece. After 100 us it hands on
/// what is finished and puts the rest back, in halves that idle workers can take.
///
/// The clock is read once per strip. How the time is shared among the stages is measured on some bunches, and on all of
/// them from 10 us a piece on.
///
/// A single stage with a limit, an order, a memory need or a retry has an Inlet; then messages have no bunch and mean
/// "a slot is yours".
class ComputeSegment final : public Segment, private Waiter {
 public:
  ComputeSegment(RunState& run, std::vector<StageRun*> stages);

  std::size_t grain() const override;

 protected:
  Bunch* work(Bunch* message) override;
  bool flush_at_close() override;

 private:
  /// The gate has opened for the item that the last stage emits at its end.
  void wake() noexcept override { begin_close(); }
  /// What one stage did to one bunch.
  struct Tally {
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::int64_t ns = 0;  ///< Only when stages are timed.
  };
  enum class Timing { whole, stages };

  Bunch* work_through(Bunch* bunch);
  void work_strip(std::span<Piece*> strip, Timing timing, std::span<Tally> tallies, Emitter& emitter);
  /// Returns the pieces that go on; `bytes` becomes what their payloads hold.
  std::span<Piece*> run_stage(StageRun& stage, std::span<Piece*> strip, std::uint64_t& bytes, Emitter& emitter);
  void count(std::span<const Tally> tallies, Timing timing, std::int64_t spent_ns);
  void learn(std::int64_t piece_ns);
  void put_back(std::span<Piece*> rest);

  std::size_t take_limit_ = kBunchCapacity;  ///< Pieces per grant of a slot.
  std::atomic<std::int64_t> piece_ns_{0};    ///< Moving average through all stages; 0: not known yet.
  std::atomic<std::uint32_t> bunches_{0};
  std::vector<std::atomic<std::int64_t>> stage_ns_;  ///< Of a piece in each stage, when last measured.
};

}  // namespace penstock::runtime
