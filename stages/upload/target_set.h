// The targets that one run has written to, to refuse a second item for the same one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "stages/upload/digest_set.h"

struct sqlite3;
struct sqlite3_stmt;

namespace penstock::stages {

/// 64-bit digests, so that two targets in a run of a million items are taken for one with a chance of 3 in 10^8. The
/// first `kept_in_memory` stay there, the others go to a temporary database file: memory is bounded.
///
/// Thread safety: any thread.
class TargetSet {
 public:
  explicit TargetSet(std::size_t kept_in_memory = 100'000);
  ~TargetSet();

  /// False when it is there already. Blocks on the disk once is_large().
  bool insert(std::string_view target);
  /// The next insert() may touch the disk.
  bool is_large() const;

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const;
  };
  struct FinishStatement {
    void operator()(sqlite3_stmt* statement) const;
  };
  void open_database();
  bool insert_on_disk(std::uint64_t digest);

  const std::size_t kept_in_memory_;
  mutable std::mutex mutex_;
  DigestSet digests_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::unique_ptr<sqlite3_stmt, FinishStatement> insertion_;
};

}  // namespace penstock::stages
