// Parsing and evaluation of conditions.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/condition.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>

#include "stages/common/number_order.h"

namespace penstock::stages {

/// One node of the tree: evaluated for every item, by several threads at once.
class Condition::Node {
 public:
  virtual ~Node() = default;
  virtual bool holds(const Attributes& attributes) const = 0;
};

namespace {

using Node = Condition::Node;
using NodePtr = std::unique_ptr<const Node>;

constexpr std::size_t kMaxDepth = 64;
constexpr std::string_view kTests = "`equals`, `less_than`, `greater_than`, `matches`, `exists`";

class All final : public Node {
 public:
  explicit All(std::vector<NodePtr> parts) : parts_(std::move(parts)) {}
  bool holds(const Attributes& attributes) const override {
    return std::all_of(parts_.begin(), parts_.end(), [&](const NodePtr& part) { return part->holds(attributes); });
  }

 private:
  std::vector<NodePtr> parts_;
};

class Any final : public Node {
 public:
  explicit Any(std::vector<NodePtr> parts) : parts_(std::move(parts)) {}
  bool holds(const Attributes& attributes) const override {
    return std::any_of(parts_.begin(), parts_.end(), [&](const NodePtr& part) { return part->holds(attributes); });
  }

 private:
  std::vector<NodePtr> parts_;
};

class Not final : public Node {
 public:
  explicit Not(NodePtr part) : part_(std::move(part)) {}
  bool holds(const Attributes& attributes) const override { return !part_->holds(attributes); }

 private:
  NodePtr part_;
};

class Exists final : public Node {
 public:
  Exists(std::string attribute, bool expected) : attribute_(std::move(attribute)), expected_(expected) {}
  bool holds(const Attributes& attributes) const override {
    return (attributes.find(attribute_) != nullptr) == expected_;
  }

 private:
  std::string attribute_;
  bool expected_;
};

enum class Order { less_than, equals, greater_than };

/// Attribute against a scalar.
class Compares final : public Node {
 public:
  Compares(std::string attribute, Order order, AttributeValue operand)
      : attribute_(std::move(attribute)), order_(order), operand_(std::move(operand)) {}
  bool holds(const Attributes& attributes) const override {
    const AttributeValue* value = attributes.find(attribute_);
    if (value == nullptr) return false;
    const std::partial_ordering found = compare(*value, operand_);
    switch (order_) {
      case Order::less_than:
        return found < 0;
      case Order::equals:
        return found == 0;
      case Order::greater_than:
        return found > 0;
    }
    return false;
  }

 private:
  std::string attribute_;
  Order order_;
  AttributeValue operand_;
};

/// RE2 and not std::regex: its time is linear in the text and its stack bounded, whatever the pattern.
class Matches final : public Node {
 public:
  Matches(std::string attribute, std::unique_ptr<const re2::RE2> pattern)
      : attribute_(std::move(attribute)), pattern_(std::move(pattern)) {}
  bool holds(const Attributes& attributes) const override {
    const AttributeValue* value = attributes.find(attribute_);
    if (value == nullptr || std::holds_alternative<std::nullptr_t>(*value)) return false;
    if (const auto* text = std::get_if<std::string>(value)) return re2::RE2::PartialMatch(*text, *pattern_);
    return re2::RE2::PartialMatch(to_text(*value), *pattern_);
  }

