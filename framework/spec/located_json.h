// JSON that remembers where each of its values stands, so that every later check can point at it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "framework/base/diagnostics.h"

namespace penstock::spec {

inline constexpr std::size_t kMaxJsonBytes = std::size_t{16} << 20U;
inline constexpr std::size_t kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonValues = 1'000'000;  ///< Bounds the memory that 16 MiB of `[[],[],` take.
inline constexpr std::size_t kMaxJsonKeyBytes = 4096;     ///< Bounds the JSON pointers of what lies below a key.

struct LocatedMember;

/// A JSON value. Numbers are integers within 64 bits or finite doubles; texts and keys are UTF-8; no key occurs twice
/// in an object.
struct LocatedValue {
  /// What could not be read; reported already. Later checks pass over it in silence.
  struct Broken {
    friend bool operator==(const Broken&, const Broken&) = default;
  };
  using List = std::vector<LocatedValue>;
  using Object = std::vector<LocatedMember>;  ///< In the order of the file.
  using Variant = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, List, Object, Broken>;

  Variant value;  // Null. An initialiser here would need LocatedMember to be complete.
  Position position = {};
  /// Set when text from the environment went into this text: how to print it instead, with `${env:NAME}` for what
  /// came from there.
  std::shared_ptr<const std::string> printed = {};
  bool is_whole_environment = false;  ///< The text is one environment variable and nothing else.
  bool is_from_parameter = false;     ///< Came with the value of a parameter: its own place is not in the document.

  template <class T>
  bool holds() const {
    return std::holds_alternative<T>(value);
  }
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&value);
  }
  bool is_broken() const { return holds<Broken>(); }
  /// Null when this is no object or has no such key.
  const LocatedMember* find(std::string_view key) const;
};

struct LocatedMember {
  std::string key;
  Position key_position = {};
  LocatedValue value;
};

/// Reads a JSON document. What is wrong goes to `out`; nothing is returned when the text could not be read to its end
/// within the limits above. Never recurses on the input.
std::optional<LocatedValue> read_json(std::string_view text, Diagnostics& out);

/// Where the value stands that `pointer` leads to below `value`, or the last one on the way that is there.
Position position_at(const LocatedValue& value, const std::string& pointer);

/// As a message prints it: scalars as JSON, texts quoted and cut, `a list`, `an object`. Nothing from the environment.
std::string describe(const LocatedValue& value);

}  // namespace penstock::spec
