// Errors of configurations: everything that `check` finds wrong, each with its place and what to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <vector>

#include "penstock/export.h"

namespace penstock {

/// A place in a configuration text.
struct SourceLocation {
  std::string file;        ///< As the user named it; `<string>` for JSON given in memory.
  std::size_t line = 0;    ///< From 1; 0 when unknown.
  std::size_t column = 0;  ///< From 1, in bytes; 0 when unknown.
  std::string pointer;     ///< JSON pointer (RFC 6901) into the document as written.

  friend bool operator==(const SourceLocation&, const SourceLocation&) = default;
};

enum class Severity { error, warning };

/// One finding. Printed by to_string() as
///
///     configs/thumbs.json:14:7: error[option.unknown] at /stages/2/widht
///       stage "thumb": `resize` has no option `widht`; it has: width, height, fit
///       help: did you mean `width`?
struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;  ///< Stable, lower case, `area.reason`.
  SourceLocation where;
  std::string message;  ///< What was expected and what was found.
  std::string help;     ///< What to do; may be empty.

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

PENSTOCK_API std::string to_string(const Diagnostic& diagnostic);

/// All errors of one configuration, thrown at once. REQUIRES: at least one diagnostic.
class PENSTOCK_API ConfigError : public std::exception {
 public:
  explicit ConfigError(std::vector<Diagnostic> diagnostics);
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  /// Every diagnostic as to_string() prints it, one after the other.
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::vector<Diagnostic> diagnostics_;
  std::string text_;
};

}  // namespace penstock