 private:
  std::string attribute_;
  std::unique_ptr<const re2::RE2> pattern_;
};

std::string_view json_type(const OptionValue& value) {
  static constexpr std::string_view kNames[] = {"null",       "a boolean", "a number", "a number", "a string",
                                                "a duration", "a size",    "an array", "an object"};
  return kNames[value.variant().index()];
}

[[noreturn]] void fail_type(std::string_view expected, const OptionValue& value, const std::string& pointer) {
  throw OptionError("option.type", "expected " + std::string(expected) + ", got " + std::string(json_type(value)), {},
                    pointer);
}

class Parser {
 public:
  NodePtr parse(const OptionValue& value, const std::string& pointer, std::size_t depth) {
    if (!value.holds<OptionMap>()) fail_type("a condition (an object)", value, pointer);
    if (depth > kMaxDepth) {
      throw OptionError("option.range", "expected at most " + std::to_string(kMaxDepth) + " levels of conditions", {},
                        pointer);
    }
    const OptionMap& map = value.get<OptionMap>();
    for (const auto& [key, part] : map) {
      if (key != "all" && key != "any" && key != "not") continue;
      if (map.size() > 1) {
        throw OptionError("option.unknown", "`" + key + "` stands alone in its object, got " + keys_of(map),
                          "put the others into the list: {\"all\": [{...}, {...}]}", pointer);
      }
      if (key == "not") return std::make_unique<Not>(parse(part, pointer + "/not", depth + 1));
      std::vector<NodePtr> parts = parse_list(part, pointer + "/" + key, depth);
      if (key == "all") return std::make_unique<All>(std::move(parts));
      return std::make_unique<Any>(std::move(parts));
    }
    return parse_tests(map, pointer);
  }

  std::vector<std::string> used_attributes;

 private:
  static std::string keys_of(const OptionMap& map) {
    std::string keys;
    for (const auto& entry : map) keys += (keys.empty() ? "`" : ", `") + entry.first + "`";
    return keys;
  }

  std::vector<NodePtr> parse_list(const OptionValue& value, const std::string& pointer, std::size_t depth) {
    if (!value.holds<OptionList>()) fail_type("an array of conditions", value, pointer);
    const OptionList& list = value.get<OptionList>();
    if (list.empty()) throw OptionError("option.range", "expected at least one condition, got none", {}, pointer);
    std::vector<NodePtr> parts;
    for (std::size_t i = 0; i < list.size(); ++i) {
      parts.push_back(parse(list[i], pointer + "/" + std::to_string(i), depth + 1));
    }
    return parts;
  }

  NodePtr parse_tests(const OptionMap& map, const std::string& pointer) {
    const auto named =
        std::find_if(map.begin(), map.end(), [](const auto& entry) { return entry.first == "attribute"; });
    if (named == map.end()) {
      throw OptionError(
          "option.missing",
          map.empty() ? "expected a condition, got an empty object" : "expected `attribute` beside " + keys_of(map),
          R"(write {"attribute": "image.width", "less_than": 100}, or combine by `all`, `any`, `not`)", pointer);
    }
    if (!named->second.holds<std::string>())
      fail_type("the name of an attribute", named->second, pointer + "/attribute");
    const std::string& attribute = named->second.get<std::string>();
    if (attribute.empty()) {
      throw OptionError("option.range", "expected the name of an attribute, got \"\"", {}, pointer + "/attribute");
    }
    std::vector<NodePtr> tests;
    for (const auto& [key, operand] : map) {
      if (key != "attribute") tests.push_back(parse_test(attribute, key, operand, pointer));
    }
    if (tests.empty()) {
      throw OptionError("option.missing", "expected a test of `" + attribute + "`, got none",
                        "add one of: " + std::string(kTests), pointer);
    }
    if (std::find(used_attributes.begin(), used_attributes.end(), attribute) == used_attributes.end()) {
      used_attributes.push_back(attribute);
    }
    if (tests.size() == 1) return std::move(tests.front());
    return std::make_unique<All>(std::move(tests));
  }

