// The lease of an admitted item: its token and its acknowledgement, shared by every piece derived from it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "penstock/detail/lease.h"
#include "penstock/detail/piece.h"
#include "penstock/item.h"

namespace penstock::runtime {

using detail::Piece;
using detail::Verdict;

/// How an item ends. Mixed pieces of one item: the greatest wins.
enum class Outcome : std::uint8_t { done, dropped, cancelled, failed };

/// Storage for leases, some of it kept per thread for the next. REQUIRES: always the same size.
void* allocate_lease(std::size_t size);
void free_lease(void* lease) noexcept;

/// One per admitted item. Its first piece lies inside it, so that an item costs one allocation.
///
/// Invariants: (1) `pieces` is the number of live pieces that hold this lease, as their own or as a member. (2) The
/// holder of the last one settles the lease: nobody else gives its token back.
class RunLease final : public detail::Lease {
 public:
  /// `make` returns an optional SourceItem. The number is given with number().
  template <class Make>
  explicit RunLease(Make make) : Lease(std::move(make)) {
    if (!item_) return;
    first.lease = this;
    first.payload = std::move(item_->payload);
    first.attributes = std::move(item_->attributes);
  }
  void number(std::uint64_t sequence) { sequence_ = sequence; }

  // Leases are made and freed by the bunch, more at once than malloc keeps at hand for a thread.
  static void* operator new(std::size_t size) { return allocate_lease(size); }
  static void operator delete(void* lease) noexcept { free_lease(lease); }

  /// Raises the outcome; never lowers it.
  void raise(Outcome outcome) {
    Outcome worst = worst_.load(std::memory_order_relaxed);
    while (outcome > worst && !worst_.compare_exchange_weak(worst, outcome, std::memory_order_relaxed)) {
    }
  }
  Outcome outcome() const { return worst_.load(std::memory_order_relaxed); }

  void add_pieces(std::uint32_t n) { pieces_.fetch_add(n, std::memory_order_relaxed); }
  /// Nobody else holds a piece, and so nobody can come to hold one.
  bool has_one_piece() const { return pieces_.load(std::memory_order_acquire) == 1; }
  /// True for the last piece.
  bool remove_piece() {
    // The only piece needs no atomic subtraction: nobody else can add one.
    return pieces_.load(std::memory_order_acquire) == 1 || pieces_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  Piece first;

 private:
  std::atomic<std::uint32_t> pieces_{1};
  std::atomic<Outcome> worst_{Outcome::done};
};

inline RunLease& lease_of(const Piece& piece) { return static_cast<RunLease&>(*piece.lease); }

/// Every lease that a piece holds: its own, then those of the members merged into it.
template <class Visit>
void for_each_lease(const Piece& piece, Visit visit) {
  // A copy of the members: visiting the last lease may end the piece's storage.
  visit(lease_of(piece));
  if (piece.extra) {
    for (detail::Lease* member : piece.extra->members) visit(static_cast<RunLease&>(*member));
  }
}

}  // namespace penstock::runtime
