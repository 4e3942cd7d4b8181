// Conditions on attributes, as `route` and `drop` take them.
//
//     condition  = {"attribute": NAME, TEST...}      every TEST holds
//                | {"all": [condition...]}           every one holds
//                | {"any": [condition...]}           at least one holds
//                | {"not": condition}                it does not hold
//     TEST       = "equals": null | true | false | number | text
//                | "less_than": number | text        also "greater_than"
//                | "matches": regular expression     RE2 syntax, found anywhere in the text
//                | "exists": true | false
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "penstock/attributes.h"
#include "penstock/option_codec.h"

namespace penstock::stages {

/// A condition, checked when it is made. Immutable; thread safety: as a const value.
///
/// Numbers compare by value: 2 equals 2.0, and integers are never rounded. Text that is a number counts as that
/// number where a number is asked for, because the columns of a CSV file are text. Text compares byte by byte. A test
/// does not hold for an attribute that is missing or of another type; `matches` reads numbers and booleans as text.
class Condition {
 public:
  /// Holds for every item.
  Condition() = default;
  /// Throws OptionError with a pointer to the part that is wrong.
  static Condition parse(const OptionValue& value);

  bool holds(const Attributes& attributes) const;

  /// Names of the attributes that it reads, each once.
  const std::vector<std::string>& used_attributes() const { return used_attributes_; }
  /// As written.
  const OptionValue& value() const { return value_; }

  class Node;

 private:
  OptionValue value_ = OptionMap{};
  std::vector<std::string> used_attributes_;
  std::shared_ptr<const Node> root_;  // Shared by copies of the options; null: always true.
};

/// The JSON Schema of a condition; refers to itself as `#/$defs/condition`.
std::string condition_schema();

}  // namespace penstock::stages

namespace penstock {

template <>
struct OptionCodec<stages::Condition> {
  static OptionType type() {
    return {.kind = OptionType::Kind::json,
            .schema = stages::condition_schema(),
            .hint = R"(a condition such as `{"attribute": "image.width", "less_than": 100}`)"};
  }
  static stages::Condition from(const OptionValue& value, const OptionContext&) {
    return stages::Condition::parse(value);
  }
  static OptionValue to(const stages::Condition& value) { return value.value(); }
  static std::vector<std::string> used_attributes(const stages::Condition& value) { return value.used_attributes(); }
};

}  // namespace penstock
