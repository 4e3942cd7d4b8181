// What a run collects, from all its threads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "penstock/testing/pipeline_runner.h"

namespace penstock::testing {

/// Thread safety: any thread.
class Collection {
 public:
  /// Stages that give nothing are in it all the same.
  void expect(const std::string& stage) { items_[stage]; }
  void start(TimePoint now) { start_ = now; }
  void add(const std::string& stage, CollectedItem item, TimePoint now) {
    item.when = now - start_;
    const std::lock_guard lock(mutex_);
    items_[stage].push_back(std::move(item));
  }
  std::map<std::string, std::vector<CollectedItem>> take() { return std::move(items_); }

 private:
  std::mutex mutex_;
  TimePoint start_{};
  std::map<std::string, std::vector<CollectedItem>> items_;
};

}  // namespace penstock::testing
