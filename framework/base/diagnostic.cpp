// Diagnostics as text, in the form that compilers use and editors understand:
//
//     file:line:column: severity[code] at pointer
//       message
//       help: help
//
// What is unknown or empty is left out with its punctuation.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/diagnostic.h"

#include <string_view>
#include <utility>

namespace penstock {
namespace {

std::string_view name_of(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

/// `file:line:column: `, as much of it as is known.
std::string to_prefix(const SourceLocation& where) {
  if (where.file.empty()) return {};
  std::string text = where.file;
  if (where.line != 0) {
    text.append(":").append(std::to_string(where.line));
    if (where.column != 0) text.append(":").append(std::to_string(where.column));
  }
  return text.append(": ");
}

/// Adds `text` on lines of its own, each indented by two spaces.
void append_indented(std::string& out, std::string_view text) {
  while (true) {
    const std::size_t end = text.find('\n');
    out.append("\n  ").append(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string join(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text.append("\n");
    text.append(to_string(diagnostic));
  }
  return text;
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = to_prefix(diagnostic.where);
  text.append(name_of(diagnostic.severity));
  if (!diagnostic.code.empty()) text.append("[").append(diagnostic.code).append("]");
  if (!diagnostic.where.pointer.empty()) text.append(" at ").append(diagnostic.where.pointer);
  if (!diagnostic.message.empty()) append_indented(text, diagnostic.message);
  if (!diagnostic.help.empty()) append_indented(text, "help: " + diagnostic.help);
  return text;
}

ConfigError::ConfigError(std::vector<Diagnostic> diagnostics)
    : diagnostics_(std::move(diagnostics)), text_(join(diagnostics_)) {}

}  // namespace penstock
