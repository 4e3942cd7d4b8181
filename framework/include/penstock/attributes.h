// The small map of named scalars that travels with an item.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "penstock/export.h"

namespace penstock {

/// A JSON scalar. Integers and floating-point numbers stay apart.
using AttributeValue = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string>;

/// The value as text: strings as they are, numbers as JSON writes them, `true`, `false`, `null`.
PENSTOCK_API std::string to_text(const AttributeValue& value);

/// Name → JSON scalar, ordered by first insertion. Copies share one table until one of them is changed
/// (copy-on-write), so passing attributes along costs a reference count. Names are dotted lower case
/// (`image.width`); lookups are linear: an item has a handful.
///
/// Thread safety: as a value type; copies may be used on different threads at once.
class PENSTOCK_API Attributes {
 public:
  Attributes() noexcept = default;
  Attributes(const Attributes& other) noexcept : table_(other.table_) {
    if (table_ != nullptr) table_->references.fetch_add(1, std::memory_order_relaxed);
  }
  Attributes(Attributes&& other) noexcept : table_(std::exchange(other.table_, nullptr)) {}
  Attributes& operator=(Attributes other) noexcept {
    std::swap(table_, other.table_);
    return *this;
  }
  ~Attributes() {
    if (table_ != nullptr) release();
  }

  /// Null when there is none of that name. Valid until this object is changed.
  const AttributeValue* find(std::string_view name) const;
  void set(std::string_view name, AttributeValue value);
  void erase(std::string_view name);

  bool empty() const { return table_ == nullptr || table_->entries.empty(); }
  std::size_t size() const { return table_ == nullptr ? 0 : table_->entries.size(); }
  const std::vector<std::pair<std::string, AttributeValue>>& entries() const;

 private:
  struct Table {
    std::atomic<std::uint32_t> references{1};
    std::vector<std::pair<std::string, AttributeValue>> entries;
  };
  Table& own();
  void release();

  Table* table_ = nullptr;
};

}  // namespace penstock
