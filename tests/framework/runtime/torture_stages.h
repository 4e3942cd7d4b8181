// Stages of every kind that misbehave as a seed says, and write down what the engine does with them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "penstock/stage_spec.h"

namespace penstock::torture {

/// What travels: where an item comes from and which way its expansions took. Counts how many of it exist.
struct Mark {
  std::uint32_t source = 0;
  std::uint64_t index = 0;
  std::vector<std::uint32_t> path;
  bool is_merged = false;
  std::shared_ptr<const MemoryCharge> load;  ///< Memory that it holds, which may wait on disk.

  Mark() { live().fetch_add(1); }
  Mark(const Mark& other)
      : source(other.source), index(other.index), path(other.path), is_merged(other.is_merged), load(other.load) {
    live().fetch_add(1);
  }
  Mark& operator=(const Mark&) = default;
  ~Mark() { live().fetch_sub(1); }
  static std::atomic<std::int64_t>& live() {
    static std::atomic<std::int64_t> count{0};
    return count;
  }
};

/// What one stage saw. Thread safety: every member from any thread.
class StageLog {
 public:
  void opened();
  void closed();
  /// A body begins; `first_attempt` entries of an ordered stage must come in order.
  void enter(const Mark& mark, bool is_first_attempt);
  void leave();
  /// The stage emits an item of its own.
  void finish();

  bool is_ordered = false;
  bool checks_order = false;  ///< The order of marks is the order of items here.
  unsigned concurrency = 0;   ///< 0: unlimited.
  bool is_source = false;
  std::function<void()> on_leave;  ///< Called after each body.

  std::uint64_t entered() const { return entered_.load(); }
  /// Second attempts do not count.
  std::uint64_t first_entered() const { return first_entered_.load(); }
  std::uint64_t left() const { return left_.load(); }
  std::uint64_t finished() const { return finished_.load(); }
  std::vector<std::string> complaints() const;
  void complain(std::string text);

 private:
  mutable std::mutex mutex_;
  int opens_ = 0;
  int closes_ = 0;
  std::atomic<std::uint64_t> entered_{0};
  std::atomic<std::uint64_t> first_entered_{0};
  std::atomic<std::uint64_t> left_{0};
  std::atomic<std::uint64_t> finished_{0};
  std::map<std::uint32_t, std::pair<std::uint64_t, std::vector<std::uint32_t>>> last_;
  std::vector<std::string> complaints_;

  friend class Ledger;
};

/// How a stage behaves: chances in per cent, decided by a hash of seed, stage, item and attempt, so that they do not
/// depend on the interleaving.
struct Behaviour {
  std::uint64_t seed = 0;
  std::uint32_t stage = 0;
  StageLog* log = nullptr;
  unsigned fail = 0;
  unsigned transient = 50;  ///< Of the failures.
  unsigned drop = 0;
  unsigned absorb = 0;         ///< serial_transform: of what is not dropped; then it also emits at its end.
  unsigned hang = 0;           ///< async: waits until it is stopped.
  std::uint32_t items = 0;     ///< source
  unsigned source_fails = 0;   ///< source: chance to throw at an item.
  std::uint32_t children = 0;  ///< expand: at most.
  std::uint32_t members = 1;   ///< collect
  std::uint32_t delay_us = 0;  ///< collect: the longest; 0: as long as it takes.
  std::uint32_t ports = 1;     ///< route
  std::uint64_t need = 0;      ///< Largest memory need, bytes.
  bool uses_blocking = false;  ///< async
  bool loads = false;          ///< async: what it emits keeps the memory that the body took.
};

/// The declarations, one per kind; `transform_with_need` declares memory.
std::shared_ptr<const StageSpec> spec_of(StageKind kind, bool with_need, bool only_computes);

}  // namespace penstock::torture
