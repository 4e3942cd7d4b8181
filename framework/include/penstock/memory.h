// Accounting of the bytes that payloads hold, against `limits.memory`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

namespace penstock {

/// Where charged bytes are given back. Implemented by the runtime; REQUIRES: it outlives every charge on it.
/// Thread safety: release() may be called from any thread.
class MemoryAccount {
 public:
  virtual void release(std::uint64_t bytes) noexcept = 0;

 protected:
  ~MemoryAccount() = default;
};

/// Bytes taken from a budget, given back when this dies. Owned by the payload whose memory it stands for, so the
/// budget gets them back when the payload dies and not when the item settles. Move-only; empty by default.
/// Thread safety: as an int.
class MemoryCharge {
 public:
  MemoryCharge() = default;
  MemoryCharge(MemoryAccount* account, std::uint64_t bytes) : account_(account), bytes_(bytes) {}
  MemoryCharge(MemoryCharge&& other) noexcept
      : account_(std::exchange(other.account_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryCharge& operator=(MemoryCharge other) noexcept {
    std::swap(account_, other.account_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryCharge() { shrink_to(0); }

  std::uint64_t bytes() const { return bytes_; }

  /// Takes over the bytes of `other`. REQUIRES: both are on the same account, or one is empty.
  void merge(MemoryCharge other) noexcept {
    if (account_ == nullptr) account_ = other.account_;
    bytes_ += std::exchange(other.bytes_, 0);
  }

  /// Takes `bytes` of it away into a charge of their own; at most what is there.
  MemoryCharge split(std::uint64_t bytes) noexcept {
    const std::uint64_t taken = bytes < bytes_ ? bytes : bytes_;
    bytes_ -= taken;
    return {account_, taken};
  }

  /// Gives back all but `bytes`; does nothing when it holds less.
  void shrink_to(std::uint64_t bytes) noexcept {
    if (bytes >= bytes_) return;
    const std::uint64_t surplus = bytes_ - bytes;
    bytes_ = bytes;
    if (account_ != nullptr) account_->release(surplus);
  }

 private:
  MemoryAccount* account_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace penstock
