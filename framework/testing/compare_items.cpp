// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/compare_items.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"
#include "framework/testing/compare_data.h"

namespace penstock::testing {
namespace {

std::optional<double> number_of(const AttributeValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

bool are_equal(const AttributeValue& a, const AttributeValue& b) {
  const std::optional<double> number = number_of(a);
  return a == b || (number && number == number_of(b));
}

std::string shown(const AttributeValue& value) {
  return std::holds_alternative<std::string>(value) ? quote(std::get<std::string>(value)) : to_text(value);
}

std::string name_of(const std::string& key, std::uint32_t piece) {
  return "item " + quote(key) + (piece == 0 ? "" : ", piece " + std::to_string(piece));
}

void compare_attribute(const std::string& name, const AttributeValue& expected, const Attributes& got,
                       std::vector<std::string>& lines) {
  const std::string prefix = "attribute " + quote_name(name) + ": ";
  if (const AttributeValue* value = got.find(name)) {
    if (!are_equal(expected, *value)) lines.push_back(prefix + expected_got(shown(expected), shown(*value)));
    return;
  }
  std::vector<std::string> names;
  if (!got.empty()) {
    for (const auto& entry : got.entries()) names.push_back(entry.first);
  }
  lines.push_back(prefix + expected_got(shown(expected), "nothing") +
                  (names.empty() ? "; the item has no attributes" : "; it has: " + join_names(names)));
}

std::vector<std::string> compare_item(const ExpectedItem& expected, const CollectedItem& item,
                                      const std::vector<PayloadForm>& forms) {
  std::vector<std::string> lines;
  if (expected.port && *expected.port != item.port) {
    lines.push_back("port: " + expected_got(quote_name(*expected.port), quote_name(item.port)));
  }
  for (const auto& attribute : expected.attributes) {
    compare_attribute(attribute.first, attribute.second.value, item.attributes, lines);
  }
  if (expected.payload) {
    for (const std::string& line : compare_payload(*expected.payload, item.payload, forms)) {
      const char* prefix = line.starts_with(' ') ? "" : "payload: ";
      lines.push_back(prefix + line);
    }
  }
  return lines;
}

bool is_meant(const ExpectedItem& expected, const CollectedItem& item) {
  return expected.key == item.key && (!expected.piece || *expected.piece == item.piece);
}

/// The items as `a, b, c`, with those that stand where they should not in brackets.
std::string sequence(const std::vector<std::string>& keys, const std::vector<std::string>& others) {
  constexpr std::size_t kMost = 30;
  std::string text;
  for (std::size_t i = 0; i < keys.size() && i < kMost; ++i) {
    const bool differs = i >= others.size() || keys[i] != others[i];
    text += (i == 0 ? "" : ", ") + (differs ? "[" + keys[i] + "]" : keys[i]);
  }
  return keys.size() > kMost ? text + ", ..." : text;
}

}  // namespace

std::vector<std::string> compare_items(const std::string& stage, const ExpectedStage& expected,
                                       const std::vector<CollectedItem>& items, const std::vector<PayloadForm>& forms) {
  const std::string prefix = "stage " + quote(stage) + ": ";
  std::vector<std::string> lines;
  std::vector<bool> is_matched(items.size(), false);
  std::vector<const ExpectedItem*> missing;
  for (const ExpectedItem& wanted : *expected.items) {
    std::optional<std::size_t> best;
    std::vector<std::string> best_lines;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (is_matched[i] || !is_meant(wanted, items[i])) continue;
      std::vector<std::string> found = compare_item(wanted, items[i], forms);
      if (best && best_lines.size() <= found.size()) continue;
      best = i;
      best_lines = std::move(found);
    }
    if (!best) {
      missing.push_back(&wanted);
      continue;
    }
    is_matched[*best] = true;
    if (best_lines.empty()) continue;
    lines.push_back(prefix + name_of(wanted.key, wanted.piece.value_or(0)));
    for (const std::string& line : best_lines) lines.push_back("  " + line);
  }
  std::vector<std::string> left;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!is_matched[i]) left.push_back(items[i].key);
  }
  for (const ExpectedItem* wanted : missing) {
    const std::string help = suggest(wanted->key, left);
    lines.push_back(prefix + name_of(wanted->key, wanted->piece.value_or(0)) + " is missing" +
                    (help.empty() ? "" : "; " + help));
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!is_matched[i]) lines.push_back(prefix + name_of(items[i].key, items[i].piece) + " was not expected");
  }
  if (!expected.ordered || !lines.empty()) return lines;
  std::vector<std::string> keys;
  for (const CollectedItem& item : items) keys.push_back(item.key);
  std::vector<std::string> wanted;
  for (const ExpectedItem& item : *expected.items) wanted.push_back(item.key);
  if (wanted == keys) return lines;
  lines.push_back(prefix + "the items are those that were expected, in another order");
  lines.push_back("  expected " + sequence(wanted, keys));
  lines.push_back("  got      " + sequence(keys, wanted));
  return lines;
}

}  // namespace penstock::testing