  static NodePtr parse_test(const std::string& attribute, const std::string& key, const OptionValue& operand,
                            const std::string& object) {
    const std::string pointer = object + "/" + pointer_token(key);
    if (key == "exists") {
      if (!operand.holds<bool>()) fail_type("true or false", operand, pointer);
      return std::make_unique<Exists>(attribute, operand.get<bool>());
    }
    if (key == "matches") return parse_pattern(attribute, operand, pointer);
    if (key == "equals") return std::make_unique<Compares>(attribute, Order::equals, scalar(operand, pointer));
    if (key != "less_than" && key != "greater_than") {
      throw OptionError("option.unknown", "a condition has no test `" + key + "`; it has: " + std::string(kTests), {},
                        pointer);
    }
    const bool is_ordered = operand.holds<std::int64_t>() || operand.holds<double>() || operand.holds<std::string>();
    if (!is_ordered) fail_type("a number or text", operand, pointer);
    return std::make_unique<Compares>(attribute, key == "less_than" ? Order::less_than : Order::greater_than,
                                      scalar(operand, pointer));
  }

  static NodePtr parse_pattern(const std::string& attribute, const OptionValue& operand, const std::string& pointer) {
    if (!operand.holds<std::string>()) fail_type("a regular expression", operand, pointer);
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto pattern = std::make_unique<const re2::RE2>(operand.get<std::string>(), options);
    if (!pattern->ok()) {
      throw OptionError(
          "option.value",
          "expected a regular expression, got \"" + operand.get<std::string>() + "\": " + pattern->error(),
          "the syntax is RE2's: no look-around and no back references", pointer);
    }
    return std::make_unique<Matches>(attribute, std::move(pattern));
  }

  static AttributeValue scalar(const OptionValue& operand, const std::string& pointer) {
    if (operand.is_absent()) return nullptr;
    if (operand.holds<bool>()) return operand.get<bool>();
    if (operand.holds<std::int64_t>()) return operand.get<std::int64_t>();
    if (operand.holds<double>()) return operand.get<double>();
    if (operand.holds<std::string>()) return operand.get<std::string>();
    fail_type("null, true, false, a number or text", operand, pointer);
  }

  /// RFC 6901.
  static std::string pointer_token(std::string_view key) {
    std::string token;
    for (const char c : key) {
      if (c == '~') {
        token += "~0";
      } else if (c == '/') {
        token += "~1";
      } else {
        token += c;
      }
    }
    return token;
  }
};

// A `${name}` string may stand for any part, until the file's parameters are filled in.
constexpr const char* kSchema = R"({
  "$ref": "#/$defs/condition",
  "$defs": {
    "condition": {
      "anyOf": [
        {"type": "string", "pattern": "^\\$\\{[^{}]*\\}$"},
        {
          "type": "object",
          "required": ["attribute"],
          "minProperties": 2,
          "additionalProperties": false,
          "properties": {
            "attribute": {"type": "string", "minLength": 1},
            "equals": {"type": ["null", "boolean", "number", "string"]},
            "less_than": {"type": ["number", "string"]},
            "greater_than": {"type": ["number", "string"]},
            "matches": {"type": "string"},
            "exists": {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": "^\\$\\{[^{}]*\\}$"}]}
          }
        },
        {
          "type": "object",
          "required": ["all"],
          "additionalProperties": false,
          "properties": {"all": {"$ref": "#/$defs/conditions"}}
        },
        {
          "type": "object",
          "required": ["any"],
          "additionalProperties": false,
          "properties": {"any": {"$ref": "#/$defs/conditions"}}
        },
        {
          "type": "object",
          "required": ["not"],
          "additionalProperties": false,
          "properties": {"not": {"$ref": "#/$defs/condition"}}
        }
      ]
    },
    "conditions": {
      "anyOf": [
        {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}},
        {"type": "string", "pattern": "^\\$\\{[^{}]*\\}$"}
      ]
    }
  }
})";

}  // namespace

Condition Condition::parse(const OptionValue& value) {
  Parser parser;
  Condition condition;
  condition.root_ = parser.parse(value, "", 1);
  condition.value_ = value;
  condition.used_attributes_ = std::move(parser.used_attributes);
  return condition;
}

bool Condition::holds(const Attributes& attributes) const { return root_ == nullptr || root_->holds(attributes); }

std::string condition_schema() { return kSchema; }

}  // namespace penstock::stages
