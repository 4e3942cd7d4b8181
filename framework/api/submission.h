// Whoever waits for a submitted item.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "penstock/detail/lease.h"
#include "penstock/host.h"

namespace penstock::api {

/// Gathers what becomes of one item, and tells it once. Owned by the item: ends itself with settled().
class Submission final : public detail::ItemWatcher {
 public:
  Submission(std::string key, std::function<void(ItemResult)> on_result) : on_result_(std::move(on_result)) {
    result_.key = std::move(key);
  }
  Submission(const Submission&) = delete;
  Submission& operator=(const Submission&) = delete;

  void piece_delivered(const detail::Piece& piece) noexcept override;
  void piece_lost(const detail::Piece& piece, std::string_view stage) noexcept override;
  void settled(ItemOutcome outcome) noexcept override;

 private:
  ~Submission() = default;

  std::mutex mutex_;  // Pieces of one item may be on several threads.
  ItemResult result_;
  const std::function<void(ItemResult)> on_result_;
};

}  // namespace penstock::api
