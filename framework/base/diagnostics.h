// The findings about one configuration while it is being checked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "penstock/diagnostic.h"
#include "penstock/diagnostic_code.h"

namespace penstock {

/// A place in a text, both from 1; the column counts bytes. 0 is unknown.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

/// Collects what is wrong with one file, so that all of it is reported at once. It keeps the first kMost errors and
/// counts the rest: a hostile file cannot make the report endless.
class Diagnostics {
 public:
  static constexpr std::size_t kMost = 100;

  /// `file` as the user named it.
  explicit Diagnostics(std::string file) : file_(std::move(file)) {}

  /// A finding at `where`, whose file is filled in.
  void add(Severity severity, DiagnosticCode code, Position position, std::string pointer, std::string message,
           std::string help = {});
  void error(DiagnosticCode code, Position position, std::string pointer, std::string message, std::string help = {}) {
    add(Severity::error, code, position, std::move(pointer), std::move(message), std::move(help));
  }

  /// What was found elsewhere, put at a place of this file.
  void adopt(Diagnostic found, Position position, std::string pointer);

  const std::string& file() const { return file_; }
  std::size_t error_count() const { return error_count_; }
  /// Further errors are only counted: their texts need not be made.
  bool is_full() const { return error_count_ >= kMost; }
  bool has_errors() const { return error_count_ != 0; }

  /// Throws ConfigError with everything that was found, in the order of the file, when there is an error.
  void throw_errors() const;
  /// Everything that was found, in the order of the file.
  std::vector<Diagnostic> sorted() const;

 private:
  std::string file_;
  std::vector<Diagnostic> found_;
  std::size_t error_count_ = 0;
  std::size_t warning_count_ = 0;
};

}  // namespace penstock
