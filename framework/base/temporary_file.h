// A file without a name, for what does not fit into memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace penstock {

/// Lies in $TMPDIR, else in /tmp; is gone with its owner, also when the process is killed.
/// Thread safety: any thread, as long as ranges that are written at once do not overlap.
class TemporaryFile {
 public:
  TemporaryFile();  ///< Throws std::system_error.
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  /// Offsets and sizes in bytes. Throw std::system_error, also when the disk is full or the range was never written.
  void write_at(std::uint64_t offset, std::string_view bytes);
  void read_at(std::uint64_t offset, std::span<char> into) const;
  /// Gives the space of a range back to the disk; what stands there is lost.
  void discard(std::uint64_t offset, std::uint64_t size) noexcept;

 private:
  std::string folder_;
  int descriptor_ = -1;
};

}  // namespace penstock
