// Payloads that wait on disk, so that what they held in memory is free for others.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "framework/base/temporary_file.h"
#include "penstock/memory.h"
#include "penstock/payload.h"

namespace penstock::runtime {

class AsideStore;

/// One payload on disk; its space is given back when this dies. REQUIRES: its store lives.
class SetAside {
 public:
  SetAside(AsideStore& store, const PayloadType& type, std::uint64_t offset, std::uint64_t bytes)
      : store_(store), type_(type), offset_(offset), bytes_(bytes) {}
  SetAside(const SetAside&) = delete;
  SetAside& operator=(const SetAside&) = delete;
  ~SetAside();

  /// What read() takes.
  std::uint64_t bytes() const { return bytes_; }
  /// Reads it back; `charge` stands for its bytes. On a thread that may block. Throws what went wrong.
  Payload read(MemoryCharge charge) const;

 private:
  AsideStore& store_;
  const PayloadType& type_;
  std::uint64_t offset_;
  std::uint64_t bytes_;
};

/// The file behind them, made with the first. Thread safety: every member from any thread that may block.
class AsideStore {
 public:
  /// Null when a payload of this type cannot be written down, or when there is no room on the disk.
  std::unique_ptr<const SetAside> write(const Payload& payload) noexcept;

 private:
  friend class SetAside;
  void discard(std::uint64_t offset, std::uint64_t bytes) noexcept;

  std::mutex mutex_;
  std::optional<TemporaryFile> file_;
  std::uint64_t end_ = 0;  // Where the next one goes; the beginning again when none is left.
  std::uint64_t kept_ = 0;
};

}  // namespace penstock::runtime
