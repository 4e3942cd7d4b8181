// Errors of items: what a stage throws when one item cannot be processed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/export.h"

namespace penstock {

/// Says whether the same work may succeed when it is tried again. Only `transient` errors are retried.
enum class Persistence { permanent, transient };

/// One way in which an item can fail, declared once as a constant beside the stage that raises it.
///
/// `code` is stable, lower case, `area.reason`. A code that ends in `*` declares a family: `download.http_*` covers
/// `download.http_404`. `text` is one sentence for the reference pages.
struct ErrorCode {
  std::string_view code;
  std::string_view text;
  Persistence persistence = Persistence::permanent;

  friend bool operator==(const ErrorCode& a, const ErrorCode& b) { return a.code == b.code; }
};

/// Thrown by a stage's body: this item failed, the run goes on. The stage's `retry` and `on_failure` decide what
/// follows. The message says what was expected and what was found; the runtime adds stage, item and attempts.
class PENSTOCK_API ItemError : public std::exception {
 public:
  /// An error with a declared code. `message` may be empty, the code's own text then stands in for it.
  explicit ItemError(const ErrorCode& code, std::string message = {})
      : code_(code.code),
        message_(message.empty() ? std::string(code.text) : std::move(message)),
        persistence_(code.persistence) {}

  /// A member of a declared family, e.g. `download.http_404`, whose persistence is known only now.
  ItemError(std::string code, std::string message, Persistence persistence)
      : code_(std::move(code)), message_(std::move(message)), persistence_(persistence) {}

  const std::string& code() const { return code_; }
  const std::string& message() const { return message_; }
  bool is_transient() const { return persistence_ == Persistence::transient; }
  const char* what() const noexcept override { return message_.c_str(); }

  /// The other side asked to wait this long before the next attempt (HTTP `Retry-After`). Longer than the stage's
  /// `max_backoff`, it makes the item fail at once with the attribute `retry_after` (seconds).
  ItemError& retry_after(std::chrono::milliseconds delay) {
    retry_after_ = delay;
    return *this;
  }
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }

 private:
  std::string code_;
  std::string message_;
  Persistence persistence_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

/// Thrown out of a `co_await` when the operation was stopped (cancel, timeout, drain of a source). Stage code lets it
/// pass; only destructors run. It is not derived from ItemError: a cancelled item did not fail.
class PENSTOCK_API OperationCancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "the operation was cancelled"; }
};

}  // namespace penstock
