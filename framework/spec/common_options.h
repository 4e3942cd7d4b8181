// The keys that every stage has, whatever its type; declared like the options of a stage type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/option_codec.h"

namespace penstock::spec {

enum class OnFailure { report, drop, stop };
constexpr std::array<Name<OnFailure>, 3> names_of(OnFailure) {
  return {{{OnFailure::report, "report"}, {OnFailure::drop, "drop"}, {OnFailure::stop, "stop"}}};
}

/// Where bodies run.
enum class IsolationMode { none, process };
constexpr std::array<Name<IsolationMode>, 2> names_of(IsolationMode) {
  return {{{IsolationMode::none, "none"}, {IsolationMode::process, "process"}}};
}

struct RetryOptions {
  unsigned attempts = 1;                              ///< The first included; 1 is no retry.
  Duration backoff = std::chrono::milliseconds(500);  ///< Before the second attempt; doubled for each further one.
  Duration max_backoff = std::chrono::seconds(30);
};
std::vector<ParamSpec> params_of(const RetryOptions*);

/// How many items a stage works on at once: a number, `"serial"` or `"unlimited"`.
struct ConcurrencyLimit {
  unsigned items = 0;  ///< 0 is unlimited.
};

/// The ports that a stage reads: `"x"`, `"x.port"`, `"x.failed"`, or a list of them.
struct StageInputs {
  std::vector<std::string> ports;
};

/// Unset optionals leave the decision to the stage type.
struct CommonOptions {
  std::string name;  ///< Empty: the type.
  std::string type;
  std::optional<StageInputs> from;  ///< None: the stage before it.
  std::optional<ConcurrencyLimit> concurrency;
  std::optional<unsigned> queue;
  bool ordered = false;
  RetryOptions retry;
  std::optional<Duration> timeout;
  OnFailure on_failure = OnFailure::report;
  bool fuse = true;
  IsolationMode isolation = IsolationMode::none;
  std::optional<ByteSize> memory_limit;
};

/// The declarations, bound to CommonOptions.
const std::vector<ParamSpec>& common_params();
/// Their names.
const std::vector<std::string>& common_keys();

/// Letters, digits, `_` and `-`, at least one: what stages and parameters may be called.
bool is_valid_name(std::string_view name);

}  // namespace penstock::spec

namespace penstock {

template <>
struct OptionCodec<spec::ConcurrencyLimit> {
  static OptionType type();
  static spec::ConcurrencyLimit from(const OptionValue& value, const OptionContext& context);
  static OptionValue to(const spec::ConcurrencyLimit& value);
};

template <>
struct OptionCodec<spec::StageInputs> {
  static OptionType type();
  static spec::StageInputs from(const OptionValue& value, const OptionContext& context);
  static OptionValue to(const spec::StageInputs& value);
};

}  // namespace penstock
