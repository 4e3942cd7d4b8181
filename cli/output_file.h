// What the program writes: files that a run leaves behind (its report, which appears whole or not at all, and its
// failures, line by line), and its standard output.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace penstock::cli {

/// Throws std::system_error when not all of it could be written.
void write_standard_output(std::string_view text);

/// A file that is written beside its target and then renamed, so that a reader never sees half of it. `-` is standard
/// output. Errors are thrown as std::system_error with the file's name.
class ReplacedFile {
 public:
  /// Makes the temporary file: a target that cannot be written is found before the run.
  explicit ReplacedFile(std::string target);
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;
  /// Removes the temporary file unless commit() did its work.
  ~ReplacedFile();

  void commit(std::string_view content);

 private:
  std::string target_;
  std::string temporary_;
  int descriptor_ = -1;
};

/// A file that grows line by line, for those who read along. `-` is standard output.
class LineFile {
 public:
  /// Empties or makes the file. Throws std::system_error.
  explicit LineFile(const std::string& path);
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile();

  /// Writes `line` and a line feed at once. One thread at a time. A failure is kept for close().
  void write(std::string_view line);
  /// Throws std::system_error when anything could not be written.
  void close();

 private:
  std::string path_;
  std::FILE* file_ = nullptr;
  int error_ = 0;
};

}  // namespace penstock::cli
