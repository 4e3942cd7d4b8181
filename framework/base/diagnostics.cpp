// SPDX-License-Identifier: Apache-2.0
#include "framework/base/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace penstock {

void Diagnostics::add(Severity severity, DiagnosticCode code, Position position, std::string pointer,
                      std::string message, std::string help) {
  adopt({.severity = severity,
         .code = std::string(code.name()),
         .where = {},
         .message = std::move(message),
         .help = std::move(help)},
        position, std::move(pointer));
}

void Diagnostics::adopt(Diagnostic found, Position position, std::string pointer) {
  std::size_t& count = found.severity == Severity::error ? error_count_ : warning_count_;
  if (++count > kMost) return;
  found.where = {file_, position.line, position.column, std::move(pointer)};
  found_.push_back(std::move(found));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> all = found_;
  std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
  });
  return all;
}

void Diagnostics::throw_errors() const {
  if (!has_errors()) return;
  std::vector<Diagnostic> all = sorted();
  if (error_count_ > kMost) {
    all.push_back({.code = std::string(DiagnosticCode("config.more_errors").name()),
                   .where = all.back().where,
                   .message = std::to_string(error_count_ - kMost) + " more errors are not shown",
                   .help = "correct the first ones and check again"});
  }
  throw ConfigError(std::move(all));
}

}  // namespace penstock
