// The run's limits: tokens for items, bytes of memory, children of expansions. Everything that waits for one waits
// here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "framework/runtime/memory_line.h"
#include "framework/runtime/waiter.h"
#include "penstock/memory.h"

namespace penstock::runtime {

/// Invariants: (1) tokens out <= items. (2) Bytes taken: as MemoryLine says. (3) Waiters are served in the order of
/// their items. (4) Nobody waits for what could be granted.
/// Thread safety: every member from any thread.
class Budget final : public MemoryAccount {
 public:
  Budget(std::uint64_t items, std::uint64_t memory) : items_(items), memory_(memory) {}  // The latter in bytes.
  /// Instead of a destructor: the run is over, and this dies with the last charge, for a host may keep a payload.
  void disown() noexcept;

  /// Takes up to `wanted` tokens; 0: none, and `source` waits; nothing: the run stops. At most one request per source
  /// at a time.
  std::optional<std::uint64_t> admit(std::uint64_t wanted, Waiter& source);
  /// Takes one for the item that a stage emits at its end, also while the run stops; false: `stage` waits.
  bool admit_last(Waiter& stage);
  /// Gives back tokens: unused ones, or those of settled items.
  void release_tokens(std::uint64_t tokens) noexcept;

  /// Takes waiter.amount bytes or waits.
  bool reserve(MemoryWaiter& waiter);
  void release(std::uint64_t bytes) noexcept override;
  /// Takes a permit for one child piece if there is one and nobody older waits for it.
  bool try_take_child();
  /// Takes one or waits.
  bool take_child(Waiter& waiter);
  void release_children(std::uint64_t children) noexcept;

  /// Stops waiting for memory. False: granted already, wake() has been or will be called.
  bool withdraw(MemoryWaiter& waiter);
  /// The same for one who will soon wait again, or gives back what it holds: nobody behind it is let on now.
  bool forget(MemoryWaiter& waiter);

  /// Lets every parked source ask again, and from now on parks none: the run is stopping.
  void open_for_stop();

  // Nothing moves any more. In this order:

  /// Lets somebody on who waits for memory and stays within the limit, or is alone beyond it. False: there is nobody.
  bool grant_when_still();
  /// What must be given back before the oldest who waits for memory has its room.
  struct Shortage {
    const MemoryWaiter* oldest;
    std::uint64_t bytes;
  };
  Shortage shortage() const;
  /// Lets somebody beyond a limit: the oldest who waits for a child, while no other was let; else one who waits for
  /// memory. False when nobody was let on.
  bool force();
  /// Lets the oldest who waits for a child go beyond the limit, whatever was let before.
  bool force_child();
  /// True when something waits for a token or a child permit: only then is a run that stands still stalled.
  bool has_starved() const;

  std::uint64_t items_in_flight() const;
  std::uint64_t peak_items() const;
  std::uint64_t bytes() const;
  std::uint64_t peak_bytes() const;
  std::uint64_t children_alive() const;
  /// Whether invariant (4) holds; for tests.
  bool keeps_nobody_in_vain() const;

 private:
  using Waiters = std::multimap<OrderKey, Waiter*>;

  bool may_admit() const { return tokens_ < items_ && (!memory_.is_full() || tokens_ == 0); }
  void collect_sources(std::vector<Waiter*>& woken);
  void collect_children(std::vector<Waiter*>& woken);
  /// Wakes whom `choose` grants something, if anybody.
  template <class Choose>
  bool let_on(Choose choose);
  Waiter* take_child_beyond();

  const std::uint64_t items_;
  MemoryLine memory_;
  mutable std::mutex mutex_;
  std::uint64_t tokens_ = 0;    // Out.
  std::uint64_t children_ = 0;  // Alive.
  std::uint64_t peak_tokens_ = 0;
  bool is_stopping_ = false;
  bool is_disowned_ = false;
  std::vector<Waiter*> sources_;
  std::vector<Waiter*> closing_;  // Stages at their end.
  Waiters child_waiters_;
};

}  // namespace penstock::runtime
