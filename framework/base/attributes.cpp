// The attribute table: a vector behind a reference count, copied by the first change while it is shared.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/attributes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>

namespace penstock {
namespace {

/// As nlohmann/json writes it, so that an attribute reads the same in a key and in a report: the shortest digits that
/// read back to the same value, always recognisable as no integer; `null` for what JSON has no number for.
std::string to_json_number(double value) {
  if (!std::isfinite(value)) return "null";
  const double magnitude = std::fabs(value);
  const bool is_fixed = value == 0 || (magnitude >= 1e-4 && magnitude < 1e15);
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    is_fixed ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer.data(), result.ptr);
  if (is_fixed && text.find('.') == std::string::npos) text += ".0";
  return text;
}

struct ToText {
  std::string operator()(std::nullptr_t) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return to_json_number(value); }
  std::string operator()(const std::string& value) const { return value; }
};

auto find_entry(const std::vector<std::pair<std::string, AttributeValue>>& entries, std::string_view name) {
  return std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first == name; });
}

}  // namespace

std::string to_text(const AttributeValue& value) { return std::visit(ToText{}, value); }

const AttributeValue* Attributes::find(std::string_view name) const {
  const auto entry = find_entry(entries(), name);
  return entry == entries().end() ? nullptr : &entry->second;
}

void Attributes::set(std::string_view name, AttributeValue value) {
  const auto entry = find_entry(entries(), name);
  if (entry != entries().end()) {
    const auto index = static_cast<std::size_t>(entry - entries().begin());
    own().entries[index].second = std::move(value);
    return;
  }
  // Copied first: `name` may be text inside the table that own() gives up.
  std::string key(name);
  own().entries.emplace_back(std::move(key), std::move(value));
}

void Attributes::erase(std::string_view name) {
  const auto entry = find_entry(entries(), name);
  if (entry == entries().end()) return;
  const auto index = entry - entries().begin();
  auto& entries = own().entries;
  entries.erase(entries.begin() + index);
}

const std::vector<std::pair<std::string, AttributeValue>>& Attributes::entries() const {
  static const std::vector<std::pair<std::string, AttributeValue>> none;
  return table_ == nullptr ? none : table_->entries;
}

/// The table, referenced by this object alone. Nobody can add a reference meanwhile: only holders copy, and a count
/// of one says that there is no other holder. Acquire: what a former holder did to the table is complete.
Attributes::Table& Attributes::own() {
  if (table_ == nullptr) {
    table_ = new Table;
  } else if (table_->references.load(std::memory_order_acquire) != 1) {
    auto copy = std::make_unique<Table>();
    copy->entries = table_->entries;
    release();
    table_ = copy.release();
  }
  return *table_;
}

void Attributes::release() {
  if (table_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete table_;
}

}  // namespace penstock
