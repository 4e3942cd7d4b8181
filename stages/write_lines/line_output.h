// Where lines go: standard output, or a file that appears whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "penstock/error.h"
#include "penstock/option_codec.h"
#include "penstock/unique_fd.h"

namespace penstock::stages {

inline constexpr ErrorCode kCannotCreate{"write_lines.cannot_create", "The file or its folder cannot be made."};
inline constexpr ErrorCode kCannotWrite{"write_lines.cannot_write",
                                        "Writing failed: no room, or nobody reads standard output any more."};

/// Life: open() -> write() ... -> commit() or discard(). Standard output gets each line by one call of the system, so
/// that lines of several writers stay whole; a file is written in blocks to a temporary file beside it
/// (`.penstock-....tmp`), which commit() renames. Every member blocks. Thread safety: one thread at a time.
class LineOutput {
 public:
  explicit LineOutput(FilePath path) : path_(std::move(path)) {}
  LineOutput(const LineOutput&) = delete;
  LineOutput& operator=(const LineOutput&) = delete;
  ~LineOutput() { discard(); }

  /// Makes the folders on the way. Throws ItemError kCannotCreate.
  void open();
  /// `line` with its line end. Throws ItemError kCannotWrite.
  void write(std::string_view line);
  /// Puts the file in its place, on disk. Throws ItemError kCannotWrite.
  void commit();
  /// Removes what was not committed.
  void discard() noexcept;

 private:
  bool is_standard_output() const { return path_.resolved == "-"; }
  void write_out(std::string_view data);
  [[noreturn]] void fail(int error) const;

  const FilePath path_;
  UniqueFd file_;
  std::string temporary_;  ///< Empty: there is none.
  std::string buffer_;
};

}  // namespace penstock::stages
