// What an option accepts, as data: parsing, the JSON Schema, `penstock stages` and the reference pages derive from it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "penstock/diagnostic_code.h"
#include "penstock/export.h"
#include "penstock/option_value.h"

namespace penstock {

struct ParamSpec;

/// Inclusive bounds in the option's base unit (nanoseconds for durations, bytes for sizes, the length for text and
/// lists).
struct OptionRange {
  std::optional<double> min;
  std::optional<double> max;
};
inline OptionRange between(double min, double max) { return {min, max}; }
inline OptionRange at_least(double min) { return {min, std::nullopt}; }
inline OptionRange at_most(double max) { return {std::nullopt, max}; }

/// What the value of an option looks like in a file, as the check, the schema and the reference pages need it.
struct OptionType {
  enum class Kind { boolean, integer, number, text, duration, byte_size, choice, list, map, object, json };

  Kind kind = Kind::text;
  OptionRange range = {};
  std::vector<std::string> choices = {};           ///< choice: the allowed texts.
  std::shared_ptr<const OptionType> element = {};  ///< list, map: what their values are.
  std::vector<ParamSpec> fields;                   ///< object: its keys. No initialiser: clang wants it complete.
  /// json: its JSON Schema, as text; empty: anything. Its top-level `$defs` belong to the whole document, which hoists
  /// them to its root: `{"$ref": "#/$defs/condition", "$defs": {"condition": ...}}`.
  std::string schema = {};
  std::string hint = {};  ///< How to write it, for people: "a URL template". May be empty.
};

/// What a conversion may need to know.
struct OptionContext {
  std::string base;  ///< The folder that relative paths count from.
};

/// Thrown by a codec or a rule: the value has the right JSON type but is not acceptable.
class PENSTOCK_API OptionError : public std::runtime_error {
 public:
  /// `pointer` is relative to the option: "" or "/all/0".
  OptionError(DiagnosticCode code, const std::string& message, std::string help = {}, std::string pointer = {})
      : std::runtime_error(message), code_(code), help_(std::move(help)), pointer_(std::move(pointer)) {}
  DiagnosticCode code() const { return code_; }
  const std::string& help() const { return help_; }
  const std::string& pointer() const { return pointer_; }

 private:
  DiagnosticCode code_;
  std::string help_;
  std::string pointer_;
};

/// One option: a key of the JSON object, and the member of the options struct that it is bound to.
struct ParamSpec {
  std::string name;
  std::string doc;
  OptionType type;
  bool is_required = false;
  bool is_secret = false;  ///< Printed as *** everywhere.
  /// Converts a checked value into the member. May throw OptionError.
  std::function<void(void* params, const OptionValue& value, const OptionContext& context)> set;
  /// The member as a value; absent when it is an empty optional.
  std::function<OptionValue(const void* params)> get;
  /// Attributes that the option's templates or conditions read; empty function: none.
  std::function<std::vector<std::string>(const void* params)> used_attributes;
};

}  // namespace penstock
